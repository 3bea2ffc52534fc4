//! Local clock readings to instants, fast: within a stretch without clock changes it is one addition.

use domain::calendar::Zone;

/// Seconds since the epoch of a civil date at midnight, as if it were UTC.
#[must_use]
pub const fn civil(year: i64, month: i64, day: i64) -> i64 {
    // Days from civil, counted from March so that the leap day comes last.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    (era * 146_097 + doe - 719_468) * 86_400
}

/// Two digits, or a number out of any range.
const fn two(b: &[u8], at: usize) -> i64 {
    let (a, b) = (b[at].wrapping_sub(b'0'), b[at + 1].wrapping_sub(b'0'));
    if a > 9 || b > 9 { 9_999 } else { (a * 10 + b) as i64 }
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Reads `CCYYMMDDhhmm` as wall-clock seconds; 24:00 is the next day's midnight. `None` where it is no time of 1990 to 2100.
#[must_use]
pub fn wall(text: &[u8]) -> Option<i64> {
    if text.len() != 12 {
        return None;
    }
    let year = two(text, 0) * 100 + two(text, 2);
    let (month, day, hour, minute) = (two(text, 4), two(text, 6), two(text, 8), two(text, 10));
    let clock = hour * 60 + minute;
    if !(1990..=2100).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=days_in(year, month)).contains(&day)
        || minute > 59
        || clock > 24 * 60
    {
        return None;
    }
    Some(civil(year, month, day) + clock * 60)
}

/// Turns wall-clock seconds into instants, remembering the stretch it is in.
pub struct LocalClock<'z> {
    zone: &'z Zone,
    /// Wall-clock seconds that certainly lie in the remembered stretch: from, to, offset.
    stretch: (i64, i64, i64),
    /// Instants that are certainly far from a repeated hour: from, to.
    calm: (i64, i64),
}

/// Why a wall-clock time has no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped;

impl<'z> LocalClock<'z> {
    /// A clock in a zone.
    #[must_use]
    pub const fn new(zone: &'z Zone) -> Self {
        Self { zone, stretch: (0, 0, 0), calm: (0, 0) }
    }

    /// The instant of a wall-clock time. A time that comes twice is the second if `previous` lies between the two, and else
    /// the first; `previous` is asked for only then. A time at the very start of the skipped hour is the moment of the
    /// change (an interval that ends there).
    ///
    /// # Errors
    /// [`Skipped`] within the hour that does not exist.
    pub fn instant(&mut self, wall: i64, previous: impl FnOnce() -> Option<i64>) -> Result<i64, Skipped> {
        let (from, to, offset) = self.stretch;
        if from <= wall && wall < to {
            return Ok(wall - offset);
        }
        let t = &self.zone.transitions;
        let offset_of = |k: usize| i64::from(if k == 0 { self.zone.before } else { t[k - 1].1 });
        // The segment whose offset holds a day before can only be followed by one change within two days.
        let mut k = t.partition_point(|(at, _)| *at <= wall - 86_400 - offset_of(0).abs().min(43_200));
        while let Some((at, after)) = t.get(k) {
            let (a, b) = (offset_of(k), i64::from(*after));
            let (low, high) = (at + a.min(b), at + a.max(b));
            if wall < low {
                break;
            }
            if wall < high {
                if b > a {
                    return if wall == low { Ok(*at) } else { Err(Skipped) };
                }
                let first = wall - a;
                let second = wall - b;
                return Ok(if previous().is_some_and(|p| first <= p && p < second) { second } else { first });
            }
            k += 1;
        }
        let from = if k == 0 { i64::MIN } else { t[k - 1].0 + offset_of(k - 1).max(offset_of(k)) };
        let to = t.get(k).map_or(i64::MAX, |(at, after)| at + offset_of(k).min(i64::from(*after)));
        self.stretch = (from, to, offset_of(k));
        Ok(wall - offset_of(k))
    }

    /// Whether an instant lies in a repeated hour, in either of its passes, or less than an hour before it.
    pub fn is_near_repeated(&mut self, at: i64) -> bool {
        if self.calm.0 <= at && at < self.calm.1 {
            return false;
        }
        let t = &self.zone.transitions;
        // Where the clock is set back: from when to when instants are near it.
        let near = |k: usize| {
            let before = i64::from(if k == 0 { self.zone.before } else { t[k - 1].1 });
            let back = before - i64::from(t[k].1);
            (back > 0).then_some((t[k].0 - back - 3_600, t[k].0 + back))
        };
        let next = t.partition_point(|(change, _)| *change <= at);
        let (mut from, mut to) = (i64::MIN, i64::MAX);
        if let Some(last) = (0..next).rev().find_map(near) {
            if at < last.1 {
                return true;
            }
            from = last.1;
        }
        if let Some(coming) = (next..t.len()).find_map(near) {
            if at >= coming.0 {
                return true;
            }
            to = coming.0;
        }
        self.calm = (from, to);
        false
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::calendar::Local;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stamps_are_checked() {
        assert_eq!(wall(b"202602280000"), Some(civil(2026, 2, 28)));
        assert_eq!(wall(b"202602282400"), Some(civil(2026, 3, 1)));
        for bad in [
            "202602290000",
            "202613010000",
            "20260101000",
            "2026010100x0",
            "202601012401",
            "202601010060",
            "198912312359",
            "210101010000",
        ] {
            assert_eq!(wall(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn two_hours_and_the_one_before_are_near_the_repeated_hour() {
        let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
        let mut clock = LocalClock::new(&zone);
        let change = civil(2026, 11, 1) + 9 * 3_600;
        for (offset, near) in
            [(-7_201, false), (-7_200, true), (-1, true), (0, true), (3_599, true), (3_600, false), (-7_201, false)]
        {
            assert_eq!(clock.is_near_repeated(change + offset), near, "{offset}");
        }
        assert!(!clock.is_near_repeated(civil(2026, 3, 8) + 10 * 3_600));
        assert!(!LocalClock::new(&Zone::utc()).is_near_repeated(change));
    }

    #[test]
    fn the_order_of_records_settles_the_repeated_hour() {
        let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
        let mut clock = LocalClock::new(&zone);
        let one = civil(2026, 11, 1) + 3_600;
        let first = clock.instant(one, || Some(one - 3_600 + 25_200)).expect("an instant");
        let second = clock.instant(one, || Some(first)).expect("an instant");
        assert_eq!((first, second - first), (one + 25_200, 3_600));
        assert_eq!(clock.instant(civil(2026, 3, 8) + 2 * 3_600 + 900, || None), Err(Skipped));
        assert_eq!(clock.instant(civil(2026, 3, 8) + 2 * 3_600, || None), Ok(civil(2026, 3, 8) + 10 * 3_600));
    }

    proptest! {
        #[test]
        fn agrees_with_the_zone(seconds in 700_000_000i64..2_500_000_000) {
            let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
            let at = DateTime::from_timestamp(seconds, 0).expect("in range");
            let local = zone.to_local(at);
            let found = LocalClock::new(&zone).instant(local.and_utc().timestamp(), || None);
            match zone.from_local(local) {
                Local::Single(a) | Local::Twice(a, _) => prop_assert_eq!(found, Ok(a.timestamp())),
                Local::Never => prop_assert!(false),
            }
        }
    }
}
