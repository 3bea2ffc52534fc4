//! What a benchmark compares with: PostgreSQL's own `COPY` of one plain row per interval.

use std::fmt::Write;
use std::time::Instant as Stopwatch;

use sqlx::{Executor, PgConnection};

use domain::ids::BillId;

use crate::{Pool, StoreError, Tx, run, statements};

statements! {
    FILLED = "SELECT (SELECT COUNT(*) FROM account) + (SELECT COUNT(*) FROM meter) + (SELECT COUNT(*) FROM premise)";
    HAPPENED = "SELECT kind, COUNT(*) FROM journal GROUP BY kind
                UNION ALL SELECT 'arrangement ' || standing, COUNT(*) FROM arrangement GROUP BY standing
                UNION ALL SELECT 'notice ' || kind, COUNT(*) FROM collection_notice GROUP BY kind
                UNION ALL SELECT 'budget', COUNT(*) FROM budget_plan
                UNION ALL SELECT CASE WHEN autopay_id IS NULL THEN 'scheduled ' ELSE 'autopay ' END || state, COUNT(*) FROM planned_payment GROUP BY 1
                UNION ALL SELECT 'closed', COUNT(*) FROM account WHERE closed_on IS NOT NULL ORDER BY 1";
    // Partitions count as the table, or the index, that they are parts of.
    SIZES = sqlite "SELECT name, pgsize AS bytes FROM dbstat WHERE aggregate = TRUE ORDER BY 2 DESC, 1",
            postgres "SELECT CAST(COALESCE(ro.relname || ' (long values)', r.relname, o.relname || ' (long values)', c.relname)
                                  AS TEXT) AS name,
                             CAST(SUM(pg_relation_size(c.oid)) AS BIGINT) AS bytes
                      FROM pg_class c
                      LEFT JOIN pg_class o ON o.reltoastrelid = c.oid
                      LEFT JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
                      LEFT JOIN pg_class ro ON ro.oid = pg_partition_root(o.oid)
                      LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE c.relkind IN ('r', 'i', 't') AND n.nspname IN ('public', 'pg_toast')
                      GROUP BY 1 ORDER BY 2 DESC, 1";
    REPLACE_BILL = "UPDATE bill SET status = 'replaced' WHERE id = $1";
}

/// Rows per message of `COPY`.
const BLOCK: usize = 8192;

/// A day of plain rows for `COPY`: so many of each of so many registers, register after register, as a delivery brings them.
#[derive(Clone, Copy, Debug)]
pub struct RawDay {
    /// Registers.
    pub registers: u64,
    /// The day, from 0.
    pub day: u64,
    /// Rows, of all registers.
    pub rows: u64,
}

/// How fast `COPY` was, in rows per second.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    /// Into a table with a key of register and start, without which the same row could come twice.
    pub keyed: f64,
    /// Into a table without any key.
    pub plain: f64,
}

/// Copies a day of plain rows (register, start, value, quality), one per interval: into a table with a key, which keeps what was
/// copied before as a city's would, and into one without, which begins empty. `None` on an engine without `COPY`.
///
/// # Errors
/// If the database fails.
pub async fn copy_raw_rows(pool: &Pool, day: RawDay) -> Result<Option<Copied>, StoreError> {
    let Pool::Postgres(pool) = pool else { return Ok(None) };
    let mut connection = pool.acquire().await?;
    let columns = "register_id BIGINT, starts_at BIGINT, value BIGINT, quality BIGINT";
    let keyed = format!("CREATE TABLE IF NOT EXISTS bench_raw ({columns}, PRIMARY KEY (register_id, starts_at))");
    connection.execute(sqlx::AssertSqlSafe(keyed)).await?;
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE TABLE bench_plain ({columns})"))).await?;
    let keyed = copy_day(&mut connection, "COPY bench_raw FROM STDIN", day).await?;
    let plain = copy_day(&mut connection, "COPY bench_plain FROM STDIN", day).await?;
    connection.execute("DROP TABLE bench_plain").await?;
    Ok(Some(Copied { keyed, plain }))
}

/// Forgets what was copied.
///
/// # Errors
/// If the database fails.
pub async fn drop_raw_rows(pool: &Pool) -> Result<(), StoreError> {
    if let Pool::Postgres(pool) = pool {
        pool.execute("DROP TABLE IF EXISTS bench_raw").await?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
async fn copy_day(connection: &mut PgConnection, sql: &str, day: RawDay) -> Result<f64, StoreError> {
    let each = day.rows.div_ceil(day.registers.max(1)).max(1);
    let watch = Stopwatch::now();
    let mut copy = connection.copy_in_raw(sql).await?;
    let mut text = String::with_capacity(BLOCK * 40);
    for row in 0..day.rows {
        let (register, slot) = (row / each + 1, row % each);
        let at = 1_750_000_000 + day.day * 86_400 + slot * 86_400 / each;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{register}\t{at}\t{}\t3", 100 + (row * 7919) % 900);
        if (row + 1) % BLOCK as u64 == 0 {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copy.send(text.as_bytes()).await?;
    let rows = copy.finish().await?;
    Ok(rows as f64 / watch.elapsed().as_secs_f64())
}

/// Whether there is no account, meter or premise.
///
/// # Errors
/// If the database fails.
pub async fn is_empty(pool: &Pool) -> Result<bool, StoreError> {
    let mut tx = pool.read().await?;
    let rows: i64 = run!(&mut tx, FILLED, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?;
    Ok(rows == 0)
}

/// The size of the usage tables with their indexes in bytes; on SQLite of the whole file.
///
/// # Errors
/// If the database fails.
pub async fn stored_bytes(pool: &Pool) -> Result<i64, StoreError> {
    Ok(match pool {
        Pool::Sqlite { write, .. } => {
            sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
                .fetch_one(write)
                .await?
        }
        Pool::Postgres(_) => {
            let usage = |name: &str| name.starts_with("usage_") || name.starts_with("register_read");
            sizes(pool).await?.iter().filter(|(name, _)| usage(name)).map(|(_, bytes)| bytes).sum()
        }
    })
}

/// What every table and index takes, in bytes, the largest first.
///
/// # Errors
/// If the database fails.
pub async fn sizes(pool: &Pool) -> Result<Vec<(String, i64)>, StoreError> {
    let mut tx = pool.read().await?;
    Ok(run!(&mut tx, SIZES, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// Brings the planner's statistics up to date after a great many rows were added, as a database in use does by itself.
///
/// # Errors
/// If the database fails.
pub async fn settle(pool: &Pool) -> Result<(), StoreError> {
    match pool {
        Pool::Sqlite { write, .. } => write.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop)?,
        Pool::Postgres(pool) => pool.execute("ANALYZE").await.map(drop)?,
    }
    Ok(())
}

/// Marks a bill of a random life as replaced.
///
/// # Errors
/// If the database fails.
pub async fn replace_bill(tx: &mut Tx<'_>, bill: BillId) -> Result<(), StoreError> {
    run!(tx, REPLACE_BILL, |sql, c| sqlx::query(sql).bind(bill).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// How often what happened in random lives, by name.
///
/// # Errors
/// If the database fails.
pub async fn happened(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(run!(tx, HAPPENED, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}
