//! Service requests: a resident asks, staff answer, the resident replies, until it is settled.

mod resident;
mod staff;

pub use resident::{Asked, Photo, ask, list, photo, reply, show};
pub use staff::{answer, close, open_count, queue, staff_photo, staff_show};

use chrono::Datelike;
use contract::requests::EntryView;
use contract::{AppError, Field, Problem};
use domain::calendar::Zone;
use domain::request::{LONGEST_MESSAGE, Step};
use store::requests::RequestRow;

use crate::mail::Letter;
use crate::{Fault, Work};

/// A message as it is kept: trimmed, line ends made alike.
fn message(text: &str) -> Result<String, AppError> {
    let text = text.replace("\r\n", "\n").replace('\0', "");
    let text = text.trim();
    if text.is_empty() {
        Err(AppError::field(Field::Message, Problem::Missing))
    } else if text.chars().count() > LONGEST_MESSAGE {
        Err(AppError::field(Field::Message, Problem::TooLong))
    } else {
        Ok(text.to_owned())
    }
}

pub(crate) fn form_key(key: &str) -> Result<&str, AppError> {
    let plain = !key.is_empty() && key.len() <= 64 && key.bytes().all(|b| b.is_ascii_alphanumeric());
    plain.then_some(key).ok_or(AppError::Invalid(Vec::new()))
}

/// `SR-2026-00042`: the year in the city's zone, and a running number.
async fn next_number(work: &mut Work) -> Result<String, Fault> {
    let year = crate::zones::stored(&work.settings.zone)?.day_of(work.now).year();
    let n = store::requests::next_number(&mut work.tx, i64::from(year)).await?;
    Ok(format!("SR-{year}-{n:05}"))
}

async fn timeline(work: &mut Work, request: &RequestRow, zone: &Zone) -> Result<Vec<EntryView>, Fault> {
    let entries = store::requests::entries(&mut work.tx, request.id).await?;
    Ok(entries
        .into_iter()
        .map(|e| EntryView {
            at: zone.to_local(e.at),
            step: e.step,
            by: match e.step {
                // Staff are known by their given name and initial: enough to ask for them, not to look them up.
                Step::StaffAnswered | Step::StaffClosed => short_name(&e.given_name, &e.family_name),
                Step::ResidentWrote => format!("{} {}", e.given_name, e.family_name).trim().to_owned(),
            },
            message: e.message,
            photo: e.attachment_id,
        })
        .collect())
}

/// `Dana R.`
pub(crate) fn short_name(given: &str, family: &str) -> String {
    family.chars().next().map_or_else(|| given.to_owned(), |initial| format!("{given} {initial}."))
}

/// Mails the person who asked.
async fn tell(
    work: &mut Work,
    request: &RequestRow,
    key: &str,
    write: impl FnOnce(&str, &str) -> (String, String),
) -> Result<(), Fault> {
    let Some(person) = store::people::by_id(&mut work.tx, request.person_id).await? else { return Ok(()) };
    let Some(account) = store::accounts::by_id(&mut work.tx, request.account_id).await? else { return Ok(()) };
    let Some(email) = &person.email else { return Ok(()) };
    let link = format!("{}/a/{}/help/{}", work.settings.portal_origin, account.number, request.number);
    let (subject, body) = write(&person.given_name, &link);
    let letter =
        Letter { to: email.as_str().to_owned(), subject, body, person: Some(person.id), account: Some(account.id) };
    work.mail(key, &letter).await?;
    Ok(())
}
