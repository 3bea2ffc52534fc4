//! `/`: on to one's account, or to signing in.

use leptos::prelude::*;
use leptos_router::components::Redirect;

/// Leads on.
#[component]
pub fn Start() -> impl IntoView {
    view! { <Redirect path="/sign-in"/> }
}
