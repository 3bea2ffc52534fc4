//! View models to draw.

use chrono::{NaiveDate, TimeDelta};
use contract::account::AccountHead;
use contract::usage::{Bar, Beside, Freshness, Grain, Measure, UsageQuery, UsageView, With};
use domain::calendar::{DayRange, Instant, Zone};
use domain::metering::Quality;
use domain::money::FineAmount;
use domain::quantity::{Commodity, Unit};

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub fn bar(start: Instant, end: Instant, amount: Option<i64>) -> Bar {
    let expected = u32::try_from((end - start).num_minutes() / 15).expect("few");
    Bar {
        start,
        end,
        amount,
        received: None,
        cost: amount.map(|a| FineAmount(a * 15)),
        fixed: FineAmount(30_000),
        billed: true,
        expected,
        present: if amount.is_some() { expected } else { 0 },
        estimated: 0,
        quality: if amount.is_some() { Quality::Validated } else { Quality::Missing },
        open: false,
    }
}

pub fn view(grain: Grain, from: &str, to: &str, bars: Vec<Bar>) -> UsageView {
    let range = DayRange::new(day(from), day(to)).expect("forwards");
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let (first, _) = zone.bounds(range.from);
    let (_, last) = zone.bounds(range.last());
    UsageView {
        account: AccountHead {
            number: "1001".into(),
            name: "A. Resident".into(),
            street: "1 Elm St".into(),
            services: vec![Commodity::Electricity],
            others: Vec::new(),
            pay: None,
            view_as: None,
        },
        query: UsageQuery {
            service: Commodity::Electricity,
            grain,
            range,
            measure: Measure::Units,
            with: With::default(),
        },
        beside: Beside::default(),
        clamped: false,
        problems: Vec::new(),
        costs: true,
        grains: Vec::new(),
        spans: Vec::new(),
        previous: None,
        next: None,
        bill_periods: Vec::new(),
        zone: zone.clipped(first - TimeDelta::days(1), last + TimeDelta::days(1)),
        unit: Unit::KilowattHour,
        exponent: -3,
        total: bars.iter().filter_map(|b| b.amount).sum(),
        total_received: bars.iter().filter_map(|b| b.received).reduce(|a, b| a + b),
        total_cost: bars.iter().map(|b| b.cost.map(|c| c.0 + b.fixed.0)).sum::<Option<i64>>().map(FineAmount),
        year_earlier: None,
        freshness: Freshness {
            through: bars.last().map(|b| b.end),
            first_day: Some(range.from),
            last_day: Some(range.last()),
            estimated: bars.iter().map(|b| b.estimated).sum(),
            missing: bars.iter().map(|b| b.expected - b.present.min(b.expected)).sum(),
        },
        bars,
        gaps: Vec::new(),
        today: day("2026-11-20"),
    }
}

/// Each day of a range, with amounts made up from the day's number.
pub fn days(from: &str, to: &str, amount: impl Fn(usize) -> Option<i64>) -> UsageView {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let range = DayRange::new(day(from), day(to)).expect("forwards");
    let bars = range
        .days()
        .enumerate()
        .map(|(i, d)| {
            let (start, end) = zone.bounds(d);
            bar(start, end, amount(i))
        })
        .collect();
    view(Grain::Day, from, to, bars)
}

/// Each stretch of so many minutes of one day.
pub fn one_day(grain: Grain, date: &str, minutes: i64, amount: impl Fn(usize) -> Option<i64>) -> UsageView {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let (start, end) = zone.bounds(day(date));
    let count = (end - start).num_minutes() / minutes;
    let bars = (0..count)
        .map(|i| {
            let from = start + TimeDelta::minutes(i * minutes);
            bar(from, from + TimeDelta::minutes(minutes), amount(usize::try_from(i).expect("small")))
        })
        .collect();
    let to = domain::calendar::next_day(day(date)).to_string();
    view(grain, date, &to, bars)
}
