//! What the merchant's server calls.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::ExposeSecret;
use services::adapters::payment::hosted::CreateRequest;
use sha2::{Digest, Sha256};

use super::store::Row;
use super::{Control, Sandbox};

pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/v1/checkouts", post(create))
        .route("/v1/checkouts/{key}", get(show))
        .route("/v1/checkouts/{key}/cancel", post(cancel))
        .route("/test/control", get(control).put(set_control))
}

/// Why the API does not answer what was asked.
pub(super) enum Refusal {
    /// No key, or another one.
    NotAuthorized,
    /// Turned off by a test.
    Down,
    /// No such checkout.
    Unknown,
    /// Not to be understood, or another checkout has this reference.
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

    fn answer(&self, row: &Row) -> Response {
        Json(row.message(&self.0.options.origin)).into_response()
    }

    pub(super) fn up(&self) -> Result<(), Refusal> {
        if self.control().down { Err(Refusal::Down) } else { Ok(()) }
    }
}

async fn create(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Json(new): Json<CreateRequest>,
) -> Result<Response, Refusal> {
    sandbox.authorize(&headers)?;
    sandbox.up()?;
    if new.amount <= 0 || url::Url::parse(&new.return_url).is_err() {
        return Err(Refusal::Conflict);
    }
    let id = format!("co_{}", hex::encode(sandbox.0.options.entropy.bytes::<16>()));
    let row = sandbox.0.store.create(&id, &new).await?.ok_or(Refusal::Conflict)?;
    Ok(sandbox.answer(&row))
}

async fn show(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response, Refusal> {
    sandbox.authorize(&headers)?;
    sandbox.up()?;
    sandbox.0.store.advance(sandbox.0.options.clock.now()).await?;
    let row = sandbox.0.store.find(&key).await?.ok_or(Refusal::Unknown)?;
    Ok(sandbox.answer(&row))
}

async fn cancel(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response, Refusal> {
    sandbox.authorize(&headers)?;
    sandbox.up()?;
    let row = sandbox.0.store.cancel(&key, sandbox.0.options.clock.now()).await?.ok_or(Refusal::Unknown)?;
    Ok(sandbox.answer(&row))
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
