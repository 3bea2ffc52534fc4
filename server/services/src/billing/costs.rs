//! What use cost, for charts and Home: billing periods of an account with the cost of each of their days.

use chrono::NaiveDate;
use domain::billing::costs::{CostBase, CostedPeriod};
use domain::billing::intervals::Bank;
use domain::billing::{Determinants, ServiceUse, bill_by_intervals, cycle};
use domain::calendar::DayRange;
use domain::ids::AccountId;
use domain::quantity::{Commodity, Decimal, ServiceKind};
use domain::tariff::Facts;

use super::batch::{leaves_on, served};
use super::clock::Clock;
pub use super::clock::minute_of;
use super::gather::cost_days;
use super::prepare::kept;
use super::run::micro;
use crate::usage_data;
use crate::{Fault, Work, tariffs, zones};

/// A billing period of one service with its costs.
#[derive(Clone, Debug)]
pub struct BilledSpan {
    /// The billing period: what the bill covers, or the cycle that is still open.
    pub period: DayRange,
    /// The number of the bill; `None` where none was issued yet, and all amounts are "so far".
    pub bill: Option<String>,
    /// What each day cost, and how to cut a day into intervals.
    pub costs: CostedPeriod,
}

/// A billing period of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The days.
    pub days: DayRange,
    /// The number of its bill; `None` while it is open or waits for its bill.
    pub bill: Option<String>,
}

/// The billing periods of an account that share days with a range, oldest first: billed ones as billed, then by the
/// account's cycle up to the one that contains `today`.
///
/// # Errors
/// If the database fails.
pub async fn periods(
    work: &mut Work,
    account: AccountId,
    range: DayRange,
    today: NaiveDate,
) -> Result<Vec<Period>, Fault> {
    let rows = store::bills::list(&mut work.tx, account).await?;
    let mut out: Vec<Period> = rows
        .iter()
        .rev()
        .filter(|b| b.status == store::bills::Status::Issued)
        .map(|b| Period { days: DayRange { from: b.period_from, to: b.period_to }, bill: Some(b.number.clone()) })
        .collect();
    if let Some(row) = store::accounts::by_id(&mut work.tx, account).await? {
        let day = u32::try_from(row.cycle_day).unwrap_or(1);
        // Without any bill yet, only the open period: how far back readings go is for the chart to know.
        let mut from = match out.last() {
            Some(last) => last.days.to,
            None => row.opened_on.max(cycle::containing(range.from.min(today), day).from),
        };
        let ends = row.closed_on.map_or(NaiveDate::MAX, domain::calendar::next_day);
        while from <= today && from < ends {
            let whole = cycle::containing(from, day);
            out.push(Period { days: DayRange { from, to: whole.to.min(ends) }, bill: None });
            from = whole.to;
        }
    }
    out.retain(|p| p.days.intersect(range).is_some());
    Ok(out)
}

