//! Usage and where it comes from.

use serde::{Deserialize, Serialize};

pub mod day;
pub mod merge;
pub mod pairs;
pub mod profile;
pub mod reading;
pub mod register;
pub mod vee;

pub use reading::{Interval, Reading};

/// How a value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Quality {
    /// No value: a hole, never a zero.
    Missing = 0,
    /// There was no meter here at that time.
    NotInstalled = 1,
    /// As the meter sent it, not yet checked.
    Raw = 2,
    /// Sent by the meter and passed the checks.
    Validated = 3,
    /// Failed a check and was found real.
    Verified = 4,
    /// Filled in by us or by the sender.
    Estimated = 5,
    /// Typed or changed by an employee.
    Edited = 6,
    /// Failed a check and not yet looked at.
    Questionable = 7,
}

impl Quality {
    /// Reads the number that is stored.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Missing,
            1 => Self::NotInstalled,
            2 => Self::Raw,
            3 => Self::Validated,
            4 => Self::Verified,
            5 => Self::Estimated,
            6 => Self::Edited,
            7 => Self::Questionable,
            _ => return None,
        })
    }

    /// Whether there is a value at all.
    #[must_use]
    pub const fn has_value(self) -> bool {
        !matches!(self, Self::Missing | Self::NotInstalled)
    }

    /// Whether residents are told that the value is not what the meter sent.
    #[must_use]
    pub const fn is_estimate(self) -> bool {
        matches!(self, Self::Estimated | Self::Edited)
    }

    /// Which of two values for one interval stands: the higher rank, and of equals the later delivery.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Missing | Self::NotInstalled => 0,
            Self::Questionable => 1,
            Self::Estimated => 2,
            Self::Raw => 3,
            Self::Validated => 4,
            Self::Verified => 5,
            Self::Edited => 6,
        }
    }
}
/// What was counted in an interval up to some seconds of it, if it was counted evenly.
#[must_use]
pub fn part_until(value: i64, seconds: i64, of: i64) -> i64 {
    let product = i128::from(value) * i128::from(seconds.clamp(0, of.max(0)));
    i64::try_from(crate::money::div_half_up(product, i128::from(of.max(1)))).unwrap_or(value)
}
