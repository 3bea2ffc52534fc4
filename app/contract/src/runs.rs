//! A bill run that waits for a person, for employees.

use chrono::{NaiveDate, NaiveDateTime};
use domain::billing::hold::HoldReason;
use domain::calendar::DayRange;
use domain::money::Cents;
use serde::{Deserialize, Serialize};

use crate::prices::Effect;

/// Why a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// Every run is left to a person.
    ByHand,
    /// Its sum is far from that of the bills before.
    FarSum,
    /// It was released, but came out otherwise by then.
    Changed,
}

/// What a shadow run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSums {
    /// From the first day that is billed to the last; `None` without a bill.
    pub days: Option<DayRange>,
    /// Bills that follow others.
    pub compared: u64,
    /// What those before them came to.
    pub before: Cents,
    /// What they come to.
    pub after: Cents,
    /// Accounts that are not billed, by reason; `None` for a hold by an employee.
    pub held: Vec<(Option<HoldReason>, u64)>,
    /// All bills, line by line and the largest differences.
    pub effect: Effect,
}

/// A run that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRunView {
    /// Key.
    pub id: i64,
    /// Its bills are those that are to be issued on or before this day.
    pub through: NaiveDate,
    /// Why it waits.
    pub why: WaitsFor,
    /// What was looked at: goes back with the release.
    pub digest: String,
    /// When the shadow run was made, on the city's clocks.
    pub made_at: NaiveDateTime,
    /// When a new one was asked for, which is not there yet.
    pub anew_at: Option<NaiveDateTime>,
    /// Who released it, and when: its bills are being issued.
    pub released: Option<(String, NaiveDateTime)>,
    /// What it came to.
    pub sums: RunSums,
    /// Whether the one who looks may release it.
    pub may: bool,
}
