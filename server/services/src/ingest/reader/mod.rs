//! From bytes to records: the format is recognised, its reader does the rest.

mod cmep;
mod lines;
mod local;

use std::io::Read;

use domain::calendar::Zone;
use store::ingest::NewRejected;

use super::Input;
use super::record::Record;
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

/// Takes items one by one; `false` ends the reading.
pub(super) type Taker<'a> = dyn FnMut(Item) -> Result<bool, Fault> + 'a;

/// The format of a file, or why it is none that is read here.
pub(super) fn detect(input: &Input) -> Result<Result<String, String>, Fault> {
    let mut head = Vec::with_capacity(4096);
    let problem = input.open()?.take(4096).read_to_end(&mut head);
    if let Err(e) = problem {
        return Err(Fault::Other(format!("cannot read: {e}")));
    }
    Ok(format_of(&head).map(str::to_owned))
}

fn format_of(head: &[u8]) -> Result<&'static str, String> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if text.starts_with(b"MEPMD01,") {
        return Ok(cmep::FORMAT);
    }
    Err("the file is of no known usage format".to_owned())
}

/// Reads a file and hands over its records.
pub(super) fn read(input: &Input, zone: &Zone, take: &mut Taker<'_>) -> Result<Finished, Fault> {
    cmep::read(input.open()?, zone, take)
}

/// Reads one record alone, as it was kept when it was refused; `None` where the format has no such records.
pub(super) fn read_one(format: &str, raw: &str, line: u64, zone: &Zone) -> Option<Result<Record, NewRejected>> {
    (format == cmep::FORMAT && !raw.is_empty()).then(|| cmep::record(raw.as_bytes(), line, zone))
}
