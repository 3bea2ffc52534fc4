//! From records to days: each value finds its register, its local day and its place in it; days that are new are checked,
//! filled and packed at once, days that may be there already are left for the writer to merge.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::DateTime;
use domain::ids::RegisterId;
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::metering::register::shows;
use domain::metering::vee::{Figures, Finding, Rule, Rules};
use domain::quantity::Decimal;
use store::exceptions::{NewEstimate, NewException};
use store::ingest::{Counts, NewDay, NewRead, NewRejected, NewWaiting};
use store::usage::day_number;

use super::judge::{judge, note, reversed};
use super::master::{Lookup, Master, Register, choose, ends_open};
use super::record::{Kind, Record, Value, keep, pack};
use super::refusal::Refusal;
use crate::Fault;

/// So long before its first installation no reading of a meter is believed: what another system knew of it may be loaded, what
/// a clock that was never set says may not.
const TEN_YEARS: i64 = 10 * 366 * 86_400;
/// How far a sender's clock may be ahead of ours, in seconds.
const CLOCKS_APART: i64 = 3_600;

/// What a batch of records became.
#[derive(Default)]
pub(super) struct Shaped {
    /// New days, checked, filled and packed.
    pub fresh: Vec<NewDay>,
    /// By which rules they were judged, should they turn out not to be new.
    pub rules: HashMap<RegisterId, Rules>,
    /// Days that may be stored already, by runs of consecutive ones.
    pub runs: Vec<Run>,
    pub reads: Vec<NewRead>,
    pub rejected: Vec<NewRejected>,
    pub waiting: Vec<NewWaiting>,
    pub findings: Vec<NewException>,
    /// How what is estimated in the new days was estimated.
    pub estimates: Vec<NewEstimate>,
    pub counts: Counts,
    /// Records read since the beginning of the file, this batch included.
    pub cursor: i64,
}

/// Consecutive days of one register, as they came.
pub(super) struct Run {
    pub register: RegisterId,
    pub rules: Rules,
    /// Day number and what came of it.
    pub days: Vec<(i64, DayBlock)>,
}

/// Days of one register in one batch.
struct Gathered {
    register: Rc<Register>,
    days: Vec<OneDay>,
    reads: Vec<NewRead>,
}

pub(super) struct OneDay {
    pub number: i64,
    start: i64,
    end: i64,
    pub block: DayBlock,
}

/// Turns batches of records into what is to be written.
pub(super) struct Shaper<L> {
    pub master: Master<L>,
    /// Nothing that was measured after this is believed.
    latest: i64,
    /// The first day that is kept, since 1970-01-01: what lies before it was given up.
    kept_from: i64,
    /// Whether every day is left to be merged, new or not.
    merge_all: bool,
}

impl<L: Lookup> Shaper<L> {
    /// `given_up` is the day before which usage is not kept any more, since 1970-01-01.
    pub(super) fn new(lookup: L, now: domain::calendar::Instant, figures: Figures, given_up: Option<i64>) -> Self {
        let kept_from = given_up.unwrap_or(i64::MIN);
        Self {
            master: Master::new(lookup, figures),
            latest: now.timestamp() + CLOCKS_APART,
            kept_from,
            merge_all: false,
        }
    }

    /// Leaves every day to be merged, so that nothing can turn out not to be new half-way through a transaction.
    pub(super) fn merging(self) -> Self {
        Self { merge_all: true, ..self }
    }

    /// Shapes a batch. `cursor` counts the records up to its end.
    pub(super) fn shape(
        &mut self,
        records: Vec<Record>,
        rejected: Vec<NewRejected>,
        cursor: i64,
    ) -> Result<Shaped, Fault> {
        let mut out = Shaped { rejected, cursor, ..Shaped::default() };
        self.master.learn(records.iter().map(|r| r.meter.as_str()))?;
        let mut gathered: Vec<Gathered> = Vec::new();
        let mut index: HashMap<RegisterId, usize> = HashMap::new();
        for record in records {
            let Some(meter) = self.master.meter(&record.meter) else {
                wait(&mut out, &record);
                continue;
            };
            let taken = choose(&meter, &record.channel).and_then(|(register, power)| {
                let at = *index.entry(register.id).or_insert_with(|| {
                    gathered.push(Gathered { register: Rc::clone(&register), days: Vec::new(), reads: Vec::new() });
                    gathered.len() - 1
                });
                self.take(&record, &mut gathered[at], power, &mut out)
            });
            if let Err(refusal) = taken {
                let raw = if record.raw.is_empty() { keep(&record, "") } else { record.raw };
                out.rejected.push(NewRejected {
                    line: i64::try_from(record.line).unwrap_or(0),
                    code: refusal.code().to_owned(),
                    detail: refusal.detail(),
                    raw,
                });
            }
        }
        for g in gathered {
            self.finish(g, &mut out);
        }
        out.counts.rejected = i64::try_from(out.rejected.len()).unwrap_or(i64::MAX);
        Ok(out)
    }

