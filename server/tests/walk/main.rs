//! Walks every page, server function and plain route as nobody, as another resident and as staff in view-as, and finds nothing
//! open that should be shut. A route that nobody has said who it is for fails the walk.

mod doors;
mod refusals;

use std::sync::Arc;

use app::App;
use app::i18n::Brand;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode, header};
use domain::calendar::Zone;
use leptos::prelude::provide_context;
use leptos_axum::generate_route_list;
use secrecy::SecretString;
use server::portal::Portal;
use services::auth::{From, SignIn};
use services::clock::Entropy;
use services::{Clock as _, Cx, FixedClock, Principal, Settings, auth, users, view_as};
use store::Pool;
use store::fixtures::home;
use store::sessions::Realm;
use tower::ServiceExt as _;

const PASSWORD: &str = "four blue doors open";
const PORTAL: &str = "localhost:8620";
const ASSIST: &str = "assist.localhost:8620";

/// Pages and server functions that anyone may open.
const PUBLIC: &[&str] = &[
    "/",
    "/sign-in",
    "/claim",
    "/confirm/:token",
    "/recover",
    "/new-password/:token",
    "/new-email/:token",
    "/pay",
    "/pay/:token",
    "/pay/:token/:payment",
    "/pay/:token/:payment/card",
];
/// Pages that the demo alone has; elsewhere they are not there for anybody.
const DEMO_ONLY: &[&str] = &["/outbox"];
/// Server functions that answer about whoever asks, not about an account in the request, and those behind secret links.
const ABOUT_ONESELF: &[&str] = &["/api/start", "/api/confirm", "/api/new-password"];

struct Walk {
    cx: Cx,
    clock: Arc<FixedClock>,
    router: Router,
    victim: String,
    other: String,
    staff: String,
    assist: String,
    _site: tempfile::TempDir,
}

async fn signed_in(cx: &Cx, login: &str, realm: Realm) -> auth::SignedIn {
    let with = SignIn { login: login.into(), password: SecretString::from(PASSWORD), realm };
    auth::sign_in(cx, &Principal::Nobody, &From::default(), with).await.expect("signed in")
}

/// Account 300100 is the victim's, 300200 someone else's; an employee views 300100.
async fn walk(pool: &Pool) -> Walk {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let day = |t: &str| zone.start_of(t.parse().expect("a date"));
    let clock = Arc::new(FixedClock::at(day("2026-05-21")));
    let mut tx = pool.write().await.expect("a transaction");
    for (number, email) in [("300100", "robin@example.com"), ("300200", "kim@example.com")] {
        let home = home(&mut tx, number, zone.clone(), day("2025-01-05"), 12, &[]).await;
        let email = domain::contact::Email::try_from(email.to_owned()).expect("an address");
        store::people::set_email(&mut tx, home.person, &email).await.expect("an address");
    }
    tx.commit().await.expect("committed");
    let cx = Cx {
        pool: pool.clone(),
        clock: clock.clone(),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: services::adapters::Outside::default(),
    };
    for email in ["robin@example.com", "kim@example.com"] {
        users::set_password(&cx, email, SecretString::from(PASSWORD)).await.expect("a password");
    }
    users::create_staff(&cx, "Sam", "Okafor", "sam@utility.example", SecretString::from(PASSWORD))
        .await
        .expect("staff");
    let victim = signed_in(&cx, "robin@example.com", Realm::Resident).await;
    let other = signed_in(&cx, "kim@example.com", Realm::Resident).await;
    let sam = signed_in(&cx, "sam@utility.example", Realm::Staff).await;
    let staff = Principal::Staff { person: sam.person, session: sam.session };
    let hand_over = view_as::open(&cx, &staff, "300100", "portal_help", "").await.expect("opened");
    let viewing = view_as::redeem(&cx, &hand_over).await.expect("redeemed");
    let site = tempfile::tempdir().expect("a folder");
    let manifest =
        r#"{"css":"a.css","js":"a.js","wasm":"a.wasm","staff_css":"s.css","staff_js":"s.js","plans_js":"p.js"}"#;
    std::fs::write(site.path().join("manifest.json"), manifest).expect("written");
    let router = Portal::new(cx.clone(), site.path()).expect("a portal").router();
    assert!(clock.now() > day("2026-05-20"));
    Walk {
        cx,
        clock,
        router,
        victim: format!("ms_session={}", victim.token),
        other: format!("ms_session={}", other.token),
        staff: format!("ms_staff={}", sam.token),
        assist: format!("ms_assist={}", viewing.token),
        _site: site,
    }
}

