//! A data set as a chart: the same model as the usage page's, over the days that the file has.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use contract::account::AccountHead;
use contract::usage::{Bar, Beside, Freshness, Grain, GrainChoice, Measure, UsageAsk, UsageQuery, UsageView, With};
use contract::{Field, FieldError, Problem};
use domain::calendar::{DayRange, Instant, Zone, add_months, month_start, next_day};
use domain::data_set::Stretch;
use domain::metering::Quality;
use domain::money::FineAmount;
use domain::quantity::{Commodity, Unit};

use super::preview::{commonest, days};

/// What a chart is drawn of.
pub(super) struct Drawn<'a> {
    pub(super) found: &'a [Stretch],
    pub(super) zone: &'a Zone,
    pub(super) service: Commodity,
    pub(super) unit: Unit,
    pub(super) exponent: i8,
    pub(super) today: NaiveDate,
}

/// The view that an address asks for, over the part that the file has.
pub(super) fn view(drawn: &Drawn<'_>, head: AccountHead, ask: &UsageAsk) -> UsageView {
    let Drawn { found, zone, .. } = *drawn;
    let seconds = commonest(found);
    let finest = finest(seconds);
    let whole = days(found, zone).unwrap_or(DayRange { from: drawn.today, to: next_day(drawn.today) });
    let (range, clamped, problems) = resolve(whole, ask);
    let grain = fitting(ask.grain(), finest, range);
    let bars = bars(found, zone, grain, range, seconds);
    let shift = |forward| neighbour(range, whole, forward);
    let costs = bars.iter().any(|b| b.cost.is_some());
    let priced = bars.iter().all(|b| b.amount.is_none() || b.cost.is_some());
    let cost: i64 = bars.iter().filter_map(|b| b.cost).fold(0, |sum, c| sum.saturating_add(c.0));
    let sum: i128 = bars.iter().filter_map(|b| b.amount).map(i128::from).sum();
    let (from, to) = (zone.start_of(range.from), zone.start_of(range.to));
    UsageView {
        account: head,
        query: UsageQuery {
            service: drawn.service,
            grain,
            range,
            measure: if costs { ask.measure() } else { Measure::Units },
            with: With::default(),
        },
        beside: Beside::default(),
        clamped,
        problems,
        costs,
        grains: grains(finest, range, whole),
        spans: Vec::new(),
        previous: shift(false),
        next: shift(true),
        bill_periods: Vec::new(),
        zone: zone.clipped(from - TimeDelta::days(1), to + TimeDelta::days(1)),
        unit: drawn.unit,
        exponent: drawn.exponent,
        total: i64::try_from(sum).unwrap_or(i64::MAX),
        total_received: None,
        total_cost: (costs && priced).then_some(FineAmount(cost)),
        year_earlier: None,
        freshness: Freshness {
            through: found.iter().map(Stretch::end).max(),
            first_day: Some(whole.from),
            last_day: Some(whole.last()),
            estimated: bars.iter().map(|b| b.estimated).fold(0, u32::saturating_add),
            missing: bars.iter().map(|b| b.expected.saturating_sub(b.present)).fold(0, u32::saturating_add),
        },
        gaps: Vec::new(),
        today: drawn.today,
        bars,
    }
}

const fn finest(seconds: u32) -> Grain {
    match seconds {
        ..=900 => Grain::QuarterHour,
        901..=3_600 => Grain::Hour,
        // A day of 25 hours is a day.
        3_601..=90_000 => Grain::Day,
        _ => Grain::Bill,
    }
}

fn resolve(whole: DayRange, ask: &UsageAsk) -> (DayRange, bool, Vec<FieldError>) {
    match ask.days() {
        Ok(None) => (whole, false, Vec::new()),
        Ok(Some(asked)) => match asked.intersect(whole) {
            Some(range) => (range, range != asked, Vec::new()),
            None => {
                let field = if asked.from >= whole.to { Field::From } else { Field::To };
                (whole, false, vec![FieldError { field, problem: Problem::OutOfRange }])
            }
        },
        Err(problems) => (whole, false, problems),
    }
}

fn fitting(asked: Option<Grain>, finest: Grain, range: DayRange) -> Grain {
    if finest == Grain::Bill {
        return Grain::Bill;
    }
    let usual = match range.len() {
        ..=1 => Grain::Hour,
        2..=62 => Grain::Day,
        _ => Grain::Month,
    };
    let wanted = asked.filter(|g| *g != Grain::Bill).unwrap_or(usual).max(finest);
    [Grain::QuarterHour, Grain::Hour, Grain::Day, Grain::Month]
        .into_iter()
        .find(|g| *g >= wanted && range.len() <= g.longest())
        .unwrap_or(Grain::Month)
}

