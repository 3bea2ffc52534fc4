//! The home of a data set beside the home here: average days by month, and by hour of the day.

use chrono::Datelike;
use contract::compare::{Comparison, MonthPair, NotCompared};
use domain::calendar::{DayRange, add_months, month_start, next_day};
use domain::data_set::{Known, Stretch, by_hour, by_month};
use domain::ids::AccountId;
use domain::metering::day::Slot;
use domain::quantity::{Commodity, Direction, Unit};
use store::Tx;

use super::preview::commonest;
use crate::Fault;
use crate::usage_data::{extent, series};

/// What the data set has.
pub(super) struct There<'a> {
    pub(super) found: &'a [Stretch],
    pub(super) zone: &'a domain::calendar::Zone,
    pub(super) service: Commodity,
    pub(super) direction: Option<Direction>,
    pub(super) unit: Unit,
    pub(super) exponent: i8,
}

/// The two side by side; or why not.
pub(super) async fn compare(
    tx: &mut Tx<'_>,
    account: AccountId,
    there: &There<'_>,
) -> Result<Result<Comparison, NotCompared>, Fault> {
    let Some(extent) = extent(tx, account, there.service).await? else { return Ok(Err(NotCompared::NothingHere)) };
    let first = add_months(month_start(extent.last_day), -11);
    let range = DayRange { from: first.max(extent.first_day), to: next_day(extent.last_day) };
    let Some(here) = series(tx, account, there.service, range).await? else {
        return Ok(Err(NotCompared::NothingHere));
    };
    let sent_back = there.direction == Some(Direction::Received);
    let slots = match (&here.received, sent_back) {
        (Some(received), true) => received,
        (None, true) => return Ok(Err(NotCompared::OtherDirection)),
        (_, false) => &here.slots,
    };
    let Some(factor) = factor(there, here.unit) else { return Ok(Err(NotCompared::OtherUnits)) };
    let own = ten(here.exponent);
    let stretches = stretches(slots, &here);
    let (ours, theirs) = (by_month(&stretches, &here.zone), by_month(there.found, there.zone));
    let day = |known: Option<&Known>, factor| known.and_then(|k| k.mean(86_400, factor));
    let months: Vec<MonthPair> = (0..12)
        .map(|i| {
            let month = add_months(first, i);
            // The latest month of that name with at least a day.
            let other = theirs.iter().rev().find(|(m, k)| m.month() == month.month() && day(Some(k), factor).is_some());
            MonthPair {
                month,
                other: other.map(|(m, _)| *m),
                here: day(ours.get(&month), own),
                there: day(other.map(|(_, k)| k), factor),
            }
        })
        .collect();
    let both = |m: u32| months.iter().any(|p| p.month.month() == m && p.here.is_some() && p.there.is_some());
    let by_the_hour = here.interval_seconds <= 3_600 && (1..=3_600).contains(&commonest(there.found));
    let hours = if by_the_hour && (1..=12).any(both) {
        let (ours, theirs) = (by_hour(&stretches, &here.zone, both), by_hour(there.found, there.zone, both));
        ours.iter().zip(&theirs).map(|(a, b)| (a.mean(3_600, own), b.mean(3_600, factor))).collect()
    } else {
        Vec::new()
    };
    Ok(Ok(Comparison { unit: here.unit, months, hours }))
}

/// The values of the home here that are known.
fn stretches(slots: &[Slot], here: &crate::usage_data::Series) -> Vec<Stretch> {
    slots
        .iter()
        .enumerate()
        .filter_map(|(i, slot)| {
            Some(Stretch {
                start: here.start_of(i),
                seconds: here.interval_seconds,
                value: slot.value?,
                quality: slot.quality,
                cost: None,
            })
        })
        .collect()
}

/// A power of ten over that of a comparison, as a fraction.
fn ten(exponent: i8) -> (i128, i128) {
    let shift = i32::from(exponent) - i32::from(Comparison::EXPONENT);
    // Powers beyond 10^15 would be of no meter; what does not fit gives no average.
    let power = 10_i128.pow(shift.unsigned_abs().min(15));
    if shift >= 0 { (power, 1) } else { (1, power) }
}

/// What leads from the data set's counting to that of the comparison.
fn factor(there: &There<'_>, unit: Unit) -> Option<(i128, i128)> {
    let (n, d) = there.unit.ratio_to(unit)?;
    let (tn, td) = ten(there.exponent);
    Some((i128::from(n) * tn, i128::from(d) * td))
}
