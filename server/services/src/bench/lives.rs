//! Random lives of accounts: billed, paid, returned, corrected, late, arranged, levelled, moved, closed. After every step every
//! invariant of the books is checked, and at the end the whole database is.

use std::time::Instant as Stopwatch;

use chrono::{Days, NaiveDate};
use domain::billing::{LineKind, posting};
use domain::calendar::{DayRange, Zone, add_months};
use domain::ids::{AccountId, PersonId};
use domain::ledger::asked::{MONTHS, What, level_amount, may_arrange};
use domain::ledger::{Balance, Book, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use domain::quantity::ServiceKind;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde_json::json;
use store::Pool;
use store::accounts::NewAccount;
use store::bills::NewBill;
use store::collections::HoldReason;
use store::import::AccountChange;
use store::people::{NewPerson, PersonKind};

use super::{files, per_second};
use crate::collections::{Position, begin_budget, end_budget, look, make_arrangement, open_of, take};
use crate::ledger::Posted;
use crate::{Cx, Fault, Principal, Work, check, payments, use_case, zones};

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

struct Dice(ChaCha8Rng);

impl Dice {
    fn new(seed: u64, of: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ of))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n.max(1)
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low).unwrap_or(1))).unwrap_or(0)
    }
}

/// One life, or one of several hands that write to the same account.
struct Life {
    dice: Dice,
    person: PersonId,
    account: AccountId,
    number: String,
    today: NaiveDate,
    /// What its steps moved, late fees left out: they are read from the books.
    moved: Cents,
    accounts: u32,
}

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

