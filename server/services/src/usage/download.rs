//! Use as CSV, as fine as the meter gives it: the shown range, or any range of every service. Written month by month, so that
//! years of quarter-hours are never in memory at once.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta};
use contract::AppError;
use contract::usage::{Bar, Grain, UsageAsk};
use domain::calendar::{DayRange, Instant, Zone, add_months, month_start, next_day};
use domain::ids::AccountId;
use domain::metering::Quality;
use domain::metering::register::difference;
use domain::quantity::{Commodity, Decimal, Direction};
use futures::stream::{Stream, StreamExt as _, TryStreamExt as _};
use store::meters::RegisterSpan;

use super::bars::bars;
use super::costs;
use super::export::{begin, within};
use super::readings::read_on;
use super::show::{Scene, service_of};
use crate::accounts::open;
use crate::usage_data::channels;
use crate::{Cx, Fault, Principal, Work, use_case};

use_case!(
    /// Download an account's usage.
    pub DOWNLOAD = "usage.download", Read, Resident
);

/// A file that is made while it is sent.
pub struct Download {
    /// Says the service and the days, nothing about the person.
    pub file_name: String,
    /// The text, in pieces.
    pub body: std::pin::Pin<Box<dyn Stream<Item = Result<String, Fault>> + Send>>,
}

struct State {
    work: Work,
    account: AccountId,
    parts: VecDeque<Part>,
    dials: VecDeque<Dial>,
}

/// A meter of which nothing but its dial was read, still to be written.
struct Dial {
    service: Commodity,
    span: RegisterSpan,
    zone: Arc<Zone>,
    left: DayRange,
}

/// What is still to be written of a service.
struct Part {
    service: Commodity,
    scene: Scene,
    left: DayRange,
}

/// The file for what the address asks for; dates are read as the page reads them.
///
/// # Errors
/// `Invalid` where the dates make no sense or lie outside the data; `NotFound` for an account that is not the person's or a
/// service without data; otherwise if the database fails.
pub async fn download(cx: &Cx, who: &Principal, number: &str, ask: &UsageAsk) -> Result<Download, Fault> {
    let mut work = cx.begin(&DOWNLOAD, who).await?;
    let account = open(&mut work, number).await?;
    let service = service_of(&account, ask);
    let scene = Scene::of(&mut work, &account.row, service).await?.ok_or(AppError::NotFound)?;
    let resolved = scene.ground(&account.row).resolve(ask);
    if !resolved.problems.is_empty() {
        return Err(AppError::Invalid(resolved.problems).into());
    }
    let range = resolved.range;
    let file_name = format!("{}-{}-to-{}.csv", service.slug(), range.from, range.last());
    Ok(file(file_name, work, account.id, VecDeque::from([Part { service, scene, left: range }]), VecDeque::new()))
}

/// The file of an account's services, one after the other, or of one of them; of all days that there are, or of some. For the
/// person's own account, or by the program itself.
///
/// # Errors
/// `NotFound` for an account that is not the person's or has no data; `Invalid` where the days lie outside the data; otherwise
/// if the database fails.
pub async fn csv(
    cx: &Cx,
    who: &Principal,
    number: &str,
    service: Option<Commodity>,
    days: Option<DayRange>,
) -> Result<Download, Fault> {
    let (mut work, account) = begin(cx, who, number).await?;
    let (mut parts, mut dials) = (VecDeque::new(), VecDeque::new());
    for service in Commodity::ALL.into_iter().filter(|s| service.is_none_or(|only| only == *s)) {
        if let Some(scene) = Scene::of(&mut work, &account, service).await? {
            let left = DayRange { from: scene.extent.first_day, to: next_day(scene.extent.last_day) };
            parts.push_back(Part { service, scene, left });
            continue;
        }
        for channel in channels(&mut work.tx, account.id, service).await? {
            for span in channel.meters.spans {
                let zone = Arc::clone(&channel.meters.zone);
                if let Some(left) = read_on(&mut work.tx, &span, &zone).await? {
                    dials.push_back(Dial { service, span, zone, left });
                }
            }
        }
    }
    let range = within(parts.iter().map(|p| p.left).chain(dials.iter().map(|d| d.left)), days)?;
    dials.retain_mut(|d| {
        let left = d.left.intersect(range);
        d.left = left.unwrap_or(d.left);
        left.is_some()
    });
    parts.retain_mut(|p| {
        let left = p.left.intersect(range);
        p.left = left.unwrap_or(p.left);
        left.is_some()
    });
    let file_name = format!("{}-{}-to-{}.csv", service.map_or("usage", Commodity::slug), range.from, range.last());
    Ok(file(file_name, work, account.id, parts, dials))
}

