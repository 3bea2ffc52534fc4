//! A number for every request, and one line in the log.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use services::cx::REQUEST_ID;
use tracing::Instrument as _;

use super::Http;

/// Pages whose address ends in the secret of a link.
const SECRET_TAILS: &[&str] = &["/confirm/", "/new-password/", "/new-email/", "/pay/"];

/// A path as it may be logged.
fn loggable(path: &str) -> String {
    SECRET_TAILS.iter().find(|head| path.starts_with(**head)).map_or_else(|| path.to_owned(), |head| format!("{head}…"))
}

/// Numbers the request, runs it in a span of that number and logs what became of it.
pub async fn record(State(http): State<Http>, request: Request, next: Next) -> Response {
    let id = hex::encode(http.cx.entropy.bytes::<8>());
    let span = tracing::info_span!(
        "request",
        id,
        method = %request.method(),
        path = loggable(request.uri().path()),
    );
    let static_file = request.uri().path().starts_with("/pkg/") || request.uri().path().starts_with("/health/");
    let began = Instant::now();
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        if status >= 500 {
            tracing::error!(status, micros, "failed");
        } else if static_file {
            tracing::debug!(status, micros, "answered");
        } else {
            tracing::info!(status, micros, "answered");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_of_links_stay_out_of_the_log() {
        assert_eq!(super::loggable("/confirm/abcdef"), "/confirm/…");
        assert_eq!(super::loggable("/pay/eyJ0eXAi.x.y/P-7"), "/pay/…", "a guest's token");
        assert_eq!(super::loggable("/a/100/bills"), "/a/100/bills");
        assert_eq!(super::loggable("/a/100/pay/P-7"), "/a/100/pay/P-7");
    }
}
