//! Over which local days an agreement is billed.

use chrono::NaiveDate;

use crate::calendar::{DayRange, Instant, Zone, next_day};

/// The local days of an agreement. The day in which it ends is one of them, since the use of its morning is nobody else's; unless the
/// account goes on that day with another agreement for the same service, which then bills all that the account used of it. `None`
/// where no day is left.
#[must_use]
pub fn days(
    zone: &Zone,
    since: Instant,
    until: Option<Instant>,
    goes_on: impl FnOnce(NaiveDate) -> bool,
) -> Option<DayRange> {
    let to = until.map_or(NaiveDate::MAX, |until| {
        let day = zone.day_of(until);
        let within = zone.start_of(day) < until;
        if within && !goes_on(day) { next_day(day) } else { day }
    });
    DayRange::new(zone.day_of(since), to).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_in_which_it_ends_is_billed_once() {
        let zone = Zone::fixed("-8", -8 * 3_600);
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let (january, noon) = (at("2026-01-01T08:00:00Z"), at("2026-03-05T20:00:00Z"));
        let to = |until, goes_on| days(&zone, january, until, |_| goes_on).map(|d| d.to.to_string());
        assert_eq!(to(Some(noon), false).as_deref(), Some("2026-03-06"));
        assert_eq!(to(Some(noon), true).as_deref(), Some("2026-03-05"));
        assert_eq!(to(Some(at("2026-03-05T08:00:00Z")), false).as_deref(), Some("2026-03-05"), "at midnight");
        assert_eq!(days(&zone, january, None, |_| false).map(|d| d.to), Some(NaiveDate::MAX));
        let hour = at("2026-03-05T19:00:00Z");
        assert_eq!(days(&zone, hour, Some(noon), |_| false).map(DayRange::len), Some(1));
        assert_eq!(days(&zone, hour, Some(noon), |_| true), None);
    }
}
