//! The resident's side of service requests.

use chrono::TimeDelta;
use contract::requests::{HelpView, RequestSummary, RequestView};
use contract::{AppError, Field, Problem};
use domain::ids::{AttachmentId, PersonId};
use domain::request::{Kind, LARGEST_PHOTO, PhotoKind, Step};
use locales::Lang;
use serde::Serialize;
use store::requests::{NewEntry, NewRequest, RequestRow};

use super::{form_key, message, next_number, tell, timeline};
use crate::accounts::{OpenedAccount, open, open_page};
use crate::payments::random_code;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Lists an account's requests.
    pub LIST = "requests.list", Read, Resident
);
use_case!(
    /// Shows one request.
    pub SHOW = "requests.show", Read, Resident
);
use_case!(
    /// Shows a photo of a request.
    pub PHOTO = "requests.photo", Read, Resident
);
use_case!(
    /// Makes a request.
    pub ASK = "requests.ask", Write, Resident
);
use_case!(
    /// Adds to a request.
    pub REPLY = "requests.reply", Write, Resident
);

/// How many messages an account's residents may write in an hour.
const MESSAGES_AN_HOUR: u32 = 20;

/// What a resident sends.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// What it is about, as the form names it; not read in a reply.
    pub kind: String,
    /// The words.
    pub message: String,
    /// A photo, as it came.
    pub photo: Option<Vec<u8>>,
    /// The form's own key.
    pub form_key: String,
}

/// A stored photo.
pub use store::attachments::Photo;

#[derive(Serialize)]
struct About<'a> {
    request: &'a str,
    photo: bool,
}

/// An account's requests, newest first.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn list(cx: &Cx, who: &Principal, account: &str) -> Result<HelpView, Fault> {
    let mut work = cx.begin(&LIST, who).await?;
    let account = open_page(&mut work, account).await?;
    let zone = zones::stored(&account.zone)?;
    let rows = store::requests::of_account(&mut work.tx, account.id).await?;
    Ok(HelpView {
        head: account.head,
        form_key: random_code(&cx.entropy),
        requests: rows
            .into_iter()
            .map(|r| RequestSummary {
                number: r.number,
                kind: r.kind,
                status: r.status,
                changed_at: zone.to_local(r.changed_at),
            })
            .collect(),
    })
}

/// One request with its timeline.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn show(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<RequestView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open_page(&mut work, account).await?;
    let request = own(&mut work, &account, number).await?;
    let zone = zones::stored(&account.zone)?;
    let timeline = timeline(&mut work, &request, &zone).await?;
    Ok(RequestView {
        head: account.head,
        number: request.number,
        kind: request.kind,
        status: request.status,
        timeline,
        form_key: random_code(&cx.entropy),
    })
}

/// A photo of a request.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn photo(cx: &Cx, who: &Principal, account: &str, number: &str, id: AttachmentId) -> Result<Photo, Fault> {
    let mut work = cx.begin(&PHOTO, who).await?;
    let account = open(&mut work, account).await?;
    let request = own(&mut work, &account, number).await?;
    Ok(store::attachments::of_request(&mut work.tx, request.id, id).await?.ok_or(AppError::NotFound)?)
}

/// Makes a request and answers its number. The same form sent again answers the same number.
///
/// # Errors
/// `Invalid` by field, `TooManyMessages`, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn ask(cx: &Cx, who: &Principal, account: &str, asked: &Asked) -> Result<String, Fault> {
    let mut work = cx.begin(&ASK, who).await?;
    let account = open(&mut work, account).await?;
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    // Two clicks wait for one another here, so that the second finds the first one's request.
    crate::ledger::lock(&mut work, account.id).await?;
    let key = form_key(&asked.form_key)?;
    if let Some(number) = store::requests::by_form(&mut work.tx, account.id, key).await? {
        return Ok(number);
    }
    let kind = Kind::from_name(&asked.kind);
    let words = message(&asked.message);
    let photo = photo_kind(asked.photo.as_deref());
    let (kind, words, photo) = all_of(kind.ok_or(AppError::field(Field::RequestKind, Problem::Missing)), words, photo)?;
    not_too_often(&mut work, &account).await?;
    let number = next_number(&mut work).await?;
    let now = work.now;
    let new = NewRequest { number: &number, account: account.id, person, kind, form_key: key, at: now };
    let id = store::requests::insert(&mut work.tx, &new).await?;
    let request = store::requests::by_number(&mut work.tx, &number)
        .await?
        .filter(|r| r.id == id)
        .ok_or_else(|| Fault::Other(format!("request {number} is gone")))?;
    write(&mut work, &request, person, &words, photo.zip(asked.photo.as_deref()), key).await?;
    let (l, settings) = (Lang::En, work.settings.clone());
    tell(&mut work, &request, &format!("request.made:{number}"), |name, link| {
        let body = locales::mail::request_made_body(
            l,
            &account.row.number,
            link,
            name,
            &settings.utility_phone,
            &settings.utility_name,
        );
        (locales::mail::request_made_subject(l, &number), body)
    })
    .await?;
    work.commit().await?;
    Ok(number)
}

