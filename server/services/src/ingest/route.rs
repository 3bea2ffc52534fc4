//! Handheld routes: what a meter reader brings back, a line for each meter on the way. A route is one round of one reader,
//! so it is taken in whole, in one transaction.

use std::io::Read;

use chrono::{DateTime, NaiveDateTime};
use domain::calendar::{Instant, Local, Zone};
use domain::ids::DeliveryId;
use domain::metering::Quality;
use domain::metering::vee::Rule;
use domain::quantity::{Commodity, Decimal, Direction};
use serde_json::json;
use store::ingest::{self, Counts, NewDelivery, NewRejected};

use super::later::{shape, take};
use super::record::{Channel, Kind, Record, Value};
use super::{Input, RejectedLine, Report, TAKE_IN};
use crate::exceptions::{JOB, RouteResult, route_results};
use crate::{Cx, Fault, Principal, Work};

/// The format's word.
pub(super) const FORMAT: &str = "route";

/// The first line of a route.
const HEADER: &str = "meter,read_at,reading,code,remark";
/// What it may go on with: for numbers that two meters have, and for dials that count another way than what is delivered.
const WHICH: &str = ",service,direction";

/// No reader walks by more meters in a day than fit in here.
const LARGEST: u64 = 16 << 20;

/// Whether a file is a route, by its first line.
pub(super) fn is_route(input: &Input) -> Result<bool, Fault> {
    let longest = HEADER.len() + WHICH.len() + 8;
    let mut start = Vec::with_capacity(longest);
    let read = input.open()?.take(longest as u64).read_to_end(&mut start);
    read.map_err(|e| Fault::Other(format!("cannot read the file: {e}")))?;
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    let rest = text.strip_prefix(HEADER.as_bytes()).map(|rest| rest.strip_prefix(WHICH.as_bytes()).unwrap_or(rest));
    Ok(rest.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace)))
}

/// A line of a route: what the dial said, if it was read, and what the reader reports.
#[derive(Debug, PartialEq)]
struct Stop {
    record: Option<Record>,
    result: RouteResult,
}

/// Takes a route in.
pub(super) async fn take_in(
    cx: &Cx,
    input: Input,
    checksum: [u8; 32],
    (zone_name, zone): (&str, &Zone),
    mut report: Report,
) -> Result<Report, Fault> {
    report.format = Some(FORMAT.to_owned());
    let mut bytes = Vec::new();
    let read = input.open()?.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|e| Fault::Other(format!("cannot read {}: {e}", report.file)))?;
    if bytes.len() as u64 > LARGEST {
        report.problem = Some(format!("a route has at most {LARGEST} bytes"));
        return Ok(report);
    }
    let mut work = cx.begin(&TAKE_IN, &Principal::System).await?;
    if let Some(known) = ingest::by_checksum(&mut work.tx, &checksum).await? {
        report.delivery = Some(known.id.0);
        report.already = true;
        report.duplicate = known.counts.reads;
        return Ok(report);
    }
    let now = work.now;
    let new = NewDelivery {
        checksum: &checksum,
        name: &report.file,
        sender: "",
        format: FORMAT,
        zone: zone_name,
        arrived_at: now,
    };
    let delivery = ingest::insert_delivery(&mut work.tx, &new).await?;
    let (stops, rejected) = stops(&bytes, zone);
    let lines = stops.len() + rejected.len();
    let (records, results): (Vec<_>, Vec<_>) = stops.into_iter().map(|s| (s.record, s.result)).unzip();
    let records: Vec<Record> = records.into_iter().flatten().collect();
    let read: Vec<(String, Instant)> = results
        .iter()
        .filter(|r| records.iter().any(|k| k.meter == r.meter))
        .map(|r| (r.meter.clone(), r.at))
        .collect();
    let batch = shape(&mut work, records, rejected).await?;
    let counts: Counts = take(&mut work, delivery, &batch).await?;
    let reported = route_results(&mut work.tx, delivery, now, zone_name, &results).await?;
    cure(&mut work, &read).await?;
    let cursor = i64::try_from(lines).unwrap_or(i64::MAX);
    ingest::progress(&mut work.tx, delivery, cursor, &counts, "", Some(now)).await?;
    work.audit(None, &json!({ "delivery": delivery, "file": report.file, "format": FORMAT, "reported": reported }))
        .await?;
    enqueue(&mut work, delivery).await?;
    work.commit().await?;
    report.count(delivery, &counts);
    report.rejected_lines = batch
        .rejected
        .into_iter()
        .take(Report::LINES)
        .map(|r| RejectedLine { line: r.line, code: r.code, detail: r.detail })
        .collect();
    Ok(report)
}

async fn enqueue(work: &mut Work, delivery: DeliveryId) -> Result<(), Fault> {
    let due = work.now;
    work.enqueue(JOB, &format!("{JOB}:{}", delivery.0), due, &()).await
}

/// A meter that was read needs no second attempt.
async fn cure(work: &mut Work, read: &[(String, Instant)]) -> Result<(), Fault> {
    let numbers: Vec<String> = read.iter().map(|(meter, _)| meter.clone()).collect();
    let known = store::meters::by_numbers(&mut work.tx, &numbers).await?;
    let registers: Vec<_> = known.values().flatten().map(|k| k.register).collect();
    let now = work.now;
    for x in store::exceptions::unsettled(&mut work.tx, &registers).await? {
        let missed = [Rule::ReaderNoAccess, Rule::ReaderNoRead].iter().any(|r| r.slug() == x.code);
        let later = read.iter().any(|(meter, at)| {
            let of_meter = known.get(meter).is_some_and(|k| k.iter().any(|k| k.register == x.register));
            of_meter && store::usage::day_number(at.date_naive()) > x.day
        });
        if missed && later {
            store::exceptions::cure(&mut work.tx, x.id, now).await?;
        }
    }
    Ok(())
}

