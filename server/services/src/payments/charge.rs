//! Taking a payment with a saved way to pay, without a page of the processor. Written down first, then taken; whoever asks again
//! for the same one takes it no second time.

use chrono::TimeDelta;
use contract::saved::{ConfirmPart, ConfirmView};
use contract::{AppError, Field, Problem};
use domain::calendar::Instant;
use domain::ids::{AccountId, MethodId, PersonId, PlannedId};
use domain::money::Cents;
use domain::payment::Status;
use domain::payment::planned::{State, Timely};
use domain::payment::saved::Validity;
use serde::Serialize;
use store::payments::{HeardBy, NewPayment, PaymentRow};
use store::saved_methods::MethodRow;

use super::hear::{Heard, LOOK, Reconcile, ask, ask_to_cancel, down, forget, hear};
use super::start::{check_amount, read_amount};
use super::{Go, OVERDUE, limits, methods, random_code};
use crate::accounts::open;
use crate::adapters::payment::NewCharge;
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, billing, use_case, zones};

use_case!(
    /// Shows what is about to be paid.
    pub CONFIRM = "payments.confirm", Read, Resident
);
use_case!(
    /// Pays now with a saved way to pay.
    pub PAY_NOW = "payments.pay_now", Write, Resident
);

/// How long after the person's last tap it may still be brought to the processor.
const TIME_TO_CHARGE: TimeDelta = TimeDelta::minutes(5);

/// A payment with a saved way to pay that is to be written down.
pub(crate) struct Charge<'a> {
    pub account: AccountId,
    pub method: &'a MethodRow,
    pub planned: Option<PlannedId>,
    pub amount: Cents,
    /// One payment for one key.
    pub key: &'a str,
    /// Its number, if it is new.
    pub number: &'a str,
    pub expires_at: Instant,
}

/// What the audit keeps of it.
#[derive(Serialize)]
struct Charged<'a> {
    payment: &'a str,
    amount: Cents,
    method: MethodId,
}

/// Writes one down, in the transaction that decided it, with the job that follows it up.
pub(crate) async fn write_down(work: &mut Work, charge: &Charge<'_>) -> Result<PaymentRow, Fault> {
    let at = work.now;
    let new = NewPayment {
        number: charge.number,
        account: charge.account,
        person: Some(charge.method.person_id),
        amount: charge.amount,
        status: Status::Created,
        form_key: charge.key,
        provider: &charge.method.provider,
        method: Some(&charge.method.label),
        at,
        expires_at: charge.expires_at,
    };
    let Some(id) = store::payments::insert(&mut work.tx, &new).await? else {
        let row = store::payments::by_form(&mut work.tx, charge.account, charge.key).await?;
        return row.ok_or_else(|| Fault::Other(format!("payment of form {} is gone", charge.key)));
    };
    store::planned::paid_by(&mut work.tx, id, charge.method.id, charge.planned).await?;
    let key = format!("payment.reconcile:{}", charge.number);
    let job = Reconcile { payment: charge.number.to_owned() };
    work.enqueue("payment.reconcile", &key, at + TimeDelta::minutes(2), &job).await?;
    let done = Charged { payment: charge.number, amount: charge.amount, method: charge.method.id };
    work.audit(Some(charge.account), &done).await?;
    let row = store::payments::by_number(&mut work.tx, charge.number).await?;
    row.ok_or_else(|| Fault::Other(format!("payment {} is gone", charge.number)))
}

/// The processor's name for one of our people: the same card is not mixed up between two of them.
pub(super) fn customer(person: PersonId) -> String {
    format!("R{}", person.0)
}

/// Brings one that was written down to the processor and believes what it says. Answers how it stands.
///
/// # Errors
/// `ProcessorDown`, after which it may or may not have been taken and asking again is safe; or if the database fails.
pub(super) async fn take(cx: &Cx, number: &str) -> Result<Status, Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let gone = || Fault::Other(format!("payment {number} is gone"));
    let payment = store::payments::by_number(&mut work.tx, number).await?.ok_or_else(gone)?;
    if payment.status != Status::Created {
        return Ok(payment.status);
    }
    if payment.expires_at <= work.now {
        // Nobody expects it any more: it is only asked what became of it.
        drop(work);
        return Ok(ask(cx, number).await?.unwrap_or(Status::Created));
    }
    let method = store::planned::method_of(&mut work.tx, payment.id).await?.ok_or_else(gone)?;
    let method = store::saved_methods::by_id(&mut work.tx, method).await?.ok_or_else(gone)?;
    let account = store::accounts::by_id(&mut work.tx, payment.account_id).await?.ok_or_else(gone)?;
    drop(work);
    let charge = NewCharge {
        reference: payment.number.clone(),
        token: method.token,
        customer: customer(method.person_id),
        amount: payment.amount,
        description: locales::mail::checkout_description(locales::Lang::En, &account.number, &cx.settings.utility_name),
    };
    let report = cx.outside.payments.charge(&charge).await.map_err(down)?;
    match hear(cx, &report, HeardBy::Question).await? {
        Heard::Standing(status) => Ok(status),
        _ => Err(gone()),
    }
}

