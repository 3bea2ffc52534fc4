//! Bills whose sums of days say nothing of what changed: other hours, another reading of a dial. On both engines.

use domain::calendar::{DayRange, Zone};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::quantity::Commodity;
use store::ingest::NewDay;

use super::changed::changed;
use super::correct_tests::employee;
use super::history_tests::note_billed;
use super::tests::{cx, day, run, seeded, seeded_on};
use crate::Cx;
use crate::ingest::{Input, take_in};

/// What the page lists: bill, and what is said of it.
async fn listed(cx: &Cx, who: &crate::Principal) -> Vec<(String, Vec<String>)> {
    let said = |c: &contract::bills::ChangedUse| format!("{:?} {} {}", c.service, c.difference, c.days);
    let bills = changed(cx, who).await.expect("a list").bills;
    bills.into_iter().map(|b| (b.number, b.changes.iter().map(said).collect())).collect()
}

store::both_engines! {
    async fn other_hours_of_the_same_sum_are_listed(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded_on("E-1-TOU", &pool, "100920", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-02-20").await.bills, 1);
        let staff = employee(&pool, "Dana").await;
        // 6 kWh of the night were of the evening.
        let mut tx = pool.write().await.expect("a transaction");
        let spans = store::meters::registers_of_account(&mut tx, account, Commodity::Electricity).await.expect("registers");
        let (from, to) = Zone::iana("America/Los_Angeles").expect("known").bounds(day("2026-01-25"));
        let mut block = DayBlock::between(from, to, 900, 0);
        for i in 0..96 {
            let value = if i < 20 { 100 } else if (64..84).contains(&i) { 700 } else { 400 };
            block.set(i, value, Quality::Validated);
        }
        let number = store::usage::day_number(day("2026-01-25"));
        let new = NewDay { register: spans[0].register, day: number, sum: block.sum(), block: block.encode() };
        store::ingest::update_day(&mut tx, &new, 1).await.expect("changed");
        tx.commit().await.expect("committed");
        note_billed(&cx, account, "100920-001").await;
        assert_eq!(listed(&cx, &staff).await, [("100920-001".to_owned(), vec!["Electricity 0 0".to_owned()])]);
    }

    async fn a_dial_that_was_read_wrongly_names_the_bills_it_is_on(pool: Pool) {
        let none = DayRange { from: day("2026-01-12"), to: day("2026-01-12") };
        seeded(&pool, "100921", "2026-01-12", none, &[]).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        let route = |rows: &[(&str, [i64; 3])]| {
            let mut text = "meter,read_at,reading,code,remark\n".to_owned();
            for (on, values) in rows {
                for (commodity, value) in Commodity::ALL.into_iter().zip(values) {
                    text += &format!("100921-{},{on} 00:00,{value},,\n", commodity.slug());
                }
            }
            Input::Bytes { name: "route.csv".to_owned(), bytes: text.into_bytes().into() }
        };
        let first = [
            ("2026-01-12", [1_000_000, 500, 70_000]),
            ("2026-02-12", [1_310_000, 531, 73_100]),
            ("2026-03-12", [1_590_000, 559, 75_900]),
        ];
        let report = take_in(&cx, route(&first), &Default::default()).await.expect("taken");
        assert_eq!((report.reads, report.rejected), (9, 0), "{report:?}");
        assert_eq!(run(&cx, "2026-03-20").await.bills, 2);
        let staff = employee(&pool, "Dana").await;
        assert_eq!(listed(&cx, &staff).await, []);
        // Two digits had changed places.
        let report = take_in(&cx, route(&[("2026-02-12", [1_301_000, 531, 73_100])]), &Default::default()).await.expect("taken");
        assert_eq!((report.superseding, report.duplicate), (1, 2), "{report:?}");
        // The second bill begins where the first ended, and is another once that one is.
        let first = ("100921-001".to_owned(), vec!["Electricity -9 0".to_owned()]);
        assert_eq!(listed(&cx, &staff).await, [first]);
    }
}
