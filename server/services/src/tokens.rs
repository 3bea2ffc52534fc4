//! Tokens that leave the process, signed: the hand-over into view-as, a guest's leave to pay.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Cx, Fault, Work};

/// The newest key; the first is made when it is first needed.
async fn signing_key(cx: &Cx, work: &mut Work) -> Result<Vec<u8>, Fault> {
    let now = work.now;
    if let Some((_, key)) = store::links::signing_keys(&mut work.tx).await?.into_iter().next() {
        return Ok(key);
    }
    let key = cx.entropy.bytes::<32>();
    store::links::insert_signing_key(&mut work.tx, &key, now).await?;
    Ok(key.to_vec())
}

/// Signs claims, which name their issuer (`iss`, the portal's origin) and their audience (`aud`).
///
/// # Errors
/// If the database fails.
pub(crate) async fn sign(cx: &Cx, work: &mut Work, claims: &impl Serialize) -> Result<String, Fault> {
    let key = signing_key(cx, work).await?;
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(&key))
        .map_err(|e| Fault::Other(format!("signing a token: {e}")))
}

/// The claims of a token of ours for an audience; `None` for any other text. Whether its time has passed the caller
/// decides: the clock is ours, so that tests own it.
///
/// # Errors
/// If the database fails.
pub(crate) async fn read<T: DeserializeOwned + Clone>(
    work: &mut Work,
    token: &str,
    audience: &str,
) -> Result<Option<T>, Fault> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.validate_exp = false;
    rules.set_audience(&[audience]);
    rules.set_issuer(&[&work.settings.portal_origin]);
    let keys = store::links::signing_keys(&mut work.tx).await?;
    let decoded =
        |key: Vec<u8>| jsonwebtoken::decode::<T>(token, &DecodingKey::from_secret(&key), &rules).ok().map(|d| d.claims);
    Ok(keys.into_iter().find_map(|(_, key)| decoded(key)))
}
