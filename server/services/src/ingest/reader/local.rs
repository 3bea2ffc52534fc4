//! Local times of a file, quickly: a day without a clock change is one addition.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use domain::calendar::{Local, Zone, next_day};

/// Turns local times into instants.
pub(super) struct LocalTimes<'z> {
    zone: &'z Zone,
    day: (i32, u32, u32),
    /// UTC seconds of the day's midnight, where the day has no clock change.
    midnight: Option<i64>,
}

/// A local time that is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoInstant {
    /// No such date or time.
    Impossible,
    /// In the hour that spring leaves out.
    Skipped,
}

impl<'z> LocalTimes<'z> {
    pub(super) const fn new(zone: &'z Zone) -> Self {
        Self { zone, day: (0, 0, 0), midnight: None }
    }

    /// The instant of a local time, UTC seconds. In the hour that comes twice the order settles which one is meant: the
    /// first that is later than `previous`.
    pub(super) fn instant(
        &mut self,
        (year, month, day): (i32, u32, u32),
        minute_of_day: u32,
        previous: Option<i64>,
    ) -> Result<i64, NoInstant> {
        if minute_of_day > 24 * 60 {
            return Err(NoInstant::Impossible);
        }
        if self.day != (year, month, day) {
            let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(NoInstant::Impossible)?;
            let (start, end) = self.zone.bounds(date);
            self.day = (year, month, day);
            self.midnight = ((end - start) == TimeDelta::days(1)).then(|| start.timestamp());
        }
        // Midnight at the end belongs to the next day, whose clock may change at once.
        if let Some(midnight) = self.midnight.filter(|_| minute_of_day < 24 * 60) {
            return Ok(midnight + i64::from(minute_of_day) * 60);
        }
        let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(NoInstant::Impossible)?;
        let local: NaiveDateTime = if minute_of_day == 24 * 60 {
            next_day(date).and_time(NaiveTime::MIN)
        } else {
            date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute_of_day))
        };
        match self.zone.from_local(local) {
            Local::Single(at) => Ok(at.timestamp()),
            Local::Twice(a, b) => {
                Ok(if previous.is_some_and(|p| a.timestamp() <= p) { b.timestamp() } else { a.timestamp() })
            }
            Local::Never => Err(NoInstant::Skipped),
        }
    }
}
