//! CMEP `MEPMD01`: one record per line, values in triples of time, flag and number. Interval times are the *end* of the
//! interval, in local time.

use std::io::Read;

use domain::calendar::Zone;
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};
use store::ingest::NewRejected;

use super::lines::{Line, Lines};
use super::local::{LocalTimes, NoInstant};
use super::{Finished, Item, Taker};
use crate::Fault;
use crate::ingest::record::{Channel, Kind, Record, Value};

pub(super) const FORMAT: &str = "cmep";

/// Reads every record of a stream.
pub(super) fn read(source: impl Read, zone: &Zone, take: &mut Taker<'_>) -> Result<Finished, Fault> {
    let mut lines = Lines::new(source);
    let mut times = LocalTimes::new(zone);
    let mut finished = Finished::default();
    loop {
        let (number, bytes, whole) = match lines.next() {
            Ok(Some(Line::Whole(number, bytes))) => (number, bytes, true),
            Ok(Some(Line::TooLong(number, bytes))) => (number, bytes, false),
            Ok(None) => return Ok(finished),
            Err(e) => {
                finished.problem = Some(format!("the file ends early: {e}"));
                return Ok(finished);
            }
        };
        let bytes = if number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let item = if whole {
            match parse(bytes, number, &mut times) {
                Ok(record) => {
                    if finished.sender.is_empty()
                        && let Some(sender) = bytes.split(|b| *b == b',').nth(2)
                    {
                        finished.sender = String::from_utf8_lossy(sender).into_owned();
                    }
                    Item::Record(record)
                }
                Err(why) => Item::Refused(refused(number, bytes, &why)),
            }
        } else {
            Item::Refused(refused(number, bytes, &Why("too_long", "the line is longer than any record".to_owned())))
        };
        if !take(item)? {
            return Ok(finished);
        }
    }
}

/// Reads one record.
pub(super) fn record(bytes: &[u8], line: u64, zone: &Zone) -> Result<Record, NewRejected> {
    parse(bytes, line, &mut LocalTimes::new(zone)).map_err(|why| refused(line, bytes, &why))
}

