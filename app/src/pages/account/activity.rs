//! Who viewed the account.

use contract::auth::{ActivityView, ViewReason, Viewing};
use contract::form::FormState;
use leptos::prelude::*;
use locales::{Lang, account as words, format, viewing};

use crate::api::auth::activity;
use crate::api::form::use_form_state;
use crate::components::{AccountPage, FormErrors, Section, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;

/// The page.
#[component]
pub fn Activity() -> impl IntoView {
    let state = use_form_state();
    let model = Resource::new(account_number(), activity);
    loaded(model, move |view| page(view, state.clone()))
}

fn page(model: ActivityView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let number = model.account.number.clone();
    let may_stop = model.account.view_as.is_none();
    let empty = model.viewings.is_empty();
    view! {
        <AccountPage head=model.account section=Section::Account title=words::activity_title(lang)>
            <div class="stack">
                {state.error.map(|error| view! { <FormErrors error/> })}
                <p class="lead">{words::activity_lead(lang)}</p>
                {if empty {
                    view! { <p class="muted">{words::activity_empty(lang)}</p> }.into_any()
                } else {
                    view! {
                        <ul class="list">
                            {model.viewings.into_iter().map(|v| line(v, number.clone(), may_stop)).collect_view()}
                        </ul>
                    }
                    .into_any()
                }}
            </div>
        </AccountPage>
    }
}

fn reason(lang: Lang, reason: ViewReason) -> &'static str {
    match reason {
        ViewReason::BillQuestion => viewing::reason_bill_question(lang),
        ViewReason::UsageQuestion => viewing::reason_usage_question(lang),
        ViewReason::PaymentHelp => viewing::reason_payment_help(lang),
        ViewReason::PortalHelp => viewing::reason_portal_help(lang),
        ViewReason::Other => viewing::reason_other(lang),
    }
}

fn line(entry: Viewing, number: String, may_stop: bool) -> impl IntoView {
    let lang = use_lang();
    let when = words::viewed_at(lang, format::day(lang, entry.began.date()), format::time(lang, entry.began));
    let who = match entry.by.as_str() {
        "" => words::employee(lang).to_owned(),
        name => words::employee_named(lang, name),
    };
    let how = words::viewed_for(lang, i64::from(entry.minutes), i64::from(entry.pages));
    view! {
        <li class="row apart">
            <p>
                <strong>{who}</strong>
                " "
                {entry.live.then(|| view! { <span class="tag warn">{words::looking_now(lang)}</span> })}
                <br/>
                {reason(lang, entry.reason)}
                <br/>
                <span class="muted small">{when} " " {how}</span>
            </p>
            {(entry.live && may_stop).then(|| view! {
                <form method="post" action="/api/auth/stop-viewing">
                    <input type="hidden" name="account" value=number/>
                    <input type="hidden" name="id" value=entry.id.to_string()/>
                    <button class="button second" type="submit">{words::stop(lang)}</button>
                </form>
            })}
        </li>
    }
}
