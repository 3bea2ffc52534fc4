//! Forms of signing in, claiming, recovering and settings, and the door of the assist host.

use axum::extract::{Extension, Form, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Router, response::IntoResponse};
use contract::form::Done;
use domain::ids::{SessionId, ViewAsId};
use secrecy::SecretString;
use serde::Deserialize;
use services::auth::{From as Sender, SignIn, SignedIn};
use services::{Principal, auth, claim, recover, sessions, settings_page, view_as};
use store::sessions::Realm;

use super::answer::see_other;
use super::cookies::Cookie;
use super::{Http, Refused, done};

type Answer = Result<Response, Refused>;

/// The routes.
pub fn routes(http: Http) -> Router {
    Router::new()
        .route("/api/sign-in", post(sign_in))
        .route("/staff/sign-in", post(staff_sign_in))
        .route("/api/sign-out", post(sign_out))
        .route("/staff/sign-out", post(staff_sign_out))
        .route("/api/auth/claim", post(start_claim))
        .route("/api/auth/confirm", post(confirm))
        .route("/api/auth/recover", post(start_recovery))
        .route("/api/auth/new-password", post(new_password))
        .route("/api/auth/new-email", post(new_email))
        .route("/api/auth/confirm-email", post(confirm_email))
        .route("/api/auth/phone", post(set_phone))
        .route("/api/auth/paperless", post(set_paperless))
        .route("/api/auth/password", post(set_password))
        .route("/api/auth/end-session", post(end_session))
        .route("/api/auth/end-others", post(end_others))
        .route("/api/auth/stop-viewing", post(stop_viewing))
        .route("/view-as/enter", post(enter))
        .route("/view-as/leave", post(leave))
        .with_state(http)
}

/// A path of ours to go to next, never another site and never a form.
fn safe_next(next: &str) -> Option<&str> {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && !next.starts_with("/api/");
    (plain && next.len() <= 1_000).then_some(next)
}

fn welcome(http: &Http, signed_in: &SignedIn, to: &str) -> Response {
    let cookie = match signed_in.realm {
        Realm::Resident => Cookie::Resident,
        Realm::Staff => Cookie::Staff,
    };
    let mut response = see_other(to);
    cookie.set(response.headers_mut(), &signed_in.token, http.origins.secure);
    response
}

#[derive(Deserialize)]
struct SignInForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    next: String,
}

async fn sign_in(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<SignInForm>,
) -> Answer {
    let with = SignIn { login: form.login, password: form.password, realm: Realm::Resident };
    let signed_in = auth::sign_in(&http.cx, &who, &from, with).await?;
    let next = safe_next(&form.next).filter(|n| !super::who::is_staff(n)).unwrap_or("/");
    Ok(welcome(&http, &signed_in, next))
}

async fn staff_sign_in(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<SignInForm>,
) -> Answer {
    let with = SignIn { login: form.login, password: form.password, realm: Realm::Staff };
    let signed_in = auth::sign_in(&http.cx, &who, &from, with).await?;
    let next = safe_next(&form.next).filter(|n| super::who::is_staff(n)).unwrap_or("/staff");
    Ok(welcome(&http, &signed_in, next))
}

async fn sign_out(State(http): State<Http>, Extension(who): Extension<Principal>) -> Answer {
    auth::sign_out(&http.cx, &who).await?;
    let mut response = see_other("/sign-in");
    Cookie::Resident.clear(response.headers_mut(), http.origins.secure);
    Cookie::Form.clear(response.headers_mut(), http.origins.secure);
    Ok(response)
}

async fn staff_sign_out(State(http): State<Http>, Extension(who): Extension<Principal>) -> Answer {
    auth::sign_out(&http.cx, &who).await?;
    let mut response = see_other("/staff/sign-in");
    Cookie::Staff.clear(response.headers_mut(), http.origins.secure);
    Ok(response)
}

#[derive(Deserialize)]
struct ClaimForm {
    #[serde(default)]
    account_number: String,
    #[serde(default)]
    bill_amount: String,
    #[serde(default)]
    email: String,
}

async fn start_claim(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<ClaimForm>,
) -> Answer {
    let claim = claim::Claim { number: form.account_number, amount: form.bill_amount, email: form.email };
    claim::start(&http.cx, &who, &from, claim).await?;
    Ok(done("/claim", Done::MailSent))
}

#[derive(Deserialize)]
struct LinkForm {
    token: String,
    #[serde(default)]
    new_password: SecretString,
}

