//! What a person sets for themselves: contact, paperless bills, password, where they are signed in.

use chrono::{NaiveDateTime, TimeDelta};
use contract::auth::{Browser, SessionLine, SettingsView, System};
use contract::{AppError, Field, Problem};
use domain::calendar::Instant;
use domain::contact::{Email, Phone};
use domain::ids::PersonId;
use locales::{Lang, auth_mail};
use secrecy::SecretString;
use serde_json::json;
use store::StoreError;
use store::links::{Link, Purpose};
use store::people::PersonRow;
use store::sessions::Realm;

use crate::accounts::{open, open_page};
use crate::auth::From;
use crate::limits::{self, LINK_ADDRESS, PASSWORD_AGAIN};
use crate::mail::Letter;
use crate::secrets::{self, Match, Token, hash_token};
use crate::{Cx, Fault, Principal, Work, sessions, use_case};

use_case!(
    /// Shows the settings.
    pub SHOW = "settings.show", Read, Resident
);
use_case!(
    /// Changes or removes the telephone number.
    pub SET_PHONE = "settings.set_phone", Write, Resident
);
use_case!(
    /// Chooses paper or e-mail.
    pub SET_PAPERLESS = "settings.set_paperless", Write, Resident
);
use_case!(
    /// Asks for another e-mail address.
    pub NEW_EMAIL = "settings.new_email", Write, Resident
);
use_case!(
    /// Confirms another e-mail address by its link.
    pub CONFIRM_EMAIL = "settings.confirm_email", Write, Public
);
use_case!(
    /// Changes the password.
    pub SET_PASSWORD = "settings.set_password", Write, Resident
);
use_case!(
    /// Compares the password that is asked for again.
    pub PASSWORD_OF = "settings.password_of", Read, Resident
);

const LINK_LASTS: TimeDelta = TimeDelta::hours(24);

/// An instant on the clocks of a zone.
///
/// # Errors
/// If the zone is unknown.
pub(crate) fn local(at: Instant, zone: &str) -> Result<NaiveDateTime, Fault> {
    Ok(crate::zones::stored(zone)?.to_local(at))
}

/// The settings page. In view-as, address and number are masked and sessions are left out.
///
/// # Errors
/// `SignInRequired`, `NotFound`; or if the database fails.
pub async fn show(cx: &Cx, who: &Principal, number: &str) -> Result<SettingsView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open_page(&mut work, number).await?;
    let person = me(&mut work).await?;
    let masked = matches!(who, Principal::ViewAs { .. });
    let email = person.email.as_ref().map(|e| if masked { e.masked() } else { e.to_string() });
    let phone = person.phone.as_ref().map(|p| if masked { p.masked() } else { p.to_string() });
    let mut lines = Vec::new();
    if let Principal::Resident { person, session } = *who {
        let now = work.now;
        let rows =
            store::sessions::live(&mut work.tx, person, Realm::Resident, now, now - sessions::idle(Realm::Resident))
                .await?;
        for row in rows {
            lines.push(SessionLine {
                id: row.id.0,
                browser: Browser::of(&row.device),
                system: System::of(&row.device),
                since: local(row.created_at, &account.zone)?,
                seen: local(row.seen_at, &account.zone)?,
                here: row.id == session,
            });
        }
        lines.sort_by_key(|l| !l.here);
    }
    Ok(SettingsView {
        mailing: format!(
            "{}, {} {}",
            account.row.mailing_street, account.row.mailing_city, account.row.mailing_postcode
        ),
        paperless: account.row.paperless,
        account: account.head,
        name: person.full_name(),
        email: email.unwrap_or_default(),
        phone: phone.unwrap_or_default(),
        sessions: lines,
    })
}

async fn me(work: &mut Work) -> Result<PersonRow, Fault> {
    let person: PersonId = work.who.resident().ok_or(AppError::SignInRequired)?;
    Ok(store::people::by_id(&mut work.tx, person).await?.ok_or(AppError::SignInRequired)?)
}

/// Changes the telephone number; an empty text removes it.
///
/// # Errors
/// `Invalid`; or if the database fails.
pub async fn set_phone(cx: &Cx, who: &Principal, text: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&SET_PHONE, who).await?;
    let phone = match text.trim() {
        "" => None,
        t => Some(Phone::try_from(t.to_owned()).map_err(|_| AppError::field(Field::Phone, Problem::Malformed))?),
    };
    let person = me(&mut work).await?;
    store::people::set_phone(&mut work.tx, person.id, phone.as_ref()).await?;
    work.audit(None, &json!({ "removed": phone.is_none() })).await?;
    work.commit().await
}

/// Chooses between bills by e-mail only and on paper too.
///
/// # Errors
/// `NotFound`; or if the database fails.
pub async fn set_paperless(cx: &Cx, who: &Principal, number: &str, paperless: bool) -> Result<(), Fault> {
    let mut work = cx.begin(&SET_PAPERLESS, who).await?;
    let account = open(&mut work, number).await?;
    store::accounts::set_paperless(&mut work.tx, account.id, paperless).await?;
    work.audit(Some(account.id), &json!({ "paperless": paperless })).await?;
    work.commit().await
}

