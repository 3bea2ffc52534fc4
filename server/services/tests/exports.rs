//! What is handed out of an account: CSV and Green Button, on both engines.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};
use std::sync::Arc;

use chrono::NaiveDate;
use contract::AppError;
use contract::usage::UsageAsk;
use domain::calendar::{DayRange, Instant, Zone};
use domain::ids::{PersonId, SessionId};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::quantity::{Commodity, Decimal, Direction, Unit};
use futures::TryStreamExt as _;
use intake::data::ChannelData;
use services::clock::Entropy;
use services::usage::Download;
use services::{Cx, Fault, FixedClock, Principal, Settings, billing, usage};
use store::Pool;
use store::bills::Status;
use store::fixtures::{FixtureMeter, Home, fill, home, noon};
use store::ingest::{NewDelivery, NewRead};

const fn meter(commodity: Commodity, unit: Unit, exponent: i8, interval_seconds: u32) -> FixtureMeter {
    FixtureMeter { commodity, unit, exponent, interval_seconds, two_way: matches!(commodity, Commodity::Electricity) }
}

const METERS: [FixtureMeter; 3] = [
    meter(Commodity::Electricity, Unit::KilowattHour, -3, 900),
    meter(Commodity::Gas, Unit::Therm, -5, 3600),
    meter(Commodity::Water, Unit::CubicFoot, -1, 3600),
];

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn range(from: &str, to: &str) -> DayRange {
    DayRange::new(day(from), day(to)).expect("forwards")
}

fn history() -> DayRange {
    range("2026-01-12", "2026-04-21")
}

/// What the registers of the home have: differing values, a missing day, a missing hour, qualities.
fn power(d: NaiveDate, i: usize) -> Option<(i64, Quality)> {
    match d {
        d if d == day("2026-02-03") => None,
        d if d == day("2026-02-05") && (40..44).contains(&i) => None,
        d if d == day("2026-02-07") && i < 8 => Some((77, Quality::Estimated)),
        d if d == day("2026-02-08") && i == 3 => Some((91, Quality::Edited)),
        d if d == day("2026-02-08") && i == 4 => Some((92, Quality::Questionable)),
        d if d == day("2026-02-08") && i == 5 => Some((93, Quality::Verified)),
        d if d >= day("2026-04-19") => Some((60, Quality::Raw)),
        _ => Some((100 + i64::try_from(i).unwrap_or(0), Quality::Validated)),
    }
}

fn solar(_: NaiveDate, i: usize) -> Option<(i64, Quality)> {
    Some((if (40..60).contains(&i) { 130 } else { 0 }, Quality::Validated))
}

fn gas(_: NaiveDate, i: usize) -> Option<(i64, Quality)> {
    Some((1_234 + i64::try_from(i).unwrap_or(0), Quality::Validated))
}

fn water(d: NaiveDate, i: usize) -> Option<(i64, Quality)> {
    (d != day("2026-03-08") || i > 5).then_some((3, Quality::Validated))
}

/// A home with solar, gas and water and three bills; today is the 21st of April 2026.
async fn set_up(pool: &Pool, bills: bool) -> (Cx, Principal, Home) {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let mut tx = pool.write().await.expect("a transaction");
    let home = home(&mut tx, "300100", zone.clone(), zone.start_of(history().from), 12, &METERS).await;
    let [a, b, c, d] = home.registers[..] else { panic!("four registers") };
    fill(&mut tx, &home, a, 900, -3, history(), power).await;
    fill(&mut tx, &home, b, 900, -3, history(), solar).await;
    fill(&mut tx, &home, c, 3600, -5, history(), gas).await;
    fill(&mut tx, &home, d, 3600, -1, history(), water).await;
    tx.commit().await.expect("committed");
    let cx = Cx {
        pool: pool.clone(),
        clock: Arc::new(FixedClock::at(noon(&zone, day("2026-04-21")))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: services::adapters::Outside::default(),
    };
    if bills {
        let options = billing::Options { backdate: true, ..billing::Options::through(day("2026-04-21")) };
        let report = billing::run(&cx, &Principal::System, &options).await.expect("a run");
        assert_eq!((report.bills, report.failed.len()), (3, 0), "{report:?}");
    }
    let who = Principal::Resident { person: home.person, session: SessionId(1) };
    (cx, who, home)
}

fn ask(service: Option<&str>, days: Option<(&str, &str)>) -> UsageAsk {
    UsageAsk {
        service: service.map(str::to_owned),
        from: days.map(|d| d.0.to_owned()),
        to: days.map(|d| d.1.to_owned()),
        ..UsageAsk::default()
    }
}

async fn text(file: Result<Download, Fault>) -> String {
    file.expect("a file").body.try_collect::<Vec<_>>().await.expect("no failure").concat()
}

fn read(text: &str) -> Vec<ChannelData> {
    intake::greenbutton::read(&mut Cursor::new(text.as_bytes())).expect("a feed").channels
}

fn load(text: &str) -> Vec<ChannelData> {
    let options = intake::sniff::Options { zone: Zone::utc(), limit: None };
    let loaded = intake::sniff::load(text.as_bytes(), &options).expect("a file of ours");
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    loaded.channels
}

/// The texts of all elements of a name.
fn all<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    text.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).collect()
}

