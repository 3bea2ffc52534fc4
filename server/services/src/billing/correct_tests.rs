//! Corrections, holds, shadow runs and the release of prices, on both engines.

use contract::AppError;
use contract::prices::LineChange;
use domain::billing::hold::{CorrectionReason, HoldReason};
use domain::calendar::{DayRange, Zone};
use domain::ids::{PersonId, SessionId};
use domain::ledger::{Journal, JournalKind, debit};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::money::Cents;
use domain::quantity::{Commodity, ServiceKind};
use store::Pool;
use store::bills::Status;
use store::ingest::NewDay;
use store::people::{NewPerson, PersonKind};

use super::rebill::{Ask, preview, rebill};
use super::tests::{cx, day, holder, reading, run, seeded, seeded_on};
use super::{Hold, Options, holds, shadow, versions};
use crate::tariffs::release::{self, Decision};
use crate::{Cx, Principal, jobs};

pub(super) async fn employee(pool: &Pool, name: &str) -> Principal {
    let mut tx = pool.write().await.expect("a transaction");
    let new = NewPerson { kind: PersonKind::Staff, given_name: name, family_name: "W", email: None, phone: None };
    let since = "2026-01-01T00:00:00Z".parse().expect("a time");
    let person: PersonId = store::people::insert(&mut tx, &new, since).await.expect("a person");
    tx.commit().await.expect("committed");
    Principal::Staff { person, session: SessionId(1) }
}

/// What a proposal does, worked out now, as the person who looks at it has it.
async fn looked_at(cx: &Cx, who: &Principal, id: i64) -> contract::prices::ProposalView {
    release::work_out_anew(cx, who, id).await.expect("asked");
    jobs::run_due(cx).await.expect("jobs run");
    release::list(cx, who, Some(id)).await.expect("a view").proposals.remove(0)
}

/// What the page of a proposal sends back with its release.
pub(super) async fn seen(cx: &Cx, who: &Principal, id: i64) -> String {
    looked_at(cx, who, id).await.outcome.and_then(|o| o.made).expect("worked out").2
}

pub(super) fn ask(expected: Option<Cents>) -> Ask {
    Ask { reason: CorrectionReason::Reads, note: "The meter was read again.".to_owned(), expected }
}

/// Another reading for a day: so many watt-hours in each quarter of an hour.
pub(super) async fn change(cx: &Cx, account: domain::ids::AccountId, on: &str, value: i64) {
    let mut tx = cx.pool.write().await.expect("a transaction");
    let spans = store::meters::registers_of_account(&mut tx, account, Commodity::Electricity).await.expect("registers");
    let zone = Zone::iana("America/Los_Angeles").expect("known");
    let (from, to) = zone.bounds(day(on));
    for (span, value) in spans.iter().zip([value, 500]) {
        let mut block = DayBlock::between(from, to, 900, 0);
        (0..block.len()).for_each(|i| block.set(i, value, Quality::Edited));
        let number = store::usage::day_number(day(on));
        let new = NewDay { register: span.register, day: number, sum: block.sum(), block: block.encode() };
        store::ingest::update_day(&mut tx, &new, 1).await.expect("changed");
    }
    tx.commit().await.expect("committed");
}

pub(super) async fn balance(cx: &Cx, account: domain::ids::AccountId) -> domain::ledger::Balance {
    crate::ledger::balance(&mut reading(cx).await, account).await.expect("a balance")
}

pub(super) async fn sound(cx: &Cx) {
    let checked = crate::check::ledger(cx, &Principal::System).await.expect("checked");
    assert_eq!(checked.faults, Vec::<String>::new());
}

