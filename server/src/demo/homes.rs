//! Who lives where and what they have: the plan of a home, from which its use of every day follows.

use chrono::NaiveDate;
use domain::quantity::Commodity;

use super::load::{Electric, Gas, Water};
use super::people::Customer;

/// What is out of the ordinary at a home, from a day on (included) to a day (not included).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Water runs day and night.
    Leak {
        /// First day.
        from: NaiveDate,
        /// The day it is mended.
        until: Option<NaiveDate>,
        /// How much, in gallons an hour.
        gallons: u32,
    },
    /// Nobody is there.
    Vacant {
        /// First day.
        from: NaiveDate,
        /// The day somebody is back.
        until: NaiveDate,
    },
    /// The meter has stopped: it reports, but counts nothing.
    Stopped {
        /// Which meter.
        commodity: Commodity,
        /// First day.
        from: NaiveDate,
    },
    /// Nothing arrives.
    Silent {
        /// Which meter.
        commodity: Commodity,
        /// First day.
        from: NaiveDate,
        /// The day it is heard again.
        until: Option<NaiveDate>,
    },
    /// Some hours never arrive.
    MissingHours {
        /// Which meter.
        commodity: Commodity,
        /// Which day.
        day: NaiveDate,
        /// First hour of the clock.
        from: usize,
        /// How many.
        hours: usize,
    },
    /// The sender estimated some hours and says so.
    Estimated {
        /// Which meter.
        commodity: Commodity,
        /// Which day.
        day: NaiveDate,
        /// First hour of the clock.
        from: usize,
        /// How many.
        hours: usize,
    },
}

/// A meter and the time it hangs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// What it measures.
    pub commodity: Commodity,
    /// Its number.
    pub number: String,
    /// Whether it counts what is sent back too.
    pub two_way: bool,
    /// What the dial showed at first, in the register's power of ten.
    pub dial: i64,
    /// First instant in UTC seconds; `None` since before the town's data.
    pub from: Option<i64>,
    /// The instant of removal.
    pub until: Option<i64>,
}

impl Meter {
    /// Power of ten of what the register counts: watt-hours, thousandths of a therm, gallons.
    #[must_use]
    pub const fn exponent(&self) -> i8 {
        match self.commodity {
            Commodity::Electricity | Commodity::Gas => -3,
            Commodity::Water => 0,
        }
    }

    /// Seconds between readings.
    #[must_use]
    pub const fn seconds(&self) -> u32 {
        match self.commodity {
            Commodity::Electricity => 900,
            Commodity::Gas | Commodity::Water => 3600,
        }
    }
}

/// Whose bill it is, over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenancy {
    /// Index of the customer.
    pub customer: usize,
    /// The account's number.
    pub account: String,
    /// First day; `None` long before the town's data.
    pub from: Option<NaiveDate>,
    /// The day after the last.
    pub until: Option<NaiveDate>,
    /// Whether bills come by e-mail only.
    pub paperless: bool,
}

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paying {
    /// Some days before the due date.
    OnTime,
    /// One bill was paid late, the others on time.
    OnceLate,
    /// Not since some months.
    Overdue,
}

/// The schedules and facts by which a home is billed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The electric schedule.
    pub electric: &'static str,
    /// Another schedule that was chosen later, and from when.
    pub chosen: Option<(&'static str, NaiveDate)>,
    /// Equivalent residential units of the lot.
    pub eru: &'static str,
    /// The garbage cart in gallons.
    pub cart: &'static str,
    /// The water meter in inches.
    pub water_meter: &'static str,
    /// Whether the household has rate assistance.
    pub assistance: bool,
}

/// A home or a firm's premises.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its place in the town; names its streams of chance.
    pub index: usize,
    /// What is told about it, as a word.
    pub story: Option<&'static str>,
    /// House number and street.
    pub street: String,
    /// ZIP code.
    pub postcode: &'static str,
    /// Day of the month on which it is read for the bill.
    pub cycle_day: u32,
    /// Who is billed, earliest first.
    pub tenancies: Vec<Tenancy>,
    /// Its meters, earliest first within a commodity.
    pub meters: Vec<Meter>,
    /// How electricity is used.
    pub electric: Electric,
    /// How gas is used, where there is any.
    pub gas: Option<Gas>,
    /// How water is used.
    pub water: Water,
    /// What is out of the ordinary.
    pub events: Vec<Event>,
    /// How bills are paid.
    pub paying: Paying,
    /// How it is billed.
    pub billed: Billed,
    /// Whether those who live there get a password.
    pub signs_in: bool,
}

/// Homes, firms and people of a town.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Homes with stories first.
    pub homes: Vec<Home>,
    /// Who is billed.
    pub customers: Vec<Customer>,
}

impl Home {
    /// Whether an event of the kind that `pick` looks for is going on.
    pub(super) fn during<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Option<T> {
        self.events.iter().find_map(pick)
    }

    /// Whether nobody is there on a day.
    #[must_use]
    pub fn is_vacant(&self, day: NaiveDate) -> bool {
        self.during(|e| match e {
            Event::Vacant { from, until } if *from <= day && day < *until => Some(()),
            _ => None,
        })
        .is_some()
    }
}
