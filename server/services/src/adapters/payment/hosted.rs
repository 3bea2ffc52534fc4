//! A processor with a small HTTP API and a hosted page: the one that the demo and the tests start (`server::sandbox`).

use std::time::Duration;

use async_trait::async_trait;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{Decline, Heard, Status};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Checkout, NewCheckout, NotSigned, PaymentProvider, ProviderError, Report, signature};

/// A connection to the processor's API.
pub struct Hosted {
    client: reqwest::Client,
    api: String,
    key: SecretString,
    webhook_secret: SecretString,
}

/// A checkout as the API takes it.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreateRequest {
    /// The merchant's own number.
    pub reference: String,
    /// In cents.
    pub amount: i64,
    /// What the person reads.
    pub description: String,
    /// Where the person is sent back to.
    pub return_url: String,
    /// Until when it may be paid, in seconds since 1970.
    pub expires_at: i64,
}

/// A checkout as the API and its webhooks give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutMessage {
    /// The processor's key.
    pub id: String,
    /// The merchant's own number.
    pub reference: String,
    /// In cents.
    pub amount: i64,
    /// How it stands.
    pub status: Status,
    /// Why it was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline: Option<Decline>,
    /// Counts the changes of this checkout; a larger number is newer.
    pub revision: i64,
    /// What was paid with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Whether the money was taken and the bank has sent it back since.
    #[serde(default)]
    pub returned: bool,
    /// The hosted page.
    pub url: String,
}

impl From<CheckoutMessage> for Report {
    fn from(m: CheckoutMessage) -> Self {
        Self {
            checkout: m.id,
            reference: m.reference,
            amount: Cents(m.amount),
            heard: Heard { status: m.status, decline: m.decline, revision: m.revision },
            method: m.method,
            returned: m.returned,
        }
    }
}

impl Hosted {
    /// `api` is an address such as `http://127.0.0.1:8621`.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(api: &str, key: SecretString, webhook_secret: SecretString) -> Result<Self, ProviderError> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(8))
            .connect_timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| ProviderError::Refused(e.to_string()))?;
        Ok(Self { client, api: api.trim_end_matches('/').to_owned(), key, webhook_secret })
    }

    async fn call(&self, request: reqwest::RequestBuilder) -> Result<Option<CheckoutMessage>, ProviderError> {
        let down = |e: reqwest::Error| ProviderError::Down(e.without_url().to_string());
        let answer = request.bearer_auth(self.key.expose_secret()).send().await.map_err(down)?;
        match answer.status() {
            s if s.is_success() => {
                let body = answer.bytes().await.map_err(down)?;
                serde_json::from_slice(&body).map(Some).map_err(|e| ProviderError::Refused(e.to_string()))
            }
            StatusCode::NOT_FOUND => Ok(None),
            s if s.is_server_error() || s == StatusCode::TOO_MANY_REQUESTS => Err(ProviderError::Down(s.to_string())),
            s => Err(ProviderError::Refused(s.to_string())),
        }
    }
}

#[async_trait]
impl PaymentProvider for Hosted {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    async fn create(&self, checkout: &NewCheckout) -> Result<Checkout, ProviderError> {
        let body = CreateRequest {
            reference: checkout.reference.clone(),
            amount: checkout.amount.0,
            description: checkout.description.clone(),
            return_url: checkout.return_url.clone(),
            expires_at: checkout.expires_at.timestamp(),
        };
        let message = self
            .call(self.client.post(format!("{}/v1/checkouts", self.api)).json(&body))
            .await?
            .ok_or_else(|| ProviderError::Refused("no such address".into()))?;
        if message.reference != checkout.reference || message.amount != checkout.amount.0 {
            return Err(ProviderError::Refused("another checkout came back".into()));
        }
        Ok(Checkout { id: message.id, url: message.url })
    }

    async fn status(&self, reference: &str) -> Result<Option<Report>, ProviderError> {
        let message = self.call(self.client.get(format!("{}/v1/checkouts/{reference}", self.api))).await?;
        Ok(message.map(Report::from))
    }

    async fn cancel(&self, reference: &str) -> Result<Option<Report>, ProviderError> {
        let message = self.call(self.client.post(format!("{}/v1/checkouts/{reference}/cancel", self.api))).await?;
        Ok(message.map(Report::from))
    }

    fn webhook(&self, header: &str, body: &[u8], now: Instant) -> Result<Report, NotSigned> {
        signature::verify(&self.webhook_secret, header, body, now)?;
        let message: CheckoutMessage = serde_json::from_slice(body).map_err(|_| NotSigned::Unreadable)?;
        Ok(message.into())
    }
}
