//! What the page for paying offers: never again what is on its way or will be taken by itself.

use domain::ledger::Due;
use domain::money::Cents;
use domain::payment::Status;
use domain::payment::offer::Offer;
use services::payments::later::schedule_parts;
use services::payments::{Go, form, hear, start};
use store::payments::HeardBy;

use crate::autopay::bill;
use crate::fake::{report, word};
use crate::house::{NUMBER, OWED, house};
use crate::later::{day, wanted};
use crate::saved::with_card;

store::both_engines! {
    async fn what_is_planned_is_said_and_not_proposed_again(pool: Pool) {
        let h = house(pool).await;
        let page = form(&h.cx, &h.who, NUMBER).await.expect("a page");
        assert_eq!((page.offers, page.chosen, page.planned), (vec![(Offer::All, OWED)], Some(OWED), None));
        let method = with_card(&h, "tok_1").await;
        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(3, "42.25")], "K1")).await.expect("scheduled");
        let page = form(&h.cx, &h.who, NUMBER).await.expect("a page");
        assert_eq!((page.offers, page.chosen), (vec![(Offer::Rest, Cents(4_225)), (Offer::All, OWED)], Some(Cents(4_225))));
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home").planned.expect("planned");
        assert_eq!((home.all, home.count, home.rest), (false, 1, Cents(4_225)));

        schedule_parts(&h.cx, &h.who, NUMBER, &wanted(method, &[(9, "20.00"), (17, "22.25")], "K2")).await.expect("scheduled");
        let page = form(&h.cx, &h.who, NUMBER).await.expect("a page");
        assert_eq!((page.offers, page.chosen), (vec![(Offer::All, OWED)], None), "whoever wants to pay it sooner has to say so");
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home").planned.expect("planned");
        assert_eq!(page.planned.as_ref(), Some(&home));
        assert_eq!((home.all, home.count, home.sum, home.rest), (true, 3, OWED, Cents::ZERO));
        assert_eq!((home.amount, home.on, home.last), (Cents(4_225), day(3), day(17)));
    }

    async fn what_is_on_its_way_pays_the_oldest_first(pool: Pool) {
        let h = house(pool).await;
        bill(&h, Cents(12_000), 2).await;
        let page = form(&h.cx, &h.who, NUMBER).await.expect("a page");
        let on = page.due.due_on.expect("a bill");
        assert_eq!((page.limits.due, page.due.later), (OWED + Cents(12_000), vec![Due { on, amount: OWED + Cents(12_000) }]));
        let Go::Processor(url) = start(&h.cx, &h.who, NUMBER, "100.00", "K1").await.expect("begun") else { panic!("past paying") };
        let number = url.rsplit('/').next().expect("a number").to_owned();
        hear(&h.cx, &report(&number, Cents(10_000), word(Status::Pending, 2)), HeardBy::Webhook).await.expect("heard");
        let page = form(&h.cx, &h.who, NUMBER).await.expect("a page");
        let left = OWED + Cents(2_000);
        assert_eq!((page.limits.due, page.due.later, page.chosen), (left, vec![Due { on, amount: left }], Some(left)));
    }
}
