//! Green Button files: Atom feeds of NAESB ESPI resources, versions 1.x to 4.0, as real custodians write them.
//!
//! Elements are known by their local names, never by prefix; links are matched by string equality, never by shape. Files
//! without links, with a capital `S` in `ServiceDeliveryPoint`, with fractional or padded numbers and with repeated starts
//! are read. No DTD, no entities beyond the five of XML itself.

use std::io::BufRead;

use domain::metering::Quality;
use domain::quantity::{Commodity, Direction, Unit};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::block::IntakeError;
use crate::data::{ChannelData, Kind, LONGEST_SECONDS, Point, is_plausible, kind_of};
use crate::findings::Findings;

/// Elements nest about ten deep in the standard.
const DEEPEST: usize = 64;

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
    let mut reader = Reader::from_reader(input);
    reader.config_mut().trim_text(true);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|e| {
            let at = reader.error_position();
            IntakeError::Format(format!("the XML is damaged or cut off at byte {at}: {e}"))
        })?;
        match event {
            Event::DocType(_) => {
                return Err(IntakeError::Format(
                    "the file brings a document type (DTD), which usage files never need and which is not read".into(),
                ));
            }
            Event::Start(e) => {
                let name = parser.start(&e)?;
                parser.path.push(name);
                if parser.path.len() > DEEPEST {
                    return Err(IntakeError::Format(format!("elements nest more than {DEEPEST} deep")));
                }
            }
            Event::Empty(e) => {
                let name = parser.start(&e)?;
                parser.end(&name);
            }
            Event::Text(t) => {
                let text = t.decode().map_err(|_| IntakeError::Format("the text is not UTF-8".into()))?;
                parser.text.push_str(&text);
            }
            Event::GeneralRef(r) => {
                let name = r.decode().map_err(|_| IntakeError::Format("the text is not UTF-8".into()))?;
                parser.text.push_str(match name.as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    other if other.starts_with('#') => "",
                    other => {
                        return Err(IntakeError::Format(format!(
                            "the file uses an entity `{other}`, which is not read"
                        )));
                    }
                });
            }
            Event::End(_) => {
                if let Some(name) = parser.path.pop() {
                    parser.end(&name);
                }
            }
            Event::Eof => break,
            Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if !parser.path.is_empty() {
        return Err(IntakeError::Format("the file ends in the middle; it is cut off".into()));
    }
    if !parser.espi {
        return Err(IntakeError::Format(
            "this XML is no Green Button feed: nothing in it is of the namespace http://naesb.org/espi".into(),
        ));
    }
    Ok(parser.finish())
}

#[derive(Debug, Default)]
struct Links {
    this: Option<String>,
    up: Option<String>,
    related: Vec<String>,
}

#[derive(Debug, Default)]
struct UsagePoint {
    links: Links,
    kind: Option<i64>,
}

/// What a reading type says, as codes of the standard.
#[derive(Clone, Debug, Default)]
struct ReadingType {
    accumulation: Option<i64>,
    commodity: Option<i64>,
    currency: Option<i64>,
    flow: Option<i64>,
    /// In seconds.
    length: Option<i64>,
    kind: Option<i64>,
    multiplier: Multiplier,
    uom: Option<i64>,
}

/// The power of ten of the values.
#[derive(Clone, Debug)]
enum Multiplier {
    /// One of those that the standard knows.
    Known(i8),
    /// What stands there instead.
    Bad(String),
}

impl Default for Multiplier {
    fn default() -> Self {
        Self::Known(0)
    }
}

impl ReadingType {
    fn set(&mut self, name: &str, text: &str) {
        let number = whole(text);
        match name {
            "accumulationBehaviour" => self.accumulation = number,
            "commodity" => self.commodity = number,
            "currency" => self.currency = number,
            "flowDirection" => self.flow = number,
            "intervalLength" => self.length = number,
            "kind" => self.kind = number,
            // The standard goes from pico to tera. A wrong power of ten is worse than no values.
            "powerOfTenMultiplier" if !text.trim().is_empty() => {
                self.multiplier = match number.and_then(|n| i8::try_from(n).ok()).filter(|n| (-12..=12).contains(n)) {
                    Some(n) => Multiplier::Known(n),
                    None => Multiplier::Bad(shorten(text).to_owned()),
                };
            }
            "uom" => self.uom = number,
            _ => {}
        }
    }
}

#[derive(Debug, Default)]
struct Block {
    readings: Vec<Point>,
}

/// What one entry holds.
#[derive(Debug, Default)]
struct Entry {
    links: Links,
    usage_point: Option<UsagePoint>,
    meter_reading: bool,
    reading_type: Option<ReadingType>,
    blocks: Vec<Block>,
}

