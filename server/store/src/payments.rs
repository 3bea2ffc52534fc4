//! Payments and what the processor said about them.

use domain::calendar::Instant;
use domain::ids::{AccountId, PaymentId, PersonId};
use domain::money::Cents;
use domain::payment::{Decline, Heard, Standing, Status};

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO payment (number, account_id, person_id, amount, status, revision, form_key, provider, method,
                                   created_at, expires_at, changed_at, posted_at)
              VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $9, $11)
              ON CONFLICT (account_id, form_key) DO NOTHING RETURNING id";
    BY_NUMBER = "SELECT id, number, account_id, person_id, amount, status, decline, revision, provider, checkout, checkout_url,
                        method, created_at, expires_at, changed_at, posted_at, returned_at FROM payment WHERE number = $1";
    BY_ID = "SELECT id, number, account_id, person_id, amount, status, decline, revision, provider, checkout, checkout_url,
                    method, created_at, expires_at, changed_at, posted_at, returned_at FROM payment WHERE id = $1";
    BY_FORM = "SELECT id, number, account_id, person_id, amount, status, decline, revision, provider, checkout, checkout_url,
                      method, created_at, expires_at, changed_at, posted_at, returned_at FROM payment WHERE account_id = $1 AND form_key = $2";
    OF_ACCOUNT = "SELECT id, number, account_id, person_id, amount, status, decline, revision, provider, checkout, checkout_url,
                         method, created_at, expires_at, changed_at, posted_at, returned_at FROM payment
                  WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    PAYABLE = "SELECT id, number, account_id, person_id, amount, status, decline, revision, provider, checkout, checkout_url,
                      method, created_at, expires_at, changed_at, posted_at, returned_at FROM payment
               WHERE account_id = $1 AND status IN ('created', 'declined') AND expires_at > $2 ORDER BY id";
    PENDING_SUM = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM payment WHERE account_id = $1
                   AND (status = 'pending' OR (status = 'created' AND method_id IS NOT NULL))";
    SET_CHECKOUT = "UPDATE payment SET checkout = $2, checkout_url = $3 WHERE id = $1";
    SET_STANDING = "UPDATE payment SET status = $2, decline = $3, revision = $4, method = COALESCE($5, method), changed_at = $6,
                    posted_at = COALESCE(posted_at, $7) WHERE id = $1";
    SET_REVISION = "UPDATE payment SET revision = $2, method = COALESCE($3, method) WHERE id = $1";
    SET_KEY = "UPDATE payment SET checkout = $2 WHERE id = $1 AND checkout IS NULL";
    BY_CHECKOUT = "SELECT number FROM payment WHERE checkout = $1 ORDER BY id LIMIT 1";
    INSERT_WORD = "INSERT INTO payment_word (payment_id, revision, status, heard_by, heard_at) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (payment_id, revision, status) DO NOTHING";
    UNPOSTED = "SELECT p.number FROM payment p WHERE p.status = 'succeeded' AND NOT EXISTS
                (SELECT 1 FROM journal j WHERE j.event_key = 'payment:' || p.number || ':confirmed') ORDER BY p.id LIMIT 20";
    SET_RETURNED = "UPDATE payment SET returned_at = $2 WHERE id = $1 AND returned_at IS NULL";
    TAKEN = "SELECT id, number FROM payment WHERE status = 'succeeded' AND returned_at IS NULL AND checkout IS NOT NULL
             AND created_at > $1 AND id > $2 ORDER BY id LIMIT $3";
    POSTED_WITHOUT = "SELECT j.event_key FROM journal j WHERE j.kind = 'payment' AND j.event_key LIKE 'payment:%:confirmed' AND NOT EXISTS
                      (SELECT 1 FROM payment p WHERE p.number = SUBSTR(j.event_key, 9, LENGTH(j.event_key) - 18) AND p.status = 'succeeded')
                      ORDER BY j.id LIMIT 20";
    RETURNED_KEPT = "SELECT p.number FROM payment p WHERE p.returned_at IS NOT NULL AND NOT EXISTS
                     (SELECT 1 FROM journal j WHERE j.event_key = 'payment:' || p.number || ':confirmed:reversed') ORDER BY p.id LIMIT 20";
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaymentRow {
    /// Key.
    pub id: PaymentId,
    /// What people quote, and the processor's reference.
    pub number: String,
    /// Whose balance it lowers.
    pub account_id: AccountId,
    /// Who began it.
    pub person_id: Option<PersonId>,
    /// How much.
    pub amount: Cents,
    /// How it stands.
    pub status: Status,
    /// Why it was declined, if it was.
    pub decline: Option<Decline>,
    /// Of the newest word heard.
    pub revision: i64,
    /// Which processor.
    pub provider: String,
    /// The processor's key, once the checkout is open.
    pub checkout: Option<String>,
    /// The hosted page.
    pub checkout_url: Option<String>,
    /// What was paid with.
    pub method: Option<String>,
    /// When it was begun.
    pub created_at: Instant,
    /// Until when it may be paid.
    pub expires_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
    /// When it was posted.
    pub posted_at: Option<Instant>,
    /// When we heard that the bank had sent it back after it was posted.
    pub returned_at: Option<Instant>,
}

