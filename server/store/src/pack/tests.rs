use chrono::{DateTime, NaiveDate, TimeDelta};
use domain::calendar::{DayRange, Instant};
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::quantity::{Commodity, Direction, Unit};

use super::*;
use crate::Pool;
use crate::ingest::{
    NewChange, NewDay, NewDelivery, insert_changes, insert_days, register_states, stored_days, update_day,
};
use crate::meters::NewRegister;
use crate::usage::{ChangeKind, day_of_number};

crate::statements! {
    LOSE = "DELETE FROM usage_part WHERE kind = 'pack'";
}

/// The first day of a stretch.
const FIRST: i64 = 20_500;

fn now() -> Instant {
    "2026-05-01T12:00:00Z".parse().expect("an instant")
}

async fn registers(tx: &mut Tx<'_>, count: usize) -> Vec<RegisterId> {
    let mut out = Vec::new();
    for n in 0..count {
        let register = NewRegister {
            direction: Direction::Delivered,
            unit: Unit::KilowattHour,
            exponent: -3,
            interval_seconds: 3600,
            dial_digits: 6,
        };
        let number = format!("P{n}");
        let (_, ids) = crate::meters::insert(tx, &number, Commodity::Electricity, &[register]).await.expect("a meter");
        out.extend(ids);
    }
    out
}

async fn delivery(tx: &mut Tx<'_>, n: u8, at: Instant) -> DeliveryId {
    let name = format!("{n}.cmep");
    let new = NewDelivery {
        checksum: &[n; 32],
        name: &name,
        sender: "AMI",
        format: "cmep",
        zone: "America/Los_Angeles",
        arrived_at: at,
    };
    crate::ingest::insert_delivery(tx, &new).await.expect("a delivery")
}

fn day(register: RegisterId, number: i64, value: i64) -> NewDay {
    let start = DateTime::from_timestamp(number * 86_400 + 28_800, 0).expect("an instant");
    let mut block = DayBlock::empty(start, 3600, 24, -3);
    (0..24).for_each(|i| block.set(i, value + i64::try_from(i).expect("small"), Quality::Validated));
    NewDay { register, day: number, sum: block.sum(), block: block.encode() }
}

async fn pack_all(pool: &Pool, before: i64, window: i64) {
    let mut tx = pool.write().await.expect("a transaction");
    let due = stretches_due(&mut tx, before).await.expect("stretches");
    tx.commit().await.expect("committed");
    for stretch in due {
        let mut after = RegisterId(0);
        loop {
            let mut tx = pool.write().await.expect("a transaction");
            let step = shift_some(&mut tx, stretch, after, window).await.expect("a step");
            tx.commit().await.expect("committed");
            let Some(step) = step else { break };
            after = step.through;
        }
    }
}

fn all() -> DayRange {
    DayRange {
        from: NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day"),
        to: NaiveDate::from_ymd_opt(2030, 1, 1).expect("a day"),
    }
}

/// All that readers can see of registers.
async fn seen(tx: &mut Tx<'_>, registers: &[RegisterId]) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for r in registers {
        let days = crate::usage::days(tx, *r, all()).await.expect("days");
        let sums = crate::usage::sums(tx, *r, all()).await.expect("sums");
        let states = register_states(tx, &[*r]).await.expect("states");
        let was = crate::history::days_as_of(tx, *r, all(), now() + TimeDelta::hours(1)).await.expect("history");
        let segments = crate::history::segments(tx, *r, all()).await.expect("segments");
        let first = crate::usage::first_day(tx, *r).await.expect("a day");
        let latest = crate::usage::latest_day(tx, *r).await.expect("a day");
        let mut near = Vec::new();
        for n in FIRST - 3..FIRST + 45 {
            let on = day_of_number(n).expect("a day");
            near.push((
                crate::usage::first_day_from(tx, *r, on).await.expect("a day"),
                crate::usage::day_before(tx, *r, on).await.expect("a day"),
            ));
        }
        let part =
            DayRange { from: day_of_number(FIRST + 7).expect("a day"), to: day_of_number(FIRST + 23).expect("a day") };
        let batch = crate::batch::days(tx, &[(*r, part)], true).await.expect("days");
        let heads = crate::batch::days(tx, &[(*r, part)], false).await.expect("heads");
        let heads: Vec<_> = heads.get(r).into_iter().flatten().map(|d| d.head().expect("a head")).collect();
        let keys: Vec<_> = (FIRST - 1..FIRST + 41).map(|d| (*r, d)).collect();
        let mut stored = stored_days(tx, &keys).await.expect("days");
        stored.sort_by_key(|d| d.day);
        let due = crate::review::due(tx, RegisterId(r.0 - 1), *r, 0, chrono::DateTime::UNIX_EPOCH).await.expect("due");
        let due: Vec<_> = due.into_iter().map(|d| d.latest).collect();
        writeln!(
            out,
            "{days:?} {sums:?} {states:?} {was:?} {segments:?} {first:?} {latest:?} {near:?} {:?} {heads:?} {stored:?} {due:?}",
            batch.get(r)
        )
        .expect("text");
    }
    out
}

/// Fills four stretches of three registers, one with holes between its days, and changes some days.
async fn fill(pool: &Pool) -> Vec<RegisterId> {
    let mut tx = pool.write().await.expect("a transaction");
    let registers = registers(&mut tx, 3).await;
    for n in 0..40 {
        let of = delivery(&mut tx, u8::try_from(n).expect("small"), now() + TimeDelta::minutes(n)).await;
        let days: Vec<NewDay> = registers
            .iter()
            .filter(|r| **r != registers[1] || n % 7 < 3)
            .map(|r| day(*r, FIRST + n, r.0 * 100 + n))
            .collect();
        assert_eq!(insert_days(&mut tx, of, &days).await.expect("days"), days.len() as u64);
    }
    let of = delivery(&mut tx, 200, now() + TimeDelta::hours(2)).await;
    for n in [4, 15, 38] {
        correct(&mut tx, registers[0], FIRST + n, of).await;
    }
    tx.commit().await.expect("committed");
    registers
}

