//! One payment: on its way, posted (then this is the receipt), or come to nothing.

use chrono::NaiveDateTime;
use contract::payments::{PaymentView, RefundLine};
use domain::money::Cents;
use domain::payment::{Decline, RefundStatus, Status};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::{Lang, format, later, pay};

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
        let back = view.head.number.clone();
        let shown = Shown::own(lang, &view);
        let above = ViewFn::from(move || view! { <a href=to::bills(&back)>{pay::back_to_bills(lang)}</a> });
        view! {
            <AccountPage head=view.head section=Section::Bills title=shown.title(lang) above>
                <Story shown/>
            </AccountPage>
        }
    })
}

/// A payment as its page tells of it, whoever pays.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub status: Status,
    pub decline: Option<Decline>,
    pub amount: Cents,
    pub method: Option<String>,
    pub begun_at: NaiveDateTime,
    pub posted_at: Option<NaiveDateTime>,
    pub returned_at: Option<NaiveDateTime>,
    /// What was given back.
    pub refunds: Vec<RefundLine>,
    pub number: String,
    /// For which account.
    pub account: String,
    /// What is said once it is posted.
    pub posted: String,
    /// Where the receipt was mailed, masked.
    pub receipt_to: Option<String>,
    /// The processor's page, while it can still be paid there.
    pub resume: Option<String>,
    /// Whether it is taken with a saved way to pay, without a page of the processor.
    pub saved: bool,
    /// Whether the processor could not be asked just now.
    pub processor_down: bool,
    /// Where another amount is chosen.
    pub again: String,
    /// This page.
    pub here: String,
    /// Where to go when all is done, and the word for it.
    pub home: (String, &'static str),
}

impl Shown {
    fn own(lang: Lang, view: &PaymentView) -> Self {
        let account = &view.head.number;
        Self {
            status: view.status,
            decline: view.decline,
            amount: view.amount,
            method: view.method.clone(),
            begun_at: view.begun_at,
            posted_at: view.posted_at,
            returned_at: view.returned_at,
            refunds: view.refunds.clone(),
            number: view.number.clone(),
            account: [account.as_str(), view.head.street.as_str()].join(", "),
            posted: match view.balance.cmp(&Cents::ZERO) {
                std::cmp::Ordering::Greater => pay::paid_left(lang, view.balance),
                std::cmp::Ordering::Equal => pay::paid_nothing(lang).to_owned(),
                std::cmp::Ordering::Less => pay::paid_credit(lang, -view.balance),
            },
            receipt_to: view.receipt_to.clone(),
            resume: view.resume.clone(),
            saved: view.saved,
            processor_down: view.processor_down,
            again: to::pay(account),
            here: to::payment(account, &view.number),
            home: (to::home(account), pay::to_home(lang)),
        }
    }

    /// The page's heading.
    pub(crate) fn title(&self, lang: Lang) -> String {
        if self.returned_at.is_some() {
            return pay::returned_title(lang).to_owned();
        }
        if self.saved && self.status == Status::Created {
            return later::charge_title(lang).to_owned();
        }
        title(lang, self.status, self.amount)
    }
}

/// How it stands, what to do next, and the receipt.
#[component]
pub(crate) fn Story(shown: Shown) -> impl IntoView {
    let lang = use_lang();
    view! {
        <div class="stack-large" aria-live="polite">
            {shown.processor_down.then(|| view! {
                <div class="notice warn"><Icon glyph=Glyph::Notice/><p>{pay::down(lang)}</p></div>
            })}
            <Says view=shown.clone()/>
            <Facts view=shown/>
        </div>
    }
}

fn title(lang: Lang, status: Status, amount: Cents) -> String {
    match status {
        Status::Created => pay::created_title(lang).to_owned(),
        Status::Pending => pay::pending_title(lang).to_owned(),
        Status::Succeeded => pay::paid_title(lang, amount),
        Status::Declined => pay::declined_title(lang).to_owned(),
        Status::Cancelled => pay::cancelled_title(lang).to_owned(),
        Status::Expired => pay::expired_title(lang).to_owned(),
    }
}

