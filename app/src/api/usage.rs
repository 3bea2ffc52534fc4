//! Usage.
#![expect(missing_docs, reason = "the arguments are the words of the address, documented at `UsageAsk`")]

use contract::AppError;
use contract::markers::{MarkerView, MarkersView};
use contract::meters::MetersView;
use contract::patterns::PatternsView;
use contract::periods::PeriodsView;
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
    Ok(crate::pages::usage::around::written(view, &cx.settings.utility_phone, &ask))
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

/// Two stretches of time held against each other.
#[server(prefix = "/api", endpoint = "usage-periods", input = server_fn::codec::GetUrl)]
pub async fn periods(
    account: String,
    service: Option<String>,
    from: Option<String>,
    to: Option<String>,
    from2: Option<String>,
    to2: Option<String>,
) -> Result<PeriodsView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let ask = contract::periods::PeriodsAsk { service, from, to, from2, to2 };
    crate::server::answer(services::usage::compared(&cx, &who, &account, &ask).await)
}

/// The days that an account has marked. Marking is done by plain routes of the server.
#[server(prefix = "/api", endpoint = "usage-marks", input = server_fn::codec::GetUrl)]
pub async fn markers(account: String) -> Result<MarkersView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::usage::list_markers(&cx, &who, &account).await)
}

/// The use before and after a marked day.
#[server(prefix = "/api", endpoint = "usage-mark", input = server_fn::codec::GetUrl)]
pub async fn marker(account: String, number: String) -> Result<MarkerView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::usage::show_marker(&cx, &who, &account, &number).await)
}

/// Every meter of an account by itself.
#[server(prefix = "/api", endpoint = "usage-meters", input = server_fn::codec::GetUrl)]
pub async fn meters(account: String, from: Option<String>, to: Option<String>) -> Result<MetersView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let ask = contract::usage::UsageAsk { from, to, ..Default::default() };
    crate::server::answer(services::usage::meters(&cx, &who, &account, &ask).await)
}
