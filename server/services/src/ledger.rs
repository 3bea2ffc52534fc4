//! Posting to the books and asking them, inside a use case's transaction.

use chrono::NaiveDate;
use domain::billing::posting;
use domain::ids::{AccountId, BillId, JournalId};
use domain::ledger::{Balance, Entry, Journal, JournalKind};
use domain::money::Cents;

use crate::{Fault, Work};

/// What became of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// Written now.
    Now(JournalId),
    /// The same event was posted before; nothing was written.
    Before,
}

/// Locks the account's money for the rest of the transaction. Call it before reading a balance that decides what is posted.
///
/// # Errors
/// If the database fails.
pub async fn lock(work: &mut Work, account: AccountId) -> Result<(), Fault> {
    Ok(store::ledger::lock(&mut work.tx, account).await?)
}

/// Posts a journal under the key of its event (`payment:17:confirmed`), once however often it is asked for.
///
/// # Errors
/// If the database fails.
pub async fn post(work: &mut Work, journal: &Journal, event_key: &str, bill: Option<BillId>) -> Result<Posted, Fault> {
    let id = store::ledger::insert(&mut work.tx, journal, event_key, work.now, bill, None).await?;
    Ok(id.map_or(Posted::Before, Posted::Now))
}

/// Posts the opposite of an earlier event, once, and puts in order what that leaves: a service with less than nothing owed, or
/// credit that was used and is gone. Credit is used on what is owed then.
///
/// # Errors
/// `NotFound` where there was no such event; or a failure of the database.
pub async fn reverse(work: &mut Work, event_key: &str, on: NaiveDate) -> Result<Posted, Fault> {
    let (posted, account) = undo(work, event_key, on).await?;
    if let Posted::Now(_) = posted {
        use_credit(work, account, on, &format!("{event_key}:reversed:used"), None).await?;
    }
    Ok(posted)
}

/// As [`reverse`], but leaves credit for what takes the event's place: used before, it would go to newer bills than that. Whose
/// event it was comes too.
///
/// # Errors
/// `NotFound` where there was no such event; or a failure of the database.
pub(crate) async fn undo(work: &mut Work, event_key: &str, on: NaiveDate) -> Result<(Posted, AccountId), Fault> {
    let Some((row, entries)) = store::ledger::by_key(&mut work.tx, event_key).await? else {
        return Err(contract::AppError::NotFound.into());
    };
    let entries = entries.into_iter().map(|(book, amount)| Entry { book, amount });
    let journal = Journal::new(row.account_id, row.kind, row.effective_on, entries)
        .map_err(|e| Fault::Other(format!("journal {} cannot be reversed: {e}", row.id.0)))?
        .reversed(on);
    let key = format!("{event_key}:reversed");
    let id = store::ledger::insert(&mut work.tx, &journal, &key, work.now, row.bill_id, Some(row.id)).await?;
    let Some(id) = id else { return Ok((Posted::Before, row.account_id)) };
    tidy(work, row.account_id, on, &format!("{key}:tidied")).await?;
    Ok((Posted::Now(id), row.account_id))
}

/// After something was undone: what is over of a service becomes credit, and credit that was used and is gone is owed again.
pub(crate) async fn tidy(work: &mut Work, account: AccountId, on: NaiveDate, key: &str) -> Result<(), Fault> {
    let held = balance(work, account).await?;
    if held.credit >= Cents::ZERO && held.owed.iter().all(|(_, a)| *a >= Cents::ZERO) {
        return Ok(());
    }
    let debts = crate::collections::debts(work, account).await?;
    let entries = domain::ledger::aging::tidy(&debts, &held, on);
    if let Ok(journal) = Journal::new(account, JournalKind::CreditApplied, on, entries) {
        store::ledger::insert(&mut work.tx, &journal, key, work.now, None, None).await?;
    }
    Ok(())
}

/// What the customer owes by service, and what we hold for them.
///
/// # Errors
/// If the database fails.
pub async fn balance(work: &mut Work, account: AccountId) -> Result<Balance, Fault> {
    Ok(Balance::from_sums(&store::ledger::customer_sums(&mut work.tx, account).await?))
}

/// The customer's side of an amount that pays what is owed: the oldest due date first, energy before water within it, and what
/// is over as credit held for the customer. Sums to `-amount`. Lock the account first.
///
/// # Errors
/// If the database fails.
pub async fn settle(work: &mut Work, account: AccountId, amount: Cents, today: NaiveDate) -> Result<Vec<Entry>, Fault> {
    let open = crate::collections::open(work, account, today).await?;
    Ok(domain::ledger::aging::settle(&open, amount))
}

/// Credit held for the customer is used on what is owed, the oldest due date first, once under this key. Lock the account first.
///
/// # Errors
/// If the database fails.
pub async fn use_credit(
    work: &mut Work,
    account: AccountId,
    on: NaiveDate,
    event_key: &str,
    bill: Option<BillId>,
) -> Result<(), Fault> {
    let held = balance(work, account).await?;
    if held.credit <= Cents::ZERO {
        return Ok(());
    }
    let open = crate::collections::open(work, account, on).await?;
    if let Ok(journal) = posting::apply_credit(account, on, &held, &open) {
        post(work, &journal, event_key, bill).await?;
    }
    Ok(())
}
