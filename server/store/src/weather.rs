//! The city's weather by local day.

use chrono::NaiveDate;
use domain::calendar::DayRange;

use crate::{StoreError, Tx, run, statements};

statements! {
    DAY = "SELECT day, low, mean, high FROM weather_day WHERE day = $1";
    RANGE = "SELECT day, low, mean, high FROM weather_day WHERE day >= $1 AND day < $2 ORDER BY day";
    PUT = "INSERT INTO weather_day (day, low, mean, high) VALUES ($1, $2, $3, $4)
           ON CONFLICT (day) DO UPDATE SET low = excluded.low, mean = excluded.mean, high = excluded.high";
}

/// Outdoor temperatures of a local day, in tenths of a degree Fahrenheit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WeatherDay {
    /// The day.
    pub day: NaiveDate,
    /// The lowest.
    pub low: i64,
    /// The mean.
    pub mean: i64,
    /// The highest.
    pub high: i64,
}

/// The weather of a day, if it is known.
///
/// # Errors
/// If the database fails.
pub async fn day(tx: &mut Tx<'_>, day: NaiveDate) -> Result<Option<WeatherDay>, StoreError> {
    Ok(run!(tx, DAY, |sql, c| sqlx::query_as(sql).bind(day).fetch_optional(c).await)?)
}

/// The known days of a range, in order.
///
/// # Errors
/// If the database fails.
pub async fn range(tx: &mut Tx<'_>, range: DayRange) -> Result<Vec<WeatherDay>, StoreError> {
    Ok(run!(tx, RANGE, |sql, c| sqlx::query_as(sql).bind(range.from).bind(range.to).fetch_all(c).await)?)
}

/// Keeps a day in the place of what was known of it.
///
/// # Errors
/// If the database fails.
pub async fn put(tx: &mut Tx<'_>, day: &WeatherDay) -> Result<(), StoreError> {
    run!(tx, PUT, |sql, c| sqlx::query(sql)
        .bind(day.day)
        .bind(day.low)
        .bind(day.mean)
        .bind(day.high)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
