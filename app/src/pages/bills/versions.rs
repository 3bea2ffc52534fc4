//! A corrected bill beside the one it took the place of: line by line, with the reason.

use contract::bills::{HoldView, VersionEnd, VersionsView};
use domain::billing::compare::{LineChange, ServiceVersions};
use domain::billing::hold::{CorrectionReason, HoldReason};
use domain::money::Cents;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::format::{date, day, range};
use locales::lines::name;
use locales::{Lang, bills};

use super::words;
use crate::api;
use crate::components::{AccountPage, Glyph, Icon, Section, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Versions() -> impl IntoView {
    let params = use_params_map();
    let account = account_number();
    let key = move || (account(), params.with(|p| p.get("bill").unwrap_or_default()));
    let model = Resource::new(key, |(account, number)| api::bills::versions(account, number));
    loaded(model, page)
}

fn page(model: VersionsView) -> impl IntoView {
    let lang = use_lang();
    let account = model.account.number.clone();
    let back = to::bill(&account, &model.after.number);
    let above = ViewFn::from(move || view! { <a class="no-print" href=back.clone()>{bills::proof_back(lang)}</a> });
    let title = bills::versions_title(lang, range(lang, model.period));
    let change = model.after.total - model.before.total;
    let lead = match change {
        Cents::ZERO => bills::versions_same(lang, date(lang, model.corrected_on), model.after.total),
        c if c > Cents::ZERO => {
            bills::versions_more(lang, c, model.before.total, date(lang, model.corrected_on), model.after.total)
        }
        c => bills::versions_less(lang, -c, model.before.total, date(lang, model.corrected_on), model.after.total),
    };
    let why = format!("{}?with={}", to::bill_why(&account, &model.after.number), model.before.number);
    let more = model.all.len() > 2;
    let (before, after) = (model.before.clone(), model.after.clone());
    view! {
        <AccountPage head=model.account section=Section::Bills title above>
            <div class="stack-large bill">
                <div class="stack">
                    <p class="lead">{lead}</p>
                    <p>
                        {model.reason.map(|r| correction(lang, r))} " "
                        {(!model.note.is_empty()).then(|| bills::versions_note(lang, &model.note))}
                    </p>
                    <p>{bills::versions_paid(lang)} " " <a href=why>{bills::versions_why(lang)}</a></p>
                </div>
                {table(lang, &before, &after, model.services)}
                {more.then(|| view! {
                    <section aria-labelledby="all-versions">
                        <h2 id="all-versions">{bills::versions_all(lang)}</h2>
                        <ul class="list">
                            {model.all.into_iter().map(|v| view! {
                                <li>
                                    <a href=to::bill_versions(&account, &v.number)>{bills::number(lang, &v.number)}</a>
                                    " " {date(lang, v.issued_on)} " " {v.total.to_string()}
                                </li>
                            }).collect_view()}
                        </ul>
                    </section>
                })}
            </div>
        </AccountPage>
    }
}

/// Both versions by service and line; lines that are the same are folded into their service.
pub(crate) fn table(
    lang: Lang,
    before: &VersionEnd,
    after: &VersionEnd,
    services: Vec<ServiceVersions>,
) -> impl IntoView + use<> {
    let heads = (
        bills::versions_before(lang, date(lang, before.issued_on)),
        bills::versions_after(lang, date(lang, after.issued_on)),
    );
    let totals = (before.total, after.total);
    both(lang, heads, totals, services)
}

/// As [`table`], under headings of the caller's.
pub(crate) fn both(
    lang: Lang,
    heads: (String, String),
    totals: (Cents, Cents),
    services: Vec<ServiceVersions>,
) -> impl IntoView + use<> {
    let title = bills::versions_table(lang);
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=title>
            <table class="lines versions">
                <caption class="visually-hidden">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{bills::what(lang)}</th>
                        <th scope="col">{heads.0}</th>
                        <th scope="col">{heads.1}</th>
                        <th scope="col">{bills::why_change(lang)}</th>
                    </tr>
                </thead>
                {services.into_iter().map(|s| service(lang, s)).collect_view()}
                <tfoot>
                    <tr class="sum">
                        <th scope="row">{bills::total_charges(lang)}</th>
                        <td>{totals.0.to_string()}</td>
                        <td>{totals.1.to_string()}</td>
                        <td>{signed(totals.1 - totals.0)}</td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
}

fn service(lang: Lang, s: ServiceVersions) -> impl IntoView + use<> {
    let title = words::service(lang, s.service);
    let unit = s.service.commodity().map(domain::quantity::Commodity::billing_unit);
    let used = s.used_before.zip(s.used_after).zip(unit).filter(|((a, b), _)| a != b).map(|((a, b), unit)| {
        bills::versions_used(
            lang,
            words::quantity(lang, b, Some(unit)),
            words::quantity(lang, a, Some(unit)),
            words::unit_word(unit),
        )
    });
    let days = (s.days.0 != s.days.1).then(|| bills::versions_days(lang, s.days.1, s.days.0));
    let changed: Vec<LineChange> = s.lines.into_iter().filter(|l| !l.is_same()).collect();
    view! {
        <tbody>
            <tr class=format!("service {}", s.service.slug())>
                <th scope="row">
                    {title}
                    {used.map(|text| view! { <span class="small muted">{text}</span> })}
                    {days.map(|text| view! { <span class="small muted">{text}</span> })}
                </th>
                <td>{s.before.to_string()}</td>
                <td>{s.after.to_string()}</td>
                <td>{signed(s.after - s.before)}</td>
            </tr>
            {changed.into_iter().map(|l| line(lang, &l)).collect_view()}
        </tbody>
    }
}

fn line(lang: Lang, l: &LineChange) -> impl IntoView + use<> {
    let say = |of: &Option<domain::billing::Line>| match of {
        Some(line) => {
            let terms = words::terms(lang, line);
            view! {
                {line.amount.to_string()}
                {terms.map(|t| view! { <span class="small muted terms">{t}</span> })}
            }
            .into_any()
        }
        None => bills::versions_not_there(lang).into_any(),
    };
    let title = l.line().map(|line| name(lang, line)).unwrap_or_default();
    view! {
        <tr class="of-service">
            <th scope="row">{title}</th>
            <td>{say(&l.before)}</td>
            <td>{say(&l.after)}</td>
            <td>{signed(l.amount())}</td>
        </tr>
    }
}

fn signed(amount: Cents) -> String {
    if amount > Cents::ZERO { format!("+{amount}") } else { amount.to_string() }
}

/// Why a bill was corrected, in words.
pub(crate) fn correction(lang: Lang, reason: CorrectionReason) -> &'static str {
    match reason {
        CorrectionReason::Reads => bills::correction_reads(lang),
        CorrectionReason::Prices => bills::correction_prices(lang),
        CorrectionReason::Facts => bills::correction_facts(lang),
        CorrectionReason::Carried => bills::correction_carried(lang),
        CorrectionReason::Other => bills::correction_other(lang),
    }
}

