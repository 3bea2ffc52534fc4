//! Master data as ingest needs them: asked for once per meter, then kept for the run.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use domain::calendar::Zone;
use domain::ids::RegisterId;
use domain::metering::day::DayBlock;
use domain::metering::vee::{Figures, Rules};
use domain::quantity::{Commodity, Direction, Unit};
use store::ingest::RegisterState;
use store::meters::KnownRegister;

use super::record::{Channel, Kind};
use super::refusal::Refusal;
use crate::{Fault, zones};

/// The registers of meters by number, and where each register's data end.
pub(super) type Answer = (HashMap<String, Vec<KnownRegister>>, Vec<RegisterState>);

/// Answers questions about meters while a file is read. The pipeline asks the database; its tests may answer themselves.
pub(super) trait Lookup {
    /// The registers of these meters and where each one's data end.
    fn find(&mut self, numbers: &[String]) -> Result<Answer, Fault>;
}

/// A register with what its readings are judged by.
pub(super) struct Register {
    pub id: RegisterId,
    pub commodity: Commodity,
    pub direction: Direction,
    pub unit: Unit,
    pub exponent: i8,
    pub interval_seconds: u32,
    pub dial_digits: u32,
    pub rules: Rules,
    /// Where it was, when (UTC seconds), and by which zone.
    pub places: Vec<Place>,
}

/// A stretch of time at one place.
pub(super) struct Place {
    pub zone: Arc<Zone>,
    pub since: i64,
    pub until: i64,
}

