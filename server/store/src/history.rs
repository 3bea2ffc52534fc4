//! What was known of stored days at an instant, and which deliveries made them what they are.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant};
use domain::ids::{DeliveryId, RegisterId};
use domain::metering::Reading;
use sqlx::FromRow;

use crate::pack::{self, Row};
use crate::usage::{StoredDay, day_number, day_of_number, reading};
use crate::{StoreError, Tx, run, statements};

statements! {
    // The first change of each day behind the instant: what it replaced was known then.
    FIRST_CHANGES =
        "SELECT c.day, c.sum_before AS sum, c.version_before AS version, c.delivery_id, c.block_before AS block
         FROM usage_change c
         WHERE c.register_id = $1 AND c.day >= $2 AND c.day < $3
           AND c.number = (SELECT MIN(l.number) FROM usage_change l
                           WHERE l.register_id = c.register_id AND l.day = c.day AND l.changed_at > $4)";
    CHANGED_SINCE = "SELECT DISTINCT day FROM usage_change
                     WHERE register_id = $1 AND day >= $2 AND day < $3 AND changed_at > $4";
    // As above: the first change behind the instant says what was known then, and who had brought it.
    READS_AS_OF =
        "SELECT d.read_at, COALESCE(c.value_before, d.value), COALESCE(c.quality_before, d.quality)
         FROM register_read d
         LEFT JOIN register_read_change c
              ON c.id = (SELECT MIN(l.id) FROM register_read_change l
                         WHERE l.register_id = d.register_id AND l.read_at = d.read_at AND l.changed_at > $4)
         JOIN delivery v ON v.id = COALESCE(c.delivery_before, d.delivery_id)
         WHERE d.register_id = $1 AND d.read_at >= $2 AND d.read_at <= $3 AND v.arrived_at <= $4
         ORDER BY d.read_at";
    // As above, with how often it had been changed and who brought it.
    READ_ORIGINS =
        "SELECT d.read_at, COALESCE(c.value_before, d.value) AS value, COALESCE(c.quality_before, d.quality) AS quality,
                (SELECT COUNT(*) FROM register_read_change n
                 WHERE n.register_id = d.register_id AND n.read_at = d.read_at AND n.changed_at <= $4) AS version,
                v.name, v.sender, v.format, v.arrived_at
         FROM register_read d
         LEFT JOIN register_read_change c
              ON c.id = (SELECT MIN(l.id) FROM register_read_change l
                         WHERE l.register_id = d.register_id AND l.read_at = d.read_at AND l.changed_at > $4)
         JOIN delivery v ON v.id = COALESCE(c.delivery_before, d.delivery_id)
         WHERE d.register_id = $1 AND d.read_at >= $2 AND d.read_at <= $3 AND v.arrived_at <= $4
         ORDER BY d.read_at";
    DELIVERIES = sqlite
        "SELECT id, name, sender, format, arrived_at FROM delivery WHERE id IN (SELECT value FROM json_each($1))",
    postgres
        "SELECT id, name, sender, format, arrived_at FROM delivery
         WHERE id = ANY (ARRAY(SELECT CAST(t.v AS BIGINT) FROM jsonb_array_elements_text($1) AS t (v)))";
    CHANGES_IN = "SELECT day, sum_before AS sum, version_before AS version, delivery_id, block_before AS block
                  FROM usage_change WHERE register_id = $1 AND day >= $2 AND day < $3 ORDER BY day, number";
    CHANGE_SEGMENTS =
        "SELECT c.day, c.number, c.changed_at AS at, d.id, d.name, d.sender, d.format, d.arrived_at
         FROM usage_change c JOIN delivery d ON d.id = c.delivery_id
         WHERE c.register_id = $1 AND c.day >= $2 AND c.day < $3";
}

#[derive(Clone, Debug, FromRow)]
struct DeliveryFacts {
    id: DeliveryId,
    name: String,
    sender: String,
    format: String,
    arrived_at: Instant,
}

/// A delivery's part in a day: it brought the day, or changed it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Segment {
    /// Days since 1970-01-01.
    pub day: i64,
    /// 0 for what brought the day; changes count from 1.
    pub number: i64,
    /// Since when the day was so.
    pub at: Instant,
    /// The delivery.
    #[sqlx(rename = "id")]
    pub delivery: DeliveryId,
    /// The file's name; an employee's for what was typed; empty for the program's own.
    pub name: String,
    /// The sending system, empty where the file names none.
    pub sender: String,
    /// The file's format; `exception` for what was decided here.
    pub format: String,
    /// When the delivery arrived.
    pub arrived_at: Instant,
}

/// The stored days of a register as they were known at an instant, in order. Days that had not arrived are left out.
///
/// # Errors
/// If the database fails.
pub async fn days_as_of(
    tx: &mut Tx<'_>,
    register: RegisterId,
    range: DayRange,
    at: Instant,
) -> Result<Vec<StoredDay>, StoreError> {
    let (from, to) = (day_number(range.from), day_number(range.to));
    let mut rows = pack::rows(tx, register, from, to).await?;
    let arrived = deliveries(tx, &rows).await?;
    // A day that no delivery had brought by then was not known at all.
    rows.retain(|r| arrived.get(&r.delivery).is_some_and(|d| d.arrived_at <= at));
    let changes: Vec<Row> = run!(tx, FIRST_CHANGES, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(from)
        .bind(to)
        .bind(at)
        .fetch_all(c)
        .await)?;
    for before in changes {
        if let Ok(i) = rows.binary_search_by_key(&before.day, |r| r.day) {
            rows[i] = before;
        }
    }
    rows.into_iter().map(Row::stored).collect()
}

