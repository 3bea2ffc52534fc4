//! Taking a file: from a form, or from the command line.

use std::path::Path;

use chrono::TimeDelta;
use contract::{AppError, Field, Problem};
use domain::ids::{AccountId, DataSetId, PersonId};
use domain::quantity::Commodity;
use serde::Serialize;
use store::data_sets::NewDataSet;

use super::file::{self, UsageFile};
use super::{BRING_IN, MOST, UPLOAD, label, services_of, zone};
use crate::accounts::open;
use crate::payments::random_code;
use crate::{Cx, Fault, Principal, Work, limits};

/// A file that nobody confirmed is forgotten after this long, when the next one comes.
const DRAFTS_LIVE: TimeDelta = TimeDelta::days(1);

/// What a form sends.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// What its owner calls it.
    pub label: String,
    /// The file's name.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

#[derive(Serialize)]
struct About<'a> {
    upload: &'a str,
    format: &'a str,
    channels: usize,
}

/// Takes a file, to be confirmed; answers what stands in the preview's address.
///
/// # Errors
/// `Invalid` by field, `TooManyFiles`, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn upload(cx: &Cx, who: &Principal, account: &str, sent: Sent) -> Result<String, Fault> {
    // Whether it may be sent at all is settled before a large file is read.
    let mut work = cx.begin(&UPLOAD, who).await?;
    let opened = open(&mut work, account).await?;
    room(&mut work, opened.id).await?;
    work.commit().await?;
    let name = label(&sent.label);
    if sent.bytes.is_empty() {
        // A form without a file names none.
        let problem = if sent.file_name.is_empty() { Problem::Missing } else { Problem::Empty };
        let mut problems = vec![contract::FieldError { field: Field::File, problem }];
        if let Err(AppError::Invalid(of_label)) = name {
            problems.splice(0..0, of_label);
        }
        return Err(AppError::Invalid(problems).into());
    }
    let name = name?;
    let many = u32::try_from(limits::UPLOAD_ACCOUNT.tries).unwrap_or(u32::MAX);
    limits::count(cx, &limits::UPLOAD_ACCOUNT, account).await.map_err(|fault| match fault {
        Fault::App(AppError::TooManyTries { retry_after }) => {
            Fault::App(AppError::TooManyFiles { limit: many, retry_after })
        }
        other => other,
    })?;
    let file = file::from_bytes(sent.bytes).await?;

    let mut work = cx.begin(&UPLOAD, who).await?;
    let opened = open(&mut work, account).await?;
    crate::ledger::lock(&mut work, opened.id).await?;
    room(&mut work, opened.id).await?;
    let kept = store::data_sets::kept(&mut work.tx, opened.id).await?;
    if kept.iter().any(|k| k.checksum == file.checksum) {
        return Err(AppError::field(Field::File, Problem::Taken).into());
    }
    let upload = random_code(&cx.entropy);
    let before = work.now - DRAFTS_LIVE;
    store::data_sets::forget_drafts(&mut work.tx, opened.id, "", before).await?;
    let of =
        Of { account: opened.id, person: who.resident(), label: &name, file_name: &sent.file_name, upload: &upload };
    let zone = file.zone.unwrap_or(&opened.zone).to_owned();
    insert(&mut work, &of, &file, &zone).await?;
    work.audit(Some(opened.id), &About { upload: &upload, format: file.format, channels: file.channels.len() }).await?;
    work.commit().await?;
    Ok(upload)
}

/// Refuses one more than is kept.
async fn room(work: &mut Work, account: AccountId) -> Result<(), Fault> {
    if store::data_sets::kept(&mut work.tx, account).await?.len() >= MOST {
        return Err(AppError::field(Field::File, Problem::TooMany).into());
    }
    Ok(())
}

/// Whose file.
struct Of<'a> {
    account: AccountId,
    person: Option<PersonId>,
    label: &'a str,
    file_name: &'a str,
    upload: &'a str,
}

