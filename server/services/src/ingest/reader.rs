//! From bytes to records: the format is recognised, its reader in `intake` does the rest.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::calendar::Zone;
use domain::quantity::Direction;
use intake::senders::{Agreement, Agreements, Meaning};
use intake::sniff;
use intake::{Flow, IntervalBlock, Problem, RegisterBlock, Sink};
use serde::{Deserialize, Serialize};
use store::ingest::NewRejected;

use super::Input;
use super::record::{Channel, Kind, Record, Value, keep, recall};
use super::refusal::Refusal;
use crate::{Fault, Settings, zones};

/// What a reader finds, in the order of the file.
pub(super) enum Item {
    /// A record.
    Record(Record),
    /// A record that cannot be understood.
    Refused(NewRejected),
}

/// How reading ended.
#[derive(Debug, Default)]
pub(super) struct Finished {
    /// The sending system, as far as the file says.
    pub sender: String,
    /// Why the file could not be read to its end.
    pub problem: Option<String>,
}

/// The sending systems whose readings are taken: all, or those that the utility named.
/// And what has been agreed with them.
#[derive(Clone, Debug, Default)]
pub(super) struct Senders {
    names: Vec<String>,
    agreements: Agreements,
}

/// What has been agreed with a sender, as it is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SenderRule {
    /// The IANA zone of its local times, where it is not that of the file.
    pub zone: Option<String>,
    /// Which end of an interval it stamps: `start` or `end`; what the format has where it is not given.
    pub stamps: Option<String>,
    /// What its units mean, by their text: `electricity received kWh`, `water delivered gal register`.
    pub units: BTreeMap<String, String>,
}

/// Reads what has been agreed, by sender; the name is empty for files that name none.
///
/// # Errors
/// With what is wrong and what would be right.
pub fn agreements(rules: &BTreeMap<String, SenderRule>) -> Result<Agreements, String> {
    let mut out = Agreements::default();
    for (sender, rule) in rules {
        let wrong = |what: String| format!("sender `{sender}`: {what}");
        let zone = match &rule.zone {
            Some(name) => Some(
                zones::find(name)
                    .ok_or_else(|| wrong(format!("`{name}` is no time zone; right is such as America/Los_Angeles")))?,
            ),
            None => None,
        };
        let stamps_start = match rule.stamps.as_deref() {
            None | Some("end") => false,
            Some("start") => true,
            Some(other) => return Err(wrong(format!("it stamps `{other}`; right are `start` and `end`"))),
        };
        let units = rule
            .units
            .iter()
            .map(|(text, meaning)| Ok((text.clone(), Meaning::parse(meaning).map_err(&wrong)?)))
            .collect::<Result<_, String>>()?;
        let agreement = Agreement { zone: zone.map(|z| Zone::clone(&z)), stamps_start, units };
        out.0.insert(sender.clone(), agreement);
    }
    Ok(out)
}

impl Senders {
    /// Of names separated by commas, no name at all being everyone; and of what has been agreed.
    ///
    /// # Errors
    /// `Other` where an agreement cannot be read.
    pub(super) fn of(settings: &Settings) -> Result<Self, Fault> {
        let names = settings.senders.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect();
        Ok(Self { names, agreements: agreements(&settings.sender_rules).map_err(Fault::Other)? })
    }

    /// Whether a sender's readings are taken. Most formats name no sender; their meters are all there is to go by.
    pub(super) fn check(&self, sender: &str) -> Result<(), Refusal> {
        if self.names.is_empty() || sender.is_empty() || self.names.iter().any(|s| s == sender) {
            return Ok(());
        }
        let known = self.names.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
        Err(Refusal::Sender { found: sender.chars().take(60).collect(), known })
    }
}

/// The sending system of the first record that can be read; empty where it names none.
pub(super) fn first_sender(input: &Input, format: &str, zone: &Zone) -> Result<String, Fault> {
    if format != sniff::CMEP {
        return Ok(String::new());
    }
    let mut take = |item| Ok(matches!(item, Item::Refused(_)));
    let senders = Senders::default();
    let mut adapter = Adapter {
        take: &mut take,
        known: &mut |_, _| None,
        streams: false,
        senders: &senders,
        sender: String::new(),
        failed: None,
    };
    // What is wrong with the file is said when it is read.
    drop(sniff::stream(input.open()?, zone, &mut adapter));
    Ok(adapter.sender)
}

/// Takes items one by one; `false` ends the reading.
pub(super) type Taker<'a> = dyn FnMut(Item) -> Result<bool, Fault> + 'a;

/// Says when the last value of a meter's channel ended that came before the file.
pub(super) type Known<'a> = dyn FnMut(&str, &Channel) -> Option<i64> + 'a;

/// The format of a file, or why it is none that is read here.
pub(super) fn detect(input: &Input) -> Result<Result<String, String>, Fault> {
    Ok(sniff::format_of(input.open()?).map(str::to_owned).map_err(|e| e.to_string()))
}

/// Reads a file and hands over its records.
pub(super) fn read(
    input: &Input,
    format: &str,
    zone: &Zone,
    senders: &Senders,
    known: &mut Known<'_>,
    take: &mut Taker<'_>,
) -> Result<Finished, Fault> {
    let streams = format == sniff::NEM12;
    let mut adapter = Adapter { take, known, streams, senders, sender: String::new(), failed: None };
    let read = sniff::stream_as_agreed(input.open()?, zone, &senders.agreements, &mut adapter);
    if let Some(fault) = adapter.failed {
        return Err(fault);
    }
    Ok(Finished { sender: adapter.sender, problem: read.err().map(|e| e.to_string()) })
}

