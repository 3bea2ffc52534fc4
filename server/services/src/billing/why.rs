//! Why a bill differs from another one.

use std::collections::HashMap;

use chrono::NaiveDate;
use contract::AppError;
use contract::bills::{BillEnd, WhyView};
use domain::billing::Bill;
use domain::billing::explain::{Cause, ServiceChange, changes};
use domain::billing::netting::Netted;
use domain::billing::weather::Response;
use domain::calendar::{DayRange, add_months};
use domain::ids::AccountId;
use domain::money::{Cents, div_half_up};
use domain::quantity::ServiceKind;
use domain::tariff::Book;
use store::bills::BillRow;

use super::gather::{Gathered, to_micro};
use super::show::{neighbours, stored};
use crate::usage_data::{DayUse, daily};
use crate::{Cx, Fault, Principal, Work, accounts, tariffs, use_case};

/// How far back before both bills a home's use is looked at.
const LEARNT_MONTHS: i32 = 10;

use_case!(
    /// Hold a bill against another one.
    pub WHY = "bills.why", Read, Resident
);

/// Why a bill differs from `with`: by default the bill before, or where there is none the one of a year ago.
///
/// # Errors
/// `NotFound` for an account that is not the caller's and for a bill that is not the account's; or a failure of the database.
pub async fn why(cx: &Cx, who: &Principal, account: &str, number: &str, with: Option<&str>) -> Result<WhyView, Fault> {
    let mut work = cx.begin(&WHY, who).await?;
    let opened = accounts::open_page(&mut work, account).await?;
    let rows = store::bills::list(&mut work.tx, opened.id).await?;
    let find = |number: &str| rows.iter().find(|b| b.number == number).ok_or(AppError::NotFound);
    let row = find(number)?;
    let (previous, year_ago) = neighbours(&rows, row);
    let other = match with {
        Some(number) => Some(find(number)?),
        None => previous.or(year_ago),
    };
    let (bill, _) = stored(&mut work, row).await?;
    let mut services = Vec::new();
    if let Some(other) = other {
        let (before, _) = stored(&mut work, other).await?;
        let book = tariffs::book(&mut work.tx).await?;
        services = changes(&book, &before, &bill);
        let netted = [carried(&mut work, other, &before).await?, carried(&mut work, row, &bill).await?].concat();
        // What is charged of a service with net metering follows neither the use of its days nor their weather.
        let (mut nets, mut rest): (Vec<_>, Vec<_>) = services.into_iter().partition(|c| netted.contains(&c.service));
        nets.iter_mut().for_each(ServiceChange::net);
        estimates(&mut work, &book, opened.id, (&before, &bill), &mut rest).await?;
        weather(&mut work, opened.id, period(other), period(row), &mut rest).await?;
        services = [nets, rest].concat();
        services.sort_by_key(|c| ServiceKind::ALL.iter().position(|k| *k == c.service));
    }
    let cause = |cause: Cause| {
        let amount: Cents = services.iter().flat_map(|s| &s.parts).filter(|p| p.0 == cause).map(|p| p.1).sum();
        (amount != Cents::ZERO).then_some((cause, amount))
    };
    let causes = Cause::ALL.into_iter().filter_map(cause).collect();
    let other = match other {
        Some(other) => Some(end(&mut work, other).await?),
        None => None,
    };
    Ok(WhyView {
        this: end(&mut work, row).await?,
        other,
        previous: previous.map(|b| b.number.clone()),
        year_ago: year_ago.map(|b| b.number.clone()),
        others: rows.iter().filter(|b| b.id != row.id).map(|b| (b.number.clone(), period(b), b.version)).collect(),
        causes,
        services,
        account: opened.head,
    })
}

/// The services of a bill that had units carried to it or from it.
async fn carried(work: &mut Work, row: &BillRow, bill: &Bill) -> Result<Vec<ServiceKind>, Fault> {
    let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await?;
    let own = super::prepare::kept(detail)?;
    let some = bill.services.iter().filter(|s| Netted::of(s, &own.bank_before, &own.bank).is_some());
    Ok(some.map(|s| s.service).collect())
}

