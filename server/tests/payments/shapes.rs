//! What `localstripe` cannot show of Stripe, with answers of Stripe's own shape (<https://docs.stripe.com/api>, written by hand):
//! each test is named after a gap of the suite.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta};
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{Decline, MethodKind, RefundStatus, SetupStatus, Status};
use serde_json::{Value, json};
use services::adapters::payment::stripe::{Stripe, StripeOptions};
use services::adapters::payment::{
    NewCharge, NewCheckout, NewRefund, NewSetup, NotSigned, PaymentProvider, ProviderError, Subject, Word, signature,
};
use tokio::net::TcpListener;

/// A call as it came.
#[derive(Clone, Debug)]
struct Call {
    what: String,
    body: String,
    once: Option<String>,
}

/// Answers by method and path, each used up in turn; the last one stays.
#[derive(Default)]
struct Script {
    answers: HashMap<String, VecDeque<(u16, Value)>>,
    calls: Vec<Call>,
}

#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Script>>);

impl Desk {
    fn says(&self, what: &str, status: u16, body: Value) {
        self.0.lock().expect("no panic").answers.entry(what.to_owned()).or_default().push_back((status, body));
    }

    fn calls(&self, what: &str) -> Vec<Call> {
        self.0.lock().expect("no panic").calls.iter().filter(|c| c.what == what).cloned().collect()
    }
}

async fn answer(State(desk): State<Desk>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let what = format!("{method} {}", uri.path());
    let once = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).map(str::to_owned);
    assert!(headers.get("authorization").is_some_and(|v| v == "Bearer sk_test_1"));
    assert!(headers.contains_key("stripe-version"));
    let body = if body.is_empty() {
        uri.query().unwrap_or_default().to_owned()
    } else {
        String::from_utf8_lossy(&body).into_owned()
    };
    let mut script = desk.0.lock().expect("no panic");
    script.calls.push(Call { what: what.clone(), body, once });
    let queue = script.answers.entry(what).or_default();
    let (status, body) = match queue.len() {
        0 => (
            404,
            json!({ "error": { "type": "invalid_request_error", "code": "resource_missing", "message": "none" } }),
        ),
        1 => queue[0].clone(),
        _ => queue.pop_front().expect("there is one"),
    };
    let date = [("date", "Thu, 28 May 2026 20:26:40 GMT")];
    (StatusCode::from_u16(status).expect("a status"), date, axum::Json(body)).into_response()
}

