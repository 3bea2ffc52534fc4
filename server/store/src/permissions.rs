//! What an employee may do beyond what every employee may.

use domain::calendar::Instant;
use domain::ids::PersonId;

use crate::{StoreError, Tx, run, statements};

statements! {
    HAS = "SELECT COUNT(*) FROM staff_permission WHERE person_id = $1 AND permission = $2";
    GRANT = "INSERT INTO staff_permission (person_id, permission, granted_at) VALUES ($1, $2, $3)
             ON CONFLICT (person_id, permission) DO NOTHING";
    WITHDRAW = "DELETE FROM staff_permission WHERE person_id = $1 AND permission = $2";
}

/// Something that only some employees may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Permission {
    /// Giving money back, or credits.
    Refunds,
    /// Releasing bill runs that wait for a person.
    BillRuns,
}

/// Whether an employee may.
///
/// # Errors
/// If the database fails.
pub async fn has(tx: &mut Tx<'_>, person: PersonId, permission: Permission) -> Result<bool, StoreError> {
    let n: i64 = run!(tx, HAS, |sql, c| sqlx::query_scalar(sql).bind(person).bind(permission).fetch_one(c).await)?;
    Ok(n > 0)
}

/// Lets an employee do it.
///
/// # Errors
/// If the database fails.
pub async fn grant(tx: &mut Tx<'_>, person: PersonId, permission: Permission, at: Instant) -> Result<(), StoreError> {
    run!(tx, GRANT, |sql, c| sqlx::query(sql).bind(person).bind(permission).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Lets an employee do it no longer.
///
/// # Errors
/// If the database fails.
pub async fn withdraw(tx: &mut Tx<'_>, person: PersonId, permission: Permission) -> Result<(), StoreError> {
    run!(tx, WITHDRAW, |sql, c| sqlx::query(sql).bind(person).bind(permission).execute(c).await.map(|_| ()))?;
    Ok(())
}
