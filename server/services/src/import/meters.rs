//! Meters with their registers, and where they are installed: one line a meter and installation.

use domain::quantity::{Commodity, Direction, Unit};
use store::meters::NewRegister;

use super::table::Line;
use super::{Effect, or_refuse};
use crate::{Fault, Work};

pub const COLUMNS: &[&str] = &[
    "meter",
    "commodity",
    "registers",
    "unit",
    "exponent",
    "interval_seconds",
    "dial_digits",
    "service_point",
    "installed",
    "removed",
];

pub async fn take(work: &mut Work, line: &Line<'_>) -> Result<Result<Effect, String>, Fault> {
    let number = or_refuse!(line.required("meter"));
    let commodity: Commodity = or_refuse!(line.word("commodity", "electricity, gas, water"));
    let since = or_refuse!(line.instant("installed"));
    let until = or_refuse!(line.instant_or_none("removed"));
    if until.is_some_and(|end| end <= since) {
        return Ok(Err("`removed` is not after `installed`".to_owned()));
    }
    let point_number = or_refuse!(line.required("service_point"));
    let Some(point) = store::import::point(&mut work.tx, point_number).await? else {
        return Ok(Err(format!("there is no service point {point_number}; import premises first")));
    };
    if point.commodity != commodity {
        return Ok(Err(format!("service point {point_number} delivers {}", point.commodity.slug())));
    }
    let mut effect = Effect::Unchanged;
    let meter = match store::import::meter(&mut work.tx, number, commodity).await? {
        Some(meter) => meter,
        None => {
            effect = Effect::Added;
            let registers = or_refuse!(registers(line));
            store::meters::insert(&mut work.tx, number, commodity, &registers).await?.0
        }
    };
    match store::import::installed(&mut work.tx, meter).await? {
        Some(now) if now.service_point_id == point.id && now.since == since => {
            if let Some(end) = until {
                store::meters::remove(&mut work.tx, meter, end).await?;
                effect = Effect::Changed;
            }
        }
        now => {
            if store::import::was_installed(&mut work.tx, meter, point.id, since).await? {
                return Ok(Ok(effect));
            }
            if now.is_some_and(|n| until.is_none_or(|end| end > n.since)) {
                return Ok(Err(format!(
                    "meter {number} is installed elsewhere; say when it was `removed` there first"
                )));
            }
            store::meters::install(&mut work.tx, meter, point.id, since).await?;
            if let Some(end) = until {
                store::meters::remove(&mut work.tx, meter, end).await?;
            }
            effect = Effect::Added;
        }
    }
    Ok(Ok(effect))
}

fn registers(line: &Line<'_>) -> Result<Vec<NewRegister>, String> {
    let unit: Unit =
        line.word("unit", "kilowatt_hour, watt_hour, therm, cubic_foot, ccf, gallon, cubic_metre, litre")?;
    let exponent: i8 = line.parsed("exponent", "-3")?;
    let interval_seconds: u32 = line.parsed("interval_seconds", "900")?;
    let dial_digits: u32 = line.parsed("dial_digits", "6")?;
    if ![300, 600, 900, 1800, 3600].contains(&interval_seconds) {
        return Err(format!("`interval_seconds` is {interval_seconds}; it should be 300, 600, 900, 1800 or 3600"));
    }
    if !(3..=12).contains(&dial_digits) {
        return Err(format!("`dial_digits` is {dial_digits}; it should be between 3 and 12"));
    }
    let directions: &[Direction] = match line.required("registers")? {
        "delivered" => &[Direction::Delivered],
        "delivered+received" => &[Direction::Delivered, Direction::Received],
        "net" => &[Direction::Net],
        other => return Err(format!("`registers` is `{other}`; it should be delivered, delivered+received or net")),
    };
    Ok(directions
        .iter()
        .map(|d| NewRegister { direction: *d, unit, exponent, interval_seconds, dial_digits })
        .collect())
}
