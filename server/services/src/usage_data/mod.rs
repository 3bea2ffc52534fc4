//! An account's use of a commodity as data, without any page in mind: a continuous series of intervals with its gaps, sums
//! by local day, and how far the data reach. Whose use it is has been decided by [`store::meters::registers_of_account`]:
//! an interval is the account's only where it lies wholly within its agreement.
//!
//! The callers are use cases: they have opened the transaction and the account.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant, Zone, next_day};
use domain::ids::{AccountId, RegisterId};
use domain::metering::Reading;
use domain::quantity::{Commodity, Decimal, Direction, Unit};
use store::Tx;
use store::meters::RegisterSpan;
use store::usage::{DaySum, StoredDay};

use self::at_hand::AtHand;
use self::beside::{DialOnly, dial_only};
use crate::{Fault, zones};

pub(crate) mod at_hand;
mod beside;
mod channels;
mod daily;
mod extent;
mod provenance;
mod series;

pub use channels::{Channel, channels};
pub(crate) use daily::daily_of;
pub use daily::{DayUse, daily};
pub use extent::{Extent, extent};
pub use provenance::{DayOrigins, origins};
pub(crate) use series::series_of;
pub use series::{Series, series};

/// The meters of an account for one commodity, and the scale on which their values are added up.
#[derive(Clone, Debug)]
pub struct Meters {
    /// The zone of the newest place of service.
    pub zone: Arc<Zone>,
    /// The unit of all amounts.
    pub unit: Unit,
    /// The power of ten of all amounts: the finest of any register.
    pub exponent: i8,
    /// The length of an interval into which those of any register fit; on some days shorter ones do, see [`Meters::seconds_in`].
    pub interval_seconds: u32,
    /// Whether use sent back (solar) is metered.
    pub has_received: bool,
    /// Spans, oldest first, whose unit leads to `unit` by a power of ten.
    pub spans: Vec<RegisterSpan>,
    /// Whether a span had to be left out because its unit does not.
    pub other_units: bool,
    /// What is read of them is what was known then; `None` for what is known now.
    pub as_of: Option<Instant>,
    /// Whether an interval in which the service changed hands counts in part, as bills have it; else it is left out, since it holds
    /// someone else's use too.
    pub shared: bool,
    /// Registers that are read by their dial alone beside others that send intervals; empty where nobody asked.
    pub(crate) dial_only: Vec<DialOnly>,
    /// What of them was read before, with that of others; empty where each question is one to the database.
    pub(crate) at_hand: Option<Arc<AtHand>>,
}

