//! Writing what batches became: new days in bulk, others merged with what is stored.

use std::collections::HashMap;

use domain::calendar::Instant;
use domain::ids::{DeliveryId, RegisterId};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::metering::merge::{Merged, merge};
use domain::metering::vee::{self, Rule};
use serde_json::json;
use store::exceptions::{self, NewEstimate, NewException, NewMeterException, Source};
use store::ingest::{self, Counts, DayState, NewChange, NewDay, NewRead, NewRejected};
use store::usage::{ChangeKind, day_number};
use store::{StoreError, Tx};

use super::billed::{billed, billed_read};
use super::judge::{interpolated, note};
use super::recheck::{Touched, recheck};
use super::refusal::Refusal;
use super::shape::{Run, Shaped};

/// Why a batch could not be written as it was shaped.
#[derive(Debug)]
pub(super) enum Failed {
    /// A day that was new when the batch was shaped has been stored by someone else since.
    NotNew,
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Writes a batch and answers what became of it. What is stored of it arrived with `delivery`; what is refused or waits is kept with the
/// delivery that it is `of`, which is another where that one was interrupted and goes on.
pub(super) async fn write(
    tx: &mut Tx<'_>,
    (of, delivery): (DeliveryId, DeliveryId),
    now: Instant,
    batch: &Shaped,
) -> Result<Counts, Failed> {
    let mut counts = batch.counts;
    store::pack::lock_days(tx).await?;
    if !batch.fresh.is_empty() {
        let added = ingest::insert_days(tx, delivery, &batch.fresh).await?;
        if added != batch.fresh.len() as u64 {
            return Err(Failed::NotNew);
        }
    }
    let touched = merge_runs(tx, (of, delivery), now, &batch.runs, &mut counts).await?;
    reads(tx, delivery, now, &batch.reads, &mut counts).await?;
    recheck(tx, (delivery, now), &touched).await?;
    ingest::insert_rejected(tx, of, &batch.rejected).await?;
    ingest::insert_waiting(tx, of, &batch.waiting).await?;
    refused(tx, of, now, &batch.rejected).await?;
    unknown(tx, of, now, batch).await?;
    exceptions::open(tx, Some(delivery), now, &batch.findings).await?;
    exceptions::insert_estimates(tx, now, &batch.estimates).await?;
    Ok(counts)
}

/// One exception for each reason why records of a delivery are refused.
async fn refused(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    now: Instant,
    rejected: &[NewRejected],
) -> Result<(), StoreError> {
    let mut seen: Vec<&str> = Vec::new();
    for r in rejected {
        if seen.contains(&r.code.as_str()) {
            continue;
        }
        seen.push(&r.code);
        let size = matches!(r.code.as_str(), "interval_length" | "off_grid" | "other_grid");
        let new = NewMeterException {
            key: &refused_key(delivery, &r.code),
            source: Source::Ami,
            register: None,
            meter: "",
            commodity: None,
            day: day_number(now.date_naive()),
            at: now,
            rule: if size { Rule::IntervalSize } else { Rule::Refused },
            evidence: json!({ "code": r.code, "line": r.line, "detail": r.detail }),
        };
        exceptions::open_meter(tx, Some(delivery), now, &new).await?;
    }
    Ok(())
}

/// What makes all records of a delivery that are refused for one reason one exception.
pub(super) fn refused_key(delivery: DeliveryId, code: &str) -> String {
    format!("d{}:{code}", delivery.0)
}

/// What makes all readings of an unknown meter one exception.
pub(super) fn unknown_key(meter: &str) -> String {
    format!("m:{meter}")
}

async fn unknown(tx: &mut Tx<'_>, delivery: DeliveryId, now: Instant, batch: &Shaped) -> Result<(), StoreError> {
    let mut seen: Vec<&str> = Vec::new();
    for w in &batch.waiting {
        if seen.contains(&w.meter.as_str()) {
            continue;
        }
        seen.push(&w.meter);
        let new = NewMeterException {
            key: &unknown_key(&w.meter).replace('\0', "\u{fffd}"),
            source: Source::Ami,
            register: None,
            meter: &w.meter,
            commodity: None,
            day: day_number(now.date_naive()),
            at: now,
            rule: Rule::UnknownMeter,
            evidence: json!({ "first_at": w.first_at, "last_at": w.last_at }),
        };
        exceptions::open_meter(tx, Some(delivery), now, &new).await?;
    }
    Ok(())
}

/// Turns new days into runs to be merged, for a batch that turned out not to be new.
pub(super) fn degrade(batch: &mut Shaped) -> Result<(), StoreError> {
    let mut runs: Vec<Run> = Vec::new();
    for day in std::mem::take(&mut batch.fresh) {
        let block = DayBlock::decode(&day.block).map_err(|e| StoreError::Damaged(format!("a day just packed: {e}")))?;
        let present = block.count(Quality::has_value);
        let estimated = block.count(|q| q == Quality::Estimated);
        // They are counted again as they are merged. Whose estimates they are can no longer be told: as many as were
        // made here at most.
        let made_here = i64::try_from(estimated).unwrap_or(0).min(batch.counts.estimated);
        batch.counts.accepted -= i64::try_from(present).unwrap_or(0) - made_here;
        batch.counts.estimated -= made_here;
        match runs.last_mut() {
            Some(run)
                if run.register == day.register && run.days.last().is_some_and(|(last, _)| last + 1 == day.day) =>
            {
                run.days.push((day.day, block));
            }
            _ => {
                let Some(rules) = batch.rules.get(&day.register) else { continue };
                runs.push(Run { register: day.register, rules: *rules, days: vec![(day.day, block)] });
            }
        }
    }
    runs.append(&mut batch.runs);
    batch.runs = runs;
    Ok(())
}

/// A day on its way through a merge.
struct Working {
    /// As it is stored; `None` where it is new.
    stored: Option<DayState>,
    before: Option<DayBlock>,
    block: DayBlock,
    corrected: bool,
}

async fn merge_runs(
    tx: &mut Tx<'_>,
    (of, delivery): (DeliveryId, DeliveryId),
    now: Instant,
    runs: &[Run],
    counts: &mut Counts,
) -> Result<Vec<Touched>, Failed> {
    let mut touched = Vec::new();
    if runs.is_empty() {
        return Ok(touched);
    }
    let mut keys: Vec<(RegisterId, i64)> = Vec::new();
    for run in runs {
        let (Some(first), Some(last)) = (run.days.first(), run.days.last()) else { continue };
        keys.extend((first.0 - 1..=last.0 + 1).map(|d| (run.register, d)));
    }
    keys.sort_unstable();
    keys.dedup();
    let mut known: HashMap<(RegisterId, i64), DayState> = HashMap::with_capacity(keys.len());
    for state in ingest::stored_days(tx, &keys).await? {
        known.insert((state.register, state.day), state);
    }
    let mut registers: Vec<RegisterId> = runs.iter().map(|r| r.register).collect();
    registers.sort_unstable();
    registers.dedup();
    let unsettled = exceptions::unsettled(tx, &registers).await?;
    for run in runs {
        let mut laid = Laid::default();
        let series = lay_over(run, &known, counts, &mut laid)?;
        for x in unsettled.iter().filter(|x| x.register == run.register) {
            let day = series.iter().find(|(number, _)| *number == x.day);
            if day.is_some_and(|(_, working)| cured(&x.code, &working.block)) {
                exceptions::cure(tx, x.id, now).await?;
            }
        }
        exceptions::open(tx, Some(delivery), now, &laid.findings).await?;
        exceptions::insert_estimates(tx, now, &laid.estimates).await?;
        if !laid.rejected.is_empty() {
            counts.rejected += i64::try_from(laid.rejected.len()).unwrap_or(0);
            ingest::insert_rejected(tx, of, &laid.rejected).await?;
            refused(tx, of, now, &laid.rejected).await?;
        }
        let mut new = Vec::new();
        for (number, working) in series {
            if working.before.as_ref() == Some(&working.block) {
                continue;
            }
            let day =
                NewDay { register: run.register, day: number, sum: working.block.sum(), block: working.block.encode() };
            let version = match &working.stored {
                None => {
                    new.push(day.clone());
                    0
                }
                Some(before) => {
                    let kind = if working.corrected { ChangeKind::Corrected } else { ChangeKind::Filled };
                    ingest::insert_changes(tx, &[NewChange { before, kind, at: now, delivery }]).await?;
                    let version = before.version + i64::from(working.corrected);
                    ingest::update_day(tx, &day, version).await?;
                    // The hours may have changed and the sum not.
                    if working.corrected || before.sum != day.sum {
                        billed(tx, (delivery, now), before, &working.block).await?;
                    }
                    version
                }
            };
            touched.push(Touched { register: run.register, rules: run.rules, day: number, block: working.block });
            let state = DayState { register: run.register, day: number, version, sum: day.sum, block: day.block };
            known.insert((run.register, number), state);
        }
        if ingest::insert_days(tx, delivery, &new).await? != new.len() as u64 {
            return Err(Failed::NotNew);
        }
    }
    Ok(touched)
}

/// Whether a day as it is now no longer shows what was found in it.
fn cured(code: &str, block: &DayBlock) -> bool {
    match Rule::from_slug(code) {
        Some(Rule::Gap) => block.count(|q| q == Quality::Missing) == 0,
        Some(Rule::Spike | Rule::Negative) => block.count(|q| q == Quality::Questionable) == 0,
        _ => false,
    }
}

/// What was found and done while a run was laid over what is stored.
#[derive(Default)]
struct Laid {
    findings: Vec<NewException>,
    estimates: Vec<NewEstimate>,
    rejected: Vec<NewRejected>,
}

/// Lays a run over what is stored, checks it and fills its gaps, together with the stored day on either side.
fn lay_over(
    run: &Run,
    known: &HashMap<(RegisterId, i64), DayState>,
    counts: &mut Counts,
    laid: &mut Laid,
) -> Result<Vec<(i64, Working)>, StoreError> {
    let (Some(first), Some(last)) = (run.days.first(), run.days.last()) else { return Ok(Vec::new()) };
    let mut series: Vec<(i64, Working)> = Vec::with_capacity(run.days.len() + 2);
    if let Some(working) = neighbour(known, run.register, first.0 - 1)? {
        series.push((first.0 - 1, working));
    }
    for (number, incoming) in &run.days {
        let mut working = match neighbour(known, run.register, *number)? {
            Some(mut working) => {
                match merge(&mut working.block, incoming) {
                    Ok(merged) => {
                        add(counts, &merged);
                        working.corrected = merged.superseding > 0;
                    }
                    Err(error) => laid.rejected.push(unmergeable(run.register, incoming, &error.to_string())),
                }
                working
            }
            None => {
                counts.accepted += i64::try_from(incoming.count(Quality::has_value)).unwrap_or(0);
                Working { stored: None, before: None, block: incoming.clone(), corrected: false }
            }
        };
        for finding in vee::check(&mut working.block, &run.rules) {
            laid.findings.push(note(run.register, *number, &working.block, &finding));
        }
        series.push((*number, working));
    }
    if let Some(working) = neighbour(known, run.register, last.0 + 1)? {
        series.push((last.0 + 1, working));
    }
    let mut blocks: Vec<DayBlock> = series.iter().map(|(_, w)| w.block.clone()).collect();
    for filled in vee::fill_gaps(&mut blocks, &run.rules) {
        counts.estimated += i64::try_from(filled.slots.len()).unwrap_or(0);
        laid.estimates.push(interpolated(run.register, series[filled.day].0, &filled));
    }
    for (i, ((number, _), block)) in series.iter().zip(&blocks).enumerate() {
        if let Some(finding) = vee::gap(block, i + 1 < blocks.len()) {
            laid.findings.push(note(run.register, *number, block, &finding));
        }
    }
    for ((_, working), block) in series.iter_mut().zip(blocks) {
        working.block = block;
    }
    Ok(series)
}

fn neighbour(
    known: &HashMap<(RegisterId, i64), DayState>,
    register: RegisterId,
    day: i64,
) -> Result<Option<Working>, StoreError> {
    let Some(state) = known.get(&(register, day)) else { return Ok(None) };
    let block = DayBlock::decode(&state.block)
        .map_err(|e| StoreError::Damaged(format!("day {day} of register {}: {e}", register.0)))?;
    Ok(Some(Working { stored: Some(state.clone()), before: Some(block.clone()), block, corrected: false }))
}

fn add(counts: &mut Counts, merged: &Merged) {
    counts.accepted += i64::from(merged.filled);
    counts.duplicate += i64::from(merged.duplicate);
    counts.superseding += i64::from(merged.superseding);
    counts.outranked += i64::from(merged.outranked);
}

/// Nothing is lost: the values are kept as text.
fn unmergeable(register: RegisterId, incoming: &DayBlock, why: &str) -> NewRejected {
    let refusal = Refusal::OtherGrid(format!("register {}, {}: {why}", register.0, incoming.start()));
    let raw: Vec<String> = incoming
        .intervals()
        .map(|i| format!("{},{},{}e{}", i.start.to_rfc3339(), i.seconds, i.value, incoming.exponent()))
        .collect();
    NewRejected { line: 0, code: refusal.code().to_owned(), detail: refusal.detail(), raw: raw.join("\n") }
}

async fn reads(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    now: Instant,
    reads: &[NewRead],
    counts: &mut Counts,
) -> Result<(), StoreError> {
    if reads.is_empty() {
        return Ok(());
    }
    let rank = |code: i64| u8::try_from(code).ok().and_then(Quality::from_code).map_or(0, Quality::rank);
    // One reading per instant: of several in one batch the best one stands, of equally good ones the last.
    let mut unique: Vec<NewRead> = Vec::with_capacity(reads.len());
    let mut at: HashMap<(RegisterId, i64), usize> = HashMap::with_capacity(reads.len());
    for r in reads {
        match at.get(&(r.register, r.at)) {
            Some(i) => {
                counts.duplicate += 1;
                if rank(i64::from(r.quality)) >= rank(i64::from(unique[*i].quality)) {
                    unique[*i] = *r;
                }
            }
            None => {
                at.insert((r.register, r.at), unique.len());
                unique.push(*r);
            }
        }
    }
    let added = ingest::insert_reads(tx, delivery, &unique).await?;
    counts.reads += i64::try_from(added).unwrap_or(i64::MAX);
    if added == unique.len() as u64 {
        return Ok(());
    }
    let keys: Vec<_> = unique.iter().map(|r| (r.register, r.at)).collect();
    let stored = ingest::reads_at(tx, &keys).await?;
    let mut known = 0;
    for before in &stored {
        let Some(new) = at.get(&(before.register, before.at)).map(|i| &unique[*i]) else { continue };
        if before.delivery == delivery && before.value == new.value {
            continue;
        }
        known += 1;
        if before.value == new.value {
            counts.duplicate += 1;
        } else if rank(i64::from(new.quality)) >= rank(before.quality) {
            counts.superseding += 1;
            ingest::replace_read(tx, delivery, now, before, new).await?;
            store::review::review_again(tx, before.register, before.at.div_euclid(86_400)).await?;
            billed_read(tx, (delivery, now), before, new.value).await?;
        } else {
            counts.outranked += 1;
        }
    }
    // Readings that this delivery itself brought before.
    counts.duplicate += i64::try_from(unique.len()).unwrap_or(0) - i64::try_from(added).unwrap_or(0) - known;
    Ok(())
}
