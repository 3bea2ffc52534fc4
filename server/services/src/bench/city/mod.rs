//! A whole city's meters over a year, loaded as deliveries come, day by day; what is stored of them; and the reads of residents
//! on top of it.

mod reads;
mod text;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant as Stopwatch};

use chrono::{NaiveDate, TimeDelta};
use domain::quantity::{Commodity, Direction, ServiceKind, Unit};
use serde::Serialize;
use store::Pool;
use store::accounts::{NewAccount, NewAgreement};
use store::bench::RawDay;
use store::meters::NewRegister;

use self::text::{Entropy, Writer};
use super::files::{ZONE, first_day, since, surroundings};
use super::{CopySpeed, copy_speed, median, per_second, ratio};
use crate::ingest::{Input, Options, take_in};
use crate::{Cx, Fault};

/// Days after its last one that a stretch is packed.
const PACKED_AFTER: i64 = 5;
/// Meters registered in one transaction.
const AT_ONCE: u32 = 1000;

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
    /// After so many minutes no further day is loaded; what was is read.
    pub minutes: Option<u32>,
    /// Whether every day is judged by its history too, as the job behind ingest does it.
    pub review: bool,
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
    /// Days loaded.
    pub days: u32,
    /// Intervals loaded.
    pub intervals: i64,
    /// Bytes of text.
    pub text_bytes: u64,
    /// Seconds in which they were taken in, the making of the text left out.
    pub seconds: f64,
    /// Seconds in which they were packed, as every night, on top.
    pub pack_seconds: f64,
    /// Days of registers that were packed.
    pub packed_days: u64,
    /// Seconds in which every day was held against its history, where that was asked for; not in the rate.
    pub review_seconds: Option<f64>,
    /// The longest step of packing, in milliseconds: so long a payment may have had to wait.
    pub longest_step_ms: u64,
    /// All intervals by all seconds, those of packing included.
    pub intervals_per_second: f64,
    /// The median over the first tenth of the days.
    pub at_first: f64,
    /// The median over the last tenth of the days.
    pub at_last: f64,
    /// The slowest day.
    pub slowest_day: f64,
    /// PostgreSQL's own `COPY` of one row per interval in between: the medians.
    pub copy: Option<CopySpeed>,
    /// How many times as fast as that into a table with a key.
    pub ratio_to_copy: Option<f64>,
    /// The most memory of its own that this program held while it loaded, in bytes, where the system tells.
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
    meters(&cx, plan).await?;
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
    let reads = reads::read(&cx, CityPlan { days: load.days, ..plan }).await?;
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

