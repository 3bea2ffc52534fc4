//! A file as it comes: its format is recognised, its channels are read, its zone is guessed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use contract::{AppError, Field, Problem};
use domain::calendar::Zone;
use domain::data_set::{Stamped, Times};
use intake::IntakeError;
use intake::data::{ChannelData, Kind};
use intake::sniff::{Loaded, Options, load};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::Fault;

/// The largest file that the web takes, in bytes.
pub const LARGEST_FILE: u64 = 32 * 1024 * 1024;
/// The most that a packed file may hold on the web, in bytes.
pub const LARGEST_UNPACKED: u64 = 256 * 1024 * 1024;
/// The most values of a file on the web: fourteen years of quarter-hours of two meters.
const MOST_VALUES: usize = 1_000_000;

/// Reading a large file takes a processor for seconds and memory for all of its values.
static READING: Semaphore = Semaphore::const_new(2);

/// A file that was read.
pub(super) struct UsageFile {
    pub(super) format: &'static str,
    pub(super) checksum: String,
    pub(super) channels: Vec<ChannelData>,
    /// Records that could not be read.
    pub(super) refused: usize,
    /// What its times are taken for at first.
    pub(super) times: Times,
    /// The zone that it suggests.
    pub(super) zone: Option<&'static str>,
}

/// Reads what came over the web.
pub(super) async fn from_bytes(bytes: Vec<u8>) -> Result<UsageFile, Fault> {
    let permit = READING.acquire().await.map_err(|e| Fault::Other(e.to_string()))?;
    let read = tokio::task::spawn_blocking(move || {
        let checksum = hex::encode(Sha256::digest(&bytes));
        read(bytes.as_slice(), Some(LARGEST_UNPACKED)).map(|loaded| (loaded, checksum))
    })
    .await
    .map_err(|e| Fault::Other(format!("reading: {e}")))?;
    drop(permit);
    let wrong = |problem| Fault::App(AppError::field(Field::File, problem));
    let (loaded, checksum) = read.map_err(|error| wrong(problem_with(&error)))?;
    if loaded.channels.iter().map(|c| c.points.len()).sum::<usize>() > MOST_VALUES {
        return Err(wrong(Problem::TooLong));
    }
    let file = finished(loaded, checksum);
    if file.channels.is_empty() {
        return Err(wrong(Problem::NoReadings));
    }
    Ok(file)
}

/// What is said of a file that cannot be read.
fn problem_with(error: &IntakeError) -> Problem {
    match error {
        IntakeError::Empty => Problem::Empty,
        IntakeError::WebPage => Problem::WebPage,
        IntakeError::Binary | IntakeError::Unknown | IntakeError::NoUsage(_) => Problem::WrongKind,
        // What was sent is within the limit of a form: only unpacking makes it larger.
        IntakeError::TooLarge { .. } => Problem::Unpacked,
        IntakeError::TooMany { .. } => Problem::TooLong,
        IntakeError::Unsafe(_) => Problem::Unsafe,
        IntakeError::Line { line, .. } => u32::try_from(*line).map_or(Problem::Garbled, Problem::GarbledLine),
        IntakeError::Format(_) => Problem::Garbled,
        IntakeError::Io(_) | IntakeError::CutOff(_) => Problem::Unreadable,
    }
}

/// Reads a file of the operator, of any size.
pub(super) async fn from_path(path: &Path) -> Result<Result<UsageFile, String>, Fault> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let mut digest = Sha256::new();
        let mut file = File::open(&path).map_err(|e| format!("cannot be opened: {e}"))?;
        std::io::copy(&mut file, &mut digest).map_err(|e| format!("cannot be read: {e}"))?;
        let file = File::open(&path).map_err(|e| format!("cannot be opened: {e}"))?;
        let loaded = read(file, None).map_err(|e| e.to_string())?;
        Ok(finished(loaded, hex::encode(digest.finalize())))
    });
    read.await.map_err(|e| Fault::Other(format!("reading: {e}")))
}

/// Local times are read as if clocks were never changed, so that they stand as written and their meaning can be said later.
fn read(input: impl Read, limit: Option<u64>) -> Result<Loaded, IntakeError> {
    load(input, &Options { zone: Zone::utc(), limit })
}

fn finished(loaded: Loaded, checksum: String) -> UsageFile {
    let local = loaded.format == "cmep" || (loaded.format.starts_with("csv-") && loaded.format != "csv-plain");
    UsageFile {
        format: loaded.format,
        checksum,
        times: if local { Times::Local } else { Times::Utc },
        zone: if loaded.format == "nem12" { Some("Australia/Brisbane") } else { loaded.offset.and_then(zone_of) },
        refused: loaded.findings.len(),
        channels: loaded.channels.into_iter().filter(|c| !c.points.is_empty()).collect(),
    }
}

/// The zone that is likely meant by an offset from UTC without daylight saving.
fn zone_of(offset: i32) -> Option<&'static str> {
    Some(match offset {
        -14_400 => "America/Halifax",
        -18_000 => "America/New_York",
        -21_600 => "America/Chicago",
        -25_200 => "America/Denver",
        -28_800 => "America/Los_Angeles",
        -32_400 => "America/Anchorage",
        -36_000 => "Pacific/Honolulu",
        0 => "Europe/London",
        3_600 => "Europe/Berlin",
        36_000 => "Australia/Brisbane",
        _ => return None,
    })
}

/// The values of a channel, as they stand in the file.
pub(super) fn values(channel: &ChannelData) -> Vec<Stamped> {
    // Costs in the money of elsewhere are not set beside dollars.
    let dollars = channel.currency == Some("USD");
    channel
        .points
        .iter()
        .map(|p| Stamped {
            start: p.start,
            seconds: p.seconds,
            value: p.value,
            quality: p.quality,
            cost: p.cost.filter(|_| dollars),
        })
        .collect()
}

/// Whether the channel's values are those of a register.
pub(super) fn cumulative(channel: &ChannelData) -> bool {
    channel.kind == Kind::Register
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_that_unpacks_to_too_much_is_said_to_be_packed() {
        let text = format!("start,value\n{}", "2026-01-01T00:00:00Z,1\n".repeat(4_000));
        let mut packed = Vec::new();
        flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::best())
            .read_to_end(&mut packed)
            .expect("packed");
        assert!(packed.len() < 10_000);
        let error = read(packed.as_slice(), Some(10_000)).expect_err("too large");
        assert_eq!(problem_with(&error), Problem::Unpacked);
        let many = IntakeError::TooMany { what: "values", limit: 1 };
        assert_eq!(problem_with(&many), Problem::TooLong);
    }
}
