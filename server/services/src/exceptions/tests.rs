//! From a file to the work list and off it again, on both engines.

use std::sync::Arc;

use contract::exceptions::{Deed, Standing, WorkFilter};
use contract::{AppError, Field, Problem};
use domain::ids::{ExceptionId, SessionId};
use domain::metering::Quality;
use domain::metering::vee::Rule;
use domain::money::Cents;
use store::bills::NewBill;
use store::exceptions::{ExceptionRow, Filter, How, Source, State};

use super::{Action, act, list as work_list, review, show, undo};
use crate::Principal;
use crate::clock::FixedClock;
use crate::ingest::tests::town::{Town, at, day, range};

/// What is on the list in a state, as (meter, day, code).
pub(super) async fn list(town: &Town, state: State) -> Vec<(String, String, String)> {
    rows(town, state)
        .await
        .into_iter()
        .map(|x| (x.meter_number.clone(), x.date().expect("a day").to_string(), x.code))
        .collect()
}

async fn rows(town: &Town, state: State) -> Vec<ExceptionRow> {
    let mut tx = town.cx.pool.read().await.expect("a transaction");
    let all = Filter { state, code: "", commodity: "", opened_by: at("2099-01-01T00:00:00Z") };
    store::exceptions::list(&mut tx, &all, 100, 0).await.expect("it reads")
}

pub(super) fn entry(meter: &str, day: &str, code: &str) -> (String, String, String) {
    (meter.to_owned(), day.to_owned(), code.to_owned())
}

/// Quarter-hours of a day with a hole in it.
fn holey(from: usize, to: usize, watt_hours: i64) -> Vec<Option<i64>> {
    (0..96).map(|i| (i < from || i >= to).then_some(watt_hours)).collect()
}

/// A reading of the dial at an instant, in local time of the file.
pub(super) fn read(meter: &str, local: &str, watt_hours: i64) -> String {
    format!(
        "MEPMD01,20080501,AMI,A,1,{meter},202606030000,{meter},OK,E,KWHREG,1.0,00000000,1,{local},R0,{}.{:03}\n",
        watt_hours / 1000,
        watt_hours % 1000
    )
}

/// An employee.
async fn dana(town: &Town) -> Principal {
    let person = crate::users::create_staff(
        &town.cx,
        "Dana",
        "Reyes",
        "dana@example.com",
        "hazel quartz lantern 41".to_owned().into(),
    )
    .await
    .expect("an employee");
    Principal::Staff { person, session: SessionId(1) }
}

/// The only open exception.
async fn only(town: &Town) -> ExceptionId {
    let open = rows(town, State::Open).await;
    assert_eq!(open.len(), 1, "{open:?}");
    open[0].id
}

pub(super) async fn sound(town: &Town) {
    let checked = crate::check::storage(&town.cx, &Principal::System).await.expect("it reads");
    assert_eq!(checked.faults, Vec::<String>::new());
}

/// Issues a bill for the first two days of November.
async fn issue(town: &Town) {
    let bill = NewBill {
        number: "B-1".to_owned(),
        account: town.account,
        period: range("2026-11-01", "2026-11-03"),
        issued_on: day("2026-11-03"),
        due_on: day("2026-11-24"),
        total: Cents::ZERO,
        carried: Cents::ZERO,
        detail: serde_json::json!({}).into(),
        lines: Vec::new(),
        reads: Vec::new(),
        version: 1,
        replaces: None,
        journals: Vec::new(),
    };
    let mut tx = town.cx.pool.write().await.expect("a transaction");
    let now = at("2026-11-03T20:00:00Z");
    assert_eq!(store::bills::insert_all(&mut tx, &[bill], now).await.expect("issued").len(), 1);
    tx.commit().await.expect("committed");
}

