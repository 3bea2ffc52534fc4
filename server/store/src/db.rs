//! Two engines, one code path: an enum transaction and a macro that runs one body against either.
//!
//! ```ignore
//! statements! {
//!     BY_NUMBER = "SELECT id, number FROM account WHERE number = $1";
//! }
//! let row = run!(tx, BY_NUMBER, |sql, c| sqlx::query_as::<_, Row>(sql).bind(number).fetch_optional(c).await)?;
//! ```

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite, Transaction};

use crate::StoreError;

/// Static SQL: the same text for both engines, or two texts where they cannot agree.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

impl Sql {
    /// One text for both engines.
    #[must_use]
    pub const fn same(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    /// Two texts, for the few things the engines cannot say alike.
    #[must_use]
    pub const fn split(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

/// A statement under its name, collected so that a test prepares every one of them on both engines.
#[derive(Debug)]
pub struct Statement {
    /// Module and constant.
    pub name: &'static str,
    /// Its text.
    pub sql: Sql,
}
inventory::collect!(Statement);

/// Every statement that [`statements!`](crate::statements) declares.
pub fn all_statements() -> impl Iterator<Item = &'static Statement> {
    inventory::iter::<Statement>()
}

/// Declares SQL constants and registers them for the prepare-all test: `NAME = "…";` or
/// `NAME = sqlite "…", postgres "…";`.
#[macro_export]
macro_rules! statements {
    () => {};
    ($(#[$m:meta])* $vis:vis $name:ident = sqlite $s:expr, postgres $p:expr; $($rest:tt)*) => {
        $(#[$m])* $vis const $name: $crate::Sql = $crate::Sql::split($s, $p);
        inventory::submit! { $crate::db::Statement { name: concat!(module_path!(), "::", stringify!($name)), sql: $name } }
        $crate::statements! { $($rest)* }
    };
    ($(#[$m:meta])* $vis:vis $name:ident = $s:expr; $($rest:tt)*) => {
        $(#[$m])* $vis const $name: $crate::Sql = $crate::Sql::same($s);
        inventory::submit! { $crate::db::Statement { name: concat!(module_path!(), "::", stringify!($name)), sql: $name } }
        $crate::statements! { $($rest)* }
    };
}

/// Runs one body against whichever engine the transaction belongs to.
#[macro_export]
macro_rules! run {
    ($tx:expr, $sql:expr, |$q:ident, $c:ident| $body:expr) => {
        match $tx {
            $crate::Tx::Sqlite(t) => {
                let ($q, $c) = ($sql.sqlite, &mut **t);
                $body
            }
            $crate::Tx::Postgres(t) => {
                let ($q, $c) = ($sql.postgres, &mut **t);
                $body
            }
        }
    };
}

/// Open connections to one database.
#[derive(Clone, Debug)]
pub enum Pool {
    /// An embedded database: many readers, one writer.
    Sqlite {
        /// Readers, which never wait for the writer (WAL).
        read: SqlitePool,
        /// The one writer; transactions begin immediately, so none fails half-way for a lock.
        write: SqlitePool,
    },
    /// A PostgreSQL server.
    Postgres(PgPool),
}

/// An open transaction. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub enum Tx<'c> {
    /// On SQLite.
    Sqlite(Transaction<'c, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'c, Postgres>),
}

impl Pool {
    /// Opens `sqlite:PATH` (created if absent) or `postgres://…`.
    ///
    /// # Errors
    /// If the address is of no known kind or the database does not answer.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let options = SqliteConnectOptions::from_str(&format!("sqlite:{path}"))?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("cache_size", "-65536")
                .pragma("mmap_size", "1073741824")
                .pragma("temp_store", "memory")
                .row_buffer_size(1024)
                .statement_cache_capacity(512);
            let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
            let read = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
            Ok(Self::Sqlite { read, write })
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?.statement_cache_capacity(512);
            let pool = PgPoolOptions::new().max_connections(16).connect_with(options).await?;
            Ok(Self::Postgres(pool))
        } else {
            Err(StoreError::UnknownEngine(url.split(':').next().unwrap_or_default().to_owned()))
        }
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// If a migration fails or the database is newer than this program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { write, .. } => sqlx::migrate!("../../migrations/sqlite").run(write).await?,
            Self::Postgres(pool) => sqlx::migrate!("../../migrations/postgres").run(pool).await?,
        }
        Ok(())
    }

    /// A transaction that only reads and sees one state of the database throughout.
    ///
    /// # Errors
    /// If no connection is to be had.
    pub async fn read(&self) -> Result<Tx<'static>, StoreError> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => {
                Tx::Postgres(begun(pool, Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")).await?)
            }
        })
    }

    /// A transaction that writes. On SQLite it holds the one write lock from the start; on PostgreSQL, writers of money lock
    /// their account's row first (`accounts::lock`).
    ///
    /// # Errors
    /// If no connection or, within five seconds, no write lock is to be had.
    pub async fn write(&self) -> Result<Tx<'static>, StoreError> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(begun(pool, None).await?),
        })
    }

    /// Writes a copy of an SQLite database to a new file, while it is in use. PostgreSQL has `pg_dump` for that.
    ///
    /// # Errors
    /// If the file exists, cannot be written, or the engine is PostgreSQL.
    pub async fn copy_to(&self, file: &std::path::Path) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { read, .. } => {
                sqlx::query("VACUUM INTO $1").bind(file.display().to_string()).execute(read).await?;
                Ok(())
            }
            Self::Postgres(_) => Err(StoreError::UnknownEngine("postgres".to_owned())),
        }
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub const fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Waits for open transactions and closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx<'_> {
    /// Makes the changes permanent.
    ///
    /// # Errors
    /// If the database refuses; then nothing was changed.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(t) => t.commit().await?,
            Self::Postgres(t) => t.commit().await?,
        }
        Ok(())
    }
}
/// Begins a transaction in a task of its own. Whoever asked may go away meanwhile, as a browser does that leaves a page: the library
/// would give the connection back with the transaction open on it, and the next to get it would write into one that only reads.
async fn begun(pool: &PgPool, statement: Option<&'static str>) -> Result<Transaction<'static, Postgres>, StoreError> {
    let pool = pool.clone();
    let begin = tokio::spawn(async move {
        match statement {
            Some(statement) => pool.begin_with(statement).await,
            None => pool.begin().await,
        }
    });
    Ok(begin.await.map_err(|stopped| sqlx::Error::Io(stopped.into()))??)
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::both_engines! {
        async fn who_goes_away_leaves_no_transaction_behind(pool: Pool) {
            for n in 0..600u64 {
                let patience = Duration::from_micros(n % 60 * 20);
                drop(tokio::time::timeout(patience, pool.read()).await);
            }
            for _ in 0..32 {
                let mut tx = pool.write().await.expect("a transaction");
                crate::links::forget_tries(&mut tx, "none").await.expect("it writes");
                tx.commit().await.expect("committed");
            }
        }
    }
}
