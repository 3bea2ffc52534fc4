//! Charges to lines: cuts the days of service where prices change, fills tiers, rounds each line once.

use chrono::NaiveDate;

mod fill;
mod line;
mod net;
mod ratchet;
mod rounding;
mod sheet;

pub(super) use line::cents;
use line::{by_use, demand, standing, tiered};
pub use ratchet::is_peak;
pub use sheet::{Sheet, SheetRule};

use super::intervals::{Bank, Intervals, carried};
use super::{BillError, Line, LineKind, ServiceUse};
use crate::calendar::DayRange;
use crate::money::{Cents, Price, largest_remainder};
use crate::quantity::Decimal;
use crate::tariff::{Basis, Charge, Component, Fact, Fill, Label, Per, Prices, Schedule, Tier, TierEnd};

/// Quantities are counted in millionths of the billing unit.
pub const MICRO: i8 = -6;

/// A price as it stands on the days of one cut.
type Parts = Vec<(Component, Price)>;

/// What a cut charges, resolved: the same for all of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Month { per: Per, picked: Option<String>, parts: Parts },
    Day { per: Per, parts: Parts },
    Delivered(Vec<(Option<TierEnd>, Parts)>),
    Received(Parts),
    Demand(u32, Vec<(Option<TierEnd>, Parts)>),
    Minimum(Parts),
    MinimumDay(Parts),
    Surplus(Parts),
}

/// Days on which one charge has one set of prices.
struct Cut<'s> {
    charge: &'s Charge,
    label: Label,
    rule: Rule,
    days: i64,
    ranges: Vec<DayRange>,
    /// Whether what is left over of it is carried on: of the charges that are net those of one label do so, the others follow.
    carries: bool,
    /// Where the label stands on the bill.
    order: usize,
}

impl Rule {
    /// Whether it is charged by time, however much is used.
    const fn by_time(&self) -> bool {
        matches!(
            self,
            Self::Month { .. } | Self::Day { .. } | Self::Demand(..) | Self::Minimum(_) | Self::MinimumDay(_)
        )
    }
}

impl Cut<'_> {
    /// Whether another charge is the same but for its months.
    fn is_like(&self, other: &Charge, rule: &Rule, carries: bool) -> bool {
        let c = self.charge;
        (c.label, &c.times, &c.period, c.net, c.adder)
            == (other.label, &other.times, &other.period, other.net, other.adder)
            && self.rule == *rule
            && self.carries == carries
    }
}

/// What is known of a service's use beside its totals.
pub(super) struct Metered<'a> {
    /// By the clock, where that is known.
    pub intervals: Option<&'a Intervals>,
    /// What net charges have carried on.
    pub bank: &'a mut Bank,
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
        Basis::Delivered(tiers) => Rule::Delivered(steps(schedule, charge, tiers, used, day)?),
        Basis::Received(prices) => Rule::Received(on(prices, day)),
        Basis::Demand(minutes, tiers) => Rule::Demand(*minutes, steps(schedule, charge, tiers, used, day)?),
        Basis::Minimum(prices) => Rule::Minimum(on(prices, day)),
        Basis::MinimumDay(prices) => Rule::MinimumDay(on(prices, day)),
        Basis::Surplus(prices) => Rule::Surplus(on(prices, day)),
    })
}

