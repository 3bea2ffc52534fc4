//! Service requests. Writing is done by plain routes of the server, since photos come along.

use contract::AppError;
use contract::requests::{HelpView, RequestView};
use leptos::prelude::*;

/// An account's requests.
#[server(prefix = "/api", endpoint = "help", input = server_fn::codec::GetUrl)]
pub async fn list(account: String) -> Result<HelpView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::requests::list(&cx, &who, &account).await)
}

/// One request.
#[server(prefix = "/api", endpoint = "help-request", input = server_fn::codec::GetUrl)]
pub async fn show(account: String, number: String) -> Result<RequestView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::requests::show(&cx, &who, &account, &number).await)
}
