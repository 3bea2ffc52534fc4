//! The rules that need more than one delivery: a day against the days before it and a year ago.

use chrono::{NaiveDate, TimeDelta};

use super::{Finding, Rule, Rules, percent_of};
use crate::metering::day::Head;

/// What the head of a stored day says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayFacts {
    /// The day.
    pub day: NaiveDate,
    /// The sum of its values.
    pub sum: i64,
    /// The largest of them.
    pub peak: i64,
    /// Slots with a value.
    pub present: u32,
    /// Slots without one though there was a meter.
    pub missing: u32,
    /// Slots estimated or edited.
    pub estimated: u32,
}

impl DayFacts {
    /// From a stored head.
    #[must_use]
    pub const fn of(day: NaiveDate, sum: i64, head: &Head) -> Self {
        Self { day, sum, peak: head.peak, present: head.present(), missing: head.missing, estimated: head.estimated }
    }

    /// Whether it can be compared: whole, and mostly measured.
    const fn good(&self) -> bool {
        self.missing == 0 && self.present > 0 && self.estimated * 2 <= self.present
    }

    const fn idle(&self) -> bool {
        self.good() && self.sum == 0 && self.peak == 0
    }

    fn flat(&self) -> bool {
        self.good() && self.present >= 12 && self.peak > 0 && self.sum == self.peak.saturating_mul(self.present.into())
    }

    const fn guessed(&self) -> bool {
        self.present > 0 && self.estimated * 2 > self.present
    }
}

/// A register's days, in order, and what else is known of it.
pub struct History<'a> {
    /// Its days, ascending; days without data are left out.
    pub days: &'a [DayFacts],
    /// Whether someone has an agreement on a day.
    pub occupied: &'a dyn Fn(NaiveDate) -> bool,
    /// Whether the meter's other channel has data on a day; `None` where it has no other.
    pub sibling: Option<&'a dyn Fn(NaiveDate) -> bool>,
}

/// The days of a week: long enough that one party is no rise.
const WEEK: i64 = 7;
/// What a week is held against.
const MONTH: i64 = 28;
/// The same weekdays a year ago.
const YEAR: i64 = 364;

impl History<'_> {
    fn at(&self, day: NaiveDate) -> Option<&DayFacts> {
        self.days.binary_search_by_key(&day, |d| d.day).ok().map(|i| &self.days[i])
    }

    /// The daily mean of the good days of `count` days before `end`; `None` where fewer than half of them are good.
    fn mean(&self, end: NaiveDate, count: i64) -> Option<i64> {
        let from = end - TimeDelta::days(count);
        let begin = self.days.partition_point(|d| d.day < from);
        let good: Vec<i128> = self.days[begin..]
            .iter()
            .take_while(|d| d.day < end)
            .filter(|d| d.good())
            .map(|d| i128::from(d.sum))
            .collect();
        let n = i128::try_from(good.len()).ok()?;
        (n > 0 && n * 2 >= i128::from(count)).then(|| i64::try_from(good.iter().sum::<i128>() / n).unwrap_or(i64::MAX))
    }

    /// Whether the run of days for which something holds has just reached `length` on a day.
    fn reaches(&self, day: NaiveDate, length: u32, holds: impl Fn(&DayFacts) -> bool) -> bool {
        let on = |back: i64| self.at(day - TimeDelta::days(back)).is_some_and(&holds);
        (0..i64::from(length)).all(on) && !on(i64::from(length))
    }

    /// The week that ends with a day, what it is held against, and the limit it breaks; `high` asks for too much.
    fn out_of_band(&self, day: NaiveDate, high: bool, rules: &Rules) -> Option<Finding> {
        let end = day + TimeDelta::days(1);
        let week = self.mean(end, WEEK)?;
        let before = self.mean(end - TimeDelta::days(WEEK), MONTH)?;
        if week == 0 && !high {
            return None; // That is for the rule of no use at all.
        }
        let year = self.mean(end - TimeDelta::days(YEAR), WEEK);
        let percent = if high { rules.high_percent } else { rules.low_percent };
        let breaks = |base: i64| {
            let limit = percent_of(base, percent);
            if high {
                week > limit && week.saturating_sub(base) >= rules.day_floor
            } else {
                week < limit && base.saturating_sub(week) >= rules.day_floor
            }
        };
        (breaks(before) && year.is_none_or(breaks)).then_some(Finding {
            rule: if high { Rule::High } else { Rule::Low },
            slots: None,
            found: week,
            against: before,
            limit: percent_of(before, percent),
        })
    }
}

