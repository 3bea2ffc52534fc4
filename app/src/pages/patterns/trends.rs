//! The running total, the weather, the load, the nights.

use charts::ticks::Scale;
use charts::trend::{Line, LineKind, Trend, Warmth, draw};
use charts::{Anchor, Size, Table, XLabel};
use chrono::NaiveDate;
use contract::patterns::PatternsView;
use domain::quantity::{Commodity, Decimal};
use leptos::prelude::*;
use locales::{Lang, format, patterns as text, usage};

use super::{day_labels, key, percent_more, tick};
use crate::components::{Drawn, amount_text, figure};

fn amount(lang: Lang, model: &PatternsView, value: i64) -> String {
    amount_text(lang, value, model.exponent, model.unit)
}

fn cell(lang: Lang, model: &PatternsView, value: Option<i64>) -> String {
    value.map_or_else(|| usage::table_none(lang).to_owned(), |v| amount(lang, model, v))
}

/// The chart in both sizes.
fn both(id: &str, table: Table, caption: &'static str, trend: &Trend<'_>) -> Drawn {
    let picture = |suffix: &str, size| draw(&Trend { id: &[id, suffix].concat(), size, ..*trend });
    Drawn { wide: picture("-wide", Size::WIDE), narrow: picture("-narrow", Size::NARROW), table, caption }
}

/// Adds up day after day, until the last day that is known.
pub(in crate::pages) fn running(totals: &[Option<i64>]) -> Vec<Option<i64>> {
    let end = totals.iter().rposition(Option::is_some).map_or(0, |i| i + 1);
    let mut sum = 0_i64;
    totals
        .iter()
        .enumerate()
        .map(|(i, t)| {
            sum = sum.saturating_add(t.unwrap_or(0));
            (i < end).then_some(sum)
        })
        .collect()
}

/// The running total, with the time before and the year before.
pub(super) fn total(lang: Lang, model: &PatternsView) -> Option<impl IntoView + use<>> {
    let totals: Vec<Option<i64>> = model.days.iter().map(|d| d.total).collect();
    let now = running(&totals);
    let known = now.iter().flatten().count();
    let sum = *now.iter().flatten().last()?;
    if model.days.len() < 2 {
        return None;
    }
    let cut = |totals: &[Option<i64>]| -> Vec<Option<i64>> {
        let mut line = running(totals);
        line.resize(now.len(), None);
        line
    };
    let before = model.before.as_ref().map(|b| (b.range, cut(&b.totals)));
    let year = model.year.as_ref().map(|y| (y.range, cut(&y.totals)));
    let mut sentence = text::total_sentence(lang, amount(lang, model, sum), i64::try_from(known).unwrap_or(0));
    // Only what reaches as far is held against it.
    let against = |line: &[Option<i64>]| {
        let then = line.get(known - 1).copied().flatten()?;
        percent_more(i128::from(sum), i128::from(then))
    };
    if let Some((range, p)) = before.as_ref().and_then(|(range, line)| Some((*range, against(line)?))) {
        let range = format::range(lang, range);
        sentence.push(' ');
        sentence.push_str(&match p {
            -1..=1 => text::total_before_same(lang, range),
            p if p > 0 => text::total_before_more(lang, p, range),
            p => text::total_before_less(lang, -p, range),
        });
    }
    if let Some(p) = year.as_ref().and_then(|(_, line)| against(line)) {
        sentence.push(' ');
        sentence.push_str(&match p {
            -1..=1 => text::total_year_same(lang).to_owned(),
            p if p > 0 => text::total_year_more(lang, p),
            p => text::total_year_less(lang, -p),
        });
    }
    let mut lines = Vec::new();
    let mut marks = vec![("line", text::key_this(lang, format::range(lang, model.range)))];
    let mut head = vec![text::table_day(lang).to_owned(), format::range(lang, model.range)];
    let mut columns = vec![now.clone()];
    if let Some((range, line)) = &year {
        lines.push(Line { kind: LineKind::Year, values: line });
        marks.push(("line year", text::key_year(lang, format::range(lang, *range))));
        head.push(format::range(lang, *range));
        columns.push(line.clone());
    }
    if let Some((range, line)) = &before {
        lines.push(Line { kind: LineKind::Before, values: line });
        marks.insert(1, ("line before", text::key_before(lang, format::range(lang, *range))));
        head.insert(2, format::range(lang, *range));
        columns.insert(1, line.clone());
    }
    lines.push(Line { kind: LineKind::Main, values: &now });
    let days: Vec<NaiveDate> = model.days.iter().map(|d| d.day).collect();
    let rows = days.iter().enumerate().map(|(i, day)| {
        let cells = columns.iter().map(|c| cell(lang, model, c[i]));
        std::iter::once(format::day(lang, *day)).chain(cells).collect()
    });
    let table = Table { head, rows: rows.collect() };
    let trend = Trend {
        id: "",
        class: model.service.slug(),
        title: text::total_title(lang),
        summary: &sentence,
        size: Size::WIDE,
        slots: days.len(),
        bars: &[],
        lines: &lines,
        warmth: None,
        least_high: 0,
        unit: locales::bill::unit_word(model.unit),
        tick: &tick(lang, model.exponent),
        labels: &day_labels(lang, &days),
        flags: &model.flags,
    };
    let drawn = both("total", table, text::total_table(lang), &trend);
    Some(view! {
        <section class="stack" aria-labelledby="running">
            <h2 id="running">{text::total_title(lang)}</h2>
            <p class="lead">{sentence}</p>
            {figure(lang, key(model.service, marks), text::total_note(lang), drawn)}
        </section>
    })
}

