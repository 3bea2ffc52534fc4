//! Saved ways to pay, payments that are taken later, autopay. What changes anything is done by plain routes of the server.

use contract::AppError;
use contract::saved::{AutopayView, ConfirmView, MethodsView, ScheduledView};
use leptos::prelude::*;

/// Saved ways to pay; `saved` is the setting up that the person comes back from.
#[server(prefix = "/api", endpoint = "methods", input = server_fn::codec::GetUrl)]
pub async fn methods(account: String, saved: Option<String>) -> Result<MethodsView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::methods::show(&cx, &who, &account, saved.as_deref()).await)
}

/// What is scheduled, and what may be.
#[server(prefix = "/api", endpoint = "scheduled", input = server_fn::codec::GetUrl)]
pub async fn scheduled(account: String, parts: Option<u32>, change: Option<i64>) -> Result<ScheduledView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::later::scheduled(&cx, &who, &account, parts, change).await)
}

/// What is about to happen: `pay` is `now:84.50`, or days and amounts such as `2026-12-04:42.25,2026-12-18:42.25`.
#[server(prefix = "/api", endpoint = "confirm", input = server_fn::codec::GetUrl)]
pub async fn confirm(account: String, with: i64, pay: String) -> Result<ConfirmView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::about_to(&cx, &who, &account, with, &pay).await)
}

/// Autopay as it runs, or as it could.
#[server(prefix = "/api", endpoint = "autopay", input = server_fn::codec::GetUrl)]
pub async fn autopay(account: String) -> Result<AutopayView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::later::autopay(&cx, &who, &account).await)
}
