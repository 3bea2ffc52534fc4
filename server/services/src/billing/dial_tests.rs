//! Meters that send nothing are billed by what a person read off them; estimates are made up for. On both engines.

use domain::billing::explain::Cause;
use domain::billing::proof::Verdict;
use domain::calendar::{DayRange, Zone};
use domain::ids::AccountId;
use domain::money::Cents;
use domain::quantity::{Commodity, ServiceKind};
use store::Pool;
use store::ingest::{NewDelivery, NewRead};

use super::Hold;
use super::correct_tests::{ask, employee, sound};
use super::rebill::rebill;
use super::tests::{cx, day, holder, reading, run, seeded};
use crate::Cx;

/// A round of the reader: all three dials, in watt-hours, thousandths of a therm and gallons.
async fn read(pool: &Pool, account: AccountId, on: &str, values: [i64; 3]) {
    let mut tx = pool.write().await.expect("a transaction");
    let zone = Zone::iana("America/Los_Angeles").expect("known");
    let at = zone.start_of(day(on));
    let checksum = format!("{}{on}", account.0);
    let new = NewDelivery {
        checksum: checksum.as_bytes(),
        name: "route",
        sender: "",
        format: "route",
        zone: "America/Los_Angeles",
        arrived_at: at,
    };
    let delivery = store::ingest::insert_delivery(&mut tx, &new).await.expect("a delivery");
    let mut reads = Vec::new();
    for (commodity, value) in Commodity::ALL.into_iter().zip(values) {
        let spans = store::meters::registers_of_account(&mut tx, account, commodity).await.expect("registers");
        reads.push(NewRead { register: spans[0].register, at: at.timestamp(), value, quality: 3 });
    }
    store::ingest::insert_reads(&mut tx, delivery, &reads).await.expect("reads");
    tx.commit().await.expect("committed");
}

/// The kilowatt-hours of a bill, and whether its dial was read at both ends.
async fn electricity(cx: &Cx, account: AccountId, number: &str) -> (String, bool) {
    let mut work = reading(cx).await;
    let row = store::bills::by_number(&mut work.tx, account, number).await.expect("read").expect("there");
    let (bill, reads) = super::show::stored(&mut work, &row).await.expect("a bill");
    let read = reads.iter().find(|r| r.service == ServiceKind::Electricity).expect("a dial");
    assert!(read.previous.is_some() && read.present.is_some());
    (bill.services[0].delivered.expect("metered").to_string(), !read.estimated)
}

store::both_engines! {
    async fn a_dial_that_a_person_reads_is_billed_and_estimates_are_made_up_for(pool: Pool) {
        let none = DayRange { from: day("2026-01-12"), to: day("2026-01-12") };
        let account = seeded(&pool, "100280", "2026-01-12", none, &[]).await;
        read(&pool, account, "2026-01-12", [1_000_000, 500_000, 70_000]).await;
        let february = cx(&pool, "2026-02-20T20:00:00Z");
        let held = run(&february, "2026-02-20").await;
        assert_eq!((held.bills, held.held.len()), (0, 1), "one read says nothing");
        read(&pool, account, "2026-02-12", [1_310_000, 531_000, 73_100]).await;
        assert_eq!(run(&february, "2026-02-20").await.bills, 1);
        assert_eq!(electricity(&february, account, "100280-001").await, ("310".to_owned(), true));

        // The reader did not come in March: the bill waits for ten days, then goes on as before.
        let march = cx(&pool, "2026-03-20T20:00:00Z");
        let waiting = run(&march, "2026-03-20").await;
        assert_eq!((waiting.bills, waiting.held[0].1), (0, Hold::WaitingForReadings));
        let late = cx(&pool, "2026-03-24T20:00:00Z");
        assert_eq!(run(&late, "2026-03-24").await.bills, 1);
        // 28 days, one of them an hour short, at 10 kWh a day.
        assert_eq!(electricity(&late, account, "100280-002").await, ("279.583".to_owned(), false));

        // 400 kWh in two months: what is left of them is April's.
        read(&pool, account, "2026-04-12", [1_710_000, 571_000, 77_100]).await;
        let april = cx(&pool, "2026-04-20T20:00:00Z");
        assert_eq!(run(&april, "2026-04-20").await.bills, 1);
        assert_eq!(electricity(&april, account, "100280-003").await, ("120.417".to_owned(), false));
        sound(&april).await;

        let who = holder(&pool, account).await;
        let view = crate::billing::why(&april, &who, "100280", "100280-003", None).await.expect("a view");
        let told: Cents = view.causes.iter().map(|c| c.1).sum();
        assert_eq!(told, view.this.total - view.other.expect("the bill before").total);
        let electric = &view.services[0];
        let part = |cause| electric.parts.iter().find(|p| p.0 == cause).map_or(0, |p| p.1.0);
        // About 190 kWh less, and all of it because of the estimate.
        assert!((-3_950..-3_850).contains(&part(Cause::Estimates)), "{:?}", electric.parts);
        assert!(part(Cause::Use).abs() < 25, "{:?}", electric.parts);
        let proof = crate::billing::proof(&april, &who, "100280", "100280-001").await.expect("a view");
        assert_eq!(proof.services.iter().map(|s| s.verdict).collect::<Vec<_>>(), [Verdict::DialOnly; 3]);

        // March computed again from what is known now hands another number on to April: both are replaced, the sum stays.
        let staff = employee(&pool, "Dana").await;
        let done = rebill(&april, &staff, "100280", "100280-002", &ask(None)).await.expect("done");
        assert_eq!(done.bills.iter().map(|b| b.new.as_str()).collect::<Vec<_>>(), ["100280-002-2", "100280-003-2"]);
        assert_eq!(electricity(&april, account, "100280-002-2").await.0, "189.682");
        assert_eq!(electricity(&april, account, "100280-003-2").await.0, "210.318");
        let same = rebill(&april, &staff, "100280", "100280-002-2", &ask(None)).await.expect("asked");
        assert_eq!(same.bills, []);
        sound(&april).await;
        // Held against the bill that it replaced, all of the difference in use is the estimate.
        let view = crate::billing::why(&april, &who, "100280", "100280-002-2", Some("100280-002")).await.expect("a view");
        let electric = &view.services[0];
        assert!(electric.parts.iter().all(|p| [Cause::Estimates, Cause::Tax].contains(&p.0)), "{:?}", electric.parts);
        assert_eq!(view.others.iter().filter(|o| o.1 == view.this.period).map(|o| o.2).collect::<Vec<_>>(), [1]);
    }
}
