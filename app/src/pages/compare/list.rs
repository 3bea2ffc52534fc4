//! The list of files, and the form for another.

use contract::compare::{CompareView, DataSetLine};
use contract::form::{Done, FormState};
use contract::{AppError, Field, FieldError};
use leptos::prelude::*;
use locales::{compare as text, format};

use crate::api;
use crate::components::{AccountPage, Glyph, Icon, PostForm, Section, TextField, loaded, problem_text, service_name};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Compare() -> impl IntoView {
    let state = api::form::use_form_state();
    let model = Resource::new(account_number(), api::compare::list);
    loaded(model, move |model: CompareView| {
        let lang = use_lang();
        let account = model.head.number.clone();
        let viewing = model.head.view_as.is_some();
        let removed = state.done == Some(Done::Removed);
        let form = if viewing {
            view! { <p class="muted">{text::view_as_no(lang)}</p> }.into_any()
        } else if model.room {
            view! { <NewFile account=account.clone() largest=model.largest state=state.clone()/> }.into_any()
        } else {
            view! { <p class="muted">{text::full(lang)}</p> }.into_any()
        };
        view! {
            <AccountPage head=model.head section=Section::Usage title=text::title(lang)>
                <div class="stack-large">
                    {removed.then(|| view! {
                        <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{text::removed(lang)}</p></div>
                    })}
                    <p class="lead">{text::lead(lang)}</p>
                    <section class="stack" aria-labelledby="yours">
                        <h2 id="yours">{text::yours(lang)}</h2>
                        <Files account sets=model.sets/>
                    </section>
                    <section class="stack" aria-labelledby="new">
                        <h2 id="new">{text::new(lang)}</h2>
                        {form}
                    </section>
                </div>
            </AccountPage>
        }
    })
}

#[component]
fn Files(account: String, sets: Vec<DataSetLine>) -> impl IntoView {
    let lang = use_lang();
    if sets.is_empty() {
        return view! { <p class="muted">{text::none(lang)}</p> }.into_any();
    }
    view! {
        <ul class="list requests" role="list">
            {sets
                .into_iter()
                .map(|set| {
                    let added = text::added(lang, format::date(lang, set.added_on), set.file_name);
                    view! {
                        <li>
                            <a href=to::data_set(&account, &set.number)>
                                <span class="what">
                                    <strong>{set.label}</strong>
                                    <span class="muted small">{added}</span>
                                </span>
                                <span class="tag">{service_name(lang, set.service)}</span>
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn NewFile(account: String, largest: u64, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let problem = problem_of(&state, Field::File);
    let described = if problem.is_some() { "file-hint file-problem" } else { "file-hint" };
    view! {
        <PostForm action="/api/compare/upload" multipart=true state=state.clone()>
            <input type="hidden" name="account" value=account/>
            <div class="field" class:wrong=problem.is_some()>
                <label for="file">{text::file(lang)}</label>
                <p class="hint" id="file-hint">{text::file_hint(lang, largest / (1024 * 1024))}</p>
                {problem.map(|p| view! {
                    <p class="wrong-text" id="file-problem">{problem_text(lang, p.field, p.problem)}</p>
                })}
                <input type="file" id="file" name="file" required aria-describedby=described/>
            </div>
            <TextField field=Field::Label label=text::label(lang) hint=text::label_hint(lang) state/>
            <p class="row send"><button type="submit">{text::read(lang)}</button></p>
        </PostForm>
    }
}

/// What is wrong with a field.
pub(super) fn problem_of(state: &FormState, field: Field) -> Option<FieldError> {
    match &state.error {
        Some(AppError::Invalid(fields)) => fields.iter().copied().find(|f| f.field == field),
        _ => None,
    }
}