fn file(file_name: String, work: Work, account: AccountId, parts: VecDeque<Part>, dials: VecDeque<Dial>) -> Download {
    let head = String::from("service,start,end,start_utc,used,sent_back,unit,quality,cost_usd\r\n");
    let state = State { work, account, parts, dials };
    let rows = futures::stream::try_unfold(state, |mut state| async move {
        let State { work, account, parts, dials } = &mut state;
        let Some(Part { service, scene, left }) = parts.front_mut() else {
            let Some(dial) = dials.pop_front() else { return Ok(None) };
            let text = between_reads(work, &dial).await?;
            return Ok(Some((text, state)));
        };
        let end = add_months(month_start(left.from), 1).min(left.to);
        let part = DayRange { from: left.from, to: end };
        // Up to where the meters give the same.
        let Some((part, seconds)) = scene.meters.stretches(part).into_iter().next() else { return Ok(None) };
        let grain = if seconds <= 900 { Grain::QuarterHour } else { Grain::Hour };
        left.from = part.to;
        let mut found = bars(work, *account, *service, grain, part, &scene.periods, scene.present).await?;
        costs::attach(work, *account, *service, grain, part, scene, &mut found).await?;
        let mut text = String::with_capacity(found.len() * 120);
        for bar in &found {
            row(&mut text, bar, *service, scene);
        }
        if left.is_empty() {
            parts.pop_front();
        }
        Ok::<_, Fault>(Some((text, state)))
    });
    let body = futures::stream::once(async { Ok(head) }).chain(rows.into_stream()).boxed();
    Download { file_name, body }
}

/// What was used from one reading of a dial to the next, by the day of the later one.
async fn between_reads(work: &mut Work, dial: &Dial) -> Result<String, Fault> {
    let Dial { service, span, zone, left } = dial;
    let until = zone.start_of(left.to) - TimeDelta::seconds(1);
    let until = span.until.map_or(until, |end| end.min(until));
    let reads = store::usage::reads(&mut work.tx, span.register, span.since, until).await?;
    let mut out = String::new();
    for pair in reads.windows(2).filter(|pair| left.contains(zone.day_of(pair[1].at))) {
        let moved = difference(pair[0].value, pair[1].value, span.dial_digits, span.exponent);
        let amount = Decimal::new(moved, span.exponent).to_string();
        let (used, back) = match span.direction {
            Direction::Received => (String::new(), amount),
            Direction::Delivered | Direction::Net => (amount, String::new()),
        };
        let either = |quality| pair.iter().any(|r| r.quality == quality);
        let quality = match () {
            () if either(Quality::Estimated) => "estimated",
            () if either(Quality::Questionable) => "being checked",
            () if either(Quality::Edited) => "corrected",
            () => "metered",
        };
        writeln!(
            out,
            "{},{},{},{},{used},{back},{},{quality},\r",
            service.slug(),
            local(zone, pair[0].at),
            local(zone, pair[1].at),
            pair[0].at.to_rfc3339_opts(SecondsFormat::Secs, true),
            span.unit.symbol(),
        )
        .expect("writing to a string does not fail");
    }
    Ok(out)
}

/// Every field is a number, a time or a word of ours: nothing that a spreadsheet could take for a formula.
fn row(out: &mut String, bar: &Bar, service: Commodity, scene: &Scene) {
    let zone = &scene.meters.zone;
    let amount = |v: Option<i64>| v.map(|v| Decimal::new(v, scene.meters.exponent).to_string()).unwrap_or_default();
    let cost = bar.cost.map(|c| Decimal::new(c.0, -5).to_string()).unwrap_or_default();
    writeln!(
        out,
        "{},{},{},{},{},{},{},{},{cost}\r",
        service.slug(),
        local(zone, bar.start),
        local(zone, bar.end),
        bar.start.to_rfc3339_opts(SecondsFormat::Secs, true),
        amount(bar.amount),
        amount(bar.received),
        scene.meters.unit.symbol(),
        quality(bar),
    )
    .expect("writing to a string does not fail");
}

pub(super) fn local(zone: &Zone, at: Instant) -> String {
    let offset = FixedOffset::east_opt(zone.offset_at(at)).expect("an offset of the database is less than a day");
    let local: DateTime<FixedOffset> = at.with_timezone(&offset);
    local.to_rfc3339_opts(SecondsFormat::Secs, false)
}

fn quality(bar: &Bar) -> &'static str {
    match bar.quality {
        _ if bar.amount.is_none() && bar.open => "not in yet",
        Quality::NotInstalled => "no meter",
        _ if bar.amount.is_none() => "missing",
        Quality::Estimated => "estimated",
        Quality::Edited => "corrected",
        Quality::Questionable => "being checked",
        _ => "metered",
    }
}
