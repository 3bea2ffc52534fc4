//! The bills pages: the list, and one bill by line.

use std::collections::HashMap;

use chrono::Days;
use contract::AppError;
use contract::bills::{BillView, BillsView, PastUse, ServiceView, Standing};
use domain::billing::netting::Netted;
use domain::billing::{Bill, Line, Read, ServiceBill};
use domain::calendar::{DayRange, add_months};
use domain::ledger::JournalKind;
use domain::ledger::statement::{Moved, Since};
use domain::money::Cents;
use domain::quantity::{Decimal, ServiceKind};
use store::StoreError;
use store::bills::{BillRow, Status};

use super::due::summarize;
use super::prepare::kept;
use crate::{Cx, Fault, Principal, Work, accounts, use_case, zones};

use_case!(
    /// The list of bills.
    pub LIST = "bills.list", Read, Resident
);
use_case!(
    /// One bill.
    pub SHOW = "bills.show", Read, Resident
);

/// So many payments are listed beside the bills: two years of monthly ones.
const PAYMENTS: usize = 24;

/// The list of bills of an account.
///
/// # Errors
/// `NotFound` for an account that is not the caller's; or a failure of the database.
pub async fn list(cx: &Cx, who: &Principal, account: &str) -> Result<BillsView, Fault> {
    let mut work = cx.begin(&LIST, who).await?;
    let opened = accounts::open(&mut work, account).await?;
    let zone = zones::stored(&opened.zone)?;
    let today = zone.day_of(work.now);
    let (position, attention) = crate::collections::attention(&mut work, opened.id, today).await?;
    let pending = store::payments::pending_sum(&mut work.tx, opened.id).await?;
    let (due, bills) = summarize(&position, pending);
    let unpaid = due.unpaid();
    let payments = crate::payments::recent(&mut work, opened.id, &zone, PAYMENTS).await?;
    let planned = crate::payments::later::next(&mut work, &opened, &zone, unpaid, due.due_on).await?;
    let cycle = domain::billing::cycle::containing(today, u32::try_from(opened.row.cycle_day).unwrap_or(1));
    let next_bill_on = opened.row.closed_on.is_none().then(|| cycle.to + Days::new(super::run::ISSUE_AFTER));
    let hold = super::holds::of(&mut work, opened.id).await?;
    Ok(BillsView { account: opened.head, due, planned, attention, bills, payments, today, next_bill_on, hold })
}

/// One bill of an account by line.
///
/// # Errors
/// `NotFound` for an account that is not the caller's and for a bill that is not the account's; or a failure of the database.
pub async fn show(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<BillView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let opened = accounts::open_page(&mut work, account).await?;
    let mut shown = view(&mut work, opened, number).await?;
    if shown.payable && shown.summary.open > Cents::ZERO {
        // It has its own way to pay.
        shown.account.pay = None;
    }
    Ok(shown)
}

/// One bill of an opened account by line.
pub(super) async fn view(work: &mut Work, opened: accounts::OpenedAccount, number: &str) -> Result<BillView, Fault> {
    let zone = zones::stored(&opened.zone)?;
    let rows = store::bills::list(&mut work.tx, opened.id).await?;
    let at = rows.iter().position(|b| b.number == number).ok_or(AppError::NotFound)?;
    let row = &rows[at];
    let (due, summaries) = super::summaries(work, opened.id, &zone).await?;
    let (bill, reads) = stored(work, row).await?;
    let (previous, year_ago) = neighbours(&rows, row);
    let next = rows.iter().find(|b| b.status == Status::Issued && b.period_from == row.period_to);
    let mut compared: HashMap<ServiceKind, (Decimal, DayRange)> = HashMap::new();
    if let Some(b) = year_ago {
        let (detail, ..) = store::bills::parts(&mut work.tx, b.id).await?;
        for s in super::prepare::kept(detail)?.services {
            if let Some(d) = s.delivered {
                compared.insert(s.service, (d, s.served));
            }
        }
    }
    let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await?;
    let own = kept(detail)?;
    let with_reads = |s: ServiceBill| ServiceView {
        netted: Netted::of(&s, &own.bank_before, &own.bank),
        reads: reads.iter().filter(|r| r.service == s.service).cloned().collect(),
        year_ago: compared.get(&s.service).copied(),
        bill: s,
    };
    let services: Vec<ServiceView> = bill.services.into_iter().map(with_reads).collect();
    let mut history = Vec::new();
    let year = DayRange { from: add_months(row.period_from, -12), to: row.period_from };
    for (_, _, detail) in store::bills::details(&mut work.tx, opened.id, year).await? {
        history.extend(kept(detail)?.services.iter().filter_map(past));
    }
    history.extend(services.iter().filter_map(|s| past(&s.bill)));
    let corrected = rows.iter().filter(|b| b.period_from == row.period_from).count() > 1;
    let summary = summaries.into_iter().nth(at).ok_or(AppError::NotFound)?;
    let payable = due.balance > due.pending && summary.standing != Standing::Replaced;
    let since = since(work, &rows, row).await?;
    Ok(BillView {
        account: opened.head,
        balance_now: due.balance - due.pending,
        pending: due.pending,
        payable,
        carried: row.carried,
        since,
        services,
        history,
        previous: previous.map(|b| (b.number.clone(), b.total)),
        next: next.map(|b| b.number.clone()),
        year_ago: year_ago.map(|b| (b.number.clone(), b.total)),
        zone: zone.clipped(zone.start_of(row.period_from - Days::new(2)), zone.start_of(row.period_to + Days::new(2))),
        summary,
        corrected,
    })
}

