//! Scheduled payments: taken on their day, once, never for more than is owed, whatever happens in between.

use chrono::{NaiveDate, TimeDelta};
use contract::home::Attention;
use contract::{AppError, Field, Problem};
use domain::ids::SessionId;
use domain::money::Cents;
use domain::payment::planned::{State, Timely};
use domain::payment::{Decline, Status};
use futures::future::BoxFuture;
use services::payments::later::{Wanted, cancel_scheduled, change, confirm, look_at, schedule_parts, scheduled};
use services::payments::{Go, hear, start};
use services::{Principal, jobs};
use store::payments::HeardBy;

use crate::fake::{report, word};
use crate::house::{House, NUMBER, OWED, house};
use crate::saved::{card, refusal, with_card};
use crate::storm::GiveUpAfter;

/// The clock's first day, in the city.
pub const TODAY: &str = "2026-05-28";

pub fn day(n: u64) -> NaiveDate {
    TODAY.parse::<NaiveDate>().expect("a date") + chrono::Days::new(n)
}

/// Lets so many days pass, with the morning's look and the jobs of each.
pub async fn pass(h: &House, days: u64) {
    services::payments::later::schedule(&h.cx).await.expect("queued");
    for _ in 0..days {
        h.clock.advance(TimeDelta::days(1));
        jobs::run_due(&h.cx).await.expect("jobs run");
        h.clock.advance(TimeDelta::seconds(5));
        jobs::run_due(&h.cx).await.expect("jobs run");
    }
}

pub fn wanted(method: i64, parts: &[(u64, &str)], key: &str) -> Wanted {
    Wanted {
        method,
        parts: parts.iter().map(|(n, amount)| (day(*n).to_string(), (*amount).to_owned())).collect(),
        key: key.to_owned(),
    }
}

pub async fn all_is_well(h: &House) {
    h.check().await;
    let mut tx = h.cx.pool.read().await.expect("a transaction");
    assert_eq!(store::planned::faults(&mut tx).await.expect("a check"), Vec::<String>::new());
}

pub async fn states(h: &House) -> Vec<State> {
    let mut tx = h.cx.pool.read().await.expect("a transaction");
    let mut rows = store::planned::open(&mut tx, h.account).await.expect("rows");
    rows.extend(store::planned::ended(&mut tx, h.account, 100).await.expect("rows"));
    rows.sort_by_key(|r| r.id);
    rows.iter().map(|r| r.state).collect()
}

