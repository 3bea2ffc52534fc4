//! What the processor says, by webhook or when asked, and what follows from it.

use chrono::TimeDelta;
use contract::AppError;
use domain::payment::{RefundStatus, Status};
use serde::{Deserialize, Serialize};
use store::payments::HeardBy;
use store::work::JobRow;

use super::{event_key, later, methods, post};
use crate::adapters::payment::{NotSigned, ProviderError, Report, Subject, Word};
use crate::jobs::{Next, payload};
use crate::{Cx, Fault, Principal, Work, job, notices, use_case, zones};

use_case!(
    /// Believes a word of the processor and posts what was paid.
    pub SETTLE = "payments.settle", Write, System
);
use_case!(
    /// Looks at one payment on behalf of the program.
    pub LOOK = "payments.look", Read, System
);

/// How long after the last moment in which a charge may be sent to the processor it may turn up there.
const ON_THE_WAY: TimeDelta = TimeDelta::minutes(10);

/// The payload of `payment.reconcile`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reconcile {
    pub payment: String,
}

/// What became of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The payment stands like this now.
    Standing(Status),
    /// The refund stands like this now.
    Refund(RefundStatus),
    /// A way to pay that is being saved.
    Setup,
    /// There is no such thing here.
    Unknown,
}

/// What the audit keeps of it.
#[derive(Serialize)]
struct Settled<'a> {
    payment: &'a str,
    status: Status,
    returned: bool,
}

/// Takes a webhook as it came.
///
/// # Errors
/// `Forbidden` where the signature does not fit or is too old; `Invalid` where the body is not to be understood; or a failure
/// of the database, after which the processor will try again.
pub async fn webhook(cx: &Cx, signature: &str, body: &[u8]) -> Result<Heard, Fault> {
    let word = cx.outside.payments.webhook(signature, body, cx.clock.now()).map_err(|e| match e {
        NotSigned::Forged | NotSigned::Stale => {
            tracing::warn!(error = %e, "a payment webhook was refused");
            AppError::Forbidden
        }
        NotSigned::Unreadable => AppError::Invalid(Vec::new()),
    })?;
    believe_word(cx, &word, HeardBy::Webhook).await
}

/// Takes what a webhook or the list of changes says.
///
/// # Errors
/// As [`hear`].
pub(super) async fn believe_word(cx: &Cx, word: &Word, by: HeardBy) -> Result<Heard, Fault> {
    match word {
        Word::Payment(report) => hear(cx, report, by).await,
        Word::Look { about: Subject::Payment, reference, id } => {
            let number = match reference {
                Some(number) => Some(number.clone()),
                None => {
                    let mut work = cx.begin(&LOOK, &Principal::System).await?;
                    store::payments::by_checkout(&mut work.tx, id).await?
                }
            };
            let Some(number) = number else { return Ok(Heard::Unknown) };
            let answer = cx.outside.payments.status(&number, Some(id)).await.map_err(down)?;
            Ok(believe(cx, &number, answer).await?.map_or(Heard::Unknown, Heard::Standing))
        }
        Word::Refund(report) => Ok(super::refund::hear_refund(cx, report).await?.map_or(Heard::Unknown, Heard::Refund)),
        Word::Look { about: Subject::Refund, reference, id } => {
            let reference = reference.as_deref().unwrap_or_default();
            let status = super::refund::ask_refund(cx, reference, Some(id)).await?;
            Ok(status.map_or(Heard::Unknown, Heard::Refund))
        }
        Word::Setup(report) => setup_heard(methods::hear_setup(cx, report).await?),
        Word::Look { about: Subject::Setup, reference, id } => {
            setup_heard(methods::look_again(cx, reference.as_deref(), id).await?)
        }
        Word::Nothing => Ok(Heard::Unknown),
    }
}

/// What became of a word about a way to pay that is being saved.
fn setup_heard(ours: bool) -> Result<Heard, Fault> {
    Ok(if ours { Heard::Setup } else { Heard::Unknown })
}

