//! Usage: what was used, when, what it cost and how we know. The address is the view: everything that can be chosen is a link
//! or a form.

pub(crate) mod chart;
mod controls;
mod words;

use charts::usage::{table, words as chart_words};
use contract::usage::{UsageAsk, UsageView};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::{common, usage as text};

use crate::api;
use crate::components::{AccountPage, Glyph, Icon, Section, loaded, problem_text};
use crate::i18n::{use_brand, use_lang};
use crate::routes::to;

use chart::Chart;
use controls::{Measures, Moves, OwnRange, Services, Steps};

/// The usage of one service.
#[component]
pub fn Usage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    provide_context(chart::OpenedByKey(StoredValue::new(false)));
    let asked = Memo::new(move |_| {
        let number = params.read().get("account").unwrap_or_default();
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        let ask = UsageAsk {
            service: word("service"),
            by: word("by"),
            from: word("from"),
            to: word("to"),
            show: word("show"),
        };
        (number, ask)
    });
    let resource = crate::api::json::resource(
        move || asked.get(),
        |(number, ask)| api::usage::show(number, ask.service, ask.by, ask.from, ask.to, ask.show),
    );
    loaded(resource, |model| view! { <Shown model/> })
}

#[component]
fn Shown(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    let title = chart_words::title(&model, lang);
    let head = model.account.clone();
    let body = if model.bars.is_empty() {
        view! { <Empty model/> }.into_any()
    } else {
        view! { <Readings model/> }.into_any()
    };
    view! { <AccountPage head section=Section::Usage title=title>{body}</AccountPage> }
}

/// There is nothing yet: what will be here and when.
#[component]
fn Empty(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    let phone = use_brand().phone;
    view! {
        <div class="stack">
            <Services model=model.clone()/>
            <h2>{text::empty_title(lang)}</h2>
            <p>{text::empty_body(lang, phone)}</p>
        </div>
    }
}

#[component]
fn Readings(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    let number = model.account.number.clone();
    let csv = format!("/a/{number}/usage.csv{}", model.query.to_query());
    let everything = format!("/a/{number}/usage.xml");
    let green_button = everything.clone() + &model.query.to_query();
    let patterns = to::patterns(&number) + &model.query.to_query();
    let headline = chart_words::headline(&model, lang);
    let freshness = words::freshness(&model, lang);
    let rows = table(&model, lang).to_html(text::table_caption(lang), |i| {
        controls::into_bar(&model, i).map(|query| controls::address(&model, &query))
    });
    let model = StoredValue::new(model);
    let get = move || model.get_value();
    view! {
        <div class="usage stack">
            <Problems model=get()/>
            <Services model=get()/>
            <p class="lead">{headline}</p>
            <div class="usage-moves">
                <Moves model=get()/>
                <Measures model=get()/>
            </div>
            <Chart model=get()/>
            <p class="freshness">{freshness}</p>
            <Steps model=get()/>
            <OwnRange model=get()/>
            <details class="usage-table">
                <summary>{common::as_table(lang)}</summary>
                <div class="scroll" tabindex="0" role="region" aria-label=text::table_caption(lang) inner_html=rows></div>
            </details>
            <ul class="usage-more no-print">
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
                <li><a href=patterns rel="external"><Icon glyph=Glyph::Usage/>{text::patterns(lang)}</a></li>
                <li><a href=to::compare(&number)><Icon glyph=Glyph::Upload/>{text::compare_own(lang)}</a></li>
            </ul>
        </div>
    }
}

/// What was wrong with the dates in the address, or that they reached too far.
#[component]
fn Problems(model: UsageView) -> impl IntoView {
    let lang = use_lang();
    if model.problems.is_empty() {
        return model
            .clamped
            .then(|| view! { <p class="notice"><Icon glyph=Glyph::Notice/>{text::clamped(lang)}</p> })
            .into_any();
    }
    #[cfg(feature = "ssr")]
    crate::server::set_status(422);
    let instead = words::instead(&model, lang);
    view! {
        <div class="problem" role="alert">
            <h2>{text::problem_title(lang)}</h2>
            <ul>
                {model
                    .problems
                    .iter()
                    .map(|p| view! {
                        <li><a href=format!("#{}", crate::components::name_of(p.field))>{problem_text(lang, p.field, p.problem)}</a></li>
                    })
                    .collect_view()}
            </ul>
            <p>{instead}</p>
        </div>
    }
    .into_any()
}
