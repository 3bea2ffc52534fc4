//! A processor with a small HTTP API and a hosted page: the one that the demo and the tests start (`server::sandbox`).

use std::time::Duration;

use async_trait::async_trait;
use domain::calendar::Instant;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::{
    Changes, Checkout, NewCharge, NewCheckout, NewRefund, NewSetup, NotSigned, PaymentProvider, ProviderError,
    RefundReport, Report, SetupReport, Word, signature,
};

mod messages;

pub use messages::{
    ChangesMessage, ChargeRequest, CheckoutMessage, CreateRequest, RefundMessage, RefundRequest, SetupMessage,
    SetupRequest, WordMessage,
};

/// A connection to the processor's API.
pub struct Hosted {
    client: reqwest::Client,
    api: String,
    key: SecretString,
    webhook_secret: SecretString,
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

    fn at(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.api)
    }

    async fn call<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<Option<T>, ProviderError> {
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

    /// A call that is answered, or is no call of this processor.
    async fn must<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ProviderError> {
        self.call(request).await?.ok_or_else(|| ProviderError::Refused("no such address".into()))
    }
}

fn another(what: &str) -> ProviderError {
    ProviderError::Refused(format!("another {what} came back"))
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
        let message: CheckoutMessage = self.must(self.client.post(self.at("checkouts")).json(&body)).await?;
        if message.reference != checkout.reference || message.amount != checkout.amount.0 {
            return Err(another("checkout"));
        }
        Ok(Checkout { id: message.id, url: message.url })
    }

    async fn status(&self, reference: &str, _id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        let path = self.at(&format!("checkouts/{reference}"));
        Ok(self.call::<CheckoutMessage>(self.client.get(path)).await?.map(Report::from))
    }

    async fn cancel(&self, reference: &str, _id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        let path = self.at(&format!("checkouts/{reference}/cancel"));
        Ok(self.call::<CheckoutMessage>(self.client.post(path)).await?.map(Report::from))
    }

    async fn setup(&self, setup: &NewSetup) -> Result<Checkout, ProviderError> {
        let body = SetupRequest {
            reference: setup.reference.clone(),
            customer: setup.customer.clone(),
            description: setup.description.clone(),
            return_url: setup.return_url.clone(),
            expires_at: setup.expires_at.timestamp(),
        };
        let message: SetupMessage = self.must(self.client.post(self.at("setups")).json(&body)).await?;
        if message.reference != setup.reference {
            return Err(another("setup"));
        }
        Ok(Checkout { id: message.id, url: message.url })
    }

    async fn setup_status(&self, reference: &str, _id: Option<&str>) -> Result<Option<SetupReport>, ProviderError> {
        let path = self.at(&format!("setups/{reference}"));
        Ok(self.call::<SetupMessage>(self.client.get(path)).await?.map(SetupReport::from))
    }

    async fn charge(&self, charge: &NewCharge) -> Result<Report, ProviderError> {
        let body = ChargeRequest {
            reference: charge.reference.clone(),
            token: charge.token.clone(),
            customer: charge.customer.clone(),
            amount: charge.amount.0,
            description: charge.description.clone(),
        };
        let message: CheckoutMessage = self.must(self.client.post(self.at("charges")).json(&body)).await?;
        if message.reference != charge.reference || message.amount != charge.amount.0 {
            return Err(another("charge"));
        }
        Ok(message.into())
    }

    async fn refund(&self, refund: &NewRefund) -> Result<RefundReport, ProviderError> {
        let body = RefundRequest {
            reference: refund.reference.clone(),
            payment: refund.payment.clone(),
            amount: refund.amount.0,
            reason: refund.reason.clone(),
        };
        let message: RefundMessage = self.must(self.client.post(self.at("refunds")).json(&body)).await?;
        if message.reference != refund.reference || message.amount != refund.amount.0 {
            return Err(another("refund"));
        }
        Ok(message.into())
    }

    async fn refund_status(&self, reference: &str, _id: Option<&str>) -> Result<Option<RefundReport>, ProviderError> {
        let path = self.at(&format!("refunds/{reference}"));
        Ok(self.call::<RefundMessage>(self.client.get(path)).await?.map(RefundReport::from))
    }

    async fn forget(&self, token: &str) -> Result<(), ProviderError> {
        let path = self.at(&format!("methods/{token}"));
        self.call::<serde_json::Value>(self.client.delete(path)).await.map(drop)
    }

    async fn changes(&self, since: Instant, after: Option<&str>) -> Result<Changes, ProviderError> {
        let mut query = vec![("since", since.timestamp().to_string())];
        query.extend(after.map(|a| ("after", a.to_owned())));
        let path = serde_urlencoded::to_string(query).map_err(|e| ProviderError::Refused(e.to_string()))?;
        let request = self.client.get(self.at(&format!("changes?{path}")));
        let message: ChangesMessage = self.must(request).await?;
        Ok(Changes { words: message.words.into_iter().map(Word::from).collect(), next: message.next })
    }

    fn webhook(&self, header: &str, body: &[u8], now: Instant) -> Result<Word, NotSigned> {
        signature::verify(&self.webhook_secret, header, body, now)?;
        let message: WordMessage = serde_json::from_slice(body).map_err(|_| NotSigned::Unreadable)?;
        Ok(message.into())
    }
}
