//! Comma-separated files: our own (documented in `docs/formats.md`), those that utilities' portals offer, and two water
//! head ends'. Which one it is, the header says.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::BufRead;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use domain::calendar::Zone;
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use crate::block::IntakeError;
use crate::bounds::{self, Bounded, LONGEST_NAME};
use crate::data::{ChannelData, Collector, Kind, LONGEST_SECONDS, Point, is_plausible};
use crate::findings::Findings;
use crate::local::LocalClock;

/// The columns of our own format.
pub const OWN: &str = "meter,commodity,direction,unit,start,seconds,value,quality";

/// Start, seconds, amount, quality and cost of a row, before all amounts have one power of ten.
type Value = (i64, u32, Decimal, Quality, Option<i64>);

struct Rows<'z> {
    clock: LocalClock<'z>,
    channels: Vec<(ChannelData, Vec<Value>)>,
    index: HashMap<String, usize>,
    findings: Findings,
    /// The last instant of each sequence of values: what settles the hour that comes twice.
    last: HashMap<String, i64>,
    values: usize,
}

/// What a row of any of these formats comes to.
struct Row<'a> {
    meter: &'a str,
    commodity: Option<Commodity>,
    direction: Option<Direction>,
    unit: Option<Unit>,
    unit_text: &'a str,
    register: bool,
    start: i64,
    seconds: u32,
    value: Decimal,
    quality: Quality,
    cost: Option<i64>,
}

impl Rows<'_> {
    /// Adds a row's value.
    ///
    /// # Errors
    /// With what is wrong, if its time or its length cannot be.
    fn take(&mut self, row: &Row<'_>) -> Result<(), String> {
        if !is_plausible(row.start) {
            return Err("the time does not lie in the years 1990 to 2100".to_owned());
        }
        if row.seconds > LONGEST_SECONDS {
            return Err(format!("{} seconds are longer than the 400 days that a value may be of", row.seconds));
        }
        if row.meter.len().max(row.unit_text.len()) > LONGEST_NAME {
            return Err(format!("the name of a meter or unit is longer than {LONGEST_NAME} bytes"));
        }
        self.values += 1;
        let key = format!("{}|{:?}|{:?}|{}|{}", row.meter, row.commodity, row.direction, row.unit_text, row.register);
        let at = *self.index.entry(key).or_insert_with(|| {
            let data = ChannelData {
                meter: row.meter.to_owned(),
                commodity: row.commodity,
                direction: row.direction,
                unit: row.unit,
                unit_text: row.unit_text.to_owned(),
                kind: if row.register { Kind::Register } else { Kind::Interval },
                exponent: 0,
                points: Vec::new(),
                currency: row.cost.map(|_| "USD"),
            };
            self.channels.push((data, Vec::new()));
            self.channels.len() - 1
        });
        self.channels[at].1.push((row.start, row.seconds, row.value, row.quality, row.cost));
        Ok(())
    }

    /// The instant of a local time in a sequence, which is the values of one meter in the order of the file.
    ///
    /// # Errors
    /// Within the hour that the clock skipped.
    fn local(&mut self, sequence: &str, at: NaiveDateTime) -> Result<i64, String> {
        if sequence.len() > 2 * LONGEST_NAME {
            return Err(format!("the name of a meter is longer than {LONGEST_NAME} bytes"));
        }
        let last = self.last.get(sequence).copied();
        let at = self
            .clock
            .instant(at.and_utc().timestamp(), || last)
            .map_err(|_| format!("{at} is in the hour that the clock skipped"))?;
        match self.last.get_mut(sequence) {
            Some(last) => *last = at,
            None => drop(self.last.insert(sequence.to_owned(), at)),
        }
        Ok(at)
    }

    fn finish(mut self, out: &mut Collector) {
        for (mut channel, rows) in self.channels {
            // Binary floats written out at full length would ask for powers of ten that no meter has: eight decimals are kept.
            let exponent = rows.iter().map(|r| r.2.exponent).min().unwrap_or(0).max(-8);
            channel.exponent = exponent;
            for (start, seconds, value, quality, cost) in &rows {
                // Rounding saturates where the value is too large to be counted in so fine a step.
                let fits = value.exponent < exponent || value.rescale(exponent).is_some();
                if !fits {
                    self.findings.add(None, "number", || {
                        format!("{value} cannot be kept exactly beside the channel's other values and is left out")
                    });
                    continue;
                }
                let value = value.round_to(exponent);
                channel.points.push(Point { start: *start, seconds: *seconds, value, quality: *quality, cost: *cost });
            }
            if channel.kind == Kind::Interval {
                lengths(&mut channel);
            }
            out.channels.push(channel);
        }
        out.findings = self.findings;
    }
}

