//! Time and randomness, passed in so that tests own them.

use std::sync::Mutex;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domain::calendar::Instant;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// What time it is.
pub trait Clock: Send + Sync {
    /// The present instant, truncated to microseconds (what both databases keep).
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        DateTime::<Utc>::from(std::time::SystemTime::now()).trunc_subsecs(6)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<Instant>);

impl FixedClock {
    /// Stands at this instant.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self(Mutex::new(now.trunc_subsecs(6)))
    }

    /// Moves on.
    ///
    /// # Panics
    /// If a thread that held the clock panicked.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.0.lock().expect("no thread panics while it holds the clock");
        *now += by;
    }

    /// Moves to an instant.
    ///
    /// # Panics
    /// If a thread that held the clock panicked.
    pub fn set(&self, to: Instant) {
        *self.0.lock().expect("no thread panics while it holds the clock") = to.trunc_subsecs(6);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        *self.0.lock().expect("no thread panics while it holds the clock")
    }
}

/// Random bytes for tokens, salts and keys.
#[derive(Debug)]
pub struct Entropy(Mutex<ChaCha20Rng>);

impl Entropy {
    /// Seeded by the operating system.
    #[must_use]
    pub fn system() -> Self {
        Self(Mutex::new(ChaCha20Rng::from_os_rng()))
    }

    /// The same bytes for the same seed: for tests and the demo town, never for a portal that is reached from outside.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// If a thread that held the generator panicked.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.0.lock().expect("no thread panics while it holds the generator").fill_bytes(&mut out);
        out
    }
}
