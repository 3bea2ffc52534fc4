//! Scheduled payments: one or some parts of what is owed, each on a day of its own.

use chrono::NaiveDate;
use contract::saved::{ConfirmPart, ConfirmView, ScheduledView};
use contract::{AppError, Field, Problem};
use domain::ids::{AccountId, MethodId, PlannedId};
use domain::money::{AmountError, Cents};
use domain::payment::planned::{PartsRefused, State, Timely, Why, check, days, parts};
use domain::payment::saved::validity;
use serde_json::json;
use store::planned::{NewPlanned, PlannedRow};

use super::{cancel as end_one, mails, open_views, view};
use crate::accounts::open;
use crate::payments::charge::usable;
use crate::payments::{methods, random_code};
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, billing, use_case, zones};

use_case!(
    /// Lists scheduled payments.
    pub SHOW = "scheduled.show", Read, Resident
);
use_case!(
    /// Shows what is about to be scheduled.
    pub CONFIRM = "scheduled.confirm", Read, Resident
);
use_case!(
    /// Schedules payments.
    pub ADD = "scheduled.add", Write, Resident
);
use_case!(
    /// Changes a scheduled payment.
    pub CHANGE = "scheduled.change", Write, Resident
);
use_case!(
    /// Cancels a scheduled payment.
    pub CANCEL = "scheduled.cancel", Write, Resident
);

/// What a form asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The saved way to pay.
    pub method: i64,
    /// Day and amount of each part, as typed; parts with neither are left out.
    pub parts: Vec<(String, String)>,
    /// The form's own key.
    pub key: String,
}

impl Wanted {
    /// Reads what an address says: `2026-12-04:42.25,2026-12-18:42.25`.
    #[must_use]
    pub fn read(method: i64, pay: &str) -> Self {
        let part = |text: &str| {
            let (on, amount) = text.split_once(':').unwrap_or((text, ""));
            (on.to_owned(), amount.to_owned())
        };
        Self { method, parts: pay.split(',').map(part).collect(), key: String::new() }
    }
}

/// What is owed and not on its way, and of that what is not planned yet.
async fn unplanned(work: &mut Work, account: AccountId) -> Result<(Cents, Cents), Fault> {
    let balance = crate::ledger::balance(work, account).await?.total();
    let owed = balance - store::payments::pending_sum(&mut work.tx, account).await?;
    let planned: Cents = store::planned::open(&mut work.tx, account)
        .await?
        .iter()
        .filter(|p| p.autopay_id.is_none() && p.state.is_changeable())
        .map(|p| p.amount)
        .sum();
    Ok((owed, owed - planned))
}

/// The account's scheduled payments, and what may be scheduled. `n` is the number of parts that are offered, `changing` the one that is
/// about to be changed.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn show(
    cx: &Cx,
    who: &Principal,
    number: &str,
    n: Option<u32>,
    changing: Option<i64>,
) -> Result<ScheduledView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let due = billing::due::due(&mut work, account.id, &zone).await?;
    let (owed, open_) = unplanned(&mut work, account.id).await?;
    let planned = open_views(&mut work, &account, &zone, due.due_on).await?;
    let by = (who.resident(), account.role);
    let mut ended = Vec::new();
    for row in store::planned::ended(&mut work.tx, account.id, 20).await? {
        if row.autopay_id.is_none() {
            ended.push(view(&mut work, &row, &zone, due.due_on, by).await?);
        }
    }
    let autopay = store::autopay::active(&mut work.tx, account.id).await?.is_some();
    let days = days(today);
    // Asked for less than what is owed (an arrangement, a levelled bill): that is what is proposed.
    let proposed = open_.min(due.asked).max(Cents::ZERO);
    let amounts =
        if proposed > Cents::ZERO { parts(proposed, usize::try_from(n.unwrap_or(1)).unwrap_or(1)) } else { Vec::new() };
    let last = due.due_on.filter(|d| *d > today).unwrap_or(days.0);
    let parts = amounts
        .iter()
        .enumerate()
        .map(|(i, amount)| {
            // The last one on the due date, the others two weeks apart before it where there is time, after it where there is not.
            let before = u64::try_from(amounts.len() - 1 - i).unwrap_or(0) * 14;
            let on = last.checked_sub_days(chrono::Days::new(before)).unwrap_or(last);
            (on.max(days.0 + chrono::Days::new(u64::try_from(i).unwrap_or(0) * 7)).min(days.1), *amount)
        })
        .collect();
    let changing = changing.and_then(|id| planned.iter().find(|p| p.id == id && p.may_change && !p.autopay).cloned());
    Ok(ScheduledView {
        methods: methods::all(&mut work, who, today).await?,
        head: account.head,
        owed,
        open: open_,
        due_on: due.due_on,
        days,
        planned,
        ended,
        parts,
        autopay,
        changing,
    })
}

