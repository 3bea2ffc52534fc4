//! Two stretches of time of one service held against each other: day for day, hour for hour, in money, and with what the
//! weather asked for taken apart.

use std::collections::HashMap;

use chrono::NaiveDate;
use contract::periods::{Held, Side, Step};
use domain::billing::weather::Response;
use domain::calendar::{DayRange, add_months};
use domain::ids::AccountId;
use domain::metering::pairs::{Cut, mean};
use domain::metering::profile::by_hour;
use domain::money::FineAmount;
use domain::quantity::Commodity;

use super::show::Scene;
use crate::billing::costs::{BilledSpan, costs};
use crate::usage_data::{DayUse, daily_of, series_of};
use crate::{Fault, Work};

/// What is held against what.
pub(super) struct Question {
    pub(super) service: Commodity,
    pub(super) first: DayRange,
    pub(super) second: DayRange,
    /// The days from which it is learnt how the home follows the weather.
    pub(super) learn: DayRange,
}

/// Looks both up.
pub(super) async fn held(work: &mut Work, account: AccountId, scene: &Scene, asked: &Question) -> Result<Held, Fault> {
    let (first, here) = side(work, account, scene, asked.service, asked.first).await?;
    let (second, there) = side(work, account, scene, asked.service, asked.second).await?;
    let cut = Cut::of(asked.first, asked.second);
    let steps = cut.parts(asked.first, asked.second).into_iter().map(|(a, b)| Step {
        first: a,
        second: b,
        here: a.and_then(|a| mean_of(&here, a)),
        there: b.and_then(|b| mean_of(&there, b)),
    });
    Ok(Held {
        service: asked.service,
        unit: scene.meters.unit,
        exponent: scene.meters.exponent,
        cut,
        steps: steps.collect(),
        weather: weather(work, scene, asked).await?,
        first,
        second,
    })
}

/// What was used on a day of which every interval is known.
fn whole(day: &DayUse) -> Option<i64> {
    day.amount.filter(|_| day.expected > 0 && day.present >= day.expected)
}

fn mean_of(days: &[DayUse], range: DayRange) -> Option<i64> {
    mean(days.iter().filter(|d| range.contains(d.day)).filter_map(whole))
}

async fn side(
    work: &mut Work,
    account: AccountId,
    scene: &Scene,
    service: Commodity,
    range: DayRange,
) -> Result<(Side, Vec<DayUse>), Fault> {
    let days = daily_of(&mut work.tx, &scene.meters, range, &mut |_, _| ()).await?;
    let sum = |pick: fn(&DayUse) -> Option<i64>| days.iter().filter_map(pick).reduce(i64::saturating_add);
    let temperatures = store::weather::range(&mut work.tx, range).await?;
    let all = i64::try_from(temperatures.len()).is_ok_and(|n| n == range.len());
    let side = Side {
        range,
        total: sum(|d| d.amount).unwrap_or(0),
        received: sum(|d| d.received),
        whole: u32::try_from(days.iter().filter_map(whole).count()).unwrap_or(0),
        mean: mean(days.iter().filter_map(whole)),
        cost: cost(&costs(work, account, service, range).await?, &days),
        temperature: if all { mean(temperatures.iter().map(|t| t.mean)) } else { None },
        hours: hours(work, scene, range).await?,
        days: days.iter().map(|d| d.amount).collect(),
    };
    Ok((side, days))
}

/// What the days cost with their fixed charges; `None` where a day with use has no price.
fn cost(spans: &[BilledSpan], days: &[DayUse]) -> Option<FineAmount> {
    let mut sum = None;
    for day in days {
        let mut found = false;
        for of in spans.iter().filter_map(|s| s.costs.day(day.day)) {
            found |= of.known || of.usage.0 != 0;
            let more = of.usage.0.saturating_add(of.export.0).saturating_add(of.fixed.0);
            sum = Some(FineAmount(sum.unwrap_or(FineAmount(0)).0.saturating_add(more)));
        }
        if day.amount.is_some() && !found {
            return None;
        }
    }
    sum
}

/// What is used in each hour of a mean day.
async fn hours(work: &mut Work, scene: &Scene, range: DayRange) -> Result<Vec<Option<i64>>, Fault> {
    let series = series_of(&mut work.tx, &scene.meters, range).await?;
    if series.interval_seconds > 3_600 {
        return Ok(Vec::new());
    }
    let values = series.slots.iter().map(|s| s.value);
    let days = by_hour(&series.zone, series.start, series.interval_seconds, values);
    Ok((0..24).map(|h| mean(days.iter().filter_map(|d| d.hours[h]))).collect())
}

/// How much more a day the temperatures of the first asked for than those of the second.
async fn weather(work: &mut Work, scene: &Scene, asked: &Question) -> Result<Option<i64>, Fault> {
    let from = asked.learn.from.min(asked.first.from).min(asked.second.from);
    let to = asked.learn.to.max(asked.first.to).max(asked.second.to);
    let known = store::weather::range(&mut work.tx, DayRange { from, to }).await?;
    let known: HashMap<NaiveDate, i64> = known.into_iter().map(|d| (d.day, d.mean)).collect();
    let of = |range: DayRange| range.days().map(|d| known.get(&d).copied()).collect::<Option<Vec<i64>>>();
    let (Some(now), Some(then)) = (of(asked.first), of(asked.second)) else { return Ok(None) };
    let days = daily_of(&mut work.tx, &scene.meters, asked.learn, &mut |_, _| ()).await?;
    let learnt: Vec<(i64, i64)> = days.iter().filter_map(|d| Some((whole(d)?, *known.get(&d.day)?))).collect();
    let more = Response::of(&learnt).map(|r| r.more(&then, &now));
    Ok(more.map(|m| m / asked.first.len().max(1)))
}

/// The year up to the end of both.
pub(super) fn year_of(first: DayRange, second: DayRange) -> DayRange {
    let to = first.to.max(second.to);
    DayRange { from: add_months(to, -12).min(first.from).min(second.from), to }
}
