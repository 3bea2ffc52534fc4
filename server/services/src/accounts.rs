//! Opening an account: the one place where its number in an address becomes someone's right to see it.

use contract::AppError;
use contract::account::{AccountChoice, AccountHead, ViewAsBanner};
use domain::access::AccountRole;
use domain::ids::{AccountId, PremiseId};
use domain::money::Cents;
use locales::{Lang, viewing};
use store::accounts::AccountRow;
use store::view_as::Reason;

use crate::{Cx, Fault, Principal, Work, use_case};

use_case!(
    /// The accounts that the person may open.
    pub MINE = "accounts.mine", Read, Resident
);

use_case!(
    /// What stands around a page that cannot be shown.
    pub FRAME = "accounts.frame", Read, Resident
);

/// An account that the principal of this transaction may see.
#[derive(Clone, Debug)]
pub struct OpenedAccount {
    /// Key.
    pub id: AccountId,
    /// Its own row.
    pub row: AccountRow,
    /// What the resident may do on it.
    pub role: AccountRole,
    /// The head of every page about it.
    pub head: AccountHead,
    /// Where service is delivered; `None` before the first agreement.
    pub premise: Option<PremiseId>,
    /// IANA name of the zone that makes its local days.
    pub zone: String,
}

/// Opens the account of a number for the principal of this transaction: a resident needs a role on it now, view-as sees its
/// one account only.
///
/// # Errors
/// `NotFound` for an unknown number and for someone else's alike; `SignInRequired` for nobody; otherwise if the database fails.
pub async fn open(work: &mut Work, number: &str) -> Result<OpenedAccount, Fault> {
    let person = match &work.who {
        Principal::Nobody => return Err(AppError::SignInRequired.into()),
        Principal::Staff { .. } | Principal::System => return Err(AppError::NotFound.into()),
        Principal::Resident { person, .. } => *person,
        Principal::ViewAs { subject, .. } => *subject,
    };
    let now = work.now;
    let row = store::accounts::by_number(&mut work.tx, number).await?.ok_or(AppError::NotFound)?;
    let role = store::accounts::role(&mut work.tx, row.id, person, now).await?.ok_or(AppError::NotFound)?;
    let (others, view_as) = match work.who.clone() {
        Principal::ViewAs { account, view_as, .. } => {
            if account != row.id {
                return Err(AppError::NotFound.into());
            }
            (Vec::new(), Some(banner(work, view_as).await?))
        }
        _ => {
            let own = store::accounts::of_person(&mut work.tx, person, now).await?;
            let others = own.into_iter().filter(|a| a.id != row.id);
            (others.map(|a| AccountChoice { number: a.number, street: a.street }).collect(), None)
        }
    };
    head_of(work, row, role, others, view_as).await
}

/// As [`open`], for a page that has no way to pay of its own: what is to be paid now stands at its head. Staff who look through a
/// resident's eyes pay nothing.
///
/// # Errors
/// As [`open`].
pub async fn open_page(work: &mut Work, number: &str) -> Result<OpenedAccount, Fault> {
    let mut opened = open(work, number).await?;
    if opened.head.view_as.is_none() {
        let zone = crate::zones::stored(&opened.zone)?;
        let due = crate::billing::due(work, opened.id, &zone).await?;
        let unpaid = due.unpaid();
        if unpaid > Cents::ZERO {
            let planned = crate::payments::later::next(work, &opened, &zone, unpaid, due.due_on).await?;
            opened.head.pay = Some(planned.map_or(unpaid, |p| p.rest)).filter(|rest| *rest > Cents::ZERO);
        }
    }
    Ok(opened)
}

/// Opens any account for the program itself: the command line and jobs.
///
/// # Errors
/// `Forbidden` for anyone else; `NotFound` for an unknown number; otherwise if the database fails.
pub async fn open_any(work: &mut Work, number: &str) -> Result<OpenedAccount, Fault> {
    if work.who != Principal::System {
        return Err(AppError::Forbidden.into());
    }
    let row = store::accounts::by_number(&mut work.tx, number).await?.ok_or(AppError::NotFound)?;
    head_of(work, row, AccountRole::Holder, Vec::new(), None).await
}

