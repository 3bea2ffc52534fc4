//! Bill runs: from stored readings to committed bills and journals.

use std::path::Path;
use std::time::Instant as Stopwatch;

use chrono::{Months, TimeDelta};
use domain::quantity::ServiceKind;
use serde::Serialize;
use store::Pool;

use super::{IngestPlan, files, median, per_second};
use crate::billing::run::{ISSUE_AFTER, Options, run};
use crate::ingest::{self, Input, take_in};
use crate::{Fault, Principal};

/// Speed of bill runs.
#[derive(Clone, Debug, Serialize)]
pub struct BillFigures {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// Accounts, each with quarter-hourly electricity on E-1-TOU, refuse and storm water: bills per run.
    pub accounts: u32,
    /// Seconds of each run; each bills the next month.
    pub seconds: Vec<f64>,
    /// The median run.
    pub bills_per_second: f64,
}

/// Loads a quarter of a year for so many accounts into an empty, migrated database and bills its three months one by one.
///
/// # Errors
/// If a file or the database fails, or if an account is not billed.
pub async fn bill_run(pool: &Pool, folder: &Path, accounts: u32) -> Result<BillFigures, Fault> {
    const RUN: u32 = 98;
    let cx = files::surroundings(pool);
    let plan = IngestPlan { meters: accounts.max(1), days: 95, runs: 1, file_per_day: false, first_run: RUN };
    files::meters(&cx, RUN, plan.meters).await?;
    let paths = files::write(folder, RUN, plan)?;
    for path in &paths {
        take_in(&cx, Input::File(path.clone()), &ingest::Options::default()).await?;
    }
    files::remove(&paths);
    let unmetered = [(ServiceKind::Refuse, "R-1"), (ServiceKind::Storm, "D-1")];
    files::accounts(&cx, RUN, plan.meters, "E-1-TOU", &unmetered).await?;
    let mut seconds = Vec::new();
    for month in 1..=3 {
        let through =
            files::first_day() + Months::new(month) + TimeDelta::days(i64::try_from(ISSUE_AFTER).unwrap_or(2));
        let options = Options { backdate: true, ..Options::through(through) };
        let watch = Stopwatch::now();
        let report = run(&cx, &Principal::System, &options).await?;
        seconds.push(watch.elapsed().as_secs_f64());
        if report.bills != u64::from(plan.meters) {
            return Err(Fault::Other(format!(
                "{} of {} bills came of month {month}; held: {:?}; failed: {:?}",
                report.bills,
                plan.meters,
                report.held.first(),
                report.failed.first()
            )));
        }
    }
    let typical = median(&mut seconds.clone());
    Ok(BillFigures {
        engine: pool.engine(),
        accounts: plan.meters,
        seconds,
        bills_per_second: per_second(u64::from(plan.meters), typical),
    })
}

#[cfg(test)]
mod tests {
    use super::super::usage_year;
    use super::bill_run;

    store::both_engines! {
        async fn every_account_is_billed_three_times(pool: Pool) {
            let folder = tempfile::tempdir().expect("a folder");
            let figures = bill_run(&pool, folder.path(), 2).await.expect("figures");
            assert_eq!((figures.accounts, figures.seconds.len()), (2, 3));
            assert!(figures.bills_per_second > 0.0);
            assert_eq!(folder.path().read_dir().expect("listed").count(), 0, "files are cleared away");
            let checked = crate::check::all(&crate::bench::files::surroundings(&pool), &crate::Principal::System)
                .await
                .expect("checked");
            assert_eq!(checked.faults, Vec::<String>::new());
            assert_eq!(checked.counts[1], ("bills".to_owned(), 6));
        }

        async fn a_year_is_read_back_whole(pool: Pool) {
            let folder = tempfile::tempdir().expect("a folder");
            let figures = usage_year(&pool, folder.path(), 1).await.expect("figures");
            assert_eq!((figures.accounts, figures.reads), (1, 5));
            assert!(figures.days_us.0 <= figures.days_us.1);
        }
    }
}
