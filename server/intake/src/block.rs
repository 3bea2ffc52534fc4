//! What readers hand on: blocks of readings of one channel, and what was wrong with the records that gave none.

use std::io;

use domain::metering::Quality;
use domain::quantity::{Commodity, Direction, Unit};

/// Whose readings they are. What a file does not say is `None`, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel<'a> {
    /// The meter's number as the sender writes it.
    pub meter: &'a str,
    /// Who sent it; empty where the format has no sender.
    pub sender: &'a str,
    /// What is metered.
    pub commodity: Option<Commodity>,
    /// Which way it flows.
    pub direction: Option<Direction>,
    /// The unit, where the text for it is known.
    pub unit: Option<Unit>,
    /// The unit as the sender writes it.
    pub unit_text: &'a str,
}

/// One interval value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Start, seconds since the epoch, UTC.
    pub start: i64,
    /// `value * 10^exponent` of the channel's unit.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
}

/// One cumulative register reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// When, seconds since the epoch, UTC.
    pub at: i64,
    /// `value * 10^exponent` of the channel's unit.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
}

/// Interval values of one channel from one record.
#[derive(Clone, Copy, Debug)]
pub struct IntervalBlock<'a> {
    /// Where in the file, from 1.
    pub line: u64,
    /// The record as it stands in the file, to be kept if it cannot be stored.
    pub record: &'a str,
    /// Whose.
    pub channel: Channel<'a>,
    /// The length of each interval in seconds.
    pub seconds: u32,
    /// The power of ten of the values.
    pub exponent: i8,
    /// In the order of the file.
    pub readings: &'a [Reading],
}

/// Register readings of one channel from one record.
#[derive(Clone, Copy, Debug)]
pub struct RegisterBlock<'a> {
    /// Where in the file, from 1.
    pub line: u64,
    /// The record as it stands in the file.
    pub record: &'a str,
    /// Whose.
    pub channel: Channel<'a>,
    /// The power of ten of the values.
    pub exponent: i8,
    /// In the order of the file.
    pub reads: &'a [Read],
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// A kind of record that is known but not read here.
    NotRead,
    /// Fields are missing or too many.
    Fields,
    /// A number that is none.
    Number,
    /// A time that is none.
    Time,
    /// A local time that the clock skipped.
    SkippedHour,
    /// The count does not fit the values.
    Count,
    /// An interval length that cannot be.
    Interval,
    /// A unit or commodity that is not known.
    Unit,
    /// Text that is not UTF-8, or a line too long to be a record.
    Text,
}

impl ProblemCode {
    /// The word for it in JSON and in the database.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NotRead => "not-read",
            Self::Fields => "fields",
            Self::Number => "number",
            Self::Time => "time",
            Self::SkippedHour => "skipped-hour",
            Self::Count => "count",
            Self::Interval => "interval",
            Self::Unit => "unit",
            Self::Text => "text",
        }
    }
}

/// A record that gave no readings, and why.
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    /// Where in the file, from 1.
    pub line: u64,
    /// What kind of fault.
    pub code: ProblemCode,
    /// What is wrong and what would be right.
    pub message: String,
    /// The record as it stands in the file.
    pub record: &'a str,
}

/// Whether the reader goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// On.
    Go,
    /// Stop here; the summary says how far it got.
    Stop,
}

/// Takes what a reader finds.
pub trait Sink {
    /// Interval values.
    fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow;
    /// Register readings.
    fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow;
    /// A record that gave none.
    fn problem(&mut self, problem: &Problem<'_>) -> Flow;
    /// The end of the last value of a channel that came before this file, where that is known. It is asked where a file begins
    /// with a local time that comes twice.
    fn known_until(&mut self, channel: &Channel<'_>, register: bool) -> Option<i64> {
        let _ = (channel, register);
        None
    }
}

/// How far a reader got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records seen, good and bad.
    pub records: u64,
    /// The last line that was read.
    pub lines: u64,
    /// Bytes that were read, after unpacking.
    pub bytes: u64,
}

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file could not be read on.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// Of a known format, but not as that format is.
    #[error("{0}")]
    Format(String),
    /// Of a known format, but not as that format is, and where.
    #[error("line {line}: {message}")]
    Line {
        /// Where, from 1.
        line: u64,
        /// What is wrong and what would be right.
        message: String,
    },
    /// It ends in the middle, or its packing does.
    #[error("{0}")]
    CutOff(String),
    /// It asks for what no usage file needs and what may do harm.
    #[error("{0}")]
    Unsafe(String),
    /// XML or CSV about something else.
    #[error("{0}")]
    NoUsage(String),
    /// More of something than is kept of one file.
    #[error("the file holds more than {limit} {what}, the most that is read at once; split it by meters or by months")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: usize,
    },
    /// A web page.
    #[error("the file is a web page, perhaps of a sign-in that had expired; download the Green Button XML itself")]
    WebPage,
    /// Not text.
    #[error("the file is binary; usage files are text: Green Button XML, CMEP, NEM12 or CSV")]
    Binary,
    /// Text of no known format.
    #[error("this is none of the formats that are read: Green Button XML, CMEP, NEM12, CSV")]
    Unknown,
    /// More than the reader was told to take.
    #[error("the file holds more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes, after unpacking.
        limit: u64,
    },
}

impl IntakeError {
    /// The same, with its line where one line is to blame.
    #[must_use]
    pub(crate) fn at(self, line: u64) -> Self {
        match self {
            Self::Format(message) => Self::Line { line, message },
            other => other,
        }
    }
}
