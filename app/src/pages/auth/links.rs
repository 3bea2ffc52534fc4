//! The pages behind the links of our mails.

use contract::form::{Done, FormState};
use contract::{AppError, Field};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::{auth, errors};

use crate::api::auth::{claim_link, recover_link};
use crate::api::form::use_form_state;
use crate::components::{PostForm, PublicPage, TextField, loaded};
use crate::i18n::use_lang;

fn token_of_page() -> String {
    use_params_map().with_untracked(|p| p.get("token")).unwrap_or_default()
}

/// A new password, twice named: what it must be, and the field.
fn new_password_field(state: FormState) -> impl IntoView {
    let lang = use_lang();
    view! {
        <TextField
            field=Field::NewPassword
            label=auth::new_password(lang)
            hint=auth::new_password_hint(lang)
            kind="password"
            autocomplete="new-password"
            state=state
        />
    }
}

/// Taking hold of an account by the link.
#[component]
pub fn Confirm() -> impl IntoView {
    let lang = use_lang();
    let state = use_form_state();
    let token = token_of_page();
    let link = {
        let token = token.clone();
        Resource::new(|| (), move |()| claim_link(token.clone()))
    };
    loaded(link, move |link| {
        let (state, token) = (state.clone(), token.clone());
        view! {
            <PublicPage title=auth::confirm_title(lang)>
                <div class="narrow">
                    <p class="lead">{auth::confirm_lead(lang, link.email.clone())}</p>
                    <PostForm action="/api/auth/confirm" state=state.clone()>
                        <input type="hidden" name="token" value=token/>
                        <input type="text" name="username" autocomplete="username" value=link.email hidden/>
                        {link.needs_password.then(|| new_password_field(state))}
                        <button class="button" type="submit">{auth::confirm_button(lang)}</button>
                    </PostForm>
                </div>
            </PublicPage>
        }
    })
}

/// A new password by the link.
#[component]
pub fn NewPassword() -> impl IntoView {
    let lang = use_lang();
    let state = use_form_state();
    let token = token_of_page();
    let link = {
        let token = token.clone();
        Resource::new(|| (), move |()| recover_link(token.clone()))
    };
    loaded(link, move |link| {
        let (state, token) = (state.clone(), token.clone());
        view! {
            <PublicPage title=auth::new_password_title(lang)>
                <div class="narrow">
                    <p class="lead">{auth::new_password_lead(lang, link.email.clone())}</p>
                    <PostForm action="/api/auth/new-password" state=state.clone()>
                        <input type="hidden" name="token" value=token/>
                        <input type="text" name="username" autocomplete="username" value=link.email hidden/>
                        {new_password_field(state)}
                        <button class="button" type="submit">{auth::new_password_button(lang)}</button>
                    </PostForm>
                </div>
            </PublicPage>
        }
    })
}

/// A new address by the link. A button, because programs that read mail open links by themselves.
#[component]
pub fn NewEmail() -> impl IntoView {
    let lang = use_lang();
    let state = use_form_state();
    let token = token_of_page();
    if state.done == Some(Done::Saved) || token == "done" {
        return view! {
            <PublicPage title=auth::new_email_title(lang)>
                <div class="narrow">
                    <p class="notice good" role="status">{auth::new_email_done(lang)}</p>
                    <p><a href="/">{auth::go_on(lang)}</a></p>
                </div>
            </PublicPage>
        }
        .into_any();
    }
    let used = state.error == Some(AppError::LinkExpired);
    view! {
        <PublicPage title=auth::new_email_title(lang)>
            <div class="narrow">
                <p class="lead">{auth::new_email_lead(lang)}</p>
                <PostForm action="/api/auth/confirm-email" state=state>
                    <input type="hidden" name="token" value=token/>
                    <button class="button" type="submit">{auth::new_email_button(lang)}</button>
                </PostForm>
                {used.then(|| view! {
                    <p>{errors::link_used(lang)} " " <a href="/sign-in">{auth::sign_in(lang)}</a></p>
                })}
            </div>
        </PublicPage>
    }
    .into_any()
}
