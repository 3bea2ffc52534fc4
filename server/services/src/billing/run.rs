//! The bill run: bills every period that has ended, once, from readings to journal and mail.

use std::collections::HashSet;

use chrono::{Days, NaiveDate, NaiveTime};
use domain::billing::hold::HoldReason;
use domain::billing::{LineKind, posting};
use domain::calendar::{DayRange, Local, Zone};
use domain::ids::AccountId;
use domain::ledger::aging::open_debts;
use domain::ledger::{Balance, Book as Side, Journal};
use domain::money::Cents;
use domain::quantity::{Decimal, ServiceKind};
use futures::stream::{self, StreamExt as _};
use serde::Serialize;
use serde_json::json;
use store::bills::{Candidate, JsonText, NewBill};

use super::gather::Hold;
use super::holds;
use super::prepare::{Outcome, Ready, next_period, prepare_all};
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
/// Accounts read together and billed in one transaction. It lasts some tens of milliseconds: a payment never waits for the run.
const CHUNK: usize = 96;
/// Transactions' worth of accounts that are computed at once: one for each of two cores, and one that waits to be written.
const AHEAD: usize = 3;

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
    let (due, holding) = due_accounts(&mut work, options).await?;
    report.held.extend(holding.into_iter().map(|(_, number)| (number, Hold::ByEmployee)));
    drop(work);
    let looked_at: HashSet<AccountId> = due.iter().map(|a| a.id).collect();
    let mut waiting: Vec<(AccountId, HoldReason)> = Vec::new();
    // While one part is written, the next are computed.
    let chunks: Vec<Vec<Candidate>> = due.chunks(CHUNK).map(<[_]>::to_vec).collect();
    let (surroundings, principal, asked) = (cx.clone(), who.clone(), options.clone());
    let mut parts = stream::iter(chunks)
        .map(move |chunk| {
            let (cx, who, options) = (surroundings.clone(), principal.clone(), asked.clone());
            tokio::spawn(async move {
                let part = compute(&cx, &who, &chunk, &options, today).await?;
                let reasons: Vec<_> = part.reasons().collect();
                let Part { ready, held, failed } = part;
                let drafts = ready.into_iter().map(Draft::new).collect::<Result<Vec<_>, _>>()?;
                Ok::<_, Fault>((drafts, reasons, held, failed))
            })
        })
        .buffered(AHEAD);
    while let Some(part) = parts.next().await {
        let (drafts, reasons, held, failed) =
            part.map_err(|e| Fault::Other(format!("a part of the bill run was lost: {e}")))??;
        waiting.extend(reasons);
        report.held.extend(held.into_iter().map(|(_, number, hold)| (number, hold)));
        report.failed.extend(failed.into_iter().map(|(_, number, why)| (number, why)));
        if drafts.is_empty() {
            continue;
        }
        if options.dry_run {
            report.bills += drafts.len() as u64;
            report.total += drafts.iter().map(|d| d.total).sum();
            continue;
        }
        let mut work = cx.begin(&RUN, who).await?;
        write(&mut work, drafts, &city, options, &mut report).await?;
        work.commit().await?;
    }
    if !options.dry_run {
        let mut work = cx.begin(&RUN, who).await?;
        if report.bills > 0 || !looked_at.is_empty() {
            holds::keep(&mut work, &looked_at, &waiting).await?;
            let detail = json!({
                "through": options.through, "bills": report.bills, "total": report.total,
                "held": report.held.len(), "failed": report.failed.len(),
            });
            work.audit(None, &detail).await?;
        }
        if options.only.is_none() {
            // Nothing of a run that waited for a person is left, whoever issued it.
            let now = work.now;
            store::waiting_runs::close(&mut work.tx, options.through, now).await?;
        }
        work.commit().await?;
    }
    Ok(report)
}

/// The accounts whose next period has ended, and those of them whose bills an employee holds.
pub(super) async fn due_accounts(
    work: &mut Work,
    options: &Options,
) -> Result<(Vec<Candidate>, Vec<(AccountId, String)>), Fault> {
    let mut due = store::bills::candidates(&mut work.tx).await?;
    due.retain(|a| {
        options.only.as_ref().is_none_or(|only| only.contains(&a.id))
            && next_period(a).is_some_and(|p| p.to + Days::new(ISSUE_AFTER) <= options.through)
    });
    let held: HashSet<AccountId> =
        store::holds::open(&mut work.tx).await?.iter().filter(|h| h.put_by.is_some()).map(|h| h.account_id).collect();
    let holding = due.iter().filter(|a| held.contains(&a.id)).map(|a| (a.id, a.number.clone())).collect();
    due.retain(|a| !held.contains(&a.id));
    Ok((due, holding))
}

/// What a part of the accounts comes to.
#[derive(Default)]
pub(super) struct Part {
    pub ready: Vec<Ready>,
    pub held: Vec<(AccountId, String, Hold)>,
    pub failed: Vec<(AccountId, String, String)>,
}

impl Part {
    /// Why accounts are not billed, as their residents read it.
    pub(super) fn reasons(&self) -> impl Iterator<Item = (AccountId, HoldReason)> + '_ {
        let held = self.held.iter().filter_map(|(account, _, hold)| Some((*account, hold.reason()?)));
        held.chain(self.failed.iter().map(|(account, ..)| (*account, HoldReason::NotPriced)))
    }
}

