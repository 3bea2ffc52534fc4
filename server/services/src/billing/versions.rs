//! The versions of a bill that was corrected, side by side.

use contract::AppError;
use contract::bills::{VersionEnd, VersionsView};
use domain::billing::compare::compare;
use domain::calendar::DayRange;
use store::bills::{BillRow, Status};

use super::rebill::corrections;
use super::show::stored;
use crate::{Cx, Fault, Principal, accounts, use_case, zones};

use_case!(
    /// Shows the versions of a corrected bill.
    pub VERSIONS = "bills.versions", Read, Resident
);

/// The version of a bill that took the place of another, or was replaced, beside its neighbour.
///
/// # Errors
/// `NotFound` for an account that is not the caller's, for a bill that is not the account's or was never corrected; or a failure of
/// the database.
pub async fn versions(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<VersionsView, Fault> {
    let mut work = cx.begin(&VERSIONS, who).await?;
    let opened = accounts::open_page(&mut work, account).await?;
    let zone = zones::stored(&opened.zone)?;
    let rows = store::bills::list(&mut work.tx, opened.id).await?;
    let row = rows.iter().find(|b| b.number == number).ok_or(AppError::NotFound)?;
    let mut chain: Vec<&BillRow> = rows.iter().filter(|b| b.period_from == row.period_from).collect();
    chain.sort_by_key(|b| b.version);
    // A first version is held against its correction, any other against what it took the place of.
    let at = chain.iter().position(|b| b.id == row.id).unwrap_or(0).max(1);
    let (Some(old), Some(new)) = (chain.get(at - 1), chain.get(at)) else { return Err(AppError::NotFound.into()) };
    let said = corrections(&mut work.tx, &rows, opened.id).await?;
    let said = said.iter().find(|(c, ..)| c.bill_id == new.id).map(|(c, ..)| c);
    let (before, _) = stored(&mut work, old).await?;
    let (after, _) = stored(&mut work, new).await?;
    let end = |b: &BillRow| VersionEnd {
        number: b.number.clone(),
        version: b.version,
        issued_on: b.issued_on,
        due_on: b.due_on,
        total: b.total,
        stands: b.status == Status::Issued,
    };
    Ok(VersionsView {
        period: DayRange { from: new.period_from, to: new.period_to },
        before: end(old),
        after: end(new),
        all: chain.iter().map(|b| end(b)).collect(),
        reason: said.map(|c| c.reason),
        note: said.map(|c| c.note.clone()).unwrap_or_default(),
        corrected_on: said.map_or(new.issued_on, |c| zone.day_of(c.made_at)),
        services: compare(&before, &after),
        account: opened.head,
    })
}
