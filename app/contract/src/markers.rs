//! Days that people mark because something changed in the home, and what changed in the use.

use chrono::NaiveDate;
use domain::quantity::Commodity;
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;
use crate::periods::Held;

/// A marked day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// What stands in the address.
    pub id: i64,
    /// The first day with the change.
    pub day: NaiveDate,
    /// What changed, in its owner's words.
    pub label: String,
    /// The service that it touches; `None` for every one.
    pub service: Option<Commodity>,
}

/// The list of marked days, and the form for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkersView {
    /// The account.
    pub head: AccountHead,
    /// Latest first.
    pub markers: Vec<Marker>,
    /// Whether there is room for another.
    pub room: bool,
    /// The present day.
    pub today: NaiveDate,
}

/// Why the time before and after a marked day is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotHeld {
    /// There are no readings of this service.
    NoReadings,
    /// Fewer than a week's readings have come since; from this day on there will be enough.
    TooEarly(NaiveDate),
    /// Readings begin too late before it.
    NothingBefore,
}

/// Before and after a marked day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerView {
    /// The account.
    pub head: AccountHead,
    /// The day.
    pub marker: Marker,
    /// The present day.
    pub today: NaiveDate,
    /// Each service that it touches: after held against before.
    pub services: Vec<(Commodity, Result<Held, NotHeld>)>,
}
