//! Paying: choosing an amount here, paying on the processor's page, coming back to a page that says how it stands.

#[cfg(not(feature = "hydrate"))]
mod card;
mod choose;
mod payment;

#[cfg(not(feature = "hydrate"))]
pub use card::{Card, GuestCard};
pub(crate) use choose::Amounts;
pub use choose::Pay;
pub use payment::Payment;
pub(crate) use payment::{Shown, Story};
