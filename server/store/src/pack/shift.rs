//! Packing: a register's open days of a stretch become a row of their own, some registers at a time.

use domain::ids::{DeliveryId, RegisterId};
use domain::metering::day::DayBlock;
use sqlx::FromRow;

use super::{PackRow, PackedDay, STRETCH, lock_days, pack, packs_at, part, stretch_of, unpack};
use crate::ingest::{BULK, rows16, rows64};
use crate::{StoreError, Tx, run, statements};

statements! {
    DUE = "SELECT number FROM usage_part WHERE kind = 'day' AND number < $1 ORDER BY number";
    OLDEST_OPEN = "SELECT MIN(number) FROM usage_part WHERE kind = 'day'";
    NEXT = sqlite
        "SELECT MIN(x) FROM (SELECT (SELECT u.register_id FROM usage_day u WHERE u.day = o.number AND u.register_id > $3
                                     ORDER BY u.register_id LIMIT 1) AS x
                             FROM usage_part o WHERE o.kind = 'day' AND o.number >= $1 AND o.number < $2)",
    postgres
        "SELECT MIN(register_id) FROM usage_day WHERE day >= $1 AND day < $2 AND register_id > $3";
    OPEN_OF = sqlite
        "SELECT u.register_id, u.day, u.sum, u.version, u.delivery_id, u.block
         FROM usage_part o CROSS JOIN usage_day u ON u.day = o.number AND u.register_id >= $3 AND u.register_id < $4
         WHERE o.kind = 'day' AND o.number >= $1 AND o.number < $2",
    postgres
        "SELECT register_id, day, sum, version, delivery_id, block FROM usage_day
         WHERE day >= $1 AND day < $2 AND register_id >= $3 AND register_id < $4";
    DELETE_OPEN = sqlite
        "DELETE FROM usage_day WHERE day IN (SELECT number FROM usage_part WHERE kind = 'day' AND number >= $1 AND number < $2)
         AND register_id >= $3 AND register_id < $4",
    postgres
        "DELETE FROM usage_day WHERE day >= $1 AND day < $2 AND register_id >= $3 AND register_id < $4";
    PUT_PACKS = sqlite
        concat!("INSERT INTO usage_pack (register_id, stretch, last_day, days) VALUES ", rows64!("(?,?,?,?)"),
                " ON CONFLICT (register_id, stretch) DO UPDATE SET last_day = excluded.last_day, days = excluded.days"),
    postgres
        "INSERT INTO usage_pack (register_id, stretch, last_day, days)
         SELECT r, s, l, d FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[]) AS t (r, s, l, d)
         ON CONFLICT (register_id, stretch) DO UPDATE SET last_day = excluded.last_day, days = excluded.days";
    PUT_PACK = "INSERT INTO usage_pack (register_id, stretch, last_day, days) VALUES ($1, $2, $3, $4)
                ON CONFLICT (register_id, stretch) DO UPDATE SET last_day = excluded.last_day, days = excluded.days";
    CLOSE = sqlite
        "DELETE FROM usage_part WHERE kind = 'day' AND number >= $1 AND number < $2
         AND NOT EXISTS (SELECT 1 FROM usage_day u WHERE u.day = usage_part.number)",
    postgres
        "DELETE FROM usage_part WHERE kind = 'day' AND number >= $1 AND number < $2
         AND NOT EXISTS (SELECT 1 FROM usage_day u WHERE u.day = usage_part.number)";
    SWEEP = sqlite "SELECT 0", postgres "SELECT usage_sweep()";
    PACKS_BEHIND = "SELECT register_id, stretch, days FROM usage_pack
                    WHERE register_id > $1 OR (register_id = $1 AND stretch > $2) ORDER BY register_id, stretch LIMIT $3";
}

/// What a step of packing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shifted {
    /// The last register of the step: go on behind it.
    pub through: RegisterId,
    /// Registers whose days were packed.
    pub registers: u64,
    /// Days that were packed.
    pub days: u64,
}

/// What a step of packing anew did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repacked {
    /// The last row of the step: go on behind it.
    pub through: (RegisterId, i64),
    /// Rows that were looked at.
    pub packs: u64,
    /// Rows that were written anew, since today's program packs them otherwise.
    pub changed: u64,
    /// Bytes less than before.
    pub saved: i64,
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

/// The stretches with open days that end before a day, the earliest first.
///
/// # Errors
/// If the database fails.
pub async fn stretches_due(tx: &mut Tx<'_>, before: i64) -> Result<Vec<i64>, StoreError> {
    // Only whole stretches: what is left of one would be packed twice.
    let before = stretch_of(before) * STRETCH;
    let days: Vec<i64> = run!(tx, DUE, |sql, c| sqlx::query_scalar(sql).bind(before).fetch_all(c).await)?;
    let mut out: Vec<i64> = days.into_iter().map(stretch_of).collect();
    out.dedup();
    Ok(out)
}

