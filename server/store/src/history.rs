//! What was known of stored days at an instant, and which deliveries made them what they are.

use domain::calendar::{DayRange, Instant};
use domain::ids::{DeliveryId, RegisterId};
use sqlx::FromRow;

use crate::usage::{StoredDay, day_number, day_of_number};
use crate::{StoreError, Tx, run, statements};

statements! {
    // The first change behind the instant replaced what was known then. A day that no delivery had brought by then was
    // not known at all.
    DAYS_AS_OF =
        "SELECT u.day, COALESCE(c.sum_before, u.sum) AS sum, COALESCE(c.version_before, u.version) AS version,
                COALESCE(c.block_before, u.block) AS block
         FROM usage_day u
         JOIN delivery d ON d.id = u.delivery_id
         LEFT JOIN usage_change c ON c.register_id = u.register_id AND c.day = u.day
              AND c.number = (SELECT MIN(l.number) FROM usage_change l
                              WHERE l.register_id = u.register_id AND l.day = u.day AND l.changed_at > $4)
         WHERE u.register_id = $1 AND u.day >= $2 AND u.day < $3 AND d.arrived_at <= $4
         ORDER BY u.day";
    CHANGES_IN = "SELECT day, sum_before AS sum, version_before AS version, block_before AS block
                  FROM usage_change WHERE register_id = $1 AND day >= $2 AND day < $3 ORDER BY day, number";
    SEGMENTS =
        "SELECT u.day, CAST(0 AS BIGINT) AS number, d.arrived_at AS at, d.id, d.name, d.sender, d.format, d.arrived_at
         FROM usage_day u JOIN delivery d ON d.id = u.delivery_id
         WHERE u.register_id = $1 AND u.day >= $2 AND u.day < $3
         UNION ALL
         SELECT c.day, c.number, c.changed_at AS at, d.id, d.name, d.sender, d.format, d.arrived_at
         FROM usage_change c JOIN delivery d ON d.id = c.delivery_id
         WHERE c.register_id = $1 AND c.day >= $2 AND c.day < $3
         ORDER BY 1, 2";
}

#[derive(FromRow)]
struct DayRow {
    day: i64,
    sum: i64,
    version: i64,
    block: Vec<u8>,
}

impl DayRow {
    fn stored(self) -> Result<StoredDay, StoreError> {
        Ok(StoredDay { day: day_of_number(self.day)?, sum: self.sum, version: self.version, block: self.block })
    }
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
    let rows: Vec<DayRow> = run!(tx, DAYS_AS_OF, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(day_number(range.from))
        .bind(day_number(range.to))
        .bind(at)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(DayRow::stored).collect()
}

/// What the days of a register were before each of their changes, by day, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn replaced(tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<StoredDay>, StoreError> {
    let rows: Vec<DayRow> = run!(tx, CHANGES_IN, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(day_number(range.from))
        .bind(day_number(range.to))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(DayRow::stored).collect()
}

/// The deliveries that made the days of a register what they are, by day, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn segments(tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<Segment>, StoreError> {
    Ok(run!(tx, SEGMENTS, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(day_number(range.from))
        .bind(day_number(range.to))
        .fetch_all(c)
        .await)?)
}
