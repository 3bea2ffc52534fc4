//! What a reader remembers of a channel so that the hour which the clock repeats in autumn is read right whichever way the
//! values are cut into records.
//!
//! The rule: a local time that comes twice is the later of its two moments if the channel's last value lies between the two,
//! and else the earlier. The last value is that of the record at hand; its first value follows the channel's last one near
//! the repeated hour in an earlier record (from an hour before it to its end). Late data of other days and hours therefore
//! changes nothing, and values sent anew begin with the earlier moment as soon as both hours have been seen.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// After so many channels the ones that were not seen again are forgotten: at most twice as many are remembered, in about 40 MB.
const MOST: usize = 1 << 19;

/// The last instants of channels near a repeated hour. It stays empty for the rest of the year.
#[derive(Debug, Default)]
pub struct LastSeen {
    recent: HashMap<u64, i64>,
    older: HashMap<u64, i64>,
    /// Keyed at random, so that no file can be made whose channels are mistaken for one another.
    keys: RandomState,
}

impl LastSeen {
    /// The channel's last instant near a repeated hour.
    pub fn get(&self, channel: &[&str]) -> Option<i64> {
        if self.recent.is_empty() {
            return None;
        }
        let key = self.keys.hash_one(channel);
        self.recent.get(&key).or_else(|| self.older.get(&key)).copied()
    }

    /// Remembers an instant.
    pub fn put(&mut self, channel: &[&str], at: i64) {
        self.recent.insert(self.keys.hash_one(channel), at);
        if self.recent.len() >= MOST {
            self.older = std::mem::take(&mut self.recent);
        }
    }
}
