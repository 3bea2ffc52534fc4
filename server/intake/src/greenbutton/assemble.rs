//! Brings the entries of a feed together: blocks of readings with their meter reading, its reading type and usage point. Links
//! are looked up in maps, so that a feed of very many entries takes no longer for each of them.

use std::collections::HashMap;

use domain::metering::Quality;
use domain::quantity::{Commodity, Direction, Unit};

use crate::block::IntakeError;
use crate::bounds;
use crate::data::{ChannelData, Kind, LONGEST_SECONDS, Point};
use crate::findings::Findings;

/// Where an entry is, and what it belongs to.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub this: Option<String>,
    pub up: Option<String>,
    pub related: Vec<String>,
}

/// A service at a place.
#[derive(Debug, Default)]
pub(super) struct UsagePoint {
    pub links: Links,
    /// The service, as a code of the standard.
    pub kind: Option<i64>,
}

/// What a reading type says, as codes of the standard.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadingType {
    accumulation: Option<i64>,
    commodity: Option<i64>,
    currency: Option<i64>,
    /// Of readings that do not say theirs.
    quality: Option<i64>,
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
    /// Takes what an element says.
    pub(super) fn set(&mut self, name: &str, text: &str) {
        let number = whole(text);
        match name {
            "accumulationBehaviour" => self.accumulation = number,
            "commodity" => self.commodity = number,
            "currency" => self.currency = number,
            "defaultQuality" => self.quality = number,
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

/// Readings as they stand together in the feed.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub this: Option<String>,
    pub up: Option<String>,
    /// How many reading types stand before it in the feed.
    pub types_before: usize,
    pub readings: Vec<Point>,
}

/// What the entries of a feed hold, each in the order of the feed.
#[derive(Debug, Default)]
pub(super) struct Resources {
    pub usage_points: Vec<UsagePoint>,
    pub meter_readings: Vec<Links>,
    /// With the address of each.
    pub reading_types: Vec<(Option<String>, ReadingType)>,
    pub blocks: Vec<Block>,
}

/// By address, the first entry in the feed that names it.
#[derive(Debug, Default)]
struct Index<'a>(HashMap<&'a str, usize>);

impl<'a> Index<'a> {
    fn of(entries: impl Iterator<Item = (usize, &'a String)>) -> Self {
        let mut index = HashMap::new();
        for (n, link) in entries {
            index.entry(link.as_str()).or_insert(n);
        }
        Self(index)
    }

    /// The first entry that names any of these addresses.
    fn first<'l>(&self, links: impl IntoIterator<Item = &'l String>) -> Option<usize> {
        links.into_iter().filter_map(|link| self.0.get(link.as_str()).copied()).min()
    }
}

fn related<'a>(links: impl Iterator<Item = &'a Links>) -> Index<'a> {
    Index::of(links.enumerate().flat_map(|(n, l)| l.related.iter().map(move |link| (n, link))))
}

impl Resources {
    /// The channels, by meter reading and reading type.
    ///
    /// # Errors
    /// If there are too many of them.
    pub(super) fn channels(mut self, findings: &mut Findings) -> Result<Vec<ChannelData>, IntakeError> {
        let blocks = std::mem::take(&mut self.blocks);
        let by_block = related(self.meter_readings.iter());
        let by_meter_reading = related(self.usage_points.iter().map(|p| &p.links));
        let types = Index::of(self.reading_types.iter().enumerate().filter_map(|(n, t)| Some((n, t.0.as_ref()?))));
        // The meter reading of each block, by its links; else the only one; else by the reading type last seen before it.
        let mut groups: Vec<(Option<usize>, Option<usize>, Vec<Point>)> = Vec::new();
        let mut group_of: HashMap<(Option<usize>, Option<usize>), usize> = HashMap::new();
        let mut unlinked = false;
        for Block { this, up, types_before, readings } in blocks {
            let linked = by_block.first(up.iter().chain(&this));
            unlinked |= linked.is_none();
            let reading = linked.or_else(|| (self.meter_readings.len() == 1).then_some(0));
            let reading_type = reading
                .and_then(|r| types.first(&self.meter_readings[r].related))
                .or_else(|| types_before.checked_sub(1))
                .or_else(|| (!self.reading_types.is_empty()).then_some(0));
            let group = *group_of.entry((reading, reading_type)).or_insert_with(|| {
                groups.push((reading, reading_type, Vec::new()));
                groups.len() - 1
            });
            groups[group].2.extend(readings);
            bounds::check(groups.len(), 0)?;
        }
        if unlinked {
            findings.once(
                "links",
                "blocks of readings do not link to their meter reading; they were taken in the order of the file",
            );
        }
        let mut channels = Vec::with_capacity(groups.len());
        let mut refused = false;
        for (reading, reading_type, points) in groups {
            let links = reading.map(|r| &self.meter_readings[r]);
            let usage_point = links
                .and_then(|l| by_meter_reading.first(&l.up))
                .or_else(|| (self.usage_points.len() == 1).then_some(0))
                .map(|n| &self.usage_points[n]);
            let of_type = reading_type.map(|t| self.reading_types[t].1.clone()).unwrap_or_default();
            match channel(links, usage_point, of_type, points, findings) {
                Some(channel) => channels.push(channel),
                None => refused = true,
            }
        }
        if !refused && channels.iter().all(|c: &ChannelData| c.points.is_empty()) {
            findings.once("no-readings", "the file describes a meter but holds no readings: there is nothing to draw");
        }
        Ok(channels)
    }
}

