//! Choosing an amount. One primary action: on to the payment company.

use contract::Field;
use contract::payments::{PayView, PaymentSummary};
use contract::saved::Ahead;
use domain::money::Cents;
use domain::payment::offer::Offer;
use domain::payment::{AHEAD, Limits};
use leptos::prelude::*;
use locales::{Lang, format, later, pay};

use super::words::{Ways, With, ahead};
use crate::api;
use crate::components::{AccountPage, Glyph, Icon, PostForm, Section, TextField, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::pages::bills::due_lines;
use crate::pages::collections::Attentions;
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
                    <Attentions account=account.clone() all=model.shut_offs.clone() paying=true/>
                    <Coming model=model.clone()/>
                    {limits
                        .is_open()
                        .then(|| view! {
                            <PostForm action="/api/pay/start" state=state>
                                <div class="stack">
                                    <input type="hidden" name="account" value=account.clone()/>
                                    <input type="hidden" name="form_key" value=model.form_key.clone()/>
                                    <Amounts limits offers=model.offers.clone() chosen=model.chosen/>
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
                {due_lines(lang, &model.due, model.today)
                    .into_iter()
                    .map(|(late, text)| view! { <p class="lead" class:wrong-text=late>{text}</p> })
                    .collect_view()}
            </section>
        }
        .into_any()
    } else if !model.limits.is_open() {
        view! { <p class="lead">{pay::closed(lang)}</p> }.into_any()
    } else if model.due.balance < Cents::ZERO {
        view! { <p class="lead">{pay::credit(lang, -model.due.balance)}</p> }.into_any()
    } else {
        view! { <p class="lead">{pay::nothing_due(lang)}</p> }.into_any()
    }
}

/// What will be taken by itself, in a line under a balance.
#[component]
pub(crate) fn PlannedLine(account: String, planned: Ahead) -> impl IntoView {
    let lang = use_lang();
    let href = if planned.autopay { to::autopay(&account) } else { to::scheduled(&account) };
    view! { <p class="small">{ahead(lang, &planned)} " " <a href=href>{later::planned_link(lang)}</a></p> }
}

/// What will be taken by itself, so that nobody pays twice by accident.
#[component]
fn Coming(model: PayView) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    model.planned.map(|p| {
        let href = if p.autopay { to::autopay(&account) } else { to::scheduled(&account) };
        let less = if p.count > 1 { later::planned_less_many(lang) } else { later::planned_less(lang) };
        view! {
            <div class="notice">
                <Icon glyph=Glyph::Notice/>
                <div>
                    <p>{ahead(lang, &p)}</p>
                    <p>{less} " " <a href=href>{later::planned_link(lang)}</a></p>
                </div>
            </div>
        }
    })
}

/// What an offered amount pays, in words.
fn offered(lang: Lang, (offer, amount): (Offer, Cents)) -> String {
    match offer {
        Offer::Stop => pay::stop(lang, amount),
        Offer::Late => pay::late(lang, amount),
        Offer::Rest => pay::rest(lang, amount),
        Offer::All => pay::all(lang, amount),
    }
}

/// The offered amounts, or another one. The choice is radio buttons and a field, so that it works without a script; the style
/// sheet hides the field while it is not chosen.
#[component]
pub(crate) fn Amounts(
    /// Which amounts are taken.
    limits: Limits,
    /// What is offered.
    offers: Vec<(Offer, Cents)>,
    /// What of it is chosen at first.
    chosen: Option<Cents>,
) -> impl IntoView {
    let lang = use_lang();
    let state = api::form::use_form_state();
    // What was chosen before the form came back, if it is still offered. What was refused is not proposed again.
    let own = state.error.is_some() && state.typed("what").is_none_or(|what| what == "other");
    let before = offers.iter().map(|o| o.1).find(|a| state.typed("what") == Some(&a.to_string()));
    let chosen = if own { None } else { before.or(chosen) };
    let hint = format!(
        "{} {}",
        pay::amount_hint(lang, limits.least, limits.most),
        if limits.most > limits.due { pay::ahead_hint(lang, AHEAD) } else { String::new() },
    );
    let choosing = !offers.is_empty();
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
                {offers
                    .into_iter()
                    .map(|offer| view! {
                        <label>
                            <input type="radio" name="what" value=offer.1.to_string() checked=Some(offer.1) == chosen/>
                            <span>{offered(lang, offer)}</span>
                        </label>
                    })
                    .collect_view()}
                <label>
                    <input type="radio" name="what" value="other" checked=chosen.is_none()/>
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