/// Judges a day by its history. What lasts is reported once, on the day when it has lasted long enough.
#[must_use]
pub fn review(day: NaiveDate, history: &History<'_>, rules: &Rules) -> Vec<Finding> {
    let Some(facts) = history.at(day) else { return Vec::new() };
    let yesterday = day - TimeDelta::days(1);
    let mut out = Vec::new();
    let days = |rule, length: u32, against| Finding {
        rule,
        slots: None,
        found: i64::from(length),
        against,
        limit: i64::from(length),
    };
    if history.reaches(day, rules.zero_days, DayFacts::idle) {
        let before = history.mean(day - TimeDelta::days(i64::from(rules.zero_days) - 1), MONTH);
        if let Some(used) = before.filter(|m| *m > 0) {
            out.push(days(Rule::Zero, rules.zero_days, used));
        }
    }
    if history.reaches(day, rules.stuck_days, DayFacts::flat) {
        out.push(days(Rule::Stuck, rules.stuck_days, facts.peak));
    }
    if history.reaches(day, rules.estimated_days, DayFacts::guessed) {
        out.push(days(Rule::LongEstimate, rules.estimated_days, 0));
    }
    for high in [true, false] {
        if let Some(finding) = history.out_of_band(day, high, rules)
            && history.out_of_band(yesterday, high, rules).is_none()
        {
            out.push(finding);
        }
    }
    let unclaimed = |d: &DayFacts| d.sum >= rules.day_floor && !(history.occupied)(d.day);
    if history.reaches(day, 1, unclaimed) {
        out.push(Finding { rule: Rule::Inactive, slots: None, found: facts.sum, against: 0, limit: rules.day_floor });
    }
    if let Some(sibling) = history.sibling
        && history.reaches(day, 1, |d| d.present > 0 && !sibling(d.day))
    {
        out.push(days(Rule::Sibling, 1, 0));
    }
    out
}

/// What a dial moved between two readings, one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it was read before, in seconds since 1970-01-01, UTC.
    pub from: i64,
    /// When it was read after that.
    pub to: i64,
    /// How far it moved.
    pub moved: i64,
    /// Whether someone had an agreement in a part of the time.
    pub occupied: bool,
}

/// Seconds of a day.
const DAY: i64 = 86_400;

impl Stretch {
    /// What was used in a day, on average; `None` where the dial went backwards or was read twice on one day, which says nothing.
    fn mean(&self) -> Option<i64> {
        let seconds = self.to.checked_sub(self.from).filter(|s| *s >= DAY)?;
        if self.moved < 0 {
            return None;
        }
        i64::try_from(i128::from(self.moved) * i128::from(DAY) / i128::from(seconds)).ok()
    }

    const fn covers(&self, at: i64) -> bool {
        self.from <= at && at < self.to
    }
}

/// Judges what a dial moved up to the reading that ends the last of `stretches`, which ascend: a day of it, on average, by the two
/// stretches before it and by the one a year ago. A stretch that stands out is no measure for the next one, so both must be left
/// behind. What lasts is reported once.
#[must_use]
pub fn review_dial(stretches: &[Stretch], rules: &Rules) -> Vec<Finding> {
    let mut out = Vec::new();
    let Some((last, before)) = stretches.split_last() else { return out };
    let Some(mean) = last.mean() else { return out };
    let middle = last.from.midpoint(last.to).saturating_sub(YEAR * DAY);
    let year = before.iter().rfind(|s| s.covers(middle)).and_then(Stretch::mean);
    let mut means = before.iter().rev().filter_map(Stretch::mean);
    if let Some(base) = means.next() {
        let further = means.next();
        for high in [true, false] {
            let percent = if high { rules.high_percent } else { rules.low_percent };
            let breaks = |base: i64| {
                let limit = percent_of(base, percent);
                if high {
                    mean > limit && mean.saturating_sub(base) >= rules.day_floor
                } else {
                    // No use at all is for the rule of that.
                    mean > 0 && mean < limit && base.saturating_sub(mean) >= rules.day_floor
                }
            };
            if breaks(base) && further.is_none_or(breaks) && year.is_none_or(breaks) {
                let rule = if high { Rule::High } else { Rule::Low };
                out.push(Finding { rule, slots: None, found: mean, against: base, limit: percent_of(base, percent) });
            }
        }
    }
    let idle = before.iter().rev().take_while(|s| s.moved == 0).count();
    let used = before.len().checked_sub(idle + 1).and_then(|at| before[at].mean());
    let since = before[before.len() - idle..].first().unwrap_or(last).from;
    let length = i64::from(rules.zero_days);
    let (days, earlier) = (last.to.saturating_sub(since) / DAY, last.from.saturating_sub(since) / DAY);
    if last.moved == 0
        && (idle == 0 || earlier < length)
        && days >= length
        && let Some(used) = used.filter(|u| *u > 0)
    {
        out.push(Finding { rule: Rule::Zero, slots: None, found: days, against: used, limit: length });
    }
    let unclaimed = |s: &Stretch| !s.occupied && s.mean().is_some_and(|m| m >= rules.day_floor);
    if unclaimed(last) && !before.last().is_some_and(unclaimed) {
        out.push(Finding { rule: Rule::Inactive, slots: None, found: mean, against: 0, limit: rules.day_floor });
    }
    out
}

