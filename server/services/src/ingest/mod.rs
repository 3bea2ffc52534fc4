//! Taking usage in: one way for the command line, a watched folder and a request alike.
//!
//! ```text
//! bytes -> reader -> records -> days by register -> checks, gaps -> packed -> chunks of at most 100 ms -> database
//!          '------------- one thread -------------------------'              '---------- another ---------'
//! ```
//! A chunk is committed together with how far the file is taken in, so an interrupted run goes on where it stopped. The same
//! file twice, overlapping files and late files change nothing that is already known; see [`domain::metering::merge`].

mod billed;
mod feed;
mod judge;
mod later;
mod master;
mod pipeline;
mod reader;
mod recheck;
mod record;
mod refusal;
mod route;
mod shape;
mod write;

#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;

use domain::ids::DeliveryId;
use serde::Serialize;
use store::ingest::Counts;

pub(crate) use billed::billed;
pub(crate) use judge::{JITTER, evidence};
pub use later::{Replayed, Waiting, release, replay, waiting};
pub use pipeline::take_in;
pub use reader::{SenderRule, agreements};
pub use record::{Channel, Kind, Record, Value};

use crate::use_case;

use_case!(
    /// Takes in a usage file.
    pub TAKE_IN = "ingest.take_in", Write, System
);
use_case!(
    /// Tries refused records again.
    pub REPLAY = "ingest.replay", Write, System
);
use_case!(
    /// Takes in readings whose meter has become known.
    pub RELEASE = "ingest.release", Write, System
);
use_case!(
    /// Lists meters that readings wait for.
    pub WAITING = "ingest.waiting", Read, System
);
use_case!(
    /// Looks up meters while a file is read.
    LOOK_UP = "ingest.look_up", Read, System
);

/// Where the bytes are.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file; read as a stream, twice (its checksum first).
    File(PathBuf),
    /// The body of a request.
    Bytes {
        /// What to call it.
        name: String,
        /// The content.
        bytes: std::sync::Arc<[u8]>,
    },
}

/// Told the counts so far.
pub type Progress = std::sync::Arc<dyn Fn(&Counts) + Send + Sync>;

/// How to read.
#[derive(Clone, Default)]
pub struct Options {
    /// What the delivery is called, where the name of the file says nothing.
    pub name: Option<String>,
    /// The IANA zone of local times in the file; the city's where it is not given.
    pub zone: Option<String>,
    /// Told how far it is after every chunk.
    pub progress: Option<Progress>,
    /// Stops, as a crash would, after this many chunks. For tests of the resumption.
    #[doc(hidden)]
    pub stop_after_chunks: Option<u32>,
    /// Values per batch, where it is not to be the usual. For tests of the borders between batches.
    #[doc(hidden)]
    pub batch: Option<usize>,
}

/// A refused record, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedLine {
    /// The line, from 1; 0 where the format has none.
    pub line: i64,
    /// What was wrong, as a word.
    pub code: String,
    /// What was found and what would be right.
    pub detail: String,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its name.
    pub file: String,
    /// Its format; `None` where it is of no known one.
    pub format: Option<String>,
    /// The delivery it was recorded as.
    pub delivery: Option<i64>,
    /// Whether the same content had been taken in before: nothing was changed.
    pub already: bool,
    /// Whether this run went on with an interrupted one.
    pub resumed: bool,
    /// Interval values taken in.
    pub accepted: i64,
    /// Values that were there already.
    pub duplicate: i64,
    /// Values that took the place of others.
    pub superseding: i64,
    /// Values that stayed behind better ones.
    pub outranked: i64,
    /// Values estimated to fill short gaps.
    pub estimated: i64,
    /// Register reads taken in.
    pub reads: i64,
    /// Readings of meters not yet known.
    pub waiting: i64,
    /// Records refused.
    pub rejected: i64,
    /// The first of them.
    pub rejected_lines: Vec<RejectedLine>,
    /// Why the file could not be read at all, or not to its end.
    pub problem: Option<String>,
}

impl Report {
    /// How many refused records a report spells out; all of them are kept in the database.
    pub const LINES: usize = 100;

    fn count(&mut self, delivery: DeliveryId, counts: &Counts) {
        self.delivery = Some(delivery.0);
        self.accepted = counts.accepted;
        self.duplicate = counts.duplicate;
        self.superseding = counts.superseding;
        self.outranked = counts.outranked;
        self.estimated = counts.estimated;
        self.reads = counts.reads;
        self.waiting = counts.waiting;
        self.rejected = counts.rejected;
    }
}
