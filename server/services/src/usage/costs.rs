//! What the bars cost: energy in time order through the tiers of the bill, tax included, with the fixed charges beside it. The
//! amounts come from [`crate::billing::costs`] and sum to the bill.

use contract::usage::{Bar, Grain};
use domain::billing::costs::Part;
use domain::calendar::{DayRange, Zone};
use domain::ids::AccountId;
use domain::money::FineAmount;
use domain::quantity::Commodity;

use super::show::Scene;
use crate::billing::costs::{BilledSpan, costs, minute_of, to_micro};
use crate::{Fault, Work};

/// Fills in the costs of bars; answers whether any is known.
pub(super) async fn attach(
    work: &mut Work,
    account: AccountId,
    service: Commodity,
    grain: Grain,
    range: DayRange,
    scene: &Scene,
    bars: &mut [Bar],
) -> Result<bool, Fault> {
    let spans = costs(work, account, service, range).await?;
    if spans.is_empty() {
        return Ok(false);
    }
    let zone = &scene.meters.zone;
    match grain {
        Grain::QuarterHour | Grain::Hour => intervals(bars, &spans, service, scene),
        Grain::Day | Grain::Bill | Grain::Month => bars.iter_mut().for_each(|bar| days(bar, &spans, zone)),
    }
    Ok(bars.iter().any(|b| b.cost.is_some()))
}

fn add(sum: FineAmount, more: FineAmount) -> FineAmount {
    FineAmount(sum.0.saturating_add(more.0))
}

/// Sums the days that a bar covers. A bill's days without readings have a cost all the same: the bill's reads put it there.
fn days(bar: &mut Bar, spans: &[BilledSpan], zone: &Zone) {
    let (from, to) = (zone.day_of(bar.start), zone.day_of(bar.end));
    let (mut cost, mut fixed) = (None, FineAmount(0));
    let mut billed = true;
    for span in spans {
        let Ok(part) = DayRange::new(from, to).map(|r| r.intersect(span.costs.served)) else { continue };
        for day in part.into_iter().flat_map(DayRange::days).filter_map(|d| span.costs.day(d)) {
            fixed = add(fixed, day.fixed);
            let energy = FineAmount(day.usage.0.saturating_add(day.export.0));
            if day.known || energy.0 != 0 {
                cost = Some(add(cost.unwrap_or_default(), energy));
                billed &= span.costs.billed;
            }
        }
    }
    (bar.cost, bar.fixed, bar.billed) = (cost, fixed, billed && cost.is_some());
}

/// Cuts each day's cost over its intervals.
fn intervals(bars: &mut [Bar], spans: &[BilledSpan], service: Commodity, scene: &Scene) {
    let zone = &scene.meters.zone;
    let micro = |v: i64| to_micro(service, scene.meters.unit, scene.meters.exponent, v);
    for of_day in bars.chunk_by_mut(|a, b| zone.day_of(a.start) == zone.day_of(b.start)) {
        let Some(day) = of_day.first().map(|b| zone.day_of(b.start)) else { continue };
        let Some(span) = spans.iter().find(|s| s.costs.served.contains(day)) else { continue };
        let part = |b: &Bar| Part {
            minute: minute_of(zone, b.start),
            delivered: b.amount.and_then(micro),
            received: b.received.and_then(micro),
        };
        let parts: Vec<_> = of_day.iter().map(part).collect();
        for (bar, cost) in of_day.iter_mut().zip(span.costs.intervals(day, &parts)) {
            bar.cost = cost.usage;
            bar.fixed = cost.fixed;
            bar.billed = span.costs.billed;
        }
    }
}

/// The sum of energy and fixed charges, where the cost of everything that was used is known.
pub(super) fn total(bars: &[Bar]) -> Option<FineAmount> {
    let used = || bars.iter().filter(|b| b.amount.is_some());
    if used().next().is_none() || used().any(|b| b.cost.is_none()) {
        return None;
    }
    Some(bars.iter().fold(FineAmount(0), |sum, b| add(add(sum, b.cost.unwrap_or_default()), b.fixed)))
}

/// What an open period costs so far: energy and the fixed charges of its days.
pub(super) async fn so_far(
    work: &mut Work,
    account: AccountId,
    service: Commodity,
    period: DayRange,
) -> Result<Option<FineAmount>, Fault> {
    let spans = costs(work, account, service, period).await?;
    let days = spans.iter().flat_map(|s| &s.costs.days).filter(|d| period.contains(d.day));
    Ok(days.fold(None, |sum, d| {
        let day = d.usage.0.saturating_add(d.export.0).saturating_add(d.fixed.0);
        Some(add(sum.unwrap_or_default(), FineAmount(day)))
    }))
}
