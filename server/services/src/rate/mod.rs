//! Bills for a usage file under a tariff file: no database, no account. What is missing is said, never filled in.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{NaiveDate, Timelike};
use domain::billing::intervals::{Bank, Intervals, Slot, carried};
use domain::billing::{Determinants, Line, ServiceUse, bill_by_intervals};
use domain::calendar::{DayRange, Zone, add_months, month_start};
use domain::quantity::{Commodity, Decimal, Direction, ServiceKind};
use domain::tariff::{Basis, Book, Facts, Label, Schedule, file};
use intake::data::{ChannelData, Kind};
use intake::sniff::{Options, load};

mod reads;
mod report;
mod unmetered;

pub use report::{Money, Plain, Rated, RatedBill, RatedLine, text};
pub use unmetered::rate_without_usage;

use crate::billing::to_micro;

/// How a range is cut into bills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cycle {
    /// A bill for each calendar month; one that is not wholly in the range is billed for its part.
    #[default]
    Month,
    /// One bill for the whole range.
    Whole,
}

/// What is rated.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The schedule; the only one of the file where it is not named.
    pub schedule: Option<String>,
    /// The local days.
    pub range: DayRange,
    /// Whose local days, and what local times in the file mean.
    pub zone: Zone,
    /// How the range is cut.
    pub cycle: Cycle,
    /// What the schedule needs to know of the customer.
    pub facts: Facts,
}

/// Rates a usage file under the text of a tariff file.
///
/// # Errors
/// A sentence that names what is wrong and what would be right.
pub fn rate(tariff: &str, usage: impl Read, asked: &Asked) -> Result<Rated, String> {
    let book = file::read(tariff).map_err(|e| e.to_string())?;
    let schedule = choose(&book, asked.schedule.as_deref())?;
    let Some(commodity) = schedule.service.commodity() else {
        return Err(format!("schedule {} is for a service without a meter: leave the usage file out", schedule.code));
    };
    let loaded = load(usage, &Options { zone: asked.zone.clone(), limit: None }).map_err(|e| e.to_string())?;
    let mut problems: Vec<String> = loaded.findings.iter().map(|f| f.message.clone()).collect();
    let known = Known::read(&loaded.channels, commodity, &asked.zone, &mut problems)?;
    said_of(&known, schedule, asked.range, &mut problems);
    let intervals = BTreeMap::from([(schedule.service, known.intervals)]);
    let mut rater = Rater {
        book: &book,
        schedule,
        asked,
        intervals,
        estimated: known.estimated,
        seconds: known.seconds,
        bank: Bank::new(),
    };
    let bills =
        cut(asked).into_iter().map(|(cycle, served)| rater.bill(cycle, served)).collect::<Result<Vec<_>, _>>()?;
    let missing: i64 = bills.iter().map(|b| b.expected - b.present).sum();
    if missing > 0 {
        problems.push(format!("{missing} intervals of the range are not in the file and count as nothing used"));
    }
    let estimated: i64 = bills.iter().map(|b| b.estimated).sum();
    if estimated > 0 {
        problems.push(format!("{estimated} intervals of the range are estimates of the sender"));
    }
    unassisted(&book, schedule, asked, &mut problems);
    let verified = schedule.during(asked.range).all(|(v, _)| v.verified.is_some());
    Ok(Rated {
        schedule: schedule.code.clone(),
        service: schedule.service,
        verified,
        zone: asked.zone.name.clone(),
        total: Money(bills.iter().map(|b| b.total.0).sum()),
        bills,
        problems,
    })
}

fn choose<'b>(book: &'b Book, code: Option<&str>) -> Result<&'b Schedule, String> {
    let codes = || book.schedules.iter().map(|s| s.code.as_str()).collect::<Vec<_>>().join(", ");
    match (code, &book.schedules[..]) {
        (Some(code), _) => book
            .schedule(code)
            .ok_or_else(|| format!("there is no schedule {code} in the file; there are: {}", codes())),
        (None, [only]) => Ok(only),
        (None, []) => Err("the tariff file has no schedule".to_owned()),
        (None, _) => Err(format!("the tariff file has several schedules; name one of them: {}", codes())),
    }
}

