//! Which format a file is of, and reading it whole.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};

use domain::calendar::Zone;
use flate2::read::MultiGzDecoder;

use crate::block::{Channel, Flow, IntakeError, IntervalBlock, Problem, ProblemCode, Reading, RegisterBlock, Sink};
use crate::bounds::{ENDLESS, Endless};
use crate::data::{ChannelData, Collector, Finding, Kind, Point};
use crate::senders::Agreements;
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

/// The formats that are told apart by how a file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    GreenButton,
    Cmep,
    Nem12,
    Csv,
}

impl Format {
    /// The format of a file that begins so.
    fn of(head: &[u8]) -> Result<Self, IntakeError> {
        if head.is_empty() {
            return Err(IntakeError::Empty);
        }
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let text = String::from_utf8_lossy(&head[..head.len().min(4096)]);
        let start = text.trim_start();
        if head.iter().take(4096).any(|b| *b == 0) {
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
            Ok(Self::GreenButton)
        } else if start.starts_with("MEP") || start.starts_with("MLA") {
            Ok(Self::Cmep)
        } else if start.starts_with("100,NEM1") || start.starts_with("200,") {
            Ok(Self::Nem12)
        } else if start.lines().take(20).any(|l| l.contains(',')) {
            Ok(Self::Csv)
        } else {
            Err(IntakeError::Unknown)
        }
    }
}

/// Reads a whole file of any known format, gzipped or not.
///
/// # Errors
/// If it is empty, of no known format, damaged or larger than allowed; the message says what would be right.
pub fn load(input: impl Read, options: &Options) -> Result<Loaded, IntakeError> {
    unpacked(input, options.limit, |input| {
        let mut out = Collector::default();
        let format = match Format::of(input.fill_buf()?)? {
            Format::GreenButton => return green_button(input),
            Format::Cmep => {
                cmep::read(input, &options.zone, &mut out)?;
                CMEP
            }
            Format::Nem12 => {
                let ended = nem12::read(input, &mut out)?;
                out.check()?;
                if !ended {
                    out.findings.once("no-end", "the file has no 900 row; it may be cut off");
                }
                NEM12
            }
            Format::Csv => csv_files::read(input, &options.zone, usize::MAX, &mut |channels, findings| {
                (out.channels, out.findings) = (channels, findings);
                Flow::Go
            })?,
        };
        out.check()?;
        Ok(Loaded { format, channels: out.channels, findings: out.findings.into_vec(), offset: None })
    })
}

/// The word for CMEP.
pub const CMEP: &str = "cmep";
/// The word for NEM12 and NEM13.
pub const NEM12: &str = "nem12";
/// The word for all kinds of CSV.
pub const CSV: &str = "csv";
/// The largest Green Button feed that is streamed, unpacked: it is held whole, some half of its size in memory.
const LARGEST_FEED: u64 = 256 << 20;
/// Rows of CSV that are held at once.
const PORTION: usize = 100_000;
/// Values of a channel in one block.
const BLOCK: usize = 4096;
/// Findings that mean that something of the file was not taken; others are remarks.
const REFUSED: [&str; 5] = ["row", "fields", "number", "name", "text"];

/// The format of a file by how it begins, gzipped or not: `csv` stands for all kinds of CSV.
///
/// # Errors
/// If it is empty, of no known format or damaged; the message says what would be right.
pub fn format_of(input: impl Read) -> Result<&'static str, IntakeError> {
    unpacked(input, None, |input| {
        Ok(match Format::of(input.fill_buf()?)? {
            Format::GreenButton => "green-button",
            Format::Cmep => CMEP,
            Format::Nem12 => NEM12,
            Format::Csv => CSV,
        })
    })
}

/// Reads a file of any known format, gzipped or not, into a sink. What head ends send (CMEP, NEM12, our own
/// CSV, Beacon, Itron) is never held whole; the other formats are those of single customers.
///
/// # Errors
/// As [`load`]. What is wrong with a single record goes to the sink.
pub fn stream(input: impl Read, zone: &Zone, sink: &mut dyn Sink) -> Result<(), IntakeError> {
    stream_as_agreed(input, zone, &Agreements::default(), sink)
}

/// As [`stream`], each sender by what has been agreed with it.
///
/// # Errors
/// As [`stream`].
pub fn stream_as_agreed(
    input: impl Read,
    zone: &Zone,
    agreements: &Agreements,
    sink: &mut dyn Sink,
) -> Result<(), IntakeError> {
    unpacked(input, None, |input| {
        match Format::of(input.fill_buf()?)? {
            Format::Cmep => drop(cmep::read_as_agreed(input, zone, agreements, sink)?),
            Format::Nem12 => drop(nem12::read(input, sink)?),
            Format::Csv => drop(csv_files::read(input, zone, PORTION, &mut |channels, findings| {
                hand_on(&channels, findings.into_vec(), sink)
            })?),
            Format::GreenButton => {
                let input = Limited { inner: input, left: Some(LARGEST_FEED), limit: Some(LARGEST_FEED) };
                let loaded = green_button(&mut BufReader::with_capacity(1 << 16, input))?;
                hand_on(&loaded.channels, loaded.findings, sink);
            }
        }
        Ok(())
    })
}

fn green_button(input: &mut dyn BufRead) -> Result<Loaded, IntakeError> {
    let feed = greenbutton::read(input)?;
    Ok(Loaded {
        format: "green-button",
        channels: feed.channels,
        findings: feed.findings.into_vec(),
        offset: feed.offset,
    })
}

