//! Mail: written as a row with the change that caused it, sent by a job.

use contract::mail::MailView;
use domain::ids::{AccountId, PersonId};
use serde::{Deserialize, Serialize};
use store::work::{JobRow, NewMail};

use crate::adapters::mail::MailError;
use crate::jobs::{Next, payload};
use crate::{Cx, Fault, Principal, Work, job, use_case};

use_case!(
    /// Sends one written mail.
    pub SEND = "mail.send", Write, System
);
use_case!(
    /// Shows the newest mails (where the outbox page is on: demo and tests).
    pub OUTBOX = "mail.outbox", Read, Public
);

/// A mail to someone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// Plain text; links stand alone on their lines.
    pub body: String,
    /// The person, where it is one we know.
    pub person: Option<PersonId>,
    /// The account it is about.
    pub account: Option<AccountId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Send {
    mail: i64,
}

/// Writes a letter and queues its sending, once per key. [`Work::mail`] is the way to call it.
pub(crate) async fn write(work: &mut Work, dedupe_key: &str, letter: &Letter) -> Result<bool, Fault> {
    let row = NewMail {
        dedupe_key,
        person: letter.person,
        account: letter.account,
        recipient: &letter.to,
        subject: &letter.subject,
        body: &letter.body,
        at: work.now,
    };
    let Some(id) = store::work::insert_mail(&mut work.tx, &row).await? else { return Ok(false) };
    let now = work.now;
    work.enqueue("mail.send", &format!("mail.send:{id}"), now, &Send { mail: id }).await?;
    Ok(true)
}

job!("mail.send", send);

async fn send(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Send { mail: id } = payload(job)?;
    let mut work = cx.begin(&SEND, &Principal::System).await?;
    let row = store::work::mail(&mut work.tx, id).await?;
    // The server is called outside of any transaction: it may be slow.
    drop(work);
    let Some(row) = row.filter(|r| r.sent_at.is_none()) else { return Ok(Next::Done) };
    match cx.outside.mail.send(&row).await {
        Ok(()) => {}
        Err(MailError::Later(why)) => return Err(Fault::Other(why)),
        Err(MailError::Never(why)) => return Ok(Next::GiveUp(why)),
    }
    let mut work = cx.begin(&SEND, &Principal::System).await?;
    let now = work.now;
    store::work::mail_sent(&mut work.tx, id, now).await?;
    work.commit().await?;
    Ok(Next::Done)
}

/// The newest mails, where the operator turned the outbox page on.
///
/// # Errors
/// `NotFound` where the page is off; or if the database fails.
pub async fn outbox(cx: &Cx, who: &Principal) -> Result<Vec<MailView>, Fault> {
    if !cx.settings.outbox_page {
        return Err(contract::AppError::NotFound.into());
    }
    let zone = crate::zones::stored(&cx.settings.zone)?;
    let mut work = cx.begin(&OUTBOX, who).await?;
    let rows = store::work::recent_mail(&mut work.tx, 100).await?;
    Ok(rows
        .into_iter()
        .map(|r| MailView {
            id: r.id,
            to: r.recipient,
            subject: r.subject,
            body: r.body,
            at: zone.to_local(r.created_at),
        })
        .collect())
}
