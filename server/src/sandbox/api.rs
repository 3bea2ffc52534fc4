//! What the merchant's server calls.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use chrono::DateTime;
use secrecy::ExposeSecret;
use serde::Deserialize;
use services::adapters::payment::hosted::{
    ChangesMessage, ChargeRequest, CheckoutMessage, CreateRequest, RefundMessage, RefundRequest, SetupMessage,
    SetupRequest,
};
use sha2::{Digest, Sha256};

use super::store::Row;
use super::{Control, Sandbox};

pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/v1/checkouts", post(create))
        .route("/v1/checkouts/{key}", get(show))
        .route("/v1/checkouts/{key}/cancel", post(cancel))
        .route("/v1/setups", post(create_setup))
        .route("/v1/setups/{key}", get(show_setup))
        .route("/v1/charges", post(charge))
        .route("/v1/refunds", post(refund))
        .route("/v1/refunds/{key}", get(show_refund))
        .route("/v1/methods/{token}", delete(forget))
        .route("/v1/changes", get(changes))
        .route("/test/control", get(control).put(set_control))
}

/// Why the API does not answer what was asked.
pub(super) enum Refusal {
    /// No key, or another one.
    NotAuthorized,
    /// Turned off by a test.
    Down,
    /// No such thing.
    Unknown,
    /// Not to be understood, or something else has this reference.
    Conflict,
    /// Our own database.
    Failed(anyhow::Error),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotAuthorized => StatusCode::UNAUTHORIZED,
            Self::Down => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Failed(error) => {
                tracing::error!(error = format!("{error:#}"), "the sandbox processor failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        status.into_response()
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl Sandbox {
    fn authorize(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Bearer "))
            .unwrap_or_default();
        // Hashes are compared, so that the time it takes says nothing about the key.
        let key = self.0.options.api_key.expose_secret();
        if Sha256::digest(given) == Sha256::digest(key) { Ok(()) } else { Err(Refusal::NotAuthorized) }
    }

    /// What every call begins with.
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        self.authorize(headers)?;
        self.up()
    }

    fn answer(&self, row: &Row) -> Json<CheckoutMessage> {
        Json(row.message(&self.0.options.origin))
    }

    pub(super) fn up(&self) -> Result<(), Refusal> {
        if self.control().down { Err(Refusal::Down) } else { Ok(()) }
    }

    /// A key of something new.
    pub(super) fn key(&self, kind: &str) -> String {
        format!("{kind}_{}", hex::encode(self.0.options.entropy.bytes::<16>()))
    }
}

type Answer<T> = Result<Json<T>, Refusal>;

async fn create(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Json(new): Json<CreateRequest>,
) -> Answer<CheckoutMessage> {
    sandbox.admit(&headers)?;
    if new.amount <= 0 || url::Url::parse(&new.return_url).is_err() {
        return Err(Refusal::Conflict);
    }
    let row = sandbox.0.store.create(&sandbox.key("co"), &new).await?.ok_or(Refusal::Conflict)?;
    Ok(sandbox.answer(&row))
}

async fn show(State(sandbox): State<Sandbox>, headers: HeaderMap, Path(key): Path<String>) -> Answer<CheckoutMessage> {
    sandbox.admit(&headers)?;
    sandbox.0.store.advance(sandbox.times().await?).await?;
    let row = sandbox.0.store.find(&key).await?.ok_or(Refusal::Unknown)?;
    Ok(sandbox.answer(&row))
}

async fn cancel(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Answer<CheckoutMessage> {
    sandbox.admit(&headers)?;
    let at = sandbox.times().await?;
    sandbox.0.store.advance(at).await?;
    let row = sandbox.0.store.cancel(&key, at).await?.ok_or(Refusal::Unknown)?;
    Ok(sandbox.answer(&row))
}

async fn create_setup(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Json(new): Json<SetupRequest>,
) -> Answer<SetupMessage> {
    sandbox.admit(&headers)?;
    if url::Url::parse(&new.return_url).is_err() {
        return Err(Refusal::Conflict);
    }
    let row = sandbox.0.store.create_setup(&sandbox.key("su"), &new).await?.ok_or(Refusal::Conflict)?;
    Ok(Json(row.message(&sandbox.0.options.origin)))
}

async fn show_setup(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Answer<SetupMessage> {
    sandbox.admit(&headers)?;
    sandbox.0.store.advance(sandbox.times().await?).await?;
    let row = sandbox.0.store.find_setup(&key).await?.ok_or(Refusal::Unknown)?;
    Ok(Json(row.message(&sandbox.0.options.origin)))
}

async fn charge(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Json(new): Json<ChargeRequest>,
) -> Answer<CheckoutMessage> {
    sandbox.admit(&headers)?;
    if new.amount <= 0 {
        return Err(Refusal::Conflict);
    }
    let at = sandbox.times().await?;
    let (id, delivery) = (sandbox.key("ch"), sandbox.control().delivery);
    let row = sandbox.0.store.charge(&id, &new, delivery, sandbox.0.options.bank_takes, at).await?;
    Ok(sandbox.answer(&row.ok_or(Refusal::Conflict)?))
}

async fn refund(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Json(new): Json<RefundRequest>,
) -> Answer<RefundMessage> {
    sandbox.admit(&headers)?;
    let at = sandbox.times().await?;
    sandbox.0.store.advance(at).await?;
    let row = sandbox.0.store.refund(&sandbox.key("re"), &new, sandbox.0.options.bank_takes, at).await?;
    Ok(Json(row.ok_or(Refusal::Conflict)?.message()))
}

async fn show_refund(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Answer<RefundMessage> {
    sandbox.admit(&headers)?;
    sandbox.0.store.advance(sandbox.times().await?).await?;
    let row = sandbox.0.store.find_refund(&key).await?.ok_or(Refusal::Unknown)?;
    Ok(Json(row.message()))
}

async fn forget(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer<serde_json::Value> {
    sandbox.admit(&headers)?;
    let at = sandbox.times().await?;
    if sandbox.0.store.forget(&token, at).await? { Ok(Json(serde_json::json!({}))) } else { Err(Refusal::Unknown) }
}

/// Which changes are asked for.
#[derive(Deserialize)]
struct Since {
    /// Seconds since 1970.
    since: i64,
    after: Option<String>,
}

async fn changes(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Query(asked): Query<Since>,
) -> Answer<ChangesMessage> {
    sandbox.admit(&headers)?;
    let since = DateTime::from_timestamp(asked.since, 0).ok_or(Refusal::Conflict)?;
    let after = asked.after.map_or(Ok(0), |a| a.parse()).map_err(|_| Refusal::Conflict)?;
    sandbox.0.store.advance(sandbox.times().await?).await?;
    Ok(Json(sandbox.0.store.changes(since, after).await?))
}

async fn control(State(sandbox): State<Sandbox>, headers: HeaderMap) -> Result<Json<Control>, Refusal> {
    sandbox.authorize(&headers)?;
    Ok(Json(sandbox.control()))
}

async fn set_control(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Json(control): Json<Control>,
) -> Result<Json<Control>, Refusal> {
    sandbox.authorize(&headers)?;
    sandbox.set_control(control);
    Ok(Json(control))
}
