//! Looking into files: our own fixtures always, published samples where `METERSIDE_TEST_DATA` names their folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use domain::calendar::Zone;
use domain::quantity::Direction;
use intake::inspect::{ChannelReport, FileReport, run};
use intake::sniff::{Options, load};
use proptest::prelude::*;

#[expect(clippy::disallowed_methods, reason = "files from elsewhere are named by the environment")]
fn samples(test: &str) -> Option<PathBuf> {
    let found = std::env::var("METERSIDE_TEST_DATA").ok().map(PathBuf::from);
    if found.is_none() {
        println!("{test}: did not run, METERSIDE_TEST_DATA is not set");
    }
    found
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn one(path: PathBuf, zone: Option<&Zone>) -> FileReport {
    run(&[path], zone).remove(0)
}

/// Unit, kind, count, distinct count, first, last, total, cost.
type Line<'a> = (&'a str, &'a str, usize, usize, &'a str, &'a str, &'a str, Option<&'a str>);

fn line(c: &ChannelReport) -> Line<'_> {
    let kind = match c.kind {
        intake::data::Kind::Interval => "interval",
        intake::data::Kind::Register => "register",
        intake::data::Kind::Period => "period",
    };
    (
        &c.unit,
        kind,
        c.count,
        c.distinct_count,
        c.first.as_deref().unwrap_or(""),
        c.last.as_deref().unwrap_or(""),
        &c.total,
        c.cost.as_deref(),
    )
}

