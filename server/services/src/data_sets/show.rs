//! The list of data sets, and one of them.

use contract::compare::{CompareView, DataSetLine, DataSetView};
use contract::usage::UsageAsk;
use domain::calendar::Zone;
use domain::quantity::{Commodity, Unit};
use serde::Serialize;
use store::StoreError;
use store::data_sets::{DataSetRow, DataSetStatus};

use super::{LARGEST_FILE, LIST, MOST, REMOVE, RENAME, SHOW, against, amounts, chart, exponent, kept, label};
use crate::accounts::{open, open_page};
use crate::{Cx, Fault, Principal, zones};

#[derive(Serialize)]
struct About<'a> {
    data_set: &'a str,
}

/// What only a draft may lack.
fn facts(row: &DataSetRow) -> Result<(Commodity, Unit), Fault> {
    row.commodity
        .zip(row.unit)
        .ok_or_else(|| Fault::Store(StoreError::Damaged(format!("data set {} has no service or no unit", row.number))))
}

fn line(row: DataSetRow, zone: &Zone) -> Result<DataSetLine, Fault> {
    let (service, _) = facts(&row)?;
    Ok(DataSetLine {
        service,
        added_on: zone.day_of(row.created_at),
        number: row.number,
        label: row.label,
        file_name: row.file_name,
    })
}

/// An account's own data sets.
///
/// # Errors
/// `NotFound`, `SignInRequired`, or a failure of the database.
pub async fn list(cx: &Cx, who: &Principal, account: &str) -> Result<CompareView, Fault> {
    let mut work = cx.begin(&LIST, who).await?;
    let opened = open_page(&mut work, account).await?;
    let zone = zones::stored(&opened.zone)?;
    let rows = store::data_sets::kept(&mut work.tx, opened.id).await?;
    let sets = rows.into_iter().map(|r| line(r, &zone)).collect::<Result<Vec<_>, Fault>>()?;
    Ok(CompareView { room: sets.len() < MOST, sets, head: opened.head, largest: LARGEST_FILE })
}

/// One data set: the part of it that an address asks for as a chart, and the comparison with the home here.
///
/// # Errors
/// `NotFound`, `SignInRequired`, or a failure of the database.
pub async fn show(cx: &Cx, who: &Principal, account: &str, number: &str, ask: &UsageAsk) -> Result<DataSetView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let opened = open_page(&mut work, account).await?;
    let row = kept(&mut work, &opened, number).await?;
    let (service, unit) = facts(&row)?;
    let (zone, own_zone) = (zones::stored(&row.zone)?, zones::stored(&opened.zone)?);
    let found = amounts(&mut work.tx, &row, row.times, &zone).await?;
    let exponent = exponent(&row)?;
    let there = against::There { found: &found, zone: &zone, service, direction: row.direction, unit, exponent };
    let comparison = against::compare(&mut work.tx, opened.id, &there).await?;
    let drawn = chart::Drawn { found: &found, zone: &zone, service, unit, exponent, today: own_zone.day_of(work.now) };
    let siblings = store::data_sets::of_upload(&mut work.tx, opened.id, &row.upload).await?;
    let siblings = siblings.into_iter().filter(|r| r.status == DataSetStatus::Kept && r.id != row.id);
    let siblings = siblings.map(|r| line(r, &own_zone)).collect::<Result<Vec<_>, Fault>>()?;
    Ok(DataSetView {
        siblings,
        usage: chart::view(&drawn, opened.head, ask),
        comparison,
        added_on: own_zone.day_of(row.created_at),
        number: row.number,
        label: row.label,
        file_name: row.file_name,
    })
}

/// Gives a data set another name.
///
/// # Errors
/// `Invalid`, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn rename(cx: &Cx, who: &Principal, account: &str, number: &str, name: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&RENAME, who).await?;
    let opened = open(&mut work, account).await?;
    let row = kept(&mut work, &opened, number).await?;
    let name = label(name)?;
    store::data_sets::rename(&mut work.tx, row.id, &name).await?;
    work.audit(Some(opened.id), &About { data_set: number }).await?;
    work.commit().await
}

/// Deletes a data set with all of its values.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn remove(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&REMOVE, who).await?;
    let opened = open(&mut work, account).await?;
    let row = kept(&mut work, &opened, number).await?;
    store::data_sets::forget(&mut work.tx, row.id).await?;
    work.audit(Some(opened.id), &About { data_set: number }).await?;
    work.commit().await
}
