//! Saved ways to pay: saved whichever way the word comes, seen by nobody else, used for paying now, removed with what uses them.

use chrono::TimeDelta;
use contract::payments::FieldsView;
use contract::{AppError, Field, Problem};
use domain::ids::{SessionId, ViewAsId};
use domain::money::Cents;
use domain::payment::{Decline, Expiry, MethodKind, SavedMethod, SetupStatus, Status};
use services::adapters::payment::PaymentProvider as _;
use services::payments::card as fields;
use services::payments::methods::{add, hear_setup, remove, show};
use services::payments::{Go, confirm, start};
use services::{Fault, Principal, jobs, payments};

use crate::house::{House, NUMBER, OWED, house, pay_now};
use crate::later::{all_is_well, day, pass, states, wanted};

pub fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>) -> AppError {
    match result {
        Err(Fault::App(error)) => error,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

fn visa(token: &str, expires: Option<(i32, u32)>) -> SavedMethod {
    SavedMethod {
        token: token.to_owned(),
        kind: MethodKind::Card,
        label: "Visa ending 4242".into(),
        expires: expires.and_then(|(year, month)| Expiry::new(year, month)),
    }
}

/// Begins to save one; its reference.
async fn begin(h: &House, who: &Principal, key: &str) -> String {
    let url = add(&h.cx, who, NUMBER, key).await.expect("begun");
    url.rsplit('/').next().expect("a reference").to_owned()
}

/// Someone saves a card; names it in forms.
pub async fn card_of(h: &House, who: &Principal, token: &str, expires: Option<(i32, u32)>) -> i64 {
    let reference = begin(h, who, &format!("S{}", token.replace('_', ""))).await;
    h.fake.save(&reference, visa(token, expires));
    let view = show(&h.cx, who, NUMBER, Some(&reference)).await.expect("shown");
    assert_eq!(view.setup, Some(SetupStatus::Saved));
    view.methods.last().expect("it is there").method.id
}

/// The resident saves a card that ends.
pub async fn card(h: &House, token: &str, expires: Option<(i32, u32)>) -> i64 {
    card_of(h, &h.who, token, expires).await
}

/// The resident saves a card that is good for long.
pub async fn with_card(h: &House, token: &str) -> i64 {
    card(h, token, Some((2030, 12))).await
}

store::both_engines! {
    async fn whichever_way_the_word_comes_it_is_saved_once(pool: Pool) {
        let h = house(pool).await;
        // First by message, then by coming back, then again by message.
        let reference = begin(&h, &h.who, "K1").await;
        assert_eq!(show(&h.cx, &h.who, NUMBER, Some(&reference)).await.expect("shown").setup, Some(SetupStatus::Open));
        h.fake.save(&reference, visa("tok_1", Some((2027, 3))));
        let report = h.fake.setup_status(&reference, None).await.expect("answered").expect("known");
        let (a, b) = tokio::join!(hear_setup(&h.cx, &report), hear_setup(&h.cx, &report));
        assert!(a.expect("heard") && b.expect("heard"));
        let view = show(&h.cx, &h.who, NUMBER, Some(&reference)).await.expect("shown");
        assert_eq!((view.setup, view.methods.len()), (Some(SetupStatus::Saved), 1));
        let method = &view.methods[0].method;
        assert_eq!((method.label.as_str(), method.expires_on), ("Visa ending 4242", Some("2027-03-31".parse().expect("a date"))));
        // The token crosses no wire.
        assert!(!serde_json::to_string(&view).expect("JSON").contains("tok_1"));
        // Never by message, and the person never comes back: the job asks.
        let reference = begin(&h, &h.who, "K2").await;
        h.fake.save(&reference, visa("tok_2", None));
        h.clock.advance(TimeDelta::minutes(3));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(show(&h.cx, &h.who, NUMBER, None).await.expect("shown").methods.len(), 2);
        // The same form again leads back; turned back and timed out save nothing.
        let again = add(&h.cx, &h.who, NUMBER, "K2").await.expect("led back");
        assert!(again.ends_with(&format!("/a/{NUMBER}/methods?saved={reference}")), "{again}");
        let third = begin(&h, &h.who, "K3").await;
        h.fake.end_setup(&third, SetupStatus::Cancelled);
        assert_eq!(show(&h.cx, &h.who, NUMBER, Some(&third)).await.expect("shown").setup, Some(SetupStatus::Cancelled));
        let fourth = begin(&h, &h.who, "K4").await;
        for _ in 0..10 {
            h.clock.advance(TimeDelta::minutes(6));
            jobs::run_due(&h.cx).await.expect("jobs run");
        }
        let view = show(&h.cx, &h.who, NUMBER, Some(&fourth)).await.expect("shown");
        assert_eq!((view.setup, view.methods.len()), (Some(SetupStatus::Expired), 2));
    }

    async fn nobody_else_sees_or_uses_it(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        let other = h.second_holder().await;
        let holder = Principal::Resident { person: other, session: SessionId(5) };
        assert_eq!(show(&h.cx, &holder, NUMBER, None).await.expect("shown").methods, []);
        let no = AppError::field(Field::Method, Problem::NoMatch);
        assert_eq!(refusal(confirm(&h.cx, &holder, NUMBER, method, "10").await), no);
        assert_eq!(refusal(pay_now(&h.cx, &holder, NUMBER, method, "10", "K1").await), no);
        assert_eq!(refusal(remove(&h.cx, &holder, NUMBER, method, None).await), no);
        // An employee who looks through the resident's eyes sees its name, and changes nothing.
        let view_as = Principal::ViewAs { actor: other, subject: h.person, account: h.account, view_as: ViewAsId(1) };
        assert!(add(&h.cx, &view_as, NUMBER, "K2").await.is_err());
        assert!(pay_now(&h.cx, &view_as, NUMBER, method, "10", "K3").await.is_err());
        assert!(remove(&h.cx, &view_as, NUMBER, method, None).await.is_err());
        assert_eq!((h.payments().await.len(), h.fake.count()), (0, 0));
    }

    async fn fields_are_shown_to_whoever_pays_or_saves_and_to_nobody_else(pool: Pool) {
        let h = house(pool).await;
        *h.fake.has_fields.lock().expect("no panic") = true;
        let other = h.second_holder().await;
        let holder = Principal::Resident { person: other, session: SessionId(2) };
        // To save something.
        let setup = begin(&h, &h.who, "K1").await;
        let secret = |fields: Option<FieldsView>| fields.map(|f| (f.client_secret, f.setup));
        let shown = fields::setup_card(&h.cx, &h.who, NUMBER, &setup).await.expect("shown");
        assert_eq!(secret(shown.fields), Some((format!("Setup su_{setup}"), true)));
        assert_eq!(refusal(fields::setup_card(&h.cx, &holder, NUMBER, &setup).await), AppError::NotFound);
        h.fake.save(&setup, visa("tok_1", None));
        show(&h.cx, &h.who, NUMBER, Some(&setup)).await.expect("shown");
        assert_eq!(fields::setup_card(&h.cx, &h.who, NUMBER, &setup).await.expect("shown").fields, None, "it is saved");
        // To pay.
        let Go::Processor(url) = start(&h.cx, &h.who, NUMBER, "10.00", "K2").await.expect("begun") else {
            panic!("it was paid");
        };
        let payment = url.rsplit('/').next().expect("a number");
        let shown = fields::card(&h.cx, &h.who, NUMBER, payment).await.expect("shown");
        assert_eq!(secret(shown.fields), Some((format!("Payment co_{payment}"), false)));
        *h.fake.down.lock().expect("no panic") = true;
        assert_eq!(refusal(fields::card(&h.cx, &h.who, NUMBER, payment).await), AppError::ProcessorDown);
    }

    async fn paying_now_takes_once_and_says_what_is_left(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        let view = confirm(&h.cx, &h.who, NUMBER, method, "60.00").await.expect("shown");
        assert_eq!((view.parts[0].amount, view.left), (Cents(6_000), Cents(2_450)));
        assert_eq!(view.receipt_to.as_deref(), Some("m•••@example.com"));
        let (a, b) = tokio::join!(
            pay_now(&h.cx, &h.who, NUMBER, method, "60.00", "K1"),
            pay_now(&h.cx, &h.who, NUMBER, method, "60.00", "K1"),
        );
        assert_eq!(a.expect("paid"), b.expect("paid"));
        assert_eq!((h.balance().await, h.postings().await, h.fake.count()), (Cents(2_450), 1, 1));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(h.mails().await[0].subject, "Receipt: $60.00 paid on Thu 28 May");
        assert_eq!(
            refusal(confirm(&h.cx, &h.who, NUMBER, method, "1000000").await),
            AppError::field(Field::Amount, Problem::TooLarge)
        );
        all_is_well(&h).await;
    }

    async fn a_declined_charge_charges_nothing_and_another_may_be_tried(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        h.fake.charges_end("tok_1", Status::Declined, Some(Decline::Funds));
        let Go::Payment(number) = pay_now(&h.cx, &h.who, NUMBER, method, "84.50", "K1").await.expect("tried") else { panic!("no page") };
        let page = payments::show(&h.cx, &h.who, NUMBER, &number).await.expect("a page");
        assert_eq!((page.status, page.decline, page.saved, page.resume), (Status::Declined, Some(Decline::Funds), true, None));
        assert_eq!(h.balance().await, OWED);
        let Go::Processor(_) = start(&h.cx, &h.who, NUMBER, "84.50", "K2").await.expect("begun") else { panic!("not led on") };
        assert_eq!(payments::show(&h.cx, &h.who, NUMBER, &number).await.expect("a page").status, Status::Declined);
        all_is_well(&h).await;
    }

    async fn with_the_processor_down_nothing_is_taken_twice(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        *h.fake.down.lock().expect("no panic") = true;
        let Go::Payment(number) = pay_now(&h.cx, &h.who, NUMBER, method, "84.50", "K1").await.expect("written down") else { panic!("no page") };
        // Another tab is led to the one that may be on its way, whichever way it pays.
        assert_eq!(pay_now(&h.cx, &h.who, NUMBER, method, "84.50", "K2").await.expect("led on"), Go::Payment(number.clone()));
        *h.fake.down.lock().expect("no panic") = false;
        assert_eq!(start(&h.cx, &h.who, NUMBER, "84.50", "K3").await.expect("led on"), Go::Payment(number.clone()));
        // The same form goes on where it was.
        assert_eq!(pay_now(&h.cx, &h.who, NUMBER, method, "84.50", "K1").await.expect("paid"), Go::Payment(number));
        assert_eq!((h.balance().await, h.postings().await, h.fake.count()), (Cents::ZERO, 1, 1));
        all_is_well(&h).await;
    }

    async fn one_that_never_reached_the_processor_ends_by_itself(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        *h.fake.down.lock().expect("no panic") = true;
        pay_now(&h.cx, &h.who, NUMBER, method, "84.50", "K1").await.expect("written down");
        *h.fake.down.lock().expect("no panic") = false;
        for _ in 0..4 {
            h.clock.advance(TimeDelta::minutes(3));
            jobs::run_due(&h.cx).await.expect("jobs run");
        }
        assert_eq!(h.payments().await[0].status, Status::Created, "it may still turn up there");
        h.clock.advance(TimeDelta::minutes(5));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!((h.payments().await[0].status, h.balance().await, h.fake.count()), (Status::Expired, OWED, 0));
        let Go::Payment(_) = pay_now(&h.cx, &h.who, NUMBER, method, "84.50", "K2").await.expect("paid") else { panic!("no page") };
        assert_eq!((h.balance().await, h.postings().await), (Cents::ZERO, 1));
    }

    async fn autopay_and_a_tap_at_the_same_moment_take_once(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        payments::later::schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "84.50")], "K1")).await.expect("scheduled");
        h.clock.advance(TimeDelta::days(1));
        payments::later::look_at(&h.cx, h.account, day(1)).await.expect("looked at");
        let seen = confirm(&h.cx, &h.who, NUMBER, method, "84.50").await.expect("shown").owed;
        let tap = payments::pay_now(&h.cx, &h.who, NUMBER, (method, "84.50"), Some(seen), "K2");
        let (a, b) = tokio::join!(jobs::run_due(&h.cx), tap);
        a.expect("jobs run");
        // Whoever was second found it taken: led on or told to look again, or nothing to take.
        assert!(matches!(b, Ok(Go::Payment(_)) | Err(Fault::App(AppError::Changed))), "{b:?}");
        for _ in 0..3 {
            h.clock.advance(TimeDelta::minutes(11));
            jobs::run_due(&h.cx).await.expect("jobs run");
        }
        let taken: Cents = h.payments().await.iter().filter(|p| p.status == Status::Succeeded).map(|p| p.amount).sum();
        assert_eq!((taken, h.balance().await), (OWED, Cents::ZERO));
        assert!(states(&h).await.iter().all(|s| !s.is_open()));
        all_is_well(&h).await;
    }

    async fn two_tabs_take_once(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        for (i, (end, amount)) in [(Status::Succeeded, "40.00"), (Status::Pending, "44.50")].into_iter().enumerate() {
            h.fake.charges_end("tok_1", end, None);
            let seen = confirm(&h.cx, &h.who, NUMBER, method, amount).await.expect("shown").owed;
            let tap = async |key: String| payments::pay_now(&h.cx, &h.who, NUMBER, (method, amount), Some(seen), &key).await;
            tap(format!("A{i}")).await.expect("paid");
            assert_eq!(refusal(tap(format!("B{i}")).await), AppError::Changed, "{end:?}");
            tap(format!("A{i}")).await.expect("the same form again changes nothing");
            assert_eq!((h.payments().await.len(), h.fake.count()), (i + 1, i + 1));
        }
        // Who looks again may still pay ahead.
        pay_now(&h.cx, &h.who, NUMBER, method, "10.00", "C1").await.expect("paid ahead");
        all_is_well(&h).await;
    }

    async fn less_than_the_processor_takes_is_refused_before(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        *h.fake.least.lock().expect("no panic") = Cents(5_000);
        let small = AppError::field(Field::Amount, Problem::TooSmall);
        assert_eq!(refusal(confirm(&h.cx, &h.who, NUMBER, method, "49.99").await), small);
        assert_eq!(refusal(pay_now(&h.cx, &h.who, NUMBER, method, "49.99", "K1").await), small);
        pay_now(&h.cx, &h.who, NUMBER, method, "50.00", "K1").await.expect("paid");
        assert_eq!(h.payments().await.len(), 1);
    }

    async fn what_was_declined_cannot_be_tried_again_by_hand(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        *h.fake.has_fields.lock().expect("no panic") = true;
        h.fake.charges_end("tok_1", Status::Declined, Some(Decline::Funds));
        let Go::Payment(number) = pay_now(&h.cx, &h.who, NUMBER, method, "84.50", "K1").await.expect("tried") else { panic!("no page") };
        assert_eq!(fields::card(&h.cx, &h.who, NUMBER, &number).await.expect("shown").fields, None);
        h.clock.advance(TimeDelta::minutes(3));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(h.fake.books().checkouts[&number].heard.status, Status::Cancelled, "there it is closed");
        // Here it stays declined, and why, whatever is heard of that.
        payments::compare(&h.cx).await.expect("compared");
        let row = h.payments().await[0].clone();
        assert_eq!((row.status, row.decline), (Status::Declined, Some(Decline::Funds)));
        all_is_well(&h).await;
    }

    async fn no_more_than_a_dozen_are_kept_however_they_were_begun(pool: Pool) {
        let h = house(pool).await;
        let mut begun = Vec::new();
        for i in 0..13 {
            begun.push(begin(&h, &h.who, &format!("K{i}")).await);
        }
        for (i, reference) in begun.iter().enumerate() {
            h.fake.save(reference, visa(&format!("tok_{i}"), None));
            let expected = if i < 12 { SetupStatus::Saved } else { SetupStatus::Cancelled };
            for _ in 0..2 {
                assert_eq!(show(&h.cx, &h.who, NUMBER, Some(reference)).await.expect("shown").setup, Some(expected));
            }
        }
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(show(&h.cx, &h.who, NUMBER, None).await.expect("shown").methods.len(), 12);
        assert!(h.fake.books().methods["tok_12"].forgotten && !h.fake.books().methods["tok_11"].forgotten);
        assert_eq!(refusal(add(&h.cx, &h.who, NUMBER, "K99").await), AppError::field(Field::Method, Problem::TooMany));
        // Nor are pages opened without end.
        let mut ends = Vec::new();
        for i in 0..20 {
            ends.push(refusal(add(&h.cx, &h.who, NUMBER, &format!("M{i}")).await));
        }
        assert!(matches!(ends[19], AppError::TooManyTries { .. }), "{ends:?}");
    }

    async fn one_that_is_removed_while_it_is_used_is_not_used_any_more(pool: Pool) {
        let h = house(pool).await;
        for i in 0..6 {
            let method = with_card(&h, &format!("tok_{i}")).await;
            let (part, key) = (wanted(method, &[(3, "1.00")], &format!("K{i}")), format!("P{i}"));
            let (removed, planned, paid) = tokio::join!(
                remove(&h.cx, &h.who, NUMBER, method, None),
                payments::later::schedule_parts(&h.cx, &h.who, NUMBER, &part),
                pay_now(&h.cx, &h.who, NUMBER, method, "2.00", &key),
            );
            removed.expect("removed");
            drop((planned, paid));
            let mut tx = h.cx.pool.read().await.expect("a transaction");
            assert_eq!(store::planned::open(&mut tx, h.account).await.expect("rows"), []);
        }
        all_is_well(&h).await;
    }

    async fn removing_asks_what_becomes_of_what_uses_it(pool: Pool) {
        let h = house(pool).await;
        let old = with_card(&h, "tok_1").await;
        let new = with_card(&h, "tok_2").await;
        let plan = |key, n| wanted(old, &[(n, "10.00")], key);
        payments::later::schedule_parts(&h.cx, &h.who, NUMBER, &plan("K1", 3)).await.expect("scheduled");
        assert_eq!(show(&h.cx, &h.who, NUMBER, None).await.expect("shown").methods[0].scheduled, 1);
        remove(&h.cx, &h.who, NUMBER, old, Some(new)).await.expect("removed");
        remove(&h.cx, &h.who, NUMBER, old, Some(new)).await.expect("a second click changes nothing");
        let view = show(&h.cx, &h.who, NUMBER, None).await.expect("shown");
        assert_eq!((view.methods.len(), view.methods[0].scheduled), (1, 1));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert!(h.fake.books().methods["tok_1"].forgotten, "the processor forgets it too");
        assert_eq!(refusal(pay_now(&h.cx, &h.who, NUMBER, old, "10", "K9").await), AppError::field(Field::Method, Problem::NoMatch));
        pass(&h, 3).await;
        assert_eq!(h.balance().await, OWED - Cents(1_000), "taken with the other one");
        payments::later::schedule_parts(&h.cx, &h.who, NUMBER, &wanted(new, &[(9, "10.00")], "K2")).await.expect("scheduled");
        remove(&h.cx, &h.who, NUMBER, new, None).await.expect("removed");
        pass(&h, 8).await;
        assert_eq!(h.balance().await, OWED - Cents(1_000));
        assert!(h.mails().await.iter().any(|m| m.subject.starts_with("Your payment of $10.00 on Sat 6 Jun was cancelled")));
        all_is_well(&h).await;
    }
}
