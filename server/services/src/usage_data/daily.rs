//! Sums by local day, without unpacking the days that lie wholly within a span.

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant};
use domain::ids::{AccountId, RegisterId};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::quantity::Commodity;
use store::Tx;
use store::meters::RegisterSpan;
use store::usage::DaySum;

use super::Meters;
use crate::Fault;

/// One local day of an account's use. Amounts count [`Meters::unit`] and [`Meters::exponent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// The local day.
    pub day: NaiveDate,
    /// Its first instant.
    pub start: Instant,
    /// The first instant of the next day.
    pub end: Instant,
    /// What was delivered; `None` where nothing at all is known: a gap, not a zero.
    pub amount: Option<i64>,
    /// What was sent back; `None` where it is not metered or nothing is known.
    pub received: Option<i64>,
    /// How many intervals of what is sent back there should be; 0 where it is not metered.
    pub received_expected: u32,
    /// How many of them have a value.
    pub received_present: u32,
    /// How many delivered intervals there should be; 0 where the account had no meter or agreement.
    pub expected: u32,
    /// How many have a value.
    pub present: u32,
    /// How many of those are estimated or edited.
    pub estimated: u32,
    /// How many failed a check and stand all the same.
    pub questionable: u32,
    /// The largest delivered interval of a register.
    pub peak: i64,
}

/// Sums by day for a range, with the meters they come from; one entry per day, gaps included. `None` where the account
/// never had a meter for the commodity.
///
/// # Errors
/// If the database fails or a stored block is damaged.
pub async fn daily(
    tx: &mut Tx<'_>,
    account: AccountId,
    commodity: Commodity,
    range: DayRange,
) -> Result<Option<(Meters, Vec<DayUse>)>, Fault> {
    let Some(meters) = Meters::of(tx, account, commodity).await? else { return Ok(None) };
    let days = daily_of(tx, &meters, range, &mut |_, _| ()).await?;
    Ok(Some((meters, days)))
}

/// As [`daily`], for meters that are known already. `seen` is told each stored day that was read, with its register.
///
/// # Errors
/// If the database fails or a stored block is damaged.
pub(crate) async fn daily_of(
    tx: &mut Tx<'_>,
    meters: &Meters,
    range: DayRange,
    seen: &mut (dyn FnMut(RegisterId, &DaySum) + Send),
) -> Result<Vec<DayUse>, Fault> {
    let mut days: Vec<DayUse> = Vec::with_capacity(usize::try_from(range.len()).unwrap_or(0));
    let mut start = meters.zone.start_of(range.from);
    for day in range.days() {
        let end = meters.zone.start_of(domain::calendar::next_day(day));
        let empty = DayUse {
            day,
            start,
            end,
            amount: None,
            received: None,
            received_expected: 0,
            received_present: 0,
            expected: 0,
            present: 0,
            estimated: 0,
            questionable: 0,
            peak: 0,
        };
        days.push(empty);
        start = end;
    }
    for received in [false, true] {
        for span in meters.spans_in(range, received).cloned().collect::<Vec<_>>() {
            for day in &mut days {
                let of = expected(meters, &span, day);
                *(if received { &mut day.received_expected } else { &mut day.expected }) += of;
            }
            for sum in meters.sums(tx, span.register, range).await? {
                let at = usize::try_from(domain::calendar::days_between(range.from, sum.day)).ok();
                let Some(day) = at.and_then(|i| days.get_mut(i)) else { continue };
                seen(span.register, &sum);
                let part = if span.holds(sum.head.start, sum.head.end()) {
                    Part {
                        sum: sum.sum,
                        present: sum.head.present(),
                        estimated: sum.head.estimated,
                        questionable: sum.head.questionable,
                        peak: sum.head.peak,
                    }
                } else {
                    let one = DayRange { from: sum.day, to: domain::calendar::next_day(sum.day) };
                    match meters.stored(tx, span.register, one).await?.first() {
                        Some(stored) => Part::within(meters, &span, &stored.unpack()?),
                        None => continue,
                    }
                };
                if part.present == 0 {
                    continue;
                }
                let amount = meters.scaled(&span, part.sum);
                if received {
                    day.received = Some(day.received.unwrap_or(0).saturating_add(amount));
                    day.received_present += part.present;
                } else {
                    day.amount = Some(day.amount.unwrap_or(0).saturating_add(amount));
                    day.present += part.present;
                    day.estimated += part.estimated;
                    day.questionable += part.questionable;
                    day.peak = day.peak.max(meters.scaled(&span, part.peak));
                }
            }
        }
    }
    Ok(days)
}

/// How many intervals of a day a span should have.
fn expected(meters: &Meters, span: &RegisterSpan, day: &DayUse) -> u32 {
    if meters.dial_since(span).is_some_and(|since| since <= day.start) {
        return 0;
    }
    let step = i64::from(span.interval_seconds.max(1));
    let whole = (day.end - day.start).num_seconds() / step;
    if span.holds(day.start, day.end) {
        return u32::try_from(whole).unwrap_or(0);
    }
    let mut n = 0;
    let length = chrono::TimeDelta::seconds(step);
    let mut at = day.start;
    while at < day.end {
        n += u32::from(meters.counted(span, at, at + length, 0).is_some());
        at += length;
    }
    n
}

/// The share of a day that belongs to a span.
#[derive(Default)]
struct Part {
    sum: i64,
    present: u32,
    estimated: u32,
    questionable: u32,
    peak: i64,
}

impl Part {
    fn within(meters: &Meters, span: &RegisterSpan, block: &DayBlock) -> Self {
        let mut part = Self::default();
        for interval in block.intervals() {
            let end = interval.start + chrono::TimeDelta::seconds(i64::from(interval.seconds));
            let Some(value) = meters.counted(span, interval.start, end, interval.value) else { continue };
            part.sum = part.sum.saturating_add(value);
            part.peak = if part.present == 0 { value } else { part.peak.max(value) };
            part.present += 1;
            part.estimated += u32::from(interval.quality.is_estimate());
            part.questionable += u32::from(interval.quality == Quality::Questionable);
        }
        part
    }
}
