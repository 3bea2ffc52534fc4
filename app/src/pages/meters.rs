//! Every meter of the account by itself, on one axis of time.

use charts::trend::{Trend, draw};
use charts::{Size, Table};
use chrono::NaiveDate;
use contract::meters::{MeterUse, MetersView, ServiceMeters};
use contract::usage::{Span, UsageAsk};
use domain::calendar::DayRange;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::{Lang, format, meters as text, usage};

use crate::api;
use crate::components::{
    AccountPage, Glyph, Icon, Section, amount_text, loaded, problem_text, service_glyph, service_name,
};
use crate::i18n::use_lang;
use crate::pages::patterns::{day_labels, tick};
use crate::routes::to;

/// The page.
#[component]
pub fn Meters() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let params = params.read();
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        (params.get("account").unwrap_or_default(), word("from"), word("to"))
    };
    let model = Resource::new(which, |(account, from, to)| api::usage::meters(account, from, to));
    loaded(model, page)
}

fn page(model: MetersView) -> impl IntoView {
    let lang = use_lang();
    let back = address(to::usage(&model.account.number), model.range);
    let above = ViewFn::from(move || view! { <a href=back.clone()>{text::back(lang)}</a> });
    let body = if model.known.is_none() {
        view! { <p>{text::nothing(lang)}</p> }.into_any()
    } else if model.services.is_empty() {
        view! { <p>{text::nothing_range(lang)}</p> }.into_any()
    } else {
        model.services.iter().map(|group| service(lang, &model, group)).collect_view().into_any()
    };
    let controls = model.known.is_some().then(|| controls(lang, &model));
    view! {
        <AccountPage head=model.account.clone() section=Section::Usage title=text::title(lang) above>
            <div class="usage stack-large">
                {controls}
                {body}
            </div>
        </AccountPage>
    }
}

fn address(page: String, range: DayRange) -> String {
    let (from, to) = (Some(range.from.to_string()), Some(range.last().to_string()));
    page + &UsageAsk { from, to, ..UsageAsk::default() }.to_query()
}

fn controls(lang: Lang, model: &MetersView) -> impl IntoView + use<> {
    let here = |range| address(to::meters(&model.account.number), range);
    let step = |range: Option<DayRange>, word: &'static str, glyph: Glyph, rel: &'static str| match range {
        Some(range) => view! { <a class="button quiet" href=here(range) rel=rel><Icon glyph/>{word}</a> }.into_any(),
        None => view! { <span class="button quiet" aria-disabled="true"><Icon glyph/>{word}</span> }.into_any(),
    };
    let spans = model.spans.iter().map(|choice| {
        let word = match choice.span {
            Span::Day => usage::span_day(lang),
            Span::Bill => usage::span_bill(lang),
            Span::Month => usage::span_month(lang),
            Span::Year => usage::span_year(lang),
        };
        view! { <a href=here(choice.range) aria-current=choice.current.then_some("true")>{word}</a> }
    });
    let (least, most) = model.known.map(|(a, b)| (a.to_string(), b.to_string())).unzip();
    let field = |name: &'static str, label: &'static str, day: NaiveDate| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input id=name name=name type="date" required value=day.to_string() min=least.clone() max=most.clone()/>
            </div>
        }
    };
    view! {
        <div class="stack">
            {problems(lang, model)}
            <h2>{format::range(lang, model.range)}</h2>
            <div class="usage-moves">
                <div class="row no-print">
                    {step(model.previous, usage::previous(lang), Glyph::Previous, "prev")}
                    <nav class="segments" aria-label=usage::spans_label(lang)>{spans.collect_view()}</nav>
                    {step(model.next, usage::next(lang), Glyph::Next, "next")}
                </div>
            </div>
            <details class="own-range no-print" open=!model.problems.is_empty()>
                <summary>{usage::own_range(lang)}</summary>
                <form method="get" action=to::meters(&model.account.number) class="row">
                    {field("from", usage::own_from(lang), model.range.from)}
                    {field("to", usage::own_to(lang), model.range.last())}
                    <button class="second" type="submit">{usage::own_show(lang)}</button>
                </form>
            </details>
        </div>
    }
}

fn problems(lang: Lang, model: &MetersView) -> Option<impl IntoView + use<>> {
    if model.problems.is_empty() {
        let words = model.clamped.then(|| usage::clamped(lang))?;
        return Some(view! { <p class="notice"><Icon glyph=Glyph::Notice/>{words}</p> }.into_any());
    }
    #[cfg(feature = "ssr")]
    crate::server::set_status(422);
    let lines = model.problems.iter().map(|p| {
        let at = format!("#{}", crate::components::name_of(p.field));
        view! { <li><a href=at>{problem_text(lang, p.field, p.problem)}</a></li> }
    });
    Some(
        view! {
            <div class="problem" role="alert">
                <h2>{usage::problem_title(lang)}</h2>
                <ul>{lines.collect_view()}</ul>
            </div>
        }
        .into_any(),
    )
}

