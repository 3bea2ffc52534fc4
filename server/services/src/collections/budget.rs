//! Budget billing: each bill asks the same, and once a year the difference is settled. The books stay as they are.

use chrono::Days;
use contract::AppError;
use contract::collections::{BudgetView, Levelled, NoBudget};
use domain::calendar::DayRange;
use domain::ids::{AccountId, PersonId};
use domain::ledger::asked::{BUDGET_BILLS, level_amount};
use domain::money::Cents;
use serde_json::json;

use super::Position;
use crate::accounts::{OpenedAccount, open, open_page};
use crate::billing::run::DUE_AFTER;
use crate::payments::random_code;
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Shows budget billing, or what it would ask.
    pub SHOW = "budget.show", Read, Resident
);
use_case!(
    /// Joins budget billing.
    pub JOIN = "budget.join", Write, Resident
);
use_case!(
    /// Leaves budget billing.
    pub LEAVE = "budget.leave", Write, Resident
);

fn recent(p: &Position) -> Vec<Cents> {
    let all: Vec<Cents> = p.standing().map(|b| b.total).collect();
    all[all.len().saturating_sub(BUDGET_BILLS)..].to_vec()
}

/// What each bill would ask, or why it is not offered.
fn offer(account: &OpenedAccount, p: &Position) -> Result<Cents, NoBudget> {
    if account.row.closed_on.is_some() {
        return Err(NoBudget::Closed);
    }
    if p.in_force().is_some() {
        return Err(NoBudget::Arrangement);
    }
    if p.late() > Cents::ZERO {
        return Err(NoBudget::PastDue);
    }
    level_amount(&recent(p)).ok_or(NoBudget::TooFewBills)
}

/// Budget billing as it runs, or what it would ask.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn show(cx: &Cx, who: &Principal, number: &str) -> Result<BudgetView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open_page(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let p = Position::load(&mut work, account.id, today).await?;
    let plan = p.level().copied();
    let mut rows = Vec::new();
    let mut running = Cents::ZERO;
    if let Some(plan) = plan {
        for b in p.standing().filter(|b| plan.level().covers(b.period_to)) {
            running += b.total - plan.monthly;
            let period = DayRange { from: b.period_from, to: b.period_to };
            rows.push(Levelled { period, actual: b.total, asked: plan.monthly, running });
        }
    }
    let recent = recent(&p);
    let offer = offer(&account, &p);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(BudgetView {
        monthly: plan.map(|p| p.monthly),
        offer: offer.ok().filter(|_| plan.is_none()),
        bills: count(recent.len()),
        spread: recent.iter().min().copied().zip(recent.iter().max().copied()),
        not_offered: offer.err().filter(|_| plan.is_none()),
        bills_left: count(BUDGET_BILLS.saturating_sub(rows.len())),
        rows,
        difference: running,
        form_key: random_code(&cx.entropy),
        account: account.head,
    })
}

/// Joins budget billing from the next bill on, at the amount that was shown.
///
/// # Errors
/// `Changed` where it is not offered, or at another amount by now; `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure
/// of the database.
pub async fn join(cx: &Cx, who: &Principal, number: &str, monthly: &str, key: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&JOIN, who).await?;
    let account = open(&mut work, number).await?;
    let key = form_key(key)?;
    let zone = zones::stored(&account.zone)?;
    crate::ledger::lock(&mut work, account.id).await?;
    let today = zone.day_of(work.now);
    let p = Position::load(&mut work, account.id, today).await?;
    if p.level().is_some() {
        return Ok(());
    }
    let amount = offer(&account, &p).map_err(|_| AppError::Changed)?;
    if Cents::parse(monthly) != Ok(amount) {
        return Err(AppError::Changed.into());
    }
    begin(&mut work, account.id, &p, amount, who.resident(), key).await?;
    work.commit().await
}

/// Begins it after the last bill.
pub(crate) async fn begin(
    work: &mut Work,
    account: AccountId,
    p: &Position,
    monthly: Cents,
    by: Option<PersonId>,
    key: &str,
) -> Result<(), Fault> {
    let since = p.standing().next_back().map_or(p.today, |b| b.period_to);
    store::arrangements::insert_plan(&mut work.tx, account, since, monthly, by, key).await?;
    work.audit(Some(account), &json!({ "monthly": monthly, "since": since })).await
}

/// Leaves budget billing: the next bill asks what it comes to, and the difference is due as a bill of today would be.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn leave(cx: &Cx, who: &Principal, number: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&LEAVE, who).await?;
    let account = open(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    crate::ledger::lock(&mut work, account.id).await?;
    let today = zone.day_of(work.now);
    let p = Position::load(&mut work, account.id, today).await?;
    end(&mut work, account.id, &p).await?;
    work.commit().await
}

/// Ends it after the last bill.
pub(crate) async fn end(work: &mut Work, account: AccountId, p: &Position) -> Result<(), Fault> {
    let Some(plan) = p.level().copied() else { return Ok(()) };
    let until = p.standing().next_back().map_or(plan.since, |b| b.period_to.max(plan.since));
    store::arrangements::end_plan(&mut work.tx, plan.id, until, p.today + Days::new(DUE_AFTER)).await?;
    work.audit(Some(account), &json!({ "left": until, "difference": p.asked.deferred })).await
}
