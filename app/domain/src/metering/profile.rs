//! When something is used: intervals laid out by day and hour of the clock, averages of weekdays, and how high the load is for
//! how much of the time.

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};

use crate::calendar::{Instant, Zone};
use crate::money::div_half_up;

/// The hours of one local day by the clock. An hour is known only if all of its intervals are; one that the clock skips is not,
/// one that comes twice holds both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayHours {
    /// The day.
    pub day: NaiveDate,
    /// What was used from 0:00 to 1:00, and so on.
    pub hours: [Option<i64>; 24],
}

/// The hours that a night has for looking for leaks: from midnight to five.
pub const NIGHT: std::ops::Range<usize> = 0..5;

impl DayHours {
    /// The least that was used in an hour of the night; `None` unless all of its hours are known.
    #[must_use]
    pub fn night_least(&self) -> Option<i64> {
        self.hours[NIGHT].iter().copied().min_by_key(|h| h.unwrap_or(i64::MIN))?
    }

    /// Whether something was used in every hour; `None` if too few hours are known to say.
    #[must_use]
    pub fn never_stopped(&self) -> Option<bool> {
        let known: Vec<i64> = self.hours.iter().flatten().copied().collect();
        // A day may have lost an hour to the clock.
        if known.contains(&0) {
            return Some(false);
        }
        (known.len() >= 23).then(|| known.iter().all(|h| *h > 0))
    }
}

/// Lays out intervals of `seconds` each, from `start` on without holes; `None` is one that is not known.
#[must_use]
pub fn by_hour(
    zone: &Zone,
    start: Instant,
    seconds: u32,
    values: impl IntoIterator<Item = Option<i64>>,
) -> Vec<DayHours> {
    let step = TimeDelta::seconds(i64::from(seconds.max(1)));
    let mut out: Vec<DayHours> = Vec::new();
    let mut lost = [false; 24];
    let mut at = start;
    for value in values {
        let local = zone.to_local(at);
        let (day, hour) = (local.date(), local.hour() as usize);
        if out.last().is_none_or(|d| d.day != day) {
            out.push(DayHours { day, hours: [None; 24] });
            lost = [false; 24];
        }
        if let Some(today) = out.last_mut() {
            lost[hour] |= value.is_none();
            let before = today.hours[hour].unwrap_or(0);
            today.hours[hour] = value.filter(|_| !lost[hour]).map(|v| before.saturating_add(v));
        }
        at += step;
    }
    out
}

/// The mean of each hour on each day of the week, Monday first; `None` where no such hour is known.
#[must_use]
pub fn by_weekday(days: &[DayHours]) -> [[Option<i64>; 24]; 7] {
    let mut sums = [[(0_i128, 0_i128); 24]; 7];
    for day in days {
        let week = &mut sums[day.day.weekday().num_days_from_monday() as usize];
        for (cell, hour) in week.iter_mut().zip(day.hours) {
            if let Some(v) = hour {
                *cell = (cell.0 + i128::from(v), cell.1 + 1);
            }
        }
    }
    sums.map(|hours| hours.map(|(sum, n)| (n > 0).then(|| i64::try_from(div_half_up(sum, n)).unwrap_or(i64::MAX))))
}

/// How high the load is for how much of the time. Values are amounts of an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The highest interval of each of the days with the highest ones, highest first.
    pub peaks: Vec<(Instant, i64)>,
    /// What is reached or exceeded for 0, 1, … 100 percent of the known time: falls from the peak to the least.
    pub duration: Vec<i64>,
}

/// How many days' peaks are told.
const PEAKS: usize = 5;

/// The load of intervals as in [`by_hour`]; `None` if nothing is known.
#[must_use]
pub fn load(zone: &Zone, start: Instant, seconds: u32, values: &[Option<i64>]) -> Option<Load> {
    let step = i64::from(seconds.max(1));
    let mut known: Vec<i64> = values.iter().flatten().copied().collect();
    known.sort_unstable_by(|a, b| b.cmp(a));
    let last = known.len().checked_sub(1)?;
    let duration = (0..=100).map(|percent| known[last * percent / 100]).collect();
    let mut by_day: Vec<(NaiveDate, Instant, i64)> = Vec::new();
    for (value, i) in values.iter().zip(0_i64..) {
        let Some(value) = *value else { continue };
        let at = start + TimeDelta::seconds(step * i);
        let day = zone.day_of(at);
        match by_day.last_mut() {
            Some(top) if top.0 == day => {
                if value > top.2 {
                    *top = (day, at, value);
                }
            }
            _ => by_day.push((day, at, value)),
        }
    }
    by_day.sort_by(|a, b| b.2.cmp(&a.2).then(a.1.cmp(&b.1)));
    Some(Load { peaks: by_day.into_iter().take(PEAKS).map(|(_, at, v)| (at, v)).collect(), duration })
}

