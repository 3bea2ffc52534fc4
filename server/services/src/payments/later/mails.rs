//! What is written to people about payments that are taken while they are away: before, when something has to be asked, and when
//! something went wrong. Always to the person whose card it is.

use chrono::NaiveDate;
use domain::calendar::days_between;
use domain::ids::{AccountId, PersonId, PlannedId};
use domain::money::Cents;
use domain::payment::autopay::above_percent;
use domain::payment::planned::{State, Why};
use domain::payment::{Decline, Standing};
use locales::{Lang, format, later_mail as words};
use store::autopay::AutopayRow;
use store::payments::PaymentRow;
use store::planned::PlannedRow;
use store::saved_methods::Ending;

use super::super::decline_words;
use crate::notices::{Addressed, address, address_person, send};
use crate::{Fault, Work, billing};

/// What every mail of an account says.
struct Letterhead {
    to: Addressed,
    number: String,
    pages: String,
    phone: String,
    utility: String,
}

impl Letterhead {
    async fn load(work: &mut Work, account: AccountId, person: Option<PersonId>) -> Result<Option<Self>, Fault> {
        let to = match person {
            Some(person) => address_person(work, account, person).await?,
            None => address(work, account).await?,
        };
        let Some(to) = to else { return Ok(None) };
        let number = to.account.number.clone();
        Ok(Some(Self {
            pages: format!("{}/a/{number}", work.settings.portal_origin),
            number,
            to,
            phone: work.settings.utility_phone.clone(),
            utility: work.settings.utility_name.clone(),
        }))
    }

    fn page(&self, name: &str) -> String {
        format!("{}/{name}", self.pages)
    }
}

async fn label(work: &mut Work, row: &PlannedRow) -> Result<String, Fault> {
    let method = store::saved_methods::by_id(&mut work.tx, row.method_id).await?;
    Ok(method.map(|m| m.label).unwrap_or_default())
}

/// The page on which one can be changed.
const fn page_of(row: &PlannedRow) -> &'static str {
    if row.autopay_id.is_some() { "autopay" } else { "scheduled" }
}

/// That autopay was turned on, and what it will do.
pub(super) async fn autopay_on(work: &mut Work, account: AccountId, today_too: bool) -> Result<(), Fault> {
    let Some(autopay) = store::autopay::active(&mut work.tx, account).await? else { return Ok(()) };
    let Some(head) = Letterhead::load(work, account, Some(autopay.person_id)).await? else { return Ok(()) };
    let l = Lang::En;
    let terms = autopay.terms();
    let zone = head.to.zone();
    let due = billing::due::due(work, account, &zone).await?;
    let first = store::planned::open(&mut work.tx, account).await?.into_iter().find(|p| p.autopay_id.is_some());
    let today = match (&first, due.due_on) {
        (Some(p), _) => words::today_taken(l, p.amount, format::day(l, p.take_on)),
        (None, Some(on)) if due.asked > Cents::ZERO && !today_too => {
            words::today_left(l, due.asked, format::day(l, on))
        }
        _ => words::today_none(l).to_owned(),
    };
    let what = match terms.limit {
        Some(limit) => words::what_limit(l, limit),
        None => words::what_whole(l).to_owned(),
    };
    let when = match terms.days_before {
        0 => words::when_due(l).to_owned(),
        days => words::when_before(l, i64::from(days)),
    };
    let asks = match (terms.brake_percent, terms.limit) {
        (Some(p), Some(limit)) => words::asks_both(l, limit, p),
        (Some(p), None) => words::asks_brake(l, p),
        (None, Some(limit)) => words::asks_limit(l, limit),
        (None, None) => words::asks_never(l).to_owned(),
    };
    let method =
        store::saved_methods::by_id(&mut work.tx, autopay.method_id).await?.map(|m| m.label).unwrap_or_default();
    let link = head.page("autopay");
    send(work, &head.to, &format!("autopay:{}:on", autopay.id.0), |p| {
        let body = words::on_body(
            l,
            &head.number,
            &asks,
            &link,
            &method,
            &p.given_name,
            &head.to.street,
            &today,
            &head.utility,
            &what,
            &when,
        );
        (words::on_subject(l, &head.to.street), body)
    })
    .await
}

