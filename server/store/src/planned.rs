//! Payments that are taken later: scheduled ones and autopay's.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, AutopayId, BillId, MethodId, PaymentId, PersonId, PlannedId};
use domain::money::Cents;
use domain::payment::planned::{Plan, State, Why};

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO planned_payment (account_id, person_id, method_id, autopay_id, bill_id, due_on, take_on, amount, expected, state, why,
                                           declines, tries, asked_at, form_key, created_at, changed_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $12, $13, $14, $14) ON CONFLICT DO NOTHING RETURNING id";
    BY_ID = "SELECT id, account_id, person_id, method_id, autopay_id, bill_id, due_on, take_on, amount, expected, state, why, declines, tries,
                    asked_at, answered_at, created_at, changed_at FROM planned_payment WHERE id = $1";
    OPEN = "SELECT id, account_id, person_id, method_id, autopay_id, bill_id, due_on, take_on, amount, expected, state, why, declines, tries,
                   asked_at, answered_at, created_at, changed_at FROM planned_payment
            WHERE account_id = $1 AND state IN ('waiting', 'asking', 'taking', 'retrying') ORDER BY take_on, id";
    NEWEST = "SELECT id, account_id, person_id, method_id, autopay_id, bill_id, due_on, take_on, amount, expected, state, why, declines, tries,
                     asked_at, answered_at, created_at, changed_at FROM planned_payment
              WHERE account_id = $1 AND state NOT IN ('waiting', 'asking', 'taking', 'retrying') ORDER BY changed_at DESC, id DESC LIMIT $2";
    OF_DUE = "SELECT id, account_id, person_id, method_id, autopay_id, bill_id, due_on, take_on, amount, expected, state, why, declines, tries,
                     asked_at, answered_at, created_at, changed_at FROM planned_payment WHERE autopay_id = $1 AND due_on = $2";
    SET_PLAN = "UPDATE planned_payment SET state = $2, why = $3, take_on = $4, declines = $5, changed_at = $6 WHERE id = $1 AND state = $7";
    ASK = "UPDATE planned_payment SET state = 'asking', why = $2, asked_at = $3, answered_at = NULL, changed_at = $3 WHERE id = $1";
    ASK_ABOVE = "UPDATE planned_payment SET state = 'asking', why = $2, expected = $3, asked_at = $4, answered_at = NULL, changed_at = $4
                 WHERE id = $1 AND state = 'waiting'";
    ANSWER = "UPDATE planned_payment SET state = $2, why = $3, answered_at = $4, changed_at = $4 WHERE id = $1 AND state = 'asking'";
    TRY = "UPDATE planned_payment SET state = 'taking', tries = tries + 1, changed_at = $2
           WHERE id = $1 AND state IN ('waiting', 'retrying')";
    CHANGE = "UPDATE planned_payment SET method_id = $2, take_on = $3, amount = $4, changed_at = $5
              WHERE id = $1 AND state IN ('waiting', 'asking', 'retrying')";
    MOVE_METHOD = "UPDATE planned_payment SET method_id = $2 WHERE method_id = $1 AND state IN ('waiting', 'asking', 'retrying')";
    OF_METHOD = "SELECT id FROM planned_payment WHERE method_id = $1 AND state IN ('waiting', 'asking', 'retrying') ORDER BY id";
    PAID_BY = "UPDATE payment SET method_id = $2, planned_id = $3 WHERE id = $1";
    PLAN_OF = "SELECT planned_id FROM payment WHERE id = $1 AND planned_id IS NOT NULL";
    METHOD_OF = "SELECT method_id FROM payment WHERE id = $1 AND method_id IS NOT NULL";
    PAYMENT_OF = "SELECT number FROM payment WHERE planned_id = $1 ORDER BY id DESC LIMIT 1";
    IN_FLIGHT = "SELECT COUNT(*) FROM payment WHERE account_id = $1 AND method_id IS NULL AND status IN ('created', 'declined') AND expires_at > $2
                 AND provider <> 'elsewhere'";
    BILL = "SELECT number, total FROM bill WHERE id = $1";
    OF_FORM = "SELECT id FROM planned_payment WHERE account_id = $1 AND form_key = $2";
    TWICE = "SELECT CAST(planned_id AS BIGINT) FROM payment WHERE planned_id IS NOT NULL AND status IN ('pending', 'succeeded') GROUP BY planned_id HAVING COUNT(*) > 1
             ORDER BY planned_id LIMIT 20";
    TOO_MUCH = "SELECT p.number FROM payment p JOIN planned_payment l ON l.id = p.planned_id WHERE p.amount > l.amount
                AND p.status IN ('created', 'pending', 'succeeded') ORDER BY p.id LIMIT 20";
    WRONG_ACCOUNT = "SELECT p.number FROM payment p JOIN planned_payment l ON l.id = p.planned_id
                     WHERE p.account_id <> l.account_id OR p.method_id IS NULL ORDER BY p.id LIMIT 20";
    AFTER_LEAVING = "SELECT p.number FROM payment p JOIN planned_payment l ON l.id = p.planned_id JOIN autopay a ON a.id = l.autopay_id
                     WHERE a.ended_at IS NOT NULL AND p.created_at > a.ended_at ORDER BY p.id LIMIT 20";
    UNANSWERED = "SELECT p.number FROM payment p JOIN planned_payment l ON l.id = p.planned_id
                  WHERE l.asked_at IS NOT NULL AND p.created_at >= l.asked_at AND (l.answered_at IS NULL OR p.created_at < l.answered_at)
                  ORDER BY p.id LIMIT 20";
    NOT_TAKEN = "SELECT l.id FROM planned_payment l WHERE l.state = 'taken' AND NOT EXISTS
                 (SELECT 1 FROM payment p WHERE p.planned_id = l.id AND p.status = 'succeeded') ORDER BY l.id LIMIT 20";
    TAKEN_UNNOTED = "SELECT l.id FROM planned_payment l WHERE l.state <> 'taken' AND EXISTS
                     (SELECT 1 FROM payment p WHERE p.planned_id = l.id AND p.status = 'succeeded') ORDER BY l.id LIMIT 20";
    NOT_THEIRS = "SELECT p.number FROM payment p JOIN saved_method m ON m.id = p.method_id
                  WHERE p.person_id IS NULL OR p.person_id <> m.person_id ORDER BY p.id LIMIT 20";
    REMOVED = "SELECT p.number FROM payment p JOIN saved_method m ON m.id = p.method_id
               WHERE m.removed_at IS NOT NULL AND p.created_at > m.removed_at ORDER BY p.id LIMIT 20";
    EARLY = "SELECT p.number FROM payment p JOIN planned_payment l ON l.id = p.planned_id
             WHERE l.autopay_id IS NOT NULL AND p.created_at < l.created_at ORDER BY p.id LIMIT 20";
}

