//! A service request from the question to the closing, and what is refused.

use chrono::TimeDelta;
use contract::{AppError, Field, FieldError, Problem};
use domain::ids::SessionId;
use domain::request::{Kind, LARGEST_PHOTO, Status, Step};
use services::requests::{Asked, answer, ask, close, list, photo, queue, reply, show, staff_photo, staff_show};
use services::{Fault, Principal, jobs};
use store::people::{NewPerson, PersonKind};

use crate::house::{House, NUMBER, house};

fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>) -> AppError {
    match result {
        Err(Fault::App(error)) => error,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

async fn someone(h: &House, kind: PersonKind, given_name: &str, family_name: &str) -> Principal {
    let mut tx = h.cx.pool.write().await.expect("a transaction");
    let new = NewPerson { kind, given_name, family_name, email: None, phone: None };
    let person = store::people::insert(&mut tx, &new, h.cx.clock.now()).await.expect("a person");
    tx.commit().await.expect("committed");
    match kind {
        PersonKind::Staff => Principal::Staff { person, session: SessionId(3) },
        PersonKind::Resident => Principal::Resident { person, session: SessionId(4) },
    }
}

fn leak(key: &str) -> Asked {
    Asked {
        kind: "leak".into(),
        message: "  Water in the street\r\nsince noon ".into(),
        photo: Some(b"\xFF\xD8\xFF\xE0photo".to_vec()),
        form_key: key.into(),
    }
}

store::both_engines! {
    async fn a_request_is_asked_answered_replied_to_and_closed(pool: Pool) {
        let h = house(pool).await;
        let staff = someone(&h, PersonKind::Staff, "Dana", "Reyes").await;
        let asked = leak("K1");
        let (a, b) = tokio::join!(ask(&h.cx, &h.who, NUMBER, &asked), ask(&h.cx, &h.who, NUMBER, &asked));
        let number = a.expect("asked");
        assert_eq!(number, b.expect("asked"), "a double click asks once");
        assert_eq!(number, "SR-2026-00001");
        let view = show(&h.cx, &h.who, NUMBER, &number).await.expect("shown");
        assert_eq!((view.kind, view.status, view.timeline.len()), (Kind::Leak, Status::Open, 1));
        assert_eq!(view.timeline[0].message, "Water in the street\nsince noon");
        let id = view.timeline[0].photo.expect("the photo is there");
        assert_eq!(photo(&h.cx, &h.who, NUMBER, &number, id).await.expect("a photo").content, b"\xFF\xD8\xFF\xE0photo");
        assert!(staff_photo(&h.cx, &staff, &number, id).await.is_ok());

        h.clock.advance(TimeDelta::hours(3));
        let list_ = queue(&h.cx, &staff, Some(Status::Open), None).await.expect("a list");
        assert_eq!(list_.counts, [1, 0, 0]);
        assert_eq!((list_.lines[0].number.as_str(), list_.lines[0].hours_waiting), (number.as_str(), 3));
        assert_eq!(queue(&h.cx, &staff, None, Some(Kind::Meter)).await.expect("a list").lines.len(), 0);

        answer(&h.cx, &staff, &number, "A crew is on its way.", "A1").await.expect("answered");
        answer(&h.cx, &staff, &number, "A crew is on its way.", "A1").await.expect("a second click changes nothing");
        assert_eq!(list(&h.cx, &h.who, NUMBER).await.expect("a list").requests[0].status, Status::Answered);
        reply(&h.cx, &h.who, NUMBER, &number, &Asked { message: "Thank you!".into(), form_key: "K2".into(), ..Asked::default() })
            .await
            .expect("replied");
        reply(&h.cx, &h.who, NUMBER, &number, &Asked { message: "Thank you!".into(), form_key: "K2".into(), ..Asked::default() })
            .await
            .expect("a second click changes nothing");
        let view = staff_show(&h.cx, &staff, &number).await.expect("shown");
        assert_eq!((view.status, view.asked_by.as_str()), (Status::Open, "Maria Lopez"));
        close(&h.cx, &staff, &number, "", "A2").await.expect("closed");
        assert_eq!(refusal(close(&h.cx, &staff, &number, "", "A3").await), AppError::Changed);
        let view = show(&h.cx, &h.who, NUMBER, &number).await.expect("shown");
        let steps: Vec<Step> = view.timeline.iter().map(|e| e.step).collect();
        assert_eq!(steps, [Step::ResidentWrote, Step::StaffAnswered, Step::ResidentWrote, Step::StaffClosed]);
        assert_eq!(view.timeline[1].by, "Dana R.");

        jobs::run_due(&h.cx).await.expect("mail goes out");
        let mails = h.mails().await;
        let subjects: Vec<&str> = mails.iter().map(|m| m.subject.as_str()).collect();
        assert_eq!(subjects, [
            "Your request SR-2026-00001 is closed",
            "An answer to your request SR-2026-00001",
            "We have your request SR-2026-00001",
        ]);
        assert!(mails[1].body.contains("http://localhost:8620/a/1000-0001/help/SR-2026-00001\n"), "{}", mails[1].body);
        assert!(mails[1].body.contains("Dana R. answered your request SR-2026-00001."), "{}", mails[1].body);
    }

    async fn what_cannot_be_taken_is_named_by_field(pool: Pool) {
        let h = house(pool).await;
        let empty = Asked { form_key: "K1".into(), photo: Some(b"<svg/>".to_vec()), ..Asked::default() };
        assert_eq!(refusal(ask(&h.cx, &h.who, NUMBER, &empty).await), AppError::Invalid(vec![
            FieldError { field: Field::RequestKind, problem: Problem::Missing },
            FieldError { field: Field::Message, problem: Problem::Missing },
            FieldError { field: Field::File, problem: Problem::NoPicture },
        ]));
        let mut large = vec![0; LARGEST_PHOTO + 1];
        large[..3].copy_from_slice(b"\xFF\xD8\xFF");
        let error = refusal(ask(&h.cx, &h.who, NUMBER, &Asked { photo: Some(large), ..leak("K1") }).await);
        assert_eq!(error, AppError::field(Field::File, Problem::TooLarge));
        let error = refusal(ask(&h.cx, &h.who, NUMBER, &Asked { message: "x".repeat(4_001), ..leak("K1") }).await);
        assert_eq!(error, AppError::field(Field::Message, Problem::TooLong));
        assert_eq!(list(&h.cx, &h.who, NUMBER).await.expect("a list").requests.len(), 0);
        for n in 0..20 {
            ask(&h.cx, &h.who, NUMBER, &leak(&format!("N{n}"))).await.expect("asked");
        }
        assert!(matches!(refusal(ask(&h.cx, &h.who, NUMBER, &leak("N20")).await), AppError::TooManyMessages { limit: 20, .. }));
    }

    async fn only_its_people_and_staff_see_a_request(pool: Pool) {
        let h = house(pool).await;
        let number = ask(&h.cx, &h.who, NUMBER, &leak("K1")).await.expect("asked");
        let id = show(&h.cx, &h.who, NUMBER, &number).await.expect("shown").timeline[0].photo.expect("a photo");
        let stranger = someone(&h, PersonKind::Resident, "Sam", "Other").await;
        assert_eq!(refusal(show(&h.cx, &stranger, NUMBER, &number).await), AppError::NotFound);
        assert_eq!(refusal(photo(&h.cx, &stranger, NUMBER, &number, id).await.map(|_| ())), AppError::NotFound);
        assert_eq!(refusal(reply(&h.cx, &stranger, NUMBER, &number, &leak("K2")).await), AppError::NotFound);
        assert_eq!(refusal(queue(&h.cx, &h.who, None, None).await), AppError::Forbidden);
        assert_eq!(refusal(answer(&h.cx, &h.who, &number, "x", "A1").await), AppError::Forbidden);
        assert_eq!(refusal(staff_show(&h.cx, &Principal::Nobody, &number).await), AppError::SignInRequired);
    }
}
