//! Paying in parts and budget billing. Agreeing is done by plain routes of the server.

use contract::AppError;
use contract::collections::{ArrangementView, BudgetView};
use leptos::prelude::*;

/// The arrangement in force, or the plan of one over so many months.
#[server(prefix = "/api", endpoint = "arrangement", input = server_fn::codec::GetUrl)]
pub async fn arrangement(account: String, months: Option<u32>) -> Result<ArrangementView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::collections::arrangement(&cx, &who, &account, months).await)
}

/// Budget billing as it runs, or what it would ask.
#[server(prefix = "/api", endpoint = "budget", input = server_fn::codec::GetUrl)]
pub async fn budget(account: String) -> Result<BudgetView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::collections::budget(&cx, &who, &account).await)
}
