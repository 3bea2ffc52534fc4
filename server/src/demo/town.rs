//! The town as a whole: homes with stories first, then ordinary ones, then firms; and its readings as files.

use std::io::{self, Write};

use chrono::{Datelike as _, Days, NaiveDate};
use domain::calendar::{Zone, add_months, month_start};
use domain::quantity::Commodity;

use super::cmep::{Stretch, Writer};
use super::dice::{Dice, For};
use super::homes::{Billed, Event, Home, Meter, Paying, Plan, Tenancy};
use super::load::{self, AT_HOME, Electric, Gas, KITCHEN, LONG_HOURS, NIGHT_OWL, OFFICE, SHUT, Slots, WORKING, Water};
use super::people::{Register, address};
use super::weather::{self, Day};

/// How many months of readings there are before the day on which the town was founded.
pub const MONTHS: i32 = 25;
/// How many homes have stories.
pub const STORIES: usize = 30;

/// What a town is made from. The same figures make the same town, to the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Scale {
    /// Chance.
    pub seed: u64,
    /// The day on which it was made first; stories are told from here.
    pub founded: NaiveDate,
    /// Homes.
    pub homes: usize,
    /// Firms.
    pub businesses: usize,
}

impl Scale {
    /// The first day of readings.
    #[must_use]
    pub fn first_day(&self) -> NaiveDate {
        add_months(month_start(self.founded), -MONTHS)
    }
}

/// A town with its weather.
pub struct Town {
    /// What it is made from.
    pub scale: Scale,
    /// The zone of all its homes.
    pub zone: Zone,
    /// From the first day of readings on.
    pub days: Vec<Day>,
    /// Homes and people.
    pub plan: Plan,
}

/// Where a dial stood, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dials {
    /// Counts what is delivered.
    pub delivered: i64,
    /// Counts what is received.
    pub received: i64,
}

impl Town {
    /// Makes a town with the weather through a day.
    #[must_use]
    pub fn new(scale: Scale, zone: Zone, through: NaiveDate) -> Self {
        let plan = plan(&scale, &zone);
        let days = weather::days(scale.seed, &zone, scale.first_day(), through);
        Self { scale, zone, days, plan }
    }

    /// Writes the readings of one meter for days from `from` through `to`. `dials` is where its dials stood at the
    /// beginning of the first day, and then at the end of the last.
    ///
    /// # Errors
    /// If the stream fails.
    pub fn write<W: Write>(
        &self,
        home: &Home,
        meter: &Meter,
        (from, to): (NaiveDate, NaiveDate),
        dials: &mut Dials,
        out: &mut Writer<'_, W>,
    ) -> io::Result<()> {
        let mut slots = Slots::default();
        let step = i64::from(meter.seconds());
        let mut begun = false;
        for day in self.days.iter().filter(|d| from <= d.date && d.date <= to) {
            let end = day.start + day.quarters as i64 * 900;
            let (hung, gone) = (meter.from.unwrap_or(i64::MIN), meter.until.unwrap_or(i64::MAX));
            if end <= hung || gone <= day.start {
                continue;
            }
            load::make(self.scale.seed, home, meter.commodity, day, &mut slots);
            let first = usize::try_from((hung.max(day.start) - day.start) / step).unwrap_or(0);
            let last = usize::try_from((gone.min(end) - day.start) / step).unwrap_or(0).min(slots.count);
            let sent = end + 3 * 3600 + 900;
            let heard = slots.flags[first..last].iter().any(|f| *f != load::LOST);
            for received in [false, true].into_iter().take(1 + usize::from(meter.two_way)) {
                let values = if received { &slots.received } else { &slots.delivered };
                let dial = if received { &mut dials.received } else { &mut dials.delivered };
                let start = day.start + first as i64 * step;
                if !begun {
                    out.dial(meter, received, start, *dial, sent)?;
                }
                let stretch = Stretch { start, values: &values[first..last], flags: &slots.flags[first..last], sent };
                out.intervals(meter, received, stretch)?;
                *dial += values[first..last].iter().sum::<i64>();
                if heard {
                    out.dial(meter, received, day.start + last as i64 * step, *dial, sent)?;
                }
            }
            begun = true;
        }
        Ok(())
    }
}

