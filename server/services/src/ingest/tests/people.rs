//! Whose use it is.

use domain::calendar::{DayRange, Instant};
use domain::ids::AccountId;
use domain::metering::Quality;
use domain::quantity::Commodity;

use super::town::{Town, account, agree, at, range, register};
use crate::usage_data::{DayUse, Series, daily, series};

async fn seen(town: &Town, account: AccountId, days: DayRange) -> (Series, Vec<DayUse>) {
    let mut tx = town.cx.pool.read().await.expect("a transaction");
    let series = series(&mut tx, account, Commodity::Electricity, days).await.expect("it reads").expect("a meter");
    let (_, days) = daily(&mut tx, account, Commodity::Electricity, days).await.expect("it reads").expect("a meter");
    (series, days)
}

/// The first meter goes to another home, where an account has been since January.
async fn move_away(town: &Town, gone: Instant, there: Instant) -> AccountId {
    let mut tx = town.cx.pool.write().await.expect("a transaction");
    store::meters::remove(&mut tx, town.meters[0].1, gone).await.expect("removed");
    let premise = store::accounts::insert_premise(&mut tx, "9 Oak Street", "Alder Bay", "94999", "America/Los_Angeles")
        .await
        .expect("a premise");
    let point = store::meters::insert_point(&mut tx, "SP-9", premise, Commodity::Electricity).await.expect("a point");
    store::meters::install(&mut tx, town.meters[0].1, point, there).await.expect("installed");
    let next = account(&mut tx, "1000009").await;
    agree(&mut tx, next, premise, point, Commodity::Electricity, at("2026-01-01T08:00:00Z")).await;
    tx.commit().await.expect("committed");
    next
}

