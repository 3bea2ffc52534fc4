//! From stored use to bars: cells of a day or an interval, joined up to what is asked for.

use chrono::{NaiveDate, TimeDelta};
use contract::usage::{Bar, Grain};
use domain::calendar::{DayRange, Instant, Zone, add_months, month_start};
use domain::ids::AccountId;
use domain::metering::Quality;
use domain::metering::day::Slot;
use domain::money::FineAmount;
use domain::quantity::Commodity;

use super::periods::Period;
use crate::usage_data::{DayUse, daily, series};
use crate::{Fault, Work};

/// What decides whether a stretch is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present {
    pub(super) now: Instant,
    pub(super) today: NaiveDate,
    /// The end of the last interval with a value.
    pub(super) through: Instant,
}

impl Present {
    /// Whether readings of a stretch may still be on their way: they come once a day, and a day late is no gap yet.
    fn awaited(&self, end: Instant) -> bool {
        end > self.through && end > self.now - TimeDelta::hours(48)
    }
}

/// The bars of a range, in order and without holes.
pub(super) async fn bars(
    work: &mut Work,
    account: AccountId,
    commodity: Commodity,
    grain: Grain,
    range: DayRange,
    periods: &[Period],
    present: Present,
) -> Result<Vec<Bar>, Fault> {
    match grain {
        Grain::QuarterHour | Grain::Hour => {
            let seconds = if grain == Grain::Hour { 3_600 } else { 900 };
            let Some(series) = series(&mut work.tx, account, commodity, range).await? else { return Ok(Vec::new()) };
            let step = series.interval_seconds.max(1);
            let per_bar = usize::try_from(seconds / step).unwrap_or(1).max(1);
            let mut out = Vec::with_capacity(series.slots.len() / per_bar + 1);
            for (i, group) in series.slots.chunks(per_bar).enumerate() {
                let first = i * per_bar;
                let (start, end) = (series.start_of(first), series.start_of(first + group.len()));
                let received = series.received.as_ref().and_then(|r| r.get(first..first + group.len()));
                out.push(of_slots(start, end, group, received, present));
            }
            Ok(out)
        }
        Grain::Day => Ok(days(work, account, commodity, range, present).await?.1),
        Grain::Bill | Grain::Month => {
            let (zone, days) = days(work, account, commodity, range, present).await?;
            let Some(zone) = zone else { return Ok(Vec::new()) };
            let stretches = if grain == Grain::Bill { bill_stretches(range, periods) } else { months(range) };
            Ok(stretches
                .into_iter()
                .filter_map(|(part, whole)| {
                    let open = whole.to > present.today;
                    let from = usize::try_from((part.from - range.from).num_days()).ok()?;
                    let to = usize::try_from((part.to - range.from).num_days()).ok()?;
                    let days = days.get(from..to.min(days.len()))?;
                    Some(join(days, zone.start_of(part.from), zone.start_of(part.to), open))
                })
                .collect())
        }
    }
}

async fn days(
    work: &mut Work,
    account: AccountId,
    commodity: Commodity,
    range: DayRange,
    present: Present,
) -> Result<(Option<std::sync::Arc<Zone>>, Vec<Bar>), Fault> {
    let found = daily(&mut work.tx, account, commodity, range).await?;
    Ok(match found {
        Some((meters, days)) => (Some(meters.zone), days.iter().map(|d| of_day(d, present)).collect()),
        None => (None, Vec::new()),
    })
}

/// The quality that is named first.
fn worst(expected: u32, present: u32, estimated: u32, questionable: u32) -> Quality {
    match (expected, present) {
        (0, 0) => Quality::NotInstalled,
        (_, 0) => Quality::Missing,
        _ if estimated > 0 => Quality::Estimated,
        _ if questionable > 0 => Quality::Questionable,
        _ => Quality::Validated,
    }
}

pub(super) fn of_day(day: &DayUse, present: Present) -> Bar {
    let open = present.awaited(day.end);
    Bar {
        start: day.start,
        end: day.end,
        amount: day.amount,
        received: day.received,
        cost: None,
        fixed: FineAmount(0),
        billed: false,
        // What is on its way is not missing.
        expected: if open { day.present } else { day.expected },
        present: day.present,
        estimated: day.estimated,
        quality: worst(day.expected, day.present, day.estimated, day.questionable),
        open,
    }
}

