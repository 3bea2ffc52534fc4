//! How handlers answer forms.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contract::AppError;
use contract::form::Done;
use services::Fault;

/// The header in which a handler says what a form did; the layers turn it into what the next page says.
pub const DONE_HEADER: &str = "x-form-done";

/// What was typed into a form that the layers cannot read by themselves (one with a file), on its way back; a handler puts it
/// into the extensions of its refusal.
#[derive(Clone, Debug, Default)]
pub struct KeptFields(pub Vec<(String, String)>);

/// A refusal, as server functions send it too: the status and the error as JSON. For plain form posts the layers turn it into
/// the way back.
#[derive(Clone, Debug)]
pub struct Refused(pub AppError);

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self(fault.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.0)).into_response();
        if let AppError::TooManyTries { retry_after }
        | AppError::TooManyFiles { retry_after, .. }
        | AppError::TooManyMessages { retry_after, .. } = self.0
        {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
        }
        response
    }
}

/// On to another page (303, so that going back does not send the form again).
#[must_use]
pub fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// On to another page, which says what was done.
#[must_use]
pub fn done(path: &str, done: Done) -> Response {
    let mut response = see_other(path);
    if let Some(word) = word_of(done) {
        response.headers_mut().insert(DONE_HEADER, word);
    }
    response
}

fn word_of(done: Done) -> Option<HeaderValue> {
    let word = serde_json::to_value(done).ok()?;
    HeaderValue::from_str(word.as_str()?).ok()
}

/// Reads the word that [`done`] wrote.
#[must_use]
pub fn read_done(word: &str) -> Option<Done> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// Longest answer of a server function that is read to find out why it failed.
const ERROR_MAX: usize = 64 * 1024;

/// Gives a server function's refusal its own status. A call that does not fit the function, such as one without an argument,
/// never reaches code that could set it, and would be answered as a failure of ours.
pub async fn own_status(request: Request, next: Next) -> Response {
    let called = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    if !called || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, ERROR_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Ok(error) = serde_json::from_slice::<AppError>(&bytes)
        && let Ok(status) = StatusCode::from_u16(error.status())
    {
        parts.status = status;
    }
    Response::from_parts(parts, Body::from(bytes))
}
