//! Service requests and their timelines.

use domain::calendar::Instant;
use domain::ids::{AccountId, AttachmentId, PersonId, RequestId};
use domain::request::{Kind, Status, Step};

use crate::{StoreError, Tx, run, statements};

statements! {
    NEXT_NUMBER = "INSERT INTO request_number (year, last) VALUES ($1, 1)
                   ON CONFLICT (year) DO UPDATE SET last = request_number.last + 1 RETURNING last";
    INSERT = "INSERT INTO service_request (number, account_id, person_id, kind, status, form_key, created_at, changed_at)
              VALUES ($1, $2, $3, $4, 'open', $5, $6, $6) RETURNING id";
    BY_FORM = "SELECT number FROM service_request WHERE account_id = $1 AND form_key = $2";
    BY_NUMBER = "SELECT id, number, account_id, person_id, kind, status, created_at, changed_at FROM service_request WHERE number = $1";
    LOCK = sqlite "SELECT id FROM service_request WHERE id = $1",
           postgres "SELECT id FROM service_request WHERE id = $1 FOR UPDATE";
    OF_ACCOUNT = "SELECT id, number, account_id, person_id, kind, status, created_at, changed_at FROM service_request
                  WHERE account_id = $1 ORDER BY id DESC LIMIT 200";
    QUEUE = "SELECT r.number, r.kind, r.status, r.created_at, r.changed_at, a.number AS account_number, a.name AS account_name,
                    (SELECT e.message FROM request_entry e WHERE e.request_id = r.id ORDER BY e.id LIMIT 1) AS message
             FROM service_request r JOIN account a ON a.id = r.account_id
             WHERE ($1 = '' OR r.status = $1) AND ($2 = '' OR r.kind = $2)
             ORDER BY CASE r.status WHEN 'open' THEN 0 WHEN 'answered' THEN 1 ELSE 2 END, r.changed_at, r.id LIMIT $3";
    COUNTS = "SELECT status, COUNT(*) AS n FROM service_request GROUP BY status";
    SET_STATUS = "UPDATE service_request SET status = $2, changed_at = $3 WHERE id = $1";
    INSERT_ENTRY = "INSERT INTO request_entry (request_id, at, person_id, step, message, attachment_id, form_key)
                    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (request_id, form_key) DO NOTHING RETURNING id";
    ENTRIES = "SELECT e.at, e.step, e.message, e.attachment_id, p.given_name, p.family_name
               FROM request_entry e JOIN person p ON p.id = e.person_id WHERE e.request_id = $1 ORDER BY e.id";
    WRITTEN_SINCE = "SELECT COUNT(*) FROM request_entry e JOIN service_request r ON r.id = e.request_id
                     WHERE r.account_id = $1 AND e.step = 'resident_wrote' AND e.at > $2";
}

/// A service request.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RequestRow {
    /// Key.
    pub id: RequestId,
    /// What people quote: `SR-2026-00042`.
    pub number: String,
    /// About which account.
    pub account_id: AccountId,
    /// Who asked.
    pub person_id: PersonId,
    /// What it is about.
    pub kind: Kind,
    /// Whose turn it is.
    pub status: Status,
    /// When it was made.
    pub created_at: Instant,
    /// When something last happened.
    pub changed_at: Instant,
}

/// One line of the staff's list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct QueueRow {
    /// What people quote.
    pub number: String,
    /// What it is about.
    pub kind: Kind,
    /// Whose turn it is.
    pub status: Status,
    /// When it was made.
    pub created_at: Instant,
    /// When something last happened.
    pub changed_at: Instant,
    /// The account's number.
    pub account_number: String,
    /// The name on the bill.
    pub account_name: String,
    /// The first message.
    pub message: Option<String>,
}

/// One thing that happened to a request.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EntryRow {
    /// When.
    pub at: Instant,
    /// What.
    pub step: Step,
    /// What was written; empty for a mere closing.
    pub message: String,
    /// A photo that came with it.
    pub attachment_id: Option<AttachmentId>,
    /// Who.
    pub given_name: String,
    /// Who.
    pub family_name: String,
}

/// A request to be made.
#[derive(Clone, Debug)]
pub struct NewRequest<'a> {
    /// Its number.
    pub number: &'a str,
    /// About which account.
    pub account: AccountId,
    /// Who asks.
    pub person: PersonId,
    /// What it is about.
    pub kind: Kind,
    /// The form's key.
    pub form_key: &'a str,
    /// When.
    pub at: Instant,
}

