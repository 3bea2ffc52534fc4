//! Beginning a payment: written down first, then opened at the processor, then the person is sent there.

use chrono::TimeDelta;
use contract::{AppError, Field, Problem};
use domain::ids::{AccountId, PersonId};
use domain::money::{AmountError, Cents};
use domain::payment::{AmountRefused, Limits, Status};
use serde::Serialize;
use store::payments::{NewPayment, PaymentRow};

use super::charge::check_least;
use super::hear::{LOOK, Reconcile, ask_to_cancel, forget};
use super::{OVERDUE, TIME_TO_PAY, limits, random_code};
use crate::accounts::open;
use crate::adapters::payment::{NewCheckout, ProviderError};
use crate::{Cx, Fault, Principal, Work, use_case};

use_case!(
    /// Begins a payment.
    pub START = "payments.start", Write, Resident
);
use_case!(
    /// Notes the checkout that the processor opened.
    pub OPENED = "payments.opened", Write, System
);

/// Where the person goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// To the processor's page.
    Processor(String),
    /// To the page of this payment: it is past paying already.
    Payment(String),
}

/// What the audit keeps of it.
#[derive(Serialize)]
struct Begun<'a> {
    payment: &'a str,
    amount: Cents,
}

/// Who pays for what, and where they are led back to.
pub(super) struct Payer {
    pub account: AccountId,
    /// The account's number.
    pub number: String,
    /// Whether the account is closed.
    pub closed: bool,
    /// The resident; `None` for a guest.
    pub person: Option<PersonId>,
    /// The address in front of a payment's number.
    pub pages: String,
}

/// Begins the payment of an amount as typed, or carries on with the one that this form began before.
///
/// # Errors
/// `Invalid` for an amount that is not taken, `ProcessorDown` (nothing is charged, the same form may be sent again),
/// `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn start(cx: &Cx, who: &Principal, account: &str, amount: &str, form_key: &str) -> Result<Go, Fault> {
    let mut work = cx.begin(&START, who).await?;
    let opened = open(&mut work, account).await?;
    let payer = Payer {
        account: opened.id,
        number: opened.row.number,
        closed: opened.row.closed_on.is_some(),
        person: who.actor(),
        pages: format!("/a/{account}/pay"),
    };
    begin(cx, work, &payer, amount, form_key).await
}

/// Begins a payment for whoever pays, in the transaction that found them.
pub(super) async fn begin(cx: &Cx, work: Work, payer: &Payer, amount: &str, form_key: &str) -> Result<Go, Fault> {
    let (payment, others) = write_down(cx, work, payer, amount, form_key).await?;
    if payment.status != Status::Created || payment.expires_at <= cx.clock.now() {
        return Ok(Go::Payment(payment.number));
    }
    for other in others {
        if is_charge(cx, &other).await? {
            if other.status != Status::Created {
                // Declined, and nobody is on a page to try it again.
                continue;
            }
            // It is being taken with a saved way to pay at this moment: closing it would prove nothing.
            forget(cx, &payment.number, Status::Cancelled).await?;
            return Ok(Go::Payment(other.number));
        }
        let standing = ask_to_cancel(cx, &other.number).await?;
        if matches!(standing, Some(Status::Succeeded | Status::Pending)) {
            // Paid in another tab a moment ago: what was to be paid here is paid.
            ask_to_cancel(cx, &payment.number).await?;
            return Ok(Go::Payment(other.number));
        }
    }
    let portal = &cx.settings.portal_origin;
    let checkout = NewCheckout {
        reference: payment.number.clone(),
        amount: payment.amount,
        description: locales::mail::checkout_description(locales::Lang::En, &payer.number, &cx.settings.utility_name),
        return_url: format!("{portal}{}/{}", payer.pages, payment.number),
        expires_at: payment.expires_at,
    };
    let checkout = cx.outside.payments.create(&checkout).await.map_err(|e| match e {
        ProviderError::Down(why) => {
            tracing::warn!(payment = payment.number, why, "the payment processor is down");
            AppError::ProcessorDown.into()
        }
        ProviderError::Refused(_) => Fault::Other(format!("payment {}: {e}", payment.number)),
    })?;
    let mut work = cx.begin(&OPENED, &Principal::System).await?;
    store::payments::set_checkout(&mut work.tx, payment.id, &checkout.id, &checkout.url).await?;
    work.commit().await?;
    Ok(Go::Processor(checkout.url))
}

/// The payment of this form, begun now or before, and others that could still be paid by accident.
async fn write_down(
    cx: &Cx,
    mut work: Work,
    payer: &Payer,
    amount: &str,
    form_key: &str,
) -> Result<(PaymentRow, Vec<PaymentRow>), Fault> {
    let account = payer.account;
    crate::ledger::lock(&mut work, account).await?;
    if form_key.is_empty() || form_key.len() > 64 || !form_key.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(AppError::Invalid(Vec::new()).into());
    }
    let now = work.now;
    let mut others = store::payments::payable(&mut work.tx, account, now - OVERDUE).await?;
    // A guest does not close what the residents have open.
    others.retain(|o| payer.person.is_some() || o.person_id.is_none());
    if let Some(row) = store::payments::by_form(&mut work.tx, account, form_key).await? {
        let others = others.into_iter().filter(|o| o.id != row.id).collect();
        return Ok((row, others));
    }
    let amount = read_amount(amount)?;
    let (_, limits) = limits(&mut work, account, payer.closed).await?;
    check_amount(limits, amount)?;
    check_least(cx, amount)?;
    let number = format!("P-{}", random_code(&cx.entropy));
    let new = NewPayment {
        number: &number,
        account,
        person: payer.person,
        amount,
        status: Status::Created,
        form_key,
        provider: cx.outside.payments.name(),
        method: None,
        at: now,
        expires_at: now + TIME_TO_PAY,
    };
    store::payments::insert(&mut work.tx, &new).await?;
    let row = store::payments::by_number(&mut work.tx, &number)
        .await?
        .ok_or_else(|| Fault::Other(format!("payment {number} is gone")))?;
    let first_look = now + TimeDelta::minutes(2);
    let key = format!("payment.reconcile:{number}");
    work.enqueue("payment.reconcile", &key, first_look, &Reconcile { payment: number.clone() }).await?;
    work.audit(Some(account), &Begun { payment: &number, amount }).await?;
    work.commit().await?;
    Ok((row, others))
}

/// Whether a payment is taken with a saved way to pay.
async fn is_charge(cx: &Cx, payment: &PaymentRow) -> Result<bool, Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    Ok(store::planned::method_of(&mut work.tx, payment.id).await?.is_some())
}

pub(super) fn check_amount(limits: Limits, amount: Cents) -> Result<(), AppError> {
    limits.check(amount).map_err(|refused| {
        AppError::field(
            Field::Amount,
            match refused {
                AmountRefused::TooSmall => Problem::TooSmall,
                AmountRefused::TooLarge => Problem::TooLarge,
            },
        )
    })
}

pub(crate) fn read_amount(text: &str) -> Result<Cents, AppError> {
    Cents::parse(text).map_err(|e| {
        AppError::field(
            Field::Amount,
            match e {
                AmountError::Empty => Problem::Missing,
                AmountError::Negative => Problem::TooSmall,
                AmountError::TooLarge => Problem::TooLarge,
                AmountError::NotANumber | AmountError::TooFine => Problem::Malformed,
            },
        )
    })
}