/// What of the file is not billed, or less finely than the schedule asks.
fn said_of(known: &Known, schedule: &Schedule, range: DayRange, problems: &mut Vec<String>) {
    let outside = known.intervals.0.len() - known.intervals.on(range).len();
    if outside > 0 {
        problems.push(format!("{outside} intervals of the file lie outside of the range and are not billed"));
    }
    let charges = schedule.during(range).flat_map(|(v, _)| &v.charges);
    let finest =
        charges.filter_map(|c| if let Basis::Demand(minutes, _) = c.basis { Some(minutes) } else { None }).min();
    let longest = known.intervals.on(range).iter().map(|s| s.seconds / 60).max().unwrap_or(0);
    if let Some(minutes) = finest.filter(|m| longest > *m) {
        problems.push(format!(
            "the highest load is asked for over {minutes} minutes, and the file has intervals of {longest}: the highest within them \
             may have been higher"
        ));
    }
}

/// Assistance that was asked for and that the file has nothing about.
fn unassisted(book: &Book, schedule: &Schedule, asked: &Asked, problems: &mut Vec<String>) {
    let Some(program) = asked.facts.assistance else { return };
    let without = |day: &NaiveDate| book.discount(program, schedule.service, *day).is_none();
    let days = asked.range.days().filter(without).count();
    if days > 0 {
        let all = i64::try_from(days) == Ok(asked.range.len());
        let on = if all { "any day".to_owned() } else { format!("{days} days") };
        problems.push(format!(
            "the tariff file has no {program:?} discount on {} for {on} of the range: nothing is taken off then",
            schedule.service.slug()
        ));
    }
}

/// The billing periods with the days of each that are rated.
fn cut(asked: &Asked) -> Vec<(DayRange, DayRange)> {
    if asked.cycle == Cycle::Whole {
        return vec![(asked.range, asked.range)];
    }
    let mut out = Vec::new();
    let mut from = month_start(asked.range.from);
    while from < asked.range.to {
        let month = DayRange { from, to: add_months(from, 1) };
        if let Some(served) = month.intersect(asked.range) {
            out.push((month, served));
        }
        from = month.to;
    }
    out
}

/// What the file says of one commodity, by the clock.
struct Known {
    intervals: Intervals,
    estimated: Vec<NaiveDate>,
    seconds: u32,
}

impl Known {
    fn read(
        channels: &[ChannelData],
        commodity: Commodity,
        zone: &Zone,
        problems: &mut Vec<String>,
    ) -> Result<Self, String> {
        let fits = |c: &&ChannelData| {
            c.kind != Kind::Register && c.commodity.is_none_or(|of| of == commodity) && !c.points.is_empty()
        };
        let mut of: Vec<&ChannelData> = channels.iter().filter(fits).collect();
        let dials: Vec<ChannelData>;
        if of.is_empty() {
            let reads = |c: &&ChannelData| c.kind == Kind::Register && c.commodity.is_none_or(|of| of == commodity);
            dials = channels.iter().filter(reads).filter_map(|c| reads::between(c, zone, problems)).collect();
            of = dials.iter().collect();
        }
        if of.is_empty() {
            return Err(format!(
                "the file has no interval values of {}, nor two reads of a register",
                commodity.slug()
            ));
        }
        let differing: usize = of.iter().map(|c| c.differing()).sum();
        if differing > 0 {
            problems.push(format!(
                "{differing} intervals are in the file with different values; of each the last one counts"
            ));
        }
        let delivered = of.iter().filter(|c| c.direction != Some(Direction::Received)).count();
        if delivered > 1 {
            problems.push(format!("{delivered} channels of what was delivered are added up"));
        }
        let mut slots: BTreeMap<i64, (u32, i64, i64)> = BTreeMap::new();
        let mut estimated = Vec::new();
        let mut seconds = u32::MAX;
        for channel in of {
            let unit = channel.unit.unwrap_or_else(|| {
                let unit = commodity.billing_unit();
                problems.push(format!("the file does not say its unit; its values are taken for {}", unit.symbol()));
                unit
            });
            for p in channel.distinct() {
                if !p.quality.has_value() {
                    continue;
                }
                let value = to_micro(commodity, unit, channel.exponent, p.value)
                    .ok_or_else(|| format!("values in {} are not values of {}", unit.symbol(), commodity.slug()))?;
                let sent = channel.direction == Some(Direction::Received);
                let slot = slots.entry(p.start).or_insert((p.seconds, 0, 0));
                // Of channels that cut the time differently the coarser one shows where both overlap.
                slot.0 = slot.0.max(p.seconds);
                // A net channel counts backwards where more is sent than taken.
                match (sent, value < 0) {
                    (false, false) => slot.1 = slot.1.saturating_add(value),
                    (false, true) => slot.2 = slot.2.saturating_sub(value),
                    (true, _) => slot.2 = slot.2.saturating_add(value.saturating_abs()),
                }
                seconds = seconds.min(p.seconds.max(1));
                if p.quality.is_estimate() {
                    estimated.push(local_day(zone, p.start));
                }
            }
        }
        let overlapping = overlapping(&slots);
        if overlapping > 0 {
            problems.push(format!(
                "{overlapping} intervals begin before the one ahead of them ends: what was used then may be counted twice"
            ));
        }
        estimated.sort_unstable();
        let slot = |(start, (seconds, delivered, received)): (i64, (u32, i64, i64))| {
            let local = zone.to_local(chrono::DateTime::from_timestamp(start, 0).unwrap_or_default());
            let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
            Slot { day: local.date(), minute, seconds, delivered, received }
        };
        Ok(Self { intervals: Intervals(slots.into_iter().map(slot).collect()), estimated, seconds })
    }
}

