//! Bills before they are written: an account's next periods, computed one after the other.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use domain::billing::costs::CostBase;
use domain::billing::intervals::Bank;
use domain::billing::{Bill, Read, ServiceBill, bill_by_intervals, cycle};
use domain::calendar::{DayRange, Instant, next_day};
use domain::ids::AccountId;
use domain::quantity::ServiceKind;
use domain::tariff::{Book, Facts, Program};
use serde::{Deserialize, Serialize};
use store::bills::Candidate;
use store::{StoreError, Tx};

use super::batch::{Batch, Before, Request};
use super::gather::{Found, Gathered, Hold, Source, is_dial};
use super::run::{ISSUE_AFTER, Options};
use crate::Fault;

/// What is kept of a bill beside its lines: everything that is needed to compute it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The whole period by the account's cycle.
    pub cycle: DayRange,
    /// The services with their lines taken out.
    pub services: Vec<ServiceBill>,
    /// What each comes to, to be spread over its days.
    pub bases: Vec<CostBase>,
    /// What each schedule knew of the customer.
    #[serde(default)]
    pub facts: Vec<Facts>,
    /// The account's rate assistance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistance: Option<Program>,
    /// Units carried on from the bill before.
    #[serde(default, skip_serializing_if = "Bank::is_empty")]
    pub bank_before: Bank,
    /// Units carried on to the next bill.
    #[serde(default, skip_serializing_if = "Bank::is_empty")]
    pub bank: Bank,
    /// The stored days it was computed from.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// When it was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed_at: Option<Instant>,
}

/// Reads what is kept of a bill beside its lines.
pub(crate) fn kept(detail: serde_json::Value) -> Result<Kept, Fault> {
    serde_json::from_value(detail).map_err(|e| StoreError::Damaged(format!("detail of a bill: {e}")).into())
}

/// A bill with what it was computed from.
#[derive(Clone, Debug)]
pub(super) struct Computed {
    pub bill: Bill,
    pub reads: Vec<Read>,
    pub facts: Vec<Facts>,
    pub assistance: Option<Program>,
    pub bank_before: Bank,
    pub bank: Bank,
    pub sources: Vec<Source>,
    pub at: Instant,
}

impl Computed {
    /// Makes the bill; a sentence where it cannot be made.
    pub(super) fn new(book: &Book, found: Found, before: &Bank, at: Instant) -> Result<Self, String> {
        let Found { determinants, intervals, reads, sources, dials } = found;
        let mut bank = before.clone();
        let bill = bill_by_intervals(book, &determinants, &intervals, &mut bank).map_err(|e| e.to_string())?;
        bank.retain(|key, _| !is_dial(key));
        bank.extend(dials);
        let facts = determinants.services.into_iter().map(|s| s.facts).collect();
        let assistance = determinants.assistance;
        Ok(Self { bill, reads, facts, assistance, bank_before: before.clone(), bank, sources, at })
    }

    /// What is kept of it, with its lines taken out.
    pub(super) fn keep(self) -> (Kept, Vec<(ServiceKind, domain::billing::Line)>, Vec<Read>) {
        let mut services = self.bill.services;
        let bases = services.iter().map(CostBase::of).collect();
        let mut lines = Vec::new();
        for s in &mut services {
            lines.extend(std::mem::take(&mut s.lines).into_iter().map(|l| (s.service, l)));
        }
        let kept = Kept {
            cycle: self.bill.cycle,
            services,
            bases,
            facts: self.facts,
            assistance: self.assistance,
            bank_before: self.bank_before,
            bank: self.bank,
            sources: self.sources,
            computed_at: Some(self.at),
        };
        (kept, lines, self.reads)
    }
}

/// A bill that is computed and not yet written.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub account: AccountId,
    pub number: String,
    pub period: DayRange,
    pub issued_on: NaiveDate,
    pub computed: Computed,
    pub last: bool,
}

/// What became of an account.
pub(super) enum Outcome {
    Bills(Vec<Ready>, Option<Hold>),
    Failed(String),
}

/// The next period of an account, by its cycle, that no bill covers.
pub(super) fn next_period(account: &Candidate) -> Option<DayRange> {
    let from = account.billed_to.unwrap_or(account.opened_on);
    let cycle = cycle::containing(from, u32::try_from(account.cycle_day).ok()?);
    account.closed_on.is_none_or(|closed| from <= closed).then_some(cycle)
}

