//! Home: what is owed, what needs attention, each service at a glance.

use chrono::{Days, NaiveDate};
use contract::home::{Attention, HomeView};
use contract::usage::ServiceNow;
use domain::alert::{STEADY_HOURS, steady_flow};
use domain::calendar::{DayRange, Zone, days_between, next_day};
use domain::metering::vee::Rule;
use domain::metering::vee::history::{DayFacts, nothing_since};
use domain::money::Cents;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use crate::usage_data::{Series, series};
use crate::{Cx, Fault, Principal, Work, accounts, billing, usage, use_case, zones};

use_case!(
    /// The account at a glance.
    pub SHOW = "home.show", Read, Resident
);

/// Readings arrive within two days; after this many without any, people are told.
const STALE_DAYS: i64 = 4;

/// The account at a glance.
///
/// # Errors
/// `NotFound` for an account that is not theirs, or if the database fails.
pub async fn show(cx: &Cx, who: &Principal, number: &str) -> Result<HomeView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let opened = accounts::open(&mut work, number).await?;
    let zone = zones::stored(&opened.zone)?;
    let today = zone.day_of(work.now);
    let (position, mut attention) = crate::collections::attention(&mut work, opened.id, today).await?;
    let pending = store::payments::pending_sum(&mut work.tx, opened.id).await?;
    let (due, _) = billing::due::summarize(&position, pending);
    let services = usage::services_now(&mut work, &opened).await?;

    if pending > Cents::ZERO {
        attention.push(Attention::PaymentPending { amount: pending });
    }
    let (planned_attention, planned) =
        crate::payments::later::on_home(&mut work, &opened, &zone, due.unpaid(), due.due_on).await?;
    attention.extend(planned_attention);
    attention.extend(billing::holds::of(&mut work, opened.id).await?.map(Attention::BillHeld));
    if let Some(flow) = water_running(&mut work, &opened, &services).await? {
        attention.push(flow);
    }
    attention.extend(nothing_counted(&mut work, &opened, &services, (&zone, today)).await?);
    attention.extend(services.iter().filter_map(|s| stale(s, today)));
    let coming = billing::forecast::coming_with_record(&mut work, opened.id).await?;
    Ok(HomeView { account: opened.head, due, attention, planned, coming, services, today })
}

/// Meters whose readings are nothing but zero, as the checks found and nobody has settled yet. Nothing is found twice of what
/// lasts, so whether it lasts is read from the days since.
async fn nothing_counted(
    work: &mut Work,
    opened: &accounts::OpenedAccount,
    services: &[ServiceNow],
    (zone, today): (&Zone, NaiveDate),
) -> Result<Vec<Attention>, Fault> {
    let mut out = Vec::new();
    let now = work.now;
    for service in services.iter().map(|s| s.service) {
        let mut spans = store::meters::registers_of_account(&mut work.tx, opened.id, service).await?;
        spans.retain(|s| s.covers(now) && s.direction != Direction::Received);
        let registers: Vec<_> = spans.iter().map(|s| s.register).collect();
        let unsettled = store::exceptions::unsettled(&mut work.tx, &registers).await?;
        let mut since: Option<NaiveDate> = None;
        for span in spans {
            let found = unsettled.iter().filter(|x| x.register == span.register && x.code == Rule::Zero.slug());
            let Some(latest) = found.map(|x| x.day).max() else { continue };
            // What was found before somebody moved in is none of theirs.
            let Ok(own) = DayRange::new(zone.day_of(span.since), next_day(today)) else { continue };
            let sums = store::usage::sums(&mut work.tx, span.register, own).await?;
            let days: Vec<_> = sums.iter().map(|s| DayFacts::of(s.day, s.sum, &s.head)).collect();
            let run = nothing_since(&days).filter(|first| store::usage::day_number(*first) <= latest);
            since = run.map(|first| since.map_or(first, |s| s.min(first))).or(since);
        }
        out.extend(since.map(|since| Attention::NothingCounted { service, since }));
    }
    Ok(out)
}

fn stale(service: &ServiceNow, today: NaiveDate) -> Option<Attention> {
    let (since, _, _) = service.last_day?;
    (days_between(since, today) > STALE_DAYS).then_some(Attention::NoReadings { service: service.service, since })
}

/// How many days before the last with readings are looked at: as far as a leak is dated.
const LOOK_BACK: u64 = 13;

/// Looks back over the last two weeks with readings.
async fn water_running(
    work: &mut Work,
    opened: &accounts::OpenedAccount,
    services: &[ServiceNow],
) -> Result<Option<Attention>, Fault> {
    let Some(water) = services.iter().find(|s| s.service == Commodity::Water) else { return Ok(None) };
    let Some((last, _, _)) = water.last_day else { return Ok(None) };
    let Some(first) = last.checked_sub_days(Days::new(LOOK_BACK)) else { return Ok(None) };
    let Ok(range) = DayRange::new(first, next_day(last)) else { return Ok(None) };
    let Some(series) = series(&mut work.tx, opened.id, Commodity::Water, range).await? else { return Ok(None) };
    Ok(leak(&series))
}

fn leak(series: &Series) -> Option<Attention> {
    // Only gallons by the hour are judged; a dial in hundreds of cubic feet is too coarse to tell a leak from a shower.
    if series.unit != Unit::Gallon || series.interval_seconds != 3600 {
        return None;
    }
    let floor = Decimal::new(3, 0).rescale(series.exponent)?;
    let hours: Vec<_> = series.slots.iter().map(|s| s.value).collect();
    let flow = steady_flow(&hours, floor)?;
    debug_assert!(flow.hours >= STEADY_HOURS);
    let gallons_an_hour = Decimal::new(flow.least, series.exponent).round_to(0);
    let since = series.zone.day_of(series.start_of(flow.first));
    Some(Attention::SteadyFlow { gallons_an_hour, since })
}
