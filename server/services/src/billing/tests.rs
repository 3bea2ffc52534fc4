//! Homes for tests; and what is asked about bills, on both engines.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::{AppError, Problem};
use domain::access::AccountRole;
use domain::billing::explain::Cause;
use domain::billing::proof::Verdict;
use domain::calendar::{DayRange, Zone};
use domain::ids::{AccountId, SessionId};
use domain::ledger::one_off::OneOff;
use domain::ledger::statement::Moved;
use domain::ledger::{Book, Journal, JournalKind, credit, debit};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::money::{Cents, FineAmount};
use domain::quantity::{Commodity, Direction, ServiceKind, Unit};
use store::accounts::{NewAccount, NewAgreement};
use store::ingest::{NewDay, NewDelivery, NewRead};
use store::meters::NewRegister;
use store::people::{NewPerson, PersonKind};
use store::{Pool, Tx};

use super::Options;
use crate::adapters::Outside;
use crate::clock::Entropy;
use crate::{Cx, FixedClock, Principal, Settings, Work};

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(super) fn cx(pool: &Pool, now: &str) -> Cx {
    Cx {
        pool: pool.clone(),
        clock: Arc::new(FixedClock::at(now.parse().expect("a time"))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: Outside::default(),
    }
}

/// A home with every service and a reading of 400 Wh each quarter-hour, 0.05 therms and 7 gallons each hour.
async fn home(tx: &mut Tx<'_>, number: &str, opened: &str, data: DayRange, holes: &[NaiveDate]) -> AccountId {
    home_on(tx, "E-1", number, opened, data, holes).await
}

/// A home as [`home`] on an electric schedule; on net metering it sends back 500 Wh each quarter-hour.
async fn home_on(
    tx: &mut Tx<'_>,
    electric: &str,
    number: &str,
    opened: &str,
    data: DayRange,
    holes: &[NaiveDate],
) -> AccountId {
    let zone = Zone::iana("America/Los_Angeles").expect("known");
    let new = NewAccount {
        number,
        name: "Mara Lindqvist",
        opened_on: day(opened),
        cycle_day: 12,
        paperless: true,
        street: "14 Heron Way",
        city: "Alder Bay",
        postcode: "94000",
    };
    let account = store::accounts::insert(tx, &new).await.expect("an account");
    let premise = store::accounts::insert_premise(tx, "14 Heron Way", "Alder Bay", "94000", "America/Los_Angeles")
        .await
        .expect("a premise");
    let facts = serde_json::json!({ "eru": "1.0", "cart": "32", "meter_size": "5/8" });
    let since = zone.start_of(day(opened));
    let delivery = NewDelivery {
        checksum: number.as_bytes(),
        name: "test",
        sender: "test",
        format: "test",
        zone: "America/Los_Angeles",
        arrived_at: since,
    };
    let delivery = store::ingest::insert_delivery(tx, &delivery).await.expect("a delivery");
    for (service, schedule) in [
        (ServiceKind::Electricity, electric),
        (ServiceKind::Gas, "G-1"),
        (ServiceKind::Water, "W-1"),
        (ServiceKind::Wastewater, "S-1"),
        (ServiceKind::Refuse, "R-1"),
        (ServiceKind::Storm, "D-1"),
    ] {
        let mut point = None;
        if let Some(commodity) = service.commodity() {
            let (unit, exponent, seconds, value) = match commodity {
                Commodity::Electricity => (Unit::WattHour, 0, 900, 400),
                Commodity::Gas => (Unit::Therm, -3, 3600, 50),
                Commodity::Water => (Unit::Gallon, 0, 3600, 7),
            };
            let name = format!("{number}-{}", commodity.slug());
            let id = store::meters::insert_point(tx, &name, premise, commodity).await.expect("a point");
            let register = NewRegister {
                direction: Direction::Delivered,
                unit,
                exponent,
                interval_seconds: seconds,
                dial_digits: 8,
            };
            let mut counts = vec![register];
            if schedule.contains("NEM") {
                counts.push(NewRegister { direction: Direction::Received, ..register });
            }
            let (meter, registers) = store::meters::insert(tx, &name, commodity, &counts).await.expect("a meter");
            store::meters::install(tx, meter, id, since).await.expect("installed");
            let mut days = Vec::new();
            let mut reads = Vec::new();
            let mut dial = 1_000;
            for d in data.days() {
                let (from, to) = zone.bounds(d);
                reads.push(NewRead { register: registers[0], at: from.timestamp(), value: dial, quality: 3 });
                let mut block = DayBlock::between(from, to, seconds, exponent);
                for i in 0..block.len() {
                    block.set(i, value, Quality::Validated);
                }
                dial += block.sum();
                if !holes.contains(&d) {
                    let number = store::usage::day_number(d);
                    days.push(NewDay { register: registers[0], day: number, sum: block.sum(), block: block.encode() });
                    if let Some(sent) = registers.get(1) {
                        (0..block.len()).for_each(|i| block.set(i, 500, Quality::Validated));
                        days.push(NewDay { register: *sent, day: number, sum: block.sum(), block: block.encode() });
                    }
                }
            }
            store::ingest::insert_days(tx, delivery, &days).await.expect("days");
            store::ingest::insert_reads(tx, delivery, &reads).await.expect("reads");
            point = Some(id);
        }
        let agreement = NewAgreement { account, premise, point, service, schedule, facts: &facts, since };
        store::accounts::insert_agreement(tx, &agreement).await.expect("an agreement");
    }
    account
}

pub(super) async fn seeded_on(
    electric: &str,
    pool: &Pool,
    number: &str,
    data: DayRange,
    holes: &[NaiveDate],
) -> AccountId {
    let mut tx = pool.write().await.expect("a transaction");
    let account = home_on(&mut tx, electric, number, &data.from.to_string(), data, holes).await;
    tx.commit().await.expect("committed");
    account
}

pub(super) async fn seeded(pool: &Pool, number: &str, opened: &str, data: DayRange, holes: &[NaiveDate]) -> AccountId {
    let mut tx = pool.write().await.expect("a transaction");
    let account = home(&mut tx, number, opened, data, holes).await;
    tx.commit().await.expect("committed");
    account
}

pub(super) async fn run(cx: &Cx, through: &str) -> super::Report {
    let options = Options { backdate: true, ..Options::through(day(through)) };
    super::run(cx, &Principal::System, &options).await.expect("a run")
}

/// Somebody who may see the account.
pub(super) async fn holder(pool: &Pool, account: AccountId) -> Principal {
    let mut tx = pool.write().await.expect("a transaction");
    let since = "2026-01-01T00:00:00Z".parse().expect("a time");
    let new = NewPerson { kind: PersonKind::Resident, given_name: "Mara", family_name: "L", email: None, phone: None };
    let person = store::people::insert(&mut tx, &new, since).await.expect("a person");
    store::accounts::grant(&mut tx, account, person, AccountRole::Holder, since).await.expect("a role");
    tx.commit().await.expect("committed");
    Principal::Resident { person, session: SessionId(1) }
}

pub(super) async fn reading(cx: &Cx) -> Work {
    cx.begin(&super::run::PREPARE, &Principal::System).await.expect("a transaction")
}

store::both_engines! {
    async fn days_sum_to_the_bill_and_the_open_period_is_so_far(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded(&pool, "100201", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        run(&cx, "2026-03-20").await;
        let mut work = reading(&cx).await;
        let range = DayRange { from: day("2026-02-20"), to: day("2026-03-21") };
        for commodity in Commodity::ALL {
            let spans = crate::billing::costs(&mut work, account, commodity, range).await.expect("costs");
            assert_eq!(spans.len(), 2);
            assert_eq!((spans[0].costs.billed, spans[1].costs.billed), (true, false));
            assert_eq!(spans[1].period, DayRange { from: day("2026-03-12"), to: day("2026-04-12") });
            let sum: i64 = spans[0].costs.days.iter().map(|d| d.usage.0 + d.export.0 + d.fixed.0).sum();
            let row = store::bills::by_number(&mut work.tx, account, "100201-002").await.expect("read").expect("there");
            let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await.expect("parts");
            let kept = crate::billing::prepare::kept(detail).expect("kept");
            let s = kept.services.iter().find(|s| s.service == ServiceKind::from(commodity)).expect("billed");
            assert_eq!(sum, s.total.0 * FineAmount::PER_CENT);
            assert!(spans[1].costs.day(day("2026-03-15")).expect("a day").usage.0 > 0);
        }
    }

    async fn a_hole_is_filled_from_the_dial(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100202", "2026-01-12", data, &[day("2026-01-20"), day("2026-01-21")]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-02-20").await.bills, 1);
        let mut work = reading(&cx).await;
        let row = store::bills::by_number(&mut work.tx, account, "100202-001").await.expect("read").expect("there");
        let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await.expect("parts");
        let kept = crate::billing::prepare::kept(detail).expect("kept");
        assert_eq!(kept.services[0].delivered.map(|d| d.to_string()).as_deref(), Some("1190.4"));
    }

    async fn a_bill_is_held_against_dials_and_intervals(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded(&pool, "100209", "2026-01-12", data, &[day("2026-02-20"), day("2026-02-21")]).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-03-20").await.bills, 2);
        let who = holder(&pool, account).await;
        let whole = crate::billing::proof(&cx, &who, "100209", "100209-001").await.expect("a view");
        assert_eq!(whole.services.iter().map(|s| s.verdict).collect::<Vec<_>>(), [Verdict::Same; 3]);
        let electricity = &whole.services[0];
        assert_eq!((electricity.billed.to_string(), electricity.dials), ("1190.4".to_owned(), Some(electricity.billed)));
        let holes = crate::billing::proof(&cx, &who, "100209", "100209-002").await.expect("a view");
        let verdicts: Vec<_> = holes.services.iter().map(|s| s.verdict).collect();
        let by_dial = |missing| Verdict::MissingByDial { missing };
        assert_eq!(verdicts, [by_dial(2 * 96), by_dial(2 * 24), by_dial(2 * 24)]);
        assert_eq!(holes.services[0].intervals.to_string(), "996.8", "26 days of 38.4 kWh, one of them an hour short");
        let other = holder(&pool, seeded(&pool, "100210", "2026-01-12", data, &[]).await).await;
        let refused = crate::billing::proof(&cx, &other, "100209", "100209-001").await.map_err(AppError::from);
        assert_eq!(refused.map(drop), Err(AppError::NotFound));
    }

    async fn the_difference_of_two_bills_is_told_to_the_cent(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-04-20") };
        let account = seeded(&pool, "100211", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-04-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-04-20").await.bills, 3);
        let who = holder(&pool, account).await;
        let view = crate::billing::why(&cx, &who, "100211", "100211-002", None).await.expect("a view");
        let other = view.other.expect("the bill before");
        assert_eq!(other.number, "100211-001");
        let told: Cents = view.causes.iter().map(|c| c.1).sum();
        assert_eq!(told, view.this.total - other.total);
        assert_eq!(view.services.iter().map(|s| s.after - s.before).sum::<Cents>(), told);
        // 28 days instead of 31; in one of them the clock skips an hour, so that a little less is used a day.
        let part = |cause| view.causes.iter().find(|c| c.0 == cause).map_or(Cents::ZERO, |c| c.1);
        assert!(part(Cause::Days) < part(Cause::Use) && part(Cause::Use) < Cents::ZERO, "{:?}", view.causes);
        assert_eq!(part(Cause::Other), Cents::ZERO);
        let chosen = crate::billing::why(&cx, &who, "100211", "100211-002", Some("100211-003")).await.expect("a view");
        assert_eq!(chosen.other.map(|o| o.number).as_deref(), Some("100211-003"));
        let first = crate::billing::why(&cx, &who, "100211", "100211-001", None).await.expect("a view");
        assert_eq!((first.other, first.others.len()), (None, 2));
        let missing = crate::billing::why(&cx, &who, "100211", "100211-001", Some("100210-001")).await;
        assert_eq!(missing.map(drop).map_err(AppError::from), Err(AppError::NotFound));
    }

    async fn the_next_bill_is_foreseen_from_its_first_days(pool: Pool) {
        let data = DayRange { from: day("2025-01-12"), to: day("2026-03-25") };
        let account = seeded(&pool, "100212", "2025-01-12", data, &[]).await;
        let early = cx(&pool, "2026-03-15T20:00:00Z");
        run(&early, "2026-03-15").await;
        let late = cx(&pool, "2026-03-25T20:00:00Z");
        let mut work = reading(&late).await;
        let coming = crate::billing::forecast::coming_with_record(&mut work, account).await.expect("asked").expect("foreseen");
        assert_eq!(coming.period, DayRange { from: day("2026-03-12"), to: day("2026-04-12") });
        assert_eq!((coming.known, coming.tried), (13, 12));
        // The same use every day; in a few periods the clock is changed.
        assert!(coming.within >= 9 && coming.low <= coming.likely && coming.likely <= coming.high, "{coming:?}");
        assert!((coming.high - coming.low).0 * 50 < coming.likely.0, "{coming:?}");
        let soon = cx(&pool, "2026-03-16T20:00:00Z");
        let mut work = reading(&soon).await;
        let other = seeded(&pool, "100213", "2026-03-01", DayRange { from: day("2026-03-01"), to: day("2026-03-16") }, &[]).await;
        assert_eq!(crate::billing::forecast::coming(&mut work, other).await.expect("asked"), None, "no bill yet");
    }

    async fn a_record_counts_the_bills_that_came_within_what_would_have_been_told(pool: Pool) {
        let data = DayRange { from: day("2025-01-12"), to: day("2026-03-25") };
        let steady = seeded(&pool, "100214", "2025-01-12", data, &[]).await;
        let surprised = seeded(&pool, "100215", "2025-01-12", data, &[]).await;
        let late = cx(&pool, "2026-03-25T20:00:00Z");
        // Late in three periods, one after the other, more is used than ever before.
        for (on, value) in [("2025-12-07", 900), ("2026-01-07", 2_000), ("2026-02-07", 4_000)] {
            crate::billing::correct_tests::change(&late, surprised, on, value).await;
        }
        run(&late, "2026-03-25").await;
        let mut work = reading(&late).await;
        let mut record = async |account| {
            let told = crate::billing::forecast::coming_with_record(&mut work, account).await.expect("asked");
            told.map(|t| (t.tried, t.within)).expect("foreseen")
        };
        let (tried, within) = record(steady).await;
        assert_eq!(record(surprised).await, (tried, within - 3));
    }

    async fn credit_is_used_up_by_the_next_bill(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100206", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let mut work = cx.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let journal = Journal::new(
            account,
            JournalKind::Payment,
            day("2026-01-20"),
            [debit(Book::ProcessorClearing, Cents(10_000)), credit(Book::CustomerCredit, Cents(10_000))],
        )
        .expect("balanced");
        assert!(matches!(crate::ledger::post(&mut work, &journal, "payment:1", None).await, Ok(crate::ledger::Posted::Now(_))));
        assert!(matches!(crate::ledger::post(&mut work, &journal, "payment:1", None).await, Ok(crate::ledger::Posted::Before)));
        work.commit().await.expect("committed");
        let report = run(&cx, "2026-02-20").await;
        let mut work = reading(&cx).await;
        let balance = crate::ledger::balance(&mut work, account).await.expect("a balance");
        assert_eq!(balance.credit, Cents::ZERO);
        assert_eq!(balance.total(), report.total - Cents(10_000));
        let bills = store::bills::list(&mut work.tx, account).await.expect("bills");
        assert_eq!(bills[0].carried, Cents(-10_000));
        drop(work);
        let checked = crate::check::ledger(&cx, &Principal::System).await.expect("checked");
        assert_eq!(checked.faults, Vec::<String>::new());
    }

    async fn a_bill_says_what_came_since_the_one_before(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded(&pool, "100208", "2026-01-12", data, &[]).await;
        let early = cx(&pool, "2026-02-20T20:00:00Z");
        run(&early, "2026-02-20").await;
        let who = holder(&pool, account).await;
        let first = crate::billing::show(&early, &who, "100208", "100208-001").await.expect("a view");
        assert_eq!(first.since, None);
        let mut work = early.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let now = work.now;
        crate::payments::record(&mut work, account, Cents(5_000), now, "Test", "k1").await.expect("paid");
        work.commit().await.expect("committed");
        let staff = crate::billing::correct_tests::employee(&pool, "Dana").await;
        let act = |key: &str, amount: &str, reason: &str| crate::collections::StaffAct {
            action: "credit".into(),
            message: "Every home with gas".into(),
            reason: reason.into(),
            amount: amount.into(),
            form_key: key.into(),
            ..Default::default()
        };
        let refused = crate::collections::act(&early, &staff, "100208", &act("k2", "73.20", "climate")).await;
        assert_eq!(refused.map_err(AppError::from), Err(AppError::Forbidden), "not every employee gives money away");
        let mut tx = pool.write().await.expect("a transaction");
        let person = staff.actor().expect("an employee");
        store::permissions::grant(&mut tx, person, store::permissions::Permission::Refunds, now).await.expect("granted");
        tx.commit().await.expect("committed");
        for (asked, problem) in [(act("k2", "73.20", "none"), Problem::Missing), (act("k2", "0", "climate"), Problem::OutOfRange)] {
            let refused = crate::collections::act(&early, &staff, "100208", &asked).await.map_err(AppError::from);
            assert!(matches!(&refused, Err(AppError::Invalid(all)) if all[0].problem == problem), "{refused:?}");
        }
        // The same form twice is one credit.
        for _ in 0..2 {
            crate::collections::act(&early, &staff, "100208", &act("k2", "73.20", "climate")).await.expect("given");
        }
        let late = cx(&pool, "2026-03-20T20:00:00Z");
        run(&late, "2026-03-20").await;
        let second = crate::billing::show(&late, &who, "100208", "100208-002").await.expect("a view");
        let since = second.since.expect("there is one before");
        assert_eq!(since.before, first.summary.total);
        assert_eq!(since.moved, [(Moved::Paid, Cents(-5_000)), (Moved::Credit(OneOff::Climate), Cents(-7_320))]);
        assert_eq!((since.carried(), second.carried), (second.carried, first.summary.total - Cents(12_320)));
        let checked = crate::check::ledger(&late, &Principal::System).await.expect("checked");
        assert_eq!(checked.faults, Vec::<String>::new());
    }

    async fn what_is_due_is_one_tap_away_from_pages_without_a_way_to_pay(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100209", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let who = holder(&pool, account).await;
        let at_head = async || crate::requests::list(&cx, &who, "100209").await.expect("a view").head.pay;
        assert_eq!(at_head().await, None, "nothing is billed yet");
        run(&cx, "2026-02-20").await;
        let home = crate::home::show(&cx, &who, "100209").await.expect("a view");
        let asked = home.due.asked;
        assert!(asked > Cents(5_000));
        assert_eq!(at_head().await, Some(asked));
        let settings = crate::settings_page::show(&cx, &who, "100209").await.expect("a view");
        assert_eq!(settings.account.pay, Some(asked));
        // Home, the list of bills and a bill that is open have their own.
        let list = crate::billing::list(&cx, &who, "100209").await.expect("a view");
        let bill = crate::billing::show(&cx, &who, "100209", "100209-001").await.expect("a view");
        assert_eq!((home.account.pay, list.account.pay, bill.account.pay), (None, None, None));
        for (key, part, left) in [("k1", Cents(5_000), Some(asked - Cents(5_000))), ("k2", asked - Cents(5_000), None)] {
            let mut work = cx.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
            let now = work.now;
            crate::payments::record(&mut work, account, part, now, "Test", key).await.expect("paid");
            work.commit().await.expect("committed");
            assert_eq!(at_head().await, left);
        }
    }

    async fn a_reversal_gives_back_what_was_posted(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100207", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        run(&cx, "2026-02-20").await;
        let mut work = cx.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let on = day("2026-02-21");
        crate::ledger::reverse(&mut work, "bill:100207-001", on).await.expect("reversed");
        let again = crate::ledger::reverse(&mut work, "bill:100207-001", on).await.expect("known");
        assert_eq!(again, crate::ledger::Posted::Before);
        assert_eq!(crate::ledger::balance(&mut work, account).await.expect("a balance").total(), Cents::ZERO);
        assert!(crate::ledger::reverse(&mut work, "bill:nobody", on).await.is_err());
    }
}
