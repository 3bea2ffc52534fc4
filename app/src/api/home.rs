//! The account at a glance.

use contract::AppError;
use contract::home::HomeView;
use leptos::prelude::*;

/// Home of an account.
#[server(prefix = "/api", endpoint = "home", input = server_fn::codec::GetUrl)]
pub async fn show(account: String) -> Result<HomeView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::home::show(&cx, &who, &account).await)
}

/// The account that opens first for whoever is signed in.
#[server(prefix = "/api", endpoint = "start", input = server_fn::codec::GetUrl)]
pub async fn first_account() -> Result<String, AppError> {
    let (cx, who) = crate::server::caller()?;
    let mine = crate::server::answer(services::accounts::mine(&cx, &who).await)?;
    mine.into_iter().next().map(|a| a.number).ok_or(AppError::NotFound)
}
