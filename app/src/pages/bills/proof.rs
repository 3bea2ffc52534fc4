//! Is the chart the same as the bill? Dial, intervals and bill side by side, with the reason where they differ.

use contract::bills::{ProofView, ServiceProof};
use contract::usage::UsageAsk;
use domain::billing::proof::Verdict;
use domain::calendar::Zone;
use domain::quantity::{Decimal, Unit};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::format::{number, range};
use locales::{Lang, bills};

use super::words;
use super::words::reading;
use crate::api;
use crate::components::{AccountPage, Glyph, Icon, Section, loaded, service_glyph, service_name};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Proof() -> impl IntoView {
    let params = use_params_map();
    let account = account_number();
    let key = move || (account(), params.with(|p| p.get("bill").unwrap_or_default()));
    let model = Resource::new(key, |(account, number)| api::bills::proof(account, number));
    loaded(model, |model: ProofView| {
        let lang = use_lang();
        let account = model.account.number.clone();
        let back = to::bill(&account, &model.number);
        let above = ViewFn::from(move || view! { <a class="no-print" href=back.clone()>{bills::proof_back(lang)}</a> });
        let title = bills::proof_title(lang, range(lang, model.period));
        let lead = if model.services.is_empty() { bills::proof_none(lang) } else { bills::proof_lead(lang) };
        let services = model.services.iter().map(|s| service(lang, &account, &model.zone, s)).collect_view();
        view! {
            <AccountPage head=model.account section=Section::Bills title above>
                <div class="stack-large bill">
                    <p class="lead">{lead}</p>
                    {services}
                    <p class="no-print"><a href=to::help(&account)>{bills::help(lang)}</a></p>
                </div>
            </AccountPage>
        }
    })
}

fn service(lang: Lang, account: &str, zone: &Zone, proof: &ServiceProof) -> impl IntoView + use<> {
    let name = service_name(lang, proof.service);
    let id = proof.service.slug();
    let amount =
        |value| [words::quantity(lang, value, Some(proof.unit)), words::unit_word(proof.unit).to_owned()].join(" ");
    let whole = |n: u32| number(lang, Decimal::new(i64::from(n), 0), 0);
    let readings = if proof.estimated > 0 {
        bills::proof_chart_estimated(lang, whole(proof.estimated), whole(proof.present))
    } else {
        bills::proof_chart_of(lang, whole(proof.present))
    };
    let verdict = match proof.verdict {
        Verdict::Same => bills::proof_same(lang).to_owned(),
        Verdict::DialOnly => bills::proof_dial_only(lang).to_owned(),
        Verdict::MissingByDial { missing } => bills::proof_by_dial(lang, i64::from(missing)),
        Verdict::MissingEstimated { missing } => bills::proof_by_estimate(lang, i64::from(missing)),
        Verdict::BesideDial { moved } => {
            bills::proof_beside_dial(lang, words::quantity(lang, moved, Some(proof.unit)), words::unit_word(proof.unit))
        }
        Verdict::Changed { days } => bills::proof_changed(lang, i64::from(days)),
        Verdict::Unexplained => bills::proof_unexplained(lang).to_owned(),
    };
    let good = matches!(proof.verdict, Verdict::Same | Verdict::BesideDial { .. });
    let off = proof.dials_off.filter(|d| d.round_to(-3) != 0).map(|d| number(lang, d, 3)).map(|d| {
        let (by, unit) = (d.trim_start_matches('\u{2212}'), words::unit_word(proof.unit));
        if proof.estimated > 0 {
            bills::proof_dial_off_estimated(lang, by, whole(proof.estimated), unit)
        } else {
            bills::proof_dial_off(lang, by, unit)
        }
    });
    let units = (proof.unit == Unit::Ccf && proof.metered_in == Unit::Gallon).then(|| bills::proof_units(lang));
    let ask = UsageAsk {
        service: Some(id.to_owned()),
        by: Some("day".to_owned()),
        from: Some(proof.served.from.to_string()),
        to: Some(proof.served.last().to_string()),
        show: None,
        with: None,
    };
    let chart = to::usage(account) + &ask.to_query();
    let dial = match proof.dials {
        Some(dials) => {
            view! { <tr><th scope="row">{bills::proof_dial(lang)}</th><td>{amount(dials)}</td></tr> }.into_any()
        }
        None => view! {
            <tr><th scope="row">{bills::proof_dial_none(lang)}</th><td>{bills::proof_dial_unread(lang)}</td></tr>
        }
        .into_any(),
    };
    let then = proof.known_then.map(|then| {
        view! { <tr><th scope="row">{bills::proof_then(lang)}</th><td>{amount(then)}</td></tr> }
    });
    view! {
        <section class=format!("bill-service service {id}") aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")><Icon glyph=service_glyph(proof.service)/>{name}</h2>
            <p class=if good { "notice good" } else { "notice" }>
                <Icon glyph=if good { Glyph::Done } else { Glyph::Notice }/>
                {verdict}
            </p>
            <ul class="reads small muted">
                {proof.reads.iter().map(|read| view! { <li>{reading(lang, zone, read)}</li> }).collect_view()}
            </ul>
            <table class="lines">
                <caption class="visually-hidden">{bills::proof_table(lang, name)}</caption>
                <thead class="visually-hidden">
                    <tr><th scope="col">{bills::proof_what(lang)}</th><th scope="col">{bills::proof_amount(lang)}</th></tr>
                </thead>
                <tbody>
                    {dial}
                    <tr>
                        <th scope="row">{bills::proof_chart(lang)}" "<span class="small muted">{readings}</span></th>
                        <td>{amount(proof.intervals)}</td>
                    </tr>
                    {then}
                </tbody>
                <tfoot>
                    <tr><th scope="row">{bills::proof_bill(lang)}</th><td>{amount(proof.billed)}</td></tr>
                    {proof.netted.map(|n| view! {
                        <tr><th scope="row">{bills::proof_netted(lang)}</th><td>{amount(n.charged)}</td></tr>
                    })}
                </tfoot>
            </table>
            {off.map(|text| view! { <p class="small muted">{text}</p> })}
            {units.map(|text| view! { <p class="small muted">{text}</p> })}
            <p class="no-print"><a href=chart>{bills::proof_see(lang)}</a></p>
        </section>
    }
}
