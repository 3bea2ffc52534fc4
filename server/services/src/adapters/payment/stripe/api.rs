//! Calling Stripe: form-encoded parameters, keys against doing things twice, errors told apart.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::objects::{Failure, second_of};
use crate::adapters::payment::ProviderError;

/// The version whose shapes [`super::objects`] reads.
const VERSION: &str = "2024-06-20";

/// A connection.
pub struct Api {
    client: reqwest::Client,
    origin: String,
    key: SecretString,
}

/// Parameters of a call.
pub type Params<'a> = Vec<(&'a str, String)>;

/// An object, and the second of Stripe's clock in which it was like this.
#[derive(Clone, Debug)]
pub struct Told<T> {
    pub object: T,
    pub second: i64,
}

/// Why Stripe did not do it.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub failure: Failure,
    pub param: Option<String>,
    pub message: String,
    /// The PaymentIntent that it is about.
    pub payment_intent: Option<serde_json::Value>,
    /// The charge that failed.
    pub charge: Option<String>,
    /// The second of the answer.
    pub second: i64,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorFields,
}

#[derive(Deserialize)]
struct ErrorFields {
    #[serde(flatten)]
    failure: Failure,
    param: Option<String>,
    #[serde(default)]
    message: String,
    payment_intent: Option<serde_json::Value>,
    charge: Option<String>,
}

impl From<Problem> for ProviderError {
    fn from(problem: Problem) -> Self {
        let code = problem.failure.code.as_deref().unwrap_or("no code");
        Self::Refused(format!("{} {code}: {}", problem.status, problem.message))
    }
}

impl Api {
    pub fn new(origin: &str, key: SecretString) -> Result<Self, ProviderError> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .connect_timeout(Duration::from_secs(3))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| ProviderError::Refused(e.to_string()))?;
        Ok(Self { client, origin: origin.trim_end_matches('/').to_owned(), key })
    }

    /// Reads something; `None` where there is none.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &Params<'_>,
    ) -> Result<Option<Told<T>>, ProviderError> {
        match self.call(Method::GET, path, params, None).await? {
            Ok(told) => Ok(Some(told)),
            Err(problem) if problem.status == StatusCode::NOT_FOUND => Ok(None),
            Err(problem) => Err(problem.into()),
        }
    }

    /// Changes something, once for a key however often it is called (Stripe keeps keys for a day at least).
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &Params<'_>,
        once: Option<&str>,
    ) -> Result<Result<Told<T>, Problem>, ProviderError> {
        self.call(Method::POST, path, params, once).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        params: &Params<'_>,
        once: Option<&str>,
    ) -> Result<Result<Told<T>, Problem>, ProviderError> {
        let down = |e: reqwest::Error| ProviderError::Down(e.without_url().to_string());
        let encoded = serde_urlencoded::to_string(params).map_err(|e| ProviderError::Refused(e.to_string()))?;
        let address = format!("{}/v1/{path}", self.origin);
        let mut request = if method == Method::GET {
            let address = if encoded.is_empty() { address } else { format!("{address}?{encoded}") };
            self.client.get(address)
        } else {
            let form = reqwest::header::HeaderValue::from_static("application/x-www-form-urlencoded");
            self.client.post(address).header(reqwest::header::CONTENT_TYPE, form).body(encoded)
        };
        request = request.bearer_auth(self.key.expose_secret()).header("Stripe-Version", VERSION);
        if let Some(once) = once {
            request = request.header("Idempotency-Key", once);
        }
        let answer = request.send().await.map_err(down)?;
        let status = answer.status();
        let date = answer.headers().get(reqwest::header::DATE).and_then(|d| d.to_str().ok());
        let second = date.and_then(second_of).unwrap_or_default();
        // Not now: the same call may be made again, with the same key.
        let conflict = status == StatusCode::CONFLICT || status == StatusCode::TOO_MANY_REQUESTS;
        if status.is_server_error() || conflict {
            return Err(ProviderError::Down(status.to_string()));
        }
        let body = answer.bytes().await.map_err(down)?;
        if status.is_success() {
            let object = serde_json::from_slice(&body).map_err(|e| ProviderError::Refused(e.to_string()))?;
            return Ok(Ok(Told { object, second }));
        }
        let error: ErrorBody =
            serde_json::from_slice(&body).map_err(|_| ProviderError::Refused(format!("{status} without a reason")))?;
        let ErrorFields { failure, param, message, payment_intent, charge } = error.error;
        Ok(Err(Problem { status, failure, param, message, payment_intent, charge, second }))
    }
}
