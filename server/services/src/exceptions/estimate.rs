//! Estimating what is missing (or in doubt) on a day from like days and the dial.

use chrono::{DateTime, NaiveDate, TimeDelta};
use domain::calendar::{DayRange, next_day};
use domain::ids::RegisterId;
use domain::metering::day::DayBlock;
use domain::metering::vee::like::{self, Kind, Method};
use domain::metering::vee::{Finding, Rules, sum_check};
use domain::metering::{Quality, register};
use serde_json::Value;
use store::exceptions::NewEstimate;
use store::ingest::DayState;
use store::usage::day_number;
use store::{StoreError, Tx};

use super::Target;
use super::change::{newly_estimated, stored};
use super::review::absence;
use crate::ingest::JITTER;
use crate::{Fault, zones};

/// How far a reading of the dial may lie from what is missing.
const READ_WITHIN_DAYS: i64 = 40;

/// A day with estimates in it, not stored yet.
pub(super) struct Estimated {
    /// As it is stored.
    pub before: Option<(DayState, DayBlock)>,
    /// With the estimates.
    pub block: DayBlock,
    /// How they were made.
    pub method: Method,
    /// The same, as it is stored.
    pub made: Vec<NewEstimate>,
}

/// What the dial says about a stretch.
pub(super) struct Dial {
    /// How far it moved.
    pub moved: i64,
    /// What the intervals between the two readings add up to, without those that are wanted.
    pub known: i64,
    /// Whether some of it is a mere estimate: then the dial says nothing about the meter.
    pub estimated: bool,
}

/// Estimates the holes of a day; with `doubtful` also the values that failed a check. `None` where there is nothing to
/// estimate, or nothing to learn it from.
pub(super) async fn estimate(
    tx: &mut Tx<'_>,
    target: &Target,
    day: NaiveDate,
    doubtful: bool,
) -> Result<Option<Estimated>, Fault> {
    let wanted = move |q: Quality| q == Quality::Missing || (doubtful && q == Quality::Questionable);
    let number = day_number(day);
    let before = stored(tx, target.register, number).await?;
    let mut block = match &before {
        Some((_, block)) => block.clone(),
        None => {
            let places = store::review::places(tx, target.register).await?;
            absence(target, &places, day)
        }
    };
    let first = block.qualities().iter().position(|q| wanted(*q));
    let last = block.qualities().iter().rposition(|q| wanted(*q));
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    let total = dial(tx, target, (block.start_of(first).timestamp(), block.start_of(last + 1).timestamp()), |at, q| {
        wanted(q) && block.start().timestamp() <= at && at < block.end().timestamp()
    })
    .await?
    .map(|d| d.moved.saturating_sub(d.known));
    let within = TimeDelta::days(i64::from(target.rules.like_within_days));
    let range = DayRange { from: day - within, to: day + within };
    let mut candidates = Vec::new();
    let kind = |d: NaiveDate| Kind::of(d, like::holiday(d));
    for stored in store::usage::days(tx, target.register, range).await? {
        if kind(stored.day) == kind(day) {
            candidates.push((stored.day, stored.unpack()?));
        }
    }
    let teachers = like::choose(day, &candidates, &kind, &target.rules);
    let blocks: Vec<&DayBlock> = teachers.iter().map(|(_, b)| b).collect();
    let Some(method) = like::estimate(&mut block, &blocks, total, wanted) else { return Ok(None) };
    let learnt_from: Value = teachers.iter().map(|(d, _)| Value::from(d.to_string())).collect();
    let made = newly_estimated(before.as_ref().map(|b| &b.1), &block)
        .into_iter()
        .map(|run| NewEstimate {
            register: target.register,
            day: number,
            first_slot: run.start,
            slots: run.len(),
            method: method.slug(),
            learnt_from: if method == Method::DialSpread { Value::Array(Vec::new()) } else { learnt_from.clone() },
        })
        .collect();
    Ok(Some(Estimated { before, block, method, made }))
}

