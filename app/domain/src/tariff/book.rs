//! All schedules, taxes and discounts of a city, to be looked up by day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::check::Problem;
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

    /// What of this file belongs to another one, by its name: of what both hold, one would count and the other be passed over.
    #[must_use]
    pub fn belonging_to(&self, name: &str, other: &Self) -> Vec<Problem> {
        let mut out = Vec::new();
        let mut push = |place: String, what: String| out.push(Problem { line: None, path: None, place, what });
        for s in self.schedules.iter().filter(|s| other.schedule(&s.code).is_some()) {
            push(s.code.clone(), format!("belongs to the file `{name}`: propose it under that name"));
        }
        for (t, o) in self.taxes.iter().flat_map(|t| other.taxes.iter().map(move |o| (t, o))) {
            if let Some(s) = t.services.iter().find(|s| t.from == o.from && o.services.contains(s)) {
                let what =
                    format!("the file `{name}` has one from that day on {}: propose it under that name", s.slug());
                push(format!("tax from {}", t.from), what);
            }
        }
        for d in &self.discounts {
            if other.discounts.iter().any(|o| (o.program, o.from) == (d.program, d.from)) {
                let what =
                    format!("the file `{name}` has one of the program from that day: propose it under that name");
                push(format!("{:?} discount from {}", d.program, d.from), what);
            }
        }
        out
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
