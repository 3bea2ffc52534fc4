//! A bill of one service as a function of what is used by the clock, small enough to be worked out in a browser.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::line::standing;
use super::{Basis, Cut, Rule, cents, cuts, times, total};
use crate::billing::pipeline::percent;
use crate::billing::{BillError, ServiceUse};
use crate::calendar::DayRange;
use crate::money::Cents;
use crate::quantity::Decimal;
use crate::tariff::{Book, Charge, Fill, Program, Rounding, TierEnd};

/// A bill without its use: standing charges are settled, everything else waits for quantities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Standing charges in cents, whatever is used.
    pub fixed: Cents,
    /// What is charged by use, each rule with its own quantity.
    pub rules: Vec<SheetRule>,
    /// The tax in millionths of a percent.
    pub tax: i64,
    /// Whether credits lower what is taxed.
    pub tax_after_credit: bool,
    /// Rate assistance in millionths of a percent.
    pub assistance: i64,
    /// On which days and hours each rule counts.
    #[serde(skip)]
    when: Vec<(Charge, Vec<DayRange>)>,
}

/// One price by use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRule {
    /// Whether it is a credit for what was sent back.
    pub sent: bool,
    /// Where each tier ends, in millionths of the billing unit from zero, and its price in 10^-8 dollars.
    pub tiers: Vec<(Option<i64>, i64)>,
}

impl Sheet {
    /// The sheet of a service for the days of `used`, whose quantities are not looked at. `None` for schedules with charges that
    /// are no sum over hours: the highest load, a minimum, netting over the whole period, rounding other than
    /// line by line.
    ///
    /// # Errors
    /// As for the bill: [`BillError`].
    pub fn of(
        book: &Book,
        used: &ServiceUse,
        cycle_days: i64,
        assistance: Option<Program>,
    ) -> Result<Option<Self>, BillError> {
        let schedule =
            book.schedule(&used.schedule).ok_or_else(|| BillError::UnknownSchedule(used.schedule.clone()))?;
        if schedule.rounding != Rounding::default() {
            return Ok(None);
        }
        let (mut fixed, mut rules, mut when) = (Cents::ZERO, Vec::new(), Vec::new());
        for cut in cuts(schedule, used)? {
            if cut.charge.net || cut.charge.fill != Fill::Own {
                return Ok(None);
            }
            match &cut.rule {
                Rule::Month { per, parts, .. } => {
                    fixed += standing(&cut, parts, times(schedule, used, *per)?, cut.days, cycle_days).amount;
                }
                Rule::Day { per, parts } => {
                    fixed += standing(&cut, parts, times(schedule, used, *per)?, cut.days, 1).amount;
                }
                Rule::Delivered(tiers) => {
                    let end = |e: &Option<TierEnd>| e.map(|e| e.micro(cut.days, cycle_days));
                    let tiers = tiers.iter().map(|(e, parts)| (end(e), total(parts))).collect();
                    rules.push(SheetRule { sent: false, tiers });
                    when.push(hours(&cut));
                }
                Rule::Received(parts) => {
                    rules.push(SheetRule { sent: true, tiers: vec![(None, total(parts))] });
                    when.push(hours(&cut));
                }
                Rule::Demand(..) | Rule::Minimum(_) | Rule::MinimumDay(_) | Rule::Surplus(_) => return Ok(None),
            }
        }
        let last = used.served.last();
        let micro = |d: Decimal| d.round_to(-6);
        let tax = book.tax(used.service, last);
        let rate = assistance.and_then(|p| book.discount(p, used.service, last));
        Ok(Some(Self {
            fixed,
            rules,
            tax: tax.map_or(0, |t| micro(t.percent)),
            tax_after_credit: tax.is_some_and(|t| t.after_export_credit),
            assistance: rate.map_or(0, micro),
            when,
        }))
    }

    /// Which rules count in an hour of a day, as bits.
    #[must_use]
    pub fn rules_at(&self, day: NaiveDate, weekend: bool, minute: u16) -> u64 {
        let counts = |(charge, ranges): &(Charge, Vec<DayRange>)| {
            ranges.iter().any(|r| r.contains(day)) && charge.holds(weekend, minute)
        };
        self.when.iter().take(64).enumerate().filter(|(_, w)| counts(w)).fold(0, |bits, (i, _)| bits | 1 << i)
    }

