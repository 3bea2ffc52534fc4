//! Validating, estimating and editing: the simple rules every value passes on its way in. Figures and where they come
//! from stand with [`Rules`].

use crate::quantity::{Commodity, Decimal, Direction, Unit};

mod check;
mod estimate;

pub use check::{check, sum_check, verify};
pub use estimate::fill_gaps;

/// Figures of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The longest gap that is filled by interpolation: two hours in the California VEE rules and in Itron's and
    /// Oracle's defaults.
    pub longest_gap_seconds: u32,
    /// By how many percent of the third-highest interval of a day the highest may stand above it: 180 in the California
    /// rules.
    pub spike_percent: i64,
    /// A highest interval below this rate (counts per hour) is never a spike: a kettle in an empty home is none.
    pub spike_floor_per_hour: i64,
    /// Whether a value below zero is suspicious: on every channel but a net one.
    pub negative_is_suspicious: bool,
    /// By how much the sum of intervals may differ from the register, in counts: two whole units of the dial.
    pub sum_tolerance: i64,
}

impl Rules {
    /// The defaults for a register. The spike floors are what a large home can draw at most in a sustained hour: 12 kW,
    /// 3 therms, 500 gallons.
    #[must_use]
    pub fn of(commodity: Commodity, direction: Direction, unit: Unit, exponent: i8) -> Self {
        let floor = match (commodity, unit) {
            (Commodity::Electricity, Unit::KilowattHour | Unit::KilovarHour) => Some(Decimal::new(12, 0)),
            (Commodity::Electricity, Unit::WattHour) => Some(Decimal::new(12, 3)),
            (Commodity::Gas, Unit::Therm | Unit::Ccf) => Some(Decimal::new(3, 0)),
            (Commodity::Gas, Unit::CubicFoot) => Some(Decimal::new(3, 2)),
            (Commodity::Gas, Unit::CubicMetre) => Some(Decimal::new(85, -1)),
            (Commodity::Gas, Unit::Btu) => Some(Decimal::new(3, 5)),
            (Commodity::Water, Unit::Gallon) => Some(Decimal::new(5, 2)),
            (Commodity::Water, Unit::CubicFoot) => Some(Decimal::new(67, 0)),
            (Commodity::Water, Unit::Ccf) => Some(Decimal::new(67, -2)),
            (Commodity::Water, Unit::CubicMetre) => Some(Decimal::new(19, -1)),
            (Commodity::Water, Unit::Litre) => Some(Decimal::new(19, 2)),
            // A unit that the commodity is not sold in: no rate is known to be too high.
            _ => None,
        };
        Self {
            longest_gap_seconds: 2 * 3600,
            spike_percent: 180,
            spike_floor_per_hour: floor.map_or(i64::MAX, |f| f.round_to(exponent)),
            negative_is_suspicious: direction != Direction::Net,
            sum_tolerance: Decimal::new(2, 0).round_to(exponent),
        }
    }
}

/// A rule that a value or a day may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The highest interval of a day stands far above the third-highest.
    Spike,
    /// A value below zero on a channel that only counts up.
    Negative,
    /// The intervals do not add up to what the dial moved.
    Sum,
}

impl Rule {
    /// The word that is stored.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::Negative => "negative",
            Self::Sum => "sum",
        }
    }
}

/// A broken rule and the two figures that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// The slot, where it is about one.
    pub slot: Option<usize>,
    /// What was found: the interval's value, the sum of the intervals.
    pub found: i64,
    /// What it was held against: the third-highest interval, zero, the difference of the dial.
    pub against: i64,
}

#[cfg(test)]
mod tests;
