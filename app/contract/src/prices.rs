//! Prices that are proposed and released, for employees.

use chrono::{NaiveDate, NaiveDateTime};
use domain::billing::LineKind;
use domain::money::Cents;
use domain::quantity::ServiceKind;
use domain::tariff::Label;
use serde::{Deserialize, Serialize};

/// The same line of many bills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectLine {
    /// The service.
    pub service: ServiceKind,
    /// Use, standing charge, credit, tax, assistance.
    pub kind: LineKind,
    /// What for; `None` for tax and assistance.
    pub label: Option<Label>,
    /// The hours, the cart, the size of the meter.
    pub of: Option<String>,
    /// Which tier.
    pub tier: Option<u32>,
    /// What it came to.
    pub before: Cents,
    /// What it would come to.
    pub after: Cents,
    /// On how many bills it differs.
    pub bills: u64,
}

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
    /// The lines that differ, over all accounts.
    pub lines: Vec<EffectLine>,
    /// Accounts whose bill cannot be computed with them, and why.
    pub failed: Vec<(String, String)>,
    /// The largest differences: account, before, after.
    pub largest: Vec<(String, Cents, Cents)>,
}

/// What proposed prices would have done to every account's last bill, had those that begin last been in force all along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllAlong {
    /// When they begin.
    pub from: NaiveDate,
    /// What they would have done.
    pub effect: Effect,
}

/// What proposed prices do, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// By the days on which they count.
    pub effect: Effect,
    /// As if they had been in force all along, where some begin later than the last bills did.
    pub all_along: Option<AllAlong>,
}

/// What proposed prices do, as it was worked out last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What they do, when that was worked out on the city's clocks, and what it was worked out from; `None` before the first time.
    pub made: Option<(Effects, NaiveDateTime, String)>,
    /// Whether bills were made, or other prices released, since then.
    pub stale: bool,
    /// Whether it is being worked out.
    pub under_way: bool,
}

/// What becomes of a line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineChange {
    /// It stays.
    Same,
    /// It is taken out.
    Removed,
    /// It is new.
    Added,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// What becomes of it.
    pub change: LineChange,
    /// Its number, from 1: in the new file, or in the old one where it is taken out.
    pub number: u64,
    /// The line.
    pub text: String,
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
    /// The lines that differ from the file in force with some around them, place by place; only where one is looked at, it waits, and
    /// a file of its name is in force.
    pub changes: Option<Vec<Vec<FileLine>>>,
    /// What it does; only where one is looked at and waits.
    pub outcome: Option<Outcome>,
}

/// Proposals, those that wait first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalsView {
    /// The proposals.
    pub proposals: Vec<ProposalView>,
}
