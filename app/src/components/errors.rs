//! Errors in words: what happened, what is safe, what to do.

use std::borrow::Cow;

use contract::{AppError, Field, Problem};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;
use locales::{Lang, errors};

use crate::components::PublicPage;
#[cfg(feature = "ssr")]
use crate::components::{AccountPage, Section};
use crate::i18n::{use_brand, use_lang};

/// The heading and the sentence of an error.
#[must_use]
pub fn error_text(lang: Lang, error: &AppError, phone: &str) -> (String, String) {
    let (title, body) = match error {
        AppError::SignInRequired => (errors::sign_in_title(lang), errors::sign_in_body(lang).to_owned()),
        AppError::NotFound => (errors::not_found_title(lang), errors::not_found_body(lang, phone)),
        AppError::Forbidden => (errors::forbidden_title(lang), errors::forbidden_body(lang, phone)),
        AppError::ViewAsReadOnly => (errors::read_only_title(lang), errors::read_only_body(lang).to_owned()),
        AppError::Invalid(_) => (errors::invalid_title(lang), errors::invalid_body(lang).to_owned()),
        AppError::TooManyTries { retry_after } => {
            (errors::too_many_title(lang), errors::too_many_body(lang, i64::from(retry_after.div_ceil(60).max(1))))
        }
        AppError::TooManyFiles { limit, retry_after } => {
            let minutes = i64::from(retry_after.div_ceil(60).max(1));
            (errors::too_many_files_title(lang), errors::too_many_files_body(lang, limit, minutes))
        }
        AppError::TooManyMessages { limit, .. } => {
            (errors::too_many_messages_title(lang), errors::too_many_messages_body(lang, limit, phone))
        }
        AppError::LinkExpired => (errors::link_title(lang), errors::link_body(lang).to_owned()),
        AppError::Changed => (errors::changed_title(lang), errors::changed_body(lang).to_owned()),
        AppError::ProcessorDown => (errors::processor_title(lang), errors::processor_body(lang, phone)),
        AppError::TooLarge { limit } => (errors::too_large_title(lang), errors::too_large_body(lang, limit >> 20)),
        AppError::Internal { id } => (errors::internal_title(lang), errors::internal_body(lang, phone, id)),
        AppError::Network => (errors::network_title(lang), errors::network_body(lang, phone)),
    };
    (title.to_owned(), body)
}

/// What is wrong with a field, and what would be right.
#[must_use]
pub fn problem_text(lang: Lang, field: Field, problem: Problem) -> Cow<'static, str> {
    if let Problem::GarbledLine(line) = problem {
        return errors::file_garbled_line(lang, line).into();
    }
    fixed_text(lang, field, problem).into()
}

fn fixed_text(lang: Lang, field: Field, problem: Problem) -> &'static str {
    match (field, problem) {
        (Field::Email, Problem::Malformed | Problem::Missing) => errors::email_form(lang),
        (Field::Phone, Problem::Malformed | Problem::Missing) => errors::phone_form(lang),
        (Field::Amount | Field::BillAmount, Problem::Malformed | Problem::Missing) => errors::amount_form(lang),
        (Field::Amount, Problem::TooSmall) => errors::amount_small(lang),
        (Field::Amount, Problem::TooLarge) => errors::amount_large(lang),
        (Field::Amount, Problem::MoreThanLeft) => errors::amount_left(lang),
        (Field::NewPassword, Problem::TooShort | Problem::Missing) => errors::password_short(lang),
        (Field::NewPassword, Problem::Guessable) => errors::password_guessable(lang),
        (Field::Postcode, Problem::NoMatch) => errors::guest_no_match(lang),
        (Field::Login | Field::Password, Problem::NoMatch) => errors::sign_in_no_match(lang),
        (Field::From | Field::To | Field::OtherFrom | Field::OtherTo, Problem::Reversed) => {
            errors::range_reversed(lang)
        }
        (Field::From | Field::To | Field::OtherFrom | Field::OtherTo, Problem::OutOfRange) => {
            errors::range_outside(lang)
        }
        (Field::On, Problem::OutOfRange) => errors::day_outside(lang),
        (Field::From | Field::To | Field::OtherFrom | Field::OtherTo | Field::On, _) => errors::date_form(lang),
        (Field::Method, Problem::OutOfRange) => errors::method_expired(lang),
        (Field::Method, Problem::TooMany) => errors::method_many(lang),
        (Field::Method, _) => errors::method_choose(lang),
        (Field::Parts, Problem::OutOfRange) => errors::parts_day(lang),
        (Field::Parts, Problem::TooSmall) => errors::amount_small(lang),
        (Field::Parts, Problem::TooLarge) => errors::parts_large(lang),
        (Field::Parts, Problem::NoMatch) => errors::amount_form(lang),
        (Field::Parts, _) => errors::parts_form(lang),
        (Field::Limit, _) => errors::limit_form(lang),
        (Field::DaysBefore | Field::Brake | Field::Today, _) => errors::choose_one(lang),
        (Field::File, Problem::Missing) => errors::file_missing(lang),
        (Field::File, Problem::TooLarge) => errors::file_large(lang),
        (Field::File, Problem::TooLong) => errors::file_long(lang),
        (Field::File, Problem::Unpacked) => errors::file_unpacked(lang),
        (Field::File, Problem::Unsafe) => errors::file_unsafe(lang),
        (Field::File, Problem::Garbled) => errors::file_garbled(lang),
        (Field::File, Problem::NoPicture) => errors::file_no_picture(lang),
        (Field::File, Problem::Empty) => errors::file_empty(lang),
        (Field::File, Problem::WebPage) => errors::file_web_page(lang),
        (Field::File, Problem::WrongKind) => errors::file_kind(lang),
        (Field::File, Problem::NoReadings) => errors::file_no_readings(lang),
        (Field::File, Problem::Taken) => errors::file_taken(lang),
        (Field::File, Problem::TooMany) => errors::file_too_many(lang),
        (Field::File, Problem::Malformed) => errors::file_prices(lang),
        (Field::File, _) => errors::file_unreadable(lang),
        (Field::Zone, _) => errors::zone_form(lang),
        (Field::Channels, _) => errors::channels_none(lang),
        (Field::RequestKind | Field::Reason | Field::Times | Field::Service | Field::Steps | Field::Measure, _) => {
            errors::choose_one(lang)
        }
        (Field::Label, Problem::TooMany) => errors::markers_full(lang),
        (_, Problem::Missing) => errors::missing(lang),
        (_, Problem::TooShort) => errors::too_short(lang),
        (_, Problem::TooLong) => errors::too_long(lang),
        (_, Problem::NoMatch) => errors::no_match(lang),
        (_, Problem::Taken) => errors::taken(lang),
        (_, _) => errors::malformed(lang),
    }
}

