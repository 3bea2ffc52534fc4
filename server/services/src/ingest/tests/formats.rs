//! Files of every format come in by the same door.

use std::fmt::Write as _;
use std::io::Write as _;

use domain::quantity::{Commodity, Direction, Unit};

use super::super::{Input, Options, Report, take_in};
use super::town::{Town, at, register};

async fn take(town: &Town, name: &str, bytes: Vec<u8>) -> Report {
    let input = Input::Bytes { name: name.to_owned(), bytes: bytes.into() };
    take_in(&town.cx, input, &Options::default()).await.expect("taken in")
}

/// A day of quarter-hours in market time (UTC+10), which begins at seven in the morning in the town's summer.
fn market_day(meter: &str, suffix: &str, date: &str, kilowatt_hours: &str) -> String {
    let values = vec![kilowatt_hours; 96].join(",");
    format!(
        "100,NEM12,202606010000,MDP,RETAILER\n200,{meter},{suffix},1,{suffix},N1,,KWH,15,\n300,{date},{values},A,,,,\n900\n"
    )
}

store::both_engines! {
    async fn packed_files_are_unpacked_on_the_way(pool: Pool) {
        let town = Town::new(pool).await;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(town.flat("E1", "2026-06-01", 3, 500).as_bytes()).expect("packed");
        let report = take(&town, "day.cmep.gz", packed.finish().expect("packed")).await;
        assert_eq!((report.format.as_deref(), report.accepted, report.problem), (Some("cmep"), 288, None));
        assert_eq!(town.stored("E1", "2026-06-02").await.sum, 96 * 500);
    }

    async fn a_market_file_fills_the_local_days_that_it_spans(pool: Pool) {
        let town = Town::new(pool).await;
        let report = take(&town, "nem12.csv", market_day("E1", "E1", "20260602", "0.250").into_bytes()).await;
        assert_eq!((report.format.as_deref(), report.accepted, report.rejected), (Some("nem12"), 96, 0));
        // Midnight of 2 June at UTC+10 is 7 am of 1 June at UTC-7.
        assert_eq!(town.stored("E1", "2026-06-01").await.sum, 17 * 4 * 250);
        assert_eq!(town.stored("E1", "2026-06-02").await.sum, 7 * 4 * 250);
        let report = take(&town, "second.csv", market_day("E1", "E2", "20260603", "0.250").into_bytes()).await;
        assert_eq!((report.accepted, report.waiting), (0, 96), "a second stream is a register of its own");
    }

    async fn a_refused_market_day_is_kept_with_what_it_needs_to_be_read_alone(pool: Pool) {
        let town = Town::new(pool).await;
        let file = market_day("E1", "E1", "20260602", "0.2500001");
        let report = take(&town, "fine.csv", file.into_bytes()).await;
        assert_eq!((report.accepted, report.rejected), (0, 1));
        assert_eq!((report.rejected_lines[0].line, report.rejected_lines[0].code.as_str()), (3, "precision"));
        let replayed = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((replayed.tried, replayed.resolved), (1, 0));
    }

    async fn a_clock_that_is_wrong_is_named_and_its_record_alone_refused(pool: Pool) {
        let town = Town::new(pool).await;
        let good = town.flat("E1", "2026-06-01", 1, 500);
        let ahead = town.flat("E1", "2061-06-01", 1, 500);
        let never_set = town.flat("E1", "2001-01-01", 1, 500);
        let report = town.take(&[ahead, good, never_set].concat()).await;
        assert_eq!((report.accepted, report.rejected), (96, 2));
        let said: Vec<_> = report.rejected_lines.iter().map(|r| (r.line, r.code.as_str())).collect();
        assert_eq!(said, [(1, "time"), (3, "time")]);
        assert!(report.rejected_lines[0].detail.contains("yet to come"), "{:?}", report.rejected_lines);
        assert!(report.rejected_lines[1].detail.contains("before the meter was installed"), "{:?}", report.rejected_lines);
    }

    async fn what_another_zone_makes_of_a_day_is_not_believed_while_it_lasts(pool: Pool) {
        let town = Town::new(pool).await;
        // It is four in the morning. A day that ends at noon was read in a zone eight hours away.
        let hours = |from: &str, n| town.line("E1", at(from), &vec![Some(500); n]);
        let report = town.take(&hours("2026-11-19T20:00:00Z", 96)).await;
        assert_eq!((report.accepted, report.rejected), (0, 1));
        assert!(report.rejected_lines[0].detail.contains("or the zone another"), "{:?}", report.rejected_lines);
        let report = town.take(&hours("2026-11-19T08:00:00Z", 114)).await;
        assert_eq!((report.accepted, report.rejected), (114, 0), "half an hour ahead is a clock");
    }

    async fn another_utilitys_file_is_named_and_nothing_of_it_kept(pool: Pool) {
        let mut town = Town::new(pool).await;
        town.cx.settings =
            std::sync::Arc::new(crate::Settings { senders: "AMI, HANDHELD".into(), ..crate::Settings::clone(&town.cx.settings) });
        let ours = town.flat("E1", "2026-06-01", 1, 500);
        let theirs = town.flat("E1", "2026-06-02", 1, 500).replace(",AMI,", ",NEXTTOWN,");
        let report = town.take(&theirs).await;
        assert_eq!((report.delivery, report.accepted, report.waiting, report.rejected), (None, 0, 0, 0));
        assert!(report.problem.as_deref().is_some_and(|p| p.contains("`NEXTTOWN`") && p.contains("`AMI`")), "{report:?}");
        // One record of theirs among ours is refused alone, and taken once they are known.
        let report = town.take(&[ours, theirs].concat()).await;
        assert_eq!((report.accepted, report.rejected, report.rejected_lines[0].code.as_str()), (96, 1, "sender"));
        let replayed = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((replayed.tried, replayed.resolved), (1, 0));
        town.cx.settings = std::sync::Arc::new(crate::Settings { senders: String::new(), ..crate::Settings::clone(&town.cx.settings) });
        let replayed = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((replayed.tried, replayed.resolved), (1, 1));
    }

    async fn a_bad_row_of_market_data_is_refused_alone_and_kept(pool: Pool) {
        let town = Town::new(pool).await;
        let day = |date: &str, n: usize| format!("300,{date},{},A,,,,\n", vec!["0.250"; n].join(","));
        let header = |meter: &str, minutes: &str| format!("200,{meter},E1,1,E1,N1,,KWH,{minutes},\n");
        let file = [
            "100,NEM12,202606010000,MDP,RETAILER\n".to_owned(),
            header("E1", "15") + &day("20260602", 96) + &day("20260603", 95) + "400,1,4,S,,\n" + &day("20260699", 96),
            day("20260604", 96) + "400,90,97,S,,\n" + &day("20260605", 96),
            // Whose are the rows behind these?
            header("E1", "15 minutes") + &day("20260606", 96) + &header("E1", "15") + &day("20260607", 96),
            "2OO,E2,E1,1,E1,N1,,KWH,15,\n".to_owned() + &day("20260608", 96) + "900\n",
        ]
        .concat();
        let report = take(&town, "nem12.csv", file.into_bytes()).await;
        assert_eq!((report.accepted, report.problem.as_deref()), (3 * 96, None), "{report:?}");
        let said: Vec<_> = report.rejected_lines.iter().map(|r| (r.line, r.code.as_str())).collect();
        let expected =
            [(4, "count"), (6, "time"), (7, "count"), (10, "interval"), (11, "fields"), (14, "not-read"), (15, "fields")];
        assert_eq!(said, expected);
        assert!(report.rejected_lines[2].detail.contains("intervals 90 to 97"), "{:?}", report.rejected_lines[2]);
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let kept = store::ingest::open_rejected(&mut tx, 0, 10).await.expect("read");
        assert_eq!(kept[0].raw, (header("E1", "15") + &day("20260603", 95) + "400,1,4,S,,").trim());
        assert!(kept[6].raw.starts_with("2OO,E2") && kept[6].raw.contains("20260608"), "{}", kept[6].raw);
        drop(tx);
        // Tried again they are what they were.
        let tried = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((tried.tried, tried.resolved), (7, 0));
        assert!(town.finished().await);
    }

    async fn our_own_rows_come_in_by_meter(pool: Pool) {
        let town = Town::new(pool).await;
        let mut file = "meter,commodity,direction,unit,start,seconds,value,quality\n".to_owned();
        for quarter in 0..96 {
            let (hour, minute) = (quarter / 4, quarter % 4 * 15);
            writeln!(file, "E1,electricity,delivered,kWh,2026-06-01T{hour:02}:{minute:02}:00-07:00,900,0.5,raw")
                .expect("a string takes all");
        }
        file.push_str("E1,electricity,delivered,kWh,yesterday,900,0.5,raw\n");
        let report = take(&town, "own.csv", file.into_bytes()).await;
        assert_eq!((report.format.as_deref(), report.accepted, report.rejected), (Some("csv"), 96, 1));
        assert!(report.rejected_lines[0].detail.contains("`yesterday`"), "{:?}", report.rejected_lines);
        assert_eq!(town.stored("E1", "2026-06-01").await.sum, 96 * 500);
        // The row is kept as a file of its own.
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let kept = store::ingest::open_rejected(&mut tx, 0, 10).await.expect("read").remove(0).raw;
        assert_eq!(
            kept,
            "meter,commodity,direction,unit,start,seconds,value,quality\n\
             E1,electricity,delivered,kWh,yesterday,900,0.5,raw\n"
        );
        drop(tx);
        let tried = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((tried.tried, tried.resolved), (1, 0));
        // Once it can be read (here, since somebody mended it) it comes in.
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let mended = "UPDATE rejected_record SET raw = REPLACE(raw, 'yesterday', '2026-06-02T00:00:00-07:00')";
        store::testing::tamper(&mut tx, mended).await;
        tx.commit().await.expect("committed");
        let tried = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((tried.resolved, tried.values), (1, 1));
        assert_eq!(town.stored("E1", "2026-06-02").await.sum, 500);
    }

    async fn the_flat_files_of_head_ends_come_in_by_register_and_interval(pool: Pool) {
        let mut town = Town::new(pool).await;
        let mut beacon = "\"Account_ID\",\"Estimated_Flag\",\"Flow\",\"Flow_Time\",\"Flow_Unit\",\"Meter_SN\",\"Meter_Size_Desc\",\"Read\",\
                          \"Read_Time\",\"Read_Unit\"\n"
            .to_owned();
        for hour in 0..24 {
            writeln!(beacon, "\"1\",\"0\",\"5.0\",\"2026-06-01 {hour:02}:59\",\"Gallons\",\"W1\",\"5/8\"\"\",\"227.6\",\
                              \"2026-06-01 {hour:02}:59\",\"CCF\"").expect("text");
        }
        let report = take(&town, "beacon.csv", beacon.into_bytes()).await;
        // The dial counts hundreds of cubic feet, to which no power of ten leads from gallons: it is refused with the reason, and kept.
        let counted = (report.format.as_deref(), report.accepted, report.reads, report.rejected, report.waiting);
        assert_eq!(counted, (Some("csv"), 24, 0, 1, 0), "{report:?}");
        assert_eq!(report.rejected_lines[0].code, "unit");
        assert_eq!(town.stored("W1", "2026-06-01").await.sum, 120);
        let itron = "Timestamp,Read_Value,Meter_Serial_Number,EndpointID,Location_ID,Meter_Install_Date,Read_Units\n\
                     06/17/2026 16:00:00.000000,43490.000000000,W7,2.16,3_2,11/18/2011 00:00:00.000000,CF_WAT\n\
                     06/18/2026 00:00:00.000000,43495.0,W7,2.16,3_2,11/18/2011 00:00:00.000000,CF_WAT\n";
        let report = take(&town, "itron.csv", itron.as_bytes().to_vec()).await;
        assert_eq!((report.waiting, report.rejected), (2, 0), "an unknown meter waits");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let mut feet = register(Commodity::Water);
        feet.unit = Unit::CubicFoot;
        let (meter, registers) =
            store::meters::insert(&mut tx, "W7", Commodity::Water, &[feet]).await.expect("a meter");
        let point = store::meters::insert_point(&mut tx, "SP-W7", town.premise, Commodity::Water).await;
        let since = at("2025-01-01T08:00:00Z");
        store::meters::install(&mut tx, meter, point.expect("a place"), since).await.expect("installed");
        tx.commit().await.expect("committed");
        town.meters.push(("W7".to_owned(), meter, registers[0]));
        assert_eq!(crate::ingest::release(&town.cx).await.expect("it runs"), 2);
        let reads: Vec<_> = town.state().await.reads.into_iter().filter(|r| r.0 == "W7").map(|r| r.1.value).collect();
        assert_eq!(reads, [43_490, 43_495]);
    }

    async fn of_two_meters_of_one_number_a_route_says_which_it_means(pool: Pool) {
        let mut town = Town::new(pool).await;
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let (meter, registers) = store::meters::insert(&mut tx, "E1", Commodity::Water, &[register(Commodity::Water)])
            .await
            .expect("the other service has a meter of this number too");
        let point = store::meters::insert_point(&mut tx, "SP-E1W", town.premise, Commodity::Water).await.expect("a place");
        store::meters::install(&mut tx, meter, point, at("2025-01-01T08:00:00Z")).await.expect("installed");
        tx.commit().await.expect("committed");
        let route = b"meter,read_at,reading,code,remark\nE1,2026-06-01 09:30,1234,,\n";
        let report = take(&town, "route.csv", route.to_vec()).await;
        assert_eq!((report.reads, report.rejected), (0, 1), "{report:?}");
        assert_eq!(report.rejected_lines[0].code, "several_meters");
        let route = b"meter,read_at,reading,code,remark,service,direction\nE1,2026-06-01 09:30,1234,,,water,\n";
        let report = take(&town, "route-2.csv", route.to_vec()).await;
        assert_eq!((report.reads, report.rejected), (1, 0), "{report:?}");
        town.meters = vec![("water".to_owned(), meter, registers[0])];
        let reads: Vec<_> = town.state().await.reads.into_iter().map(|r| r.1.value).collect();
        assert_eq!(reads, [1_234]);
    }

    async fn a_green_button_feed_comes_in_by_the_same_door(pool: Pool) {
        let mut town = Town::new(pool).await;
        let entry = |links: &str, content: &str| format!("<entry>{links}<content>{content}</content></entry>");
        let mut readings = String::new();
        for quarter in 0..96 {
            let start = at("2026-06-01T07:00:00Z").timestamp() + quarter * 900;
            write!(readings, "<IntervalReading><timePeriod><duration>900</duration><start>{start}</start></timePeriod>\
                              <value>250</value></IntervalReading>").expect("text");
        }
        let feed = "<feed xmlns=\"http://naesb.org/espi\">".to_owned()
            + &entry("<link rel=\"self\" href=\"P/1\"/><link rel=\"related\" href=\"P/1/M\"/>",
                     "<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>")
            + &entry("<link rel=\"self\" href=\"M/1\"/><link rel=\"up\" href=\"P/1/M\"/><link rel=\"related\" href=\"M/1/B\"/>\
                      <link rel=\"related\" href=\"T/1\"/>", "<MeterReading/>")
            + &entry("<link rel=\"self\" href=\"T/1\"/>",
                     "<ReadingType><flowDirection>1</flowDirection><uom>72</uom><powerOfTenMultiplier>0</powerOfTenMultiplier></ReadingType>")
            + &entry("<link rel=\"up\" href=\"M/1/B\"/><link rel=\"self\" href=\"M/1/B/1\"/>",
                     &format!("<IntervalBlock>{readings}</IntervalBlock>"))
            + "</feed>";
        let report = take(&town, "feed.xml", feed.clone().into_bytes()).await;
        assert_eq!((report.format.as_deref(), report.waiting, report.rejected), (Some("green-button"), 96, 0), "{report:?}");
        let number = crate::ingest::waiting(&town.cx).await.expect("listed").remove(0).meter;
        // The feed's usage point is registered as the meter that it is.
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let electric = register(Commodity::Electricity);
        let (meter, registers) =
            store::meters::insert(&mut tx, &number, Commodity::Electricity, &[electric]).await.expect("a meter");
        store::meters::install(&mut tx, meter, town.point, at("2025-01-01T08:00:00Z")).await.expect("installed");
        tx.commit().await.expect("committed");
        town.meters.push(("GB".to_owned(), meter, registers[0]));
        assert_eq!(crate::ingest::release(&town.cx).await.expect("it runs"), 96);
        assert_eq!(town.stored("GB", "2026-06-01").await.sum, 96 * 250);
        assert!(take(&town, "again.xml", feed.into_bytes()).await.already);
    }

    async fn what_is_refused_in_a_file_without_lines_is_kept_whole_and_taken_later(pool: Pool) {
        let mut town = Town::new(pool).await;
        let mut file = "meter,commodity,direction,unit,start,seconds,value,quality\n".to_owned();
        for hour in 0..24 {
            writeln!(file, "E1,electricity,received,kWh,2026-06-01T{hour:02}:00:00-07:00,900,0.5,raw").expect("text");
            writeln!(file, "W1,water,delivered,ACRE-FEET,2026-06-01T{hour:02}:00:00-07:00,3600,7,raw").expect("text");
        }
        let report = take(&town, "own.csv", file.into_bytes()).await;
        let codes: Vec<_> = report.rejected_lines.iter().map(|r| r.code.as_str()).collect();
        assert_eq!((report.accepted, codes.contains(&"channel")), (0, true), "{report:?}");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let mut received = register(Commodity::Electricity);
        received.direction = Direction::Received;
        let added = store::meters::add_register(&mut tx, town.meters[0].1, &received).await.expect("a register");
        tx.commit().await.expect("committed");
        town.meters.push(("E1 export".to_owned(), town.meters[0].1, added));
        let tried = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((tried.resolved, tried.values), (1, 24), "{tried:?}");
        // The three quarter-hours between two of them are filled on the line.
        assert_eq!(town.stored("E1 export", "2026-06-01").await.sum, 93 * 500);
    }

    async fn a_sender_is_read_as_agreed_and_what_was_refused_before_is_taken_then(pool: Pool) {
        let mut town = Town::new(pool).await;
        let day = town.flat("E1", "2026-06-01", 1, 500);
        let odd = day.replace(",AMI,", ",HILLS,").replace("E,KWH,", "E,UNITS,");
        let report = town.take(&odd).await;
        assert_eq!((report.accepted, report.rejected, report.rejected_lines[0].code.as_str()), (0, 1, "unit"));
        let units = [("UNITS".to_owned(), "electricity delivered kWh".to_owned())].into_iter().collect();
        let rule = crate::ingest::SenderRule { zone: None, stamps: Some("end".into()), units };
        let with = |rule: crate::ingest::SenderRule, town: &Town| {
            std::sync::Arc::new(crate::Settings {
                sender_rules: [("HILLS".to_owned(), rule)].into_iter().collect(),
                ..crate::Settings::clone(&town.cx.settings)
            })
        };
        town.cx.settings = with(rule.clone(), &town);
        let tried = crate::ingest::replay(&town.cx).await.expect("tried");
        assert_eq!((tried.tried, tried.resolved, tried.values), (1, 1, 96));
        assert_eq!(town.stored("E1", "2026-06-01").await.sum, 96 * 500);
        // A sender that stamps the start: the same stamps are the intervals behind.
        let starts = crate::ingest::SenderRule { stamps: Some("start".into()), ..rule };
        town.cx.settings = with(starts, &town);
        let report = town.take(&odd.replace("E1", "E2")).await;
        assert_eq!((report.accepted, report.rejected), (96, 0));
        assert_eq!(town.stored("E2", "2026-06-01").await.sum, 95 * 500);
        assert_eq!(town.stored("E2", "2026-06-02").await.sum, 500);
        for (zone, stamps, unit) in [(Some("Moon"), None, "gas delivered therm"), (None, Some("middle"), "gas delivered therm"), (None, None, "gas")] {
            let units = [("U".to_owned(), unit.to_owned())].into_iter().collect();
            let wrong = crate::ingest::SenderRule { zone: zone.map(str::to_owned), stamps: stamps.map(str::to_owned), units };
            let rules = [("HILLS".to_owned(), wrong)].into_iter().collect();
            assert!(crate::ingest::agreements(&rules).expect_err("wrong").contains("HILLS"));
        }
    }

    async fn the_hour_that_comes_twice_is_told_apart_though_each_interval_is_a_file(pool: Pool) {
        let town = Town::new(pool).await;
        let mut taken = 0;
        for quarter in 0..100_i64 {
            let start = at("2026-11-01T07:00:00Z") + chrono::TimeDelta::minutes(15 * quarter);
            taken += town.take(&town.line("E1", start, &[Some(100 + quarter)])).await.accepted;
        }
        assert_eq!(taken, 100);
        let stored = town.stored("E1", "2026-11-01").await;
        let block = stored.unpack().expect("a block");
        assert_eq!(block.slots().map(|s| s.value).collect::<Vec<_>>(), (100..200).map(Some).collect::<Vec<_>>());
        assert_eq!(stored.version, 0, "nothing took the place of anything");
    }
}
