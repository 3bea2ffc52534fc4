//! How much of a file is kept or looked at in one piece, so that no file fills the memory. Real files stay far below.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use crate::block::IntakeError;

/// The longest line, row or XML element in bytes.
pub const LONGEST: u64 = 1 << 20;
/// The most channels of a file that is read whole.
pub const MOST_CHANNELS: usize = 100_000;
/// The most values of a file that is read whole: about 2 GB.
pub const MOST_VALUES: usize = 50_000_000;
/// The longest name of a meter or unit in bytes.
pub const LONGEST_NAME: usize = 200;

/// Whether so many channels and values may still be kept.
///
/// # Errors
/// If not.
pub const fn check(channels: usize, values: usize) -> Result<(), IntakeError> {
    if channels > MOST_CHANNELS {
        return Err(IntakeError::TooMany { what: "channels", limit: MOST_CHANNELS });
    }
    if values > MOST_VALUES {
        return Err(IntakeError::TooMany { what: "values", limit: MOST_VALUES });
    }
    Ok(())
}

/// What [`Bounded`] says of a piece that does not end.
pub const ENDLESS: &str = "a line or an element is longer than 1 MB, which no usage file needs";

#[derive(Debug, thiserror::Error)]
#[error("{ENDLESS}")]
pub struct Endless;

/// A stream whose pieces have a greatest length. Whoever reads it sets `since` to 0 after each piece.
pub struct Bounded<'c, R> {
    inner: R,
    since: &'c Cell<u64>,
}

impl<'c, R> Bounded<'c, R> {
    /// A stream that counts what is taken from it in `since`.
    pub const fn new(inner: R, since: &'c Cell<u64>) -> Self {
        Self { inner, since }
    }

    fn check(&self) -> io::Result<()> {
        if self.since.get() > LONGEST { Err(io::Error::other(Endless)) } else { Ok(()) }
    }
}

impl<R: BufRead> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let n = self.inner.read(buffer)?;
        self.since.set(self.since.get() + n as u64);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Bounded<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.since.set(self.since.get() + n as u64);
        self.inner.consume(n);
    }
}
