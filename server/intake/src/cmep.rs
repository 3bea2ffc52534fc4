//! CMEP, the California Metering Exchange Protocol: `MEPMD01` records as head ends send them.
//!
//! One record a line, comma-separated: 1 record type, 2 version, 3 sender, 4 sender's customer, 5 receiver, 6 receiver's customer,
//! 7 time stamp, 8 meter, 9 purpose, 10 commodity, 11 units, 12 constant, 13 interval `MMDDhhmm`, 14 count, then so many
//! triples of time, quality flag and value. Times are the END of an interval, in a zone by agreement with the sender; a time
//! may be blank after the first triple. Units that end in `REG` are a cumulative register. An empty meter (field 8) means
//! that field 6 names it.
//!
//! The local hour that comes twice in autumn is settled by the order of a channel's values in the file, whether they stand in
//! one record or in many: a time that comes twice is the later of its two moments if the channel's last value near that hour
//! lies between the two, and else the earlier. Where the file says nothing of the channel before it, the sink is asked what came
//! before the file.

use std::collections::HashMap;
use std::io::BufRead;

use domain::calendar::Zone;
use domain::metering::Quality;
use domain::quantity::{Commodity, Direction, Unit};

use crate::block::{
    Channel, Flow, IntakeError, IntervalBlock, Problem, ProblemCode, Read, Reading, RegisterBlock, Sink, Summary,
};
use crate::bounds::{ENDLESS, LONGEST};
use crate::data::is_plausible;
use crate::local::{LocalClock, wall};
use crate::repeated::LastSeen;
use crate::senders::Agreements;

/// Reads records until the end, or until the sink has had enough.
///
/// # Errors
/// If the stream fails. Bad records go to the sink, not here.
pub fn read(input: &mut dyn BufRead, zone: &Zone, sink: &mut dyn Sink) -> Result<Summary, IntakeError> {
    read_as_agreed(input, zone, &Agreements::default(), sink)
}

/// As [`read`], each sender by what has been agreed with it.
///
/// # Errors
/// If the stream fails. Bad records go to the sink, not here.
pub fn read_as_agreed(
    input: &mut dyn BufRead,
    zone: &Zone,
    agreements: &Agreements,
    sink: &mut dyn Sink,
) -> Result<Summary, IntakeError> {
    let mut reader = Reader {
        clock: LocalClock::new(zone),
        clocks: HashMap::new(),
        agreements,
        last_seen: LastSeen::default(),
        values: Vec::new(),
        readings: Vec::new(),
        reads: Vec::new(),
    };
    let mut summary = Summary::default();
    let mut line = Vec::with_capacity(4096);
    loop {
        line.clear();
        let taken = std::io::Read::take(&mut *input, LONGEST + 1).read_until(b'\n', &mut line)?;
        if taken == 0 {
            return Ok(summary);
        }
        summary.lines += 1;
        summary.bytes += taken as u64;
        let too_long = taken as u64 > LONGEST;
        if too_long {
            summary.bytes += skip_line(input)?;
        }
        let record = line.trim_ascii_end();
        let record = if summary.lines == 1 { record.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(record) } else { record };
        if record.is_empty() {
            continue;
        }
        summary.records += 1;
        let flow = match std::str::from_utf8(record) {
            Ok(text) if !too_long => reader.record(summary.lines, text, sink),
            _ => sink.problem(&Problem {
                line: summary.lines,
                code: ProblemCode::Text,
                message: "not a line of text of at most 1 MB".to_owned(),
                record: "",
            }),
        };
        if flow == Flow::Stop {
            return Ok(summary);
        }
    }
}

/// So much of a line that is too long is passed over in search of its end.
const HOPELESS: u64 = 64 << 20;

fn skip_line(input: &mut dyn BufRead) -> Result<u64, IntakeError> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let (n, done) = buffer.iter().position(|b| *b == b'\n').map_or((buffer.len(), false), |i| (i + 1, true));
        input.consume(n);
        skipped += n as u64;
        if skipped > HOPELESS {
            return Err(IntakeError::Format(ENDLESS.to_owned()));
        }
        if done {
            return Ok(skipped);
        }
    }
}

/// What the units of a record mean: commodity and unit where known, direction, and whether it is a register.
fn units(commodity: &str, text: &str) -> (Option<Commodity>, Option<Unit>, Option<Direction>, bool) {
    let commodity = match commodity {
        "E" => Some(Commodity::Electricity),
        "G" => Some(Commodity::Gas),
        "W" => Some(Commodity::Water),
        _ => None,
    };
    let (plain, register) = text.strip_suffix("REG").map_or((text, false), |t| (t, true));
    // Sensus writes G for generated (received from the customer), S for the summed main register, N for net.
    let (unit, direction) = match plain {
        "KWH" | "SKWH" => (Some(Unit::KilowattHour), Direction::Delivered),
        "GKWH" => (Some(Unit::KilowattHour), Direction::Received),
        "NKWH" => (Some(Unit::KilowattHour), Direction::Net),
        "WH" => (Some(Unit::WattHour), Direction::Delivered),
        "KVARH" => (Some(Unit::KilovarHour), Direction::Delivered),
        "THM" | "THERM" | "THERMS" => (Some(Unit::Therm), Direction::Delivered),
        "CF" => (Some(Unit::CubicFoot), Direction::Delivered),
        "CCF" | "HCF" => (Some(Unit::Ccf), Direction::Delivered),
        "GAL" => (Some(Unit::Gallon), Direction::Delivered),
        "M3" => (Some(Unit::CubicMetre), Direction::Delivered),
        _ => (None, Direction::Delivered),
    };
    (commodity, unit, unit.map(|_| direction), register)
}

