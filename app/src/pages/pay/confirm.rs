//! What is about to happen, to the cent and the day, before anything does. One primary action: to do it.

use contract::saved::{ConfirmPart, ConfirmView};
use domain::money::Cents;
use domain::payment::MethodKind;
use domain::payment::planned::Timely;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use locales::format::{date, day};
use locales::{later, pay};

use super::words::named;
use crate::api;
use crate::components::{AccountPage, PostForm, Section, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Confirm() -> impl IntoView {
    let state = api::form::use_form_state();
    let (account, query) = (account_number(), use_query_map());
    let which = move || {
        let query = query.read();
        let with = query.get("with").and_then(|w| w.parse().ok()).unwrap_or(0);
        (account(), with, query.get("pay").unwrap_or_default())
    };
    let model = Resource::new(which.clone(), |(account, with, pay)| api::later::confirm(account, with, pay));
    loaded(model, move |model: ConfirmView| {
        let lang = use_lang();
        let state = state.clone();
        let account = model.head.number.clone();
        let now = model.parts.iter().all(|p| p.on.is_none());
        let from = if now { to::pay(&account) } else { to::scheduled(&account) };
        let back = from.clone();
        let above = ViewFn::from(move || view! { <a href=back.clone()>{later::back_to_pay(lang)}</a> });
        let title = if now { later::confirm_title(lang) } else { later::confirm_title_later(lang) };
        let amount: Cents = model.parts.iter().map(|p| p.amount).sum();
        let parts = i64::try_from(model.parts.len()).unwrap_or(1);
        let button = if now { later::confirm_pay(lang, amount) } else { later::confirm_schedule(lang, parts) };
        let action = if now { "/api/pay/now" } else { "/api/pay/schedule" };
        let (_, with, pay) = which();
        view! {
            <AccountPage head=model.head.clone() section=Section::Bills title above>
                <div class="stack-large">
                    <Facts model=model.clone() amount now/>
                    {(!now).then(|| view! { <Parts model=model.clone()/> })}
                    {(!now).then(|| view! { <p>{later::confirm_later_next(lang)}</p> })}
                    <PostForm action=action state=state>
                        <input type="hidden" name="account" value=account/>
                        <input type="hidden" name="with" value=with.to_string()/>
                        <input type="hidden" name="pay" value=pay/>
                        <input type="hidden" name="owed" value=model.owed.0.to_string()/>
                        <input type="hidden" name="form_key" value=model.form_key.clone()/>
                        <p class="row">
                            <button type="submit">{button}</button>
                            <a class="button second" href=from>{later::confirm_change(lang)}</a>
                        </p>
                    </PostForm>
                </div>
            </AccountPage>
        }
    })
}

#[component]
fn Facts(model: ConfirmView, amount: Cents, now: bool) -> impl IntoView {
    let lang = use_lang();
    let after = match model.left.cmp(&Cents::ZERO) {
        std::cmp::Ordering::Greater => later::confirm_left(lang, model.left),
        std::cmp::Ordering::Equal => later::confirm_none(lang).to_owned(),
        std::cmp::Ordering::Less => later::confirm_credit(lang, -model.left),
    };
    let next = match model.method.kind {
        MethodKind::Card => later::confirm_card(lang),
        MethodKind::Bank => later::confirm_bank(lang),
    };
    let account = [model.head.number.as_str(), model.head.street.as_str()].join(", ");
    view! {
        <section class="card receipt stack">
            <dl>
                <div><dt>{later::confirm_amount(lang)}</dt><dd class="figure">{amount.to_string()}</dd></div>
                <div><dt>{later::confirm_with(lang)}</dt><dd>{named(lang, &model.method)}</dd></div>
                {now.then(|| view! { <div><dt>{later::confirm_when(lang)}</dt><dd>{later::confirm_now(lang)}</dd></div> })}
                <div><dt>{later::confirm_account(lang)}</dt><dd>{account}</dd></div>
                <div><dt>{later::confirm_after(lang)}</dt><dd>{after}</dd></div>
                {model.receipt_to.map(|to| view! { <div><dt>{later::confirm_receipt(lang)}</dt><dd>{to}</dd></div> })}
            </dl>
            {now.then(|| view! { <p>{next}</p> })}
            {model.autopay.map(|(amount, on)| view! { <p>{later::confirm_autopay(lang, amount, day(lang, on))}</p> })}
        </section>
    }
}

/// Each part, its day, and what that day means for what is due.
#[component]
fn Parts(model: ConfirmView) -> impl IntoView {
    let lang = use_lang();
    let due = model.due_on;
    let any_late = model.parts.iter().any(|p| p.timely != Timely::InTime);
    let means = move |p: &ConfirmPart| match (p.timely, due) {
        (Timely::Late(days), Some(on)) => (true, later::confirm_late(lang, date(lang, on), days)),
        (_, Some(on)) => (false, later::confirm_in_time(lang, date(lang, on))),
        (_, None) => (false, later::confirm_no_due(lang).to_owned()),
    };
    let account = model.head.number.clone();
    let warn = if model.late_fee { later::confirm_late_fee(lang) } else { later::confirm_late_plain(lang) };
    view! {
        <section class="stack">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{later::confirm_on(lang)}</th>
                        <th scope="col" class="number">{pay::amount_label(lang)}</th>
                        <th scope="col">{later::confirm_means(lang)}</th>
                    </tr>
                </thead>
                <tbody>
                    {model
                        .parts
                        .iter()
                        .map(|p| {
                            let (late, text) = means(p);
                            let on = p.on.map(|on| date(lang, on)).unwrap_or_default();
                            view! {
                                <tr>
                                    <td>{on}</td>
                                    <td class="number">{p.amount.to_string()}</td>
                                    <td class:wrong-text=late>{text}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
            {any_late.then(|| view! {
                <p>{warn} " " <a href=to::arrangement(&account)>{later::link_arrangement(lang)}</a></p>
            })}
        </section>
    }
}
