//! The checks of one day.

use super::{Finding, Rule, Rules, percent_of};
use crate::metering::Quality;
use crate::metering::day::DayBlock;

/// Checks a day: raw values that pass become `Validated`, those that do not become `Questionable` and are reported.
/// Values that were judged before (verified, edited, estimated) are left as they are, so checking twice changes nothing.
pub fn check(day: &mut DayBlock, rules: &Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut raw = false;
    let mut negative = false;
    let mut top = [i64::MIN; 3];
    let mut highest = None;
    let mut counted = 0u32;
    for (i, (&value, &quality)) in day.values().iter().zip(day.qualities()).enumerate() {
        if !quality.has_value() {
            continue;
        }
        raw |= quality == Quality::Raw;
        negative |= value < 0;
        counted += 1;
        if value > top[0] {
            top = [value, top[0], top[1]];
            highest = Some(i);
        } else if value > top[1] {
            top = [top[0], value, top[1]];
        } else if value > top[2] {
            top[2] = value;
        }
    }
    if !raw {
        return findings;
    }
    if negative && rules.negative_is_suspicious {
        for i in 0..day.len() {
            let (value, quality) = (day.values()[i], day.qualities()[i]);
            if value < 0 && quality == Quality::Raw {
                day.set_quality(i, Quality::Questionable);
                findings.push(Finding {
                    rule: Rule::Negative,
                    slots: Some(i..i + 1),
                    found: value,
                    against: 0,
                    limit: 0,
                });
            }
        }
    }
    if let (Some(i), true) = (highest, counted >= 3)
        && day.qualities()[i] == Quality::Raw
        && is_spike(top[0], top[2], day.interval_seconds(), rules)
    {
        day.set_quality(i, Quality::Questionable);
        findings.push(Finding {
            rule: Rule::Spike,
            slots: Some(i..i + 1),
            found: top[0],
            against: top[2],
            limit: percent_of(top[2].max(0), rules.spike_percent.saturating_add(100)),
        });
    }
    for i in 0..day.len() {
        if day.qualities()[i] == Quality::Raw {
            day.set_quality(i, Quality::Validated);
        }
    }
    findings
}

fn is_spike(highest: i64, third: i64, seconds: u32, rules: &Rules) -> bool {
    let per_hour = i128::from(highest) * 3600 / i128::from(seconds.max(1));
    per_hour > i128::from(rules.spike_floor_per_hour)
        && (i128::from(highest) - i128::from(third)) * 100 > i128::from(rules.spike_percent) * i128::from(third.max(0))
}

/// Whether the intervals between two readings of the dial add up to what it moved.
///
/// # Errors
/// The finding, where they do not.
pub fn sum_check(intervals: i64, dial: i64, rules: &Rules) -> Result<(), Finding> {
    let apart = (i128::from(intervals) - i128::from(dial)).unsigned_abs();
    if apart <= u128::from(rules.sum_tolerance.unsigned_abs()) {
        Ok(())
    } else {
        Err(Finding { rule: Rule::Sum, slots: None, found: intervals, against: dial, limit: rules.sum_tolerance })
    }
}

/// Whether values of a day are missing: how many of its slots have one (`found`) of those that should (`against`: 92, 96
/// or 100 quarter-hours less what there was no meter for), from the first that is missing to the last. While the day
/// may still go on (`ended` is false), only what lies before its last value counts.
#[must_use]
pub fn gap(day: &DayBlock, ended: bool) -> Option<Finding> {
    let qualities = day.qualities();
    let end = if ended { qualities.len() } else { qualities.iter().rposition(|q| q.has_value()).map_or(0, |i| i + 1) };
    let first = qualities[..end].iter().position(|q| *q == Quality::Missing)?;
    let last = qualities[..end].iter().rposition(|q| *q == Quality::Missing)?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let expected = count(day.count(|q| q != Quality::NotInstalled));
    Some(Finding {
        rule: Rule::Gap,
        slots: Some(first..last + 1),
        found: count(day.count(Quality::has_value)),
        against: expected,
        limit: expected,
    })
}

/// Whether a dial went backwards by more than it may jitter (one whole unit), on a channel that only counts up. `moved`
/// is [`crate::metering::register::difference`], which knows a dial that begins again at zero.
#[must_use]
pub fn reverse(moved: i64, rules: &Rules) -> Option<Finding> {
    let jitter = rules.sum_tolerance / 2;
    (rules.negative_is_suspicious && moved < -jitter).then_some(Finding {
        rule: Rule::Reverse,
        slots: None,
        found: moved,
        against: 0,
        limit: -jitter,
    })
}

/// What the dial confirms is real: questionable values of a day whose sum is right become `Verified`. Says whether any
/// did.
pub fn verify(day: &mut DayBlock) -> bool {
    let mut changed = false;
    for i in 0..day.len() {
        if day.qualities()[i] == Quality::Questionable {
            day.set_quality(i, Quality::Verified);
            changed = true;
        }
    }
    changed
}
