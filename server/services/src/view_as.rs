//! Employees looking through a resident's eyes: delegation with both names on it, read-only, short, and visible to the resident.

use chrono::TimeDelta;
use contract::auth::{ActivityView, ViewReason, Viewing};
use contract::{AppError, Field, Problem};
use domain::ids::{AccountId, PersonId, ViewAsId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::people::PersonKind;
use store::view_as::{NewViewAs, Reason, ViewAsRow};

use crate::accounts::{open as open_account, open_page};
use crate::requests::short_name;
use crate::secrets::{Token, hash_token};
use crate::{Cx, Fault, Principal, Work, tokens, use_case};

use_case!(
    /// Opens a viewing.
    pub OPEN = "view_as.open", Write, Staff
);
use_case!(
    /// Turns the hand-over into a viewing on the assist origin.
    pub REDEEM = "view_as.redeem", Write, System
);
use_case!(
    /// Finds out whose viewing a cookie means.
    pub RESOLVE = "view_as.resolve", Read, System
);
use_case!(
    /// Notes that a page was shown.
    pub TOUCH = "view_as.touch", Write, System
);
use_case!(
    /// Leaves a viewing.
    pub LEAVE = "view_as.leave", Write, System
);
use_case!(
    /// The resident stops a viewing.
    pub STOP = "view_as.stop", Write, Resident
);
use_case!(
    /// Who viewed the account.
    pub ACTIVITY = "view_as.activity", Read, Resident
);

/// How long without a page before it ends.
pub const IDLE: TimeDelta = TimeDelta::minutes(5);
/// How long at most.
pub const LONGEST: TimeDelta = TimeDelta::minutes(30);
/// How long the hand-over to the assist origin works.
const HAND_OVER: TimeDelta = TimeDelta::seconds(60);
/// The longest note, in characters.
const NOTE_MAX: usize = 500;

/// What is signed for the hand-over (RFC 8693): the resident is the subject, the employee acts.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct HandOver {
    iss: String,
    aud: String,
    sub: String,
    act: Actor,
    /// The viewing.
    jti: String,
    /// Seconds since 1970.
    exp: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Actor {
    sub: String,
}

/// Opens a viewing of an account with a reason and answers the token that the assist origin redeems, once and within a minute.
///
/// # Errors
/// `Forbidden` for another employee's, one's own or one's household's account and for anyone who is not staff;
/// `Invalid` for a reason or note that is missing, or an account that nobody holds; `NotFound`; or if the database fails.
pub async fn open(cx: &Cx, who: &Principal, number: &str, reason: &str, note: &str) -> Result<String, Fault> {
    let mut work = cx.begin(&OPEN, who).await?;
    let Principal::Staff { person: staff, session } = *who else { return Err(AppError::Forbidden.into()) };
    let reason = Reason::from_slug(reason).ok_or_else(|| AppError::field(Field::Reason, Problem::Missing))?;
    let note = note.trim();
    if reason == Reason::Other && note.is_empty() {
        return Err(AppError::field(Field::Message, Problem::Missing).into());
    }
    if note.chars().count() > NOTE_MAX {
        return Err(AppError::field(Field::Message, Problem::TooLong).into());
    }
    let account = store::accounts::by_number(&mut work.tx, number.trim()).await?.ok_or(AppError::NotFound)?;
    let now = work.now;
    let people = store::accounts::people(&mut work.tx, account.id, now).await?;
    let Some(&(subject, _)) = people.first() else {
        return Err(AppError::field(Field::AccountNumber, Problem::NoMatch).into());
    };
    if conflict(&mut work, staff, account.id, &people.iter().map(|(p, _)| *p).collect::<Vec<_>>()).await? {
        return Err(AppError::Forbidden.into());
    }
    let new = NewViewAs { staff, session, subject, account: account.id, reason, note };
    let id = store::view_as::insert(&mut work.tx, &new, now, now + LONGEST).await?;
    let claims = HandOver {
        iss: work.settings.portal_origin.clone(),
        aud: work.settings.assist_origin.clone(),
        sub: subject.0.to_string(),
        act: Actor { sub: staff.0.to_string() },
        jti: id.0.to_string(),
        exp: (now + HAND_OVER).timestamp(),
    };
    let token = tokens::sign(cx, &mut work, &claims).await?;
    work.audit(Some(account.id), &json!({ "view_as": id, "subject": subject, "reason": reason.slug() })).await?;
    work.commit().await?;
    Ok(token)
}

/// Whether the employee stands too near: their own account or one at the same address, or an account that an employee holds.
async fn conflict(work: &mut Work, staff: PersonId, account: AccountId, people: &[PersonId]) -> Result<bool, Fault> {
    let now = work.now;
    let me = store::people::by_id(&mut work.tx, staff).await?.ok_or(AppError::SignInRequired)?;
    for person in people {
        let Some(row) = store::people::by_id(&mut work.tx, *person).await? else { continue };
        let same_phone = row.phone.is_some() && row.phone == me.phone;
        if row.id == staff || row.kind == PersonKind::Staff || same_phone {
            return Ok(true);
        }
    }
    let here = store::accounts::premise(&mut work.tx, account).await?.map(|p| p.id);
    for own in store::accounts::of_person(&mut work.tx, staff, now).await? {
        let there = store::accounts::premise(&mut work.tx, own.id).await?.map(|p| p.id);
        if own.id == account || (here.is_some() && here == there) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the assist origin needs to go on.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// For the assist origin's cookie.
    pub token: String,
    /// The account's number.
    pub number: String,
}

/// Redeems a hand-over, once.
///
/// # Errors
/// `LinkExpired` for whatever is wrong with it: signature, time, used before, revoked, the employee signed out; or if the
/// database fails.
pub async fn redeem(cx: &Cx, hand_over: &str) -> Result<Redeemed, Fault> {
    let mut work = cx.begin(&REDEEM, &Principal::System).await?;
    let now = work.now;
    let assist = work.settings.assist_origin.clone();
    let claims: HandOver = tokens::read(&mut work, hand_over, &assist)
        .await?
        .filter(|claims: &HandOver| claims.exp > now.timestamp())
        .ok_or(AppError::LinkExpired)?;
    let id = claims.jti.parse().map(ViewAsId).map_err(|_| AppError::LinkExpired)?;
    let token = Token::new(cx);
    if !store::view_as::redeem(&mut work.tx, id, &token.hash, now).await? {
        return Err(AppError::LinkExpired.into());
    }
    let row = store::view_as::live(&mut work.tx, &token.hash, now, now - IDLE).await?.ok_or(AppError::LinkExpired)?;
    let account = store::accounts::by_id(&mut work.tx, row.account_id).await?.ok_or(AppError::LinkExpired)?;
    work.who = principal(&row);
    work.audit(Some(row.account_id), &()).await?;
    work.commit().await?;
    Ok(Redeemed { token: token.text, number: account.number })
}

const fn principal(row: &ViewAsRow) -> Principal {
    Principal::ViewAs { actor: row.staff_id, subject: row.subject_id, account: row.account_id, view_as: row.id }
}

/// Whose viewing a cookie of the assist origin means; nobody's where it has ended, by itself or by whom ever.
///
/// # Errors
/// If the database fails.
pub async fn resolve(cx: &Cx, token: &str) -> Result<Principal, Fault> {
    let mut work = cx.begin(&RESOLVE, &Principal::System).await?;
    let now = work.now;
    let Some(row) = store::view_as::live(&mut work.tx, &hash_token(token), now, now - IDLE).await? else {
        return Ok(Principal::Nobody);
    };
    // The employee's own session must not have idled away or lost its password meanwhile; using the viewing counts as using it.
    let role = store::accounts::role(&mut work.tx, row.account_id, row.subject_id, now).await?;
    let staff = store::sessions::password_hash(&mut work.tx, row.staff_id).await?;
    Ok(if role.is_some() && staff.is_some() { principal(&row) } else { Principal::Nobody })
}

/// Notes that the viewing is in use, and counts the page if it was one.
///
/// # Errors
/// If the database fails.
pub async fn touch(cx: &Cx, who: &Principal, page: bool) -> Result<(), Fault> {
    let Principal::ViewAs { view_as, .. } = *who else { return Ok(()) };
    let mut work = cx.begin(&TOUCH, &Principal::System).await?;
    let now = work.now;
    store::view_as::touch(&mut work.tx, view_as, now, i64::from(page)).await?;
    work.commit().await
}

/// Ends the viewing that the employee is in.
///
/// # Errors
/// If the database fails.
pub async fn leave(cx: &Cx, who: &Principal) -> Result<(), Fault> {
    let Principal::ViewAs { view_as, account, .. } = *who else { return Ok(()) };
    let mut work = cx.begin(&LEAVE, &Principal::System).await?;
    let now = work.now;
    store::view_as::end(&mut work.tx, view_as, now).await?;
    work.who = who.clone();
    work.audit(Some(account), &()).await?;
    work.commit().await
}

/// The resident ends a viewing of their account at once.
///
/// # Errors
/// `NotFound` where it is not of this account; or if the database fails.
pub async fn stop(cx: &Cx, who: &Principal, number: &str, id: ViewAsId) -> Result<(), Fault> {
    let mut work = cx.begin(&STOP, who).await?;
    let account = open_account(&mut work, number).await?;
    let row = store::view_as::by_id(&mut work.tx, id).await?.filter(|r| r.account_id == account.id);
    let row = row.ok_or(AppError::NotFound)?;
    let now = work.now;
    store::view_as::end(&mut work.tx, row.id, now).await?;
    work.audit(Some(account.id), &json!({ "view_as": id })).await?;
    work.commit().await
}

/// Who viewed the account, newest first.
///
/// # Errors
/// `NotFound`; or if the database fails.
pub async fn activity(cx: &Cx, who: &Principal, number: &str) -> Result<ActivityView, Fault> {
    let mut work = cx.begin(&ACTIVITY, who).await?;
    let account = open_page(&mut work, number).await?;
    let now = work.now;
    let mut viewings = Vec::new();
    for row in store::view_as::of_account(&mut work.tx, account.id).await? {
        let live = row.ended_at.is_none() && row.expires_at > now && row.seen_at + IDLE > now;
        let end = row.ended_at.unwrap_or(row.seen_at).min(row.expires_at);
        let seconds = (end - row.started_at).num_seconds().max(0);
        let employee = store::people::by_id(&mut work.tx, row.staff_id).await?;
        viewings.push(Viewing {
            id: row.id.0,
            by: employee.map(|p| short_name(&p.given_name, &p.family_name)).unwrap_or_default(),
            reason: reason(row.reason),
            began: crate::settings_page::local(row.started_at, &account.zone)?,
            minutes: u32::try_from(seconds).unwrap_or(0).div_ceil(60).max(1),
            pages: u32::try_from(row.pages_seen).unwrap_or(0),
            live,
        });
    }
    Ok(ActivityView { account: account.head, viewings })
}

const fn reason(reason: Reason) -> ViewReason {
    match reason {
        Reason::BillQuestion => ViewReason::BillQuestion,
        Reason::UsageQuestion => ViewReason::UsageQuestion,
        Reason::PaymentHelp => ViewReason::PaymentHelp,
        Reason::PortalHelp => ViewReason::PortalHelp,
        Reason::Other => ViewReason::Other,
    }
}
