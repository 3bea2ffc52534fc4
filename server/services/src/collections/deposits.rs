//! Deposits: taken, held, given back. Given back they pay what is owed, and the rest is credit held for the customer.

use chrono::NaiveDate;
use domain::ids::{AccountId, PersonId};
use domain::ledger::collections::deposit_interest;
use domain::ledger::{Book, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use serde_json::json;
use store::deposits::{DepositRow, Outcome};

use crate::{Fault, Work};

/// Takes a deposit at the counter. The same form sent again takes none; whether it was new.
pub(crate) async fn take(
    work: &mut Work,
    account: AccountId,
    amount: Cents,
    on: NaiveDate,
    by: Option<PersonId>,
    note: &str,
    form_key: &str,
) -> Result<bool, Fault> {
    crate::ledger::lock(work, account).await?;
    let Some(id) = store::deposits::insert(&mut work.tx, account, amount, on, by, note, form_key).await? else {
        return Ok(false);
    };
    let entries = [debit(Book::Cash, amount), credit(Book::Deposits, amount)];
    let journal = Journal::new(account, JournalKind::DepositTaken, on, entries)
        .map_err(|e| Fault::Other(format!("deposit {}: {e}", id.0)))?;
    crate::ledger::post(work, &journal, &format!("deposit:{}:taken", id.0), None).await?;
    work.audit(Some(account), &json!({ "deposit": id, "amount": amount, "note": note })).await?;
    Ok(true)
}

/// Gives a deposit back with its interest; whether it was still held.
pub(crate) async fn release(
    work: &mut Work,
    account: AccountId,
    deposit: &DepositRow,
    outcome: Outcome,
    on: NaiveDate,
) -> Result<bool, Fault> {
    let interest = deposit_interest(&work.settings.collections, deposit.amount, deposit.taken_on, on);
    if !store::deposits::release(&mut work.tx, deposit.id, on, interest, outcome).await? {
        return Ok(false);
    }
    let mut entries = crate::ledger::settle(work, account, deposit.amount + interest, on).await?;
    entries.push(debit(Book::Deposits, deposit.amount));
    entries.push(debit(Book::DepositInterest, interest));
    let journal = Journal::new(account, JournalKind::DepositReleased, on, entries)
        .map_err(|e| Fault::Other(format!("deposit {}: {e}", deposit.id.0)))?;
    crate::ledger::post(work, &journal, &format!("deposit:{}:released", deposit.id.0), None).await?;
    work.audit(Some(account), &json!({ "deposit": deposit.id, "released": deposit.amount, "interest": interest }))
        .await?;
    super::mails::deposit_back(work, account, deposit.id, deposit.amount + interest).await?;
    Ok(true)
}
