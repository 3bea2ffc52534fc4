//! An account's channels one by one: what was counted in one direction at one place, exactly as it was metered. Charts add them
//! up ([`super::series`]); files that are handed out keep them apart.

use std::sync::Arc;

use domain::calendar::DayRange;
use domain::ids::{AccountId, ServicePointId};
use domain::metering::Interval;
use domain::quantity::{Commodity, Direction};
use store::Tx;
use store::meters::RegisterSpan;

use super::beside::dial_only;
use super::extent::of_meters;
use super::series::line;
use super::{Extent, Meters, exponent_in};
use crate::{Fault, zones};

/// What was counted in one direction at one place of service, in intervals of one length. Meters that followed each other
/// there are one channel; where the new one counts something else (heat after volume), they are two.
#[derive(Clone, Debug)]
pub struct Channel {
    /// The place.
    pub service_point: ServicePointId,
    /// Which way it counts.
    pub direction: Direction,
    /// The meters, with the unit and the power of ten of all values.
    pub meters: Meters,
}

/// The channels of an account for one commodity, by place, delivered before received.
///
/// # Errors
/// If the database fails.
pub async fn channels(tx: &mut Tx<'_>, account: AccountId, commodity: Commodity) -> Result<Vec<Channel>, Fault> {
    let mut groups: Vec<Vec<RegisterSpan>> = Vec::new();
    for span in store::meters::registers_of_account(tx, account, commodity).await? {
        let same = |s: &RegisterSpan| {
            s.service_point == span.service_point
                && s.direction == span.direction
                && s.interval_seconds == span.interval_seconds
                && s.unit.power_to(span.unit).is_some()
        };
        match groups.iter_mut().find(|g| g.first().is_some_and(same)) {
            Some(group) => group.push(span),
            None => groups.push(vec![span]),
        }
    }
    let mut out = Vec::with_capacity(groups.len());
    for spans in groups {
        let Some(newest) = spans.last() else { continue };
        let (service_point, direction, unit) = (newest.service_point, newest.direction, newest.unit);
        let zone = zones::stored(&newest.zone)?;
        let dial_only = dial_only(tx, &zone, &spans).await?;
        let meters = Meters {
            zone,
            unit,
            exponent: spans.iter().map(|s| exponent_in(s, unit)).min().unwrap_or(0),
            interval_seconds: newest.interval_seconds,
            has_received: direction == Direction::Received,
            other_units: false,
            as_of: None,
            shared: false,
            dial_only,
            at_hand: None,
            spans,
        };
        out.push(Channel { service_point, direction, meters });
    }
    out.sort_by_key(|c| (c.service_point, c.direction));
    Ok(out)
}

impl Channel {
    /// How far its data reach; `None` where there are none.
    ///
    /// # Errors
    /// If the database fails or a stored block is damaged.
    pub async fn extent(&self, tx: &mut Tx<'_>) -> Result<Option<Extent>, Fault> {
        of_meters(tx, &self.meters).await
    }

    /// Its intervals that have a value, by local day, each in order of time. A day without any is empty.
    ///
    /// # Errors
    /// If the database fails or a stored block is damaged.
    pub async fn days(&self, tx: &mut Tx<'_>, range: DayRange) -> Result<Vec<Vec<Interval>>, Fault> {
        let zone = Arc::clone(&self.meters.zone);
        let seconds = self.meters.interval_seconds.max(1);
        let start = zone.start_of(range.from);
        let slots = line(tx, &self.meters, range, seconds, self.direction == Direction::Received).await?;
        let mut out = vec![Vec::new(); usize::try_from(range.len()).unwrap_or(0)];
        let (mut day, mut next, mut at) = (0, zone.start_of(domain::calendar::next_day(range.from)), start);
        for slot in slots {
            while at >= next && day + 1 < out.len() {
                day += 1;
                let after = range.from + chrono::Days::new(u64::try_from(day).unwrap_or(0) + 1);
                next = zone.start_of(after);
            }
            if let (Some(value), Some(of_day)) = (slot.value, out.get_mut(day)) {
                of_day.push(Interval { start: at, seconds, value, quality: slot.quality });
            }
            at += chrono::TimeDelta::seconds(i64::from(seconds));
        }
        Ok(out)
    }
}
