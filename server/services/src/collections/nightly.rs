//! The nightly look at every account that owes or has something running. Each account is one transaction and each step of it
//! is posted or noted once, so a night that was cut short, or run twice, does no harm.

use chrono::{Days, NaiveDate};
use domain::calendar::days_between;
use domain::ids::AccountId;
use domain::ledger::asked::{BUDGET_BILLS, Standing, What, level_amount, standing};
use domain::ledger::collections::{late_fee, stops};
use domain::ledger::{Journal, JournalKind};
use domain::money::{Cents, largest_remainder};
use domain::quantity::ServiceKind;
use serde::Serialize;
use serde_json::json;
use store::collections::{NoticeKind, NoticeRow};
use store::deposits::Outcome;
use store::work::JobRow;

use super::{Position, clocks, mails, notice_of, open_of};
use crate::jobs::Next;
use crate::ledger::Posted;
use crate::{Cx, Fault, Principal, Work, billing, job, use_case, zones};

use_case!(
    /// Finds accounts to look at.
    pub FIND = "collections.find", Read, System
);
use_case!(
    /// Charges late fees, sends notices, ends arrangements and budget years, gives deposits back.
    pub NIGHTLY = "collections.nightly", Write, System
);

job!("collections.nightly", nightly, for_ever);

/// Days after the grace in which a late fee is still charged: an old debt gets none when fees are brought in.
const FEE_WITHIN: i64 = 30;
/// Days before an instalment is due on which a mail says so, as for a bill.
const REMIND_BEFORE: i64 = 3;
/// Accounts asked for at a time.
const CHUNK: i64 = 500;

/// Queues the nightly look, once for the life of the database: it queues itself for the next night.
///
/// # Errors
/// If the database fails.
pub async fn schedule(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&NIGHTLY, &Principal::System).await?;
    let zone = zones::stored(&cx.settings.zone)?;
    let at = billing::nightly::next_run(&zone, work.now, HOUR);
    work.enqueue("collections.nightly", "collections.nightly", at, &()).await?;
    work.commit().await
}

/// After the bill run of the same night.
const HOUR: u32 = 6;

async fn nightly(cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
    let zone = zones::stored(&cx.settings.zone)?;
    let now = cx.clock.now();
    let did = run(cx, zone.day_of(now)).await?;
    tracing::info!(?did, "collections");
    Ok(Next::Again(billing::nightly::next_run(&zone, now, HOUR)))
}

/// What a look did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Did {
    /// Late fees charged.
    pub fees: u32,
    /// Reminders written.
    pub reminders: u32,
    /// Final notices written.
    pub final_notices: u32,
    /// Arrangements that were broken.
    pub broken: u32,
    /// Arrangements that were kept to the end.
    pub kept: u32,
    /// Years of budget billing that were settled.
    pub settled: u32,
    /// Deposits given back.
    pub deposits: u32,
}

/// Looks at every account that there may be something to do about.
///
/// # Errors
/// If the database fails; what was done for the accounts before stays.
pub async fn run(cx: &Cx, today: NaiveDate) -> Result<Did, Fault> {
    let mut did = Did::default();
    let mut after = AccountId(0);
    loop {
        let mut work = cx.begin(&FIND, &Principal::System).await?;
        let chunk = store::collections::to_look_at(&mut work.tx, after, CHUNK).await?;
        drop(work);
        let Some(last) = chunk.last() else { return Ok(did) };
        after = *last;
        for account in chunk {
            let mut work = cx.begin(&NIGHTLY, &Principal::System).await?;
            look(&mut work, account, today, &mut did).await?;
            work.commit().await?;
        }
    }
}

/// Looks at some accounts only.
///
/// # Errors
/// If the database fails; what was done for the accounts before stays.
pub async fn run_for(cx: &Cx, accounts: &[AccountId], today: NaiveDate) -> Result<Did, Fault> {
    let mut did = Did::default();
    let mut work = cx.begin(&NIGHTLY, &Principal::System).await?;
    for account in accounts {
        look(&mut work, *account, today, &mut did).await?;
    }
    work.commit().await?;
    Ok(did)
}

