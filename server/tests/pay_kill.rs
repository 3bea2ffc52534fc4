//! The portal is killed (`kill -9`) at any moment of payments and refunds, again and again. Whatever the processor took is in
//! the books once, whatever it gave back too, and nothing else.
//!
//! `METERSIDE_KILLS` says how often; 200 is the figure to hold. Build with `cargo test -p server --test pay_kill --no-run`, then
//! `METERSIDE_KILLS=200 target/debug/deps/pay_kill-… --nocapture --test-threads 1`.

#[path = "../services/tests/payments/fake.rs"]
#[expect(dead_code, reason = "the tests of services use the rest of it")]
mod fake;
#[path = "../services/tests/payments/house.rs"]
#[expect(dead_code, reason = "the tests of services use the rest of it")]
mod house;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Stopwatch};

use chrono::{DateTime, TimeDelta};
use domain::money::Cents;
use domain::payment::{RefundStatus, Status};
use house::{House, NUMBER, OWED, house};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION};
use secrecy::SecretString;
use server::sandbox::{self, Sandbox};
use services::adapters::payment::{Hosted, PaymentProvider, Word};
use services::auth::{self, SignIn};
use services::clock::Entropy;
use services::{Clock, Cx, Principal, SystemClock, users};
use store::sessions::Realm;
use store::testing::TestDb;
use tokio::net::TcpListener;

const PASSWORD: &str = "four blue doors open";

