//! People: residents, contacts of firms, employees.

use domain::calendar::Instant;
use domain::contact::{Email, Phone};
use domain::ids::PersonId;

use crate::{StoreError, Tx, run, statements};

statements! {
    BY_ID = "SELECT id, kind, given_name, family_name, email, phone FROM person WHERE id = $1";
    BY_EMAIL = "SELECT id, kind, given_name, family_name, email, phone FROM person WHERE email_normal = $1";
    STAFF = "SELECT id, kind, given_name, family_name, email, phone FROM person WHERE kind = 'staff' ORDER BY search_name, id";
    INSERT = "INSERT INTO person (kind, given_name, family_name, search_name, email, email_normal, phone, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    STAFF_BY_EMAIL = "SELECT id FROM person WHERE kind = 'staff' AND email_normal = $1";
    SET_EMAIL = "UPDATE person SET email = $2, email_normal = $3 WHERE id = $1";
    SET_PHONE = "UPDATE person SET phone = $2 WHERE id = $1";
}

/// Which kind of person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PersonKind {
    /// A customer or a contact of one.
    Resident,
    /// An employee.
    Staff,
}

/// A person's own row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PersonRow {
    /// Key.
    pub id: PersonId,
    /// Resident or employee.
    pub kind: PersonKind,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// E-mail address.
    pub email: Option<Email>,
    /// Telephone.
    pub phone: Option<Phone>,
}

impl PersonRow {
    /// Given and family name.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

/// A new person.
#[derive(Clone, Debug)]
pub struct NewPerson<'a> {
    /// Resident or employee.
    pub kind: PersonKind,
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// E-mail address; no two people share one.
    pub email: Option<&'a Email>,
    /// Telephone.
    pub phone: Option<&'a Phone>,
}

/// The person of a key.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<PersonRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// The employee of an e-mail address, compared without regard to case.
///
/// # Errors
/// If the database fails.
pub async fn staff_by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<PersonId>, StoreError> {
    Ok(run!(tx, STAFF_BY_EMAIL, |sql, c| sqlx::query_scalar(sql).bind(email.normal()).fetch_optional(c).await)?)
}

/// The person of an e-mail address, compared without regard to case.
///
/// # Errors
/// If the database fails.
pub async fn by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<PersonRow>, StoreError> {
    Ok(run!(tx, BY_EMAIL, |sql, c| sqlx::query_as(sql).bind(email.normal()).fetch_optional(c).await)?)
}

/// All employees, by name.
///
/// # Errors
/// If the database fails.
pub async fn staff(tx: &mut Tx<'_>) -> Result<Vec<PersonRow>, StoreError> {
    Ok(run!(tx, STAFF, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// Adds a person.
///
/// # Errors
/// `Duplicate` if the e-mail address is someone's; otherwise if the database fails.
pub async fn insert(tx: &mut Tx<'_>, person: &NewPerson<'_>, now: Instant) -> Result<PersonId, StoreError> {
    let search = format!("{} {}", person.given_name, person.family_name).to_lowercase();
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(person.kind)
        .bind(person.given_name)
        .bind(person.family_name)
        .bind(search.trim())
        .bind(person.email)
        .bind(person.email.map(Email::normal))
        .bind(person.phone)
        .bind(now)
        .fetch_one(c)
        .await)?)
}

/// Changes a person's e-mail address.
///
/// # Errors
/// `Duplicate` if it is someone else's; otherwise if the database fails.
pub async fn set_email(tx: &mut Tx<'_>, person: PersonId, email: &Email) -> Result<(), StoreError> {
    run!(tx, SET_EMAIL, |sql, c| sqlx::query(sql)
        .bind(person)
        .bind(email)
        .bind(email.normal())
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Changes or removes a person's telephone number.
///
/// # Errors
/// If the database fails.
pub async fn set_phone(tx: &mut Tx<'_>, person: PersonId, phone: Option<&Phone>) -> Result<(), StoreError> {
    run!(tx, SET_PHONE, |sql, c| sqlx::query(sql).bind(person).bind(phone).execute(c).await.map(|_| ()))?;
    Ok(())
}
