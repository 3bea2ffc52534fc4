//! What happens when a day comes again: same values change nothing, holes are filled, other values are ranked.

use super::Quality;
use super::day::DayBlock;

/// What a delivery did to a stored day, interval by interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Values that filled holes.
    pub filled: u32,
    /// Values that were there already.
    pub duplicate: u32,
    /// Values that took the place of others.
    pub superseding: u32,
    /// Values that stayed behind better ones and changed nothing.
    pub outranked: u32,
}

/// Two blocks of one register and day that cannot be laid over each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored day has other intervals or another power of ten")]
pub struct OtherGrid;

/// Lays a delivery over what is stored. A different value stands if its quality ranks at least as high, so the later
/// delivery wins among equals; a raw value ranks as checked, since the check follows. The same value is a duplicate,
/// except that a real value confirms (and replaces) an estimate.
///
/// # Errors
/// [`OtherGrid`] where the days do not have the same intervals; nothing is changed then.
pub fn merge(stored: &mut DayBlock, incoming: &DayBlock) -> Result<Merged, OtherGrid> {
    if stored.start() != incoming.start()
        || stored.interval_seconds() != incoming.interval_seconds()
        || stored.len() != incoming.len()
        || stored.exponent() != incoming.exponent()
    {
        return Err(OtherGrid);
    }
    let mut merged = Merged::default();
    for i in 0..incoming.len() {
        let (new, new_quality) = (incoming.values()[i], incoming.qualities()[i]);
        if !new_quality.has_value() {
            if new_quality == Quality::NotInstalled && stored.qualities()[i] == Quality::Missing {
                stored.set_quality(i, Quality::NotInstalled);
            }
            continue;
        }
        let (old, old_quality) = (stored.values()[i], stored.qualities()[i]);
        if !old_quality.has_value() {
            stored.set(i, new, new_quality);
            merged.filled += 1;
        } else if old == new {
            if old_quality == Quality::Estimated && !new_quality.is_estimate() && new_quality != Quality::Questionable {
                stored.set(i, new, new_quality);
                merged.superseding += 1;
            } else {
                merged.duplicate += 1;
            }
        } else if rank(new_quality) >= rank(old_quality) {
            stored.set(i, new, new_quality);
            merged.superseding += 1;
        } else {
            merged.outranked += 1;
        }
    }
    Ok(merged)
}

fn rank(quality: Quality) -> u8 {
    if quality == Quality::Raw { Quality::Validated.rank() } else { quality.rank() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(slots: &[(i64, Quality)]) -> DayBlock {
        let mut b = DayBlock::empty(chrono::DateTime::UNIX_EPOCH, 900, slots.len(), -3);
        for (i, (v, q)) in slots.iter().enumerate() {
            b.set(i, *v, *q);
        }
        b
    }

    fn any_day() -> impl Strategy<Value = DayBlock> {
        prop::collection::vec((0i64..4, 0u8..8), 24).prop_map(|slots| {
            let slots: Vec<_> =
                slots.into_iter().map(|(v, q)| (v, Quality::from_code(q).unwrap_or(Quality::Missing))).collect();
            block(&slots)
        })
    }

    #[test]
    fn better_known_values_stand() {
        use Quality::{Edited, Estimated, Missing, Raw, Validated};
        let mut stored =
            block(&[(1, Validated), (1, Estimated), (0, Missing), (1, Edited), (1, Validated), (3, Estimated)]);
        let merged = merge(&mut stored, &block(&[(1, Raw), (2, Raw), (0, Raw), (9, Raw), (9, Estimated), (3, Raw)]))
            .expect("the same grid");
        assert_eq!(merged, Merged { filled: 1, duplicate: 1, superseding: 2, outranked: 2 });
        assert_eq!(stored, block(&[(1, Validated), (2, Raw), (0, Raw), (1, Edited), (1, Validated), (3, Raw)]));
    }

    #[test]
    fn other_intervals_are_refused() {
        let mut hourly = DayBlock::empty(chrono::DateTime::UNIX_EPOCH, 3600, 24, -3);
        assert_eq!(merge(&mut hourly, &block(&[(1, Quality::Raw); 96])), Err(OtherGrid));
    }

    proptest! {
        #[test]
        fn the_same_delivery_twice_changes_nothing(stored in any_day(), incoming in any_day()) {
            let mut once = stored;
            merge(&mut once, &incoming).expect("the same grid");
            let mut twice = once.clone();
            let again = merge(&mut twice, &incoming).expect("the same grid");
            prop_assert_eq!(&twice, &once);
            prop_assert_eq!(again.filled + again.superseding, 0);
        }

        #[test]
        fn a_delivery_never_makes_a_hole(stored in any_day(), incoming in any_day()) {
            let mut after = stored.clone();
            merge(&mut after, &incoming).expect("the same grid");
            for i in 0..after.len() {
                prop_assert!(after.qualities()[i].has_value() || !stored.qualities()[i].has_value());
            }
        }
    }
}
