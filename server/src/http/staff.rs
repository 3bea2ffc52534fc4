//! Staff pages as plain routes.

use app::Assets;
use app::i18n::Brand;
use app::server::RequestNonce;
use app::staff::{self as pages, StaffFrame, render};
use axum::Router;
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use contract::AppError;
use contract::form::FormState;
use domain::ids::AttachmentId;
use domain::request::{Kind, Status};
use serde::Deserialize;
use services::billing::waiting;
use services::collections::{self, StaffAct};
use services::{Principal, requests, staff, view_as};

use super::answer::{KeptFields, see_other};
use super::{Http, Refused};

/// What staff handlers share.
#[derive(Clone)]
pub struct Staff {
    /// Layers and surroundings.
    pub http: Http,
    css: String,
    js: String,
}

/// The routes.
pub fn routes(http: Http, assets: &Assets) -> Router {
    let css = format!("/pkg/{}", assets.staff_css);
    let js = format!("/pkg/{}", assets.staff_js);
    Router::new()
        .route("/staff", get(search))
        .route("/staff/sign-in", get(sign_in))
        .route("/staff/accounts/{number}", get(account))
        .route("/staff/accounts/{number}/collections", post(collect))
        .route("/staff/view-as", post(open))
        .route("/staff/ended", get(ended))
        .route("/staff/requests", get(queue))
        .route("/staff/requests/{number}", get(request).post(act))
        .route("/staff/requests/{number}/photo/{id}", get(request_photo))
        .merge(super::payments::routes())
        .merge(super::billing::routes())
        .merge(super::readings::routes())
        .with_state(Staff { http, css, js })
}

impl Staff {
    /// The frame of a page for an employee.
    #[must_use]
    pub fn frame(&self, nonce: &RequestNonce, me: Option<String>, search: &str) -> StaffFrame {
        let settings = &self.http.cx.settings;
        StaffFrame {
            brand: Brand { name: settings.utility_name.clone(), phone: settings.utility_phone.clone() },
            css: self.css.clone(),
            js: self.js.clone(),
            nonce: nonce.0.clone(),
            me,
            search: search.to_owned(),
        }
    }

    /// A page in place of one that cannot be shown: to the sign-in where that is missing.
    pub(super) fn refuse(&self, nonce: &RequestNonce, error: AppError, here: &str) -> Response {
        if error == AppError::SignInRequired {
            let next: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
            return see_other(&format!("/staff/sign-in?next={next}"));
        }
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let lang = locales::Lang::En;
        let (title, _) = app::components::error_text(lang, &error, &self.http.cx.settings.utility_phone);
        // Whoever is refused for any other reason is signed in, and keeps the search and the way to the lists.
        let frame = self.frame(nonce, Some(String::new()), "");
        let html = render(&frame, || pages::layout(&frame, &title, Some(error), ()));
        (status, Html(html)).into_response()
    }
}

pub(super) type Answer = Result<Response, Response>;

#[derive(Deserialize)]
struct SearchQuery {
    #[serde(default)]
    q: String,
}

async fn search(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    Query(query): Query<SearchQuery>,
) -> Answer {
    let cx = &state.http.cx;
    let (me, recent) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), "/staff"))?;
    let mut found = None;
    let mut error = None;
    if !query.q.trim().is_empty() {
        match staff::search(cx, &who, &query.q).await.map_err(AppError::from) {
            Ok(hits) => found = Some(hits),
            Err(problem) => error = Some(problem),
        }
    }
    let run = waiting::show(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), "/staff"))?;
    let frame = state.frame(&nonce, Some(me.full_name()), &query.q);
    Ok(Html(render(&frame, || pages::search_page(&frame, found, error, recent, run))).into_response())
}

#[derive(Deserialize)]
struct NextQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    was: String,
}

async fn sign_in(
    State(state): State<Staff>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
    Query(query): Query<NextQuery>,
) -> Html<String> {
    let frame = state.frame(&nonce, None, "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Html(render(&frame, || pages::sign_in_page(&frame, form, &query.next, &query.was)))
}

async fn account(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
    Path(number): Path<String>,
) -> Answer {
    let cx = &state.http.cx;
    let here = format!("/staff/accounts/{number}");
    let summary = staff::account(cx, &who, &number).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::account_page(&frame, summary, form))).into_response())
}

