//! A whole city's meters over a year, loaded as deliveries come, day by day; what is stored of them; and the reads of residents
//! on top of it.

mod text;

use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::DayRange;
use domain::ids::AccountId;
use domain::quantity::{Commodity, Direction, ServiceKind, Unit};
use serde::Serialize;
use store::Pool;
use store::accounts::{NewAccount, NewAgreement};
use store::meters::NewRegister;

use self::text::{Entropy, Writer};
use super::files::{ZONE, first_day, since, surroundings};
use super::{median, per_second, ratio};
use crate::ingest::{Input, Options, take_in};
use crate::{Cx, Fault, usage_data};

/// Meters registered in one transaction.
const AT_ONCE: u32 = 1000;
/// Accounts that read.
const READERS: u32 = 250;

/// The city.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CityPlan {
    /// Meters: electric (quarter-hourly), water and gas (hourly), in the proportions of Palo Alto.
    pub meters: u32,
    /// Days of each meter.
    pub days: u32,
    /// So many of a hundred meters a day send a day late.
    pub late_percent: u32,
    /// How often each kind of read is measured.
    pub reads: u32,
}

impl CityPlan {
    /// What a meter measures. The proportions are 30,326 electric, 20,633 water and 23,000 gas meters, in turns, so that
    /// every part of the city has all of them.
    fn commodity(m: u32) -> Commodity {
        match u64::from(m) * 48_271 % 73_959 {
            0..30_326 => Commodity::Electricity,
            30_326..50_959 => Commodity::Water,
            _ => Commodity::Gas,
        }
    }

    /// Unit, power of ten and seconds of a meter.
    const fn register(commodity: Commodity) -> (Unit, i8, u32) {
        match commodity {
            Commodity::Electricity => (Unit::KilowattHour, -3, 900),
            Commodity::Water => (Unit::Gallon, 0, 3600),
            Commodity::Gas => (Unit::Therm, -3, 3600),
        }
    }

    fn number(m: u32) -> String {
        format!("C{m:06}")
    }
}

/// How fast days were loaded.
#[derive(Clone, Debug, Serialize)]
pub struct LoadFigures {
    /// Intervals loaded.
    pub intervals: i64,
    /// Bytes of text.
    pub text_bytes: u64,
    /// Seconds in which they were taken in, the making of the text left out.
    pub seconds: f64,
    /// All intervals by all seconds.
    pub intervals_per_second: f64,
    /// The median over the first tenth of the days.
    pub at_first: f64,
    /// The median over the last tenth of the days.
    pub at_last: f64,
    /// The slowest day.
    pub slowest_day: f64,
    /// PostgreSQL's own `COPY` of one plain row per interval in between: the median of its rows per second.
    pub copy_rows_per_second: Option<f64>,
    /// How many times as fast as that.
    pub ratio_to_copy: Option<f64>,
    /// The most memory that this program held at any time, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

/// What a table or an index takes.
#[derive(Clone, Debug, Serialize)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub bytes: i64,
    /// Bytes per interval.
    pub per_interval: f64,
}

