//! What was used by the clock: for prices by the hour and charges by the highest load.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::calendar::DayRange;
use crate::tariff::{Charge, Schedule};

/// What was used in one interval. Amounts are millionths of the billing unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The local day on which it begins.
    pub day: NaiveDate,
    /// The minute of the clock at which it begins: the whole interval counts there.
    pub minute: u16,
    /// Its length in seconds.
    pub seconds: u32,
    /// What was delivered.
    pub delivered: i64,
    /// What was sent back.
    pub received: i64,
}

/// The intervals of a service, in order of time. What is not among them counts as nothing used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals(pub Vec<Slot>);

impl Intervals {
    /// The intervals that begin on some days.
    #[must_use]
    pub fn on(&self, days: DayRange) -> &[Slot] {
        let from = self.0.partition_point(|s| s.day < days.from);
        let to = self.0.partition_point(|s| s.day < days.to);
        &self.0[from..to.max(from)]
    }

    /// Those of some days in which a charge applies.
    fn of<'a>(&'a self, schedule: &'a Schedule, charge: &'a Charge, days: DayRange) -> impl Iterator<Item = &'a Slot> {
        // Whether a day is one of the weekend is asked once a day, not once an interval.
        self.on(days).chunk_by(|a, b| a.day == b.day).flat_map(move |of_day| {
            let weekend = !charge.times.is_empty() && of_day.first().is_some_and(|s| schedule.is_weekend(s.day));
            of_day.iter().filter(move |s| charge.holds(weekend, s.minute))
        })
    }

    /// The first interval of some days of which a part lies in other hours of a charge than its beginning.
    #[must_use]
    pub fn straddling(&self, charge: &Charge, days: DayRange) -> Option<&Slot> {
        let edges: Vec<u32> = charge.times.iter().flat_map(|w| [u32::from(w.from), u32::from(w.to)]).collect();
        if edges.is_empty() {
            return None;
        }
        let cuts = |s: &Slot| {
            // The day that is an hour longer is a day.
            let (from, to) = (u32::from(s.minute), u32::from(s.minute) + s.seconds.div_ceil(60).min(1440));
            edges.iter().any(|e| (from < *e && *e < to) || (from < e + 1440 && e + 1440 < to))
        };
        // Days are alike: each minute of the clock is looked at once for each length.
        let (mut seen, mut seconds) = ([0_u64; 23], 0);
        self.on(days).iter().find(|s| {
            if s.seconds != seconds {
                (seen, seconds) = ([0; 23], s.seconds);
            }
            let (word, bit) = (usize::from(s.minute / 64), 1 << (s.minute % 64));
            let Some(word) = seen.get_mut(word) else { return cuts(s) };
            let new = *word & bit == 0;
            *word |= bit;
            new && cuts(s)
        })
    }

    /// What was delivered and sent back while a charge applies.
    #[must_use]
    pub fn sums(&self, schedule: &Schedule, charge: &Charge, days: DayRange) -> (i64, i64) {
        self.of(schedule, charge, days)
            .fold((0_i64, 0_i64), |(d, r), s| (d.saturating_add(s.delivered), r.saturating_add(s.received)))
    }

    /// The highest load while a charge applies, averaged over `minutes` of the clock, in millionths of a kilowatt. A stretch of
    /// which a part is not known is taken for what is known of it.
    #[must_use]
    pub fn peak(&self, schedule: &Schedule, charge: &Charge, days: DayRange, minutes: u32) -> i64 {
        let minutes = minutes.clamp(1, 60);
        let mut highest = 0;
        let mut stretch: Option<((NaiveDate, u32), i64, u32)> = None;
        for s in self.of(schedule, charge, days) {
            let key = (s.day, u32::from(s.minute) / minutes);
            let (sum, seconds) = match stretch {
                // The hour that comes twice is not added up: a new stretch begins when this one is full.
                Some((k, sum, seconds)) if k == key && seconds + s.seconds <= minutes * 60 => {
                    (sum.saturating_add(s.delivered), seconds + s.seconds)
                }
                _ => (s.delivered, s.seconds),
            };
            stretch = Some((key, sum, seconds));
            // Longer intervals than the stretch have their own mean.
            let load = i128::from(sum) * 3_600 / i128::from(seconds.max(minutes * 60).max(1));
            highest = highest.max(i64::try_from(load).unwrap_or(i64::MAX));
        }
        highest
    }
}

/// Units that were sent back and not used up, by the charge that they may be used up in, in millionths of the billing unit.
pub type Bank = BTreeMap<String, i64>;

/// The units that a schedule has carried on, in millionths of the billing unit. They are carried on once: where an earlier program
/// kept them under several labels those are the same units, and the label that nets them by its hours has the most.
#[must_use]
pub fn carried(bank: &Bank, schedule: &str) -> i64 {
    let mut labels: BTreeMap<&str, i64> = BTreeMap::new();
    for (key, units) in bank {
        if let Some((label, _)) = named(key, schedule) {
            let sum = labels.entry(label).or_default();
            *sum = sum.saturating_add(*units);
        }
    }
    labels.into_values().max().unwrap_or(0)
}

/// The key of what is carried on under a label and the name of its hours.
pub(super) fn key(schedule: &str, label: &str, period: &str) -> String {
    format!("{schedule}|{label}|{period}")
}

/// The label and the hours in a key of a schedule.
pub(super) fn named<'k>(key: &'k str, schedule: &str) -> Option<(&'k str, &'k str)> {
    key.strip_prefix(schedule)?.strip_prefix('|')?.split_once('|')
}
