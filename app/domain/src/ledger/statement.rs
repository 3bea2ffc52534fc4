//! What stands on a bill between the one before and its own charges.

use serde::{Deserialize, Serialize};

use super::one_off::OneOff;
use crate::money::Cents;

/// What moved what is owed from one bill to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// What was to be paid in all when the bill before was sent.
    pub before: Cents,
    /// By how much more (or, negative, less) is owed for what reason, in the order in which it happened first. Sums to what is carried.
    pub moved: Vec<(Moved, Cents)>,
}

/// Why more or less is owed than when the bill before was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// Payments.
    Paid,
    /// Payments that came back, and money that was given back.
    Returned,
    /// Late fees.
    Late,
    /// A credit that was given once.
    Credit(OneOff),
    /// A deposit that was given back.
    Deposit,
    /// Later bills that were sent before this one, which corrects an earlier one.
    Billed,
    /// Earlier bills were corrected.
    Corrected,
}

impl Since {
    /// What all of it comes to: what is owed when the next bill is made.
    #[must_use]
    pub fn carried(&self) -> Cents {
        self.before + self.moved.iter().map(|(_, amount)| *amount).sum::<Cents>()
    }
}
