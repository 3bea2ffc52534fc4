//! Use meter by meter as CSV, every stored interval and every reading of a dial as it is or as it was known at an instant, with where
//! its value came from.
//! For people who have to answer for a number; what the resident downloads adds meters up.

use std::collections::VecDeque;
use std::fmt::Write as _;

use chrono::{NaiveDate, SecondsFormat, TimeDelta};
use contract::AppError;
use domain::calendar::{DayRange, Instant, Zone, add_months, month_start, next_day};
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use store::Tx;
use store::history::ReadOrigin;
use store::meters::RegisterSpan;

use super::download::{Download, local};
use super::export::{begin, within};
use crate::usage_data::{DayOrigins, channels, origins};
use crate::{Cx, Fault, Principal, Work, zones};

/// The last second of the year 9999: whatever is known now was known then.
const END_OF_TIME: i64 = 253_402_300_799;

/// What is still to be written of a meter.
struct Part {
    service: Commodity,
    span: RegisterSpan,
    zone: std::sync::Arc<Zone>,
    left: DayRange,
}

struct State {
    work: Work,
    parts: VecDeque<Part>,
    as_of: Option<Instant>,
}

/// The file of an account's meters: of one service or all, of all days that there are or of some, as known now or at an
/// instant.
///
/// # Errors
/// `NotFound` for an account that is not the person's or has no data; `Invalid` where the days lie outside the data; otherwise
/// if the database fails.
pub async fn readings(
    cx: &Cx,
    who: &Principal,
    number: &str,
    service: Option<Commodity>,
    days: Option<DayRange>,
    as_of: Option<Instant>,
) -> Result<Download, Fault> {
    let (mut work, account) = begin(cx, who, number).await?;
    let mut parts = VecDeque::new();
    for service in Commodity::ALL.into_iter().filter(|s| service.is_none_or(|only| only == *s)) {
        for channel in channels(&mut work.tx, account.id, service).await? {
            let extent = channel.extent(&mut work.tx).await?;
            let sent = extent.map(|e| DayRange { from: e.first_day, to: next_day(e.last_day) });
            for span in channel.meters.spans {
                let zone = zones::stored(&span.zone)?;
                let until = span.until.map_or(NaiveDate::MAX, |end| next_day(zone.day_of(end - TimeDelta::seconds(1))));
                let own = DayRange { from: zone.day_of(span.since), to: until };
                let of_dial = read_on(&mut work.tx, &span, &zone).await?;
                let parts_of = sent.and_then(|sent| own.intersect(sent)).into_iter().chain(of_dial);
                if let Some(left) = parts_of.reduce(|a, b| DayRange { from: a.from.min(b.from), to: a.to.max(b.to) }) {
                    parts.push_back(Part { service, span, zone, left });
                }
            }
        }
    }
    let range = within(parts.iter().map(|p| p.left), days)?;
    parts.retain_mut(|p| {
        let left = p.left.intersect(range);
        p.left = left.unwrap_or(p.left);
        left.is_some()
    });
    if parts.is_empty() {
        return Err(AppError::NotFound.into());
    }
    let file_name = format!("{}-{}-to-{}.csv", service.map_or("readings", Commodity::slug), range.from, range.last());
    let head = "service,meter,direction,start,end,start_utc,amount,unit,quality,method,version,file,sender,format,\
                arrived_utc,kind\r\n";
    let rows = futures::stream::try_unfold(State { work, parts, as_of }, |mut state| async move {
        let Some(part) = state.parts.front_mut() else { return Ok(None) };
        let end = add_months(month_start(part.left.from), 1).min(part.left.to);
        let month = DayRange { from: part.left.from, to: end };
        part.left.from = end;
        let mut text = String::new();
        for day in origins(&mut state.work.tx, part.span.register, month, state.as_of).await? {
            rows_of(&mut text, part, &day);
        }
        let (from, to) = (part.zone.start_of(month.from), part.zone.start_of(month.to) - TimeDelta::seconds(1));
        let then = state.as_of.or_else(|| chrono::DateTime::from_timestamp(END_OF_TIME, 0)).unwrap_or_default();
        let (from, to) = (from.max(part.span.since), part.span.until.map_or(to, |until| until.min(to)));
        for read in store::history::read_origins(&mut state.work.tx, part.span.register, (from, to), then).await? {
            row_of_dial(&mut text, part, &read);
        }
        if part.left.is_empty() {
            state.parts.pop_front();
        }
        Ok::<_, Fault>(Some((text, state)))
    });
    let body = futures::stream::once(async { Ok(head.to_owned()) }).chain(rows.into_stream()).boxed();
    Ok(Download { file_name, body })
}

