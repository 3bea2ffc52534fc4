//! Meters, their registers, where they are installed, and whose use a register's readings are.

use std::collections::HashMap;

use domain::calendar::Instant;
use domain::ids::{AccountId, MeterId, PremiseId, RegisterId, ServicePointId};
use domain::metering::part_until;
use domain::quantity::{Commodity, Direction, Unit};
use sqlx::FromRow;

use crate::{StoreError, Tx, run, statements};

statements! {
    SPANS_OF_ACCOUNT =
        "SELECT r.id AS register_id, m.number AS meter_number, i.service_point_id, r.direction, r.unit, r.exponent,
                r.interval_seconds, r.dial_digits, p.zone, a.since AS agreement_since, a.until AS agreement_until,
                i.since AS installed_since, i.until AS installed_until,
                (SELECT MAX(o.until) FROM meter_installation o WHERE o.meter_id = i.meter_id AND o.until <= i.since
                 AND o.service_point_id <> i.service_point_id) AS elsewhere_until,
                (SELECT MIN(o.since) FROM meter_installation o WHERE o.meter_id = i.meter_id AND o.since >= i.until
                 AND o.service_point_id <> i.service_point_id) AS elsewhere_since
         FROM service_agreement a
         JOIN service_point s ON s.id = a.service_point_id
         JOIN premise p ON p.id = s.premise_id
         JOIN meter_installation i ON i.service_point_id = s.id
         JOIN meter m ON m.id = i.meter_id
         JOIN register r ON r.meter_id = m.id
         WHERE a.account_id = $1 AND a.service = $2
         ORDER BY a.since, i.since, r.id";
    // $2 is a JSON list of meter numbers: one statement for any number of them.
    BY_NUMBERS = sqlite
        "SELECT r.id AS register_id, m.number AS meter_number, m.commodity, r.direction, r.unit, r.exponent, r.interval_seconds,
                r.dial_digits, p.zone, i.since AS installed_since, i.until AS installed_until
         FROM meter m
         JOIN register r ON r.meter_id = m.id
         LEFT JOIN meter_installation i ON i.meter_id = m.id
         LEFT JOIN service_point s ON s.id = i.service_point_id
         LEFT JOIN premise p ON p.id = s.premise_id
         WHERE m.number IN (SELECT value FROM json_each($1))
         ORDER BY r.id, i.since",
    postgres
        "SELECT r.id AS register_id, m.number AS meter_number, m.commodity, r.direction, r.unit, r.exponent, r.interval_seconds,
                r.dial_digits, p.zone, i.since AS installed_since, i.until AS installed_until
         FROM meter m
         JOIN register r ON r.meter_id = m.id
         LEFT JOIN meter_installation i ON i.meter_id = m.id
         LEFT JOIN service_point s ON s.id = i.service_point_id
         LEFT JOIN premise p ON p.id = s.premise_id
         WHERE m.number IN (SELECT value FROM jsonb_array_elements_text($1) AS given (value))
         ORDER BY r.id, i.since";
    POINT = "SELECT premise_id, id FROM service_point WHERE number = $1";
    INSERT_POINT = "INSERT INTO service_point (number, premise_id, commodity) VALUES ($1, $2, $3) RETURNING id";
    INSERT_METER = "INSERT INTO meter (number, commodity) VALUES ($1, $2) RETURNING id";
    INSERT_REGISTER =
        "INSERT INTO register (meter_id, direction, unit, exponent, interval_seconds, dial_digits)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
    INSTALL = "INSERT INTO meter_installation (meter_id, service_point_id, since, until) VALUES ($1, $2, $3, NULL)";
    REMOVE = "UPDATE meter_installation SET until = $2 WHERE meter_id = $1 AND until IS NULL";
}

/// A register and the stretch of time in which its use is an account's: from the later of move-in and installation to the
/// earlier of move-out and removal. What lies outside belongs to someone else and must not be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterSpan {
    /// The register.
    pub register: RegisterId,
    /// The number on the meter.
    pub meter_number: String,
    /// Where it is, or was, installed.
    pub service_point: ServicePointId,
    /// Which way it counts.
    pub direction: Direction,
    /// What a stored number counts: `value * 10^exponent` of this unit.
    pub unit: Unit,
    /// The power of ten.
    pub exponent: i8,
    /// Seconds between interval readings.
    pub interval_seconds: u32,
    /// Digits of the dial before it rolls over.
    pub dial_digits: u32,
    /// The IANA zone that makes its local days.
    pub zone: String,
    /// The first instant: the later of move-in and installation.
    pub since: Instant,
    /// The instant after the last: the earlier of move-out and removal; `None` while it lasts.
    pub until: Option<Instant>,
    /// When the agreement began.
    pub moved_in: Instant,
    /// When the agreement ended.
    pub moved_out: Option<Instant>,
    /// Until when the meter was somewhere else before.
    pub elsewhere_until: Option<Instant>,
    /// Since when it is somewhere else after.
    pub elsewhere_since: Option<Instant>,
}

