//! Days in bulk.

use std::collections::{HashMap, HashSet};

use domain::calendar::Instant;
use domain::ids::{DeliveryId, RegisterId};
use serde_json::Value;
use sqlx::FromRow;

use super::{BULK, rows16, rows64};
use crate::pack;
use crate::usage::ChangeKind;
use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT_DAYS = sqlite
        concat!("INSERT INTO usage_day (register_id, day, sum, version, delivery_id, block) VALUES ",
                rows64!("(?,?,?,0,?,?)"), " ON CONFLICT (register_id, day) DO NOTHING"),
    postgres
        "INSERT INTO usage_day (register_id, day, sum, version, delivery_id, block)
         SELECT r, d, s, 0, $4, b
         FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $5::BYTEA[]) AS t (r, d, s, b)
         ON CONFLICT (register_id, day) DO NOTHING";
    INSERT_DAY = "INSERT INTO usage_day (register_id, day, sum, version, delivery_id, block) VALUES ($1, $2, $3, 0, $4, $5)
                  ON CONFLICT (register_id, day) DO NOTHING";
    // $1 is a JSON list of [register, day].
    STORED_DAYS = sqlite
        "SELECT u.register_id, u.day, u.version, u.sum, u.block
         FROM json_each($1) k
         JOIN usage_day u ON u.register_id = json_extract(k.value, '$[0]') AND u.day = json_extract(k.value, '$[1]')",
    postgres
        "SELECT u.register_id, u.day, u.version, u.sum, u.block
         FROM jsonb_array_elements($1) AS k (v)
         JOIN usage_day u ON u.register_id = CAST(k.v ->> 0 AS BIGINT) AND u.day = CAST(k.v ->> 1 AS BIGINT)";
    UPDATE_DAY = "UPDATE usage_day SET sum = $3, version = $4, block = $5 WHERE register_id = $1 AND day = $2";
    INSERT_CHANGE =
        "INSERT INTO usage_change (register_id, day, number, kind, changed_at, delivery_id, version_before, sum_before,
                                   block_before)
         SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, $5, $6, $7, $8
         FROM usage_change WHERE register_id = $1 AND day = $2";
    // $1 is a JSON list of register keys.
    STATES = sqlite
        "SELECT k.value AS register_id, u.day, u.block, d.read_at, d.value
         FROM json_each($1) k
         LEFT JOIN usage_day u ON u.register_id = k.value
              AND u.day = (SELECT o.number FROM usage_part o
                           WHERE o.kind = 'day' AND EXISTS (SELECT 1 FROM usage_day x
                                                            WHERE x.day = o.number AND x.register_id = k.value)
                           ORDER BY o.number DESC LIMIT 1)
         LEFT JOIN register_read d ON d.register_id = k.value
              AND d.read_at = (SELECT MAX(read_at) FROM register_read WHERE register_id = k.value)",
    postgres
        "SELECT k.id AS register_id, u.day, u.block, d.read_at, d.value
         FROM (SELECT CAST(v AS BIGINT) AS id FROM jsonb_array_elements_text($1) AS e (v)) k
         LEFT JOIN LATERAL (SELECT day, block FROM usage_day WHERE register_id = k.id ORDER BY day DESC LIMIT 1) u ON TRUE
         LEFT JOIN LATERAL (SELECT read_at, value FROM register_read WHERE register_id = k.id
                            ORDER BY read_at DESC LIMIT 1) d ON TRUE";
}

/// A day that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDay {
    /// Whose.
    pub register: RegisterId,
    /// Days since 1970-01-01.
    pub day: i64,
    /// The sum of its values.
    pub sum: i64,
    /// Packed.
    pub block: Vec<u8>,
}

/// A day as it is stored, for merging.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DayState {
    /// Whose.
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    /// Days since 1970-01-01.
    pub day: i64,
    /// How often a value was changed.
    pub version: i64,
    /// The sum of its values.
    pub sum: i64,
    /// Packed.
    pub block: Vec<u8>,
}

/// Where a register's data end.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RegisterState {
    /// Whose.
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    /// The last stored day.
    pub day: Option<i64>,
    /// Its block.
    pub block: Option<Vec<u8>>,
    /// When the dial was last read, seconds since 1970-01-01, UTC.
    pub read_at: Option<i64>,
    /// What it said.
    pub value: Option<i64>,
}

/// Adds days; those that are there already are left as they are. Answers how many were added.
///
/// # Errors
/// If the database fails.
pub async fn insert_days(tx: &mut Tx<'_>, delivery: DeliveryId, days: &[NewDay]) -> Result<u64, StoreError> {
    if days.is_empty() {
        return Ok(0);
    }
    pack::lock_days(tx).await?;
    let keys: Vec<(RegisterId, i64)> = days.iter().map(|d| (d.register, d.day)).collect();
    let packed = packed_days(tx, &keys).await?;
    if packed.is_empty() {
        return insert_open(tx, delivery, days).await;
    }
    let packed: HashSet<(RegisterId, i64)> = packed.into_iter().map(|d| (d.register, d.day)).collect();
    let days: Vec<NewDay> = days.iter().filter(|d| !packed.contains(&(d.register, d.day))).cloned().collect();
    insert_open(tx, delivery, &days).await
}

