//! What each day and each interval of a billing period cost: tiers fill in time order, tax and assistance are in it, standing
//! charges are a base of their own, and everything sums to the bill to the last fine unit (10^-5 dollars).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::intervals::{Intervals, Slot};
use super::{LineKind, ServiceBill};
use crate::calendar::DayRange;
use crate::money::{Cents, FineAmount, largest_remainder};
use crate::tariff::{Label, Schedule};

mod ladder;

use ladder::Ladder;

/// What one service of a bill comes to, in parts that can be spread over time. They sum to the service's total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostBase {
    /// Standing charges, and those for the highest load, with their share of tax and assistance.
    pub fixed: FineAmount,
    /// Charges by use with their share of tax and assistance.
    pub usage: FineAmount,
    /// The credit for what was sent back; negative.
    pub export: FineAmount,
}

impl CostBase {
    /// The parts of a service's bill.
    #[must_use]
    pub fn of(bill: &ServiceBill) -> Self {
        let fine = |c: Cents| c.0 * FineAmount::PER_CENT;
        // No day and no hour has a load of its own to pay for: the month's highest is one charge.
        let load: Cents = bill.lines.iter().filter(|l| l.label == Some(Label::Demand)).map(|l| l.amount).sum();
        let (fixed, usage) = (bill.sum(LineKind::Fixed) + load, bill.sum(LineKind::Usage) - load);
        let on_top = fine(bill.sum(LineKind::Tax) + bill.sum(LineKind::Assistance));
        let shares = apportion(on_top, &[i128::from(fixed.0), i128::from(usage.0)]);
        Self {
            fixed: FineAmount(fine(fixed) + shares[0]),
            usage: FineAmount(fine(usage) + shares[1]),
            export: FineAmount(fine(bill.sum(LineKind::Export))),
        }
    }

    /// All of it.
    #[must_use]
    pub const fn total(self) -> FineAmount {
        FineAmount(self.fixed.0 + self.usage.0 + self.export.0)
    }
}

/// Spreads fine units over weights so that they sum to the total.
fn apportion(total: i64, weights: &[i128]) -> Vec<i64> {
    largest_remainder(Cents(total), weights).into_iter().map(|c| c.0).collect()
}

/// What one local day used, in millionths of the billing unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUse {
    /// The day.
    pub day: NaiveDate,
    /// Delivered; `None` where nothing is known.
    pub delivered: Option<i64>,
    /// Sent back; `None` where nothing is known or metered.
    pub received: Option<i64>,
}

/// What one local day cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCost {
    /// The day.
    pub day: NaiveDate,
    /// For what was delivered. On a day whose use is not known it is the share that the bill's reads put on it.
    pub usage: FineAmount,
    /// For what was sent back; negative or zero.
    pub export: FineAmount,
    /// The day's share of the standing charges.
    pub fixed: FineAmount,
    /// Whether the day's use is known.
    pub known: bool,
}

/// A billing period with the cost of each of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostedPeriod {
    /// The days of service.
    pub served: DayRange,
    /// Whether a bill was issued; otherwise the amounts are "so far".
    pub billed: bool,
    /// What is spread.
    pub base: CostBase,
    /// Each day of service, in order.
    pub days: Vec<DayCost>,
    ladder: Ladder,
    /// What was used up of each price's tiers before each day.
    before: Vec<Vec<i64>>,
}