fn rows_of(out: &mut String, part: &Part, day: &DayOrigins) {
    let span = &part.span;
    for i in 0..day.block.len() {
        let start = day.block.start_of(i);
        let end = start + TimeDelta::seconds(i64::from(day.block.interval_seconds()));
        let slot = day.block.slot(i);
        if !span.shows(start, end) || slot.quality == Quality::NotInstalled {
            continue;
        }
        let amount = slot.value.map(|v| Decimal::new(v, day.block.exponent()).to_string()).unwrap_or_default();
        let from = day.from[i].and_then(|n| day.segments.get(n));
        let text = |pick: fn(&store::history::Segment) -> &str| from.map(|s| cell(pick(s))).unwrap_or_default();
        let arrived = from.map(|s| s.arrived_at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default();
        writeln!(
            out,
            "{},{},{},{},{},{},{amount},{},{},{},{},{},{},{},{arrived},interval\r",
            part.service.slug(),
            cell(&span.meter_number),
            direction(span.direction),
            local(&part.zone, start),
            local(&part.zone, end),
            start.to_rfc3339_opts(SecondsFormat::Secs, true),
            span.unit.symbol(),
            quality(slot.quality),
            day.methods[i].map_or("", |m| m.slug()),
            day.version,
            text(|s| &s.name),
            text(|s| &s.sender),
            text(|s| &s.format),
        )
        .expect("writing to a string does not fail");
    }
}

/// The days on which a span's dial was read; `None` where it never was.
pub(super) async fn read_on(tx: &mut Tx<'_>, span: &RegisterSpan, zone: &Zone) -> Result<Option<DayRange>, Fault> {
    let until = span.until.unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC);
    let reads = store::usage::reads(tx, span.register, span.since, until).await?;
    let ends = reads.first().zip(reads.last());
    Ok(ends.map(|(first, last)| DayRange { from: zone.day_of(first.at), to: next_day(zone.day_of(last.at)) }))
}

/// What a dial showed at an instant: a stretch without a length.
fn row_of_dial(out: &mut String, part: &Part, origin: &ReadOrigin) {
    let span = &part.span;
    let at = local(&part.zone, origin.read.at);
    writeln!(
        out,
        "{},{},{},{at},{at},{},{},{},{},,{},{},{},{},{},dial\r",
        part.service.slug(),
        cell(&span.meter_number),
        direction(span.direction),
        origin.read.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        Decimal::new(origin.read.value, span.exponent),
        span.unit.symbol(),
        quality(origin.read.quality),
        origin.version,
        cell(&origin.name),
        cell(&origin.sender),
        cell(&origin.format),
        origin.arrived_at.to_rfc3339_opts(SecondsFormat::Secs, true),
    )
    .expect("writing to a string does not fail");
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Delivered => "delivered",
        Direction::Received => "received",
        Direction::Net => "net",
    }
}

const fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Missing => "missing",
        Quality::NotInstalled => "no meter",
        Quality::Raw => "raw",
        Quality::Validated => "validated",
        Quality::Verified => "verified",
        Quality::Estimated => "estimated",
        Quality::Edited => "edited",
        Quality::Questionable => "questionable",
    }
}

/// A text of someone else's as one cell: quoted where it has to be, and with a mark in front of what a spreadsheet would take
/// for a formula.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let plain = if formula { format!("'{text}") } else { text.to_owned() };
    if plain.contains([',', '"', '\r', '\n']) { format!("\"{}\"", plain.replace('"', "\"\"")) } else { plain }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        assert_eq!(cell("ami-0612.csv"), "ami-0612.csv");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("-1"), "'-1");
    }
}
