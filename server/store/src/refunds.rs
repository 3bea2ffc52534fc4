//! Money that is given back.

use domain::calendar::Instant;
use domain::ids::{PaymentId, PersonId, RefundId};
use domain::money::Cents;
use domain::payment::{RefundStanding, RefundStatus};

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO payment_refund (number, payment_id, amount, status, revision, reason, note, form_key, provider_key,
                                          asked_by, created_at, changed_at)
              VALUES ($1, $2, $3, 'asked', 0, $4, $5, $6, $7, $8, $9, $9)
              ON CONFLICT (payment_id, form_key) DO NOTHING RETURNING id";
    BY_NUMBER = "SELECT id, number, payment_id, amount, status, revision, reason, note, provider_key, asked_by, created_at,
                        changed_at, posted_at FROM payment_refund WHERE number = $1";
    BY_FORM = "SELECT id, number, payment_id, amount, status, revision, reason, note, provider_key, asked_by, created_at,
                      changed_at, posted_at FROM payment_refund WHERE payment_id = $1 AND form_key = $2";
    BY_KEY = "SELECT id, number, payment_id, amount, status, revision, reason, note, provider_key, asked_by, created_at,
                     changed_at, posted_at FROM payment_refund WHERE provider_key = $1 ORDER BY id LIMIT 1";
    OF_PAYMENT = "SELECT id, number, payment_id, amount, status, revision, reason, note, provider_key, asked_by, created_at,
                         changed_at, posted_at FROM payment_refund WHERE payment_id = $1 ORDER BY id";
    SET_STANDING = "UPDATE payment_refund SET status = $2, revision = $3, changed_at = $4, posted_at = COALESCE(posted_at, $5),
                           provider_key = COALESCE(provider_key, $6) WHERE id = $1";
    UNPOSTED = "SELECT r.number FROM payment_refund r WHERE r.status IN ('pending', 'succeeded') AND NOT EXISTS
                (SELECT 1 FROM journal j WHERE j.event_key = 'refund:' || r.number || ':given') ORDER BY r.id LIMIT 20";
    FAILED_KEPT = "SELECT r.number FROM payment_refund r JOIN journal j ON j.event_key = 'refund:' || r.number || ':given'
                   WHERE r.status IN ('asked', 'failed') AND NOT EXISTS
                   (SELECT 1 FROM journal b WHERE b.event_key = 'refund:' || r.number || ':given:reversed') ORDER BY r.id LIMIT 20";
    POSTED_WITHOUT = "SELECT j.event_key FROM journal j WHERE j.kind = 'refund' AND j.event_key LIKE 'refund:%:given' AND NOT EXISTS
                      (SELECT 1 FROM payment_refund r WHERE r.number = SUBSTR(j.event_key, 8, LENGTH(j.event_key) - 13))
                      ORDER BY j.id LIMIT 20";
    TOO_MUCH = "SELECT p.number FROM payment p JOIN payment_refund r ON r.payment_id = p.id AND r.status <> 'failed'
                GROUP BY p.number, p.amount HAVING SUM(r.amount) > p.amount ORDER BY p.number LIMIT 20";
}

/// Why money is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// It was paid twice.
    Duplicate,
    /// More was paid than is owed.
    Overpaid,
    /// It was meant for another account.
    WrongAccount,
    /// We asked for what was not owed.
    Mistake,
    /// Something else.
    Other,
    /// It was begun at the processor and not here.
    Processor,
}