/// The billing periods of a service that share days with a range, oldest first, with the cost of every day of each period
/// (also of days outside the range, because tiers fill from a period's first day). Days in the open period are rated "so far".
///
/// # Errors
/// If the database fails.
pub async fn costs(
    work: &mut Work,
    account: AccountId,
    commodity: Commodity,
    range: DayRange,
) -> Result<Vec<BilledSpan>, Fault> {
    let service = ServiceKind::from(commodity);
    let agreements = store::bills::agreements(&mut work.tx, account).await?;
    let Some(last) = agreements.iter().rev().find(|a| a.service == service) else { return Ok(Vec::new()) };
    let zone = zones::stored(&last.zone)?;
    let today = zone.day_of(work.now);
    let periods = periods(work, account, range, today).await?;
    let (Some(first), Some(end)) = (periods.first(), periods.last()) else { return Ok(Vec::new()) };
    let all = DayRange { from: first.days.from, to: end.days.to };
    let Some((meters, days)) = usage_data::daily(&mut work.tx, account, commodity, all).await? else {
        return Ok(Vec::new());
    };
    let days = cost_days(commodity, &meters, &days);
    let book = tariffs::book(&mut work.tx).await?;
    let by_clock = |schedule: &str, days| book.schedule(schedule).is_some_and(|s| s.by_clock(days));
    let clock = match agreements.iter().any(|a| a.service == service && by_clock(&a.schedule, all)) {
        true => Some(Clock::load(&mut work.tx, &meters, commodity, all).await?),
        false => None,
    };
    let mut bank = Bank::new();
    let details = store::bills::details(&mut work.tx, account, all).await?;
    let mut out = Vec::with_capacity(periods.len());
    for (number, period, detail) in details {
        let kept = kept(detail)?;
        bank.clone_from(&kept.bank);
        for (s, base) in kept.services.iter().zip(&kept.bases).filter(|(s, _)| s.service == service) {
            let Some(schedule) = book.schedule(&s.schedule) else { continue };
            let known = clock.as_ref().filter(|_| schedule.by_clock(s.served)).map(|c| c.known(s.served));
            let of_days = slice(&days, s.served);
            let costs = CostedPeriod::new(schedule, s.served, true, *base, micro(s.delivered), of_days, known.as_ref());
            out.push(BilledSpan { period, bill: Some(number.clone()), costs });
        }
    }
    let cycle_day = match store::accounts::by_id(&mut work.tx, account).await? {
        Some(row) => u32::try_from(row.cycle_day).unwrap_or(1),
        None => 1,
    };
    for open in periods.iter().filter(|p| p.bill.is_none()) {
        for a in agreements.iter().filter(|a| a.service == service) {
            let Some(served) = served(a, &agreements, &zone).and_then(|d| d.intersect(open.days)) else { continue };
            let mut facts: Facts = serde_json::from_value(a.facts.clone()).unwrap_or_default();
            facts.leaves_on = leaves_on(a, served, &zone);
            let known = slice(&days, served);
            let sum = |f: fn(&domain::billing::costs::DayUse) -> Option<i64>| known.iter().filter_map(f).sum::<i64>();
            let delivered = sum(|d| d.delivered).max(0);
            let determinants = Determinants {
                cycle: cycle::containing(served.from, cycle_day),
                assistance: facts.assistance,
                services: vec![ServiceUse {
                    service,
                    schedule: a.schedule.clone(),
                    served,
                    facts,
                    delivered: Some(Decimal::new(delivered, -6)),
                    received: meters.has_received.then(|| Decimal::new(sum(|d| d.received).max(0), -6)),
                }],
            };
            let by_hour = clock.as_ref().filter(|_| by_clock(&a.schedule, served)).map(|c| c.known(served));
            let intervals = by_hour.iter().map(|known| (service, known.clone())).collect();
            // Prices that are missing are the bill run's to report; the chart then has no costs.
            let rated = bill_by_intervals(&book, &determinants, &intervals, &mut bank);
            let (Ok(rated), Some(schedule)) = (rated, book.schedule(&a.schedule)) else {
                continue;
            };
            let base = rated.services.first().map(CostBase::of).unwrap_or_default();
            let costs = CostedPeriod::new(schedule, served, false, base, delivered, known, by_hour.as_ref());
            out.push(BilledSpan { period: open.days, bill: None, costs });
        }
    }
    out.sort_by_key(|s| s.costs.served.from);
    Ok(out)
}

fn slice(days: &[domain::billing::costs::DayUse], range: DayRange) -> &[domain::billing::costs::DayUse] {
    let from = days.partition_point(|d| d.day < range.from);
    let to = days.partition_point(|d| d.day < range.to);
    &days[from..to]
}

/// A stored amount in millionths of the billing unit, as [`CostedPeriod::intervals`] takes it.
#[must_use]
pub fn to_micro(commodity: Commodity, unit: domain::quantity::Unit, exponent: i8, value: i64) -> Option<i64> {
    super::gather::to_micro(commodity, unit, exponent, value)
}
