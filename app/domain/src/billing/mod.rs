//! From determinants to a bill and its explanation. A bill is a pure function of what was used, the prices in force and
//! facts of the account; the order of its steps is [`pipeline`]'s.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{DayRange, Instant};
use crate::money::{Cents, Price};
use crate::quantity::{Decimal, ServiceKind, Unit};
use crate::tariff::{Component, Facts, Label, Per, Program};

pub mod compare;
pub mod costs;
pub mod cycle;
pub mod dial;
pub mod explain;
pub mod fill;
pub mod forecast;
pub mod hold;
pub mod intervals;
pub mod netting;
pub mod pipeline;
pub mod posting;
pub mod proof;
mod rating;
pub mod served;
pub mod trial;
pub mod weather;

#[cfg(test)]
mod clock_tests;
#[cfg(test)]
mod net_tests;
#[cfg(test)]
mod tests;

pub use pipeline::{bill, bill_by_intervals};
pub use rating::{Sheet, SheetRule, is_peak};

/// What a bill is computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determinants {
    /// The whole billing period by the account's cycle: what a month's charge is for.
    pub cycle: DayRange,
    /// The services, in the order of [`ServiceKind::ALL`].
    pub services: Vec<ServiceUse>,
    /// The account's rate assistance; never two.
    pub assistance: Option<Program>,
}

/// One service in a billing period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// Which.
    pub service: ServiceKind,
    /// The rate schedule.
    pub schedule: String,
    /// The days of service within the cycle.
    pub served: DayRange,
    /// What the schedule needs to know.
    pub facts: Facts,
    /// Delivered, in the service's billing unit with at most six decimals; `None` for services without a meter.
    pub delivered: Option<Decimal>,
    /// Sent back, in the same unit; `None` where nothing is metered.
    pub received: Option<Decimal>,
}

/// How it is known what a dial showed at one end of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownBy {
    /// It was read then.
    #[default]
    Read,
    /// It was read before and after, and taken to have moved evenly in between.
    Between,
    /// It was read before, and taken to have moved on as fast as over the last weeks before that.
    AsBefore,
    /// The bill before ended with it.
    Carried,
}

impl ShownBy {
    /// Whether it was read then: nothing else needs to be kept.
    #[must_use]
    pub fn is_read(&self) -> bool {
        *self == Self::Read
    }
}

/// What the dials said at both ends of the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The service.
    pub service: ServiceKind,
    /// The number on the meter.
    pub meter: String,
    /// Whether it counts what was sent back.
    pub received: bool,
    /// When the period's first read was taken, and what it said, in the meter's own unit.
    pub previous: Option<(Instant, Decimal)>,
    /// When its last read was taken, and what it said.
    pub present: Option<(Instant, Decimal)>,
    /// The meter's own unit.
    pub unit: Unit,
    /// Whether either read, or part of what was used, is estimated.
    pub estimated: bool,
    /// How the first number is known, of a meter that is billed by its dial alone.
    #[serde(default, skip_serializing_if = "ShownBy::is_read")]
    pub previous_by: ShownBy,
    /// How the last one is.
    #[serde(default, skip_serializing_if = "ShownBy::is_read")]
    pub present_by: ShownBy,
}

/// A bill: the services in order, each with its lines, and what they come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// The billing period.
    pub cycle: DayRange,
    /// The services.
    pub services: Vec<ServiceBill>,
    /// The sum of all lines.
    pub total: Cents,
}

/// One service on a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceBill {
    /// Which.
    pub service: ServiceKind,
    /// The rate schedule.
    pub schedule: String,
    /// The first days of the versions that were in force.
    pub versions: Vec<NaiveDate>,
    /// Whether somebody compared all of those versions with their source.
    pub verified: bool,
    /// The days of service.
    pub served: DayRange,
    /// Delivered, in the billing unit.
    pub delivered: Option<Decimal>,
    /// Sent back, in the billing unit.
    pub received: Option<Decimal>,
    /// The lines in the order of the pipeline: charges, export credit, tax, assistance.
    pub lines: Vec<Line>,
    /// The sum of the charges, before credits and tax.
    pub gross: Cents,
    /// The sum of all lines.
    pub total: Cents,
}

