//! Holds: why an account is not billed now, said to its residents, put and lifted by employees or by the run itself.

use std::collections::HashSet;

use chrono::NaiveDate;
use contract::bills::{HoldView, StaffHoldView};
use contract::{AppError, Field, Problem};
use domain::billing::hold::HoldReason;
use domain::calendar::next_day;
use domain::ids::AccountId;
use serde_json::json;
use store::holds::{HoldRow, NewHold};

use super::gather::Hold;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Puts a hold on an account's bills.
    pub PUT = "billing.hold", Write, Staff
);
use_case!(
    /// Lifts a hold.
    pub LIFT = "billing.lift_hold", Write, Staff
);

/// The longest note.
const NOTE_MAX: usize = 1_000;
/// A hold says when it goes on; no later than this many days from now.
const LONGEST: i64 = 365;

impl Hold {
    /// The reason that residents read.
    #[must_use]
    pub const fn reason(self) -> Option<HoldReason> {
        match self {
            Self::NoReadings => Some(HoldReason::NoReadings),
            Self::WaitingForReadings => Some(HoldReason::WaitingForReadings),
            Self::HoursOfDial => Some(HoldReason::NotPriced),
            Self::OverlappingAgreements => Some(HoldReason::OverlappingAgreements),
            // It has a row of its own.
            Self::ByEmployee => None,
        }
    }
}

/// The hold of an account that its residents see. Runs inside the caller's transaction.
///
/// # Errors
/// If the database fails.
pub async fn of(work: &mut Work, account: AccountId) -> Result<Option<HoldView>, Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let view =
        |h: HoldRow| HoldView { reason: h.reason, note: h.note, since: zone.day_of(h.put_at), next_on: h.next_on };
    Ok(store::holds::open_of(&mut work.tx, account).await?.into_iter().next().map(view))
}

/// The holds of an account for employees. Runs inside the caller's transaction.
///
/// # Errors
/// If the database fails.
pub async fn for_staff(work: &mut Work, account: AccountId) -> Result<Vec<StaffHoldView>, Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let mut out = Vec::new();
    for h in store::holds::open_of(&mut work.tx, account).await? {
        let by = match h.put_by {
            Some(person) => store::people::by_id(&mut work.tx, person).await?.map(|p| p.full_name()),
            None => None,
        };
        let hold = HoldView { reason: h.reason, note: h.note, since: zone.day_of(h.put_at), next_on: h.next_on };
        out.push(StaffHoldView { id: h.id, hold, by });
    }
    Ok(out)
}

/// Puts a hold: no bill is issued until it is lifted, and the residents read why and what comes next by when.
///
/// # Errors
/// `Invalid` for a reason, a note or a day that is none; `Changed` where one is held already; `NotFound`, `SignInRequired`,
/// `Forbidden`; or if the database fails.
pub async fn put(
    cx: &Cx,
    who: &Principal,
    account: &str,
    reason: &str,
    note: &str,
    next_on: &str,
) -> Result<(), Fault> {
    let mut work = cx.begin(&PUT, who).await?;
    let zone = zones::stored(&cx.settings.zone)?;
    let today = zone.day_of(work.now);
    let reason = HoldReason::given(reason).ok_or_else(|| AppError::field(Field::Reason, Problem::Missing))?;
    let note = note.trim();
    if note.is_empty() {
        return Err(AppError::field(Field::Message, Problem::Missing).into());
    }
    if note.chars().count() > NOTE_MAX {
        return Err(AppError::field(Field::Message, Problem::TooLong).into());
    }
    let next_on: NaiveDate = next_on.trim().parse().map_err(|_| AppError::field(Field::To, Problem::Malformed))?;
    if next_on < today || (next_on - today).num_days() > LONGEST {
        return Err(AppError::field(Field::To, Problem::OutOfRange).into());
    }
    let row = store::accounts::by_number(&mut work.tx, account).await?.ok_or(AppError::NotFound)?;
    let by = work.who.actor();
    let now = work.now;
    if !store::holds::put(&mut work.tx, &NewHold { account: row.id, reason, note, next_on, by }, now).await? {
        return Err(AppError::Changed.into());
    }
    work.audit(Some(row.id), &json!({ "reason": reason, "note": note, "next_on": next_on })).await?;
    work.commit().await
}

/// Lifts a hold that an employee put; the next run bills the account.
///
/// # Errors
/// `Changed` where it was lifted before; `NotFound`, `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn lift(cx: &Cx, who: &Principal, account: &str, id: i64) -> Result<(), Fault> {
    let mut work = cx.begin(&LIFT, who).await?;
    let row = store::accounts::by_number(&mut work.tx, account).await?.ok_or(AppError::NotFound)?;
    let held = store::holds::open_of(&mut work.tx, row.id).await?;
    let hold = held.iter().find(|h| h.id == id && h.put_by.is_some()).ok_or(AppError::Changed)?;
    let (by, now) = (work.who.actor(), work.now);
    if !store::holds::lift(&mut work.tx, hold.id, by, now).await? {
        return Err(AppError::Changed.into());
    }
    work.audit(Some(row.id), &json!({ "hold": id, "reason": hold.reason })).await?;
    work.commit().await
}

/// Keeps what a run could not bill as holds of its own, and lifts those of accounts that it could. What is still held is looked at
/// again in the next night: no resident reads of a day that has passed.
pub(super) async fn keep(
    work: &mut Work,
    looked_at: &HashSet<AccountId>,
    held: &[(AccountId, HoldReason)],
) -> Result<(), Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let (now, next_on) = (work.now, next_day(zone.day_of(work.now)));
    for old in store::holds::open(&mut work.tx).await?.into_iter().filter(|h| h.put_by.is_none()) {
        let stays = held.iter().any(|(account, reason)| *account == old.account_id && *reason == old.reason);
        if looked_at.contains(&old.account_id) && !stays {
            store::holds::lift(&mut work.tx, old.id, None, now).await?;
        } else if old.next_on < next_on {
            store::holds::go_on(&mut work.tx, old.id, next_on).await?;
        }
    }
    for (account, reason) in held {
        let new = NewHold { account: *account, reason: *reason, note: "", next_on, by: None };
        store::holds::put(&mut work.tx, &new, now).await?;
    }
    Ok(())
}
