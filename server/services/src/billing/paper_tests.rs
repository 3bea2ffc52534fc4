//! Who may have a bill on paper, and that it is the bill of the page.

use contract::AppError;
use domain::calendar::DayRange;
use domain::ids::SessionId;
use store::people::{NewPerson, PersonKind};

use super::tests::{cx, day, holder, run, seeded};
use crate::{Fault, Principal};

store::both_engines! {
    async fn paper_is_the_bill_of_the_page_for_those_who_may_see_it(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded(&pool, "100231", "2026-01-12", data, &[]).await;
        let other = seeded(&pool, "100232", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        assert!(run(&cx, "2026-03-20").await.bills >= 2);
        let (mine, stranger) = (holder(&pool, account).await, holder(&pool, other).await);
        let paper = crate::billing::paper(&cx, &mine, "100231", "100231-001").await.expect("paper");
        let page = crate::billing::show(&cx, &mine, "100231", "100231-001").await.expect("a page");
        assert_eq!(paper.bill, page);
        let row = store::accounts::by_number(&mut cx.pool.read().await.expect("a transaction"), "100231").await;
        let row = row.expect("read").expect("there");
        assert_eq!(paper.mailing, [row.mailing_street, row.mailing_city, row.mailing_postcode]);
        let at_desk = crate::billing::paper(&cx, &Principal::System, "100231", "100231-001").await.expect("paper");
        assert_eq!((at_desk.bill.summary, at_desk.bill.services), (page.summary, page.services));

        let refused = |found: Result<crate::billing::Paper, Fault>| match found {
            Err(Fault::App(error)) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(crate::billing::paper(&cx, &stranger, "100231", "100231-001").await), AppError::NotFound);
        assert_eq!(refused(crate::billing::paper(&cx, &mine, "100231", "100232-001").await), AppError::NotFound);
        assert_eq!(refused(crate::billing::paper(&cx, &Principal::Nobody, "100231", "100231-001").await), AppError::SignInRequired);
        let mut tx = pool.write().await.expect("a transaction");
        let since = "2026-01-01T00:00:00Z".parse().expect("a time");
        let new = NewPerson { kind: PersonKind::Staff, given_name: "S", family_name: "T", email: None, phone: None };
        let person = store::people::insert(&mut tx, &new, since).await.expect("a person");
        tx.commit().await.expect("committed");
        let staff = Principal::Staff { person, session: SessionId(2) };
        assert_eq!(refused(crate::billing::paper(&cx, &staff, "100231", "100231-001").await), AppError::Forbidden);
    }
}
