//! The weather of a mild bay city: cool wet winters, dry summers with fog in the morning, a few hot and cold spells.

use chrono::{Datelike, NaiveDate};
use domain::calendar::{Zone, next_day};
use store::usage::day_number;

use super::dice::{Dice, For};

/// Mean temperature by month, in tenths of a degree Fahrenheit.
const MEAN: [i32; 12] = [490, 525, 548, 574, 612, 652, 668, 670, 664, 614, 543, 488];
/// Half the way from the coldest to the warmest hour, by month, in tenths of a degree.
const SWING: [i32; 12] = [75, 85, 90, 105, 105, 110, 105, 105, 115, 110, 90, 75];
/// How far each hour stands from the day's mean towards its warmest hour, in percent.
const HOURS: [i32; 24] =
    [-55, -65, -74, -82, -90, -98, -100, -88, -60, -22, 18, 52, 78, 94, 100, 97, 84, 60, 30, 4, -14, -27, -38, -47];
/// The best output of a solar panel at noon, by month, in thousandths of its rating.
const SUN: [i32; 12] = [500, 610, 730, 820, 870, 890, 880, 860, 800, 690, 550, 460];
/// Quarter-hours from sunrise to noon, by month.
const HALF_DAY: [i32; 12] = [19, 21, 24, 26, 28, 29, 29, 27, 25, 22, 20, 19];

/// A local day with its weather: what every home's use of that day depends on.
#[derive(Clone, Debug)]
pub struct Day {
    /// The date.
    pub date: NaiveDate,
    /// Days since 1970-01-01.
    pub number: i64,
    /// Its first instant, in UTC seconds.
    pub start: i64,
    /// How many quarter-hours it has: 92, 96 or 100.
    pub quarters: usize,
    /// The quarter-hour at which the clock is changed, and by how many it jumps ahead.
    jump: (usize, i32),
    /// Saturday, Sunday or a holiday on a fixed date.
    pub free: bool,
    /// Tenths of a degree Fahrenheit by hour of the clock.
    pub temperature: [i32; 24],
    /// Thousandths of a solar panel's rating by quarter-hour of the clock.
    pub sun: [u16; 96],
}

impl Day {
    /// The quarter-hour of the clock (0 to 95) in which the day's quarter-hour `i` lies.
    #[must_use]
    pub fn clock(&self, i: usize) -> usize {
        let i = i32::try_from(i).unwrap_or(i32::MAX);
        let on = if i >= i32::try_from(self.jump.0).unwrap_or(i32::MAX) { i + self.jump.1 } else { i };
        usize::try_from(on).unwrap_or(0).min(95)
    }

    /// How many hours it has.
    #[must_use]
    pub const fn hours(&self) -> usize {
        self.quarters / 4
    }

    /// The mean temperature, in tenths of a degree Fahrenheit.
    #[must_use]
    pub fn mean(&self) -> i32 {
        self.temperature.iter().sum::<i32>() / 24
    }
}

/// The weather of so many days from the first on. A longer run begins with the same days.
#[must_use]
pub fn days(seed: u64, zone: &Zone, first: NaiveDate, last: NaiveDate) -> Vec<Day> {
    let mut out = Vec::new();
    let (mut drift, mut spell, mut spell_left) = (0, 0, 0);
    let mut date = first;
    while date <= last {
        let number = day_number(date);
        let mut dice = Dice::new(seed, For::Weather, 0, number);
        drift = drift * 7 / 10 + dice.around(-60, 60);
        if spell_left > 0 {
            spell_left -= 1;
        } else {
            (spell, spell_left) = begin_spell(date.month(), &mut dice);
        }
        out.push(day(zone, date, number, drift + spell, spell < 0, &mut dice));
        date = next_day(date);
    }
    out
}

/// Now and then some hot or cold days come in a row: by how much, and how many more days.
fn begin_spell(month: u32, dice: &mut Dice) -> (i32, i32) {
    match month {
        5..=10 if dice.chance(28) => (dice.between(110, 210), dice.between(2, 5)),
        11 | 12 | 1..=3 if dice.chance(30) => (-dice.between(60, 120), dice.between(2, 6)),
        _ => (0, 0),
    }
}

/// Between the middles of two months, by how far the day is from them.
fn seasonal(table: &[i32; 12], date: NaiveDate) -> i32 {
    let day = i32::try_from(date.day()).unwrap_or(15).min(30);
    let here = date.month0() as usize;
    let (other, away) = if day >= 15 { ((here + 1) % 12, day - 15) } else { ((here + 11) % 12, 15 - day) };
    (table[here] * (30 - away) + table[other] * away) / 30
}

