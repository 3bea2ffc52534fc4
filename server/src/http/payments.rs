//! Payments for employees.

use app::server::RequestNonce;
use app::staff::{self as pages, render};
use axum::Router;
use axum::extract::{Extension, Form, Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use contract::AppError;
use contract::form::{Done, FormState};
use serde::Deserialize;
use services::payments::refund;
use services::rows::RefundReason;
use services::{Principal, staff, zones};

use super::Refused;
use super::answer::{KeptFields, done};
use super::staff::{Answer, Staff};

pub fn routes() -> Router<Staff> {
    Router::new().route("/staff/payments/{number}", get(show)).route("/staff/payments/{number}/refund", post(give_back))
}

async fn show(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
    Path(number): Path<String>,
) -> Answer {
    let cx = &state.http.cx;
    let here = format!("/staff/payments/{number}");
    let shown = refund::staff_show(cx, &who, &number).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let zone = zones::stored(&shown.zone).map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::payment_page(&frame, shown, &zone, form))).into_response())
}

#[derive(Deserialize)]
struct RefundForm {
    #[serde(default)]
    amount: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    form_key: String,
}

async fn give_back(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path(number): Path<String>,
    Form(f): Form<RefundForm>,
) -> Response {
    let reason = match f.reason.as_str() {
        "duplicate" => Some(RefundReason::Duplicate),
        "overpaid" => Some(RefundReason::Overpaid),
        "wrong_account" => Some(RefundReason::WrongAccount),
        "mistake" => Some(RefundReason::Mistake),
        "other" => Some(RefundReason::Other),
        _ => None,
    };
    let asked = refund::Asked { amount: f.amount, reason, note: f.message, form_key: f.form_key };
    match refund::refund(&state.http.cx, &who, &number, &asked).await {
        Ok(_) => done(&format!("/staff/payments/{number}"), Done::Sent),
        Err(fault) => {
            let refused = Refused::from(fault);
            // No amount waits for somebody to sign in again.
            if refused.0 == AppError::SignInRequired {
                return refused.into_response();
            }
            let kept = [("amount", asked.amount), ("reason", f.reason), ("message", asked.note)];
            let kept = kept.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
            let mut response = refused.into_response();
            response.extensions_mut().insert(KeptFields(kept));
            response
        }
    }
}