/// Gives values without a length the commonest step to the next one.
fn lengths(channel: &mut ChannelData) {
    if channel.points.iter().any(|p| p.seconds == 0) {
        let mut starts: Vec<i64> = channel.points.iter().map(|p| p.start).collect();
        starts.sort_unstable();
        let mut steps: HashMap<i64, usize> = HashMap::new();
        for w in starts.windows(2).filter(|w| w[1] > w[0]) {
            *steps.entry(w[1] - w[0]).or_default() += 1;
        }
        let step = steps.into_iter().max_by_key(|(s, n)| (*n, -*s)).map_or(3600, |(s, _)| s);
        for p in channel.points.iter_mut().filter(|p| p.seconds == 0) {
            p.seconds = u32::try_from(step).unwrap_or(3600);
        }
    }
    channel.settle_kind();
}

/// Reads a file.
///
/// # Errors
/// If its header is of no known kind; bad rows are findings.
pub(crate) fn read(input: &mut dyn BufRead, zone: &Zone, out: &mut Collector) -> Result<&'static str, IntakeError> {
    let length = Cell::new(0);
    let bounded = Bounded::new(input, &length);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bounded);
    let mut rows = Rows {
        clock: LocalClock::new(zone),
        channels: Vec::new(),
        index: HashMap::new(),
        findings: Findings::default(),
        last: HashMap::new(),
        values: 0,
    };
    let mut shape: Option<Shape> = None;
    let mut name = None;
    let mut record = csv::StringRecord::new();
    loop {
        length.set(0);
        bounds::check(rows.channels.len().max(rows.last.len() / 2), rows.values)?;
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => {
                let line = e.position().map(csv::Position::line);
                match e.into_kind() {
                    // The stream itself has ended badly: there is no next line to go on with.
                    csv::ErrorKind::Io(error) => return Err(IntakeError::Io(error)),
                    kind => {
                        let message = format!("not a line of CSV: {kind:?}");
                        rows.findings.add(line, "fields", || message);
                    }
                }
                continue;
            }
        }
        let line = record.position().map(csv::Position::line);
        let fields: Vec<String> =
            record.iter().map(|f| f.replace('\u{a0}', " ").trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        if let Some(found) = Shape::of(&fields) {
            name.get_or_insert(found.name());
            shape = Some(found);
            rows.last.clear();
            continue;
        }
        let Some(shape) = &shape else { continue };
        if fields.iter().all(|f| f.is_empty()) || (fields.len() == 1 && !fields[0].contains("to")) {
            continue;
        }
        match shape.row(&fields, &mut rows) {
            Ok(()) => {}
            Err(message) => rows.findings.add(line, "row", || message),
        }
    }
    let Some(name) = name else {
        return Err(IntakeError::Format(format!(
            "the file is CSV, but no header of it is known; our own format begins with {OWN}"
        )));
    };
    rows.finish(out);
    Ok(name)
}

/// The kinds of files, by their headers.
enum Shape {
    Own,
    Plain,
    /// Southern California Edison: a range and a value in each row.
    Edison(Direction),
    /// Opower's export (PG&E, ComEd and others): the columns by name.
    Opower(Vec<String>),
    /// San Diego Gas & Electric.
    SanDiego,
    Beacon(Vec<String>),
    Itron,
}

