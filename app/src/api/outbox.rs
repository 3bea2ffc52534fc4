//! The demo's outbox.

use contract::AppError;
use contract::mail::MailView;
use leptos::prelude::*;

/// The newest mails, where the operator turned the page on.
#[server(prefix = "/api", endpoint = "outbox", input = server_fn::codec::GetUrl)]
pub async fn list() -> Result<Vec<MailView>, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::mail::outbox(&cx, &who).await)
}