/// The first day that is not packed yet; `None` where every one is.
///
/// # Errors
/// If the database fails.
pub async fn packed_through(tx: &mut Tx<'_>) -> Result<Option<i64>, StoreError> {
    Ok(run!(tx, OLDEST_OPEN, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?)
}

/// Packs a stretch's open days of the next registers behind one, those with keys in a window of `window`; `None` where no
/// register is left, and the stretch is closed.
///
/// # Errors
/// If the database fails or a pack is damaged.
pub async fn shift_some(
    tx: &mut Tx<'_>,
    stretch: i64,
    after: RegisterId,
    window: i64,
) -> Result<Option<Shifted>, StoreError> {
    lock_days(tx).await?;
    let (first, end) = (stretch * STRETCH, (stretch + 1) * STRETCH);
    let next: Option<RegisterId> =
        run!(tx, NEXT, |sql, c| sqlx::query_scalar(sql).bind(first).bind(end).bind(after).fetch_one(c).await)?;
    let Some(next) = next else {
        run!(tx, CLOSE, |sql, c| sqlx::query(sql).bind(first).bind(end).execute(c).await.map(|_| ()))?;
        return Ok(None);
    };
    let until = next.0.saturating_add(window);
    let mut open: Vec<OpenRow> = run!(tx, OPEN_OF, |sql, c| sqlx::query_as(sql)
        .bind(first)
        .bind(end)
        .bind(next)
        .bind(until)
        .fetch_all(c)
        .await)?;
    open.sort_unstable_by_key(|d| (d.register_id, d.day));
    part(tx, "pack", stretch).await?;
    let groups: Vec<&[OpenRow]> = open.chunk_by(|a, b| a.register_id == b.register_id).collect();
    let keys: Vec<(i64, i64)> = groups.iter().map(|g| (g[0].register_id.0, stretch)).collect();
    let mut there: Vec<PackRow> = packs_at(tx, &keys).await?;
    there.sort_unstable_by_key(|p| p.register);
    let mut packs = Vec::with_capacity(groups.len());
    for group in &groups {
        let register = group[0].register_id;
        let mut days: Vec<PackedDay<'_>> = match there.binary_search_by_key(&register, |p| p.register) {
            Ok(i) => unpack(register, stretch, &there[i].days).collect::<Result<_, _>>()?,
            Err(_) => Vec::new(),
        };
        days.extend(group.iter().map(|d| PackedDay {
            day: d.day,
            sum: d.sum,
            version: d.version,
            delivery: d.delivery_id,
            block: &d.block,
        }));
        days.sort_by_key(|d| d.day);
        if days.windows(2).any(|w| w[0].day == w[1].day) {
            return Err(StoreError::Damaged(format!("register {} has a day of stretch {stretch} twice", register.0)));
        }
        packs.push((register, days.last().map_or(first, |d| d.day), pack(stretch, &days)));
    }
    put(tx, stretch, &packs).await?;
    run!(tx, DELETE_OPEN, |sql, c| sqlx::query(sql)
        .bind(first)
        .bind(end)
        .bind(next)
        .bind(until)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(Some(Shifted { through: RegisterId(until - 1), registers: packs.len() as u64, days: open.len() as u64 }))
}

async fn put(tx: &mut Tx<'_>, stretch: i64, packs: &[(RegisterId, i64, Vec<u8>)]) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(t) => {
            let (whole, rest) = packs.as_chunks::<BULK>();
            for chunk in whole {
                let mut q = sqlx::query(PUT_PACKS.sqlite);
                for (register, last, days) in chunk {
                    q = q.bind(register).bind(stretch).bind(last).bind(&days[..]);
                }
                q.execute(&mut **t).await?;
            }
            for (register, last, days) in rest {
                let q = sqlx::query(PUT_PACK.sqlite).bind(register).bind(stretch).bind(last).bind(&days[..]);
                q.execute(&mut **t).await?;
            }
        }
        Tx::Postgres(t) => {
            sqlx::query(PUT_PACKS.postgres)
                .bind(packs.iter().map(|p| p.0.0).collect::<Vec<_>>())
                .bind(vec![stretch; packs.len()])
                .bind(packs.iter().map(|p| p.1).collect::<Vec<_>>())
                .bind(packs.iter().map(|p| &p.2[..]).collect::<Vec<_>>())
                .execute(&mut **t)
                .await?;
        }
    }
    Ok(())
}

/// Drops partitions that nothing is in any more, where the engine has any. In a transaction of its own, before a packing
/// and not behind it: who began to read earlier may still need them.
///
/// # Errors
/// If the database fails.
pub async fn sweep(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    match tx {
        Tx::Sqlite(_) => Ok(0),
        Tx::Postgres(t) => Ok(sqlx::query_scalar(SWEEP.postgres).fetch_one(&mut **t).await?),
    }
}

/// Packs the values of the next `limit` rows behind a key anew, as today's program packs them. `None` where no row is left.
///
/// # Errors
/// If the database fails or a pack is damaged.
pub async fn repack_some(
    tx: &mut Tx<'_>,
    after: (RegisterId, i64),
    limit: i64,
) -> Result<Option<Repacked>, StoreError> {
    lock_days(tx).await?;
    let rows: Vec<PackRow> = run!(tx, PACKS_BEHIND, |sql, c| sqlx::query_as(sql)
        .bind(after.0)
        .bind(after.1)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let Some(last) = rows.last() else { return Ok(None) };
    let mut done = Repacked { through: (last.register, last.stretch), packs: rows.len() as u64, changed: 0, saved: 0 };
    for row in &rows {
        let days = unpack(row.register, row.stretch, &row.days).collect::<Result<Vec<_>, _>>()?;
        let anew =
            days.iter().map(|d| DayBlock::decode(d.block).map(|b| b.encode())).collect::<Result<Vec<_>, _>>().map_err(
                |e| StoreError::Damaged(format!("days {}0 of register {}: {e}", row.stretch, row.register.0)),
            )?;
        let days: Vec<_> = days.iter().zip(&anew).map(|(d, block)| PackedDay { block, ..*d }).collect();
        let bytes = pack(row.stretch, &days);
        if bytes != row.days {
            done.changed += 1;
            done.saved += i64::try_from(row.days.len()).unwrap_or(0) - i64::try_from(bytes.len()).unwrap_or(0);
            super::write(tx, row.register, row.stretch, &days).await?;
        }
    }
    Ok(Some(done))
}
