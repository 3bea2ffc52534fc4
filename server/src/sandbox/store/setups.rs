//! Saving a card or a bank account, and letting go of it.

use chrono::Datelike;
use domain::calendar::Instant;
use domain::payment::{Decline, Expiry, MethodKind, SavedMethod, SetupStatus};
use services::adapters::payment::hosted::{SetupMessage, SetupRequest, WordMessage};
use sqlx::{Sqlite, Transaction};

use super::{Delivery, Means, Store, Times};

/// For how many years a card that does not expire soon is good.
const GOOD_FOR: i32 = 4;

/// A setup, with what was saved by it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SetupRow {
    pub id: String,
    pub reference: String,
    pub customer: String,
    pub description: String,
    pub return_url: String,
    pub expires_at: Instant,
    pub status: SetupStatus,
    pub decline: Option<Decline>,
    pub revision: i64,
    token: Option<String>,
    delivery: Delivery,
    pub challenge: Option<Means>,
    means: Option<Means>,
    expires_year: Option<i32>,
    expires_month: Option<u32>,
}

impl SetupRow {
    /// As the API and webhooks give it.
    pub fn message(&self, origin: &str) -> SetupMessage {
        let method = self.token.clone().zip(self.means).map(|(token, means)| SavedMethod {
            token,
            kind: means.kind(),
            label: means.label().to_owned(),
            expires: self.expires_year.zip(self.expires_month).and_then(|(y, m)| Expiry::new(y, m)),
        });
        SetupMessage {
            id: self.id.clone(),
            reference: self.reference.clone(),
            status: self.status,
            method,
            revision: self.revision,
            url: format!("{origin}/save/{}", self.id),
        }
    }

    /// When the merchant is to hear of it.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Whether something can still be saved.
    pub fn is_open(&self) -> bool {
        !self.status.is_final()
    }
}

const ROW: &str =
    "SELECT s.id, s.reference, s.customer, s.description, s.return_url, s.expires_at, s.status, s.decline,
                          s.revision, s.token, s.delivery, s.challenge, m.means, m.expires_year, m.expires_month
                   FROM setup s LEFT JOIN method m ON m.token = s.token WHERE s.id = $1 OR s.reference = $1";

impl Store {
    /// Opens a setup for a reference, or answers the one there is.
    pub async fn create_setup(&self, id: &str, new: &SetupRequest) -> anyhow::Result<Option<SetupRow>> {
        let expires_at = chrono::DateTime::from_timestamp(new.expires_at, 0).unwrap_or_default();
        sqlx::query(
            "INSERT INTO setup (id, reference, customer, description, return_url, expires_at, status, revision, delivery)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', 1, $7) ON CONFLICT (reference) DO NOTHING",
        )
        .bind(id)
        .bind(&new.reference)
        .bind(&new.customer)
        .bind(&new.description)
        .bind(&new.return_url)
        .bind(expires_at)
        .bind(Delivery::After)
        .execute(&self.pool)
        .await?;
        Ok(self.find_setup(&new.reference).await?.filter(|row| row.customer == new.customer))
    }

    /// The setup of an id or a reference.
    pub async fn find_setup(&self, key: &str) -> anyhow::Result<Option<SetupRow>> {
        Ok(sqlx::query_as(ROW).bind(key).fetch_optional(&self.pool).await?)
    }

    async fn setup_in(&self, tx: &mut Transaction<'_, Sqlite>, key: &str) -> anyhow::Result<Option<SetupRow>> {
        Ok(sqlx::query_as(ROW).bind(key).fetch_optional(&mut **tx).await?)
    }

    /// Saves what the person chose under `token`, or asks them to confirm it first.
    pub async fn save(
        &self,
        id: &str,
        token: &str,
        means: Means,
        delivery: Delivery,
        at: Times,
    ) -> anyhow::Result<Option<SetupRow>> {
        let mut tx = self.begin().await?;
        let Some(mut row) = self.setup_in(&mut tx, id).await? else { return Ok(None) };
        if !row.is_open() || row.expires_at <= at.now {
            return Ok(Some(row));
        }
        row.delivery = delivery;
        if means == Means::Challenge {
            row.challenge = Some(means);
            self.keep_setup(&mut tx, &row).await?;
        } else if let Some(decline) = means.unsavable() {
            (row.status, row.decline) = (SetupStatus::Declined, Some(decline));
            self.write_setup(&mut tx, &mut row, at.now).await?;
        } else {
            self.store_method(&mut tx, &mut row, token, means, at).await?;
        }
        tx.commit().await?;
        Ok(Some(row))
    }

