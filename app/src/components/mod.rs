//! The pieces that pages are made of. Native elements first; what a component adds is the right names, errors and words.

mod errors;
#[cfg(not(feature = "hydrate"))]
mod figure;
mod form;
mod icon;
mod layout;
mod loaded;
mod service;

pub use errors::{ErrorView, NotFound, error_text, problem_text};
#[cfg(not(feature = "hydrate"))]
pub use figure::{Drawn, figure};
pub use form::{Choice, FormErrors, PostForm, TextField, came_again, came_back, date_value, name_of};
pub use icon::{Glyph, Icon};
pub use layout::{AccountPage, PublicPage, Section};
pub use loaded::loaded;
pub use service::{amount_text, service_glyph, service_name};
