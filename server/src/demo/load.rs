//! What a home uses in each interval of a day: watt-hours by the quarter-hour, thousandths of a therm and gallons by the
//! hour. All in integers; it takes some ten nanoseconds a value.

use chrono::Datelike;
use domain::quantity::Commodity;

use super::dice::{Dice, For};
use super::homes::{Event, Home};
use super::weather::Day;

/// The hours of a day, in percent of the busiest.
pub type Hours = [u8; 24];

/// People out at work, back for the evening.
pub const WORKING: Hours =
    [12, 9, 8, 8, 8, 14, 40, 62, 55, 30, 24, 24, 26, 24, 24, 30, 48, 74, 96, 100, 92, 76, 50, 26];
/// A free day.
pub const AT_HOME: Hours =
    [16, 11, 9, 8, 8, 10, 18, 36, 58, 66, 64, 62, 64, 58, 54, 54, 60, 76, 94, 100, 90, 76, 56, 32];
/// Up late.
pub const NIGHT_OWL: Hours =
    [80, 66, 44, 24, 14, 9, 8, 8, 12, 18, 26, 34, 40, 42, 44, 48, 56, 66, 80, 90, 98, 100, 96, 90];
/// An office or a shop.
pub const OFFICE: Hours = [8, 8, 8, 8, 8, 10, 24, 58, 88, 98, 100, 100, 94, 98, 100, 96, 86, 62, 34, 20, 14, 10, 8, 8];
/// Shut.
pub const SHUT: Hours = [8; 24];
/// A kitchen that serves at noon and in the evening.
pub const KITCHEN: Hours =
    [24, 14, 12, 12, 12, 16, 24, 34, 42, 58, 82, 100, 96, 74, 52, 50, 68, 92, 100, 98, 90, 70, 48, 34];
/// Open from early till late, every day.
pub const LONG_HOURS: Hours =
    [30, 30, 30, 30, 34, 46, 64, 80, 92, 96, 98, 100, 100, 100, 98, 98, 98, 98, 94, 90, 80, 62, 42, 32];

/// How a home uses electricity.
#[derive(Clone, Copy, Debug)]
pub struct Electric {
    /// What is always on, in watts.
    pub base: i32,
    /// What people use in their busiest hour, in watts.
    pub active: i32,
    /// The hours of working days.
    pub working: Hours,
    /// The hours of free days.
    pub free: Hours,
    /// Electric heating: watts by degree (Fahrenheit) below 62.
    pub heating: i32,
    /// Cooling: watts by degree above 74.
    pub cooling: i32,
    /// Ovens, dryers, dishwashers: runs a day.
    pub runs: u32,
    /// Nights in a thousand on which a car is charged.
    pub charging: u32,
    /// Solar panels, rating in watts.
    pub solar: i32,
}

/// How a home uses gas.
#[derive(Clone, Copy, Debug)]
pub struct Gas {
    /// Thousandths of a therm in an hour by degree below 62.
    pub heating: i32,
    /// Hot water and cooking, thousandths of a therm a day.
    pub daily: i32,
    /// The hours of hot water and cooking.
    pub hours: Hours,
}

/// How a home uses water.
#[derive(Clone, Copy, Debug)]
pub struct Water {
    /// Gallons a day within the house.
    pub daily: u32,
    /// The hours of a working day.
    pub hours: Hours,
    /// Gallons of one watering of the garden.
    pub garden: u32,
}

/// The most intervals of a local day.
pub const MOST: usize = 100;

/// Sent as measured.
pub const RAW: u8 = b'R';
/// Estimated by the sender.
pub const ESTIMATED: u8 = b'E';
/// Not sent.
pub const LOST: u8 = 0;

/// One day of one commodity.
#[derive(Clone, Debug)]
pub struct Slots {
    /// How many intervals the day has.
    pub count: usize,
    /// What was taken, by interval.
    pub delivered: [i64; MOST],
    /// What was sent back, by interval; zero without solar panels.
    pub received: [i64; MOST],
    /// [`RAW`], [`ESTIMATED`] or [`LOST`], by interval.
    pub flags: [u8; MOST],
}

impl Default for Slots {
    fn default() -> Self {
        Self { count: 0, delivered: [0; MOST], received: [0; MOST], flags: [RAW; MOST] }
    }
}

