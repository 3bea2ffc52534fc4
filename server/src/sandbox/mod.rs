//! A payment processor to try the portal with: its own listener and origin, its own database file, a hosted page, and signed
//! webhooks that arrive as one asks them to. No real money and no real card ever comes near it. `demo` and the tests start
//! it; `serve` does not know how.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use services::adapters::PaymentProvider;
use services::adapters::payment::Hosted;
use services::clock::Entropy;
use services::{Clock, Settings};
use tokio::sync::watch;

mod api;
mod page;
mod store;
mod webhooks;

pub use store::Means;
use store::Times;

/// How the processor is set up.
pub struct Options {
    /// The database file.
    pub database: std::path::PathBuf,
    /// The origin of the hosted page as browsers know it: `http://pay.localhost:8621`.
    pub origin: String,
    /// The key that the merchant calls the API with.
    pub api_key: SecretString,
    /// The secret that webhooks are signed with.
    pub webhook_secret: SecretString,
    /// Where webhooks go, such as `http://127.0.0.1:8620/webhooks/payments`.
    pub webhook_url: String,
    /// The `Host` that the webhook's address is known by, where that is not the one in the address.
    pub webhook_host: Option<String>,
    /// How long a bank debit takes, by the processor's clock, which [`Sandbox::let_pass`] puts ahead.
    pub bank_takes: TimeDelta,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<Entropy>,
}

/// A processor for the portal of these settings, and the portal's side of it. Its database is `processor.db` in `folder`; the
/// keys between the two are made anew each time. Serve [`Sandbox::router`] where `pay_api` says, and let
/// [`Sandbox::run_until`] run beside it.
///
/// # Errors
/// If the database cannot be opened or an address of the settings is none.
pub async fn beside(
    settings: &Settings,
    folder: &Path,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
) -> anyhow::Result<(Sandbox, Arc<dyn PaymentProvider>)> {
    let portal = url::Url::parse(&settings.portal_origin).context("portal_origin")?;
    let host = portal.host_str().context("portal_origin names no host")?;
    let port = portal.port_or_known_default().context("portal_origin names no port")?;
    let secret = || SecretString::from(hex::encode(entropy.bytes::<24>()));
    let (api_key, webhook_secret) = (secret(), secret());
    let hosted = Hosted::new(&settings.pay_api, api_key.clone(), webhook_secret.clone())?;
    let sandbox = Sandbox::open(Options {
        database: folder.join("processor.db"),
        origin: settings.pay_origin.clone(),
        api_key,
        webhook_secret,
        webhook_url: format!("http://127.0.0.1:{port}/webhooks/payments"),
        // Names below `.localhost` are for browsers; the portal wants to be called by its own.
        webhook_host: Some(format!("{host}:{port}")),
        bank_takes: BANK_TAKES,
        clock,
        entropy,
    })
    .await?;
    Ok((sandbox, Arc::new(hosted)))
}

/// How long bank debits take where nothing else is said.
pub const BANK_TAKES: TimeDelta = TimeDelta::days(2);

/// When the merchant's server hears of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A moment later, usually after the person is back.
    #[default]
    After,
    /// Before the person is sent back.
    Before,
    /// Twice.
    Twice,
    /// Half a minute late, newest first.
    Late,
    /// Never.
    Never,
}

impl Delivery {
    /// All, in the order of the hosted page.
    pub const ALL: [Self; 5] = [Self::After, Self::Before, Self::Twice, Self::Late, Self::Never];
}

/// What tests turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// The API answers 503 and the hosted page too.
    pub down: bool,
    /// What the hosted page proposes.
    pub delivery: Delivery,
}

struct Inner {
    store: store::Store,
    options: Options,
    control: Mutex<Control>,
    client: reqwest::Client,
}

/// A running processor. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

impl Sandbox {
    /// Opens its database, which is made if absent.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub async fn open(options: Options) -> anyhow::Result<Self> {
        let store = store::Store::open(&options.database, &options.origin)
            .await
            .with_context(|| format!("the sandbox processor's database {}", Path::display(&options.database)))?;
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
        Ok(Self(Arc::new(Inner { store, options, control: Mutex::default(), client })))
    }

    /// The API and the hosted page.
    pub fn router(&self) -> axum::Router {
        api::routes().merge(page::routes()).with_state(self.clone())
    }

    /// Turns what tests turn.
    pub fn set_control(&self, control: Control) {
        *self.0.control.lock().unwrap_or_else(PoisonError::into_inner) = control;
    }

    /// How it is turned.
    #[must_use]
    pub fn control(&self) -> Control {
        *self.0.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present, and the processor's own.
    async fn times(&self) -> anyhow::Result<Times> {
        let now = self.0.options.clock.now();
        Ok(Times { now, bank: now + self.0.store.ahead().await? })
    }

    /// Lets time pass at the processor: bank debits settle or come back, cards expire. Pages that are open stay open.
    ///
    /// # Errors
    /// If its database fails.
    pub async fn let_pass(&self, time: TimeDelta) -> anyhow::Result<()> {
        self.0.store.let_pass(time).await
    }

    /// A person saves something on the page of a setup. Its message never comes: whoever wants to know asks.
    ///
    /// # Errors
    /// If there is no such setup or its database fails.
    pub async fn save(&self, setup: &str, means: Means) -> anyhow::Result<()> {
        let at = self.times().await?;
        let saved = self.0.store.save(setup, &self.key("pm"), means, Delivery::Never, at).await?;
        anyhow::ensure!(saved.is_some(), "there is no setup {setup}");
        Ok(())
    }

    /// The merchant's own number of a setup.
    ///
    /// # Errors
    /// If its database fails.
    pub async fn reference_of(&self, setup: &str) -> anyhow::Result<Option<String>> {
        Ok(self.0.store.find_setup(setup).await?.map(|row| row.reference))
    }

    /// Settles what takes time, expires what nobody paid, and delivers the webhooks that are due. Answers how many went out.
    ///
    /// # Errors
    /// If its database fails.
    pub async fn tick(&self) -> anyhow::Result<u32> {
        self.0.store.advance(self.times().await?).await?;
        self.deliver_due().await
    }

    /// Ticks until `stop` says so.
    pub async fn run_until(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.tick().await {
                tracing::error!(error = format!("{error:#}"), "the sandbox processor failed");
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(700)) => {}
                changed = stop.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
