//! Arrangements and budget billing, as residents see them.

use chrono::NaiveDate;
use domain::calendar::DayRange;
use domain::ledger::Due;
use domain::ledger::asked::Standing;
use domain::money::Cents;
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;

/// Why an arrangement is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOffered {
    /// Nothing is owed.
    NothingOwed,
    /// So little that it is not spread.
    TooLittle,
    /// One was broken: a person has to be asked.
    AskUs,
    /// Budget billing levels the bills already.
    Budget,
}

/// An instalment and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// When and how much.
    pub due: Due,
    /// What of it is still to pay.
    pub open: Cents,
}

/// An arrangement that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// What is spread.
    pub total: Cents,
    /// When it was agreed.
    pub on: NaiveDate,
    /// How it stands.
    pub standing: Standing,
    /// The instalments, in order.
    pub instalments: Vec<Instalment>,
    /// Whether it was broken and may be put back now.
    pub may_put_back: bool,
    /// What has to be paid first to put it back.
    pub missed: Cents,
    /// Until when it may be put back; `None` where it may not.
    pub put_back_until: Option<NaiveDate>,
}

/// The page of the payment arrangement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrangementView {
    /// The account.
    pub account: AccountHead,
    /// What is owed in all.
    pub owed: Cents,
    /// The newest arrangement, unless another one may be made.
    pub agreed: Option<Agreed>,
    /// Why none is offered; `None` where one is.
    pub not_offered: Option<NotOffered>,
    /// The numbers of months to choose from, each with its monthly amount.
    pub choices: Vec<(u32, Cents)>,
    /// The chosen number of months.
    pub months: u32,
    /// The plan of that choice.
    pub plan: Vec<Due>,
    /// Days that an instalment may be late.
    pub grace_days: u32,
    /// The form's own key.
    pub form_key: String,
}

/// One bill under budget billing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levelled {
    /// The billing period.
    pub period: DayRange,
    /// What it came to.
    pub actual: Cents,
    /// What it asked.
    pub asked: Cents,
    /// The difference up to it: positive is still to be asked.
    pub running: Cents,
}

/// The page of budget billing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetView {
    /// The account.
    pub account: AccountHead,
    /// What each bill asks, where it runs.
    pub monthly: Option<Cents>,
    /// What each bill would ask, where it may be joined.
    pub offer: Option<Cents>,
    /// On how many bills the offer rests.
    pub bills: u32,
    /// What came in the last bills that an offer rests on, the least and the most.
    pub spread: Option<(Cents, Cents)>,
    /// Why it is not offered.
    pub not_offered: Option<NoBudget>,
    /// The bills under it, oldest first.
    pub rows: Vec<Levelled>,
    /// The difference up to now: positive is still to be asked.
    pub difference: Cents,
    /// How many bills are left until it is settled.
    pub bills_left: u32,
    /// The form's own key.
    pub form_key: String,
}

/// Why budget billing is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoBudget {
    /// Too few bills to tell what a month costs.
    TooFewBills,
    /// Something is past due.
    PastDue,
    /// An arrangement is in force.
    Arrangement,
    /// The account is closed.
    Closed,
}
