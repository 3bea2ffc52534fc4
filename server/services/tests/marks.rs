//! Marked days with the use before and after, two stretches held against each other, meters by themselves, and why readings are
//! missing; on both engines.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::markers::NotHeld;
use contract::periods::PeriodsAsk;
use contract::usage::{Gap, Span, UsageAsk, Why};
use contract::{AppError, Field, FieldError, Problem};
use domain::calendar::{DayRange, Zone};
use domain::ids::SessionId;
use domain::metering::Quality;
use domain::metering::pairs::Cut;
use domain::quantity::{Commodity, Unit};
use services::clock::Entropy;
use services::usage::{self, TypedMarker};
use services::{Cx, FixedClock, Principal, Settings};
use store::Pool;
use store::fixtures::{FixtureMeter, Home, fill, home, noon};

const METERS: [FixtureMeter; 2] = [
    FixtureMeter {
        commodity: Commodity::Electricity,
        unit: Unit::KilowattHour,
        exponent: -3,
        interval_seconds: 900,
        two_way: true,
    },
    FixtureMeter {
        commodity: Commodity::Water,
        unit: Unit::Gallon,
        exponent: 0,
        interval_seconds: 3600,
        two_way: false,
    },
];

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn range(from: &str, to: &str) -> DayRange {
    DayRange::new(day(from), day(to)).expect("forwards")
}