#[derive(Debug, Default)]
struct Parser {
    path: Vec<String>,
    text: String,
    espi: bool,
    entry: Entry,
    reading: Reading,
    usage_points: Vec<UsagePoint>,
    meter_readings: Vec<Links>,
    reading_types: Vec<(Option<String>, ReadingType)>,
    /// Blocks with their entry's links and the number of reading types before them in the file.
    blocks: Vec<(Option<String>, Option<String>, usize, Block)>,
    offset: Option<i32>,
    findings: Findings,
}

#[derive(Debug, Default)]
struct Reading {
    start: Option<i64>,
    duration: Option<i64>,
    value: Option<i64>,
    cost: Option<i64>,
    quality: Option<i64>,
}

/// A whole number as real files write it: padded, or with a fraction that is cut off.
fn whole(text: &str) -> Option<i64> {
    let t = text.trim();
    let t = t.split_once('.').map_or(t, |(w, _)| w);
    t.parse().ok()
}

/// A length in seconds, where it can be one.
fn length(seconds: i64) -> Option<u32> {
    u32::try_from(seconds).ok().filter(|s| *s <= LONGEST_SECONDS)
}

/// Enough of a text to recognise it by.
fn shorten(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(i, _)| &text[..i])
}

impl Parser {
    fn start(&mut self, e: &BytesStart<'_>) -> Result<String, IntakeError> {
        self.text.clear();
        let bad = |_| IntakeError::Format("a name in the file is not UTF-8".to_owned());
        let name = std::str::from_utf8(e.local_name().as_ref()).map_err(bad)?.to_owned();
        let mut link = (None, None);
        for attribute in e.attributes().with_checks(false) {
            let attribute = attribute.map_err(|e| IntakeError::Format(format!("an attribute is damaged: {e}")))?;
            let value = String::from_utf8_lossy(&attribute.value).into_owned();
            match attribute.key.as_ref() {
                b"rel" => link.0 = Some(value),
                b"href" => link.1 = Some(value),
                key if key.starts_with(b"xmlns") => self.espi |= value.starts_with("http://naesb.org/espi"),
                _ => {}
            }
        }
        match name.as_str() {
            "entry" => self.entry = Entry::default(),
            "link" => {
                if let (Some(rel), Some(href)) = link {
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
            "IntervalBlock" => self.entry.blocks.push(Block::default()),
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
        let quality = match r.quality {
            Some(8 | 9 | 11 | 12) => Quality::Estimated,
            Some(7) => Quality::Edited,
            Some(10) => Quality::Questionable,
            Some(17 | 19) => Quality::Validated,
            Some(18) => Quality::Verified,
            _ => Quality::Raw,
        };
        block.readings.push(Point { start, seconds, value, quality, cost: r.cost });
    }

    fn take_entry(&mut self) {
        let entry = std::mem::take(&mut self.entry);
        for block in entry.blocks {
            let (this, up) = (entry.links.this.clone(), entry.links.up.clone());
            self.blocks.push((this, up, self.reading_types.len(), block));
        }
        if let Some(reading_type) = entry.reading_type {
            self.reading_types.push((entry.links.this, reading_type));
        } else if let Some(point) = entry.usage_point {
            self.usage_points.push(UsagePoint { links: entry.links, ..point });
        } else if entry.meter_reading {
            self.meter_readings.push(entry.links);
        }
    }

    /// Brings blocks, meter readings, reading types and usage points together.
    fn finish(mut self) -> Feed {
        // The meter reading of each block, by its links; else the only one; else by the reading type last seen before it.
        let mut groups: Vec<(Option<usize>, Option<usize>, Vec<Point>)> = Vec::new();
        let mut unlinked = false;
        for (this, up, types_before, block) in std::mem::take(&mut self.blocks) {
            let related = |m: &Links| {
                let has = |l: &Option<String>| l.as_ref().is_some_and(|l| m.related.contains(l));
                has(&up) || has(&this)
            };
            let reading = match self.meter_readings.iter().position(related) {
                Some(found) => Some(found),
                None => {
                    unlinked = true;
                    (self.meter_readings.len() == 1).then_some(0)
                }
            };
            let reading_type = reading
                .and_then(|r| {
                    let links = &self.meter_readings[r].related;
                    self.reading_types.iter().position(|(this, _)| this.as_ref().is_some_and(|t| links.contains(t)))
                })
                .or_else(|| types_before.checked_sub(1))
                .or_else(|| (!self.reading_types.is_empty()).then_some(0));
            match groups.iter_mut().find(|g| g.0 == reading && g.1 == reading_type) {
                Some(group) => group.2.extend(block.readings),
                None => groups.push((reading, reading_type, block.readings)),
            }
        }
        if unlinked {
            self.note(
                "links",
                "blocks of readings do not link to their meter reading; they were taken in the order of the file",
            );
        }
        let mut feed = Feed { offset: self.offset, ..Feed::default() };
        let mut refused = false;
        for (reading, reading_type, points) in groups {
            match self.channel(reading, reading_type, points) {
                Some(channel) => feed.channels.push(channel),
                None => refused = true,
            }
        }
        if !refused && feed.channels.iter().all(|c| c.points.is_empty()) {
            self.note("no-readings", "the file describes a meter but holds no readings: there is nothing to draw");
        }
        feed.findings = self.findings;
        feed
    }

    fn channel(
        &mut self,
        reading: Option<usize>,
        reading_type: Option<usize>,
        mut points: Vec<Point>,
    ) -> Option<ChannelData> {
        let links = reading.map(|r| &self.meter_readings[r]);
        let usage_point = links
            .and_then(|l| l.up.as_ref())
            .and_then(|up| self.usage_points.iter().find(|p| p.links.related.contains(up)))
            .or_else(|| self.usage_points.first().filter(|_| self.usage_points.len() == 1));
        let meter = usage_point.and_then(|p| p.links.this.clone()).or_else(|| links.and_then(|l| l.this.clone()));
        let service = usage_point.and_then(|p| p.kind);
        let of_service = match service {
            Some(0) => Some(Commodity::Electricity),
            Some(1) => Some(Commodity::Gas),
            Some(2) => Some(Commodity::Water),
            _ => None,
        };
        let of_type = reading_type.map(|t| self.reading_types[t].1.clone()).unwrap_or_default();
        let own = match of_type.commodity {
            Some(1 | 2) => Some(Commodity::Electricity),
            Some(7) => Some(Commodity::Gas),
            Some(9) => Some(Commodity::Water),
            _ => None,
        };
        if own.is_some() && of_service.is_some() && own != of_service {
            self.note(
                "service-mismatch",
                "the usage point says another service than the readings; the readings were believed",
            );
        }
        if own == Some(Commodity::Water) && of_type.kind == Some(12) {
            self.note("water-kind", "water is declared as energy (kind 12); it should be a volume (kind 58)");
        }
        let (unit, scale) = unit_of(of_type.uom);
        let exponent = match of_type.multiplier {
            Multiplier::Known(n) => n + scale,
            Multiplier::Bad(text) => {
                let n = points.len();
                self.findings.add(None, "multiplier", || {
                    format!("powerOfTenMultiplier is `{text}`, not one of -12 to 12; the {n} readings are left out")
                });
                return None;
            }
        };
        let length = of_type.length.and_then(length);
        for p in &mut points {
            if p.seconds == u32::MAX {
                p.seconds = length.unwrap_or(0);
            }
        }
        let register = matches!(of_type.accumulation, Some(1 | 3 | 9));
        let longest = points.iter().map(|p| p.seconds).max().or(length).unwrap_or(3600);
        let commonest = points.first().map_or(longest, |p| p.seconds);
        let kind = if register { Kind::Register } else { kind_of(commonest) };
        Some(ChannelData {
            meter: meter.unwrap_or_default(),
            commodity: own.or(of_service),
            direction: match of_type.flow {
                Some(1) => Some(Direction::Delivered),
                Some(19) => Some(Direction::Received),
                Some(4) => Some(Direction::Net),
                _ => None,
            },
            unit,
            unit_text: of_type.uom.map(|u| format!("uom {u}")).unwrap_or_default(),
            kind,
            exponent,
            currency: points.iter().any(|p| p.cost.is_some()).then(|| currency(of_type.currency)).flatten(),
            points,
        })
    }
}

/// The unit of a code (ESPI `uom`), and the power of ten to add where we count in a larger one.
const fn unit_of(uom: Option<i64>) -> (Option<Unit>, i8) {
    match uom {
        Some(72) => (Some(Unit::KilowattHour), -3),
        Some(73) => (Some(Unit::KilovarHour), -3),
        Some(169) => (Some(Unit::Therm), 0),
        Some(132) => (Some(Unit::Btu), 0),
        Some(31) => (Some(Unit::Joule), 0),
        Some(119 | 120) => (Some(Unit::CubicFoot), 0),
        Some(42 | 166 | 167) => (Some(Unit::CubicMetre), 0),
        Some(128) => (Some(Unit::Gallon), 0),
        Some(134) => (Some(Unit::Litre), 0),
        _ => (None, 0),
    }
}

/// ISO 4217 by number.
const fn currency(code: Option<i64>) -> Option<&'static str> {
    match code {
        Some(840) => Some("USD"),
        Some(124) => Some("CAD"),
        Some(978) => Some("EUR"),
        Some(826) => Some("GBP"),
        Some(36) => Some("AUD"),
        _ => None,
    }
}
