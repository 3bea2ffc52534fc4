//! Faults that no use case could leave behind, planted past them, are found.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::{Instant, Zone};
use domain::ids::AccountId;
use domain::ledger::{Book, Journal, JournalKind, credit, debit};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::money::Cents;
use domain::payment::Status;
use domain::quantity::{Commodity, Direction, Unit};
use store::accounts::NewAccount;
use store::ingest::{NewDay, NewDelivery, NewRead};
use store::meters::NewRegister;
use store::payments::NewPayment;
use store::{Pool, Tx};

use super::all;
use crate::adapters::Outside;
use crate::clock::Entropy;
use crate::{Cx, FixedClock, Principal, Settings};

const ZONE: &str = "America/Los_Angeles";

fn day() -> NaiveDate {
    "2026-03-01".parse().expect("a date")
}

fn now() -> Instant {
    "2026-03-20T20:00:00Z".parse().expect("a time")
}

fn cx(pool: Pool) -> Cx {
    Cx {
        pool,
        clock: Arc::new(FixedClock::at(now())),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: Outside::default(),
    }
}

async fn account(tx: &mut Tx<'_>) -> AccountId {
    let new = NewAccount {
        number: "100300",
        name: "Mara Lindqvist",
        opened_on: day(),
        cycle_day: 1,
        paperless: true,
        street: "14 Heron Way",
        city: "Alder Bay",
        postcode: "94000",
    };
    store::accounts::insert(tx, &new).await.expect("an account")
}

/// A day of 100 Wh each quarter-hour whose stored sum is off by so much.
async fn usage(tx: &mut Tx<'_>, off: i64) {
    let zone = Zone::iana(ZONE).expect("known");
    let (from, to) = zone.bounds(day());
    let register = NewRegister {
        direction: Direction::Delivered,
        unit: Unit::WattHour,
        exponent: 0,
        interval_seconds: 900,
        dial_digits: 6,
    };
    let (_, registers) = store::meters::insert(tx, "E1", Commodity::Electricity, &[register]).await.expect("a meter");
    let delivery =
        NewDelivery { checksum: b"check", name: "test", sender: "test", format: "test", zone: ZONE, arrived_at: now() };
    let delivery = store::ingest::insert_delivery(tx, &delivery).await.expect("a delivery");
    let mut block = DayBlock::between(from, to, 900, 0);
    for i in 0..block.len() {
        block.set(i, 100, Quality::Validated);
    }
    let row = NewDay {
        register: registers[0],
        day: store::usage::day_number(day()),
        sum: block.sum() + off,
        block: block.encode(),
    };
    store::ingest::insert_days(tx, delivery, &[row]).await.expect("a day");
}

async fn payment(tx: &mut Tx<'_>, account: AccountId) {
    let paid = NewPayment {
        number: "P-1",
        account,
        person: None,
        amount: Cents(4_200),
        status: Status::Succeeded,
        form_key: "form",
        provider: "test",
        method: None,
        at: now(),
        expires_at: now() + TimeDelta::days(1),
    };
    store::payments::insert(tx, &paid).await.expect("written").expect("new");
}

/// The journal of a payment, under the key that the books know it by.
async fn posted(tx: &mut Tx<'_>, account: AccountId, number: &str) {
    let entries = [debit(Book::ProcessorClearing, Cents(4_200)), credit(Book::CustomerCredit, Cents(4_200))];
    let journal = Journal::new(account, JournalKind::Payment, day(), entries).expect("balanced");
    let key = format!("payment:{number}:confirmed");
    store::ledger::insert(tx, &journal, &key, now(), None, None).await.expect("written").expect("new");
}

