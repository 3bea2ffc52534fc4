//! Checkouts, which a person pays on the hosted page, and charges, which nobody is there for.

use domain::calendar::Instant;
use domain::payment::{Decline, Expiry, MethodKind, Status};
use services::adapters::payment::hosted::{ChargeRequest, CheckoutMessage, CreateRequest, WordMessage};
use sqlx::{Sqlite, Transaction};

use super::means::Fate;
use super::{Delivery, Means, Store, Times};

/// A checkout or charge.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    pub reference: String,
    pub amount: i64,
    pub description: String,
    /// Where the person is sent back to; empty for a charge.
    pub return_url: String,
    pub expires_at: Instant,
    pub status: Status,
    pub decline: Option<Decline>,
    pub revision: i64,
    pub method: Option<String>,
    settle_at: Option<Instant>,
    settle_as: Option<Status>,
    settle_decline: Option<Decline>,
    pub(super) delivery: Delivery,
    pub(super) returned: bool,
    return_at: Option<Instant>,
    pub(super) means: Option<Means>,
    /// What the bank wants the person to confirm, while it does.
    pub challenge: Option<Means>,
}

impl Row {
    /// As the API and webhooks give it.
    pub fn message(&self, origin: &str) -> CheckoutMessage {
        let url = if self.return_url.is_empty() { String::new() } else { format!("{origin}/pay/{}", self.id) };
        CheckoutMessage {
            id: self.id.clone(),
            reference: self.reference.clone(),
            amount: self.amount,
            status: self.status,
            decline: self.decline,
            revision: self.revision,
            method: self.method.clone(),
            returned: self.returned,
            url,
        }
    }

    /// When the merchant is to hear of it.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Whether it can still be paid.
    pub fn is_payable(&self) -> bool {
        matches!(self.status, Status::Created | Status::Declined) && !self.return_url.is_empty()
    }

    /// Lets a try take its course.
    fn meet(&mut self, fate: Fate, bank: Instant) {
        self.decline = None;
        (self.settle_at, self.settle_as, self.settle_decline, self.return_at) = (None, None, None, None);
        match fate {
            Fate::Taken(time) if time.is_zero() => self.status = Status::Succeeded,
            Fate::Taken(time) | Fate::TakenAndReturned(time, _) | Fate::DeclinedLater(time, _) => {
                self.status = Status::Pending;
                self.settle_at = Some(bank + time);
                self.settle_as = Some(Status::Succeeded);
                if let Fate::DeclinedLater(_, decline) = fate {
                    (self.settle_as, self.settle_decline) = (Some(Status::Declined), Some(decline));
                }
                if let Fate::TakenAndReturned(_, later) = fate {
                    self.return_at = Some(bank + time + later);
                }
            }
            Fate::Declined(decline) => {
                self.status = Status::Declined;
                self.decline = Some(decline);
            }
        }
    }
}

const ROW: &str =
    "SELECT id, reference, amount, description, return_url, expires_at, status, decline, revision, method,
                          settle_at, settle_as, settle_decline, delivery, returned, return_at, means, challenge
                   FROM checkout WHERE id = $1 OR reference = $1";

const INSERT: &str =
    "INSERT INTO checkout (id, reference, amount, description, return_url, expires_at, status, revision, delivery)
                      VALUES ($1, $2, $3, $4, $5, $6, 'created', 1, $7) ON CONFLICT (reference) DO NOTHING";

impl Store {
    /// Opens a checkout for a reference, or answers the one there is.
    pub async fn create(&self, id: &str, new: &CreateRequest) -> anyhow::Result<Option<Row>> {
        let expires_at = chrono::DateTime::from_timestamp(new.expires_at, 0).unwrap_or_default();
        sqlx::query(INSERT)
            .bind(id)
            .bind(&new.reference)
            .bind(new.amount)
            .bind(&new.description)
            .bind(&new.return_url)
            .bind(expires_at)
            .bind(Delivery::After)
            .execute(&self.pool)
            .await?;
        Ok(self.find(&new.reference).await?.filter(|row| row.amount == new.amount && !row.return_url.is_empty()))
    }

