//! A zone as the standard tells it: an offset, and two rules for the hour that is moved.

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeDelta, Timelike as _};
use domain::calendar::{Instant, Zone};

/// A zone's rules (ESPI `TimeConfiguration`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The standard offset in seconds east of UTC.
    pub offset: i32,
    /// What is added to it in summer, in seconds.
    pub summer: i32,
    /// When summer time begins (`DstRuleType`).
    pub begins: u32,
    /// When it ends.
    pub ends: u32,
}

/// No change of the clock.
const NEVER: u32 = 0xFFFF_FFFF;

/// Years that a rule must hold for.
const YEARS: i32 = 8;

impl LocalTime {
    /// The rules in force in the year of an instant, as far as one rule a year describes them.
    #[must_use]
    pub fn of(zone: &Zone, at: Instant) -> Self {
        let fixed = Self { offset: zone.offset_at(at), summer: 0, begins: NEVER, ends: NEVER };
        let (first, last) = (at.year(), at.year() + YEARS);
        let mut forward = Vec::new();
        let mut back = Vec::new();
        for &(seconds, after) in &zone.transitions {
            let Some(instant) = DateTime::from_timestamp(seconds, 0) else { continue };
            let before = zone.offset_at(instant - TimeDelta::seconds(1));
            // The rules are told by the clock as it was until then.
            let wall = instant.naive_utc() + TimeDelta::seconds(i64::from(before));
            if !(first..last).contains(&wall.year()) {
                continue;
            }
            if after > before { &mut forward } else { &mut back }.push((wall, before, after));
        }
        let (Some(&(_, offset, in_summer)), Some(_)) = (forward.first(), back.first()) else { return fixed };
        let walls = |found: &[(NaiveDateTime, i32, i32)]| rule(&found.iter().map(|f| f.0).collect::<Vec<_>>());
        match (walls(&forward), walls(&back)) {
            (Some(begins), Some(ends)) => Self { offset, summer: in_summer - offset, begins, ends },
            // No rule of the standard's describes these dates: its readers then show standard time.
            _ => Self { offset, ..fixed },
        }
    }
}

/// The rule for days like the second Sunday of a month, from the dates of several years.
fn rule(dates: &[NaiveDateTime]) -> Option<u32> {
    let one = dates.first()?;
    let same = |f: fn(&NaiveDateTime) -> u32| dates.iter().all(|d| f(d) == f(one));
    let weekday = |d: &NaiveDateTime| d.weekday().number_from_monday();
    if !(same(|d| d.month()) && same(|d| d.num_seconds_from_midnight()) && same(weekday)) {
        return None;
    }
    let nth = |d: &NaiveDateTime| (d.day() - 1) / 7 + 1;
    let last = |d: &NaiveDateTime| (*d + TimeDelta::days(7)).month() != d.month();
    // Operators: 2 to 6 the first to the fifth such weekday of the month, 7 the last.
    let operator = if dates.iter().all(last) {
        7
    } else if dates.iter().all(|d| nth(d) == nth(one)) {
        nth(one) + 1
    } else {
        return None;
    };
    Some(
        one.month() << 28
            | operator << 25
            | weekday(one) << 17
            | one.hour() << 12
            | (one.num_seconds_from_midnight() % 3_600),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> LocalTime {
        let zone = Zone::iana(name).expect("a zone");
        LocalTime::of(&zone, "2026-05-21T00:00:00Z".parse().expect("an instant"))
    }

    #[test]
    fn american_zones_change_on_the_second_sunday_of_march_and_the_first_of_november() {
        let (begins, ends) = (0x360E_2000, 0xB40E_2000);
        assert_eq!(of("America/Los_Angeles"), LocalTime { offset: -28_800, summer: 3_600, begins, ends });
        assert_eq!(of("America/New_York"), LocalTime { offset: -18_000, summer: 3_600, begins, ends });
    }

    #[test]
    fn europe_changes_on_the_last_sundays_and_arizona_never() {
        let rules = LocalTime { offset: 3_600, summer: 3_600, begins: 0x3E0E_2000, ends: 0xAE0E_3000 };
        assert_eq!(of("Europe/Berlin"), rules);
        let fixed = LocalTime { offset: -25_200, summer: 0, begins: NEVER, ends: NEVER };
        assert_eq!(of("America/Phoenix"), fixed);
    }

    #[test]
    fn the_south_has_its_summer_over_new_year() {
        // First Sunday of October to the first of April.
        let rules = LocalTime { offset: 36_000, summer: 3_600, begins: 0xA40E_2000, ends: 0x440E_3000 };
        assert_eq!(of("Australia/Sydney"), rules);
    }
}
