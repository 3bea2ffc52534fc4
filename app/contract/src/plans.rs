//! What a home would pay under the plans that it may choose.

use chrono::NaiveDate;
use domain::billing::Sheet;
use domain::billing::trial::Trial;
use domain::calendar::DayRange;
use domain::money::{Cents, Price};
use domain::quantity::Decimal;
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;

/// What is tried, as people set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialAsk {
    /// Miles a week by an electric car that is charged at home.
    pub miles: u32,
    /// Tenths of a kilowatt-hour a day that are moved from the evening to midday.
    pub moved: u32,
    /// Tenths of a kilowatt of solar panels.
    pub solar: u32,
}

impl TrialAsk {
    /// The most miles.
    pub const MILES: u32 = 500;
    /// The most that is moved.
    pub const MOVED: u32 = 100;
    /// The most panels.
    pub const SOLAR: u32 = 100;
    /// Watt-hours for a mile: 30 kWh for 100 miles, as the Environmental Protection Agency rates a common car.
    pub const WATT_HOURS_A_MILE: u32 = 300;

    /// Reads the address. What is no number counts as nothing, more than the most as the most.
    #[must_use]
    pub fn read(car: Option<&str>, moved: Option<&str>, solar: Option<&str>) -> Self {
        let number = |text: Option<&str>, exponent: i8, most: u32| {
            let value = text.and_then(Decimal::parse).map_or(0, |d| d.round_to(exponent));
            u32::try_from(value.clamp(0, i64::from(most))).unwrap_or(0)
        };
        Self {
            miles: number(car, 0, Self::MILES),
            moved: number(moved, -1, Self::MOVED),
            solar: number(solar, -1, Self::SOLAR),
        }
    }

    /// The same in energy.
    #[must_use]
    pub const fn trial(self) -> Trial {
        Trial { car: self.miles * Self::WATT_HOURS_A_MILE / 7, moved: self.moved * 100, solar: self.solar * 100 }
    }
}

/// One price by use of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPrice {
    /// Whether it is a credit for what is sent back.
    pub sent: bool,
    /// The name of its hours or season, as the schedule has it.
    pub period: Option<String>,
    /// The step, from 1, where there are several.
    pub step: Option<u32>,
    /// Where the step ends, in kilowatt-hours a day.
    pub per_day: Option<Decimal>,
    /// Dollars for a kilowatt-hour.
    pub price: Price,
}

/// One plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    /// The schedule.
    pub code: String,
    /// Whether its prices change with the hour.
    pub by_hour: bool,
    /// Whether somebody compared its prices with their source.
    pub verified: bool,
    /// Its prices by use.
    pub prices: Vec<PlanPrice>,
    /// What the bills would have been, by period.
    pub bills: Vec<Cents>,
    /// All of them.
    pub total: Cents,
    /// All of them with what is tried; `None` where nothing is.
    pub tried: Option<Cents>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlansView {
    /// The account.
    pub account: AccountHead,
    /// The schedule of the account's electricity; `None` where it has none.
    pub current: Option<String>,
    /// The day whose prices count.
    pub prices_on: NaiveDate,
    /// The billing periods that are compared, in order. Empty where too little is known.
    pub periods: Vec<DayRange>,
    /// The plans, the account's own first. One alone where there is no choice.
    pub plans: Vec<PlanView>,
    /// What is tried.
    pub ask: TrialAsk,
    /// How many intervals there should be.
    pub expected: i64,
    /// How many of them are not known and count as nothing.
    pub missing: i64,
    /// How many of them are estimated.
    pub estimated: i64,
}

/// One billing period by the hour, for the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPeriod {
    /// The plans' bills without their use, in the order of the page.
    pub sheets: Vec<Sheet>,
    /// Sets of rules: for each plan the numbers of those that count.
    pub sets: Vec<Vec<Vec<usize>>>,
    /// The days: month (1-12) and how many hours of the clock.
    pub days: Vec<(u32, usize)>,
    /// The hour of the clock, of all days in order.
    pub hours: Vec<u8>,
    /// Which set counts in each hour.
    pub set: Vec<usize>,
    /// What was taken in each hour, in [`PlanHours::unit`].
    pub delivered: Vec<i64>,
    /// What was sent back; empty where that is not metered.
    pub received: Vec<i64>,
}

/// What the browser needs to try things by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanHours {
    /// What amounts are counted in: so many millionths of a kilowatt-hour.
    pub unit: i64,
    /// Watt-hours that a kilowatt of panels makes, by month and hour.
    pub sun: Vec<Vec<i64>>,
    /// Hours from and to in which a car is charged, from which use is moved, and to which.
    pub night: (u8, u8),
    /// See `night`.
    pub evening: (u8, u8),
    /// See `night`.
    pub midday: (u8, u8),
    /// Watt-hours for a mile.
    pub mile: u32,
    /// The billing periods of the page.
    pub periods: Vec<PlanPeriod>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_held_within_its_bounds() {
        let ask = TrialAsk::read(Some("210"), Some("2.5"), Some("-3"));
        assert_eq!(ask, TrialAsk { miles: 210, moved: 25, solar: 0 });
        assert_eq!(ask.trial(), Trial { car: 9_000, moved: 2_500, solar: 0 });
        let odd = TrialAsk::read(Some("1e9"), Some("999999999999"), None);
        assert_eq!(odd, TrialAsk { miles: 0, moved: 100, solar: 0 });
    }
}