    /// Takes a record whole or not at all.
    fn take(&self, record: &Record, into: &mut Gathered, power: i8, out: &mut Shaped) -> Result<(), Refusal> {
        let register = Rc::clone(&into.register);
        let from = record.exponent.saturating_add(power);
        let earliest = register.places.iter().map(|p| p.since).min().unwrap_or(0).saturating_sub(TEN_YEARS);
        let mut scaled = Vec::with_capacity(record.values.len());
        for v in &record.values {
            if v.at < earliest {
                return Err(Refusal::Past { at: v.at, earliest });
            }
            let measured = v.at.saturating_add(i64::from(v.seconds));
            if v.quality.has_value() && measured > self.latest {
                return Err(Refusal::Future { at: measured, latest: self.latest });
            }
            scaled.push(if v.quality.has_value() { scale(v.value, from, register.exponent)? } else { 0 });
        }
        match record.channel.kind {
            Kind::Register => {
                let shown = || record.values.iter().zip(&scaled).filter(|(v, _)| v.quality.has_value());
                let (digits, exponent) = (register.dial_digits, register.exponent);
                if let Some((_, value)) = shown().find(|(_, value)| !shows(**value, digits, exponent)) {
                    return Err(Refusal::Dial { found: Decimal::new(*value, exponent).to_string(), digits });
                }
                for (v, value) in record.values.iter().zip(scaled).filter(|(v, _)| v.quality.has_value()) {
                    into.reads.push(NewRead { register: register.id, at: v.at, value, quality: v.quality as u8 });
                }
                Ok(())
            }
            Kind::Period => Err(Refusal::Period(
                record.values.iter().map(|v| v.seconds).max().unwrap_or(0),
                register.interval_seconds,
            )),
            Kind::Interval { seconds } => {
                if seconds != register.interval_seconds {
                    return Err(Refusal::IntervalLength { found: seconds, expected: register.interval_seconds });
                }
                let mut places = Vec::with_capacity(scaled.len());
                let mut last = usize::MAX;
                for v in &record.values {
                    let day = into.day_of(v.at, last);
                    last = day;
                    if into.days[day].number < self.kept_from {
                        return Err(Refusal::GivenUp { at: v.at, before: self.kept_from });
                    }
                    let offset = v.at - into.days[day].start;
                    if offset % i64::from(seconds) != 0 {
                        return Err(Refusal::OffGrid(v.at));
                    }
                    places.push((day, usize::try_from(offset / i64::from(seconds)).unwrap_or(usize::MAX)));
                }
                for ((v, value), (day, slot)) in record.values.iter().zip(scaled).zip(places) {
                    let into = &mut into.days[day];
                    if let Some(other) = place(&mut into.block, slot, v, value, &mut out.counts) {
                        let slots = Some(slot..slot + 1);
                        let twice = Finding { rule: Rule::Duplicate, slots, found: value, against: other, limit: 0 };
                        out.findings.push(note(register.id, into.number, &into.block, &twice));
                    }
                }
                Ok(())
            }
        }
    }

