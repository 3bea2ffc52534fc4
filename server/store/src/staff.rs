//! What staff search by: name, address, account number, meter number.

use domain::ids::AccountId;

use crate::{StoreError, Tx, run, statements};

statements! {
    SEARCH = "SELECT a.id, a.number, a.name, a.closed_on,
                     COALESCE((SELECT p.street FROM service_agreement s JOIN premise p ON p.id = s.premise_id
                               WHERE s.account_id = a.id ORDER BY s.since DESC, s.id LIMIT 1), a.mailing_street) AS street,
                     (SELECT m.number FROM service_agreement s
                        JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.until IS NULL
                        JOIN meter m ON m.id = i.meter_id
                      WHERE s.account_id = a.id AND s.until IS NULL AND LOWER(m.number) LIKE $2 ESCAPE '\\'
                      ORDER BY m.number LIMIT 1) AS meter
              FROM account a
              WHERE a.search_name LIKE $1 ESCAPE '\\'
                 OR LOWER(a.number) LIKE $2 ESCAPE '\\'
                 OR a.id IN (SELECT r.account_id FROM account_role r JOIN person q ON q.id = r.person_id
                             WHERE q.search_name LIKE $1 ESCAPE '\\' AND r.until IS NULL)
                 OR a.id IN (SELECT s.account_id FROM service_agreement s JOIN premise p ON p.id = s.premise_id
                             WHERE p.search_street LIKE $1 ESCAPE '\\')
                 OR a.id IN (SELECT s.account_id FROM service_agreement s
                               JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.until IS NULL
                               JOIN meter m ON m.id = i.meter_id
                             WHERE s.until IS NULL AND LOWER(m.number) LIKE $2 ESCAPE '\\')
              ORDER BY CASE WHEN LOWER(a.number) = $3 THEN 0 WHEN a.closed_on IS NULL THEN 1 ELSE 2 END, a.search_name, a.number
              LIMIT 51";
    METERS = "SELECT m.number, m.commodity, i.since FROM service_agreement s
                JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.until IS NULL
                JOIN meter m ON m.id = i.meter_id
              WHERE s.account_id = $1 AND s.until IS NULL ORDER BY m.commodity, m.number";
}

/// An account that was found.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Hit {
    /// Key.
    pub id: AccountId,
    /// Number.
    pub number: String,
    /// Name on the bill.
    pub name: String,
    /// Its last day, once closed.
    pub closed_on: Option<chrono::NaiveDate>,
    /// Where service is, or was last, delivered.
    pub street: String,
    /// The meter whose number begins with what was searched.
    pub meter: Option<String>,
}

/// A meter that serves an account now.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MeterLine {
    /// Number.
    pub number: String,
    /// What it measures.
    pub commodity: domain::quantity::Commodity,
    /// Since when it is there.
    pub since: domain::calendar::Instant,
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Accounts by part of a name or street, or by the beginning of an account or meter number; at most 51, so that the 51st says
/// there are more.
///
/// # Errors
/// If the database fails.
pub async fn search(tx: &mut Tx<'_>, text: &str) -> Result<Vec<Hit>, StoreError> {
    let plain = text.trim().to_lowercase();
    let escaped = escaped(&plain);
    Ok(run!(tx, SEARCH, |sql, c| sqlx::query_as(sql)
        .bind(format!("%{escaped}%"))
        .bind(format!("{escaped}%"))
        .bind(&plain)
        .fetch_all(c)
        .await)?)
}

/// The meters that serve an account now.
///
/// # Errors
/// If the database fails.
pub async fn meters(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<MeterLine>, StoreError> {
    Ok(run!(tx, METERS, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}
