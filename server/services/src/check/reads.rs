//! What dials said: every invariant of readings and of their history.

use std::collections::HashMap;

use chrono::DateTime;
use domain::ids::{DeliveryId, RegisterId};
use domain::metering::{Quality, register};
use store::proving::{AnyRead, AnyReadChange};

use crate::{Fault, Work};

/// Readings per step.
const PAGE: i64 = 4096;

/// Verifies the readings of dials: each is one that its dial can show, of a quality that there is and from a delivery that is there;
/// what took its place was another number, not worse, and follows from the delivery before. Answers how many there are.
pub(super) async fn reads(work: &mut Work, deliveries: &[DeliveryId], faults: &mut Vec<String>) -> Result<i64, Fault> {
    let lost = store::proving::reads_lost(&mut work.tx).await?;
    if lost > 0 {
        faults.push(format!("{lost} readings of dials, or changes of readings, belong to nothing that is there"));
    }
    let mut count = 0;
    let mut after = (RegisterId(i64::MIN), i64::MIN);
    loop {
        let page = store::proving::all_reads(&mut work.tx, after, PAGE).await?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else { break };
        after = (last.register, last.at);
        count += i64::try_from(page.len()).unwrap_or(0);
        let mut history: HashMap<(RegisterId, i64), Vec<AnyReadChange>> = HashMap::new();
        for change in store::proving::read_changes(&mut work.tx, first.register, last.register).await? {
            history.entry((change.register, change.at)).or_default().push(change);
        }
        for read in &page {
            let changes = history.get(&(read.register, read.at)).map_or(&[][..], Vec::as_slice);
            for what in wrong(read, changes, deliveries) {
                let at = DateTime::from_timestamp(read.at, 0).map_or_else(|| read.at.to_string(), |at| at.to_rfc3339());
                faults.push(format!("register {}, read at {at}: {what}", read.register.0));
            }
        }
    }
    Ok(count)
}

fn wrong(read: &AnyRead, changes: &[AnyReadChange], deliveries: &[DeliveryId]) -> Vec<String> {
    let mut out = Vec::new();
    // As it was before each change, and as it is.
    let before = changes.iter().map(|c| (c.value_before, c.quality_before, c.delivery_before));
    let states: Vec<_> = before.chain([(read.value, read.quality, read.delivery)]).collect();
    let known = |code: i64| u8::try_from(code).ok().and_then(Quality::from_code).filter(|q| q.has_value());
    for (value, quality, delivery) in &states {
        if !register::shows(*value, read.dial_digits, read.exponent) {
            out.push(format!("a dial of {} digits does not show {value}", read.dial_digits));
        }
        if known(*quality).is_none() {
            out.push(format!("there is no quality {quality} of a reading"));
        }
        if deliveries.binary_search(delivery).is_err() {
            out.push(format!("delivery {} is not there", delivery.0));
        }
    }
    for (i, (change, pair)) in changes.iter().zip(states.windows(2)).enumerate() {
        let number = i + 1;
        if change.delivery != pair[1].2 {
            out.push(format!(
                "change {number} was brought by delivery {}, what stands behind it by {}",
                change.delivery.0, pair[1].2.0
            ));
        }
        if pair[0].0 == pair[1].0 {
            out.push(format!("change {number} changes nothing"));
        }
        if known(pair[0].1).map(Quality::rank) > known(pair[1].1).map(Quality::rank) {
            out.push(format!("change {number} put a worse reading in the place of a better one"));
        }
    }
    out
}
