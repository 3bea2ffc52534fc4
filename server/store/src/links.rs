//! One-use links sent by mail, forms on their way back, tries within a window, and the keys that sign tokens.

use domain::calendar::Instant;
use domain::contact::Email;
use domain::ids::{AccountId, PersonId};

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT_LINK = "INSERT INTO mail_link (token_hash, purpose, person_id, account_id, email, created_at, expires_at, used_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    FIND_LINK = "SELECT person_id, account_id, email FROM mail_link
                 WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
    USE_LINK = "UPDATE mail_link SET used_at = $3
                WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
                RETURNING person_id, account_id, email";
    VOID_LINKS = "UPDATE mail_link SET used_at = $3 WHERE person_id = $1 AND purpose = $2 AND used_at IS NULL";
    INSERT_DRAFT = "INSERT INTO form_draft (token_hash, person_id, path, fields, created_at, expires_at)
                    VALUES ($1, $2, $3, $4, $5, $6)";
    FIND_DRAFT = "SELECT person_id, path, fields FROM form_draft WHERE token_hash = $1 AND expires_at > $2";
    DROP_DRAFT = "DELETE FROM form_draft WHERE token_hash = $1";
    TRY = "INSERT INTO rate_limit (bucket, tries, window_ends) VALUES ($1, 1, $3)
           ON CONFLICT (bucket) DO UPDATE SET
             tries = CASE WHEN rate_limit.window_ends <= $2 THEN 1 ELSE rate_limit.tries + 1 END,
             window_ends = CASE WHEN rate_limit.window_ends <= $2 THEN excluded.window_ends ELSE rate_limit.window_ends END
           RETURNING tries, window_ends";
    FORGET = "DELETE FROM rate_limit WHERE bucket = $1";
    GIVE_BACK = "UPDATE rate_limit SET tries = tries - 1 WHERE bucket = $1 AND tries > 0";
    SWEEP_LIMITS = "DELETE FROM rate_limit WHERE window_ends <= $1";
    SWEEP_DRAFTS = "DELETE FROM form_draft WHERE expires_at <= $1";
    KEYS = "SELECT id, secret FROM signing_key WHERE retired_at IS NULL ORDER BY id DESC";
    INSERT_KEY = "INSERT INTO signing_key (secret, created_at, retired_at) VALUES ($1, $2, NULL)";
}

/// What a link in a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// Takes hold of an account for the first time.
    Claim,
    /// Sets a new password.
    Recover,
    /// Confirms a new address.
    ChangeEmail,
}

/// A link that was sent.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Link {
    /// Whose, where they are known already.
    pub person_id: Option<PersonId>,
    /// Which account it claims.
    pub account_id: Option<AccountId>,
    /// Where it was sent.
    pub email: Email,
}

