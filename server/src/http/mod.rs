//! What every request passes on its way in and out: number and log, host, headers, session, cross-site check, forms.
//!
//! ```text
//! request → record → site → headers → who → cross_site → forms → router
//! ```
//!
//! A handler says what became of a form by its answer: [`Refused`] (or a server function's error) sends the browser back to
//! the page with what was typed and what is wrong, a redirect goes where it says.

pub mod answer;
pub mod auth;
mod billing;
pub mod cookies;
pub mod cross_site;
pub mod forms;
pub mod headers;
mod payments;
pub mod readings;
pub mod record;
pub mod sender;
pub mod site;
pub mod staff;
pub mod uploads;
pub mod who;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use ipnet::IpNet;
use services::Cx;

pub use answer::{Refused, done};
pub use site::Site;

/// The most that a request may carry where its route does not say otherwise, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Routes that are authenticated by a signature or bearer token alone: exempt from the cross-site check, and cookies are
/// ignored on them. A path here stands for itself and everything below it.
pub const SIGNED_ROUTES: &[&str] = &["/webhooks", "/view-as/enter", "/v1"];

/// Whether a path is among the [`SIGNED_ROUTES`].
#[must_use]
pub fn is_signed(path: &str) -> bool {
    SIGNED_ROUTES.iter().any(|r| path == *r || path.strip_prefix(r).is_some_and(|rest| rest.starts_with('/')))
}

/// What the layers share.
#[derive(Clone)]
pub struct Http {
    /// The use cases' surroundings.
    pub cx: Cx,
    /// Hosts and origins, ready to compare.
    pub origins: Arc<site::Origins>,
    /// The proxies in front, whose word about the sender counts.
    pub proxies: Arc<[IpNet]>,
}

impl Http {
    /// From the settings.
    ///
    /// # Errors
    /// If an origin in the settings is none, or a proxy's address.
    pub fn new(cx: Cx) -> anyhow::Result<Self> {
        let origins = Arc::new(site::Origins::read(&cx.settings)?);
        let proxies = sender::proxies(&cx.settings.trusted_proxies)?.into();
        Ok(Self { cx, origins, proxies })
    }

    /// Puts the layers around a router.
    pub fn around(&self, router: Router) -> Router {
        let state = self.clone();
        router
            .layer(from_fn(answer::own_status))
            .layer(from_fn_with_state(state.clone(), forms::forms))
            .layer(from_fn_with_state(state.clone(), cross_site::cross_site))
            .layer(from_fn_with_state(state.clone(), who::who))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(from_fn_with_state(state.clone(), headers::headers))
            .layer(from_fn_with_state(state.clone(), site::site))
            .layer(from_fn_with_state(state, record::record))
    }
}
