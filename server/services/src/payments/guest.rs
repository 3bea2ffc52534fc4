//! Paying without signing in: for someone else, or by those who never set up access. An account number and the postcode of
//! its address lead to what is due and when, and to nothing else.

use chrono::TimeDelta;
use contract::payments::{GuestPayView, GuestPaymentView};
use contract::{AppError, Field, FieldError, Problem};
use domain::ids::AccountId;
use domain::payment::Status;
use domain::payment::offer::{Parts, offers};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::accounts::AccountRow;
use store::payments::PaymentRow;

use super::start::{Payer, begin};
use super::{Go, hear, limits, random_code};
use crate::auth::From;
use crate::limits::{GUEST_ACCOUNT, GUEST_ADDRESS, GUEST_START, LINK_ADDRESS, count};
use crate::{Cx, Fault, Principal, Work, billing, tokens, use_case, zones};

use_case!(
    /// Looks for an account to pay for.
    pub FIND = "guest_pay.find", Write, Public
);
use_case!(
    /// Shows a guest what is due.
    pub FORM = "guest_pay.form", Read, Public
);
use_case!(
    /// Begins a guest's payment.
    pub START = "guest_pay.start", Write, Public
);
use_case!(
    /// Shows a guest their payment.
    pub SHOW = "guest_pay.show", Read, Public
);

/// How long a guest may take, from the account number to the receipt.
const LEAVE: TimeDelta = TimeDelta::hours(2);
const AUDIENCE: &str = "guest-pay";

/// What a guest's token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Leave {
    iss: String,
    aud: String,
    /// The account.
    sub: String,
    /// Seconds since 1970.
    exp: i64,
}

/// Looks for the account of a number whose service or mailing address has a postcode, and answers the token that its pages go
/// by. Every pair that does not fit is answered alike.
///
/// # Errors
/// `Invalid` for a pair that does not fit, `TooManyTries`; or if the database fails.
pub async fn find(cx: &Cx, who: &Principal, from: &From, number: &str, postcode: &str) -> Result<String, Fault> {
    let (number, postcode) = (number.trim(), postcode.trim());
    let missing = |field, text: &str| text.is_empty().then_some(FieldError { field, problem: Problem::Missing });
    let wrong: Vec<_> =
        [missing(Field::AccountNumber, number), missing(Field::Postcode, postcode)].into_iter().flatten().collect();
    if !wrong.is_empty() {
        return Err(AppError::Invalid(wrong).into());
    }
    count(cx, &GUEST_ADDRESS, &from.address).await?;
    count(cx, &GUEST_ACCOUNT, number).await?;
    let mut work = cx.begin(&FIND, who).await?;
    let account = matching(&mut work, number, postcode).await?;
    work.audit(account.as_ref().map(|a| a.id), &json!({ "found": account.is_some() })).await?;
    let leave = Leave {
        iss: work.settings.portal_origin.clone(),
        aud: AUDIENCE.to_owned(),
        sub: account.as_ref().map_or(0, |a| a.id.0).to_string(),
        exp: (work.now + LEAVE).timestamp(),
    };
    // Signed in either case, so that both take as long.
    let token = tokens::sign(cx, &mut work, &leave).await?;
    work.commit().await?;
    account.map(|_| token).ok_or_else(|| AppError::field(Field::Postcode, Problem::NoMatch).into())
}

async fn matching(work: &mut Work, number: &str, postcode: &str) -> Result<Option<AccountRow>, Fault> {
    let Some(account) = store::accounts::by_number(&mut work.tx, number).await? else { return Ok(None) };
    let premise = store::accounts::premise(&mut work.tx, account.id).await?;
    // The first five digits; what follows them is not on every bill.
    let five = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).take(5).collect::<String>().to_lowercase();
    let wanted = five(postcode);
    let fits = premise.is_some_and(|p| five(&p.postcode) == wanted) || five(&account.mailing_postcode) == wanted;
    Ok((fits && wanted.len() == 5).then_some(account))
}

/// The account that a token leads to.
async fn leave(work: &mut Work, token: &str) -> Result<AccountRow, Fault> {
    let now = work.now.timestamp();
    let leave: Leave =
        tokens::read(work, token, AUDIENCE).await?.filter(|l: &Leave| l.exp > now).ok_or(AppError::LinkExpired)?;
    let id = leave.sub.parse().map(AccountId).map_err(|_| AppError::LinkExpired)?;
    Ok(store::accounts::by_id(&mut work.tx, id).await?.ok_or(AppError::LinkExpired)?)
}

