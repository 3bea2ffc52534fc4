//! A refused form leads back to its page, and the page says why.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use tower::ServiceExt as _;

use crate::{ASSIST, PORTAL, Walk, location, walk};

impl Walk {
    /// Sends a form as a browser without JavaScript does, and answers the page that it comes back to.
    async fn sent_back(&self, host: &str, cookie: &str, page: &str, action: &str, body: &str) -> String {
        let request = Request::builder()
            .method(Method::POST)
            .uri(action)
            .header(header::HOST, host)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, format!("http://{host}{page}"))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let back = self.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!((back.status(), location(&back)), (StatusCode::SEE_OTHER, page), "{action}");
        let form =
            back.headers()[header::SET_COOKIE].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let shown = self.get(host, page, &format!("{cookie}; {form}")).await;
        assert_eq!(shown.status(), StatusCode::OK, "{page}");
        let bytes = to_bytes(shown.into_body(), 4_000_000).await.expect("a body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }
}

store::both_engines! {
    async fn a_refusal_about_saved_ways_to_pay_is_said_once(pool: Pool) {
        let w = walk(&pool).await;
        let add = "account=300100&form_key=K1";
        for page in ["/a/300100/methods", "/a/300100/autopay"] {
            let shown = w.sent_back(PORTAL, &w.victim, page, "/api/methods/add", add).await;
            assert_eq!(shown.matches("Payments are not available right now").count(), 1, "{page}: {shown}");
            let viewed = w.sent_back(ASSIST, &w.assist, page, "/api/methods/add", add).await;
            assert_eq!(viewed.matches(">Nothing was changed<").count(), 1, "{page}: {viewed}");
        }
        for (page, action) in [("/a/300100/scheduled", "/api/pay/cancel"), ("/a/300100/autopay", "/api/autopay/enrol")] {
            let viewed = w.sent_back(ASSIST, &w.assist, page, action, "account=300100&id=1&form_key=K1&with=1&days_before=0").await;
            assert_eq!(viewed.matches(">Nothing was changed<").count(), 1, "{page}: {viewed}");
        }
    }
}
