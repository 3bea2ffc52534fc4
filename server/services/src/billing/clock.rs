//! Use by the clock, as bills need it: in millionths of the billing unit, at local minutes, with holes filled and said.

use chrono::{NaiveDate, Timelike as _};
use domain::billing::fill::fill;
use domain::billing::intervals::{Intervals, Slot};
use domain::calendar::{DayRange, Instant, Zone, next_day};
use domain::metering::Quality;
use domain::metering::day::Slot as Stored;
use domain::quantity::{Commodity, Direction};
use domain::tariff::Schedule;
use store::Tx;

use super::gather::to_micro;
use crate::Fault;
use crate::usage_data::{Meters, series_of};

/// The minute of the local clock at an instant.
#[must_use]
pub fn minute_of(zone: &Zone, at: Instant) -> u16 {
    let local = zone.to_local(at);
    u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0)
}

/// Intervals of some days with what is not known of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    slots: Vec<Slot>,
    no_delivered: Vec<bool>,
    no_received: Vec<bool>,
    /// Whether the meter counts what is sent back.
    sends_back: bool,
    /// Whether a register turns both ways: an interval below nothing is what was sent back in it.
    both_ways: bool,
}

/// Multiplies stored amounts into millionths of the billing unit, without a division where the units allow it.
struct Scale<'m> {
    commodity: Commodity,
    meters: &'m Meters,
    times: Option<i64>,
}

impl<'m> Scale<'m> {
    fn of(commodity: Commodity, meters: &'m Meters) -> Self {
        let same = meters.unit == commodity.billing_unit();
        let power = u32::try_from(i32::from(meters.exponent) + 6).ok();
        Self { commodity, meters, times: power.filter(|_| same).and_then(|p| 10_i64.checked_pow(p)) }
    }

    fn micro(&self, value: i64) -> Result<i64, Fault> {
        let micro = match self.times {
            Some(times) => value.checked_mul(times),
            None => to_micro(self.commodity, self.meters.unit, self.meters.exponent, value),
        };
        micro.ok_or_else(|| {
            Fault::Other(format!("{value} of {:?} in {:?} cannot be billed", self.commodity, self.meters.unit))
        })
    }
}

