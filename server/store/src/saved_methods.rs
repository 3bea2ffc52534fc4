//! Saved ways to pay and their setting up.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, MethodId, PersonId};
use domain::payment::{MethodKind, SetupStatus};

use crate::{StoreError, Tx, run, statements};

statements! {
    BEGIN = "INSERT INTO method_setup (reference, person_id, account_id, status, revision, form_key, created_at, expires_at, changed_at)
             VALUES ($1, $2, $3, 'open', 0, $4, $5, $6, $5) ON CONFLICT (person_id, form_key) DO NOTHING RETURNING id";
    SETUP_BY_FORM = "SELECT id, reference, person_id, account_id, status, revision, setup, url, created_at, expires_at FROM method_setup
                     WHERE person_id = $1 AND form_key = $2";
    SETUP = "SELECT id, reference, person_id, account_id, status, revision, setup, url, created_at, expires_at FROM method_setup
             WHERE reference = $1";
    BY_KEY = "SELECT reference FROM method_setup WHERE setup = $1";
    LOCK_SETUP = sqlite "SELECT id FROM method_setup WHERE reference = $1",
                 postgres "SELECT id FROM method_setup WHERE reference = $1 FOR UPDATE";
    SET_URL = "UPDATE method_setup SET setup = $2, url = $3 WHERE id = $1";
    SET_SETUP = "UPDATE method_setup SET status = $2, revision = $3, changed_at = $4 WHERE id = $1";
    INSERT = "INSERT INTO saved_method (person_id, setup_id, provider, token, kind, label, expires_on, saved_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (setup_id) DO NOTHING RETURNING id";
    OF_PERSON = "SELECT id, person_id, provider, token, kind, label, expires_on, saved_at, removed_at FROM saved_method
                 WHERE person_id = $1 AND removed_at IS NULL ORDER BY saved_at, id";
    BY_ID = "SELECT id, person_id, provider, token, kind, label, expires_on, saved_at, removed_at FROM saved_method WHERE id = $1";
    LOCK = sqlite "SELECT id FROM saved_method WHERE id = $1",
           postgres "SELECT id FROM saved_method WHERE id = $1 FOR UPDATE";
    ACCOUNTS = "SELECT account_id FROM autopay WHERE method_id = $1 AND ended_at IS NULL
                UNION SELECT account_id FROM planned_payment WHERE method_id = $1 AND state IN ('waiting', 'asking', 'retrying')
                ORDER BY account_id";
    OF_SETUP = "SELECT id FROM saved_method WHERE setup_id = $1";
    REMOVE = "UPDATE saved_method SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL";
    FORGOTTEN = "UPDATE saved_method SET forgotten_at = $2 WHERE id = $1 AND forgotten_at IS NULL";
    ENDING = "SELECT DISTINCT m.id, m.person_id, m.label, m.expires_on, u.account_id FROM saved_method m
              JOIN (SELECT method_id, account_id FROM autopay WHERE ended_at IS NULL
                    UNION SELECT method_id, account_id FROM planned_payment WHERE state IN ('waiting', 'asking', 'retrying')) u
                ON u.method_id = m.id
              WHERE m.removed_at IS NULL AND m.expires_on >= $1 AND m.expires_on <= $2 ORDER BY m.id, u.account_id";
    USED_BY = "SELECT a.number, 'autopay', CAST(NULL AS BIGINT) FROM autopay p JOIN account a ON a.id = p.account_id
               WHERE p.method_id = $1 AND p.ended_at IS NULL
               UNION ALL SELECT a.number, 'scheduled', p.id FROM planned_payment p JOIN account a ON a.id = p.account_id
               WHERE p.method_id = $1 AND p.autopay_id IS NULL AND p.state IN ('waiting', 'asking', 'retrying', 'taking')";
}

