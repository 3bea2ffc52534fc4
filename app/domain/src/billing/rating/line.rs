//! Printed lines: a quantity or a time by its price, rounded once.

use super::{Cut, MICRO, Parts, total};
use crate::billing::{Line, LineKind, TierLine};
use crate::money::{Cents, Price, div_half_up, largest_remainder};
use crate::quantity::{Decimal, Unit};
use crate::tariff::{Component, Per, TierEnd};

/// `price * times * days / divisor`, rounded once.
pub(super) fn standing(cut: &Cut<'_>, parts: &Parts, times: Option<(Per, Decimal)>, days: i64, divisor: i64) -> Line {
    let count = times.map_or(1_000_000, |(_, d)| d.round_to(MICRO));
    let price = total(parts);
    // Price is 10^-8 dollars, count 10^-6: together 10^-12 cents.
    let dividend = i128::from(price) * i128::from(count) * i128::from(days);
    let amount = cents(dividend, 1_000_000_000_000 * i128::from(divisor.max(1)));
    Line {
        kind: LineKind::Fixed,
        label: Some(cut.label),
        tier: None,
        quantity: None,
        measured: None,
        unit: None,
        times,
        picked: None,
        price: Some(Price(price)),
        percent: None,
        base: None,
        days,
        of_days: divisor.max(1),
        monthly: false,
        amount,
        components: split(amount, parts),
    }
}

/// A line for each tier with something in it.
pub(super) fn tiered(
    cut: &Cut<'_>,
    tiers: &[(Option<TierEnd>, Parts)],
    amounts: &[i64],
    served: i64,
    cycle_days: i64,
    unit: Option<Unit>,
) -> Vec<Line> {
    let mut out = Vec::new();
    let mut from = 0;
    let nothing = amounts.iter().all(|a| *a == 0);
    for (i, ((end, parts), inside)) in tiers.iter().zip(amounts).enumerate() {
        let to = end.map(|e| e.micro(cut.days, cycle_days));
        // The first tier is printed even for nothing used, so that a bill without use still says so.
        if *inside > 0 || (i == 0 && nothing) {
            let mut line = by_use(LineKind::Usage, cut, parts, *inside, served, unit);
            if tiers.len() > 1 {
                line.tier = Some(tier(i, from, to, *end));
            }
            out.push(line);
        }
        from = to.unwrap_or(from);
    }
    out
}

fn tier(index: usize, from: i64, to: Option<i64>, end: Option<TierEnd>) -> TierLine {
    TierLine {
        number: u32::try_from(index + 1).unwrap_or(u32::MAX),
        from: Decimal::new(from, MICRO),
        to: to.map(|t| Decimal::new(t, MICRO)),
        per_day: match end {
            Some(TierEnd::PerDay(d)) => Some(d),
            _ => None,
        },
    }
}

/// The highest load in its tiers: kilowatts by price, for the cut's part of the billing period.
pub(super) fn demand(cut: &Cut<'_>, tiers: &[(Option<TierEnd>, Parts)], peak: i64, cycle_days: i64) -> Vec<Line> {
    let mut out = Vec::new();
    let mut from = 0;
    for (i, (end, parts)) in tiers.iter().enumerate() {
        // Where a tier of kilowatts ends does not depend on the days.
        let to = end.map(|e| e.micro(1, 1));
        let inside = to.map_or(peak, |t| peak.min(t)) - from;
        if inside > 0 || i == 0 {
            let quantity = inside.max(0);
            let mut line = by_use(LineKind::Usage, cut, parts, quantity, cycle_days, None);
            let dividend = i128::from(total(parts)) * i128::from(quantity) * i128::from(cut.days);
            line.amount = cents(dividend, 1_000_000_000_000 * i128::from(cycle_days.max(1)));
            line.components = split(line.amount, parts);
            line.of_days = cycle_days;
            line.monthly = true;
            if tiers.len() > 1 {
                line.tier = Some(tier(i, from, to, *end));
            }
            out.push(line);
        }
        from = to.unwrap_or(peak);
        if peak <= from {
            break;
        }
    }
    out
}

pub(super) fn by_use(
    kind: LineKind,
    cut: &Cut<'_>,
    parts: &Parts,
    quantity: i64,
    served: i64,
    unit: Option<Unit>,
) -> Line {
    let price = total(parts);
    let positive = cents(i128::from(price) * i128::from(quantity), 1_000_000_000_000);
    let amount = if kind == LineKind::Export { -positive } else { positive };
    Line {
        kind,
        label: Some(cut.label),
        tier: None,
        quantity: Some(Decimal::new(quantity, MICRO)),
        measured: None,
        unit,
        times: None,
        picked: None,
        price: Some(Price(price)),
        percent: None,
        base: None,
        days: cut.days,
        of_days: served,
        monthly: false,
        amount,
        components: split(amount, parts),
    }
}

pub(super) fn split(amount: Cents, parts: &Parts) -> Vec<(Component, Cents)> {
    if parts.len() < 2 {
        return Vec::new();
    }
    let weights: Vec<i128> = parts.iter().map(|(_, p)| i128::from(p.0)).collect();
    parts.iter().map(|(c, _)| *c).zip(largest_remainder(amount, &weights)).collect()
}

/// The one rounding of a line: half up.
pub(in crate::billing) fn cents(dividend: i128, divisor: i128) -> Cents {
    Cents(i64::try_from(div_half_up(dividend, divisor)).unwrap_or(i64::MAX))
}
