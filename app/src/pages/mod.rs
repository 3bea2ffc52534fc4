//! One module a page.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[cfg(not(feature = "hydrate"))]
pub mod account;
#[cfg(not(feature = "hydrate"))]
pub mod auth;
#[cfg(not(feature = "hydrate"))]
pub mod bills;
#[cfg(not(feature = "hydrate"))]
pub mod collections;
#[cfg(not(feature = "hydrate"))]
pub mod compare;
#[cfg(not(feature = "hydrate"))]
pub mod guest;
#[cfg(not(feature = "hydrate"))]
pub mod help;
#[cfg(not(feature = "hydrate"))]
pub mod home;
#[cfg(not(feature = "hydrate"))]
pub mod markers;
#[cfg(not(feature = "hydrate"))]
pub mod meters;
#[cfg(not(feature = "hydrate"))]
pub mod outbox;
#[cfg(not(feature = "hydrate"))]
pub mod patterns;
#[cfg(not(feature = "hydrate"))]
pub mod pay;
#[cfg(not(feature = "hydrate"))]
pub mod periods;
#[cfg(not(feature = "hydrate"))]
pub mod plans;
#[cfg(not(feature = "hydrate"))]
pub mod start;
pub mod usage;

/// The account number in the page's address.
pub fn account_number() -> impl Fn() -> String + Send + Sync + Clone + 'static {
    let params = use_params_map();
    move || params.with(|p| p.get("account").unwrap_or_default())
}
