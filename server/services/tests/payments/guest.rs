//! Paying without signing in.

use chrono::TimeDelta;
use contract::{AppError, Field, Problem};
use domain::money::Cents;
use domain::payment::Status;
use services::auth::From;
use services::payments::{Go, guest, hear, start};
use services::{Fault, Principal};
use store::payments::HeardBy;

use crate::fake::{report, word};
use crate::house::{House, NUMBER, OWED, house};

const NOBODY: Principal = Principal::Nobody;

fn from(address: &str) -> From {
    From { address: address.to_owned(), ..From::default() }
}

async fn find(h: &House, number: &str, postcode: &str) -> Result<String, AppError> {
    guest::find(&h.cx, &NOBODY, &from("10.0.0.1"), number, postcode).await.map_err(AppError::from)
}

async fn reference(h: &House, token: &str, amount: &str, key: &str) -> String {
    match guest::start(&h.cx, &NOBODY, &from("10.0.0.1"), token, amount, key).await.expect("begun") {
        Go::Processor(url) => url.rsplit('/').next().expect("a reference").to_owned(),
        Go::Payment(number) => panic!("payment {number} is past paying"),
    }
}

store::both_engines! {
    async fn a_neighbour_pays_and_sees_no_more_than_what_is_due(pool: Pool) {
        let h = house(pool).await;
        let token = find(&h, &format!(" {NUMBER} "), "94000-1234").await.expect("found");
        let view = guest::form(&h.cx, &NOBODY, &from("10.0.0.1"), &token).await.expect("a form");
        assert_eq!((view.balance, view.account.ends_with("0001"), view.account.contains("1000")), (OWED, true, false));
        let number = reference(&h, &token, "50", &view.form_key).await;
        assert_eq!(reference(&h, &token, "50", &view.form_key).await, number, "a double click is one payment");
        let seen = guest::show(&h.cx, &NOBODY, &from("10.0.0.1"), &token, &number).await.expect("a page");
        assert_eq!((seen.status, seen.amount), (Status::Created, Cents(5_000)));
        hear(&h.cx, &report(&number, Cents(5_000), word(Status::Succeeded, 3)), HeardBy::Webhook).await.expect("heard");
        assert_eq!(h.balance().await, OWED - Cents(5_000));
        h.check().await;
    }

    async fn wrong_pairs_are_answered_alike_and_not_for_ever(pool: Pool) {
        let h = house(pool).await;
        let wrong = AppError::field(Field::Postcode, Problem::NoMatch);
        for (number, postcode) in [(NUMBER, "94001"), ("9999-9999", "94000"), (NUMBER, "9400"), ("' OR 1=1", "94000")] {
            assert_eq!(find(&h, number, postcode).await, Err(wrong.clone()), "{number} {postcode}");
        }
        assert!(matches!(find(&h, NUMBER, "").await, Err(AppError::Invalid(f)) if f[0].problem == Problem::Missing));
        for _ in 0..8 {
            drop(find(&h, NUMBER, "94001").await);
        }
        assert!(matches!(find(&h, NUMBER, "94000").await, Err(AppError::TooManyTries { .. })), "even the right one");
    }

    async fn payments_are_not_begun_for_ever(pool: Pool) {
        let h = house(pool).await;
        let token = find(&h, NUMBER, "94000").await.expect("found");
        for _ in 0..30 {
            reference(&h, &token, "10", "K0").await;
        }
        let more = guest::start(&h.cx, &NOBODY, &from("10.0.0.1"), &token, "10", "K0").await.map(drop);
        assert!(matches!(more.map_err(AppError::from), Err(AppError::TooManyTries { .. })));
        guest::start(&h.cx, &NOBODY, &from("10.0.0.2"), &token, "10", "K0").await.expect("someone else may");
    }

    async fn a_token_is_for_its_account_and_its_time(pool: Pool) {
        let h = house(pool).await;
        let token = find(&h, NUMBER, "94000").await.expect("found");
        let mine = match start(&h.cx, &h.who, NUMBER, "10", "K1").await.expect("begun") {
            Go::Processor(url) => url.rsplit('/').next().expect("a reference").to_owned(),
            Go::Payment(number) => number,
        };
        let gone = |result: Result<(), Fault>| result.map_err(AppError::from);
        let shown = guest::show(&h.cx, &NOBODY, &from("10.0.0.1"), &token, &mine).await.map(drop);
        assert_eq!(gone(shown), Err(AppError::NotFound), "a resident's payment is not a guest's");
        let other = reference(&h, &token, "20", "K2").await;
        let again = match start(&h.cx, &h.who, NUMBER, "10", "K1").await.expect("still open") {
            Go::Processor(url) => url.rsplit('/').next().expect("a reference").to_owned(),
            Go::Payment(number) => panic!("payment {number} was closed by a guest"),
        };
        assert!(again == mine && other != mine);
        let mut forged = token.clone();
        forged.replace_range(..1, if token.starts_with('e') { "f" } else { "e" });
        for bad in ["", "x", "a.b.c", &forged] {
            let form = guest::form(&h.cx, &NOBODY, &from("10.0.0.1"), bad).await.map(drop);
            assert_eq!(gone(form), Err(AppError::LinkExpired), "{bad:?}");
        }
        h.clock.advance(TimeDelta::hours(3));
        let late = guest::form(&h.cx, &NOBODY, &from("10.0.0.1"), &token).await.map(drop);
        assert_eq!(gone(late), Err(AppError::LinkExpired));
    }
}
