//! A service's meters one by one: each is billed by its own intervals or its own dial, and what they come to is added up.

use chrono::NaiveDate;
use domain::billing::Read;
use domain::calendar::DayRange;
use domain::quantity::{Commodity, ServiceKind};
use store::Tx;
use store::usage::DaySum;

use super::dial::Dials;
use super::{Hold, Metered, Part, READ_SLACK, Source, Used, WAIT};
use crate::Fault;
use crate::billing::clock::Clock;
use crate::usage_data::{self, Meters};

/// What a service used over some days, by all of its meters.
pub(super) struct Counted {
    pub used: Used,
    pub reads: Vec<Read>,
    /// What dials that are billed by showed at the end: keys and numbers as they are carried on.
    pub ends: Vec<(String, i64)>,
    /// Whether a meter that is billed by its dial alone stands beside one that sends intervals.
    pub mixed: bool,
}

impl Part {
    async fn load(tx: &mut Tx<'_>, meters: Meters, range: DayRange) -> Result<Self, Fault> {
        let mut stored = Vec::new();
        let mut seen = |register, sum: &DaySum| stored.push(((register, sum.day), (sum.sum, sum.version)));
        let days = usage_data::daily_of(tx, &meters, range, &mut seen).await?;
        stored.sort_unstable();
        stored.dedup();
        let mut reads = Vec::with_capacity(meters.spans.len());
        let (from, to) = (meters.zone.start_of(range.from), meters.zone.start_of(range.to));
        for span in &meters.spans {
            let (a, b) = (from - READ_SLACK, to + READ_SLACK);
            let ended = span.until.is_some_and(|until| until < a);
            reads.push(if ended { Vec::new() } else { meters.reads(tx, span.register, a, b).await? });
        }
        let silent = days.iter().all(|d| d.amount.is_none());
        let dials = if silent { Some(Dials::load(tx, &meters, range).await?) } else { None };
        Ok(Self { meters, days, reads, dials, stored })
    }

    /// Whether any of its meters was there on some days.
    fn is_there(&self, served: DayRange) -> bool {
        let (from, to) = (self.meters.zone.start_of(served.from), self.meters.zone.start_of(served.to));
        self.meters.spans.iter().any(|s| s.since < to && s.until.is_none_or(|until| from < until))
    }
}

impl Metered {
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        meters: Meters,
        commodity: Commodity,
        range: DayRange,
        by_clock: bool,
    ) -> Result<Self, Fault> {
        let clock = if by_clock { Some(Clock::load(tx, &meters, commodity, range).await?) } else { None };
        let mut parts = Vec::new();
        for meters in meters.apart() {
            parts.push(Part::load(tx, meters, range).await?);
        }
        Ok(Self { parts, clock })
    }

    /// The parts that count on some days; one of them where there is none, to say that nothing is known.
    fn there(&self, served: DayRange) -> Vec<&Part> {
        let mut there: Vec<&Part> = self.parts.iter().filter(|p| p.is_there(served)).collect();
        if there.is_empty() {
            there.extend(self.parts.first());
        }
        there
    }

    /// The first day of which anything is known: by intervals, where a meter sends any.
    pub(super) fn first_known(&self) -> Option<NaiveDate> {
        let (read, sent): (Vec<&Part>, Vec<&Part>) = self.parts.iter().partition(|p| p.dials.is_some());
        let first = |p: &Part| p.days.iter().find(|d| d.amount.is_some()).map(|d| d.day);
        let dial = |p: &Part| p.dials.as_ref()?.first().map(|at| p.meters.zone.day_of(at));
        sent.into_iter().filter_map(first).min().or_else(|| read.into_iter().filter_map(dial).min())
    }

    /// What is known by now of the use over some days; `None` where a part of it is not.
    pub(super) fn known(&self, commodity: Commodity, served: DayRange) -> Result<Option<i64>, Fault> {
        let mut sum = 0_i64;
        for part in self.there(served) {
            match part.known(commodity, served)? {
                Some(known) => sum = sum.saturating_add(known),
                None => return Ok(None),
            }
        }
        Ok(Some(sum))
    }

    /// The stored days that some days were computed from.
    pub(super) fn sources(&self, served: DayRange) -> Vec<Source> {
        self.parts.iter().flat_map(|p| p.sources(served)).collect()
    }

    /// What was used over some days. `handed` says what the bill before ended with, `mean_before` what an average day of it used.
    pub(super) fn counted(
        &self,
        (kind, commodity): (ServiceKind, Commodity),
        served: DayRange,
        handed: &impl Fn(&str) -> Option<i64>,
        mean_before: Option<i64>,
        today: NaiveDate,
    ) -> Result<Result<Counted, Hold>, Fault> {
        let there = self.there(served);
        // The mean is of all meters together: of one beside others it says nothing.
        let mean_before = mean_before.filter(|_| there.len() == 1);
        let used = Used { delivered: 0, received: None, estimated: false };
        let mut out = Counted { used, reads: Vec::new(), ends: Vec::new(), mixed: false };
        let mut by_dials = 0;
        for part in &there {
            let by_dial = part.by_dial(commodity, served, handed)?;
            let used = match &by_dial {
                Some(d) if !d.known && (today - served.to).num_days() < WAIT => {
                    return Ok(Err(Hold::WaitingForReadings));
                }
                Some(d) => d.used(),
                None => match part.used(commodity, served, mean_before, today)? {
                    Ok(used) => used,
                    Err(hold) => return Ok(Err(hold)),
                },
            };
            out.used.delivered = out.used.delivered.saturating_add(used.delivered);
            if let Some(received) = used.received {
                out.used.received = Some(out.used.received.unwrap_or(0).saturating_add(received));
            }
            out.used.estimated |= used.estimated;
            match by_dial {
                Some(d) => {
                    by_dials += 1;
                    out.ends.extend(d.ends);
                    out.reads.extend(d.reads);
                }
                None => out.reads.extend(part.reads(kind, served, used.estimated)),
            }
        }
        out.mixed = 0 < by_dials && by_dials < there.len();
        Ok(Ok(out))
    }
}
