//! What the pages of signing in and of settings read. Their forms post to plain routes, which set cookies.
#![expect(missing_docs, reason = "the arguments are the words of the address")]

use contract::AppError;
use contract::auth::{ActivityView, ConfirmView, SettingsView};
use leptos::prelude::*;

/// What the link of a claim's mail leads to.
#[server(prefix = "/api", endpoint = "confirm", input = server_fn::codec::GetUrl)]
pub async fn claim_link(token: String) -> Result<ConfirmView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::claim::look(&cx, &who, &crate::server::sender(), &token).await)
}

/// What the link of a recovery's mail leads to.
#[server(prefix = "/api", endpoint = "new-password", input = server_fn::codec::GetUrl)]
pub async fn recover_link(token: String) -> Result<ConfirmView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::recover::look(&cx, &who, &crate::server::sender(), &token).await)
}

/// The settings.
#[server(prefix = "/api", endpoint = "settings", input = server_fn::codec::GetUrl)]
pub async fn settings(account: String) -> Result<SettingsView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::settings_page::show(&cx, &who, &account).await)
}

/// Who viewed the account.
#[server(prefix = "/api", endpoint = "activity", input = server_fn::codec::GetUrl)]
pub async fn activity(account: String) -> Result<ActivityView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::view_as::activity(&cx, &who, &account).await)
}