/// Gives a sink what was read whole.
fn hand_on(channels: &[ChannelData], findings: Vec<Finding>, sink: &mut dyn Sink) -> Flow {
    for c in channels {
        let channel = Channel {
            meter: &c.meter,
            sender: "",
            commodity: c.commodity,
            direction: c.direction,
            unit: c.unit,
            unit_text: &c.unit_text,
        };
        let (line, record, exponent) = (0, "", c.exponent);
        for points in c.points.chunk_by(|a, b| a.seconds == b.seconds).flat_map(|same| same.chunks(BLOCK)) {
            let seconds = points[0].seconds;
            let flow = if c.kind == Kind::Register {
                let read = |p: &Point| crate::Read { at: p.start, value: p.value, quality: p.quality };
                let reads: Vec<_> = points.iter().map(read).collect();
                sink.registers(&RegisterBlock { line, record, channel, exponent, reads: &reads })
            } else {
                let reading = |p: &Point| Reading { start: p.start, value: p.value, quality: p.quality };
                let readings: Vec<_> = points.iter().map(reading).collect();
                sink.intervals(&IntervalBlock { line, record, channel, seconds, exponent, readings: &readings })
            };
            if flow == Flow::Stop {
                return Flow::Stop;
            }
        }
    }
    for Finding { line, code, message, record } in findings.into_iter().filter(|f| REFUSED.contains(&f.code)) {
        let code = if code == "number" { ProblemCode::Number } else { ProblemCode::Fields };
        if sink.problem(&Problem { line: line.unwrap_or(0), code, message, record: &record }) == Flow::Stop {
            return Flow::Stop;
        }
    }
    Flow::Go
}

/// Reads what is in a file, gzipped or not.
fn unpacked<T>(
    input: impl Read,
    limit: Option<u64>,
    read: impl FnOnce(&mut dyn BufRead) -> Result<T, IntakeError>,
) -> Result<T, IntakeError> {
    let taken = Cell::new(0);
    let mut input = BufReader::with_capacity(1 << 18, Counted { inner: input, taken: &taken });
    let packed = input.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let done = if packed {
        let unpacked = Dense { inner: MultiGzDecoder::new(input), packed: &taken, given: 0 };
        let unpacked = Limited { inner: unpacked, left: limit, limit };
        read(&mut BufReader::with_capacity(1 << 18, unpacked))
    } else {
        let limited = Limited { inner: input, left: limit, limit };
        read(&mut BufReader::with_capacity(1 << 18, limited))
    };
    done.map_err(|e| match e {
        // The readers say where in what was unpacked they stood, which helps nobody: the packing itself ends too early.
        IntakeError::Io(ref error) if packed && BROKEN_OFF.iter().any(|why| error.to_string().contains(why)) => {
            IntakeError::CutOff(GZIP_CUT.to_owned())
        }
        IntakeError::CutOff(ref text) if packed && BROKEN_OFF.iter().any(|why| text.contains(why)) => {
            IntakeError::CutOff(GZIP_CUT.to_owned())
        }
        IntakeError::Io(error) => {
            if error.get_ref().is_some_and(|e| e.is::<Endless>()) {
                return IntakeError::Format(ENDLESS.to_owned());
            }
            if error.get_ref().is_some_and(|e| e.is::<Hollow>()) {
                return IntakeError::Unsafe(HOLLOW.to_owned());
            }
            let over = error.get_ref().and_then(|e| e.downcast_ref::<Over>()).map(|o| o.0);
            over.map_or_else(
                || IntakeError::CutOff(format!("the file is damaged or cut off: {error}")),
                |limit| IntakeError::TooLarge { limit },
            )
        }
        // The XML reader wraps the error of the stream into one of its own.
        IntakeError::CutOff(text) if text.contains(OVER) => {
            IntakeError::TooLarge { limit: limit.unwrap_or(LARGEST_FEED) }
        }
        IntakeError::CutOff(text) if text.contains(ENDLESS) => IntakeError::Format(ENDLESS.to_owned()),
        IntakeError::CutOff(text) if text.contains(HOLLOW) => IntakeError::Unsafe(HOLLOW.to_owned()),
        other => other,
    })
}

/// What is said of a gzip that is not whole.
const GZIP_CUT: &str = "the gzip file is cut off: it ends before what is packed in it does";
/// What the unpacker says of one.
const BROKEN_OFF: [&str; 2] = ["incomplete deflate stream", "unexpected end of file"];

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

/// Counts what is taken from a stream.
struct Counted<'c, R> {
    inner: R,
    taken: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + n as u64);
        Ok(n)
    }
}

/// How many times its packed size a file may come to. A feed packs to a tenth, one of nothing but zero readings to a
/// two-hundredth; the densest that gzip can do is a thousandth.
const DENSEST: u64 = 500;
/// Below this many bytes the density says nothing.
const LOOSE: u64 = 16 << 20;

const HOLLOW: &str = "the file unpacks to more than 500 times its size, which no usage file does";

#[derive(Debug, thiserror::Error)]
#[error("{HOLLOW}")]
struct Hollow;

/// Ends with an error once much more comes out than the packed bytes can honestly hold.
struct Dense<'c, R> {
    inner: R,
    packed: &'c Cell<u64>,
    given: u64,
}

impl<R: Read> Read for Dense<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.given += n as u64;
        if self.given > LOOSE && self.given / DENSEST > self.packed.get() {
            return Err(std::io::Error::other(Hollow));
        }
        Ok(n)
    }
}
