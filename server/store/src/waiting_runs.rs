//! Bill runs that wait for a person, each with the shadow run that was made of it.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::PersonId;
use serde_json::Value;

use crate::{StoreError, Tx, run, statements};

statements! {
    OPEN = "SELECT id, through, why, digest, kept, made_at, anew_at, released_by, released_at, begun_at, closed_at
            FROM waiting_run WHERE closed_at IS NULL ORDER BY id DESC LIMIT 1";
    BY_ID = "SELECT id, through, why, digest, kept, made_at, anew_at, released_by, released_at, begun_at, closed_at
             FROM waiting_run WHERE id = $1";
    INSERT = "INSERT INTO waiting_run (through, why, digest, kept, made_at) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    ANEW = "UPDATE waiting_run SET anew_at = $2 WHERE id = $1 AND closed_at IS NULL AND released_at IS NULL RETURNING id";
    RELEASE = "UPDATE waiting_run SET released_by = $3, released_at = $4
               WHERE id = $1 AND digest = $2 AND closed_at IS NULL AND released_at IS NULL RETURNING id";
    BEGIN = "UPDATE waiting_run SET begun_at = $2 WHERE id = $1 AND closed_at IS NULL AND begun_at IS NULL";
    CLOSE_ALL = "UPDATE waiting_run SET closed_at = $1 WHERE closed_at IS NULL";
    CLOSE = "UPDATE waiting_run SET closed_at = $2 WHERE through <= $1 AND closed_at IS NULL";
}

/// Why a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Why {
    /// The operator leaves every run to a person.
    ByHand,
    /// Its sum is far from that of the bills before.
    FarSum,
    /// It was released, but came out otherwise by then.
    Changed,
}

/// A run that waits.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunRow {
    /// Key.
    pub id: i64,
    /// The last day on which its bills may be issued.
    pub through: NaiveDate,
    /// Why it waits.
    pub why: Why,
    /// A digest of every account's difference.
    pub digest: String,
    /// What the page shows.
    pub kept: Value,
    /// When the shadow run was made.
    pub made_at: Instant,
    /// When somebody asked for a new one in its place.
    pub anew_at: Option<Instant>,
    /// Who released it.
    pub released_by: Option<PersonId>,
    /// When.
    pub released_at: Option<Instant>,
    /// When its bills began to be issued.
    pub begun_at: Option<Instant>,
    /// When it was over: issued, or another one took its place.
    pub closed_at: Option<Instant>,
}

/// The run that waits; `None` where none does.
///
/// # Errors
/// If the database fails.
pub async fn open(tx: &mut Tx<'_>) -> Result<Option<RunRow>, StoreError> {
    Ok(run!(tx, OPEN, |sql, c| sqlx::query_as(sql).fetch_optional(c).await)?)
}

/// One of them, over or not.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<RunRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Keeps a run that waits and gives its key. Those before it are closed first, with [`close_all`].
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    through: NaiveDate,
    why: Why,
    digest: &str,
    kept: &Value,
    now: Instant,
) -> Result<i64, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(through)
        .bind(why)
        .bind(digest)
        .bind(kept)
        .bind(now)
        .fetch_one(c)
        .await)?)
}

/// Notes that a new shadow run was asked for; `false` where the run was released or is over.
///
/// # Errors
/// If the database fails.
pub async fn anew(tx: &mut Tx<'_>, id: i64, now: Instant) -> Result<bool, StoreError> {
    let id: Option<i64> = run!(tx, ANEW, |sql, c| sqlx::query_scalar(sql).bind(id).bind(now).fetch_optional(c).await)?;
    Ok(id.is_some())
}

/// Releases a run that was seen as the digest says; `false` where it was released before or is over.
///
/// # Errors
/// If the database fails.
pub async fn release(tx: &mut Tx<'_>, id: i64, digest: &str, by: PersonId, now: Instant) -> Result<bool, StoreError> {
    let id: Option<i64> = run!(tx, RELEASE, |sql, c| sqlx::query_scalar(sql)
        .bind(id)
        .bind(digest)
        .bind(by)
        .bind(now)
        .fetch_optional(c)
        .await)?;
    Ok(id.is_some())
}

/// Notes that its bills are being issued.
///
/// # Errors
/// If the database fails.
pub async fn begin(tx: &mut Tx<'_>, id: i64, now: Instant) -> Result<(), StoreError> {
    run!(tx, BEGIN, |sql, c| sqlx::query(sql).bind(id).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Closes the runs whose bills were to be issued on or before a day.
///
/// # Errors
/// If the database fails.
pub async fn close(tx: &mut Tx<'_>, through: NaiveDate, now: Instant) -> Result<(), StoreError> {
    run!(tx, CLOSE, |sql, c| sqlx::query(sql).bind(through).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Closes every run: another one takes their place, or nothing waits.
///
/// # Errors
/// If the database fails.
pub async fn close_all(tx: &mut Tx<'_>, now: Instant) -> Result<(), StoreError> {
    run!(tx, CLOSE_ALL, |sql, c| sqlx::query(sql).bind(now).execute(c).await.map(drop))?;
    Ok(())
}
