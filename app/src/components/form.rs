//! Forms are plain posts, with and without JavaScript. A refused form comes back with what was typed and with what is wrong:
//! both travel in [`FormState`], which the server keeps for the way back (see `docs/pages.md`).

use chrono::{Datelike, NaiveDate};
use contract::form::{Done, FormState};
use contract::{AppError, Field, FieldError};
use leptos::prelude::*;
use locales::{Lang, auth, errors};

use crate::components::{error_text, problem_text};
use crate::i18n::{use_brand, use_lang};

/// A form that posts to a server function or route. `state` is what came back from an earlier try.
#[component]
pub fn PostForm(
    /// Where it posts to.
    #[prop(into)]
    action: String,
    /// Set where files are sent along.
    #[prop(optional)]
    multipart: bool,
    /// What came back.
    #[prop(optional, into)]
    state: Option<FormState>,
    /// Fields and button.
    children: Children,
) -> impl IntoView {
    let again = state.as_ref().and_then(|state| came_again(use_lang(), state));
    view! {
        {again}
        {state.and_then(|s| s.error).map(|error| view! { <FormErrors error/> })}
        <form method="post" action=action enctype=multipart.then_some("multipart/form-data")>
            {children()}
        </form>
    }
}

/// What is said of a form that the end of a session cut off, on its page after signing in.
#[must_use]
pub fn came_again(lang: Lang, state: &FormState) -> Option<impl IntoView + use<>> {
    let words = match state {
        FormState { done: Some(Done::NotKept), .. } => auth::amounts_not_kept(lang),
        FormState { error: None, done: None, fields } if !fields.is_empty() => auth::came_again(lang),
        _ => return None,
    };
    Some(view! { <p class="notice" role="status">{words}</p> })
}

/// What is wrong with the form as a whole, or a list of its fields' problems that link to them.
#[component]
pub fn FormErrors(
    /// Why it was refused.
    error: AppError,
) -> impl IntoView {
    let lang = use_lang();
    let (title, body) = error_text(lang, &error, &use_brand().phone);
    let fields = match error {
        AppError::Invalid(fields) => fields,
        _ => Vec::new(),
    };
    view! {
        <div class="problem" role="alert" tabindex="-1" id="form-problem">
            <h2>{title}</h2>
            <p>{body}</p>
            {(!fields.is_empty()).then(|| view! {
                <ul>
                    {fields
                        .iter()
                        .map(|f| view! {
                            <li><a href=format!("#{}", name_of(f.field))>{problem_text(lang, f.field, f.problem)}</a></li>
                        })
                        .collect_view()}
                </ul>
            })}
        </div>
    }
}

/// The name (and id) of a field in its form.
#[must_use]
pub const fn name_of(field: Field) -> &'static str {
    match field {
        Field::Login => "login",
        Field::Password => "password",
        Field::NewPassword => "new_password",
        Field::AccountNumber => "account_number",
        Field::Postcode => "postcode",
        Field::BillAmount => "bill_amount",
        Field::Email => "email",
        Field::Phone => "phone",
        Field::Amount => "amount",
        Field::From => "from",
        Field::To => "to",
        Field::OtherFrom => "from2",
        Field::OtherTo => "to2",
        Field::On => "on",
        Field::RequestKind => "kind",
        Field::Message => "message",
        Field::File => "file",
        Field::Label => "label",
        Field::Zone => "zone",
        Field::Times => "times",
        Field::Channels => "channels",
        Field::Service => "service",
        Field::Reason => "reason",
        Field::Steps => "by",
        Field::Measure => "show",
        Field::Search => "q",
        Field::Months => "months",
        Field::Method => "method",
        Field::Parts => "parts",
        Field::DaysBefore => "days_before",
        Field::Limit => "limit",
        Field::Brake => "brake",
        Field::Today => "today",
    }
}

/// A typed day as a date field takes it; `None` where it is no date, which browsers refuse with a warning.
#[must_use]
pub fn date_value(typed: &str) -> Option<String> {
    let day: NaiveDate = typed.trim().parse().ok()?;
    (1..=9_999).contains(&day.year()).then(|| day.to_string())
}

fn problem_of(state: Option<&FormState>, field: Field) -> Option<FieldError> {
    match state?.error.as_ref()? {
        AppError::Invalid(fields) => fields.iter().copied().find(|f| f.field == field),
        _ => None,
    }
}

