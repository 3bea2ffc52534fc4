//! The feed: entries in the order in which they are given.

use std::collections::BTreeSet;
use std::io::Write;

use chrono::{NaiveDate, SecondsFormat, TimeDelta};
use domain::calendar::Instant;
use domain::money::FineAmount;

use crate::codes::{self, Scale, money};
use crate::ids::{urn, uuid};
use crate::xml::{Text, Xml, short};
use crate::{Channel, Head, LocalTime, Summary, UsagePoint, Value, WriteError};

/// The namespace of Atom, and the one of what the entries hold.
const ATOM: &str = " xmlns=\"http://www.w3.org/2005/Atom\"";
const ESPI: &str = " xmlns=\"http://naesb.org/espi\"";

/// A feed that is being written. A usage point or a channel without any reading is not written at all, since nothing may link
/// to what is not there.
#[derive(Debug)]
pub struct Feed<W> {
    xml: Xml<W>,
    now: Instant,
    /// Where resources are that belong to nobody.
    shared: String,
    /// Where those of the account are.
    own: String,
    /// Addresses of what was written and may be referred to again.
    written: BTreeSet<String>,
    point: Option<Point>,
    channel: Option<Open>,
}

/// The usage point that is being written.
#[derive(Debug)]
struct Point {
    address: String,
    since: Instant,
    commodity: domain::quantity::Commodity,
    /// The entry, until the first reading comes.
    waiting: Option<String>,
    local_time: (String, String, LocalTime),
}

/// The meter reading that is being written.
#[derive(Debug)]
struct Open {
    address: String,
    title: String,
    seconds: u32,
    scale: Scale,
    /// The reading type's address and entry, and the meter reading's entry, until the first reading comes.
    waiting: Option<(String, String, String)>,
}

fn time(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What Atom wants of each entry.
struct Entry<'a> {
    address: &'a str,
    up: &'a str,
    related: &'a [&'a str],
    title: &'a str,
    published: Instant,
    updated: Instant,
}

fn entry<W: Write>(
    xml: &mut Xml<W>,
    e: &Entry<'_>,
    content: impl FnOnce(&mut Xml<W>) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    xml.open("entry", "")?;
    xml.leaf("id", urn(e.address))?;
    xml.link("self", e.address)?;
    xml.link("up", e.up)?;
    for related in e.related {
        xml.link("related", related)?;
    }
    xml.leaf("title", Text(e.title))?;
    xml.open("content", " type=\"application/xml\"")?;
    content(xml)?;
    xml.close()?;
    xml.leaf("published", time(e.published))?;
    xml.leaf("updated", time(e.updated))?;
    xml.close()?;
    Ok(())
}

fn interval<W: Write>(xml: &mut Xml<W>, name: &'static str, from: Instant, to: Instant) -> Result<(), WriteError> {
    xml.open(name, "")?;
    xml.leaf("duration", (to - from).num_seconds())?;
    xml.leaf("start", from.timestamp())?;
    xml.close()?;
    Ok(())
}

/// An entry as text, to be written when it is needed.
fn aside(write: impl FnOnce(&mut Xml<Vec<u8>>) -> Result<(), WriteError>) -> Result<String, WriteError> {
    let mut xml = Xml::new(Vec::new());
    write(&mut xml)?;
    Ok(String::from_utf8_lossy(&xml.out).into_owned())
}

