//! Comma-separated files: our own (documented in `docs/formats.md`), those that utilities' portals offer, and two water
//! head ends'. Which one it is, the header says.

use std::cell::Cell;
use std::io::{BufRead, Read};

use domain::calendar::Zone;
use domain::quantity::Direction;

mod head_ends;
mod ours;
mod portals;
mod rows;
mod values;

use rows::Rows;

use crate::block::{Flow, IntakeError};
use crate::bounds::Bounded;
use crate::data::ChannelData;
use crate::findings::Findings;

/// The columns of our own format.
pub const OWN: &str = "meter,commodity,direction,unit,start,seconds,value,quality";

/// The columns of what a resident downloads.
pub const DOWNLOAD: &str = "service,start,end,start_utc,used,sent_back,unit,quality,cost_usd";

/// The columns of what is handed out meter by meter.
pub const BY_METER: &str = "service,meter,direction,start,end,start_utc,amount,unit,quality,method,version,file,sender,format,\
                            arrived_utc,kind";

/// The most values of a single customer's file on its way into the database: thirty years of quarter-hours of two meters.
const MOST_OF_ONE: usize = 2_200_000;

/// Takes channels, and what was odd, as they are read.
pub(crate) type Give<'a> = dyn FnMut(Vec<ChannelData>, Findings) -> Flow + 'a;

/// Reads a file and says of which kind it is. Rows of our own format and of head ends are handed on whenever there are `portion`
/// of them; those of portals at the end, since their lengths are known only then.
///
/// # Errors
/// If its header is of no known kind; bad rows are findings.
pub(crate) fn read(
    input: &mut dyn BufRead,
    zone: &Zone,
    portion: usize,
    give: &mut Give<'_>,
) -> Result<&'static str, IntakeError> {
    let length = Cell::new(0);
    let last = Cell::new(b'\n');
    let watched = Watched { inner: Bounded::new(input, &length), last: &last };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(watched);
    let mut rows = Rows::new(zone);
    let mut shape: Option<Shape> = None;
    let mut header = String::new();
    let mut name = None;
    let mut record = csv::StringRecord::new();
    let mut last_line = None;
    loop {
        length.set(0);
        rows.check()?;
        // What is taken in portions may be a city's; what is not is one customer's.
        if portion < usize::MAX && rows.len() > MOST_OF_ONE {
            return Err(IntakeError::TooMany { what: "values", limit: MOST_OF_ONE });
        }
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => {
                let line = e.position().map(csv::Position::line);
                match e.into_kind() {
                    // The stream itself has ended badly: there is no next line to go on with.
                    csv::ErrorKind::Io(error) => return Err(IntakeError::Io(error)),
                    kind => {
                        let message = format!("not a line of CSV: {kind:?}");
                        rows.findings.add(line, "fields", || message);
                    }
                }
                continue;
            }
        }
        let line = record.position().map(csv::Position::line);
        last_line = line;
        let fields: Vec<String> =
            record.iter().map(|f| f.replace('\u{a0}', " ").trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        if let Some(found) = Shape::of(&fields) {
            name.get_or_insert(found.name());
            shape = Some(found);
            header = line_of(&record);
            rows.begin();
            continue;
        }
        let Some(shape) = &shape else { continue };
        if fields.iter().all(|f| f.is_empty()) || (fields.len() == 1 && !fields[0].contains("to")) {
            continue;
        }
        match shape.row(&fields, &mut rows) {
            Ok(()) => {}
            Err(message) => rows.findings.refuse(line, "row", message, || format!("{header}{}", line_of(&record))),
        }
        // So that every row that is refused is kept.
        let full = rows.len() >= portion || (portion < usize::MAX && rows.findings.is_full());
        if full && !shape.needs_whole() {
            let channels = rows.drain();
            if give(channels, std::mem::take(&mut rows.findings)) == Flow::Stop {
                return Ok(shape.name());
            }
        }
    }
    // Exports of portals often have no line end at all after their last row; the others always do.
    if !matches!(last.get(), b'\n' | b'\r')
        && matches!(shape, Some(Shape::Own | Shape::Plain | Shape::Download | Shape::ByMeter))
    {
        rows.findings
            .add(last_line, "no-end", || "the last row has no line end: the file may be cut off in it".to_owned());
    }
    let Some(name) = name else {
        return Err(IntakeError::NoUsage(format!(
            "the file is CSV, but no header of it is known; our own format begins with {OWN}"
        )));
    };
    let channels = rows.drain();
    give(channels, rows.findings);
    Ok(name)
}