/// Keeps a link that is being sent.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    purpose: Purpose,
    link: &Link,
    now: Instant,
    expires_at: Instant,
) -> Result<(), StoreError> {
    run!(tx, INSERT_LINK, |sql, c| sqlx::query(sql)
        .bind(token_hash)
        .bind(purpose)
        .bind(link.person_id)
        .bind(link.account_id)
        .bind(&link.email)
        .bind(now)
        .bind(expires_at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The link of a token, if it can still be used.
///
/// # Errors
/// If the database fails.
pub async fn find(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    purpose: Purpose,
    now: Instant,
) -> Result<Option<Link>, StoreError> {
    Ok(run!(tx, FIND_LINK, |sql, c| sqlx::query_as(sql)
        .bind(token_hash)
        .bind(purpose)
        .bind(now)
        .fetch_optional(c)
        .await)?)
}

/// Uses a link up; `None` where it was used, is too old or never was.
///
/// # Errors
/// If the database fails.
pub async fn take(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    purpose: Purpose,
    now: Instant,
) -> Result<Option<Link>, StoreError> {
    Ok(run!(tx, USE_LINK, |sql, c| sqlx::query_as(sql)
        .bind(token_hash)
        .bind(purpose)
        .bind(now)
        .fetch_optional(c)
        .await)?)
}

/// Makes a person's unused links of one purpose void.
///
/// # Errors
/// If the database fails.
pub async fn void(tx: &mut Tx<'_>, person: PersonId, purpose: Purpose, now: Instant) -> Result<(), StoreError> {
    run!(tx, VOID_LINKS, |sql, c| sqlx::query(sql).bind(person).bind(purpose).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// A form on its way back.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Draft {
    /// Whose; `None` where nobody was signed in.
    pub person_id: Option<PersonId>,
    /// The page it came from.
    pub path: String,
    /// The state of the form, as JSON.
    pub fields: String,
}

/// Keeps a form for its way back.
///
/// # Errors
/// If the database fails.
pub async fn keep_draft(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    draft: &Draft,
    now: Instant,
    expires_at: Instant,
) -> Result<(), StoreError> {
    run!(tx, INSERT_DRAFT, |sql, c| sqlx::query(sql)
        .bind(token_hash)
        .bind(draft.person_id)
        .bind(&draft.path)
        .bind(&draft.fields)
        .bind(now)
        .bind(expires_at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The form of a token, if it is not too old.
///
/// # Errors
/// If the database fails.
pub async fn draft(tx: &mut Tx<'_>, token_hash: &[u8], now: Instant) -> Result<Option<Draft>, StoreError> {
    Ok(run!(tx, FIND_DRAFT, |sql, c| sqlx::query_as(sql).bind(token_hash).bind(now).fetch_optional(c).await)?)
}

/// Forgets a form.
///
/// # Errors
/// If the database fails.
pub async fn drop_draft(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<(), StoreError> {
    run!(tx, DROP_DRAFT, |sql, c| sqlx::query(sql).bind(token_hash).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Counts a try; how many there were in the window, this one included, and when the window ends.
///
/// # Errors
/// If the database fails.
pub async fn count_try(
    tx: &mut Tx<'_>,
    bucket: &str,
    now: Instant,
    window_ends: Instant,
) -> Result<(i64, Instant), StoreError> {
    Ok(run!(tx, TRY, |sql, c| sqlx::query_as(sql).bind(bucket).bind(now).bind(window_ends).fetch_one(c).await)?)
}

/// Forgets the tries of a bucket.
///
/// # Errors
/// If the database fails.
pub async fn forget_tries(tx: &mut Tx<'_>, bucket: &str) -> Result<(), StoreError> {
    run!(tx, FORGET, |sql, c| sqlx::query(sql).bind(bucket).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Takes one try of a bucket back.
///
/// # Errors
/// If the database fails.
pub async fn give_back_try(tx: &mut Tx<'_>, bucket: &str) -> Result<(), StoreError> {
    run!(tx, GIVE_BACK, |sql, c| sqlx::query(sql).bind(bucket).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Removes windows that have passed and forms that nobody came back for.
///
/// # Errors
/// If the database fails.
pub async fn sweep(tx: &mut Tx<'_>, now: Instant) -> Result<(), StoreError> {
    run!(&mut *tx, SWEEP_LIMITS, |sql, c| sqlx::query(sql).bind(now).execute(c).await.map(|_| ()))?;
    run!(tx, SWEEP_DRAFTS, |sql, c| sqlx::query(sql).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The keys that tokens may be signed with, newest first.
///
/// # Errors
/// If the database fails.
pub async fn signing_keys(tx: &mut Tx<'_>) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    Ok(run!(tx, KEYS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// Adds a key.
///
/// # Errors
/// If the database fails.
pub async fn insert_signing_key(tx: &mut Tx<'_>, secret: &[u8], now: Instant) -> Result<(), StoreError> {
    run!(tx, INSERT_KEY, |sql, c| sqlx::query(sql).bind(secret).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}