/// Electricity since 2025-01-05, 9.6 kWh a day and from 2026-03-01 on 7.2 kWh a day; the 4th of May is missing. Water since
/// 2026-03-01. Readings up to 2026-05-19; now it is noon of the 21st.
async fn set_up(pool: &Pool) -> (Cx, Principal, Home) {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let mut tx = pool.write().await.expect("a transaction");
    let home = home(&mut tx, "300100", zone.clone(), zone.start_of(day("2025-01-05")), 12, &METERS).await;
    let [power, solar, water] = home.registers[..] else { panic!("three registers") };
    let all = range("2025-01-05", "2026-05-20");
    fill(&mut tx, &home, power, 900, -3, all, |d, _| match d {
        d if d == day("2026-05-04") => None,
        d if d >= day("2026-03-01") => Some((75, Quality::Validated)),
        _ => Some((100, Quality::Validated)),
    })
    .await;
    fill(&mut tx, &home, solar, 900, -3, all, |_, i| Some((if i == 50 { 40 } else { 0 }, Quality::Validated))).await;
    fill(&mut tx, &home, water, 3600, 0, range("2026-03-01", "2026-05-20"), |_, _| Some((3, Quality::Validated))).await;
    tx.commit().await.expect("committed");
    let cx = Cx {
        pool: pool.clone(),
        clock: Arc::new(FixedClock::at(noon(&zone, day("2026-05-21")))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: services::adapters::Outside::default(),
    };
    let who = Principal::Resident { person: home.person, session: SessionId(1) };
    (cx, who, home)
}

fn typed(label: &str, on: &str, service: &str) -> TypedMarker {
    TypedMarker { label: label.into(), on: on.into(), service: service.into() }
}

fn wrong(fault: services::Fault) -> Vec<(Field, Problem)> {
    match AppError::from(fault) {
        AppError::Invalid(fields) => fields.into_iter().map(|FieldError { field, problem }| (field, problem)).collect(),
        other => panic!("{other:?}"),
    }
}

fn days(from: &str, to: &str) -> UsageAsk {
    UsageAsk { from: Some(from.into()), to: Some(to.into()), ..UsageAsk::default() }
}

store::both_engines! {
    async fn a_mark_is_made_shown_on_charts_changed_and_removed(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let n = &home.number;
        let made = usage::add_marker(&cx, &who, n, &typed("  New   heat pump ", "2026-03-01", "electricity")).await;
        let id = made.expect("marked");
        let list = usage::list_markers(&cx, &who, n).await.expect("a list");
        assert_eq!(list.markers.iter().map(|m| (m.label.as_str(), m.day)).collect::<Vec<_>>(), [("New heat pump", day("2026-03-01"))]);
        assert!(list.room);
        let chart = usage::show(&cx, &who, n, &days("2026-02-27", "2026-03-03")).await.expect("a view");
        assert_eq!(chart.beside.flags, [(2_000, "New heat pump".to_owned())]);
        let months = UsageAsk { by: Some("month".into()), ..days("2026-01-15", "2026-04-30") };
        let chart = usage::show(&cx, &who, n, &months).await.expect("a view");
        assert_eq!(chart.beside.flags[0].0, 2_000, "the third month begins with it");
        let water = UsageAsk { service: Some("water".into()), ..days("2026-03-01", "2026-03-03") };
        assert!(usage::show(&cx, &who, n, &water).await.expect("a view").beside.flags.is_empty(), "it is about electricity");
        let patterns = usage::patterns(&cx, &who, n, &days("2026-02-27", "2026-03-03")).await.expect("patterns");
        assert_eq!(patterns.flags, [(2_000, "New heat pump".to_owned())]);
        usage::change_marker(&cx, &who, n, &id.to_string(), &typed("Heat pump", "2026-03-02", "")).await.expect("changed");
        let chart = usage::show(&cx, &who, n, &water).await.expect("a view");
        assert_eq!(chart.beside.flags, [(1_000, "Heat pump".to_owned())]);
        usage::remove_marker(&cx, &who, n, &id.to_string()).await.expect("removed");
        assert!(usage::list_markers(&cx, &who, n).await.expect("a list").markers.is_empty());
        let gone = usage::show_marker(&cx, &who, n, &id.to_string()).await.expect_err("gone");
        assert_eq!(AppError::from(gone), AppError::NotFound);
    }

    async fn what_cannot_be_marked_is_named(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let n = &home.number;
        for (what, expected) in [
            (typed(" ", "", ""), vec![(Field::Label, Problem::Missing), (Field::On, Problem::Missing)]),
            (typed(&"x".repeat(61), "soon", ""), vec![(Field::Label, Problem::TooLong), (Field::On, Problem::Malformed)]),
            (typed("Tomorrow", "2026-05-22", ""), vec![(Field::On, Problem::OutOfRange)]),
            (typed("Before us", "2025-01-04", ""), vec![(Field::On, Problem::OutOfRange)]),
            (typed("Gas", "2026-03-01", "gas"), vec![(Field::Service, Problem::Malformed)]),
        ] {
            assert_eq!(wrong(usage::add_marker(&cx, &who, n, &what).await.expect_err("refused")), expected);
        }
        for _ in 0..50 {
            usage::add_marker(&cx, &who, n, &typed("One of many", "2026-03-01", "")).await.expect("marked");
        }
        let full = usage::add_marker(&cx, &who, n, &typed("One too many", "2026-03-01", "")).await.expect_err("refused");
        assert_eq!(wrong(full), [(Field::Label, Problem::TooMany)]);
    }

    async fn the_use_since_a_mark_is_held_against_the_year_before(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let n = &home.number;
        let id = usage::add_marker(&cx, &who, n, &typed("Heat pump", "2026-03-01", "")).await.expect("marked");
        let view = usage::show_marker(&cx, &who, n, &id.to_string()).await.expect("a view");
        let (power, water) = (&view.services[0], &view.services[1]);
        let held = power.1.as_ref().expect("held");
        assert_eq!((power.0, held.first.range, held.second.range), (
            Commodity::Electricity, range("2026-03-01", "2026-05-20"), range("2025-03-01", "2025-05-20")));
        // The missing day is no day of nothing; the day of 23 hours has 92 quarter-hours on both sides.
        assert_eq!((held.first.mean, held.second.mean), (Some(7_196), Some(9_595)));
        assert_eq!((held.first.whole, held.first.total), (79, 78 * 7_200 + 6_900));
        assert_eq!(held.first.hours, vec![Some(300); 24]);
        assert_eq!(held.cut, Cut::Weeks);
        assert_eq!(held.weather, None, "no temperatures are known");
        assert_eq!(water.1, Err(NotHeld::NothingBefore));
        let late = usage::add_marker(&cx, &who, n, &typed("Just now", "2026-05-18", "water")).await.expect("marked");
        let view = usage::show_marker(&cx, &who, n, &late.to_string()).await.expect("a view");
        assert_eq!(view.services, [(Commodity::Water, Err(NotHeld::TooEarly(day("2026-05-26"))))]);
    }

    async fn the_weather_is_told_apart_from_the_change(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let mut tx = pool.write().await.expect("a transaction");
        // Gas-like heating with electricity: half a kWh more a day for each degree below 65.
        let other = [FixtureMeter { two_way: false, ..METERS[0] }];
        let warm = store::fixtures::home(&mut tx, "300300", home.zone.clone(), home.zone.start_of(day("2025-01-05")), 12, &other).await;
        let all = range("2025-01-05", "2026-05-20");
        let degrees = |d: NaiveDate| 450 + (d - day("2025-01-05")).num_days() * 7 % 200 - if d >= day("2026-03-01") { 40 } else { 0 };
        for d in all.days() {
            let mean = degrees(d);
            store::weather::put(&mut tx, &store::weather::WeatherDay { day: d, low: mean - 50, mean, high: mean + 50 }).await.expect("kept");
        }
        fill(&mut tx, &warm, warm.registers[0], 900, -3, all, |d, _| Some((50 + (650 - degrees(d)) / 2, Quality::Validated))).await;
        tx.commit().await.expect("committed");
        let who_else = Principal::Resident { person: warm.person, session: SessionId(1) };
        let id = usage::add_marker(&cx, &who_else, "300300", &typed("Nothing really", "2026-03-01", "")).await.expect("marked");
        let view = usage::show_marker(&cx, &who_else, "300300", &id.to_string()).await.expect("a view");
        let held = view.services[0].1.as_ref().expect("held");
        let (now, then) = (held.first.mean.expect("known"), held.second.mean.expect("known"));
        let asked = held.weather.expect("it follows the weather");
        assert!(now - then > 1_000, "{now} after {then}");
        assert!((now - then - asked).abs() < 60, "the weather asked for {asked} of {}", now - then);
        let nobody = usage::show_marker(&cx, &who, "300300", &id.to_string()).await.expect_err("someone else's");
        assert_eq!(AppError::from(nobody), AppError::NotFound);
        let mine = usage::show_marker(&cx, &who, &home.number, &id.to_string()).await.expect_err("not of this account");
        assert_eq!(AppError::from(mine), AppError::NotFound);
    }

    async fn any_two_stretches_are_held_against_each_other(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let n = &home.number;
        let view = usage::compared(&cx, &who, n, &PeriodsAsk::default()).await.expect("a view");
        let held = view.held.expect("data");
        assert_eq!((held.first.range, held.second.range), (range("2026-05-12", "2026-05-21"), range("2026-04-12", "2026-04-21")), "as many days of both");
        assert_eq!((held.cut, held.steps.len()), (Cut::Days, 9));
        assert_eq!((held.steps[0].here, held.steps[0].there, held.steps[8].there), (Some(7_200), Some(7_200), Some(7_200)));
        let current: Vec<(Span, bool)> = view.choices.iter().filter(|c| c.current).map(|c| (c.span, c.year)).collect();
        assert_eq!(current, [(Span::Bill, false)]);
        let word = |t: &str| Some(t.to_owned());
        let ask = PeriodsAsk { service: word("electricity"), from: word("2026-04-01"), to: word("2026-04-30"),
            from2: word("2025-04-01"), to2: word("2025-04-30") };
        let view = usage::compared(&cx, &who, n, &ask).await.expect("a view");
        let held = view.held.expect("data");
        assert_eq!((held.first.total, held.second.total), (30 * 7_200, 30 * 9_600));
        assert_eq!((held.first.received, held.second.received), (Some(30 * 40), Some(30 * 40)));
        assert!(view.choices.iter().any(|c| c.current && c.year && c.span == Span::Month));
        let wrong = PeriodsAsk { from2: word("2019-01-01"), to2: word("2019-02-01"), ..ask.clone() };
        let view = usage::compared(&cx, &who, n, &wrong).await.expect("a view");
        assert_eq!(view.problems, [FieldError { field: Field::OtherTo, problem: Problem::OutOfRange }]);
        let wrong = PeriodsAsk { from2: word("2025-05-01"), to2: word("2025-04-01"), ..ask };
        let view = usage::compared(&cx, &who, n, &wrong).await.expect("a view");
        assert_eq!(view.problems, [FieldError { field: Field::OtherTo, problem: Problem::Reversed }]);
        assert!(view.held.is_some(), "something is shown all the same");
    }

    async fn every_meter_is_shown_by_itself(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let view = usage::meters(&cx, &who, &home.number, &days("2026-03-01", "2026-03-03")).await.expect("a view");
        assert_eq!(view.services.iter().map(|s| s.service).collect::<Vec<_>>(), [Commodity::Electricity, Commodity::Water]);
        let power = &view.services[0].meters;
        assert_eq!((power[0].sent_back, power[0].parts.clone()), (false, vec![Some(7_200); 3]));
        assert_eq!((power[1].sent_back, power[1].parts.clone()), (true, vec![Some(40); 3]));
        assert_eq!(view.services[1].meters[0].total, 3 * 72);
        let view = usage::meters(&cx, &who, &home.number, &days("2025-11-01", "2026-04-30")).await.expect("a view");
        assert!(view.monthly);
        assert_eq!(view.services[1].meters[0].parts, [None, None, None, None, Some(31 * 72 - 3), Some(30 * 72)]);
    }

    async fn why_readings_are_missing_is_said(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let n = &home.number;
        let view = usage::show(&cx, &who, n, &days("2026-05-02", "2026-05-21")).await.expect("a view");
        assert_eq!(view.gaps, [
            Gap { first: 2, last: 2, why: Why::NotSent },
            Gap { first: 18, last: 18, why: Why::Due(day("2026-05-22")) },
        ]);
        let mut tx = pool.write().await.expect("a transaction");
        let found = store::exceptions::NewException {
            register: home.registers[0],
            day: store::usage::day_number(day("2026-05-04")),
            at: noon(&home.zone, day("2026-05-04")),
            rule: domain::metering::vee::Rule::Gap,
            evidence: serde_json::json!({}),
        };
        store::exceptions::open(&mut tx, None, noon(&home.zone, day("2026-05-06")), &[found]).await.expect("opened");
        tx.commit().await.expect("committed");
        let view = usage::show(&cx, &who, n, &days("2026-05-02", "2026-05-05")).await.expect("a view");
        assert_eq!(view.gaps, [Gap { first: 2, last: 2, why: Why::LookedInto }]);
        let hours = UsageAsk { by: Some("hour".into()), ..days("2026-05-04", "2026-05-04") };
        let view = usage::show(&cx, &who, n, &hours).await.expect("a view");
        assert_eq!(view.gaps, [Gap { first: 0, last: 23, why: Why::LookedInto }]);
    }
}
