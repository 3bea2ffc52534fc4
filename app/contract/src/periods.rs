//! Two stretches of time held against each other, day for day.

use chrono::NaiveDate;
use domain::calendar::DayRange;
use domain::metering::pairs::Cut;
use domain::money::FineAmount;
use domain::quantity::{Commodity, Unit};
use serde::{Deserialize, Serialize};

use crate::FieldError;
use crate::account::AccountHead;
use crate::usage::Span;

/// What the address asks for: a service and the first and last days of both, each part as in
/// [`UsageAsk`](crate::usage::UsageAsk).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PeriodsAsk {
    /// A service's word.
    pub service: Option<String>,
    /// The first day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// The first day of what it is held against.
    pub from2: Option<String>,
    /// Its last day.
    pub to2: Option<String>,
}

/// One of two stretches of time. Amounts count the unit and power of ten of [`Held`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Its days.
    pub range: DayRange,
    /// What was used on each; `None` is a gap.
    pub days: Vec<Option<i64>>,
    /// What was used in all, as far as it is known.
    pub total: i64,
    /// On how many days every interval is known.
    pub whole: u32,
    /// The mean of those days.
    pub mean: Option<i64>,
    /// What was sent back in all, where that is metered.
    pub received: Option<i64>,
    /// What all of it cost, fixed charges and tax included; `None` where a part has no price yet.
    pub cost: Option<FineAmount>,
    /// The mean temperature, tenths of a degree Fahrenheit, where every day's is known.
    pub temperature: Option<i64>,
    /// What was used in each hour of a mean day, from midnight on; empty where hours are not known.
    pub hours: Vec<Option<i64>>,
}

/// A part of both: its days here and there, and the mean whole day of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The days of the first; `None` where it has ended.
    pub first: Option<DayRange>,
    /// The days of the second; `None` where it has ended.
    pub second: Option<DayRange>,
    /// A mean day of the first.
    pub here: Option<i64>,
    /// A mean day of the second.
    pub there: Option<i64>,
}

/// Two stretches of time of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which service.
    pub service: Commodity,
    /// The unit of all amounts.
    pub unit: Unit,
    /// The power of ten of all amounts.
    pub exponent: i8,
    /// What it is about.
    pub first: Side,
    /// What that is held against.
    pub second: Side,
    /// How they are cut.
    pub cut: Cut,
    /// The parts, in order.
    pub steps: Vec<Step>,
    /// How much more a day the temperatures of the first asked for than those of the second, by how this home has followed
    /// the weather; `None` where it does not follow it or not all temperatures are known.
    pub weather: Option<i64>,
}

/// A pair that can be gone to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodsChoice {
    /// What the first is.
    pub span: Span,
    /// Whether it is held against the same days of the year before instead of the time just before.
    pub year: bool,
    /// The first.
    pub first: DayRange,
    /// The second.
    pub second: DayRange,
    /// Whether it is what is shown.
    pub current: bool,
}

/// The page that compares any two stretches of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodsView {
    /// The account.
    pub account: AccountHead,
    /// Which service.
    pub service: Commodity,
    /// What was wrong with the address. The page answers 422.
    pub problems: Vec<FieldError>,
    /// Whether a range had to be cut to what there is.
    pub clamped: bool,
    /// The first and the last day with data; `None` where there is none at all.
    pub known: Option<(NaiveDate, NaiveDate)>,
    /// Pairs that people ask for.
    pub choices: Vec<PeriodsChoice>,
    /// The two; `None` where there are no data.
    pub held: Option<Held>,
}