    /// Charges what was saved, once for a reference; `None` where the reference is of something else.
    pub async fn charge(
        &self,
        id: &str,
        new: &ChargeRequest,
        delivery: Delivery,
        bank_takes: chrono::TimeDelta,
        at: Times,
    ) -> anyhow::Result<Option<Row>> {
        let mut tx = self.begin().await?;
        let inserted = sqlx::query(INSERT)
            .bind(id)
            .bind(&new.reference)
            .bind(new.amount)
            .bind(&new.description)
            .bind("")
            .bind(at.now)
            .bind(delivery)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        let mut row = sqlx::query_as::<_, Row>(ROW).bind(&new.reference).fetch_one(&mut *tx).await?;
        if inserted == 1 {
            row.revision += 1;
            let method = self.method_of(&mut tx, &new.token, &new.customer).await?;
            let fate = match &method {
                None => Fate::Declined(Decline::MethodGone),
                Some((_, Some(expiry))) if expiry.is_past(at.bank.date_naive()) => Fate::Declined(Decline::ExpiredCard),
                Some((means, _)) => means.without_person(bank_takes),
            };
            row.means = method.map(|(means, _)| means);
            row.method = row.means.map(|m| m.label().to_owned());
            row.meet(fate, at.bank);
            self.write(&mut tx, &row, at.now).await?;
            tx.commit().await?;
        }
        Ok(Some(row).filter(|row| row.amount == new.amount && row.return_url.is_empty()))
    }

    /// The checkout or charge of an id or a reference.
    pub async fn find(&self, key: &str) -> anyhow::Result<Option<Row>> {
        Ok(sqlx::query_as(ROW).bind(key).fetch_optional(&self.pool).await?)
    }

    pub(super) async fn find_in(&self, tx: &mut Transaction<'_, Sqlite>, key: &str) -> anyhow::Result<Option<Row>> {
        Ok(sqlx::query_as(ROW).bind(key).fetch_optional(&mut **tx).await?)
    }

    /// Tries to pay. Answers the checkout as it is then; one that was over already stays as it was.
    pub async fn pay(
        &self,
        id: &str,
        means: Means,
        delivery: Delivery,
        bank_takes: chrono::TimeDelta,
        at: Times,
    ) -> anyhow::Result<Option<Row>> {
        let mut tx = self.begin().await?;
        let Some(mut row) = self.find_in(&mut tx, id).await? else { return Ok(None) };
        if !row.is_payable() || row.expires_at <= at.now {
            return Ok(Some(row));
        }
        row.delivery = delivery;
        if means == Means::Challenge {
            row.challenge = Some(means);
            self.keep(&mut tx, &row).await?;
        } else {
            self.try_with(&mut tx, &mut row, means, bank_takes, at).await?;
        }
        tx.commit().await?;
        Ok(Some(row))
    }

    /// The person has confirmed what the bank asked, or has not.
    pub async fn confirm(
        &self,
        id: &str,
        yes: bool,
        bank_takes: chrono::TimeDelta,
        at: Times,
    ) -> anyhow::Result<Option<Row>> {
        let mut tx = self.begin().await?;
        let Some(mut row) = self.find_in(&mut tx, id).await? else { return Ok(None) };
        let Some(means) = row.challenge.filter(|_| row.is_payable() && row.expires_at > at.now) else {
            return Ok(Some(row));
        };
        row.challenge = None;
        if yes {
            self.try_with(&mut tx, &mut row, means, bank_takes, at).await?;
        } else {
            row.means = Some(means);
            row.method = Some(means.label().to_owned());
            row.revision += 1;
            row.meet(Fate::Declined(Decline::ByBank), at.bank);
            self.write(&mut tx, &row, at.now).await?;
        }
        tx.commit().await?;
        Ok(Some(row))
    }

