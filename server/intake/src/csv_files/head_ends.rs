//! Rows as two water head ends write them.

use chrono::NaiveDateTime;
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use super::rows::{Row, Rows};
use super::values::{number, unit};

/// A row of Badger's Beacon: the flow of an hour and the register, each with a time and a unit of its own.
pub(super) fn beacon(columns: &[String], fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get =
        |name: &str| columns.iter().position(|c| c == name).and_then(|i| fields.get(i)).copied().unwrap_or_default();
    let at = |text: &str| {
        NaiveDateTime::parse_from_str(&format!("{text}:00"), "%Y-%m-%d %H:%M:%S")
            .map_err(|_| format!("`{text}` is not a time"))
    };
    let meter = get("Meter_SN").to_owned();
    let meter = if meter.is_empty() { get("Endpoint_SN") } else { &meter };
    let base = Row {
        meter,
        commodity: Some(Commodity::Water),
        direction: Some(Direction::Delivered),
        unit: None,
        unit_text: "",
        register: false,
        start: 0,
        seconds: 3600,
        value: Decimal::default(),
        quality: if get("Estimated_Flag") == "1" { Quality::Estimated } else { Quality::Raw },
        cost: None,
    };
    // The flow is stamped with the last minute of its hour.
    let end = rows.local(&format!("flow {meter}"), at(get("Flow_Time"))?)? + 60;
    let flow = number(get("Flow"))?;
    rows.take(&Row {
        unit: unit(get("Flow_Unit")),
        unit_text: get("Flow_Unit"),
        start: end - 3600,
        value: flow,
        ..base
    })?;
    let read_at = rows.local(&format!("read {meter}"), at(get("Read_Time"))?)?;
    let read = number(get("Read"))?;
    rows.take(&Row {
        unit: unit(get("Read_Unit")),
        unit_text: get("Read_Unit"),
        register: true,
        seconds: 0,
        start: read_at,
        value: read,
        ..base
    })?;
    Ok(())
}

/// A row of Itron's: a register reading.
pub(super) fn itron(fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get = |i: usize| fields.get(i).copied().unwrap_or_default();
    let at = NaiveDateTime::parse_from_str(get(0), "%m/%d/%Y %H:%M:%S%.f")
        .map_err(|_| format!("`{}` is not a time", get(0)))?;
    let start = rows.local(get(2), at)?;
    let (unit, commodity) =
        if get(6).starts_with("CF") { (Some(Unit::CubicFoot), Some(Commodity::Water)) } else { (None, None) };
    // Written with nine decimals or with one: the zeros say nothing about the register.
    let value = number(get(1))?;
    let value = Decimal::parse(&value.to_string()).unwrap_or(value);
    rows.take(&Row {
        meter: get(2),
        commodity,
        direction: Some(Direction::Delivered),
        unit,
        unit_text: get(6),
        register: true,
        start,
        seconds: 0,
        value,
        quality: Quality::Raw,
        cost: None,
    })
}