/// A temperature in whole degrees.
fn degrees(lang: Lang, tenths: i64) -> String {
    text::degrees(lang, format::number(lang, Decimal::new(tenths, -1), 0))
}

/// What was used beside how warm it was; nothing where the weather of too few days is known.
pub(super) fn weather(lang: Lang, model: &PatternsView) -> Option<impl IntoView + use<>> {
    let mut pairs: Vec<(i64, i64)> = model.days.iter().filter_map(|d| d.temperature.zip(d.total)).collect();
    if pairs.len() < 10 {
        return None;
    }
    pairs.sort_unstable();
    let fifth = pairs.len() / 5;
    let mean = |of: &[(i64, i64)]| of.iter().map(|p| p.1).sum::<i64>() / i64::try_from(of.len()).unwrap_or(1).max(1);
    let (cold, warm) = (mean(&pairs[..fifth]), mean(&pairs[pairs.len() - fifth..]));
    let sentence = text::weather_sentence(lang, amount(lang, model, cold), amount(lang, model, warm));
    let days: Vec<NaiveDate> = model.days.iter().map(|d| d.day).collect();
    let totals: Vec<Option<i64>> = model.days.iter().map(|d| d.total).collect();
    let tenths: Vec<Option<i64>> = model.days.iter().map(|d| d.temperature).collect();
    let head = [text::table_day(lang), usage::table_used(lang), text::table_temperature(lang)];
    let row = |d: &contract::patterns::PatternDay| {
        let outside = d.temperature.map_or_else(|| usage::table_none(lang).to_owned(), |t| degrees(lang, t));
        vec![format::day(lang, d.day), cell(lang, model, d.total), outside]
    };
    let table = Table { head: head.map(str::to_owned).to_vec(), rows: model.days.iter().map(row).collect() };
    let trend = Trend {
        id: "",
        class: model.service.slug(),
        title: text::weather_title(lang),
        summary: &sentence,
        size: Size::WIDE,
        slots: days.len(),
        bars: &totals,
        lines: &[],
        warmth: Some(Warmth { tenths: &tenths, unit: "°F" }),
        least_high: 0,
        unit: locales::bill::unit_word(model.unit),
        tick: &tick(lang, model.exponent),
        labels: &day_labels(lang, &days),
        flags: &model.flags,
    };
    let drawn = both("weather", table, text::weather_table(lang), &trend);
    let marks =
        vec![("mark use", text::key_used(lang).to_owned()), ("line warm", text::key_temperature(lang).to_owned())];
    Some(view! {
        <section class="stack" aria-labelledby="weather">
            <h2 id="weather">{text::weather_title(lang)}</h2>
            <p class="lead">{sentence}</p>
            {figure(lang, key(model.service, marks), text::weather_note(lang), drawn)}
        </section>
    })
}

