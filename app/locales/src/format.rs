//! Dates, times and amounts as people write them in a language. Instants are shown in a zone's local time.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use domain::calendar::{DayRange, month_start, next_day};
use domain::money::Grouped;
use domain::quantity::Decimal;

use crate::Lang;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_LONG: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn month(day: NaiveDate) -> &'static str {
    MONTHS[day.month0() as usize]
}

/// `Tue 12 May`.
#[must_use]
pub fn day(_lang: Lang, day: NaiveDate) -> String {
    format!("{} {} {}", WEEKDAYS[day.weekday().num_days_from_monday() as usize], day.day(), month(day))
}

/// `12 May`.
#[must_use]
pub fn day_short(_lang: Lang, day: NaiveDate) -> String {
    format!("{} {}", day.day(), month(day))
}

/// `12 May 2026`.
#[must_use]
pub fn date(_lang: Lang, day: NaiveDate) -> String {
    format!("{} {} {}", day.day(), month(day), day.year())
}

/// `May 2026`.
#[must_use]
pub fn month_year(_lang: Lang, day: NaiveDate) -> String {
    format!("{} {}", MONTHS_LONG[day.month0() as usize], day.year())
}

/// `May`.
#[must_use]
pub fn month_short(_lang: Lang, day: NaiveDate) -> &'static str {
    month(day)
}

/// `4:15 pm`; `noon` and `midnight` are left as 12 pm and 12 am.
#[must_use]
pub fn time(_lang: Lang, at: NaiveDateTime) -> String {
    let (pm, hour) = at.hour12();
    format!("{hour}:{:02} {}", at.minute(), if pm { "pm" } else { "am" })
}

/// `9 am`: an hour as a label.
#[must_use]
pub fn hour(_lang: Lang, at: NaiveDateTime) -> String {
    let (pm, hour) = at.hour12();
    format!("{hour} {}", if pm { "pm" } else { "am" })
}

/// A run of days in words: `Tue 12 May 2026`, `May 2026`, `2026`, `12 May – 10 Jun 2026`, `20 Dec 2025 – 18 Jan 2026`.
#[must_use]
pub fn range(lang: Lang, range: DayRange) -> String {
    let (first, last) = (range.from, range.last());
    if first == last {
        return format!("{} {}", day(lang, first), first.year());
    }
    let whole_months = first.day() == 1 && next_day(last).day() == 1;
    if whole_months && month_start(first) == month_start(last) {
        return month_year(lang, first);
    }
    if whole_months && first.month() == 1 && last.month() == 12 && first.year() == last.year() {
        return first.year().to_string();
    }
    if first.year() == last.year() {
        format!("{} – {}", day_short(lang, first), date(lang, last))
    } else {
        format!("{} – {}", date(lang, first), date(lang, last))
    }
}

/// A number with at most `places` decimals, grouped, rounded half away from zero: `1,391.7`, `412`, `−0.5`.
#[must_use]
pub fn number(_lang: Lang, value: Decimal, places: u8) -> String {
    let places = i8::try_from(places).unwrap_or(0);
    let rounded = value.round_to(-places);
    let sign = if rounded < 0 { "\u{2212}" } else { "" };
    let text = Decimal::new(rounded, -places).to_string();
    let text = text.trim_start_matches('-');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = Grouped(whole.parse().unwrap_or(0));
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn r(from: &str, to: &str) -> DayRange {
        DayRange::new(d(from), d(to)).expect("forwards")
    }

    #[test]
    fn ranges_read_as_people_say_them() {
        let l = Lang::En;
        assert_eq!(range(l, r("2026-05-12", "2026-05-13")), "Tue 12 May 2026");
        assert_eq!(range(l, r("2026-05-01", "2026-06-01")), "May 2026");
        assert_eq!(range(l, r("2026-01-01", "2027-01-01")), "2026");
        assert_eq!(range(l, r("2026-05-12", "2026-06-11")), "12 May – 10 Jun 2026");
        assert_eq!(range(l, r("2025-12-20", "2026-01-19")), "20 Dec 2025 – 18 Jan 2026");
    }

    #[test]
    fn numbers_are_grouped_and_rounded() {
        let l = Lang::En;
        assert_eq!(number(l, Decimal::new(1_391_666, -3), 1), "1,391.7");
        assert_eq!(number(l, Decimal::new(411_999, -3), 0), "412");
        assert_eq!(number(l, Decimal::new(-5, -1), 1), "−0.5");
        assert_eq!(number(l, Decimal::new(2_500, -3), 2), "2.5");
    }

    #[test]
    fn times_are_twelve_hour() {
        let at = |t: &str| format!("2026-05-12T{t}").parse::<NaiveDateTime>().expect("a time");
        assert_eq!(time(Lang::En, at("16:15:00")), "4:15 pm");
        assert_eq!(time(Lang::En, at("00:05:00")), "12:05 am");
        assert_eq!(hour(Lang::En, at("12:00:00")), "12 pm");
    }
}