impl RegisterSpan {
    /// Whether an instant lies in the span.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        self.since <= at && self.until.is_none_or(|end| at < end)
    }

    /// Whether an interval may be shown: it lies wholly within the agreement (else it holds someone else's use too), the meter was
    /// there for at least a part of it (in the interval of an exchange both meters count), and nowhere else in it.
    #[must_use]
    pub fn shows(&self, start: Instant, end: Instant) -> bool {
        self.moved_in <= start && self.moved_out.is_none_or(|out| end <= out) && self.there(start, end)
    }

    /// Whether the meter was there for a part of an interval, and nowhere else in it.
    fn there(&self, start: Instant, end: Instant) -> bool {
        self.since < end
            && self.until.is_none_or(|until| start < until)
            && self.elsewhere_until.is_none_or(|until| until <= start)
            && self.elsewhere_since.is_none_or(|since| end <= since)
    }

    /// What of an interval's value is billed: all of it where it may be shown, else the part of it that lies within the agreement, by
    /// time. The parts of those between whom the service changed hands come to the whole.
    #[must_use]
    pub fn share(&self, start: Instant, end: Instant, value: i64) -> Option<i64> {
        let from = self.moved_in.max(start);
        let to = self.moved_out.map_or(end, |out| out.min(end));
        if to <= from || !self.there(start, end) {
            return None;
        }
        let until = |at: Instant| part_until(value, (at - start).num_seconds(), (end - start).num_seconds());
        Some(until(to) - until(from))
    }

    /// Whether all that lies between two instants is the span's: then nothing in between needs to be asked.
    #[must_use]
    pub fn holds(&self, start: Instant, end: Instant) -> bool {
        self.moved_in <= start
            && self.moved_out.is_none_or(|out| end <= out)
            && self.since <= start
            && self.until.is_none_or(|until| end <= until)
    }
}

#[derive(FromRow)]
pub(crate) struct SpanRow {
    register_id: RegisterId,
    meter_number: String,
    service_point_id: ServicePointId,
    direction: Direction,
    unit: Unit,
    exponent: i64,
    interval_seconds: i64,
    dial_digits: i64,
    zone: String,
    agreement_since: Instant,
    agreement_until: Option<Instant>,
    installed_since: Instant,
    installed_until: Option<Instant>,
    elsewhere_until: Option<Instant>,
    elsewhere_since: Option<Instant>,
}

impl SpanRow {
    /// The span; `None` where agreement and installation have no time in common.
    pub(crate) fn span(self) -> Result<Option<RegisterSpan>, StoreError> {
        let since = self.agreement_since.max(self.installed_since);
        let until = earlier(self.agreement_until, self.installed_until);
        if until.is_some_and(|end| end <= since) {
            return Ok(None);
        }
        Ok(Some(RegisterSpan {
            register: self.register_id,
            meter_number: self.meter_number,
            service_point: self.service_point_id,
            direction: self.direction,
            unit: self.unit,
            exponent: small(self.exponent, "an exponent")?,
            interval_seconds: small(self.interval_seconds, "an interval")?,
            dial_digits: small(self.dial_digits, "a number of dial digits")?,
            zone: self.zone,
            since,
            until,
            moved_in: self.agreement_since,
            moved_out: self.agreement_until,
            elsewhere_until: self.elsewhere_until,
            elsewhere_since: self.elsewhere_since,
        }))
    }
}

fn small<T: TryFrom<i64>>(value: i64, what: &str) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::Damaged(format!("{what} is {value}")))
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The registers whose use of a commodity is, or was, an account's, oldest span first.
///
/// # Errors
/// If the database fails.
pub async fn registers_of_account(
    tx: &mut Tx<'_>,
    account: AccountId,
    commodity: Commodity,
) -> Result<Vec<RegisterSpan>, StoreError> {
    let rows: Vec<SpanRow> =
        run!(tx, SPANS_OF_ACCOUNT, |sql, c| sqlx::query_as(sql).bind(account).bind(commodity).fetch_all(c).await)?;
    rows.into_iter().filter_map(|row| row.span().transpose()).collect()
}

/// A register as ingest needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRegister {
    /// The register.
    pub register: RegisterId,
    /// What it measures.
    pub commodity: Commodity,
    /// Which way it counts.
    pub direction: Direction,
    /// What a stored number counts.
    pub unit: Unit,
    /// The power of ten.
    pub exponent: i8,
    /// Seconds between interval readings.
    pub interval_seconds: u32,
    /// Digits of the dial before it rolls over.
    pub dial_digits: u32,
    /// Where it was installed and when, earliest first; never empty.
    pub installed: Vec<Installed>,
}

/// A stretch of time at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The IANA zone of the place.
    pub zone: String,
    /// The first instant.
    pub since: Instant,
    /// The instant after the last.
    pub until: Option<Instant>,
}

