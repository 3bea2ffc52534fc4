//! What the address of the usage page says, before it is known what there is to show.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};
use domain::calendar::DayRange;
use domain::quantity::Commodity;
use serde::{Deserialize, Serialize};

use super::{Grain, Measure, UsageQuery, With};
use crate::{Field, FieldError, Problem};

/// The query string as it came: `service=electricity&by=day&from=2026-01-01&to=2026-12-31&show=dollars`. Every part may be left
/// out. `to` is the last day shown, as people say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageAsk {
    /// A service's word.
    pub service: Option<String>,
    /// A grain's word.
    pub by: Option<String>,
    /// The first day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// The last day, `YYYY-MM-DD`.
    pub to: Option<String>,
    /// A measure's word.
    pub show: Option<String>,
    /// What is beside the use: [`With::slug`].
    pub with: Option<String>,
}

impl UsageAsk {
    /// Exactly this view.
    #[must_use]
    pub fn of(query: &UsageQuery) -> Self {
        Self {
            service: Some(query.service.slug().to_owned()),
            by: Some(query.grain.slug().to_owned()),
            from: Some(query.range.from.to_string()),
            to: Some(query.range.last().to_string()),
            show: (query.measure == Measure::Dollars).then(|| query.measure.slug().to_owned()),
            with: query.with.slug().map(str::to_owned),
        }
    }

    /// The service, if a known one is named.
    #[must_use]
    pub fn service(&self) -> Option<Commodity> {
        self.service.as_deref().and_then(Commodity::from_slug)
    }

    /// The grain, if a known one is named.
    #[must_use]
    pub fn grain(&self) -> Option<Grain> {
        self.by.as_deref().and_then(Grain::from_slug)
    }

    /// Units, unless dollars are named.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.show.as_deref().and_then(Measure::from_slug).unwrap_or_default()
    }

    /// What is beside the use.
    #[must_use]
    pub fn with(&self) -> With {
        self.with.as_deref().map(With::from_slug).unwrap_or_default()
    }

    /// The words that are none of ours: of an address that was typed or cut.
    #[must_use]
    pub fn unknown_words(&self) -> Vec<FieldError> {
        let given = |word: &Option<String>| word.as_deref().is_some_and(|w| !w.is_empty());
        [
            (Field::Service, given(&self.service) && self.service().is_none()),
            (Field::Steps, given(&self.by) && self.grain().is_none()),
            (Field::Measure, self.show.as_deref().is_some_and(|w| !w.is_empty() && Measure::from_slug(w).is_none())),
        ]
        .into_iter()
        .filter(|(_, wrong)| *wrong)
        .map(|(field, _)| FieldError { field, problem: Problem::Malformed })
        .collect()
    }

    /// The days asked for: `None` where neither end is named, one day where only one is.
    ///
    /// # Errors
    /// What is wrong with which end: not a date, or reversed.
    pub fn days(&self) -> Result<Option<DayRange>, Vec<FieldError>> {
        let mut problems = Vec::new();
        let mut read = |text: &Option<String>, field| {
            let text = text.as_deref().map(str::trim).filter(|t| !t.is_empty())?;
            let day = text.parse::<NaiveDate>().ok().filter(|d| (1990..2100).contains(&d.year()));
            if day.is_none() {
                problems.push(FieldError { field, problem: Problem::Malformed });
            }
            day
        };
        let from = read(&self.from, Field::From);
        let to = read(&self.to, Field::To);
        if !problems.is_empty() {
            return Err(problems);
        }
        let (first, last) = match (from, to) {
            (Some(first), Some(last)) => (first, last),
            (Some(day), None) | (None, Some(day)) => (day, day),
            (None, None) => return Ok(None),
        };
        DayRange::new(first, domain::calendar::next_day(last))
            .map(Some)
            .map_err(|_| vec![FieldError { field: Field::To, problem: Problem::Reversed }])
    }

    /// As a query string, starting with `?`; empty where nothing is named. Words are kept only where they need no escaping.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut out = String::new();
        let pairs = [
            ("service", &self.service),
            ("by", &self.by),
            ("from", &self.from),
            ("to", &self.to),
            ("show", &self.show),
            ("with", &self.with),
        ];
        for (key, value) in pairs {
            let Some(value) = value else { continue };
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                continue;
            }
            let mark = if out.is_empty() { '?' } else { '&' };
            write!(out, "{mark}{key}={value}").expect("writing to a string does not fail");
        }
        out
    }
}

impl UsageQuery {
    /// The query string of this view, starting with `?`.
    #[must_use]
    pub fn to_query(&self) -> String {
        UsageAsk::of(self).to_query()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(from: &str, to: &str) -> UsageAsk {
        UsageAsk { from: Some(from.into()), to: Some(to.into()), ..UsageAsk::default() }
    }

    #[test]
    fn days_are_read_with_the_last_one_included() {
        let range = ask("2026-01-01", "2026-01-31").days().expect("two dates").expect("a range");
        assert_eq!(range.len(), 31);
        assert_eq!(UsageAsk::default().days(), Ok(None));
        assert_eq!(ask("2026-05-12", "").days().expect("a date").map(DayRange::len), Some(1));
    }

    #[test]
    fn what_is_wrong_is_said_of_each_end() {
        let wrong =
            |a: UsageAsk| a.days().expect_err("wrong").into_iter().map(|e| (e.field, e.problem)).collect::<Vec<_>>();
        assert_eq!(
            wrong(ask("2026-02-30", "soon")),
            [(Field::From, Problem::Malformed), (Field::To, Problem::Malformed)]
        );
        assert_eq!(wrong(ask("2026-02-02", "2026-02-01")), [(Field::To, Problem::Reversed)]);
        assert_eq!(wrong(ask("-9999-01-01", "99999-01-01")).len(), 2);
    }

    #[test]
    fn a_view_and_its_address_are_the_same_thing() {
        let query = UsageQuery {
            service: Commodity::Gas,
            grain: Grain::QuarterHour,
            range: DayRange::new("2026-03-08".parse().expect("a date"), "2026-03-09".parse().expect("a date"))
                .expect("forwards"),
            measure: Measure::Dollars,
            with: With { last_year: true, weather: false },
        };
        assert_eq!(query.to_query(), "?service=gas&by=15min&from=2026-03-08&to=2026-03-08&show=dollars&with=last-year");
        let back = UsageAsk::of(&query);
        assert_eq!(
            (back.service(), back.grain(), back.measure()),
            (Some(Commodity::Gas), Some(Grain::QuarterHour), Measure::Dollars)
        );
        assert_eq!((back.days(), back.with()), (Ok(Some(query.range)), query.with));
    }

    #[test]
    fn strange_words_do_not_get_into_links() {
        let odd = UsageAsk { service: Some("\"><script>".into()), by: Some("day".into()), ..UsageAsk::default() };
        assert_eq!(odd.to_query(), "?by=day");
    }
}