/// How long reads take, in microseconds.
#[derive(Clone, Debug, Serialize)]
pub struct ReadFigures {
    /// What is read of one meter.
    pub what: &'static str,
    /// Reads.
    pub reads: usize,
    /// The median.
    pub p50_us: u64,
    /// Of a hundred the second slowest.
    pub p99_us: u64,
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct CityFigures {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// The city.
    pub plan: CityPlan,
    /// Loading.
    pub load: LoadFigures,
    /// Tables and indexes, the largest first; those of less than a thousandth of the whole are left out.
    pub stored: Vec<Stored>,
    /// All of the database per interval.
    pub bytes_per_interval: f64,
    /// What the values hold, in bytes per interval: the entropy of each commodity's differences from one value to the next, or of
    /// its values where that is less, over the city's mix. No code that sees single steps can be shorter.
    pub entropy_bytes_per_interval: f64,
    /// Reading.
    pub reads: Vec<ReadFigures>,
}

/// Loads a city into an empty, migrated database and reads from it. `copied` is where PostgreSQL's `COPY` is measured.
///
/// # Errors
/// If a file or the database fails, or if not every value arrives.
pub async fn city(
    pool: &Pool,
    folder: &Path,
    plan: CityPlan,
    copied: &Pool,
    told: &dyn Fn(&str),
) -> Result<CityFigures, Fault> {
    let cx = surroundings(pool);
    told("registering meters");
    meters(&cx, plan.meters).await?;
    let before: i64 = store::bench::sizes(pool).await?.iter().map(|(_, b)| b).sum();
    let (load, entropy) = load(&cx, folder, plan, copied, told).await?;
    store::bench::settle(pool).await?;
    told("measuring what is stored");
    let sizes = store::bench::sizes(pool).await?;
    let all: i64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    let stored = sizes
        .into_iter()
        .filter(|(_, bytes)| *bytes > all / 1000)
        .map(|(name, bytes)| Stored { name, bytes, per_interval: ratio(bytes, load.intervals) })
        .collect();
    told("reading");
    let reads = read(&cx, plan).await?;
    Ok(CityFigures {
        engine: pool.engine(),
        plan,
        stored,
        bytes_per_interval: ratio(all - before, load.intervals),
        entropy_bytes_per_interval: entropy.bytes_per_interval(),
        load,
        reads,
    })
}

async fn meters(cx: &Cx, meters: u32) -> Result<(), Fault> {
    let mut from = 0;
    while from < meters {
        let mut tx = cx.pool.write().await?;
        let premise = store::accounts::insert_premise(&mut tx, "1 Bench Street", "Alder Bay", "94999", ZONE).await?;
        for m in from..meters.min(from + AT_ONCE) {
            let (number, commodity) = (CityPlan::number(m), CityPlan::commodity(m));
            let (unit, exponent, interval_seconds) = CityPlan::register(commodity);
            let point = store::meters::insert_point(&mut tx, &format!("SP-{number}"), premise, commodity).await?;
            let register =
                NewRegister { direction: Direction::Delivered, unit, exponent, interval_seconds, dial_digits: 6 };
            let (meter, _) = store::meters::insert(&mut tx, &number, commodity, &[register]).await?;
            store::meters::install(&mut tx, meter, point, since()).await?;
        }
        tx.commit().await?;
        from += AT_ONCE;
    }
    Ok(())
}

async fn load(
    cx: &Cx,
    folder: &Path,
    plan: CityPlan,
    copied: &Pool,
    told: &dyn Fn(&str),
) -> Result<(LoadFigures, Entropy), Fault> {
    let mut writer = Writer::new(folder, plan)?;
    let (mut rates, mut copies) = (Vec::new(), Vec::new());
    let (mut intervals, mut text_bytes, mut seconds) = (0, 0, 0.0);
    for d in 0..plan.days {
        let file = writer.day(d)?;
        let watch = Stopwatch::now();
        let report = take_in(cx, Input::File(file.path.clone()), &Options::default()).await?;
        let took = watch.elapsed().as_secs_f64();
        super::files::remove(&[file.path]);
        if report.accepted != file.values || report.rejected + report.waiting != 0 {
            let all = (report.accepted, report.rejected, report.waiting);
            return Err(Fault::Other(format!("day {d}: {all:?} of {} values were taken, refused, kept", file.values)));
        }
        rates.push(per_second(file.values.unsigned_abs(), took));
        (intervals, text_bytes, seconds) = (intervals + file.values, text_bytes + file.bytes, seconds + took);
        // At the beginning, in the middle and at the end, as many rows as a day of the city brings.
        if [0, plan.days / 2, plan.days - 1].contains(&d) {
            let watch = Stopwatch::now();
            if let Some(rows) = store::bench::copy_raw_rows(copied, file.values.unsigned_abs()).await? {
                copies.push(per_second(rows, watch.elapsed().as_secs_f64()));
            }
        }
        if d % 10 == 0 {
            told(&format!("day {} of {}: {:.0} intervals a second", d + 1, plan.days, rates[rates.len() - 1]));
        }
    }
    let tenth = rates.len().div_ceil(10);
    let rate = per_second(u64::try_from(intervals).unwrap_or(0), seconds);
    let copy = (!copies.is_empty()).then(|| median(&mut copies));
    let figures = LoadFigures {
        intervals,
        text_bytes,
        seconds,
        intervals_per_second: rate,
        at_first: median(&mut rates[..tenth].to_vec()),
        at_last: median(&mut rates[rates.len() - tenth..].to_vec()),
        slowest_day: rates.iter().copied().reduce(f64::min).unwrap_or_default(),
        copy_rows_per_second: copy,
        ratio_to_copy: copy.map(|c| rate / c),
        peak_memory: peak_memory(),
    };
    Ok((figures, writer.entropy()))
}

/// The most memory that this process ever held.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?.trim().parse();
    kilobytes.ok().map(|k: u64| k * 1024)
}

