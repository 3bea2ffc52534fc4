//! Saved cards and accounts: what there is, what uses it, and taking it away.

use contract::form::Done;
use contract::saved::{Method, MethodUse, MethodsView};
use domain::payment::SetupStatus;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use locales::{later, pay};

use super::words::{Add, named};
use crate::api;
use crate::components::{AccountPage, FormErrors, Glyph, Icon, PostForm, Section, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Methods() -> impl IntoView {
    let state = api::form::use_form_state();
    let (account, query) = (account_number(), use_query_map());
    let which = move || (account(), query.read().get("saved"));
    let model = Resource::new(which, |(account, saved)| api::later::methods(account, saved));
    loaded(model, move |model: MethodsView| {
        let lang = use_lang();
        let account = model.head.number.clone();
        let back = account.clone();
        let above = ViewFn::from(move || view! { <a href=to::pay(&back)>{later::back_to_pay(lang)}</a> });
        let removed = state.done == Some(Done::Removed);
        let none = model.methods.is_empty();
        let all: Vec<Method> = model.methods.iter().map(|m| m.method.clone()).collect();
        let state = state.clone();
        view! {
            <AccountPage head=model.head section=Section::Bills title=later::methods_title(lang) above>
                <div class="stack-large">
                    {state.error.map(|error| view! { <FormErrors error/> })}
                    {removed.then(|| view! {
                        <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{later::methods_removed(lang)}</p></div>
                    })}
                    <Came account=account.clone() setup=model.setup down=model.processor_down/>
                    {if none {
                        view! {
                            <section class="card stack">
                                <h2>{later::methods_none_title(lang)}</h2>
                                <p>{later::methods_none_body(lang)}</p>
                            </section>
                        }
                            .into_any()
                    } else {
                        view! {
                            <p class="lead">{later::methods_lead(lang)}</p>
                            <div class="stack">
                                {model
                                    .methods
                                    .into_iter()
                                    .map(|one| view! { <One account=account.clone() one all=all.clone()/> })
                                    .collect_view()}
                            </div>
                        }
                            .into_any()
                    }}
                    <Add account=account.clone() form_key=model.form_key first=none/>
                </div>
            </AccountPage>
        }
    })
}

/// How the one has come out that the person comes back from.
#[component]
fn Came(account: String, setup: Option<SetupStatus>, down: bool) -> impl IntoView {
    let lang = use_lang();
    let said = setup.map(|setup| match setup {
        SetupStatus::Saved => ("notice good", later::methods_saved(lang), true),
        SetupStatus::Cancelled => ("notice", later::methods_cancelled(lang), false),
        SetupStatus::Expired => ("notice", later::methods_expired(lang), false),
        SetupStatus::Open | SetupStatus::Declined if down => ("notice warn", later::methods_down(lang), false),
        SetupStatus::Open | SetupStatus::Declined => ("notice", later::methods_open(lang), false),
    });
    said.map(|(class, text, saved)| {
        view! {
            <div class=class role="status">
                <Icon glyph=if saved { Glyph::Done } else { Glyph::Notice }/>
                <div>
                    <p>{text}</p>
                    {saved.then(|| view! {
                        <p class="row">
                            <a href=to::pay(&account)>{pay::title(lang)}</a>
                            <a href=to::autopay(&account)>{later::autopay_title(lang)}</a>
                            <a href=to::scheduled(&account)>{later::link_scheduled(lang)}</a>
                        </p>
                    })}
                </div>
            </div>
        }
    })
}

/// One, what uses it, and how to take it away.
#[component]
fn One(account: String, one: MethodUse, all: Vec<Method>) -> impl IntoView {
    let lang = use_lang();
    let used = !one.autopay.is_empty() || one.scheduled > 0;
    let autopay = (!one.autopay.is_empty()).then(|| later::methods_uses_autopay(lang, one.autopay.join(", ")));
    let scheduled = (one.scheduled > 0).then(|| later::methods_uses_scheduled(lang, i64::from(one.scheduled)));
    let id = one.method.id;
    let others: Vec<Method> = all.into_iter().filter(|m| m.id != id).collect();
    let heading = format!("method-{id}");
    let heading_of = heading.clone();
    let group = format!("instead-{id}");
    view! {
        <article class="card stack" aria-labelledby=heading_of>
            <h2 id=heading>{named(lang, &one.method)}</h2>
            {autopay.map(|text| view! { <p>{text}</p> })}
            {scheduled.map(|text| view! { <p>{text}</p> })}
            {(!used).then(|| view! { <p class="muted">{later::methods_unused(lang)}</p> })}
            <details>
                <summary>{later::methods_remove(lang, &one.method.label)}</summary>
                <PostForm action="/api/methods/remove">
                    <input type="hidden" name="account" value=account/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    {used.then(|| view! {
                        <fieldset class="field choice" id=group>
                            <legend>{later::methods_instead(lang)}</legend>
                            {others
                                .iter()
                                .map(|m| view! {
                                    <label>
                                        <input type="radio" name="instead" value=m.id.to_string() required/>
                                        <span>{later::methods_move(lang, &m.label)}</span>
                                    </label>
                                })
                                .collect_view()}
                            <label>
                                <input type="radio" name="instead" value="end" required/>
                                <span>{later::methods_end(lang)}</span>
                            </label>
                        </fieldset>
                    })}
                    <p class="row"><button class="second" type="submit">{later::methods_remove(lang, &one.method.label)}</button></p>
                </PostForm>
            </details>
        </article>
    }
}
