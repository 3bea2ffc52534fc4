//! What other plans would cost, on both engines.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::AppError;
use contract::plans::TrialAsk;
use domain::calendar::{DayRange, Zone};
use domain::ids::SessionId;
use domain::metering::Quality;
use domain::money::Cents;
use domain::quantity::{Commodity, Unit};
use services::clock::Entropy;
use services::{Cx, FixedClock, Principal, Settings, plans};
use store::Pool;
use store::fixtures::{FixtureMeter, Home, fill, home, noon};

const METER: FixtureMeter = FixtureMeter {
    commodity: Commodity::Electricity,
    unit: Unit::KilowattHour,
    exponent: -3,
    interval_seconds: 900,
    two_way: true,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A home that takes 250 Wh a quarter-hour at night and nothing by day; two periods are whole, one quarter-hour is missing.
async fn set_up(pool: &Pool) -> (Cx, Principal, Home) {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let mut tx = pool.write().await.expect("a transaction");
    let home = home(&mut tx, "300100", zone.clone(), zone.start_of(day("2026-02-20")), 12, &[METER]).await;
    let all = DayRange { from: day("2026-02-20"), to: day("2026-05-21") };
    fill(&mut tx, &home, home.registers[0], 900, -3, all, |d, i| match i {
        _ if d == day("2026-04-01") && i == 3 => None,
        0..20 => Some((250, Quality::Validated)),
        _ => Some((0, Quality::Validated)),
    })
    .await;
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

store::both_engines! {
    async fn the_last_bills_are_priced_under_each_plan(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let view = plans::show(&cx, &who, &home.number, TrialAsk::default()).await.expect("a view");
        assert_eq!(view.current.as_deref(), Some("E-1"));
        let ranges: Vec<_> = view.periods.iter().map(|p| (p.from, p.to)).collect();
        assert_eq!(ranges, [(day("2026-03-12"), day("2026-04-12")), (day("2026-04-12"), day("2026-05-12"))]);
        assert_eq!((view.expected, view.missing, view.estimated), (61 * 96, 1, 0));
        let codes: Vec<_> = view.plans.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["E-1", "E-1-TOU"], "the own plan first; businesses' and closed plans are no choice");
        let [own, hourly] = &view.plans[..] else { panic!("two plans") };
        // April 12 to May 12: 30 days of 5 kWh. E-1: 150 at 20.46 cents, 5 % tax; by the hour: off-peak asks the same.
        assert_eq!(own.bills[1], Cents(3_069 + 153));
        assert_eq!(hourly.bills[1], Cents(3_069 + 153));
        assert!(!own.by_hour && hourly.by_hour && own.tried.is_none());
        assert_eq!(own.prices.len(), 3, "two steps and the credit");

        let car = TrialAsk { miles: 210, ..TrialAsk::default() };
        let view = plans::show(&cx, &who, &home.number, car).await.expect("a view");
        let [own, hourly] = &view.plans[..] else { panic!("two plans") };
        // 9 kWh a night more: 14 kWh a day stay in the first step.
        let more = own.tried.expect("tried") - own.total;
        let kwh = 61 * 9;
        assert!((more.0 - kwh * 2_046 * 105 / 10_000).abs() <= 3, "{more}");
        assert_eq!(hourly.tried, own.tried, "charged off-peak");

        let who = Principal::Resident { person: domain::ids::PersonId(9_999), session: SessionId(1) };
        let other = plans::show(&cx, &who, &home.number, car).await.map_err(AppError::from);
        assert_eq!(other, Err(AppError::NotFound));
    }

    async fn the_browser_gets_what_it_needs_to_come_to_the_same(pool: Pool) {
        let (cx, who, home) = set_up(&pool).await;
        let given = plans::hours(&cx, &who, &home.number).await.expect("hours");
        assert_eq!((given.unit, given.periods.len()), (1_000, 2));
        let view = plans::show(&cx, &who, &home.number, TrialAsk::default()).await.expect("a view");
        for (n, period) in given.periods.iter().enumerate() {
            assert_eq!(period.days.iter().map(|d| d.1).sum::<usize>(), period.hours.len());
            assert_eq!((period.set.len(), period.delivered.len()), (period.hours.len(), period.hours.len()));
            for (plan, sheet) in period.sheets.iter().enumerate() {
                let mut quantities = vec![0; sheet.rules.len()];
                for (i, set) in period.set.iter().enumerate() {
                    for rule in &period.sets[*set][plan] {
                        let amount = if sheet.rules[*rule].sent { 0 } else { period.delivered[i] };
                        quantities[*rule] += amount * given.unit;
                    }
                }
                assert_eq!(sheet.total(&quantities), view.plans[plan].bills[n]);
            }
        }
    }
}
