//! The pipeline from file to pages, on both engines.

mod formats;
mod known;
mod late;
mod people;
pub(crate) mod town;

use domain::metering::Quality;
use domain::quantity::Commodity;

use store::usage::ChangeKind;
use town::{Town, at, day, range};

use super::{Input, Options, Report, take_in};

store::both_engines! {
    async fn the_same_file_twice_changes_nothing(pool: Pool) {
        let town = Town::new(pool).await;
        let file = town.flat("E1", "2026-06-01", 3, 500);
        let first = town.take(&file).await;
        assert_eq!((first.accepted, first.duplicate, first.rejected, first.already), (288, 0, 0, false));
        let before = town.state().await;
        assert_eq!(before.days.len(), 3);
        let again = town.take(&file).await;
        assert!(again.already);
        assert_eq!((again.accepted, again.duplicate), (0, 288));
        assert_eq!(town.state().await, before);
        // The same records in a file of another name and content.
        let copy = town.take(&format!("\r\n{file}")).await;
        assert_eq!((copy.accepted, copy.duplicate, copy.superseding), (0, 288, 0));
        assert_eq!(town.state().await, before);
    }

    async fn overlapping_files_add_what_is_new(pool: Pool) {
        let town = Town::new(pool).await;
        town.take(&town.flat("E1", "2026-06-01", 2, 500)).await;
        let report = town.take(&town.flat("E1", "2026-06-02", 2, 500)).await;
        assert_eq!((report.accepted, report.duplicate, report.superseding), (96, 96, 0));
        assert_eq!(town.state().await.days.len(), 3);
    }

    async fn late_values_fill_holes_and_make_no_version(pool: Pool) {
        let town = Town::new(pool).await;
        let morning = town.line("E1", at("2026-06-01T07:00:00Z"), &[Some(100); 48]);
        let report = town.take(&morning).await;
        assert_eq!((report.accepted, report.estimated), (48, 0));
        let evening = town.line("E1", at("2026-06-01T19:00:00Z"), &[Some(200); 48]);
        let report = town.take(&evening).await;
        assert_eq!((report.accepted, report.superseding, report.estimated), (48, 0, 0));
        let stored = town.stored("E1", "2026-06-01").await;
        assert_eq!((stored.sum, stored.version), (48 * 300, 0));
        let changes = town.changes("E1", "2026-06-01").await;
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].kind, changes[0].before.sum), (ChangeKind::Filled, 4800));
    }

    async fn a_correction_keeps_what_it_replaced(pool: Pool) {
        let town = Town::new(pool).await;
        town.take(&town.flat("E1", "2026-06-01", 1, 500)).await;
        let mut values = vec![Some(500); 96];
        values[40] = Some(700);
        let report = town.take(&town.line("E1", at("2026-06-01T07:00:00Z"), &values)).await;
        assert_eq!((report.accepted, report.duplicate, report.superseding), (0, 95, 1));
        let stored = town.stored("E1", "2026-06-01").await;
        assert_eq!((stored.sum, stored.version), (96 * 500 + 200, 1));
        let changes = town.changes("E1", "2026-06-01").await;
        assert_eq!((changes[0].kind, changes[0].before.sum, changes[0].before.version), (ChangeKind::Corrected, 48_000, 0));
        assert_eq!(changes[0].before.unpack().expect("a block").slot(40).value, Some(500));
        // An estimate does not push out what the meter said.
        let estimate = town.line("E1", at("2026-06-01T07:00:00Z"), &[Some(900); 4]).replace(",R0,", ",E,");
        let report = town.take(&estimate).await;
        assert_eq!((report.superseding, report.outranked), (0, 4));
        assert_eq!(town.stored("E1", "2026-06-01").await.version, 1);
        let checked = crate::check::storage(&town.cx, &crate::Principal::System).await.expect("it reads");
        assert_eq!(checked.counts.iter().map(|c| c.1).collect::<Vec<_>>(), [1, 0, 1, 0]);
        assert!(checked.faults.is_empty(), "{:?}", checked.faults);
        // A sum that is not that of its block is found.
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let damaged = store::ingest::NewDay {
            register: town.register("E1"),
            day: store::usage::day_number(stored.day),
            sum: 1,
            block: stored.block.clone(),
        };
        store::ingest::update_day(&mut tx, &damaged, 7).await.expect("written");
        tx.commit().await.expect("committed");
        let checked = crate::check::storage(&town.cx, &crate::Principal::System).await.expect("it reads");
        assert_eq!(checked.faults.len(), 2, "sum and version: {:?}", checked.faults);
    }

    async fn two_deliveries_at_once_lose_nothing_of_each_other(pool: Pool) {
        let town = Town::new(pool).await;
        town.take(&town.flat("E1", "2026-06-01", 3, 100)).await;
        // Each corrects hours of its own of the same days.
        let hours = |from: usize, value: i64| {
            let mut file = String::new();
            for day in ["2026-06-01T07:00:00Z", "2026-06-02T07:00:00Z", "2026-06-03T07:00:00Z"] {
                let start = at(day) + chrono::TimeDelta::minutes(15 * i64::try_from(from).expect("few"));
                file += &town.line("E1", start, &[Some(value); 8]);
            }
            file
        };
        let (morning, evening) = (hours(20, 700), hours(80, 900));
        let (a, b) = tokio::join!(town.take(&morning), town.take(&evening));
        assert_eq!((a.superseding, b.superseding), (24, 24));
        for day in ["2026-06-01", "2026-06-02", "2026-06-03"] {
            let stored = town.stored("E1", day).await;
            assert_eq!((stored.sum, stored.version), (80 * 100 + 8 * 700 + 8 * 900, 2), "{day}");
            assert_eq!(town.changes("E1", day).await.len(), 2, "{day}");
        }
    }

    async fn a_file_that_broke_off_is_not_taken_for_a_whole_one(pool: Pool) {
        let town = Town::new(pool).await;
        // Not one of its rows can be read.
        let text = "100,NEM12,202606021200,A,B\n200,E1,E1,1,E1,N1,E1,KWH,15,20260701\n777,what,is,this\n900\n";
        let take = || async {
            let input = Input::Bytes { name: "broken.csv".to_owned(), bytes: text.as_bytes().into() };
            take_in(&town.cx, input, &Options::default()).await.expect("the database answers")
        };
        let first = take().await;
        assert!(first.problem.is_some() && !first.already, "{first:?}");
        let again = take().await;
        assert!(again.problem.is_some() && !again.already, "{again:?}");
        assert!(!town.finished().await);
    }

    async fn short_gaps_are_estimated_and_real_values_replace_the_estimates(pool: Pool) {
        let town = Town::new(pool).await;
        let mut values = vec![Some(400); 96];
        for gap in &mut values[20..28] {
            *gap = None;
        }
        for gap in &mut values[50..59] {
            *gap = None;
        }
        let report = town.take(&town.line("E1", at("2026-06-01T07:00:00Z"), &values)).await;
        assert_eq!((report.accepted, report.estimated), (79, 8));
        let block = town.stored("E1", "2026-06-01").await.unpack().expect("a block");
        assert_eq!(block.slot(20).quality, Quality::Estimated);
        assert_eq!(block.slot(50).value, None);
        let report = town.take(&town.flat("E1", "2026-06-01", 1, 400)).await;
        assert_eq!((report.accepted, report.superseding, report.duplicate), (9, 8, 79));
        let block = town.stored("E1", "2026-06-01").await.unpack().expect("a block");
        assert!(block.qualities().iter().all(|q| *q == Quality::Validated));
    }

    async fn a_gap_over_midnight_is_filled_whichever_day_comes_last(pool: Pool) {
        let town = Town::new(pool).await;
        let mut first = vec![Some(400); 96];
        first[95] = None;
        let mut second = vec![Some(400); 96];
        second[0] = None;
        let (monday, tuesday) = (
            town.line("E1", at("2026-06-01T07:00:00Z"), &first),
            town.line("E1", at("2026-06-02T07:00:00Z"), &second),
        );
        town.take(&monday).await;
        let report = town.take(&tuesday).await;
        assert_eq!(report.estimated, 2);
        for d in ["2026-06-01", "2026-06-02"] {
            assert_eq!(town.stored("E1", d).await.sum, 96 * 400, "{d}");
        }
        town.take(&tuesday.replace("E1", "E2")).await;
        let report = town.take(&monday.replace("E1", "E2")).await;
        assert_eq!(report.estimated, 2);
        assert_eq!(town.stored("E2", "2026-06-01").await.block, town.stored("E1", "2026-06-01").await.block);
        assert_eq!(town.stored("E2", "2026-06-02").await.block, town.stored("E1", "2026-06-02").await.block);
    }

    async fn clock_changes_make_days_of_92_and_100(pool: Pool) {
        let town = Town::new(pool).await;
        for (d, start, quarters) in [
            ("2026-03-08", "2026-03-08T08:00:00Z", 92_usize),
            ("2026-11-01", "2026-11-01T07:00:00Z", 100),
            ("2026-11-02", "2026-11-02T08:00:00Z", 96),
        ] {
            let values: Vec<_> = (0..quarters).map(|i| Some(i64::try_from(i).expect("small") + 1)).collect();
            let report = town.take(&town.line("E1", at(start), &values)).await;
            assert_eq!((report.accepted, report.estimated), (i64::try_from(quarters).expect("small"), 0), "{d}");
            let block = town.stored("E1", d).await.unpack().expect("a block");
            assert_eq!(block.start(), at(start), "{d}");
            assert_eq!(block.slots().map(|s| s.value).collect::<Vec<_>>(), values, "{d}");
        }
    }

    async fn the_dial_is_held_against_the_intervals(pool: Pool) {
        let town = Town::new(pool).await;
        let reads = |from: i64, to: i64| {
            format!(
                "MEPMD01,20080501,AMI,A,1,E1,202606030000,E1,OK,E,KWHREG,1.0,00000000,2,\
                 202606010000,R0,{from},202606020000,R0,{to}\n"
            )
        };
        let mut values = vec![Some(500); 96];
        values[10] = Some(40_000);
        let spike = town.line("E1", at("2026-06-01T07:00:00Z"), &values);
        let report = town.take(&format!("{spike}{}", reads(1000, 1088))).await;
        assert_eq!((report.accepted, report.reads), (96, 2));
        assert_eq!(town.stored("E1", "2026-06-01").await.unpack().expect("a block").slot(10).quality, Quality::Verified);
        // Without the dial it stays in doubt, but counts.
        town.take(&spike.replace("E1", "E2")).await;
        let stored = town.stored("E2", "2026-06-01").await;
        assert_eq!(stored.unpack().expect("a block").slot(10).quality, Quality::Questionable);
        assert_eq!(stored.sum, 95 * 500 + 40_000);
    }

    async fn a_run_that_is_cut_off_goes_on_and_ends_alike(pool: Pool) {
        let town = Town::new(pool).await;
        let mut file = String::new();
        for d in 1..=9 {
            for meter in ["E1", "E2", "W1", "E7"] {
                let start = at(&format!("2026-06-0{d}T07:00:00Z"));
                if meter == "W1" {
                    file += &town.water(meter, start, &[3; 24]);
                } else {
                    let values: Vec<_> = (0..96).map(|i| ((i + d) % 17 != 0).then_some(100 + i * d)).collect();
                    file += &town.line(meter, start, &values);
                }
            }
            file += "MEPMD01,broken\n";
        }
        let whole = {
            let other = Town::beside(&town).await;
            other.take_in_batches(&file, 300, None).await;
            other.state().await
        };
        let mut runs = 0;
        let report = loop {
            runs += 1;
            let report = town.take_in_batches(&file, 300, Some(1)).await;
            assert_eq!(report.resumed, runs > 1);
            if town.finished().await {
                break report;
            }
            assert!(runs < 100, "it ends");
        };
        assert!(runs > 2, "it was cut off: {runs} runs");
        assert_eq!(report.rejected, 9);
        assert_eq!(town.state().await, whole);
        assert!(town.take(&file).await.already);
    }

    async fn a_run_that_is_cut_off_in_the_hour_that_comes_twice_goes_on_and_ends_alike(pool: Pool) {
        let mut town = Town::new(pool).await;
        let mut other = Town::beside(&town).await;
        // Up to one in the morning of the day that is an hour longer; then a line each quarter-hour, whose stamps come twice.
        let before = town.line("E1", at("2026-11-01T07:00:00Z"), &[Some(50); 4]);
        let quarter = |n: i64| at("2026-11-01T08:00:00Z") + chrono::TimeDelta::minutes(15 * n);
        let file: String = (0..12).map(|n| town.line("E1", quarter(n), &[Some(100 + n)])).collect();
        for town in [&mut town, &mut other] {
            town.take(&before).await;
            town.cx.clock = std::sync::Arc::new(crate::FixedClock::at(at("2026-11-21T12:00:00Z")));
        }
        other.take_in_batches(&file, 1, None).await;
        let whole = other.state().await;
        assert_eq!(whole.days.iter().map(|d| d.1.sum).sum::<i64>(), 4 * 50 + 12 * 100 + 66);
        for runs in 1.. {
            town.take_in_batches(&file, 1, Some(3)).await;
            if town.finished().await {
                break;
            }
            assert!(runs < 100, "it ends");
        }
        assert_eq!(town.state().await, whole);
    }

    async fn what_a_second_attempt_stores_arrives_with_it(pool: Pool) {
        let mut town = Town::new(pool).await;
        let dial = |on: &str, value: u32| {
            format!("MEPMD01,20080501,AMI,A,1,E1,202606030000,E1,OK,E,KWHREG,1.0,00000000,1,{on}0000,R0,{value}\n")
        };
        let file: String = (1..=4)
            .map(|d| town.flat("E1", &format!("2026-06-0{d}"), 1, 500) + &dial(&format!("2026060{d}"), 100 + d))
            .collect();
        town.take_in_batches(&file, 97, Some(1)).await;
        let first = town.state().await;
        assert!((1..4).contains(&first.days.len()) && first.reads.len() < 4, "{first:?}");
        town.cx.clock = std::sync::Arc::new(crate::FixedClock::at(at("2026-11-22T12:00:00Z")));
        let report = town.take_in_batches(&file, 97, None).await;
        assert!(report.resumed);
        let whole = town.state().await;
        assert_eq!((whole.days.len(), whole.reads.len()), (4, 4));
        assert_eq!((report.accepted, report.reads), (4 * 96, 4), "all of the file, whichever attempt stored it");
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let days = range("2026-06-01", "2026-06-05");
        let reads = (at("2026-05-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
        let register = town.register("E1");
        for (then, known) in [
            ("2026-11-19T00:00:00Z", (0, 0)),
            ("2026-11-21T00:00:00Z", (first.days.len(), first.reads.len())),
            ("2026-11-23T00:00:00Z", (4, 4)),
        ] {
            let found = store::history::days_as_of(&mut tx, register, days, at(then)).await.expect("it reads");
            let dial = store::history::reads_as_of(&mut tx, register, reads, at(then)).await.expect("it reads");
            assert_eq!((found.len(), dial.len()), known, "{then}");
        }
        let origins = crate::usage_data::origins(&mut tx, register, days, None).await.expect("it reads");
        let last = &origins[3].segments[0];
        assert_eq!((last.name.as_str(), last.sender.as_str()), ("test.cmep", "AMI"));
        assert_eq!(last.arrived_at, at("2026-11-22T12:00:00Z"));
    }

    async fn what_is_no_usage_file_is_said_so(pool: Pool) {
        let town = Town::new(pool).await;
        for bad in ["", "<!doctype html><p>Not found", "\u{0}\u{1}\u{2}", "Dear all"] {
            let report = town.take(bad).await;
            assert!(report.problem.is_some(), "{bad:?}");
            assert_eq!(report, Report { file: report.file.clone(), problem: report.problem.clone(), ..Report::default() });
        }
    }

    async fn a_year_reads_back_as_a_series(pool: Pool) {
        let town = Town::new(pool).await;
        town.take(&town.flat("E1", "2026-02-28", 20, 250)).await;
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let wanted = range("2026-02-27", "2026-03-21");
        let series = crate::usage_data::series(&mut tx, town.account, Commodity::Electricity, wanted)
            .await
            .expect("it reads")
            .expect("a meter");
        // 22 days, one of 23 hours.
        assert_eq!(series.slots.len(), 22 * 96 - 4);
        let known: Vec<_> = series.slots.iter().filter_map(|s| s.value).collect();
        assert_eq!(known, vec![250; 20 * 96 - 4]);
        let (_, days) = crate::usage_data::daily(&mut tx, town.account, Commodity::Electricity, wanted)
            .await
            .expect("it reads")
            .expect("a meter");
        assert_eq!(days.iter().map(|d| d.amount.unwrap_or(0)).sum::<i64>(), known.iter().sum::<i64>());
        assert_eq!((days[0].amount, days[0].expected, days[0].present), (None, 96, 0));
        let change = days.iter().find(|d| d.day == day("2026-03-08")).expect("the day of the change");
        assert_eq!((change.expected, change.present), (92, 92));
        let extent = crate::usage_data::extent(&mut tx, town.account, Commodity::Electricity)
            .await
            .expect("it reads")
            .expect("data");
        assert_eq!((extent.first_day, extent.last_day), (day("2026-02-28"), day("2026-03-19")));
        assert_eq!(extent.through, at("2026-03-20T07:00:00Z"));
    }
}
