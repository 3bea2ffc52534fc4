//! Choosing an amount. One primary action: on to the payment company.

use contract::Field;
use contract::payments::{PayView, PaymentSummary};
use domain::money::Cents;
use domain::payment::AHEAD;
use domain::payment::planned::State;
use leptos::prelude::*;
use locales::{format, later, pay};

use super::words::{Ways, With, next};
use crate::api;
use crate::components::{AccountPage, Glyph, Icon, PostForm, Section, TextField, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Pay() -> impl IntoView {
    let state = api::form::use_form_state();
    let model = Resource::new(account_number(), api::pay::form);
    loaded(model, move |model: PayView| {
        let lang = use_lang();
        let account = model.head.number.clone();
        let back = account.clone();
        let above = ViewFn::from(move || {
            view! { <a href=to::bills(&back)>{pay::back_to_bills(lang)}</a> }
        });
        let limits = model.limits;
        let hint = if model.methods.is_empty() { pay::go_hint(lang) } else { pay::go_hint_saved(lang) };
        let state = state.clone();
        // None has that id: the first is chosen.
        let chosen = state.typed("with").and_then(|id| id.parse::<i64>().ok()).unwrap_or_default();
        view! {
            <AccountPage head=model.head.clone() section=Section::Bills title=pay::title(lang) above>
                <div class="stack-large">
                    {model
                        .pending
                        .iter()
                        .cloned()
                        .map(|p| view! { <OnItsWay account=account.clone() payment=p/> })
                        .collect_view()}
                    <Balance model=model.clone()/>
                    <Coming model=model.clone()/>
                    {limits
                        .is_open()
                        .then(|| view! {
                            <PostForm action="/api/pay/start" state=state>
                                <div class="stack">
                                    <input type="hidden" name="account" value=account.clone()/>
                                    <input type="hidden" name="form_key" value=model.form_key.clone()/>
                                    <Amounts limits/>
                                    {if model.methods.is_empty() {
                                        view! { <input type="hidden" name="with" value="new"/> }.into_any()
                                    } else {
                                        view! { <With methods=model.methods.clone() chosen=chosen new=true/> }.into_any()
                                    }}
                                    <button type="submit">{pay::go(lang)}</button>
                                    <p class="hint">{hint}</p>
                                </div>
                            </PostForm>
                        })}
                    <Ways account=model.head.number.clone() autopay=model.autopay/>
                </div>
            </AccountPage>
        }
    })
}

/// The number of the page.
#[component]
fn Balance(model: PayView) -> impl IntoView {
    let lang = use_lang();
    if model.limits.due > Cents::ZERO {
        view! {
            <section aria-labelledby="balance" class="stack">
                <h2 id="balance" class="small muted">{pay::balance(lang)}</h2>
                <p class="figure large">{model.limits.due.to_string()}</p>
                {model.due_on.map(|on| view! { <p class="lead">{pay::due_on(lang, format::day(lang, on))}</p> })}
                {(model.overdue > Cents::ZERO)
                    .then(|| view! { <p class="wrong-text">{pay::overdue(lang, model.overdue)}</p> })}
            </section>
        }
        .into_any()
    } else if !model.limits.is_open() {
        view! { <p class="lead">{pay::closed(lang)}</p> }.into_any()
    } else if model.balance < Cents::ZERO {
        view! { <p class="lead">{pay::credit(lang, -model.balance)}</p> }.into_any()
    } else {
        view! { <p class="lead">{pay::nothing_due(lang)}</p> }.into_any()
    }
}

/// What will be taken by itself, so that nobody pays twice by accident.
#[component]
fn Coming(model: PayView) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let one = model.planned.into_iter().find(|p| matches!(p.state, State::Waiting | State::Retrying));
    one.map(|p| {
        let href = if p.autopay { to::autopay(&account) } else { to::scheduled(&account) };
        view! {
            <div class="notice">
                <Icon glyph=Glyph::Notice/>
                <div>
                    <p>{next(lang, p.autopay, p.amount, p.take_on, &p.method)}</p>
                    <p>{later::planned_less(lang)} " " <a href=href>{later::planned_link(lang)}</a></p>
                </div>
            </div>
        }
    })
}

/// All that is due, or another amount. The choice is two radio buttons and a field, so that it works without a script; the
/// style sheet hides the field while it is not chosen.
#[component]
pub(crate) fn Amounts(limits: domain::payment::Limits) -> impl IntoView {
    let lang = use_lang();
    let state = api::form::use_form_state();
    let refused = state.error.is_some() && state.typed("what") != Some("due");
    let hint = format!(
        "{} {}",
        pay::amount_hint(lang, limits.least, limits.most),
        if limits.most > limits.due { pay::ahead_hint(lang, AHEAD) } else { String::new() },
    );
    let choosing = limits.due > Cents::ZERO && limits.due <= limits.most;
    let field = move || {
        view! {
            <TextField
                field=Field::Amount
                label=pay::amount(lang)
                hint=hint.trim().to_owned()
                inputmode="decimal"
                optional=choosing
                depends=choosing
                state=state.clone()
            />
        }
    };
    if choosing {
        view! {
            <fieldset class="field choice amounts">
                <legend>{pay::which(lang)}</legend>
                <label>
                    <input type="radio" name="what" value="due" checked=!refused/>
                    <span>{pay::all(lang, limits.due)}</span>
                </label>
                <input type="hidden" name="due" value=limits.due.to_string()/>
                <label>
                    <input type="radio" name="what" value="other" checked=refused/>
                    <span>{pay::other(lang)}</span>
                </label>
                <div class="other">{field()}</div>
            </fieldset>
        }
        .into_any()
    } else {
        view! {
            <input type="hidden" name="what" value="other"/>
            {field()}
        }
        .into_any()
    }
}

/// A payment that the processor is working on.
#[component]
fn OnItsWay(account: String, payment: PaymentSummary) -> impl IntoView {
    let lang = use_lang();
    view! {
        <div class="notice">
            <Icon glyph=Glyph::Notice/>
            <div>
                <h2>{pay::on_its_way(lang, payment.amount, format::day(lang, payment.on))}</h2>
                <p>{pay::on_its_way_body(lang)}</p>
                <p><a href=to::payment(&account, &payment.number)>{pay::on_its_way_link(lang)}</a></p>
            </div>
        </div>
    }
}