fn refused(field: Field, problem: Problem) -> Fault {
    AppError::field(field, problem).into()
}

/// Reads days and amounts as typed.
fn read(parts: &[(String, String)]) -> Result<Vec<(NaiveDate, Cents)>, Fault> {
    let mut out = Vec::new();
    for (on, amount) in parts.iter().map(|(o, a)| (o.trim(), a.trim())).filter(|(o, a)| !o.is_empty() || !a.is_empty())
    {
        let on: NaiveDate = on.parse().map_err(|_| refused(Field::Parts, Problem::Malformed))?;
        let amount = Cents::parse(amount).map_err(|e| {
            refused(
                Field::Parts,
                match e {
                    AmountError::Empty => Problem::Missing,
                    AmountError::Negative => Problem::TooSmall,
                    AmountError::TooLarge => Problem::TooLarge,
                    AmountError::NotANumber | AmountError::TooFine => Problem::NoMatch,
                },
            )
        })?;
        out.push((on, amount));
    }
    out.sort_by_key(|(on, _)| *on);
    Ok(out)
}

fn checked(parts: &[(NaiveDate, Cents)], today: NaiveDate, open: Cents) -> Result<(), Fault> {
    check(parts, today, open).map_err(|e| {
        refused(
            Field::Parts,
            match e {
                PartsRefused::Day(_) => Problem::OutOfRange,
                PartsRefused::TooSmall(_) => Problem::TooSmall,
                PartsRefused::TooLarge => Problem::TooLarge,
                PartsRefused::Count => Problem::Missing,
            },
        )
    })
}

/// What is about to be scheduled, and what each day means for what is due.
///
/// # Errors
/// `Invalid` by field, `NotFound`, `SignInRequired`, or a failure of the database.
pub async fn confirm(cx: &Cx, who: &Principal, number: &str, wanted: &Wanted) -> Result<ConfirmView, Fault> {
    let mut work = cx.begin(&CONFIRM, who).await?;
    let account = open(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let (owed, open_) = unplanned(&mut work, account.id).await?;
    let list = read(&wanted.parts)?;
    checked(&list, today, open_)?;
    let last = list.iter().map(|(on, _)| *on).max().unwrap_or(today);
    let method = good_until(&mut work, who, wanted.method, today, last).await?;
    let due = billing::due::due(&mut work, account.id, &zone).await?;
    let autopay = store::planned::open(&mut work.tx, account.id)
        .await?
        .into_iter()
        .find(|p| p.autopay_id.is_some() && p.state == State::Waiting)
        .map(|p| (p.amount, p.take_on));
    let sum: Cents = list.iter().map(|(_, a)| *a).sum();
    Ok(ConfirmView {
        head: account.head,
        parts: list
            .iter()
            .map(|(on, amount)| ConfirmPart { on: Some(*on), amount: *amount, timely: Timely::of(*on, due.due_on) })
            .collect(),
        method: methods::view(&method, today),
        owed,
        left: owed - sum,
        due_on: due.due_on,
        late_fee: work.settings.collections.late_fee_basis_points > 0,
        autopay,
        receipt_to: methods::receipt_to(&mut work, who).await?,
        form_key: random_code(&cx.entropy),
    })
}

/// One of the person's own that is good on the last of the days that it is wanted for.
async fn good_until(
    work: &mut Work,
    who: &Principal,
    id: i64,
    today: NaiveDate,
    last: NaiveDate,
) -> Result<store::saved_methods::MethodRow, Fault> {
    let method = methods::own(work, who, id, today).await?;
    if !usable(validity(method.expires_on, last)) {
        return Err(refused(Field::Method, Problem::OutOfRange));
    }
    Ok(method)
}

/// Schedules parts, once for each form.
///
/// # Errors
/// `Invalid` by field, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn schedule_parts(cx: &Cx, who: &Principal, number: &str, wanted: &Wanted) -> Result<(), Fault> {
    let mut work = cx.begin(&ADD, who).await?;
    let account = open(&mut work, number).await?;
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let key = form_key(&wanted.key)?;
    crate::ledger::lock(&mut work, account.id).await?;
    if store::planned::of_form(&mut work.tx, account.id, &format!("{key}n0")).await?.is_some() {
        // The second click of two.
        return Ok(());
    }
    let today = zones::stored(&account.zone)?.day_of(work.now);
    let (_, open_) = unplanned(&mut work, account.id).await?;
    let list = read(&wanted.parts)?;
    checked(&list, today, open_)?;
    let last = list.iter().map(|(on, _)| *on).max().unwrap_or(today);
    store::saved_methods::lock(&mut work.tx, MethodId(wanted.method)).await?;
    let method = good_until(&mut work, who, wanted.method, today, last).await?;
    for (i, (on, amount)) in list.iter().enumerate() {
        let new = NewPlanned {
            account: account.id,
            person,
            method: method.id,
            autopay: None,
            bill: None,
            due_on: None,
            take_on: *on,
            amount: *amount,
            expected: None,
            asks: None,
            form_key: &format!("{key}n{i}"),
            at: work.now,
        };
        store::planned::insert(&mut work.tx, &new).await?;
    }
    work.audit(Some(account.id), &json!({ "scheduled": list, "method": method.id })).await?;
    mails::scheduled(&mut work, account.id, person, &method.label, &list, key).await?;
    work.commit().await
}

