//! Why one bill differs from another: each service's difference, split by cause so that the parts add up to it to the cent.
//!
//! What was used is rated again, one thing changed at a time: first the days (as much a day as before), then the use, then the
//! prices. The use is split once more: at what a unit cost on average, and what it costs more or less because it falls into other
//! steps of the price. Everything else is taken from the printed lines.

use serde::{Deserialize, Serialize};

use super::intervals::Bank;
use super::rating::{Metered, lines};
use super::{Bill, Line, LineKind, ServiceBill, ServiceUse};
use crate::calendar::DayRange;
use crate::money::{Cents, div_half_up};
use crate::quantity::{Decimal, ServiceKind};
use crate::tariff::{Basis, Book, Facts, Schedule};

/// Why an amount changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// More or fewer days.
    Days,
    /// More or less used a day; where the weather is told apart, without what it asked for.
    Use,
    /// What the weather asked for, by how the home's own use has followed it.
    Weather,
    /// What was used falls into other steps of the price.
    Steps,
    /// Other prices, or another rate schedule.
    Prices,
    /// Standing charges.
    Fixed,
    /// What was sent back.
    Export,
    /// Tax.
    Tax,
    /// Rate assistance.
    Assistance,
    /// The service was not on the bill before.
    Started,
    /// The service is no longer on the bill.
    Ended,
    /// What none of these explains, such as a schedule that changed within a bill.
    Other,
}

impl Cause {
    /// In the order in which they are told.
    pub const ALL: [Self; 12] = [
        Self::Days,
        Self::Use,
        Self::Weather,
        Self::Steps,
        Self::Prices,
        Self::Fixed,
        Self::Export,
        Self::Tax,
        Self::Assistance,
        Self::Started,
        Self::Ended,
        Self::Other,
    ];
}

/// One service of both bills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceChange {
    /// Which.
    pub service: ServiceKind,
    /// What it came to before.
    pub before: Cents,
    /// What it comes to now.
    pub after: Cents,
    /// What was used before, in the billing unit, and in how many days; `None` without a meter.
    pub used_before: Option<(Decimal, i64)>,
    /// What is used now.
    pub used_after: Option<(Decimal, i64)>,
    /// The parts of the difference that are not zero, in the order of [`Cause::ALL`].
    pub parts: Vec<(Cause, Cents)>,
}

/// The differences of two bills by service, in the order of the bill. Services that are on neither are left out.
#[must_use]
pub fn changes(book: &Book, before: &Bill, after: &Bill) -> Vec<ServiceChange> {
    let of = |bill: &'_ Bill, kind: ServiceKind| -> Vec<ServiceBill> {
        bill.services.iter().filter(|s| s.service == kind).cloned().collect()
    };
    ServiceKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let (a, b) = (of(before, kind), of(after, kind));
            (!a.is_empty() || !b.is_empty()).then(|| change(book, kind, &a, &b))
        })
        .collect()
}

fn change(book: &Book, service: ServiceKind, before: &[ServiceBill], after: &[ServiceBill]) -> ServiceChange {
    let total = |of: &[ServiceBill]| of.iter().map(|s| s.total).sum::<Cents>();
    let sum = |of: &[ServiceBill], kind| of.iter().map(|s| s.sum(kind)).sum::<Cents>();
    let used = |of: &[ServiceBill]| {
        let amounts: Vec<Decimal> = of.iter().filter_map(|s| s.delivered).collect();
        let micro = amounts.iter().map(|d| d.round_to(-6)).sum();
        (!amounts.is_empty()).then(|| (Decimal::new(micro, -6), of.iter().map(|s| s.served.len()).sum()))
    };
    let mut parts: Vec<(Cause, Cents)> = match (before, after) {
        ([], after) => vec![(Cause::Started, total(after))],
        (before, []) => vec![(Cause::Ended, -total(before))],
        ([a], [b]) => by_use(book, a, b),
        _ => vec![(Cause::Other, sum(after, LineKind::Usage) - sum(before, LineKind::Usage))],
    };
    if !before.is_empty() && !after.is_empty() {
        for (cause, kind) in [
            (Cause::Fixed, LineKind::Fixed),
            (Cause::Export, LineKind::Export),
            (Cause::Tax, LineKind::Tax),
            (Cause::Assistance, LineKind::Assistance),
        ] {
            parts.push((cause, sum(after, kind) - sum(before, kind)));
        }
    }
    let (before_total, after_total) = (total(before), total(after));
    let told: Cents = parts.iter().map(|p| p.1).sum();
    parts.push((Cause::Other, after_total - before_total - told));
    let mut merged: Vec<(Cause, Cents)> = Vec::new();
    for cause in Cause::ALL {
        let amount: Cents = parts.iter().filter(|p| p.0 == cause).map(|p| p.1).sum();
        if amount != Cents::ZERO {
            merged.push((cause, amount));
        }
    }
    ServiceChange {
        service,
        before: before_total,
        after: after_total,
        used_before: used(before),
        used_after: used(after),
        parts: merged,
    }
}

