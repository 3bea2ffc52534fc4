//! Files made to do harm: numbers at the ends of their range. What does not fit is left out and said, never wrapped or capped.

use std::io::Write as _;

use domain::calendar::Zone;
use domain::metering::Quality;
use domain::quantity::Decimal;
use intake::data::{ChannelData, Kind, Point};
use intake::inspect;
use intake::sniff::{Loaded, Options, load};
use proptest::prelude::*;

/// 1 May 2026, 00:00 UTC.
const MAY: i64 = 1_777_593_600;

fn read(text: &str) -> Loaded {
    load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("a usage file")
}

/// Codes of what was found in the file, apart from its lack of links, and in its channels.
fn codes(loaded: &Loaded) -> Vec<&'static str> {
    let of_channels = loaded.channels.iter().flat_map(ChannelData::findings);
    loaded.findings.iter().cloned().chain(of_channels).map(|f| f.code).filter(|c| *c != "links").collect()
}

fn totals(loaded: &Loaded) -> Vec<Option<String>> {
    loaded.channels.iter().map(|c| c.totals().total.map(|t| t.to_string())).collect()
}

/// A feed of a multiplier and of readings: start, duration, value, cost.
fn feed(multiplier: &str, readings: &[[&str; 4]]) -> String {
    let readings: String = readings
        .iter()
        .map(|[start, duration, value, cost]| {
            format!(
                "<IntervalReading><cost>{cost}</cost><timePeriod><duration>{duration}</duration><start>{start}</start>\
                 </timePeriod><value>{value}</value></IntervalReading>"
            )
        })
        .collect();
    format!(
        "<feed xmlns=\"http://naesb.org/espi\"><entry><content><ReadingType><commodity>1</commodity><uom>72</uom>\
         <powerOfTenMultiplier>{multiplier}</powerOfTenMultiplier></ReadingType></content></entry><entry><content>\
         <IntervalBlock>{readings}</IntervalBlock></content></entry></feed>"
    )
}

#[test]
fn times_that_no_meter_can_have_are_left_out_and_said() {
    let may = MAY.to_string();
    for start in ["9223372036854775807", "-9223372036854775808", "0", "4133980800"] {
        let loaded = read(&feed("0", &[[start, "900", "7", "1"], [&may, "900", "1500", "1"]]));
        assert_eq!(totals(&loaded), [Some("1.5".to_owned())], "{start}");
        assert!(codes(&loaded).contains(&"time"), "{start}: {:?}", loaded.findings);
    }
    let rows = "meter,commodity,direction,unit,start,seconds,value,quality\n\
                a,water,delivered,gal,9999-01-01T00:00:00Z,900,1,raw\n\
                a,water,delivered,gal,2026-05-01T00:00:00Z,4294967295,1,raw\n\
                a,water,delivered,gal,2026-05-01T00:00:00Z,900,2,raw\n";
    let loaded = read(rows);
    assert_eq!((totals(&loaded), codes(&loaded)), (vec![Some("2".to_owned())], vec!["row", "row"]));
}

#[test]
fn a_power_of_ten_that_is_none_leaves_its_readings_out() {
    let may = MAY.to_string();
    for multiplier in ["-9223372036854775808", "300", "13", "99999999999999999999", "kilo"] {
        let loaded = read(&feed(multiplier, &[[&may, "900", "7", "1"]]));
        assert!(loaded.channels.is_empty(), "{multiplier}");
        let said = loaded.findings.iter().find(|f| f.code == "multiplier").expect("it is said");
        assert!(said.message.contains("-12 to 12"), "{}", said.message);
    }
    assert_eq!(totals(&read(&feed("-12", &[[&may, "900", "7", "1"]]))), [Some("0.000000000000007".to_owned())]);
    assert_eq!(totals(&read(&feed("", &[[&may, "900", "7000", "1"]]))), [Some("7".to_owned())]);
}

#[test]
fn sums_beyond_the_range_are_not_given_and_said() {
    let (may, later) = (MAY.to_string(), (MAY + 900).to_string());
    let most = i64::MAX.to_string();
    let loaded = read(&feed("0", &[[&may, "900", &most, &most], [&later, "900", &most, &most]]));
    let totals = loaded.channels[0].totals();
    assert_eq!((totals.raw, totals.total, totals.cost), (None, None, None));
    assert_eq!(codes(&loaded), ["total-too-large", "cost-too-large"]);
    let beyond = read(&feed("0", &[[&may, "900", "9223372036854775808", "1"], [&later, "900", "1000", "1"]]));
    assert_eq!(beyond.channels[0].totals().total.map(|t| t.to_string()), Some("1".to_owned()));
    assert_eq!(codes(&beyond), ["number", "incomplete-reading"]);
}