/// The head of the pages about an account, for someone who may see it.
async fn head_of(
    work: &mut Work,
    row: AccountRow,
    role: AccountRole,
    others: Vec<AccountChoice>,
    view_as: Option<ViewAsBanner>,
) -> Result<OpenedAccount, Fault> {
    let now = work.now;
    let premise = store::accounts::premise(&mut work.tx, row.id).await?;
    let services = store::accounts::services(&mut work.tx, row.id, now).await?;
    let head = AccountHead {
        number: row.number.clone(),
        name: row.name.clone(),
        street: premise.as_ref().map_or_else(|| row.mailing_street.clone(), |p| p.street.clone()),
        services,
        others,
        pay: None,
        view_as,
    };
    let zone = premise.as_ref().map_or_else(|| work.settings.zone.clone(), |p| p.zone.clone());
    Ok(OpenedAccount { id: row.id, role, head, premise: premise.map(|p| p.id), zone, row })
}

/// What the frame of view-as says.
async fn banner(work: &mut Work, id: domain::ids::ViewAsId) -> Result<ViewAsBanner, Fault> {
    let row = store::view_as::by_id(&mut work.tx, id).await?.ok_or(AppError::SignInRequired)?;
    let name = |p: Option<store::people::PersonRow>| p.map(|p| p.full_name()).unwrap_or_default();
    let staff_name = name(store::people::by_id(&mut work.tx, row.staff_id).await?);
    let subject_name = name(store::people::by_id(&mut work.tx, row.subject_id).await?);
    let seconds = (row.expires_at - work.now).num_seconds().max(0);
    Ok(ViewAsBanner {
        staff_name,
        subject_name,
        reason: reason_text(Lang::En, row.reason).to_owned(),
        minutes_left: u32::try_from(seconds).unwrap_or(0).div_ceil(60),
    })
}

/// A reason in words.
#[must_use]
pub fn reason_text(lang: Lang, reason: Reason) -> &'static str {
    match reason {
        Reason::BillQuestion => viewing::reason_bill_question(lang),
        Reason::UsageQuestion => viewing::reason_usage_question(lang),
        Reason::PaymentHelp => viewing::reason_payment_help(lang),
        Reason::PortalHelp => viewing::reason_portal_help(lang),
        Reason::Other => viewing::reason_other(lang),
    }
}

/// The accounts that the signed-in person may open, open ones first; in view-as, its one account.
///
/// # Errors
/// `SignInRequired`, or if the database fails.
pub async fn mine(cx: &Cx, who: &Principal) -> Result<Vec<AccountChoice>, Fault> {
    let mut work = cx.begin(&MINE, who).await?;
    own(&mut work).await
}

/// What stands around a page that cannot be shown: of the account that its address names where that is theirs, else of the one that
/// opens first.
///
/// # Errors
/// `SignInRequired`, `NotFound` for someone without an account, or if the database fails.
pub async fn frame(cx: &Cx, who: &Principal, number: &str) -> Result<AccountHead, Fault> {
    let mut work = cx.begin(&FRAME, who).await?;
    let theirs = own(&mut work).await?;
    let shown = theirs.iter().find(|a| a.number == number).or(theirs.first());
    let number = shown.map(|a| a.number.clone()).ok_or(AppError::NotFound)?;
    Ok(open_page(&mut work, &number).await?.head)
}

/// The accounts that the principal of this transaction may open.
async fn own(work: &mut Work) -> Result<Vec<AccountChoice>, Fault> {
    let who = work.who.clone();
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let now = work.now;
    let own = store::accounts::of_person(&mut work.tx, person, now).await?;
    let only = match who {
        Principal::ViewAs { account, .. } => Some(account),
        _ => None,
    };
    Ok(own
        .into_iter()
        .filter(|a| only.is_none_or(|id| id == a.id))
        .map(|a| AccountChoice { number: a.number, street: a.street })
        .collect())
}
