//! Short gaps are filled from their neighbours.

use std::ops::Range;

use super::Rules;
use crate::metering::Quality;
use crate::metering::day::DayBlock;

/// A run of slots of one day that was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Which of the days.
    pub day: usize,
    /// Which of its slots.
    pub slots: Range<usize>,
}

/// Fills gaps of at most [`Rules::longest_gap_seconds`] on a line between the good values beside them, across midnight
/// too. `days` are consecutive days of one register, in order; a gap at either end of them has only one neighbour and
/// stays. Estimates, questionable values and stretches without a meter are no neighbours. Answers what was filled in.
pub fn fill_gaps(days: &mut [DayBlock], rules: &Rules) -> Vec<Filled> {
    let mut filled: Vec<Filled> = Vec::new();
    // The gap being walked over: where it began and the good value before it.
    let mut before: Option<i64> = None;
    let mut gap: Vec<(usize, usize)> = Vec::new();
    let mut seconds = 0u32;
    for d in 0..days.len() {
        if d > 0 && days[d - 1].end() != days[d].start() {
            before = None;
            gap.clear();
            seconds = 0;
        }
        if gap.is_empty() && !days[d].qualities().contains(&Quality::Missing) {
            // The common case: a whole day. Only its last value matters to the next one.
            before = days[d].len().checked_sub(1).and_then(|last| good(&days[d], last));
            continue;
        }
        let length = days[d].interval_seconds();
        for i in 0..days[d].len() {
            if days[d].qualities()[i] == Quality::Missing {
                gap.push((d, i));
                seconds = seconds.saturating_add(length);
                continue;
            }
            let after = good(&days[d], i);
            if let (Some(left), Some(right), true) = (before, after, !gap.is_empty())
                && seconds <= rules.longest_gap_seconds
            {
                fill(days, &gap, left, right);
                note(&mut filled, &gap);
            }
            gap.clear();
            seconds = 0;
            before = after;
        }
    }
    filled
}

/// Whether a value may be learnt from.
pub(super) fn good(day: &DayBlock, i: usize) -> Option<i64> {
    matches!(day.qualities()[i], Quality::Raw | Quality::Validated | Quality::Verified | Quality::Edited)
        .then(|| day.values()[i])
}

fn note(filled: &mut Vec<Filled>, gap: &[(usize, usize)]) {
    for (day, slot) in gap {
        match filled.last_mut() {
            Some(run) if run.day == *day && run.slots.end == *slot => run.slots.end += 1,
            _ => filled.push(Filled { day: *day, slots: *slot..slot + 1 }),
        }
    }
}

fn fill(days: &mut [DayBlock], gap: &[(usize, usize)], left: i64, right: i64) {
    let steps = i128::try_from(gap.len() + 1).unwrap_or(i128::MAX);
    let (left, rise) = (i128::from(left), i128::from(right) - i128::from(left));
    for (step, (d, i)) in (1i128..).zip(gap) {
        // Rounded half up; between two numbers of 64 bits there is no overflow.
        let value = left + (rise * step * 2 + steps).div_euclid(steps * 2);
        days[*d].set(*i, i64::try_from(value).unwrap_or(i64::MAX), Quality::Estimated);
    }
}
