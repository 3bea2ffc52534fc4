//! When something is used, and what goes with it: hours and weekdays, the running total, the weather, peaks, nights.

mod hours;
mod trends;

pub(super) use trends::running;

use chrono::NaiveDate;
use contract::patterns::PatternsView;
use contract::usage::{Span, UsageAsk};
use domain::calendar::DayRange;
use domain::quantity::{Commodity, Decimal};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::{Lang, format, patterns as text, usage};

use crate::api;
use crate::components::{AccountPage, Glyph, Icon, Section, loaded, problem_text, service_glyph, service_name};
use crate::i18n::use_lang;
use crate::routes::to;

/// The page.
#[component]
pub fn Patterns() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let params = params.read();
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        (params.get("account").unwrap_or_default(), word("service"), word("from"), word("to"))
    };
    let model = Resource::new(which, |(account, service, from, to)| api::usage::patterns(account, service, from, to));
    loaded(model, page)
}

fn page(model: PatternsView) -> impl IntoView {
    let lang = use_lang();
    let title = text::title(lang, service_name(lang, model.service).to_lowercase());
    let (head, back) = (model.account.clone(), address(to::usage(&model.account.number), model.service, model.range));
    let above = ViewFn::from(move || view! { <a href=back.clone()>{text::back(lang)}</a> });
    let charts = if model.known.is_none() {
        view! { <p>{text::nothing(lang)}</p> }.into_any()
    } else if model.days.iter().all(|d| d.total.is_none()) {
        view! { <p>{text::nothing_range(lang)}</p> }.into_any()
    } else {
        charts(lang, &model).into_any()
    };
    view! {
        <AccountPage head section=Section::Usage title above>
            <div class="usage stack-large">
                <div class="stack">
                    {services(lang, &model)}
                    {problems(lang, &model)}
                    <h2>{format::range(lang, model.range)}</h2>
                    {moves(lang, &model)}
                    {own_range(lang, &model)}
                </div>
                {charts}
            </div>
        </AccountPage>
    }
}

/// What these days have to show.
fn charts(lang: Lang, model: &PatternsView) -> impl IntoView + use<> {
    view! {
        {hours::by_day(lang, model)}
        {hours::week(lang, model)}
        {trends::total(lang, model)}
        {trends::weather(lang, model)}
        {trends::load(lang, model)}
        {(model.service == Commodity::Water).then(|| trends::nights(lang, model))}
        {(model.service == Commodity::Electricity).then(|| view! {
            <p class="no-print"><a href=to::plans(&model.account.number)>{locales::plans::link(lang)}</a></p>
        })}
    }
}

/// A page's address for these days of a service.
fn address(page: String, service: Commodity, range: DayRange) -> String {
    let ask = UsageAsk {
        service: Some(service.slug().to_owned()),
        from: Some(range.from.to_string()),
        to: Some(range.last().to_string()),
        ..UsageAsk::default()
    };
    page + &ask.to_query()
}

fn here(model: &PatternsView, service: Commodity, range: DayRange) -> String {
    address(to::patterns(&model.account.number), service, range)
}

fn services(lang: Lang, model: &PatternsView) -> Option<impl IntoView + use<>> {
    let tabs = model.account.services.iter().map(|service| {
        let current = (*service == model.service).then_some("page");
        view! {
            <a href=here(model, *service, model.range) aria-current=current>
                <Icon glyph=service_glyph(*service)/>
                {service_name(lang, *service)}
            </a>
        }
    });
    (model.account.services.len() > 1)
        .then(|| view! { <nav class="tabs" aria-label=usage::services_label(lang)>{tabs.collect_view()}</nav> })
}

fn problems(lang: Lang, model: &PatternsView) -> Option<impl IntoView + use<>> {
    if model.problems.is_empty() {
        let words = model.clamped.then(|| usage::clamped(lang))?;
        return Some(view! { <p class="notice"><Icon glyph=Glyph::Notice/>{words}</p> }.into_any());
    }
    #[cfg(feature = "ssr")]
    crate::server::set_status(422);
    let (first, last) = model.known.unwrap_or((model.range.from, model.range.last()));
    let instead = usage::problem_instead(
        lang,
        format::date(lang, first),
        format::date(lang, last),
        format::range(lang, model.range),
    );
    let lines = model.problems.iter().map(|p| view! { <li>{problem_text(lang, p.field, p.problem)}</li> });
    Some(
        view! {
            <div class="problem" role="alert">
                <h2>{usage::problem_title(lang)}</h2>
                <ul>{lines.collect_view()}</ul>
                <p>{instead}</p>
            </div>
        }
        .into_any(),
    )
}

