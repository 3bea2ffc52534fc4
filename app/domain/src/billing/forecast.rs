//! How much will be used by the end of a billing period, and how far that may be off, judged by how it would have gone in the
//! periods before.

use chrono::NaiveDate;

use crate::calendar::DayRange;
use crate::money::div_half_up;

/// The latest days of a period that its rest is expected to be like; and how far back from its beginning others are looked for.
const RECENT: usize = 14;
/// A period's own days are enough from here on: each day of the week is among them.
const WEEK: usize = 7;
/// Fewer days of a period than this say nothing about it.
pub const LEAST_DAYS: usize = 5;
/// Earlier periods that are looked at.
pub const MOST_PERIODS: usize = 12;
/// With fewer earlier periods than this the band is the usual one.
const LEAST_PERIODS: usize = 4;
/// The usual band, in thousandths of the likely amount.
const USUAL: (i64, i64) = (800, 1_250);

/// What is expected of a period. Amounts are in the unit of the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Eight times in ten it is at least this.
    pub low: i64,
    /// Most likely.
    pub likely: i64,
    /// Eight times in ten it is at most this.
    pub high: i64,
}

/// What was used on consecutive days.
#[derive(Clone, Copy, Debug)]
pub struct Days<'a> {
    /// The first of them.
    pub first: NaiveDate,
    /// One amount a day; `None` where it is not wholly known.
    pub amounts: &'a [Option<i64>],
}

impl Days<'_> {
    fn slice(&self, range: DayRange) -> &[Option<i64>] {
        let at = |day: NaiveDate| usize::try_from((day - self.first).num_days()).unwrap_or(0).min(self.amounts.len());
        &self.amounts[at(range.from)..at(range.to).max(at(range.from))]
    }

    /// What a period comes to if, after its first `known` days, all goes on as lately: as on its own latest days, and where these
    /// are no week yet as on those before it too.
    fn project(&self, period: DayRange, known: usize) -> Option<i128> {
        let mut recent = self.own(period, known)?;
        if recent.len() < WEEK {
            let first = period.from.checked_sub_days(chrono::Days::new(u64::try_from(RECENT).ok()?))?;
            let before = self.slice(DayRange { from: first, to: period.from });
            let missing = WEEK - recent.len();
            recent.extend(before.iter().rev().flatten().take(missing).map(|v| i128::from(*v)));
        }
        self.go_on(period, known, &recent)
    }

    /// The latest days of a period's first `known` ones.
    fn own(&self, period: DayRange, known: usize) -> Option<Vec<i128>> {
        let to = period.from.checked_add_days(chrono::Days::new(u64::try_from(known).ok()?))?;
        let days = self.slice(DayRange { from: period.from, to });
        let latest = &days[days.len().saturating_sub(RECENT)..];
        Some(latest.iter().flatten().map(|v| i128::from(*v)).collect())
    }

    /// What a period comes to if its days that are not known are like some others.
    fn go_on(&self, period: DayRange, known: usize, like: &[i128]) -> Option<i128> {
        let to = period.from.checked_add_days(chrono::Days::new(u64::try_from(known).ok()?))?;
        let n = i128::try_from(like.len()).ok().filter(|n| *n >= 3)?;
        let so_far = self.slice(DayRange { from: period.from, to });
        let sum: i128 = so_far.iter().flatten().map(|v| i128::from(*v)).sum();
        let missing = i128::from(period.len()) - i128::try_from(so_far.iter().flatten().count()).unwrap_or(0);
        Some(sum + div_half_up(like.iter().sum::<i128>() * missing.max(0), n))
    }

    /// What a past period came to; `None` unless nearly all of its days are known.
    fn actual(&self, period: DayRange) -> Option<i128> {
        let days = self.slice(period);
        let known = days.iter().flatten().count();
        let length = usize::try_from(period.len()).ok()?;
        (days.len() == length && known * 20 >= length * 19).then(|| days.iter().flatten().map(|v| i128::from(*v)).sum())
    }
}

/// The band that holds eight in ten of some ratios, in thousandths, one at least on each side of what is likely.
fn band(ratios: &[i64]) -> (i64, i64) {
    if ratios.len() < LEAST_PERIODS {
        return USUAL;
    }
    let mut sorted = ratios.to_vec();
    sorted.sort_unstable();
    let cut = sorted.len() / 10;
    (sorted[cut].min(1_000), sorted[sorted.len() - 1 - cut].max(1_000))
}

