//! What the review of history needs: which registers have something to judge, whose they were, and how far it is.

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{DeliveryId, MeterId, RegisterId};
use domain::quantity::{Commodity, Direction, Unit};
use sqlx::FromRow;

use crate::{StoreError, Tx, pack, run, statements};

/// What is asked of registers that are due, around how their last day is found.
macro_rules! due_columns {
    () => {
        "SELECT r.id, r.meter_id, m.commodity, r.direction, r.unit, r.exponent, r.interval_seconds, r.dial_digits,
                  COALESCE(v.through_day, -1) AS through, COALESCE(u.latest, -1) AS latest,
                  (SELECT p.zone FROM meter_installation i JOIN service_point s ON s.id = i.service_point_id
                   JOIN premise p ON p.id = s.premise_id
                   WHERE i.meter_id = m.id ORDER BY i.since DESC LIMIT 1) AS zone,
                  CASE WHEN EXISTS (SELECT 1 FROM meter_installation i WHERE i.meter_id = m.id AND i.until IS NULL)
                       THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS installed,
                  CASE WHEN EXISTS (SELECT 1 FROM register o JOIN register_read d ON d.register_id = o.id WHERE o.meter_id = m.id)
                       THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS dialled
         "
    };
}
macro_rules! due_rest {
    () => {
        "
                 FROM register q WHERE q.id > $1 AND q.id <= $2) u
           JOIN register r ON r.id = u.id
           JOIN meter m ON m.id = r.meter_id
           LEFT JOIN usage_review v ON v.register_id = r.id
           WHERE (u.latest IS NOT NULL AND (u.latest > COALESCE(v.through_day, -1) OR u.latest < $3))
              OR EXISTS (SELECT 1 FROM usage_exception x WHERE x.register_id = r.id AND x.state <> 'settled')
              OR (u.latest IS NULL AND r.id = (SELECT MIN(o.id) FROM register o WHERE o.meter_id = r.meter_id)
                  AND EXISTS (SELECT 1 FROM meter_installation i
                              WHERE i.meter_id = r.meter_id AND i.until IS NULL AND i.since >= $4))
              OR (u.latest IS NULL AND EXISTS (SELECT 1 FROM register_read d WHERE d.register_id = r.id
                                               AND d.read_at >= (COALESCE(v.through_day, -1) + 1) * 86400))
           ORDER BY r.id"
    };
}

statements! {
    DUE = sqlite
        concat!(due_columns!(), "FROM (SELECT q.id, NULLIF(MAX(
                     COALESCE((SELECT o.number FROM usage_part o WHERE o.kind = 'day' AND EXISTS (
                                   SELECT 1 FROM usage_day d WHERE d.day = o.number AND d.register_id = q.id)
                               ORDER BY o.number DESC LIMIT 1), -1),
                     COALESCE((SELECT p.last_day FROM usage_pack p WHERE p.register_id = q.id
                               ORDER BY p.stretch DESC LIMIT 1), -1)), -1) AS latest", due_rest!()),
    postgres
        concat!(due_columns!(), "FROM (SELECT q.id, GREATEST((SELECT MAX(d.day) FROM usage_day d WHERE d.register_id = q.id),
                                       (SELECT p.last_day FROM usage_pack p WHERE p.register_id = q.id
                                        ORDER BY p.stretch DESC LIMIT 1)) AS latest", due_rest!());
    NEXT_REGISTER = "SELECT id FROM register WHERE id > $1 ORDER BY id LIMIT 1";
    REVIEWED = "INSERT INTO usage_review (register_id, through_day) VALUES ($1, $2)
                ON CONFLICT (register_id) DO UPDATE SET through_day = excluded.through_day";
    REVIEW_AGAIN = "UPDATE usage_review SET through_day = $2 WHERE register_id = $1 AND through_day > $2";
    PLACES = "SELECT i.since, i.until, g.since AS agreed_since, g.until AS agreed_until FROM register r
              JOIN meter m ON m.id = r.meter_id
              JOIN meter_installation i ON i.meter_id = m.id
              LEFT JOIN service_agreement g ON g.service_point_id = i.service_point_id AND g.service = m.commodity
              WHERE r.id = $1 ORDER BY i.since, g.since";
    BILLED = "SELECT DISTINCT b.number FROM register r
              JOIN meter m ON m.id = r.meter_id
              JOIN meter_installation i ON i.meter_id = m.id AND i.since < $3 AND (i.until IS NULL OR i.until > $2)
              JOIN service_agreement g ON g.service_point_id = i.service_point_id AND g.service = m.commodity
                   AND g.since < $3 AND (g.until IS NULL OR g.until > $2)
              JOIN bill b ON b.account_id = g.account_id AND b.status = 'issued' AND b.period_from <= $5 AND b.period_to > $4
              WHERE r.id = $1 ORDER BY b.number";
    DELIVERY_NAME = "SELECT name FROM delivery WHERE id = $1";
    // Where the meter was at an instant, else where it was last.
    MEASURED = "SELECT m.commodity, r.direction, r.unit, r.exponent, r.interval_seconds, r.dial_digits, p.zone
                FROM register r JOIN meter m ON m.id = r.meter_id
                JOIN meter_installation i ON i.meter_id = m.id
                JOIN service_point s ON s.id = i.service_point_id
                JOIN premise p ON p.id = s.premise_id
                WHERE r.id = $1
                ORDER BY CASE WHEN i.since <= $2 AND (i.until IS NULL OR i.until > $2) THEN 0 ELSE 1 END, i.since DESC
                LIMIT 1";
    SIBLINGS = "SELECT id FROM register WHERE meter_id = $1 AND id <> $2 ORDER BY id";
}

