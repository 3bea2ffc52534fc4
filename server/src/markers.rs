//! Forms of marked days, as plain routes.

use app::routes::to;
use axum::Router;
use axum::extract::{Extension, Form, State};
use axum::response::Response;
use axum::routing::post;
use contract::form::Done;
use serde::Deserialize;
use services::usage::{self, TypedMarker};
use services::{Cx, Principal};

use crate::http::{Refused, done};

/// The routes.
pub fn routes(cx: Cx) -> Router {
    Router::new()
        .route("/api/markers/add", post(add))
        .route("/api/markers/change", post(change))
        .route("/api/markers/remove", post(remove))
        .with_state(cx)
}

#[derive(Deserialize)]
struct Sent {
    account: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    service: String,
}

impl Sent {
    fn typed(&self) -> TypedMarker {
        TypedMarker { label: self.label.clone(), on: self.on.clone(), service: self.service.clone() }
    }
}

async fn add(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(form): Form<Sent>,
) -> Result<Response, Refused> {
    let id = usage::add_marker(&cx, &who, &form.account, &form.typed()).await?;
    Ok(done(&to::marker(&form.account, id), Done::Kept))
}

async fn change(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(form): Form<Sent>,
) -> Result<Response, Refused> {
    usage::change_marker(&cx, &who, &form.account, &form.number, &form.typed()).await?;
    Ok(done(&format!("{}/{}", to::markers(&form.account), form.number), Done::Saved))
}

async fn remove(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(form): Form<Sent>,
) -> Result<Response, Refused> {
    usage::remove_marker(&cx, &who, &form.account, &form.number).await?;
    Ok(done(&to::markers(&form.account), Done::Removed))
}