/// Asks for the password again before something that a stranger at an open screen must not do.
async fn password_again(cx: &Cx, who: &Principal, password: SecretString) -> Result<PersonRow, Fault> {
    let mut work = cx.begin(&PASSWORD_OF, who).await?;
    let Principal::Resident { person, .. } = *who else { return Err(AppError::ViewAsReadOnly.into()) };
    let row = me(&mut work).await?;
    let hash = store::sessions::password_hash(&mut work.tx, person).await?;
    drop(work);
    limits::count(cx, &PASSWORD_AGAIN, &person.0.to_string()).await?;
    if secrets::verify_password(password, hash).await? == Match::No {
        return Err(AppError::field(Field::Password, Problem::NoMatch).into());
    }
    Ok(row)
}

/// Sends a link to a new address and tells the old one. Whether the new one is someone else's is not told.
///
/// # Errors
/// `Invalid` for a malformed address or a wrong password, `TooManyTries`; or if the database fails.
pub async fn new_email(cx: &Cx, who: &Principal, email: &str, password: SecretString) -> Result<(), Fault> {
    if matches!(who, Principal::ViewAs { .. }) {
        // Refused and audited before anything is looked at.
        cx.begin(&NEW_EMAIL, who).await?;
    }
    let email = Email::try_from(email.to_owned()).map_err(|_| AppError::field(Field::Email, Problem::Malformed))?;
    let person = password_again(cx, who, password).await?;
    let token = Token::new(cx);
    let mut work = cx.begin(&NEW_EMAIL, who).await?;
    let now = work.now;
    let lang = Lang::En;
    let taken = store::people::by_email(&mut work.tx, &email).await?.is_some_and(|p| p.id != person.id);
    store::links::void(&mut work.tx, person.id, Purpose::ChangeEmail, now).await?;
    let (utility, phone) = (work.settings.utility_name.clone(), work.settings.utility_phone.clone());
    let key = hex::encode(&token.hash[..12]);
    if !taken {
        let link = Link { person_id: Some(person.id), account_id: None, email: email.clone() };
        store::links::insert(&mut work.tx, &token.hash, Purpose::ChangeEmail, &link, now, now + LINK_LASTS).await?;
        let address = format!("{}/new-email/{}", work.settings.portal_origin, token.text);
        let letter = Letter {
            to: email.as_str().to_owned(),
            subject: auth_mail::new_email_subject(lang, &utility),
            body: auth_mail::new_email_body(lang, address, &person.given_name, &phone, &utility),
            person: Some(person.id),
            account: None,
        };
        work.mail(&format!("new-email:{key}"), &letter).await?;
    }
    if let Some(old) = &person.email {
        let letter = Letter {
            to: old.as_str().to_owned(),
            subject: auth_mail::old_email_subject(lang, &utility),
            body: auth_mail::old_email_body(lang, &person.given_name, email.masked(), &phone, &utility),
            person: Some(person.id),
            account: None,
        };
        work.mail(&format!("old-email:{key}"), &letter).await?;
    }
    work.audit(None, &()).await?;
    work.commit().await
}

/// Uses a new address from now on. Anyone who holds the link may confirm it; it changes nothing else.
///
/// # Errors
/// `LinkExpired`, `TooManyTries`; or if the database fails.
pub async fn confirm_email(cx: &Cx, who: &Principal, from: &From, token: &str) -> Result<(), Fault> {
    limits::count(cx, &LINK_ADDRESS, &from.address).await?;
    let mut work = cx.begin(&CONFIRM_EMAIL, who).await?;
    let now = work.now;
    let link = store::links::take(&mut work.tx, &hash_token(token), Purpose::ChangeEmail, now)
        .await?
        .ok_or(AppError::LinkExpired)?;
    let person = link.person_id.ok_or(AppError::LinkExpired)?;
    match store::people::set_email(&mut work.tx, person, &link.email).await {
        // Someone else took the address in the meantime.
        Err(StoreError::Duplicate(_)) => return Err(AppError::LinkExpired.into()),
        other => other?,
    }
    // A link to set a password that went to the old address must not work any longer.
    store::links::void(&mut work.tx, person, Purpose::Recover, now).await?;
    work.audit(None, &json!({ "person": person })).await?;
    work.commit().await
}

/// Changes the password, signs out every other device and tells the person by mail.
///
/// # Errors
/// `Invalid` for a wrong or a bad new password, `TooManyTries`; or if the database fails.
pub async fn set_password(cx: &Cx, who: &Principal, old: SecretString, new: SecretString) -> Result<(), Fault> {
    if matches!(who, Principal::ViewAs { .. }) {
        cx.begin(&SET_PASSWORD, who).await?;
    }
    let person = password_again(cx, who, old).await?;
    secrets::check_new_password(&new, person.email.as_ref().map(Email::as_str))?;
    let hash = secrets::hash_password(cx, new).await?;
    let mut work = cx.begin(&SET_PASSWORD, who).await?;
    let Principal::Resident { session, .. } = *who else { return Err(AppError::SignInRequired.into()) };
    let now = work.now;
    store::sessions::set_password_hash(&mut work.tx, person.id, &hash, now).await?;
    store::sessions::end_others(&mut work.tx, person.id, session, now).await?;
    if let Some(email) = &person.email {
        crate::recover::tell_of_new_password(&mut work, &person, email.as_str(), &hash).await?;
    }
    work.audit(None, &()).await?;
    work.commit().await
}
