//! From agreements and readings to billing determinants.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::billing::costs::DayUse as CostUse;
use domain::billing::intervals::{Bank, Intervals};
use domain::billing::{Determinants, Read, ServiceUse, ShownBy};
use domain::calendar::{DayRange, Instant};
use domain::ids::{AccountId, RegisterId};
use domain::money::div_half_up;
use domain::quantity::{Commodity, Decimal, Direction, ServiceKind, Unit};
use domain::tariff::{Book, Facts};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::bills::AgreementRow;

use self::dial::Dials;
pub(crate) use self::dial::{is_dial, moved};
use super::batch::{Agreed, Batch, READ_SLACK, Request};
use super::clock::Clock;
use crate::Fault;
use crate::usage_data::{DayUse, Meters};

mod dial;
mod parts;
mod totals;

/// Everything an account's bills of some time are computed from.
pub(super) struct Gathered {
    agreements: Vec<(AgreementRow, Facts, DayRange)>,
    metered: HashMap<Commodity, Metered>,
}

/// The meters of a service. Those that count at the same time are parts of their own: one may send intervals and another be read by its
/// dial alone.
struct Metered {
    parts: Vec<Part>,
    /// All of them by the clock, where a schedule asks for it.
    clock: Option<Clock>,
}

/// Meters that follow each other.
struct Part {
    meters: Meters,
    days: Vec<DayUse>,
    reads: Vec<Vec<domain::metering::Reading>>,
    /// What its dials said for years, where it sends nothing else.
    dials: Option<Dials>,
    /// The stored days that were read, by register and day, each once: sum and version.
    stored: Vec<((RegisterId, NaiveDate), (i64, i64))>,
}

/// Days behind a period for which readings that are late are waited for.
const WAIT: i64 = 10;

/// Why an account is not billed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// There is not one reading of a metered service, and no earlier bill to estimate from.
    NoReadings,
    /// The last days of the period have not been read yet.
    WaitingForReadings,
    /// Two agreements for the same service count the same days: which of them is billed is for an employee to say.
    OverlappingAgreements,
    /// One meter is read by its dial alone beside others, and the schedule has prices by the hour or by the highest load: at which hours
    /// that one's use was nobody knows.
    HoursOfDial,
    /// An employee holds its bills.
    ByEmployee,
}

/// The stored days of a register that a bill was computed from. Together with when it was computed they say which version of each
/// day that was: those that are not named had never been changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    /// Whose.
    pub register: RegisterId,
    /// The first stored day that was read, and the day after the last one.
    pub days: DayRange,
    /// How many days were stored.
    pub count: usize,
    /// The sum of all their values, in the register's own unit and power of ten.
    pub sum: i64,
    /// Days whose values had been changed before, and how often.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<(NaiveDate, i64)>,
}

/// What a period is billed by.
pub(super) struct Found {
    pub determinants: Determinants,
    /// By the clock, for services whose schedule asks for it.
    pub intervals: BTreeMap<ServiceKind, Intervals>,
    pub reads: Vec<Read>,
    pub sources: Vec<Source>,
    /// What dials that are billed by showed at the end, for the next bill: keys and numbers as they are carried on.
    pub dials: Vec<(String, i64)>,
}

/// What was used of one service over some days, and how well it is known.
struct Used {
    delivered: i64,
    received: Option<i64>,
    estimated: bool,
}

/// A stored amount in millionths of the billing unit; `None` where the units do not lead to one another.
pub(super) fn to_micro(commodity: Commodity, unit: Unit, exponent: i8, value: i64) -> Option<i64> {
    let (numerator, divisor): (i128, i128) = match (commodity, unit) {
        (Commodity::Electricity, Unit::KilowattHour)
        | (Commodity::Gas, Unit::Therm)
        | (Commodity::Water, Unit::Ccf) => (1, 1),
        (Commodity::Electricity, Unit::WattHour) => (1, 1_000),
        (Commodity::Electricity, Unit::Joule) => (1, 3_600_000),
        (Commodity::Gas, Unit::Btu) => (1, 100_000),
        // 1.037 therms in a hundred cubic feet, the usual heat content.
        (Commodity::Gas, Unit::Ccf) => (1_037, 1_000),
        (Commodity::Gas, Unit::CubicFoot) => (1_037, 100_000),
        (Commodity::Water, Unit::CubicFoot) => (1, 100),
        (Commodity::Water, Unit::Gallon) => (1, 748),
        (Commodity::Water, Unit::CubicMetre) => (1_000_000, 2_831_685),
        (Commodity::Water, Unit::Litre) => (1_000, 2_831_685),
        _ => return None,
    };
    let scale = i32::from(exponent) + 6;
    let power = 10_i128.checked_pow(scale.unsigned_abs())?;
    let (n, d) = if scale >= 0 { (numerator * power, divisor) } else { (numerator, divisor * power) };
    i64::try_from(div_half_up(i128::from(value).checked_mul(n)?, d)).ok()
}

