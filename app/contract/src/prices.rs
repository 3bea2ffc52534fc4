//! Prices that are proposed and released, for employees.

use chrono::NaiveDate;
use domain::money::Cents;
use serde::{Deserialize, Serialize};

/// What proposed prices do to every account's last bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Bills that were computed again.
    pub bills: u64,
    /// How many come to something else.
    pub changed: u64,
    /// What they came to.
    pub before: Cents,
    /// What they would come to.
    pub after: Cents,
    /// Accounts whose bill cannot be computed with them, and why.
    pub failed: Vec<(String, String)>,
    /// The largest differences: account, before, after.
    pub largest: Vec<(String, Cents, Cents)>,
}

/// A tariff file that was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalView {
    /// Key.
    pub id: i64,
    /// The name of the file.
    pub name: String,
    /// Why.
    pub note: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_on: NaiveDate,
    /// Who released or refused it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_on: Option<NaiveDate>,
    /// Whether it was released; `None` while it waits.
    pub released: Option<bool>,
    /// Whether the one who looks is the one who proposed it.
    pub mine: bool,
    /// The file.
    pub text: String,
    /// What it does; only where one is looked at.
    pub effect: Option<Effect>,
}

/// Proposals, those that wait first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalsView {
    /// The proposals.
    pub proposals: Vec<ProposalView>,
}
