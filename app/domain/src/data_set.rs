//! A resident's own usage file, such as that of an old home: what its time stamps mean in a zone, its values as stretches of
//! time, and what was used on an average day, by month and by hour.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

use crate::calendar::{Instant, Local, Zone, add_months, month_start};
use crate::metering::Quality;
use crate::money::div_half_up;

/// What the time stamps of a file count. Files are confirmed by their owner because real ones say one thing and mean the
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// Seconds of UTC, as the standards ask for.
    Utc,
    /// The reading of a clock on the wall.
    Local,
}

impl Times {
    /// The word in forms.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Local => "local",
        }
    }

    /// Reads [`Times::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        [Self::Utc, Self::Local].into_iter().find(|t| t.slug() == slug)
    }
}

/// A value as a file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// Seconds since the epoch of what [`Times`] says; the start, or the moment of a register reading.
    pub start: i64,
    /// Length in seconds; 0 for a register reading.
    pub seconds: u32,
    /// In the unit and power of ten of its data set.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
    /// What it cost, where the file says so in dollars: 10^-5 of one.
    pub cost: Option<i64>,
}

/// An amount over a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first instant, UTC.
    pub start: Instant,
    /// Its length in seconds, at least 1.
    pub seconds: u32,
    /// The amount.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
    /// What it cost, where that is known: 10^-5 dollars.
    pub cost: Option<i64>,
}

impl Stretch {
    /// The first instant after it.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.start + TimeDelta::seconds(i64::from(self.seconds))
    }
}

/// The amounts of a file in time order, each start once: of two with the same start the longer stays, of equals the later in
/// the file. Of a cumulative register the differences of neighbours are the amounts; where it runs backwards there is none.
///
/// With [`Times::Local`] the order of the file tells the two hours of autumn apart, and a time that the clock skipped in
/// spring is read as if it had not been changed yet.
#[must_use]
pub fn stretches(values: &[Stamped], cumulative: bool, times: Times, zone: &Zone) -> Vec<Stretch> {
    let found = in_order(values, cumulative, times, zone);
    if cumulative { differences(&found) } else { found }
}

/// How a cumulative register runs over its reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// How many reads there are, each moment once.
    pub reads: usize,
    /// The last read less the first.
    pub total: i128,
    /// How often a read is lower than the one before it.
    pub backwards: usize,
    /// By how much in all.
    pub back: i128,
}

/// The run of a register whose reads stand in a file; see [`stretches`], which leaves steps backwards out.
#[must_use]
pub fn run(values: &[Stamped], times: Times, zone: &Zone) -> Run {
    let reads = in_order(values, true, times, zone);
    let value = |read: Option<&Stretch>| read.map_or(0, |r| i128::from(r.value));
    let mut run = Run { reads: reads.len(), total: value(reads.last()) - value(reads.first()), ..Run::default() };
    for down in reads.windows(2).map(|pair| value(pair.first()) - value(pair.last())).filter(|down| *down > 0) {
        run.backwards += 1;
        run.back += down;
    }
    run
}

fn in_order(values: &[Stamped], cumulative: bool, times: Times, zone: &Zone) -> Vec<Stretch> {
    let mut last = DateTime::<chrono::Utc>::MIN_UTC;
    let mut found: Vec<Stretch> = values
        .iter()
        .filter(|v| v.quality.has_value() && (cumulative || v.seconds > 0))
        .filter_map(|v| {
            let stamp = DateTime::from_timestamp(v.start, 0)?;
            let start = match times {
                Times::Utc => stamp,
                Times::Local => on_the_wall(stamp, zone, last),
            };
            last = start;
            Some(Stretch { start, seconds: v.seconds, value: v.value, quality: v.quality, cost: v.cost })
        })
        .collect();
    found.sort_by_key(|s| (s.start, s.seconds));
    let mut out: Vec<Stretch> = Vec::with_capacity(found.len());
    for s in found {
        match out.last_mut() {
            Some(before) if before.start == s.start => *before = s,
            _ => out.push(s),
        }
    }
    out
}

fn on_the_wall(stamp: Instant, zone: &Zone, last: Instant) -> Instant {
    let wall = stamp.naive_utc();
    match zone.from_local(wall) {
        Local::Single(at) => at,
        Local::Twice(first, second) => {
            if first > last {
                first
            } else {
                second
            }
        }
        Local::Never => match zone.from_local(wall + TimeDelta::hours(1)) {
            Local::Single(at) | Local::Twice(at, _) => at,
            Local::Never => stamp,
        },
    }
}

