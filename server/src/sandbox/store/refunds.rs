//! Giving money back.

use chrono::TimeDelta;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{RefundStatus, Refundable};
use services::adapters::payment::hosted::{RefundMessage, RefundRequest, WordMessage};
use sqlx::{Sqlite, Transaction};

use super::{Delivery, Means, Store, Times};

/// A refund, with the payment's reference.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RefundRow {
    id: String,
    reference: String,
    checkout_id: String,
    payment: String,
    amount: i64,
    status: RefundStatus,
    revision: i64,
    settle_as: Option<RefundStatus>,
    delivery: Delivery,
}

impl RefundRow {
    /// As the API and webhooks give it.
    pub fn message(&self) -> RefundMessage {
        RefundMessage {
            id: self.id.clone(),
            reference: self.reference.clone(),
            payment: self.payment.clone(),
            checkout: self.checkout_id.clone(),
            amount: self.amount,
            status: self.status,
            revision: self.revision,
        }
    }
}

const ROW: &str = "SELECT r.id, r.reference, r.checkout_id, c.reference AS payment, r.amount, r.status, r.revision,
                          r.settle_as, r.delivery
                   FROM refund r JOIN checkout c ON c.id = r.checkout_id WHERE r.id = $1 OR r.reference = $1";

impl Store {
    /// Gives money back, once for a reference. `None` where there is no such payment or the reference is of something else;
    /// a refund that failed where more is asked than is left.
    pub async fn refund(
        &self,
        id: &str,
        new: &RefundRequest,
        bank_takes: TimeDelta,
        at: Times,
    ) -> anyhow::Result<Option<RefundRow>> {
        let mut tx = self.begin().await?;
        let Some(checkout) = self.find_in(&mut tx, &new.payment).await? else { return Ok(None) };
        if self.refund_in(&mut tx, &new.reference).await?.is_none() {
            let before: Vec<(i64, RefundStatus)> =
                sqlx::query_as("SELECT amount, status FROM refund WHERE checkout_id = $1")
                    .bind(&checkout.id)
                    .fetch_all(&mut *tx)
                    .await?;
            let before = before.into_iter().map(|(amount, status)| (Cents(amount), status));
            let left = Refundable::new(Cents(checkout.amount), checkout.status, checkout.returned, before);
            let allowed = left.check(Cents(new.amount)).is_ok();
            let (time, arrives) = checkout.means.unwrap_or(Means::Good).refund(bank_takes);
            let (status, settle) = if allowed {
                let end = if arrives { RefundStatus::Succeeded } else { RefundStatus::Failed };
                (RefundStatus::Pending, Some((at.bank + time, end)))
            } else {
                (RefundStatus::Failed, None)
            };
            sqlx::query(
                "INSERT INTO refund (id, reference, checkout_id, amount, reason, status, revision, settle_at, settle_as, delivery)
                 VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9)",
            )
            .bind(id)
            .bind(&new.reference)
            .bind(&checkout.id)
            .bind(new.amount)
            .bind(&new.reason)
            .bind(status)
            .bind(settle.map(|s| s.0))
            .bind(settle.map(|s| s.1))
            .bind(checkout.delivery)
            .execute(&mut *tx)
            .await?;
            if let Some(row) = self.refund_in(&mut tx, &new.reference).await? {
                self.tell(&mut tx, &WordMessage::Refund(row.message()), row.delivery, at.now).await?;
            }
        }
        let row = self.refund_in(&mut tx, &new.reference).await?;
        tx.commit().await?;
        Ok(row.filter(|row| row.amount == new.amount && row.checkout_id == checkout.id))
    }

    /// The refund of an id or a reference.
    pub async fn find_refund(&self, key: &str) -> anyhow::Result<Option<RefundRow>> {
        Ok(sqlx::query_as(ROW).bind(key).fetch_optional(&self.pool).await?)
    }

    async fn refund_in(&self, tx: &mut Transaction<'_, Sqlite>, key: &str) -> anyhow::Result<Option<RefundRow>> {
        Ok(sqlx::query_as(ROW).bind(key).fetch_optional(&mut **tx).await?)
    }

    pub(super) async fn advance_refunds(&self, tx: &mut Transaction<'_, Sqlite>, at: Times) -> anyhow::Result<()> {
        let due: Vec<String> =
            sqlx::query_scalar("SELECT id FROM refund WHERE status = 'pending' AND settle_at <= $1 ORDER BY id")
                .bind(at.bank)
                .fetch_all(&mut **tx)
                .await?;
        for id in due {
            let Some(mut row) = self.refund_in(tx, &id).await? else { continue };
            let Some(end) = row.settle_as else { continue };
            row.status = end;
            row.revision += 1;
            self.write_refund(tx, &row, at.now).await?;
        }
        Ok(())
    }

    async fn write_refund(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        row: &RefundRow,
        now: Instant,
    ) -> anyhow::Result<()> {
        sqlx::query("UPDATE refund SET status = $2, revision = $3 WHERE id = $1")
            .bind(&row.id)
            .bind(row.status)
            .bind(row.revision)
            .execute(&mut **tx)
            .await?;
        self.tell(tx, &WordMessage::Refund(row.message()), row.delivery, now).await
    }
}
