//! The function-block rules of the alliance's tests, as far as a file can meet them, and what those tests never notice.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Node, entries};
use super::*;

/// Everything that must hold of any feed.
pub fn check(text: &str) {
    let feed = Node::read(text);
    assert_eq!(feed.name, "feed");
    for path in ["id", "title", "updated"] {
        assert!(feed.at(path).is_some_and(|t| !t.is_empty()), "the feed has no {path}");
    }
    identities(&feed);
    links(&feed);
    codes(&feed);
    for meter_reading in entries(&feed, "MeterReading") {
        blocks(&feed, meter_reading);
    }
    summaries(&feed);
}

fn identities(feed: &Node) {
    let mut ids = BTreeSet::from([feed.at("id").expect("an id")]);
    let mut selves = BTreeSet::new();
    for entry in feed.all("entry") {
        let id = entry.at("id").expect("an id");
        let uuid = id.strip_prefix("urn:uuid:").expect("a UUID");
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!((uuid.as_bytes()[14], matches!(uuid.as_bytes()[19], b'8' | b'9' | b'a' | b'b')), (b'5', true));
        assert!(ids.insert(id), "{id} comes twice");
        let own: Vec<_> = entry.links("self").collect();
        assert_eq!(own.len(), 1);
        assert!(selves.insert(own[0].to_owned()), "{} comes twice", own[0]);
        assert_eq!(entry.links("up").count(), 1);
        assert!(entry.at("title").is_some_and(|t| !t.is_empty() && t.len() <= 256));
        for path in ["published", "updated"] {
            let at = entry.at(path).expect("a time");
            assert!(at.parse::<Instant>().is_ok() && at.ends_with('Z'), "{at}");
        }
    }
}

/// Every link leads to an entry or to a collection that has one; who belongs to whom follows from links alone.
fn links(feed: &Node) {
    let selves: BTreeSet<&str> = feed.all("entry").flat_map(|e| e.links("self")).collect();
    let ups: BTreeSet<&str> = feed.all("entry").flat_map(|e| e.links("up")).collect();
    for entry in feed.all("entry") {
        for related in entry.links("related") {
            assert!(selves.contains(related) || ups.contains(related), "{related} leads nowhere");
        }
    }
    let belongs = |kind: &str, to: &str| {
        for child in entries(feed, kind) {
            let up = child.links("up").next().expect("an up link");
            let owners = entries(feed, to).filter(|o| o.links("related").any(|l| l == up)).count();
            assert_eq!(owners, 1, "{up} belongs to one {to}");
        }
    };
    belongs("MeterReading", "UsagePoint");
    belongs("UsageSummary", "UsagePoint");
    belongs("IntervalBlock", "MeterReading");
    let related = |entry: &Node, kind: &str| {
        let of_kind: BTreeSet<String> = entries(feed, kind).flat_map(|e| e.links("self")).map(str::to_owned).collect();
        entry.links("related").filter(|l| of_kind.contains(*l)).count()
    };
    for point in entries(feed, "UsagePoint") {
        assert_eq!(related(point, "LocalTimeParameters"), 1);
    }
    for reading in entries(feed, "MeterReading") {
        assert_eq!(related(reading, "ReadingType"), 1);
    }
}

/// The lists that the schema leaves open (`data` of the standard, as far as these services need them).
fn codes(feed: &Node) {
    for local in entries(feed, "LocalTimeParameters") {
        let r = local.resource();
        assert_eq!((r.at("dstStartRule"), r.at("dstEndRule")), (Some("360E2000"), Some("B40E2000")));
        assert_eq!((r.number("tzOffset"), r.number("dstOffset")), (Some(-28_800), Some(3_600)));
    }
    let mut services = BTreeSet::new();
    for point in entries(feed, "UsagePoint") {
        let kind = point.resource().number("ServiceCategory/kind").expect("a service");
        assert!((0..=2).contains(&kind));
        services.insert(kind);
        let all = point.links("related").find(|l| l.ends_with("/MeterReading")).expect("readings");
        for reading in entries(feed, "MeterReading").filter(|m| m.links("up").next() == Some(all)) {
            reading_type(kind, of_type(feed, reading));
        }
    }
    assert_eq!(entries(feed, "UsagePoint").count() > 0, !services.is_empty());
}