impl CostedPeriod {
    /// Spreads a period's amounts over its days. `days` may lack days; `billed_quantity` (in millionths of the billing unit) is what
    /// the bill counts: what the known days do not explain of it falls on the unknown ones. `clock` is use by the clock, for
    /// schedules with prices by the hour; where it is not known a day's use counts as spread evenly over its hours.
    #[must_use]
    pub fn new(
        schedule: &Schedule,
        served: DayRange,
        billed: bool,
        base: CostBase,
        billed_quantity: i64,
        days: &[DayUse],
        clock: Option<&Intervals>,
    ) -> Self {
        let ladder = Ladder::new(schedule, served);
        let of = |day: NaiveDate| days.binary_search_by_key(&day, |d| d.day).ok().map(|i| days[i]);
        let all: Vec<(NaiveDate, Option<DayUse>)> = served.days().map(|d| (d, of(d))).collect();
        let known = |u: &Option<DayUse>| u.and_then(|u| u.delivered);
        let explained: i64 = all.iter().filter_map(|(_, u)| known(u)).sum();
        let holes = i64::try_from(all.iter().filter(|(_, u)| known(u).is_none()).count()).unwrap_or(i64::MAX).max(1);
        let unknown_day = if billed { (billed_quantity - explained).max(0) / holes } else { 0 };
        let mut used = ladder.start();
        let mut out = Vec::with_capacity(all.len());
        let mut before = Vec::with_capacity(all.len());
        let (mut usage, mut export) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
        for (i, (day, u)) in all.iter().enumerate() {
            before.push(used.clone());
            let (amount, sent) = (known(u).unwrap_or(unknown_day), u.and_then(|u| u.received).unwrap_or(0));
            let of_day = DayRange { from: *day, to: crate::calendar::next_day(*day) };
            let slots = clock.filter(|_| known(u).is_some()).map_or(&[][..], |c| c.on(of_day));
            let (mut cost, mut credit) = (0, 0);
            for (minute, delivered, received) in pieces(&ladder, amount, sent, slots) {
                cost += ladder.weight(i, minute, &mut used, delivered, received);
                credit += ladder.export_weight(i, minute, received);
            }
            usage.push(cost);
            export.push(credit);
            let none = FineAmount(0);
            out.push(DayCost { day: *day, usage: none, export: none, fixed: none, known: known(u).is_some() });
        }
        let fixed = apportion(base.fixed.0, &vec![1; out.len()]);
        let usage = apportion(base.usage.0, &usage);
        let export = apportion(base.export.0, &export);
        for (((d, f), u), e) in out.iter_mut().zip(fixed).zip(usage).zip(export) {
            d.fixed = FineAmount(f);
            d.usage = FineAmount(u);
            d.export = FineAmount(e);
        }
        Self { served, billed, base, days: out, ladder, before }
    }

    /// The cost of one day.
    #[must_use]
    pub fn day(&self, day: NaiveDate) -> Option<&DayCost> {
        let i = usize::try_from(crate::calendar::days_between(self.served.from, day)).ok()?;
        self.days.get(i)
    }

    /// The day's cost by its intervals, in time order; sums to the day's cost.
    #[must_use]
    pub fn intervals(&self, day: NaiveDate, parts: &[Part]) -> Vec<IntervalCost> {
        let Some(cost) = self.day(day) else {
            return vec![IntervalCost::default(); parts.len()];
        };
        let index = usize::try_from(crate::calendar::days_between(self.served.from, day)).unwrap_or(0);
        let mut used = self.before.get(index).cloned().unwrap_or_else(|| self.ladder.start());
        let mut usage = Vec::with_capacity(parts.len());
        let mut export = Vec::with_capacity(parts.len());
        for part in parts {
            let (amount, sent) = (part.delivered.unwrap_or(0), part.received.unwrap_or(0));
            usage.push(self.ladder.weight(index, part.minute, &mut used, amount, sent));
            export.push(self.ladder.export_weight(index, part.minute, sent));
        }
        let fixed = apportion(cost.fixed.0, &vec![1; parts.len()]);
        let usage = apportion(cost.usage.0, &usage);
        let export = apportion(cost.export.0, &export);
        parts
            .iter()
            .zip(fixed.into_iter().zip(usage.into_iter().zip(export)))
            .map(|(part, (f, (u, e)))| IntervalCost {
                usage: (part.delivered.is_some() || u != 0 || e != 0).then_some(FineAmount(u + e)),
                fixed: FineAmount(f),
            })
            .collect()
    }
}

/// What was used in one interval of a day, in millionths of the billing unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The minute of the clock at which it begins.
    pub minute: u16,
    /// Delivered; `None` where it is not known.
    pub delivered: Option<i64>,
    /// Sent back; `None` where it is not known or metered.
    pub received: Option<i64>,
}

/// A day's use in pieces that have one price each: the whole day, its intervals, or where those are not known its hours.
fn pieces(ladder: &Ladder, delivered: i64, received: i64, slots: &[Slot]) -> Vec<(u16, i64, i64)> {
    if !ladder.timed {
        return vec![(0, delivered, received)];
    }
    if !slots.is_empty() {
        return slots.iter().map(|s| (s.minute, s.delivered, s.received)).collect();
    }
    let split = |amount| apportion(amount, &[1; 24]);
    (0..24).zip(split(delivered).into_iter().zip(split(received))).map(|(h, (d, r))| (h * 60, d, r)).collect()
}

