//! The sandbox processor through its API, its pages and its webhooks, on its stage.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use chrono::{DateTime, TimeDelta};
use domain::calendar::Instant;
use server::sandbox::{self, Sandbox};
use services::adapters::payment::{Checkout, PaymentProvider, signature};
use services::clock::Entropy;
use services::{Clock, FixedClock, Settings};
use tokio::net::TcpListener;

use super::{Stage, With};

/// Messages that arrived, with their signature headers.
pub type Post = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A listener that takes messages whose signature is in a header.
pub async fn mailbox(header: &'static str) -> (String, Post) {
    let arrived = Post::default();
    let take = move |State(arrived): State<Post>, headers: HeaderMap, body: Bytes| async move {
        let signature = headers.get(header).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        arrived.lock().expect("no panic").push((signature, body.to_vec()));
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().route("/webhooks/payments", post(take)).with_state(arrived.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, arrived)
}

/// The newest message about a number, once it is there.
pub async fn newest(arrived: &Post, reference: &str) -> (String, Vec<u8>) {
    for _ in 0..200 {
        let about =
            |(_, body): &&(String, Vec<u8>)| String::from_utf8_lossy(body).contains(&format!("\"{reference}\""));
        if let Some(found) = arrived.lock().expect("no panic").iter().rev().find(about).cloned() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no message about {reference} came")
}

pub struct Hosted {
    sandbox: Sandbox,
    provider: Arc<dyn PaymentProvider>,
    browser: reqwest::Client,
    clock: Arc<FixedClock>,
    arrived: Post,
    _folder: tempfile::TempDir,
}

pub async fn stage() -> Hosted {
    let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_780_000_000, 0).expect("in range")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let (portal_origin, arrived) = mailbox(signature::HEADER).await;
    let settings = Settings { portal_origin, pay_origin: origin.clone(), pay_api: origin, ..Settings::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let now: Arc<dyn Clock> = clock.clone();
    let (sandbox, provider) =
        sandbox::beside(&settings, folder.path(), now, Arc::new(Entropy::seeded(11))).await.expect("a processor");
    let pages = sandbox.router();
    tokio::spawn(async move { axum::serve(listener, pages).await });
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a browser");
    Hosted { sandbox, provider, browser, clock, arrived, _folder: folder }
}

impl Hosted {
    async fn press(&self, url: &str, action: &str, means: &str) {
        let form = serde_urlencoded::to_string([("action", action), ("means", means), ("delivery", "after")]);
        let request = self.browser.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form.expect("a form")).send().await.expect("an answer");
        assert_eq!(answer.status(), 303);
    }

    async fn act(&self, opened: &Checkout, with: With) {
        let means = match with {
            With::Good => "good",
            With::Refused => "refused",
            With::RefusedLater => "refused_later",
            With::Confirmed | With::Unconfirmed => "challenge",
            With::Bank => "bank",
            With::BadBank => "bad_bank",
            With::ReturningBank => "returning_bank",
        };
        self.press(&opened.url, "pay", means).await;
        match with {
            With::Confirmed => self.press(&opened.url, "confirm", means).await,
            With::Unconfirmed => self.press(&opened.url, "refuse", means).await,
            _ => {}
        }
        let page = self.browser.get(&opened.url).send().await.expect("a page");
        assert!(page.headers().contains_key("content-security-policy"));
        assert!(page.text().await.expect("a text").contains("<h1>"));
    }
}

#[async_trait]
impl Stage for Hosted {
    fn provider(&self) -> &dyn PaymentProvider {
        &*self.provider
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    async fn pay(&self, opened: &Checkout, with: With) {
        self.act(opened, with).await;
    }

    async fn save(&self, opened: &Checkout, with: With) {
        self.act(opened, with).await;
    }

    async fn days_pass(&self) {
        self.sandbox.let_pass(TimeDelta::days(2)).await.expect("they pass");
        self.sandbox.tick().await.expect("a tick");
    }

    async fn message(&self, reference: &str) -> (String, Vec<u8>) {
        self.sandbox.tick().await.expect("a tick");
        newest(&self.arrived, reference).await
    }
}
