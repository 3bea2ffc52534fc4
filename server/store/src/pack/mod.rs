//! Where stored days are: those of the last days by day, as deliveries bring them (`usage_day`); older ones by register, ten
//! days in a row (`usage_pack`), as charts and bills read them. Readers look into both; a day is in one of them only.
//!
//! On PostgreSQL whoever writes days or packs them holds one lock ([`lock_days`]), so that no day is written where another
//! transaction is just packing, and none is changed that another has read to change it too. SQLite has one writer.

use domain::ids::{DeliveryId, RegisterId};
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

mod codec;
mod drop;
mod shift;

pub use codec::PackedDay;
pub(crate) use codec::{pack, unpack};
pub use drop::{GivenUp, drop_before, given_up};
pub use shift::{Repacked, Shifted, packed_through, repack_some, shift_some, stretches_due, sweep};

/// Days of a stretch: as many as fill a quarter of a page with quarter-hours.
pub const STRETCH: i64 = 10;

/// The stretch that a day lies in.
#[must_use]
pub const fn stretch_of(day: i64) -> i64 {
    day.div_euclid(STRETCH)
}

statements! {
    OPEN_DAYS = sqlite
        "SELECT u.day, u.sum, u.version, u.delivery_id, u.block
         FROM usage_part o CROSS JOIN usage_day u ON u.day = o.number AND u.register_id = $1
         WHERE o.kind = 'day' AND o.number >= $2 AND o.number < $3 ORDER BY o.number",
    postgres
        "SELECT day, sum, version, delivery_id, block FROM usage_day
         WHERE register_id = $1 AND day >= $2 AND day < $3 ORDER BY day";
    PACKS = "SELECT stretch, days FROM usage_pack WHERE register_id = $1 AND stretch >= $2 AND stretch <= $3 ORDER BY stretch";
    OPEN_FROM = sqlite
        "SELECT u.day, u.sum, u.version, u.delivery_id, u.block
         FROM usage_part o CROSS JOIN usage_day u ON u.day = o.number AND u.register_id = $1
         WHERE o.kind = 'day' AND o.number >= $2 ORDER BY o.number LIMIT 1",
    postgres
        "SELECT day, sum, version, delivery_id, block FROM usage_day
         WHERE register_id = $1 AND day >= $2 ORDER BY day LIMIT 1";
    OPEN_UNTIL = sqlite
        "SELECT u.day, u.sum, u.version, u.delivery_id, u.block
         FROM usage_part o CROSS JOIN usage_day u ON u.day = o.number AND u.register_id = $1
         WHERE o.kind = 'day' AND o.number <= $2 ORDER BY o.number DESC LIMIT 1",
    postgres
        "SELECT day, sum, version, delivery_id, block FROM usage_day
         WHERE register_id = $1 AND day <= $2 ORDER BY day DESC LIMIT 1";
    // The stretch of the day itself may hold other days only: the next one then has it.
    PACKS_FROM = "SELECT stretch, days FROM usage_pack WHERE register_id = $1 AND stretch >= $2 ORDER BY stretch LIMIT 2";
    PACKS_UNTIL = "SELECT stretch, days FROM usage_pack WHERE register_id = $1 AND stretch <= $2 ORDER BY stretch DESC LIMIT 2";
    LOCK_DAYS = sqlite "SELECT 1", postgres "SELECT pg_advisory_xact_lock(541702)";
    ANY_PACKED = sqlite
        "SELECT p.number FROM json_each($1) k JOIN usage_part p ON p.kind = 'pack' AND p.number = k.value",
    postgres
        "SELECT p.number FROM jsonb_array_elements_text($1) AS k (v)
         JOIN usage_part p ON p.kind = 'pack' AND p.number = CAST(k.v AS BIGINT)";
    // $1 is a JSON list of [register, stretch].
    PACKS_AT = sqlite
        "SELECT p.register_id, p.stretch, p.days FROM json_each($1) k
         JOIN usage_pack p ON p.register_id = json_extract(k.value, '$[0]') AND p.stretch = json_extract(k.value, '$[1]')",
    postgres
        "SELECT p.register_id, p.stretch, p.days FROM jsonb_array_elements($1) AS k (v)
         JOIN usage_pack p ON p.register_id = CAST(k.v ->> 0 AS BIGINT) AND p.stretch = CAST(k.v ->> 1 AS BIGINT)";
    LAST_PACKS = sqlite
        "SELECT p.register_id, p.stretch, p.days FROM json_each($1) k
         JOIN usage_pack p ON p.register_id = k.value
              AND p.stretch = (SELECT MAX(stretch) FROM usage_pack WHERE register_id = k.value)",
    postgres
        "SELECT p.register_id, p.stretch, p.days FROM jsonb_array_elements_text($1) AS e (v)
         CROSS JOIN LATERAL (SELECT register_id, stretch, days FROM usage_pack WHERE register_id = CAST(e.v AS BIGINT)
                             ORDER BY stretch DESC LIMIT 1) p";
    LOCK_PACK = sqlite
        "SELECT stretch, days FROM usage_pack WHERE register_id = $1 AND stretch = $2",
    postgres
        "SELECT stretch, days FROM usage_pack WHERE register_id = $1 AND stretch = $2 FOR UPDATE";
    REPLACE_PACK = "UPDATE usage_pack SET last_day = $3, days = $4 WHERE register_id = $1 AND stretch = $2";
    LATEST_PACKED = "SELECT MAX(number) FROM usage_part WHERE kind = 'pack'";
    NOTE_PART = "INSERT INTO usage_part (kind, number) VALUES ($1, $2) ON CONFLICT (kind, number) DO NOTHING";
    ROOM = sqlite "SELECT 1", postgres "SELECT usage_room($1, $2)";
}

