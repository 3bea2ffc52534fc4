//! What is said of planned payments on more than one page.

use chrono::Datelike;
use contract::saved::{Ahead, Method, Planned};
use domain::money::Cents;
use domain::payment::Decline;
use domain::payment::autopay::{Terms, above_percent};
use domain::payment::planned::{State, Timely, Why};
use domain::payment::saved::Validity;
use leptos::prelude::*;
use locales::format::day;
use locales::{Lang, later, later_mail};

use crate::i18n::use_lang;
use crate::routes::to;

/// `Visa ending 4242, expires 12/2027`, as it stands on a card.
pub(super) fn named(lang: Lang, method: &Method) -> String {
    let Some(on) = method.expires_on else { return method.label.clone() };
    let month = format!("{:02}/{}", on.month(), on.year());
    let words = match method.validity {
        Validity::Good => later::expires(lang, month),
        Validity::EndsSoon => later::expires_soon(lang, month),
        Validity::Expired => later::expired(lang, month),
    };
    [&method.label, ", ", &words].concat()
}

/// The person's ways to pay as radio buttons, those that are good; `new` offers another one too.
#[component]
pub(super) fn With(
    /// The person's own.
    methods: Vec<Method>,
    /// The one that is chosen at first; the first good one where it is not there.
    #[prop(optional)]
    chosen: Option<i64>,
    /// Whether another one is offered.
    #[prop(optional)]
    new: bool,
) -> impl IntoView {
    let lang = use_lang();
    let good: Vec<Method> = methods.into_iter().filter(|m| m.validity != Validity::Expired).collect();
    let first = chosen.filter(|id| good.iter().any(|m| m.id == *id)).or_else(|| good.first().map(|m| m.id));
    view! {
        <fieldset class="field choice" id="method">
            <legend>{later::with(lang)}</legend>
            {good
                .into_iter()
                .map(|m| view! {
                    <label>
                        <input type="radio" name="with" value=m.id.to_string() checked=Some(m.id) == first/>
                        <span>{named(lang, &m)}</span>
                    </label>
                })
                .collect_view()}
            {new.then(|| view! {
                <label>
                    <input type="radio" name="with" value="new" checked=first.is_none()/>
                    <span>{later::with_new(lang)}</span>
                </label>
            })}
        </fieldset>
    }
}

/// How one stands: the class of its tag and its text.
pub(super) fn state(lang: Lang, p: &Planned) -> (&'static str, String) {
    match p.state {
        State::Waiting => ("tag", later::state_waiting(lang, day(lang, p.take_on))),
        State::Asking => ("tag warn", later::state_asking(lang).to_owned()),
        State::Taking => ("tag", later::state_taking(lang).to_owned()),
        State::Retrying => ("tag warn", later::state_retrying(lang, day(lang, p.take_on))),
        State::Taken => ("tag good", later::state_taken(lang).to_owned()),
        State::Covered => ("tag good", later::state_covered(lang).to_owned()),
        State::Failed => ("tag bad", later::state_failed(lang).to_owned()),
        State::Cancelled if p.why == Some(Why::ByPerson) && p.autopay => ("tag", later::state_skipped(lang).to_owned()),
        State::Cancelled if p.why == Some(Why::ByPerson) => ("tag", later::state_cancelled(lang).to_owned()),
        State::Cancelled => ("tag", later::state_stopped(lang).to_owned()),
    }
}

/// That a day is late, where it is.
pub(super) fn late(lang: Lang, timely: Timely) -> Option<String> {
    match timely {
        Timely::InTime => None,
        Timely::Late(days) => Some(later::line_late(lang, days)),
    }
}

/// What will be taken by itself, and whether that is all that is due.
#[must_use]
pub fn ahead(lang: Lang, p: &Ahead) -> String {
    let mut parts = Vec::new();
    if p.all {
        parts.push(later::planned_all(lang).to_owned());
    }
    parts.push(match p.count {
        ..=1 => next(lang, p.autopay, p.amount, p.on, &p.method),
        n => later::planned_many(lang, i64::from(n), day(lang, p.on), day(lang, p.last), p.sum),
    });
    if p.rest > Cents::ZERO {
        parts.push(later::planned_rest(lang, p.rest));
    }
    parts.join(" ")
}