/// The difference of the charges by use.
fn by_use(book: &Book, a: &ServiceBill, b: &ServiceBill) -> Vec<(Cause, Cents)> {
    let whole = b.sum(LineKind::Usage) - a.sum(LineKind::Usage);
    let Some((then, now)) = a.delivered.zip(b.delivered) else { return vec![(Cause::Other, whole)] };
    let (then, now) = (then.round_to(-6), now.round_to(-6));
    let (days_then, days_now) = (a.served.len().max(1), b.served.len());
    // As much a day as before, for as many days as now.
    let stretched = i64::try_from(div_half_up(i128::from(then) * i128::from(days_now), i128::from(days_then)));
    let longer = a.served.from.checked_add_days(chrono::Days::new(days_now.unsigned_abs()));
    let rate = |bill: &ServiceBill, served: DayRange, used: i64| usage_charges(book, bill, served, used);
    let rated = || {
        let stretched = stretched.ok()?;
        let served = DayRange { from: a.served.from, to: longer? };
        Some((
            stretched,
            rate(a, a.served, then)?,
            rate(a, served, stretched)?,
            rate(a, served, now)?,
            rate(b, b.served, now)?,
        ))
    };
    let Some((stretched, first, days, used, last)) = rated() else { return by_lines(a, b, (then, now), whole) };
    // What a unit cost on average, before; the rest of the change is due to the steps.
    let plain = if stretched > 0 {
        let change = i128::from(now - stretched) * i128::from(days.0);
        Cents(i64::try_from(div_half_up(change, i128::from(stretched))).unwrap_or(0))
    } else {
        used - days
    };
    vec![
        (Cause::Days, days - first),
        (Cause::Use, plain),
        (Cause::Steps, used - days - plain),
        (Cause::Prices, last - used),
    ]
}

/// The difference of the charges by use where they go by the clock, from the printed lines: the same lines at other prices first, then
/// more or fewer days and more or less use at what a unit cost on average before; the rest is due to when it was used.
fn by_lines(a: &ServiceBill, b: &ServiceBill, (then, now): (i64, i64), whole: Cents) -> Vec<(Cause, Cents)> {
    let part = |amount: Cents, times: i64, of: i64| {
        let product = i128::from(amount.0) * i128::from(times);
        Cents(i64::try_from(div_half_up(product, i128::from(of.max(1)))).unwrap_or(0))
    };
    let by_use = |l: &&Line| l.kind == LineKind::Usage;
    let name = |l: &Line| (l.label, l.picked.clone(), l.tier.map(|t| t.number));
    let mut prices = Cents::ZERO;
    for line in b.lines.iter().filter(by_use) {
        let old = a.lines.iter().filter(by_use).find(|l| name(l) == name(line)).and_then(|l| l.price);
        if let (Some(old), Some(new)) = (old, line.price)
            && new.0 != 0
        {
            prices += line.amount - part(line.amount, old.0, new.0);
        }
    }
    let before = a.sum(LineKind::Usage);
    let days = part(before, b.served.len() - a.served.len(), a.served.len());
    let stretched = i128::from(then) * i128::from(b.served.len());
    let stretched = i64::try_from(div_half_up(stretched, i128::from(a.served.len().max(1)))).unwrap_or(i64::MAX);
    let used = if then > 0 { part(before, now - stretched, then) } else { Cents::ZERO };
    vec![(Cause::Days, days), (Cause::Use, used), (Cause::Steps, whole - prices - days - used), (Cause::Prices, prices)]
}

