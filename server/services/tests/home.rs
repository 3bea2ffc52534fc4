//! What Home says of meters that have stopped, on both engines.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use contract::home::Attention;
use domain::calendar::{DayRange, Zone};
use domain::ids::SessionId;
use domain::metering::Quality;
use domain::quantity::{Commodity, Unit};
use services::adapters::Outside;
use services::clock::Entropy;
use services::{Cx, FixedClock, Principal, Settings, exceptions};
use store::Pool;
use store::exceptions::{How, State};
use store::fixtures::{FixtureMeter, Home, fill, home, noon};

const TODAY: &str = "2026-11-20";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A home with a water meter by the hour, whose readings up to yesterday have gone through the checks.
async fn watered(pool: &Pool, since: &str, gallons: impl Fn(NaiveDate) -> i64) -> (Cx, Principal, Home) {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let meter = FixtureMeter {
        commodity: Commodity::Water,
        unit: Unit::Gallon,
        exponent: 0,
        interval_seconds: 3600,
        two_way: false,
    };
    let mut tx = pool.write().await.expect("a transaction");
    let home = home(&mut tx, "300500", zone.clone(), zone.start_of(day(since)), 12, &[meter]).await;
    let all = DayRange::new(day("2026-08-01"), day(TODAY)).expect("forwards");
    fill(&mut tx, &home, home.registers[0], 3600, 0, all, |d, i| {
        Some((if (7..9).contains(&i) { gallons(d) } else { 0 }, Quality::Validated))
    })
    .await;
    tx.commit().await.expect("committed");
    let cx = Cx {
        pool: pool.clone(),
        clock: Arc::new(FixedClock::at(noon(&zone, day(TODAY)))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: Outside::default(),
    };
    exceptions::review(&cx).await.expect("reviewed");
    let who = Principal::Resident { person: home.person, session: SessionId(1) };
    (cx, who, home)
}

async fn said(cx: &Cx, who: &Principal, home: &Home) -> Vec<Attention> {
    let mut all = services::home::show(cx, who, &home.number).await.expect("home").attention;
    all.retain(|a| matches!(a, Attention::NothingCounted { .. }));
    all
}

/// The days on which no use was found and is not settled.
async fn found(cx: &Cx, home: &Home) -> Vec<NaiveDate> {
    let mut tx = cx.pool.read().await.expect("a transaction");
    let all = store::exceptions::unsettled(&mut tx, &home.registers).await.expect("read");
    let zero = all.iter().filter(|x| x.code == "zero");
    zero.map(|x| store::usage::day_of_number(x.day).expect("a day")).collect()
}

store::both_engines! {
    async fn a_meter_that_stopped_long_ago_is_said_until_it_is_settled(pool: Pool) {
        let stopped = day("2026-10-03");
        let (cx, who, home) = watered(&pool, "2026-08-01", |d| if d < stopped { 60 } else { 0 }).await;
        assert_eq!(found(&cx, &home).await, [stopped + Days::new(13)], "once, more than a month ago");
        assert_eq!(said(&cx, &who, &home).await, [Attention::NothingCounted { service: Commodity::Water, since: stopped }]);
        let mut tx = cx.pool.write().await.expect("a transaction");
        let all = store::exceptions::unsettled(&mut tx, &home.registers).await.expect("read");
        let now = cx.clock.now();
        for x in all {
            store::exceptions::set_state(&mut tx, x.id, State::Settled, Some(How::Accepted), now).await.expect("settled");
        }
        tx.commit().await.expect("committed");
        assert_eq!(said(&cx, &who, &home).await, []);
    }

    async fn a_meter_that_counts_again_is_none(pool: Pool) {
        let away = DayRange::new(day("2026-10-20"), day("2026-11-10")).expect("forwards");
        let (cx, who, home) = watered(&pool, "2026-08-01", |d| if away.contains(d) { 0 } else { 60 }).await;
        assert_eq!(found(&cx, &home).await.len(), 1, "nobody has settled it");
        assert_eq!(said(&cx, &who, &home).await, [], "three weeks away, and home again");
    }

    async fn what_was_found_before_they_moved_in_is_none_of_theirs(pool: Pool) {
        let stopped = day("2026-10-03");
        let (cx, who, home) = watered(&pool, "2026-11-10", |d| if d < stopped { 60 } else { 0 }).await;
        assert_eq!(said(&cx, &who, &home).await, []);
    }
}
