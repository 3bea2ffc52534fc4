//! `/`: on to one's account, or to signing in.

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::api::home::first_account;
use crate::components::loaded;
use crate::routes::to;

/// Leads on.
#[component]
pub fn Start() -> impl IntoView {
    let first = Resource::new(|| (), |()| first_account());
    loaded(first, |number| view! { <Redirect path=to::home(&number)/> })
}
