//! Cancel and rebill: a bill is computed again from what is known now, and takes the place of the one that was issued. The old one
//! stays, its journal is reversed, and credits are neither lost nor made.

use chrono::Days;
use chrono::NaiveDate;
use contract::bills::RebillView;
use contract::{AppError, Field, Problem};
use domain::billing::compare::{LineChange, compare};
use domain::billing::hold::CorrectionReason;
use domain::billing::intervals::Bank;
use domain::billing::{Bill, ServiceBill, posting};
use domain::calendar::DayRange;
use domain::ids::BillId;
use domain::money::Cents;
use domain::tariff::Book;
use serde::Serialize;
use serde_json::json;
use store::Tx;
use store::accounts::AccountRow;
use store::bills::{BillRow, Status};
use store::holds::CorrectionRow;

use super::batch::{Before, before};
use super::gather::Gathered;
use super::prepare::{Computed, Ready, kept};
use super::run::{DUE_AFTER, Draft};
use super::show::stored;
use crate::{Cx, Fault, Principal, UseCase, Work, ledger, notices, tariffs, use_case, zones};

use_case!(
    /// Shows what a bill would come to now. Declared as a write because looking at an account is itself recorded.
    pub PREVIEW = "billing.rebill_preview", Write, Staff
);
use_case!(
    /// Puts a corrected bill in the place of one.
    pub REBILL = "billing.rebill", Write, Staff
);
use_case!(
    /// As [`PREVIEW`], at the command line.
    pub PREVIEW_HERE = "billing.rebill_preview_here", Write, System
);
use_case!(
    /// As [`REBILL`], at the command line.
    pub REBILL_HERE = "billing.rebill_here", Write, System
);

/// The longest note.
const NOTE_MAX: usize = 1_000;

/// What to do.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Why.
    pub reason: CorrectionReason,
    /// What else the resident reads.
    pub note: String,
    /// What the corrected bill came to when it was looked at; where it comes to something else by now nothing is done.
    pub expected: Option<Cents>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rebilled {
    /// Numbers of bills that were replaced and of those in their place, with their totals; later bills too, where units were
    /// carried on. Empty where the bill would be the same.
    pub bills: Vec<Replaced>,
}

/// One bill in the place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replaced {
    /// The number of the bill that was replaced.
    pub old: String,
    /// What it came to.
    pub old_total: Cents,
    /// The number of the bill that stands.
    pub new: String,
    /// What it comes to.
    pub new_total: Cents,
}

/// Computes a bill again, as of now. `Err` is a sentence that says why it cannot be made.
pub(super) async fn again(
    work: &mut Work,
    book: &Book,
    of: &BillRow,
    bank: Option<&Bank>,
) -> Result<Result<Computed, String>, Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let (detail, ..) = store::bills::parts(&mut work.tx, of.id).await?;
    let old = kept(detail)?;
    let Some(gathered) = Gathered::load(&mut work.tx, book, of.account_id, old.cycle).await? else {
        return Ok(Err("the account has no agreement".to_owned()));
    };
    let Before { mean, .. } = before(&mut work.tx, of.account_id, of.period_from).await?;
    // What has not come by now is not waited for: the bill was issued without it.
    let bank = bank.unwrap_or(&old.bank_before);
    match gathered.determinants(book, old.cycle, (&mean, bank), zone.day_of(work.now) + Days::new(3650))? {
        Err(hold) => Ok(Err(format!("{hold:?}"))),
        Ok(None) => Ok(Err("nothing was served in this period".to_owned())),
        Ok(Some(found)) => Ok(Computed::new(book, found, bank, work.now)),
    }
}

/// The services of a bill as they would come out if it were computed now; `None` where that is the same. Of one that cannot be made now
/// there are none.
pub(super) async fn would_be(work: &mut Work, book: &Book, row: &BillRow) -> Result<Option<Vec<ServiceBill>>, Fault> {
    let (bill, _) = stored(work, row).await?;
    let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await?;
    let Ok(now) = again(work, book, row, None).await? else { return Ok(Some(Vec::new())) };
    let is_same = kept(detail).is_ok_and(|old| same(&bill, &old.bank, &now));
    Ok((!is_same).then_some(now.bill.services))
}

/// Whether two computations come to the same bill, line by line, and carry the same on.
fn same(before: &Bill, bank: &Bank, after: &Computed) -> bool {
    before.total == after.bill.total
        && *bank == after.bank
        && compare(before, &after.bill).iter().flat_map(|s| &s.lines).all(LineChange::is_same)
}

