//! One-off credits, and what moved what is owed from one bill to the next.

use domain::calendar::Instant;
use domain::ids::{AccountId, BillId, JournalId, PersonId};
use domain::ledger::JournalKind;
use domain::ledger::one_off::OneOff;
use domain::money::Cents;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO account_credit (journal_id, account_id, kind, note, given_by, given_at) VALUES ($1, $2, $3, $4, $5, $6)";
    POSTED = "SELECT MIN(id) FROM journal WHERE bill_id = $1 AND kind = 'bill'";
    BETWEEN = "SELECT COALESCE(r.kind, j.kind) AS kind, CAST(CASE WHEN j.reverses_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS undone, c.kind AS credit,
                      CAST(SUM(e.amount) AS BIGINT) AS amount
               FROM journal j
               JOIN ledger_entry e ON e.journal_id = j.id AND e.book IN ('receivable', 'customer_credit')
               LEFT JOIN journal r ON r.id = j.reverses_id
               LEFT JOIN account_credit c ON c.journal_id = COALESCE(j.reverses_id, j.id)
               WHERE j.account_id = $1 AND j.id > $2 AND j.id < $3
               GROUP BY COALESCE(r.kind, j.kind), CASE WHEN j.reverses_id IS NULL THEN 0 ELSE 1 END, c.kind
               HAVING SUM(e.amount) <> 0 ORDER BY MIN(j.id)";
    NAMELESS = "SELECT j.id, j.id FROM journal j
                WHERE j.kind = 'adjustment' AND NOT EXISTS (SELECT 1 FROM account_credit c WHERE c.journal_id = j.id)
                ORDER BY j.id LIMIT 20";
}

/// A kind of journal between two bills, and by how much more (or, negative, less) is owed since.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Moved {
    /// Why money moved; of what was undone, what that had been.
    pub kind: JournalKind,
    /// 1 where it was undone.
    pub undone: i64,
    /// What a one-off credit was for.
    pub credit: Option<OneOff>,
    /// By how much.
    pub amount: Cents,
}

/// Notes what a journal of a credit is for.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    journal: JournalId,
    account: AccountId,
    (kind, note): (OneOff, &str),
    by: PersonId,
    at: Instant,
) -> Result<(), StoreError> {
    run!(tx, INSERT, |sql, c| sqlx::query(sql)
        .bind(journal)
        .bind(account)
        .bind(kind)
        .bind(note)
        .bind(by)
        .bind(at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The journal that posted a bill; `None` for a bill that came to nothing in every line.
///
/// # Errors
/// If the database fails.
pub async fn posted(tx: &mut Tx<'_>, bill: BillId) -> Result<Option<JournalId>, StoreError> {
    Ok(run!(tx, POSTED, |sql, c| sqlx::query_scalar(sql).bind(bill).fetch_one(c).await)?)
}

/// What changed the amount that an account owes behind one journal and before another, by kind.
///
/// # Errors
/// If the database fails.
pub async fn between(
    tx: &mut Tx<'_>,
    account: AccountId,
    behind: JournalId,
    before: JournalId,
) -> Result<Vec<Moved>, StoreError> {
    Ok(run!(tx, BETWEEN, |sql, c| sqlx::query_as(sql).bind(account).bind(behind).bind(before).fetch_all(c).await)?)
}

/// Adjustments that nothing names, in plain words.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(i64, i64)> = run!(tx, NAMELESS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, _)| format!("journal {id} adjusts an account, and nothing says why")).collect())
}
