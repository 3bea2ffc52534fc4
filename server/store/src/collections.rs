//! Debts by bill and service, late fees, what was written about them, and what holds everything up.

use chrono::NaiveDate;
use domain::ids::{AccountId, BillId, HoldId, JournalId, PersonId};
use domain::ledger::aging::Debt;
use domain::money::Cents;
use domain::quantity::ServiceKind;

use crate::{StoreError, Tx, run, statements};

statements! {
    DEBTS = "SELECT b.id, b.issued_on, b.due_on, l.service, CAST(SUM(l.amount) AS BIGINT) AS amount
             FROM bill b JOIN bill_line l ON l.bill_id = b.id
             WHERE b.account_id = $1 AND b.status = 'issued'
             GROUP BY b.id, b.issued_on, b.due_on, l.service ORDER BY b.id, l.service";
    // What stands of late fees; one that was waived is reversed.
    FEES = "SELECT j.id, j.bill_id, j.effective_on, e.service, CAST(SUM(e.amount) AS BIGINT) AS amount
            FROM journal j JOIN ledger_entry e ON e.journal_id = j.id
            WHERE j.account_id = $1 AND j.kind = 'late_fee' AND e.book = 'receivable'
              AND NOT EXISTS (SELECT 1 FROM journal r WHERE r.reverses_id = j.id)
            GROUP BY j.id, j.bill_id, j.effective_on, e.service ORDER BY j.id, e.service";
    // Accounts that something may have to be done about: they owe, or an arrangement, a deposit or budget billing runs.
    TO_LOOK_AT = "SELECT a.id FROM account a WHERE a.id > $1 AND (
                    (SELECT COALESCE(SUM(e.amount), 0) FROM ledger_entry e WHERE e.account_id = a.id AND e.book = 'receivable') > 0
                    OR EXISTS (SELECT 1 FROM arrangement r WHERE r.account_id = a.id AND r.standing = 'active')
                    OR EXISTS (SELECT 1 FROM budget_plan p WHERE p.account_id = a.id AND p.until IS NULL)
                    OR EXISTS (SELECT 1 FROM deposit d WHERE d.account_id = a.id AND d.released_on IS NULL))
                  ORDER BY a.id LIMIT $2";
    INSERT_NOTICE = "INSERT INTO collection_notice (account_id, kind, debt_since, amount, sent_on, not_before)
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, kind, debt_since) DO NOTHING RETURNING id";
    NOTICES = "SELECT kind, debt_since, amount, sent_on, not_before FROM collection_notice WHERE account_id = $1 ORDER BY id DESC LIMIT 50";
    INSERT_HOLD = "INSERT INTO collection_hold (account_id, reason, note, since, through, set_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
    HOLD = "SELECT id, reason, note, since, through, set_by FROM collection_hold
            WHERE account_id = $1 AND lifted_on IS NULL AND since <= $2 AND through >= $2 ORDER BY through DESC, id DESC LIMIT 1";
    LIFT_HOLD = "UPDATE collection_hold SET lifted_on = $3 WHERE account_id = $1 AND id = $2 AND lifted_on IS NULL";
    FEE_TWICE = "SELECT j.bill_id, COUNT(*) FROM journal j WHERE j.kind = 'late_fee'
                 AND NOT EXISTS (SELECT 1 FROM journal r WHERE r.reverses_id = j.id)
                 GROUP BY j.bill_id HAVING COUNT(*) > 1 OR j.bill_id IS NULL LIMIT 20";
    FEE_NEGATIVE = "SELECT j.event_key FROM journal j JOIN ledger_entry e ON e.journal_id = j.id
                    WHERE j.kind = 'late_fee' AND ((e.book = 'receivable' AND e.amount < 0) OR e.book NOT IN ('receivable', 'late_fees'))
                    ORDER BY j.id LIMIT 20";
    CREDIT_OVERDRAWN = "SELECT a.number, CAST(SUM(e.amount) AS BIGINT) FROM ledger_entry e JOIN account a ON a.id = e.account_id
                        WHERE e.book = 'customer_credit' GROUP BY a.number HAVING SUM(e.amount) > 0 ORDER BY a.number LIMIT 20";
    TWICE_REVERSED = "SELECT j.event_key FROM journal j JOIN journal r ON r.reverses_id = j.id
                      GROUP BY j.id, j.event_key HAVING COUNT(*) > 1 ORDER BY j.id LIMIT 20";
    NOT_OPPOSITE = "SELECT j.event_key, CAST(SUM(e.amount) AS BIGINT) FROM journal r
                    JOIN journal j ON j.id = r.reverses_id JOIN ledger_entry e ON e.journal_id IN (j.id, r.id)
                    GROUP BY j.id, j.event_key, e.book, e.service HAVING SUM(e.amount) <> 0 ORDER BY j.id LIMIT 20";
    NOTICE_TOO_SOON = sqlite
        "SELECT a.number, n.kind FROM collection_notice n JOIN account a ON a.id = n.account_id
         WHERE (n.kind = 'energy' AND (n.not_before IS NULL OR n.not_before < date(n.sent_on, '+15 days')))
            OR (n.kind = 'water' AND (n.not_before IS NULL OR n.not_before < date(n.debt_since, '+60 days'))) ORDER BY n.id LIMIT 20",
    postgres
        "SELECT a.number, n.kind FROM collection_notice n JOIN account a ON a.id = n.account_id
         WHERE (n.kind = 'energy' AND (n.not_before IS NULL OR n.not_before < n.sent_on + 15))
            OR (n.kind = 'water' AND (n.not_before IS NULL OR n.not_before < n.debt_since + 60)) ORDER BY n.id LIMIT 20";
}

