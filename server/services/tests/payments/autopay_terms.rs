//! Autopay: who may decide about it, under which terms, and what those are told who may not any more.

use chrono::TimeDelta;
use contract::AppError;
use domain::access::AccountRole;
use domain::ids::SessionId;
use domain::money::Cents;
use domain::payment::autopay::Short;
use domain::payment::planned::State;
use services::Principal;
use services::payments::later::{Choice, answer, autopay, enrol, leave};

use crate::autopay::{bill, billed, choice};
use crate::house::{NUMBER, pay_now};
use crate::later::{all_is_well, pass, states};
use crate::saved::{refusal, with_card};

store::both_engines! {
    async fn only_holders_decide_and_terms_are_checked(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let now = h.cx.clock.now();
        let new = store::people::NewPerson {
            kind: store::people::PersonKind::Resident, given_name: "Sam", family_name: "Guest", email: None, phone: None,
        };
        let guest = store::people::insert(&mut tx, &new, now).await.expect("a person");
        store::accounts::grant(&mut tx, h.account, guest, AccountRole::Guest, now).await.expect("a role");
        tx.commit().await.expect("committed");
        let who = Principal::Resident { person: guest, session: SessionId(9) };
        let theirs = crate::saved::card_of(&h, &who, "tok_9", None).await;
        assert_eq!(refusal(enrol(&h.cx, &who, NUMBER, &choice(theirs, "K1")).await), AppError::Forbidden);
        assert_eq!(refusal(leave(&h.cx, &who, NUMBER).await), AppError::Forbidden);
        for bad in [
            Choice { days_before: "11".into(), ..choice(method, "K1") },
            Choice { days_before: "-1".into(), ..choice(method, "K1") },
            Choice { limit: "5".into(), ..choice(method, "K1") },
            Choice { limit: "1000000000000".into(), ..choice(method, "K1") },
            Choice { limit: "much".into(), ..choice(method, "K1") },
            Choice { brake: "7".into(), ..choice(method, "K1") },
            choice(theirs, "K1"),
        ] {
            assert!(matches!(refusal(enrol(&h.cx, &h.who, NUMBER, &bad).await), AppError::Invalid(_)), "{bad:?}");
        }
        assert!(autopay(&h.cx, &h.who, NUMBER).await.expect("shown").enrolled.is_none());
    }

    async fn what_is_planned_asks_when_the_terms_are_tightened(pool: Pool) {
        let h = billed(pool, &[10_000, 9_500, 10_500, 16_100]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        assert_eq!(states(&h).await, [State::Waiting]);
        assert!(enrol(&h.cx, &h.who, NUMBER, &Choice { limit: "200".into(), ..choice(method, "K2") }).await.expect("changed"));
        assert_eq!(states(&h).await, [State::Waiting], "it is not above that");
        enrol(&h.cx, &h.who, NUMBER, &Choice { brake: "50".into(), ..choice(method, "K3") }).await.expect("changed");
        assert_eq!(states(&h).await, [State::Asking]);
        let mail = h.mails().await.into_iter().find(|m| m.subject == "Your bill is higher than expected: shall autopay take $161.00?").expect("asked");
        assert!(mail.body.contains("is 61 % above the $100.00 that we expected"), "{}", mail.body);
        let id = autopay(&h.cx, &h.who, NUMBER).await.expect("shown").enrolled.expect("it runs").planned[0].id;
        answer(&h.cx, &h.who, NUMBER, id, true, None).await.expect("answered");
        enrol(&h.cx, &h.who, NUMBER, &Choice { limit: "100".into(), ..choice(method, "K4") }).await.expect("changed");
        assert_eq!(states(&h).await, [State::Waiting], "what was answered is not asked again");
        pass(&h, 22).await;
        assert_eq!(h.balance().await, Cents::ZERO);
        all_is_well(&h).await;
    }

    async fn a_limit_below_the_usual_bill_is_warned_about(pool: Pool) {
        let h = billed(pool, &[10_000, 9_500, 10_500, 16_100]).await;
        let method = with_card(&h, "tok_1").await;
        let short = async |limit: &str, key: &str| {
            enrol(&h.cx, &h.who, NUMBER, &Choice { limit: limit.into(), ..choice(method, key) }).await.expect("on");
            let view = autopay(&h.cx, &h.who, NUMBER).await.expect("shown");
            assert_eq!(view.last_bill, Some(Cents(16_100)));
            view.short
        };
        assert_eq!(short("50", "K1").await, Some(Short::OfUsual(Cents(10_500))));
        assert_eq!(short("150", "K2").await, Some(Short::OfLast(Cents(16_100))));
        assert_eq!(short("161", "K3").await, None);
        assert_eq!(short("", "K4").await, None, "no limit at all");
    }

    async fn only_who_pays_goes_on_and_any_holder_skips(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &Choice { limit: "100".into(), ..choice(method, "K1") }).await.expect("on");
        let other = Principal::Resident { person: h.second_holder().await, session: SessionId(5) };
        let asked = async |who: &Principal| autopay(&h.cx, who, NUMBER).await.expect("shown").enrolled.expect("it runs").planned[0].clone();
        let (mine, theirs) = (asked(&h.who).await, asked(&other).await);
        assert_eq!((mine.may_go_on, theirs.may_go_on, theirs.may_change), (true, false, true));
        assert_eq!(refusal(answer(&h.cx, &other, NUMBER, mine.id, true, None).await), AppError::Forbidden);
        assert_eq!(states(&h).await, [State::Asking]);
        answer(&h.cx, &other, NUMBER, mine.id, false, None).await.expect("skipped");
        pass(&h, 22).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Cancelled], Cents(12_000)));
        all_is_well(&h).await;
    }

    async fn a_form_that_turned_it_on_before_does_not_say_on_again(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        leave(&h.cx, &h.who, NUMBER).await.expect("left");
        assert_eq!(refusal(enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await), AppError::Changed);
        assert!(autopay(&h.cx, &h.who, NUMBER).await.expect("shown").enrolled.is_none());
    }

    async fn what_was_paid_meanwhile_is_not_announced(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        pay_now(&h.cx, &h.who, NUMBER, method, "20.00", "P1").await.expect("paid");
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home").planned.expect("planned");
        assert_eq!((home.amount, home.sum), (Cents(10_000), Cents(10_000)));
        let view = autopay(&h.cx, &h.who, NUMBER).await.expect("shown");
        let next = &view.enrolled.as_ref().expect("it runs").planned[0];
        assert_eq!((next.amount, next.takes), (Cents(12_000), Cents(10_000)));
        pass(&h, 18).await;
        let said = |all: &[store::work::MailRow]| all.iter().filter(|m| m.subject == "Autopay takes $100.00 on Thu 18 Jun").count();
        assert_eq!(said(&h.mails().await), 1);

        bill(&h, Cents(9_000), 0).await;
        pay_now(&h.cx, &h.who, NUMBER, method, "190.00", "P2").await.expect("paid");
        let home = services::home::show(&h.cx, &h.who, NUMBER).await.expect("home");
        assert_eq!((home.due.balance, home.planned), (Cents::ZERO, None), "nothing is left to take");
        pass(&h, 22).await;
        let takes = h.mails().await.into_iter().filter(|m| m.subject.starts_with("Autopay takes")).count();
        assert_eq!((takes, h.balance().await), (1, Cents::ZERO));
    }

    async fn who_lost_the_role_is_not_told_what_is_owed(pool: Pool) {
        let h = billed(pool, &[12_000]).await;
        let method = with_card(&h, "tok_1").await;
        enrol(&h.cx, &h.who, NUMBER, &choice(method, "K1")).await.expect("on");
        let mut tx = h.cx.pool.write().await.expect("a transaction");
        let now = h.cx.clock.now();
        let email = domain::contact::Email::try_from("ana@example.com".to_owned()).expect("an address");
        let new = store::people::NewPerson {
            kind: store::people::PersonKind::Resident, given_name: "Ana", family_name: "Lopez", email: Some(&email), phone: None,
        };
        let ana = store::people::insert(&mut tx, &new, now).await.expect("a person");
        store::accounts::grant(&mut tx, h.account, ana, AccountRole::Holder, now).await.expect("a role");
        store::fixtures::end_roles(&mut tx, h.account, h.person, now + TimeDelta::hours(1)).await.expect("ended");
        tx.commit().await.expect("committed");
        pass(&h, 2).await;
        assert_eq!((states(&h).await, h.balance().await), (vec![State::Cancelled], Cents(12_000)));
        let off: Vec<_> = h.mails().await.into_iter().filter(|m| m.subject == "Autopay is off for 12 Alder St").collect();
        let to = |who: &str| off.iter().find(|m| m.recipient == who).expect("written").body.clone();
        let (gone, stays) = (to("maria@example.com"), to("ana@example.com"));
        assert!(stays.contains("To pay: $120.00, due Thu 18 Jun.") && stays.contains("/pay\n"), "{stays}");
        assert!(!gone.contains('$') && !gone.contains("Jun") && !gone.contains("http"), "{gone}");
        assert_eq!(off.len(), 2);
    }
}
