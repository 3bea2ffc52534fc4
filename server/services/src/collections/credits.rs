//! One-off credits: they pay what is owed, the rest is held for the customer, and the next bill names them.

use chrono::NaiveDate;
use domain::ids::{AccountId, PersonId};
use domain::ledger::one_off::OneOff;
use domain::ledger::{Book, Journal, JournalKind, debit};
use domain::money::Cents;
use serde_json::json;

use crate::ledger::Posted;
use crate::{Fault, Work};

/// Gives a credit. The same form sent again gives none; whether it was new.
pub(crate) async fn give(
    work: &mut Work,
    account: AccountId,
    (kind, amount): (OneOff, Cents),
    on: NaiveDate,
    by: PersonId,
    note: &str,
    form_key: &str,
) -> Result<bool, Fault> {
    crate::ledger::lock(work, account).await?;
    let mut entries = crate::ledger::settle(work, account, amount, on).await?;
    entries.push(debit(Book::Adjustments, amount));
    let journal = Journal::new(account, JournalKind::Adjustment, on, entries)
        .map_err(|e| Fault::Other(format!("a credit of {amount}: {e}")))?;
    let key = format!("credit-given:{}:{form_key}", account.0);
    let Posted::Now(id) = crate::ledger::post(work, &journal, &key, None).await? else { return Ok(false) };
    let now = work.now;
    store::credits::insert(&mut work.tx, id, account, (kind, note), by, now).await?;
    work.audit(Some(account), &json!({ "credit": kind, "amount": amount, "note": note })).await?;
    Ok(true)
}
