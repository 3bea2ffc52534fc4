//! Rows of any of the formats, collected by channel and brought to one power of ten.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use domain::calendar::Zone;
use domain::metering::Quality;
use domain::quantity::{Commodity, Decimal, Direction, Unit};

use crate::block::IntakeError;
use crate::bounds::{self, LONGEST_NAME};
use crate::data::{ChannelData, Kind, LONGEST_SECONDS, Point, is_plausible};
use crate::findings::Findings;
use crate::local::LocalClock;

/// Start, seconds, amount, quality and cost of a row, before all amounts have one power of ten.
type Value = (i64, u32, Decimal, Quality, Option<i64>);

/// What was read so far.
pub(super) struct Rows<'z> {
    clock: LocalClock<'z>,
    channels: Vec<(ChannelData, Vec<Value>)>,
    index: HashMap<String, usize>,
    pub findings: Findings,
    /// The last instant of each sequence of values: what settles the hour that comes twice.
    last: HashMap<String, i64>,
    values: usize,
}

/// What a row of any of these formats comes to.
pub(super) struct Row<'a> {
    pub meter: &'a str,
    pub commodity: Option<Commodity>,
    pub direction: Option<Direction>,
    pub unit: Option<Unit>,
    pub unit_text: &'a str,
    pub register: bool,
    pub start: i64,
    pub seconds: u32,
    pub value: Decimal,
    pub quality: Quality,
    pub cost: Option<i64>,
}

impl<'z> Rows<'z> {
    /// None yet; local times are of a zone.
    pub(super) fn new(zone: &'z Zone) -> Self {
        Self {
            clock: LocalClock::new(zone),
            channels: Vec::new(),
            index: HashMap::new(),
            findings: Findings::default(),
            last: HashMap::new(),
            values: 0,
        }
    }

    /// Whether what was collected is within bounds.
    ///
    /// # Errors
    /// If it is not.
    pub(super) fn check(&self) -> Result<(), IntakeError> {
        bounds::check(self.channels.len().max(self.last.len() / 2), self.values)
    }

    /// A new part of the file begins, whose values follow none of those before.
    pub(super) fn begin(&mut self) {
        self.last.clear();
    }

    /// How long a value is that begins at an instant and ends at a local time, in seconds.
    ///
    /// # Errors
    /// If it ends before it begins, or within the hour that the clock skipped.
    pub(super) fn length(&mut self, start: i64, to: NaiveDateTime) -> Result<u32, String> {
        let end = self.clock.instant(to.and_utc().timestamp(), || Some(start));
        end.ok().and_then(|end| u32::try_from(end - start).ok()).ok_or_else(|| format!("{to} is not after the start"))
    }

    /// Adds a row's value.
    ///
    /// # Errors
    /// With what is wrong, if its time or its length cannot be.
    pub(super) fn take(&mut self, row: &Row<'_>) -> Result<(), String> {
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
                currency: None,
            };
            self.channels.push((data, Vec::new()));
            self.channels.len() - 1
        });
        if row.cost.is_some() {
            self.channels[at].0.currency = Some("USD");
        }
        self.channels[at].1.push((row.start, row.seconds, row.value, row.quality, row.cost));
        Ok(())
    }

    /// The instant of a local time in a sequence, which is the values of one meter in the order of the file.
    ///
    /// # Errors
    /// Within the hour that the clock skipped.
    pub(super) fn local(&mut self, sequence: &str, at: NaiveDateTime) -> Result<i64, String> {
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

    /// How many values are held.
    pub(super) const fn len(&self) -> usize {
        self.values
    }

    /// The channels so far, which are forgotten; what settles the hour that comes twice is not.
    pub(super) fn drain(&mut self) -> Vec<ChannelData> {
        self.index.clear();
        self.values = 0;
        let mut out = Vec::with_capacity(self.channels.len());
        for (mut channel, rows) in std::mem::take(&mut self.channels) {
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
            out.push(channel);
        }
        out
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
