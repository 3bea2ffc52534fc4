//! Where each stored value came from, and what was known at an instant.

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant};
use domain::ids::RegisterId;
use domain::metering::day::{DayBlock, Slot};
use domain::metering::vee::like::Method;
use store::Tx;
use store::history::Segment;
use store::usage::{StoredDay, day_number};

use crate::Fault;

/// A day of a register with the deliveries that made it.
#[derive(Clone, Debug)]
pub struct DayOrigins {
    /// The local day.
    pub day: NaiveDate,
    /// How often a value of it had been changed.
    pub version: i64,
    /// The intervals.
    pub block: DayBlock,
    /// The deliveries that had a part in it, oldest first.
    pub segments: Vec<Segment>,
    /// For each interval which of `segments` gave it its value; `None` where it has none.
    pub from: Vec<Option<usize>>,
    /// For each interval how it was estimated; `None` where it is no estimate.
    pub methods: Vec<Option<Method>>,
}

/// The stored days of a register with the origin of each value: as they are, or as they were known at an instant.
///
/// A value comes from the delivery that first said it as it stands: one that confirms an estimate takes its place, one that
/// repeats a metered value does not.
///
/// # Errors
/// If the database fails or a stored block is damaged.
pub async fn origins(
    tx: &mut Tx<'_>,
    register: RegisterId,
    range: DayRange,
    as_of: Option<Instant>,
) -> Result<Vec<DayOrigins>, Fault> {
    let stored = store::usage::days(tx, register, range).await?;
    let replaced = store::history::replaced(tx, register, range).await?;
    let segments = store::history::segments(tx, register, range).await?;
    let known = |at: Instant| as_of.is_none_or(|then| at <= then);
    let mut out = Vec::with_capacity(stored.len());
    for current in stored {
        let number = day_number(current.day);
        let mut versions: Vec<&StoredDay> = replaced.iter().filter(|r| r.day == current.day).collect();
        versions.push(&current);
        let all: Vec<&Segment> = segments.iter().filter(|s| s.day == number).collect();
        let last = all.iter().take_while(|s| known(s.at)).count();
        versions.truncate(last);
        let Some(as_it_was) = versions.last() else { continue };
        let blocks = versions.iter().map(|v| v.unpack()).collect::<Result<Vec<_>, _>>()?;
        let Some(block) = blocks.last().cloned() else { continue };
        let from = (0..block.len()).map(|i| origin(&blocks, i)).collect();
        let mut methods = vec![None; block.len()];
        if block.qualities().iter().any(|q| q.is_estimate()) {
            for e in store::exceptions::estimates(tx, register, number).await?.iter().filter(|e| known(e.made_at)) {
                let first = usize::try_from(e.first_slot).unwrap_or(usize::MAX);
                let count = usize::try_from(e.slots).unwrap_or(0);
                for (method, quality) in methods.iter_mut().zip(block.qualities()).skip(first).take(count) {
                    if *quality == domain::metering::Quality::Estimated {
                        *method = Method::from_slug(&e.method);
                    }
                }
            }
        }
        out.push(DayOrigins {
            day: current.day,
            version: as_it_was.version,
            block,
            segments: all.into_iter().take(last).cloned().collect(),
            from,
            methods,
        });
    }
    Ok(out)
}

/// Which version first said the value of an interval as the last one says it.
fn origin(versions: &[DayBlock], index: usize) -> Option<usize> {
    let same = |a: &Slot, b: &Slot| a.value == b.value && a.quality.is_estimate() == b.quality.is_estimate();
    let (last, before) = versions.split_last()?;
    let now = last.slot(index);
    now.value?;
    Some(before.iter().rev().take_while(|b| index < b.len() && same(&b.slot(index), &now)).count())
        .map(|alike| versions.len() - 1 - alike)
}