store::both_engines! {
    async fn a_spike_is_accepted_and_taken_back(pool: Pool) {
        let town = Town::new(pool).await;
        let who = dana(&town).await;
        let mut values = [Some(500); 96];
        values[7] = Some(40_000);
        town.take(&town.line("E1", at("2026-11-10T08:00:00Z"), &values)).await;
        let id = only(&town).await;
        act(&town.cx, &who, id, &Action::Accept, "Electric kiln, called them").await.expect("accepted");
        let stored = town.stored("E1", "2026-11-10").await;
        assert_eq!(stored.unpack().expect("a block").slot(7).quality, Quality::Verified);
        assert_eq!(stored.version, 0, "no value changed");
        let view = show(&town.cx, &who, id).await.expect("it shows");
        assert_eq!((view.standing, view.deeds[0].deed), (Standing::Settled, Deed::Accepted));
        assert_eq!(view.deeds[0].by.as_deref(), Some("Dana Reyes"));
        assert_eq!(view.deeds[0].note, "Electric kiln, called them");
        let again = act(&town.cx, &who, id, &Action::Accept, "").await.expect_err("settled");
        assert_eq!(AppError::from(again), AppError::Changed);
        undo(&town.cx, &who, id).await.expect("taken back");
        assert_eq!(only(&town).await, id);
        let stored = town.stored("E1", "2026-11-10").await;
        assert_eq!(stored.unpack().expect("a block").slot(7).quality, Quality::Questionable);
        assert_eq!(AppError::from(undo(&town.cx, &who, id).await.expect_err("nothing left")), AppError::Changed);
        sound(&town).await;
    }

    async fn a_gap_is_estimated_from_like_days_and_taken_back(pool: Pool) {
        let town = Town::new(pool).await;
        let who = dana(&town).await;
        town.take(&town.flat("E1", "2026-10-27", 14, 480)).await;
        town.take(&town.line("E1", at("2026-11-10T08:00:00Z"), &holey(20, 60, 500))).await;
        let id = only(&town).await;
        act(&town.cx, &who, id, &Action::Estimate, "").await.expect("estimated");
        let stored = town.stored("E1", "2026-11-10").await;
        assert_eq!((stored.sum, stored.version), (56 * 500 + 40 * 480, 0));
        let view = show(&town.cx, &who, id).await.expect("it shows");
        let evidence = view.evidence.expect("a register");
        assert_eq!((evidence.slots.len(), evidence.about), (96, Some((20, 60))));
        assert_eq!(evidence.estimates[0].slots, 40);
        assert!(view.can_undo && !view.can_estimate);
        undo(&town.cx, &who, id).await.expect("taken back");
        let stored = town.stored("E1", "2026-11-10").await;
        assert_eq!((stored.sum, stored.version), (56 * 500, 1), "a value that goes away is a version");
        assert_eq!(only(&town).await, id);
        assert_eq!(show(&town.cx, &who, id).await.expect("it shows").evidence.expect("a register").estimates, []);
        sound(&town).await;
    }

    async fn typed_values_are_checked_by_field_and_outrank_the_meter(pool: Pool) {
        let town = Town::new(pool).await;
        let who = dana(&town).await;
        town.take(&town.line("E1", at("2026-11-10T08:00:00Z"), &holey(20, 60, 500))).await;
        let id = only(&town).await;
        let edit = |from: &str, to: &str, amount: &str| Action::Edit {
            from: from.to_owned(),
            to: to.to_owned(),
            amount: amount.to_owned(),
        };
        for (action, field, problem) in [
            (edit("96", "97", "1"), Field::From, Problem::OutOfRange),
            (edit("20", "x", "1"), Field::To, Problem::OutOfRange),
            (edit("20", "19", "1"), Field::To, Problem::Reversed),
            (edit("20", "59", ""), Field::Amount, Problem::Missing),
            (edit("20", "59", "one"), Field::Amount, Problem::Malformed),
            (edit("20", "59", "0.00000000001"), Field::Amount, Problem::Malformed),
            (edit("20", "59", "-1"), Field::Amount, Problem::TooSmall),
        ] {
            let refused = act(&town.cx, &who, id, &action, "").await.expect_err("refused");
            assert_eq!(AppError::from(refused), AppError::field(field, problem), "{action:?}");
        }
        act(&town.cx, &who, id, &edit("20", "59", "0.25"), "").await.expect("edited");
        let stored = town.stored("E1", "2026-11-10").await;
        assert_eq!(stored.sum, 56 * 500 + 40 * 250);
        assert_eq!(stored.unpack().expect("a block").slot(20).quality, Quality::Edited);
        // The meter's late values stay behind what an employee typed.
        town.take(&town.flat("E1", "2026-11-10", 1, 500)).await;
        assert_eq!(town.stored("E1", "2026-11-10").await.sum, stored.sum);
        sound(&town).await;
    }

    async fn what_came_since_is_not_swept_away(pool: Pool) {
        let town = Town::new(pool).await;
        let who = dana(&town).await;
        town.take(&town.flat("E1", "2026-10-27", 14, 480)).await;
        town.take(&town.line("E1", at("2026-11-10T08:00:00Z"), &holey(20, 60, 500))).await;
        let id = only(&town).await;
        act(&town.cx, &who, id, &Action::Estimate, "").await.expect("estimated");
        town.take(&town.flat("E1", "2026-11-10", 1, 700)).await;
        assert_eq!(AppError::from(undo(&town.cx, &who, id).await.expect_err("changed since")), AppError::Changed);
        assert_eq!(town.stored("E1", "2026-11-10").await.sum, 96 * 700);
    }

    async fn orders_wait_on_a_list_of_their_own(pool: Pool) {
        let town = Town::new(pool).await;
        let who = dana(&town).await;
        town.take(&[read("E1", "202611100000", 900_000), read("E1", "202611110000", 880_000)].concat()).await;
        let id = only(&town).await;
        act(&town.cx, &who, id, &Action::Reread, "").await.expect("ordered");
        let filter = WorkFilter { standing: Standing::Ordered, rule: None, commodity: None, days: None, page: 0 };
        let found = work_list(&town.cx, &who, filter).await.expect("it lists");
        assert_eq!((found.counts, found.lines.len()), ([0, 1, 0], 1));
        assert_eq!(found.rules, [(Rule::Reverse, Some(1))]);
        let none = WorkFilter { rule: Some(Rule::Gap), ..filter };
        assert!(work_list(&town.cx, &who, none).await.expect("it lists").lines.is_empty());
        let old = WorkFilter { days: Some(1), ..filter };
        assert!(work_list(&town.cx, &who, old).await.expect("it lists").lines.is_empty());
        act(&town.cx, &who, id, &Action::Visit, "The gate is locked").await.expect("ordered");
        undo(&town.cx, &who, id).await.expect("taken back");
        assert_eq!(list(&town, State::Ordered).await.len(), 1, "the re-read is still ordered");
        undo(&town.cx, &who, id).await.expect("taken back");
        assert_eq!(only(&town).await, id);
        for outsider in [Principal::Nobody, Principal::System] {
            assert!(show(&town.cx, &outsider, id).await.is_err());
            assert!(act(&town.cx, &outsider, id, &Action::Accept, "").await.is_err());
            assert!(undo(&town.cx, &outsider, id).await.is_err());
        }
    }

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
        assert_eq!(review(&town.cx).await.expect("it runs").cured, 0, "the dial still goes back");
        // The reader looked again.
        town.take(&read("E1", "202611110000", 905_000)).await;
        assert_eq!(review(&town.cx).await.expect("it runs").cured, 1);
        assert_eq!(list(&town, State::Open).await, []);
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
        sound(&town).await;
    }

    async fn a_route_brings_readings_and_what_the_reader_met(pool: Pool) {
        let town = Town::new(pool).await;
        let header = "meter,read_at,reading,code,remark\n";
        let first = format!(
            "{header}E1,2026-11-10 09:30,1234.5,,\nE2,2026-11-10 09:40,,NA,gate locked\nX9,2026-11-10 09:50,7,,\nE1,when,1,,\n"
        );
        let report = town.take(&first).await;
        assert_eq!(report.format.as_deref(), Some("route"));
        assert_eq!((report.reads, report.waiting, report.rejected), (1, 1, 1), "{report:?}");
        let open = list(&town, State::Open).await;
        assert!(open.contains(&entry("E2", "2026-11-10", "reader_no_access")), "{open:?}");
        assert_eq!(open.len(), 3, "{open:?}");
        let row = rows(&town, State::Open).await.into_iter().find(|x| x.meter_number == "E2").expect("listed");
        assert_eq!((row.source, row.evidence["detail"].as_str()), (Source::Handheld, Some("gate locked")));
        assert!(town.take(&first).await.already);
        // The dial went back, and the other meter was read at last.
        town.take(&format!("{header}E1,2026-11-12 09:30,1200,,\nE2,2026-11-12 09:40,55,ok,\n")).await;
        let open = list(&town, State::Open).await;
        assert!(open.contains(&entry("E1", "2026-11-12", "reverse")), "{open:?}");
        let row = rows(&town, State::Open).await.into_iter().find(|x| x.code == "reverse").expect("listed");
        assert_eq!(row.source, Source::Handheld, "the reader brought it");
        assert!(open.iter().all(|x| x.2 != "reader_no_access"), "{open:?}");
    }

    async fn a_change_of_a_billed_day_is_on_the_list(pool: Pool) {
        let town = Town::new(pool).await;
        town.take(&town.flat("E1", "2026-11-01", 3, 500)).await;
        issue(&town).await;
        // The same values again change nothing; others do, on the day that is on the bill.
        town.take(&format!("\r\n{}", town.flat("E1", "2026-11-02", 2, 500))).await;
        assert_eq!(list(&town, State::Open).await, []);
        town.take(&town.flat("E1", "2026-11-02", 2, 700)).await;
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-02", "billed")]);
        let row = rows(&town, State::Open).await.remove(0);
        assert_eq!((row.evidence["against"].as_i64(), row.evidence["found"].as_i64()), (Some(48_000), Some(67_200)));
        assert_eq!(row.evidence["detail"].as_str(), Some("B-1"));
        // Settled, it comes back when the day changes once more, even where only the hours of its use do.
        let who = dana(&town).await;
        act(&town.cx, &who, only(&town).await, &Action::Accept, "").await.expect("settled");
        assert_eq!(list(&town, State::Open).await, []);
        let mut values = [Some(700); 96];
        (values[10], values[80]) = (Some(200), Some(1_200));
        town.take(&town.line("E1", at("2026-11-02T08:00:00Z"), &values)).await;
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-02", "billed")]);
    }

    async fn an_employees_change_of_a_billed_day_is_on_the_list(pool: Pool) {
        let town = Town::new(pool).await;
        let who = dana(&town).await;
        let mut values = [Some(500); 96];
        values[7] = Some(40_000);
        town.take(&town.line("E1", at("2026-11-01T07:00:00Z"), &values)).await;
        issue(&town).await;
        let edit = Action::Edit { from: "7".to_owned(), to: "7".to_owned(), amount: "0.5".to_owned() };
        act(&town.cx, &who, only(&town).await, &edit, "").await.expect("edited");
        assert_eq!(list(&town, State::Open).await, [entry("E1", "2026-11-01", "billed")]);
        let row = rows(&town, State::Open).await.remove(0);
        assert_eq!(row.evidence["detail"].as_str(), Some("B-1"));
    }
}