async fn stripe() -> (Stripe, Desk) {
    let desk = Desk::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let api = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(answer).with_state(desk.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let options = StripeOptions {
        api: api.clone(),
        script: "https://js.stripe.com/v3/".into(),
        browser_api: api,
        frames: Vec::new(),
        secret_key: "sk_test_1".to_owned().into(),
        publishable_key: "pk_test_1".into(),
        webhook_secret: "whsec_1".to_owned().into(),
        methods: vec!["card".into(), "us_bank_account".into()],
    };
    (Stripe::new(options).expect("a client"), desk)
}

fn now() -> Instant {
    DateTime::from_timestamp(1_780_000_000, 0).expect("in range")
}

fn intent(status: &str, more: Value) -> Value {
    let mut out = json!({
        "id": "pi_1", "object": "payment_intent", "amount": 1234, "currency": "usd", "status": status,
        "client_secret": "pi_1_secret_2", "created": 1_779_999_000, "canceled_at": null, "customer": null,
        "last_payment_error": null, "latest_charge": null, "next_action": null, "payment_method": null,
        "metadata": { "reference": "P-1", "expires_at": "1780001800" },
        "payment_method_types": ["card", "us_bank_account"]
    });
    for (key, value) in more.as_object().expect("fields") {
        out[key] = value.clone();
    }
    out
}

fn charge() -> NewCharge {
    NewCharge {
        reference: "P-1".into(),
        token: "cus_1/pm_1".into(),
        customer: "C-17".into(),
        amount: Cents(1_234),
        description: "Utilities".into(),
    }
}

fn refund() -> NewRefund {
    NewRefund {
        reference: "R-1".into(),
        payment: "P-1".into(),
        checkout: "pi_1".into(),
        amount: Cents(300),
        reason: "duplicate".into(),
    }
}

#[tokio::test]
async fn once() {
    let (stripe, desk) = stripe().await;
    desk.says("POST /v1/payment_intents", 200, intent("requires_payment_method", json!({})));
    let new = NewCheckout {
        reference: "P-1".into(),
        amount: Cents(1_234),
        description: "Utilities & <more>".into(),
        return_url: "https://my.example.org/a/1/pay/P-1".into(),
        expires_at: now() + TimeDelta::minutes(30),
    };
    for _ in 0..2 {
        let opened = stripe.create(&new).await.expect("opened");
        assert_eq!((opened.id.as_str(), opened.url.as_str()), ("pi_1", "https://my.example.org/a/1/pay/P-1/card"));
    }
    let calls = desk.calls("POST /v1/payment_intents");
    assert!(calls.iter().all(|c| c.once.as_deref() == Some("checkout-P-1")), "{calls:?}");
    assert!(
        calls[0].body.contains("payment_method_types%5B%5D=us_bank_account") && calls[0].body.contains("amount=1234")
    );
    // Found by our number where the key was lost; the index may know nothing yet.
    let search = "GET /v1/payment_intents/search";
    desk.says(search, 200, json!({ "object": "search_result", "data": [], "has_more": false }));
    desk.says(search, 200, json!({ "object": "search_result", "data": [intent("processing", json!({}))] }));
    desk.says("GET /v1/payment_intents/pi_1", 200, intent("processing", json!({})));
    assert_eq!(stripe.status("P-1", None).await.expect("an answer"), None);
    let found = stripe.status("P-1", None).await.expect("an answer").expect("found");
    assert_eq!((found.heard.status, found.checkout.as_str()), (Status::Pending, "pi_1"));
    assert!(desk.calls(search)[0].body.contains("P-1"));
    // A charge that was made before, longer ago than Stripe keeps keys, is not made again.
    let before = stripe.charge(&charge()).await.expect("an answer");
    assert_eq!((before.heard.status, desk.calls("POST /v1/payment_intents").len()), (Status::Pending, 2));
    let other = NewCharge { amount: Cents(1), ..charge() };
    assert!(matches!(stripe.charge(&other).await, Err(ProviderError::Refused(_))));
}

#[tokio::test]
async fn charges_without_the_person() {
    let visa = json!({ "id": "pm_1", "type": "card", "customer": "cus_1",
        "card": { "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030 } });
    let cases = [
        ("authentication_required", "authentication_required", Decline::NeedsPerson),
        ("card_declined", "insufficient_funds", Decline::Funds),
        ("card_declined", "generic_decline", Decline::ByBank),
        ("expired_card", "expired_card", Decline::ExpiredCard),
    ];
    for (code, decline_code, wanted) in cases {
        let (stripe, desk) = stripe().await;
        let failure = json!({ "type": "card_error", "code": code, "decline_code": decline_code, "message": "no",
            "charge": "ch_1", "payment_method": visa });
        let failed = intent(
            "requires_payment_method",
            json!({
            "metadata": { "reference": "P-1", "kind": "charge" }, "last_payment_error": failure }),
        );
        let mut error = failure.clone();
        error["payment_intent"] = failed.clone();
        desk.says("POST /v1/payment_intents", 402, json!({ "error": error }));
        desk.says("GET /v1/payment_intents/pi_1", 200, failed);
        let r = stripe.charge(&charge()).await.expect("an answer");
        assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(wanted)), "{code} {decline_code}");
        assert_eq!((r.checkout.as_str(), r.method.as_deref()), ("pi_1", Some("Visa ending 4242")));
        let sent = desk.calls("POST /v1/payment_intents")[0].clone();
        assert_eq!(sent.once.as_deref(), Some("charge-P-1"));
        for part in ["confirm=true", "off_session=true", "customer=cus_1", "payment_method=pm_1"] {
            assert!(sent.body.contains(part), "{part} in {}", sent.body);
        }
        // Asked later, it is the same.
        let r = stripe.status("P-1", Some("pi_1")).await.expect("an answer").expect("known");
        assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(wanted)));
    }
}

