//! What the open billing period will probably come to.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use contract::bills::ForecastView;
use domain::billing::forecast::{Days, Forecast, LEAST_DAYS, MOST_PERIODS, forecast};
use domain::billing::intervals::{Bank, Intervals};
use domain::billing::{Bill, Determinants, ServiceUse, bill_by_intervals, cycle};
use domain::calendar::{DayRange, add_months, next_day};
use domain::ids::AccountId;
use domain::money::Cents;
use domain::quantity::{Commodity, Decimal, ServiceKind};
use domain::tariff::{Book, Facts};
use store::bills::{AgreementRow, BillRow, Status};

use super::batch::{Before, before, served};
use super::clock::Clock;
use super::gather::to_micro;
use super::show::stored;
use crate::usage_data::{DayUse, Meters, daily};
use crate::{Fault, Work, tariffs, zones};

/// How far back earlier periods are looked at.
const MONTHS: i32 = 14;

/// What is known of the use of one metered service, read once for all periods that are looked at.
struct Known {
    meters: Meters,
    days: Vec<DayUse>,
    /// By the clock, where a schedule asks for it.
    clock: Option<Clock>,
}

/// What forecasts of an account are made from.
struct Ground {
    book: Arc<Book>,
    agreements: Vec<(AgreementRow, DayRange)>,
    /// The periods of the bills that stand, the latest last.
    issued: Vec<DayRange>,
    known: HashMap<Commodity, Known>,
}

/// What is expected of one metered service, in millionths of the billing unit.
struct Expected {
    delivered: Forecast,
    received: Option<i64>,
    known: i64,
    clock: Option<Clock>,
}

/// What a period was expected to come to.
struct Told {
    /// How many of its days were known.
    known: i64,
    low: Bill,
    likely: Bill,
    high: Bill,
}

/// The account's open billing period, with the zone's day of now.
async fn open(work: &mut Work, account: AccountId) -> Result<Option<(DayRange, NaiveDate)>, Fault> {
    let Some(row) = store::accounts::by_id(&mut work.tx, account).await? else { return Ok(None) };
    let agreements = store::bills::agreements(&mut work.tx, account).await?;
    let (None, Some(last)) = (row.closed_on, agreements.last()) else { return Ok(None) };
    let today = zones::stored(&last.zone)?.day_of(work.now);
    let Some(from) = issued(&standing(work, account).await?).last().map(|p| p.to) else { return Ok(None) };
    let open = DayRange { from, to: cycle::containing(from, u32::try_from(row.cycle_day).unwrap_or(1)).to };
    Ok((open.from <= today && today < open.to).then_some((open, today)))
}

/// What the open billing period will probably come to; `None` early in it, for a closed account, and where something that a
/// bill needs is missing. Runs inside the caller's transaction.
///
/// # Errors
/// If the database fails.
pub async fn coming(work: &mut Work, account: AccountId) -> Result<Option<Cents>, Fault> {
    let Some((open, today)) = open(work, account).await? else { return Ok(None) };
    let Some(ground) = Ground::load(work, account, open, next_day(today)).await? else { return Ok(None) };
    let told = ground.told(work, account, open, next_day(today)).await?;
    Ok(told.map(|t| t.likely.total))
}

/// As [`coming`], with its range, and with what such a range was worth on the bills before: each of their periods is told as it would
/// have been after as many days, from what was used until then.
///
/// # Errors
/// If the database fails.
pub async fn coming_with_record(work: &mut Work, account: AccountId) -> Result<Option<ForecastView>, Fault> {
    let Some((open, today)) = open(work, account).await? else { return Ok(None) };
    let past: Vec<BillRow> = standing(work, account).await?.into_iter().rev().take(MOST_PERIODS).collect();
    let first = past.last().map_or(open.from, |b| b.period_from);
    let all = DayRange { from: first, to: open.to };
    let Some(ground) = Ground::load(work, account, all, next_day(today)).await? else { return Ok(None) };
    let Some(told) = ground.told(work, account, open, next_day(today)).await? else { return Ok(None) };
    let (mut tried, mut within) = (0, 0);
    for row in &past {
        let period = DayRange { from: row.period_from, to: row.period_to };
        let Some(until) = after(period, told.known) else { continue };
        let Some(then) = ground.told(work, account, period, until).await? else { continue };
        let (came, _) = stored(work, row).await?;
        if let Some(held) = then.holds(&came) {
            tried += 1;
            within += u32::from(held);
        }
    }
    let Told { known, low, likely, high } = told;
    let (low, likely, high) = (low.total, likely.total, high.total);
    Ok(Some(ForecastView { period: open, known, low, likely, high, tried, within }))
}