fn differences(reads: &[Stretch]) -> Vec<Stretch> {
    reads
        .windows(2)
        .filter_map(|pair| {
            let value = pair[1].value.checked_sub(pair[0].value).filter(|v| *v >= 0)?;
            let seconds = u32::try_from((pair[1].start - pair[0].start).num_seconds()).ok()?;
            Some(Stretch { start: pair[0].start, seconds, value, quality: pair[1].quality, cost: None })
        })
        .collect()
}

/// How much was used over how much known time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The amount.
    pub sum: i128,
    /// The seconds that are known.
    pub seconds: i64,
}

impl Known {
    fn add(&mut self, sum: i128, seconds: i64) {
        self.sum = self.sum.saturating_add(sum);
        self.seconds = self.seconds.saturating_add(seconds);
    }

    /// The amount of an average stretch of `seconds`, multiplied by a fraction (to count it in another unit); `None` where not
    /// even one such stretch is known.
    #[must_use]
    pub fn mean(&self, seconds: i64, times: (i128, i128)) -> Option<i64> {
        if self.seconds < seconds || seconds <= 0 {
            return None;
        }
        let n = self.sum.checked_mul(i128::from(seconds))?.checked_mul(times.0)?;
        div_half_up(n, i128::from(self.seconds).checked_mul(times.1)?).try_into().ok()
    }
}

/// By calendar month, named by its first day. An amount that reaches over the end of a month is shared out by time.
#[must_use]
pub fn by_month(stretches: &[Stretch], zone: &Zone) -> BTreeMap<NaiveDate, Known> {
    let mut out: BTreeMap<NaiveDate, Known> = BTreeMap::new();
    let mut month = NaiveDate::MIN;
    let mut ends = DateTime::<chrono::Utc>::MIN_UTC;
    for s in stretches {
        let mut from = s.start;
        let mut left = i128::from(s.value);
        while from < s.end() {
            // Months are long and values many: most fall into the month of the one before.
            if from >= ends || zone.start_of(month) > from {
                month = month_start(zone.day_of(from));
                ends = zone.start_of(add_months(month, 1));
            }
            let to = s.end().min(ends);
            let part = if to == s.end() {
                left
            } else {
                i128::from(s.value) * i128::from((to - from).num_seconds()) / i128::from(s.seconds)
            };
            left -= part;
            out.entry(month).or_default().add(part, (to - from).num_seconds());
            from = to;
        }
    }
    out
}

