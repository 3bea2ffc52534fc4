//! Help: asking for service, and following what became of it.

mod list;
mod request;

pub use list::Help;
pub use request::Request;

use domain::request::{Kind, Status};
use leptos::prelude::*;
use locales::{Lang, help};

use crate::i18n::use_lang;

/// What a request is about, in words.
#[must_use]
pub fn kind_text(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::HighBill => help::kind_high_bill(lang),
        Kind::Leak => help::kind_leak(lang),
        Kind::Meter => help::kind_meter(lang),
        Kind::Move => help::kind_move(lang),
        Kind::Outage => help::kind_outage(lang),
        Kind::TreeOrLight => help::kind_tree_or_light(lang),
        Kind::Payment => help::kind_payment(lang),
        Kind::Other => help::kind_other(lang),
    }
}

/// Whose turn it is, as a tag.
#[component]
pub fn StatusTag(
    /// Which.
    status: Status,
) -> impl IntoView {
    let lang = use_lang();
    let (class, text) = match status {
        Status::Open => ("tag warn", help::status_open(lang)),
        Status::Answered => ("tag good", help::status_answered(lang)),
        Status::Closed => ("tag", help::status_closed(lang)),
    };
    view! { <span class=class>{text}</span> }
}

/// The field for a photo.
#[component]
fn PhotoField(
    /// What came back from an earlier try.
    state: contract::form::FormState,
) -> impl IntoView {
    use contract::{AppError, Field};
    let lang = use_lang();
    let problem = match &state.error {
        Some(AppError::Invalid(fields)) => fields.iter().copied().find(|f| f.field == Field::File),
        _ => None,
    };
    let described = if problem.is_some() { "file-hint file-problem" } else { "file-hint" };
    view! {
        <div class="field" class:wrong=problem.is_some()>
            <label for="file">{help::photo(lang)} <span class="muted">" " {locales::errors::optional(lang)}</span></label>
            <p class="hint" id="file-hint">{help::photo_hint(lang)}</p>
            {problem.map(|p| view! {
                <p class="wrong-text" id="file-problem">{crate::components::problem_text(lang, p.field, p.problem)}</p>
            })}
            <input
                type="file"
                id="file"
                name="file"
                accept="image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif,image/avif"
                aria-describedby=described
            />
        </div>
    }
}
