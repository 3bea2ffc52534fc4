//! From readings to bills and books, on both engines.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::AppError;
use domain::access::AccountRole;
use domain::billing::LineKind;
use domain::billing::costs::Part;
use domain::billing::explain::Cause;
use domain::billing::proof::Verdict;
use domain::calendar::{DayRange, Zone};
use domain::ids::{AccountId, SessionId};
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

use super::{Hold, Options};
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

/// The electric lines of a bill: what they are for, how much, and cents; and what is kept of it.
async fn electric(cx: &Cx, account: AccountId, number: &str) -> (Vec<(String, String, i64)>, super::prepare::Kept) {
    let mut work = reading(cx).await;
    let row = store::bills::by_number(&mut work.tx, account, number).await.expect("read").expect("there");
    let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await.expect("parts");
    let (bill, _) = super::show::stored(&mut work, &row).await.expect("a bill");
    let lines = bill.services[0].lines.iter().map(|l| {
        let what = l.picked.clone().unwrap_or_else(|| format!("{:?}", l.label));
        (what, l.quantity.map(|q| q.to_string()).unwrap_or_default(), l.amount.0)
    });
    (lines.collect(), super::prepare::kept(detail).expect("kept"))
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
    async fn prices_by_the_hour_are_billed_from_the_hours(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let holes = [day("2026-01-20"), day("2026-01-21")];
        let account = seeded_on("E-1-TOU", &pool, "100230", data, &holes).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-03-20").await.bills, 2);
        let (lines, kept) = electric(&cx, account, "100230-001").await;
        // 1.6 kWh an hour for 31 days: five hours of peak at 27.01 cents, thirteen of off-peak at 20.46, six at 15.00. What two days lack
        // is known from the dial.
        let line = |what: &str, kwh: &str, cents| (what.to_owned(), kwh.to_owned(), cents);
        assert_eq!(
            lines[..3],
            [
                line("winter peak", "248", 6_698),
                line("winter off-peak", "644.8", 13_193),
                line("winter super off-peak", "297.6", 4_464),
            ]
        );
        assert_eq!((kept.sources[0].count, kept.sources[0].sum), (29, 29 * 96 * 400));
        assert_eq!(kept.sources.len(), 3, "electricity, gas and water");
        // Days and hours sum to the bill, and the peak costs more.
        let mut work = reading(&cx).await;
        let range = DayRange { from: day("2026-01-12"), to: day("2026-03-21") };
        let spans = crate::billing::costs(&mut work, account, Commodity::Electricity, range).await.expect("costs");
        assert_eq!((spans.len(), spans[2].costs.billed), (3, false));
        let sum: i64 = spans[0].costs.days.iter().map(|d| d.usage.0 + d.export.0 + d.fixed.0).sum();
        assert_eq!(sum, kept.services[0].total.0 * FineAmount::PER_CENT);
        let hours: Vec<Part> =
            (0..24).map(|h| Part { minute: h * 60, delivered: Some(1_600_000), received: None }).collect();
        let cut = spans[0].costs.intervals(day("2026-01-15"), &hours);
        let at = |hour: usize| cut[hour].usage.expect("known").0;
        assert!(at(17) > at(8) && at(8) > at(12), "{cut:?}");
        // 1.6 kWh at 27.01 cents and 5 % of tax.
        assert!((at(17) - 45_377).abs() <= 2, "{}", at(17));
        assert!(spans[2].costs.day(day("2026-03-15")).expect("a day").usage.0 > 0);
        drop(work);
        let who = holder(&pool, account).await;
        let view = crate::billing::why(&cx, &who, "100230", "100230-002", None).await.expect("a view");
        assert!(view.causes.iter().all(|c| c.0 != Cause::Other), "{:?}", view.causes);
    }

    async fn the_highest_load_is_billed(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded_on("E-4", &pool, "100231", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-02-20").await.bills, 1);
        let (lines, _) = electric(&cx, account, "100231-001").await;
        // 400 Wh in a quarter of an hour are 1.6 kW, at 15.25 dollars; 1190.4 kWh at 12.52 cents.
        let line = |what: &str, quantity: &str, cents| (what.to_owned(), quantity.to_owned(), cents);
        assert_eq!(lines[..2], [line("winter", "1.6", 2_440), line("winter", "1190.4", 14_904)]);
    }

    async fn what_is_sent_back_is_carried_on_and_settled_once_a_year(pool: Pool) {
        let data = DayRange { from: day("2025-10-12"), to: day("2026-01-20") };
        let account = seeded_on("E-1-NEM1", &pool, "100232", data, &[]).await;
        let cx = cx(&pool, "2026-01-20T20:00:00Z");
        // One by one, as nights go by, and once more: what is carried is read back.
        for through in ["2025-11-20", "2025-12-20", "2026-01-20", "2026-01-20"] {
            run(&cx, through).await;
        }
        // 100 Wh more than was used each quarter-hour; the first period has the day of 25 hours.
        let (lines, first) = electric(&cx, account, "100232-001").await;
        assert_eq!(lines, [("Some(Energy)".to_owned(), "0".to_owned(), 0)]);
        assert_eq!((first.bank_before.len(), first.bank.values().sum::<i64>()), (0, 298_000_000));
        let (lines, second) = electric(&cx, account, "100232-002").await;
        assert_eq!(second.bank_before, first.bank);
        assert_eq!(lines[1], ("Some(Surplus)".to_owned(), "586".to_owned(), -3_422), "586 kWh at 5.84 cents");
        let (_, third) = electric(&cx, account, "100232-003").await;
        assert_eq!((third.bank_before.len(), third.bank.values().sum::<i64>()), (0, 297_600_000));
        let checked = crate::check::ledger(&cx, &Principal::System).await.expect("checked");
        assert_eq!(checked.faults, Vec::<String>::new());
    }

    async fn two_agreements_for_the_same_days_are_held(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100233", "2026-01-12", data, &[]).await;
        let mut tx = pool.write().await.expect("a transaction");
        let row = store::bills::agreements(&mut tx, account).await.expect("agreements").remove(0);
        let new = NewAgreement {
            account,
            premise: row.premise_id,
            point: None,
            service: ServiceKind::Refuse,
            schedule: "R-1",
            facts: &serde_json::json!({ "cart": "20" }),
            since: row.since,
        };
        store::accounts::insert_agreement(&mut tx, &new).await.expect("an agreement");
        tx.commit().await.expect("committed");
        let report = run(&cx(&pool, "2026-02-20T20:00:00Z"), "2026-02-20").await;
        assert_eq!(report.held, [("100233".to_owned(), Hold::OverlappingAgreements)]);
    }

    async fn months_of_readings_become_bills_once(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-04-20") };
        let account = seeded(&pool, "100200", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-04-20T20:00:00Z");
        let first = run(&cx, "2026-04-20").await;
        assert_eq!((first.bills, first.held.len(), first.failed.len()), (3, 0, 0), "{first:?}");
        let second = run(&cx, "2026-04-20").await;
        assert_eq!(second.bills, 0, "a second run changes nothing");

        let mut work = reading(&cx).await;
        let zone = Zone::iana("America/Los_Angeles").expect("known");
        let (due, bills) = crate::billing::summaries(&mut work, account, &zone).await.expect("bills");
        assert_eq!(bills.iter().map(|b| b.total).sum::<Cents>(), first.total);
        assert_eq!(due.balance, first.total);
        assert_eq!(due.latest_bill.as_deref(), Some("100200-003"));
        assert_eq!(bills[2].period, DayRange { from: day("2026-01-12"), to: day("2026-02-12") });
        assert_eq!(bills[2].due_on, day("2026-03-07"));
        assert!(due.overdue > Cents::ZERO && due.overdue < due.balance);

        // 31 days of 96 quarter-hours of 400 Wh.
        let row = store::bills::by_number(&mut work.tx, account, "100200-001").await.expect("read").expect("there");
        let (detail, lines, reads) = store::bills::parts(&mut work.tx, row.id).await.expect("parts");
        let kept = crate::billing::prepare::kept(detail).expect("kept");
        assert_eq!(kept.services[0].delivered.map(|d| d.to_string()).as_deref(), Some("1190.4"));
        assert_eq!(kept.services[2].delivered.map(|d| d.to_string()).as_deref(), Some("6.962567"));
        assert_eq!((kept.services.len(), reads.len()), (6, 3));
        assert!(lines.len() > 10);
        drop(work);

        let checked = crate::check::ledger(&cx, &Principal::System).await.expect("checked");
        assert_eq!(checked.faults, Vec::<String>::new());
        assert_eq!(checked.counts[1], ("bills".to_owned(), 3));
    }

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
        let coming = crate::billing::forecast::coming(&mut work, account).await.expect("asked").expect("foreseen");
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

    async fn an_account_without_readings_is_held_not_billed_for_nothing(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-01-12") };
        seeded(&pool, "100203", "2026-01-12", data, &[]).await;
        let late = DayRange { from: day("2026-01-12"), to: day("2026-02-02") };
        seeded(&pool, "100204", "2026-01-12", late, &[]).await;
        let cx = cx(&pool, "2026-02-16T20:00:00Z");
        let report = run(&cx, "2026-02-16").await;
        assert_eq!(report.bills, 0);
        let held: Vec<_> = report.held.iter().map(|(n, h)| (n.as_str(), *h)).collect();
        assert_eq!(held, [("100203", Hold::NoReadings), ("100204", Hold::WaitingForReadings)]);
    }

    async fn an_old_customer_is_billed_from_the_first_whole_period_with_readings(pool: Pool) {
        let data = DayRange { from: day("2026-01-20"), to: day("2026-04-20") };
        let account = seeded(&pool, "100205", "2011-05-03", data, &[]).await;
        let cx = cx(&pool, "2026-04-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-04-20").await.bills, 2);
        let mut work = reading(&cx).await;
        let bills = store::bills::list(&mut work.tx, account).await.expect("bills");
        assert_eq!(bills[1].period_from, day("2026-02-12"));
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

    async fn a_dry_run_writes_nothing(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        seeded(&pool, "100208", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let options = Options { dry_run: true, ..Options::through(day("2026-02-20")) };
        let report = crate::billing::run(&cx, &Principal::System, &options).await.expect("a run");
        assert_eq!(report.bills, 1);
        let mut work = reading(&cx).await;
        assert_eq!(store::bills::faults(&mut work.tx).await.expect("checked").1, 0);
        assert_eq!(store::tariffs::latest(&mut work.tx).await.expect("files").len(), 0);
    }

    async fn an_imported_tariff_takes_the_place_of_the_bundled_one(pool: Pool) {
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let text = "[[schedule]]\ncode = \"S-1\"\nservice = \"wastewater\"\n[[schedule.version]]\nfrom = \"2020-07-01\"\n\
                    source = \"test\"\n[[schedule.version.charge]]\nlabel = \"wastewater\"\nbasis = \"month\"\nprice = \"1\"\n";
        let import = |text: &'static str| crate::tariffs::import(&cx, &Principal::System, "s-1", text);
        assert!(matches!(import(text).await, Ok(Ok(true))));
        assert!(matches!(import(text).await, Ok(Ok(false))));
        assert!(matches!(import("nonsense").await, Ok(Err(_))));
        let mut work = reading(&cx).await;
        let book = crate::tariffs::book(&mut work.tx).await.expect("a book");
        assert_eq!(book.schedule("S-1").expect("there").versions.len(), 1);
        assert!(book.schedule("E-1").is_some());
    }
}

#[test]
fn every_kind_of_line_is_stored_under_its_name() {
    for (kind, name) in [
        (LineKind::Usage, "usage"),
        (LineKind::Fixed, "fixed"),
        (LineKind::Export, "export"),
        (LineKind::Tax, "tax"),
        (LineKind::Assistance, "assistance"),
    ] {
        assert_eq!(serde_json::to_value(kind).expect("JSON"), name);
    }
}
