//! What is not known by the clock, filled in from what is: a bill by the hour needs every hour.

use std::collections::HashMap;

use crate::money::{Cents, div_half_up, largest_remainder};

/// Fills the values that are `missing` and leaves the others alone. Each gets the mean of the known values with the same `key` (the same
/// minute of a like day), else of all known values; `key` is asked once for each value. Where it is known what all of them come to
/// (`whole`, from a dial), what is missing is shared out in that proportion, so that the values sum to it. No filled value is higher
/// than the highest known one, unless the dial proves that one of them was: a highest load is not set by an estimate.
pub fn fill<K: std::hash::Hash + Eq>(
    values: &mut [i64],
    missing: &[bool],
    key: impl Fn(usize) -> K,
    whole: Option<i64>,
) {
    let holes: Vec<usize> = (0..values.len()).filter(|i| missing.get(*i).copied().unwrap_or(false)).collect();
    if holes.is_empty() {
        return;
    }
    let mut like: HashMap<K, (i128, i128)> = HashMap::new();
    let (mut sum, mut count, mut highest) = (0_i128, 0_i128, 0_i64);
    for (i, v) in values.iter().enumerate().filter(|(i, _)| !missing.get(*i).copied().unwrap_or(false)) {
        let of = like.entry(key(i)).or_default();
        (of.0, of.1) = (of.0 + i128::from(*v), of.1 + 1);
        (sum, count, highest) = (sum + i128::from(*v), count + 1, highest.max(*v));
    }
    let mean = |(sum, count): (i128, i128)| div_half_up(sum, count.max(1));
    let weights: Vec<i128> =
        holes.iter().map(|i| mean(like.get(&key(*i)).copied().unwrap_or((sum, count))).max(0)).collect();
    let Some(whole) = whole else {
        for (i, w) in holes.iter().zip(weights) {
            values[*i] = i64::try_from(w).unwrap_or(i64::MAX);
        }
        return;
    };
    let left = i64::try_from((i128::from(whole) - sum).max(0)).unwrap_or(i64::MAX);
    let weights = if weights.iter().all(|w| *w == 0) { vec![1; holes.len()] } else { weights };
    let n = i64::try_from(holes.len()).unwrap_or(i64::MAX);
    let cap = highest.max(left / n + i64::from(left % n != 0));
    let mut over = 0;
    let mut room = Vec::with_capacity(holes.len());
    for (i, share) in holes.iter().zip(largest_remainder(Cents(left), &weights)) {
        values[*i] = share.0.min(cap);
        over += share.0 - values[*i];
        room.push(i128::from(cap - values[*i]));
    }
    if over > 0 {
        for (i, share) in holes.iter().zip(largest_remainder(Cents(over), &room)) {
            values[*i] += share.0;
        }
    }
}

/// What is known of a day's total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfDay {
    /// The sum of what is known; `None` where nothing is.
    pub amount: Option<i64>,
    /// Intervals that there should be.
    pub expected: u32,
    /// Intervals that have a value.
    pub present: u32,
}

impl OfDay {
    /// Whether nothing of it is missing.
    #[must_use]
    pub const fn whole(&self) -> bool {
        self.amount.is_some() && self.expected > 0 && self.present == self.expected
    }
}

/// What some days come to where not all of them are known: a day's missing intervals are taken to be like its others, and a missing
/// day like the mean of the others. `None` where nothing is known of any.
#[must_use]
pub fn total(days: &[OfDay]) -> Option<i64> {
    let (mut sum, mut known) = (0_i128, 0_i128);
    for d in days {
        let Some(amount) = d.amount.map(i128::from) else { continue };
        known += 1;
        sum += if d.present == 0 || d.expected == 0 {
            amount
        } else {
            div_half_up(amount * i128::from(d.expected.max(d.present)), i128::from(d.present))
        };
    }
    if known == 0 {
        return None;
    }
    let holes = i128::try_from(days.len()).unwrap_or(0) - known;
    Some(i64::try_from(sum + div_half_up(sum * holes, known)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_missing_hour_is_like_the_same_hour_of_other_days() {
        let mut values = vec![10, 20, 30, 10, 0, 0];
        fill(&mut values, &[false, false, false, false, true, true], |i| i % 3, None);
        assert_eq!(values, [10, 20, 30, 10, 20, 30]);
        // The dial says 100 in all: 30 are left, two to three.
        let mut values = vec![10, 20, 30, 10, 0, 0];
        fill(&mut values, &[false, false, false, false, true, true], |i| i % 3, Some(100));
        assert_eq!(values, [10, 20, 30, 10, 12, 18]);
    }

    #[test]
    fn without_anything_known_it_is_flat() {
        let mut values = vec![0; 4];
        fill(&mut values, &[true; 4], |_| 0, Some(10));
        assert_eq!(values, [3, 3, 2, 2]);
    }

    #[test]
    fn missing_days_are_like_the_others() {
        let day = |amount, present| OfDay { amount, expected: 96, present };
        assert_eq!(total(&[day(Some(960), 96), day(Some(480), 48), day(None, 0)]), Some(2_880));
        assert_eq!(total(&[day(None, 0)]), None);
        assert_eq!(total(&[]), None);
        assert!(day(Some(1), 96).whole() && !day(Some(1), 95).whole() && !day(None, 0).whole());
        assert!(!OfDay { amount: Some(1), expected: 0, present: 0 }.whole(), "nobody says that it is all");
    }

    proptest! {
        #[test]
        fn what_is_filled_sums_to_the_dial_and_sets_no_peak(
            known in prop::collection::vec(prop::option::weighted(0.8, 0i64..5_000), 1..200), more in 0i64..100_000,
        ) {
            let missing: Vec<bool> = known.iter().map(Option::is_none).collect();
            let mut values: Vec<i64> = known.iter().map(|k| k.unwrap_or(0)).collect();
            let (sum, highest) = (values.iter().sum::<i64>(), values.iter().copied().max().unwrap_or(0));
            let holes = i64::try_from(missing.iter().filter(|m| **m).count()).expect("few");
            fill(&mut values, &missing, |i| i % 24, Some(sum + more));
            for (v, k) in values.iter().zip(&known) {
                prop_assert!(k.is_none_or(|k| k == *v) && *v >= 0);
            }
            if holes > 0 {
                prop_assert_eq!(values.iter().sum::<i64>(), sum + more);
                prop_assert!(values.iter().max().is_some_and(|m| *m <= highest.max(more / holes + 1)));
            }
        }
    }
}
