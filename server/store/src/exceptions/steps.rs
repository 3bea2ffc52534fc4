//! What was done about exceptions, by whom.

use domain::calendar::Instant;
use domain::ids::{ExceptionId, PersonId};
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT_STEP = "INSERT INTO usage_exception_step (exception_id, at, person_id, step, note, change_number)
                   VALUES ($1, $2, $3, $4, $5, $6)";
    STEPS = "SELECT s.id, s.at, s.person_id, s.step, s.note, s.change_number, s.undone_at, p.given_name, p.family_name
             FROM usage_exception_step s LEFT JOIN person p ON p.id = s.person_id
             WHERE s.exception_id = $1 ORDER BY s.id";
    UNDO_STEP = "UPDATE usage_exception_step SET undone_at = $2 WHERE id = $1";
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Step {
    /// Its cause went away by itself.
    Cured,
    /// What was found is real.
    Accepted,
    /// Values were estimated.
    Estimated,
    /// Values were typed.
    Edited,
    /// A re-read was ordered.
    Reread,
    /// A visit was ordered.
    Visit,
    /// The step before was taken back.
    Undone,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct StepRow {
    /// Key.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// By whom; `None` is the program itself.
    pub person_id: Option<PersonId>,
    /// What.
    pub step: Step,
    /// Why.
    pub note: String,
    /// The change of the day that it made; 0 where it made the day.
    pub change_number: Option<i64>,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
    /// By whom.
    pub given_name: Option<String>,
    /// By whom.
    pub family_name: Option<String>,
}

/// Notes what was done. `change` is the change of the day that it made.
///
/// # Errors
/// If the database fails.
pub async fn add_step(
    tx: &mut Tx<'_>,
    id: ExceptionId,
    now: Instant,
    person: Option<PersonId>,
    step: Step,
    note: &str,
    change: Option<i64>,
) -> Result<(), StoreError> {
    run!(tx, INSERT_STEP, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(now)
        .bind(person)
        .bind(step)
        .bind(note)
        .bind(change)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// What was done, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn steps(tx: &mut Tx<'_>, id: ExceptionId) -> Result<Vec<StepRow>, StoreError> {
    Ok(run!(tx, STEPS, |sql, c| sqlx::query_as(sql).bind(id).fetch_all(c).await)?)
}

/// Notes that a step was taken back.
///
/// # Errors
/// If the database fails.
pub async fn undo_step(tx: &mut Tx<'_>, step: i64, now: Instant) -> Result<(), StoreError> {
    run!(tx, UNDO_STEP, |sql, c| sqlx::query(sql).bind(step).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}
