//! Files of every format come in by the same door.

use std::fmt::Write as _;
use std::io::Write as _;

use super::super::{Input, Options, Report, take_in};
use super::town::Town;

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
    }
}
