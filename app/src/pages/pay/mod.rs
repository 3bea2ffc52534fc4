//! Paying: choosing an amount here, paying on the processor's page, coming back to a page that says how it stands.

mod autopay;
#[cfg(not(feature = "hydrate"))]
mod card;
mod choose;
mod confirm;
mod methods;
mod payment;
mod scheduled;
mod words;

pub use autopay::Autopay;
#[cfg(not(feature = "hydrate"))]
pub use card::{Card, GuestCard, SetupCard};
pub use choose::Pay;
pub(crate) use choose::{Amounts, PlannedLine};
pub use confirm::Confirm;
pub use methods::Methods;
pub use payment::Payment;
pub(crate) use payment::{Shown, Story};
pub use scheduled::Scheduled;
pub(crate) use words::{asks, decline};
