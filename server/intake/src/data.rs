//! What a file holds, collected by channel: for looking into files and for residents' own data sets. Feeds of a whole city go
//! through [`crate::Sink`] instead and are never held at once.

use std::collections::HashMap;

use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use crate::block::{Flow, IntakeError, IntervalBlock, Problem, Read, Reading, RegisterBlock, Sink};
use crate::bounds::{self, LONGEST_NAME};
pub use crate::findings::Finding;
use crate::findings::Findings;

/// What the values of a channel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Amounts of less than a day each.
    Interval,
    /// A cumulative register.
    Register,
    /// Amounts of days or whole billing periods.
    Period,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Start, or the moment of a register reading; seconds since the epoch, UTC.
    pub start: i64,
    /// Length in seconds; 0 for a register.
    pub seconds: u32,
    /// `value * 10^exponent` of the channel's unit.
    pub value: i64,
    /// How it is known.
    pub quality: Quality,
    /// What it cost, in 10^-5 of the currency.
    pub cost: Option<i64>,
}

/// The values of one channel in the order of the file.
#[derive(Clone, Debug)]
pub struct ChannelData {
    /// The meter's name in the file; empty where it has none.
    pub meter: String,
    /// What is metered.
    pub commodity: Option<Commodity>,
    /// Which way it flows.
    pub direction: Option<Direction>,
    /// The unit of the values.
    pub unit: Option<Unit>,
    /// The unit as the file writes it, where it is not known.
    pub unit_text: String,
    /// What the values are.
    pub kind: Kind,
    /// The power of ten of the values.
    pub exponent: i8,
    /// The values.
    pub points: Vec<Point>,
    /// The currency of costs, as its ISO code.
    pub currency: Option<&'static str>,
}

/// Times from 1990 to 2100 are read; others are faults of the sender and refused.
pub(crate) const fn is_plausible(at: i64) -> bool {
    // 1990-01-01 and 2101-01-01.
    631_152_000 <= at && at < 4_133_980_800
}

/// No value is of a longer time: a bill of a year and a month.
pub(crate) const LONGEST_SECONDS: u32 = 400 * 86_400;

/// A channel's values with each start once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How many values, repeated starts included.
    pub count: usize,
    /// How many starts.
    pub distinct: usize,
    /// The commonest length in seconds.
    pub seconds: u32,
    /// The first start, and the end of the last value.
    pub span: Option<(i64, i64)>,
    /// The sum of every value (register: last minus first); `None` where it is too large to be kept exactly.
    pub raw: Option<Decimal>,
    /// The sum with each start once (register: last minus first); `None` where it is too large to be kept exactly.
    pub total: Option<Decimal>,
    /// What the values with each start once cost, in 10^-5; `None` without costs or where it is too large to be kept.
    pub cost: Option<i64>,
}

impl Point {
    /// The end of an interval.
    const fn end(&self) -> i64 {
        self.start.saturating_add(self.seconds as i64)
    }
}

impl ChannelData {
    /// Takes the values for intervals or periods, by what most of them are.
    pub(crate) fn settle_kind(&mut self) {
        let days = self.points.iter().filter(|p| kind_of(p.seconds) == Kind::Period).count();
        self.kind = if days > self.points.len() - days { Kind::Period } else { Kind::Interval };
    }

    /// The values in time order with each start once: of two with the same start the longer stays, of equals the later in the file.
    #[must_use]
    pub fn distinct(&self) -> Vec<Point> {
        let mut points = self.points.clone();
        points.sort_by_key(|p| (p.start, p.seconds));
        let mut out: Vec<Point> = Vec::with_capacity(points.len());
        for p in points {
            match out.last_mut() {
                Some(last) if last.start == p.start => *last = p,
                _ => out.push(p),
            }
        }
        out
    }

    /// How many starts have more than one value of the same length, not all of them the same.
    #[must_use]
    pub fn differing(&self) -> usize {
        let mut points = self.points.clone();
        points.sort_by_key(|p| (p.start, p.seconds));
        let same = |a: &Point, b: &Point| (a.start, a.seconds) == (b.start, b.seconds);
        points.chunk_by(same).filter(|of| of.windows(2).any(|w| w[0].value != w[1].value)).count()
    }