/// One that this person may change, locked.
async fn changeable(work: &mut Work, who: &Principal, number: &str, id: i64) -> Result<(PlannedRow, AccountId), Fault> {
    let account = open(work, number).await?;
    crate::ledger::lock(work, account.id).await?;
    let row = store::planned::by_id(&mut work.tx, PlannedId(id)).await?;
    let row = row.filter(|r| r.account_id == account.id && r.autopay_id.is_none()).ok_or(AppError::NotFound)?;
    let mine = who.resident() == Some(row.person_id);
    if !mine && account.role != domain::access::AccountRole::Holder {
        return Err(AppError::Forbidden.into());
    }
    Ok((row, account.id))
}

/// Cancels one until it is taken.
///
/// # Errors
/// `Changed` where it is on its way or has been taken, `Forbidden` for someone else's, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a
/// failure of the database.
pub async fn cancel(cx: &Cx, who: &Principal, number: &str, id: i64) -> Result<(), Fault> {
    let mut work = cx.begin(&CANCEL, who).await?;
    let (row, account) = changeable(&mut work, who, number, id).await?;
    if row.state == State::Cancelled {
        return Ok(());
    }
    if !row.state.is_changeable() {
        return Err(AppError::Changed.into());
    }
    end_one(&mut work, row.id, Why::ByPerson).await?;
    work.audit(Some(account), &json!({ "planned": id, "cancelled": row.amount })).await?;
    work.commit().await
}

/// Changes day, amount or way to pay of one until it is taken. One that asked, since its card had ended, waits for its day again.
///
/// # Errors
/// `Changed` where it is on its way or has been taken, `Invalid` by field, `Forbidden` for someone else's, `NotFound`, `SignInRequired`,
/// `ViewAsReadOnly`, or a failure of the database.
pub async fn change(cx: &Cx, who: &Principal, number: &str, id: i64, wanted: &Wanted) -> Result<(), Fault> {
    let mut work = cx.begin(&CHANGE, who).await?;
    let (row, account) = changeable(&mut work, who, number, id).await?;
    if !row.state.is_changeable() {
        return Err(AppError::Changed.into());
    }
    if who.resident() != Some(row.person_id) {
        // Another holder may stop it, but not pay with someone else's card.
        return Err(AppError::Forbidden.into());
    }
    let today = zones::stored(&work.settings.zone)?.day_of(work.now);
    let (_, open_) = unplanned(&mut work, account).await?;
    let list = read(&wanted.parts)?;
    checked(&list, today, open_ + row.amount)?;
    let [(on, amount)] = list.as_slice() else { return Err(refused(Field::Parts, Problem::Missing)) };
    store::saved_methods::lock(&mut work.tx, MethodId(wanted.method)).await?;
    let method = good_until(&mut work, who, wanted.method, today, *on).await?;
    let now = work.now;
    store::planned::change(&mut work.tx, row.id, method.id, (*on, *amount), now).await?;
    if row.state == State::Asking {
        store::planned::answer(&mut work.tx, row.id, State::Waiting, None, now).await?;
    }
    work.audit(Some(account), &json!({ "planned": id, "on": on, "amount": amount, "method": method.id })).await?;
    work.commit().await
}
