//! Reading from a loaded city as residents do.

use std::time::{Duration, Instant as Stopwatch};

use chrono::TimeDelta;
use domain::calendar::DayRange;
use domain::ids::AccountId;
use domain::quantity::{Commodity, ServiceKind};
use store::accounts::{NewAccount, NewAgreement};

use super::super::files::{first_day, since};
use super::{CityPlan, ReadFigures};
use crate::{Cx, Fault, usage_data};

/// Accounts that read.
const READERS: u32 = 250;

/// Accounts at electric meters spread over the whole city.
async fn readers(cx: &Cx, plan: CityPlan) -> Result<Vec<AccountId>, Fault> {
    let facts = serde_json::json!({});
    let electric: Vec<u32> = (0..plan.meters).filter(|m| CityPlan::commodity(*m) == Commodity::Electricity).collect();
    let step = electric.len().div_ceil(READERS as usize).max(1);
    let mut tx = cx.pool.write().await?;
    let mut out = Vec::new();
    for m in electric.into_iter().step_by(step) {
        let number = CityPlan::number(m);
        let new = NewAccount {
            number: &number,
            name: "Bench",
            opened_on: first_day(),
            cycle_day: 1,
            paperless: true,
            street: "1 Bench Street",
            city: "Alder Bay",
            postcode: "94999",
        };
        let account = store::accounts::insert(&mut tx, &new).await?;
        let (premise, point) = store::meters::point(&mut tx, &format!("SP-{number}"))
            .await?
            .ok_or_else(|| Fault::Other(format!("the service point of {number} is gone")))?;
        let agreement = NewAgreement {
            account,
            premise,
            point: Some(point),
            service: ServiceKind::Electricity,
            schedule: "E-1",
            facts: &facts,
            since: since(),
        };
        store::accounts::insert_agreement(&mut tx, &agreement).await?;
        out.push(account);
    }
    tx.commit().await?;
    Ok(out)
}

/// What is read: quarter-hours of all days, of a month, of a day; or all days by their sums.
#[derive(Clone, Copy)]
enum Kind {
    Year,
    Days,
    Month,
    Day,
}

pub(super) async fn read(cx: &Cx, plan: CityPlan) -> Result<Vec<ReadFigures>, Fault> {
    let accounts = readers(cx, plan).await?;
    let first = first_day();
    let all = DayRange { from: first, to: first + TimeDelta::days(i64::from(plan.days)) };
    let last = |days: u32| DayRange { from: (all.to - TimeDelta::days(i64::from(days))).max(first), to: all.to };
    let mut out = Vec::new();
    for (kind, what, range) in [
        (Kind::Year, "every quarter-hour of all days", all),
        (Kind::Days, "all days by their sums", all),
        (Kind::Month, "every quarter-hour of a month", last(30)),
        (Kind::Day, "every quarter-hour of a day", last(2)),
    ] {
        let mut times = Vec::new();
        for i in 0..plan.reads as usize {
            // In leaps, so that no two reads in turn are neighbours.
            let Some(account) = accounts.get(i * 7919 % accounts.len().max(1)) else { break };
            let watch = Stopwatch::now();
            let found = one(cx, *account, kind, range).await?;
            times.push(watch.elapsed());
            // A late day may be missing at the very end.
            let enough = days(range) * i64::from(100 - plan.late_percent.min(99)) / 200;
            if found < enough {
                return Err(Fault::Other(format!("{what}: only {found} values came back")));
            }
        }
        out.push(figures(what, times));
    }
    Ok(out)
}

fn days(range: DayRange) -> i64 {
    (range.to - range.from).num_days()
}

/// Reads as the usage page does; how many values there were.
async fn one(cx: &Cx, account: AccountId, kind: Kind, range: DayRange) -> Result<i64, Fault> {
    let mut tx = cx.pool.read().await?;
    let found = match kind {
        Kind::Days => usage_data::daily(&mut tx, account, Commodity::Electricity, range).await?.map(|(_, d)| d.len()),
        Kind::Year | Kind::Month | Kind::Day => usage_data::series(&mut tx, account, Commodity::Electricity, range)
            .await?
            .map(|s| s.slots.iter().filter(|x| x.value.is_some()).count()),
    };
    Ok(i64::try_from(found.unwrap_or(0)).unwrap_or(i64::MAX))
}

fn figures(what: &'static str, mut times: Vec<Duration>) -> ReadFigures {
    times.sort_unstable();
    let pick = |percent: usize| {
        let i = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(i).map_or(0, |t| u64::try_from(t.as_micros()).unwrap_or(u64::MAX))
    };
    ReadFigures { what, reads: times.len(), p50_us: pick(50), p99_us: pick(99) }
}
