//! Signing in and out.

use contract::{AppError, Field, Problem};
use domain::calendar::Instant;
use domain::contact::Email;
use domain::ids::{PersonId, SessionId};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use store::people::PersonKind;
use store::sessions::Realm;

use crate::limits::{self, SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS, SIGN_IN_HERE};
use crate::secrets::{self, Match, Token};
use crate::{Cx, Fault, Principal, Work, sessions, use_case};

use_case!(
    /// Looks up who would sign in.
    pub LOOK_UP = "auth.look_up", Read, System
);
use_case!(
    /// Opens a session.
    pub SIGN_IN = "auth.sign_in", Write, Public
);
use_case!(
    /// Ends one's own session.
    pub SIGN_OUT = "auth.sign_out", Write, Public
);

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct From {
    /// The network address, of a home rather than a machine (IPv6: the first 64 bits).
    pub address: String,
    /// Browser and system.
    pub device: String,
}

/// What is typed to sign in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// An e-mail address, or (residents) an account number.
    pub login: String,
    /// The password.
    pub password: SecretString,
    /// Residents' or staff pages.
    pub realm: Realm,
}

/// An open session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// On which side; says which cookie.
    pub realm: Realm,
    /// For the cookie.
    pub token: String,
    /// Who.
    pub person: PersonId,
    /// The session.
    pub session: SessionId,
}

/// Signs in by e-mail address or account number. Unknown logins, wrong passwords and people of the other realm are answered
/// alike and after the same work.
///
/// # Errors
/// `Invalid` (`Login`: `NoMatch`, or what is missing), `TooManyTries`; or if the database fails.
pub async fn sign_in(cx: &Cx, who: &Principal, from: &From, with: SignIn) -> Result<SignedIn, Fault> {
    let login = with.login.trim().to_owned();
    let mut missing = Vec::new();
    if login.is_empty() {
        missing.push(contract::FieldError { field: Field::Login, problem: Problem::Missing });
    }
    if with.password.expose_secret().is_empty() {
        missing.push(contract::FieldError { field: Field::Password, problem: Problem::Missing });
    }
    if !missing.is_empty() {
        return Err(AppError::Invalid(missing).into());
    }
    let here = format!("{login}\n{}", from.address);
    limits::count(cx, &SIGN_IN_ADDRESS, &from.address).await?;
    limits::count(cx, &SIGN_IN_HERE, &here).await?;
    limits::count(cx, &SIGN_IN_ACCOUNT, &login).await?;

    let mut work = cx.begin(&LOOK_UP, &Principal::System).await?;
    let candidate = candidate(&mut work, &login, with.realm).await?;
    drop(work);
    let (person, hash) = candidate.unzip();
    // Hashing is slow, so no transaction is open meanwhile.
    let long = with.password.expose_secret().len() > secrets::PASSWORD_MAX;
    let matched = secrets::verify_password(with.password.clone(), hash.filter(|_| !long)).await?;
    let (Some(person), Match::Yes | Match::Outdated) = (person, matched) else {
        return Err(AppError::field(Field::Login, Problem::NoMatch).into());
    };
    let renewed =
        if matched == Match::Outdated { Some(secrets::hash_password(cx, with.password).await?) } else { None };

    let mut work = cx.begin(&SIGN_IN, who).await?;
    let now = work.now;
    if let Some(hash) = renewed {
        store::sessions::set_password_hash(&mut work.tx, person, &hash, now).await?;
    }
    limits::forget(&mut work, &SIGN_IN_HERE, &here).await?;
    limits::give_back(&mut work, &SIGN_IN_ADDRESS, &from.address).await?;
    limits::give_back(&mut work, &SIGN_IN_ACCOUNT, &login).await?;
    let signed_in = open_session(cx, &mut work, person, with.realm, &from.device).await?;
    work.audit(None, &json!({ "realm": realm_word(with.realm) })).await?;
    work.commit().await?;
    Ok(signed_in)
}

const fn realm_word(realm: Realm) -> &'static str {
    match realm {
        Realm::Resident => "resident",
        Realm::Staff => "staff",
    }
}

/// Who a login means, and the hash to compare with: the person of an e-mail address, or the first holder of an account who
/// can sign in.
async fn candidate(work: &mut Work, login: &str, realm: Realm) -> Result<Option<(PersonId, String)>, Fault> {
    let kind = match realm {
        Realm::Resident => PersonKind::Resident,
        Realm::Staff => PersonKind::Staff,
    };
    let now = work.now;
    let mut people: Vec<PersonId> = Vec::new();
    if let Ok(email) = Email::try_from(login.to_owned()) {
        people.extend(store::people::by_email(&mut work.tx, &email).await?.filter(|p| p.kind == kind).map(|p| p.id));
    } else if realm == Realm::Resident
        && let Some(account) = store::accounts::by_number(&mut work.tx, login).await?
    {
        people.extend(store::accounts::people(&mut work.tx, account.id, now).await?.into_iter().map(|(p, _)| p));
    }
    for person in people {
        let right_kind = store::people::by_id(&mut work.tx, person).await?.is_some_and(|p| p.kind == kind);
        if right_kind && let Some(hash) = store::sessions::password_hash(&mut work.tx, person).await? {
            return Ok(Some((person, hash)));
        }
    }
    Ok(None)
}

/// Opens a session in a transaction and makes it the one on whose behalf the rest of it runs.
pub(crate) async fn open_session(
    cx: &Cx,
    work: &mut Work,
    person: PersonId,
    realm: Realm,
    device: &str,
) -> Result<SignedIn, Fault> {
    let token = Token::new(cx);
    let now: Instant = work.now;
    let device: String = device.chars().take(200).collect();
    let expires = now + sessions::longest(realm);
    let session = store::sessions::insert(&mut work.tx, &token.hash, person, realm, &device, now, expires).await?;
    work.who = match realm {
        Realm::Resident => Principal::Resident { person, session },
        Realm::Staff => Principal::Staff { person, session },
    };
    Ok(SignedIn { realm, token: token.text, person, session })
}

/// Ends one's own session, and with a staff session every viewing that hangs on it. Nothing happens where nobody is signed in.
///
/// # Errors
/// `ViewAsReadOnly` in view-as, which is left by its own way out; or if the database fails.
pub async fn sign_out(cx: &Cx, who: &Principal) -> Result<(), Fault> {
    let mut work = cx.begin(&SIGN_OUT, who).await?;
    let now = work.now;
    match *who {
        Principal::Resident { person, session } | Principal::Staff { person, session } => {
            store::sessions::end(&mut work.tx, session, person, now).await?;
            store::view_as::end_of_session(&mut work.tx, session, now).await?;
            work.audit(None, &()).await?;
        }
        Principal::Nobody | Principal::ViewAs { .. } | Principal::System => {}
    }
    work.commit().await
}