/// Where a meter's dials stood before its first reading.
#[must_use]
pub const fn at_first(meter: &Meter) -> Dials {
    Dials { delivered: meter.dial, received: 0 }
}

fn plan(scale: &Scale, zone: &Zone) -> Plan {
    let mut people = Register::default();
    let mut plan = Plan { homes: Vec::new(), customers: Vec::new() };
    for n in 0..scale.homes + scale.businesses {
        let mut dice = Dice::new(scale.seed, For::Household, n as u64, 0);
        let firm = n.checked_sub(scale.homes).map(|i| &TRADES[i % TRADES.len()]);
        let mut who = Dice::new(scale.seed, For::People, n as u64, 0);
        let (street, postcode) = address(n, &mut who);
        let mut home = match firm {
            None => household(n, &mut dice),
            Some(trade) => premises(n, trade, &mut dice),
        };
        (home.street, home.postcode) = (street, postcode);
        if let Some(i) = n.checked_sub(scale.homes) {
            home.story = (i == 0).then_some("business");
            // The bakery is large enough for a charge by its highest load.
            home.billed.electric = if i == 0 { "E-4" } else { home.billed.electric };
            home.signs_in = i == 0;
        }
        let customer = plan.customers.len();
        plan.customers.push(people.enter(&mut who, firm.map(|t| t.name)));
        home.tenancies = vec![tenancy(n, customer, 0, &mut dice)];
        home.meters = meters(n, home.gas.is_some(), &mut dice);
        if firm.is_none() && n < STORIES {
            tell(scale, zone, n, &mut home, &mut plan, &mut people, &mut who);
        }
        if home.electric.solar > 0 {
            home.meters.iter_mut().filter(|m| m.commodity == Commodity::Electricity).for_each(|m| m.two_way = true);
        }
        plan.homes.push(home);
    }
    plan
}

fn tenancy(n: usize, customer: usize, nth: usize, dice: &mut Dice) -> Tenancy {
    // 7919 shares no factor with a million, so no two are alike.
    let account = format!("{}{:06}", 40 + nth, (n * 7919 + 20_483) % 1_000_000);
    Tenancy { customer, account, from: None, until: None, paperless: dice.chance(600) }
}

fn meters(n: usize, gas: bool, dice: &mut Dice) -> Vec<Meter> {
    let letters = [(Commodity::Electricity, 'E'), (Commodity::Gas, 'G'), (Commodity::Water, 'W')];
    letters
        .into_iter()
        .filter(|(c, _)| gas || *c != Commodity::Gas)
        .map(|(commodity, letter)| {
            let dial = i64::from(dice.between(1_000, 30_000));
            Meter {
                commodity,
                number: format!("{letter}{:07}", 1_048_000 + n * 11),
                two_way: false,
                dial: if commodity == Commodity::Water { dial * 10 } else { dial * 1000 },
                from: None,
                until: None,
            }
        })
        .collect()
}

fn household(n: usize, dice: &mut Dice) -> Home {
    let flat = dice.chance(300);
    let heads = dice.between(1, if flat { 3 } else { 5 });
    let working = *dice.pick(&[WORKING, WORKING, AT_HOME, NIGHT_OWL]);
    let electric = Electric {
        base: if flat { dice.around(100, 190) } else { dice.around(150, 340) },
        active: if flat { dice.around(420, 700) } else { dice.around(560, 1100) },
        working,
        free: AT_HOME,
        heating: 0,
        cooling: if !flat && dice.chance(350) { dice.between(50, 130) } else { 0 },
        runs: 1 + u32::try_from(heads).unwrap_or(1) / 2,
        charging: if !flat && dice.chance(180) { dice.below(200) + 250 } else { 0 },
        solar: if !flat && dice.chance(170) { dice.between(2800, 6200) } else { 0 },
    };
    let gas = (!flat || dice.chance(700)).then(|| Gas {
        heating: if flat { dice.around(2, 4) } else { dice.around(4, 9) },
        daily: 170 + heads * 60,
        hours: working,
    });
    let water = Water {
        daily: u32::try_from(heads).unwrap_or(1) * 42 + 20,
        hours: working,
        garden: if flat { 0 } else { dice.below(180) },
    };
    Home {
        index: n,
        story: None,
        street: String::new(),
        postcode: "",
        cycle_day: 1 + dice.below(28),
        tenancies: Vec::new(),
        meters: Vec::new(),
        electric,
        gas,
        water,
        events: Vec::new(),
        paying: Paying::OnTime,
        billed: Billed {
            electric: "E-1",
            chosen: None,
            eru: if flat { "0.5" } else { "1.0" },
            cart: if flat { "20" } else { "32" },
            water_meter: "5/8",
            assistance: dice.chance(60),
        },
        signs_in: false,
    }
}

