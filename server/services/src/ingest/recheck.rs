//! Days that come late or once more, otherwise than they were: what is judged where new days come in is judged again.

use std::collections::BTreeMap;

use domain::calendar::Instant;
use domain::ids::{DeliveryId, RegisterId};
use domain::metering::day::DayBlock;
use domain::metering::vee::Rules;
use store::exceptions::{self, NewException};
use store::{StoreError, Tx};

use super::judge::note;
use crate::exceptions::off_dial;

/// A day that was merged with what was stored, and is not as it was.
pub(super) struct Touched {
    pub register: RegisterId,
    pub rules: Rules,
    pub day: i64,
    pub block: DayBlock,
}

/// Holds days against the dial, and has the review judge by history again from the first of them on.
pub(super) async fn recheck(
    tx: &mut Tx<'_>,
    (delivery, now): (DeliveryId, Instant),
    touched: &[Touched],
) -> Result<(), StoreError> {
    let mut first: BTreeMap<RegisterId, i64> = BTreeMap::new();
    let mut found: Vec<NewException> = Vec::new();
    for t in touched {
        let from = first.entry(t.register).or_insert(t.day);
        *from = t.day.min(*from);
        let Some(finding) = off_dial(tx, t.register, &t.rules, &t.block).await? else { continue };
        let new = note(t.register, t.day, &t.block, &finding);
        // Days between the same two readings are off together: it is said of the last of them.
        match found.last_mut() {
            Some(last) if last.register == new.register && last.evidence == new.evidence => *last = new,
            _ => found.push(new),
        }
    }
    for (register, day) in first {
        store::review::review_again(tx, register, day).await?;
    }
    exceptions::open(tx, Some(delivery), now, &found).await
}
