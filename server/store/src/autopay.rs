//! Who has agreed to autopay, and to what.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, AutopayId, MethodId, PersonId};
use domain::money::Cents;
use domain::payment::autopay::Terms;
use domain::payment::planned::Why;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO autopay (account_id, person_id, method_id, days_before, limit_amount, brake_percent, after_due, carried_from,
                                   form_key, since)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id";
    ACTIVE = "SELECT id, account_id, person_id, method_id, days_before, limit_amount, brake_percent, after_due, carried_from, since,
                     ended_at, ended_why FROM autopay WHERE account_id = $1 AND ended_at IS NULL";
    BY_ID = "SELECT id, account_id, person_id, method_id, days_before, limit_amount, brake_percent, after_due, carried_from, since,
                    ended_at, ended_why FROM autopay WHERE id = $1";
    LAST_OF_PERSON = "SELECT p.id, p.account_id, p.person_id, p.method_id, p.days_before, p.limit_amount, p.brake_percent, p.after_due,
                             p.carried_from, p.since, p.ended_at, p.ended_why
                      FROM autopay p JOIN account a ON a.id = p.account_id
                      WHERE p.person_id = $1 AND p.account_id <> $2 AND a.closed_on IS NOT NULL
                        AND (p.ended_at IS NULL OR p.ended_why = 'closed')
                        AND NOT EXISTS (SELECT 1 FROM autopay n WHERE n.carried_from = p.id)
                      ORDER BY p.id DESC LIMIT 1";
    SET_TERMS = "UPDATE autopay SET method_id = $2, days_before = $3, limit_amount = $4, brake_percent = $5 WHERE id = $1";
    END = "UPDATE autopay SET ended_at = $2, ended_why = $3 WHERE id = $1 AND ended_at IS NULL";
    TO_LOOK_AT = "SELECT account_id FROM autopay WHERE ended_at IS NULL AND account_id > $1
                  UNION SELECT account_id FROM planned_payment WHERE state IN ('waiting', 'asking', 'retrying') AND account_id > $1
                  ORDER BY account_id LIMIT $2";
    TAKEN = "SELECT l.due_on, CAST(SUM(p.amount) AS BIGINT) FROM payment p JOIN planned_payment l ON l.id = p.planned_id
             WHERE l.autopay_id = $1 AND l.due_on > $2 AND p.status IN ('created', 'pending', 'succeeded') AND p.returned_at IS NULL
             GROUP BY l.due_on ORDER BY l.due_on";
    OF_METHOD = "SELECT id FROM autopay WHERE method_id = $1 AND ended_at IS NULL ORDER BY id";
    MOVE_METHOD = "UPDATE autopay SET method_id = $2 WHERE method_id = $1 AND ended_at IS NULL";
}

/// A stretch of autopay.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AutopayRow {
    /// Key.
    pub id: AutopayId,
    /// Of which account.
    pub account_id: AccountId,
    /// Who agreed.
    pub person_id: PersonId,
    /// With which saved way to pay.
    pub method_id: MethodId,
    days_before: i64,
    limit_amount: Option<Cents>,
    brake_percent: Option<i64>,
    /// What is due up to this day is not taken.
    pub after_due: Option<NaiveDate>,
    /// The autopay before a move.
    pub carried_from: Option<AutopayId>,
    /// From when.
    pub since: Instant,
    /// Until when.
    pub ended_at: Option<Instant>,
    /// Why it ended.
    pub ended_why: Option<Why>,
}

impl AutopayRow {
    /// What was agreed to.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            days_before: u32::try_from(self.days_before).unwrap_or(0),
            limit: self.limit_amount,
            brake_percent: self.brake_percent.and_then(|p| u32::try_from(p).ok()),
        }
    }
}