#[test]
fn published_green_button_files_have_the_totals_that_others_found() {
    let Some(data) = samples("published_green_button_files_have_the_totals_that_others_found") else { return };
    let at = |name: &str| one(data.join("samples/greenbutton").join(name), None);
    let expected: &[(&str, Line<'_>)] = &[
        (
            "test_usage_data.xml",
            (
                "kWh",
                "interval",
                1340,
                1340,
                "2012-03-01T05:00:00Z",
                "2012-03-15T04:00:00Z",
                "1391.666",
                Some("149.99132"),
            ),
        ),
        (
            "test_usage_data_01.xml",
            ("kWh", "interval", 96, 96, "2012-03-01T05:00:00Z", "2012-03-02T05:00:00Z", "93.846", Some("11.48274")),
        ),
        (
            "test_usage_data_08.xml",
            ("kWh", "interval", 96, 96, "2012-03-08T05:00:00Z", "2012-03-09T05:00:00Z", "92.674", Some("11.26346")),
        ),
        (
            "hourlyForMonthMar.xml",
            (
                "kWh",
                "interval",
                743,
                743,
                "2011-03-01T05:00:00Z",
                "2011-04-01T04:00:00Z",
                "2278.213",
                Some("248.40246"),
            ),
        ),
        (
            "15minLP_15Days.xml",
            (
                "kWh",
                "interval",
                1340,
                1340,
                "2012-03-01T05:00:00Z",
                "2012-03-15T04:00:00Z",
                "1397.734",
                Some("150.41054"),
            ),
        ),
        (
            "1hrLP_32DaysNoCost.xml",
            ("kWh", "interval", 768, 768, "2012-04-01T04:00:00Z", "2012-05-03T04:00:00Z", "2355.432", None),
        ),
        (
            "12MonthlyUpdates.xml",
            (
                "kWh",
                "period",
                366,
                366,
                "2011-04-01T04:00:00Z",
                "2012-04-01T04:00:00Z",
                "48348.966",
                Some("5219.45723"),
            ),
        ),
        (
            "Gas.xml",
            ("therm", "period", 13, 13, "2011-04-01T04:00:00Z", "2012-04-15T04:00:00Z", "1074.821", Some("3094.66093")),
        ),
        (
            "Water.xml",
            ("gal", "period", 2, 2, "2012-04-01T04:00:00Z", "2012-05-05T04:00:00Z", "29866000", Some("0.42601")),
        ),
    ];
    for (name, wanted) in expected {
        let report = at(name);
        assert_eq!(report.format, "green-button", "{name}: {:?}", report.problems);
        assert_eq!(report.channels.len(), 1, "{name}");
        assert_eq!(line(&report.channels[0]), *wanted, "{name}");
    }
    let capital = at("1hrLP_32DaysNoCost.xml");
    assert!(capital.problems.iter().any(|p| p.code == "capital-letter"), "{:?}", capital.problems);
    assert!(at("Water.xml").problems.iter().any(|p| p.code == "water-kind"));
    let bare = at("usage_point.xml");
    assert!(bare.problems.iter().any(|p| p.code == "no-readings"), "{:?}", bare.problems);

    let inland = at("Inland_Single_Family_Jan_1_2011_to_Jan_1_2012.xml");
    let c = &inland.channels[0];
    assert_eq!((c.count, c.distinct_count, c.total_raw.as_str()), (8760, 8758, "8343.306"));
    let total: f64 = c.total.parse().expect("a number");
    assert!((8341.797..=8341.857).contains(&total), "{total}");
    assert_eq!((c.first.as_deref(), c.last.as_deref()), (Some("2011-01-01T08:00:00Z"), Some("2012-01-01T08:00:00Z")));

    let three = at("threeusagepointsonecustomer.xml");
    let mut delivered: Vec<(&str, &str)> = three
        .channels
        .iter()
        .filter(|c| c.direction == "delivered")
        .map(|c| (c.total.as_str(), c.cost.as_deref().unwrap_or("")))
        .collect();
    delivered.sort_unstable();
    assert_eq!(delivered, [("31", "41.60006"), ("33", "41.78833"), ("35", "42.32185")]);
    let received: Vec<_> = three.channels.iter().filter(|c| c.direction == "received").collect();
    assert_eq!((received.len(), received[0].count, received[0].cost.as_deref()), (1, 24, Some("14.53287")));
}

#[test]
fn published_cmep_registers_have_the_differences_that_others_found() {
    let Some(data) = samples("published_cmep_registers_have_the_differences_that_others_found") else { return };
    let report = one(data.join("samples/cmep/cmep.dat"), None);
    let found: Vec<(&str, &str, &str, usize)> =
        report.channels.iter().map(|c| (c.meter.as_str(), c.unit.as_str(), c.total.as_str(), c.count)).collect();
    assert_eq!(
        found,
        [
            ("B72842123", "gal", "194", 25),
            ("B72842062", "gal", "51", 25),
            ("B72842130", "gal", "70", 25),
            ("BW23020", "gal", "29", 25),
            ("E36525F12SD", "kWh", "23", 25)
        ]
    );
    assert_eq!(report.problems.iter().filter(|p| p.code == "register-backwards").count(), 3);
}

#[test]
fn published_nem_files_are_read_and_broken_ones_refused_with_their_line() {
    let Some(data) = samples("published_nem_files_are_read_and_broken_ones_refused_with_their_line") else { return };
    let folder = data.join("samples/nem12");
    let totals = |name: &str| -> Vec<(String, usize)> {
        let report = one(folder.join(name), None);
        report.channels.iter().map(|c| (c.total.clone(), c.distinct_count)).collect()
    };
    let is = |t: &str, n: usize| (t.to_owned(), n);
    assert_eq!(totals("Example_NEM12_actual_interval.csv"), [is("53.328", 48), is("106.656", 48)]);
    assert_eq!(
        totals("Example_NEM12_different_interval_length.csv"),
        [is("254", 48), is("120", 48), is("33129.99", 144)]
    );
    assert_eq!(totals("Example_NEM12_multiple_quality.csv"), [is("896.99", 48)]);
    assert_eq!(totals("Example_NEM12_substituted_interval.csv"), [is("110.976", 48), is("47053.848", 48)]);
    assert_eq!(totals("Example_NEM13_consumption_data.csv"), [is("1312.1", 2)]);
    for (name, line) in [
        ("Example_NEM12_15min_200_30min_300.csv", Some(3)),
        ("Example_NEM12_30min_200_15min_400.csv", Some(3)),
        ("Example_NEM12_empty.csv", None),
        ("Example_NEM12_missing_header.csv", Some(2)),
        ("Example_NEM12_powercor_missing_fields.csv", Some(2)),
    ] {
        let report = one(folder.join("invalid").join(name), None);
        assert!(report.channels.is_empty(), "{name}");
        let refused = report.problems.iter().find(|p| p.code == "refused");
        assert!(refused.is_some_and(|p| p.line == line), "{name}: {:?}", report.problems);
    }
}

#[test]
fn published_csv_files_are_read() {
    let Some(data) = samples("published_csv_files_are_read") else { return };
    let hourly = one(data.join("intervals/il-electricity-cdd-hdd-hourly.csv.gz"), None);
    assert_eq!((hourly.channels[0].distinct_count, hourly.channels[0].total.as_str()), (19_417, "21927.13"));
    let daily = one(data.join("intervals/il-electricity-cdd-hdd-daily.csv.gz"), None);
    assert_eq!((daily.channels[0].distinct_count, daily.channels[0].total.as_str()), (809, "21925.83"));
    let uk = one(data.join("intervals/uk-electricity-hdd-only-hourly-sample-0.csv.gz"), None);
    assert_eq!((uk.channels[0].distinct_count, uk.channels[0].total.as_str()), (23_508, "3789.626"));
    let beacon = one(data.join("samples/ami_flat/beacon-360-report.csv"), None);
    let found: Vec<_> = beacon.channels.iter().map(|c| (c.unit.as_str(), c.total.as_str(), c.count)).collect();
    assert_eq!(found, [("gal", "10", 2), ("ccf", "0", 2)]);
    let itron = one(data.join("samples/ami_flat/itron_roseville_rows.csv"), None);
    assert_eq!((itron.channels[0].unit.as_str(), itron.channels[0].total.as_str()), ("ft3", "5"));
}

#[test]
fn our_own_feed_with_prefixes_and_a_solar_channel_is_read() {
    let report = one(fixture("prefixed_solar.xml"), None);
    assert_eq!(report.format, "green-button");
    let found: Vec<_> =
        report.channels.iter().map(|c| (c.direction, c.total.as_str(), c.count, c.distinct_count)).collect();
    assert_eq!(found, [("delivered", "1.75", 4, 3), ("received", "0.5", 1, 1)]);
    assert!(report.problems.iter().any(|p| p.code == "repeated-start"), "{:?}", report.problems);
}

#[test]
fn our_own_csv_goes_both_ways() {
    let report = one(fixture("own.csv"), None);
    assert_eq!(report.format, "csv");
    assert_eq!(
        line(&report.channels[0]),
        ("gal", "interval", 3, 3, "2026-05-12T07:00:00Z", "2026-05-12T10:00:00Z", "42.5", None)
    );
}

#[test]
fn a_portal_csv_with_hard_spaces_and_two_directions_is_read() {
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    let report = one(fixture("edison.csv"), Some(&zone));
    let found: Vec<_> =
        report.channels.iter().map(|c| (c.direction, c.total.as_str(), c.first.as_deref().unwrap_or(""))).collect();
    assert_eq!(found, [("delivered", "0.8", "2022-08-01T07:00:00Z"), ("received", "1.25", "2022-08-01T19:00:00Z")]);
}

#[test]
fn a_portal_csv_of_two_meters_in_turn_keeps_the_repeated_hour() {
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    let mut text = "Meter Number,Date,Start Time,Duration,Consumption\n".to_owned();
    for time in ["12:45 AM", "1:00 AM", "1:30 AM", "1:00 AM", "1:30 AM", "2:00 AM"] {
        for meter in ["M1", "M2"] {
            text.push_str(&format!("{meter},11/1/2026,{time},30,1\n"));
        }
    }
    let loaded = load(text.as_bytes(), &Options { zone, limit: None }).expect("a known form");
    let distinct: Vec<usize> = loaded.channels.iter().map(|c| c.distinct().len()).collect();
    assert_eq!((distinct, loaded.findings), (vec![6, 6], vec![]));
}

#[test]
fn a_portal_csv_of_ranges_keeps_their_lengths_when_the_clock_changes() {
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    let read = |day: &str, times: &[&str]| {
        let rows: String =
            times.windows(2).map(|w| format!("{day} {}:00 to {day} {}:00,0.25,\n", w[0], w[1])).collect();
        let text = format!("Energy Delivered time period,Usage(Delivered),Reading quality\n{rows}");
        load(text.as_bytes(), &Options { zone: zone.clone(), limit: None }).expect("a known form")
    };
    let autumn = read("2026-11-01", &["00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30"]);
    let spring = read("2026-03-08", &["01:00", "01:30", "03:00", "03:30"]);
    for (loaded, n) in [(autumn, 6), (spring, 3)] {
        assert_eq!((loaded.findings.len(), loaded.channels[0].distinct().len()), (0, n), "{:?}", loaded.findings);
        assert_eq!(loaded.channels[0].findings(), []);
        assert!(loaded.channels[0].points.iter().all(|p| p.seconds == 1_800));
    }
}

#[test]
fn a_channel_of_mixed_lengths_is_what_most_of_it_is_and_says_so() {
    let reading = |start: i64, seconds: i64| {
        format!(
            "<IntervalReading><timePeriod><duration>{seconds}</duration><start>{start}</start></timePeriod>\
             <value>1000</value></IntervalReading>"
        )
    };
    let feed = |readings: String| {
        let text = format!(
            "<feed xmlns=\"http://naesb.org/espi\"><entry><ReadingType><uom>72</uom></ReadingType></entry>\
             <entry><IntervalBlock>{readings}</IntervalBlock></entry></feed>"
        );
        load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("a feed").channels.remove(0)
    };
    let may = 1_777_593_600;
    // The first value is a day, the others are hours.
    let hours: String = (0..24).map(|n| reading(may + 86_400 + n * 3_600, 3_600)).collect();
    let channel = feed(reading(may, 86_400) + &hours);
    let said = channel.findings();
    assert_eq!(channel.kind, intake::data::Kind::Interval);
    assert!(said.iter().any(|f| f.code == "mixed-lengths" && f.message.contains("1 values are of a day")), "{said:?}");
    // Bills differ; days that the clock was changed do not count as such.
    let bills = feed(reading(may, 31 * 86_400) + &reading(may + 31 * 86_400, 30 * 86_400));
    assert_eq!(bills.findings().iter().map(|f| f.code).collect::<Vec<_>>(), ["unequal-periods"]);
    let days = feed(reading(may, 86_400) + &reading(may + 86_400, 90_000) + &reading(may + 176_400, 86_400));
    assert_eq!((days.kind, days.findings()), (intake::data::Kind::Period, vec![]));
}

#[test]
fn registers_of_one_connection_are_told_apart_in_nem_files() {
    let row = |suffix: &str, way: &str, last: &str| {
        format!(
            "250,NMI7,1141,01,{suffix},11,METER1,{way},100,20260101000000,A,,,{last},20260201000000,A,,,{last},kWh,,,,\n"
        )
    };
    let text = format!("100,NEM13,202602010000,A,B\n{}{}900\n", row("11", "E", "150"), row("41", "I", "130"));
    let loaded = load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("a NEM13 file");
    let found: Vec<_> = loaded
        .channels
        .iter()
        .map(|c| (c.meter.as_str(), c.direction, c.totals().total.map(|t| t.to_string()).unwrap_or_default()))
        .collect();
    assert_eq!(
        found,
        [
            ("NMI7 11", Some(Direction::Delivered), "50".to_owned()),
            ("NMI7 41", Some(Direction::Received), "30".to_owned())
        ]
    );
    let interval = one(fixture("day.nem12"), None);
    assert!(interval.channels.iter().all(|c| c.meter.ends_with(" E1") || c.meter.ends_with(" B1")), "{interval:?}");
}

#[test]
fn costs_have_their_currency_though_the_first_row_has_none() {
    let text = "TYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES\n\
                Electric usage,2026-05-01,00:00,00:59,1,kWh,,\nElectric usage,2026-05-01,01:00,01:59,1,kWh,$0.25,\n";
    let loaded = load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("a known form");
    let channel = &loaded.channels[0];
    assert_eq!((channel.currency, channel.totals().cost), (Some("USD"), Some(25_000)));
}

fn refusal(bytes: &[u8], limit: Option<u64>) -> String {
    load(bytes, &Options { zone: Zone::utc(), limit }).expect_err("refused").to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).expect("memory takes all");
    out.finish().expect("memory takes all")
}

