//! Whether what the dial says, what the intervals add up to and what was billed are the same, and if not, why.

use serde::{Deserialize, Serialize};

use crate::quantity::Decimal;

/// What is known of a service in a billing period. Amounts are millionths of the billing unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What was billed.
    pub billed: i64,
    /// What the intervals add up to now.
    pub intervals: i64,
    /// How far the dials moved, where both ends of every meter were read.
    pub dials: Option<i64>,
    /// How far dials moved of meters that send nothing beside others that do, where both ends were read or are taken to be known; `None` where
    /// there are none.
    pub silent: Option<i64>,
    /// Intervals that there should be.
    pub expected: u32,
    /// Intervals that have a value.
    pub present: u32,
    /// Days whose intervals changed after the bill was made.
    pub changed_days: u32,
}

/// What can be said of the three amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The bill is what the intervals add up to.
    Same,
    /// The meter sends no intervals: the bill went by the dial.
    DialOnly,
    /// The bill is what the intervals add up to and what the dial of a meter moved that sends none.
    BesideDial {
        /// How far that dial moved, in the billing unit.
        moved: Decimal,
    },
    /// Intervals are missing: the bill went by the dial.
    MissingByDial {
        /// How many.
        missing: u32,
    },
    /// Intervals are missing and the dial was not read: what they would have been was estimated from the other days.
    MissingEstimated {
        /// How many.
        missing: u32,
    },
    /// Intervals came or were corrected after the bill was made.
    Changed {
        /// Of how many days.
        days: u32,
    },
    /// None of these: a person has to look.
    Unexplained,
}

impl Known {
    /// Why the bill is what it is beside the intervals.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let missing = self.expected.saturating_sub(self.present);
        if self.billed == self.intervals {
            Verdict::Same
        } else if let Some(moved) = self.silent.filter(|s| self.intervals.checked_add(*s) == Some(self.billed)) {
            Verdict::BesideDial { moved: Decimal::new(moved, -6) }
        } else if self.changed_days > 0 {
            Verdict::Changed { days: self.changed_days }
        } else if self.present == 0 && self.dials == Some(self.billed) {
            Verdict::DialOnly
        } else if missing > 0 && self.dials == Some(self.billed) {
            Verdict::MissingByDial { missing }
        } else if missing > 0 {
            Verdict::MissingEstimated { missing }
        } else {
            Verdict::Unexplained
        }
    }

    /// How far the dials are from what was billed; `None` where they were not read.
    #[must_use]
    pub fn dials_off(&self) -> Option<Decimal> {
        self.dials.map(|d| Decimal::new(d.saturating_sub(self.billed), -6))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: Known = Known {
        billed: 500,
        intervals: 500,
        dials: Some(500),
        silent: None,
        expected: 96,
        present: 96,
        changed_days: 0,
    };

    #[test]
    fn each_difference_has_its_reason() {
        let verdict = |k: Known| k.verdict();
        assert_eq!(verdict(WHOLE), Verdict::Same);
        let holes = Known { intervals: 400, present: 90, ..WHOLE };
        assert_eq!(verdict(holes), Verdict::MissingByDial { missing: 6 });
        assert_eq!(verdict(Known { present: 0, intervals: 0, ..WHOLE }), Verdict::DialOnly);
        assert_eq!(verdict(Known { dials: None, ..holes }), Verdict::MissingEstimated { missing: 6 });
        assert_eq!(verdict(Known { intervals: 480, changed_days: 1, ..WHOLE }), Verdict::Changed { days: 1 });
        assert_eq!(verdict(Known { intervals: 480, ..WHOLE }), Verdict::Unexplained);
        let beside = Known { intervals: 300, dials: None, silent: Some(200), ..WHOLE };
        assert_eq!(verdict(beside), Verdict::BesideDial { moved: Decimal::new(200, -6) });
        assert_eq!(verdict(Known { silent: Some(201), ..beside }), Verdict::Unexplained);
        assert_eq!(Known { dials: Some(498), ..WHOLE }.dials_off(), Some(Decimal::new(-2, -6)));
    }

    proptest! {
        #[test]
        fn only_equal_amounts_are_the_same(billed in any::<i64>(), intervals in any::<i64>(), present in 0u32..200, changed_days in 0u32..3) {
            let known = Known { billed, intervals, dials: None, silent: None, expected: 100, present, changed_days };
            prop_assert_eq!(known.verdict() == Verdict::Same, billed == intervals);
        }
    }
}