impl Shape {
    fn of(fields: &[&str]) -> Option<Self> {
        let lower: Vec<String> = fields.iter().map(|f| f.to_ascii_lowercase()).collect();
        let starts = |names: &[&str]| names.iter().enumerate().all(|(i, n)| lower.get(i).is_some_and(|f| f == n));
        let owned = || fields.iter().map(|f| (*f).to_owned()).collect();
        if lower.join(",") == OWN {
            Some(Self::Own)
        } else if lower.len() == 2 && lower[0] == "start" && lower[1] == "value" {
            Some(Self::Plain)
        } else if lower.first().is_some_and(|f| f.ends_with("time period")) {
            Some(Self::Edison(if lower[0].contains("received") { Direction::Received } else { Direction::Delivered }))
        } else if starts(&["type", "date"]) {
            Some(Self::Opower(lower))
        } else if starts(&["meter number", "date", "start time", "duration"]) {
            Some(Self::SanDiego)
        } else if lower.iter().any(|f| f == "flow_time") {
            Some(Self::Beacon(owned()))
        } else if starts(&["timestamp", "read_value", "meter_serial_number"]) {
            Some(Self::Itron)
        } else {
            None
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Own => "csv",
            Self::Plain => "csv-plain",
            Self::Edison(_) => "csv-sce",
            Self::Opower(_) => "csv-opower",
            Self::SanDiego => "csv-sdge",
            Self::Beacon(_) => "csv-beacon",
            Self::Itron => "csv-itron",
        }
    }

    fn row(&self, fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
        let get = |i: usize| fields.get(i).copied().unwrap_or_default();
        let number = |text: &str| decimal(text).ok_or_else(|| format!("`{text}` is not a number"));
        let electricity = Row {
            meter: "",
            commodity: Some(Commodity::Electricity),
            direction: Some(Direction::Delivered),
            unit: Some(Unit::KilowattHour),
            unit_text: "kWh",
            register: false,
            start: 0,
            seconds: 0,
            value: Decimal::default(),
            quality: Quality::Raw,
            cost: None,
        };
        match self {
            Self::Own => {
                let seconds: u32 = get(5).parse().map_err(|_| format!("`{}` is not a number of seconds", get(5)))?;
                let row = Row {
                    meter: get(0),
                    commodity: Commodity::from_slug(get(1)),
                    direction: direction(get(2)),
                    unit: unit(get(3)),
                    unit_text: get(3),
                    register: seconds == 0,
                    start: instant(get(4))
                        .ok_or_else(|| format!("`{}` is not a time like 2026-05-12T16:15:00-07:00", get(4)))?,
                    seconds,
                    value: number(get(6))?,
                    quality: if get(7) == "estimated" { Quality::Estimated } else { Quality::Raw },
                    cost: None,
                };
                rows.take(&row)?;
            }
            Self::Plain => {
                if get(1).eq_ignore_ascii_case("nan") || get(1).is_empty() {
                    rows.findings.add(None, "no-value", || format!("{} has no value", get(0)));
                    return Ok(());
                }
                let start = instant(get(0)).ok_or_else(|| format!("`{}` is not a time", get(0)))?;
                let value = number(get(1))?;
                rows.take(&Row {
                    commodity: None,
                    direction: None,
                    unit: None,
                    unit_text: "",
                    start,
                    value,
                    ..electricity
                })?;
            }
            Self::Edison(way) => {
                let (from, to) = get(0).split_once(" to ").ok_or_else(|| format!("`{}` is not FROM to TO", get(0)))?;
                let at = |text: &str| {
                    NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S")
                        .map_err(|_| format!("`{text}` is not a time"))
                };
                let (from, to) = (at(from)?, at(to)?);
                let start = rows.local("", from)?;
                let seconds = u32::try_from((to - from).num_seconds())
                    .map_err(|_| format!("`{}` ends before it begins", get(0)))?;
                let quality = if get(2).is_empty() { Quality::Raw } else { Quality::Estimated };
                rows.take(&Row {
                    direction: Some(*way),
                    start,
                    seconds,
                    value: number(get(1))?,
                    quality,
                    ..electricity
                })?;
            }
            Self::Opower(columns) => opower(columns, fields, rows, &electricity)?,
            Self::SanDiego => {
                let date = date(get(1)).ok_or_else(|| format!("`{}` is not a date", get(1)))?;
                let time = clock(get(2)).ok_or_else(|| format!("`{}` is not a time", get(2)))?;
                let minutes: u32 = get(3).parse().map_err(|_| format!("`{}` is not a number of minutes", get(3)))?;
                let start = rows.local(get(0), date.and_time(time))?;
                let value = number(get(4))?;
                rows.take(&Row {
                    meter: get(0),
                    direction: Some(Direction::Net),
                    start,
                    seconds: minutes.checked_mul(60).ok_or_else(|| format!("{minutes} minutes are too many"))?,
                    value,
                    ..electricity
                })?;
            }
            Self::Beacon(columns) => beacon(columns, fields, rows)?,
            Self::Itron => {
                let at = NaiveDateTime::parse_from_str(get(0), "%m/%d/%Y %H:%M:%S%.f")
                    .map_err(|_| format!("`{}` is not a time", get(0)))?;
                let start = rows.local(get(2), at)?;
                let (unit, commodity) = if get(6).starts_with("CF") {
                    (Some(Unit::CubicFoot), Some(Commodity::Water))
                } else {
                    (None, None)
                };
                let value = number(get(1))?;
                let value = Decimal::parse(&value.to_string()).unwrap_or(value);
                rows.take(&Row {
                    meter: get(2),
                    commodity,
                    unit,
                    unit_text: get(6),
                    register: true,
                    start,
                    value,
                    ..electricity
                })?;
            }
        }
        Ok(())
    }
}

