//! Saving a card or a bank account without paying.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::payment::SetupStatus;
use locales::sandbox as words;

use super::super::api::Refusal;
use super::super::store::SetupRow;
use super::super::{Delivery, Means, Sandbox};
use super::{Act, L, buttons, challenge, choices, document, down, escape, over, problem, unknown};

pub(super) async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Response, Refusal> {
    if sandbox.control().down {
        return Ok(down());
    }
    sandbox.0.store.advance(sandbox.times().await?).await?;
    let row = sandbox.0.store.find_setup(&id).await?;
    Ok(row.filter(|row| row.id == id).map_or_else(unknown, |row| page(&sandbox, &row)))
}

pub(super) async fn act(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(act): Form<Act>,
) -> Result<Response, Refusal> {
    if sandbox.control().down {
        return Ok(down());
    }
    let store = &sandbox.0.store;
    let at = sandbox.times().await?;
    store.advance(at).await?;
    if store.find_setup(&id).await?.is_none_or(|row| row.id != id) {
        return Ok(unknown());
    }
    let delivery = act.delivery.unwrap_or(sandbox.control().delivery);
    let token = sandbox.key("pm");
    let row = match act.action.as_str() {
        "cancel" => store.cancel_setup(&id, at).await?,
        "confirm" => store.confirm_setup(&id, &token, true, at).await?,
        "refuse" => store.confirm_setup(&id, &token, false, at).await?,
        _ => store.save(&id, &token, act.means.unwrap_or(Means::Good), delivery, at).await?,
    };
    let Some(row) = row else { return Ok(unknown()) };
    if row.delivery() == Delivery::Before {
        sandbox.deliver_due().await?;
    }
    Ok(if row.is_open() {
        Redirect::to(&format!("/save/{id}")).into_response()
    } else {
        Redirect::to(&row.return_url).into_response()
    })
}

fn page(sandbox: &Sandbox, row: &SetupRow) -> Response {
    let back = &row.return_url;
    if !row.is_open() {
        let said = match row.status {
            SetupStatus::Saved => words::over_saved(L),
            SetupStatus::Cancelled => words::over_not_saved(L),
            _ => words::over_not_saved_in_time(L),
        };
        return over(words::over_setup_title(L), said, back);
    }
    if let Some(means) = row.challenge {
        return challenge(means, &words::challenge_save(L, &row.description), back);
    }
    let body = format!(
        "<h1>{title}</h1><p class=\"to\">{to}</p>{problem}<form method=\"post\">{choices}{buttons}</form>",
        title = words::save_title(L),
        to = escape(&words::save_for(L, &row.description)),
        problem = problem(row.decline.filter(|_| row.status == SetupStatus::Declined)),
        choices = choices(sandbox),
        buttons = buttons(words::save(L)),
    );
    document(StatusCode::OK, words::save_title(L), &body, back)
}
