//! The usage page: what is asked and what is drawn.

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant, Zone};
use domain::metering::Quality;
use domain::money::FineAmount;
use domain::quantity::{Commodity, Unit};
use serde::{Deserialize, Serialize};

use crate::FieldError;
use crate::account::AccountHead;

mod ask;
mod packed;

pub use ask::UsageAsk;

/// How finely usage is cut into bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

impl Grain {
    /// From fine to coarse.
    pub const ALL: [Self; 5] = [Self::QuarterHour, Self::Hour, Self::Day, Self::Bill, Self::Month];

    /// The word in addresses.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::QuarterHour => "15min",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Bill => "bill",
            Self::Month => "month",
        }
    }

    /// Reads [`Grain::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.slug() == slug)
    }

    /// The longest range, in days, that is drawn this finely; a longer one is drawn by the next coarser grain. All values are
    /// in the download.
    #[must_use]
    pub const fn longest(self) -> i64 {
        match self {
            Self::QuarterHour => 7,
            Self::Hour => 62,
            Self::Day => 800,
            Self::Bill | Self::Month => 4_000,
        }
    }
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

impl Measure {
    /// The word in addresses.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Dollars => "dollars",
        }
    }

    /// Reads [`Measure::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        [Self::Units, Self::Dollars].into_iter().find(|m| m.slug() == slug)
    }
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
    /// What is drawn beside the use.
    #[serde(default)]
    pub with: With,
}

/// What a chart may show beside the use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct With {
    /// The same days a year before, as an outline.
    pub last_year: bool,
    /// The outdoor temperature, as a line.
    pub weather: bool,
}

impl With {
    /// The word in addresses; `None` where nothing is beside the use.
    #[must_use]
    pub const fn slug(self) -> Option<&'static str> {
        match (self.last_year, self.weather) {
            (false, false) => None,
            (true, false) => Some("last-year"),
            (false, true) => Some("weather"),
            (true, true) => Some("both"),
        }
    }

    /// Reads [`With::slug`]; any other word is nothing.
    #[must_use]
    pub fn from_slug(slug: &str) -> Self {
        Self { last_year: matches!(slug, "last-year" | "both"), weather: matches!(slug, "weather" | "both") }
    }
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

impl Bar {
    /// Whether every interval that there should be has a value.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.present >= self.expected
    }
}

/// What goes with one bar: what was used a year before in its unit, the outdoor temperature in tenths of a degree Fahrenheit,
/// and how dear its hours are: 0 where all cost the same, 1 the cheapest, 2 between, 3 the dearest.
pub type BesideBar = (Option<i64>, Option<i64>, u8);

/// What is shown beside the use; empty where nothing was asked for or is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// A row for each bar, or none at all.
    pub rows: Vec<BesideBar>,
    /// What the schedule calls the hours of each price, cheapest, between, dearest; empty where all hours cost the same.
    pub rates: Vec<String>,
    /// Whether there are temperatures to be asked for.
    pub weather: bool,
    /// Whether there is a year before to be asked for.
    pub last_year: bool,
    /// What the resident marked, in order: how many thousandths of a bar from the left, and what it is.
    #[serde(default)]
    pub flags: Vec<(u32, String)>,
    /// The numbers of meters that send no intervals in these days: their use is not among the bars. The server writes of it; browsers get
    /// the text.
    #[serde(skip)]
    pub by_dial_alone: Vec<String>,
}

/// Why readings are missing, or were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// They are on their way, and due by this day.
    Due(NaiveDate),
    /// The meter did not send them.
    NotSent,
    /// The meter did not send them, and someone looks into it.
    LookedInto,
    /// The meter did not send them, and someone is to go to it.
    Ordered,
    /// One meter was taken away and the next one not yet there.
    Exchange,
    /// There was no meter of theirs.
    NoMeter,
    /// Some came late, on this day.
    Arrived(NaiveDate),
}

/// A run of bars with the same reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first bar.
    pub first: u32,
    /// The last bar.
    pub last: u32,
    /// Why.
    pub why: Why,
}

