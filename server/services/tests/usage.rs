//! What the usage page, the download and Home get, on both engines.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::usage::{Bar, Grain, Span, UsageAsk};
use contract::{AppError, Field, Problem};
use domain::calendar::{DayRange, Zone};
use domain::ids::{PersonId, SessionId};
use domain::metering::Quality;
use domain::quantity::{Commodity, Unit};
use futures::TryStreamExt as _;
use services::clock::Entropy;
use services::{Cx, FixedClock, Principal, Settings, usage};
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

/// A home since 2025-01-05 with its meters read on the 12th; readings up to 2026-05-20, today is the 21st. The 3rd of May 2026
/// lacks two hours, the 4th is missing, on the 5th two quarter-hours are estimated.
async fn set_up(pool: &Pool) -> (Cx, Principal, Home) {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let mut tx = pool.write().await.expect("a transaction");
    let home = home(&mut tx, "300100", zone.clone(), zone.start_of(day("2025-01-05")), 12, &METERS).await;
    let [power, solar, water] = home.registers[..] else { panic!("three registers") };
    let all = range("2025-01-05", "2026-05-21");
    fill(&mut tx, &home, power, 900, -3, all, |d, i| match d {
        d if d == day("2026-05-04") => None,
        d if d == day("2026-05-03") && (40..48).contains(&i) => None,
        d if d == day("2026-05-05") && i < 2 => Some((100, Quality::Estimated)),
        _ => Some((100, Quality::Validated)),
    })
    .await;
    fill(&mut tx, &home, solar, 900, -3, all, |_, i| Some((if i == 50 { 40 } else { 0 }, Quality::Validated))).await;
    fill(&mut tx, &home, water, 3600, 0, range("2026-03-01", "2026-05-21"), |_, _| Some((3, Quality::Validated))).await;
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

fn ask(words: &[(&str, &str)]) -> UsageAsk {
    let word = |key: &str| words.iter().find(|w| w.0 == key).map(|w| w.1.to_owned());
    UsageAsk {
        service: word("service"),
        by: word("by"),
        from: word("from"),
        to: word("to"),
        show: word("show"),
        with: word("with"),
    }
}

fn amounts(bars: &[Bar]) -> Vec<Option<i64>> {
    bars.iter().map(|b| b.amount).collect()
}

store::both_engines! {
    async fn the_latest_bill_by_day_is_what_opens(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let view = usage::show(&cx, &who, &home.number, &UsageAsk::default()).await.expect("a view");
        assert_eq!((view.query.range, view.query.grain), (range("2026-05-12", "2026-05-21"), Grain::Day));
        assert_eq!(amounts(&view.bars), vec![Some(9_600); 9]);
        assert_eq!((view.total, view.total_received), (9 * 9_600, Some(9 * 40)));
        assert_eq!(view.year_earlier, Some((9 * 9_600, 9 * 9_600)));
        assert_eq!(view.previous, Some(range("2026-04-12", "2026-05-12")));
        assert_eq!(view.next, None);
        assert_eq!(view.freshness.through, Some(home.zone.start_of(day("2026-05-21"))));
        assert_eq!(view.spans.iter().find(|s| s.current).map(|s| s.span), Some(Span::Bill));
        assert!(view.bars.iter().all(|b| !b.open && b.complete()));
    }

    async fn a_year_before_and_the_weather_stand_beside_the_days(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let mut tx = pool.write().await.expect("a transaction");
        for (d, mean) in [("2026-05-12", 600), ("2026-05-13", 612)] {
            let known = store::weather::WeatherDay { day: day(d), low: 500, mean, high: 700 };
            store::weather::put(&mut tx, &known).await.expect("kept");
        }
        tx.commit().await.expect("committed");
        let days = [("from", "2026-05-12"), ("to", "2026-05-14")];
        let plain = usage::show(&cx, &who, &home.number, &ask(&days)).await.expect("a view");
        assert!(plain.beside.rows.is_empty() && plain.beside.weather && plain.beside.last_year);
        let asked = ask(&[days[0], days[1], ("with", "both")]);
        let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        let year = Some(9_600);
        assert_eq!(view.beside.rows, [(year, Some(600), 0), (year, Some(612), 0), (year, None, 0)]);
        assert_eq!(view.beside.rates, Vec::<String>::new(), "one price at all hours");
        let asked = ask(&[("from", "2026-05-12"), ("to", "2026-05-12"), ("by", "hour"), ("with", "both")]);
        let hours = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        assert!(!hours.beside.weather, "an hour has no temperature of its own");
        assert_eq!(hours.beside.rows, vec![(Some(400), None, 0); 24]);
    }

    async fn gaps_are_gaps_and_estimates_are_named(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let asked = ask(&[("from", "2026-05-02"), ("to", "2026-05-06")]);
        let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        assert_eq!(amounts(&view.bars), [Some(9_600), Some(8_800), None, Some(9_600), Some(9_600)]);
        let quality: Vec<Quality> = view.bars.iter().map(|b| b.quality).collect();
        assert_eq!(quality[2..4], [Quality::Missing, Quality::Estimated]);
        assert_eq!((view.freshness.missing, view.freshness.estimated), (8 + 96, 2));
        assert_eq!(view.year_earlier, None, "an incomplete range is not compared");
        let asked = ask(&[("from", "2026-05-03"), ("to", "2026-05-03"), ("by", "hour")]);
        let hours = usage::show(&cx, &who, &home.number, &asked).await.expect("a view").bars;
        assert_eq!(amounts(&hours[9..13]), [Some(400), None, None, Some(400)]);
    }

    async fn how_far_the_readings_reach_is_said_in_local_time_of_any_season(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        // Winter is shown, and the readings end in summer.
        let asked = ask(&[("from", "2026-01-10"), ("to", "2026-01-12")]);
        let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        let through = view.freshness.through.expect("there are readings");
        assert_eq!(view.zone.to_local(through).to_string(), "2026-05-21 00:00:00");
        assert_eq!(view.zone.day_of(view.bars[0].start), day("2026-01-10"));
    }

    async fn patterns_lay_the_same_readings_out_by_hour(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let asked = ask(&[("from", "2026-05-02"), ("to", "2026-05-06")]);
        let view = usage::patterns(&cx, &who, &home.number, &asked).await.expect("a view");
        let totals: Vec<_> = view.days.iter().map(|d| d.total).collect();
        assert_eq!(totals, [Some(9_600), Some(8_800), None, Some(9_600), Some(9_600)]);
        assert_eq!(view.days[0].hours, [Some(400); 24]);
        assert_eq!((view.days[1].hours[9], view.days[1].hours[10], view.days[1].hours[12]), (Some(400), None, Some(400)));
        assert_eq!((view.days[1].night_least, view.days[1].never_stopped), (Some(400), None));
        let load = view.load.expect("electricity has a load");
        assert_eq!((load.duration.len(), load.duration[0], load.peaks[0].1), (101, 100, 100));
        assert_eq!(view.previous, view.before.map(|b| b.range));
        assert_eq!(view.year.map(|y| (y.range, y.totals)), Some((range("2025-05-02", "2025-05-07"), vec![Some(9_600); 5])));
        let water = usage::patterns(&cx, &who, &home.number, &ask(&[("service", "water")])).await.expect("a view");
        assert!(water.days.iter().all(|d| d.never_stopped == Some(true) && d.night_least == Some(3)), "{:?}", water.days);
        assert!(water.load.is_none() && water.year.is_none(), "there was no water meter a year ago");
        let long = usage::patterns(&cx, &who, &home.number, &ask(&[("from", "2025-01-05"), ("to", "2026-05-20")])).await;
        let long = long.expect("a view");
        assert!(long.clamped && long.range.len() == 367 && long.days.len() == 367, "{:?}", long.range);
        let nobody = Principal::Resident { person: PersonId(home.person.0 + 1), session: SessionId(2) };
        assert_eq!(usage::patterns(&cx, &nobody, &home.number, &asked).await.map_err(AppError::from), Err(AppError::NotFound));
    }

    async fn every_grain_adds_up_to_the_same(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let mut totals = Vec::new();
        for by in ["hour", "day", "bill", "month"] {
            let asked = ask(&[("from", "2026-03-01"), ("to", "2026-05-01"), ("by", by)]);
            let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
            assert_eq!(view.query.grain.slug(), by);
            assert!(view.bars.windows(2).all(|w| w[0].end == w[1].start), "no holes by {by}");
            totals.push((view.total, view.bars.iter().map(|b| b.expected).sum::<u32>()));
        }
        // 62 days, the one with 23 hours among them.
        assert_eq!(totals, [((62 * 96 - 4) * 100, 62 * 96 - 4); 4]);
        let asked = ask(&[("from", "2026-03-08"), ("to", "2026-03-08"), ("by", "15min")]);
        assert_eq!(usage::show(&cx, &who, &home.number, &asked).await.expect("a view").bars.len(), 92);
        let asked = ask(&[("from", "2025-11-02"), ("to", "2025-11-02"), ("by", "hour")]);
        assert_eq!(usage::show(&cx, &who, &home.number, &asked).await.expect("a view").bars.len(), 25);
    }

    async fn bills_and_months_are_never_confused(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let ends = |bars: &[Bar]| bars.iter().map(|b| home.zone.day_of(b.end).to_string()).collect::<Vec<_>>();
        let asked = ask(&[("from", "2026-02-12"), ("to", "2026-05-11"), ("by", "bill")]);
        let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        assert_eq!(ends(&view.bars), ["2026-03-12", "2026-04-12", "2026-05-12"]);
        let asked = ask(&[("from", "2026-02-12"), ("to", "2026-05-11"), ("by", "month")]);
        let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        assert_eq!(ends(&view.bars), ["2026-03-01", "2026-04-01", "2026-05-01", "2026-05-12"]);
        let view = usage::show(&cx, &who, &home.number, &ask(&[("by", "bill")])).await.expect("a view");
        assert_eq!(view.bars.len(), 13);
        assert!(view.bars.last().is_some_and(|b| b.open));
    }

    async fn dates_that_make_no_sense_are_named_and_the_bill_is_shown(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        for (from, to, field, problem) in [
            ("2026-05-09", "2026-05-01", Field::To, Problem::Reversed),
            ("soon", "2026-05-01", Field::From, Problem::Malformed),
            ("1999-01-01", "1999-12-31", Field::To, Problem::OutOfRange),
            ("2030-01-01", "2030-12-31", Field::From, Problem::OutOfRange),
        ] {
            let asked = ask(&[("from", from), ("to", to)]);
            let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
            assert_eq!((view.problems[0].field, view.problems[0].problem), (field, problem));
            assert_eq!(view.query.range, range("2026-05-12", "2026-05-21"));
            let refused = usage::download(&cx, &who, &home.number, &asked).await.err().map(AppError::from);
            assert!(matches!(refused, Some(AppError::Invalid(_))));
        }
        let asked = ask(&[("from", "2024-01-01"), ("to", "2026-12-31"), ("by", "month")]);
        let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        assert!(view.clamped && view.problems.is_empty());
        assert_eq!(view.query.range, range("2025-01-05", "2026-05-21"));
    }

    async fn someone_elses_account_is_not_there(pool: Pool) {
        let (cx, _, home) = set_up(&pool).await;
        let stranger = Principal::Resident { person: PersonId(home.person.0 + 1), session: SessionId(2) };
        let error = usage::show(&cx, &stranger, &home.number, &UsageAsk::default()).await.expect_err("refused");
        assert_eq!(AppError::from(error), AppError::NotFound);
        let error = usage::download(&cx, &stranger, &home.number, &UsageAsk::default()).await.err().expect("refused");
        assert_eq!(AppError::from(error), AppError::NotFound);
        let error = usage::show(&cx, &Principal::Nobody, &home.number, &UsageAsk::default()).await.expect_err("refused");
        assert_eq!(AppError::from(error), AppError::SignInRequired);
    }

    async fn an_hourly_meter_has_no_quarter_hours(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let asked = ask(&[("service", "water"), ("by", "15min"), ("from", "2026-05-12"), ("to", "2026-05-12")]);
        let view = usage::show(&cx, &who, &home.number, &asked).await.expect("a view");
        assert_eq!((view.query.grain, view.bars.len(), view.total), (Grain::Hour, 24, 72));
        assert!(view.grains.iter().all(|g| g.grain != Grain::QuarterHour));
        assert_eq!(view.total_received, None);
    }

    async fn a_download_has_every_reading_with_its_local_time(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let asked = ask(&[("from", "2025-11-01"), ("to", "2025-11-03"), ("by", "day")]);
        let file = usage::download(&cx, &who, &home.number, &asked).await.expect("a file");
        assert_eq!(file.file_name, "electricity-2025-11-01-to-2025-11-03.csv");
        let text: String = file.body.try_collect::<Vec<_>>().await.expect("no failure").concat();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 1 + 96 + 100 + 96 + 1);
        assert_eq!(lines[0], "service,start,end,start_utc,used,sent_back,unit,quality,cost_usd");
        assert!(lines[97].starts_with(
            "electricity,2025-11-02T00:00:00-07:00,2025-11-02T00:15:00-07:00,2025-11-02T07:00:00Z,0.1,0,kWh,metered,"
        ));
        assert!(lines[105].starts_with("electricity,2025-11-02T01:00:00-08:00,"), "{}", lines[105]);
        let asked = ask(&[("from", "2026-05-04"), ("to", "2026-05-04")]);
        let file = usage::download(&cx, &who, &home.number, &asked).await.expect("a file");
        let text: String = file.body.try_collect::<Vec<_>>().await.expect("no failure").concat();
        assert!(text.contains(",,0,kWh,missing,"), "{text}");
    }

    async fn home_sees_the_period_so_far(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let page = services::home::show(&cx, &who, &home.number).await.expect("home");
        let power = &page.services[0];
        assert_eq!(power.period, Some(range("2026-05-12", "2026-05-21")));
        assert_eq!((power.so_far, power.same_days), (9 * 9_600, Some((9 * 9_600, 9 * 9_600))));
        assert_eq!(power.last_day, Some((day("2026-05-20"), 9_600, Quality::Validated)));
        assert_eq!(power.recent.len(), 14);
    }
}