/// By hour of the local day, over the months of the year (1 to 12) that `counts` admits; amounts of more than an hour say
/// nothing about hours and are left out.
#[must_use]
pub fn by_hour(stretches: &[Stretch], zone: &Zone, counts: impl Fn(u32) -> bool) -> [Known; 24] {
    let mut out = [Known::default(); 24];
    for s in stretches.iter().filter(|s| s.seconds <= 3_600) {
        let local = zone.to_local(s.start);
        if counts(local.month())
            && let Some(hour) = out.get_mut(usize::try_from(local.hour()).unwrap_or(0))
        {
            hour.add(i128::from(s.value), i64::from(s.seconds));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eastern() -> Zone {
        Zone::iana("America/New_York").expect("a zone")
    }

    fn stamp(text: &str) -> i64 {
        text.parse::<chrono::NaiveDateTime>().expect("a time").and_utc().timestamp()
    }

    fn hourly(starts: &[&str]) -> Vec<Stamped> {
        starts
            .iter()
            .map(|t| Stamped { start: stamp(t), seconds: 3_600, value: 1, quality: Quality::Raw, cost: None })
            .collect()
    }

    #[test]
    fn clock_readings_find_their_instants_on_both_odd_days() {
        let autumn =
            hourly(&["2025-11-02T00:00:00", "2025-11-02T01:00:00", "2025-11-02T01:00:00", "2025-11-02T02:00:00"]);
        let starts: Vec<_> =
            stretches(&autumn, false, Times::Local, &eastern()).iter().map(|s| s.start.to_rfc3339()).collect();
        assert_eq!(
            starts,
            [
                "2025-11-02T04:00:00+00:00",
                "2025-11-02T05:00:00+00:00",
                "2025-11-02T06:00:00+00:00",
                "2025-11-02T07:00:00+00:00"
            ]
        );
        let spring = hourly(&["2026-03-08T01:00:00", "2026-03-08T02:30:00", "2026-03-08T03:00:00"]);
        let starts: Vec<_> =
            stretches(&spring, false, Times::Local, &eastern()).iter().map(|s| s.start.timestamp()).collect();
        assert_eq!(starts, [stamp("2026-03-08T06:00:00"), stamp("2026-03-08T07:00:00"), stamp("2026-03-08T07:30:00")]);
    }

    #[test]
    fn a_register_gives_differences_and_nothing_where_it_runs_back() {
        let read = |at: &str, value| Stamped { start: stamp(at), seconds: 0, value, quality: Quality::Raw, cost: None };
        let reads = [
            read("2026-01-01T00:00:00", 100),
            read("2026-01-01T01:00:00", 130),
            read("2026-01-01T02:00:00", 120),
            read("2026-01-01T03:00:00", 125),
        ];
        let found: Vec<_> =
            stretches(&reads, true, Times::Utc, &Zone::utc()).iter().map(|s| (s.value, s.seconds)).collect();
        assert_eq!(found, [(30, 3_600), (5, 3_600)]);
        let run = run(&reads, Times::Utc, &Zone::utc());
        assert_eq!(run, Run { reads: 4, total: 25, backwards: 1, back: 10 });
    }

    #[test]
    fn a_bill_over_two_months_is_shared_out() {
        let bill = [Stretch {
            start: "2026-01-22T00:00:00Z".parse().expect("an instant"),
            seconds: 20 * 86_400,
            value: 2_000,
            quality: Quality::Raw,
            cost: None,
        }];
        let months: Vec<_> = by_month(&bill, &Zone::utc()).into_iter().collect();
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(
            months,
            [
                (day("2026-01-01"), Known { sum: 1_000, seconds: 10 * 86_400 }),
                (day("2026-02-01"), Known { sum: 1_000, seconds: 10 * 86_400 })
            ]
        );
        assert_eq!(months[0].1.mean(86_400, (1, 1)), Some(100));
        assert_eq!(Known { sum: 5, seconds: 3_600 }.mean(86_400, (1, 1)), None, "an hour is no average day");
    }

    proptest! {
        #[test]
        fn months_and_hours_lose_nothing(
            start in 1_300_000_000_i64..1_700_000_000,
            values in proptest::collection::vec((0_i64..1_000_000, prop::sample::select(vec![900_u32, 1_800, 3_600])), 1..300),
        ) {
            let mut at = start - start.rem_euclid(900);
            let stamped: Vec<_> = values
                .iter()
                .map(|(value, seconds)| {
                    let one = Stamped { start: at, seconds: *seconds, value: *value, quality: Quality::Raw, cost: None };
                    at += i64::from(*seconds);
                    one
                })
                .collect();
            let found = stretches(&stamped, false, Times::Utc, &eastern());
            let total: i128 = values.iter().map(|v| i128::from(v.0)).sum();
            prop_assert_eq!(by_month(&found, &eastern()).values().map(|k| k.sum).sum::<i128>(), total);
            prop_assert_eq!(by_hour(&found, &eastern(), |_| true).iter().map(|k| k.sum).sum::<i128>(), total);
        }

        #[test]
        fn what_is_said_in_local_time_is_what_the_wall_showed(
            days in 0_i64..720,
            slots in proptest::collection::vec(0_i64..1_000, 1..120),
        ) {
            let zone = eastern();
            let first = stamp("2024-06-01T00:00:00") + days * 86_400;
            let utc: Vec<_> = slots
                .iter()
                .enumerate()
                .map(|(i, v)| Stamped {
                    start: first + i64::try_from(i).expect("small") * 3_600,
                    seconds: 3_600,
                    value: *v,
                    quality: Quality::Raw, cost: None,
                })
                .collect();
            let wall: Vec<_> = utc
                .iter()
                .map(|s| {
                    let at = DateTime::from_timestamp(s.start, 0).expect("in range");
                    Stamped { start: zone.to_local(at).and_utc().timestamp(), ..*s }
                })
                .collect();
            // A file that begins in the second hour of autumn does not say so.
            let begins_in_it = matches!(
                zone.from_local(DateTime::from_timestamp(wall[0].start, 0).expect("in range").naive_utc()),
                Local::Twice(..)
            );
            prop_assume!(!begins_in_it);
            prop_assert_eq!(
                stretches(&wall, false, Times::Local, &zone),
                stretches(&utc, false, Times::Utc, &zone)
            );
        }
    }
}
