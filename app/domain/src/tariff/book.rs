//! All schedules, taxes and discounts of a city, to be looked up by day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Discount, Program, Schedule, Tax};
use crate::quantity::{Decimal, ServiceKind};

/// The prices of a city.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Rate schedules.
    pub schedules: Vec<Schedule>,
    /// Taxes, any order.
    pub taxes: Vec<Tax>,
    /// Discounts, any order.
    pub discounts: Vec<Discount>,
}

impl Book {
    /// A schedule by its code.
    #[must_use]
    pub fn schedule(&self, code: &str) -> Option<&Schedule> {
        self.schedules.iter().find(|s| s.code == code)
    }

    /// The tax on a service on a day.
    #[must_use]
    pub fn tax(&self, service: ServiceKind, day: NaiveDate) -> Option<&Tax> {
        self.taxes.iter().filter(|t| t.from <= day && t.services.contains(&service)).max_by_key(|t| t.from)
    }

    /// The discount of a program on a service on a day, in percent.
    #[must_use]
    pub fn discount(&self, program: Program, service: ServiceKind, day: NaiveDate) -> Option<Decimal> {
        self.discounts
            .iter()
            .filter(|d| d.program == program && d.from <= day)
            .max_by_key(|d| d.from)
            .and_then(|d| d.percent.get(&service).copied())
    }

    /// Adds what another file says. A schedule of the same code gets its versions and holidays added; a version from the
    /// same day is replaced.
    pub fn merge(&mut self, other: Self) {
        for new in other.schedules {
            match self.schedules.iter_mut().find(|s| s.code == new.code) {
                Some(old) => {
                    for v in new.versions {
                        old.versions.retain(|o| o.from != v.from);
                        old.versions.push(v);
                    }
                    old.versions.sort_by_key(|v| v.from);
                    old.holidays.extend(new.holidays);
                    old.holidays.sort_unstable();
                    old.holidays.dedup();
                    old.rounding = new.rounding;
                    old.choice = new.choice.or(old.choice.take());
                }
                None => self.schedules.push(new),
            }
        }
        self.taxes.extend(other.taxes);
        self.discounts.extend(other.discounts);
    }
}
