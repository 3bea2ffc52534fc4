//! What is written to customers who owe. Final notices are also to be mailed on paper: the staff's page of the account says so.

use chrono::NaiveDate;
use domain::ids::{AccountId, ArrangementId, BudgetPlanId, DepositId};
use domain::ledger::collections::{Clock, Supply};
use domain::money::Cents;
use locales::{Lang, collections as words, format};

use crate::notices::{address, send};
use crate::{Fault, Work};

/// The pages that mails lead to.
fn link(work: &Work, number: &str, page: &str) -> String {
    format!("{}/a/{number}/{page}", work.settings.portal_origin)
}

/// That a bill or an instalment is late.
pub(super) async fn reminder(
    work: &mut Work,
    account: AccountId,
    since: NaiveDate,
    late: Cents,
    arranged: bool,
) -> Result<(), Fault> {
    let Some(to) = address(work, account).await? else { return Ok(()) };
    let l = Lang::En;
    let (phone, utility) = (work.settings.utility_phone.clone(), work.settings.utility_name.clone());
    let number = to.account.number.clone();
    let (pay, plan) = (link(work, &number, "pay"), link(work, &number, "arrangement"));
    let day = format::day(l, since);
    let more = if arranged { words::mail_reminder_arranged(l, &plan) } else { words::mail_reminder_spread(l, &plan) };
    send(work, &to, &format!("reminder:{number}:{since}"), |p| {
        let body =
            words::mail_reminder_body(l, &number, late, &day, &more, &p.given_name, &pay, &phone, &to.street, &utility);
        (words::mail_reminder_subject(l, late, &day), body)
    })
    .await
}

const fn slug(supply: Supply) -> &'static str {
    match supply {
        Supply::Energy => "energy",
        Supply::Water => "water",
    }
}

/// That service is cut off if nothing happens, and that paying `stop` keeps it on.
pub(super) async fn final_notice(work: &mut Work, account: AccountId, clock: &Clock, stop: Cents) -> Result<(), Fault> {
    let Some(to) = address(work, account).await? else { return Ok(()) };
    let l = Lang::En;
    let (phone, utility) = (work.settings.utility_phone.clone(), work.settings.utility_name.clone());
    let number = to.account.number.clone();
    let (pay, plan) = (link(work, &number, "pay"), link(work, &number, "arrangement"));
    let supply = match clock.supply {
        Supply::Energy => words::supply_energy(l),
        Supply::Water => words::supply_water(l),
    };
    let (since, day) = (format::day(l, clock.since), format::day(l, clock.not_before));
    let key = format!("final:{}:{number}:{}", slug(clock.supply), clock.since);
    send(work, &to, &key, |p| {
        let body = words::mail_final_body(
            l,
            &number,
            clock.amount,
            &day,
            &p.given_name,
            &pay,
            &phone,
            &plan,
            &since,
            stop,
            &to.street,
            supply,
            &utility,
        );
        (words::mail_final_subject(l, &day, supply), body)
    })
    .await
}

/// That an arrangement was broken.
pub(super) async fn broken(work: &mut Work, account: AccountId, id: ArrangementId, owed: Cents) -> Result<(), Fault> {
    let Some(to) = address(work, account).await? else { return Ok(()) };
    let l = Lang::En;
    let (phone, utility) = (work.settings.utility_phone.clone(), work.settings.utility_name.clone());
    let number = to.account.number.clone();
    let plan = link(work, &number, "arrangement");
    let days = work.settings.collections.reinstate_days;
    send(work, &to, &format!("arrangement:{}:broken:{}", id.0, work.now.date_naive()), |p| {
        let body = words::mail_broken_body(l, &number, days, &p.given_name, owed, &phone, &plan, &to.street, &utility);
        (words::mail_broken_subject(l).to_owned(), body)
    })
    .await
}

/// That an arrangement was agreed.
pub(super) async fn agreed(
    work: &mut Work,
    account: AccountId,
    id: ArrangementId,
    total: Cents,
    plan: &[domain::ledger::Due],
) -> Result<(), Fault> {
    let Some(to) = address(work, account).await? else { return Ok(()) };
    let l = Lang::En;
    let (phone, utility) = (work.settings.utility_phone.clone(), work.settings.utility_name.clone());
    let number = to.account.number.clone();
    let page = link(work, &number, "arrangement");
    let lines: String =
        plan.iter().map(|d| [&format::date(l, d.on), "  ", &d.amount.to_string(), "\n"].concat()).collect();
    send(work, &to, &format!("arrangement:{}:agreed", id.0), |p| {
        let body = words::mail_agreed_body(
            l,
            &number,
            lines.trim_end(),
            &page,
            &p.given_name,
            &phone,
            &to.street,
            total,
            &utility,
        );
        (words::mail_agreed_subject(l, total), body)
    })
    .await
}

/// That an instalment is due soon.
pub(super) async fn instalment(
    work: &mut Work,
    account: AccountId,
    id: ArrangementId,
    due_on: NaiveDate,
    open: Cents,
) -> Result<(), Fault> {
    let Some(to) = address(work, account).await? else { return Ok(()) };
    let l = Lang::En;
    let (phone, utility) = (work.settings.utility_phone.clone(), work.settings.utility_name.clone());
    let number = to.account.number.clone();
    let (pay, plan) = (link(work, &number, "pay"), link(work, &number, "arrangement"));
    let day = format::day(l, due_on);
    send(work, &to, &format!("arrangement:{}:{due_on}", id.0), |p| {
        let body = words::mail_instalment_body(
            l,
            &number,
            open,
            &day,
            &p.given_name,
            &pay,
            &phone,
            &plan,
            &to.street,
            &utility,
        );
        (words::mail_instalment_subject(l, open, &day), body)
    })
    .await
}

/// That a year of budget billing was settled.
pub(super) async fn budget_settled(
    work: &mut Work,
    account: AccountId,
    id: BudgetPlanId,
    difference: Cents,
    next: Option<Cents>,
    due_on: NaiveDate,
) -> Result<(), Fault> {
    let Some(to) = address(work, account).await? else { return Ok(()) };
    let l = Lang::En;
    let utility = work.settings.utility_name.clone();
    let number = to.account.number.clone();
    let page = link(work, &number, "budget");
    let settled = match difference.cmp(&Cents::ZERO) {
        std::cmp::Ordering::Greater => words::mail_settled_more(l, difference, format::day(l, due_on)),
        std::cmp::Ordering::Equal => words::mail_settled_even(l).to_owned(),
        std::cmp::Ordering::Less => words::mail_settled_less(l, -difference),
    };
    let after = next.map_or_else(|| words::mail_settled_end(l).to_owned(), |n| words::mail_settled_next(l, n));
    send(work, &to, &format!("budget:{}:settled", id.0), |p| {
        let body = words::mail_settled_body(l, &number, &after, &page, &p.given_name, &settled, &to.street, &utility);
        (words::mail_settled_subject(l).to_owned(), body)
    })
    .await
}

/// That a deposit was given back.
pub(super) async fn deposit_back(
    work: &mut Work,
    account: AccountId,
    id: DepositId,
    amount: Cents,
) -> Result<(), Fault> {
    let Some(to) = address(work, account).await? else { return Ok(()) };
    let l = Lang::En;
    let utility = work.settings.utility_name.clone();
    let number = to.account.number.clone();
    let page = link(work, &number, "bills");
    send(work, &to, &format!("deposit:{}:back", id.0), |p| {
        let body = words::mail_deposit_body(l, &number, amount, &page, &p.given_name, &to.street, &utility);
        (words::mail_deposit_subject(l, amount), body)
    })
    .await
}
