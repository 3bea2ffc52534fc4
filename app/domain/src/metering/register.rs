//! Cumulative dials.

/// How far a dial moved between two readings, in the register's power of ten. A dial of `dial_digits` digits of whole
/// units starts again at zero behind its largest number; a step back by less than half a turn is a step back (real dials
/// jitter, and meters run backwards), not nearly a whole turn.
#[must_use]
pub fn difference(from: i64, to: i64, dial_digits: u32, exponent: i8) -> i64 {
    let straight = to.saturating_sub(from);
    if straight >= 0 {
        return straight;
    }
    let places = i64::from(dial_digits) - i64::from(exponent);
    let Some(turn) = u32::try_from(places).ok().and_then(|p| 10i64.checked_pow(p)) else { return straight };
    let turned = straight.saturating_add(turn);
    if turned >= 0 && turned < turn / 2 { turned } else { straight }
}

/// Whether a dial of so many digits of whole units can show a number: before it turns over it starts again at zero.
#[must_use]
pub fn shows(value: i64, dial_digits: u32, exponent: i8) -> bool {
    let places = i64::from(dial_digits) - i64::from(exponent);
    let turn = u32::try_from(places).ok().and_then(|p| 10i64.checked_pow(p));
    value >= 0 && turn.is_none_or(|turn| value < turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dial_turns_over_and_steps_back() {
        assert_eq!(difference(698, 721, 5, 0), 23);
        assert_eq!(difference(99_990, 14, 5, 0), 24);
        assert_eq!(difference(3363, 3362, 5, 0), -1);
        assert_eq!(difference(99_999_500, 250, 5, -3), 750);
        assert_eq!(difference(i64::MAX, i64::MIN, 18, 0), i64::MIN);
    }

    #[test]
    fn a_dial_shows_what_it_has_digits_for() {
        assert!(shows(99_999, 5, 0) && !shows(100_000, 5, 0) && !shows(-1, 5, 0));
        assert!(shows(99_999_999, 5, -3) && !shows(100_000_000, 5, -3));
        assert!(shows(i64::MAX, 12, -8), "finer than can be counted");
    }
}