/// A day as it is stored, wherever it is.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(crate) struct Row {
    pub day: i64,
    pub sum: i64,
    pub version: i64,
    #[sqlx(rename = "delivery_id")]
    pub delivery: DeliveryId,
    pub block: Vec<u8>,
}

impl From<PackedDay<'_>> for Row {
    fn from(d: PackedDay<'_>) -> Self {
        Self { day: d.day, sum: d.sum, version: d.version, delivery: d.delivery, block: d.block.to_vec() }
    }
}

/// A pack with its key.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct PackRow {
    #[sqlx(rename = "register_id")]
    pub register: RegisterId,
    pub stretch: i64,
    pub days: Vec<u8>,
}

/// The stored days of a register with numbers from one to before another, in order.
pub(crate) async fn rows(tx: &mut Tx<'_>, register: RegisterId, from: i64, to: i64) -> Result<Vec<Row>, StoreError> {
    // The open ones first: what is packed in between is read twice then, and not never.
    let mut open: Vec<Row> =
        run!(tx, OPEN_DAYS, |sql, c| sqlx::query_as(sql).bind(register).bind(from).bind(to).fetch_all(c).await)?;
    let packs: Vec<(i64, Vec<u8>)> = run!(tx, PACKS, |sql, c| sqlx::query_as(sql)
        .bind(register)
        .bind(stretch_of(from))
        .bind(stretch_of(to))
        .fetch_all(c)
        .await)?;
    if packs.is_empty() {
        return Ok(open);
    }
    let mut out = Vec::with_capacity(packs.len() * 10 + open.len());
    for (stretch, bytes) in &packs {
        for day in unpack(register, *stretch, bytes) {
            let day = day?;
            if from <= day.day && day.day < to {
                out.push(Row::from(day));
            }
        }
    }
    let strays = open.first().is_some_and(|o| out.last().is_some_and(|p| o.day <= p.day));
    out.append(&mut open);
    if strays {
        // Stable: of a day that came twice the packed one stays.
        out.sort_by_key(|r| r.day);
        out.dedup_by_key(|r| r.day);
    }
    Ok(out)
}

/// The first stored day of a register from a day on.
pub(crate) async fn first_from(tx: &mut Tx<'_>, register: RegisterId, day: i64) -> Result<Option<Row>, StoreError> {
    let open: Option<Row> =
        run!(tx, OPEN_FROM, |sql, c| sqlx::query_as(sql).bind(register).bind(day).fetch_optional(c).await)?;
    let packs: Vec<(i64, Vec<u8>)> =
        run!(tx, PACKS_FROM, |sql, c| sqlx::query_as(sql).bind(register).bind(stretch_of(day)).fetch_all(c).await)?;
    let packed = of_packs(register, &packs)?.into_iter().filter(|r| r.day >= day).min_by_key(|r| r.day);
    Ok(open.into_iter().chain(packed).min_by_key(|r| r.day))
}

/// The last stored day of a register up to and including a day.
pub(crate) async fn last_until(tx: &mut Tx<'_>, register: RegisterId, day: i64) -> Result<Option<Row>, StoreError> {
    let open: Option<Row> =
        run!(tx, OPEN_UNTIL, |sql, c| sqlx::query_as(sql).bind(register).bind(day).fetch_optional(c).await)?;
    if open.as_ref().is_some_and(|o| o.day == day) {
        return Ok(open);
    }
    let packs: Vec<(i64, Vec<u8>)> =
        run!(tx, PACKS_UNTIL, |sql, c| sqlx::query_as(sql).bind(register).bind(stretch_of(day)).fetch_all(c).await)?;
    let packed = of_packs(register, &packs)?.into_iter().filter(|r| r.day <= day).max_by_key(|r| r.day);
    Ok(open.into_iter().chain(packed).max_by_key(|r| r.day))
}

