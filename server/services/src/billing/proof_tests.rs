//! Whether what a bill says can be told from what is known now, on both engines; and what holes in what was sent back mean.

use domain::billing::LineKind;
use domain::billing::proof::Verdict;
use domain::calendar::{DayRange, Zone};
use domain::ids::AccountId;
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::quantity::{Commodity, Decimal, ServiceKind};
use store::Pool;
use store::ingest::{NewDay, NewDelivery};

use super::correct_tests::change;
use super::show::stored;
use super::tests::{cx, day, holder, reading, run, seeded, seeded_on};

/// A day that comes late: so many watt-hours in each quarter of an hour.
async fn arrives(pool: &Pool, account: AccountId, on: &str, value: i64, at: &str) {
    let mut tx = pool.write().await.expect("a transaction");
    let spans = store::meters::registers_of_account(&mut tx, account, Commodity::Electricity).await.expect("registers");
    let new = NewDelivery {
        checksum: at.as_bytes(),
        name: "late",
        sender: "",
        format: "test",
        zone: "America/Los_Angeles",
        arrived_at: at.parse().expect("an instant"),
    };
    let delivery = store::ingest::insert_delivery(&mut tx, &new).await.expect("a delivery");
    let (from, to) = Zone::iana("America/Los_Angeles").expect("known").bounds(day(on));
    let mut block = DayBlock::between(from, to, 900, 0);
    (0..block.len()).for_each(|i| block.set(i, value, Quality::Validated));
    let number = store::usage::day_number(day(on));
    let new = NewDay { register: spans[0].register, day: number, sum: block.sum(), block: block.encode() };
    store::ingest::insert_days(&mut tx, delivery, &[new]).await.expect("stored");
    tx.commit().await.expect("committed");
}

store::both_engines! {
    async fn a_day_that_came_after_the_bill_explains_it(pool: Pool) {
        // The dial was last read a day before the period ended: what is missing was estimated.
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-12") };
        let account = seeded(&pool, "100910", "2026-01-12", data, &[day("2026-01-20")]).await;
        let cx = cx(&pool, "2026-02-14T16:00:00Z");
        assert_eq!(run(&cx, "2026-02-14").await.bills, 1);
        let who = holder(&pool, account).await;
        let view = crate::billing::proof(&cx, &who, "100910", "100910-001").await.expect("a view");
        assert_eq!(view.services[0].verdict, Verdict::MissingEstimated { missing: 96 });
        // On the day of the bill, hours later, with a quarter of what was estimated.
        arrives(&pool, account, "2026-01-20", 100, "2026-02-14T20:00:00Z").await;
        let view = crate::billing::proof(&cx, &who, "100910", "100910-001").await.expect("a view");
        let of = &view.services[0];
        assert_eq!((of.verdict, of.present), (Verdict::Changed { days: 1 }, 31 * 96));
        assert_eq!((of.billed.to_string(), of.intervals.to_string()), ("1190.4".to_owned(), "1161.6".to_owned()));
        assert_eq!(of.known_then.map(|k| k.to_string()).as_deref(), Some("1152"));
    }

    async fn a_register_that_turns_both_ways_is_held_against_both_sides_of_the_bill(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-14") };
        let account = seeded(&pool, "100911", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-02-14T16:00:00Z");
        change(&cx, account, "2026-01-20", -20_000).await;
        let mut tx = pool.write().await.expect("a transaction");
        store::testing::tamper(&mut tx, "UPDATE register SET direction = 'net'").await;
        tx.commit().await.expect("committed");
        assert_eq!(run(&cx, "2026-02-14").await.bills, 1);
        let who = holder(&pool, account).await;
        let view = crate::billing::proof(&cx, &who, "100911", "100911-001").await.expect("a view");
        let of = &view.services[0];
        assert_eq!((of.verdict, of.billed.to_string()), (Verdict::Same, "-768".to_owned()));
    }

    async fn what_a_register_that_turns_both_ways_sent_back_is_credited_by_the_hour(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-14") };
        // By little and by more than was used; and with a day whose hours are not known, but what the dial moved in all is.
        for (number, value, holes) in [
            ("100913", -1_000, &[][..]),
            ("100914", -20_000, &[][..]),
            ("100915", -2_000, &[day("2026-01-21")][..]),
        ] {
            let account = seeded_on("E-1-TOU", &pool, number, data, holes).await;
            let cx = cx(&pool, "2026-02-14T16:00:00Z");
            change(&cx, account, "2026-01-20", value).await;
            let mut tx = pool.write().await.expect("a transaction");
            store::testing::tamper(&mut tx, "UPDATE register SET direction = 'net'").await;
            tx.commit().await.expect("committed");
            let report = run(&cx, "2026-02-14").await;
            assert!(report.failed.is_empty() && report.bills == 1, "{report:?}");
            let mut work = reading(&cx).await;
            let row = store::bills::by_number(&mut work.tx, account, &format!("{number}-001")).await;
            let (bill, _) = stored(&mut work, &row.expect("read").expect("there")).await.expect("a bill");
            let of = bill.services.iter().find(|s| s.service == ServiceKind::Electricity).expect("billed");
            let micro = |d: Option<Decimal>| d.expect("metered").round_to(-6);
            let (used, sent) = (micro(of.delivered), micro(of.received));
            if holes.is_empty() {
                assert_eq!((used, sent), (30 * 38_400_000, -value * 96 * 1_000));
            } else {
                assert_eq!(used - sent, 31 * 38_400_000, "as the dial says");
                assert!(sent >= -value * 96 * 1_000, "{sent}");
            }
            // Nine cents and a tenth for each kilowatt-hour.
            let credit = domain::money::div_half_up(i128::from(sent) * 910, 100_000_000);
            assert_eq!(i128::from(of.sum(LineKind::Export).0), -credit);
        }
    }

    async fn what_is_not_known_of_what_was_sent_back_is_filled(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-14") };
        let account = seeded_on("E-1-NEM1", &pool, "100912", data, &[day("2026-01-20")]).await;
        let cx = cx(&pool, "2026-02-14T16:00:00Z");
        assert_eq!(run(&cx, "2026-02-14").await.bills, 1);
        let mut work = reading(&cx).await;
        let row = store::bills::by_number(&mut work.tx, account, "100912-001").await.expect("read").expect("there");
        let (bill, reads) = stored(&mut work, &row).await.expect("a bill");
        let of = bill.services.iter().find(|s| s.service == ServiceKind::Electricity).expect("billed");
        assert_eq!(of.received.map(|r| r.to_string()).as_deref(), Some("1488"), "31 days of 48 kWh");
        assert!(reads.iter().any(|r| r.service == ServiceKind::Electricity && r.estimated));
    }
}
