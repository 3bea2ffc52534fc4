//! The standard's numbers (ESPI 4.0, enumerations of `espi.xsd`). The schema lets any number pass, so these are tested.

use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use crate::WriteError;

/// ISO 4217: US dollars.
pub(crate) const DOLLARS: u16 = 840;

/// `AccumulationKind`: what was used in the interval.
pub(crate) const DELTA: u8 = 4;

/// `AccumulationKind`: what a dial showed, counted since it was set (bulk quantity).
pub(crate) const DIAL: u8 = 1;

/// `DataQualifierKind`: normal.
pub(crate) const NORMAL: u8 = 12;

/// The quality of readings that do not say theirs: validated.
pub(crate) const USUAL: Quality = Quality::Validated;

/// `ServiceKind`.
pub(crate) const fn service(commodity: Commodity) -> u8 {
    match commodity {
        Commodity::Electricity => 0,
        Commodity::Gas => 1,
        Commodity::Water => 2,
    }
}

/// `CommodityKind`: electricity at the customer's voltage, natural gas, potable water.
pub(crate) const fn commodity(commodity: Commodity) -> u8 {
    match commodity {
        Commodity::Electricity => 1,
        Commodity::Gas => 7,
        Commodity::Water => 9,
    }
}

/// `FlowDirectionKind`: forward, reverse, net.
pub(crate) const fn flow(direction: Direction) -> u8 {
    match direction {
        Direction::Delivered => 1,
        Direction::Received => 19,
        Direction::Net => 4,
    }
}

/// `PhaseCodeKind`: a home's two hot legs and neutral for electricity, not applicable otherwise.
pub(crate) const fn phase(commodity: Commodity) -> u16 {
    match commodity {
        Commodity::Electricity => 769,
        Commodity::Gas | Commodity::Water => 0,
    }
}

/// `MeasurementKind`: energy, or volume.
pub(crate) const fn measurement(unit: Unit) -> u8 {
    match unit {
        Unit::KilowattHour | Unit::WattHour | Unit::KilovarHour | Unit::Therm | Unit::Btu | Unit::Joule => 12,
        Unit::CubicFoot | Unit::Ccf | Unit::CubicMetre | Unit::Gallon | Unit::Litre => 58,
    }
}

/// `TimeAttributeKind` of an interval's length.
pub(crate) const fn measuring_period(seconds: u32) -> u8 {
    match seconds {
        300 => 6,
        600 => 1,
        900 => 2,
        1_800 => 5,
        3_600 => 7,
        86_400 => 4,
        _ => 0,
    }
}

/// `QualityOfReading`; `None` where there is no value.
pub(crate) const fn quality(quality: Quality) -> Option<u8> {
    match quality {
        Quality::Missing | Quality::NotInstalled => None,
        Quality::Raw => Some(14),
        Quality::Validated => Some(17),
        Quality::Verified => Some(18),
        Quality::Estimated => Some(8),
        Quality::Edited => Some(7),
        Quality::Questionable => Some(10),
    }
}

/// `QualityOfReading` of what was billed: of revenue quality, or estimated.
pub(crate) const fn billed(estimated: bool) -> u8 {
    if estimated { 8 } else { 19 }
}

/// How numbers of a unit are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    /// `UnitSymbolKind`.
    pub(crate) uom: u8,
    /// `UnitMultiplierKind`.
    pub(crate) multiplier: i8,
    /// What a number is multiplied by, since the standard knows only some powers of ten.
    factor: i64,
}

/// The powers of ten that the standard names.
const POWERS: [i8; 13] = [-12, -9, -6, -3, -2, -1, 0, 1, 2, 3, 6, 9, 12];

/// The largest number of 48 bits (`Int48`).
const LARGEST: i64 = 140_737_488_355_327;