fn of_type<'a>(feed: &'a Node, meter_reading: &Node) -> &'a Node {
    let related: Vec<&str> = meter_reading.links("related").collect();
    entries(feed, "ReadingType")
        .find(|t| t.links("self").any(|l| related.contains(&l)))
        .map(Node::resource)
        .expect("a reading type")
}

fn reading_type(service: i64, r: &Node) {
    let number = |path| r.number(path).unwrap_or_else(|| panic!("a reading type has no {path}"));
    assert!(number("intervalLength") > 0);
    assert_eq!((number("accumulationBehaviour"), number("dataQualifier"), number("timeAttribute")), (4, 12, 0));
    assert!([-12, -9, -6, -3, -2, -1, 0, 1, 2, 3, 6, 9, 12].contains(&number("powerOfTenMultiplier")));
    assert!([0, 1, 2, 4, 5, 6, 7].contains(&number("measuringPeriod")));
    let flow = number("flowDirection");
    match (service, number("commodity"), number("kind"), number("uom")) {
        // FB_05 and FB_08: forward and reverse watt-hours with their phase.
        (0, 1, 12, 72) => assert!([1, 19, 4].contains(&flow) && number("phase") == 769),
        (0, 1, 12, 73) => assert!([1, 19, 4].contains(&flow)),
        // FB_10: energy, or volume.
        (1, 7, 12, 31 | 132 | 169) | (1, 7, 58, 42 | 119 | 128) => assert_eq!((flow, number("phase")), (1, 0)),
        // FB_11: a volume.
        (2, 9, 58, 42 | 119 | 128) => assert_eq!((flow, number("phase")), (1, 0)),
        other => panic!("{other:?} is no combination of the standard"),
    }
}

fn blocks(feed: &Node, meter_reading: &Node) {
    let all = meter_reading.links("related").find(|l| l.ends_with("/IntervalBlock")).expect("blocks");
    let length = of_type(feed, meter_reading).number("intervalLength").expect("a length");
    let (mut starts, mut block_starts, mut until) = (BTreeSet::new(), BTreeSet::new(), i64::MIN);
    for block in entries(feed, "IntervalBlock").filter(|b| b.links("up").next() == Some(all)) {
        let r = block.resource();
        let start = r.number("interval/start").expect("a start");
        let duration = r.number("interval/duration").expect("a duration");
        assert!(block_starts.insert(start), "two blocks start at {start}");
        let readings: Vec<&Node> = r.all("IntervalReading").collect();
        assert_eq!(readings.first().and_then(|r| r.number("timePeriod/start")), Some(start));
        for reading in readings {
            let (at, lasts) = (reading.number("timePeriod/start"), reading.number("timePeriod/duration"));
            let (at, lasts) = (at.expect("a start"), lasts.expect("a duration"));
            assert!(reading.number("value").is_some_and(|v| v.abs() <= 140_737_488_355_327));
            assert!(starts.insert(at), "two readings start at {at}");
            assert!(at >= until && lasts == length && at + lasts <= start + duration);
            until = at + lasts;
            if let Some(quality) = reading.number("ReadingQuality/quality") {
                assert!([7, 8, 10, 14, 18].contains(&quality), "quality {quality}");
            }
        }
    }
    assert!(!starts.is_empty(), "a meter reading without readings");
}

fn summaries(feed: &Node) {
    for summary in entries(feed, "UsageSummary") {
        let r = summary.resource();
        for path in ["billingPeriod/start", "billingPeriod/duration", "statusTimeStamp", "billLastPeriod"] {
            assert!(r.number(path).is_some(), "a summary has no {path}");
        }
        assert_eq!(r.number("currency"), Some(840));
        let total = r.number("costAdditionalLastPeriod");
        let lines: Vec<&Node> = r.all("costAdditionalDetailLastPeriod").collect();
        let sum: i64 = lines.iter().map(|l| l.number("amount").expect("an amount")).sum();
        assert_eq!((Some(sum), total), (r.number("billLastPeriod"), r.number("billLastPeriod")));
        assert!(lines.iter().all(|l| l.number("itemKind").is_some_and(|k| (1..=10).contains(&k))));
        assert!(lines.iter().all(|l| l.at("note").is_some_and(|n| n.chars().count() <= 256)));
        assert!([8, 19].contains(&r.number("qualityOfReading").expect("a quality")));
        for path in ["overallConsumptionLastPeriod", "currentBillingPeriodOverAllConsumption"] {
            let m = r.child(path).expect("what was used");
            for part in ["powerOfTenMultiplier", "timeStamp", "uom", "value"] {
                assert!(m.number(part).is_some());
            }
        }
    }
}

