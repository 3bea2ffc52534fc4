//! What has been agreed with those who send: by which zone and which end of an interval they stamp, and what their units mean.
//! What is not agreed is as the format has it.

use std::collections::HashMap;

use domain::calendar::Zone;
use domain::quantity::{Commodity, Direction, Unit};

/// What a sender's text for a unit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What is metered.
    pub commodity: Commodity,
    /// Which way it flows.
    pub direction: Direction,
    /// The unit.
    pub unit: Unit,
    /// Whether it is a cumulative register.
    pub register: bool,
}

impl Meaning {
    /// Reads words such as `electricity received kWh` or `water delivered gal register`.
    ///
    /// # Errors
    /// With what is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (register, words) = match words.split_last() {
            Some((&"register", rest)) => (true, rest),
            _ => (false, &words[..]),
        };
        let known = match words {
            [commodity, direction, unit] => {
                let direction = match *direction {
                    "delivered" => Some(Direction::Delivered),
                    "received" => Some(Direction::Received),
                    "net" => Some(Direction::Net),
                    _ => None,
                };
                Commodity::from_slug(commodity).zip(direction).zip(unit_of(unit))
            }
            _ => None,
        };
        let ((commodity, direction), unit) = known.ok_or_else(|| {
            format!(
                "`{text}` says no commodity, direction and unit; right are `electricity received kWh` and \
                 `water delivered gal register`"
            )
        })?;
        Ok(Self { commodity, direction, unit, register })
    }
}

fn unit_of(text: &str) -> Option<Unit> {
    Some(match text {
        "kWh" => Unit::KilowattHour,
        "Wh" => Unit::WattHour,
        "kVArh" => Unit::KilovarHour,
        "therm" => Unit::Therm,
        "gal" => Unit::Gallon,
        "ccf" => Unit::Ccf,
        "ft3" => Unit::CubicFoot,
        "m3" => Unit::CubicMetre,
        "L" => Unit::Litre,
        _ => return None,
    })
}

/// What has been agreed with one sender.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// The zone of its local times; `None` for the one that the file is read by.
    pub zone: Option<Zone>,
    /// Whether it stamps the start of an interval where the format has its end.
    pub stamps_start: bool,
    /// What its units mean, by their text.
    pub units: HashMap<String, Meaning>,
}

/// What has been agreed, by the sender's name in its files.
#[derive(Clone, Debug, Default)]
pub struct Agreements(pub HashMap<String, Agreement>);

impl Agreements {
    /// What has been agreed with a sender, if anything has.
    #[must_use]
    pub fn with(&self, sender: &str) -> Option<&Agreement> {
        if self.0.is_empty() { None } else { self.0.get(sender) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_are_words() {
        let found = Meaning::parse("electricity received kWh").expect("it is right");
        assert_eq!((found.direction, found.unit, found.register), (Direction::Received, Unit::KilowattHour, false));
        let found = Meaning::parse("water delivered gal register").expect("it is right");
        assert_eq!((found.commodity, found.unit, found.register), (Commodity::Water, Unit::Gallon, true));
        for wrong in ["", "electricity kWh", "steam delivered kWh", "gas delivered kWh therm", "water up gal"] {
            assert!(Meaning::parse(wrong).expect_err("it is wrong").contains("kWh"), "{wrong}");
        }
    }
}