struct Reader<'z> {
    clock: LocalClock<'z>,
    /// Of senders with a zone of their own.
    clocks: HashMap<String, LocalClock<'z>>,
    agreements: &'z Agreements,
    last_seen: LastSeen,
    /// Time, quality, digits and decimals of each triple of the record at hand.
    values: Vec<(i64, Quality, i64, i8)>,
    readings: Vec<Reading>,
    reads: Vec<Read>,
}

type Refused = (ProblemCode, String);

impl Reader<'_> {
    fn record(&mut self, line: u64, record: &str, sink: &mut dyn Sink) -> Flow {
        let problem = match self.parse(record, sink) {
            Ok(Parsed { channel, seconds: Some(seconds), exponent }) => {
                let block = IntervalBlock { line, record, channel, seconds, exponent, readings: &self.readings };
                return sink.intervals(&block);
            }
            Ok(Parsed { channel, seconds: None, exponent }) => {
                let block = RegisterBlock { line, record, channel, exponent, reads: &self.reads };
                return sink.registers(&block);
            }
            Err((code, message)) => Problem { line, code, message, record },
        };
        sink.problem(&problem)
    }

    fn parse<'r>(&mut self, record: &'r str, sink: &mut dyn Sink) -> Result<Parsed<'r>, Refused> {
        let mut fields = Fields(Some(record));
        let mut head = [""; 14];
        for (i, slot) in head.iter_mut().enumerate() {
            *slot = fields.next().ok_or_else(|| {
                (ProblemCode::Fields, format!("a MEPMD01 record has 14 fields before its values, this one has {i}"))
            })?;
        }
        if head[0] != "MEPMD01" {
            let known = head[0].starts_with("MEP") || head[0].starts_with("MLA");
            let message = format!("record type `{}` is not read; usage comes in MEPMD01", shorten(head[0]));
            return Err((if known { ProblemCode::NotRead } else { ProblemCode::Fields }, message));
        }
        let meter = if head[7].is_empty() { head[5] } else { head[7] };
        if meter.is_empty() {
            return Err((
                ProblemCode::Fields,
                "neither field 8 (meter) nor field 6 (receiver's customer) names a meter".into(),
            ));
        }
        let agreed = self.agreements.with(head[2]);
        let (commodity, unit, direction, register) = match agreed.and_then(|a| a.units.get(head[10])) {
            Some(m) => (Some(m.commodity), Some(m.unit), Some(m.direction), m.register),
            None => units(head[9], head[10]),
        };
        if commodity.is_none() {
            return Err((ProblemCode::Unit, format!("commodity `{}` is none of E, G and W", shorten(head[9]))));
        }
        let channel = Channel { meter, sender: head[2], commodity, direction, unit, unit_text: head[10] };
        let step = interval(head[12])
            .ok_or_else(|| (ProblemCode::Interval, format!("interval `{}` is not MMDDhhmm", shorten(head[12]))))?;
        if step == 0 && !register {
            return Err((
                ProblemCode::Interval,
                format!("units {} need an interval, field 13 has none", shorten(head[10])),
            ));
        }
        let count: usize = head[13]
            .parse()
            .map_err(|_| (ProblemCode::Count, format!("count `{}` is not a number", shorten(head[13]))))?;
        let constant = number(head[11].as_bytes()).filter(|(digits, _)| *digits > 0).ok_or_else(|| {
            (ProblemCode::Number, format!("constant `{}` is not a positive number", shorten(head[11])))
        })?;
        // Sender, meter, purpose, commodity, units and interval: a record sent for another purpose is another sequence.
        let sequence = [head[2], meter, head[8], head[9], head[10], head[12]];
        let agreed = agreed.filter(|a| a.zone.is_some() || a.stamps_start);
        if let Some(zone) = agreed.and_then(|a| a.zone.as_ref())
            && !self.clocks.contains_key(head[2])
        {
            self.clocks.insert(head[2].to_owned(), LocalClock::new(zone));
        }
        let behind = agreed.is_some_and(|a| a.stamps_start && !register);
        let mut known =
            || sink.known_until(&channel, register).map(|end| if behind { end - i64::from(step) } else { end });
        let finest = self.triples(&mut fields, count, i64::from(step), &sequence, &mut known)?;
        let exponent = self.fill(constant, finest, register, if behind { 0 } else { i64::from(step) })?;
        Ok(Parsed { channel, seconds: (!register).then_some(step), exponent })
    }

    /// Reads the triples; the most decimals of any value.
    fn triples(
        &mut self,
        fields: &mut Fields<'_>,
        count: usize,
        step: i64,
        sequence: &[&str],
        known: &mut dyn FnMut() -> Option<i64>,
    ) -> Result<i8, Refused> {
        self.values.clear();
        let clock = match sequence.first().filter(|_| !self.clocks.is_empty()).and_then(|s| self.clocks.get_mut(*s)) {
            Some(own) => own,
            None => &mut self.clock,
        };
        let mut previous: Option<i64> = None;
        let mut near = None;
        let mut finest = 0;
        for i in 0..count {
            let (Some(time), Some(flag), Some(value)) = (fields.next(), fields.next(), fields.next()) else {
                return Err((ProblemCode::Count, format!("field 14 promises {count} values, there are {i}")));
            };
            let at = if time.is_empty() {
                previous.map(|p| p + step).filter(|_| step > 0)
            } else {
                // Of one file after another, each with an interval, the first has no value before it in the file.
                let before = || previous.or_else(|| self.last_seen.get(sequence)).or_else(&mut *known);
                match wall(time.as_bytes()).map(|w| clock.instant(w, before)) {
                    Some(Err(_)) => {
                        let message = format!("{} lies in the hour that the clock skipped", shorten(time));
                        return Err((ProblemCode::SkippedHour, message));
                    }
                    Some(Ok(at)) => Some(at),
                    None => None,
                }
            };
            let at = at.filter(|at| is_plausible(*at)).ok_or_else(|| {
                (ProblemCode::Time, format!("`{}` is not a time CCYYMMDDhhmm of 1990 to 2100", shorten(time)))
            })?;
            previous = Some(at);
            if clock.is_near_repeated(at) {
                near = Some(at);
            }
            let quality = match flag.as_bytes().first() {
                Some(b'N') => continue,
                Some(b'E') => Quality::Estimated,
                _ => Quality::Raw,
            };
            let (digits, decimals) = number(value.as_bytes())
                .ok_or_else(|| (ProblemCode::Number, format!("value `{}` is not a number", shorten(value))))?;
            finest = finest.max(decimals);
            self.values.push((at, quality, digits, decimals));
        }
        // Some senders end a record with commas; anything but empty fields is data that nobody counted.
        if fields.any(|rest| !rest.is_empty()) {
            return Err((ProblemCode::Count, format!("field 14 promises {count} values, there are more")));
        }
        if let Some(at) = near {
            self.last_seen.put(sequence, at);
        }
        Ok(finest)
    }

    /// Brings all values to one power of ten, times the constant.
    fn fill(&mut self, constant: (i64, i8), finest: i8, register: bool, step: i64) -> Result<i8, Refused> {
        let (mut factor, mut decimals) = constant;
        while decimals > 0 && factor % 10 == 0 {
            factor /= 10;
            decimals -= 1;
        }
        self.readings.clear();
        self.reads.clear();
        for (at, quality, digits, own) in self.values.drain(..) {
            let value = 10_i64
                .checked_pow(u32::from((finest - own).unsigned_abs()))
                .and_then(|m| digits.checked_mul(m))
                .and_then(|v| v.checked_mul(factor))
                .ok_or_else(|| (ProblemCode::Number, "a value is too large to be kept exactly".to_owned()))?;
            if register {
                self.reads.push(Read { at, value, quality });
            } else {
                self.readings.push(Reading { start: at - step, value, quality });
            }
        }
        Ok(-(finest + decimals))
    }
}

