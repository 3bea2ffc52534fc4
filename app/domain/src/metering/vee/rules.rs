//! The figures of the rules: one struct for the whole city, and what it comes to for one register.

use serde::{Deserialize, Serialize};

use crate::quantity::{Commodity, Decimal, Direction, Unit};

/// Figures that a utility may set. The defaults stand beside where they come from: DASMMD, Attachment VEE (California,
/// 1999) where it names a figure, else the practice of the trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Figures {
    /// The longest gap that is filled by interpolation, in minutes: two hours in the California rules.
    pub interpolate_minutes: u32,
    /// By how many percent the highest interval of a day may stand above the third-highest: 180 in the California rules.
    pub spike_percent: i64,
    /// By how many whole units of the dial the intervals may differ from it: two, the coarser of the rule's "one to two".
    pub sum_units: i64,
    /// A week's daily mean above so many percent of the four weeks before is high.
    pub high_percent: i64,
    /// A week's daily mean below so many percent of the four weeks before is low.
    pub low_percent: i64,
    /// After so many days without any use an electric meter is looked at: a fridge alone uses more than nothing.
    pub zero_days_electricity: u32,
    /// The same for gas, which a home without heating may not use all summer.
    pub zero_days_gas: u32,
    /// The same for water, which a fortnight's holiday explains.
    pub zero_days_water: u32,
    /// After so many days of one and the same value in every interval a register is stuck.
    pub stuck_days: u32,
    /// After so many days of mostly estimates in a row the meter needs a visit.
    pub estimated_days: u32,
    /// After so many days without data a meter is silent: the rules ask for 99 % of intervals within five days.
    pub silent_days: u32,
    /// So many days a long gap waits for the meter's own values before it is estimated: the rules want 99 % within five.
    pub estimate_after_days: u32,
    /// How far back like days are looked for when a long gap is estimated: a season's worth, so that summer is not
    /// learnt from winter.
    pub like_within_days: u32,
    /// How many like days are averaged.
    pub like_days: u32,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            interpolate_minutes: 120,
            spike_percent: 180,
            sum_units: 2,
            high_percent: 250,
            low_percent: 25,
            zero_days_electricity: 2,
            zero_days_gas: 45,
            zero_days_water: 14,
            stuck_days: 3,
            estimated_days: 7,
            silent_days: 3,
            estimate_after_days: 5,
            like_within_days: 90,
            like_days: 4,
        }
    }
}

/// The figures for one register, in its own counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The longest gap that is filled by interpolation.
    pub longest_gap_seconds: u32,
    /// See [`Figures::spike_percent`].
    pub spike_percent: i64,
    /// A highest interval below this rate (counts per hour) is never a spike: a kettle in an empty home is none.
    pub spike_floor_per_hour: i64,
    /// Whether a value below zero is suspicious: on every channel but a net one.
    pub negative_is_suspicious: bool,
    /// By how much the sum of intervals may differ from the register.
    pub sum_tolerance: i64,
    /// See [`Figures::high_percent`].
    pub high_percent: i64,
    /// See [`Figures::low_percent`].
    pub low_percent: i64,
    /// A daily mean that differs by less than this is neither high nor low, and use of an inactive account below it is
    /// standby.
    pub day_floor: i64,
    /// After so many days without use a register is looked at.
    pub zero_days: u32,
    /// See [`Figures::stuck_days`].
    pub stuck_days: u32,
    /// See [`Figures::estimated_days`].
    pub estimated_days: u32,
    /// See [`Figures::silent_days`].
    pub silent_days: u32,
    /// See [`Figures::estimate_after_days`].
    pub estimate_after_days: u32,
    /// See [`Figures::like_within_days`].
    pub like_within_days: u32,
    /// See [`Figures::like_days`].
    pub like_days: u32,
}

impl Rules {
    /// The rules of a register with the default figures.
    #[must_use]
    pub fn of(commodity: Commodity, direction: Direction, unit: Unit, exponent: i8) -> Self {
        Self::with(&Figures::default(), commodity, direction, unit, exponent)
    }

    /// The rules of a register. The spike floors are what a large home can draw at most in a sustained hour: 12 kW,
    /// 3 therms, 500 gallons; the day floors are what nobody would notice: 5 kWh, 1 therm, 100 gallons.
    #[must_use]
    pub fn with(figures: &Figures, commodity: Commodity, direction: Direction, unit: Unit, exponent: i8) -> Self {
        let (hour, day) = match (commodity, unit) {
            (Commodity::Electricity, Unit::KilowattHour | Unit::KilovarHour) => ((12, 0), (5, 0)),
            (Commodity::Electricity, Unit::WattHour) => ((12, 3), (5, 3)),
            (Commodity::Gas, Unit::Therm | Unit::Ccf) => ((3, 0), (1, 0)),
            (Commodity::Gas, Unit::CubicFoot) => ((3, 2), (1, 2)),
            (Commodity::Gas, Unit::CubicMetre) => ((85, -1), (28, -1)),
            (Commodity::Gas, Unit::Btu) => ((3, 5), (1, 5)),
            (Commodity::Water, Unit::Gallon) => ((5, 2), (1, 2)),
            (Commodity::Water, Unit::CubicFoot) => ((67, 0), (13, 0)),
            (Commodity::Water, Unit::Ccf) => ((67, -2), (13, -2)),
            (Commodity::Water, Unit::CubicMetre) => ((19, -1), (38, -2)),
            (Commodity::Water, Unit::Litre) => ((19, 2), (38, 1)),
            // A unit that the commodity is not sold in: no rate is known to be too high.
            _ => ((i64::MAX, 0), (i64::MAX, 0)),
        };
        let counts = |(amount, power): (i64, i8)| match amount {
            i64::MAX => i64::MAX,
            _ => Decimal::new(amount, power).round_to(exponent),
        };
        Self {
            longest_gap_seconds: figures.interpolate_minutes.saturating_mul(60),
            spike_percent: figures.spike_percent,
            spike_floor_per_hour: counts(hour),
            negative_is_suspicious: direction != Direction::Net,
            sum_tolerance: Decimal::new(figures.sum_units, 0).round_to(exponent),
            high_percent: figures.high_percent,
            low_percent: figures.low_percent,
            day_floor: counts(day),
            zero_days: match commodity {
                Commodity::Electricity => figures.zero_days_electricity,
                Commodity::Gas => figures.zero_days_gas,
                Commodity::Water => figures.zero_days_water,
            }
            .max(1),
            stuck_days: figures.stuck_days.max(1),
            estimated_days: figures.estimated_days.max(1),
            silent_days: figures.silent_days.max(1),
            estimate_after_days: figures.estimate_after_days,
            like_within_days: figures.like_within_days,
            like_days: figures.like_days.max(1),
        }
    }
}
