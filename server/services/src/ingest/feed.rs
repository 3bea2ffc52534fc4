//! The reading thread: records become batches, and batches are handed to the one that writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Days, TimeDelta};
use domain::calendar::{DayRange, Instant, next_day};
use domain::ids::RegisterId;
use store::Tx;
use store::ingest::{self, NewRejected, RegisterState};
use store::usage::{day_number, day_of_number};
use tokio::sync::mpsc;

use super::LOOK_UP;
use super::master::{Answer, Lookup};
use super::reader::{self, Item};
use super::record::Record;
use super::shape::{Shaped, Shaper};
use crate::{Cx, Fault, Principal};

/// What the reading thread sends.
pub(super) enum Message {
    Batch(Box<Shaped>),
    End(Ended),
}

/// How the file ended.
pub(super) struct Ended {
    pub sender: String,
    pub problem: Option<String>,
}

/// So many days before its last one a register's data are looked for as they were.
const LOOK_BACK: u64 = 400;

/// What a record counts for in a batch: its values, but no less than its text would hold, so that no batch of long or empty ones
/// fills the memory.
fn weight(values: usize, text: usize) -> usize {
    values.max(text / 64).max(1)
}

/// Gathers records to batches.
pub(super) struct Feed {
    pub batch: Vec<Record>,
    /// What has gathered counts for so many values.
    pub values: usize,
    /// A batch is full with so many values.
    pub size: usize,
    pub rejected: Vec<NewRejected>,
    /// Records and refusals read so far.
    pub cursor: i64,
    /// So many are committed already.
    pub skip: i64,
    pub to_writer: mpsc::Sender<Message>,
    pub stop: Arc<AtomicBool>,
}

impl Feed {
    /// Takes what the reader found; `false` makes it stop.
    pub(super) fn take<L: Lookup>(&mut self, item: Item, shaper: &mut Shaper<L>) -> Result<bool, Fault> {
        self.cursor += 1;
        if self.cursor <= self.skip {
            return Ok(!self.stop.load(Ordering::Relaxed));
        }
        match item {
            Item::Record(record) => {
                self.values += weight(record.values.len(), record.raw.len());
                self.batch.push(record);
            }
            Item::Refused(rejected) => {
                self.values += weight(0, rejected.raw.len() + rejected.detail.len());
                self.rejected.push(rejected);
            }
        }
        if self.values >= self.size { self.flush(shaper) } else { Ok(true) }
    }

    fn flush<L: Lookup>(&mut self, shaper: &mut Shaper<L>) -> Result<bool, Fault> {
        self.values = 0;
        let shaped = shaper.shape(std::mem::take(&mut self.batch), std::mem::take(&mut self.rejected), self.cursor)?;
        Ok(self.to_writer.blocking_send(Message::Batch(Box::new(shaped))).is_ok())
    }

    pub(super) fn end<L: Lookup>(
        mut self,
        read: Result<reader::Finished, Fault>,
        shaper: &mut Shaper<L>,
    ) -> Result<(), Fault> {
        let finished = read?;
        if self.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        if !self.batch.is_empty() || !self.rejected.is_empty() {
            self.flush(shaper)?;
        }
        let ended = Ended { sender: finished.sender, problem: finished.problem };
        // A writer that has gone has its own reason, which is reported.
        let _ = self.to_writer.blocking_send(Message::End(ended));
        Ok(())
    }
}

/// Asks the database, from the reading thread.
pub(super) struct FromDatabase {
    pub cx: Cx,
    pub handle: tokio::runtime::Handle,
    /// Where registers' data ended is told as it was known before this instant; as it is where there is none.
    pub before: Option<Instant>,
}

impl Lookup for FromDatabase {
    fn find(&mut self, numbers: &[String]) -> Result<Answer, Fault> {
        self.handle.block_on(async {
            let mut work = self.cx.begin(&LOOK_UP, &Principal::System).await?;
            let found = store::meters::by_numbers(&mut work.tx, numbers).await?;
            let registers: Vec<RegisterId> = found.values().flatten().map(|k| k.register).collect();
            let mut states = ingest::register_states(&mut work.tx, &registers).await?;
            if let Some(before) = self.before {
                for state in &mut states {
                    earlier(&mut work.tx, state, before).await?;
                }
            }
            Ok((found, states))
        })
    }
}

/// Where a register's data ended before an instant.
async fn earlier(tx: &mut Tx<'_>, state: &mut RegisterState, before: Instant) -> Result<(), Fault> {
    // To the microsecond, as instants are kept.
    let at = before - TimeDelta::microseconds(1);
    if let Some(last) = state.day {
        let last = day_of_number(last)?;
        let days = DayRange { from: last - Days::new(LOOK_BACK), to: next_day(last) };
        let known = store::history::days_as_of(tx, state.register, days, at).await?.pop();
        state.day = known.as_ref().map(|k| day_number(k.day));
        state.block = known.map(|k| k.block);
    }
    if let Some(last) = state.read_at.and_then(|s| DateTime::from_timestamp(s, 0)) {
        let stretch = (last - Days::new(LOOK_BACK), last);
        let known = store::history::reads_as_of(tx, state.register, stretch, at).await?.pop();
        state.read_at = known.map(|k| k.at.timestamp());
        state.value = known.map(|k| k.value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_full_by_its_text_too() {
        assert_eq!(weight(96, 2_000), 96, "a day as head ends send it");
        assert_eq!(weight(0, 0), 1, "nothing at all");
        assert_eq!(weight(1, 1 << 20), 16_384, "a line of a million characters is a batch by itself");
    }
}