/// Since when a register has counted nothing at all: the first day of the run without use that reaches the latest known day. Days
/// without data or mostly estimated neither prove nor break it. A finding of no use is reported once, so what it says of the
/// present has to be asked of the days. `days` ascend.
#[must_use]
pub fn nothing_since(days: &[DayFacts]) -> Option<NaiveDate> {
    let known = |d: &&DayFacts| d.present > 0 && !d.guessed();
    days.iter().rev().filter(known).take_while(|d| d.sum == 0 && d.peak == 0).last().map(|d| d.day)
}

/// Whether a meter that should send has been silent for too long: `latest` is its last day with data.
#[must_use]
pub fn silent(latest: NaiveDate, today: NaiveDate, rules: &Rules) -> Option<Finding> {
    let days = (today - latest).num_days() - 1;
    let limit = i64::from(rules.silent_days);
    (days > limit).then_some(Finding { rule: Rule::Silent, slots: None, found: days, against: 0, limit })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::quantity::{Commodity, Direction, Unit};

    fn rules() -> Rules {
        Rules::of(Commodity::Electricity, Direction::Delivered, Unit::KilowattHour, -3)
    }

    fn first() -> NaiveDate {
        "2025-01-01".parse().expect("a date")
    }

    fn days(sums: impl IntoIterator<Item = i64>) -> Vec<DayFacts> {
        (0..)
            .zip(sums)
            .map(|(n, sum)| DayFacts {
                day: first() + TimeDelta::days(n),
                sum,
                peak: sum / 20,
                present: 96,
                missing: 0,
                estimated: 0,
            })
            .collect()
    }

    /// Every finding of every day, by the number of the day.
    fn all(facts: &[DayFacts]) -> Vec<(i64, Rule)> {
        let history = History { days: facts, occupied: &|_| true, sibling: None };
        facts
            .iter()
            .flat_map(|d| review(d.day, &history, &rules()).into_iter().map(|f| ((d.day - first()).num_days(), f.rule)))
            .collect()
    }

    #[test]
    fn a_run_without_use_reaches_the_latest_known_day_or_is_over() {
        let day = |n: i64| Some(first() + TimeDelta::days(n));
        let mut facts = days([vec![9_000; 10], vec![0; 50]].concat());
        assert_eq!(nothing_since(&facts), day(10));
        facts[30] = DayFacts { sum: 8_000, peak: 400, estimated: 90, ..facts[30] };
        facts.remove(20);
        assert_eq!(nothing_since(&facts), day(10), "an estimated day and a missing one neither prove nor break it");
        facts[40] = DayFacts { sum: 100, peak: 50, ..facts[40] };
        assert_eq!(nothing_since(&facts), day(42));
        facts.last_mut().expect("days").sum = 1;
        assert_eq!(nothing_since(&facts), None, "it counts again");
        assert_eq!(nothing_since(&[]), None);
    }

    #[test]
    fn steady_use_is_nothing_to_look_at() {
        assert_eq!(all(&days((0..400).map(|n| 12_000 + n % 7 * 900))), []);
    }

    #[test]
    fn a_week_far_above_the_month_is_high_once() {
        let facts = days([vec![10_000; 40], vec![60_000; 20]].concat());
        let found = all(&facts);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].1, Rule::High);
        assert!((40..47).contains(&found[0].0), "{found:?}");
        // The same rise a year ago explains it.
        let year = [vec![10_000; 40], vec![60_000; 40], vec![10_000; 284]].concat();
        let twice = all(&days([year.clone(), year].concat()));
        assert!(twice.iter().all(|(n, _)| *n < 360), "{twice:?}");
    }

    #[test]
    fn a_meter_that_stops_is_reported_when_its_days_are_up() {
        assert_eq!(all(&days([vec![10_000; 40], vec![0; 30]].concat()))[0], (41, Rule::Zero));
        // One that never counted anything did not stop.
        assert_eq!(all(&days(vec![0; 60])), []);
    }

    #[test]
    fn a_register_that_repeats_itself_is_stuck() {
        let mut facts = days(vec![9_600; 10]);
        facts[5..].iter_mut().for_each(|d| d.peak = 100);
        assert_eq!(all(&facts), [(7, Rule::Stuck)]);
    }

    #[test]
    fn weeks_of_estimates_need_a_visit() {
        let mut facts = days(vec![9_600; 20]);
        facts[5..].iter_mut().for_each(|d| d.estimated = 60);
        assert_eq!(all(&facts), [(11, Rule::LongEstimate)]);
    }

    #[test]
    fn use_without_an_agreement_and_a_missing_channel_are_found() {
        let facts = days(vec![9_600; 10]);
        let left = first() + TimeDelta::days(4);
        let history = History { days: &facts, occupied: &|d| d < left, sibling: Some(&|d| d != left) };
        let found: Vec<_> = review(left, &history, &rules()).into_iter().map(|f| f.rule).collect();
        assert_eq!(found, [Rule::Inactive, Rule::Sibling]);
        assert_eq!(review(left + TimeDelta::days(1), &history, &rules()), []);
    }

    /// Readings thirty days apart, and what was found at the end of which.
    fn dialled(moved: &[i64], occupied: bool) -> Vec<(usize, Rule)> {
        let stretches: Vec<_> = (0..)
            .zip(moved)
            .map(|(n, moved)| Stretch { from: n * 30 * DAY, to: (n + 1) * 30 * DAY, moved: *moved, occupied })
            .collect();
        (1..=stretches.len())
            .flat_map(|n| review_dial(&stretches[..n], &rules()).into_iter().map(move |f| (n - 1, f.rule)))
            .collect()
    }

    #[test]
    fn a_dial_that_leaps_and_then_stands_still_is_found_twice() {
        let found = dialled(&[10_000, 10_000, 900_000, 0, 0, 0, 0], true);
        assert_eq!(found, [(2, Rule::High), (3, Rule::Zero)]);
        // A month that stands out makes nothing of the one behind it.
        assert_eq!(dialled(&[300_000, 310_000, 900_000, 310_000, 300_000], true), [(2, Rule::High)]);
        assert_eq!(dialled(&[300_000, 310_000, 30_000, 310_000, 300_000], true), [(2, Rule::Low)]);
        assert_eq!(dialled(&[300_000, 310_000, -5_000, 310_000, 300_000], true), []);
        assert_eq!(dialled(&[0, 0, 0, 0], true), [], "one that never moved did not stop");
    }

    #[test]
    fn what_a_dial_moved_a_year_ago_explains_what_it_moves() {
        let mut year = vec![100_000; 12];
        year[6] = 900_000;
        let twice = [year.clone(), vec![100_000; 6], vec![900_000, 100_000]].concat();
        assert_eq!(dialled(&twice, true), [(6, Rule::High)]);
    }

    #[test]
    fn a_dial_that_moves_for_nobody_is_found_once() {
        assert_eq!(dialled(&[300_000, 310_000, 300_000], false), [(0, Rule::Inactive)]);
        assert_eq!(dialled(&[3_000, 3_100, 3_000], false), [], "standby is nobody's use");
    }

    #[test]
    fn silence_is_counted_in_whole_days() {
        let on = |n| first() + TimeDelta::days(n);
        assert_eq!(silent(on(0), on(4), &rules()), None);
        assert_eq!(silent(on(0), on(5), &rules()).map(|f| f.found), Some(4));
    }

    proptest! {
        #[test]
        fn no_numbers_make_it_panic(sums in prop::collection::vec(any::<i64>(), 1..80)) {
            all(&days(sums));
        }

        #[test]
        fn no_dial_makes_it_panic(parts in prop::collection::vec((any::<i64>(), any::<i64>(), any::<i64>()), 0..6)) {
            let of = |(from, to, moved)| Stretch { from, to, moved, occupied: false };
            let found = review_dial(&parts.into_iter().map(of).collect::<Vec<_>>(), &rules());
            prop_assert!(found.len() <= 3, "{:?}", found);
        }

        #[test]
        fn nothing_is_reported_two_days_running(sums in prop::collection::vec(0i64..40_000, 60..120)) {
            let found = all(&days(sums));
            for (day, rule) in &found {
                prop_assert!(!found.contains(&(day + 1, *rule)), "{:?}", found);
            }
        }
    }
}
