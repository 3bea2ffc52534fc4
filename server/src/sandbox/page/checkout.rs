//! Paying.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::money::Cents;
use domain::payment::Status;
use locales::sandbox as words;

use super::super::api::Refusal;
use super::super::store::Row;
use super::super::{Delivery, Means, Sandbox};
use super::{Act, L, buttons, challenge, choices, document, down, escape, over, problem, unknown};

pub(super) async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Response, Refusal> {
    if sandbox.control().down {
        return Ok(down());
    }
    sandbox.0.store.advance(sandbox.times().await?).await?;
    let row = sandbox.0.store.find(&id).await?;
    Ok(row.filter(|row| row.id == id && !row.return_url.is_empty()).map_or_else(unknown, |row| page(&sandbox, &row)))
}

pub(super) async fn act(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(act): Form<Act>,
) -> Result<Response, Refusal> {
    if sandbox.control().down {
        return Ok(down());
    }
    let (store, takes) = (&sandbox.0.store, sandbox.0.options.bank_takes);
    let at = sandbox.times().await?;
    store.advance(at).await?;
    if store.find(&id).await?.is_none_or(|row| row.id != id) {
        return Ok(unknown());
    }
    let delivery = act.delivery.unwrap_or(sandbox.control().delivery);
    let row = match act.action.as_str() {
        "cancel" => store.cancel(&id, at).await?,
        "confirm" => store.confirm(&id, true, takes, at).await?,
        "refuse" => store.confirm(&id, false, takes, at).await?,
        _ => store.pay(&id, act.means.unwrap_or(Means::Good), delivery, takes, at).await?,
    };
    let Some(row) = row else { return Ok(unknown()) };
    if row.delivery() == Delivery::Before {
        sandbox.deliver_due().await?;
    }
    Ok(if row.is_payable() {
        // To this page again by its own address, so that reloading does not send the form again.
        Redirect::to(&format!("/pay/{id}")).into_response()
    } else {
        Redirect::to(&row.return_url).into_response()
    })
}

fn page(sandbox: &Sandbox, row: &Row) -> Response {
    let amount = Cents(row.amount).to_string();
    let back = &row.return_url;
    if !row.is_payable() {
        let said = match row.status {
            Status::Succeeded => words::over_succeeded(L),
            Status::Pending => words::over_pending(L),
            Status::Cancelled => words::over_cancelled(L),
            _ => words::over_expired(L),
        };
        return over(words::over_title(L), said, back);
    }
    if let Some(means) = row.challenge {
        return challenge(means, &words::challenge_pay(L, &amount, &row.description), back);
    }
    let body = format!(
        "<h1>{title}</h1><p class=\"to\">{to}</p>{problem}<form method=\"post\">{choices}{buttons}</form>",
        title = words::title(L, &amount),
        to = escape(&words::to(L, &row.description)),
        problem = problem(row.decline.filter(|_| row.status == Status::Declined)),
        choices = choices(sandbox),
        buttons = buttons(&words::pay(L, &amount)),
    );
    document(StatusCode::OK, &words::title(L, &amount), &body, back)
}
