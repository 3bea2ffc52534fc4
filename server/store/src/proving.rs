//! Stored usage as checks read it: all of it, by register.

use std::collections::HashMap;

use domain::ids::{DeliveryId, RegisterId};
use sqlx::FromRow;

use crate::pack::{PackRow, unpack};
use crate::{StoreError, Tx, run, statements};

mod reads;

pub use reads::{AnyRead, AnyReadChange, all_reads, read_changes, reads_lost};

statements! {
    NEXT_REGISTER = sqlite
        "SELECT MIN(x) FROM (SELECT (SELECT MIN(register_id) FROM usage_pack WHERE register_id > $1) AS x
         UNION ALL SELECT (SELECT u.register_id FROM usage_day u WHERE u.day = o.number AND u.register_id > $1
                           ORDER BY u.register_id LIMIT 1) FROM usage_part o WHERE o.kind = 'day')",
    postgres
        "SELECT MIN(x) FROM (SELECT (SELECT MIN(register_id) FROM usage_pack WHERE register_id > $1) AS x
         UNION ALL SELECT (SELECT MIN(register_id) FROM usage_day WHERE register_id > $1)) n";
    OPEN_IN = sqlite
        "SELECT u.register_id, u.day, u.sum, u.version, u.delivery_id, u.block
         FROM usage_part o CROSS JOIN usage_day u ON u.day = o.number AND u.register_id >= $1 AND u.register_id <= $2
         WHERE o.kind = 'day'",
    postgres
        "SELECT register_id, day, sum, version, delivery_id, block FROM usage_day
         WHERE register_id >= $1 AND register_id <= $2";
    PACKS_IN = "SELECT register_id, stretch, days FROM usage_pack WHERE register_id >= $1 AND register_id <= $2";
    CORRECTIONS_IN = "SELECT register_id, day, COUNT(*) FROM usage_change
                      WHERE register_id >= $1 AND register_id <= $2 AND kind = 'corrected' GROUP BY register_id, day";
    REGISTERS_IN = "SELECT id FROM register WHERE id >= $1 AND id <= $2";
    DELIVERIES = "SELECT id FROM delivery ORDER BY id";
    ALL_CHANGES = "SELECT register_id, day, number, sum_before AS sum, block_before AS block FROM usage_change
                   WHERE register_id > $1 OR (register_id = $1 AND (day > $2 OR (day = $2 AND number > $3)))
                   ORDER BY register_id, day, number LIMIT $4";
    // Rows in parts that are not noted would be found by nobody.
    LOST =
        "SELECT (SELECT COUNT(*) FROM usage_day WHERE day NOT IN (SELECT number FROM usage_part WHERE kind = 'day'))
              + (SELECT COUNT(*) FROM usage_pack WHERE stretch NOT IN (SELECT number FROM usage_part WHERE kind = 'pack'))
              + (SELECT COUNT(*) FROM usage_pack p WHERE NOT EXISTS (SELECT 1 FROM register r WHERE r.id = p.register_id))";
}

/// A stored day with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyDay {
    /// Whose.
    pub register: RegisterId,
    /// Days since 1970-01-01.
    pub day: i64,
    /// The stored sum.
    pub sum: i64,
    /// The stored version.
    pub version: i64,
    /// The delivery that brought it.
    pub delivery: DeliveryId,
    /// Packed.
    pub block: Vec<u8>,
    /// Corrections in the history.
    pub corrections: i64,
}

/// What is stored of some registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The last register: go on behind it.
    pub through: RegisterId,
    /// Days, by register and day. One that is in both places is there twice.
    pub days: Vec<AnyDay>,
    /// How many of them are packed.
    pub packed: u64,
    /// What could not be read, in plain words.
    pub faults: Vec<String>,
}

#[derive(FromRow)]
struct OpenRow {
    register_id: RegisterId,
    day: i64,
    sum: i64,
    version: i64,
    delivery_id: DeliveryId,
    block: Vec<u8>,
}

/// A change with its key.
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

/// All stored days of the next registers behind one: those with keys in a window of `window`. `None` where none is left.
///
/// # Errors
/// If the database fails.
pub async fn days_behind(tx: &mut Tx<'_>, after: RegisterId, window: i64) -> Result<Option<Page>, StoreError> {
    let next: Option<RegisterId> =
        run!(tx, NEXT_REGISTER, |sql, c| sqlx::query_scalar(sql).bind(after).fetch_one(c).await)?;
    let Some(next) = next else { return Ok(None) };
    let through = RegisterId(next.0.saturating_add(window - 1));
    let mut page = Page { through, days: Vec::new(), packed: 0, faults: Vec::new() };
    let corrections: Vec<(RegisterId, i64, i64)> =
        run!(tx, CORRECTIONS_IN, |sql, c| sqlx::query_as(sql).bind(next).bind(through).fetch_all(c).await)?;
    let corrections: HashMap<(RegisterId, i64), i64> = corrections.into_iter().map(|(r, d, n)| ((r, d), n)).collect();
    let corrections_of = |register, day| corrections.get(&(register, day)).copied().unwrap_or(0);
    let packs: Vec<PackRow> =
        run!(tx, PACKS_IN, |sql, c| sqlx::query_as(sql).bind(next).bind(through).fetch_all(c).await)?;
    for p in &packs {
        for day in unpack(p.register, p.stretch, &p.days) {
            match day {
                Ok(d) => {
                    page.packed += 1;
                    page.days.push(AnyDay {
                        register: p.register,
                        day: d.day,
                        sum: d.sum,
                        version: d.version,
                        delivery: d.delivery,
                        block: d.block.to_vec(),
                        corrections: corrections_of(p.register, d.day),
                    });
                }
                Err(error) => page.faults.push(error.to_string()),
            }
        }
    }
    let open: Vec<OpenRow> =
        run!(tx, OPEN_IN, |sql, c| sqlx::query_as(sql).bind(next).bind(through).fetch_all(c).await)?;
    page.days.extend(open.into_iter().map(|d| AnyDay {
        register: d.register_id,
        day: d.day,
        sum: d.sum,
        version: d.version,
        delivery: d.delivery_id,
        block: d.block,
        corrections: corrections_of(d.register_id, d.day),
    }));
    let registers: Vec<RegisterId> =
        run!(tx, REGISTERS_IN, |sql, c| sqlx::query_scalar(sql).bind(next).bind(through).fetch_all(c).await)?;
    page.days.sort_unstable_by_key(|d| (d.register, d.day));
    for twice in page.days.windows(2).filter(|w| (w[0].register, w[0].day) == (w[1].register, w[1].day)) {
        page.faults.push(format!("register {} has day {} twice", twice[0].register.0, twice[0].day));
    }
    let mut strangers: Vec<RegisterId> = page.days.iter().map(|d| d.register).collect();
    strangers.dedup();
    for r in strangers.iter().filter(|r| !registers.contains(r)) {
        page.faults.push(format!("register {} has usage and is not there", r.0));
    }
    Ok(Some(page))
}

/// The keys of all deliveries, in order.
///
/// # Errors
/// If the database fails.
pub async fn deliveries(tx: &mut Tx<'_>) -> Result<Vec<DeliveryId>, StoreError> {
    Ok(run!(tx, DELIVERIES, |sql, c| sqlx::query_scalar(sql).fetch_all(c).await)?)
}

/// How many stored rows no reader would find: their part is not noted, or their register is gone.
///
/// # Errors
/// If the database fails.
pub async fn lost(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(run!(tx, LOST, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?)
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
