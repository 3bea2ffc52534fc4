//! What the open billing period will probably come to.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use contract::bills::ForecastView;
use domain::billing::forecast::{Days, Forecast, LEAST_DAYS, forecast};
use domain::billing::intervals::Intervals;
use domain::billing::{Determinants, ServiceUse, bill_by_intervals, cycle};
use domain::calendar::{DayRange, add_months, next_day};
use domain::ids::AccountId;
use domain::money::Cents;
use domain::quantity::{Commodity, Decimal};
use domain::tariff::Facts;
use store::bills::{AgreementRow, Status};

use super::batch::{Before, before, served};
use super::clock::Clock;
use super::gather::to_micro;
use crate::usage_data::{DayUse, Meters, daily};
use crate::{Fault, Work, tariffs, zones};

/// How far back earlier periods are looked at.
const MONTHS: i32 = 14;

/// What is expected of one metered service, in millionths of the billing unit.
struct Expected {
    delivered: Forecast,
    received: Option<i64>,
    known: i64,
    /// By the clock, where the schedule asks for it.
    clock: Option<Clock>,
}

/// What the open billing period will probably come to; `None` early in it, for a closed account, and where something that a
/// bill needs is missing. Runs inside the caller's transaction.
///
/// # Errors
/// If the database fails.
pub async fn coming(work: &mut Work, account: AccountId) -> Result<Option<ForecastView>, Fault> {
    let Some(row) = store::accounts::by_id(&mut work.tx, account).await? else { return Ok(None) };
    let agreements = store::bills::agreements(&mut work.tx, account).await?;
    let (None, Some(last)) = (row.closed_on, agreements.last()) else { return Ok(None) };
    let today = zones::stored(&last.zone)?.day_of(work.now);
    let issued = issued(work, account).await?;
    let Some(from) = issued.last().map(|p| p.to) else { return Ok(None) };
    let open = DayRange { from, to: cycle::containing(from, u32::try_from(row.cycle_day).unwrap_or(1)).to };
    if today < open.from || open.to <= today {
        return Ok(None);
    }
    foreseen(work, account, &agreements, &issued, open, next_day(today)).await
}

/// What a billed period was expected to come to when it could first be told: as [`coming`] said on that day of it, from what was
/// used up to then. `None` where nothing could be told.
///
/// # Errors
/// If the database fails.
pub async fn first_told(work: &mut Work, account: AccountId, period: DayRange) -> Result<Option<Cents>, Fault> {
    let agreements = store::bills::agreements(&mut work.tx, account).await?;
    let mut issued = issued(work, account).await?;
    issued.retain(|p| p.to <= period.from);
    let days = u64::try_from(LEAST_DAYS).unwrap_or(u64::MAX);
    let Some(until) = period.from.checked_add_days(chrono::Days::new(days)) else { return Ok(None) };
    Ok(foreseen(work, account, &agreements, &issued, period, until).await?.map(|f| f.likely))
}

/// The periods of the bills that stand, the latest last.
async fn issued(work: &mut Work, account: AccountId) -> Result<Vec<DayRange>, Fault> {
    let bills = store::bills::list(&mut work.tx, account).await?;
    let standing = bills.iter().rev().filter(|b| b.status == Status::Issued);
    Ok(standing.map(|b| DayRange { from: b.period_from, to: b.period_to }).collect())
}

/// What a period will come to, from what is known up to a day (excluded).
async fn foreseen(
    work: &mut Work,
    account: AccountId,
    agreements: &[AgreementRow],
    issued: &[DayRange],
    open: DayRange,
    until: NaiveDate,
) -> Result<Option<ForecastView>, Fault> {
    let Some(last) = agreements.last() else { return Ok(None) };
    let zone = zones::stored(&last.zone)?;
    let mut expected: HashMap<Commodity, Expected> = HashMap::new();
    let mut services = Vec::new();
    let mut assistance = None;
    let book = tariffs::book(&mut work.tx).await?;
    for a in agreements {
        let served = served(a, agreements, &zone).and_then(|d| d.intersect(open));
        let Some(served) = served.filter(|s| *s == open) else { continue };
        let Ok(facts) = serde_json::from_value::<Facts>(a.facts.clone()) else { return Ok(None) };
        assistance = assistance.or(facts.assistance);
        if let Some(commodity) = a.service.commodity()
            && !expected.contains_key(&commodity)
        {
            let range = DayRange { from: add_months(open.from, -MONTHS), to: until };
            let Some((meters, days)) = daily(&mut work.tx, account, commodity, range).await? else { return Ok(None) };
            let Some(mut e) = expect(commodity, &meters, &days, issued, open) else { return Ok(None) };
            if book.schedule(&a.schedule).is_some_and(|s| s.by_clock(open)) {
                e.clock = Some(Clock::load(&mut work.tx, &meters, commodity, open).await?.until(until));
            }
            expected.insert(commodity, e);
        }
        services.push((a.service, a.schedule.clone(), served, facts));
    }
    let Some(known) = expected.values().map(|e| e.known).min() else { return Ok(None) };
    let Before { bank, .. } = before(&mut work.tx, account, open.from).await?;
    let total = |pick: fn(&Forecast) -> i64| {
        let mut intervals = BTreeMap::new();
        let services = services
            .iter()
            .map(|(service, schedule, served, facts)| {
                let of = service.commodity().and_then(|c| expected.get(&c));
                // Hours to come are like those of this period, and come to what is expected.
                if let Some((e, clock)) = of.and_then(|e| Some((e, e.clock.as_ref()?)))
                    && let Some(schedule) = book.schedule(schedule)
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
        bill_by_intervals(&book, &determinants, &intervals, &mut bank.clone()).ok().map(|b| b.total)
    };
    let (Some(low), Some(likely), Some(high)) = (total(|f| f.low), total(|f| f.likely), total(|f| f.high)) else {
        return Ok(None);
    };
    let record = |f: fn(&Forecast) -> u32| expected.values().map(|e| f(&e.delivered)).min().unwrap_or(0);
    Ok(Some(ForecastView {
        period: open,
        known,
        low,
        likely,
        high,
        tried: record(|f| f.tried),
        within: record(|f| f.within),
    }))
}

fn expect(
    commodity: Commodity,
    meters: &Meters,
    days: &[DayUse],
    past: &[DayRange],
    open: DayRange,
) -> Option<Expected> {
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
