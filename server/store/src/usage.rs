//! Stored usage: by register and local day, and what dials said.

use chrono::{DateTime, NaiveDate};
use domain::calendar::{DayRange, Instant};
use domain::ids::{DeliveryId, RegisterId};
use domain::metering::day::{BlockError, DayBlock, Head};
use domain::metering::{Quality, Reading};
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

statements! {
    DAYS = "SELECT day, sum, version, block FROM usage_day
            WHERE register_id = $1 AND day >= $2 AND day < $3 ORDER BY day";
    // 48 is Head::MAX_BYTES.
    SUMS = "SELECT day, sum, version, substr(block, 1, 48) AS block FROM usage_day
            WHERE register_id = $1 AND day >= $2 AND day < $3 ORDER BY day";
    FIRST_DAY = "SELECT day FROM usage_day WHERE register_id = $1 ORDER BY day LIMIT 1";
    LAST_DAY = "SELECT day FROM usage_day WHERE register_id = $1 ORDER BY day DESC LIMIT 1";
    DAY_BEFORE = "SELECT day, sum, version, block FROM usage_day
                  WHERE register_id = $1 AND day <= $2 ORDER BY day DESC LIMIT 1";
    FIRST_DAY_FROM = "SELECT day FROM usage_day WHERE register_id = $1 AND day >= $2 ORDER BY day LIMIT 1";
    CHANGES = "SELECT number, kind, changed_at, delivery_id, version_before, sum_before, block_before
               FROM usage_change WHERE register_id = $1 AND day = $2 ORDER BY number";
    ALL_DAYS = "SELECT u.register_id, u.day, u.sum, u.version, u.block,
                       (SELECT COUNT(*) FROM usage_change c
                        WHERE c.register_id = u.register_id AND c.day = u.day AND c.kind = 'corrected') AS corrections
                FROM usage_day u
                WHERE u.register_id > $1 OR (u.register_id = $1 AND u.day > $2)
                ORDER BY u.register_id, u.day LIMIT $3";
    CHANGED_DAYS = "SELECT COUNT(DISTINCT day) FROM usage_change
                    WHERE register_id = $1 AND day >= $2 AND day < $3 AND changed_at >= $4";
    ALL_CHANGES = "SELECT register_id, day, number, sum_before AS sum, block_before AS block FROM usage_change
                   WHERE register_id > $1 OR (register_id = $1 AND (day > $2 OR (day = $2 AND number > $3)))
                   ORDER BY register_id, day, number LIMIT $4";
    READS = "SELECT read_at, value, quality FROM register_read
             WHERE register_id = $1 AND read_at >= $2 AND read_at <= $3 ORDER BY read_at";
    READ_BEFORE = "SELECT read_at, value, quality FROM register_read
                   WHERE register_id = $1 AND read_at <= $2 ORDER BY read_at DESC LIMIT 1";
}

/// A day as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDay {
    /// The local day.
    pub day: NaiveDate,
    /// The sum of its values, in the register's unit and power of ten.
    pub sum: i64,
    /// How often a value of it was changed.
    pub version: i64,
    /// Packed; see [`StoredDay::unpack`].
    pub block: Vec<u8>,
}

impl StoredDay {
    /// The intervals.
    ///
    /// # Errors
    /// `Damaged` where the stored bytes are no block.
    pub fn unpack(&self) -> Result<DayBlock, StoreError> {
        DayBlock::decode(&self.block).map_err(|e| damaged(self.day, e))
    }

    /// Its sum and how good it is, without unpacking values.
    ///
    /// # Errors
    /// `Damaged` where the stored bytes do not begin as a block does.
    pub fn head(&self) -> Result<DaySum, StoreError> {
        let head = Head::read(&self.block).map_err(|e| damaged(self.day, e))?;
        Ok(DaySum { day: self.day, sum: self.sum, version: self.version, head })
    }
}

/// A day's sum and how good it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySum {
    /// The local day.
    pub day: NaiveDate,
    /// The sum of its values, in the register's unit and power of ten.
    pub sum: i64,
    /// How often a value of it was changed.
    pub version: i64,
    /// Start, interval, counts by quality, peak.
    pub head: Head,
}

