//! The meters of an account together, each by itself on one axis of time.

use chrono::NaiveDate;
use domain::calendar::DayRange;
use domain::quantity::{Commodity, Unit};
use serde::{Deserialize, Serialize};

use crate::FieldError;
use crate::account::AccountHead;
use crate::usage::SpanChoice;

/// One meter, or meters that followed each other at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterUse {
    /// The number on the newest one.
    pub number: String,
    /// Whether it counts what is sent back.
    pub sent_back: bool,
    /// What it counted in each part; `None` is a gap.
    pub parts: Vec<Option<i64>>,
    /// What it counted in all.
    pub total: i64,
}

/// The meters of one service. Amounts count `10^exponent` of `unit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceMeters {
    /// Which service.
    pub service: Commodity,
    /// The unit.
    pub unit: Unit,
    /// The power of ten.
    pub exponent: i8,
    /// The meters, those that count what is used first.
    pub meters: Vec<MeterUse>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetersView {
    /// The account.
    pub account: AccountHead,
    /// Which days.
    pub range: DayRange,
    /// Whether the asked range had to be cut to what there is.
    pub clamped: bool,
    /// What was wrong with the address. The page answers 422.
    pub problems: Vec<FieldError>,
    /// The stretches of time to go to.
    pub spans: Vec<SpanChoice>,
    /// The range before, if there are data.
    pub previous: Option<DayRange>,
    /// The range after, if there are data.
    pub next: Option<DayRange>,
    /// The first and the last day with data of any meter.
    pub known: Option<(NaiveDate, NaiveDate)>,
    /// Whether the parts are calendar months; days otherwise.
    pub monthly: bool,
    /// The days of each part.
    pub parts: Vec<DayRange>,
    /// The services.
    pub services: Vec<ServiceMeters>,
}