/// Accounts at electric meters spread over the whole city.
async fn readers(cx: &Cx, plan: CityPlan) -> Result<Vec<AccountId>, Fault> {
    let facts = serde_json::json!({});
    let electric: Vec<u32> = (0..plan.meters).filter(|m| CityPlan::commodity(*m) == Commodity::Electricity).collect();
    let step = electric.len().div_ceil(READERS as usize).max(1);
    let mut tx = cx.pool.write().await?;
    let mut out = Vec::new();
    for m in electric.into_iter().step_by(step) {
        let number = CityPlan::number(m);
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
        let agreement = NewAgreement {
            account,
            premise,
            point: Some(point),
            service: ServiceKind::Electricity,
            schedule: "E-1",
            facts: &facts,
            since: since(),
        };
        store::accounts::insert_agreement(&mut tx, &agreement).await?;
        out.push(account);
    }
    tx.commit().await?;
    Ok(out)
}

/// What is read: quarter-hours of all days, of a month, of a day; or all days by their sums.
#[derive(Clone, Copy)]
enum Kind {
    Year,
    Days,
    Month,
    Day,
}

async fn read(cx: &Cx, plan: CityPlan) -> Result<Vec<ReadFigures>, Fault> {
    let accounts = readers(cx, plan).await?;
    let first = first_day();
    let all = DayRange { from: first, to: first + TimeDelta::days(i64::from(plan.days)) };
    let last = |days: u32| DayRange { from: (all.to - TimeDelta::days(i64::from(days))).max(first), to: all.to };
    let mut out = Vec::new();
    for (kind, what, range) in [
        (Kind::Year, "every quarter-hour of all days", all),
        (Kind::Days, "all days by their sums", all),
        (Kind::Month, "every quarter-hour of a month", last(30)),
        (Kind::Day, "every quarter-hour of a day", last(2)),
    ] {
        let mut times = Vec::new();
        for i in 0..plan.reads as usize {
            // In leaps, so that no two reads in turn are neighbours.
            let Some(account) = accounts.get(i * 7919 % accounts.len().max(1)) else { break };
            let watch = Stopwatch::now();
            let found = one(cx, *account, kind, range).await?;
            times.push(watch.elapsed());
            // A late day may be missing at the very end.
            let enough = days(range) * i64::from(100 - plan.late_percent.min(99)) / 200;
            if found < enough {
                return Err(Fault::Other(format!("{what}: only {found} values came back")));
            }
        }
        out.push(figures(what, times));
    }
    Ok(out)
}

fn days(range: DayRange) -> i64 {
    (range.to - range.from).num_days()
}

/// Reads as the usage page does; how many values there were.
async fn one(cx: &Cx, account: AccountId, kind: Kind, range: DayRange) -> Result<i64, Fault> {
    let mut tx = cx.pool.read().await?;
    let found = match kind {
        Kind::Days => usage_data::daily(&mut tx, account, Commodity::Electricity, range).await?.map(|(_, d)| d.len()),
        Kind::Year | Kind::Month | Kind::Day => usage_data::series(&mut tx, account, Commodity::Electricity, range)
            .await?
            .map(|s| s.slots.iter().filter(|x| x.value.is_some()).count()),
    };
    Ok(i64::try_from(found.unwrap_or(0)).unwrap_or(i64::MAX))
}

fn figures(what: &'static str, mut times: Vec<Duration>) -> ReadFigures {
    times.sort_unstable();
    let pick = |percent: usize| {
        let i = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(i).map_or(0, |t| u64::try_from(t.as_micros()).unwrap_or(u64::MAX))
    };
    ReadFigures { what, reads: times.len(), p50_us: pick(50), p99_us: pick(99) }
}

/// The local day of a number of days from the first one.
fn day(d: u32) -> NaiveDate {
    first_day() + TimeDelta::days(i64::from(d))
}
