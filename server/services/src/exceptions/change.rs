//! Putting a changed day in the place of the stored one, with where it came from.

use domain::calendar::Instant;
use domain::ids::{DeliveryId, RegisterId};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use sha2::{Digest, Sha256};
use store::ingest::{self, Counts, DayState, NewChange, NewDay, NewDelivery};
use store::usage::{ChangeKind, day_of_number};
use store::{StoreError, Tx};

use crate::{Cx, Fault};

/// Begins a delivery whose values do not come from a meter. `who` is an employee's name or the program's.
pub(super) async fn delivery(cx: &Cx, tx: &mut Tx<'_>, now: Instant, who: &str) -> Result<DeliveryId, Fault> {
    let nonce: [u8; 16] = cx.entropy.bytes();
    let mut hash = Sha256::new();
    hash.update(now.to_rfc3339());
    hash.update(nonce);
    let checksum: [u8; 32] = hash.finalize().into();
    let new = NewDelivery {
        checksum: &checksum,
        name: who,
        sender: "meterside",
        format: "exception",
        zone: &cx.settings.zone,
        arrived_at: now,
    };
    let id = ingest::insert_delivery(tx, &new).await?;
    ingest::progress(tx, id, 0, &Counts::default(), "meterside", Some(now)).await?;
    Ok(id)
}

/// A day as it is stored, unpacked.
pub(super) async fn stored(
    tx: &mut Tx<'_>,
    register: RegisterId,
    day: i64,
) -> Result<Option<(DayState, DayBlock)>, Fault> {
    let Some(state) = ingest::stored_days(tx, &[(register, day)]).await?.pop() else { return Ok(None) };
    let block = DayBlock::decode(&state.block)
        .map_err(|e| StoreError::Damaged(format!("day {day} of register {}: {e}", register.0)))?;
    Ok(Some((state, block)))
}

/// Stores a day and keeps what it was. Answers the number of the change, 0 where there was nothing before.
pub(super) async fn put(
    tx: &mut Tx<'_>,
    register: RegisterId,
    day: i64,
    before: Option<&(DayState, DayBlock)>,
    block: &DayBlock,
    (delivery, now): (DeliveryId, Instant),
) -> Result<i64, Fault> {
    let new = NewDay { register, day, sum: block.sum(), block: block.encode() };
    let Some((state, old)) = before else {
        ingest::insert_days(tx, delivery, &[new]).await?;
        return Ok(0);
    };
    // Filling a hole is no version; changing or taking away a value is.
    let kind = if changes_value(old, block) { ChangeKind::Corrected } else { ChangeKind::Filled };
    ingest::insert_changes(tx, &[NewChange { before: state, kind, at: now, delivery }]).await?;
    let version = state.version + i64::from(kind == ChangeKind::Corrected);
    ingest::update_day(tx, &new, version).await?;
    if kind == ChangeKind::Corrected || state.sum != new.sum {
        crate::ingest::billed(tx, (delivery, now), state, block).await?;
    }
    let changes = store::usage::changes(tx, register, day_of_number(day)?).await?;
    Ok(changes.last().map_or(0, |c| c.number))
}

fn changes_value(old: &DayBlock, new: &DayBlock) -> bool {
    old.slots().zip(new.slots()).any(|(a, b)| a.value.is_some() && a.value != b.value)
}

/// The runs of slots that are estimated now and were not before.
pub(super) fn newly_estimated(old: Option<&DayBlock>, new: &DayBlock) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for i in 0..new.len() {
        let was = old.map_or(Quality::Missing, |o| o.slot(i).quality);
        if new.qualities()[i] != Quality::Estimated || was == Quality::Estimated {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == i => run.end += 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs
}
