//! What each day and each interval of a billing period cost: tiers fill in time order, tax and assistance are in it, standing
//! charges are a base of their own, and everything sums to the bill to the last fine unit (10^-5 dollars).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{LineKind, ServiceBill};
use crate::calendar::DayRange;
use crate::money::{Cents, FineAmount, largest_remainder};
use crate::tariff::{Basis, Charge, Label, Schedule};

/// What one service of a bill comes to, in parts that can be spread over time. They sum to the service's total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostBase {
    /// Standing charges with their share of tax and assistance.
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
        let (fixed, usage) = (bill.sum(LineKind::Fixed), bill.sum(LineKind::Usage));
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
    /// What was delivered earlier in the period, in millionths of the billing unit.
    before: i64,
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
}

/// Prices by what was used before, and where the tiers of the whole period end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ladder {
    /// By charge label: where each tier ends, in millionths for the whole period; `None` has no end.
    ends: Vec<(Label, Vec<Option<i64>>)>,
    /// By day: for each label of `ends` the price of each tier, and the export price.
    prices: Vec<(Vec<Vec<i64>>, i64)>,
}

impl Ladder {
    fn new(schedule: &Schedule, served: DayRange) -> Self {
        let mut ends: Vec<(Label, Vec<Option<i64>>)> = Vec::new();
        let mut prices = Vec::new();
        for (version, range) in schedule.during(served) {
            for c in &version.charges {
                if matches!(c.basis, Basis::Delivered(_)) && !ends.iter().any(|(l, _)| *l == c.label) {
                    ends.push((c.label, Vec::new()));
                }
            }
            for day in range.days() {
                let mut of_day = vec![Vec::new(); ends.len()];
                let mut export = 0;
                for c in version.charges.iter().filter(|c| c.applies(day)) {
                    match &c.basis {
                        Basis::Delivered(_) => {
                            if let Some(i) = ends.iter().position(|(l, _)| *l == c.label) {
                                of_day[i] = add_day(&mut ends[i].1, c, day, served.len());
                            }
                        }
                        Basis::Received(p) => export += p.iter().map(|(_, s)| s.on(day).0).sum::<i64>(),
                        Basis::Month(..)
                        | Basis::Day(..)
                        | Basis::MonthBy(..)
                        | Basis::Demand(..)
                        | Basis::Minimum(_)
                        | Basis::Surplus(_) => {}
                    }
                }
                prices.push((of_day, export));
            }
        }
        Self { ends, prices }
    }

    /// The price of using `amount` on a day when `before` was used already, in 10^-14 dollars.
    fn weight(&self, day: usize, before: i64, amount: i64) -> i128 {
        let Some((labels, _)) = self.prices.get(day) else { return 0 };
        let (from, to) = (before, before.saturating_add(amount.max(0)));
        let mut out = 0;
        for ((_, ends), prices) in self.ends.iter().zip(labels) {
            let mut start = 0;
            for (i, price) in prices.iter().enumerate() {
                let last = i + 1 == prices.len();
                let end = if last { i64::MAX } else { ends.get(i).copied().flatten().unwrap_or(i64::MAX) };
                let inside = to.min(end) - from.max(start);
                if inside > 0 {
                    out += i128::from(inside) * i128::from(*price);
                }
                start = end;
            }
        }
        out
    }

    fn export_weight(&self, day: usize, amount: i64) -> i128 {
        let price = self.prices.get(day).map_or(0, |(_, e)| *e);
        // Where an export price is not in the schedule, the credit still follows what was sent back.
        i128::from(amount.max(0)) * i128::from(price.max(1))
    }
}

/// Adds a day's allowances to the ends of the tiers and gives the day's prices.
fn add_day(ends: &mut Vec<Option<i64>>, charge: &Charge, day: NaiveDate, of_days: i64) -> Vec<i64> {
    let Basis::Delivered(tiers) = &charge.basis else { return Vec::new() };
    for (i, t) in tiers.iter().enumerate() {
        let allowance = t.end.map(|e| e.micro(1, of_days));
        match (ends.get_mut(i), allowance) {
            (Some(end), Some(a)) => *end = end.map(|e| e.saturating_add(a)),
            (Some(end), None) => *end = None,
            (None, a) => ends.push(a),
        }
    }
    tiers.iter().map(|t| t.prices.iter().map(|(_, s)| s.on(day).0).sum()).collect()
}