impl Gathered {
    /// Reads what bills over a range of days need of one account. `None` where the account has no agreement.
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        book: &Book,
        account: AccountId,
        range: DayRange,
    ) -> Result<Option<Self>, Fault> {
        let mut batch = Batch::load(tx, book, &[Request { account, range, billed_to: None }]).await?;
        match batch.take(account) {
            Some(agreed) => Ok(Some(Self::of(tx, agreed, range).await?)),
            None => Ok(None),
        }
    }

    /// As [`Gathered::load`], of what was read before.
    pub(super) async fn of(tx: &mut Tx<'_>, agreed: Agreed, range: DayRange) -> Result<Self, Fault> {
        let mut metered = HashMap::new();
        for (commodity, meters, by_clock) in agreed.meters {
            metered.insert(commodity, Metered::load(tx, meters, commodity, range, by_clock).await?);
        }
        Ok(Self { agreements: agreed.agreements, metered })
    }

    /// The first day on which any metered service is known.
    pub(super) fn first_known(&self) -> Option<NaiveDate> {
        self.metered.values().filter_map(Metered::first_known).min()
    }

    /// What is known by now of what a service used over some days; `None` where it is not.
    pub(super) fn known(&self, commodity: Commodity, served: DayRange) -> Result<Option<i64>, Fault> {
        self.metered.get(&commodity).map_or(Ok(None), |m| m.known(commodity, served))
    }

    /// Whether anything is metered at all.
    pub(super) fn is_metered(&self) -> bool {
        !self.metered.is_empty()
    }

    /// The determinants of one period, with its reads. `None` where nothing was served in it. `before` gives what an average day
    /// of the last bill used (delivered, in millionths), for services of which nothing is known, and `bank` what it carried on; `today`
    /// decides whether to wait for late readings.
    pub(super) fn determinants(
        &self,
        book: &Book,
        cycle: DayRange,
        (before, bank): (&HashMap<ServiceKind, i64>, &Bank),
        today: NaiveDate,
    ) -> Result<Result<Option<Found>, Hold>, Fault> {
        let mut services = Vec::new();
        let mut reads = Vec::new();
        let mut intervals: BTreeMap<ServiceKind, Intervals> = BTreeMap::new();
        let mut sources = Vec::new();
        let mut dials: Vec<(String, i64)> = Vec::new();
        let mut assistance = None;
        for kind in ServiceKind::ALL {
            let of: Vec<_> = self
                .agreements
                .iter()
                .filter(|(a, ..)| a.service == kind)
                .filter_map(|(a, facts, days)| Some((a, facts, days.intersect(cycle)?)))
                .collect();
            if overlap(&of, kind.commodity().is_some()) {
                return Ok(Err(Hold::OverlappingAgreements));
            }
            let by_clock =
                of.iter().any(|(a, _, served)| book.schedule(&a.schedule).is_some_and(|s| s.by_clock(*served)));
            for (agreement, facts, served) in of {
                assistance = assistance.or(facts.assistance);
                let mut used = ServiceUse {
                    service: kind,
                    schedule: agreement.schedule.clone(),
                    served,
                    facts: facts.clone(),
                    delivered: None,
                    received: None,
                };
                if let Some(commodity) = kind.commodity() {
                    let Some(m) = self.metered.get(&commodity) else { return Ok(Err(Hold::NoReadings)) };
                    // Parts of a period begin where the one before ended.
                    let handed = |key: &str| {
                        dials.iter().rev().find(|(k, _)| k == key).map(|(_, v)| *v).or_else(|| bank.get(key).copied())
                    };
                    let mean = before.get(&kind).copied();
                    let counted = match m.counted((kind, commodity), served, &handed, mean, today)? {
                        Ok(counted) => counted,
                        Err(hold) => return Ok(Err(hold)),
                    };
                    let mut amount = counted.used;
                    // Of what a dial alone counted nobody knows at which hours it was used.
                    if by_clock && counted.mixed {
                        return Ok(Err(Hold::HoursOfDial));
                    }
                    let schedule = book.schedule(&agreement.schedule);
                    if let (true, Some(clock), Some(schedule)) = (by_clock, &m.clock, schedule) {
                        // What was sent in excess is no use; of a register that turns both ways it is part of what it came to.
                        let sent = amount.received.filter(|_| clock.both_ways()).unwrap_or(0);
                        let whole = amount.delivered.saturating_sub(sent);
                        let (slots, holes) = clock.filled(schedule, served, Some(whole));
                        // The totals of the bill are those of its hours.
                        amount.delivered = slots.iter().map(|s| s.delivered).fold(0, i64::saturating_add);
                        let received = slots.iter().map(|s| s.received).fold(0, i64::saturating_add);
                        amount.received = (clock.sends_back() || amount.received.is_some()).then_some(received);
                        amount.estimated |= holes > 0;
                        intervals.entry(kind).or_default().0.extend(slots);
                    }
                    used.delivered = Some(Decimal::new(amount.delivered, -6));
                    used.received = amount.received.map(|r| Decimal::new(r, -6));
                    dials.retain(|(k, _)| counted.ends.iter().all(|(key, _)| key != k));
                    dials.extend(counted.ends);
                    reads.extend(counted.reads);
                    sources.extend(m.sources(served));
                }
                services.push(used);
            }
        }
        let determinants = Determinants { cycle, services, assistance };
        let found = Found { determinants, intervals, reads, sources, dials };
        Ok(Ok((!found.determinants.services.is_empty()).then_some(found)))
    }
}