    /// Counts and sums.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let distinct = self.distinct();
        let mut lengths: HashMap<u32, usize> = HashMap::new();
        for p in &self.points {
            *lengths.entry(p.seconds).or_default() += 1;
        }
        let seconds = lengths.into_iter().max_by_key(|(s, n)| (*n, *s)).map_or(0, |(s, _)| s);
        let sum = |points: &[Point]| {
            let amount = if self.kind == Kind::Register {
                points.last().map_or(0, |p| i128::from(p.value)) - points.first().map_or(0, |p| i128::from(p.value))
            } else {
                points.iter().map(|p| i128::from(p.value)).sum()
            };
            i64::try_from(amount).ok().map(|amount| Decimal::new(amount, self.exponent))
        };
        let end = distinct.iter().map(|p| p.end()).max();
        let costs = distinct.iter().filter_map(|p| p.cost);
        let cost = costs.map(i128::from).reduce(|a, b| a + b);
        Totals {
            count: self.points.len(),
            distinct: distinct.len(),
            seconds,
            span: distinct.first().map(|p| p.start).zip(end),
            raw: if self.kind == Kind::Register { sum(&distinct) } else { sum(&self.points) },
            total: sum(&distinct),
            cost: cost.and_then(|c| i64::try_from(c).ok()),
        }
    }

    /// What a careful reader notices about the values: repeated starts, holes, odd lengths, a register that runs backwards.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut out = Vec::new();
        let totals = self.totals();
        let mut say = |code, message| out.push(Finding { line: None, code, message, record: String::new() });
        let repeated = totals.count - totals.distinct;
        if repeated > 0 {
            say(
                "repeated-start",
                format!("{repeated} values have a start that another value has too; each start counts once"),
            );
        }
        if totals.raw.is_none() || totals.total.is_none() {
            let message =
                "the values add up to more than can be kept exactly, so no total is given; real ones never do";
            say("total-too-large", message.to_owned());
        }
        let distinct = self.distinct();
        if totals.cost.is_none() && distinct.iter().any(|p| p.cost.is_some()) {
            let message = "the costs add up to more than can be kept exactly, so none is given; real ones never do";
            say("cost-too-large", message.to_owned());
        }
        if self.kind == Kind::Register {
            let backwards = distinct.windows(2).filter(|w| w[1].value < w[0].value).count();
            if backwards > 0 {
                say("register-backwards", format!("the register runs backwards {backwards} times"));
            }
            return out;
        }
        if let Some((at, from, to)) = self.step(&distinct) {
            say(
                "step",
                format!(
                    "from {at} on the values stay at {to} or more, before that they were {from} or less: was the unit changed?"
                ),
            );
        }
        let days = self.points.iter().filter(|p| kind_of(p.seconds) == Kind::Period).count();
        if days > 0 && days < self.points.len() {
            let (short, taken) =
                (self.points.len() - days, if self.kind == Kind::Period { "days or bills" } else { "intervals" });
            say(
                "mixed-lengths",
                format!(
                    "{days} values are of a day or more, {short} of less; by what most are, all were taken for {taken}"
                ),
            );
        } else if self.kind == Kind::Period {
            // An hour more or less is the day that the clock was changed.
            let unequal = self.points.iter().filter(|p| p.seconds.abs_diff(totals.seconds) > 3_600).count();
            if unequal > 0 {
                let lengths = || self.points.iter().map(|p| p.seconds);
                let (least, most) = (lengths().min().unwrap_or(0) / 86_400, lengths().max().unwrap_or(0) / 86_400);
                say("unequal-periods", format!("the values are of periods of {least} to {most} days"));
            }
        }
        let odd = self.points.iter().filter(|p| p.seconds != totals.seconds).count();
        if odd > 0 && self.kind == Kind::Interval {
            say("odd-length", format!("{odd} values are not {} seconds long", totals.seconds));
        }
        let holes = distinct.windows(2).filter(|w| w[0].end() < w[1].start).count();
        if holes > 0 {
            say("gap", format!("{holes} times there is nothing between one value and the next"));
        }
        let overlaps = distinct.windows(2).filter(|w| w[0].end() > w[1].start).count();
        if overlaps > 0 {
            say("overlap", format!("{overlaps} values begin before the one before them ends"));
        }
        let estimated = distinct.iter().filter(|p| p.quality.is_estimate()).count();
        if estimated > 0 {
            say("estimated", format!("{estimated} values are estimated or edited by the sender"));
        }
        out
    }
}

/// So many values in a row tell a step from an oven.
const LEVEL: usize = 12;
/// So many times what it was is a step that no home makes.
const STEP: i64 = 50;

