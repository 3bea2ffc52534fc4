//! What a change of stored days means for bills that were made from them.

use domain::calendar::Instant;
use domain::ids::DeliveryId;
use domain::metering::day::DayBlock;
use domain::metering::vee::{self, Rule};
use store::exceptions;
use store::ingest::DayState;
use store::usage::day_of_number;
use store::{StoreError, Tx};

use super::judge::note;

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
    let bills = store::review::billed(tx, before.register, (block.start(), end), day).await?;
    if let Some(number) = bills.first() {
        new.evidence["detail"] = number.as_str().into();
        if let Some(other) = bills.get(1) {
            new.evidence["also"] = other.as_str().into();
        }
        // What makes a second change of the same day another finding.
        new.evidence["version"] = (before.version + 1).into();
        exceptions::open(tx, Some(delivery), now, &[new]).await?;
    }
    Ok(())
}
