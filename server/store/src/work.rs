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
    // $1 is a JSON list of [kind, key, payload, when].
    INSERT_JOBS = sqlite
        "INSERT INTO job (kind, dedupe_key, payload, run_at, attempts)
         SELECT value ->> 0, value ->> 1, value -> 2, value ->> 3, 0 FROM json_each($1) WHERE TRUE
         ON CONFLICT (dedupe_key) DO NOTHING",
    postgres
        "INSERT INTO job (kind, dedupe_key, payload, run_at, attempts)
         SELECT value ->> 0, value ->> 1, value -> 2, (value ->> 3)::TIMESTAMPTZ, 0
         FROM jsonb_array_elements($1) AS t (value) ON CONFLICT (dedupe_key) DO NOTHING";
    JOB_IS_DUE = "SELECT CAST(1 AS BIGINT) FROM job WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= $1
                  AND (claimed_until IS NULL OR claimed_until <= $1) LIMIT 1";
    CLAIM_JOB = sqlite "UPDATE job SET attempts = attempts + 1, claimed_until = $2
                        WHERE id = (SELECT id FROM job WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= $1
                                    AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY run_at, id LIMIT 1)
                        RETURNING id, kind, payload, run_at, attempts",
                postgres "UPDATE job SET attempts = attempts + 1, claimed_until = $2
                          WHERE id = (SELECT id FROM job WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= $1
                                      AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY run_at, id LIMIT 1
                                      FOR UPDATE SKIP LOCKED)
                          RETURNING id, kind, payload, run_at, attempts";
    FINISH_JOB = "UPDATE job SET done_at = $2, claimed_until = NULL, last_error = NULL WHERE id = $1";
    POSTPONE_JOB = "UPDATE job SET run_at = $2, attempts = $3, claimed_until = NULL, last_error = $4 WHERE id = $1";
    FAIL_JOB = "UPDATE job SET failed_at = $2, claimed_until = NULL, last_error = $3 WHERE id = $1";
    TROUBLED_JOBS = "SELECT id, kind, dedupe_key, run_at, attempts, failed_at, last_error FROM job
                     WHERE done_at IS NULL AND last_error IS NOT NULL ORDER BY run_at DESC, id DESC LIMIT $1";
    INSERT_MAIL = "INSERT INTO mail (dedupe_key, person_id, account_id, recipient, subject, body, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (dedupe_key) DO NOTHING RETURNING id";
    MAIL_BY_ID = "SELECT id, recipient, subject, body, created_at, sent_at FROM mail WHERE id = $1";
    MAIL_SENT = "UPDATE mail SET sent_at = $2 WHERE id = $1";
    RECENT_MAIL = "SELECT id, recipient, subject, body, created_at, sent_at FROM mail ORDER BY id DESC LIMIT $1";
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

/// A job to be queued.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What is to be done.
    pub kind: &'static str,
    /// Queued once, however often it is asked for.
    pub dedupe_key: String,
    /// When.
    pub run_at: Instant,
    /// With what.
    pub payload: Value,
}