/// Looks at one account.
pub(crate) async fn look(work: &mut Work, account: AccountId, today: NaiveDate, did: &mut Did) -> Result<(), Fault> {
    crate::ledger::lock(work, account).await?;
    let mut position = Position::load(work, account, today).await?;
    if judge_arrangement(work, account, &position, did).await? {
        position = Position::load(work, account, today).await?;
    }
    let closed = match store::accounts::by_id(&mut work.tx, account).await? {
        Some(row) => row.closed_on,
        None => return Ok(()),
    };
    // The account is closed and its last bill is out.
    let done = closed.is_some_and(|c| position.standing().next_back().is_some_and(|b| b.period_to > c));
    if settle_budget(work, account, &position, done, did).await? {
        position = Position::load(work, account, today).await?;
    }
    // What a deposit has paid is no longer late.
    if give_deposits_back(work, account, &position, done, did).await? {
        position = Position::load(work, account, today).await?;
    }
    remind_of_instalment(work, account, &position).await?;
    if position.late() <= Cents::ZERO || store::collections::hold(&mut work.tx, account, today).await?.is_some() {
        return Ok(());
    }
    charge(work, account, &position, did).await?;
    write(work, account, today, did).await
}

/// Notes that an arrangement was kept or broken; whether it was.
async fn judge_arrangement(
    work: &mut Work,
    account: AccountId,
    position: &Position,
    did: &mut Did,
) -> Result<bool, Fault> {
    let (Some((row, _)), Some(_)) = (&position.arrangement, position.in_force()) else { return Ok(false) };
    let grace = work.settings.collections.arrangement_grace_days;
    let now = standing(&position.asked, grace, position.today);
    if now == Standing::Active {
        return Ok(false);
    }
    store::arrangements::set_standing(&mut work.tx, row.id, now, row.reinstated, position.today).await?;
    work.audit(Some(account), &json!({ "arrangement": row.id, "standing": now })).await?;
    if now == Standing::Broken {
        did.broken += 1;
        mails::broken(work, account, row.id, position.balance.total()).await?;
    } else {
        did.kept += 1;
    }
    Ok(true)
}

/// Settles a year of budget billing and begins the next one; or ends it with the account.
async fn settle_budget(
    work: &mut Work,
    account: AccountId,
    position: &Position,
    done: bool,
    did: &mut Did,
) -> Result<bool, Fault> {
    let Some(plan) = position.level() else { return Ok(false) };
    let level = plan.level();
    let covered: Vec<_> = position.standing().filter(|b| level.covers(b.period_to)).collect();
    let last = if done { covered.last() } else { covered.get(BUDGET_BILLS - 1) };
    let Some(last) = last else { return Ok(false) };
    store::arrangements::end_plan(&mut work.tx, plan.id, last.period_to, last.due_on).await?;
    did.settled += 1;
    let amounts: Vec<Cents> = position.standing().map(|b| b.total).collect();
    let next = level_amount(&amounts).filter(|_| !done);
    if let Some(monthly) = next {
        let key = format!("year{}", plan.id.0);
        store::arrangements::insert_plan(&mut work.tx, account, last.period_to, monthly, None, &key).await?;
    }
    let difference =
        level.difference(&position.issued().into_iter().filter(|b| b.through <= last.period_to).collect::<Vec<_>>());
    work.audit(Some(account), &json!({ "settled": difference, "next": next })).await?;
    mails::budget_settled(work, account, plan.id, difference, next, last.due_on).await?;
    Ok(true)
}

/// Says that an instalment is due soon, with what is left of it; once for each.
async fn remind_of_instalment(work: &mut Work, account: AccountId, position: &Position) -> Result<(), Fault> {
    let (Some((row, _)), Some(_)) = (&position.arrangement, position.in_force()) else { return Ok(()) };
    for (what, due, open) in &position.asked.items {
        let soon = (0..=REMIND_BEFORE).contains(&days_between(position.today, due.on));
        if matches!(what, What::Instalment(_)) && soon && *open > Cents::ZERO {
            mails::instalment(work, account, row.id, due.on, *open).await?;
        }
    }
    Ok(())
}

/// Gives deposits back to a closed account and to one that has paid well for long; whether any was.
async fn give_deposits_back(
    work: &mut Work,
    account: AccountId,
    position: &Position,
    done: bool,
    did: &mut Did,
) -> Result<bool, Fault> {
    let held: Vec<_> = store::deposits::of_account(&mut work.tx, account)
        .await?
        .into_iter()
        .filter(|d| d.released_on.is_none())
        .collect();
    if held.is_empty() {
        return Ok(false);
    }
    let before = did.deposits;
    let months = i32::try_from(work.settings.collections.deposit_sound_months).unwrap_or(i32::MAX);
    let since = domain::calendar::add_months(position.today, -months);
    let notices = store::collections::notices(&mut work.tx, account).await?;
    let sound = position.late() <= Cents::ZERO && notices.iter().all(|n| n.sent_on <= since);
    for deposit in held {
        let outcome = match (done, sound && deposit.taken_on <= since) {
            (true, _) => Outcome::Closed,
            (_, true) => Outcome::Sound,
            _ => continue,
        };
        if super::release(work, account, &deposit, outcome, position.today).await? {
            did.deposits += 1;
        }
    }
    Ok(did.deposits > before)
}

