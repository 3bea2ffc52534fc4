use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::metering::Quality;
use crate::metering::day::DayBlock;
use crate::quantity::{Commodity, Direction, Unit};

fn rules() -> Rules {
    Rules::of(Commodity::Electricity, Direction::Delivered, Unit::KilowattHour, -3)
}

fn day(number: i32, values: &[Option<i64>]) -> DayBlock {
    let start = DateTime::UNIX_EPOCH + TimeDelta::days(i64::from(number));
    let mut block = DayBlock::empty(start, 86_400 / 24, 24, -3);
    for (i, v) in values.iter().enumerate() {
        if let Some(v) = v {
            block.set(i, *v, Quality::Raw);
        }
    }
    block
}

fn flat(value: i64) -> Vec<Option<i64>> {
    vec![Some(value); 24]
}

fn filled(days: &mut [DayBlock]) -> usize {
    fill_gaps(days, &rules()).iter().map(|f| f.slots.len()).sum()
}

#[test]
fn what_passes_is_validated() {
    let mut d = day(0, &flat(500));
    assert_eq!(check(&mut d, &rules()), vec![]);
    assert!(d.qualities().iter().all(|q| *q == Quality::Validated));
}

#[test]
fn a_spike_is_held_against_the_third_highest() {
    let mut values = flat(500);
    values[7] = Some(40_000);
    values[8] = Some(39_000);
    let mut d = day(0, &values);
    let findings = check(&mut d, &rules());
    assert_eq!(
        findings,
        vec![Finding { rule: Rule::Spike, slots: Some(7..8), found: 40_000, against: 500, limit: 1_400 }]
    );
    assert_eq!(d.slot(7).quality, Quality::Questionable);
    assert_eq!(d.slot(7).value, Some(40_000), "the value is kept");
    assert_eq!(d.slot(8).quality, Quality::Validated);
    // Three high hours in a row are a car being charged.
    values[9] = Some(38_000);
    assert_eq!(check(&mut day(0, &values), &rules()), vec![]);
    // A kettle in an empty home.
    let mut quiet = flat(0);
    quiet[7] = Some(2_000);
    assert_eq!(check(&mut day(0, &quiet), &rules()), vec![]);
}

#[test]
fn a_negative_value_is_suspicious_unless_the_channel_is_net() {
    let mut values = flat(500);
    values[3] = Some(-20);
    let findings = check(&mut day(0, &values), &rules());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].rule, Rule::Negative);
    let net = Rules::of(Commodity::Electricity, Direction::Net, Unit::KilowattHour, -3);
    assert_eq!(check(&mut day(0, &values), &net), vec![]);
}

#[test]
fn two_hours_are_filled_and_three_stay_a_gap() {
    let mut values = flat(300);
    values[4] = Some(100);
    values[5] = None;
    values[6] = None;
    values[7] = Some(400);
    let mut days = [day(0, &values)];
    assert_eq!(filled(&mut days), 2);
    assert_eq!(days[0].slot(5).value, Some(200));
    assert_eq!(days[0].slot(6).value, Some(300));
    assert_eq!(days[0].slot(6).quality, Quality::Estimated);
    values[8] = None;
    values[9] = None;
    values[10] = None;
    let mut days = [day(0, &values)];
    assert_eq!(filled(&mut days), 2);
    assert_eq!(days[0].count(|q| q == Quality::Missing), 3);
}

#[test]
fn a_gap_over_midnight_is_filled_and_one_at_the_end_is_not() {
    let mut first = flat(100);
    first[23] = None;
    let mut second = flat(400);
    second[0] = None;
    second[23] = None;
    let mut days = [day(0, &first), day(1, &second)];
    assert_eq!(filled(&mut days), 2);
    assert_eq!((days[0].slot(23).value, days[1].slot(0).value), (Some(200), Some(300)));
    assert_eq!(days[1].slot(23).value, None);
    // Days that do not touch have no common gap.
    let mut days = [day(0, &first), day(2, &second)];
    assert_eq!(filled(&mut days), 0);
}

#[test]
fn the_dial_settles_what_is_real() {
    assert_eq!(sum_check(23_400, 23_000, &rules()), Ok(()));
    assert!(sum_check(23_400, 28_000, &rules()).is_err());
    let mut d = day(0, &flat(1));
    d.set_quality(3, Quality::Questionable);
    assert!(verify(&mut d));
    assert_eq!(d.slot(3).quality, Quality::Verified);
    assert!(!verify(&mut d));
}

#[test]
fn a_gap_is_counted_against_the_slots_of_its_day() {
    for slots in [92, 96, 100] {
        let mut d = DayBlock::empty(DateTime::UNIX_EPOCH, 900, slots, -3);
        assert_eq!(gap(&d, false), None, "nothing came yet");
        (0..slots - 10).filter(|i| *i != 5).for_each(|i| d.set(i, 1, Quality::Raw));
        let n = i64::try_from(slots).expect("small");
        let found = |slots, ended| {
            assert_eq!(
                gap(&d, ended),
                Some(Finding { rule: Rule::Gap, slots: Some(slots), found: n - 11, against: n, limit: n })
            );
        };
        found(5..6, false);
        found(5..slots, true);
        d.set(5, 1, Quality::Raw);
        assert_eq!(gap(&d, false), None);
        (slots - 10..slots).for_each(|i| d.set_quality(i, Quality::NotInstalled));
        assert_eq!(gap(&d, true), None, "there was no meter");
    }
}

#[test]
fn a_dial_may_jitter_but_not_go_back() {
    assert_eq!(reverse(-1_000, &rules()), None);
    assert_eq!(reverse(-1_001, &rules()).map(|f| f.found), Some(-1_001));
    let net = Rules::of(Commodity::Electricity, Direction::Net, Unit::KilowattHour, -3);
    assert_eq!(reverse(-9_000, &net), None);
}

#[test]
fn every_rule_has_a_word_of_its_own() {
    for rule in Rule::ALL {
        assert_eq!(Rule::from_slug(rule.slug()), Some(rule));
    }
}

proptest! {
    #[test]
    fn checking_twice_finds_nothing_new(values in prop::collection::vec(prop::option::of(-100i64..60_000), 24)) {
        let mut d = day(0, &values);
        check(&mut d, &rules());
        let once = d.clone();
        prop_assert_eq!(check(&mut d, &rules()), vec![]);
        prop_assert_eq!(d, once);
    }

    #[test]
    fn estimates_lie_between_their_neighbours(
        values in prop::collection::vec(prop::option::weighted(0.8, any::<i64>()), 48)
    ) {
        let mut days = [day(0, &values[..24]), day(1, &values[24..])];
        fill_gaps(&mut days, &rules());
        let slots: Vec<_> = days.iter().flat_map(DayBlock::slots).collect();
        for (i, s) in slots.iter().enumerate() {
            if s.quality == Quality::Estimated {
                let left = slots[..i].iter().rev().find(|s| s.quality == Quality::Raw).and_then(|s| s.value);
                let right = slots[i..].iter().find(|s| s.quality == Quality::Raw).and_then(|s| s.value);
                let (Some(a), Some(b), Some(v)) = (left, right, s.value) else { panic!("an estimate without neighbours") };
                prop_assert!(a.min(b) <= v && v <= a.max(b));
            } else {
                prop_assert_eq!(s.value, values[i]);
            }
        }
    }
}
