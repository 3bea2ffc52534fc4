//! Residents' own usage files on both engines: taken, confirmed, charted, compared, renamed, removed, refused.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use contract::compare::NotCompared;
use contract::usage::{Grain, Measure, UsageAsk};
use contract::{AppError, Field, FieldError, Problem};
use domain::calendar::{DayRange, Zone};
use domain::data_set::Times;
use domain::ids::{PersonId, SessionId};
use domain::metering::Quality;
use domain::quantity::{Commodity, Unit};
use services::clock::Entropy;
use services::data_sets::{self, Confirmed, Sent};
use services::{Cx, Fault, FixedClock, Principal, Settings};
use store::Pool;
use store::fixtures::{FixtureMeter, Home, fill, home, noon};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A home in California with a year of quarter-hours of 0.1 kWh each up to 2026-05-20; today is the 21st.
async fn set_up(pool: &Pool) -> (Cx, Principal, Home) {
    let meter = FixtureMeter {
        commodity: Commodity::Electricity,
        unit: Unit::KilowattHour,
        exponent: -3,
        interval_seconds: 900,
        two_way: false,
    };
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let mut tx = pool.write().await.expect("a transaction");
    let home = home(&mut tx, "300100", zone.clone(), zone.start_of(day("2025-05-01")), 12, &[meter]).await;
    let all = DayRange::new(day("2025-05-01"), day("2026-05-21")).expect("forwards");
    fill(&mut tx, &home, home.registers[0], 900, -3, all, |_, _| Some((100, Quality::Validated))).await;
    tx.commit().await.expect("committed");
    let cx = Cx {
        pool: pool.clone(),
        clock: Arc::new(FixedClock::at(noon(&zone, day("2026-05-21")))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: services::adapters::Outside::default(),
    };
    let who = Principal::Resident { person: home.person, session: SessionId(1) };
    (cx, who, home)
}

/// March 2025 by the hour, 0.5 kWh each, in Eastern time; the feed says so.
fn march() -> Vec<u8> {
    let zone = Zone::iana("America/New_York").expect("a zone");
    let (from, to) = (zone.start_of(day("2025-03-01")).timestamp(), zone.start_of(day("2025-04-01")).timestamp());
    let mut readings = String::new();
    for start in (from..to).step_by(3_600) {
        write!(
            readings,
            "<IntervalReading><timePeriod><duration>3600</duration><start>{start}</start></timePeriod><value>500</value></IntervalReading>"
        )
        .expect("a string takes all");
    }
    let entry = |this: &str, up: &str, related: &str, content: &str| {
        format!(
            "<entry><link rel=\"self\" href=\"{this}\"/><link rel=\"up\" href=\"{up}\"/>{related}<content>{content}</content></entry>"
        )
    };
    let espi = "xmlns=\"http://naesb.org/espi\"";
    let related = |href: &str| format!("<link rel=\"related\" href=\"{href}\"/>");
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">{}{}{}{}{}</feed>",
        entry(
            "/UsagePoint/1",
            "/UsagePoint",
            &(related("/UsagePoint/1/MeterReading") + &related("/LocalTimeParameters/1")),
            &format!("<UsagePoint {espi}><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>")
        ),
        entry(
            "/LocalTimeParameters/1",
            "/LocalTimeParameters",
            "",
            &format!("<LocalTimeParameters {espi}><tzOffset>-18000</tzOffset></LocalTimeParameters>")
        ),
        entry(
            "/UsagePoint/1/MeterReading/1",
            "/UsagePoint/1/MeterReading",
            &(related("/ReadingType/1") + &related("/UsagePoint/1/MeterReading/1/IntervalBlock")),
            &format!("<MeterReading {espi}/>")
        ),
        entry(
            "/ReadingType/1",
            "/ReadingType",
            "",
            &format!(
                "<ReadingType {espi}><flowDirection>1</flowDirection><intervalLength>3600</intervalLength><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType>"
            )
        ),
        entry(
            "/UsagePoint/1/MeterReading/1/IntervalBlock/1",
            "/UsagePoint/1/MeterReading/1/IntervalBlock",
            "",
            &format!("<IntervalBlock {espi}>{readings}</IntervalBlock>")
        ),
    )
    .into_bytes()
}

fn sent(bytes: Vec<u8>) -> Sent {
    Sent { label: " Oak  Street ".into(), file_name: "oak.xml".into(), bytes }
}

