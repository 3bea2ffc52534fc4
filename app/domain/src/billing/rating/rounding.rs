//! Rounding as a schedule asks for it: by line or by their sum, half up or half even, quantities exact or whole.

use super::MICRO;
use crate::billing::Line;
use crate::money::{Cents, div_half_up, largest_remainder};
use crate::tariff::{Half, Quantities, RoundedBy, Rounding};

/// Parts of a cent in which a line is known exactly enough to be summed.
const PARTS: i128 = 1_000_000_000_000;

/// `dividend / divisor` as a whole number.
fn divided(dividend: i128, divisor: i128, half: Half) -> i128 {
    match half {
        Half::Up => div_half_up(dividend.abs(), divisor) * dividend.signum(),
        Half::Even => {
            let (whole, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
            let up = match (2 * rest).cmp(&divisor) {
                std::cmp::Ordering::Less => 0,
                std::cmp::Ordering::Equal => whole.rem_euclid(2),
                std::cmp::Ordering::Greater => 1,
            };
            whole + up
        }
    }
}

/// What a line comes to before it is rounded, in [`PARTS`] of a cent. A line without a price is what it is.
fn exact(line: &Line) -> i128 {
    let Some(price) = line.price else { return i128::from(line.amount.0) * PARTS };
    let count = line.quantity.or(line.times.map(|t| t.1)).map_or(1_000_000, |d| d.round_to(MICRO));
    // 10^-8 dollars by 10^-6 units are 10^-12 cents.
    let whole = i128::from(price.0) * i128::from(count);
    let by_days = line.monthly || line.quantity.is_none();
    let amount =
        if by_days { div_half_up(whole * i128::from(line.days), i128::from(line.of_days.max(1))) } else { whole };
    if line.kind == crate::billing::LineKind::Export { -amount } else { amount }
}

/// Rounds the quantities that are priced.
pub(super) fn quantities(rounding: Rounding, shares: &mut [i64]) {
    if rounding.quantity == Quantities::Whole {
        for share in shares {
            *share = whole(rounding, *share);
        }
    }
}

/// A quantity in millionths as it is priced.
pub(super) fn whole(rounding: Rounding, quantity: i64) -> i64 {
    match rounding.quantity {
        Quantities::Exact => quantity,
        Quantities::Whole => {
            let units = divided(i128::from(quantity), 1_000_000, rounding.half);
            i64::try_from(units * 1_000_000).unwrap_or(i64::MAX)
        }
    }
}

/// Rounds the amounts of lines.
pub(super) fn amounts(rounding: Rounding, lines: &mut [Line]) {
    if (rounding.by, rounding.half) == (RoundedBy::Line, Half::Up) {
        return;
    }
    let exact: Vec<i128> = lines.iter().map(exact).collect();
    let cents = |n: i128| Cents(i64::try_from(n).unwrap_or(i64::MAX));
    let amounts = match rounding.by {
        RoundedBy::Line => exact.iter().map(|e| cents(divided(*e, PARTS, rounding.half))).collect(),
        RoundedBy::Total => {
            let total = divided(exact.iter().sum(), PARTS, rounding.half);
            let floors: Vec<i128> = exact.iter().map(|e| e.div_euclid(PARTS)).collect();
            // What the floors lack goes to the lines that lost most by them.
            let lacking = cents(total - floors.iter().sum::<i128>());
            let mut order: Vec<usize> = (0..exact.len()).collect();
            order.sort_by_key(|i| -exact[*i].rem_euclid(PARTS));
            let mut out: Vec<Cents> = floors.into_iter().map(cents).collect();
            for i in order.into_iter().take(usize::try_from(lacking.0).unwrap_or(0)) {
                out[i] += Cents(1);
            }
            out
        }
    };
    for (line, amount) in lines.iter_mut().zip(amounts) {
        if line.amount != amount {
            with_components(line, amount);
        }
    }
}

/// Gives a line another amount; its components keep their shares.
pub(super) fn with_components(line: &mut Line, amount: Cents) {
    line.amount = amount;
    let weights: Vec<i128> = line.components.iter().map(|(_, a)| i128::from(a.0).abs()).collect();
    for ((_, part), share) in line.components.iter_mut().zip(largest_remainder(amount, &weights)) {
        *part = share;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_where_they_should() {
        let even = |n| divided(n, 10, Half::Even);
        assert_eq!([5, 15, 25, -5, -15, 16, 14].map(even), [0, 2, 2, 0, -2, 2, 1]);
        let up = |n| divided(n, 10, Half::Up);
        assert_eq!([5, 15, 25, -5, -15].map(up), [1, 2, 3, -1, -2]);
    }

    proptest! {
        #[test]
        fn both_ways_are_within_half_a_unit(n in -1_000_000i128..1_000_000, d in 1i128..500, even: bool) {
            let out = divided(n, d, if even { Half::Even } else { Half::Up });
            prop_assert!((2 * (out * d - n)).abs() <= d);
        }
    }
}