#[derive(Deserialize)]
struct CollectForm {
    #[serde(default)]
    action: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    bill: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    months: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    form_key: String,
}

/// Acts on what an account owes.
async fn collect(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path(number): Path<String>,
    Form(f): Form<CollectForm>,
) -> Response {
    let CollectForm { action, message, bill, reason, to, months, amount, form_key } = f;
    let act = StaffAct { action, message, bill, reason, to, months, amount, form_key };
    match collections::act(&state.http.cx, &who, &number, &act).await {
        Ok(()) => see_other(&format!("/staff/accounts/{number}")),
        Err(fault) => {
            let refused = Refused::from(fault);
            // No amount waits for somebody to sign in again.
            if refused.0 == AppError::SignInRequired {
                return refused.into_response();
            }
            let StaffAct { action, message, bill, reason, to, months, amount, .. } = act;
            let kept = [
                ("action", action),
                ("message", message),
                ("bill", bill),
                ("reason", reason),
                ("to", to),
                ("months", months),
                ("amount", amount),
            ];
            let kept = kept.into_iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_owned(), v)).collect();
            let mut response = refused.into_response();
            response.extensions_mut().insert(KeptFields(kept));
            response
        }
    }
}

#[derive(Deserialize)]
struct OpenForm {
    account: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

async fn open(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    Form(form): Form<OpenForm>,
) -> Result<Html<String>, Refused> {
    let hand_over = view_as::open(&state.http.cx, &who, &form.account, &form.reason, &form.message).await?;
    let frame = state.frame(&nonce, None, "");
    let assist = state.http.origins.assist.clone();
    Ok(Html(render(&frame, || pages::hand_over_page(&frame, &assist, &hand_over))))
}

#[derive(Deserialize)]
struct QueueQuery {
    #[serde(default)]
    status: String,
    #[serde(default)]
    kind: String,
}

/// What waits for an answer, unless another list is asked for.
async fn queue(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    Query(query): Query<QueueQuery>,
) -> Answer {
    let cx = &state.http.cx;
    let here = "/staff/requests";
    let status = match query.status.as_str() {
        "" => Some(Status::Open),
        other => Status::from_name(other),
    };
    let kind = Kind::from_name(&query.kind);
    let view = requests::queue(cx, &who, status, kind).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    Ok(Html(render(&frame, || pages::queue_page(&frame, view))).into_response())
}

async fn request(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
    Path(number): Path<String>,
) -> Answer {
    let cx = &state.http.cx;
    let here = format!("/staff/requests/{number}");
    let view = requests::staff_show(cx, &who, &number).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::request_page(&frame, view, form))).into_response())
}

#[derive(Deserialize)]
struct ActForm {
    #[serde(default)]
    action: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    form_key: String,
}

/// Answers or closes.
async fn act(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path(number): Path<String>,
    Form(form): Form<ActForm>,
) -> Response {
    let cx = &state.http.cx;
    let acted = if form.action == "close" {
        requests::close(cx, &who, &number, &form.message, &form.form_key).await
    } else {
        requests::answer(cx, &who, &number, &form.message, &form.form_key).await
    };
    match acted {
        Ok(()) => see_other(&format!("/staff/requests/{number}")),
        Err(fault) => {
            let mut response = Refused::from(fault).into_response();
            response.extensions_mut().insert(KeptFields(vec![("message".to_owned(), form.message)]));
            response
        }
    }
}

async fn request_photo(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path((number, id)): Path<(String, i64)>,
) -> Result<Response, Refused> {
    let photo = requests::staff_photo(&state.http.cx, &who, &number, AttachmentId(id)).await?;
    Ok(crate::help::picture(photo))
}

async fn ended(State(state): State<Staff>, Extension(nonce): Extension<RequestNonce>) -> Html<String> {
    let frame = state.frame(&nonce, None, "");
    Html(render(&frame, || pages::ended_page(&frame)))
}