fn service(lang: Lang, model: &MetersView, group: &ServiceMeters) -> impl IntoView + use<> {
    let used = |m: &&MeterUse| !m.sent_back;
    let all: i64 = group.meters.iter().filter(used).map(|m| m.total).fold(0, i64::saturating_add);
    let amount = |value: i64| amount_text(lang, value, group.exponent, group.unit);
    let mut lead = text::lead_one(lang, amount(all), service_name(lang, group.service));
    let several = group.meters.iter().filter(used).count() > 1;
    let largest = group.meters.iter().filter(used).max_by_key(|m| m.total).filter(|_| several && all > 0);
    if let Some(m) = largest {
        lead.push(' ');
        lead.push_str(&text::lead_share(lang, &m.number, i128::from(m.total) * 100 / i128::from(all)));
    }
    let highest = group.meters.iter().flat_map(|m| &m.parts).flatten().copied().max().unwrap_or(0);
    let charts = group.meters.iter().map(|meter| one(lang, model, group, meter, highest, all)).collect_view();
    let table = table(lang, model, group, several);
    let rows = table.to_html(text::table(lang), |_| None);
    let note = if model.monthly { text::note_months(lang) } else { text::note_days(lang) };
    let heading = format!("s-{}-{}", group.service.slug(), group.exponent);
    view! {
        <section class="stack" aria-labelledby=heading.clone()>
            <h2 id=heading.clone() class="row"><Icon glyph=service_glyph(group.service)/>{service_name(lang, group.service)}</h2>
            <p class="lead">{lead}</p>
            {charts}
            <p class="chart-note">{note}</p>
            <details class="usage-table">
                <summary>{locales::common::as_table(lang)}</summary>
                <div class="scroll" tabindex="0" role="region" aria-label=text::table(lang) inner_html=rows></div>
            </details>
        </section>
    }
}

fn name(lang: Lang, meter: &MeterUse) -> String {
    if meter.sent_back { text::meter_back(lang, &meter.number) } else { text::meter(lang, &meter.number) }
}

fn when(lang: Lang, model: &MetersView, part: DayRange) -> String {
    if model.monthly { format::month_year(lang, part.from) } else { format::day(lang, part.from) }
}

fn one(
    lang: Lang,
    model: &MetersView,
    group: &ServiceMeters,
    meter: &MeterUse,
    highest: i64,
    all: i64,
) -> impl IntoView + use<> {
    let amount = |value: i64| amount_text(lang, value, group.exponent, group.unit);
    let most = meter.parts.iter().zip(&model.parts).filter_map(|(v, p)| Some(((*v)?, *p))).max_by_key(|(v, _)| *v);
    let summary = match most.filter(|(v, _)| *v > 0) {
        Some((value, part)) => {
            let (number, total, most, when) =
                (&meter.number, amount(meter.total), amount(value), when(lang, model, part));
            if model.monthly {
                text::sentence_most_month(lang, total, most, number, when)
            } else {
                text::sentence_most(lang, total, most, number, when)
            }
        }
        None => text::sentence(lang, amount(meter.total), &meter.number),
    };
    let firsts: Vec<NaiveDate> = model.parts.iter().map(|p| p.from).collect();
    let title = name(lang, meter);
    let picture = |suffix: &str, size: Size| {
        draw(&Trend {
            id: &["m-", &meter.number, if meter.sent_back { "-back" } else { "" }, suffix].concat(),
            class: group.service.slug(),
            title: &title,
            summary: &summary,
            size,
            slots: model.parts.len(),
            bars: &meter.parts,
            lines: &[],
            warmth: None,
            least_high: highest,
            unit: locales::bill::unit_word(group.unit),
            tick: &tick(lang, group.exponent),
            labels: &day_labels(lang, &firsts),
            flags: &[],
        })
    };
    let (wide, narrow) = (
        picture("-wide", Size { height: 220, ..Size::WIDE }),
        picture("-narrow", Size { height: 200, ..Size::NARROW }),
    );
    let total = if meter.sent_back || all <= 0 {
        amount(meter.total)
    } else {
        text::of_all(lang, amount(meter.total), i128::from(meter.total) * 100 / i128::from(all))
    };
    view! {
        <figure class="usage-chart">
            <figcaption><strong>{title.clone()}</strong> " " <span class="muted">{total}</span></figcaption>
            <div class="chart-frame">
                <div class="chart-wide" inner_html=wide></div>
                <div class="chart-narrow" inner_html=narrow></div>
            </div>
        </figure>
    }
}

fn table(lang: Lang, model: &MetersView, group: &ServiceMeters, several: bool) -> Table {
    let cell = |v: Option<i64>| {
        v.map_or_else(|| usage::table_none(lang).to_owned(), |v| amount_text(lang, v, group.exponent, group.unit))
    };
    let mut head = vec![text::when(lang).to_owned()];
    head.extend(group.meters.iter().map(|m| name(lang, m)));
    if several {
        head.push(text::all(lang).to_owned());
    }
    let rows = model.parts.iter().enumerate().map(|(i, part)| {
        let mut row = vec![when(lang, model, *part)];
        let of = |m: &MeterUse| m.parts.get(i).copied().flatten();
        row.extend(group.meters.iter().map(|m| cell(of(m))));
        if several {
            row.push(cell(group.meters.iter().filter(|m| !m.sent_back).filter_map(of).reduce(i64::saturating_add)));
        }
        row
    });
    Table { head, rows: rows.collect() }
}
