//! Paying: choosing an amount here, paying on the processor's page, coming back to a page that says how it stands.

mod choose;
mod payment;

pub(crate) use choose::Amounts;
pub use choose::Pay;
pub use payment::Payment;
pub(crate) use payment::{Shown, Story};