#[expect(clippy::disallowed_methods, reason = "the test is told how long to go on by the environment")]
fn kills() -> u32 {
    std::env::var("METERSIDE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}

/// The program, which is started again whenever it was killed.
struct Program {
    child: Mutex<Child>,
    config: PathBuf,
    port: u16,
}

fn start(config: &PathBuf) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meterside"));
    command.arg("--config").arg(config).arg("serve");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

impl Program {
    fn kill(&self) {
        let mut child = self.child.lock().expect("no panic");
        child.kill().expect("killed");
        child.wait().expect("gone");
        *child = start(&self.config);
    }

    fn end(&self) {
        let mut child = self.child.lock().expect("no panic");
        drop(child.kill());
        drop(child.wait());
    }
}

/// A person's browser: what the program does not answer is tried again, as people do.
struct Browser {
    client: reqwest::Client,
    port: u16,
    resident: String,
    staff: String,
}

impl Browser {
    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Option<(StatusCode, String)> {
        let request = self
            .client
            .post(format!("http://127.0.0.1:{}{path}", self.port))
            .header(HOST, format!("localhost:{}", self.port))
            .header(COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(form).expect("a form"));
        let answer = request.send().await.ok()?;
        let to = answer.headers().get(LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default().to_owned();
        Some((answer.status(), to))
    }

    /// Opens a page, which makes the portal ask the processor; whether it answers does not matter.
    async fn look(&self, path: &str, cookie: &str) {
        let request = self
            .client
            .get(format!("http://127.0.0.1:{}{path}", self.port))
            .header(HOST, format!("localhost:{}", self.port))
            .header(COOKIE, cookie);
        drop(request.send().await);
    }
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(40)).await;
}

/// One dollar paid and forty cents of it given back, however often the program dies meanwhile.
async fn one_payment(h: &House, sandbox: &Sandbox, browser: &Browser, round: u32) {
    let key = format!("K{round}");
    let form = [("account", NUMBER), ("form_key", &key), ("what", "other"), ("amount", "1.00")];
    let url = loop {
        match browser.post("/api/pay/start", &browser.resident, &form).await {
            Some((StatusCode::SEE_OTHER, to)) if !to.contains("/sign-in") => break to,
            Some((status, to)) => panic!("round {round}: {status} {to}"),
            None => pause().await,
        }
    };
    if url.starts_with("http") {
        let delivery = ["before", "after", "twice"][usize::try_from(round % 3).expect("small")];
        let form = serde_urlencoded::to_string([("action", "pay"), ("means", "good"), ("delivery", delivery)]);
        let request = browser.client.post(&url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(form.expect("a form")).send().await.expect("the processor answers");
    }
    sandbox.let_pass(TimeDelta::seconds(5)).await.expect("it passes");
    let number = loop {
        sandbox.tick().await.expect("a tick");
        let mut tx = h.cx.pool.read().await.expect("a transaction");
        let row = store::payments::by_form(&mut tx, h.account, &key).await.expect("a row").expect("it was begun");
        drop(tx);
        if row.status == Status::Succeeded {
            break row.number;
        }
        browser.look(&format!("/a/{NUMBER}/pay/{}", row.number), &browser.resident).await;
        pause().await;
    };
    let back = [("amount", "0.40"), ("reason", "duplicate"), ("message", ""), ("form_key", key.as_str())];
    let path = format!("/staff/payments/{number}/refund");
    loop {
        match browser.post(&path, &browser.staff, &back).await {
            Some((StatusCode::SEE_OTHER, to)) => assert!(to.ends_with(&number), "round {round}: {to}"),
            Some((status, to)) => panic!("round {round}: {status} {to}"),
            None => {}
        }
        sandbox.let_pass(TimeDelta::seconds(5)).await.expect("it passes");
        sandbox.tick().await.expect("a tick");
        let mut tx = h.cx.pool.read().await.expect("a transaction");
        let payment = store::payments::by_number(&mut tx, &number).await.expect("a row").expect("it is there");
        let refunds = store::refunds::of_payment(&mut tx, payment.id).await.expect("rows");
        drop(tx);
        if refunds.iter().any(|r| r.status == RefundStatus::Succeeded) {
            return;
        }
        pause().await;
    }
}

/// What the processor says it took and gave back in all.
async fn truth(provider: &dyn PaymentProvider) -> (usize, Cents, Cents) {
    let mut payments = HashMap::new();
    let mut refunds = HashMap::new();
    let mut after: Option<String> = None;
    loop {
        let since = DateTime::from_timestamp(0, 0).expect("in range");
        let page = provider.changes(since, after.as_deref()).await.expect("an answer");
        for word in page.words {
            match word {
                Word::Payment(r) => drop(payments.insert(r.reference.clone(), r)),
                Word::Refund(r) => drop(refunds.insert(r.reference.clone(), r)),
                _ => {}
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let taken = payments.values().filter(|r| r.heard.status == Status::Succeeded);
    let given = refunds.values().filter(|r| r.heard.status != RefundStatus::Failed);
    (payments.len(), taken.map(|r| r.amount).sum(), given.map(|r| r.amount).sum())
}

async fn signed_in(cx: &Cx, login: &str, realm: Realm) -> String {
    let with = SignIn { login: login.into(), password: SecretString::from(PASSWORD), realm };
    auth::sign_in(cx, &Principal::Nobody, &auth::From::default(), with).await.expect("signed in").token
}

async fn survives(db: TestDb) {
    let mut h = house(db.pool.clone()).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy = Arc::new(Entropy::seeded(5));
    h.cx = Cx { clock: clock.clone(), entropy: entropy.clone(), ..h.cx.clone() };
    users::set_password(&h.cx, "maria@example.com", SecretString::from(PASSWORD)).await.expect("a password");
    let staff = "sam@utility.example";
    users::create_staff(&h.cx, "Sam", "Okafor", staff, SecretString::from(PASSWORD)).await.expect("staff");
    users::allow(&h.cx, staff, services::rows::Permission::Refunds, true).await.expect("allowed");

    let folder = tempfile::tempdir().expect("a folder");
    let pay = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let api = format!("http://{}", pay.local_addr().expect("an address"));
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        free.local_addr().expect("an address").port()
    };
    let (key, secret) = (SecretString::from("key"), SecretString::from("secret"));
    let sandbox = Sandbox::open(sandbox::Options {
        database: folder.path().join("processor.db"),
        origin: api.clone(),
        api_key: key.clone(),
        webhook_secret: secret.clone(),
        webhook_url: format!("http://127.0.0.1:{port}/webhooks/payments"),
        webhook_host: Some(format!("localhost:{port}")),
        bank_takes: sandbox::BANK_TAKES,
        clock,
        entropy,
    })
    .await
    .expect("a processor");
    let pages = sandbox.router();
    tokio::spawn(async move { axum::serve(pay, pages).await });

    let manifest =
        r#"{"css":"a.css","js":"a.js","wasm":"a.wasm","staff_css":"s.css","staff_js":"s.js","plans_js":"p.js"}"#;
    std::fs::write(folder.path().join("manifest.json"), manifest).expect("written");
    let config = folder.path().join("portal.toml");
    let text = format!(
        "database = \"{}\"\nlisten = \"127.0.0.1:{port}\"\nsite = \"{}\"\nportal_origin = \"http://localhost:{port}\"\n\
         assist_origin = \"http://assist.localhost:{port}\"\npay_origin = \"http://pay.localhost:{port}\"\n\
         pay_api = \"{api}\"\npay_key = \"key\"\npay_webhook_secret = \"secret\"\n",
        db.address,
        folder.path().display(),
    );
    std::fs::write(&config, text).expect("written");
    let program = Arc::new(Program { child: Mutex::new(start(&config)), config, port });
    let browser = Browser {
        client: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .build()
            .expect("a browser"),
        port,
        resident: format!("ms_session={}", signed_in(&h.cx, "maria@example.com", Realm::Resident).await),
        staff: format!("ms_staff={}", signed_in(&h.cx, staff, Realm::Staff).await),
    };

    let (wanted, killed, over) = (kills(), Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let killer = {
        let (program, killed, over) = (program.clone(), killed.clone(), over.clone());
        let client = browser.client.clone();
        tokio::spawn(async move {
            let live = format!("http://127.0.0.1:{}/health/live", program.port);
            while killed.load(Ordering::Relaxed) < wanted && !over.load(Ordering::Relaxed) {
                let waiting = Stopwatch::now();
                while client.get(&live).header(HOST, format!("localhost:{}", program.port)).send().await.is_err() {
                    assert!(waiting.elapsed() < Duration::from_secs(60), "the program does not come back");
                    pause().await;
                }
                // Spread over the steps without any randomness: the golden section of a payment's time, again and again.
                let part = (f64::from(killed.load(Ordering::Relaxed) + 1) * 0.618_034).fract();
                tokio::time::sleep(Duration::from_millis(700).mul_f64(part)).await;
                let program = program.clone();
                tokio::task::spawn_blocking(move || program.kill()).await.expect("killed");
                killed.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let mut rounds = 0;
    while killed.load(Ordering::Relaxed) < wanted || rounds == 0 {
        assert!(!killer.is_finished() || killed.load(Ordering::Relaxed) >= wanted, "nobody kills any more");
        rounds += 1;
        one_payment(&h, &sandbox, &browser, rounds).await;
    }
    over.store(true, Ordering::Relaxed);
    killer.await.expect("it ended well");

    let provider = Hosted::new(&api, key, secret).expect("a client");
    let (begun, taken, given) = truth(&provider).await;
    let n = usize::try_from(rounds).expect("few");
    let of = |cents: i64| Cents(cents * i64::from(rounds));
    assert_eq!((begun, taken, given), (n, of(100), of(40)), "the processor took and gave back once a round");
    assert_eq!((h.balance().await, h.clearing().await), (OWED - taken + given, taken - given));
    assert_eq!((h.payments().await.len(), h.postings().await), (n, n));
    h.check().await;
    eprintln!("killed {} times over {rounds} payments of $1.00 and refunds of $0.40", killed.load(Ordering::Relaxed));
    program.end();
    db.finish().await;
}

#[test]
fn sqlite() {
    store::testing::block_on(async { survives(store::testing::sqlite().await).await });
}

#[test]
fn postgres() {
    store::testing::block_on(async { survives(store::testing::postgres().await).await });
}
