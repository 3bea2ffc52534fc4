//! Usage files that residents bring along: read, shown for confirmation, kept, charted, compared with the home here, renamed,
//! removed. What the times of a file mean is its owner's to say, so the values are stored as they stand in the file and read by
//! what was said.

mod against;
mod chart;
mod codec;
mod file;
mod preview;
mod show;
mod upload;

pub use file::{LARGEST_FILE, LARGEST_UNPACKED};
pub use preview::{Confirmed, keep, preview};
pub use show::{list, remove, rename, show};
pub use upload::{BroughtIn, Sent, bring_in, upload};

use std::sync::Arc;

use contract::{AppError, Field, Problem};
use domain::calendar::Zone;
use domain::data_set::{Stamped, Stretch, Times, stretches};
use domain::quantity::{Commodity, Unit};
use store::Tx;
use store::data_sets::{DataSetRow, DataSetStatus};

use crate::accounts::OpenedAccount;
use crate::{Fault, Work, use_case, zones};

use_case!(
    /// Lists an account's own data sets.
    pub LIST = "data_sets.list", Read, Resident
);
use_case!(
    /// Shows a file that waits to be confirmed.
    pub PREVIEW = "data_sets.preview", Read, Resident
);
use_case!(
    /// Shows a data set beside the home here.
    pub SHOW = "data_sets.show", Read, Resident
);
use_case!(
    /// Takes a file.
    pub UPLOAD = "data_sets.upload", Write, Resident
);
use_case!(
    /// Confirms a file.
    pub KEEP = "data_sets.keep", Write, Resident
);
use_case!(
    /// Gives a data set another name.
    pub RENAME = "data_sets.rename", Write, Resident
);
use_case!(
    /// Deletes a data set.
    pub REMOVE = "data_sets.remove", Write, Resident
);
use_case!(
    /// Takes a resident's file from the command line and confirms it.
    pub BRING_IN = "data_sets.bring_in", Write, System
);

/// How many data sets an account keeps.
pub const MOST: usize = 20;

/// The longest name of a data set, in characters.
pub const LONGEST_LABEL: usize = 60;

/// The zones that are offered, beside the account's own.
pub const ZONES: [&str; 13] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Halifax",
    "Europe/London",
    "Europe/Berlin",
    "Australia/Brisbane",
    "Australia/Sydney",
    "UTC",
];

/// A name as it is kept.
fn label(text: &str) -> Result<String, AppError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        Err(AppError::field(Field::Label, Problem::Missing))
    } else if text.chars().count() > LONGEST_LABEL {
        Err(AppError::field(Field::Label, Problem::TooLong))
    } else {
        Ok(text)
    }
}

/// A zone that may be chosen for an account.
fn zone(name: &str, own: &str) -> Result<Arc<Zone>, AppError> {
    (name == own || ZONES.contains(&name))
        .then(|| zones::find(name))
        .flatten()
        .ok_or(AppError::field(Field::Zone, Problem::Malformed))
}

/// What a unit is for. Gas and water share units of volume.
fn services_of(unit: Unit) -> &'static [Commodity] {
    match unit {
        Unit::KilowattHour | Unit::WattHour | Unit::KilovarHour | Unit::Joule => &[Commodity::Electricity],
        Unit::Therm | Unit::Btu => &[Commodity::Gas],
        Unit::Gallon | Unit::Litre => &[Commodity::Water],
        Unit::CubicFoot | Unit::Ccf | Unit::CubicMetre => &[Commodity::Water, Commodity::Gas],
    }
}

/// A name for each channel: the file's, and a number behind it where several are of one service.
fn names(label: &str, services: &[Option<Commodity>]) -> Vec<String> {
    services
        .iter()
        .enumerate()
        .map(|(i, service)| {
            let alike = |of: &[Option<Commodity>]| of.iter().filter(|s| s.is_some() && *s == service).count();
            if alike(services) > 1 { format!("{label} ({})", alike(&services[..=i])) } else { label.to_owned() }
        })
        .collect()
}

/// The power of ten of a stored data set.
fn exponent(row: &DataSetRow) -> Result<i8, Fault> {
    i8::try_from(row.exponent)
        .map_err(|_| Fault::Store(store::StoreError::Damaged(format!("data set {} has no exponent", row.number))))
}

/// A kept data set of an opened account.
async fn kept(work: &mut Work, account: &OpenedAccount, number: &str) -> Result<DataSetRow, Fault> {
    let row = store::data_sets::by_number(&mut work.tx, account.id, number).await?;
    Ok(row.filter(|r| r.status == DataSetStatus::Kept).ok_or(AppError::NotFound)?)
}

/// The amounts of a data set, read by what its times are said to mean.
async fn amounts(tx: &mut Tx<'_>, row: &DataSetRow, times: Times, zone: &Zone) -> Result<Vec<Stretch>, Fault> {
    Ok(stretches(&values(tx, row).await?, row.cumulative, times, zone))
}

/// The values of a data set as they stand in its file.
async fn values(tx: &mut Tx<'_>, row: &DataSetRow) -> Result<Vec<Stamped>, Fault> {
    codec::read(&store::data_sets::chunks(tx, row.id).await?)
}
