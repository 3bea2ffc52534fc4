//! Readings as files bring them, before they are stored.

use serde::{Deserialize, Serialize};

use super::Quality;
use crate::calendar::Instant;

/// An amount used over a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Start, UTC. Files that stamp the end have been turned round by their reader.
    pub start: Instant,
    /// Length in seconds.
    pub seconds: u32,
    /// The amount, counted in the channel's unit and power of ten.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
}

/// A cumulative register reading: what the dial said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was read, UTC.
    pub at: Instant,
    /// The dial, counted in the channel's unit and power of ten.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
}
