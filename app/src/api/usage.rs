//! Usage.
#![expect(missing_docs, reason = "the arguments are the words of the address, documented at `UsageAsk`")]

use contract::AppError;
use contract::patterns::PatternsView;
use contract::usage::UsagePage;
use leptos::prelude::*;

/// What the usage page's address asks for.
#[server(prefix = "/api", endpoint = "usage", input = server_fn::codec::GetUrl)]
pub async fn show(
    account: String,
    service: Option<String>,
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
    show: Option<String>,
    with: Option<String>,
) -> Result<UsagePage, AppError> {
    let (cx, who) = crate::server::caller()?;
    let ask = contract::usage::UsageAsk { service, by, from, to, show, with };
    let view = crate::server::answer(services::usage::show(&cx, &who, &account, &ask).await)?;
    Ok(crate::pages::usage::around::written(view, &cx.settings.utility_phone))
}

/// When something is used.
#[server(prefix = "/api", endpoint = "usage-patterns", input = server_fn::codec::GetUrl)]
pub async fn patterns(
    account: String,
    service: Option<String>,
    from: Option<String>,
    to: Option<String>,
) -> Result<PatternsView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let ask = contract::usage::UsageAsk { service, from, to, ..Default::default() };
    crate::server::answer(services::usage::patterns(&cx, &who, &account, &ask).await)
}
