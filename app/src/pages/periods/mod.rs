//! Any two stretches of time held against each other.

pub(in crate::pages) mod held;

use contract::Field;
use contract::periods::{PeriodsAsk, PeriodsChoice, PeriodsView};
use contract::usage::{Span, UsageAsk};
use domain::calendar::DayRange;
use domain::quantity::Commodity;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::{Lang, format, periods as text, usage};

use crate::api;
use crate::components::{
    AccountPage, Glyph, Icon, Section, date_value, loaded, problem_text, service_glyph, service_name,
};
use crate::i18n::use_lang;
use crate::routes::to;

use held::Names;

/// The page.
#[component]
pub fn Periods() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let params = params.read();
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        let ask = PeriodsAsk {
            service: word("service"),
            from: word("from"),
            to: word("to"),
            from2: word("from2"),
            to2: word("to2"),
        };
        (params.get("account").unwrap_or_default(), ask)
    };
    let model = Resource::new(which, |(account, ask)| {
        api::usage::periods(account, ask.service, ask.from, ask.to, ask.from2, ask.to2)
    });
    let typed = move |name: &str| query.with_untracked(|q| q.get(name)).unwrap_or_default();
    loaded(model, move |model| page(model, &typed))
}

fn page(model: PeriodsView, typed: &dyn Fn(&str) -> String) -> impl IntoView + use<> {
    let lang = use_lang();
    let account = model.account.number.clone();
    let shown = model.held.as_ref().map(|h| h.first.range);
    let ask = UsageAsk {
        service: Some(model.service.slug().to_owned()),
        from: shown.map(|r| r.from.to_string()),
        to: shown.map(|r| r.last().to_string()),
        ..UsageAsk::default()
    };
    let back = to::usage(&account) + &ask.to_query();
    let above = ViewFn::from(move || view! { <a href=back.clone()>{text::back(lang)}</a> });
    let body = match &model.held {
        None => view! { <p>{text::nothing(lang)}</p> }.into_any(),
        Some(held) => {
            let columns = [held.first.range, held.second.range].map(|r| format::range(lang, r));
            let names = Names { columns, id: "p-", below: false };
            let reasons = held::reasons(lang, held);
            view! {
                <div class="stack">
                    <p class="lead">{held::sentence(lang, held)}</p>
                    {(!reasons.is_empty()).then(|| view! { <p>{reasons}</p> })}
                </div>
                {held::charts(lang, held, &names)}
            }
            .into_any()
        }
    };
    let controls = controls(lang, &model, typed);
    view! {
        <AccountPage head=model.account.clone() section=Section::Usage title=text::title(lang) above>
            <div class="usage stack-large">
                {controls}
                {body}
            </div>
        </AccountPage>
    }
}

fn controls(lang: Lang, model: &PeriodsView, typed: &dyn Fn(&str) -> String) -> Option<impl IntoView + use<>> {
    let held = model.held.as_ref()?;
    Some(view! {
        <div class="stack">
            {services(lang, model, held.first.range, held.second.range)}
            {problems(lang, model)}
            {choices(lang, model)}
            {form(lang, model, (held.first.range, held.second.range), typed)}
        </div>
    })
}

fn address(model: &PeriodsView, service: Commodity, first: DayRange, second: DayRange) -> String {
    to::periods(&model.account.number, service, first, Some(second))
}

fn services(lang: Lang, model: &PeriodsView, first: DayRange, second: DayRange) -> Option<impl IntoView + use<>> {
    let tabs = model.account.services.iter().map(|service| {
        let current = (*service == model.service).then_some("page");
        view! {
            <a href=address(model, *service, first, second) aria-current=current>
                <Icon glyph=service_glyph(*service)/>
                {service_name(lang, *service)}
            </a>
        }
    });
    (model.account.services.len() > 1)
        .then(|| view! { <nav class="tabs" aria-label=usage::services_label(lang)>{tabs.collect_view()}</nav> })
}

fn problems(lang: Lang, model: &PeriodsView) -> Option<impl IntoView + use<>> {
    if model.problems.is_empty() {
        let words = model.clamped.then(|| usage::clamped(lang))?;
        return Some(view! { <p class="notice"><Icon glyph=Glyph::Notice/>{words}</p> }.into_any());
    }
    #[cfg(feature = "ssr")]
    crate::server::set_status(422);
    let known = model.known.map(|(a, b)| (format::date(lang, a), format::date(lang, b)));
    let instead = known.map(|(first, last)| text::problem_instead(lang, first, last));
    let lines = model.problems.iter().map(|p| {
        let at = format!("#{}", crate::components::name_of(p.field));
        let (group, field) = match p.field {
            Field::OtherFrom => (text::second_group(lang), text::second_from(lang)),
            Field::OtherTo => (text::second_group(lang), text::second_to(lang)),
            Field::To => (text::first_group(lang), text::first_to(lang)),
            _ => (text::first_group(lang), text::first_from(lang)),
        };
        let words = text::problem_line(lang, field, group, problem_text(lang, p.field, p.problem));
        view! { <li><a href=at>{words}</a></li> }
    });
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

fn word(lang: Lang, choice: &PeriodsChoice) -> &'static str {
    match (choice.span, choice.year) {
        (Span::Bill, false) => text::bill_before(lang),
        (Span::Bill, true) => text::bill_year(lang),
        (Span::Month, false) => text::month_before(lang),
        (Span::Month, true) => text::month_year(lang),
        (Span::Year, _) => text::year_before(lang),
        (Span::Day, _) => text::day_before(lang),
    }
}

fn choices(lang: Lang, model: &PeriodsView) -> Option<impl IntoView + use<>> {
    let links = model.choices.iter().map(|choice| {
        let href = address(model, model.service, choice.first, choice.second);
        view! { <li><a href=href aria-current=choice.current.then_some("true")>{word(lang, choice)}</a></li> }
    });
    (!model.choices.is_empty())
        .then(|| view! { <nav class="no-print" aria-label=text::choose_label(lang)><ul class="pairs">{links.collect_view()}</ul></nav> })
}

fn form(
    lang: Lang,
    model: &PeriodsView,
    (first, second): (DayRange, DayRange),
    typed: &dyn Fn(&str) -> String,
) -> impl IntoView + use<> {
    let refused = !model.problems.is_empty();
    let (least, most) = model.known.map(|(a, b)| (a.to_string(), b.to_string())).unzip();
    let field = |name: &'static str, label: &'static str, day: chrono::NaiveDate| {
        // What was refused stays as it was typed, where a field for dates takes it.
        let asked = refused.then(|| date_value(&typed(name))).flatten();
        let value = asked.unwrap_or_else(|| day.to_string());
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input id=name name=name type="date" required value=value min=least.clone() max=most.clone()/>
            </div>
        }
    };
    let one = view! {
        <fieldset class="row">
            <legend>{text::first_group(lang)}</legend>
            {field("from", text::first_from(lang), first.from)}
            {field("to", text::first_to(lang), first.last())}
        </fieldset>
    };
    let other = view! {
        <fieldset class="row">
            <legend>{text::second_group(lang)}</legend>
            {field("from2", text::second_from(lang), second.from)}
            {field("to2", text::second_to(lang), second.last())}
        </fieldset>
    };
    view! {
        <details class="own-range no-print" open=!model.problems.is_empty()>
            <summary>{usage::own_range(lang)}</summary>
            <form method="get" action=to::periods_page(&model.account.number) class="two-ranges">
                <input type="hidden" name="service" value=model.service.slug()/>
                {one}
                {other}
                <button class="second" type="submit">{text::show(lang)}</button>
            </form>
        </details>
    }
}
