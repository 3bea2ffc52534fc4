//! Signatures of webhooks: `t=SECONDS,v1=HEX`, an HMAC-SHA256 over `SECONDS.BODY` with a secret that both sides know.

use chrono::TimeDelta;
use domain::calendar::Instant;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::NotSigned;

/// The header that carries it.
pub const HEADER: &str = "pay-signature";

/// How old a signature may be, and how far in the future the sender's clock may run.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

fn mac(secret: &SecretString, seconds: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

/// Signs a body at an instant.
#[must_use]
pub fn sign(secret: &SecretString, at: Instant, body: &[u8]) -> String {
    let seconds = at.timestamp();
    format!("t={seconds},v1={}", hex::encode(mac(secret, seconds, body).finalize().into_bytes()))
}

/// Checks a signature in constant time. Several `v1` parts may be given while a secret is changed.
///
/// # Errors
/// `Forged` or `Stale`.
pub fn verify(secret: &SecretString, header: &str, body: &[u8], now: Instant) -> Result<(), NotSigned> {
    let mut seconds: Option<i64> = None;
    let mut candidates = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => seconds = value.parse().ok(),
            Some(("v1", value)) => candidates.extend(hex::decode(value)),
            _ => {}
        }
    }
    let seconds = seconds.ok_or(NotSigned::Forged)?;
    if !candidates.iter().any(|c| mac(secret, seconds, body).verify_slice(c).is_ok()) {
        return Err(NotSigned::Forged);
    }
    // Checked after the signature, so that the answer says nothing to those who cannot sign.
    if (i128::from(now.timestamp()) - i128::from(seconds)).abs() > i128::from(TOLERANCE.num_seconds()) {
        return Err(NotSigned::Stale);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(seconds: i64) -> Instant {
        DateTime::from_timestamp(seconds, 0).expect("in range")
    }

    #[test]
    fn only_what_was_signed_lately_with_the_secret_is_believed() {
        let secret: SecretString = "whsec_1".to_owned().into();
        let now = at(1_780_000_000);
        let good = sign(&secret, now, b"{}");
        assert_eq!(verify(&secret, &good, b"{}", now), Ok(()));
        assert_eq!(verify(&secret, &good, b"{} ", now), Err(NotSigned::Forged));
        assert_eq!(verify(&"other".to_owned().into(), &good, b"{}", now), Err(NotSigned::Forged));
        assert_eq!(verify(&secret, &good, b"{}", at(1_780_000_301)), Err(NotSigned::Stale));
        assert_eq!(verify(&secret, &good, b"{}", at(1_779_999_699)), Err(NotSigned::Stale));
        let moved = good.replace("t=1780000000", "t=1780000100");
        assert_eq!(verify(&secret, &moved, b"{}", now), Err(NotSigned::Forged), "the time is signed too");
        for nonsense in ["", "t=,v1=", "v1=00", "t=9223372036854775807,v1=zz", "t=1780000000"] {
            assert_eq!(verify(&secret, nonsense, b"{}", now), Err(NotSigned::Forged), "{nonsense}");
        }
        let rotating = format!("{good},v1={}", "00".repeat(32));
        assert_eq!(verify(&secret, &rotating, b"{}", now), Ok(()));
    }
}