/// Makes one day of one commodity.
pub fn make(seed: u64, home: &Home, commodity: Commodity, day: &Day, out: &mut Slots) {
    out.received = [0; MOST];
    out.flags = [RAW; MOST];
    let vacant = home.is_vacant(day.date);
    let dice = |purpose| Dice::new(seed, purpose, home.index as u64, day.number);
    match commodity {
        Commodity::Electricity => {
            out.count = day.quarters;
            electricity(&home.electric, day, vacant, &mut dice(For::Electricity), out);
        }
        Commodity::Gas => {
            out.count = day.hours();
            match &home.gas {
                Some(gas) => gas_use(gas, day, vacant, &mut dice(For::Gas), out),
                None => out.delivered = [0; MOST],
            }
        }
        Commodity::Water => {
            out.count = day.hours();
            water(&home.water, day, vacant, &mut dice(For::Water), out);
            if let Some(gallons) = leak(home, day) {
                for v in &mut out.delivered[..out.count] {
                    *v += i64::from(gallons);
                }
            }
        }
    }
    tell(home, commodity, day, out);
    if day.quarters == 96 {
        lose(commodity, &mut Dice::new(seed, For::Defects, home.index as u64 * 4 + commodity as u64, day.number), out);
    }
}

fn electricity(e: &Electric, day: &Day, vacant: bool, dice: &mut Dice, out: &mut Slots) {
    let hours = if day.free { &e.free } else { &e.working };
    let (base, active) = if vacant { (e.base * 7 / 10, 0) } else { (e.base, e.active) };
    // Heating and cooling answer to the hour's temperature; a house left alone is kept from freezing only.
    let mut climate = [0; 24];
    for (c, t) in climate.iter_mut().zip(day.temperature) {
        let (below, above) = if vacant { ((500 - t).max(0), 0) } else { ((620 - t).max(0), (t - 740).max(0)) };
        *c = (below * e.heating / 10).min(4500) + (above * e.cooling / 10).min(6500);
    }
    let mut noise = [0; MOST];
    dice.fill(&mut noise);
    let mut watts = [0; MOST];
    for (i, w) in watts.iter_mut().enumerate().take(day.quarters) {
        let clock = day.clock(i);
        let (hour, part) = (clock / 4, i32::try_from(clock % 4).unwrap_or(0));
        let (here, next) = (i32::from(hours[hour]), i32::from(hours[(hour + 1) % 24]));
        let share = here * (4 - part) + next * part;
        // 0.61 to 1.36 of the usual.
        let factor = 156 + i32::from(noise[i]) * 3 / 4;
        *w = base + (active * share / 400 * factor + climate[hour] * (factor + 256) / 2) / 256;
    }
    if !vacant {
        runs(e, day, dice, &mut watts);
    }
    for (i, w) in watts.iter().enumerate().take(day.quarters) {
        let made =
            e.solar * i32::from(day.sun[day.clock(i)]) / 1000 * (230 + i32::from(noise[MOST - 1 - i]) / 10) / 256;
        let net = (w - made) / 4;
        out.delivered[i] = i64::from(net.max(0));
        out.received[i] = i64::from((-net).max(0));
    }
}

/// What runs for a while: ovens and dryers by day, a car by night.
fn runs(e: &Electric, day: &Day, dice: &mut Dice, watts: &mut [i32; MOST]) {
    for _ in 0..e.runs {
        if dice.chance(700) {
            let start = if dice.chance(550) { dice.between(66, 84) } else { dice.between(30, 64) };
            let (power, length) = (dice.between(900, 2600), dice.between(2, 5));
            add(day, watts, start, length, power);
        }
    }
    if e.charging > 0 {
        // What was left of the night before, and what begins tonight, in one stretch after midnight.
        if dice.chance(e.charging) {
            add(day, watts, dice.between(0, 3), dice.around(4, 18), 7200);
        }
        if dice.chance(e.charging / 3) {
            add(day, watts, dice.between(90, 93), 6, 7200);
        }
    }
}

fn add(day: &Day, watts: &mut [i32; MOST], start: i32, length: i32, power: i32) {
    let start = usize::try_from(start).unwrap_or(0);
    let end = (start + usize::try_from(length).unwrap_or(0)).min(day.quarters);
    for w in watts.iter_mut().take(end).skip(start) {
        *w += power;
    }
}