#[cfg(all(test, feature = "tz"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone() -> Zone {
        Zone::iana("America/Los_Angeles").expect("a known zone")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn the_clock_skips_an_hour_in_spring_and_holds_two_in_autumn() {
        let (start, end) = zone().bounds(day("2026-03-08"));
        let n = usize::try_from((end - start).num_minutes() / 15).expect("few");
        let spring = &by_hour(&zone(), start, 900, vec![Some(1); n])[0];
        assert_eq!((n, spring.hours[1], spring.hours[2], spring.hours[3]), (92, Some(4), None, Some(4)));
        assert_eq!(spring.never_stopped(), Some(true));
        let (start, end) = zone().bounds(day("2026-11-01"));
        let n = usize::try_from((end - start).num_minutes() / 15).expect("few");
        let autumn = &by_hour(&zone(), start, 900, vec![Some(1); n])[0];
        assert_eq!((n, autumn.hours[0], autumn.hours[1], autumn.hours[2]), (100, Some(4), Some(8), Some(4)));
    }

    #[test]
    fn an_hour_with_a_hole_is_not_known() {
        let start = zone().start_of(day("2026-06-01"));
        let mut values = vec![Some(2); 96];
        values[5] = None;
        let hours = by_hour(&zone(), start, 900, values)[0].clone();
        assert_eq!((hours.hours[0], hours.hours[1], hours.hours[2]), (Some(8), None, Some(8)));
        assert_eq!((hours.night_least(), hours.never_stopped()), (None, Some(true)));
        let mut values = vec![Some(3); 24];
        values[3] = Some(1);
        let hours = by_hour(&zone(), start, 3600, values)[0].clone();
        assert_eq!(hours.night_least(), Some(1));
    }

    #[test]
    fn weekdays_have_means_of_their_own() {
        let start = zone().start_of(day("2026-06-01"));
        // Two weeks from a Monday: the first of ones, the second of threes.
        let values = (0..14 * 24).map(|i| Some(if i < 7 * 24 { 1 } else { 3 }));
        let week = by_weekday(&by_hour(&zone(), start, 3600, values));
        assert!(week.iter().flatten().all(|v| *v == Some(2)), "{week:?}");
        assert!(by_weekday(&[]).iter().flatten().all(Option::is_none));
    }

    proptest! {
        #[test]
        fn hours_add_up_to_what_was_used(values in prop::collection::vec(0i64..10_000, 1..400)) {
            let start = zone().start_of(day("2026-10-31"));
            let days = by_hour(&zone(), start, 900, values.iter().copied().map(Some));
            let sum: i64 = days.iter().flat_map(|d| d.hours).flatten().sum();
            prop_assert_eq!(sum, values.iter().sum::<i64>());
        }

        #[test]
        fn the_load_falls_from_its_peak_to_its_least(values in prop::collection::vec(prop::option::of(0i64..10_000), 1..400)) {
            let start = zone().start_of(day("2026-06-01"));
            let known: Vec<i64> = values.iter().flatten().copied().collect();
            let Some(load) = load(&zone(), start, 900, &values) else {
                prop_assert!(known.is_empty());
                return Ok(());
            };
            prop_assert_eq!(load.duration.len(), 101);
            prop_assert!(load.duration.windows(2).all(|w| w[0] >= w[1]));
            prop_assert_eq!(Some(&load.duration[0]), known.iter().max());
            prop_assert_eq!(Some(&load.duration[100]), known.iter().min());
            prop_assert_eq!(Some(load.peaks[0].1), known.iter().max().copied());
            prop_assert!(load.peaks.windows(2).all(|w| w[0].1 >= w[1].1 && zone().day_of(w[0].0) != zone().day_of(w[1].0)));
        }
    }
}