/// One change of a stored day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Counts the changes of the day from 1.
    pub number: i64,
    /// What kind of change it was.
    pub kind: ChangeKind,
    /// When.
    pub changed_at: Instant,
    /// By which delivery.
    pub delivery: DeliveryId,
    /// What was there before.
    pub before: StoredDay,
}

/// What a later delivery did to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ChangeKind {
    /// Holes got values; no value changed.
    Filled,
    /// A value changed.
    Corrected,
}

#[derive(FromRow)]
struct DayRow {
    day: i64,
    sum: i64,
    version: i64,
    block: Vec<u8>,
}

#[derive(FromRow)]
struct ChangeRow {
    number: i64,
    kind: ChangeKind,
    changed_at: Instant,
    delivery_id: DeliveryId,
    version_before: i64,
    sum_before: i64,
    block_before: Vec<u8>,
}

/// The number under which a day is stored.
#[must_use]
pub fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days())
}

/// Back from [`day_number`].
///
/// # Errors
/// `Damaged` where the number is no day.
pub fn day_of_number(number: i64) -> Result<NaiveDate, StoreError> {
    i32::try_from(number)
        .ok()
        .and_then(NaiveDate::from_epoch_days)
        .ok_or_else(|| StoreError::Damaged(format!("day {number}")))
}

fn damaged(day: NaiveDate, error: BlockError) -> StoreError {
    StoreError::Damaged(format!("the block of {day}: {error}"))
}

/// The stored days of a register in a range, in order; days without any data are left out.
///
/// # Errors
/// If the database fails.
pub async fn days(tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<StoredDay>, StoreError> {
    let rows: Vec<DayRow> = run!(tx, DAYS, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(day_number(range.from))
        .bind(day_number(range.to))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|r| Ok(StoredDay { day: day_of_number(r.day)?, sum: r.sum, version: r.version, block: r.block }))
        .collect()
}

/// Sums and counts of the stored days of a register in a range, without unpacking values.
///
/// # Errors
/// If the database fails or a block's head is damaged.
pub async fn sums(tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<DaySum>, StoreError> {
    let rows: Vec<DayRow> = run!(tx, SUMS, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(day_number(range.from))
        .bind(day_number(range.to))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|r| {
            let day = day_of_number(r.day)?;
            let head = Head::read(&r.block).map_err(|e| damaged(day, e))?;
            Ok(DaySum { day, sum: r.sum, version: r.version, head })
        })
        .collect()
}

/// The first day with data.
///
/// # Errors
/// If the database fails.
pub async fn first_day(tx: &mut Tx<'_>, register: RegisterId) -> Result<Option<NaiveDate>, StoreError> {
    let day: Option<i64> =
        run!(tx, FIRST_DAY, |sql, c| sqlx::query_scalar(sql).bind(register).fetch_optional(c).await)?;
    day.map(day_of_number).transpose()
}

/// The last day with data.
///
/// # Errors
/// If the database fails.
pub async fn latest_day(tx: &mut Tx<'_>, register: RegisterId) -> Result<Option<NaiveDate>, StoreError> {
    let day: Option<i64> = run!(tx, LAST_DAY, |sql, c| sqlx::query_scalar(sql).bind(register).fetch_optional(c).await)?;
    day.map(day_of_number).transpose()
}

/// The last stored day up to and including one.
///
/// # Errors
/// If the database fails.
pub async fn day_before(
    tx: &mut Tx<'_>,
    register: RegisterId,
    day: NaiveDate,
) -> Result<Option<StoredDay>, StoreError> {
    let row: Option<DayRow> = run!(tx, DAY_BEFORE, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(day_number(day))
        .fetch_optional(c)
        .await)?;
    row.map(|r| Ok(StoredDay { day: day_of_number(r.day)?, sum: r.sum, version: r.version, block: r.block }))
        .transpose()
}

/// The first day with data from a day on.
///
/// # Errors
/// If the database fails.
pub async fn first_day_from(
    tx: &mut Tx<'_>,
    register: RegisterId,
    day: NaiveDate,
) -> Result<Option<NaiveDate>, StoreError> {
    let day: Option<i64> = run!(tx, FIRST_DAY_FROM, |sql, c| sqlx::query_scalar(sql)
        .bind(register)
        .bind(day_number(day))
        .fetch_optional(c)
        .await)?;
    day.map(day_of_number).transpose()
}

/// What a day was before each of its changes, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn changes(tx: &mut Tx<'_>, register: RegisterId, day: NaiveDate) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<ChangeRow> =
        run!(tx, CHANGES, |sql, c| sqlx::query_as(sql).bind(register).bind(day_number(day)).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|r| Change {
            number: r.number,
            kind: r.kind,
            changed_at: r.changed_at,
            delivery: r.delivery_id,
            before: StoredDay { day, sum: r.sum_before, version: r.version_before, block: r.block_before },
        })
        .collect())
}

