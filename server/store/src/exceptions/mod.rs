//! Exceptions: the work list of what checks, refused records and meter readers found; and what was done about each.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, DeliveryId, ExceptionId, RegisterId};
use domain::metering::vee::Rule;
use domain::quantity::Commodity;
use serde_json::Value;
use sqlx::FromRow;

use crate::usage::day_of_number;
use crate::{StoreError, Tx, run, statements};

mod estimates;
mod steps;

pub use estimates::{EstimateRow, NewEstimate, estimates, insert_estimates};
pub use steps::{Step, StepRow, add_step, steps, undo_step};

statements! {
    // One that was settled because its cause went away opens again with it; what an employee settled stays settled until something
    // else is found.
    OPEN = "INSERT INTO usage_exception (key, source, register_id, meter_number, commodity, day, at, code, severity, state,
                                         evidence, delivery_id, opened_at, changed_at)
            SELECT $1, CASE WHEN $5 = 'reverse' AND EXISTS (SELECT 1 FROM delivery o WHERE o.id = $8 AND o.format = 'route')
                            THEN 'handheld' ELSE 'ami' END, r.id, m.number, m.commodity, $3, $4, $5, $6, 'open', $7, $8, $9, $9
            FROM register r JOIN meter m ON m.id = r.meter_id WHERE r.id = $2
            ON CONFLICT (key) DO UPDATE
            SET evidence = excluded.evidence, delivery_id = excluded.delivery_id, changed_at = excluded.changed_at,
                state = CASE WHEN usage_exception.state = 'settled' THEN 'open' ELSE usage_exception.state END,
                settled_how = NULL
            WHERE usage_exception.state <> 'settled' OR usage_exception.settled_how = 'cured'
                  OR usage_exception.evidence <> excluded.evidence";
    OPEN_METER = "INSERT INTO usage_exception (key, source, register_id, meter_number, commodity, day, at, code, severity,
                                               state, evidence, delivery_id, opened_at, changed_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12, $12)
                  ON CONFLICT (key) DO UPDATE
                  SET state = 'open', settled_how = NULL, evidence = excluded.evidence, changed_at = excluded.changed_at
                  WHERE usage_exception.settled_how = 'cured'";
    UNSETTLED = sqlite
        "SELECT x.id, x.register_id, x.day, x.code FROM json_each($1) k
         JOIN usage_exception x ON x.register_id = k.value WHERE x.state <> 'settled' ORDER BY x.id",
    postgres
        "SELECT x.id, x.register_id, x.day, x.code FROM jsonb_array_elements_text($1) AS k (v)
         JOIN usage_exception x ON x.register_id = CAST(k.v AS BIGINT) WHERE x.state <> 'settled' ORDER BY x.id";
    MISSING = "SELECT day, code, state FROM usage_exception
               WHERE register_id = $1 AND day < $3
                     AND ((code = 'gap' AND day >= $2) OR (code = 'silent' AND state <> 'settled'))
               ORDER BY day, id";
    BY_KEY = "SELECT id FROM usage_exception WHERE key = $1 AND state <> 'settled'";
    SET_STATE = "UPDATE usage_exception SET state = $2, settled_how = $3, changed_at = $4 WHERE id = $1";
    LIST = "SELECT x.id, x.source, x.register_id, x.meter_number, x.commodity, x.day, x.at, x.code, x.severity, x.state,
                   x.settled_how, x.evidence, x.delivery_id, x.opened_at, x.changed_at, a.id AS account_id,
                   a.number AS account_number, a.name AS account_name, p.street
            FROM usage_exception x
            LEFT JOIN meter m ON m.number = x.meter_number AND m.commodity = x.commodity
            LEFT JOIN meter_installation i ON i.meter_id = m.id AND i.since <= x.at AND (i.until IS NULL OR i.until > x.at)
            LEFT JOIN service_point s ON s.id = i.service_point_id
            LEFT JOIN premise p ON p.id = s.premise_id
            LEFT JOIN service_agreement g ON g.service_point_id = s.id AND g.service = x.commodity AND g.since <= x.at
                      AND (g.until IS NULL OR g.until > x.at)
            LEFT JOIN account a ON a.id = g.account_id
            WHERE x.state = $1 AND ($2 = '' OR x.code = $2) AND ($3 = '' OR x.commodity = $3) AND x.opened_at <= $4
            ORDER BY x.severity DESC, x.opened_at, x.day DESC, x.id LIMIT $5 OFFSET $6";
    BY_ID = "SELECT x.id, x.source, x.register_id, x.meter_number, x.commodity, x.day, x.at, x.code, x.severity, x.state,
                   x.settled_how, x.evidence, x.delivery_id, x.opened_at, x.changed_at, a.id AS account_id,
                   a.number AS account_number, a.name AS account_name, p.street
            FROM usage_exception x
            LEFT JOIN meter m ON m.number = x.meter_number AND m.commodity = x.commodity
            LEFT JOIN meter_installation i ON i.meter_id = m.id AND i.since <= x.at AND (i.until IS NULL OR i.until > x.at)
            LEFT JOIN service_point s ON s.id = i.service_point_id
            LEFT JOIN premise p ON p.id = s.premise_id
            LEFT JOIN service_agreement g ON g.service_point_id = s.id AND g.service = x.commodity AND g.since <= x.at
                      AND (g.until IS NULL OR g.until > x.at)
            LEFT JOIN account a ON a.id = g.account_id
            WHERE x.id = $1";
    LOCK = sqlite "SELECT id FROM usage_exception WHERE id = $1",
           postgres "SELECT id FROM usage_exception WHERE id = $1 FOR UPDATE";
    COUNTS = "SELECT state, code, COUNT(*) AS n FROM usage_exception WHERE state IN ('open', 'ordered')
              GROUP BY state, code ORDER BY state, code";
    SETTLED = "SELECT COUNT(*) FROM usage_exception WHERE state = 'settled'";
}