struct Parsed<'r> {
    channel: Channel<'r>,
    /// `None` for a register.
    seconds: Option<u32>,
    exponent: i8,
}

/// Splits at commas without looking at more than it must.
struct Fields<'r>(Option<&'r str>);

impl<'r> Iterator for Fields<'r> {
    type Item = &'r str;

    fn next(&mut self) -> Option<&'r str> {
        let rest = self.0?;
        match rest.as_bytes().iter().position(|b| *b == b',') {
            Some(at) => {
                self.0 = Some(&rest[at + 1..]);
                Some(&rest[..at])
            }
            None => {
                self.0 = None;
                Some(rest)
            }
        }
    }
}

/// `MMDDhhmm` in seconds; months are not a length.
fn interval(text: &str) -> Option<u32> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) || !text.starts_with("00") {
        return None;
    }
    let n: u32 = text.parse().ok()?;
    let (days, hours, minutes) = (n / 10_000, n / 100 % 100, n % 100);
    Some(days * 86_400 + hours * 3_600 + minutes * 60)
}

/// Digits and decimals of a plain decimal number.
fn number(text: &[u8]) -> Option<(i64, i8)> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let (mut value, mut decimals, mut point) = (0_i64, 0_i8, false);
    for b in digits {
        match b {
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(i64::from(b - b'0'))?;
                decimals += i8::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    (digits != b".").then_some((if negative { -value } else { value }, decimals))
}

/// Enough of a field to recognise it by.
fn shorten(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(i, _)| &text[..i])
}
