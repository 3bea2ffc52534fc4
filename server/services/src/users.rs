//! Who can sign in, as the operator sets it from the command line.

use contract::{AppError, Field, Problem};
use domain::contact::Email;
use domain::ids::{PersonId, SessionId};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;
use store::StoreError;
use store::people::{NewPerson, PersonKind};
use store::permissions::Permission;

use crate::{Cx, Fault, Principal, secrets, use_case};

use_case!(
    /// Adds an employee.
    pub CREATE_STAFF = "users.create_staff", Write, System
);
use_case!(
    /// Sets someone's password.
    pub SET_PASSWORD = "users.set_password", Write, System
);
use_case!(
    /// Takes someone's sign-in away.
    pub DISABLE = "users.disable", Write, System
);
use_case!(
    /// Lists employees.
    pub LIST = "users.list", Read, System
);

use_case!(
    /// Says what an employee may do beyond the rest.
    pub ALLOW = "users.allow", Write, System
);

/// An employee.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// Key.
    pub id: PersonId,
    /// Given and family name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Whether they have a password.
    pub can_sign_in: bool,
    /// Whether they may give money back, and credits.
    pub refunds: bool,
    /// Whether they may release bill runs that wait.
    pub bill_runs: bool,
}

fn address(email: &str) -> Result<Email, AppError> {
    Email::try_from(email.to_owned()).map_err(|_| AppError::field(Field::Email, Problem::Malformed))
}

/// Adds an employee who can sign in.
///
/// # Errors
/// `Invalid` for a malformed or taken address or a bad password; or if the database fails.
pub async fn create_staff(
    cx: &Cx,
    given_name: &str,
    family_name: &str,
    email: &str,
    password: SecretString,
) -> Result<PersonId, Fault> {
    let email = address(email)?;
    secrets::check_new_password(&password, Some(email.as_str()))?;
    let hash = secrets::hash_password(cx, password).await?;
    let mut work = cx.begin(&CREATE_STAFF, &Principal::System).await?;
    let now = work.now;
    let new = NewPerson { kind: PersonKind::Staff, given_name, family_name, email: Some(&email), phone: None };
    let person = match store::people::insert(&mut work.tx, &new, now).await {
        Err(StoreError::Duplicate(_)) => return Err(AppError::field(Field::Email, Problem::Taken).into()),
        other => other?,
    };
    store::sessions::set_password_hash(&mut work.tx, person, &hash, now).await?;
    work.audit(None, &json!({ "person": person })).await?;
    work.commit().await?;
    Ok(person)
}

/// Sets someone's password and ends all their sessions.
///
/// # Errors
/// `NotFound` for an unknown address, `Invalid` for a bad password; or if the database fails.
pub async fn set_password(cx: &Cx, email: &str, password: SecretString) -> Result<(), Fault> {
    let email = address(email)?;
    secrets::check_new_password(&password, Some(email.as_str()))?;
    let hash = secrets::hash_password(cx, password).await?;
    let mut work = cx.begin(&SET_PASSWORD, &Principal::System).await?;
    let now = work.now;
    let person = store::people::by_email(&mut work.tx, &email).await?.ok_or(AppError::NotFound)?.id;
    store::sessions::set_password_hash(&mut work.tx, person, &hash, now).await?;
    store::sessions::end_others(&mut work.tx, person, SessionId(0), now).await?;
    store::view_as::end_of_staff(&mut work.tx, person, now).await?;
    work.audit(None, &json!({ "person": person })).await?;
    work.commit().await
}

/// Takes someone's sign-in away at once: password, sessions, viewings.
///
/// # Errors
/// `NotFound` for an unknown address; or if the database fails.
pub async fn disable(cx: &Cx, email: &str) -> Result<(), Fault> {
    let email = address(email)?;
    let mut work = cx.begin(&DISABLE, &Principal::System).await?;
    let now = work.now;
    let person = store::people::by_email(&mut work.tx, &email).await?.ok_or(AppError::NotFound)?.id;
    store::sessions::remove_password(&mut work.tx, person).await?;
    store::sessions::end_others(&mut work.tx, person, SessionId(0), now).await?;
    store::view_as::end_of_staff(&mut work.tx, person, now).await?;
    work.audit(None, &json!({ "person": person })).await?;
    work.commit().await
}

/// Lets an employee do what only some may, or no longer.
///
/// # Errors
/// `NotFound` for an address that is no employee's; or if the database fails.
pub async fn allow(cx: &Cx, email: &str, permission: Permission, may: bool) -> Result<(), Fault> {
    let email = address(email)?;
    let mut work = cx.begin(&ALLOW, &Principal::System).await?;
    let now = work.now;
    let row = store::people::by_email(&mut work.tx, &email).await?.ok_or(AppError::NotFound)?;
    if row.kind != PersonKind::Staff {
        return Err(AppError::NotFound.into());
    }
    if may {
        store::permissions::grant(&mut work.tx, row.id, permission, now).await?;
    } else {
        store::permissions::withdraw(&mut work.tx, row.id, permission).await?;
    }
    let what = match permission {
        Permission::Refunds => "refunds",
        Permission::BillRuns => "bill_runs",
    };
    work.audit(None, &json!({ "person": row.id, what: may })).await?;
    work.commit().await
}

/// All employees.
///
/// # Errors
/// If the database fails.
pub async fn list(cx: &Cx) -> Result<Vec<User>, Fault> {
    let mut work = cx.begin(&LIST, &Principal::System).await?;
    let mut users = Vec::new();
    for row in store::people::staff(&mut work.tx).await? {
        let can_sign_in = store::sessions::password_hash(&mut work.tx, row.id).await?.is_some();
        let refunds = store::permissions::has(&mut work.tx, row.id, Permission::Refunds).await?;
        let bill_runs = store::permissions::has(&mut work.tx, row.id, Permission::BillRuns).await?;
        users.push(User {
            refunds,
            bill_runs,
            id: row.id,
            name: row.full_name(),
            email: row.email.map(String::from).unwrap_or_default(),
            can_sign_in,
        });
    }
    Ok(users)
}
