//! From a file to the work list and off it again, on both engines.

use std::sync::Arc;

use domain::metering::Quality;
use store::exceptions::{ExceptionRow, Filter, How, State};

use super::review;
use crate::clock::FixedClock;
use crate::ingest::tests::town::{Town, at, day};

/// What is on the list in a state, as (meter, day, code).
async fn list(town: &Town, state: State) -> Vec<(String, String, String)> {
    rows(town, state)
        .await
        .into_iter()
        .map(|x| (x.meter_number.clone(), x.date().expect("a day").to_string(), x.code))
        .collect()
}

async fn rows(town: &Town, state: State) -> Vec<ExceptionRow> {
    let mut tx = town.cx.pool.read().await.expect("a transaction");
    let all = Filter { state, code: "", commodity: "", opened_by: at("2099-01-01T00:00:00Z") };
    store::exceptions::list(&mut tx, &all, 100).await.expect("it reads")
}

fn entry(meter: &str, day: &str, code: &str) -> (String, String, String) {
    (meter.to_owned(), day.to_owned(), code.to_owned())
}

/// Quarter-hours of a day with a hole in it.
fn holey(from: usize, to: usize, watt_hours: i64) -> Vec<Option<i64>> {
    (0..96).map(|i| (i < from || i >= to).then_some(watt_hours)).collect()
}

/// A reading of the dial at an instant, in local time of the file.
fn read(meter: &str, local: &str, watt_hours: i64) -> String {
    format!(
        "MEPMD01,20080501,AMI,A,1,{meter},202606030000,{meter},OK,E,KWHREG,1.0,00000000,1,{local},R0,{}.{:03}\n",
        watt_hours / 1000,
        watt_hours % 1000
    )
}