/// A stretch to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewAutopay<'a> {
    /// Of which account.
    pub account: AccountId,
    /// Who agrees.
    pub person: PersonId,
    /// With which saved way to pay.
    pub method: MethodId,
    /// To what.
    pub terms: Terms,
    /// What is due up to this day is not taken.
    pub after_due: Option<NaiveDate>,
    /// The autopay before a move.
    pub carried_from: Option<AutopayId>,
    /// The form's own key.
    pub form_key: &'a str,
    /// When.
    pub at: Instant,
}

/// Begins one; `None` where the form was sent before or one runs already.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, a: &NewAutopay<'_>) -> Result<Option<AutopayId>, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(a.account)
        .bind(a.person)
        .bind(a.method)
        .bind(i64::from(a.terms.days_before))
        .bind(a.terms.limit)
        .bind(a.terms.brake_percent.map(i64::from))
        .bind(a.after_due)
        .bind(a.carried_from)
        .bind(a.form_key)
        .bind(a.at)
        .fetch_optional(c)
        .await)?)
}

/// The one that runs for an account.
///
/// # Errors
/// If the database fails.
pub async fn active(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<AutopayRow>, StoreError> {
    Ok(run!(tx, ACTIVE, |sql, c| sqlx::query_as(sql).bind(account).fetch_optional(c).await)?)
}

/// One of a key.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: AutopayId) -> Result<Option<AutopayRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// A person's newest one on a closed account other than this, which was not carried on yet.
///
/// # Errors
/// If the database fails.
pub async fn left_behind(
    tx: &mut Tx<'_>,
    person: PersonId,
    account: AccountId,
) -> Result<Option<AutopayRow>, StoreError> {
    Ok(run!(tx, LAST_OF_PERSON, |sql, c| sqlx::query_as(sql).bind(person).bind(account).fetch_optional(c).await)?)
}

/// Changes what was agreed to.
///
/// # Errors
/// If the database fails.
pub async fn set_terms(tx: &mut Tx<'_>, id: AutopayId, method: MethodId, terms: &Terms) -> Result<(), StoreError> {
    run!(tx, SET_TERMS, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(method)
        .bind(i64::from(terms.days_before))
        .bind(terms.limit)
        .bind(terms.brake_percent.map(i64::from))
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Ends one.
///
/// # Errors
/// If the database fails.
pub async fn end(tx: &mut Tx<'_>, id: AutopayId, at: Instant, why: Why) -> Result<(), StoreError> {
    run!(tx, END, |sql, c| sqlx::query(sql).bind(id).bind(at).bind(why).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Accounts with autopay or planned payments, after a key, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn to_look_at(tx: &mut Tx<'_>, after: AccountId, limit: i64) -> Result<Vec<AccountId>, StoreError> {
    Ok(run!(tx, TO_LOOK_AT, |sql, c| sqlx::query_scalar(sql).bind(after).bind(limit).fetch_all(c).await)?)
}

/// What one has taken or is taking for what fell due after a day, by due date. What the bank sent back is not among it.
///
/// # Errors
/// If the database fails.
pub async fn taken(tx: &mut Tx<'_>, id: AutopayId, after: NaiveDate) -> Result<Vec<(NaiveDate, Cents)>, StoreError> {
    Ok(run!(tx, TAKEN, |sql, c| sqlx::query_as(sql).bind(id).bind(after).fetch_all(c).await)?)
}

/// Those that run with a saved way to pay.
///
/// # Errors
/// If the database fails.
pub async fn of_method(tx: &mut Tx<'_>, method: MethodId) -> Result<Vec<AutopayId>, StoreError> {
    Ok(run!(tx, OF_METHOD, |sql, c| sqlx::query_scalar(sql).bind(method).fetch_all(c).await)?)
}

/// Lets those that run with one use another.
///
/// # Errors
/// If the database fails.
pub async fn move_method(tx: &mut Tx<'_>, from: MethodId, to: MethodId) -> Result<(), StoreError> {
    run!(tx, MOVE_METHOD, |sql, c| sqlx::query(sql).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    Ok(())
}
