//! Looking after stored usage: packing it in the order it is read, packing it anew after the program learnt to do it better,
//! giving up what is too old to keep. Each does a little in a transaction, so it may be stopped at any time, and nobody who
//! pays waits for it; what was done stays done.

use std::time::{Duration, Instant as Stopwatch};

use chrono::{Months, NaiveDate, TimeDelta};
use domain::ids::RegisterId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::pack;
use store::usage::{day_number, day_of_number};
use store::work::JobRow;

use crate::billing::nightly::next_run;
use crate::jobs::Next;
use crate::{Cx, Fault, Principal, job, use_case, zones};

use_case!(
    /// Packs usage of which no more is expected.
    pub PACK = "storage.pack", Write, System
);
use_case!(
    /// Packs usage anew.
    pub REPACK = "storage.repack", Write, System
);
use_case!(
    /// Gives up old usage.
    pub DROP = "storage.drop", Write, System
);
use_case!(
    /// Says what usage takes.
    pub SHOW = "storage.show", Read, System
);

job!("storage.nightly", nightly, for_ever);

/// When usage is packed, local time: after the bills of the night.
const HOUR: u32 = 5;
/// A step is to take so long.
const STEP: Duration = Duration::from_millis(40);
/// Registers of the first step.
const WINDOW: i64 = 256;
/// Nobody may give up what bills can still be corrected with: years.
pub const KEPT_YEARS: u32 = 3;

/// When stored usage is packed, and how long it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Figures {
    /// Days after its last one that a stretch of ten is packed: by then 99 of 100 intervals are in (CPUC D.98-12-080 asks for
    /// that within five days). What comes later is packed the next night.
    pub pack_after_days: u32,
    /// Years after which intervals are given up every night; 0 keeps them for good.
    pub keep_years: u32,
}

impl Default for Figures {
    fn default() -> Self {
        Self { pack_after_days: 5, keep_years: 0 }
    }
}

/// What packing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Packed {
    /// Rows written: a stretch of a register each.
    pub rows: u64,
    /// Days that went into them.
    pub days: u64,
    /// Parts of the database that were left empty by earlier runs and dropped.
    pub parts_dropped: i64,
    /// The longest that others had to wait, in milliseconds.
    pub longest_step_ms: u64,
}

/// Packs every stretch of days that ended long enough before today. With `through` it packs what ended before that day.
///
/// # Errors
/// If the database fails or what is stored is damaged.
pub async fn pack(cx: &Cx, through: Option<NaiveDate>) -> Result<Packed, Fault> {
    let mut done = Packed::default();
    let mut work = cx.begin(&PACK, &Principal::System).await?;
    done.parts_dropped = pack::sweep(&mut work.tx).await?;
    let today = zones::stored(&work.settings.zone)?.day_of(work.now);
    let before = through.unwrap_or(today - TimeDelta::days(i64::from(work.settings.storage.pack_after_days)));
    let stretches = pack::stretches_due(&mut work.tx, day_number(before)).await?;
    work.commit().await?;
    for stretch in stretches {
        let (mut after, mut window) = (RegisterId(i64::MIN), WINDOW);
        loop {
            let watch = Stopwatch::now();
            let mut work = cx.begin(&PACK, &Principal::System).await?;
            let step = pack::shift_some(&mut work.tx, stretch, after, window).await?;
            work.commit().await?;
            let Some(step) = step else { break };
            after = step.through;
            done.rows += step.registers;
            done.days += step.days;
            window = adapted(window, watch.elapsed(), &mut done.longest_step_ms);
            // A waiting writer goes first.
            tokio::task::yield_now().await;
        }
    }
    if done.rows > 0 {
        let mut work = cx.begin(&PACK, &Principal::System).await?;
        work.audit(None, &json!({ "rows": done.rows, "days": done.days })).await?;
        work.commit().await?;
    }
    Ok(done)
}

/// More registers in the next step if the last one was quick, fewer if it was slow.
fn adapted(window: i64, took: Duration, longest: &mut u64) -> i64 {
    *longest = (*longest).max(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    if took > STEP {
        (window / 2).max(16)
    } else if took * 3 < STEP {
        (window * 2).min(4096)
    } else {
        window
    }
}

/// What packing anew did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repacked {
    /// Rows that were looked at.
    pub rows: u64,
    /// Rows that are packed otherwise now.
    pub changed: u64,
    /// Bytes less than before.
    pub saved: i64,
}

