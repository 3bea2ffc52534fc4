//! Maps of hours: by day, and by day of the week.

use charts::heat::{Heat, LEVELS, bounds, draw};
use charts::{Anchor, Size, Table, XLabel};
use chrono::{Datelike, NaiveDate};
use contract::patterns::PatternsView;
use domain::quantity::Decimal;
use leptos::prelude::*;
use locales::{Lang, format, patterns as text, usage};

use super::{day_labels, key, percent_more};
use crate::components::{Drawn, figure};

/// More days than this are drawn by weeks.
const MOST_DAYS: usize = 100;
const DAYS: [fn(Lang) -> &'static str; 7] =
    [text::monday, text::tuesday, text::wednesday, text::thursday, text::friday, text::saturday, text::sunday];

/// A column of the map: what it is called, its first day, its hours.
type Column = (String, NaiveDate, [Option<i64>; 24]);

/// The hour as a label; 24 is midnight again.
fn hour(lang: Lang, hour: usize) -> String {
    let at = u32::try_from(hour % 24).ok().and_then(|h| NaiveDate::MIN.and_hms_opt(h, 0, 0));
    at.map(|at| format::hour(lang, at)).unwrap_or_default()
}

/// Each hour of each day, or of each week where there are many.
pub(super) fn by_day(lang: Lang, model: &PatternsView) -> impl IntoView + use<> {
    let weekly = model.days.len() > MOST_DAYS;
    let columns: Vec<Column> = if weekly {
        model
            .days
            .chunk_by(|a, b| a.day.iso_week() == b.day.iso_week())
            .map(|week| {
                let mut mean = [None; 24];
                for (h, cell) in mean.iter_mut().enumerate() {
                    let known: Vec<i128> = week.iter().filter_map(|d| d.hours[h]).map(i128::from).collect();
                    let n = i128::try_from(known.len()).unwrap_or(1);
                    *cell = (n > 0).then(|| domain::money::div_half_up(known.iter().sum(), n.max(1)));
                }
                let mean = mean.map(|m: Option<i128>| m.and_then(|m| i64::try_from(m).ok()));
                (format::day(lang, week[0].day), week[0].day, mean)
            })
            .collect()
    } else {
        model.days.iter().map(|d| (format::day(lang, d.day), d.day, d.hours)).collect()
    };
    let firsts: Vec<NaiveDate> = columns.iter().map(|c| c.1).collect();
    let labels = day_labels(lang, &firsts);
    let head = if weekly { text::table_week(lang) } else { text::table_day(lang) };
    let note = if weekly { text::hours_note_week(lang) } else { text::hours_note_day(lang) };
    let sentence = most_and_least(lang, model);
    let caption = text::hours_table(lang);
    let chart = map(lang, model, "hours", text::hours_title(lang), &sentence, &columns, &labels, head, caption);
    view! {
        <section class="stack" aria-labelledby="by-hour">
            <h2 id="by-hour">{text::hours_title(lang)}</h2>
            <p class="lead">{sentence}</p>
            {figure(lang, chart.1, note, chart.0)}
        </section>
    }
}

/// The mean hours of each day of the week.
pub(super) fn week(lang: Lang, model: &PatternsView) -> Option<impl IntoView + use<>> {
    // A week that was not lived through has no usual one.
    if model.days.len() < 7 {
        return None;
    }
    let columns: Vec<Column> =
        model.week.iter().zip(DAYS).map(|(hours, name)| (name(lang).to_owned(), NaiveDate::MIN, *hours)).collect();
    let label = |(slot, name): (u32, fn(Lang) -> &'static str)| XLabel {
        slot,
        text: name(lang).to_owned(),
        anchor: Anchor::Middle,
    };
    let labels = [(0..).zip(DAYS).map(label).collect()];
    let mean = |weekend: bool| {
        let of = model.days.iter().filter(|d| (d.day.weekday().num_days_from_monday() >= 5) == weekend);
        let known: Vec<i128> = of.filter_map(|d| d.total).map(i128::from).collect();
        let n = i128::try_from(known.len()).unwrap_or(0);
        (n > 0).then(|| known.iter().sum::<i128>() / n)
    };
    let sentence = match mean(true).zip(mean(false)).and_then(|(weekend, weekday)| percent_more(weekend, weekday)) {
        None => text::week_unknown(lang).to_owned(),
        Some(-1..=1) => text::week_same(lang).to_owned(),
        Some(p) if p > 0 => text::week_more(lang, p),
        Some(p) => text::week_less(lang, -p),
    };
    let head = text::table_weekday(lang);
    let chart =
        map(lang, model, "week", text::week_title(lang), &sentence, &columns, &labels, head, text::week_table(lang));
    Some(view! {
        <section class="stack" aria-labelledby="usual-week">
            <h2 id="usual-week">{text::week_title(lang)}</h2>
            <p class="lead">{sentence}</p>
            {figure(lang, chart.1, text::week_note(lang), chart.0)}
        </section>
    })
}

/// When most and least is used: the three hours with the highest and the lowest means.
fn most_and_least(lang: Lang, model: &PatternsView) -> String {
    let mut means = [0_i128; 24];
    for (h, mean) in means.iter_mut().enumerate() {
        let known: Vec<i128> = model.days.iter().filter_map(|d| d.hours[h]).map(i128::from).collect();
        if known.is_empty() {
            return text::hours_unknown(lang).to_owned();
        }
        // In thousandths, so that small amounts still differ.
        *mean = known.iter().sum::<i128>() * 1_000 / i128::try_from(known.len()).unwrap_or(1);
    }
    let window = |h: usize| means[h..h + 3].iter().sum::<i128>();
    let (mut most, mut least) = (0, 0);
    for h in 0..=21 {
        if window(h) > window(most) {
            most = h;
        }
        if window(h) < window(least) {
            least = h;
        }
    }
    if window(most) * 100 <= window(least) * 110 {
        return text::hours_even(lang).to_owned();
    }
    text::hours_sentence(lang, hour(lang, most), hour(lang, least), hour(lang, least + 3), hour(lang, most + 3))
}

/// A map in both sizes with its table, and what its strengths mean.
#[expect(clippy::too_many_arguments, reason = "the two maps differ in all of these")]
fn map(
    lang: Lang,
    model: &PatternsView,
    id: &str,
    title: &str,
    summary: &str,
    columns: &[Column],
    labels: &[Vec<XLabel>],
    head: &str,
    caption: &'static str,
) -> (Drawn, impl IntoView + use<>) {
    let cells: Vec<[Option<i64>; 24]> = columns.iter().map(|c| c.2).collect();
    let bounds = bounds(cells.iter().flatten().flatten().copied());
    let hours: Vec<(usize, String)> = [0, 6, 12, 18, 24].into_iter().map(|h| (h, hour(lang, h))).collect();
    let picture = |id: &str, size| {
        let class = model.service.slug();
        draw(&Heat { id, class, title, summary, size, columns: &cells, bounds, hours: &hours, labels })
    };
    let number = |value: i64, places: u8| format::number(lang, Decimal::new(value, model.exponent), places);
    let table = Table {
        head: std::iter::once(head.to_owned()).chain((0..24).map(|h| hour(lang, h))).collect(),
        rows: columns
            .iter()
            .map(|(name, _, hours)| {
                let cell = |v: &Option<i64>| v.map_or_else(|| usage::table_none(lang).to_owned(), |v| number(v, 2));
                std::iter::once(name.clone()).chain(hours.iter().map(cell)).collect()
            })
            .collect(),
    };
    let places = if bounds[0] < Decimal::new(1, 0).rescale(model.exponent).unwrap_or(1) { 2 } else { 0 };
    let unit = locales::bill::unit_word(model.unit);
    let amount = |v: i64| [number(v, places).as_str(), unit].join(" ");
    let mut lines = vec![(CELLS[0], text::key_under(lang, amount(bounds[0])))];
    for (mark, pair) in CELLS[1..].iter().zip(bounds.windows(2)) {
        lines.push((mark, text::key_between(lang, number(pair[0], places), amount(pair[1]))));
    }
    lines.push((CELLS[usize::from(LEVELS) - 1], text::key_over(lang, amount(bounds[4]))));
    if cells.iter().flatten().any(Option::is_none) {
        lines.push(("nodata", text::key_none(lang).to_owned()));
    }
    let wide = picture(&format!("{id}-wide"), Size::WIDE);
    let narrow = picture(&format!("{id}-narrow"), Size::NARROW);
    (Drawn { wide, narrow, table, caption }, key(model.service, lines))
}

/// The classes of the strengths.
const CELLS: [&str; LEVELS as usize] = ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-5"];