/// The days that the next bills of an account may be over; `None` where none is due.
fn range(account: &Candidate, options: &Options) -> Option<DayRange> {
    let first = next_period(account)?;
    // Years of an old account before its readings begin are not read.
    let horizon = options.through - Days::new(3 * 366);
    let cycle_day = u32::try_from(account.cycle_day).unwrap_or(1);
    // Nothing behind the last period that has ended is needed.
    let last = cycle::containing(options.through, cycle_day).from;
    let range = DayRange { from: first.from.max(horizon), to: last.max(first.to) };
    (!range.is_empty()).then_some(range)
}

/// Computes what is due of some accounts, in their order.
pub(super) async fn prepare_all(
    tx: &mut Tx<'_>,
    book: &Book,
    accounts: &[Candidate],
    options: &Options,
    today: NaiveDate,
    now: Instant,
) -> Result<Vec<Outcome>, Fault> {
    let request = |a: &Candidate| Some(Request { account: a.id, range: range(a, options)?, billed_to: a.billed_to });
    let requests: Vec<Request> = accounts.iter().filter_map(request).collect();
    let mut batch = Batch::load(tx, book, &requests).await?;
    let mut out = Vec::with_capacity(accounts.len());
    for account in accounts {
        out.push(prepare(tx, book, &mut batch, account, options, today, now).await?);
    }
    Ok(out)
}

async fn prepare(
    tx: &mut Tx<'_>,
    book: &Book,
    batch: &mut Batch,
    account: &Candidate,
    options: &Options,
    today: NaiveDate,
    now: Instant,
) -> Result<Outcome, Fault> {
    let Some(range) = range(account, options) else { return Ok(Outcome::Bills(Vec::new(), None)) };
    let cycle_day = u32::try_from(account.cycle_day).unwrap_or(1);
    let Some(agreed) = batch.take(account.id) else {
        return Ok(Outcome::Bills(Vec::new(), Some(Hold::NoReadings)));
    };
    let gathered = Gathered::of(tx, agreed, range).await?;
    let mut from = account.billed_to.unwrap_or(account.opened_on);
    if account.billed_to.is_none() && gathered.is_metered() {
        let Some(known) = gathered.first_known() else {
            return Ok(Outcome::Bills(Vec::new(), Some(Hold::NoReadings)));
        };
        // Customers of long standing whose older readings were never loaded: the first whole period with readings.
        let cycle = cycle::containing(known, cycle_day);
        if known > from && !cycle.contains(from) {
            from = if cycle.from == known { known } else { cycle.to };
        }
    }
    let Before { mut mean, mut bank } = batch.before(account.id);
    let mut out: Vec<Ready> = Vec::new();
    let mut number = account.bills;
    let ends = account.closed_on.map_or(NaiveDate::MAX, next_day);
    let issued_by = |cycle: DayRange| cycle.to + Days::new(ISSUE_AFTER);
    for cycle in cycle::closed(from, options.through, cycle_day).take_while(|c| issued_by(*c) <= options.through) {
        let Some(period) = cycle.intersect(DayRange { from: account.opened_on.max(from), to: ends }) else { break };
        match gathered.determinants(book, cycle, (&mean, &bank), today)? {
            Err(hold) => return Ok(Outcome::Bills(out, Some(hold))),
            Ok(None) => {}
            Ok(Some(found)) => {
                let computed = match Computed::new(book, found, &bank, now) {
                    Ok(computed) => computed,
                    Err(e) => return Ok(Outcome::Failed(e)),
                };
                computed.bill.services.iter().for_each(|s| remember(&mut mean, s));
                bank.clone_from(&computed.bank);
                number += 1;
                let on_time = issued_by(cycle);
                out.push(Ready {
                    account: account.id,
                    number: format!("{}-{number:03}", account.number),
                    period,
                    issued_on: if options.backdate { on_time } else { on_time.max(today) },
                    computed,
                    last: false,
                });
            }
        }
    }
    if let Some(last) = out.last_mut() {
        last.last = true;
    }
    Ok(Outcome::Bills(out, None))
}

fn remember(mean: &mut HashMap<ServiceKind, i64>, s: &ServiceBill) {
    if let Some(d) = s.delivered {
        mean.insert(s.service, super::batch::mean(d, s.served));
    }
}
