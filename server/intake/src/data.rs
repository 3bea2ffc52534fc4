//! What a file holds, collected by channel: for looking into files and for residents' own data sets. Feeds of a whole city go
//! through [`crate::Sink`] instead and are never held at once.

use std::collections::HashMap;

use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use crate::block::{Flow, IntervalBlock, Problem, RegisterBlock, Sink};

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

/// Something in a file that a careful reader points out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Where, from 1, if it is in one place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// A word for the kind of finding.
    pub code: &'static str,
    /// What was found and, where something is wrong, what would be right.
    pub message: String,
}

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
    /// The sum of every value (register: last minus first).
    pub raw: Decimal,
    /// The sum with each start once (register: last minus first).
    pub total: Decimal,
    /// What the values with each start once cost, in 10^-5.
    pub cost: Option<i64>,
}

impl ChannelData {
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
            Decimal::new(i64::try_from(amount).unwrap_or(i64::MAX), self.exponent)
        };
        let end = distinct.iter().map(|p| p.start + i64::from(p.seconds)).max();
        let costs: Vec<i64> = distinct.iter().filter_map(|p| p.cost).collect();
        Totals {
            count: self.points.len(),
            distinct: distinct.len(),
            seconds,
            span: distinct.first().map(|p| p.start).zip(end),
            raw: if self.kind == Kind::Register { sum(&distinct) } else { sum(&self.points) },
            total: sum(&distinct),
            cost: (!costs.is_empty()).then(|| costs.iter().sum()),
        }
    }

    /// What a careful reader notices about the values: repeated starts, holes, odd lengths, a register that runs backwards.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut out = Vec::new();
        let totals = self.totals();
        let mut say = |code, message| out.push(Finding { line: None, code, message });
        let repeated = totals.count - totals.distinct;
        if repeated > 0 {
            say(
                "repeated-start",
                format!("{repeated} values have a start that another value has too; each start counts once"),
            );
        }
        let distinct = self.distinct();
        if self.kind == Kind::Register {
            let backwards = distinct.windows(2).filter(|w| w[1].value < w[0].value).count();
            if backwards > 0 {
                say("register-backwards", format!("the register runs backwards {backwards} times"));
            }
            return out;
        }
        let odd = self.points.iter().filter(|p| p.seconds != totals.seconds).count();
        if odd > 0 && self.kind == Kind::Interval {
            say("odd-length", format!("{odd} values are not {} seconds long", totals.seconds));
        }
        let holes = distinct.windows(2).filter(|w| w[0].start + i64::from(w[0].seconds) < w[1].start).count();
        if holes > 0 {
            say("gap", format!("{holes} times there is nothing between one value and the next"));
        }
        let overlaps = distinct.windows(2).filter(|w| w[0].start + i64::from(w[0].seconds) > w[1].start).count();
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

/// What tells channels apart: meter, commodity, direction, unit as written, kind.
type Key = (String, Option<Commodity>, Option<Direction>, String, Kind);

/// Collects a stream by channel.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub channels: Vec<ChannelData>,
    pub findings: Vec<Finding>,
    index: HashMap<Key, usize>,
}

impl Collector {
    /// The channel of these facts, brought to a power of ten that also fits `exponent`.
    fn channel(&mut self, of: &crate::Channel<'_>, kind: Kind, exponent: i8) -> &mut ChannelData {
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
            let factor = 10_i64.saturating_pow(u32::from(channel.exponent.abs_diff(exponent)));
            for p in &mut channel.points {
                p.value = p.value.saturating_mul(factor);
            }
            channel.exponent = exponent;
        }
        channel
    }
}

/// The kind of amounts of this length.
pub(crate) const fn kind_of(seconds: u32) -> Kind {
    // A day of 23 hours is a day.
    if seconds >= 82_800 { Kind::Period } else { Kind::Interval }
}

impl Sink for Collector {
    fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
        let channel = self.channel(&block.channel, kind_of(block.seconds), block.exponent);
        let factor = 10_i64.saturating_pow(u32::from(channel.exponent.abs_diff(block.exponent)));
        channel.points.extend(block.readings.iter().map(|r| Point {
            start: r.start,
            seconds: block.seconds,
            value: r.value.saturating_mul(factor),
            quality: r.quality,
            cost: None,
        }));
        Flow::Go
    }

    fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow {
        let channel = self.channel(&block.channel, Kind::Register, block.exponent);
        let factor = 10_i64.saturating_pow(u32::from(channel.exponent.abs_diff(block.exponent)));
        channel.points.extend(block.reads.iter().map(|r| Point {
            start: r.at,
            seconds: 0,
            value: r.value.saturating_mul(factor),
            quality: r.quality,
            cost: None,
        }));
        Flow::Go
    }

    fn problem(&mut self, problem: &Problem<'_>) -> Flow {
        self.findings.push(Finding {
            line: Some(problem.line),
            code: problem.code.slug(),
            message: problem.message.clone(),
        });
        Flow::Go
    }
}
