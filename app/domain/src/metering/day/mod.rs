//! One register and one local day of intervals, packed. A block says by itself when its day starts and how long its
//! intervals are, so decoding asks no time-zone rule and a change of the rules cannot move old data.

use chrono::{DateTime, TimeDelta};

use super::{Interval, Quality};
use crate::calendar::Instant;

mod bits;
mod codec;
mod values;

pub use codec::{BlockError, Head};

/// The most slots a block may have: minutes of a day of 25 hours.
pub const MAX_SLOTS: usize = 1500;

/// One interval's place in a day: a value and how it is known, or a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The amount in the register's unit and power of ten; `None` where nothing is known.
    pub value: Option<i64>,
    /// How it is known.
    pub quality: Quality,
}

impl Slot {
    /// A hole.
    pub const MISSING: Self = Self { value: None, quality: Quality::Missing };
}

/// The intervals of one register on one local day: 92, 96 or 100 quarter-hours, 23, 24 or 25 hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayBlock {
    start: Instant,
    interval_seconds: u32,
    exponent: i8,
    /// Zero where there is no value.
    values: Vec<i64>,
    quality: Vec<Quality>,
}

impl DayBlock {
    /// A day of which nothing is known: `slots` intervals of `interval_seconds` from `start`, counted in
    /// `10^exponent` of the register's unit. More slots than [`MAX_SLOTS`] are cut off; a start between two minutes is
    /// taken back to the minute.
    #[must_use]
    pub fn empty(start: Instant, interval_seconds: u32, slots: usize, exponent: i8) -> Self {
        let slots = slots.min(MAX_SLOTS);
        let start = DateTime::from_timestamp(start.timestamp().div_euclid(60) * 60, 0).unwrap_or(start);
        Self { start, interval_seconds, exponent, values: vec![0; slots], quality: vec![Quality::Missing; slots] }
    }

    /// An empty day between two instants (the bounds of a local day): as many slots as fit.
    #[must_use]
    pub fn between(start: Instant, end: Instant, interval_seconds: u32, exponent: i8) -> Self {
        let seconds = (end - start).num_seconds().max(0);
        let slots = seconds / i64::from(interval_seconds.max(1));
        Self::empty(start, interval_seconds.max(1), usize::try_from(slots).unwrap_or(0), exponent)
    }

    /// The first instant of the day, UTC.
    #[must_use]
    pub const fn start(&self) -> Instant {
        self.start
    }

    /// The end of the last interval, UTC.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.start_of(self.len())
    }

    /// The length of an interval.
    #[must_use]
    pub const fn interval_seconds(&self) -> u32 {
        self.interval_seconds
    }

    /// The power of ten that the values count.
    #[must_use]
    pub const fn exponent(&self) -> i8 {
        self.exponent
    }

    /// How many intervals the day has, with and without values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the day has no slots at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// When slot `index` starts, UTC.
    #[must_use]
    pub fn start_of(&self, index: usize) -> Instant {
        let seconds = i64::try_from(index).unwrap_or(i64::MAX).saturating_mul(i64::from(self.interval_seconds));
        TimeDelta::try_seconds(seconds)
            .and_then(|d| self.start.checked_add_signed(d))
            .unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
    }

    /// The slot that starts at an instant; `None` outside the day or off its grid.
    #[must_use]
    pub fn slot_at(&self, instant: Instant) -> Option<usize> {
        let offset = instant.timestamp() - self.start.timestamp();
        let step = i64::from(self.interval_seconds);
        if offset < 0 || step == 0 || offset % step != 0 {
            return None;
        }
        usize::try_from(offset / step).ok().filter(|i| *i < self.len())
    }

    /// The slot at `index`; a hole past the end.
    #[must_use]
    pub fn slot(&self, index: usize) -> Slot {
        match self.quality.get(index) {
            Some(q) if q.has_value() => Slot { value: Some(self.values[index]), quality: *q },
            Some(q) => Slot { value: None, quality: *q },
            None => Slot::MISSING,
        }
    }

    /// Puts a value into a slot. A quality without a value makes a hole; an index past the end does nothing.
    pub fn set(&mut self, index: usize, value: i64, quality: Quality) {
        if let (Some(v), Some(q)) = (self.values.get_mut(index), self.quality.get_mut(index)) {
            *v = if quality.has_value() { value } else { 0 };
            *q = quality;
        }
    }

    /// Changes how a slot is known; a quality without a value removes the value.
    pub fn set_quality(&mut self, index: usize, quality: Quality) {
        if let Some(value) = self.values.get(index).copied() {
            self.set(index, value, quality);
        }
    }

    /// The values, zero in holes: look at [`DayBlock::qualities`] too.
    #[must_use]
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// How each slot is known.
    #[must_use]
    pub fn qualities(&self) -> &[Quality] {
        &self.quality
    }

    /// All slots in order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        (0..self.len()).map(|i| self.slot(i))
    }

    /// The intervals that have values, each with its start.
    pub fn intervals(&self) -> impl Iterator<Item = Interval> + '_ {
        (0..self.len()).filter(|i| self.quality[*i].has_value()).map(|i| Interval {
            start: self.start_of(i),
            seconds: self.interval_seconds,
            value: self.values[i],
            quality: self.quality[i],
        })
    }

    /// The sum of the values; holes add nothing. Saturates at the range of `i64`.
    #[must_use]
    pub fn sum(&self) -> i64 {
        let sum: i128 = self.values.iter().map(|v| i128::from(*v)).sum();
        i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
    }

    /// How many slots satisfy a condition on their quality.
    #[must_use]
    pub fn count(&self, condition: impl Fn(Quality) -> bool) -> usize {
        self.quality.iter().filter(|q| condition(**q)).count()
    }

    /// The packed form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(24 + self.len() * 2);
        codec::encode(self, &mut out);
        out
    }

    /// Reads the packed form. Never panics, whatever the bytes.
    ///
    /// # Errors
    /// [`BlockError`] where the bytes are not a block.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockError> {
        codec::decode(bytes)
    }
}

#[cfg(test)]
mod tests;