/// Whether two agreements of a service count the same days: anywhere, where the use of all meters is added up, else at one place.
fn overlap(of: &[(&AgreementRow, &Facts, DayRange)], metered: bool) -> bool {
    of.iter().enumerate().any(|(i, (a, _, days))| {
        of[..i]
            .iter()
            .any(|(o, _, other)| (metered || o.premise_id == a.premise_id) && days.intersect(*other).is_some())
    })
}

impl Part {
    fn micro(&self, commodity: Commodity, value: i64) -> Result<i64, Fault> {
        to_micro(commodity, self.meters.unit, self.meters.exponent, value)
            .ok_or_else(|| Fault::Other(format!("{commodity:?} in {:?} cannot be billed", self.meters.unit)))
    }

    fn days_of(&self, served: DayRange) -> &[DayUse] {
        let from = self.days.partition_point(|d| d.day < served.from);
        let to = self.days.partition_point(|d| d.day < served.to);
        &self.days[from..to]
    }

    /// The stored days that some days were computed from.
    fn sources(&self, served: DayRange) -> Vec<Source> {
        let mut out: Vec<Source> = Vec::new();
        for ((register, day), (sum, version)) in self.stored.iter().filter(|((_, d), _)| served.contains(*d)) {
            let to = domain::calendar::next_day(*day);
            if out.last().is_none_or(|s| s.register != *register) {
                let days = DayRange { from: *day, to };
                out.push(Source { register: *register, days, count: 0, sum: 0, changed: Vec::new() });
            }
            if let Some(source) = out.last_mut() {
                source.days.to = to;
                source.count += 1;
                source.sum = source.sum.saturating_add(*sum);
                source.changed.extend((*version > 0).then_some((*day, *version)));
            }
        }
        out
    }

    fn reads(&self, service: ServiceKind, served: DayRange, estimated: bool) -> Vec<Read> {
        let (from, to) = (self.meters.zone.start_of(served.from), self.meters.zone.start_of(served.to));
        let mut out = Vec::new();
        for (span, reads) in self.meters.spans.iter().zip(&self.reads) {
            if span.since >= to || span.until.is_some_and(|u| u <= from) {
                continue;
            }
            let first = nearest(reads, span.since.max(from));
            let last = nearest(reads, span.until.map_or(to, |u| u.min(to)));
            let say = |r: Option<&domain::metering::Reading>| r.map(|r| (r.at, Decimal::new(r.value, span.exponent)));
            out.push(Read {
                service,
                meter: span.meter_number.clone(),
                received: span.direction == Direction::Received,
                previous: say(first),
                present: say(last),
                unit: span.unit,
                estimated: estimated || [first, last].into_iter().flatten().any(|r| r.quality.is_estimate()),
                previous_by: ShownBy::Read,
                present_by: ShownBy::Read,
            });
        }
        out
    }
}

/// The read nearest to an instant, within the slack.
fn nearest(reads: &[domain::metering::Reading], at: Instant) -> Option<&domain::metering::Reading> {
    reads.iter().filter(|r| (r.at - at).abs() <= READ_SLACK).min_by_key(|r| (r.at - at).abs())
}

/// Days of use for the costs of a period, in millionths of the billing unit.
pub(super) fn cost_days(commodity: Commodity, meters: &Meters, days: &[DayUse]) -> Vec<CostUse> {
    let micro = |v: Option<i64>| v.and_then(|v| to_micro(commodity, meters.unit, meters.exponent, v));
    days.iter().map(|d| CostUse { day: d.day, delivered: micro(d.amount), received: micro(d.received) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_units_become_billing_units() {
        let m = |c, u, e, v| to_micro(c, u, e, v);
        assert_eq!(m(Commodity::Electricity, Unit::WattHour, 0, 430_000), Some(430_000_000));
        assert_eq!(m(Commodity::Electricity, Unit::KilowattHour, -3, 250), Some(250_000));
        assert_eq!(m(Commodity::Water, Unit::Gallon, 0, 748), Some(1_000_000));
        assert_eq!(m(Commodity::Water, Unit::Gallon, -1, 7_480), Some(1_000_000));
        assert_eq!(m(Commodity::Gas, Unit::Therm, -8, 150), Some(2), "half up");
        assert_eq!(m(Commodity::Gas, Unit::KilowattHour, 0, 1), None);
    }
}
