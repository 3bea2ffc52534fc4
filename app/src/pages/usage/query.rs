//! Which view an address, a bar or a zoom leads to.

use charts::usage::words::days_of;
use contract::usage::{Grain, UsageQuery, UsageView};
use domain::calendar::DayRange;

use crate::routes::to;

/// The page's own address for a query.
pub(super) fn address(model: &UsageView, query: &UsageQuery) -> String {
    to::usage(&model.account.number) + &query.to_query()
}

/// What a bar opens into: a bill or a month into its days, a day into its hours, hours into quarter-hours.
pub(super) fn into_bar(model: &UsageView, index: usize) -> Option<UsageQuery> {
    let bar = model.bars.get(index)?;
    let range = days_of(model, bar);
    let grain = match model.query.grain {
        Grain::Bill | Grain::Month => Grain::Day,
        Grain::Day => Grain::Hour,
        Grain::Hour if has(model, Grain::QuarterHour) => Grain::QuarterHour,
        Grain::Hour | Grain::QuarterHour => return None,
    };
    Some(UsageQuery { grain, range, ..model.query })
}

fn has(model: &UsageView, grain: Grain) -> bool {
    model.grains.iter().any(|g| g.grain == grain)
}

/// A number of bars with its sign.
pub(super) fn signed(slot: usize) -> i64 {
    i64::try_from(slot).unwrap_or(i64::MAX)
}

/// The view about a bar, which stays where it is: what took `wide` takes `now`.
pub(super) fn about(model: &UsageView, middle: usize, wide: i64, now: i64) -> UsageQuery {
    let (middle, last) = (signed(middle), signed(model.bars.len()) - 1);
    zoomed(model, middle - middle * wide / now, middle + (last - middle) * wide / now)
}

/// The view of some bars, in steps that suit; bars before the first and after the last are as long as the shown ones.
pub(super) fn zoomed(model: &UsageView, from: i64, to: i64) -> UsageQuery {
    let shown = model.query.range;
    let edge = |slot: i64, end: bool| match usize::try_from(slot).ok().and_then(|i| model.bars.get(i)) {
        Some(bar) if end => days_of(model, bar).to,
        Some(bar) => days_of(model, bar).from,
        None => {
            let days = (slot + i64::from(end)) * shown.len() / signed(model.bars.len()).max(1);
            shown.from + chrono::TimeDelta::days(days.clamp(-4_000, 4_000))
        }
    };
    let range = DayRange { from: edge(from, false), to: edge(to, true) };
    let days = range.len();
    let grain = if days <= 2 && has(model, Grain::QuarterHour) {
        Grain::QuarterHour
    } else if days <= 10 {
        Grain::Hour
    } else if days <= 150 {
        Grain::Day
    } else {
        model.query.grain.max(Grain::Day)
    };
    UsageQuery { grain, range, ..model.query }
}