impl RefundReason {
    /// Those that an employee may give.
    pub const CHOICES: [Self; 5] = [Self::Duplicate, Self::Overpaid, Self::WrongAccount, Self::Mistake, Self::Other];
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RefundRow {
    /// Key.
    pub id: RefundId,
    /// What people quote, and the processor's reference.
    pub number: String,
    /// Of which payment.
    pub payment_id: PaymentId,
    /// How much.
    pub amount: Cents,
    /// How it stands.
    pub status: RefundStatus,
    /// Of the newest word heard.
    pub revision: i64,
    /// Why.
    pub reason: RefundReason,
    /// For other employees.
    pub note: String,
    /// The processor's own key, once it is known.
    pub provider_key: Option<String>,
    /// Who; `None` where it was begun at the processor.
    pub asked_by: Option<PersonId>,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
    /// When it was posted first.
    pub posted_at: Option<Instant>,
}

impl RefundRow {
    /// What we believe of it.
    #[must_use]
    pub const fn standing(&self) -> RefundStanding {
        RefundStanding { status: self.status, revision: self.revision }
    }
}

/// A refund to be written down.
#[derive(Clone, Debug)]
pub struct NewRefund<'a> {
    /// Its number.
    pub number: &'a str,
    /// Of which payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Cents,
    /// Why.
    pub reason: RefundReason,
    /// For other employees.
    pub note: &'a str,
    /// The form's key.
    pub form_key: &'a str,
    /// The processor's own key, where it began it.
    pub provider_key: Option<&'a str>,
    /// Who.
    pub asked_by: Option<PersonId>,
    /// When.
    pub at: Instant,
}

/// Writes a refund down; `None` where the form was sent before.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, r: &NewRefund<'_>) -> Result<Option<RefundId>, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(r.number)
        .bind(r.payment)
        .bind(r.amount)
        .bind(r.reason)
        .bind(r.note)
        .bind(r.form_key)
        .bind(r.provider_key)
        .bind(r.asked_by)
        .bind(r.at)
        .fetch_optional(c)
        .await)?)
}

/// The refund of a number.
///
/// # Errors
/// If the database fails.
pub async fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<RefundRow>, StoreError> {
    Ok(run!(tx, BY_NUMBER, |sql, c| sqlx::query_as(sql).bind(number).fetch_optional(c).await)?)
}

/// The refund that a form asked for.
///
/// # Errors
/// If the database fails.
pub async fn by_form(tx: &mut Tx<'_>, payment: PaymentId, key: &str) -> Result<Option<RefundRow>, StoreError> {
    Ok(run!(tx, BY_FORM, |sql, c| sqlx::query_as(sql).bind(payment).bind(key).fetch_optional(c).await)?)
}

/// The refund that the processor has under a key of its own.
///
/// # Errors
/// If the database fails.
pub async fn by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<RefundRow>, StoreError> {
    Ok(run!(tx, BY_KEY, |sql, c| sqlx::query_as(sql).bind(key).fetch_optional(c).await)?)
}

/// The refunds of a payment, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_payment(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Vec<RefundRow>, StoreError> {
    Ok(run!(tx, OF_PAYMENT, |sql, c| sqlx::query_as(sql).bind(payment).fetch_all(c).await)?)
}

/// Notes how a refund stands now, and the processor's key of it.
///
/// # Errors
/// If the database fails.
pub async fn set_standing(
    tx: &mut Tx<'_>,
    id: RefundId,
    standing: RefundStanding,
    provider_key: Option<&str>,
    at: Instant,
) -> Result<(), StoreError> {
    let posted_at = standing.status.is_posted().then_some(at);
    run!(tx, SET_STANDING, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(standing.status)
        .bind(standing.revision)
        .bind(at)
        .bind(posted_at)
        .bind(provider_key)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Where refunds and the books disagree, in plain words, at most twenty of each kind.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    let unposted: Vec<String> = run!(&mut *tx, UNPOSTED, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(unposted.iter().map(|n| format!("refund {n} was given and is not in the books")));
    let kept: Vec<String> = run!(&mut *tx, FAILED_KEPT, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(kept.iter().map(|n| format!("refund {n} came to nothing and the books still have it")));
    let strays: Vec<String> = run!(&mut *tx, POSTED_WITHOUT, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(strays.iter().map(|k| format!("the books have {k} without a refund")));
    let over: Vec<String> = run!(tx, TOO_MUCH, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(over.iter().map(|n| format!("more was given back of payment {n} than was paid")));
    Ok(out)
}
