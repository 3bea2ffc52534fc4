//! The preview of a file: what is in it, as it would be read; and its confirmation.

use std::collections::BTreeMap;

use contract::compare::{FirstReading, PreviewChannel, PreviewView};
use contract::{AppError, Field, FieldError, Problem};
use domain::calendar::{DayRange, Zone, next_day};
use domain::data_set::{self, Run, Stretch, Times, stretches};
use domain::quantity::Commodity;
use serde::Serialize;
use store::data_sets::{DataSetRow, DataSetStatus};

use super::{KEEP, MOST, PREVIEW, ZONES, exponent, label, names, services_of, values, zone};
use crate::accounts::{OpenedAccount, open, open_page};
use crate::{Cx, Fault, Principal, Work, zones};

/// What a confirming form sends.
#[derive(Clone, Debug, Default)]
pub struct Confirmed {
    /// What its owner calls it.
    pub label: String,
    /// The IANA name of the zone.
    pub zone: String,
    /// What the times count, as [`Times::slug`].
    pub times: String,
    /// The channels to keep, each with its service where that had to be said.
    pub channels: Vec<(u32, Option<Commodity>)>,
}

#[derive(Serialize)]
struct About<'a> {
    upload: &'a str,
    zone: &'a str,
    times: Times,
    channels: usize,
}

/// The channels of an upload that is still a draft.
async fn drafts(work: &mut Work, account: &OpenedAccount, upload: &str) -> Result<Vec<DataSetRow>, Fault> {
    let rows = store::data_sets::of_upload(&mut work.tx, account.id, upload).await?;
    let rows: Vec<_> = rows.into_iter().filter(|r| r.status == DataSetStatus::Draft).collect();
    if rows.is_empty() {
        return Err(AppError::NotFound.into());
    }
    Ok(rows)
}

/// A file that waits to be confirmed, read by a zone and by what its times are said to count; by what the file suggests where
/// nothing is said.
///
/// # Errors
/// `NotFound`, `SignInRequired`, or a failure of the database.
pub async fn preview(
    cx: &Cx,
    who: &Principal,
    account: &str,
    upload: &str,
    zone_name: Option<&str>,
    times: Option<&str>,
) -> Result<PreviewView, Fault> {
    let mut work = cx.begin(&PREVIEW, who).await?;
    let opened = open_page(&mut work, account).await?;
    let rows = drafts(&mut work, &opened, upload).await?;
    let first = &rows[0];
    let stored = zones::stored(&first.zone)?;
    // A zone that is not on offer can only come of a mistyped address.
    let zone = zone_name.and_then(|z| zone(z, &opened.zone).ok()).unwrap_or(stored);
    let times = times.and_then(Times::from_slug).unwrap_or(first.times);
    let mut channels = Vec::with_capacity(rows.len());
    for row in &rows {
        let values = values(&mut work.tx, row).await?;
        let found = stretches(&values, row.cumulative, times, &zone);
        let run = row.cumulative.then(|| data_set::run(&values, times, &zone));
        channels.push(channel(row, &found, run, &zone)?);
    }
    let mut zones: Vec<String> = ZONES.iter().map(|z| (*z).to_owned()).collect();
    for extra in [&opened.zone, &zone.name] {
        if !zones.contains(extra) {
            zones.push(extra.clone());
        }
    }
    Ok(PreviewView {
        upload: upload.to_owned(),
        label: first.label.clone(),
        file_name: first.file_name.clone(),
        zone: zone.name.clone(),
        zones,
        times,
        channels,
        refused: u32::try_from(first.refused).unwrap_or(u32::MAX),
        head: opened.head,
    })
}

fn channel(row: &DataSetRow, found: &[Stretch], run: Option<Run>, zone: &Zone) -> Result<PreviewChannel, Fault> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let seconds = commonest(found);
    let mut holes: i64 = found
        .windows(2)
        .map(|pair| (pair[1].start - pair[0].end()).num_seconds().max(0) / i64::from(seconds.max(1)))
        .fold(0, i64::saturating_add);
    let total = run.map_or_else(|| found.iter().map(|s| i128::from(s.value)).sum(), |run| run.total);
    let run = run.unwrap_or(Run { reads: found.len(), ..Run::default() });
    // A step backwards leaves a hole among the amounts where no read is missing.
    holes = holes.saturating_sub(i64::try_from(run.backwards).unwrap_or(i64::MAX)).max(0);
    Ok(PreviewChannel {
        channel: u32::try_from(row.channel).unwrap_or(0),
        service: row.commodity,
        services: match (row.commodity, row.unit) {
            (None, Some(unit)) => services_of(unit).to_vec(),
            _ => Vec::new(),
        },
        direction: row.direction,
        meter: row.meter.clone(),
        unit: row.unit,
        unit_text: row.unit_text.clone(),
        exponent: exponent(row)?,
        count: count(found.len()),
        seconds,
        first: found.first().map(|s| FirstReading {
            from: zone.to_local(s.start),
            to: zone.to_local(s.end()),
            amount: s.value,
        }),
        days: days(found, zone),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        repeated: u32::try_from(row.value_count).unwrap_or(0).saturating_sub(count(run.reads)),
        missing: u32::try_from(holes).unwrap_or(u32::MAX),
        estimated: count(found.iter().filter(|s| s.quality.is_estimate()).count()),
        backwards: (count(run.backwards), i64::try_from(run.back).unwrap_or(i64::MAX)),
    })
}

