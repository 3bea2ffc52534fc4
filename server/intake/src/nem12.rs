//! NEM12 and NEM13: AEMO's meter data file format. Times are market time, UTC+10 all year; a day row holds every interval of
//! its day.

use std::cell::Cell;
use std::io::{BufRead, ErrorKind};

use domain::calendar::Zone;
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use crate::Channel;
use crate::block::{Flow, IntakeError, IntervalBlock, Problem, ProblemCode, Read, Reading, RegisterBlock, Sink};
use crate::bounds::{Bounded, LONGEST};
use crate::data::is_plausible;
use crate::local::{LocalClock, wall};

/// Market time is ahead of UTC by ten hours.
const AHEAD: i64 = 36_000;

/// What a 200 row announces.
struct Stream {
    /// The row as it stands in the file.
    row: String,
    meter: String,
    suffix: String,
    unit_text: String,
    minutes: u32,
}

/// The first and the last row of a file that is made of one record.
const FRAME: (&str, &str) = ("100,NEM12,200001010000,UTILITY,UTILITY\n", "\n900\n");

/// A file of one record, as a sink was given it, so that it can be read again.
#[must_use]
pub fn file_of(record: &str) -> String {
    [FRAME.0, record, FRAME.1].concat()
}

/// Reads a file until its end, or until the sink has had enough; whether its last row was there. A record that is handed on is
/// a day row with the 200 row that announced it; so is one that cannot be what it claims to be, as a problem. Behind a row that
/// nobody knows, or a 200 row that cannot be read, the day rows until the next 200 row may be anybody's: they are problems too.
///
/// # Errors
/// With line and reason, if it has no header, or if not one of its rows can be read.
pub(crate) fn read(input: &mut dyn BufRead, out: &mut dyn Sink) -> Result<bool, IntakeError> {
    let mut stream: Option<Stream> = None;
    // A row in the place of a 200 row, with which the day rows behind it are kept.
    let mut lost = String::new();
    let mut day: Option<Day> = None;
    let mut header = false;
    let mut read = Rows::default();
    let mut ended = false;
    let length = Cell::new(0);
    let lines = Bounded::new(input, &length).lines();
    for (n, line) in lines.enumerate() {
        length.set(0);
        let number = n as u64 + 1;
        let refuse = |message: String| Err(IntakeError::Line { line: number, message });
        let line = line.map_err(|e| match e.kind() {
            ErrorKind::InvalidData => IntakeError::Line { line: number, message: "not text".to_owned() },
            _ => IntakeError::Io(e),
        })?;
        let line = line.trim_start_matches('\u{feff}').trim_end();
        if line.is_empty() {
            continue;
        }
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if fields[0] != "400" && fields[0] != "500" && flush(&mut day, stream.as_ref(), &mut read, out) == Flow::Stop {
            return Ok(false);
        }
        if !header && fields[0] != "100" {
            return refuse("a NEM12 file begins with a 100 row, which is missing".into());
        }
        match fields[0] {
            "100" => header = true,
            "200" => {
                let minutes = fields.get(8).and_then(|f| f.parse().ok()).unwrap_or(0);
                if ![5, 10, 15, 30].contains(&minutes) {
                    let message = "field 9 of a 200 row is the interval length: 5, 10, 15 or 30 minutes".to_owned();
                    (stream, lost) = (None, line.to_owned());
                    if read.refuse(number, (ProblemCode::Interval, message), line, out) == Flow::Stop {
                        return Ok(false);
                    }
                    continue;
                }
                stream = Some(Stream {
                    row: line.to_owned(),
                    meter: fields.get(1).copied().unwrap_or_default().to_owned(),
                    suffix: fields.get(4).copied().unwrap_or_default().to_owned(),
                    unit_text: fields.get(7).copied().unwrap_or_default().to_owned(),
                    minutes,
                });
            }
            "300" => {
                day = Some(match &stream {
                    Some(stream) => day_row(number, line, &fields, stream),
                    None => {
                        let message = "no 200 row that can be read stands before this 300 row".to_owned();
                        let raw = if lost.is_empty() { line.to_owned() } else { format!("{lost}\n{line}") };
                        Day::refused(number, raw, (ProblemCode::Fields, message))
                    }
                });
            }
            "400" => {
                let Some(Day { raw, values, qualities, fault, .. }) = &mut day else {
                    let message = "a 400 row belongs to a 300 row of quality V".to_owned();
                    if read.refuse(number, (ProblemCode::Fields, message), line, out) == Flow::Stop {
                        return Ok(false);
                    }
                    continue;
                };
                let at = |i: usize| fields.get(i).and_then(|f| f.parse::<usize>().ok()).unwrap_or(0);
                let (from, to) = (at(1), at(2));
                match qualities.get_mut(from.wrapping_sub(1)..to) {
                    Some(of) => of.fill(quality(fields.get(3).copied().unwrap_or_default())),
                    None if fault.is_some() => {}
                    None => {
                        let message =
                            format!("line {number}: intervals {from} to {to} are not in a day of {}", values.len());
                        *fault = Some((ProblemCode::Count, message));
                    }
                }
                raw.push('\n');
                raw.push_str(line);
                if raw.len() as u64 > LONGEST {
                    return refuse("a day with its 400 rows is longer than 1 MB".into());
                }
            }
            "500" => {}
            "250" => {
                let flow = match accumulation(number, line, &fields, out) {
                    Ok(flow) => {
                        read.good += 1;
                        flow
                    }
                    Err(message) => read.refuse(number, (ProblemCode::Number, message), line, out),
                };
                if flow == Flow::Stop {
                    return Ok(false);
                }
            }
            "550" => {}
            "900" => ended = true,
            other => {
                let other: String = other.chars().take(20).collect();
                let message = format!("a row begins with 100, 200, 300, 400, 500 or 900, not `{other}`");
                (stream, lost) = (None, line.to_owned());
                if read.refuse(number, (ProblemCode::NotRead, message), line, out) == Flow::Stop {
                    return Ok(false);
                }
            }
        }
    }
    if flush(&mut day, stream.as_ref(), &mut read, out) == Flow::Stop {
        return Ok(false);
    }
    if !header {
        return Err(IntakeError::Format("a NEM12 file begins with a 100 row, which is missing".into()));
    }
    if read.good == 0 {
        return Err(match read.first {
            Some((line, message)) => IntakeError::Line { line, message },
            None => IntakeError::Format("the file has a header and no data".into()),
        });
    }
    Ok(ended)
}