/// What will be taken next by itself, in one sentence.
fn next(lang: Lang, autopay: bool, amount: Cents, on: chrono::NaiveDate, method: &str) -> String {
    if autopay {
        later::planned_autopay(lang, amount, day(lang, on), method)
    } else {
        later::planned_scheduled(lang, amount, day(lang, on), method)
    }
}

/// Why something was declined.
#[must_use]
pub fn decline(lang: Lang, decline: Option<Decline>) -> &'static str {
    match decline {
        Some(Decline::Funds) => later_mail::declined_funds(lang),
        Some(Decline::ExpiredCard) => later_mail::declined_expired(lang),
        Some(Decline::BankAccount) => later_mail::declined_account(lang),
        Some(Decline::NeedsPerson) => later_mail::declined_person(lang),
        Some(Decline::MethodGone) => later_mail::declined_gone(lang),
        Some(Decline::ByBank) | None => later_mail::declined_bank(lang),
    }
}

/// Why one asks: title and body.
#[must_use]
pub fn asks(lang: Lang, p: &Planned) -> (String, String) {
    let bill = p.bill.as_ref().map_or(p.amount, |(_, total)| *total);
    match (p.why, p.expected.and_then(|e| Some((e, above_percent(bill, e)?)))) {
        (Some(Why::Brake), Some((expected, percent))) => {
            (later::autopay_brake_title(lang).to_owned(), later::autopay_brake_body(lang, bill, expected, percent))
        }
        (Some(Why::Brake), None) => {
            (later::autopay_brake_title(lang).to_owned(), later::autopay_brake_plain(lang, bill))
        }
        (Some(Why::Limit), _) => {
            (later::autopay_limit_title(lang).to_owned(), later::autopay_limit_body(lang, p.amount))
        }
        _ => (later::autopay_expired_title(lang, &p.method), later::autopay_expired_body(lang, p.amount)),
    }
}

/// What autopay takes, when, and when it asks first.
pub(super) fn terms(lang: Lang, terms: &Terms) -> (String, String, String) {
    let what = match terms.limit {
        Some(limit) => later_mail::what_limit(lang, limit),
        None => later_mail::what_whole(lang).to_owned(),
    };
    let when = match terms.days_before {
        0 => later_mail::when_due(lang).to_owned(),
        days => later_mail::when_before(lang, i64::from(days)),
    };
    let asks = match (terms.brake_percent, terms.limit) {
        (Some(p), Some(limit)) => later_mail::asks_both(lang, limit, p),
        (Some(p), None) => later_mail::asks_brake(lang, p),
        (None, Some(limit)) => later_mail::asks_limit(lang, limit),
        (None, None) => later_mail::asks_never(lang).to_owned(),
    };
    (what, when, asks)
}

/// The button that leads to the processor's page, to save a way to pay there.
#[component]
pub(super) fn Add(
    /// The account's number.
    account: String,
    /// The form's own key.
    form_key: String,
    /// Whether it is the page's one thing to do.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let lang = use_lang();
    view! {
        <form method="post" action="/api/methods/add" class="stack">
            <input type="hidden" name="account" value=account/>
            <input type="hidden" name="form_key" value=form_key/>
            <p class="row"><button class:second=!first type="submit">{later::methods_add(lang)}</button></p>
            <p class="hint">{later::methods_add_hint(lang)}</p>
        </form>
    }
}

/// Links to the other ways of paying.
#[component]
pub(super) fn Ways(
    /// The account's number.
    account: String,
    /// Whether it has autopay.
    autopay: bool,
) -> impl IntoView {
    let lang = use_lang();
    let on = if autopay { later::link_autopay_on(lang) } else { later::link_autopay_off(lang) };
    view! {
        <nav class="stack ways" aria-labelledby="ways">
            <h2 id="ways">{later::ways_title(lang)}</h2>
            <ul class="list">
                <li><a href=to::scheduled(&account)>{later::link_scheduled(lang)}</a></li>
                <li><a href=to::autopay(&account)>{on}</a></li>
                <li><a href=to::methods(&account)>{later::link_methods(lang)}</a></li>
                <li><a href=to::arrangement(&account)>{later::link_arrangement(lang)}</a></li>
            </ul>
        </nav>
    }
}