/// A payment that is taken later.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PlannedRow {
    /// Key.
    pub id: PlannedId,
    /// Of which account.
    pub account_id: AccountId,
    /// Who agreed.
    pub person_id: PersonId,
    /// With which saved way to pay.
    pub method_id: MethodId,
    /// Autopay's; `None` for a scheduled one.
    pub autopay_id: Option<AutopayId>,
    /// For which bill.
    pub bill_id: Option<BillId>,
    /// What is due by this day.
    pub due_on: Option<NaiveDate>,
    /// The day on which it is taken.
    pub take_on: NaiveDate,
    /// The most that is taken.
    pub amount: Cents,
    /// What had been expected of the bill.
    pub expected: Option<Cents>,
    /// How it stands.
    pub state: State,
    /// Why it asks, or has ended.
    pub why: Option<Why>,
    declines: i64,
    /// How often a payment for it was begun.
    pub tries: i64,
    /// When it asked last.
    pub asked_at: Option<Instant>,
    /// When that was answered.
    pub answered_at: Option<Instant>,
    /// When it was planned.
    pub created_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

impl PlannedRow {
    /// As far as it decides.
    #[must_use]
    pub fn plan(&self) -> Plan {
        Plan {
            state: self.state,
            take_on: self.take_on,
            most: self.amount,
            declines: u32::try_from(self.declines).unwrap_or(u32::MAX),
        }
    }
}

/// One to be planned.
#[derive(Clone, Debug)]
pub struct NewPlanned<'a> {
    /// Of which account.
    pub account: AccountId,
    /// Who agreed.
    pub person: PersonId,
    /// With which saved way to pay.
    pub method: MethodId,
    /// Autopay's.
    pub autopay: Option<AutopayId>,
    /// For which bill.
    pub bill: Option<BillId>,
    /// What is due by this day.
    pub due_on: Option<NaiveDate>,
    /// The day on which it is taken.
    pub take_on: NaiveDate,
    /// The most that is taken.
    pub amount: Cents,
    /// What had been expected of the bill.
    pub expected: Option<Cents>,
    /// Why it asks from the beginning; `None` where it waits for its day.
    pub asks: Option<Why>,
    /// The form's key, or autopay's own.
    pub form_key: &'a str,
    /// When.
    pub at: Instant,
}

