//! What meter readers bring back from their routes besides readings: their codes and remarks, on the same work list.

use domain::calendar::Instant;
use domain::ids::DeliveryId;
use domain::metering::vee::Rule;
use domain::quantity::Commodity;
use serde_json::json;
use store::Tx;
use store::exceptions::{self, NewMeterException, Source};
use store::meters::KnownRegister;
use store::usage::day_number;

use crate::{Fault, zones};

/// One meter on a reader's route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteResult {
    /// The number on the meter.
    pub meter: String,
    /// What it measures, where the route says so.
    pub commodity: Option<Commodity>,
    /// When the reader was there.
    pub at: Instant,
    /// The reader's code as the device wrote it; empty where all went well.
    pub code: String,
    /// What the reader typed.
    pub remark: String,
}

/// What a reader's code means. Devices differ in their words; these are the ones in use, without regard to case.
fn rule(code: &str, remark: &str) -> Option<Rule> {
    let word: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    Some(match word.as_str() {
        "" | "ok" | "read" if remark.trim().is_empty() => return None,
        "na" | "noaccess" | "locked" | "dog" | "gate" => Rule::ReaderNoAccess,
        "nr" | "noread" | "skip" | "skipped" | "missed" => Rule::ReaderNoRead,
        "bm" | "broken" | "brokenmeter" | "damaged" | "dead" | "stopped" => Rule::ReaderBroken,
        "tm" | "tamper" | "tampered" | "sealbroken" | "bypass" => Rule::ReaderTamper,
        "hi" | "high" | "lo" | "low" | "hilo" => Rule::ReaderOutOfBand,
        _ => Rule::ReaderRemark,
    })
}

/// Puts what readers found on the work list, in the transaction that takes their readings in. Answers how many there were.
///
/// # Errors
/// If the database fails.
pub async fn route_results(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    now: Instant,
    city_zone: &str,
    results: &[RouteResult],
) -> Result<u64, Fault> {
    let numbers: Vec<String> = results.iter().map(|r| r.meter.clone()).collect();
    let known = store::meters::by_numbers(tx, &numbers).await?;
    let mut opened = 0;
    for r in results {
        let Some(rule) = rule(&r.code, &r.remark) else { continue };
        let meant = |k: &&KnownRegister| r.commodity.is_none_or(|c| c == k.commodity);
        let register = known.get(&r.meter).and_then(|of_meter| of_meter.iter().find(meant));
        let zone = match register.and_then(|k| k.installed.last()) {
            Some(place) => zones::stored(&place.zone)?,
            None => zones::stored(city_zone)?,
        };
        let day = day_number(zone.day_of(r.at));
        let commodity: Option<Commodity> = register.map(|k| k.commodity);
        let new = NewMeterException {
            key: &format!("h:{}:{day}:{}", r.meter, rule.slug()).replace('\0', "\u{fffd}"),
            source: Source::Handheld,
            register: register.map(|k| k.register),
            meter: &r.meter,
            commodity,
            day,
            at: r.at,
            rule,
            evidence: json!({ "code": r.code, "detail": r.remark }),
        };
        exceptions::open_meter(tx, Some(delivery), now, &new).await?;
        opened += 1;
    }
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_readers_are_understood_or_kept_as_remarks() {
        assert_eq!(rule("OK", ""), None);
        assert_eq!(rule("", " "), None);
        assert_eq!(rule("", "meter behind new fence"), Some(Rule::ReaderRemark));
        assert_eq!(rule("No access", ""), Some(Rule::ReaderNoAccess));
        assert_eq!(rule("HI/LO", ""), Some(Rule::ReaderOutOfBand));
        assert_eq!(rule("47", ""), Some(Rule::ReaderRemark));
    }
}
