//! Who sends a request: the host and the path say which cookie counts, the cookie says who.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ids::PersonId;
use services::{Principal, sessions, view_as};
use store::sessions::Realm;

use super::answer::see_other;
use super::cookies::Cookie;
use super::sender::sender;
use super::{Http, Refused, Site, is_signed};

/// Whose session has ended, by itself or from another device, so that what they had typed can be kept for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended(pub Option<PersonId>);

/// Whether the browser wants a page.
#[must_use]
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"))
}

/// Whether a path is the staff's.
#[must_use]
pub fn is_staff(path: &str) -> bool {
    path.strip_prefix("/staff").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn needs_nobody(path: &str) -> bool {
    path.starts_with("/pkg/") || path.starts_with("/health/") || path == "/favicon.svg" || is_signed(path)
}

/// Puts the principal, where it comes from and whose session has ended into the request.
pub async fn who(State(http): State<Http>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let site = request.extensions().get::<Site>().copied().unwrap_or(Site::Portal);
    let secure = http.origins.secure;
    let mut principal = Principal::Nobody;
    let mut ended = Ended::default();
    if !needs_nobody(&path) {
        let found = match site {
            Site::Assist => match Cookie::Assist.read(request.headers(), secure) {
                Some(token) => view_as::resolve(&http.cx, &token).await.map(|who| (who, None)),
                None => Ok((Principal::Nobody, None)),
            },
            Site::Portal => {
                let (cookie, realm) =
                    if is_staff(&path) { (Cookie::Staff, Realm::Staff) } else { (Cookie::Resident, Realm::Resident) };
                match cookie.read(request.headers(), secure) {
                    Some(token) => sessions::resolve(&http.cx, &token, realm).await.map(|r| (r.who, r.ended)),
                    None => Ok((Principal::Nobody, None)),
                }
            }
        };
        match found {
            Ok((who, whose)) => (principal, ended) = (who, Ended(whose)),
            Err(fault) => return Refused::from(fault).into_response(),
        }
    }
    if site == Site::Assist && !needs_nobody(&path) {
        let page = request.method() == Method::GET && (wants_page(request.headers()) || path.starts_with("/api/"));
        if matches!(principal, Principal::ViewAs { .. }) {
            if let Err(fault) = view_as::touch(&http.cx, &principal, page).await {
                return Refused::from(fault).into_response();
            }
        } else if wants_page(request.headers()) {
            // Nothing is here without a viewing; say so where the employee is signed in.
            return see_other(&format!("{}/staff/ended", http.origins.portal));
        }
    }
    let sender = sender(&http.proxies, &request);
    let extensions = request.extensions_mut();
    extensions.insert(principal);
    extensions.insert(ended);
    extensions.insert(sender);
    next.run(request).await
}
