//! Exceptions of usage, for staff: the work list and one of its items with its evidence.

use chrono::{NaiveDate, NaiveDateTime};
use domain::ids::ExceptionId;
use domain::metering::Quality;
use domain::metering::vee::like::Method;
use domain::metering::vee::{Rule, Severity};
use domain::quantity::{Commodity, Direction, Unit};

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Someone has to look.
    Open,
    /// A re-read or a visit is ordered.
    Ordered,
    /// Settled.
    Settled,
}

impl Standing {
    /// In the order of the tabs.
    pub const ALL: [Self; 3] = [Self::Open, Self::Ordered, Self::Settled];

    /// The word in addresses.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ordered => "ordered",
            Self::Settled => "settled",
        }
    }

    /// Reads [`Standing::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.slug() == slug)
    }
}

/// What the list is narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFilter {
    /// Whose turn.
    pub standing: Standing,
    /// One rule.
    pub rule: Option<Rule>,
    /// One service.
    pub commodity: Option<Commodity>,
    /// Waiting for at least so many days.
    pub days: Option<u32>,
    /// Which page of it, from 0.
    pub page: u32,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkLine {
    /// Key.
    pub id: ExceptionId,
    /// What was found.
    pub rule: Rule,
    /// How soon someone has to look.
    pub severity: Severity,
    /// Whether a meter reader found it.
    pub handheld: bool,
    /// The number on the meter; empty where it is about a file.
    pub meter: String,
    /// What the meter measures.
    pub commodity: Option<Commodity>,
    /// The local day it is about.
    pub day: NaiveDate,
    /// How long it waits.
    pub hours_waiting: i64,
    /// Whose use it was: account number and name.
    pub account: Option<(String, String)>,
    /// Where the meter was.
    pub street: Option<String>,
}

/// The list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkList {
    /// Most urgent first.
    pub lines: Vec<WorkLine>,
    /// Whether there is another page.
    pub more: bool,
    /// How many there are, by [`Standing::ALL`].
    pub counts: [i64; 3],
    /// How many of the listed standing there are by rule, where they are counted; rules without any are left out.
    pub rules: Vec<(Rule, Option<i64>)>,
    /// What it was narrowed to.
    pub filter: WorkFilter,
}

/// One interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its start, local time.
    pub at: NaiveDateTime,
    /// The amount, in the register's power of ten.
    pub value: Option<i64>,
    /// How it is known.
    pub quality: Quality,
}

/// What was done about an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Its cause went away.
    Cured,
    /// What was found is real.
    Accepted,
    /// Values were estimated.
    Estimated,
    /// Values were typed.
    Edited,
    /// A re-read was ordered.
    Reread,
    /// A visit was ordered.
    Visit,
    /// The deed before was taken back.
    Undone,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedView {
    /// When, local time.
    pub at: NaiveDateTime,
    /// By whom; `None` is the program itself.
    pub by: Option<String>,
    /// What.
    pub deed: Deed,
    /// Why.
    pub note: String,
    /// Whether it was taken back.
    pub undone: bool,
}

/// A version of the day that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionView {
    /// When it was replaced, local time.
    pub at: NaiveDateTime,
    /// Whether values changed, or only holes were filled.
    pub corrected: bool,
    /// The day's sum until then.
    pub sum: i64,
}

/// How a run of intervals was estimated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EstimateView {
    /// From, local time.
    pub from: NaiveDateTime,
    /// How many intervals.
    pub slots: usize,
    /// How.
    pub method: Method,
    /// The days learnt from.
    pub learnt_from: Vec<NaiveDate>,
}

/// A day's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySumView {
    /// The day.
    pub day: NaiveDate,
    /// Its sum; `None` where nothing is stored.
    pub sum: Option<i64>,
    /// Whether some of it is estimated.
    pub estimated: bool,
    /// Whether some of it is missing.
    pub partial: bool,
}

/// A run of intervals that came to be in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginView {
    /// From, local time.
    pub from: NaiveDateTime,
    /// How many intervals.
    pub slots: usize,
    /// How their values are known.
    pub quality: Quality,
    /// How they were estimated.
    pub method: Option<Method>,
    /// The file's name, or the employee's.
    pub name: String,
    /// The sending system.
    pub sender: String,
    /// When it arrived, local time.
    pub arrived: NaiveDateTime,
    /// Whether someone decided it here.
    pub by_hand: bool,
}

/// What the register shows about an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What a number counts.
    pub unit: Unit,
    /// Which way it counts.
    pub direction: Direction,
    /// The power of ten.
    pub exponent: i8,
    /// The day itself; empty where nothing is stored and nothing can be.
    pub slots: Vec<Slot>,
    /// The slots it is about.
    pub about: Option<(usize, usize)>,
    /// Five weeks up to some days behind it.
    pub days: Vec<DaySumView>,
    /// What the dial said around it, local time.
    pub reads: Vec<(NaiveDateTime, i64, Quality)>,
    /// Where the day's values came from, in order of time.
    pub origins: Vec<OriginView>,
    /// What the day was before.
    pub versions: Vec<VersionView>,
    /// How estimates of the day were made, as far as they still stand.
    pub estimates: Vec<EstimateView>,
}

/// One exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionView {
    /// As in the list.
    pub line: WorkLine,
    /// Whose turn it is.
    pub standing: Standing,
    /// When it was found, local time.
    pub opened_at: NaiveDateTime,
    /// What was found, what it was held against, and how far it might have gone.
    pub figures: Option<(i64, i64, i64)>,
    /// What a refusal or a meter reader said.
    pub detail: Option<String>,
    /// The file that showed it.
    pub file: Option<String>,
    /// What the register shows.
    pub evidence: Option<Evidence>,
    /// Oldest first.
    pub deeds: Vec<DeedView>,
    /// Whether values of the day can be estimated.
    pub can_estimate: bool,
    /// Whether the last deed can be taken back.
    pub can_undo: bool,
}
