//! What of a change in use the weather accounts for, by how the home's own use has followed the temperature.

use crate::money::div_half_up;

/// Days below this mean temperature want heating, days above it cooling: tenths of a degree Fahrenheit. The base of the degree
/// days that weather services publish.
pub const BASE: i64 = 650;
/// Fewer days than this say nothing.
const LEAST_DAYS: usize = 90;
/// How much of the ups and downs of daily use must go with the temperature: percent.
const LEAST_EXPLAINED: i128 = 25;
/// Parts of a unit in which slopes are kept.
const FINE: i128 = 1_000_000;

/// A day: what was used, in any unit, and its mean temperature in tenths of a degree Fahrenheit.
pub type Day = (i64, i64);

/// How use follows the temperature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// Use for each tenth of a degree that a day is colder than [`BASE`], in millionths of the unit of the days.
    heating: i128,
    /// The same for warmer days.
    cooling: i128,
}

/// Tenths of a degree below and above the base.
fn degrees(temperature: i64) -> [i128; 2] {
    [i128::from((BASE - temperature).max(0)), i128::from((temperature - BASE).max(0))]
}

impl Response {
    /// Least squares over some days; `None` for too few of them, and where use does not go with the temperature.
    #[must_use]
    pub fn of(days: &[Day]) -> Option<Self> {
        if days.len() < LEAST_DAYS {
            return None;
        }
        let fit = Self::fit(days)?;
        // Cold that saves, or heat that saves, is chance: then only the other counts.
        let chosen = Self { heating: fit.heating.max(0), cooling: fit.cooling.max(0) };
        (chosen.explained(days) >= LEAST_EXPLAINED).then_some(chosen)
    }

    /// Slopes from what varies about the means, so that the base use drops out.
    fn fit(days: &[Day]) -> Option<Self> {
        let n = i128::try_from(days.len()).ok()?;
        let sum = |of: &dyn Fn(&Day) -> i128| days.iter().map(of).sum::<i128>();
        // The squares of n times each covariance, so that all numbers are whole.
        let about = |a: &dyn Fn(&Day) -> i128, b: &dyn Fn(&Day) -> i128| n * sum(&|d| a(d) * b(d)) - sum(a) * sum(b);
        let (heat, cool) = (|d: &Day| degrees(d.1)[0], |d: &Day| degrees(d.1)[1]);
        let used = |d: &Day| i128::from(d.0);
        let (hh, cc, hc) = (about(&heat, &heat), about(&cool, &cool), about(&heat, &cool));
        let (hu, cu) = (about(&heat, &used), about(&cool, &used));
        let ratio = |a: i128, b: i128| if b == 0 { 0 } else { div_half_up(a.saturating_mul(FINE), b) };
        let determinant = hh * cc - hc * hc;
        Some(if determinant == 0 {
            // One of the two never varies: a city that knows no heat, or no cold.
            Self { heating: ratio(hu, hh), cooling: if hh == 0 { ratio(cu, cc) } else { 0 } }
        } else {
            Self { heating: ratio(hu * cc - cu * hc, determinant), cooling: ratio(cu * hh - hu * hc, determinant) }
        })
    }

    /// How much of the variance the fit explains, in percent.
    fn explained(&self, days: &[Day]) -> i128 {
        let n = i128::try_from(days.len()).unwrap_or(1).max(1);
        let mean = days.iter().map(|d| i128::from(d.0)).sum::<i128>() / n;
        let level = days.iter().map(|d| self.at(d.1)).sum::<i128>() / n;
        let squares =
            |of: &dyn Fn(&Day) -> i128| days.iter().map(|d| of(d).saturating_pow(2)).fold(0, i128::saturating_add);
        let whole = squares(&|d| i128::from(d.0) - mean);
        let left = squares(&|d| i128::from(d.0) - mean - (self.at(d.1) - level) / FINE);
        if whole == 0 { 0 } else { 100 - left.saturating_mul(100) / whole }
    }

    /// What a temperature asks for, in millionths.
    fn at(&self, temperature: i64) -> i128 {
        let [h, c] = degrees(temperature);
        self.heating * h + self.cooling * c
    }

    /// How much more a time asks for than another would have in as many days, in the unit of the days. Both are given by the mean
    /// temperatures of their days; neither is empty.
    #[must_use]
    pub fn more(&self, then: &[i64], now: &[i64]) -> i64 {
        let sum = |of: &[i64]| of.iter().map(|t| self.at(*t)).sum::<i128>();
        let (n_then, n_now) = (i128::try_from(then.len()).unwrap_or(1).max(1), i128::try_from(now.len()).unwrap_or(1));
        let before = div_half_up(sum(then) * n_now, n_then);
        i64::try_from(div_half_up(sum(now) - before, FINE)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A year that goes from 45 to 85 degrees and back.
    fn year() -> Vec<i64> {
        (0..360_i64).map(|d| 450 + (d - 180).abs() * 400 / 180).collect()
    }

    #[test]
    fn slopes_are_found_again() {
        let days: Vec<Day> =
            year().iter().map(|t| (10_000 + (650 - t).max(0) * 30 + (t - 650).max(0) * 50, *t)).collect();
        let response = Response::of(&days).expect("it follows");
        assert!((29_900_000..30_100_000).contains(&response.heating), "{response:?}");
        assert!((49_900_000..50_100_000).contains(&response.cooling), "{response:?}");
        // Ten days of 55 degrees instead of 60: 50 tenths more each.
        let more = response.more(&[600; 20], &[550; 10]);
        assert!((14_900..15_100).contains(&more), "{more}");
        assert_eq!(response.more(&[600; 20], &[600; 7]), 0);
    }

    #[test]
    fn what_does_not_follow_is_not_put_down_to_it() {
        let flat: Vec<Day> =
            year().iter().enumerate().map(|(i, t)| (i64::try_from(i * 7919 % 1000).expect("small"), *t)).collect();
        assert_eq!(Response::of(&flat), None);
        assert_eq!(Response::of(&flat[..50]), None);
        let thrifty: Vec<Day> = year().iter().map(|t| (50_000 - (650 - t).max(0) * 30, *t)).collect();
        assert_eq!(Response::of(&thrifty), None, "cold does not save");
        let cold: Vec<Day> = year().iter().map(|t| ((650 - t.min(&640)) * 30, *t.min(&640))).collect();
        assert!(Response::of(&cold).is_some_and(|r| r.cooling == 0 && r.heating > 0));
    }

    proptest! {
        #[test]
        fn nothing_overflows(days in prop::collection::vec((0i64..2_000_000_000, -400i64..1_300), 90..400)) {
            if let Some(r) = Response::of(&days) {
                prop_assert!(r.heating >= 0 && r.cooling >= 0);
            }
        }
    }
}
