//! One exception: what was found, what shows it, and what can be done.

use contract::Field;
use contract::exceptions::{Deed, DeedView, EstimateView, Evidence, ExceptionView, Standing, VersionView};
use contract::form::FormState;
use domain::metering::vee::like::Method;
use domain::metering::vee::{Rule, Severity};
use domain::quantity::{Commodity, Direction};
use leptos::prelude::*;
use locales::{Lang, format, staff_readings as words};

use super::charts;
use super::words::{deed, method_name, quality, rule_name, severity, why};
use crate::components::{TextField, amount_text, figure, name_of, service_name};
use crate::i18n::use_lang;
use crate::staff::layout::{StaffFrame, layout};

/// One exception.
pub fn exception_page(frame: &StaffFrame, view: ExceptionView, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let service = view.line.commodity.unwrap_or(Commodity::Electricity);
    let day = format::date(lang, view.line.day);
    let title = [rule_name(lang, view.line.rule), &day].join(", ");
    let error = state.error.clone();
    let evidence = view.evidence.as_ref().map(|e| shown(lang, &view, e, service));
    let content = view! {
        <div class="stack">
            <p><a href="/staff/readings">{words::back(lang)}</a></p>
            {facts(lang, &view)}
        </div>
        <div class="staff-columns">
            <div class="stack-large">{evidence}</div>
            <div class="stack-large">{decide(lang, &view, state)} {deeds(lang, &view.deeds)}</div>
        </div>
    };
    layout(frame, &title, error, content)
}

fn facts(lang: Lang, view: &ExceptionView) -> impl IntoView + use<> {
    let line = view.line.clone();
    let tag = if line.severity == Severity::Urgent { "tag warn" } else { "tag" };
    let (day, time) = (format::day(lang, view.opened_at.date()), format::time(lang, view.opened_at));
    let found = match &view.file {
        Some(file) => words::file(lang, day, file, time),
        None => words::found_at(lang, day, time),
    };
    let direction = match view.evidence.as_ref().map(|e| e.direction) {
        Some(Direction::Received) => Some(words::sent_back(lang)),
        Some(Direction::Net) => Some(words::net(lang)),
        _ => None,
    };
    view! {
        <p class="lead">{why(lang, view)}</p>
        {view.detail.clone().map(|detail| {
            let billed = line.rule == Rule::Billed;
            // The bill may have to be corrected: one click to what it would come to now.
            let bill = line.account.as_ref().filter(|_| billed).map(|(account, _)| {
                let href = format!("/staff/accounts/{account}/bills/{detail}");
                view! { " " <a href=href>{locales::staff_billing::correct(lang)}</a> }
            });
            let text = if billed { words::on_bill(lang, detail) } else { words::said(lang, detail) };
            view! { <p class="words">{text} {bill}</p> }
        })}
        <p class="row">
            <span class=tag>{severity(lang, line.severity)}</span>
            {line.handheld.then(|| view! { <span class="tag">{words::handheld(lang)}</span> })}
            {line.commodity.map(|c| view! { <span>{service_name(lang, c)}</span> })}
            {(!line.meter.is_empty())
                .then(|| view! { <span>{words::at(lang, line.meter, line.street.unwrap_or_default())}</span> })}
            {direction.map(|words| view! { <span class="muted">{words}</span> })}
            {line.account.map(|(number, name)| {
                let href = format!("/staff/accounts/{number}");
                view! { <a href=href>{words::of_account(lang, number, name)}</a> }
            })}
        </p>
        <p class="muted">{found}</p>
    }
}

