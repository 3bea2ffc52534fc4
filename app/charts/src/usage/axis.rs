//! Labels under the axis of time, by grain: sets from fine to coarse, of which the first that fits is taken.

use chrono::{Datelike, NaiveDate, Timelike, Weekday};
use contract::usage::{Grain, UsageView};
use locales::{Lang, format};

use super::words::days_of;
use crate::labels::{Anchor, XLabel};

/// The candidate sets, finest first.
pub(super) fn labels(view: &UsageView, lang: Lang) -> Vec<Vec<XLabel>> {
    match view.query.grain {
        Grain::Day => {
            let days: Vec<NaiveDate> = view.bars.iter().map(|b| days_of(view, b).from).collect();
            day_sets(&days, lang, Anchor::Middle)
        }
        Grain::Hour | Grain::QuarterHour if view.query.range.len() == 1 => hour_sets(view, lang),
        Grain::Hour | Grain::QuarterHour => {
            let starts: Vec<(usize, NaiveDate)> = view
                .bars
                .iter()
                .map(|b| view.zone.to_local(b.start).date())
                .enumerate()
                .scan(None, |last, (i, day)| {
                    let new = *last != Some(day);
                    *last = Some(day);
                    Some(new.then_some((i, day)))
                })
                .flatten()
                .collect();
            let days: Vec<NaiveDate> = starts.iter().map(|s| s.1).collect();
            let mut sets = day_sets(&days, lang, Anchor::Start);
            for label in sets.iter_mut().flatten() {
                let slot = starts.get(usize::try_from(label.slot).unwrap_or(0)).map_or(0, |s| s.0);
                label.slot = u32::try_from(slot).unwrap_or(0);
                label.anchor = Anchor::Start;
            }
            sets
        }
        Grain::Bill => {
            let ends: Vec<NaiveDate> = view.bars.iter().map(|b| days_of(view, b).last()).collect();
            [1, 2, 3, 4, 6]
                .into_iter()
                .map(|step| {
                    // Counted from the latest bill, which people look for.
                    let rest = ends.len().saturating_sub(1) % step;
                    pick(&ends, |i, _| i % step == rest, |d| format::day_short(lang, d))
                })
                .collect()
        }
        Grain::Month => month_sets(view, lang),
    }
}

fn label(index: usize, text: String, anchor: Anchor) -> XLabel {
    XLabel { slot: u32::try_from(index).unwrap_or(u32::MAX), text, anchor }
}

fn pick(
    days: &[NaiveDate],
    wanted: impl Fn(usize, NaiveDate) -> bool,
    text: impl Fn(NaiveDate) -> String,
) -> Vec<XLabel> {
    days.iter().enumerate().filter(|(i, d)| wanted(*i, **d)).map(|(i, d)| label(i, text(*d), Anchor::Middle)).collect()
}

fn starts(days: &[NaiveDate], wanted: impl Fn(NaiveDate) -> bool, lang: Lang) -> Vec<XLabel> {
    days.iter()
        .enumerate()
        .filter(|(_, d)| wanted(**d))
        .map(|(i, d)| label(i, month_or_year(lang, *d), Anchor::Start))
        .collect()
}

/// `Feb`, but `2026` for January: the year is said where it begins.
fn month_or_year(lang: Lang, day: NaiveDate) -> String {
    if day.month() == 1 {
        let mut year = String::new();
        crate::svg::put_number(&mut year, i64::from(day.year()));
        year
    } else {
        format::month_short(lang, day).to_owned()
    }
}

fn day_sets(days: &[NaiveDate], lang: Lang, anchor: Anchor) -> Vec<Vec<XLabel>> {
    let mut sets = Vec::new();
    if days.len() <= 14 {
        sets.push(pick(days, |_, _| true, |d| format::day(lang, d)));
        sets.push(pick(days, |_, _| true, |d| format::day_short(lang, d)));
        sets.push(pick(days, |i, _| i % 2 == 0, |d| format::day_short(lang, d)));
    }
    if days.len() <= 70 {
        let number = |d: NaiveDate| {
            let mut text = String::new();
            crate::svg::put_number(&mut text, i64::from(d.day()));
            text
        };
        if anchor == Anchor::Middle {
            let first = days.first().copied();
            sets.push(pick(
                days,
                |_, _| true,
                |d| if d.day() == 1 || Some(d) == first { format::day_short(lang, d) } else { number(d) },
            ));
        }
        sets.push(pick(days, |_, d| d.weekday() == Weekday::Mon, |d| format::day(lang, d)));
        sets.push(pick(days, |_, d| d.weekday() == Weekday::Mon, |d| format::day_short(lang, d)));
        sets.push(pick(
            days,
            |_, d| d.weekday() == Weekday::Mon && d.iso_week().week() % 2 == 0,
            |d| format::day_short(lang, d),
        ));
    }
    sets.push(starts(days, |d| d.day() == 1, lang));
    sets.push(starts(days, |d| d.day() == 1 && d.month() % 2 == 1, lang));
    sets.push(starts(days, |d| d.day() == 1 && d.month() % 3 == 1, lang));
    sets.push(starts(days, |d| d.day() == 1 && d.month() % 6 == 1, lang));
    sets.push(starts(days, |d| d.day() == 1 && d.month() == 1, lang));
    sets
}

fn hour_sets(view: &UsageView, lang: Lang) -> Vec<Vec<XLabel>> {
    let anchor = if view.query.grain == Grain::Hour { Anchor::Middle } else { Anchor::Start };
    [1, 2, 3, 6, 12]
        .into_iter()
        .map(|step| {
            view.bars
                .iter()
                .enumerate()
                .filter_map(|(i, b)| {
                    let at = view.zone.to_local(b.start);
                    (at.minute() == 0 && at.hour().is_multiple_of(step))
                        .then(|| label(i, format::hour(lang, at), anchor))
                })
                .collect()
        })
        .collect()
}

fn month_sets(view: &UsageView, lang: Lang) -> Vec<Vec<XLabel>> {
    let months: Vec<NaiveDate> = view.bars.iter().map(|b| days_of(view, b).from).collect();
    let name = |d: NaiveDate| month_or_year(lang, d);
    let mut sets = Vec::new();
    if months.len() <= 12 {
        sets.push(pick(&months, |_, _| true, |d| format::month_year(lang, d)));
        sets.push(pick(
            &months,
            |i, _| i < 12,
            |d| {
                if d.month() == 1 || Some(d) == months.first().copied() {
                    [format::month_short(lang, d), " ", &month_or_year(lang, d.with_month(1).unwrap_or(d))].concat()
                } else {
                    format::month_short(lang, d).to_owned()
                }
            },
        ));
    }
    sets.push(pick(&months, |_, _| true, name));
    sets.push(pick(&months, |_, d| d.month() % 3 == 1, name));
    sets.push(pick(&months, |_, d| d.month() % 6 == 1, name));
    sets.push(pick(&months, |_, d| d.month() == 1, name));
    sets
}
