//! Instants, local days and zones. Storage and code use UTC; a service point's zone makes its local days. A [`Zone`] is a
//! list of offset transitions, so the browser needs no time-zone database.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An instant in UTC.
pub type Instant = DateTime<Utc>;

/// Offsets from UTC over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// The IANA name, such as `America/Los_Angeles`.
    pub name: String,
    /// The offset in seconds east of UTC before the first transition.
    pub before: i32,
    /// `(UTC seconds, offset in seconds east from then on)`, ascending.
    pub transitions: Vec<(i64, i32)>,
}

/// What a local clock reading means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// One instant.
    Single(Instant),
    /// The hour that comes twice in autumn: the earlier and the later instant.
    Twice(Instant, Instant),
    /// The hour that is skipped in spring.
    Never,
}

impl Zone {
    /// UTC itself.
    #[must_use]
    pub fn utc() -> Self {
        Self::fixed("UTC", 0)
    }

    /// A zone that never changes its clocks.
    #[must_use]
    pub fn fixed(name: &str, offset_seconds: i32) -> Self {
        Self { name: name.to_owned(), before: offset_seconds, transitions: Vec::new() }
    }

    /// The offset in seconds east of UTC at an instant.
    #[must_use]
    pub fn offset_at(&self, instant: Instant) -> i32 {
        let s = instant.timestamp();
        match self.transitions.partition_point(|(at, _)| *at <= s) {
            0 => self.before,
            n => self.transitions[n - 1].1,
        }
    }

    /// The local clock at an instant.
    #[must_use]
    pub fn to_local(&self, instant: Instant) -> NaiveDateTime {
        instant.naive_utc() + TimeDelta::seconds(i64::from(self.offset_at(instant)))
    }

    /// The local day of an instant.
    #[must_use]
    pub fn day_of(&self, instant: Instant) -> NaiveDate {
        self.to_local(instant).date()
    }

    /// The instants that a local clock reading may mean.
    #[must_use]
    pub fn from_local(&self, local: NaiveDateTime) -> Local {
        let wall = local.and_utc().timestamp();
        let mut found: [Option<i64>; 2] = [None, None];
        let mut n = 0;
        // Only offsets in force within a day of the reading can matter.
        let i = self.transitions.partition_point(|(at, _)| *at <= wall - 86_400);
        let j = self.transitions.partition_point(|(at, _)| *at <= wall + 86_400);
        for k in i..=j {
            let offset = if k == 0 { self.before } else { self.transitions[k - 1].1 };
            let utc = wall - i64::from(offset);
            let starts = if k == 0 { i64::MIN } else { self.transitions[k - 1].0 };
            let ends = self.transitions.get(k).map_or(i64::MAX, |t| t.0);
            if (starts..ends).contains(&utc) && n < 2 {
                found[n] = Some(utc);
                n += 1;
            }
        }
        let at = |s: i64| DateTime::from_timestamp(s, local.and_utc().timestamp_subsec_nanos()).unwrap_or_default();
        match found {
            [Some(a), Some(b)] => Local::Twice(at(a.min(b)), at(a.max(b))),
            [Some(a), None] => Local::Single(at(a)),
            _ => Local::Never,
        }
    }

    /// The first instant of a local day: local midnight, or the first instant after it where midnight is skipped.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> Instant {
        let midnight = day.and_time(NaiveTime::MIN);
        match self.from_local(midnight) {
            Local::Single(at) | Local::Twice(at, _) => at,
            Local::Never => {
                // The clock jumps over midnight: the day starts at the transition.
                let near = midnight.and_utc().timestamp();
                let at = self.transitions.iter().map(|t| t.0).min_by_key(|t| (t - near).abs()).unwrap_or(near);
                DateTime::from_timestamp(at, 0).unwrap_or_default()
            }
        }
    }

    /// The first instant of a local day and of the next one.
    #[must_use]
    pub fn bounds(&self, day: NaiveDate) -> (Instant, Instant) {
        (self.start_of(day), self.start_of(next_day(day)))
    }

    /// The zone reduced to the transitions that matter between two instants, for the browser.
    #[must_use]
    pub fn clipped(&self, from: Instant, to: Instant) -> Self {
        Self {
            name: self.name.clone(),
            before: self.offset_at(from),
            transitions: self
                .transitions
                .iter()
                .copied()
                .filter(|(at, _)| *at > from.timestamp() && *at < to.timestamp())
                .collect(),
        }
    }

    /// Reads a zone of the IANA database; transitions from 1990 to 2060. `None` for an unknown name.
    #[cfg(feature = "tz")]
    #[must_use]
    pub fn iana(name: &str) -> Option<Self> {
        use chrono::{Offset, TimeZone};
        let tz: chrono_tz::Tz = name.parse().ok()?;
        let offset = |s: i64| {
            let at = DateTime::<Utc>::from_timestamp(s, 0).unwrap_or_default();
            tz.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
        };
        let first = 631_152_000_i64; // 1990-01-01
        let last = 2_840_140_800_i64; // 2060-01-01
        let mut transitions = Vec::new();
        let mut at = first;
        let mut current = offset(at);
        let step = 7 * 86_400;
        while at < last {
            let next = offset(at + step);
            if next != current {
                let (mut low, mut high) = (at, at + step);
                while high - low > 1 {
                    let middle = i64::midpoint(low, high);
                    if offset(middle) == current { low = middle } else { high = middle }
                }
                transitions.push((high, next));
                current = next;
            }
            at += step;
        }
        Some(Self { name: name.to_owned(), before: offset(first), transitions })
    }
}