/// A page in place of the one that could not be shown; leads to sign-in and back where that is what is missing.
#[component]
pub fn ErrorView(
    /// What went wrong.
    error: AppError,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server::set_status(error.status());
    let location = use_location();
    let path = location.pathname.get_untracked();
    if error == AppError::SignInRequired {
        let here = path + &query(&location.search.get_untracked());
        return view! { <Redirect path=format!("/sign-in?next={}", escape(&here))/> }.into_any();
    }
    let lang = use_lang();
    let (title, body) = error_text(lang, &error, &use_brand().phone);
    // An employee is led to where accounts are found, not to a resident's Home.
    let (href, word) = if path == "/staff" || path.starts_with("/staff/") {
        ("/staff", errors::back_staff(lang))
    } else {
        ("/", errors::back_home(lang))
    };
    #[cfg(feature = "ssr")]
    if error == AppError::LinkExpired
        && let Some((href, word)) = new_link(lang, &path)
    {
        return view! {
            <PublicPage title=title>
                <div class="stack-large">
                    <p class="lead">{body}</p>
                    <p><a class="button" href=href>{word}</a></p>
                    <p>{errors::link_used(lang)} " " <a href="/sign-in">{locales::auth::sign_in(lang)}</a></p>
                </div>
            </PublicPage>
        }
        .into_any();
    }
    let plain = {
        let (title, body) = (title.clone(), body.clone());
        move || {
            view! {
                <PublicPage title=title>
                    <div class="stack-large">
                        <p class="lead">{body}</p>
                        <p><a class="button" href=href>{word}</a></p>
                    </div>
                </PublicPage>
            }
            .into_any()
        }
    };
    // Whoever is signed in keeps their way around. A page that the browser takes over has to be built as it would build it.
    #[cfg(feature = "ssr")]
    if !crate::routes::is_live(&path)
        && let Some((cx, who)) = crate::server::caller().ok().filter(|(_, who)| who.resident().is_some())
    {
        let number = path.strip_prefix("/a/").and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
        let framed = Suspend::new(async move {
            match services::accounts::frame(&cx, &who, &number).await {
                Ok(head) => {
                    let home = crate::routes::to::home(&head.number);
                    view! {
                        <AccountPage head section=Section::Nowhere title>
                            <div class="stack-large">
                                <p class="lead">{body}</p>
                                <p><a class="button" href=home>{errors::back_own(lang)}</a></p>
                            </div>
                        </AccountPage>
                    }
                    .into_any()
                }
                Err(_) => plain(),
            }
        });
        return view! { <Suspense>{framed}</Suspense> }.into_any();
    }
    plain()
}

/// Where another link is asked for.
#[cfg(feature = "ssr")]
fn new_link(lang: Lang, path: &str) -> Option<(&'static str, &'static str)> {
    if path.starts_with("/new-password/") {
        Some(("/recover", errors::link_again(lang)))
    } else if path.starts_with("/confirm/") {
        Some(("/claim", errors::link_again(lang)))
    } else {
        None
    }
}

fn query(search: &str) -> String {
    match search.strip_prefix('?').unwrap_or(search) {
        "" => String::new(),
        text => format!("?{text}"),
    }
}

/// Percent-encodes what may not stand in a query value.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"/-_.~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push('%');
            for digit in [b >> 4, b & 15] {
                out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    out
}

/// There is no page at this address.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text=errors::not_found_title(use_lang())/>
        <ErrorView error=AppError::NotFound/>
    }
}
