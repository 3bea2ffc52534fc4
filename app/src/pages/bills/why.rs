//! Why a bill is different from another: from one to the other by cause, in words, a chart and tables that sum to the cent.

use charts::Table;
use charts::waterfall::{Row, Waterfall, draw};
use contract::bills::{BillEnd, WhyView};
use domain::billing::explain::{Cause, ServiceChange};
use domain::calendar::DayRange;
use domain::money::Cents;
use domain::quantity::{Commodity, Decimal};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::format::{number, range};
use locales::{Lang, bills};

use super::words;
use crate::api;
use crate::components::{AccountPage, Drawn, Section, figure, loaded};
use crate::i18n::use_lang;
use crate::routes::to;

/// The page.
#[component]
pub fn Why() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let params = params.read();
        let part = |key: &str| params.get(key).unwrap_or_default();
        (part("account"), part("bill"), query.read().get("with").filter(|w| !w.is_empty()))
    };
    let model = Resource::new(which, |(account, number, with)| api::bills::why(account, number, with));
    loaded(model, page)
}

fn page(model: WhyView) -> impl IntoView {
    let lang = use_lang();
    let back = to::bill(&model.account.number, &model.this.number);
    let above = ViewFn::from(move || view! { <a class="no-print" href=back.clone()>{bills::proof_back(lang)}</a> });
    let title = bills::why_title(lang, range(lang, model.this.period));
    let head = model.account.clone();
    let body = match &model.other {
        None => view! { <p class="lead">{bills::why_none(lang)}</p> }.into_any(),
        Some(other) => difference(lang, &model, other).into_any(),
    };
    view! {
        <AccountPage head section=Section::Bills title above>
            <div class="stack-large bill">{body}</div>
        </AccountPage>
    }
}

fn difference(lang: Lang, model: &WhyView, other: &BillEnd) -> impl IntoView + use<> {
    let change = model.this.total - other.total;
    let period = range(lang, other.period);
    let lead = match change {
        Cents::ZERO => bills::why_lead_same(lang, period, model.this.total),
        c if c > Cents::ZERO => bills::why_lead_more(lang, c, other.total, period, model.this.total),
        c => bills::why_lead_less(lang, -c, other.total, period, model.this.total),
    };
    let most = model.causes.iter().max_by_key(|(_, amount)| amount.0.abs());
    let most =
        most.map(|(cause, amount)| bills::why_most(lang, signed(*amount), words::cause(lang, *cause).to_lowercase()));
    let (changed, same): (Vec<_>, Vec<_>) = model.services.iter().partition(|s| !s.parts.is_empty());
    let same: Vec<&str> = same.iter().map(|s| words::service(lang, s.service)).collect();
    let told = |cause| model.causes.iter().any(|(c, _)| *c == cause);
    let mut note = bills::why_note(lang).to_owned();
    for (cause, more) in
        [(Cause::Weather, bills::why_weather_note(lang)), (Cause::Estimates, bills::why_estimates_note(lang))]
    {
        if told(cause) {
            note.extend([" ", more]);
        }
    }
    let services = changed.into_iter().map(|s| service(lang, s)).collect_view();
    view! {
        <div class="stack">
            <p class="lead">{lead} " " {most}</p>
            {weather(lang, model, other).map(|words| view! { <p>{words}</p> })}
            {choose(lang, model, other)}
        </div>
        <section class="stack" aria-labelledby="causes">
            <h2 id="causes">{bills::why_chart(lang)}</h2>
            {figure(lang, (), note, chart(lang, model, other))}
        </section>
        <section class="stack" aria-labelledby="services">
            <h2 id="services">{bills::why_services(lang)}</h2>
            {services}
            {(!same.is_empty()).then(|| view! { <p class="muted">{bills::why_unchanged(lang, same.join(", "))}</p> })}
        </section>
    }
}

/// With its sign, as people write it: `+$6.10`, `−$1.20`.
fn signed(amount: Cents) -> String {
    if amount > Cents::ZERO { ["+", &amount.to_string()].concat() } else { amount.to_string() }
}

/// What the weather may have to do with it.
fn weather(lang: Lang, model: &WhyView, other: &BillEnd) -> Option<String> {
    let (now, then) = model.this.temperature.zip(other.temperature)?;
    let degrees = |tenths: i64| number(lang, Decimal::new(tenths, -1), 0);
    let apart = Decimal::new(now, -1).round_to(0) - Decimal::new(then, -1).round_to(0);
    match apart {
        0 => None,
        n if n > 0 => Some(bills::why_warmer(lang, degrees(now), degrees(then), n)),
        n => Some(bills::why_colder(lang, degrees(now), degrees(then), -n)),
    }
}

