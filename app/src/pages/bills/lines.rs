//! One service of a bill: what was used, what the dials said, and each line with its reason.

use charts::Size;
use charts::history::History;
use contract::bills::{PastUse, ServiceView};
use domain::billing::Line;
use domain::calendar::Zone;
use domain::quantity::{Commodity, ServiceKind, Unit};
use leptos::prelude::*;
use locales::lines::name;
use locales::{Lang, bills, paper};

use super::words;
use crate::components::{Drawn, Glyph, Icon, figure};
use crate::i18n::use_lang;

/// One service.
#[component]
pub fn Service<'a>(
    service: ServiceView,
    /// The use of this bill and of those before it.
    past: &'a [PastUse],
    zone: Zone,
) -> impl IntoView + use<> {
    let lang = use_lang();
    let kind = service.bill.service;
    let past = History::of(past, kind).map(|past| history(lang, kind, &past));
    let name = words::service(lang, kind);
    let glyph = match kind.commodity() {
        Some(Commodity::Electricity) => Some(Glyph::Electricity),
        Some(Commodity::Gas) => Some(Glyph::Gas),
        Some(Commodity::Water) => Some(Glyph::Water),
        None => None,
    };
    let id = kind.slug();
    let days = service.bill.served.len();
    let used = words::used(lang, &service.bill);
    let sent = words::sent(lang, &service.bill);
    let netted = service.netted.and_then(|n| words::netted(lang, &service.bill, &n));
    let year = words::beside_last_year(lang, &service.bill, service.year_ago);
    let total = service.bill.total;
    let ccf = kind.commodity().is_some_and(|c| c.billing_unit() == Unit::Ccf);
    view! {
        <section class=format!("bill-service service {id}") id=id aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>
                {glyph.map(|glyph| view! { <Icon glyph/> })}
                {name}
            </h2>
            {match used {
                Some(text) => view! { <p>{text} " " {year}</p> }.into_any(),
                None => view! { <p class="muted">{bills::days(lang, days)}</p> }.into_any(),
            }}
            {ccf.then(|| view! { <p class="small muted">{bills::ccf(lang)}</p> })}
            {sent.map(|text| view! { <p>{text}</p> })}
            {netted.map(|text| view! { <p>{text}</p> })}
            {(!service.reads.is_empty()).then(|| view! {
                <ul class="reads small muted">
                    {service.reads.into_iter().map(|read| view! { <li>{words::reading(lang, &zone, &read)}</li> }).collect_view()}
                </ul>
            })}
            {past}
            <table class="lines">
                <caption class="visually-hidden">{bills::lines(lang, name.to_lowercase())}</caption>
                <thead class="visually-hidden">
                    <tr><th scope="col">{bills::what(lang)}</th><th scope="col">{bills::amount(lang)}</th></tr>
                </thead>
                <tbody>
                    {service.bill.lines.into_iter().map(|line| view! { <Row line/> }).collect_view()}
                </tbody>
                <tfoot>
                    <tr><th scope="row">{bills::subtotal(lang, name)}</th><td>{total.to_string()}</td></tr>
                </tfoot>
            </table>
        </section>
    }
}

/// The use of the bills before beside this one's.
fn history(lang: Lang, service: ServiceKind, past: &History<'_>) -> impl IntoView + use<> {
    let svg =
        |size: &str, width| past.svg(lang, &["past", service.slug(), size].join("-"), Size { width, height: 200 });
    let drawn = Drawn {
        wide: svg("wide", Size::WIDE.width),
        narrow: svg("narrow", Size::NARROW.width),
        table: past.table(lang),
        caption: paper::history_caption_table(lang),
    };
    view! {
        <div class="past">
            <p>{paper::history_caption_page(lang, past.now(lang), past.title(lang))}</p>
            {figure(lang, (), (), drawn)}
        </div>
    }
}

/// One printed line: its name opens the reason and what the amount is made of.
#[component]
fn Row(line: Line) -> impl IntoView {
    let lang = use_lang();
    let calculation = words::calculation(lang, &line);
    let parts = (!line.components.is_empty()).then(|| {
        line.components
            .iter()
            .map(|(c, amount)| view! { <li>{words::component(lang, *c)} " " {amount.to_string()}</li> })
            .collect_view()
    });
    view! {
        <tr>
            <th scope="row">
                <details class="explain">
                    <summary>{name(lang, &line)}</summary>
                    <div>
                        <p>{words::explanation(lang, &line)}</p>
                        {parts.map(|parts| view! {
                            <p>{bills::made_of(lang)}</p>
                            <ul>{parts}</ul>
                        })}
                    </div>
                </details>
                {words::terms(lang, &line).map(|text| view! { <span class="terms">{text}</span> })}
                {calculation.map(|text| view! { <span class="small muted">{text}</span> })}
            </th>
            <td>{line.amount.to_string()}</td>
        </tr>
    }
}