async fn confirm(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<LinkForm>,
) -> Answer {
    let signed_in = claim::confirm(&http.cx, &who, &from, &form.token, form.new_password).await?;
    Ok(welcome(&http, &signed_in, "/"))
}

#[derive(Deserialize)]
struct RecoverForm {
    #[serde(default)]
    login: String,
}

async fn start_recovery(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<RecoverForm>,
) -> Answer {
    recover::start(&http.cx, &who, &from, &form.login).await?;
    Ok(done("/recover", Done::MailSent))
}

async fn new_password(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<LinkForm>,
) -> Answer {
    let signed_in = recover::finish(&http.cx, &who, &from, &form.token, form.new_password).await?;
    let to = match signed_in.realm {
        Realm::Resident => "/",
        Realm::Staff => "/staff",
    };
    Ok(welcome(&http, &signed_in, to))
}

#[derive(Deserialize)]
struct SettingsForm {
    account: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    paperless: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    new_password: SecretString,
    #[serde(default)]
    id: i64,
}

impl SettingsForm {
    fn page(&self) -> String {
        app::routes::to::settings(&path_segment(&self.account))
    }
}

/// An account number as it may stand in an address.
fn path_segment(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
}

async fn new_email(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Form(form): Form<SettingsForm>,
) -> Answer {
    let page = form.page();
    settings_page::new_email(&http.cx, &who, &form.email, form.password).await?;
    Ok(done(&page, Done::MailSent))
}

async fn confirm_email(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<LinkForm>,
) -> Answer {
    settings_page::confirm_email(&http.cx, &who, &from, &form.token).await?;
    Ok(done("/new-email/done", Done::Saved))
}

async fn set_phone(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Form(form): Form<SettingsForm>,
) -> Answer {
    settings_page::set_phone(&http.cx, &who, &form.phone).await?;
    Ok(done(&form.page(), Done::Saved))
}

async fn set_paperless(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Form(form): Form<SettingsForm>,
) -> Answer {
    settings_page::set_paperless(&http.cx, &who, &form.account, form.paperless == "yes").await?;
    Ok(done(&form.page(), Done::Saved))
}

async fn set_password(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Form(form): Form<SettingsForm>,
) -> Answer {
    let page = form.page();
    settings_page::set_password(&http.cx, &who, form.password, form.new_password).await?;
    Ok(done(&page, Done::Saved))
}

async fn end_session(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Form(form): Form<SettingsForm>,
) -> Answer {
    sessions::end(&http.cx, &who, SessionId(form.id)).await?;
    Ok(done(&form.page(), Done::Saved))
}

async fn end_others(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Form(form): Form<SettingsForm>,
) -> Answer {
    sessions::end_others(&http.cx, &who).await?;
    Ok(done(&form.page(), Done::Saved))
}

async fn stop_viewing(
    State(http): State<Http>,
    Extension(who): Extension<Principal>,
    Form(form): Form<SettingsForm>,
) -> Answer {
    view_as::stop(&http.cx, &who, &form.account, ViewAsId(form.id)).await?;
    Ok(done(&app::routes::to::activity(&path_segment(&form.account)), Done::Saved))
}

#[derive(Deserialize)]
struct EnterForm {
    hand_over: String,
}

/// The employee comes in from the staff page with a hand-over that works once and for a minute.
async fn enter(State(http): State<Http>, Form(form): Form<EnterForm>) -> Response {
    match view_as::redeem(&http.cx, &form.hand_over).await {
        Ok(redeemed) => {
            let mut response = see_other(&app::routes::to::home(&redeemed.number));
            Cookie::Assist.set(response.headers_mut(), &redeemed.token, http.origins.secure);
            response
        }
        Err(fault) => match contract::AppError::from(fault) {
            contract::AppError::LinkExpired => see_other(&format!("{}/staff/ended", http.origins.portal)),
            other => Refused(other).into_response(),
        },
    }
}

/// The way out of a viewing.
async fn leave(State(http): State<Http>, Extension(who): Extension<Principal>) -> Answer {
    view_as::leave(&http.cx, &who).await?;
    let mut response = see_other(&format!("{}/staff/ended", http.origins.portal));
    Cookie::Assist.clear(response.headers_mut(), http.origins.secure);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_only_to_our_own_pages() {
        assert_eq!(safe_next("/a/100/usage?from=2026-01-01"), Some("/a/100/usage?from=2026-01-01"));
        for bad in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", "/api/x"] {
            assert_eq!(safe_next(bad), None, "{bad:?}");
        }
    }
}
