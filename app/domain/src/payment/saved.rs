//! Saved ways to pay. The processor keeps the card; here is only what a person recognizes it by, and until when it is good.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Expiry;
use crate::calendar::{add_months, days_between};

/// How long before its last day people are told that a card ends.
pub const WARN_DAYS: i64 = 30;

/// The last day on which a card is good.
#[must_use]
pub fn last_day(expiry: Expiry) -> Option<NaiveDate> {
    add_months(NaiveDate::from_ymd_opt(expiry.year, expiry.month, 1)?, 1).checked_sub_days(Days::new(1))
}

/// Whether something can be paid with it on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// It can.
    Good,
    /// It can, but not for much longer.
    EndsSoon,
    /// It cannot any more.
    Expired,
}

/// Whether something can be paid on a day with a way to pay whose last day is `last`; one without a last day is always good.
#[must_use]
pub fn validity(last: Option<NaiveDate>, on: NaiveDate) -> Validity {
    match last.map(|last| days_between(on, last)) {
        Some(left) if left < 0 => Validity::Expired,
        Some(left) if left <= WARN_DAYS => Validity::EndsSoon,
        _ => Validity::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_card_is_good_through_the_last_day_of_its_month() {
        let of = |year, month| Expiry::new(year, month).and_then(last_day);
        assert_eq!(of(2028, 2), Some(day("2028-02-29")));
        let last = of(2026, 12);
        assert_eq!(last, Some(day("2026-12-31")));
        assert_eq!(validity(last, day("2026-12-31")), Validity::EndsSoon);
        assert_eq!(validity(last, day("2027-01-01")), Validity::Expired);
        assert_eq!(validity(last, day("2026-11-30")), Validity::Good);
        assert_eq!(validity(last, day("2026-12-01")), Validity::EndsSoon);
        assert_eq!(validity(None, day("2099-01-01")), Validity::Good);
    }
}