/// What one interval cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntervalCost {
    /// For the energy, tax included, less the credit for what was sent back; `None` where it cannot be said.
    pub usage: Option<FineAmount>,
    /// The share of the standing charges.
    pub fixed: FineAmount,
}

#[cfg(all(test, feature = "toml"))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::{Determinants, ServiceUse, bill};
    use crate::quantity::{Decimal, ServiceKind};
    use crate::tariff::{Facts, file};

    fn part(delivered: i64) -> Part {
        Part { delivered: Some(delivered), ..Part::default() }
    }

    fn costed(uses: &[Option<i64>], sent: &[i64], extra: i64) -> (CostedPeriod, Cents) {
        let book = file::bundled().expect("bundled files read");
        let from: NaiveDate = "2025-06-10".parse().expect("a date");
        let cycle = DayRange { from, to: from + chrono::Days::new(uses.len() as u64) };
        let total: i64 = uses.iter().flatten().sum::<i64>() + extra;
        let services = vec![ServiceUse {
            service: ServiceKind::Electricity,
            schedule: "E-1".into(),
            served: cycle,
            facts: Facts::default(),
            delivered: Some(Decimal::new(total, -6)),
            received: Some(Decimal::new(sent.iter().sum(), -6)),
        }];
        let b = bill(&book, &Determinants { cycle, services, assistance: None }).expect("a bill");
        let days: Vec<DayUse> = cycle
            .days()
            .zip(uses.iter().zip(sent))
            .map(|(day, (d, r))| DayUse { day, delivered: *d, received: Some(*r) })
            .collect();
        let schedule = book.schedule("E-1").expect("bundled");
        let period = CostedPeriod::new(schedule, cycle, true, CostBase::of(&b.services[0]), total, &days, None);
        (period, b.total)
    }

    #[test]
    fn the_second_tier_begins_when_the_first_is_used_up() {
        // 30 days allow 450 kWh: the first fifteen days use 30 each, so day 16 is dearer.
        let (p, _) = costed(&[Some(30_000_000); 30], &[0; 30], 0);
        assert!(p.days[15].usage > p.days[14].usage);
        assert_eq!(p.days[0].usage.0 / 10, p.days[14].usage.0 / 10);
        let halves = p.intervals(p.days[0].day, &[part(10_000_000), part(20_000_000)]);
        assert_eq!(halves[0].usage.map(|u| u.0 * 2 / 10), halves[1].usage.map(|u| u.0 / 10));
    }

    #[test]
    fn unknown_days_carry_what_the_reads_say() {
        let mut uses = [Some(10_000_000); 30];
        uses[3] = None;
        uses[4] = None;
        let (p, total) = costed(&uses, &[0; 30], 20_000_000);
        assert!(!p.days[3].known);
        assert!((p.days[3].usage.0 - p.days[2].usage.0).abs() < 100);
        let sum: i64 = p.days.iter().map(|d| d.usage.0 + d.fixed.0 + d.export.0).sum();
        assert_eq!(FineAmount(sum).to_cents(), total);
    }

    proptest! {
        #[test]
        fn days_and_intervals_sum_to_the_bill(
            uses in proptest::collection::vec((proptest::option::weighted(0.9, 0i64..80_000_000), 0i64..30_000_000), 20..40),
            parts in proptest::collection::vec(proptest::option::weighted(0.9, 0i64..2_000_000), 96),
        ) {
            let known: Vec<Option<i64>> = uses.iter().map(|u| u.0).collect();
            let sent: Vec<i64> = uses.iter().map(|u| u.1).collect();
            let (p, total) = costed(&known, &sent, 0);
            let sum: i64 = p.days.iter().map(|d| d.usage.0 + d.fixed.0 + d.export.0).sum();
            prop_assert_eq!(sum, total.0 * FineAmount::PER_CENT);
            prop_assert_eq!(p.base.total().0, sum);
            let d = p.days[7];
            let cut: Vec<Part> = parts.iter().map(|d| Part { minute: 0, delivered: *d, received: Some(1) }).collect();
            let intervals = p.intervals(d.day, &cut);
            let sum: i64 = intervals.iter().map(|i| i.usage.map_or(0, |u| u.0) + i.fixed.0).sum();
            prop_assert_eq!(sum, d.usage.0 + d.export.0 + d.fixed.0);
        }
    }
}