/// Where the data came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Source {
    /// The head end.
    Ami,
    /// A meter reader's device.
    Handheld,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Someone has to look.
    Open,
    /// A re-read or a visit is ordered.
    Ordered,
    /// Done.
    Settled,
}

/// How it was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum How {
    /// Its cause went away by itself.
    Cured,
    /// What was found is real.
    Accepted,
    /// Values were estimated.
    Estimated,
    /// Values were typed.
    Edited,
}

/// A broken rule of a register's day.
#[derive(Clone, Debug)]
pub struct NewException {
    /// Whose.
    pub register: RegisterId,
    /// On which day, since 1970-01-01.
    pub day: i64,
    /// An instant in that day.
    pub at: Instant,
    /// Which rule.
    pub rule: Rule,
    /// The figures behind it.
    pub evidence: Value,
}

impl NewException {
    /// The key that makes it one.
    #[must_use]
    pub fn key(register: RegisterId, day: i64, rule: Rule) -> String {
        format!("r{}:{day}:{}", register.0, rule.slug())
    }
}

/// Something about a meter or a delivery where no day of a register is concerned.
#[derive(Clone, Debug)]
pub struct NewMeterException<'a> {
    /// What makes it one.
    pub key: &'a str,
    /// Where from.
    pub source: Source,
    /// The register, where it is known.
    pub register: Option<RegisterId>,
    /// The number on the meter; empty where it is not known.
    pub meter: &'a str,
    /// What it measures.
    pub commodity: Option<Commodity>,
    /// The day, since 1970-01-01.
    pub day: i64,
    /// An instant in that day.
    pub at: Instant,
    /// Which rule.
    pub rule: Rule,
    /// What is known.
    pub evidence: Value,
}

/// What is done about readings that did not come.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct MissingRow {
    /// The day from which they are missing, since 1970-01-01.
    pub day: i64,
    /// Whether it is that day ([`Rule::Gap`]) or all since ([`Rule::Silent`]).
    pub code: String,
    /// Whose turn it is.
    pub state: State,
}

/// What is done about readings of a register that did not come on the days of a range, by day.
///
/// # Errors
/// If the database fails.
pub async fn missing(tx: &mut Tx<'_>, register: RegisterId, days: (i64, i64)) -> Result<Vec<MissingRow>, StoreError> {
    Ok(run!(tx, MISSING, |sql, c| sqlx::query_as(sql).bind(register).bind(days.0).bind(days.1).fetch_all(c).await)?)
}

/// An exception as the work list has it.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct ExceptionRow {
    /// Key.
    pub id: ExceptionId,
    /// Where from.
    pub source: Source,
    /// Whose.
    pub register_id: Option<RegisterId>,
    /// The number on the meter.
    pub meter_number: String,
    /// What it measures.
    pub commodity: Option<Commodity>,
    /// The day's number; see [`ExceptionRow::date`].
    pub day: i64,
    /// An instant in that day.
    pub at: Instant,
    /// Which rule.
    pub code: String,
    /// See [`domain::metering::vee::Severity`].
    pub severity: i64,
    /// Whose turn it is.
    pub state: State,
    /// How it was settled.
    pub settled_how: Option<How>,
    /// The figures behind it.
    pub evidence: Value,
    /// The delivery that showed it last.
    pub delivery_id: Option<DeliveryId>,
    /// When it was found.
    pub opened_at: Instant,
    /// When something last happened.
    pub changed_at: Instant,
    /// Whose use it was on that day.
    pub account_id: Option<AccountId>,
    /// The account's number.
    pub account_number: Option<String>,
    /// The name on the bill.
    pub account_name: Option<String>,
    /// Where the meter was on that day.
    pub street: Option<String>,
}

impl ExceptionRow {
    /// The local day.
    ///
    /// # Errors
    /// `Damaged` where the stored number is no day.
    pub fn date(&self) -> Result<NaiveDate, StoreError> {
        day_of_number(self.day)
    }