async fn meters(cx: &Cx, plan: CityPlan) -> Result<(), Fault> {
    let meters = plan.meters;
    let facts = serde_json::json!({});
    let mut from = 0;
    while from < meters {
        let mut tx = cx.pool.write().await?;
        // The review asks who lives there.
        let holder = if plan.review {
            let (number, name) = (format!("H{from}"), "Bench");
            let (street, city, postcode) = ("1 Bench Street", "Alder Bay", "94999");
            let opened_on = first_day();
            let new =
                NewAccount { number: &number, name, opened_on, cycle_day: 1, paperless: true, street, city, postcode };
            Some(store::accounts::insert(&mut tx, &new).await?)
        } else {
            None
        };
        let premise = store::accounts::insert_premise(&mut tx, "1 Bench Street", "Alder Bay", "94999", ZONE).await?;
        for m in from..meters.min(from + AT_ONCE) {
            let (number, commodity) = (CityPlan::number(m), CityPlan::commodity(m));
            let (unit, exponent, interval_seconds) = CityPlan::register(commodity);
            let point = store::meters::insert_point(&mut tx, &format!("SP-{number}"), premise, commodity).await?;
            let register =
                NewRegister { direction: Direction::Delivered, unit, exponent, interval_seconds, dial_digits: 6 };
            let (meter, _) = store::meters::insert(&mut tx, &number, commodity, &[register]).await?;
            store::meters::install(&mut tx, meter, point, since()).await?;
            if let Some(account) = holder {
                let service = ServiceKind::from(commodity);
                let (schedule, since) = ("E-1", since());
                let agreement =
                    NewAgreement { account, premise, point: Some(point), service, schedule, facts: &facts, since };
                store::accounts::insert_agreement(&mut tx, &agreement).await?;
            }
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
    let mut review_seconds = 0.0;
    let (mut pack_seconds, mut packed_days, mut longest_step_ms) = (0.0, 0, 0);
    let (started, memory) = (Stopwatch::now(), MemoryWatch::begin());
    for d in 0..plan.days {
        if plan.minutes.is_some_and(|m| started.elapsed() > Duration::from_secs(60 * u64::from(m))) {
            break;
        }
        let file = writer.day(d)?;
        let watch = Stopwatch::now();
        let report = take_in(cx, Input::File(file.path.clone()), &Options::default()).await?;
        let took = watch.elapsed().as_secs_f64();
        super::files::remove(&[file.path]);
        if report.accepted != file.values || report.rejected + report.waiting != 0 {
            let all = (report.accepted, report.rejected, report.waiting);
            return Err(Fault::Other(format!("day {d}: {all:?} of {} values were taken, refused, kept", file.values)));
        }
        // What `serve` does every night, to the days that have come by then.
        let packing = Stopwatch::now();
        let done = crate::storage::pack(cx, Some(day(d) - TimeDelta::days(PACKED_AFTER))).await?;
        let took_to_pack = packing.elapsed().as_secs_f64();
        pack_seconds += took_to_pack;
        packed_days += done.days;
        longest_step_ms = longest_step_ms.max(done.longest_step_ms);
        if plan.review {
            let morning = (day(d) + TimeDelta::days(1)).and_hms_opt(14, 0, 0).unwrap_or_default().and_utc();
            let then = Cx { clock: Arc::new(crate::clock::FixedClock::at(morning)), ..cx.clone() };
            let reviewing = Stopwatch::now();
            crate::exceptions::review(&then).await?;
            review_seconds += reviewing.elapsed().as_secs_f64();
        }
        rates.push(per_second(file.values.unsigned_abs(), took));
        (intervals, text_bytes, seconds) = (intervals + file.values, text_bytes + file.bytes, seconds + took);
        // At the beginning, in the middle and at the end, as many rows as a day of the city brings.
        if [0, plan.days / 2, plan.days - 1].contains(&d) {
            let rows = file.values.unsigned_abs();
            let raw = RawDay { registers: u64::from(plan.meters), day: u64::from(d), rows };
            copies.extend(store::bench::copy_raw_rows(copied, raw).await?);
        }
        if d % 10 == 0 {
            told(&format!("day {} of {}: {:.0} intervals a second", d + 1, plan.days, rates[rates.len() - 1]));
        }
    }
    let tenth = rates.len().div_ceil(10);
    let rate = per_second(u64::try_from(intervals).unwrap_or(0), seconds + pack_seconds);
    store::bench::drop_raw_rows(copied).await?;
    let copy = copy_speed(&copies);
    let figures = LoadFigures {
        days: u32::try_from(rates.len()).unwrap_or(plan.days),
        intervals,
        text_bytes,
        seconds,
        pack_seconds,
        review_seconds: plan.review.then_some(review_seconds),
        packed_days,
        longest_step_ms,
        intervals_per_second: rate,
        at_first: median(&mut rates[..tenth].to_vec()),
        at_last: median(&mut rates[rates.len() - tenth..].to_vec()),
        slowest_day: rates.iter().copied().reduce(f64::min).unwrap_or_default(),
        ratio_to_copy: copy.map(|c| rate / c.keyed),
        copy,
        peak_memory: memory.most(),
    };
    Ok((figures, writer.entropy()))
}

/// Looks every few milliseconds at how much memory of its own this process holds. Pages of the database's file that are mapped
/// into it are the system's, which takes them back as it likes.
struct MemoryWatch {
    most: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl MemoryWatch {
    fn begin() -> Self {
        let watch = Self { most: Arc::new(AtomicU64::new(0)), over: Arc::new(AtomicBool::new(false)) };
        let (most, over) = (Arc::clone(&watch.most), Arc::clone(&watch.over));
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                most.fetch_max(own_memory().unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        watch
    }

    /// The most it held, in bytes, where the system tells.
    fn most(&self) -> Option<u64> {
        Some(self.most.load(Ordering::Relaxed)).filter(|most| *most > 0)
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn own_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|l| l.strip_prefix("RssAnon:"))?.trim().strip_suffix("kB")?.trim().parse();
    kilobytes.ok().map(|k: u64| k * 1024)
}

/// The local day of a number of days from the first one.
fn day(d: u32) -> NaiveDate {
    first_day() + TimeDelta::days(i64::from(d))
}
