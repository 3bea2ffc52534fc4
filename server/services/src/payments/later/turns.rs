//! What autopay will take, planned as soon as a bill or an instalment is known: how much at most, when, and whether it asks first.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use contract::AppError;
use domain::calendar::{DayRange, days_between};
use domain::ids::AccountId;
use domain::ledger::asked::What;
use domain::money::Cents;
use domain::payment::autopay::usual;
use domain::payment::planned::{Plan, State, Why};
use serde_json::json;
use store::autopay::AutopayRow;
use store::bills::BillRow;
use store::planned::NewPlanned;

use super::{end_autopay, mails, owed_by};
use crate::collections::Position;
use crate::payments::methods;
use crate::{Fault, Work, billing};

/// Due dates that are further away are planned later; an arrangement's last instalment may be in a year and a half.
const AHEAD_DAYS: i64 = 45;

/// What had been expected of a bill: what was forecast when it could first be told, or what is usual where nothing could be.
async fn expected(
    work: &mut Work,
    account: AccountId,
    position: &Position,
    bill: &BillRow,
) -> Result<Option<Cents>, Fault> {
    let period = DayRange { from: bill.period_from, to: bill.period_to };
    if let Some(told) = billing::forecast::first_told(work, account, period).await? {
        return Ok(Some(told));
    }
    let before: Vec<Cents> =
        position.standing().rev().filter(|b| b.period_to <= bill.period_from).map(|b| b.total).collect();
    Ok(usual(&before))
}

/// Plans what autopay of an account takes next, or ends it where it may not run any more. Run again, it adds only what is new, and
/// ends what is not asked for by its day any more. Lock the account first.
///
/// # Errors
/// If the database fails.
pub(crate) async fn plan(work: &mut Work, account: AccountId, today: NaiveDate) -> Result<(), Fault> {
    let Some(autopay) = store::autopay::active(&mut work.tx, account).await? else { return Ok(()) };
    let row = store::accounts::by_id(&mut work.tx, account).await?;
    if row.and_then(|r| r.closed_on).is_some_and(|c| c <= today) {
        return end_autopay(work, autopay.id, Why::Closed).await;
    }
    if !methods::has_role(work, account, autopay.person_id).await? {
        return end_autopay(work, autopay.id, Why::NoRole).await;
    }
    let position = Position::load(work, account, today).await?;
    for row in store::planned::open(&mut work.tx, account).await? {
        let asked = |on: NaiveDate| position.asked.items.iter().any(|(_, due, _)| due.on == on);
        // Its bill was replaced by one with another due date, or spread by an arrangement: what is asked by other days now is
        // planned for those, and nobody shall be told any more that this will be taken.
        let is_over = row.autopay_id == Some(autopay.id) && row.due_on.is_some_and(|on| !asked(on));
        if is_over && row.state.is_changeable() {
            let (now, plan) = (work.now, Plan { state: State::Covered, ..row.plan() });
            if !store::planned::set_plan(&mut work.tx, (row.id, row.state), &plan, row.why, now).await? {
                return Err(AppError::Changed.into());
            }
            work.audit(Some(account), &json!({ "planned": row.id, "state": plan.state })).await?;
        }
    }
    let dues: BTreeSet<NaiveDate> = position
        .asked
        .items
        .iter()
        .filter(|(what, _, open)| *open > Cents::ZERO && !matches!(what, What::Fee(_)))
        .map(|(_, due, _)| due.on)
        .filter(|on| autopay.after_due.is_none_or(|after| *on > after) && days_between(today, *on) <= AHEAD_DAYS)
        .collect();
    for due_on in dues {
        turn(work, &autopay, &position, due_on).await?;
    }
    Ok(())
}

