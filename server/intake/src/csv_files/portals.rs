//! Rows of what utilities' portals offer.

use chrono::{NaiveDateTime, NaiveTime};
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use super::rows::{Row, Rows};
use super::values::{clock, cost, date, instant, number};

/// What a row of a portal is about unless it says otherwise.
const ELECTRICITY: Row<'static> = Row {
    meter: "",
    commodity: Some(Commodity::Electricity),
    direction: Some(Direction::Delivered),
    unit: Some(Unit::KilowattHour),
    unit_text: "kWh",
    register: false,
    start: 0,
    seconds: 0,
    value: Decimal::new(0, 0),
    quality: Quality::Raw,
    cost: None,
};

fn get<'f>(fields: &[&'f str], at: usize) -> &'f str {
    fields.get(at).copied().unwrap_or_default()
}

/// A row of starts and values alone.
pub(super) fn plain(fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let (time, value) = (get(fields, 0), get(fields, 1));
    if value.eq_ignore_ascii_case("nan") || value.is_empty() {
        rows.findings.add(None, "no-value", || format!("{time} has no value"));
        return Ok(());
    }
    let start = instant(time).ok_or_else(|| format!("`{time}` is not a time"))?;
    let value = number(value)?;
    rows.take(&Row { commodity: None, direction: None, unit: None, unit_text: "", start, value, ..ELECTRICITY })
}

/// A row of Southern California Edison: a range and a value.
pub(super) fn edison(way: Direction, fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get = |i| get(fields, i);
    let (from, to) = get(0).split_once(" to ").ok_or_else(|| format!("`{}` is not FROM to TO", get(0)))?;
    let at = |text: &str| {
        NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S").map_err(|_| format!("`{text}` is not a time"))
    };
    let (from, to) = (at(from)?, at(to)?);
    let value = number(get(1))?;
    let start = rows.local("", from)?;
    let seconds = rows.length(start, to)?;
    let quality = if get(2).is_empty() { Quality::Raw } else { Quality::Estimated };
    rows.take(&Row { direction: Some(way), start, seconds, value, quality, ..ELECTRICITY })
}

/// A row of San Diego Gas & Electric.
pub(super) fn san_diego(fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get = |i| get(fields, i);
    let date = date(get(1)).ok_or_else(|| format!("`{}` is not a date", get(1)))?;
    let time = clock(get(2)).ok_or_else(|| format!("`{}` is not a time", get(2)))?;
    let minutes: u32 = get(3).parse().map_err(|_| format!("`{}` is not a number of minutes", get(3)))?;
    let seconds = minutes.checked_mul(60).ok_or_else(|| format!("{minutes} minutes are too many"))?;
    let value = number(get(4))?;
    let start = rows.local(get(0), date.and_time(time))?;
    rows.take(&Row { meter: get(0), direction: Some(Direction::Net), start, seconds, value, ..ELECTRICITY })
}

/// A row of Opower's export (PG&E, ComEd and others): the columns by name.
pub(super) fn opower(columns: &[String], fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get = |name: &str| {
        columns.iter().position(|c| c.starts_with(name)).and_then(|i| fields.get(i)).copied().unwrap_or_default()
    };
    let day = date(get("date")).ok_or_else(|| format!("`{}` is not a date", get("date")))?;
    let gas = get("type").to_lowercase().contains("gas");
    let from = clock(get("start time"));
    let start = rows.local(get("type"), day.and_time(from.unwrap_or(NaiveTime::MIN)))?;
    // The end is the last minute that counts.
    let seconds = match (from, clock(get("end time"))) {
        (Some(a), Some(b)) => u32::try_from((b - a).num_seconds() + 60).unwrap_or(0),
        _ => 0,
    };
    let money = get("cost").replace('$', "");
    let cost = cost(&money);
    if cost.is_none() && !money.is_empty() {
        rows.findings.add(None, "cost", || format!("the cost `{money}` is not an amount of money and is left out"));
    }
    let quality = if get("notes").to_lowercase().contains("estimat") { Quality::Estimated } else { Quality::Raw };
    let mut put = |text: &str, way: Direction, cost: Option<i64>| -> Result<(), String> {
        let value = number(text)?;
        let (value, way) = if value.amount < 0 {
            (Decimal::new(-value.amount, value.exponent), Direction::Received)
        } else {
            (value, way)
        };
        let (commodity, unit, unit_text) = if gas {
            (Commodity::Gas, Unit::Therm, "therms")
        } else {
            (Commodity::Electricity, Unit::KilowattHour, "kWh")
        };
        rows.take(&Row {
            commodity: Some(commodity),
            unit: Some(unit),
            unit_text,
            direction: Some(way),
            start,
            seconds,
            value,
            quality,
            cost,
            ..ELECTRICITY
        })
    };
    if columns.iter().any(|c| c.starts_with("import")) {
        put(get("import"), Direction::Delivered, cost)?;
        if !get("export").is_empty() {
            put(get("export"), Direction::Received, None)?;
        }
        return Ok(());
    }
    put(get("usage"), Direction::Delivered, cost)
}
