//! All bills: what is to be paid, and how each bill stands.

use chrono::NaiveDate;
use contract::bills::{BillSummary, BillsView, DueView, Standing};
use contract::payments::PaymentSummary;
use contract::saved::Ahead;
use domain::calendar::days_between;
use domain::money::Cents;
use domain::payment::Status;
use domain::quantity::Commodity;
use leptos::prelude::*;
use locales::format::{date, day, day_short, range};
use locales::{Lang, bills, collections, later};

use crate::api;
use crate::components::{AccountPage, Section, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::pages::collections::Attentions;
use crate::routes::to;

/// The list of bills.
#[component]
pub fn Bills() -> impl IntoView {
    let model = Resource::new(account_number(), api::bills::list);
    loaded(model, |model: BillsView| {
        let lang = use_lang();
        let account = model.account.number.clone();
        // A bill on hold comes when that ends, not when it was due to come.
        let next = model.next_bill_on.filter(|_| model.hold.is_none()).map(|on| bills::next_bill(lang, day(lang, on)));
        let empty = model.bills.is_empty();
        let electric = model.account.services.contains(&Commodity::Electricity);
        let plans = (electric && !empty).then(|| to::plans(&account));
        view! {
            <AccountPage head=model.account section=Section::Bills title=bills::title(lang)>
                <div class="stack-large">
                    {model.hold.map(|hold| view! { <super::Held hold/> })}
                    {(!empty).then(|| view! {
                        <Balance account=account.clone() due=model.due planned=model.planned today=model.today/>
                    })}
                    <Attentions account=account.clone() all=model.attention/>
                    {if empty {
                        view! {
                            <section class="card stack">
                                <h2>{bills::empty_title(lang)}</h2>
                                <p>{bills::empty_body(lang)}</p>
                                {next.map(|text| view! { <p class="muted">{text}</p> })}
                            </section>
                        }
                            .into_any()
                    } else {
                        view! {
                            <section class="stack" aria-labelledby="all-bills">
                                <h2 id="all-bills">{bills::list_title(lang)}</h2>
                                {next.map(|text| view! { <p class="muted">{text}</p> })}
                                <ul class="list bills">
                                    {model
                                        .bills
                                        .into_iter()
                                        .map(|bill| view! { <Row account=account.clone() bill/> })
                                        .collect_view()}
                                </ul>
                            </section>
                        }
                            .into_any()
                    }}
                    {(!model.payments.is_empty()).then(|| view! {
                        <section class="stack" aria-labelledby="payments">
                            <h2 id="payments">{bills::payments_title(lang)}</h2>
                            <ul class="list bills">
                                {model
                                    .payments
                                    .into_iter()
                                    .map(|payment| view! { <Payment account=account.clone() payment/> })
                                    .collect_view()}
                            </ul>
                        </section>
                    })}
                    {plans.map(|href| view! {
                        <p class="no-print"><a href=href>{locales::plans::link(lang)}</a></p>
                    })}
                </div>
            </AccountPage>
        }
    })
}

/// What is to be paid, and the one thing to do about it.
#[component]
fn Balance(account: String, due: DueView, planned: Option<Ahead>, today: NaiveDate) -> impl IntoView {
    let lang = use_lang();
    // What is taken by itself, or on its way, needs nobody to press anything.
    let quiet = planned.as_ref().is_some_and(|p| p.all) || due.unpaid() == Cents::ZERO;
    let on_its_way = (due.pending > Cents::ZERO).then(|| bills::on_its_way(lang, due.pending));
    let owed = due.asked > Cents::ZERO;
    let more = asked_words(lang, &due);
    let spread =
        (owed && !due.arranged && !due.budget).then(|| (to::arrangement(&account), collections::spread_link(lang)));
    let arranged = due.arranged.then(|| (to::arrangement(&account), collections::arrangement_link(lang)));
    let budget = if due.budget { collections::budget_link(lang) } else { collections::budget_invite(lang) };
    let budget = (!due.arranged).then(|| (to::budget(&account), budget));
    let autopay = Some((to::autopay(&account), later::autopay_title(lang)));
    let scheduled = owed.then(|| (to::scheduled(&account), later::link_scheduled(lang)));
    let ways = [scheduled, autopay, arranged, spread, budget].into_iter().flatten();
    let plain = |text: &str| vec![(false, text.to_owned())];
    let (figure, words) = if owed {
        (due.asked.to_string(), due_lines(lang, &due, today))
    } else if due.balance < Cents::ZERO {
        (bills::credit_amount(lang, -due.balance), plain(bills::credit(lang)))
    } else {
        (bills::nothing_due(lang).to_owned(), plain(bills::all_paid(lang)))
    };
    view! {
        <section class="card balance" aria-labelledby="balance">
            <div>
                <h2 id="balance" class="small muted">{bills::balance(lang)}</h2>
                <p class="figure large">{figure}</p>
                {words.into_iter().map(|(late, text)| view! { <p class="when" class:late=late>{text}</p> }).collect_view()}
                {more.map(|text| view! { <p class="small muted">{text}</p> })}
                {on_its_way.map(|text| view! { <p>{text}</p> })}
                {planned.map(|p| view! { <crate::pages::pay::PlannedLine account=account.clone() planned=p/> })}
            </div>
            {owed.then(|| view! { <p class="row"><a class="button" class:second=quiet href=to::pay(&account)>{bills::pay(lang)}</a></p> })}
            <p class="row small links no-print">
                {ways.map(|(href, word)| view! { <a class="target" href=href>{word}</a> }).collect_view()}
            </p>
        </section>
    }
}

/// By when it is to be paid, a line for each day: what is past due and since when, then what is due later. With each, whether it
/// is late.
#[must_use]
pub fn due_lines(lang: Lang, due: &DueView, today: NaiveDate) -> Vec<(bool, String)> {
    let mut out = Vec::new();
    if let Some(since) = due.due_on.filter(|_| due.overdue > Cents::ZERO) {
        let since = day(lang, since);
        let all = due.later.is_empty();
        out.push((true, if all { bills::late_all(lang, since) } else { bills::late_part(lang, due.overdue, since) }));
    }
    let alone = out.is_empty() && due.later.len() == 1;
    out.extend(due.later.iter().map(|d| {
        let text = match (days_between(today, d.on), alone) {
            (0, true) => bills::due_today(lang).to_owned(),
            (1, true) => bills::due_tomorrow(lang, day(lang, d.on)),
            (_, true) => bills::due_on(lang, day(lang, d.on)),
            (0, false) => bills::amount_due_today(lang, d.amount),
            (_, false) => bills::amount_due_on(lang, d.amount, day(lang, d.on)),
        };
        (false, text)
    }));
    out
}

/// Why what is asked is another amount than what is owed.
#[must_use]
pub fn asked_words(lang: Lang, due: &DueView) -> Option<String> {
    if due.arranged && due.asked < due.balance {
        return Some(collections::asked_now(lang, due.balance));
    }
    match due.deferred.cmp(&Cents::ZERO) {
        std::cmp::Ordering::Greater => Some(collections::deferred_owed(lang, due.deferred)),
        std::cmp::Ordering::Less => Some(collections::deferred_ahead(lang, -due.deferred)),
        std::cmp::Ordering::Equal => None,
    }
}

/// One bill.
#[component]
fn Row(account: String, bill: BillSummary) -> impl IntoView {
    let lang = use_lang();
    let (kind, standing) = match bill.standing {
        Standing::Paid => ("tag good", bills::standing_paid(lang).to_owned()),
        Standing::Due => ("tag", bills::standing_due(lang, day_short(lang, bill.due_on))),
        Standing::Overdue => ("tag bad", bills::standing_overdue(lang).to_owned()),
        Standing::Replaced => ("tag", bills::standing_replaced(lang).to_owned()),
        Standing::Arranged => ("tag", bills::standing_arranged(lang).to_owned()),
    };
    let part = (bill.open > Cents::ZERO && bill.open < bill.total).then(|| bills::part_open(lang, bill.open));
    view! {
        <li>
            <a href=to::bill(&account, &bill.number)>
                <span>
                    <span class="period">{range(lang, bill.period)}</span>
                    <span class="small muted">{bills::issued(lang, date(lang, bill.issued_on))}</span>
                    {part.map(|text| view! { <span class="small">{text}</span> })}
                </span>
                <span class="end">
                    <span class="amount">{bill.total.to_string()}</span>
                    <span class=kind>{standing}</span>
                </span>
            </a>
        </li>
    }
}

/// One payment, which leads to its receipt.
#[component]
fn Payment(account: String, payment: PaymentSummary) -> impl IntoView {
    let lang = use_lang();
    let (kind, standing) = match payment.status {
        _ if payment.returned => ("tag bad", bills::payment_returned(lang)),
        Status::Succeeded => ("tag good", bills::payment_posted(lang)),
        _ => ("tag", bills::payment_pending(lang)),
    };
    view! {
        <li>
            <a href=to::payment(&account, &payment.number)>
                <span>
                    <span class="period">{date(lang, payment.on)}</span>
                    {payment.method.map(|with| view! { <span class="small muted">{with}</span> })}
                </span>
                <span class="end">
                    <span class="amount">{payment.amount.to_string()}</span>
                    <span class=kind>{standing}</span>
                </span>
            </a>
        </li>
    }
}
