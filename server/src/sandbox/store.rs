//! The processor's own books: checkouts, and webhooks to be delivered. Its own file; the portal's database knows nothing of it.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use domain::calendar::Instant;
use domain::payment::{Decline, Status};
use serde::{Deserialize, Serialize};
use services::adapters::payment::hosted::{CheckoutMessage, CreateRequest};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{Sqlite, Transaction};

use super::Delivery;

/// What a person pays with on the hosted page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// A card that is fine.
    Good,
    /// A card whose bank says no.
    Refused,
    /// A card without money behind it.
    Empty,
    /// A card past its date.
    Outdated,
    /// A card that is fine, but the processor takes its time.
    Slow,
    /// A bank account; settles later.
    Bank,
    /// A bank account that cannot be debited; that shows later.
    BadBank,
    /// A bank account that settles, and whose bank sends the money back later.
    ReturningBank,
}

impl Means {
    /// All, in the order of the page.
    pub const ALL: [Self; 8] = [
        Self::Good,
        Self::Refused,
        Self::Empty,
        Self::Outdated,
        Self::Slow,
        Self::Bank,
        Self::BadBank,
        Self::ReturningBank,
    ];

    const fn method(self) -> &'static str {
        match self {
            Self::Good => "Visa ending 4242",
            Self::Refused => "Visa ending 0002",
            Self::Empty => "Visa ending 9995",
            Self::Outdated => "Visa ending 0069",
            Self::Slow => "Visa ending 3220",
            Self::Bank => "Bank account ending 6789",
            Self::BadBank => "Bank account ending 1116",
            Self::ReturningBank => "Bank account ending 4954",
        }
    }

    const fn decline(self) -> Option<Decline> {
        match self {
            Self::Refused => Some(Decline::ByBank),
            Self::Empty => Some(Decline::Funds),
            Self::Outdated => Some(Decline::ExpiredCard),
            Self::BadBank => Some(Decline::BankAccount),
            _ => None,
        }
    }
}

/// How long a card takes.
const PROMPT: TimeDelta = TimeDelta::seconds(2);

/// How long a slow card takes.
const SLOW: TimeDelta = TimeDelta::seconds(10);

/// How late a late webhook is.
const LATE: TimeDelta = TimeDelta::seconds(30);

/// A checkout.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    pub reference: String,
    pub amount: i64,
    pub description: String,
    pub return_url: String,
    pub expires_at: Instant,
    pub status: Status,
    pub decline: Option<Decline>,
    pub revision: i64,
    pub method: Option<String>,
    settle_as: Option<Status>,
    settle_decline: Option<Decline>,
    delivery: Delivery,
    returned: bool,
}

impl Row {
    /// As the API and webhooks give it.
    pub fn message(&self, origin: &str) -> CheckoutMessage {
        CheckoutMessage {
            id: self.id.clone(),
            reference: self.reference.clone(),
            amount: self.amount,
            status: self.status,
            decline: self.decline,
            revision: self.revision,
            method: self.method.clone(),
            returned: self.returned,
            url: format!("{origin}/pay/{}", self.id),
        }
    }

