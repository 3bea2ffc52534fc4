//! Home: each service's billing period so far against the same days of the one before, and its last days.

use chrono::Days;
use contract::usage::ServiceNow;
use domain::calendar::{DayRange, next_day};
use domain::metering::Quality;

use super::bars::of_day;
use super::costs;
use super::show::Scene;
use crate::accounts::OpenedAccount;
use crate::usage_data::{DayUse, daily};
use crate::{Fault, Work};

/// How many of the last days Home shows.
const RECENT: u64 = 14;

/// The account's services that have data, in the order of the bill.
///
/// # Errors
/// If the database fails.
pub async fn services_now(work: &mut Work, account: &OpenedAccount) -> Result<Vec<ServiceNow>, Fault> {
    let mut out = Vec::new();
    for service in account.head.services.clone() {
        let Some(scene) = Scene::of(work, &account.row, service).await? else { continue };
        let last = scene.extent.last_day;
        let index = scene.periods.iter().rposition(|p| p.bill.is_none() && p.days.contains(last));
        let current = index.map(|i| scene.periods[i].days);
        let before = index.and_then(|i| i.checked_sub(1)).map(|i| scene.periods[i].days);
        let recent = last.checked_sub_days(Days::new(RECENT - 1)).unwrap_or(last);
        let from = before.or(current).map_or(recent, |d| d.from.min(recent));
        let range = DayRange { from, to: next_day(last) };
        let Some((meters, days)) = daily(&mut work.tx, account.id, service, range).await? else { continue };
        let within = |r: DayRange| days.iter().filter(move |d| r.contains(d.day));
        let period = current.and_then(|c| c.intersect(range));
        let sum = |r: DayRange| within(r).filter_map(|d| d.amount).fold(0, i64::saturating_add);
        let same_days = period.zip(before).and_then(|(p, b)| {
            let to = b.from.checked_add_days(Days::new(p.len().unsigned_abs()))?;
            (to <= b.to).then(|| same_days(within(p), within(DayRange { from: b.from, to })))?
        });
        // What of the last day is still to come is not missed yet.
        let missing = |d: &DayUse| {
            let bar = of_day(d, scene.present);
            bar.expected.saturating_sub(bar.present)
        };
        let cost_so_far = match period {
            Some(period) => costs::so_far(work, account.id, service, period).await?,
            None => None,
        };
        out.push(ServiceNow {
            service,
            unit: meters.unit,
            exponent: meters.exponent,
            period,
            so_far: period.map_or(0, sum),
            same_days,
            missing: period.map_or(0, |p| within(p).map(missing).fold(0, u32::saturating_add)),
            cost_so_far,
            last_day: days.last().and_then(|d| {
                let bar = of_day(d, scene.present);
                let quality = if bar.complete() { bar.quality } else { Quality::Missing };
                Some((d.day, d.amount?, quality))
            }),
            recent: days.iter().filter(|d| d.day >= recent).map(|d| d.amount).collect(),
        });
    }
    Ok(out)
}

/// The sums over the days that are complete in both, if most are.
pub(super) fn same_days<'a>(
    now: impl Iterator<Item = &'a DayUse>,
    then: impl Iterator<Item = &'a DayUse>,
) -> Option<(i64, i64)> {
    let complete = |d: &DayUse| d.amount.filter(|_| d.expected > 0 && d.present >= d.expected);
    let pairs: Vec<_> = now.map(complete).zip(then.map(complete)).map(|(a, b)| a.zip(b)).collect();
    let both: Vec<_> = pairs.iter().flatten().collect();
    (!both.is_empty() && both.len() * 4 >= pairs.len() * 3).then(|| {
        both.iter().fold((0_i64, 0_i64), |(a, b), (now, then)| (a.saturating_add(*now), b.saturating_add(*then)))
    })
}