/// What a billed period was expected to come to when it could first be told: as [`coming`] said on that day of it, from what was
/// used up to then. `None` where nothing could be told.
///
/// # Errors
/// If the database fails.
pub async fn first_told(work: &mut Work, account: AccountId, period: DayRange) -> Result<Option<Cents>, Fault> {
    let Some(until) = after(period, i64::try_from(LEAST_DAYS).unwrap_or(i64::MAX)) else { return Ok(None) };
    let Some(ground) = Ground::load(work, account, period, until).await? else { return Ok(None) };
    Ok(ground.told(work, account, period, until).await?.map(|t| t.likely.total))
}

/// The day after the first ones of a period.
fn after(period: DayRange, days: i64) -> Option<NaiveDate> {
    period.from.checked_add_days(chrono::Days::new(u64::try_from(days).ok()?))
}

/// The bills that stand, the latest last.
async fn standing(work: &mut Work, account: AccountId) -> Result<Vec<BillRow>, Fault> {
    let mut bills = store::bills::list(&mut work.tx, account).await?;
    bills.retain(|b| b.status == Status::Issued);
    bills.reverse();
    Ok(bills)
}

fn issued(standing: &[BillRow]) -> Vec<DayRange> {
    standing.iter().map(|b| DayRange { from: b.period_from, to: b.period_to }).collect()
}

impl Told {
    /// Whether a bill came within what was told, by the metered services that both have: of the others nothing had to be foreseen.
    /// `None` where they have none in common.
    fn holds(&self, came: &Bill) -> Option<bool> {
        let metered = |bill: &Bill, of: ServiceKind| -> Option<Cents> {
            let services: Vec<Cents> = bill.services.iter().filter(|s| s.service == of).map(|s| s.total).collect();
            (of.commodity().is_some() && !services.is_empty()).then(|| services.into_iter().sum())
        };
        let both: Vec<ServiceKind> = ServiceKind::ALL
            .into_iter()
            .filter(|s| metered(&self.likely, *s).is_some() && metered(came, *s).is_some())
            .collect();
        let sum = |bill: &Bill| both.iter().filter_map(|s| metered(bill, *s)).sum::<Cents>();
        (!both.is_empty()).then(|| (sum(&self.low)..=sum(&self.high)).contains(&sum(came)))
    }
}

impl Ground {
    /// Reads what forecasts of some consecutive periods need, up to a day (excluded). `None` where a meter is missing.
    async fn load(
        work: &mut Work,
        account: AccountId,
        periods: DayRange,
        until: NaiveDate,
    ) -> Result<Option<Self>, Fault> {
        let book = tariffs::book(&mut work.tx).await?;
        let issued = issued(&standing(work, account).await?);
        let mut agreements = Vec::new();
        let mut known: HashMap<Commodity, Known> = HashMap::new();
        let all = store::bills::agreements(&mut work.tx, account).await?;
        for a in &all {
            let zone = zones::stored(&a.zone)?;
            let Some(days) = served(a, &all, &zone) else { continue };
            if let (Some(commodity), Some(_)) = (a.service.commodity(), days.intersect(periods)) {
                let k = match known.entry(commodity) {
                    Entry::Occupied(k) => k.into_mut(),
                    Entry::Vacant(free) => {
                        let range = DayRange { from: add_months(periods.from, -MONTHS), to: until };
                        let found = daily(&mut work.tx, account, commodity, range).await?;
                        let Some((meters, days)) = found else { return Ok(None) };
                        free.insert(Known { meters, days, clock: None })
                    }
                };
                if k.clock.is_none() && book.schedule(&a.schedule).is_some_and(|s| s.by_clock(periods)) {
                    k.clock = Some(Clock::load(&mut work.tx, &k.meters, commodity, periods).await?);
                }
            }
            agreements.push((a.clone(), days));
        }
        Ok(Some(Self { book, agreements, issued, known }))
    }

