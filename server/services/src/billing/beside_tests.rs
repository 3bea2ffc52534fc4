//! A meter that sends intervals beside one that a person reads: each is billed by what it says itself. On both engines.

use contract::usage::UsageAsk;
use domain::billing::proof::Verdict;
use domain::calendar::{DayRange, Instant, Zone};
use domain::ids::AccountId;
use domain::quantity::{Commodity, Decimal, Direction, ServiceKind, Unit};
use store::Pool;
use store::ingest::NewRead;
use store::meters::NewRegister;

use super::Hold;
use super::tests::{cx, day, holder, reading, run, seeded_on};
use crate::Cx;

/// A second electric meter at a home, of which only the dial is read: at the first instants of days, in watt-hours.
async fn opted_out(pool: &Pool, number: &str, since: &str, reads: &[(&str, i64)]) {
    let mut tx = pool.write().await.expect("a transaction");
    let zone = Zone::iana("America/Los_Angeles").expect("known");
    let delivery = store::ingest::unfinished(&mut tx).await.expect("read")[0];
    let point = format!("{number}-electricity");
    let (_, point) = store::meters::point(&mut tx, &point).await.expect("read").expect("there");
    let register = NewRegister {
        direction: Direction::Delivered,
        unit: Unit::WattHour,
        exponent: 0,
        interval_seconds: 3600,
        dial_digits: 8,
    };
    let name = format!("{number}-dial");
    let meter = store::meters::insert(&mut tx, &name, Commodity::Electricity, &[register]).await.expect("a meter");
    store::meters::install(&mut tx, meter.0, point, zone.start_of(day(since))).await.expect("installed");
    let read = |(on, value): &(&str, i64)| NewRead {
        register: meter.1[0],
        at: zone.start_of(day(on)).timestamp(),
        value: *value,
        quality: 3,
    };
    let reads: Vec<NewRead> = reads.iter().map(read).collect();
    store::ingest::insert_reads(&mut tx, delivery, &reads).await.expect("reads");
    tx.commit().await.expect("committed");
}

async fn billed(cx: &Cx, account: AccountId, number: &str) -> (String, bool, usize) {
    let mut work = reading(cx).await;
    let row = store::bills::by_number(&mut work.tx, account, number).await.expect("read").expect("there");
    let (bill, reads) = super::show::stored(&mut work, &row).await.expect("a bill");
    let of: Vec<_> = reads.iter().filter(|r| r.service == ServiceKind::Electricity).collect();
    (bill.services[0].delivered.expect("metered").to_string(), of.iter().any(|r| r.estimated), of.len())
}

store::both_engines! {
    async fn each_meter_is_billed_by_what_it_says_itself(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-15") };
        // One without holes, and one whose own dial says what is missing.
        for (number, holes) in [("100920", &[][..]), ("100921", &[day("2026-01-20")][..])] {
            let account = seeded_on("E-1", &pool, number, data, holes).await;
            let reads = [("2026-01-12", 1_000_000), ("2026-02-12", 1_250_000), ("2026-03-12", 1_400_000)];
            opted_out(&pool, number, "2026-01-12", &reads).await;
            let cx = cx(&pool, "2026-03-15T20:00:00Z");
            let report = run(&cx, "2026-03-15").await;
            assert_eq!((report.bills, report.held, report.failed), (2, vec![], vec![]));
            // 31 days at 38.4 kWh and 250 kWh; 28 days, one of them an hour short, and 150.
            assert_eq!(billed(&cx, account, &format!("{number}-001")).await, ("1440.4".to_owned(), false, 2));
            assert_eq!(billed(&cx, account, &format!("{number}-002")).await, ("1223.6".to_owned(), false, 2));
            let who = holder(&pool, account).await;
            let proof = crate::billing::proof(&cx, &who, number, &format!("{number}-002")).await.expect("a view");
            let electric = &proof.services[0];
            assert_eq!(electric.verdict, Verdict::BesideDial { moved: Decimal::new(150_000_000, -6) });
            assert_eq!((electric.intervals.to_string(), electric.dials), ("1073.6".to_owned(), Some(electric.billed)));
            // The chart has every hour of the one, and says that the other is not in it.
            let ask = UsageAsk {
                service: Some("electricity".into()),
                by: Some("hour".into()),
                from: Some("2026-02-20".into()),
                to: Some("2026-02-21".into()),
                ..UsageAsk::default()
            };
            let view = crate::usage::show(&cx, &who, number, &ask).await.expect("a view");
            assert_eq!(view.bars.len(), 48);
            assert!(view.bars.iter().all(|b| b.amount == Some(1_600) && b.complete()), "{:?}", view.bars[0]);
            assert_eq!(view.beside.by_dial_alone, [format!("{number}-dial")]);
            assert!(view.grains.iter().any(|g| g.grain == contract::usage::Grain::QuarterHour), "as fine as it sends them");
            let ask = UsageAsk { by: Some("day".into()), ..ask };
            let view = crate::usage::show(&cx, &who, number, &ask).await.expect("a view");
            assert!(view.bars.iter().all(|b| b.amount == Some(38_400) && b.complete()), "{:?}", view.bars[0]);
        }
    }

    async fn a_dial_that_is_not_read_makes_nothing_up_from_the_meter_beside_it(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-15") };
        let account = seeded_on("E-1", &pool, "100922", data, &[]).await;
        opted_out(&pool, "100922", "2026-01-12", &[("2026-01-12", 1_000_000)]).await;
        let early = cx(&pool, "2026-02-15T20:00:00Z");
        assert_eq!(run(&early, "2026-02-15").await.held, [("100922".to_owned(), Hold::NoReadings)]);
        opted_out_read(&pool, "100922-dial", "2026-02-12T08:00:00Z", 1_310_000).await;
        assert_eq!(run(&early, "2026-02-15").await.bills, 1);
        // The next read is missing: the bill waits for it, and then goes on as before.
        let waiting = cx(&pool, "2026-03-15T20:00:00Z");
        assert_eq!(run(&waiting, "2026-03-15").await.held, [("100922".to_owned(), Hold::WaitingForReadings)]);
        let late = cx(&pool, "2026-03-24T20:00:00Z");
        assert_eq!(run(&late, "2026-03-24").await.bills, 1);
        assert_eq!(billed(&late, account, "100922-002").await, ("1353.183".to_owned(), true, 2));
    }

    async fn at_which_hours_a_dial_moved_is_not_made_up(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-15") };
        seeded_on("E-1-TOU", &pool, "100923", data, &[]).await;
        opted_out(&pool, "100923", "2026-01-12", &[("2026-01-12", 1_000_000), ("2026-02-12", 1_250_000)]).await;
        let cx = cx(&pool, "2026-02-15T20:00:00Z");
        let report = run(&cx, "2026-02-15").await;
        assert_eq!((report.bills, report.held), (0, vec![("100923".to_owned(), Hold::HoursOfDial)]));
    }
}

/// One more read of a dial.
async fn opted_out_read(pool: &Pool, meter: &str, at: &str, value: i64) {
    let mut tx = pool.write().await.expect("a transaction");
    let delivery = store::ingest::unfinished(&mut tx).await.expect("read")[0];
    let known = store::meters::by_numbers(&mut tx, &[meter.to_owned()]).await.expect("read");
    let at = at.parse::<Instant>().expect("an instant").timestamp();
    let read = NewRead { register: known[meter][0].register, at, value, quality: 3 };
    store::ingest::insert_reads(&mut tx, delivery, &[read]).await.expect("a read");
    tx.commit().await.expect("committed");
}
