//! A range as one continuous series of intervals.

use std::sync::Arc;

use domain::calendar::{DayRange, Instant, Zone};
use domain::ids::AccountId;
use domain::metering::Quality;
use domain::metering::day::{DayBlock, Slot};
use domain::quantity::{Commodity, Unit};
use store::Tx;
use store::meters::RegisterSpan;

use super::Meters;
use crate::Fault;

/// Intervals from the first instant of a range of local days to its end, without holes in the sequence: what is not known
/// is a slot without a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The zone that makes the local days.
    pub zone: Arc<Zone>,
    /// The unit of the values.
    pub unit: Unit,
    /// The power of ten of the values.
    pub exponent: i8,
    /// The length of an interval.
    pub interval_seconds: u32,
    /// The start of the first slot, UTC.
    pub start: Instant,
    /// What was delivered. `NotInstalled` where the account had no meter here or no agreement.
    pub slots: Vec<Slot>,
    /// What was sent back, where that is metered; the same slots.
    pub received: Option<Vec<Slot>>,
}

impl Series {
    /// When slot `index` starts, UTC.
    #[must_use]
    pub fn start_of(&self, index: usize) -> Instant {
        let seconds = i64::try_from(index).unwrap_or(0) * i64::from(self.interval_seconds);
        self.start + chrono::TimeDelta::seconds(seconds)
    }
}

/// The series of an account's use; `None` where it never had a meter for the commodity.
///
/// # Errors
/// If the database fails or a stored block is damaged.
pub async fn series(
    tx: &mut Tx<'_>,
    account: AccountId,
    commodity: Commodity,
    range: DayRange,
) -> Result<Option<Series>, Fault> {
    let Some(meters) = Meters::of(tx, account, commodity).await? else { return Ok(None) };
    Ok(Some(series_of(tx, &meters, range).await?))
}

/// As [`series`], for meters that are known already.
///
/// # Errors
/// If the database fails or a stored block is damaged.
pub(crate) async fn series_of(tx: &mut Tx<'_>, meters: &Meters, range: DayRange) -> Result<Series, Fault> {
    let start = meters.zone.start_of(range.from);
    let step = meters.seconds_in(range).max(1);
    let slots = line(tx, meters, range, step, false).await?;
    let received = if meters.has_received { Some(line(tx, meters, range, step, true).await?) } else { None };
    Ok(Series {
        zone: Arc::clone(&meters.zone),
        unit: meters.unit,
        exponent: meters.exponent,
        interval_seconds: step,
        start,
        slots,
        received,
    })
}

/// What is known of one slot while registers are added up.
#[derive(Clone, Copy)]
struct Cell {
    /// The sum of what is known.
    sum: i64,
    /// Parts expected of registers that count here, and parts found.
    expected: u32,
    found: u32,
    quality: Quality,
}

/// The slots of so many seconds of a range.
pub(super) async fn line(
    tx: &mut Tx<'_>,
    meters: &Meters,
    range: DayRange,
    seconds: u32,
    received: bool,
) -> Result<Vec<Slot>, Fault> {
    let start = meters.zone.start_of(range.from);
    let step = i64::from(seconds.max(1));
    let whole = (meters.zone.start_of(range.to) - start).num_seconds();
    let n = usize::try_from(whole / step).unwrap_or(0);
    let empty = Cell { sum: 0, expected: 0, found: 0, quality: Quality::NotInstalled };
    let mut cells = vec![empty; n];
    for span in meters.spans_in(range, received) {
        let parts = seconds / span.interval_seconds.max(1);
        expect(&mut cells, meters, span, start, step, parts);
        // A day of another zone can reach into the range from either side.
        let wider =
            DayRange { from: range.from.pred_opt().unwrap_or(range.from), to: domain::calendar::next_day(range.to) };
        for stored in meters.stored(tx, span.register, wider).await? {
            add(&mut cells, meters, span, &stored.unpack()?, start, step);
        }
    }
    Ok(cells.into_iter().map(finish).collect())
}