#[test]
fn what_is_no_usage_file_is_refused_with_what_would_be_right() {
    assert_eq!(refusal(b"", None), "the file is empty");
    assert!(refusal(b"<!DOCTYPE html><html><body>Please sign in</body></html>", None).contains("web page"));
    assert!(refusal(&[0x50, 0x4b, 3, 4, 0, 0, 0, 0], None).contains("binary"));
    assert!(
        refusal(b"<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>News</title></feed>", None)
            .contains("http://naesb.org/espi")
    );
    let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><feed>&b;</feed>";
    assert!(refusal(bomb, None).contains("DTD"));
    assert!(refusal(b"<feed xmlns=\"http://naesb.org/espi\"><entry>", None).contains("cut off"));
    let whole = std::fs::read(fixture("prefixed_solar.xml")).expect("the fixture is there");
    assert!(refusal(&whole[..whole.len() / 2], None).len() > 10);
    let packed = gzip(&whole);
    assert!(load(&packed[..], &Options { zone: Zone::utc(), limit: None }).is_ok());
    assert!(refusal(&packed[..packed.len() / 2], None).contains("the gzip file is cut off"));
    assert!(refusal(&packed[..20], None).contains("the gzip file is cut off"));
    let bomb = gzip(&b"start,value\n".repeat(400_000));
    assert!(refusal(&bomb, Some(1_000_000)).contains("more than 1000000 bytes"));
    assert!(refusal(b"hello there, this is a letter\nand goes on, and on\n", None).contains("no header"));
}

/// Reads a file and counts everything in it.
fn look_into(bytes: &[u8]) {
    if let Ok(loaded) = load(bytes, &Options { zone: Zone::utc(), limit: Some(100_000) }) {
        for channel in &loaded.channels {
            let totals = channel.totals();
            assert!(totals.distinct <= totals.count);
            assert!(channel.findings().iter().all(|f| !f.message.is_empty()));
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        look_into(&bytes);
    }

    #[test]
    fn damaged_files_do_no_harm(which in 0usize..4, at in 0usize..4000, byte in any::<u8>(), cut in 0usize..4000) {
        let name = ["prefixed_solar.xml", "own.csv", "edison.csv", "day.nem12"][which];
        let mut bytes = std::fs::read(fixture(name)).expect("the fixture is there");
        let n = bytes.len();
        bytes[at % n] = byte;
        bytes.truncate(n - cut % n);
        look_into(&bytes);
    }
}
