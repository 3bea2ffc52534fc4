//! Why one bill differs from another: each service's difference, split by cause so that the parts add up to it to the cent.
//!
//! What was used is rated again, one thing changed at a time: first the days (as much a day as before), then the use, then the
//! prices. The use is split once more: at what a unit cost on average, and what it costs more or less because it falls into other
//! steps of the price. Everything else is taken from the printed lines; so are the charges by use where they cannot be rated again to
//! what was printed: by the clock, net, by the highest load, in parts (`printed`).

use serde::{Deserialize, Serialize};

use super::intervals::Bank;
use super::rating::{Metered, lines};
use super::{Bill, LineKind, ServiceBill, ServiceUse};
use crate::calendar::DayRange;
use crate::money::{Cents, div_half_up};
use crate::quantity::{Decimal, ServiceKind};
use crate::tariff::{Basis, Book, Facts, Schedule};

mod printed;

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
    /// What was estimated on one of the bills and is known by now, or was made up for on the other.
    Estimates,
    /// What was used falls into other steps of the price.
    Steps,
    /// What was used falls into other hours.
    Hours,
    /// The highest load.
    Demand,
    /// Other prices, or another rate schedule.
    Prices,
    /// Standing charges.
    Fixed,
    /// What was sent back.
    Export,
    /// What is left to be charged after what was sent back, and left over of it, is taken off.
    Netted,
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
    pub const ALL: [Self; 16] = [
        Self::Days,
        Self::Use,
        Self::Weather,
        Self::Estimates,
        Self::Steps,
        Self::Hours,
        Self::Demand,
        Self::Prices,
        Self::Fixed,
        Self::Export,
        Self::Netted,
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
    /// What some use cost before, and how much that was in millionths of the billing unit: what the change in use is counted at.
    pub counted_at: (Cents, i64),
    /// The parts of the difference that are not zero, in the order of [`Cause::ALL`].
    pub parts: Vec<(Cause, Cents)>,
}

impl ServiceChange {
    /// Puts down to net metering what is put down to use: what is charged then is not what was used.
    pub fn net(&mut self) {
        for part in &mut self.parts {
            if part.0 == Cause::Use {
                part.0 = Cause::Netted;
            }
        }
        self.parts.sort_by_key(|p| Cause::ALL.iter().position(|c| *c == p.0));
    }

    /// Takes out of what is put down to use what another cause accounts for: `more` millionths of the billing unit, at what the change
    /// in use is counted at. What is left stays with use, and the parts keep their sum.
    pub fn tell_apart(&mut self, cause: Cause, more: i64) {
        let (cost, used) = self.counted_at;
        let amount = proportion(cost, i128::from(more), i128::from(used));
        if amount == Cents::ZERO || used <= 0 {
            return;
        }
        let mut add = |cause: Cause, amount: Cents| match self.parts.iter_mut().find(|p| p.0 == cause) {
            Some(part) => part.1 += amount,
            None => self.parts.push((cause, amount)),
        };
        add(Cause::Use, -amount);
        add(cause, amount);
        self.parts.retain(|p| p.1 != Cents::ZERO);
        self.parts.sort_by_key(|p| Cause::ALL.iter().position(|c| *c == p.0));
    }
}

/// A part of an amount, rounded; nothing of nothing.
fn proportion(amount: Cents, times: i128, of: i128) -> Cents {
    if of <= 0 {
        return Cents::ZERO;
    }
    Cents(i64::try_from(div_half_up(i128::from(amount.0) * times, of)).unwrap_or(0))
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
    let nothing = (Cents::ZERO, 0);
    let (mut parts, counted_at): (Vec<(Cause, Cents)>, _) = match (before, after) {
        ([], after) => (vec![(Cause::Started, total(after))], nothing),
        (before, []) => (vec![(Cause::Ended, -total(before))], nothing),
        ([a], [b]) => by_use(book, a, b).unwrap_or_else(|| printed::by_use(book, before, after)),
        _ => printed::by_use(book, before, after),
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
        counted_at,
        parts: merged,
    }
}

