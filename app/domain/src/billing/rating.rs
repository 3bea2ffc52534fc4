//! Charges to lines: cuts the days of service where prices change, fills tiers, rounds each line once.

use chrono::NaiveDate;

use super::{BillError, Line, LineKind, ServiceUse, TierLine};
use crate::calendar::DayRange;
use crate::money::{Cents, Price, div_half_up, largest_remainder};
use crate::quantity::{Decimal, Unit};
use crate::tariff::{Basis, Charge, Component, Label, Per, Prices, Schedule, Tier};

/// Quantities are counted in millionths of the billing unit.
pub const MICRO: i8 = -6;

/// A price as it stands on the days of one cut.
type Parts = Vec<(Component, Price)>;

/// What a cut charges, resolved: the same for all of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Month { per: Per, picked: Option<String>, parts: Parts },
    Day { per: Per, parts: Parts },
    Delivered(Vec<(Option<i64>, Parts)>),
    Received(Parts),
}

/// Days on which one charge has one set of prices.
struct Cut {
    label: Label,
    rule: Rule,
    days: i64,
    /// Where the label stands on the bill.
    order: usize,
}

fn on(prices: &Prices, day: NaiveDate) -> Parts {
    prices.iter().map(|(c, s)| (*c, s.on(day))).collect()
}

fn total(parts: &Parts) -> i64 {
    parts.iter().map(|(_, p)| p.0).sum()
}

fn resolve(schedule: &str, charge: &Charge, used: &ServiceUse, day: NaiveDate) -> Result<Rule, BillError> {
    Ok(match &charge.basis {
        Basis::Month(per, prices) => Rule::Month { per: *per, picked: None, parts: on(prices, day) },
        Basis::Day(per, prices) => Rule::Day { per: *per, parts: on(prices, day) },
        Basis::MonthBy(fact, by) => {
            let key = used.facts.pick(*fact);
            let prices = key
                .and_then(|k| by.get(k))
                .ok_or_else(|| BillError::NoFact(schedule.to_owned(), *fact, key.map(str::to_owned)))?;
            Rule::Month { per: Per::Service, picked: key.map(str::to_owned), parts: on(prices, day) }
        }
        Basis::Delivered(tiers) => Rule::Delivered(
            tiers.iter().map(|t: &Tier| (t.per_day.map(|d| d.round_to(MICRO)), on(&t.prices, day))).collect(),
        ),
        Basis::Received(prices) => Rule::Received(on(prices, day)),
    })
}