    /// Sorts a register's days into runs, and judges at once the runs that are new.
    fn finish(&mut self, mut g: Gathered, out: &mut Shaped) {
        // A record that was refused may have left an empty day behind.
        g.days.retain(|d| d.block.qualities().iter().any(|q| q.has_value()));
        g.days.sort_unstable_by_key(|d| d.number);
        // Stable: of several at one instant the last one in the file stays the last.
        g.reads.sort_by_key(|r| r.at);
        let register = &g.register;
        for day in &mut g.days {
            if !register.installed_throughout(day.start, day.end) {
                mark_absence(register, &mut day.block);
            }
        }
        let mut rest = std::mem::take(&mut g.days);
        while !rest.is_empty() {
            let length = rest.windows(2).take_while(|w| w[1].number == w[0].number + 1).count() + 1;
            let later = rest.split_off(length);
            let run = std::mem::replace(&mut rest, later);
            let tail = *self.master.tail(register.id);
            let (first, last) = (&run[0], &run[run.len() - 1]);
            let is_new = tail.day.is_none_or(|day| day < first.number);
            let touches = tail.day.is_some_and(|day| day + 1 == first.number);
            let bridges = touches && (tail.open || first.block.qualities().first() == Some(&Quality::Missing));
            {
                let open = ends_open(&last.block);
                let number = last.number;
                let tail = self.master.tail(register.id);
                if tail.day.is_none_or(|day| day <= number) {
                    tail.day = Some(number);
                    tail.open = open;
                }
            }
            if is_new && !bridges && !self.merge_all {
                judge(register, run, &g.reads, tail.read, out);
            } else {
                let days = run.into_iter().map(|d| (d.number, d.block)).collect();
                out.runs.push(Run { register: register.id, rules: register.rules, days });
            }
        }
        let before = self.master.tail(register.id).read;
        reversed(register, &g.reads, before, out);
        if let Some(read) = g.reads.last() {
            let tail = self.master.tail(register.id);
            if tail.read.is_none_or(|(at, _)| at < read.at) {
                tail.read = Some((read.at, read.value));
            }
        }
        out.reads.append(&mut g.reads);
    }
}

impl Gathered {
    /// The index of the day that an instant falls on; `hint` is where the last one fell.
    fn day_of(&mut self, at: i64, hint: usize) -> usize {
        let within = |d: &OneDay| d.start <= at && at < d.end;
        if let Some(d) = self.days.get(hint)
            && within(d)
        {
            return hint;
        }
        if let Some(found) = self.days.iter().rposition(within) {
            return found;
        }
        let zone = self.register.zone_at(at);
        let day = zone.day_of(DateTime::from_timestamp(at, 0).unwrap_or_default());
        let (start, end) = zone.bounds(day);
        self.days.push(OneDay {
            number: day_number(day),
            start: start.timestamp(),
            end: end.timestamp(),
            block: DayBlock::between(start, end, self.register.interval_seconds, self.register.exponent),
        });
        self.days.len() - 1
    }
}

/// A number counted in `10^from`, counted in `10^to`.
fn scale(value: i64, from: i8, to: i8) -> Result<i64, Refusal> {
    if from == to {
        return Ok(value);
    }
    let number = Decimal::new(value, from);
    number
        .rescale(to)
        .ok_or_else(|| Refusal::Precision(format!("{number} is finer than the register counts (10^{to}) or too large")))
}

/// Puts a value into its slot; the same slot twice in a batch is ranked as two deliveries are, and what it held otherwise
/// is answered.
fn place(block: &mut DayBlock, slot: usize, v: &Value, value: i64, counts: &mut Counts) -> Option<i64> {
    if !v.quality.has_value() {
        return None;
    }
    let old = block.slot(slot);
    match old.value {
        None => {
            block.set(slot, value, v.quality);
            return None;
        }
        Some(same) if same == value => {
            counts.duplicate += 1;
            if v.quality.rank() > old.quality.rank() {
                block.set(slot, value, v.quality);
            }
            return None;
        }
        Some(_) if v.quality.rank() >= old.quality.rank() => {
            counts.superseding += 1;
            block.set(slot, value, v.quality);
        }
        Some(_) => counts.outranked += 1,
    }
    old.value
}

fn mark_absence(register: &Register, block: &mut DayBlock) {
    let length = i64::from(block.interval_seconds());
    for i in 0..block.len() {
        let from = block.start_of(i).timestamp();
        if block.qualities()[i] == Quality::Missing && !register.installed(from, from + length) {
            block.set_quality(i, Quality::NotInstalled);
        }
    }
}

fn wait(out: &mut Shaped, record: &Record) {
    let Some(first_at) = record.values.iter().map(|v| v.at).min() else { return };
    let last_at = record.values.iter().map(|v| v.at).max().unwrap_or(first_at);
    let count = i64::try_from(record.values.len()).unwrap_or(i64::MAX);
    out.counts.waiting += count;
    out.waiting.push(NewWaiting {
        meter: record.meter.clone(),
        channel: serde_json::to_value(record.channel).unwrap_or_default(),
        first_at,
        last_at,
        count,
        readings: pack(record.exponent, &record.values),
    });
}