fn steps(
    schedule: &str,
    charge: &Charge,
    tiers: &[Tier],
    used: &ServiceUse,
    day: NaiveDate,
) -> Result<Vec<(Option<TierEnd>, Parts)>, BillError> {
    let end = |e: TierEnd| {
        charge.tier_end(e, &used.facts).ok_or_else(|| {
            let known = used.facts.pick(Fact::Climate).map(str::to_owned);
            BillError::NoFact(schedule.to_owned(), Fact::Climate, known)
        })
    };
    tiers.iter().map(|t| Ok((t.end.map(end).transpose()?, on(&t.prices, day)))).collect()
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
        Basis::Month(_, p)
        | Basis::Day(_, p)
        | Basis::Received(p)
        | Basis::Minimum(p)
        | Basis::MinimumDay(p)
        | Basis::Surplus(p) => each(p),
        Basis::MonthBy(_, by) => by.values().for_each(each),
        Basis::Delivered(tiers) | Basis::Demand(_, tiers) => tiers.iter().for_each(|t| each(&t.prices)),
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Whether the tiers of two charges count the same use.
fn fills_with(a: &Charge, b: &Charge) -> bool {
    let delivered = |c: &Charge| matches!(c.basis, Basis::Delivered(_));
    (a.label, a.adder, a.fill) == (b.label, b.adder, b.fill) && delivered(a) && delivered(b)
}

/// The boundaries of some charges.
fn together<'c>(charges: impl Iterator<Item = &'c Charge>, range: DayRange) -> Vec<NaiveDate> {
    let mut out: Vec<NaiveDate> = charges.flat_map(|c| boundaries(c, range)).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The cuts of all charges: in the order of the schedule, then of time. Neighbouring days with equal rules are one cut.
fn cuts<'s>(schedule: &'s Schedule, used: &ServiceUse) -> Result<Vec<Cut<'s>>, BillError> {
    if let Some(year) = schedule.year_without_holidays(used.served) {
        return Err(BillError::NoHolidays(schedule.code.clone(), year));
    }
    let mut out: Vec<Cut<'s>> = Vec::new();
    let mut labels: Vec<Label> = Vec::new();
    let mut covered = used.served.from;
    for (version, range) in schedule.during(used.served) {
        if range.from > covered {
            return Err(BillError::NoPrices(schedule.code.clone(), range.from));
        }
        covered = range.to;
        let base = net::base(&version.charges);
        for charge in &version.charges {
            let carries = charge.net && base == Some((charge.label, charge.adder));
            let order = labels.iter().position(|l| *l == charge.label).unwrap_or_else(|| {
                labels.push(charge.label);
                labels.len() - 1
            });
            let starts = match charge.fill {
                Fill::Own => boundaries(charge, range),
                // Tiers over all hours count the same days for all of them.
                _ => together(version.charges.iter().filter(|c| fills_with(charge, c)), range),
            };
            for (i, from) in starts.iter().enumerate() {
                let to = starts.get(i + 1).copied().unwrap_or(range.to);
                if !charge.applies_to(&used.facts, *from) {
                    continue;
                }
                let rule = resolve(&schedule.code, charge, used, *from)?;
                let range = DayRange { from: *from, to };
                // A day in the course of which one moves out and another in is charged once: to who moves in.
                let left = used.facts.leaves_on.is_some_and(|day| range.contains(day)) && rule.by_time();
                let days = crate::calendar::days_between(*from, to) - i64::from(left);
                if days == 0 {
                    continue;
                }
                match out.iter_mut().find(|c| charge.fill == Fill::Own && c.is_like(charge, &rule, carries)) {
                    Some(same) => {
                        same.days += days;
                        same.ranges.push(range);
                    }
                    None => {
                        out.push(Cut { charge, label: charge.label, rule, days, ranges: vec![range], carries, order });
                    }
                }
            }
        }
    }
    if covered < used.served.to {
        let first = schedule.versions.first().map_or(used.served.to, |v| v.from);
        return Err(BillError::NoPrices(schedule.code.clone(), first));
    }
    out.sort_by_key(|c| c.order);
    Ok(out)
}

/// A quantity in millionths.
fn micro(quantity: Option<Decimal>) -> Result<i64, BillError> {
    let Some(q) = quantity else { return Ok(0) };
    q.rescale(MICRO).filter(|v| (0..=1_000_000_000_000_000).contains(v)).ok_or(BillError::Quantity(q))
}