async fn open_account(work: &mut Work, number: &str, opened_on: NaiveDate) -> Result<AccountId, Fault> {
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
    Ok(store::accounts::insert(&mut work.tx, &new).await?)
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
            let account = open_account(&mut work, &number, opened).await?;
            let mut life = Life {
                dice: Dice::new(seed, of),
                person,
                account,
                number,
                today: opened,
                moved: Cents::ZERO,
                accounts: 1,
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
        let account = open_account(&mut work, &number, opened).await?;
        work.commit().await?;
        let mut at_work = tokio::task::JoinSet::new();
        for hand in 0..hands {
            let dice = Dice::new(seed, of * 1_000 + hand);
            let number = number.clone();
            let cx = cx.clone();
            at_work.spawn(async move {
                let zone = zones::stored(&cx.settings.zone)?;
                let mut life = Life { dice, person, account, number, today: opened, moved: Cents::ZERO, accounts: 1 };
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

impl Life {
    /// Does one thing, whatever the dice say; what it was.
    async fn step(&mut self, work: &mut Work, zone: &Zone) -> Result<&'static str, Fault> {
        crate::ledger::lock(work, self.account).await?;
        self.today = self.today + Days::new(self.dice.below(12));
        let p = Position::load(work, self.account, self.today).await?;
        let row = store::accounts::by_id(&mut work.tx, self.account).await?;
        let closed = row.and_then(|r| r.closed_on);
        let finished = closed.is_some_and(|c| p.standing().next_back().is_some_and(|b| b.period_to > c));
        let key = format!("{}k{:x}", self.number.replace('-', ""), self.dice.0.next_u64());
        Ok(match self.dice.below(40) {
            0..=10 if !finished => {
                self.bill(work, &p).await?;
                "bill"
            }
            11..=20 => {
                self.pay(work, zone, &p, &key).await?;
                "pay"
            }
            21 | 22 => {
                self.bounce(work).await?;
                "return"
            }
            23 | 24 => {
                self.correct(work, &p).await?;
                "correct"
            }
            25 | 26 => {
                let months =
                    u32::try_from(self.dice.between(i64::from(MONTHS.0), i64::from(MONTHS.1) + 1)).unwrap_or(2);
                if p.in_force().is_none() && p.level().is_none() && may_arrange(p.balance.total(), months).is_ok() {
                    make_arrangement(work, self.account, &p, (self.person, false), &months.to_string(), &key).await?;
                }
                "arrange"
            }
            27 | 28 => {
                let amounts: Vec<Cents> = p.standing().map(|b| b.total).collect();
                if p.level().is_some() {
                    end_budget(work, self.account, &p).await?;
                } else if let Some(monthly) = level_amount(&amounts)
                    .filter(|_| closed.is_none() && p.in_force().is_none() && p.late() <= Cents::ZERO)
                {
                    begin_budget(work, self.account, &p, monthly, Some(self.person), &key).await?;
                }
                "budget"
            }
            29 if closed.is_none() => {
                let amount = Cents(self.dice.between(1_000, 40_000));
                take(work, self.account, amount, self.today, Some(self.person), "bench", &key).await?;
                "deposit"
            }
            30 => {
                if let Some(fee) = p.fees.first()
                    && let Some(bill) = p.bills.iter().find(|b| Some(b.id) == fee.bill)
                {
                    crate::ledger::reverse(work, &format!("late_fee:{}", bill.number), self.today).await?;
                }
                "waive"
            }
            31 => {
                let through = self.today + Days::new(self.dice.below(40));
                let when = (self.today, through);
                store::collections::insert_hold(
                    &mut work.tx,
                    self.account,
                    HoldReason::Dispute,
                    "bench",
                    when,
                    self.person,
                )
                .await?;
                "hold"
            }
            32 if closed.is_none() && p.standing().next().is_some() => {
                self.close(work).await?;
                "close"
            }
            33 if finished && self.accounts < 4 && self.number.starts_with('L') => {
                // The resident lives on elsewhere, under another account.
                let number = format!("{}{}", self.number.trim_end_matches(char::is_numeric), self.accounts);
                self.account = open_account(work, &number, self.today).await?;
                self.number = number;
                self.accounts += 1;
                self.moved = Cents::ZERO;
                "move"
            }
            _ => {
                self.today = self.today + Days::new(self.dice.below(20));
                self.night(work).await?;
                "night"
            }
        })
    }

    /// The nightly look. What deposits it gave back is read from their own table.
    async fn night(&mut self, work: &mut Work) -> Result<(), Fault> {
        let released = |all: Vec<store::deposits::DepositRow>| -> Cents {
            all.iter().filter(|d| d.released_on.is_some()).map(|d| d.amount + d.interest).sum()
        };
        let before = released(store::deposits::of_account(&mut work.tx, self.account).await?);
        look(work, self.account, self.today, &mut crate::collections::Did::default()).await?;
        let after = released(store::deposits::of_account(&mut work.tx, self.account).await?);
        self.moved -= after - before;
        Ok(())
    }

    async fn bill(&mut self, work: &mut Work, p: &Position) -> Result<(), Fault> {
        let row = store::accounts::by_id(&mut work.tx, self.account).await?;
        let opened = row.map_or(self.today, |r| r.opened_on);
        let from = p.bills.iter().map(|b| b.period_to).max().unwrap_or(opened);
        let period = DayRange { from, to: add_months(from, 1) };
        let number = format!("{}-{:03}", self.number, p.bills.len() + 1);
        self.today = self.today.max(period.to + Days::new(2));
        self.issue(work, number, period, &p.balance).await
    }

    /// Issues a bill of random amounts, and uses credit up.
    async fn issue(&mut self, work: &mut Work, number: String, period: DayRange, held: &Balance) -> Result<(), Fault> {
        let mut lines = Vec::new();
        let mut entries = Vec::new();
        let mut balance = held.clone();
        for service in ServiceKind::ALL {
            if self.dice.below(4) == 0 && service != ServiceKind::Storm {
                continue;
            }
            let amount = Cents(self.dice.between(100, 12_000));
            let tax = Cents(self.dice.below(u64::try_from(amount.0 / 10).unwrap_or(1)) as i64);
            lines.push((service, LineKind::Usage, amount - tax, json!({}).into()));
            if tax > Cents::ZERO {
                lines.push((service, LineKind::Tax, tax, json!({}).into()));
            }
            entries.push(debit(Book::Receivable(service), amount));
            entries.push(credit(Book::Revenue(service), amount - tax));
            entries.push(credit(Book::TaxPayable, tax));
            match balance.owed.iter_mut().find(|(s, _)| *s == service) {
                Some((_, a)) => *a += amount,
                None => balance.owed.push((service, amount)),
            }
        }
        let total: Cents = lines.iter().map(|(_, _, a, _)| *a).sum();
        let made = |e| Fault::Other(format!("bill {number}: {e}"));
        let journal = Journal::new(self.account, JournalKind::Bill, self.today, entries).map_err(made)?;
        let mut journals = vec![(format!("bill:{number}"), journal)];
        if let Ok(used) = posting::apply_credit(self.account, self.today, &balance) {
            journals.push((format!("credit:{number}"), used));
        }
        let new = NewBill {
            number,
            account: self.account,
            period,
            issued_on: self.today,
            due_on: self.today + Days::new(crate::billing::run::DUE_AFTER),
            total,
            carried: held.total(),
            detail: json!({}).into(),
            lines,
            reads: Vec::new(),
            version: 1,
            replaces: None,
            journals,
        };
        store::bills::insert_all(&mut work.tx, &[new], work.now).await?;
        self.moved += total;
        Ok(())
    }

    async fn pay(&mut self, work: &mut Work, zone: &Zone, p: &Position, key: &str) -> Result<(), Fault> {
        let asked = p.asked.now(self.today);
        let amount = match self.dice.below(5) {
            0 => Cents(asked.0 / 2),
            1 => p.balance.total(),
            2 => Cents(asked.0 + self.dice.between(1, 60_000)),
            _ => asked,
        };
        if amount <= Cents::ZERO {
            return Ok(());
        }
        let noon = zone.start_of(self.today) + chrono::TimeDelta::hours(12);
        payments::record(work, self.account, amount, noon, "Bench", key).await?;
        self.moved -= amount;
        Ok(())
    }

    /// A payment comes back, perhaps for the second time.
    async fn bounce(&mut self, work: &mut Work) -> Result<(), Fault> {
        let paid = store::payments::of_account(&mut work.tx, self.account, 50).await?;
        let n = u64::try_from(paid.len()).unwrap_or(0);
        let Some(payment) = paid.get(usize::try_from(self.dice.below(n)).unwrap_or(0)) else { return Ok(()) };
        let key = format!("payment:{}:confirmed", payment.number);
        if let Posted::Now(_) = crate::ledger::reverse(work, &key, self.today).await? {
            self.moved += payment.amount;
        }
        Ok(())
    }

    /// The last bill was wrong: another one takes its place.
    async fn correct(&mut self, work: &mut Work, p: &Position) -> Result<(), Fault> {
        let Some(last) = p.standing().next_back() else { return Ok(()) };
        crate::ledger::reverse(work, &format!("bill:{}", last.number), self.today).await?;
        store::bench::replace_bill(&mut work.tx, last.id).await?;
        self.moved -= last.total;
        let held = crate::ledger::balance(work, self.account).await?;
        let period = DayRange { from: last.period_from, to: last.period_to };
        self.issue(work, format!("{}R", last.number), period, &held).await
    }

    async fn close(&mut self, work: &mut Work) -> Result<(), Fault> {
        let change = AccountChange {
            name: "Bench",
            closed_on: Some(self.today),
            cycle_day: 1,
            street: "1 Bench Street",
            city: "Alder Bay",
            postcode: "94999",
        };
        store::import::set_account(&mut work.tx, self.account, &change).await?;
        Ok(())
    }

    /// Everything that must hold of this account.
    async fn check(&mut self, work: &mut Work, alone: bool) -> Result<(), Fault> {
        let broken = |what: String| Err(Fault::Other(what));
        let sums = store::ledger::book_sums(&mut work.tx, self.account).await?;
        let all: Cents = sums.iter().map(|(_, a)| *a).sum();
        if all != Cents::ZERO {
            return broken(format!("debits less credits are {all}"));
        }
        let p = Position::load(work, self.account, self.today).await?;
        let total = p.balance.total();
        let fees: Cents = p.fees.iter().map(|f| f.debt.amount).sum();
        if alone && total != self.moved + fees {
            return broken(format!("{total} is owed, {} was moved, fees are {fees}", self.moved));
        }
        if let Some((service, amount)) = p.balance.owed.iter().find(|(_, a)| *a < Cents::ZERO) {
            return broken(format!("{amount} is owed for {}", service.slug()));
        }
        if p.balance.credit < Cents::ZERO {
            return broken(format!("the credit is {}", p.balance.credit));
        }
        if p.asked.total + p.asked.deferred != total {
            return broken(format!("{} is asked, {} put off, {total} owed", p.asked.total, p.asked.deferred));
        }
        let left: Cents = p.asked.items.iter().map(|(.., o)| *o).sum();
        if p.asked.items.iter().any(|(.., o)| *o < Cents::ZERO)
            || (!p.asked.items.is_empty() && left != p.asked.total.max(Cents::ZERO))
        {
            return broken(format!("{left} is left of {} asked", p.asked.total));
        }
        let (open, _) = open_of(work, self.account, &p.balance, self.today).await?;
        for (service, owed) in &p.balance.owed {
            let sum: Cents = open.iter().filter(|d| d.service == *service).map(|d| d.amount).sum();
            if sum != *owed {
                return broken(format!("debts for {} are {sum} of {owed}", service.slug()));
            }
        }
        if let Some((row, spread)) = &p.arrangement {
            let sum: Cents = spread.instalments.iter().map(|d| d.amount).sum();
            let shown = p.asked.items.iter().filter(|(w, ..)| matches!(w, What::Instalment(_))).count();
            if sum != row.total || (p.in_force().is_some() && shown != spread.instalments.len()) {
                return broken(format!("instalments are {sum} of {}", row.total));
            }
        }
        let held: Cents = store::deposits::of_account(&mut work.tx, self.account)
            .await?
            .iter()
            .filter(|d| d.released_on.is_none())
            .map(|d| d.amount)
            .sum();
        let booked: Cents = sums.iter().filter(|(b, _)| *b == Book::Deposits).map(|(_, a)| *a).sum();
        if held != -booked {
            return broken(format!("deposits are {held}, booked {}", -booked));
        }
        Ok(())
    }
}
