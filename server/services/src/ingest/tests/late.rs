//! What comes right later.

use domain::quantity::{Commodity, Direction, Unit};

use store::meters::NewRegister;

use super::town::{Town, at, range, register};
use crate::ingest::{release, replay, waiting};

store::both_engines! {
    async fn readings_of_an_unknown_meter_wait_and_flow_in(pool: Pool) {
        let mut town = Town::new(pool).await;
        let file = format!(
            "{}{}",
            town.flat("E9", "2026-06-01", 2, 500),
            "MEPMD01,20080501,AMI,A,1,E9,202606030000,E9,OK,E,KWHREG,1.0,00000000,1,202606010000,R0,77\n"
        );
        let report = town.take(&file).await;
        assert_eq!((report.accepted, report.waiting, report.rejected), (0, 193, 0));
        let list = waiting(&town.cx).await.expect("it lists");
        assert_eq!(list.len(), 1);
        assert_eq!((list[0].meter.as_str(), list[0].readings), ("E9", 193));
        assert_eq!(list[0].first, Some(at("2026-06-01T07:00:00Z")));
        assert_eq!(release(&town.cx).await.expect("it runs"), 0, "still not known");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let (meter, registers) =
            store::meters::insert(&mut tx, "E9", Commodity::Electricity, &[register(Commodity::Electricity)])
                .await
                .expect("a meter");
        let point = store::meters::insert_point(&mut tx, "SP-E9", town.premise, Commodity::Electricity)
            .await
            .expect("a service point");
        store::meters::install(&mut tx, meter, point, at("2025-01-01T08:00:00Z")).await.expect("installed");
        tx.commit().await.expect("committed");
        town.meters.push(("E9".to_owned(), meter, registers[0]));
        assert_eq!(release(&town.cx).await.expect("it runs"), 193);
        let state = town.state().await;
        assert_eq!((state.days.len(), state.reads.len()), (2, 1));
        assert_eq!(state.days[1].1.sum, 48_000);
        assert!(waiting(&town.cx).await.expect("it lists").is_empty());
        assert!(town.take(&file).await.already);
    }

    async fn what_waited_flows_in_however_its_meter_becomes_known(pool: Pool) {
        let mut town = Town::new(pool).await;
        let dial = "MEPMD01,20080501,AMI,A,1,E9,202606030000,E9,OK,E,KWHREG,1.0,00000000,1,202606010000,R0,77\n";
        town.take(&(town.flat("E9", "2026-06-01", 2, 500) + dial)).await;
        crate::jobs::run_due(&town.cx).await.expect("jobs run");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let electric = register(Commodity::Electricity);
        let (meter, registers) =
            store::meters::insert(&mut tx, "E9", Commodity::Electricity, &[electric]).await.expect("a meter");
        // In place of the first one.
        let change = at("2026-05-20T19:00:00Z");
        store::meters::remove(&mut tx, town.meters[0].1, change).await.expect("removed");
        store::meters::install(&mut tx, meter, town.point, change).await.expect("installed");
        tx.commit().await.expect("committed");
        town.meters.push(("E9".to_owned(), meter, registers[0]));
        town.cx.clock = std::sync::Arc::new(crate::FixedClock::at(at("2026-11-22T20:00:00Z")));
        crate::jobs::run_due(&town.cx).await.expect("jobs run");
        assert!(waiting(&town.cx).await.expect("it lists").is_empty());
        assert_eq!(town.stored("E9", "2026-06-02").await.sum, 48_000);

        // Nobody knew of it before it flowed in, whenever its file had come.
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let days = range("2026-06-01", "2026-06-03");
        let reads = (at("2026-05-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
        for (then, known) in [("2026-11-21T00:00:00Z", (0, 0)), ("2026-11-23T00:00:00Z", (2, 1))] {
            let found = store::history::days_as_of(&mut tx, registers[0], days, at(then)).await.expect("it reads");
            let dial = store::history::reads_as_of(&mut tx, registers[0], reads, at(then)).await.expect("it reads");
            assert_eq!((found.len(), dial.len()), known, "{then}");
        }
        let origins = crate::usage_data::origins(&mut tx, registers[0], days, None).await.expect("it reads");
        let from = &origins[0].segments[0];
        assert_eq!((from.name.as_str(), from.sender.as_str()), ("test.cmep", "AMI"));
        assert_eq!(from.arrived_at, at("2026-11-22T20:00:00Z"));
    }

    async fn a_reading_of_a_dial_is_told_as_it_was_known(pool: Pool) {
        let mut town = Town::new(pool).await;
        let route = |reading: &str| format!("meter,read_at,reading,code,remark\nE1,2026-06-01 09:30,{reading},,\n");
        for (now, reading) in [("2026-11-20T12:00:00Z", "100"), ("2026-11-21T12:00:00Z", "120"), ("2026-11-22T12:00:00Z", "110")] {
            town.cx.clock = std::sync::Arc::new(crate::FixedClock::at(at(now)));
            assert_eq!(town.take(&route(reading)).await.rejected, 0);
        }
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let meters = crate::usage_data::Meters::of(&mut tx, town.account, Commodity::Electricity).await;
        let meters = meters.expect("it reads").expect("meters");
        let mut told = Vec::new();
        for then in ["2026-11-20T11:00:00Z", "2026-11-20T13:00:00Z", "2026-11-21T13:00:00Z", "2026-11-22T13:00:00Z"] {
            let (from, to) = (at("2026-05-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
            let then = meters.clone().known_at(at(then));
            let reads = then.reads(&mut tx, town.register("E1"), from, to).await.expect("it reads");
            told.push(reads.first().map(|r| r.value));
        }
        assert_eq!(told, [None, Some(100_000), Some(120_000), Some(110_000)]);
    }

    async fn a_refused_record_is_kept_and_tried_again(pool: Pool) {
        let mut town = Town::new(pool).await;
        let export = town.line("E1", at("2026-06-01T07:00:00Z"), &[Some(40); 96]).replace("E,KWH", "E,GKWH");
        let good = town.flat("E1", "2026-06-01", 1, 500);
        let report = town.take(&format!("{export}MEPMD01,what,is,this\n{good}")).await;
        assert_eq!((report.accepted, report.rejected), (96, 2));
        let lines: Vec<_> = report.rejected_lines.iter().map(|r| (r.line, r.code.as_str())).collect();
        assert!(lines.contains(&(1, "channel")) && lines.contains(&(2, "fields")), "{lines:?}");
        let tried = replay(&town.cx).await.expect("it runs");
        assert_eq!((tried.tried, tried.resolved), (2, 0));
        // The cause goes: the meter has an export register after all.
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let added = store::meters::add_register(
            &mut tx,
            town.meters[0].1,
            &NewRegister {
                direction: Direction::Received,
                unit: Unit::WattHour,
                exponent: 0,
                interval_seconds: 900,
                dial_digits: 5,
            },
        )
        .await
        .expect("a register");
        tx.commit().await.expect("committed");
        town.meters.push(("E1 export".to_owned(), town.meters[0].1, added));
        let tried = replay(&town.cx).await.expect("it runs");
        assert_eq!((tried.tried, tried.resolved, tried.values), (2, 1, 96));
        assert_eq!(town.stored("E1 export", "2026-06-01").await.sum, 96 * 40);
        assert_eq!(replay(&town.cx).await.expect("it runs").tried, 1);
    }

    async fn a_record_is_refused_whole_and_says_why(pool: Pool) {
        let town = Town::new(pool).await;
        let good = town.line("E1", at("2026-06-01T07:00:00Z"), &[Some(500); 4]);
        for (bad, code) in [
            (good.replace("00000015", "00000030"), "interval_length"),
            (good.replace("00,R0", "07,R0"), "off_grid"),
            (good.replace("0.500", "0.50005"), "precision"),
            (good.replace("20260601", "20270601"), "time"),
            (good.replace("E,KWH", "W,GAL"), "channel"),
            (good.replace("E,KWH", "E,CF"), "unit"),
            (good.replace("E,KWH", "E,FURLONG"), "unit"),
            (good.replace("E,KWH,1.0,00000015", "E,KWHREG,1.0,00000000").replace("0.500", "100000.000"), "dial"),
        ] {
            let report = town.take(&bad).await;
            assert_eq!((report.accepted, report.rejected), (0, 1), "{bad}");
            assert_eq!(report.rejected_lines[0].code, code, "{bad}");
        }
        let state = town.state().await;
        assert!(state.days.is_empty() && state.reads.is_empty());
    }

    async fn a_number_that_a_dial_cannot_show_is_kept_with_its_line_and_its_reason(pool: Pool) {
        let town = Town::new(pool).await;
        // Five digits of kilowatt-hours.
        let route = "meter,read_at,reading,code,remark\nE1,2026-06-01 09:30,99999.9,,\nE1,2026-06-02 09:30,100000,,\n";
        let report = town.take(route).await;
        assert_eq!((report.reads, report.rejected), (1, 1), "{report:?}");
        let refused = &report.rejected_lines[0];
        assert_eq!((refused.line, refused.code.as_str()), (3, "dial"));
        assert!(refused.detail.contains("5 digits") && refused.detail.contains("100000"), "{}", refused.detail);
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let kept = store::ingest::open_rejected(&mut tx, 0, 10).await.expect("it reads");
        assert_eq!(kept.iter().map(|r| r.raw.as_str()).collect::<Vec<_>>(), ["E1,2026-06-02 09:30,100000,,"]);
    }
}
