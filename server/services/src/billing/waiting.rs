//! Bill runs that wait for a person: what the shadow run came to, kept for employees, and the release by one of them.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use contract::AppError;
use contract::runs::{RunSums, WaitingRunView, WaitsFor};
use domain::ids::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::permissions::Permission;
use store::waiting_runs::{self, RunRow, Why};
use store::work::JobRow;

use super::holds;
use super::run::{Options, run};
use super::shadow::{Looked, effect, look};
use crate::jobs::{Next, payload};
use crate::{Cx, Fault, Principal, Work, job, tariffs, use_case, zones};

use_case!(
    /// Shows the bill run that waits.
    pub SHOW = "billing.waiting_run", Read, Staff
);
use_case!(
    /// Releases it: its bills are issued.
    pub RELEASE = "billing.release_run", Write, Staff
);
use_case!(
    /// Asks for its shadow run to be made anew.
    pub ANEW = "billing.look_again", Write, Staff
);
use_case!(
    /// Keeps what a shadow run came to.
    pub KEEP = "billing.keep_waiting_run", Write, System
);

job!("billing.release", issue);
job!("billing.look_again", again);

/// After so long what was asked for and never came may be asked for once more.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// Which run a job is about.
#[derive(Serialize, Deserialize)]
struct Asked {
    run: i64,
}

/// Keeps a shadow run for employees in place of the one before, and renews what residents read of bills that cannot be made.
/// Without a reason nothing waits.
pub(super) async fn keep(cx: &Cx, through: NaiveDate, why: Option<Why>, looked: &Looked) -> Result<(), Fault> {
    let mut work = cx.begin(&KEEP, &Principal::System).await?;
    let now = work.now;
    holds::keep(&mut work, &looked.looked_at, &looked.waiting).await?;
    waiting_runs::close_all(&mut work.tx, now).await?;
    if let Some(why) = why {
        let kept = serde_json::to_value(sums(looked)).map_err(|e| Fault::Other(e.to_string()))?;
        let digest = looked.shadow.digest()?;
        let id = waiting_runs::insert(&mut work.tx, through, why, &digest, &kept, now).await?;
        let (bills, sum) = (looked.shadow.bills, looked.shadow.after);
        work.audit(None, &json!({ "run": id, "through": through, "bills": bills, "sum": sum })).await?;
    }
    work.commit().await
}

/// What a page shows of a shadow run.
fn sums(looked: &Looked) -> RunSums {
    let (compared, before, after) = looked.shadow.compared();
    let mut held: BTreeMap<&str, (Option<domain::billing::hold::HoldReason>, u64)> = BTreeMap::new();
    for (_, hold) in &looked.shadow.held {
        let reason = hold.reason();
        held.entry(reason.map_or("", |r| r.slug())).or_insert((reason, 0)).1 += 1;
    }
    RunSums {
        days: looked.days,
        compared: u64::try_from(compared).unwrap_or(u64::MAX),
        before,
        after,
        held: held.into_values().collect(),
        effect: effect(&looked.shadow),
    }
}

/// The run that waits for a person; `None` where none does.
///
/// # Errors
/// `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn show(cx: &Cx, who: &Principal) -> Result<Option<WaitingRunView>, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let me = work.who.actor().ok_or(AppError::SignInRequired)?;
    let Some(row) = waiting_runs::open(&mut work.tx).await? else { return Ok(None) };
    let zone = zones::stored(&cx.settings.zone)?;
    let released = match (row.released_by, row.released_at) {
        (Some(person), Some(at)) => {
            let name = store::people::by_id(&mut work.tx, person).await?.map(|p| p.full_name());
            Some((name.unwrap_or_default(), zone.to_local(at)))
        }
        _ => None,
    };
    let sums = serde_json::from_value(row.kept).map_err(|e| Fault::Other(format!("a kept shadow run: {e}")))?;
    Ok(Some(WaitingRunView {
        id: row.id,
        through: row.through,
        why: match row.why {
            Why::ByHand => WaitsFor::ByHand,
            Why::FarSum => WaitsFor::FarSum,
            Why::Changed => WaitsFor::Changed,
        },
        digest: row.digest,
        made_at: zone.to_local(row.made_at),
        anew_at: row.anew_at.filter(|at| work.now - *at < PATIENCE).map(|at| zone.to_local(at)),
        released,
        sums,
        may: may(&mut work, me).await?,
    }))
}

/// Whether an employee may release runs.
async fn may(work: &mut Work, person: PersonId) -> Result<bool, Fault> {
    Ok(store::permissions::has(&mut work.tx, person, Permission::BillRuns).await?)
}