impl ChannelData {
    /// When values first step up and stay there: most likely another unit or multiplier. The time, the most before it and the
    /// least after it.
    fn step(&self, distinct: &[Point]) -> Option<(String, Decimal, Decimal)> {
        let (at, before, after) = distinct.windows(2 * LEVEL).find_map(|w| {
            let (low, high) = w.split_at(LEVEL);
            let most = low.iter().map(|p| p.value).max().filter(|most| *most > 0)?;
            let least = high.iter().map(|p| p.value).min()?;
            (least / STEP >= most).then(|| (high[0].start, most, least))
        })?;
        let at = chrono::DateTime::from_timestamp(at, 0)?.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        Some((at, Decimal::new(before, self.exponent), Decimal::new(after, self.exponent)))
    }
}

/// What tells channels apart: meter, commodity, direction, unit as written, kind.
type Key = (String, Option<Commodity>, Option<Direction>, String, Kind);

/// Collects a stream by channel.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub channels: Vec<ChannelData>,
    pub findings: Findings,
    index: HashMap<Key, usize>,
    values: usize,
}

impl Collector {
    /// Whether what was collected is within bounds.
    ///
    /// # Errors
    /// If it is not; reading has ended there.
    pub fn check(&self) -> Result<(), IntakeError> {
        bounds::check(self.channels.len(), self.values)
    }

    /// Adds values of a channel, counted in `10^exponent`.
    fn take(
        &mut self,
        of: &crate::Channel<'_>,
        kind: Kind,
        line: u64,
        exponent: i8,
        points: impl ExactSizeIterator<Item = Point>,
    ) -> Flow {
        if of.meter.len().max(of.unit_text.len()) > LONGEST_NAME {
            self.findings.add(Some(line), "name", || {
                format!("the name of a meter or unit is longer than {LONGEST_NAME} bytes; its values are left out")
            });
            return Flow::Go;
        }
        self.values += points.len();
        let key = (of.meter.to_owned(), of.commodity, of.direction, of.unit_text.to_owned(), kind);
        let at = *self.index.entry(key).or_insert_with(|| {
            self.channels.push(ChannelData {
                meter: of.meter.to_owned(),
                commodity: of.commodity,
                direction: of.direction,
                unit: of.unit,
                unit_text: of.unit_text.to_owned(),
                kind,
                exponent,
                points: Vec::new(),
                currency: None,
            });
            self.channels.len() - 1
        });
        let channel = &mut self.channels[at];
        if exponent < channel.exponent {
            channel.refine(exponent);
        }
        for p in points {
            match Decimal::new(p.value, exponent).rescale(channel.exponent) {
                Some(value) => channel.points.push(Point { value, ..p }),
                None => self.findings.add(Some(line), "number", || {
                    let value = Decimal::new(p.value, exponent);
                    format!("{value} cannot be kept exactly beside the channel's other values and is left out")
                }),
            }
        }
        if self.check().is_ok() { Flow::Go } else { Flow::Stop }
    }
}

impl ChannelData {
    /// Counts all values in a finer power of ten, unless one of them grows too large for it.
    fn refine(&mut self, exponent: i8) {
        let value = |p: &Point| Decimal::new(p.value, self.exponent).rescale(exponent);
        if let Some(values) = self.points.iter().map(value).collect::<Option<Vec<i64>>>() {
            for (p, value) in self.points.iter_mut().zip(values) {
                p.value = value;
            }
            self.exponent = exponent;
        }
    }
}

/// The kind of amounts of this length.
#[must_use]
pub const fn kind_of(seconds: u32) -> Kind {
    // A day of 23 hours is a day.
    if seconds >= 82_800 { Kind::Period } else { Kind::Interval }
}

impl Sink for Collector {
    fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
        let seconds = block.seconds;
        let point = |r: &Reading| Point { start: r.start, seconds, value: r.value, quality: r.quality, cost: None };
        self.take(&block.channel, kind_of(seconds), block.line, block.exponent, block.readings.iter().map(point))
    }

    fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow {
        let point = |r: &Read| Point { start: r.at, seconds: 0, value: r.value, quality: r.quality, cost: None };
        self.take(&block.channel, Kind::Register, block.line, block.exponent, block.reads.iter().map(point))
    }

    fn problem(&mut self, problem: &Problem<'_>) -> Flow {
        self.findings.add(Some(problem.line), problem.code.slug(), || problem.message.clone());
        Flow::Go
    }
}
