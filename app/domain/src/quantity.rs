//! Services, directions, units, and exact decimal quantities.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is metered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Commodity {
    /// Electric energy.
    Electricity,
    /// Natural gas.
    Gas,
    /// Potable water.
    Water,
}

impl Commodity {
    /// In the order that every page shows them.
    pub const ALL: [Self; 3] = [Self::Electricity, Self::Gas, Self::Water];

    /// The word in URLs and classes.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Electricity => "electricity",
            Self::Gas => "gas",
            Self::Water => "water",
        }
    }

    /// Reads [`Commodity::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.slug() == slug)
    }

    /// The unit that a bill of this service counts in.
    #[must_use]
    pub const fn billing_unit(self) -> Unit {
        match self {
            Self::Electricity => Unit::KilowattHour,
            Self::Gas => Unit::Therm,
            Self::Water => Unit::Ccf,
        }
    }
}

/// A service on the bill, metered or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// Electricity.
    Electricity,
    /// Gas.
    Gas,
    /// Water.
    Water,
    /// Wastewater (sewer).
    Wastewater,
    /// Refuse collection.
    Refuse,
    /// Storm drain.
    Storm,
}

impl ServiceKind {
    /// In the order of the bill.
    pub const ALL: [Self; 6] = [Self::Electricity, Self::Gas, Self::Water, Self::Wastewater, Self::Refuse, Self::Storm];

    /// The metered commodity behind the service, if there is one.
    #[must_use]
    pub const fn commodity(self) -> Option<Commodity> {
        match self {
            Self::Electricity => Some(Commodity::Electricity),
            Self::Gas => Some(Commodity::Gas),
            Self::Water => Some(Commodity::Water),
            Self::Wastewater | Self::Refuse | Self::Storm => None,
        }
    }

    /// The word in URLs, classes and files.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Electricity => "electricity",
            Self::Gas => "gas",
            Self::Water => "water",
            Self::Wastewater => "wastewater",
            Self::Refuse => "refuse",
            Self::Storm => "storm",
        }
    }
}

impl From<Commodity> for ServiceKind {
    fn from(c: Commodity) -> Self {
        match c {
            Commodity::Electricity => Self::Electricity,
            Commodity::Gas => Self::Gas,
            Commodity::Water => Self::Water,
        }
    }
}

/// Which way it flows, seen from the customer's meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the customer.
    Delivered,
    /// From the customer, such as solar export; positive numbers.
    Received,
    /// Delivered less received; may be negative.
    Net,
}

/// A unit of measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Kilowatt-hours.
    KilowattHour,
    /// Watt-hours.
    WattHour,
    /// Kilovar-hours.
    KilovarHour,
    /// Therms.
    Therm,
    /// British thermal units.
    Btu,
    /// Joules.
    Joule,
    /// Cubic feet.
    CubicFoot,
    /// Hundred cubic feet.
    Ccf,
    /// Cubic metres.
    CubicMetre,
    /// US gallons.
    Gallon,
    /// Litres.
    Litre,
}

impl Unit {
    /// The short form beside a number: `kWh`, `gal`.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::KilowattHour => "kWh",
            Self::WattHour => "Wh",
            Self::KilovarHour => "kVArh",
            Self::Therm => "therm",
            Self::Btu => "Btu",
            Self::Joule => "J",
            Self::CubicFoot => "cu ft",
            Self::Ccf => "CCF",
            Self::CubicMetre => "m³",
            Self::Gallon => "gal",
            Self::Litre => "L",
        }
    }
}

impl Unit {
    /// The power of ten that leads from this unit to another of the same kind: `WattHour.power_to(KilowattHour)` is
    /// -3, since `1 Wh = 10^-3 kWh`. `None` where no power of ten does.
    #[must_use]
    pub fn power_to(self, other: Self) -> Option<i8> {
        match (self, other) {
            (a, b) if a == b => Some(0),
            (Self::WattHour, Self::KilowattHour) | (Self::Litre, Self::CubicMetre) => Some(-3),
            (Self::KilowattHour, Self::WattHour) | (Self::CubicMetre, Self::Litre) => Some(3),
            (Self::CubicFoot, Self::Ccf) => Some(-2),
            (Self::Ccf, Self::CubicFoot) => Some(2),
            _ => None,
        }
    }
}

impl Unit {
    /// The exact fraction that leads from this unit to another of the same quantity: `Gallon.ratio_to(CubicFoot)` is
    /// `(231, 1728)`. `None` where the two count different things; gas by volume and by heat are different things, since the
    /// heat of a cubic foot changes from month to month.
    ///
    /// A gallon is 231 and a cubic foot 1,728 cubic inches; an inch is 2.54 cm (NIST Handbook 44, appendix C).
    #[must_use]
    pub fn ratio_to(self, other: Self) -> Option<(i64, i64)> {
        let ((kind, n1, d1), (other_kind, n2, d2)) = (self.in_base(), other.in_base());
        (kind == other_kind).then_some((n1 * d2, d1 * n2))
    }