/// Days from a late fee to its own due date: as long as a bill gives.
pub const FEE_DUE_AFTER: u64 = 21;

/// What one bill asks for one service.
#[derive(Clone, Copy, Debug)]
pub struct BillDebt {
    /// The bill.
    pub bill: BillId,
    /// The debt.
    pub debt: Debt,
}

/// What the account's standing bills ask, by service, in the order of the bills.
///
/// # Errors
/// If the database fails.
pub async fn bill_debts(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<BillDebt>, StoreError> {
    let rows: Vec<(BillId, NaiveDate, NaiveDate, ServiceKind, Cents)> =
        run!(tx, DEBTS, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?;
    let read = |(bill, billed_on, due_on, service, amount)| BillDebt {
        bill,
        debt: Debt { service, billed_on, due_on, amount },
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A late fee that stands, for one service.
#[derive(Clone, Copy, Debug)]
pub struct Fee {
    /// Its journal.
    pub journal: JournalId,
    /// The bill that was late.
    pub bill: Option<BillId>,
    /// The debt.
    pub debt: Debt,
}

/// The account's late fees that were not waived, by service.
///
/// # Errors
/// If the database fails.
pub async fn fees(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Fee>, StoreError> {
    let rows: Vec<(JournalId, Option<BillId>, NaiveDate, ServiceKind, Cents)> =
        run!(tx, FEES, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?;
    let read = |(journal, bill, billed_on, service, amount)| {
        let due_on = billed_on + chrono::Days::new(FEE_DUE_AFTER);
        Fee { journal, bill, debt: Debt { service, billed_on, due_on, amount } }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Accounts after one, in order, that collections may have something to do about: they owe, or an arrangement, budget billing
/// or a deposit of theirs runs.
///
/// # Errors
/// If the database fails.
pub async fn to_look_at(tx: &mut Tx<'_>, after: AccountId, limit: i64) -> Result<Vec<AccountId>, StoreError> {
    Ok(run!(tx, TO_LOOK_AT, |sql, c| sqlx::query_scalar(sql).bind(after).bind(limit).fetch_all(c).await)?)
}

/// What was written about a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum NoticeKind {
    /// That a bill is late.
    Reminder,
    /// The final notice about electricity and gas.
    Energy,
    /// The final notice about water.
    Water,
}

/// A notice.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct NoticeRow {
    /// What it was.
    pub kind: NoticeKind,
    /// The due date that was missed first.
    pub debt_since: NaiveDate,
    /// What was past due.
    pub amount: Cents,
    /// When it went out.
    pub sent_on: NaiveDate,
    /// Before this day nothing is cut off.
    pub not_before: Option<NaiveDate>,
}

/// Notes that a notice goes out; whether it is the first of its kind about this debt.
///
/// # Errors
/// If the database fails.
pub async fn insert_notice(tx: &mut Tx<'_>, account: AccountId, n: &NoticeRow) -> Result<bool, StoreError> {
    let id: Option<i64> = run!(tx, INSERT_NOTICE, |sql, c| sqlx::query_scalar(sql)
        .bind(account)
        .bind(n.kind)
        .bind(n.debt_since)
        .bind(n.amount)
        .bind(n.sent_on)
        .bind(n.not_before)
        .fetch_optional(c)
        .await)?;
    Ok(id.is_some())
}

/// An account's notices, newest first.
///
/// # Errors
/// If the database fails.
pub async fn notices(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<NoticeRow>, StoreError> {
    Ok(run!(tx, NOTICES, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// Why nothing is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum HoldReason {
    /// A physician certified that it would endanger someone.
    Medical,
    /// The bill is being looked into.
    Dispute,
    /// More time was given.
    Extension,
    /// Help with paying was promised by someone else.
    Assistance,
}

impl HoldReason {
    /// In the order of a form.
    pub const ALL: [Self; 4] = [Self::Medical, Self::Dispute, Self::Extension, Self::Assistance];

    /// The word in forms.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Medical => "medical",
            Self::Dispute => "dispute",
            Self::Extension => "extension",
            Self::Assistance => "assistance",
        }
    }

    /// Reads what [`HoldReason::slug`] gave.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.slug() == slug)
    }
}

/// A hold.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HoldRow {
    /// Key.
    pub id: HoldId,
    /// Why.
    pub reason: HoldReason,
    /// In an employee's words.
    pub note: String,
    /// The first day.
    pub since: NaiveDate,
    /// The last day.
    pub through: NaiveDate,
    /// Who set it.
    pub set_by: PersonId,
}

/// Sets a hold.
///
/// # Errors
/// If the database fails.
pub async fn insert_hold(
    tx: &mut Tx<'_>,
    account: AccountId,
    reason: HoldReason,
    note: &str,
    (since, through): (NaiveDate, NaiveDate),
    by: PersonId,
) -> Result<HoldId, StoreError> {
    Ok(run!(tx, INSERT_HOLD, |sql, c| sqlx::query_scalar(sql)
        .bind(account)
        .bind(reason)
        .bind(note)
        .bind(since)
        .bind(through)
        .bind(by)
        .fetch_one(c)
        .await)?)
}

/// The hold in force on a day that lasts longest.
///
/// # Errors
/// If the database fails.
pub async fn hold(tx: &mut Tx<'_>, account: AccountId, today: NaiveDate) -> Result<Option<HoldRow>, StoreError> {
    Ok(run!(tx, HOLD, |sql, c| sqlx::query_as(sql).bind(account).bind(today).fetch_optional(c).await)?)
}

/// Ends a hold before its time.
///
/// # Errors
/// If the database fails.
pub async fn lift_hold(tx: &mut Tx<'_>, account: AccountId, id: HoldId, on: NaiveDate) -> Result<bool, StoreError> {
    let done = run!(tx, LIFT_HOLD, |sql, c| sqlx::query(sql)
        .bind(account)
        .bind(id)
        .bind(on)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    Ok(done > 0)
}

/// What is wrong with fees, reversals, credits and notices, in plain words, at most twenty of each kind.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    let rows: Vec<(Option<i64>, i64)> = run!(&mut *tx, FEE_TWICE, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(bill, n)| match bill {
        Some(bill) => format!("bill with key {bill} has {n} late fees"),
        None => format!("{n} late fees belong to no bill"),
    }));
    let rows: Vec<String> = run!(&mut *tx, FEE_NEGATIVE, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|k| format!("{k} is no late fee by its books")));
    let rows: Vec<(String, Cents)> = run!(&mut *tx, CREDIT_OVERDRAWN, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(n, a)| format!("account {n} used {a} more credit than it had")));
    let rows: Vec<String> = run!(&mut *tx, TWICE_REVERSED, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|k| format!("{k} was reversed more than once")));
    let rows: Vec<(String, Cents)> = run!(&mut *tx, NOT_OPPOSITE, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(k, a)| format!("the reversal of {k} leaves {a} in one of its books")));
    let rows: Vec<(String, String)> = run!(tx, NOTICE_TOO_SOON, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(n, k)| format!("the final notice about {k} to account {n} leaves too little time")));
    Ok(out)
}