/// Parts of the difference of the charges by use, and what the change in use is counted at.
type ByUse = (Vec<(Cause, Cents)>, (Cents, i64));

/// The difference of the charges by use, one thing changed at a time; `None` where rating again does not come to what was printed.
fn by_use(book: &Book, a: &ServiceBill, b: &ServiceBill) -> Option<ByUse> {
    let (then, now) = (a.delivered?.round_to(-6), b.delivered?.round_to(-6));
    let (days_then, days_now) = (a.served.len().max(1), b.served.len());
    // As much a day as before, for as many days as now.
    let stretched = i64::try_from(div_half_up(i128::from(then) * i128::from(days_now), i128::from(days_then))).ok()?;
    let longer = a.served.from.checked_add_days(chrono::Days::new(days_now.unsigned_abs()))?;
    let served = DayRange { from: a.served.from, to: longer };
    let first = usage_charges(book, a, a.served, then)?;
    let last = usage_charges(book, b, b.served, now)?;
    if (first, last) != (a.sum(LineKind::Usage), b.sum(LineKind::Usage)) {
        return None;
    }
    let days = usage_charges(book, a, served, stretched)?;
    let used = usage_charges(book, a, served, now)?;
    // What a unit cost on average, before; the rest of the change is due to the steps.
    let plain =
        if stretched > 0 { proportion(days, i128::from(now - stretched), i128::from(stretched)) } else { used - days };
    let counted_at = if stretched > 0 { (days, stretched) } else { (used, now) };
    let parts = vec![
        (Cause::Days, days - first),
        (Cause::Use, plain),
        (Cause::Steps, used - days - plain),
        (Cause::Prices, last - used),
    ];
    Some((parts, counted_at))
}

