//! Writing usage: deliveries and how far they got, days and reads in bulk, and what had to wait or was refused.
//!
//! Bulk statements take many rows at once: on SQLite sixty-four to a statement, on PostgreSQL as arrays.

use domain::calendar::Instant;
use domain::ids::DeliveryId;
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

mod days;
mod reads;
mod records;

pub use days::{
    DayState, NewChange, NewDay, RegisterState, insert_changes, insert_days, register_states, stored_days, update_day,
};
pub use reads::{NewRead, StoredRead, insert_reads, reads_at, replace_read};
pub use records::{
    NewRejected, NewWaiting, RejectedRow, WaitingMeter, WaitingRow, delete_waiting, insert_rejected, insert_waiting,
    open_rejected, rejected_left, resolve_rejected, waiting_known, waiting_meters, waiting_of,
};

/// Says a row's placeholders sixty-four times.
macro_rules! rows64 {
    ($row:literal) => {
        concat!(rows16!($row), ",", rows16!($row), ",", rows16!($row), ",", rows16!($row))
    };
}
macro_rules! rows16 {
    ($row:literal) => {
        concat!(
            $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row,
            ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row
        )
    };
}
pub(crate) use {rows16, rows64};

/// Rows per bulk statement on SQLite.
pub(crate) const BULK: usize = 64;

statements! {
    BY_CHECKSUM = "SELECT id, cursor_records, arrived_at, finished_at, accepted, duplicate, superseding, outranked, estimated, rejected,
                          waiting, reads
                   FROM delivery WHERE checksum = $1";
    UNFINISHED = "SELECT id FROM delivery WHERE finished_at IS NULL ORDER BY id";
    INSERT_DELIVERY =
        "INSERT INTO delivery (checksum, name, sender, format, zone, arrived_at, finished_at, cursor_records, accepted,
                               duplicate, superseding, outranked, estimated, rejected, waiting, reads)
         VALUES ($1, $2, $3, $4, $5, $6, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0) RETURNING id";
    ARRIVE_ANEW = sqlite
        "INSERT INTO delivery (checksum, name, sender, format, zone, arrived_at, finished_at, cursor_records, accepted,
                               duplicate, superseding, outranked, estimated, rejected, waiting, reads)
         SELECT $2, name, sender, format, zone, $3, $3, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM delivery WHERE id = $1 RETURNING id",
    postgres
        "INSERT INTO delivery (checksum, name, sender, format, zone, arrived_at, finished_at, cursor_records, accepted,
                               duplicate, superseding, outranked, estimated, rejected, waiting, reads)
         SELECT $2::BYTEA, name, sender, format, zone, $3::TIMESTAMPTZ, $3::TIMESTAMPTZ, 0, 0, 0, 0, 0, 0, 0, 0, 0
         FROM delivery WHERE id = $1 RETURNING id";
    PROGRESS =
        "UPDATE delivery SET cursor_records = $2, accepted = $3, duplicate = $4, superseding = $5, outranked = $6,
                estimated = $7, rejected = $8, waiting = $9, reads = $10, finished_at = $11, sender = $12
         WHERE id = $1";
    ADD_COUNTS =
        "UPDATE delivery SET accepted = accepted + $2, duplicate = duplicate + $3, superseding = superseding + $4,
                outranked = outranked + $5, estimated = estimated + $6, rejected = rejected + $7, waiting = waiting + $8,
                reads = reads + $9
         WHERE id = $1";
}

/// How many of what a delivery brought, by what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Counts {
    /// Interval values taken in (holes that were filled included).
    pub accepted: i64,
    /// Values that were there already.
    pub duplicate: i64,
    /// Values that took the place of others.
    pub superseding: i64,
    /// Values that stayed behind better ones.
    pub outranked: i64,
    /// Values estimated to fill short gaps.
    pub estimated: i64,
    /// Records refused.
    pub rejected: i64,
    /// Readings of meters not yet known.
    pub waiting: i64,
    /// Register reads taken in.
    pub reads: i64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.duplicate += other.duplicate;
        self.superseding += other.superseding;
        self.outranked += other.outranked;
        self.estimated += other.estimated;
        self.rejected += other.rejected;
        self.waiting += other.waiting;
        self.reads += other.reads;
    }
}

