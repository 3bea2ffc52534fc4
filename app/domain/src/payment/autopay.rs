//! Autopay: on which day it takes how much, and when it asks first.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::planned::Why;
use crate::money::Cents;

/// The most days before the due date on which it may take. A bill is out three weeks before it is due, so its mail, which says
/// what will be taken and when, is there at least ten days before (Regulation E, 12 CFR 1005.10(d), for amounts that vary).
pub const MOST_DAYS_BEFORE: u32 = 10;
/// Days before taking on which a mail says so once more.
pub const NOTICE_DAYS: u64 = 3;
/// The shares above what was expected that a resident may choose for the brake, in percent.
pub const BRAKES: [u32; 4] = [10, 25, 50, 100];
/// The least that a limit may be: below it, it would ask for every bill.
pub const LEAST_LIMIT: Cents = Cents(1_000);

/// What a resident has agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Days before the due date on which it takes.
    pub days_before: u32,
    /// The most that it takes for one bill without asking; `None` takes the whole.
    pub limit: Option<Cents>,
    /// It asks first where a bill is more than this share above what was expected; `None` never does.
    pub brake_percent: Option<u32>,
}

/// Why terms are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsRefused {
    /// More days before than [`MOST_DAYS_BEFORE`].
    #[error("too many days before")]
    Days,
    /// A limit that is too low or too high.
    #[error("no sensible limit")]
    Limit,
    /// A share that is not offered.
    #[error("no such share")]
    Brake,
}

impl Terms {
    /// Checks them.
    ///
    /// # Errors
    /// [`TermsRefused`], the first thing that is wrong.
    pub fn check(&self) -> Result<(), TermsRefused> {
        if self.days_before > MOST_DAYS_BEFORE {
            return Err(TermsRefused::Days);
        }
        if self.limit.is_some_and(|l| l < LEAST_LIMIT || l > super::MOST) {
            return Err(TermsRefused::Limit);
        }
        if self.brake_percent.is_some_and(|b| !BRAKES.contains(&b)) {
            return Err(TermsRefused::Brake);
        }
        Ok(())
    }

    /// The day on which what is due on a day is taken; tomorrow at the earliest, so that nothing happens by surprise.
    #[must_use]
    pub fn take_on(&self, due_on: NaiveDate, today: NaiveDate) -> NaiveDate {
        let chosen = due_on.checked_sub_days(Days::new(u64::from(self.days_before))).unwrap_or(due_on);
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        chosen.max(tomorrow)
    }

    /// Why it asks before it takes `amount` for a bill of `bill`, where something of that kind was expected; `None` where it does
    /// not ask. A bill that nothing was expected of is asked about if there is a brake at all.
    #[must_use]
    pub fn asks(&self, amount: Cents, bill: Option<Cents>, expected: Option<Cents>) -> Option<Why> {
        if bill.is_some_and(|bill| brakes(bill, expected, self.brake_percent)) {
            return Some(Why::Brake);
        }
        self.limit.is_some_and(|limit| amount > limit).then_some(Why::Limit)
    }
}

/// Whether a bill is more than so many percent above what was expected. Exact: no rounding lets a cent through.
#[must_use]
pub fn brakes(bill: Cents, expected: Option<Cents>, percent: Option<u32>) -> bool {
    let Some(percent) = percent else { return false };
    let Some(expected) = expected else { return bill > Cents::ZERO };
    i128::from(bill.0) * 100 > i128::from(expected.0.max(0)) * i128::from(100 + percent) && bill > Cents::ZERO
}

/// By how many percent a bill is above what was expected, to be said in words; `None` where there is nothing to compare with.
#[must_use]
pub fn above_percent(bill: Cents, expected: Cents) -> Option<i64> {
    if expected <= Cents::ZERO {
        return None;
    }
    let percent =
        crate::money::div_half_up((i128::from(bill.0) - i128::from(expected.0)) * 100, i128::from(expected.0));
    i64::try_from(percent).ok()
}

/// What is usual: the middle one of the newest bills, for where no forecast could be made. `None` below three of them.
#[must_use]
pub fn usual(newest_first: &[Cents]) -> Option<Cents> {
    let mut some: Vec<Cents> = newest_first.iter().take(12).copied().collect();
    some.sort_unstable();
    (some.len() >= 3).then(|| some[some.len() / 2])
}

/// What a limit is too low for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Short {
    /// The usual bill, which comes to this: it asks nearly every time.
    OfUsual(Cents),
    /// The last bill, which came to this, or to this where there are too few to tell what is usual.
    OfLast(Cents),
}

