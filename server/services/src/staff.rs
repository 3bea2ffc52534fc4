//! What employees see before they look through a resident's eyes: search, and the account at a glance.

use std::collections::HashMap;

use contract::{AppError, Field, Problem};
use domain::calendar::Instant;
use domain::ids::BillId;
use domain::money::Cents;
use serde_json::json;
use store::accounts::AccountRow;
use store::bills::BillRow;
use store::payments::PaymentRow;
use store::people::PersonRow;
use store::staff::{Hit, MeterLine};
use store::view_as::ViewAsRow;

use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// The signed-in employee.
    pub ME = "staff.me", Read, Staff
);
use_case!(
    /// Finds accounts.
    pub SEARCH = "staff.search", Read, Staff
);
use_case!(
    /// Shows an account. Declared as a write because looking is itself recorded.
    pub ACCOUNT = "staff.account", Write, Staff
);

/// The shortest text that is searched for.
const SEARCH_MIN: usize = 2;
/// The longest.
const SEARCH_MAX: usize = 100;

/// The signed-in employee's name and their last viewings.
///
/// # Errors
/// `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn me(cx: &Cx, who: &Principal) -> Result<(PersonRow, Vec<(ViewAsRow, String)>), Fault> {
    let mut work = cx.begin(&ME, who).await?;
    let person = work.who.actor().ok_or(AppError::SignInRequired)?;
    let row = store::people::by_id(&mut work.tx, person).await?.ok_or(AppError::SignInRequired)?;
    let mut viewings = Vec::new();
    for viewing in store::view_as::of_staff(&mut work.tx, person).await? {
        let number = store::accounts::by_id(&mut work.tx, viewing.account_id).await?.map(|a| a.number);
        viewings.push((viewing, number.unwrap_or_default()));
    }
    Ok((row, viewings))
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Found {
    /// At most fifty.
    pub hits: Vec<Hit>,
    /// Whether there are more.
    pub more: bool,
}

/// Accounts by name, address, account number or meter number.
///
/// # Errors
/// `Invalid` for a text that is too short or too long; `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn search(cx: &Cx, who: &Principal, text: &str) -> Result<Found, Fault> {
    let mut work = cx.begin(&SEARCH, who).await?;
    let length = text.trim().chars().count();
    if length < SEARCH_MIN {
        return Err(AppError::field(Field::Search, Problem::TooShort).into());
    }
    if length > SEARCH_MAX {
        return Err(AppError::field(Field::Search, Problem::TooLong).into());
    }
    let mut hits = store::staff::search(&mut work.tx, text).await?;
    let more = hits.len() > 50;
    hits.truncate(50);
    Ok(Found { hits, more })
}

/// A person on an account, with contact masked for a shared screen.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Given and family name.
    pub name: String,
    /// Masked e-mail address.
    pub email: Option<String>,
    /// Masked telephone number.
    pub phone: Option<String>,
    /// Whether they hold the account.
    pub holder: bool,
    /// Whether they can sign in.
    pub can_sign_in: bool,
}

/// An account at a glance.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its own row.
    pub account: AccountRow,
    /// Where service is delivered.
    pub street: String,
    /// The people on it.
    pub people: Vec<Contact>,
    /// The meters that serve it.
    pub meters: Vec<MeterLine>,
    /// What is owed; negative is in the customer's favour.
    pub balance: Cents,
    /// The newest bills.
    pub bills: Vec<BillRow>,
    /// When bills were printed to be mailed, and in which batch.
    pub printed: HashMap<BillId, (i64, Instant)>,
    /// Who viewed it, newest first, with the employee's name.
    pub viewings: Vec<(ViewAsRow, String)>,
    /// The zone of its local days.
    pub zone: String,
    /// How old the debt is and what follows from it.
    pub owed: crate::collections::StaffView,
    /// The newest payments.
    pub payments: Vec<PaymentRow>,
    /// The key of the form that acts on it.
    pub form_key: String,
    /// Why no bill is made now.
    pub holds: Vec<contract::bills::StaffHoldView>,
}

/// An account at a glance. That it was looked at is recorded.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn account(cx: &Cx, who: &Principal, number: &str) -> Result<Summary, Fault> {
    let mut work = cx.begin(&ACCOUNT, who).await?;
    let account = store::accounts::by_number(&mut work.tx, number).await?.ok_or(AppError::NotFound)?;
    let now = work.now;
    let premise = store::accounts::premise(&mut work.tx, account.id).await?;
    let mut people = Vec::new();
    for (person, role) in store::accounts::people(&mut work.tx, account.id, now).await? {
        let Some(row) = store::people::by_id(&mut work.tx, person).await? else { continue };
        people.push(Contact {
            name: row.full_name(),
            email: row.email.as_ref().map(domain::contact::Email::masked),
            phone: row.phone.as_ref().map(domain::contact::Phone::masked),
            holder: role == domain::access::AccountRole::Holder,
            can_sign_in: store::sessions::password_hash(&mut work.tx, person).await?.is_some(),
        });
    }
    let mut viewings = Vec::new();
    for viewing in store::view_as::of_account(&mut work.tx, account.id).await?.into_iter().take(10) {
        let name = store::people::by_id(&mut work.tx, viewing.staff_id).await?.map(|p| p.full_name());
        viewings.push((viewing, name.unwrap_or_default()));
    }
    let balance = store::ledger::customer_sums(&mut work.tx, account.id).await?.into_iter().map(|(_, c)| c).sum();
    let mut bills = store::bills::list(&mut work.tx, account.id).await?;
    bills.truncate(6);
    let printed = store::printing::of_account(&mut work.tx, account.id).await?;
    let city = crate::zones::stored(&cx.settings.zone)?;
    let owed = crate::collections::staff_view(&mut work, account.id, city.day_of(now)).await?;
    let meters = store::staff::meters(&mut work.tx, account.id).await?;
    let holds = crate::billing::holds::for_staff(&mut work, account.id).await?;
    let payments = store::payments::of_account(&mut work.tx, account.id, 8).await?;
    work.audit(Some(account.id), &json!({})).await?;
    work.commit().await?;
    Ok(Summary {
        payments,
        holds,
        street: premise.as_ref().map_or_else(|| account.mailing_street.clone(), |p| p.street.clone()),
        zone: premise.map_or_else(|| cx.settings.zone.clone(), |p| p.zone),
        account,
        people,
        meters,
        balance,
        bills,
        printed: printed.into_iter().map(|(bill, batch, at)| (bill, (batch, at))).collect(),
        viewings,
        owed,
        form_key: crate::payments::random_code(&cx.entropy),
    })
}
