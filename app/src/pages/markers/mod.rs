//! Days that people mark because something changed in the home: the list, and each with the use before and after.

mod one;

use contract::Field;
use contract::form::{Done, FormState};
use contract::markers::{Marker, MarkersView};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use locales::{Lang, format, markers as text};

pub use one::OneMarker;

use crate::api;
use crate::components::{AccountPage, Choice, Glyph, Icon, PostForm, Section, TextField, loaded, service_name};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The list, and the form for another.
#[component]
pub fn Markers() -> impl IntoView {
    let state = api::form::use_form_state();
    let query = use_query_map();
    let model = Resource::new(account_number(), api::usage::markers);
    loaded(model, move |model: MarkersView| {
        // A bar of a chart leads here with its day.
        let on = query.read_untracked().get("on").filter(|d| d.parse::<chrono::NaiveDate>().is_ok());
        page(model, on, state.clone())
    })
}

fn page(model: MarkersView, on: Option<String>, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let back = to::usage(&account);
    let above = ViewFn::from(move || view! { <a href=back.clone()>{text::back(lang)}</a> });
    let list = list(lang, &account, model.markers);
    let removed = state.done == Some(Done::Removed);
    let form = if model.head.view_as.is_some() {
        view! { <p class="muted">{text::view_as_no(lang)}</p> }.into_any()
    } else if model.room {
        let on = on.unwrap_or_else(|| model.today.to_string());
        let blank = Marker { id: 0, day: model.today, label: String::new(), service: None };
        let fields = fields(lang, &model.head.services, &blank, &on, state.clone());
        view! {
            <PostForm action="/api/markers/add" state>
                <input type="hidden" name="account" value=account.clone()/>
                {fields}
                <p class="row send"><button type="submit">{text::add(lang)}</button></p>
            </PostForm>
        }
        .into_any()
    } else {
        view! { <p class="muted">{text::full(lang)}</p> }.into_any()
    };
    view! {
        <AccountPage head=model.head section=Section::Usage title=text::title(lang) above>
            <div class="stack-large">
                {removed.then(|| view! {
                    <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{text::removed(lang)}</p></div>
                })}
                <p class="lead">{text::lead(lang)}</p>
                <section class="stack" aria-labelledby="yours">
                    <h2 id="yours">{text::yours(lang)}</h2>
                    {list}
                </section>
                <section class="stack" aria-labelledby="new">
                    <h2 id="new">{text::new(lang)}</h2>
                    {form}
                </section>
            </div>
        </AccountPage>
    }
}

fn list(lang: Lang, account: &str, markers: Vec<Marker>) -> impl IntoView + use<> {
    if markers.is_empty() {
        return view! { <p class="muted">{text::none(lang)}</p> }.into_any();
    }
    let lines = markers.into_iter().map(|m| {
        let service = m.service.map_or(text::service_all(lang), |s| service_name(lang, s));
        view! {
            <li>
                <a href=to::marker(account, m.id)>
                    <span class="what">
                        <strong>{m.label}</strong>
                        <span class="muted small">{text::since(lang, format::date(lang, m.day))}</span>
                    </span>
                    <span class="tag">{service}</span>
                </a>
            </li>
        }
    });
    view! { <ul class="list requests" role="list">{lines.collect_view()}</ul> }.into_any()
}

/// What is typed of a mark.
fn fields(
    lang: Lang,
    services: &[domain::quantity::Commodity],
    marker: &Marker,
    on: &str,
    state: FormState,
) -> impl IntoView + use<> {
    let mut options = vec![(String::new(), text::service_all(lang).to_owned())];
    options.extend(services.iter().map(|s| (s.slug().to_owned(), service_name(lang, *s).to_owned())));
    let several = services.len() > 1;
    let chosen = marker.service.map(|s| s.slug().to_owned()).unwrap_or_default();
    view! {
        <TextField
            field=Field::Label
            label=text::label(lang)
            hint=text::label_hint(lang)
            value=marker.label.clone()
            state=state.clone()
        />
        <TextField field=Field::On label=text::on(lang) kind="date" value=on.to_owned() state=state.clone()/>
        {several.then(|| view! {
            <Choice field=Field::Service legend=text::service(lang) options value=chosen state/>
        })}
    }
}
