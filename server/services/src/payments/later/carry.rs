//! Autopay follows a move, when the resident says so: what was agreed to for an account that was left is offered on the new one, as it
//! was, and carried on by one tap. Nothing is carried on by itself.

use contract::AppError;
use contract::saved::CarryOn;
use domain::access::AccountRole;
use domain::payment::planned::Why;
use domain::payment::saved::validity;
use serde_json::json;
use store::autopay::AutopayRow;
use store::saved_methods::MethodRow;

use super::autopay::{begin, due_now};
use super::{end_autopay, mails, plan};
use crate::accounts::{OpenedAccount, open};
use crate::payments::charge::usable;
use crate::payments::methods;
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Carries autopay on at a new account.
    pub CARRY_ON = "autopay.carry_on", Write, Resident
);

/// Autopay of an account that this person left, with a way to pay that is still good, where this account has none.
async fn found(work: &mut Work, account: &OpenedAccount) -> Result<Option<(AutopayRow, MethodRow)>, Fault> {
    let Some(person) = work.who.resident().filter(|_| account.role == AccountRole::Holder) else { return Ok(None) };
    if account.row.closed_on.is_some() || matches!(work.who, Principal::ViewAs { .. }) {
        return Ok(None);
    }
    if store::autopay::active(&mut work.tx, account.id).await?.is_some() {
        return Ok(None);
    }
    let Some(row) = store::autopay::left_behind(&mut work.tx, person, account.id).await? else { return Ok(None) };
    let today = zones::stored(&account.zone)?.day_of(work.now);
    let method = store::saved_methods::by_id(&mut work.tx, row.method_id).await?;
    let method = method.filter(|m| m.removed_at.is_none() && usable(validity(m.expires_on, today)));
    Ok(method.map(|m| (row, m)))
}

/// What could be carried on.
pub(super) async fn offered(work: &mut Work, account: &OpenedAccount) -> Result<Option<CarryOn>, Fault> {
    let Some((row, method)) = found(work, account).await? else { return Ok(None) };
    let today = zones::stored(&account.zone)?.day_of(work.now);
    let Some(left) = store::accounts::by_id(&mut work.tx, row.account_id).await? else { return Ok(None) };
    let premise = store::accounts::premise(&mut work.tx, row.account_id).await?;
    Ok(Some(CarryOn {
        street: premise.map_or_else(|| left.mailing_street.clone(), |p| p.street),
        account: left.number,
        terms: row.terms(),
        method: methods::view(&method, today),
    }))
}

/// Carries it on, with the same terms and the same way to pay, from the next bill on. At the account that was left it ends.
///
/// # Errors
/// `Changed` where there is nothing to carry on (any more), `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn carry_on(cx: &Cx, who: &Principal, number: &str, key: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&CARRY_ON, who).await?;
    let account = open(&mut work, number).await?;
    let key = form_key(key)?;
    // The account that is left is locked too, both in one order.
    let left = found(&mut work, &account).await?.map(|(row, _)| row.account_id);
    let accounts: Vec<_> = std::iter::once(account.id).chain(left).collect();
    store::ledger::lock_many(&mut work.tx, &accounts).await?;
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    if let Some(running) = store::autopay::active(&mut work.tx, account.id).await? {
        // The second click of two.
        return if running.carried_from.is_some() { Ok(()) } else { Err(AppError::Changed.into()) };
    }
    if let Some((_, method)) = found(&mut work, &account).await? {
        store::saved_methods::lock(&mut work.tx, method.id).await?;
    }
    let found = found(&mut work, &account).await?.filter(|(row, _)| Some(row.account_id) == left);
    let Some((row, method)) = found else { return Err(AppError::Changed.into()) };
    let today = zones::stored(&account.zone)?.day_of(work.now);
    end_autopay(&mut work, row.id, Why::Closed).await?;
    // What is to be paid here today stays with the resident: nobody agreed to that at the other account.
    let after = due_now(&mut work, account.id, today).await?;
    begin(&mut work, (account.id, person), method.id, row.terms(), Some(after), Some(row.id), key).await?;
    work.audit(Some(account.id), &json!({ "carried_from": row.id, "terms": row.terms() })).await?;
    plan(&mut work, account.id, today).await?;
    mails::autopay_on(&mut work, account.id, false).await?;
    work.commit().await
}
