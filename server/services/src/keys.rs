//! Keys of systems that send readings, such as a head end: made and taken back by the operator, shown once.

use contract::AppError;
use domain::calendar::Instant;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;
use store::StoreError;

use crate::secrets::{Token, hash_token};
use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Makes a key.
    pub CREATE = "keys.create", Write, System
);
use_case!(
    /// Lists keys.
    pub LIST = "keys.list", Read, System
);
use_case!(
    /// Takes a key back.
    pub REVOKE = "keys.revoke", Write, System
);
use_case!(
    /// Finds out whose key a request has.
    pub USE = "keys.use", Write, System
);

/// What every key begins with, so that one that went astray is recognised.
const MARK: &str = "msk_";

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Whose it is.
    pub label: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was used last.
    pub last_used_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

/// Makes a key for a system. It is not kept: who loses it makes another one.
///
/// # Errors
/// A sentence for a label that is empty or taken; or a failure of the database.
pub async fn create(cx: &Cx, label: &str) -> Result<Result<SecretString, String>, Fault> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 80 {
        return Ok(Err("the label should name the sending system in 1 to 80 characters".to_owned()));
    }
    let token = Token::new(cx);
    let text = [MARK, &token.text].concat();
    let mut work = cx.begin(&CREATE, &Principal::System).await?;
    let now = work.now;
    match store::keys::insert(&mut work.tx, label, &hash_token(&text), now).await {
        Ok(()) => {}
        Err(StoreError::Duplicate(_)) => {
            return Ok(Err(format!("there is a key `{label}` already; take another label")));
        }
        Err(other) => return Err(other.into()),
    }
    work.audit(None, &json!({ "label": label })).await?;
    work.commit().await?;
    Ok(Ok(text.into()))
}

/// All keys, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn list(cx: &Cx) -> Result<Vec<Key>, Fault> {
    let mut work = cx.begin(&LIST, &Principal::System).await?;
    let rows = store::keys::list(&mut work.tx).await?;
    let key = |r: store::keys::KeyRow| Key {
        label: r.label,
        created_at: r.created_at,
        last_used_at: r.last_used_at,
        revoked_at: r.revoked_at,
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Takes a key back at once; `false` where there is none of this label that still works.
///
/// # Errors
/// If the database fails.
pub async fn revoke(cx: &Cx, label: &str) -> Result<bool, Fault> {
    let mut work = cx.begin(&REVOKE, &Principal::System).await?;
    let now = work.now;
    let done = store::keys::revoke(&mut work.tx, label.trim(), now).await?;
    work.audit(None, &json!({ "label": label.trim(), "done": done })).await?;
    work.commit().await?;
    Ok(done)
}

/// Whose key it is.
///
/// # Errors
/// `Forbidden` for one that is unknown or was taken back; or a failure of the database.
pub async fn whose(cx: &Cx, key: &str) -> Result<String, Fault> {
    let mut work = cx.begin(&USE, &Principal::System).await?;
    let now = work.now;
    let label = store::keys::used(&mut work.tx, &hash_token(key), now).await?.ok_or(AppError::Forbidden)?;
    work.commit().await?;
    Ok(label)
}
