//! Payments that are taken without the person present: scheduled ones and autopay's. What is to be done about one is decided by
//! `domain::payment::planned`; here the facts are gathered, and what was decided is done once.

mod autopay;
mod carry;
mod mails;
mod nightly;
mod scheduled;
mod take;
mod turns;

pub use autopay::{Choice, answer, enrol, leave, show as autopay};
pub use carry::carry_on;
pub(crate) use nightly::look;
pub use nightly::{look_at, schedule};
pub use scheduled::{Wanted, cancel as cancel_scheduled, change, confirm, schedule_parts, show as scheduled};
pub(super) use take::heard;
pub(crate) use take::{Act, act};
pub(crate) use turns::{ahead, plan};

use chrono::NaiveDate;
use contract::AppError;
use contract::home::Attention;
use contract::saved::{Ahead, Planned};
use domain::access::AccountRole;
use domain::calendar::{Zone, days_between};
use domain::ids::{AutopayId, PersonId, PlannedId};
use domain::money::Cents;
use domain::payment::planned::{Facts, Plan, State, Timely, Why};
use domain::payment::saved::validity;
use store::autopay::AutopayRow;
use store::planned::PlannedRow;

use super::charge::usable;
use super::{OVERDUE, methods};
use crate::accounts::OpenedAccount;
use crate::collections::Position;
use crate::{Fault, Work};

/// What a planned payment could pay of: owed, asked for by its due date where it is autopay's, and neither on its way nor, for
/// autopay, planned by the resident in another way or left to them.
pub(super) async fn owed(work: &mut Work, row: &PlannedRow, today: NaiveDate) -> Result<Cents, Fault> {
    if let (Some(due_on), Some(autopay)) = (row.due_on, row.autopay_id)
        && let Some(autopay) = store::autopay::by_id(&mut work.tx, autopay).await?
    {
        let position = Position::load(work, row.account_id, today).await?;
        return owed_by(work, &autopay, &position, due_on).await;
    }
    let balance = crate::ledger::balance(work, row.account_id).await?.total();
    Ok(balance - store::payments::pending_sum(&mut work.tx, row.account_id).await?)
}

/// What autopay could take of what is asked for by a day: neither on its way nor scheduled by the resident nor left to them.
pub(super) async fn owed_by(
    work: &mut Work,
    autopay: &AutopayRow,
    position: &Position,
    due_on: NaiveDate,
) -> Result<Cents, Fault> {
    let account = autopay.account_id;
    let by_then = || position.asked.items.iter().filter(move |(_, d, _)| d.on <= due_on);
    let asked: Cents = by_then().map(|(.., open)| *open).sum();
    let on_its_way = store::payments::pending_sum(&mut work.tx, account).await?;
    let scheduled: Cents = store::planned::open(&mut work.tx, account)
        .await?
        .iter()
        .filter(|p| p.autopay_id.is_none() && p.state.is_changeable())
        .map(|p| p.amount)
        .sum();
    let free = asked - on_its_way - scheduled;
    let Some(after) = autopay.after_due else { return Ok(free) };
    // What fell due by then was left to the resident. Whoever pays, the oldest is settled first: so it is told apart by what
    // fell due after it and was not taken for yet. What the resident pays, has on its way or scheduled lowers what is free.
    let taken = store::autopay::taken(&mut work.tx, autopay.id, after).await?;
    let later: Cents = by_then().filter(|(_, d, _)| d.on > after).map(|(_, d, _)| d.amount).sum();
    let is_asked = |on: NaiveDate| by_then().any(|(_, d, _)| d.on == on);
    let taken: Cents = taken.into_iter().filter(|(on, _)| is_asked(*on)).map(|(_, amount)| amount).sum();
    Ok(free.min(later - taken))
}