    /// What a period will come to, from what is known up to a day (excluded).
    async fn told(
        &self,
        work: &mut Work,
        account: AccountId,
        open: DayRange,
        until: NaiveDate,
    ) -> Result<Option<Told>, Fault> {
        // Where nothing is metered, nothing can be foreseen.
        if self.known.is_empty() {
            return Ok(None);
        }
        let Before { bank, .. } = before(&mut work.tx, account, open.from).await?;
        Ok(self.foreseen(open, until, &bank))
    }

    fn foreseen(&self, open: DayRange, until: NaiveDate, bank: &Bank) -> Option<Told> {
        let past: Vec<DayRange> = self.issued.iter().copied().filter(|p| p.to <= open.from).collect();
        let mut expected: HashMap<Commodity, Expected> = HashMap::new();
        let mut services = Vec::new();
        let mut assistance = None;
        for (a, served) in &self.agreements {
            let Some(served) = served.intersect(open).filter(|s| *s == open) else { continue };
            let facts = serde_json::from_value::<Facts>(a.facts.clone()).ok()?;
            assistance = assistance.or(facts.assistance);
            if let Some(commodity) = a.service.commodity()
                && !expected.contains_key(&commodity)
            {
                let known = self.known.get(&commodity)?;
                let mut e = expect(commodity, known, &past, open, until)?;
                if self.book.schedule(&a.schedule).is_some_and(|s| s.by_clock(open)) {
                    e.clock = Some(known.clock.as_ref()?.part(open).until(until));
                }
                expected.insert(commodity, e);
            }
            services.push((a.service, a.schedule.clone(), served, facts));
        }
        let known = expected.values().map(|e| e.known).min()?;
        let bill = |pick: fn(&Forecast) -> i64| {
            let mut intervals = BTreeMap::new();
            let services = services
                .iter()
                .map(|(service, schedule, served, facts)| {
                    let of = service.commodity().and_then(|c| expected.get(&c));
                    // Hours to come are like those of this period, and come to what is expected.
                    if let Some((e, clock)) = of.and_then(|e| Some((e, e.clock.as_ref()?)))
                        && let Some(schedule) = self.book.schedule(schedule)
                    {
                        let (slots, _) = clock.filled(schedule, *served, Some(pick(&e.delivered)));
                        intervals.insert(*service, Intervals(slots));
                    }
                    ServiceUse {
                        service: *service,
                        schedule: schedule.clone(),
                        served: *served,
                        facts: facts.clone(),
                        delivered: of.map(|e| Decimal::new(pick(&e.delivered), -6)),
                        received: of.and_then(|e| e.received).map(|r| Decimal::new(r, -6)),
                    }
                })
                .collect();
            // Prices that are missing are the bill run's to report; then nothing is foreseen.
            let determinants = Determinants { cycle: open, services, assistance };
            bill_by_intervals(&self.book, &determinants, &intervals, &mut bank.clone()).ok()
        };
        Some(Told { known, low: bill(|f| f.low)?, likely: bill(|f| f.likely)?, high: bill(|f| f.high)? })
    }
}

fn expect(
    commodity: Commodity,
    known: &Known,
    past: &[DayRange],
    open: DayRange,
    until: NaiveDate,
) -> Option<Expected> {
    let Known { meters, days, .. } = known;
    let days = &days[..days.partition_point(|d| d.day < until)];
    let first = days.first()?.day;
    let micro = |v: i64| to_micro(commodity, meters.unit, meters.exponent, v);
    let complete = |d: &DayUse| d.amount.filter(|_| d.expected > 0 && d.present == d.expected).and_then(micro);
    let amounts: Vec<Option<i64>> = days.iter().map(complete).collect();
    let last = days.iter().rev().find(|d| complete(d).is_some())?.day;
    let known = usize::try_from(domain::calendar::days_between(open.from, next_day(last))).ok()?;
    let delivered = forecast(&Days { first, amounts: &amounts }, past, open, known)?;
    // What is sent back is foreseen alike; its band is left out, since sun and use do not go together.
    let received = meters.has_received.then(|| {
        let amounts: Vec<Option<i64>> = days.iter().map(|d| d.received.and_then(micro)).collect();
        forecast(&Days { first, amounts: &amounts }, past, open, known).map_or(0, |f| f.likely)
    });
    Some(Expected { delivered, received, known: i64::try_from(known).ok()?, clock: None })
}
