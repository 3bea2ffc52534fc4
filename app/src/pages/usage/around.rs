//! What stands around the chart, written by the server: choices, sentences, the key, the table, downloads.

use charts::usage::{table, words as chart_words};
use contract::Field;
use contract::usage::{Bar, BesideBar, Gap, Grain, Measure, UsageAsk, UsagePage, UsageView, Why};
use domain::money::FineAmount;
use leptos::prelude::*;
use locales::{Lang, common, format, usage as text};

use super::controls::{Extras, Measures, Moves, OwnRange, Services, Steps};
use super::query::{address, into_bar};
use super::words;
use crate::components::{Glyph, Icon, problem_text};
use crate::i18n::use_lang;
use crate::routes::to;

/// The page of a view that answers `ask`. `phone` is a number that people may call.
#[must_use]
pub fn written(model: UsageView, phone: &str, ask: &UsageAsk) -> UsagePage {
    let lang = use_lang();
    let html = |view: AnyView| view.to_html();
    let (above, key, below) = if model.bars.is_empty() {
        (empty(lang, &model, phone).into_any(), ().into_any(), ().into_any())
    } else {
        (above(lang, &model).into_any(), legend(&model, lang).into_any(), below(lang, &model, ask).into_any())
    };
    let notes = notes(lang, &model);
    UsagePage {
        notes,
        title: chart_words::title(&model, lang),
        summary: chart_words::summary(&model, lang),
        above: html(above),
        key: html(key),
        below: html(below),
        view: model,
    }
}

/// There is nothing yet: what will be here and when.
fn empty(lang: Lang, model: &UsageView, phone: &str) -> impl IntoView + use<> {
    let body = text::empty_body(lang, phone);
    view! {
        <Services model=model.clone()/>
        <h2>{text::empty_title(lang)}</h2>
        <p>{body}</p>
    }
}

fn above(lang: Lang, model: &UsageView) -> impl IntoView + use<> {
    let headline = chart_words::headline(model, lang);
    view! {
        {problems(lang, model)}
        <Services model=model.clone()/>
        <p class="lead">{headline}</p>
        <div class="usage-moves">
            <Moves model=model.clone()/>
            <Measures model=model.clone()/>
        </div>
    }
}

fn below(lang: Lang, model: &UsageView, ask: &UsageAsk) -> impl IntoView + use<> {
    let number = &model.account.number;
    let csv = format!("/a/{number}/usage.csv{}", model.query.to_query());
    let everything = format!("/a/{number}/usage.xml");
    let green_button = everything.clone() + &model.query.to_query();
    let patterns = to::patterns(number) + &model.query.to_query();
    let mut rows = table(model, lang);
    for (bar, words) in notes(lang, model) {
        if let Some(how) = usize::try_from(bar).ok().and_then(|i| rows.rows.get_mut(i)?.last_mut()) {
            how.push_str(". ");
            how.push_str(&words);
        }
    }
    let rows = rows.to_html(text::table_caption(lang), |i| into_bar(model, i).map(|query| address(model, &query)));
    let marks = to::markers(number);
    let marked = if model.beside.flags.is_empty() { text::marks_add(lang) } else { text::marks(lang) };
    let meters = to::meters(number) + &UsageAsk { service: None, by: None, ..UsageAsk::of(&model.query) }.to_query();
    let periods = to::periods(number, model.query.service, model.query.range, None);
    view! {
        <p class="freshness">{words::freshness(model, lang)}</p>
        {model.beside.by_dial_alone.iter().map(|m| view! { <p class="freshness">{text::by_dial_alone(lang, m)}</p> }).collect_view()}
        {gaps(lang, model)}
        <Steps model=model.clone()/>
        <Extras model=model.clone()/>
        <OwnRange model=model.clone() ask=ask.clone()/>
        <details class="usage-table">
            <summary>{common::as_table(lang)}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=text::table_caption(lang) inner_html=rows></div>
            {model.costs.then(|| view! { <p class="small muted">{text::table_rounded(lang)}</p> })}
        </details>
        <section class="usage-more no-print" aria-labelledby="more">
            <h2 id="more">{text::more_title(lang)}</h2>
            <ul class="links">
                <li><a href=patterns rel="external"><Icon glyph=Glyph::Usage/>{text::patterns(lang)}</a></li>
                <li><a href=periods rel="external"><Icon glyph=Glyph::Usage/>{text::periods(lang)}</a></li>
                <li><a href=meters rel="external"><Icon glyph=Glyph::Usage/>{locales::meters::link(lang)}</a></li>
                <li><a href=marks rel="external"><Icon glyph=Glyph::Flag/>{marked}</a></li>
                <li><a href=to::compare(number)><Icon glyph=Glyph::Upload/>{text::compare_own(lang)}</a></li>
            </ul>
        </section>
        <section class="usage-more no-print" aria-labelledby="downloads">
            <h2 id="downloads">{text::download_title(lang)}</h2>
            <ul class="links">
                <li>
                    <a href=csv download="" rel="external"><Icon glyph=Glyph::Download/>{text::download(lang)}</a>
                </li>
                <li>
                    <a href=green_button download="" rel="external">
                        <Icon glyph=Glyph::Download/>{text::download_green_button(lang)}
                    </a>
                </li>
                <li>
                    <a href=everything download="" rel="external">
                        <Icon glyph=Glyph::Download/>{text::download_everything(lang)}
                    </a>
                </li>
            </ul>
        </section>
    }
}