    /// Whether it can still be paid.
    pub fn is_payable(&self) -> bool {
        matches!(self.status, Status::Created | Status::Declined)
    }
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

const ROW: &str =
    "SELECT id, reference, amount, description, return_url, expires_at, status, decline, revision, method,
                          settle_as, settle_decline, delivery, returned FROM checkout WHERE id = $1 OR reference = $1";

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
                 delivery TEXT NOT NULL, returned INTEGER NOT NULL DEFAULT 0, return_at TEXT) STRICT;
             CREATE TABLE IF NOT EXISTS event (
                 id INTEGER PRIMARY KEY, checkout_id TEXT NOT NULL REFERENCES checkout (id), body TEXT NOT NULL,
                 deliver_at TEXT NOT NULL, attempts INTEGER NOT NULL, delivered_at TEXT) STRICT;
             CREATE INDEX IF NOT EXISTS event_due ON event (deliver_at) WHERE delivered_at IS NULL;",
        )
        .execute(&pool)
        .await?;
        // Books that were begun before money could come back.
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info('checkout')").fetch_all(&pool).await?;
        if !columns.iter().any(|c| c == "returned") {
            sqlx::raw_sql(
                "ALTER TABLE checkout ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
                 ALTER TABLE checkout ADD COLUMN return_at TEXT;",
            )
            .execute(&pool)
            .await?;
        }
        Ok(Self { pool, origin: origin.to_owned() })
    }

    /// Opens a checkout for a reference, or answers the one there is.
    pub async fn create(&self, id: &str, new: &CreateRequest) -> anyhow::Result<Option<Row>> {
        let expires_at = chrono::DateTime::from_timestamp(new.expires_at, 0).unwrap_or_default();
        sqlx::query(
            "INSERT INTO checkout (id, reference, amount, description, return_url, expires_at, status, revision, delivery)
             VALUES ($1, $2, $3, $4, $5, $6, 'created', 1, 'after') ON CONFLICT (reference) DO NOTHING",
        )
        .bind(id)
        .bind(&new.reference)
        .bind(new.amount)
        .bind(&new.description)
        .bind(&new.return_url)
        .bind(expires_at)
        .execute(&self.pool)
        .await?;
        Ok(self.find(&new.reference).await?.filter(|row| row.amount == new.amount))
    }

    /// The checkout of an id or a reference.
    pub async fn find(&self, key: &str) -> anyhow::Result<Option<Row>> {
        Ok(sqlx::query_as(ROW).bind(key).fetch_optional(&self.pool).await?)
    }

    /// Tries to pay. Answers the checkout as it is then; one that was over already stays as it was.
    pub async fn pay(
        &self,
        id: &str,
        means: Means,
        delivery: Delivery,
        bank_takes: TimeDelta,
        now: Instant,
    ) -> anyhow::Result<Option<Row>> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let Some(mut row) = sqlx::query_as::<_, Row>(ROW).bind(id).fetch_optional(&mut *tx).await? else {
            return Ok(None);
        };
        if !row.is_payable() || row.expires_at <= now {
            return Ok(Some(row));
        }
        let mut settle: Option<(Instant, Status, Option<Decline>)> = None;
        row.method = Some(means.method().to_owned());
        row.delivery = delivery;
        row.decline = None;
        row.revision += 1;
        match means {
            // Whoever is to hear of it before the person is back needs it to be over by then.
            Means::Good if delivery == Delivery::Before => row.status = Status::Succeeded,
            Means::Good => {
                row.status = Status::Pending;
                settle = Some((now + PROMPT, Status::Succeeded, None));
            }
            Means::Refused | Means::Empty | Means::Outdated => {
                row.status = Status::Declined;
                row.decline = means.decline();
            }
            Means::Slow => {
                row.status = Status::Pending;
                settle = Some((now + SLOW, Status::Succeeded, None));
            }
            Means::Bank | Means::ReturningBank => {
                row.status = Status::Pending;
                settle = Some((now + bank_takes, Status::Succeeded, None));
            }
            Means::BadBank => {
                row.status = Status::Pending;
                settle = Some((now + bank_takes, Status::Declined, means.decline()));
            }
        }
        let (at, status, decline) = settle.map_or((None, None, None), |(a, s, d)| (Some(a), Some(s), d));
        sqlx::query(
            "UPDATE checkout SET settle_at = $2, settle_as = $3, settle_decline = $4, delivery = $5, return_at = $6
             WHERE id = $1",
        )
        .bind(id)
        .bind(at)
        .bind(status)
        .bind(decline)
        .bind(delivery)
        .bind((means == Means::ReturningBank).then(|| now + bank_takes * 2))
        .execute(&mut *tx)
        .await?;
        self.write(&mut tx, &row, now).await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// Closes a checkout that nobody has paid.
    pub async fn cancel(&self, key: &str, now: Instant) -> anyhow::Result<Option<Row>> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let Some(mut row) = sqlx::query_as::<_, Row>(ROW).bind(key).fetch_optional(&mut *tx).await? else {
            return Ok(None);
        };
        if row.is_payable() {
            row.status = Status::Cancelled;
            row.revision += 1;
            self.write(&mut tx, &row, now).await?;
            tx.commit().await?;
        }
        Ok(Some(row))
    }

    /// Does what time does: settles and expires.
    pub async fn advance(&self, now: Instant) -> anyhow::Result<()> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let due: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM checkout WHERE (status = 'pending' AND settle_at <= $1)
             OR (status IN ('created', 'declined') AND expires_at <= $1) ORDER BY id",
        )
        .bind(now)
        .fetch_all(&mut *tx)
        .await?;
        for id in due {
            let mut row = sqlx::query_as::<_, Row>(ROW).bind(&id).fetch_one(&mut *tx).await?;
            (row.status, row.decline) = match (row.status, row.settle_as) {
                (Status::Pending, Some(status)) => (status, row.settle_decline),
                _ => (Status::Expired, None),
            };
            row.revision += 1;
            self.write(&mut tx, &row, now).await?;
        }
        let back: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM checkout WHERE status = 'succeeded' AND returned = 0 AND return_at <= $1 ORDER BY id",
        )
        .bind(now)
        .fetch_all(&mut *tx)
        .await?;
        for id in back {
            let mut row = sqlx::query_as::<_, Row>(ROW).bind(&id).fetch_one(&mut *tx).await?;
            row.returned = true;
            row.revision += 1;
            self.write(&mut tx, &row, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Writes how a checkout stands and the webhooks that tell of it.
    async fn write(&self, tx: &mut Transaction<'_, Sqlite>, row: &Row, now: Instant) -> anyhow::Result<()> {
        sqlx::query(
            "UPDATE checkout SET status = $2, decline = $3, revision = $4, method = $5, returned = $6 WHERE id = $1",
        )
        .bind(&row.id)
        .bind(row.status)
        .bind(row.decline)
        .bind(row.revision)
        .bind(&row.method)
        .bind(row.returned)
        .execute(&mut **tx)
        .await?;
        let body = serde_json::to_string(&row.message(&self.origin))?;
        let (times, at) = match row.delivery {
            Delivery::Never => (0, now),
            Delivery::Twice => (2, now),
            Delivery::Late => (1, now + LATE),
            Delivery::After | Delivery::Before => (1, now),
        };
        for _ in 0..times {
            sqlx::query("INSERT INTO event (checkout_id, body, deliver_at, attempts) VALUES ($1, $2, $3, 0)")
                .bind(&row.id)
                .bind(&body)
                .bind(at)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Webhooks that are due, newest first: whoever hears them cannot rely on their order.
    pub async fn due(&self, now: Instant) -> anyhow::Result<Vec<Event>> {
        Ok(sqlx::query_as(
            "SELECT id, body, attempts FROM event WHERE delivered_at IS NULL AND deliver_at <= $1 ORDER BY id DESC LIMIT 50",
        )
        .bind(now)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Notes that a webhook was taken.
    pub async fn delivered(&self, id: i64, now: Instant) -> anyhow::Result<()> {
        sqlx::query("UPDATE event SET delivered_at = $2, attempts = attempts + 1 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes that a webhook was not taken, and when to try again.
    pub async fn postponed(&self, id: i64, until: Instant) -> anyhow::Result<()> {
        sqlx::query("UPDATE event SET deliver_at = $2, attempts = attempts + 1 WHERE id = $1")
            .bind(id)
            .bind(until)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
