//! Employees looking through residents' eyes: one row a viewing, which ends, is revoked and is shown to the resident.

use domain::calendar::Instant;
use domain::ids::{AccountId, PersonId, SessionId, ViewAsId};

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO view_as (staff_id, staff_session_id, subject_id, account_id, reason, note, token_hash,
                                   started_at, seen_at, expires_at, ended_at, pages_seen)
              VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $7, $8, NULL, 0) RETURNING id";
    BY_ID = "SELECT id, staff_id, staff_session_id, subject_id, account_id, reason, note, started_at, seen_at, expires_at, ended_at, pages_seen
             FROM view_as WHERE id = $1";
    REDEEM = "UPDATE view_as SET token_hash = $2, seen_at = $3 WHERE id = $1 AND token_hash IS NULL AND ended_at IS NULL";
    LIVE = "SELECT v.id, v.staff_id, v.staff_session_id, v.subject_id, v.account_id, v.reason, v.note, v.started_at, v.seen_at,
                   v.expires_at, v.ended_at, v.pages_seen
            FROM view_as v JOIN session s ON s.id = v.staff_session_id
            WHERE v.token_hash = $1 AND v.ended_at IS NULL AND v.expires_at > $2 AND v.seen_at > $3
              AND s.ended_at IS NULL AND s.expires_at > $2";
    TOUCH = "UPDATE view_as SET seen_at = $2, pages_seen = pages_seen + $3 WHERE id = $1 AND ended_at IS NULL";
    END = "UPDATE view_as SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    END_OF_SESSION = "UPDATE view_as SET ended_at = $2 WHERE staff_session_id = $1 AND ended_at IS NULL";
    END_OF_STAFF = "UPDATE view_as SET ended_at = $2 WHERE staff_id = $1 AND ended_at IS NULL";
    OF_ACCOUNT = "SELECT id, staff_id, staff_session_id, subject_id, account_id, reason, note, started_at, seen_at, expires_at, ended_at, pages_seen
                  FROM view_as WHERE account_id = $1 AND token_hash IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT 200";
    OF_STAFF = "SELECT id, staff_id, staff_session_id, subject_id, account_id, reason, note, started_at, seen_at, expires_at, ended_at, pages_seen
                FROM view_as WHERE staff_id = $1 ORDER BY started_at DESC, id DESC LIMIT 20";
}

/// Why an employee looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Reason {
    /// A question about a bill.
    BillQuestion,
    /// A question about usage.
    UsageQuestion,
    /// Help with a payment.
    PaymentHelp,
    /// Help with the portal.
    PortalHelp,
    /// Something else; the note says what.
    Other,
}

impl Reason {
    /// In the order of the form.
    pub const ALL: [Self; 5] =
        [Self::BillQuestion, Self::UsageQuestion, Self::PaymentHelp, Self::PortalHelp, Self::Other];

    /// The word in forms.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::BillQuestion => "bill_question",
            Self::UsageQuestion => "usage_question",
            Self::PaymentHelp => "payment_help",
            Self::PortalHelp => "portal_help",
            Self::Other => "other",
        }
    }

    /// Reads [`Reason::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.slug() == slug)
    }
}

/// One viewing.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ViewAsRow {
    /// Key.
    pub id: ViewAsId,
    /// The employee.
    pub staff_id: PersonId,
    /// The employee's session, with which it ends.
    pub staff_session_id: SessionId,
    /// The resident.
    pub subject_id: PersonId,
    /// The one account.
    pub account_id: AccountId,
    /// Why.
    pub reason: Reason,
    /// Why, in the employee's words; never shown to the resident.
    pub note: String,
    /// When it was opened.
    pub started_at: Instant,
    /// The last page.
    pub seen_at: Instant,
    /// When it ends at the latest.
    pub expires_at: Instant,
    /// When it was ended.
    pub ended_at: Option<Instant>,
    /// How many pages were shown.
    pub pages_seen: i64,
}

/// A new viewing.
#[derive(Clone, Debug)]
pub struct NewViewAs<'a> {
    /// The employee.
    pub staff: PersonId,
    /// Their session.
    pub session: SessionId,
    /// The resident.
    pub subject: PersonId,
    /// The account.
    pub account: AccountId,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub note: &'a str,
}

/// Opens a viewing; nothing can be seen until its hand-over is redeemed.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    new: &NewViewAs<'_>,
    now: Instant,
    expires_at: Instant,
) -> Result<ViewAsId, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(new.staff)
        .bind(new.session)
        .bind(new.subject)
        .bind(new.account)
        .bind(new.reason)
        .bind(new.note)
        .bind(now)
        .bind(expires_at)
        .fetch_one(c)
        .await)?)
}

/// The viewing of a key.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: ViewAsId) -> Result<Option<ViewAsRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Gives a viewing its cookie, once; `false` where it has one already or has ended.
///
/// # Errors
/// If the database fails.
pub async fn redeem(tx: &mut Tx<'_>, id: ViewAsId, token_hash: &[u8], now: Instant) -> Result<bool, StoreError> {
    let rows = run!(tx, REDEEM, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(token_hash)
        .bind(now)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    Ok(rows == 1)
}

/// The viewing of a cookie, if it is under way: not ended, neither idle nor too old, and its employee still signed in.
///
/// # Errors
/// If the database fails.
pub async fn live(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    now: Instant,
    idle_since: Instant,
) -> Result<Option<ViewAsRow>, StoreError> {
    Ok(run!(tx, LIVE, |sql, c| sqlx::query_as(sql)
        .bind(token_hash)
        .bind(now)
        .bind(idle_since)
        .fetch_optional(c)
        .await)?)
}

/// Notes that a page was shown.
///
/// # Errors
/// If the database fails.
pub async fn touch(tx: &mut Tx<'_>, id: ViewAsId, now: Instant, pages: i64) -> Result<(), StoreError> {
    run!(tx, TOUCH, |sql, c| sqlx::query(sql).bind(id).bind(now).bind(pages).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends a viewing.
///
/// # Errors
/// If the database fails.
pub async fn end(tx: &mut Tx<'_>, id: ViewAsId, now: Instant) -> Result<(), StoreError> {
    run!(tx, END, |sql, c| sqlx::query(sql).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends the viewings of an employee's session.
///
/// # Errors
/// If the database fails.
pub async fn end_of_session(tx: &mut Tx<'_>, session: SessionId, now: Instant) -> Result<(), StoreError> {
    run!(tx, END_OF_SESSION, |sql, c| sqlx::query(sql).bind(session).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends all viewings of an employee.
///
/// # Errors
/// If the database fails.
pub async fn end_of_staff(tx: &mut Tx<'_>, staff: PersonId, now: Instant) -> Result<(), StoreError> {
    run!(tx, END_OF_STAFF, |sql, c| sqlx::query(sql).bind(staff).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The viewings of an account that were redeemed, newest first.
///
/// # Errors
/// If the database fails.
pub async fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<ViewAsRow>, StoreError> {
    Ok(run!(tx, OF_ACCOUNT, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// An employee's own viewings, newest first.
///
/// # Errors
/// If the database fails.
pub async fn of_staff(tx: &mut Tx<'_>, staff: PersonId) -> Result<Vec<ViewAsRow>, StoreError> {
    Ok(run!(tx, OF_STAFF, |sql, c| sqlx::query_as(sql).bind(staff).fetch_all(c).await)?)
}
