//! Addresses and their service points: one line a service point.

use domain::quantity::Commodity;

use super::table::Line;
use super::{Effect, or_refuse};
use crate::{Fault, Work, zones};

pub const COLUMNS: &[&str] = &["street", "city", "postcode", "zone", "service_point", "commodity"];

pub async fn take(work: &mut Work, line: &Line<'_>) -> Result<Result<Effect, String>, Fault> {
    let street = or_refuse!(line.required("street"));
    let city = or_refuse!(line.required("city"));
    let postcode = or_refuse!(line.required("postcode"));
    let zone = or_refuse!(line.required("zone"));
    let number = or_refuse!(line.required("service_point"));
    let commodity: Commodity = or_refuse!(line.word("commodity", "electricity, gas, water"));
    if zones::find(zone).is_none() {
        return Ok(Err(format!("`zone` is `{zone}`; it should be an IANA name like America/Los_Angeles")));
    }
    let mut effect = Effect::Unchanged;
    let premise = match store::import::premise(&mut work.tx, street, postcode).await? {
        None => {
            effect = Effect::Added;
            store::accounts::insert_premise(&mut work.tx, street, city, postcode, zone).await?
        }
        Some(known) => {
            if known.city != city || known.zone != zone {
                effect = Effect::Changed;
                store::import::set_premise(&mut work.tx, known.id, city, zone).await?;
            }
            known.id
        }
    };
    match store::import::point(&mut work.tx, number).await? {
        Some(point) if point.premise_id != premise => {
            Ok(Err(format!("service point {number} is at another premise; points do not move")))
        }
        Some(point) if point.commodity != commodity => {
            Ok(Err(format!("service point {number} delivers {}, not {}", point.commodity.slug(), commodity.slug())))
        }
        Some(_) => Ok(Ok(effect)),
        None => {
            store::meters::insert_point(&mut work.tx, number, premise, commodity).await?;
            Ok(Ok(Effect::Added))
        }
    }
}
