//! A file that was read: does its first reading have the right time?

use chrono::{NaiveDateTime, NaiveTime};
use contract::Field;
use contract::compare::{PreviewChannel, PreviewView};
use contract::form::FormState;
use domain::data_set::Times;
use domain::quantity::{Commodity, Direction};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::{Lang, compare as text, format};

use super::list::problem_of;
use super::{length_text, zone_text};
use crate::api;
use crate::components::{AccountPage, PostForm, Section, TextField, amount_text, loaded, problem_text, service_name};
use crate::i18n::use_lang;
use crate::routes::to;

/// The page.
#[component]
pub fn Preview() -> impl IntoView {
    let state = api::form::use_form_state();
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let params = params.read();
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        let part = |key: &str| params.get(key).unwrap_or_default();
        (part("account"), part("upload"), word("zone"), word("times"))
    };
    let model =
        Resource::new(which, |(account, upload, zone, times)| api::compare::preview(account, upload, zone, times));
    loaded(model, move |model: PreviewView| page(model, state.clone()))
}

fn page(model: PreviewView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let viewing = model.head.view_as.is_some();
    let back = account.clone();
    let above = ViewFn::from(move || view! { <a href=to::compare(&back)>{text::preview_back(lang)}</a> });
    let several = model.channels.len() > 1;
    let chosen = problem_of(&state, Field::Channels);
    let again = model.clone();
    let refused = model.refused;
    let none = !model.channels.iter().any(PreviewChannel::usable);
    let cards = model.channels.into_iter().map(|c| card(lang, c, several)).collect_view();
    if none {
        return view! {
            <AccountPage head=model.head section=Section::Usage title=text::preview_none_title(lang) above>
                <div class="stack-large preview">
                    <p class="lead">{text::preview_none_lead(lang, model.file_name)}</p>
                    <div class="stack">{cards}</div>
                    <p class="row"><a class="button" href=to::compare(&account)>{text::another_file(lang)}</a></p>
                </div>
            </AccountPage>
        }
        .into_any();
    }
    let confirm = if viewing {
        view! { <p class="muted">{text::view_as_no(lang)}</p> }.into_any()
    } else {
        view! {
            <TextField field=Field::Label label=text::label(lang) hint=text::label_hint(lang) value=model.label state=state.clone()/>
            <p class="row send">
                <button type="submit">{text::confirm(lang)}</button>
                <a class="button quiet" href=to::compare(&account)>{text::other_file(lang)}</a>
            </p>
        }
        .into_any()
    };
    view! {
        <AccountPage head=model.head section=Section::Usage title=text::preview_title(lang) above>
            <div class="stack-large preview">
                <p class="lead">{text::preview_lead(lang, model.file_name)}</p>
                {(refused > 0).then(|| view! { <p class="notice warn">{text::odd_refused(lang, i64::from(refused))}</p> })}
                <PostForm action="/api/compare/keep" state>
                    <input type="hidden" name="account" value=account.clone()/>
                    <input type="hidden" name="upload" value=model.upload/>
                    <input type="hidden" name="zone" value=model.zone/>
                    <input type="hidden" name="times" value=model.times.slug()/>
                    <div id="channels" class="stack">
                        {chosen.map(|p| view! { <p class="wrong-text">{problem_text(lang, p.field, p.problem)}</p> })}
                        {cards}
                    </div>
                    {confirm}
                </PostForm>
                {wrong(lang, again)}
            </div>
        </AccountPage>
    }
    .into_any()
}

