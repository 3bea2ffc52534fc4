//! How estimated intervals came to be.

use domain::calendar::Instant;
use domain::ids::RegisterId;
use serde_json::Value;
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT_ESTIMATE = "INSERT INTO usage_estimate (register_id, day, first_slot, slots, method, learnt_from, made_at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ESTIMATES = "SELECT first_slot, slots, method, learnt_from, made_at FROM usage_estimate
                 WHERE register_id = $1 AND day = $2 ORDER BY id";
}

/// How a run of slots was estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEstimate {
    /// Whose.
    pub register: RegisterId,
    /// The day's number.
    pub day: i64,
    /// The first slot.
    pub first_slot: usize,
    /// How many.
    pub slots: usize,
    /// How; see [`domain::metering::vee::like::Method`].
    pub method: &'static str,
    /// The days learnt from.
    pub learnt_from: Value,
}

/// How a run of slots was estimated, as it is stored.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct EstimateRow {
    /// The first slot.
    pub first_slot: i64,
    /// How many.
    pub slots: i64,
    /// How.
    pub method: String,
    /// The days learnt from.
    pub learnt_from: Value,
    /// When.
    pub made_at: Instant,
}

/// Notes how estimates were made.
///
/// # Errors
/// If the database fails.
pub async fn insert_estimates(tx: &mut Tx<'_>, now: Instant, made: &[NewEstimate]) -> Result<(), StoreError> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    for e in made {
        run!(tx, INSERT_ESTIMATE, |sql, c| sqlx::query(sql)
            .bind(e.register)
            .bind(e.day)
            .bind(count(e.first_slot))
            .bind(count(e.slots))
            .bind(e.method)
            .bind(&e.learnt_from)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// How estimates of a day were made, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn estimates(tx: &mut Tx<'_>, register: RegisterId, day: i64) -> Result<Vec<EstimateRow>, StoreError> {
    Ok(run!(tx, ESTIMATES, |sql, c| sqlx::query_as(sql).bind(register).bind(day).fetch_all(c).await)?)
}
