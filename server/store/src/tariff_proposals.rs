//! Tariff files that were proposed, and who released or refused them.

use domain::calendar::Instant;
use domain::ids::PersonId;
use serde_json::Value;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO tariff_proposal (code, hash, body, note, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6)
              RETURNING id";
    LIST = "SELECT id, code, hash, body, note, proposed_by, proposed_at, decided_by, decided_at, released
            FROM tariff_proposal ORDER BY CASE WHEN decided_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 100";
    BY_ID = "SELECT id, code, hash, body, note, proposed_by, proposed_at, decided_by, decided_at, released
             FROM tariff_proposal WHERE id = $1";
    DECIDE = "UPDATE tariff_proposal SET decided_by = $2, decided_at = $3, released = $4
              WHERE id = $1 AND decided_at IS NULL AND proposed_by <> $2 RETURNING id";
    WAITING = "SELECT id FROM tariff_proposal WHERE decided_at IS NULL ORDER BY id";
    EFFECT = "SELECT asked_at, made_at, stamp, kept FROM proposal_effect WHERE proposal_id = $1";
    ASK_EFFECT = "INSERT INTO proposal_effect (proposal_id, asked_at) VALUES ($1, $2)
                  ON CONFLICT (proposal_id) DO UPDATE SET asked_at = excluded.asked_at";
    KEEP_EFFECT = "UPDATE proposal_effect SET made_at = $2, stamp = $3, kept = $4 WHERE proposal_id = $1";
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ProposalRow {
    /// Key.
    pub id: i64,
    /// The name of the file.
    pub code: String,
    /// SHA-256 of name and text.
    pub hash: String,
    /// The text.
    pub body: String,
    /// Why.
    pub note: String,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: Instant,
    /// Who released or refused it.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Whether it was released.
    pub released: Option<bool>,
}

/// Keeps a proposal and gives its key.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    (code, hash): (&str, &str),
    body: &str,
    note: &str,
    by: PersonId,
    now: Instant,
) -> Result<i64, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(code)
        .bind(hash)
        .bind(body)
        .bind(note)
        .bind(by)
        .bind(now)
        .fetch_one(c)
        .await)?)
}

/// The proposals that wait, then those that were decided; newest first.
///
/// # Errors
/// If the database fails.
pub async fn list(tx: &mut Tx<'_>) -> Result<Vec<ProposalRow>, StoreError> {
    Ok(run!(tx, LIST, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// One proposal.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<ProposalRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Releases or refuses a proposal; `false` where it was decided before, or by the one who proposed it.
///
/// # Errors
/// If the database fails.
pub async fn decide(tx: &mut Tx<'_>, id: i64, by: PersonId, release: bool, now: Instant) -> Result<bool, StoreError> {
    let id: Option<i64> = run!(tx, DECIDE, |sql, c| sqlx::query_scalar(sql)
        .bind(id)
        .bind(by)
        .bind(now)
        .bind(release)
        .fetch_optional(c)
        .await)?;
    Ok(id.is_some())
}

/// The keys of the proposals that wait.
///
/// # Errors
/// If the database fails.
pub async fn waiting(tx: &mut Tx<'_>) -> Result<Vec<i64>, StoreError> {
    Ok(run!(tx, WAITING, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?)
}

/// What a proposal does to every account's last bill, as it was worked out last.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct EffectRow {
    /// When somebody asked for it last.
    pub asked_at: Instant,
    /// When it was made; `None` before the first time.
    pub made_at: Option<Instant>,
    /// A digest of the proposed file, the files in force and the bills.
    pub stamp: Option<String>,
    /// What the page shows.
    pub kept: Option<Value>,
}

impl EffectRow {
    /// Whether it is being worked out.
    #[must_use]
    pub fn under_way(&self) -> bool {
        self.made_at.is_none_or(|made| made < self.asked_at)
    }
}

/// What a proposal does, as it was worked out last; `None` where nobody asked.
///
/// # Errors
/// If the database fails.
pub async fn effect(tx: &mut Tx<'_>, id: i64) -> Result<Option<EffectRow>, StoreError> {
    Ok(run!(tx, EFFECT, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Notes that it is to be worked out.
///
/// # Errors
/// If the database fails.
pub async fn ask_effect(tx: &mut Tx<'_>, id: i64, now: Instant) -> Result<(), StoreError> {
    run!(tx, ASK_EFFECT, |sql, c| sqlx::query(sql).bind(id).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Keeps what was worked out.
///
/// # Errors
/// If the database fails.
pub async fn keep_effect(
    tx: &mut Tx<'_>,
    id: i64,
    made_at: Instant,
    stamp: &str,
    kept: &Value,
) -> Result<(), StoreError> {
    run!(tx, KEEP_EFFECT, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(made_at)
        .bind(stamp)
        .bind(kept)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
