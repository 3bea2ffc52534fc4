//! Days and reads of many registers, read in a handful of statements: what a bill run looks at.

use std::collections::HashMap;

use domain::calendar::{DayRange, Instant};
use domain::ids::RegisterId;
use domain::metering::Reading;
use store::Tx;
use store::usage::StoredDay;

use crate::Fault;

/// What is read of registers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    days: HashMap<RegisterId, (DayRange, bool)>,
    reads: HashMap<RegisterId, (Instant, Instant)>,
}

/// What was read of registers, with the ranges in which that is all there is.
#[derive(Debug, Default)]
pub(crate) struct AtHand {
    asked: Wanted,
    days: HashMap<RegisterId, Vec<StoredDay>>,
    reads: HashMap<RegisterId, Vec<Reading>>,
}

impl Wanted {
    /// Wants the days of a range: their values where `whole`, else only their sums.
    pub(crate) fn days(&mut self, register: RegisterId, range: DayRange, whole: bool) {
        let (all, any) = self.days.entry(register).or_insert((range, whole));
        // A register that changed hands is two accounts' own.
        *all = DayRange { from: all.from.min(range.from), to: all.to.max(range.to) };
        *any |= whole;
    }

    /// Wants what the dial said from an instant to another.
    pub(crate) fn reads(&mut self, register: RegisterId, from: Instant, to: Instant) {
        let (first, last) = self.reads.entry(register).or_insert((from, to));
        (*first, *last) = ((*first).min(from), (*last).max(to));
    }

    /// Reads all that is wanted.
    pub(crate) async fn fetch(self, tx: &mut Tx<'_>) -> Result<AtHand, Fault> {
        let of = |whole: bool| -> Vec<(RegisterId, DayRange)> {
            let mut of: Vec<_> = self.days.iter().filter(|(_, d)| d.1 == whole).map(|(r, d)| (*r, d.0)).collect();
            of.sort_unstable_by_key(|(r, _)| *r);
            of
        };
        let mut days = store::batch::days(tx, &of(false), false).await?;
        days.extend(store::batch::days(tx, &of(true), true).await?);
        let mut reads: Vec<_> = self.reads.iter().map(|(r, (a, b))| (*r, *a, *b)).collect();
        reads.sort_unstable_by_key(|(r, ..)| *r);
        let reads = store::batch::reads(tx, &reads).await?;
        Ok(AtHand { days, reads, asked: self })
    }
}

impl AtHand {
    /// The stored days of a register in a range; `None` where not all that is asked was read.
    pub(crate) fn days(&self, register: RegisterId, range: DayRange, whole: bool) -> Option<&[StoredDay]> {
        let (all, any) = self.asked.days.get(&register)?;
        if (whole && !any) || range.from < all.from || all.to < range.to {
            return None;
        }
        let days = self.days.get(&register).map_or(&[][..], Vec::as_slice);
        let from = days.partition_point(|d| d.day < range.from);
        let to = days.partition_point(|d| d.day < range.to);
        days.get(from..to.max(from))
    }

    /// What the dial said from an instant to another, both included; `None` where not all of it was read.
    pub(crate) fn reads(&self, register: RegisterId, from: Instant, to: Instant) -> Option<&[Reading]> {
        let (first, last) = self.asked.reads.get(&register)?;
        if from < *first || *last < to {
            return None;
        }
        let reads = self.reads.get(&register).map_or(&[][..], Vec::as_slice);
        let a = reads.partition_point(|r| r.at < from);
        let b = reads.partition_point(|r| r.at <= to);
        reads.get(a..b.max(a))
    }
}
