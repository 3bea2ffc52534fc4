//! Why accounts are not billed now, and why bills were corrected.

use chrono::NaiveDate;
use domain::billing::hold::{CorrectionReason, HoldReason};
use domain::calendar::Instant;
use domain::ids::{AccountId, BillId, PersonId};

use crate::{StoreError, Tx, run, statements};

statements! {
    OPEN = "SELECT h.id, h.account_id, h.reason, h.note, h.next_on, h.put_by, h.put_at FROM bill_hold h
            WHERE h.lifted_at IS NULL ORDER BY h.id";
    OPEN_OF = "SELECT h.id, h.account_id, h.reason, h.note, h.next_on, h.put_by, h.put_at FROM bill_hold h
               WHERE h.account_id = $1 AND h.lifted_at IS NULL
               ORDER BY CASE WHEN h.put_by IS NULL THEN 1 ELSE 0 END, h.id";
    PUT = "INSERT INTO bill_hold (account_id, reason, note, next_on, put_by, put_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT DO NOTHING RETURNING id";
    MOVE = "UPDATE bill_hold SET next_on = $2 WHERE id = $1 AND lifted_at IS NULL AND put_by IS NULL";
    LIFT = "UPDATE bill_hold SET lifted_by = $2, lifted_at = $3 WHERE id = $1 AND lifted_at IS NULL RETURNING id";
    CORRECTED = "INSERT INTO bill_correction (bill_id, replaces_id, reason, note, made_by, made_at)
                 VALUES ($1, $2, $3, $4, $5, $6)";
    CORRECTIONS = "SELECT c.bill_id, c.replaces_id, c.reason, c.note, c.made_by, c.made_at FROM bill_correction c
                   JOIN bill b ON b.id = c.bill_id WHERE b.account_id = $1 ORDER BY c.bill_id";
    REPLACE = "UPDATE bill SET status = 'replaced' WHERE id = $1 AND status = 'issued' RETURNING id";
}

/// A hold that stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HoldRow {
    /// Key.
    pub id: i64,
    /// Whose bills are held.
    pub account_id: AccountId,
    /// Why.
    pub reason: HoldReason,
    /// What else the resident reads.
    pub note: String,
    /// What happens next happens by this day.
    pub next_on: NaiveDate,
    /// The employee; `None` for the bill run itself.
    pub put_by: Option<PersonId>,
    /// Since when.
    pub put_at: Instant,
}

/// A correction of a bill.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CorrectionRow {
    /// The bill that stands.
    pub bill_id: BillId,
    /// The one it took the place of.
    pub replaces_id: BillId,
    /// Why.
    pub reason: CorrectionReason,
    /// What else the resident reads.
    pub note: String,
    /// The employee; `None` for the program itself.
    pub made_by: Option<PersonId>,
    /// When.
    pub made_at: Instant,
}

/// All holds that stand.
///
/// # Errors
/// If the database fails.
pub async fn open(tx: &mut Tx<'_>) -> Result<Vec<HoldRow>, StoreError> {
    Ok(run!(tx, OPEN, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// The holds of an account that stand; those that employees put come first.
///
/// # Errors
/// If the database fails.
pub async fn open_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<HoldRow>, StoreError> {
    Ok(run!(tx, OPEN_OF, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// A hold to be put.
#[derive(Clone, Copy, Debug)]
pub struct NewHold<'a> {
    /// Whose bills are held.
    pub account: AccountId,
    /// Why.
    pub reason: HoldReason,
    /// What else the resident reads.
    pub note: &'a str,
    /// What happens next happens by this day.
    pub next_on: NaiveDate,
    /// The employee; `None` for the bill run itself.
    pub by: Option<PersonId>,
}

/// Puts a hold; `false` where one of the same kind (an employee's, the run's) stands already.
///
/// # Errors
/// If the database fails.
pub async fn put(tx: &mut Tx<'_>, new: &NewHold<'_>, now: Instant) -> Result<bool, StoreError> {
    let id: Option<i64> = run!(tx, PUT, |sql, c| sqlx::query_scalar(sql)
        .bind(new.account)
        .bind(new.reason)
        .bind(new.note)
        .bind(new.next_on)
        .bind(new.by)
        .bind(now)
        .fetch_optional(c)
        .await)?;
    Ok(id.is_some())
}

/// Says another day by which the bill run goes on with a hold of its own.
///
/// # Errors
/// If the database fails.
pub async fn go_on(tx: &mut Tx<'_>, id: i64, next_on: NaiveDate) -> Result<(), StoreError> {
    run!(tx, MOVE, |sql, c| sqlx::query(sql).bind(id).bind(next_on).execute(c).await.map(drop))?;
    Ok(())
}

/// Lifts a hold; `false` where it was lifted before.
///
/// # Errors
/// If the database fails.
pub async fn lift(tx: &mut Tx<'_>, id: i64, by: Option<PersonId>, now: Instant) -> Result<bool, StoreError> {
    let id: Option<i64> =
        run!(tx, LIFT, |sql, c| sqlx::query_scalar(sql).bind(id).bind(by).bind(now).fetch_optional(c).await)?;
    Ok(id.is_some())
}

/// Marks a bill as replaced; `false` where it is already.
///
/// # Errors
/// If the database fails.
pub async fn replace(tx: &mut Tx<'_>, bill: BillId) -> Result<bool, StoreError> {
    let id: Option<BillId> = run!(tx, REPLACE, |sql, c| sqlx::query_scalar(sql).bind(bill).fetch_optional(c).await)?;
    Ok(id.is_some())
}

/// Says why a bill took the place of another.
///
/// # Errors
/// If the database fails.
pub async fn corrected(tx: &mut Tx<'_>, row: &CorrectionRow) -> Result<(), StoreError> {
    Ok(run!(tx, CORRECTED, |sql, c| sqlx::query(sql)
        .bind(row.bill_id)
        .bind(row.replaces_id)
        .bind(row.reason)
        .bind(&row.note)
        .bind(row.made_by)
        .bind(row.made_at)
        .execute(c)
        .await
        .map(|_| ()))?)
}

/// The corrections of an account's bills, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn corrections(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<CorrectionRow>, StoreError> {
    Ok(run!(tx, CORRECTIONS, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}
