//! A year of one account's quarter-hours, as the usage page asks for it.

use std::time::Instant as Stopwatch;

use chrono::TimeDelta;
use domain::calendar::DayRange;
use domain::quantity::Commodity;
use serde::Serialize;
use store::Pool;

use super::{IngestPlan, files};
use crate::ingest::{Input, Options, take_in};
use crate::{Fault, usage_data};

/// Microseconds of reading a year, of so many accounts.
#[derive(Clone, Debug, Serialize)]
pub struct YearFigures {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// How many accounts there are, each read as often as the others.
    pub accounts: u32,
    /// How often was read.
    pub reads: u32,
    /// By day, from stored sums: median and 99th percentile.
    pub days_us: (u64, u64),
    /// Every quarter-hour: median and 99th percentile.
    pub intervals_us: (u64, u64),
}

/// Loads a year for so many accounts into an empty, migrated database and reads each a few times.
///
/// # Errors
/// If a file or the database fails.
pub async fn usage_year(pool: &Pool, folder: &std::path::Path, accounts: u32) -> Result<YearFigures, Fault> {
    const RUN: u32 = 99;
    let cx = files::surroundings(pool);
    let plan = IngestPlan { meters: accounts.max(1), days: 365, runs: 1, file_per_day: false, first_run: RUN };
    files::meters(&cx, RUN, plan.meters).await?;
    let paths = files::write(folder, RUN, plan)?;
    for path in &paths {
        take_in(&cx, Input::File(path.clone()), &Options::default()).await?;
    }
    files::remove(&paths);
    let ids = files::accounts(&cx, RUN, plan.meters, "E-1", &[]).await?;
    let year = DayRange { from: files::first_day(), to: files::first_day() + TimeDelta::days(365) };
    let (mut by_day, mut by_interval) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        for account in &ids {
            let watch = Stopwatch::now();
            let mut tx = pool.read().await?;
            let days = usage_data::daily(&mut tx, *account, Commodity::Electricity, year).await?;
            by_day.push(watch.elapsed());
            drop(tx);
            let watch = Stopwatch::now();
            let mut tx = pool.read().await?;
            let series = usage_data::series(&mut tx, *account, Commodity::Electricity, year).await?;
            by_interval.push(watch.elapsed());
            let whole = days.is_some_and(|(_, d)| d.len() == 365)
                && series.is_some_and(|s| s.slots.iter().filter(|x| x.value.is_some()).count() > 35_000);
            if !whole {
                return Err(Fault::Other("the year that was loaded did not come back".to_owned()));
            }
        }
    }
    let of = |mut times: Vec<std::time::Duration>| {
        times.sort_unstable();
        let pick = |percent: usize| {
            let i = (times.len() * percent / 100).min(times.len().saturating_sub(1));
            times.get(i).map_or(0, |t| u64::try_from(t.as_micros()).unwrap_or(u64::MAX))
        };
        (pick(50), pick(99))
    };
    Ok(YearFigures {
        engine: pool.engine(),
        accounts: plan.meters,
        reads: u32::try_from(by_day.len()).unwrap_or(u32::MAX),
        days_us: of(by_day),
        intervals_us: of(by_interval),
    })
}
