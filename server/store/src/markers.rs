//! Days that residents mark because something changed in the home.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, MarkerId, PersonId};
use domain::quantity::Commodity;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO usage_marker (account_id, day, label, commodity, person_id, created_at)
              VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
    LIST = "SELECT id, day, label, commodity FROM usage_marker WHERE account_id = $1 ORDER BY day DESC, id DESC";
    BY_ID = "SELECT id, day, label, commodity FROM usage_marker WHERE account_id = $1 AND id = $2";
    CHANGE = "UPDATE usage_marker SET day = $3, label = $4, commodity = $5 WHERE account_id = $1 AND id = $2";
    FORGET = "DELETE FROM usage_marker WHERE account_id = $1 AND id = $2";
}

/// A marked day.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MarkerRow {
    /// Key.
    pub id: MarkerId,
    /// The first day with the change.
    pub day: NaiveDate,
    /// What changed, in its owner's words.
    pub label: String,
    /// The service that it touches; `None` for every one.
    pub commodity: Option<Commodity>,
}

/// What is said of a marked day.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The first day with the change.
    pub day: NaiveDate,
    /// What changed.
    pub label: &'a str,
    /// The service that it touches; `None` for every one.
    pub commodity: Option<Commodity>,
}

/// Marks a day.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    said: Said<'_>,
    person: Option<PersonId>,
    at: Instant,
) -> Result<MarkerId, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(account)
        .bind(said.day)
        .bind(said.label)
        .bind(said.commodity)
        .bind(person)
        .bind(at)
        .fetch_one(c)
        .await)?)
}

/// The marked days of an account, latest first.
///
/// # Errors
/// If the database fails.
pub async fn list(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<MarkerRow>, StoreError> {
    Ok(run!(tx, LIST, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// A marked day of an account.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, account: AccountId, id: MarkerId) -> Result<Option<MarkerRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(account).bind(id).fetch_optional(c).await)?)
}

/// Says something else of a marked day.
///
/// # Errors
/// If the database fails.
pub async fn change(tx: &mut Tx<'_>, account: AccountId, id: MarkerId, said: Said<'_>) -> Result<(), StoreError> {
    run!(tx, CHANGE, |sql, c| sqlx::query(sql)
        .bind(account)
        .bind(id)
        .bind(said.day)
        .bind(said.label)
        .bind(said.commodity)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes a mark away.
///
/// # Errors
/// If the database fails.
pub async fn forget(tx: &mut Tx<'_>, account: AccountId, id: MarkerId) -> Result<(), StoreError> {
    run!(tx, FORGET, |sql, c| sqlx::query(sql).bind(account).bind(id).execute(c).await.map(drop))?;
    Ok(())
}
