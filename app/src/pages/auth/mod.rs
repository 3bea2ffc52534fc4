//! Signing in, claiming an account, a forgotten password, links from mails.

mod links;

use contract::Field;
use contract::form::Done;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use locales::{Lang, auth};

pub use links::{Confirm, NewEmail, NewPassword};

use crate::api::form::use_form_state;
use crate::components::{PostForm, PublicPage, TextField};
use crate::i18n::use_lang;

/// What became of a form that the end of a session cut off, by the word in the address of the sign-in page.
#[must_use]
pub fn signed_out(lang: Lang, was: &str) -> Option<&'static str> {
    Some(match was {
        "kept" => auth::signed_out_kept(lang),
        "amounts" => auth::signed_out_amounts(lang),
        "out" => auth::signed_out(lang),
        _ => return None,
    })
}

/// Signing in by e-mail address or account number.
#[component]
pub fn SignIn() -> impl IntoView {
    let lang = use_lang();
    let state = use_form_state();
    let back = !state.fields.is_empty() && state.error.is_none();
    let query = use_query_map();
    let next = query.with_untracked(|q| q.get("next")).unwrap_or_default();
    let sent_here = !next.is_empty() && next != "/";
    let was = query.with_untracked(|q| q.get("was")).and_then(|was| signed_out(lang, &was));
    view! {
        <PublicPage title=auth::sign_in(lang)>
            <div class="narrow">
                {match was {
                    Some(words) => Some(view! { <p class="notice">{words}</p> }),
                    None => (sent_here && state.error.is_none() && !back)
                        .then(|| view! { <p class="notice">{auth::sign_in_first(lang)}</p> }),
                }}
                <PostForm action="/api/sign-in" state=state.clone()>
                    <input type="hidden" name="next" value=next/>
                    <TextField
                        field=Field::Login
                        label=auth::login(lang)
                        autocomplete="username"
                        state=state.clone()
                    />
                    <TextField
                        field=Field::Password
                        label=auth::password(lang)
                        kind="password"
                        autocomplete="current-password"
                        state=state
                    />
                    <button class="button" type="submit">{auth::sign_in(lang)}</button>
                </PostForm>
                <ul class="list">
                    <li><a href="/recover">{auth::forgot(lang)}</a></li>
                    <li><a href="/claim">{auth::first_time(lang)}</a></li>
                    <li><a href="/pay">{auth::guest_pay(lang)}</a></li>
                </ul>
            </div>
        </PublicPage>
    }
}

/// Taking hold of an account for the first time.
#[component]
pub fn Claim() -> impl IntoView {
    let lang = use_lang();
    let state = use_form_state();
    if state.done == Some(Done::MailSent) {
        return sent(auth::claim_title(lang), auth::claim_sent(lang)).into_any();
    }
    view! {
        <PublicPage title=auth::claim_title(lang)>
            <div class="narrow">
                <p class="lead">{auth::claim_lead(lang)}</p>
                <PostForm action="/api/auth/claim" state=state.clone()>
                    <TextField
                        field=Field::AccountNumber
                        label=auth::account_number(lang)
                        hint=auth::account_number_hint(lang)
                        inputmode="numeric"
                        state=state.clone()
                    />
                    <TextField
                        field=Field::BillAmount
                        label=auth::bill_amount(lang)
                        hint=auth::bill_amount_hint(lang)
                        inputmode="decimal"
                        state=state.clone()
                    />
                    <TextField
                        field=Field::Email
                        label=auth::email(lang)
                        hint=auth::claim_email_hint(lang)
                        kind="email"
                        autocomplete="email"
                        state=state
                    />
                    <button class="button" type="submit">{auth::send_link(lang)}</button>
                </PostForm>
                <p class="small"><a href="/sign-in">{auth::back_to_sign_in(lang)}</a></p>
            </div>
        </PublicPage>
    }
    .into_any()
}

/// A forgotten password.
#[component]
pub fn Recover() -> impl IntoView {
    let lang = use_lang();
    let state = use_form_state();
    if state.done == Some(Done::MailSent) {
        return sent(auth::recover_title(lang), auth::recover_sent(lang)).into_any();
    }
    view! {
        <PublicPage title=auth::recover_title(lang)>
            <div class="narrow">
                <p class="lead">{auth::recover_lead(lang)}</p>
                <PostForm action="/api/auth/recover" state=state.clone()>
                    <TextField field=Field::Login label=auth::login(lang) autocomplete="username" state=state/>
                    <button class="button" type="submit">{auth::send_link(lang)}</button>
                </PostForm>
                <p class="small"><a href="/sign-in">{auth::back_to_sign_in(lang)}</a></p>
            </div>
        </PublicPage>
    }
    .into_any()
}

/// What is said whether or not a mail was sent.
fn sent(title: &'static str, words: &'static str) -> impl IntoView {
    let lang = use_lang();
    view! {
        <PublicPage title=title>
            <div class="narrow">
                <p class="notice good" role="status">{words}</p>
                <p><a href="/sign-in">{auth::back_to_sign_in(lang)}</a></p>
            </div>
        </PublicPage>
    }
}