/// What some use over some days costs under a bill's schedule, standing charges left out; `None` where it cannot be rated.
fn usage_charges(book: &Book, bill: &ServiceBill, served: DayRange, used: i64) -> Option<Cents> {
    let mut schedule: Schedule = book.schedule(&bill.schedule)?.clone();
    if schedule.during(served).any(|(v, _)| v.charges.iter().any(|c| c.net)) {
        return None;
    }
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

    use std::collections::BTreeMap;

    use super::super::intervals::{Intervals, Slot};
    use super::super::{Determinants, bill, bill_by_intervals};
    use super::*;
    use crate::tariff::Program;

    fn book() -> &'static Book {
        static BOOK: std::sync::LazyLock<Book> =
            std::sync::LazyLock::new(|| crate::tariff::file::bundled().expect("the bundled files are sound"));
        &BOOK
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
        bill(book(), &Determinants { cycle, services, assistance }).expect("a bill")
    }

    #[test]
    fn more_days_and_more_use_are_told_apart() {
        let (before, after) = (made("2026-02-01", 30, 300, 20, None), made("2026-03-03", 31, 600, 20, None));
        let electricity = &changes(book(), &before, &after)[0];
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

    /// June by the hour: so many millionths of a kilowatt-hour in each hour of each day, bought under a schedule.
    fn by_clock(schedule: &str, month: u32, each: impl Fn(u64, u16) -> (i64, i64)) -> Bill {
        let from = chrono::NaiveDate::from_ymd_opt(2026, month, 1).expect("a date");
        let cycle = DayRange { from, to: from + chrono::Days::new(30) };
        let slots: Vec<Slot> = cycle
            .days()
            .zip(0..)
            .flat_map(|(day, d)| (0..24).map(move |h| (day, d, h)))
            .map(|(day, d, h)| {
                let (delivered, received) = each(d, h);
                Slot { day, minute: h * 60, seconds: 3600, delivered, received }
            })
            .collect();
        let sum = |f: fn(&Slot) -> i64| Some(Decimal::new(slots.iter().map(f).sum(), -6));
        let used = ServiceUse {
            service: ServiceKind::Electricity,
            schedule: schedule.to_owned(),
            served: cycle,
            facts: Facts::default(),
            delivered: sum(|s| s.delivered),
            received: sum(|s| s.received),
        };
        let known = BTreeMap::from([(ServiceKind::Electricity, Intervals(slots))]);
        let determinants = Determinants { cycle, services: vec![used], assistance: None };
        bill_by_intervals(book(), &determinants, &known, &mut Bank::new()).expect("a bill")
    }

    fn told(before: &Bill, after: &Bill) -> Vec<(Cause, i64)> {
        let change = changes(book(), before, after).remove(0);
        assert_eq!(change.parts.iter().map(|p| p.1).sum::<Cents>(), change.after - change.before);
        change.parts.iter().filter(|p| p.0 != Cause::Tax).map(|p| (p.0, p.1.0)).collect()
    }

    #[test]
    fn other_hours_are_told_apart_from_more_use() {
        let flat = |_, _| (1_000_000, 0);
        let (winter, summer) = (by_clock("E-1-TOU", 4, flat), by_clock("E-1-TOU", 6, flat));
        // 150 kWh at peak for 31.81 instead of 27.01 cents, 180 in the cheapest hours for 11 instead of 15; the others cost the same.
        assert_eq!(told(&winter, &summer), []);
        // A kilowatt-hour a day from noon to six in the evening: 30 of them for 27.01 instead of 15.00 cents.
        let later = by_clock("E-1-TOU", 4, |_, h| match h {
            12 => (0, 0),
            18 => (2_000_000, 0),
            _ => (1_000_000, 0),
        });
        assert_eq!(told(&winter, &later), [(Cause::Hours, 360)]);
        // Twice as much at every hour is use and nothing else.
        let twice = by_clock("E-1-TOU", 4, |_, _| (2_000_000, 0));
        let whole = winter.services[0].sum(LineKind::Usage).0;
        assert_eq!(told(&winter, &twice), [(Cause::Use, whole)]);
        // Another plan for the same use.
        let steps = by_clock("E-1", 4, flat);
        let off = winter.services[0].sum(LineKind::Usage).0 - steps.services[0].sum(LineKind::Usage).0;
        assert_eq!(told(&steps, &winter), [(Cause::Prices, off)]);
    }

    #[test]
    fn the_highest_load_is_a_cause_of_its_own() {
        let flat = by_clock("E-4", 6, |_, _| (2_000_000, 0));
        // One hour of 5 kW, and as much less in another one.
        let once = by_clock("E-4", 6, |d, h| match (d, h) {
            (3, 12) => (5_000_000, 0),
            (3, 13 | 14) => (500_000, 0),
            _ => (2_000_000, 0),
        });
        assert_eq!(told(&flat, &once), [(Cause::Demand, 3 * 1_845)]);
        // Winter asks less for a kilowatt and for a kilowatt-hour.
        let winter = by_clock("E-4", 4, |_, _| (2_000_000, 0));
        let (_, amount) = told(&flat, &winter)[0];
        assert_eq!(told(&flat, &winter), [(Cause::Prices, amount)]);
        assert_eq!(amount, -(2 * (1_845 - 1_525) + 1440 * 180 / 100));
    }

    #[test]
    fn net_use_is_told_from_its_lines() {
        let of = |sent| by_clock("E-1-NEM1", 4, move |_, h| if h == 12 { (0, sent) } else { (500_000, 0) });
        let (before, after) = (of(0), of(5_000_000));
        // 11.5 kWh a day, of which 5 are taken off: all in the first step at 20.46 cents.
        assert_eq!(told(&before, &after), [(Cause::Use, -3_069)]);
    }

    #[test]
    fn what_another_cause_accounts_for_is_taken_out_of_use() {
        let mut change = ServiceChange {
            service: ServiceKind::Gas,
            before: Cents(5_000),
            after: Cents(5_500),
            used_before: Some((Decimal::new(20_000_000, -6), 30)),
            used_after: Some((Decimal::new(22_000_000, -6), 30)),
            counted_at: (Cents(4_000), 20_000_000),
            parts: vec![(Cause::Use, Cents(400)), (Cause::Tax, Cents(100))],
        };
        change.tell_apart(Cause::Weather, 5_000_000);
        let told = [(Cause::Use, Cents(-600)), (Cause::Weather, Cents(1_000)), (Cause::Tax, Cents(100))];
        assert_eq!(change.parts, told);
        change.tell_apart(Cause::Estimates, -3_000_000);
        assert_eq!(change.parts[1], (Cause::Estimates, Cents(-600)), "{:?}", change.parts);
        assert_eq!(change.parts.iter().map(|p| p.1).sum::<Cents>(), Cents(500));
        // As much used as before is no reason to be silent about it.
        change.parts = vec![];
        change.tell_apart(Cause::Estimates, 1_000_000);
        assert_eq!(change.parts, [(Cause::Use, Cents(-200)), (Cause::Estimates, Cents(200))]);
        change.counted_at = (Cents::ZERO, 0);
        change.tell_apart(Cause::Weather, 1_000_000);
        assert_eq!(change.parts.len(), 2);
    }

    #[test]
    fn a_service_that_begins_or_ends_is_named() {
        let whole = made("2026-02-01", 30, 300, 20, None);
        let mut without = whole.clone();
        without.services.remove(1);
        let gas = whole.services[1].total;
        assert_eq!(changes(book(), &without, &whole)[1].parts, [(Cause::Started, gas)]);
        assert_eq!(changes(book(), &whole, &without)[1].parts, [(Cause::Ended, -gas)]);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_by_the_clock_too(
            then in prop::collection::vec((0i64..4_000_000, 0i64..3_000_000), 24),
            now in prop::collection::vec((0i64..4_000_000, 0i64..3_000_000), 24),
            months in (1u32..12, 1u32..12),
            schedules in prop::sample::select(vec![
                ("E-1-TOU", "E-1-TOU"), ("E-4", "E-4"), ("E-1-NEM1", "E-1-NEM1"), ("E-1", "E-1-TOU"), ("E-1-TOU", "E-1"),
            ]),
        ) {
            let of = |schedule, month, hours: &Vec<(i64, i64)>| by_clock(schedule, month, |_, h| hours[usize::from(h)]);
            let (before, after) = (of(schedules.0, months.0, &then), of(schedules.1, months.1, &now));
            for mut c in changes(book(), &before, &after) {
                prop_assert_eq!(c.parts.iter().map(|p| p.1).sum::<Cents>(), c.after - c.before);
                prop_assert!(c.parts.iter().all(|p| p.0 != Cause::Other), "{:?}", c);
                c.tell_apart(Cause::Weather, then[3].0 - now[3].1);
                prop_assert_eq!(c.parts.iter().map(|p| p.1).sum::<Cents>(), c.after - c.before);
            }
        }

        #[test]
        fn the_parts_add_up_to_the_cent(
            days in 20u64..40, kwh in 0i64..3_000, therms in 0i64..300, helped in any::<bool>(),
            later in 0u64..700, days_then in 20u64..40, kwh_then in 0i64..3_000, therms_then in 0i64..300,
        ) {
            let start: chrono::NaiveDate = "2024-11-01".parse().expect("a date");
            let day = |n: u64| (start + chrono::Days::new(n)).to_string();
            let before = made(&day(0), days_then, kwh_then, therms_then, None);
            let after = made(&day(later), days, kwh, therms, helped.then_some(Program::Financial));
            let changes = changes(book(), &before, &after);
            for c in &changes {
                prop_assert_eq!(c.parts.iter().map(|p| p.1).sum::<Cents>(), c.after - c.before);
                prop_assert!(c.parts.iter().all(|p| p.0 != Cause::Other), "{:?}", c);
            }
            let told: Cents = changes.iter().flat_map(|c| &c.parts).map(|p| p.1).sum();
            prop_assert_eq!(told, after.total - before.total);
        }
    }
}