/// What is about to be paid now, with what, and what is left then.
///
/// # Errors
/// `Invalid` by field for an amount or a way to pay that is not to be had, `NotFound`, `SignInRequired`, or a failure of the
/// database.
pub async fn confirm(cx: &Cx, who: &Principal, number: &str, method: i64, amount: &str) -> Result<ConfirmView, Fault> {
    let mut work = cx.begin(&CONFIRM, who).await?;
    let account = open(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let amount = read_amount(amount)?;
    let (balance, limits) = limits(&mut work, account.id, account.row.closed_on.is_some()).await?;
    check_amount(limits, amount)?;
    check_least(cx, amount)?;
    let method = methods::own(&mut work, who, method, today).await?;
    let due = billing::due::due(&mut work, account.id, &zone).await?;
    let on_its_way = store::payments::pending_sum(&mut work.tx, account.id).await?;
    let plans = store::planned::open(&mut work.tx, account.id).await?;
    let autopay = plans.iter().find(|p| p.autopay_id.is_some() && p.state == State::Waiting);
    let receipt_to = methods::receipt_to(&mut work, who).await?;
    Ok(ConfirmView {
        head: account.head,
        parts: vec![ConfirmPart { on: None, amount, timely: Timely::of(today, due.due_on) }],
        method: methods::view(&method, today),
        owed: balance - on_its_way,
        left: balance - on_its_way - amount,
        due_on: due.due_on,
        late_fee: false,
        autopay: autopay.map(|p| (p.amount, p.take_on)),
        receipt_to,
        form_key: random_code(&cx.entropy),
    })
}

/// Refuses less than the processor takes at once.
pub(super) fn check_least(cx: &Cx, amount: Cents) -> Result<(), AppError> {
    if amount < cx.outside.payments.least() {
        return Err(AppError::field(Field::Amount, Problem::TooSmall));
    }
    Ok(())
}

/// Pays now, once for each form. `owed` is what was owed and not on its way when the person looked ([`ConfirmView::owed`]): if it is
/// another amount by now, such as after paying in another tab, or it is not said, they look again.
///
/// # Errors
/// As [`confirm`], `Changed`, `ProcessorDown` (nothing is taken twice, the same form may be sent again), `ViewAsReadOnly`.
pub async fn pay_now(
    cx: &Cx,
    who: &Principal,
    number: &str,
    (method, amount): (i64, &str),
    owed: Option<Cents>,
    key: &str,
) -> Result<Go, Fault> {
    let mut work = cx.begin(&PAY_NOW, who).await?;
    let account = open(&mut work, number).await?;
    let key = form_key(key)?;
    crate::ledger::lock(&mut work, account.id).await?;
    let now = work.now;
    let others = store::payments::payable(&mut work.tx, account.id, now - OVERDUE).await?;
    let begun = store::payments::by_form(&mut work.tx, account.id, key).await?;
    let mut to_cancel = Vec::new();
    for other in others.into_iter().filter(|o| begun.as_ref().is_none_or(|b| b.id != o.id)) {
        if store::planned::method_of(&mut work.tx, other.id).await?.is_some() {
            if other.status == Status::Created {
                // It is being taken at this moment.
                return Ok(Go::Payment(other.number));
            }
        } else {
            to_cancel.push(other.number);
        }
    }
    let payment = match begun {
        Some(payment) => payment,
        None => {
            let amount = read_amount(amount)?;
            let (balance, limits) = limits(&mut work, account.id, account.row.closed_on.is_some()).await?;
            let today = zones::stored(&account.zone)?.day_of(now);
            let method = methods::own_to_use(&mut work, who, method, today).await?;
            if Some(balance - store::payments::pending_sum(&mut work.tx, account.id).await?) != owed {
                return Err(AppError::Changed.into());
            }
            check_amount(limits, amount)?;
            check_least(cx, amount)?;
            let charge = Charge {
                account: account.id,
                method: &method,
                planned: None,
                amount,
                key,
                number: &format!("P-{}", random_code(&cx.entropy)),
                expires_at: now + TIME_TO_CHARGE,
            };
            write_down(&mut work, &charge).await?
        }
    };
    work.commit().await?;
    for other in to_cancel {
        let standing = ask_to_cancel(cx, &other).await?;
        if matches!(standing, Some(Status::Succeeded | Status::Pending)) {
            // Paid on the processor's page a moment ago: what was to be paid here is paid.
            forget(cx, &payment.number, Status::Cancelled).await?;
            return Ok(Go::Payment(other));
        }
    }
    match take(cx, &payment.number).await {
        Ok(_) | Err(Fault::App(AppError::ProcessorDown)) => Ok(Go::Payment(payment.number)),
        Err(other) => Err(other),
    }
}

/// Whether a way to pay can be used today.
pub(super) fn usable(validity: Validity) -> bool {
    validity != Validity::Expired
}
