//! What follows when a bill is not paid: fees, notices, arrangements, budget billing, deposits; and faults planted in their
//! tables, which the check finds.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use contract::collections::{NoBudget, NotOffered};
use contract::home::Attention;
use contract::{AppError, Field, Problem};
use domain::access::AccountRole;
use domain::billing::LineKind;
use domain::calendar::{DayRange, Zone, add_months};
use domain::contact::Email;
use domain::ids::{AccountId, SessionId};
use domain::ledger::collections::Supply;
use domain::ledger::{Book, Due, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use domain::payment::offer::Offer;
use domain::quantity::ServiceKind;
use services::adapters::Outside;
use services::clock::Entropy;
use services::collections::{self, Did, StaffAct};
use services::{Cx, Fault, FixedClock, Principal, Settings, use_case};
use store::Pool;
use store::accounts::NewAccount;
use store::bills::NewBill;
use store::people::{NewPerson, PersonKind};

use_case!(
    /// Pays in a test.
    PAY = "test.collections.pay", Write, System
);

const NUMBER: &str = "1000-0002";

struct House {
    cx: Cx,
    clock: Arc<FixedClock>,
    account: AccountId,
    who: Principal,
    staff: Principal,
}

fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

impl House {
    /// Noon of a day.
    fn day(&self, day: NaiveDate) {
        let zone = Zone::iana("America/Los_Angeles").expect("known");
        self.clock.set(zone.start_of(day) + chrono::TimeDelta::hours(12));
    }

    async fn night(&self, day: &str) -> Did {
        self.day(on(day));
        collections::run(&self.cx, on(day)).await.expect("looked at")
    }

    /// A bill of electricity and water for a month, sent two days after it, due three weeks later.
    async fn bill(&self, from: &str, electricity: i64, water: i64) {
        let from = on(from);
        let period = DayRange { from, to: add_months(from, 1) };
        let issued_on = period.to + Days::new(2);
        let parts = [(ServiceKind::Electricity, Cents(electricity)), (ServiceKind::Water, Cents(water))];
        let entries = parts.iter().flat_map(|(s, a)| [debit(Book::Receivable(*s), *a), credit(Book::Revenue(*s), *a)]);
        let journal = Journal::new(self.account, JournalKind::Bill, issued_on, entries).expect("balanced");
        let number = format!("{NUMBER}-{from}");
        let bill = NewBill {
            account: self.account,
            period,
            issued_on,
            due_on: issued_on + Days::new(21),
            total: Cents(electricity + water),
            carried: Cents::ZERO,
            detail: serde_json::json!({}).into(),
            lines: parts.iter().map(|(s, a)| (*s, LineKind::Usage, *a, serde_json::json!({}).into())).collect(),
            reads: Vec::new(),
            version: 1,
            replaces: None,
            journals: vec![(format!("bill:{number}"), journal)],
            number,
        };
        let mut tx = self.cx.pool.write().await.expect("a transaction");
        store::bills::insert_all(&mut tx, &[bill], self.cx.clock.now()).await.expect("a bill");
        tx.commit().await.expect("committed");
    }

    async fn pay(&self, amount: i64, key: &str) {
        let mut work = self.cx.begin(&PAY, &Principal::System).await.expect("a transaction");
        let now = work.now;
        services::payments::record(&mut work, self.account, Cents(amount), now, "Test", key).await.expect("paid");
        work.commit().await.expect("committed");
    }

    async fn owed(&self) -> (Cents, Vec<(ServiceKind, Cents)>) {
        let mut work = self.cx.begin(&PAY, &Principal::System).await.expect("a transaction");
        let balance = services::ledger::balance(&mut work, self.account).await.expect("a balance");
        (balance.total(), balance.owed)
    }

    async fn attention(&self) -> Vec<Attention> {
        services::home::show(&self.cx, &self.who, NUMBER).await.expect("home").attention
    }

    async fn act(&self, act: StaffAct) -> Result<(), Fault> {
        collections::act(&self.cx, &self.staff, NUMBER, &act).await
    }

    async fn clean(&self) {
        let found = services::check::ledger(&self.cx, &Principal::System).await.expect("checked");
        assert_eq!(found.faults, Vec::<String>::new());
    }
}

async fn house(pool: Pool) -> House {
    let clock = Arc::new(FixedClock::at("2026-01-01T20:00:00Z".parse().expect("a time")));
    let mut settings = Settings::default();
    settings.collections.late_fee_basis_points = 150;
    let cx = Cx {
        pool,
        clock: clock.clone(),
        entropy: Arc::new(Entropy::seeded(9)),
        settings: Arc::new(settings),
        outside: Outside::default(),
    };
    let now = "2024-12-01T20:00:00Z".parse().expect("a time");
    let mut tx = cx.pool.write().await.expect("a transaction");
    let email = Email::try_from("ines@example.com".to_owned()).expect("an address");
    let person = |kind, email| NewPerson { kind, given_name: "Ines", family_name: "Okafor", email, phone: None };
    let ines =
        store::people::insert(&mut tx, &person(PersonKind::Resident, Some(&email)), now).await.expect("a person");
    let clerk = store::people::insert(&mut tx, &person(PersonKind::Staff, None), now).await.expect("a clerk");
    let new = NewAccount {
        number: NUMBER,
        name: "Ines Okafor",
        opened_on: on("2025-01-01"),
        cycle_day: 1,
        paperless: true,
        street: "9 Tern Road",
        city: "Alder Bay",
        postcode: "94000",
    };
    let account = store::accounts::insert(&mut tx, &new).await.expect("an account");
    store::accounts::grant(&mut tx, account, ines, AccountRole::Holder, now).await.expect("a role");
    tx.commit().await.expect("committed");
    House {
        cx,
        clock,
        account,
        who: Principal::Resident { person: ines, session: SessionId(1) },
        staff: Principal::Staff { person: clerk, session: SessionId(2) },
    }
}

fn act(action: &str) -> StaffAct {
    StaffAct {
        action: action.into(),
        message: "As agreed by phone".into(),
        form_key: "K1".into(),
        ..StaffAct::default()
    }
}

store::both_engines! {
    async fn a_bill_that_is_not_paid_goes_its_way(pool: Pool) {
        let h = house(pool).await;
        // Sent on 3 February, due on the 24th.
        h.bill("2026-01-01", 9_000, 6_000).await;
        assert_eq!(h.night("2026-02-26").await, Did::default(), "two days late is left alone");
        assert_eq!(h.night("2026-02-27").await, Did { reminders: 1, ..Did::default() });
        assert_eq!(h.night("2026-02-28").await, Did::default(), "once");
        // The tenth day after the due date is Friday 6 March.
        assert_eq!(h.night("2026-03-06").await, Did { final_notices: 1, ..Did::default() });
        let all = h.attention().await;
        let Some(Attention::ShutOff { clock, stop }) = all.first() else { panic!("bad news first: {all:?}") };
        assert_eq!((clock.supply, clock.amount, clock.noticed), (Supply::Energy, Cents(9_000), true));
        assert_eq!(clock.not_before, on("2026-03-23"), "15 days later is a Saturday");
        assert_eq!(*stop, Cents(9_000));
        assert!(matches!(all[..], [_, Attention::ShutOff { stop: Cents(15_000), .. }]), "nothing repeats it: {all:?}");
        assert_eq!(h.night("2026-03-07").await, Did { fees: 1, ..Did::default() }, "after ten days of grace");
        assert_eq!(h.owed().await.0, Cents(15_225), "1.5 % of $150");
        assert_eq!(h.night("2026-03-08").await, Did::default(), "one fee for each bill");
        // 45 days after the due date: water's own notice.
        assert_eq!(h.night("2026-04-10").await, Did { final_notices: 1, ..Did::default() });
        h.clean().await;

        let mut waive = act("waive");
        waive.bill = format!("{NUMBER}-2026-01-01");
        h.act(waive.clone()).await.expect("waived");
        assert_eq!(h.owed().await.0, Cents(15_000));
        assert!(matches!(h.act(waive.clone()).await, Err(Fault::App(AppError::Changed))), "once");
        waive.message.clear();
        let refused = h.act(waive).await;
        assert!(matches!(refused, Err(Fault::App(e)) if e == AppError::field(Field::Message, Problem::Missing)));
        assert_eq!(h.night("2026-04-11").await, Did::default(), "what was waived is not charged again");

        let all = h.attention().await;
        assert!(
            matches!(all[0], Attention::ShutOff { clock, .. } if clock.not_before == on("2026-04-13")),
            "the day has passed: the next business day is told, {all:?}"
        );
        h.pay(10_000, "A").await;
        assert_eq!(h.owed().await.1, [(ServiceKind::Water, Cents(5_000))], "energy before water");
        assert!(!h.attention().await.iter().any(|a| matches!(a, Attention::ShutOff { clock, .. } if clock.supply == Supply::Energy)));
        h.clean().await;
    }

    async fn what_is_late_what_comes_and_what_stops_a_shut_off_are_told_apart(pool: Pool) {
        let h = house(pool).await;
        // Due on 24 February, 24 March and 24 April.
        h.bill("2026-01-01", 9_000, 6_000).await;
        h.bill("2026-02-01", 8_000, 5_000).await;
        h.bill("2026-03-01", 7_000, 4_000).await;
        h.day(on("2026-04-06"));
        let due = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home").due;
        assert_eq!((due.asked, due.overdue, due.due_on), (Cents(39_000), Cents(28_000), Some(on("2026-02-24"))));
        assert_eq!(due.later, [Due { on: on("2026-04-24"), amount: Cents(11_000) }]);
        let stop_of = |all: &[Attention]| {
            let stop = |a: &Attention| match a {
                Attention::ShutOff { clock, stop } => Some((clock.supply, clock.amount, *stop)),
                _ => None,
            };
            all.iter().filter_map(stop).collect::<Vec<_>>()
        };
        // January's water is settled before February's electricity.
        let energy = (Supply::Energy, Cents(17_000), Cents(23_000));
        let water = (Supply::Water, Cents(11_000), Cents(28_000));
        assert_eq!(stop_of(&h.attention().await), [energy, water]);

        let form = || services::payments::form(&h.cx, &h.who, NUMBER);
        let page = form().await.expect("a page");
        assert_eq!(stop_of(&page.shut_offs), [energy, water]);
        assert_eq!(page.offers, [(Offer::Late, Cents(28_000)), (Offer::All, Cents(39_000))], "what is past due stops both");
        assert_eq!((page.chosen, page.due.later.len()), (Some(Cents(39_000)), 1));
        h.pay(23_000, "A").await;
        assert_eq!(stop_of(&h.attention().await), [(Supply::Water, Cents(5_000), Cents(5_000))], "as was said");
        h.pay(5_000, "B").await;
        let page = form().await.expect("a page");
        assert_eq!((page.shut_offs, page.due.overdue, page.offers), (vec![], Cents::ZERO, vec![(Offer::All, Cents(11_000))]));
    }

    async fn a_hold_stops_everything(pool: Pool) {
        let h = house(pool).await;
        h.bill("2026-01-01", 9_000, 6_000).await;
        h.day(on("2026-02-25"));
        let mut hold = act("hold");
        hold.reason = "medical".into();
        hold.to = "2026-04-30".into();
        h.act(hold).await.expect("held");
        assert_eq!(h.night("2026-03-20").await, Did::default());
        assert_eq!(h.attention().await, [Attention::Held { through: on("2026-04-30"), amount: Cents(15_000) }]);
        h.act(act("lift")).await.expect("lifted");
        assert_eq!(h.night("2026-03-23").await, Did { fees: 1, reminders: 1, final_notices: 1, ..Did::default() });
    }

    async fn an_arrangement_is_kept_or_broken_and_put_back_once(pool: Pool) {
        let h = house(pool).await;
        h.bill("2026-01-01", 9_000, 6_000).await;
        h.day(on("2026-03-02"));
        let view = collections::arrangement(&h.cx, &h.who, NUMBER, Some(3)).await.expect("a page");
        assert_eq!((view.owed, view.plan.len(), view.plan[0].amount), (Cents(15_000), 3, Cents(5_000)));
        assert_eq!(view.plan[0].on, on("2026-03-16"));
        let agree = |total: &'static str| collections::agree(&h.cx, &h.who, NUMBER, "3", total, "K7");
        assert!(matches!(agree("$140.00").await, Err(Fault::App(AppError::Changed))), "another amount than was shown");
        agree("$150.00").await.expect("agreed");
        agree("$150.00").await.expect("the second click of two");
        assert_eq!(h.night("2026-03-10").await, Did::default(), "the clock stands still");
        for night in ["2026-03-12", "2026-03-13", "2026-03-14"] {
            assert_eq!(h.night(night).await, Did::default());
        }
        let mut tx = h.cx.pool.read().await.expect("a transaction");
        let mails = store::work::recent_mail(&mut tx, 9).await.expect("mails");
        drop(tx);
        let subjects: Vec<&str> = mails.iter().map(|m| m.subject.as_str()).collect();
        assert_eq!(subjects, ["Your instalment of $50.00 is due Mon 16 Mar", "Your payment arrangement: $150.00 in parts"]);
        assert!(mails[1].body.contains("$50.00\n"), "{}", mails[1].body);
        h.pay(5_000, "A").await;
        // A new bill, sent on 3 March and due on the 24th, comes on top and is paid in time.
        h.bill("2026-02-01", 2_000, 1_000).await;
        h.day(on("2026-03-17"));
        h.pay(3_000, "B").await;
        assert_eq!(h.night("2026-04-20").await, Did { reminders: 1, ..Did::default() }, "the second instalment was due on the 16th");
        let did = h.night("2026-04-27").await;
        assert_eq!(did.broken, 1);
        assert!(matches!(h.attention().await.last(), Some(Attention::Broken { .. })));
        assert!(matches!(collections::put_back(&h.cx, &h.who, NUMBER).await, Err(Fault::App(AppError::Changed))), "not yet paid");
        let view = collections::arrangement(&h.cx, &h.who, NUMBER, None).await.expect("a page");
        assert_eq!((view.not_offered, view.agreed.expect("it stands").missed), (Some(NotOffered::AskUs), Cents(5_000)));
        let owed = h.owed().await.0;
        h.pay(5_000, "C").await;
        collections::put_back(&h.cx, &h.who, NUMBER).await.expect("put back");
        h.pay((owed - Cents(5_000)).0, "D").await;
        assert_eq!(h.night("2026-04-28").await.kept, 1);
        h.clean().await;
    }

    async fn budget_billing_levels_and_settles(pool: Pool) {
        let h = house(pool).await;
        let view = collections::budget(&h.cx, &h.who, NUMBER).await.expect("a page");
        assert_eq!(view.not_offered, Some(NoBudget::TooFewBills));
        for (i, amount) in [8_000, 9_000, 10_000].into_iter().enumerate() {
            let from = add_months(on("2025-01-01"), i32::try_from(i).expect("small"));
            h.bill(&from.to_string(), amount, 1_000).await;
            h.pay(amount + 1_000, &format!("P{i}")).await;
        }
        h.day(on("2025-04-10"));
        assert!(matches!(collections::join(&h.cx, &h.who, NUMBER, "$99.00", "K1").await, Err(Fault::App(AppError::Changed))));
        collections::join(&h.cx, &h.who, NUMBER, "$100.00", "K1").await.expect("joined");
        for i in 3..15 {
            let from = add_months(on("2025-01-01"), i);
            h.bill(&from.to_string(), 9_000 + 500 * i64::from(i - 3), 1_000).await;
            if i == 5 {
                h.day(add_months(from, 1) + Days::new(3));
                let due = services::billing::list(&h.cx, &h.who, NUMBER).await.expect("bills").due;
                assert_eq!((due.asked, due.balance, due.deferred), (Cents(10_000), Cents(11_500), Cents(1_500)));
                let budget = collections::budget(&h.cx, &h.who, NUMBER).await.expect("a page");
                assert_eq!((budget.rows.len(), budget.difference, budget.bills_left), (3, Cents(1_500), 9));
            }
            h.pay(10_000, &format!("P{i}")).await;
        }
        let did = h.night("2026-04-05").await;
        assert_eq!((did.settled, did.fees), (1, 0));
        let due = services::billing::list(&h.cx, &h.who, NUMBER).await.expect("bills").due;
        assert_eq!((due.deferred, due.asked, due.overdue), (Cents::ZERO, Cents(33_000), Cents::ZERO), "500 x (0 + … + 11)");
        assert_eq!(due.due_on, Some(on("2026-04-24")), "with the twelfth bill");
        let next = collections::budget(&h.cx, &h.who, NUMBER).await.expect("a page");
        assert_eq!(next.monthly, Some(Cents(12_800)), "the mean of the year, rounded up to a dollar");
        collections::leave(&h.cx, &h.who, NUMBER).await.expect("left");
        h.clean().await;
    }

    async fn whoever_is_ahead_of_budget_billing_is_not_late(pool: Pool) {
        let h = house(pool).await;
        for i in 0..3 {
            h.bill(&add_months(on("2025-01-01"), i).to_string(), 9_000, 1_000).await;
            h.pay(10_000, &format!("P{i}")).await;
        }
        h.day(on("2025-04-10"));
        collections::join(&h.cx, &h.who, NUMBER, "$100.00", "K1").await.expect("joined");
        h.bill("2025-04-01", 2_000, 1_000).await;
        h.pay(10_000, "P3").await;
        h.bill("2025-05-01", 2_000, 1_000).await;
        assert_eq!(h.owed().await.0, Cents(6_000 - 10_000), "ahead by more than a bill");
        assert_eq!(h.night("2025-07-10").await, Did::default(), "$100 were asked by 24 June");
        let due = services::billing::list(&h.cx, &h.who, NUMBER).await.expect("bills").due;
        assert_eq!((due.asked, due.overdue), (Cents(10_000), Cents::ZERO), "nor do pages say so");
        assert_eq!(h.owed().await.0, Cents(6_000 - 10_000));
        h.clean().await;
    }

    async fn a_deposit_comes_back_after_sound_years(pool: Pool) {
        let h = house(pool).await;
        let mut take = act("deposit");
        take.amount = "$200.00".into();
        h.act(take.clone()).await.expect("taken");
        h.act(take).await.expect("the second click of two");
        assert_eq!(h.owed().await.0, Cents::ZERO, "a deposit pays no bill");
        assert_eq!(h.night("2028-12-31").await.deposits, 0);
        h.bill("2028-12-01", 5_000, 1_000).await;
        assert_eq!(h.night("2029-01-10").await.deposits, 1);
        assert_eq!(h.owed().await.0, Cents(6_000 - 20_000), "it pays the bill, and the rest is credit");
        h.clean().await;
    }

    async fn what_the_deposit_of_a_closed_account_pays_is_not_late(pool: Pool) {
        let h = house(pool).await;
        let mut take = act("deposit");
        take.amount = "$200.00".into();
        h.act(take).await.expect("taken");
        h.bill("2026-01-01", 9_000, 6_000).await;
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let closed = store::import::AccountChange {
            name: "Ines Okafor",
            closed_on: Some(on("2026-01-25")),
            cycle_day: 1,
            street: "9 Tern Road",
            city: "Alder Bay",
            postcode: "94000",
        };
        store::import::set_account(&mut tx, h.account, &closed).await.expect("closed");
        tx.commit().await.expect("committed");
        assert_eq!(h.night("2026-03-07").await, Did { deposits: 1, ..Did::default() }, "no fee on what was just paid");
        assert_eq!(h.owed().await, (Cents(15_000 - 20_000), Vec::new()));
        h.clean().await;
    }

    async fn planted_faults_are_found(pool: Pool) {
        let h = house(pool).await;
        h.bill("2026-01-01", 9_000, 6_000).await;
        h.night("2026-03-10").await;
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let post = async |tx: &mut store::Tx<'_>, kind, key: &str, entries: Vec<domain::ledger::Entry>| {
            let journal = Journal::new(h.account, kind, on("2026-03-11"), entries).expect("balanced");
            let now = h.cx.clock.now();
            store::ledger::insert(tx, &journal, key, now, None, None).await.expect("written");
        };
        let cash = |book, amount| vec![debit(book, Cents(amount)), credit(Book::Cash, Cents(amount))];
        // Credit that nobody had, a deposit that nobody took, a late fee of no bill.
        post(&mut tx, JournalKind::Refund, "planted:1", cash(Book::CustomerCredit, 700)).await;
        post(&mut tx, JournalKind::DepositReleased, "planted:2", cash(Book::Deposits, 900)).await;
        post(&mut tx, JournalKind::LateFee, "planted:3", cash(Book::Receivable(ServiceKind::Gas), 300)).await;
        tx.commit().await.expect("committed");
        let found = services::check::ledger(&h.cx, &Principal::System).await.expect("checked");
        assert_eq!(found.faults, [
            "1 late fees belong to no bill".to_owned(),
            "planted:3 is no late fee by its books".to_owned(),
            format!("account {NUMBER} used $7.00 more credit than it had"),
            format!("account {NUMBER} has deposits of $0.00, the books hold −$9.00"),
        ]);
    }
}
