//! The bill run: bills every period that has ended, once, from readings to journal and mail.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, NaiveTime};
use domain::billing::costs::CostBase;
use domain::billing::{Bill, Read, ServiceBill, bill, cycle, posting};
use domain::calendar::{DayRange, Local, Zone, next_day};
use domain::ids::AccountId;
use domain::ledger::{Balance, Book as Side, Journal};
use domain::money::Cents;
use domain::quantity::{Decimal, ServiceKind};
use domain::tariff::Book;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::bills::{Candidate, NewBill};
use store::{StoreError, Tx};

use super::gather::{Gathered, Hold};
use crate::{Cx, Fault, Principal, Work, notices, tariffs, use_case, zones};

use_case!(
    /// Finds what is to be billed.
    pub PREPARE = "billing.prepare", Read, System
);
use_case!(
    /// Writes bills.
    pub RUN = "billing.run", Write, System
);

/// Days from the end of a period to its bill: the last readings arrive meanwhile.
pub const ISSUE_AFTER: u64 = 2;
/// Days from the bill to its due date.
pub const DUE_AFTER: u64 = 21;
/// Days before the due date on which a reminder goes out.
const REMIND_BEFORE: u64 = 3;
/// Accounts billed in one transaction.
const CHUNK: usize = 24;

/// What to bill.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bills that are to be issued on or before this day.
    pub through: NaiveDate,
    /// Dates each bill as if it had been issued on time; otherwise no bill is dated before today.
    pub backdate: bool,
    /// Only these accounts; all where `None`.
    pub only: Option<Vec<AccountId>>,
    /// Computes everything and writes nothing.
    pub dry_run: bool,
}

impl Options {
    /// All accounts, as a nightly job does it.
    #[must_use]
    pub const fn through(through: NaiveDate) -> Self {
        Self { through, backdate: false, only: None, dry_run: false }
    }
}

/// What a run did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Bills written (or, in a dry run, that would be).
    pub bills: u64,
    /// Their sum.
    pub total: Cents,
    /// Accounts that are not billed now, and why.
    pub held: Vec<(String, Hold)>,
    /// Accounts whose bill cannot be computed, and why.
    pub failed: Vec<(String, String)>,
}

/// What is kept of a service beside its lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The whole period by the account's cycle.
    pub cycle: DayRange,
    /// The services with their lines taken out.
    pub services: Vec<ServiceBill>,
    /// What each comes to, to be spread over its days.
    pub bases: Vec<CostBase>,
}

/// Bills what is due and not yet billed. Run twice, it does nothing the second time.
///
/// # Errors
/// If the database fails; chunks that were committed stay. An account that cannot be billed is in the report and does not
/// hold up the others.
pub async fn run(cx: &Cx, who: &Principal, options: &Options) -> Result<Report, Fault> {
    let mut report = Report::default();
    if !options.dry_run {
        let mut work = cx.begin(&RUN, who).await?;
        tariffs::seed(&mut work).await?;
        work.commit().await?;
    }
    let mut work = cx.begin(&PREPARE, who).await?;
    let city = zones::stored(&cx.settings.zone)?;
    let today = city.day_of(work.now);
    let mut due = store::bills::candidates(&mut work.tx).await?;
    due.retain(|a| {
        options.only.as_ref().is_none_or(|only| only.contains(&a.id))
            && next_period(a).is_some_and(|p| p.to + Days::new(ISSUE_AFTER) <= options.through)
    });
    drop(work);
    for chunk in due.chunks(CHUNK) {
        let mut work = cx.begin(&PREPARE, who).await?;
        let book = tariffs::book(&mut work.tx).await?;
        let mut ready = Vec::new();
        for account in chunk {
            match prepare(&mut work.tx, &book, account, options, today).await? {
                Outcome::Bills(bills, held) => {
                    ready.extend(bills);
                    report.held.extend(held.map(|h| (account.number.clone(), h)));
                }
                Outcome::Failed(why) => report.failed.push((account.number.clone(), why)),
            }
        }
        drop(work);
        if ready.is_empty() {
            continue;
        }
        if options.dry_run {
            report.bills += ready.len() as u64;
            report.total += ready.iter().map(|r| r.bill.total).sum();
            continue;
        }
        let mut work = cx.begin(&RUN, who).await?;
        write(&mut work, ready, &city, options, &mut report).await?;
        work.commit().await?;
    }
    if !options.dry_run && report.bills > 0 {
        let mut work = cx.begin(&RUN, who).await?;
        let detail = json!({
            "through": options.through, "bills": report.bills, "total": report.total,
            "held": report.held.len(), "failed": report.failed.len(),
        });
        work.audit(None, &detail).await?;
        work.commit().await?;
    }
    Ok(report)
}

