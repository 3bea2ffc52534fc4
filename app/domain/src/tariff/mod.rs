//! Effective-dated prices: schedules, charges, tiers, taxes. Prices are data: files in `app/domain/tariffs/`, read by
//! `file` and looked up through a [`Book`].

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::DayRange;
use crate::money::Price;
use crate::quantity::{Decimal, ServiceKind};

pub mod book;
pub mod check;
#[cfg(feature = "toml")]
pub mod file;
pub mod pin;
mod terms;

#[cfg(test)]
mod doc_tests;

pub use book::Book;
pub use terms::{Baseline, Half, Quantities, Ratchet, RoundedBy, Rounding, Window, WindowDays};

/// What a charge is for. The locales have a name and an explanation for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Standing charge of the connection.
    ServiceCharge,
    /// Standing charge by the size of the meter.
    MeterCharge,
    /// Electric energy.
    Energy,
    /// Rider for dry and wet years.
    HydroAdjuster,
    /// Bringing gas through the city's pipes.
    GasDelivery,
    /// The gas itself, at what the market and the pipelines charge.
    GasSupply,
    /// Water.
    WaterUse,
    /// Sewer.
    Wastewater,
    /// Storm drain.
    StormDrain,
    /// Carts and collection.
    Refuse,
    /// Solar power sent to the grid.
    ExportCredit,
    /// The highest load.
    Demand,
    /// What is added where all charges come to less than the least.
    Minimum,
    /// What is left of solar power that was carried on from bill to bill.
    Surplus,
}

impl Label {
    /// The only service that such a charge can be for; `None` where any may have one.
    #[must_use]
    pub const fn service(self) -> Option<ServiceKind> {
        match self {
            Self::Energy | Self::HydroAdjuster | Self::ExportCredit => Some(ServiceKind::Electricity),
            Self::GasDelivery | Self::GasSupply => Some(ServiceKind::Gas),
            Self::WaterUse => Some(ServiceKind::Water),
            Self::Wastewater => Some(ServiceKind::Wastewater),
            Self::StormDrain => Some(ServiceKind::Storm),
            Self::Refuse => Some(ServiceKind::Refuse),
            Self::ServiceCharge | Self::MeterCharge | Self::Demand | Self::Minimum | Self::Surplus => None,
        }
    }
}

/// An unbundled part of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// All of it, where the schedule does not unbundle.
    Whole,
    /// What is bought: power, gas, water.
    Commodity,
    /// Bringing it to the house.
    Distribution,
    /// Programs that the state requires.
    PublicBenefits,
    /// Bringing it to the city.
    Transportation,
    /// Emission allowances.
    CapAndTrade,
    /// Offsets that make it carbon neutral.
    CarbonOffset,
    /// Of the storm-drain fee: operation.
    Base,
    /// Of the storm-drain fee: capital projects.
    Projects,
}

/// A price over time: ascending dates, each price from its date on. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series(pub Vec<(NaiveDate, Price)>);

impl Series {
    /// The price in force on a day; the first one before its date.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Price {
        let i = self.0.partition_point(|(from, _)| *from <= day);
        self.0.get(i.saturating_sub(1)).map(|(_, p)| *p).unwrap_or_default()
    }
}

/// The components of a price, in the order they are printed.
pub type Prices = Vec<(Component, Series)>;

/// What a standing charge is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Once.
    Service,
    /// Times the equivalent residential units of the lot.
    Eru,
}

/// A fact of the agreement that picks a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The size of the meter, `5/8`.
    MeterSize,
    /// The size of the garbage cart in gallons, `32`.
    Cart,
    /// The climate zone of the home, which sets its baseline.
    Climate,
}

/// A step of a price that rises (or falls) with use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Where it ends, in the billing unit; `None` for the last tier, which has no end.
    pub end: Option<TierEnd>,
    /// Its price for one billing unit.
    pub prices: Prices,
}

/// Where a tier ends, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierEnd {
    /// So much for each day of service.
    PerDay(Decimal),
    /// So much for a whole billing period; a part of one allows as much less.
    PerPeriod(Decimal),
    /// So many percent of the charge's baseline for each day of service.
    OfBaseline(Decimal),
}

impl TierEnd {
    /// The end in millionths of the billing unit for some days of a billing period.
    #[must_use]
    pub fn micro(self, days: i64, of_days: i64) -> i64 {
        let whole = |d: Decimal, by: i64, of: i64| {
            let scaled = i128::from(d.round_to(-6)) * i128::from(by);
            i64::try_from(crate::money::div_half_up(scaled, i128::from(of.max(1)))).unwrap_or(i64::MAX)
        };
        match self {
            Self::PerDay(d) => whole(d, days, 1),
            Self::PerPeriod(d) => whole(d, days, of_days),
            // Without its charge there is no baseline; `Charge::tier_end` puts it in.
            Self::OfBaseline(_) => i64::MAX,
        }
    }
}