#[tokio::test]
async fn page_bank_and_returns() {
    let (stripe, desk) = stripe().await;
    let bank = json!({ "id": "pm_2", "type": "us_bank_account",
        "us_bank_account": { "bank_name": "STRIPE TEST BANK", "last4": "6789" } });
    let at = "GET /v1/payment_intents/pi_1";
    desk.says(at, 200, intent("processing", json!({ "payment_method": bank })));
    desk.says(
        at,
        200,
        intent(
            "succeeded",
            json!({ "payment_method": bank,
        "latest_charge": { "id": "py_1", "object": "charge", "disputed": false } }),
        ),
    );
    let disputed = json!({ "payment_method": bank,
        "latest_charge": { "id": "py_1", "object": "charge", "disputed": true } });
    desk.says(at, 200, intent("succeeded", disputed));
    let lists = "GET /v1/disputes";
    desk.says(lists, 200, json!({ "object": "list", "data": [{ "id": "du_1", "status": "needs_response" }] }));
    desk.says(lists, 200, json!({ "object": "list", "data": [{ "id": "du_1", "status": "lost" }] }));
    let ask = || async { stripe.status("P-1", Some("pi_1")).await.expect("an answer").expect("known") };
    let r = ask().await;
    assert_eq!((r.heard.status, r.method.as_deref()), (Status::Pending, Some("STRIPE TEST BANK ending 6789")));
    assert_eq!((ask().await.heard.status, desk.calls(lists).len()), (Status::Succeeded, 0));
    assert!(!ask().await.returned, "a dispute that is not decided leaves the payment as it is");
    assert!(ask().await.returned, "one that is lost has taken it back");
    // What the bank refuses days later.
    let (stripe, desk) = self::stripe().await;
    let failure = json!({ "code": "payment_intent_payment_attempt_failed", "payment_method": bank });
    desk.says(at, 200, intent("requires_payment_method", json!({ "last_payment_error": failure })));
    let r = stripe.status("P-1", Some("pi_1")).await.expect("an answer").expect("known");
    assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(Decline::BankAccount)));
}

#[tokio::test]
async fn another_try_and_the_end_of_the_time() {
    let (stripe, desk) = stripe().await;
    let at = "GET /v1/payment_intents/pi_1";
    let failure = json!({ "code": "card_declined", "decline_code": "do_not_honor" });
    desk.says(at, 200, intent("requires_payment_method", json!({ "last_payment_error": failure })));
    desk.says(at, 200, intent("succeeded", json!({})));
    let first = stripe.status("P-1", Some("pi_1")).await.expect("an answer").expect("known");
    let second = stripe.status("P-1", Some("pi_1")).await.expect("an answer").expect("known");
    assert_eq!((first.heard.status, second.heard.status), (Status::Declined, Status::Succeeded));
    assert!(second.heard.revision > first.heard.revision, "within a second too");
    // Nobody finished in time: it is closed when it is asked about, so that nobody can.
    let (stripe, desk) = self::stripe().await;
    let late = json!({ "metadata": { "reference": "P-1", "expires_at": "1779999000" } });
    desk.says(at, 200, intent("requires_payment_method", late.clone()));
    let mut closed = late;
    closed["canceled_at"] = json!(1_780_000_000);
    desk.says(at, 200, intent("canceled", closed));
    desk.says("POST /v1/payment_intents/pi_1/cancel", 200, intent("canceled", json!({})));
    let r = stripe.status("P-1", Some("pi_1")).await.expect("an answer").expect("known");
    assert_eq!((r.heard.status, desk.calls("POST /v1/payment_intents/pi_1/cancel").len()), (Status::Expired, 1));
}

#[tokio::test]
async fn refund_limit() {
    let (stripe, desk) = stripe().await;
    let none = json!({ "object": "list", "data": [], "has_more": false });
    desk.says("GET /v1/refunds", 200, none);
    desk.says(
        "POST /v1/refunds",
        400,
        json!({ "error": { "type": "invalid_request_error",
        "message": "Refund amount ($3.00) is greater than unrefunded amount on charge ($1.00)" } }),
    );
    let r = stripe.refund(&refund()).await.expect("an answer");
    assert_eq!((r.heard.status, r.reference.as_str(), r.refund.as_str()), (RefundStatus::Failed, "R-1", ""));
    assert_eq!(desk.calls("POST /v1/refunds")[0].once.as_deref(), Some("refund-R-1"));
    // What was given before is found by our number and not given again.
    let (stripe, desk) = self::stripe().await;
    let given = json!({ "id": "re_1", "object": "refund", "amount": 300, "status": "pending", "payment_intent": "pi_1",
        "charge": "ch_1", "metadata": { "reference": "R-1", "payment": "P-1" } });
    desk.says("GET /v1/refunds", 200, json!({ "object": "list", "data": [given], "has_more": false }));
    let r = stripe.refund(&refund()).await.expect("an answer");
    assert_eq!((r.heard.status, r.refund.as_str()), (RefundStatus::Pending, "re_1"));
    assert!(desk.calls("POST /v1/refunds").is_empty());
    let failed = json!({ "id": "re_1", "amount": 300, "status": "failed", "payment_intent": "pi_1",
        "failure_reason": "expired_or_canceled_card", "metadata": { "reference": "R-1", "payment": "P-1" } });
    desk.says("GET /v1/refunds/re_1", 200, failed);
    let later = stripe.refund_status("R-1", Some("re_1")).await.expect("an answer").expect("known");
    assert_eq!(later.heard.status, RefundStatus::Failed);
    assert!(later.heard.revision > r.heard.revision);
}

