//! Bill runs: from stored readings to committed bills, journals and queued mails.

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use chrono::{Days, Months};
use serde::Serialize;
use store::Pool;

use super::{files, homes, median, per_second};
use crate::billing::run::{ISSUE_AFTER, Options, run};
use crate::clock::FixedClock;
use crate::{Cx, Fault, Principal};

/// What is billed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BillPlan {
    /// Homes, each an account with electricity, gas, water, wastewater, refuse and storm water.
    pub accounts: u32,
    /// How many of a hundred are billed by the quarter-hours of the month; the others by its total.
    pub timed_percent: u32,
    /// Months, one run for each.
    pub months: u32,
}

impl Default for BillPlan {
    /// A thousand homes, a quarter of them on time of use, three months.
    fn default() -> Self {
        Self { accounts: 1_000, timed_percent: 25, months: 3 }
    }
}

/// Speed of bill runs.
#[derive(Clone, Debug, Serialize)]
pub struct BillFigures {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// What was billed.
    pub plan: BillPlan,
    /// Service agreements on the bills of each run.
    pub agreements: u64,
    /// Seconds of each run; each bills the next month.
    pub seconds: Vec<f64>,
    /// The median run.
    pub bills_per_second: f64,
    /// Service agreements billed in a second, of the median run.
    pub agreements_per_second: f64,
}

/// Settles so many homes in an empty, migrated database and bills their months one by one, as the nightly job does: mails are
/// queued too.
///
/// # Errors
/// If the database fails, or if an account is not billed.
pub async fn bill_run(pool: &Pool, plan: BillPlan) -> Result<BillFigures, Fault> {
    let cx = files::surroundings(pool);
    let until = files::first_day() + Months::new(plan.months) + Days::new(ISSUE_AFTER);
    let agreements = homes::settle(&cx, plan.accounts, plan.timed_percent, until).await?;
    let mut seconds = Vec::new();
    for month in 1..=plan.months {
        let through = files::first_day() + Months::new(month) + Days::new(ISSUE_AFTER);
        let cx = Cx { clock: Arc::new(FixedClock::at(homes::noon(through))), ..cx.clone() };
        store::bench::settle(pool).await?;
        let watch = Stopwatch::now();
        let report = run(&cx, &Principal::System, &Options::through(through)).await?;
        seconds.push(watch.elapsed().as_secs_f64());
        if report.bills != u64::from(plan.accounts) {
            return Err(Fault::Other(format!(
                "{} of {} bills came of month {month}; held: {:?}; failed: {:?}",
                report.bills,
                plan.accounts,
                report.held.first(),
                report.failed.first()
            )));
        }
    }
    let typical = median(&mut seconds.clone());
    Ok(BillFigures {
        engine: pool.engine(),
        plan,
        agreements,
        seconds,
        bills_per_second: per_second(u64::from(plan.accounts), typical),
        agreements_per_second: per_second(agreements, typical),
    })
}

#[cfg(test)]
mod tests {
    use super::super::usage_year;
    use super::{BillPlan, bill_run};

    store::both_engines! {
        async fn every_account_is_billed_three_times(pool: Pool) {
            let plan = BillPlan { accounts: 3, timed_percent: 1, months: 3 };
            let figures = bill_run(&pool, plan).await.expect("figures");
            assert_eq!((figures.agreements, figures.seconds.len()), (18, 3));
            assert!(figures.bills_per_second > 0.0);
            let checked = crate::check::all(&crate::bench::files::surroundings(&pool), &crate::Principal::System)
                .await
                .expect("checked");
            assert_eq!(checked.faults, Vec::<String>::new());
            assert_eq!(checked.counts[1], ("bills".to_owned(), 9));
        }

        async fn a_year_is_read_back_whole(pool: Pool) {
            let folder = tempfile::tempdir().expect("a folder");
            let figures = usage_year(&pool, folder.path(), 1).await.expect("figures");
            assert_eq!((figures.accounts, figures.reads), (1, 5));
            assert!(figures.days_us.0 <= figures.days_us.1);
        }
    }
}