store::both_engines! {
    async fn a_gap_opens_an_exception_and_late_values_close_it(pool: Pool) {
        let town = Town::new(pool).await;
        let (first, next) = (at("2026-11-10T08:00:00Z"), at("2026-11-11T08:00:00Z"));
        town.take(&town.line("E1", first, &holey(20, 60, 500))).await;
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-10", "gap")]);
        let row = rows(&town, State::Open).await.remove(0);
        assert_eq!(row.evidence["slots"], serde_json::json!([20, 60]));
        assert_eq!((row.evidence["found"].as_i64(), row.evidence["against"].as_i64()), (Some(56), Some(96)));
        assert_eq!((row.account_number.as_deref(), row.street.as_deref()), (Some("1000001"), Some("1 Elm Street")));
        // The end of the day is missing too, but it may still come; with the next day it may not.
        town.take(&town.line("E2", first, &holey(80, 96, 500))).await;
        assert_eq!(list(&town, State::Open).await.len(), 1);
        town.take(&town.line("E2", next, &[Some(500); 96])).await;
        assert_eq!(list(&town, State::Open).await[1], entry("E2", "2026-11-10", "gap"));
        // All of the first day, late.
        town.take(&town.flat("E1", "2026-11-10", 1, 500)).await;
        assert_eq!(list(&town, State::Open).await, [entry("E2", "2026-11-10", "gap")]);
        let settled = rows(&town, State::Settled).await;
        assert_eq!((settled.len(), settled[0].settled_how), (1, Some(How::Cured)));
    }

    async fn the_same_fault_in_two_files_is_one_exception(pool: Pool) {
        let town = Town::new(pool).await;
        let mut values = [Some(500); 96];
        values[7] = Some(40_000);
        let line = town.line("E1", at("2026-11-10T08:00:00Z"), &values);
        town.take(&line).await;
        town.take(&format!("\r\n{line}")).await;
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-10", "spike")]);
        // The head end corrects itself.
        town.take(&town.flat("E1", "2026-11-10", 1, 500)).await;
        assert_eq!(list(&town, State::Open).await, []);
    }

    async fn refused_records_and_unknown_meters_are_on_the_list(pool: Pool) {
        let town = Town::new(pool).await;
        let wrong = town.flat("E1", "2026-11-10", 1, 500).replace("00000015", "00000030");
        let unknown = town.flat("E9", "2026-11-10", 1, 500);
        town.take(&format!("{wrong}{unknown}MEPMD01,what,is,this\n")).await;
        let codes: Vec<_> = list(&town, State::Open).await.into_iter().map(|x| x.2).collect();
        assert_eq!(codes.len(), 3, "{codes:?}");
        for code in ["interval_size", "unknown_meter", "refused"] {
            assert!(codes.iter().any(|c| c == code), "{codes:?}");
        }
    }

    async fn a_dial_that_goes_back_is_urgent(pool: Pool) {
        let town = Town::new(pool).await;
        let file = [read("E1", "202611100000", 900_000), read("E1", "202611110000", 880_000)].concat();
        town.take(&file).await;
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-11", "reverse")]);
        assert_eq!(rows(&town, State::Open).await[0].severity, 3);
    }

    async fn history_finds_a_meter_that_stopped_and_forgets_it_once_it_counts_again(pool: Pool) {
        let town = Town::new(pool).await;
        town.take(&town.flat("E1", "2026-10-01", 45, 500)).await;
        town.take(&town.flat("E1", "2026-11-15", 4, 0)).await;
        let done = review(&town.cx).await.expect("it runs");
        assert!(done.registers >= 1);
        // All intervals alike for six weeks is suspicious too: real homes are not.
        let open = list(&town, State::Open).await;
        assert!(open.contains(&entry("E1", "2026-11-16", "zero")), "{open:?}");
        assert!(open.contains(&entry("E1", "2026-10-03", "stuck")), "{open:?}");
        let again = review(&town.cx).await.expect("it runs");
        assert_eq!((again.found, again.cured), (0, 0), "the second look finds nothing new");
        town.take(&town.flat("E1", "2026-11-15", 4, 480)).await;
        assert_eq!(review(&town.cx).await.expect("it runs").cured, 1);
        assert!(!list(&town, State::Open).await.contains(&entry("E1", "2026-11-16", "zero")));
    }

    async fn silence_is_found_without_a_delivery_and_ends_with_one(pool: Pool) {
        let mut town = Town::new(pool).await;
        town.take(&town.flat("E1", "2026-11-18", 2, 500)).await;
        review(&town.cx).await.expect("it runs");
        assert_eq!(list(&town, State::Open).await, []);
        town.cx.clock = Arc::new(FixedClock::at(at("2026-11-27T12:00:00Z")));
        review(&town.cx).await.expect("it runs");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-20", "silent")]);
        town.take(&town.flat("E1", "2026-11-20", 7, 500)).await;
        review(&town.cx).await.expect("it runs");
        assert!(!list(&town, State::Open).await.contains(&entry("E1", "2026-11-20", "silent")));
    }

    async fn a_long_gap_is_estimated_to_what_the_dial_moved_after_its_time(pool: Pool) {
        let town = Town::new(pool).await;
        // Two weeks, and a Tuesday with ten hours missing; the dial was read at both its ends.
        town.take(&town.flat("E1", "2026-10-20", 14, 500)).await;
        let tuesday = at("2026-11-03T08:00:00Z");
        let file = [
            read("E1", "202611030000", 100_000),
            town.line("E1", tuesday, &holey(20, 60, 500)),
            town.flat("E1", "2026-11-04", 10, 500),
            read("E1", "202611040000", 100_000 + 56 * 500 + 30_000),
        ]
        .concat();
        town.take(&file).await;
        assert!(list(&town, State::Open).await.contains(&entry("E1", "2026-11-03", "gap")));
        let done = review(&town.cx).await.expect("it runs");
        assert_eq!(done.estimated, 1);
        let stored = town.stored("E1", "2026-11-03").await;
        let block = stored.unpack().expect("a block");
        assert_eq!(block.count(|q| q == Quality::Estimated), 40);
        assert_eq!((stored.sum, stored.version), (56 * 500 + 30_000, 0), "a hole that is filled is no version");
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let number = store::usage::day_number(day("2026-11-03"));
        let made = store::exceptions::estimates(&mut tx, town.register("E1"), number).await.expect("it reads");
        drop(tx);
        assert_eq!(made.len(), 1);
        assert_eq!((made[0].method.as_str(), made[0].first_slot, made[0].slots), ("like_days_scaled", 20, 40));
        assert_eq!(made[0].learnt_from[0], "2026-11-02");
        // What the meter itself sends later takes their place and is a version.
        town.take(&town.flat("E1", "2026-11-03", 1, 700)).await;
        let stored = town.stored("E1", "2026-11-03").await;
        assert_eq!((stored.sum, stored.version), (96 * 700, 1));
        let sound = crate::check::storage(&town.cx, &crate::Principal::System).await.expect("it reads");
        assert_eq!(sound.faults, Vec::<String>::new());
    }
}
