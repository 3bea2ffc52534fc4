//! What the bill run reads, of many accounts in one statement each. Keys and ranges go in as a JSON list.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant};
use domain::ids::{AccountId, RegisterId};
use domain::metering::Reading;
use domain::quantity::ServiceKind;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sqlx::FromRow;
use sqlx::types::Json;

use crate::bills::AgreementRow;
use crate::meters::{RegisterSpan, SpanRow};
use crate::pack::{PackRow, stretch_of, unpack};
use crate::usage::{StoredDay, day_number, day_of_number, reading};
use crate::{StoreError, Tx, run, statements};

statements! {
    AGREEMENTS = sqlite
        "SELECT a.account_id, a.premise_id, a.service, a.schedule, a.facts, a.since, a.until, p.zone
         FROM service_agreement a JOIN premise p ON p.id = a.premise_id
         WHERE a.account_id IN (SELECT value FROM json_each($1)) ORDER BY a.since, a.id",
    postgres
        "SELECT a.account_id, a.premise_id, a.service, a.schedule, a.facts, a.since, a.until, p.zone
         FROM service_agreement a JOIN premise p ON p.id = a.premise_id
         WHERE a.account_id = ANY (ARRAY(SELECT t.value::BIGINT FROM jsonb_array_elements_text($1) AS t (value)))
         ORDER BY a.since, a.id";
    SPANS = sqlite
        "SELECT a.account_id, a.service, r.id AS register_id, m.number AS meter_number, i.service_point_id, r.direction, r.unit,
                r.exponent, r.interval_seconds, r.dial_digits, p.zone, a.since AS agreement_since, a.until AS agreement_until,
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
         WHERE a.account_id IN (SELECT value FROM json_each($1))
         ORDER BY a.since, i.since, r.id",
    postgres
        "SELECT a.account_id, a.service, r.id AS register_id, m.number AS meter_number, i.service_point_id, r.direction, r.unit,
                r.exponent, r.interval_seconds, r.dial_digits, p.zone, a.since AS agreement_since, a.until AS agreement_until,
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
         WHERE a.account_id = ANY (ARRAY(SELECT t.value::BIGINT FROM jsonb_array_elements_text($1) AS t (value)))
         ORDER BY a.since, i.since, r.id";
    // $1 is a JSON list of [register, from, to, first stretch, last stretch]. The inner table is always found by its key. All days
    // of a register come in one row: handing over a row costs more than reading it.
    DAYS = sqlite
        "SELECT k.value ->> 0, group_concat(u.day || ',' || u.sum || ',' || u.version || ',' || hex(u.block), ';')
         FROM json_each($1) k
         CROSS JOIN usage_part o ON o.kind = 'day' AND o.number >= k.value ->> 1 AND o.number < k.value ->> 2
         CROSS JOIN usage_day u ON u.day = o.number AND u.register_id = k.value ->> 0
         GROUP BY k.id",
    postgres
        "SELECT (k.v ->> 0)::BIGINT, string_agg(u.day || ',' || u.sum || ',' || u.version || ',' || encode(u.block, 'hex'), ';')
         FROM jsonb_array_elements($1) AS k (v)
         JOIN usage_day u ON u.register_id = (k.v ->> 0)::BIGINT AND u.day >= (k.v ->> 1)::BIGINT AND u.day < (k.v ->> 2)::BIGINT
         GROUP BY 1";
    // As above; 48 is Head::MAX_BYTES.
    HEADS = sqlite
        "SELECT k.value ->> 0,
                group_concat(u.day || ',' || u.sum || ',' || u.version || ',' || hex(substr(u.block, 1, 48)), ';')
         FROM json_each($1) k
         CROSS JOIN usage_part o ON o.kind = 'day' AND o.number >= k.value ->> 1 AND o.number < k.value ->> 2
         CROSS JOIN usage_day u ON u.day = o.number AND u.register_id = k.value ->> 0
         GROUP BY k.id",
    postgres
        "SELECT (k.v ->> 0)::BIGINT,
                string_agg(u.day || ',' || u.sum || ',' || u.version || ',' || encode(substr(u.block, 1, 48), 'hex'), ';')
         FROM jsonb_array_elements($1) AS k (v)
         JOIN usage_day u ON u.register_id = (k.v ->> 0)::BIGINT AND u.day >= (k.v ->> 1)::BIGINT AND u.day < (k.v ->> 2)::BIGINT
         GROUP BY 1";
    PACKS = sqlite
        "SELECT p.register_id, p.stretch, p.days
         FROM json_each($1) k CROSS JOIN usage_pack p
         ON p.register_id = k.value ->> 0 AND p.stretch >= k.value ->> 3 AND p.stretch <= k.value ->> 4",
    postgres
        "SELECT p.register_id, p.stretch, p.days
         FROM jsonb_array_elements($1) AS k (v)
         JOIN usage_pack p ON p.register_id = (k.v ->> 0)::BIGINT AND p.stretch >= (k.v ->> 3)::BIGINT
              AND p.stretch <= (k.v ->> 4)::BIGINT";
    // $1 is a JSON list of [register, first second, last second].
    READS = sqlite
        "SELECT d.register_id, d.read_at, d.value, d.quality
         FROM json_each($1) k CROSS JOIN register_read d
         ON d.register_id = k.value ->> 0 AND d.read_at >= k.value ->> 1 AND d.read_at <= k.value ->> 2",
    postgres
        "SELECT d.register_id, d.read_at, d.value, d.quality
         FROM jsonb_array_elements($1) AS k (v)
         JOIN register_read d ON d.register_id = (k.v ->> 0)::BIGINT AND d.read_at >= (k.v ->> 1)::BIGINT
              AND d.read_at <= (k.v ->> 2)::BIGINT";
    // $1 is a JSON list of [account, day]: the standing bill that the day is on.
    DETAILS_ON = sqlite
        "SELECT b.account_id, b.detail
         FROM json_each($1) k CROSS JOIN bill b
         ON b.account_id = k.value ->> 0 AND b.period_to > k.value ->> 1 AND b.period_from <= k.value ->> 1
         WHERE b.status = 'issued' ORDER BY b.period_from",
    postgres
        "SELECT b.account_id, b.detail
         FROM jsonb_array_elements($1) AS k (v)
         JOIN bill b ON b.account_id = (k.v ->> 0)::BIGINT AND b.period_to > (k.v ->> 1)::DATE
              AND b.period_from <= (k.v ->> 1)::DATE
         WHERE b.status = 'issued' ORDER BY b.period_from";
}

