//! Which session a cookie means, how long it lasts, and ending it from elsewhere.

use chrono::TimeDelta;
use contract::AppError;
use domain::ids::{PersonId, SessionId};
use serde_json::json;
use store::sessions::{Realm, SessionRow};

use crate::secrets::hash_token;
use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Finds out who sends a request.
    pub RESOLVE = "sessions.resolve", Read, System
);
use_case!(
    /// Notes that a session is in use.
    pub TOUCH = "sessions.touch", Write, System
);
use_case!(
    /// Ends one of one's own sessions.
    pub END = "sessions.end", Write, Resident
);
use_case!(
    /// Ends all of one's sessions but this one.
    pub END_OTHERS = "sessions.end_others", Write, Resident
);

/// How long a session lasts at most.
#[must_use]
pub const fn longest(realm: Realm) -> TimeDelta {
    match realm {
        Realm::Resident => TimeDelta::hours(24),
        Realm::Staff => TimeDelta::hours(10),
    }
}

/// How long a session lasts without a request.
#[must_use]
pub const fn idle(realm: Realm) -> TimeDelta {
    match realm {
        Realm::Resident => TimeDelta::minutes(60),
        Realm::Staff => TimeDelta::minutes(30),
    }
}

/// Seldom enough that reading a page does not mean writing to the database.
const TOUCH_EVERY: TimeDelta = TimeDelta::seconds(60);

/// What a cookie says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Who sends the request.
    pub who: Principal,
    /// Whose session it was, where it has ended, by itself or from another device: what they had typed is kept for them, and only
    /// they get it back.
    pub ended: Option<PersonId>,
}

/// Finds out who sends a request, by the token of their cookie. Unknown and ended sessions are nobody.
///
/// # Errors
/// If the database fails.
pub async fn resolve(cx: &Cx, token: &str, realm: Realm) -> Result<Resolved, Fault> {
    let mut work = cx.begin(&RESOLVE, &Principal::System).await?;
    let now = work.now;
    let nobody = Resolved { who: Principal::Nobody, ended: None };
    let Some(row) = store::sessions::by_token(&mut work.tx, &hash_token(token), realm).await? else {
        return Ok(nobody);
    };
    drop(work);
    if row.ended_at.is_some() || row.expires_at <= now || row.seen_at + idle(realm) <= now {
        return Ok(Resolved { who: Principal::Nobody, ended: Some(row.person_id) });
    }
    if row.seen_at + TOUCH_EVERY <= now {
        let mut work = cx.begin(&TOUCH, &Principal::System).await?;
        store::sessions::touch(&mut work.tx, row.id, now).await?;
        work.commit().await?;
    }
    let SessionRow { id: session, person_id: person, .. } = row;
    let who = match realm {
        Realm::Resident => Principal::Resident { person, session },
        Realm::Staff => Principal::Staff { person, session },
    };
    Ok(Resolved { who, ended: None })
}

/// Ends one of one's own sessions, wherever it is.
///
/// # Errors
/// `NotFound` where it is not one's own or not under way; or if the database fails.
pub async fn end(cx: &Cx, who: &Principal, session: SessionId) -> Result<(), Fault> {
    let mut work = cx.begin(&END, who).await?;
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let now = work.now;
    if !store::sessions::end(&mut work.tx, session, person, now).await? {
        return Err(AppError::NotFound.into());
    }
    work.audit(None, &json!({ "session": session })).await?;
    work.commit().await
}

/// Ends all of one's sessions but this one.
///
/// # Errors
/// `SignInRequired`, or if the database fails.
pub async fn end_others(cx: &Cx, who: &Principal) -> Result<(), Fault> {
    let mut work = cx.begin(&END_OTHERS, who).await?;
    let Principal::Resident { person, session } = *who else { return Err(AppError::SignInRequired.into()) };
    let now = work.now;
    let ended = store::sessions::end_others(&mut work.tx, person, session, now).await?;
    work.audit(None, &json!({ "ended": ended })).await?;
    work.commit().await
}
