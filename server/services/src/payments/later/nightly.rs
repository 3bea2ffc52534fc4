//! The morning's look at every account with autopay or planned payments: plans what is new, says what is near, queues what is to
//! be taken. Each account is one transaction and each step of it is done once, so that a morning that was cut short, or run twice,
//! does no harm.

use chrono::{Days, NaiveDate};
use domain::ids::AccountId;
use domain::money::Cents;
use domain::payment::autopay::NOTICE_DAYS;
use domain::payment::planned::{State, Step};
use domain::payment::saved::WARN_DAYS;
use store::work::JobRow;

use super::{facts, mails, plan, take, to_take};
use crate::jobs::Next;
use crate::{Cx, Fault, Principal, Work, billing, job, use_case, zones};

use_case!(
    /// Finds accounts with planned payments.
    pub FIND = "payments.planned.find", Read, System
);
use_case!(
    /// Plans autopay, says what is near, queues what is to be taken.
    pub LOOK = "payments.planned.look", Write, System
);

job!("payments.planned", nightly, for_ever);

/// After the bills and what is past due of the same night; nothing is taken while people sleep who may still want to change it.
const HOUR: u32 = 7;
/// Accounts asked for at a time.
const CHUNK: i64 = 500;

/// Queues the look of every morning, once for the life of the database: it queues itself for the next one.
///
/// # Errors
/// If the database fails.
pub async fn schedule(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let zone = zones::stored(&cx.settings.zone)?;
    let at = billing::nightly::next_run(&zone, work.now, HOUR);
    work.enqueue("payments.planned", "payments.planned", at, &()).await?;
    work.commit().await
}

async fn nightly(cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
    let zone = zones::stored(&cx.settings.zone)?;
    let now = cx.clock.now();
    let today = zone.day_of(now);
    let mut after = AccountId(0);
    loop {
        let mut work = cx.begin(&FIND, &Principal::System).await?;
        let chunk = store::autopay::to_look_at(&mut work.tx, after, CHUNK).await?;
        drop(work);
        let Some(last) = chunk.last() else { break };
        after = *last;
        for account in chunk {
            // One account that cannot be looked at must not keep the others from paying in time.
            if let Err(fault) = look_at(cx, account, today).await {
                tracing::error!(account = account.0, error = %fault, "planned payments cannot be looked at");
            }
        }
    }
    warn(cx, today).await?;
    Ok(Next::Again(billing::nightly::next_run(&zone, now, HOUR)))
}

/// Looks at one account.
///
/// # Errors
/// If the database fails.
pub async fn look_at(cx: &Cx, account: AccountId, today: NaiveDate) -> Result<(), Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    look(&mut work, account, today).await?;
    work.commit().await
}

/// Looks at one account inside the caller's transaction.
pub(crate) async fn look(work: &mut Work, account: AccountId, today: NaiveDate) -> Result<(), Fault> {
    crate::ledger::lock(work, account).await?;
    plan(work, account, today).await?;
    for row in store::planned::open(&mut work.tx, account).await? {
        let soon = row.take_on - Days::new(NOTICE_DAYS);
        match row.state {
            State::Waiting if row.autopay_id.is_some() && soon <= today && today < row.take_on => {
                // Nothing is announced that has been paid in another way meanwhile.
                let amount = to_take(work, &row, today, Cents::ZERO).await?;
                if amount > Cents::ZERO {
                    mails::soon(work, &row, amount).await?;
                }
            }
            State::Asking if soon <= today => mails::still_asks(work, &row, today).await?,
            State::Taking => take::enqueue(work, &row).await?,
            _ => {}
        }
        let facts = facts(work, &row, today).await?;
        if row.plan().step(&facts) != Step::Nothing {
            take::enqueue(work, &row).await?;
        }
    }
    Ok(())
}

/// Tells those whose card ends soon while autopay or a scheduled payment uses it, once.
async fn warn(cx: &Cx, today: NaiveDate) -> Result<(), Fault> {
    let mut work = cx.begin(&FIND, &Principal::System).await?;
    let to = today + Days::new(u64::try_from(WARN_DAYS).unwrap_or(0));
    let ending = store::saved_methods::ending(&mut work.tx, today, to).await?;
    drop(work);
    for one in ending {
        let told = async {
            let mut work = cx.begin(&LOOK, &Principal::System).await?;
            mails::method_ends(&mut work, &one).await?;
            work.commit().await
        };
        if let Err(fault) = told.await {
            tracing::error!(method = one.id.0, error = %fault, "that a card ends cannot be told");
        }
    }
    Ok(())
}