/// What is due, and which amounts are taken.
///
/// # Errors
/// `LinkExpired` for a token that is too old or none of ours, `TooManyTries`; or if the database fails.
pub async fn form(cx: &Cx, who: &Principal, from: &From, token: &str) -> Result<GuestPayView, Fault> {
    count(cx, &LINK_ADDRESS, &from.address).await?;
    let mut work = cx.begin(&FORM, who).await?;
    let account = leave(&mut work, token).await?;
    let zone = zones::stored(&work.settings.zone)?;
    let (balance, limits) = limits(&mut work, account.id, account.closed_on.is_some()).await?;
    let due = billing::due::due(&mut work, account.id, &zone).await?;
    let (offers, chosen) = offers(limits, Parts::default());
    Ok(GuestPayView {
        account: masked(&account.number),
        balance: balance.max(domain::money::Cents::ZERO),
        due_on: due.due_on,
        limits,
        offers,
        chosen,
        form_key: random_code(&cx.entropy),
    })
}

/// The last four digits: enough to know that it is the right one.
fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(4);
    number.chars().enumerate().map(|(i, c)| if i < hidden { '•' } else { c }).collect()
}

/// Begins a payment and says where the guest goes next.
///
/// # Errors
/// `LinkExpired`, `Invalid` for an amount that is not taken, `TooManyTries`, `ProcessorDown`; or if the database fails.
pub async fn start(
    cx: &Cx,
    who: &Principal,
    from: &From,
    token: &str,
    amount: &str,
    form_key: &str,
) -> Result<Go, Fault> {
    count(cx, &GUEST_START, &from.address).await?;
    let mut work = cx.begin(&START, who).await?;
    let account = leave(&mut work, token).await?;
    let payer = Payer {
        account: account.id,
        number: account.number,
        closed: account.closed_on.is_some(),
        person: None,
        pages: format!("/pay/{token}"),
    };
    begin(cx, work, &payer, amount, form_key).await
}

/// One payment of a guest. Where its end is not known yet, the processor is asked first.
///
/// # Errors
/// `LinkExpired`, `NotFound` for a payment that is not a guest's for this account, `TooManyTries`; or if the database fails.
pub async fn show(cx: &Cx, who: &Principal, from: &From, token: &str, number: &str) -> Result<GuestPaymentView, Fault> {
    count(cx, &LINK_ADDRESS, &from.address).await?;
    let mut work = cx.begin(&SHOW, who).await?;
    let account = leave(&mut work, token).await?;
    let row = own(&mut work, &account, number).await?;
    let mut processor_down = false;
    if !row.status.is_final() {
        // Not while a transaction is open: the processor may be slow.
        drop(work);
        match hear::ask(cx, number).await {
            Ok(_) => {}
            Err(Fault::App(AppError::ProcessorDown)) => processor_down = true,
            Err(other) => return Err(other),
        }
        work = cx.begin(&SHOW, who).await?;
    }
    let row = own(&mut work, &account, number).await?;
    let zone = zones::stored(&work.settings.zone)?;
    let payable = matches!(row.status, Status::Created | Status::Declined) && row.expires_at > work.now;
    let refunds = super::refund_lines(&mut work, &row, &zone).await?;
    let (balance, _) = limits(&mut work, account.id, account.closed_on.is_some()).await?;
    Ok(GuestPaymentView {
        refunds,
        owed: balance.max(domain::money::Cents::ZERO),
        account: masked(&account.number),
        number: row.number,
        amount: row.amount,
        status: row.status,
        decline: row.decline,
        method: row.method,
        begun_at: zone.to_local(row.created_at),
        posted_at: row.posted_at.map(|at| zone.to_local(at)),
        resume: row.checkout_url.filter(|_| payable),
        processor_down,
    })
}

async fn own(work: &mut Work, account: &AccountRow, number: &str) -> Result<PaymentRow, Fault> {
    store::payments::by_number(&mut work.tx, number)
        .await?
        .filter(|p| p.account_id == account.id && p.person_id.is_none() && p.provider != super::ELSEWHERE)
        .ok_or_else(|| AppError::NotFound.into())
}

/// A payment of a guest, for the page with the processor's fields, and the present.
pub(super) async fn payment(
    cx: &Cx,
    who: &Principal,
    from: &From,
    token: &str,
    number: &str,
) -> Result<(PaymentRow, domain::calendar::Instant), Fault> {
    count(cx, &LINK_ADDRESS, &from.address).await?;
    let mut work = cx.begin(&SHOW, who).await?;
    let account = leave(&mut work, token).await?;
    Ok((own(&mut work, &account, number).await?, work.now))
}
