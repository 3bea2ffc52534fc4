//! A city of homes with every service and stored readings, for what begins where ingest ends.

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::{DayRange, Zone};
use domain::ids::RegisterId;
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::quantity::{Commodity, Direction, ServiceKind, Unit};
use store::Tx;
use store::accounts::{NewAccount, NewAgreement};
use store::ingest::{NewDay, NewDelivery};
use store::meters::NewRegister;

use super::files::{ZONE, first_day, number, since};
use crate::{Cx, Fault, zones};

/// Homes set up in one transaction.
const AT_ONCE: u32 = 200;

/// Unit, power of ten and seconds of a meter.
const fn meter_of(commodity: Commodity) -> (Unit, i8, u32) {
    match commodity {
        Commodity::Electricity => (Unit::KilowattHour, -3, 900),
        Commodity::Gas => (Unit::Therm, -3, 3600),
        Commodity::Water => (Unit::Gallon, 0, 3600),
    }
}

/// Services of a home and their schedules; the first is on time of use where `timed`.
const fn services(timed: bool) -> [(ServiceKind, &'static str); 6] {
    [
        (ServiceKind::Electricity, if timed { "E-1-TOU" } else { "E-1" }),
        (ServiceKind::Gas, "G-1"),
        (ServiceKind::Water, "W-1"),
        (ServiceKind::Wastewater, "S-1"),
        (ServiceKind::Refuse, "R-1"),
        (ServiceKind::Storm, "D-1"),
    ]
}

/// Makes homes with six agreements each and readings of three meters from the first day of the data up to `until`: quarter-hours of
/// electricity, hours of gas and water. `timed` of a hundred are on time of use. Answers the number of agreements.
pub(super) async fn settle(cx: &Cx, homes: u32, timed: u32, until: NaiveDate) -> Result<u64, Fault> {
    let zone = zones::stored(ZONE)?;
    let days = DayRange { from: first_day(), to: until };
    let mut agreements = 0;
    let mut from = 0;
    while from < homes {
        let mut tx = cx.pool.write().await?;
        let delivery = NewDelivery {
            checksum: &from.to_be_bytes(),
            name: "bench",
            sender: "bench",
            format: "bench",
            zone: ZONE,
            arrived_at: since(),
        };
        let delivery = store::ingest::insert_delivery(&mut tx, &delivery).await?;
        let mut stored = Vec::new();
        for home in from..homes.min(from + AT_ONCE) {
            let registers = one(&mut tx, home, home % 100 < timed).await?;
            agreements += 6;
            for (register, commodity) in registers {
                read(&mut stored, &zone, register, commodity, home, days);
            }
        }
        // As deliveries come: a day of many meters after the other.
        stored.sort_by_key(|d: &NewDay| d.day);
        store::ingest::insert_days(&mut tx, delivery, &stored).await?;
        tx.commit().await?;
        from += AT_ONCE;
    }
    Ok(agreements)
}

async fn one(tx: &mut Tx<'_>, home: u32, timed: bool) -> Result<Vec<(RegisterId, Commodity)>, Fault> {
    let number = number(1, home);
    let street = format!("{} Bench Street", home + 1);
    let new = NewAccount {
        number: &number,
        name: "Bench",
        opened_on: first_day(),
        cycle_day: 1,
        paperless: true,
        street: &street,
        city: "Alder Bay",
        postcode: "94999",
    };
    let account = store::accounts::insert(tx, &new).await?;
    let premise = store::accounts::insert_premise(tx, &street, "Alder Bay", "94999", ZONE).await?;
    let facts = serde_json::json!({ "eru": "1.0", "cart": "32", "meter_size": "5/8" });
    let mut registers = Vec::new();
    for (service, schedule) in services(timed) {
        let mut point = None;
        if let Some(commodity) = service.commodity() {
            let name = format!("{number}-{}", commodity.slug());
            let place = store::meters::insert_point(tx, &name, premise, commodity).await?;
            let (unit, exponent, interval_seconds) = meter_of(commodity);
            let register =
                NewRegister { direction: Direction::Delivered, unit, exponent, interval_seconds, dial_digits: 6 };
            let (meter, ids) = store::meters::insert(tx, &name, commodity, &[register]).await?;
            store::meters::install(tx, meter, place, since()).await?;
            registers.extend(ids.into_iter().map(|id| (id, commodity)));
            point = Some(place);
        }
        let agreement = NewAgreement { account, premise, point, service, schedule, facts: &facts, since: since() };
        store::accounts::insert_agreement(tx, &agreement).await?;
    }
    Ok(registers)
}

/// Makes the readings of one register.
fn read(out: &mut Vec<NewDay>, zone: &Zone, register: RegisterId, commodity: Commodity, home: u32, days: DayRange) {
    let (_, exponent, seconds) = meter_of(commodity);
    let per_day = 86_400 / i64::from(seconds);
    for day in days.days() {
        let (start, end) = zone.bounds(day);
        let mut block = DayBlock::between(start, end, seconds, exponent);
        let mut random = (u64::from(home) << 20 | u64::from(day.to_epoch_days().unsigned_abs()))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            | 1;
        for slot in 0..block.len() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let hour = i64::try_from(slot).unwrap_or(0) * 24 / per_day;
            let noise = i64::try_from(random % 43).unwrap_or(0);
            let value = match (commodity, hour) {
                (Commodity::Electricity, 17..22) => 370 + noise,
                (Commodity::Electricity, _) => 40 + i64::from(home % 37) * 3 + noise,
                (Commodity::Gas, 6..9 | 18..22) => 90 + noise,
                (Commodity::Gas, _) => noise / 8,
                (Commodity::Water, 6..9 | 18..22) => noise,
                (Commodity::Water, _) => noise / 30,
            };
            block.set(slot, value, Quality::Validated);
        }
        out.push(NewDay { register, day: store::usage::day_number(day), sum: block.sum(), block: block.encode() });
    }
}

/// Noon of a day of the city, for the clock of a run.
pub(super) fn noon(day: NaiveDate) -> domain::calendar::Instant {
    day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(20)
}