fn grouped<K: Eq + Hash, V>(rows: impl IntoIterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut out: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        out.entry(key).or_default().push(value);
    }
    out
}

#[derive(FromRow)]
struct OfAccount<T> {
    account_id: AccountId,
    #[sqlx(flatten)]
    row: T,
}

/// The agreements of accounts, each account's in order of time.
///
/// # Errors
/// If the database fails.
pub async fn agreements(
    tx: &mut Tx<'_>,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<AgreementRow>>, StoreError> {
    let list = json!(accounts);
    let rows: Vec<OfAccount<AgreementRow>> =
        run!(tx, AGREEMENTS, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    Ok(grouped(rows.into_iter().map(|r| (r.account_id, r.row))))
}

#[derive(FromRow)]
struct OfService {
    account_id: AccountId,
    service: ServiceKind,
    #[sqlx(flatten)]
    row: SpanRow,
}

/// The registers whose use of a service is, or was, an account's, oldest span first.
///
/// # Errors
/// If the database fails.
pub async fn registers(
    tx: &mut Tx<'_>,
    accounts: &[AccountId],
) -> Result<HashMap<(AccountId, ServiceKind), Vec<RegisterSpan>>, StoreError> {
    let list = json!(accounts);
    let rows: Vec<OfService> = run!(tx, SPANS, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    let mut out: HashMap<_, Vec<RegisterSpan>> = HashMap::new();
    for r in rows {
        if let Some(span) = r.row.span()? {
            out.entry((r.account_id, r.service)).or_default().push(span);
        }
    }
    Ok(out)
}

/// The days of a register as one row brings them.
fn unfold(text: &str) -> Option<Vec<StoredDay>> {
    let mut days = Vec::with_capacity(40);
    for day in text.split(';') {
        let mut parts = day.splitn(4, ',');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (day, sum, version) = (number()?, number()?, number()?);
        let hex = parts.next()?.as_bytes();
        let digit = |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let (pairs, rest) = hex.as_chunks::<2>();
        let block = pairs.iter().map(|[a, b]| Some(digit(*a)? << 4 | digit(*b)?)).collect::<Option<Vec<u8>>>()?;
        days.push(StoredDay { day: day_of_number(day).ok().filter(|_| rest.is_empty())?, sum, version, block });
    }
    days.sort_unstable_by_key(|d| d.day);
    Some(days)
}

/// The stored days of registers, each in a range of its own, in order. Of blocks only the head is read unless they are wanted whole.
///
/// # Errors
/// If the database fails or a stored day is damaged.
pub async fn days(
    tx: &mut Tx<'_>,
    wanted: &[(RegisterId, DayRange)],
    whole: bool,
) -> Result<HashMap<RegisterId, Vec<StoredDay>>, StoreError> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let list: Value = wanted
        .iter()
        .map(|(r, d)| {
            let (from, to) = (day_number(d.from), day_number(d.to));
            json!([r, from, to, stretch_of(from), stretch_of(to)])
        })
        .collect();
    let statement = if whole { DAYS } else { HEADS };
    let rows: Vec<(RegisterId, String)> =
        run!(tx, statement, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    let damaged = |r: RegisterId| StoreError::Damaged(format!("the days of register {}", r.0));
    let mut out: HashMap<RegisterId, Vec<StoredDay>> = rows
        .into_iter()
        .map(|(r, days)| Ok((r, unfold(&days).ok_or_else(|| damaged(r))?)))
        .collect::<Result<_, StoreError>>()?;
    let packs: Vec<PackRow> = run!(tx, PACKS, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    if packs.is_empty() {
        return Ok(out);
    }
    let ranges: HashMap<RegisterId, DayRange> = wanted.iter().copied().collect();
    for p in &packs {
        let days = out.entry(p.register).or_default();
        for day in unpack(p.register, p.stretch, &p.days) {
            let d = day?;
            let date = day_of_number(d.day)?;
            if ranges.get(&p.register).is_some_and(|r| r.contains(date)) {
                let block = if whole { d.block } else { d.block.get(..48).unwrap_or(d.block) };
                days.push(StoredDay { day: date, sum: d.sum, version: d.version, block: block.to_vec() });
            }
        }
    }
    for days in out.values_mut() {
        days.sort_by_key(|d| d.day);
        // What was packed between the two statements came twice.
        days.dedup_by_key(|d| d.day);
    }
    Ok(out)
}

/// What dials said, each from an instant to another, both included, in order.
///
/// # Errors
/// If the database fails.
pub async fn reads(
    tx: &mut Tx<'_>,
    wanted: &[(RegisterId, Instant, Instant)],
) -> Result<HashMap<RegisterId, Vec<Reading>>, StoreError> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let list: Value = wanted.iter().map(|(r, a, b)| json!([r, a.timestamp(), b.timestamp()])).collect();
    let rows: Vec<(RegisterId, i64, i64, i64)> =
        run!(tx, READS, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    let mut out: HashMap<RegisterId, Vec<Reading>> = HashMap::new();
    for (register, at, value, quality) in rows {
        out.entry(register).or_default().push(reading((at, value, quality))?);
    }
    out.values_mut().for_each(|reads| reads.sort_unstable_by_key(|r| r.at));
    Ok(out)
}

/// What is kept of the standing bill that a day of an account is on, or the part of it that `T` reads; accounts without one are left
/// out.
///
/// # Errors
/// If the database fails or what is kept is not what `T` reads.
pub async fn details_on<T: DeserializeOwned + Send + Unpin + 'static>(
    tx: &mut Tx<'_>,
    wanted: &[(AccountId, NaiveDate)],
) -> Result<HashMap<AccountId, T>, StoreError> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let list = json!(wanted);
    let rows: Vec<(AccountId, Json<T>)> =
        run!(tx, DETAILS_ON, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(account, detail)| (account, detail.0)).collect())
}
