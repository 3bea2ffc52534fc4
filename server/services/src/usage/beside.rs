//! What goes with the bars: the year before, the temperature, and how dear the hours are.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use contract::usage::{Bar, Beside, BesideBar, Grain, With};
use domain::calendar::{DayRange, Zone, add_months, next_day};
use domain::ids::AccountId;
use domain::quantity::Commodity;
use domain::tariff::{Basis, Charge, Schedule};

use super::bars::bars;
use super::show::Scene;
use crate::usage_data::daily;
use crate::{Fault, Work, tariffs};

/// What goes with some bars.
pub(super) async fn beside(
    work: &mut Work,
    account: AccountId,
    scene: &Scene,
    (service, grain, range): (Commodity, Grain, DayRange),
    with: With,
    shown: &[Bar],
) -> Result<Beside, Fault> {
    let by_clock = matches!(grain, Grain::Hour | Grain::QuarterHour);
    let days = store::weather::range(&mut work.tx, range).await?;
    let mut out = Beside {
        // Only days have a temperature: on the hours of one day it would be a flat line.
        weather: !by_clock && !days.is_empty(),
        last_year: add_months(range.to, -12) > scene.extent.first_day,
        ..Beside::default()
    };
    let zone = &scene.meters.zone;
    let mut rows: Vec<BesideBar> = vec![(None, None, 0); shown.len()];
    if with.last_year && out.last_year {
        let then = earlier(work, account, scene, (service, grain, range), shown).await?;
        rows.iter_mut().zip(then).for_each(|(row, then)| row.0 = then);
    }
    if with.weather && out.weather {
        let known: HashMap<NaiveDate, i64> = days.iter().map(|d| (d.day, d.mean)).collect();
        for (row, bar) in rows.iter_mut().zip(shown) {
            row.1 = mean(days_of(zone, bar).days().map(|d| known.get(&d).copied()));
        }
    }
    if by_clock && let Some(schedule) = schedule(work, account, service, range).await? {
        out.rates = rates(&schedule, zone, range, shown, &mut rows);
    }
    if rows.iter().any(|r| *r != (None, None, 0)) {
        out.rows = rows;
    }
    Ok(out)
}

fn days_of(zone: &Zone, bar: &Bar) -> DayRange {
    let from = zone.day_of(bar.start);
    DayRange { from, to: zone.day_of(bar.end).max(next_day(from)) }
}

/// The mean of what is known; `None` where nothing is.
fn mean(values: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    let known: Vec<i64> = values.flatten().collect();
    let n = i64::try_from(known.len()).ok().filter(|n| *n > 0)?;
    Some(known.iter().sum::<i64>() / n)
}

/// What was used a year before at the time of each bar: the same dates, the same hours of the clock.
async fn earlier(
    work: &mut Work,
    account: AccountId,
    scene: &Scene,
    (service, grain, range): (Commodity, Grain, DayRange),
    shown: &[Bar],
) -> Result<Vec<Option<i64>>, Fault> {
    let zone = &scene.meters.zone;
    let back = |day: NaiveDate| add_months(day, -12);
    let then = DayRange { from: back(range.from), to: next_day(back(range.last())) };
    if matches!(grain, Grain::Hour | Grain::QuarterHour) {
        let before = bars(work, account, service, grain, then, &scene.periods, scene.present).await?;
        let local = |bar: &Bar| zone.to_local(bar.start);
        let known: HashMap<NaiveDateTime, i64> =
            before.iter().filter(|b| b.complete()).filter_map(|b| Some((local(b), b.amount?))).collect();
        let same = |bar: &Bar| known.get(&back(local(bar).date()).and_time(local(bar).time())).copied();
        return Ok(shown.iter().map(same).collect());
    }
    let Some((_, days)) = daily(&mut work.tx, account, service, then).await? else { return Ok(Vec::new()) };
    let whole = days.iter().filter(|d| d.expected > 0 && d.present >= d.expected);
    let known: HashMap<NaiveDate, i64> = whole.filter_map(|d| Some((d.day, d.amount?))).collect();
    let sum = |bar: &Bar| -> Option<i64> {
        // The 29th of February has no day of its own a year before.
        let dates: BTreeSet<NaiveDate> = days_of(zone, bar).days().map(back).collect();
        dates.iter().map(|d| known.get(d).copied()).try_fold(0_i64, |sum, v| Some(sum.saturating_add(v?)))
    };
    Ok(shown.iter().map(sum).collect())
}

/// The schedule of a service on the last day of a range, where it has prices by the hour.
async fn schedule(
    work: &mut Work,
    account: AccountId,
    service: Commodity,
    range: DayRange,
) -> Result<Option<Schedule>, Fault> {
    let agreements = store::bills::agreements(&mut work.tx, account).await?;
    let Some(own) = agreements.iter().rev().find(|a| a.service.commodity() == Some(service)) else { return Ok(None) };
    let book = tariffs::book(&mut work.tx).await?;
    let of = book.schedule(&own.schedule).filter(|s| {
        let in_force = s.during(range).flat_map(|(v, _)| &v.charges);
        in_force.into_iter().any(|c| !c.times.is_empty() && matches!(c.basis, Basis::Delivered(_)))
    });
    Ok(of.cloned())
}

/// Finds how dear each bar's hours are, and what the schedule calls them.
fn rates(schedule: &Schedule, zone: &Zone, range: DayRange, shown: &[Bar], rows: &mut [BesideBar]) -> Vec<String> {
    let mut names: [BTreeSet<&str>; 3] = Default::default();
    for (row, bar) in rows.iter_mut().zip(shown) {
        // An hour is as dear as its first quarter.
        let at = zone.to_local(bar.start + TimeDelta::seconds(1));
        let day = at.date();
        let minute = u16::try_from(at.hour() * 60 + at.minute()).unwrap_or(0);
        let weekend = schedule.is_weekend(day);
        let charges: Vec<&Charge> = schedule
            .during(DayRange { from: day.max(range.from), to: next_day(day) })
            .flat_map(|(v, _)| &v.charges)
            .filter(|c| c.applies(day) && matches!(c.basis, Basis::Delivered(_)) && !c.adder)
            .collect();
        let price = |c: &Charge| match &c.basis {
            Basis::Delivered(tiers) => tiers.first().map_or(0, |t| t.prices.iter().map(|(_, s)| s.on(day).0).sum()),
            _ => 0_i64,
        };
        let prices: BTreeSet<i64> = charges.iter().map(|c| price(c)).collect();
        let Some(own) = charges.iter().find(|c| c.holds(weekend, minute)) else { continue };
        if prices.len() < 2 {
            continue;
        }
        let level: u8 = match price(own) {
            p if Some(&p) == prices.last() => 3,
            p if prices.len() > 2 && Some(&p) == prices.first() => 1,
            _ => 2,
        };
        row.2 = level;
        names[usize::from(level) - 1].insert(own.period.as_deref().unwrap_or_default());
    }
    if rows.iter().all(|r| r.2 == 0) {
        return Vec::new();
    }
    names.iter().map(|n| n.iter().copied().collect::<Vec<_>>().join(", ")).collect()
}
