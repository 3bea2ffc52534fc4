//! The texts of single fields.

use chrono::{DateTime, NaiveDate, NaiveTime};
use domain::quantity::{Decimal, Direction, Unit};

/// A unit by the names that these files have for it.
pub(super) fn unit(text: &str) -> Option<Unit> {
    Some(match text.to_ascii_lowercase().as_str() {
        "kwh" => Unit::KilowattHour,
        "kvarh" => Unit::KilovarHour,
        "btu" => Unit::Btu,
        "j" => Unit::Joule,
        "wh" => Unit::WattHour,
        "therm" | "therms" => Unit::Therm,
        "gal" | "gallons" => Unit::Gallon,
        "ccf" => Unit::Ccf,
        "cf" | "ft3" | "cu ft" => Unit::CubicFoot,
        "m3" | "m³" => Unit::CubicMetre,
        "l" => Unit::Litre,
        _ => return None,
    })
}

/// A direction as our own format writes it.
pub(super) fn direction(text: &str) -> Option<Direction> {
    Some(match text {
        "delivered" => Direction::Delivered,
        "received" => Direction::Received,
        "net" => Direction::Net,
        _ => return None,
    })
}

/// A plain decimal; more digits than an `i64` holds (binary floats written out) are cut at twelve decimals.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim().replace(',', "");
    Decimal::parse(&text).or_else(|| {
        let (whole, fraction) = text.split_once('.')?;
        let fraction = fraction.get(..12)?;
        Decimal::parse(&format!("{whole}.{fraction}"))
    })
}

/// Money in 10^-5, rounded; `None` where it is no number or too large.
pub(super) fn cost(text: &str) -> Option<i64> {
    let amount = decimal(text)?;
    (amount.exponent < -5 || amount.rescale(-5).is_some()).then(|| amount.round_to(-5))
}

/// A number.
///
/// # Errors
/// With the text that is none.
pub(super) fn number(text: &str) -> Result<Decimal, String> {
    decimal(text).ok_or_else(|| format!("`{text}` is not a number"))
}

/// An instant with its offset; a space in place of the `T` is read too.
pub(super) fn instant(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).ok().map(|t| t.timestamp())
}

/// A date, as ISO or American.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%Y")).ok()
}

/// A time of day, with 24 hours or with AM and PM.
pub(super) fn clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%I:%M %p")).ok()
}