/// The commonest length of an amount; of equally common ones the longest.
pub(super) fn commonest(found: &[Stretch]) -> u32 {
    let mut lengths: BTreeMap<u32, usize> = BTreeMap::new();
    for s in found {
        *lengths.entry(s.seconds).or_default() += 1;
    }
    lengths.into_iter().max_by_key(|(seconds, n)| (*n, *seconds)).map_or(0, |(seconds, _)| seconds)
}

/// The local days that amounts reach over.
pub(super) fn days(found: &[Stretch], zone: &Zone) -> Option<DayRange> {
    let first = found.first()?;
    let end = found.iter().map(Stretch::end).max()?;
    let last = zone.day_of(end - chrono::TimeDelta::seconds(1));
    let from = zone.day_of(first.start);
    Some(DayRange { from, to: next_day(last.max(from)) })
}

/// Keeps the chosen channels of a file and forgets the others; answers the first one's number.
///
/// # Errors
/// `Invalid` by field, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn keep(
    cx: &Cx,
    who: &Principal,
    account: &str,
    upload: &str,
    confirmed: &Confirmed,
) -> Result<String, Fault> {
    let mut work = cx.begin(&KEEP, who).await?;
    let opened = open(&mut work, account).await?;
    crate::ledger::lock(&mut work, opened.id).await?;
    // The second click of two finds what the first one kept.
    let rows = store::data_sets::of_upload(&mut work.tx, opened.id, upload).await?;
    if let Some(kept) = rows.iter().find(|r| r.status == DataSetStatus::Kept) {
        return Ok(kept.number.clone());
    }
    let rows = drafts(&mut work, &opened, upload).await?;
    let mut problems = Vec::new();
    let mut checked = |result: Result<_, AppError>| match result {
        Ok(value) => Some(value),
        Err(AppError::Invalid(fields)) => {
            problems.extend(fields);
            None
        }
        Err(_) => None,
    };
    let name = checked(label(&confirmed.label));
    let zone = checked(zone(&confirmed.zone, &opened.zone).map(|z| z.name.clone()));
    let times = Times::from_slug(&confirmed.times);
    if times.is_none() {
        problems.push(FieldError { field: Field::Times, problem: Problem::Missing });
    }
    let mut chosen = Vec::new();
    for row in &rows {
        let Some((_, said)) = confirmed.channels.iter().find(|(c, _)| i64::from(*c) == row.channel) else { continue };
        let Some(unit) = row.unit else {
            problems.push(FieldError { field: Field::Channels, problem: Problem::Malformed });
            continue;
        };
        match row.commodity.or(said.filter(|s| services_of(unit).contains(s))) {
            Some(commodity) => chosen.push((row, commodity)),
            None => problems.push(FieldError { field: Field::Service, problem: Problem::Missing }),
        }
    }
    if chosen.is_empty() && problems.is_empty() {
        problems.push(FieldError { field: Field::Channels, problem: Problem::Missing });
    }
    let (Some(name), Some(zone), Some(times), true) = (name, zone, times, problems.is_empty()) else {
        return Err(AppError::Invalid(problems).into());
    };
    if store::data_sets::kept(&mut work.tx, opened.id).await?.len() + chosen.len() > MOST {
        return Err(AppError::field(Field::Channels, Problem::TooMany).into());
    }
    let services: Vec<_> = chosen.iter().map(|(_, c)| Some(*c)).collect();
    for ((row, commodity), name) in chosen.iter().zip(names(&name, &services)) {
        match store::data_sets::keep(&mut work.tx, row.id, &name, *commodity, times, &zone).await {
            Err(store::StoreError::Duplicate(_)) => {
                return Err(AppError::field(Field::File, Problem::Taken).into());
            }
            other => other?,
        }
    }
    let now = work.now;
    store::data_sets::forget_drafts(&mut work.tx, opened.id, upload, now - chrono::TimeDelta::days(1)).await?;
    work.audit(Some(opened.id), &About { upload, zone: &zone, times, channels: chosen.len() }).await?;
    let number = chosen.first().map(|(row, _)| row.number.clone()).unwrap_or_default();
    work.commit().await?;
    Ok(number)
}
