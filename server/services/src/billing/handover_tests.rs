//! A service that changes hands in the middle of a day: what the meter counted is on one bill or the other, all of it and once. On
//! both engines.

use domain::billing::proof::Verdict;
use domain::billing::{LineKind, ShownBy};
use domain::calendar::{DayRange, Instant};
use domain::quantity::{Commodity, ServiceKind};
use store::Pool;
use store::ingest::NewRead;

use super::batch_tests::successor_at;
use super::show::stored;
use super::tests::{cx, day, holder, reading, run, seeded, seeded_on};
use crate::Cx;

/// What the standing bills of some accounts say was used of a service, in millionths, and the days that they are over.
async fn billed(cx: &Cx, numbers: &[&str], service: ServiceKind) -> (i64, Vec<DayRange>) {
    let mut work = reading(cx).await;
    let (mut sum, mut days) = (0, Vec::new());
    for number in numbers {
        let account = store::accounts::by_number(&mut work.tx, number).await.expect("read").expect("there").id;
        for row in store::bills::list(&mut work.tx, account).await.expect("bills") {
            let (bill, _) = stored(&mut work, &row).await.expect("a bill");
            for s in bill.services.iter().filter(|s| s.service == service) {
                sum += s.delivered.expect("metered").round_to(-6);
                days.push(s.served);
            }
        }
    }
    days.sort_by_key(|d| d.from);
    (sum, days)
}

/// The days of the standing charges of a service on the standing bills of some accounts.
async fn standing(cx: &Cx, numbers: &[&str], service: ServiceKind) -> i64 {
    let mut work = reading(cx).await;
    let mut days = 0;
    for number in numbers {
        let account = store::accounts::by_number(&mut work.tx, number).await.expect("read").expect("there").id;
        for row in store::bills::list(&mut work.tx, account).await.expect("bills") {
            let (bill, _) = stored(&mut work, &row).await.expect("a bill");
            let lines = bill.services.iter().filter(|s| s.service == service).flat_map(|s| &s.lines);
            days += lines.filter(|l| l.kind == LineKind::Fixed).map(|l| l.days).sum::<i64>();
        }
    }
    days
}

