//! What can be chosen: service, stretch of time, steps, units or dollars, own dates. Links and one form, so that all of it works
//! without JavaScript.

use contract::usage::{Grain, Measure, Span, UsageAsk, UsageQuery, UsageView, With};
use domain::calendar::DayRange;
use leptos::prelude::*;
use locales::usage as text;

use crate::components::{Glyph, Icon, date_value, service_glyph, service_name};
use crate::i18n::use_lang;
use crate::pages::usage::query::address;
use crate::routes::to;

/// The services of the account as tabs.
#[component]
pub(super) fn Services(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    let services = model.account.services.clone();
    (services.len() > 1).then(|| {
        view! {
            <nav class="tabs" aria-label=text::services_label(lang)>
                {services
                    .into_iter()
                    .map(|service| {
                        // Another meter may not have the fine steps of this one; the server finds what fits.
                        let query = UsageQuery { service, ..model.query };
                        let current = (service == model.query.service).then_some("page");
                        view! {
                            <a href=address(&model, &query) aria-current=current>
                                <Icon glyph=service_glyph(service)/>
                                {service_name(lang, service)}
                            </a>
                        }
                    })
                    .collect_view()}
            </nav>
        }
    })
}

/// Earlier, later, and the stretches that people name.
#[component]
pub(super) fn Moves(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    let step = |range: Option<DayRange>, word: &'static str, glyph: Glyph, rel: &'static str| match range {
        Some(range) => {
            let href = address(&model, &UsageQuery { range, ..model.query });
            view! { <a class="button quiet" href=href rel=rel><Icon glyph/>{word}</a> }.into_any()
        }
        None => view! { <span class="button quiet" aria-disabled="true"><Icon glyph/>{word}</span> }.into_any(),
    };
    view! {
        <div class="row no-print">
            {step(model.previous, text::previous(lang), Glyph::Previous, "prev")}
            <nav class="segments" aria-label=text::spans_label(lang)>
                {model
                    .spans
                    .iter()
                    .map(|choice| {
                        let query = UsageQuery { range: choice.range, grain: choice.grain, ..model.query };
                        let word = match choice.span {
                            Span::Day => text::span_day(lang),
                            Span::Bill => text::span_bill(lang),
                            Span::Month => text::span_month(lang),
                            Span::Year => text::span_year(lang),
                        };
                        view! { <a href=address(&model, &query) aria-current=choice.current.then_some("true")>{word}</a> }
                    })
                    .collect_view()}
            </nav>
            {step(model.next, text::next(lang), Glyph::Next, "next")}
        </div>
    }
}

/// Units or dollars.
#[component]
pub(super) fn Measures(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    model.costs.then(|| {
        let option = |measure: Measure, word: &'static str| {
            let query = UsageQuery { measure, ..model.query };
            let current = (measure == model.query.measure).then_some("true");
            view! { <a href=address(&model, &query) aria-current=current>{word}</a> }
        };
        view! {
            <nav class="segments no-print" aria-label=text::measure_label(lang)>
                {option(Measure::Units, locales::bill::unit_word(model.unit))}
                {option(Measure::Dollars, text::measure_dollars(lang))}
            </nav>
        }
    })
}

/// How fine.
#[component]
pub(super) fn Steps(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    view! {
        <div class="row no-print">
            <span class="muted" id="steps">{text::steps_label(lang)}</span>
            <nav class="tabs" aria-labelledby="steps">
                {model
                    .grains
                    .iter()
                    .map(|choice| {
                        let query = UsageQuery { range: choice.range, grain: choice.grain, ..model.query };
                        let word = match choice.grain {
                            Grain::QuarterHour => text::step_15min(lang),
                            Grain::Hour => text::step_hour(lang),
                            Grain::Day => text::step_day(lang),
                            Grain::Bill => text::step_bill(lang),
                            Grain::Month => text::step_month(lang),
                        };
                        let current = (choice.grain == model.query.grain).then_some("true");
                        view! { <a href=address(&model, &query) aria-current=current>{word}</a> }
                    })
                    .collect_view()}
            </nav>
        </div>
    }
}

/// What may be shown beside the use: each link puts it there or takes it away.
#[component]
pub(super) fn Extras(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    let option = |can: bool, on: bool, with: With, word: &'static str| {
        can.then(|| {
            let href = address(&model, &UsageQuery { with, ..model.query });
            view! { <a href=href aria-current=on.then_some("true")>{word}</a> }
        })
    };
    let With { last_year, weather } = model.query.with;
    let units = model.query.measure == Measure::Units;
    (model.beside.weather || (units && model.beside.last_year)).then(|| {
        view! {
            <div class="row no-print">
                <span class="muted" id="beside">{text::beside_label(lang)}</span>
                <nav class="tabs" aria-labelledby="beside">
                    {option(units && model.beside.last_year, last_year, With { last_year: !last_year, weather }, text::beside_last_year(lang))}
                    {option(model.beside.weather, weather, With { last_year, weather: !weather }, text::beside_weather(lang))}
                </nav>
            </div>
        }
    })
}

/// Any dates.
#[component]
pub(super) fn OwnRange(model: UsageView, ask: UsageAsk) -> impl IntoView {
    let lang = use_lang();
    let query = model.query;
    let bound = |day: Option<chrono::NaiveDate>| day.map(|d| d.to_string());
    let (first, last) = (bound(model.freshness.first_day), model.today.to_string());
    // What was refused stays as it was typed, where a field for dates takes it.
    let refused = !model.problems.is_empty();
    let from_day =
        ask.from.filter(|_| refused).and_then(|d| date_value(&d)).unwrap_or_else(|| query.range.from.to_string());
    let to_day =
        ask.to.filter(|_| refused).and_then(|d| date_value(&d)).unwrap_or_else(|| query.range.last().to_string());
    view! {
        <details class="own-range no-print" open=!model.problems.is_empty()>
            <summary>{text::own_range(lang)}</summary>
            <form method="get" action=to::usage(&model.account.number) class="row">
                <input type="hidden" name="service" value=query.service.slug()/>
                {(query.measure == Measure::Dollars)
                    .then(|| view! { <input type="hidden" name="show" value=query.measure.slug()/> })}
                {query.with.slug().map(|with| view! { <input type="hidden" name="with" value=with/> })}
                <div class="field">
                    <label for="from">{text::own_from(lang)}</label>
                    <input id="from" name="from" type="date" required value=from_day min=first.clone() max=last.clone()/>
                </div>
                <div class="field">
                    <label for="to">{text::own_to(lang)}</label>
                    <input id="to" name="to" type="date" required value=to_day min=first max=last/>
                </div>
                <button class="second" type="submit">{text::own_show(lang)}</button>
            </form>
        </details>
    }
}
