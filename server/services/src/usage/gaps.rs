//! Why readings are missing, when they are due, and which ones came late.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use contract::usage::{Bar, Gap, Grain, Why};
use domain::calendar::{DayRange, Instant, days_between, next_day};
use domain::metering::Quality;
use domain::metering::vee::Rule;
use domain::quantity::Direction;
use store::exceptions::State;
use store::history::Segment;
use store::meters::RegisterSpan;
use store::usage::{day_number, day_of_number};

use super::show::Scene;
use crate::{Fault, Work};

/// Over more days than these, only what is still missing is told, not what came late.
const MOST_DAYS: i64 = 100;
/// Readings come once a day and a day late is no delay yet.
const DAYS_UNTIL_LATE: i64 = 2;

/// The reasons, as runs of bars.
pub(super) async fn gaps(
    work: &mut Work,
    scene: &Scene,
    (grain, range): (Grain, DayRange),
    bars: &[Bar],
) -> Result<Vec<Gap>, Fault> {
    let delivered: Vec<&RegisterSpan> =
        scene.meters.spans.iter().filter(|s| s.direction != Direction::Received).collect();
    let lacking = |b: &Bar| !b.open && b.expected > b.present;
    let mut states: HashMap<NaiveDate, State> = HashMap::new();
    if bars.iter().any(lacking) {
        for span in &delivered {
            told(work, span, range, &mut states).await?;
        }
    }
    let late = if grain == Grain::Day && range.len() <= MOST_DAYS {
        late(work, scene, &delivered, range).await?
    } else {
        HashMap::new()
    };
    let zone = &scene.meters.zone;
    let reason = |bar: &Bar| -> Option<Why> {
        let days =
            DayRange { from: zone.day_of(bar.start), to: next_day(zone.day_of(bar.end - TimeDelta::seconds(1))) };
        if bar.amount.is_none() && bar.open {
            // It may be over already without a word: then the next delivery is the one.
            let due = days.last() + TimeDelta::days(DAYS_UNTIL_LATE);
            return Some(Why::Due(due.max(scene.present.today)));
        }
        if bar.quality == Quality::NotInstalled {
            let before = delivered.iter().any(|s| s.until.is_some_and(|until| until <= bar.end));
            let after = delivered.iter().any(|s| s.since >= bar.start);
            return Some(if before && after { Why::Exchange } else { Why::NoMeter });
        }
        if lacking(bar) {
            let turn = days.days().filter_map(|d| states.get(&d)).max_by_key(|s| u8::from(**s == State::Ordered));
            return Some(match turn {
                Some(State::Ordered) => Why::Ordered,
                Some(State::Open) => Why::LookedInto,
                Some(State::Settled) | None => Why::NotSent,
            });
        }
        late.get(&days.from).copied().map(Why::Arrived)
    };
    let mut out: Vec<Gap> = Vec::new();
    for (index, why) in (0_u32..).zip(bars.iter().map(reason)) {
        let Some(why) = why else { continue };
        match out.last_mut() {
            Some(run) if run.why == why && run.last + 1 == index => run.last = index,
            _ => out.push(Gap { first: index, last: index, why }),
        }
    }
    Ok(out)
}

/// Whose turn it is for each day of a register that lacks readings. A meter that has fallen silent lacks all since.
async fn told(
    work: &mut Work,
    span: &RegisterSpan,
    range: DayRange,
    states: &mut HashMap<NaiveDate, State>,
) -> Result<(), Fault> {
    let days = (day_number(range.from), day_number(range.to));
    for row in store::exceptions::missing(&mut work.tx, span.register, days).await? {
        let from = day_of_number(row.day)?;
        let to = if row.code == Rule::Silent.slug() { range.to } else { next_day(from) };
        for day in (DayRange { from, to }).intersect(range).into_iter().flat_map(DayRange::days) {
            states.insert(day, row.state);
        }
    }
    Ok(())
}

/// Days of which a part came after later days had come, and more than two days after its end; with the day on which it did.
async fn late(
    work: &mut Work,
    scene: &Scene,
    spans: &[&RegisterSpan],
    range: DayRange,
) -> Result<HashMap<NaiveDate, NaiveDate>, Fault> {
    let zone = &scene.meters.zone;
    let mut out = HashMap::new();
    for span in spans {
        let segments = store::history::segments(&mut work.tx, span.register, range).await?;
        // What was estimated or typed here did not arrive.
        let delivered: Vec<&Segment> =
            segments.iter().filter(|s| !s.name.is_empty() && s.format != "exception").collect();
        let mut earliest_later: Option<Instant> = None;
        for segment in delivered.iter().rev() {
            let day = day_of_number(segment.day)?;
            let arrived = zone.day_of(segment.arrived_at);
            let overtaken = segment.number > 0 || earliest_later.is_some_and(|at| at < segment.arrived_at);
            if overtaken && days_between(day, arrived) > DAYS_UNTIL_LATE {
                let known = out.entry(day).or_insert(arrived);
                *known = arrived.max(*known);
            }
            earliest_later = Some(earliest_later.map_or(segment.arrived_at, |at| at.min(segment.arrived_at)));
        }
    }
    Ok(out)
}