impl ServiceBill {
    /// The sum of the lines of one kind.
    #[must_use]
    pub fn sum(&self, kind: LineKind) -> Cents {
        self.lines.iter().filter(|l| l.kind == kind).map(|l| l.amount).sum()
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// By use.
    Usage,
    /// By time, whatever is used.
    Fixed,
    /// A credit for what was sent back.
    Export,
    /// Tax on the gross subtotal.
    Tax,
    /// Rate assistance on the gross subtotal.
    Assistance,
}

/// One printed line. `quantity` (or `times`) by `price`, for `days` of `of_days` where it goes by the month, is `amount`:
/// a resident can check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// What for; `None` for tax and assistance.
    pub label: Option<Label>,
    /// Which tier, where there is more than one.
    pub tier: Option<TierLine>,
    /// How much, in `unit`, for lines by use.
    pub quantity: Option<Decimal>,
    /// The highest load of the period itself, where that of an earlier one is billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Decimal>,
    /// The unit of `quantity`.
    pub unit: Option<Unit>,
    /// How often a standing charge counts, where that is not once: residential units.
    pub times: Option<(Per, Decimal)>,
    /// The fact that picked the price: a meter size, a cart.
    pub picked: Option<String>,
    /// For one unit, one month or one day.
    pub price: Option<Price>,
    /// Percent, for tax and assistance.
    pub percent: Option<Decimal>,
    /// What the percentage is taken of, for tax and assistance.
    pub base: Option<Cents>,
    /// The days that the line is for.
    pub days: i64,
    /// Of how many: the whole billing period for charges by the month, the days of service otherwise.
    pub of_days: i64,
    /// Whether the price is for a month.
    pub monthly: bool,
    /// The amount, rounded once, half up.
    pub amount: Cents,
    /// The amount by unbundled component; sums to it. Empty where there is only one.
    pub components: Vec<(Component, Cents)>,
}

/// Which part of the use a tier's line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierLine {
    /// From 1.
    pub number: u32,
    /// Where it begins for these days, in the billing unit.
    pub from: Decimal,
    /// Where it ends for these days; `None` for the last tier.
    pub to: Option<Decimal>,
    /// What each day adds to where it ends.
    pub per_day: Option<Decimal>,
}

/// Why no bill can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BillError {
    /// No schedule of this code.
    #[error("there is no schedule {0}")]
    UnknownSchedule(String),
    /// The schedule prices another service.
    #[error("schedule {} is not for {}", .0, .1.slug())]
    WrongService(String, ServiceKind),
    /// Days without a price.
    #[error("schedule {0} has no prices before {1}")]
    NoPrices(String, NaiveDate),
    /// A fact that the schedule needs is missing or unknown.
    #[error("schedule {} {}", .0, lacks(*.1, .2.as_deref()))]
    NoFact(String, crate::tariff::Fact, Option<String>),
    /// A year whose holidays are not known, though the schedule has holidays and prices by kinds of days.
    #[error("schedule {0} has prices for weekdays and weekends, and no holiday of {1} is in its `holidays`")]
    NoHolidays(String, i32),
    /// The residential units are missing or no decimal number.
    #[error("schedule {} needs the residential units of the lot{}: it is `eru`, or `--eru` of `rate`", .0, not_known(.1.as_deref()))]
    NoUnits(String, Option<String>),
    /// Prices by the hour or by the highest load, and only totals are known.
    #[error("schedule {0} has prices by the hour or by the highest load: totals alone do not do")]
    NeedsIntervals(String),
    /// An interval, in minutes, of which a part lies in other hours.
    #[error(
        "schedule {0} has prices by the hour, and an interval of {1} minutes on {2} lies in more than one of its windows"
    )]
    TooLong(String, u32, NaiveDate),
    /// A quantity with more than six decimals, negative or out of range.
    #[error("a quantity of {0} cannot be billed")]
    Quantity(Decimal),
    /// The days of service lie outside the billing period.
    #[error("service from {} to {} lies outside the billing period", .0.from, .0.to)]
    OutsideCycle(DayRange),
}

/// What a fact that picks no price is in words, and where it is given.
fn lacks(fact: crate::tariff::Fact, given: Option<&str>) -> String {
    use crate::tariff::Fact::{Cart, Climate, MeterSize};
    let (name, key, option) = match fact {
        MeterSize => ("size of the meter", "meter_size", "--meter-size"),
        Cart => ("size of the cart", "cart", "--cart"),
        Climate => ("climate zone of the home", "climate", "--climate"),
    };
    match given {
        Some(given) => format!("has no price for the {name} `{given}`: it is `{key}`, or `{option}` of `rate`"),
        None => format!("needs the {name}, which is not given: it is `{key}`, or `{option}` of `rate`"),
    }
}

/// What was given in place of a number.
fn not_known(given: Option<&str>) -> String {
    given.map_or_else(|| ", which are not given".to_owned(), |given| format!(", a number like 1.0, not `{given}`"))
}
