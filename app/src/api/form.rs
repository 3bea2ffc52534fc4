//! What came back from a form that was refused.

use contract::form::FormState;
use leptos::server::SharedValue;
use leptos::server::codee::string::JsonSerdeCodec;

/// What came back from a form on this page, given once: the HTTP layer put it into the request. Empty after a navigation
/// inside the browser, where nothing was posted.
#[must_use]
pub fn use_form_state() -> FormState {
    SharedValue::<FormState, JsonSerdeCodec>::new(|| {
        #[cfg(feature = "ssr")]
        {
            leptos::prelude::use_context::<http::request::Parts>()
                .and_then(|parts| parts.extensions.get::<FormState>().cloned())
                .unwrap_or_default()
        }
        #[cfg(not(feature = "ssr"))]
        {
            FormState::default()
        }
    })
    .into_inner()
}
