use std::sync::Arc;

use crate::clock::FixedClock;
use crate::ingest::tests::town::{Town, at, day, range};
use crate::storage::{drop_before, pack, repack, show};
use crate::{Principal, check};

async fn sound(town: &Town) -> Vec<(String, i64)> {
    let found = check::storage(&town.cx, &Principal::System).await.expect("it reads");
    assert_eq!(found.faults, Vec::<String>::new());
    found.counts
}

store::both_engines! {
    async fn packed_usage_is_the_same_usage_and_goes_on(pool: Pool) {
        let town = Town::new(pool).await;
        let calm = Town::beside(&town).await;
        let files = [
            town.flat("E1", "2026-08-25", 40, 300) + &town.flat("E2", "2026-09-01", 9, 70),
            // Corrections of days that are packed by then, holes filled, a day between packed ones, and days behind them.
            town.flat("E1", "2026-09-05", 2, 450),
            town.line("E2", at("2026-09-12T07:00:00Z"), &[Some(70); 40]),
            town.line("E2", at("2026-09-12T17:00:00Z"), &[Some(71); 56]) + &town.flat("E1", "2026-10-04", 5, 310),
        ];
        for (i, file) in files.iter().enumerate() {
            let taken = town.take(file).await;
            assert_eq!(taken, calm.take(file).await);
            let done = pack(&town.cx, None).await.expect("packed");
            assert!(i > 0 || done.days == 49, "{done:?}");
        }
        assert_eq!(town.state().await, calm.state().await);
        for d in ["2026-09-05", "2026-09-06", "2026-09-12"] {
            let meter = if d == "2026-09-12" { "E2" } else { "E1" };
            assert_eq!(town.changes(meter, d).await, calm.changes(meter, d).await);
        }
        let counts = sound(&town).await;
        assert_eq!(counts, [("usage days".to_owned(), 55), ("of them packed".to_owned(), 55), ("usage changes".to_owned(), 3), ("readings of dials".to_owned(), 0)]);
        assert_eq!(sound(&calm).await[1].1, 0);
        let shown = show(&town.cx).await.expect("shown");
        assert_eq!((shown.open_from, shown.given_up_before), (None, None));
        assert!(shown.tables.iter().any(|(name, bytes)| name == "usage_pack" && *bytes > 0), "{shown:?}");
        let again = repack(&town.cx, &|_| ()).await.expect("packed anew");
        assert_eq!((again.changed, again.saved), (0, 0));
        assert!(again.rows > 5);
        assert_eq!(pack(&town.cx, None).await.expect("packed").rows, 0, "there is nothing left to do");
    }

    async fn the_last_days_stay_as_they_came(pool: Pool) {
        let mut town = Town::new(pool).await;
        town.cx.clock = Arc::new(FixedClock::at(at("2026-06-25T12:00:00Z")));
        town.take(&town.flat("E1", "2026-06-01", 24, 300)).await;
        pack(&town.cx, None).await.expect("packed");
        let open = show(&town.cx).await.expect("shown").open_from.expect("some are open");
        // Stretches are tens of days since 1970; the last whole one before five days ago.
        assert!(day("2026-06-10") < open && open <= day("2026-06-20"), "{open}");
        sound(&town).await;
    }

    async fn what_is_given_up_stays_given_up(pool: Pool) {
        let town = Town::new(pool).await;
        town.take(&town.flat("E1", "2025-02-01", 30, 300)).await;
        town.take(&town.flat("E1", "2025-02-03", 1, 310)).await;
        pack(&town.cx, Some(day("2025-02-20"))).await.expect("packed");
        let mut town = town;
        assert!(drop_before(&town.cx, day("2025-02-20")).await.is_err(), "bills may still be corrected with it");
        town.cx.clock = Arc::new(FixedClock::at(at("2028-04-01T12:00:00Z")));
        let done = drop_before(&town.cx, day("2025-02-20")).await.expect("given up");
        assert!(done.rows >= 1 && done.changes == 1, "{done:?}");
        assert!(day("2025-02-10") < done.before && done.before <= day("2025-02-20"), "{done:?}");
        let left = town.state().await.days;
        assert!(!left.is_empty() && left.iter().all(|(_, d)| d.day >= done.before));
        sound(&town).await;
        let report = town.take(&town.flat("E1", "2025-02-02", 1, 999)).await;
        assert_eq!((report.accepted, report.rejected, report.rejected_lines[0].code.as_str()), (0, 1, "given_up"));
        assert_eq!(town.state().await.days, left);
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let gone = store::usage::days(&mut tx, town.register("E1"), range("2025-01-01", "2025-02-10")).await;
        assert_eq!(gone.expect("it reads"), []);
    }
}
