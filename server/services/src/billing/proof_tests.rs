//! What holes in what was sent back mean for the bill, on both engines.

use domain::calendar::DayRange;
use domain::quantity::ServiceKind;
use store::Pool;

use super::show::stored;
use super::tests::{cx, day, reading, run, seeded_on};

store::both_engines! {
    async fn what_is_not_known_of_what_was_sent_back_is_filled(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-14") };
        let account = seeded_on("E-1-NEM1", &pool, "100912", data, &[day("2026-01-20")]).await;
        let cx = cx(&pool, "2026-02-14T16:00:00Z");
        assert_eq!(run(&cx, "2026-02-14").await.bills, 1);
        let mut work = reading(&cx).await;
        let row = store::bills::by_number(&mut work.tx, account, "100912-001").await.expect("read").expect("there");
        let (bill, reads) = stored(&mut work, &row).await.expect("a bill");
        let of = bill.services.iter().find(|s| s.service == ServiceKind::Electricity).expect("billed");
        assert_eq!(of.received.map(|r| r.to_string()).as_deref(), Some("1488"), "31 days of 48 kWh");
        assert!(reads.iter().any(|r| r.service == ServiceKind::Electricity && r.estimated));
    }
}