impl<W: Write> Feed<W> {
    /// Begins a feed.
    ///
    /// # Errors
    /// If the output does not take it.
    pub fn new(out: W, head: &Head<'_>) -> Result<Self, WriteError> {
        let shared = format!("{}/espi/1_1/resource", head.origin);
        // An address that says nothing about the account to whoever sees the file.
        let own = format!("{shared}/Subscription/{}", uuid(&format!("{shared}/account/{}", head.account)));
        let mut xml = Xml::new(out);
        xml.line(format_args!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))?;
        xml.open("feed", ATOM)?;
        xml.leaf("id", urn(&own))?;
        xml.leaf("title", Text(head.title))?;
        xml.leaf("updated", time(head.now))?;
        xml.link("self", &own)?;
        Ok(Self { xml, now: head.now, shared, own, written: BTreeSet::new(), point: None, channel: None })
    }

    /// Begins a service at a place; [`Feed::channel`] says what is metered there.
    ///
    /// # Errors
    /// If the output does not take it.
    pub fn usage_point(&mut self, p: &UsagePoint<'_>) -> Result<(), WriteError> {
        self.channel = None;
        let all = format!("{}/UsagePoint", self.own);
        let address = format!("{all}/{}", p.key);
        let zones = format!("{}/LocalTimeParameters", self.shared);
        let zone = format!("{zones}/{}", p.zone.name.replace('/', "-"));
        let (readings, summaries) = (format!("{address}/MeterReading"), format!("{address}/UsageSummary"));
        let mut related = vec![zone.as_str(), readings.as_str()];
        if p.summaries {
            related.push(&summaries);
        }
        let head = Entry {
            address: &address,
            up: &all,
            related: &related,
            title: p.title,
            published: p.since,
            updated: self.now,
        };
        let waiting = aside(|xml| {
            entry(xml, &head, |xml| {
                xml.open("UsagePoint", ESPI)?;
                xml.open("ServiceCategory", "")?;
                xml.leaf("kind", codes::service(p.commodity))?;
                xml.close()?;
                xml.leaf("status", u8::from(p.active))?;
                if let Some(tariff) = p.tariff {
                    xml.open("serviceDeliveryPoint", "")?;
                    xml.leaf("tariffProfile", Text(short(tariff)))?;
                    xml.close()?;
                }
                Ok(xml.close()?)
            })
        })?;
        let local_time = (zone, p.zone.name.clone(), LocalTime::of(p.zone, self.now));
        self.point =
            Some(Point { address, since: p.since, commodity: p.commodity, waiting: Some(waiting), local_time });
        Ok(())
    }

    /// Begins a channel of the usage point; [`Feed::block`] adds its readings.
    ///
    /// # Errors
    /// If the standard has no code for the unit, or the output does not take it.
    pub fn channel(&mut self, c: &Channel<'_>) -> Result<(), WriteError> {
        let Some(point) = &self.point else { return Ok(()) };
        let scale = Scale::of(c.unit, c.exponent)?;
        let commodity = point.commodity;
        let flow = codes::flow(c.direction);
        // The parts of its address are what tells one channel of a place from another. A finer meter goes on with it, but
        // under a reading type of its own.
        let length = if c.dial.is_some() { "dial".to_owned() } else { c.seconds.to_string() };
        let key = format!("{flow}-{length}-{}", scale.uom);
        let all = format!("{}/MeterReading", point.address);
        // Another meter's dial does not go on where this one's stopped.
        let address = c.dial.map_or_else(|| format!("{all}/{key}"), |dial| format!("{all}/{key}-{dial}"));
        let blocks = format!("{address}/IntervalBlock");
        let types = format!("{}/ReadingType", self.shared);
        let (power, priced) = (scale.multiplier, if c.costs { "-usd" } else { "" });
        let of_type = format!("{types}/{}-{key}-e{power}{priced}", codes::commodity(commodity));
        let (now, since) = (self.now, point.since);
        let type_head =
            Entry { address: &of_type, up: &types, related: &[], title: c.title, published: since, updated: now };
        let reading_type = aside(|xml| {
            entry(xml, &type_head, |xml| {
                xml.open("ReadingType", ESPI)?;
                xml.leaf("accumulationBehaviour", if c.dial.is_some() { codes::DIAL } else { codes::DELTA })?;
                xml.leaf("commodity", codes::commodity(commodity))?;
                if c.costs {
                    xml.leaf("currency", codes::DOLLARS)?;
                }
                xml.leaf("dataQualifier", codes::NORMAL)?;
                if let Some(usual) = codes::quality(codes::USUAL) {
                    xml.leaf("defaultQuality", usual)?;
                }
                xml.leaf("flowDirection", flow)?;
                if c.dial.is_none() {
                    xml.leaf("intervalLength", c.seconds)?;
                }
                xml.leaf("kind", codes::measurement(c.unit))?;
                xml.leaf("phase", codes::phase(commodity))?;
                xml.leaf("powerOfTenMultiplier", scale.multiplier)?;
                xml.leaf("timeAttribute", 0)?;
                xml.leaf("uom", scale.uom)?;
                xml.leaf("measuringPeriod", codes::measuring_period(c.seconds))?;
                Ok(xml.close()?)
            })
        })?;
        let related = [of_type.as_str(), blocks.as_str()];
        let head =
            Entry { address: &address, up: &all, related: &related, title: c.title, published: since, updated: now };
        let meter_reading = aside(|xml| entry(xml, &head, |xml| Ok(xml.line(format_args!("<MeterReading{ESPI}/>"))?)))?;
        self.channel = Some(Open {
            address,
            title: c.title.to_owned(),
            seconds: c.seconds,
            scale,
            waiting: Some((of_type, reading_type, meter_reading)),
        });
        Ok(())
    }

    /// The readings of a channel on one local day, in order; nothing where there are none.
    ///
    /// # Errors
    /// If a number is too large for the standard, or the output does not take it.
    pub fn block(&mut self, day: NaiveDate, values: &[Value]) -> Result<(), WriteError> {
        let known = || values.iter().filter_map(|v| Some((v, codes::quality(v.quality)?)));
        let (Some((first, _)), Some((last, _))) = (known().next(), known().next_back()) else { return Ok(()) };
        self.introduce()?;
        let Some(open) = &self.channel else { return Ok(()) };
        let length = TimeDelta::seconds(i64::from(open.seconds));
        let (from, to) = (first.start, last.start + length);
        let all = format!("{}/IntervalBlock", open.address);
        let address = format!("{all}/{day}");
        let title = format!("{}, {day}", open.title);
        let head = Entry { address: &address, up: &all, related: &[], title: &title, published: to, updated: self.now };
        let (seconds, scale) = (open.seconds, open.scale);
        entry(&mut self.xml, &head, |xml| {
            xml.open("IntervalBlock", ESPI)?;
            interval(xml, "interval", from, to)?;
            for (v, quality) in known() {
                let value = scale.number(v.value)?;
                let start = v.start.timestamp();
                let cost = v.cost.map(|FineAmount(c)| money(Some(c))).transpose()?;
                let cost = cost.map(|c| format!("<cost>{c}</cost>")).unwrap_or_default();
                let differs = v.quality != codes::USUAL;
                let said = format!("<ReadingQuality><quality>{quality}</quality></ReadingQuality>");
                let said = if differs { said.as_str() } else { "" };
                xml.line(format_args!(
                    "<IntervalReading>{cost}{said}<timePeriod><duration>{seconds}</duration><start>{start}</start>\
                     </timePeriod><value>{value}</value></IntervalReading>"
                ))?;
            }
            Ok(xml.close()?)
        })
    }

    /// What a bill says of the usage point's service. Left out where the usage point has no readings.
    ///
    /// # Errors
    /// If a number is too large for the standard, or the output does not take it.
    pub fn summary(&mut self, s: &Summary<'_>) -> Result<(), WriteError> {
        let Some(point) = self.point.as_ref().filter(|p| p.waiting.is_none()) else { return Ok(()) };
        let all = format!("{}/UsageSummary", point.address);
        let address = if s.part == 0 { format!("{all}/{}", s.key) } else { format!("{all}/{}-{}", s.key, s.part) };
        let commodity = codes::commodity(point.commodity);
        let head =
            Entry { address: &address, up: &all, related: &[], title: s.title, published: s.issued, updated: s.issued };
        let total = money(s.total.0.checked_mul(FineAmount::PER_CENT))?;
        entry(&mut self.xml, &head, |xml| {
            xml.open("UsageSummary", ESPI)?;
            interval(xml, "billingPeriod", s.period.0, s.period.1)?;
            xml.leaf("billLastPeriod", total)?;
            xml.leaf("costAdditionalLastPeriod", total)?;
            for line in s.lines {
                xml.open("costAdditionalDetailLastPeriod", "")?;
                xml.leaf("amount", money(line.amount.0.checked_mul(FineAmount::PER_CENT))?)?;
                xml.leaf("note", Text(short(&line.note)))?;
                if let Some((quantity, unit)) = line.quantity {
                    measurement(xml, "measurement", quantity, unit, s.period.1)?;
                }
                xml.leaf("itemKind", line.kind as u8)?;
                xml.close()?;
            }
            xml.leaf("currency", codes::DOLLARS)?;
            measurement(xml, "overallConsumptionLastPeriod", s.delivered, s.unit, s.period.1)?;
            measurement(xml, "currentBillingPeriodOverAllConsumption", s.delivered, s.unit, s.period.1)?;
            xml.leaf("qualityOfReading", codes::billed(s.estimated))?;
            xml.leaf("statusTimeStamp", s.issued.timestamp())?;
            xml.leaf("commodity", commodity)?;
            xml.leaf("tariffProfile", Text(short(s.tariff)))?;
            Ok(xml.close()?)
        })
    }

    /// Ends the feed and gives the output back.
    ///
    /// # Errors
    /// If the output does not take it.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.xml.close()?;
        self.xml.out.flush()?;
        Ok(self.xml.out)
    }

    /// Writes what waited for a first reading: the zone, the usage point, the reading type, the meter reading.
    fn introduce(&mut self) -> Result<(), WriteError> {
        let (Some(point), Some(open)) = (&mut self.point, &mut self.channel) else { return Ok(()) };
        let mut waiting = Vec::new();
        if let Some(usage_point) = point.waiting.take() {
            let (address, name, rules) = &point.local_time;
            if self.written.insert(address.clone()) {
                local_time(&mut self.xml, &self.shared, (address, name), rules, (point.since, self.now))?;
            }
            waiting.push(usage_point);
        }
        if let Some((address, reading_type, meter_reading)) = open.waiting.take() {
            if self.written.insert(address) {
                waiting.push(reading_type);
            }
            waiting.push(meter_reading);
        }
        for entry in waiting {
            for line in entry.lines() {
                self.xml.line(format_args!("{line}"))?;
            }
        }
        Ok(())
    }
}

