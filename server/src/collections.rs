//! Forms of paying in parts and of budget billing, as plain routes.

use app::routes::to;
use axum::Router;
use axum::extract::{Extension, Form, State};
use axum::response::Response;
use axum::routing::post;
use contract::form::Done;
use serde::Deserialize;
use services::{Cx, Principal, collections};

use crate::http::answer::see_other;
use crate::http::{Refused, done};

/// The routes.
pub fn routes(cx: Cx) -> Router {
    Router::new()
        .route("/api/arrangement/agree", post(agree))
        .route("/api/arrangement/put-back", post(put_back))
        .route("/api/budget/join", post(join))
        .route("/api/budget/leave", post(leave))
        .with_state(cx)
}

#[derive(Deserialize)]
struct Sent {
    account: String,
    #[serde(default)]
    form_key: String,
    #[serde(default)]
    months: String,
    #[serde(default)]
    total: String,
    #[serde(default)]
    monthly: String,
}

async fn agree(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    collections::agree(&cx, &who, &f.account, &f.months, &f.total, &f.form_key).await?;
    Ok(done(&to::arrangement(&f.account), Done::Sent))
}

async fn put_back(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    collections::put_back(&cx, &who, &f.account).await?;
    Ok(see_other(&to::arrangement(&f.account)))
}

async fn join(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    collections::join(&cx, &who, &f.account, &f.monthly, &f.form_key).await?;
    Ok(done(&to::budget(&f.account), Done::Saved))
}

async fn leave(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    collections::leave(&cx, &who, &f.account).await?;
    Ok(see_other(&to::budget(&f.account)))
}