    /// Which rule.
    ///
    /// # Errors
    /// `Damaged` where the stored code is none.
    pub fn rule(&self) -> Result<Rule, StoreError> {
        Rule::from_slug(&self.code).ok_or_else(|| StoreError::Damaged(format!("exception code {}", self.code)))
    }
}

/// An exception that is not settled, in short.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Unsettled {
    /// Key.
    pub id: ExceptionId,
    /// Whose.
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    /// The day's number.
    pub day: i64,
    /// Which rule.
    pub code: String,
}

/// What is to be listed.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// Whose turn.
    pub state: State,
    /// A rule's word, or empty for all.
    pub code: &'a str,
    /// A commodity's word, or empty for all.
    pub commodity: &'a str,
    /// Found at or before.
    pub opened_by: Instant,
}

/// Opens exceptions of registers; one of the same register, day and rule is brought up to date.
///
/// # Errors
/// If the database fails.
pub async fn open(
    tx: &mut Tx<'_>,
    delivery: Option<DeliveryId>,
    now: Instant,
    found: &[NewException],
) -> Result<(), StoreError> {
    for f in found {
        run!(tx, OPEN, |sql, c| sqlx::query(sql)
            .bind(NewException::key(f.register, f.day, f.rule))
            .bind(f.register)
            .bind(f.day)
            .bind(f.at)
            .bind(f.rule.slug())
            .bind(f.rule.severity() as i64)
            .bind(&f.evidence)
            .bind(delivery)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// Opens an exception of a meter or a delivery; one of the same key that is not cured is left as it is.
///
/// # Errors
/// If the database fails.
pub async fn open_meter(
    tx: &mut Tx<'_>,
    delivery: Option<DeliveryId>,
    now: Instant,
    f: &NewMeterException<'_>,
) -> Result<(), StoreError> {
    run!(tx, OPEN_METER, |sql, c| sqlx::query(sql)
        .bind(f.key)
        .bind(f.source)
        .bind(f.register)
        .bind(f.meter.replace('\0', "\u{fffd}"))
        .bind(f.commodity)
        .bind(f.day)
        .bind(f.at)
        .bind(f.rule.slug())
        .bind(f.rule.severity() as i64)
        .bind(&f.evidence)
        .bind(delivery)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The exceptions of registers that are not settled.
///
/// # Errors
/// If the database fails.
pub async fn unsettled(tx: &mut Tx<'_>, registers: &[RegisterId]) -> Result<Vec<Unsettled>, StoreError> {
    if registers.is_empty() {
        return Ok(Vec::new());
    }
    let list: Value = registers.iter().map(|r| Value::from(r.0)).collect();
    Ok(run!(tx, UNSETTLED, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?)
}

/// The exception of a key, unless it is settled.
///
/// # Errors
/// If the database fails.
pub async fn unsettled_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<ExceptionId>, StoreError> {
    Ok(run!(tx, BY_KEY, |sql, c| sqlx::query_scalar(sql).bind(key).fetch_optional(c).await)?)
}

/// Settles an exception whose cause went away.
///
/// # Errors
/// If the database fails.
pub async fn cure(tx: &mut Tx<'_>, id: ExceptionId, now: Instant) -> Result<(), StoreError> {
    set_state(tx, id, State::Settled, Some(How::Cured), now).await?;
    add_step(tx, id, now, None, Step::Cured, "", None).await
}

/// Sets whose turn it is, and how it was settled.
///
/// # Errors
/// If the database fails.
pub async fn set_state(
    tx: &mut Tx<'_>,
    id: ExceptionId,
    state: State,
    how: Option<How>,
    now: Instant,
) -> Result<(), StoreError> {
    run!(tx, SET_STATE, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(state)
        .bind(how)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The list, most urgent and then oldest first; `skip` of them left out.
///
/// # Errors
/// If the database fails.
pub async fn list(
    tx: &mut Tx<'_>,
    filter: &Filter<'_>,
    limit: i64,
    skip: i64,
) -> Result<Vec<ExceptionRow>, StoreError> {
    Ok(run!(tx, LIST, |sql, c| sqlx::query_as(sql)
        .bind(filter.state)
        .bind(filter.code)
        .bind(filter.commodity)
        .bind(filter.opened_by)
        .bind(limit)
        .bind(skip)
        .fetch_all(c)
        .await)?)
}

/// One exception.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: ExceptionId) -> Result<Option<ExceptionRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Makes other writers of this exception wait until the transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn lock(tx: &mut Tx<'_>, id: ExceptionId) -> Result<(), StoreError> {
    run!(tx, LOCK, |sql, c| sqlx::query(sql).bind(id).fetch_optional(c).await.map(|_| ()))?;
    Ok(())
}

/// How many are settled.
///
/// # Errors
/// If the database fails.
pub async fn settled(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(run!(tx, SETTLED, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?)
}

/// How many are not settled, by state and rule.
///
/// # Errors
/// If the database fails.
pub async fn counts(tx: &mut Tx<'_>) -> Result<Vec<(State, String, i64)>, StoreError> {
    Ok(run!(tx, COUNTS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}