/// One channel: its first reading, its facts, and whether to keep it.
fn card(lang: Lang, c: PreviewChannel, several: bool) -> impl IntoView {
    let usable = c.usable();
    let id = format!("channel-{}", c.channel);
    let title = title(lang, &c);
    let facts = facts(lang, &c);
    let odd = oddities(lang, &c);
    let which = (usable && c.service.is_none()).then(|| which(lang, &c));
    let keep = match (usable, several) {
        (false, _) => None,
        (true, false) => Some(view! { <input type="hidden" name=id.clone() value="keep"/> }.into_any()),
        (true, true) => Some(
            view! {
                <label class="check">
                    <input type="checkbox" name=id.clone() value="keep" checked=c.total != 0/>
                    <span>{text::keep_this(lang)}</span>
                </label>
            }
            .into_any(),
        ),
    };
    view! {
        <section class="card stack" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{title}</h2>
            <dl class="facts">
                {facts
                    .into_iter()
                    .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
                    .collect_view()}
            </dl>
            {(!odd.is_empty()).then(|| view! {
                <ul class="small">{odd.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            })}
            {which}
            {keep}
        </section>
    }
}

fn title(lang: Lang, c: &PreviewChannel) -> String {
    let service = match (c.service, c.services.as_slice()) {
        (Some(service), _) => service_name(lang, service).to_owned(),
        (None, some) => some.iter().map(|s| service_name(lang, *s)).collect::<Vec<_>>().join(" / "),
    };
    let service = if service.is_empty() { c.unit_text.clone() } else { service };
    match c.direction {
        Some(Direction::Received) => [service, text::sent_back(lang).to_owned()].join(", "),
        Some(Direction::Net) => [service, text::net(lang).to_owned()].join(", "),
        Some(Direction::Delivered) | None => service,
    }
}

fn facts(lang: Lang, c: &PreviewChannel) -> Vec<(&'static str, String)> {
    let amount = |value| match c.unit {
        Some(unit) => amount_text(lang, value, c.exponent, unit),
        None => c.unit_text.clone(),
    };
    let mut out = Vec::new();
    if let Some(first) = c.first {
        out.push((text::first(lang), first_text(lang, amount(first.amount), first.from, first.to)));
    }
    if let Some(days) = c.days {
        out.push((text::period(lang), format::range(lang, days)));
    }
    if c.count > 0 {
        let n = domain::money::Grouped(u64::from(c.count));
        out.push((text::readings(lang), text::readings_of(lang, n, length_text(lang, c.seconds))));
        out.push((text::total(lang), amount(c.total)));
    }
    let meter = if c.meter.is_empty() { text::meter_unnamed(lang).to_owned() } else { c.meter.clone() };
    out.push((text::meter(lang), meter));
    out
}

/// The first reading: its day and its times, its days, or both ends where it is longer than a day and ends within one.
fn first_text(lang: Lang, amount: String, from: NaiveDateTime, to: NaiveDateTime) -> String {
    let midnight = |at: NaiveDateTime| at.time() == NaiveTime::MIN;
    let last = if midnight(to) { to.date().pred_opt().unwrap_or(to.date()) } else { to.date() };
    let (first_day, last_day) = (format::date(lang, from.date()), format::date(lang, last));
    match (midnight(from) && midnight(to), from.date() == last) {
        (true, true) => text::first_day(lang, amount, first_day),
        (true, false) => text::first_days(lang, amount, first_day, last_day),
        (false, true) => {
            let day = [format::day(lang, from.date()), from.date().format("%Y").to_string()].join(" ");
            text::first_same_day(lang, amount, day, format::time(lang, from), format::time(lang, to))
        }
        (false, false) => {
            let to_day = format::date(lang, to.date());
            text::first_long(lang, amount, first_day, format::time(lang, from), to_day, format::time(lang, to))
        }
    }
}

fn oddities(lang: Lang, c: &PreviewChannel) -> Vec<String> {
    if c.unit.is_none() {
        return vec![match c.unit_text.as_str() {
            "" => text::odd_no_unit(lang).to_owned(),
            unit => text::odd_unit(lang, unit),
        }];
    }
    if c.first.is_none() {
        return vec![text::odd_nothing(lang).to_owned()];
    }
    let (back, by) = c.backwards;
    let by = c.unit.map(|unit| amount_text(lang, by, c.exponent, unit)).unwrap_or_default();
    [
        (back > 0).then(|| text::odd_backwards(lang, by, i64::from(back))),
        (c.repeated > 0).then(|| text::odd_repeated(lang, i64::from(c.repeated))),
        (c.missing > 0).then(|| text::odd_missing(lang, i64::from(c.missing))),
        (c.estimated > 0).then(|| text::odd_estimated(lang, i64::from(c.estimated))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Gas or water: the file does not say.
fn which(lang: Lang, c: &PreviewChannel) -> impl IntoView + use<> {
    let name = format!("service-{}", c.channel);
    let options = c.services.clone();
    let option = move |service: Commodity| {
        view! {
            <label>
                <input type="radio" name=name.clone() value=service.slug() required/>
                <span>{service_name(lang, service)}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field choice">
            <legend>{text::service_which(lang)}</legend>
            {options.into_iter().map(option).collect_view()}
        </fieldset>
    }
}

/// Another zone, another meaning: the same page, seen again.
fn wrong(lang: Lang, model: PreviewView) -> impl IntoView {
    let here = to::compare_file(&model.head.number, &model.upload);
    let times = model.times;
    let choice = move |value: Times, words: &'static str| {
        view! {
            <label>
                <input type="radio" name="times" value=value.slug() checked=value == times/>
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <details>
            <summary>{text::wrong(lang)}</summary>
            <form method="get" action=here class="stack">
                <p>{text::wrong_body(lang)}</p>
                <div class="field">
                    <label for="zone">{text::zone(lang)}</label>
                    <select id="zone" name="zone">
                        {model
                            .zones
                            .into_iter()
                            .map(|zone| {
                                let selected = zone == model.zone;
                                let words = zone_text(lang, &zone);
                                view! { <option value=zone selected=selected>{words}</option> }
                            })
                            .collect_view()}
                    </select>
                </div>
                <fieldset class="field choice" id="times">
                    <legend>{text::times(lang)}</legend>
                    {choice(Times::Utc, text::times_utc(lang))}
                    {choice(Times::Local, text::times_local(lang))}
                </fieldset>
                <p><button class="second" type="submit">{text::look_again(lang)}</button></p>
            </form>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reading_says_both_of_its_ends() {
        let said = |from: &str, to: &str| {
            let at = |text: &str| text.parse().expect("a time");
            first_text(Lang::En, "5 kWh".to_owned(), at(from), at(to))
        };
        for (from, to, words) in [
            ("2011-03-01T00:00:00", "2011-03-01T01:00:00", "5 kWh on Tue 1 Mar 2011, from 12:00 am to 1:00 am"),
            ("2011-03-01T23:00:00", "2011-03-02T00:00:00", "5 kWh on Tue 1 Mar 2011, from 11:00 pm to 12:00 am"),
            ("2011-04-01T00:00:00", "2011-04-02T00:00:00", "5 kWh on 1 Apr 2011, the whole day"),
            ("2011-04-01T00:00:00", "2011-05-02T00:00:00", "5 kWh from 1 Apr 2011 to 1 May 2011"),
            ("2003-10-05T09:30:55", "2004-01-07T10:03:33", "5 kWh from 5 Oct 2003, 9:30 am to 7 Jan 2004, 10:03 am"),
        ] {
            assert_eq!(said(from, to), words);
        }
    }
}