impl PaymentRow {
    /// What we believe of it.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing { status: self.status, decline: self.decline, revision: self.revision }
    }
}

/// A payment to be begun.
#[derive(Clone, Debug)]
pub struct NewPayment<'a> {
    /// Its number.
    pub number: &'a str,
    /// Whose balance.
    pub account: AccountId,
    /// Who.
    pub person: Option<PersonId>,
    /// How much.
    pub amount: Cents,
    /// How it stands at first: `Created`, or `Succeeded` for one that was taken elsewhere.
    pub status: Status,
    /// The form's key.
    pub form_key: &'a str,
    /// Which processor.
    pub provider: &'a str,
    /// What it was paid with, where that is known.
    pub method: Option<&'a str>,
    /// When.
    pub at: Instant,
    /// Until when it may be paid.
    pub expires_at: Instant,
}

/// How a word of the processor reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum HeardBy {
    /// It told us.
    Webhook,
    /// We asked.
    Question,
}

/// Begins a payment; `None` where the form was sent before.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, p: &NewPayment<'_>) -> Result<Option<PaymentId>, StoreError> {
    let posted_at = (p.status == Status::Succeeded).then_some(p.at);
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(p.number)
        .bind(p.account)
        .bind(p.person)
        .bind(p.amount)
        .bind(p.status)
        .bind(p.form_key)
        .bind(p.provider)
        .bind(p.method)
        .bind(p.at)
        .bind(p.expires_at)
        .bind(posted_at)
        .fetch_optional(c)
        .await)?)
}

/// The payment of a number.
///
/// # Errors
/// If the database fails.
pub async fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<PaymentRow>, StoreError> {
    Ok(run!(tx, BY_NUMBER, |sql, c| sqlx::query_as(sql).bind(number).fetch_optional(c).await)?)
}

/// The payment of a key.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// The payment that a form began.
///
/// # Errors
/// If the database fails.
pub async fn by_form(tx: &mut Tx<'_>, account: AccountId, key: &str) -> Result<Option<PaymentRow>, StoreError> {
    Ok(run!(tx, BY_FORM, |sql, c| sqlx::query_as(sql).bind(account).bind(key).fetch_optional(c).await)?)
}

/// An account's payments, newest first.
///
/// # Errors
/// If the database fails.
pub async fn of_account(tx: &mut Tx<'_>, account: AccountId, limit: i64) -> Result<Vec<PaymentRow>, StoreError> {
    Ok(run!(tx, OF_ACCOUNT, |sql, c| sqlx::query_as(sql).bind(account).bind(limit).fetch_all(c).await)?)
}

/// Payments of an account that have not ended and could be paid until after `since`.
///
/// # Errors
/// If the database fails.
pub async fn payable(tx: &mut Tx<'_>, account: AccountId, since: Instant) -> Result<Vec<PaymentRow>, StoreError> {
    Ok(run!(tx, PAYABLE, |sql, c| sqlx::query_as(sql).bind(account).bind(since).fetch_all(c).await)?)
}

