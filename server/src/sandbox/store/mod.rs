//! The processor's own books: checkouts and charges, saved methods, refunds, and messages to be delivered. Its own file; the
//! portal's database knows nothing of it.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use domain::calendar::Instant;
use services::adapters::payment::hosted::{ChangesMessage, WordMessage};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{Sqlite, Transaction};

use super::Delivery;

mod checkouts;
mod means;
mod refunds;
mod setups;

pub use checkouts::Row;
pub use means::Means;
pub use setups::SetupRow;

/// How late a late webhook is.
const LATE: TimeDelta = TimeDelta::seconds(30);

/// Changes in one answer of the list.
const PAGE: i64 = 100;

/// The present, and the processor's own present: someone may have let days pass there.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub now: Instant,
    pub bank: Instant,
}

/// A webhook to be delivered.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Event {
    pub id: i64,
    pub body: String,
    pub attempts: i64,
}

pub struct Store {
    pool: SqlitePool,
    origin: String,
}

impl Store {
    pub async fn open(file: &Path, origin: &str) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5));
        // One connection: every request sees what the one before did, and none has to wait for a lock half-way.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::raw_sql(
            "CREATE TABLE IF NOT EXISTS checkout (
                 id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, amount INTEGER NOT NULL, description TEXT NOT NULL,
                 return_url TEXT NOT NULL, expires_at TEXT NOT NULL, status TEXT NOT NULL, decline TEXT,
                 revision INTEGER NOT NULL, method TEXT, settle_at TEXT, settle_as TEXT, settle_decline TEXT,
                 delivery TEXT NOT NULL, returned INTEGER NOT NULL DEFAULT 0, return_at TEXT, means TEXT, challenge TEXT) STRICT;
             CREATE TABLE IF NOT EXISTS setup (
                 id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, description TEXT NOT NULL,
                 return_url TEXT NOT NULL, expires_at TEXT NOT NULL, status TEXT NOT NULL, decline TEXT,
                 revision INTEGER NOT NULL, token TEXT, delivery TEXT NOT NULL, challenge TEXT) STRICT;
             CREATE TABLE IF NOT EXISTS method (
                 token TEXT PRIMARY KEY, customer TEXT NOT NULL, means TEXT NOT NULL, expires_year INTEGER,
                 expires_month INTEGER, forgotten_at TEXT) STRICT;
             CREATE TABLE IF NOT EXISTS refund (
                 id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, checkout_id TEXT NOT NULL REFERENCES checkout (id),
                 amount INTEGER NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL, revision INTEGER NOT NULL,
                 settle_at TEXT, settle_as TEXT, delivery TEXT NOT NULL) STRICT;
             CREATE TABLE IF NOT EXISTS message (
                 id INTEGER PRIMARY KEY, body TEXT NOT NULL, told_at TEXT NOT NULL, deliver_at TEXT,
                 attempts INTEGER NOT NULL, delivered_at TEXT) STRICT;
             CREATE INDEX IF NOT EXISTS message_due ON message (deliver_at) WHERE delivered_at IS NULL;
             CREATE INDEX IF NOT EXISTS message_told ON message (told_at);
             CREATE TABLE IF NOT EXISTS ahead (seconds INTEGER NOT NULL) STRICT;
             INSERT INTO ahead (seconds) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM ahead);",
        )
        .execute(&pool)
        .await?;
        // Books that were begun before money could come back, or be paid with what was saved.
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info('checkout')").fetch_all(&pool).await?;
        let has = |name: &str| columns.iter().any(|c| c == name);
        if !has("returned") {
            sqlx::raw_sql(
                "ALTER TABLE checkout ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
                 ALTER TABLE checkout ADD COLUMN return_at TEXT;",
            )
            .execute(&pool)
            .await?;
        }
        if !has("means") {
            sqlx::raw_sql(
                "ALTER TABLE checkout ADD COLUMN means TEXT; ALTER TABLE checkout ADD COLUMN challenge TEXT;",
            )
            .execute(&pool)
            .await?;
        }
        Ok(Self { pool, origin: origin.to_owned() })
    }

    async fn begin(&self) -> anyhow::Result<Transaction<'_, Sqlite>> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// How far the processor's clock is ahead.
    pub async fn ahead(&self) -> anyhow::Result<TimeDelta> {
        let seconds: i64 = sqlx::query_scalar("SELECT seconds FROM ahead").fetch_one(&self.pool).await?;
        Ok(TimeDelta::try_seconds(seconds).unwrap_or_default())
    }

    /// Lets time pass at the processor.
    pub async fn let_pass(&self, time: TimeDelta) -> anyhow::Result<()> {
        sqlx::query("UPDATE ahead SET seconds = seconds + $1").bind(time.num_seconds()).execute(&self.pool).await?;
        Ok(())
    }

    /// Does what time does: settles, sends back and expires.
    pub async fn advance(&self, at: Times) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        self.advance_checkouts(&mut tx, at).await?;
        self.advance_setups(&mut tx, at).await?;
        self.advance_refunds(&mut tx, at).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Writes down what changed, and the webhooks that tell of it.
    async fn tell(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        word: &WordMessage,
        delivery: Delivery,
        now: Instant,
    ) -> anyhow::Result<()> {
        let body = serde_json::to_string(word)?;
        let (times, at) = match delivery {
            Delivery::Never => (1, None),
            Delivery::Twice => (2, Some(now)),
            Delivery::Late => (1, Some(now + LATE)),
            Delivery::After | Delivery::Before => (1, Some(now)),
        };
        for _ in 0..times {
            sqlx::query("INSERT INTO message (body, told_at, deliver_at, attempts) VALUES ($1, $2, $3, 0)")
                .bind(&body)
                .bind(now)
                .bind(at)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Webhooks that are due, newest first: whoever hears them cannot rely on their order.
    pub async fn due(&self, now: Instant) -> anyhow::Result<Vec<Event>> {
        Ok(sqlx::query_as(
            "SELECT id, body, attempts FROM message WHERE delivered_at IS NULL AND deliver_at <= $1 ORDER BY id DESC LIMIT 50",
        )
        .bind(now)
        .fetch_all(&self.pool)
        .await?)
    }

    /// What changed since an instant, told or not, oldest first; `after` is the key of the last change of the page before.
    pub async fn changes(&self, since: Instant, after: i64) -> anyhow::Result<ChangesMessage> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, body FROM message WHERE told_at >= $1 AND id > $2 ORDER BY id LIMIT $3")
                .bind(since)
                .bind(after)
                .bind(PAGE)
                .fetch_all(&self.pool)
                .await?;
        let full = i64::try_from(rows.len()).is_ok_and(|n| n == PAGE);
        let next = rows.last().filter(|_| full).map(|(id, _)| id.to_string());
        let words = rows.iter().map(|(_, body)| serde_json::from_str(body)).collect::<Result<_, _>>()?;
        Ok(ChangesMessage { words, next })
    }

    /// Notes that a webhook was taken.
    pub async fn delivered(&self, id: i64, now: Instant) -> anyhow::Result<()> {
        sqlx::query("UPDATE message SET delivered_at = $2, attempts = attempts + 1 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes that a webhook was not taken, and when to try again.
    pub async fn postponed(&self, id: i64, until: Instant) -> anyhow::Result<()> {
        sqlx::query("UPDATE message SET deliver_at = $2, attempts = attempts + 1 WHERE id = $1")
            .bind(id)
            .bind(until)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
