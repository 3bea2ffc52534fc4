//! Home: how much, by when, and whether something is wrong.

use leptos::prelude::*;

/// The account at a glance.
#[component]
pub fn Home() -> impl IntoView {
    view! { <p></p> }
}
