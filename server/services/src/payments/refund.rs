//! Giving money back: an employee asks for it, the processor sends it, and the books have it as soon as the processor does.
//!
//! What is given back comes out of the credit that is held for the customer; where there is not so much, what it had paid is
//! owed again, newest bills first. A refund that comes to nothing is undone by an entry of its own.

use chrono::TimeDelta;
use contract::{AppError, Field, Problem};
use domain::ids::PaymentId;
use domain::ledger::{Book, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use domain::payment::{RefundRefused, RefundStatus, Refundable};
use serde::{Deserialize, Serialize};
use store::payments::PaymentRow;
use store::refunds::{NewRefund, RefundReason, RefundRow};
use store::work::JobRow;

use super::hear::{LOOK, SETTLE, down};
use super::{random_code, read_amount};
use crate::adapters::payment::{NewRefund as Ask, RefundReport};
use crate::jobs::{Next, payload};
use crate::{Cx, Fault, Principal, Work, job, notices, use_case, zones};

use_case!(
    /// Shows an employee a payment and what was given back of it.
    pub STAFF_SHOW = "payments.staff_show", Read, Staff
);
use_case!(
    /// Gives money back.
    pub REFUND = "payments.refund", Write, Staff
);

/// The most that a note may hold.
const NOTE: usize = 500;

/// The payload of `refund.reconcile`.
#[derive(Debug, Serialize, Deserialize)]
struct Reconcile {
    refund: String,
}

/// A payment as an employee sees it.
#[derive(Clone, Debug)]
pub struct StaffPayment {
    /// Itself.
    pub payment: PaymentRow,
    /// The account's number.
    pub account: String,
    /// What was given back of it, oldest first, each with who asked.
    pub refunds: Vec<(RefundRow, Option<String>)>,
    /// What may still be given back.
    pub left: Cents,
    /// Whether this employee may give it back.
    pub may: bool,
    /// The form's own key.
    pub form_key: String,
    /// The zone of the city's days.
    pub zone: String,
}

fn event_key(number: &str) -> String {
    format!("refund:{number}:given")
}

async fn refundable(work: &mut Work, payment: &PaymentRow) -> Result<(Refundable, Vec<RefundRow>), Fault> {
    let refunds = store::refunds::of_payment(&mut work.tx, payment.id).await?;
    // What was taken elsewhere is given back there: no processor knows of it.
    let ours = payment.checkout.is_some();
    let given = refunds.iter().map(|r| (r.amount, r.status));
    let left = Refundable::new(payment.amount, payment.status, payment.returned_at.is_some() || !ours, given);
    Ok((left, refunds))
}

/// A payment, for an employee.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn staff_show(cx: &Cx, who: &Principal, number: &str) -> Result<StaffPayment, Fault> {
    let mut work = cx.begin(&STAFF_SHOW, who).await?;
    let payment = store::payments::by_number(&mut work.tx, number).await?.ok_or(AppError::NotFound)?;
    let account = store::accounts::by_id(&mut work.tx, payment.account_id).await?.ok_or(AppError::NotFound)?;
    let (left, rows) = refundable(&mut work, &payment).await?;
    let mut refunds = Vec::new();
    for row in rows {
        let asked_by = match row.asked_by {
            Some(person) => store::people::by_id(&mut work.tx, person).await?.map(|p| p.full_name()),
            None => None,
        };
        refunds.push((row, asked_by));
    }
    let may = may_give_back(&mut work).await?;
    Ok(StaffPayment {
        payment,
        account: account.number,
        refunds,
        left: left.left,
        may,
        form_key: random_code(&cx.entropy),
        zone: cx.settings.zone.clone(),
    })
}

async fn may_give_back(work: &mut Work) -> Result<bool, Fault> {
    let Some(person) = work.who.actor() else { return Ok(false) };
    Ok(store::permissions::has(&mut work.tx, person, store::permissions::Permission::Refunds).await?)
}

/// What an employee's form says.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// As typed.
    pub amount: String,
    /// One of [`RefundReason::CHOICES`].
    pub reason: Option<RefundReason>,
    /// For other employees.
    pub note: String,
    /// The form's own key.
    pub form_key: String,
}

/// Writes a refund down and asks the processor for it. Where the processor does not answer it is asked again by itself. Answers
/// the refund's number.
///
/// # Errors
/// `Invalid` for an amount that is not given back or a reason that is missing, `Forbidden` for an employee who may not,
/// `NotFound`; or if the database fails.
pub async fn refund(cx: &Cx, who: &Principal, payment: &str, asked: &Asked) -> Result<String, Fault> {
    let number = write_down(cx, who, payment, asked).await?;
    match give(cx, &number).await {
        // It is written down and will be given; only when is not known.
        Ok(()) | Err(Fault::App(AppError::ProcessorDown)) => Ok(number),
        // The processor does not let us in, or says what cannot be: an operator has to see to that, and it is asked again then.
        Err(Fault::Other(why)) => {
            tracing::error!(refund = number, why, "the processor does not take a refund");
            Ok(number)
        }
        Err(other) => Err(other),
    }
}

