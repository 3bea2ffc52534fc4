//! The page of ours with the processor's own fields, where it has no page of its own. What is typed there goes from the browser
//! to the processor.

use contract::AppError;
use contract::payments::{CardView, FieldsView, SetupCardView};
use domain::payment::Status;
use store::payments::PaymentRow;

use super::hear::down;
use super::{guest, own};
use crate::accounts::open;
use crate::adapters::payment::Subject;
use crate::auth::From;
use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Shows the processor's fields for a payment or for a way to pay that is saved.
    pub CARD = "payments.card", Read, Resident
);

/// The processor's fields for one payment. Staff who look through a resident's eyes get none: they would let them pay.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `ProcessorDown`; or if the database fails.
pub async fn card(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<CardView, Fault> {
    let mut work = cx.begin(&CARD, who).await?;
    let account = open(&mut work, account).await?;
    let row = own(&mut work, &account, number).await?;
    // What is taken with a saved way to pay is nobody's to try again by hand.
    let saved = store::planned::method_of(&mut work.tx, row.id).await?.is_some();
    let payable = is_payable(&row, work.now) && !saved && matches!(who, Principal::Resident { .. });
    drop(work);
    let fields = if payable { fields(cx, Subject::Payment, row.checkout.as_deref()).await? } else { None };
    Ok(CardView { account: account.row.number, number: row.number, amount: row.amount, fields })
}

/// The processor's fields for one payment of a guest.
///
/// # Errors
/// `LinkExpired`, `TooManyTries`, `NotFound`, `ProcessorDown`; or if the database fails.
pub async fn guest_card(cx: &Cx, who: &Principal, from: &From, token: &str, number: &str) -> Result<CardView, Fault> {
    let (row, now) = guest::payment(cx, who, from, token, number).await?;
    let payable = is_payable(&row, now);
    let fields = if payable { fields(cx, Subject::Payment, row.checkout.as_deref()).await? } else { None };
    Ok(CardView { account: String::new(), number: row.number, amount: row.amount, fields })
}

/// The processor's fields in which a person saves a way to pay. Staff who look through a resident's eyes get none.
///
/// # Errors
/// `NotFound` where the setting up is not this person's on this account, `SignInRequired`, `ProcessorDown`; or if the database
/// fails.
pub async fn setup_card(cx: &Cx, who: &Principal, account: &str, reference: &str) -> Result<SetupCardView, Fault> {
    let mut work = cx.begin(&CARD, who).await?;
    let account = open(&mut work, account).await?;
    let setup = store::saved_methods::setup(&mut work.tx, reference).await?;
    let setup = setup.filter(|s| Some(s.person_id) == who.resident() && s.account_id == account.row.id);
    let setup = setup.ok_or(AppError::NotFound)?;
    let usable = !setup.status.is_final() && setup.expires_at > work.now;
    let usable = usable && matches!(who, Principal::Resident { .. });
    drop(work);
    let fields = if usable { fields(cx, Subject::Setup, setup.setup.as_deref()).await? } else { None };
    Ok(SetupCardView { account: account.row.number, reference: setup.reference, fields })
}

fn is_payable(row: &PaymentRow, now: domain::calendar::Instant) -> bool {
    matches!(row.status, Status::Created | Status::Declined) && row.expires_at > now
}

/// What a page needs to show the processor's fields for a payment or a setup; `None` where the processor has pages of its own.
/// The caller has made sure that it is this person's.
///
/// # Errors
/// `ProcessorDown`.
async fn fields(cx: &Cx, about: Subject, id: Option<&str>) -> Result<Option<FieldsView>, Fault> {
    let Some(id) = id else { return Ok(None) };
    match cx.outside.payments.fields(about, id).await.map_err(down) {
        Ok(fields) => Ok(fields.map(|f| FieldsView {
            script: f.script,
            key: f.key,
            client_secret: f.client_secret,
            setup: about == Subject::Setup,
        })),
        Err(Fault::App(AppError::ProcessorDown)) => Err(AppError::ProcessorDown.into()),
        Err(other) => Err(other),
    }
}