/// Notes where a register should have values.
fn expect(cells: &mut [Cell], meters: &Meters, span: &RegisterSpan, start: Instant, step: i64, parts: u32) {
    let base = start.timestamp();
    let index = |at: Instant| usize::try_from((at.timestamp() - base).div_euclid(step)).unwrap_or(0);
    let first = index(span.since).min(cells.len());
    let last = span.until.map_or(cells.len(), |end| (index(end) + 1).min(cells.len()));
    let last = meters.dial_since(span).map_or(last, |since| last.min(index(since)));
    let start_of = |i: usize| base + i64::try_from(i).unwrap_or(0) * step;
    let whole = within(span, start_of(first), start_of(last));
    let length = step / i64::from(parts.max(1));
    for (i, cell) in (first..).zip(&mut cells[first..last.max(first)]) {
        let from = start_of(i);
        // Of a slot that is not the account's as a whole, those of its intervals that are.
        let there = |at: i64| counted(meters, span, at, at + length, 0).is_some();
        let due = if whole || shows(span, from, from + step) {
            parts.max(1)
        } else if meters.shared {
            u32::try_from((0..i64::from(parts.max(1))).filter(|n| there(from + n * length)).count()).unwrap_or(0)
        } else {
            0
        };
        if due > 0 {
            cell.expected += due;
            if cell.quality == Quality::NotInstalled {
                cell.quality = Quality::Missing;
            }
        }
    }
}

fn within(span: &RegisterSpan, from: i64, to: i64) -> bool {
    span.holds(instant(from), instant(to))
}

fn counted(meters: &Meters, span: &RegisterSpan, from: i64, to: i64, value: i64) -> Option<i64> {
    meters.counted(span, instant(from), instant(to), value)
}

fn shows(span: &RegisterSpan, from: i64, to: i64) -> bool {
    span.shows(instant(from), instant(to))
}

fn instant(seconds: i64) -> Instant {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn add(cells: &mut [Cell], meters: &Meters, span: &RegisterSpan, day: &DayBlock, start: Instant, step: i64) {
    let base = start.timestamp();
    let length = i64::from(day.interval_seconds());
    let first = day.start().timestamp();
    let whole = within(span, first, first + length * i64::try_from(day.len()).unwrap_or(0));
    let mut at = first - length;
    for (&value, &quality) in day.values().iter().zip(day.qualities()) {
        at += length;
        if !quality.has_value() || at < base {
            continue;
        }
        let Some(cell) = usize::try_from((at - base) / step).ok().and_then(|i| cells.get_mut(i)) else { continue };
        // An interval that is longer than a slot cannot be split.
        if length > step {
            continue;
        }
        let value = if whole { Some(value) } else { counted(meters, span, at, at + length, value) };
        let Some(value) = value else { continue };
        cell.sum = cell.sum.saturating_add(meters.scaled(span, value));
        cell.quality = if cell.found == 0 { quality } else { worse(cell.quality, quality) };
        cell.found += 1;
    }
}

/// What is to be said of a sum: the estimate in it, or the doubt.
fn worse(a: Quality, b: Quality) -> Quality {
    let weight = |q: Quality| match q {
        Quality::Missing | Quality::NotInstalled => 7,
        Quality::Estimated => 6,
        Quality::Edited => 5,
        Quality::Questionable => 4,
        Quality::Raw => 3,
        Quality::Validated => 2,
        Quality::Verified => 1,
    };
    if weight(a) >= weight(b) { a } else { b }
}

fn finish(cell: Cell) -> Slot {
    if cell.expected == 0 {
        Slot { value: None, quality: Quality::NotInstalled }
    } else if cell.found < cell.expected {
        Slot::MISSING
    } else {
        Slot { value: Some(cell.sum), quality: cell.quality }
    }
}
