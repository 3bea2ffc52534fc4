use chrono::TimeZone;
use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Instant {
    chrono::Utc.timestamp_opt(seconds, 0).single().expect("in range")
}

fn any_quality() -> impl Strategy<Value = Quality> {
    (0u8..8).prop_map(|c| Quality::from_code(c).expect("eight codes"))
}

/// Runs of qualities over values of any size: what deliveries, gaps and estimates leave behind.
fn any_block() -> impl Strategy<Value = DayBlock> {
    let run = (1usize..40, any_quality());
    let value = prop_oneof![
        3 => 0i64..2000,
        2 => Just(0i64),
        1 => -5000i64..5000,
        1 => any::<i64>(),
    ];
    (
        -2_000_000i64..60_000_000,
        prop_oneof![Just(900u32), Just(3600), Just(1800), Just(86_400), 1u32..100_000],
        any::<i8>(),
        prop::collection::vec(run, 0..8),
        prop::collection::vec(value, 0..280),
    )
        .prop_map(|(minutes, seconds, exponent, runs, values)| {
            let quality: Vec<Quality> = runs.iter().flat_map(|(n, q)| std::iter::repeat_n(*q, *n)).collect();
            let n = quality.len().min(values.len());
            let mut block = DayBlock::empty(at(minutes * 60), seconds, n, exponent);
            for i in 0..n {
                block.set(i, values[i], quality[i]);
            }
            block
        })
}

proptest! {
    #[test]
    fn what_is_packed_comes_back(block in any_block()) {
        let bytes = block.encode();
        prop_assert_eq!(DayBlock::decode(&bytes), Ok(block.clone()));
        let head = Head::read(&bytes[..bytes.len().min(Head::MAX_BYTES)]).expect("a head is short");
        prop_assert_eq!(head.start, block.start());
        prop_assert_eq!(head.end(), block.end());
        prop_assert_eq!(head.slots as usize, block.len());
        prop_assert_eq!(head.present() as usize, block.count(Quality::has_value));
        prop_assert_eq!(head.estimated as usize, block.count(Quality::is_estimate));
        prop_assert_eq!(head.peak, block.intervals().map(|i| i.value).max().unwrap_or(0));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = DayBlock::decode(&bytes);
        let mut believable = vec![1, 0x80, 0x80, 0x80, 0x0e, 1, 96, 0xfd];
        believable.extend(&bytes);
        let _ = DayBlock::decode(&believable);
    }

    #[test]
    fn a_cut_block_is_refused_and_a_changed_one_never_panics(
        block in any_block(), cut in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(), bit in 0u8..8
    ) {
        let mut bytes = block.encode();
        prop_assert!(DayBlock::decode(&bytes[..cut.index(bytes.len())]).is_err());
        let i = flip.index(bytes.len());
        bytes[i] ^= 1 << bit;
        let _ = DayBlock::decode(&bytes);
    }
}

#[test]
fn days_have_as_many_slots_as_the_clock_gives_them() {
    let midnight = at(1_772_956_800); // 2026-03-08T08:00Z, midnight in California
    for (hours, quarters) in [(23, 92), (24, 96), (25, 100)] {
        let end = midnight + TimeDelta::hours(hours);
        assert_eq!(DayBlock::between(midnight, end, 900, -3).len(), quarters);
        assert_eq!(DayBlock::between(midnight, end, 3600, 0).len(), usize::try_from(hours).expect("small"));
    }
}

#[test]
fn a_hole_is_not_a_zero() {
    let mut block = DayBlock::empty(at(0), 900, 4, 0);
    block.set(1, 0, Quality::Validated);
    block.set(2, 7, Quality::Estimated);
    let back = DayBlock::decode(&block.encode()).expect("a block");
    assert_eq!(back.slot(0), Slot::MISSING);
    assert_eq!(back.slot(1), Slot { value: Some(0), quality: Quality::Validated });
    assert_eq!(back.sum(), 7);
    assert_eq!(back.slot_at(at(1800)), Some(2));
    assert_eq!(back.slot_at(at(1801)), None);
    assert_eq!(back.slot_at(at(3600)), None);
}

/// A home in watt-hours: a base load with small wander, a fridge, a few hours of cooking, an evening peak.
fn home(day: i64) -> DayBlock {
    let mut block = DayBlock::empty(at(day * 86_400), 900, 96, -3);
    let mut state = day.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for i in 0..96 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let wander = (state % 41).cast_signed();
        let load = match i {
            28..34 => 260 + 5 * wander,
            70..88 => 420 + 8 * wander,
            _ => 60 + wander,
        };
        block.set(i, load, Quality::Validated);
    }
    block
}

#[test]
fn a_believable_day_takes_less_than_a_byte_and_a_half_per_interval() {
    let year: usize = (0..365).map(|d| home(d).encode().len()).sum();
    assert!(year <= 365 * 96 * 3 / 2, "{year} bytes for a year");
    let mut water = DayBlock::empty(at(0), 3600, 24, 0);
    for i in 0..24 {
        water.set(
            i,
            [0, 0, 0, 0, 0, 0, 18, 31, 4, 0, 0, 0, 2, 0, 0, 0, 0, 7, 22, 5, 3, 0, 0, 0][i],
            Quality::Validated,
        );
    }
    assert!(water.encode().len() <= 28, "{} bytes for a day of water", water.encode().len());
}
