//! Long gaps are estimated from like days: the same kind of weekday, the most recent ones first, scaled to what the dial
//! moved where that is known.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{Rules, estimate::good};
use crate::metering::Quality;
use crate::metering::day::DayBlock;

/// Days that are alike in how people live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Monday to Friday.
    Working,
    /// Saturday.
    Saturday,
    /// Sunday and holidays.
    Sunday,
}

impl Kind {
    /// The kind of a day; `holiday` says whether it is one.
    #[must_use]
    pub fn of(day: NaiveDate, holiday: bool) -> Self {
        match day.weekday() {
            _ if holiday => Self::Sunday,
            Weekday::Sun => Self::Sunday,
            Weekday::Sat => Self::Saturday,
            _ => Self::Working,
        }
    }
}

/// Whether a day is one of the United States' holidays on which most people are at home: New Year's Day, Memorial Day,
/// Independence Day, Labor Day, Thanksgiving and Christmas.
#[must_use]
pub fn holiday(day: NaiveDate) -> bool {
    match (day.month(), day.day(), day.weekday()) {
        (1, 1, _) | (7, 4, _) | (12, 25, _) => true,
        (5, d, Weekday::Mon) => d > 24,
        (9, d, Weekday::Mon) => d <= 7,
        (11, d, Weekday::Thu) => (22..=28).contains(&d),
        _ => false,
    }
}

/// Whether a day may be learnt from: every interval was measured and none is in doubt. A day with an outage, an estimate
/// or a hole is none.
#[must_use]
pub fn may_teach(day: &DayBlock) -> bool {
    !day.is_empty() && (0..day.len()).all(|i| good(day, i).is_some())
}

/// The days to learn from: of `candidates` those of the same kind within [`Rules::like_within_days`] on either side that
/// may teach, the nearest first, at most [`Rules::like_days`]. `kind` tells a day's kind.
pub fn choose<'a>(
    day: NaiveDate,
    candidates: &'a [(NaiveDate, DayBlock)],
    kind: &dyn Fn(NaiveDate) -> Kind,
    rules: &Rules,
) -> Vec<&'a (NaiveDate, DayBlock)> {
    let apart = |other: NaiveDate| (other - day).num_days().abs();
    let wanted = kind(day);
    let mut like: Vec<_> = candidates
        .iter()
        .filter(|(other, block)| {
            *other != day
                && apart(*other) <= i64::from(rules.like_within_days)
                && kind(*other) == wanted
                && may_teach(block)
        })
        .collect();
    // Of two that are as near the earlier one: what is known on the day itself does not change with what comes later.
    like.sort_by_key(|(other, _)| (apart(*other), *other));
    like.truncate(rules.like_days as usize);
    like
}

/// How an estimate came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// On a line between two good neighbours.
    Interpolated,
    /// The average of like days.
    LikeDays,
    /// The average of like days, scaled to what the dial moved.
    LikeDaysScaled,
    /// What the dial moved, spread evenly: no like day is known, or none has any use.
    DialSpread,
}

impl Method {
    /// The word that is stored.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Interpolated => "interpolated",
            Self::LikeDays => "like_days",
            Self::LikeDaysScaled => "like_days_scaled",
            Self::DialSpread => "dial_spread",
        }
    }

    /// Reads [`Method::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        [Self::Interpolated, Self::LikeDays, Self::LikeDaysScaled, Self::DialSpread]
            .into_iter()
            .find(|m| m.slug() == slug)
    }
}

/// Estimates those slots of a day that `wanted` picks (holes, or values in doubt). `total` is what they must add up to:
/// what the dial moved over a stretch less the intervals of it that are known. Without like days and without a total
/// nothing is known, and nothing is done.
pub fn estimate(
    day: &mut DayBlock,
    like: &[&DayBlock],
    total: Option<i64>,
    wanted: impl Fn(Quality) -> bool,
) -> Option<Method> {
    let slots: Vec<usize> = (0..day.len()).filter(|i| wanted(day.qualities()[*i])).collect();
    if slots.is_empty() || total.is_some_and(|t| t < 0) {
        return None;
    }
    let teachers: Vec<_> = like.iter().filter(|l| !l.is_empty()).collect();
    let shape: Vec<i128> = slots
        .iter()
        .map(|i| {
            // A day of 92 or 100 quarter-hours is stretched over the other.
            let sum: i128 =
                teachers.iter().map(|l| i128::from(l.values()[i * l.len() / day.len().max(1)].max(0))).sum();
            sum
        })
        .collect();
    let weight: i128 = shape.iter().sum();
    let (values, method) = match (total, teachers.len()) {
        (None, 0) => return None,
        (None, n) => {
            let n = i128::try_from(n).unwrap_or(1);
            (shape.iter().map(|s| (s * 2 + n).div_euclid(n * 2)).collect(), Method::LikeDays)
        }
        // A night on which solar panels send nothing back, by the like days and by the dial.
        (Some(0), n) if n > 0 => (vec![0; slots.len()], Method::LikeDaysScaled),
        (Some(total), _) if weight > 0 => (spread(total, &shape, weight), Method::LikeDaysScaled),
        (Some(total), _) => (spread(total, &vec![1; slots.len()], slots.len() as i128), Method::DialSpread),
    };
    for (i, value) in slots.into_iter().zip(values) {
        day.set(i, i64::try_from(value).unwrap_or(i64::MAX), Quality::Estimated);
    }
    Some(method)
}

