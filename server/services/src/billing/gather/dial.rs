//! Services whose meters send nothing: a person reads the dial, and the bill goes by it.

use chrono::{Days, NaiveDate};
use domain::billing::Read;
use domain::billing::dial::{Dial, Moved};
use domain::calendar::{DayRange, Instant};
use domain::ids::RegisterId;
use domain::metering::register::difference;
use domain::quantity::{Commodity, Decimal, Direction, ServiceKind};
use store::Tx;
use store::meters::RegisterSpan;

use super::{Part, Used};
use crate::Fault;
use crate::usage_data::Meters;

/// How long before and behind a period reads are looked for, in days: what was used in a year says how fast a dial moves.
const AROUND: u64 = 400;

/// What each span's dial said, in order of time.
pub(super) struct Dials(Vec<Vec<(Instant, i64)>>);

/// What a service is billed by.
pub(super) struct ByDial {
    delivered: i64,
    received: Option<i64>,
    read: bool,
    /// Whether the end of every dial is known.
    pub known: bool,
    /// What the dials showed at both ends.
    pub reads: Vec<Read>,
    /// What each showed at the end, to be carried on.
    pub ends: Vec<(String, i64)>,
}

/// The name under which what a dial showed at the end of a bill is carried on. No schedule's code has it.
fn key(register: RegisterId) -> String {
    format!("dial|{}", register.0)
}

/// Whether an entry of the bank is what a dial showed.
pub(crate) fn is_dial(key: &str) -> bool {
    key.starts_with("dial|")
}

impl Dials {
    /// Reads what the dials of meters said around some days.
    pub(super) async fn load(tx: &mut Tx<'_>, meters: &Meters, range: DayRange) -> Result<Self, Fault> {
        let wider = |day: NaiveDate, days: i64| match days {
            ..0 => day.checked_sub_days(Days::new(days.unsigned_abs())),
            _ => day.checked_add_days(Days::new(days.unsigned_abs())),
        };
        let around = i64::try_from(AROUND).unwrap_or(0);
        let from = meters.zone.start_of(wider(range.from, -around).unwrap_or(range.from));
        let to = meters.zone.start_of(wider(range.to, around).unwrap_or(range.to));
        let mut out = Vec::with_capacity(meters.spans.len());
        for span in &meters.spans {
            let reads = meters.reads(tx, span.register, from, to).await?;
            // A dial that changed hands was read for both, and if it was not read on the day, what was read for others before and after
            // says what it showed. While the meter was somewhere else it counted something else.
            let here = |at: Instant| {
                let slack = super::READ_SLACK;
                span.elsewhere_until.is_none_or(|until| until - slack <= at)
                    && span.elsewhere_since.is_none_or(|since| at <= since + slack)
            };
            out.push(reads.into_iter().filter(|r| here(r.at)).map(|r| (r.at, r.value)).collect());
        }
        Ok(Self(out))
    }

    /// When any of them was read first.
    pub(super) fn first(&self) -> Option<Instant> {
        self.0.iter().filter_map(|reads| reads.first()).map(|r| r.0).min()
    }
}

fn dial(span: &RegisterSpan) -> Dial {
    Dial { digits: span.dial_digits, exponent: span.exponent, both_ways: span.direction == Direction::Net }
}

/// How far a dial moved from one number to another; less than nothing only for one that turns both ways.
pub(crate) fn moved(span: &RegisterSpan, from: i64, to: i64) -> i64 {
    match span.direction {
        Direction::Net => dial(span).between(from, to),
        _ => difference(from, to, span.dial_digits, span.exponent),
    }
}

impl ByDial {
    pub(super) fn used(&self) -> Used {
        Used { delivered: self.delivered, received: self.received, estimated: !self.read }
    }
}

impl Part {
    /// What was used over some days by the dials alone; `None` where the meters send intervals, or a dial was never read. `handed` says
    /// what the bill before ended with.
    pub(super) fn by_dial(
        &self,
        commodity: Commodity,
        served: DayRange,
        handed: impl Fn(&str) -> Option<i64>,
    ) -> Result<Option<ByDial>, Fault> {
        let Some(dials) = &self.dials else { return Ok(None) };
        let (from, to) = (self.meters.zone.start_of(served.from), self.meters.zone.start_of(served.to));
        let (mut sums, mut any) = ([0_i64; 2], [false; 2]);
        let mut out =
            ByDial { delivered: 0, received: None, read: true, known: true, reads: Vec::new(), ends: Vec::new() };
        for (span, reads) in self.meters.spans.iter().zip(&dials.0) {
            if span.since >= to || span.until.is_some_and(|until| until <= from) {
                continue;
            }
            let (first, last) = (span.since.max(from), span.until.map_or(to, |until| until.min(to)));
            let key = key(span.register);
            // What was handed on was at the beginning of these days, not at that of a meter that came later.
            let handed = handed(&key).filter(|_| span.since <= from);
            let Some(moved) = dial(span).used(reads, first, last, handed) else { return Ok(None) };
            let at = usize::from(span.direction == Direction::Received);
            sums[at] = sums[at].saturating_add(self.meters_scale(span, moved.used));
            any[at] = true;
            out.read &= moved.read;
            out.known &= moved.known;
            out.reads.push(say(commodity, span, (first, last), moved));
            if span.until.is_none_or(|until| until >= to) {
                out.ends.push((key, moved.end));
            }
        }
        if !any[0] {
            return Ok(None);
        }
        let [delivered, received] = sums;
        let sent = delivered.min(0).saturating_neg().saturating_add(received.max(0));
        out.delivered = self.micro(commodity, delivered.max(0))?;
        out.received = if any[1] || sent > 0 { Some(self.micro(commodity, sent)?) } else { None };
        Ok(Some(out))
    }

    /// A register's amount on the common scale of its meters.
    fn meters_scale(&self, span: &RegisterSpan, value: i64) -> i64 {
        let own = span.exponent.saturating_add(span.unit.power_to(self.meters.unit).unwrap_or(0));
        Decimal::new(value, own).round_to(self.meters.exponent)
    }

    /// What is known by now of the use over some days: by intervals that are all there, else by dials that were read or stand between two
    /// reads. `None` where it is not.
    pub(super) fn known(&self, commodity: Commodity, served: DayRange) -> Result<Option<i64>, Fault> {
        if self.dials.is_some() {
            return Ok(self.by_dial(commodity, served, |_| None)?.filter(|d| d.known).map(|d| d.delivered));
        }
        let days = self.days_of(served);
        let whole = !days.is_empty() && days.iter().all(|d| d.expected > 0 && d.present == d.expected);
        let moved = if whole {
            Some(days.iter().filter_map(|d| d.amount).fold(0, i64::saturating_add))
        } else {
            self.dial(served, false)
        };
        moved.map(|m| self.micro(commodity, m.max(0))).transpose()
    }
}

fn say(commodity: Commodity, span: &RegisterSpan, (from, to): (Instant, Instant), moved: Moved) -> Read {
    let number = |value| Decimal::new(value, span.exponent);
    Read {
        service: ServiceKind::from(commodity),
        meter: span.meter_number.clone(),
        received: span.direction == Direction::Received,
        previous: Some((from, number(moved.start))),
        present: Some((to, number(moved.end))),
        unit: span.unit,
        estimated: !moved.read,
        previous_by: moved.start_by,
        present_by: moved.end_by,
    }
}
