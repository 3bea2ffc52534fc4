//! What dials said as checks read it: all of it, by register.

use domain::ids::{DeliveryId, RegisterId};
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

statements! {
    ALL_READS = "SELECT d.register_id, d.read_at, d.value, d.quality, d.delivery_id, r.dial_digits, r.exponent
                 FROM register_read d JOIN register r ON r.id = d.register_id
                 WHERE d.register_id > $1 OR (d.register_id = $1 AND d.read_at > $2)
                 ORDER BY d.register_id, d.read_at LIMIT $3";
    READ_CHANGES = "SELECT register_id, read_at, delivery_id, value_before, quality_before, delivery_before
                    FROM register_read_change WHERE register_id >= $1 AND register_id <= $2
                    ORDER BY register_id, read_at, id";
    READS_LOST =
        "SELECT (SELECT COUNT(*) FROM register_read d WHERE NOT EXISTS (SELECT 1 FROM register r WHERE r.id = d.register_id))
              + (SELECT COUNT(*) FROM register_read_change c
                 WHERE NOT EXISTS (SELECT 1 FROM register_read d
                                   WHERE d.register_id = c.register_id AND d.read_at = c.read_at))";
}

/// A reading of a dial with the dial's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct AnyRead {
    /// Whose.
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    /// Seconds since 1970-01-01, UTC.
    #[sqlx(rename = "read_at")]
    pub at: i64,
    /// In the register's unit and power of ten.
    pub value: i64,
    /// Code of the quality.
    pub quality: i64,
    /// Who brought it.
    #[sqlx(rename = "delivery_id")]
    pub delivery: DeliveryId,
    /// Digits of the dial before it rolls over.
    #[sqlx(try_from = "i64")]
    pub dial_digits: u32,
    /// The power of ten.
    #[sqlx(try_from = "i64")]
    pub exponent: i8,
}

/// A change of a reading with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct AnyReadChange {
    /// Whose.
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    /// Of which instant: seconds since 1970-01-01, UTC.
    #[sqlx(rename = "read_at")]
    pub at: i64,
    /// Who brought the new value.
    #[sqlx(rename = "delivery_id")]
    pub delivery: DeliveryId,
    /// The value before.
    pub value_before: i64,
    /// Code of the quality before.
    pub quality_before: i64,
    /// Who had brought it.
    pub delivery_before: DeliveryId,
}

/// `limit` readings behind a key, in the order of keys.
///
/// # Errors
/// If the database fails.
pub async fn all_reads(tx: &mut Tx<'_>, after: (RegisterId, i64), limit: i64) -> Result<Vec<AnyRead>, StoreError> {
    Ok(run!(tx, ALL_READS, |sql, c| sqlx::query_as(sql).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)?)
}

/// The changes of the readings of registers from one key to another, of each reading in the order in which they were made.
///
/// # Errors
/// If the database fails.
pub async fn read_changes(tx: &mut Tx<'_>, from: RegisterId, to: RegisterId) -> Result<Vec<AnyReadChange>, StoreError> {
    Ok(run!(tx, READ_CHANGES, |sql, c| sqlx::query_as(sql).bind(from).bind(to).fetch_all(c).await)?)
}

/// How many readings belong to no register, and changes to no reading.
///
/// # Errors
/// If the database fails.
pub async fn reads_lost(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(run!(tx, READS_LOST, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?)
}