fn sum(numbers: &[&str]) -> i64 {
    numbers.iter().map(|n| n.parse::<i64>().expect("a whole number")).sum()
}

/// What a function gave to [`fill`], as start, value and quality.
fn stored(
    zone: &Zone,
    days: DayRange,
    seconds: u32,
    value: fn(NaiveDate, usize) -> Option<(i64, Quality)>,
) -> Vec<(i64, i64, Quality)> {
    let mut out = Vec::new();
    for day in days.days() {
        let (start, end) = zone.bounds(day);
        for i in 0..DayBlock::between(start, end, seconds, 0).len() {
            if let Some((v, quality)) = value(day, i) {
                out.push((start.timestamp() + i64::from(seconds) * i64::try_from(i).unwrap_or(0), v, quality));
            }
        }
    }
    out
}

fn rows(channel: &ChannelData, exponent: i8) -> Vec<(i64, i64, Quality)> {
    let value = |v| Decimal::new(v, channel.exponent).rescale(exponent).expect("exact");
    channel.points.iter().map(|p| (p.start, value(p.value), p.quality)).collect()
}

fn is_valid(text: &str) {
    let Some(folder) = std::env::var_os("METERSIDE_TEST_DATA").map(std::path::PathBuf::from) else {
        eprintln!("not run: validation against the ESPI schema (METERSIDE_TEST_DATA is not set)");
        return;
    };
    let folder = folder.canonicalize().expect("the folder of test data").join("espi");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    let done = std::process::Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(folder.join("driver-4.0.xsd"))
        .arg(file.path())
        .env("XML_CATALOG_FILES", folder.join("catalog.xml"))
        .output()
        .expect("xmllint runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

store::both_engines! {
    async fn all_history_is_one_valid_file_that_reads_back_as_it_is_stored(pool: Pool) {
        let (cx, who, home) = set_up(&pool, true).await;
        let file = usage::green_button(&cx, &who, &home.number, &ask(None, None)).await;
        assert_eq!(file.as_ref().ok().map(|f| f.file_name.as_str()), Some("usage-2026-01-12-to-2026-04-20.xml"));
        let written = text(file).await;
        is_valid(&written);
        let found = read(&written);
        let kinds: Vec<_> = found.iter().map(|c| (c.commodity, c.direction, c.unit)).collect();
        let (delivered, received) = (Some(Direction::Delivered), Some(Direction::Received));
        assert_eq!(kinds, [
            (Some(Commodity::Electricity), delivered, Some(Unit::KilowattHour)),
            (Some(Commodity::Electricity), received, Some(Unit::KilowattHour)),
            (Some(Commodity::Gas), delivered, Some(Unit::Therm)),
            (Some(Commodity::Water), delivered, Some(Unit::CubicFoot)),
        ]);
        assert_eq!(rows(&found[0], -3), stored(&home.zone, history(), 900, power));
        assert_eq!(rows(&found[1], -3), stored(&home.zone, history(), 900, solar));
        assert_eq!(rows(&found[2], -5), stored(&home.zone, history(), 3600, gas));
        assert_eq!(rows(&found[3], -1), stored(&home.zone, history(), 3600, water));
        let ids = all(&written, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "every id comes once");
        assert_eq!(text(usage::green_button(&cx, &who, &home.number, &ask(None, None)).await).await, written);
        let numbers = written.split(|c: char| !c.is_ascii_digit());
        assert!(numbers.clone().any(|n| n == "900") && numbers.clone().all(|n| n != home.number), "no number of the account");
        assert!(!written.contains("Reyes") && !written.contains("Heron"), "no names");
    }

    async fn each_bill_is_summed_up_to_the_cent(pool: Pool) {
        let (cx, who, home) = set_up(&pool, true).await;
        let written = text(usage::green_button(&cx, &who, &home.number, &ask(None, None)).await).await;
        let mut tx = pool.read().await.expect("a transaction");
        let bills = store::bills::list(&mut tx, home.account).await.expect("bills");
        let totals: i64 = bills.iter().filter(|b| b.status == Status::Issued).map(|b| b.total.0).sum();
        drop(tx);
        let summaries = all(&written, "billLastPeriod");
        assert_eq!((summaries.len(), sum(&summaries)), (9, totals * 1_000), "three services on three bills, in 10^-5 dollars");
        assert_eq!(sum(&all(&written, "amount")), totals * 1_000);
        let one = text(usage::green_button(&cx, &who, &home.number, &ask(Some("gas"), Some(("2026-03-01", "2026-03-11")))).await).await;
        assert_eq!(all(&one, "billLastPeriod").len(), 1);
        let ids = all(&one, "id");
        assert!(ids.iter().all(|id| written.contains(id)), "a part has the identities of the whole");
        is_valid(&one);
        let notes = all(&one, "note");
        let cents = |n: &str| n.split("at $").nth(1).is_none_or(|p| p.split([' ', '.']).nth(1).is_some_and(|d| d.len() >= 2));
        assert!(notes.iter().all(|n| cents(n)), "{notes:?}");
        assert!(notes.iter().any(|n| n.starts_with("Gas supply at $") && n.ends_with(" per therm")), "{notes:?}");
    }

    async fn intervals_cost_what_the_page_says(pool: Pool) {
        let (cx, who, home) = set_up(&pool, true).await;
        for service in ["electricity", "gas", "water"] {
            let asked = ask(Some(service), Some(("2026-02-12", "2026-03-11")));
            let written = text(usage::green_button(&cx, &who, &home.number, &asked).await).await;
            let csv = text(usage::download(&cx, &who, &home.number, &asked).await).await;
            let costs: i64 = csv
                .lines()
                .skip(1)
                .filter_map(|l| Decimal::parse(l.rsplit(',').next()?)?.rescale(-5))
                .sum();
            assert!(costs > 0);
            assert_eq!(sum(&all(&written, "cost")), costs, "{service}");
        }
    }

    async fn the_day_of_23_hours_has_92_readings(pool: Pool) {
        let (cx, who, home) = set_up(&pool, false).await;
        let asked = ask(Some("electricity"), Some(("2026-03-08", "2026-03-08")));
        let file = usage::green_button(&cx, &who, &home.number, &asked).await;
        assert_eq!(file.as_ref().ok().map(|f| f.file_name.as_str()), Some("electricity-2026-03-08-to-2026-03-08.xml"));
        let written = text(file).await;
        assert_eq!(read(&written).iter().map(|c| c.points.len()).collect::<Vec<_>>(), [92, 92]);
        assert_eq!(all(&written, "tzOffset"), ["-28800"]);
        assert!(!written.contains("UsageSummary"), "no bill, no link to one");
        is_valid(&written);
    }

    async fn what_dials_said_is_handed_out_as_it_was_known(pool: Pool) {
        let (cx, _, home) = set_up(&pool, false).await;
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        // The gas meter is read by a person too; the third reading came late, and the second was put right.
        let mut tx = pool.write().await.expect("a transaction");
        let register = home.registers[2];
        for (n, (arrived, read_at, value)) in [
            ("2026-02-01T20:00:00Z", "2026-02-01T18:30:00Z", 1_234_560_i64),
            ("2026-03-01T20:00:00Z", "2026-03-01T18:30:00Z", 2_000_000),
            ("2026-03-05T20:00:00Z", "2026-03-01T18:30:00Z", 2_000_001),
            ("2026-04-10T20:00:00Z", "2026-04-01T18:30:00Z", 3_000_000),
        ]
        .into_iter()
        .enumerate()
        {
            let new = NewDelivery {
                checksum: arrived.as_bytes(),
                name: &format!("route-{n}.csv"),
                sender: "",
                format: "route",
                zone: "America/Los_Angeles",
                arrived_at: at(arrived),
            };
            let delivery = store::ingest::insert_delivery(&mut tx, &new).await.expect("a delivery");
            let read = NewRead { register, at: at(read_at).timestamp(), value, quality: 3 };
            if store::ingest::insert_reads(&mut tx, delivery, &[read]).await.expect("reads") == 0 {
                let before = store::ingest::reads_at(&mut tx, &[(register, read.at)]).await.expect("it reads")[0];
                store::ingest::replace_read(&mut tx, delivery, at(arrived), &before, &read).await.expect("replaced");
            }
        }
        tx.commit().await.expect("committed");
        let dials = async |then: Option<&str>| -> Vec<String> {
            let then = then.map(at);
            let file = usage::readings(&cx, &Principal::System, "300100", Some(Commodity::Gas), None, then).await;
            let text = text(file).await;
            let head = text.lines().next().expect("a head").trim_end();
            assert!(head.ends_with(",arrived_utc,kind"), "{head}");
            text.lines().filter(|l| l.trim_end().ends_with(",dial")).map(|l| l.trim_end().to_owned()).collect()
        };
        let first = "gas,300100-gas,delivered,2026-02-01T10:30:00-08:00,2026-02-01T10:30:00-08:00,2026-02-01T18:30:00Z,\
                     12.3456,therm,validated,,0,route-0.csv,,route,2026-02-01T20:00:00Z,dial";
        let now = dials(None).await;
        assert_eq!((now.len(), now[0].as_str()), (3, first), "{now:?}");
        assert!(now[1].contains(",20.00001,therm,validated,,1,route-2.csv,,route,2026-03-05T20:00:00Z,"), "{}", now[1]);
        let known = dials(Some("2026-03-03T00:00:00Z")).await;
        assert_eq!(known.len(), 2);
        assert!(known[1].contains(",20,therm,validated,,0,route-1.csv,"), "{}", known[1]);
        assert_eq!(dials(Some("2026-01-15T00:00:00Z")).await, Vec::<String>::new());
    }

    async fn a_home_whose_dials_are_read_gets_its_readings(pool: Pool) {
        let zone = Zone::iana("America/Los_Angeles").expect("a zone");
        let mut tx = pool.write().await.expect("a transaction");
        let home = home(&mut tx, "300200", zone.clone(), zone.start_of(history().from), 12, &METERS[1..]).await;
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let new = NewDelivery {
            checksum: b"dials",
            name: "route.csv",
            sender: "",
            format: "route",
            zone: "America/Los_Angeles",
            arrived_at: at("2026-04-20T20:00:00Z"),
        };
        let delivery = store::ingest::insert_delivery(&mut tx, &new).await.expect("a delivery");
        let dial = |register, on: &str, value, quality| NewRead { register, at: at(on).timestamp(), value, quality };
        let (gas, water) = (home.registers[0], home.registers[1]);
        let (validated, estimated) = (Quality::Validated as u8, Quality::Estimated as u8);
        let reads = [
            dial(gas, "2026-01-12T18:30:00Z", 1_234_560, validated),
            dial(gas, "2026-02-11T18:30:00Z", 4_000_000, estimated),
            dial(gas, "2026-03-12T17:30:00Z", 5_000_001, validated),
            dial(water, "2026-01-12T18:40:00Z", 99_000, validated),
            dial(water, "2026-02-11T18:40:00Z", 99_900, validated),
        ];
        store::ingest::insert_reads(&mut tx, delivery, &reads).await.expect("reads");
        tx.commit().await.expect("committed");
        let cx = Cx {
            pool: pool.clone(),
            clock: Arc::new(FixedClock::at(noon(&zone, day("2026-04-21")))),
            entropy: Arc::new(Entropy::seeded(1)),
            settings: Arc::new(Settings::default()),
            outside: services::adapters::Outside::default(),
        };
        let written = text(usage::green_button(&cx, &Principal::System, "300200", &ask(None, None)).await).await;
        is_valid(&written);
        let ids = all(&written, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "every id comes once");
        assert_eq!(all(&written, "accumulationBehaviour"), ["1", "1"]);
        let stored = |register| -> (intake::data::Kind, Vec<_>) {
            let of = reads.iter().filter(|r| r.register == register);
            let quality = |q| if q == estimated { Quality::Estimated } else { Quality::Validated };
            (intake::data::Kind::Register, of.map(|r| (r.at, r.value, quality(r.quality))).collect())
        };
        let found = read(&written);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].kind, rows(&found[0], -5)), stored(gas));
        assert_eq!((found[1].kind, rows(&found[1], -1)), stored(water));
        let march = ask(Some("gas"), Some(("2026-03-01", "2026-03-31")));
        let march = text(usage::green_button(&cx, &Principal::System, "300200", &march).await).await;
        assert_eq!(rows(&read(&march)[0], -5), stored(gas).1[2..]);
        // The same meter by meter, and from one reading to the next.
        let file = text(usage::readings(&cx, &Principal::System, "300200", None, None, None).await).await;
        let again = load(&file);
        assert_eq!((again[0].kind, rows(&again[0], -5)), stored(gas));
        assert_eq!((again[1].kind, rows(&again[1], -1)), stored(water));
        let file = text(usage::csv(&cx, &Principal::System, "300200", None, None).await).await;
        let lines: Vec<_> = file.lines().skip(1).map(str::trim_end).collect();
        assert_eq!(lines.len(), 3, "{file}");
        let first = "gas,2026-01-12T10:30:00-08:00,2026-02-11T10:30:00-08:00,2026-01-12T18:30:00Z,27.6544,,therm,estimated,";
        assert_eq!(lines[0], first);
        assert!(lines[2].contains(",90,,cu ft,metered,"), "{}", lines[2]);
        let days = Some(range("2026-03-01", "2026-04-01"));
        let file = text(usage::csv(&cx, &Principal::System, "300200", None, days).await).await;
        assert_eq!(file.lines().count(), 2, "{file}");
    }

    async fn what_is_handed_out_as_csv_is_read_again(pool: Pool) {
        let (cx, _, home) = set_up(&pool, false).await;
        let file = text(usage::csv(&cx, &Principal::System, &home.number, None, None).await).await;
        let found = load(&file);
        let kinds: Vec<_> = found.iter().map(|c| (c.commodity, c.direction, c.unit)).collect();
        let (delivered, received) = (Some(Direction::Delivered), Some(Direction::Received));
        assert_eq!(kinds, [
            (Some(Commodity::Electricity), delivered, Some(Unit::KilowattHour)),
            (Some(Commodity::Electricity), received, Some(Unit::KilowattHour)),
            (Some(Commodity::Gas), delivered, Some(Unit::Therm)),
            (Some(Commodity::Water), delivered, Some(Unit::CubicFoot)),
        ]);
        let amounts = |rows: Vec<(i64, i64, Quality)>| rows.into_iter().map(|(at, v, _)| (at, v)).collect::<Vec<_>>();
        assert_eq!(amounts(rows(&found[2], -5)), amounts(stored(&home.zone, history(), 3600, gas)));
        assert_eq!(amounts(rows(&found[3], -1)), amounts(stored(&home.zone, history(), 3600, water)));
        let file = text(usage::readings(&cx, &Principal::System, &home.number, None, None, None).await).await;
        let found = load(&file);
        assert_eq!(rows(&found[0], -3), stored(&home.zone, history(), 900, power));
        assert_eq!(rows(&found[1], -3), stored(&home.zone, history(), 900, solar));
        assert_eq!(rows(&found[2], -5), stored(&home.zone, history(), 3600, gas));
        assert_eq!(rows(&found[3], -1), stored(&home.zone, history(), 3600, water));
        assert!(found.iter().all(|c| c.meter.starts_with(&home.number)));
    }

    async fn only_ones_own_account_and_days_with_readings(pool: Pool) {
        let (cx, who, home) = set_up(&pool, false).await;
        let refused = async |who: &Principal, days| {
            let file = usage::green_button(&cx, who, &home.number, &ask(None, days)).await;
            file.err().map(AppError::from)
        };
        let stranger = Principal::Resident { person: PersonId(home.person.0 + 1), session: SessionId(2) };
        assert_eq!(refused(&stranger, None).await, Some(AppError::NotFound));
        assert_eq!(refused(&Principal::Nobody, None).await, Some(AppError::SignInRequired));
        let staff = Principal::Staff { person: home.person, session: SessionId(3) };
        assert_eq!(refused(&staff, None).await, Some(AppError::Forbidden));
        for days in [("2020-01-01", "2020-02-01"), ("2030-01-01", "2030-02-01"), ("2026-03-02", "2026-03-01"), ("x", "y")] {
            assert!(matches!(refused(&who, Some(days)).await, Some(AppError::Invalid(_))), "{days:?}");
        }
        assert_eq!(refused(&Principal::System, None).await, None);
        let unknown = usage::green_button(&cx, &Principal::System, "999", &ask(None, None)).await;
        assert_eq!(unknown.err().map(AppError::from), Some(AppError::NotFound));
        let stranger = usage::csv(&cx, &stranger, &home.number, None, None).await;
        assert_eq!(stranger.err().map(AppError::from), Some(AppError::NotFound));
    }

    async fn csv_holds_every_service_of_all_days(pool: Pool) {
        let (cx, _, home) = set_up(&pool, false).await;
        let file = usage::csv(&cx, &Principal::System, &home.number, None, None).await;
        assert_eq!(file.as_ref().ok().map(|f| f.file_name.as_str()), Some("usage-2026-01-12-to-2026-04-20.csv"));
        let written = text(file).await;
        let count = |word: &str| written.lines().filter(|l| l.starts_with(word)).count();
        assert_eq!((count("service,"), count("electricity,")), (1, 99 * 96 - 4));
        assert_eq!((count("gas,"), count("water,")), (99 * 24 - 1, 99 * 24 - 1));
        let days = Some(range("2026-03-08", "2026-03-09"));
        let part = text(usage::csv(&cx, &Principal::System, &home.number, Some(Commodity::Water), days).await).await;
        assert_eq!(part.lines().count(), 1 + 23);
        let outside = usage::csv(&cx, &Principal::System, &home.number, None, Some(range("2020-01-01", "2020-01-02"))).await;
        assert!(matches!(outside.err().map(AppError::from), Some(AppError::Invalid(_))));
    }

    async fn a_new_meter_goes_on_where_the_old_one_stopped(pool: Pool) {
        let (cx, who, home) = set_up(&pool, false).await;
        // The gas meter is replaced on the 1st of March by one that counts whole thousandths.
        let at: Instant = home.zone.start_of(day("2026-03-01"));
        let mut tx = pool.write().await.expect("a transaction");
        let (_, point) = store::meters::point(&mut tx, "300100-gas").await.expect("a point").expect("known");
        let meter = store::import::meter(&mut tx, "300100-gas", Commodity::Gas).await.expect("a meter").expect("known");
        store::meters::remove(&mut tx, meter, at).await.expect("removed");
        let register = store::meters::NewRegister {
            direction: Direction::Delivered,
            unit: Unit::Therm,
            exponent: -3,
            interval_seconds: 3600,
            dial_digits: 6,
        };
        let (meter, ids) = store::meters::insert(&mut tx, "300100-new", Commodity::Gas, &[register]).await.expect("a meter");
        store::meters::install(&mut tx, meter, point, at).await.expect("installed");
        fill(&mut tx, &home, ids[0], 3600, -3, range("2026-03-01", "2026-03-04"), |_, _| Some((20, Quality::Validated))).await;
        tx.commit().await.expect("committed");
        let asked = ask(Some("gas"), Some(("2026-02-27", "2026-03-03")));
        let found = read(&text(usage::green_button(&cx, &who, &home.number, &asked).await).await);
        assert_eq!(found.len(), 1, "one channel");
        let before = stored(&home.zone, range("2026-02-27", "2026-03-01"), 3600, gas);
        let after = stored(&home.zone, range("2026-03-01", "2026-03-04"), 3600, |_, _| Some((2_000, Quality::Validated)));
        assert_eq!(rows(&found[0], -5), [before, after].concat(), "the old meter's later readings are not the account's");
    }
}
