//! Coming in and going out: signing in, handing over to the assist host, and the end of a viewing.

use contract::Field;
use contract::form::FormState;
use leptos::prelude::*;
use locales::{auth, staff};

use super::layout::{StaffFrame, layout};
use crate::components::TextField;
use crate::i18n::use_lang;

/// Signing in as an employee.
pub fn sign_in_page(frame: &StaffFrame, state: FormState, next: &str, was: &str) -> impl IntoView + use<> {
    let lang = use_lang();
    let next = next.to_owned();
    let error = state.error.clone();
    let was = crate::pages::auth::signed_out(lang, was);
    let form = view! {
        {was.map(|words| view! { <p class="notice">{words}</p> })}
        <form method="post" action="/staff/sign-in" class="narrow">
            <input type="hidden" name="next" value=next/>
            <TextField
                field=Field::Login
                label=auth::email(lang)
                kind="email"
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
        </form>
        <p class="small"><a href="/recover">{auth::forgot(lang)}</a></p>
    };
    layout(frame, staff::sign_in(lang), error, form)
}

/// Hands over to the assist host: a form that the script sends at once. The token is in its body, so that it stays out of
/// addresses and logs.
pub fn hand_over_page(frame: &StaffFrame, assist_origin: &str, hand_over: &str) -> impl IntoView + use<> {
    let lang = use_lang();
    let action = format!("{assist_origin}/view-as/enter");
    let hand_over = hand_over.to_owned();
    let form = view! {
        <p class="lead">{staff::opening_lead(lang)}</p>
        <form method="post" action=action data-send="now">
            <input type="hidden" name="hand_over" value=hand_over/>
            <button class="button" type="submit">{staff::opening_button(lang)}</button>
        </form>
    };
    layout(frame, staff::opening(lang), None, form)
}

/// The end of a viewing, or a hand-over that came too late.
pub fn ended_page(frame: &StaffFrame) -> impl IntoView + use<> {
    let lang = use_lang();
    let text = view! {
        <p class="lead">{staff::ended_lead(lang)}</p>
        <p><a class="button second" href="/staff">{staff::back(lang)}</a></p>
    };
    layout(frame, staff::ended(lang), None, text)
}
