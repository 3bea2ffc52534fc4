//! What comes right later: refused records after their cause is gone, and readings of meters that become known.

use std::collections::HashMap;

use domain::ids::DeliveryId;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::ingest::{self, Counts, NewRejected};

use super::reader::{self, Item, Senders};
use super::record::{Channel, Record, unpack};
use super::route;
use super::shape::{Shaped, Shaper};
use super::write::{Failed, refused_key, unknown_key, write};
use super::{RELEASE, REPLAY, WAITING};
use crate::ingest::master::{Answer, Lookup};
use crate::{Cx, Fault, Principal, Work, zones};

/// What came of refused records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// How many were tried.
    pub tried: u64,
    /// How many were taken in.
    pub resolved: u64,
    /// Interval values and reads taken in with them.
    pub values: i64,
}

/// A meter that is not known, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The number on the meter.
    pub meter: String,
    /// How many readings wait.
    pub readings: i64,
    /// The first of them, UTC.
    pub first: Option<domain::calendar::Instant>,
    /// The last of them, UTC.
    pub last: Option<domain::calendar::Instant>,
}

/// Rows per transaction.
const PAGE: i64 = 64;

/// Tries refused records again. What is still wrong stays refused as it was.
///
/// # Errors
/// If the database fails.
pub async fn replay(cx: &Cx) -> Result<Replayed, Fault> {
    let senders = Senders::of(&cx.settings)?;
    let mut done = Replayed::default();
    let mut arrived = HashMap::new();
    let mut after = 0;
    loop {
        let mut work = cx.begin(&REPLAY, &Principal::System).await?;
        let page = ingest::open_rejected(&mut work.tx, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in page {
            done.tried += 1;
            let Some(zone) = zones::find(&row.zone) else { continue };
            let record = match reader::read_one(&row.format, &row.raw, &zone, &senders) {
                _ if row.format == route::FORMAT => route::one(&row.raw, &zone),
                Some(Item::Record(record)) => Some(record),
                _ => None,
            };
            let Some(record) = record else { continue };
            let batch = shape(&mut work, vec![record], Vec::new()).await?;
            if batch.rejected.is_empty() {
                let anew = anew(cx, &mut work, row.delivery, &mut arrived).await?;
                let counts = take(&mut work, anew, &batch).await?;
                let settled = Counts { rejected: -1, ..counts };
                ingest::add_counts(&mut work.tx, row.delivery, &settled).await?;
                ingest::resolve_rejected(&mut work.tx, row.id, work.now).await?;
                if ingest::rejected_left(&mut work.tx, row.delivery, &row.code).await? == 0 {
                    cure(&mut work, &refused_key(row.delivery, &row.code)).await?;
                }
                done.resolved += 1;
                done.values += counts.accepted + counts.superseding + counts.reads;
            }
        }
        work.audit(None, &json!({ "tried": done.tried, "resolved": done.resolved })).await?;
        work.commit().await?;
    }
    Ok(done)
}

/// The meters that readings wait for.
///
/// # Errors
/// If the database fails.
pub async fn waiting(cx: &Cx) -> Result<Vec<Waiting>, Fault> {
    let mut work = cx.begin(&WAITING, &Principal::System).await?;
    let at = |s: i64| chrono::DateTime::from_timestamp(s, 0);
    Ok(ingest::waiting_meters(&mut work.tx)
        .await?
        .into_iter()
        .map(|w| Waiting { meter: w.meter, readings: w.count, first: at(w.first_at), last: at(w.last_at) })
        .collect())
}

/// Takes in what waited for meters that are known by now: after meters were imported at once, and however they became known with the
/// next review. Answers how many readings flowed in.
///
/// # Errors
/// If the database fails.
pub async fn release(cx: &Cx) -> Result<i64, Fault> {
    let mut released = 0;
    let mut arrived = HashMap::new();
    let mut work = cx.begin(&WAITING, &Principal::System).await?;
    let known = ingest::waiting_known(&mut work.tx).await?;
    drop(work);
    for meter in known {
        let mut after = 0;
        loop {
            let mut work = cx.begin(&RELEASE, &Principal::System).await?;
            let known = store::meters::by_numbers(&mut work.tx, std::slice::from_ref(&meter)).await?;
            if known.is_empty() {
                break;
            }
            let page = ingest::waiting_of(&mut work.tx, &meter, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for row in page {
                let values = unpack(&row.readings);
                let channel: Option<Channel> = serde_json::from_value(row.channel.clone()).ok();
                let (Some((exponent, values)), Some(channel)) = (values, channel) else {
                    return Err(store::StoreError::Damaged(format!("waiting reading {}", row.id)).into());
                };
                let record =
                    Record { line: 0, raw: String::new(), meter: row.meter.clone(), channel, exponent, values };
                let batch = shape(&mut work, vec![record], Vec::new()).await?;
                let anew = anew(cx, &mut work, row.delivery, &mut arrived).await?;
                let counts = take(&mut work, anew, &batch).await?;
                ingest::add_counts(&mut work.tx, row.delivery, &Counts { waiting: -row.count, ..counts }).await?;
                ingest::delete_waiting(&mut work.tx, row.id).await?;
                released += row.count;
            }
            cure(&mut work, &unknown_key(&meter)).await?;
            work.audit(None, &json!({ "meter": meter })).await?;
            work.commit().await?;
        }
    }
    Ok(released)
}

/// What was kept of a delivery arrives when it is stored: until then nobody could have known it. It gets a delivery of its own, of the
/// same file and sender; `arrived` has those of this run.
async fn anew(
    cx: &Cx,
    work: &mut Work,
    of: DeliveryId,
    arrived: &mut HashMap<DeliveryId, DeliveryId>,
) -> Result<DeliveryId, Fault> {
    if let Some(known) = arrived.get(&of) {
        return Ok(*known);
    }
    let id = again(cx, work, of).await?;
    arrived.insert(of, id);
    Ok(id)
}

/// A delivery of what another one brought and what is stored only now.
pub(super) async fn again(cx: &Cx, work: &mut Work, of: DeliveryId) -> Result<DeliveryId, Fault> {
    let nonce: [u8; 16] = cx.entropy.bytes();
    let mut hash = Sha256::new();
    hash.update(of.0.to_le_bytes());
    hash.update(work.now.to_rfc3339());
    hash.update(nonce);
    let checksum: [u8; 32] = hash.finalize().into();
    Ok(ingest::arrive_anew(&mut work.tx, of, &checksum, work.now).await?)
}

/// Settles the exception of a key, if one is open.
async fn cure(work: &mut Work, key: &str) -> Result<(), Fault> {
    if let Some(id) = store::exceptions::unsettled_by_key(&mut work.tx, key).await? {
        store::exceptions::cure(&mut work.tx, id, work.now).await?;
    }
    Ok(())
}

/// Shapes records with what the open transaction sees.
pub(super) async fn shape(work: &mut Work, records: Vec<Record>, rejected: Vec<NewRejected>) -> Result<Shaped, Fault> {
    let mut numbers: Vec<String> = records.iter().map(|r| r.meter.clone()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let found = store::meters::by_numbers(&mut work.tx, &numbers).await?;
    let registers: Vec<_> = found.values().flatten().map(|k| k.register).collect();
    let states = ingest::register_states(&mut work.tx, &registers).await?;
    let given_up = store::pack::given_up(&mut work.tx).await?;
    let mut shaper = Shaper::new(Given(Some((found, states))), work.now, work.settings.vee, given_up).merging();
    shaper.shape(records, rejected, 0)
}

/// What was looked up beforehand.
struct Given(Option<Answer>);

impl Lookup for Given {
    fn find(&mut self, _: &[String]) -> Result<Answer, Fault> {
        Ok(self.0.take().unwrap_or_default())
    }
}

pub(super) async fn take(work: &mut Work, delivery: DeliveryId, batch: &Shaped) -> Result<Counts, Fault> {
    match write(&mut work.tx, (delivery, delivery), work.now, batch).await {
        Ok(counts) => Ok(counts),
        Err(Failed::Store(error)) => Err(error.into()),
        Err(Failed::NotNew) => Err(Fault::Other("a day was stored by someone else at the same time".to_owned())),
    }
}
