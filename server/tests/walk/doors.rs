//! The plain routes: forms, photos, downloads, staff pages, files.

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, header};
use tower::ServiceExt as _;

use crate::{ASSIST, PORTAL, Walk, location, walk};

/// Who a route is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum For {
    /// Anyone: files, health, signing in, what a secret link leads to.
    Anyone,
    /// The people of the account that it names.
    Resident,
    /// Whoever is signed in: it names nothing of an account.
    Oneself,
    /// Employees.
    Staff,
    /// Whoever has a signed token, whatever cookies they have.
    Signed,
}

const DOORS: &[(&str, For)] = &[
    ("/a/{account}/bills/{bill}/pdf", For::Resident),
    ("/a/{account}/help/{number}/photo/{id}", For::Resident),
    ("/a/{account}/usage.csv", For::Resident),
    ("/a/{account}/usage.xml", For::Resident),
    ("/api/arrangement/agree", For::Resident),
    ("/api/arrangement/put-back", For::Resident),
    ("/api/autopay/answer", For::Resident),
    ("/api/autopay/carry-on", For::Resident),
    ("/api/autopay/enrol", For::Resident),
    ("/api/autopay/leave", For::Resident),
    ("/api/auth/claim", For::Anyone),
    ("/api/auth/confirm", For::Anyone),
    ("/api/auth/confirm-email", For::Anyone),
    ("/api/auth/end-others", For::Oneself),
    ("/api/auth/end-session", For::Oneself),
    ("/api/auth/new-email", For::Oneself),
    ("/api/auth/new-password", For::Anyone),
    ("/api/auth/paperless", For::Resident),
    ("/api/auth/password", For::Oneself),
    ("/api/auth/phone", For::Oneself),
    ("/api/auth/recover", For::Anyone),
    ("/api/auth/stop-viewing", For::Resident),
    ("/api/budget/join", For::Resident),
    ("/api/budget/leave", For::Resident),
    ("/api/compare/keep", For::Resident),
    ("/api/compare/label", For::Resident),
    ("/api/compare/remove", For::Resident),
    ("/api/compare/upload", For::Resident),
    ("/api/guest/find", For::Anyone),
    ("/api/guest/pay", For::Anyone),
    ("/api/help/reply", For::Resident),
    ("/api/help/start", For::Resident),
    ("/api/markers/add", For::Resident),
    ("/api/markers/change", For::Resident),
    ("/api/markers/remove", For::Resident),
    ("/api/methods/add", For::Resident),
    ("/api/methods/remove", For::Resident),
    ("/api/pay/cancel", For::Resident),
    ("/api/pay/change", For::Resident),
    ("/api/pay/now", For::Resident),
    ("/api/pay/plan", For::Resident),
    ("/api/pay/schedule", For::Resident),
    ("/api/pay/start", For::Resident),
    ("/api/sign-in", For::Anyone),
    ("/api/sign-out", For::Anyone),
    ("/favicon.svg", For::Anyone),
    ("/health/live", For::Anyone),
    ("/health/ready", For::Anyone),
    ("/staff", For::Staff),
    ("/staff/accounts/{number}", For::Staff),
    ("/staff/accounts/{number}/collections", For::Staff),
    ("/staff/accounts/{number}/bills/{bill}", For::Staff),
    ("/staff/accounts/{number}/bills/{bill}/pdf", For::Staff),
    ("/staff/accounts/{number}/hold", For::Staff),
    ("/staff/bills", For::Staff),
    ("/staff/bills/run", For::Staff),
    ("/staff/ended", For::Anyone),
    ("/staff/payments/{number}", For::Staff),
    ("/staff/payments/{number}/refund", For::Staff),
    ("/staff/prices", For::Staff),
    ("/staff/prices/{id}", For::Staff),
    ("/staff/readings", For::Staff),
    ("/staff/readings/{id}", For::Staff),
    ("/staff/requests", For::Staff),
    ("/staff/requests/{number}", For::Staff),
    ("/staff/requests/{number}/photo/{id}", For::Staff),
    ("/staff/sign-in", For::Anyone),
    ("/staff/sign-out", For::Anyone),
    ("/staff/view-as", For::Staff),
    ("/v1/usage", For::Signed),
    ("/view-as/enter", For::Signed),
    ("/view-as/leave", For::Anyone),
    ("/webhooks/payments", For::Signed),
];

/// What stands between `.route(` and the next quotation marks, in every source file of the portal.
fn routes_in(folder: &Path, out: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        // The sandbox plays the payment company; it is no part of the portal.
        if path.is_dir() && !path.ends_with("sandbox") {
            routes_in(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("source");
            for after in text.split(".route(").skip(1) {
                let first = after.trim_start();
                let literal = first.strip_prefix('"').and_then(|f| f.split('"').next());
                let named = literal.unwrap_or_else(|| panic!("{}: a route without a literal path", path.display()));
                out.insert(named.to_owned());
            }
        }
    }
}

