//! Forms on their way back to the person who typed them: refused, or cut off by the end of a session. Kept on the server for a
//! few minutes, given back once and to the same person only.

use chrono::TimeDelta;
use contract::form::FormState;
use domain::ids::PersonId;
use store::links::Draft;

use crate::secrets::{Token, hash_token};
use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Keeps a form.
    pub KEEP = "drafts.keep", Write, System
);
use_case!(
    /// Gives a form back.
    pub TAKE = "drafts.take", Write, System
);

/// How long.
pub const LASTS: TimeDelta = TimeDelta::minutes(15);
/// How much, in bytes of fields.
pub const MAX_BYTES: usize = 64 * 1024;

/// Keeps a form and answers the token for the cookie.
///
/// # Errors
/// If the database fails.
pub async fn keep(cx: &Cx, person: Option<PersonId>, path: &str, state: &FormState) -> Result<String, Fault> {
    let token = Token::new(cx);
    let fields = serde_json::to_string(state).map_err(|e| Fault::Other(e.to_string()))?;
    let mut work = cx.begin(&KEEP, &Principal::System).await?;
    let now = work.now;
    let draft = Draft { person_id: person, path: path.to_owned(), fields };
    store::links::keep_draft(&mut work.tx, &token.hash, &draft, now, now + LASTS).await?;
    work.commit().await?;
    Ok(token.text)
}

/// What came of asking for a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Here it is; it is forgotten on the server.
    Back(FormState),
    /// Not yet: it belongs to another page, or nobody is signed in so far.
    Later,
    /// Gone, too old, or someone else's (and then forgotten).
    Gone,
}

/// Gives a form back on its page, to its person.
///
/// # Errors
/// If the database fails.
pub async fn take(cx: &Cx, who: &Principal, token: &str, path: &str) -> Result<Taken, Fault> {
    let hash = hash_token(token);
    let mut work = cx.begin(&TAKE, &Principal::System).await?;
    let now = work.now;
    let Some(draft) = store::links::draft(&mut work.tx, &hash, now).await? else { return Ok(Taken::Gone) };
    let me = match *who {
        Principal::Resident { person, .. } | Principal::Staff { person, .. } => Some(person),
        _ => None,
    };
    let theirs = draft.person_id.is_none() || draft.person_id == me;
    if !theirs && me.is_none() {
        return Ok(Taken::Later);
    }
    if theirs && draft.path != path {
        return Ok(Taken::Later);
    }
    store::links::drop_draft(&mut work.tx, &hash).await?;
    work.commit().await?;
    Ok(match serde_json::from_str(&draft.fields) {
        Ok(state) if theirs => Taken::Back(state),
        _ => Taken::Gone,
    })
}