/// That autopay has ended, why, and what is left to pay. Whoever has lost the role is told no more than that it has; the holders
/// are told the rest.
pub(super) async fn autopay_off(work: &mut Work, autopay: &AutopayRow, why: Why) -> Result<(), Fault> {
    let l = Lang::En;
    let mut to = Some(autopay.person_id);
    if why == Why::NoRole {
        let Some(head) = Letterhead::load(work, autopay.account_id, to).await? else { return Ok(()) };
        send(work, &head.to, &format!("autopay:{}:gone", autopay.id.0), |p| {
            let body = words::off_gone_body(l, &head.number, &p.given_name, &head.to.street, &head.utility);
            (words::off_subject(l, &head.to.street), body)
        })
        .await?;
        to = None;
    }
    let Some(head) = Letterhead::load(work, autopay.account_id, to).await? else { return Ok(()) };
    let zone = head.to.zone();
    let due = billing::due::due(work, autopay.account_id, &zone).await?;
    let reason = match why {
        Why::Closed => words::off_closed(l),
        Why::MethodRemoved => words::off_method(l),
        Why::NoRole => words::off_role(l),
        _ => words::off_left(l),
    };
    let (open, link) = match due.due_on.filter(|_| due.asked > Cents::ZERO) {
        Some(on) => (words::off_owed(l, due.asked, format::day(l, on)), head.page("pay")),
        None => (words::off_nothing(l).to_owned(), head.page("bills")),
    };
    send(work, &head.to, &format!("autopay:{}:off", autopay.id.0), |p| {
        let body =
            words::off_body(l, &head.number, &link, &p.given_name, &open, &head.to.street, &head.utility, reason);
        (words::off_subject(l, &head.to.street), body)
    })
    .await
}

/// That something will be taken in a few days: `amount`, which is what is still owed of it.
pub(super) async fn soon(work: &mut Work, row: &PlannedRow, amount: Cents) -> Result<(), Fault> {
    let Some(head) = Letterhead::load(work, row.account_id, Some(row.person_id)).await? else { return Ok(()) };
    let l = Lang::En;
    let method = label(work, row).await?;
    let (date, due) = (format::day(l, row.take_on), format::day(l, row.due_on.unwrap_or(row.take_on)));
    let link = head.page(page_of(row));
    send(work, &head.to, &format!("planned:{}:soon:{}", row.id.0, row.take_on), |p| {
        let body = words::soon_body(
            l,
            &head.number,
            amount,
            &date,
            &due,
            &link,
            &method,
            &p.given_name,
            &head.to.street,
            &head.utility,
        );
        (words::soon_subject(l, amount, &date), body)
    })
    .await
}

/// That one waits for an answer, and why.
pub(super) async fn asks(work: &mut Work, id: PlannedId) -> Result<(), Fault> {
    let Some(row) = store::planned::by_id(&mut work.tx, id).await? else { return Ok(()) };
    let Some(head) = Letterhead::load(work, row.account_id, Some(row.person_id)).await? else { return Ok(()) };
    let l = Lang::En;
    let method = label(work, &row).await?;
    let bill = match row.bill_id {
        Some(id) => store::planned::bill(&mut work.tx, id).await?,
        None => None,
    };
    let subject = match row.why {
        Some(Why::Brake) => words::ask_brake_subject(l, row.amount),
        Some(Why::Limit) => words::ask_limit_subject(l, row.amount),
        _ => words::ask_expired_subject(l, row.amount),
    };
    let total = bill.as_ref().map_or(row.amount, |(_, total)| *total);
    let why = match (row.why, row.expected.and_then(|e| Some((e, above_percent(total, e)?)))) {
        (Some(Why::Brake), Some((expected, percent))) => words::ask_brake(l, total, expected, percent),
        (Some(Why::Brake), None) => words::ask_brake_plain(l, total),
        (Some(Why::Limit), _) => words::ask_limit(l, row.amount),
        _ => words::ask_expired(l, row.amount, &method),
    };
    let more = match bill {
        Some((number, _)) => words::ask_more_bill(l, head.page(&format!("bills/{number}/why"))),
        None => words::ask_more_pay(l, head.page("pay")),
    };
    let due = format::day(l, row.due_on.unwrap_or(row.take_on));
    let link = head.page(page_of(&row));
    let at = row.asked_at.map_or(0, |at| at.timestamp());
    send(work, &head.to, &format!("planned:{}:asks:{at}", row.id.0), |p| {
        let body = words::ask_body(
            l,
            &head.number,
            row.amount,
            &due,
            &link,
            &more,
            &p.given_name,
            &head.phone,
            &head.to.street,
            &head.utility,
            &why,
        );
        (subject.clone(), body)
    })
    .await
}