/// Those of the days that are packed.
async fn packed_days(tx: &mut Tx<'_>, keys: &[(RegisterId, i64)]) -> Result<Vec<DayState>, StoreError> {
    let packs = pack::packs_of(tx, keys).await?;
    if packs.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: HashSet<(RegisterId, i64)> = keys.iter().copied().collect();
    let mut out = Vec::new();
    for p in &packs {
        for day in pack::unpack(p.register, p.stretch, &p.days) {
            let day = day?;
            if wanted.contains(&(p.register, day.day)) {
                out.push(DayState {
                    register: p.register,
                    day: day.day,
                    version: day.version,
                    sum: day.sum,
                    block: day.block.to_vec(),
                });
            }
        }
    }
    Ok(out)
}

async fn insert_open(tx: &mut Tx<'_>, delivery: DeliveryId, days: &[NewDay]) -> Result<u64, StoreError> {
    let mut numbers: Vec<i64> = days.iter().map(|d| d.day).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for day in numbers {
        pack::part(tx, "day", day).await?;
    }
    let mut added = 0;
    match tx {
        Tx::Sqlite(t) => {
            let (whole, rest) = days.as_chunks::<BULK>();
            for chunk in whole {
                let mut q = sqlx::query(INSERT_DAYS.sqlite);
                for d in chunk {
                    q = q.bind(d.register).bind(d.day).bind(d.sum).bind(delivery).bind(&d.block[..]);
                }
                added += q.execute(&mut **t).await?.rows_affected();
            }
            for d in rest {
                added += sqlx::query(INSERT_DAY.sqlite)
                    .bind(d.register)
                    .bind(d.day)
                    .bind(d.sum)
                    .bind(delivery)
                    .bind(&d.block[..])
                    .execute(&mut **t)
                    .await?
                    .rows_affected();
            }
        }
        Tx::Postgres(t) => {
            let registers: Vec<i64> = days.iter().map(|d| d.register.0).collect();
            let numbers: Vec<i64> = days.iter().map(|d| d.day).collect();
            let sums: Vec<i64> = days.iter().map(|d| d.sum).collect();
            let blocks: Vec<&[u8]> = days.iter().map(|d| &d.block[..]).collect();
            added += sqlx::query(INSERT_DAYS.postgres)
                .bind(registers)
                .bind(numbers)
                .bind(sums)
                .bind(delivery)
                .bind(blocks)
                .execute(&mut **t)
                .await?
                .rows_affected();
        }
    }
    Ok(added)
}

/// Which of these days are stored, and as what. Who is going to change them has called [`pack::lock_days`].
///
/// # Errors
/// If the database fails.
pub async fn stored_days(tx: &mut Tx<'_>, keys: &[(RegisterId, i64)]) -> Result<Vec<DayState>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let list: Value = keys.iter().map(|(r, d)| Value::from(vec![r.0, *d])).collect();
    let mut found: Vec<DayState> = run!(tx, STORED_DAYS, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    if found.len() < keys.len() {
        found.extend(packed_days(tx, keys).await?);
    }
    Ok(found)
}

/// Where the data of registers end; one row per register asked for.
///
/// # Errors
/// If the database fails.
pub async fn register_states(tx: &mut Tx<'_>, registers: &[RegisterId]) -> Result<Vec<RegisterState>, StoreError> {
    if registers.is_empty() {
        return Ok(Vec::new());
    }
    let list: Value = registers.iter().map(|r| Value::from(r.0)).collect();
    let mut states: Vec<RegisterState> = run!(tx, STATES, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    let open: Vec<(RegisterId, Option<i64>)> = states.iter().map(|s| (s.register, s.day)).collect();
    let packed = pack::later_packed(tx, &open).await?;
    if !packed.is_empty() {
        let mut packed: HashMap<RegisterId, pack::Row> = packed.into_iter().collect();
        for state in &mut states {
            if let Some(row) = packed.remove(&state.register)
                && state.day.is_none_or(|day| day < row.day)
            {
                (state.day, state.block) = (Some(row.day), Some(row.block));
            }
        }
    }
    Ok(states)
}

/// Puts a changed day in the place of the stored one. The old one goes to the history by [`insert_changes`].
///
/// # Errors
/// If the database fails.
pub async fn update_day(tx: &mut Tx<'_>, day: &NewDay, version: i64) -> Result<(), StoreError> {
    pack::lock_days(tx).await?;
    let changed = run!(tx, UPDATE_DAY, |sql, c| sqlx::query(sql)
        .bind(day.register)
        .bind(day.day)
        .bind(day.sum)
        .bind(version)
        .bind(&day.block[..])
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 0 && !pack::replace(tx, day.register, day.day, (day.sum, version), &day.block).await? {
        return Err(StoreError::Damaged(format!(
            "day {} of register {} is to change and is gone",
            day.day, day.register.0
        )));
    }
    Ok(())
}

/// A change of a day, with what was there before.
#[derive(Clone, Copy, Debug)]
pub struct NewChange<'a> {
    /// The day before the change.
    pub before: &'a DayState,
    /// What kind of change.
    pub kind: ChangeKind,
    /// When.
    pub at: Instant,
    /// By which delivery.
    pub delivery: DeliveryId,
}

/// Keeps what days were before a change.
///
/// # Errors
/// If the database fails.
pub async fn insert_changes(tx: &mut Tx<'_>, changes: &[NewChange<'_>]) -> Result<(), StoreError> {
    for change in changes {
        run!(tx, INSERT_CHANGE, |sql, c| sqlx::query(sql)
            .bind(change.before.register)
            .bind(change.before.day)
            .bind(change.kind)
            .bind(change.at)
            .bind(change.delivery)
            .bind(change.before.version)
            .bind(change.before.sum)
            .bind(&change.before.block[..])
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}