fn opower(columns: &[String], fields: &[&str], rows: &mut Rows<'_>, like: &Row<'_>) -> Result<(), String> {
    let get = |name: &str| {
        columns.iter().position(|c| c.starts_with(name)).and_then(|i| fields.get(i)).copied().unwrap_or_default()
    };
    let day = date(get("date")).ok_or_else(|| format!("`{}` is not a date", get("date")))?;
    let gas = get("type").to_lowercase().contains("gas");
    let from = clock(get("start time"));
    let start = rows.local(get("type"), day.and_time(from.unwrap_or(NaiveTime::MIN)))?;
    // The end is the last minute that counts.
    let seconds = match (from, clock(get("end time"))) {
        (Some(a), Some(b)) => u32::try_from((b - a).num_seconds() + 60).unwrap_or(0),
        _ => 0,
    };
    let money = get("cost").replace('$', "");
    let cost = cost(&money);
    if cost.is_none() && !money.is_empty() {
        rows.findings.add(None, "cost", || format!("the cost `{money}` is not an amount of money and is left out"));
    }
    let quality = if get("notes").to_lowercase().contains("estimat") { Quality::Estimated } else { Quality::Raw };
    let mut put = |text: &str, way: Direction, cost: Option<i64>| -> Result<(), String> {
        let value = decimal(text).ok_or_else(|| format!("`{text}` is not a number"))?;
        let (value, way) = if value.amount < 0 {
            (Decimal::new(-value.amount, value.exponent), Direction::Received)
        } else {
            (value, way)
        };
        let (commodity, unit, unit_text) = if gas {
            (Commodity::Gas, Unit::Therm, "therms")
        } else {
            (Commodity::Electricity, Unit::KilowattHour, "kWh")
        };
        rows.take(&Row {
            commodity: Some(commodity),
            unit: Some(unit),
            unit_text,
            direction: Some(way),
            start,
            seconds,
            value,
            quality,
            cost,
            ..*like
        })?;
        Ok(())
    };
    if columns.iter().any(|c| c.starts_with("import")) {
        put(get("import"), Direction::Delivered, cost)?;
        if !get("export").is_empty() {
            put(get("export"), Direction::Received, None)?;
        }
        return Ok(());
    }
    put(get("usage"), Direction::Delivered, cost)
}

