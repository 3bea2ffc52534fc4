//! One service of a bill: what was used, what the dials said, and each line with its reason.

use contract::bills::ServiceView;
use domain::billing::{Line, Read};
use domain::calendar::Zone;
use domain::money::div_half_up;
use domain::quantity::{Commodity, Decimal, Unit};
use leptos::prelude::*;
use locales::bills;
use locales::format::{day_short, number};
use locales::lines::name;

use super::words;
use crate::components::{Glyph, Icon};
use crate::i18n::use_lang;

/// One service.
#[component]
pub fn Service(service: ServiceView, zone: Zone) -> impl IntoView {
    let lang = use_lang();
    let kind = service.bill.service;
    let name = words::service(lang, kind);
    let glyph = match kind.commodity() {
        Some(Commodity::Electricity) => Some(Glyph::Electricity),
        Some(Commodity::Gas) => Some(Glyph::Gas),
        Some(Commodity::Water) => Some(Glyph::Water),
        None => None,
    };
    let id = kind.slug();
    let days = service.bill.served.len();
    let unit = kind.commodity().map(Commodity::billing_unit);
    let used = service.bill.delivered.zip(unit).map(|(amount, unit)| {
        let daily = per_day(amount, days);
        bills::used(
            lang,
            words::quantity(lang, amount, Some(unit)),
            number(lang, daily, places(unit)),
            days,
            words::unit_word(unit),
        )
    });
    let sent = service
        .bill
        .received
        .filter(|r| r.amount > 0)
        .zip(unit)
        .map(|(amount, unit)| bills::sent(lang, words::quantity(lang, amount, Some(unit)), words::unit_word(unit)));
    let year = service.bill.delivered.zip(service.year_ago).and_then(|(now, (then, range))| {
        let (now, then) = (per_day(now, days).round_to(-6), per_day(then, range.len()).round_to(-6));
        let change =
            i64::try_from(div_half_up(i128::from(now - then) * 100, i128::from((then > 0).then_some(then)?))).ok()?;
        Some(match change {
            c if c > 1 => bills::year_more(lang, c),
            c if c < -1 => bills::year_less(lang, -c),
            _ => bills::year_same(lang).to_owned(),
        })
    });
    let total = service.bill.total;
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
            {sent.map(|text| view! { <p>{text}</p> })}
            {(!service.reads.is_empty()).then(|| view! {
                <ul class="reads small muted">
                    {service.reads.into_iter().map(|read| view! { <li>{reading(lang, &zone, &read)}</li> }).collect_view()}
                </ul>
            })}
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

fn places(unit: Unit) -> u8 {
    match unit {
        Unit::Ccf => 3,
        Unit::Therm => 2,
        _ => 1,
    }
}

fn per_day(amount: Decimal, days: i64) -> Decimal {
    let micro = i128::from(amount.round_to(-6));
    Decimal::new(i64::try_from(div_half_up(micro, i128::from(days.max(1)))).unwrap_or(0), -6)
}

/// What a dial said, in words.
pub(super) fn reading(lang: locales::Lang, zone: &Zone, read: &Read) -> String {
    let meter = if read.received { bills::reads_sent(lang, &read.meter) } else { bills::reads(lang, &read.meter) };
    // Meters that count watt-hours are read in kilowatt-hours.
    let (unit, shift) = match read.unit {
        Unit::WattHour => (Unit::KilowattHour, -3),
        other => (other, 0),
    };
    let say = |(at, value): (domain::calendar::Instant, Decimal)| {
        let value = Decimal::new(value.amount, value.exponent.saturating_add(shift));
        (day_short(lang, zone.day_of(at)), number(lang, value, 3))
    };
    let unit = words::unit_word(unit);
    let said = match (read.previous.map(say), read.present.map(say)) {
        (Some((from, before)), Some((to, after))) => bills::read_both(lang, after, before, from, to, unit),
        (Some((when, value)), None) | (None, Some((when, value))) => bills::read_one(lang, unit, value, when),
        (None, None) => bills::read_none(lang).to_owned(),
    };
    let known = if read.estimated { bills::estimated(lang) } else { bills::actual(lang) };
    format!("{meter}: {said}; {known}")
}