impl Clock {
    /// Reads some days.
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        meters: &Meters,
        commodity: Commodity,
        range: DayRange,
    ) -> Result<Self, Fault> {
        let both_ways = meters.spans.iter().any(|s| s.direction == Direction::Net);
        let mut out = Self { sends_back: meters.has_received || both_ways, both_ways, ..Self::default() };
        // The hours of a day do not depend on which other days are looked at with it.
        for (days, _) in meters.stretches(range) {
            out.add(tx, meters, commodity, days).await?;
        }
        Ok(out)
    }

    async fn add(
        &mut self,
        tx: &mut Tx<'_>,
        meters: &Meters,
        commodity: Commodity,
        range: DayRange,
    ) -> Result<(), Fault> {
        let series = series_of(tx, meters, range).await?;
        let (n, step) = (series.slots.len(), i64::from(series.interval_seconds.max(1)));
        let out = self;
        out.slots.reserve(n);
        out.no_delivered.reserve(n);
        out.no_received.reserve(n);
        let scale = Scale::of(commodity, meters);
        // Where there was no meter nothing was used: only what should be there can be missing.
        let known = |s: &Stored| s.value.is_some() || s.quality == Quality::NotInstalled;
        let mut at = series.start.timestamp();
        let mut index = 0;
        for day in range.days() {
            let (start, end) = (at, series.zone.start_of(next_day(day)).timestamp());
            // On a day without a change of the clock its minutes follow each other.
            let plain = end - start == 86_400;
            while at < end && index < n {
                let minute = if plain {
                    u16::try_from((at - start) / 60).unwrap_or(0)
                } else {
                    minute_of(&series.zone, chrono::DateTime::from_timestamp(at, 0).unwrap_or_default())
                };
                let taken = &series.slots[index];
                let sent = series.received.as_ref().and_then(|r| r.get(index));
                let mut delivered = scale.micro(taken.value.unwrap_or(0))?;
                let mut received = scale.micro(sent.and_then(|s| s.value).unwrap_or(0))?;
                if out.both_ways && delivered < 0 {
                    received = received.saturating_sub(delivered);
                    delivered = 0;
                }
                out.slots.push(Slot { day, minute, seconds: series.interval_seconds, delivered, received });
                out.no_delivered.push(!known(taken));
                out.no_received.push(sent.is_some_and(|s| !known(s)) || (out.both_ways && !known(taken)));
                index += 1;
                at += step;
            }
        }
        Ok(())
    }

    /// Some days of it.
    pub(super) fn part(&self, days: DayRange) -> Self {
        let (from, to) = self.bounds(days);
        Self {
            slots: self.slots[from..to].to_vec(),
            no_delivered: self.no_delivered[from..to].to_vec(),
            no_received: self.no_received[from..to].to_vec(),
            sends_back: self.sends_back,
            both_ways: self.both_ways,
        }
    }

    /// As if nothing were known from a day on.
    pub(super) fn until(mut self, until: NaiveDate) -> Self {
        for at in self.slots.partition_point(|s| s.day < until)..self.slots.len() {
            (self.slots[at].delivered, self.slots[at].received) = (0, 0);
            self.no_delivered[at] = true;
            self.no_received[at] |= self.sends_back;
        }
        self
    }

    /// What is known on some days; nothing where it is not.
    pub(super) fn known(&self, days: DayRange) -> Intervals {
        let (from, to) = self.bounds(days);
        Intervals(self.slots[from..to].to_vec())
    }

    fn bounds(&self, days: DayRange) -> (usize, usize) {
        let from = self.slots.partition_point(|s| s.day < days.from);
        let to = self.slots.partition_point(|s| s.day < days.to);
        (from, to.max(from))
    }

    /// Whether a register turns both ways.
    pub(super) const fn both_ways(&self) -> bool {
        self.both_ways
    }

    /// Whether what is sent back is known by the clock.
    pub(super) const fn sends_back(&self) -> bool {
        self.sends_back
    }

    /// Every interval of some days. Holes are filled so that all of it comes to `whole`, where that is known (delivered, in
    /// millionths; of a register that turns both ways less what was sent back). Answers also how many were filled.
    pub(super) fn filled(&self, schedule: &Schedule, days: DayRange, whole: Option<i64>) -> (Vec<Slot>, usize) {
        let (from, to) = self.bounds(days);
        let mut slots = self.slots[from..to].to_vec();
        let (taken, sent) = (&self.no_delivered[from..to], &self.no_received[from..to]);
        let count = |of: &[bool]| of.iter().filter(|m| **m).count();
        let holes = count(taken).max(count(sent));
        if holes == 0 {
            return (slots, 0);
        }
        let weekend: Vec<bool> = days.days().map(|d| schedule.is_weekend(d)).collect();
        let keys: Vec<(bool, u16)> = slots
            .iter()
            .map(|s| {
                let at = usize::try_from(domain::calendar::days_between(days.from, s.day)).unwrap_or(0);
                (weekend.get(at).copied().unwrap_or(false), s.minute)
            })
            .collect();
        let mut delivered: Vec<i64> = slots.iter().map(|s| s.delivered).collect();
        let mut received: Vec<i64> = slots.iter().map(|s| s.received).collect();
        let sum = |of: &[i64]| of.iter().copied().fold(0, i64::saturating_add);
        match whole.filter(|_| self.both_ways) {
            None => {
                fill(&mut delivered, taken, |i| keys[i], whole);
                fill(&mut received, sent, |i| keys[i], None);
            }
            Some(net) => {
                let known = sum(&delivered);
                fill(&mut received, sent, |i| keys[i], None);
                let used = net.saturating_add(sum(&received));
                if used >= known {
                    fill(&mut delivered, taken, |i| keys[i], Some(used));
                } else {
                    // More was sent back than on like days.
                    received.iter_mut().zip(sent).filter(|(_, m)| **m).for_each(|(r, _)| *r = 0);
                    fill(&mut received, sent, |i| keys[i], Some(known.saturating_sub(net)));
                }
            }
        }
        for ((slot, delivered), received) in slots.iter_mut().zip(delivered).zip(received) {
            (slot.delivered, slot.received) = (delivered, received);
        }
        (slots, holes)
    }
}