/// What is true of a planned payment.
pub(super) async fn facts(work: &mut Work, row: &PlannedRow, today: NaiveDate) -> Result<Facts, Fault> {
    let account = store::accounts::by_id(&mut work.tx, row.account_id).await?;
    let closed = account.and_then(|a| a.closed_on).is_some_and(|c| c <= today);
    let method = store::saved_methods::by_id(&mut work.tx, row.method_id).await?;
    let mut stopped = match &method {
        Some(m) if m.removed_at.is_none() => None,
        _ => Some(Why::MethodRemoved),
    };
    if !methods::has_role(work, row.account_id, row.person_id).await? {
        stopped = Some(Why::NoRole);
    }
    if let Some(autopay) = row.autopay_id {
        let autopay = store::autopay::by_id(&mut work.tx, autopay).await?;
        match autopay {
            Some(a) if a.ended_at.is_none() => stopped = stopped.or(closed.then_some(Why::Closed)),
            Some(a) => stopped = Some(a.ended_why.unwrap_or(Why::Left)),
            None => stopped = Some(Why::Left),
        }
    }
    let now = work.now;
    Ok(Facts {
        today,
        owed: owed(work, row, today).await?,
        busy: store::planned::someone_pays(&mut work.tx, row.account_id, now - OVERDUE).await?,
        stopped,
        good: method.is_some_and(|m| usable(validity(m.expires_on, today))),
    })
}

/// Ends one that has not been taken; nothing where it has ended or is on its way.
pub(super) async fn cancel(work: &mut Work, id: PlannedId, why: Why) -> Result<(), Fault> {
    let Some(row) = store::planned::by_id(&mut work.tx, id).await?.filter(|r| r.state.is_changeable()) else {
        return Ok(());
    };
    let now = work.now;
    if row.state == State::Asking {
        store::planned::answer(&mut work.tx, id, State::Cancelled, Some(why), now).await?;
    } else {
        let plan = Plan { state: State::Cancelled, ..row.plan() };
        if !store::planned::set_plan(&mut work.tx, (id, row.state), &plan, Some(why), now).await? {
            return Err(AppError::Changed.into());
        }
    }
    if row.autopay_id.is_none() && why != Why::ByPerson {
        mails::stopped(work, &row, why).await?;
    }
    Ok(())
}

/// Ends autopay and what it had planned; what is on its way stays so.
pub(crate) async fn end_autopay(work: &mut Work, id: AutopayId, why: Why) -> Result<(), Fault> {
    let Some(autopay) = store::autopay::by_id(&mut work.tx, id).await?.filter(|a| a.ended_at.is_none()) else {
        return Ok(());
    };
    let now = work.now;
    store::autopay::end(&mut work.tx, id, now, why).await?;
    for row in store::planned::open(&mut work.tx, autopay.account_id).await? {
        if row.autopay_id == Some(id) {
            cancel(work, row.id, why).await?;
        }
    }
    mails::autopay_off(work, &autopay, why).await
}

/// One as it crosses the wire.
pub(super) async fn view(
    work: &mut Work,
    row: &PlannedRow,
    zone: &Zone,
    due_on: Option<NaiveDate>,
    (who, role): (Option<PersonId>, AccountRole),
) -> Result<Planned, Fault> {
    let method = store::saved_methods::by_id(&mut work.tx, row.method_id).await?;
    let payment = store::planned::payment_of(&mut work.tx, row.id).await?;
    let decline = match &payment {
        Some(number) => store::payments::by_number(&mut work.tx, number).await?.and_then(|p| p.decline),
        None => None,
    };
    let bill = match row.bill_id {
        Some(id) => store::planned::bill(&mut work.tx, id).await?,
        None => None,
    };
    let may = who.is_some_and(|p| p == row.person_id) || role == AccountRole::Holder;
    Ok(Planned {
        id: row.id.0,
        autopay: row.autopay_id.is_some(),
        amount: row.amount,
        takes: Cents::ZERO,
        take_on: row.take_on,
        due_on: row.due_on,
        timely: Timely::of(row.take_on, row.due_on.or(due_on)),
        state: row.state,
        why: row.why,
        decline: decline.filter(|_| matches!(row.state, State::Retrying | State::Failed)),
        method: method.map(|m| m.label).unwrap_or_default(),
        bill,
        expected: row.expected,
        changed_on: zone.day_of(row.changed_at),
        may_change: row.state.is_changeable() && may,
        may_go_on: row.state == State::Asking && who.is_some_and(|p| p == row.person_id),
        payment,
    })
}

