//! What was known when, and from whom.

use std::sync::Arc;

use domain::metering::Quality;
use domain::metering::vee::like::Method;
use domain::quantity::Commodity;
use futures::TryStreamExt as _;

use super::town::{Town, at, day, range};
use crate::clock::FixedClock;
use crate::usage_data::{DayOrigins, Meters, daily_of, origins, series_of};
use crate::{Principal, usage};

async fn origins_of(town: &Town, as_of: Option<&str>) -> Vec<DayOrigins> {
    let mut tx = town.cx.pool.read().await.expect("a transaction");
    let days = range("2026-11-09", "2026-11-12");
    origins(&mut tx, town.register("E1"), days, as_of.map(at)).await.expect("it reads")
}

async fn file(town: &Town, as_of: Option<&str>) -> Vec<String> {
    let file = usage::readings(
        &town.cx,
        &Principal::System,
        "1000001",
        Some(Commodity::Electricity),
        Some(range("2026-11-10", "2026-11-11")),
        as_of.map(at),
    )
    .await
    .expect("a file");
    let text: String = file.body.try_collect().await.expect("it is written");
    text.lines().map(str::to_owned).collect()
}

/// An hour is missing and estimated; two days later the meter sends other values, and a day later the same once more.
async fn told_three_times(town: &mut Town) {
    let mut values = vec![Some(500); 96];
    values[20..24].fill(None);
    town.take(&town.line("E1", at("2026-11-10T08:00:00Z"), &values)).await;
    town.cx.clock = Arc::new(FixedClock::at(at("2026-11-22T12:00:00Z")));
    values[20..24].fill(Some(700));
    town.take(&town.line("E1", at("2026-11-10T08:00:00Z"), &values)).await;
    town.cx.clock = Arc::new(FixedClock::at(at("2026-11-23T12:00:00Z")));
    town.take(&format!("\r\n{}", town.line("E1", at("2026-11-10T08:00:00Z"), &values))).await;
}

store::both_engines! {
    async fn use_can_be_asked_for_as_it_was_known(pool: Pool) {
        let mut town = Town::new(pool).await;
        told_three_times(&mut town).await;
        let mut tx = town.cx.pool.read().await.expect("a transaction");
        let days = range("2026-11-10", "2026-11-11");
        let meters =
            Meters::of(&mut tx, town.account, Commodity::Electricity).await.expect("it reads").expect("meters");
        let (before, between) = (at("2026-11-20T11:59:59Z"), at("2026-11-21T00:00:00Z"));
        for (as_of, sum, estimated) in
            [(Some(before), None, 0), (Some(between), Some(96 * 500), 4), (None, Some(92 * 500 + 4 * 700), 0)]
        {
            let meters = match as_of {
                Some(then) => meters.clone().known_at(then),
                None => meters.clone(),
            };
            let found = daily_of(&mut tx, &meters, days, &mut |_, _| ()).await.expect("it reads");
            assert_eq!((found[0].amount, found[0].estimated), (sum, estimated), "{as_of:?}");
            let series = series_of(&mut tx, &meters, days).await.expect("it reads");
            let total = series.slots.iter().filter_map(|s| s.value).fold(None, |t, v| Some(t.unwrap_or(0) + v));
            assert_eq!(total, sum, "the intervals of {as_of:?}");
        }
    }

    async fn every_value_says_which_delivery_made_it_and_how(pool: Pool) {
        let mut town = Town::new(pool).await;
        told_three_times(&mut town).await;
        assert!(origins_of(&town, Some("2026-11-20T11:00:00Z")).await.is_empty(), "nothing had arrived");
        let then = origins_of(&town, Some("2026-11-21T00:00:00Z")).await.remove(0);
        assert_eq!((then.day, then.version, then.segments.len()), (day("2026-11-10"), 0, 1));
        assert_eq!(then.from, vec![Some(0); 96]);
        assert_eq!(then.block.count(|q| q == Quality::Estimated), 4);
        assert_eq!(then.methods[20..24], [Some(Method::Interpolated); 4]);
        assert_eq!(then.methods.iter().flatten().count(), 4);
        let now = origins_of(&town, None).await.remove(0);
        assert_eq!((now.version, now.segments.len()), (1, 2), "the same once more is no segment");
        assert_eq!(now.segments[1].arrived_at, at("2026-11-22T12:00:00Z"));
        assert_eq!(now.segments[1].sender, "AMI");
        let second: Vec<usize> = (0..96).filter(|i| now.from[*i] == Some(1)).collect();
        assert_eq!(second, [20, 21, 22, 23]);
        assert!(now.methods.iter().all(Option::is_none), "nothing is estimated any more");
    }

    async fn the_file_of_readings_names_origins(pool: Pool) {
        let mut town = Town::new(pool).await;
        told_three_times(&mut town).await;
        let then = file(&town, Some("2026-11-21T00:00:00Z")).await;
        assert_eq!(then.len(), 1 + 96);
        let estimate = "electricity,E1,delivered,2026-11-10T05:00:00-08:00,2026-11-10T05:15:00-08:00,2026-11-10T13:00:00Z,\
                        0.5,kWh,estimated,interpolated,0,test.cmep,AMI,cmep,2026-11-20T12:00:00Z,interval";
        assert_eq!(then[1 + 20], estimate);
        let now = file(&town, None).await;
        let metered = "electricity,E1,delivered,2026-11-10T05:00:00-08:00,2026-11-10T05:15:00-08:00,2026-11-10T13:00:00Z,\
                       0.7,kWh,validated,,1,test.cmep,AMI,cmep,2026-11-22T12:00:00Z,interval";
        assert_eq!(now[1 + 20], metered);
        assert_eq!(now[1 + 19].rsplit(',').nth(1), Some("2026-11-20T12:00:00Z"), "the hour before came first");
    }
}
