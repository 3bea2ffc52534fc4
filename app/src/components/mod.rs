//! The pieces that pages are made of. Native elements first; what a component adds is the right names, errors and words.

mod errors;
mod form;
mod icon;
mod layout;
mod loaded;

pub use errors::{ErrorView, NotFound, error_text, problem_text};
pub use form::{Choice, FormErrors, PostForm, TextField, name_of};
pub use icon::{Glyph, Icon};
pub use layout::{AccountPage, PublicPage, Section};
pub use loaded::loaded;