/// Which bill it is held against.
fn choose(lang: Lang, model: &WhyView, other: &BillEnd) -> impl IntoView + use<> {
    let page = to::bill_why(&model.account.number, &model.this.number);
    let link = |number: &Option<String>, word: &'static str| {
        number.as_ref().map(|number| {
            let current = (*number == other.number).then_some("true");
            view! { <a href=format!("{page}?with={number}") aria-current=current>{word}</a> }
        })
    };
    // Bills for the same days are told apart by their versions.
    let several =
        |period: &DayRange| *period == model.this.period || model.others.iter().filter(|o| o.1 == *period).count() > 1;
    let options = model.others.iter().map(|(number, period, version)| {
        let chosen = *number == other.number;
        let days = range(lang, *period);
        let words = if several(period) { bills::why_version(lang, *version, days) } else { days };
        view! { <option value=number.clone() selected=chosen>{words}</option> }
    });
    view! {
        <div class="row bill-choice no-print">
            <span class="muted" id="with">{bills::why_with(lang)}</span>
            <nav class="segments" aria-labelledby="with">
                {link(&model.previous, bills::why_previous(lang))}
                {link(&model.year_ago, bills::why_year(lang))}
            </nav>
            <form method="get" action=page.clone() class="row">
                <label class="visually-hidden" for="with-bill">{bills::why_other(lang)}</label>
                <select id="with-bill" name="with">{options.collect_view()}</select>
                <button class="second" type="submit">{bills::why_show(lang)}</button>
            </form>
        </div>
    }
}

fn chart(lang: Lang, model: &WhyView, other: &BillEnd) -> Drawn {
    let total = |end: &BillEnd| (range(lang, end.period), end.total.to_string(), Row::Total(end.total.0));
    let step = |(cause, amount): &(Cause, Cents)| {
        (words::cause(lang, *cause).to_owned(), signed(*amount), Row::Step(amount.0))
    };
    let rows: Vec<_> = std::iter::once(total(other))
        .chain(model.causes.iter().map(step))
        .chain(std::iter::once(total(&model.this)))
        .collect();
    let summary = model
        .causes
        .iter()
        .map(|(cause, amount)| [words::cause(lang, *cause), ": ", &signed(*amount)].concat())
        .collect::<Vec<_>>()
        .join("; ");
    let picture =
        |id: &str, width| draw(&Waterfall { id, title: bills::why_chart(lang), summary: &summary, width, rows: &rows });
    let table = Table {
        head: vec![bills::why_cause(lang).to_owned(), bills::why_change(lang).to_owned()],
        rows: rows.iter().map(|(name, amount, _)| vec![name.clone(), amount.clone()]).collect(),
    };
    Drawn { wide: picture("why-wide", 760), narrow: picture("why-narrow", 360), table, caption: bills::why_table(lang) }
}

fn service(lang: Lang, change: &ServiceChange) -> impl IntoView + use<> {
    let name = words::service(lang, change.service);
    let id = change.service.slug();
    let unit = change.service.commodity().map(Commodity::billing_unit);
    let used = change.used_before.zip(change.used_after).zip(unit).map(
        |(((before, days_before), (after, days_after)), unit)| {
            let say = |d: Decimal| words::quantity(lang, d, Some(unit));
            bills::why_used(lang, say(after), say(before), days_after, days_before, words::unit_word(unit))
        },
    );
    let rows = change.parts.iter().map(|(cause, amount)| {
        view! { <tr><th scope="row">{words::cause(lang, *cause)}</th><td>{signed(*amount)}</td></tr> }
    });
    view! {
        <section class=format!("bill-service service {id}") aria-labelledby=format!("{id}-title")>
            <h3 id=format!("{id}-title")>{name} ": " {signed(change.after - change.before)}</h3>
            {used.map(|text| view! { <p>{text}</p> })}
            <table class="lines">
                <caption class="visually-hidden">{bills::why_services_table(lang, name)}</caption>
                <thead class="visually-hidden">
                    <tr><th scope="col">{bills::why_cause(lang)}</th><th scope="col">{bills::why_change(lang)}</th></tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}
