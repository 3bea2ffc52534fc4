//! Repeatable chance: every stream of numbers is named by what it is for, so that one day of one meter can be made again
//! without making the days before it, and a new story does not move the others.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of numbers. Ranges are drawn here in integers, not by a library, so that they never change with one.
pub struct Dice(ChaCha8Rng);

/// What a stream is for.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum For {
    /// Names, addresses, telephone numbers.
    People = 1,
    /// What kind of household lives there.
    Household,
    /// Warm and cold days.
    Weather,
    /// A day's electricity.
    Electricity,
    /// A day's gas.
    Gas,
    /// A day's water.
    Water,
    /// What goes wrong between meter and utility.
    Defects,
    /// When bills are paid, and how.
    Payments,
    /// Words of passwords.
    Passwords,
}

impl Dice {
    /// The stream of a town (`seed`) for a purpose, a home and a day.
    #[must_use]
    pub fn new(seed: u64, purpose: For, home: u64, day: i64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&home.to_le_bytes());
        key[16..24].copy_from_slice(&day.to_le_bytes());
        key[24] = purpose as u8;
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 up to, not including, `n`.
    pub fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.below(span))
    }

    /// A number that is rarely near the ends of the range.
    pub fn around(&mut self, low: i32, high: i32) -> i32 {
        (self.between(low, high) + self.between(low, high)) / 2
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// One of a list.
    ///
    /// # Panics
    /// If the list is empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(u32::try_from(list.len()).unwrap_or(u32::MAX)) as usize]
    }

    /// Fills with random bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}
