//! The usage page: what was asked for, as bars, with everything that is said about them.

use chrono::{NaiveDate, TimeDelta};
use contract::markers::Marker;
use contract::usage::{Bar, Beside, Freshness, Grain, UsageAsk, UsageQuery, UsageView};
use domain::calendar::{DayRange, Instant, Zone, add_months, next_day};
use domain::ids::AccountId;
use domain::money::FineAmount;
use domain::quantity::Commodity;
use store::accounts::AccountRow;

use super::bars::{Present, bars};
use super::beside;
use super::choices::{Ground, Resolved};
use super::costs;
use super::gaps::gaps;
use super::markers;
use super::now::same_days;
use super::periods::{Period, periods};
use crate::accounts::{OpenedAccount, open_page};
use crate::usage_data::{Extent, Meters, daily, extent};
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Look at an account's usage.
    pub SHOW = "usage.show", Read, Resident
);

/// What the address asks for. Dates beyond the data are cut (`clamped`); dates that make no sense or lie wholly outside are
/// named in `problems`, and the latest bill is shown instead.
///
/// # Errors
/// `NotFound` for an account that is not the person's; `SignInRequired`; otherwise if the database fails.
pub async fn show(cx: &Cx, who: &Principal, number: &str, ask: &UsageAsk) -> Result<UsageView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open_page(&mut work, number).await?;
    view(&mut work, account, ask).await
}

/// The service that is meant: the one named, if the account has it, otherwise its first.
pub(super) fn service_of(account: &OpenedAccount, ask: &UsageAsk) -> Commodity {
    let has = &account.head.services;
    ask.service().filter(|s| has.contains(s)).or_else(|| has.first().copied()).unwrap_or(Commodity::Electricity)
}

/// What a view, a download and Home need to know first.
pub(super) struct Scene {
    pub(super) meters: Meters,
    pub(super) extent: Extent,
    pub(super) periods: Vec<Period>,
    pub(super) present: Present,
}

impl Scene {
    /// `None` where the account has no data of the service at all.
    pub(super) async fn of(work: &mut Work, account: &AccountRow, service: Commodity) -> Result<Option<Self>, Fault> {
        let Some(meters) = Meters::of(&mut work.tx, account.id, service).await? else { return Ok(None) };
        let Some(extent) = extent(&mut work.tx, account.id, service).await? else { return Ok(None) };
        let today = meters.zone.day_of(work.now);
        let periods = periods(work, account, today).await?;
        let present = Present { now: work.now, today, through: extent.through };
        Ok(Some(Self { meters, extent, periods, present }))
    }

    /// What there is to show: up to the last day with data, or to yesterday where readings are behind.
    pub(super) fn ground(&self, account: &AccountRow) -> Ground<'_> {
        let (first, last) = (self.extent.first_day, self.extent.last_day);
        let closed = account.closed_on.map(next_day);
        let end = next_day(last).max(closed.map_or(self.present.today, |c| c.min(self.present.today)));
        let whole = DayRange { from: first, to: end.max(next_day(first)) };
        let fine = self.meters.stretches(whole).into_iter().filter(|(_, s)| *s <= 900).map(|(days, _)| days).collect();
        Ground { whole, last_day: last, periods: &self.periods, quarter_hours: fine }
    }
}

