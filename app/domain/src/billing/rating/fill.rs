//! How much of what was used falls into which tier.

use super::{Cut, Rule, fills_with};
use crate::billing::intervals::Intervals;
use crate::money::{Cents, largest_remainder};
use crate::tariff::{Fill, Schedule};

/// What of a cut's share falls into each of its tiers, in millionths of the billing unit; sums to the share.
pub(super) fn amounts(
    schedule: &Schedule,
    cuts: &[Cut<'_>],
    which: usize,
    shares: &[i64],
    known: Option<&Intervals>,
    cycle_days: i64,
) -> Vec<i64> {
    let (cut, used) = (&cuts[which], shares[which]);
    let ends = ends(cut, cycle_days);
    let with = |c: &Cut<'_>| fills_with(cut.charge, c.charge) && c.ranges == cut.ranges;
    match (cut.charge.fill, known) {
        (Fill::Own, _) => inside(&ends, used),
        (Fill::InTime, Some(known)) => in_time(schedule, cuts, which, &with, known, &ends),
        // Without a clock there is one charge for all hours.
        (Fill::Shared | Fill::InTime, _) => {
            let all: i64 = cuts.iter().zip(shares).filter(|(c, _)| with(c)).map(|(_, s)| *s).sum();
            let weights: Vec<i128> = inside(&ends, all).into_iter().map(i128::from).collect();
            largest_remainder(Cents(used), &weights).into_iter().map(|c| c.0).collect()
        }
    }
}

/// Where the tiers of a cut end.
fn ends(cut: &Cut<'_>, cycle_days: i64) -> Vec<Option<i64>> {
    match &cut.rule {
        Rule::Delivered(tiers) => tiers.iter().map(|(end, _)| end.map(|e| e.micro(cut.days, cycle_days))).collect(),
        _ => Vec::new(),
    }
}

/// An amount from zero, cut at the ends.
fn inside(ends: &[Option<i64>], amount: i64) -> Vec<i64> {
    let mut from = 0;
    ends.iter()
        .map(|end| {
            let to = end.map_or(amount, |e| amount.min(e));
            let part = (to - from).max(0);
            from = from.max(to);
            part
        })
        .collect()
}

/// The tiers fill in order of time, whatever the hour.
fn in_time(
    schedule: &Schedule,
    cuts: &[Cut<'_>],
    which: usize,
    with: &dyn Fn(&Cut<'_>) -> bool,
    known: &Intervals,
    ends: &[Option<i64>],
) -> Vec<i64> {
    let cut = &cuts[which];
    let mut out = vec![0; ends.len()];
    let mut so_far = 0_i64;
    for slot in cut.ranges.iter().flat_map(|r| known.on(*r)) {
        let weekend = schedule.is_weekend(slot.day);
        let mine = cut.charge.holds(weekend, slot.minute);
        let counts = mine || cuts.iter().any(|c| with(c) && c.charge.holds(weekend, slot.minute));
        if !counts {
            continue;
        }
        let after = so_far.saturating_add(slot.delivered);
        if mine {
            let parts = inside(ends, after).into_iter().zip(inside(ends, so_far));
            for (to, (now, before)) in out.iter_mut().zip(parts) {
                *to += now - before;
            }
        }
        so_far = after;
    }
    out
}
