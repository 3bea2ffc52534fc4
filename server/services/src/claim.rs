//! Taking hold of an account for the first time: its number and the amount of a recent bill, confirmed by a link in a mail.

use chrono::TimeDelta;
use contract::{AppError, Field, FieldError, Problem};
use domain::access::AccountRole;
use domain::contact::Email;
use domain::ids::{AccountId, PersonId};
use domain::money::Cents;
use locales::{Lang, auth_mail};
use secrecy::SecretString;
use serde_json::json;
use store::bills::Status;
use store::links::{Link, Purpose};
use store::people::{NewPerson, PersonKind};
use store::sessions::Realm;

use crate::auth::{From, SignedIn, open_session};
use crate::limits::{self, CLAIM_ACCOUNT, CLAIM_ADDRESS, LINK_ADDRESS};
use crate::mail::Letter;
use crate::secrets::{self, Token, hash_token};
use crate::{Cx, Fault, Principal, Work, use_case};

use_case!(
    /// Asks for the link that takes hold of an account.
    pub START = "claim.start", Write, Public
);
use_case!(
    /// Looks at a link before it is used.
    pub LOOK = "claim.look", Read, Public
);
use_case!(
    /// Takes hold of an account.
    pub CONFIRM = "claim.confirm", Write, Public
);

/// How many of the newest bills are taken as proof.
const RECENT_BILLS: usize = 4;
/// How long the link works.
const LINK_LASTS: TimeDelta = TimeDelta::hours(24);

/// What is typed to claim an account.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The account number on the bill.
    pub number: String,
    /// The amount of a recent bill.
    pub amount: String,
    /// Where the link goes.
    pub email: String,
}

/// Sends a link if the facts are right. Answers the same in every case but malformed fields.
///
/// # Errors
/// `Invalid` for malformed fields, `TooManyTries`; or if the database fails.
pub async fn start(cx: &Cx, who: &Principal, from: &From, claim: Claim) -> Result<(), Fault> {
    let mut wrong = Vec::new();
    let mut wrongly = |field, problem| wrong.push(FieldError { field, problem });
    let number = claim.number.trim().to_owned();
    if number.is_empty() {
        wrongly(Field::AccountNumber, Problem::Missing);
    }
    let amount = Cents::parse(&claim.amount);
    if amount.is_err() {
        let empty = claim.amount.trim().is_empty();
        wrongly(Field::BillAmount, if empty { Problem::Missing } else { Problem::Malformed });
    }
    let email = Email::try_from(claim.email.clone());
    if email.is_err() {
        wrongly(Field::Email, if claim.email.trim().is_empty() { Problem::Missing } else { Problem::Malformed });
    }
    let (Ok(amount), Ok(email), true) = (amount, email, wrong.is_empty()) else {
        return Err(AppError::Invalid(wrong).into());
    };
    limits::count(cx, &CLAIM_ADDRESS, &from.address).await?;
    limits::count(cx, &CLAIM_ACCOUNT, &number).await?;

    let token = Token::new(cx);
    let mut work = cx.begin(&START, who).await?;
    let account = proven(&mut work, &number, amount).await?;
    work.audit(account, &json!({ "proven": account.is_some() })).await?;
    if let Some(account) = account {
        send(&mut work, account, &number, &email, &token).await?;
    }
    work.commit().await
}

/// The account, if the amount is that of one of its newest bills: its charges, or all that was due with it.
async fn proven(work: &mut Work, number: &str, amount: Cents) -> Result<Option<AccountId>, Fault> {
    let Some(account) = store::accounts::by_number(&mut work.tx, number).await? else { return Ok(None) };
    let bills = store::bills::list(&mut work.tx, account.id).await?;
    let right = bills
        .iter()
        .filter(|b| b.status == Status::Issued)
        .take(RECENT_BILLS)
        .any(|b| b.total == amount || b.total.checked_add(b.carried) == Some(amount));
    Ok(right.then_some(account.id))
}

/// Who holds the account, and whether they can sign in already.
async fn holder(work: &mut Work, account: AccountId) -> Result<Option<(store::people::PersonRow, bool)>, Fault> {
    let now = work.now;
    let mut found = None;
    for (person, _) in store::accounts::people(&mut work.tx, account, now).await? {
        let Some(row) = store::people::by_id(&mut work.tx, person).await? else { continue };
        let active = store::sessions::password_hash(&mut work.tx, person).await?.is_some();
        if active {
            return Ok(Some((row, true)));
        }
        found.get_or_insert((row, false));
    }
    Ok(found)
}

