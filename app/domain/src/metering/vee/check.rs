//! The checks of one day.

use super::{Finding, Rule, Rules};
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
                findings.push(Finding { rule: Rule::Negative, slot: Some(i), found: value, against: 0 });
            }
        }
    }
    if let (Some(i), true) = (highest, counted >= 3)
        && day.qualities()[i] == Quality::Raw
        && is_spike(top[0], top[2], day.interval_seconds(), rules)
    {
        day.set_quality(i, Quality::Questionable);
        findings.push(Finding { rule: Rule::Spike, slot: Some(i), found: top[0], against: top[2] });
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
        Err(Finding { rule: Rule::Sum, slot: None, found: intervals, against: dial })
    }
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
