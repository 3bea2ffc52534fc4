//! Green Button files: Atom feeds of NAESB ESPI resources, versions 1.x to 4.0, as real custodians write them.
//!
//! Elements are known by their local names, never by prefix; links are matched by string equality, never by shape. Files
//! without links, with a capital `S` in `ServiceDeliveryPoint`, with fractional or padded numbers and with repeated starts
//! are read; `assemble` brings them together. No DTD, no entities beyond the five of XML itself.

use std::cell::Cell;
use std::io::BufRead;

use domain::metering::Quality;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

mod assemble;

use assemble::{Block, Links, ReadingType, Resources, UsagePoint, length, quality, shorten, whole};

use crate::block::IntakeError;
use crate::bounds::{self, Bounded, ENDLESS, LONGEST};
use crate::data::{ChannelData, Point, is_plausible};
use crate::findings::Findings;

/// Elements nest about ten deep in the standard.
const DEEPEST: usize = 64;

/// So many bytes of links and entries are kept: half a million entries of usual length.
const MOST_KEPT: usize = 128 << 20;

/// A feed's channels and what was odd about it.
#[derive(Debug, Default)]
pub struct Feed {
    /// By meter reading, in the order of the file.
    pub channels: Vec<ChannelData>,
    /// What was odd.
    pub findings: Findings,
    /// The standard offset from UTC in seconds that the file states for display.
    pub offset: Option<i32>,
}