/// The days of a register, in order, that are not as they were known at an instant: changed since, or not there then.
///
/// # Errors
/// If the database fails.
pub async fn changed_since(
    tx: &mut Tx<'_>,
    register: RegisterId,
    range: DayRange,
    at: Instant,
) -> Result<Vec<NaiveDate>, StoreError> {
    let (from, to) = (day_number(range.from), day_number(range.to));
    let mut days: Vec<i64> = run!(tx, CHANGED_SINCE, |sql, c| sqlx::query_scalar(sql)
        .bind(register)
        .bind(from)
        .bind(to)
        .bind(at)
        .fetch_all(c)
        .await)?;
    let rows = pack::rows(tx, register, from, to).await?;
    let arrived = deliveries(tx, &rows).await?;
    days.extend(rows.iter().filter(|r| arrived.get(&r.delivery).is_none_or(|d| d.arrived_at > at)).map(|r| r.day));
    days.sort_unstable();
    days.dedup();
    days.into_iter().map(day_of_number).collect()
}

/// What a dial said from an instant to another, both included, in order, as it was known at a third.
///
/// # Errors
/// If the database fails.
pub async fn reads_as_of(
    tx: &mut Tx<'_>,
    register: RegisterId,
    (from, to): (Instant, Instant),
    at: Instant,
) -> Result<Vec<Reading>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = run!(tx, READS_AS_OF, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(from.timestamp())
        .bind(to.timestamp())
        .bind(at)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(reading).collect()
}

/// What a dial said, and where that came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOrigin {
    /// When, the number in the register's unit and power of ten, and how it is known.
    pub read: Reading,
    /// How often it had been changed.
    pub version: i64,
    /// The file's name; an employee's for what was typed.
    pub name: String,
    /// The sending system, empty where the file names none.
    pub sender: String,
    /// The file's format.
    pub format: String,
    /// When the delivery arrived.
    pub arrived_at: Instant,
}

#[derive(FromRow)]
struct ReadOriginRow {
    read_at: i64,
    value: i64,
    quality: i64,
    version: i64,
    name: String,
    sender: String,
    format: String,
    arrived_at: Instant,
}

/// What a dial said from an instant to another, both included, in order, as it was known at a third, with the deliveries that brought it.
///
/// # Errors
/// If the database fails.
pub async fn read_origins(
    tx: &mut Tx<'_>,
    register: RegisterId,
    (from, to): (Instant, Instant),
    at: Instant,
) -> Result<Vec<ReadOrigin>, StoreError> {
    let rows: Vec<ReadOriginRow> = run!(tx, READ_ORIGINS, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(from.timestamp())
        .bind(to.timestamp())
        .bind(at)
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|r| {
            Ok(ReadOrigin {
                read: reading((r.read_at, r.value, r.quality))?,
                version: r.version,
                name: r.name,
                sender: r.sender,
                format: r.format,
                arrived_at: r.arrived_at,
            })
        })
        .collect()
}

/// What is said of the deliveries that brought days.
async fn deliveries(tx: &mut Tx<'_>, rows: &[Row]) -> Result<HashMap<DeliveryId, DeliveryFacts>, StoreError> {
    let mut ids: Vec<i64> = rows.iter().map(|r| r.delivery.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let list = serde_json::Value::from(ids);
    let facts: Vec<DeliveryFacts> = run!(tx, DELIVERIES, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    Ok(facts.into_iter().map(|d| (d.id, d)).collect())
}

/// What the days of a register were before each of their changes, by day, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn replaced(tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<StoredDay>, StoreError> {
    let rows: Vec<Row> = run!(tx, CHANGES_IN, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(day_number(range.from))
        .bind(day_number(range.to))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(Row::stored).collect()
}

/// The deliveries that made the days of a register what they are, by day, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn segments(tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<Segment>, StoreError> {
    let (from, to) = (day_number(range.from), day_number(range.to));
    let rows = pack::rows(tx, register, from, to).await?;
    let known = deliveries(tx, &rows).await?;
    let mut out: Vec<Segment> =
        run!(tx, CHANGE_SEGMENTS, |sql, c| sqlx::query_as(sql).bind(register).bind(from).bind(to).fetch_all(c).await)?;
    for row in rows {
        let d = known
            .get(&row.delivery)
            .ok_or_else(|| StoreError::Damaged(format!("delivery {} is gone", row.delivery.0)))?;
        out.push(Segment {
            day: row.day,
            number: 0,
            at: d.arrived_at,
            delivery: d.id,
            name: d.name.clone(),
            sender: d.sender.clone(),
            format: d.format.clone(),
            arrived_at: d.arrived_at,
        });
    }
    out.sort_by_key(|s| (s.day, s.number));
    Ok(out)
}
