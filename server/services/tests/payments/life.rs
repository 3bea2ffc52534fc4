//! One payment's life, step by step.

use chrono::TimeDelta;
use contract::home::Attention;
use contract::{AppError, Field, Problem};
use domain::ids::{SessionId, ViewAsId};
use domain::ledger::{Book, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use domain::payment::Status;
use domain::quantity::ServiceKind;
use services::payments::{Go, hear, show, start};
use services::{Fault, Principal, jobs, payments};
use store::payments::HeardBy;

use crate::fake::{report, word};
use crate::house::{House, NUMBER, OWED, house};

fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>) -> AppError {
    match result {
        Err(Fault::App(error)) => error,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

async fn begin(h: &House, amount: &str, key: &str) -> String {
    match start(&h.cx, &h.who, NUMBER, amount, key).await.expect("begun") {
        Go::Processor(url) => url.rsplit('/').next().expect("a reference").to_owned(),
        Go::Payment(number) => panic!("payment {number} is past paying"),
    }
}

store::both_engines! {
    async fn a_payment_is_posted_and_receipted(pool: Pool) {
        let h = house(pool).await;
        let view = payments::form(&h.cx, &h.who, NUMBER).await.expect("a form");
        assert_eq!((view.due.balance, view.limits.due), (OWED, OWED));
        let number = begin(&h, "$60.00", &view.form_key).await;
        assert_eq!(show(&h.cx, &h.who, NUMBER, &number).await.expect("a page").status, Status::Created);
        assert_eq!(h.balance().await, OWED, "nothing is posted before the processor says so");

        hear(&h.cx, &report(&number, Cents(6_000), word(Status::Pending, 2)), HeardBy::Webhook).await.expect("heard");
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home");
        assert!(home.attention.contains(&Attention::PaymentPending { amount: Cents(6_000) }), "{:?}", home.attention);
        let view = payments::form(&h.cx, &h.who, NUMBER).await.expect("a form");
        assert_eq!(view.limits.due, Cents(2_450), "what is on its way is not due again");
        assert_eq!(view.pending.len(), 1);
        let list = services::billing::list(&h.cx, &h.who, NUMBER).await.expect("the bills");
        assert_eq!((list.due.pending, list.due.unpaid()), (Cents(6_000), Cents(2_450)));
        let shown: Vec<_> = list.payments.iter().map(|p| (p.number.as_str(), p.status)).collect();
        assert_eq!(shown, [(number.as_str(), Status::Pending)]);

        hear(&h.cx, &report(&number, Cents(6_000), word(Status::Succeeded, 3)), HeardBy::Webhook).await.expect("heard");
        assert_eq!(h.balance().await, Cents(2_450));
        h.fake.set(&number, word(Status::Succeeded, 3));
        jobs::run_due(&h.cx).await.expect("jobs run");
        let mails = h.mails().await;
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].recipient, "maria@example.com");
        assert_eq!(mails[0].subject, "Receipt: $60.00 paid on Thu 28 May");
        for line in ["Hello Maria,", "Amount: $60.00", "Paid with: Visa ending 4242", "Account: 1000-0001, 12 Alder St", "Still to pay: $24.50."] {
            assert!(mails[0].body.contains(line), "{line} is missing in {}", mails[0].body);
        }
        assert!(mails[0].body.contains(&format!("http://localhost:8620/a/{NUMBER}/pay/{number}\n")));
        assert!(mails[0].sent_at.is_some());
        let view = show(&h.cx, &h.who, NUMBER, &number).await.expect("a page");
        assert_eq!(view.receipt_to.as_deref(), Some("m•••@example.com"));
        assert!(view.posted_at.is_some() && view.resume.is_none());
        h.check().await;
    }

    async fn what_the_bank_sends_back_is_owed_again(pool: Pool) {
        let h = house(pool).await;
        let number = begin(&h, "60.00", "K1").await;
        let taken = report(&number, Cents(6_000), word(Status::Succeeded, 2));
        hear(&h.cx, &taken, HeardBy::Webhook).await.expect("heard");
        h.fake.set(&number, word(Status::Succeeded, 2));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(h.balance().await, Cents(2_450));
        // Days later, and the message is lost: the daily comparison finds it, once.
        h.clock.advance(TimeDelta::days(4));
        h.fake.send_back(&number);
        for _ in 0..2 {
            payments::compare(&h.cx).await.expect("compared");
        }
        assert_eq!(h.balance().await, OWED);
        let view = show(&h.cx, &h.who, NUMBER, &number).await.expect("a page");
        assert!(view.status == Status::Succeeded && view.returned_at.is_some());
        jobs::run_due(&h.cx).await.expect("jobs run");
        let mails = h.mails().await;
        assert_eq!(mails[0].subject, "Your bank returned your payment of $60.00");
        assert!(mails[0].body.contains("made on Thu 28 May with Visa ending 4242"), "{}", mails[0].body);
        assert_eq!(mails.iter().filter(|m| m.subject.contains("returned")).count(), 1);
        // The old word, heard late, changes nothing; another payment does.
        hear(&h.cx, &taken, HeardBy::Webhook).await.expect("heard");
        assert_eq!(h.balance().await, OWED);
        let again = begin(&h, "84.50", "K2").await;
        hear(&h.cx, &report(&again, OWED, word(Status::Succeeded, 2)), HeardBy::Webhook).await.expect("heard");
        assert_eq!(h.balance().await, Cents::ZERO);
        h.check().await;
    }

    async fn amounts_that_make_no_sense_are_refused_by_field(pool: Pool) {
        let h = house(pool).await;
        for (amount, problem) in [
            ("", Problem::Missing),
            ("0", Problem::TooSmall),
            ("0.99", Problem::TooSmall),
            ("-5", Problem::TooSmall),
            ("ten", Problem::Malformed),
            ("1.005", Problem::Malformed),
            ("584.51", Problem::TooLarge),
            ("1000000000000", Problem::TooLarge),
            ("99999999999999999999", Problem::TooLarge),
        ] {
            let error = refusal(start(&h.cx, &h.who, NUMBER, amount, "K1").await);
            assert_eq!(error, AppError::field(Field::Amount, problem), "{amount}");
        }
        assert!(matches!(refusal(start(&h.cx, &h.who, NUMBER, "1", "no key!").await), AppError::Invalid(_)));
        assert_eq!(h.payments().await.len(), 0);
        assert_eq!(h.fake.count(), 0);
        assert!(begin(&h, "584.50", "K2").await.starts_with("P-"), "up to $500 ahead is kept for later");
    }

    async fn a_double_click_begins_one_payment(pool: Pool) {
        let h = house(pool).await;
        let (a, b) = tokio::join!(
            start(&h.cx, &h.who, NUMBER, "84.50", "K1"),
            start(&h.cx, &h.who, NUMBER, "84.50", "K1")
        );
        assert_eq!(a.expect("begun"), b.expect("begun"));
        assert_eq!((h.payments().await.len(), h.fake.count()), (1, 1));
        // The back button after paying: the form is sent again and leads to the payment, not to paying twice.
        let number = h.payments().await[0].number.clone();
        hear(&h.cx, &report(&number, OWED, word(Status::Succeeded, 2)), HeardBy::Webhook).await.expect("heard");
        assert_eq!(start(&h.cx, &h.who, NUMBER, "84.50", "K1").await.expect("led on"), Go::Payment(number));
        assert_eq!(h.postings().await, 1);
    }

    async fn a_second_tab_closes_what_the_first_left_open(pool: Pool) {
        let h = house(pool).await;
        let first = begin(&h, "84.50", "K1").await;
        let second = begin(&h, "84.50", "K2").await;
        assert_ne!(first, second);
        assert_eq!(show(&h.cx, &h.who, NUMBER, &first).await.expect("a page").status, Status::Cancelled);
        // Paid in the second tab; a third one finds that out before anything is paid twice.
        h.fake.set(&second, word(Status::Succeeded, 2));
        assert_eq!(start(&h.cx, &h.who, NUMBER, "84.50", "K3").await.expect("led on"), Go::Payment(second));
        assert_eq!((h.balance().await, h.postings().await), (Cents::ZERO, 1));
        h.check().await;
    }

    async fn with_the_processor_down_nothing_is_lost(pool: Pool) {
        let h = house(pool).await;
        *h.fake.down.lock().expect("no panic") = true;
        assert_eq!(refusal(start(&h.cx, &h.who, NUMBER, "84.50", "K1").await), AppError::ProcessorDown);
        let number = h.payments().await[0].number.clone();
        let view = show(&h.cx, &h.who, NUMBER, &number).await.expect("a page");
        assert!(view.processor_down && view.status == Status::Created);
        h.clock.advance(TimeDelta::minutes(3));
        jobs::run_due(&h.cx).await.expect("the job waits");
        *h.fake.down.lock().expect("no panic") = false;
        assert_eq!(begin(&h, "84.50", "K1").await, number, "the same form carries on");
        h.fake.set(&number, word(Status::Succeeded, 2));
        h.clock.advance(TimeDelta::minutes(10));
        jobs::run_due(&h.cx).await.expect("the job asks");
        assert_eq!((h.balance().await, h.postings().await), (Cents::ZERO, 1), "a lost webhook is found by asking");
        assert_eq!(h.mails().await.len(), 1);
    }

    async fn what_never_reached_the_processor_ends_by_itself(pool: Pool) {
        let h = house(pool).await;
        *h.fake.down.lock().expect("no panic") = true;
        assert_eq!(refusal(start(&h.cx, &h.who, NUMBER, "84.50", "K1").await), AppError::ProcessorDown);
        *h.fake.down.lock().expect("no panic") = false;
        for _ in 0..20 {
            h.clock.advance(TimeDelta::minutes(3));
            jobs::run_due(&h.cx).await.expect("jobs run");
        }
        assert_eq!(h.payments().await[0].status, Status::Expired);
        assert_eq!(h.balance().await, OWED);
    }

    async fn a_report_about_another_amount_moves_nothing(pool: Pool) {
        let h = house(pool).await;
        let number = begin(&h, "84.50", "K1").await;
        let wrong = report(&number, Cents(1), word(Status::Succeeded, 2));
        assert!(matches!(hear(&h.cx, &wrong, HeardBy::Webhook).await, Err(Fault::Other(_))));
        assert_eq!((h.balance().await, h.postings().await), (OWED, 0));
        let stranger = report("P-NOBODY", OWED, word(Status::Succeeded, 2));
        assert_eq!(hear(&h.cx, &stranger, HeardBy::Webhook).await.expect("heard"), payments::Heard::Unknown);
    }

    async fn nobody_else_sees_or_pays(pool: Pool) {
        let h = house(pool).await;
        let number = begin(&h, "84.50", "K1").await;
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let new = store::people::NewPerson {
            kind: store::people::PersonKind::Resident, given_name: "Sam", family_name: "Other", email: None, phone: None,
        };
        let other = store::people::insert(&mut tx, &new, h.cx.clock.now()).await.expect("a person");
        tx.commit().await.expect("committed");
        let stranger = Principal::Resident { person: other, session: SessionId(2) };
        assert_eq!(refusal(show(&h.cx, &stranger, NUMBER, &number).await), AppError::NotFound);
        assert_eq!(refusal(start(&h.cx, &stranger, NUMBER, "84.50", "K9").await), AppError::NotFound);
        assert_eq!(refusal(show(&h.cx, &Principal::Nobody, NUMBER, &number).await), AppError::SignInRequired);
        let view_as = Principal::ViewAs { actor: other, subject: h.person, account: h.account, view_as: ViewAsId(1) };
        // The refusal's audit row names a viewing that must exist, so only its kind is looked at here.
        assert!(start(&h.cx, &view_as, NUMBER, "84.50", "K9").await.is_err());
        assert_eq!(h.payments().await.len(), 1);
    }

    async fn payments_from_elsewhere_count_once(pool: Pool) {
        let h = house(pool).await;
        for _ in 0..2 {
            let mut work = h.cx.begin(&payments::RECORD, &Principal::System).await.expect("a transaction");
            let at = work.now;
            payments::record(&mut work, h.account, Cents(10_000), at, "Check 1204", "lockbox-1").await.expect("recorded");
            work.commit().await.expect("committed");
        }
        assert_eq!((h.balance().await, h.postings().await), (Cents(-1_550), 1), "what is over is held as a credit");
        h.check().await;
    }

    async fn a_bill_replaced_while_paying_leaves_the_difference_as_credit(pool: Pool) {
        let h = house(pool).await;
        let view = payments::form(&h.cx, &h.who, NUMBER).await.expect("a form");
        let number = begin(&h, "84.50", &view.form_key).await;
        // Corrected while the person is on the processor's page: $60.00 in place of $84.50.
        let mut work = h.cx.begin(&payments::RECORD, &Principal::System).await.expect("a transaction");
        let on = "2026-05-28".parse().expect("a date");
        services::ledger::reverse(&mut work, "bill:1", on).await.expect("reversed");
        let (owed, earned) = (Book::Receivable(ServiceKind::Electricity), Book::Revenue(ServiceKind::Electricity));
        let entries = [debit(owed, Cents(6_000)), credit(earned, Cents(6_000))];
        let journal = Journal::new(h.account, JournalKind::Bill, on, entries).expect("balanced");
        services::ledger::post(&mut work, &journal, "bill:2", None).await.expect("posted");
        work.commit().await.expect("committed");
        hear(&h.cx, &report(&number, OWED, word(Status::Succeeded, 2)), HeardBy::Webhook).await.expect("heard");
        let shown = show(&h.cx, &h.who, NUMBER, &number).await.expect("a page");
        assert_eq!((shown.status, shown.balance), (Status::Succeeded, Cents(-2_450)), "the page says what is held");
        // The form of before, sent once more, pays nothing twice and leads to the payment.
        assert_eq!(start(&h.cx, &h.who, NUMBER, "84.50", &view.form_key).await.expect("led on"), Go::Payment(number));
        assert_eq!(h.postings().await, 1);
        h.check().await;
    }

    async fn a_closed_account_takes_what_is_owed_and_no_more(pool: Pool) {
        let h = house(pool).await;
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let change = store::import::AccountChange {
            name: "Maria Lopez",
            closed_on: Some("2026-05-01".parse().expect("a date")),
            cycle_day: 5,
            street: "12 Alder St",
            city: "Alder Bay",
            postcode: "94000",
        };
        store::import::set_account(&mut tx, h.account, &change).await.expect("closed");
        tx.commit().await.expect("committed");
        let over = refusal(start(&h.cx, &h.who, NUMBER, "84.51", "K1").await);
        assert_eq!(over, AppError::field(Field::Amount, Problem::TooLarge), "nothing is kept for bills that never come");
        let number = begin(&h, "84.50", "K2").await;
        hear(&h.cx, &report(&number, OWED, word(Status::Succeeded, 2)), HeardBy::Webhook).await.expect("heard");
        let view = payments::form(&h.cx, &h.who, NUMBER).await.expect("a form");
        assert!(!view.limits.is_open(), "there is nothing to pay and the page says so");
        let more = refusal(start(&h.cx, &h.who, NUMBER, "1", "K3").await);
        assert_eq!(more, AppError::field(Field::Amount, Problem::TooLarge));
        assert_eq!((h.balance().await, h.payments().await.len()), (Cents::ZERO, 1));
        h.check().await;
    }
}