/// Believes a report and, if money was taken, posts it exactly once.
///
/// # Errors
/// If the report is about another amount than the payment, or the database fails.
pub async fn hear(cx: &Cx, report: &Report, by: HeardBy) -> Result<Heard, Fault> {
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let heard = hear_in(&mut work, report, by).await?;
    work.commit().await?;
    Ok(heard)
}

/// The same inside the caller's transaction.
pub(crate) async fn hear_in(work: &mut Work, report: &Report, by: HeardBy) -> Result<Heard, Fault> {
    let Some(found) = store::payments::by_number(&mut work.tx, &report.reference).await? else {
        return Ok(Heard::Unknown);
    };
    // Everyone who may change this payment or the account's balance waits here, then reads anew.
    crate::ledger::lock(work, found.account_id).await?;
    let Some(payment) = store::payments::by_number(&mut work.tx, &report.reference).await? else {
        return Ok(Heard::Unknown);
    };
    if report.amount != payment.amount {
        return Err(Fault::Other(format!(
            "the processor reports {} for payment {} of {}",
            report.amount, payment.number, payment.amount
        )));
    }
    let now = work.now;
    if !report.checkout.is_empty() {
        store::payments::set_key(&mut work.tx, payment.id, &report.checkout).await?;
    }
    store::payments::keep_word(&mut work.tx, payment.id, report.heard, by, now).await?;
    let changed = payment.standing().hear(report.heard);
    let next = changed.unwrap_or(payment.standing());
    let returned = report.returned && next.status == Status::Succeeded && payment.returned_at.is_none();
    let same = (next.status, next.decline) == (payment.status, payment.decline);
    // Cancelling what could otherwise be tried again with a saved way to pay is our own doing: it stays declined, and why.
    let ended = matches!(next.status, Status::Cancelled | Status::Expired)
        && payment.status == Status::Declined
        && store::planned::method_of(&mut work.tx, payment.id).await?.is_some();
    if changed.is_some() && (same || ended) {
        // The same said again by a processor that counts seconds and not changes: newer, but no news.
        store::payments::set_revision(&mut work.tx, payment.id, next.revision, report.method.as_deref()).await?;
    }
    let changed = changed.filter(|_| !same && !ended);
    if changed.is_none() && !returned {
        return Ok(Heard::Standing(payment.status));
    }
    let today = zones::stored(&work.settings.zone)?.day_of(now);
    if changed.is_some() {
        store::payments::set_standing(&mut work.tx, payment.id, next, report.method.as_deref(), now).await?;
        later::heard(work, &payment, next).await?;
        if next.status == Status::Succeeded {
            post(work, &payment, today).await?;
            if !returned {
                notices::receipt(work, &payment.number).await?;
            }
        }
    }
    if returned {
        // It was taken and posted, or is now: what undoes it is an entry of its own.
        crate::ledger::reverse(work, &event_key(&payment.number), today).await?;
        store::payments::set_returned(&mut work.tx, payment.id, now).await?;
        notices::payment_returned(work, &payment.number).await?;
    }
    let account = payment.account_id;
    work.audit(Some(account), &Settled { payment: &payment.number, status: next.status, returned }).await?;
    Ok(Heard::Standing(next.status))
}

pub(super) fn down(error: ProviderError) -> Fault {
    match error {
        ProviderError::Down(why) => {
            tracing::warn!(why, "the payment processor is down");
            AppError::ProcessorDown.into()
        }
        ProviderError::Refused(_) => Fault::Other(error.to_string()),
    }
}

/// Asks the processor how a payment stands and believes the answer.
///
/// # Errors
/// `ProcessorDown`, or as [`hear`].
pub(super) async fn ask(cx: &Cx, number: &str) -> Result<Option<Status>, Fault> {
    let id = key_of(cx, number).await?;
    let answer = cx.outside.payments.status(number, id.as_deref()).await.map_err(down)?;
    believe(cx, number, answer).await
}

/// Asks the processor to close a payment that nobody should pay any more, and believes how it stands then.
pub(super) async fn ask_to_cancel(cx: &Cx, number: &str) -> Result<Option<Status>, Fault> {
    let id = key_of(cx, number).await?;
    let answer = cx.outside.payments.cancel(number, id.as_deref()).await.map_err(down)?;
    match answer {
        Some(_) => believe(cx, number, answer).await,
        None => forget(cx, number, Status::Cancelled).await,
    }
}

