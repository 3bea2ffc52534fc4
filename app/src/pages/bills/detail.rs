//! One bill: how much, by when, and why.

use contract::bills::{BillView, Standing};
use domain::money::Cents;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::bills;
use locales::format::{date, range};

use super::lines::Service;
use super::words;
use crate::api;
use crate::components::{AccountPage, Glyph, Icon, Section, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// One bill.
#[component]
pub fn Bill() -> impl IntoView {
    let params = use_params_map();
    let account = account_number();
    let key = move || (account(), params.with(|p| p.get("bill").unwrap_or_default()));
    let model = Resource::new(key, |(account, number)| api::bills::show(account, number));
    loaded(model, |model: BillView| {
        let lang = use_lang();
        let account = model.account.number.clone();
        let title = bills::bill_title(lang, range(lang, model.summary.period));
        let back = to::bills(&account);
        let verified = model.verified();
        let zone = model.zone.clone();
        let (services, past) = (model.services.clone(), model.history.clone());
        let corrected = model.corrected.then(|| to::bill_versions(&account, &model.summary.number));
        let metered = services.iter().any(|s| s.bill.delivered.is_some());
        let number = model.summary.number.clone();
        let (previous, next) = (model.previous.clone(), model.next.clone());
        let above = ViewFn::from(move || view! { <a class="no-print" href=back.clone()>{bills::back(lang)}</a> });
        view! {
            <AccountPage head=model.account.clone() section=Section::Bills title=title above=above>
                <div class="stack-large bill">
                    <Head account=account.clone() model=model.clone()/>
                    {corrected.map(|href| view! {
                        <div class="notice no-print">
                            <Icon glyph=Glyph::Notice/>
                            <p>{bills::corrected(lang)} " " <a href=href>{bills::corrected_link(lang)}</a></p>
                        </div>
                    })}
                    {(!verified).then(|| view! {
                        <div class="notice warn">
                            <Icon glyph=Glyph::Notice/>
                            <p>{bills::demo_prices(lang)}</p>
                        </div>
                    })}
                    <Glance model/>
                    {services
                        .into_iter()
                        .map(|service| view! { <Service service past=&past zone=zone.clone()/> })
                        .collect_view()}
                    <p class="row apart no-print">
                        {previous.map(|(n, _)| view! { <a href=to::bill(&account, &n)>{bills::previous(lang)}</a> })}
                        {metered.then(|| view! { <a href=to::bill_proof(&account, &number)>{bills::proof_link(lang)}</a> })}
                        <a href=to::help(&account)>{bills::help(lang)}</a>
                        {next.map(|n| view! { <a href=to::bill(&account, &n)>{bills::next(lang)}</a> })}
                    </p>
                </div>
            </AccountPage>
        }
    })
}

/// The amount, its due date, how it stands and how it compares.
#[component]
fn Head(account: String, model: BillView) -> impl IntoView {
    let lang = use_lang();
    let s = &model.summary;
    let standing = match s.standing {
        Standing::Paid => view! { <p class="when"><span class="tag good">{bills::paid(lang)}</span></p> }.into_any(),
        Standing::Replaced => view! { <p class="when">{bills::replaced(lang)}</p> }.into_any(),
        Standing::Arranged => view! {
            <p class="when">
                {bills::open(lang, s.open)} " "
                <a href=to::arrangement(&account)>{locales::collections::arrangement_link(lang)}</a>
            </p>
        }
        .into_any(),
        Standing::Due | Standing::Overdue => {
            let late = s.standing == Standing::Overdue;
            view! { <p class="when" class:late=late>{bills::open(lang, s.open)}</p> }.into_any()
        }
    };
    let pay = (model.payable && s.open > Cents::ZERO).then(|| bills::pay_balance(lang, model.balance_now));
    let on_its_way =
        (model.pending > Cents::ZERO && s.open > Cents::ZERO).then(|| bills::on_its_way(lang, model.pending));
    let compared =
        words::comparison(lang, s.total, model.previous.as_ref().map(|b| b.1), model.year_ago.as_ref().map(|b| b.1));
    view! {
        <section class="card balance" aria-labelledby="charges">
            <div>
                <h2 id="charges" class="small muted">{bills::charges(lang)}</h2>
                <p class="figure large">{s.total.to_string()}</p>
                {standing}
                {on_its_way.map(|text| view! { <p>{text}</p> })}
                <p>{if s.due_on < s.issued_on {
                    bills::issued_late(lang, date(lang, s.due_on), date(lang, s.issued_on))
                } else {
                    bills::issued_due(lang, date(lang, s.due_on), date(lang, s.issued_on))
                }}</p>
                {compared.map(|text| view! {
                    <p class="muted">
                        {text} " "
                        <a class="no-print" href=to::bill_why(&account, &s.number)>{bills::why_link(lang)}</a>
                    </p>
                })}
                <p class="small muted">
                    {bills::number(lang, &s.number)}
                    <span class="no-print">
                        " · " <a href=to::bill_pdf(&account, &s.number) rel="external">{locales::paper::download(lang)}</a>
                    </span>
                </p>
            </div>
            {pay.map(|text| view! { <p class="row"><a class="button" href=to::pay(&account)>{text}</a></p> })}
        </section>
    }
}

/// What each service comes to, and what was owed before.
#[component]
fn Glance(model: BillView) -> impl IntoView {
    let lang = use_lang();
    let carried = (model.carried != Cents::ZERO).then(|| {
        let name = if model.carried > Cents::ZERO { bills::carried_owed(lang) } else { bills::carried_credit(lang) };
        let due = model.carried + model.summary.total;
        view! {
            <tr><th scope="row">{name}</th><td>{model.carried.to_string()}</td></tr>
            <tr class="sum"><th scope="row">{bills::amount_due(lang)}</th><td>{due.to_string()}</td></tr>
        }
    });
    let rows = words::since(lang, model.carried, model.since.as_ref());
    let since = (!rows.is_empty()).then(|| {
        let row = |(name, amount): (&'static str, Cents)| view! { <tr><th scope="row">{name}</th><td>{amount.to_string()}</td></tr> };
        view! {
            <section aria-labelledby="since">
                <h2 id="since">{bills::since_title(lang)}</h2>
                <table class="lines">
                    <thead class="visually-hidden">
                        <tr><th scope="col">{bills::what(lang)}</th><th scope="col">{bills::amount(lang)}</th></tr>
                    </thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                    <tfoot>
                        <tr class="sum"><th scope="row">{bills::since_left(lang)}</th><td>{model.carried.to_string()}</td></tr>
                    </tfoot>
                </table>
            </section>
        }
    });
    view! {
        {since}
        <section aria-labelledby="glance">
            <h2 id="glance">{bills::summary(lang)}</h2>
            <table class="lines">
                <thead class="visually-hidden">
                    <tr>
                        <th scope="col">{bills::summary_service(lang)}</th>
                        <th scope="col">{bills::summary_amount(lang)}</th>
                    </tr>
                </thead>
                <tbody>
                    {model
                        .services
                        .iter()
                        .map(|s| {
                            let kind = s.bill.service;
                            view! {
                                <tr class=format!("service {}", kind.slug())>
                                    <th scope="row"><a href=format!("#{}", kind.slug())>{words::service(lang, kind)}</a></th>
                                    <td>{s.bill.total.to_string()}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
                <tfoot>
                    <tr class="sum">
                        <th scope="row">{bills::total_charges(lang)}</th>
                        <td>{model.summary.total.to_string()}</td>
                    </tr>
                    {carried}
                </tfoot>
            </table>
        </section>
    }
}
