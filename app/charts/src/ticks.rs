//! Where the gridlines are: multiples of 1, 2, 2.5 or 5 times a power of ten, in integers, so that they are the same
//! everywhere and their labels have no stray decimals.

/// The most gridlines beside the zero line.
pub const MOST: i128 = 5;

/// The largest number that is drawn; larger ones are cut off there.
pub const LIMIT: i64 = 1_000_000_000_000_000_000;

/// A vertical axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The lower end: a tick, zero or below.
    pub low: i64,
    /// The upper end: a tick, above zero.
    pub high: i64,
    /// The distance between ticks.
    pub step: i64,
}

impl Scale {
    /// An axis that holds zero and everything from `min` to `max`, with at most five lines beside zero.
    #[must_use]
    pub fn over(min: i64, max: i64) -> Self {
        let (min, max) = (i128::from(min.clamp(-LIMIT, 0)), i128::from(max.clamp(1, LIMIT)));
        let mut power: i128 = 1;
        loop {
            for step in [power, 2 * power, 5 * power / 2, 5 * power] {
                // 2.5 is 2 while steps are single units.
                let below = (-min + step - 1) / step;
                let above = (max + step - 1) / step;
                if below + above <= MOST {
                    let cut = |v: i128| i64::try_from(v).unwrap_or(i64::MAX);
                    return Self { low: cut(-below * step), high: cut(above * step), step: cut(step) };
                }
            }
            power *= 10;
        }
    }

    /// The ticks, from the lowest to the highest, zero among them.
    pub fn ticks(&self) -> impl Iterator<Item = i64> {
        let (step, count) = (self.step, (i128::from(self.high) - i128::from(self.low)) / i128::from(self.step));
        let low = self.low;
        (0..=i64::try_from(count).unwrap_or(0)).map(move |i| low.saturating_add(step.saturating_mul(i)))
    }

    /// How many decimals the labels need where values are counted in `10^exponent`.
    #[must_use]
    pub fn places(&self, exponent: i8) -> u8 {
        let mut places = exponent.min(0).unsigned_abs();
        let mut step = self.step;
        while places > 0 && step % 10 == 0 {
            step /= 10;
            places -= 1;
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_those_that_people_use() {
        let ticks = |min, max| Scale::over(min, max).ticks().collect::<Vec<_>>();
        assert_eq!(ticks(0, 412), [0, 100, 200, 300, 400, 500]);
        assert_eq!(ticks(0, 100), [0, 20, 40, 60, 80, 100]);
        assert_eq!(ticks(0, 1_150), [0, 250, 500, 750, 1_000, 1_250]);
        assert_eq!(ticks(-30, 45), [-40, -20, 0, 20, 40, 60]);
        assert_eq!(ticks(0, 0), [0, 1]);
        assert_eq!(Scale::over(0, 1_200).places(-3), 2);
        assert_eq!(Scale::over(0, 41_000).places(-3), 0);
    }

    proptest! {
        #[test]
        fn ticks_cover_the_data_and_are_few(min in i64::MIN..=0, max in 0i64..=i64::MAX) {
            let scale = Scale::over(min, max);
            let ticks: Vec<i64> = scale.ticks().collect();
            prop_assert!(scale.low <= min.max(-LIMIT) && max.min(LIMIT) <= scale.high);
            prop_assert!(ticks.len() <= 6 && ticks.contains(&0));
            prop_assert_eq!((ticks[0], *ticks.last().expect("at least two")), (scale.low, scale.high));
            prop_assert!(ticks.windows(2).all(|w| w[1] - w[0] == scale.step));
        }
    }
}