/// What is used up in each cut. Where only totals are known they are spread over the cuts of a label by their days, without losing
/// a millionth.
fn shares(
    schedule: &Schedule,
    cuts: &[Cut<'_>],
    used: &ServiceUse,
    m: &mut Metered<'_>,
) -> Result<Vec<i64>, BillError> {
    let (delivered, received) = (micro(used.delivered)?, micro(used.received)?);
    let carried = net::Carried::new(schedule, cuts, m.bank);
    let mut shares: Vec<i64> = vec![0; cuts.len()];
    let mut done: Vec<(Label, Option<&str>, bool, bool)> = Vec::new();
    for cut in cuts {
        let sent = match cut.rule {
            Rule::Delivered(_) => false,
            Rule::Received(_) => true,
            _ => continue,
        };
        let group = |c: &Cut<'_>| {
            c.label == cut.label
                && c.charge.period == cut.charge.period
                && c.charge.adder == cut.charge.adder
                && matches!(c.rule, Rule::Received(_)) == sent
                && matches!(c.rule, Rule::Delivered(_) | Rule::Received(_))
        };
        let name = (cut.label, cut.charge.period.as_deref(), sent, cut.charge.adder);
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        let of: Vec<usize> = (0..cuts.len()).filter(|i| group(&cuts[*i])).collect();
        // What was delivered and sent back on the days and in the hours of each.
        let sums: Vec<(i64, i64)> = match m.intervals {
            Some(known) => {
                for i in &of {
                    fits(schedule, cuts[*i].charge, known, used.served)?;
                }
                let sum = |i: &usize| {
                    let each = cuts[*i].ranges.iter().map(|r| known.sums(schedule, cuts[*i].charge, *r));
                    each.fold((0_i64, 0_i64), |a, b| (a.0.saturating_add(b.0), a.1.saturating_add(b.1)))
                };
                of.iter().map(sum).collect()
            }
            None if of.iter().any(|i| !cuts[*i].charge.times.is_empty()) => {
                return Err(BillError::NeedsIntervals(schedule.code.clone()));
            }
            None => {
                let mut weights: Vec<i128> = of.iter().map(|i| i128::from(cuts[*i].days)).collect();
                // Days on which the charge does not apply keep their share.
                weights.push((i128::from(used.served.len()) - weights.iter().sum::<i128>()).max(0));
                let spread = |whole: i64| largest_remainder(Cents(whole), &weights).into_iter().map(|c| c.0);
                spread(delivered).zip(spread(received)).take(of.len()).collect()
            }
        };
        for (i, (d, r)) in of.iter().zip(&sums) {
            shares[*i] = if sent { *r } else { *d };
        }
        // Whether a charge is net may change within the period: each day counts as it is on that day.
        let netted = |(i, (d, r)): (&usize, &(i64, i64))| cuts[*i].carries.then(|| (*i, d.saturating_sub(*r)));
        let netted: Vec<(usize, i64)> = of.iter().zip(&sums).filter_map(netted).collect();
        if netted.is_empty() {
            continue;
        }
        let whole = netted.iter().map(|(_, n)| *n).fold(0, i64::saturating_add);
        let left = carried.net(m.bank, cut.charge, whole);
        let weight = |(i, n): &(usize, i64)| match m.intervals {
            Some(_) => i128::from((*n).max(0)),
            None => i128::from(cuts[*i].days),
        };
        let weights: Vec<i128> = netted.iter().map(weight).collect();
        for ((i, _), share) in netted.iter().zip(largest_remainder(Cents(left), &weights)) {
            shares[*i] = share.0;
        }
    }
    net::follow(schedule, cuts, used.served, (delivered, received), m.intervals, &mut shares);
    Ok(shares)
}

/// An interval that is longer than the hours it begins in cannot be priced by the hour.
fn fits(schedule: &Schedule, charge: &Charge, known: &Intervals, days: DayRange) -> Result<(), BillError> {
    match known.straddling(charge, days) {
        None => Ok(()),
        Some(s) => Err(BillError::TooLong(schedule.code.clone(), s.seconds / 60, s.day)),
    }
}