/// What happened, and the one thing to do next.
#[component]
fn Says(view: Shown) -> impl IntoView {
    let lang = use_lang();
    let phone = use_brand().phone;
    let again = view.again;
    if let Some(at) = view.returned_at {
        return view! {
            <div class="stack">
                <p class="lead">{pay::returned_body(lang, view.amount, format::day(lang, at.date()))}</p>
                <p class="row"><a class="button" href=again>{pay::start_again(lang)}</a></p>
                <p class="muted">{pay::hard_to_pay(lang, phone)}</p>
            </div>
        }
        .into_any();
    }
    match view.status {
        Status::Created if view.saved => view! {
            <div class="stack">
                <p class="lead">{later::charge_body(lang)}</p>
                <p class="row"><CheckAgain here=view.here.clone()/></p>
                <script nonce=leptos::nonce::use_nonce()>{LOOK_AGAIN}</script>
            </div>
        }
        .into_any(),
        Status::Created => view! {
            <div class="stack">
                <p class="lead">{pay::created_body(lang)}</p>
                <p class="row">
                    {view.resume.map(|href| view! { <a class="button" rel="external" href=href>{pay::resume(lang)}</a> })}
                    <a class="button second" href=again>{pay::start_again(lang)}</a>
                    <CheckAgain here=view.here.clone()/>
                </p>
            </div>
        }
        .into_any(),
        Status::Pending => view! {
            <div class="stack">
                <p class="lead">{pay::pending_body(lang)}</p>
                <p class="row"><CheckAgain here=view.here.clone()/></p>
                <script nonce=leptos::nonce::use_nonce()>{LOOK_AGAIN}</script>
            </div>
        }
        .into_any(),
        Status::Succeeded => view! {
            <div class="stack">
                <p class="lead">{view.posted}</p>
                {view.receipt_to.filter(|_| view.refunds.is_empty()).map(|address| view! { <p>{pay::receipt_mailed(lang, address)}</p> })}
                <p class="row"><a class="button second" href=view.home.0>{view.home.1}</a></p>
            </div>
        }
        .into_any(),
        Status::Declined => {
            let why = match view.decline {
                Some(Decline::Funds) => pay::declined_funds(lang),
                Some(Decline::ExpiredCard) => pay::declined_expired(lang),
                Some(Decline::BankAccount) => pay::declined_account(lang),
                Some(Decline::NeedsPerson) => pay::declined_needs_person(lang),
                Some(Decline::MethodGone) => pay::declined_method_gone(lang),
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
                        <a class="button second" href=view.home.0>{view.home.1}</a>
                    </p>
                </div>
            }
            .into_any()
        }
    }
}

/// The way to look again without a script. A whole new page, so that it asks anew.
#[component]
fn CheckAgain(here: String) -> impl IntoView {
    view! {
        <a class="button second" rel="external" href=here>{pay::check_again(use_lang())}</a>
    }
}

/// The receipt.
#[component]
fn Facts(view: Shown) -> impl IntoView {
    let lang = use_lang();
    let when = move |at: NaiveDateTime| pay::when(lang, format::date(lang, at.date()), format::time(lang, at));
    let paid = view.status == Status::Succeeded && view.returned_at.is_none();
    let method = match view.status {
        Status::Declined | Status::Cancelled | Status::Expired => pay::method_tried_label(lang),
        Status::Created | Status::Pending | Status::Succeeded => pay::method_label(lang),
    };
    view! {
        <section class="card receipt">
            <dl>
                <div><dt>{pay::amount_label(lang)}</dt><dd>{view.amount.to_string()}</dd></div>
                <div>
                    <dt>{method}</dt>
                    <dd>{view.method.unwrap_or_else(|| pay::method_none(lang).to_owned())}</dd>
                </div>
                {view
                    .posted_at
                    .is_none()
                    .then(|| view! { <div><dt>{pay::begun_label(lang)}</dt><dd>{when(view.begun_at)}</dd></div> })}
                {view.posted_at.map(|at| view! { <div><dt>{pay::posted_label(lang)}</dt><dd>{when(at)}</dd></div> })}
                {view.returned_at.map(|at| view! { <div><dt>{pay::returned_label(lang)}</dt><dd>{when(at)}</dd></div> })}
                {view
                    .refunds
                    .into_iter()
                    .map(|r| {
                        let on = when(r.at);
                        let said = match r.status {
                            RefundStatus::Succeeded => pay::refund_sent(lang, r.amount, on),
                            RefundStatus::Failed => pay::refund_failed(lang, r.amount, on),
                            RefundStatus::Asked | RefundStatus::Pending => pay::refund_pending(lang, r.amount, on),
                        };
                        view! { <div><dt>{pay::refund_label(lang)}</dt><dd>{said}</dd></div> }
                    })
                    .collect_view()}
                <div><dt>{pay::account_label(lang)}</dt><dd>{view.account}</dd></div>
                <div><dt>{pay::number(lang)}</dt><dd>{view.number}</dd></div>
            </dl>
            {paid.then(|| view! { <p class="hint">{pay::receipt_keep(lang)}</p> })}
        </section>
    }
}