/// What became of the rows.
#[derive(Default)]
struct Rows {
    /// Records that were handed on.
    good: usize,
    /// What was wrong with the first that was not, with its line.
    first: Option<(u64, String)>,
}

impl Rows {
    fn refuse(&mut self, line: u64, (code, message): Fault, record: &str, out: &mut dyn Sink) -> Flow {
        self.first.get_or_insert_with(|| (line, message.clone()));
        out.problem(&Problem { line, code, message, record })
    }
}

/// What is wrong with a record, and of what kind that is.
type Fault = (ProblemCode, String);

fn quality(flag: &str) -> Quality {
    match flag.as_bytes().first() {
        Some(b'A') => Quality::Validated,
        Some(b'E' | b'F' | b'S') => Quality::Estimated,
        Some(b'N') => Quality::Missing,
        _ => Quality::Raw,
    }
}

/// A day row; its 400 rows may still change the qualities.
struct Day {
    line: u64,
    /// The row and its 400 rows, as they stand in the file.
    raw: String,
    start: i64,
    values: Vec<Decimal>,
    qualities: Vec<Quality>,
    /// What is wrong with it.
    fault: Option<Fault>,
}

impl Day {
    /// A day that is not read; its 400 rows are kept with it.
    const fn refused(line: u64, raw: String, fault: Fault) -> Self {
        Self { line, raw, start: 0, values: Vec::new(), qualities: Vec::new(), fault: Some(fault) }
    }
}

fn day_row(number: u64, row: &str, fields: &[&str], stream: &Stream) -> Day {
    let raw = format!("{}\n{row}", stream.row);
    match day_values(fields, stream) {
        Ok((start, values, qualities)) => Day { line: number, raw, start, values, qualities, fault: None },
        Err(fault) => Day::refused(number, raw, fault),
    }
}

/// When a day begins, its values and what they are worth.
fn day_values(fields: &[&str], stream: &Stream) -> Result<(i64, Vec<Decimal>, Vec<Quality>), Fault> {
    let slots = (1440 / stream.minutes) as usize;
    let date = fields.get(1).copied().unwrap_or_default();
    let day = wall(format!("{date}0000").as_bytes()).ok_or_else(|| {
        let date: String = date.chars().take(20).collect();
        (ProblemCode::Time, format!("`{date}` is not a date CCYYMMDD of 1990 to 2100"))
    })?;
    let is_number = |f: &&str| Decimal::parse(f).is_some();
    let found = fields.iter().skip(2).take_while(|f| is_number(f)).count();
    if found != slots {
        let message =
            format!("the 200 row says {} minutes, so a day has {slots} values; this row has {found}", stream.minutes);
        return Err((ProblemCode::Count, message));
    }
    let values: Vec<Decimal> = fields[2..2 + slots].iter().filter_map(|f| Decimal::parse(f)).collect();
    let flag = fields.get(2 + slots).copied().unwrap_or_default();
    if flag.is_empty() {
        return Err((ProblemCode::Fields, "the quality after the values is missing".to_owned()));
    }
    let qualities = if flag.starts_with('V') { vec![Quality::Raw; slots] } else { vec![quality(flag); slots] };
    Ok((day - AHEAD, values, qualities))
}

