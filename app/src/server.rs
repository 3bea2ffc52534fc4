//! What server functions need of the request: the use cases' surroundings, the caller, the status of the answer.

use contract::AppError;
use http::StatusCode;
use http::request::Parts;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use services::{Cx, Fault, Principal};

/// The nonce of this response's content security policy; the HTTP layer puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestNonce(pub String);

/// The use cases' surroundings and on whose behalf this request runs.
///
/// # Errors
/// `Internal` if the request did not come through the HTTP layer, which is a defect.
pub fn caller() -> Result<(Cx, Principal), AppError> {
    let cx = use_context::<Cx>().ok_or_else(|| Fault::Other("no surroundings in context".into()))?;
    let parts = use_context::<Parts>().ok_or_else(|| Fault::Other("no request in context".into()))?;
    let who = parts
        .extensions
        .get::<Principal>()
        .cloned()
        .ok_or_else(|| Fault::Other("no principal in the request".into()))?;
    Ok((cx, who))
}

/// Where this request comes from, for limits.
#[must_use]
pub fn sender() -> services::auth::From {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<services::auth::From>().cloned()).unwrap_or_default()
}

/// Turns a use case's answer into a server function's, with the right status.
///
/// # Errors
/// The use case's own.
pub fn answer<T>(result: Result<T, Fault>) -> Result<T, AppError> {
    result.map_err(|fault| {
        let error = AppError::from(fault);
        set_status(error.status());
        error
    })
}

/// Sets the status of the page or answer.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Sends the browser elsewhere after a form was taken in (303, so that going back does not send it again).
pub fn see_other(path: &str) {
    leptos_axum::redirect(path);
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::SEE_OTHER);
    }
}