/// A way to pay that is being set up.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SetupRow {
    /// Key.
    pub id: i64,
    /// The processor's reference.
    pub reference: String,
    /// Who.
    pub person_id: PersonId,
    /// From which account's pages.
    pub account_id: AccountId,
    /// How far it has come.
    pub status: SetupStatus,
    /// Of the newest word heard.
    pub revision: i64,
    /// The processor's own key, once it is open.
    pub setup: Option<String>,
    /// The hosted page, once it is open.
    pub url: Option<String>,
    /// When it was begun.
    pub created_at: Instant,
    /// Until when it may be finished.
    pub expires_at: Instant,
}

/// A saved way to pay.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MethodRow {
    /// Key.
    pub id: MethodId,
    /// Whose.
    pub person_id: PersonId,
    /// At which processor.
    pub provider: String,
    /// The processor's key. Never shown.
    pub token: String,
    /// What it is.
    pub kind: MethodKind,
    /// As people know it.
    pub label: String,
    /// The last day on which it is good.
    pub expires_on: Option<NaiveDate>,
    /// When it was saved.
    pub saved_at: Instant,
    /// When it was removed.
    pub removed_at: Option<Instant>,
}

/// What a processor says about one that was saved.
#[derive(Clone, Debug)]
pub struct NewMethod<'a> {
    /// Whose.
    pub person: PersonId,
    /// Which setting up it came of.
    pub setup: i64,
    /// At which processor.
    pub provider: &'a str,
    /// The processor's key.
    pub token: &'a str,
    /// What it is.
    pub kind: MethodKind,
    /// As people know it.
    pub label: &'a str,
    /// The last day on which it is good.
    pub expires_on: Option<NaiveDate>,
    /// When.
    pub at: Instant,
}

/// Begins to set one up; `None` where the form was sent before.
///
/// # Errors
/// If the database fails.
pub async fn begin(
    tx: &mut Tx<'_>,
    reference: &str,
    (person, account): (PersonId, AccountId),
    form_key: &str,
    (at, expires_at): (Instant, Instant),
) -> Result<Option<i64>, StoreError> {
    Ok(run!(tx, BEGIN, |sql, c| sqlx::query_scalar(sql)
        .bind(reference)
        .bind(person)
        .bind(account)
        .bind(form_key)
        .bind(at)
        .bind(expires_at)
        .fetch_optional(c)
        .await)?)
}

/// What a form began.
///
/// # Errors
/// If the database fails.
pub async fn setup_by_form(tx: &mut Tx<'_>, person: PersonId, key: &str) -> Result<Option<SetupRow>, StoreError> {
    Ok(run!(tx, SETUP_BY_FORM, |sql, c| sqlx::query_as(sql).bind(person).bind(key).fetch_optional(c).await)?)
}

/// One that is being set up; the row is locked until the transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn lock_setup(tx: &mut Tx<'_>, reference: &str) -> Result<Option<SetupRow>, StoreError> {
    run!(&mut *tx, LOCK_SETUP, |sql, c| sqlx::query(sql).bind(reference).fetch_optional(c).await.map(|_| ()))?;
    setup(tx, reference).await
}

/// One that is being set up.
///
/// # Errors
/// If the database fails.
pub async fn setup(tx: &mut Tx<'_>, reference: &str) -> Result<Option<SetupRow>, StoreError> {
    Ok(run!(tx, SETUP, |sql, c| sqlx::query_as(sql).bind(reference).fetch_optional(c).await)?)
}

/// The reference of one that the processor names by its own key.
///
/// # Errors
/// If the database fails.
pub async fn by_key(tx: &mut Tx<'_>, setup: &str) -> Result<Option<String>, StoreError> {
    Ok(run!(tx, BY_KEY, |sql, c| sqlx::query_scalar(sql).bind(setup).fetch_optional(c).await)?)
}

