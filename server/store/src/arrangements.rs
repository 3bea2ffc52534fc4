//! Payment arrangements and budget billing: what is asked by which day.

use chrono::NaiveDate;
use domain::ids::{AccountId, ArrangementId, BudgetPlanId, PersonId};
use domain::ledger::Due;
use domain::ledger::asked::{Level, Spread, Standing};
use domain::money::Cents;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO arrangement (account_id, total, months, through, agreed_on, agreed_by, by_staff, standing, reinstated,
                                       changed_on, form_key)
              VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', FALSE, $5, $8) ON CONFLICT (account_id, form_key) DO NOTHING RETURNING id";
    INSERT_INSTALMENT = "INSERT INTO arrangement_instalment (arrangement_id, position, due_on, amount) VALUES ($1, $2, $3, $4)";
    LATEST = "SELECT id, total, months, through, agreed_on, by_staff, standing, reinstated, changed_on FROM arrangement
              WHERE account_id = $1 ORDER BY id DESC LIMIT 1";
    INSTALMENTS = "SELECT due_on, amount FROM arrangement_instalment WHERE arrangement_id = $1 ORDER BY position";
    SET_STANDING = "UPDATE arrangement SET standing = $2, reinstated = $3, changed_on = $4 WHERE id = $1";
    INSERT_PLAN = "INSERT INTO budget_plan (account_id, since, monthly, joined_by, form_key) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (account_id, form_key) DO NOTHING RETURNING id";
    PLANS = "SELECT id, since, until, monthly, settled_on FROM budget_plan WHERE account_id = $1 ORDER BY id";
    END_PLAN = "UPDATE budget_plan SET until = $2, settled_on = $3 WHERE id = $1 AND until IS NULL";
    SUM_FAULTS = "SELECT a.id, a.total, CAST(COALESCE(SUM(i.amount), 0) AS BIGINT), a.months, COUNT(i.position)
                  FROM arrangement a LEFT JOIN arrangement_instalment i ON i.arrangement_id = a.id
                  GROUP BY a.id, a.total, a.months
                  HAVING a.total <> COALESCE(SUM(i.amount), 0) OR a.months <> COUNT(i.position) ORDER BY a.id LIMIT 20";
    OVERLAPS = "SELECT a.number FROM budget_plan p JOIN budget_plan q ON q.account_id = p.account_id AND q.id > p.id
                JOIN account a ON a.id = p.account_id
                WHERE p.until IS NULL OR q.since < p.until GROUP BY a.number ORDER BY a.number LIMIT 20";
    BOTH = "SELECT a.number FROM arrangement r JOIN budget_plan p ON p.account_id = r.account_id JOIN account a ON a.id = p.account_id
            WHERE r.standing = 'active' AND p.until IS NULL ORDER BY a.number LIMIT 20";
}

/// An arrangement to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewArrangement<'a> {
    /// Whose.
    pub account: AccountId,
    /// What is spread.
    pub total: Cents,
    /// Bills and fees up to this day.
    pub through: NaiveDate,
    /// When it was agreed.
    pub on: NaiveDate,
    /// Who agreed.
    pub by: PersonId,
    /// Whether an employee wrote it down.
    pub by_staff: bool,
    /// The form's own key.
    pub form_key: &'a str,
    /// The instalments, in order.
    pub instalments: &'a [Due],
}

/// Writes an arrangement; `None` where this form was sent before.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, a: &NewArrangement<'_>) -> Result<Option<ArrangementId>, StoreError> {
    let months = i64::try_from(a.instalments.len()).unwrap_or(i64::MAX);
    let id: Option<ArrangementId> = run!(&mut *tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(a.account)
        .bind(a.total)
        .bind(months)
        .bind(a.through)
        .bind(a.on)
        .bind(a.by)
        .bind(a.by_staff)
        .bind(a.form_key)
        .fetch_optional(c)
        .await)?;
    let Some(id) = id else { return Ok(None) };
    for (position, due) in (1_i64..).zip(a.instalments) {
        run!(&mut *tx, INSERT_INSTALMENT, |sql, c| sqlx::query(sql)
            .bind(id)
            .bind(position)
            .bind(due.on)
            .bind(due.amount)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(Some(id))
}

/// An arrangement.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ArrangementRow {
    /// Key.
    pub id: ArrangementId,
    /// What is spread.
    pub total: Cents,
    /// Over how many months.
    pub months: i64,
    /// Bills and fees up to this day.
    pub through: NaiveDate,
    /// When it was agreed.
    pub agreed_on: NaiveDate,
    /// Whether an employee wrote it down.
    pub by_staff: bool,
    /// How it stands.
    pub standing: Standing,
    /// Whether it was put back once.
    pub reinstated: bool,
    /// When that last changed.
    pub changed_on: NaiveDate,
}