/// The grains that the file gives, each with a part of the shown days that suits it.
fn grains(finest: Grain, range: DayRange, whole: DayRange) -> Vec<GrainChoice> {
    if finest == Grain::Bill {
        return vec![GrainChoice { grain: Grain::Bill, range: whole }];
    }
    let last = |n: u64| {
        let from = range.to.checked_sub_days(Days::new(n)).unwrap_or(range.from);
        DayRange { from: from.max(range.from), to: range.to }
    };
    [Grain::QuarterHour, Grain::Hour, Grain::Day, Grain::Month]
        .into_iter()
        .filter(|g| *g >= finest)
        .map(|grain| {
            let range = match grain {
                Grain::QuarterHour => last(1),
                Grain::Hour => last(7),
                Grain::Day if range.len() > 100 => last(31),
                Grain::Day if range.len() > 1 => range,
                Grain::Day | Grain::Bill | Grain::Month => whole,
            };
            GrainChoice { grain, range }
        })
        .collect()
}

/// As many days before or after; a whole calendar month leads to the next whole month.
fn neighbour(range: DayRange, whole: DayRange, forward: bool) -> Option<DayRange> {
    let months = range.from.day() == 1 && range.to == add_months(range.from, 1);
    let moved = if months {
        let from = add_months(range.from, if forward { 1 } else { -1 });
        DayRange { from, to: add_months(from, 1) }
    } else {
        let days = Days::new(range.len().unsigned_abs());
        if forward {
            DayRange { from: range.to, to: range.to.checked_add_days(days)? }
        } else {
            DayRange { from: range.from.checked_sub_days(days)?, to: range.from }
        }
    };
    moved.intersect(whole)
}

fn bars(found: &[Stretch], zone: &Zone, grain: Grain, range: DayRange, seconds: u32) -> Vec<Bar> {
    let (from, to) = (zone.start_of(range.from), zone.start_of(range.to));
    let first = found.partition_point(|s| s.start < from);
    let last = found.partition_point(|s| s.start < to);
    let shown = &found[first..last.max(first)];
    if grain == Grain::Bill {
        return shown.iter().map(|s| filled(s.start, s.end(), std::slice::from_ref(s), s.seconds)).collect();
    }
    let mut out = Vec::new();
    let mut start = from;
    let mut rest = shown;
    while start < to {
        let end = after(start, zone, grain).min(to);
        let (here, later) = rest.split_at(rest.partition_point(|s| s.start < end));
        out.push(filled(start, end, here, seconds));
        (start, rest) = (end, later);
    }
    out
}

/// Where the bar that holds an instant ends.
fn after(start: Instant, zone: &Zone, grain: Grain) -> Instant {
    match grain {
        Grain::QuarterHour => start + TimeDelta::minutes(15),
        Grain::Hour => start + TimeDelta::hours(1),
        Grain::Day => zone.start_of(next_day(zone.day_of(start))),
        Grain::Bill | Grain::Month => zone.start_of(add_months(month_start(zone.day_of(start)), 1)),
    }
}

fn filled(start: Instant, end: Instant, here: &[Stretch], seconds: u32) -> Bar {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let step = i64::from(seconds.max(1));
    // A day of 23 or 25 hours holds one amount of a day.
    let expected = count((((end - start).num_seconds() + step / 2) / step).max(1));
    let present = count(here.iter().map(|s| (i64::from(s.seconds) + step / 2) / step).sum());
    let sum: i128 = here.iter().map(|s| i128::from(s.value)).sum();
    let worst = |a: Quality, s: &Stretch| if s.quality.rank() < a.rank() { s.quality } else { a };
    Bar {
        start,
        end,
        amount: (!here.is_empty()).then(|| i64::try_from(sum).unwrap_or(i64::MAX)),
        received: None,
        // Of a bar of which a part has no cost none can be said.
        cost: here
            .iter()
            .map(|s| s.cost)
            .try_fold(0_i64, |sum, c| Some(sum.saturating_add(c?)))
            .filter(|_| !here.is_empty())
            .map(FineAmount),
        fixed: FineAmount::default(),
        // What another utility asked was asked.
        billed: true,
        expected,
        present: present.min(expected),
        estimated: count(here.iter().filter(|s| s.quality.is_estimate()).count() as i64),
        quality: here.split_first().map_or(Quality::Missing, |(first, rest)| rest.iter().fold(first.quality, worst)),
        open: false,
    }
}