/// All charges of a service as lines, usage and standing charges first, export credits after them.
pub(super) fn lines(
    schedule: &Schedule,
    used: &ServiceUse,
    cycle_days: i64,
    mut metered: Metered<'_>,
) -> Result<Vec<Line>, BillError> {
    let cuts = cuts(schedule, used)?;
    let unit = used.service.commodity().map(crate::quantity::Commodity::billing_unit);
    let served = used.served.len();
    let mut shares = shares(schedule, &cuts, used, &mut metered)?;
    rounding::quantities(schedule.rounding, &mut shares);
    let mut peaks = Vec::new();
    let mut charges: Vec<Line> = Vec::new();
    let mut credits = Vec::new();
    let mut least = Vec::new();
    for (i, (cut, share)) in cuts.iter().zip(&shares).enumerate() {
        let share = *share;
        let begun = charges.len();
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
            Rule::Delivered(tiers) => {
                let amounts = fill::amounts(schedule, &cuts, i, &shares, metered.intervals, cycle_days);
                charges.extend(tiered(cut, tiers, &amounts, served, cycle_days, unit));
            }
            Rule::Received(parts) => {
                if share > 0 {
                    let mut line = by_use(LineKind::Export, cut, parts, share, served, unit);
                    line.picked.clone_from(&cut.charge.period);
                    credits.push(line);
                }
            }
            Rule::Demand(minutes, tiers) => {
                let known = metered.intervals.ok_or_else(|| BillError::NeedsIntervals(schedule.code.clone()))?;
                fits(schedule, cut.charge, known, used.served)?;
                // One peak for the whole period, whatever prices it falls under: a part of the period pays its part of it.
                let peak = known.peak(schedule, cut.charge, used.served, *minutes);
                peaks.push((cut.charge, peak));
                let billed = ratchet::billed(schedule, cut, used.served, peak, metered.bank);
                let measured = rounding::whole(schedule.rounding, peak);
                let billed = rounding::whole(schedule.rounding, billed);
                let mut lines = demand(cut, tiers, billed, cycle_days);
                if billed != measured {
                    lines.iter_mut().for_each(|l| l.measured = Some(Decimal::new(measured, MICRO)));
                }
                charges.extend(lines);
            }
            Rule::Minimum(parts) => least.push(standing(cut, parts, None, cut.days, cycle_days)),
            Rule::MinimumDay(parts) => least.push(standing(cut, parts, None, cut.days, 1)),
            Rule::Surplus(parts) => {
                if cut.ranges.iter().any(|r| r.to == used.served.to) {
                    let of = format!("{}|", schedule.code);
                    let left = carried(metered.bank, &schedule.code);
                    metered.bank.retain(|k, _| !k.starts_with(&of));
                    if left > 0 {
                        credits.push(by_use(LineKind::Export, cut, parts, left, served, unit));
                    }
                }
            }
        }
        for line in &mut charges[begun..] {
            if line.picked.is_none() {
                line.picked.clone_from(&cut.charge.period);
            }
        }
    }
    ratchet::keep(schedule, &peaks, used.served, metered.bank);
    rounding::amounts(schedule.rounding, &mut charges);
    rounding::amounts(schedule.rounding, &mut least);
    // Where the least changes within the period its parts are one sum.
    let (so_far, whole): (Cents, Cents) =
        (charges.iter().map(|l| l.amount).sum(), least.iter().map(|l| l.amount).sum());
    let days: i64 = least.iter().map(|l| l.days).sum();
    if let Some(mut line) = least.into_iter().next().filter(|_| whole > so_far) {
        rounding::with_components(&mut line, whole - so_far);
        (line.price, line.days) = (None, days);
        charges.push(line);
    }
    rounding::amounts(schedule.rounding, &mut credits);
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