/// A kind of firm.
struct Trade {
    name: &'static str,
    hours: load::Hours,
    free: load::Hours,
    base: i32,
    active: i32,
    gas: i32,
    water: u32,
}

const fn trade(
    name: &'static str,
    hours: (load::Hours, load::Hours),
    base: i32,
    active: i32,
    gas: i32,
    water: u32,
) -> Trade {
    Trade { name, hours: hours.0, free: hours.1, base, active, gas, water }
}

const TRADES: [Trade; 8] = [
    trade("Bakery", (KITCHEN, KITCHEN), 1400, 6500, 5200, 420),
    trade("Hardware", (OFFICE, LONG_HOURS), 700, 4200, 250, 90),
    trade("& Partners", (OFFICE, SHUT), 600, 3600, 120, 70),
    trade("Laundry", (LONG_HOURS, LONG_HOURS), 500, 5200, 4200, 1900),
    trade("Grocery", (LONG_HOURS, LONG_HOURS), 5200, 7600, 900, 380),
    trade("Grill", (KITCHEN, KITCHEN), 1800, 8200, 6400, 900),
    trade("Dental", (OFFICE, SHUT), 500, 3300, 260, 210),
    trade("Cycles", (OFFICE, OFFICE), 300, 1900, 90, 50),
];

fn premises(n: usize, trade: &Trade, dice: &mut Dice) -> Home {
    let mut home = household(n, dice);
    let scale = |v: i32, dice: &mut Dice| v * dice.between(85, 120) / 100;
    home.electric = Electric {
        base: scale(trade.base, dice),
        active: scale(trade.active, dice),
        working: trade.hours,
        free: trade.free,
        heating: 0,
        cooling: dice.between(150, 400),
        runs: 0,
        charging: 0,
        solar: 0,
    };
    home.gas = Some(Gas { heating: dice.between(6, 14), daily: scale(trade.gas, dice), hours: trade.hours });
    home.water = Water { daily: trade.water, hours: trade.hours, garden: 0 };
    home.billed =
        Billed { electric: "E-2", chosen: None, eru: "2.4", cart: "96", water_meter: "1.5", assistance: false };
    home
}

