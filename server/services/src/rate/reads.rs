//! What was used between reads of a cumulative register.

use chrono::DateTime;
use domain::calendar::{Zone, next_day};
use domain::metering::register::difference;
use intake::data::{ChannelData, Kind, Point};

/// Two reads so far apart say nothing about the days between them: a local day has 25 hours at most.
const DAY: i64 = 25 * 3600;
/// What is spread over days is counted in thousandths of what the dial counts.
const FINER: i64 = 1000;

/// The differences between the reads of a register, in place of it; `None` with fewer than two. A dial that starts again at zero goes on; a
/// read that shows less than the one before it is passed over. What was used between reads that are more than a day apart is spread evenly.
pub(super) fn between(channel: &ChannelData, zone: &Zone, problems: &mut Vec<String>) -> Option<ChannelData> {
    let reads: Vec<Point> = channel.distinct().into_iter().filter(|p| p.quality.has_value()).collect();
    let mut last = *reads.first()?;
    let (mut points, mut less, mut spread) = (Vec::new(), 0_usize, 0_usize);
    for read in reads.iter().skip(1) {
        let moved = difference(last.value, read.value, digits(last.value, channel.exponent), channel.exponent);
        if moved < 0 {
            less += 1;
            continue;
        }
        let moved = moved.saturating_mul(FINER);
        if read.start - last.start > DAY {
            spread += 1;
            by_day(&last, read, moved, zone, &mut points);
        } else {
            points.push(point(last.start, read.start, moved, read));
        }
        last = *read;
    }
    if less > 0 {
        problems.push(format!("{less} reads of the register show less than the one before them and are passed over"));
    }
    if spread > 0 {
        problems.push(format!(
            "{spread} times the register was read more than a day after the time before: what was used is spread evenly over the days \
             between"
        ));
    }
    if points.is_empty() {
        return None;
    }
    problems.push(format!(
        "the file has reads of a cumulative register: what was used is the difference between {} of them",
        reads.len() - less
    ));
    let exponent = channel.exponent - 3;
    Some(ChannelData { kind: Kind::Interval, exponent, points, ..channel.clone() })
}

/// How many digits of whole units a dial has that shows a number: as many as it needs, and no fewer than four. The file does not say it.
fn digits(value: i64, exponent: i8) -> u32 {
    let shown = i64::from(value.max(1).ilog10()) + 1 + i64::from(exponent);
    u32::try_from(shown.max(4)).unwrap_or(4)
}

fn point(start: i64, end: i64, value: i64, read: &Point) -> Point {
    let seconds = u32::try_from(end - start).unwrap_or(u32::MAX);
    Point { start, seconds, value, quality: read.quality, cost: None }
}

/// Cuts what was used between two reads at local midnights, evenly by time; the parts sum to it.
fn by_day(from: &Point, to: &Point, moved: i64, zone: &Zone, out: &mut Vec<Point>) {
    let whole = i128::from((to.start - from.start).max(1));
    let until = |at: i64| {
        let part = i128::from(moved) * i128::from(at - from.start) / whole;
        i64::try_from(part).unwrap_or(i64::MAX)
    };
    let mut at = from.start;
    while at < to.start {
        let day = zone.day_of(DateTime::from_timestamp(at, 0).unwrap_or_default());
        // Never backwards, whatever the clocks do at midnight.
        let end = zone.start_of(next_day(day)).timestamp().clamp(at + 1, to.start);
        out.push(point(at, end, until(end) - until(at), to));
        at = end;
    }
}
