//! Money: whole cents in bills and postings, finer fixed-point amounts in prices and interval costs.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

/// An amount in whole cents; negative is a credit to the customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct Cents(pub i64);

impl Cents {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The sum, or `None` where it leaves the range of `i64`.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(v) => Some(Self(v)),
            None => None,
        }
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Reads what a person types: `12`, `12.5`, `$1,204.50`. Negative amounts and more than two decimals are refused, and commas
    /// that do not part thousands: `20,00` may have been meant as twenty.
    ///
    /// # Errors
    /// [`AmountError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let t = text.trim().trim_start_matches('$').trim();
        if t.is_empty() {
            return Err(AmountError::Empty);
        }
        if t.starts_with(['-', '\u{2212}']) {
            return Err(AmountError::Negative);
        }
        let (whole, fraction) = t.split_once('.').unwrap_or((t, ""));
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default().len();
        let parted = whole.contains(',');
        if parted && (!(1..=3).contains(&first) || groups.any(|g| g.len() != 3)) {
            return Err(AmountError::NotANumber);
        }
        let whole = whole.replace(',', "");
        if !(whole.bytes().all(|b| b.is_ascii_digit()) && fraction.bytes().all(|b| b.is_ascii_digit()))
            || (whole.is_empty() && fraction.is_empty())
        {
            return Err(AmountError::NotANumber);
        }
        if fraction.len() > 2 {
            return Err(AmountError::TooFine);
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| AmountError::TooLarge)? };
        let mut cents: i64 =
            if fraction.is_empty() { 0 } else { fraction.parse().map_err(|_| AmountError::TooLarge)? };
        if fraction.len() == 1 {
            cents *= 10;
        }
        whole.checked_mul(100).and_then(|w| w.checked_add(cents)).map(Self).ok_or(AmountError::TooLarge)
    }
}

/// Why a typed amount is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing was typed.
    #[error("no amount")]
    Empty,
    /// Not digits with at most one point.
    #[error("not an amount such as 12.50")]
    NotANumber,
    /// Below zero.
    #[error("a negative amount")]
    Negative,
    /// More than two decimals.
    #[error("finer than a cent")]
    TooFine,
    /// Out of range.
    #[error("too large an amount")]
    TooLarge,
}

impl fmt::Display for Cents {
    /// As people write it, with a true minus: `$1,204.50`, `−$3.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "\u{2212}" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}${}.{:02}", Grouped(magnitude / 100), magnitude % 100)
    }
}

/// An unsigned number with its thousands grouped: `1,234,567`.
pub struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

impl Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}
impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}
impl SubAssign for Cents {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}
impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// An amount finer than a cent: 10^-5 dollars, the unit of ESPI costs. What an interval cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FineAmount(pub i64);

impl FineAmount {
    /// Fine units in a cent.
    pub const PER_CENT: i64 = 1_000;

    /// To whole cents, half up (towards plus infinity).
    #[must_use]
    pub const fn to_cents(self) -> Cents {
        Cents((self.0 + Self::PER_CENT / 2).div_euclid(Self::PER_CENT))
    }
}

/// A price: 10^-8 dollars for one unit of what is sold (a kWh, a therm, a day). Fine enough for prices with eight decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct Price(pub i64);

impl Price {
    /// Price units in a dollar.
    pub const PER_DOLLAR: i64 = 100_000_000;
}

/// Divides, rounding half up (towards plus infinity), the one rounding of a printed bill line.
///
/// # Panics
/// If `divisor` is not positive.
#[must_use]
pub fn div_half_up(dividend: i128, divisor: i128) -> i128 {
    assert!(divisor > 0, "a divisor is positive");
    (2 * dividend + divisor).div_euclid(2 * divisor)
}

/// Splits `total` over `weights` so that the parts sum to it: floor shares, then one cent each to the largest remainders
/// (first come first on ties). Weights may be zero; if all are, everything goes to the first part. Negative totals split as
/// the mirror image of positive ones.
#[must_use]
pub fn largest_remainder(total: Cents, weights: &[i128]) -> Vec<Cents> {
    if weights.is_empty() {
        return Vec::new();
    }
    let sum: i128 = weights.iter().map(|w| w.abs()).sum();
    if sum == 0 {
        let mut parts = vec![Cents::ZERO; weights.len()];
        parts[0] = total;
        return parts;
    }
    let sign = if total.0 < 0 { -1 } else { 1 };
    let magnitude = i128::from(total.0).abs();
    let mut parts: Vec<i128> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    for (i, w) in weights.iter().enumerate() {
        let product = magnitude * w.abs();
        parts.push(product / sum);
        remainders.push((product % sum, i));
    }
    let mut left = magnitude - parts.iter().sum::<i128>();
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, i) in remainders {
        if left == 0 {
            break;
        }
        parts[i] += 1;
        left -= 1;
    }
    parts.into_iter().map(|p| Cents(i64::try_from(sign * p).expect("a share is no larger than the total"))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_reads_as_people_write_it() {
        assert_eq!(Cents(120_450).to_string(), "$1,204.50");
        assert_eq!(Cents(-5).to_string(), "−$0.05");
        assert_eq!(Cents::parse(" $1,204.5 "), Ok(Cents(120_450)));
        for wrong in ["1,0", "20,00", ",5", "1,2345", "1234,567", "1,,000", "1,000,00"] {
            assert_eq!(Cents::parse(wrong), Err(AmountError::NotANumber), "{wrong}");
        }
        assert_eq!(Cents::parse("0.005"), Err(AmountError::TooFine));
        assert_eq!(Cents::parse("-3"), Err(AmountError::Negative));
        assert_eq!(Cents::parse("−3"), Err(AmountError::Negative));
        assert_eq!(Cents::parse("ten"), Err(AmountError::NotANumber));
        assert_eq!(Cents::parse("1000000000000000000000"), Err(AmountError::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(cents in 0i64..1_000_000_000_000) {
            prop_assert_eq!(Cents::parse(&Cents(cents).to_string()), Ok(Cents(cents)));
        }

        #[test]
        fn parts_sum_to_the_whole(total in -1_000_000i64..1_000_000, weights in proptest::collection::vec(0i128..1_000_000, 1..8)) {
            let parts = largest_remainder(Cents(total), &weights);
            prop_assert_eq!(parts.iter().copied().sum::<Cents>(), Cents(total));
        }
    }
}