async fn view(work: &mut Work, account: OpenedAccount, ask: &UsageAsk) -> Result<UsageView, Fault> {
    let service = service_of(&account, ask);
    let Some(scene) = Scene::of(work, &account.row, service).await? else {
        return nothing(work, account, service, ask);
    };
    let ground = scene.ground(&account.row);
    let Resolved { range, grain, clamped, problems } = ground.resolve(ask);
    let mut bars = bars(work, account.id, service, grain, range, &scene.periods, scene.present).await?;
    let costs = costs::attach(work, account.id, service, grain, range, &scene, &mut bars).await?;
    let beside = beside::beside(work, account.id, &scene, (service, grain, range), ask.with(), &bars).await?;
    let flags = markers::within(work, account.id, service, range).await?;
    let mut beside = beside;
    beside.by_dial_alone = scene.meters.by_dial_alone(range);
    beside.flags = flags_of(&flags, &scene.meters.zone, &bars);
    let (previous, next) = ground.neighbours(range);
    let total = sum(bars.iter().map(|b| b.amount)).unwrap_or(0);
    let year_earlier = year_earlier(work, account.id, service, range, &scene).await?;
    let zone = &scene.meters.zone;
    let (from, to) = (zone.start_of(range.from), zone.start_of(range.to));
    let freshness = Freshness {
        through: Some(scene.extent.through),
        first_day: Some(scene.extent.first_day),
        last_day: Some(scene.extent.last_day),
        estimated: bars.iter().map(|b| b.estimated).fold(0, u32::saturating_add),
        missing: bars.iter().map(|b| b.expected.saturating_sub(b.present)).fold(0, u32::saturating_add),
    };
    let gaps = gaps(work, &scene, (grain, range), &bars).await?;
    let recent = add_months(scene.present.today, -25);
    Ok(UsageView {
        query: UsageQuery {
            service,
            grain,
            range,
            measure: if costs { ask.measure() } else { Default::default() },
            with: ask.with(),
        },
        beside,
        clamped,
        problems,
        costs,
        grains: ground.grains(range),
        spans: ground.spans(range),
        previous,
        next,
        bill_periods: scene.periods.iter().map(|p| p.days).filter(|d| d.to > recent).collect(),
        zone: clipped(zone, (from, to), scene.extent.through),
        unit: scene.meters.unit,
        exponent: scene.meters.exponent,
        total,
        total_received: sum(bars.iter().map(|b| b.received)),
        total_cost: costs::total(&bars),
        year_earlier,
        freshness,
        gaps,
        today: scene.present.today,
        bars,
        account: account.head,
    })
}

/// What of a zone the page needs: for the days that are shown, and for the moment that the readings reach to.
fn clipped(zone: &Zone, (from, to): (Instant, Instant), through: Instant) -> Zone {
    zone.clipped(from.min(through) - TimeDelta::days(1), to.max(through) + TimeDelta::days(1))
}

/// Where marked days begin among the bars, in thousandths of a bar.
fn flags_of(markers: &[Marker], zone: &Zone, bars: &[Bar]) -> Vec<(u32, String)> {
    let place = |marker: &Marker| {
        let at = zone.start_of(marker.day);
        let index = bars.iter().position(|b| b.start <= at && at < b.end)?;
        let (whole, part) =
            ((bars[index].end - bars[index].start).num_seconds(), (at - bars[index].start).num_seconds());
        let thousandths = i64::try_from(index).ok()? * 1_000 + part * 1_000 / whole.max(1);
        Some((u32::try_from(thousandths).ok()?, marker.label.clone()))
    };
    markers.iter().filter_map(place).collect()
}

fn sum(values: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    values.flatten().reduce(i64::saturating_add)
}

/// The days up to the last with data and the same days one year earlier, those that are complete in both; `None` unless most are.
async fn year_earlier(
    work: &mut Work,
    account: AccountId,
    service: Commodity,
    range: DayRange,
    scene: &Scene,
) -> Result<Option<(i64, i64)>, Fault> {
    let end = range.to.min(next_day(scene.extent.last_day));
    let days = u64::try_from((end - range.from).num_days()).unwrap_or(0);
    let from = add_months(range.from, -12);
    let to = from.checked_add_days(chrono::Days::new(days)).unwrap_or(NaiveDate::MAX);
    if from < scene.extent.first_day || from >= to {
        return Ok(None);
    }
    let here = daily(&mut work.tx, account, service, DayRange { from: range.from, to: end }).await?;
    let before = daily(&mut work.tx, account, service, DayRange { from, to }).await?;
    Ok(here.zip(before).and_then(|((_, here), (_, before))| same_days(here.iter(), before.iter())))
}

/// A service without any data yet: the page says so.
fn nothing(work: &Work, account: OpenedAccount, service: Commodity, ask: &UsageAsk) -> Result<UsageView, Fault> {
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let range = DayRange { from: today, to: next_day(today) };
    let (from, to) = zone.bounds(today);
    Ok(UsageView {
        query: UsageQuery { service, grain: Grain::Day, range, measure: ask.measure(), with: ask.with() },
        beside: Beside::default(),
        clamped: false,
        problems: Vec::new(),
        costs: false,
        grains: Vec::new(),
        spans: Vec::new(),
        previous: None,
        next: None,
        bill_periods: Vec::new(),
        zone: zone.clipped(from, to),
        unit: service.billing_unit(),
        exponent: 0,
        bars: Vec::new(),
        total: 0,
        total_received: None,
        total_cost: None::<FineAmount>,
        year_earlier: None,
        freshness: Freshness { through: None, first_day: None, last_day: None, estimated: 0, missing: 0 },
        gaps: Vec::new(),
        today,
        account: account.head,
    })
}
