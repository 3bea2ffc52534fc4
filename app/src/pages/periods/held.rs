//! Two stretches of time as sentences, figures and charts.

use charts::compare::{Comparison, Counted, Pair, compare};
use charts::trend::{Line, LineKind, Trend, draw};
use charts::{Chart, Size, Table};
use chrono::{Datelike, NaiveDate};
use contract::periods::{Held, Side};
use domain::calendar::DayRange;
use domain::metering::pairs::Cut;
use domain::money::FineAmount;
use domain::quantity::Decimal;
use leptos::prelude::*;
use locales::{Lang, format, periods as text};

use crate::components::{Drawn, amount_text, figure};
use crate::pages::compare::{key as pair_key, most};
use crate::pages::patterns::{day_labels, key, percent_more, running, tick};

/// How both are named.
pub(in crate::pages) struct Names {
    /// In keys and over columns.
    pub(in crate::pages) columns: [String; 2],
    /// In the ids of the page, where it shows several.
    pub(in crate::pages) id: &'static str,
    /// The level of the headings above the charts: 2, or 3 below a heading of the service.
    pub(in crate::pages) below: bool,
}

/// How much more a day one was than the other, in percent.
pub(in crate::pages) fn change(held: &Held) -> Option<i64> {
    percent_more(i128::from(held.first.mean?), i128::from(held.second.mean?))
}

fn amount(lang: Lang, held: &Held, value: i64) -> String {
    amount_text(lang, value, held.exponent, held.unit)
}

/// A mean day with its unit.
pub(in crate::pages) fn mean_day(lang: Lang, held: &Held) -> Option<String> {
    held.first.mean.map(|m| amount(lang, held, m))
}

/// What the weather and the prices made of it, in sentences.
pub(in crate::pages) fn reasons(lang: Lang, held: &Held) -> String {
    let mut out: Vec<String> = Vec::new();
    if let Some((now, then)) = held.first.temperature.zip(held.second.temperature) {
        let degrees = |tenths: i64| format::number(lang, Decimal::new(tenths, -1), 0);
        out.push(match now - then {
            -9..=9 => text::weather_alike(lang).to_owned(),
            d if d < 0 => text::weather_colder(lang, degrees(-d)),
            d => text::weather_warmer(lang, degrees(d)),
        });
    }
    if let (Some(more), Some(now), Some(then)) = (held.weather, held.first.mean, held.second.mean) {
        let asked = percent_more(i128::from(then) + i128::from(more), i128::from(then));
        out.extend(asked.map(|p| match p {
            -1..=1 => text::weather_asked_same(lang).to_owned(),
            p if p > 0 => text::weather_asked_more(lang, p),
            p => text::weather_asked_less(lang, -p),
        }));
        let own = percent_more(i128::from(now), i128::from(then) + i128::from(more));
        out.extend(own.map(|p| match p {
            -1..=1 => text::own_same(lang).to_owned(),
            p if p > 0 => text::own_more(lang, p),
            p => text::own_less(lang, -p),
        }));
    }
    if let Some((now, then)) = cost_of_a_day(&held.first).zip(cost_of_a_day(&held.second)) {
        let (now, then) = (now.to_cents(), then.to_cents());
        out.push(match now.0 - then.0 {
            0 => text::cost_same(lang, now),
            d if d > 0 => text::cost_more(lang, now - then, now),
            _ => text::cost_less(lang, then - now, now),
        });
    }
    out.join(" ")
}

fn cost_of_a_day(side: &Side) -> Option<FineAmount> {
    let days = side.range.len().max(1);
    side.cost.map(|c| {
        let each = domain::money::div_half_up(i128::from(c.0), i128::from(days));
        FineAmount(i64::try_from(each).unwrap_or(i64::MAX))
    })
}

/// The figures and the charts.
pub(in crate::pages) fn charts(lang: Lang, held: &Held, names: &Names) -> impl IntoView + use<> {
    let title = |words: &'static str| {
        if names.below { view! { <h3>{words}</h3> }.into_any() } else { view! { <h2>{words}</h2> }.into_any() }
    };
    view! {
        <div class="stack">
            {title(text::figures(lang))}
            {figures(lang, held, names)}
        </div>
        <div class="stack">
            {title(text::steps_title(lang))}
            {steps(lang, held, names)}
        </div>
        {(held.first.days.len() > 1).then(|| view! {
            <div class="stack">
                {title(text::total_title(lang))}
                {totals(lang, held, names)}
            </div>
        })}
        {hours(lang, held, names).map(|chart| view! {
            <div class="stack">
                {title(text::hours_title(lang))}
                {chart}
            </div>
        })}
    }
}

