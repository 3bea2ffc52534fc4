//! Billing periods: from the account's cycle day in one month to that day in the next.

use chrono::{Datelike, NaiveDate};

use crate::calendar::{DayRange, add_months};

/// The billing period that contains a day. `cycle_day` is 1-28, so that every month has it.
#[must_use]
pub fn containing(day: NaiveDate, cycle_day: u32) -> DayRange {
    let here = day.with_day(cycle_day.clamp(1, 28)).unwrap_or(day);
    let from = if here <= day { here } else { add_months(here, -1) };
    DayRange { from, to: add_months(from, 1) }
}

/// The periods that ended on or before `through` and share days with `[from, …)`, in order.
pub fn closed(from: NaiveDate, through: NaiveDate, cycle_day: u32) -> impl Iterator<Item = DayRange> {
    let mut next = containing(from, cycle_day);
    std::iter::from_fn(move || {
        (next.to <= through).then(|| {
            let this = next;
            next = DayRange { from: this.to, to: add_months(this.to, 1) };
            this
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_day_lies_in_its_period_and_periods_touch(n in 0i64..20_000, cycle_day in 1u32..=28) {
            let day = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date") + chrono::Days::new(n.unsigned_abs());
            let p = containing(day, cycle_day);
            prop_assert!(p.contains(day));
            prop_assert!((28..=31).contains(&p.len()));
            prop_assert_eq!(containing(p.to, cycle_day).from, p.to);
        }
    }
}