impl Scale {
    /// The scale for `value * 10^exponent` of a unit.
    ///
    /// # Errors
    /// Where the power of ten is finer than the standard's finest.
    pub(crate) fn of(unit: Unit, exponent: i8) -> Result<Self, WriteError> {
        let (uom, shift) = match unit {
            Unit::KilowattHour => (72, 3),
            Unit::WattHour => (72, 0),
            Unit::KilovarHour => (73, 3),
            Unit::Therm => (169, 0),
            Unit::Btu => (132, 0),
            Unit::Joule => (31, 0),
            Unit::CubicFoot => (119, 0),
            Unit::Ccf => (119, 2),
            // A utility's water is told in gallons, cubic feet or cubic metres (FB_11), never in litres.
            Unit::Litre => (42, -3),
            Unit::CubicMetre => (42, 0),
            Unit::Gallon => (128, 0),
        };
        let none = || WriteError::NoUnit(unit, exponent);
        let power = exponent.checked_add(shift).ok_or_else(none)?;
        let multiplier = POWERS.into_iter().rev().find(|p| *p <= power).ok_or_else(none)?;
        let factor = 10i64.checked_pow(u32::from(power.abs_diff(multiplier))).ok_or_else(none)?;
        Ok(Self { uom, multiplier, factor })
    }

    /// The number that is written.
    ///
    /// # Errors
    /// Where it needs more than 48 bits.
    pub(crate) fn number(self, value: i64) -> Result<i64, WriteError> {
        value.checked_mul(self.factor).filter(|n| (-LARGEST..=LARGEST).contains(n)).ok_or_else(|| {
            // The number as it was meant, for the message.
            WriteError::TooLarge(Decimal::new(value, self.multiplier))
        })
    }

    /// A scale for one number, without the zeros at its end.
    ///
    /// # Errors
    /// As for [`Scale::of`].
    pub(crate) fn of_number(unit: Unit, number: Decimal) -> Result<(Self, i64), WriteError> {
        let Decimal { mut amount, mut exponent } = number;
        while amount != 0 && amount % 10 == 0 && exponent < 0 {
            amount /= 10;
            exponent += 1;
        }
        let scale = Self::of(unit, exponent)?;
        Ok((scale, scale.number(amount)?))
    }
}

/// An amount of money, which has 48 bits too.
///
/// # Errors
/// Where it needs more.
pub(crate) fn money(hundred_thousandths: Option<i64>) -> Result<i64, WriteError> {
    let n = hundred_thousandths.unwrap_or(i64::MAX);
    if (-LARGEST..=LARGEST).contains(&n) { Ok(n) } else { Err(WriteError::TooLarge(Decimal::new(n, -5))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_the_standards_with_a_power_of_ten_it_knows() {
        let of = |unit, exponent| Scale::of(unit, exponent).map(|s| (s.uom, s.multiplier, s.factor)).ok();
        assert_eq!(of(Unit::KilowattHour, -3), Some((72, 0, 1)));
        assert_eq!(of(Unit::KilowattHour, -6), Some((72, -3, 1)));
        assert_eq!(of(Unit::Ccf, 0), Some((119, 2, 1)));
        assert_eq!(of(Unit::Ccf, -2), Some((119, 0, 1)));
        assert_eq!(of(Unit::Therm, -5), Some((169, -6, 10)), "the standard has no 10^-5");
        assert_eq!(of(Unit::Gallon, 1), Some((128, 1, 1)));
        assert_eq!(of(Unit::Litre, 0), Some((42, -3, 1)));
        assert_eq!(of(Unit::Therm, -13), None);
    }

    #[test]
    fn numbers_have_48_bits() {
        let therms = Scale::of(Unit::Therm, -5).expect("a scale");
        assert_eq!(therms.number(-7).expect("a number"), -70);
        assert!(therms.number(LARGEST / 10 + 1).is_err());
        assert!(therms.number(i64::MAX).is_err());
        assert!(money(Some(LARGEST)).is_ok() && money(Some(LARGEST + 1)).is_err() && money(None).is_err());
    }

    #[test]
    fn a_single_number_is_written_without_needless_zeros() {
        let of = |text: &str, unit| {
            let (scale, n) = Scale::of_number(unit, Decimal::parse(text).expect("a number")).expect("a scale");
            (scale.uom, scale.multiplier, n)
        };
        assert_eq!(of("512.000000", Unit::KilowattHour), (72, 3, 512));
        assert_eq!(of("1391.666", Unit::KilowattHour), (72, 0, 1_391_666));
        assert_eq!(of("9.25", Unit::Ccf), (119, 0, 925));
        assert_eq!(of("0.0000", Unit::Therm), (169, -6, 0));
    }
}
