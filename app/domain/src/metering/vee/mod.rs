//! Validating, estimating and editing. Figures and where they come from stand with [`Figures`]; what a rule found is a
//! [`Finding`]; what it means for the people who work on it is said by [`Rule`] and [`Severity`].
//!
//! [`check`], [`gap`] and [`fill_gaps`] see one delivery and run while it is taken in. [`history::review`] needs the
//! days before and runs behind it.

use std::ops::Range;

mod check;
mod estimate;
pub mod history;
pub mod like;
mod rules;

pub use check::{check, gap, reverse, sum_check, verify};
pub use estimate::{Filled, fill_gaps};
pub use rules::{Figures, Rules};

/// A rule that a value, a day or a delivery may break: the code of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The register went backwards.
    Reverse,
    /// Days without any use where there was some.
    Zero,
    /// One and the same value in every interval for days.
    Stuck,
    /// Use where nobody has an agreement.
    Inactive,
    /// The intervals do not add up to what the dial moved.
    Sum,
    /// The highest interval of a day stands far above the third-highest.
    Spike,
    /// A value below zero on a channel that only counts up.
    Negative,
    /// Far more use than before, and than a year ago.
    High,
    /// Far less use than before, and than a year ago.
    Low,
    /// Values of a day on an issued bill changed.
    Billed,
    /// Intervals are missing.
    Gap,
    /// The meter sends nothing any more.
    Silent,
    /// A meter's other channel is missing on a day.
    Sibling,
    /// One interval came with different values in one delivery.
    Duplicate,
    /// A record with other intervals than the register's, or off its grid.
    IntervalSize,
    /// Days on end are mostly estimates.
    LongEstimate,
    /// A record was refused for another reason.
    Refused,
    /// Readings of a meter that is not registered.
    UnknownMeter,
    /// The reader found the meter broken.
    ReaderBroken,
    /// The reader suspects tampering.
    ReaderTamper,
    /// The reader could not get at the meter.
    ReaderNoAccess,
    /// The reader got no reading.
    ReaderNoRead,
    /// The reader's device found the reading out of its band.
    ReaderOutOfBand,
    /// A remark of the reader's, or a code that is not known.
    ReaderRemark,
}

/// How soon someone has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Severity {
    /// Worth a look.
    Note = 1,
    /// To be settled before the bill.
    Bill = 2,
    /// The meter or the money is at stake.
    Urgent = 3,
}

impl Severity {
    /// Most urgent first.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Bill, Self::Note];

    /// Reads the number that is stored.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            3 => Self::Urgent,
            2 => Self::Bill,
            _ => Self::Note,
        }
    }
}

impl Rule {
    /// In the order of lists.
    pub const ALL: [Self; 24] = [
        Self::Reverse,
        Self::Zero,
        Self::Stuck,
        Self::Inactive,
        Self::Sum,
        Self::Spike,
        Self::Negative,
        Self::High,
        Self::Low,
        Self::Billed,
        Self::Gap,
        Self::Silent,
        Self::Sibling,
        Self::Duplicate,
        Self::IntervalSize,
        Self::LongEstimate,
        Self::Refused,
        Self::UnknownMeter,
        Self::ReaderBroken,
        Self::ReaderTamper,
        Self::ReaderNoAccess,
        Self::ReaderNoRead,
        Self::ReaderOutOfBand,
        Self::ReaderRemark,
    ];

    /// The word that is stored.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Reverse => "reverse",
            Self::Zero => "zero",
            Self::Stuck => "stuck",
            Self::Inactive => "inactive",
            Self::Sum => "sum",
            Self::Spike => "spike",
            Self::Negative => "negative",
            Self::High => "high",
            Self::Low => "low",
            Self::Billed => "billed",
            Self::Gap => "gap",
            Self::Silent => "silent",
            Self::Sibling => "sibling",
            Self::Duplicate => "duplicate",
            Self::IntervalSize => "interval_size",
            Self::LongEstimate => "long_estimate",
            Self::Refused => "refused",
            Self::UnknownMeter => "unknown_meter",
            Self::ReaderBroken => "reader_broken",
            Self::ReaderTamper => "reader_tamper",
            Self::ReaderNoAccess => "reader_no_access",
            Self::ReaderNoRead => "reader_no_read",
            Self::ReaderOutOfBand => "reader_out_of_band",
            Self::ReaderRemark => "reader_remark",
        }
    }

    /// Reads [`Rule::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.slug() == slug)
    }

    /// How soon someone has to look.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Reverse | Self::Zero | Self::Stuck | Self::Inactive | Self::ReaderBroken | Self::ReaderTamper => {
                Severity::Urgent
            }
            Self::Sum
            | Self::Spike
            | Self::Negative
            | Self::Billed
            | Self::Gap
            | Self::Silent
            | Self::IntervalSize
            | Self::Refused
            | Self::UnknownMeter
            | Self::ReaderNoAccess
            | Self::ReaderNoRead
            | Self::ReaderOutOfBand => Severity::Bill,
            Self::High | Self::Low | Self::Sibling | Self::Duplicate | Self::LongEstimate | Self::ReaderRemark => {
                Severity::Note
            }
        }
    }

    /// Whether it is found in the history behind ingest, and judged again there.
    #[must_use]
    pub const fn of_history(self) -> bool {
        matches!(
            self,
            Self::Zero
                | Self::Stuck
                | Self::Inactive
                | Self::High
                | Self::Low
                | Self::Silent
                | Self::Sibling
                | Self::LongEstimate
        )
    }
}

/// A broken rule and the figures that show it, in the register's counts (days or slots where the rule counts those).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// The slots of the day, where it is about some.
    pub slots: Option<Range<usize>>,
    /// What was found: the interval's value, the sum of the intervals, the slots that have a value.
    pub found: i64,
    /// What it was held against: the third-highest interval, the difference of the dial, the slots of the day.
    pub against: i64,
    /// How far it might have gone.
    pub limit: i64,
}

/// `value` times `percent`, without overflow.
fn percent_of(value: i64, percent: i64) -> i64 {
    i64::try_from(i128::from(value) * i128::from(percent) / 100).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