/// Packs every packed row anew, as today's program does it. What is stored by an earlier one is read all the same; this only
/// makes it smaller.
///
/// # Errors
/// If the database fails or what is stored is damaged.
pub async fn repack(cx: &Cx, told: &(dyn Fn(u64) + Sync)) -> Result<Repacked, Fault> {
    let mut done = Repacked::default();
    let mut after = (RegisterId(i64::MIN), i64::MIN);
    loop {
        let mut work = cx.begin(&REPACK, &Principal::System).await?;
        let Some(step) = pack::repack_some(&mut work.tx, after, 512).await? else {
            work.audit(None, &json!({ "rows": done.rows, "changed": done.changed })).await?;
            work.commit().await?;
            return Ok(done);
        };
        work.commit().await?;
        after = step.through;
        done.rows += step.packs;
        done.changed += step.changed;
        done.saved += step.saved;
        told(done.rows);
    }
}

/// What was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Nothing before this day is kept, or taken in again.
    pub before: NaiveDate,
    /// Packed rows.
    pub rows: u64,
    /// Days that were not packed.
    pub days: u64,
    /// Changes of them.
    pub changes: u64,
}

/// Gives up intervals before a day, with the history of their changes. What dials said, what was billed and how stays. Up to
/// nine days more are kept, so that whole stretches go.
///
/// # Errors
/// `Other` for a day of the last three years; or if the database fails.
pub async fn drop_before(cx: &Cx, before: NaiveDate) -> Result<Dropped, Fault> {
    let mut work = cx.begin(&DROP, &Principal::System).await?;
    let today = zones::stored(&work.settings.zone)?.day_of(work.now);
    let latest = today - Months::new(12 * KEPT_YEARS);
    if before > latest {
        return Err(Fault::Other(format!(
            "bills of the last {KEPT_YEARS} years may have to be explained or corrected: give up nothing after {latest}"
        )));
    }
    let number = day_number(before);
    pack::drop_before(&mut work.tx, number, None, false).await?;
    let before = pack::given_up(&mut work.tx).await?.map(day_of_number).transpose()?.unwrap_or(before);
    work.audit(None, &json!({ "before": before })).await?;
    work.commit().await?;
    let mut done = Dropped { before, rows: 0, days: 0, changes: 0 };
    let mut after = RegisterId(i64::MIN);
    loop {
        let mut work = cx.begin(&DROP, &Principal::System).await?;
        let Some(next) = store::review::next_register(&mut work.tx, after).await? else {
            pack::drop_before(&mut work.tx, number, Some((after, after)), true).await?;
            work.commit().await?;
            break;
        };
        let until = RegisterId(next.0.saturating_add(255));
        let gone = pack::drop_before(&mut work.tx, number, Some((after, until)), false).await?;
        work.commit().await?;
        after = until;
        done.rows += gone.packs;
        done.days += gone.days;
        done.changes += gone.changes;
    }
    let mut work = cx.begin(&DROP, &Principal::System).await?;
    pack::sweep(&mut work.tx).await?;
    work.commit().await?;
    Ok(done)
}

/// What usage takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The first day that is not packed.
    pub open_from: Option<NaiveDate>,
    /// The day before which it was given up.
    pub given_up_before: Option<NaiveDate>,
    /// Tables and indexes with their bytes, the largest first.
    pub tables: Vec<(String, i64)>,
}

/// Says what the database's tables and indexes take and how far usage is packed.
///
/// # Errors
/// If the database fails.
pub async fn show(cx: &Cx) -> Result<Shown, Fault> {
    let mut work = cx.begin(&SHOW, &Principal::System).await?;
    let open_from = pack::packed_through(&mut work.tx).await?.map(day_of_number).transpose()?;
    let given_up_before = pack::given_up(&mut work.tx).await?.map(day_of_number).transpose()?;
    drop(work);
    Ok(Shown { open_from, given_up_before, tables: store::bench::sizes(&cx.pool).await? })
}

/// Queues the nightly packing, once for the life of the database: it queues itself for the next night.
///
/// # Errors
/// If the database fails.
pub async fn schedule(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&PACK, &Principal::System).await?;
    let zone = zones::stored(&cx.settings.zone)?;
    let at = next_run(&zone, work.now, HOUR);
    work.enqueue("storage.nightly", "storage.nightly", at, &()).await?;
    work.commit().await
}

async fn nightly(cx: &Cx, _: &JobRow) -> Result<Next, Fault> {
    let zone = zones::stored(&cx.settings.zone)?;
    let now = cx.clock.now();
    let packed = pack(cx, None).await?;
    tracing::info!(rows = packed.rows, days = packed.days, "usage was packed");
    let years = cx.settings.storage.keep_years;
    if years > 0 {
        let before = zone.day_of(now) - Months::new(12 * years.max(KEPT_YEARS));
        let gone = drop_before(cx, before).await?;
        tracing::info!(before = %gone.before, rows = gone.rows, "usage was given up");
    }
    Ok(Next::Again(next_run(&zone, now, HOUR)))
}

#[cfg(test)]
#[path = "storage_tests.rs"]
mod tests;
