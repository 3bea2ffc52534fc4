//! Own usage files: the list, the preview that is confirmed, and a home beside another.

use chrono::{NaiveDate, NaiveDateTime};
use domain::calendar::DayRange;
use domain::data_set::Times;
use domain::quantity::{Commodity, Direction, Unit};
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;
use crate::usage::UsageView;

/// A data set in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSetLine {
    /// What stands in the address.
    pub number: String,
    /// What its owner calls it.
    pub label: String,
    /// What is metered.
    pub service: Commodity,
    /// The file's name.
    pub file_name: String,
    /// The local day on which it was brought.
    pub added_on: NaiveDate,
}

/// The list of own data sets, and the form for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareView {
    /// The account.
    pub head: AccountHead,
    /// Oldest first.
    pub sets: Vec<DataSetLine>,
    /// Whether there is room for another.
    pub room: bool,
    /// The largest file that is taken, in bytes.
    pub largest: u64,
}

/// The first value of a channel as its owner is to recognise it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstReading {
    /// When it starts, local time.
    pub from: NaiveDateTime,
    /// When it ends, local time.
    pub to: NaiveDateTime,
    /// How much, in the channel's unit and power of ten.
    pub amount: i64,
}

/// One channel of a file that is not confirmed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewChannel {
    /// Which, from 0.
    pub channel: u32,
    /// What is metered, where the file says or its unit tells.
    pub service: Option<Commodity>,
    /// What it may be, where its owner has to say.
    pub services: Vec<Commodity>,
    /// Which way it flows.
    pub direction: Option<Direction>,
    /// The meter's name in the file; may be empty.
    pub meter: String,
    /// The unit; `None` makes the channel one that cannot be kept.
    pub unit: Option<Unit>,
    /// The unit as the file writes it.
    pub unit_text: String,
    /// The power of ten of the amounts.
    pub exponent: i8,
    /// How many amounts it gives.
    pub count: u32,
    /// The commonest length of an amount in seconds.
    pub seconds: u32,
    /// The first of them.
    pub first: Option<FirstReading>,
    /// The local days that it reaches over.
    pub days: Option<DayRange>,
    /// The sum, in the unit and power of ten.
    pub total: i64,
    /// Values whose start another value has too.
    pub repeated: u32,
    /// Amounts that are missing between the first and the last.
    pub missing: u32,
    /// Amounts that the sender estimated.
    pub estimated: u32,
    /// How often a cumulative register reads lower than before, and by how much in all.
    pub backwards: (u32, i64),
}

impl PreviewChannel {
    /// Whether it can be kept.
    #[must_use]
    pub const fn usable(&self) -> bool {
        self.unit.is_some() && self.first.is_some() && (self.service.is_some() || !self.services.is_empty())
    }
}

/// A file that was read and waits to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewView {
    /// The account.
    pub head: AccountHead,
    /// What stands in the address.
    pub upload: String,
    /// What its owner calls it.
    pub label: String,
    /// The file's name.
    pub file_name: String,
    /// The IANA name of the zone under which the times are shown.
    pub zone: String,
    /// The zones that can be chosen.
    pub zones: Vec<String>,
    /// What the times are taken for.
    pub times: Times,
    /// The channels, in the order of the file.
    pub channels: Vec<PreviewChannel>,
    /// Records that could not be read.
    pub refused: u32,
}

/// The average day of a calendar month here and there. Amounts are in [`Comparison::unit`] and [`Comparison::EXPONENT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthPair {
    /// The first day of the month, of the home here.
    pub month: NaiveDate,
    /// The first day of the month that it is compared with.
    pub other: Option<NaiveDate>,
    /// An average day here.
    pub here: Option<i64>,
    /// An average day there.
    pub there: Option<i64>,
}

/// Two homes side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The unit of all amounts.
    pub unit: Unit,
    /// The last twelve months, oldest first.
    pub months: Vec<MonthPair>,
    /// What is used in an hour of an average day, here and there, from midnight on, over the months that both know; empty
    /// where either is not known by the hour.
    pub hours: Vec<(Option<i64>, Option<i64>)>,
}

impl Comparison {
    /// The power of ten of all amounts.
    pub const EXPONENT: i8 = -3;
}

/// Why two homes are not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCompared {
    /// The account has no readings of this service.
    NothingHere,
    /// The two are counted in units that do not convert, such as therms and cubic feet.
    OtherUnits,
    /// The data set is of what was sent back, and there is nothing like it here.
    OtherDirection,
}

/// One data set: its chart, and the comparison with the home here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSetView {
    /// What stands in the address.
    pub number: String,
    /// What its owner calls it.
    pub label: String,
    /// The file's name.
    pub file_name: String,
    /// The local day on which it was brought.
    pub added_on: NaiveDate,
    /// The others that came in the same file.
    pub siblings: Vec<DataSetLine>,
    /// Its use as a chart; the account's head is in it.
    pub usage: UsageView,
    /// The two side by side, or why not.
    pub comparison: Result<Comparison, NotCompared>,
}