fn of_packs(register: RegisterId, packs: &[(i64, Vec<u8>)]) -> Result<Vec<Row>, StoreError> {
    packs.iter().flat_map(|(stretch, bytes)| unpack(register, *stretch, bytes)).map(|d| d.map(Row::from)).collect()
}

/// Keeps days as and where they are until the transaction ends. Functions that write days call it; who reads one to change it calls
/// it before, and before any other row is locked, an exception for instance: ingest comes to them in this order.
///
/// # Errors
/// If the database fails.
pub async fn lock_days(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(_) => {}
        Tx::Postgres(t) => {
            sqlx::query(LOCK_DAYS.postgres).execute(&mut **t).await?;
        }
    }
    Ok(())
}

/// Makes room for a part and notes that it is there.
pub(crate) async fn part(tx: &mut Tx<'_>, kind: &str, number: i64) -> Result<(), StoreError> {
    if let Tx::Postgres(t) = tx {
        let stretch = if kind == "day" { stretch_of(number) } else { number };
        sqlx::query(ROOM.postgres).bind(kind).bind(stretch).execute(&mut **t).await?;
    }
    run!(tx, NOTE_PART, |sql, c| sqlx::query(sql).bind(kind).bind(number).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The packs in which days of these keys may be; of most days there are none yet, which one look tells.
pub(crate) async fn packs_of(tx: &mut Tx<'_>, keys: &[(RegisterId, i64)]) -> Result<Vec<PackRow>, StoreError> {
    let mut stretches: Vec<i64> = keys.iter().map(|(_, day)| stretch_of(*day)).collect();
    stretches.sort_unstable();
    stretches.dedup();
    let list = serde_json::Value::from(stretches);
    let packed: Vec<i64> = run!(tx, ANY_PACKED, |sql, c| sqlx::query_scalar(sql).bind(&list).fetch_all(c).await)?;
    if packed.is_empty() {
        return Ok(Vec::new());
    }
    let mut wanted: Vec<(i64, i64)> = keys
        .iter()
        .map(|(register, day)| (register.0, stretch_of(*day)))
        .filter(|(_, stretch)| packed.contains(stretch))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    packs_at(tx, &wanted).await
}

async fn packs_at(tx: &mut Tx<'_>, keys: &[(i64, i64)]) -> Result<Vec<PackRow>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let list: serde_json::Value = keys.iter().map(|(r, s)| serde_json::json!([r, s])).collect();
    Ok(run!(tx, PACKS_AT, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?)
}

/// The last packed day of each of these registers that has one no earlier than its open one: `open` is its last open day.
pub(crate) async fn later_packed(
    tx: &mut Tx<'_>,
    open: &[(RegisterId, Option<i64>)],
) -> Result<Vec<(RegisterId, Row)>, StoreError> {
    let last: Option<i64> = run!(tx, LATEST_PACKED, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?;
    let Some(last) = last else { return Ok(Vec::new()) };
    let list: serde_json::Value = open
        .iter()
        .filter(|(_, day)| day.is_none_or(|d| stretch_of(d) <= last))
        .map(|(r, _)| serde_json::Value::from(r.0))
        .collect();
    if list.as_array().is_none_or(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let packs: Vec<PackRow> = run!(tx, LAST_PACKS, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    let mut out = Vec::with_capacity(packs.len());
    for p in packs {
        if let Some(day) = unpack(p.register, p.stretch, &p.days).last() {
            out.push((p.register, Row::from(day?)));
        }
    }
    Ok(out)
}

/// Puts a day in the place of the one in its pack; `false` where it is in none.
pub(crate) async fn replace(
    tx: &mut Tx<'_>,
    register: RegisterId,
    day: i64,
    (sum, version): (i64, i64),
    block: &[u8],
) -> Result<bool, StoreError> {
    let stretch = stretch_of(day);
    let found: Option<(i64, Vec<u8>)> =
        run!(tx, LOCK_PACK, |sql, c| sqlx::query_as(sql).bind(register).bind(stretch).fetch_optional(c).await)?;
    let Some((_, bytes)) = found else { return Ok(false) };
    let mut days = unpack(register, stretch, &bytes).collect::<Result<Vec<_>, _>>()?;
    let Some(old) = days.iter_mut().find(|d| d.day == day) else { return Ok(false) };
    *old = PackedDay { sum, version, block, ..*old };
    write(tx, register, stretch, &days).await?;
    Ok(true)
}

async fn write(tx: &mut Tx<'_>, register: RegisterId, stretch: i64, days: &[PackedDay<'_>]) -> Result<(), StoreError> {
    let last = days.last().map_or(stretch * STRETCH, |d| d.day);
    run!(tx, REPLACE_PACK, |sql, c| sqlx::query(sql)
        .bind(register)
        .bind(stretch)
        .bind(last)
        .bind(pack(stretch, days))
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

#[cfg(test)]
mod tests;
