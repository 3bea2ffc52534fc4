//! Tariff files as they were imported. A row is never changed; the latest of a code stands.

use domain::calendar::Instant;

use crate::{StoreError, Tx, run, statements};

statements! {
    LATEST = "SELECT id, code, hash FROM tariff_file t
              WHERE id = (SELECT MAX(o.id) FROM tariff_file o WHERE o.code = t.code) ORDER BY code";
    BODY = "SELECT body FROM tariff_file WHERE id = $1";
    IN_FORCE = "SELECT hash FROM tariff_file WHERE code = $1 ORDER BY id DESC LIMIT 1";
    INSERT = "INSERT INTO tariff_file (code, hash, body, imported_at) VALUES ($1, $2, $3, $4)";
}

/// A tariff file without its text.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FileRow {
    /// Key.
    pub id: i64,
    /// Its name, such as `e-1`.
    pub code: String,
    /// SHA-256 of name and text, in hexadecimal.
    pub hash: String,
}

/// The files that stand, by name.
///
/// # Errors
/// If the database fails.
pub async fn latest(tx: &mut Tx<'_>) -> Result<Vec<FileRow>, StoreError> {
    Ok(run!(tx, LATEST, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// The text of a file.
///
/// # Errors
/// If the database fails or there is no such row.
pub async fn body(tx: &mut Tx<'_>, id: i64) -> Result<String, StoreError> {
    Ok(run!(tx, BODY, |sql, c| sqlx::query_scalar(sql).bind(id).fetch_one(c).await)?)
}

/// Keeps a file, which is in force under its name from now on; `false` where the same text is in force already.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, code: &str, hash: &str, body: &str, now: Instant) -> Result<bool, StoreError> {
    let in_force: Option<String> =
        run!(tx, IN_FORCE, |sql, c| sqlx::query_scalar(sql).bind(code).fetch_optional(c).await)?;
    if in_force.as_deref() == Some(hash) {
        return Ok(false);
    }
    run!(tx, INSERT, |sql, c| sqlx::query(sql)
        .bind(code)
        .bind(hash)
        .bind(body)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(true)
}
