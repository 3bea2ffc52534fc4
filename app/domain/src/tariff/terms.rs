//! Terms of charges: baselines, ratchets, rounding, hours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fact;
use crate::quantity::Decimal;

/// How much a home may use each day before its price rises above the first step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Baseline {
    /// The same for all homes.
    PerDay(Decimal),
    /// By a fact of the agreement.
    By(Fact, BTreeMap<String, Decimal>),
}

/// What the billed load is at least: a share of the highest of earlier billing periods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratchet {
    /// The share in percent.
    pub percent: Decimal,
    /// How many months before this billing period count.
    pub of_last: u32,
    /// Only billing periods that end in these months count; empty for all.
    pub months: Vec<u32>,
}

/// Which numbers are rounded, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Rounding {
    /// What is rounded to the cent.
    #[serde(default)]
    pub by: RoundedBy,
    /// Where half a cent goes.
    #[serde(default)]
    pub half: Half,
    /// What quantities are priced.
    #[serde(default)]
    pub quantity: Quantities,
}

/// What is rounded to the cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundedBy {
    /// Each line.
    #[default]
    Line,
    /// The sum of the lines; they are printed so that they sum to it.
    Total,
}

/// Where a half goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Away from zero.
    #[default]
    Up,
    /// To the even neighbour.
    Even,
}

/// What quantities are priced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantities {
    /// As they were metered.
    #[default]
    Exact,
    /// Rounded to whole units first.
    Whole,
}

/// Which days a window of time is on. A holiday of the schedule is a day of the weekend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowDays {
    /// Every day.
    #[default]
    All,
    /// Monday to Friday, without holidays.
    Weekdays,
    /// Saturday, Sunday and holidays.
    Weekends,
}

/// Hours of the local clock, in minutes after midnight. One that ends before it begins goes over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// On which days.
    pub days: WindowDays,
    /// The first minute.
    pub from: u16,
    /// The minute after the last, up to 1440.
    pub to: u16,
}

impl Window {
    /// Whether a minute of a day lies in it.
    #[must_use]
    pub const fn holds(&self, weekend: bool, minute: u16) -> bool {
        let day = match self.days {
            WindowDays::All => true,
            WindowDays::Weekdays => !weekend,
            WindowDays::Weekends => weekend,
        };
        let hour = if self.from < self.to {
            self.from <= minute && minute < self.to
        } else {
            minute >= self.from || minute < self.to
        };
        day && hour
    }
}