/// The account's newest arrangement and its instalments.
///
/// # Errors
/// If the database fails.
pub async fn latest(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<(ArrangementRow, Spread)>, StoreError> {
    let row: Option<ArrangementRow> =
        run!(&mut *tx, LATEST, |sql, c| sqlx::query_as(sql).bind(account).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let rows: Vec<(NaiveDate, Cents)> =
        run!(tx, INSTALMENTS, |sql, c| sqlx::query_as(sql).bind(row.id).fetch_all(c).await)?;
    let spread =
        Spread { through: row.through, instalments: rows.into_iter().map(|(on, amount)| Due { on, amount }).collect() };
    Ok(Some((row, spread)))
}

/// Notes how an arrangement stands now.
///
/// # Errors
/// If the database fails.
pub async fn set_standing(
    tx: &mut Tx<'_>,
    id: ArrangementId,
    standing: Standing,
    reinstated: bool,
    on: NaiveDate,
) -> Result<(), StoreError> {
    run!(tx, SET_STANDING, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(standing)
        .bind(reinstated)
        .bind(on)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A stretch of budget billing.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct PlanRow {
    /// Key.
    pub id: BudgetPlanId,
    /// Bills that end after this day are levelled.
    pub since: NaiveDate,
    /// Bills that end after this day are not any more.
    pub until: Option<NaiveDate>,
    /// What each bill asks.
    pub monthly: Cents,
    /// When the difference is due.
    pub settled_on: Option<NaiveDate>,
}

impl PlanRow {
    /// As far as it changes what is asked.
    #[must_use]
    pub const fn level(&self) -> Level {
        Level { since: self.since, until: self.until, monthly: self.monthly, settled_on: self.settled_on }
    }
}

/// The account's stretches of budget billing, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn plans(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<PlanRow>, StoreError> {
    Ok(run!(tx, PLANS, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// Begins a stretch of budget billing; `None` where this form was sent before.
///
/// # Errors
/// If the database fails.
pub async fn insert_plan(
    tx: &mut Tx<'_>,
    account: AccountId,
    since: NaiveDate,
    monthly: Cents,
    by: Option<PersonId>,
    form_key: &str,
) -> Result<Option<BudgetPlanId>, StoreError> {
    Ok(run!(tx, INSERT_PLAN, |sql, c| sqlx::query_scalar(sql)
        .bind(account)
        .bind(since)
        .bind(monthly)
        .bind(by)
        .bind(form_key)
        .fetch_optional(c)
        .await)?)
}

/// Ends a stretch of budget billing after bills that end on or before `until`.
///
/// # Errors
/// If the database fails.
pub async fn end_plan(
    tx: &mut Tx<'_>,
    id: BudgetPlanId,
    until: NaiveDate,
    settled_on: NaiveDate,
) -> Result<(), StoreError> {
    run!(tx, END_PLAN, |sql, c| sqlx::query(sql).bind(id).bind(until).bind(settled_on).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// What is wrong with arrangements and budget billing, in plain words, at most twenty of each kind.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    let rows: Vec<(i64, Cents, Cents, i64, i64)> =
        run!(&mut *tx, SUM_FAULTS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(id, total, sum, months, n)| {
        format!("arrangement {id} spreads {total} over {months} months, its {n} instalments are {sum}")
    }));
    let rows: Vec<String> = run!(&mut *tx, OVERLAPS, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|n| format!("account {n} is in budget billing twice at a time")));
    let rows: Vec<String> = run!(tx, BOTH, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|n| format!("account {n} has an arrangement and budget billing at once")));
    Ok(out)
}
