//! Bills.

use contract::AppError;
use contract::bills::{BillView, BillsView, ProofView, VersionsView, WhyView};
use leptos::prelude::*;

/// The list of bills of an account.
#[server(prefix = "/api", endpoint = "bills", input = server_fn::codec::GetUrl)]
pub async fn list(account: String) -> Result<BillsView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::billing::list(&cx, &who, &account).await)
}

/// One bill by line.
#[server(prefix = "/api", endpoint = "bill", input = server_fn::codec::GetUrl)]
pub async fn show(account: String, number: String) -> Result<BillView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::billing::show(&cx, &who, &account, &number).await)
}

/// One bill beside what dials and intervals say.
#[server(prefix = "/api", endpoint = "bill-proof", input = server_fn::codec::GetUrl)]
pub async fn proof(account: String, number: String) -> Result<ProofView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::billing::proof(&cx, &who, &account, &number).await)
}

/// Why a bill differs from another one; from the one before, if none is named.
#[server(prefix = "/api", endpoint = "bill-why", input = server_fn::codec::GetUrl)]
pub async fn why(account: String, number: String, with: Option<String>) -> Result<WhyView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::billing::why(&cx, &who, &account, &number, with.as_deref()).await)
}

/// A corrected bill beside the one it took the place of.
#[server(prefix = "/api", endpoint = "bill-versions", input = server_fn::codec::GetUrl)]
pub async fn versions(account: String, number: String) -> Result<VersionsView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::billing::versions(&cx, &who, &account, &number).await)
}