    async fn try_with(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        row: &mut Row,
        means: Means,
        bank_takes: chrono::TimeDelta,
        at: Times,
    ) -> anyhow::Result<()> {
        row.means = Some(means);
        row.method = Some(means.label().to_owned());
        row.revision += 1;
        row.meet(means.on_page(bank_takes), at.bank);
        // Whoever is to hear of it before the person is back needs it to be over by then.
        if row.delivery == Delivery::Before && means.kind() == MethodKind::Card && row.settle_as.is_some() {
            row.status = Status::Succeeded;
        }
        self.write(tx, row, at.now).await
    }

    /// Closes a checkout that nobody has paid.
    pub async fn cancel(&self, key: &str, at: Times) -> anyhow::Result<Option<Row>> {
        let mut tx = self.begin().await?;
        let Some(mut row) = self.find_in(&mut tx, key).await? else { return Ok(None) };
        if row.is_payable() {
            row.status = Status::Cancelled;
            row.challenge = None;
            row.revision += 1;
            self.write(&mut tx, &row, at.now).await?;
            tx.commit().await?;
        }
        Ok(Some(row))
    }

    pub(super) async fn advance_checkouts(&self, tx: &mut Transaction<'_, Sqlite>, at: Times) -> anyhow::Result<()> {
        let due: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM checkout WHERE (status = 'pending' AND settle_at <= $1)
             OR (status IN ('created', 'declined') AND return_url <> '' AND expires_at <= $2) ORDER BY id",
        )
        .bind(at.bank)
        .bind(at.now)
        .fetch_all(&mut **tx)
        .await?;
        for id in due {
            let Some(mut row) = self.find_in(tx, &id).await? else { continue };
            (row.status, row.decline) = match (row.status, row.settle_as) {
                (Status::Pending, Some(status)) => (status, row.settle_decline),
                _ => (Status::Expired, None),
            };
            row.challenge = None;
            row.revision += 1;
            self.write(tx, &row, at.now).await?;
        }
        let back: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM checkout WHERE status = 'succeeded' AND returned = 0 AND return_at <= $1 ORDER BY id",
        )
        .bind(at.bank)
        .fetch_all(&mut **tx)
        .await?;
        for id in back {
            let Some(mut row) = self.find_in(tx, &id).await? else { continue };
            row.returned = true;
            row.revision += 1;
            self.write(tx, &row, at.now).await?;
        }
        Ok(())
    }

    /// The method of a token, if this customer has it still.
    async fn method_of(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        token: &str,
        customer: &str,
    ) -> anyhow::Result<Option<(Means, Option<Expiry>)>> {
        let row: Option<(Means, Option<i32>, Option<u32>)> = sqlx::query_as(
            "SELECT means, expires_year, expires_month FROM method
             WHERE token = $1 AND customer = $2 AND forgotten_at IS NULL",
        )
        .bind(token)
        .bind(customer)
        .fetch_optional(&mut **tx)
        .await?;
        Ok(row.map(|(means, year, month)| (means, year.zip(month).and_then(|(y, m)| Expiry::new(y, m)))))
    }

    /// Writes how a checkout stands and the webhooks that tell of it.
    async fn write(&self, tx: &mut Transaction<'_, Sqlite>, row: &Row, now: Instant) -> anyhow::Result<()> {
        self.keep(tx, row).await?;
        self.tell(tx, &WordMessage::Payment(row.message(&self.origin)), row.delivery, now).await
    }

    async fn keep(&self, tx: &mut Transaction<'_, Sqlite>, row: &Row) -> anyhow::Result<()> {
        sqlx::query(
            "UPDATE checkout SET status = $2, decline = $3, revision = $4, method = $5, returned = $6, settle_at = $7,
                                 settle_as = $8, settle_decline = $9, delivery = $10, return_at = $11, means = $12,
                                 challenge = $13
             WHERE id = $1",
        )
        .bind(&row.id)
        .bind(row.status)
        .bind(row.decline)
        .bind(row.revision)
        .bind(&row.method)
        .bind(row.returned)
        .bind(row.settle_at)
        .bind(row.settle_as)
        .bind(row.settle_decline)
        .bind(row.delivery)
        .bind(row.return_at)
        .bind(row.means)
        .bind(row.challenge)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