/// Notes the page that the processor opened.
///
/// # Errors
/// If the database fails.
pub async fn set_url(tx: &mut Tx<'_>, id: i64, setup: &str, url: &str) -> Result<(), StoreError> {
    run!(tx, SET_URL, |sql, c| sqlx::query(sql).bind(id).bind(setup).bind(url).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes how far it has come.
///
/// # Errors
/// If the database fails.
pub async fn set_setup(
    tx: &mut Tx<'_>,
    id: i64,
    status: SetupStatus,
    revision: i64,
    at: Instant,
) -> Result<(), StoreError> {
    run!(tx, SET_SETUP, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(status)
        .bind(revision)
        .bind(at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Keeps a saved way to pay; `None` where the same setting up was kept before.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, m: &NewMethod<'_>) -> Result<Option<MethodId>, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(m.person)
        .bind(m.setup)
        .bind(m.provider)
        .bind(m.token)
        .bind(m.kind)
        .bind(m.label)
        .bind(m.expires_on)
        .bind(m.at)
        .fetch_optional(c)
        .await)?)
}

/// A person's saved ways to pay, in the order in which they were saved.
///
/// # Errors
/// If the database fails.
pub async fn of_person(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<MethodRow>, StoreError> {
    Ok(run!(tx, OF_PERSON, |sql, c| sqlx::query_as(sql).bind(person).fetch_all(c).await)?)
}

/// One of a key, also where it was removed.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: MethodId) -> Result<Option<MethodRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Locks one until the transaction ends. Accounts that are locked too are locked before.
///
/// # Errors
/// If the database fails.
pub async fn lock(tx: &mut Tx<'_>, id: MethodId) -> Result<(), StoreError> {
    run!(tx, LOCK, |sql, c| sqlx::query(sql).bind(id).fetch_optional(c).await.map(|_| ()))?;
    Ok(())
}

/// The accounts on which autopay or something planned uses one.
///
/// # Errors
/// If the database fails.
pub async fn accounts(tx: &mut Tx<'_>, id: MethodId) -> Result<Vec<AccountId>, StoreError> {
    Ok(run!(tx, ACCOUNTS, |sql, c| sqlx::query_scalar(sql).bind(id).fetch_all(c).await)?)
}

/// What came of setting one up.
///
/// # Errors
/// If the database fails.
pub async fn of_setup(tx: &mut Tx<'_>, setup: i64) -> Result<Option<MethodId>, StoreError> {
    Ok(run!(tx, OF_SETUP, |sql, c| sqlx::query_scalar(sql).bind(setup).fetch_optional(c).await)?)
}

/// Removes one.
///
/// # Errors
/// If the database fails.
pub async fn remove(tx: &mut Tx<'_>, id: MethodId, at: Instant) -> Result<(), StoreError> {
    run!(tx, REMOVE, |sql, c| sqlx::query(sql).bind(id).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes that the processor forgot one too.
///
/// # Errors
/// If the database fails.
pub async fn forgotten(tx: &mut Tx<'_>, id: MethodId, at: Instant) -> Result<(), StoreError> {
    run!(tx, FORGOTTEN, |sql, c| sqlx::query(sql).bind(id).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// One that is used and whose last day is near.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ending {
    /// Key.
    pub id: MethodId,
    /// Whose.
    pub person_id: PersonId,
    /// As people know it.
    pub label: String,
    /// Its last day.
    pub expires_on: NaiveDate,
    /// An account on which autopay or a scheduled payment uses it.
    pub account_id: AccountId,
}

/// Those in use whose last day is between two days.
///
/// # Errors
/// If the database fails.
pub async fn ending(tx: &mut Tx<'_>, from: NaiveDate, to: NaiveDate) -> Result<Vec<Ending>, StoreError> {
    Ok(run!(tx, ENDING, |sql, c| sqlx::query_as(sql).bind(from).bind(to).fetch_all(c).await)?)
}

/// What uses one: the account's number, `autopay` or `scheduled`, and the scheduled payment.
///
/// # Errors
/// If the database fails.
pub async fn used_by(tx: &mut Tx<'_>, id: MethodId) -> Result<Vec<(String, String, Option<i64>)>, StoreError> {
    Ok(run!(tx, USED_BY, |sql, c| sqlx::query_as(sql).bind(id).fetch_all(c).await)?)
}