    /// What the bill comes to, for a quantity by rule in millionths of the billing unit.
    #[must_use]
    pub fn total(&self, quantities: &[i64]) -> Cents {
        let (mut gross, mut credit) = (self.fixed, Cents::ZERO);
        for (rule, quantity) in self.rules.iter().zip(quantities) {
            let mut from = 0;
            for (end, price) in &rule.tiers {
                let inside = (end.map_or(*quantity, |e| e.min(*quantity)) - from).max(0);
                let amount = cents(i128::from(*price) * i128::from(inside), 1_000_000_000_000);
                if rule.sent {
                    credit += amount
                } else {
                    gross += amount
                }
                from = end.unwrap_or(*quantity);
            }
        }
        let taxed = if self.tax_after_credit { (gross - credit).max(Cents::ZERO) } else { gross };
        let rate = |base, micro| percent(base, Decimal::new(micro, -6));
        gross - credit + rate(taxed, self.tax) - rate(gross, self.assistance)
    }
}

fn hours(cut: &Cut<'_>) -> (Charge, Vec<DayRange>) {
    // Prices are in the rule already: only months, hours and names are asked.
    let charge = Charge { basis: Basis::Delivered(Vec::new()), ..cut.charge.clone() };
    (charge, cut.ranges.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::billing::intervals::{Bank, Intervals, Slot};
    use crate::billing::{Determinants, bill_by_intervals};
    use crate::quantity::ServiceKind;
    use crate::tariff::{Facts, file};

    fn book() -> Book {
        file::bundled().expect("bundled files are right")
    }

    proptest! {
        #[test]
        fn a_sheet_comes_to_what_the_bill_does(
            hours in prop::collection::vec((0i64..4_000_000, 0i64..2_000_000), 24..24 * 35),
            start in 0u64..300, tou: bool, helped: bool,
        ) {
            let book = book();
            let from = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date") + chrono::Days::new(start);
            let days = u64::try_from(hours.len() / 24).expect("few");
            let range = DayRange { from, to: from + chrono::Days::new(days) };
            let slots: Vec<Slot> = hours.iter().take(24 * usize::try_from(days).expect("few")).enumerate().map(|(i, (d, r))| Slot {
                day: from + chrono::Days::new(u64::try_from(i / 24).expect("few")),
                minute: u16::try_from(i % 24 * 60).expect("small"),
                seconds: 3600, delivered: *d, received: *r,
            }).collect();
            let code = if tou { "E-1-TOU" } else { "E-1" };
            let used = ServiceUse {
                service: ServiceKind::Electricity, schedule: code.to_owned(), served: range, facts: Facts::default(),
                delivered: Some(Decimal::new(slots.iter().map(|s| s.delivered).sum(), -6)),
                received: Some(Decimal::new(slots.iter().map(|s| s.received).sum(), -6)),
            };
            let assistance = helped.then_some(Program::Financial);
            let sheet = Sheet::of(&book, &used, range.len(), assistance).expect("priced").expect("a sum over hours");
            let schedule = book.schedule(code).expect("there");
            let mut quantities = vec![0; sheet.rules.len()];
            for s in &slots {
                let bits = sheet.rules_at(s.day, schedule.is_weekend(s.day), s.minute);
                for (i, q) in quantities.iter_mut().enumerate() {
                    if bits & (1 << i) != 0 {
                        *q += if sheet.rules[i].sent { s.received } else { s.delivered };
                    }
                }
            }
            let known = BTreeMap::from([(ServiceKind::Electricity, Intervals(slots))]);
            let determinants = Determinants { cycle: range, services: vec![used], assistance };
            let bill = bill_by_intervals(&book, &determinants, &known, &mut Bank::new()).expect("a bill");
            prop_assert_eq!(sheet.total(&quantities), bill.total);
        }
    }

    #[test]
    fn what_is_no_sum_over_hours_has_no_sheet() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let range = DayRange { from: day("2026-03-01"), to: day("2026-04-01") };
        let none = |schedule: &str| {
            let used = ServiceUse {
                service: ServiceKind::Electricity,
                schedule: schedule.to_owned(),
                served: range,
                facts: Facts::default(),
                delivered: None,
                received: None,
            };
            Sheet::of(&book(), &used, 31, None).expect("priced").is_none()
        };
        assert!(none("E-4"), "the highest load");
        assert!(none("E-1-NEM1"), "netting");
        assert!(!none("E-1"));
    }
}
