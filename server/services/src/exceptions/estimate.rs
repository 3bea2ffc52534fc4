//! Estimating what is missing (or in doubt) on a day from like days and the dial.

use std::collections::BTreeSet;

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
    /// Between which instants (seconds since 1970, UTC).
    between: (i64, i64),
    /// The days with intervals that are wanted.
    wanting: BTreeSet<NaiveDate>,
}

/// What days are estimated from: those around them, unpacked.
struct Teachers {
    days: Vec<(NaiveDate, DayBlock)>,
}

impl Teachers {
    /// Reads what may teach the days of a range.
    async fn read(tx: &mut Tx<'_>, target: &Target, range: DayRange) -> Result<Self, StoreError> {
        let within = TimeDelta::days(i64::from(target.rules.like_within_days));
        let around = DayRange { from: range.from - within, to: range.to + within };
        let mut days = Vec::new();
        for stored in store::usage::days(tx, target.register, around).await? {
            days.push((stored.day, stored.unpack()?));
        }
        Ok(Self { days })
    }

    /// The like days of a day, the nearest first.
    fn of(&self, day: NaiveDate, rules: &Rules) -> Vec<&(NaiveDate, DayBlock)> {
        like::choose(day, &self.days, &|d| Kind::of(d, like::holiday(d)), rules)
    }

    /// What like days say of the intervals of a day that are wanted and lie between two instants; `None` where there are no like days.
    fn expect(&self, block: &DayBlock, day: NaiveDate, rules: &Rules, holes: &Holes<'_>) -> Option<i128> {
        let like = self.of(day, rules);
        let blocks: Vec<&DayBlock> = like.iter().map(|(_, b)| b).collect();
        let mut filled = block.clone();
        like::estimate(&mut filled, &blocks, None, holes.wanted)?;
        Some(holes.slots(block).map(|i| i128::from(filled.values()[i])).sum())
    }
}

/// Which intervals are to be estimated.
struct Holes<'a> {
    wanted: &'a (dyn Fn(Quality) -> bool + Sync),
    between: (i64, i64),
}

impl Holes<'_> {
    /// Those of a day.
    fn slots<'b>(&'b self, block: &'b DayBlock) -> impl Iterator<Item = usize> + 'b {
        let inside = |i: usize| (self.between.0..self.between.1).contains(&block.start_of(i).timestamp());
        (0..block.len()).filter(move |i| (self.wanted)(block.qualities()[*i]) && inside(*i))
    }
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
    let stretch = (block.start_of(first).timestamp(), block.start_of(last + 1).timestamp());
    let dial = dial(tx, target, stretch, |_, q| wanted(q)).await?;
    let wanting = || dial.iter().flat_map(|d| &d.wanting).copied();
    let (from, to) = (wanting().min().unwrap_or(day), wanting().max().unwrap_or(day));
    let known = Teachers::read(tx, target, DayRange { from: from.min(day), to: next_day(to.max(day)) }).await?;
    let total = match &dial {
        Some(dial) => share(tx, target, day, dial, &known, &wanted).await?,
        None => None,
    };
    let teachers = known.of(day, &target.rules);
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

/// What a day's holes add up to, of all that the dial counted between its two readings and no interval tells. Where days beside it
/// have holes too, they share it by what like days say of each, or else by how many intervals each wants; so once all are estimated,
/// in whichever order, they add up to what the dial moved.
async fn share(
    tx: &mut Tx<'_>,
    target: &Target,
    day: NaiveDate,
    dial: &Dial,
    known: &Teachers,
    wanted: &(dyn Fn(Quality) -> bool + Sync),
) -> Result<Option<i64>, Fault> {
    let all = dial.moved.saturating_sub(dial.known);
    if all < 0 || dial.wanting.iter().all(|other| *other == day) {
        return Ok(Some(all));
    }
    let holes = Holes { wanted, between: dial.between };
    let places = store::review::places(tx, target.register).await?;
    let mut days = Vec::new();
    for other in &dial.wanting {
        let stored = known.days.iter().find(|(d, _)| d == other).map(|(_, b)| b.clone());
        days.push((*other, stored.unwrap_or_else(|| absence(target, &places, *other))));
    }
    let expected: Option<Vec<i128>> =
        days.iter().map(|(other, b)| known.expect(b, *other, &target.rules, &holes)).collect();
    let weights = match expected {
        Some(weights) if weights.iter().any(|w| *w > 0) => weights,
        _ => days.iter().map(|(_, b)| holes.slots(b).count() as i128).collect(),
    };
    let sum: i128 = weights.iter().sum();
    let mine = days.iter().zip(&weights).find(|((other, _), _)| *other == day).map_or(0, |(_, w)| *w);
    Ok((sum > 0).then(|| i64::try_from((i128::from(all) * mine * 2 + sum) / (sum * 2)).unwrap_or(i64::MAX)))
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
    let mut wanting = BTreeSet::new();
    let mut seen = vec![false; usize::try_from((end - begin) / step).unwrap_or(0)];
    for stored in store::usage::days(tx, target.register, range).await? {
        let block = stored.unpack()?;
        for i in 0..block.len() {
            let start = block.start_of(i).timestamp();
            let Some(place) = usize::try_from((start - begin) / step).ok().filter(|_| start >= begin) else { continue };
            let Some(place) = seen.get_mut(place) else { continue };
            *place = true;
            if wanted(start, block.qualities()[i]) {
                wanting.insert(stored.day);
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
        if seen {
            continue;
        }
        let start = begin + i * step;
        if !wanted(start, Quality::Missing) {
            return Ok(None);
        }
        wanting.insert(target.zone.day_of(at(start)));
    }
    let moved = register::difference(left.value, right.value, target.dial_digits, target.exponent);
    Ok(Some(Dial { moved, known, estimated, between: (begin, end), wanting }))
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
