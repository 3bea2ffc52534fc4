//! When something is used, and what goes with it: hours, weekdays, weather, peaks, nights.

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant, Zone};
use domain::quantity::{Commodity, Unit};
use serde::{Deserialize, Serialize};

use crate::FieldError;
use crate::account::AccountHead;
use crate::usage::SpanChoice;

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternDay {
    /// The day.
    pub day: NaiveDate,
    /// What was used in each hour of the clock; `None` where an hour is not wholly known.
    pub hours: [Option<i64>; 24],
    /// What was used; `None` where nothing is known.
    pub total: Option<i64>,
    /// The mean outdoor temperature, tenths of a degree Fahrenheit.
    pub temperature: Option<i64>,
    /// The least that was used in an hour between midnight and five.
    pub night_least: Option<i64>,
    /// Whether something was used in every hour.
    pub never_stopped: Option<bool>,
}

/// As many days of an earlier time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Which days.
    pub range: DayRange,
    /// What was used on each.
    pub totals: Vec<Option<i64>>,
}

/// How high the load is. Values are amounts of an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadView {
    /// The highest intervals, each of another day: when they begin and how much.
    pub peaks: Vec<(Instant, i64)>,
    /// What is reached or exceeded for 0, 1, … 100 percent of the time.
    pub duration: Vec<i64>,
}

/// Everything the page draws. Amounts are counted in `10^exponent` of `unit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternsView {
    /// The account.
    pub account: AccountHead,
    /// Which service.
    pub service: Commodity,
    /// Which days.
    pub range: DayRange,
    /// Whether the asked range had to be moved into what there is, or was longer than is shown at once.
    pub clamped: bool,
    /// What was wrong with the address. The page answers 422.
    pub problems: Vec<FieldError>,
    /// The stretches of time to go to from here.
    pub spans: Vec<SpanChoice>,
    /// The range before, if there are data.
    pub previous: Option<DayRange>,
    /// The range after, if there are data.
    pub next: Option<DayRange>,
    /// The first and the last day with data; `None` where there is none at all.
    pub known: Option<(NaiveDate, NaiveDate)>,
    /// The zone of the service point, reduced to the shown range.
    pub zone: Zone,
    /// The unit of the amounts.
    pub unit: Unit,
    /// The power of ten of the amounts.
    pub exponent: i8,
    /// The length of an interval.
    pub interval_seconds: u32,
    /// The days, in order.
    pub days: Vec<PatternDay>,
    /// The mean of each hour on each day of the week, Monday first.
    pub week: Vec<[Option<i64>; 24]>,
    /// The stretch of time before: the bill before a bill, the month before a month.
    pub before: Option<Earlier>,
    /// The same days a year earlier.
    pub year: Option<Earlier>,
    /// The load, for electricity.
    pub load: Option<LoadView>,
    /// What the resident marked: how many thousandths of a day from the left, and what it is.
    pub flags: Vec<(u32, String)>,
}
