//! Records that were refused, and readings that wait for their meter.

use domain::calendar::Instant;
use domain::ids::DeliveryId;
use serde_json::Value;
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT_REJECTED =
        "INSERT INTO rejected_record (delivery_id, line, code, detail, raw) VALUES ($1, $2, $3, $4, $5)";
    OPEN_REJECTED =
        "SELECT r.id, r.delivery_id, d.name, d.sender, d.format, d.zone, r.line, r.code, r.detail, r.raw
         FROM rejected_record r JOIN delivery d ON d.id = r.delivery_id
         WHERE r.resolved_at IS NULL AND r.id > $1 ORDER BY r.id LIMIT $2";
    RESOLVE_REJECTED = "UPDATE rejected_record SET resolved_at = $2 WHERE id = $1 AND resolved_at IS NULL";
    REJECTED_LEFT = "SELECT COUNT(*) FROM rejected_record WHERE delivery_id = $1 AND code = $2 AND resolved_at IS NULL";
    INSERT_WAITING =
        "INSERT INTO waiting_reading (delivery_id, meter_number, channel, first_at, last_at, count, readings)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    WAITING_METERS =
        "SELECT meter_number, CAST(SUM(count) AS BIGINT) AS count, MIN(first_at) AS first_at, MAX(last_at) AS last_at
         FROM waiting_reading GROUP BY meter_number ORDER BY meter_number";
    WAITING_KNOWN =
        "SELECT DISTINCT w.meter_number FROM waiting_reading w JOIN meter m ON m.number = w.meter_number
         WHERE EXISTS (SELECT 1 FROM meter_installation i WHERE i.meter_id = m.id) ORDER BY w.meter_number";
    WAITING_OF =
        "SELECT id, delivery_id, meter_number, channel, count, readings FROM waiting_reading
         WHERE meter_number = $1 AND id > $2 ORDER BY id LIMIT $3";
    DELETE_WAITING = "DELETE FROM waiting_reading WHERE id = $1";
}

/// A record that could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRejected {
    /// The line it stands on, from 1; 0 where the format has no lines.
    pub line: i64,
    /// What was wrong, as a word.
    pub code: String,
    /// What was found.
    pub detail: String,
    /// The record as it came.
    pub raw: String,
}

/// A refused record with the delivery it came in.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RejectedRow {
    /// Key.
    pub id: i64,
    /// The delivery.
    #[sqlx(rename = "delivery_id")]
    pub delivery: DeliveryId,
    /// Its file's name.
    pub name: String,
    /// Its sender.
    pub sender: String,
    /// Its format.
    pub format: String,
    /// The zone by which it was read.
    pub zone: String,
    /// The line.
    pub line: i64,
    /// What was wrong, as a word.
    pub code: String,
    /// What was found.
    pub detail: String,
    /// The record as it came.
    pub raw: String,
}

/// Keeps refused records.
///
/// # Errors
/// If the database fails.
pub async fn insert_rejected(tx: &mut Tx<'_>, delivery: DeliveryId, records: &[NewRejected]) -> Result<(), StoreError> {
    for r in records {
        // PostgreSQL's text holds no NUL; nothing a person could read is lost.
        run!(tx, INSERT_REJECTED, |sql, c| sqlx::query(sql)
            .bind(delivery)
            .bind(r.line)
            .bind(&r.code)
            .bind(r.detail.replace('\0', "\u{fffd}"))
            .bind(r.raw.replace('\0', "\u{fffd}"))
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// Refused records that nothing has come of yet, `limit` of them behind the key `after`.
///
/// # Errors
/// If the database fails.
pub async fn open_rejected(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<RejectedRow>, StoreError> {
    Ok(run!(tx, OPEN_REJECTED, |sql, c| sqlx::query_as(sql).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Notes that a refused record was taken in after all.
///
/// # Errors
/// If the database fails.
pub async fn resolve_rejected(tx: &mut Tx<'_>, id: i64, at: Instant) -> Result<(), StoreError> {
    run!(tx, RESOLVE_REJECTED, |sql, c| sqlx::query(sql).bind(id).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// How many records of a delivery are still refused for one reason.
///
/// # Errors
/// If the database fails.
pub async fn rejected_left(tx: &mut Tx<'_>, delivery: DeliveryId, code: &str) -> Result<i64, StoreError> {
    Ok(run!(tx, REJECTED_LEFT, |sql, c| sqlx::query_scalar(sql).bind(delivery).bind(code).fetch_one(c).await)?)
}

/// Readings of a meter that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWaiting {
    /// The number on the meter.
    pub meter: String,
    /// What it measures and how.
    pub channel: Value,
    /// The first reading, seconds since 1970-01-01, UTC.
    pub first_at: i64,
    /// The last reading.
    pub last_at: i64,
    /// How many.
    pub count: i64,
    /// Packed.
    pub readings: Vec<u8>,
}

/// Readings that wait, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct WaitingRow {
    /// Key.
    pub id: i64,
    /// The delivery they came in.
    #[sqlx(rename = "delivery_id")]
    pub delivery: DeliveryId,
    /// The number on the meter.
    #[sqlx(rename = "meter_number")]
    pub meter: String,
    /// What it measures and how.
    pub channel: Value,
    /// How many.
    pub count: i64,
    /// Packed.
    pub readings: Vec<u8>,
}

/// A meter that is not known, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct WaitingMeter {
    /// The number on the meter.
    #[sqlx(rename = "meter_number")]
    pub meter: String,
    /// How many readings wait.
    pub count: i64,
    /// The first of them, seconds since 1970-01-01, UTC.
    pub first_at: i64,
    /// The last of them.
    pub last_at: i64,
}

/// Keeps readings until their meter is known.
///
/// # Errors
/// If the database fails.
pub async fn insert_waiting(tx: &mut Tx<'_>, delivery: DeliveryId, waiting: &[NewWaiting]) -> Result<(), StoreError> {
    for w in waiting {
        run!(tx, INSERT_WAITING, |sql, c| sqlx::query(sql)
            .bind(delivery)
            .bind(w.meter.replace('\0', "\u{fffd}"))
            .bind(&w.channel)
            .bind(w.first_at)
            .bind(w.last_at)
            .bind(w.count)
            .bind(&w.readings[..])
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// The meters that readings wait for.
///
/// # Errors
/// If the database fails.
pub async fn waiting_meters(tx: &mut Tx<'_>) -> Result<Vec<WaitingMeter>, StoreError> {
    Ok(run!(tx, WAITING_METERS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// The numbers of the meters that readings wait for and that are installed by now.
///
/// # Errors
/// If the database fails.
pub async fn waiting_known(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    Ok(run!(tx, WAITING_KNOWN, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?)
}

/// What waits for a meter, in the order it came: `limit` rows behind the key `after`.
///
/// # Errors
/// If the database fails.
pub async fn waiting_of(tx: &mut Tx<'_>, meter: &str, after: i64, limit: i64) -> Result<Vec<WaitingRow>, StoreError> {
    Ok(run!(tx, WAITING_OF, |sql, c| sqlx::query_as(sql).bind(meter).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Removes readings that wait no longer.
///
/// # Errors
/// If the database fails.
pub async fn delete_waiting(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    run!(tx, DELETE_WAITING, |sql, c| sqlx::query(sql).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}