async fn correct(tx: &mut Tx<'_>, register: RegisterId, number: i64, delivery: DeliveryId) {
    let before = stored_days(tx, &[(register, number)]).await.expect("a day").pop().expect("it is there");
    let change = NewChange { before: &before, kind: ChangeKind::Corrected, at: now() + TimeDelta::hours(2), delivery };
    insert_changes(tx, &[change]).await.expect("kept");
    update_day(tx, &day(register, number, before.sum + 1), before.version + 1).await.expect("changed");
}

crate::both_engines! {
    async fn readers_see_the_same_before_and_after_packing(pool: Pool) {
        let registers = fill(&pool).await;
        let mut tx = pool.read().await.expect("a transaction");
        let before = seen(&mut tx, &registers).await;
        drop(tx);
        // Stretches that have not ended stay; then all of them go, one register at a time.
        for (through, window, open) in [(FIRST + 19, 1, Some(FIRST + 10)), (FIRST + 30, 100, Some(FIRST + 30)), (FIRST + 99, 2, None)] {
            pack_all(&pool, through, window).await;
            let mut tx = pool.read().await.expect("a transaction");
            assert_eq!(packed_through(&mut tx).await.expect("a day"), open);
            let after = seen(&mut tx, &registers).await;
            assert!(after == before, "{through}: {after}\n\n{before}");
        }
    }

    async fn packed_days_are_changed_and_joined_as_open_ones_are(pool: Pool) {
        let registers = fill(&pool).await;
        pack_all(&pool, FIRST + 99, 10).await;
        let mut tx = pool.write().await.expect("a transaction");
        let of = delivery(&mut tx, 201, now() + TimeDelta::hours(2)).await;
        correct(&mut tx, registers[0], FIRST + 7, of).await;
        let row = stored_days(&mut tx, &[(registers[0], FIRST + 7)]).await.expect("a day").pop().expect("there");
        assert_eq!(row.version, 1);
        // What is there is left as it is, though it is packed; a late day lies open beside its pack until the next packing.
        let late = day(registers[1], FIRST + 5, 7);
        let again = [day(registers[1], FIRST + 1, 1), late.clone()];
        assert_eq!(insert_days(&mut tx, of, &again).await.expect("days"), 1);
        tx.commit().await.expect("committed");
        let mut tx = pool.read().await.expect("a transaction");
        let before = seen(&mut tx, &registers).await;
        assert!(packed_through(&mut tx).await.expect("a day") == Some(FIRST + 5));
        drop(tx);
        pack_all(&pool, FIRST + 99, 10).await;
        let mut tx = pool.read().await.expect("a transaction");
        assert!(seen(&mut tx, &registers).await == before);
        let page = crate::proving::days_behind(&mut tx, RegisterId(0), 1000).await.expect("days").expect("a page");
        assert_eq!(page.faults, Vec::<String>::new());
        assert_eq!(page.packed, page.days.len() as u64);
        assert_eq!(crate::proving::lost(&mut tx).await.expect("counted"), 0);
        let mut tx = pool.write().await.expect("a transaction");
        crate::run!(&mut tx, LOSE, |sql, c| sqlx::query(sql).execute(c).await.map(|_| ())).expect("lost");
        assert!(crate::proving::lost(&mut tx).await.expect("counted") > 0, "no reader looks there any more");
        drop(tx);
        let mut tx = pool.write().await.expect("a transaction");
        let gone = day(registers[0], FIRST + 300, 7);
        assert!(update_day(&mut tx, &gone, 1).await.is_err(), "a day that is not there cannot change");
    }

    async fn packing_anew_and_giving_up_leave_the_rest_alone(pool: Pool) {
        let registers = fill(&pool).await;
        pack_all(&pool, FIRST + 30, 10).await;
        let mut tx = pool.read().await.expect("a transaction");
        let before = seen(&mut tx, &registers).await;
        drop(tx);
        let mut tx = pool.write().await.expect("a transaction");
        let mut after = (RegisterId(0), i64::MIN);
        let mut packs = 0;
        while let Some(step) = repack_some(&mut tx, after, 2).await.expect("a step") {
            (after, packs) = (step.through, packs + step.packs);
            assert_eq!(step.changed, 0, "they are packed as today's program does");
        }
        assert_eq!(packs, 9);
        tx.commit().await.expect("committed");
        let mut tx = pool.write().await.expect("a transaction");
        assert!(seen(&mut tx, &registers).await == before);
        assert_eq!(given_up(&mut tx).await.expect("a day"), None);
        drop_before(&mut tx, FIRST + 15, None, false).await.expect("noted");
        let gone = drop_before(&mut tx, FIRST + 15, Some((RegisterId(0), RegisterId(1_000_000))), true).await.expect("gone");
        assert_eq!((gone.packs, gone.changes), (3, 1));
        assert_eq!(given_up(&mut tx).await.expect("a day"), Some(FIRST + 10));
        let days = crate::usage::days(&mut tx, registers[0], all()).await.expect("days");
        assert_eq!((days.len(), crate::usage::day_number(days[0].day)), (30, FIRST + 10));
        tx.commit().await.expect("committed");
        let mut tx = pool.write().await.expect("a transaction");
        sweep(&mut tx).await.expect("swept");
        tx.commit().await.expect("committed");
        let mut tx = pool.read().await.expect("a transaction");
        assert_eq!(crate::usage::days(&mut tx, registers[0], all()).await.expect("days"), days);
    }
}
