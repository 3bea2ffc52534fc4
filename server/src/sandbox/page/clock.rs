//! Letting days pass at the processor, so that nobody has to wait for a bank.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use locales::sandbox as words;
use serde::Deserialize;

use super::super::Sandbox;
use super::super::api::Refusal;
use super::{L, plain};

/// How much may pass at once.
const MOST: i64 = 60;

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Pass {
    days: i64,
}

pub(super) async fn show(State(sandbox): State<Sandbox>) -> Result<Response, Refusal> {
    let ahead = sandbox.0.store.ahead().await?.num_days();
    let mut choices = String::new();
    for days in [1, 2, 31] {
        choices.push_str(&format!(
            "<button name=\"days\" value=\"{days}\">{}</button> ",
            words::clock_pass(L, i64::from(days))
        ));
    }
    let body = format!(
        "<h1>{}</h1><p>{}</p><p>{}</p><form method=\"post\"><p class=\"buttons\">{choices}</p></form>",
        words::clock_title(L),
        words::clock_body(L),
        words::clock_ahead(L, ahead),
    );
    Ok(plain(StatusCode::OK, words::clock_title(L), &body, "'self'"))
}

pub(super) async fn act(State(sandbox): State<Sandbox>, Form(pass): Form<Pass>) -> Result<Response, Refusal> {
    sandbox.let_pass(TimeDelta::days(pass.days.clamp(0, MOST))).await?;
    sandbox.0.store.advance(sandbox.times().await?).await?;
    Ok(Redirect::to("/clock").into_response())
}