/// Why a line is no record: a word and a detail.
struct Why(&'static str, String);

fn refused(line: u64, bytes: &[u8], why: &Why) -> NewRejected {
    NewRejected {
        line: i64::try_from(line).unwrap_or(0),
        code: why.0.to_owned(),
        detail: why.1.clone(),
        raw: String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.trim_ascii())
}

fn parse(bytes: &[u8], line: u64, times: &mut LocalTimes<'_>) -> Result<Record, Why> {
    let raw = std::str::from_utf8(bytes).map_err(|_| Why("not_text", "the line is no UTF-8 text".to_owned()))?;
    let mut fields = bytes.split(|b| *b == b',');
    let mut head: [&[u8]; 14] = [b""; 14];
    for (i, field) in head.iter_mut().enumerate() {
        *field = fields
            .next()
            .ok_or_else(|| Why("fields", format!("a record has 14 fields before its values, this line {i}")))?;
    }
    if head[0] != b"MEPMD01" {
        return Err(Why("record_type", format!("`{}` is not MEPMD01", text(head[0]))));
    }
    let meter = if head[7].trim_ascii().is_empty() { head[5] } else { head[7] };
    let meter = text(meter).into_owned();
    if meter.is_empty() {
        return Err(Why("meter", "neither field 6 nor field 8 names a meter".to_owned()));
    }
    let (unit, direction, cumulative) =
        unit(head[10]).ok_or_else(|| Why("unit", format!("the unit `{}` is not known", text(head[10]))))?;
    let commodity = match head[9].trim_ascii() {
        b"E" => Commodity::Electricity,
        b"G" => Commodity::Gas,
        b"W" => Commodity::Water,
        other => return Err(Why("commodity", format!("the commodity `{}` is not E, G or W", text(other)))),
    };
    let constant = number(head[11].trim_ascii())
        .map(whole_power)
        .ok_or_else(|| Why("constant", format!("the constant `{}` is no number", text(head[11]))))?;
    let seconds = length(head[12].trim_ascii())
        .ok_or_else(|| Why("interval", format!("the interval `{}` is not MMDDhhmm", text(head[12]))))?;
    let cumulative = cumulative || seconds == 0;
    let count: usize = std::str::from_utf8(head[13].trim_ascii())
        .ok()
        .and_then(|t| t.parse().ok())
        .ok_or_else(|| Why("count", format!("the count `{}` is no number", text(head[13]))))?;
    let mut values = Vec::with_capacity(count.min(4096));
    let mut previous: Option<i64> = None;
    for i in 0..count {
        let (Some(time), Some(flag), Some(value)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(Why("count", format!("{count} values are announced, {i} are there")));
        };
        let end = match (time.is_empty(), previous) {
            (true, Some(previous)) if !cumulative => previous + i64::from(seconds),
            _ => instant(time, times, previous)?,
        };
        let quality = quality(flag).ok_or_else(|| Why("flag", format!("the flag `{}` is not known", text(flag))))?;
        let value = value.trim_ascii();
        let (decimal, quality) = if value.is_empty() {
            (Decimal::default(), Quality::Missing)
        } else {
            let plain = number(value).ok_or_else(|| Why("value", format!("`{}` is no number", text(value))))?;
            (
                times_constant(plain, constant)
                    .ok_or_else(|| Why("value", format!("`{}` is too large", text(value))))?,
                quality,
            )
        };
        previous = Some(end);
        let at = if cumulative { end } else { end - i64::from(seconds) };
        values.push(Value { at, seconds: 0, number: decimal, quality });
    }
    if fields.any(|rest| !rest.trim_ascii().is_empty()) {
        return Err(Why("count", format!("{count} values are announced, more are there")));
    }
    let kind = if cumulative { Kind::Register } else { Kind::Interval { seconds } };
    Ok(Record {
        line,
        raw: raw.to_owned(),
        meter,
        channel: Channel { commodity: Some(commodity), direction, unit: Some(unit), kind },
        values,
    })
}

/// Unit, direction, and whether the channel is a dial.
fn unit(text: &[u8]) -> Option<(Unit, Direction, bool)> {
    let text = text.trim_ascii();
    let (text, cumulative) = match text.strip_suffix(b"REG") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (unit, direction) = match text {
        b"KWH" | b"SKWH" => (Unit::KilowattHour, Direction::Delivered),
        b"GKWH" => (Unit::KilowattHour, Direction::Received),
        b"NKWH" => (Unit::KilowattHour, Direction::Net),
        b"WH" => (Unit::WattHour, Direction::Delivered),
        b"GWH" => (Unit::WattHour, Direction::Received),
        b"THERM" | b"THM" => (Unit::Therm, Direction::Delivered),
        b"CF" => (Unit::CubicFoot, Direction::Delivered),
        b"CCF" => (Unit::Ccf, Direction::Delivered),
        b"M3" => (Unit::CubicMetre, Direction::Delivered),
        b"GAL" => (Unit::Gallon, Direction::Delivered),
        b"L" => (Unit::Litre, Direction::Delivered),
        _ => return None,
    };
    Some((unit, direction, cumulative))
}

fn quality(flag: &[u8]) -> Option<Quality> {
    Some(match flag.first() {
        None | Some(b'R' | b'A') => Quality::Raw,
        Some(b'V') => Quality::Validated,
        Some(b'E') => Quality::Estimated,
        Some(b'N') => Quality::Missing,
        Some(b'Q') => Quality::Questionable,
        Some(_) => return None,
    })
}

/// `MMDDhhmm` in seconds; months have no length and are refused.
fn length(text: &[u8]) -> Option<u32> {
    let &[m1, m2, d1, d2, h1, h2, n1, n2] = text else { return None };
    let two = |a: u8, b: u8| {
        (a.is_ascii_digit() && b.is_ascii_digit()).then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'))
    };
    if two(m1, m2)? != 0 {
        return None;
    }
    Some(two(d1, d2)? * 86_400 + two(h1, h2)? * 3600 + two(n1, n2)? * 60)
}

fn instant(text_: &[u8], times: &mut LocalTimes<'_>, previous: Option<i64>) -> Result<i64, Why> {
    let bad = |what: &str| Why("time", format!("`{}` {what}", text(text_)));
    let digits = text_.trim_ascii();
    if digits.len() != 12 {
        return Err(bad("is not CCYYMMDDHHMM"));
    }
    let mut n: u64 = 0;
    for b in digits {
        if !b.is_ascii_digit() {
            return Err(bad("is not CCYYMMDDHHMM"));
        }
        n = n * 10 + u64::from(b - b'0');
    }
    let part = |divisor: u64, modulus: u64| u32::try_from(n / divisor % modulus).unwrap_or(0);
    let (hour, minute) = (part(100, 100), part(1, 100));
    if minute > 59 || hour > 24 {
        return Err(bad("is no time of day"));
    }
    let date = (i32::try_from(part(100_000_000, 10_000)).unwrap_or(0), part(1_000_000, 100), part(10_000, 100));
    times.instant(date, hour * 60 + minute, previous).map_err(|e| match e {
        NoInstant::Impossible => bad("is no date"),
        NoInstant::Skipped => bad("lies in the hour that the clock change leaves out"),
    })
}

/// A plain decimal number: [`Decimal::parse`] without its text.
fn number(bytes: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (mut amount, mut places, mut point, mut any) = (0i64, 0i8, false, false);
    for &b in digits {
        match b {
            b'0'..=b'9' => {
                amount = amount.checked_mul(10)?.checked_add(i64::from(b - b'0'))?;
                any = true;
                if point {
                    places = places.checked_add(1)?;
                }
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    any.then(|| Decimal::new(if negative { -amount } else { amount }, -places))
}

/// The same number with as few digits as it has: `1.0` is `1`.
fn whole_power(mut d: Decimal) -> Decimal {
    while d.amount % 10 == 0 && d.amount != 0 && d.exponent < 0 {
        d = Decimal::new(d.amount / 10, d.exponent + 1);
    }
    d
}

fn times_constant(value: Decimal, constant: Decimal) -> Option<Decimal> {
    Some(Decimal::new(value.amount.checked_mul(constant.amount)?, value.exponent.checked_add(constant.exponent)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacific() -> Zone {
        Zone::iana("America/Los_Angeles").expect("a zone")
    }

    #[test]
    fn an_interval_is_stamped_with_its_end() {
        let line = b"MEPMD01,20080501,S,S:1,1,B1,202606031515,B1,OK,W,CF,1.0,00000100,2,202606020800,R0,8,,E,13";
        let r = record(line, 7, &pacific()).expect("a record");
        assert_eq!((r.meter.as_str(), r.line), ("B1", 7));
        assert_eq!(r.channel.kind, Kind::Interval { seconds: 3600 });
        let first = "2026-06-02T14:00:00Z".parse::<domain::calendar::Instant>().expect("a time").timestamp();
        assert_eq!(r.values.iter().map(|v| v.at).collect::<Vec<_>>(), [first, first + 3600]);
        assert_eq!(r.values[1].quality, Quality::Estimated);
        assert_eq!(r.values[1].number, Decimal::new(13, 0));
    }

    #[test]
    fn the_order_settles_the_repeated_hour() {
        let line = b"MEPMD01,20080501,S,S:1,1,B1,202611020000,B1,OK,E,KWH,1.0,00000100,4,\
            202611010100,R0,1,202611010100,R0,2,202611010200,R0,3,202611010300,R0,4";
        let r = record(line, 1, &pacific()).expect("a record");
        let steps: Vec<i64> = r.values.windows(2).map(|w| w[1].at - w[0].at).collect();
        assert_eq!(steps, [3600, 3600, 3600]);
    }

    #[test]
    fn a_bad_line_says_what_is_wrong() {
        let code = |line: &str| record(line.as_bytes(), 1, &pacific()).map(|_| ()).map_err(|r| r.code);
        let good = "MEPMD01,1,S,S,1,B1,202606031515,B1,OK,W,CF,1.0,00000100,1,202606020800,R0,8";
        assert_eq!(code(good), Ok(()));
        assert_eq!(code("MEPMD01,1,S"), Err("fields".into()));
        assert_eq!(code(&good.replace(",CF,", ",MILES,")), Err("unit".into()));
        assert_eq!(code(&good.replace("202606020800", "202603080230")), Err("time".into()));
        assert_eq!(code(&good.replace("202606020800", "202613020800")), Err("time".into()));
        assert_eq!(code(&good.replace("R0,8", "R0,x")), Err("value".into()));
        assert_eq!(code(&good.replace("00000100,1,", "00000100,2,")), Err("count".into()));
        assert_eq!(code(&format!("{good},202606020900,R0,9")), Err("count".into()));
        assert_eq!(code(&good.replace(",W,CF", ",X,CF")), Err("commodity".into()));
    }
}