/// What is expected of `open` after its first `known` days; `past` are the periods before it, the latest last. `None` after too
/// few days, or where too little is known of them.
#[must_use]
pub fn forecast(days: &Days<'_>, past: &[DayRange], open: DayRange, known: usize) -> Option<Forecast> {
    if known < LEAST_DAYS || i64::try_from(known).ok()? > open.len() {
        return None;
    }
    let likely = days.project(open, known)?;
    let ratios: Vec<i64> = past
        .iter()
        .rev()
        .take(MOST_PERIODS)
        .filter_map(|p| {
            let (then, came) = (days.project(*p, known)?, days.actual(*p)?);
            (then > 0).then(|| i64::try_from(div_half_up(came * 1_000, then)).unwrap_or(i64::MAX))
        })
        .collect();
    let (low, high) = band(&ratios);
    // What the period's own days point to is never out of the question, whatever was before them.
    let own = days.own(open, known).and_then(|own| days.go_on(open, known, &own)).unwrap_or(likely);
    let cut = |v: i128| i64::try_from(v.clamp(0, i128::from(i64::MAX))).unwrap_or(i64::MAX);
    // What was used is used: no less can come.
    let to = open.from.checked_add_days(chrono::Days::new(u64::try_from(known).ok()?))?;
    let so_far: i128 = days.slice(DayRange { from: open.from, to }).iter().flatten().map(|v| i128::from(*v)).sum();
    let scaled = |thousandths: i64| div_half_up(likely * i128::from(thousandths), 1_000).max(so_far);
    Some(Forecast { low: cut(scaled(low).min(own)), likely: cut(likely), high: cut(scaled(high).max(own)) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn periods() -> Vec<DayRange> {
        (0..14)
            .map(|i| {
                let at = |n| crate::calendar::add_months(day("2025-01-12"), n);
                DayRange { from: at(i), to: at(i + 1) }
            })
            .collect()
    }

    #[test]
    fn a_steady_home_is_foreseen_to_the_unit() {
        let amounts = vec![Some(100); 420];
        let days = Days { first: day("2025-01-12"), amounts: &amounts };
        let (open, past) = (periods()[12], &periods()[..12]);
        let f = forecast(&days, past, open, 10).expect("foreseen");
        assert_eq!((f.low, f.likely, f.high), (3_100, 3_100, 3_100));
        assert_eq!(forecast(&days, past, open, 4), None, "too early");
        assert_eq!(forecast(&days, &[], open, 10).map(|f| (f.low, f.high)), Some((2_480, 3_875)));
    }

    #[test]
    fn a_home_that_often_surprises_gets_a_wide_band() {
        // Every other month the second half is twice the first.
        let first = day("2025-01-12");
        let amounts: Vec<Option<i64>> = (0..420)
            .map(|i| {
                let d = first + chrono::Days::new(i);
                let p = periods().iter().position(|p| p.contains(d)).unwrap_or(0);
                let late = (d - periods()[p].from).num_days() > 14;
                Some(if p % 2 == 1 && late { 200 } else { 100 })
            })
            .collect();
        let days = Days { first, amounts: &amounts };
        let f = forecast(&days, &periods()[..12], periods()[12], 15).expect("foreseen");
        assert!(f.low <= f.likely && f.high > f.likely * 13 / 10, "{f:?}");
    }

    #[test]
    fn a_leak_that_ended_before_the_period_does_not_flow_into_it() {
        let (open, past) = (periods()[12], &periods()[..12]);
        let first = day("2025-01-12");
        // Three times as much on the 20 days before the period.
        let amounts: Vec<Option<i64>> = (0..420)
            .map(|i| {
                let before = (open.from - (first + chrono::Days::new(i))).num_days();
                Some(if (1..=20).contains(&before) { 300 } else { 100 })
            })
            .collect();
        let days = Days { first, amounts: &amounts };
        let plain = 100 * open.len();
        for known in 5..20 {
            let f = forecast(&days, past, open, known).expect("foreseen");
            assert!(f.low <= plain && plain <= f.high, "after {known} days {f:?} is not about {plain}");
            assert!(f.likely <= plain * 3 / 2 && (known < 7 || f.likely == plain), "after {known} days {f:?}");
        }
    }

    #[test]
    fn before_a_week_of_the_period_is_known_the_days_before_it_make_one() {
        // A shop that is closed at weekends; the period begins on a Monday.
        let first = day("2025-01-12");
        let open = DayRange { from: day("2026-01-12"), to: day("2026-02-09") };
        let amounts: Vec<Option<i64>> = (0..420)
            .map(|i| {
                use chrono::Datelike as _;
                let weekend = (first + chrono::Days::new(i)).weekday().num_days_from_monday() >= 5;
                Some(if weekend { 0 } else { 100 })
            })
            .collect();
        let days = Days { first, amounts: &amounts };
        let likely = |known| forecast(&days, &[], open, known).map(|f| f.likely);
        // Twenty days of 100; five days say 2,800 alone.
        assert_eq!([likely(5), likely(7), likely(14)], [Some(2_143), Some(2_000), Some(2_000)]);
    }

    proptest! {
        #[test]
        fn what_its_own_days_point_to_is_in_the_band(
            before in prop::collection::vec(0i64..1_000_000, 365), own in prop::collection::vec(0i64..1_000_000, 5..14),
        ) {
            let amounts: Vec<Option<i64>> = before.iter().chain(&own).map(|v| Some(*v)).collect();
            let days = Days { first: day("2025-01-12"), amounts: &amounts };
            let (open, past) = (periods()[12], &periods()[..12]);
            let f = forecast(&days, past, open, own.len()).expect("foreseen");
            let known = i64::try_from(own.len()).expect("few");
            let plain = own.iter().sum::<i64>() + own.iter().sum::<i64>() * (open.len() - known) / known;
            prop_assert!(f.low <= plain + 1 && plain <= f.high, "{f:?} {plain}");
        }

        #[test]
        fn the_likely_lies_in_its_band_and_nothing_used_is_unused(
            amounts in prop::collection::vec(prop::option::weighted(0.97, 0i64..1_000_000), 380..430), known in 0usize..32,
        ) {
            let days = Days { first: day("2025-01-12"), amounts: &amounts };
            let (open, past) = (periods()[12], &periods()[..12]);
            if let Some(f) = forecast(&days, past, open, known) {
                prop_assert!(f.low <= f.high && f.likely <= f.high);
                let to = open.from + chrono::Days::new(u64::try_from(known).expect("few"));
                let used: i64 = days.slice(DayRange { from: open.from, to }).iter().flatten().sum();
                prop_assert!(f.low >= used.min(f.likely));
            }
        }
    }
}
