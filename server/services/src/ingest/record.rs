//! What the pipeline takes: records of a file, whatever its format was.

use domain::metering::Quality;
use domain::quantity::{Commodity, Direction, Unit};
use serde::{Deserialize, Serialize};

/// What a record measures, as far as its file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Electricity, gas or water; not every format says so.
    pub commodity: Option<Commodity>,
    /// Which way it counts; delivered where the file does not say.
    pub direction: Direction,
    /// The unit; the register's own where the file does not say.
    pub unit: Option<Unit>,
    /// What kind of values.
    pub kind: Kind,
}

/// What kind of values a record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Amounts over stretches of equal length.
    Interval {
        /// The length.
        seconds: u32,
    },
    /// What a dial said.
    Register,
    /// Amounts over other stretches: each value has its own length.
    Period,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The start of the stretch, or the instant of the reading: seconds since 1970-01-01, UTC.
    pub at: i64,
    /// The number, counted in the record's power of ten of the channel's unit.
    pub value: i64,
    /// The length of the stretch of a [`Kind::Period`]; 0 otherwise.
    pub seconds: u32,
    /// How it is known.
    pub quality: Quality,
}

/// A record: values of one channel of one meter that stand together and are refused together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line it begins on, from 1; 0 where the format has none.
    pub line: u64,
    /// The record as it stands in the file, to be kept should it be refused; empty where the format has no records that
    /// could be read alone.
    pub raw: String,
    /// The number on the meter.
    pub meter: String,
    /// What it measures.
    pub channel: Channel,
    /// The power of ten that its values count.
    pub exponent: i8,
    /// Its values.
    pub values: Vec<Value>,
}

/// Bytes of a packed value.
const PACKED: usize = 21;

/// Packs values that wait for their meter.
pub(super) fn pack(exponent: i8, values: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + values.len() * PACKED);
    out.push(exponent.cast_unsigned());
    for v in values {
        out.extend(v.at.to_le_bytes());
        out.extend(v.value.to_le_bytes());
        out.extend(v.seconds.to_le_bytes());
        out.push(v.quality as u8);
    }
    out
}

/// Reads what [`pack`] wrote; `None` where the bytes are something else.
pub(super) fn unpack(bytes: &[u8]) -> Option<(i8, Vec<Value>)> {
    let (exponent, bytes) = bytes.split_first()?;
    let (rows, rest) = bytes.as_chunks::<PACKED>();
    if !rest.is_empty() {
        return None;
    }
    let values: Option<Vec<Value>> = rows
        .iter()
        .map(|row| {
            let (at, row) = row.split_first_chunk::<8>()?;
            let (value, row) = row.split_first_chunk::<8>()?;
            let (seconds, row) = row.split_first_chunk::<4>()?;
            let [quality] = row else { return None };
            Some(Value {
                at: i64::from_le_bytes(*at),
                value: i64::from_le_bytes(*value),
                seconds: u32::from_le_bytes(*seconds),
                quality: Quality::from_code(*quality)?,
            })
        })
        .collect();
    Some((exponent.cast_signed(), values?))
}

/// A record as it is kept where its file has no lines that could be read again alone.
#[derive(Serialize, Deserialize)]
struct Kept {
    meter: String,
    channel: Channel,
    /// What stood in the place of a unit that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    unit_text: String,
    /// Packed values.
    readings: String,
}

/// A refused record in words that [`recall`] reads.
pub(super) fn keep(record: &Record, unit_text: &str) -> String {
    let kept = Kept {
        meter: record.meter.clone(),
        channel: record.channel,
        unit_text: unit_text.to_owned(),
        readings: hex::encode(pack(record.exponent, &record.values)),
    };
    serde_json::to_string(&kept).unwrap_or_default()
}

/// Reads what [`keep`] wrote: the record, and the text of a unit that was not known; `None` for anything else.
pub(super) fn recall(raw: &str) -> Option<(Record, String)> {
    if !raw.starts_with('{') {
        return None;
    }
    let kept: Kept = serde_json::from_str(raw).ok()?;
    let (exponent, values) = unpack(&hex::decode(&kept.readings).ok()?)?;
    let record = Record { line: 0, raw: raw.to_owned(), meter: kept.meter, channel: kept.channel, exponent, values };
    Some((record, kept.unit_text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_values_come_back() {
        let values = vec![
            Value { at: -5, value: i64::MIN, seconds: 0, quality: Quality::Raw },
            Value { at: 1_800_000_000, value: 7, seconds: 86_400, quality: Quality::Estimated },
        ];
        let packed = pack(-8, &values);
        assert_eq!(unpack(&packed), Some((-8, values)));
        assert_eq!(unpack(&packed[1..]), None);
        let channel = Channel {
            commodity: Some(Commodity::Water),
            direction: Direction::Delivered,
            unit: None,
            kind: Kind::Interval { seconds: 3600 },
        };
        let (exponent, values) = unpack(&packed).expect("values");
        let mut record = Record { line: 7, raw: String::new(), meter: "W1".into(), channel, exponent, values };
        let raw = keep(&record, "ACRE-FEET");
        (record.line, record.raw) = (0, raw.clone());
        assert_eq!(recall(&raw), Some((record, "ACRE-FEET".to_owned())));
        assert_eq!(recall("MEPMD01,x"), None);
        assert_eq!(recall("{}"), None);
    }
}