fn stops(bytes: &[u8], zone: &Zone) -> (Vec<Stop>, Vec<NewRejected>) {
    let text = String::from_utf8_lossy(bytes);
    let (mut stops, mut rejected) = (Vec::new(), Vec::new());
    for (line, raw) in (1u64..).zip(text.lines()).skip(1).filter(|(_, raw)| !raw.trim().is_empty()) {
        match stop(line, raw, zone) {
            Ok(stop) => stops.push(stop),
            Err((code, detail)) => rejected.push(NewRejected {
                line: i64::try_from(line).unwrap_or(0),
                code: code.to_owned(),
                detail,
                raw: raw.to_owned(),
            }),
        }
    }
    (stops, rejected)
}

/// What the dial said in a line that was refused once; `None` where it is none, or nothing was read.
pub(super) fn one(raw: &str, zone: &Zone) -> Option<Record> {
    stop(0, raw, zone).ok()?.record
}

fn stop(line: u64, raw: &str, zone: &Zone) -> Result<Stop, (&'static str, String)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(raw.as_bytes());
    let mut row = csv::StringRecord::new();
    let found = reader.read_record(&mut row).unwrap_or(false);
    if !found || (row.len() != 5 && row.len() != 7) {
        return Err((
            "fields",
            format!("a line has 5 fields ({HEADER}), or 7 ({HEADER}{WHICH}), this one {}", row.len()),
        ));
    }
    let field = |i: usize| row.get(i).unwrap_or_default().trim().to_owned();
    let (meter, at, reading, code, remark) = (field(0), field(1), field(2), field(3), field(4));
    let commodity = match field(5).as_str() {
        "" => None,
        text => Some(
            Commodity::from_slug(text)
                .ok_or_else(|| ("service", format!("`{text}` is no service; right are electricity, gas and water")))?,
        ),
    };
    let direction = match field(6).as_str() {
        "" | "delivered" => Direction::Delivered,
        "received" => Direction::Received,
        "net" => Direction::Net,
        text => {
            return Err(("direction", format!("`{text}` is no direction; right are delivered, received and net")));
        }
    };
    if meter.is_empty() {
        return Err(("fields", "the meter has no number".to_owned()));
    }
    let at = instant(&at, zone)
        .ok_or_else(|| ("time", format!("`{at}` is no time; right are 2026-05-12 09:30 and 2026-05-12T16:30:00Z")))?;
    let record = match reading.as_str() {
        "" => None,
        text => {
            let dial = Decimal::parse(text)
                .filter(|d| d.amount >= 0)
                .ok_or_else(|| ("number", format!("`{text}` is no reading of a dial")))?;
            let value = Value { at: at.timestamp(), value: dial.amount, seconds: 0, quality: Quality::Raw };
            Some(Record {
                line,
                raw: raw.to_owned(),
                meter: meter.clone(),
                channel: Channel { commodity, direction, unit: None, kind: Kind::Register },
                exponent: dial.exponent,
                values: vec![value],
            })
        }
    };
    // A line that says nothing at all is a meter that was not read.
    let code = if code.is_empty() && record.is_none() { "no read".to_owned() } else { code };
    Ok(Stop { record, result: RouteResult { meter, commodity, at, code, remark } })
}

/// An instant with its offset, or local time; of an hour that comes twice the first one.
fn instant(text: &str, zone: &Zone) -> Option<Instant> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    match zone.from_local(local) {
        Local::Single(at) | Local::Twice(at, _) => Some(at),
        Local::Never => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone() -> Zone {
        Zone::iana("America/Los_Angeles").expect("a zone")
    }

    #[test]
    fn a_line_is_a_reading_and_a_report() {
        let read = stop(2, "E1,2026-05-12 09:30,12345.6,,\"dog, friendly\"", &zone()).expect("a stop");
        let record = read.record.expect("a reading");
        assert_eq!((record.values[0].value, record.exponent), (123_456, -1));
        assert_eq!(record.values[0].at, read.result.at.timestamp());
        assert_eq!(read.result.at.to_rfc3339(), "2026-05-12T16:30:00+00:00");
        assert_eq!(read.result.remark, "dog, friendly");
        assert_eq!(stop(2, "E1,2026-05-12T09:30:00Z,,,", &zone()).expect("a stop").result.code, "no read");
        let sent = stop(2, "E1,2026-05-12 09:30,5,,,electricity,received", &zone()).expect("a stop");
        let channel = sent.record.expect("a reading").channel;
        assert_eq!((channel.commodity, channel.direction), (Some(Commodity::Electricity), Direction::Received));
        for (line, code) in [
            ("E1,2026-05-12 09:30,1,,,steam,", "service"),
            ("E1,2026-05-12 09:30,1,,,gas,up", "direction"),
            ("E1,2026-05-12 09:30,1", "fields"),
            (",2026-05-12 09:30,1,,", "fields"),
            ("E1,yesterday,1,,", "time"),
            ("E1,2026-03-08 02:30,1,,", "time"),
            ("E1,2026-05-12 09:30,-1,,", "number"),
        ] {
            assert_eq!(stop(2, line, &zone()).expect_err("refused").0, code, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut file = format!("{HEADER}\n").into_bytes();
            file.extend(&bytes);
            let (stops, rejected) = stops(&file, &zone());
            prop_assert!(stops.len() + rejected.len() <= file.len());
        }
    }
}