/// Adds to a request, which opens it again. The same form sent again adds nothing.
///
/// # Errors
/// `Invalid` by field, `TooManyMessages`, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn reply(cx: &Cx, who: &Principal, account: &str, number: &str, asked: &Asked) -> Result<(), Fault> {
    let mut work = cx.begin(&REPLY, who).await?;
    let account = open(&mut work, account).await?;
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let request = own(&mut work, &account, number).await?;
    store::requests::lock(&mut work.tx, request.id).await?;
    let key = form_key(&asked.form_key)?;
    let words = message(&asked.message);
    let photo = photo_kind(asked.photo.as_deref());
    let ((), words, photo) = all_of(Ok(()), words, photo)?;
    not_too_often(&mut work, &account).await?;
    match write(&mut work, &request, person, &words, photo.zip(asked.photo.as_deref()), key).await {
        // The second click of two: the first one's words are there, and this transaction is let go.
        Err(Fault::App(AppError::Changed)) => return Ok(()),
        other => other?,
    }
    work.commit().await?;
    Ok(())
}

/// Adds what the resident wrote, and the photo; `Changed` where this form was sent before.
async fn write(
    work: &mut Work,
    request: &RequestRow,
    person: PersonId,
    words: &str,
    photo: Option<(PhotoKind, &[u8])>,
    key: &str,
) -> Result<(), Fault> {
    let now = work.now;
    let attachment = match photo {
        Some((kind, bytes)) => {
            Some(store::attachments::insert(&mut work.tx, request.account_id, kind, bytes, now).await?)
        }
        None => None,
    };
    let step = Step::ResidentWrote;
    let entry = NewEntry { request: request.id, at: now, person, step, message: words, attachment, form_key: key };
    if store::requests::add_entry(&mut work.tx, &entry).await?.is_none() {
        return Err(AppError::Changed.into());
    }
    if let Some(next) = request.status.after(step) {
        store::requests::set_status(&mut work.tx, request.id, next, now).await?;
    }
    work.audit(Some(request.account_id), &About { request: &request.number, photo: photo.is_some() }).await
}

async fn not_too_often(work: &mut Work, account: &OpenedAccount) -> Result<(), Fault> {
    let since = work.now - TimeDelta::hours(1);
    if store::requests::written_since(&mut work.tx, account.id, since).await? >= i64::from(MESSAGES_AN_HOUR) {
        return Err(AppError::TooManyMessages { limit: MESSAGES_AN_HOUR, retry_after: 3_600 }.into());
    }
    Ok(())
}

fn photo_kind(photo: Option<&[u8]>) -> Result<Option<PhotoKind>, AppError> {
    match photo {
        None | Some([]) => Ok(None),
        Some(bytes) if bytes.len() > LARGEST_PHOTO => Err(AppError::field(Field::File, Problem::TooLarge)),
        Some(bytes) => PhotoKind::sniff(bytes).map(Some).ok_or(AppError::field(Field::File, Problem::NoPicture)),
    }
}

/// All three, or everything that is wrong with any of them.
fn all_of<A, B, C>(
    a: Result<A, AppError>,
    b: Result<B, AppError>,
    c: Result<C, AppError>,
) -> Result<(A, B, C), AppError> {
    match (a, b, c) {
        (Ok(a), Ok(b), Ok(c)) => Ok((a, b, c)),
        (a, b, c) => {
            let mut fields = Vec::new();
            for error in [a.err(), b.err(), c.err()].into_iter().flatten() {
                match error {
                    AppError::Invalid(found) => fields.extend(found),
                    other => return Err(other),
                }
            }
            Err(AppError::Invalid(fields))
        }
    }
}

async fn own(work: &mut Work, account: &OpenedAccount, number: &str) -> Result<RequestRow, Fault> {
    store::requests::by_number(&mut work.tx, number)
        .await?
        .filter(|r| r.account_id == account.id)
        .ok_or_else(|| AppError::NotFound.into())
}