#[test]
fn a_portal_csv_with_endless_minutes_loses_that_row_alone() {
    let loaded = read(
        "Meter Number,Date,Start Time,Duration,Consumption\n\
         M1,5/1/2026,1:00 AM,99999999,1\nM1,5/1/2026,1:15 AM,999999,1\nM1,5/1/2026,1:30 AM,15,0.5\n",
    );
    assert_eq!((totals(&loaded), codes(&loaded)), (vec![Some("0.5".to_owned())], vec!["row", "row"]));
}

#[test]
fn values_too_far_apart_to_be_counted_together_are_said() {
    let head = "MEPMD01,20080501,CITY,,CITY,SP1,202606031515,W1,OK,W,GAL,1.0,00000100,1";
    let large = format!("{head},202606020100,R0,900000000000000000\n");
    let fine = format!("{head},202606020200,R0,0.001\n");
    let plain = format!("{head},202606020300,R0,5\n");
    // Whichever comes first, it stays exactly as it is, and what cannot be kept beside it is left out.
    let loaded = read(&[large.clone(), fine.clone(), plain.clone()].concat());
    assert_eq!(totals(&loaded), [Some("900000000000000005".to_owned())]);
    assert_eq!(codes(&loaded), ["number", "gap"]);
    let loaded = read(&[fine, large, plain].concat());
    assert_eq!(totals(&loaded), [Some("5.001".to_owned())]);
    assert_eq!(codes(&loaded), ["number"]);
}

fn refusal(text: &str) -> String {
    load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect_err("too much").to_string()
}

#[test]
fn a_line_without_end_is_refused_in_every_format() {
    let endless = "7".repeat(3 << 20);
    let nem = "100,NEM12,200506081149,A,B\n200,M,E1,1,E1,N1,S,kWh,30,20050610\n";
    for text in [
        format!("start,value\n2026-05-01T00:00:00Z,1\n{endless}"),
        format!("start,value\n\"{}\"", "7\n".repeat(2 << 20)),
        format!("{nem}300,{endless}"),
        format!("<feed xmlns=\"http://naesb.org/espi\"><title>{endless}</title></feed>"),
        format!("<feed xmlns=\"http://naesb.org/espi\" a=\"{endless}\"></feed>"),
        format!("<feed xmlns=\"http://naesb.org/espi\"><!-- {} --></feed>", "> ".repeat(1 << 20)),
        format!("<feed xmlns=\"http://naesb.org/espi\">{}</feed>", "7 <!-- -->".repeat(1_200_000)),
    ] {
        assert!(refusal(&text).contains("longer than 1 MB"), "{}: {}", &text[..60], refusal(&text));
    }
    // In a feed of CMEP records a bad one is refused alone.
    let good = "MEPMD01,20080501,CITY,,CITY,SP1,202606031515,W1,OK,W,GAL,1.0,00000100,1,202606020100,R0,8";
    let loaded = read(&format!("{good}\nMEP{endless}\n{good}\n"));
    assert_eq!((loaded.channels[0].points.len(), loaded.findings[0].code), (2, "text"));
    // A feed that is one long line is none of that.
    let may = MAY.to_string();
    let many = feed("0", &vec![[may.as_str(), "900", "1", "1"]; 20_000]);
    assert!(many.len() > 2 << 20 && !many.contains('\n'));
    assert_eq!(read(&many).channels[0].points.len(), 20_000);
}

#[test]
fn faults_and_channels_without_end_are_bounded() {
    let rows: String = (0..5_000).map(|n| format!("2026-05-01T00:00:00Z,x{n}\n")).collect();
    let loaded = read(&format!("start,value\n2026-05-01T00:00:00Z,1\n{rows}"));
    assert_eq!(loaded.findings.len(), 201);
    assert_eq!(loaded.findings[200].message, "4800 more findings of this kind are not listed");
    let own: String =
        (0..100_001).map(|n| format!("m{n},water,delivered,gal,2026-05-01T00:00:00Z,900,1,raw\n")).collect();
    let said = refusal(&format!("meter,commodity,direction,unit,start,seconds,value,quality\n{own}"));
    assert!(said.contains("more than 100000 channels"), "{said}");
    let cmep: String =
        (0..100_001).map(|n| format!("MEPMD01,1,C,,C,S,2,m{n},OK,W,GAL,1.0,00000100,1,202606020100,R0,8\n")).collect();
    assert!(refusal(&cmep).contains("more than 100000 channels"));
    let entries = "<entry/>".repeat(700_000);
    let said = refusal(&format!("<feed xmlns=\"http://naesb.org/espi\">{entries}"));
    assert!(said.contains("bytes of links"), "{said}");
}

