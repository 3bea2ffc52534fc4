//! Meters that stand beside each other: which of them are read by their dial alone, and which follow each other.

use chrono::{Days, NaiveDate, TimeDelta};
use domain::calendar::{DayRange, Instant, Zone, next_day};
use domain::ids::RegisterId;
use domain::quantity::Direction;
use store::Tx;
use store::meters::RegisterSpan;

use super::{Meters, common, overlaps};
use crate::Fault;

/// So many days of the meter beside it a new meter may be silent before it counts as one that sends nothing.
const NEVER_SENT: u64 = 10;
/// And so many one that has sent intervals: until then they are late.
const STOPPED: u64 = 45;

/// A register that nothing was sent of since an instant, though the dial is read and the meter beside it sends intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialOnly {
    register: RegisterId,
    /// Which of its spans.
    span: Instant,
    /// Since when.
    since: Instant,
}

/// The registers of one meter in one span, and the days between which there are intervals of them.
struct Standing<'s> {
    spans: Vec<&'s RegisterSpan>,
    last: Option<NaiveDate>,
}

impl Standing<'_> {
    fn since(&self) -> Option<&RegisterSpan> {
        self.spans.first().copied()
    }
}

/// Which registers of some spans are read by their dial alone.
///
/// # Errors
/// If the database fails.
pub(super) async fn dial_only(tx: &mut Tx<'_>, zone: &Zone, spans: &[RegisterSpan]) -> Result<Vec<DialOnly>, Fault> {
    let mut out = Vec::new();
    if !spans.iter().any(|a| spans.iter().any(|b| are_beside(a, b))) {
        return Ok(out);
    }
    let mut all: Vec<Standing<'_>> = Vec::new();
    for span in spans {
        let since = zone.day_of(span.since);
        let until = span.until.map_or(NaiveDate::MAX, |end| zone.day_of(end - TimeDelta::seconds(1)));
        let last = store::usage::day_before(tx, span.register, until).await?.map(|d| d.day).filter(|d| *d >= since);
        let same =
            |s: &Standing<'_>| s.since().is_some_and(|o| o.meter_number == span.meter_number && o.since == span.since);
        match all.iter_mut().find(|s| same(s)) {
            Some(of) => {
                of.spans.push(span);
                of.last = of.last.max(last);
            }
            None => all.push(Standing { spans: vec![span], last }),
        }
    }
    for of in &all {
        let Some(first) = of.since() else { continue };
        let since = of.last.map_or(first.since, |day| zone.start_of(next_day(day)).max(first.since));
        let enough = zone.day_of(since) + Days::new(if of.last.is_some() { STOPPED } else { NEVER_SENT });
        let sends = |other: &Standing<'_>| {
            let beside = other.since().is_some_and(|o| are_beside(o, first));
            beside && other.last.is_some_and(|last| last >= enough)
        };
        if !all.iter().any(sends) {
            continue;
        }
        for span in &of.spans {
            let until = span.until.unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC);
            let read = store::usage::read_before(tx, span.register, until).await?;
            if read.is_some_and(|r| span.since - TimeDelta::hours(6) <= r.at) {
                out.push(DialOnly { register: span.register, span: span.since, since });
            }
        }
    }
    Ok(out)
}

/// Whether two spans are of meters that count at the same time.
fn are_beside(a: &RegisterSpan, b: &RegisterSpan) -> bool {
    a.meter_number != b.meter_number
        && a.until.is_none_or(|until| b.since < until)
        && b.until.is_none_or(|until| a.since < until)
}

impl Meters {
    /// Since when a span is read by its dial alone: from then on no intervals are due. `None` where they are.
    pub(super) fn dial_since(&self, span: &RegisterSpan) -> Option<Instant> {
        self.dial_only.iter().find(|d| d.register == span.register && d.span == span.since).map(|d| d.since)
    }

    /// The numbers of the meters that are read by their dial alone for a part of some days, beside others that send intervals.
    #[must_use]
    pub fn by_dial_alone(&self, range: DayRange) -> Vec<String> {
        let (from, to) = (self.zone.start_of(range.from), self.zone.start_of(range.to));
        let there = self.spans.iter().filter(|s| overlaps(s, from, to));
        let silent = there.filter(|s| self.dial_since(s).is_some_and(|since| since < to));
        let mut out: Vec<String> = silent.map(|s| s.meter_number.clone()).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The same meters, so that in each answer they follow each other: meters that count at the same time are apart. All of them together
    /// where one counts nothing but what is sent back: then it belongs to another.
    #[must_use]
    pub(crate) fn apart(self) -> Vec<Self> {
        let mut meters: Vec<Vec<RegisterSpan>> = Vec::new();
        for span in &self.spans {
            match meters.iter_mut().find(|m| m.iter().any(|s| s.meter_number == span.meter_number)) {
                Some(of) => of.push(span.clone()),
                None => meters.push(vec![span.clone()]),
            }
        }
        let counts_none = |m: &Vec<RegisterSpan>| m.iter().all(|s| s.direction == Direction::Received);
        if meters.len() < 2 || meters.iter().any(counts_none) {
            return vec![self];
        }
        let mut chains: Vec<Vec<RegisterSpan>> = Vec::new();
        for meter in meters {
            let follows = |c: &&mut Vec<RegisterSpan>| !c.iter().any(|a| meter.iter().any(|b| are_beside(a, b)));
            let here =
                |c: &Vec<RegisterSpan>| c.iter().any(|a| meter.iter().any(|b| a.service_point == b.service_point));
            let mut free: Vec<&mut Vec<RegisterSpan>> = chains.iter_mut().filter(follows).collect();
            free.sort_by_key(|c| !here(c));
            match free.into_iter().next() {
                Some(chain) => chain.extend(meter),
                None => chains.push(meter),
            }
        }
        if chains.len() < 2 {
            return vec![self];
        }
        let part = |mut spans: Vec<RegisterSpan>| {
            spans.sort_by_key(|s| s.since);
            Self {
                interval_seconds: spans.iter().map(|s| s.interval_seconds.max(1)).reduce(common).unwrap_or(3600),
                has_received: spans.iter().any(|s| s.direction == Direction::Received),
                spans,
                ..self.clone()
            }
        };
        chains.into_iter().map(part).collect()
    }
}