/// A bill that is computed and not yet written.
struct Ready {
    account: AccountId,
    number: String,
    period: DayRange,
    issued_on: NaiveDate,
    bill: Bill,
    reads: Vec<Read>,
    last: bool,
}

enum Outcome {
    Bills(Vec<Ready>, Option<Hold>),
    Failed(String),
}

/// The next period of an account, by its cycle, that no bill covers.
fn next_period(account: &Candidate) -> Option<DayRange> {
    let from = account.billed_to.unwrap_or(account.opened_on);
    let cycle = cycle::containing(from, u32::try_from(account.cycle_day).ok()?);
    account.closed_on.is_none_or(|closed| from <= closed).then_some(cycle)
}

async fn prepare(
    tx: &mut Tx<'_>,
    book: &Book,
    account: &Candidate,
    options: &Options,
    today: NaiveDate,
) -> Result<Outcome, Fault> {
    let Some(first) = next_period(account) else { return Ok(Outcome::Bills(Vec::new(), None)) };
    // Years of an old account before its readings begin are not read.
    let horizon = options.through - Days::new(3 * 366);
    let range = DayRange { from: first.from.max(horizon), to: options.through };
    if range.is_empty() {
        return Ok(Outcome::Bills(Vec::new(), None));
    }
    let Some(gathered) = Gathered::load(tx, account.id, range).await? else {
        return Ok(Outcome::Bills(Vec::new(), Some(Hold::NoReadings)));
    };
    let cycle_day = u32::try_from(account.cycle_day).unwrap_or(1);
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
    let mut mean: HashMap<ServiceKind, i64> = HashMap::new();
    if account.billed_to.is_some() {
        for s in last_services(tx, account.id, from).await? {
            remember(&mut mean, &s);
        }
    }
    let mut out: Vec<Ready> = Vec::new();
    let mut number = account.bills;
    let ends = account.closed_on.map_or(NaiveDate::MAX, next_day);
    let issued_by = |cycle: DayRange| cycle.to + Days::new(ISSUE_AFTER);
    for cycle in cycle::closed(from, options.through, cycle_day).take_while(|c| issued_by(*c) <= options.through) {
        let Some(period) = cycle.intersect(DayRange { from: account.opened_on.max(from), to: ends }) else { break };
        match gathered.determinants(cycle, &mean, today)? {
            Err(hold) => return Ok(Outcome::Bills(out, Some(hold))),
            Ok(None) => {}
            Ok(Some((determinants, reads))) => {
                let bill = match bill(book, &determinants) {
                    Ok(bill) => bill,
                    Err(e) => return Ok(Outcome::Failed(e.to_string())),
                };
                bill.services.iter().for_each(|s| remember(&mut mean, s));
                number += 1;
                let on_time = issued_by(cycle);
                out.push(Ready {
                    account: account.id,
                    number: format!("{}-{number:03}", account.number),
                    period,
                    issued_on: if options.backdate { on_time } else { on_time.max(today) },
                    bill,
                    reads,
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

/// The services of the bill that ends where the next begins.
async fn last_services(tx: &mut Tx<'_>, account: AccountId, to: NaiveDate) -> Result<Vec<ServiceBill>, Fault> {
    let day = DayRange { from: to - Days::new(1), to };
    let rows = store::bills::details(tx, account, day).await?;
    Ok(rows.into_iter().next_back().map(|(.., v)| kept(v)).transpose()?.map(|k| k.services).unwrap_or_default())
}

fn remember(mean: &mut HashMap<ServiceKind, i64>, s: &ServiceBill) {
    if let Some(d) = s.delivered {
        mean.insert(s.service, d.round_to(-6) / s.served.len().max(1));
    }
}

/// Reads what is kept of a bill beside its lines.
pub(super) fn kept(detail: serde_json::Value) -> Result<Kept, Fault> {
    serde_json::from_value(detail).map_err(|e| StoreError::Damaged(format!("detail of a bill: {e}")).into())
}

async fn write(
    work: &mut Work,
    ready: Vec<Ready>,
    zone: &Zone,
    options: &Options,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut accounts: Vec<AccountId> = ready.iter().map(|r| r.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut sums = store::ledger::lock_and_sum(&mut work.tx, &accounts).await?;
    let mut rows = Vec::with_capacity(ready.len());
    let mut mails = Vec::new();
    for r in ready {
        let sum = sums.entry(r.account).or_default();
        let carried = Balance::from_sums(sum).total();
        let mut journals = Vec::new();
        // A bill whose every line is zero moves nothing.
        if let Ok(journal) = posting::journal(r.account, r.issued_on, &r.bill) {
            apply(sum, &journal);
            journals.push((format!("bill:{}", r.number), journal));
        }
        if let Ok(journal) = posting::apply_credit(r.account, r.issued_on, &Balance::from_sums(sum)) {
            apply(sum, &journal);
            journals.push((format!("credit:{}", r.number), journal));
        }
        let due_on = r.issued_on + Days::new(DUE_AFTER);
        if r.last {
            mails.push((r.account, r.number.clone(), r.issued_on, due_on));
        }
        rows.push(row(r, due_on, carried, journals)?);
    }
    let written = store::bills::insert_all(&mut work.tx, &rows, work.now).await?;
    for row in rows.iter().filter(|r| written.contains(&r.number)) {
        report.bills += 1;
        report.total += row.total;
    }
    let today = zone.day_of(work.now);
    for (account, number, issued_on, due_on) in mails.into_iter().filter(|(_, n, ..)| written.contains(n)) {
        if !options.backdate || (today - issued_on).num_days() <= 7 {
            notices::bill_ready(work, account, &number).await?;
        }
        let remind = morning(zone, due_on - Days::new(REMIND_BEFORE));
        if remind > work.now {
            notices::due_soon(work, account, &number, remind).await?;
        }
    }
    Ok(())
}

/// Adds a journal to sums that were read before it.
fn apply(sums: &mut Vec<(Side, Cents)>, journal: &Journal) {
    for e in journal.entries() {
        match sums.iter_mut().find(|(b, _)| *b == e.book) {
            Some((_, a)) => *a += e.amount,
            None => sums.push((e.book, e.amount)),
        }
    }
}

fn row(r: Ready, due_on: NaiveDate, carried: Cents, journals: Vec<(String, Journal)>) -> Result<NewBill, Fault> {
    let fail = |e: serde_json::Error| Fault::Other(format!("a bill cannot be written as JSON: {e}"));
    let mut lines = Vec::new();
    let mut services = r.bill.services;
    let bases = services.iter().map(CostBase::of).collect();
    for s in &mut services {
        for line in std::mem::take(&mut s.lines) {
            lines.push((s.service, line.kind, line.amount, serde_json::to_value(line).map_err(fail)?));
        }
    }
    let mut reads = Vec::new();
    for read in r.reads {
        reads.push((read.service, read.meter.clone(), serde_json::to_value(read).map_err(fail)?));
    }
    let kept = Kept { cycle: r.bill.cycle, services, bases };
    Ok(NewBill {
        number: r.number,
        account: r.account,
        period: r.period,
        issued_on: r.issued_on,
        due_on,
        total: r.bill.total,
        carried,
        detail: serde_json::to_value(kept).map_err(fail)?,
        lines,
        reads,
        journals,
    })
}

/// Nine in the morning of a local day.
fn morning(zone: &Zone, day: NaiveDate) -> domain::calendar::Instant {
    let nine = day.and_time(NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default());
    match zone.from_local(nine) {
        Local::Single(at) | Local::Twice(at, _) => at,
        Local::Never => zone.start_of(day),
    }
}

/// A quantity of a bill, in millionths.
pub(super) fn micro(quantity: Option<Decimal>) -> i64 {
    quantity.map_or(0, |d| d.round_to(-6))
}
