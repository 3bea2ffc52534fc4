//! Autopay: what it takes and when, what it asks before, and when it stops. Who may decide about it is in `autopay_terms`.

use chrono::{Days, NaiveDate, TimeDelta};
use contract::home::Attention;
use contract::{AppError, Field, Problem};
use domain::access::AccountRole;
use domain::billing::LineKind;
use domain::calendar::DayRange;
use domain::ledger::{Book, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use domain::payment::planned::{State, Why};
use domain::payment::{Decline, Status};
use domain::quantity::ServiceKind;
use serde_json::json;
use services::payments::later::{Choice, answer, autopay, carry_on, enrol, leave};
use services::payments::{Go, hear, methods, start};
use services::{Principal, jobs, payments};
use store::Pool;
use store::accounts::NewAccount;
use store::bills::NewBill;
use store::import::AccountChange;
use store::payments::HeardBy;

use crate::fake::{report, word};
use crate::house::{House, NUMBER, OWED, house, pay_now};
use crate::later::{all_is_well, day, pass, states};
use crate::saved::{card, refusal, with_card};

/// A resident with bills of these amounts, a month apart: all but the last one paid, the last one issued today.
pub async fn billed(pool: Pool, amounts: &[i64]) -> House {
    let h = house(pool).await;
    let mut work = h.cx.begin(&payments::RECORD, &Principal::System).await.expect("a transaction");
    let at = work.now - TimeDelta::days(300);
    payments::record(&mut work, h.account, OWED, at, "Check", "base").await.expect("recorded");
    work.commit().await.expect("committed");
    let n = u64::try_from(amounts.len()).expect("few");
    for (i, amount) in (1_u64..).zip(amounts) {
        bill(&h, Cents(*amount), (n - i) * 30).await;
        if i < n {
            let mut work = h.cx.begin(&payments::RECORD, &Principal::System).await.expect("a transaction");
            let at = work.now - TimeDelta::days(i64::try_from((n - i) * 30 - 10).expect("few"));
            payments::record(&mut work, h.account, Cents(*amount), at, "Check", &format!("b{i}"))
                .await
                .expect("recorded");
            work.commit().await.expect("committed");
        }
    }
    h
}

/// Issues a bill so many days before the clock's today; due three weeks after that.
pub async fn bill(h: &House, amount: Cents, ago: u64) {
    bill_for(h, h.account, NUMBER, amount, ago).await;
}

async fn bill_for(h: &House, account: domain::ids::AccountId, number: &str, amount: Cents, ago: u64) {
    let zone = services::zones::find("America/Los_Angeles").expect("known");
    let issued_on = zone.day_of(h.cx.clock.now()) - Days::new(ago);
    let mut tx = h.cx.pool.write().await.expect("a transaction");
    let entries = [
        debit(Book::Receivable(ServiceKind::Electricity), amount),
        credit(Book::Revenue(ServiceKind::Electricity), amount),
    ];
    let journal = Journal::new(account, JournalKind::Bill, issued_on, entries).expect("balanced");
    let number = format!("{number}-{}", issued_on.format("%Y%m%d"));
    let new = NewBill {
        number: number.clone(),
        account,
        period: DayRange { from: issued_on - Days::new(32), to: issued_on - Days::new(2) },
        issued_on,
        due_on: issued_on + Days::new(21),
        total: amount,
        carried: Cents::ZERO,
        detail: json!({}).into(),
        lines: vec![(ServiceKind::Electricity, LineKind::Usage, amount, json!({}).into())],
        reads: Vec::new(),
        version: 1,
        replaces: None,
        journals: vec![(format!("bill:{number}"), journal)],
    };
    store::bills::insert_all(&mut tx, &[new], h.cx.clock.now()).await.expect("issued");
    tx.commit().await.expect("committed");
}

/// The due date of the newest bill.
pub async fn due_on(h: &House) -> NaiveDate {
    let mut tx = h.cx.pool.read().await.expect("a transaction");
    store::bills::list(&mut tx, h.account).await.expect("bills")[0].due_on
}

pub fn choice(method: i64, key: &str) -> Choice {
    Choice { method, days_before: "0".into(), today_too: Some(true), key: key.into(), ..Choice::default() }
}

/// What autopay has planned and not taken: how much at most, for what is due when; the earliest first.
async fn planned(h: &House) -> Vec<(Cents, NaiveDate)> {
    let mut tx = h.cx.pool.read().await.expect("a transaction");
    let mut rows = store::planned::open(&mut tx, h.account).await.expect("rows");
    rows.retain(|r| r.autopay_id.is_some());
    rows.sort_by_key(|r| r.due_on);
    rows.iter().map(|r| (r.amount, r.due_on.expect("it has one"))).collect()
}

async fn close(h: &House, on: NaiveDate) {
    let mut tx = h.cx.pool.write().await.expect("a transaction");
    let change = AccountChange {
        name: "Maria Lopez",
        closed_on: Some(on),
        cycle_day: 5,
        street: "12 Alder St",
        city: "Alder Bay",
        postcode: "94000",
    };
    store::import::set_account(&mut tx, h.account, &change).await.expect("closed");
    tx.commit().await.expect("committed");
}

async fn subjects(h: &House) -> Vec<String> {
    h.mails().await.into_iter().map(|m| m.subject).collect()
}

store::both_engines! {
    async fn it_says_before_and_takes_the_whole_on_the_due_date(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        assert!(!enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on"));
        let view = autopay(&h.cx, &h.who, NUMBER).await.expect("shown");
        let next = &view.enrolled.as_ref().expect("it runs").planned[0];
        assert_eq!((next.amount, next.take_on, next.state), (Cents(12_000), day(21), State::Waiting));
        jobs::run_due(&h.cx).await.expect("jobs run");
        let on = h.mails().await.into_iter().find(|m| m.subject == "Autopay is on for 12 Alder St").expect("said");
        assert!(on.body.contains("What is to be paid now is taken too: $120.00 on Thu 18 Jun."), "{}", on.body);
        pass(&h, 17).await;
        assert!(!subjects(&h).await.iter().any(|s| s.starts_with("Autopay takes")));
        pass(&h, 1).await;
        let soon = h.mails().await.into_iter().find(|m| m.subject == "Autopay takes $120.00 on Thu 18 Jun").expect("said");
        assert!(soon.body.contains("with Visa ending 4242") && soon.body.contains("You need not do anything."), "{}", soon.body);
        pass(&h, 2).await;
        assert_eq!(h.balance().await, Cents(12_000));
        pass(&h, 1).await;
        assert_eq!((h.balance().await, h.postings().await), (Cents::ZERO, 2));
        pass(&h, 3).await;
        assert_eq!(subjects(&h).await.iter().filter(|s| s.starts_with("Autopay takes")).count(), 1);
        assert_eq!(subjects(&h).await.iter().filter(|s| s.starts_with("Receipt: $120.00")).count(), 1);
        // The next bill goes by itself.
        bill(&h, Cents(9_000), 0).await;
        pass(&h, 22).await;
        assert_eq!((h.balance().await, h.postings().await), (Cents::ZERO, 3));
        all_is_well(&h).await;
    }

    async fn what_is_left_to_the_resident_is_not_taken(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        // Something is due: what becomes of it has to be said.
        let unsaid = enrol(&h.cx, &h.who, NUMBER, &Choice { today_too: None, ..choice(method, "K0") }).await;
        assert_eq!(refusal(unsaid), AppError::field(Field::Today, Problem::Missing));
        enrol(&h.cx, &h.who, NUMBER, &Choice { today_too: Some(false), ..choice(method, "K1") }).await.expect("on");
        let on = h.mails().await.into_iter().find(|m| m.subject.starts_with("Autopay is on")).expect("said");
        assert!(on.body.contains("What is to be paid now is not taken: $120.00, due Thu 18 Jun, is still yours to pay."), "{}", on.body);
        pass(&h, 28).await;
        assert_eq!(h.balance().await, Cents(12_000));
        bill(&h, Cents(9_000), 0).await;
        pass(&h, 22).await;
        assert_eq!(h.balance().await, Cents(12_000), "only the new bill");
        // What was taken settled the oldest: what is left to the resident is told by another bill now, and still not taken.
        bill(&h, Cents(8_000), 0).await;
        pass(&h, 22).await;
        assert_eq!(h.balance().await, Cents(12_000), "and only the next one");
        all_is_well(&h).await;
    }

    async fn what_is_left_to_the_resident_and_scheduled_counts_once(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &Choice { today_too: Some(false), ..choice(method, "K1") }).await.expect("on");
        let part = crate::later::wanted(method, &[(20, "100.00")], "S1");
        payments::later::schedule_parts(&h.cx, &h.who, NUMBER, &part).await.expect("scheduled");
        pass(&h, 1).await;
        bill(&h, Cents(9_000), 0).await;
        pass(&h, 1).await;
        assert_eq!(planned(&h).await, [(Cents(9_000), day(22))], "the whole new bill");
        pass(&h, 20).await;
        assert_eq!(h.balance().await, Cents(2_000), "the resident's own, less what they scheduled");
        all_is_well(&h).await;
    }

    async fn instalments_are_taken_in_time_from_the_day_they_are_agreed_to(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        services::collections::agree(&h.cx, &h.who, NUMBER, "3", "120.00", "A1").await.expect("agreed");
        // The first is due before the bill was, and is planned in the moment of agreeing.
        assert_eq!(planned(&h).await, [(Cents(4_000), day(14)), (Cents(4_000), day(44))]);
        assert_eq!(states(&h).await, [State::Covered, State::Waiting, State::Waiting]);
        pass(&h, 14).await;
        assert_eq!(h.balance().await, Cents(8_000));
        pass(&h, 29).await;
        assert_eq!(h.balance().await, Cents(8_000), "the bill itself is not asked for any more");
        pass(&h, 1).await;
        assert_eq!(h.balance().await, Cents(4_000));
        let said = subjects(&h).await;
        assert!(!said.iter().any(|s| s.starts_with("Autopay takes $120.00") || s.starts_with("Nothing was taken")), "{said:?}");
        all_is_well(&h).await;
    }

    async fn it_never_doubles_with_what_the_resident_does(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        // Part by hand, part scheduled for later than its day, part by a bank debit that takes days.
        pay_now(&h.cx, &h.who, NUMBER, method, "20.00", "P1").await.expect("paid");
        let part = crate::later::wanted(method, &[(25, "30.00")], "S1");
        payments::later::schedule_parts(&h.cx, &h.who, NUMBER, &part).await.expect("scheduled");
        let Go::Processor(url) = start(&h.cx, &h.who, NUMBER, "25.00", "P2").await.expect("begun") else { panic!("past paying") };
        let number = url.rsplit('/').next().expect("a number").to_owned();
        h.fake.set(&number, word(Status::Pending, 2));
        hear(&h.cx, &report(&number, Cents(2_500), word(Status::Pending, 2)), HeardBy::Webhook).await.expect("heard");
        pass(&h, 21).await;
        let taken: Vec<Cents> = h.payments().await.iter().filter(|p| p.status == Status::Succeeded).map(|p| p.amount).collect();
        assert_eq!(taken[0], Cents(4_500), "120 less 20 paid, 25 on their way and 30 scheduled");
        h.fake.set(&number, word(Status::Succeeded, 3));
        pass(&h, 5).await;
        assert_eq!(h.balance().await, Cents::ZERO);
        all_is_well(&h).await;
    }

    async fn the_brake_holds_until_it_is_answered(pool: Pool) {
        let h = billed(pool, &[10_000, 9_500, 10_500, 16_100]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &Choice { brake: "50".into(), ..choice(method, "K1") }).await.expect("on");
        assert_eq!(states(&h).await, [State::Asking]);
        let mail = h.mails().await.into_iter().find(|m| m.subject == "Your bill is higher than expected: shall autopay take $161.00?").expect("asked");
        for line in ["Your bill of $161.00 is 61 % above the $100.00 that we expected", "Nothing is taken until you answer.", "/why\n", "/a/1000-0001/autopay\n", "Due: Thu 18 Jun"] {
            assert!(mail.body.contains(line), "{line} is missing in {}", mail.body);
        }
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home");
        assert!(home.attention.iter().any(|a| matches!(a, Attention::PlannedAsks(p) if p.why == Some(Why::Brake))), "{:?}", home.attention);
        pass(&h, 30).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Asking], Cents(16_100)), "nobody answered");
        assert_eq!(subjects(&h).await.iter().filter(|s| s.contains("autopay waits for your answer")).count(), 1);
        let view = autopay(&h.cx, &h.who, NUMBER).await.expect("shown");
        let id = view.enrolled.expect("it runs").planned[0].id;
        let (a, b) = tokio::join!(
            answer(&h.cx, &h.who, NUMBER, id, true, None),
            answer(&h.cx, &h.who, NUMBER, id, true, None),
        );
        a.expect("answered");
        b.expect("a second click changes nothing");
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Taken], Cents::ZERO), "taken at once: its day has passed");
        assert_eq!(refusal(answer(&h.cx, &h.who, NUMBER, id, false, None).await), AppError::Changed);
        all_is_well(&h).await;
    }

    async fn one_may_be_skipped_or_paid_another_way(pool: Pool) {
        let h = billed(pool, &[10_000, 9_500, 10_500, 16_100]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &Choice { brake: "25".into(), ..choice(method, "K1") }).await.expect("on");
        let id = autopay(&h.cx, &h.who, NUMBER).await.expect("shown").enrolled.expect("it runs").planned[0].id;
        answer(&h.cx, &h.who, NUMBER, id, false, None).await.expect("skipped");
        pass(&h, 30).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Cancelled], Cents(16_100)));
        // Another bill that brakes is paid by hand: there is nothing left to ask.
        bill(&h, Cents(30_000), 0).await;
        pass(&h, 1).await;
        assert_eq!(states(&h).await, [State::Cancelled, State::Asking]);
        pay_now(&h.cx, &h.who, NUMBER, method, "461.00", "P1").await.expect("paid");
        pass(&h, 22).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Cancelled, State::Covered], Cents::ZERO));
        all_is_well(&h).await;
    }

    async fn above_the_limit_no_part_is_taken(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &Choice { limit: "$119.99".into(), ..choice(method, "K1") }).await.expect("on");
        pass(&h, 25).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Asking], Cents(12_000)));
        assert!(subjects(&h).await.iter().any(|s| s == "Your bill is above your limit: shall autopay take $120.00?"));
        all_is_well(&h).await;
    }

    async fn an_expired_card_is_told_before_and_at_the_time(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let old = card(&h, "tok_1", Some((2026, 5))).await;
        enrol(&h.cx, &h.who, NUMBER, &choice(old, "K1")).await.expect("on");
        pass(&h, 1).await;
        assert!(subjects(&h).await.iter().any(|s| s == "Visa ending 4242 ends on 31 May 2026"), "{:?}", subjects(&h).await);
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home");
        assert!(home.attention.iter().any(|a| matches!(a, Attention::MethodEnds { ended: false, .. })));
        pass(&h, 20).await;
        assert_eq!((states(&h).await, h.balance().await, h.fake.count()), (vec![State::Asking], Cents(12_000), 0));
        assert!(subjects(&h).await.iter().any(|s| s == "Your card has expired: $120.00 cannot be taken"));
        assert_eq!(subjects(&h).await.iter().filter(|s| s.contains("ends on")).count(), 1, "told once");
        // A new card, and it is taken at once; the next bill goes with it too.
        let new = with_card(&h, "tok_2").await;
        let id = autopay(&h.cx, &h.who, NUMBER).await.expect("shown").enrolled.expect("it runs").planned[0].id;
        answer(&h.cx, &h.who, NUMBER, id, true, Some(new)).await.expect("answered");
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Taken], Cents::ZERO));
        bill(&h, Cents(9_000), 0).await;
        pass(&h, 22).await;
        assert_eq!(h.balance().await, Cents::ZERO);
        all_is_well(&h).await;
    }

    async fn a_declined_one_is_tried_once_more(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        h.fake.charges_end("tok_1", Status::Declined, Some(Decline::ByBank));
        enrol(&h.cx, &h.who, NUMBER, &Choice { days_before: "5".into(), ..choice(method, "K1") }).await.expect("on");
        pass(&h, 16).await;
        assert_eq!(states(&h).await, [State::Retrying]);
        h.fake.charges_end("tok_1", Status::Succeeded, None);
        pass(&h, 3).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Taken], Cents::ZERO), "before it was due");
        all_is_well(&h).await;
    }

    async fn after_leaving_nothing_is_taken(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        pass(&h, 20).await;
        for _ in 0..2 {
            leave(&h.cx, &h.who, NUMBER).await.expect("left");
        }
        pass(&h, 30).await;
        bill(&h, Cents(9_000), 0).await;
        pass(&h, 30).await;
        assert_eq!((states(&h).await, h.balance().await, h.fake.count()), (vec![State::Cancelled], Cents(21_000), 0));
        let off = h.mails().await.into_iter().find(|m| m.subject == "Autopay is off for 12 Alder St").expect("said");
        assert!(off.body.contains("To pay: $120.00, due Thu 18 Jun. It is yours to pay now:"), "{}", off.body);
        // It can be turned on again.
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K2")).await.expect("on");
        pass(&h, 3).await;
        assert_eq!(h.balance().await, Cents::ZERO);
        all_is_well(&h).await;
    }

    async fn removing_its_card_ends_it_and_says_so(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        let used = methods::show(&h.cx, &h.who, NUMBER, None).await.expect("shown");
        assert_eq!(used.methods[0].autopay, [NUMBER]);
        methods::remove(&h.cx, &h.who, NUMBER, method, None).await.expect("removed");
        pass(&h, 30).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Cancelled], Cents(12_000)));
        let off = h.mails().await.into_iter().find(|m| m.subject.starts_with("Autopay is off")).expect("said");
        assert!(off.body.contains("the card or bank account it used was removed."), "{}", off.body);
        all_is_well(&h).await;
    }

    async fn it_ends_with_the_account_and_follows_a_move_when_asked(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &Choice { days_before: "3".into(), brake: "100".into(), today_too: Some(false), ..choice(method, "K1") })
            .await
            .expect("on");
        let now = h.cx.clock.now();
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let new = NewAccount {
            number: "1000-0002", name: "Maria Lopez", opened_on: day(0), cycle_day: 5, paperless: true,
            street: "7 Bay Rd", city: "Alder Bay", postcode: "94000",
        };
        let moved = store::accounts::insert(&mut tx, &new).await.expect("an account");
        store::accounts::grant(&mut tx, moved, h.person, AccountRole::Holder, now).await.expect("a role");
        tx.commit().await.expect("committed");
        assert!(autopay(&h.cx, &h.who, "1000-0002").await.expect("shown").carry_on.is_none(), "nothing was left yet");
        close(&h, day(2)).await;
        pass(&h, 3).await;
        let off = h.mails().await.into_iter().find(|m| m.subject.starts_with("Autopay is off")).expect("said");
        assert!(off.body.contains("the account is closed. Your closing bill is not taken by itself."), "{}", off.body);
        // By itself it does not follow.
        bill_for(&h, moved, "1000-0002", Cents(8_000), 0).await;
        pass(&h, 2).await;
        let home = services::home::show(&h.cx, &h.who, "1000-0002").await.expect("home");
        assert!(home.attention.contains(&Attention::CarryOn { street: "12 Alder St".into() }), "{:?}", home.attention);
        let offer = autopay(&h.cx, &h.who, "1000-0002").await.expect("shown").carry_on.expect("offered");
        assert_eq!((offer.account.as_str(), offer.terms.days_before, offer.terms.brake_percent), (NUMBER, 3, Some(100)));
        for _ in 0..2 {
            carry_on(&h.cx, &h.who, "1000-0002", "K3").await.expect("a second click changes nothing");
        }
        let view = autopay(&h.cx, &h.who, "1000-0002").await.expect("shown");
        assert_eq!(view.enrolled.expect("it runs").terms.days_before, 3);
        let balance = async |account| {
            let mut tx = h.cx.pool.read().await.expect("a transaction");
            store::ledger::customer_sums(&mut tx, account).await.expect("sums").iter().map(|(_, a)| *a).sum::<Cents>()
        };
        pass(&h, 30).await;
        assert_eq!(balance(moved).await, Cents(8_000), "from the next bill on");
        assert_eq!(h.balance().await, Cents(12_000), "the old one's bill is the resident's");
        bill_for(&h, moved, "1000-0002", Cents(7_000), 0).await;
        pass(&h, 1).await;
        let mut tx = h.cx.pool.read().await.expect("a transaction");
        let asked = store::planned::open(&mut tx, moved).await.expect("rows");
        assert_eq!((asked[0].state, asked[0].why), (State::Asking, Some(Why::Brake)), "with nothing to compare with, the brake asks");
        drop(tx);
        assert!(autopay(&h.cx, &h.who, "1000-0002").await.expect("shown").carry_on.is_none());
        all_is_well(&h).await;
    }

    async fn a_bill_that_was_corrected_takes_no_more_than_was_told(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        pass(&h, 5).await;
        // Another charge falls due earlier than the next bill: it is told with that one.
        bill(&h, Cents(5_000), 10).await;
        pass(&h, 16).await;
        let taken: Vec<Cents> = h.payments().await.iter().filter(|p| p.status == Status::Succeeded).map(|p| p.amount).collect();
        assert!(taken.iter().all(|a| *a <= Cents(12_000)), "{taken:?}");
        all_is_well(&h).await;
    }

    async fn the_mail_about_a_bill_says_what_autopay_will_do(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        let mut work = h.cx.begin(&services::notices::WRITE, &Principal::System).await.expect("a transaction");
        let mut tx = h.cx.pool.read().await.expect("a transaction");
        let number = store::bills::list(&mut tx, h.account).await.expect("bills")[0].number.clone();
        drop(tx);
        let (now, payload) = (work.now, json!({ "account": h.account, "bill": number }));
        work.enqueue("mail.bill_ready", "test:ready", now, &payload).await.expect("queued");
        work.enqueue("mail.due_soon", "test:soon", now, &payload).await.expect("queued");
        work.commit().await.expect("committed");
        jobs::run_due(&h.cx).await.expect("jobs run");
        for subject in ["Your bill is ready: $120.00 due Thu 18 Jun", "$120.00 due Thu 18 Jun"] {
            let mail = h.mails().await.into_iter().find(|m| m.subject == subject).expect("written");
            assert!(mail.body.contains("Autopay takes $120.00 with Visa ending 4242 on Thu 18 Jun. You need not do anything."), "{}", mail.body);
        }
    }
}