/// How far the data reach and how good they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// The end of the last interval with a value, UTC; `None` where there is none at all.
    #[serde(with = "chrono::serde::ts_seconds_option")]
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

/// A grain and the range to show it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrainChoice {
    /// How fine.
    pub grain: Grain,
    /// Which days.
    pub range: DayRange,
}

/// A kind of stretch of time that people name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// One local day.
    Day,
    /// One billing period.
    Bill,
    /// One calendar month.
    Month,
    /// A year up to the end of what is shown, or a calendar year.
    Year,
}

/// A stretch of time to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanChoice {
    /// Which kind.
    pub span: Span,
    /// Which days.
    pub range: DayRange,
    /// How fine it is shown at first.
    pub grain: Grain,
    /// Whether it is what is shown now.
    pub current: bool,
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
    /// What was wrong with the address; what is shown then is the range that can be shown instead. The page answers 422.
    pub problems: Vec<FieldError>,
    /// Whether costs are known for at least one bar, so that the switch to dollars makes sense.
    pub costs: bool,
    /// The grains that the service's meter gives, each with the range that suits it: the shown one, unless it would be too many
    /// bars or too few.
    pub grains: Vec<GrainChoice>,
    /// The stretches of time to go to from here: a day, a bill, a month, a year around what is shown.
    pub spans: Vec<SpanChoice>,
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
    #[serde(with = "packed")]
    pub bars: Vec<Bar>,
    /// What goes with the bars.
    #[serde(default)]
    pub beside: Beside,
    /// The sum of the amounts.
    pub total: i64,
    /// The sum of what was sent back.
    pub total_received: Option<i64>,
    /// The sum of costs and fixed shares, where all of them are known.
    pub total_cost: Option<FineAmount>,
    /// What was used on the days that have all of their readings here and a year earlier, and what was used on those days then;
    /// `None` where fewer than three days in four do.
    pub year_earlier: Option<(i64, i64)>,
    /// How far the data reach.
    pub freshness: Freshness,
    /// What is missing or came late, and why, in order. The server writes it; browsers get the texts.
    #[serde(skip)]
    pub gaps: Vec<Gap>,
    /// The server's today at the service point.
    pub today: NaiveDate,
}

/// The usage page: what the browser draws, and what the server has written around it, so that the code and the texts for that
/// need no download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsagePage {
    /// What is drawn.
    pub view: UsageView,
    /// The heading.
    pub title: String,
    /// What the picture shows, in sentences: its accessible description.
    pub summary: String,
    /// What stands above the picture, as HTML.
    pub above: String,
    /// What is to be said of some bars beside their amounts, by their number: why readings are missing, what was marked.
    pub notes: Vec<(u32, String)>,
    /// What the kinds of marks mean, as HTML.
    pub key: String,
    /// What stands below it, as HTML.
    pub below: String,
}

/// One service on Home: the billing period so far, the same days of the one before, and the latest days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceNow {
    /// Which service.
    pub service: Commodity,
    /// The unit of the amounts.
    pub unit: Unit,
    /// The power of ten of the amounts.
    pub exponent: i8,
    /// The days of the open billing period that have data, from its first day on; `None` where there are none yet.
    pub period: Option<DayRange>,
    /// What was used in `period`.
    pub so_far: i64,
    /// What was used on the days of `period` that have all of their readings here and in the billing period before (the first
    /// day beside the first, and so on), and what was used on those days then; `None` where fewer than three days in four do.
    pub same_days: Option<(i64, i64)>,
    /// How many readings of `period` are missing.
    pub missing: u32,
    /// What the open period's use costs so far, energy and fixed charges, tax included, where it can be said.
    pub cost_so_far: Option<FineAmount>,
    /// The last day with data, what was used on it and its worst quality.
    pub last_day: Option<(NaiveDate, i64, Quality)>,
    /// The last 14 days up to the last day with data, oldest first; `None` is a gap.
    pub recent: Vec<Option<i64>>,
}