/// How high the load is, for how much of the time.
pub(super) fn load(lang: Lang, model: &PatternsView) -> Option<impl IntoView + use<>> {
    let load = model.load.as_ref()?;
    let per_hour = 3600 / i64::from(model.interval_seconds.max(1));
    // An amount of an interval as power: kWh in a quarter-hour are a fourth of the kW.
    let power = |value: i64| Decimal::new(value.saturating_mul(per_hour), model.exponent);
    let kilowatts = |value: i64| [&format::number(lang, power(value), 2), " kW"].concat();
    let moment = |at: domain::calendar::Instant| {
        let local = model.zone.to_local(at);
        (format::day(lang, local.date()), format::time(lang, local))
    };
    let (at, peak) = *load.peaks.first()?;
    let base = *load.duration.get(90)?;
    let (day, time) = moment(at);
    let mut sentence = text::load_peak(lang, day, kilowatts(peak), time);
    if base > 0 {
        let month = base.saturating_mul(per_hour * 24 * 30);
        sentence.push(' ');
        sentence.push_str(&text::load_base(lang, amount(lang, model, month), kilowatts(base)));
    }
    let values: Vec<Option<i64>> = load.duration.iter().map(|v| Some(v.saturating_mul(per_hour))).collect();
    let share = |percent: u32| XLabel { slot: percent, text: text::percent(lang, percent), anchor: Anchor::Middle };
    let labels = [vec![share(0), share(20), share(40), share(60), share(80), share(100)]];
    let rows = (0..=100_usize)
        .step_by(10)
        .filter_map(|p| Some(vec![text::percent(lang, p), kilowatts(*load.duration.get(p)?)]));
    let table = Table {
        head: vec![text::table_share(lang).to_owned(), text::table_load(lang).to_owned()],
        rows: rows.collect(),
    };
    let exponent = model.exponent;
    let trend = Trend {
        id: "",
        class: Commodity::Electricity.slug(),
        title: text::load_title(lang),
        summary: &sentence,
        size: Size::WIDE,
        slots: values.len(),
        bars: &[],
        lines: &[Line { kind: LineKind::Main, values: &values }],
        warmth: None,
        least_high: 0,
        unit: text::load_axis(lang),
        tick: &|value: i64, scale: &Scale| format::number(lang, Decimal::new(value, exponent), scale.places(exponent)),
        labels: &labels,
        flags: &[],
    };
    let drawn = both("load", table, text::load_table(lang), &trend);
    let note = if per_hour > 1 { text::load_note(lang) } else { text::load_note_hour(lang) };
    let peaks = load.peaks.iter().map(|(at, value)| {
        let (day, time) = moment(*at);
        view! { <li>{text::peak_line(lang, day, kilowatts(*value), time)}</li> }
    });
    Some(view! {
        <section class="stack" aria-labelledby="load">
            <h2 id="load">{text::load_title(lang)}</h2>
            <p class="lead">{sentence}</p>
            {figure(lang, (), note, drawn)}
            <h3>{text::peaks_title(lang)}</h3>
            <ol class="peaks">{peaks.collect_view()}</ol>
        </section>
    })
}

/// What ran at night: the sign of a leak.
pub(super) fn nights(lang: Lang, model: &PatternsView) -> impl IntoView + use<> {
    let known = model.days.iter().filter(|d| d.never_stopped.is_some()).count();
    let flowing = model.days.iter().filter(|d| d.never_stopped == Some(true)).count();
    let sentence = match (known, flowing) {
        (0, _) => text::nights_unknown(lang).to_owned(),
        (_, 0) => text::nights_still(lang).to_owned(),
        (_, n) => text::nights_flow(lang, i64::try_from(n).unwrap_or(i64::MAX)),
    };
    let days: Vec<NaiveDate> = model.days.iter().map(|d| d.day).collect();
    let least: Vec<Option<i64>> = model.days.iter().map(|d| d.night_least).collect();
    let rows = model.days.iter().map(|d| vec![format::day(lang, d.day), cell(lang, model, d.night_least)]);
    let table = Table {
        head: vec![text::table_day(lang).to_owned(), text::table_least(lang).to_owned()],
        rows: rows.collect(),
    };
    let trend = Trend {
        id: "",
        class: model.service.slug(),
        title: text::nights_title(lang),
        summary: &sentence,
        size: Size::WIDE,
        slots: days.len(),
        bars: &least,
        lines: &[],
        warmth: None,
        least_high: 0,
        unit: locales::bill::unit_word(model.unit),
        tick: &tick(lang, model.exponent),
        labels: &day_labels(lang, &days),
        flags: &model.flags,
    };
    let drawn = both("nights", table, text::nights_table(lang), &trend);
    view! {
        <section class="stack" aria-labelledby="nights">
            <h2 id="nights">{text::nights_title(lang)}</h2>
            <p class="lead">{sentence}</p>
            {figure(lang, (), text::nights_note(lang), drawn)}
        </section>
    }
}