/// What is said of a reason.
fn why(lang: Lang, why: Why) -> String {
    match why {
        Why::Due(day) => text::why_due(lang, format::day(lang, day)),
        Why::NotSent => text::why_not_sent(lang).to_owned(),
        Why::LookedInto => text::why_looked_into(lang).to_owned(),
        Why::Ordered => text::why_ordered(lang).to_owned(),
        Why::Exchange => text::why_exchange(lang).to_owned(),
        Why::NoMeter => text::why_no_meter(lang).to_owned(),
        Why::Arrived(day) => text::why_arrived(lang, format::day(lang, day)),
    }
}

/// What is to be said of some bars beside their amounts.
fn notes(lang: Lang, model: &UsageView) -> Vec<(u32, String)> {
    let marked = model.beside.flags.iter().map(|(at, what)| (at / 1_000, text::marked(lang, what)));
    let missing = model.gaps.iter().flat_map(|gap| (gap.first..=gap.last).map(|bar| (bar, why(lang, gap.why))));
    marked.chain(missing).collect()
}

/// How many stretches of missing readings are told below the chart; all are in its table.
const TOLD: usize = 6;

/// What is missing and why.
fn gaps(lang: Lang, model: &UsageView) -> Option<impl IntoView + use<>> {
    let when = |gap: &Gap| {
        let index = |bar: u32| usize::try_from(bar).unwrap_or(usize::MAX);
        let (first, last) = (index(gap.first), index(gap.last));
        let (Some(a), Some(b)) = (model.bars.get(first), model.bars.get(last)) else { return String::new() };
        if first == last {
            chart_words::when(model, lang, first)
        } else if matches!(model.query.grain, Grain::Hour | Grain::QuarterHour) {
            let (from, to) = (model.zone.to_local(a.start), model.zone.to_local(b.end));
            let start = text::span_day_times(
                lang,
                format::day(lang, from.date()),
                format::time(lang, from),
                format::time(lang, to),
            );
            if from.date() == to.date() || to.time() == chrono::NaiveTime::MIN {
                start
            } else {
                [format::day(lang, from.date()), " – ".to_owned(), format::day(lang, to.date())].concat()
            }
        } else {
            let (from, to) = (chart_words::days_of(model, a).from, chart_words::days_of(model, b).to);
            format::range(lang, domain::calendar::DayRange { from, to })
        }
    };
    let lines = model.gaps.iter().take(TOLD).map(|gap| {
        view! { <li>{text::gaps_line(lang, when(gap), why(lang, gap.why))}</li> }
    });
    let more = model.gaps.len().saturating_sub(TOLD);
    (!model.gaps.is_empty()).then(|| {
        view! {
            <details class="gaps">
                <summary>{text::gaps_title(lang)}</summary>
                <ul>
                    {lines.collect_view()}
                    {(more > 0).then(|| view! { <li>{text::gaps_more(lang, i64::try_from(more).unwrap_or(i64::MAX))}</li> })}
                </ul>
            </details>
        }
    })
}