async fn find(work: &mut Work, account: &str, number: &str) -> Result<(AccountRow, Vec<BillRow>, BillRow), Fault> {
    let account = store::accounts::by_number(&mut work.tx, account).await?.ok_or(AppError::NotFound)?;
    let rows = store::bills::list(&mut work.tx, account.id).await?;
    let row = rows.iter().find(|b| b.number == number).cloned().ok_or(AppError::NotFound)?;
    Ok((account, rows, row))
}

const fn by(who: &Principal, staff: &'static UseCase, here: &'static UseCase) -> &'static UseCase {
    if matches!(who, Principal::System) { here } else { staff }
}

/// What a bill would come to if it were computed now, beside what it is. That it was looked at is recorded.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn preview(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<RebillView, Fault> {
    let mut work = cx.begin(by(who, &PREVIEW, &PREVIEW_HERE), who).await?;
    let (account, rows, row) = find(&mut work, account, number).await?;
    let book = tariffs::book(&mut work.tx).await?;
    let (bill, _) = stored(&mut work, &row).await?;
    let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await?;
    let old = kept(detail)?;
    let mut view = RebillView {
        account: account.number.clone(),
        name: account.name.clone(),
        number: row.number.clone(),
        period: DayRange { from: row.period_from, to: row.period_to },
        standing: row.status == Status::Issued,
        before: row.total,
        after: None,
        same: false,
        services: Vec::new(),
        later: 0,
        problem: None,
        versions: rows.iter().filter(|b| b.period_from == row.period_from).map(|b| b.number.clone()).collect(),
    };
    if view.standing {
        match again(&mut work, &book, &row, None).await? {
            Err(problem) => view.problem = Some(problem),
            Ok(now) => {
                view.after = Some(now.bill.total);
                view.same = same(&bill, &old.bank, &now);
                view.services = compare(&bill, &now.bill);
                if now.bank != old.bank {
                    let later = |b: &&BillRow| b.status == Status::Issued && b.period_from > row.period_from;
                    view.later = i64::try_from(rows.iter().filter(later).count()).unwrap_or(i64::MAX);
                }
            }
        }
    }
    work.audit(Some(account.id), &json!({ "bill": row.number })).await?;
    work.commit().await?;
    Ok(view)
}

/// Puts a corrected bill in the place of one, and of later ones where units were carried on. Where nothing would change nothing is
/// done, however often it is asked for.
///
/// # Errors
/// `Invalid` for a note that is missing or too long, `Changed` where the bill is replaced already or comes to something else than
/// was expected; `NotFound`, `SignInRequired`, `Forbidden`; or if the database fails or the bill cannot be made.
pub async fn rebill(cx: &Cx, who: &Principal, account: &str, number: &str, ask: &Ask) -> Result<Rebilled, Fault> {
    let note = ask.note.trim();
    if note.is_empty() {
        return Err(AppError::field(Field::Message, Problem::Missing).into());
    }
    if note.chars().count() > NOTE_MAX {
        return Err(AppError::field(Field::Message, Problem::TooLong).into());
    }
    let mut work = cx.begin(by(who, &REBILL, &REBILL_HERE), who).await?;
    let (account, _, _) = find(&mut work, account, number).await?;
    ledger::lock(&mut work, account.id).await?;
    // What was read before the lock may be old.
    let rows = store::bills::list(&mut work.tx, account.id).await?;
    let row = rows.iter().find(|b| b.number == number).cloned().ok_or(AppError::NotFound)?;
    if row.status != Status::Issued {
        return Err(AppError::Changed.into());
    }
    let book = tariffs::book(&mut work.tx).await?;
    let mut later: Vec<BillRow> =
        rows.iter().filter(|b| b.status == Status::Issued && b.period_from > row.period_from).cloned().collect();
    later.sort_by_key(|b| b.period_from);
    let mut out = Rebilled { bills: Vec::new() };
    let mut bank: Option<Bank> = None;
    let mut reason = ask.reason;
    for of in std::iter::once(row).chain(later) {
        let (detail, ..) = store::bills::parts(&mut work.tx, of.id).await?;
        let old = kept(detail)?;
        let first = bank.is_none();
        if !first && bank.as_ref() == Some(&old.bank_before) {
            break;
        }
        let (bill, _) = stored(&mut work, &of).await?;
        let made = again(&mut work, &book, &of, bank.as_ref()).await?;
        let made = made.map_err(|why| Fault::Other(format!("bill {} cannot be made again: {why}", of.number)))?;
        if first && ask.expected.is_some_and(|e| e != made.bill.total) {
            return Err(AppError::Changed.into());
        }
        let carried_on = made.bank.clone();
        if first && same(&bill, &old.bank, &made) {
            break;
        }
        out.bills.push(put(&mut work, &of, made, reason, note).await?);
        if carried_on == old.bank {
            break;
        }
        bank = Some(carried_on);
        reason = CorrectionReason::Carried;
    }
    if let Some(last) = out.bills.first() {
        let (before, after) =
            (out.bills.iter().map(|b| b.old_total).sum(), out.bills.iter().map(|b| b.new_total).sum());
        let job = notices::bill_corrected(account.id, &last.new, (before, after), note, work.now)?;
        store::work::enqueue_all(&mut work.tx, &[job]).await?;
        // What is asked, and by which day, is another thing now: so is what autopay takes.
        let today = zones::stored(&work.settings.zone)?.day_of(work.now);
        crate::payments::later::plan(&mut work, account.id, today).await?;
    }
    work.audit(Some(account.id), &json!({ "bill": number, "reason": ask.reason, "note": note, "bills": out.bills }))
        .await?;
    work.commit().await?;
    Ok(out)
}