/// Reads a feed.
///
/// # Errors
/// If it is no Green Button feed, is cut off, or brings a DTD.
pub fn read(input: &mut dyn BufRead) -> Result<Feed, IntakeError> {
    let mut parser = Parser::default();
    let length = Cell::new(0);
    let mut reader = Reader::from_reader(Bounded::new(input, &length));
    let mut buffer = Vec::new();
    let mut line = 1;
    loop {
        buffer.clear();
        length.set(0);
        if parser.text.len() as u64 > LONGEST {
            return Err(IntakeError::Format(ENDLESS.to_owned()));
        }
        bounds::check(0, parser.values)?;
        let event = reader.read_event_into(&mut buffer).map_err(|e| unread(e, reader.error_position(), line))?;
        let bad_text = |_| IntakeError::Format("the text is not UTF-8".into()).at(line);
        let lines = event.iter().filter(|b| **b == b'\n').count() as u64;
        match event {
            Event::DocType(_) => {
                return Err(IntakeError::Unsafe(
                    "the file brings a document type (DTD), which usage files never need and which is not read".into(),
                ));
            }
            Event::Start(e) => {
                let name = parser.start(&e).map_err(|e| e.at(line))?;
                parser.path.push(name);
                if parser.path.len() > DEEPEST {
                    return Err(IntakeError::Unsafe(format!("elements nest more than {DEEPEST} deep")));
                }
            }
            Event::Empty(e) => {
                let name = parser.start(&e).map_err(|e| e.at(line))?;
                parser.end(&name);
            }
            Event::Text(t) => {
                let text = t.decode().map_err(bad_text)?;
                parser.text.push_str(&text);
            }
            Event::CData(c) => {
                let text = c.decode().map_err(bad_text)?;
                parser.text.push_str(&text);
            }
            Event::GeneralRef(r) => {
                let name = r.decode().map_err(bad_text)?;
                let stands_for = match name.as_ref() {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => r
                        .resolve_char_ref()
                        .map_err(|e| IntakeError::Format(format!("`&{name};` is damaged: {e}")).at(line))?,
                };
                parser.text.push(stands_for.ok_or_else(|| {
                    IntakeError::Unsafe(format!("the file uses an entity `{name}`, which is not read"))
                })?);
            }
            Event::End(_) => {
                if let Some(name) = parser.path.pop() {
                    parser.end(&name);
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        line += lines;
    }
    if !parser.path.is_empty() {
        return Err(IntakeError::CutOff("the file ends in the middle; it is cut off".into()));
    }
    if !parser.espi {
        return Err(IntakeError::NoUsage(
            "this XML is no Green Button feed: nothing in it is of the namespace http://naesb.org/espi".into(),
        ));
    }
    let mut findings = parser.findings;
    let channels = parser.resources.channels(&mut findings)?;
    Ok(Feed { channels, findings, offset: parser.offset })
}

/// Why the XML cannot be read on.
fn unread(error: quick_xml::Error, byte: u64, line: u64) -> IntakeError {
    use quick_xml::errors::{IllFormedError, SyntaxError};
    match error {
        quick_xml::Error::IllFormed(IllFormedError::MissingEndTag(_)) | quick_xml::Error::Io(_) => {
            IntakeError::CutOff(format!("the XML is cut off at byte {byte}: {error}"))
        }
        // What was begun is sought until the end of the file.
        quick_xml::Error::Syntax(begun) if begun != SyntaxError::InvalidBangMarkup => {
            IntakeError::CutOff(format!("the XML is cut off at byte {byte}: {begun}"))
        }
        other => IntakeError::Line { line, message: format!("the XML is damaged at byte {byte}: {other}") },
    }
}

/// What one entry holds.
#[derive(Debug, Default)]
struct Entry {
    links: Links,
    usage_point: Option<UsagePoint>,
    meter_reading: bool,
    reading_type: Option<ReadingType>,
    blocks: Vec<Vec<Point>>,
}

#[derive(Debug, Default)]
struct Parser {
    path: Vec<String>,
    text: String,
    espi: bool,
    entry: Entry,
    reading: Reading,
    resources: Resources,
    offset: Option<i32>,
    findings: Findings,
    values: usize,
    /// Bytes of links and entries.
    kept: usize,
}

#[derive(Debug, Default)]
struct Reading {
    start: Option<i64>,
    duration: Option<i64>,
    value: Option<i64>,
    cost: Option<i64>,
    quality: Option<i64>,
}

impl Parser {
    /// Counts what is kept of links and entries.
    ///
    /// # Errors
    /// If it is too much.
    fn keep(&mut self, bytes: usize) -> Result<(), IntakeError> {
        self.kept += bytes;
        if self.kept > MOST_KEPT {
            return Err(IntakeError::TooMany { what: "bytes of links and entries", limit: MOST_KEPT });
        }
        Ok(())
    }

    fn start(&mut self, e: &BytesStart<'_>) -> Result<String, IntakeError> {
        self.text.clear();
        let bad = |_| IntakeError::Format("a name in the file is not UTF-8".to_owned());
        let name = std::str::from_utf8(e.local_name().as_ref()).map_err(bad)?.to_owned();
        let mut link = (None, None);
        for attribute in e.attributes().with_checks(false) {
            let attribute = attribute.map_err(|e| IntakeError::Format(format!("an attribute is damaged: {e}")))?;
            let value = || match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => Ok(value.into_owned()),
                Err(e) => Err(IntakeError::Format(format!("an attribute is damaged: {e}"))),
            };
            match attribute.key.as_ref() {
                b"rel" => link.0 = Some(value()?),
                b"href" => link.1 = Some(value()?),
                key if key.starts_with(b"xmlns") => self.espi |= value()?.starts_with("http://naesb.org/espi"),
                _ => {}
            }
        }
        match name.as_str() {
            "entry" => {
                self.entry = Entry::default();
                self.keep(200)?;
            }
            "link" => {
                if let (Some(rel), Some(href)) = link {
                    self.keep(24 + href.len())?;
                    let links = &mut self.entry.links;
                    match rel.as_str() {
                        "self" => links.this = Some(href),
                        "up" => links.up = Some(href),
                        "related" => links.related.push(href),
                        _ => {}
                    }
                }
            }
            "UsagePoint" => self.entry.usage_point = Some(UsagePoint::default()),
            "MeterReading" => self.entry.meter_reading = true,
            "ReadingType" => self.entry.reading_type = Some(ReadingType::default()),
            "IntervalBlock" => {
                self.entry.blocks.push(Vec::new());
                let links = &self.entry.links;
                // Each block takes its entry's links along.
                self.keep(100 + links.this.as_ref().map_or(0, String::len) + links.up.as_ref().map_or(0, String::len))?;
            }
            "IntervalReading" => self.reading = Reading::default(),
            "ServiceDeliveryPoint" => self.note(
                "capital-letter",
                "`ServiceDeliveryPoint` is written with a capital S; the standard writes serviceDeliveryPoint",
            ),
            _ => {}
        }
        Ok(name)
    }

    fn note(&mut self, code: &'static str, message: &str) {
        self.findings.once(code, message);
    }

    fn inside(&self, name: &str) -> bool {
        self.path.iter().any(|p| p == name)
    }

    fn end(&mut self, name: &str) {
        let text = std::mem::take(&mut self.text);
        let number = || whole(&text);
        if self.inside("IntervalReading") {
            let slot = match name {
                "start" => &mut self.reading.start,
                "duration" => &mut self.reading.duration,
                "value" => &mut self.reading.value,
                "cost" => &mut self.reading.cost,
                "quality" => &mut self.reading.quality,
                _ => return,
            };
            *slot = number();
            if slot.is_none() && !text.trim().is_empty() {
                self.findings.add(None, "number", || {
                    format!("the {name} `{}` of a reading is not a whole number that can be kept", shorten(&text))
                });
            }
            return;
        }
        if self.inside("ReadingType") {
            if let Some(reading_type) = &mut self.entry.reading_type {
                reading_type.set(name, &text);
            }
            return;
        }
        match name {
            "IntervalReading" => self.take_reading(),
            "kind" if self.inside("ServiceCategory") => {
                if let Some(point) = &mut self.entry.usage_point {
                    point.kind = number();
                }
            }
            "tzOffset" => self.offset = number().and_then(|n| i32::try_from(n).ok()),
            "entry" => self.take_entry(),
            _ => {}
        }
    }

    fn take_reading(&mut self) {
        let r = std::mem::take(&mut self.reading);
        let Some(block) = self.entry.blocks.last_mut() else { return };
        let (Some(start), Some(value)) = (r.start, r.value) else {
            self.note("incomplete-reading", "a reading has no start or no value and is left out");
            return;
        };
        if !is_plausible(start) {
            self.findings.add(None, "time", || {
                format!("a reading starts {start} seconds after 1970, which is not in the years 1990 to 2100; it is left out")
            });
            return;
        }
        // A duration that cannot be is left to the reading type's interval length.
        let seconds = r.duration.and_then(length);
        if let (Some(duration), None) = (r.duration, seconds) {
            self.findings.add(None, "interval", || {
                format!("a reading lasts {duration} seconds; it was taken to last as long as its reading type says")
            });
        }
        let seconds = seconds.unwrap_or(u32::MAX);
        // What is not said is left to the reading type's default.
        let quality = r.quality.map_or(Quality::Missing, quality);
        self.values += 1;
        block.push(Point { start, seconds, value, quality, cost: r.cost });
    }

    fn take_entry(&mut self) {
        let Entry { links, usage_point, meter_reading, reading_type, blocks } = std::mem::take(&mut self.entry);
        let resources = &mut self.resources;
        for readings in blocks {
            let (this, up) = (links.this.clone(), links.up.clone());
            resources.blocks.push(Block { this, up, types_before: resources.reading_types.len(), readings });
        }
        if let Some(reading_type) = reading_type {
            resources.reading_types.push((links.this, reading_type));
        } else if let Some(point) = usage_point {
            resources.usage_points.push(UsagePoint { links, ..point });
        } else if meter_reading {
            resources.meter_readings.push(links);
        }
    }
}