impl CostedPeriod {
    /// Spreads a period's amounts over its days. `days` may lack days; `billed_quantity` (in millionths of the billing unit) is what
    /// the bill counts: what the known days do not explain of it falls on the unknown ones.
    #[must_use]
    pub fn new(
        schedule: &Schedule,
        served: DayRange,
        billed: bool,
        base: CostBase,
        billed_quantity: i64,
        days: &[DayUse],
    ) -> Self {
        let ladder = Ladder::new(schedule, served);
        let of = |day: NaiveDate| days.binary_search_by_key(&day, |d| d.day).ok().map(|i| days[i]);
        let all: Vec<(NaiveDate, Option<DayUse>)> = served.days().map(|d| (d, of(d))).collect();
        let known = |u: &Option<DayUse>| u.and_then(|u| u.delivered);
        let explained: i64 = all.iter().filter_map(|(_, u)| known(u)).sum();
        let holes = i64::try_from(all.iter().filter(|(_, u)| known(u).is_none()).count()).unwrap_or(i64::MAX).max(1);
        let unknown_day = if billed { (billed_quantity - explained).max(0) / holes } else { 0 };
        let mut before = 0_i64;
        let mut out = Vec::with_capacity(all.len());
        let (mut usage, mut export) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
        for (i, (day, u)) in all.iter().enumerate() {
            let amount = known(u).unwrap_or(unknown_day);
            usage.push(ladder.weight(i, before, amount));
            export.push(ladder.export_weight(i, u.and_then(|u| u.received).unwrap_or(0)));
            out.push(DayCost {
                day: *day,
                usage: FineAmount(0),
                export: FineAmount(0),
                fixed: FineAmount(0),
                known: known(u).is_some(),
                before,
            });
            before = before.saturating_add(amount.max(0));
        }
        let fixed = apportion(base.fixed.0, &vec![1; out.len()]);
        let usage = apportion(base.usage.0, &usage);
        let export = apportion(base.export.0, &export);
        for (((d, f), u), e) in out.iter_mut().zip(fixed).zip(usage).zip(export) {
            d.fixed = FineAmount(f);
            d.usage = FineAmount(u);
            d.export = FineAmount(e);
        }
        Self { served, billed, base, days: out, ladder }
    }

    /// The cost of one day.
    #[must_use]
    pub fn day(&self, day: NaiveDate) -> Option<&DayCost> {
        let i = usize::try_from(crate::calendar::days_between(self.served.from, day)).ok()?;
        self.days.get(i)
    }

    /// The day's cost by its intervals, given in time order as `(delivered, received)` in millionths of the billing unit; sums
    /// to the day's cost.
    #[must_use]
    pub fn intervals(&self, day: NaiveDate, parts: &[(Option<i64>, Option<i64>)]) -> Vec<IntervalCost> {
        let Some(cost) = self.day(day) else {
            return vec![IntervalCost::default(); parts.len()];
        };
        let index = usize::try_from(crate::calendar::days_between(self.served.from, day)).unwrap_or(0);
        let mut before = cost.before;
        let mut usage = Vec::with_capacity(parts.len());
        let mut export = Vec::with_capacity(parts.len());
        for (delivered, received) in parts {
            let amount = delivered.unwrap_or(0).max(0);
            usage.push(self.ladder.weight(index, before, amount));
            export.push(self.ladder.export_weight(index, received.unwrap_or(0)));
            before = before.saturating_add(amount);
        }
        let fixed = apportion(cost.fixed.0, &vec![1; parts.len()]);
        let usage = apportion(cost.usage.0, &usage);
        let export = apportion(cost.export.0, &export);
        parts
            .iter()
            .zip(fixed.into_iter().zip(usage.into_iter().zip(export)))
            .map(|((delivered, _), (f, (u, e)))| IntervalCost {
                usage: (delivered.is_some() || u != 0 || e != 0).then_some(FineAmount(u + e)),
                fixed: FineAmount(f),
            })
            .collect()
    }
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
        let period = CostedPeriod::new(schedule, cycle, true, CostBase::of(&b.services[0]), total, &days);
        (period, b.total)
    }

    #[test]
    fn the_second_tier_begins_when_the_first_is_used_up() {
        // 30 days allow 450 kWh: the first fifteen days use 30 each, so day 16 is dearer.
        let (p, _) = costed(&[Some(30_000_000); 30], &[0; 30], 0);
        assert!(p.days[15].usage > p.days[14].usage);
        assert_eq!(p.days[0].usage.0 / 10, p.days[14].usage.0 / 10);
        let halves = p.intervals(p.days[0].day, &[(Some(10_000_000), None), (Some(20_000_000), None)]);
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
            let cut: Vec<(Option<i64>, Option<i64>)> = parts.iter().map(|d| (*d, Some(1))).collect();
            let intervals = p.intervals(d.day, &cut);
            let sum: i64 = intervals.iter().map(|i| i.usage.map_or(0, |u| u.0) + i.fixed.0).sum();
            prop_assert_eq!(sum, d.usage.0 + d.export.0 + d.fixed.0);
        }
    }
}