/// A channel of these readings; `None`, with a finding, where their power of ten is none.
fn channel(
    links: Option<&Links>,
    usage_point: Option<&UsagePoint>,
    of_type: ReadingType,
    mut points: Vec<Point>,
    findings: &mut Findings,
) -> Option<ChannelData> {
    let meter = usage_point.and_then(|p| p.links.this.clone()).or_else(|| links.and_then(|l| l.this.clone()));
    let service = usage_point.and_then(|p| p.kind);
    let of_service = match service {
        Some(0) => Some(Commodity::Electricity),
        Some(1) => Some(Commodity::Gas),
        Some(2) => Some(Commodity::Water),
        _ => None,
    };
    let own = match of_type.commodity {
        Some(1 | 2) => Some(Commodity::Electricity),
        Some(7) => Some(Commodity::Gas),
        Some(9) => Some(Commodity::Water),
        _ => None,
    };
    if own.is_some() && of_service.is_some() && own != of_service {
        findings.once(
            "service-mismatch",
            "the usage point says another service than the readings; the readings were believed",
        );
    }
    if own == Some(Commodity::Water) && of_type.kind == Some(12) {
        findings.once("water-kind", "water is declared as energy (kind 12); it should be a volume (kind 58)");
    }
    let (unit, scale) = unit_of(of_type.uom);
    let exponent = match of_type.multiplier {
        Multiplier::Known(n) => n + scale,
        Multiplier::Bad(text) => {
            let n = points.len();
            findings.add(None, "multiplier", || {
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
        if p.quality == Quality::Missing {
            p.quality = of_type.quality.map_or(Quality::Raw, quality);
        }
    }
    let register = matches!(of_type.accumulation, Some(1 | 3 | 9));
    let mut channel = ChannelData {
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
        kind: if register { Kind::Register } else { Kind::Interval },
        exponent,
        currency: points.iter().any(|p| p.cost.is_some()).then(|| currency(of_type.currency)).flatten(),
        points,
    };
    if !register {
        channel.settle_kind();
    }
    Some(channel)
}

/// How a value is known, from the standard's code.
pub(super) const fn quality(code: i64) -> Quality {
    match code {
        8 | 9 | 11 | 12 => Quality::Estimated,
        7 => Quality::Edited,
        10 => Quality::Questionable,
        17 | 19 => Quality::Validated,
        18 => Quality::Verified,
        _ => Quality::Raw,
    }
}

/// A whole number as real files write it: padded, or with a fraction that is cut off.
pub(super) fn whole(text: &str) -> Option<i64> {
    let t = text.trim();
    let t = t.split_once('.').map_or(t, |(w, _)| w);
    t.parse().ok()
}

/// A length in seconds, where it can be one.
pub(super) fn length(seconds: i64) -> Option<u32> {
    u32::try_from(seconds).ok().filter(|s| *s <= LONGEST_SECONDS)
}

/// Enough of a text to recognise it by.
pub(super) fn shorten(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(i, _)| &text[..i])
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
