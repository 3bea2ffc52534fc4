//! What the review judges, and what it leaves alone, on both engines.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::Zone;
use domain::quantity::Commodity;
use store::exceptions::State;

use super::review;
use super::tests::{entry, list, read, sound};
use crate::clock::FixedClock;
use crate::ingest::tests::town::{Town, account, agree, at, day};

/// Days of a home where people come and go, a line each.
fn lived_in(town: &Town, from: &str, days: i64) -> String {
    let zone = Zone::iana("America/Los_Angeles").expect("known");
    let on = |n| -> NaiveDate { day(from) + TimeDelta::days(n) };
    let values: Vec<_> = (0..100).map(|i| Some(400 + i % 2 * 200)).collect();
    let line = |d| {
        let (start, end) = zone.bounds(d);
        let n = usize::try_from((end - start).num_minutes() / 15).expect("small");
        town.line("E1", start, &values[..n])
    };
    (0..days).map(|n| line(on(n))).collect()
}

store::both_engines! {
    async fn a_meter_on_a_shelf_misses_nothing(pool: Pool) {
        let town = Town::new(pool).await;
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let meter = town.meters[0].1;
        store::meters::remove(&mut tx, meter, at("2026-11-04T08:00:00Z")).await.expect("removed");
        let point = store::meters::insert_point(&mut tx, "SP-9", town.premise, Commodity::Electricity).await;
        let (point, there) = (point.expect("a point"), at("2026-11-10T08:00:00Z"));
        store::meters::install(&mut tx, meter, point, there).await.expect("installed");
        let next = account(&mut tx, "1000009").await;
        agree(&mut tx, next, town.premise, point, Commodity::Electricity, there).await;
        tx.commit().await.expect("committed");
        // It was tried out on the bench on the 6th; at its new place the 13th does not come.
        for (from, days) in [("2026-10-20", 15), ("2026-11-06", 1), ("2026-11-10", 3), ("2026-11-14", 6)] {
            town.take(&lived_in(&town, from, days)).await;
        }
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-13", "gap")]);
        sound(&town).await;
    }

    async fn a_day_that_comes_late_is_held_against_the_dial(pool: Pool) {
        let town = Town::new(pool).await;
        let dial = read("E1", "202611090000", 1_000_000) + &read("E1", "202611100000", 1_060_000);
        town.take(&(lived_in(&town, "2026-10-20", 20) + &dial + &lived_in(&town, "2026-11-10", 9))).await;
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [], "it was estimated, so that it comes to what the dial moved");
        // Then it says 48 kWh, and the dial 60.
        town.take(&lived_in(&town, "2026-11-09", 1)).await;
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-09", "sum")]);
        // Once more, with what the dial says.
        let right: Vec<_> = (0..96).map(|i| Some(525 + i % 2 * 200)).collect();
        town.take(&town.line("E1", at("2026-11-09T08:00:00Z"), &right)).await;
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, []);
        sound(&town).await;
    }

    async fn a_meter_that_never_sends_is_found_unless_its_dial_is_read(pool: Pool) {
        let mut town = Town::new(pool).await;
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        let meter = town.meters[0].1;
        store::meters::remove(&mut tx, meter, at("2026-11-09T08:00:00Z")).await.expect("removed");
        store::meters::install(&mut tx, meter, town.point, at("2026-11-10T08:00:00Z")).await.expect("installed");
        tx.commit().await.expect("committed");
        town.cx.clock = Arc::new(FixedClock::at(at("2026-11-12T12:00:00Z")));
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [], "it was set a moment ago");
        town.cx.clock = Arc::new(FixedClock::at(at("2026-11-20T12:00:00Z")));
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-10", "silent")]);
        town.take(&read("E1", "202611180000", 1_000_000)).await;
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [], "somebody reads its dial");
    }

    async fn what_a_dial_moves_is_held_against_what_it_moved_before(pool: Pool) {
        let town = Town::new(pool).await;
        let route = |on: &str, shows: &str| format!("meter,read_at,reading,code,remark\nE1,{on} 09:30,{shows},,\n");
        for (on, shows) in [("2026-03-10", "100"), ("2026-04-10", "110"), ("2026-05-10", "120"), ("2026-06-10", "1020")] {
            town.take(&route(on, shows)).await;
        }
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-06-10", "high")]);
        for on in ["2026-07-10", "2026-08-10", "2026-09-10", "2026-10-10"] {
            town.take(&route(on, "1020")).await;
            review(&town.cx).await.expect("reviewed");
        }
        let mut open = list(&town, State::Open).await;
        open.sort();
        assert_eq!(open, [entry("E1", "2026-06-10", "high"), entry("E1", "2026-07-10", "zero")]);
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await.len(), 2);
        // It was 130, and it is read again each month.
        let right = [("2026-06-10", "130"), ("2026-07-10", "141"), ("2026-08-10", "150"), ("2026-09-10", "160")];
        for (on, shows) in right.into_iter().chain([("2026-10-10", "170")]) {
            town.take(&route(on, shows)).await;
        }
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, []);
        // Where nobody has an agreement, nobody should use anything.
        for (on, shows) in [("2026-09-01", "10"), ("2026-10-01", "12"), ("2026-11-01", "400")] {
            town.take(&route(on, shows).replace("E1", "E2")).await;
        }
        review(&town.cx).await.expect("reviewed");
        let mut open = list(&town, State::Open).await;
        open.sort();
        assert_eq!(open, [entry("E2", "2026-11-01", "high"), entry("E2", "2026-11-01", "inactive")]);
        sound(&town).await;
    }

    async fn days_that_are_missing_together_share_what_the_dial_moved(pool: Pool) {
        let town = Town::new(pool).await;
        // On the Sundays before, half as much was used as on other days.
        let dial = read("E1", "202611080000", 1_000_000) + &read("E1", "202611100000", 1_090_000);
        let sunday = |day: &str, watt_hours| town.flat("E1", day, 1, watt_hours);
        let sundays = sunday("2026-10-25", 250) + &sunday("2026-11-01", 260) + &sunday("2026-11-15", 255);
        let file = lived_in(&town, "2026-10-19", 6) + &sundays + &lived_in(&town, "2026-10-26", 6);
        let after = lived_in(&town, "2026-11-10", 5) + &lived_in(&town, "2026-11-16", 3);
        town.take(&(file + &lived_in(&town, "2026-11-02", 6) + &dial + &after)).await;
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, []);
        let (sunday, monday) = (town.stored("E1", "2026-11-08").await.sum, town.stored("E1", "2026-11-09").await.sum);
        assert_eq!(sunday + monday, 90_000, "{sunday} and {monday}");
        assert!((30_000..31_500).contains(&sunday), "{sunday}");
        sound(&town).await;
    }

    async fn a_day_that_comes_late_is_judged_with_those_around_it(pool: Pool) {
        let town = Town::new(pool).await;
        let flat = |on: &str| town.flat("E1", on, 1, 500);
        let file = lived_in(&town, "2026-10-20", 18) + &flat("2026-11-07") + &flat("2026-11-09");
        town.take(&(file + &lived_in(&town, "2026-11-10", 9))).await;
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-08", "gap")]);
        // With it, three days are one value.
        town.take(&flat("2026-11-08")).await;
        review(&town.cx).await.expect("reviewed");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-09", "stuck")]);
    }
}
