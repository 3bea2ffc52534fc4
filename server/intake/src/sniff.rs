//! Which format a file is of, and reading it whole.

use std::io::{BufRead, BufReader, Read};

use domain::calendar::Zone;
use flate2::read::MultiGzDecoder;

use crate::block::IntakeError;
use crate::bounds::{ENDLESS, Endless};
use crate::data::{ChannelData, Collector, Finding};
use crate::{cmep, csv_files, greenbutton, nem12};

/// How to read a file.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of local times, where the format does not say.
    pub zone: Zone,
    /// The most bytes that are taken, after unpacking; `None` for no limit.
    pub limit: Option<u64>,
}

/// A file's contents.
#[derive(Debug)]
pub struct Loaded {
    /// The format: `green-button`, `cmep`, `nem12`, `csv` and its kinds.
    pub format: &'static str,
    /// The channels.
    pub channels: Vec<ChannelData>,
    /// What was odd.
    pub findings: Vec<Finding>,
    /// The offset from UTC in seconds, without daylight saving, that the file states for display.
    pub offset: Option<i32>,
}

/// Reads a whole file of any known format, gzipped or not.
///
/// # Errors
/// If it is empty, of no known format, damaged or larger than allowed; the message says what would be right.
pub fn load(input: impl Read, options: &Options) -> Result<Loaded, IntakeError> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        let unpacked = Limited { inner: MultiGzDecoder::new(input), left: options.limit, limit: options.limit };
        plain(&mut BufReader::with_capacity(1 << 16, unpacked), options)
    } else {
        let limited = Limited { inner: input, left: options.limit, limit: options.limit };
        plain(&mut BufReader::with_capacity(1 << 16, limited), options)
    }
    .map_err(|e| match e {
        IntakeError::Io(error) => {
            if error.get_ref().is_some_and(|e| e.is::<Endless>()) {
                return IntakeError::Format(ENDLESS.to_owned());
            }
            let limit = error.get_ref().and_then(|e| e.downcast_ref::<Over>()).map(|o| o.0);
            limit.map_or_else(
                || IntakeError::Format(format!("the file is damaged or cut off: {error}")),
                |limit| IntakeError::TooLarge { limit },
            )
        }
        // The XML reader wraps the error of the stream into one of its own.
        IntakeError::Format(text) if text.contains(OVER) => IntakeError::TooLarge { limit: options.limit.unwrap_or(0) },
        IntakeError::Format(text) if text.contains(ENDLESS) => IntakeError::Format(ENDLESS.to_owned()),
        other => other,
    })
}

const OVER: &str = "holds more than is taken";

#[derive(Debug, thiserror::Error)]
#[error("the file {OVER}")]
struct Over(u64);

/// Ends with an error once more was read than is allowed.
struct Limited<R> {
    inner: R,
    left: Option<u64>,
    limit: Option<u64>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if let Some(left) = &mut self.left {
            match left.checked_sub(n as u64) {
                Some(rest) => *left = rest,
                None => return Err(std::io::Error::other(Over(self.limit.unwrap_or(0)))),
            }
        }
        Ok(n)
    }
}

fn plain(input: &mut dyn BufRead, options: &Options) -> Result<Loaded, IntakeError> {
    let head = input.fill_buf()?;
    if head.is_empty() {
        return Err(IntakeError::Empty);
    }
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = String::from_utf8_lossy(&head[..head.len().min(4096)]).into_owned();
    let start = text.trim_start();
    if head.iter().take(4096).filter(|b| **b == 0).count() > 0 {
        return Err(IntakeError::Binary);
    }
    if start.is_empty() && text.len() < 4096 {
        return Err(IntakeError::Empty);
    }
    let lower = start.to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return Err(IntakeError::WebPage);
    }
    if start.starts_with('<') {
        let feed = greenbutton::read(input)?;
        return Ok(Loaded {
            format: "green-button",
            channels: feed.channels,
            findings: feed.findings.into_vec(),
            offset: feed.offset,
        });
    }
    let mut out = Collector::default();
    let format = if start.starts_with("MEP") || start.starts_with("MLA") {
        cmep::read(input, &options.zone, &mut out)?;
        out.check()?;
        "cmep"
    } else if start.starts_with("100,NEM1") || start.starts_with("200,") {
        nem12::read(input, &mut out)?;
        "nem12"
    } else if start.lines().next().is_some_and(|l| l.contains(',')) || start.lines().take(20).any(|l| l.contains(',')) {
        csv_files::read(input, &options.zone, &mut out)?
    } else {
        return Err(IntakeError::Unknown);
    };
    Ok(Loaded { format, channels: out.channels, findings: out.findings.into_vec(), offset: None })
}
