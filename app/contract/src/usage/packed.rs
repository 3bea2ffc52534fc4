//! Bars on the wire as rows of numbers: a year by day is in the page once as a picture, once as a table and once as data for
//! the browser, so field names are not repeated 365 times. Bars follow one another without holes, so that only the first
//! start is written.

use chrono::DateTime;
use domain::calendar::Instant;
use domain::metering::Quality;
use domain::money::FineAmount;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Bar;

const BILLED: u8 = 1;
const OPEN: u8 = 2;

/// Seconds, amount, received, cost, fixed, expected, present, estimated, quality, flags.
type Row = (i64, Option<i64>, Option<i64>, Option<i64>, i64, u32, u32, u32, u8, u8);

#[derive(Serialize, Deserialize)]
struct Packed {
    start: Option<i64>,
    rows: Vec<Row>,
}

pub(super) fn serialize<S: Serializer>(bars: &[Bar], serializer: S) -> Result<S::Ok, S::Error> {
    let rows = bars
        .iter()
        .map(|b| {
            let flags = (u8::from(b.billed) * BILLED) | (u8::from(b.open) * OPEN);
            let cost = b.cost.map(|c| c.0);
            let seconds = (b.end - b.start).num_seconds();
            (seconds, b.amount, b.received, cost, b.fixed.0, b.expected, b.present, b.estimated, b.quality as u8, flags)
        })
        .collect();
    Packed { start: bars.first().map(|b| b.start.timestamp()), rows }.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Bar>, D::Error> {
    let packed = Packed::deserialize(deserializer)?;
    let mut at = packed.start.unwrap_or_default();
    let instant = |s: i64| -> Result<Instant, D::Error> {
        DateTime::from_timestamp(s, 0).ok_or_else(|| D::Error::custom("a time out of range"))
    };
    packed
        .rows
        .into_iter()
        .map(|(seconds, amount, received, cost, fixed, expected, present, estimated, quality, flags)| {
            let start = instant(at)?;
            at = at.checked_add(seconds).ok_or_else(|| D::Error::custom("a time out of range"))?;
            Ok(Bar {
                start,
                end: instant(at)?,
                amount,
                received,
                cost: cost.map(FineAmount),
                fixed: FineAmount(fixed),
                billed: flags & BILLED != 0,
                expected,
                present,
                estimated,
                quality: Quality::from_code(quality).ok_or_else(|| D::Error::custom("an unknown quality"))?,
                open: flags & OPEN != 0,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder(#[serde(with = "super")] Vec<Bar>);

    #[test]
    fn bars_come_back_as_they_were() {
        let at = |h: i64| DateTime::from_timestamp(1_780_000_000 + h * 3600, 0).expect("in range");
        let bar = |h: i64, amount, cost| Bar {
            start: at(h),
            end: at(h + 1),
            amount,
            received: None,
            cost,
            fixed: FineAmount(7),
            billed: h == 1,
            expected: 4,
            present: 3,
            estimated: 1,
            quality: Quality::Estimated,
            open: h == 2,
        };
        let holder = Holder(vec![bar(0, Some(5), None), bar(1, None, Some(FineAmount(-3))), bar(2, Some(0), None)]);
        let text = serde_json::to_string(&holder).expect("it can be written");
        assert_eq!(serde_json::from_str::<Holder>(&text).expect("it can be read"), holder);
        let empty = serde_json::to_string(&Holder(Vec::new())).expect("it can be written");
        assert_eq!(serde_json::from_str::<Holder>(&empty).expect("it can be read"), Holder(Vec::new()));
    }
}
