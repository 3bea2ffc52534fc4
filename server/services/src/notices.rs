//! Mails that follow from bills and payments. The change queues a job; the job writes the mail when its time comes, with the
//! amounts as they are then.

use chrono::NaiveDate;
use domain::access::AccountRole;
use domain::calendar::{Instant, Zone};
use domain::ids::{AccountId, PersonId};
use domain::money::Cents;
use domain::payment::Status;
use locales::{Lang, format, later_mail, mail};
use serde::{Deserialize, Serialize};
use store::accounts::AccountRow;
use store::bills::BillRow;
use store::payments::PaymentRow;
use store::people::PersonRow;
use store::work::{JobRow, NewJob};

use crate::jobs::{Next, payload};
use crate::mail::Letter;
use crate::{Cx, Fault, Principal, Work, billing, job, use_case, zones};

mod refunds;

use_case!(
    /// Writes a mail about a bill or a payment.
    pub WRITE = "notices.write", Write, System
);

#[derive(Debug, Serialize, Deserialize)]
struct AboutBill {
    account: AccountId,
    bill: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct AboutCorrection {
    account: AccountId,
    /// The bill that stands.
    bill: String,
    /// What it came to before, and what it comes to; later bills that were corrected with it included.
    before: Cents,
    after: Cents,
    why: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct AboutPayment {
    payment: String,
}

/// The mail that a bill is ready, to be queued in the transaction that issues the bill.
pub(crate) fn bill_ready(account: AccountId, bill: &str, at: Instant) -> Result<NewJob, Fault> {
    about_bill("mail.bill_ready", account, bill, at)
}

/// The reminder that a bill is due soon, to be queued for `at`. If it is paid by then, nothing is sent.
pub(crate) fn due_soon(account: AccountId, bill: &str, at: Instant) -> Result<NewJob, Fault> {
    about_bill("mail.due_soon", account, bill, at)
}

/// The mail that a bill was corrected, to be queued in the transaction that does it. `totals` are what the bills came to and what they
/// come to.
pub(crate) fn bill_corrected(
    account: AccountId,
    bill: &str,
    totals: (Cents, Cents),
    why: &str,
    run_at: Instant,
) -> Result<NewJob, Fault> {
    let about =
        AboutCorrection { account, bill: bill.to_owned(), before: totals.0, after: totals.1, why: why.to_owned() };
    let payload = serde_json::to_value(about).map_err(|e| Fault::Other(e.to_string()))?;
    Ok(NewJob { kind: "mail.bill_corrected", dedupe_key: format!("mail.bill_corrected:{bill}"), run_at, payload })
}

fn about_bill(kind: &'static str, account: AccountId, bill: &str, run_at: Instant) -> Result<NewJob, Fault> {
    let payload =
        serde_json::to_value(AboutBill { account, bill: bill.to_owned() }).map_err(|e| Fault::Other(e.to_string()))?;
    Ok(NewJob { kind, dedupe_key: format!("{kind}:{bill}"), run_at, payload })
}

/// Queues the receipt of a payment. Called in the transaction that posts it.
pub(crate) async fn receipt(work: &mut Work, payment: &str) -> Result<(), Fault> {
    let at = work.now;
    let key = format!("mail.receipt:{payment}");
    work.enqueue("mail.receipt", &key, at, &AboutPayment { payment: payment.to_owned() }).await
}

/// Queues the mail that the bank has sent a payment back. Called in the transaction that undoes it.
pub(crate) async fn payment_returned(work: &mut Work, payment: &str) -> Result<(), Fault> {
    let at = work.now;
    let key = format!("mail.payment_returned:{payment}");
    work.enqueue("mail.payment_returned", &key, at, &AboutPayment { payment: payment.to_owned() }).await
}

job!("mail.bill_ready", write_bill_ready);
job!("mail.bill_corrected", write_bill_corrected);
job!("mail.due_soon", write_due_soon);
job!("mail.receipt", write_receipt);
job!("mail.payment_returned", write_payment_returned);

/// Queues the mail that money is on its way back. Called in the transaction that posts it.
pub(crate) async fn refunded(work: &mut Work, refund: &str) -> Result<(), Fault> {
    about_refund(work, "mail.refunded", refund).await
}

/// Queues the mail that a refund did not arrive. Called in the transaction that undoes it.
pub(crate) async fn refund_failed(work: &mut Work, refund: &str) -> Result<(), Fault> {
    about_refund(work, "mail.refund_failed", refund).await
}

async fn about_refund(work: &mut Work, kind: &str, refund: &str) -> Result<(), Fault> {
    let at = work.now;
    work.enqueue(kind, &format!("{kind}:{refund}"), at, &refunds::AboutRefund { refund: refund.to_owned() }).await
}

/// The account a mail is about, and who reads it.
pub(crate) struct Addressed {
    pub account: AccountRow,
    pub street: String,
    pub(crate) readers: Vec<PersonRow>,
    pub(crate) zone: std::sync::Arc<Zone>,
}

/// An account's holders who have an e-mail address.
pub(crate) async fn address(work: &mut Work, id: AccountId) -> Result<Option<Addressed>, Fault> {
    let Some(account) = store::accounts::by_id(&mut work.tx, id).await? else { return Ok(None) };
    let premise = store::accounts::premise(&mut work.tx, id).await?;
    let street = premise.as_ref().map_or_else(|| account.mailing_street.clone(), |p| p.street.clone());
    let zone = zones::stored(premise.as_ref().map_or(&work.settings.zone, |p| &p.zone))?;
    let now = work.now;
    let mut readers = Vec::new();
    for (person, role) in store::accounts::people(&mut work.tx, id, now).await? {
        if role == AccountRole::Holder {
            readers.extend(store::people::by_id(&mut work.tx, person).await?.filter(|p| p.email.is_some()));
        }
    }
    Ok(Some(Addressed { account, street, readers, zone }))
}

impl Addressed {
    /// The zone that makes its local days.
    pub fn zone(&self) -> std::sync::Arc<Zone> {
        self.zone.clone()
    }
}

/// An account, and one person to be written to about it; nobody where they have no e-mail address.
pub(crate) async fn address_person(
    work: &mut Work,
    id: AccountId,
    person: PersonId,
) -> Result<Option<Addressed>, Fault> {
    let Some(mut to) = address(work, id).await? else { return Ok(None) };
    to.readers = store::people::by_id(&mut work.tx, person).await?.filter(|p| p.email.is_some()).into_iter().collect();
    Ok(Some(to))
}

/// Sends one mail to each reader, once.
pub(crate) async fn send(
    work: &mut Work,
    to: &Addressed,
    key: &str,
    write: impl Fn(&PersonRow) -> (String, String),
) -> Result<(), Fault> {
    for person in &to.readers {
        let Some(email) = &person.email else { continue };
        let (subject, body) = write(person);
        let letter = Letter {
            to: email.as_str().to_owned(),
            subject,
            body,
            person: Some(person.id),
            account: Some(to.account.id),
        };
        work.mail(&format!("{key}:{}", person.id.0), &letter).await?;
    }
    Ok(())
}

async fn bill_of(work: &mut Work, about: &AboutBill) -> Result<Option<BillRow>, Fault> {
    Ok(store::bills::by_number(&mut work.tx, about.account, &about.bill).await?)
}

async fn write_bill_ready(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let about: AboutBill = payload(job)?;
    let mut work = cx.begin(&WRITE, &Principal::System).await?;
    let (Some(bill), Some(to)) = (bill_of(&mut work, &about).await?, address(&mut work, about.account).await?) else {
        return Ok(Next::GiveUp(format!("there is no bill {}", about.bill)));
    };
    let zone = to.zone.clone();
    // Autopay is planned with the bill, so that the first mail about it says what will be taken.
    crate::ledger::lock(&mut work, about.account).await?;
    let today = zone.day_of(work.now);
    crate::payments::later::plan(&mut work, about.account, today).await?;
    let ahead = crate::payments::later::ahead(&mut work, about.account).await?;
    // What is asked: an arrangement and budget billing ask for another amount than what is owed.
    let owed = billing::due::due(&mut work, about.account, &zone).await?.asked;
    let l = Lang::En;
    let settings = work.settings.clone();
    let (utility, phone, portal) = (&settings.utility_name, &settings.utility_phone, &settings.portal_origin);
    let number = &to.account.number;
    let due = format::day(l, bill.due_on);
    let period = format::range(l, domain::calendar::DayRange { from: bill.period_from, to: bill.period_to });
    let bill_link = format!("{portal}/a/{number}/bills/{}", bill.number);
    let pdf_link = format!("{bill_link}/pdf");
    let how = match ahead {
        Some(words) => words,
        None => later_mail::pay_it(l, format!("{portal}/a/{number}/pay")),
    };
    send(&mut work, &to, &format!("bill_ready:{}", bill.number), |p| {
        if owed > Cents::ZERO {
            let subject = mail::bill_ready_subject(l, owed, &due);
            let body = mail::bill_ready_body(
                l,
                number,
                owed,
                &bill_link,
                &due,
                &how,
                &p.given_name,
                &pdf_link,
                &period,
                phone,
                &to.street,
                bill.total,
                utility,
            );
            (subject, body)
        } else {
            let body = mail::bill_settled_body(
                l,
                number,
                &bill_link,
                &p.given_name,
                &pdf_link,
                &period,
                phone,
                &to.street,
                bill.total,
                utility,
            );
            (mail::bill_settled_subject(l).to_owned(), body)
        }
    })
    .await?;
    work.commit().await?;
    Ok(Next::Done)
}

async fn write_bill_corrected(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let about: AboutCorrection = payload(job)?;
    let mut work = cx.begin(&WRITE, &Principal::System).await?;
    let bill = store::bills::by_number(&mut work.tx, about.account, &about.bill).await?;
    let (Some(bill), Some(to)) = (bill, address(&mut work, about.account).await?) else {
        return Ok(Next::GiveUp(format!("there is no bill {}", about.bill)));
    };
    let zone = to.zone.clone();
    let due = billing::due::due(&mut work, about.account, &zone).await?;
    let l = Lang::En;
    let settings = work.settings.clone();
    let (utility, phone, portal) = (&settings.utility_name, &settings.utility_phone, &settings.portal_origin);
    let number = &to.account.number;
    let difference = match about.after - about.before {
        Cents(0) => mail::bill_corrected_same(l).to_owned(),
        d if d > Cents::ZERO => mail::bill_corrected_more(l, d),
        d => mail::bill_corrected_less(l, -d),
    };
    let owed = if due.asked > Cents::ZERO {
        let day = format::day(l, due.due_on.unwrap_or(bill.due_on));
        mail::bill_corrected_owed(l, due.asked, &day)
    } else {
        mail::bill_corrected_nothing(l).to_owned()
    };
    let period = format::range(l, domain::calendar::DayRange { from: bill.period_from, to: bill.period_to });
    let bill_link = format!("{portal}/a/{number}/bills/{}", bill.number);
    send(&mut work, &to, &format!("bill_corrected:{}", bill.number), |p| {
        let body = mail::bill_corrected_body(
            l,
            number,
            about.after,
            about.before,
            &bill_link,
            &difference,
            &p.given_name,
            &owed,
            &period,
            phone,
            &to.street,
            utility,
            &about.why,
        );
        (mail::bill_corrected_subject(l, &difference), body)
    })
    .await?;
    work.commit().await?;
    Ok(Next::Done)
}

async fn write_due_soon(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let about: AboutBill = payload(job)?;
    let mut work = cx.begin(&WRITE, &Principal::System).await?;
    let (Some(bill), Some(to)) = (bill_of(&mut work, &about).await?, address(&mut work, about.account).await?) else {
        return Ok(Next::GiveUp(format!("there is no bill {}", about.bill)));
    };
    let zone = to.zone.clone();
    let due = billing::due::due(&mut work, about.account, &zone).await?;
    let on_its_way = store::payments::pending_sum(&mut work.tx, about.account).await?;
    let today: NaiveDate = zone.day_of(work.now);
    let open = due.asked - on_its_way;
    if open <= Cents::ZERO || bill.due_on < today {
        return Ok(Next::Done);
    }
    let l = Lang::En;
    let settings = work.settings.clone();
    let (utility, phone, portal) = (&settings.utility_name, &settings.utility_phone, &settings.portal_origin);
    let number = &to.account.number;
    let day = format::day(l, bill.due_on);
    let how = match crate::payments::later::ahead(&mut work, about.account).await? {
        Some(words) => words,
        None => later_mail::pay_it(l, format!("{portal}/a/{number}/pay")),
    };
    send(&mut work, &to, &format!("due_soon:{}", bill.number), |p| {
        let body = mail::due_soon_body(l, number, open, &day, &how, &p.given_name, phone, &to.street, utility);
        (mail::due_soon_subject(l, open, &day), body)
    })
    .await?;
    work.commit().await?;
    Ok(Next::Done)
}

async fn write_payment_returned(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let about: AboutPayment = payload(job)?;
    let mut work = cx.begin(&WRITE, &Principal::System).await?;
    let Some(payment) = store::payments::by_number(&mut work.tx, &about.payment).await? else {
        return Ok(Next::GiveUp(format!("there is no payment {}", about.payment)));
    };
    let Some(to) = address(&mut work, payment.account_id).await? else {
        return Ok(Next::GiveUp("there is no such account".into()));
    };
    let l = Lang::En;
    let settings = work.settings.clone();
    let (utility, phone, portal) = (&settings.utility_name, &settings.utility_phone, &settings.portal_origin);
    let number = &to.account.number;
    let paid_on = format::day(l, to.zone.day_of(payment.created_at));
    let pay_link = format!("{portal}/a/{number}/pay");
    let method = payment.method.as_deref().unwrap_or(mail::method_unknown(l));
    send(&mut work, &to, &format!("payment_returned:{}", payment.number), |p| {
        let amount = payment.amount;
        let body = mail::returned_body(
            l,
            number,
            amount,
            method,
            &p.given_name,
            &paid_on,
            &pay_link,
            phone,
            &to.street,
            utility,
        );
        (mail::returned_subject(l, amount), body)
    })
    .await?;
    work.commit().await?;
    Ok(Next::Done)
}

/// What is left to pay after a payment, for whoever is written to about it. Who has no role on the account any more is not told.
async fn left(work: &mut Work, payment: &PaymentRow, to: &Addressed) -> Result<String, Fault> {
    let (l, now) = (Lang::En, work.now);
    if let Some(payer) = payment.person_id.filter(|payer| to.readers.iter().any(|r| r.id == *payer))
        && store::accounts::role(&mut work.tx, payment.account_id, payer, now).await?.is_none()
    {
        return Ok(mail::receipt_gone(l).to_owned());
    }
    let balance = crate::ledger::balance(work, payment.account_id).await?.total();
    Ok(match balance.cmp(&Cents::ZERO) {
        std::cmp::Ordering::Greater => mail::receipt_owed(l, balance),
        std::cmp::Ordering::Equal => mail::receipt_nothing(l).to_owned(),
        std::cmp::Ordering::Less => mail::receipt_credit(l, -balance),
    })
}

async fn write_receipt(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let about: AboutPayment = payload(job)?;
    let mut work = cx.begin(&WRITE, &Principal::System).await?;
    let Some(payment) = store::payments::by_number(&mut work.tx, &about.payment).await? else {
        return Ok(Next::GiveUp(format!("there is no payment {}", about.payment)));
    };
    let (Status::Succeeded, Some(posted_at)) = (payment.status, payment.posted_at) else {
        return Ok(Next::GiveUp(format!("payment {} did not succeed", about.payment)));
    };
    let Some(mut to) = address(&mut work, payment.account_id).await? else {
        return Ok(Next::GiveUp("there is no such account".into()));
    };
    // Who paid gets the receipt, holder or not; otherwise the holders do.
    if let Some(payer) = payment.person_id
        && let Some(person) = store::people::by_id(&mut work.tx, payer).await?.filter(|p| p.email.is_some())
    {
        to.readers = vec![person];
    }
    let left = left(&mut work, &payment, &to).await?;
    let l = Lang::En;
    let settings = work.settings.clone();
    let (utility, portal) = (&settings.utility_name, &settings.portal_origin);
    let number = &to.account.number;
    let local = to.zone.to_local(posted_at);
    let (on, time) = (format::day(l, local.date()), format::time(l, local));
    let link = format!("{portal}/a/{number}/pay/{}", payment.number);
    let method = payment.method.as_deref().unwrap_or(mail::method_unknown(l));
    send(&mut work, &to, &format!("receipt:{}", payment.number), |p| {
        let body = mail::receipt_body(
            l,
            number,
            payment.amount,
            &left,
            &link,
            method,
            &p.given_name,
            &payment.number,
            &on,
            &to.street,
            &time,
            utility,
        );
        (mail::receipt_subject(l, payment.amount, &on), body)
    })
    .await?;
    work.commit().await?;
    Ok(Next::Done)
}
