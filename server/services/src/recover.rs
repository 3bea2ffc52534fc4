//! A forgotten password: a link by mail, and a new one.

use chrono::TimeDelta;
use contract::{AppError, Field, Problem};
use domain::contact::Email;
use locales::{Lang, auth_mail};
use secrecy::SecretString;
use serde_json::json;
use store::links::{Link, Purpose};
use store::people::PersonRow;
use store::sessions::Realm;

use crate::auth::{From, SignedIn, open_session};
use crate::limits::{self, LINK_ADDRESS, RECOVER_ACCOUNT, RECOVER_ADDRESS};
use crate::mail::Letter;
use crate::secrets::{self, Token, hash_token};
use crate::{Cx, Fault, Principal, Work, use_case};

use_case!(
    /// Asks for a link to set a new password.
    pub START = "recover.start", Write, Public
);
use_case!(
    /// Looks at a link before it is used.
    pub LOOK = "recover.look", Read, Public
);
use_case!(
    /// Sets a new password.
    pub FINISH = "recover.finish", Write, Public
);

const LINK_LASTS: TimeDelta = TimeDelta::minutes(30);

/// Sends a link to the person of an e-mail address or account number, if there is one who can sign in. Answers the same
/// either way.
///
/// # Errors
/// `Invalid` where nothing was typed, `TooManyTries`; or if the database fails.
pub async fn start(cx: &Cx, who: &Principal, from: &From, login: &str) -> Result<(), Fault> {
    let login = login.trim();
    if login.is_empty() {
        return Err(AppError::field(Field::Login, Problem::Missing).into());
    }
    limits::count(cx, &RECOVER_ADDRESS, &from.address).await?;
    limits::count(cx, &RECOVER_ACCOUNT, login).await?;
    let token = Token::new(cx);
    let mut work = cx.begin(&START, who).await?;
    let found = whose(&mut work, login).await?;
    work.audit(None, &json!({ "known": found.is_some() })).await?;
    if let Some((person, email)) = found {
        let now = work.now;
        let lang = Lang::En;
        store::links::void(&mut work.tx, person.id, Purpose::Recover, now).await?;
        let link = Link { person_id: Some(person.id), account_id: None, email: email.clone() };
        store::links::insert(&mut work.tx, &token.hash, Purpose::Recover, &link, now, now + LINK_LASTS).await?;
        let utility = work.settings.utility_name.clone();
        let address = format!("{}/new-password/{}", work.settings.portal_origin, token.text);
        let letter = Letter {
            to: email.as_str().to_owned(),
            subject: auth_mail::recover_subject(lang, &utility),
            body: auth_mail::recover_body(lang, address, &person.given_name, &work.settings.utility_phone, &utility),
            person: Some(person.id),
            account: None,
        };
        work.mail(&format!("recover:{}", hex::encode(&token.hash[..12])), &letter).await?;
    }
    work.commit().await
}

/// Who a login means, among those who can sign in and have an address.
async fn whose(work: &mut Work, login: &str) -> Result<Option<(PersonRow, Email)>, Fault> {
    let now = work.now;
    let mut people = Vec::new();
    if let Ok(email) = Email::try_from(login.to_owned()) {
        people.extend(store::people::by_email(&mut work.tx, &email).await?);
    } else if let Some(account) = store::accounts::by_number(&mut work.tx, login).await? {
        for (person, _) in store::accounts::people(&mut work.tx, account.id, now).await? {
            people.extend(store::people::by_id(&mut work.tx, person).await?);
        }
    }
    for person in people {
        if let Some(email) = person.email.clone()
            && store::sessions::password_hash(&mut work.tx, person.id).await?.is_some()
        {
            return Ok(Some((person, email)));
        }
    }
    Ok(None)
}

/// Whether the link of a mail still works.
///
/// # Errors
/// `LinkExpired`, `TooManyTries`; or if the database fails.
pub async fn look(cx: &Cx, who: &Principal, from: &From, token: &str) -> Result<contract::auth::ConfirmView, Fault> {
    limits::count(cx, &LINK_ADDRESS, &from.address).await?;
    let mut work = cx.begin(&LOOK, who).await?;
    let now = work.now;
    let link = store::links::find(&mut work.tx, &hash_token(token), Purpose::Recover, now)
        .await?
        .ok_or(AppError::LinkExpired)?;
    Ok(contract::auth::ConfirmView { email: link.email.as_str().to_owned(), needs_password: true })
}

/// Sets a new password by the link, ends every session of the person, tells them by mail, and signs residents in.
///
/// # Errors
/// `LinkExpired`, `Invalid` for the new password; or if the database fails.
pub async fn finish(
    cx: &Cx,
    who: &Principal,
    from: &From,
    token: &str,
    password: SecretString,
) -> Result<SignedIn, Fault> {
    let view = look(cx, who, from, token).await?;
    secrets::check_new_password(&password, Some(&view.email))?;
    let hash = secrets::hash_password(cx, password).await?;
    let mut work = cx.begin(&FINISH, who).await?;
    let now = work.now;
    let link = store::links::take(&mut work.tx, &hash_token(token), Purpose::Recover, now)
        .await?
        .ok_or(AppError::LinkExpired)?;
    let person = link.person_id.ok_or(AppError::LinkExpired)?;
    let row = store::people::by_id(&mut work.tx, person).await?.ok_or(AppError::LinkExpired)?;
    store::sessions::set_password_hash(&mut work.tx, person, &hash, now).await?;
    store::sessions::end_others(&mut work.tx, person, domain::ids::SessionId(0), now).await?;
    store::view_as::end_of_staff(&mut work.tx, person, now).await?;
    tell_of_new_password(&mut work, &row, link.email.as_str(), token).await?;
    let realm = match row.kind {
        store::people::PersonKind::Resident => Realm::Resident,
        store::people::PersonKind::Staff => Realm::Staff,
    };
    let signed_in = open_session(cx, &mut work, person, realm, &from.device).await?;
    work.audit(None, &()).await?;
    work.commit().await?;
    Ok(signed_in)
}

/// Tells a person that their password was changed.
pub(crate) async fn tell_of_new_password(
    work: &mut Work,
    person: &PersonRow,
    to: &str,
    once: &str,
) -> Result<(), Fault> {
    let utility = work.settings.utility_name.clone();
    let letter = Letter {
        to: to.to_owned(),
        subject: auth_mail::password_changed_subject(Lang::En, &utility),
        body: auth_mail::password_changed_body(Lang::En, &person.given_name, &work.settings.utility_phone, &utility),
        person: Some(person.id),
        account: None,
    };
    let key = format!("password-changed:{}", hex::encode(&hash_token(once)[..12]));
    work.mail(&key, &letter).await?;
    Ok(())
}