fn of_slots(start: Instant, end: Instant, slots: &[Slot], received: Option<&[Slot]>, present: Present) -> Bar {
    let count = |test: fn(&Slot) -> bool| u32::try_from(slots.iter().filter(|s| test(s)).count()).unwrap_or(0);
    let known = count(|s| s.value.is_some());
    let expected = count(|s| s.quality != Quality::NotInstalled);
    let estimated = count(|s| s.quality.is_estimate());
    let open = present.awaited(end);
    let sum = |slots: &[Slot]| slots.iter().filter_map(|s| s.value).reduce(i64::saturating_add);
    let edited = estimated > 0 && slots.iter().all(|s| s.quality == Quality::Edited);
    Bar {
        start,
        end,
        amount: sum(slots),
        received: received.and_then(sum),
        cost: None,
        fixed: FineAmount(0),
        billed: false,
        expected: if open { known } else { expected },
        present: known,
        estimated,
        quality: if edited {
            Quality::Edited
        } else {
            worst(expected, known, estimated, count(|s| s.quality == Quality::Questionable))
        },
        open,
    }
}

fn join(days: &[Bar], start: Instant, end: Instant, open: bool) -> Bar {
    let add = |values: &mut dyn Iterator<Item = Option<i64>>| values.flatten().reduce(i64::saturating_add);
    let sum = |f: fn(&Bar) -> u32| days.iter().map(f).fold(0, u32::saturating_add);
    let (expected, present, estimated) = (sum(|b| b.expected), sum(|b| b.present), sum(|b| b.estimated));
    let questionable = u32::from(days.iter().any(|b| b.quality == Quality::Questionable));
    Bar {
        start,
        end,
        amount: add(&mut days.iter().map(|b| b.amount)),
        received: add(&mut days.iter().map(|b| b.received)),
        cost: None,
        fixed: FineAmount(0),
        billed: false,
        expected,
        present,
        estimated,
        quality: worst(expected, present, estimated, questionable),
        open,
    }
}

/// Billing periods cut to a range, each with the whole period; what lies before the first is a stretch of its own.
fn bill_stretches(range: DayRange, periods: &[Period]) -> Vec<(DayRange, DayRange)> {
    let mut out = Vec::new();
    let mut at = range.from;
    for whole in periods.iter().map(|p| p.days) {
        let Some(part) = whole.intersect(DayRange { from: at, to: range.to }) else { continue };
        if part.from > at {
            let hole = DayRange { from: at, to: part.from };
            out.push((hole, hole));
        }
        out.push((part, whole));
        at = part.to;
    }
    if at < range.to {
        let rest = DayRange { from: at, to: range.to };
        out.push((rest, rest));
    }
    out
}

/// Calendar months cut to a range, each with the whole month.
fn months(range: DayRange) -> Vec<(DayRange, DayRange)> {
    let mut out = Vec::new();
    let mut month = month_start(range.from);
    while month < range.to {
        let next = add_months(month, 1);
        let whole = DayRange { from: month, to: next };
        out.extend(whole.intersect(range).map(|part| (part, whole)));
        if next <= month {
            break;
        }
        month = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> DayRange {
        DayRange::new(from.parse().expect("a date"), to.parse().expect("a date")).expect("forwards")
    }

    #[test]
    fn months_and_bills_are_cut_to_the_range_and_leave_no_hole() {
        let asked = range("2026-01-15", "2026-03-10");
        let found: Vec<i64> = months(asked).iter().map(|(part, _)| part.len()).collect();
        assert_eq!(found, [17, 28, 9]);
        let periods = [range("2026-01-20", "2026-02-19"), range("2026-02-19", "2026-03-20")]
            .map(|days| Period { days, bill: None });
        let found = bill_stretches(asked, &periods);
        assert_eq!(found.iter().map(|(part, _)| part.len()).collect::<Vec<_>>(), [5, 30, 19]);
        assert_eq!(found[2].1, periods[1].days);
        assert!(found.windows(2).all(|w| w[0].0.to == w[1].0.from));
    }
}