/// How far the dial moved over a stretch (seconds since 1970, UTC), between the nearest exact readings that enclose it,
/// and what is known of the intervals between them. `None` where there are no such readings, or an interval that is
/// not `wanted` is missing too or in doubt.
pub(super) async fn dial(
    tx: &mut Tx<'_>,
    target: &Target,
    (from, to): (i64, i64),
    wanted: impl Fn(i64, Quality) -> bool,
) -> Result<Option<Dial>, StoreError> {
    let at = |s: i64| DateTime::from_timestamp(s, 0).unwrap_or_default();
    let margin = TimeDelta::days(READ_WITHIN_DAYS);
    let reads = store::usage::reads(tx, target.register, at(from) - margin, at(to) + margin).await?;
    let exact = || reads.iter().filter(|r| !matches!(r.quality, Quality::Estimated | Quality::Questionable));
    let step = i64::from(target.interval_seconds);
    let near = JITTER.min(step / 2);
    let left = exact().rev().find(|r| r.at.timestamp() <= from + near);
    let right = exact().find(|r| r.at.timestamp() >= to - near);
    let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
    // Readings lie on the borders of intervals, or they bound no whole number of them.
    let snap = |s: i64| {
        let border = from + (s - from + step / 2).div_euclid(step) * step;
        ((border - s).abs() <= near).then_some(border)
    };
    let (Some(begin), Some(end)) = (snap(left.at.timestamp()), snap(right.at.timestamp())) else { return Ok(None) };
    let range = DayRange { from: target.zone.day_of(at(begin)), to: next_day(target.zone.day_of(at(end))) };
    let mut known = 0i64;
    let mut estimated = false;
    let mut seen = vec![false; usize::try_from((end - begin) / step).unwrap_or(0)];
    for stored in store::usage::days(tx, target.register, range).await? {
        let block = stored.unpack()?;
        for i in 0..block.len() {
            let start = block.start_of(i).timestamp();
            let Some(place) = usize::try_from((start - begin) / step).ok().filter(|_| start >= begin) else { continue };
            let Some(place) = seen.get_mut(place) else { continue };
            *place = true;
            if wanted(start, block.qualities()[i]) {
                continue;
            }
            estimated |= block.qualities()[i] == Quality::Estimated;
            match block.slot(i).value {
                Some(value) if block.qualities()[i] != Quality::Questionable => known = known.saturating_add(value),
                _ => return Ok(None),
            }
        }
    }
    // A day that is not stored at all is wanted as a whole, or the sum is not known.
    for (i, seen) in (0..).zip(seen) {
        if !seen && !wanted(begin + i * step, Quality::Missing) {
            return Ok(None);
        }
    }
    let moved = register::difference(left.value, right.value, target.dial_digits, target.exponent);
    Ok(Some(Dial { moved, known, estimated }))
}

/// What is wrong with a stored day by the readings of the dial around it; `None` where there is nothing, or they do not say.
pub(crate) async fn off_dial(
    tx: &mut Tx<'_>,
    register: RegisterId,
    rules: &Rules,
    block: &DayBlock,
) -> Result<Option<Finding>, StoreError> {
    let middle = block.start_of(block.len() / 2);
    let Some(measured) = store::review::measured(tx, register, middle).await? else { return Ok(None) };
    let Some(zone) = zones::find(&measured.zone) else { return Ok(None) };
    let target = Target {
        register,
        exponent: measured.exponent,
        interval_seconds: measured.interval_seconds.max(1),
        dial_digits: measured.dial_digits,
        zone,
        rules: *rules,
    };
    let stretch = (block.start().timestamp(), block.end().timestamp());
    let dial = dial(tx, &target, stretch, |_, _| false).await?.filter(|d| !d.estimated);
    Ok(dial.and_then(|d| sum_check(d.known, d.moved, rules).err()))
}
