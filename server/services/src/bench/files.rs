//! The meters, the accounts and the text of a benchmark.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::{DayRange, Instant};
use domain::ids::AccountId;
use domain::quantity::{Commodity, Direction, ServiceKind, Unit};
use store::Pool;
use store::accounts::{NewAccount, NewAgreement};
use store::meters::NewRegister;

use super::IngestPlan;
use crate::adapters::Outside;
use crate::clock::{Entropy, FixedClock};
use crate::{Cx, Fault, Settings, zones};

pub(super) const ZONE: &str = "America/Los_Angeles";

/// The first day of the data; they end at most two years later.
pub(super) fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default()
}

pub(super) fn since() -> Instant {
    first_day().and_time(chrono::NaiveTime::MIN).and_utc() - TimeDelta::days(30)
}

/// Surroundings in which nothing but the stopwatch tells the time.
pub(super) fn surroundings(pool: &Pool) -> Cx {
    Cx {
        pool: pool.clone(),
        clock: Arc::new(FixedClock::at(since() + TimeDelta::days(3 * 366))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings { zone: ZONE.to_owned(), ..Settings::default() }),
        outside: Outside::default(),
    }
}

pub(super) fn number(run: u32, meter: u32) -> String {
    format!("B{run:02}{meter:06}")
}

/// Registers the meters of a run.
pub(super) async fn meters(cx: &Cx, run: u32, meters: u32) -> Result<(), Fault> {
    let mut tx = cx.pool.write().await?;
    let premise = store::accounts::insert_premise(&mut tx, "1 Bench Street", "Alder Bay", "94999", ZONE).await?;
    for m in 0..meters {
        let number = number(run, m);
        let point =
            store::meters::insert_point(&mut tx, &format!("SP-{number}"), premise, Commodity::Electricity).await?;
        let register = NewRegister {
            direction: Direction::Delivered,
            unit: Unit::KilowattHour,
            exponent: -3,
            interval_seconds: 900,
            dial_digits: 6,
        };
        let (meter, _) = store::meters::insert(&mut tx, &number, Commodity::Electricity, &[register]).await?;
        store::meters::install(&mut tx, meter, point, since()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Opens an account per meter of a run, with electricity and the unmetered services named here on their schedules.
pub(super) async fn accounts(
    cx: &Cx,
    run: u32,
    accounts: u32,
    electric: &str,
    unmetered: &[(ServiceKind, &str)],
) -> Result<Vec<AccountId>, Fault> {
    let facts = serde_json::json!({ "eru": "1.0", "cart": "32" });
    let mut ids = Vec::new();
    let mut tx = cx.pool.write().await?;
    for m in 0..accounts {
        let number = number(run, m);
        let new = NewAccount {
            number: &number,
            name: "Bench",
            opened_on: first_day(),
            cycle_day: 1,
            paperless: true,
            street: "1 Bench Street",
            city: "Alder Bay",
            postcode: "94999",
        };
        let account = store::accounts::insert(&mut tx, &new).await?;
        let (premise, point) = store::meters::point(&mut tx, &format!("SP-{number}"))
            .await?
            .ok_or_else(|| Fault::Other(format!("the service point of {number} is gone")))?;
        let metered = (ServiceKind::Electricity, electric);
        for (service, schedule) in std::iter::once(&metered).chain(unmetered) {
            let agreement = NewAgreement {
                account,
                premise,
                point: service.commodity().is_some().then_some(point),
                service: *service,
                schedule,
                facts: &facts,
                since: since(),
            };
            store::accounts::insert_agreement(&mut tx, &agreement).await?;
        }
        ids.push(account);
    }
    tx.commit().await?;
    Ok(ids)
}

/// Writes the text of a run, day by day, a line per meter and day.
pub(super) fn write(folder: &Path, run: u32, plan: IngestPlan) -> Result<Vec<PathBuf>, Fault> {
    let failed = |e: std::io::Error| Fault::Other(format!("cannot write to {}: {e}", folder.display()));
    let zone = zones::find(ZONE).ok_or_else(|| Fault::Other(format!("`{ZONE}` is no time zone")))?;
    let end = first_day() + TimeDelta::days(i64::from(plan.days));
    let days = DayRange { from: first_day(), to: end };
    let mut paths = Vec::new();
    let mut file = None;
    let mut line = String::with_capacity(4096);
    for (d, day) in (0u64..).zip(days.days()) {
        if file.is_none() || plan.file_per_day {
            let path = folder.join(format!("bench-{run}-{d}.cmep"));
            file = Some(std::io::BufWriter::with_capacity(1 << 18, std::fs::File::create(&path).map_err(failed)?));
            paths.push(path);
        }
        let (start, end) = zone.bounds(day);
        let stamps: Vec<String> = (1..=(end - start).num_minutes() / 15)
            .map(|i| zone.to_local(start + TimeDelta::minutes(15 * i)).format("%Y%m%d%H%M").to_string())
            .collect();
        for m in 0..plan.meters {
            line.clear();
            let number = number(run, m);
            // Writing to a String cannot fail. Days of a clock change are cut or repeated to 96, to keep the count plain.
            let n = stamps.len().min(96);
            let _ =
                write!(line, "MEPMD01,20080501,BENCH,B:1,1,{number},202401010000,{number},OK,E,KWH,1.0,00000015,{n}");
            let mut random = (u64::from(run) << 40 | u64::from(m) << 16 | d).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            for (i, stamp) in stamps.iter().take(96).enumerate() {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let watt_hours = load(m, i) + random % 43;
                let _ = write!(line, ",{stamp},R0,{}.{:03}", watt_hours / 1000, watt_hours % 1000);
            }
            line.push('\n');
            if let Some(file) = &mut file {
                file.write_all(line.as_bytes()).map_err(failed)?;
            }
        }
    }
    if let Some(mut file) = file {
        file.flush().map_err(failed)?;
    }
    Ok(paths)
}

/// A home: a base load, a morning, a long evening; some with a car that charges at night.
fn load(meter: u32, slot: usize) -> u64 {
    let base = 40 + u64::from(meter % 37) * 3;
    match slot {
        4..16 if meter.is_multiple_of(9) => base + 1700,
        28..36 => base + 210,
        68..90 => base + 330,
        _ => base,
    }
}

pub(super) fn size(paths: &[PathBuf]) -> u64 {
    paths.iter().filter_map(|p| std::fs::metadata(p).ok()).map(|m| m.len()).sum()
}

pub(super) fn remove(paths: &[PathBuf]) {
    for path in paths {
        // A file that stays behind in the benchmark's own folder does no harm.
        let _ = std::fs::remove_file(path);
    }
}
