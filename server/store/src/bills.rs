//! Bills, their lines and reads.

use chrono::NaiveDate;
use domain::ids::{AccountId, BillId};
use domain::money::Cents;

use crate::{StoreError, Tx, run, statements};

statements! {
    LIST = "SELECT id, number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version
            FROM bill WHERE account_id = $1 ORDER BY period_to DESC, version DESC";
    BY_NUMBER = "SELECT id, number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version
                 FROM bill WHERE account_id = $1 AND number = $2";
}

/// Whether a bill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// It stands.
    Issued,
    /// A corrected bill stands in its place.
    Replaced,
}

/// A bill without its lines.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BillRow {
    /// Key.
    pub id: BillId,
    /// The number on it.
    pub number: String,
    /// Who is billed.
    pub account_id: AccountId,
    /// The first local day.
    pub period_from: NaiveDate,
    /// The day after the last one.
    pub period_to: NaiveDate,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// The last day to pay.
    pub due_on: NaiveDate,
    /// The charges of this bill.
    pub total: Cents,
    /// What was owed before it.
    pub carried: Cents,
    /// Whether it stands.
    pub status: Status,
    /// 1, and one more for each correction.
    pub version: i64,
}

/// The account's bills, newest first, replaced ones included.
///
/// # Errors
/// If the database fails.
pub async fn list(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<BillRow>, StoreError> {
    Ok(run!(tx, LIST, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// One bill of the account by its number.
///
/// # Errors
/// If the database fails.
pub async fn by_number(tx: &mut Tx<'_>, account: AccountId, number: &str) -> Result<Option<BillRow>, StoreError> {
    Ok(run!(tx, BY_NUMBER, |sql, c| sqlx::query_as(sql).bind(account).bind(number).fetch_optional(c).await)?)
}
