//! What a home would use if something were different: a car at night, the laundry at noon, panels on the roof. Rules of thumb,
//! by the hour; the pages that use them say so.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::money::{Cents, largest_remainder};

/// The hours in which a car is charged: midnight to six.
pub const NIGHT: std::ops::Range<u8> = 0..6;
/// The hours from which use is moved: four to nine in the evening.
pub const EVENING: std::ops::Range<u8> = 16..21;
/// The hours to which it is moved: nine to three.
pub const MIDDAY: std::ops::Range<u8> = 9..15;

/// What is tried. Zeros change nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Watt-hours that a car takes each night.
    pub car: u32,
    /// Watt-hours a day that are moved from the evening to midday, as far as they are used in the evening.
    pub moved: u32,
    /// Watts of solar panels.
    pub solar: u32,
}

impl Trial {
    /// Whether anything is tried.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.car == 0 && self.moved == 0 && self.solar == 0
    }
}

/// An hour of the clock. Amounts are millionths of a kilowatt-hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// The local day.
    pub day: NaiveDate,
    /// The hour of the clock, 0 to 23.
    pub hour: u8,
    /// What was taken from the grid.
    pub delivered: i64,
    /// What was sent to it.
    pub received: i64,
}

/// Sunrise and sunset in the middle of a month, in minutes of the local clock, and what a kilowatt of panels makes on a day, in
/// watt-hours. About 1,600 kWh a year: a roof that faces south on the San Francisco Peninsula.
const SUN: [(i64, i64, i64); 12] = [
    (441, 1032, 2_700),
    (418, 1066, 3_500),
    (439, 1154, 4_500),
    (394, 1182, 5_300),
    (358, 1209, 5_700),
    (347, 1230, 5_800),
    (358, 1229, 5_800),
    (384, 1202, 5_500),
    (410, 1158, 4_900),
    (437, 1113, 4_000),
    (407, 1017, 3_000),
    (435, 1011, 2_500),
];

/// Watt-hours that a kilowatt of panels makes in each hour of a day, by month.
#[must_use]
pub fn solar_by_hour() -> [[i64; 24]; 12] {
    SUN.map(|(rise, set, day)| {
        // A parabola over the day: nothing at its ends, most in its middle.
        let weights: Vec<i128> = (0..24)
            .map(|hour| {
                let quarters = (0..4).map(|q| hour * 60 + q * 15 + 7);
                quarters.map(|m: i64| i128::from(((m - rise) * (set - m)).max(0))).sum()
            })
            .collect();
        let mut out = [0; 24];
        for (to, share) in out.iter_mut().zip(largest_remainder(Cents(day), &weights)) {
            *to = share.0;
        }
        out
    })
}

/// The hours as they would be. They come in order, each hour of the clock once a day.
#[must_use]
pub fn apply(hours: &[Hour], trial: &Trial) -> Vec<Hour> {
    let sun = solar_by_hour();
    let mut out = Vec::with_capacity(hours.len());
    for day in hours.chunk_by(|a, b| a.day == b.day) {
        let count = |of: &std::ops::Range<u8>| day.iter().filter(|h| of.contains(&h.hour)).count();
        let split = |whole: i64, by: usize| whole / i64::try_from(by.max(1)).unwrap_or(1);
        let car = split(i64::from(trial.car) * 1_000, usize::from(NIGHT.end - NIGHT.start));
        let midday = count(&MIDDAY);
        let each = if midday == 0 { 0 } else { split(i64::from(trial.moved) * 1_000, count(&EVENING)) };
        let taken = |h: &Hour| if EVENING.contains(&h.hour) { h.delivered.min(each) } else { 0 };
        let moved = split(day.iter().map(taken).sum(), midday);
        for h in day {
            let mut now = *h;
            now.delivered -= taken(h);
            if NIGHT.contains(&h.hour) {
                now.delivered += car;
            }
            if MIDDAY.contains(&h.hour) {
                // What the roof sends away at noon is used up first.
                let own = now.received.min(moved);
                now.received -= own;
                now.delivered += moved - own;
            }
            let month = usize::try_from(h.day.month0()).unwrap_or(0);
            let made = i64::from(trial.solar) * sun[month][usize::from(h.hour % 24)];
            let own = now.delivered.min(made);
            now.delivered -= own;
            now.received += made - own;
            out.push(now);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn days(amounts: &[(i64, i64)]) -> Vec<Hour> {
        let first = NaiveDate::from_ymd_opt(2026, 6, 1).expect("a date");
        (0_u64..)
            .zip(amounts)
            .map(|(i, (delivered, received))| Hour {
                day: first + chrono::Days::new(i / 24),
                hour: u8::try_from(i % 24).expect("an hour"),
                delivered: *delivered,
                received: *received,
            })
            .collect()
    }

    fn sum(hours: &[Hour]) -> i64 {
        hours.iter().map(|h| h.delivered - h.received).sum()
    }

    #[test]
    fn a_kilowatt_makes_what_its_month_gives_and_nothing_at_night() {
        let sun = solar_by_hour();
        assert_eq!(sun[5].iter().sum::<i64>(), 5_800);
        assert_eq!((sun[5][4], sun[11][6], sun[11][18]), (0, 0, 0));
        let year: i64 = sun
            .iter()
            .zip([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
            .map(|(d, n)| d.iter().sum::<i64>() * n)
            .sum();
        assert!((1_580_000..1_650_000).contains(&year), "{year}");
    }

    #[test]
    fn a_car_and_laundry_are_where_they_belong() {
        let day = days(&[(1_000_000, 0); 24]);
        let car = apply(&day, &Trial { car: 6_000, ..Trial::default() });
        assert!(car.iter().all(|h| h.delivered == if h.hour < 6 { 2_000_000 } else { 1_000_000 }));
        let moved = apply(&day, &Trial { moved: 3_000, ..Trial::default() });
        assert_eq!((moved[16].delivered, moved[9].delivered, moved[15].delivered), (400_000, 1_500_000, 1_000_000));
    }

    proptest! {
        #[test]
        fn energy_is_conserved_and_nothing_is_less_than_nothing(
            amounts in prop::collection::vec((0i64..3_000_000, 0i64..3_000_000), 1..200),
            car in 0u32..20_000, moved in 0u32..10_000, solar in 0u32..10_000,
        ) {
            let before = days(&amounts);
            let same = apply(&before, &Trial::default());
            prop_assert_eq!(&same, &before);
            let after = apply(&before, &Trial { car, moved, solar });
            prop_assert!(after.iter().all(|h| h.delivered >= 0 && h.received >= 0));
            let sun = solar_by_hour();
            let made: i64 = before.iter().map(|h| i64::from(solar) * sun[5][usize::from(h.hour)]).sum();
            let nights = i64::try_from(before.iter().filter(|h| NIGHT.contains(&h.hour)).count()).expect("few");
            let off = sum(&after) - (sum(&before) + nights * (i64::from(car) * 1_000 / 6) - made);
            // What is moved is split over hours: less than a millionth for each is lost.
            prop_assert!((-60..=0).contains(&off), "{off}");
        }
    }
}
