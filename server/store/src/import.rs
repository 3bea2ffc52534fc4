//! What master data from elsewhere is compared with, and the rows that only an import writes.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, AgreementId, MeterId, PremiseId, ServicePointId};
use domain::quantity::{Commodity, ServiceKind};

use crate::{StoreError, Tx, run, statements};

statements! {
    PREMISE = "SELECT id, city, zone FROM premise WHERE search_street = $1 AND postcode = $2";
    SET_PREMISE = "UPDATE premise SET city = $2, zone = $3 WHERE id = $1";
    POINT = "SELECT id, premise_id, commodity FROM service_point WHERE number = $1";
    METER = "SELECT id FROM meter WHERE number = $1 AND commodity = $2";
    INSTALLED = "SELECT service_point_id, since, until FROM meter_installation
                 WHERE meter_id = $1 AND until IS NULL ORDER BY since DESC";
    WAS_INSTALLED = "SELECT COUNT(*) FROM meter_installation WHERE meter_id = $1 AND service_point_id = $2 AND since = $3";
    SET_ACCOUNT = "UPDATE account SET name = $2, search_name = $3, closed_on = $4, cycle_day = $5, mailing_street = $6,
                                      mailing_city = $7, mailing_postcode = $8 WHERE id = $1";
    AGREEMENT = "SELECT id, schedule, facts, until FROM service_agreement
                 WHERE account_id = $1 AND premise_id = $2 AND service = $3 AND since = $4";
    SET_AGREEMENT = "UPDATE service_agreement SET schedule = $2, facts = $3, until = $4 WHERE id = $1";
    HOLDER = "SELECT COUNT(*) FROM account_role WHERE account_id = $1 AND person_id = $2 AND until IS NULL";
}

/// A premise as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KnownPremise {
    /// Key.
    pub id: PremiseId,
    /// City.
    pub city: String,
    /// IANA zone.
    pub zone: String,
}

/// The premise at an address.
///
/// # Errors
/// If the database fails.
pub async fn premise(tx: &mut Tx<'_>, street: &str, postcode: &str) -> Result<Option<KnownPremise>, StoreError> {
    Ok(run!(tx, PREMISE, |sql, c| sqlx::query_as(sql)
        .bind(street.to_lowercase())
        .bind(postcode)
        .fetch_optional(c)
        .await)?)
}

/// Changes a premise's city and zone.
///
/// # Errors
/// If the database fails.
pub async fn set_premise(tx: &mut Tx<'_>, id: PremiseId, city: &str, zone: &str) -> Result<(), StoreError> {
    run!(tx, SET_PREMISE, |sql, c| sqlx::query(sql).bind(id).bind(city).bind(zone).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// A service point as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KnownPoint {
    /// Key.
    pub id: ServicePointId,
    /// Where.
    pub premise_id: PremiseId,
    /// What is delivered there.
    pub commodity: Commodity,
}

/// The service point of a number.
///
/// # Errors
/// If the database fails.
pub async fn point(tx: &mut Tx<'_>, number: &str) -> Result<Option<KnownPoint>, StoreError> {
    Ok(run!(tx, POINT, |sql, c| sqlx::query_as(sql).bind(number).fetch_optional(c).await)?)
}

/// The meter of a number.
///
/// # Errors
/// If the database fails.
pub async fn meter(tx: &mut Tx<'_>, number: &str, commodity: Commodity) -> Result<Option<MeterId>, StoreError> {
    Ok(run!(tx, METER, |sql, c| sqlx::query_scalar(sql).bind(number).bind(commodity).fetch_optional(c).await)?)
}

/// Where a meter is installed now.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Installation {
    /// Where.
    pub service_point_id: ServicePointId,
    /// From when.
    pub since: Instant,
    /// Until when.
    pub until: Option<Instant>,
}

/// Where a meter is installed now.
///
/// # Errors
/// If the database fails.
pub async fn installed(tx: &mut Tx<'_>, meter: MeterId) -> Result<Option<Installation>, StoreError> {
    Ok(run!(tx, INSTALLED, |sql, c| sqlx::query_as(sql).bind(meter).fetch_optional(c).await)?)
}

/// Whether a meter was put in at a point at an instant, whatever became of it since.
///
/// # Errors
/// If the database fails.
pub async fn was_installed(
    tx: &mut Tx<'_>,
    meter: MeterId,
    point: ServicePointId,
    since: Instant,
) -> Result<bool, StoreError> {
    let n: i64 = run!(tx, WAS_INSTALLED, |sql, c| sqlx::query_scalar(sql)
        .bind(meter)
        .bind(point)
        .bind(since)
        .fetch_one(c)
        .await)?;
    Ok(n > 0)
}

/// What an import may change of an account.
#[derive(Clone, Debug)]
pub struct AccountChange<'a> {
    /// The name on the bill.
    pub name: &'a str,
    /// The last day, once closed.
    pub closed_on: Option<NaiveDate>,
    /// Day of the month of reading.
    pub cycle_day: i64,
    /// Where paper goes: street.
    pub street: &'a str,
    /// Where paper goes: city.
    pub city: &'a str,
    /// Where paper goes: ZIP code.
    pub postcode: &'a str,
}

/// Changes an account.
///
/// # Errors
/// If the database fails.
pub async fn set_account(tx: &mut Tx<'_>, id: AccountId, change: &AccountChange<'_>) -> Result<(), StoreError> {
    run!(tx, SET_ACCOUNT, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(change.name)
        .bind(change.name.to_lowercase())
        .bind(change.closed_on)
        .bind(change.cycle_day)
        .bind(change.street)
        .bind(change.city)
        .bind(change.postcode)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A service agreement as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KnownAgreement {
    /// Key.
    pub id: AgreementId,
    /// The rate schedule.
    pub schedule: String,
    /// What the schedule needs to know.
    pub facts: serde_json::Value,
    /// Until when.
    pub until: Option<Instant>,
}

/// The agreement of an account for a service at a premise that began at an instant.
///
/// # Errors
/// If the database fails.
pub async fn agreement(
    tx: &mut Tx<'_>,
    account: AccountId,
    premise: PremiseId,
    service: ServiceKind,
    since: Instant,
) -> Result<Option<KnownAgreement>, StoreError> {
    Ok(run!(tx, AGREEMENT, |sql, c| sqlx::query_as(sql)
        .bind(account)
        .bind(premise)
        .bind(service)
        .bind(since)
        .fetch_optional(c)
        .await)?)
}

/// Changes an agreement's schedule, facts and end.
///
/// # Errors
/// If the database fails.
pub async fn set_agreement(
    tx: &mut Tx<'_>,
    id: AgreementId,
    schedule: &str,
    facts: &serde_json::Value,
    until: Option<Instant>,
) -> Result<(), StoreError> {
    run!(tx, SET_AGREEMENT, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(schedule)
        .bind(facts)
        .bind(until)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Whether a person has a role on an account now.
///
/// # Errors
/// If the database fails.
pub async fn has_role(tx: &mut Tx<'_>, account: AccountId, person: domain::ids::PersonId) -> Result<bool, StoreError> {
    let n: i64 = run!(tx, HOLDER, |sql, c| sqlx::query_scalar(sql).bind(account).bind(person).fetch_one(c).await)?;
    Ok(n > 0)
}