/// All that are open, as they cross the wire.
pub(super) async fn open_views(
    work: &mut Work,
    account: &OpenedAccount,
    zone: &Zone,
    due_on: Option<NaiveDate>,
) -> Result<Vec<Planned>, Fault> {
    let who = (work.who.resident(), account.role);
    let today = zone.day_of(work.now);
    let mut out = Vec::new();
    let mut scheduled = Cents::ZERO;
    for row in store::planned::open(&mut work.tx, account.id).await? {
        let mut one = view(work, &row, zone, due_on, who).await?;
        one.takes = match row.state {
            // It is on its way, and so part of what is no longer owed.
            State::Taking => row.amount,
            _ => to_take(work, &row, today, scheduled).await?,
        };
        if !one.autopay && row.state.is_changeable() {
            scheduled += one.takes;
        }
        out.push(one);
    }
    Ok(out)
}

/// What one would take as things stand: no more than is still owed, of which earlier parts of a schedule take `before`.
pub(super) async fn to_take(
    work: &mut Work,
    row: &PlannedRow,
    today: NaiveDate,
    before: Cents,
) -> Result<Cents, Fault> {
    let before = if row.autopay_id.is_some() { Cents::ZERO } else { before };
    Ok(row.amount.min(owed(work, row, today).await? - before).max(Cents::ZERO))
}

/// What of planned payments happens without anybody doing anything, where `owed` is to be paid now and not on its way. What asks
/// first does not.
pub(super) fn by_itself(planned: &[Planned], owed: Cents) -> Option<Ahead> {
    let mut taken: Vec<&Planned> = planned
        .iter()
        .filter(|p| matches!(p.state, State::Waiting | State::Retrying) && p.takes > Cents::ZERO)
        .collect();
    taken.sort_by_key(|p| p.take_on);
    let (first, last) = (*taken.first()?, *taken.last()?);
    let sum: Cents = taken.iter().map(|p| p.takes).sum();
    Some(Ahead {
        autopay: taken.iter().all(|p| p.autopay),
        amount: first.takes,
        on: first.take_on,
        method: first.method.clone(),
        count: u32::try_from(taken.len()).unwrap_or(u32::MAX),
        last: last.take_on,
        sum,
        all: owed > Cents::ZERO && sum >= owed,
        rest: (owed - sum).max(Cents::ZERO),
    })
}

/// What is taken next without anybody doing anything, where `owed` is to be paid now and not on its way.
pub(crate) async fn next(
    work: &mut Work,
    account: &OpenedAccount,
    zone: &Zone,
    owed: Cents,
    due_on: Option<NaiveDate>,
) -> Result<Option<Ahead>, Fault> {
    Ok(by_itself(&open_views(work, account, zone, due_on).await?, owed))
}

/// Days for which Home says that a planned payment was declined for good.
const SAID_FOR: i64 = 30;

/// What Home says of payments that are taken later: what needs attention, and what is next.
pub(crate) async fn on_home(
    work: &mut Work,
    account: &OpenedAccount,
    zone: &Zone,
    owed: Cents,
    due_on: Option<NaiveDate>,
) -> Result<(Vec<Attention>, Option<Ahead>), Fault> {
    let today = zone.day_of(work.now);
    let who = (work.who.resident(), account.role);
    let mut out = Vec::new();
    let open = open_views(work, account, zone, due_on).await?;
    out.extend(open.iter().filter(|p| p.state == State::Asking).map(|p| Attention::PlannedAsks(Box::new(p.clone()))));
    let next = by_itself(&open, owed);
    if owed > Cents::ZERO {
        for row in store::planned::ended(&mut work.tx, account.id, 5).await? {
            if row.state == State::Failed && days_between(zone.day_of(row.changed_at), today) <= SAID_FOR {
                let said = view(work, &row, zone, due_on, who).await?;
                out.push(Attention::PlannedFailed(Box::new(said)));
                break;
            }
        }
    }
    let Some(person) = work.who.resident() else { return Ok((out, next)) };
    for m in store::saved_methods::of_person(&mut work.tx, person).await? {
        let Some(on) = m.expires_on.filter(|on| days_between(today, *on) <= domain::payment::saved::WARN_DAYS) else {
            continue;
        };
        let used = store::saved_methods::used_by(&mut work.tx, m.id).await?;
        if used.iter().any(|(number, ..)| *number == account.row.number) {
            out.push(Attention::MethodEnds { label: m.label, on, ended: on < today });
        }
    }
    if let Some(carry) = carry::offered(work, account).await? {
        out.push(Attention::CarryOn { street: carry.street });
    }
    Ok((out, next))
}