fn figures(lang: Lang, held: &Held, names: &Names) -> impl IntoView + use<> {
    let sides = [&held.first, &held.second];
    let none = || text::none(lang).to_owned();
    let row = |words: &'static str, pick: &dyn Fn(&Side) -> Option<String>| {
        let cells = sides.map(pick);
        cells.iter().any(Option::is_some).then(|| {
            let cells = cells.map(|c| c.unwrap_or_else(none));
            view! {
                <tr>
                    <th scope="row">{words}</th>
                    {cells.map(|c| view! { <td>{c}</td> }).collect_view()}
                </tr>
            }
        })
    };
    let used = |value: i64| amount(lang, held, value);
    let money = |value: FineAmount| value.to_cents().to_string();
    let rows = [
        row(text::row_days(lang), &|s| Some(text::days_of(lang, s.range.len(), s.whole))),
        row(text::row_total(lang), &|s| s.days.iter().any(Option::is_some).then(|| used(s.total))),
        row(text::row_mean(lang), &|s| s.mean.map(used)),
        row(text::row_sent(lang), &|s| s.received.map(used)),
        row(text::row_cost(lang), &|s| s.cost.map(money)),
        row(text::row_cost_day(lang), &|s| cost_of_a_day(s).map(money)),
        row(text::row_temperature(lang), &|s| s.temperature.map(charts::usage::words::warmth)),
    ];
    let heads = names.columns.clone().map(|name| view! { <th scope="col">{name}</th> });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=text::figures(lang)>
            <table class="figures">
                <caption class="visually-hidden">{text::figures(lang)}</caption>
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">{text::figures_what(lang)}</span></th>
                        {heads.collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.into_iter().flatten().collect_view()}</tbody>
            </table>
        </div>
    }
}

fn pair_charts(lang: Lang, held: &Held, names: &Names, said: [&str; 2], pairs: &[Pair], id: &str) -> [Chart; 2] {
    let class = held.service.slug();
    let columns = names.columns.each_ref().map(String::as_str);
    [("-wide", Size::WIDE), ("-narrow", Size::NARROW)].map(|(suffix, size)| {
        let id = &[names.id, id, suffix].concat();
        let counted = Counted::Use(held.unit);
        compare(
            &Comparison { id, class, names: columns, counted, exponent: held.exponent, said: Some(said), pairs, size },
            lang,
        )
    })
}

fn steps(lang: Lang, held: &Held, names: &Names) -> impl IntoView + use<> {
    let starts = held.steps.iter().filter_map(|s| s.first.or(s.second));
    let label = |day: NaiveDate| match held.cut {
        Cut::Days | Cut::Weeks => format::day_short(lang, day),
        Cut::Months if day.day() == 1 => format::month_short(lang, day).to_owned(),
        Cut::Months => format::day_short(lang, day),
    };
    let pairs: Vec<Pair> = starts
        .zip(&held.steps)
        .map(|(days, s)| Pair { label: label(days.from), first: s.here, second: s.there })
        .collect();
    let title = [&names.columns[0], ", ", &names.columns[1]].concat();
    let said = change_words(lang, held);
    let [wide, narrow] = pair_charts(lang, held, names, [&title, &said], &pairs, "steps");
    let cell = |v: Option<i64>| v.map_or_else(|| text::none(lang).to_owned(), |v| amount(lang, held, v));
    let days = |range: Option<DayRange>| range.map_or_else(|| text::none(lang).to_owned(), |r| format::range(lang, r));
    let [first, second] = names.columns.clone();
    let table = Table {
        head: vec![text::steps_when(lang).to_owned(), first, text::steps_when(lang).to_owned(), second],
        rows: held.steps.iter().map(|s| vec![days(s.first), cell(s.here), days(s.second), cell(s.there)]).collect(),
    };
    let note = match held.cut {
        Cut::Days => text::steps_note_days(lang),
        Cut::Weeks => text::steps_note_weeks(lang),
        Cut::Months => text::steps_note_months(lang),
    };
    let drawn = Drawn { wide: wide.svg, narrow: narrow.svg, table, caption: text::steps_table(lang) };
    figure(lang, both_key(held, names), note, drawn)
}

/// The key of pairs of bars.
fn both_key(held: &Held, names: &Names) -> impl IntoView + use<> {
    pair_key(held.service.slug(), names.columns.each_ref().map(String::as_str))
}