async fn write_down(cx: &Cx, who: &Principal, payment: &str, asked: &Asked) -> Result<String, Fault> {
    let mut work = cx.begin(&REFUND, who).await?;
    if !may_give_back(&mut work).await? {
        return Err(AppError::Forbidden.into());
    }
    let key = asked.form_key.as_str();
    if key.is_empty() || key.len() > 64 || !key.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(AppError::Invalid(Vec::new()).into());
    }
    let found = store::payments::by_number(&mut work.tx, payment).await?.ok_or(AppError::NotFound)?;
    crate::ledger::lock(&mut work, found.account_id).await?;
    let payment = store::payments::by_number(&mut work.tx, payment).await?.ok_or(AppError::NotFound)?;
    if let Some(row) = store::refunds::by_form(&mut work.tx, payment.id, key).await? {
        return Ok(row.number);
    }
    let amount = read_amount(&asked.amount)?;
    let reason = asked
        .reason
        .filter(|r| RefundReason::CHOICES.contains(r))
        .ok_or_else(|| AppError::field(Field::Reason, Problem::Missing))?;
    let note = asked.note.trim();
    if note.chars().count() > NOTE {
        return Err(AppError::field(Field::Message, Problem::TooLong).into());
    }
    if note.is_empty() && reason == RefundReason::Other {
        return Err(AppError::field(Field::Message, Problem::Missing).into());
    }
    let (left, _) = refundable(&mut work, &payment).await?;
    left.check(amount).map_err(|refused| {
        let problem = match refused {
            RefundRefused::Nothing => Problem::TooSmall,
            RefundRefused::TooMuch => Problem::MoreThanLeft,
        };
        AppError::field(Field::Amount, problem)
    })?;
    let number = format!("R-{}", random_code(&cx.entropy));
    let new = NewRefund {
        number: &number,
        payment: payment.id,
        amount,
        reason,
        note,
        form_key: key,
        provider_key: None,
        asked_by: work.who.actor(),
        at: work.now,
    };
    store::refunds::insert(&mut work.tx, &new).await?;
    queue(&mut work, &number).await?;
    let detail = serde_json::json!({ "refund": number, "payment": payment.number, "amount": amount, "reason": reason });
    work.audit(Some(payment.account_id), &detail).await?;
    work.commit().await?;
    Ok(number)
}

async fn queue(work: &mut Work, number: &str) -> Result<(), Fault> {
    let at = work.now + TimeDelta::minutes(2);
    let about = Reconcile { refund: number.to_owned() };
    work.enqueue("refund.reconcile", &format!("refund.reconcile:{number}"), at, &about).await
}

/// Asks the processor for a refund that is written down, and believes the answer. Asking twice gives back once.
async fn give(cx: &Cx, number: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let Some(row) = store::refunds::by_number(&mut work.tx, number).await? else { return Ok(()) };
    let Some(payment) = store::payments::by_id(&mut work.tx, row.payment_id).await? else { return Ok(()) };
    drop(work);
    if row.status != RefundStatus::Asked {
        return Ok(());
    }
    let reason = match row.reason {
        RefundReason::Duplicate => "duplicate",
        RefundReason::Overpaid => "overpaid",
        RefundReason::WrongAccount => "wrong account",
        RefundReason::Mistake => "mistake",
        RefundReason::Other | RefundReason::Processor => "other",
    };
    let ask = Ask {
        reference: row.number,
        payment: payment.number,
        checkout: payment.checkout.unwrap_or_default(),
        amount: row.amount,
        reason: reason.to_owned(),
    };
    let report = cx.outside.payments.refund(&ask).await.map_err(down)?;
    hear_refund(cx, &report).await.map(drop)
}

