//! Accounts, who has a role on them, and where their service is delivered.

use chrono::NaiveDate;
use domain::access::AccountRole;
use domain::calendar::Instant;
use domain::ids::{AccountId, PersonId, PremiseId};
use domain::quantity::{Commodity, ServiceKind};

use crate::{StoreError, Tx, run, statements};

statements! {
    BY_NUMBER = "SELECT id, number, name, opened_on, closed_on, cycle_day, paperless, mailing_street, mailing_city, mailing_postcode
                 FROM account WHERE number = $1";
    BY_ID = "SELECT id, number, name, opened_on, closed_on, cycle_day, paperless, mailing_street, mailing_city, mailing_postcode
             FROM account WHERE id = $1";
    ROLE = "SELECT role FROM account_role
            WHERE account_id = $1 AND person_id = $2 AND since <= $3 AND (until IS NULL OR until > $3)
            ORDER BY CASE role WHEN 'holder' THEN 0 ELSE 1 END LIMIT 1";
    OF_PERSON = "SELECT a.id, a.number, a.name, a.closed_on,
                        COALESCE((SELECT p.street FROM service_agreement s JOIN premise p ON p.id = s.premise_id
                                  WHERE s.account_id = a.id ORDER BY s.since DESC, s.id LIMIT 1), a.mailing_street) AS street
                 FROM account a
                 WHERE a.id IN (SELECT r.account_id FROM account_role r
                                WHERE r.person_id = $1 AND r.since <= $2 AND (r.until IS NULL OR r.until > $2))
                 ORDER BY CASE WHEN a.closed_on IS NULL THEN 0 ELSE 1 END, a.number";
    PREMISE = "SELECT p.id, p.street, p.city, p.postcode, p.zone FROM service_agreement s JOIN premise p ON p.id = s.premise_id
               WHERE s.account_id = $1 ORDER BY s.since DESC, s.id LIMIT 1";
    SERVICES = "SELECT DISTINCT service FROM service_agreement
                WHERE account_id = $1 AND since <= $2 AND (until IS NULL OR until > $2)";
    LAST_SERVICES = "SELECT DISTINCT service FROM service_agreement WHERE account_id = $1";
    PEOPLE = "SELECT r.person_id, r.role FROM account_role r
              WHERE r.account_id = $1 AND r.since <= $2 AND (r.until IS NULL OR r.until > $2)
              ORDER BY CASE r.role WHEN 'holder' THEN 0 ELSE 1 END, r.id";
    INSERT = "INSERT INTO account (number, name, search_name, opened_on, closed_on, cycle_day, paperless,
                                   mailing_street, mailing_city, mailing_postcode)
              VALUES ($1, $2, $3, $4, NULL, $5, $6, $7, $8, $9) RETURNING id";
    GRANT = "INSERT INTO account_role (account_id, person_id, role, since, until) VALUES ($1, $2, $3, $4, NULL)";
    SET_PAPERLESS = "UPDATE account SET paperless = $2 WHERE id = $1";
    INSERT_PREMISE = "INSERT INTO premise (street, city, postcode, search_street, zone) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    END_AGREEMENT = "UPDATE service_agreement SET until = $2 WHERE id = $1";
    INSERT_AGREEMENT = "INSERT INTO service_agreement (account_id, premise_id, service_point_id, service, schedule, facts, since, until)
                        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL) RETURNING id";
}

/// An account's own row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountRow {
    /// Key.
    pub id: AccountId,
    /// The number on the bill and in addresses of pages.
    pub number: String,
    /// The name on the bill.
    pub name: String,
    /// Its first day.
    pub opened_on: NaiveDate,
    /// Its last day, once it is closed.
    pub closed_on: Option<NaiveDate>,
    /// Day of the month on which its meters are read for the bill.
    pub cycle_day: i64,
    /// Whether bills come by e-mail only.
    pub paperless: bool,
    /// Where paper goes.
    pub mailing_street: String,
    /// Where paper goes.
    pub mailing_city: String,
    /// Where paper goes.
    pub mailing_postcode: String,
}

/// An account in the list of one person's accounts.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OwnAccount {
    /// Key.
    pub id: AccountId,
    /// The number.
    pub number: String,
    /// The name on the bill.
    pub name: String,
    /// Its last day, once it is closed.
    pub closed_on: Option<NaiveDate>,
    /// Where service is (or was last) delivered.
    pub street: String,
}

/// Where service is delivered.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PremiseRow {
    /// Key.
    pub id: PremiseId,
    /// House number and street.
    pub street: String,
    /// City.
    pub city: String,
    /// ZIP code.
    pub postcode: String,
    /// IANA name of the zone that makes its local days.
    pub zone: String,
}

/// A new account.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// The number on the bill; unique.
    pub number: &'a str,
    /// The name on the bill.
    pub name: &'a str,
    /// Its first day.
    pub opened_on: NaiveDate,
    /// Day of the month of reading, 1 to 28.
    pub cycle_day: i64,
    /// Whether bills come by e-mail only.
    pub paperless: bool,
    /// Where paper goes: street.
    pub street: &'a str,
    /// Where paper goes: city.
    pub city: &'a str,
    /// Where paper goes: ZIP code.
    pub postcode: &'a str,
}

/// The account of a number.
///
/// # Errors
/// If the database fails.
pub async fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<AccountRow>, StoreError> {
    Ok(run!(tx, BY_NUMBER, |sql, c| sqlx::query_as(sql).bind(number).fetch_optional(c).await)?)
}