fn shown(lang: Lang, view: &ExceptionView, evidence: &Evidence, service: Commodity) -> impl IntoView + use<> {
    let date = view.line.day;
    let amount = |v: i64| amount_text(lang, v, evidence.exponent, evidence.unit);
    let reads: Vec<_> = evidence
        .reads
        .iter()
        .map(|(at, value, known)| {
            (format::day(lang, at.date()), format::time(lang, *at), amount(*value), quality(lang, *known))
        })
        .collect();
    let versions: Vec<String> = evidence.versions.iter().map(|v| version(lang, v, amount(v.sum))).collect();
    let estimates: Vec<String> = evidence.estimates.iter().map(|e| estimate(lang, e)).collect();
    view! {
        <section class="stack" aria-labelledby="the-day">
            <h2 id="the-day">{words::the_day(lang)}</h2>
            {figure(lang, (), words::chart_key(lang), charts::day(lang, evidence, service, date))}
            {(!estimates.is_empty()).then(|| view! {
                <h3>{words::estimates(lang)}</h3>
                <ul>{estimates.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
            })}
        </section>
        {origins(lang, evidence)}
        <section class="stack" aria-labelledby="weeks">
            <h2 id="weeks">{words::neighbours(lang)}</h2>
            {figure(lang, (), words::chart_key(lang), charts::weeks(lang, evidence, service, date))}
        </section>
        <section class="stack">
            <h2 id="reads">{words::reads(lang)}</h2>
            {if reads.is_empty() {
                view! { <p class="muted">{words::no_reads(lang)}</p> }.into_any()
            } else {
                view! {
                    <div class="scroll" tabindex="0" role="region" aria-labelledby="reads">
                        <table class="dense">
                            <thead>
                                <tr>
                                    <th scope="col">{words::day(lang)}</th>
                                    <th scope="col">{words::time(lang)}</th>
                                    <th scope="col">{words::amount(lang)}</th>
                                    <th scope="col">{words::quality(lang)}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {reads
                                    .into_iter()
                                    .map(|(day, time, amount, known)| view! {
                                        <tr>
                                            <td>{day}</td>
                                            <td>{time}</td>
                                            <td class="number">{amount}</td>
                                            <td>{known}</td>
                                        </tr>
                                    })
                                    .collect_view()}
                            </tbody>
                        </table>
                    </div>
                }
                .into_any()
            }}
        </section>
        <section class="stack" aria-labelledby="versions">
            <h2 id="versions">{words::history(lang)}</h2>
            {if versions.is_empty() {
                view! { <p class="muted">{words::no_history(lang)}</p> }.into_any()
            } else {
                view! { <ul>{versions.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}

/// Which file or person gave the day's values.
fn origins(lang: Lang, evidence: &Evidence) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = evidence
        .origins
        .iter()
        .map(|o| {
            let source = match (o.by_hand, o.name.as_str(), o.sender.as_str()) {
                (true, "", _) => words::origin_program(lang).to_owned(),
                (true, name, _) => name.to_owned(),
                (false, file, "") => file.to_owned(),
                (false, file, sender) => words::origin_file(lang, file, sender),
            };
            let known = match o.method {
                Some(method) => [quality(lang, o.quality), method_name(lang, method)].join(", "),
                None => quality(lang, o.quality).to_owned(),
            };
            let arrived = [format::day(lang, o.arrived.date()), format::time(lang, o.arrived)].join(", ");
            view! {
                <tr>
                    <td>{format::time(lang, o.from)}</td>
                    <td class="number">{o.slots}</td>
                    <td>{known}</td>
                    <td class="words">{source}</td>
                    <td>{arrived}</td>
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="stack">
                <h2 id="origins">{words::origins(lang)}</h2>
                <div class="scroll" tabindex="0" role="region" aria-labelledby="origins">
                    <table class="dense">
                        <thead>
                            <tr>
                                <th scope="col">{words::time(lang)}</th>
                                <th scope="col">{words::intervals(lang)}</th>
                                <th scope="col">{words::quality(lang)}</th>
                                <th scope="col">{words::origin(lang)}</th>
                                <th scope="col">{words::arrived(lang)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

fn version(lang: Lang, v: &VersionView, sum: String) -> String {
    let (day, time) = (format::day(lang, v.at.date()), format::time(lang, v.at));
    if v.corrected {
        words::version_corrected(lang, day, sum, time)
    } else {
        words::version_filled(lang, day, sum, time)
    }
}

fn estimate(lang: Lang, e: &EstimateView) -> String {
    let time = format::time(lang, e.from);
    let days = e.learnt_from.iter().map(|d| format::day(lang, *d)).collect::<Vec<_>>().join(", ");
    match e.method {
        Method::Interpolated => words::estimate_interpolated(lang, e.slots, time),
        Method::LikeDays => words::estimate_like_days(lang, e.slots, days, time),
        Method::LikeDaysScaled => words::estimate_like_days_scaled(lang, e.slots, days, time),
        Method::DialSpread => words::estimate_dial_spread(lang, e.slots, time),
    }
}

fn decide(lang: Lang, view: &ExceptionView, state: FormState) -> impl IntoView + use<> {
    let action = format!("/staff/readings/{}", view.line.id.0);
    let open = view.standing != Standing::Settled;
    let says = match view.standing {
        Standing::Open => None,
        Standing::Ordered => Some(words::is_ordered(lang)),
        Standing::Settled => Some(words::is_settled(lang)),
    };
    let edit = view.evidence.as_ref().filter(|e| open && !e.slots.is_empty()).map(|e| edit(lang, &action, e, &state));
    let can_estimate = view.can_estimate;
    view! {
        <section class="card stack" aria-labelledby="decide">
            <h2 id="decide">{words::decide(lang)}</h2>
            {says.map(|text| view! { <p>{text}</p> })}
            {open.then(|| view! {
                <form method="post" action=action.clone() class="stack">
                    <TextField
                        field=Field::Message
                        label=words::note(lang)
                        hint=words::note_hint(lang)
                        lines=2
                        optional=true
                        state=state
                    />
                    <p class="row">
                        <button type="submit" name="action" value="accept">{words::accept(lang)}</button>
                        {can_estimate.then(|| view! {
                            <button class="second" type="submit" name="action" value="estimate">
                                {words::estimate(lang)}
                            </button>
                        })}
                        <button class="second" type="submit" name="action" value="reread">{words::reread(lang)}</button>
                        <button class="second" type="submit" name="action" value="visit">{words::visit(lang)}</button>
                    </p>
                    {can_estimate.then(|| view! { <p class="small muted">{words::estimate_hint(lang)}</p> })}
                </form>
            })}
            {edit}
            {view.can_undo.then(|| view! {
                <form method="post" action=action class="stack">
                    <p><button class="second" type="submit" name="action" value="undo">{words::undo(lang)}</button></p>
                    <p class="small muted">{words::undo_hint(lang)}</p>
                </form>
            })}
        </section>
    }
}

/// Typing values for a run of intervals.
fn edit(lang: Lang, action: &str, evidence: &Evidence, state: &FormState) -> impl IntoView + use<> {
    let (first, last) = evidence.about.map_or((0, 0), |(from, to)| (from, to.saturating_sub(1)));
    let times: Vec<String> = evidence.slots.iter().map(|s| format::time(lang, s.at)).collect();
    let choose = |field: Field, label: &'static str, preset: usize| {
        let name = name_of(field);
        let chosen = state.typed(name).and_then(|t| t.parse().ok()).unwrap_or(preset);
        let options = times
            .iter()
            .enumerate()
            .map(|(i, time)| {
                view! { <option value=i.to_string() selected=i == chosen>{time.clone()}</option> }
            })
            .collect_view();
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <select id=name name=name>{options}</select>
            </div>
        }
    };
    let (from, to) = (choose(Field::From, words::from(lang), first), choose(Field::To, words::to(lang), last));
    let label = words::each(lang, evidence.unit.symbol());
    let typed = state.typed(name_of(Field::Amount)).is_some();
    let (action, state) = (action.to_owned(), state.clone());
    view! {
        <details open=typed>
            <summary>{words::edit(lang)}</summary>
            <form method="post" action=action class="stack">
                <input type="hidden" name="action" value="edit"/>
                <div class="row">{from} {to}</div>
                <TextField field=Field::Amount label=label state=state/>
                <p><button class="second" type="submit">{words::save(lang)}</button></p>
            </form>
        </details>
    }
}

fn deeds(lang: Lang, deeds: &[DeedView]) -> impl IntoView + use<> {
    let lines: Vec<_> = deeds
        .iter()
        .map(|d| {
            let when = [format::day(lang, d.at.date()), format::time(lang, d.at)].join(", ");
            let by = match (&d.by, d.deed) {
                (Some(name), _) => words::by(lang, name),
                (None, Deed::Cured) => String::new(),
                (None, _) => words::by_program(lang).to_owned(),
            };
            view! {
                <li>
                    <p>
                        <strong>{deed(lang, d.deed)}</strong>
                        " "
                        {by}
                        {d.undone.then(|| view! { " " <span class="tag">{words::undone(lang)}</span> })}
                        <br/>
                        <span class="muted small">{when}</span>
                    </p>
                    {(!d.note.is_empty()).then(|| view! { <p class="words">{d.note.clone()}</p> })}
                </li>
            }
        })
        .collect();
    view! {
        <section class="stack" aria-labelledby="deeds">
            <h2 id="deeds">{words::deeds(lang)}</h2>
            {if lines.is_empty() {
                view! { <p class="muted">{words::no_deeds(lang)}</p> }.into_any()
            } else {
                view! { <ol class="timeline" role="list">{lines}</ol> }.into_any()
            }}
        </section>
    }
}
