//! Bills that go out on paper, and where they were printed.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, BillId};
use serde_json::{Value, json};

use crate::{StoreError, Tx, run, statements};

statements! {
    WAITING = "SELECT b.id AS bill, b.number, a.number AS account, a.mailing_street AS street, a.mailing_postcode AS postcode
               FROM bill b JOIN account a ON a.id = b.account_id
               WHERE b.status = 'issued' AND b.issued_on >= $1 AND b.issued_on <= $2
                 AND NOT EXISTS (SELECT 1 FROM bill_print p WHERE p.bill_id = b.id)
                 AND (NOT a.paperless OR NOT EXISTS (
                   SELECT 1 FROM account_role r JOIN person h ON h.id = r.person_id
                   WHERE r.account_id = a.id AND r.role = 'holder' AND h.email IS NOT NULL
                     AND r.since <= $3 AND (r.until IS NULL OR r.until > $3)))
               ORDER BY a.mailing_postcode, a.mailing_street, a.number, b.number";
    INSERT_BATCH = "INSERT INTO print_batch (made_at, issued_from, issued_through) VALUES ($1, $2, $3) RETURNING id";
    // Many rows in one statement: $1 is a JSON list of rows.
    INSERT = sqlite
        "INSERT INTO bill_print (bill_id, batch_id, file, first_page, pages)
         SELECT value ->> 0, $2, value ->> 1, value ->> 2, value ->> 3 FROM json_each($1) WHERE TRUE
         ON CONFLICT (bill_id) DO NOTHING RETURNING bill_id",
    postgres
        "INSERT INTO bill_print (bill_id, batch_id, file, first_page, pages)
         SELECT (value ->> 0)::BIGINT, $2, (value ->> 1)::BIGINT, (value ->> 2)::BIGINT, (value ->> 3)::BIGINT
         FROM jsonb_array_elements($1) AS t (value)
         ON CONFLICT (bill_id) DO NOTHING RETURNING bill_id";
    OF_BATCH = "SELECT p.bill_id AS bill, b.number, a.number AS account, p.file, p.first_page, p.pages
                FROM bill_print p JOIN bill b ON b.id = p.bill_id JOIN account a ON a.id = b.account_id
                WHERE p.batch_id = $1 ORDER BY p.file, p.first_page";
    OF_ACCOUNT = "SELECT p.bill_id, t.id, t.made_at FROM bill_print p
                  JOIN print_batch t ON t.id = p.batch_id JOIN bill b ON b.id = p.bill_id WHERE b.account_id = $1";
}

/// A bill that is to be printed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ToPrint {
    /// Key.
    pub bill: BillId,
    /// The number on it.
    pub number: String,
    /// The account's number.
    pub account: String,
    /// Where paper goes.
    pub street: String,
    /// The postcode there.
    pub postcode: String,
}

/// A bill that was printed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct Printed {
    /// Key.
    #[serde(skip)]
    pub bill: BillId,
    /// The number on it.
    pub number: String,
    /// The account's number.
    pub account: String,
    /// Which file of the batch, from 1.
    pub file: i64,
    /// The bill's first page in the file, from 1.
    pub first_page: i64,
    /// How many pages it has.
    pub pages: i64,
}

/// The bills issued from the first to the last day that go out on paper and were not printed, in postal order.
///
/// # Errors
/// If the database fails.
pub async fn waiting(
    tx: &mut Tx<'_>,
    from: NaiveDate,
    through: NaiveDate,
    now: Instant,
) -> Result<Vec<ToPrint>, StoreError> {
    Ok(run!(tx, WAITING, |sql, c| sqlx::query_as(sql).bind(from).bind(through).bind(now).fetch_all(c).await)?)
}

/// Keeps a batch. Answers its number.
///
/// # Errors
/// If the database fails.
pub async fn insert_batch(
    tx: &mut Tx<'_>,
    now: Instant,
    from: NaiveDate,
    through: NaiveDate,
) -> Result<i64, StoreError> {
    Ok(run!(tx, INSERT_BATCH, |sql, c| sqlx::query_scalar(sql).bind(now).bind(from).bind(through).fetch_one(c).await)?)
}

/// Keeps where bills were printed. Answers how many: those that were printed before are left as they are.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, batch: i64, bills: &[Printed]) -> Result<usize, StoreError> {
    let rows: Value = bills.iter().map(|b| json!([b.bill, b.file, b.first_page, b.pages])).collect();
    let kept: Vec<(BillId,)> =
        run!(tx, INSERT, |sql, c| sqlx::query_as(sql).bind(&rows).bind(batch).fetch_all(c).await)?;
    Ok(kept.len())
}

/// The bills of a batch in the order of their pages.
///
/// # Errors
/// If the database fails.
pub async fn of_batch(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Printed>, StoreError> {
    Ok(run!(tx, OF_BATCH, |sql, c| sqlx::query_as(sql).bind(batch).fetch_all(c).await)?)
}

/// Which bills of an account were printed: the bill, the batch's number and when.
///
/// # Errors
/// If the database fails.
pub async fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(BillId, i64, Instant)>, StoreError> {
    Ok(run!(tx, OF_ACCOUNT, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}
