//! How the values of a data set are stored: in pieces of a few thousand, as deflated JSON of `[start, seconds, value, quality, cost]`;
//! pieces from before there were costs have rows without one.

use std::io::{Read as _, Write as _};

use domain::data_set::Stamped;
use domain::metering::Quality;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use store::StoreError;

use crate::Fault;

/// Values in a piece.
const PIECE: usize = 8_192;

/// A value as it is stored.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Row {
    Costed(i64, u32, i64, u8, Option<i64>),
    Plain(i64, u32, i64, u8),
}

/// Packs values.
pub(super) fn write(values: &[Stamped]) -> Result<Vec<Vec<u8>>, Fault> {
    values
        .chunks(PIECE)
        .map(|piece| {
            let rows: Vec<_> = piece.iter().map(|v| (v.start, v.seconds, v.value, v.quality as u8, v.cost)).collect();
            let json = serde_json::to_vec(&rows).map_err(|e| Fault::Other(e.to_string()))?;
            let mut out = DeflateEncoder::new(Vec::new(), Compression::default());
            out.write_all(&json).and_then(|()| out.finish()).map_err(|e| Fault::Other(e.to_string()))
        })
        .collect()
}

/// Unpacks values.
pub(super) fn read(pieces: &[Vec<u8>]) -> Result<Vec<Stamped>, Fault> {
    let damaged = |why: String| Fault::Store(StoreError::Damaged(format!("a data set: {why}")));
    let mut out = Vec::new();
    for piece in pieces {
        let mut json = Vec::new();
        DeflateDecoder::new(piece.as_slice()).read_to_end(&mut json).map_err(|e| damaged(e.to_string()))?;
        let rows: Vec<Row> = serde_json::from_slice(&json).map_err(|e| damaged(e.to_string()))?;
        for row in rows {
            let (start, seconds, value, quality, cost) = match row {
                Row::Costed(start, seconds, value, quality, cost) => (start, seconds, value, quality, cost),
                Row::Plain(start, seconds, value, quality) => (start, seconds, value, quality, None),
            };
            let quality = Quality::from_code(quality).ok_or_else(|| damaged(format!("quality {quality}")))?;
            out.push(Stamped { start, seconds, value, quality, cost });
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // Each case packs up to 20,000 values, which takes an unoptimised build a good part of a second.
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn what_is_written_is_read(
            values in proptest::collection::vec((any::<i64>(), any::<u32>(), any::<i64>(), 0_u8..8, any::<Option<i64>>()), 0..20_000),
        ) {
            let values: Vec<_> = values
                .into_iter()
                .map(|(start, seconds, value, q, cost)| Stamped {
                    cost,
                    start,
                    seconds,
                    value,
                    quality: Quality::from_code(q).expect("one of the eight"),
                })
                .collect();
            let pieces = write(&values).expect("packed");
            prop_assert_eq!(pieces.len(), values.len().div_ceil(PIECE));
            prop_assert_eq!(read(&pieces).expect("unpacked"), values);
        }
    }

    #[test]
    fn pieces_from_before_costs_are_still_read() {
        let mut piece = DeflateEncoder::new(Vec::new(), Compression::default());
        piece.write_all(b"[[1700000000,900,12,3],[1700000900,900,13,5]]").expect("packed");
        let found = read(&[piece.finish().expect("packed")]).expect("unpacked");
        assert_eq!(found.iter().map(|v| (v.value, v.cost)).collect::<Vec<_>>(), [(12, None), (13, None)]);
    }

    #[test]
    fn a_damaged_piece_is_said_to_be_damaged() {
        assert!(matches!(read(&[b"not deflated".to_vec()]), Err(Fault::Store(StoreError::Damaged(_)))));
    }
}