/// Queues jobs in one statement; those whose keys are known are left as they are.
///
/// # Errors
/// If the database fails.
pub async fn enqueue_all(tx: &mut Tx<'_>, jobs: &[NewJob]) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    // As the driver writes an instant, so that they sort with those that it wrote.
    let at = |at: Instant| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false);
    let rows: Value = jobs.iter().map(|j| serde_json::json!([j.kind, j.dedupe_key, j.payload, at(j.run_at)])).collect();
    run!(tx, INSERT_JOBS, |sql, c| sqlx::query(sql).bind(&rows).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// A job in hand.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct JobRow {
    /// Key.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub payload: Value,
    /// When it was to be done.
    pub run_at: Instant,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// A job that went wrong at least once and is not done.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TroubledJob {
    /// Key.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// The key under which it was queued.
    pub dedupe_key: String,
    /// When it is tried next.
    pub run_at: Instant,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was given up; `None` while it is still tried.
    pub failed_at: Option<Instant>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// Whether a job is due. Cheap: takes no write lock.
///
/// # Errors
/// If the database fails.
pub async fn job_is_due(tx: &mut Tx<'_>, now: Instant) -> Result<bool, StoreError> {
    let found: Option<i64> = run!(tx, JOB_IS_DUE, |sql, c| sqlx::query_scalar(sql).bind(now).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Takes the job that has been due longest, so that no other worker does before `until`.
///
/// # Errors
/// If the database fails.
pub async fn claim_job(tx: &mut Tx<'_>, now: Instant, until: Instant) -> Result<Option<JobRow>, StoreError> {
    Ok(run!(tx, CLAIM_JOB, |sql, c| sqlx::query_as(sql).bind(now).bind(until).fetch_optional(c).await)?)
}

/// Marks a job as done.
///
/// # Errors
/// If the database fails.
pub async fn finish_job(tx: &mut Tx<'_>, id: i64, now: Instant) -> Result<(), StoreError> {
    run!(tx, FINISH_JOB, |sql, c| sqlx::query(sql).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Gives a job back, to be tried at `run_at`, with what went wrong if something did.
///
/// # Errors
/// If the database fails.
pub async fn postpone_job(
    tx: &mut Tx<'_>,
    id: i64,
    run_at: Instant,
    attempts: i64,
    error: Option<&str>,
) -> Result<(), StoreError> {
    run!(tx, POSTPONE_JOB, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(run_at)
        .bind(attempts)
        .bind(error)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Gives a job up.
///
/// # Errors
/// If the database fails.
pub async fn fail_job(tx: &mut Tx<'_>, id: i64, now: Instant, error: &str) -> Result<(), StoreError> {
    run!(tx, FAIL_JOB, |sql, c| sqlx::query(sql).bind(id).bind(now).bind(error).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Jobs that went wrong and are not done, newest first.
///
/// # Errors
/// If the database fails.
pub async fn troubled_jobs(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<TroubledJob>, StoreError> {
    Ok(run!(tx, TROUBLED_JOBS, |sql, c| sqlx::query_as(sql).bind(limit).fetch_all(c).await)?)
}

/// A mail to be written down.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// The same key is written once.
    pub dedupe_key: &'a str,
    /// To whom, where it is a person we know.
    pub person: Option<PersonId>,
    /// About which account.
    pub account: Option<AccountId>,
    /// The address.
    pub recipient: &'a str,
    /// The subject line.
    pub subject: &'a str,
    /// Plain text.
    pub body: &'a str,
    /// When it was written.
    pub at: Instant,
}

/// A mail that was written down.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MailRow {
    /// Key.
    pub id: i64,
    /// The address.
    pub recipient: String,
    /// The subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When it was written.
    pub created_at: Instant,
    /// When it went out.
    pub sent_at: Option<Instant>,
}

/// Writes a mail down; `None` where one with the same key exists.
///
/// # Errors
/// If the database fails.
pub async fn insert_mail(tx: &mut Tx<'_>, mail: &NewMail<'_>) -> Result<Option<i64>, StoreError> {
    Ok(run!(tx, INSERT_MAIL, |sql, c| sqlx::query_scalar(sql)
        .bind(mail.dedupe_key)
        .bind(mail.person)
        .bind(mail.account)
        .bind(mail.recipient)
        .bind(mail.subject)
        .bind(mail.body)
        .bind(mail.at)
        .fetch_optional(c)
        .await)?)
}

/// One mail.
///
/// # Errors
/// If the database fails.
pub async fn mail(tx: &mut Tx<'_>, id: i64) -> Result<Option<MailRow>, StoreError> {
    Ok(run!(tx, MAIL_BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Notes that a mail went out.
///
/// # Errors
/// If the database fails.
pub async fn mail_sent(tx: &mut Tx<'_>, id: i64, at: Instant) -> Result<(), StoreError> {
    run!(tx, MAIL_SENT, |sql, c| sqlx::query(sql).bind(id).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The newest mails.
///
/// # Errors
/// If the database fails.
pub async fn recent_mail(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<MailRow>, StoreError> {
    Ok(run!(tx, RECENT_MAIL, |sql, c| sqlx::query_as(sql).bind(limit).fetch_all(c).await)?)
}
