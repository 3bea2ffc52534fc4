//! What was used over some days where their totals are all that is asked.

use chrono::NaiveDate;
use domain::billing::fill::{self, OfDay};
use domain::calendar::DayRange;
use domain::quantity::{Commodity, Decimal, Direction};

use super::dial::moved;
use super::{Hold, Part, Used, WAIT, nearest};
use crate::Fault;
use crate::usage_data::DayUse;

impl Part {
    /// What was used over some days. What is not known is filled: first by what the dial says, then by the mean of the known days.
    pub(super) fn used(
        &self,
        commodity: Commodity,
        served: DayRange,
        mean_before: Option<i64>,
        today: NaiveDate,
    ) -> Result<Result<Used, Hold>, Fault> {
        let days = self.days_of(served);
        let known: Vec<&DayUse> = days.iter().filter(|d| d.amount.is_some()).collect();
        let (sent_back, sent_filled) = self.sent_back(days, served);
        let mut received = match sent_back {
            Some(sent) => Some(self.micro(commodity, sent.max(0))?),
            None => None,
        };
        if known.is_empty() {
            let Some(mean) = mean_before else { return Ok(Err(Hold::NoReadings)) };
            return Ok(Ok(Used { delivered: mean.saturating_mul(served.len()), received, estimated: true }));
        }
        let late = known.last().is_some_and(|d| (served.to - d.day).num_days() > 3);
        if late && (today - served.to).num_days() < WAIT {
            return Ok(Err(Hold::WaitingForReadings));
        }
        let of_days: Vec<OfDay> =
            days.iter().map(|d| OfDay { amount: d.amount, expected: d.expected, present: d.present }).collect();
        let mut estimated = days.iter().any(|d| d.estimated > 0) || sent_filled;
        let delivered = if of_days.iter().all(OfDay::whole) {
            known.iter().filter_map(|d| d.amount).sum()
        } else if let Some(dial) = self.dial(served, false) {
            dial
        } else {
            estimated = true;
            fill::total(&of_days).unwrap_or(0)
        };
        // A register that turns both ways counts below nothing what was sent in excess.
        let sent = self.micro(commodity, delivered.min(0).saturating_neg())?;
        if sent > 0 {
            received = Some(received.unwrap_or(0).saturating_add(sent));
        }
        Ok(Ok(Used { delivered: self.micro(commodity, delivered.max(0))?, received, estimated }))
    }

    /// What was sent back over some days, on the common scale, and whether some of it is an estimate; `None` where that is not metered.
    fn sent_back(&self, days: &[DayUse], served: DayRange) -> (Option<i64>, bool) {
        if !self.meters.has_received {
            return (None, false);
        }
        // Before solar was there nothing is missing.
        let metered = days.iter().filter(|d| d.received_expected > 0 || d.received.is_some());
        let of_days: Vec<OfDay> = metered
            .map(|d| OfDay { amount: d.received, expected: d.received_expected, present: d.received_present })
            .collect();
        if of_days.iter().all(OfDay::whole) {
            return (Some(of_days.iter().filter_map(|d| d.amount).sum()), false);
        }
        match self.dial(served, true) {
            Some(dial) => (Some(dial), false),
            None => (Some(fill::total(&of_days).unwrap_or(0)), true),
        }
    }

    /// The difference of the dials over some days, of those that count what is sent back or of the others, on the common scale, where
    /// one meter has reads at both ends.
    pub(super) fn dial(&self, served: DayRange, received: bool) -> Option<i64> {
        let (from, to) = (self.meters.zone.start_of(served.from), self.meters.zone.start_of(served.to));
        let mut found = None;
        for (span, reads) in self.meters.spans.iter().zip(&self.reads) {
            let overlaps = span.since < to && span.until.is_none_or(|u| u > from);
            if (span.direction == Direction::Received) != received || !overlaps {
                continue;
            }
            if found.is_some() || span.since > from || span.until.is_some_and(|u| u < to) {
                return None;
            }
            let (a, b) = (nearest(reads, from)?, nearest(reads, to)?);
            let used = moved(span, a.value, b.value);
            let own = span.exponent.saturating_add(span.unit.power_to(self.meters.unit)?);
            found = Some(Decimal::new(used, own).round_to(self.meters.exponent));
        }
        found
    }
}