/// A delivery as it was left.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DeliveryRow {
    /// Key.
    pub id: DeliveryId,
    /// Records committed.
    #[sqlx(rename = "cursor_records")]
    pub cursor: i64,
    /// When it came first.
    pub arrived_at: Instant,
    /// When the last record was.
    pub finished_at: Option<Instant>,
    /// What became of them.
    #[sqlx(flatten)]
    pub counts: Counts,
}

/// A delivery that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery<'a> {
    /// SHA-256 of its content.
    pub checksum: &'a [u8],
    /// The file's name, for people.
    pub name: &'a str,
    /// The sending system, as far as it is known.
    pub sender: &'a str,
    /// The format.
    pub format: &'a str,
    /// The zone by which local times are read.
    pub zone: &'a str,
    /// When it came.
    pub arrived_at: Instant,
}

/// The delivery of this content, if it came before.
///
/// # Errors
/// If the database fails.
pub async fn by_checksum(tx: &mut Tx<'_>, checksum: &[u8]) -> Result<Option<DeliveryRow>, StoreError> {
    Ok(run!(tx, BY_CHECKSUM, |sql, c| sqlx::query_as(sql).bind(checksum).fetch_optional(c).await)?)
}

/// Deliveries that were begun and not ended.
///
/// # Errors
/// If the database fails.
pub async fn unfinished(tx: &mut Tx<'_>) -> Result<Vec<DeliveryId>, StoreError> {
    Ok(run!(tx, UNFINISHED, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?)
}

/// Begins a delivery.
///
/// # Errors
/// `Duplicate` where this content came before; otherwise if the database fails.
pub async fn insert_delivery(tx: &mut Tx<'_>, new: &NewDelivery<'_>) -> Result<DeliveryId, StoreError> {
    Ok(run!(tx, INSERT_DELIVERY, |sql, c| sqlx::query_scalar(sql)
        .bind(new.checksum)
        .bind(new.name)
        .bind(new.sender)
        .bind(new.format)
        .bind(new.zone)
        .bind(new.arrived_at)
        .fetch_one(c)
        .await)?)
}

/// Begins, and ends, a delivery of what another one brought and what could not be stored then: of the same file and sender, with an
/// arrival of its own. What becomes of its values is counted with the other.
///
/// # Errors
/// If the database fails.
pub async fn arrive_anew(
    tx: &mut Tx<'_>,
    of: DeliveryId,
    checksum: &[u8],
    at: Instant,
) -> Result<DeliveryId, StoreError> {
    Ok(run!(tx, ARRIVE_ANEW, |sql, c| sqlx::query_scalar(sql).bind(of).bind(checksum).bind(at).fetch_one(c).await)?)
}

/// Notes how far a delivery is committed: in the transaction that commits it.
///
/// # Errors
/// If the database fails.
pub async fn progress(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    cursor: i64,
    counts: &Counts,
    sender: &str,
    finished_at: Option<Instant>,
) -> Result<(), StoreError> {
    run!(tx, PROGRESS, |sql, c| sqlx::query(sql)
        .bind(delivery)
        .bind(cursor)
        .bind(counts.accepted)
        .bind(counts.duplicate)
        .bind(counts.superseding)
        .bind(counts.outranked)
        .bind(counts.estimated)
        .bind(counts.rejected)
        .bind(counts.waiting)
        .bind(counts.reads)
        .bind(finished_at)
        .bind(sender)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Adds to the counts of a delivery of which something was taken in later (replayed, or no longer waiting).
///
/// # Errors
/// If the database fails.
pub async fn add_counts(tx: &mut Tx<'_>, delivery: DeliveryId, more: &Counts) -> Result<(), StoreError> {
    run!(tx, ADD_COUNTS, |sql, c| sqlx::query(sql)
        .bind(delivery)
        .bind(more.accepted)
        .bind(more.duplicate)
        .bind(more.superseding)
        .bind(more.outranked)
        .bind(more.estimated)
        .bind(more.rejected)
        .bind(more.waiting)
        .bind(more.reads)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}