/// How many days of a range were changed from an instant on.
///
/// # Errors
/// If the database fails.
pub async fn changed_days(
    tx: &mut Tx<'_>,
    register: RegisterId,
    range: DayRange,
    since: Instant,
) -> Result<u32, StoreError> {
    let days: i64 = run!(tx, CHANGED_DAYS, |sql, c| sqlx::query_scalar(sql)
        .bind(register)
        .bind(day_number(range.from))
        .bind(day_number(range.to))
        .bind(since)
        .fetch_one(c)
        .await)?;
    Ok(u32::try_from(days).unwrap_or(u32::MAX))
}

pub(crate) fn reading((at, value, quality): (i64, i64, i64)) -> Result<Reading, StoreError> {
    let known = u8::try_from(quality).ok().and_then(Quality::from_code);
    match (DateTime::from_timestamp(at, 0), known) {
        (Some(at), Some(quality)) => Ok(Reading { at, value, quality }),
        _ => Err(StoreError::Damaged(format!("the register read of {at}"))),
    }
}

/// What the dial said from one instant to another, both included, in order.
///
/// # Errors
/// If the database fails.
pub async fn reads(
    tx: &mut Tx<'_>,
    register: RegisterId,
    from: Instant,
    to: Instant,
) -> Result<Vec<Reading>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = run!(tx, READS, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(from.timestamp())
        .bind(to.timestamp())
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(reading).collect()
}

/// The last read at or before an instant.
///
/// # Errors
/// If the database fails.
pub async fn read_before(tx: &mut Tx<'_>, register: RegisterId, at: Instant) -> Result<Option<Reading>, StoreError> {
    let row: Option<(i64, i64, i64)> = run!(tx, READ_BEFORE, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(at.timestamp())
        .fetch_optional(c)
        .await)?;
    row.map(reading).transpose()
}

/// A stored day with its key, for checks.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AnyDay {
    /// Whose.
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    /// Days since 1970-01-01.
    pub day: i64,
    /// The stored sum.
    pub sum: i64,
    /// The stored version.
    pub version: i64,
    /// Packed.
    pub block: Vec<u8>,
    /// Corrections in the history.
    pub corrections: i64,
}

/// A change with its key, for checks.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AnyChange {
    /// Whose.
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    /// Days since 1970-01-01.
    pub day: i64,
    /// Counts the changes of the day.
    pub number: i64,
    /// The sum before.
    pub sum: i64,
    /// The block before.
    pub block: Vec<u8>,
}

/// `limit` stored days of all registers behind a key, in the order of keys.
///
/// # Errors
/// If the database fails.
pub async fn all_days(tx: &mut Tx<'_>, after: (RegisterId, i64), limit: i64) -> Result<Vec<AnyDay>, StoreError> {
    Ok(run!(tx, ALL_DAYS, |sql, c| sqlx::query_as(sql).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)?)
}

/// `limit` changes of all days behind a key, in the order of keys.
///
/// # Errors
/// If the database fails.
pub async fn all_changes(
    tx: &mut Tx<'_>,
    after: (RegisterId, i64, i64),
    limit: i64,
) -> Result<Vec<AnyChange>, StoreError> {
    Ok(run!(tx, ALL_CHANGES, |sql, c| sqlx::query_as(sql)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
