//! From bytes to records: the format is recognised, its reader in `intake` does the rest.

use std::borrow::Cow;

use domain::calendar::Zone;
use domain::quantity::Direction;
use intake::sniff;
use intake::{Flow, IntervalBlock, Problem, RegisterBlock, Sink};
use store::ingest::NewRejected;

use super::Input;
use super::record::{Channel, Kind, Record, Value};
use super::refusal::Refusal;
use crate::Fault;

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
#[derive(Clone, Debug)]
pub(super) struct Senders(Vec<String>);

impl Senders {
    /// Of names separated by commas; no name at all is everyone.
    pub(super) fn parse(names: &str) -> Self {
        Self(names.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect())
    }

    /// Whether a sender's readings are taken. Most formats name no sender; their meters are all there is to go by.
    pub(super) fn check(&self, sender: &str) -> Result<(), Refusal> {
        if self.0.is_empty() || sender.is_empty() || self.0.iter().any(|s| s == sender) {
            return Ok(());
        }
        let known = self.0.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
        Err(Refusal::Sender { found: sender.chars().take(60).collect(), known })
    }
}

/// The sending system of the first record that can be read; empty where it names none.
pub(super) fn first_sender(input: &Input, format: &str, zone: &Zone) -> Result<String, Fault> {
    if format != sniff::CMEP {
        return Ok(String::new());
    }
    let mut take = |item| Ok(matches!(item, Item::Refused(_)));
    let senders = Senders(Vec::new());
    let mut adapter =
        Adapter { take: &mut take, streams: false, senders: &senders, sender: String::new(), failed: None };
    // What is wrong with the file is said when it is read.
    drop(sniff::stream(input.open()?, zone, &mut adapter));
    Ok(adapter.sender)
}

/// Takes items one by one; `false` ends the reading.
pub(super) type Taker<'a> = dyn FnMut(Item) -> Result<bool, Fault> + 'a;

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
    take: &mut Taker<'_>,
) -> Result<Finished, Fault> {
    let mut adapter = Adapter { take, streams: format == sniff::NEM12, senders, sender: String::new(), failed: None };
    let read = sniff::stream(input.open()?, zone, &mut adapter);
    if let Some(fault) = adapter.failed {
        return Err(fault);
    }
    Ok(Finished { sender: adapter.sender, problem: read.err().map(|e| e.to_string()) })
}

/// Reads one record alone, as it was kept when it was refused; `None` where the format has no such records.
pub(super) fn read_one(format: &str, raw: &str, zone: &Zone, senders: &Senders) -> Option<Item> {
    let file = match format {
        _ if raw.is_empty() => return None,
        sniff::CMEP => Cow::Borrowed(raw),
        sniff::NEM12 => Cow::Owned(intake::nem12::file_of(raw)),
        _ => return None,
    };
    let mut found = None;
    let mut take = |item| {
        found = Some(item);
        Ok(false)
    };
    let streams = format == sniff::NEM12;
    let mut adapter = Adapter { take: &mut take, streams, senders, sender: String::new(), failed: None };
    sniff::stream(file.as_bytes(), zone, &mut adapter).ok()?;
    found
}

/// Turns what `intake` finds into records of our own.
struct Adapter<'a, 't> {
    take: &'a mut Taker<'t>,
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
        if from.unit.is_none() && !from.unit_text.is_empty() {
            let detail = format!("the unit `{}` is not known", from.unit_text);
            return self.give(Item::Refused(refused(line, "unit", detail, raw)));
        }
        let channel = Channel {
            commodity: from.commodity,
            direction: from.direction.unwrap_or(Direction::Delivered),
            unit: from.unit,
            kind,
        };
        self.give(Item::Record(Record {
            line,
            raw: raw.to_owned(),
            meter: self.meter(from.meter).to_owned(),
            channel,
            exponent,
            values,
        }))
    }
}

impl Sink for Adapter<'_, '_> {
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
