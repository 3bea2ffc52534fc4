//! The staff's side of service requests.

use contract::AppError;
use contract::requests::{QueueLine, QueueView, StaffRequestView};
use domain::ids::AttachmentId;
use domain::request::{Kind, Status, Step};
use locales::Lang;
use serde::Serialize;
use store::attachments::Photo;
use store::requests::{NewEntry, RequestRow};

use super::{form_key, message, short_name, tell, timeline};
use crate::payments::random_code;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Lists requests by whose turn it is.
    pub QUEUE = "requests.queue", Read, Staff
);
use_case!(
    /// Shows a request to staff.
    pub STAFF_SHOW = "requests.staff_show", Read, Staff
);
use_case!(
    /// Shows a photo of a request to staff.
    pub STAFF_PHOTO = "requests.staff_photo", Read, Staff
);
use_case!(
    /// Answers a request.
    pub ANSWER = "requests.answer", Write, Staff
);
use_case!(
    /// Closes a request.
    pub CLOSE = "requests.close", Write, Staff
);

#[derive(Serialize)]
struct About<'a> {
    request: &'a str,
    status: Status,
}

/// The staff's list, narrowed or whole: what waits longest for an answer comes first.
///
/// # Errors
/// `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn queue(cx: &Cx, who: &Principal, status: Option<Status>, kind: Option<Kind>) -> Result<QueueView, Fault> {
    let mut work = cx.begin(&QUEUE, who).await?;
    let zone = zones::stored(&work.settings.zone)?;
    let rows = store::requests::queue(&mut work.tx, status, kind, 500).await?;
    let found = store::requests::counts(&mut work.tx).await?;
    let counts = Status::ALL.map(|s| found.iter().find(|(f, _)| *f == s).map_or(0, |(_, n)| *n));
    let now = work.now;
    let lines = rows
        .into_iter()
        .map(|r| QueueLine {
            number: r.number,
            kind: r.kind,
            status: r.status,
            created_at: zone.to_local(r.created_at),
            changed_at: zone.to_local(r.changed_at),
            hours_waiting: (now - r.changed_at).num_hours(),
            account: r.account_number,
            name: r.account_name,
            message: beginning(&r.message.unwrap_or_default()),
        })
        .collect();
    Ok(QueueView { lines, counts, status, kind })
}

/// The first words of a message, on one line.
fn beginning(message: &str) -> String {
    const LONG: usize = 120;
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// How many requests wait for an answer. Runs inside the caller's transaction.
///
/// # Errors
/// If the database fails.
pub async fn open_count(work: &mut Work) -> Result<i64, Fault> {
    let counts = store::requests::counts(&mut work.tx).await?;
    Ok(counts.iter().find(|(s, _)| *s == Status::Open).map_or(0, |(_, n)| *n))
}

/// One request with its timeline.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn staff_show(cx: &Cx, who: &Principal, number: &str) -> Result<StaffRequestView, Fault> {
    let mut work = cx.begin(&STAFF_SHOW, who).await?;
    let request = by_number(&mut work, number).await?;
    let zone = zones::stored(&work.settings.zone)?;
    let account = store::accounts::by_id(&mut work.tx, request.account_id).await?.ok_or(AppError::NotFound)?;
    let person = store::people::by_id(&mut work.tx, request.person_id).await?;
    let timeline = timeline(&mut work, &request, &zone).await?;
    Ok(StaffRequestView {
        number: request.number,
        kind: request.kind,
        status: request.status,
        account: account.number,
        account_name: account.name,
        asked_by: person.map(|p| p.full_name()).unwrap_or_default(),
        timeline,
        form_key: random_code(&cx.entropy),
    })
}

/// A photo of a request.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn staff_photo(cx: &Cx, who: &Principal, number: &str, id: AttachmentId) -> Result<Photo, Fault> {
    let mut work = cx.begin(&STAFF_PHOTO, who).await?;
    let request = by_number(&mut work, number).await?;
    Ok(store::attachments::of_request(&mut work.tx, request.id, id).await?.ok_or(AppError::NotFound)?)
}

/// Answers a request and mails the one who asked. The same form sent again answers once.
///
/// # Errors
/// `Invalid` by field, `NotFound`, `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn answer(cx: &Cx, who: &Principal, number: &str, words: &str, key: &str) -> Result<(), Fault> {
    let work = cx.begin(&ANSWER, who).await?;
    let words = message(words)?;
    act(work, number, Step::StaffAnswered, &words, key).await
}

/// Closes a request, with a last word or without, and mails the one who asked.
///
/// # Errors
/// `Changed` where it is closed already; `Invalid`, `NotFound`, `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn close(cx: &Cx, who: &Principal, number: &str, words: &str, key: &str) -> Result<(), Fault> {
    let work = cx.begin(&CLOSE, who).await?;
    let words = if words.trim().is_empty() { String::new() } else { message(words)? };
    act(work, number, Step::StaffClosed, &words, key).await
}

async fn act(mut work: Work, number: &str, step: Step, words: &str, key: &str) -> Result<(), Fault> {
    let key = form_key(key)?;
    let found = by_number(&mut work, number).await?;
    store::requests::lock(&mut work.tx, found.id).await?;
    let request = by_number(&mut work, number).await?;
    let person = work.who.actor().ok_or(AppError::SignInRequired)?;
    let now = work.now;
    let entry =
        NewEntry { request: request.id, at: now, person, step, message: words, attachment: None, form_key: key };
    let Some(entry) = store::requests::add_entry(&mut work.tx, &entry).await? else { return Ok(()) };
    let status = request.status.after(step).ok_or(AppError::Changed)?;
    store::requests::set_status(&mut work.tx, request.id, status, now).await?;
    let staff = store::people::by_id(&mut work.tx, person)
        .await?
        .map(|p| short_name(&p.given_name, &p.family_name))
        .unwrap_or_default();
    let (l, utility) = (Lang::En, work.settings.utility_name.clone());
    tell(&mut work, &request, &format!("request.entry:{entry}"), |name, link| {
        if step == Step::StaffClosed {
            let body = locales::mail::request_closed_body(l, link, name, number, &staff, &utility);
            (locales::mail::request_closed_subject(l, number), body)
        } else {
            let body = locales::mail::request_answered_body(l, link, name, number, &staff, &utility);
            (locales::mail::request_answered_subject(l, number), body)
        }
    })
    .await?;
    work.audit(Some(request.account_id), &About { request: number, status }).await?;
    work.commit().await
}

async fn by_number(work: &mut Work, number: &str) -> Result<RequestRow, Fault> {
    store::requests::by_number(&mut work.tx, number).await?.ok_or_else(|| AppError::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn long_messages_are_shortened_at_a_letter() {
        assert_eq!(beginning(" Water\n in the  street "), "Water in the street");
        let long = "ä".repeat(200);
        assert_eq!(beginning(&long).chars().count(), 121);
    }
}