struct Ask<'a> {
    method: Method,
    host: &'a str,
    path: &'a str,
    cookie: &'a str,
    site: &'a str,
    body: &'a str,
    accept: &'a str,
}

impl Walk {
    async fn ask(&self, ask: Ask<'_>) -> Response<Body> {
        let request = Request::builder()
            .method(ask.method)
            .uri(ask.path)
            .header(header::HOST, ask.host)
            .header(header::COOKIE, ask.cookie)
            .header(header::ACCEPT, ask.accept)
            .header("sec-fetch-site", ask.site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(ask.body.to_owned()))
            .expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    async fn get(&self, host: &str, path: &str, cookie: &str) -> Response<Body> {
        self.ask(Ask { method: Method::GET, host, path, cookie, site: "same-origin", body: "", accept: "text/html" })
            .await
    }

    async fn post(&self, host: &str, path: &str, cookie: &str, site: &str, body: &str) -> Response<Body> {
        let accept = "application/json";
        self.ask(Ask { method: Method::POST, host, path, cookie, site, body, accept }).await
    }
}

fn location(response: &Response<Body>) -> &str {
    response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default()
}

fn pages() -> Vec<String> {
    let list = generate_route_list(|| {
        provide_context(Brand { name: "Test".into(), phone: "1".into() });
        App()
    });
    list.into_iter().map(|r| r.path().to_owned()).collect()
}

fn about(page: &str, account: &str) -> String {
    page.split('/')
        .map(|part| match part {
            "{account}" | ":account" => account,
            p if p.starts_with(':') || p.starts_with('{') => "1",
            p => p,
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn is_public(page: &str) -> bool {
    let plain = |p: &str| p.replace(['{', '}'], "").replace(':', "");
    PUBLIC.iter().any(|p| plain(p) == plain(page))
}

store::both_engines! {
    async fn every_page_is_shut_to_those_it_is_not_for(pool: Pool) {
        let w = walk(&pool).await;
        let mut seen = 0;
        for page in pages().iter().filter(|p| !is_public(p)) {
            seen += 1;
            let path = about(page, "300100");
            let nobody = w.get(PORTAL, &path, "").await;
            if DEMO_ONLY.contains(&page.as_str()) {
                assert_eq!(nobody.status(), StatusCode::NOT_FOUND, "{path} outside of the demo");
                assert_eq!(w.get(PORTAL, &path, &w.victim).await.status(), StatusCode::NOT_FOUND, "{path} outside of the demo");
                continue;
            }
            assert!(location(&nobody).starts_with("/sign-in") || nobody.status() == StatusCode::UNAUTHORIZED,
                "{path} as nobody: {}", nobody.status());
            let other = w.get(PORTAL, &path, &w.other).await;
            assert_eq!(other.status(), StatusCode::NOT_FOUND, "{path} as another resident");
            let viewing = w.get(ASSIST, &about(page, "300200"), &w.assist).await;
            assert_eq!(viewing.status(), StatusCode::NOT_FOUND, "{page} of another account in view-as");
            let mixed = w.get(ASSIST, &path, &w.victim).await;
            assert!(location(&mixed).ends_with("/staff/ended"), "{path} on the assist host with a resident's cookie");
        }
        assert!(seen >= 4, "the walk saw {seen} pages");
        let own = w.get(PORTAL, "/a/300100/settings", &w.victim).await;
        assert_eq!(own.status(), StatusCode::OK);
        let policy = own.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("script-src 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(own.headers()[header::CACHE_CONTROL], "no-store");
        let nonce = policy.split("'nonce-").nth(1).and_then(|r| r.split('\'').next()).expect("a nonce").to_owned();
        let html = to_bytes(own.into_body(), 4_000_000).await.expect("a body");
        let html = String::from_utf8(html.to_vec()).expect("text");
        assert!(html.contains(&format!("nonce=\"{nonce}\"")) && !html.contains(" style=\""));
        let seen_by_staff = w.get(ASSIST, "/a/300100/settings", &w.assist).await;
        assert_eq!(seen_by_staff.status(), StatusCode::OK);
        let html = to_bytes(seen_by_staff.into_body(), 4_000_000).await.expect("a body");
        let html = String::from_utf8(html.to_vec()).expect("text");
        assert!(!html.contains("robin@example.com") && html.contains("Sam Okafor"));
    }

    async fn a_page_that_is_not_there_keeps_the_way_around(pool: Pool) {
        let w = walk(&pool).await;
        let page = async |host: &str, path: &str, cookie: &str| {
            let response = w.get(host, path, cookie).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            let html = to_bytes(response.into_body(), 4_000_000).await.expect("a body");
            String::from_utf8(html.to_vec()).expect("text")
        };
        for path in ["/nowhere", "/a/300100/nowhere", "/a/300200/bills", "/a/300100/bills/B-0"] {
            for (host, cookie) in [(PORTAL, &w.victim), (ASSIST, &w.assist)] {
                let html = page(host, path, cookie).await;
                for part in ["<h1>We could not find that page<", "href=\"/a/300100/bills\"", "href=\"/a/300100/help\""] {
                    assert!(html.contains(part), "{path} at {host}: {part}\n{html}");
                }
                assert!(!html.contains("href=\"/a/300200"), "{path}: the way around is one's own");
                assert_eq!(html.contains("viewing-banner"), host == ASSIST, "{path}");
            }
        }
        let html = page(PORTAL, "/nowhere", "").await;
        assert!(html.contains("Go to the start page") && !html.contains("class=\"sections\""), "{html}");
        let html = page(PORTAL, "/staff/accounts/999999", &w.staff).await;
        assert!(html.contains("href=\"/staff/requests\"") && html.contains("role=\"search\""), "{html}");
        let html = page(PORTAL, "/staff/nowhere", &w.staff).await;
        assert!(html.contains("href=\"/staff\""), "{html}");
    }

    async fn every_server_function_is_shut_to_those_it_is_not_for(pool: Pool) {
        let w = walk(&pool).await;
        let mut seen = 0;
        for (path, method) in leptos::server_fn::axum::server_fn_paths() {
            seen += 1;
            let query = "account=300100&bill=1&token=x&id=1&number=1&request=1&payment=1&upload=1";
            let at = format!("{path}?{query}");
            let ask = |host, cookie, site| {
                let method = method.clone();
                let read = method == Method::GET;
                let (path, body) = if read { (at.as_str(), "") } else { (path, query) };
                w.ask(Ask { method, host, path, cookie, site, body, accept: "application/json" })
            };
            let nobody = ask(PORTAL, "", "same-origin").await.status();
            assert!(nobody.is_client_error(), "{path} as nobody: {nobody}");
            if ABOUT_ONESELF.iter().any(|p| path.starts_with(p)) {
                continue;
            }
            let other = ask(PORTAL, w.other.as_str(), "same-origin").await.status();
            assert!(other.is_client_error(), "{path} as another resident: {other}");
            if method != Method::GET {
                let foreign = ask(PORTAL, w.victim.as_str(), "cross-site").await.status();
                assert_eq!(foreign, StatusCode::FORBIDDEN, "{path} from another site");
                let viewing = ask(ASSIST, w.assist.as_str(), "same-origin").await.status();
                assert!(viewing.is_client_error(), "{path} in view-as: {viewing}");
            }
        }
        assert!(seen >= 4, "the walk saw {seen} server functions");
        let without = w.ask(Ask {
            method: Method::GET,
            host: PORTAL,
            path: "/api/compare-preview?account=300100",
            cookie: &w.victim,
            site: "same-origin",
            body: "",
            accept: "application/json",
        }).await;
        assert_eq!(without.status(), StatusCode::UNPROCESSABLE_ENTITY, "a call that lacks an argument is not our failure");
    }

    async fn what_was_typed_survives_the_end_of_a_session_for_the_same_person(pool: Pool) {
        let w = walk(&pool).await;
        let page = "/a/300100/help";
        let send = |cookie: String| {
            let body = "--b\r\nContent-Disposition: form-data; name=\"account\"\r\n\r\n300100\r\n\
                        --b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nThe lamp is dark\r\n--b--\r\n";
            let request = Request::builder()
                .method(Method::POST)
                .uri("/api/help/start")
                .header(header::HOST, PORTAL)
                .header(header::COOKIE, cookie)
                .header(header::ACCEPT, "text/html")
                .header(header::REFERER, format!("http://{PORTAL}{page}"))
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
                .body(Body::from(body))
                .expect("a request");
            w.router.clone().oneshot(request)
        };
        w.clock.advance(chrono::TimeDelta::hours(48));
        let ended = send(w.victim.clone()).await.expect("an answer");
        assert!(location(&ended).starts_with("/sign-in?next=%2Fa%2F300100%2Fhelp"), "{}", location(&ended));
        let said = w.get(PORTAL, location(&ended), "").await;
        let said = String::from_utf8(to_bytes(said.into_body(), 4_000_000).await.expect("a body").to_vec()).expect("text");
        assert!(said.contains("You were signed out. Nothing was sent; what you typed is kept for 15 minutes"));
        let form = ended.headers()[header::SET_COOKIE].to_str().expect("text").split(';').next().expect("a pair").to_owned();

        let text = |response: Response<Body>| async move {
            let bytes = to_bytes(response.into_body(), 4_000_000).await.expect("a body");
            String::from_utf8(bytes.to_vec()).expect("text")
        };
        let again = signed_in(&w.cx, "robin@example.com", Realm::Resident).await;
        let mine = w.get(PORTAL, page, &format!("ms_session={}; {form}", again.token)).await;
        let mine = text(mine).await;
        assert!(mine.contains("The lamp is dark") && mine.contains("It is not sent yet."));
        let once = w.get(PORTAL, page, &format!("ms_session={}; {form}", again.token)).await;
        assert!(!text(once).await.contains("The lamp is dark"), "it is given back once");

        w.clock.advance(chrono::TimeDelta::hours(48));
        let ended = send(format!("ms_session={}", again.token)).await.expect("an answer");
        let form = ended.headers()[header::SET_COOKIE].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let other = signed_in(&w.cx, "kim@example.com", Realm::Resident).await;
        for path in ["/a/300200/help", page] {
            let theirs = w.get(PORTAL, path, &format!("ms_session={}; {form}", other.token)).await;
            assert!(!text(theirs).await.contains("The lamp is dark"), "nobody else gets it");
        }
    }

    async fn amounts_are_not_kept_and_the_page_says_so_after_signing_in(pool: Pool) {
        let w = walk(&pool).await;
        // The session is ended from another device.
        let other = signed_in(&w.cx, "robin@example.com", Realm::Resident).await;
        let who = services::sessions::resolve(&w.cx, &other.token, Realm::Resident).await.expect("asked").who;
        services::sessions::end_others(&w.cx, &who).await.expect("ended");
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/pay/start")
            .header(header::HOST, PORTAL)
            .header(header::COOKIE, &w.victim)
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, format!("http://{PORTAL}/a/300100/pay"))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("account=300100&what=other&amount=77.31&with=new"))
            .expect("a request");
        let ended = w.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(location(&ended), "/sign-in?next=%2Fa%2F300100%2Fpay&was=amounts");
        let waiting = ended.headers()[header::SET_COOKIE].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let text = |response: Response<Body>| async move {
            let bytes = to_bytes(response.into_body(), 4_000_000).await.expect("a body");
            String::from_utf8(bytes.to_vec()).expect("text")
        };
        assert!(text(w.get(PORTAL, location(&ended), &waiting).await).await.contains("nothing was charged"));
        let page = text(w.get(PORTAL, "/a/300100/pay", &format!("ms_session={}; {waiting}", other.token)).await).await;
        assert!(page.contains("We do not keep amounts. Nothing was charged; please choose again.") && !page.contains("77.31"));
        let once = text(w.get(PORTAL, "/a/300100/pay", &format!("ms_session={}; {waiting}", other.token)).await).await;
        assert!(!once.contains("We do not keep amounts"));
    }

    async fn an_ended_session_does_not_stand_in_the_way_of_a_new_one(pool: Pool) {
        let w = walk(&pool).await;
        w.clock.advance(chrono::TimeDelta::hours(48));
        let post = |path: &'static str, body: &'static str| {
            let cookie = w.victim.as_str();
            w.ask(Ask { method: Method::POST, host: PORTAL, path, cookie, site: "same-origin", body, accept: "text/html" })
        };
        let again = post("/api/sign-in", "login=300100&password=four+blue+doors+open&next=%2Fa%2F300100%2Fbills").await;
        assert_eq!((again.status(), location(&again)), (StatusCode::SEE_OTHER, "/a/300100/bills"));
        let forgotten = post("/api/auth/recover", "login=300100").await;
        assert!(!location(&forgotten).starts_with("/sign-in?next"), "{}", location(&forgotten));
        let guest = post("/api/guest/find", "account_number=1&postcode=1").await;
        assert!(!location(&guest).starts_with("/sign-in"), "{}", location(&guest));
    }

    async fn words_survive_a_file_that_is_too_large(pool: Pool) {
        let w = walk(&pool).await;
        let page = "/a/300100/help";
        let mut body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.jpg\"\r\n\r\n".to_vec();
        body.resize(body.len() + 24_000_000, b'x');
        body.extend_from_slice(
            b"\r\n--b\r\nContent-Disposition: form-data; name=\"account\"\r\n\r\n300100\r\n\
              --b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nThe lamp is dark\r\n--b--\r\n",
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/help/start")
            .header(header::HOST, PORTAL)
            .header(header::COOKIE, w.victim.clone())
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, format!("http://{PORTAL}{page}"))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .expect("a request");
        let refused = w.router.clone().oneshot(request).await.expect("an answer");
        let form = refused.headers()[header::SET_COOKIE].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let back = w.get(PORTAL, page, &format!("{}; {form}", w.victim)).await;
        let text = String::from_utf8(to_bytes(back.into_body(), 4_000_000).await.expect("a body").to_vec()).expect("text");
        assert!(text.contains("The lamp is dark") && text.contains("up to 10 MB"), "{text}");
    }

    async fn staff_pages_are_for_staff_on_the_portals_own_host(pool: Pool) {
        let w = walk(&pool).await;
        for path in ["/staff", "/staff/accounts/300100", "/staff?q=robin"] {
            assert_eq!(w.get(PORTAL, path, &w.staff).await.status(), StatusCode::OK, "{path} as staff");
        }
        let opened = w.post(PORTAL, "/staff/view-as", &w.victim, "same-origin", "account=300200&reason=other").await;
        assert_eq!(opened.status(), StatusCode::UNAUTHORIZED, "view-as is opened with a staff session only");
        assert_eq!(w.get("evil.example", "/", "").await.status(), StatusCode::MISDIRECTED_REQUEST);
        assert_eq!(w.get("evil.example", "/health/live", "").await.status(), StatusCode::OK);
    }

    async fn signing_in_sets_a_locked_cookie_and_a_refused_form_comes_back(pool: Pool) {
        let w = walk(&pool).await;
        let post = |body: &'static str| w.ask(Ask {
            method: Method::POST, host: PORTAL, path: "/api/sign-in", cookie: "", site: "same-origin", body,
            accept: "text/html",
        });
        let good = post("login=300100&password=four+blue+doors+open&next=%2Fa%2F300100%2Fbills").await;
        assert_eq!((good.status(), location(&good)), (StatusCode::SEE_OTHER, "/a/300100/bills"));
        let cookie = good.headers()[header::SET_COOKIE].to_str().expect("text");
        assert!(cookie.starts_with("ms_session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        let (wrong, unknown) = (post("login=300100&password=no").await, post("login=999999&password=no").await);
        assert_eq!((wrong.status(), location(&wrong)), (unknown.status(), location(&unknown)));
        let kept = wrong.headers()[header::SET_COOKIE].to_str().expect("text");
        let kept = kept.split(';').next().expect("a pair").to_owned();
        let back = w.get(PORTAL, location(&wrong), &kept).await;
        let back = if location(&back).is_empty() { back } else { w.get(PORTAL, "/sign-in", &kept).await };
        assert_eq!(back.status(), StatusCode::OK);
        // Signing the employee out shuts the viewing at once.
        assert_eq!(w.get(ASSIST, "/a/300100/settings", &w.assist).await.status(), StatusCode::OK);
        let out = w.post(PORTAL, "/staff/sign-out", &w.staff, "same-origin", "").await;
        assert_eq!(out.status(), StatusCode::SEE_OTHER);
        let shut = w.get(ASSIST, "/a/300100/settings", &w.assist).await;
        assert!(location(&shut).ends_with("/staff/ended"));
        assert!(w.cx.settings.outbox_page == Settings::default().outbox_page);
    }
}

#[test]
fn every_use_case_is_declared_once() {
    let mut names: Vec<_> = services::use_case::all().map(|u| u.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "two use cases have one name");
    assert!(all > 30, "only {all} use cases are declared");
}
