//! The program is killed while it takes usage in, again and again, and nothing may be lost, doubled or half done: `check` finds
//! nothing, and the database ends as one that was never disturbed.
//!
//! `METERSIDE_KILLS` says how often; 200 is the figure to hold:
//! `METERSIDE_KILLS=200 cargo nextest run -p server --test kill --no-capture`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant as Stopwatch};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::ids::{DeliveryId, RegisterId};
use domain::quantity::{Commodity, Direction, Unit};
use store::exceptions::{Filter, State};
use store::meters::NewRegister;
use store::proving::{AnyChange, AnyDay};
use store::testing::TestDb;

/// Meters of the files; one of them is not known.
const METERS: u32 = 24;
/// Days that each pair of files brings.
const DAYS: u64 = 24;

#[expect(clippy::disallowed_methods, reason = "the test is told how long to go on by the environment")]
fn kills() -> u32 {
    std::env::var("METERSIDE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

async fn meters(db: &TestDb) {
    let mut tx = db.pool.write().await.expect("a transaction");
    let zone = "America/Los_Angeles";
    let premise = store::accounts::insert_premise(&mut tx, "1 Elm Street", "Alder Bay", "94999", zone).await;
    let premise = premise.expect("a premise");
    let since: DateTime<Utc> = "2020-01-01T08:00:00Z".parse().expect("an instant");
    for m in 1..METERS {
        let number = format!("E{m}");
        let point =
            store::meters::insert_point(&mut tx, &format!("SP-{number}"), premise, Commodity::Electricity).await;
        let register = NewRegister {
            direction: Direction::Delivered,
            unit: Unit::KilowattHour,
            exponent: -3,
            interval_seconds: 900,
            dial_digits: 6,
        };
        let (meter, _) =
            store::meters::insert(&mut tx, &number, Commodity::Electricity, &[register]).await.expect("a meter");
        store::meters::install(&mut tx, meter, point.expect("a place"), since).await.expect("installed");
    }
    tx.commit().await.expect("committed");
}

/// A delivery with short and long holes, a spike, an unknown meter and a record that is refused; or the one behind it, which
/// fills holes and corrects values.
fn write(folder: &Path, round: u64, second: bool) -> PathBuf {
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day") + Days::new(round * DAYS);
    let mut text = String::new();
    for day in first.iter_days().take(usize::try_from(DAYS).expect("small")) {
        for m in 0..METERS {
            let mut triples = String::new();
            let mut count = 0;
            for slot in 0..96_u32 {
                let seed =
                    slot.wrapping_mul(2_654_435_761) ^ m.wrapping_mul(40_503) ^ day.to_epoch_days().unsigned_abs();
                if !second && (seed % 61 == 0 || (m % 5 == 1 && (20..50).contains(&slot))) {
                    continue;
                }
                let spike = if !second && m == 7 && slot == 40 { 90_000 } else { 0 };
                let value = seed % 700 + 50 + spike + u32::from(second && m % 4 == 2) * 11;
                let end = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(i64::from(slot + 1) * 15);
                let stamp = end.format("%Y%m%d%H%M");
                write!(triples, ",{stamp},R0,{}.{:03}", value / 1000, value % 1000).expect("text");
                count += 1;
            }
            let head = format!("MEPMD01,20080501,AMI,A,1,E{m},202401030000,E{m},OK,E,KWH,1.0");
            writeln!(text, "{head},00000015,{count}{triples}").expect("text");
        }
        writeln!(text, "MEPMD01,what,is,this,{day}").expect("text");
    }
    let path = folder.join(format!("{round}-{}.cmep", u8::from(second)));
    std::fs::write(&path, text).expect("a file");
    path
}

fn program(db: &TestDb, arguments: &[&str], files: &[PathBuf]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meterside"));
    command.args(["--database", &db.address, "--json"]).args(arguments).args(files);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// All that is kept of usage, without when and by which attempt at a file it was kept.
#[derive(Debug, PartialEq)]
struct Kept {
    days: Vec<AnyDay>,
    changes: Vec<AnyChange>,
    segments: Vec<(RegisterId, i64, i64, String)>,
    exceptions: Vec<(String, i64, String, serde_json::Value)>,
    estimates: Vec<(RegisterId, i64, i64, i64, String)>,
    waiting: Vec<(String, i64)>,
    rejected: usize,
}

async fn kept(db: &TestDb) -> Kept {
    let mut tx = db.pool.read().await.expect("a transaction");
    let page = store::proving::days_behind(&mut tx, RegisterId(0), 1_000_000).await.expect("days");
    // What a later attempt stores has a delivery of its own; whose file it is the segments say.
    let same = |d: AnyDay| AnyDay { delivery: DeliveryId(0), ..d };
    let days: Vec<AnyDay> = page.expect("a page").days.into_iter().map(same).collect();
    let changes = store::proving::all_changes(&mut tx, (RegisterId(0), 0, 0), 1_000_000).await.expect("changes");
    let (mut segments, mut estimates) = (Vec::new(), Vec::new());
    for d in &days {
        for e in store::exceptions::estimates(&mut tx, d.register, d.day).await.expect("estimates") {
            estimates.push((d.register, d.day, e.first_slot, e.slots, e.method));
        }
    }
    let all = domain::calendar::DayRange {
        from: NaiveDate::from_ymd_opt(2023, 1, 1).expect("a day"),
        to: NaiveDate::from_ymd_opt(2099, 1, 1).expect("a day"),
    };
    let mut registers: Vec<RegisterId> = days.iter().map(|d| d.register).collect();
    registers.dedup();
    for register in registers {
        for s in store::history::segments(&mut tx, register, all).await.expect("segments") {
            segments.push((register, s.day, s.number, s.name));
        }
    }
    let mut exceptions = Vec::new();
    for state in [State::Open, State::Settled] {
        let filter =
            Filter { state, code: "", commodity: "", opened_by: "2099-01-01T00:00:00Z".parse().expect("late") };
        for x in store::exceptions::list(&mut tx, &filter, 1_000_000, 0).await.expect("exceptions") {
            // When a file was refused is not in the file.
            let day = if x.register_id.is_some() { x.day } else { 0 };
            exceptions.push((x.meter_number, day, x.code, x.evidence));
        }
    }
    exceptions.sort_by_key(|x| (x.0.clone(), x.1, x.2.clone(), x.3.to_string()));
    let waiting = store::ingest::waiting_meters(&mut tx).await.expect("waiting");
    let rejected = store::ingest::open_rejected(&mut tx, 0, 1_000_000).await.expect("rejected").len();
    let waiting = waiting.into_iter().map(|w| (w.meter, w.count)).collect();
    assert!(store::ingest::unfinished(&mut tx).await.expect("it reads").is_empty(), "a delivery is left half-way");
    Kept { days, changes, segments, exceptions, estimates, waiting, rejected }
}

async fn survives(disturbed: TestDb, calm: TestDb) {
    let folder = tempfile::tempdir().expect("a folder");
    meters(&disturbed).await;
    meters(&calm).await;
    let (wanted, mut killed, mut rounds) = (kills(), 0, 0);
    // Delays spread over the whole run without any randomness: the golden section of it, again and again.
    let mut whole = Duration::ZERO;
    while killed < wanted {
        let files = [write(folder.path(), rounds, false), write(folder.path(), rounds, true)];
        let watch = Stopwatch::now();
        assert!(program(&calm, &["ingest"], &files).status().expect("it starts").code().is_some_and(|c| c <= 1));
        whole = whole.max(watch.elapsed());
        loop {
            let mut child = program(&disturbed, &["ingest"], &files).spawn().expect("it starts");
            let part = (f64::from(killed + 1) * 0.618_034).fract();
            std::thread::sleep(whole.mul_f64(if killed < wanted { part * 0.5 } else { 0.0 }));
            if killed < wanted && child.try_wait().expect("it is asked").is_none() {
                child.kill().expect("killed");
                child.wait().expect("gone");
                killed += 1;
                continue;
            }
            child.wait().expect("it ends");
            break;
        }
        rounds += 1;
    }
    let check = program(&disturbed, &["check"], &[]).stdout(Stdio::piped()).output().expect("it starts");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    let (after, undisturbed) = (kept(&disturbed).await, kept(&calm).await);
    assert!(!undisturbed.changes.is_empty() && !undisturbed.estimates.is_empty() && !undisturbed.waiting.is_empty());
    assert_eq!(after.days.len(), undisturbed.days.len());
    let Kept { days, changes, segments, exceptions, estimates, waiting, rejected } = undisturbed;
    assert!(after.days == days, "the days differ from an undisturbed run's");
    assert!(after.changes == changes && after.segments == segments, "the history differs");
    assert_eq!(after.exceptions, exceptions);
    assert_eq!(after.estimates, estimates);
    assert_eq!((after.waiting, after.rejected), (waiting, rejected));
    eprintln!("killed {killed} times over {rounds} rounds, {} days, {} changes", days.len(), changes.len());
    disturbed.finish().await;
    calm.finish().await;
}

#[test]
fn sqlite() {
    store::testing::block_on(async {
        let (disturbed, calm) = (store::testing::sqlite().await, store::testing::sqlite().await);
        survives(disturbed, calm).await;
    });
}

#[test]
fn postgres() {
    store::testing::block_on(async {
        let (disturbed, calm) = (store::testing::postgres().await, store::testing::postgres().await);
        survives(disturbed, calm).await;
    });
}
