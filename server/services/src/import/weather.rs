//! Outdoor temperatures: one line a local day.

use chrono::{Datelike, NaiveDate};
use domain::quantity::Decimal;
use store::weather::{self, WeatherDay};

use super::table::Line;
use super::{Effect, or_refuse};
use crate::{Fault, Work};

pub const COLUMNS: &[&str] = &["day", "low_f", "mean_f", "high_f"];

pub async fn take(work: &mut Work, line: &Line<'_>) -> Result<Result<Effect, String>, Fault> {
    let new = or_refuse!(read(line));
    Ok(Ok(match weather::day(&mut work.tx, new.day).await? {
        Some(known) if known == new => Effect::Unchanged,
        known => {
            weather::put(&mut work.tx, &new).await?;
            if known.is_some() { Effect::Changed } else { Effect::Added }
        }
    }))
}

fn read(line: &Line<'_>) -> Result<WeatherDay, String> {
    let day: NaiveDate = line.parsed("day", "2026-11-20")?;
    if !(1990..2100).contains(&day.year()) {
        return Err(format!("`day` is {day}; it should lie in the years 1990 to 2099"));
    }
    let (low, high) = (degrees(line, "low_f")?, degrees(line, "high_f")?);
    // Stations that report the extremes alone mean their middle.
    let mean = if line.text("mean_f").is_empty() { (low + high).div_euclid(2) } else { degrees(line, "mean_f")? };
    if low > mean || mean > high {
        return Err("`low_f`, `mean_f` and `high_f` should rise".to_owned());
    }
    Ok(WeatherDay { day, low, mean, high })
}

/// A temperature in tenths of a degree Fahrenheit.
fn degrees(line: &Line<'_>, column: &str) -> Result<i64, String> {
    let text = line.required(column)?;
    Decimal::parse(text).map(|d| d.round_to(-1)).filter(|t| (-1_000..=1_600).contains(t)).ok_or_else(|| {
        format!("`{column}` is `{text}`; it should be degrees Fahrenheit between -100 and 160, like 61.5")
    })
}
