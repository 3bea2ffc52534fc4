//! Work that is done later: queued in the transaction of the change that asked for it, run at least once, retried with
//! growing pauses, given up visibly.

use chrono::TimeDelta;
use domain::calendar::Instant;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use store::work::{JobRow, TroubledJob};
use tokio::sync::watch;

use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Lists jobs that went wrong and are not done.
    pub TROUBLE = "jobs.trouble", Read, Staff
);

/// What is to become of a job that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Done,
    /// Nothing went wrong, but it is to run again.
    Again(Instant),
    /// It can never be done, and this is why.
    GiveUp(String),
}

/// Who does jobs of one kind. Declare with [`job!`](crate::job). A handler may be called twice for the same job and must then
/// change nothing the second time.
pub struct Handler {
    /// The kind, such as `mail.send`.
    pub kind: &'static str,
    /// Whether it is tried for ever: it queues itself, or money depends on it.
    pub for_ever: bool,
    /// Does it.
    pub run: for<'a> fn(&'a Cx, &'a JobRow) -> BoxFuture<'a, Result<Next, Fault>>,
}
inventory::collect!(Handler);

/// Registers an `async fn(&Cx, &JobRow) -> Result<Next, Fault>` for a kind of job: `job!("mail.send", send);`. One that fails
/// again and again is given up, but for `job!("limits.sweep", hourly, for_ever);`.
#[macro_export]
macro_rules! job {
    ($kind:literal, $function:path) => {
        $crate::job!(@ $kind, $function, false);
    };
    ($kind:literal, $function:path, for_ever) => {
        $crate::job!(@ $kind, $function, true);
    };
    (@ $kind:literal, $function:path, $for_ever:literal) => {
        inventory::submit! {
            $crate::jobs::Handler { kind: $kind, for_ever: $for_ever, run: |cx, job| Box::pin($function(cx, job)) }
        }
    };
}

/// How long a job may take before another worker takes it over.
const CLAIM: TimeDelta = TimeDelta::minutes(5);

/// After how many failures in a row a job is given up.
const TRIES: i64 = 12;

/// How often the queue is looked at when it was empty.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(400);

/// The pause before try number `attempts + 1`: 5 s, 10 s, 20 s … at most an hour.
#[must_use]
pub fn backoff(attempts: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    TimeDelta::seconds((5_i64 << doublings).min(3600))
}

/// Reads what a job was queued with.
///
/// # Errors
/// If it is of another form, which is a defect.
pub fn payload<T: DeserializeOwned>(job: &JobRow) -> Result<T, Fault> {
    serde_json::from_value(job.payload.clone()).map_err(|e| Fault::Other(format!("payload of {}: {e}", job.kind)))
}

/// Runs every job that is due now, one after the other; jobs they queue for now included. Answers how many ran.
///
/// # Errors
/// If the database fails. A failing job is no error here: it is noted in its row.
pub async fn run_due(cx: &Cx) -> Result<u32, Fault> {
    let mut ran = 0;
    while run_one(cx).await? {
        ran += 1;
    }
    Ok(ran)
}

/// Runs the job that has been due longest, if there is one.
async fn run_one(cx: &Cx) -> Result<bool, Fault> {
    let now = cx.clock.now();
    let mut tx = cx.pool.read().await?;
    let due = store::work::job_is_due(&mut tx, now).await?;
    drop(tx);
    if !due {
        return Ok(false);
    }
    let mut tx = cx.pool.write().await?;
    let Some(job) = store::work::claim_job(&mut tx, now, now + CLAIM).await? else { return Ok(false) };
    tx.commit().await?;
    let handler = inventory::iter::<Handler>().find(|h| h.kind == job.kind);
    let outcome = match handler {
        Some(handler) => (handler.run)(cx, &job).await,
        None => Ok(Next::GiveUp(format!("nothing is registered for {}", job.kind))),
    };
    let now = cx.clock.now();
    let mut tx = cx.pool.write().await?;
    match outcome {
        Ok(Next::Done) => store::work::finish_job(&mut tx, job.id, now).await?,
        // A job that asks to run again at once would keep the loop busy for ever.
        Ok(Next::Again(at)) => {
            store::work::postpone_job(&mut tx, job.id, at.max(now + TimeDelta::seconds(1)), 0, None).await?;
        }
        Ok(Next::GiveUp(why)) => {
            tracing::error!(job = job.id, kind = job.kind, why, "a job was given up");
            store::work::fail_job(&mut tx, job.id, now, &why).await?;
        }
        Err(fault) if job.attempts >= TRIES && handler.is_none_or(|h| !h.for_ever) => {
            tracing::error!(job = job.id, kind = job.kind, error = %fault, "a job failed too often");
            store::work::fail_job(&mut tx, job.id, now, &fault.to_string()).await?;
        }
        Err(fault) => {
            tracing::warn!(job = job.id, kind = job.kind, attempts = job.attempts, error = %fault, "a job failed");
            let at = now + backoff(job.attempts);
            store::work::postpone_job(&mut tx, job.id, at, job.attempts, Some(&fault.to_string())).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// Runs jobs as they fall due until `stop` says so; a job under way is finished first.
pub async fn run_until(cx: Cx, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match run_one(&cx).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(fault) => tracing::error!(error = %fault, "the job queue cannot be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            changed = stop.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

/// Jobs that went wrong and are not done, newest first.
///
/// # Errors
/// `Forbidden` for anyone but staff; or if the database fails.
pub async fn trouble(cx: &Cx, who: &Principal) -> Result<Vec<TroubledJob>, Fault> {
    let mut work = cx.begin(&TROUBLE, who).await?;
    Ok(store::work::troubled_jobs(&mut work.tx, 200).await?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::adapters::Outside;
    use crate::clock::Entropy;
    use crate::{FixedClock, Settings};

    use_case!(
        /// Queues in a test.
        QUEUE = "test.jobs.queue", Write, System
    );

    job!("test.fails", fails);
    job!("test.fails_for_ever", fails, for_ever);

    async fn fails(_cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
        Err(Fault::Other("as ever".into()))
    }

    store::both_engines! {
        async fn what_queues_itself_is_never_given_up(pool: Pool) {
            let clock = Arc::new(FixedClock::at("2026-02-20T20:00:00Z".parse().expect("a time")));
            let cx = Cx {
                pool,
                clock: clock.clone(),
                entropy: Arc::new(Entropy::seeded(1)),
                settings: Arc::new(Settings::default()),
                outside: Outside::default(),
            };
            let mut work = cx.begin(&QUEUE, &Principal::System).await.expect("a transaction");
            let now = work.now;
            for kind in ["test.fails", "test.fails_for_ever"] {
                work.enqueue(kind, kind, now, &()).await.expect("queued");
            }
            work.commit().await.expect("committed");
            for _ in 0..TRIES + 3 {
                clock.advance(TimeDelta::hours(2));
                run_due(&cx).await.expect("jobs run");
            }
            let mut tx = cx.pool.read().await.expect("a transaction");
            let all = store::work::troubled_jobs(&mut tx, 10).await.expect("jobs");
            let given_up = |kind: &str| all.iter().find(|j| j.kind == kind).map(|j| j.failed_at.is_some());
            assert_eq!((given_up("test.fails"), given_up("test.fails_for_ever")), (Some(true), Some(false)));
        }
    }
}