fn beacon(columns: &[String], fields: &[&str], rows: &mut Rows<'_>) -> Result<(), String> {
    let get =
        |name: &str| columns.iter().position(|c| c == name).and_then(|i| fields.get(i)).copied().unwrap_or_default();
    let at = |text: &str| {
        NaiveDateTime::parse_from_str(&format!("{text}:00"), "%Y-%m-%d %H:%M:%S")
            .map_err(|_| format!("`{text}` is not a time"))
    };
    let meter = get("Meter_SN").to_owned();
    let meter = if meter.is_empty() { get("Endpoint_SN") } else { &meter };
    let base = Row {
        meter,
        commodity: Some(Commodity::Water),
        direction: Some(Direction::Delivered),
        unit: None,
        unit_text: "",
        register: false,
        start: 0,
        seconds: 3600,
        value: Decimal::default(),
        quality: if get("Estimated_Flag") == "1" { Quality::Estimated } else { Quality::Raw },
        cost: None,
    };
    // The flow is stamped with the last minute of its hour.
    let end = rows.local(&format!("flow {meter}"), at(get("Flow_Time"))?)? + 60;
    let flow = decimal(get("Flow")).ok_or_else(|| format!("`{}` is not a number", get("Flow")))?;
    rows.take(&Row {
        unit: unit(get("Flow_Unit")),
        unit_text: get("Flow_Unit"),
        start: end - 3600,
        value: flow,
        ..base
    })?;
    let read_at = rows.local(&format!("read {meter}"), at(get("Read_Time"))?)?;
    let read = decimal(get("Read")).ok_or_else(|| format!("`{}` is not a number", get("Read")))?;
    rows.take(&Row {
        unit: unit(get("Read_Unit")),
        unit_text: get("Read_Unit"),
        register: true,
        seconds: 0,
        start: read_at,
        value: read,
        ..base
    })?;
    Ok(())
}

fn unit(text: &str) -> Option<Unit> {
    Some(match text.to_ascii_lowercase().as_str() {
        "kwh" => Unit::KilowattHour,
        "wh" => Unit::WattHour,
        "therm" | "therms" => Unit::Therm,
        "gal" | "gallons" => Unit::Gallon,
        "ccf" => Unit::Ccf,
        "cf" | "ft3" => Unit::CubicFoot,
        "m3" => Unit::CubicMetre,
        "l" => Unit::Litre,
        _ => return None,
    })
}

fn direction(text: &str) -> Option<Direction> {
    Some(match text {
        "delivered" => Direction::Delivered,
        "received" => Direction::Received,
        "net" => Direction::Net,
        _ => return None,
    })
}

/// A plain decimal; more digits than an `i64` holds (binary floats written out) are cut at twelve decimals.
fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim().replace(',', "");
    Decimal::parse(&text).or_else(|| {
        let (whole, fraction) = text.split_once('.')?;
        let fraction = fraction.get(..12)?;
        Decimal::parse(&format!("{whole}.{fraction}"))
    })
}

/// Money in 10^-5, rounded; `None` where it is no number or too large.
fn cost(text: &str) -> Option<i64> {
    let amount = decimal(text)?;
    (amount.exponent < -5 || amount.rescale(-5).is_some()).then(|| amount.round_to(-5))
}

/// An instant with its offset; a space in place of the `T` is read too.
fn instant(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).ok().map(|t| t.timestamp())
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%Y")).ok()
}

fn clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%I:%M %p")).ok()
}
