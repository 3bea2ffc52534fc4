//! What every answer says about itself: content security policy, caching, referrers.

use app::server::RequestNonce;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Http;

/// The policy: only scripts with the nonce of this answer (and what they load), no inline style, no frames, forms to our own
/// three origins.
#[must_use]
pub fn policy(nonce: &str, origins: &super::site::Origins) -> String {
    plain(nonce, origins, "", "")
}

/// The policy of the one kind of page that shows the processor's fields: its script calls it and shows its frames.
#[must_use]
pub fn policy_with_fields(nonce: &str, origins: &super::site::Origins, settings: &services::Settings) -> String {
    let frames = format!("; frame-src {}", settings.fields_frames);
    plain(nonce, origins, &format!(" {}", settings.fields_connect), &frames)
}

fn plain(nonce: &str, origins: &super::site::Origins, connect: &str, frames: &str) -> String {
    let super::site::Origins { portal, assist, pay, .. } = origins;
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: blob:; connect-src 'self'{connect}; font-src 'self'; manifest-src 'self'; object-src 'none'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self' {portal} {assist} {pay}{frames}"
    )
}

/// Whether a page shows the processor's fields, where it has no page of its own.
fn has_fields(path: &str, settings: &services::Settings) -> bool {
    let parts: Vec<&str> = path.trim_matches('/').split('/').take(6).collect();
    let shows = matches!(parts[..], ["a", _, "pay" | "methods", _, "card"] | ["pay", _, _, "card"]);
    shows && !settings.fields_connect.is_empty()
}

/// What other origins learn of a page and may do to it: who it was that led there (`referrer-policy`), and whether a window that
/// it opened may answer it (`cross-origin-opener-policy`).
const fn towards_others(fields: bool) -> (&'static str, &'static str) {
    match fields {
        // The processor's fields open a window in which a bank lets people log in: it answers the page, and is told from which
        // origin it was opened, but not from which page.
        true => ("strict-origin-when-cross-origin", "same-origin-allow-popups"),
        // Same-origin, not none: a refused form goes back to the page it came from.
        false => ("same-origin", "same-origin"),
    }
}

/// Mints the nonce and sets the headers. What a handler set itself (how long files are cached) stays.
pub async fn headers(State(http): State<Http>, mut request: Request, next: Next) -> Response {
    let nonce = URL_SAFE_NO_PAD.encode(http.cx.entropy.bytes::<16>());
    request.extensions_mut().insert(RequestNonce(nonce.clone()));
    let fields = has_fields(request.uri().path(), &http.cx.settings);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = if fields {
        policy_with_fields(&nonce, &http.origins, &http.cx.settings)
    } else {
        policy(&nonce, &http.origins)
    };
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let (referrer, opener) = towards_others(fields);
    let fixed: [(HeaderName, &str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, referrer),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), opener),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if http.origins.secure {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    // Pages are personal. Going back after signing out must show nothing.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_with_fields_of_the_processor_lets_a_bank_answer() {
        let stripe =
            services::Settings { fields_connect: "https://api.stripe.com".into(), ..services::Settings::default() };
        for path in ["/a/1000-0001/pay/P-1/card", "/a/1000-0001/methods/S-1/card", "/pay/TOKEN/P-1/card"] {
            assert!(has_fields(path, &stripe), "{path}");
            assert!(!has_fields(path, &services::Settings::default()), "{path}");
        }
        for path in ["/a/1000-0001", "/a/1000-0001/pay/P-1", "/pay/TOKEN", "/"] {
            assert!(!has_fields(path, &stripe), "{path}");
        }
        assert_eq!(towards_others(true), ("strict-origin-when-cross-origin", "same-origin-allow-popups"));
        assert_eq!(towards_others(false), ("same-origin", "same-origin"));
    }
}
