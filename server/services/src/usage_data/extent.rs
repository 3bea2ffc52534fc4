//! How far an account's data reach.

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::Instant;
use domain::ids::AccountId;
use domain::quantity::Commodity;
use store::Tx;

use super::Meters;
use crate::Fault;

/// From where to where there are data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first local day with data.
    pub first_day: NaiveDate,
    /// The last local day with data.
    pub last_day: NaiveDate,
    /// The end of the last interval with a value.
    pub through: Instant,
}

/// How far the data of an account reach; `None` where there are none.
///
/// # Errors
/// If the database fails or a stored block is damaged.
pub async fn extent(tx: &mut Tx<'_>, account: AccountId, commodity: Commodity) -> Result<Option<Extent>, Fault> {
    match Meters::of(tx, account, commodity).await? {
        Some(meters) => of_meters(tx, &meters).await,
        None => Ok(None),
    }
}

/// How far the data of some meters reach.
pub(super) async fn of_meters(tx: &mut Tx<'_>, meters: &Meters) -> Result<Option<Extent>, Fault> {
    let mut found: Option<Extent> = None;
    for span in &meters.spans {
        let since = meters.zone.day_of(span.since);
        let until = span.until.map_or(NaiveDate::MAX, |end| meters.zone.day_of(end - TimeDelta::seconds(1)));
        let Some(first) = store::usage::first_day_from(tx, span.register, since).await?.filter(|d| *d <= until) else {
            continue;
        };
        let Some(last) = store::usage::day_before(tx, span.register, until).await? else { continue };
        let through = last
            .unpack()?
            .intervals()
            .map(|i| (i.start, i.start + TimeDelta::seconds(i64::from(i.seconds))))
            .filter(|(start, end)| span.shows(*start, *end))
            .last()
            .map(|(_, end)| end);
        // A last day without a single value of this account's: the data end where it begins.
        let through = through.unwrap_or_else(|| meters.zone.start_of(last.day));
        found = Some(match found {
            None => Extent { first_day: first, last_day: last.day, through },
            Some(e) => Extent {
                first_day: e.first_day.min(first),
                last_day: e.last_day.max(last.day),
                through: e.through.max(through),
            },
        });
    }
    Ok(found)
}
