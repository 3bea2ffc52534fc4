//! Readings to look at: the staff's work list of exceptions.

use app::server::RequestNonce;
use app::staff::{self as pages, render};
use axum::Router;
use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use contract::exceptions::{Standing, WorkFilter};
use contract::form::FormState;
use domain::ids::ExceptionId;
use domain::metering::vee::Rule;
use domain::quantity::Commodity;
use serde::Deserialize;
use services::exceptions::{self, Action};
use services::{Principal, staff};

use super::Refused;
use super::answer::{KeptFields, see_other};
use super::staff::{Answer, Staff};

/// The routes.
pub fn routes() -> Router<Staff> {
    Router::new().route("/staff/readings", get(list)).route("/staff/readings/{id}", get(show).post(act))
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    page: String,
}

/// What is open, unless another list is asked for. Words that mean nothing narrow nothing.
async fn list(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let cx = &state.http.cx;
    let here = "/staff/readings";
    let filter = WorkFilter {
        standing: Standing::from_slug(&query.state).unwrap_or(Standing::Open),
        rule: Rule::from_slug(&query.rule),
        commodity: Commodity::from_slug(&query.service),
        days: query.days.parse().ok().filter(|d| *d > 0 && *d <= 3660),
        page: query.page.parse().ok().filter(|p| *p <= 10_000).unwrap_or(0),
    };
    let view = exceptions::list(cx, &who, filter).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    Ok(Html(render(&frame, || pages::readings_page(&frame, view))).into_response())
}

async fn show(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Extension(nonce): Extension<RequestNonce>,
    form: Option<Extension<FormState>>,
    Path(id): Path<i64>,
) -> Answer {
    let cx = &state.http.cx;
    let here = format!("/staff/readings/{id}");
    let view = exceptions::show(cx, &who, ExceptionId(id)).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let (me, _) = staff::me(cx, &who).await.map_err(|f| state.refuse(&nonce, f.into(), &here))?;
    let frame = state.frame(&nonce, Some(me.full_name()), "");
    let form = form.map(|Extension(f)| f).unwrap_or_default();
    Ok(Html(render(&frame, || pages::exception_page(&frame, view, form))).into_response())
}

#[derive(Deserialize)]
struct ActForm {
    #[serde(default)]
    action: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    amount: String,
}

/// Settles it, orders something, or takes the last step back.
async fn act(
    State(state): State<Staff>,
    Extension(who): Extension<Principal>,
    Path(id): Path<i64>,
    Form(form): Form<ActForm>,
) -> Response {
    let cx = &state.http.cx;
    let id = ExceptionId(id);
    let mut kept = vec![("message".to_owned(), form.message.clone())];
    let action = match form.action.as_str() {
        "accept" => Some(Action::Accept),
        "estimate" => Some(Action::Estimate),
        "edit" => {
            for (name, value) in [("from", &form.from), ("to", &form.to), ("amount", &form.amount)] {
                kept.push((name.to_owned(), value.clone()));
            }
            Some(Action::Edit { from: form.from, to: form.to, amount: form.amount })
        }
        "reread" => Some(Action::Reread),
        "visit" => Some(Action::Visit),
        _ => None,
    };
    let acted = match action {
        Some(action) => exceptions::act(cx, &who, id, &action, &form.message).await,
        None if form.action == "undo" => exceptions::undo(cx, &who, id).await,
        None => Err(contract::AppError::Invalid(Vec::new()).into()),
    };
    match acted {
        Ok(()) => see_other(&format!("/staff/readings/{}", id.0)),
        Err(fault) => {
            let mut response = Refused::from(fault).into_response();
            response.extensions_mut().insert(KeptFields(kept));
            response
        }
    }
}