/// What some use over some days costs under a bill's schedule, standing charges left out; `None` where it cannot be rated.
fn usage_charges(book: &Book, bill: &ServiceBill, served: DayRange, used: i64) -> Option<Cents> {
    let mut schedule: Schedule = book.schedule(&bill.schedule)?.clone();
    for version in &mut schedule.versions {
        version.charges.retain(|c| matches!(c.basis, Basis::Delivered(_)));
    }
    let used = ServiceUse {
        service: bill.service,
        schedule: bill.schedule.clone(),
        served,
        facts: Facts::default(),
        delivered: Some(Decimal::new(used, -6)),
        received: None,
    };
    let metered = Metered { intervals: None, bank: &mut Bank::new() };
    let lines = lines(&schedule, &used, served.len(), metered).ok()?;
    Some(lines.iter().filter(|l| l.kind == LineKind::Usage).map(|l| l.amount).sum())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Determinants, bill};
    use super::*;
    use crate::tariff::Program;

    fn book() -> Book {
        crate::tariff::file::bundled().expect("the bundled files are sound")
    }

    fn made(from: &str, days: u64, kwh: i64, therms: i64, assistance: Option<Program>) -> Bill {
        let from: chrono::NaiveDate = from.parse().expect("a date");
        let cycle = DayRange { from, to: from + chrono::Days::new(days) };
        let used = |service, schedule: &str, used: i64| ServiceUse {
            service,
            schedule: schedule.to_owned(),
            served: cycle,
            facts: Facts { cart: Some("32".into()), eru: Some("1.0".into()), ..Facts::default() },
            delivered: (used >= 0).then(|| Decimal::new(used, 0)),
            received: None,
        };
        let services = vec![
            used(ServiceKind::Electricity, "E-1", kwh),
            used(ServiceKind::Gas, "G-1", therms),
            used(ServiceKind::Refuse, "R-1", -1),
        ];
        bill(&book(), &Determinants { cycle, services, assistance }).expect("a bill")
    }

    #[test]
    fn more_days_and_more_use_are_told_apart() {
        let (before, after) = (made("2026-02-01", 30, 300, 20, None), made("2026-03-03", 31, 600, 20, None));
        let electricity = &changes(&book(), &before, &after)[0];
        let part = |cause| electricity.parts.iter().find(|p| p.0 == cause).map_or(0, |p| p.1.0);
        // 300 kWh in 30 days are all in the first step: 10 kWh for one day more at 20.46 cents.
        assert_eq!(part(Cause::Days), 205);
        // 290 kWh more at what one of 310 kWh costs when they come to 63.43 dollars.
        assert_eq!(part(Cause::Use), 5_934);
        // Of 600 kWh, 135 lie above 31 x 15, at 26.29 instead of 20.46 cents.
        assert!((780..=795).contains(&part(Cause::Steps)), "{:?}", electricity.parts);
        assert_eq!(part(Cause::Prices) + part(Cause::Other), 0);
        assert!(part(Cause::Tax) > 0);
        assert_eq!(
            (electricity.used_before, electricity.used_after),
            (Some((Decimal::new(300_000_000, -6), 30)), Some((Decimal::new(600_000_000, -6), 31)))
        );
    }

    #[test]
    fn a_service_that_begins_or_ends_is_named() {
        let whole = made("2026-02-01", 30, 300, 20, None);
        let mut without = whole.clone();
        without.services.remove(1);
        let gas = whole.services[1].total;
        assert_eq!(changes(&book(), &without, &whole)[1].parts, [(Cause::Started, gas)]);
        assert_eq!(changes(&book(), &whole, &without)[1].parts, [(Cause::Ended, -gas)]);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_cent(
            days in 20u64..40, kwh in 0i64..3_000, therms in 0i64..300, helped in any::<bool>(),
            later in 0u64..700, days_then in 20u64..40, kwh_then in 0i64..3_000, therms_then in 0i64..300,
        ) {
            let start: chrono::NaiveDate = "2024-11-01".parse().expect("a date");
            let day = |n: u64| (start + chrono::Days::new(n)).to_string();
            let before = made(&day(0), days_then, kwh_then, therms_then, None);
            let after = made(&day(later), days, kwh, therms, helped.then_some(Program::Financial));
            let changes = changes(&book(), &before, &after);
            for c in &changes {
                prop_assert_eq!(c.parts.iter().map(|p| p.1).sum::<Cents>(), c.after - c.before);
                prop_assert!(c.parts.iter().all(|p| p.0 != Cause::Other), "{:?}", c);
            }
            let told: Cents = changes.iter().flat_map(|c| &c.parts).map(|p| p.1).sum();
            prop_assert_eq!(told, after.total - before.total);
        }
    }
}