/// What is on its way to an account, with what is being taken with a saved way to pay at this moment.
///
/// # Errors
/// If the database fails.
pub async fn pending_sum(tx: &mut Tx<'_>, account: AccountId) -> Result<Cents, StoreError> {
    Ok(run!(tx, PENDING_SUM, |sql, c| sqlx::query_scalar(sql).bind(account).fetch_one(c).await)?)
}

/// Notes the checkout that the processor opened.
///
/// # Errors
/// If the database fails.
pub async fn set_checkout(tx: &mut Tx<'_>, id: PaymentId, checkout: &str, url: &str) -> Result<(), StoreError> {
    run!(tx, SET_CHECKOUT, |sql, c| sqlx::query(sql).bind(id).bind(checkout).bind(url).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes how a payment stands now.
///
/// # Errors
/// If the database fails.
pub async fn set_standing(
    tx: &mut Tx<'_>,
    id: PaymentId,
    standing: Standing,
    method: Option<&str>,
    at: Instant,
) -> Result<(), StoreError> {
    let posted_at = (standing.status == Status::Succeeded).then_some(at);
    run!(tx, SET_STANDING, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(standing.status)
        .bind(standing.decline)
        .bind(standing.revision)
        .bind(method)
        .bind(at)
        .bind(posted_at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Notes that the processor says the same again, in a newer word.
///
/// # Errors
/// If the database fails.
pub async fn set_revision(
    tx: &mut Tx<'_>,
    id: PaymentId,
    revision: i64,
    method: Option<&str>,
) -> Result<(), StoreError> {
    run!(tx, SET_REVISION, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(revision)
        .bind(method)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Notes the processor's own key, where it is not known yet.
///
/// # Errors
/// If the database fails.
pub async fn set_key(tx: &mut Tx<'_>, id: PaymentId, checkout: &str) -> Result<(), StoreError> {
    run!(tx, SET_KEY, |sql, c| sqlx::query(sql).bind(id).bind(checkout).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The number of the payment that the processor has under a key of its own.
///
/// # Errors
/// If the database fails.
pub async fn by_checkout(tx: &mut Tx<'_>, checkout: &str) -> Result<Option<String>, StoreError> {
    Ok(run!(tx, BY_CHECKOUT, |sql, c| sqlx::query_scalar(sql).bind(checkout).fetch_optional(c).await)?)
}

/// Notes that a payment was sent back, once.
///
/// # Errors
/// If the database fails.
pub async fn set_returned(tx: &mut Tx<'_>, id: PaymentId, at: Instant) -> Result<(), StoreError> {
    run!(tx, SET_RETURNED, |sql, c| sqlx::query(sql).bind(id).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Payments that a processor took since a time and that were not sent back: keys after `after` and numbers, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn taken(tx: &mut Tx<'_>, since: Instant, after: i64, limit: i64) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(run!(tx, TAKEN, |sql, c| sqlx::query_as(sql).bind(since).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Keeps a word of the processor.
///
/// # Errors
/// If the database fails.
pub async fn keep_word(
    tx: &mut Tx<'_>,
    id: PaymentId,
    word: Heard,
    by: HeardBy,
    at: Instant,
) -> Result<(), StoreError> {
    run!(tx, INSERT_WORD, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(word.revision)
        .bind(word.status)
        .bind(by)
        .bind(at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Where payments and the books disagree, in plain words, at most twenty of each kind.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let unposted: Vec<String> = run!(&mut *tx, UNPOSTED, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    let mut out: Vec<String> =
        unposted.iter().map(|n| format!("payment {n} succeeded and is not in the books")).collect();
    let kept: Vec<String> = run!(&mut *tx, RETURNED_KEPT, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(kept.iter().map(|n| format!("payment {n} was sent back and the books still have it")));
    let strays: Vec<String> = run!(tx, POSTED_WITHOUT, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(strays.iter().map(|k| format!("the books have {k} without a payment that succeeded")));
    Ok(out)
}