/// How many intervals, by their start with their length first, begin before the one ahead of them ends.
fn overlapping(slots: &BTreeMap<i64, (u32, i64, i64)>) -> usize {
    let ends = slots.iter().map(|(start, (seconds, ..))| start.saturating_add(i64::from(*seconds)));
    ends.zip(slots.keys().skip(1)).filter(|(end, next)| *next < end).count()
}

fn local_day(zone: &Zone, at: i64) -> NaiveDate {
    zone.day_of(chrono::DateTime::from_timestamp(at, 0).unwrap_or_default())
}

/// What bills of a range share.
struct Rater<'a> {
    book: &'a Book,
    schedule: &'a Schedule,
    asked: &'a Asked,
    intervals: BTreeMap<ServiceKind, Intervals>,
    estimated: Vec<NaiveDate>,
    seconds: u32,
    bank: Bank,
}

impl Rater<'_> {
    fn bill(&mut self, cycle: DayRange, served: DayRange) -> Result<RatedBill, String> {
        let (schedule, asked) = (self.schedule, self.asked);
        let slots = self.intervals.get(&schedule.service).map_or(&[][..], |i| i.on(served));
        let sum = |f: fn(&Slot) -> i64| slots.iter().map(f).fold(0, i64::saturating_add);
        let (delivered, received, covered) = (sum(|s| s.delivered), sum(|s| s.received), sum(|s| i64::from(s.seconds)));
        let used = ServiceUse {
            service: schedule.service,
            schedule: schedule.code.clone(),
            served,
            facts: asked.facts.clone(),
            delivered: Some(Decimal::new(delivered, -6)),
            received: Some(Decimal::new(received, -6)),
        };
        let determinants = Determinants { cycle, services: vec![used], assistance: asked.facts.assistance };
        let bill =
            bill_by_intervals(self.book, &determinants, &self.intervals, &mut self.bank).map_err(|e| e.to_string())?;
        let service = bill.services.first().ok_or("the bill is empty")?;
        let whole = (asked.zone.start_of(served.to) - asked.zone.start_of(served.from)).num_seconds();
        let step = i64::from(self.seconds.max(1));
        let unit = schedule.service.commodity().map_or("", |c| c.billing_unit().symbol());
        let carried = carried(&self.bank, &schedule.code);
        let estimated = self.estimated.iter().filter(|d| served.contains(**d)).count();
        Ok(RatedBill {
            from: served.from,
            to: served.last(),
            days: served.len(),
            delivered: Plain(Decimal::new(delivered, -6)),
            received: Plain(Decimal::new(received, -6)),
            unit,
            expected: whole / step,
            present: covered.min(whole) / step,
            estimated: i64::try_from(estimated).unwrap_or(i64::MAX),
            lines: service.lines.iter().map(|l| line(l, unit)).collect(),
            gross: Money(service.gross),
            carried: Plain(Decimal::new(carried, -6)),
            total: Money(bill.total),
        })
    }
}

fn line(line: &Line, unit: &'static str) -> RatedLine {
    let demand = line.label == Some(Label::Demand);
    RatedLine {
        kind: line.kind,
        label: line.label,
        period: line.picked.clone(),
        tier: line.tier.map(|t| t.number),
        quantity: line.quantity.or_else(|| line.times.map(|t| t.1)).map(Plain),
        measured: line.measured.map(Plain),
        unit: line.quantity.map(|_| if demand { "kW" } else { unit }),
        price: line.price.map(|p| Plain(Decimal::new(p.0, -8))),
        percent: line.percent.map(Plain),
        days: line.days,
        of_days: line.of_days,
        amount: Money(line.amount),
        components: line.components.iter().map(|(c, a)| (*c, Money(*a))).collect(),
    }
}

#[cfg(test)]
mod tests;