store::both_engines! {
    async fn a_sound_database_has_no_faults_and_everything_is_counted(pool: Pool) {
        let cx = cx(pool);
        let mut tx = cx.pool.write().await.expect("a transaction");
        let account = account(&mut tx).await;
        usage(&mut tx, 0).await;
        payment(&mut tx, account).await;
        posted(&mut tx, account, "P-1").await;
        tx.commit().await.expect("committed");
        let found = all(&cx, &Principal::System).await.expect("checked");
        assert_eq!(found.faults, Vec::<String>::new());
        let counts: Vec<(&str, i64)> = found.counts.iter().map(|(what, n)| (what.as_str(), *n)).collect();
        let audit = ("sealed audit rows", 0);
        assert_eq!(counts, [("entries", 2), ("bills", 0), ("usage days", 1), ("of them packed", 0), ("usage changes", 0), ("readings of dials", 0), audit]);
    }

    async fn a_payment_outside_the_books_is_found(pool: Pool) {
        let cx = cx(pool);
        let mut tx = cx.pool.write().await.expect("a transaction");
        let account = account(&mut tx).await;
        payment(&mut tx, account).await;
        tx.commit().await.expect("committed");
        let found = all(&cx, &Principal::System).await.expect("checked");
        assert_eq!(found.faults, ["payment P-1 succeeded and is not in the books"]);
    }

    async fn a_journal_of_no_payment_is_found(pool: Pool) {
        let cx = cx(pool);
        let mut tx = cx.pool.write().await.expect("a transaction");
        let account = account(&mut tx).await;
        posted(&mut tx, account, "P-2").await;
        tx.commit().await.expect("committed");
        let found = all(&cx, &Principal::System).await.expect("checked");
        assert_eq!(found.faults, ["the books have payment:P-2:confirmed without a payment that succeeded"]);
    }

    async fn readings_that_no_dial_shows_and_histories_with_holes_are_found(pool: Pool) {
        let cx = cx(pool);
        let mut tx = cx.pool.write().await.expect("a transaction");
        usage(&mut tx, 0).await;
        let delivery = store::ingest::unfinished(&mut tx).await.expect("read")[0];
        let known = store::meters::by_numbers(&mut tx, &["E1".to_owned()]).await.expect("read");
        assert!(known.is_empty(), "it hangs nowhere");
        let register = store::testing::only_register(&mut tx).await;
        let read = |at, value| NewRead { register, at, value, quality: Quality::Validated as u8 };
        let reads = [read(1_772_323_200, 1_000), read(1_772_409_600, 1_200), read(1_772_496_000, 999_999)];
        store::ingest::insert_reads(&mut tx, delivery, &reads).await.expect("reads");
        let stored = store::ingest::reads_at(&mut tx, &[(register, 1_772_409_600)]).await.expect("read")[0];
        store::ingest::replace_read(&mut tx, delivery, now(), &stored, &read(1_772_409_600, 1_210)).await.expect("changed");
        tx.commit().await.expect("committed");
        let found = all(&cx, &Principal::System).await.expect("checked");
        assert_eq!(found.faults, Vec::<String>::new());
        assert!(found.counts.contains(&("readings of dials".to_owned(), 3)), "{:?}", found.counts);

        let mut tx = cx.pool.write().await.expect("a transaction");
        for sql in [
            "UPDATE register_read SET value = 1000000 WHERE read_at = 1772496000",
            "UPDATE register_read SET value = 1200, quality = 2 WHERE read_at = 1772409600",
        ] {
            store::testing::tamper(&mut tx, sql).await;
        }
        tx.commit().await.expect("committed");
        let said: Vec<String> = all(&cx, &Principal::System).await.expect("checked").faults;
        let said: Vec<&str> = said.iter().filter_map(|f| f.split_once("00:00: ").map(|(_, what)| what)).collect();
        let worse = "change 1 put a worse reading in the place of a better one";
        assert_eq!(said, ["change 1 changes nothing", worse, "a dial of 6 digits does not show 1000000"]);
    }

    async fn a_sum_that_is_not_that_of_its_values_is_found(pool: Pool) {
        let cx = cx(pool);
        let mut tx = cx.pool.write().await.expect("a transaction");
        usage(&mut tx, 7).await;
        tx.commit().await.expect("committed");
        let found = all(&cx, &Principal::System).await.expect("checked");
        assert_eq!(found.faults.len(), 1, "{:?}", found.faults);
        assert!(found.faults[0].ends_with("2026-03-01: the values add up to 9600, the stored sum is 9607"), "{:?}", found.faults);
    }
}