/// The stories, in their order: the eight that every town has, then the rest.
fn tell(scale: &Scale, zone: &Zone, n: usize, home: &mut Home, plan: &mut Plan, people: &mut Register, who: &mut Dice) {
    let ago = |days: u64| scale.founded - Days::new(days);
    let noon = |days: u64, hours: i64| zone.start_of(ago(days)).timestamp() + hours * 3600;
    let gas_if_none = |home: &mut Home| {
        if home.gas.is_none() {
            home.gas = Some(Gas { heating: 6, daily: 300, hours: WORKING });
            home.meters = meters(n, true, &mut Dice::new(scale.seed, For::Household, n as u64, 1));
        }
    };
    // Read some days ago: its newest bill is out and not yet paid.
    let recent = |days: u64| ago(days).day().min(28);
    home.electric.solar = 0;
    home.electric.charging = 0;
    home.billed.assistance = false;
    let story = match n {
        0 => {
            gas_if_none(home);
            home.electric = Electric { solar: 5400, charging: 420, base: 240, active: 900, ..home.electric };
            home.billed.electric = "E-1-NEM1";
            "solar"
        }
        1 => {
            gas_if_none(home);
            home.events.push(Event::Leak { from: ago(16), until: None, gallons: 9 });
            "leak"
        }
        2 => "two-accounts",
        3 => {
            plan.customers.pop();
            home.tenancies[0].customer = plan.homes[2].tenancies[0].customer;
            "second-home"
        }
        4 => {
            home.paying = Paying::Overdue;
            "overdue"
        }
        5 => {
            gas_if_none(home);
            let commodity = Commodity::Electricity;
            home.events.push(Event::MissingHours { commodity, day: ago(3), from: 9, hours: 5 });
            home.events.push(Event::Estimated { commodity, day: ago(6), from: 13, hours: 4 });
            home.events.push(Event::MissingHours { commodity, day: ago(20), from: 0, hours: 24 });
            "family"
        }
        6 => {
            let moved = ago(150);
            let customer = plan.customers.len();
            plan.customers.push(people.enter(who, None));
            home.tenancies[0].until = Some(moved);
            let mut next = tenancy(n, customer, 1, who);
            next.from = Some(moved);
            home.tenancies.push(next);
            home.events.push(Event::Vacant { from: ago(156), until: moved });
            "moved-in"
        }
        7 => {
            let at = noon(75, 11);
            exchange(home, Commodity::Electricity, at);
            home.cycle_day = recent(4);
            "new-meter"
        }
        8 => {
            home.electric.charging = 520;
            home.cycle_day = recent(5);
            home.billed.chosen = chosen(scale, home.cycle_day);
            "car"
        }
        9 => {
            // A garden valve was left open in the middle of the newest bill, after a bill like any other was foreseen.
            home.cycle_day = recent(6);
            home.events.push(Event::Leak { from: ago(26), until: Some(ago(8)), gallons: 70 });
            "high-bill"
        }
        18 => {
            home.electric.heating = 170;
            home.electric.base += 90;
            home.gas = None;
            home.meters.retain(|m| m.commodity != Commodity::Gas);
            "heat-pump"
        }
        10 => {
            home.events.push(Event::Vacant { from: ago(96), until: ago(61) });
            "away"
        }
        11 => {
            home.events.push(Event::Stopped { commodity: Commodity::Water, from: ago(48) });
            "stopped-meter"
        }
        12 => {
            home.events.push(Event::Silent { commodity: Commodity::Electricity, from: ago(33), until: Some(ago(32)) });
            "missing-day"
        }
        13 => {
            home.paying = Paying::OnceLate;
            "late"
        }
        14 => {
            home.billed.assistance = true;
            "assistance"
        }
        19 => {
            home.electric.solar = 3600;
            "solar-small"
        }
        20 => {
            home.water.garden = 420;
            "garden"
        }
        23 => {
            home.events.push(Event::Leak { from: ago(220), until: Some(ago(190)), gallons: 4 });
            "mended-leak"
        }
        24 => {
            gas_if_none(home);
            exchange(home, Commodity::Gas, noon(130, 10));
            "new-gas-meter"
        }
        25 => {
            home.electric.cooling = 320;
            "cooling"
        }
        29 => {
            home.events.push(Event::Silent { commodity: Commodity::Water, from: ago(4), until: None });
            "silent-meter"
        }
        _ => "ordinary",
    };
    home.signs_in = matches!(n, 0..=2 | 4..=9 | 11 | 13);
    home.story = Some(story);
}

/// Prices by the hour, chosen from a day of reading nine months ago or when they began; `None` in towns that are older than they are.
fn chosen(scale: &Scale, cycle_day: u32) -> Option<(&'static str, NaiveDate)> {
    let began = NaiveDate::from_ymd_opt(2026, 2, 1)?;
    let from = add_months(month_start(scale.founded), -9).max(began).with_day(cycle_day)?;
    (from < scale.founded).then_some(("E-1-TOU", from))
}

/// The meter is exchanged at an instant; the new one begins at zero.
fn exchange(home: &mut Home, commodity: Commodity, at: i64) {
    if let Some(i) = home.meters.iter().position(|m| m.commodity == commodity) {
        let mut new = home.meters[i].clone();
        home.meters[i].until = Some(at);
        new.number = new.number.replacen("10", "20", 1);
        (new.from, new.dial) = (Some(at), 0);
        home.meters.insert(i + 1, new);
    }
}

#[cfg(test)]
mod tests;
