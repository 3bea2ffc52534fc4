//! Server functions: five lines each, one use case each. Reading ones are GET, writing ones POST.

#![expect(
    missing_docs,
    reason = "the macro makes an argument struct of each server function; the function's doc says it all"
)]

pub mod auth;
pub mod bills;
pub mod collections;
pub mod compare;
pub mod form;
pub mod help;
pub mod home;
pub mod json;
pub mod later;
pub mod outbox;
pub mod pay;
pub mod plans;
pub mod usage;
