//! Jobs, mail and the audit: what is written beside a change, in its transaction.

use domain::calendar::Instant;
use domain::ids::{AccountId, PersonId, ViewAsId};
use serde_json::Value;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT_AUDIT = "INSERT INTO audit (at, actor_id, subject_id, account_id, view_as_id, use_case, outcome, detail, request_id)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    INSERT_JOB = "INSERT INTO job (kind, dedupe_key, payload, run_at, attempts) VALUES ($1, $2, $3, $4, 0)
                  ON CONFLICT (dedupe_key) DO NOTHING";
}

/// Whether a use case did what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Outcome {
    /// It did.
    Done,
    /// It was refused (a write in view-as).
    Refused,
}

/// One row of the audit.
#[derive(Clone, Debug)]
pub struct AuditRow<'a> {
    /// When.
    pub at: Instant,
    /// Who acted.
    pub actor: Option<PersonId>,
    /// On whose behalf.
    pub subject: Option<PersonId>,
    /// On which account.
    pub account: Option<AccountId>,
    /// During which viewing.
    pub view_as: Option<ViewAsId>,
    /// What.
    pub use_case: &'a str,
    /// Done or refused.
    pub outcome: Outcome,
    /// Particulars; never passwords, tokens or card data.
    pub detail: Value,
    /// The request, as in the log.
    pub request_id: &'a str,
}

/// Writes an audit row.
///
/// # Errors
/// If the database fails.
pub async fn audit(tx: &mut Tx<'_>, row: &AuditRow<'_>) -> Result<(), StoreError> {
    run!(tx, INSERT_AUDIT, |sql, c| sqlx::query(sql)
        .bind(row.at)
        .bind(row.actor)
        .bind(row.subject)
        .bind(row.account)
        .bind(row.view_as)
        .bind(row.use_case)
        .bind(row.outcome)
        .bind(&row.detail)
        .bind(row.request_id)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Queues a job; one with the same key is left as it is.
///
/// # Errors
/// If the database fails.
pub async fn enqueue(
    tx: &mut Tx<'_>,
    kind: &str,
    dedupe_key: &str,
    run_at: Instant,
    payload: Value,
) -> Result<(), StoreError> {
    run!(tx, INSERT_JOB, |sql, c| sqlx::query(sql)
        .bind(kind)
        .bind(dedupe_key)
        .bind(&payload)
        .bind(run_at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}
