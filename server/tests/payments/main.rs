//! The contract that every payment processor keeps; and payments through the sandbox processor: its hosted page, its signed
//! webhooks, and the route that takes them.

#[path = "../../services/tests/payments/fake.rs"]
#[expect(dead_code, reason = "the tests of services use the rest of it")]
mod fake;
#[path = "../../services/tests/payments/house.rs"]
#[expect(dead_code, reason = "the tests of services use the rest of it")]
mod house;
mod shapes;
mod suite;

use std::sync::Arc;

use chrono::TimeDelta;
use contract::AppError;
use domain::money::Cents;
use domain::payment::{Decline, Status};
use house::{House, NUMBER, OWED, house};
use reqwest::header::LOCATION;
use server::sandbox::{self, Control, Delivery, Sandbox};
use services::adapters::Outside;
use services::payments::{Go, show, start};
use services::{Clock, Cx, Fault, Settings};
use store::Pool;
use tokio::net::TcpListener;

/// A portal's webhook route and a processor, each on a port of its own.
struct Town {
    h: House,
    sandbox: Sandbox,
    browser: reqwest::Client,
    portal: String,
    _folder: tempfile::TempDir,
}

async fn town(pool: Pool) -> Town {
    let mut h = house(pool).await;
    let listen = || async { TcpListener::bind("127.0.0.1:0").await.expect("a port") };
    let (portal, pay) = (listen().await, listen().await);
    let origin = |l: &TcpListener| format!("http://{}", l.local_addr().expect("an address"));
    let settings = Settings {
        portal_origin: origin(&portal),
        pay_origin: origin(&pay),
        pay_api: origin(&pay),
        ..Settings::default()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let clock: Arc<dyn Clock> = h.clock.clone();
    let (sandbox, payments) =
        sandbox::beside(&settings, folder.path(), clock, h.cx.entropy.clone()).await.expect("a processor");
    let portal_origin = settings.portal_origin.clone();
    let outside = Outside { payments, ..Outside::default() };
    h.cx = Cx { settings: Arc::new(settings), outside, ..h.cx.clone() };
    let (hooks, pages) = (server::webhooks::routes(h.cx.clone()), sandbox.router());
    tokio::spawn(async move { axum::serve(portal, hooks).await });
    tokio::spawn(async move { axum::serve(pay, pages).await });
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a browser");
    Town { h, sandbox, browser, portal: portal_origin, _folder: folder }
}

impl Town {
    /// Begins a payment and answers its number and the hosted page.
    async fn begin(&self, key: &str) -> (String, String) {
        let go = start(&self.h.cx, &self.h.who, NUMBER, "84.50", key).await.expect("begun");
        let Go::Processor(url) = go else { panic!("the processor's page was expected") };
        (self.h.payments().await[0].number.clone(), url)
    }

    /// Presses a button on the hosted page and answers where it leads.
    async fn press(&self, url: &str, action: &str, means: &str, delivery: &str) -> String {
        let form = [("action", action), ("means", means), ("delivery", delivery)];
        let body = serde_urlencoded::to_string(form).expect("a form");
        let answer = self
            .browser
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 303);
        answer.headers()[LOCATION].to_str().expect("an address").to_owned()
    }

    async fn status(&self, number: &str) -> Status {
        show(&self.h.cx, &self.h.who, NUMBER, number).await.expect("a page").status
    }

    /// Lets days pass at the processor alone.
    async fn days(&self, days: i64) -> u32 {
        self.sandbox.let_pass(TimeDelta::days(days)).await.expect("they pass");
        self.sandbox.tick().await.expect("a tick")
    }

    async fn pass(&self, seconds: i64) -> u32 {
        self.h.clock.advance(TimeDelta::seconds(seconds));
        self.sandbox.tick().await.expect("a tick")
    }
}

suite::keeps_the_contract!(in_memory, crate::suite::fake::stage);
suite::keeps_the_contract!(hosted, crate::suite::sandbox::stage);
suite::keeps_the_contract!(stripe, crate::suite::stripe::stage);

