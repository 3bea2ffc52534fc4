//! A register's days of one stretch, one behind the other.
//!
//! ```text
//! format (1)   then for each day, the earliest first:
//! day within the stretch (1)   version, varint   delivery less the one before, zigzag varint   sum, zigzag varint
//! bytes of the block, varint   block
//! ```

use domain::ids::{DeliveryId, RegisterId};

use super::STRETCH;
use crate::StoreError;

const FORMAT: u8 = 1;

/// A day in a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedDay<'a> {
    /// Days since 1970-01-01.
    pub day: i64,
    /// The sum of its values.
    pub sum: i64,
    /// How often a value was changed.
    pub version: i64,
    /// Which delivery brought the day first.
    pub delivery: DeliveryId,
    /// Packed values.
    pub block: &'a [u8],
}

/// Packs days of a stretch, which stand in order.
pub(crate) fn pack(stretch: i64, days: &[PackedDay<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + days.iter().map(|d| d.block.len() + 12).sum::<usize>());
    out.push(FORMAT);
    let mut delivery = 0;
    for d in days {
        out.push((d.day - stretch * STRETCH).to_le_bytes()[0]);
        put(&mut out, d.version.cast_unsigned());
        put(&mut out, zigzag(d.delivery.0.wrapping_sub(delivery)));
        delivery = d.delivery.0;
        put(&mut out, zigzag(d.sum));
        put(&mut out, d.block.len() as u64);
        out.extend_from_slice(d.block);
    }
    out
}

/// The days of a pack, in order; the first error ends them.
pub(crate) fn unpack(
    register: RegisterId,
    stretch: i64,
    bytes: &[u8],
) -> impl Iterator<Item = Result<PackedDay<'_>, StoreError>> {
    let damaged = move |what: &str| StoreError::Damaged(format!("days {stretch}0 of register {}: {what}", register.0));
    let (mut rest, mut ended) = match bytes.split_first() {
        Some((&FORMAT, rest)) => (Ok(rest), false),
        _ => (Err(damaged("the format is not known")), false),
    };
    let (mut delivery, mut last) = (0i64, -1i64);
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let result = match &mut rest {
            Ok([]) => return None,
            Ok(bytes) => take_day(bytes, stretch, &mut delivery)
                .filter(|d| (last + 1..STRETCH).contains(&(d.day - stretch * STRETCH)))
                .ok_or_else(|| damaged("cut off or out of order")),
            Err(_) => match std::mem::replace(&mut rest, Ok(&[])) {
                Err(error) => Err(error),
                Ok(_) => return None,
            },
        };
        match &result {
            Ok(d) => last = d.day - stretch * STRETCH,
            Err(_) => ended = true,
        }
        Some(result)
    })
}

fn take_day<'a>(bytes: &mut &'a [u8], stretch: i64, delivery: &mut i64) -> Option<PackedDay<'a>> {
    let (&within, rest) = bytes.split_first()?;
    *bytes = rest;
    let version = take(bytes)?.cast_signed();
    *delivery = delivery.wrapping_add(unzigzag(take(bytes)?));
    let sum = unzigzag(take(bytes)?);
    let length = usize::try_from(take(bytes)?).ok()?;
    let (block, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    let day = stretch.checked_mul(STRETCH)?.checked_add(i64::from(within))?;
    Some(PackedDay { day, sum, version, delivery: DeliveryId(*delivery), block })
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&first, rest) = bytes.split_first()?;
        *bytes = rest;
        let low = u64::from(first & 0x7f);
        if shift == 63 && low > 1 {
            return None;
        }
        value |= low << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Day = (i64, i64, i64, i64, Vec<u8>);

    fn any_days() -> impl Strategy<Value = Vec<Day>> {
        let bytes = prop::collection::vec(any::<u8>(), 0..40);
        let day = (0i64..STRETCH, any::<i64>(), 0i64..i64::MAX, any::<i64>(), bytes);
        prop::collection::vec(day, 0..12).prop_map(|mut days| {
            days.sort_by_key(|d| d.0);
            days.dedup_by_key(|d| d.0);
            days
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(stretch in -100_000i64..100_000, days in any_days(), cut in any::<prop::sample::Index>()) {
            let days: Vec<PackedDay<'_>> = days
                .iter()
                .map(|(n, sum, version, delivery, block)| PackedDay {
                    day: stretch * STRETCH + n, sum: *sum, version: *version, delivery: DeliveryId(*delivery), block,
                })
                .collect();
            let bytes = pack(stretch, &days);
            let back = unpack(RegisterId(1), stretch, &bytes).collect::<Result<Vec<_>, _>>().expect("a pack");
            prop_assert_eq!(&back, &days);
            // What is cut off holds fewer days or is an error, never others.
            let part: Vec<_> = unpack(RegisterId(1), stretch, &bytes[..cut.index(bytes.len())]).filter_map(Result::ok).collect();
            prop_assert!(days.starts_with(&part));
        }

        #[test]
        fn no_bytes_make_it_panic_or_go_on_for_ever(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut known = vec![FORMAT];
            known.extend(&bytes);
            prop_assert!(unpack(RegisterId(1), 2000, &known).count() <= 11);
            prop_assert!(unpack(RegisterId(1), 2000, &bytes).count() <= 11);
        }
    }
}
