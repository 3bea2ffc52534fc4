//! Judging what was shaped: a run of new days is checked, its short gaps are filled, and it is held against the dial.

use std::collections::BTreeMap;

use chrono::DateTime;
use domain::ids::RegisterId;
use domain::metering::day::DayBlock;
use domain::metering::{Quality, register, vee};
use store::exceptions::{NewEstimate, NewException};
use store::ingest::{NewDay, NewRead};
use store::usage::day_number;

use super::master::Register;
use super::shape::{OneDay, Shaped};

/// A dial read within two minutes of an interval's border is read at the border.
pub(crate) const JITTER: i64 = 120;

/// Checks, fills and packs a run of new days.
pub(super) fn judge(
    register: &Register,
    run: Vec<OneDay>,
    reads: &[NewRead],
    before: Option<(i64, i64)>,
    out: &mut Shaped,
) {
    let rules = &register.rules;
    let numbers: Vec<i64> = run.iter().map(|d| d.number).collect();
    let mut blocks: Vec<DayBlock> = run.into_iter().map(|d| d.block).collect();
    let mut sent = 0;
    for (number, block) in numbers.iter().zip(&mut blocks) {
        sent += block.count(Quality::has_value);
        for finding in vee::check(block, rules) {
            out.findings.push(note(register.id, *number, block, &finding));
        }
    }
    let filled = vee::fill_gaps(&mut blocks, rules);
    out.estimates.extend(filled.iter().map(|f| interpolated(register.id, numbers[f.day], f)));
    let estimated: usize = filled.iter().map(|f| f.slots.len()).sum();
    // The last day may still go on.
    for (i, (number, block)) in numbers.iter().zip(&blocks).enumerate() {
        if let Some(finding) = vee::gap(block, i + 1 < blocks.len()) {
            out.findings.push(note(register.id, *number, block, &finding));
        }
    }
    sums(register, &numbers, &mut blocks, reads, before, out);
    out.counts.accepted += i64::try_from(sent).unwrap_or(0);
    out.counts.estimated += i64::try_from(estimated).unwrap_or(0);
    out.rules.entry(register.id).or_insert(*rules);
    for (number, block) in numbers.into_iter().zip(blocks) {
        out.fresh.push(NewDay { register: register.id, day: number, sum: block.sum(), block: block.encode() });
    }
}

/// Holds the intervals between two readings of the dial against what it moved, where both are at hand.
fn sums(
    register: &Register,
    numbers: &[i64],
    blocks: &mut [DayBlock],
    reads: &[NewRead],
    before: Option<(i64, i64)>,
    out: &mut Shaped,
) {
    let usable = reads.iter().filter(|r| r.quality != Quality::Estimated as u8).map(|r| (r.at, r.value));
    let points: BTreeMap<i64, i64> = before.into_iter().chain(usable).collect();
    let step = i64::from(register.interval_seconds);
    for ((from, a), (to, b)) in points.iter().zip(points.iter().skip(1)) {
        let Some((i, from_slot)) = border(blocks, *from, step) else { continue };
        let Some((j, to_slot)) = border(blocks, *to, step) else { continue };
        if let Some(sum) = between(blocks, (i, from_slot), (j, to_slot)) {
            let dial = register::difference(*a, *b, register.dial_digits, register.exponent);
            match vee::sum_check(sum, dial, &register.rules) {
                Ok(()) => {
                    // The days that lie wholly between the two readings.
                    for block in blocks.iter_mut().take(j).skip(i + usize::from(from_slot > 0)) {
                        vee::verify(block);
                    }
                }
                Err(finding) => {
                    let day = if to_slot == 0 { j.saturating_sub(1) } else { j }.min(numbers.len() - 1);
                    out.findings.push(note(register.id, numbers[day], &blocks[day], &finding));
                }
            }
        }
    }
}

/// The day and slot that begin at an instant, within the jitter of a clock; the end of the last day is the day behind it.
fn border(blocks: &[DayBlock], at: i64, step: i64) -> Option<(usize, usize)> {
    let first = blocks.first()?.start().timestamp();
    let nearest = first + (at - first + step / 2).div_euclid(step) * step;
    if (nearest - at).abs() > JITTER.min(step / 2) {
        return None;
    }
    if blocks.last()?.end().timestamp() == nearest {
        return Some((blocks.len(), 0));
    }
    let day = blocks.iter().position(|b| b.start().timestamp() <= nearest && nearest < b.end().timestamp())?;
    let slot = usize::try_from((nearest - blocks[day].start().timestamp()) / step).ok()?;
    Some((day, slot))
}

/// The sum from one border to another; `None` where a value between them is missing, or a mere estimate: then the dial
/// says nothing about the meter.
fn between(blocks: &[DayBlock], from: (usize, usize), to: (usize, usize)) -> Option<i64> {
    let mut sum = 0i64;
    for (d, block) in blocks.iter().enumerate().take(to.0 + 1).skip(from.0) {
        let first = if d == from.0 { from.1 } else { 0 };
        let last = if d == to.0 { to.1 } else { block.len() };
        if block.qualities().get(first..last)?.iter().any(|q| !q.has_value() || *q == Quality::Estimated) {
            return None;
        }
        sum = block.values()[first..last].iter().fold(sum, |s, v| s.saturating_add(*v));
    }
    (from < to).then_some(sum)
}

/// Finds a dial that went backwards, among the reads of a batch and the last one before them.
pub(super) fn reversed(register: &Register, reads: &[NewRead], before: Option<(i64, i64)>, out: &mut Shaped) {
    let usable = reads.iter().filter(|r| r.quality != Quality::Estimated as u8).map(|r| (r.at, r.value));
    let mut last = before;
    for (at, value) in usable {
        if let Some((then, earlier)) = last
            && then < at
            && let moved = register::difference(earlier, value, register.dial_digits, register.exponent)
            && let Some(finding) = vee::reverse(moved, &register.rules)
        {
            let instant = DateTime::from_timestamp(at, 0).unwrap_or_default();
            out.findings.push(NewException {
                register: register.id,
                day: day_number(register.zone_at(at).day_of(instant)),
                at: instant,
                rule: finding.rule,
                evidence: evidence(&finding),
            });
        }
        last = Some((at, value));
    }
}

/// A broken rule as it is stored.
pub(super) fn note(register: RegisterId, day: i64, block: &DayBlock, finding: &vee::Finding) -> NewException {
    // The middle of the day tells whose it was.
    let at = block.start_of(block.len() / 2);
    NewException { register, day, at, rule: finding.rule, evidence: evidence(finding) }
}

/// The figures of a finding as they are stored.
pub(crate) fn evidence(finding: &vee::Finding) -> serde_json::Value {
    serde_json::json!({
        "slots": finding.slots.as_ref().map(|s| [s.start, s.end]),
        "found": finding.found,
        "against": finding.against,
        "limit": finding.limit,
    })
}

/// What was filled between good neighbours, as it is stored.
pub(super) fn interpolated(register: RegisterId, day: i64, filled: &vee::Filled) -> NewEstimate {
    NewEstimate {
        register,
        day,
        first_slot: filled.slots.start,
        slots: filled.slots.len(),
        method: vee::like::Method::Interpolated.slug(),
        learnt_from: serde_json::Value::Array(Vec::new()),
    }
}
