//! Who is signed in, from where: sessions by the hash of their cookie's token, and password hashes.

use domain::calendar::Instant;
use domain::ids::{PersonId, SessionId};

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO session (token_hash, person_id, realm, device, created_at, seen_at, expires_at, ended_at)
              VALUES ($1, $2, $3, $4, $5, $5, $6, NULL) RETURNING id";
    BY_TOKEN = "SELECT id, person_id, realm, device, created_at, seen_at, expires_at, ended_at FROM session
                WHERE token_hash = $1 AND realm = $2";
    TOUCH = "UPDATE session SET seen_at = $2 WHERE id = $1 AND ended_at IS NULL";
    END = "UPDATE session SET ended_at = $3 WHERE id = $1 AND person_id = $2 AND ended_at IS NULL";
    END_OTHERS = "UPDATE session SET ended_at = $3 WHERE person_id = $1 AND id <> $2 AND ended_at IS NULL";
    LIVE = "SELECT id, person_id, realm, device, created_at, seen_at, expires_at, ended_at FROM session
            WHERE person_id = $1 AND realm = $2 AND ended_at IS NULL AND expires_at > $3 AND seen_at > $4
            ORDER BY seen_at DESC, id DESC LIMIT 50";
    HASH_OF = "SELECT password_hash FROM credential WHERE person_id = $1";
    SET_HASH = "INSERT INTO credential (person_id, password_hash, changed_at) VALUES ($1, $2, $3)
                ON CONFLICT (person_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at";
    REMOVE_HASH = "DELETE FROM credential WHERE person_id = $1";
}

/// Which side of the portal a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Realm {
    /// Residents' pages.
    Resident,
    /// Staff pages.
    Staff,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// Key.
    pub id: SessionId,
    /// Who.
    pub person_id: PersonId,
    /// Where.
    pub realm: Realm,
    /// Browser and system, as the browser says.
    pub device: String,
    /// When signed in.
    pub created_at: Instant,
    /// Last request, to the minute.
    pub seen_at: Instant,
    /// Its end at the latest.
    pub expires_at: Instant,
    /// When it was ended.
    pub ended_at: Option<Instant>,
}

/// Opens a session.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    person: PersonId,
    realm: Realm,
    device: &str,
    now: Instant,
    expires_at: Instant,
) -> Result<SessionId, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(token_hash)
        .bind(person)
        .bind(realm)
        .bind(device)
        .bind(now)
        .bind(expires_at)
        .fetch_one(c)
        .await)?)
}

/// The session of a token, ended or not.
///
/// # Errors
/// If the database fails.
pub async fn by_token(tx: &mut Tx<'_>, token_hash: &[u8], realm: Realm) -> Result<Option<SessionRow>, StoreError> {
    Ok(run!(tx, BY_TOKEN, |sql, c| sqlx::query_as(sql).bind(token_hash).bind(realm).fetch_optional(c).await)?)
}

/// Notes a request.
///
/// # Errors
/// If the database fails.
pub async fn touch(tx: &mut Tx<'_>, id: SessionId, now: Instant) -> Result<(), StoreError> {
    run!(tx, TOUCH, |sql, c| sqlx::query(sql).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends one session of a person; `false` where there is no such session under way.
///
/// # Errors
/// If the database fails.
pub async fn end(tx: &mut Tx<'_>, id: SessionId, person: PersonId, now: Instant) -> Result<bool, StoreError> {
    let rows = run!(tx, END, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(person)
        .bind(now)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends a person's sessions except one; how many there were.
///
/// # Errors
/// If the database fails.
pub async fn end_others(tx: &mut Tx<'_>, person: PersonId, except: SessionId, now: Instant) -> Result<u64, StoreError> {
    Ok(run!(tx, END_OTHERS, |sql, c| sqlx::query(sql)
        .bind(person)
        .bind(except)
        .bind(now)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?)
}

/// A person's sessions that are under way, last seen first.
///
/// # Errors
/// If the database fails.
pub async fn live(
    tx: &mut Tx<'_>,
    person: PersonId,
    realm: Realm,
    now: Instant,
    idle_since: Instant,
) -> Result<Vec<SessionRow>, StoreError> {
    Ok(run!(tx, LIVE, |sql, c| sqlx::query_as(sql)
        .bind(person)
        .bind(realm)
        .bind(now)
        .bind(idle_since)
        .fetch_all(c)
        .await)?)
}

/// A person's password hash; `None` where they cannot sign in.
///
/// # Errors
/// If the database fails.
pub async fn password_hash(tx: &mut Tx<'_>, person: PersonId) -> Result<Option<String>, StoreError> {
    Ok(run!(tx, HASH_OF, |sql, c| sqlx::query_scalar(sql).bind(person).fetch_optional(c).await)?)
}

/// Sets a person's password hash.
///
/// # Errors
/// If the database fails.
pub async fn set_password_hash(tx: &mut Tx<'_>, person: PersonId, hash: &str, now: Instant) -> Result<(), StoreError> {
    run!(tx, SET_HASH, |sql, c| sqlx::query(sql).bind(person).bind(hash).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Takes a person's password away, so that they cannot sign in.
///
/// # Errors
/// If the database fails.
pub async fn remove_password(tx: &mut Tx<'_>, person: PersonId) -> Result<(), StoreError> {
    run!(tx, REMOVE_HASH, |sql, c| sqlx::query(sql).bind(person).execute(c).await.map(|_| ()))?;
    Ok(())
}