store::both_engines! {
    async fn the_morning_is_on_the_bill_of_who_moved_out(pool: Pool) {
        // At noon, and in the middle of an interval.
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let (noon, past) = (at("2026-03-05T20:00:00Z"), at("2026-03-05T20:07:00Z"));
        let data = DayRange { from: day("2026-01-12"), to: day("2026-04-25") };
        // One by the clock, one by totals; the next resident's goes by the clock.
        for (electric, number, next, then) in [
            ("E-1", "100900", "100901", noon),
            ("E-1-TOU", "100902", "100903", noon),
            ("E-1", "100906", "100907", past),
            ("E-1-TOU", "100908", "100909", past),
        ] {
            seeded_on(electric, &pool, number, data, &[]).await;
            successor_at(&pool, number, next, then).await;
        }
        let cx = cx(&pool, "2026-04-25T20:00:00Z");
        let report = run(&cx, "2026-04-25").await;
        assert_eq!((report.held, report.failed), (vec![], vec![]));
        let pairs = [["100900", "100901"], ["100902", "100903"], ["100906", "100907"], ["100908", "100909"]];
        for pair in pairs {
            // 98 days at 38.4 kWh, one of them an hour short.
            let (sum, days) = billed(&cx, &pair, ServiceKind::Electricity).await;
            assert_eq!(sum, 98 * 38_400_000 - 1_600_000, "{days:?}");
            let on_the_day = days.iter().filter(|d| d.contains(day("2026-03-05"))).count();
            assert_eq!(on_the_day, 2, "{days:?}");
            // What was used is on two bills, and the day's standing charge on one: 98 days from first to last.
            assert_eq!(standing(&cx, &pair, ServiceKind::Water).await, 98);
            let (water, _) = billed(&cx, &pair, ServiceKind::Water).await;
            let gallons = 7 * (98 * 24 - 1);
            assert!((water - gallons * 1_000_000 / 748).abs() <= 4, "each of four bills is rounded");
        }
        // What is shown of it to neither is on both bills, and the bill can be told from it.
        for number in ["100906", "100907"] {
            let mut work = reading(&cx).await;
            let account = store::accounts::by_number(&mut work.tx, number).await.expect("read").expect("there").id;
            let bills = store::bills::list(&mut work.tx, account).await.expect("bills");
            drop(work);
            let who = holder(&pool, account).await;
            for bill in bills {
                let proof = crate::billing::proof(&cx, &who, number, &bill.number).await.expect("a view");
                assert!(proof.services.iter().all(|s| s.verdict == Verdict::Same), "{:?}", proof.services);
            }
        }
    }

    async fn dials_read_at_noon_divide_the_day(pool: Pool) {
        let none = DayRange { from: day("2026-01-12"), to: day("2026-01-12") };
        let account = seeded(&pool, "100904", "2026-01-12", none, &[]).await;
        let noon: Instant = "2026-03-05T20:00:00Z".parse().expect("an instant");
        let mut tx = pool.write().await.expect("a transaction");
        let delivery = store::ingest::unfinished(&mut tx).await.expect("read")[0];
        for (at, values) in [
            ("2026-01-12T08:00:00Z", [1_000_000, 500_000, 70_000]),
            ("2026-02-12T08:00:00Z", [1_310_000, 531_000, 73_100]),
            ("2026-03-05T20:00:00Z", [1_500_000, 551_000, 75_000]),
            ("2026-03-20T07:00:00Z", [1_700_000, 561_000, 76_000]),
            ("2026-04-20T07:00:00Z", [1_900_000, 571_000, 77_000]),
        ] {
            let mut reads = Vec::new();
            for (commodity, value) in Commodity::ALL.into_iter().zip(values) {
                let of = store::meters::registers_of_account(&mut tx, account, commodity).await.expect("registers");
                let at = at.parse::<Instant>().expect("an instant").timestamp();
                reads.push(NewRead { register: of[0].register, at, value, quality: 3 });
            }
            store::ingest::insert_reads(&mut tx, delivery, &reads).await.expect("reads");
        }
        tx.commit().await.expect("committed");
        successor_at(&pool, "100904", "100905", noon).await;
        store_schedule(&pool).await;
        let cx = cx(&pool, "2026-04-25T20:00:00Z");
        let report = run(&cx, "2026-04-25").await;
        assert_eq!((report.held, report.failed), (vec![], vec![]));
        let (sum, days) = billed(&cx, &["100904", "100905"], ServiceKind::Electricity).await;
        assert_eq!(sum, 900_000_000, "{days:?}");
    }

    async fn a_dial_that_was_not_read_on_the_day_is_estimated_for_both(pool: Pool) {
        let none = DayRange { from: day("2026-01-12"), to: day("2026-01-12") };
        let account = seeded(&pool, "100917", "2026-01-12", none, &[]).await;
        let reads = |of: &'static [(&'static str, [i64; 3])]| {
            let pool = pool.clone();
            async move {
                let mut tx = pool.write().await.expect("a transaction");
                let delivery = store::ingest::unfinished(&mut tx).await.expect("read")[0];
                for (at, values) in of {
                    let mut reads = Vec::new();
                    for (commodity, value) in Commodity::ALL.into_iter().zip(values) {
                        let spans = store::meters::registers_of_account(&mut tx, account, commodity).await;
                        let register = spans.expect("registers")[0].register;
                        let at = at.parse::<Instant>().expect("an instant").timestamp();
                        reads.push(NewRead { register, at, value: *value, quality: 3 });
                    }
                    store::ingest::insert_reads(&mut tx, delivery, &reads).await.expect("reads");
                }
                tx.commit().await.expect("committed");
            }
        };
        reads(&[("2026-01-12T08:00:00Z", [1_000_000, 500_000, 70_000]), ("2026-02-12T08:00:00Z", [1_310_000, 531_000, 73_100])])
            .await;
        // Twenty days later another moves in, and nobody reads the dials.
        successor_at(&pool, "100917", "100918", "2026-03-04T08:00:00Z".parse().expect("an instant")).await;
        store_schedule(&pool).await;
        let early = cx(&pool, "2026-04-02T20:00:00Z");
        let of_next = async |cx: &Cx| {
            let mut work = reading(cx).await;
            let next = store::accounts::by_number(&mut work.tx, "100918").await.expect("read").expect("there").id;
            let row = store::bills::by_number(&mut work.tx, next, "100918-001").await.expect("read");
            let (_, reads) = stored(&mut work, &row.expect("there")).await.expect("a bill");
            reads.into_iter().find(|r| r.service == ServiceKind::Electricity).expect("a dial")
        };
        let report = run(&early, "2026-04-02").await;
        assert_eq!((report.held, report.failed), (vec![], vec![]));
        let read = of_next(&early).await;
        assert_eq!((read.estimated, read.previous_by, read.present_by), (true, ShownBy::AsBefore, ShownBy::AsBefore));
        assert_eq!(read.previous.map(|p| p.1.to_string()).as_deref(), Some("1510000"), "ten a day for twenty days");
        // The next read makes up for it.
        reads(&[("2026-04-20T07:00:00Z", [1_900_000, 571_000, 77_000])]).await;
        let late = cx(&pool, "2026-04-25T20:00:00Z");
        let report = run(&late, "2026-04-25").await;
        assert_eq!((report.held, report.failed), (vec![], vec![]));
        let (sum, days) = billed(&late, &["100917", "100918"], ServiceKind::Electricity).await;
        assert_eq!(sum, 900_000_000, "{days:?}");
    }
}

/// Whoever came next takes the schedule that needs no hours.
async fn store_schedule(pool: &Pool) {
    let mut tx = pool.write().await.expect("a transaction");
    store::testing::tamper(&mut tx, "UPDATE service_agreement SET schedule = 'E-1' WHERE schedule = 'E-1-TOU'").await;
    tx.commit().await.expect("committed");
}