store::both_engines! {
    async fn a_webhook_may_come_before_the_person_is_back(pool: Pool) {
        let t = town(pool).await;
        let (number, url) = t.begin("K1").await;
        let back = t.press(&url, "pay", "good", "before").await;
        assert_eq!(back, format!("{}/a/{NUMBER}/pay/{number}", t.portal));
        assert_eq!((t.h.balance().await, t.h.postings().await), (Cents::ZERO, 1));
        // Back to the hosted page and once more: it is over and charges nothing.
        t.press(&url, "pay", "good", "before").await;
        t.pass(10).await;
        assert_eq!((t.status(&number).await, t.h.postings().await), (Status::Succeeded, 1));
        let page = t.browser.get(&url).send().await.expect("a page");
        assert!(page.headers().contains_key("content-security-policy"));
        assert!(page.text().await.expect("a text").contains("This payment is over"));
        t.h.check().await;
    }

    async fn a_payment_is_pending_and_then_posted_by_its_webhook(pool: Pool) {
        let t = town(pool).await;
        let (number, url) = t.begin("K1").await;
        t.press(&url, "pay", "good", "twice").await;
        t.pass(0).await;
        assert_eq!((t.status(&number).await, t.h.balance().await), (Status::Pending, OWED));
        assert_eq!(t.pass(2).await, 2, "it is told twice");
        assert_eq!((t.h.balance().await, t.h.postings().await), (Cents::ZERO, 1));
        assert_eq!(t.status(&number).await, Status::Succeeded);
    }

    async fn a_webhook_that_never_comes_is_not_needed(pool: Pool) {
        let t = town(pool).await;
        let (number, url) = t.begin("K1").await;
        t.press(&url, "pay", "bank", "never").await;
        assert_eq!(t.status(&number).await, Status::Pending);
        t.pass(60).await;
        assert_eq!(t.status(&number).await, Status::Pending, "banks take days");
        assert_eq!(t.days(3).await, 0, "nothing is told");
        assert_eq!(t.h.balance().await, OWED);
        assert_eq!(t.status(&number).await, Status::Succeeded, "the one who waits makes us ask");
        assert_eq!((t.h.balance().await, t.h.postings().await), (Cents::ZERO, 1));
    }

    async fn a_bank_debit_that_comes_back_is_owed_again(pool: Pool) {
        let t = town(pool).await;
        let (number, url) = t.begin("K1").await;
        t.press(&url, "pay", "returning_bank", "twice").await;
        t.days(2).await;
        assert_eq!((t.status(&number).await, t.h.balance().await), (Status::Succeeded, Cents::ZERO));
        t.days(2).await;
        assert_eq!(t.h.balance().await, OWED);
        let view = show(&t.h.cx, &t.h.who, NUMBER, &number).await.expect("a page");
        assert!(view.returned_at.is_some());
        t.h.check().await;
    }

    async fn after_a_decline_another_card_may_be_tried(pool: Pool) {
        let t = town(pool).await;
        let (number, url) = t.begin("K1").await;
        let stays = t.press(&url, "pay", "empty", "late").await;
        assert!(url.ends_with(&stays), "the hosted page says so itself");
        let view = show(&t.h.cx, &t.h.who, NUMBER, &number).await.expect("a page");
        assert_eq!((view.status, view.decline), (Status::Declined, Some(Decline::Funds)));
        assert_eq!(view.resume.as_deref(), Some(url.as_str()));
        t.press(&url, "pay", "good", "before").await;
        t.pass(60).await;
        assert_eq!((t.status(&number).await, t.h.postings().await), (Status::Succeeded, 1), "the late word changes nothing");
    }

    async fn turning_back_charges_nothing(pool: Pool) {
        let t = town(pool).await;
        let (number, url) = t.begin("K1").await;
        t.press(&url, "cancel", "good", "never").await;
        assert_eq!((t.status(&number).await, t.h.balance().await), (Status::Cancelled, OWED));
        let (second, _) = t.begin("K2").await;
        t.h.clock.advance(TimeDelta::minutes(31));
        assert_eq!(t.status(&second).await, Status::Expired);
    }

    async fn forged_webhooks_and_a_processor_that_is_down_change_nothing(pool: Pool) {
        let t = town(pool).await;
        let (number, _) = t.begin("K1").await;
        let body = format!(r#"{{"id":"x","reference":"{number}","amount":8450,"status":"succeeded","revision":9,"url":""}}"#);
        for signature in ["", "t=1780000000,v1=00", "v1="] {
            let request = t.browser.post(format!("{}/webhooks/payments", t.portal)).header("pay-signature", signature);
            assert_eq!(request.body(body.clone()).send().await.expect("an answer").status(), 400);
        }
        assert_eq!(t.h.balance().await, OWED);
        t.sandbox.set_control(Control { down: true, delivery: Delivery::After });
        let refused = start(&t.h.cx, &t.h.who, NUMBER, "84.50", "K1").await;
        assert!(matches!(refused, Err(Fault::App(AppError::ProcessorDown))));
        assert!(show(&t.h.cx, &t.h.who, NUMBER, &number).await.expect("a page").processor_down);
    }
}