fn confirmed(zone: &str) -> Confirmed {
    Confirmed { label: "Oak Street".into(), zone: zone.into(), times: "utc".into(), channels: vec![(0, None)] }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>) -> AppError {
    match result {
        Err(Fault::App(error)) => error,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

fn wrong(field: Field, problem: Problem) -> AppError {
    AppError::field(field, problem)
}

#[expect(clippy::disallowed_methods, reason = "files from elsewhere are named by the environment")]
fn published() -> Option<PathBuf> {
    let found = std::env::var("METERSIDE_TEST_DATA").ok();
    if found.is_none() {
        println!("the_command_line_brings_published_files_in: did not run, METERSIDE_TEST_DATA is not set");
    }
    found.map(|data| PathBuf::from(data).join("samples/greenbutton"))
}

store::both_engines! {
    async fn what_a_file_cost_is_charted_in_dollars_only(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        // Seven cents an hour; the last reading has no cost.
        let march = String::from_utf8(march()).expect("text");
        let costed = march.replacen("<IntervalReading>", "<IntervalReading><cost>7000</cost>", 31 * 24 - 2);
        let dollars = costed.replace("<flowDirection>", "<currency>840</currency><flowDirection>");
        let canadian = costed.replace("<flowDirection>", "<currency>124</currency><flowDirection>");
        for (file, known) in [(dollars, true), (canadian, false)] {
            let upload = data_sets::upload(&cx, &who, &home.number, sent(file.into_bytes())).await.expect("read");
            let number = data_sets::keep(&cx, &who, &home.number, &upload, &confirmed("America/New_York")).await.expect("kept");
            let ask = UsageAsk { by: Some("day".into()), show: Some("dollars".into()), ..UsageAsk::default() };
            let view = data_sets::show(&cx, &who, &home.number, &number, &ask).await.expect("a view");
            assert_eq!((view.usage.costs, view.usage.query.measure == Measure::Dollars), (known, known));
            let of = |i: usize| view.usage.bars[i].cost.map(|c| c.0);
            // The 9th of March has 23 hours; the last day has an hour whose cost is not known.
            let expected = [Some(24 * 7_000), Some(23 * 7_000), None];
            assert_eq!([of(0), of(8), of(30)], if known { expected } else { [None; 3] });
            assert_eq!((view.usage.total_cost, view.siblings.len()), (None, 0));
        }
    }

    async fn a_file_is_confirmed_by_its_first_reading(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let upload = data_sets::upload(&cx, &who, &home.number, sent(march())).await.expect("read");
        let view = data_sets::preview(&cx, &who, &home.number, &upload, None, None).await.expect("a preview");
        assert_eq!((view.label.as_str(), view.zone.as_str(), view.times), ("Oak Street", "America/New_York", Times::Utc));
        let channel = &view.channels[0];
        let first = channel.first.expect("it has readings");
        assert_eq!(first.from.to_string(), "2025-03-01 00:00:00");
        assert_eq!((channel.service, channel.count, channel.missing), (Some(Commodity::Electricity), 743, 0));
        assert!(channel.usable());
        let other = data_sets::preview(&cx, &who, &home.number, &upload, Some("America/Los_Angeles"), None).await.expect("again");
        assert_eq!(other.channels[0].first.expect("readings").from.to_string(), "2025-02-28 21:00:00");
        assert_eq!(data_sets::list(&cx, &who, &home.number).await.expect("a list").sets, [], "a draft is no data set");

        let number = data_sets::keep(&cx, &who, &home.number, &upload, &confirmed("America/New_York")).await.expect("kept");
        let twice = data_sets::keep(&cx, &who, &home.number, &upload, &confirmed("UTC")).await.expect("a double click");
        assert_eq!(number, twice);
        let again = data_sets::upload(&cx, &who, &home.number, sent(march())).await;
        assert_eq!(refusal(again), wrong(Field::File, Problem::Taken));
        let list = data_sets::list(&cx, &who, &home.number).await.expect("a list");
        assert_eq!((list.sets.len(), list.sets[0].label.as_str()), (1, "Oak Street"));
    }

    async fn two_homes_stand_side_by_side(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let upload = data_sets::upload(&cx, &who, &home.number, sent(march())).await.expect("read");
        let number = data_sets::keep(&cx, &who, &home.number, &upload, &confirmed("America/New_York")).await.expect("kept");
        let view = data_sets::show(&cx, &who, &home.number, &number, &UsageAsk::default()).await.expect("shown");
        let both = view.comparison.expect("compared");
        // 0.5 kWh an hour there, 0.4 here: 12 and 9.6 kWh on an average day.
        let march = both.months.iter().find(|m| m.month == day("2026-03-01")).expect("March is among the twelve");
        assert_eq!((march.here, march.there, march.other), (Some(9_600), Some(12_000), Some(day("2025-03-01"))));
        assert_eq!(both.months.iter().filter(|m| m.there.is_some()).count(), 1, "the file has March alone");
        assert_eq!(both.hours, vec![(Some(400), Some(500)); 24]);
        assert_eq!((view.usage.query.grain, view.usage.bars.len(), view.usage.total), (Grain::Day, 31, 743 * 500));
        assert!(view.usage.bars.iter().all(contract::usage::Bar::complete), "a day of 23 hours is complete");

        let ask = UsageAsk { by: Some("hour".into()), from: Some("2025-03-09".into()), to: Some("2025-03-09".into()), ..UsageAsk::default() };
        let hours = data_sets::show(&cx, &who, &home.number, &number, &ask).await.expect("shown").usage;
        assert_eq!((hours.query.grain, hours.bars.len(), hours.previous.is_some(), hours.next.is_some()), (Grain::Hour, 23, true, true));
        let ask = UsageAsk { from: Some("2031-01-01".into()), ..UsageAsk::default() };
        let outside = data_sets::show(&cx, &who, &home.number, &number, &ask).await.expect("shown").usage;
        assert_eq!(outside.problems, [FieldError { field: Field::From, problem: Problem::OutOfRange }]);
    }

    async fn it_is_renamed_removed_and_nobody_elses(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let upload = data_sets::upload(&cx, &who, &home.number, sent(march())).await.expect("read");
        let stranger = Principal::Resident { person: PersonId(999), session: SessionId(2) };
        let seen = data_sets::preview(&cx, &stranger, &home.number, &upload, None, None).await;
        assert_eq!(refusal(seen), AppError::NotFound);
        let number = data_sets::keep(&cx, &who, &home.number, &upload, &confirmed("America/New_York")).await.expect("kept");
        assert_eq!(refusal(data_sets::show(&cx, &stranger, &home.number, &number, &UsageAsk::default()).await), AppError::NotFound);
        assert_eq!(refusal(data_sets::remove(&cx, &stranger, &home.number, &number).await), AppError::NotFound);
        data_sets::rename(&cx, &who, &home.number, &number, "Elm Street").await.expect("renamed");
        let empty = data_sets::rename(&cx, &who, &home.number, &number, "  ").await;
        assert_eq!(refusal(empty), wrong(Field::Label, Problem::Missing));
        let list = data_sets::list(&cx, &who, &home.number).await.expect("a list");
        assert_eq!(list.sets[0].label, "Elm Street");
        data_sets::remove(&cx, &who, &home.number, &number).await.expect("removed");
        assert_eq!(refusal(data_sets::show(&cx, &who, &home.number, &number, &UsageAsk::default()).await), AppError::NotFound);
        assert!(data_sets::upload(&cx, &who, &home.number, sent(march())).await.is_ok(), "it may come back");
    }

    async fn files_that_are_none_are_named(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let cut = march()[..20_000].to_vec();
        let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">]><feed>&lol;</feed>".to_vec();
        let cases = [
            (Vec::new(), Problem::Empty),
            (b"  \n".to_vec(), Problem::Empty),
            (b"<!doctype html><html><body>Sign in</body></html>".to_vec(), Problem::WebPage),
            (b"\x00\x01\x02\x03".to_vec(), Problem::WrongKind),
            (b"Dear neighbour".to_vec(), Problem::WrongKind),
            (cut, Problem::Unreadable),
            (bomb, Problem::Unsafe),
            (b"<feed><title>&xxe;</title></feed>".to_vec(), Problem::Unsafe),
            (b"<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>News</title></feed>".to_vec(), Problem::WrongKind),
            (b"name,street\nA,B\n".to_vec(), Problem::WrongKind),
            (b"<feed xmlns=\"http://naesb.org/espi\">\n<entry>\n</feed>".to_vec(), Problem::GarbledLine(3)),
            (b"100,NEM12,202601010000,A,B\n200,N,E1,1,E1,,M,kWh,7,\n900\n".to_vec(), Problem::GarbledLine(2)),
            (b"100,NEM12,202601010000,A,B\n900\n".to_vec(), Problem::Garbled),
            (b"\x1f\x8b\x08\x00damaged".to_vec(), Problem::Unreadable),
        ];
        for (bytes, problem) in cases {
            let said = String::from_utf8_lossy(&bytes[..bytes.len().min(30)]).into_owned();
            let error = refusal(data_sets::upload(&cx, &who, &home.number, sent(bytes)).await);
            assert_eq!(error, wrong(Field::File, problem), "{said}");
        }
        let none = Sent { file_name: String::new(), ..sent(Vec::new()) };
        assert_eq!(refusal(data_sets::upload(&cx, &who, &home.number, none).await), wrong(Field::File, Problem::Missing));
        let mut nameless = sent(march());
        nameless.label = String::new();
        assert_eq!(refusal(data_sets::upload(&cx, &who, &home.number, nameless).await), wrong(Field::Label, Problem::Missing));
        let upload = data_sets::upload(&cx, &who, &home.number, sent(march())).await.expect("read");
        let nothing = Confirmed { channels: Vec::new(), ..confirmed("America/New_York") };
        assert_eq!(
            refusal(data_sets::keep(&cx, &who, &home.number, &upload, &nothing).await),
            wrong(Field::Channels, Problem::Missing)
        );
        assert_eq!(
            refusal(data_sets::keep(&cx, &who, &home.number, &upload, &confirmed("Mars/Olympus")).await),
            wrong(Field::Zone, Problem::Malformed)
        );
    }

    async fn so_many_files_an_hour_are_read(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let send = || data_sets::upload(&cx, &who, &home.number, sent(b"Dear neighbour".to_vec()));
        for _ in 0..30 {
            assert_eq!(refusal(send().await), wrong(Field::File, Problem::WrongKind));
        }
        assert!(matches!(refusal(send().await), AppError::TooManyFiles { limit: 30, .. }));
    }

    async fn a_register_that_runs_backwards_is_said_to(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let row = |hour: u32, value: u32| format!("W1,water,delivered,gal,2026-05-01T{hour:02}:00:00Z,0,{value},\n");
        let reads: String = [544, 550, 546, 573, 573].iter().zip(0..).map(|(v, h)| row(h, *v)).collect();
        let text = format!("meter,commodity,direction,unit,start,seconds,value,quality\n{reads}{}", row(4, 573));
        let upload = data_sets::upload(&cx, &who, &home.number, sent(text.into_bytes())).await.expect("read");
        let channel = data_sets::preview(&cx, &who, &home.number, &upload, None, None).await.expect("a preview").channels.remove(0);
        // The last read stands in the file twice.
        assert_eq!((channel.total, channel.backwards, channel.repeated, channel.missing), (29, (1, 4), 1, 0));
    }

    async fn the_command_line_brings_published_files_in(pool: Pool) {
        let Some(folder) = published() else { return };
        let (cx, who, home) = set_up(&pool).await;
        // File, data sets, total of the first in 10^-3 of its unit, and whether it can be compared.
        let known = [
            ("hourlyForMonthMar.xml", 1, Ok(2_278_213)),
            ("Inland_Single_Family_Jan_1_2011_to_Jan_1_2012.xml", 1, Ok(8_341_797)),
            ("12MonthlyUpdates.xml", 1, Ok(48_348_966)),
            ("Gas.xml", 1, Err(NotCompared::NothingHere)),
            ("threeusagepointsonecustomer.xml", 4, Err(NotCompared::OtherDirection)),
        ];
        for (name, sets, expected) in known {
            let done = data_sets::bring_in(&cx, &home.number, "Sample", None, &folder.join(name)).await.expect("brought in");
            assert_eq!((done.problem.as_deref(), done.data_sets.len()), (None, sets), "{name}");
            let view = data_sets::show(&cx, &who, &home.number, &done.data_sets[0], &UsageAsk::default()).await.expect("shown");
            match (expected, view.comparison) {
                (Ok(total), Ok(_)) => {
                    let shown = domain::quantity::Decimal::new(view.usage.total, view.usage.exponent).round_to(-3);
                    assert_eq!((shown, view.usage.unit), (total, Unit::KilowattHour), "{name}");
                }
                (Err(why), found) => assert_eq!(found, Err(why), "{name}"),
                (Ok(_), Err(why)) => panic!("{name} is not compared: {why:?}"),
            }
            let twice = data_sets::bring_in(&cx, &home.number, "Sample", None, &folder.join(name)).await.expect("again");
            assert!(twice.already && twice.data_sets.is_empty(), "{name}");
        }
        let bare = data_sets::bring_in(&cx, &home.number, "Bare", None, &folder.join("usage_point.xml")).await.expect("read");
        assert!(bare.problem.is_some() && bare.data_sets.is_empty());
    }
}
