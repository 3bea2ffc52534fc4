//! A home with meters and readings, for tests of what stands above the store.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::access::AccountRole;
use domain::calendar::{DayRange, Instant, Zone};
use domain::ids::{AccountId, DeliveryId, PersonId, RegisterId};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::quantity::{Commodity, Direction, ServiceKind, Unit};

use crate::accounts::{NewAccount, NewAgreement};
use crate::ingest::{NewDay, NewDelivery, insert_days, insert_delivery};
use crate::meters::NewRegister;
use crate::people::{NewPerson, PersonKind};
use crate::{Tx, accounts, meters, people};

crate::statements! {
    END_ROLES = "UPDATE account_role SET until = $3 WHERE account_id = $1 AND person_id = $2";
}

/// Ends what a person may do on an account.
///
/// # Errors
/// If the database fails.
pub async fn end_roles(
    tx: &mut Tx<'_>,
    account: AccountId,
    person: PersonId,
    until: Instant,
) -> Result<(), crate::StoreError> {
    crate::run!(tx, END_ROLES, |sql, c| sqlx::query(sql)
        .bind(account)
        .bind(person)
        .bind(until)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A home as it was set up.
#[derive(Clone, Debug)]
pub struct Home {
    /// Whose home.
    pub person: PersonId,
    /// Their account.
    pub account: AccountId,
    /// Its number.
    pub number: String,
    /// Registers in the order asked for, delivered before received.
    pub registers: Vec<RegisterId>,
    /// The delivery that readings are said to come from.
    pub delivery: DeliveryId,
    /// The zone of its local days.
    pub zone: Zone,
}

/// A meter to be installed.
#[derive(Clone, Copy, Debug)]
pub struct FixtureMeter {
    /// What it measures.
    pub commodity: Commodity,
    /// Its unit.
    pub unit: Unit,
    /// Its power of ten.
    pub exponent: i8,
    /// Seconds between readings.
    pub interval_seconds: u32,
    /// Whether it counts what is sent back as well.
    pub two_way: bool,
}

/// Sets up a home with its meters from an instant on. `number` is unique and names everything.
///
/// # Panics
/// If the database refuses; a test cannot go on then.
pub async fn home(
    tx: &mut Tx<'_>,
    number: &str,
    zone: Zone,
    since: Instant,
    cycle_day: i64,
    fitted: &[FixtureMeter],
) -> Home {
    let person =
        NewPerson { kind: PersonKind::Resident, given_name: "Robin", family_name: "Reyes", email: None, phone: None };
    let person = people::insert(tx, &person, since).await.expect("a person");
    let opened_on = zone.day_of(since);
    let account = NewAccount {
        number,
        name: "Robin Reyes",
        opened_on,
        cycle_day,
        paperless: true,
        street: "12 Heron Lane",
        city: "Alder Bay",
        postcode: "94000",
    };
    let account = accounts::insert(tx, &account).await.expect("an account");
    accounts::grant(tx, account, person, AccountRole::Holder, since).await.expect("a role");
    let premise =
        accounts::insert_premise(tx, "12 Heron Lane", "Alder Bay", "94000", &zone.name).await.expect("a premise");
    let mut registers = Vec::new();
    for m in fitted {
        let name = [number, "-", m.commodity.slug()].concat();
        let point = meters::insert_point(tx, &name, premise, m.commodity).await.expect("a service point");
        let register = |direction| NewRegister {
            direction,
            unit: m.unit,
            exponent: m.exponent,
            interval_seconds: m.interval_seconds,
            dial_digits: 6,
        };
        let mut new = vec![register(Direction::Delivered)];
        if m.two_way {
            new.push(register(Direction::Received));
        }
        let (meter, ids) = meters::insert(tx, &name, m.commodity, &new).await.expect("a meter");
        meters::install(tx, meter, point, since).await.expect("an installation");
        registers.extend(ids);
        let agreement = NewAgreement {
            account,
            premise,
            point: Some(point),
            service: ServiceKind::from(m.commodity),
            schedule: match m.commodity {
                Commodity::Electricity => "E-1",
                Commodity::Gas => "G-1",
                Commodity::Water => "W-1",
            },
            facts: &serde_json::json!({ "meter_size": "5/8" }),
            since,
        };
        accounts::insert_agreement(tx, &agreement).await.expect("an agreement");
    }
    let delivery = NewDelivery {
        checksum: number.as_bytes(),
        name: "fixture.csv",
        sender: "fixture",
        format: "csv",
        zone: &zone.name,
        arrived_at: since,
    };
    let delivery = insert_delivery(tx, &delivery).await.expect("a delivery");
    Home { person, account, number: number.to_owned(), registers, delivery, zone }
}

/// Stores readings of a register for a range of local days; `value` answers `None` for a hole. A day of holes is not stored.
///
/// # Panics
/// If the database refuses; a test cannot go on then.
pub async fn fill(
    tx: &mut Tx<'_>,
    home: &Home,
    register: RegisterId,
    interval_seconds: u32,
    exponent: i8,
    range: DayRange,
    value: impl Fn(NaiveDate, usize) -> Option<(i64, Quality)>,
) {
    let mut days = Vec::new();
    for day in range.days() {
        let (start, end) = home.zone.bounds(day);
        let mut block = DayBlock::between(start, end, interval_seconds, exponent);
        for i in 0..block.len() {
            if let Some((v, quality)) = value(day, i) {
                block.set(i, v, quality);
            }
        }
        if block.count(Quality::has_value) > 0 {
            let day = crate::usage::day_number(day);
            days.push(NewDay { register, day, sum: block.sum(), block: block.encode() });
        }
    }
    insert_days(tx, home.delivery, &days).await.expect("days are stored");
}

/// Local noon of a day, to set a clock to.
#[must_use]
pub fn noon(zone: &Zone, day: NaiveDate) -> DateTime<Utc> {
    zone.start_of(day) + TimeDelta::hours(12)
}
