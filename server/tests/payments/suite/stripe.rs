//! Stripe's adapter against `localstripe`, which each test starts on a port of its own. A missing Python fails the test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use chrono::SubsecRound;
use domain::calendar::Instant;
use serde_json::Value;
use services::adapters::payment::stripe::{Stripe, StripeOptions};
use services::adapters::payment::{Checkout, PaymentProvider};
use services::{Clock, SystemClock};

use super::sandbox::{Post, mailbox, newest};
use super::{Gap, Stage, With};

/// The version that the suite is written for.
const VERSION: &str = "1.15.10";
const SECRET_KEY: &str = "sk_test_12345";
const WEBHOOK_SECRET: &str = "whsec_local";

/// What localstripe 1.15.10 cannot show. Each of these is shown with answers of Stripe's own shape in `stripe.rs` beside this
/// folder.
const GAPS: [Gap; 7] = [
    Gap::Once,          // It does not read Idempotency-Key and has no search.
    Gap::AnotherTry,    // A PaymentIntent whose card was declined cannot get another one.
    Gap::Returns,       // There are no disputes.
    Gap::RefundLimit,   // Refunds are not added up.
    Gap::Forgetting,    // What was detached can still be charged.
    Gap::OtherMessages, // SetupIntents and refunds make no events.
    Gap::PageBank,      // SEPA only, and never on a page of ours.
];

pub struct Local {
    process: Child,
    api: String,
    stripe: Stripe,
    client: reqwest::Client,
    arrived: Post,
    _folder: tempfile::TempDir,
}

impl Drop for Local {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The Python that has localstripe; installed once, whoever comes first.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder").to_owned();
    let tools = target.join("tools");
    std::fs::create_dir_all(&tools).expect("target/tools");
    let home = tools.join(format!("localstripe-{VERSION}"));
    let python = home.join("bin/python");
    let lock = File::create(tools.join("localstripe.lock")).expect("a lock");
    lock.lock().expect("a lock");
    if !home.join("ready").exists() {
        run(
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home),
            "python3 -m venv (apt-get install python3-venv)",
        );
        let package = format!("localstripe=={VERSION}");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", &package]), "pip install localstripe");
        std::fs::write(home.join("ready"), VERSION).expect("written");
    }
    python
}

fn run(command: &mut Command, what: &str) {
    let done = command.output().unwrap_or_else(|e| panic!("{what} cannot be run: {e}"));
    assert!(done.status.success(), "{what} failed: {}", String::from_utf8_lossy(&done.stderr));
}

pub async fn stage() -> Local {
    let python = tokio::task::spawn_blocking(python).await.expect("installed");
    let folder = tempfile::tempdir().expect("a folder");
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        free.local_addr().expect("an address").port()
    };
    let log = File::create(folder.path().join("log")).expect("a log");
    let process = Command::new(python)
        .args(["-m", "localstripe", "--from-scratch", "--port", &port.to_string()])
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("localstripe starts");
    let api = format!("http://127.0.0.1:{port}");
    let (portal, arrived) = mailbox("stripe-signature").await;
    let options = StripeOptions {
        api: api.clone(),
        script: format!("{api}/js.stripe.com/v3/"),
        browser_api: api.clone(),
        frames: Vec::new(),
        secret_key: SECRET_KEY.to_owned().into(),
        publishable_key: "pk_test_12345".into(),
        webhook_secret: WEBHOOK_SECRET.to_owned().into(),
        methods: vec!["card".into()],
    };
    let stripe = Stripe::new(options).expect("a client");
    let local = Local { process, api, stripe, client: reqwest::Client::new(), arrived, _folder: folder };
    let hook = serde_json::json!({ "url": format!("{portal}/webhooks/payments"), "secret": WEBHOOK_SECRET });
    for _ in 0..200 {
        let asked = local.client.post(format!("{}/_config/webhooks/portal", local.api)).json(&hook).send().await;
        if asked.is_ok_and(|a| a.status().is_success()) {
            return local;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("localstripe does not answer")
}

impl Local {
    /// What a browser or a bank does, by the API: answers may be errors, as banks say no.
    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}/v1/{path}", self.api)).bearer_auth(SECRET_KEY).json(&body);
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    async fn method(&self, with: With) -> String {
        let number = match with {
            With::Refused => "4000000000000002",
            With::RefusedLater => "4000000000000341",
            With::Confirmed | With::Unconfirmed => "4000002760003184",
            _ => "4242424242424242",
        };
        let body = match with {
            With::Bank => {
                serde_json::json!({ "type": "sepa_debit", "sepa_debit": { "iban": "DE89370400440532013000" } })
            }
            _ => serde_json::json!({ "type": "card",
                "card": { "number": number, "exp_month": 12, "exp_year": 2035, "cvc": "123" } }),
        };
        let made = self.post("payment_methods", body).await;
        made["id"].as_str().expect("a method").to_owned()
    }
}

#[async_trait]
impl Stage for Local {
    fn provider(&self) -> &dyn PaymentProvider {
        &self.stripe
    }

    fn now(&self) -> Instant {
        SystemClock.now().trunc_subsecs(0)
    }

    fn cannot(&self) -> &'static [Gap] {
        &GAPS
    }

    async fn pay(&self, opened: &Checkout, with: With) {
        let path = format!("payment_intents/{}", opened.id);
        let method = self.method(with).await;
        self.post(&path, serde_json::json!({ "payment_method": method })).await;
        let confirmed = self.post(&format!("{path}/confirm"), serde_json::json!({})).await;
        if matches!(with, With::Confirmed | With::Unconfirmed) {
            assert_eq!(confirmed["status"], "requires_action");
            let answer = serde_json::json!({
                "client_secret": confirmed["client_secret"], "success": with == With::Confirmed });
            self.post(&format!("{path}/_authenticate"), answer).await;
        }
    }

    async fn save(&self, opened: &Checkout, with: With) {
        let path = format!("setup_intents/{}/confirm", opened.id);
        let method = self.method(with).await;
        self.post(&path, serde_json::json!({ "payment_method": method })).await;
        if with == With::Confirmed {
            self.post(&path, serde_json::json!({})).await;
        }
    }

    async fn days_pass(&self) {
        // Half a second is what its banks take.
        tokio::time::sleep(Duration::from_millis(900)).await;
    }

    async fn message(&self, reference: &str) -> (String, Vec<u8>) {
        newest(&self.arrived, reference).await
    }
}
