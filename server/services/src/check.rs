//! Proves that what must always hold does hold.

use serde::Serialize;

use crate::{Cx, Fault, Principal, use_case};

mod reads;
mod storage;
#[cfg(test)]
mod tests;

pub use storage::storage;

use_case!(
    /// Checks the books, the bills and the payments.
    pub LEDGER = "check.ledger", Read, System
);

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What was looked at: entries, bills.
    pub counts: Vec<(String, i64)>,
    /// What is broken, in plain words; empty if nothing is.
    pub faults: Vec<String>,
}

/// Everything: books, bills, payments, stored usage and the sealed audit.
///
/// # Errors
/// If the database fails.
pub async fn all(cx: &Cx, who: &Principal) -> Result<Checked, Fault> {
    let mut found = ledger(cx, who).await?;
    for more in [storage(cx, who).await?, crate::audit::check(cx, who).await?] {
        found.counts.extend(more.counts);
        found.faults.extend(more.faults);
    }
    Ok(found)
}

/// Debits equal credits, in all and in each journal; each journal's entries are its account's; each bill's lines sum to it, and
/// so does its journal; it begins with the units that the bill before carried on; the payments that succeeded are those in the books, and so are the refunds, and no
/// more was given back than was paid; a reversal undoes what it reverses, once; a bill has
/// one late fee at most; nobody uses more credit than they have; deposits are those in the books; an arrangement's instalments
/// sum to its debt; budget billing runs once at a time; what is planned is taken once at most, never for more than was agreed to, never
/// after autopay was left, and never before what it asked was answered; a final notice leaves the time that the law gives.
///
/// # Errors
/// If the database fails.
pub async fn ledger(cx: &Cx, who: &Principal) -> Result<Checked, Fault> {
    let mut work = cx.begin(&LEDGER, who).await?;
    let (mut faults, entries) = store::ledger::faults(&mut work.tx).await?;
    let (more, bills) = store::bills::faults(&mut work.tx).await?;
    faults.extend(more);
    faults.extend(store::payments::faults(&mut work.tx).await?);
    faults.extend(store::refunds::faults(&mut work.tx).await?);
    faults.extend(store::planned::faults(&mut work.tx).await?);
    faults.extend(store::collections::faults(&mut work.tx).await?);
    faults.extend(store::arrangements::faults(&mut work.tx).await?);
    faults.extend(store::deposits::faults(&mut work.tx).await?);
    faults.extend(store::credits::faults(&mut work.tx).await?);
    Ok(Checked { counts: vec![("entries".into(), entries), ("bills".into(), bills)], faults })
}