/// The first days of runs on which nothing about a charge changes: each first of a month for seasons, each price's date.
fn boundaries(charge: &Charge, range: DayRange) -> Vec<NaiveDate> {
    let mut out = vec![range.from];
    let mut add = |d: NaiveDate| {
        if range.from < d && d < range.to {
            out.push(d);
        }
    };
    if !charge.months.is_empty() {
        let mut d = crate::calendar::add_months(crate::calendar::month_start(range.from), 1);
        while d < range.to {
            add(d);
            d = crate::calendar::add_months(d, 1);
        }
    }
    let mut each = |prices: &Prices| {
        for (_, s) in prices {
            for (d, _) in &s.0 {
                add(*d);
            }
        }
    };
    match &charge.basis {
        Basis::Month(_, p) | Basis::Day(_, p) | Basis::Received(p) => each(p),
        Basis::MonthBy(_, by) => by.values().for_each(each),
        Basis::Delivered(tiers) => tiers.iter().for_each(|t| each(&t.prices)),
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The cuts of all charges: in the order of the schedule, then of time. Neighbouring days with equal rules are one cut.
fn cuts(schedule: &Schedule, used: &ServiceUse) -> Result<Vec<Cut>, BillError> {
    let mut out: Vec<Cut> = Vec::new();
    let mut labels: Vec<Label> = Vec::new();
    let mut covered = used.served.from;
    for (version, range) in schedule.during(used.served) {
        if range.from > covered {
            return Err(BillError::NoPrices(schedule.code.clone(), range.from));
        }
        covered = range.to;
        for charge in &version.charges {
            let order = labels.iter().position(|l| *l == charge.label).unwrap_or_else(|| {
                labels.push(charge.label);
                labels.len() - 1
            });
            let starts = boundaries(charge, range);
            for (i, from) in starts.iter().enumerate() {
                let to = starts.get(i + 1).copied().unwrap_or(range.to);
                if !charge.applies(*from) {
                    continue;
                }
                let days = crate::calendar::days_between(*from, to);
                let rule = resolve(&schedule.code, charge, used, *from)?;
                match out.iter_mut().find(|c| c.label == charge.label && c.rule == rule) {
                    Some(same) => same.days += days,
                    None => out.push(Cut { label: charge.label, rule, days, order }),
                }
            }
        }
    }
    if covered < used.served.to {
        return Err(BillError::NoPrices(schedule.code.clone(), used.served.to));
    }
    out.sort_by_key(|c| c.order);
    Ok(out)
}

/// A quantity in millionths.
fn micro(quantity: Option<Decimal>) -> Result<i64, BillError> {
    let Some(q) = quantity else { return Ok(0) };
    q.rescale(MICRO).filter(|v| (0..=1_000_000_000_000_000).contains(v)).ok_or(BillError::Quantity(q))
}

/// All charges of a service as lines, usage and standing charges first, export credits after them.
pub(super) fn lines(schedule: &Schedule, used: &ServiceUse, cycle_days: i64) -> Result<Vec<Line>, BillError> {
    let cuts = cuts(schedule, used)?;
    let delivered = micro(used.delivered)?;
    let received = micro(used.received)?;
    let unit = used.service.commodity().map(crate::quantity::Commodity::billing_unit);
    let served = used.served.len();
    // Use is spread over the cuts of a label by their days, without losing a millionth.
    let mut shares: Vec<i64> = vec![0; cuts.len()];
    let mut done: Vec<Label> = Vec::new();
    for cut in &cuts {
        if done.contains(&cut.label) {
            continue;
        }
        done.push(cut.label);
        let whole = match cut.rule {
            Rule::Delivered(_) => delivered,
            Rule::Received(_) => received,
            Rule::Month { .. } | Rule::Day { .. } => continue,
        };
        let of: Vec<usize> = (0..cuts.len()).filter(|i| cuts[*i].label == cut.label).collect();
        let mut weights: Vec<i128> = of.iter().map(|i| i128::from(cuts[*i].days)).collect();
        // Days on which the charge does not apply keep their share.
        weights.push((i128::from(served) - weights.iter().sum::<i128>()).max(0));
        for (i, share) in of.iter().zip(largest_remainder(Cents(whole), &weights)) {
            shares[*i] = share.0;
        }
    }
    let mut charges = Vec::new();
    let mut credits = Vec::new();
    for (cut, share) in cuts.iter().zip(shares) {
        match &cut.rule {
            Rule::Month { per, picked, parts } => {
                let times = times(schedule, used, *per)?;
                let mut line = standing(cut, parts, times, cut.days, cycle_days);
                line.picked.clone_from(picked);
                line.monthly = true;
                charges.push(line);
            }
            Rule::Day { per, parts } => {
                let times = times(schedule, used, *per)?;
                charges.push(standing(cut, parts, times, cut.days, 1));
            }
            Rule::Delivered(tiers) => charges.extend(tiered(cut, tiers, share, served, unit)),
            Rule::Received(parts) => {
                if share > 0 {
                    credits.push(by_use(LineKind::Export, cut, parts, share, served, unit));
                }
            }
        }
    }
    charges.append(&mut credits);
    Ok(charges)
}

fn times(schedule: &Schedule, used: &ServiceUse, per: Per) -> Result<Option<(Per, Decimal)>, BillError> {
    match per {
        Per::Service => Ok(None),
        Per::Eru => {
            let no = || BillError::NoUnits(schedule.code.clone(), used.facts.eru.clone());
            let d = used.facts.eru.as_deref().and_then(Decimal::parse).ok_or_else(no)?;
            d.rescale(MICRO).filter(|v| *v >= 0).ok_or_else(no)?;
            Ok(Some((per, d)))
        }
    }
}

/// `price * times * days / divisor`, rounded once.
fn standing(cut: &Cut, parts: &Parts, times: Option<(Per, Decimal)>, days: i64, divisor: i64) -> Line {
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

fn tiered(cut: &Cut, tiers: &[(Option<i64>, Parts)], used: i64, served: i64, unit: Option<Unit>) -> Vec<Line> {
    let mut out = Vec::new();
    let mut from = 0;
    for (i, (per_day, parts)) in tiers.iter().enumerate() {
        let to = per_day.map(|d| d.saturating_mul(cut.days));
        let inside = to.map_or(used, |t| used.min(t)) - from;
        // The first tier is printed even for nothing used, so that a bill without use still says so.
        if inside > 0 || (i == 0 && used == 0) {
            let mut line = by_use(LineKind::Usage, cut, parts, inside.max(0), served, unit);
            if tiers.len() > 1 {
                line.tier = Some(TierLine {
                    number: u32::try_from(i + 1).unwrap_or(u32::MAX),
                    from: Decimal::new(from, MICRO),
                    to: to.map(|t| Decimal::new(t, MICRO)),
                    per_day: per_day.map(|d| Decimal::new(d, MICRO)),
                });
            }
            out.push(line);
        }
        from = to.unwrap_or(used);
        if used <= from {
            break;
        }
    }
    out
}

fn by_use(kind: LineKind, cut: &Cut, parts: &Parts, quantity: i64, served: i64, unit: Option<Unit>) -> Line {
    let price = total(parts);
    let positive = cents(i128::from(price) * i128::from(quantity), 1_000_000_000_000);
    let amount = if kind == LineKind::Export { -positive } else { positive };
    Line {
        kind,
        label: Some(cut.label),
        tier: None,
        quantity: Some(Decimal::new(quantity, MICRO)),
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

fn split(amount: Cents, parts: &Parts) -> Vec<(Component, Cents)> {
    if parts.len() < 2 {
        return Vec::new();
    }
    let weights: Vec<i128> = parts.iter().map(|(_, p)| i128::from(p.0)).collect();
    parts.iter().map(|(c, _)| *c).zip(largest_remainder(amount, &weights)).collect()
}

/// The one rounding of a line: half up.
pub(super) fn cents(dividend: i128, divisor: i128) -> Cents {
    Cents(i64::try_from(div_half_up(dividend, divisor)).unwrap_or(i64::MAX))
}
