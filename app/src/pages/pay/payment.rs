//! One payment: on its way, posted (then this is the receipt), or come to nothing.

use chrono::NaiveDateTime;
use contract::payments::PaymentView;
use domain::money::Cents;
use domain::payment::{Decline, Status};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::{Lang, format, pay};

use crate::api;
use crate::components::{AccountPage, Glyph, Icon, Section, loaded};
use crate::i18n::{use_brand, use_lang};
use crate::routes::to;

/// Looks again by itself every two seconds, forty times, and then leaves that to the person. Loading the page anew is all it
/// takes, so the page brings no other code.
const LOOK_AGAIN: &str = "(function(){var k='looks'+location.pathname,n=+(sessionStorage.getItem(k)||0);\
    if(n<40){sessionStorage.setItem(k,n+1);setTimeout(function(){location.replace(location.href)},2000)}})()";

/// The page.
#[component]
pub fn Payment() -> impl IntoView {
    let params = use_params_map();
    let which = move || params.with(|p| (p.get("account").unwrap_or_default(), p.get("payment").unwrap_or_default()));
    let model = Resource::new(which, |(account, number)| api::pay::payment(account, number));
    loaded(model, |view: PaymentView| {
        let lang = use_lang();
        let account = view.head.number.clone();
        let back = account.clone();
        let above = ViewFn::from(move || view! { <a href=to::bills(&back)>{pay::back_to_bills(lang)}</a> });
        view! {
            <AccountPage head=view.head.clone() section=Section::Bills title=title(lang, &view) above>
                <div class="stack-large" aria-live="polite">
                    {view.processor_down.then(|| view! {
                        <div class="notice warn"><Icon glyph=Glyph::Notice/><p>{pay::down(lang)}</p></div>
                    })}
                    <Says view=view.clone()/>
                    <Facts view=view.clone()/>
                </div>
            </AccountPage>
        }
    })
}

fn title(lang: Lang, view: &PaymentView) -> String {
    match view.status {
        Status::Created => pay::created_title(lang).to_owned(),
        Status::Pending => pay::pending_title(lang).to_owned(),
        Status::Succeeded => pay::paid_title(lang, view.amount),
        Status::Declined => pay::declined_title(lang).to_owned(),
        Status::Cancelled => pay::cancelled_title(lang).to_owned(),
        Status::Expired => pay::expired_title(lang).to_owned(),
    }
}

/// What happened, and the one thing to do next.
#[component]
fn Says(view: PaymentView) -> impl IntoView {
    let lang = use_lang();
    let phone = use_brand().phone;
    let account = view.head.number.clone();
    let again = to::pay(&account);
    match view.status {
        Status::Created => view! {
            <div class="stack">
                <p class="lead">{pay::created_body(lang)}</p>
                <p class="row">
                    {view.resume.map(|href| view! { <a class="button" rel="external" href=href>{pay::resume(lang)}</a> })}
                    <a class="button second" href=again>{pay::start_again(lang)}</a>
                    <CheckAgain account number=view.number.clone()/>
                </p>
            </div>
        }
        .into_any(),
        Status::Pending => view! {
            <div class="stack">
                <p class="lead">{pay::pending_body(lang)}</p>
                <p class="row"><CheckAgain account number=view.number.clone()/></p>
                <script nonce=leptos::nonce::use_nonce()>{LOOK_AGAIN}</script>
            </div>
        }
        .into_any(),
        Status::Succeeded => {
            let left = match view.balance.cmp(&Cents::ZERO) {
                std::cmp::Ordering::Greater => pay::paid_left(lang, view.balance),
                std::cmp::Ordering::Equal => pay::paid_nothing(lang).to_owned(),
                std::cmp::Ordering::Less => pay::paid_credit(lang, -view.balance),
            };
            view! {
                <div class="stack">
                    <p class="lead">{left}</p>
                    {view.receipt_to.map(|address| view! { <p>{pay::receipt_mailed(lang, address)}</p> })}
                    <p class="row"><a class="button second" href=to::home(&account)>{pay::to_home(lang)}</a></p>
                </div>
            }
            .into_any()
        }
        Status::Declined => {
            let why = match view.decline {
                Some(Decline::Funds) => pay::declined_funds(lang),
                Some(Decline::ExpiredCard) => pay::declined_expired(lang),
                Some(Decline::BankAccount) => pay::declined_account(lang),
                Some(Decline::ByBank) | None => pay::declined_by_bank(lang),
            };
            let next = view.resume.map_or_else(
                || view! { <a class="button" href=again.clone()>{pay::try_again(lang)}</a> }.into_any(),
                |href| view! { <a class="button" rel="external" href=href>{pay::try_again(lang)}</a> }.into_any(),
            );
            view! {
                <div class="stack">
                    <p class="lead">{why}</p>
                    <p class="row">{next} <a class="button second" href=again.clone()>{pay::start_again(lang)}</a></p>
                    <p class="muted">{pay::hard_to_pay(lang, phone)}</p>
                </div>
            }
            .into_any()
        }
        Status::Cancelled | Status::Expired => {
            let body =
                if view.status == Status::Cancelled { pay::cancelled_body(lang) } else { pay::expired_body(lang) };
            view! {
                <div class="stack">
                    <p class="lead">{body}</p>
                    <p class="row">
                        <a class="button" href=again>{pay::start_again(lang)}</a>
                        <a class="button second" href=to::home(&account)>{pay::to_home(lang)}</a>
                    </p>
                </div>
            }
            .into_any()
        }
    }
}

/// The way to look again without a script. A whole new page, so that it asks anew.
#[component]
fn CheckAgain(account: String, number: String) -> impl IntoView {
    view! {
        <a class="button second" rel="external" href=to::payment(&account, &number)>{pay::check_again(use_lang())}</a>
    }
}

/// The receipt.
#[component]
fn Facts(view: PaymentView) -> impl IntoView {
    let lang = use_lang();
    let when = move |at: NaiveDateTime| pay::when(lang, format::date(lang, at.date()), format::time(lang, at));
    let paid = view.status == Status::Succeeded;
    view! {
        <section class="card receipt">
            <dl>
                <div><dt>{pay::amount_label(lang)}</dt><dd>{view.amount.to_string()}</dd></div>
                <div>
                    <dt>{pay::method_label(lang)}</dt>
                    <dd>{view.method.unwrap_or_else(|| pay::method_none(lang).to_owned())}</dd>
                </div>
                <div><dt>{pay::begun_label(lang)}</dt><dd>{when(view.begun_at)}</dd></div>
                {view.posted_at.map(|at| view! { <div><dt>{pay::posted_label(lang)}</dt><dd>{when(at)}</dd></div> })}
                <div><dt>{pay::account_label(lang)}</dt><dd>{view.head.number} ", " {view.head.street}</dd></div>
                <div><dt>{pay::number(lang)}</dt><dd>{view.number}</dd></div>
            </dl>
            {paid.then(|| view! { <p class="hint">{pay::receipt_keep(lang)}</p> })}
        </section>
    }
}
