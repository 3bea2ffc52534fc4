//! Sealed audit: rows in the order of their keys, and the chain of hashes over them.

use chrono::{DateTime, Utc};
use domain::calendar::Instant;
use serde_json::Value;

use crate::work::Outcome;
use crate::{StoreError, Tx, run, statements};

statements! {
    LAST_SEAL = "SELECT id, through_audit_id, row_count, hash, sealed_at FROM audit_seal ORDER BY through_audit_id DESC LIMIT 1";
    SEALS = "SELECT id, through_audit_id, row_count, hash, sealed_at FROM audit_seal WHERE through_audit_id > $1
             ORDER BY through_audit_id LIMIT $2";
    ROWS = "SELECT id, at, actor_id, subject_id, account_id, view_as_id, use_case, outcome, detail, request_id FROM audit
            WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3";
    YOUNG = "SELECT COALESCE(MIN(id), 9223372036854775807) FROM audit WHERE id > $1 AND at > $2";
    INSERT_SEAL = "INSERT INTO audit_seal (through_audit_id, row_count, hash, sealed_at) VALUES ($1, $2, $3, $4)";
}

/// A segment of the audit that was sealed: it ends with `through` and begins after the segment before.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Seal {
    /// Key.
    pub id: i64,
    /// The key of its last row.
    #[sqlx(rename = "through_audit_id")]
    pub through: i64,
    /// How many rows it has.
    pub row_count: i64,
    /// The hash over the hash before and its rows.
    pub hash: Vec<u8>,
    /// When it was sealed.
    pub sealed_at: DateTime<Utc>,
}

/// A row of the audit as it is kept.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SealedRow {
    /// Key.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who acted.
    pub actor_id: Option<i64>,
    /// On whose behalf.
    pub subject_id: Option<i64>,
    /// On which account.
    pub account_id: Option<i64>,
    /// During which viewing.
    pub view_as_id: Option<i64>,
    /// What.
    pub use_case: String,
    /// Done or refused.
    pub outcome: Outcome,
    /// Particulars.
    pub detail: Value,
    /// The request.
    pub request_id: String,
}

/// The newest seal.
///
/// # Errors
/// If the database fails.
pub async fn last_seal(tx: &mut Tx<'_>) -> Result<Option<Seal>, StoreError> {
    Ok(run!(tx, LAST_SEAL, |sql, c| sqlx::query_as(sql).fetch_optional(c).await)?)
}

/// Seals after one that ends with row `after`, oldest first, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn seals(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Seal>, StoreError> {
    Ok(run!(tx, SEALS, |sql, c| sqlx::query_as(sql).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Rows with keys in `(after, through]`, in order, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn rows(tx: &mut Tx<'_>, after: i64, through: i64, limit: i64) -> Result<Vec<SealedRow>, StoreError> {
    Ok(run!(tx, ROWS, |sql, c| sqlx::query_as(sql).bind(after).bind(through).bind(limit).fetch_all(c).await)?)
}

/// The first key after `after` of a row younger than `since`; the largest number where there is none.
///
/// # Errors
/// If the database fails.
pub async fn first_since(tx: &mut Tx<'_>, after: i64, since: Instant) -> Result<i64, StoreError> {
    Ok(run!(tx, YOUNG, |sql, c| sqlx::query_scalar(sql).bind(after).bind(since).fetch_one(c).await)?)
}

/// Keeps a seal.
///
/// # Errors
/// If the database fails, or another process has sealed the same rows.
pub async fn insert_seal(
    tx: &mut Tx<'_>,
    through: i64,
    row_count: i64,
    hash: &[u8],
    now: Instant,
) -> Result<(), StoreError> {
    run!(tx, INSERT_SEAL, |sql, c| sqlx::query(sql)
        .bind(through)
        .bind(row_count)
        .bind(hash)
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
