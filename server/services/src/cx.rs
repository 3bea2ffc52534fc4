//! What every use case gets: the database, the clock, randomness, settings; and the one way to open a transaction.

use std::sync::Arc;

use contract::AppError;
use domain::access::Effect;
use domain::calendar::Instant;
use domain::ids::AccountId;
use serde::Serialize;
use store::work::{AuditRow, Outcome};
use store::{Pool, Tx};

use crate::Fault;
use crate::adapters::Outside;
use crate::clock::{Clock, Entropy};
use crate::mail::Letter;
use crate::settings::Settings;
use crate::use_case::{Principal, UseCase, admits};

/// The surroundings of a use case. Cheap to clone.
#[derive(Clone)]
pub struct Cx {
    /// The database.
    pub pool: Pool,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<Entropy>,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// The payment processor and the post.
    pub outside: Outside,
}

/// An open transaction of one use case on behalf of someone.
pub struct Work {
    /// The transaction.
    pub tx: Tx<'static>,
    /// The present, one and the same throughout.
    pub now: Instant,
    /// On whose behalf.
    pub who: Principal,
    /// What the operator set.
    pub settings: Arc<Settings>,
    use_case: &'static UseCase,
    request_id: String,
}

tokio::task_local! {
    /// The number under which the log has the current request.
    pub static REQUEST_ID: String;
}

impl Cx {
    /// Checks that this kind of principal may run the use case and opens its transaction: a snapshot for `Read`, a writing
    /// one for `Write`.
    ///
    /// # Errors
    /// `SignInRequired`, `Forbidden`, `ViewAsReadOnly`, or a failure of the database. A refused write in view-as leaves an
    /// audit row.
    pub async fn begin(&self, use_case: &'static UseCase, who: &Principal) -> Result<Work, Fault> {
        let now = self.clock.now();
        let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
        if !admits(use_case, who) {
            return Err(match who {
                Principal::Nobody => AppError::SignInRequired.into(),
                Principal::ViewAs { account, .. } if use_case.effect == Effect::Write => {
                    let mut work = Work {
                        tx: self.pool.write().await?,
                        now,
                        who: who.clone(),
                        settings: self.settings.clone(),
                        use_case,
                        request_id,
                    };
                    work.record(Some(*account), Outcome::Refused, &()).await?;
                    work.commit().await?;
                    AppError::ViewAsReadOnly.into()
                }
                _ => AppError::Forbidden.into(),
            });
        }
        let tx = match use_case.effect {
            Effect::Read => self.pool.read().await?,
            Effect::Write => self.pool.write().await?,
        };
        Ok(Work { tx, now, who: who.clone(), settings: self.settings.clone(), use_case, request_id })
    }
}

impl Work {
    /// Writes the audit row of what was done.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn audit(&mut self, account: Option<AccountId>, detail: &impl Serialize) -> Result<(), Fault> {
        self.record(account, Outcome::Done, detail).await
    }

    async fn record(
        &mut self,
        account: Option<AccountId>,
        outcome: Outcome,
        detail: &impl Serialize,
    ) -> Result<(), Fault> {
        let detail = serde_json::to_value(detail).map_err(|e| Fault::Other(e.to_string()))?;
        let row = AuditRow {
            at: self.now,
            actor: self.who.actor(),
            subject: self.who.subject(),
            account,
            view_as: match &self.who {
                Principal::ViewAs { view_as, .. } => Some(*view_as),
                _ => None,
            },
            use_case: self.use_case.name,
            outcome,
            detail,
            request_id: &self.request_id,
        };
        store::work::audit(&mut self.tx, &row).await?;
        Ok(())
    }

    /// Queues a job in this transaction. The same `dedupe_key` is queued once, however often it is asked for.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn enqueue(
        &mut self,
        kind: &str,
        dedupe_key: &str,
        run_at: Instant,
        payload: &impl Serialize,
    ) -> Result<(), Fault> {
        let payload = serde_json::to_value(payload).map_err(|e| Fault::Other(e.to_string()))?;
        store::work::enqueue(&mut self.tx, kind, dedupe_key, run_at, payload).await?;
        Ok(())
    }

    /// Writes a mail in this transaction and queues its sending. The same `dedupe_key` is written once, however often it is
    /// asked for. Answers whether it was new.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn mail(&mut self, dedupe_key: &str, letter: &Letter) -> Result<bool, Fault> {
        crate::mail::write(self, dedupe_key, letter).await
    }

    /// Makes everything permanent.
    ///
    /// # Errors
    /// If the database fails; then nothing was changed.
    pub async fn commit(self) -> Result<(), Fault> {
        self.tx.commit().await?;
        Ok(())
    }
}
