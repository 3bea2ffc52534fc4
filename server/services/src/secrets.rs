//! Passwords and tokens: how they are made, hashed and compared.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::{AppError, Field, Problem};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::{Cx, Fault};

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane (Password Storage Cheat Sheet).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The shortest password, in characters (NIST SP 800-63B asks for eight; words in a row easily make more).
pub const PASSWORD_MIN: usize = 10;
/// The longest, in bytes: hashing must not be a way to keep the server busy.
pub const PASSWORD_MAX: usize = 512;

/// How many passwords are hashed at a time: each takes 19 MiB and a core for some 20 ms.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Passwords among the first that are tried by others, of at least the shortest length; the comparison ignores case, and
/// digits or marks at the end.
const COMMON: &str = include_str!("common_passwords.txt");

/// A secret for a cookie or a link: what is sent, and its hash, which is what is stored.
#[derive(Clone, Debug)]
pub struct Token {
    /// What is sent: 43 characters fit for an address or a cookie.
    pub text: String,
    /// What is stored.
    pub hash: Vec<u8>,
}

impl Token {
    /// A new one of 32 random bytes.
    #[must_use]
    pub fn new(cx: &Cx) -> Self {
        let text = URL_SAFE_NO_PAD.encode(cx.entropy.bytes::<32>());
        let hash = hash_token(&text);
        Self { text, hash }
    }
}

/// What is stored of a token.
#[must_use]
pub fn hash_token(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

fn argon() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &SecretString, salt: [u8; 16]) -> Result<String, Fault> {
    let hash: PasswordHash = argon()
        .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
        .map_err(|e| Fault::Other(format!("argon2: {e}")))?;
    Ok(hash.to_string())
}

/// Hashes a password, off the threads that answer requests.
///
/// # Errors
/// If hashing fails.
pub async fn hash_password(cx: &Cx, password: SecretString) -> Result<String, Fault> {
    let salt = cx.entropy.bytes::<16>();
    let _permit = HASHING.acquire().await.map_err(|e| Fault::Other(e.to_string()))?;
    tokio::task::spawn_blocking(move || hash_now(&password, salt)).await.map_err(|e| Fault::Other(e.to_string()))?
}

/// What came of comparing a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Wrong, or nobody's.
    No,
    /// Right.
    Yes,
    /// Right, but hashed with older parameters: hash it again.
    Outdated,
}

/// Compares a password with a hash. Without one it works just as long on a hash that nothing matches, so that time does not
/// tell whether someone can sign in.
///
/// # Errors
/// If the stored hash cannot be read.
pub async fn verify_password(password: SecretString, stored: Option<String>) -> Result<Match, Fault> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let _permit = HASHING.acquire().await.map_err(|e| Fault::Other(e.to_string()))?;
    tokio::task::spawn_blocking(move || {
        let known = stored.is_some();
        let text = match stored {
            Some(text) => text,
            None => match NOBODY.get() {
                Some(text) => text.clone(),
                None => {
                    let text = hash_now(&SecretString::from("nobody's password"), [7; 16])?;
                    NOBODY.get_or_init(|| text).clone()
                }
            },
        };
        let hash = PasswordHash::new(&text).map_err(|e| Fault::Other(format!("stored password hash: {e}")))?;
        let right = argon().verify_password(password.expose_secret().as_bytes(), &hash).is_ok();
        if !(right && known) {
            return Ok(Match::No);
        }
        let current = Params::try_from(&hash)
            .is_ok_and(|p| (p.m_cost(), p.t_cost(), p.p_cost()) == (MEMORY_KIB, PASSES, LANES))
            && hash.algorithm.as_str() == "argon2id";
        Ok(if current { Match::Yes } else { Match::Outdated })
    })
    .await
    .map_err(|e| Fault::Other(e.to_string()))?
}

/// Checks a new password: long enough, not absurdly long, not among the common ones and not one's own e-mail address. No
/// rules about kinds of characters: they make passwords that are easy to guess and hard to remember.
///
/// # Errors
/// `Invalid` with the problem of the field `NewPassword`.
pub fn check_new_password(password: &SecretString, email: Option<&str>) -> Result<(), AppError> {
    let text = password.expose_secret();
    let problem = if text.is_empty() {
        Problem::Missing
    } else if text.chars().count() < PASSWORD_MIN {
        Problem::TooShort
    } else if text.len() > PASSWORD_MAX {
        Problem::TooLong
    } else if guessable(text, email) {
        Problem::Guessable
    } else {
        return Ok(());
    };
    Err(AppError::field(Field::NewPassword, problem))
}

fn guessable(text: &str, email: Option<&str>) -> bool {
    let lower = text.to_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let first = lower.chars().next();
    let of_one_character = lower.chars().all(|c| Some(c) == first);
    let bytes = lower.as_bytes();
    let a_run = bytes.windows(2).all(|w| w[1] == w[0].wrapping_add(1))
        || bytes.windows(2).all(|w| w[1] == w[0].wrapping_sub(1));
    let own = email.is_some_and(|e| {
        let e = e.to_lowercase();
        lower == e || e.split('@').next().is_some_and(|name| name.len() >= 4 && stem == name)
    });
    of_one_character || a_run || own || COMMON.lines().any(|common| common == lower || common == stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<Problem> {
        match check_new_password(&SecretString::from(text), Some("marisol@example.com")) {
            Ok(()) => None,
            Err(AppError::Invalid(fields)) => Some(fields[0].problem),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn passphrases_are_welcome_and_common_passwords_are_not() {
        assert_eq!(problem("correct horse battery staple"), None);
        assert_eq!(problem("vier blaue Türen"), None);
        assert_eq!(problem(""), Some(Problem::Missing));
        assert_eq!(problem("hunter2"), Some(Problem::TooShort));
        assert_eq!(problem(&"x".repeat(600)), Some(Problem::TooLong));
        for bad in ["Password123!", "qwertyuiop", "aaaaaaaaaaaa", "0123456789", "marisol@example.com", "Marisol2026!"] {
            assert_eq!(problem(bad), Some(Problem::Guessable), "{bad}");
        }
    }

    #[tokio::test]
    async fn hashes_match_their_password_and_nothing_else() {
        let hash = hash_now(&SecretString::from("four blue doors"), [1; 16]).expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let try_it = |p: &str, h: Option<&str>| verify_password(SecretString::from(p), h.map(str::to_owned));
        assert_eq!(try_it("four blue doors", Some(&hash)).await.expect("verified"), Match::Yes);
        assert_eq!(try_it("four blue door", Some(&hash)).await.expect("verified"), Match::No);
        assert_eq!(try_it("nobody's password", None).await.expect("verified"), Match::No);
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8_192, 1, 1, None).expect("params"));
        let old: PasswordHash = weak.hash_password_with_salt(b"four blue doors", &[2; 16]).expect("a hash");
        assert_eq!(try_it("four blue doors", Some(&old.to_string())).await.expect("verified"), Match::Outdated);
    }
}
