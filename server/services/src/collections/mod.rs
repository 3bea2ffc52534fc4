//! What is asked of an account and what follows when it is not paid: late fees, notices, the clocks of shut-offs, holds,
//! arrangements, budget billing and deposits.

mod arrange;
mod budget;
mod credits;
mod deposits;
mod mails;
mod nightly;
mod staff;

pub(crate) use arrange::make as make_arrangement;
pub use arrange::{agree, put_back, show as arrangement};
pub(crate) use budget::{begin as begin_budget, end as end_budget};
pub use budget::{join, leave, show as budget};
pub(crate) use deposits::{release, take};
pub use nightly::Did;
pub(crate) use nightly::look;
pub use nightly::{run, run_for, schedule};
pub(crate) use staff::view as staff_view;
pub use staff::{StaffAct, StaffView, act};

use chrono::NaiveDate;
use contract::home::Attention;
use domain::calendar::{days_between, next_day};
use domain::ids::AccountId;
use domain::ledger::Balance;
use domain::ledger::aging::{Debt, open_debts};
use domain::ledger::asked::{Asked, Issued, Spread, Standing, asked};
use domain::ledger::collections::{Clock, Supply, business_day_from, clock, stops};
use domain::money::Cents;
use store::arrangements::{ArrangementRow, PlanRow};
use store::bills::{BillRow, Status};
use store::collections::{BillDebt, Fee, HoldRow, NoticeKind, NoticeRow};

use crate::{Fault, Work};

/// Everything that decides what is asked of an account, as of a day.
pub(crate) struct Position {
    /// The day.
    pub today: NaiveDate,
    /// All bills, newest first, replaced ones included.
    pub bills: Vec<BillRow>,
    /// What is owed.
    pub balance: Balance,
    /// Late fees that stand.
    pub fees: Vec<Fee>,
    /// The newest arrangement.
    pub arrangement: Option<(ArrangementRow, Spread)>,
    /// Stretches of budget billing.
    pub plans: Vec<PlanRow>,
    /// What is asked. [`domain::ledger::asked::What::Bill`] counts in [`Position::standing`].
    pub asked: Asked,
}

impl Position {
    /// Reads it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn load(work: &mut Work, account: AccountId, today: NaiveDate) -> Result<Self, Fault> {
        let bills = store::bills::list(&mut work.tx, account).await?;
        let balance = crate::ledger::balance(work, account).await?;
        let fees = store::collections::fees(&mut work.tx, account).await?;
        let arrangement = store::arrangements::latest(&mut work.tx, account).await?;
        let plans = store::arrangements::plans(&mut work.tx, account).await?;
        let mut out = Self { today, bills, balance, fees, arrangement, plans, asked: Asked::default() };
        out.asked = out.ask(out.in_force());
        Ok(out)
    }

    /// What is asked if this arrangement is in force.
    pub fn ask(&self, spread: Option<&Spread>) -> Asked {
        let fees: Vec<Issued> = self
            .fees
            .iter()
            .map(|f| Issued { through: f.debt.billed_on, due_on: f.debt.due_on, amount: f.debt.amount })
            .collect();
        let levels: Vec<_> = self.plans.iter().map(PlanRow::level).collect();
        asked(&self.issued(), &fees, spread, &levels, self.balance.total())
    }

    /// The bills that stand, oldest first.
    pub fn standing(&self) -> impl DoubleEndedIterator<Item = &BillRow> {
        self.bills.iter().rev().filter(|b| b.status == Status::Issued)
    }

    /// The bills that stand as what they ask, oldest first.
    pub fn issued(&self) -> Vec<Issued> {
        self.standing().map(|b| Issued { through: b.period_to, due_on: b.due_on, amount: b.total }).collect()
    }

    /// The arrangement in force.
    pub fn in_force(&self) -> Option<&Spread> {
        self.arrangement.as_ref().filter(|(a, _)| a.standing == Standing::Active).map(|(_, s)| s)
    }

    /// The stretch of budget billing that runs.
    pub fn level(&self) -> Option<&PlanRow> {
        self.plans.iter().find(|p| p.until.is_none())
    }

    /// What is past due of what is asked. Budget billing may ask for a month of somebody who has used less and is ahead: with
    /// credit, nobody is late.
    pub fn late(&self) -> Cents {
        if self.balance.total() > Cents::ZERO { self.asked.late(self.today) } else { Cents::ZERO }
    }

    /// The first due date that was missed.
    pub fn late_since(&self) -> Option<NaiveDate> {
        self.asked.due_on().filter(|on| *on < self.today)
    }
}

