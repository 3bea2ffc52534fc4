//! Giving money back: who may, how much, and what the books say whatever the processor does.

use chrono::TimeDelta;
use contract::{AppError, Field, Problem};
use domain::ids::SessionId;
use domain::ledger::JournalKind;
use domain::money::Cents;
use domain::payment::{RefundHeard, RefundStatus, Status};
use services::adapters::payment::RefundReport;
use services::payments::refund::{Asked, hear_refund, refund, staff_show};
use services::payments::{Go, compare, hear, show, start};
use services::rows::RefundReason;
use services::{Fault, Principal, jobs};
use store::payments::HeardBy;
use store::people::{NewPerson, PersonKind};
use store::permissions::Permission;

use crate::fake::{report, word};
use crate::house::{House, NUMBER, OWED, house};

/// An employee, who may give money back or not.
pub async fn employee(h: &House, may: bool) -> Principal {
    let mut tx = h.cx.pool.write().await.expect("a transaction");
    let new = NewPerson { kind: PersonKind::Staff, given_name: "Sam", family_name: "Okafor", email: None, phone: None };
    let now = h.cx.clock.now();
    let person = store::people::insert(&mut tx, &new, now).await.expect("a person");
    if may {
        store::permissions::grant(&mut tx, person, Permission::Refunds, now).await.expect("granted");
    }
    tx.commit().await.expect("committed");
    Principal::Staff { person, session: SessionId(3) }
}

/// A payment that was taken.
pub async fn taken(h: &House, amount: &str, key: &str) -> String {
    let number = match start(&h.cx, &h.who, NUMBER, amount, key).await.expect("begun") {
        Go::Processor(url) => url.rsplit('/').next().expect("a reference").to_owned(),
        Go::Payment(number) => panic!("payment {number} is past paying"),
    };
    let cents = Cents::parse(amount).expect("an amount");
    h.fake.set(&number, word(Status::Succeeded, 2));
    hear(&h.cx, &report(&number, cents, word(Status::Succeeded, 2)), HeardBy::Webhook).await.expect("heard");
    number
}

