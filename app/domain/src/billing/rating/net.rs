//! Net use: what is left over is carried on once, by the charges of one label; all other charges that are net count what those do.

use super::{Cut, Rule};
use crate::billing::intervals::{Bank, Intervals, key, named};
use crate::calendar::DayRange;
use crate::money::{Cents, largest_remainder};
use crate::tariff::{Charge, Label, Schedule};

/// The charges that carry on: those of the label that is net first in the file, adders only where nothing else is net.
pub(super) fn base(charges: &[Charge]) -> Option<(Label, bool)> {
    let of = |adder: bool| charges.iter().find(|c| c.net && c.adder == adder);
    of(false).or_else(|| of(true)).map(|c| (c.label, c.adder))
}

/// Under which label units are carried on.
pub(super) struct Carried {
    schedule: String,
    label: String,
}

impl Carried {
    /// Also clears the bank of what the other labels of the schedule once kept: it is the same units, kept twice. Where the label
    /// that carries on has become another one, its units are handed on.
    pub(super) fn new(schedule: &Schedule, cuts: &[Cut<'_>], bank: &mut Bank) -> Self {
        let code = &schedule.code;
        let label = cuts.iter().rfind(|c| c.carries).map(|c| format!("{:?}", c.label)).unwrap_or_default();
        if !label.is_empty() {
            let of = |label: &str| -> Vec<(String, i64)> {
                let of_it = |k: &str| named(k, code).filter(|(l, _)| *l == label).map(|(_, p)| p.to_owned());
                bank.iter().filter_map(|(k, v)| Some((of_it(k)?, *v))).collect()
            };
            let sum = |units: &[(String, i64)]| units.iter().map(|(_, v)| *v).fold(0, i64::saturating_add);
            let mut units = of(&label);
            if units.is_empty() {
                let others: Vec<&str> = bank.keys().filter_map(|k| named(k, code)).map(|(l, _)| l).collect();
                units = others.into_iter().map(of).max_by_key(|u| sum(u)).unwrap_or_default();
            }
            bank.retain(|k, _| named(k, code).is_none());
            bank.extend(units.into_iter().map(|(period, v)| (key(code, &label, &period), v)));
        }
        Self { schedule: code.clone(), label }
    }

    /// What is to be paid of a net amount, after what was carried on; what is left over is carried on.
    pub(super) fn net(&self, bank: &mut Bank, charge: &Charge, amount: i64) -> i64 {
        let key = key(&self.schedule, &self.label, charge.period.as_deref().unwrap_or_default());
        let before = bank.remove(&key).unwrap_or(0);
        let left = amount.saturating_sub(before);
        if left < 0 {
            bank.insert(key, left.saturating_neg());
        }
        left.max(0)
    }
}

/// Net charges that do not carry on count what those do that carry: of each the part that falls into their own days and hours, by what
/// was used there beyond what was sent back. Where nothing is carried on they count their own net use, never less than nothing.
pub(super) fn follow(
    schedule: &Schedule,
    cuts: &[Cut<'_>],
    served: DayRange,
    totals: (i64, i64),
    known: Option<&Intervals>,
    shares: &mut [i64],
) {
    let net = |c: &Cut<'_>| c.charge.net && matches!(c.rule, Rule::Delivered(_));
    let bases: Vec<usize> = (0..cuts.len()).filter(|i| net(&cuts[*i]) && cuts[*i].carries).collect();
    let mut done: Vec<(Label, bool)> = Vec::new();
    for cut in cuts.iter().filter(|c| net(c) && !c.carries) {
        let name = (cut.label, cut.charge.adder);
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        let followers: Vec<usize> = (0..cuts.len())
            .filter(|i| net(&cuts[*i]) && !cuts[*i].carries && (cuts[*i].label, cuts[*i].charge.adder) == name)
            .collect();
        // What of each base lies within each follower, and what of a follower within no base.
        let mut within = vec![vec![0_i64; followers.len()]; bases.len()];
        let mut alone = vec![0_i64; followers.len()];
        for (f, i) in followers.iter().enumerate() {
            let follower = &cuts[*i];
            for (day, slots) in days(follower, known) {
                let weekend = schedule.is_weekend(day);
                let on: Vec<usize> =
                    (0..bases.len()).filter(|b| cuts[bases[*b]].ranges.iter().any(|r| r.contains(day))).collect();
                let Some(slots) = slots else {
                    // Without a clock each day is as good as another.
                    match on.first() {
                        Some(b) => within[*b][f] += 1,
                        None => alone[f] += 1,
                    }
                    continue;
                };
                for slot in slots.iter().filter(|s| follower.charge.holds(weekend, s.minute)) {
                    let amount = slot.delivered.saturating_sub(slot.received);
                    let to = match on.iter().find(|b| cuts[bases[**b]].charge.holds(weekend, slot.minute)) {
                        Some(b) => &mut within[*b][f],
                        None => &mut alone[f],
                    };
                    *to = to.saturating_add(amount);
                }
            }
        }
        for (f, i) in followers.iter().enumerate() {
            shares[*i] = match known {
                Some(_) => alone[f].max(0),
                None => {
                    let weights = [i128::from(alone[f]), i128::from(served.len() - alone[f])];
                    let of = |whole: i64| largest_remainder(Cents(whole), &weights)[0].0;
                    (of(totals.0) - of(totals.1)).max(0)
                }
            };
        }
        for (b, parts) in bases.iter().zip(within) {
            let whole = match known {
                Some(known) => cuts[*b].ranges.iter().fold(0_i64, |sum, r| {
                    let (d, r) = known.sums(schedule, cuts[*b].charge, *r);
                    sum.saturating_add(d).saturating_sub(r)
                }),
                None => cuts[*b].days,
            };
            let rest = parts.iter().fold(whole, |left, part| left.saturating_sub(*part));
            let weights: Vec<i128> = parts.iter().chain([&rest]).map(|w| i128::from((*w).max(0))).collect();
            for (i, share) in followers.iter().zip(largest_remainder(Cents(shares[*b]), &weights)) {
                shares[*i] = shares[*i].saturating_add(share.0);
            }
        }
    }
}

type Day<'k> = (chrono::NaiveDate, Option<&'k [crate::billing::intervals::Slot]>);

/// The days of a cut with their intervals, where those are known.
fn days<'a>(cut: &'a Cut<'_>, known: Option<&'a Intervals>) -> impl Iterator<Item = Day<'a>> {
    cut.ranges.iter().flat_map(|range| range.days()).map(move |day| {
        let of_day = DayRange { from: day, to: crate::calendar::next_day(day) };
        (day, known.map(|k| k.on(of_day)))
    })
}