    /// The person has confirmed what the bank asked, or has not.
    pub async fn confirm_setup(&self, id: &str, token: &str, yes: bool, at: Times) -> anyhow::Result<Option<SetupRow>> {
        let mut tx = self.begin().await?;
        let Some(mut row) = self.setup_in(&mut tx, id).await? else { return Ok(None) };
        let Some(means) = row.challenge.filter(|_| row.is_open() && row.expires_at > at.now) else {
            return Ok(Some(row));
        };
        row.challenge = None;
        if yes {
            self.store_method(&mut tx, &mut row, token, means, at).await?;
        } else {
            (row.status, row.decline) = (SetupStatus::Declined, Some(Decline::ByBank));
            self.write_setup(&mut tx, &mut row, at.now).await?;
        }
        tx.commit().await?;
        Ok(Some(row))
    }

    async fn store_method(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        row: &mut SetupRow,
        token: &str,
        means: Means,
        at: Times,
    ) -> anyhow::Result<()> {
        let today = at.bank.date_naive();
        let years = if means == Means::Expiring { 0 } else { GOOD_FOR };
        let expires = (means.kind() == MethodKind::Card).then(|| (today.year() + years, today.month()));
        sqlx::query(
            "INSERT INTO method (token, customer, means, expires_year, expires_month) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(token)
        .bind(&row.customer)
        .bind(means)
        .bind(expires.map(|e| e.0))
        .bind(expires.map(|e| e.1))
        .execute(&mut **tx)
        .await?;
        row.token = Some(token.to_owned());
        row.means = Some(means);
        (row.expires_year, row.expires_month) = expires.unzip();
        (row.status, row.decline) = (SetupStatus::Saved, None);
        self.write_setup(tx, row, at.now).await
    }

    /// The person turned back.
    pub async fn cancel_setup(&self, id: &str, at: Times) -> anyhow::Result<Option<SetupRow>> {
        let mut tx = self.begin().await?;
        let Some(mut row) = self.setup_in(&mut tx, id).await? else { return Ok(None) };
        if row.is_open() {
            (row.status, row.challenge) = (SetupStatus::Cancelled, None);
            self.write_setup(&mut tx, &mut row, at.now).await?;
            tx.commit().await?;
        }
        Ok(Some(row))
    }

    /// Lets go of what was saved. Answers whether there was such a thing.
    pub async fn forget(&self, token: &str, at: Times) -> anyhow::Result<bool> {
        let done = sqlx::query("UPDATE method SET forgotten_at = COALESCE(forgotten_at, $2) WHERE token = $1")
            .bind(token)
            .bind(at.now)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn advance_setups(&self, tx: &mut Transaction<'_, Sqlite>, at: Times) -> anyhow::Result<()> {
        let due: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM setup WHERE status IN ('open', 'declined') AND expires_at <= $1 ORDER BY id",
        )
        .bind(at.now)
        .fetch_all(&mut **tx)
        .await?;
        for id in due {
            let Some(mut row) = self.setup_in(tx, &id).await? else { continue };
            (row.status, row.decline, row.challenge) = (SetupStatus::Expired, None, None);
            self.write_setup(tx, &mut row, at.now).await?;
        }
        Ok(())
    }

    async fn write_setup(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        row: &mut SetupRow,
        now: Instant,
    ) -> anyhow::Result<()> {
        row.revision += 1;
        self.keep_setup(tx, row).await?;
        self.tell(tx, &WordMessage::Setup(row.message(&self.origin)), row.delivery, now).await
    }

    async fn keep_setup(&self, tx: &mut Transaction<'_, Sqlite>, row: &SetupRow) -> anyhow::Result<()> {
        sqlx::query(
            "UPDATE setup SET status = $2, decline = $3, revision = $4, token = $5, delivery = $6, challenge = $7
             WHERE id = $1",
        )
        .bind(&row.id)
        .bind(row.status)
        .bind(row.decline)
        .bind(row.revision)
        .bind(&row.token)
        .bind(row.delivery)
        .bind(row.challenge)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
