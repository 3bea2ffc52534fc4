//! Random lives of accounts: billed, paid, returned, corrected, late, arranged, levelled, scheduled, paid by autopay, moved, closed. After every step every
//! invariant of the books is checked, and at the end the whole database is.

use std::time::Instant as Stopwatch;

use chrono::NaiveDate;
use domain::access::AccountRole;
use domain::ids::{AccountId, PersonId};
use domain::money::Cents;
use serde::Serialize;
use store::Pool;
use store::accounts::NewAccount;
use store::people::{NewPerson, PersonKind};

use super::{files, per_second};
use crate::collections::Position;
use crate::{Cx, Fault, Principal, Work, check, use_case, zones};

mod later;
mod life;

use life::{Dice, Life};

use_case!(
    /// Lives a step of a random life.
    pub LIVE = "bench.live", Write, System
);

/// What was lived.
#[derive(Clone, Debug, Serialize)]
pub struct LivesFigures {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// Lives from the first bill to the last step.
    pub lives: u64,
    /// Steps of all lives, each followed by every check of its account.
    pub steps: u64,
    /// Entries in the books at the end.
    pub entries: i64,
    /// What happened in them and how often: journals by kind, arrangements, notices.
    pub happened: Vec<(String, i64)>,
    /// Seconds of all lives.
    pub seconds: f64,
    /// Lives a second.
    pub lives_per_second: f64,
    /// Seconds of the check of everything at the end.
    pub check_seconds: f64,
}

/// Steps of a life.
const STEPS: u32 = 24;
/// Lives in one transaction.
const CHUNK: u64 = 16;

fn surroundings(pool: &Pool) -> Cx {
    let mut cx = files::surroundings(pool);
    let mut settings = (*cx.settings).clone();
    settings.collections.late_fee_basis_points = 150;
    settings.collections.deposit_interest_basis_points = 100;
    settings.collections.deposit_sound_months = 2;
    cx.settings = std::sync::Arc::new(settings);
    cx
}

async fn person(cx: &Cx) -> Result<PersonId, Fault> {
    let mut work = cx.begin(&LIVE, &Principal::System).await?;
    let new =
        NewPerson { kind: PersonKind::Staff, given_name: "Bench", family_name: "Bench", email: None, phone: None };
    let now = work.now;
    let person = store::people::insert(&mut work.tx, &new, now).await?;
    work.commit().await?;
    Ok(person)
}

async fn open_account(
    work: &mut Work,
    person: PersonId,
    number: &str,
    opened_on: NaiveDate,
) -> Result<AccountId, Fault> {
    let new = NewAccount {
        number,
        name: "Bench",
        opened_on,
        cycle_day: 1,
        paperless: true,
        street: "1 Bench Street",
        city: "Alder Bay",
        postcode: "94999",
    };
    let account = store::accounts::insert(&mut work.tx, &new).await?;
    let since = opened_on.and_time(chrono::NaiveTime::MIN).and_utc();
    store::accounts::grant(&mut work.tx, account, person, AccountRole::Holder, since).await?;
    Ok(account)
}

/// Lives so many lives in an empty, migrated database, one after the other.
///
/// # Errors
/// If an invariant is broken, with the life and the step; or if the database fails.
pub async fn lives(pool: &Pool, lives: u64, seed: u64) -> Result<LivesFigures, Fault> {
    let cx = surroundings(pool);
    let person = person(&cx).await?;
    let zone = zones::stored(&cx.settings.zone)?;
    let (mut steps, mut done) = (0, 0);
    let watch = Stopwatch::now();
    while done < lives {
        let mut work = cx.begin(&LIVE, &Principal::System).await?;
        for of in done..(done + CHUNK).min(lives) {
            let number = format!("L{of}-0");
            let opened: NaiveDate = files::first_day();
            let account = open_account(&mut work, person, &number, opened).await?;
            let method = later::card(&mut work, person, account, &number).await?;
            let mut life = Life {
                dice: Dice::new(seed, of),
                person,
                account,
                number,
                today: opened,
                moved: Cents::ZERO,
                accounts: 1,
                method,
                on_its_way: Vec::new(),
                alone: true,
            };
            for step in 0..STEPS {
                let what = life.step(&mut work, &zone).await?;
                life.check(&mut work, true)
                    .await
                    .map_err(|e| Fault::Other(format!("life {of}, step {step}, {what}: {e}")))?;
                steps += 1;
            }
        }
        work.commit().await?;
        done = (done + CHUNK).min(lives);
    }
    let seconds = watch.elapsed().as_secs_f64();
    let watch = Stopwatch::now();
    let entries = clean(&cx).await?;
    let mut work = cx.begin(&LIVE, &Principal::System).await?;
    let happened = store::bench::happened(&mut work.tx).await?;
    Ok(LivesFigures {
        happened,
        engine: pool.engine(),
        lives,
        steps,
        entries,
        seconds,
        lives_per_second: per_second(lives, seconds),
        check_seconds: watch.elapsed().as_secs_f64(),
    })
}

/// Several hands live so many steps on each of a few accounts at the same time.
///
/// # Errors
/// If an invariant is broken; or if the database fails.
pub async fn crowd(pool: &Pool, accounts: u64, hands: u64, steps: u32, seed: u64) -> Result<(), Fault> {
    let cx = surroundings(pool);
    let person = person(&cx).await?;
    let opened: NaiveDate = files::first_day();
    for of in 0..accounts {
        let number = format!("C{of}");
        let mut work = cx.begin(&LIVE, &Principal::System).await?;
        let account = open_account(&mut work, person, &number, opened).await?;
        let method = later::card(&mut work, person, account, &number).await?;
        work.commit().await?;
        let mut at_work = tokio::task::JoinSet::new();
        for hand in 0..hands {
            let dice = Dice::new(seed, of * 1_000 + hand);
            let number = number.clone();
            let cx = cx.clone();
            at_work.spawn(async move {
                let zone = zones::stored(&cx.settings.zone)?;
                let mut life = Life {
                    dice,
                    person,
                    account,
                    number,
                    today: opened,
                    moved: Cents::ZERO,
                    accounts: 1,
                    method,
                    on_its_way: Vec::new(),
                    alone: false,
                };
                for step in 0..steps {
                    let mut work = cx.begin(&LIVE, &Principal::System).await?;
                    let what = life.step(&mut work, &zone).await?;
                    life.check(&mut work, false)
                        .await
                        .map_err(|e| Fault::Other(format!("account {of}, hand {hand}, step {step}, {what}: {e}")))?;
                    work.commit().await?;
                }
                Ok::<_, Fault>(life.moved)
            });
        }
        let mut moved = Cents::ZERO;
        while let Some(end) = at_work.join_next().await {
            moved += end.map_err(|e| Fault::Other(e.to_string()))??;
        }
        let mut work = cx.begin(&LIVE, &Principal::System).await?;
        let p = Position::load(&mut work, account, opened).await?;
        let fees: Cents = p.fees.iter().map(|f| f.debt.amount).sum();
        if p.balance.total() != moved + fees {
            return Err(Fault::Other(format!("account {of} owes {}, its hands moved {moved}", p.balance.total())));
        }
    }
    clean(&cx).await.map(|_| ())
}

/// Checks the whole database; how many entries it has.
async fn clean(cx: &Cx) -> Result<i64, Fault> {
    let found = check::ledger(cx, &Principal::System).await?;
    match found.faults.first() {
        Some(fault) => Err(Fault::Other(format!("the books are at fault: {fault}"))),
        None => Ok(found.counts.iter().find(|(n, _)| n == "entries").map_or(0, |(_, n)| *n)),
    }
}