/// The day after.
#[must_use]
pub fn next_day(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

/// The number of days from `from` up to, not including, `to`; negative where `to` is earlier.
#[must_use]
pub fn days_between(from: NaiveDate, to: NaiveDate) -> i64 {
    (to - from).num_days()
}

/// A run of local days: `from` included, `to` not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DayRange {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

/// A range that does not run forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the first day ({from}) is not before the end ({to})")]
pub struct Reversed {
    /// As given.
    pub from: NaiveDate,
    /// As given.
    pub to: NaiveDate,
}

impl DayRange {
    /// A range of at least one day.
    ///
    /// # Errors
    /// [`Reversed`] where `from` is not before `to`.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, Reversed> {
        if from < to { Ok(Self { from, to }) } else { Err(Reversed { from, to }) }
    }

    /// How many days.
    #[must_use]
    pub fn len(self) -> i64 {
        days_between(self.from, self.to)
    }

    /// Never true for a range made by [`DayRange::new`].
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// Whether the day lies in the range.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }

    /// The days both ranges share.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// Each day in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take(usize::try_from(self.len().max(0)).unwrap_or(0))
    }

    /// The last day.
    #[must_use]
    pub fn last(self) -> NaiveDate {
        self.to.pred_opt().unwrap_or(self.to)
    }
}

/// The first day of a day's calendar month.
#[must_use]
pub fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Moves by calendar months; a day past the target month's end becomes its last day.
#[must_use]
pub fn add_months(day: NaiveDate, months: i32) -> NaiveDate {
    let m = chrono::Months::new(months.unsigned_abs());
    if months >= 0 { day.checked_add_months(m) } else { day.checked_sub_months(m) }.unwrap_or(day)
}

#[cfg(all(test, feature = "tz"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pacific() -> Zone {
        Zone::iana("America/Los_Angeles").expect("a known zone")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn clock_changes_make_days_of_23_and_25_hours() {
        let z = pacific();
        let hours = |d: &str| {
            let (a, b) = z.bounds(day(d));
            (b - a).num_minutes()
        };
        assert_eq!(hours("2026-03-08"), 23 * 60);
        assert_eq!(hours("2026-11-01"), 25 * 60);
        assert_eq!(hours("2026-11-02"), 24 * 60);
    }

    #[test]
    fn the_repeated_and_the_skipped_hour_are_known() {
        let z = pacific();
        assert!(
            matches!(z.from_local("2026-11-01T01:30:00".parse().expect("a time")), Local::Twice(a, b) if (b - a).num_minutes() == 60)
        );
        assert_eq!(z.from_local("2026-03-08T02:30:00".parse().expect("a time")), Local::Never);
        assert!(matches!(z.from_local("2026-07-01T12:00:00".parse().expect("a time")), Local::Single(_)));
    }

    proptest! {
        #[test]
        fn local_time_leads_back_to_its_instant(seconds in 700_000_000i64..2_500_000_000) {
            let z = pacific();
            let at = DateTime::from_timestamp(seconds, 0).expect("in range");
            let back = z.from_local(z.to_local(at));
            let found = matches!(back, Local::Single(a) if a == at) || matches!(back, Local::Twice(a, b) if a == at || b == at);
            prop_assert!(found);
        }

        #[test]
        fn every_instant_lies_in_its_own_day(seconds in 700_000_000i64..2_500_000_000) {
            let z = pacific();
            let at = DateTime::from_timestamp(seconds, 0).expect("in range");
            let (from, to) = z.bounds(z.day_of(at));
            prop_assert!(from <= at && at < to);
        }
    }
}