/// Something that happens to a request.
#[derive(Clone, Debug)]
pub struct NewEntry<'a> {
    /// To which.
    pub request: RequestId,
    /// When.
    pub at: Instant,
    /// By whom.
    pub person: PersonId,
    /// What.
    pub step: Step,
    /// What was written.
    pub message: &'a str,
    /// A photo.
    pub attachment: Option<AttachmentId>,
    /// The form's key.
    pub form_key: &'a str,
}

/// The next number of a year, from 1. Holds others back until the transaction ends, so that no number is skipped.
///
/// # Errors
/// If the database fails.
pub async fn next_number(tx: &mut Tx<'_>, year: i64) -> Result<i64, StoreError> {
    Ok(run!(tx, NEXT_NUMBER, |sql, c| sqlx::query_scalar(sql).bind(year).fetch_one(c).await)?)
}

/// Makes a request.
///
/// # Errors
/// `Duplicate` where the form was sent before; or if the database fails.
pub async fn insert(tx: &mut Tx<'_>, r: &NewRequest<'_>) -> Result<RequestId, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(r.number)
        .bind(r.account)
        .bind(r.person)
        .bind(r.kind)
        .bind(r.form_key)
        .bind(r.at)
        .fetch_one(c)
        .await)?)
}

/// The number of the request that a form made.
///
/// # Errors
/// If the database fails.
pub async fn by_form(tx: &mut Tx<'_>, account: AccountId, key: &str) -> Result<Option<String>, StoreError> {
    Ok(run!(tx, BY_FORM, |sql, c| sqlx::query_scalar(sql).bind(account).bind(key).fetch_optional(c).await)?)
}

/// The request of a number.
///
/// # Errors
/// If the database fails.
pub async fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<RequestRow>, StoreError> {
    Ok(run!(tx, BY_NUMBER, |sql, c| sqlx::query_as(sql).bind(number).fetch_optional(c).await)?)
}

/// Makes other writers of this request wait until the transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn lock(tx: &mut Tx<'_>, id: RequestId) -> Result<(), StoreError> {
    run!(tx, LOCK, |sql, c| sqlx::query(sql).bind(id).fetch_optional(c).await.map(|_| ()))?;
    Ok(())
}

/// An account's requests, newest first.
///
/// # Errors
/// If the database fails.
pub async fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<RequestRow>, StoreError> {
    Ok(run!(tx, OF_ACCOUNT, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// The staff's list: open ones first, and of those the one that has waited longest.
///
/// # Errors
/// If the database fails.
pub async fn queue(
    tx: &mut Tx<'_>,
    status: Option<Status>,
    kind: Option<Kind>,
    limit: i64,
) -> Result<Vec<QueueRow>, StoreError> {
    Ok(run!(tx, QUEUE, |sql, c| sqlx::query_as(sql)
        .bind(status.map_or("", Status::name))
        .bind(kind.map_or("", Kind::name))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// How many requests there are by status.
///
/// # Errors
/// If the database fails.
pub async fn counts(tx: &mut Tx<'_>) -> Result<Vec<(Status, i64)>, StoreError> {
    Ok(run!(tx, COUNTS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// Notes whose turn it is.
///
/// # Errors
/// If the database fails.
pub async fn set_status(tx: &mut Tx<'_>, id: RequestId, status: Status, at: Instant) -> Result<(), StoreError> {
    run!(tx, SET_STATUS, |sql, c| sqlx::query(sql).bind(id).bind(status).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Adds to the timeline; `None` where the form was sent before.
///
/// # Errors
/// If the database fails.
pub async fn add_entry(tx: &mut Tx<'_>, e: &NewEntry<'_>) -> Result<Option<i64>, StoreError> {
    Ok(run!(tx, INSERT_ENTRY, |sql, c| sqlx::query_scalar(sql)
        .bind(e.request)
        .bind(e.at)
        .bind(e.person)
        .bind(e.step)
        .bind(e.message)
        .bind(e.attachment)
        .bind(e.form_key)
        .fetch_optional(c)
        .await)?)
}

/// The timeline, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn entries(tx: &mut Tx<'_>, id: RequestId) -> Result<Vec<EntryRow>, StoreError> {
    Ok(run!(tx, ENTRIES, |sql, c| sqlx::query_as(sql).bind(id).fetch_all(c).await)?)
}

/// How often residents of an account wrote since an instant.
///
/// # Errors
/// If the database fails.
pub async fn written_since(tx: &mut Tx<'_>, account: AccountId, since: Instant) -> Result<i64, StoreError> {
    Ok(run!(tx, WRITTEN_SINCE, |sql, c| sqlx::query_scalar(sql).bind(account).bind(since).fetch_one(c).await)?)
}
