//! Prices as they stand on one day, for any day: "at today's prices".

use chrono::NaiveDate;

use super::{Basis, Book, Charge, Discount, Prices, Schedule, Series, Tax, Tier, Version};

impl Book {
    /// The book with what is in force on a day, from the beginning of time on. Schedules that have no prices then are left out.
    #[must_use]
    pub fn pinned(&self, day: NaiveDate) -> Self {
        let latest_tax = |t: &&Tax| {
            let newer = |o: &Tax| o.from <= day && o.from > t.from && o.services.iter().any(|s| t.services.contains(s));
            t.from <= day && !self.taxes.iter().any(newer)
        };
        let latest_discount = |d: &&Discount| {
            let newer = |o: &Discount| o.from <= day && o.from > d.from && o.program == d.program;
            d.from <= day && !self.discounts.iter().any(newer)
        };
        Self {
            schedules: self.schedules.iter().filter_map(|s| schedule(s, day)).collect(),
            taxes: self.taxes.iter().filter(latest_tax).map(|t| Tax { from: NaiveDate::MIN, ..t.clone() }).collect(),
            discounts: self
                .discounts
                .iter()
                .filter(latest_discount)
                .map(|d| Discount { from: NaiveDate::MIN, ..d.clone() })
                .collect(),
        }
    }
}

fn schedule(s: &Schedule, day: NaiveDate) -> Option<Schedule> {
    let version = s.versions.iter().rev().find(|v| v.from <= day)?;
    let charges = version.charges.iter().map(|c| Charge { basis: basis(&c.basis, day), ..c.clone() }).collect();
    let version = Version { from: NaiveDate::MIN, charges, ..version.clone() };
    Some(Schedule { versions: vec![version], ..s.clone() })
}

fn basis(basis: &Basis, day: NaiveDate) -> Basis {
    let prices =
        |p: &Prices| -> Prices { p.iter().map(|(c, s)| (*c, Series(vec![(NaiveDate::MIN, s.on(day))]))).collect() };
    let tiers =
        |all: &[Tier]| -> Vec<Tier> { all.iter().map(|t| Tier { end: t.end, prices: prices(&t.prices) }).collect() };
    match basis {
        Basis::Month(per, p) => Basis::Month(*per, prices(p)),
        Basis::Day(per, p) => Basis::Day(*per, prices(p)),
        Basis::MonthBy(fact, by) => Basis::MonthBy(*fact, by.iter().map(|(key, p)| (key.clone(), prices(p))).collect()),
        Basis::Delivered(t) => Basis::Delivered(tiers(t)),
        Basis::Received(p) => Basis::Received(prices(p)),
        Basis::Demand(minutes, t) => Basis::Demand(*minutes, tiers(t)),
        Basis::Minimum(p) => Basis::Minimum(prices(p)),
        Basis::MinimumDay(p) => Basis::MinimumDay(prices(p)),
        Basis::Surplus(p) => Basis::Surplus(prices(p)),
    }
}

#[cfg(test)]
mod tests {
    use crate::calendar::DayRange;
    use crate::tariff::{Basis, file};

    #[test]
    fn past_days_have_the_prices_of_the_day() {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().expect("a date");
        let book = file::bundled().expect("bundled files are right");
        let pinned = book.pinned(day("2025-08-01"));
        let of = |code| pinned.schedule(code).expect("there");
        let then = of("E-1").during(DayRange { from: day("2021-01-01"), to: day("2021-02-01") }).count();
        assert_eq!(then, 1, "one version for all days");
        let Basis::Delivered(tiers) = &of("E-1").versions[0].charges[0].basis else { panic!("energy first") };
        let price: i64 = tiers[0].prices.iter().map(|(_, s)| s.on(day("1999-01-01")).0).sum();
        assert_eq!(price, 20_460_000, "11.80 + 8.09 + 0.57 cents");
        assert!(book.pinned(day("1950-01-01")).schedules.is_empty());
    }
}
