//! What crosses the wire between server and browser: one view model per page, the requests that forms send, and one closed
//! error enum. No behaviour beyond small helpers, no free text in errors.

pub mod account;
pub mod auth;
pub mod bills;
pub mod collections;
pub mod compare;
pub mod error;
pub mod exceptions;
pub mod form;
pub mod home;
pub mod mail;
pub mod markers;
pub mod meters;
pub mod patterns;
pub mod payments;
pub mod periods;
pub mod plans;
pub mod prices;
pub mod requests;
pub mod runs;
pub mod saved;
pub mod usage;

pub use error::{AppError, Field, FieldError, Problem};