/// That one still waits for an answer, some days before it is due; not in the days after it asked.
pub(super) async fn still_asks(work: &mut Work, row: &PlannedRow, today: NaiveDate) -> Result<(), Fault> {
    let Some(head) = Letterhead::load(work, row.account_id, Some(row.person_id)).await? else { return Ok(()) };
    let asked = row.asked_at.map(|at| head.to.zone().day_of(at));
    if asked.is_none_or(|on| days_between(on, today) < 3) {
        return Ok(());
    }
    let l = Lang::En;
    let method = label(work, row).await?;
    let due = format::day(l, row.due_on.unwrap_or(row.take_on));
    let link = head.page(page_of(row));
    send(work, &head.to, &format!("planned:{}:still", row.id.0), |p| {
        let body = words::still_body(
            l,
            &head.number,
            row.amount,
            &due,
            &link,
            &method,
            &p.given_name,
            &head.to.street,
            &head.utility,
        );
        (words::still_subject(l, row.amount, &due), body)
    })
    .await
}

/// That one was declined: what is safe, and what comes next. `planned` is the plan and the day of the second try.
pub(super) async fn declined(
    work: &mut Work,
    payment: &PaymentRow,
    stands: Standing,
    planned: Option<(&PlannedRow, Option<NaiveDate>)>,
    saved: bool,
) -> Result<(), Fault> {
    let Some(head) = Letterhead::load(work, payment.account_id, payment.person_id).await? else { return Ok(()) };
    let l = Lang::En;
    let zone = head.to.zone();
    let due = billing::due::due(work, payment.account_id, &zone).await?;
    let retry = planned.and_then(|(_, on)| on);
    let next = match (retry, due.due_on.filter(|on| *on >= zone.day_of(work.now))) {
        (Some(on), _) => words::declined_retry(l, format::day(l, on)),
        (None, Some(on)) => words::declined_final(l, format::day(l, on)),
        (None, None) => words::declined_final_plain(l).to_owned(),
    };
    let link = match planned {
        Some((row, Some(_))) => head.page(page_of(row)),
        _ => head.page("pay"),
    };
    let why = reason(stands.decline);
    let unknown = locales::mail::method_unknown(l);
    let method = payment.method.as_deref().filter(|_| saved || payment.method.is_some()).unwrap_or(unknown);
    send(work, &head.to, &format!("declined:{}:{}", payment.number, stands.revision), |p| {
        let body = words::declined_body(
            l,
            &head.number,
            payment.amount,
            &link,
            method,
            &p.given_name,
            &next,
            &head.phone,
            &head.to.street,
            &head.utility,
            why,
        );
        (words::declined_subject(l, payment.amount), body)
    })
    .await
}

fn reason(decline: Option<Decline>) -> &'static str {
    decline_words(Lang::En, decline)
}

/// That nothing was taken, since nothing is owed.
pub(super) async fn covered(work: &mut Work, row: &PlannedRow) -> Result<(), Fault> {
    let Some(head) = Letterhead::load(work, row.account_id, Some(row.person_id)).await? else { return Ok(()) };
    let l = Lang::En;
    let method = label(work, row).await?;
    let date = format::day(l, head.to.zone().day_of(work.now));
    let link = head.page("bills");
    send(work, &head.to, &format!("planned:{}:covered", row.id.0), |p| {
        let body = words::covered_body(
            l,
            &head.number,
            row.amount,
            &link,
            &method,
            &p.given_name,
            &head.to.street,
            &head.utility,
        );
        (words::covered_subject(l, &date), body)
    })
    .await
}

