//! The way of a form: what was typed comes back when it was refused, and survives the end of a session.
//!
//! Handlers of forms know nothing of this: a refusal is an error, success a redirect. Here a refusal becomes a redirect back to
//! the page, with what was typed kept on the server for a few minutes under a cookie; the page gets it as `FormState`.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contract::AppError;
use contract::form::{Done, FormState};
use domain::ids::PersonId;
use services::drafts::{self, MAX_BYTES, Taken};
use services::{Fault, Principal};

use super::answer::{DONE_HEADER, KeptFields, read_done, see_other};
use super::cookies::Cookie;
use super::who::{Ended, is_staff, wants_page};
use super::{Http, Refused, Site, is_signed};

/// Which fields of which form may be kept over a sign-in. A form that is neither here nor in [`GIVEN_BACK`] loses what was typed
/// when it is refused: passwords, proofs and files are never kept.
const KEPT: &[(&str, &[&str])] = &[
    ("/api/sign-in", &["login"]),
    ("/staff/sign-in", &["login"]),
    ("/api/auth/claim", &["account_number", "email"]),
    ("/api/auth/recover", &["login"]),
    ("/api/guest/find", &["account_number", "postcode"]),
    ("/api/auth/new-email", &["email"]),
    ("/api/auth/phone", &["phone"]),
    ("/staff/view-as", &["reason", "message"]),
    ("/api/pay/plan", &["on1", "on2", "on3", "on4"]),
    ("/api/pay/change", &["on1"]),
    ("/api/autopay/enrol", &["days_before", "limit", "brake"]),
    ("/api/help/start", &["kind", "message"]),
    ("/api/help/reply", &["message"]),
    ("/api/compare/upload", &["label"]),
    ("/api/compare/keep", &["label", "zone", "times"]),
    ("/api/compare/label", &["label"]),
    ("/api/markers/add", &["label", "on", "service"]),
    ("/api/markers/change", &["label", "on", "service"]),
];

/// Which fields come back besides, on the page that refused them and only there: no amount waits for somebody to sign in.
const GIVEN_BACK: &[(&str, &[&str])] = &[
    ("/api/pay/start", &["what", "amount", "with"]),
    ("/api/guest/pay", &["what", "amount"]),
    ("/api/pay/plan", &["amount1", "amount2", "amount3", "amount4"]),
    ("/api/pay/change", &["amount1"]),
];

/// Forms that need no session. Their browser may still send an ended one: they run all the same, or nobody could sign in again.
const WITHOUT_SESSION: &[&str] =
    &["/api/sign-in", "/staff/sign-in", "/api/auth/claim", "/api/auth/recover", "/api/guest/find", "/api/guest/pay"];

/// Longest answer of a handler that is read to find out why it refused.
const ERROR_MAX: usize = 64 * 1024;

fn fields_of(list: &[(&str, &'static [&'static str])], path: &str) -> &'static [&'static str] {
    list.iter().find(|(p, _)| *p == path).map(|(_, fields)| *fields).unwrap_or_default()
}