/// Opens the transaction of an employee who may release runs.
async fn allowed(cx: &Cx, who: &Principal, case: &'static crate::UseCase) -> Result<(Work, PersonId), Fault> {
    let mut work = cx.begin(case, who).await?;
    let me = work.who.actor().ok_or(AppError::SignInRequired)?;
    if !may(&mut work, me).await? {
        return Err(AppError::Forbidden.into());
    }
    Ok((work, me))
}

/// Releases the run that was looked at; `digest` is what the page had. Its bills are computed once more and issued if nothing comes out
/// otherwise; else the run waits again. Asked for twice, by one person or two, it is done once.
///
/// # Errors
/// `Changed` where it was released before, is over, or is being looked at anew; `Forbidden` for an employee who may not;
/// `SignInRequired`; or if the database fails.
pub async fn release(cx: &Cx, who: &Principal, id: i64, digest: &str) -> Result<(), Fault> {
    let (mut work, me) = allowed(cx, who, &RELEASE).await?;
    let now = work.now;
    let row = waiting_runs::by_id(&mut work.tx, id).await?.ok_or(AppError::Changed)?;
    let stuck = row.anew_at.is_some_and(|at| now - at < PATIENCE);
    if stuck || !waiting_runs::release(&mut work.tx, id, digest, me, now).await? {
        return Err(AppError::Changed.into());
    }
    work.enqueue("billing.release", &format!("billing.release:{id}"), now, &Asked { run: id }).await?;
    let sums: RunSums = serde_json::from_value(row.kept).map_err(|e| Fault::Other(e.to_string()))?;
    let detail = json!({
        "run": id, "through": row.through, "bills": sums.effect.bills, "sum": sums.effect.after, "digest": digest,
    });
    work.audit(None, &detail).await?;
    work.commit().await
}

/// Asks for the shadow run to be made anew.
///
/// # Errors
/// `Changed` where it was released or is over; `Forbidden` for an employee who may not release it; `SignInRequired`; or if the database
/// fails.
pub async fn look_again(cx: &Cx, who: &Principal, id: i64) -> Result<(), Fault> {
    let (mut work, _) = allowed(cx, who, &ANEW).await?;
    let now = work.now;
    let row = waiting_runs::by_id(&mut work.tx, id).await?.ok_or(AppError::Changed)?;
    if row.anew_at.is_some_and(|at| now - at < PATIENCE) {
        return Ok(());
    }
    if !waiting_runs::anew(&mut work.tx, id, now).await? {
        return Err(AppError::Changed.into());
    }
    let key = format!("billing.look_again:{id}:{}", now.timestamp_micros());
    work.enqueue("billing.look_again", &key, now, &Asked { run: id }).await?;
    work.audit(None, &json!({ "run": id })).await?;
    work.commit().await
}

/// The run of a job, while it waits.
async fn waiting(cx: &Cx, job: &JobRow) -> Result<Option<RunRow>, Fault> {
    let Asked { run } = payload(job)?;
    let mut tx = cx.pool.read().await?;
    Ok(waiting_runs::by_id(&mut tx, run).await?.filter(|r| r.closed_at.is_none()))
}

/// Issues the bills of a run that was released, unless they come to something else by now.
async fn issue(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Some(row) = waiting(cx, job).await?.filter(|r| r.released_at.is_some()) else { return Ok(Next::Done) };
    let options = Options::through(row.through);
    // Where the program was stopped while it issued them, what is left is no longer what was looked at, and was released all the same.
    if row.begun_at.is_none() {
        let looked = look(cx, &Principal::System, &Options { dry_run: true, ..options.clone() }).await?;
        if looked.shadow.digest()? != row.digest {
            tracing::warn!(run = row.id, "a released bill run comes out otherwise by now, and waits again");
            let why = (looked.shadow.bills > 0).then_some(Why::Changed);
            keep(cx, row.through, why, &looked).await?;
            return Ok(Next::Done);
        }
        let mut work = cx.begin(&KEEP, &Principal::System).await?;
        let now = work.now;
        waiting_runs::begin(&mut work.tx, row.id, now).await?;
        work.commit().await?;
    }
    let report = run(cx, &Principal::System, &options).await?;
    tracing::info!(run = row.id, bills = report.bills, held = report.held.len(), "a released bill run");
    if report.bills > 0 {
        tariffs::release::renew(cx).await?;
    }
    Ok(Next::Done)
}

/// Makes the shadow run of a run that waits anew.
async fn again(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Some(row) = waiting(cx, job).await?.filter(|r| r.released_at.is_none()) else { return Ok(Next::Done) };
    let options = Options { dry_run: true, ..Options::through(row.through) };
    let looked = look(cx, &Principal::System, &options).await?;
    keep(cx, row.through, (looked.shadow.bills > 0).then_some(row.why), &looked).await?;
    Ok(Next::Done)
}
