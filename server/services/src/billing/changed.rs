//! Bills whose readings changed, or came, after they were made: by how much the use differs, for the employee who corrects them.

use chrono::Days;
use contract::bills::{ChangedBill, ChangedBills, ChangedUse};
use domain::billing::ServiceBill;
use domain::calendar::DayRange;
use domain::money::Cents;
use domain::quantity::{Commodity, Decimal, Direction, ServiceKind};
use domain::tariff::Book;
use store::bills::TouchedRow;
use store::meters::RegisterSpan;

use super::gather::to_micro;
use super::prepare::{Kept, kept};
use super::rebill::would_be;
use super::run::micro;
use crate::{Cx, Fault, Principal, Work, tariffs, use_case, zones};

use_case!(
    /// Lists the bills whose readings changed after they were made.
    pub CHANGED = "billing.changed", Read, Staff
);

/// How long ago bills may have been issued.
const DAYS: u64 = 400;
/// How many bills are listed.
const LISTED: usize = 200;
/// How many are looked at together, and at most: most of those that were estimated in part came out as they were estimated.
const PAGE: i64 = 200;
const LOOKED_AT: i64 = 5_000;

/// Bills of the last 400 days that stand and whose use is another by now, the newest first.
///
/// # Errors
/// `SignInRequired`, `Forbidden`, or a failure of the database.
pub async fn changed(cx: &Cx, who: &Principal) -> Result<ChangedBills, Fault> {
    let mut work = cx.begin(&CHANGED, who).await?;
    let zone = zones::stored(&cx.settings.zone)?;
    let since = zone.day_of(work.now) - Days::new(DAYS);
    let book = tariffs::book(&mut work.tx).await?;
    let mut bills = Vec::new();
    let mut from = 0;
    while from < LOOKED_AT && bills.len() < LISTED {
        let rows = store::bills::touched(&mut work.tx, since, (PAGE, from)).await?;
        let last = rows.len() < usize::try_from(PAGE).unwrap_or_default();
        bills.append(&mut page(&mut work, &book, rows).await?);
        if last {
            break;
        }
        from += PAGE;
    }
    Ok(ChangedBills { bills, days: DAYS })
}

/// Those of some bills that would come out otherwise now.
async fn page(work: &mut Work, book: &Book, rows: Vec<TouchedRow>) -> Result<Vec<ChangedBill>, Fault> {
    let mut accounts: Vec<_> = rows.iter().map(|r| r.account_id).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let spans = store::batch::registers(&mut work.tx, &accounts).await?;
    let mut bills = Vec::new();
    for row in rows {
        let of = |service| spans.get(&(row.account_id, service)).map_or(&[][..], Vec::as_slice);
        let kept = kept(row.detail.clone())?;
        let mut changes = Vec::new();
        for service in kept.services.iter().filter(|s| s.service.commodity().is_some()) {
            changes.extend(difference(work, &kept, service.service, service.served, of(service.service)).await?);
        }
        if changes.is_empty() && row.named == 0 {
            continue;
        }
        // What came later may be what was estimated.
        let Some(bill) = store::bills::by_number(&mut work.tx, row.account_id, &row.number).await? else { continue };
        let Some(now) = would_be(work, book, &bill).await? else { continue };
        if changes.is_empty() {
            changes = by_service(&kept.services, &now);
        }
        bills.push(view(row, changes));
    }
    Ok(bills)
}

fn view(row: TouchedRow, changes: Vec<ChangedUse>) -> ChangedBill {
    ChangedBill {
        account: row.account,
        name: row.name,
        number: row.number,
        period: DayRange { from: row.period_from, to: row.period_to },
        total: row.total,
        changes,
    }
}

/// By how much the use of services differs where no sum of days does: a dial was read again, or the hours are others and the sum is not.
fn by_service(before: &[ServiceBill], now: &[ServiceBill]) -> Vec<ChangedUse> {
    let mut out = Vec::new();
    for commodity in Commodity::ALL {
        let service = ServiceKind::from(commodity);
        let of = |all: &[ServiceBill]| {
            let of = || all.iter().filter(|s| s.service == service);
            let sum = |pick: fn(&ServiceBill) -> Option<Decimal>| of().map(|s| micro(pick(s))).sum::<i64>();
            (sum(|s| s.delivered), sum(|s| s.received), of().map(|s| s.total).sum::<Cents>())
        };
        let (was, is) = (of(before), of(now));
        let mut change = |sent, difference| {
            let difference = Decimal::new(difference, -6);
            out.push(ChangedUse { service, sent, difference, unit: commodity.billing_unit(), days: 0 });
        };
        let (used, sent) = (is.0 - was.0, is.1 - was.1);
        if used != 0 || (sent == 0 && is.2 != was.2) {
            change(false, used);
        }
        if sent != 0 {
            change(true, sent);
        }
    }
    out
}

/// By how much what the registers of a service say now differs from what the bill was computed from.
async fn difference(
    work: &mut Work,
    kept: &Kept,
    service: ServiceKind,
    served: DayRange,
    spans: &[RegisterSpan],
) -> Result<Vec<ChangedUse>, Fault> {
    let Some(commodity) = service.commodity() else { return Ok(Vec::new()) };
    let (mut sums, mut days) = ([0_i64; 2], [0_i64; 2]);
    let given_up = store::pack::given_up(&mut work.tx).await?;
    let mut seen = Vec::new();
    for span in spans {
        let zone = zones::stored(&span.zone)?;
        let (from, to) = (zone.start_of(served.from), zone.start_of(served.to));
        if span.since >= to || span.until.is_some_and(|until| until <= from) || seen.contains(&span.register) {
            continue;
        }
        seen.push(span.register);
        if given_up.is_some_and(|day| store::usage::day_number(served.from) < day) {
            continue; // Nothing is left to hold the bill against.
        }
        let then = kept.sources.iter().filter(|s| s.register == span.register && served.contains(s.days.from));
        let then = then.fold((0, 0_usize), |(sum, n), s| (s.sum.saturating_add(sum), n + s.count));
        let now = store::usage::sums(&mut work.tx, span.register, served).await?;
        let changed = now.iter().map(|d| d.sum).fold(0, i64::saturating_add).saturating_sub(then.0);
        let at = usize::from(span.direction == Direction::Received);
        let micro = to_micro(commodity, span.unit, span.exponent, changed)
            .ok_or_else(|| Fault::Other(format!("{commodity:?} in {:?} cannot be billed", span.unit)))?;
        sums[at] = sums[at].saturating_add(micro);
        days[at] += i64::try_from(now.len()).unwrap_or(0) - i64::try_from(then.1).unwrap_or(0);
    }
    let both = [false, true].into_iter().zip(sums).zip(days);
    let some = both.filter(|((_, sum), days)| *sum != 0 || *days != 0);
    Ok(some
        .map(|((sent, sum), days)| ChangedUse {
            service,
            sent,
            difference: Decimal::new(sum, -6),
            unit: commodity.billing_unit(),
            days,
        })
        .collect())
}
