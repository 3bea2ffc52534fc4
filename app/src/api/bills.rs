//! Bills.

use contract::AppError;
use contract::bills::{BillView, BillsView};
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
