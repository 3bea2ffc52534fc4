//! Keys of systems that send readings.

use domain::calendar::Instant;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO api_key (label, key_hash, created_at) VALUES ($1, $2, $3)";
    LIST = "SELECT label, created_at, last_used_at, revoked_at FROM api_key ORDER BY id";
    USE = "UPDATE api_key SET last_used_at = $2 WHERE key_hash = $1 AND revoked_at IS NULL RETURNING label";
    REVOKE = "UPDATE api_key SET revoked_at = $2 WHERE label = $1 AND revoked_at IS NULL RETURNING label";
}

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyRow {
    /// Whose it is.
    pub label: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was used last.
    pub last_used_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

/// Keeps a new key.
///
/// # Errors
/// `Duplicate` for a label that is taken; otherwise if the database fails.
pub async fn insert(tx: &mut Tx<'_>, label: &str, hash: &[u8], now: Instant) -> Result<(), StoreError> {
    run!(tx, INSERT, |sql, c| sqlx::query(sql).bind(label).bind(hash).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// All keys, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn list(tx: &mut Tx<'_>) -> Result<Vec<KeyRow>, StoreError> {
    Ok(run!(tx, LIST, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// Whose key it is, noting that it was used; `None` for one that is unknown or was taken back.
///
/// # Errors
/// If the database fails.
pub async fn used(tx: &mut Tx<'_>, hash: &[u8], now: Instant) -> Result<Option<String>, StoreError> {
    Ok(run!(tx, USE, |sql, c| sqlx::query_scalar(sql).bind(hash).bind(now).fetch_optional(c).await)?)
}

/// Takes a key back; `false` where there is none of this label that still works.
///
/// # Errors
/// If the database fails.
pub async fn revoke(tx: &mut Tx<'_>, label: &str, now: Instant) -> Result<bool, StoreError> {
    let label: Option<String> =
        run!(tx, REVOKE, |sql, c| sqlx::query_scalar(sql).bind(label).bind(now).fetch_optional(c).await)?;
    Ok(label.is_some())
}
