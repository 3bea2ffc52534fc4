//! What a change of stored days means for bills that were made from them.

use chrono::{DateTime, TimeDelta};
use domain::billing::dial::SLACK;
use domain::calendar::Instant;
use domain::ids::DeliveryId;
use domain::metering::day::DayBlock;
use domain::metering::vee::{self, Rule};
use store::exceptions::{self, NewException};
use store::ingest::{DayState, StoredRead};
use store::usage::{day_number, day_of_number};
use store::{StoreError, Tx};

use super::judge::{evidence, note};
use crate::zones;

/// Says so where a day changed that a bill was issued for, whoever changed it: a delivery, an employee or the review.
///
/// # Errors
/// If the database fails.
pub(crate) async fn billed(
    tx: &mut Tx<'_>,
    (delivery, now): (DeliveryId, Instant),
    before: &DayState,
    block: &DayBlock,
) -> Result<(), StoreError> {
    let finding =
        vee::Finding { rule: Rule::Billed, slots: None, found: block.sum(), against: before.sum, limit: before.sum };
    let mut new = note(before.register, before.day, block, &finding);
    let day = day_of_number(before.day)?;
    // On a day on which people moved there may be two.
    let end = block.start_of(block.len());
    let bills = store::review::billed(tx, before.register, (block.start(), end), (day, day)).await?;
    if name(&mut new, &bills) {
        // What makes a second change of the same day another finding.
        new.evidence["version"] = (before.version + 1).into();
        exceptions::open(tx, Some(delivery), now, &[new]).await?;
    }
    Ok(())
}

/// Says so where a reading of a dial was corrected that an issued bill begins or ends with, or that lies in it.
pub(super) async fn billed_read(
    tx: &mut Tx<'_>,
    (delivery, now): (DeliveryId, Instant),
    before: &StoredRead,
    after: i64,
) -> Result<(), StoreError> {
    let Some(at) = DateTime::from_timestamp(before.at, 0) else { return Ok(()) };
    let Some(measured) = store::review::measured(tx, before.register, at).await? else { return Ok(()) };
    let Some(zone) = zones::find(&measured.zone) else { return Ok(()) };
    // So near to the border of two bills it is on both.
    let slack = TimeDelta::seconds(SLACK);
    let (from, to) = (at - slack, at + slack);
    let bills = store::review::billed(tx, before.register, (from, to), (zone.day_of(from), zone.day_of(to))).await?;
    let finding =
        vee::Finding { rule: Rule::Billed, slots: None, found: after, against: before.value, limit: before.value };
    let day = day_number(zone.day_of(at));
    let evidence = evidence(&finding);
    let mut new = NewException { register: before.register, day, at, rule: Rule::Billed, evidence };
    if name(&mut new, &bills) {
        new.evidence["read_at"] = before.at.into();
        new.evidence["changed_at"] = now.timestamp().into();
        exceptions::open(tx, Some(delivery), now, &[new]).await?;
    }
    Ok(())
}

/// Names the bills, where there are any.
fn name(new: &mut NewException, bills: &[String]) -> bool {
    for (field, number) in ["detail", "also"].into_iter().zip(bills) {
        new.evidence[field] = number.as_str().into();
    }
    !bills.is_empty()
}
