//! Benchmarks as functions; the command line prints what they answer. They make their own meters and files, so they need an
//! empty database and a folder to write to, and say nothing that they have not measured.

mod bills;
mod city;
mod files;
mod homes;
mod lives;
mod year;

use std::path::Path;
use std::time::Instant as Stopwatch;

use serde::Serialize;
use store::Pool;
use store::bench::{Copied, RawDay};

pub use bills::{BillFigures, BillPlan, bill_run};
pub use city::{CityFigures, CityPlan, ReadFigures, city};
pub use lives::{LivesFigures, crowd, lives};
pub use year::{YearFigures, usage_year};

use crate::Fault;
use crate::ingest::{Input, Options, take_in};

/// PostgreSQL's own `COPY` of one row (register, start, value, quality) per interval, in rows per second.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CopySpeed {
    /// Into a table with a key of register and start, as any needs that takes a delivery twice without harm.
    pub keyed: f64,
    /// Into a table without a key.
    pub plain: f64,
}

/// The medians of some measurements.
fn copy_speed(copies: &[Copied]) -> Option<CopySpeed> {
    let of = |f: fn(&Copied) -> f64| median(&mut copies.iter().map(f).collect::<Vec<_>>());
    (!copies.is_empty()).then(|| CopySpeed { keyed: of(|c| c.keyed), plain: of(|c| c.plain) })
}

/// What is loaded.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct IngestPlan {
    /// Quarter-hourly electric meters.
    pub meters: u32,
    /// Days per meter.
    pub days: u32,
    /// How often it is measured, each time with other meters.
    pub runs: u32,
    /// Whether each day comes as a file of its own, as deliveries do; else all days are one file, day by day.
    pub file_per_day: bool,
    /// The number of the first run, which the meters are named after: another one for each plan in the same database.
    pub first_run: u32,
}

impl Default for IngestPlan {
    /// Two million intervals, three times.
    fn default() -> Self {
        Self { meters: 700, days: 30, runs: 3, file_per_day: false, first_run: 0 }
    }
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct IngestFigures {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// What was loaded.
    pub plan: IngestPlan,
    /// Intervals per run.
    pub intervals: i64,
    /// Text per run.
    pub file_bytes: u64,
    /// Seconds of each run, from the first byte of text to the last committed row.
    pub seconds: Vec<f64>,
    /// The median run.
    pub intervals_per_second: f64,
    /// PostgreSQL's own `COPY` of as many rows, in between the runs.
    pub copy: Option<CopySpeed>,
    /// How many times as fast as that into a table with a key.
    pub ratio_to_copy: Option<f64>,
    /// Stored bytes per interval, indexes included.
    pub bytes_per_interval: f64,
}

/// Whether a database may be benchmarked: nothing is in it yet, so that nobody's town fills up with meters that do not exist.
///
/// # Errors
/// If the database fails.
pub async fn is_empty(pool: &Pool) -> Result<bool, Fault> {
    Ok(store::bench::is_empty(pool).await?)
}

/// Loads generated CMEP text into an empty, migrated database: parsing, checks, gaps, day sums, packing, committed rows.
///
/// # Errors
/// If a file or the database fails, or if not every value arrives.
pub async fn ingest(pool: &Pool, folder: &Path, plan: IngestPlan) -> Result<IngestFigures, Fault> {
    let cx = files::surroundings(pool);
    let mut seconds = Vec::new();
    let mut copies = Vec::new();
    let mut file_bytes = 0;
    let intervals = i64::from(plan.meters) * i64::from(plan.days) * 96;
    let before = store::bench::stored_bytes(pool).await?;
    for run in plan.first_run..plan.first_run + plan.runs.max(1) {
        files::meters(&cx, run, plan.meters).await?;
        let paths = files::write(folder, run, plan)?;
        file_bytes = files::size(&paths);
        let watch = Stopwatch::now();
        let mut taken = 0;
        for path in &paths {
            let report = take_in(&cx, Input::File(path.clone()), &Options::default()).await?;
            taken += report.accepted;
        }
        seconds.push(watch.elapsed().as_secs_f64());
        files::remove(&paths);
        if taken != intervals {
            return Err(Fault::Other(format!("{taken} of {intervals} intervals arrived")));
        }
        let (registers, rows) = (u64::from(plan.meters), intervals.unsigned_abs());
        copies.extend(store::bench::copy_raw_rows(pool, RawDay { registers, day: u64::from(run), rows }).await?);
    }
    store::bench::drop_raw_rows(pool).await?;
    let stored = store::bench::stored_bytes(pool).await? - before;
    let typical = median(&mut seconds.clone());
    let rate = per_second(intervals.unsigned_abs(), typical);
    let copy = copy_speed(&copies);
    Ok(IngestFigures {
        engine: pool.engine(),
        plan,
        intervals,
        file_bytes,
        seconds,
        intervals_per_second: rate,
        ratio_to_copy: copy.map(|c| rate / c.keyed),
        copy,
        bytes_per_interval: ratio(stored, intervals * i64::from(plan.runs.max(1))),
    })
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn per_second(n: u64, seconds: f64) -> f64 {
    n as f64 / seconds.max(1e-9)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ratio(a: i64, b: i64) -> f64 {
    a as f64 / (b.max(1)) as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
