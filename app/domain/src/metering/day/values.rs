//! The values of a day in as few bits as four simple forms allow; the smallest is taken.
//!
//! Rice codes (a quotient in unary, a remainder in `k` bits) come close to the entropy of household load, where most
//! intervals are near the base load and a few are far above; plain packing wins on flat industrial load; water and gas
//! are mostly zeros, which cost one bit each.

use super::bits::{BitReader, BitWriter, put_varint, take_varint, unzigzag, zigzag};

/// All values are the same.
const CONSTANT: u8 = 0;
/// Distance from the smallest, all in the same width.
const PACKED: u8 = 1;
/// Distance from the smallest, Rice coded.
const RICE: u8 = 2;
/// Difference from the value before, Rice coded.
const DELTA: u8 = 3;
/// One bit says zero or not; what is not zero is Rice coded.
const SPARSE: u8 = 4;

/// After this many ones in unary the number follows in full.
const ESCAPE: u32 = 24;

/// Writes the values behind what is there.
pub(super) fn encode(values: &[i64], out: &mut Vec<u8>) {
    let Some((&first, _)) = values.split_first() else { return };
    let (mut low, mut high, mut zeros) = (first, first, 0usize);
    for &v in values {
        low = low.min(v);
        high = high.max(v);
        zeros += usize::from(v == 0);
    }
    if low == high {
        out.push(CONSTANT);
        put_varint(out, zigzag(low));
        return;
    }
    let n = values.len() as u64;
    let above = |v: i64| v.wrapping_sub(low).cast_unsigned();
    let width = 64 - above(high).leading_zeros();
    let packed = n * u64::from(width);
    let (rice_k, rice) = best_rice(values.iter().map(|v| above(*v)));
    let (delta_k, delta) = best_rice(deltas(values));
    // A third of the day without use is enough for the bit per interval to pay.
    let (sparse_k, sparse) = if zeros * 3 >= values.len() {
        let (k, cost) = best_rice(values.iter().filter(|v| **v != 0).map(|v| zigzag(*v)));
        (k, cost.saturating_add(n))
    } else {
        (0, u64::MAX)
    };
    let least = packed.min(rice).min(delta).min(sparse);
    if least == sparse {
        out.push(SPARSE | pack_k(sparse_k));
        let mut bits = BitWriter::new(out);
        for v in values {
            bits.put(u64::from(*v != 0), 1);
        }
        for v in values.iter().filter(|v| **v != 0) {
            put_rice(&mut bits, zigzag(*v), sparse_k);
        }
        bits.finish();
    } else if least == delta {
        out.push(DELTA | pack_k(delta_k));
        put_varint(out, zigzag(first));
        let mut bits = BitWriter::new(out);
        for d in deltas(values) {
            put_rice(&mut bits, d, delta_k);
        }
        bits.finish();
    } else if least == rice {
        out.push(RICE | pack_k(rice_k));
        put_varint(out, zigzag(low));
        let mut bits = BitWriter::new(out);
        for v in values {
            put_rice(&mut bits, above(*v), rice_k);
        }
        bits.finish();
    } else {
        out.push(PACKED);
        put_varint(out, zigzag(low));
        out.push(width.to_le_bytes()[0]);
        let mut bits = BitWriter::new(out);
        for v in values {
            bits.put(above(*v), width);
        }
        bits.finish();
    }
}

/// Reads `n` values and hands each to `each`; `None` where the bytes end early or name no known form.
pub(super) fn decode(mut bytes: &[u8], n: usize, mut each: impl FnMut(i64)) -> Option<()> {
    if n == 0 {
        return Some(());
    }
    let (&head, rest) = bytes.split_first()?;
    bytes = rest;
    let k = u32::from(head >> 3);
    match head & 7 {
        CONSTANT => {
            let v = unzigzag(take_varint(&mut bytes)?);
            (0..n).for_each(|_| each(v));
        }
        PACKED => {
            let low = unzigzag(take_varint(&mut bytes)?);
            let (&width, rest) = bytes.split_first()?;
            if width > 64 {
                return None;
            }
            let mut bits = BitReader::new(rest);
            for _ in 0..n {
                each(low.wrapping_add(bits.take(u32::from(width))?.cast_signed()));
            }
        }
        RICE => {
            let low = unzigzag(take_varint(&mut bytes)?);
            let mut bits = BitReader::new(bytes);
            for _ in 0..n {
                each(low.wrapping_add(take_rice(&mut bits, k)?.cast_signed()));
            }
        }
        DELTA => {
            let mut v = unzigzag(take_varint(&mut bytes)?);
            each(v);
            let mut bits = BitReader::new(bytes);
            for _ in 1..n {
                v = v.wrapping_add(unzigzag(take_rice(&mut bits, k)?));
                each(v);
            }
        }
        SPARSE => {
            let mut mask = BitReader::new(bytes);
            let mut bits = BitReader::new(bytes);
            for _ in 0..n {
                bits.take(1)?;
            }
            for _ in 0..n {
                if mask.take(1)? == 1 {
                    each(unzigzag(take_rice(&mut bits, k)?));
                } else {
                    each(0);
                }
            }
        }
        _ => return None,
    }
    Some(())
}

const fn pack_k(k: u32) -> u8 {
    // k is below 32 by construction (see `best_rice`).
    (k.to_le_bytes()[0]) << 3
}

fn deltas(values: &[i64]) -> impl Iterator<Item = u64> + Clone + '_ {
    values.windows(2).map(|w| zigzag(w[1].wrapping_sub(w[0])))
}

/// The best remainder width and what it costs in bits: the widths around the mean are tried.
fn best_rice(numbers: impl Iterator<Item = u64> + Clone) -> (u32, u64) {
    let (mut sum, mut n) = (0u128, 0u64);
    for v in numbers.clone() {
        sum += u128::from(v);
        n += 1;
    }
    if n == 0 {
        return (0, 0);
    }
    let mean = sum / u128::from(n);
    let guess = (127u32.saturating_sub(mean.max(1).leading_zeros())).min(31);
    let mut best = (0, u64::MAX);
    for k in guess.saturating_sub(2)..=(guess + 1).min(31) {
        let cost = numbers.clone().fold(0u64, |cost, v| {
            let quotient = v >> k;
            cost + if quotient < u64::from(ESCAPE) { quotient + 1 + u64::from(k) } else { u64::from(ESCAPE) + 64 }
        });
        if cost < best.1 {
            best = (k, cost);
        }
    }
    best
}

fn put_rice(bits: &mut BitWriter<'_>, value: u64, k: u32) {
    let quotient = value >> k;
    if quotient < u64::from(ESCAPE) {
        // Ones, a zero, then the remainder: at most 24 + 31 bits.
        let ones = (1u64 << quotient) - 1;
        let width = u32::try_from(quotient).unwrap_or(ESCAPE) + 1;
        bits.put(ones, width);
        bits.put(value & ((1u64 << k) - 1), k);
    } else {
        bits.put((1u64 << ESCAPE) - 1, ESCAPE);
        bits.put(value, 64);
    }
}

#[inline]
fn take_rice(bits: &mut BitReader<'_>, k: u32) -> Option<u64> {
    let quotient = bits.ones(ESCAPE)?;
    if quotient == ESCAPE {
        return bits.take(64);
    }
    Some((u64::from(quotient) << k) | bits.take(k)?)
}