/// What a limit is too low for, by the newest bills; `None` where it is not.
#[must_use]
pub fn short(limit: Option<Cents>, newest_first: &[Cents]) -> Option<Short> {
    let above = |bill: &Cents| limit.is_some_and(|limit| *bill > limit);
    let usual = usual(newest_first).filter(above).map(Short::OfUsual);
    usual.or_else(|| newest_first.first().copied().filter(above).map(Short::OfLast))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: Terms = Terms { days_before: 0, limit: None, brake_percent: None };

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn it_takes_on_the_chosen_day_and_never_by_surprise() {
        let due = day("2026-12-20");
        let three = Terms { days_before: 3, ..PLAIN };
        assert_eq!(three.take_on(due, day("2026-11-29")), day("2026-12-17"));
        assert_eq!(three.take_on(due, day("2026-12-18")), day("2026-12-19"), "agreed to late");
        assert_eq!(three.take_on(due, day("2027-01-05")), day("2027-01-06"), "overdue already");
    }

    #[test]
    fn the_brake_is_exact_to_the_cent() {
        let fifty = Some(50);
        assert!(!brakes(Cents(15_000), Some(Cents(10_000)), fifty), "exactly half more is not above");
        assert!(brakes(Cents(15_001), Some(Cents(10_000)), fifty));
        assert!(brakes(Cents(1), Some(Cents::ZERO), fifty));
        assert!(brakes(Cents(1), None, fifty), "with nothing to compare with it asks");
        assert!(!brakes(Cents(-500), None, fifty), "a credit takes nothing");
        assert!(!brakes(Cents(1_000_000), Some(Cents(1)), None));
        assert_eq!(above_percent(Cents(16_100), Cents(10_000)), Some(61));
    }

    #[test]
    fn the_limit_asks_and_takes_no_part() {
        let limited = Terms { limit: Some(Cents(20_000)), ..PLAIN };
        assert_eq!(limited.asks(Cents(20_000), Some(Cents(20_000)), None), None);
        assert_eq!(limited.asks(Cents(20_001), Some(Cents(20_001)), None), Some(Why::Limit));
        let both = Terms { brake_percent: Some(25), ..limited };
        assert_eq!(both.asks(Cents(20_001), Some(Cents(20_001)), Some(Cents(10_000))), Some(Why::Brake));
        assert_eq!(both.asks(Cents(9_000), None, None), None, "an instalment is no bill");
    }

    #[test]
    fn terms_that_make_no_sense_are_refused() {
        assert_eq!(Terms { days_before: 11, ..PLAIN }.check(), Err(TermsRefused::Days));
        assert_eq!(Terms { limit: Some(Cents(999)), ..PLAIN }.check(), Err(TermsRefused::Limit));
        assert_eq!(Terms { limit: Some(Cents(i64::MAX)), ..PLAIN }.check(), Err(TermsRefused::Limit));
        assert_eq!(Terms { brake_percent: Some(7), ..PLAIN }.check(), Err(TermsRefused::Brake));
        assert_eq!(Terms { days_before: 10, limit: Some(Cents(15_000)), brake_percent: Some(25) }.check(), Ok(()));
    }

    #[test]
    fn what_is_usual_is_the_middle() {
        assert_eq!(usual(&[Cents(9_000), Cents(100)]), None);
        assert_eq!(usual(&[Cents(40_000), Cents(9_000), Cents(8_000)]), Some(Cents(9_000)));
    }

    #[test]
    fn a_limit_is_held_against_what_bills_come_to() {
        let bills = [Cents(12_000), Cents(8_000), Cents(9_000), Cents(8_500)];
        assert_eq!(short(None, &bills), None);
        assert_eq!(short(Some(Cents(12_000)), &bills), None, "just enough");
        assert_eq!(short(Some(Cents(11_999)), &bills), Some(Short::OfLast(Cents(12_000))));
        assert_eq!(short(Some(Cents(8_999)), &bills), Some(Short::OfUsual(Cents(9_000))));
        assert_eq!(short(Some(Cents(5_000)), &bills[..1]), Some(Short::OfLast(Cents(12_000))));
        assert_eq!(short(Some(Cents(5_000)), &[]), None, "nothing is known yet");
    }

    proptest! {
        #[test]
        fn a_lower_share_never_lets_more_through(
            bill in -10_000i64..10_000_000, expected in -10_000i64..10_000_000, a in 0usize..4, b in 0usize..4,
        ) {
            let (low, high) = (BRAKES[a.min(b)], BRAKES[a.max(b)]);
            if brakes(Cents(bill), Some(Cents(expected)), Some(high)) {
                prop_assert!(brakes(Cents(bill), Some(Cents(expected)), Some(low)));
            }
            // What is not above what was expected never brakes.
            if bill <= expected {
                prop_assert!(!brakes(Cents(bill), Some(Cents(expected)), Some(low)));
            }
        }
    }
}