/// Charges a late fee on each bill that is late for longer than the grace; once for each bill, waived or not.
async fn charge(work: &mut Work, account: AccountId, position: &Position, did: &mut Did) -> Result<(), Fault> {
    let figures = work.settings.collections;
    if figures.late_fee_basis_points == 0 {
        return Ok(());
    }
    let today = position.today;
    let bills: Vec<_> = position.standing().collect();
    let (debts, of_bills) = open_of(work, account, &position.balance, today).await?;
    for (what, due, open) in &position.asked.items {
        let What::Bill(i) = what else { continue };
        let Some(bill) = bills.get(*i) else { continue };
        let over = days_between(due.on, today) - i64::from(figures.late_fee_grace_days);
        if *open <= Cents::ZERO || over <= 0 || over > FEE_WITHIN {
            continue;
        }
        // What is late of this bill, over its services as far as they are still owed for.
        let owed = |service: ServiceKind| {
            debts
                .iter()
                .filter(|d| d.service == service && d.due_on == due.on)
                .map(|d| i128::from(d.amount.0))
                .sum::<i128>()
        };
        let services: Vec<ServiceKind> =
            of_bills.iter().filter(|d| d.bill == bill.id).map(|d| d.debt.service).collect();
        let mut weights: Vec<i128> = services.iter().map(|s| owed(*s)).collect();
        if weights.iter().all(|w| *w == 0) {
            weights =
                of_bills.iter().filter(|d| d.bill == bill.id).map(|d| i128::from(d.debt.amount.0.max(0))).collect();
        }
        let late: Vec<_> = services.into_iter().zip(largest_remainder(*open, &weights)).collect();
        let Ok(journal) = Journal::new(account, JournalKind::LateFee, today, late_fee(&figures, &late)) else {
            continue;
        };
        if let Posted::Now(_) = crate::ledger::post(work, &journal, &fee_key(&bill.number), Some(bill.id)).await? {
            did.fees += 1;
            work.audit(Some(account), &json!({ "bill": bill.number, "late_fee": journal.owed() })).await?;
        }
    }
    Ok(())
}

/// The event under which the late fee of a bill is posted.
pub(super) fn fee_key(bill: &str) -> String {
    format!("late_fee:{bill}")
}

/// Writes the reminder and the final notices whose day has come.
async fn write(work: &mut Work, account: AccountId, today: NaiveDate, did: &mut Did) -> Result<(), Fault> {
    // A late fee that was just charged is part of it.
    let position = Position::load(work, account, today).await?;
    let Some(since) = position.late_since() else { return Ok(()) };
    let remind = since + Days::new(u64::from(work.settings.collections.reminder_days));
    let late = position.late();
    if today >= remind {
        let row =
            NoticeRow { kind: NoticeKind::Reminder, debt_since: since, amount: late, sent_on: today, not_before: None };
        if store::collections::insert_notice(&mut work.tx, account, &row).await? {
            did.reminders += 1;
            mails::reminder(work, account, since, late, position.in_force().is_some()).await?;
        }
    }
    let open = open_of(work, account, &position.balance, today).await?.0;
    let notices = store::collections::notices(&mut work.tx, account).await?;
    for clock in clocks(work, &position, &open, &notices) {
        if clock.noticed || today < clock.notice_on {
            continue;
        }
        let row = NoticeRow {
            kind: notice_of(clock.supply),
            debt_since: clock.since,
            amount: clock.amount,
            sent_on: today,
            not_before: Some(clock.not_before),
        };
        if store::collections::insert_notice(&mut work.tx, account, &row).await? {
            did.final_notices += 1;
            work.audit(Some(account), &json!({ "final_notice": clock })).await?;
            let stop = stops(clock.supply, &open, today).min(late);
            mails::final_notice(work, account, &clock, stop).await?;
        }
    }
    Ok(())
}
