//! Every meter of an account by itself, on one axis of time.

use chrono::NaiveDate;
use contract::meters::{MeterUse, MetersView, ServiceMeters};
use contract::usage::{Span, UsageAsk};
use domain::calendar::{DayRange, add_months, month_start, next_day};
use domain::quantity::{Commodity, Direction};

use super::show::Scene;
use crate::accounts::open_page;
use crate::usage_data::{Channel, channels, daily_of};
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Look at every meter of an account by itself.
    pub METERS = "usage.meters", Read, Resident
);

/// More days than this are shown by calendar months.
const MOST_DAYS: i64 = 100;

/// What the address asks for; dates as in [`super::show`], over what any meter knows.
///
/// # Errors
/// `NotFound` for an account that is not the person's; `SignInRequired`; otherwise if the database fails.
pub async fn meters(cx: &Cx, who: &Principal, number: &str, ask: &UsageAsk) -> Result<MetersView, Fault> {
    let mut work = cx.begin(&METERS, who).await?;
    let account = open_page(&mut work, number).await?;
    let today = zones::stored(&account.zone)?.day_of(work.now);
    let mut scenes: Vec<(Commodity, Scene)> = Vec::new();
    for service in account.head.services.clone() {
        if let Some(scene) = Scene::of(&mut work, &account.row, service).await? {
            scenes.push((service, scene));
        }
    }
    let mut view = MetersView {
        range: DayRange { from: today, to: next_day(today) },
        clamped: false,
        problems: Vec::new(),
        spans: Vec::new(),
        previous: None,
        next: None,
        known: None,
        monthly: false,
        parts: Vec::new(),
        services: Vec::new(),
        account: account.head,
    };
    // The service that is known longest makes the days to choose from.
    let Some((_, longest)) =
        scenes.iter().max_by_key(|(_, s)| (s.extent.last_day, std::cmp::Reverse(s.extent.first_day)))
    else {
        return Ok(view);
    };
    let first = scenes.iter().map(|(_, s)| s.extent.first_day).min().unwrap_or(longest.extent.first_day);
    let mut ground = longest.ground(&account.row);
    ground.whole.from = first;
    let asked = ground.resolve(ask);
    view.range = asked.range;
    (view.clamped, view.problems) = (asked.clamped, asked.problems);
    view.spans = ground.spans(view.range).into_iter().filter(|s| s.span != Span::Day).collect();
    (view.previous, view.next) = ground.neighbours(view.range);
    view.known = Some((first, longest.extent.last_day));
    view.monthly = view.range.len() > MOST_DAYS;
    view.parts = parts(view.range, view.monthly);
    for (service, _) in &scenes {
        for group in of_service(&mut work, account.id, *service, view.range, &view.parts).await? {
            view.services.push(group);
        }
    }
    Ok(view)
}

fn parts(range: DayRange, monthly: bool) -> Vec<DayRange> {
    if !monthly {
        return range.days().map(|d| DayRange { from: d, to: next_day(d) }).collect();
    }
    let next = |day: &NaiveDate| Some(add_months(*day, 1)).filter(|d| *d < range.to);
    std::iter::successors(Some(month_start(range.from)), next)
        .filter_map(|from| DayRange { from, to: add_months(from, 1) }.intersect(range))
        .collect()
}

/// The channels of a service; those whose units do not lead to each other by a power of ten are groups of their own.
async fn of_service(
    work: &mut Work,
    account: domain::ids::AccountId,
    service: Commodity,
    range: DayRange,
    parts: &[DayRange],
) -> Result<Vec<ServiceMeters>, Fault> {
    let mut out: Vec<ServiceMeters> = Vec::new();
    let mut all: Vec<Channel> = channels(&mut work.tx, account, service).await?;
    all.sort_by_key(|c| c.direction == Direction::Received);
    // One scale for all, so that they can be added and drawn beside each other.
    let finest = all.iter().map(|c| c.meters.exponent).min().unwrap_or(0);
    for mut channel in all {
        channel.meters.exponent = channel.meters.exponent.min(finest);
        let days = daily_of(&mut work.tx, &channel.meters, range, &mut |_, _| ()).await?;
        let sent_back = channel.direction == Direction::Received;
        let amount = |part: &DayRange| {
            let of = days.iter().filter(|d| part.contains(d.day));
            of.filter_map(|d| if sent_back { d.received } else { d.amount }).reduce(i64::saturating_add)
        };
        let parts: Vec<Option<i64>> = parts.iter().map(amount).collect();
        if parts.iter().all(Option::is_none) {
            continue;
        }
        let one = MeterUse {
            number: channel.meters.spans.last().map(|s| s.meter_number.clone()).unwrap_or_default(),
            sent_back,
            total: parts.iter().flatten().fold(0, |sum, v| sum.saturating_add(*v)),
            parts,
        };
        match out.iter_mut().find(|g| g.unit == channel.meters.unit) {
            Some(group) => group.meters.push(one),
            None => out.push(ServiceMeters { service, unit: channel.meters.unit, exponent: finest, meters: vec![one] }),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_cut_to_the_range() {
        let day = |text: &str| text.parse().expect("a date");
        let range = DayRange { from: day("2025-11-12"), to: day("2026-02-03") };
        let lengths: Vec<i64> = parts(range, true).into_iter().map(DayRange::len).collect();
        assert_eq!(lengths, [19, 31, 31, 2]);
        assert_eq!(parts(range, false).len(), 83);
    }
}
