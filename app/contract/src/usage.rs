//! The usage page: what is asked and what is drawn.

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant, Zone};
use domain::metering::Quality;
use domain::money::FineAmount;
use domain::quantity::{Commodity, Unit};
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;

/// How finely usage is cut into bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// Quarter-hours (electricity only).
    QuarterHour,
    /// Hours.
    Hour,
    /// Local days.
    Day,
    /// Billing periods: what one bill covers. Never called months.
    Bill,
    /// Calendar months.
    Month,
}

/// What the bars count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The unit of the service.
    #[default]
    Units,
    /// Money.
    Dollars,
}

/// What a person asks to see; the address of the page says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UsageQuery {
    /// Which service.
    pub service: Commodity,
    /// How fine.
    pub grain: Grain,
    /// Which local days.
    pub range: DayRange,
    /// Units or money.
    pub measure: Measure,
}

/// One bar: a stretch of time, its amount and how it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Start, UTC.
    pub start: Instant,
    /// End, UTC.
    pub end: Instant,
    /// The amount delivered, in `UsageView::unit * 10^exponent`; `None` where nothing at all is known: a gap, not a zero.
    pub amount: Option<i64>,
    /// The amount sent back (solar), in the same unit; `None` where the meter has no such channel or nothing is known.
    pub received: Option<i64>,
    /// What the energy cost, tax included, without fixed charges; `None` where it cannot be said.
    pub cost: Option<FineAmount>,
    /// The share of the fixed charges of this stretch, tax included.
    pub fixed: FineAmount,
    /// Whether the cost is that of an issued bill (`true`) or "so far" (`false`).
    pub billed: bool,
    /// How many intervals there should be.
    pub expected: u32,
    /// How many have a value.
    pub present: u32,
    /// How many of those are estimated or edited.
    pub estimated: u32,
    /// The worst quality in it, to be named first.
    pub quality: Quality,
    /// Whether it is still going on (today, the open billing period).
    pub open: bool,
}

/// How far the data reach and how good they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// The end of the last interval with a value, UTC; `None` where there is none at all.
    pub through: Option<Instant>,
    /// The first local day with data.
    pub first_day: Option<NaiveDate>,
    /// The last local day with data.
    pub last_day: Option<NaiveDate>,
    /// Estimated intervals in the shown range.
    pub estimated: u32,
    /// Missing intervals in the shown range.
    pub missing: u32,
}

/// Everything the usage page draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageView {
    /// The account.
    pub account: AccountHead,
    /// What is shown (asked ranges are clamped to what there is; `clamped` says so).
    pub query: UsageQuery,
    /// Whether the asked range had to be moved into what there is.
    pub clamped: bool,
    /// Which grains make sense for this range and service.
    pub grains: Vec<Grain>,
    /// The range before, if there are data.
    pub previous: Option<DayRange>,
    /// The range after, if there are data.
    pub next: Option<DayRange>,
    /// The billing periods of the last 25 months, oldest first; the last may be open.
    pub bill_periods: Vec<DayRange>,
    /// The zone of the service point, reduced to the shown range.
    pub zone: Zone,
    /// The unit of the amounts.
    pub unit: Unit,
    /// The power of ten of the amounts.
    pub exponent: i8,
    /// The bars, in time order without holes: missing stretches are bars without amounts.
    pub bars: Vec<Bar>,
    /// The sum of the amounts.
    pub total: i64,
    /// The sum of what was sent back.
    pub total_received: Option<i64>,
    /// The sum of costs and fixed shares, where all of them are known.
    pub total_cost: Option<FineAmount>,
    /// The same length of time one year earlier, in the same unit, if it is complete.
    pub year_earlier: Option<i64>,
    /// How far the data reach.
    pub freshness: Freshness,
    /// The server's today at the service point.
    pub today: NaiveDate,
}
