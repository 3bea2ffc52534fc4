//! The charts of an exception: its day by interval, and the weeks around it.

use charts::bars::{BarChart, Mark, draw};
use charts::ticks::Scale;
use charts::{Anchor, Size, Table, XLabel};
use chrono::{NaiveDate, Timelike};
use contract::exceptions::{Evidence, Slot};
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal};
use locales::{Lang, format, staff_readings as words, usage};

use super::words::quality;
use crate::components::{Drawn, amount_text};

/// The day by interval.
pub(super) fn day(lang: Lang, evidence: &Evidence, service: Commodity, date: NaiveDate) -> Drawn {
    let slots = &evidence.slots;
    let marks: Vec<Mark> = slots.iter().map(|s| mark(s.value, s.quality.is_estimate(), false)).collect();
    let known = slots.iter().filter(|s| s.value.is_some()).count();
    let sum = slots.iter().filter_map(|s| s.value).fold(0i64, i64::saturating_add);
    let name = format::day(lang, date);
    let title = words::chart_title(lang, &name);
    let summary = words::chart_summary(
        lang,
        i64::try_from(slots.len()).unwrap_or(i64::MAX),
        &name,
        i64::try_from(known).unwrap_or(i64::MAX),
        amount_text(lang, sum, evidence.exponent, evidence.unit),
    );
    let hours = |every: u32| -> Vec<XLabel> {
        (0u32..)
            .zip(slots)
            .filter(|(_, s)| s.at.minute() == 0 && s.at.hour().is_multiple_of(every))
            .map(|(slot, s)| XLabel { slot, text: format::hour(lang, s.at), anchor: Anchor::Start })
            .collect()
    };
    let labels = [hours(2), hours(4), hours(6), hours(12)];
    let about = evidence.about.map_or(0..0, |(from, to)| from..to);
    let rows = slots
        .iter()
        .enumerate()
        .map(|(i, s)| {
            let mut known = quality(lang, s.quality).to_owned();
            if about.contains(&i) {
                known = [known.as_str(), words::about_mark(lang)].join(", ");
            }
            vec![format::time(lang, s.at), amount(lang, evidence, s), known]
        })
        .collect();
    let head = [words::time(lang), words::amount(lang), words::quality(lang)].map(str::to_owned).to_vec();
    let picture = Picture { service, title: &title, summary: &summary, marks: &marks, labels: &labels };
    drawn(lang, evidence, "day", &picture, Table { head, rows }, words::table_day(lang))
}

/// The weeks around it by day.
pub(super) fn weeks(lang: Lang, evidence: &Evidence, service: Commodity, date: NaiveDate) -> Drawn {
    let days = &evidence.days;
    let marks: Vec<Mark> = days.iter().map(|d| mark(d.sum, d.estimated, d.partial)).collect();
    let title = words::weeks_title(lang, format::day(lang, date));
    let edge = |d: Option<NaiveDate>| d.map(|d| format::date(lang, d)).unwrap_or_default();
    let summary = words::weeks_summary(lang, edge(days.first().map(|d| d.day)), edge(days.last().map(|d| d.day)));
    let every = |n: usize| -> Vec<XLabel> {
        (0u32..)
            .zip(days)
            .step_by(n)
            .map(|(slot, d)| XLabel { slot, text: format::day_short(lang, d.day), anchor: Anchor::Middle })
            .collect()
    };
    let labels = [every(1), every(3), every(7), every(14)];
    let rows = days
        .iter()
        .map(|d| {
            let known = match (d.sum, d.estimated, d.partial) {
                (None, ..) | (_, _, true) => quality(lang, Quality::Missing),
                (_, true, _) => quality(lang, Quality::Estimated),
                _ => "",
            };
            let sum = d.sum.map(|s| amount_text(lang, s, evidence.exponent, evidence.unit)).unwrap_or_default();
            vec![format::day(lang, d.day), sum, known.to_owned()]
        })
        .collect();
    let head = [words::day(lang), words::amount(lang), words::quality(lang)].map(str::to_owned).to_vec();
    let picture = Picture { service, title: &title, summary: &summary, marks: &marks, labels: &labels };
    drawn(lang, evidence, "weeks", &picture, Table { head, rows }, words::table_days(lang))
}

fn mark(value: Option<i64>, estimated: bool, partial: bool) -> Mark {
    Mark {
        up: value.map(|v| v.max(0)),
        down: value.map_or(0, |v| v.min(0).saturating_neg()),
        estimated: if estimated { 1_000 } else { 0 },
        partial,
        ..Mark::default()
    }
}

fn amount(lang: Lang, evidence: &Evidence, slot: &Slot) -> String {
    slot.value.map(|v| amount_text(lang, v, evidence.exponent, evidence.unit)).unwrap_or_default()
}

struct Picture<'a> {
    service: Commodity,
    title: &'a str,
    summary: &'a str,
    marks: &'a [Mark],
    labels: &'a [Vec<XLabel>],
}

fn drawn(
    lang: Lang,
    evidence: &Evidence,
    id: &str,
    picture: &Picture<'_>,
    table: Table,
    caption: &'static str,
) -> Drawn {
    let exponent = evidence.exponent;
    let tick = |value: i64, scale: &Scale| format::number(lang, Decimal::new(value, exponent), scale.places(exponent));
    let one = |suffix: &str, size: Size| {
        let chart = BarChart {
            id: &[id, suffix].concat(),
            class: picture.service.slug(),
            title: picture.title,
            summary: picture.summary,
            size,
            marks: picture.marks,
            per_mark: 1,
            slots: u32::try_from(picture.marks.len()).unwrap_or(u32::MAX),
            least_high: 10i64.checked_pow(u32::try_from(-i32::from(exponent) - 1).unwrap_or(0)).unwrap_or(1),
            unit: evidence.unit.symbol(),
            tick: &tick,
            labels: picture.labels,
            no_data: usage::no_data(lang),
            flags: &[],
        };
        draw(&chart).0
    };
    Drawn { wide: one("-wide", Size::WIDE), narrow: one("-narrow", Size::NARROW), table, caption }
}