/// What was used of a service, where it is metered.
fn past(bill: &ServiceBill) -> Option<PastUse> {
    Some(PastUse { service: bill.service, served: bill.served, delivered: bill.delivered? })
}

/// What moved what is owed since the bill before; `None` where there is none, or where either was posted in nothing.
async fn since(work: &mut Work, rows: &[BillRow], row: &BillRow) -> Result<Option<Since>, Fault> {
    // As it was sent: a correction is told as one.
    let before = rows.iter().filter(|b| b.period_to == row.period_from).min_by_key(|b| b.version);
    let Some(before) = before else { return Ok(None) };
    let ends =
        (store::credits::posted(&mut work.tx, before.id).await?, store::credits::posted(&mut work.tx, row.id).await?);
    let (Some(behind), Some(own)) = ends else { return Ok(None) };
    let mut moved: Vec<(Moved, Cents)> = Vec::new();
    for m in store::credits::between(&mut work.tx, row.account_id, behind, own).await? {
        let why = match (m.kind, m.credit) {
            (JournalKind::Payment, _) if m.undone == 0 => Moved::Paid,
            (JournalKind::Payment | JournalKind::PaymentReturn | JournalKind::Refund, _) => Moved::Returned,
            (JournalKind::LateFee, _) => Moved::Late,
            (JournalKind::Adjustment, Some(kind)) => Moved::Credit(kind),
            (JournalKind::DepositReleased | JournalKind::DepositTaken, _) => Moved::Deposit,
            _ => Moved::Corrected,
        };
        match moved.iter_mut().find(|(w, _)| *w == why) {
            Some((_, sum)) => *sum += m.amount,
            None => moved.push((why, m.amount)),
        }
    }
    // Bills of later periods that stood when this one took the place of an earlier version are no corrections.
    let stood = |b: &&BillRow| {
        let replaced = |r: &BillRow| r.period_from == b.period_from && r.version > b.version && r.id < row.id;
        b.id < row.id && b.period_from > row.period_from && !rows.iter().any(replaced)
    };
    let billed: Cents = rows.iter().filter(stood).map(|b| b.total).sum();
    if let Some((_, corrected)) = moved.iter_mut().find(|(why, _)| *why == Moved::Corrected) {
        *corrected -= billed;
        moved.push((Moved::Billed, billed));
    }
    moved.retain(|(_, amount)| *amount != Cents::ZERO);
    Ok(Some(Since { before: before.carried + before.total, moved }))
}

/// The bill before one, and the one of the same season a year ago.
pub(super) fn neighbours<'r>(rows: &'r [BillRow], row: &BillRow) -> (Option<&'r BillRow>, Option<&'r BillRow>) {
    let days = u64::try_from((row.period_to - row.period_from).num_days()).unwrap_or(0);
    let year_ago = domain::calendar::add_months(row.period_from + Days::new(days / 2), -12);
    let issued = || rows.iter().filter(|b| b.status == Status::Issued && b.id != row.id);
    let previous = issued().find(|b| b.period_to == row.period_from);
    (previous, issued().find(|b| DayRange { from: b.period_from, to: b.period_to }.contains(year_ago)))
}

/// A bill as it was made, with what the dials said.
pub(crate) async fn stored(work: &mut Work, row: &BillRow) -> Result<(Bill, Vec<Read>), Fault> {
    let (detail, stored_lines, stored_reads) = store::bills::parts(&mut work.tx, row.id).await?;
    let damaged = |e: serde_json::Error| StoreError::Damaged(format!("bill {}: {e}", row.number));
    let mut lines: HashMap<ServiceKind, Vec<Line>> = HashMap::new();
    for (service, line) in stored_lines {
        lines.entry(service).or_default().push(serde_json::from_value(line).map_err(damaged)?);
    }
    let mut services = kept(detail)?.services;
    for s in &mut services {
        // Two agreements of one service (a change of schedule) are printed one after the other: lines are kept in order, so
        // each takes as many as sum to its total.
        s.lines = take(lines.entry(s.service).or_default(), s.total);
    }
    let reads = stored_reads.into_iter().map(serde_json::from_value).collect::<Result<_, _>>().map_err(damaged)?;
    let cycle = DayRange { from: row.period_from, to: row.period_to };
    Ok((Bill { cycle, services, total: row.total }, reads))
}

/// The first lines that sum to a total; all of them where none do.
fn take(lines: &mut Vec<Line>, total: domain::money::Cents) -> Vec<Line> {
    let mut sum = domain::money::Cents::ZERO;
    let mut n = lines.len();
    for (i, l) in lines.iter().enumerate() {
        sum += l.amount;
        // Tax and assistance come last: only a place where the next service's charges begin can be an end.
        let ends = lines.get(i + 1).is_none_or(|next| {
            matches!(next.kind, domain::billing::LineKind::Usage | domain::billing::LineKind::Fixed)
        });
        if sum == total && ends {
            n = i + 1;
            break;
        }
    }
    lines.drain(..n).collect()
}