store::both_engines! {
    async fn two_parts_are_taken_on_their_days_once(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        let two = wanted(method, &[(3, "42.25"), (17, "42.25")], "K1");
        let seen = confirm(&h.cx, &h.who, NUMBER, &two).await.expect("shown");
        assert_eq!((seen.left, seen.parts.len()), (Cents::ZERO, 2));
        for _ in 0..2 {
            schedule_parts(&h.cx, &h.who, NUMBER, &two).await.expect("a second click schedules nothing more");
        }
        assert_eq!(states(&h).await, [State::Waiting, State::Waiting]);
        let view = scheduled(&h.cx, &h.who, NUMBER, None, None).await.expect("shown");
        assert_eq!((view.owed, view.open), (OWED, Cents::ZERO), "all of it is planned");
        pass(&h, 2).await;
        assert_eq!(h.balance().await, OWED, "not before its day");
        pass(&h, 1).await;
        assert_eq!(h.balance().await, Cents(4_225));
        // The morning's look twice on the same day takes nothing more.
        look_at(&h.cx, h.account, day(3)).await.expect("looked at");
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!((h.balance().await, h.postings().await), (Cents(4_225), 1));
        pass(&h, 14).await;
        assert_eq!((h.balance().await, h.postings().await), (Cents::ZERO, 2));
        assert_eq!(states(&h).await, [State::Taken, State::Taken]);
        let mails = h.mails().await;
        assert_eq!(mails.iter().filter(|m| m.subject.starts_with("Receipt")).count(), 2);
        let said = mails.iter().find(|m| m.subject.starts_with("Scheduled")).expect("said");
        assert!(said.subject.contains("$84.50 with Visa ending 4242"), "{}", said.subject);
        assert!(said.body.contains("$42.25"), "{}", said.body);
        all_is_well(&h).await;
    }

    async fn never_more_than_is_owed_is_taken(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(3, "60.00"), (5, "24.50")], "K1")).await.expect("scheduled");
        // Most of it is paid by hand meanwhile.
        let Go::Processor(url) = start(&h.cx, &h.who, NUMBER, "70.00", "K2").await.expect("begun") else { panic!("past paying") };
        let number = url.rsplit('/').next().expect("a number").to_owned();
        hear(&h.cx, &report(&number, Cents(7_000), word(Status::Succeeded, 2)), HeardBy::Webhook).await.expect("heard");
        pass(&h, 3).await;
        assert_eq!(h.balance().await, Cents::ZERO, "only what was left");
        assert_eq!(h.payments().await[0].amount, Cents(1_450));
        pass(&h, 2).await;
        assert_eq!((h.balance().await, h.postings().await), (Cents::ZERO, 2));
        assert_eq!(states(&h).await, [State::Taken, State::Covered]);
        assert!(h.mails().await.iter().any(|m| m.subject.starts_with("Nothing was taken on")), "it is said");
        all_is_well(&h).await;
    }

    async fn while_someone_pays_on_the_processors_page_it_waits(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "84.50")], "K1")).await.expect("scheduled");
        h.clock.advance(TimeDelta::hours(17) + TimeDelta::minutes(40));
        let Go::Processor(url) = start(&h.cx, &h.who, NUMBER, "84.50", "K2").await.expect("begun") else { panic!("past paying") };
        let number = url.rsplit('/').next().expect("a number").to_owned();
        look_at(&h.cx, h.account, day(1)).await.expect("looked at");
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(states(&h).await, [State::Waiting]);
        h.fake.set(&number, word(Status::Succeeded, 2));
        hear(&h.cx, &report(&number, OWED, word(Status::Succeeded, 2)), HeardBy::Webhook).await.expect("heard");
        h.clock.advance(TimeDelta::minutes(11));
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!((states(&h).await, h.balance().await, h.postings().await), (vec![State::Covered], Cents::ZERO, 1));
        all_is_well(&h).await;
    }

    async fn a_bank_debit_on_its_way_is_not_taken_again(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        h.fake.charges_end("tok_1", Status::Pending, None);
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "50.00"), (2, "34.50")], "K1")).await.expect("scheduled");
        pass(&h, 2).await;
        assert_eq!(states(&h).await, [State::Taking, State::Taking]);
        assert_eq!(h.balance().await, OWED);
        let numbers: Vec<String> = h.payments().await.iter().map(|p| p.number.clone()).collect();
        assert_eq!(numbers.len(), 2);
        // Days later one settles, the other comes to nothing and is tried once more.
        let at = |i: usize, status| {
            let amount = if i == 1 { Cents(5_000) } else { Cents(3_450) };
            report(&numbers[i], amount, word(status, 3))
        };
        h.fake.charges_end("tok_1", Status::Succeeded, None);
        for (i, status) in [(1, Status::Succeeded), (0, Status::Declined)] {
            h.fake.set(&numbers[i], word(status, 3));
            hear(&h.cx, &at(i, status), HeardBy::Webhook).await.expect("heard");
        }
        assert_eq!(states(&h).await, [State::Taken, State::Retrying]);
        pass(&h, 3).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Taken, State::Taken], Cents::ZERO));
        all_is_well(&h).await;
    }

    async fn a_declined_one_is_tried_once_more_and_then_said(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        h.fake.charges_end("tok_1", Status::Declined, Some(Decline::Funds));
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "84.50")], "K1")).await.expect("scheduled");
        pass(&h, 1).await;
        assert_eq!((states(&h).await, h.payments().await.len()), (vec![State::Retrying], 1));
        let mail = h.mails().await.into_iter().find(|m| m.subject == "$84.50 could not be taken").expect("said");
        for line in ["There was not enough money behind it.", "Nothing was charged.", "We try once more on Mon 1 Jun"] {
            assert!(mail.body.contains(line), "{line} is missing in {}", mail.body);
        }
        pass(&h, 2).await;
        assert_eq!(h.payments().await.len(), 1, "not before the third day");
        pass(&h, 1).await;
        assert_eq!((states(&h).await, h.payments().await.len()), (vec![State::Failed], 2));
        pass(&h, 10).await;
        assert_eq!((h.payments().await.len(), h.balance().await), (2, OWED), "and not again");
        let mails = h.mails().await;
        assert_eq!(mails.iter().filter(|m| m.subject == "$84.50 could not be taken").count(), 2);
        assert!(mails.iter().any(|m| m.body.contains("We do not try again by ourselves.")));
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home");
        assert!(home.attention.iter().any(|a| matches!(a, Attention::PlannedFailed(p) if p.decline == Some(Decline::Funds))));
        all_is_well(&h).await;
    }

    async fn a_late_word_about_the_first_try_does_not_end_the_second(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        h.fake.charges_end("tok_1", Status::Declined, Some(Decline::Funds));
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "84.50")], "K1")).await.expect("scheduled");
        pass(&h, 1).await;
        h.fake.charges_end("tok_1", Status::Pending, None);
        pass(&h, 3).await;
        assert_eq!(states(&h).await, [State::Taking]);
        let first = h.payments().await[1].clone();
        let said = h.mails().await.len();
        // The same again in a newer word is no news; another reason is, and says nothing about the second try.
        for (decline, revision) in [(Decline::Funds, 50), (Decline::ByBank, 60)] {
            let word = domain::payment::Heard { status: Status::Declined, decline: Some(decline), revision };
            hear(&h.cx, &report(&first.number, OWED, word), HeardBy::Question).await.expect("heard");
            let now = h.payments().await[1].clone();
            assert_eq!((now.revision, now.decline), (revision, Some(decline)));
            assert_eq!(now.changed_at == first.changed_at, decline == Decline::Funds);
            assert_eq!(states(&h).await, [State::Taking]);
        }
        jobs::run_due(&h.cx).await.expect("jobs run");
        assert_eq!(h.mails().await.len(), said, "nothing is written about it");
        let second = h.payments().await[0].number.clone();
        h.fake.set(&second, word(Status::Succeeded, 3));
        hear(&h.cx, &report(&second, OWED, word(Status::Succeeded, 3)), HeardBy::Webhook).await.expect("heard");
        assert_eq!((states(&h).await, h.balance().await, h.postings().await), (vec![State::Taken], Cents::ZERO, 1));
        all_is_well(&h).await;
    }

    async fn after_a_decline_it_may_be_changed_to_less(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        h.fake.charges_end("tok_1", Status::Declined, Some(Decline::Funds));
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "84.50")], "K1")).await.expect("scheduled");
        pass(&h, 1).await;
        let id = scheduled(&h.cx, &h.who, NUMBER, None, None).await.expect("shown").planned[0].id;
        change(&h.cx, &h.who, NUMBER, id, &wanted(method, &[(4, "50.00")], "")).await.expect("changed");
        all_is_well(&h).await;
        h.fake.charges_end("tok_1", Status::Succeeded, None);
        pass(&h, 3).await;
        assert_eq!(h.balance().await, OWED - Cents(5_000));
        all_is_well(&h).await;
    }

    async fn a_page_that_was_not_ended_is_waited_for_but_not_for_ever(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        let two = wanted(method, &[(1, "40.00"), (9, "44.50")], "K1");
        schedule_parts(&h.cx, &h.who, NUMBER, &two).await.expect("scheduled");
        h.clock.advance(TimeDelta::hours(12));
        let Go::Processor(url) = start(&h.cx, &h.who, NUMBER, "84.50", "K2").await.expect("begun") else { panic!("past paying") };
        let number = url.rsplit('/').next().expect("a number").to_owned();
        // Its half an hour has passed, and the processor has not closed it: it may still be paid.
        pass(&h, 3).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Waiting, State::Waiting], OWED));
        h.fake.set(&number, word(Status::Expired, 2));
        pass(&h, 1).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Taken, State::Waiting], Cents(4_450)));
        // One that is never ended does not keep anyone from paying for ever.
        let Go::Processor(_) = start(&h.cx, &h.who, NUMBER, "44.50", "K3").await.expect("begun") else { panic!("past paying") };
        pass(&h, 6).await;
        assert_eq!(states(&h).await, [State::Taken, State::Waiting]);
        pass(&h, 3).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Taken, State::Taken], Cents::ZERO));
        all_is_well(&h).await;
    }

    async fn what_needs_the_person_is_not_tried_again(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        h.fake.charges_end("tok_1", Status::Declined, Some(Decline::NeedsPerson));
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "84.50")], "K1")).await.expect("scheduled");
        pass(&h, 8).await;
        assert_eq!((states(&h).await, h.payments().await.len(), h.balance().await), (vec![State::Failed], 1, OWED));
        assert!(h.mails().await.iter().any(|m| m.body.contains("Your bank wants you to confirm it yourself")));
        all_is_well(&h).await;
    }

    async fn it_is_changed_and_cancelled_until_it_is_taken(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(3, "40.00"), (5, "44.50")], "K1")).await.expect("scheduled");
        let view = scheduled(&h.cx, &h.who, NUMBER, None, None).await.expect("shown");
        let (first, second) = (view.planned[0].id, view.planned[1].id);
        assert_eq!(
            refusal(change(&h.cx, &h.who, NUMBER, first, &wanted(method, &[(4, "40.01")], "")).await),
            AppError::field(Field::Parts, Problem::TooLarge)
        );
        change(&h.cx, &h.who, NUMBER, first, &wanted(method, &[(4, "30.00")], "")).await.expect("changed");
        cancel_scheduled(&h.cx, &h.who, NUMBER, second).await.expect("cancelled");
        cancel_scheduled(&h.cx, &h.who, NUMBER, second).await.expect("a second click changes nothing");
        pass(&h, 3).await;
        assert_eq!(h.balance().await, OWED);
        pass(&h, 5).await;
        assert_eq!((h.balance().await, h.postings().await), (OWED - Cents(3_000), 1));
        assert_eq!(refusal(cancel_scheduled(&h.cx, &h.who, NUMBER, first).await), AppError::Changed);
        assert_eq!(refusal(change(&h.cx, &h.who, NUMBER, first, &wanted(method, &[(20, "1")], "")).await), AppError::Changed);
        all_is_well(&h).await;
    }

    async fn what_makes_no_sense_is_refused_by_field(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        for (parts, problem) in [
            (vec![(0, "10")], Problem::OutOfRange),
            (vec![(61, "10")], Problem::OutOfRange),
            (vec![(3, "84.51")], Problem::TooLarge),
            (vec![(3, "80"), (4, "4.51")], Problem::TooLarge),
            (vec![(3, "0")], Problem::TooSmall),
            (vec![(3, "-1")], Problem::TooSmall),
            (vec![(3, "ten")], Problem::NoMatch),
            (vec![(3, "1000000000000")], Problem::TooLarge),
            (vec![(3, "")], Problem::Missing),
            (vec![], Problem::Missing),
        ] {
            let error = refusal(schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &parts, "K1")).await);
            assert_eq!(error, AppError::field(Field::Parts, problem), "{parts:?}");
        }
        let mut odd = wanted(method, &[], "K1");
        odd.parts.push(("yesterday".into(), "5".into()));
        assert_eq!(refusal(schedule_parts(&h.cx, &h.who, NUMBER, &odd).await), AppError::field(Field::Parts, Problem::Malformed));
        let other = refusal(schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method + 99, &[(3, "5")], "K1")).await);
        assert_eq!(other, AppError::field(Field::Method, Problem::NoMatch));
        // A card that is good today, but not on that day.
        let short = card(&h, "tok_2", Some((2026, 5))).await;
        let error = refusal(schedule_parts(&h.cx, &h.who, NUMBER, &wanted(short, &[(4, "5")], "K1")).await);
        assert_eq!(error, AppError::field(Field::Method, Problem::OutOfRange));
        assert_eq!(states(&h).await, []);
    }

    async fn someone_without_a_role_any_more_pays_nothing(pool: Pool) {
        let h = house(pool).await;
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let new = store::people::NewPerson {
            kind: store::people::PersonKind::Resident, given_name: "Sam", family_name: "Guest", email: None, phone: None,
        };
        let guest = store::people::insert(&mut tx, &new, h.cx.clock.now()).await.expect("a person");
        let now = h.cx.clock.now();
        store::accounts::grant(&mut tx, h.account, guest, domain::access::AccountRole::Guest, now).await.expect("a role");
        tx.commit().await.expect("committed");
        let who = Principal::Resident { person: guest, session: SessionId(9) };
        let theirs = crate::saved::card_of(&h, &who, "tok_9", Some((2030, 1))).await;
        schedule_parts(&h.cx, &who, NUMBER, &wanted(theirs, &[(3, "20.00")], "K1")).await.expect("a guest may pay");
        let view = scheduled(&h.cx, &h.who, NUMBER, None, None).await.expect("shown");
        assert!(view.planned[0].may_change && view.methods.is_empty(), "the holder sees its name, and may stop it");
        assert_eq!(refusal(change(&h.cx, &h.who, NUMBER, view.planned[0].id, &wanted(theirs, &[(3, "5")], "")).await), AppError::Forbidden);
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        store::fixtures::end_roles(&mut tx, h.account, guest, now + TimeDelta::hours(1)).await.expect("ended");
        tx.commit().await.expect("committed");
        pass(&h, 4).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Cancelled], OWED));
        all_is_well(&h).await;
    }

    async fn wherever_the_program_stops_a_part_is_taken_once(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        let mut stops = 0;
        let mut rounds = 0_u64;
        while stops < 60 {
            rounds += 1;
            let today = services::zones::find("America/Los_Angeles").expect("known").day_of(h.cx.clock.now());
            let on = today + chrono::Days::new(1);
            let one = Wanted { method, parts: vec![(on.to_string(), "1.00".into())], key: format!("K{rounds}") };
            schedule_parts(&h.cx, &h.who, NUMBER, &one).await.expect("scheduled");
            h.clock.advance(TimeDelta::days(1));
            for polls in 0.. {
                let run: BoxFuture<'_, _> = Box::pin(async {
                    look_at(&h.cx, h.account, on).await?;
                    jobs::run_due(&h.cx).await
                });
                if GiveUpAfter(run, polls).await.is_some() {
                    break;
                }
                // A claimed job is taken up again once its claim has run out.
                h.clock.advance(TimeDelta::minutes(6));
                stops += 1;
            }
            h.clock.advance(TimeDelta::minutes(12));
            jobs::run_due(&h.cx).await.expect("jobs run");
            h.clock.advance(TimeDelta::minutes(12));
            jobs::run_due(&h.cx).await.expect("jobs run");
        }
        let taken = i64::try_from(rounds).expect("few");
        let n = usize::try_from(rounds).expect("few");
        assert_eq!((h.balance().await, h.postings().await), (OWED - Cents(100 * taken), n));
        assert_eq!((h.fake.count(), h.payments().await.len()), (n, n));
        assert!(states(&h).await.iter().all(|s| *s == State::Taken));
        all_is_well(&h).await;
    }

    async fn with_the_processor_down_for_days_it_is_taken_when_it_is_back(pool: Pool) {
        let h = house(pool).await;
        let method = with_card(&h, "tok_1").await;
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "84.50")], "K1")).await.expect("scheduled");
        *h.fake.down.lock().expect("no panic") = true;
        pass(&h, 4).await;
        assert_eq!((h.balance().await, h.fake.count()), (OWED, 0));
        *h.fake.down.lock().expect("no panic") = false;
        pass(&h, 2).await;
        assert_eq!((states(&h).await, h.balance().await, h.postings().await), (vec![State::Taken], Cents::ZERO, 1));
        all_is_well(&h).await;
    }

    async fn a_day_after_the_due_date_is_said_to_be_late(pool: Pool) {
        let h = crate::autopay::billed(pool, &[10_000]).await;
        let method = with_card(&h, "tok_1").await;
        let due = crate::autopay::due_on(&h).await;
        let late = domain::calendar::days_between(day(0), due);
        let late = u64::try_from(late).expect("ahead") + 3;
        let view = confirm(&h.cx, &h.who, NUMBER, &wanted(method, &[(1, "50"), (late, "50")], "K1")).await.expect("shown");
        assert_eq!(view.due_on, Some(due));
        assert_eq!((view.parts[0].timely, view.parts[1].timely), (Timely::InTime, Timely::Late(3)));
    }
}