/// The processor's own key of a payment, where it is known.
async fn key_of(cx: &Cx, number: &str) -> Result<Option<String>, Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    Ok(store::payments::by_number(&mut work.tx, number).await?.and_then(|row| row.checkout))
}

async fn believe(cx: &Cx, number: &str, answer: Option<Report>) -> Result<Option<Status>, Fault> {
    let Some(report) = answer else {
        // It never heard of it. While the person may still be on the way there, that says nothing.
        let mut work = cx.begin(&LOOK, &Principal::System).await?;
        let row = store::payments::by_number(&mut work.tx, number).await?;
        let too_late = match row {
            // What was sent there without the person may still be on the way, or not be found yet.
            Some(r) if store::planned::method_of(&mut work.tx, r.id).await?.is_some() => {
                r.expires_at + ON_THE_WAY < work.now
            }
            Some(r) => r.expires_at < work.now,
            None => false,
        };
        drop(work);
        return if too_late { forget(cx, number, Status::Expired).await } else { Ok(None) };
    };
    if report.reference != number {
        return Err(Fault::Other(format!("asked for payment {number}, told about {}", report.reference)));
    }
    match hear(cx, &report, HeardBy::Question).await? {
        Heard::Standing(status) => Ok(Some(status)),
        Heard::Refund(_) | Heard::Setup | Heard::Unknown => Ok(None),
    }
}

/// Ends a payment that never reached the processor.
pub(super) async fn forget(cx: &Cx, number: &str, as_what: Status) -> Result<Option<Status>, Fault> {
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let Some(found) = store::payments::by_number(&mut work.tx, number).await? else { return Ok(None) };
    crate::ledger::lock(&mut work, found.account_id).await?;
    let Some(payment) = store::payments::by_number(&mut work.tx, number).await? else { return Ok(None) };
    // A word of the processor, should one come after all, has a larger number than 0 and is heard.
    if payment.status == Status::Created && payment.revision == 0 {
        let mut next = payment.standing();
        next.status = as_what;
        let now = work.now;
        store::payments::set_standing(&mut work.tx, payment.id, next, None, now).await?;
        later::heard(&mut work, &payment, next).await?;
        work.audit(Some(payment.account_id), &Settled { payment: number, status: as_what, returned: false }).await?;
        work.commit().await?;
        return Ok(Some(as_what));
    }
    Ok(Some(payment.status))
}

job!("payment.reconcile", reconcile, for_ever);

/// Asks how a payment stands until its end is known: the answer to a webhook that never comes.
async fn reconcile(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Reconcile { payment: number } = payload(job)?;
    let status = match ask(cx, &number).await {
        Ok(status) => status,
        Err(Fault::App(AppError::ProcessorDown)) => {
            // No failure of ours, and never to be given up: money may have been taken.
            return Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(5)));
        }
        Err(other) => return Err(other),
    };
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let Some(row) = store::payments::by_number(&mut work.tx, &number).await? else {
        return Ok(Next::GiveUp(format!("there is no payment {number}")));
    };
    let age = work.now - row.created_at;
    let is_charge = store::planned::method_of(&mut work.tx, row.id).await?.is_some();
    let standing = status.unwrap_or(row.status);
    if standing == Status::Declined && is_charge {
        // A charge without the person: nobody is on a page to try again, and nobody shall be able to.
        drop(work);
        return match cx.outside.payments.cancel(&number, row.checkout.as_deref()).await.map_err(down) {
            // Should it have been paid after all, that is believed as any word is.
            Ok(Some(report)) => hear(cx, &report, HeardBy::Question).await.map(|_| Next::Done),
            Ok(None) => Ok(Next::Done),
            Err(Fault::App(AppError::ProcessorDown)) => Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(5))),
            Err(other) => Err(other),
        };
    }
    Ok(match standing {
        s if s.is_final() => Next::Done,
        // A bank debit takes days.
        Status::Pending if age > TimeDelta::hours(1) => Next::Again(work.now + TimeDelta::hours(1)),
        _ => Next::Again(work.now + TimeDelta::minutes(2)),
    })
}