impl Meters {
    /// The meters of an account; `None` where it never had any for the commodity.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn of(tx: &mut Tx<'_>, account: AccountId, commodity: Commodity) -> Result<Option<Self>, Fault> {
        let Some(mut meters) = Self::from_spans(store::meters::registers_of_account(tx, account, commodity).await?)?
        else {
            return Ok(None);
        };
        meters.dial_only = dial_only(tx, &meters.zone, &meters.spans).await?;
        Ok(Some(meters))
    }

    /// The meters of spans, oldest first; `None` where there is none.
    ///
    /// # Errors
    /// Where a stored zone is none.
    pub(crate) fn from_spans(all: Vec<RegisterSpan>) -> Result<Option<Self>, Fault> {
        let Some(newest) = all.last() else { return Ok(None) };
        let (unit, zone) = (newest.unit, zones::stored(&newest.zone)?);
        let before = all.len();
        let spans: Vec<_> = all.into_iter().filter(|s| s.unit.power_to(unit).is_some()).collect();
        let exponent = spans.iter().map(|s| exponent_in(s, unit)).min().unwrap_or(0);
        Ok(Some(Self {
            zone,
            unit,
            exponent,
            interval_seconds: spans.iter().map(|s| s.interval_seconds.max(1)).reduce(common).unwrap_or(3600),
            has_received: spans.iter().any(|s| s.direction == Direction::Received),
            other_units: spans.len() != before,
            spans,
            as_of: None,
            shared: false,
            dial_only: Vec::new(),
            at_hand: None,
        }))
    }

    /// The same meters, to be read as they were known at an instant.
    #[must_use]
    pub fn known_at(self, at: Instant) -> Self {
        Self { as_of: Some(at), ..self }
    }

    /// The same meters as they are billed: of an interval in which the service changed hands the account's part counts.
    #[must_use]
    pub fn billed(self) -> Self {
        Self { shared: true, ..self }
    }

    /// What of an interval's value counts; `None` where none of it does.
    fn counted(&self, span: &RegisterSpan, start: Instant, end: Instant, value: i64) -> Option<i64> {
        if self.shared { span.share(start, end, value) } else { span.shows(start, end).then_some(value) }
    }

    /// The length of the shortest intervals in which some days can be shown: those of all registers with a part in them fit into it.
    #[must_use]
    pub fn seconds_in(&self, range: DayRange) -> u32 {
        let (from, to) = (self.zone.start_of(range.from), self.zone.start_of(range.to));
        let sends = |s: &&RegisterSpan| self.dial_since(s).is_none_or(|since| from < since);
        let there = self.spans.iter().filter(|s| overlaps(s, from, to)).filter(sends);
        there.map(|s| s.interval_seconds.max(1)).reduce(common).unwrap_or(self.interval_seconds)
    }

    /// A range in stretches of days that are each shown in intervals of one length, with that length.
    #[must_use]
    pub fn stretches(&self, range: DayRange) -> Vec<(DayRange, u32)> {
        // The length changes at most where a span begins or ends: from that day or from the next one on.
        let ends = self
            .spans
            .iter()
            .flat_map(|s| [Some(s.since), s.until, self.dial_since(s)])
            .flatten()
            .map(|at| self.zone.day_of(at));
        let mut borders: Vec<NaiveDate> = ends.flat_map(|day| [day, next_day(day)]).collect();
        borders.extend([range.from, range.to]);
        borders.retain(|day| range.from <= *day && *day <= range.to);
        borders.sort_unstable();
        borders.dedup();
        let mut out: Vec<(DayRange, u32)> = Vec::new();
        for days in borders.windows(2).filter_map(|w| DayRange::new(w[0], w[1]).ok()) {
            let seconds = self.seconds_in(days);
            match out.last_mut() {
                Some((before, same)) if *same == seconds => before.to = days.to,
                _ => out.push((days, seconds)),
            }
        }
        out
    }

    /// Stored days of one of the registers, as they are or as they were known.
    async fn stored(&self, tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<StoredDay>, Fault> {
        if let Some(days) = self.held(register, range, true) {
            return Ok(days.to_vec());
        }
        Ok(match self.as_of {
            Some(at) => store::history::days_as_of(tx, register, range, at).await?,
            None => store::usage::days(tx, register, range).await?,
        })
    }

    /// Their sums, as they are or as they were known.
    async fn sums(&self, tx: &mut Tx<'_>, register: RegisterId, range: DayRange) -> Result<Vec<DaySum>, Fault> {
        if let Some(days) = self.held(register, range, false) {
            return days.iter().map(|d| Ok(d.head()?)).collect();
        }
        if self.as_of.is_none() {
            return Ok(store::usage::sums(tx, register, range).await?);
        }
        self.stored(tx, register, range).await?.iter().map(|d| Ok(d.head()?)).collect()
    }

    fn held(&self, register: RegisterId, range: DayRange, whole: bool) -> Option<&[StoredDay]> {
        // What was known earlier is not what was read.
        self.at_hand.as_ref().filter(|_| self.as_of.is_none())?.days(register, range, whole)
    }

    /// What a register's dial said from an instant to another, both included.
    pub(crate) async fn reads(
        &self,
        tx: &mut Tx<'_>,
        register: RegisterId,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Reading>, Fault> {
        if let Some(at) = self.as_of {
            return Ok(store::history::reads_as_of(tx, register, (from, to), at).await?);
        }
        if let Some(reads) = self.at_hand.as_ref().and_then(|h| h.reads(register, from, to)) {
            return Ok(reads.to_vec());
        }
        Ok(store::usage::reads(tx, register, from, to).await?)
    }

    /// A register's amount on the common scale; exact, since the scale is the finest of any register.
    fn scaled(&self, span: &RegisterSpan, value: i64) -> i64 {
        let own = exponent_in(span, self.unit);
        if own == self.exponent { value } else { Decimal::new(value, own).round_to(self.exponent) }
    }

    /// The spans that have a part in a range of local days and count into delivered or received use.
    fn spans_in(&self, range: DayRange, received: bool) -> impl Iterator<Item = &RegisterSpan> {
        let (from, to) = (self.zone.start_of(range.from), self.zone.start_of(range.to));
        self.spans.iter().filter(move |s| (s.direction == Direction::Received) == received && overlaps(s, from, to))
    }
}

/// The shortest length into which intervals of two lengths fit whole.
fn common(a: u32, b: u32) -> u32 {
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor.max(1)).saturating_mul(b)
}

fn exponent_in(span: &RegisterSpan, unit: Unit) -> i8 {
    span.exponent.saturating_add(span.unit.power_to(unit).unwrap_or(0))
}

fn overlaps(span: &RegisterSpan, from: Instant, to: Instant) -> bool {
    span.since < to && span.until.is_none_or(|end| from < end)
}
