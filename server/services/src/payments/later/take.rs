//! Taking a planned payment on its day: decided and written down in one transaction, taken outside of it, once whatever happens
//! in between.

use chrono::{NaiveDate, TimeDelta};
use contract::AppError;
use domain::ids::PlannedId;
use domain::payment::planned::{State, Step};
use domain::payment::{Standing, Status};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::payments::PaymentRow;
use store::planned::PlannedRow;
use store::work::JobRow;

use super::{facts, mails};
use crate::jobs::{Next, payload};
use crate::payments::charge::{self, Charge, write_down};
use crate::payments::random_code;
use crate::{Cx, Fault, Principal, Work, job, use_case, zones};

use_case!(
    /// Takes a planned payment.
    pub TAKE = "payments.take", Write, System
);

job!("payment.take", take);

/// How long a payment that was written down may still be brought to the processor: for as long it may be down.
const TIME_TO_TAKE: TimeDelta = TimeDelta::days(1);

/// The payload of `payment.take`.
#[derive(Debug, Serialize, Deserialize)]
struct Take {
    planned: PlannedId,
}

/// Queues the taking of one, once for each try and day.
pub(super) async fn enqueue(work: &mut Work, row: &PlannedRow) -> Result<(), Fault> {
    let now = work.now;
    let key = format!("payment.take:{}:{}:{}", row.id.0, row.tries, zones::stored(&work.settings.zone)?.day_of(now));
    work.enqueue("payment.take", &key, now, &Take { planned: row.id }).await
}

/// Queues it at once, after the person has said so.
pub(super) async fn enqueue_now(work: &mut Work, row: &PlannedRow) -> Result<(), Fault> {
    let now = work.now;
    let key = format!("payment.take:{}:{}:{}", row.id.0, row.tries, now.timestamp_micros());
    work.enqueue("payment.take", &key, now, &Take { planned: row.id }).await
}

/// What was done about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Nothing more.
    Done,
    /// To be looked at again in a while.
    Later,
    /// A payment was written down.
    Begun(String),
}

/// Does what is to be done about one, but for the taking itself; inside the caller's transaction, with the account locked.
/// `number` is the number of a payment that may be begun.
pub(crate) async fn act(work: &mut Work, row: &PlannedRow, today: NaiveDate, number: &str) -> Result<Act, Fault> {
    let facts = facts(work, row, today).await?;
    let now = work.now;
    match row.plan().step(&facts) {
        Step::Nothing => Ok(Act::Done),
        Step::Wait => Ok(Act::Later),
        Step::Take(amount) => {
            let Some(method) = store::saved_methods::by_id(&mut work.tx, row.method_id).await? else {
                return Ok(Act::Done);
            };
            let charge = Charge {
                account: row.account_id,
                method: &method,
                planned: Some(row.id),
                amount,
                key: &format!("L{}x{}", row.id.0, row.tries),
                number,
                expires_at: now + TIME_TO_TAKE,
            };
            let payment = write_down(work, &charge).await?;
            if !store::planned::begin_try(&mut work.tx, row.id, now).await? {
                return Err(AppError::Changed.into());
            }
            Ok(Act::Begun(payment.number))
        }
        Step::Covered => {
            let mut plan = row.plan();
            plan.state = State::Covered;
            if !store::planned::set_plan(&mut work.tx, (row.id, row.state), &plan, row.why, now).await? {
                return Err(AppError::Changed.into());
            }
            work.audit(Some(row.account_id), &json!({ "planned": row.id, "state": plan.state })).await?;
            mails::covered(work, row).await?;
            Ok(Act::Done)
        }
        Step::Ask(why) => {
            store::planned::ask(&mut work.tx, row.id, why, now).await?;
            work.audit(Some(row.account_id), &json!({ "planned": row.id, "asks": why })).await?;
            mails::asks(work, row.id).await?;
            Ok(Act::Done)
        }
        Step::Stop(why) => {
            super::cancel(work, row.id, why).await?;
            work.audit(Some(row.account_id), &json!({ "planned": row.id, "stopped": why })).await?;
            Ok(Act::Done)
        }
    }
}

async fn take(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Take { planned } = payload(job)?;
    let mut work = cx.begin(&TAKE, &Principal::System).await?;
    let Some(found) = store::planned::by_id(&mut work.tx, planned).await? else {
        return Ok(Next::GiveUp(format!("there is no planned payment {}", planned.0)));
    };
    // Everyone who may pay or plan for this account waits here, then reads anew.
    crate::ledger::lock(&mut work, found.account_id).await?;
    let Some(row) = store::planned::by_id(&mut work.tx, planned).await? else { return Ok(Next::Done) };
    let act = if row.state == State::Taking {
        // It was begun before and the program stopped.
        store::planned::payment_of(&mut work.tx, row.id).await?.map_or(Act::Done, Act::Begun)
    } else {
        let today = zones::stored(&work.settings.zone)?.day_of(work.now);
        act(&mut work, &row, today, &format!("P-{}", random_code(&cx.entropy))).await?
    };
    // The account is let go before the processor is asked: what it answers is believed in a transaction of its own.
    work.commit().await?;
    let number = match act {
        Act::Begun(number) => number,
        Act::Later => return Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(10))),
        Act::Done => return Ok(Next::Done),
    };
    match charge::take(cx, &number).await {
        // Not known yet: it may have come to the processor or not, and is brought there again.
        Ok(Status::Created) => Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(2))),
        // It never came there and is not expected any more: decided anew.
        Ok(Status::Expired | Status::Cancelled) => Ok(Next::Again(cx.clock.now() + TimeDelta::seconds(1))),
        Ok(_) => Ok(Next::Done),
        Err(Fault::App(AppError::ProcessorDown)) => Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(5))),
        Err(other) => Err(other),
    }
}

/// What a word about a payment means for what was planned, in the transaction that believes it.
pub(in crate::payments) async fn heard(
    work: &mut Work,
    payment: &PaymentRow,
    now_stands: Standing,
) -> Result<(), Fault> {
    let Some(id) = store::planned::plan_of(&mut work.tx, payment.id).await? else {
        // One that was taken in good faith and declined while nobody looks at the page.
        let saved = store::planned::method_of(&mut work.tx, payment.id).await?.is_some();
        if now_stands.status == Status::Declined && payment.status == Status::Pending {
            mails::declined(work, payment, now_stands, None, saved).await?;
        }
        return Ok(());
    };
    let Some(row) = store::planned::by_id(&mut work.tx, id).await? else { return Ok(()) };
    // A late word about the first try says nothing about the second. Money that was taken counts, whichever took it.
    let newest = store::planned::payment_of(&mut work.tx, id).await?;
    if now_stands.status != Status::Succeeded && newest.is_some_and(|newest| newest != payment.number) {
        return Ok(());
    }
    let today = zones::stored(&work.settings.zone)?.day_of(work.now);
    let Some(next) = row.plan().heard(now_stands.status, now_stands.decline, today) else { return Ok(()) };
    let now = work.now;
    if !store::planned::set_plan(&mut work.tx, (id, row.state), &next, row.why, now).await? {
        return Err(AppError::Changed.into());
    }
    if matches!(next.state, State::Retrying | State::Failed) {
        let retry_on = (next.state == State::Retrying).then_some(next.take_on);
        mails::declined(work, payment, now_stands, Some((&row, retry_on)), true).await?;
    }
    Ok(())
}
