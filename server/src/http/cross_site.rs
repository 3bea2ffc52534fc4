//! Refuses requests that other sites make in our people's name.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contract::AppError;

use super::{Http, Refused, Site, is_signed};

/// Whether a request that changes something comes from one of our own pages: browsers say so in `Sec-Fetch-Site`, older ones
/// in `Origin`. A request that says neither is refused.
#[must_use]
pub fn is_ours(headers: &HeaderMap, own_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(header::ORIGIN.as_str()).is_some_and(|o| o == own_origin),
    }
}

/// Lets through what only reads, what is signed, and what comes from our own pages.
pub async fn cross_site(State(http): State<Http>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let site = request.extensions().get::<Site>().copied().unwrap_or(Site::Portal);
    if safe || is_signed(request.uri().path()) || is_ours(request.headers(), http.origins.of(site)) {
        return next.run(request).await;
    }
    tracing::warn!("a request from another site was refused");
    Refused(AppError::Forbidden).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_post() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().expect("a header value"));
            }
            is_ours(&headers, "https://my.example.org")
        };
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        assert!(check(&[("origin", "https://my.example.org")]));
        assert!(!check(&[]));
        assert!(!check(&[("sec-fetch-site", "cross-site")]));
        assert!(!check(&[("sec-fetch-site", "same-site"), ("origin", "https://my.example.org")]));
        assert!(!check(&[("origin", "https://assist.my.example.org")]));
        assert!(!check(&[("origin", "null")]));
    }
}
