//! One marked day: the use since then beside the use before.

use contract::Field;
use contract::form::{Done, FormState};
use contract::markers::{MarkerView, NotHeld};
use contract::periods::Held;
use contract::usage::UsageAsk;
use domain::calendar::{DayRange, add_months};
use domain::quantity::Commodity;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::{Lang, format, markers as text};

use super::fields;
use crate::api;
use crate::components::{AccountPage, Glyph, Icon, PostForm, Section, came_back, loaded, service_glyph, service_name};
use crate::i18n::use_lang;
use crate::pages::periods::held::{self, Names};
use crate::routes::to;

/// The page.
#[component]
pub fn OneMarker() -> impl IntoView {
    let state = api::form::use_form_state();
    let params = use_params_map();
    let which = move || {
        let params = params.read();
        let part = |key: &str| params.get(key).unwrap_or_default();
        (part("account"), part("number"))
    };
    let model = Resource::new(which, |(account, number)| api::usage::marker(account, number));
    loaded(model, move |model: MarkerView| page(model, state.clone()))
}

fn page(model: MarkerView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let back = to::markers(&account);
    let above = ViewFn::from(move || view! { <a href=back.clone()>{text::all(lang)}</a> });
    let done = state.done.map(|done| if done == Done::Kept { text::added(lang) } else { text::changed(lang) });
    let several = model.services.len() > 1;
    let services: Vec<_> = model
        .services
        .iter()
        .map(|(service, held)| one_service(lang, &account, *service, several, held.as_ref()))
        .collect();
    let form = (model.head.view_as.is_none()).then(|| change(lang, &model, state));
    let title = model.marker.label.clone();
    let day = format::date(lang, model.marker.day);
    view! {
        <AccountPage head=model.head section=Section::Usage title above>
            <div class="usage stack-large">
                {done.map(|words| view! {
                    <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{words}</p></div>
                })}
                <p class="muted">{day}</p>
                {services}
                {form}
            </div>
        </AccountPage>
    }
}

/// How both stretches are called on charts.
fn names(lang: Lang, held: &Held, service: Commodity, several: bool) -> Names {
    let range = |r: DayRange| format::range(lang, r);
    let id = match service {
        Commodity::Electricity => "e-",
        Commodity::Gas => "g-",
        Commodity::Water => "w-",
    };
    Names {
        columns: [text::after_range(lang, range(held.first.range)), text::before_range(lang, range(held.second.range))],
        id,
        below: several,
    }
}

fn sentence(lang: Lang, held: &Held) -> Option<String> {
    let mean = held::mean_day(lang, held)?;
    let year = held.second.range.from == add_months(held.first.range.from, -12);
    let before = if year { text::before_year(lang) } else { text::before_just(lang) };
    Some(match held::change(held)? {
        -1..=1 => text::sentence_same(lang, before, mean),
        p if p > 0 => text::sentence_more(lang, before, mean, p),
        p => text::sentence_less(lang, before, mean, -p),
    })
}

fn one_service(
    lang: Lang,
    account: &str,
    service: Commodity,
    several: bool,
    held: Result<&Held, &NotHeld>,
) -> impl IntoView + use<> {
    let body = match held {
        Err(NotHeld::NoReadings) => view! { <p>{text::no_readings(lang)}</p> }.into_any(),
        Err(NotHeld::NothingBefore) => view! { <p>{text::nothing_before(lang)}</p> }.into_any(),
        Err(NotHeld::TooEarly(day)) => view! { <p>{text::too_early(lang, format::date(lang, *day))}</p> }.into_any(),
        Ok(held) => {
            let (after, before) = (held.first.range, held.second.range);
            // The chart over both, with the mark in it.
            let ask = UsageAsk {
                service: Some(service.slug().to_owned()),
                from: Some(before.from.min(after.from).to_string()),
                to: Some(after.last().to_string()),
                ..UsageAsk::default()
            };
            let (chart, other) =
                (to::usage(account) + &ask.to_query(), to::periods(account, service, after, Some(before)));
            let said = sentence(lang, held).unwrap_or_else(|| held::sentence(lang, held));
            let reasons = held::reasons(lang, held);
            view! {
                <div class="stack">
                    <p class="lead">{said}</p>
                    {(!reasons.is_empty()).then(|| view! { <p>{reasons}</p> })}
                </div>
                {held::charts(lang, held, &names(lang, held, service, several))}
                <p class="row no-print">
                    <a href=chart rel="external">{text::on_usage(lang)}</a>
                    <a href=other>{text::compare(lang)}</a>
                </p>
            }
            .into_any()
        }
    };
    let title = several.then(|| {
        view! { <h2 class="row"><Icon glyph=service_glyph(service)/>{service_name(lang, service)}</h2> }
    });
    view! {
        <section class="stack-large" aria-label=service_name(lang, service)>
            {title}
            {body}
        </section>
    }
}

/// Other words, another day, or away with it.
fn change(lang: Lang, model: &MarkerView, state: FormState) -> impl IntoView + use<> {
    let open = came_back(&state, &[Field::Label, Field::On, Field::Service]);
    let (account, number) = (model.head.number.clone(), model.marker.id.to_string());
    let hidden = || {
        view! {
            <input type="hidden" name="account" value=account.clone()/>
            <input type="hidden" name="number" value=number.clone()/>
        }
    };
    let (one, other) = (hidden(), hidden());
    let on = model.marker.day.to_string();
    let fields = fields(lang, &model.head.services, &model.marker, &on, state.clone());
    view! {
        <details class="no-print" open=open>
            <summary>{text::edit(lang)}</summary>
            <div class="stack-large">
                <PostForm action="/api/markers/change" state>
                    {one}
                    {fields}
                    <p class="row send"><button class="second" type="submit">{text::save(lang)}</button></p>
                </PostForm>
                <form method="post" action="/api/markers/remove" class="stack">
                    {other}
                    <p class="muted">{text::remove_note(lang)}</p>
                    <p><button class="danger" type="submit">{text::remove(lang)}</button></p>
                </form>
            </div>
        </details>
    }
}
