//! Corrections, holds and the release of prices: staff routes.

use app::server::RequestNonce;
use app::staff::{self as pages, render};
use axum::Router;
use axum::extract::{Extension, Form, Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use contract::form::FormState;
use contract::{AppError, Field, Problem};
use domain::billing::hold::CorrectionReason;
use domain::money::Cents;
use serde::Deserialize;
use services::billing::{changed, holds, rebill, waiting};
use services::tariffs::release::{self, Decision};
use services::{Fault, Principal, staff};

use super::Refused;
use super::answer::{KeptFields, see_other};
use super::staff::{Answer, Staff};

/// The routes.
pub fn routes() -> Router<Staff> {
    Router::new()
        .route("/staff/accounts/{number}/bills/{bill}", get(bill).post(correct))
        .route("/staff/accounts/{number}/bills/{bill}/pdf", get(duplicate))
        .route("/staff/accounts/{number}/hold", post(hold))
        .route("/staff/bills", get(changed_bills))
        .route("/staff/bills/run", get(waiting_run).post(release_run))
        .route("/staff/prices", get(prices).post(propose))
        .route("/staff/prices/{id}", get(proposal).post(decide))
}

fn refused(fault: Fault, kept: Vec<(&str, String)>) -> Response {
    let mut response = Refused::from(fault).into_response();
    response.extensions_mut().insert(KeptFields(kept.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()));
    response
}

async fn bill(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
    Path((number, bill)): Path<(String, String)>,
) -> Answer {
    let cx = &state.http.cx;
    let here = format!("/staff/accounts/{number}/bills/{bill}");
    let view = rebill::preview(cx, &who, &number, &bill).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::rebill_page(&frame, view, form))).into_response())
}

/// A duplicate, to hand out or to mail.
async fn duplicate(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    Path((number, bill)): Path<(String, String)>,
) -> Answer {
    let cx = &state.http.cx;
    let here = format!("/staff/accounts/{number}/bills/{bill}/pdf");
    let found = services::billing::duplicate(cx, &who, &number, &bill).await;
    let found = found.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    Ok(crate::downloads::as_pdf(cx, found, true).await)
}

#[derive(Deserialize)]
struct CorrectForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    expected: String,
}

async fn correct(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path((number, bill)): Path<(String, String)>,
    Form(form): Form<CorrectForm>,
) -> Response {
    let kept = vec![("message", form.message.clone()), ("reason", form.reason.clone())];
    let done = match CorrectionReason::given(&form.reason) {
        None => Err(AppError::field(Field::Reason, Problem::Missing).into()),
        Some(reason) => {
            let ask = rebill::Ask { reason, note: form.message, expected: form.expected.parse().ok().map(Cents) };
            rebill::rebill(&state.http.cx, &who, &number, &bill, &ask).await
        }
    };
    match done {
        Ok(_) => see_other(&format!("/staff/accounts/{number}")),
        Err(fault) => refused(fault, kept),
    }
}

#[derive(Deserialize)]
struct HoldForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    lift: String,
}

async fn hold(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path(number): Path<String>,
    Form(form): Form<HoldForm>,
) -> Response {
    let cx = &state.http.cx;
    let done = match form.lift.parse::<i64>() {
        Ok(id) => holds::lift(cx, &who, &number, id).await,
        Err(_) => holds::put(cx, &who, &number, &form.reason, &form.note, &form.to).await,
    };
    match done {
        Ok(()) => see_other(&format!("/staff/accounts/{number}")),
        // Under names of their own: other forms of the page ask for a reason too.
        Err(fault) => refused(fault, vec![("hold_reason", form.reason), ("hold_note", form.note), ("to", form.to)]),
    }
}

async fn changed_bills(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
) -> Answer {
    let cx = &state.http.cx;
    let here = "/staff/bills";
    let view = changed::changed(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let run = waiting::show(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    Ok(Html(render(&frame, || pages::changed_page(&frame, view, run))).into_response())
}

async fn waiting_run(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
) -> Answer {
    let cx = &state.http.cx;
    let here = "/staff/bills/run";
    let run = waiting::show(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::run_page(&frame, run, form))).into_response())
}

#[derive(Deserialize)]
struct RunForm {
    #[serde(default)]
    action: String,
    #[serde(default)]
    run: i64,
    #[serde(default)]
    seen: String,
}

async fn release_run(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Form(form): Form<RunForm>,
) -> Response {
    let cx = &state.http.cx;
    let done = match form.action.as_str() {
        "release" => waiting::release(cx, &who, form.run, &form.seen).await,
        "again" => waiting::look_again(cx, &who, form.run).await,
        _ => Err(AppError::Invalid(Vec::new()).into()),
    };
    match done {
        Ok(()) => see_other("/staff/bills/run"),
        Err(fault) => Refused::from(fault).into_response(),
    }
}

async fn prices(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
) -> Answer {
    let cx = &state.http.cx;
    let here = "/staff/prices";
    let view = release::list(cx, &who, None).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::prices_page(&frame, view, form))).into_response())
}

#[derive(Deserialize)]
struct ProposeForm {
    #[serde(default)]
    label: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    file: String,
}

async fn propose(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Form(form): Form<ProposeForm>,
) -> Response {
    let mut kept = vec![("label", form.label.clone()), ("message", form.message.clone()), ("file", form.file.clone())];
    match release::propose(&state.http.cx, &who, None, (&form.label, &form.file), &form.message).await {
        Ok(Ok(id)) => see_other(&format!("/staff/prices/{id}")),
        Ok(Err(why)) => {
            // The reader's own words say where and why.
            kept.push(("why", why.to_string()));
            refused(AppError::field(Field::File, Problem::Malformed).into(), kept)
        }
        Err(fault) => refused(fault, kept),
    }
}

async fn proposal(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
    Path(id): Path<i64>,
) -> Answer {
    let cx = &state.http.cx;
    let here = format!("/staff/prices/{id}");
    let view = release::list(cx, &who, Some(id)).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let Some(one) = view.proposals.into_iter().next() else {
        return Err(state.refuse(&nonce, AppError::NotFound, &here));
    };
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::proposal_page(&frame, one, form))).into_response())
}

#[derive(Deserialize)]
struct DecideForm {
    #[serde(default)]
    action: String,
    #[serde(default)]
    seen: String,
}

async fn decide(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path(id): Path<i64>,
    Form(form): Form<DecideForm>,
) -> Response {
    let cx = &state.http.cx;
    let done = match form.action.as_str() {
        "release" => release::decide(cx, &who, None, id, Decision::Release(Some(&form.seen))).await,
        "refuse" => release::decide(cx, &who, None, id, Decision::Refuse).await,
        "anew" => release::work_out_anew(cx, &who, id).await,
        _ => Err(AppError::Invalid(Vec::new()).into()),
    };
    match done {
        Ok(()) => see_other(&format!("/staff/prices/{id}")),
        Err(fault) => Refused::from(fault).into_response(),
    }
}