/// A register with something to judge.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Due {
    /// Which.
    #[sqlx(rename = "id")]
    pub register: RegisterId,
    /// Of which meter.
    #[sqlx(rename = "meter_id")]
    pub meter: MeterId,
    /// What it measures.
    pub commodity: Commodity,
    /// Which way it counts.
    pub direction: Direction,
    /// What a stored number counts.
    pub unit: Unit,
    /// The power of ten.
    #[sqlx(try_from = "i64")]
    pub exponent: i8,
    /// Seconds between interval readings.
    #[sqlx(try_from = "i64")]
    pub interval_seconds: u32,
    /// Digits of the dial before it rolls over.
    #[sqlx(try_from = "i64")]
    pub dial_digits: u32,
    /// The last day that was judged, where only its dial was read the last day of UTC with such a reading; -1 where none was.
    pub through: i64,
    /// The last day with data; -1 where only its dial was read.
    pub latest: i64,
    /// The zone of its local days; `None` where it was never installed.
    pub zone: Option<String>,
    /// 1 where it is installed now.
    pub installed: i64,
    /// 1 where a dial of its meter was ever read.
    pub dialled: i64,
}

/// Registers behind `after` up to and including `until` that have days to judge, have been without data since before the
/// day `silent_before`, have exceptions that are not settled, have no days but readings of their dial to judge, or are a
/// meter's first and without any day although it was set where it is after `set_after`.
///
/// # Errors
/// If the database fails.
pub async fn due(
    tx: &mut Tx<'_>,
    after: RegisterId,
    until: RegisterId,
    silent_before: i64,
    set_after: Instant,
) -> Result<Vec<Due>, StoreError> {
    Ok(run!(tx, DUE, |sql, c| {
        sqlx::query_as(sql).bind(after).bind(until).bind(silent_before).bind(set_after).fetch_all(c).await
    })?)
}

/// The first register behind another.
///
/// # Errors
/// If the database fails.
pub async fn next_register(tx: &mut Tx<'_>, after: RegisterId) -> Result<Option<RegisterId>, StoreError> {
    Ok(run!(tx, NEXT_REGISTER, |sql, c| sqlx::query_scalar(sql).bind(after).fetch_optional(c).await)?)
}