/// Computes the bills of some accounts.
pub(super) async fn compute(
    cx: &Cx,
    who: &Principal,
    chunk: &[Candidate],
    options: &Options,
    today: NaiveDate,
) -> Result<Part, Fault> {
    let mut work = cx.begin(&PREPARE, who).await?;
    let book = tariffs::book(&mut work.tx).await?;
    let mut part = Part::default();
    let prepared = prepare_all(&mut work.tx, &book, chunk, options, today, work.now).await?;
    for (account, outcome) in chunk.iter().zip(prepared) {
        match outcome {
            Outcome::Bills(bills, held) => {
                part.ready.extend(bills);
                part.held.extend(held.map(|h| (account.id, account.number.clone(), h)));
            }
            Outcome::Failed(why) => part.failed.push((account.id, account.number.clone(), why)),
        }
    }
    Ok(part)
}

async fn write(
    work: &mut Work,
    drafts: Vec<Draft>,
    zone: &Zone,
    options: &Options,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut accounts: Vec<AccountId> = drafts.iter().map(|d| d.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut sums = store::ledger::lock_and_sum(&mut work.tx, &accounts).await?;
    let mut rows = Vec::with_capacity(drafts.len());
    let mut mails = Vec::new();
    for d in drafts {
        let sum = sums.entry(d.account).or_default();
        let carried = Balance::from_sums(sum).total();
        let mut journals = Vec::new();
        if let Some(journal) = d.journal.clone() {
            apply(sum, &journal);
            journals.push((format!("bill:{}", d.number), journal));
        }
        // Who has credit owed nothing before this bill: all of it is due on one day.
        let (balance, due_on) = (Balance::from_sums(sum), d.issued_on + Days::new(DUE_AFTER));
        let open = open_debts(&[], &balance, due_on);
        if let Ok(journal) = posting::apply_credit(d.account, d.issued_on, &balance, &open) {
            apply(sum, &journal);
            journals.push((format!("credit:{}", d.number), journal));
        }
        if d.last {
            mails.push((d.account, d.number.clone(), d.issued_on, due_on));
        }
        rows.push(d.bill(due_on, carried, journals));
    }
    let written = store::bills::insert_all(&mut work.tx, &rows, work.now).await?;
    let written: HashSet<String> = written.into_iter().collect();
    for row in rows.iter().filter(|r| written.contains(&r.number)) {
        report.bills += 1;
        report.total += row.total;
    }
    let today = zone.day_of(work.now);
    let mut jobs = Vec::with_capacity(2 * mails.len());
    for (account, number, issued_on, due_on) in mails.into_iter().filter(|(_, n, ..)| written.contains(n)) {
        if !options.backdate || (today - issued_on).num_days() <= 7 {
            jobs.push(notices::bill_ready(account, &number, work.now)?);
        }
        let remind = morning(zone, due_on - Days::new(REMIND_BEFORE));
        if remind > work.now {
            jobs.push(notices::due_soon(account, &number, remind)?);
        }
    }
    Ok(store::work::enqueue_all(&mut work.tx, &jobs).await?)
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

/// A bill with its parts as they are stored; what it means for the books is seen when it is written.
pub(super) struct Draft {
    account: AccountId,
    number: String,
    period: DayRange,
    issued_on: NaiveDate,
    total: Cents,
    /// `None` for a bill whose every line is zero: it moves nothing.
    pub journal: Option<Journal>,
    detail: JsonText,
    lines: Vec<(ServiceKind, LineKind, Cents, JsonText)>,
    reads: Vec<(ServiceKind, String, JsonText)>,
    last: bool,
}

impl Draft {
    pub(super) fn new(r: Ready) -> Result<Self, Fault> {
        let fail = |e: serde_json::Error| Fault::Other(format!("a bill cannot be written as JSON: {e}"));
        let total = r.computed.bill.total;
        let journal = posting::journal(r.account, r.issued_on, &r.computed.bill).ok();
        let (kept, printed, dials) = r.computed.keep();
        let mut lines = Vec::with_capacity(printed.len());
        for (service, line) in printed {
            lines.push((service, line.kind, line.amount, JsonText::of(&line).map_err(fail)?));
        }
        let mut reads = Vec::with_capacity(dials.len());
        for read in dials {
            reads.push((read.service, read.meter.clone(), JsonText::of(&read).map_err(fail)?));
        }
        Ok(Self {
            account: r.account,
            number: r.number,
            period: r.period,
            issued_on: r.issued_on,
            total,
            journal,
            detail: JsonText::of(&kept).map_err(fail)?,
            lines,
            reads,
            last: r.last,
        })
    }

    /// The first version of it, with what it does to the books.
    pub(super) fn bill(self, due_on: NaiveDate, carried: Cents, journals: Vec<(String, Journal)>) -> NewBill {
        NewBill {
            number: self.number,
            account: self.account,
            period: self.period,
            issued_on: self.issued_on,
            due_on,
            total: self.total,
            carried,
            detail: self.detail,
            lines: self.lines,
            reads: self.reads,
            version: 1,
            replaces: None,
            journals,
        }
    }
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
