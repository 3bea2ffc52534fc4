//! Stored usage: by register and local day, and what dials said.

use chrono::{DateTime, NaiveDate};
use domain::calendar::{DayRange, Instant};
use domain::ids::{DeliveryId, RegisterId};
use domain::metering::day::{BlockError, DayBlock, Head};
use domain::metering::{Quality, Reading};
use sqlx::FromRow;

use crate::pack::{self, Row};
use crate::{StoreError, Tx, run, statements};

statements! {
    CHANGES = "SELECT number, kind, changed_at, delivery_id, version_before, sum_before, block_before
               FROM usage_change WHERE register_id = $1 AND day = $2 ORDER BY number";
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

impl Row {
    pub(crate) fn stored(self) -> Result<StoredDay, StoreError> {
        Ok(StoredDay { day: day_of_number(self.day)?, sum: self.sum, version: self.version, block: self.block })
    }
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
    let rows = pack::rows(tx, register, day_number(range.from), day_number(range.to)).await?;
    rows.into_iter().map(Row::stored).collect()
}

/// Sums and counts of the stored days of a register in a range, without unpacking values.
///
/// # Errors
/// If the database fails or a block's head is damaged.
pub async fn sums(tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<DaySum>, StoreError> {
    let rows = pack::rows(tx, register, day_number(range.from), day_number(range.to)).await?;
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
    pack::first_from(tx, register, i64::MIN).await?.map(|r| day_of_number(r.day)).transpose()
}

/// The last day with data.
///
/// # Errors
/// If the database fails.
pub async fn latest_day(tx: &mut Tx<'_>, register: RegisterId) -> Result<Option<NaiveDate>, StoreError> {
    pack::last_until(tx, register, i64::MAX).await?.map(|r| day_of_number(r.day)).transpose()
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
    pack::last_until(tx, register, day_number(day)).await?.map(Row::stored).transpose()
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
    pack::first_from(tx, register, day_number(day)).await?.map(|r| day_of_number(r.day)).transpose()
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
