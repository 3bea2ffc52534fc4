//! What the bills of several accounts are computed from, read together: a statement for each kind of fact, however many accounts.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use domain::billing::intervals::Bank;
use domain::calendar::{DayRange, Zone, next_day};
use domain::ids::AccountId;
use domain::quantity::{Commodity, Decimal, ServiceKind};
use domain::tariff::{Book, Facts};
use serde::Deserialize;
use store::bills::AgreementRow;
use store::{StoreError, Tx};

use crate::usage_data::Meters;
use crate::usage_data::at_hand::Wanted;
use crate::{Fault, zones};

/// How near to the first instant of a day a read must lie to count as that day's.
pub(super) const READ_SLACK: TimeDelta = TimeDelta::hours(6);

/// Of which account what is needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// Whose bills.
    pub account: AccountId,
    /// Over which days.
    pub range: DayRange,
    /// Where the last bill ended, if there was one.
    pub billed_to: Option<NaiveDate>,
}

/// The agreements of an account and the meters of its services.
pub(super) struct Agreed {
    /// Each with what its schedule needs to know and its days.
    pub agreements: Vec<(AgreementRow, Facts, DayRange)>,
    /// With whether some schedule asks for use by the clock.
    pub meters: Vec<(Commodity, Meters, bool)>,
}

/// What the bill that ends where the next begins says for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    /// Use on an average day, delivered, in millionths.
    pub mean: HashMap<ServiceKind, i64>,
    /// Units carried on.
    pub bank: Bank,
}

/// What was read of some accounts.
#[derive(Default)]
pub(super) struct Batch {
    agreed: HashMap<AccountId, Agreed>,
    before: HashMap<AccountId, Before>,
}

/// The part of a stored bill that the next one looks at.
#[derive(Deserialize)]
struct Ended {
    services: Vec<EndedService>,
    #[serde(default)]
    bank: Bank,
}

#[derive(Deserialize)]
struct EndedService {
    service: ServiceKind,
    served: DayRange,
    delivered: Option<Decimal>,
}

impl Batch {
    /// Reads what is needed of some accounts.
    pub(super) async fn load(tx: &mut Tx<'_>, book: &Book, requests: &[Request]) -> Result<Self, Fault> {
        let accounts: Vec<AccountId> = requests.iter().map(|r| r.account).collect();
        let mut rows = store::batch::agreements(tx, &accounts).await?;
        let mut spans = store::batch::registers(tx, &accounts).await?;
        let mut out = Self::default();
        let mut wanted = Wanted::default();
        for r in requests {
            let Some(rows) = rows.remove(&r.account) else { continue };
            let agreements = agreed(rows)?;
            let mut meters = Vec::new();
            for commodity in Commodity::ALL {
                let service = ServiceKind::from(commodity);
                let of = || agreements.iter().filter(|(a, ..)| a.service == service);
                let found = spans.remove(&(r.account, service));
                let (Some(spans), true) = (found, of().next().is_some()) else { continue };
                let Some(found) = Meters::from_spans(spans)?.map(Meters::billed) else { continue };
                let by_clock = of().any(|(a, _, days)| {
                    let days = days.intersect(r.range);
                    days.is_some_and(|d| book.schedule(&a.schedule).is_some_and(|s| s.by_clock(d)))
                });
                want(&mut wanted, &found, r.range, by_clock);
                meters.push((commodity, found, by_clock));
            }
            out.agreed.insert(r.account, Agreed { agreements, meters });
        }
        let at_hand = Arc::new(wanted.fetch(tx).await?);
        for (_, meters, _) in out.agreed.values_mut().flat_map(|a| &mut a.meters) {
            meters.at_hand = Some(Arc::clone(&at_hand));
        }
        out.before = ended(tx, requests).await?;
        Ok(out)
    }

    /// The agreements of an account; `None` where it has none.
    pub(super) fn take(&mut self, account: AccountId) -> Option<Agreed> {
        self.agreed.remove(&account)
    }