/// The sentence of the pairs, where the page has said nothing of its own.
fn change_words(lang: Lang, held: &Held) -> String {
    let (first, second) = (format::range(lang, held.first.range), format::range(lang, held.second.range));
    match (mean_day(lang, held), change(held)) {
        (Some(mean), Some(-1..=1)) => text::same(lang, first, mean, second),
        (Some(mean), Some(p)) if p > 0 => text::more(lang, first, mean, p, second),
        (Some(mean), Some(p)) => text::less(lang, first, mean, -p, second),
        (Some(mean), None) => text::only_first(lang, first, mean),
        (None, _) => text::unknown(lang).to_owned(),
    }
}

/// The sentence of two stretches that are named by their days.
pub(in crate::pages) fn sentence(lang: Lang, held: &Held) -> String {
    change_words(lang, held)
}

fn totals(lang: Lang, held: &Held, names: &Names) -> impl IntoView + use<> {
    let slots = held.first.days.len().max(held.second.days.len());
    let line = |side: &Side| {
        let mut line = running(&side.days);
        line.resize(slots, None);
        line
    };
    let (now, then) = (line(&held.first), line(&held.second));
    let longest = if held.first.days.len() >= slots { held.first.range } else { held.second.range };
    let days: Vec<NaiveDate> = longest.days().collect();
    // As far as both reach.
    let both = now.iter().zip(&then).take_while(|(a, b)| a.is_some() && b.is_some()).count();
    let sentence = both.checked_sub(1).and_then(|last| {
        let (a, b) = (now[last]?, then[last]?);
        let n = i64::try_from(both).unwrap_or(i64::MAX);
        Some(text::total_sentence(lang, amount(lang, held, a), n, amount(lang, held, b)))
    });
    let summary = sentence.clone().unwrap_or_else(|| text::unknown(lang).to_owned());
    let cell = |v: Option<i64>| v.map_or_else(|| text::none(lang).to_owned(), |v| amount(lang, held, v));
    let [first, second] = names.columns.clone();
    let table = Table {
        head: vec![text::total_day(lang).to_owned(), first, second],
        rows: (1_usize..)
            .zip(now.iter().zip(&then))
            .map(|(n, (a, b))| vec![n.to_string(), cell(*a), cell(*b)])
            .collect(),
    };
    let lines = [Line { kind: LineKind::Before, values: &then }, Line { kind: LineKind::Main, values: &now }];
    let picture = |suffix: &str, size| {
        draw(&Trend {
            id: &[names.id, "totals", suffix].concat(),
            class: held.service.slug(),
            title: text::total_title(lang),
            summary: &summary,
            size,
            slots,
            bars: &[],
            lines: &lines,
            warmth: None,
            least_high: 0,
            unit: locales::bill::unit_word(held.unit),
            tick: &tick(lang, held.exponent),
            labels: &day_labels(lang, &days),
            flags: &[],
        })
    };
    let (wide, narrow) = (picture("-wide", Size::WIDE), picture("-narrow", Size::NARROW));
    let marks = vec![("line", names.columns[0].clone()), ("line before", names.columns[1].clone())];
    let drawn = Drawn { wide, narrow, table, caption: text::total_table(lang) };
    view! {
        {sentence.map(|words| view! { <p>{words}</p> })}
        {figure(lang, key(held.service, marks), text::total_note(lang), drawn)}
    }
}

fn hours(lang: Lang, held: &Held, names: &Names) -> Option<impl IntoView + use<>> {
    if held.first.hours.iter().all(Option::is_none) || held.second.hours.iter().all(Option::is_none) {
        return None;
    }
    let pairs: Vec<Pair> = (0..)
        .zip(held.first.hours.iter().zip(&held.second.hours))
        .filter_map(|(h, (a, b))| {
            let at = NaiveDate::MIN.and_hms_opt(h, 0, 0)?;
            Some(Pair { label: format::hour(lang, at), first: *a, second: *b })
        })
        .collect();
    let peaks = most(lang, held.first.hours.iter().copied()).zip(most(lang, held.second.hours.iter().copied()));
    let sentence = peaks.map(|((from, to), (from2, to2))| {
        if (&from, &to) == (&from2, &to2) {
            text::hours_sentence_same(lang, from, to)
        } else {
            text::hours_sentence(lang, from, from2, to, to2)
        }
    });
    let said = sentence.clone().unwrap_or_default();
    let [wide, narrow] = pair_charts(lang, held, names, [text::hours_title(lang), &said], &pairs, "hours");
    let drawn = Drawn { wide: wide.svg, narrow: narrow.svg, table: wide.table, caption: text::hours_table(lang) };
    Some(view! {
        {sentence.map(|words| view! { <p>{words}</p> })}
        {figure(lang, both_key(held, names), text::hours_note(lang), drawn)}
    })
}
