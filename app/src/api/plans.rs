//! Plans that a home may choose between.
#![expect(
    missing_docs,
    reason = "the arguments are the words of the address, documented at `contract::plans::TrialAsk`"
)]

use contract::AppError;
use contract::plans::{PlanHours, PlansView};
use leptos::prelude::*;

/// The last bills under each plan.
#[server(prefix = "/api", endpoint = "plans", input = server_fn::codec::GetUrl)]
pub async fn show(
    account: String,
    car: Option<String>,
    moved: Option<String>,
    solar: Option<String>,
) -> Result<PlansView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let ask = contract::plans::TrialAsk::read(car.as_deref(), moved.as_deref(), solar.as_deref());
    crate::server::answer(services::plans::show(&cx, &who, &account, ask).await)
}

/// What the browser needs to try things by itself.
#[server(prefix = "/api", endpoint = "plan-hours", input = server_fn::codec::GetUrl)]
pub async fn hours(account: String) -> Result<PlanHours, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::plans::hours(&cx, &who, &account).await)
}