/// Whether one of these fields came back, refused or only interrupted by a sign-in: a fold around it stands open then.
#[must_use]
pub fn came_back(state: &FormState, fields: &[Field]) -> bool {
    fields.iter().any(|f| state.typed(name_of(*f)).is_some() || problem_of(Some(state), *f).is_some())
}

/// A labelled line of text (or several lines), with its hint, what was typed before, and what is wrong with it.
#[component]
pub fn TextField(
    /// Which field; gives the name and the id.
    field: Field,
    /// The label.
    #[prop(into)]
    label: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The HTML input type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in by itself.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The keyboard that a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// The value at first.
    #[prop(optional, into)]
    value: String,
    /// Number of lines; more than one makes a text area.
    #[prop(default = 1)]
    lines: u32,
    /// Whether the form may be sent without it.
    #[prop(optional)]
    optional: bool,
    /// Whether the label leaves that out, where another choice decides whether it is needed.
    #[prop(optional)]
    depends: bool,
    /// What came back from an earlier try.
    #[prop(optional, into)]
    state: Option<FormState>,
) -> impl IntoView {
    let lang = use_lang();
    let name = name_of(field);
    let problem = problem_of(state.as_ref(), field);
    let typed = state.as_ref().and_then(|s| s.typed(name)).map(ToOwned::to_owned).unwrap_or(value);
    let typed = if kind == "date" { date_value(&typed).unwrap_or_default() } else { typed };
    let hint_id = format!("{name}-hint");
    let problem_id = format!("{name}-problem");
    let described = [hint.as_ref().map(|_| hint_id.clone()), problem.map(|_| problem_id.clone())]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let described = (!described.is_empty()).then_some(described);
    let invalid = problem.map(|_| "true");
    let input = if lines > 1 {
        view! {
            <textarea id=name name=name rows=lines required=!optional aria-describedby=described aria-invalid=invalid>
                {typed}
            </textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                id=name
                name=name
                type=kind
                value=typed
                autocomplete=autocomplete
                inputmode=inputmode
                required=!optional
                aria-describedby=described
                aria-invalid=invalid
            />
        }
        .into_any()
    };
    view! {
        <div class="field" class:wrong=problem.is_some()>
            <label for=name>
                {label}
                {(optional && !depends).then(|| view! { <span class="muted">" " {errors::optional(lang)}</span> })}
            </label>
            {hint.map(|h| view! { <p class="hint" id=hint_id>{h}</p> })}
            {problem.map(|p| view! { <p class="wrong-text" id=problem_id>{problem_text(lang, p.field, p.problem)}</p> })}
            {input}
        </div>
    }
}

/// One of a few: radio buttons under a legend.
#[component]
pub fn Choice(
    /// Which field.
    field: Field,
    /// What is to be chosen.
    #[prop(into)]
    legend: String,
    /// Value and label of each.
    options: Vec<(String, String)>,
    /// The value at first.
    #[prop(optional, into)]
    value: String,
    /// What came back from an earlier try.
    #[prop(optional, into)]
    state: Option<FormState>,
) -> impl IntoView {
    let lang = use_lang();
    let name = name_of(field);
    let problem = problem_of(state.as_ref(), field);
    let chosen = state.as_ref().and_then(|s| s.typed(name)).map(ToOwned::to_owned).unwrap_or(value);
    view! {
        <fieldset class="field choice" class:wrong=problem.is_some() id=name>
            <legend>{legend}</legend>
            {problem.map(|p| view! { <p class="wrong-text">{problem_text(lang, p.field, p.problem)}</p> })}
            {options
                .into_iter()
                .map(|(value, label)| {
                    let checked = value == chosen;
                    view! {
                        <label>
                            <input type="radio" name=name value=value checked=checked/>
                            <span>{label}</span>
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::date_value;

    #[test]
    fn a_date_field_is_given_dates_only() {
        assert_eq!(date_value("2026-05-12").as_deref(), Some("2026-05-12"));
        assert_eq!(date_value(" 2026-5-9").as_deref(), Some("2026-05-09"));
        for none in ["abc", "", "2026-02-30", "+12026-05-12", "-0001-05-12", "12/05/2026"] {
            assert_eq!(date_value(none), None, "{none}");
        }
    }
}