fn day(zone: &Zone, date: NaiveDate, number: i64, drift: i32, cold: bool, dice: &mut Dice) -> Day {
    let (start, end) = zone.bounds(date);
    let quarters = usize::try_from((end - start).num_minutes() / 15).unwrap_or(96);
    let offset = |at: i64| chrono::DateTime::from_timestamp(at, 0).map_or(0, |t| zone.offset_at(t));
    let before = offset(start.timestamp());
    let changed = (0..quarters).find(|i| offset(start.timestamp() + *i as i64 * 900) != before);
    let jump = changed.map_or((usize::MAX, 0), |i| (i, (offset(end.timestamp() - 1) - before) / 900));
    let (mean, swing) = (seasonal(&MEAN, date) + drift, seasonal(&SWING, date));
    let wet = matches!(date.month(), 11 | 12 | 1..=4) && !cold && dice.chance(280);
    let swing = if wet { swing / 2 } else { swing };
    let mut temperature = [0; 24];
    for (t, share) in temperature.iter_mut().zip(HOURS) {
        *t = mean + swing * share / 100;
    }
    let clouds = if wet { dice.between(180, 520) } else { dice.between(820, 1000) };
    let fog = matches!(date.month(), 5..=9) && dice.chance(550);
    let noon = 48 + (offset(start.timestamp() + 43_200) + 8 * 3600) / 900;
    let (best, half) = (seasonal(&SUN, date) * clouds / 1000, seasonal(&HALF_DAY, date));
    let mut sun = [0; 96];
    for (i, s) in (0..).zip(&mut sun) {
        let away: i32 = i - noon;
        let mut here = if away.abs() < half { best * (half * half - away * away) / (half * half) } else { 0 };
        if fog && i < 44 {
            here /= 3;
        }
        *s = u16::try_from(here.max(0)).unwrap_or(0);
    }
    let holiday = matches!((date.month(), date.day()), (1, 1) | (7, 4) | (11, 11) | (12, 25));
    let free = holiday || date.weekday().num_days_from_monday() >= 5;
    Day { date, number, start: start.timestamp(), quarters, jump, free, temperature, sun }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year() -> Vec<Day> {
        let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
        days(7, &zone, "2025-01-01".parse().expect("a date"), "2025-12-31".parse().expect("a date"))
    }

    #[test]
    fn summers_are_warmer_than_winters_and_both_are_mild() {
        let all = year();
        let mean = |m: u32| {
            let of: Vec<i32> = all.iter().filter(|d| d.date.month() == m).map(Day::mean).collect();
            of.iter().sum::<i32>() / i32::try_from(of.len()).expect("few")
        };
        assert!((420..560).contains(&mean(1)), "{}", mean(1));
        assert!((610..750).contains(&mean(8)), "{}", mean(8));
        let hottest = all.iter().flat_map(|d| d.temperature).max().expect("hours");
        let coldest = all.iter().flat_map(|d| d.temperature).min().expect("hours");
        assert!(hottest > 820 && hottest < 1120 && coldest < 420 && coldest > 200, "{coldest} to {hottest}");
    }

    #[test]
    fn days_of_clock_changes_have_92_and_100_quarters() {
        let all = year();
        let find = |text: &str| {
            let date: NaiveDate = text.parse().expect("a date");
            all.iter().find(|d| d.date == date).expect("a day of the year")
        };
        let (spring, autumn, plain) = (find("2025-03-09"), find("2025-11-02"), find("2025-06-01"));
        assert_eq!((spring.quarters, autumn.quarters, plain.quarters), (92, 100, 96));
        assert_eq!((spring.clock(7), spring.clock(8), spring.clock(91)), (7, 12, 95));
        assert_eq!((autumn.clock(7), autumn.clock(8), autumn.clock(99)), (7, 4, 95));
        assert_eq!((plain.clock(0), plain.clock(95)), (0, 95));
    }

    #[test]
    fn a_longer_run_begins_alike() {
        let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
        let first = "2025-01-01".parse().expect("a date");
        let short = days(7, &zone, first, "2025-02-01".parse().expect("a date"));
        for (a, b) in short.iter().zip(year()) {
            assert_eq!((a.temperature, a.sun), (b.temperature, b.sun));
        }
    }
}