/// What bills and fees asked, by service.
pub(crate) async fn debts(work: &mut Work, account: AccountId) -> Result<Vec<Debt>, Fault> {
    let bills = store::collections::bill_debts(&mut work.tx, account).await?;
    let fees = store::collections::fees(&mut work.tx, account).await?;
    Ok(bills.iter().map(|b| b.debt).chain(fees.iter().map(|f| f.debt)).collect())
}

/// What is left of each debt by service, oldest first.
pub(crate) async fn open(work: &mut Work, account: AccountId, today: NaiveDate) -> Result<Vec<Debt>, Fault> {
    let balance = crate::ledger::balance(work, account).await?;
    Ok(open_of(work, account, &balance, today).await?.0)
}

/// What is left of each debt of a known balance, and what the bills asked.
pub(crate) async fn open_of(
    work: &mut Work,
    account: AccountId,
    balance: &Balance,
    today: NaiveDate,
) -> Result<(Vec<Debt>, Vec<BillDebt>), Fault> {
    let bills = store::collections::bill_debts(&mut work.tx, account).await?;
    let fees = store::collections::fees(&mut work.tx, account).await?;
    let debts: Vec<Debt> = bills.iter().map(|b| b.debt).chain(fees.iter().map(|f| f.debt)).collect();
    Ok((open_debts(&debts, balance, today), bills))
}

/// What is written about a supply.
const fn notice_of(supply: Supply) -> NoticeKind {
    match supply {
        Supply::Energy => NoticeKind::Energy,
        Supply::Water => NoticeKind::Water,
    }
}

/// A clock as it is told, to residents and employees alike: a day that has passed helps nobody, the next one on which it may happen
/// does.
fn told(clock: Clock, today: NaiveDate) -> Clock {
    Clock { not_before: clock.not_before.max(business_day_from(next_day(today))), ..clock }
}

/// The clocks that run. They stand still while nothing that is asked is late, and while an arrangement is in force: an instalment
/// that is a few days late breaks nothing yet.
fn clocks(work: &Work, position: &Position, open: &[Debt], notices: &[NoticeRow]) -> Vec<Clock> {
    if position.late() <= Cents::ZERO || position.in_force().is_some() {
        return Vec::new();
    }
    let today = position.today;
    let of = |supply: Supply| {
        let plain = clock(&work.settings.collections, supply, open, None, today)?;
        let sent = notices.iter().find(|n| n.kind == notice_of(supply) && n.debt_since == plain.since);
        clock(&work.settings.collections, supply, open, sent.map(|n| n.sent_on), today)
    };
    Supply::ALL.into_iter().filter_map(of).collect()
}

/// What has to be said about an account that does not pay, the worst first; and the hold, if there is one.
pub(crate) async fn attention(
    work: &mut Work,
    account: AccountId,
    today: NaiveDate,
) -> Result<(Position, Vec<Attention>), Fault> {
    let position = Position::load(work, account, today).await?;
    let mut out = Vec::new();
    let late = position.late();
    let hold: Option<HoldRow> = match late > Cents::ZERO {
        true => store::collections::hold(&mut work.tx, account, today).await?,
        false => None,
    };
    let broken = position.arrangement.as_ref().filter(|(a, _)| a.standing == Standing::Broken);
    if let (true, Some(since)) = (late > Cents::ZERO, position.late_since()) {
        if let Some(hold) = hold {
            out.push(Attention::Held { through: hold.through, amount: late });
        } else {
            let open = open_of(work, account, &position.balance, today).await?.0;
            let notices = store::collections::notices(&mut work.tx, account).await?;
            let clocks = clocks(work, &position, &open, &notices);
            let warned = !clocks.is_empty();
            out.extend(clocks.into_iter().map(|clock| Attention::ShutOff {
                clock: told(clock, today),
                stop: stops(clock.supply, &open, today).min(late),
            }));
            match broken {
                Some((a, _)) => out.push(Attention::Broken { amount: late, on: a.changed_on }),
                // A second box with another sum and the same links would only hide what stops the shut-off.
                None if warned => {}
                None => out.push(Attention::Overdue { amount: late, since }),
            }
        }
    } else if position.in_force().is_some()
        && let Some((_, due, open)) = position.asked.items.iter().find(|(_, _, open)| *open > Cents::ZERO)
        && days_between(today, due.on) <= 14
    {
        out.push(Attention::Instalment { amount: *open, on: due.on });
    }
    Ok((position, out))
}