/// Differences in use below this are rounding, in millionths of the billing unit.
const LEAST_OFF: i64 = 1_000;

/// Puts down to estimates what is known by now to have been billed too high or too low, on either bill.
async fn estimates(
    work: &mut Work,
    book: &Book,
    account: AccountId,
    (before, after): (&Bill, &Bill),
    services: &mut [ServiceChange],
) -> Result<(), Fault> {
    let then = off(work, book, account, before).await?;
    let now = off(work, book, account, after).await?;
    for change in services {
        let (Some((_, days_then)), Some((_, days_now))) = (change.used_before, change.used_after) else { continue };
        let of = |all: &HashMap<ServiceKind, i64>| all.get(&change.service).copied().unwrap_or(0);
        // As much a day as before, for as many days as now.
        let stretched = div_half_up(i128::from(of(&then)) * i128::from(days_now), i128::from(days_then.max(1)));
        let more = i64::try_from(stretched).unwrap_or(0).saturating_sub(of(&now));
        if more.abs() >= LEAST_OFF {
            change.tell_apart(Cause::Estimates, more);
        }
    }
    Ok(())
}

/// By how much the use of a bill is known to have been another than was billed, by service, in millionths of the billing unit.
async fn off(
    work: &mut Work,
    book: &Book,
    account: AccountId,
    bill: &Bill,
) -> Result<HashMap<ServiceKind, i64>, Fault> {
    let mut out = HashMap::new();
    let Some(gathered) = Gathered::load(&mut work.tx, book, account, bill.cycle).await? else { return Ok(out) };
    for service in &bill.services {
        let (Some(commodity), Some(billed)) = (service.service.commodity(), service.delivered) else { continue };
        if let Some(known) = gathered.known(commodity, service.served)? {
            *out.entry(service.service).or_insert(0) += known - billed.round_to(-6);
        }
    }
    Ok(out)
}

/// Puts down to the weather what it accounts for, service by service, where the temperatures of all days are known.
async fn weather(
    work: &mut Work,
    account: AccountId,
    then: DayRange,
    now: DayRange,
    services: &mut [ServiceChange],
) -> Result<(), Fault> {
    let year = DayRange { from: add_months(now.from.min(then.from), -LEARNT_MONTHS), to: now.to.max(then.to) };
    let days = store::weather::range(&mut work.tx, year).await?;
    let known: HashMap<NaiveDate, i64> = days.into_iter().map(|d| (d.day, d.mean)).collect();
    let of = |range: DayRange| range.days().map(|d| known.get(&d).copied()).collect::<Option<Vec<i64>>>();
    let (Some(cold_then), Some(cold_now)) = (of(then), of(now)) else { return Ok(()) };
    for change in services {
        let Some(commodity) = change.service.commodity() else { continue };
        let Some((meters, days)) = daily(&mut work.tx, account, commodity, year).await? else { continue };
        let whole = |d: &DayUse| d.amount.filter(|_| d.expected > 0 && d.present == d.expected);
        let micro = |v: i64| to_micro(commodity, meters.unit, meters.exponent, v);
        let learnt: Vec<(i64, i64)> =
            days.iter().filter_map(|d| Some((whole(d).and_then(micro)?, *known.get(&d.day)?))).collect();
        if let Some(response) = Response::of(&learnt) {
            change.tell_apart(Cause::Weather, response.more(&cold_then, &cold_now));
        }
    }
    Ok(())
}

fn period(row: &BillRow) -> DayRange {
    DayRange { from: row.period_from, to: row.period_to }
}

async fn end(work: &mut Work, row: &BillRow) -> Result<BillEnd, Fault> {
    let period = period(row);
    let days = store::weather::range(&mut work.tx, period).await?;
    // Of a period whose days are not all known nothing is said.
    let n = i64::try_from(days.len()).unwrap_or(0);
    let temperature = (n > 0 && n == period.len()).then(|| days.iter().map(|d| d.mean).sum::<i64>() / n);
    Ok(BillEnd { number: row.number.clone(), period, total: row.total, temperature })
}