/// What autopay will take anyway of what is due by a day: what it has planned for due dates up to then, and of that no more than
/// is still asked for by them.
async fn planned_before(
    work: &mut Work,
    autopay: &AutopayRow,
    position: &Position,
    due_on: NaiveDate,
) -> Result<Cents, Fault> {
    let mut plans: Vec<(NaiveDate, Cents)> = store::planned::open(&mut work.tx, autopay.account_id)
        .await?
        .iter()
        .filter(|p| p.autopay_id == Some(autopay.id) && p.state.is_changeable())
        .filter_map(|p| Some((p.due_on.filter(|on| *on <= due_on)?, p.amount)))
        .collect();
    plans.sort_unstable();
    let mut sum = Cents::ZERO;
    for (on, amount) in plans {
        let asked = owed_by(work, autopay, position, on).await?;
        sum = (sum + amount).min(asked.max(sum));
    }
    Ok(sum)
}

/// Plans what is due by one day.
async fn turn(work: &mut Work, autopay: &AutopayRow, position: &Position, due_on: NaiveDate) -> Result<(), Fault> {
    if store::planned::of_due(&mut work.tx, autopay.id, due_on).await?.is_some() {
        return Ok(());
    }
    let account = autopay.account_id;
    let before = planned_before(work, autopay, position, due_on).await?;
    let amount = owed_by(work, autopay, position, due_on).await? - before;
    if amount <= Cents::ZERO {
        return Ok(());
    }
    let terms = autopay.terms();
    let bill = position.standing().rev().find(|b| b.due_on == due_on);
    let expected = match bill.filter(|_| terms.brake_percent.is_some()) {
        Some(bill) => expected(work, account, position, bill).await?,
        None => None,
    };
    let asks = terms.asks(amount, bill.map(|b| b.total), expected);
    let new = NewPlanned {
        account,
        person: autopay.person_id,
        method: autopay.method_id,
        autopay: Some(autopay.id),
        bill: bill.map(|b| b.id),
        due_on: Some(due_on),
        take_on: terms.take_on(due_on, position.today),
        amount,
        expected,
        asks,
        form_key: &format!("A{}D{}", autopay.id.0, due_on.format("%Y%m%d")),
        at: work.now,
    };
    let Some(id) = store::planned::insert(&mut work.tx, &new).await? else { return Ok(()) };
    let done = json!({ "planned": id, "amount": amount, "on": new.take_on, "asks": asks });
    work.audit(Some(account), &done).await?;
    if asks.is_some() {
        mails::asks(work, id).await?;
    }
    Ok(())
}

/// Asks about what is planned and was not answered for, where the terms as they are now ask. Lock the account first.
///
/// # Errors
/// If the database fails.
pub(super) async fn ask_anew(work: &mut Work, account: AccountId, today: NaiveDate) -> Result<(), Fault> {
    let Some(autopay) = store::autopay::active(&mut work.tx, account).await? else { return Ok(()) };
    let terms = autopay.terms();
    let position = Position::load(work, account, today).await?;
    for row in store::planned::open(&mut work.tx, account).await? {
        if row.autopay_id != Some(autopay.id) || row.state != State::Waiting || row.answered_at.is_some() {
            continue;
        }
        let bill = position.standing().find(|b| Some(b.id) == row.bill_id);
        // Where there was no brake when it was planned, nothing was looked up.
        let expected = match (row.expected, bill.filter(|_| terms.brake_percent.is_some())) {
            (None, Some(bill)) => expected(work, account, &position, bill).await?,
            (told, _) => told,
        };
        if let Some(why) = terms.asks(row.amount, bill.map(|b| b.total), expected) {
            let now = work.now;
            store::planned::ask_above(&mut work.tx, row.id, why, expected, now).await?;
            work.audit(Some(account), &json!({ "planned": row.id, "asks": why })).await?;
            mails::asks(work, row.id).await?;
        }
    }
    Ok(())
}

/// What will happen by itself to what is owed, as mails about a bill say it: the first open one that is autopay's or scheduled.
pub(crate) async fn ahead(work: &mut Work, account: AccountId) -> Result<Option<String>, Fault> {
    let open = store::planned::open(&mut work.tx, account).await?;
    let by_itself = |s: State| matches!(s, State::Waiting | State::Asking | State::Retrying | State::Taking);
    match open.iter().find(|p| by_itself(p.state) && p.autopay_id.is_some()).or_else(|| open.first()) {
        Some(row) => mails::ahead(work, row).await.map(Some),
        None => Ok(None),
    }
}
