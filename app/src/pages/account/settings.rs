//! Contact, paperless bills, password, where one is signed in.

use contract::Field;
use contract::auth::{SessionLine, SettingsView};
use contract::form::{Done, FormState};
use leptos::prelude::*;
use locales::{account as words, format};

use crate::api::auth::settings;
use crate::api::form::use_form_state;
use crate::components::{AccountPage, FormErrors, Section, TextField, came_again, came_back, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;

/// The settings page.
#[component]
pub fn Settings() -> impl IntoView {
    let state = use_form_state();
    let model = Resource::new(account_number(), settings);
    loaded(model, move |view| page(view, state.clone()))
}

fn page(model: SettingsView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let number = model.account.number.clone();
    let viewing = model.account.view_as.is_some();
    let done = state.done.map(|done| match done {
        Done::MailSent => words::mail_sent(lang),
        _ => words::saved(lang),
    });
    let error = state.error.clone();
    view! {
        <AccountPage head=model.account.clone() section=Section::Account title=words::settings_title(lang)>
            <div class="stack-large">
                {done.map(|text| view! { <p class="notice good" role="status">{text}</p> })}
                {error.map(|error| view! { <FormErrors error/> })}
                {came_again(lang, &state)}
                {contact(&model, state.clone(), viewing)}
                {paper(&model, &number, viewing)}
                {(!viewing).then(|| password(&number, state))}
                {(!viewing).then(|| signed_in(model.sessions.clone(), &number))}
            </div>
        </AccountPage>
    }
}

fn contact(model: &SettingsView, state: FormState, viewing: bool) -> impl IntoView + use<> {
    let lang = use_lang();
    let number = model.account.number.clone();
    let none = || words::none(lang).to_owned();
    let phone = if model.phone.is_empty() { none() } else { model.phone.clone() };
    let email = if model.email.is_empty() { none() } else { model.email.clone() };
    let typed_phone = model.phone.clone();
    let (open_phone, open_email) = (came_back(&state, &[Field::Phone]), came_back(&state, &[Field::Email]));
    view! {
        <section class="stack" aria-labelledby="contact">
            <h2 id="contact">{words::contact(lang)}</h2>
            <dl class="facts">
                <div><dt>{words::name(lang)}</dt><dd>{model.name.clone()}</dd></div>
                <div><dt>{words::email(lang)}</dt><dd>{email}</dd></div>
                <div><dt>{words::phone(lang)}</dt><dd>{phone}</dd></div>
            </dl>
            {(!viewing).then(|| view! {
                <details open=open_phone>
                    <summary>{words::change_phone(lang)}</summary>
                    <form method="post" action="/api/auth/phone" class="narrow">
                        <input type="hidden" name="account" value=number.clone()/>
                        <TextField
                            field=Field::Phone
                            label=words::phone(lang)
                            hint=words::phone_hint(lang)
                            kind="tel"
                            autocomplete="tel"
                            optional=true
                            value=typed_phone
                            state=state.clone()
                        />
                        <button class="button second" type="submit">{words::save_phone(lang)}</button>
                    </form>
                </details>
                <details open=open_email>
                    <summary>{words::change_email(lang)}</summary>
                    <form method="post" action="/api/auth/new-email" class="narrow">
                        <input type="hidden" name="account" value=number/>
                        <TextField
                            field=Field::Email
                            label=words::new_email(lang)
                            hint=words::new_email_hint(lang)
                            kind="email"
                            autocomplete="email"
                            state=state
                        />
                        {password_again("email-password")}
                        <button class="button second" type="submit">{words::send_link(lang)}</button>
                    </form>
                </details>
            })}
        </section>
    }
}

/// The password, asked for again; with an id of its own, as there may be two on the page.
fn password_again(id: &'static str) -> impl IntoView {
    let lang = use_lang();
    view! {
        <div class="field">
            <label for=id>{words::current_password(lang)}</label>
            <input id=id name="password" type="password" autocomplete="current-password" required/>
        </div>
    }
}

fn paper(model: &SettingsView, number: &str, viewing: bool) -> impl IntoView + use<> {
    let lang = use_lang();
    let number = number.to_owned();
    let (now, other, value) = if model.paperless {
        (words::paperless_on(lang).to_owned(), words::want_paper(lang), "no")
    } else {
        (words::paperless_off(lang, &model.mailing), words::want_paperless(lang), "yes")
    };
    view! {
        <section class="stack" aria-labelledby="paper">
            <h2 id="paper">{words::paper(lang)}</h2>
            <p>{now}</p>
            {(!viewing).then(|| view! {
                <form method="post" action="/api/auth/paperless">
                    <input type="hidden" name="account" value=number/>
                    <input type="hidden" name="paperless" value=value/>
                    <button class="button second" type="submit">{other}</button>
                </form>
            })}
        </section>
    }
}

fn password(number: &str, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let number = number.to_owned();
    let open = came_back(&state, &[Field::NewPassword, Field::Password]);
    view! {
        <section class="stack" aria-labelledby="password-title">
            <h2 id="password-title">{words::password(lang)}</h2>
            <details open=open>
                <summary>{words::change_password(lang)}</summary>
                <form method="post" action="/api/auth/password" class="narrow">
                    <input type="hidden" name="account" value=number.clone()/>
                    <input type="text" name="username" autocomplete="username" value=number hidden/>
                    {password_again("current-password")}
                    <TextField
                        field=Field::NewPassword
                        label=locales::auth::new_password(lang)
                        hint=locales::auth::new_password_hint(lang)
                        kind="password"
                        autocomplete="new-password"
                        state=state
                    />
                    <button class="button second" type="submit">{words::change_password(lang)}</button>
                </form>
            </details>
        </section>
    }
}

fn signed_in(sessions: Vec<SessionLine>, number: &str) -> impl IntoView + use<> {
    let lang = use_lang();
    let number = number.to_owned();
    let several = sessions.len() > 1;
    let for_all = number.clone();
    view! {
        <section class="stack" aria-labelledby="sessions">
            <h2 id="sessions">{words::sessions(lang)}</h2>
            <ul class="list">
                {sessions.into_iter().map(|line| session(line, number.clone())).collect_view()}
            </ul>
            {several.then(|| view! {
                <form method="post" action="/api/auth/end-others">
                    <input type="hidden" name="account" value=for_all/>
                    <button class="button second" type="submit">{words::end_others(lang)}</button>
                </form>
            })}
        </section>
    }
}

fn session(line: SessionLine, number: String) -> impl IntoView {
    let lang = use_lang();
    let device = match (line.browser, line.system) {
        (Some(browser), Some(system)) => words::browser_on(lang, browser.name(), system.name()),
        (Some(browser), None) => browser.name().to_owned(),
        (None, Some(system)) => system.name().to_owned(),
        (None, None) => words::unknown_device(lang).to_owned(),
    };
    let when = words::signed_in_since(lang, format::day(lang, line.since.date()), format::time(lang, line.since));
    view! {
        <li class="row apart">
            <p>
                {device.clone()}
                {line.here.then(|| view! { " " <span class="tag good">{words::this_device(lang)}</span> })}
                <br/>
                <span class="muted small">{when}</span>
            </p>
            {(!line.here).then(|| view! {
                <form method="post" action="/api/auth/end-session">
                    <input type="hidden" name="account" value=number/>
                    <input type="hidden" name="id" value=line.id.to_string()/>
                    <button class="button quiet" type="submit" aria-label=words::end_session_on(lang, device)>
                        {words::end_session(lang)}
                    </button>
                </form>
            })}
        </li>
    }
}
