//! Retention: intervals of days long past are given up, with their history. What dials said and what was billed stays.

use domain::ids::RegisterId;

use super::lock_days;
use super::{STRETCH, stretch_of};
use crate::{StoreError, Tx, run, statements};

statements! {
    GIVEN_UP = "SELECT before_day FROM usage_given_up WHERE id = 1";
    NOTE = "INSERT INTO usage_given_up (id, before_day) VALUES (1, $1)
            ON CONFLICT (id) DO UPDATE SET before_day = excluded.before_day
            WHERE usage_given_up.before_day < excluded.before_day";
    DROP_PACKS = "DELETE FROM usage_pack WHERE register_id > $1 AND register_id <= $2 AND stretch < $3";
    DROP_DAYS = sqlite
        "DELETE FROM usage_day WHERE day IN (SELECT number FROM usage_part WHERE kind = 'day' AND number < $3)
         AND register_id > $1 AND register_id <= $2",
    postgres
        "DELETE FROM usage_day WHERE register_id > $1 AND register_id <= $2 AND day < $3";
    DROP_CHANGES = "DELETE FROM usage_change WHERE register_id > $1 AND register_id <= $2 AND day < $3";
    DROP_ESTIMATES = "DELETE FROM usage_estimate WHERE register_id > $1 AND register_id <= $2 AND day < $3";
    DROP_PARTS = "DELETE FROM usage_part WHERE (kind = 'pack' AND number < $1) OR (kind = 'day' AND number < $2)";
}

/// What was given up in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenUp {
    /// Packs of ten days.
    pub packs: u64,
    /// Days that were not packed.
    pub days: u64,
    /// Changes of them, with what they replaced.
    pub changes: u64,
}

/// The day before which usage was given up, if any was.
///
/// # Errors
/// If the database fails.
pub async fn given_up(tx: &mut Tx<'_>) -> Result<Option<i64>, StoreError> {
    Ok(run!(tx, GIVEN_UP, |sql, c| sqlx::query_scalar(sql).fetch_optional(c).await)?)
}

/// Gives up the usage of registers behind one up to another before a day, the first of a stretch. With no registers it says
/// so and no more, which comes first: nothing is then taken in for those days. `last` closes the parts.
///
/// # Errors
/// If the database fails.
pub async fn drop_before(
    tx: &mut Tx<'_>,
    before: i64,
    registers: Option<(RegisterId, RegisterId)>,
    last: bool,
) -> Result<GivenUp, StoreError> {
    lock_days(tx).await?;
    let stretch = stretch_of(before);
    let before = stretch * STRETCH;
    let mut done = GivenUp::default();
    if let Some((after, until)) = registers {
        let mut each = Vec::with_capacity(4);
        for (statement, limit) in
            [(DROP_PACKS, stretch), (DROP_DAYS, before), (DROP_CHANGES, before), (DROP_ESTIMATES, before)]
        {
            each.push(run!(tx, statement, |sql, c| sqlx::query(sql)
                .bind(after)
                .bind(until)
                .bind(limit)
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?);
        }
        done = GivenUp { packs: each[0], days: each[1], changes: each[2] };
    } else {
        run!(tx, NOTE, |sql, c| sqlx::query(sql).bind(before).execute(c).await.map(|_| ()))?;
    }
    if last {
        run!(tx, DROP_PARTS, |sql, c| sqlx::query(sql).bind(stretch).bind(before).execute(c).await.map(|_| ()))?;
    }
    Ok(done)
}