/// The most that is kept of a row that is refused: no row of a usage file is as long.
const LONGEST_ROW: usize = 4_096;

/// A row as a line of CSV; of one that is longer than any, its beginning.
fn line_of(record: &csv::StringRecord) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(record).ok().and_then(|()| writer.into_inner().ok());
    let mut text = written.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    if text.len() > LONGEST_ROW {
        text.truncate(text.floor_char_boundary(LONGEST_ROW));
    }
    text
}

/// Keeps the last byte that was read.
struct Watched<'c, R> {
    inner: R,
    last: &'c Cell<u8>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if let Some(byte) = buffer[..n].last() {
            self.last.set(*byte);
        }
        Ok(n)
    }
}

/// The kinds of files, by their headers.
enum Shape {
    Own,
    /// What is downloaded from this portal: all meters of a service together.
    Download,
    /// What is handed out meter by meter.
    ByMeter,
    Plain,
    /// Southern California Edison: a range and a value in each row.
    Edison(Direction),
    /// Opower's export (PG&E, ComEd and others): the columns by name.
    Opower(Vec<String>),
    /// San Diego Gas & Electric.
    SanDiego,
    Beacon(Vec<String>),
    Itron,
}

impl Shape {
    fn of(fields: &[&str]) -> Option<Self> {
        // No header begins with a number, and most rows do.
        if fields.first().is_some_and(|f| f.starts_with(|c: char| c.is_ascii_digit())) {
            return None;
        }
        let lower: Vec<String> = fields.iter().map(|f| f.to_ascii_lowercase()).collect();
        let starts = |names: &[&str]| names.iter().enumerate().all(|(i, n)| lower.get(i).is_some_and(|f| f == n));
        let owned = || fields.iter().map(|f| (*f).to_owned()).collect();
        if lower.join(",") == OWN {
            Some(Self::Own)
        } else if lower.join(",") == DOWNLOAD {
            Some(Self::Download)
        } else if lower.join(",") == BY_METER {
            Some(Self::ByMeter)
        } else if lower.len() == 2 && lower[0] == "start" && lower[1] == "value" {
            Some(Self::Plain)
        } else if lower.first().is_some_and(|f| f.ends_with("time period")) {
            Some(Self::Edison(if lower[0].contains("received") { Direction::Received } else { Direction::Delivered }))
        } else if starts(&["type", "date"]) {
            Some(Self::Opower(lower))
        } else if starts(&["meter number", "date", "start time", "duration"]) {
            Some(Self::SanDiego)
        } else if lower.iter().any(|f| f == "flow_time") {
            Some(Self::Beacon(owned()))
        } else if starts(&["timestamp", "read_value", "meter_serial_number"]) {
            Some(Self::Itron)
        } else {
            None
        }
    }

    /// Whether the lengths of its values are known only at its end.
    const fn needs_whole(&self) -> bool {
        matches!(self, Self::Plain | Self::Edison(_) | Self::Opower(_) | Self::SanDiego)
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Own => "csv",
            Self::Download => "download-csv",
            Self::ByMeter => "meters-csv",
            Self::Plain => "csv-plain",
            Self::Edison(_) => "csv-sce",
            Self::Opower(_) => "csv-opower",
            Self::SanDiego => "csv-sdge",
            Self::Beacon(_) => "csv-beacon",
            Self::Itron => "csv-itron",
        }
    }

    fn row(&self, fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
        match self {
            Self::Own => ours::own(fields, rows),
            Self::Download => ours::download(fields, rows),
            Self::ByMeter => ours::by_meter(fields, rows),
            Self::Plain => portals::plain(fields, rows),
            Self::Edison(way) => portals::edison(*way, fields, rows),
            Self::Opower(columns) => portals::opower(columns, fields, rows),
            Self::SanDiego => portals::san_diego(fields, rows),
            Self::Beacon(columns) => head_ends::beacon(columns, fields, rows),
            Self::Itron => head_ends::itron(fields, rows),
        }
    }
}
