//! Seals the audit: a job hashes the rows segment by segment, each hash over the one before, so that writers never queue and a
//! row that is changed, removed or slipped in afterwards is found by `check`.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::audit::SealedRow;
use store::work::{JobRow, Outcome};

use crate::check::Checked;
use crate::jobs::Next;
use crate::{Cx, Fault, Principal, job, use_case};

use_case!(
    /// Seals what was written to the audit.
    pub SEAL = "audit.seal", Write, System
);
use_case!(
    /// Verifies the seals of the audit.
    pub CHECK = "check.audit", Read, System
);

job!("audit.seal", hourly, for_ever);

/// The most rows of a segment.
const SEGMENT: i64 = 4_096;
/// Rows have to be so old: a transaction that is still under way may yet write one with a smaller key.
const SETTLED: TimeDelta = TimeDelta::minutes(15);

/// Queues the hourly sealing, once for the life of the database: it queues itself again.
///
/// # Errors
/// If the database fails.
pub async fn schedule(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&SEAL, &Principal::System).await?;
    let at = work.now + TimeDelta::hours(1);
    work.enqueue("audit.seal", "audit.seal", at, &()).await?;
    work.commit().await
}

async fn hourly(cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
    while seal(cx).await? {}
    Ok(Next::Again(cx.clock.now() + TimeDelta::hours(1)))
}

/// Seals one segment. `false` where there is nothing to seal.
///
/// # Errors
/// If the database fails.
pub async fn seal(cx: &Cx) -> Result<bool, Fault> {
    let mut work = cx.begin(&SEAL, &Principal::System).await?;
    let now = work.now;
    let last = store::audit::last_seal(&mut work.tx).await?;
    let (after, before) = last.map_or((i64::MIN, Vec::new()), |l| (l.through, l.hash));
    let through = store::audit::first_since(&mut work.tx, after, now - SETTLED).await? - 1;
    let rows = store::audit::rows(&mut work.tx, after, through, SEGMENT).await?;
    let Some(end) = rows.last().map(|r| r.id) else { return Ok(false) };
    let hash = chain(&before, &rows);
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    store::audit::insert_seal(&mut work.tx, end, count, &hash, now).await?;
    work.commit().await?;
    Ok(true)
}

/// The hash over the hash before and some rows.
fn chain(before: &[u8], rows: &[SealedRow]) -> Vec<u8> {
    let mut hash = Sha256::new().chain_update(before);
    for row in rows {
        // Names and numbers as JSON: its quotes keep the fields apart, its maps are in order on both engines.
        let text = json!([
            row.id,
            row.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            row.actor_id,
            row.subject_id,
            row.account_id,
            row.view_as_id,
            row.use_case,
            row.outcome == Outcome::Done,
            row.detail,
            row.request_id,
        ]);
        hash.update(text.to_string());
        hash.update([0]);
    }
    hash.finalize().to_vec()
}

/// Reads the sealed audit again and holds it against its seals.
///
/// # Errors
/// If the database fails.
pub async fn check(cx: &Cx, who: &Principal) -> Result<Checked, Fault> {
    let mut work = cx.begin(&CHECK, who).await?;
    let (mut after, mut before, mut sealed) = (i64::MIN, Vec::new(), 0);
    let mut faults = Vec::new();
    loop {
        let seals = store::audit::seals(&mut work.tx, after, 64).await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            let rows = store::audit::rows(&mut work.tx, after, seal.through, SEGMENT + 1).await?;
            let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if found != seal.row_count {
                let n = seal.row_count;
                faults.push(format!(
                    "audit up to row {}: {found} rows where {n} were sealed on {}",
                    seal.through, seal.sealed_at
                ));
            } else if chain(&before, &rows) != seal.hash {
                let of = seal.sealed_at;
                faults.push(format!("audit up to row {}: it is not what was sealed on {of}", seal.through));
            }
            sealed += seal.row_count;
            (after, before) = (seal.through, seal.hash);
        }
    }
    Ok(Checked { counts: vec![("sealed audit rows".into(), sealed)], faults })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::calendar::Instant;
    use store::Pool;
    use store::work::{AuditRow, audit};

    use super::*;
    use crate::adapters::Outside;
    use crate::clock::Entropy;
    use crate::{FixedClock, Settings};

    fn at(minute: i64) -> Instant {
        "2026-03-20T20:00:00.123456Z".parse::<Instant>().expect("a time") + TimeDelta::minutes(minute)
    }

    fn cx(pool: &Pool) -> (Cx, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::at(at(60)));
        let cx = Cx {
            pool: pool.clone(),
            clock: clock.clone(),
            entropy: Arc::new(Entropy::seeded(1)),
            settings: Arc::new(Settings::default()),
            outside: Outside::default(),
        };
        (cx, clock)
    }

    async fn write(pool: &Pool, minute: i64, what: &str) {
        let mut tx = pool.write().await.expect("a transaction");
        let row = AuditRow {
            at: at(minute),
            actor: None,
            subject: None,
            account: None,
            view_as: None,
            use_case: what,
            outcome: Outcome::Done,
            detail: json!({ "zebra": 1, "apple": "two" }),
            request_id: "r",
        };
        audit(&mut tx, &row).await.expect("written");
        tx.commit().await.expect("committed");
    }

    async fn tamper(pool: &Pool, sql: &'static str) {
        let mut tx = pool.write().await.expect("a transaction");
        store::testing::tamper(&mut tx, sql).await;
        tx.commit().await.expect("committed");
    }

    store::both_engines! {
        async fn what_is_sealed_cannot_be_changed_unseen(pool: Pool) {
            let (cx, clock) = cx(&pool);
            for minute in 0..10 {
                write(&pool, minute, "a.b").await;
            }
            write(&pool, 50, "young").await;
            assert!(seal(&cx).await.expect("sealed"));
            assert!(!seal(&cx).await.expect("asked"), "the young row waits");
            let good = check(&cx, &Principal::System).await.expect("checked");
            assert_eq!((good.faults, good.counts[0].1), (Vec::new(), 10));
            clock.advance(TimeDelta::hours(1));
            assert!(seal(&cx).await.expect("sealed"));
            let good = check(&cx, &Principal::System).await.expect("checked");
            assert_eq!((good.faults, good.counts[0].1), (Vec::new(), 11));

            tamper(&pool, "UPDATE audit SET use_case = 'a.c' WHERE id = (SELECT MIN(id) + 3 FROM audit)").await;
            let bad = check(&cx, &Principal::System).await.expect("checked").faults;
            assert!(bad.len() == 1 && bad[0].contains("not what was sealed"), "{bad:?}");
            tamper(&pool, "UPDATE audit SET use_case = 'a.b' WHERE use_case = 'a.c'").await;
            assert!(check(&cx, &Principal::System).await.expect("checked").faults.is_empty());
            tamper(&pool, "DELETE FROM audit WHERE use_case = 'young'").await;
            let bad = check(&cx, &Principal::System).await.expect("checked").faults;
            assert!(bad.len() == 1 && bad[0].contains("0 rows where 1 were sealed"), "{bad:?}");
        }
    }
}
