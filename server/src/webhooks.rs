//! Webhooks: routes that are authenticated by a signature alone. They ignore cookies and are exempt from the CSRF check.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use contract::AppError;
use services::Cx;
use services::payments::Heard;

/// A processor's message is a few hundred bytes.
const LARGEST: usize = 64 * 1024;

/// The routes.
pub fn routes(cx: Cx) -> Router {
    Router::new().route("/webhooks/payments", post(payments)).layer(DefaultBodyLimit::max(LARGEST)).with_state(cx)
}

/// The processor says how a payment stands. Anything but a success makes it try again later.
async fn payments(State(cx): State<Cx>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature =
        headers.get(cx.outside.payments.signature_header()).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match services::payments::webhook(&cx, signature, &body).await {
        // One that is not ours may be about another portal with the same processor: no reason to be told again.
        Ok(Heard::Standing(_) | Heard::Refund(_) | Heard::Setup | Heard::Unknown) => StatusCode::NO_CONTENT,
        Err(fault) => match AppError::from(fault) {
            AppError::Forbidden => StatusCode::BAD_REQUEST,
            error => StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        },
    }
}