    /// What the bill before says for the next.
    pub(super) fn before(&mut self, account: AccountId) -> Before {
        self.before.remove(&account).unwrap_or_default()
    }
}

fn agreed(rows: Vec<AgreementRow>) -> Result<Vec<(AgreementRow, Facts, DayRange)>, Fault> {
    let Some(last) = rows.last() else { return Ok(Vec::new()) };
    let zone = zones::stored(&last.zone)?;
    let days: Vec<_> = rows.iter().map(|row| served(row, &rows, &zone)).collect();
    let mut out = Vec::with_capacity(rows.len());
    for (row, days) in rows.into_iter().zip(days) {
        let mut facts =
            Facts::deserialize(&row.facts).map_err(|e| StoreError::Damaged(format!("facts of an agreement: {e}")))?;
        facts.leaves_on = days.and_then(|days| leaves_on(&row, days, &zone));
        out.extend(days.map(|days| (row, facts, days)));
    }
    Ok(out)
}

/// The local days over which an agreement is billed, by all agreements of its account.
pub(super) fn served(row: &AgreementRow, all: &[AgreementRow], zone: &Zone) -> Option<DayRange> {
    let goes_on = |day: NaiveDate| {
        let later = |o: &AgreementRow| o.until.is_none_or(|until| row.until.is_some_and(|end| end < until));
        // What is not metered has no morning.
        row.service.commodity().is_none()
            || all.iter().any(|o| o.service == row.service && later(o) && zone.day_of(o.since) <= day)
    };
    domain::billing::served::days(zone, row.since, row.until, goes_on)
}

/// The day in the course of which an agreement ends, if it is one of its days.
pub(super) fn leaves_on(row: &AgreementRow, days: DayRange, zone: &Zone) -> Option<NaiveDate> {
    row.until.map(|until| zone.day_of(until)).filter(|day| days.last() == *day)
}

fn want(wanted: &mut Wanted, meters: &Meters, range: DayRange, by_clock: bool) {
    let (from, to) = (meters.zone.start_of(range.from), meters.zone.start_of(range.to));
    // By the clock, a day of another zone can reach into the range from either side.
    let wider = DayRange { from: range.from.pred_opt().unwrap_or(range.from), to: next_day(range.to) };
    for span in &meters.spans {
        if span.since < to && span.until.is_none_or(|end| from < end) {
            wanted.days(span.register, if by_clock { wider } else { range }, by_clock);
        }
        if span.until.is_none_or(|end| end >= from - READ_SLACK) {
            wanted.reads(span.register, from - READ_SLACK, to + READ_SLACK);
        }
    }
}

async fn ended(tx: &mut Tx<'_>, requests: &[Request]) -> Result<HashMap<AccountId, Before>, Fault> {
    let last: Vec<(AccountId, NaiveDate)> =
        requests.iter().filter_map(|r| Some((r.account, r.billed_to? - Days::new(1)))).collect();
    let bills: HashMap<AccountId, Ended> = store::batch::details_on(tx, &last).await?;
    let before = |e: Ended| Before {
        mean: e.services.iter().filter_map(|s| Some((s.service, mean(s.delivered?, s.served)))).collect(),
        bank: e.bank,
    };
    Ok(bills.into_iter().map(|(account, e)| (account, before(e))).collect())
}

/// Use on an average day, in millionths.
pub(super) fn mean(delivered: Decimal, served: DayRange) -> i64 {
    delivered.round_to(-6) / served.len().max(1)
}

/// What the bill that ends on a day says for the next one.
pub(super) async fn before(tx: &mut Tx<'_>, account: AccountId, to: NaiveDate) -> Result<Before, Fault> {
    let empty = DayRange { from: to, to };
    let request = Request { account, range: empty, billed_to: Some(to) };
    Ok(ended(tx, &[request]).await?.remove(&account).unwrap_or_default())
}
