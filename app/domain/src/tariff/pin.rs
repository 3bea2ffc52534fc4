//! Prices as they stand on one day, for any day: "at today's prices".

use chrono::NaiveDate;

use super::{Basis, Book, Charge, Discount, Prices, Schedule, Series, Tax, Tier, Version};

impl Book {
    /// The latest day from which it prices something otherwise than another book; `None` where it never does.
    #[must_use]
    pub fn differs_since(&self, other: &Self) -> Option<NaiveDate> {
        let mut days = self.days();
        days.extend(other.days());
        days.sort_unstable();
        days.dedup();
        days.into_iter().rev().find(|day| self.prices_on(*day) != other.prices_on(*day))
    }

    /// What counts on a day, without where the figures come from.
    fn prices_on(&self, day: NaiveDate) -> Self {
        let mut on = self.pinned(day);
        for v in on.schedules.iter_mut().flat_map(|s| &mut s.versions) {
            (v.source, v.verified) = (String::new(), None);
        }
        on.taxes.iter_mut().for_each(|t| t.source.clear());
        on.discounts.iter_mut().for_each(|d| d.source.clear());
        on
    }

    /// The days from which something counts.
    fn days(&self) -> Vec<NaiveDate> {
        let versions = || self.schedules.iter().flat_map(|s| &s.versions);
        let mut out: Vec<NaiveDate> = versions().map(|v| v.from).collect();
        out.extend(self.taxes.iter().map(|t| t.from));
        out.extend(self.discounts.iter().map(|d| d.from));
        let mut each = |prices: &Prices| out.extend(prices.iter().flat_map(|(_, s)| &s.0).map(|(day, _)| *day));
        for charge in versions().flat_map(|v| &v.charges) {
            match &charge.basis {
                Basis::Month(_, p)
                | Basis::Day(_, p)
                | Basis::Received(p)
                | Basis::Minimum(p)
                | Basis::MinimumDay(p)
                | Basis::Surplus(p) => each(p),
                Basis::MonthBy(_, by) => by.values().for_each(&mut each),
                Basis::Delivered(tiers) | Basis::Demand(_, tiers) => tiers.iter().for_each(|t| each(&t.prices)),
            }
        }
        out
    }

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

    #[test]
    fn the_latest_day_of_a_difference_is_that_of_a_version_or_of_a_price() {
        let flat = |source: &str, rest: &str| {
            let head = "[[schedule]]\ncode = \"X\"\nservice = \"gas\"\n";
            let version = |from: &str, price: &str| {
                format!(
                    "[[schedule.version]]\nfrom = \"{from}\"\nsource = \"{source}\"\n[[schedule.version.charge]]\n\
                     label = \"gas_supply\"\nbasis = \"delivered\"\nprice = {price}\n"
                )
            };
            let rest = if rest.is_empty() { String::new() } else { version("2027-01-01", rest) };
            file::read(&format!("{head}{}{rest}", version("2026-01-01", "\"1\""))).expect("a file")
        };
        let since = |rest: &str| flat("new", rest).differs_since(&flat("old", "")).map(|day| day.to_string());
        assert_eq!(since(""), None, "another source is no other price");
        assert_eq!(since("\"2\"").as_deref(), Some("2027-01-01"));
        let steps = "[{ from = \"2027-01-01\", price = \"2\" }, { from = \"2027-03-01\", price = \"3\" }]";
        assert_eq!(since(steps).as_deref(), Some("2027-03-01"));
        // From March on it is as before.
        assert_eq!(since(&steps.replace("\"3\"", "\"1\"")).as_deref(), Some("2027-01-01"));
        let taxed =
            file::read("[[tax]]\nfrom = \"2027-05-01\"\npercent = \"5\"\nservices = [\"gas\"]\nsource = \"s\"\n");
        let untaxed = crate::tariff::Book::default().differs_since(&taxed.expect("a file"));
        assert_eq!(untaxed.map(|day| day.to_string()).as_deref(), Some("2027-05-01"));
    }
}
