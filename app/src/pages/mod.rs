//! One module a page.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

pub mod account;
pub mod auth;
pub mod bills;
pub mod help;
pub mod home;
pub mod outbox;
pub mod pay;
pub mod start;
pub mod usage;

/// The account number in the page's address.
pub fn account_number() -> impl Fn() -> String + Send + Sync + Clone + 'static {
    let params = use_params_map();
    move || params.with(|p| p.get("account").unwrap_or_default())
}