/// The number of the next version of a bill: `100200-003`, then `100200-003-2`.
fn next_number(of: &BillRow) -> String {
    let first = match of.version {
        1 => of.number.as_str(),
        v => of.number.strip_suffix(&format!("-{v}")).unwrap_or(&of.number),
    };
    format!("{first}-{}", of.version + 1)
}

/// Writes one corrected bill: reversal, replacement, posting, credits.
async fn put(
    work: &mut Work,
    of: &BillRow,
    made: Computed,
    reason: CorrectionReason,
    note: &str,
) -> Result<Replaced, Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let today = zone.day_of(work.now);
    match ledger::undo(work, &format!("bill:{}", of.number), today).await {
        // A bill that came to nothing in every line has no journal.
        Ok(_) | Err(Fault::App(AppError::NotFound)) => {}
        Err(fault) => return Err(fault),
    }
    if !store::holds::replace(&mut work.tx, of.id).await? {
        return Err(AppError::Changed.into());
    }
    let carried = ledger::balance(work, of.account_id).await?.total();
    let number = next_number(of);
    let total = made.bill.total;
    // Who owes more has as long to pay it as for any bill; who owes less has no less time than before.
    let due_on = if total > of.total { of.due_on.max(today + Days::new(DUE_AFTER)) } else { of.due_on };
    let ready = Ready {
        account: of.account_id,
        number: number.clone(),
        period: DayRange { from: of.period_from, to: of.period_to },
        issued_on: today,
        computed: made,
        last: true,
    };
    let draft = Draft::new(ready)?;
    let journals = draft.journal.clone().map(|journal| (format!("bill:{number}"), journal)).into_iter().collect();
    let mut new = draft.bill(due_on, carried, journals);
    (new.version, new.replaces) = (of.version + 1, Some(of.id));
    let written = store::bills::insert_all(&mut work.tx, &[new], work.now).await?;
    if written.len() != 1 {
        return Err(AppError::Changed.into());
    }
    let new = store::bills::by_number(&mut work.tx, of.account_id, &number).await?.ok_or(AppError::NotFound)?;
    credits(work, &new.number, new.id, of, today).await?;
    let correction = CorrectionRow {
        bill_id: new.id,
        replaces_id: of.id,
        reason,
        note: note.to_owned(),
        made_by: work.who.actor(),
        made_at: work.now,
    };
    store::holds::corrected(&mut work.tx, &correction).await?;
    Ok(Replaced { old: of.number.clone(), old_total: of.total, new: number, new_total: total })
}

/// What a service has been paid beyond what it comes to now is held for the customer, and used on what is owed elsewhere.
async fn credits(work: &mut Work, number: &str, bill: BillId, of: &BillRow, on: NaiveDate) -> Result<(), Fault> {
    let balance = ledger::balance(work, of.account_id).await?;
    if let Ok(journal) = posting::release_overpaid(of.account_id, on, &balance) {
        ledger::post(work, &journal, &format!("overpaid:{number}"), Some(bill)).await?;
    }
    ledger::use_credit(work, of.account_id, on, &format!("credit:{number}"), Some(bill)).await
}

/// The corrections of an account's bills with the numbers of both bills, oldest first.
pub(super) async fn corrections(
    tx: &mut Tx<'_>,
    rows: &[BillRow],
    account: domain::ids::AccountId,
) -> Result<Vec<(CorrectionRow, String, String)>, Fault> {
    let number = |id: BillId| rows.iter().find(|b| b.id == id).map(|b| b.number.clone()).unwrap_or_default();
    let all = store::holds::corrections(tx, account).await?;
    Ok(all.into_iter().map(|c| (c.clone(), number(c.replaces_id), number(c.bill_id))).collect())
}
