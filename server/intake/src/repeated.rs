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
#[derive(Debug)]
pub struct LastSeen {
    /// How many recent channels there may be.
    most: usize,
    recent: HashMap<u64, i64>,
    older: HashMap<u64, i64>,
    /// Keyed at random, so that no file can be made whose channels are mistaken for one another.
    keys: RandomState,
}

impl Default for LastSeen {
    fn default() -> Self {
        Self { most: MOST, recent: HashMap::new(), older: HashMap::new(), keys: RandomState::new() }
    }
}

impl LastSeen {
    /// The channel's last instant near a repeated hour.
    pub fn get(&self, channel: &[&str]) -> Option<i64> {
        if self.recent.is_empty() && self.older.is_empty() {
            return None;
        }
        let key = self.keys.hash_one(channel);
        self.recent.get(&key).or_else(|| self.older.get(&key)).copied()
    }

    /// Remembers an instant.
    pub fn put(&mut self, channel: &[&str], at: i64) {
        self.recent.insert(self.keys.hash_one(channel), at);
        if self.recent.len() >= self.most {
            self.older = std::mem::take(&mut self.recent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channels_seen_last_are_remembered_and_no_more_than_twice_the_bound() {
        let mut seen = LastSeen { most: 100, ..LastSeen::default() };
        for n in 0..1_000_i64 {
            seen.put(&["sender", &n.to_string()], n);
            assert!(seen.recent.len() + seen.older.len() <= 200);
            // A channel that goes on is never forgotten.
            seen.put(&["sender", "steady"], n);
        }
        assert_eq!(seen.get(&["sender", "steady"]), Some(999));
        for n in 900..1_000_i64 {
            assert_eq!(seen.get(&["sender", &n.to_string()]), Some(n));
        }
        assert_eq!((seen.get(&["sender", "3"]), seen.get(&["sender900"])), (None, None));
    }
}