/// Reads one record alone, as it was kept when it was refused; `None` where the format has no such records.
pub(super) fn read_one(format: &str, raw: &str, zone: &Zone, senders: &Senders) -> Option<Item> {
    if let Some((mut record, unit_text)) = recall(raw) {
        if !unit_text.is_empty() {
            let meaning = senders.agreements.with("")?.units.get(&unit_text)?;
            let c = &mut record.channel;
            (c.commodity, c.direction, c.unit) = (Some(meaning.commodity), meaning.direction, Some(meaning.unit));
        }
        return Some(Item::Record(record));
    }
    let file = match format {
        _ if raw.is_empty() => return None,
        sniff::CMEP | sniff::CSV => Cow::Borrowed(raw),
        sniff::NEM12 => Cow::Owned(intake::nem12::file_of(raw)),
        _ => return None,
    };
    let mut found = None;
    let mut take = |item| {
        found = Some(item);
        Ok(false)
    };
    let streams = format == sniff::NEM12;
    let known: &mut Known<'_> = &mut |_, _| None;
    let mut adapter = Adapter { take: &mut take, known, streams, senders, sender: String::new(), failed: None };
    sniff::stream_as_agreed(file.as_bytes(), zone, &senders.agreements, &mut adapter).ok()?;
    found
}

/// Turns what `intake` finds into records of our own.
struct Adapter<'a, 't> {
    take: &'a mut Taker<'t>,
    known: &'a mut Known<'t>,
    /// Whether meters are named with their data stream: `NMI E1`.
    streams: bool,
    senders: &'a Senders,
    sender: String,
    failed: Option<Fault>,
}

impl Adapter<'_, '_> {
    fn give(&mut self, item: Item) -> Flow {
        match (self.take)(item) {
            Ok(true) => Flow::Go,
            Ok(false) => Flow::Stop,
            Err(fault) => {
                self.failed = Some(fault);
                Flow::Stop
            }
        }
    }

    /// The number that a meter is registered by. A NEM12 meter's first stream each way is the meter itself; others, such as a
    /// controlled load, are registers of their own, known by number and suffix.
    fn meter<'m>(&self, name: &'m str) -> &'m str {
        match name.rsplit_once(' ') {
            Some((meter, suffix)) if self.streams && suffix.len() == 2 && suffix.ends_with('1') => meter,
            _ => name,
        }
    }

    fn record(
        &mut self,
        line: u64,
        raw: &str,
        from: &intake::Channel<'_>,
        kind: Kind,
        exponent: i8,
        values: Vec<Value>,
    ) -> Flow {
        if self.sender.is_empty() {
            from.sender.clone_into(&mut self.sender);
        }
        if let Err(refusal) = self.senders.check(from.sender) {
            return self.give(Item::Refused(refused(line, refusal.code(), refusal.detail(), raw)));
        }
        let mut channel = channel_of(from, kind);
        let mut known = from.unit.is_some() || from.unit_text.is_empty();
        if !known && let Some(m) = self.senders.agreements.with(from.sender).and_then(|a| a.units.get(from.unit_text)) {
            known = true;
            (channel.commodity, channel.direction, channel.unit) = (Some(m.commodity), m.direction, Some(m.unit));
        }
        let meter = self.meter(from.meter).to_owned();
        let record = Record { line, raw: raw.to_owned(), meter, channel, exponent, values };
        if !known {
            let detail = format!("the unit `{}` is not known", from.unit_text);
            let kept = if raw.is_empty() { keep(&record, from.unit_text) } else { record.raw };
            return self.give(Item::Refused(refused(line, "unit", detail, &kept)));
        }
        self.give(Item::Record(record))
    }
}

fn channel_of(from: &intake::Channel<'_>, kind: Kind) -> Channel {
    let direction = from.direction.unwrap_or(Direction::Delivered);
    Channel { commodity: from.commodity, direction, unit: from.unit, kind }
}

impl Sink for Adapter<'_, '_> {
    fn known_until(&mut self, channel: &intake::Channel<'_>, register: bool) -> Option<i64> {
        let kind = if register { Kind::Register } else { Kind::Interval { seconds: 0 } };
        let meter = self.meter(channel.meter);
        (self.known)(meter, &channel_of(channel, kind))
    }

    fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
        let (kind, seconds) = match intake::data::kind_of(block.seconds) {
            intake::data::Kind::Period => (Kind::Period, block.seconds),
            _ => (Kind::Interval { seconds: block.seconds }, 0),
        };
        let value = |r: &intake::Reading| Value { at: r.start, value: r.value, seconds, quality: r.quality };
        let values = block.readings.iter().map(value).collect();
        self.record(block.line, block.record, &block.channel, kind, block.exponent, values)
    }

    fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow {
        let value = |r: &intake::Read| Value { at: r.at, value: r.value, seconds: 0, quality: r.quality };
        let values = block.reads.iter().map(value).collect();
        self.record(block.line, block.record, &block.channel, Kind::Register, block.exponent, values)
    }

    fn problem(&mut self, problem: &Problem<'_>) -> Flow {
        self.give(Item::Refused(refused(problem.line, problem.code.slug(), problem.message.clone(), problem.record)))
    }
}

fn refused(line: u64, code: &str, detail: String, raw: &str) -> NewRejected {
    NewRejected { line: i64::try_from(line).unwrap_or(0), code: code.to_owned(), detail, raw: raw.to_owned() }
}