/// How a charge is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// So much for a whole billing period, whatever its length; a part of one pays by the day.
    Month(Per, Prices),
    /// So much for each day of service.
    Day(Per, Prices),
    /// Like `Month`, with the price that a fact of the agreement picks.
    MonthBy(Fact, BTreeMap<String, Prices>),
    /// By what was delivered, in tiers.
    Delivered(Vec<Tier>),
    /// A credit for what was sent back.
    Received(Prices),
    /// By the highest load of the billing period in kilowatts, averaged over so many minutes, in tiers; for a part of a period
    /// by the day.
    Demand(u32, Vec<Tier>),
    /// What all charges come to at least, for a whole billing period; a part of one pays by the day.
    Minimum(Prices),
    /// What all charges come to at least, for each day of service.
    MinimumDay(Prices),
    /// A credit for what is left of the units that charges with `net` have carried on.
    Surplus(Prices),
}

/// What the tiers of a charge by use count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// What is used in the charge's own hours.
    #[default]
    Own,
    /// What is used at all hours of the label; each tier is shared out over the hours by what was used in them.
    Shared,
    /// What is used at all hours of the label, in order of time: what comes first fills the first tier.
    InTime,
}

/// One charge of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// What for.
    pub label: Label,
    /// How.
    pub basis: Basis,
    /// The months (1-12) in which it applies; empty for all.
    pub months: Vec<u32>,
    /// The hours in which it applies; empty for all.
    pub times: Vec<Window>,
    /// What those hours are called: `peak`.
    pub period: Option<String>,
    /// Whether what was sent back in the same hours is taken off what was delivered; what is left over is carried on.
    pub net: bool,
    /// Whether it comes on top of the charges of the same label: it covers the hours for itself.
    pub adder: bool,
    /// Whether a tier may be cheaper than the one before.
    #[serde(default)]
    pub falling: bool,
    /// Whether months without a charge of its kind are meant: a standing charge, a load or a minimum of the summer only.
    #[serde(default)]
    pub seasonal: bool,
    /// What its tiers count.
    #[serde(default)]
    pub fill: Fill,
    /// What its tiers are percent of.
    #[serde(default)]
    pub baseline: Option<Baseline>,
    /// What its highest load is at least.
    #[serde(default)]
    pub ratchet: Option<Ratchet>,
}

impl Charge {
    /// Where a tier ends for a customer: percent of a baseline become so much for each day. `None` where the customer's baseline is
    /// not known.
    #[must_use]
    pub fn tier_end(&self, end: TierEnd, facts: &Facts) -> Option<TierEnd> {
        let TierEnd::OfBaseline(percent) = end else { return Some(end) };
        let baseline = match self.baseline.as_ref()? {
            Baseline::PerDay(d) => *d,
            Baseline::By(fact, by) => *by.get(facts.pick(*fact)?)?,
        };
        let (base, percent) = (i128::from(baseline.round_to(-6)), i128::from(percent.round_to(-6)));
        let micro = crate::money::div_half_up(base * percent, 100_000_000);
        Some(TierEnd::PerDay(Decimal::new(i64::try_from(micro).ok()?, -6)))
    }

    /// Whether it applies in a minute of a day of its months.
    #[must_use]
    pub fn holds(&self, weekend: bool, minute: u16) -> bool {
        self.times.is_empty() || self.times.iter().any(|w| w.holds(weekend, minute))
    }

    /// Whether it applies on a day.
    #[must_use]
    pub fn applies(&self, day: NaiveDate) -> bool {
        self.months.is_empty() || self.months.contains(&day.month())
    }

    /// Whether it applies to a home on a day: what is settled once a year is settled in the home's own month, where it has one.
    #[must_use]
    pub fn applies_to(&self, facts: &Facts, day: NaiveDate) -> bool {
        match (&self.basis, facts.settled_in) {
            (Basis::Surplus(_), Some(month)) if !self.months.is_empty() => day.month() == month,
            _ => self.applies(day),
        }
    }
}

/// Who compared the figures with their source, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Who.
    pub by: String,
    /// When.
    pub on: NaiveDate,
}

/// The prices of a schedule from a day on, until the next version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The first day.
    pub from: NaiveDate,
    /// Where the figures come from.
    pub source: String,
    /// Who compared them; `None` is said on every page that shows them.
    pub verified: Option<Verified>,
    /// The charges, in the order of the bill.
    pub charges: Vec<Charge>,
}

