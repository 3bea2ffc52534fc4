//! Bills: what is due, the list, and one bill by line.

use chrono::NaiveDate;
use domain::calendar::DayRange;
use domain::money::Cents;
use serde::{Deserialize, Serialize};

/// What is to be paid and by when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueView {
    /// Owed in all; negative is in the customer's favour.
    pub balance: Cents,
    /// The earliest due date of what is owed; `None` where nothing is.
    pub due_on: Option<NaiveDate>,
    /// The part of the balance whose due date has passed.
    pub overdue: Cents,
    /// The number of the newest bill.
    pub latest_bill: Option<String>,
}

/// How a bill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing is left to pay of it.
    Paid,
    /// To be paid by its due date.
    Due,
    /// Its due date has passed.
    Overdue,
    /// A corrected bill stands in its place.
    Replaced,
}

/// One bill in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillSummary {
    /// The number on the bill and in its address.
    pub number: String,
    /// The billing period.
    pub period: DayRange,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// The last day to pay.
    pub due_on: NaiveDate,
    /// The charges of this bill.
    pub total: Cents,
    /// What is left to pay of it (payments settle the oldest bill first).
    pub open: Cents,
    /// How it stands.
    pub standing: Standing,
}