#[test]
fn everybody_knows_who_each_route_is_for() {
    let mut found = BTreeSet::new();
    routes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let known: BTreeSet<String> = DOORS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, known, "a route is missing from the walk, or the walk knows one that is gone");
}

/// Fields that every form understands or ignores. 300100 is the account that is tried.
const FIELDS: &[(&str, &str)] = &[
    ("account", "300100"),
    ("number", "1"),
    ("id", "1"),
    ("upload", "1"),
    ("label", "x"),
    ("zone", "UTC"),
    ("times", "utc"),
    ("channel-0", "keep"),
    ("phone", "650-555-0123"),
    ("email", "a@example.com"),
    ("password", "x"),
    ("new_password", "y"),
    ("kind", "leak"),
    ("message", "x"),
    ("form_key", "K1"),
    ("what", "other"),
    ("with", "1"),
    ("pay", "now:5.00"),
    ("on1", "2027-01-05"),
    ("amount1", "5.00"),
    ("days_before", "0"),
    ("answer", "go"),
    ("amount", "5.00"),
    ("reason", "other"),
    ("action", "answer"),
    ("file", "x"),
    ("on", "2026-05-01"),
];

impl Walk {
    /// Sends every field, as the route wants its forms.
    async fn submit(&self, host: &str, path: &str, cookie: &str, site: &str) -> Response<Body> {
        let with_files = ["/api/compare/upload", "/api/help/start", "/api/help/reply"].contains(&path);
        let (kind, body) = if with_files {
            let parts = FIELDS.iter().map(|(name, value)| {
                let file = if *name == "file" { "; filename=\"x\"" } else { "" };
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
            });
            ("multipart/form-data; boundary=b", parts.collect::<String>() + "--b--\r\n")
        } else {
            let pairs = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(FIELDS).finish();
            ("application/x-www-form-urlencoded", pairs)
        };
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, host)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer")
    }
}

/// Whether an answer keeps someone out: refused, or led to a page for signing in. A download leads to its page, which was walked
/// with the pages.
fn shut(response: &Response<Body>) -> bool {
    let to = location(response);
    let led_away = ["/sign-in", "/staff/ended", "/a/300100/usage"].iter().any(|page| to.contains(page));
    response.status().is_client_error() || led_away
}

store::both_engines! {
    async fn every_plain_route_is_shut_to_those_it_is_not_for(pool: Pool) {
        let w = walk(&pool).await;
        for (path, who) in DOORS {
            let at = path.replace("{account}", "300100").replace("{number}", "300100").replace("{id}", "1").replace("{bill}", "1");
            let host = if at.starts_with("/view-as/") { ASSIST } else { PORTAL };
            let posts = w.submit(host, &at, "", "same-origin").await.status() != StatusCode::METHOD_NOT_ALLOWED;
            let gets = w.get(host, &at, "").await.status() != StatusCode::METHOD_NOT_ALLOWED;
            assert!(posts || gets, "{path} answers to nothing");
            if posts && *who != For::Signed {
                let foreign = w.submit(host, &at, &w.victim, "cross-site").await;
                assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "{path} from another site");
            }
            // Who is tried on which host. Signing in and out, and what links lead to, is for anyone.
            let tried: &[(&str, &str, &str)] = match who {
                For::Anyone => &[],
                For::Resident => &[
                    ("nobody", PORTAL, ""),
                    ("another resident", PORTAL, &w.other),
                    ("an employee", PORTAL, &w.staff),
                    ("a resident on the assist host", ASSIST, &w.victim),
                ],
                For::Oneself => &[("nobody", PORTAL, ""), ("an employee", PORTAL, &w.staff)],
                For::Staff => &[
                    ("nobody", PORTAL, ""),
                    ("a resident", PORTAL, &w.victim),
                    ("an employee on the assist host", ASSIST, &w.staff),
                    ("an employee in view-as", ASSIST, &w.assist),
                ],
                For::Signed => &[
                    ("nobody", PORTAL, ""),
                    ("a resident without a signature", PORTAL, &w.victim),
                    ("an employee without a signature", PORTAL, &w.staff),
                ],
            };
            for (name, host, cookie) in tried {
                if posts {
                    let answer = w.submit(host, &at, cookie, "same-origin").await;
                    assert!(shut(&answer), "a form to {path} as {name}: {}", answer.status());
                }
                if gets {
                    let answer = w.get(host, &at, cookie).await;
                    assert!(shut(&answer), "{path} as {name}: {} {}", answer.status(), location(&answer));
                }
            }
            if posts && matches!(who, For::Resident | For::Oneself) {
                let viewing = w.submit(ASSIST, &at, &w.assist, "same-origin").await;
                // What is about how a person signs in is not there at all on the assist host.
                let expected =
                    if at.starts_with("/api/auth/") { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
                assert_eq!(viewing.status(), expected, "a form to {path} in view-as");
            }
        }
    }
}