/// That a scheduled payment was cancelled without the person having cancelled it.
pub(super) async fn stopped(work: &mut Work, row: &PlannedRow, why: Why) -> Result<(), Fault> {
    let Some(head) = Letterhead::load(work, row.account_id, Some(row.person_id)).await? else { return Ok(()) };
    let l = Lang::En;
    let method = label(work, row).await?;
    let date = format::day(l, row.take_on);
    let reason = words::stopped_method(l);
    let link = head.page("pay");
    send(work, &head.to, &format!("planned:{}:stopped", row.id.0), |p| {
        if why == Why::NoRole {
            let body = words::stopped_gone_body(
                l,
                &head.number,
                row.amount,
                &date,
                &method,
                &p.given_name,
                &head.to.street,
                &head.utility,
            );
            return (words::stopped_subject(l, row.amount, &date), body);
        }
        let body = words::stopped_body(
            l,
            &head.number,
            row.amount,
            &date,
            &link,
            &method,
            &p.given_name,
            &head.to.street,
            &head.utility,
            reason,
        );
        (words::stopped_subject(l, row.amount, &date), body)
    })
    .await
}

/// What was scheduled, part by part.
pub(super) async fn scheduled(
    work: &mut Work,
    account: AccountId,
    person: PersonId,
    method: &str,
    parts: &[(NaiveDate, Cents)],
    key: &str,
) -> Result<(), Fault> {
    let Some(head) = Letterhead::load(work, account, Some(person)).await? else { return Ok(()) };
    let l = Lang::En;
    let sum: Cents = parts.iter().map(|(_, a)| *a).sum();
    let lines: Vec<String> =
        parts.iter().map(|(on, a)| [&format::day(l, *on), "  ", &a.to_string()].concat()).collect();
    let (lines, link) = (lines.join("\n"), head.page("scheduled"));
    send(work, &head.to, &format!("scheduled:{}:{key}", head.number), |p| {
        let body = words::scheduled_body(
            l,
            &head.number,
            &lines,
            &link,
            method,
            &p.given_name,
            &head.to.street,
            &head.utility,
        );
        (words::scheduled_subject(l, sum, method), body)
    })
    .await
}

/// That a card ends soon that payments are taken with.
pub(super) async fn method_ends(work: &mut Work, one: &Ending) -> Result<(), Fault> {
    let Some(head) = Letterhead::load(work, one.account_id, Some(one.person_id)).await? else { return Ok(()) };
    let l = Lang::En;
    let date = format::date(l, one.expires_on);
    let link = head.page("methods");
    send(work, &head.to, &format!("method:{}:ends:{}", one.id.0, one.expires_on), |p| {
        let body =
            words::ends_body(l, &head.number, &date, &link, &one.label, &p.given_name, &head.to.street, &head.utility);
        (words::ends_subject(l, &date, &one.label), body)
    })
    .await
}

/// What will happen by itself, as a mail about a bill says it.
pub(super) async fn ahead(work: &mut Work, row: &PlannedRow) -> Result<String, Fault> {
    let l = Lang::En;
    let method = label(work, row).await?;
    let account = store::accounts::by_id(&mut work.tx, row.account_id).await?.map(|a| a.number).unwrap_or_default();
    let link = format!("{}/a/{account}/{}", work.settings.portal_origin, page_of(row));
    let date = format::day(l, row.take_on);
    Ok(match (row.state, row.autopay_id) {
        (State::Asking, _) => words::ahead_asks(l, row.amount, &link),
        (State::Taking, _) => words::ahead_taking(l, row.amount, &link, &method),
        (_, Some(_)) => words::ahead_autopay(l, row.amount, &date, &link, &method),
        (_, None) => words::ahead_scheduled(l, row.amount, &date, &link, &method),
    })
}