/// Notes how far a register was judged.
///
/// # Errors
/// If the database fails.
pub async fn reviewed(tx: &mut Tx<'_>, register: RegisterId, through: i64) -> Result<(), StoreError> {
    run!(tx, REVIEWED, |sql, c| sqlx::query(sql).bind(register).bind(through).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Has a register judged again from a day on, as far as it was judged.
///
/// # Errors
/// If the database fails.
pub async fn review_again(tx: &mut Tx<'_>, register: RegisterId, from: i64) -> Result<(), StoreError> {
    run!(tx, REVIEW_AGAIN, |sql, c| sqlx::query(sql).bind(register).bind(from - 1).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Where a register's meter was, and who had an agreement there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// When it was at a service point, whichever; in between it lay on a shelf.
    installed: Vec<(Instant, Option<Instant>)>,
    /// When someone had an agreement where it was.
    agreed: Vec<(Instant, Option<Instant>)>,
}

impl Places {
    /// Whether the meter was at a service point for a part of a stretch.
    #[must_use]
    pub fn installed(&self, from: Instant, to: Instant) -> bool {
        touches(&self.installed, from, to)
    }

    /// Whether someone had an agreement where the meter was for a part of a stretch.
    #[must_use]
    pub fn agreed(&self, from: Instant, to: Instant) -> bool {
        touches(&self.agreed, from, to)
    }

    /// Since when the meter is where it was last.
    #[must_use]
    pub fn latest(&self) -> Option<Instant> {
        self.installed.last().map(|i| i.0)
    }
}

fn touches(of: &[(Instant, Option<Instant>)], from: Instant, to: Instant) -> bool {
    of.iter().any(|(since, until)| *since < to && until.is_none_or(|until| from < until))
}

#[derive(FromRow)]
struct PlaceRow {
    since: Instant,
    until: Option<Instant>,
    agreed_since: Option<Instant>,
    agreed_until: Option<Instant>,
}

/// Where a register's meter was, and when someone had an agreement there.
///
/// # Errors
/// If the database fails.
pub async fn places(tx: &mut Tx<'_>, register: RegisterId) -> Result<Places, StoreError> {
    let rows: Vec<PlaceRow> = run!(tx, PLACES, |sql, c| sqlx::query_as(sql).bind(register).fetch_all(c).await)?;
    let mut out = Places::default();
    for row in rows {
        // Who lives where it was has nothing to do with it any more.
        if let Some(since) = row.agreed_since {
            let until = [row.until, row.agreed_until].into_iter().flatten().min();
            out.agreed.push((since.max(row.since), until));
        }
        if out.installed.last() != Some(&(row.since, row.until)) {
            out.installed.push((row.since, row.until));
        }
    }
    out.agreed.retain(|(since, until)| until.is_none_or(|until| *since < until));
    Ok(out)
}

/// The days from one on for which the meter's other registers have data; `None` where it has no other.
///
/// # Errors
/// If the database fails.
pub async fn sibling_days(
    tx: &mut Tx<'_>,
    meter: MeterId,
    register: RegisterId,
    from: i64,
) -> Result<Option<Vec<i64>>, StoreError> {
    let others: Vec<RegisterId> =
        run!(tx, SIBLINGS, |sql, c| sqlx::query_scalar(sql).bind(meter).bind(register).fetch_all(c).await)?;
    if others.is_empty() {
        return Ok(None);
    }
    let mut days = Vec::new();
    for other in others {
        days.extend(pack::rows(tx, other, from, i64::MAX).await?.into_iter().map(|r| r.day));
    }
    days.sort_unstable();
    days.dedup();
    Ok(Some(days))
}

/// What a register measures, and by which zone.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Measured {
    /// What it measures.
    pub commodity: Commodity,
    /// Which way it counts.
    pub direction: Direction,
    /// What a stored number counts.
    pub unit: Unit,
    /// The power of ten.
    #[sqlx(try_from = "i64")]
    pub exponent: i8,
    /// Seconds between interval readings.
    #[sqlx(try_from = "i64")]
    pub interval_seconds: u32,
    /// Digits of the dial before it rolls over.
    #[sqlx(try_from = "i64")]
    pub dial_digits: u32,
    /// The zone of its local days.
    pub zone: String,
}

/// What a register measures and by which zone, at an instant; `None` where it was never installed.
///
/// # Errors
/// If the database fails.
pub async fn measured(tx: &mut Tx<'_>, register: RegisterId, at: Instant) -> Result<Option<Measured>, StoreError> {
    Ok(run!(tx, MEASURED, |sql, c| sqlx::query_as(sql).bind(register).bind(at).fetch_optional(c).await)?)
}

/// What a delivery is called.
///
/// # Errors
/// If the database fails.
pub async fn delivery_name(tx: &mut Tx<'_>, delivery: DeliveryId) -> Result<Option<String>, StoreError> {
    Ok(run!(tx, DELIVERY_NAME, |sql, c| sqlx::query_scalar(sql).bind(delivery).fetch_optional(c).await)?)
}

/// The issued bills that a stretch of a register is on, by its instants and its first and last day.
///
/// # Errors
/// If the database fails.
pub async fn billed(
    tx: &mut Tx<'_>,
    register: RegisterId,
    (start, end): (Instant, Instant),
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<String>, StoreError> {
    Ok(run!(tx, BILLED, |sql, c| sqlx::query_scalar(sql)
        .bind(register)
        .bind(start)
        .bind(end)
        .bind(first)
        .bind(last)
        .fetch_all(c)
        .await)?)
}