/// Whole numbers, mostly at the ends of ranges.
fn extreme() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(i64::MIN),
        Just(i64::MAX),
        Just(i64::MIN + 1),
        Just(0),
        Just(-1),
        Just(i64::from(u32::MAX)),
        Just(MAY),
        (MAY..MAY + 3_600),
        any::<i64>(),
        (-400i64..400),
    ]
}

/// Numbers as text, some of them too long for any type.
fn extreme_text() -> impl Strategy<Value = String> {
    prop_oneof![
        extreme().prop_map(|n| n.to_string()),
        "-?[0-9]{1,25}(\\.[0-9]{0,25})?",
        "0\\.0{100,140}1?",
        extreme().prop_map(|n| Decimal::new(n, -12).to_string()),
    ]
}

fn look(text: &str) {
    if let Ok(loaded) = load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }) {
        for channel in &loaded.channels {
            drop(channel.totals());
            drop(channel.findings());
        }
    }
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(text.as_bytes()).expect("and written");
    drop(inspect::text(&inspect::run(&[file.path().to_owned()], None)));
}

proptest! {
    #[test]
    fn channels_of_extreme_points_do_no_harm(
        points in proptest::collection::vec((extreme(), any::<u32>(), extreme(), proptest::option::of(extreme())), 0..6),
        exponent in any::<i8>(),
        kind in 0usize..3,
    ) {
        let points: Vec<Point> = points
            .into_iter()
            .map(|(start, seconds, value, cost)| Point { start, seconds, value, quality: Quality::Raw, cost })
            .collect();
        let sum: i128 = points.iter().map(|p| i128::from(p.value)).sum();
        let kind = [Kind::Interval, Kind::Register, Kind::Period][kind];
        let channel = ChannelData {
            meter: String::new(),
            commodity: None,
            direction: None,
            unit: None,
            unit_text: String::new(),
            kind,
            exponent,
            points,
            currency: None,
        };
        let raw = channel.totals().raw;
        if kind != Kind::Register {
            prop_assert_eq!(raw.map(|r| i128::from(r.amount)), i64::try_from(sum).ok().map(i128::from));
        }
        let said = channel.findings().iter().any(|f| f.code == "total-too-large");
        prop_assert!(raw.is_some() || said);
    }

    #[test]
    fn feeds_of_extreme_numbers_do_no_harm(
        multiplier in extreme_text(),
        readings in proptest::collection::vec((extreme_text(), extreme_text(), extreme_text(), extreme_text()), 0..6),
    ) {
        let readings: Vec<[&str; 4]> = readings.iter().map(|(a, b, c, d)| [&**a, b, c, d]).collect();
        look(&feed(&multiplier, &readings));
    }

    #[test]
    fn rows_of_extreme_numbers_do_no_harm(values in proptest::collection::vec((extreme_text(), extreme_text()), 1..6)) {
        let mut cmep = String::new();
        let mut own = "meter,commodity,direction,unit,start,seconds,value,quality\n".to_owned();
        let mut edison = "Energy Delivered time period,Usage(Delivered),Reading quality\n".to_owned();
        let mut diego = "Meter Number,Date,Start Time,Duration,Consumption\n".to_owned();
        let mut opower = "TYPE,DATE,START TIME,END TIME,USAGE,COST,NOTES\n".to_owned();
        let mut nem = "100,NEM12,200506081149,A,B\n200,M,E1,1,E1,N1,S,kWh,30,20050610\n".to_owned();
        for (i, (a, b)) in values.iter().enumerate() {
            cmep.push_str(&format!(
                "MEPMD01,20080501,C,,C,S,202606031515,W,OK,W,GAL,{a},00000100,2,20260602{i:02}00,R0,{b},,R0,{a}\n"
            ));
            own.push_str(&format!("a,water,delivered,gal,2026-05-01T0{i}:00:00Z,{a},{b},raw\n"));
            edison.push_str(&format!("2026-05-01 0{i}:00:00 to 2026-05-01 01:00:00,{a},\n{a} to {b},1,\n"));
            diego.push_str(&format!("M,5/1/2026,{i}:00 AM,{a},{b}\n"));
            opower.push_str(&format!("Electric usage,2026-05-01,0{i}:00,0{i}:14,{a},${b},\n"));
            nem.push_str(&format!("300,2005031{i},{a}{},A,,,20050310121004,\n", format!(",{b}").repeat(47)));
        }
        nem.push_str("900\n");
        for text in [cmep, own, edison, diego, opower, nem] {
            look(&text);
        }
    }
}
