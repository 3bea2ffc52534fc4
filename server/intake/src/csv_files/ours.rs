//! Rows of our own formats: what others send us in, and what we hand out.

use domain::metering::Quality;
use domain::quantity::{Commodity, Direction};

use super::rows::{Row, Rows};
use super::values::{cost, direction, instant, number, unit};

/// A row of our own format, see [`super::OWN`].
pub(super) fn own(fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get = |i: usize| fields.get(i).copied().unwrap_or_default();
    let seconds: u32 = get(5).parse().map_err(|_| format!("`{}` is not a number of seconds", get(5)))?;
    let start = time(get(4))?;
    let quality = match get(7) {
        // Leaving it out says no more than that it was measured.
        "" | "raw" => Quality::Raw,
        "estimated" => Quality::Estimated,
        other => return Err(format!("`{other}` is not a quality; right are raw and estimated")),
    };
    rows.take(&Row {
        meter: get(0),
        commodity: Commodity::from_slug(get(1)),
        direction: direction(get(2)),
        unit: unit(get(3)),
        unit_text: get(3),
        register: seconds == 0,
        start,
        seconds,
        value: number(get(6))?,
        quality,
        cost: None,
    })
}

/// A row of what a resident downloads, see [`super::DOWNLOAD`].
pub(super) fn download(fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get = |i: usize| fields.get(i).copied().unwrap_or_default();
    let start = time(get(3))?;
    let seconds = length(start, get(2))?;
    let quality = match get(7) {
        "metered" => Quality::Validated,
        "estimated" => Quality::Estimated,
        "corrected" => Quality::Edited,
        "being checked" => Quality::Questionable,
        "missing" | "not in yet" | "no meter" => return Ok(()),
        other => {
            return Err(format!(
                "`{other}` is not a quality; right are metered, estimated, corrected, being checked, missing, not in yet and \
                 no meter"
            ));
        }
    };
    let said = get(8);
    let price = cost(said);
    if price.is_none() && !said.is_empty() {
        return Err(format!("`{said}` is not an amount of money"));
    }
    for (text, way, cost) in [(get(4), Direction::Delivered, price), (get(5), Direction::Received, None)] {
        if text.is_empty() {
            continue;
        }
        rows.take(&Row {
            meter: "",
            commodity: Some(service(get(0))?),
            direction: Some(way),
            unit: unit(get(6)),
            unit_text: get(6),
            register: false,
            start,
            seconds,
            value: number(text)?,
            quality,
            cost,
        })?;
    }
    Ok(())
}

/// A row of what is handed out meter by meter, see [`super::BY_METER`].
pub(super) fn by_meter(fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get = |i: usize| fields.get(i).copied().unwrap_or_default();
    let start = time(get(5))?;
    let register = match get(15) {
        "interval" => false,
        "dial" => true,
        other => return Err(format!("`{other}` is not a kind; right are interval and dial")),
    };
    let quality = match get(8) {
        "raw" => Quality::Raw,
        "validated" => Quality::Validated,
        "verified" => Quality::Verified,
        "estimated" => Quality::Estimated,
        "edited" => Quality::Edited,
        "questionable" => Quality::Questionable,
        "missing" | "no meter" => return Ok(()),
        other => {
            return Err(format!(
                "`{other}` is not a quality; right are raw, validated, verified, estimated, edited, questionable, missing and \
                 no meter"
            ));
        }
    };
    // The mark that keeps a spreadsheet from taking the number for a formula.
    let meter = get(1).strip_prefix('\'').filter(|m| m.starts_with(['=', '+', '-', '@'])).unwrap_or_else(|| get(1));
    rows.take(&Row {
        meter,
        commodity: Some(service(get(0))?),
        direction: Some(direction(get(2)).ok_or_else(|| format!("`{}` is not a direction", get(2)))?),
        unit: unit(get(7)),
        unit_text: get(7),
        register,
        start,
        seconds: if register { 0 } else { length(start, get(4))? },
        value: number(get(6))?,
        quality,
        cost: None,
    })
}

fn service(text: &str) -> Result<Commodity, String> {
    Commodity::from_slug(text).ok_or_else(|| format!("`{text}` is not electricity, gas or water"))
}

fn time(text: &str) -> Result<i64, String> {
    instant(text).ok_or_else(|| format!("`{text}` is not a time like 2026-05-12T16:15:00-07:00"))
}

fn length(start: i64, end: &str) -> Result<u32, String> {
    let seconds = time(end)? - start;
    u32::try_from(seconds).ok().filter(|s| *s > 0).ok_or_else(|| format!("`{end}` is not after the start"))
}