impl<W: Write + Default> Feed<W> {
    /// Takes what has been written so far, for an output that is sent in pieces.
    pub fn take(&mut self) -> W {
        std::mem::take(&mut self.xml.out)
    }
}

fn measurement<W: Write>(
    xml: &mut Xml<W>,
    name: &'static str,
    number: domain::quantity::Decimal,
    unit: domain::quantity::Unit,
    at: Instant,
) -> Result<(), WriteError> {
    let (scale, number) = Scale::of_number(unit, number)?;
    xml.open(name, "")?;
    xml.leaf("powerOfTenMultiplier", scale.multiplier)?;
    xml.leaf("timeStamp", at.timestamp())?;
    xml.leaf("uom", scale.uom)?;
    xml.leaf("value", number)?;
    xml.close()?;
    Ok(())
}

fn local_time<W: Write>(
    xml: &mut Xml<W>,
    shared: &str,
    (address, name): (&str, &str),
    rules: &LocalTime,
    (since, now): (Instant, Instant),
) -> Result<(), WriteError> {
    let up = format!("{shared}/LocalTimeParameters");
    let head = Entry { address, up: &up, related: &[], title: name, published: since, updated: now };
    entry(xml, &head, |xml| {
        xml.open("LocalTimeParameters", ESPI)?;
        xml.leaf("dstEndRule", format_args!("{:08X}", rules.ends))?;
        xml.leaf("dstOffset", rules.summer)?;
        xml.leaf("dstStartRule", format_args!("{:08X}", rules.begins))?;
        xml.leaf("tzOffset", rules.offset)?;
        Ok(xml.close()?)
    })
}
