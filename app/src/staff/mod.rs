//! Staff pages: rendered on the server only, plain forms and links, one small script for the keyboard. A resident's browser
//! never downloads any of it.

mod account;
mod billing;
mod changed;
mod door;
mod layout;
mod owed;
mod payment;
mod prices;
mod readings;
mod requests;
mod runs;
mod search;

use leptos::prelude::*;

pub use account::account_page;
pub use billing::{prices_page, proposal_page, rebill_page};
pub use changed::changed_page;
pub use door::{ended_page, hand_over_page, sign_in_page};
pub use layout::{StaffFrame, layout};
pub use payment::payment_page;
pub use readings::{exception_page, readings_page};
pub use requests::{queue_page, request_page};
pub use runs::run_page;
pub use search::search_page;

/// Renders a staff page to HTML. `make` runs with the brand in context, so that the shared components work.
pub fn render<V: IntoView + 'static>(frame: &StaffFrame, make: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(frame.brand.clone());
        make().into_view().to_html()
    });
    format!("<!DOCTYPE html>{html}")
}