/// Believes what the processor says about a refund: what it has is posted once, and what came to nothing is undone once. A
/// refund that was begun at the processor is written down here too. Answers whether it is about a payment of ours.
///
/// # Errors
/// If the report is about another amount or payment than the refund, or the database fails.
pub async fn hear_refund(cx: &Cx, report: &RefundReport) -> Result<Option<RefundStatus>, Fault> {
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let Some(payment) = payment_of(&mut work, report).await? else { return Ok(None) };
    crate::ledger::lock(&mut work, payment.account_id).await?;
    let row = match find(&mut work, report).await? {
        Some(row) => row,
        None => match adopt(cx, &mut work, payment.id, report).await? {
            Some(row) => row,
            None => return Ok(None),
        },
    };
    if row.payment_id != payment.id || row.amount != report.amount {
        return Err(Fault::Other(format!(
            "the processor reports {} of payment {} for refund {} of {}",
            report.amount, payment.number, row.number, row.amount
        )));
    }
    let Some(next) = row.standing().hear(report.heard) else {
        work.commit().await?;
        return Ok(Some(row.status));
    };
    let now = work.now;
    let key = Some(report.refund.as_str()).filter(|k| !k.is_empty());
    store::refunds::set_standing(&mut work.tx, row.id, next, key, now).await?;
    let today = zones::stored(&work.settings.zone)?.day_of(now);
    if next.status.is_posted() && row.posted_at.is_none() {
        let entries = [debit(Book::CustomerCredit, row.amount), credit(Book::ProcessorClearing, row.amount)];
        let journal = Journal::new(payment.account_id, JournalKind::Refund, today, entries)
            .map_err(|e| Fault::Other(format!("refund {}: {e}", row.number)))?;
        let event = event_key(&row.number);
        crate::ledger::post(&mut work, &journal, &event, None).await?;
        crate::ledger::tidy(&mut work, payment.account_id, today, &format!("{event}:tidied")).await?;
        notices::refunded(&mut work, &row.number).await?;
    } else if next.status == RefundStatus::Failed && row.posted_at.is_some() {
        crate::ledger::reverse(&mut work, &event_key(&row.number), today).await?;
        notices::refund_failed(&mut work, &row.number).await?;
    }
    let detail = serde_json::json!({ "refund": row.number, "payment": payment.number, "status": next.status });
    work.audit(Some(payment.account_id), &detail).await?;
    work.commit().await?;
    Ok(Some(next.status))
}

async fn payment_of(work: &mut Work, report: &RefundReport) -> Result<Option<PaymentRow>, Fault> {
    let number = if report.payment.is_empty() {
        store::payments::by_checkout(&mut work.tx, &report.checkout).await?
    } else {
        Some(report.payment.clone())
    };
    match number {
        Some(number) => Ok(store::payments::by_number(&mut work.tx, &number).await?),
        None => Ok(None),
    }
}

async fn find(work: &mut Work, report: &RefundReport) -> Result<Option<RefundRow>, Fault> {
    if !report.reference.is_empty() {
        return Ok(store::refunds::by_number(&mut work.tx, &report.reference).await?);
    }
    Ok(store::refunds::by_key(&mut work.tx, &report.refund).await?)
}

/// Writes down a refund that was begun at the processor. One with a number of ours that we do not have is another portal's, or
/// from before a backup: that is for people to look at.
async fn adopt(
    cx: &Cx,
    work: &mut Work,
    payment: PaymentId,
    report: &RefundReport,
) -> Result<Option<RefundRow>, Fault> {
    if !report.reference.is_empty() || report.refund.is_empty() || report.amount <= Cents::ZERO {
        tracing::error!(refund = report.reference, "the processor knows a refund that is not written down here");
        return Ok(None);
    }
    let number = format!("R-{}", random_code(&cx.entropy));
    let new = NewRefund {
        number: &number,
        payment,
        amount: report.amount,
        reason: RefundReason::Processor,
        note: "",
        form_key: &report.refund,
        provider_key: Some(&report.refund),
        asked_by: None,
        at: work.now,
    };
    store::refunds::insert(&mut work.tx, &new).await?;
    queue(work, &number).await?;
    Ok(store::refunds::by_number(&mut work.tx, &number).await?)
}

/// Asks the processor how a refund stands, by its own key, and believes the answer.
///
/// # Errors
/// `ProcessorDown`, or as [`hear_refund`].
pub(super) async fn ask_refund(cx: &Cx, reference: &str, id: Option<&str>) -> Result<Option<RefundStatus>, Fault> {
    match cx.outside.payments.refund_status(reference, id).await.map_err(down)? {
        Some(report) => hear_refund(cx, &report).await,
        None => Ok(None),
    }
}

job!("refund.reconcile", reconcile, for_ever);

/// Asks for a refund until the processor has it, and how it stands until its end is known.
async fn reconcile(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Reconcile { refund: number } = payload(job)?;
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let row = store::refunds::by_number(&mut work.tx, &number).await?;
    drop(work);
    let Some(row) = row else { return Ok(Next::GiveUp(format!("there is no refund {number}"))) };
    let asked = match row.status {
        RefundStatus::Asked => give(cx, &number).await,
        RefundStatus::Pending => ask_refund(cx, &number, row.provider_key.as_deref()).await.map(drop),
        RefundStatus::Succeeded | RefundStatus::Failed => return Ok(Next::Done),
    };
    match asked {
        Ok(()) => {}
        Err(Fault::App(AppError::ProcessorDown)) => return Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(5))),
        // Tried with growing pauses and never given up: the resident was promised the money.
        Err(other) => return Err(other),
    }
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let status = store::refunds::by_number(&mut work.tx, &number).await?.map(|r| r.status);
    Ok(match status {
        Some(RefundStatus::Succeeded | RefundStatus::Failed) | None => Next::Done,
        Some(RefundStatus::Asked) => Next::Again(work.now + TimeDelta::minutes(2)),
        Some(RefundStatus::Pending) => Next::Again(work.now + TimeDelta::hours(1)),
    })
}