/// Stores every channel as a draft; answers their keys and what each is likely of.
async fn insert(
    work: &mut Work,
    of: &Of<'_>,
    file: &UsageFile,
    zone: &str,
) -> Result<Vec<(DataSetId, Option<Commodity>)>, Fault> {
    let mut out = Vec::new();
    let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    for (i, channel) in (0_i64..).zip(&file.channels) {
        let commodity = channel.commodity.or_else(|| match channel.unit.map(services_of) {
            Some([only]) => Some(*only),
            _ => None,
        });
        let new = NewDataSet {
            account: of.account,
            upload: of.upload,
            number: &format!("{}-{}", of.upload, i + 1),
            person: of.person,
            label: of.label,
            file_name: &short(of.file_name),
            format: file.format,
            checksum: &file.checksum,
            channel: i,
            meter: &short(&channel.meter),
            commodity,
            direction: channel.direction,
            unit: channel.unit,
            unit_text: &short(&channel.unit_text),
            exponent: i64::from(channel.exponent),
            cumulative: file::cumulative(channel),
            times: file.times,
            zone,
            value_count: i64::try_from(channel.points.len()).unwrap_or(i64::MAX),
            refused: i64::try_from(file.refused).unwrap_or(i64::MAX),
            at: work.now,
        };
        let chunks = super::codec::write(&file::values(channel))?;
        out.push((store::data_sets::insert(&mut work.tx, &new, &chunks).await?, commodity));
    }
    Ok(out)
}

/// What became of a file from the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BroughtIn {
    /// Its name.
    pub file: String,
    /// Its format; `None` where it cannot be read.
    pub format: Option<String>,
    /// Whether the account had it already: nothing was changed.
    pub already: bool,
    /// The data sets that it gave, as they stand in addresses.
    pub data_sets: Vec<String>,
    /// Its values in them.
    pub values: u64,
    /// Channels that cannot be kept: unit or service are not known.
    pub left_out: u64,
    /// Records that could not be read.
    pub refused: u64,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// Takes a resident's file and confirms it as it says itself, in `zone_name` if that is given. The same file twice changes
/// nothing.
///
/// # Errors
/// `NotFound` for an unknown account, `Invalid` for a name or zone, or a failure of the database.
pub async fn bring_in(
    cx: &Cx,
    account: &str,
    name: &str,
    zone_name: Option<&str>,
    path: &Path,
) -> Result<BroughtIn, Fault> {
    let mut report = BroughtIn { file: path.display().to_string(), ..BroughtIn::default() };
    let name = label(name)?;
    let file = match file::from_path(path).await? {
        Ok(file) => file,
        Err(problem) => return Ok(BroughtIn { problem: Some(problem), ..report }),
    };
    report.format = Some(file.format.to_owned());
    report.refused = file.refused as u64;
    if file.channels.is_empty() {
        report.problem = Some("there are no readings in it".to_owned());
        return Ok(report);
    }
    let mut work = cx.begin(&BRING_IN, &Principal::System).await?;
    let row = store::accounts::by_number(&mut work.tx, account).await?.ok_or(AppError::NotFound)?;
    crate::ledger::lock(&mut work, row.id).await?;
    let kept = store::data_sets::kept(&mut work.tx, row.id).await?;
    if kept.iter().any(|k| k.checksum == file.checksum) {
        report.already = true;
        return Ok(report);
    }
    let own = match store::accounts::premise(&mut work.tx, row.id).await? {
        Some(premise) => premise.zone,
        None => work.settings.zone.clone(),
    };
    let zone_name = zone_name.or(file.zone).unwrap_or(&own);
    zone(zone_name, &own)?;
    let upload = random_code(&cx.entropy);
    let file_name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let of = Of { account: row.id, person: None, label: &name, file_name, upload: &upload };
    let stored = insert(&mut work, &of, &file, zone_name).await?;
    let usable: Vec<_> = stored
        .iter()
        .zip(&file.channels)
        .map(|((_, commodity), channel)| commodity.filter(|_| channel.unit.is_some()))
        .collect();
    let names = super::names(&name, &usable);
    for (i, (((id, _), channel), (commodity, name))) in
        stored.into_iter().zip(&file.channels).zip(usable.into_iter().zip(names)).enumerate()
    {
        let n = i + 1;
        if let Some(commodity) = commodity {
            store::data_sets::keep(&mut work.tx, id, &name, commodity, file.times, zone_name).await?;
            report.data_sets.push(format!("{upload}-{n}"));
            report.values += channel.points.len() as u64;
        } else {
            report.left_out += 1;
        }
    }
    if report.data_sets.is_empty() {
        report.problem = Some("its units or services are not known; see `meterside inspect`".to_owned());
        return Ok(report);
    }
    let before = work.now - DRAFTS_LIVE;
    store::data_sets::forget_drafts(&mut work.tx, row.id, &upload, before).await?;
    work.audit(Some(row.id), &About { upload: &upload, format: file.format, channels: report.data_sets.len() }).await?;
    work.commit().await?;
    Ok(report)
}
