//! The bill run of every night.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use domain::calendar::{Instant, Local, Zone, next_day};
use store::waiting_runs::Why;
use store::work::JobRow;

use super::run::{Options, RUN, Report, run};
use super::shadow::look;
use super::waiting;
use crate::jobs::Next;
use crate::{Cx, Fault, Principal, job, tariffs, zones};

job!("billing.nightly", nightly, for_ever);

/// When the run starts, local time: readings of the day before are in by then.
const HOUR: u32 = 4;

/// Queues the nightly run, once for the life of the database: it queues itself for the next night.
///
/// # Errors
/// If the database fails.
pub async fn schedule(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&RUN, &Principal::System).await?;
    let zone = zones::stored(&cx.settings.zone)?;
    let at = next_run(&zone, work.now, HOUR);
    work.enqueue("billing.nightly", "billing.nightly", at, &()).await?;
    work.commit().await
}

async fn nightly(cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
    let zone = zones::stored(&cx.settings.zone)?;
    let now = cx.clock.now();
    if let Some(report) = released(cx, zone.day_of(now)).await? {
        tracing::info!(bills = report.bills, held = report.held.len(), failed = report.failed.len(), "bill run");
        for (account, why) in &report.failed {
            tracing::error!(account, why, "an account cannot be billed");
        }
        if report.bills > 0 {
            tariffs::release::renew(cx).await?;
        }
    }
    Ok(Next::Again(next_run(&zone, now, HOUR)))
}

/// Issues what is due once a shadow run has shown nothing that a person should see first; `None` where it waits for one.
pub(super) async fn released(cx: &Cx, today: NaiveDate) -> Result<Option<Report>, Fault> {
    let options = Options::through(today);
    let looked = look(cx, &Principal::System, &Options { dry_run: true, ..options.clone() }).await?;
    let shadow = &looked.shadow;
    let why = match shadow.brake() {
        _ if cx.settings.bills_by_hand && shadow.bills == 0 => None,
        _ if cx.settings.bills_by_hand => {
            tracing::warn!(bills = shadow.bills, sum = %shadow.after, "bills wait to be released (/staff/bills/run)");
            Some(Why::ByHand)
        }
        Some(why) => {
            tracing::error!(why, "the bill run is not released by itself: see /staff/bills/run");
            Some(Why::FarSum)
        }
        None => return run(cx, &Principal::System, &options).await.map(Some),
    };
    waiting::keep(cx, today, why, &looked).await?;
    Ok(None)
}

/// The next time that local clocks show an hour, at least a minute away.
pub(crate) fn next_run(zone: &Zone, now: Instant, hour: u32) -> Instant {
    let soon = now + TimeDelta::minutes(1);
    let mut day = zone.day_of(now);
    loop {
        let clock = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default());
        let at = match zone.from_local(clock) {
            Local::Single(at) | Local::Twice(at, _) => at,
            Local::Never => zone.start_of(day),
        };
        if at > soon {
            return at;
        }
        day = next_day(day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_night_is_always_ahead_and_within_a_day() {
        let zone = Zone::iana("America/Los_Angeles").expect("known");
        let start: Instant = "2026-10-30T00:00:00Z".parse().expect("a time");
        for hours in 0..96 {
            let now = start + TimeDelta::hours(hours);
            let at = next_run(&zone, now, HOUR);
            assert!(at > now && at - now <= TimeDelta::hours(25) + TimeDelta::minutes(1), "{now} {at}");
            assert_eq!(zone.to_local(at).format("%H:%M").to_string(), "04:00");
        }
    }
}
