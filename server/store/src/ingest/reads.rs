//! What dials said.

use domain::calendar::Instant;
use domain::ids::{DeliveryId, RegisterId};
use serde_json::Value;
use sqlx::FromRow;

use super::{BULK, rows16, rows64};
use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT_READS = sqlite
        concat!("INSERT INTO register_read (register_id, read_at, value, quality, delivery_id) VALUES ",
                rows64!("(?,?,?,?,?)"), " ON CONFLICT (register_id, read_at) DO NOTHING"),
    postgres
        "INSERT INTO register_read (register_id, read_at, value, quality, delivery_id)
         SELECT r, a, v, q, d
         FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[]) AS t (r, a, v, q, d)
         ON CONFLICT (register_id, read_at) DO NOTHING";
    INSERT_READ = "INSERT INTO register_read (register_id, read_at, value, quality, delivery_id) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (register_id, read_at) DO NOTHING";
    READS_AT = sqlite
        "SELECT d.register_id, d.read_at, d.value, d.quality, d.delivery_id
         FROM json_each($1) k
         JOIN register_read d ON d.register_id = json_extract(k.value, '$[0]') AND d.read_at = json_extract(k.value, '$[1]')",
    postgres
        "SELECT d.register_id, d.read_at, d.value, d.quality, d.delivery_id
         FROM jsonb_array_elements($1) AS k (v)
         JOIN register_read d ON d.register_id = CAST(k.v ->> 0 AS BIGINT) AND d.read_at = CAST(k.v ->> 1 AS BIGINT)";
    KEEP_READ =
        "INSERT INTO register_read_change (register_id, read_at, changed_at, delivery_id, value_before, quality_before,
                                           delivery_before)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    REPLACE_READ =
        "UPDATE register_read SET value = $3, quality = $4, delivery_id = $5 WHERE register_id = $1 AND read_at = $2";
}

/// A reading of a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRead {
    /// Whose.
    pub register: RegisterId,
    /// Seconds since 1970-01-01, UTC.
    pub at: i64,
    /// In the register's unit and power of ten.
    pub value: i64,
    /// Code of the quality.
    pub quality: u8,
}

/// A reading as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct StoredRead {
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
}

/// Adds readings; those of an instant that has one are left out. Answers how many were added.
///
/// # Errors
/// If the database fails.
pub async fn insert_reads(tx: &mut Tx<'_>, delivery: DeliveryId, reads: &[NewRead]) -> Result<u64, StoreError> {
    let mut added = 0;
    match tx {
        Tx::Sqlite(t) => {
            let (whole, rest) = reads.as_chunks::<BULK>();
            for chunk in whole {
                let mut q = sqlx::query(INSERT_READS.sqlite);
                for r in chunk {
                    q = q.bind(r.register).bind(r.at).bind(r.value).bind(i64::from(r.quality)).bind(delivery);
                }
                added += q.execute(&mut **t).await?.rows_affected();
            }
            for r in rest {
                added += sqlx::query(INSERT_READ.sqlite)
                    .bind(r.register)
                    .bind(r.at)
                    .bind(r.value)
                    .bind(i64::from(r.quality))
                    .bind(delivery)
                    .execute(&mut **t)
                    .await?
                    .rows_affected();
            }
        }
        Tx::Postgres(t) => {
            added += sqlx::query(INSERT_READS.postgres)
                .bind(reads.iter().map(|r| r.register.0).collect::<Vec<_>>())
                .bind(reads.iter().map(|r| r.at).collect::<Vec<_>>())
                .bind(reads.iter().map(|r| r.value).collect::<Vec<_>>())
                .bind(reads.iter().map(|r| i64::from(r.quality)).collect::<Vec<_>>())
                .bind(vec![delivery.0; reads.len()])
                .execute(&mut **t)
                .await?
                .rows_affected();
        }
    }
    Ok(added)
}

/// Which of these instants have a reading.
///
/// # Errors
/// If the database fails.
pub async fn reads_at(tx: &mut Tx<'_>, keys: &[(RegisterId, i64)]) -> Result<Vec<StoredRead>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let list: Value = keys.iter().map(|(r, at)| Value::from(vec![r.0, *at])).collect();
    Ok(run!(tx, READS_AT, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?)
}

/// Puts a reading in the place of another of the same instant, which goes to the history.
///
/// # Errors
/// If the database fails.
pub async fn replace_read(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    at: Instant,
    before: &StoredRead,
    new: &NewRead,
) -> Result<(), StoreError> {
    run!(tx, KEEP_READ, |sql, c| sqlx::query(sql)
        .bind(before.register)
        .bind(before.at)
        .bind(at)
        .bind(delivery)
        .bind(before.value)
        .bind(before.quality)
        .bind(before.delivery)
        .execute(c)
        .await
        .map(|_| ()))?;
    run!(tx, REPLACE_READ, |sql, c| sqlx::query(sql)
        .bind(new.register)
        .bind(new.at)
        .bind(new.value)
        .bind(i64::from(new.quality))
        .bind(delivery)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}