/// Divides a total by weights so that the parts sum to it exactly.
fn spread(total: i64, weights: &[i128], sum: i128) -> Vec<i128> {
    let (total, mut run, mut given) = (i128::from(total), 0i128, 0i128);
    weights
        .iter()
        .map(|w| {
            run += w;
            let upto = total.checked_mul(run).map_or_else(|| total / sum * run, |p| p / sum);
            let part = upto - given;
            given = upto;
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::quantity::{Commodity, Direction, Unit};

    fn block(values: &[i64]) -> DayBlock {
        let mut out = DayBlock::empty(DateTime::UNIX_EPOCH, 3600, values.len(), -3);
        for (i, v) in values.iter().enumerate() {
            out.set(i, *v, Quality::Validated);
        }
        out
    }

    fn with_hole(from: usize, to: usize) -> DayBlock {
        let mut out = block(&[10; 24]);
        (from..to).for_each(|i| out.set(i, 0, Quality::Missing));
        out
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn like_days_are_averaged_and_scaled_to_the_dial() {
        let (a, b) = (block(&[100; 24]), block(&[201; 24]));
        let mut day = with_hole(6, 12);
        let missing = |q| q == Quality::Missing;
        assert_eq!(estimate(&mut day, &[&a, &b], None, missing), Some(Method::LikeDays));
        assert_eq!((day.values()[6], day.values()[12]), (151, 10), "half up, and what was measured stays");
        let mut day = with_hole(6, 12);
        assert_eq!(estimate(&mut day, &[&a], Some(1000), missing), Some(Method::LikeDaysScaled));
        assert_eq!(day.values()[6..12].iter().sum::<i64>(), 1000);
        let mut day = with_hole(6, 12);
        assert_eq!(estimate(&mut day, &[], Some(7), missing), Some(Method::DialSpread));
        assert_eq!(day.values()[6..12].iter().sum::<i64>(), 7);
        let (mut day, dark) = (with_hole(6, 12), block(&[0; 24]));
        assert_eq!(estimate(&mut day, &[&dark], Some(0), missing), Some(Method::LikeDaysScaled));
        assert_eq!(day.values()[6..12].iter().sum::<i64>(), 0);
        let mut day = with_hole(6, 12);
        assert_eq!(estimate(&mut day, &[], None, missing), None);
        assert_eq!(estimate(&mut day, &[&a], Some(-5), missing), None, "a dial that went back explains nothing");
        assert_eq!(day, with_hole(6, 12));
    }

    #[test]
    fn holidays_are_known() {
        for day in ["2026-01-01", "2026-05-25", "2026-07-04", "2026-09-07", "2026-11-26", "2026-12-25"] {
            assert!(holiday(date(day)), "{day}");
        }
        for day in ["2026-05-18", "2026-09-14", "2026-11-19", "2026-12-24"] {
            assert!(!holiday(date(day)), "{day}");
        }
    }

    #[test]
    fn only_measured_days_of_the_same_kind_teach() {
        let rules = Rules::of(Commodity::Electricity, Direction::Delivered, Unit::KilowattHour, -3);
        let mut doubtful = block(&[5; 24]);
        doubtful.set_quality(3, Quality::Questionable);
        let mut guessed = block(&[5; 24]);
        guessed.set_quality(3, Quality::Estimated);
        let days = [
            (date("2026-06-01"), block(&[1; 24])),
            (date("2026-06-06"), block(&[2; 24])),
            (date("2026-06-08"), doubtful),
            (date("2026-06-09"), guessed),
            (date("2026-06-10"), with_hole(1, 2)),
            (date("2026-06-11"), block(&[3; 24])),
            (date("2026-01-05"), block(&[4; 24])),
        ];
        let kind = |d: NaiveDate| Kind::of(d, d == date("2026-06-11"));
        let chosen = choose(date("2026-06-12"), &days, &kind, &rules);
        // The eleventh is a holiday, the sixth a Saturday, the fifth of January too long ago.
        assert_eq!(chosen.iter().map(|(d, _)| *d).collect::<Vec<_>>(), [date("2026-06-01")]);
    }

    proptest! {
        #[test]
        fn estimates_sum_to_what_the_dial_moved(
            shape in prop::collection::vec(0i64..1_000_000, 24), total in 0i64..i64::MAX / 2, from in 0usize..23
        ) {
            let mut day = with_hole(from, 24);
            let teacher = block(&shape);
            let done = estimate(&mut day, &[&teacher], Some(total), |q| q == Quality::Missing);
            prop_assert!(done.is_some());
            let sum: i128 = day.values()[from..].iter().map(|v| i128::from(*v)).sum();
            prop_assert_eq!(sum, i128::from(total));
            prop_assert!(day.values()[from..].iter().all(|v| *v >= 0));
            prop_assert!(day.values()[..from].iter().all(|v| *v == 10));
        }

        #[test]
        fn an_estimate_lies_between_the_like_days(
            a in prop::collection::vec(0i64..1_000_000, 24), b in prop::collection::vec(0i64..1_000_000, 24)
        ) {
            let mut day = with_hole(0, 24);
            estimate(&mut day, &[&block(&a), &block(&b)], None, |q| q == Quality::Missing);
            for i in 0..24 {
                prop_assert!(a[i].min(b[i]) <= day.values()[i] && day.values()[i] <= a[i].max(b[i]));
            }
        }
    }
}
