//! Forms of paying without signing in. One ends on another origin.

use app::routes::to;
use axum::Router;
use axum::extract::{Extension, Form, State};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use services::auth::From as Sender;
use services::payments::{Go, guest};
use services::{Cx, Principal};

use crate::http::Refused;
use crate::http::answer::see_other;

/// The routes.
pub fn routes(cx: Cx) -> Router {
    Router::new().route("/api/guest/find", post(find)).route("/api/guest/pay", post(pay)).with_state(cx)
}

#[derive(Deserialize)]
struct FindForm {
    #[serde(default)]
    account_number: String,
    #[serde(default)]
    postcode: String,
}

/// Leads to what is due.
async fn find(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<FindForm>,
) -> Result<Response, Refused> {
    let token = guest::find(&cx, &who, &from, &form.account_number, &form.postcode).await?;
    Ok(see_other(&to::guest_pay(&token)))
}

#[derive(Deserialize)]
struct PayForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    form_key: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    amount: String,
}

/// Begins a payment and leads to the processor's page.
async fn pay(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Extension(from): Extension<Sender>,
    Form(form): Form<PayForm>,
) -> Result<Response, Refused> {
    let amount = crate::help::chosen(&form.what, &form.amount);
    Ok(match guest::start(&cx, &who, &from, &form.token, amount, &form.form_key).await? {
        Go::Processor(url) => see_other(&url),
        Go::Payment(number) => see_other(&to::guest_payment(&form.token, &number)),
    })
}
