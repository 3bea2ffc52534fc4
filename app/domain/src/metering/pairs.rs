//! Two stretches of days laid beside each other, part by part from their first days on, so that what is compared is as long.

use chrono::Days;
use serde::{Deserialize, Serialize};

use crate::calendar::{DayRange, add_months};
use crate::money::div_half_up;

/// How finely two stretches are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Day by day.
    Days,
    /// Seven days at a time.
    Weeks,
    /// A month at a time, from the first day on: from the 12th to the 12th.
    Months,
}

impl Cut {
    /// What suits the longer of two stretches: at most about forty parts.
    #[must_use]
    pub fn of(first: DayRange, second: DayRange) -> Self {
        match first.len().max(second.len()) {
            ..=45 => Self::Days,
            46..=200 => Self::Weeks,
            _ => Self::Months,
        }
    }

    /// The part that begins `index` steps after the first day; `None` behind the end.
    fn part(self, range: DayRange, index: u32) -> Option<DayRange> {
        let at = |n: u32| match self {
            Self::Days => range.from.checked_add_days(Days::new(u64::from(n))),
            Self::Weeks => range.from.checked_add_days(Days::new(u64::from(n) * 7)),
            Self::Months => Some(add_months(range.from, i32::try_from(n).ok()?)),
        };
        DayRange::new(at(index)?, at(index + 1)?).ok()?.intersect(range)
    }

    /// The parts of both, one beside the other; where one has ended the other goes on alone.
    #[must_use]
    pub fn parts(self, first: DayRange, second: DayRange) -> Vec<(Option<DayRange>, Option<DayRange>)> {
        (0..)
            .map(|i| (self.part(first, i), self.part(second, i)))
            .take_while(|(a, b)| a.is_some() || b.is_some())
            .collect()
    }
}

/// The mean of some days, rounded half up, and how many there are; `None` where there is none.
#[must_use]
pub fn mean(days: impl Iterator<Item = i64>) -> Option<i64> {
    let (sum, n) = days.fold((0_i128, 0_i128), |(sum, n), v| (sum + i128::from(v), n + 1));
    (n > 0).then(|| i64::try_from(div_half_up(sum, n)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(from: &str, to: &str) -> DayRange {
        DayRange::new(from.parse().expect("a date"), to.parse().expect("a date")).expect("forwards")
    }

    #[test]
    fn bills_lie_beside_each_other_day_by_day() {
        let (may, april) = (range("2026-05-12", "2026-05-21"), range("2026-04-12", "2026-05-12"));
        let parts = Cut::of(may, april).parts(may, april);
        assert_eq!((Cut::of(may, april), parts.len()), (Cut::Days, 30));
        assert_eq!(parts[8], (Some(range("2026-05-20", "2026-05-21")), Some(range("2026-04-20", "2026-04-21"))));
        assert_eq!(parts[9], (None, Some(range("2026-04-21", "2026-04-22"))));
    }

    #[test]
    fn years_lie_beside_each_other_from_their_first_days_on() {
        let (after, before) = (range("2025-08-31", "2026-05-21"), range("2024-08-31", "2025-05-21"));
        let parts = Cut::of(after, before).parts(after, before);
        assert_eq!(parts.len(), 9);
        assert_eq!(parts[6], (Some(range("2026-02-28", "2026-03-31")), Some(range("2025-02-28", "2025-03-31"))));
        assert_eq!(parts[8].0, Some(range("2026-04-30", "2026-05-21")));
        assert_eq!(mean([1, 2].into_iter()), Some(2));
        assert_eq!(mean([].into_iter()), None);
    }

    proptest! {
        #[test]
        fn every_day_is_in_one_part(from in 0u64..800, len in 1u64..800, other in 1u64..800) {
            let start = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date") + Days::new(from);
            let (a, b) = (DayRange { from: start, to: start + Days::new(len) }, DayRange { from: start, to: start + Days::new(other) });
            let parts = Cut::of(a, b).parts(a, b);
            prop_assert!(parts.len() <= 46);
            for (whole, mine) in [(a, parts.iter().filter_map(|p| p.0).collect::<Vec<_>>()), (b, parts.iter().filter_map(|p| p.1).collect())] {
                prop_assert_eq!(mine.first().map(|p| p.from), Some(whole.from));
                prop_assert_eq!(mine.last().map(|p| p.to), Some(whole.to));
                prop_assert!(mine.windows(2).all(|w| w[0].to == w[1].from));
            }
        }
    }
}