fn gas_use(g: &Gas, day: &Day, vacant: bool, dice: &mut Dice, out: &mut Slots) {
    /// The thermostat is turned down at night.
    const THERMOSTAT: [i32; 24] =
        [25, 20, 20, 20, 25, 60, 140, 150, 120, 95, 85, 75, 70, 70, 75, 90, 115, 135, 140, 135, 120, 95, 55, 35];
    let sum: i32 = g.hours.iter().map(|h| i32::from(*h)).sum();
    let mut noise = [0; MOST];
    dice.fill(&mut noise);
    for i in 0..day.hours() {
        let hour = day.clock(i * 4) / 4;
        let (limit, daily) = if vacant { (480, 0) } else { (620, g.daily) };
        let heat = (limit - day.temperature[hour]).max(0) * g.heating / 10 * THERMOSTAT[hour] / 100;
        let tap = daily * i32::from(g.hours[hour]) / sum;
        let factor = 156 + i32::from(noise[i]) * 3 / 4;
        // A furnace that would run for a moment does not run.
        let heat = if heat < 8 { 0 } else { heat * (factor + 256) / 512 };
        let tap = if noise[MOST - 1 - i] < 70 { 0 } else { tap * factor / 186 };
        out.delivered[i] = i64::from(heat + tap);
    }
}

fn water(w: &Water, day: &Day, vacant: bool, dice: &mut Dice, out: &mut Slots) {
    let sum: u32 = w.hours.iter().map(|h| u32::from(*h)).sum();
    let mut noise = [0; MOST];
    dice.fill(&mut noise);
    for (i, chance) in noise.iter().enumerate().take(day.hours()) {
        let hour = day.clock(i * 4) / 4;
        let tap = w.daily * u32::from(w.hours[hour]) * if day.free { 115 } else { 100 } / (sum * 100);
        // Nobody turns a tap in every hour.
        let tap = match *chance {
            0..60 => 0,
            60..110 => tap / 2,
            n => tap * (130 + u32::from(n)) / 230,
        };
        out.delivered[i] = if vacant { 0 } else { i64::from(tap) };
    }
    let often = match day.date.month() {
        4 | 10 => 2,
        5 | 9 => 3,
        6..=8 => 4,
        _ => 0,
    };
    // A timer waters before dawn, whether somebody is there or not.
    if w.garden > 0 && day.number.rem_euclid(7) % 2 == 0 && day.number.rem_euclid(7) / 2 < often {
        for (hour, share) in [(4, 60), (5, 40)] {
            if let Some(i) = (0..day.hours()).find(|i| day.clock(i * 4) / 4 == hour) {
                out.delivered[i] += i64::from(w.garden * share / 100) + i64::from(noise[i] % 7);
            }
        }
    }
}

fn leak(home: &Home, day: &Day) -> Option<u32> {
    home.during(|e| match e {
        Event::Leak { from, until, gallons } if *from <= day.date && until.is_none_or(|u| day.date < u) => {
            Some(*gallons)
        }
        _ => None,
    })
}

/// What the home's own story does to the day.
fn tell(home: &Home, which: Commodity, day: &Day, out: &mut Slots) {
    let per_hour = if which == Commodity::Electricity { 4 } else { 1 };
    let mark = |out: &mut Slots, from: usize, hours: usize, flag: u8| {
        let end = ((from + hours) * per_hour).min(out.count);
        out.flags[(from * per_hour).min(end)..end].fill(flag);
    };
    for event in &home.events {
        match event {
            Event::Stopped { commodity, from } if *commodity == which && *from <= day.date => {
                out.delivered = [0; MOST];
                out.received = [0; MOST];
            }
            Event::Silent { commodity, from, until }
                if *commodity == which && *from <= day.date && until.is_none_or(|u| day.date < u) =>
            {
                out.flags = [LOST; MOST];
            }
            Event::MissingHours { commodity, day: on, from, hours } if *commodity == which && *on == day.date => {
                mark(out, *from, *hours, LOST);
            }
            Event::Estimated { commodity, day: on, from, hours } if *commodity == which && *on == day.date => {
                mark(out, *from, *hours, ESTIMATED);
            }
            _ => {}
        }
    }
}

/// What goes wrong anywhere now and then. Not on days of a clock change, whose hours a gap would make ambiguous.
fn lose(which: Commodity, dice: &mut Dice, out: &mut Slots) {
    let per_hour = if which == Commodity::Electricity { 4 } else { 1 };
    let (flag, longest) = match dice.below(1000) {
        0..7 => (LOST, 6 * per_hour),
        7..10 => (ESTIMATED, 5 * per_hour),
        10..12 => (LOST, 2),
        _ => return,
    };
    let count = u32::try_from(out.count).unwrap_or(0);
    let from = dice.below(count) as usize;
    let length = 1 + dice.below(longest) as usize;
    let end = (from + length).min(out.count);
    for f in &mut out.flags[from..end] {
        if *f == RAW {
            *f = flag;
        }
    }
}
