//! When something is used, and what goes with it.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, TimeDelta};
use contract::patterns::{Earlier, LoadView, PatternDay, PatternsView};
use contract::usage::{Span, UsageAsk};
use domain::calendar::{DayRange, add_months};
use domain::ids::AccountId;
use domain::metering::profile::{by_hour, by_weekday, load};
use domain::quantity::Commodity;

use super::markers;
use super::show::{Scene, service_of};
use crate::accounts::{OpenedAccount, open_page};
use crate::usage_data::{daily, series};
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Look at when an account uses something.
    pub PATTERNS = "usage.patterns", Read, Resident
);

/// The most days that are shown at once: a year, and the day that it began on.
const LONGEST: u64 = 367;

/// What the address asks for; dates as in [`super::show`].
///
/// # Errors
/// `NotFound` for an account that is not the person's; `SignInRequired`; otherwise if the database fails.
pub async fn patterns(cx: &Cx, who: &Principal, number: &str, ask: &UsageAsk) -> Result<PatternsView, Fault> {
    let mut work = cx.begin(&PATTERNS, who).await?;
    let account = open_page(&mut work, number).await?;
    let service = service_of(&account, ask);
    let Some(scene) = Scene::of(&mut work, &account.row, service).await? else {
        return nothing(&work, account, service);
    };
    let ground = scene.ground(&account.row);
    let resolved = ground.resolve(ask);
    let mut range = resolved.range;
    let earliest = range.to.checked_sub_days(Days::new(LONGEST)).unwrap_or(range.from);
    let clamped = resolved.clamped || range.from < earliest;
    range.from = range.from.max(earliest);
    let Some(intervals) = series(&mut work.tx, account.id, service, range).await? else {
        return nothing(&work, account, service);
    };
    let values: Vec<Option<i64>> = intervals.slots.iter().map(|s| s.value).collect();
    let zone = &intervals.zone;
    let hours = by_hour(zone, intervals.start, intervals.interval_seconds, values.iter().copied());
    let totals: HashMap<NaiveDate, Option<i64>> = match daily(&mut work.tx, account.id, service, range).await? {
        Some((_, days)) => days.into_iter().map(|d| (d.day, d.amount)).collect(),
        None => HashMap::new(),
    };
    let weather = store::weather::range(&mut work.tx, range).await?;
    let weather: HashMap<NaiveDate, i64> = weather.into_iter().map(|w| (w.day, w.mean)).collect();
    let week = by_weekday(&hours).to_vec();
    let days = hours
        .into_iter()
        .map(|d| PatternDay {
            day: d.day,
            total: totals.get(&d.day).copied().flatten(),
            temperature: weather.get(&d.day).copied(),
            night_least: d.night_least(),
            never_stopped: d.never_stopped(),
            hours: d.hours,
        })
        .collect();
    let (previous, next) = ground.neighbours(range);
    let length = u64::try_from(range.len()).unwrap_or(0);
    let from = add_months(range.from, -12);
    let a_year = from.checked_add_days(Days::new(length)).map(|to| DayRange { from, to });
    let first = scene.extent.first_day;
    // Twelve months before twelve months are the year before: once is enough.
    let a_year = a_year.filter(|y| previous.is_none_or(|p| (p.from - y.from).num_days().abs() > 7));
    let before = earlier(&mut work, account.id, service, previous, first).await?;
    let year = earlier(&mut work, account.id, service, a_year, first).await?;
    let load = (service == Commodity::Electricity)
        .then(|| load(zone, intervals.start, intervals.interval_seconds, &values))
        .flatten()
        .map(|l| LoadView { peaks: l.peaks, duration: l.duration });
    let flags = markers::within(&mut work, account.id, service, range).await?.into_iter().filter_map(|m| {
        let days = u32::try_from(domain::calendar::days_between(range.from, m.day)).ok()?;
        Some((days * 1_000, m.label))
    });
    let flags = flags.collect();
    let (start, end) = (zone.start_of(range.from), zone.start_of(range.to));
    Ok(PatternsView {
        service,
        range,
        clamped,
        problems: resolved.problems,
        spans: ground.spans(range).into_iter().filter(|s| s.span != Span::Day).collect(),
        previous,
        next,
        known: Some((first, scene.extent.last_day)),
        zone: zone.clipped(start - TimeDelta::days(1), end + TimeDelta::days(1)),
        unit: intervals.unit,
        exponent: intervals.exponent,
        interval_seconds: intervals.interval_seconds,
        days,
        week,
        before,
        year,
        load,
        flags,
        account: account.head,
    })
}

/// An earlier stretch of time, if there are data from its first day on.
async fn earlier(
    work: &mut Work,
    account: AccountId,
    service: Commodity,
    range: Option<DayRange>,
    first: NaiveDate,
) -> Result<Option<Earlier>, Fault> {
    let Some(range) = range.filter(|r| r.from >= first && !r.is_empty()) else { return Ok(None) };
    let days = daily(&mut work.tx, account, service, range).await?;
    Ok(days.map(|(_, days)| Earlier { range, totals: days.iter().map(|d| d.amount).collect() }))
}

/// A service without any data yet: the page says so.
fn nothing(work: &Work, account: OpenedAccount, service: Commodity) -> Result<PatternsView, Fault> {
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let (from, to) = zone.bounds(today);
    Ok(PatternsView {
        service,
        range: DayRange { from: today, to: domain::calendar::next_day(today) },
        clamped: false,
        problems: Vec::new(),
        spans: Vec::new(),
        previous: None,
        next: None,
        known: None,
        zone: zone.clipped(from, to),
        unit: service.billing_unit(),
        exponent: 0,
        interval_seconds: 3600,
        days: Vec::new(),
        week: Vec::new(),
        before: None,
        year: None,
        load: None,
        flags: Vec::new(),
        account: account.head,
    })
}
