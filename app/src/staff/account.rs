//! An account at a glance, and the door to seeing it as the resident does.

use contract::Field;
use contract::form::FormState;
use leptos::prelude::*;
use locales::{Lang, common, format, staff, viewing};
use services::rows::Reason;
use services::staff::Summary;

use super::layout::{StaffFrame, layout};
use crate::components::{Choice, TextField};
use crate::i18n::use_lang;

/// The account at a glance.
pub fn account_page(frame: &StaffFrame, summary: Summary, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let number = summary.account.number.clone();
    let title = staff::account_title(lang, &summary.account.name, &number);
    let error = state.error.clone();
    // What was typed into another form of the page is not this one's.
    let others = super::billing::is_hold(&state) || state.typed("action").is_some();
    let viewing = if others { FormState::default() } else { state.clone() };
    let content = view! {
        <p class="lead">
            {summary.street.clone()} " · " {balance(lang, summary.balance)}
            {summary.account.closed_on.map(|day| view! {
                " " <span class="tag">{staff::closed(lang, format::date(lang, day))}</span>
            })}
        </p>
        <div class="staff-columns">
            <div class="stack-large">{super::owed::owed(lang, &summary)} {people(lang, &summary)} {meters(lang, &summary)} {bills(lang, &summary)} {super::payment::payments(lang, &summary)}</div>
            <div class="stack-large">
                {super::owed::act(lang, &summary, &state)}
                {open_form(lang, &number, viewing)}
                {super::billing::holds(lang, &number, summary.holds.clone(), state)}
                {viewings(lang, &summary)}
            </div>
        </div>
    };
    layout(frame, &title, error, content)
}

fn balance(lang: Lang, owed: domain::money::Cents) -> String {
    if owed.0 < 0 { staff::in_credit(lang, -owed) } else { staff::owes(lang, owed) }
}

fn open_form(lang: Lang, number: &str, state: FormState) -> impl IntoView + use<> {
    let number = number.to_owned();
    let options = Reason::ALL
        .iter()
        .map(|r| (r.slug().to_owned(), services::accounts::reason_text(lang, *r).to_owned()))
        .collect();
    view! {
        <section class="card stack" aria-labelledby="view-as">
            <h2 id="view-as">{staff::view_as(lang)}</h2>
            <p class="small muted">{staff::view_as_lead(lang)}</p>
            <form method="post" action="/staff/view-as" target="_blank">
                <input type="hidden" name="account" value=number/>
                <Choice field=Field::Reason legend=staff::reason(lang) options=options state=state.clone()/>
                <TextField
                    field=Field::Message
                    label=staff::note(lang)
                    hint=staff::note_hint(lang)
                    lines=2
                    optional=true
                    state=state
                />
                <button class="button" type="submit">{staff::open(lang)}</button>
            </form>
        </section>
    }
}

fn people(lang: Lang, summary: &Summary) -> impl IntoView + use<> {
    view! {
        <section aria-labelledby="people">
            <h2 id="people">{staff::people(lang)}</h2>
            <ul class="list">
                {summary
                    .people
                    .clone()
                    .into_iter()
                    .map(|person| view! {
                        <li>
                            <strong>{person.name}</strong>
                            " "
                            <span class="tag">{if person.holder { staff::holder(lang) } else { staff::guest(lang) }}</span>
                            " "
                            <span class="tag">
                                {if person.can_sign_in { staff::signs_in(lang) } else { staff::no_sign_in(lang) }}
                            </span>
                            <br/>
                            <span class="muted">{person.email} " " {person.phone}</span>
                        </li>
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

fn meters(lang: Lang, summary: &Summary) -> impl IntoView + use<> {
    use domain::quantity::Commodity;
    let word = |c: Commodity| match c {
        Commodity::Electricity => common::service_electricity(lang),
        Commodity::Gas => common::service_gas(lang),
        Commodity::Water => common::service_water(lang),
    };
    view! {
        <section aria-labelledby="meters">
            <h2 id="meters">{staff::meters(lang)}</h2>
            <table class="dense">
                <thead>
                    <tr><th scope="col">{staff::meter(lang)}</th><th scope="col">{staff::service(lang)}</th></tr>
                </thead>
                <tbody>
                    {summary
                        .meters
                        .iter()
                        .map(|m| view! { <tr><td>{m.number.clone()}</td><td>{word(m.commodity)}</td></tr> })
                        .collect_view()}
                </tbody>
            </table>
        </section>
    }
}

fn bills(lang: Lang, summary: &Summary) -> impl IntoView + use<> {
    let zone = services::zones::find(&summary.zone);
    let printed = |bill| {
        let (batch, at) = summary.printed.get(&bill)?;
        Some(staff::printed(lang, *batch, format::date(lang, zone.as_ref()?.day_of(*at))))
    };
    view! {
        <section aria-labelledby="bills">
            <h2 id="bills">{common::nav_bills(lang)}</h2>
            <div class="scroll" role="group" aria-labelledby="bills" tabindex="0">
                <table class="dense">
                    <thead>
                        <tr>
                            <th scope="col">{staff::bill(lang)}</th>
                            <th scope="col">{staff::issued(lang)}</th>
                            <th scope="col">{staff::due(lang)}</th>
                            <th scope="col" class="number">{staff::charges(lang)}</th>
                            <th scope="col">{staff::paper(lang)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {summary
                            .bills
                            .iter()
                            .map(|bill| view! {
                                <tr>
                                    <td>
                                        <a href=format!("/staff/accounts/{}/bills/{}", summary.account.number, bill.number)>
                                            {bill.number.clone()}
                                        </a>
                                    </td>
                                    <td>{format::date(lang, bill.issued_on)}</td>
                                    <td>{format::date(lang, bill.due_on)}</td>
                                    <td class="number">{bill.total.to_string()}</td>
                                    <td>
                                        <a
                                            href=format!("/staff/accounts/{}/bills/{}/pdf", summary.account.number, bill.number)
                                            aria-label=staff::duplicate_of(lang, &bill.number)
                                        >
                                            {staff::duplicate(lang)}
                                        </a>
                                        {printed(bill.id).map(|text| view! { <br/> <span class="small muted">{text}</span> })}
                                    </td>
                                </tr>
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}

fn viewings(lang: Lang, summary: &Summary) -> impl IntoView + use<> {
    let zone = services::zones::find(&summary.zone);
    let rows = summary
        .viewings
        .iter()
        .map(|(row, name)| {
            let began = zone.as_ref().map(|z| z.to_local(row.started_at));
            let when =
                began.map(|at| locales::account::viewed_at(lang, format::day(lang, at.date()), format::time(lang, at)));
            view! {
                <li>
                    <strong>{name.clone()}</strong>
                    " "
                    {services::accounts::reason_text(lang, row.reason)}
                    <br/>
                    <span class="muted">{when} " " {staff::pages(lang, row.pages_seen)}</span>
                    {(!row.note.is_empty()).then(|| view! { <br/> <span>{row.note.clone()}</span> })}
                </li>
            }
        })
        .collect_view();
    let empty = summary.viewings.is_empty();
    view! {
        <section aria-labelledby="viewings">
            <h2 id="viewings">{staff::viewings(lang)}</h2>
            {if empty {
                view! { <p class="muted">{viewing::none(lang)}</p> }.into_any()
            } else {
                view! { <ul class="list">{rows}</ul> }.into_any()
            }}
        </section>
    }
}