/// Why no bill is made now, in words.
pub(crate) fn hold_reason(lang: Lang, reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::MeterTest => bills::hold_meter_test(lang),
        HoldReason::Question => bills::hold_question(lang),
        HoldReason::ReadingCheck => bills::hold_reading_check(lang),
        HoldReason::PricesCheck => bills::hold_prices_check(lang),
        HoldReason::Agreement => bills::hold_agreement(lang),
        HoldReason::Other => bills::hold_other(lang),
        HoldReason::NoReadings => bills::hold_no_readings(lang),
        HoldReason::WaitingForReadings => bills::hold_waiting(lang),
        HoldReason::OverlappingAgreements => bills::hold_overlap(lang),
        HoldReason::NotPriced => bills::hold_not_priced(lang),
    }
}

/// What is said where no bill is made now: a title, and the reason with what comes next.
pub(crate) fn hold_text(lang: Lang, hold: &HoldView) -> (String, String) {
    let mut body = hold_reason(lang, hold.reason).to_owned();
    if !hold.note.is_empty() {
        body = [&body, " ", &hold.note].concat();
    }
    let next = bills::hold_next(lang, day(lang, hold.next_on));
    (bills::hold_title(lang, date(lang, hold.since)), [&body, " ", &next].concat())
}

/// The notice that no bill is made now.
#[component]
pub fn Held(hold: HoldView) -> impl IntoView {
    let lang = use_lang();
    let (title, body) = hold_text(lang, &hold);
    view! {
        <div class="notice">
            <Icon glyph=Glyph::Notice/>
            <div>
                <h3>{title}</h3>
                <p>{body}</p>
            </div>
        </div>
    }
}