/// Plans one; `None` where it was planned before.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, p: &NewPlanned<'_>) -> Result<Option<PlannedId>, StoreError> {
    let state = if p.asks.is_some() { State::Asking } else { State::Waiting };
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(p.account)
        .bind(p.person)
        .bind(p.method)
        .bind(p.autopay)
        .bind(p.bill)
        .bind(p.due_on)
        .bind(p.take_on)
        .bind(p.amount)
        .bind(p.expected)
        .bind(state)
        .bind(p.asks)
        .bind(p.asks.map(|_| p.at))
        .bind(p.form_key)
        .bind(p.at)
        .fetch_optional(c)
        .await)?)
}

/// One of a key.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: PlannedId) -> Result<Option<PlannedRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// An account's open ones, the next first.
///
/// # Errors
/// If the database fails.
pub async fn open(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<PlannedRow>, StoreError> {
    Ok(run!(tx, OPEN, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// An account's that have ended, the newest first.
///
/// # Errors
/// If the database fails.
pub async fn ended(tx: &mut Tx<'_>, account: AccountId, limit: i64) -> Result<Vec<PlannedRow>, StoreError> {
    Ok(run!(tx, NEWEST, |sql, c| sqlx::query_as(sql).bind(account).bind(limit).fetch_all(c).await)?)
}

/// Autopay's for what is due on a day.
///
/// # Errors
/// If the database fails.
pub async fn of_due(tx: &mut Tx<'_>, autopay: AutopayId, due_on: NaiveDate) -> Result<Option<PlannedRow>, StoreError> {
    Ok(run!(tx, OF_DUE, |sql, c| sqlx::query_as(sql).bind(autopay).bind(due_on).fetch_optional(c).await)?)
}

/// Notes how one stands that stood otherwise before; whether it still did.
///
/// # Errors
/// If the database fails.
pub async fn set_plan(
    tx: &mut Tx<'_>,
    (id, before): (PlannedId, State),
    plan: &Plan,
    why: Option<Why>,
    at: Instant,
) -> Result<bool, StoreError> {
    let changed = run!(tx, SET_PLAN, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(plan.state)
        .bind(why)
        .bind(plan.take_on)
        .bind(i64::from(plan.declines))
        .bind(at)
        .bind(before)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed > 0)
}

/// Notes that one asks.
///
/// # Errors
/// If the database fails.
pub async fn ask(tx: &mut Tx<'_>, id: PlannedId, why: Why, at: Instant) -> Result<(), StoreError> {
    run!(tx, ASK, |sql, c| sqlx::query(sql).bind(id).bind(why).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes that one asks since the terms have changed, and what had been expected of its bill.
///
/// # Errors
/// If the database fails.
pub async fn ask_above(
    tx: &mut Tx<'_>,
    id: PlannedId,
    why: Why,
    expected: Option<Cents>,
    at: Instant,
) -> Result<(), StoreError> {
    run!(tx, ASK_ABOVE, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(why)
        .bind(expected)
        .bind(at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Notes the answer: it waits for its day again, or has ended.
///
/// # Errors
/// If the database fails.
pub async fn answer(
    tx: &mut Tx<'_>,
    id: PlannedId,
    state: State,
    why: Option<Why>,
    at: Instant,
) -> Result<(), StoreError> {
    run!(tx, ANSWER, |sql, c| sqlx::query(sql).bind(id).bind(state).bind(why).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes that a payment is begun for one that waits for its day or its second one; whether it still did.
///
/// # Errors
/// If the database fails.
pub async fn begin_try(tx: &mut Tx<'_>, id: PlannedId, at: Instant) -> Result<bool, StoreError> {
    let changed =
        run!(tx, TRY, |sql, c| sqlx::query(sql).bind(id).bind(at).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(changed > 0)
}

/// Changes what was agreed to.
///
/// # Errors
/// If the database fails.
pub async fn change(
    tx: &mut Tx<'_>,
    id: PlannedId,
    method: MethodId,
    (take_on, amount): (NaiveDate, Cents),
    at: Instant,
) -> Result<(), StoreError> {
    run!(tx, CHANGE, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(method)
        .bind(take_on)
        .bind(amount)
        .bind(at)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Lets those that are still to be taken with one way to pay use another.
///
/// # Errors
/// If the database fails.
pub async fn move_method(tx: &mut Tx<'_>, from: MethodId, to: MethodId) -> Result<(), StoreError> {
    run!(tx, MOVE_METHOD, |sql, c| sqlx::query(sql).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Those that are still to be taken with a saved way to pay.
///
/// # Errors
/// If the database fails.
pub async fn of_method(tx: &mut Tx<'_>, method: MethodId) -> Result<Vec<PlannedId>, StoreError> {
    Ok(run!(tx, OF_METHOD, |sql, c| sqlx::query_scalar(sql).bind(method).fetch_all(c).await)?)
}

/// Notes with which saved way a payment is taken, and for which plan.
///
/// # Errors
/// If the database fails.
pub async fn paid_by(
    tx: &mut Tx<'_>,
    payment: PaymentId,
    method: MethodId,
    planned: Option<PlannedId>,
) -> Result<(), StoreError> {
    run!(tx, PAID_BY, |sql, c| sqlx::query(sql).bind(payment).bind(method).bind(planned).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The plan that a payment is for.
///
/// # Errors
/// If the database fails.
pub async fn plan_of(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Option<PlannedId>, StoreError> {
    Ok(run!(tx, PLAN_OF, |sql, c| sqlx::query_scalar(sql).bind(payment).fetch_optional(c).await)?)
}

/// The saved way to pay that a payment is taken with; `None` for one that is paid on the processor's page.
///
/// # Errors
/// If the database fails.
pub async fn method_of(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Option<MethodId>, StoreError> {
    Ok(run!(tx, METHOD_OF, |sql, c| sqlx::query_scalar(sql).bind(payment).fetch_optional(c).await)?)
}

/// The number of the newest payment for a plan.
///
/// # Errors
/// If the database fails.
pub async fn payment_of(tx: &mut Tx<'_>, id: PlannedId) -> Result<Option<String>, StoreError> {
    Ok(run!(tx, PAYMENT_OF, |sql, c| sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?)
}

/// The number of a bill that one is for, and what it comes to.
///
/// # Errors
/// If the database fails.
pub async fn bill(tx: &mut Tx<'_>, id: BillId) -> Result<Option<(String, Cents)>, StoreError> {
    Ok(run!(tx, BILL, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// What a form planned.
///
/// # Errors
/// If the database fails.
pub async fn of_form(tx: &mut Tx<'_>, account: AccountId, key: &str) -> Result<Option<PlannedId>, StoreError> {
    Ok(run!(tx, OF_FORM, |sql, c| sqlx::query_scalar(sql).bind(account).bind(key).fetch_optional(c).await)?)
}

/// Whether someone may be paying on the processor's page: one that has not ended and could be paid until after `since`.
///
/// # Errors
/// If the database fails.
pub async fn someone_pays(tx: &mut Tx<'_>, account: AccountId, since: Instant) -> Result<bool, StoreError> {
    let count: i64 =
        run!(tx, IN_FLIGHT, |sql, c| sqlx::query_scalar(sql).bind(account).bind(since).fetch_one(c).await)?;
    Ok(count > 0)
}

/// Where planned payments and what was taken for them disagree, in plain words, at most twenty of each kind.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for (sql, what) in [
        (TWICE, "is on its way or taken twice"),
        (NOT_TAKEN, "counts as taken, and no payment succeeded for it"),
        (TAKEN_UNNOTED, "was taken and does not count as taken"),
    ] {
        let found: Vec<i64> = run!(&mut *tx, sql, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
        out.extend(found.iter().map(|id| format!("planned payment {id} {what}")));
    }
    for (sql, what) in [
        (TOO_MUCH, "is more than was agreed to"),
        (WRONG_ACCOUNT, "is not of its plan's account, or without a saved way to pay"),
        (AFTER_LEAVING, "was taken after autopay had ended"),
        (UNANSWERED, "was taken before the resident had answered"),
        (NOT_THEIRS, "was taken with someone else's way to pay"),
        (REMOVED, "was taken with a way to pay that had been removed"),
        (EARLY, "was taken before it was planned"),
    ] {
        let found: Vec<String> = run!(&mut *tx, sql, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
        out.extend(found.iter().map(|number| format!("payment {number} {what}")));
    }
    Ok(out)
}