    /// What is counted, and how much of its base this unit is, as a fraction.
    const fn in_base(self) -> (Counted, i64, i64) {
        match self {
            Self::WattHour => (Counted::Energy, 1, 1),
            Self::KilowattHour => (Counted::Energy, 1_000, 1),
            Self::Joule => (Counted::Energy, 1, 3_600),
            Self::KilovarHour => (Counted::Reactive, 1, 1),
            Self::Btu => (Counted::Heat, 1, 1),
            Self::Therm => (Counted::Heat, 100_000, 1),
            Self::Gallon => (Counted::Volume, 231, 1),
            Self::CubicFoot => (Counted::Volume, 1_728, 1),
            Self::Ccf => (Counted::Volume, 172_800, 1),
            // 1,000 cm3 / (2.54 cm)3
            Self::Litre => (Counted::Volume, 125_000_000, 2_048_383),
            Self::CubicMetre => (Counted::Volume, 125_000_000_000, 2_048_383),
        }
    }
}

/// What a unit counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// In watt-hours.
    Energy,
    /// In kilovar-hours.
    Reactive,
    /// In British thermal units.
    Heat,
    /// In cubic inches.
    Volume,
}

/// An exact decimal number: `amount * 10^exponent`. What it counts (the unit) stands beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decimal {
    /// The digits.
    pub amount: i64,
    /// The power of ten.
    pub exponent: i8,
}

impl Decimal {
    /// `amount * 10^exponent`.
    #[must_use]
    pub const fn new(amount: i64, exponent: i8) -> Self {
        Self { amount, exponent }
    }

    /// The same number counted in `10^exponent`, or `None` where it does not fit exactly.
    #[must_use]
    pub fn rescale(self, exponent: i8) -> Option<i64> {
        let shift = i32::from(self.exponent) - i32::from(exponent);
        if shift >= 0 {
            self.amount.checked_mul(10i64.checked_pow(shift.unsigned_abs())?)
        } else {
            let d = 10i64.checked_pow(shift.unsigned_abs())?;
            (self.amount % d == 0).then_some(self.amount / d)
        }
    }

    /// Counted in `10^exponent`, rounded half away from zero; saturates at the range of `i64`.
    #[must_use]
    pub fn round_to(self, exponent: i8) -> i64 {
        let shift = i32::from(self.exponent) - i32::from(exponent);
        if shift >= 0 {
            10i64
                .checked_pow(shift.unsigned_abs())
                .and_then(|m| self.amount.checked_mul(m))
                .unwrap_or(if self.amount < 0 { i64::MIN } else { i64::MAX })
        } else {
            10i64.checked_pow(shift.unsigned_abs()).map_or(0, |d| {
                let half = d / 2;
                let magnitude = (i128::from(self.amount).abs() + i128::from(half)) / i128::from(d);
                let signed = if self.amount < 0 { -magnitude } else { magnitude };
                i64::try_from(signed).unwrap_or(i64::MAX)
            })
        }
    }

    /// Reads `-12.50`, `1e3` is refused. Keeps the written precision.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let t = text.trim();
        let (negative, t) = match t.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, t.strip_prefix('+').unwrap_or(t)),
        };
        let mut amount: i64 = 0;
        let mut exponent: i8 = 0;
        let mut seen_point = false;
        let mut digits = 0;
        for b in t.bytes() {
            match b {
                b'0'..=b'9' => {
                    amount = amount.checked_mul(10)?.checked_add(i64::from(b - b'0'))?;
                    digits += 1;
                    if seen_point {
                        exponent = exponent.checked_sub(1)?;
                    }
                }
                b'.' if !seen_point => seen_point = true,
                _ => return None,
            }
        }
        (digits > 0).then_some(Self { amount: if negative { -amount } else { amount }, exponent })
    }
}

impl fmt::Display for Decimal {
    /// Plain digits with trailing zeros removed, no grouping: `1391.666`, `-0.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.amount < 0 { "-" } else { "" };
        let digits = self.amount.unsigned_abs().to_string();
        if self.exponent >= 0 {
            let zeros = if self.amount == 0 { 0 } else { usize::from(self.exponent.unsigned_abs()) };
            return write!(f, "{sign}{digits}{}", "0".repeat(zeros));
        }
        let places = usize::from(self.exponent.unsigned_abs());
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimals_print_and_read_plainly() {
        assert_eq!(Decimal::new(1_391_666, -3).to_string(), "1391.666");
        assert_eq!(Decimal::new(-5, -1).to_string(), "-0.5");
        assert_eq!(Decimal::new(29, 3).to_string(), "29000");
        assert_eq!(Decimal::parse("-12.50"), Some(Decimal::new(-1250, -2)));
        assert_eq!(Decimal::parse("1e3"), None);
        assert_eq!(Decimal::parse("."), None);
    }

    proptest! {
        #[test]
        fn reading_back_keeps_the_number(amount in any::<i32>(), exponent in -8i8..3) {
            let d = Decimal::new(i64::from(amount), exponent);
            let back = Decimal::parse(&d.to_string()).expect("printed decimals read back");
            prop_assert_eq!(back.rescale(-8), d.rescale(-8));
        }
    }
}