#[tokio::test]
async fn forgetting() {
    let (stripe, desk) = stripe().await;
    let detach = "POST /v1/payment_methods/pm_1/detach";
    desk.says(detach, 200, json!({ "id": "pm_1", "type": "card", "customer": null }));
    desk.says(
        detach,
        400,
        json!({ "error": { "type": "invalid_request_error",
        "message": "The payment method you provided is not attached to a customer so detachment is impossible." } }),
    );
    desk.says("GET /v1/payment_methods/pm_1", 200, json!({ "id": "pm_1", "type": "card", "customer": null }));
    stripe.forget("cus_1/pm_1").await.expect("forgotten");
    stripe.forget("cus_1/pm_1").await.expect("it is gone already");
    desk.says("POST /v1/payment_intents", 400, json!({ "error": { "type": "invalid_request_error", "message":
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a \\
         connected account without Customer attachment, or was detached from a Customer. It may not be used again." } }));
    let r = stripe.charge(&charge()).await.expect("an answer");
    assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(Decline::MethodGone)));
    let (stripe, desk) = self::stripe().await;
    desk.says(
        "POST /v1/payment_intents",
        400,
        json!({ "error": { "type": "invalid_request_error",
        "code": "resource_missing", "param": "payment_method", "message": "No such PaymentMethod: 'pm_1'" } }),
    );
    let r = stripe.charge(&charge()).await.expect("an answer");
    assert_eq!(r.heard.decline, Some(Decline::MethodGone));
}

#[tokio::test]
async fn saving() {
    let (stripe, desk) = stripe().await;
    desk.says("POST /v1/customers", 200, json!({ "id": "cus_9" }));
    let open = json!({ "id": "seti_1", "object": "setup_intent", "status": "requires_payment_method",
        "client_secret": "seti_1_secret_2", "customer": "cus_9", "payment_method": null, "last_setup_error": null,
        "metadata": { "reference": "S-1", "expires_at": "1780001800" } });
    desk.says("POST /v1/setup_intents", 200, open.clone());
    let new = NewSetup {
        reference: "S-1".into(),
        customer: "C-17".into(),
        description: "Alder Bay".into(),
        return_url: "https://my.example.org/a/1/methods?saved=S-1".into(),
        own_page: "https://my.example.org/a/1/methods/S-1".into(),
        expires_at: now() + TimeDelta::minutes(30),
    };
    let opened = stripe.setup(&new).await.expect("opened");
    assert_eq!((opened.id.as_str(), opened.url.as_str()), ("seti_1", "https://my.example.org/a/1/methods/S-1/card"));
    assert_eq!(desk.calls("POST /v1/customers")[0].once.as_deref(), Some("customer-C-17"));
    assert_eq!(desk.calls("POST /v1/setup_intents")[0].once.as_deref(), Some("setup-S-1"));
    let at = "GET /v1/setup_intents/seti_1";
    desk.says(at, 200, open.clone());
    let mut declined = open.clone();
    declined["last_setup_error"] = json!({ "code": "card_declined" });
    desk.says(at, 200, declined);
    let mut done = open;
    done["status"] = json!("succeeded");
    done["payment_method"] = json!({ "id": "pm_9", "type": "card", "customer": "cus_9",
        "card": { "brand": "amex", "last4": "0005", "exp_month": 3, "exp_year": 2031 } });
    desk.says(at, 200, done);
    let ask = || async { stripe.setup_status("S-1", Some("seti_1")).await.expect("an answer").expect("known") };
    let fields = stripe.fields(Subject::Setup, "seti_1").await.expect("an answer").expect("fields");
    assert_eq!((fields.client_secret.as_str(), fields.key.as_str()), ("seti_1_secret_2", "pk_test_1"));
    assert_eq!(ask().await.status, SetupStatus::Declined);
    let saved = ask().await;
    let method = saved.method.expect("saved");
    assert_eq!((method.token.as_str(), method.label.as_str()), ("cus_9/pm_9", "American Express ending 0005"));
    assert_eq!((method.kind, method.expires.map(|e| (e.year, e.month))), (MethodKind::Card, Some((2031, 3))));
}

#[tokio::test]
async fn other_messages() {
    let (stripe, desk) = stripe().await;
    let event = |kind: &str, object: Value| {
        json!({ "id": format!("evt_{kind}"), "object": "event", "type": kind, "created": 1_780_000_000,
            "api_version": "2024-06-20", "data": { "object": object } })
    };
    let ours = json!({ "reference": "P-1" });
    let events = [
        event("payment_intent.succeeded", json!({ "id": "pi_1", "metadata": ours })),
        event("payment_intent.processing", json!({ "id": "pi_1", "metadata": ours })),
        event("payment_intent.succeeded", json!({ "id": "pi_shop", "metadata": {} })),
        event("setup_intent.succeeded", json!({ "id": "seti_1", "metadata": { "reference": "S-1" } })),
        event("refund.updated", json!({ "id": "re_1", "metadata": { "reference": "R-1" }, "payment_intent": "pi_1" })),
        event("refund.created", json!({ "id": "re_dash", "metadata": {}, "payment_intent": "pi_1" })),
        event("charge.dispute.closed", json!({ "id": "du_1", "payment_intent": "pi_1", "status": "lost" })),
        event("customer.created", json!({ "id": "cus_1" })),
    ];
    let look = |about, reference: Option<&str>, id: &str| Word::Look {
        about,
        reference: reference.map(str::to_owned),
        id: id.to_owned(),
    };
    let wanted = [
        look(Subject::Payment, Some("P-1"), "pi_1"),
        look(Subject::Payment, Some("P-1"), "pi_1"),
        Word::Nothing,
        look(Subject::Setup, Some("S-1"), "seti_1"),
        look(Subject::Refund, Some("R-1"), "re_1"),
        look(Subject::Refund, None, "re_dash"),
        look(Subject::Payment, None, "pi_1"),
        Word::Nothing,
    ];
    let secret = "whsec_1".to_owned().into();
    for (event, wanted) in events.iter().zip(&wanted) {
        let body = serde_json::to_vec(event).expect("a body");
        let header = format!(
            "{},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39",
            signature::sign(&secret, now(), &body)
        );
        assert_eq!(stripe.webhook(&header, &body, now()).as_ref(), Ok(wanted));
        assert_eq!(stripe.webhook(&header, &body, now() + TimeDelta::seconds(301)), Err(NotSigned::Stale));
    }
    let body = b"not JSON";
    let header = signature::sign(&secret, now(), body);
    assert_eq!(stripe.webhook(&header, body, now()), Err(NotSigned::Unreadable));
    // The list of events, which is newest first and told by pages, says each thing once.
    desk.says("GET /v1/events", 200, json!({ "object": "list", "data": events[..4], "has_more": true }));
    desk.says("GET /v1/events", 200, json!({ "object": "list", "data": events[4..], "has_more": false }));
    let first = stripe.changes(now(), None).await.expect("an answer");
    assert_eq!(first.words, [wanted[0].clone(), wanted[3].clone()]);
    let second = stripe.changes(now(), first.next.as_deref()).await.expect("an answer");
    assert_eq!((second.words.len(), second.next), (3, None));
    let calls = desk.calls("GET /v1/events");
    assert!(
        calls[0].body.contains("created%5Bgte%5D=1780000000") && calls[1].body.contains("starting_after=evt_setup")
    );
}

#[tokio::test]
async fn when_stripe_is_not_there() {
    let (stripe, desk) = stripe().await;
    for status in [409, 429, 500, 503] {
        desk.says("GET /v1/payment_intents/pi_1", status, json!({}));
    }
    for _ in 0..4 {
        let asked = stripe.status("P-1", Some("pi_1")).await;
        assert!(matches!(asked, Err(ProviderError::Down(_))), "{asked:?}");
    }
    desk.says("POST /v1/payment_intents", 401, json!({ "error": { "message": "Invalid API Key provided" } }));
    assert!(matches!(stripe.charge(&charge()).await, Err(ProviderError::Refused(_))));
}
