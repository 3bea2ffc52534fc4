//! One random life, step by step.

use chrono::{Days, NaiveDate};
use domain::billing::LineKind;
use domain::calendar::{DayRange, Zone, add_months};
use domain::ids::{AccountId, MethodId, PersonId};
use domain::ledger::asked::{MONTHS, What, level_amount, may_arrange};
use domain::ledger::{Balance, Book, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use domain::quantity::ServiceKind;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use store::bills::NewBill;
use store::collections::HoldReason;
use store::import::AccountChange;

use crate::collections::{Position, begin_budget, end_budget, look, make_arrangement, open_of, take};
use crate::ledger::Posted;
use crate::{Fault, Work, payments};

use super::open_account;

pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, of: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ of))
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n.max(1)
    }

    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low).unwrap_or(1))).unwrap_or(0)
    }
}

/// One life, or one of several hands that write to the same account.
pub(super) struct Life {
    pub(super) dice: Dice,
    pub(super) person: PersonId,
    pub(super) account: AccountId,
    pub(super) number: String,
    pub(super) today: NaiveDate,
    /// What its steps moved, late fees left out: they are read from the books.
    pub(super) moved: Cents,
    pub(super) accounts: u32,
    /// What payments without the person are taken with.
    pub(super) method: MethodId,
    /// Payments that the processor has and has not decided about.
    pub(super) on_its_way: Vec<(String, Cents)>,
    /// Whether nobody else writes to the account: then the clock goes with the days.
    pub(super) alone: bool,
}

impl Life {
    /// Does one thing, whatever the dice say; what it was.
    pub(super) async fn step(&mut self, work: &mut Work, zone: &Zone) -> Result<&'static str, Fault> {
        crate::ledger::lock(work, self.account).await?;
        self.today = self.today + Days::new(self.dice.below(12));
        if self.alone {
            work.now = zone.start_of(self.today) + chrono::TimeDelta::hours(12);
        }
        self.morning(work).await?;
        let p = Position::load(work, self.account, self.today).await?;
        let row = store::accounts::by_id(&mut work.tx, self.account).await?;
        let closed = row.and_then(|r| r.closed_on);
        let finished = closed.is_some_and(|c| p.standing().next_back().is_some_and(|b| b.period_to > c));
        let key = format!("{}k{:x}", self.number.replace('-', ""), self.dice.0.next_u64());
        Ok(match self.dice.below(44) {
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
                self.account = open_account(work, self.person, &number, self.today).await?;
                self.on_its_way.clear();
                self.number = number;
                self.accounts += 1;
                self.moved = Cents::ZERO;
                "move"
            }
            34 | 35 => {
                self.schedule(work, &key).await?;
                "schedule"
            }
            36 if closed.is_none() => {
                self.autopay(work, &key).await?;
                "autopay"
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
        }
        let total: Cents = lines.iter().map(|(_, _, a, _)| *a).sum();
        let made = |e| Fault::Other(format!("bill {number}: {e}"));
        let journal = Journal::new(self.account, JournalKind::Bill, self.today, entries).map_err(made)?;
        let new = NewBill {
            number: number.clone(),
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
            journals: vec![(format!("bill:{number}"), journal)],
        };
        store::bills::insert_all(&mut work.tx, &[new], work.now).await?;
        self.moved += total;
        crate::ledger::use_credit(work, self.account, self.today, &format!("credit:{number}"), None).await
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
        let mut paid = store::payments::of_account(&mut work.tx, self.account, 50).await?;
        // What the processor has not taken yet, or declined, is not in the books.
        paid.retain(|p| p.posted_at.is_some());
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
        crate::ledger::undo(work, &format!("bill:{}", last.number), self.today).await?;
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
    pub(super) async fn check(&mut self, work: &mut Work, alone: bool) -> Result<(), Fault> {
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
        let owed: Cents = p.balance.owed.iter().map(|(_, a)| *a).sum();
        if p.balance.credit > Cents::ZERO && owed > Cents::ZERO {
            return broken(format!("{} is held while {owed} is owed", p.balance.credit));
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