/// The named fields of a form.
fn pick(body: &[u8], names: &[&str]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body)
        .filter(|(name, _)| names.contains(&name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// The page that a form was on: the referrer, if it is ours, as path and as path with query.
fn page_of(headers: &HeaderMap, origin: &str) -> (String, String) {
    let referer = headers.get(header::REFERER).and_then(|v| v.to_str().ok()).and_then(|r| r.strip_prefix(origin));
    match referer.filter(|r| r.starts_with('/') && !r.starts_with("//")) {
        Some(r) => {
            let whole = r.split('#').next().unwrap_or(r);
            (whole.split('?').next().unwrap_or(whole).to_owned(), whole.to_owned())
        }
        None => ("/".to_owned(), "/".to_owned()),
    }
}

/// The sign-in page, and where it leads. `was` is what became of a form that the end of a session cut off: `kept`, `amounts`, which
/// are not kept, or just `out`.
fn sign_in_path(path: &str, next: &str, was: Option<&str>) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let root = if is_staff(path) { "/staff/sign-in" } else { "/sign-in" };
    let was = was.map(|was| format!("&was={was}")).unwrap_or_default();
    format!("{root}?next={next}{was}")
}

/// Carries forms there and back.
pub async fn forms(State(http): State<Http>, request: Request, next: Next) -> Response {
    if is_signed(request.uri().path()) {
        return next.run(request).await;
    }
    match *request.method() {
        Method::GET if wants_page(request.headers()) => give_back(&http, request, next).await,
        Method::POST => take_in(&http, request, next).await,
        _ => next.run(request).await,
    }
}

/// Puts what came back into the request of the page.
async fn give_back(http: &Http, mut request: Request, next: Next) -> Response {
    let secure = http.origins.secure;
    let done = Cookie::Done.read(request.headers(), secure);
    let token = Cookie::Form.read(request.headers(), secure);
    let who = request.extensions().get::<Principal>().cloned().unwrap_or(Principal::Nobody);
    let waiting = Cookie::Waiting.read(request.headers(), secure);
    let mut state = FormState::default();
    let mut spent = Vec::new();
    for (cookie, token) in [(Cookie::Waiting, waiting), (Cookie::Form, token)] {
        let Some(token) = token else { continue };
        match drafts::take(&http.cx, &who, &token, request.uri().path()).await {
            Ok(Taken::Back(back)) => {
                state = back;
                spent.push(cookie);
            }
            Ok(Taken::Gone) => spent.push(cookie),
            Ok(Taken::Later) => {}
            Err(fault) => return Refused::from(fault).into_response(),
        }
    }
    state.done = done.as_deref().and_then(read_done).or(state.done);
    request.extensions_mut().insert(state);
    let mut response = next.run(request).await;
    // A page that leads on has not said it yet.
    if response.status().is_redirection() {
        return response;
    }
    for cookie in spent {
        cookie.clear(response.headers_mut(), secure);
    }
    if done.is_some() {
        Cookie::Done.clear(response.headers_mut(), secure);
    }
    response
}

/// Runs a form and turns what became of it into the way on or back.
async fn take_in(http: &Http, mut request: Request, next: Next) -> Response {
    let plain = wants_page(request.headers());
    let path = request.uri().path().to_owned();
    let site = request.extensions().get::<Site>().copied().unwrap_or(Site::Portal);
    let (page, page_and_query) = page_of(request.headers(), http.origins.of(site));
    let who = request.extensions().get::<Principal>().cloned().unwrap_or(Principal::Nobody);
    let ended = request.extensions().get::<Ended>().copied().unwrap_or_default().0;

    let (mut fields, mut back) = (Vec::new(), Vec::new());
    let (keep, give_back) = (fields_of(KEPT, &path), fields_of(GIVEN_BACK, &path));
    // A form with a file is read by its handler, which gives back the words in `KeptFields`.
    if !(keep.is_empty() && give_back.is_empty()) && is_urlencoded(request.headers()) {
        let (parts, body) = request.into_parts();
        let Ok(bytes) = to_bytes(body, super::BODY_LIMIT).await else {
            return Refused(AppError::TooLarge { limit: super::BODY_LIMIT as u64 }).into_response();
        };
        if bytes.len() <= MAX_BYTES {
            fields = pick(&bytes, keep);
            back = pick(&bytes, give_back);
        }
        request = Request::from_parts(parts, Body::from(bytes));
    }
    let way = Way { http, path: &path, page: &page, page_and_query: &page_and_query, ended: ended.is_some() };
    let needs_session = !WITHOUT_SESSION.contains(&path.as_str());
    // Of a form that holds amounts the page says afterwards that they are not kept.
    let amounts = !give_back.is_empty();
    if who == Principal::Nobody && ended.is_some() && needs_session && (amounts || !fields.is_empty()) {
        let state = FormState { fields, error: None, done: amounts.then_some(Done::NotKept) };
        return way.through_sign_in(ended, &state, plain).await.unwrap_or_else(|f| Refused::from(f).into_response());
    }
    if !plain {
        return next.run(request).await;
    }
    // Server functions answer plainly to this: a status and an error, or a location.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let mut response = next.run(request).await;
    if let Some(KeptFields(kept)) = response.extensions_mut().remove::<KeptFields>() {
        fields = kept;
        shorten(&mut fields);
        if response.status() == StatusCode::UNAUTHORIZED && ended.is_some() {
            let state = FormState { fields, ..FormState::default() };
            return way
                .through_sign_in(ended, &state, plain)
                .await
                .unwrap_or_else(|f| Refused::from(f).into_response());
        }
    }
    fields.extend(back);
    way.on_or_back(response, &who, fields).await.unwrap_or_else(|f| Refused::from(f).into_response())
}

/// Holds what is kept to [`MAX_BYTES`]: the longest field is cut at the end.
fn shorten(fields: &mut [(String, String)]) {
    let all: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let Some((_, longest)) = fields.iter_mut().max_by_key(|(_, value)| value.len()) else { return };
    let keep = longest.len().saturating_sub(all.saturating_sub(MAX_BYTES));
    longest.truncate(longest.floor_char_boundary(keep));
}

fn is_urlencoded(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"))
}

struct Way<'a> {
    http: &'a Http,
    path: &'a str,
    page: &'a str,
    page_and_query: &'a str,
    ended: bool,
}