/// Earlier, later, and the stretches that people name.
fn moves(lang: Lang, model: &PatternsView) -> impl IntoView + use<> {
    let step = |range: Option<DayRange>, word: &'static str, glyph: Glyph, rel: &'static str| match range {
        Some(range) => {
            let href = here(model, model.service, range);
            view! { <a class="button quiet" href=href rel=rel><Icon glyph/>{word}</a> }.into_any()
        }
        None => view! { <span class="button quiet" aria-disabled="true"><Icon glyph/>{word}</span> }.into_any(),
    };
    let spans = model.spans.iter().map(|choice| {
        let word = match choice.span {
            Span::Day => usage::span_day(lang),
            Span::Bill => usage::span_bill(lang),
            Span::Month => usage::span_month(lang),
            Span::Year => usage::span_year(lang),
        };
        let href = here(model, model.service, choice.range);
        view! { <a href=href aria-current=choice.current.then_some("true")>{word}</a> }
    });
    view! {
        <div class="usage-moves">
            <div class="row no-print">
                {step(model.previous, usage::previous(lang), Glyph::Previous, "prev")}
                <nav class="segments" aria-label=usage::spans_label(lang)>{spans.collect_view()}</nav>
                {step(model.next, usage::next(lang), Glyph::Next, "next")}
            </div>
        </div>
    }
}

/// Any dates.
fn own_range(lang: Lang, model: &PatternsView) -> impl IntoView + use<> {
    let (first, last) = model.known.map(|(a, b)| (a.to_string(), b.to_string())).unzip();
    view! {
        <details class="own-range no-print" open=!model.problems.is_empty()>
            <summary>{usage::own_range(lang)}</summary>
            <form method="get" action=to::patterns(&model.account.number) class="row">
                <input type="hidden" name="service" value=model.service.slug()/>
                <div class="field">
                    <label for="from">{usage::own_from(lang)}</label>
                    <input id="from" name="from" type="date" required value=model.range.from.to_string() min=first.clone() max=last.clone()/>
                </div>
                <div class="field">
                    <label for="to">{usage::own_to(lang)}</label>
                    <input id="to" name="to" type="date" required value=model.range.last().to_string() min=first max=last/>
                </div>
                <button class="second" type="submit">{usage::own_show(lang)}</button>
            </form>
        </details>
    }
}

/// Labels of days under an axis, finest first: every day, every few days, the first of each month.
pub(super) fn day_labels(lang: Lang, days: &[NaiveDate]) -> Vec<Vec<charts::XLabel>> {
    use charts::{Anchor, XLabel};
    use chrono::Datelike;
    let slot = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
    let every = |step: usize| -> Vec<XLabel> {
        let chosen = days.iter().enumerate().step_by(step);
        chosen
            .map(|(i, d)| XLabel { slot: slot(i), text: format::day_short(lang, *d), anchor: Anchor::Middle })
            .collect()
    };
    let months = |step: u32| -> Vec<XLabel> {
        let firsts = days.iter().enumerate().filter(|(i, d)| {
            let begins = *i == 0 || days[i - 1].month() != d.month();
            begins && d.month0() % step == 0 && (*i == 0 || d.day() <= 7)
        });
        firsts
            .map(|(i, d)| XLabel {
                slot: slot(i),
                text: format::month_short(lang, *d).to_owned(),
                anchor: Anchor::Start,
            })
            .collect()
    };
    vec![every(1), every(2), every(4), every(7), months(1), months(2), months(3)]
}

/// How much more one is than the other, in whole percent; `None` where there is nothing to hold it against.
pub(super) fn percent_more(now: i128, then: i128) -> Option<i64> {
    (then > 0).then(|| i64::try_from(domain::money::div_half_up((now - then) * 100, then)).unwrap_or(i64::MAX))
}

/// A tick of an axis of amounts.
pub(super) fn tick(lang: Lang, exponent: i8) -> impl Fn(i64, &charts::ticks::Scale) -> String {
    move |value, scale| format::number(lang, Decimal::new(value, exponent), scale.places(exponent))
}

/// One entry of a key: a mark and what it means.
fn key_line(mark: &'static str, words: String) -> impl IntoView + use<> {
    let picture = if mark.starts_with("line") {
        view! { <g class=mark><polyline points="0,8 16,8"></polyline></g> }.into_any()
    } else {
        view! { <g class=mark><rect x="1" y="1" width="14" height="14"></rect></g> }.into_any()
    };
    view! {
        <li>
            <svg class="chart-swatch" viewBox="0 0 16 16" aria-hidden="true">{picture}</svg>
            {words}
        </li>
    }
}

/// A key of marks in the colour of a service.
pub(super) fn key(service: Commodity, lines: Vec<(&'static str, String)>) -> impl IntoView + use<> {
    view! {
        <ul class=format!("chart-key {}", service.slug())>
            {lines.into_iter().map(|(mark, words)| key_line(mark, words)).collect_view()}
        </ul>
    }
}
