//! What the pipeline takes: records of a file, whatever its format was.

use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};
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
    /// The length of the stretch of a [`Kind::Period`]; 0 otherwise.
    pub seconds: u32,
    /// The number, in the channel's unit.
    pub number: Decimal,
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
    /// Its values.
    pub values: Vec<Value>,
}

/// Bytes of a packed value.
const PACKED: usize = 22;

/// Packs values that wait for their meter.
pub(super) fn pack(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() * PACKED);
    for v in values {
        out.extend(v.at.to_le_bytes());
        out.extend(v.seconds.to_le_bytes());
        out.extend(v.number.amount.to_le_bytes());
        out.push(v.number.exponent.cast_unsigned());
        out.push(v.quality as u8);
    }
    out
}

/// Reads what [`pack`] wrote; `None` where the bytes are something else.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<Value>> {
    let (rows, rest) = bytes.as_chunks::<PACKED>();
    if !rest.is_empty() {
        return None;
    }
    rows.iter()
        .map(|row| {
            let (at, row) = row.split_first_chunk::<8>()?;
            let (seconds, row) = row.split_first_chunk::<4>()?;
            let (amount, row) = row.split_first_chunk::<8>()?;
            let [exponent, quality] = row else { return None };
            Some(Value {
                at: i64::from_le_bytes(*at),
                seconds: u32::from_le_bytes(*seconds),
                number: Decimal::new(i64::from_le_bytes(*amount), exponent.cast_signed()),
                quality: Quality::from_code(*quality)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_values_come_back() {
        let values = vec![
            Value { at: -5, seconds: 0, number: Decimal::new(i64::MIN, -8), quality: Quality::Raw },
            Value { at: 1_800_000_000, seconds: 86_400, number: Decimal::new(7, 3), quality: Quality::Estimated },
        ];
        let packed = pack(&values);
        assert_eq!(unpack(&packed), Some(values));
        assert_eq!(unpack(&packed[1..]), None);
    }
}
