//! Writes Green Button files: an Atom feed of NAESB ESPI 4.0 resources with intervals, what they are, and a summary per bill.
//!
//! [`Feed`] writes as it is called and keeps no readings, so that all history of an account takes no more memory than a day of
//! it. Every identifier is a UUID (version 5) of the resource's own address, which is made of our keys: the same resource has
//! the same identifier in every export, whatever its range. Nothing about the person is written.

mod codes;
mod dst;
mod feed;
mod ids;
mod xml;

use domain::calendar::{Instant, Zone};
use domain::metering::Quality;
use domain::money::{Cents, FineAmount};
use domain::quantity::{Commodity, Decimal, Direction, Unit};

pub use dst::LocalTime;
pub use feed::Feed;
pub use ids::urn;

/// What kind of file this is, for HTTP.
pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// Why something cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output does not take more.
    #[error("the file cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// The standard's numbers have 48 bits.
    #[error("{0} is too large a number for a Green Button file")]
    TooLarge(Decimal),
    /// The standard has no code for a unit on this scale.
    #[error("Green Button files have no unit for 10^{1} {0:?}")]
    NoUnit(Unit, i8),
}

/// What a feed says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The portal's origin, such as `https://my.example.org`: identifiers differ between utilities by it.
    pub origin: &'a str,
    /// Our key of the account; it is written only within hashes.
    pub account: i64,
    /// What a reader shows as the feed's name.
    pub title: &'a str,
    /// When the file is made.
    pub now: Instant,
}

/// One service at one place.
#[derive(Clone, Copy, Debug)]
pub struct UsagePoint<'a> {
    /// Our key of the place.
    pub key: i64,
    /// What is metered.
    pub commodity: Commodity,
    /// What makes its local days.
    pub zone: &'a Zone,
    /// What a reader shows as its name.
    pub title: &'a str,
    /// The rate schedule's code.
    pub tariff: Option<&'a str>,
    /// Whether the account has service there now.
    pub active: bool,
    /// Since when the account has had it.
    pub since: Instant,
    /// Whether [`Feed::summary`] will be called for it: links to what does not come must not be written.
    pub summaries: bool,
}

/// What is counted in one direction at a usage point.
#[derive(Clone, Copy, Debug)]
pub struct Channel<'a> {
    /// Which way it counts.
    pub direction: Direction,
    /// What a number counts: `value * 10^exponent` of this unit.
    pub unit: Unit,
    /// The power of ten.
    pub exponent: i8,
    /// Seconds of an interval; 0 for a dial.
    pub seconds: u32,
    /// Which dial of the usage point it is, where the values are what a dial showed.
    pub dial: Option<i64>,
    /// What a reader shows as its name.
    pub title: &'a str,
    /// Whether its values come with costs.
    pub costs: bool,
}

/// One interval that has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// When it starts.
    pub start: Instant,
    /// The amount, as the channel counts.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
    /// What it cost.
    pub cost: Option<FineAmount>,
}

/// What a service came to on one bill.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    /// Our key of the bill.
    pub key: i64,
    /// Counts the parts of one service on one bill, from 0: a change of schedule makes a second one.
    pub part: usize,
    /// What a reader shows as its name.
    pub title: &'a str,
    /// From the first instant of the period up to the first after it.
    pub period: (Instant, Instant),
    /// When the bill was issued.
    pub issued: Instant,
    /// What the service came to, tax and credits included.
    pub total: Cents,
    /// What was delivered.
    pub delivered: Decimal,
    /// What `delivered` counts.
    pub unit: Unit,
    /// Whether a read of the bill is estimated.
    pub estimated: bool,
    /// The rate schedule's code.
    pub tariff: &'a str,
    /// The lines; they sum to `total`.
    pub lines: &'a [SummaryLine],
}

/// One line of a bill.
#[derive(Clone, Debug)]
pub struct SummaryLine {
    /// What kind of charge.
    pub kind: ItemKind,
    /// The line in words.
    pub note: String,
    /// The amount.
    pub amount: Cents,
    /// How much, for lines by use. The price belongs into the note: the standard would have it for one watt-hour, in
    /// 10^-5 dollars, where prices have more digits.
    pub quantity: Option<(Decimal, Unit)>,
}

/// What a line of a bill is for (ESPI `ItemKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ItemKind {
    /// What is bought for the customer.
    Generation = 1,
    /// Bringing it, and the connection.
    Delivery = 2,
    /// By use, not unbundled.
    Usage = 3,
    /// A tax.
    Tax = 5,
    /// For what the customer sent back.
    GenerationCredit = 6,
    /// Rate assistance.
    AdministrationCredit = 8,
}