#[test]
fn feeds_keep_the_rules() {
    for week in weeks() {
        check(&everything(week, "2026-05-21T19:00:00Z"));
    }
}

#[test]
fn days_of_23_and_25_hours_are_whole() {
    for (week, changed, readings, seconds) in
        [(weeks()[0], "2026-03-08", 92, 82_800), (weeks()[1], "2025-11-02", 100, 90_000)]
    {
        let text = everything(week, "2026-05-21T19:00:00Z");
        let feed = Node::read(&text);
        let of_day = |d: &str| {
            let block = entries(&feed, "IntervalBlock")
                .find(|b| b.links("self").any(|l| l.contains("/19-900-72") && l.ends_with(d)))
                .expect("a block")
                .resource();
            (block.all("IntervalReading").count(), block.number("interval/duration").expect("a duration"))
        };
        assert_eq!(of_day(changed), (readings, seconds));
        assert_eq!(of_day(&week.from.to_string()), (96, 86_400));
    }
}

#[test]
fn identities_stay_whatever_the_range_and_the_day_of_the_export() {
    let by_address = |text: &str| -> BTreeMap<String, String> {
        Node::read(text)
            .all("entry")
            .map(|e| (e.links("self").next().expect("an address").to_owned(), e.at("id").expect("an id").to_owned()))
            .collect()
    };
    let week = weeks()[0];
    let part = DayRange { from: week.from + chrono::Days::new(2), to: week.to - chrono::Days::new(1) };
    let (whole, part) =
        (by_address(&everything(week, "2026-05-21T19:00:00Z")), by_address(&everything(part, "2027-01-02T03:04:05Z")));
    assert!(part.len() > 20 && part.len() < whole.len());
    for (address, id) in &part {
        assert_eq!(whole.get(address), Some(id), "{address}");
    }
    let other = Feed::new(Vec::new(), &Head { account: 72, ..head("2026-05-21T19:00:00Z") }).expect("a feed");
    let other = String::from_utf8(other.finish().expect("finished")).expect("UTF-8");
    assert_ne!(Node::read(&other).at("id"), Node::read(&everything(week, "2026-05-21T19:00:00Z")).at("id"));
}

#[test]
fn what_has_no_reading_is_not_mentioned() {
    let zone = city();
    let mut feed = Feed::new(Vec::new(), &head("2026-05-21T19:00:00Z")).expect("a feed");
    feed.usage_point(&point(3, Commodity::Gas, &zone)).expect("written");
    feed.channel(&channel(Direction::Delivered, Unit::Therm, -3, 3600)).expect("written");
    feed.block(day("2026-03-08"), &[]).expect("written");
    let missing = values(&zone, day("2026-03-09"), 3600, |_| Some((5, Quality::Missing)));
    feed.block(day("2026-03-09"), &missing).expect("written");
    feed.summary(&bill("Gas", &zone, weeks()[0], Unit::Therm)).expect("written");
    let text = String::from_utf8(feed.finish().expect("finished")).expect("UTF-8");
    assert_eq!(Node::read(&text).all("entry").count(), 0);
}

#[test]
fn nothing_tells_who_it_is() {
    let text = everything(weeks()[0], "2026-05-21T19:00:00Z");
    assert!(!text.contains("account") && !text.contains("/71"), "the account's key is not in the file");
}

#[test]
fn a_feed_that_is_sent_in_pieces_keeps_nothing_back() {
    let zone = city();
    let mut feed = Feed::new(Vec::new(), &head("2026-05-21T19:00:00Z")).expect("a feed");
    feed.usage_point(&UsagePoint { summaries: false, ..point(5, Commodity::Water, &zone) }).expect("written");
    feed.channel(&channel(Direction::Delivered, Unit::Gallon, 0, 3600)).expect("written");
    let (mut pieces, mut longest) = (Vec::new(), 0);
    for n in 0..1_000 {
        let day = day("2020-01-01") + chrono::Days::new(n);
        feed.block(day, &values(&zone, day, 3600, |i| Some((i as i64, Quality::Validated)))).expect("written");
        let piece = feed.take();
        longest = longest.max(piece.len());
        pieces.push(piece);
    }
    pieces.push(feed.finish().expect("finished"));
    assert!(longest < 8_000, "{longest} bytes");
    check(&String::from_utf8(pieces.concat()).expect("UTF-8"));
}