store::both_engines! {
    async fn a_tenant_change_at_noon_divides_the_day(pool: Pool) {
        let town = Town::new(pool).await;
        let noon = at("2026-06-01T19:00:00Z");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        store::accounts::end_agreement(&mut tx, town.agreement, noon).await.expect("moved out");
        let next = account(&mut tx, "1000002").await;
        agree(&mut tx, next, town.premise, town.point, Commodity::Electricity, noon).await;
        tx.commit().await.expect("committed");
        let mut file = town.flat("E1", "2026-05-31", 1, 100);
        file += &town.line("E1", at("2026-06-01T07:00:00Z"), &[[Some(100); 48], [Some(900); 48]].concat());
        file += &town.flat("E1", "2026-06-02", 1, 900);
        town.take(&file).await;
        let days = range("2026-05-31", "2026-06-03");
        let (before, by_day) = seen(&town, town.account, days).await;
        assert_eq!(by_day.iter().map(|d| d.amount).collect::<Vec<_>>(), [Some(9_600), Some(4_800), None]);
        assert_eq!(by_day.iter().map(|d| d.expected).collect::<Vec<_>>(), [96, 48, 0]);
        assert!(before.slots.iter().all(|s| s.value.is_none_or(|v| v == 100)));
        assert_eq!(before.slots[96 + 48].quality, Quality::NotInstalled);
        let (after, by_day) = seen(&town, next, days).await;
        assert_eq!(by_day.iter().map(|d| d.amount).collect::<Vec<_>>(), [None, Some(43_200), Some(86_400)]);
        assert!(after.slots.iter().all(|s| s.value.is_none_or(|v| v == 900)));
        assert_eq!(after.slots.iter().filter(|s| s.value.is_some()).count(), 144);
    }

    async fn an_interval_that_holds_two_tenants_is_shown_to_neither(pool: Pool) {
        let town = Town::new(pool).await;
        let change = at("2026-06-01T19:07:00Z");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        store::accounts::end_agreement(&mut tx, town.agreement, change).await.expect("moved out");
        let next = account(&mut tx, "1000002").await;
        agree(&mut tx, next, town.premise, town.point, Commodity::Electricity, change).await;
        tx.commit().await.expect("committed");
        town.take(&town.flat("E1", "2026-06-01", 1, 100)).await;
        let (_, first) = seen(&town, town.account, range("2026-06-01", "2026-06-02")).await;
        let (_, second) = seen(&town, next, range("2026-06-01", "2026-06-02")).await;
        assert_eq!((first[0].amount, second[0].amount), (Some(4_800), Some(4_700)));
    }

    async fn a_meter_exchanged_in_the_middle_of_a_day_leaves_no_hole(pool: Pool) {
        let mut town = Town::new(pool).await;
        // At 12:07 the old meter goes and a new one comes, in watt-hours.
        let change = at("2026-06-01T19:07:00Z");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        store::meters::remove(&mut tx, town.meters[0].1, change).await.expect("removed");
        let mut new = register(Commodity::Electricity);
        new.unit = domain::quantity::Unit::WattHour;
        new.exponent = 0;
        let (meter, registers) =
            store::meters::insert(&mut tx, "E1B", Commodity::Electricity, &[new]).await.expect("a meter");
        store::meters::install(&mut tx, meter, town.point, change).await.expect("installed");
        tx.commit().await.expect("committed");
        town.meters.push(("E1B".to_owned(), meter, registers[0]));
        let old = town.line("E1", at("2026-06-01T07:00:00Z"), &[[Some(100); 48].as_slice(), &[Some(40)]].concat());
        let fresh = town.line("E1B", at("2026-06-01T19:00:00Z"), &[[Some(60)].as_slice(), &[Some(200); 47]].concat());
        let report = town.take(&format!("{old}{fresh}")).await;
        assert_eq!((report.accepted, report.rejected), (97, 0));
        let old = town.stored("E1", "2026-06-01").await.unpack().expect("a block");
        assert_eq!(old.count(|q| q == Quality::NotInstalled), 47, "after the exchange nothing is missing");
        let (series, days) = seen(&town, town.account, range("2026-06-01", "2026-06-02")).await;
        assert_eq!(series.slots.iter().map(|s| s.value).collect::<Vec<_>>(),
            [[Some(100); 48].as_slice(), &[Some(100)], &[Some(200); 47]].concat());
        assert_eq!(days[0].amount, Some(48 * 100 + 100 + 47 * 200));
    }

    async fn behind_an_exchange_the_new_meters_intervals_are_shown(pool: Pool) {
        let mut town = Town::new(pool).await;
        let change = at("2026-06-02T19:00:00Z");
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        store::testing::tamper(&mut tx, "UPDATE register SET interval_seconds = 3600").await;
        store::meters::remove(&mut tx, town.meters[0].1, change).await.expect("removed");
        let new = register(Commodity::Electricity);
        let (meter, registers) =
            store::meters::insert(&mut tx, "E1B", Commodity::Electricity, &[new]).await.expect("a meter");
        store::meters::install(&mut tx, meter, town.point, change).await.expect("installed");
        tx.commit().await.expect("committed");
        town.meters.push(("E1B".to_owned(), meter, registers[0]));
        let hours = |start, n: usize| town.line("E1", start, &vec![Some(400); n]).replace("00000015", "00000100");
        let mut file = String::new();
        for n in 0..36 {
            file += &hours(at("2026-06-01T07:45:00Z") + chrono::TimeDelta::hours(n), 1);
        }
        file += &town.line("E1B", change, &[Some(100); 48]);
        file += &town.flat("E1B", "2026-06-03", 1, 100);
        let report = town.take(&file).await;
        assert_eq!((report.accepted, report.rejected), (36 + 48 + 96, 0), "{report:?}");
        // By the hour before it and on its day, by the quarter-hour behind it.
        for (from, to, seconds, slots) in [
            ("2026-06-01", "2026-06-02", 3_600, 24),
            ("2026-06-01", "2026-06-04", 3_600, 72),
            ("2026-06-02", "2026-06-03", 3_600, 24),
            ("2026-06-03", "2026-06-04", 900, 96),
        ] {
            let (series, _) = seen(&town, town.account, range(from, to)).await;
            assert_eq!((series.interval_seconds, series.slots.len()), (seconds, slots), "{from}");
            let per_slot = i64::from(seconds) / 9;
            assert!(series.slots.iter().all(|s| s.value == Some(per_slot)), "{from}: {:?}", series.slots);
        }
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let meters = crate::usage_data::Meters::of(&mut tx, town.account, Commodity::Electricity).await;
        let stretches = meters.expect("it reads").expect("meters").stretches(range("2026-06-01", "2026-06-04"));
        assert_eq!(stretches, [(range("2026-06-01", "2026-06-03"), 3_600), (range("2026-06-03", "2026-06-04"), 900)]);
        town.meters.clear();
    }

    async fn intervals_of_two_lengths_meet_in_the_next_that_holds_both(pool: Pool) {
        let town = Town::new(pool).await;
        let mut tx = town.cx.pool.write().await.expect("a transaction");
        store::testing::tamper(&mut tx, "UPDATE register SET interval_seconds = 600 WHERE meter_id = (SELECT id FROM meter WHERE number = 'E2')").await;
        let point = store::meters::point(&mut tx, "SP-E2").await.expect("read").expect("there").1;
        agree(&mut tx, town.account, town.premise, point, Commodity::Electricity, at("2025-01-01T08:00:00Z")).await;
        tx.commit().await.expect("committed");
        let start = at("2026-06-01T07:00:00Z");
        let mut ten = String::new();
        for n in 0..144 {
            let at = start + chrono::TimeDelta::minutes(10 * n - 5);
            ten += &town.line("E2", at, &[Some(10)]).replace("00000015", "00000010");
        }
        let report = town.take(&(town.flat("E1", "2026-06-01", 1, 100) + &ten)).await;
        assert_eq!((report.accepted, report.rejected), (96 + 144, 0), "{report:?}");
        let (series, days) = seen(&town, town.account, range("2026-06-01", "2026-06-02")).await;
        assert_eq!((series.interval_seconds, series.slots.len()), (1_800, 48));
        assert!(series.slots.iter().all(|s| s.value == Some(230)), "{:?}", series.slots);
        assert_eq!(days[0].amount, Some(96 * 100 + 144 * 10));
    }

    async fn an_interval_in_which_a_meter_moved_is_shown_in_neither_home(pool: Pool) {
        let town = Town::new(pool).await;
        let next = move_away(&town, at("2026-06-01T19:02:00Z"), at("2026-06-01T19:10:00Z")).await;
        town.take(&town.flat("E1", "2026-06-01", 1, 100)).await;
        let days = range("2026-06-01", "2026-06-02");
        let (before, first) = seen(&town, town.account, days).await;
        let (after, second) = seen(&town, next, days).await;
        assert_eq!((first[0].amount, second[0].amount), (Some(4_800), Some(4_700)));
        assert_eq!((first[0].expected, second[0].expected), (48, 47));
        assert_eq!((before.slots[48].value, after.slots[48].value), (None, None));
    }

    async fn a_meter_that_moved_is_each_residents_only_while_it_was_theirs(pool: Pool) {
        let mut town = Town::new(pool).await;
        // At noon, with nine minutes on a shelf.
        let next = move_away(&town, at("2026-06-01T19:00:00Z"), at("2026-06-01T19:09:00Z")).await;
        let day = [[Some(100); 48].as_slice(), &[Some(7)], &[Some(900); 47]].concat();
        town.take(&town.line("E1", at("2026-06-01T07:00:00Z"), &day)).await;
        let days = range("2026-06-01", "2026-06-02");
        let (before, by_day) = seen(&town, town.account, days).await;
        assert_eq!(by_day[0].amount, Some(4_800));
        assert!(before.slots.iter().all(|s| s.value.is_none_or(|v| v == 100)), "nothing of the next home");
        let (after, by_day) = seen(&town, next, days).await;
        assert_eq!(by_day[0].amount, Some(7 + 47 * 900));
        assert!(after.slots.iter().all(|s| s.value.is_none_or(|v| v != 100)), "nothing of the home before");
        town.meters.clear();
    }
}