/// What was wrong with the dates in the address, or that they reached too far.
fn problems(lang: Lang, model: &UsageView) -> impl IntoView + use<> {
    if model.problems.is_empty() {
        return model
            .clamped
            .then(|| view! { <p class="notice"><Icon glyph=Glyph::Notice/>{text::clamped(lang)}</p> })
            .into_any();
    }
    let is_date = |field| matches!(field, Field::From | Field::To);
    let instead = words::instead(model, lang);
    let lines = model.problems.iter().map(|p| {
        let label = match p.field {
            Field::To => text::own_to(lang),
            Field::Service => text::services_label(lang),
            Field::Steps => text::steps_label(lang),
            Field::Measure => text::measure_label(lang),
            _ => text::own_from(lang),
        };
        let words = text::problem_line(lang, label, problem_text(lang, p.field, p.problem));
        if is_date(p.field) {
            let field = crate::components::name_of(p.field);
            view! { <li><a href=format!("#{field}")>{words}</a></li> }.into_any()
        } else {
            view! { <li>{words}</li> }.into_any()
        }
    });
    let dates = model.problems.iter().any(|p| is_date(p.field));
    let title = if dates { text::problem_title(lang) } else { text::problem_title_words(lang) };
    view! {
        <div class="problem" role="alert">
            <h2>{title}</h2>
            <ul>{lines.collect_view()}</ul>
            <p>{instead}</p>
        </div>
    }
    .into_any()
}

/// What the kinds of marks mean; only those that are in the chart.
pub(crate) fn legend(model: &UsageView, lang: Lang) -> Option<impl IntoView + use<>> {
    let dollars = model.query.measure == Measure::Dollars;
    let any = |test: fn(&Bar) -> bool| model.bars.iter().any(test);
    let (missing, partly) =
        (any(|b| b.amount.is_none() && !b.open), any(|b| b.amount.is_some() && b.present < b.expected));
    let gap = match (missing, partly) {
        (true, true) => text::key_missing_or_partly(lang),
        (false, true) => text::key_partly(lang),
        (_, false) => text::key_missing(lang),
    };
    let mut kinds: Vec<(bool, &'static str, String)> = vec![
        (!dollars && any(|b| b.received.is_some_and(|r| r > 0)), "mark back", text::key_sent(lang).to_owned()),
        (dollars && any(|b| b.fixed != FineAmount(0)), "mark fixed", text::key_fixed(lang).to_owned()),
        (any(|b| b.estimated > 0), "mark use estimated", text::key_estimated(lang).to_owned()),
        (any(|b| b.open && b.amount.is_some()), "mark use open", text::key_open(lang).to_owned()),
        (dollars && any(|b| !b.billed && b.cost.is_some()), "mark use sofar", text::key_so_far(lang).to_owned()),
        (missing || partly, "nodata", gap.to_owned()),
    ];
    if model.beside.rates.is_empty() {
        let used = if dollars { text::key_energy(lang) } else { text::key_used(lang) };
        kinds.insert(0, (!dollars || any(|b| b.billed), "mark use", used.to_owned()));
    }
    for (rate, mark) in model.beside.rates.iter().zip(["mark use cheap", "mark use", "mark use peak"]) {
        kinds.push((!rate.is_empty(), mark, capitalized(rate)));
    }
    let beside = |test: fn(&BesideBar) -> bool| model.beside.rows.iter().any(test);
    kinds.push((!dollars && beside(|r| r.0.is_some()), "line year", text::key_last_year(lang).to_owned()));
    kinds.push((beside(|r| r.1.is_some()), "line warm", text::key_weather(lang).to_owned()));
    let shown: Vec<_> = kinds.into_iter().filter(|k| k.0).collect();
    let class = model.query.service.slug();
    (shown.len() > 1).then(|| {
        view! {
            <ul class=format!("chart-key {class}")>
                {shown
                    .into_iter()
                    .map(|(_, mark, word)| view! {
                        <li>
                            <svg class=format!("chart-swatch {class}") viewBox="0 0 16 16" aria-hidden="true">
                                {if mark.starts_with("line") {
                                    view! { <g class=mark><polyline points="0,8 16,8"></polyline></g> }.into_any()
                                } else {
                                    view! { <rect class=mark x="1" y="1" width="14" height="14"></rect> }.into_any()
                                }}
                            {mark.ends_with("estimated").then(|| view! { <path class="lines" d="M2 9L9 2M2 14L14 2M8 14L14 8"></path> })}
                            </svg>
                            {word}
                        </li>
                    })
                    .collect_view()}
            </ul>
        }
    })
}

/// With a capital letter at its head.
pub(crate) fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
