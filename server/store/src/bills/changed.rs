//! Bills that later readings may have touched.

use chrono::NaiveDate;
use domain::ids::{AccountId, BillId};
use domain::money::Cents;
use serde_json::Value;

use crate::{StoreError, Tx, run, statements};

statements! {
    // Bills of which a day changed afterwards, and bills with an estimate in them, whose readings may have come by now.
    TOUCHED = sqlite
        "SELECT b.id, b.number, b.account_id, a.number AS account, a.name, b.period_from, b.period_to, b.total, b.detail,
                CASE WHEN b.number IN (SELECT x.evidence ->> 'detail' FROM usage_exception x WHERE x.code = 'billed'
                                       UNION SELECT x.evidence ->> 'also' FROM usage_exception x WHERE x.code = 'billed')
                     THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS named
         FROM bill b JOIN account a ON a.id = b.account_id
         WHERE b.status = 'issued' AND b.issued_on >= $1
           AND (b.number IN (SELECT x.evidence ->> 'detail' FROM usage_exception x WHERE x.code = 'billed'
                                UNION SELECT x.evidence ->> 'also' FROM usage_exception x WHERE x.code = 'billed')
                OR EXISTS (SELECT 1 FROM bill_read r WHERE r.bill_id = b.id AND r.detail ->> 'estimated' = 1))
         ORDER BY b.issued_on DESC, b.id DESC LIMIT $2 OFFSET $3",
    postgres
        "SELECT b.id, b.number, b.account_id, a.number AS account, a.name, b.period_from, b.period_to, b.total, b.detail,
                CASE WHEN b.number IN (SELECT x.evidence ->> 'detail' FROM usage_exception x WHERE x.code = 'billed'
                                       UNION SELECT x.evidence ->> 'also' FROM usage_exception x WHERE x.code = 'billed')
                     THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS named
         FROM bill b JOIN account a ON a.id = b.account_id
         WHERE b.status = 'issued' AND b.issued_on >= $1
           AND (b.number IN (SELECT x.evidence ->> 'detail' FROM usage_exception x WHERE x.code = 'billed'
                                UNION SELECT x.evidence ->> 'also' FROM usage_exception x WHERE x.code = 'billed')
                OR EXISTS (SELECT 1 FROM bill_read r WHERE r.bill_id = b.id AND r.detail ->> 'estimated' = 'true'))
         ORDER BY b.issued_on DESC, b.id DESC LIMIT $2 OFFSET $3";
}

/// A bill that may not be what it would be now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TouchedRow {
    /// Key.
    pub id: BillId,
    /// The number on it.
    pub number: String,
    /// Whose, by key.
    pub account_id: AccountId,
    /// Whose, by number.
    pub account: String,
    /// The name on the account.
    pub name: String,
    /// The first local day.
    pub period_from: NaiveDate,
    /// The day after the last one.
    pub period_to: NaiveDate,
    /// The charges.
    pub total: Cents,
    /// What is kept of it beside its lines.
    pub detail: Value,
    /// 1 where a reading of it changed afterwards; 0 where it only has estimates in it.
    pub named: i64,
}

/// Standing bills, issued since a day, of which readings changed or that have estimates in them; the newest first, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn touched(
    tx: &mut Tx<'_>,
    since: NaiveDate,
    (limit, from): (i64, i64),
) -> Result<Vec<TouchedRow>, StoreError> {
    Ok(run!(tx, TOUCHED, |sql, c| sqlx::query_as(sql).bind(since).bind(limit).bind(from).fetch_all(c).await)?)
}