#[derive(FromRow)]
struct KnownRow {
    register_id: RegisterId,
    meter_number: String,
    commodity: Commodity,
    direction: Direction,
    unit: Unit,
    exponent: i64,
    interval_seconds: i64,
    dial_digits: i64,
    zone: Option<String>,
    installed_since: Option<Instant>,
    installed_until: Option<Instant>,
}

/// The registers of meters by meter number. A meter that was never installed is left out: where it stands is not known,
/// so neither is the zone of its days.
///
/// # Errors
/// If the database fails.
pub async fn by_numbers(
    tx: &mut Tx<'_>,
    numbers: &[String],
) -> Result<HashMap<String, Vec<KnownRegister>>, StoreError> {
    let list = serde_json::Value::from(numbers);
    let rows: Vec<KnownRow> = run!(tx, BY_NUMBERS, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    let mut found: HashMap<String, Vec<KnownRegister>> = HashMap::new();
    for row in rows {
        let (Some(zone), Some(since)) = (row.zone, row.installed_since) else { continue };
        let place = Installed { zone, since, until: row.installed_until };
        let of_meter = found.entry(row.meter_number).or_default();
        match of_meter.iter_mut().find(|r| r.register == row.register_id) {
            Some(known) => known.installed.push(place),
            None => of_meter.push(KnownRegister {
                register: row.register_id,
                commodity: row.commodity,
                direction: row.direction,
                unit: row.unit,
                exponent: small(row.exponent, "an exponent")?,
                interval_seconds: small(row.interval_seconds, "an interval")?,
                dial_digits: small(row.dial_digits, "a number of dial digits")?,
                installed: vec![place],
            }),
        }
    }
    Ok(found)
}

/// A service point by its number, with its premise.
///
/// # Errors
/// If the database fails.
pub async fn point(tx: &mut Tx<'_>, number: &str) -> Result<Option<(PremiseId, ServicePointId)>, StoreError> {
    Ok(run!(tx, POINT, |sql, c| sqlx::query_as(sql).bind(number).fetch_optional(c).await)?)
}

/// Adds a service point at a premise.
///
/// # Errors
/// `Duplicate` where the number is taken; otherwise if the database fails.
pub async fn insert_point(
    tx: &mut Tx<'_>,
    number: &str,
    premise: PremiseId,
    commodity: Commodity,
) -> Result<ServicePointId, StoreError> {
    Ok(run!(tx, INSERT_POINT, |sql, c| sqlx::query_scalar(sql)
        .bind(number)
        .bind(premise)
        .bind(commodity)
        .fetch_one(c)
        .await)?)
}

/// A register to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewRegister {
    /// Which way it counts.
    pub direction: Direction,
    /// What a stored number counts.
    pub unit: Unit,
    /// The power of ten.
    pub exponent: i8,
    /// Seconds between interval readings.
    pub interval_seconds: u32,
    /// Digits of the dial before it rolls over.
    pub dial_digits: u32,
}

/// Adds a meter with its registers, not yet installed. Readings that waited for the number flow in with the next review, or as soon as
/// whoever calls this says so (`services::ingest::release`).
///
/// # Errors
/// `Duplicate` where the commodity has a meter of this number; otherwise if the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    number: &str,
    commodity: Commodity,
    registers: &[NewRegister],
) -> Result<(MeterId, Vec<RegisterId>), StoreError> {
    let meter: MeterId =
        run!(tx, INSERT_METER, |sql, c| sqlx::query_scalar(sql).bind(number).bind(commodity).fetch_one(c).await)?;
    let mut ids = Vec::with_capacity(registers.len());
    for r in registers {
        ids.push(add_register(tx, meter, r).await?);
    }
    Ok((meter, ids))
}

/// Adds a register to a meter.
///
/// # Errors
/// `Duplicate` where the meter has one of this direction; otherwise if the database fails.
pub async fn add_register(tx: &mut Tx<'_>, meter: MeterId, r: &NewRegister) -> Result<RegisterId, StoreError> {
    Ok(run!(tx, INSERT_REGISTER, |sql, c| sqlx::query_scalar(sql)
        .bind(meter)
        .bind(r.direction)
        .bind(r.unit)
        .bind(i64::from(r.exponent))
        .bind(i64::from(r.interval_seconds))
        .bind(i64::from(r.dial_digits))
        .fetch_one(c)
        .await)?)
}

/// Installs a meter at a service point from an instant on.
///
/// # Errors
/// If the database fails.
pub async fn install(tx: &mut Tx<'_>, meter: MeterId, point: ServicePointId, since: Instant) -> Result<(), StoreError> {
    run!(tx, INSTALL, |sql, c| sqlx::query(sql).bind(meter).bind(point).bind(since).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends a meter's present installation.
///
/// # Errors
/// If the database fails.
pub async fn remove(tx: &mut Tx<'_>, meter: MeterId, until: Instant) -> Result<(), StoreError> {
    run!(tx, REMOVE, |sql, c| sqlx::query(sql).bind(meter).bind(until).execute(c).await.map(|_| ()))?;
    Ok(())
}
