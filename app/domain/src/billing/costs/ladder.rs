//! What a unit costs when: by what was used before, and by the clock.

use crate::calendar::DayRange;
use crate::tariff::{Baseline, Basis, Charge, Component, Facts, Label, Schedule, Series, Tier, TierEnd, Window};

/// Charges that fill the same tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: (Label, Option<String>, bool),
    /// Where each tier ends, in millionths for the whole period; `None` has no end.
    ends: Vec<Option<i64>>,
}

/// A charge on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Price {
    group: usize,
    /// Its hours, in `hours` of the ladder.
    hours: usize,
    net: bool,
    /// By tier, in 10^-8 dollars.
    tiers: Vec<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Day {
    weekend: bool,
    charges: Vec<Price>,
    /// Hours and price of what is sent back.
    credits: Vec<(usize, i64)>,
}

/// Prices of each day, and where the tiers of the whole period end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ladder {
    groups: Vec<Group>,
    days: Vec<Day>,
    hours: Vec<Vec<Window>>,
    /// Whether any price goes by the clock.
    pub timed: bool,
}

fn price(parts: &[(Component, Series)], day: chrono::NaiveDate) -> i64 {
    parts.iter().map(|(_, s)| s.on(day).0).sum()
}

/// Where a tier ends. A cost within a bill is a share of what was billed, so that the baseline of any customer does.
fn usual(charge: &Charge, end: TierEnd) -> TierEnd {
    let mut facts = Facts::default();
    if let Some(Baseline::By(_, by)) = &charge.baseline {
        facts.climate = by.keys().next().cloned();
    }
    charge.tier_end(end, &facts).unwrap_or(end)
}

impl Ladder {
    pub(super) fn new(schedule: &Schedule, served: DayRange) -> Self {
        let mut out = Self { groups: Vec::new(), days: Vec::new(), hours: vec![Vec::new()], timed: false };
        for (version, range) in schedule.during(served) {
            for day in range.days() {
                let mut of_day = Day { weekend: schedule.is_weekend(day), ..Day::default() };
                for c in version.charges.iter().filter(|c| c.applies(day)) {
                    match &c.basis {
                        Basis::Delivered(tiers) => {
                            let (group, hours) = (out.group(c, tiers, served.len()), out.hours_of(c));
                            let tiers = tiers.iter().map(|t| price(&t.prices, day)).collect();
                            of_day.charges.push(Price { group, hours, net: c.net, tiers });
                        }
                        Basis::Received(p) => {
                            let hours = out.hours_of(c);
                            of_day.credits.push((hours, price(p, day)));
                        }
                        Basis::Month(..)
                        | Basis::Day(..)
                        | Basis::MonthBy(..)
                        | Basis::Demand(..)
                        | Basis::Minimum(_)
                        | Basis::MinimumDay(_)
                        | Basis::Surplus(_) => {}
                    }
                }
                out.days.push(of_day);
            }
        }
        out
    }

    /// The group of a charge, with a day's allowances added to where its tiers end.
    fn group(&mut self, charge: &Charge, tiers: &[Tier], of_days: i64) -> usize {
        let is = |g: &Group| (g.name.0, &g.name.1, g.name.2) == (charge.label, &charge.period, charge.adder);
        let at = self.groups.iter().position(is).unwrap_or_else(|| {
            let name = (charge.label, charge.period.clone(), charge.adder);
            self.groups.push(Group { name, ends: Vec::new() });
            self.groups.len() - 1
        });
        let ends = &mut self.groups[at].ends;
        for (i, t) in tiers.iter().enumerate() {
            let allowance = t.end.map(|e| usual(charge, e).micro(1, of_days));
            match (ends.get_mut(i), allowance) {
                (Some(end), Some(a)) => *end = end.map(|e| e.saturating_add(a)),
                (Some(end), None) => *end = None,
                (None, a) => ends.push(a),
            }
        }
        at
    }

    fn hours_of(&mut self, charge: &Charge) -> usize {
        self.timed |= !charge.times.is_empty();
        self.hours.iter().position(|h| *h == charge.times).unwrap_or_else(|| {
            self.hours.push(charge.times.clone());
            self.hours.len() - 1
        })
    }

    /// Nothing used yet.
    pub(super) fn start(&self) -> Vec<i64> {
        vec![0; self.groups.len()]
    }

    fn holds(&self, day: &Day, hours: usize, minute: u16) -> bool {
        let windows = self.hours.get(hours).map_or(&[][..], Vec::as_slice);
        windows.is_empty() || windows.iter().any(|w| w.holds(day.weekend, minute))
    }

    /// The price of what is used from a minute of a day on, in 10^-14 dollars; it is added to what was `used` of the tiers.
    pub(super) fn weight(&self, day: usize, minute: u16, used: &mut [i64], delivered: i64, received: i64) -> i128 {
        let Some(of_day) = self.days.get(day) else { return 0 };
        let mut out = 0;
        for c in of_day.charges.iter().filter(|c| self.holds(of_day, c.hours, minute)) {
            let amount = if c.net { delivered.saturating_sub(received) } else { delivered }.max(0);
            let Some(before) = used.get_mut(c.group) else { continue };
            let (from, to) = (*before, before.saturating_add(amount));
            *before = to;
            let ends = self.groups.get(c.group).map_or(&[][..], |g| g.ends.as_slice());
            let mut start = 0;
            for (i, price) in c.tiers.iter().enumerate() {
                let last = i + 1 == c.tiers.len();
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

    /// What is credited for what is sent back from a minute of a day on.
    pub(super) fn export_weight(&self, day: usize, minute: u16, amount: i64) -> i128 {
        let price = self.days.get(day).map_or(0, |d| {
            d.credits.iter().filter(|(hours, _)| self.holds(d, *hours, minute)).map(|(_, p)| p).sum::<i64>()
        });
        // Where an export price is not in the schedule, the credit still follows what was sent back.
        i128::from(amount.max(0)) * i128::from(price.max(1))
    }
}

#[cfg(all(test, feature = "toml"))]
mod tests {
    use super::*;
    use crate::tariff::file;

    #[test]
    fn the_peak_costs_more_and_what_is_netted_costs_nothing() {
        let book = file::bundled().expect("bundled files read");
        let day = |text: &str| text.parse().expect("a date");
        let served = DayRange { from: day("2026-07-01"), to: day("2026-08-01") };
        let tou = Ladder::new(book.schedule("E-1-TOU").expect("bundled"), served);
        assert!(tou.timed);
        let at = |minute| tou.weight(0, minute, &mut tou.start(), 1_000_000, 0);
        assert_eq!([at(17 * 60), at(10 * 60)], [31_810_000_000_000, 11_000_000_000_000]);
        let net = Ladder::new(book.schedule("E-1-NEM1").expect("bundled"), served);
        let mut used = net.start();
        assert!(!net.timed);
        assert_eq!(net.weight(0, 0, &mut used, 1_000_000, 1_000_000), 0);
        assert!(net.weight(0, 0, &mut used, 2_000_000, 1_000_000) > 0);
        assert_eq!(used, [1_000_000]);
    }
}
