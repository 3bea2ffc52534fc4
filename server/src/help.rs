//! Forms of paying and of service requests as plain routes: one ends on another origin, the others bring photos along. And the
//! photos, served as what they are and nothing else.

use app::routes::to;
use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Extension, Form, Multipart, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use contract::AppError;
use contract::form::Done;
use domain::ids::AttachmentId;
use domain::request::LARGEST_PHOTO;
use serde::Deserialize;
use services::payments::Go;
use services::requests::{Asked, Photo};
use services::{Cx, Principal, payments, requests};

use crate::http::answer::{KeptFields, see_other};
use crate::http::uploads::{READ_TO, parts, worth_reading};
use crate::http::who::Ended;
use crate::http::{Refused, done};

/// The routes.
pub fn routes(cx: Cx) -> Router {
    let uploads = Router::new()
        .route("/api/help/start", post(ask))
        .route("/api/help/reply", post(reply))
        .layer(DefaultBodyLimit::max(READ_TO));
    Router::new()
        .route("/api/pay/start", post(pay))
        .route("/a/{account}/help/{number}/photo/{id}", get(photo))
        .merge(uploads)
        .with_state(cx)
}

#[derive(Deserialize)]
struct PayForm {
    account: String,
    #[serde(default)]
    form_key: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    with: String,
}

/// The amount of the form for paying: the offered one that was chosen, which is sent as it was shown, or the one that was typed.
#[must_use]
pub fn chosen<'a>(what: &'a str, typed: &'a str) -> &'a str {
    if matches!(what, "" | "other") { typed } else { what }
}

/// Begins a payment and leads to the processor's page.
async fn pay(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(form): Form<PayForm>,
) -> Result<Response, Refused> {
    let amount = chosen(&form.what, &form.amount);
    if let Ok(method) = form.with.parse() {
        if matches!(who, Principal::ViewAs { .. }) {
            return Err(AppError::ViewAsReadOnly.into());
        }
        let view = payments::confirm(&cx, &who, &form.account, method, amount).await?;
        return Ok(see_other(&crate::paying::confirm_page(&view)));
    }
    Ok(match payments::start(&cx, &who, &form.account, amount, &form.form_key).await? {
        Go::Processor(url) => see_other(&url),
        Go::Payment(number) => see_other(&to::payment(&form.account, &number)),
    })
}

/// A form with a photo, as it came.
#[derive(Default)]
struct Sent {
    account: String,
    number: String,
    asked: Asked,
}

async fn read(form: Result<Multipart, MultipartRejection>) -> (Sent, Option<AppError>) {
    let mut sent = Sent::default();
    let (parts, problem) = parts(form, LARGEST_PHOTO as u64).await;
    for part in parts {
        match part.name.as_str() {
            "file" => sent.asked.photo = (!part.bytes.is_empty()).then(|| part.bytes.to_vec()),
            "account" => sent.account = part.text(),
            "number" => sent.number = part.text(),
            "kind" => sent.asked.kind = part.text(),
            "message" => sent.asked.message = part.text(),
            "form_key" => sent.asked.form_key = part.text(),
            _ => {}
        }
    }
    (sent, problem)
}

/// A refusal with the words that are to come back. The photo has to be chosen again.
fn refused(error: AppError, asked: &Asked) -> Response {
    let fields = vec![("kind".to_owned(), asked.kind.clone()), ("message".to_owned(), asked.message.clone())];
    let mut response = Refused(error).into_response();
    response.extensions_mut().insert(KeptFields(fields));
    response
}

async fn ask(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    ended: Option<Extension<Ended>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refused> {
    worth_reading(&who, ended.map(|Extension(e)| e))?;
    let (sent, problem) = read(form).await;
    if let Some(problem) = problem {
        return Ok(refused(problem, &sent.asked));
    }
    Ok(match requests::ask(&cx, &who, &sent.account, &sent.asked).await.map_err(AppError::from) {
        Ok(number) => done(&to::request(&sent.account, &number), Done::Sent),
        Err(error) => refused(error, &sent.asked),
    })
}

async fn reply(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    ended: Option<Extension<Ended>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refused> {
    worth_reading(&who, ended.map(|Extension(e)| e))?;
    let (sent, problem) = read(form).await;
    if let Some(problem) = problem {
        return Ok(refused(problem, &sent.asked));
    }
    Ok(match requests::reply(&cx, &who, &sent.account, &sent.number, &sent.asked).await.map_err(AppError::from) {
        Ok(()) => done(&to::request(&sent.account, &sent.number), Done::Sent),
        Err(error) => refused(error, &sent.asked),
    })
}

async fn photo(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Path((account, number, id)): Path<(String, String, i64)>,
) -> Result<Response, Refused> {
    Ok(picture(requests::photo(&cx, &who, &account, &number, AttachmentId(id)).await?))
}

/// Serves a photo so that a browser takes it for a picture and for nothing else.
#[must_use]
pub fn picture(photo: Photo) -> Response {
    let name = format!("inline; filename=\"photo.{}\"", photo.kind.ending());
    let mut response = photo.content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(photo.kind.media_type()));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=600"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