/// A rate schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Such as `E-1`.
    pub code: String,
    /// What it prices.
    pub service: ServiceKind,
    /// Schedules of one service with the same word here are plans that a customer may choose between.
    pub choice: Option<String>,
    /// Days that count as days of the weekend.
    pub holidays: Vec<NaiveDate>,
    /// Which numbers are rounded, and how.
    #[serde(default)]
    pub rounding: Rounding,
    /// Ascending by date, never empty.
    pub versions: Vec<Version>,
}

impl Schedule {
    /// Whether a day counts as one of the weekend.
    #[must_use]
    pub fn is_weekend(&self, day: NaiveDate) -> bool {
        day.weekday().num_days_from_monday() >= 5 || self.holidays.contains(&day)
    }

    /// A year of some days in which prices ask for weekdays or weekends and no holiday is known, though the schedule has holidays.
    #[must_use]
    pub fn year_without_holidays(&self, range: DayRange) -> Option<i32> {
        if self.holidays.is_empty() {
            return None;
        }
        let asks = |v: &Version| v.charges.iter().flat_map(|c| &c.times).any(|w| w.days != WindowDays::All);
        // "At today's prices" a version counts for all time, and holidays only as far as they are known.
        let dated = |v: &Version| v.from > NaiveDate::MIN && asks(v);
        let mut years = self.during(range).filter(|(v, _)| dated(v)).flat_map(|(_, r)| r.from.year()..=r.last().year());
        years.find(|y| self.holidays.iter().all(|h| h.year() != *y))
    }

    /// Whether bills for some days need use by the clock: some price goes by the hour, or by the highest load.
    #[must_use]
    pub fn by_clock(&self, range: DayRange) -> bool {
        let timed = |c: &Charge| !c.times.is_empty() || matches!(c.basis, Basis::Demand(..));
        self.during(range).any(|(v, _)| v.charges.iter().any(timed))
    }

    /// The versions in force during a range, each with its share of the range, in order. Days before the first version
    /// have none.
    pub fn during(&self, range: DayRange) -> impl Iterator<Item = (&Version, DayRange)> {
        self.versions.iter().enumerate().filter_map(move |(i, v)| {
            let until = self.versions.get(i + 1).map_or(NaiveDate::MAX, |n| n.from);
            DayRange::new(v.from, until).ok()?.intersect(range).map(|r| (v, r))
        })
    }
}

/// A tax on the gross subtotal of some services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// The first day.
    pub from: NaiveDate,
    /// Percent.
    pub percent: Decimal,
    /// On which services.
    pub services: Vec<ServiceKind>,
    /// Whether the credit for solar exports lowers the taxed amount. Not stated by the City, so it is a setting.
    pub after_export_credit: bool,
    /// Where it says so.
    pub source: String,
}

/// A discount for customers who qualify. It is taken of the gross subtotal, after tax, and never lowers the tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Which program.
    pub program: Program,
    /// The first day.
    pub from: NaiveDate,
    /// Percent by service.
    pub percent: BTreeMap<ServiceKind, Decimal>,
    /// Where it says so.
    pub source: String,
}

/// A rate assistance program; a customer has at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// For small incomes.
    Financial,
    /// With a physician's certificate.
    Medical,
}

/// What of an agreement a schedule needs to know. Kept as JSON with the agreement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Equivalent residential units of the lot, as a decimal: `1.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eru: Option<String>,
    /// The garbage cart in gallons: `32`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cart: Option<String>,
    /// The size of the water meter in inches: `5/8`, `1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter_size: Option<String>,
    /// The climate zone of the home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub climate: Option<String>,
    /// The month (1-12) in whose bill net metering is settled, in place of the schedule's: the anniversary of the home's connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_in: Option<u32>,
    /// The account's rate assistance, on any of its agreements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assistance: Option<Program>,
    /// The local day in the course of which the service is given up. What was used on it is billed, and its standing charges are not: the
    /// day belongs to who moves in. Found by the instants of the agreement, not written with its facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_on: Option<chrono::NaiveDate>,
}

impl Facts {
    /// Facts that could be meant.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn check(&self) -> Result<(), String> {
        match self.settled_in {
            Some(month) if !(1..=12).contains(&month) => {
                Err(format!("`settled_in` is {month}; it is a month from 1 to 12"))
            }
            _ => Ok(()),
        }
    }

    /// The value of a fact that picks a price.
    #[must_use]
    pub fn pick(&self, fact: Fact) -> Option<&str> {
        match fact {
            Fact::MeterSize => self.meter_size.as_deref(),
            Fact::Cart => self.cart.as_deref(),
            Fact::Climate => self.climate.as_deref(),
        }
    }
}