impl Register {
    fn new(known: KnownRegister, figures: &Figures) -> Result<Self, Fault> {
        let places = known
            .installed
            .iter()
            .map(|i| {
                Ok(Place {
                    zone: zones::stored(&i.zone)?,
                    since: i.since.timestamp(),
                    until: i.until.map_or(i64::MAX, |u| u.timestamp()),
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        Ok(Self {
            id: known.register,
            commodity: known.commodity,
            direction: known.direction,
            unit: known.unit,
            exponent: known.exponent,
            interval_seconds: known.interval_seconds.max(1),
            dial_digits: known.dial_digits,
            rules: Rules::with(figures, known.commodity, known.direction, known.unit, known.exponent),
            places,
        })
    }

    /// The zone that makes the local day of an instant: of the place where the meter was then, else of the last one.
    pub(super) fn zone_at(&self, at: i64) -> &Zone {
        let place = self.places.iter().find(|p| p.since <= at && at < p.until).or_else(|| self.places.last());
        &place.expect("the store answers installed registers only").zone
    }

    /// Whether the meter was in place for a part of a stretch.
    pub(super) fn installed(&self, from: i64, to: i64) -> bool {
        self.places.iter().any(|p| p.since < to && from < p.until)
    }

    /// Whether it was in place for all of a stretch, without an exchange in it.
    pub(super) fn installed_throughout(&self, from: i64, to: i64) -> bool {
        self.places.iter().any(|p| p.since <= from && to <= p.until)
    }
}

/// Where a register's data end, kept up to date while a file is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tail {
    /// The last day with data.
    pub day: Option<i64>,
    /// Whether that day ends with a hole.
    pub open: bool,
    /// The last reading of the dial: when, what.
    pub read: Option<(i64, i64)>,
}

/// So many numbers that no meter has are remembered, so that no file of made-up ones fills the memory.
const STRANGERS: usize = 50_000;

/// What is known so far.
pub(super) struct Master<L> {
    lookup: L,
    /// How many of the numbers no meter has.
    strangers: usize,
    figures: Figures,
    meters: HashMap<String, Rc<[Rc<Register>]>>,
    tails: HashMap<RegisterId, Tail>,
}

impl<L: Lookup> Master<L> {
    pub(super) fn new(lookup: L, figures: Figures) -> Self {
        Self { lookup, strangers: 0, figures, meters: HashMap::new(), tails: HashMap::new() }
    }

    /// Learns what it does not know yet of these meters.
    pub(super) fn learn<'a>(&mut self, numbers: impl Iterator<Item = &'a str>) -> Result<(), Fault> {
        let mut new: Vec<String> = numbers.filter(|n| !self.meters.contains_key(*n)).map(str::to_owned).collect();
        new.sort_unstable();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        if self.strangers > STRANGERS {
            self.meters.retain(|_, registers| !registers.is_empty());
            self.strangers = 0;
        }
        let (mut found, states) = self.lookup.find(&new)?;
        for number in new {
            let registers = found.remove(&number).unwrap_or_default();
            self.strangers += usize::from(registers.is_empty());
            let registers = registers
                .into_iter()
                .map(|k| Register::new(k, &self.figures).map(Rc::new))
                .collect::<Result<Vec<_>, _>>()?;
            self.meters.insert(number, registers.into());
        }
        for state in states {
            let open = match &state.block {
                Some(bytes) => {
                    let block = DayBlock::decode(bytes).map_err(|e| {
                        store::StoreError::Damaged(format!("the last block of {:?}: {e}", state.register))
                    })?;
                    ends_open(&block)
                }
                None => false,
            };
            self.tails.insert(state.register, Tail { day: state.day, open, read: state.read_at.zip(state.value) });
        }
        Ok(())
    }

    /// The registers of a meter that was learnt; `None` for an unknown meter.
    pub(super) fn meter(&self, number: &str) -> Option<Rc<[Rc<Register>]>> {
        self.meters.get(number).filter(|r| !r.is_empty()).cloned()
    }

    pub(super) fn tail(&mut self, register: RegisterId) -> &mut Tail {
        self.tails.entry(register).or_default()
    }
}

/// When the last value of a meter's channel ends that is stored; `None` where there is none.
pub(super) fn known_until<L: Lookup>(
    lookup: &mut L,
    figures: &Figures,
    meter: &str,
    channel: &Channel,
) -> Result<Option<i64>, Fault> {
    let (mut found, states) = lookup.find(&[meter.to_owned()])?;
    let registers = found.remove(meter).unwrap_or_default();
    let registers =
        registers.into_iter().map(|k| Register::new(k, figures).map(Rc::new)).collect::<Result<Vec<_>, _>>()?;
    let Ok((register, _)) = choose(&registers, channel) else { return Ok(None) };
    let Some(state) = states.into_iter().find(|s| s.register == register.id) else { return Ok(None) };
    if channel.kind == Kind::Register {
        return Ok(state.read_at);
    }
    let Some(bytes) = state.block else { return Ok(None) };
    let block = DayBlock::decode(&bytes)
        .map_err(|e| store::StoreError::Damaged(format!("the last block of {:?}: {e}", state.register)))?;
    let last = block.intervals().last();
    Ok(last.map(|i| i.start.timestamp() + i64::from(i.seconds)))
}

/// Whether a day ends with a hole.
pub(super) fn ends_open(block: &DayBlock) -> bool {
    block.qualities().last() == Some(&domain::metering::Quality::Missing)
}

/// The register of a meter that a channel belongs to, and by which power of ten its unit leads to the register's.
pub(super) fn choose(registers: &[Rc<Register>], channel: &Channel) -> Result<(Rc<Register>, i8), Refusal> {
    let mut other_unit = None;
    if channel.commodity.is_none()
        && let Some(first) = registers.first()
        && registers.iter().any(|r| r.commodity != first.commodity)
    {
        let mut kinds: Vec<&str> = registers.iter().map(|r| r.commodity.slug()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        return Err(Refusal::SeveralMeters(kinds.join(" and ")));
    }
    for r in registers {
        if r.direction != channel.direction || channel.commodity.is_some_and(|c| c != r.commodity) {
            continue;
        }
        match channel.unit {
            None => return Ok((Rc::clone(r), 0)),
            Some(unit) => match unit.power_to(r.unit) {
                Some(power) => return Ok((Rc::clone(r), power)),
                None => other_unit = Some(Refusal::Unit { found: unit.symbol(), expected: r.unit.symbol() }),
            },
        }
    }
    Err(other_unit.unwrap_or_else(|| {
        let commodity = channel.commodity.map_or("this", Commodity::slug);
        let direction = match channel.direction {
            Direction::Delivered => "delivered",
            Direction::Received => "received",
            Direction::Net => "net",
        };
        Refusal::NoSuchChannel(format!("{direction} {commodity}"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Lookup for Nobody {
        fn find(&mut self, _: &[String]) -> Result<Answer, Fault> {
            Ok(Answer::default())
        }
    }

    #[test]
    fn made_up_numbers_do_not_fill_the_memory() {
        let mut master = Master::new(Nobody, Figures::default());
        for batch in 0..300 {
            let numbers: Vec<String> = (0..1_000).map(|n| format!("X{batch}-{n}")).collect();
            master.learn(numbers.iter().map(String::as_str)).expect("nobody is asked");
            assert!(master.meters.len() <= STRANGERS + 2_000, "{}", master.meters.len());
            assert!(numbers.iter().all(|n| master.meter(n).is_none()));
        }
    }
}