impl Way<'_> {
    /// Keeps what was typed for the person whose session ended and asks them to sign in.
    async fn through_sign_in(
        &self,
        person: Option<PersonId>,
        state: &FormState,
        plain: bool,
    ) -> Result<Response, Fault> {
        let token = drafts::keep(&self.http.cx, person, self.page, state).await?;
        let was = if state.done == Some(Done::NotKept) { "amounts" } else { "kept" };
        let location = sign_in_path(self.path, self.page_and_query, Some(was));
        let mut response = if plain {
            see_other(&location)
        } else {
            // The browser's own code follows this header.
            let mut response = Refused(AppError::SignInRequired).into_response();
            let headers = response.headers_mut();
            headers.insert(HeaderName::from_static("serverfnredirect"), HeaderValue::from_static(""));
            if let Ok(location) = HeaderValue::from_str(&location) {
                headers.insert(header::LOCATION, location);
            }
            response
        };
        Cookie::Waiting.set(response.headers_mut(), &token, self.http.origins.secure);
        Ok(response)
    }

    /// The way on after success, the way back after a refusal. Pages that a handler made itself pass unchanged.
    async fn on_or_back(
        &self,
        response: Response,
        who: &Principal,
        fields: Vec<(String, String)>,
    ) -> Result<Response, Fault> {
        let secure = self.http.origins.secure;
        let status = response.status();
        let is_page = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|t| !t.starts_with("application/json"));
        if let Some(location) = response.headers().get(header::LOCATION).cloned() {
            let mut on = response;
            *on.status_mut() = StatusCode::SEE_OTHER;
            *on.body_mut() = Body::empty();
            let headers = on.headers_mut();
            headers.remove("serverfnredirect");
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_LENGTH);
            headers.insert(header::LOCATION, location);
            if let Some(done) = headers.remove(DONE_HEADER)
                && let Ok(word) = done.to_str()
            {
                let word = word.to_owned();
                Cookie::Done.set(headers, &word, secure);
            }
            return Ok(on);
        }
        if !status.is_client_error() && !status.is_server_error() {
            return Ok(if is_page { response } else { see_other(self.page_and_query) });
        }
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, ERROR_MAX).await.map_err(|e| Fault::Other(e.to_string()))?;
        let error = match serde_json::from_slice::<AppError>(&bytes) {
            Ok(error) => error,
            Err(_) if parts.status == StatusCode::PAYLOAD_TOO_LARGE => {
                AppError::TooLarge { limit: super::BODY_LIMIT as u64 }
            }
            Err(_) => return Ok(Response::from_parts(parts, Body::from(bytes))),
        };
        if error == AppError::SignInRequired {
            return Ok(see_other(&sign_in_path(self.path, self.page_and_query, self.ended.then_some("out"))));
        }
        let person = match *who {
            Principal::Resident { person, .. } | Principal::Staff { person, .. } => Some(person),
            _ => None,
        };
        let state = FormState { error: Some(error), fields, done: None };
        let token = drafts::keep(&self.http.cx, person, self.page, &state).await?;
        let mut back = see_other(self.page_and_query);
        Cookie::Form.set(back.headers_mut(), &token, secure);
        if let Some(after) = parts.headers.get(header::RETRY_AFTER) {
            back.headers_mut().insert(header::RETRY_AFTER, after.clone());
        }
        Ok(back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_one_of_our_own_pages() {
        let of = |referer: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::REFERER, HeaderValue::from_static(referer));
            page_of(&headers, "http://localhost:8620").1
        };
        assert_eq!(of("http://localhost:8620/a/1/help?x=1#y"), "/a/1/help?x=1");
        for other in
            ["http://evil.example/a", "http://localhost:8620.evil.example/", "http://localhost:8620//evil", "x"]
        {
            assert_eq!(of(other), "/", "{other}");
        }
    }

    #[test]
    fn nothing_secret_is_ever_kept() {
        for (path, fields) in KEPT {
            for field in *fields {
                assert!(
                    !["password", "amount", "card", "token", "file"].iter().any(|bad| field.contains(bad)),
                    "{path} keeps {field}"
                );
            }
        }
        for (path, fields) in GIVEN_BACK {
            for field in *fields {
                assert!(
                    !["password", "card", "token", "file"].iter().any(|bad| field.contains(bad)),
                    "{path} gives back {field}"
                );
            }
        }
    }
}