/// The account of a key.
///
/// # Errors
/// If the database fails.
pub async fn by_id(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    Ok(run!(tx, BY_ID, |sql, c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// What a person may do on an account at this instant; the stronger role if there are two.
///
/// # Errors
/// If the database fails.
pub async fn role(
    tx: &mut Tx<'_>,
    account: AccountId,
    person: PersonId,
    now: Instant,
) -> Result<Option<AccountRole>, StoreError> {
    Ok(run!(tx, ROLE, |sql, c| sqlx::query_scalar(sql).bind(account).bind(person).bind(now).fetch_optional(c).await)?)
}

/// The accounts that a person may open at this instant, open ones first.
///
/// # Errors
/// If the database fails.
pub async fn of_person(tx: &mut Tx<'_>, person: PersonId, now: Instant) -> Result<Vec<OwnAccount>, StoreError> {
    Ok(run!(tx, OF_PERSON, |sql, c| sqlx::query_as(sql).bind(person).bind(now).fetch_all(c).await)?)
}

/// Who has a role on an account at this instant, holders first.
///
/// # Errors
/// If the database fails.
pub async fn people(
    tx: &mut Tx<'_>,
    account: AccountId,
    now: Instant,
) -> Result<Vec<(PersonId, AccountRole)>, StoreError> {
    Ok(run!(tx, PEOPLE, |sql, c| sqlx::query_as(sql).bind(account).bind(now).fetch_all(c).await)?)
}

/// Where an account's service is, or was last, delivered.
///
/// # Errors
/// If the database fails.
pub async fn premise(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<PremiseRow>, StoreError> {
    Ok(run!(tx, PREMISE, |sql, c| sqlx::query_as(sql).bind(account).fetch_optional(c).await)?)
}

/// The metered services of an account at this instant, in the order that pages show them; those it had, once all have ended.
///
/// # Errors
/// If the database fails.
pub async fn services(tx: &mut Tx<'_>, account: AccountId, now: Instant) -> Result<Vec<Commodity>, StoreError> {
    let mut found: Vec<ServiceKind> =
        run!(&mut *tx, SERVICES, |sql, c| sqlx::query_scalar(sql).bind(account).bind(now).fetch_all(c).await)?;
    if found.is_empty() {
        found = run!(tx, LAST_SERVICES, |sql, c| sqlx::query_scalar(sql).bind(account).fetch_all(c).await)?;
    }
    Ok(Commodity::ALL.into_iter().filter(|c| found.contains(&ServiceKind::from(*c))).collect())
}

/// Adds an account.
///
/// # Errors
/// `Duplicate` if the number is taken; otherwise if the database fails.
pub async fn insert(tx: &mut Tx<'_>, account: &NewAccount<'_>) -> Result<AccountId, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(account.number)
        .bind(account.name)
        .bind(account.name.to_lowercase())
        .bind(account.opened_on)
        .bind(account.cycle_day)
        .bind(account.paperless)
        .bind(account.street)
        .bind(account.city)
        .bind(account.postcode)
        .fetch_one(c)
        .await)?)
}

/// Gives a person a role on an account from an instant on.
///
/// # Errors
/// If either does not exist or the database fails.
pub async fn grant(
    tx: &mut Tx<'_>,
    account: AccountId,
    person: PersonId,
    role: AccountRole,
    since: Instant,
) -> Result<(), StoreError> {
    run!(tx, GRANT, |sql, c| sqlx::query(sql)
        .bind(account)
        .bind(person)
        .bind(role)
        .bind(since)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Chooses between bills by e-mail only and on paper too.
///
/// # Errors
/// If the database fails.
pub async fn set_paperless(tx: &mut Tx<'_>, account: AccountId, paperless: bool) -> Result<(), StoreError> {
    run!(tx, SET_PAPERLESS, |sql, c| sqlx::query(sql).bind(account).bind(paperless).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Adds a premise.
///
/// # Errors
/// If the database fails.
pub async fn insert_premise(
    tx: &mut Tx<'_>,
    street: &str,
    city: &str,
    postcode: &str,
    zone: &str,
) -> Result<PremiseId, StoreError> {
    Ok(run!(tx, INSERT_PREMISE, |sql, c| sqlx::query_scalar(sql)
        .bind(street)
        .bind(city)
        .bind(postcode)
        .bind(street.to_lowercase())
        .bind(zone)
        .fetch_one(c)
        .await)?)
}

/// A new service agreement.
#[derive(Clone, Debug)]
pub struct NewAgreement<'a> {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub premise: PremiseId,
    /// At which service point, where it is metered.
    pub point: Option<domain::ids::ServicePointId>,
    /// Which service.
    pub service: ServiceKind,
    /// The rate schedule.
    pub schedule: &'a str,
    /// Facts that the schedule needs.
    pub facts: &'a serde_json::Value,
    /// From when.
    pub since: Instant,
}

/// Adds a service agreement.
///
/// # Errors
/// If something it names does not exist or the database fails.
pub async fn insert_agreement(
    tx: &mut Tx<'_>,
    agreement: &NewAgreement<'_>,
) -> Result<domain::ids::AgreementId, StoreError> {
    Ok(run!(tx, INSERT_AGREEMENT, |sql, c| sqlx::query_scalar(sql)
        .bind(agreement.account)
        .bind(agreement.premise)
        .bind(agreement.point)
        .bind(agreement.service)
        .bind(agreement.schedule)
        .bind(agreement.facts)
        .bind(agreement.since)
        .fetch_one(c)
        .await)?)
}

/// Ends a service agreement: someone moves out.
///
/// # Errors
/// If the database fails.
pub async fn end_agreement(
    tx: &mut Tx<'_>,
    agreement: domain::ids::AgreementId,
    until: Instant,
) -> Result<(), StoreError> {
    run!(tx, END_AGREEMENT, |sql, c| sqlx::query(sql).bind(agreement).bind(until).execute(c).await.map(|_| ()))?;
    Ok(())
}