store::both_engines! {
    async fn the_same_inputs_change_nothing(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        for (electric, number) in [("E-1", "100240"), ("E-1-TOU", "100241"), ("E-4", "100242"), ("E-1-NEM1", "100243")] {
            seeded_on(electric, &pool, number, data, &[day("2026-01-20")]).await;
        }
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-03-20").await.bills, 8);
        let staff = employee(&pool, "Dana").await;
        for number in ["100240", "100241", "100242", "100243"] {
            for bill in ["001", "002"] {
                let bill = format!("{number}-{bill}");
                let view = preview(&cx, &staff, number, &bill).await.expect("a view");
                assert!(view.same && view.problem.is_none() && view.after == Some(view.before), "{view:?}");
                let done = rebill(&cx, &staff, number, &bill, &ask(None)).await.expect("asked");
                assert_eq!(done.bills, []);
            }
        }
        sound(&cx).await;
    }

    async fn a_corrected_bill_takes_the_place_of_the_old_and_credits_are_conserved(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100244", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        run(&cx, "2026-02-20").await;
        let billed = balance(&cx, account).await;
        // Paid in full, to the cent.
        let mut work = cx.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let mut entries = domain::ledger::allocate(&billed, billed.total());
        entries.push(debit(domain::ledger::Book::ProcessorClearing, billed.total()));
        let payment = Journal::new(account, JournalKind::Payment, day("2026-02-18"), entries).expect("balanced");
        crate::ledger::post(&mut work, &payment, "payment:9", None).await.expect("posted");
        work.commit().await.expect("committed");
        assert_eq!(balance(&cx, account).await.total(), Cents::ZERO);

        // A day was read four times as high as it was.
        change(&cx, account, "2026-01-25", 100).await;
        let staff = employee(&pool, "Dana").await;
        let view = preview(&cx, &staff, "100244", "100244-001").await.expect("a view");
        let after = view.after.expect("computed");
        assert!(!view.same && after < view.before, "{view:?}");
        let stale = rebill(&cx, &staff, "100244", "100244-001", &ask(Some(view.before))).await;
        assert_eq!(stale.map_err(AppError::from), Err(AppError::Changed), "another amount was looked at");
        let done = rebill(&cx, &staff, "100244", "100244-001", &ask(Some(after))).await.expect("done");
        assert_eq!((done.bills.len(), done.bills[0].new.as_str(), done.bills[0].new_total), (1, "100244-001-2", after));
        // What was paid too much is held for the customer; nothing is owed.
        let now = balance(&cx, account).await;
        assert_eq!((now.total(), now.credit, now.owed.len()), (after - view.before, view.before - after, 0));
        let twice = rebill(&cx, &staff, "100244", "100244-001", &ask(None)).await;
        assert_eq!(twice.map_err(AppError::from), Err(AppError::Changed));
        let same = rebill(&cx, &staff, "100244", "100244-001-2", &ask(None)).await.expect("asked");
        assert_eq!(same.bills, []);
        // And once more, up: the credit is used and the rest is owed.
        change(&cx, account, "2026-01-25", 900).await;
        let done = rebill(&cx, &staff, "100244", "100244-001-2", &ask(None)).await.expect("done");
        assert_eq!(done.bills[0].new, "100244-001-3");
        let now = balance(&cx, account).await;
        assert_eq!((now.credit, now.total()), (Cents::ZERO, done.bills[0].new_total - view.before));
        let rows = store::bills::list(&mut reading(&cx).await.tx, account).await.expect("bills");
        let standing: Vec<&str> =
            rows.iter().filter(|b| b.status == Status::Issued).map(|b| b.number.as_str()).collect();
        assert_eq!((rows.len(), standing), (3, vec!["100244-001-3"]));
        sound(&cx).await;

        // The resident sees both side by side, and why.
        let who = holder(&pool, account).await;
        let seen = versions(&cx, &who, "100244", "100244-001-3").await.expect("a view");
        assert_eq!((seen.before.number.as_str(), seen.all.len()), ("100244-001-2", 3));
        assert_eq!((seen.reason, seen.note.as_str()), (Some(CorrectionReason::Reads), "The meter was read again."));
        let lines: Cents = seen.services.iter().flat_map(|s| &s.lines).map(|l| l.amount()).sum();
        assert_eq!(lines, seen.after.total - seen.before.total);
        let why = crate::billing::why(&cx, &who, "100244", "100244-001-3", Some("100244-001-2")).await.expect("a view");
        assert_eq!(why.causes.iter().map(|c| c.1).sum::<Cents>(), lines);
        let bill = crate::billing::show(&cx, &who, "100244", "100244-001-3").await.expect("a bill");
        assert!(bill.corrected);
        let refused = rebill(&cx, &who, "100244", "100244-001-3", &ask(None)).await.map_err(AppError::from);
        assert_eq!(refused, Err(AppError::Forbidden));
        // The next bill has the next number.
        let mut late = cx.clone();
        late.clock = std::sync::Arc::new(crate::FixedClock::at("2026-03-30T20:00:00Z".parse().expect("a time")));
        assert_eq!(run(&late, "2026-03-30").await.bills, 1);
        let rows = store::bills::list(&mut reading(&cx).await.tx, account).await.expect("bills");
        assert_eq!(rows[0].number, "100244-002");
    }

    async fn what_a_correction_frees_goes_to_the_oldest_bill_first(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded(&pool, "100248", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        run(&cx, "2026-03-20").await;
        let rows = store::bills::list(&mut reading(&cx).await.tx, account).await.expect("bills");
        let (first, second) = (rows.iter().min_by_key(|b| b.period_from), rows.iter().max_by_key(|b| b.period_from));
        let (first, second) = (first.expect("a bill"), second.expect("a bill"));
        // The first bill is paid, the second is not yet due.
        let mut work = cx.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let mut entries = crate::ledger::settle(&mut work, account, first.total, day("2026-03-20")).await.expect("debts");
        entries.push(debit(domain::ledger::Book::ProcessorClearing, first.total));
        let payment = Journal::new(account, JournalKind::Payment, day("2026-02-18"), entries).expect("balanced");
        crate::ledger::post(&mut work, &payment, "payment:9", None).await.expect("posted");
        work.commit().await.expect("committed");

        change(&cx, account, "2026-01-25", 1).await;
        let staff = employee(&pool, "Dana").await;
        let done = rebill(&cx, &staff, "100248", &first.number, &ask(None)).await.expect("done");
        assert!(done.bills[0].new_total < done.bills[0].old_total, "{done:?}");
        let mut work = reading(&cx).await;
        let open = crate::collections::open(&mut work, account, day("2026-03-20")).await.expect("debts");
        assert!(!open.is_empty() && open.iter().all(|d| d.due_on == second.due_on), "the paid bill is open again: {open:?}");
        let left: Cents = open.iter().map(|d| d.amount).sum();
        assert_eq!(left, second.total + done.bills[0].new_total - done.bills[0].old_total);
        sound(&cx).await;
    }

    async fn autopay_takes_all_of_a_bill_that_was_corrected_up(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100249", "2026-01-12", data, &[]).await;
        let first = cx(&pool, "2026-02-20T20:00:00Z");
        run(&first, "2026-02-20").await;
        let Principal::Resident { person, .. } = holder(&pool, account).await else { panic!("a resident") };
        let mut work = first.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let at = work.now;
        let setup = store::saved_methods::begin(&mut work.tx, "S-1", (person, account), "K1", (at, at)).await;
        let new = store::saved_methods::NewMethod {
            person,
            setup: setup.expect("begun").expect("new"),
            provider: "nobody",
            token: "tok",
            kind: domain::payment::MethodKind::Card,
            label: "Visa ending 4242",
            expires_on: None,
            at,
        };
        let method = store::saved_methods::insert(&mut work.tx, &new).await.expect("saved").expect("new");
        let terms = domain::payment::autopay::Terms { days_before: 0, limit: None, brake_percent: None };
        let new = store::autopay::NewAutopay {
            account, person, method, terms, after_due: None, carried_from: None, form_key: "K1", at,
        };
        store::autopay::insert(&mut work.tx, &new).await.expect("begun");
        crate::payments::later::plan(&mut work, account, day("2026-02-20")).await.expect("planned");
        work.commit().await.expect("committed");
        // A week later the bill turns out to be higher, and is due later.
        let week = cx(&pool, "2026-02-27T20:00:00Z");
        change(&week, account, "2026-01-25", 900).await;
        let staff = employee(&pool, "Dana").await;
        let done = rebill(&week, &staff, "100249", "100249-001", &ask(None)).await.expect("done");
        let (old, new) = (done.bills[0].old_total, done.bills[0].new_total);
        assert!(old < new);
        let rows = store::bills::list(&mut reading(&week).await.tx, account).await.expect("bills");
        let due = |number: &str| rows.iter().find(|b| b.number == number).map(|b| b.due_on);
        let open = store::planned::open(&mut reading(&week).await.tx, account).await.expect("planned");
        let planned: Vec<_> = open.iter().map(|p| (p.due_on, p.amount)).collect();
        assert_eq!(planned, [(due("100249-001-2"), new)], "the whole by its own day");
        let ended = store::planned::ended(&mut reading(&week).await.tx, account, 10).await.expect("planned");
        let ended: Vec<_> = ended.iter().map(|p| (p.due_on, p.amount, p.state)).collect();
        assert_eq!(ended, [(due("100249-001"), old, domain::payment::planned::State::Covered)]);
        let mut work = week.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let on = open[0].due_on.expect("a day");
        crate::payments::later::act(&mut work, &open[0], on, "P-1").await.expect("decided");
        let all = store::payments::of_account(&mut work.tx, account, 10).await.expect("payments");
        assert_eq!(all.iter().map(|p| p.amount).collect::<Vec<_>>(), [new]);
        work.commit().await.expect("committed");
        sound(&week).await;
    }

    async fn carried_units_correct_the_bills_behind_them(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-04-20") };
        let account = seeded_on("E-1-NEM1", &pool, "100245", data, &[]).await;
        let cx = cx(&pool, "2026-04-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-04-20").await.bills, 3);
        // More was used on one day than is sent back: less is carried on, through all bills.
        change(&cx, account, "2026-01-25", 900).await;
        let staff = employee(&pool, "Dana").await;
        assert_eq!(preview(&cx, &staff, "100245", "100245-001").await.expect("a view").later, 2);
        let done = rebill(&cx, &staff, "100245", "100245-001", &ask(None)).await.expect("done");
        let new: Vec<&str> = done.bills.iter().map(|b| b.new.as_str()).collect();
        assert_eq!(new, ["100245-001-2", "100245-002-2", "100245-003-2"]);
        let rows = store::bills::list(&mut reading(&cx).await.tx, account).await.expect("bills");
        let mut carried = domain::billing::intervals::Bank::new();
        for row in rows.iter().rev().filter(|b| b.status == Status::Issued) {
            let (detail, ..) = store::bills::parts(&mut reading(&cx).await.tx, row.id).await.expect("parts");
            let kept = crate::billing::prepare::kept(detail).expect("kept");
            assert_eq!(kept.bank_before, carried);
            carried = kept.bank;
        }
        sound(&cx).await;
    }

    async fn a_hold_is_stated_seen_and_lifted(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100246", "2026-01-12", data, &[]).await;
        let nothing = seeded(&pool, "100247", "2026-01-12", DayRange { from: day("2026-01-12"), to: day("2026-01-12") }, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let (staff, who) = (employee(&pool, "Dana").await, holder(&pool, account).await);
        for (reason, note, next) in [("", "x", "2026-02-27"), ("meter_test", " ", "2026-02-27"), ("meter_test", "x", "2026-02-19")] {
            let refused = holds::put(&cx, &staff, "100246", reason, note, next).await.map_err(AppError::from);
            assert!(matches!(refused, Err(AppError::Invalid(_))), "{reason} {note} {next}");
        }
        holds::put(&cx, &staff, "100246", "meter_test", "We test your meter on the 25th.", "2026-02-27").await.expect("put");
        let again = holds::put(&cx, &staff, "100246", "other", "x", "2026-02-27").await.map_err(AppError::from);
        assert_eq!(again, Err(AppError::Changed));
        let report = run(&cx, "2026-02-20").await;
        assert_eq!(report.held, [("100246".to_owned(), Hold::ByEmployee), ("100247".to_owned(), Hold::NoReadings)]);
        let seen = crate::billing::list(&cx, &who, "100246").await.expect("bills").hold.expect("held");
        assert_eq!((seen.reason, seen.next_on), (HoldReason::MeterTest, day("2026-02-27")));
        // The run's own reason is seen too, once however often it runs.
        run(&cx, "2026-02-20").await;
        let own = holds::for_staff(&mut reading(&cx).await, nothing).await.expect("holds");
        assert_eq!((own.len(), own[0].hold.reason, own[0].by.clone()), (1, HoldReason::NoReadings, None));
        assert_eq!(own[0].hold.next_on, day("2026-02-21"));
        // It is looked at again in each night, and no day is promised that has passed.
        let mut later = cx.clone();
        later.clock = std::sync::Arc::new(crate::FixedClock::at("2026-02-23T20:00:00Z".parse().expect("a time")));
        run(&later, "2026-02-20").await;
        let still = holds::for_staff(&mut reading(&cx).await, nothing).await.expect("holds");
        assert_eq!((still.len(), still[0].id, still[0].hold.next_on), (1, own[0].id, day("2026-02-24")));
        let id = holds::for_staff(&mut reading(&cx).await, account).await.expect("holds")[0].id;
        assert_eq!(holds::lift(&cx, &who, "100246", id).await.map_err(AppError::from), Err(AppError::Forbidden));
        holds::lift(&cx, &staff, "100246", id).await.expect("lifted");
        assert_eq!(run(&cx, "2026-02-20").await.bills, 1);
        assert_eq!(crate::billing::list(&cx, &who, "100246").await.expect("bills").hold, None);
    }

    async fn prices_that_begin_later_are_tried_as_if_they_had_been_in_force(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        seeded(&pool, "100252", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        run(&cx, "2026-03-20").await;
        let old = domain::tariff::file::BUNDLED.iter().find(|(n, _)| *n == "s-1").expect("bundled").1;
        let later = "\n[[schedule.version]]\nfrom = \"2026-07-01\"\nsource = \"test\"\n[[schedule.version.charge]]\n\
                     label = \"wastewater\"\nbasis = \"month\"\nprice = \"100\"\n";
        let text = format!("{old}{later}");
        let (dana, sam) = (employee(&pool, "Dana").await, employee(&pool, "Sam").await);
        let id = release::propose(&cx, &dana, None, ("s-1", &text), "From July").await.expect("asked").expect("sound");
        let looked = looked_at(&cx, &sam, id).await;
        let outcome = looked.outcome.expect("it waits");
        assert!(!outcome.stale && !outcome.under_way);
        let (effects, at, from) = outcome.made.expect("worked out");
        assert_eq!(at.to_string(), "2026-03-20 13:00:00");
        let effect = &effects.effect;
        assert_eq!((effect.bills, effect.changed, effect.lines.len()), (1, 0, 0));
        let along = effects.all_along.expect("rated as if in force");
        assert_eq!((along.from, along.effect.bills, along.effect.changed), (day("2026-07-01"), 1, 1));
        let [line] = &along.effect.lines[..] else { panic!("{:?}", along.effect.lines) };
        assert_eq!((line.service, line.after, line.bills), (ServiceKind::Wastewater, Cents(10_000), 1));
        assert_eq!(line.after - line.before, along.effect.after - along.effect.before);
        // Of the file only what is new is shown, with what stands before it.
        let changes = looked.changes.expect("a file of the name is in force");
        let new: Vec<&str> = changes.iter().flatten().filter(|l| l.change != LineChange::Same).map(|l| l.text.as_str()).collect();
        assert_eq!(new, later.lines().collect::<Vec<_>>());
        assert!(changes.iter().flatten().count() <= new.len() + 3 && changes.len() == 1, "{changes:?}");
        // Once released, nothing of it is a change any more.
        release::decide(&cx, &sam, None, id, Decision::Release(Some(&from))).await.expect("released");
        let seen = release::list(&cx, &sam, Some(id)).await.expect("a view").proposals.remove(0);
        assert_eq!((seen.changes, seen.outcome), (None, None));
    }

    async fn prices_are_tried_and_released_by_two_people(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded(&pool, "100248", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        run(&cx, "2026-02-20").await;
        let text = "[[schedule]]\ncode = \"S-1\"\nservice = \"wastewater\"\n[[schedule.version]]\nfrom = \"2020-07-01\"\n\
                    source = \"test\"\n[[schedule.version.charge]]\nlabel = \"wastewater\"\nbasis = \"month\"\nprice = \"1\"\n";
        // Nothing but wastewater changes.
        let tried = shadow::with_prices(&cx, &Principal::System, "s-1", text).await.expect("asked").expect("tried").by_date;
        assert_eq!((tried.bills, tried.changed, tried.lines.len()), (1, 1, 1));
        assert_eq!(tried.lines[0].after, Cents(100));
        assert_eq!(tried.after - tried.before, tried.lines[0].after - tried.lines[0].before);
        // What a run would bill stands beside the last bill.
        let options = Options { dry_run: true, ..Options::through(day("2026-03-20")) };
        let coming = shadow::shadow(&cx, &Principal::System, &options).await.expect("tried");
        assert_eq!((coming.bills, coming.accounts[0].last.as_deref()), (1, Some("100248-001")));
        let lines: Cents = coming.accounts[0].lines.iter().map(|l| l.after - l.before).sum();
        assert_eq!(lines, coming.after - coming.before);

        let (dana, sam) = (employee(&pool, "Dana").await, employee(&pool, "Sam").await);
        let wrong = release::propose(&cx, &dana, None, ("s-1", "nonsense"), "x").await.expect("asked");
        assert!(wrong.is_err());
        let compared = |on: &str| text.replace("source = \"test\"", &format!("source = \"test\"\nverified = {{ by = \"Ann\", on = \"{on}\" }}"));
        let early = release::propose(&cx, &dana, None, ("s-1", &compared("2029-01-01")), "x").await.expect("asked");
        assert!(early.expect_err("refused").to_string().contains("nobody can have compared it yet"));
        assert!(shadow::with_prices(&cx, &Principal::System, "s-1", &compared("2026-03-20")).await.expect("asked").is_ok());
        let id = release::propose(&cx, &dana, None, ("s-1", text), "New fee").await.expect("asked").expect("sound");
        let own = release::decide(&cx, &dana, None, id, Decision::Release(Some(""))).await.map_err(AppError::from);
        assert_eq!(own, Err(AppError::Forbidden), "nobody releases what they proposed");
        // What it does is worked out beside the page, which says that there is nothing to see yet.
        let early = release::list(&cx, &sam, Some(id)).await.expect("a view").proposals.remove(0);
        let early = early.outcome.expect("it waits");
        assert_eq!((early.made, early.stale, early.under_way), (None, false, true));
        let blind = release::decide(&cx, &sam, None, id, Decision::Release(None)).await.map_err(AppError::from);
        assert_eq!(blind, Err(AppError::Changed), "nobody releases what nobody looked at");
        let looked = looked_at(&cx, &sam, id).await;
        assert!(!looked.mine);
        let (effects, _, from) = looked.outcome.and_then(|o| o.made).expect("worked out");
        assert_eq!(effects.effect.changed, 1);
        // Once bills were made, what was looked at is not what they come to any more.
        run(&cx, "2026-03-20").await;
        let stale = release::list(&cx, &sam, Some(id)).await.expect("a view").proposals.remove(0).outcome;
        assert_eq!(stale.map(|o| (o.stale, o.made.map(|(.., of)| of))), Some((true, Some(from.clone()))));
        let late = release::decide(&cx, &sam, None, id, Decision::Release(Some(&from))).await.map_err(AppError::from);
        assert_eq!(late, Err(AppError::Changed));
        let anew = seen(&cx, &sam, id).await;
        release::decide(&cx, &sam, None, id, Decision::Release(Some(&anew))).await.expect("released");
        let again = release::decide(&cx, &sam, None, id, Decision::Refuse).await.map_err(AppError::from);
        assert_eq!(again, Err(AppError::Changed));
        // The bill that was made before comes to less with the prices that count now.
        let view = preview(&cx, &dana, "100248", "100248-002").await.expect("a view");
        assert!(view.after.expect("computed") < view.before);
        let rows = store::bills::list(&mut reading(&cx).await.tx, account).await.expect("bills");
        assert_eq!(rows.len(), 2);
    }
}