pub fn asked(amount: &str, key: &str) -> Asked {
    Asked { amount: amount.into(), reason: Some(RefundReason::Duplicate), note: String::new(), form_key: key.into() }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>) -> AppError {
    match result {
        Err(Fault::App(error)) => error,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

fn wrong(field: Field, problem: Problem) -> AppError {
    AppError::field(field, problem)
}

async fn later(h: &House, number: &str, status: RefundStatus) {
    let report = h.fake.set_refund(number, status);
    hear_refund(&h.cx, &report).await.expect("heard");
}

store::both_engines! {
    async fn what_is_given_back_comes_out_of_credit_or_is_owed_again(pool: Pool) {
        let h = house(pool).await;
        let sam = employee(&h, true).await;
        let number = taken(&h, "100.00", "K1").await;
        assert_eq!(h.balance().await, Cents(-1_550));
        let first = refund(&h.cx, &sam, &number, &asked("$15.50", "R1")).await.expect("given");
        assert_eq!((h.balance().await, h.clearing().await), (Cents::ZERO, Cents(8_450)));
        later(&h, &first, RefundStatus::Succeeded).await;
        assert_eq!(h.balance().await, Cents::ZERO, "on its way or sent: it is posted once");
        let shown = show(&h.cx, &h.who, NUMBER, &number).await.expect("a page");
        assert_eq!((shown.refunds.len(), shown.refunds[0].status), (1, RefundStatus::Succeeded));
        let second = refund(&h.cx, &sam, &number, &asked("84.50", "R2")).await.expect("given");
        assert_eq!((h.balance().await, h.clearing().await), (OWED, Cents::ZERO), "the bills are owed again");
        let seen = staff_show(&h.cx, &sam, &number).await.expect("a page");
        assert_eq!((seen.left, seen.refunds.len(), seen.may), (Cents::ZERO, 2, true));
        assert_eq!(seen.refunds[1].0.number, second);
        assert_eq!(seen.refunds[0].1.as_deref(), Some("Sam Okafor"));
        assert_eq!(refusal(refund(&h.cx, &sam, &number, &asked("0.01", "R3")).await), wrong(Field::Amount, Problem::MoreThanLeft));
        jobs::run_due(&h.cx).await.expect("jobs run");
        let mails = h.mails().await;
        assert_eq!(mails.iter().filter(|m| m.subject.ends_with("is on its way back to you")).count(), 2);
        let mail = mails.iter().find(|m| m.subject.starts_with("$15.50")).expect("a mail");
        for line in ["Hello Maria,", "your payment of $100.00", "Visa ending 4242", &format!("Refund number: {first}")] {
            assert!(mail.body.contains(line), "{line} is missing in {}", mail.body);
        }
        h.check().await;
    }

    async fn only_some_employees_may_and_never_more_than_was_paid(pool: Pool) {
        let h = house(pool).await;
        let (sam, kim) = (employee(&h, true).await, employee(&h, false).await);
        let number = taken(&h, "60.00", "K1").await;
        let good = asked("10", "R1");
        assert_eq!(refusal(refund(&h.cx, &kim, &number, &good).await), AppError::Forbidden);
        assert_eq!(refusal(refund(&h.cx, &h.who, &number, &good).await), AppError::Forbidden);
        assert_eq!(refusal(refund(&h.cx, &Principal::Nobody, &number, &good).await), AppError::SignInRequired);
        assert!(!staff_show(&h.cx, &kim, &number).await.expect("a page").may);
        for (amount, problem) in [
            ("", Problem::Missing), ("0", Problem::TooSmall), ("-1", Problem::TooSmall), ("60.01", Problem::MoreThanLeft),
            ("1000000000000", Problem::MoreThanLeft), ("ten", Problem::Malformed),
        ] {
            let error = refusal(refund(&h.cx, &sam, &number, &asked(amount, "R1")).await);
            assert_eq!(error, wrong(Field::Amount, problem), "{amount}");
        }
        let unsaid = Asked { reason: None, ..asked("10", "R1") };
        assert_eq!(refusal(refund(&h.cx, &sam, &number, &unsaid).await), wrong(Field::Reason, Problem::Missing));
        let other = Asked { reason: Some(RefundReason::Other), ..asked("10", "R1") };
        assert_eq!(refusal(refund(&h.cx, &sam, &number, &other).await), wrong(Field::Message, Problem::Missing));
        let posing = Asked { reason: Some(RefundReason::Processor), ..asked("10", "R1") };
        assert_eq!(refusal(refund(&h.cx, &sam, &number, &posing).await), wrong(Field::Reason, Problem::Missing));
        assert_eq!(refusal(refund(&h.cx, &sam, "P-NOBODY", &good).await), AppError::NotFound);
        // Two tabs, and a double click in each: never more than was paid.
        let (first, second) = (asked("40", "R1"), asked("40", "R2"));
        let (a, b, c) = tokio::join!(
            refund(&h.cx, &sam, &number, &first),
            refund(&h.cx, &sam, &number, &first),
            refund(&h.cx, &sam, &number, &second),
        );
        let given: Vec<String> = [a, b, c].into_iter().flatten().collect();
        assert!(!given.is_empty() && given.iter().all(|n| *n == given[0]), "{given:?}");
        assert_eq!(h.clearing().await, Cents(2_000));
        // What nobody paid, or the bank took back, is not given back.
        let Go::Processor(_) = start(&h.cx, &h.who, NUMBER, "1.00", "K2").await.expect("begun") else { panic!("begun") };
        let open = h.payments().await[0].number.clone();
        assert_eq!(refusal(refund(&h.cx, &sam, &open, &asked("1", "R9")).await), wrong(Field::Amount, Problem::MoreThanLeft));
        h.check().await;
    }

    async fn what_came_to_nothing_is_undone_and_may_be_given_again(pool: Pool) {
        let h = house(pool).await;
        let sam = employee(&h, true).await;
        let number = taken(&h, "100.00", "K1").await;
        let first = refund(&h.cx, &sam, &number, &asked("15.50", "R1")).await.expect("given");
        later(&h, &first, RefundStatus::Succeeded).await;
        later(&h, &first, RefundStatus::Failed).await;
        assert_eq!((h.balance().await, h.clearing().await), (Cents(-1_550), Cents(10_000)));
        // The old word, heard late, changes nothing.
        let heard = RefundHeard { status: RefundStatus::Pending, revision: 1 };
        let late = RefundReport { heard, ..h.fake.books().refunds[&first].clone() };
        hear_refund(&h.cx, &late).await.expect("heard");
        assert_eq!(h.balance().await, Cents(-1_550));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert!(h.mails().await.iter().any(|m| m.subject == "Your refund of $15.50 did not arrive"));
        let shown = show(&h.cx, &h.who, NUMBER, &number).await.expect("a page");
        assert_eq!(shown.refunds[0].status, RefundStatus::Failed);
        refund(&h.cx, &sam, &number, &asked("100.00", "R2")).await.expect("all of it may be given now");
        assert_eq!((h.balance().await, h.clearing().await), (OWED, Cents::ZERO));
        h.check().await;
    }

    async fn with_the_processor_down_a_refund_waits_and_is_given_once(pool: Pool) {
        let h = house(pool).await;
        let sam = employee(&h, true).await;
        let number = taken(&h, "84.50", "K1").await;
        *h.fake.down.lock().expect("no panic") = true;
        let given = refund(&h.cx, &sam, &number, &asked("10", "R1")).await.expect("written down");
        assert_eq!(refund(&h.cx, &sam, &number, &asked("10", "R1")).await.expect("the same"), given);
        assert_eq!((h.balance().await, h.clearing().await), (Cents::ZERO, OWED), "nothing is posted yet");
        assert!(show(&h.cx, &h.who, NUMBER, &number).await.expect("a page").refunds.is_empty(), "nothing is promised");
        assert_eq!(staff_show(&h.cx, &sam, &number).await.expect("a page").left, Cents(7_450), "and it is not free");
        h.clock.advance(TimeDelta::minutes(3));
        jobs::run_due(&h.cx).await.expect("the job waits");
        *h.fake.down.lock().expect("no panic") = false;
        h.clock.advance(TimeDelta::minutes(10));
        jobs::run_due(&h.cx).await.expect("the job asks");
        assert_eq!((h.balance().await, h.fake.books().refunds.len()), (Cents(1_000), 1));
        // A message that is lost is made up for by asking.
        h.fake.set_refund(&given, RefundStatus::Succeeded);
        h.clock.advance(TimeDelta::hours(2));
        jobs::run_due(&h.cx).await.expect("the job asks");
        assert_eq!(staff_show(&h.cx, &sam, &number).await.expect("a page").refunds[0].0.status, RefundStatus::Succeeded);
        h.check().await;
    }

    async fn one_that_the_processor_refuses_for_now_is_asked_for_until_it_is_given(pool: Pool) {
        let h = house(pool).await;
        let staff = employee(&h, true).await;
        let payment = taken(&h, "84.50", "K1").await;
        *h.fake.refuses.lock().expect("no panic") = true;
        let number = refund(&h.cx, &staff, &payment, &asked("10.00", "F1")).await.expect("written down");
        assert_eq!(refund(&h.cx, &staff, &payment, &asked("10.00", "F1")).await.expect("the same"), number);
        for _ in 0..40 {
            h.clock.advance(TimeDelta::hours(1));
            jobs::run_due(&h.cx).await.expect("jobs run");
        }
        let page = staff_show(&h.cx, &staff, &payment).await.expect("shown");
        assert_eq!((page.refunds[0].0.status, h.balance().await), (RefundStatus::Asked, Cents::ZERO));
        // An operator puts the key right: nobody has to ask again.
        *h.fake.refuses.lock().expect("no panic") = false;
        h.clock.advance(TimeDelta::hours(1));
        jobs::run_due(&h.cx).await.expect("jobs run");
        let page = staff_show(&h.cx, &staff, &payment).await.expect("shown");
        assert_eq!((page.refunds.len(), page.refunds[0].0.status), (1, RefundStatus::Pending));
        assert_eq!(h.balance().await, Cents(1_000));
        h.check().await;
    }

    async fn who_lost_the_role_is_not_told_the_balance(pool: Pool) {
        let h = house(pool).await;
        let staff = employee(&h, true).await;
        let payment = taken(&h, "50.00", "K1").await;
        jobs::run_due(&h.cx).await.expect("jobs run");
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let now = h.cx.clock.now();
        store::fixtures::end_roles(&mut tx, h.account, h.person, now).await.expect("ended");
        tx.commit().await.expect("committed");
        h.clock.advance(TimeDelta::minutes(1));
        refund(&h.cx, &staff, &payment, &asked("10.00", "F1")).await.expect("given");
        jobs::run_due(&h.cx).await.expect("jobs run");
        let mails = h.mails().await;
        let find = |start: &str| mails.iter().find(|m| m.subject.starts_with(start)).expect("written").body.clone();
        assert!(find("Receipt").contains("Still to pay: $34.50."), "they had it then");
        let back = find("$10.00 is on its way back");
        assert!(back.contains("You have no access to this account any more.") && !back.contains("44.50"), "{back}");
    }

    async fn every_payment_is_asked_about_page_by_page(pool: Pool) {
        let h = house(pool).await;
        let mut numbers = Vec::new();
        for i in 0..60 {
            numbers.push(taken(&h, "1.00", &format!("K{i}")).await);
        }
        // What follows up each of them is done with.
        h.clock.advance(TimeDelta::minutes(3));
        jobs::run_due(&h.cx).await.expect("jobs run");
        h.fake.books().told.clear();
        // One makes no sense; one behind it was sent back, and the message was lost.
        h.fake.books().checkouts.get_mut(&numbers[3]).expect("there").amount = Cents(999);
        h.fake.books().checkouts.get_mut(&numbers[58]).expect("there").returned = true;
        services::payments::schedule(&h.cx).await.expect("queued");
        h.clock.advance(TimeDelta::days(1));
        jobs::run_due(&h.cx).await.expect("jobs run");
        let returned = async || h.payments().await.iter().filter(|p| p.returned_at.is_some()).count();
        assert_eq!(returned().await, 0, "on a Friday only what the processor lists is read");
        h.clock.advance(TimeDelta::days(2));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(returned().await, 1, "on a Sunday each is asked about");
        let mut tx = h.cx.pool.read().await.expect("a transaction");
        let troubled = store::work::troubled_jobs(&mut tx, 100).await.expect("jobs");
        assert!(troubled.iter().all(|j| !j.kind.starts_with("payments.")), "{troubled:?}");
    }

    async fn a_refund_begun_at_the_processor_is_found_once(pool: Pool) {
        let h = house(pool).await;
        let sam = employee(&h, true).await;
        let number = taken(&h, "84.50", "K1").await;
        let report = RefundReport {
            refund: "re_dashboard".into(),
            reference: String::new(),
            payment: String::new(),
            checkout: format!("co_{number}"),
            amount: Cents(2_000),
            heard: RefundHeard { status: RefundStatus::Succeeded, revision: 5 },
        };
        h.fake.books().told.push(services::adapters::payment::Word::Refund(report.clone()));
        for _ in 0..2 {
            compare(&h.cx).await.expect("compared");
            hear_refund(&h.cx, &report).await.expect("heard");
        }
        assert_eq!((h.balance().await, h.clearing().await), (Cents(2_000), Cents(6_450)));
        let seen = staff_show(&h.cx, &sam, &number).await.expect("a page");
        assert_eq!((seen.refunds.len(), seen.refunds[0].0.reason), (1, RefundReason::Processor));
        // One about nothing of ours is not taken in, and one about another amount is not believed.
        let stranger = RefundReport { checkout: "co_else".into(), refund: "re_2".into(), ..report.clone() };
        assert_eq!(hear_refund(&h.cx, &stranger).await.expect("heard"), None);
        let altered = RefundReport { amount: Cents(1), ..report };
        assert!(matches!(hear_refund(&h.cx, &altered).await, Err(Fault::Other(_))));
        h.check().await;
    }

    async fn a_return_after_a_refund_leaves_both_in_the_books(pool: Pool) {
        let h = house(pool).await;
        let sam = employee(&h, true).await;
        let number = taken(&h, "84.50", "K1").await;
        refund(&h.cx, &sam, &number, &asked("20", "R1")).await.expect("given");
        h.fake.send_back(&number);
        compare(&h.cx).await.expect("compared");
        // The bank has all of it and the person has twenty more: that much more is owed than before they paid.
        assert_eq!((h.balance().await, h.clearing().await), (OWED + Cents(2_000), Cents(-2_000)));
        assert_eq!(h.journals(JournalKind::Refund).await, 1);
        let error = refusal(refund(&h.cx, &sam, &number, &asked("1", "R2")).await);
        assert_eq!(error, wrong(Field::Amount, Problem::MoreThanLeft), "what the bank took back is not given back");
        h.check().await;
    }
}
