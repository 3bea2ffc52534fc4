//! Why a record is refused.

use chrono::DateTime;

/// A reason, as a word for programs and a detail for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The meter has no register that measures this.
    NoSuchChannel(String),
    /// The register counts in a unit that this one does not lead to exactly.
    Unit {
        /// In the file.
        found: &'static str,
        /// Of the register.
        expected: &'static str,
    },
    /// The register has other intervals.
    IntervalLength {
        /// In the file, in seconds.
        found: u32,
        /// Of the register, in seconds.
        expected: u32,
    },
    /// An amount over a stretch of time that is no interval: seconds of the stretch, and of the register's intervals.
    Period(u32, u32),
    /// Several meters of this number measure different things, and the record does not say which it means.
    SeveralMeters(String),
    /// An interval does not begin where the day's intervals do.
    OffGrid(i64),
    /// A number is finer than the register counts, or too large.
    Precision(String),
    /// A number that a dial of so many digits cannot show.
    Dial {
        /// In the register's unit.
        found: String,
        /// Digits of whole units.
        digits: u32,
    },
    /// A time long before there was such a meter.
    Past {
        /// What was found.
        at: i64,
        /// What is believed at the earliest.
        earliest: i64,
    },
    /// A time yet to come.
    Future {
        /// What was found.
        at: i64,
        /// What is believed at the latest.
        latest: i64,
    },
    /// A time of which everything was given up.
    GivenUp {
        /// What was found.
        at: i64,
        /// The first day that is kept, since 1970-01-01.
        before: i64,
    },
    /// A record of a sending system that is not one of ours.
    Sender {
        /// In the file.
        found: String,
        /// Whose readings are taken.
        known: String,
    },
    /// The stored day has other intervals.
    OtherGrid(String),
}

impl Refusal {
    /// The word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchChannel(_) => "channel",
            Self::Unit { .. } => "unit",
            Self::IntervalLength { .. } => "interval_length",
            Self::Period(..) => "period",
            Self::SeveralMeters(_) => "several_meters",
            Self::OffGrid(_) => "off_grid",
            Self::Precision(_) => "precision",
            Self::Dial { .. } => "dial",
            Self::Past { .. } | Self::Future { .. } => "time",
            Self::GivenUp { .. } => "given_up",
            Self::Sender { .. } => "sender",
            Self::OtherGrid(_) => "other_grid",
        }
    }

    /// What was found and what would be right.
    #[must_use]
    pub fn detail(&self) -> String {
        let at = |s: &i64| DateTime::from_timestamp(*s, 0).map_or_else(|| s.to_string(), |t| t.to_rfc3339());
        match self {
            Self::NoSuchChannel(what) => format!("the meter has no register for {what}"),
            Self::Unit { found, expected } => format!("the register counts {expected}, the record {found}"),
            Self::IntervalLength { found, expected } => {
                format!("the register has intervals of {expected} s, the record of {found} s")
            }
            Self::Period(seconds, interval) => format!(
                "the record gives an amount for {} hours, the register has intervals of {interval} s: send intervals, or what \
                 the dial says",
                seconds / 3600
            ),
            Self::SeveralMeters(kinds) => {
                format!("there are meters of this number for {kinds}: say which one is meant")
            }
            Self::OffGrid(s) => format!("an interval begins at {}, between two intervals of the register", at(s)),
            Self::Precision(what) => what.clone(),
            Self::Dial { found, digits } => {
                format!("the dial has {digits} digits and cannot show {found}: is it another meter's, or another unit?")
            }
            Self::Past { at: s, earliest } => format!(
                "{} lies long before the meter was installed (nothing before {} is believed): is a clock wrong?",
                at(s),
                at(earliest)
            ),
            Self::Future { at: s, latest } => format!(
                "{} is yet to come (nothing after {} is believed): is a clock ahead, or the zone another?",
                at(s),
                at(latest)
            ),
            Self::GivenUp { at: s, before } => {
                let day = store::usage::day_of_number(*before).map_or_else(|_| before.to_string(), |d| d.to_string());
                format!("{} lies before {day}, and nothing older is kept", at(s))
            }
            Self::Sender { found, known } => {
                format!("the sender is `{found}`, and readings are taken from {known}: is it another utility's file?")
            }
            Self::OtherGrid(what) => what.clone(),
        }
    }
}
