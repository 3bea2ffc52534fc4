//! Own usage files. Files and forms about them are taken by plain routes of the server.

use contract::AppError;
use contract::compare::{CompareView, DataSetView, PreviewView};
use leptos::prelude::*;

/// An account's own data sets.
#[server(prefix = "/api", endpoint = "compare", input = server_fn::codec::GetUrl)]
pub async fn list(account: String) -> Result<CompareView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::data_sets::list(&cx, &who, &account).await)
}

/// A file that waits to be confirmed.
#[server(prefix = "/api", endpoint = "compare-preview", input = server_fn::codec::GetUrl)]
pub async fn preview(
    account: String,
    upload: String,
    zone: Option<String>,
    times: Option<String>,
) -> Result<PreviewView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let seen = services::data_sets::preview(&cx, &who, &account, &upload, zone.as_deref(), times.as_deref()).await;
    crate::server::answer(seen)
}

/// One data set.
#[server(prefix = "/api", endpoint = "compare-data-set", input = server_fn::codec::GetUrl)]
pub async fn show(
    account: String,
    number: String,
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
    show: Option<String>,
) -> Result<DataSetView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let ask = contract::usage::UsageAsk { by, from, to, show, ..Default::default() };
    crate::server::answer(services::data_sets::show(&cx, &who, &account, &number, &ask).await)
}