async fn send(work: &mut Work, account: AccountId, number: &str, email: &Email, token: &Token) -> Result<(), Fault> {
    let lang = Lang::En;
    let (utility, phone) = (work.settings.utility_name.clone(), work.settings.utility_phone.clone());
    let key = format!("claim:{}", hex::encode(&token.hash[..12]));
    if let Some((owner, true)) = holder(work, account).await? {
        // Someone signs in to it already: they are told, and nobody gets a link.
        let Some(to) = owner.email.clone() else { return Ok(()) };
        let letter = Letter {
            to: to.as_str().to_owned(),
            subject: auth_mail::claimed_subject(lang, &utility),
            body: auth_mail::claimed_body(
                lang,
                number,
                &phone,
                format!("{}/recover", work.settings.portal_origin),
                &utility,
            ),
            person: Some(owner.id),
            account: Some(account),
        };
        work.mail(&key, &letter).await?;
        return Ok(());
    }
    let link = Link { person_id: None, account_id: Some(account), email: email.clone() };
    let now = work.now;
    store::links::insert(&mut work.tx, &token.hash, Purpose::Claim, &link, now, now + LINK_LASTS).await?;
    let address = format!("{}/confirm/{}", work.settings.portal_origin, token.text);
    let letter = Letter {
        to: email.as_str().to_owned(),
        subject: auth_mail::claim_subject(lang, &utility),
        body: auth_mail::claim_body(lang, address, number, &phone, &utility),
        person: None,
        account: Some(account),
    };
    work.mail(&key, &letter).await?;
    Ok(())
}

/// Whether the link of a mail still works, and whether its person needs a password.
///
/// # Errors
/// `LinkExpired`; or if the database fails.
pub async fn look(cx: &Cx, who: &Principal, from: &From, token: &str) -> Result<contract::auth::ConfirmView, Fault> {
    limits::count(cx, &LINK_ADDRESS, &from.address).await?;
    let mut work = cx.begin(&LOOK, who).await?;
    let now = work.now;
    let link = store::links::find(&mut work.tx, &hash_token(token), Purpose::Claim, now)
        .await?
        .ok_or(AppError::LinkExpired)?;
    let needs_password = match store::people::by_email(&mut work.tx, &link.email).await? {
        Some(person) => store::sessions::password_hash(&mut work.tx, person.id).await?.is_none(),
        None => true,
    };
    Ok(contract::auth::ConfirmView { email: link.email.as_str().to_owned(), needs_password })
}

/// Takes hold of the account of a link, sets the password if there is none, and signs in.
///
/// # Errors
/// `LinkExpired`, `Invalid` for the new password; or if the database fails.
pub async fn confirm(
    cx: &Cx,
    who: &Principal,
    from: &From,
    token: &str,
    password: SecretString,
) -> Result<SignedIn, Fault> {
    let view = look(cx, who, from, token).await?;
    let hash = if view.needs_password {
        secrets::check_new_password(&password, Some(&view.email))?;
        Some(secrets::hash_password(cx, password).await?)
    } else {
        None
    };
    let mut work = cx.begin(&CONFIRM, who).await?;
    let now = work.now;
    let link = store::links::take(&mut work.tx, &hash_token(token), Purpose::Claim, now)
        .await?
        .ok_or(AppError::LinkExpired)?;
    let account = link.account_id.ok_or(AppError::LinkExpired)?;
    let person = taker(&mut work, account, &link.email).await?;
    if let Some(hash) = hash {
        store::sessions::set_password_hash(&mut work.tx, person, &hash, now).await?;
    }
    let signed_in = open_session(cx, &mut work, person, Realm::Resident, &from.device).await?;
    work.audit(Some(account), &json!({ "person": person })).await?;
    work.commit().await?;
    Ok(signed_in)
}

/// The person who takes hold: the one of the address if they are known, else the account's holder without a sign-in, else
/// someone new under the account's name.
async fn taker(work: &mut Work, account: AccountId, email: &Email) -> Result<PersonId, Fault> {
    let now = work.now;
    let held = holder(work, account).await?;
    if let Some((_, true)) = held {
        // Claimed in the meantime through another link.
        return Err(AppError::LinkExpired.into());
    }
    let known = store::people::by_email(&mut work.tx, email).await?;
    if known.as_ref().is_some_and(|p| p.kind == PersonKind::Staff) {
        return Err(AppError::LinkExpired.into());
    }
    let (person, has_role) = match (known, held) {
        (Some(known), held) => {
            let same = held.is_some_and(|(h, _)| h.id == known.id);
            (known.id, same)
        }
        (None, Some((holder, _))) => {
            store::people::set_email(&mut work.tx, holder.id, email).await?;
            (holder.id, true)
        }
        (None, None) => {
            let row = store::accounts::by_id(&mut work.tx, account).await?.ok_or(AppError::LinkExpired)?;
            let (given, family) = row.name.rsplit_once(' ').unwrap_or(("", &row.name));
            let new = NewPerson {
                kind: PersonKind::Resident,
                given_name: given,
                family_name: family,
                email: Some(email),
                phone: None,
            };
            (store::people::insert(&mut work.tx, &new, now).await?, false)
        }
    };
    if !has_role {
        store::accounts::grant(&mut work.tx, account, person, AccountRole::Holder, now).await?;
    }
    Ok(person)
}