/// Hands a finished day on.
fn flush(day: &mut Option<Day>, stream: Option<&Stream>, read: &mut Rows, out: &mut dyn Sink) -> Flow {
    let Some(Day { line, raw, start, values, qualities, fault }) = day.take() else { return Flow::Go };
    let stream = match (fault, stream) {
        (Some(fault), _) => return read.refuse(line, fault, &raw, out),
        (None, Some(stream)) => stream,
        (None, None) => return Flow::Go,
    };
    let exponent = values.iter().map(|v| v.exponent).min().unwrap_or(0);
    let seconds = stream.minutes * 60;
    let mut readings = Vec::with_capacity(values.len());
    for (i, value) in values.iter().enumerate() {
        let quality = qualities.get(i).copied().unwrap_or(Quality::Raw);
        if !quality.has_value() {
            continue;
        }
        let Some(value) = value.rescale(exponent) else {
            return read.refuse(line, (ProblemCode::Number, "a value is too large".to_owned()), &raw, out);
        };
        readings.push(Reading { start: start + i64::try_from(i).unwrap_or(0) * i64::from(seconds), value, quality });
    }
    let name = format!("{} {}", stream.meter, stream.suffix);
    let channel = channel(name.trim_end(), direction(&stream.suffix), &stream.unit_text);
    read.good += 1;
    out.intervals(&IntervalBlock { line, record: &raw, channel, seconds, exponent, readings: &readings })
}

fn channel<'a>(meter: &'a str, direction: Option<Direction>, unit_text: &'a str) -> Channel<'a> {
    let unit = match unit_text.to_ascii_uppercase().as_str() {
        "KWH" => Some(Unit::KilowattHour),
        "WH" => Some(Unit::WattHour),
        "KVARH" => Some(Unit::KilovarHour),
        _ => None,
    };
    Channel { meter, sender: "", commodity: unit.map(|_| Commodity::Electricity), direction, unit, unit_text }
}

/// Of an interval stream: E and Q are taken from the network, B and K given to it (MDFF, suffix tables).
fn direction(suffix: &str) -> Option<Direction> {
    match suffix.as_bytes().first() {
        Some(b'E' | b'Q') => Some(Direction::Delivered),
        Some(b'B' | b'K') => Some(Direction::Received),
        _ => None,
    }
}

/// A NEM13 row: two readings of a cumulative register.
fn accumulation(line: u64, row: &str, fields: &[&str], out: &mut dyn Sink) -> Result<Flow, String> {
    let refuse = |message: &str| message.to_owned();
    let get = |i: usize| fields.get(i).copied().unwrap_or_default();
    let utc = Zone::utc();
    let mut clock = LocalClock::new(&utc);
    let mut read = |value: &str, at: &str| -> Option<(Decimal, i64)> {
        let minute = wall(at.get(..12)?.as_bytes())?;
        let seconds: i64 = at.get(12..14)?.parse().ok()?;
        let instant = clock.instant(minute, || None).ok()? + seconds - AHEAD;
        Some((Decimal::parse(value)?, instant)).filter(|_| is_plausible(instant))
    };
    let (a, b) = read(get(8), get(9))
        .zip(read(get(13), get(14)))
        .ok_or_else(|| refuse("a 250 row has the previous reading in fields 9 and 10, the present one in 14 and 15"))?;
    let exponent = a.0.exponent.min(b.0.exponent);
    let value = |d: Decimal| d.rescale(exponent).ok_or_else(|| refuse("a reading is too large"));
    let reads = [
        Read { at: a.1, value: value(a.0)?, quality: quality(get(10)) },
        Read { at: b.1, value: value(b.0)?, quality: quality(get(15)) },
    ];
    // The direction is told from the grid: E is exported from it, I imported to it (MDFF, 250 row).
    let direction = match get(7) {
        "E" => Some(Direction::Delivered),
        "I" => Some(Direction::Received),
        _ => None,
    };
    let name = format!("{} {}", get(1), get(4));
    let channel = channel(name.trim_end(), direction, get(19));
    Ok(out.registers(&RegisterBlock { line, record: row, channel, exponent, reads: &reads }))
}

/// 1 January 1970, so that the arithmetic of days is tested where it is used.
#[cfg(test)]
#[test]
fn market_days_begin_at_two_in_the_afternoon_utc() {
    use crate::local::civil;
    assert_eq!((civil(2004, 4, 17) - AHEAD).rem_euclid(86_400), 14 * 3600);
}
