//! Deposits that are held for customers.

use chrono::NaiveDate;
use domain::ids::{AccountId, DepositId, PersonId};
use domain::money::Cents;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO deposit (account_id, amount, taken_on, taken_by, note, interest, form_key) VALUES ($1, $2, $3, $4, $5, 0, $6)
              ON CONFLICT (account_id, form_key) DO NOTHING RETURNING id";
    OF_ACCOUNT = "SELECT id, amount, taken_on, released_on, interest, outcome FROM deposit WHERE account_id = $1 ORDER BY id";
    RELEASE = "UPDATE deposit SET released_on = $2, interest = $3, outcome = $4 WHERE id = $1 AND released_on IS NULL";
    HELD_FAULTS = "SELECT a.number, CAST(COALESCE((SELECT SUM(d.amount) FROM deposit d WHERE d.account_id = a.id AND d.released_on IS NULL), 0) AS BIGINT),
                          CAST(COALESCE((SELECT -SUM(e.amount) FROM ledger_entry e WHERE e.account_id = a.id AND e.book = 'deposits'), 0) AS BIGINT)
                   FROM account a
                   WHERE EXISTS (SELECT 1 FROM deposit d WHERE d.account_id = a.id)
                      OR EXISTS (SELECT 1 FROM ledger_entry e WHERE e.account_id = a.id AND e.book = 'deposits')
                   ORDER BY a.number";
}

/// Why a deposit was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Outcome {
    /// Every bill was paid in time for long enough.
    Sound,
    /// The account was closed.
    Closed,
    /// An employee decided so.
    Staff,
}

/// A deposit.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct DepositRow {
    /// Key.
    pub id: DepositId,
    /// How much.
    pub amount: Cents,
    /// When it was taken.
    pub taken_on: NaiveDate,
    /// When it was given back.
    pub released_on: Option<NaiveDate>,
    /// Interest that was given with it.
    pub interest: Cents,
    /// Why.
    pub outcome: Option<Outcome>,
}

/// Notes a deposit; `None` where this form was sent before.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    amount: Cents,
    on: NaiveDate,
    by: Option<PersonId>,
    note: &str,
    form_key: &str,
) -> Result<Option<DepositId>, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(account)
        .bind(amount)
        .bind(on)
        .bind(by)
        .bind(note)
        .bind(form_key)
        .fetch_optional(c)
        .await)?)
}

/// An account's deposits, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<DepositRow>, StoreError> {
    Ok(run!(tx, OF_ACCOUNT, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// Notes that a deposit was given back; whether it was still held.
///
/// # Errors
/// If the database fails.
pub async fn release(
    tx: &mut Tx<'_>,
    id: DepositId,
    on: NaiveDate,
    interest: Cents,
    outcome: Outcome,
) -> Result<bool, StoreError> {
    let n = run!(tx, RELEASE, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(on)
        .bind(interest)
        .bind(outcome)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    Ok(n > 0)
}

/// Where deposits and the books disagree, in plain words, at most twenty.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, Cents, Cents)> = run!(tx, HELD_FAULTS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    let off = rows.iter().filter(|(_, held, booked)| held != booked).take(20);
    Ok(off.map(|(n, held, booked)| format!("account {n} has deposits of {held}, the books hold {booked}")).collect())
}
