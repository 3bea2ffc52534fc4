//! The daily comparison with the processor: whatever message was lost is found here.

use chrono::{Datelike, TimeDelta, Weekday};
use contract::AppError;
use domain::calendar::Instant;
use domain::payment::Status;
use serde::{Deserialize, Serialize};
use store::payments::HeardBy;
use store::work::JobRow;

use super::hear::{Heard, LOOK, SETTLE, ask, believe_word, down};
use crate::adapters::payment::Word;
use crate::jobs::{Next, payload};
use crate::{Cx, Fault, Principal, Work, job};

job!("payments.daily", daily, for_ever);
job!("payments.compare", page, for_ever);

/// For how long a bank may send money back: 60 days after the statement for consumers' debits (Nacha's rules, R10), and some.
const RETURNABLE: TimeDelta = TimeDelta::days(95);
/// How far back the list of changes is read: a weekend of a processor that is down, and a day.
const LISTED: TimeDelta = TimeDelta::days(4);
/// Payments asked about in one run of the job.
const PAGE: i64 = 50;

/// Queues the daily comparison with the processor, once for the life of the database: it queues itself again.
///
/// # Errors
/// If the database fails.
pub async fn schedule(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let at = work.now + TimeDelta::hours(1);
    work.enqueue("payments.daily", "payments.daily", at, &()).await?;
    work.commit().await
}

/// The payload of `payments.compare`: where one page of the comparison begins.
#[derive(Debug, Serialize, Deserialize)]
enum Page {
    /// What changed at the processor since an instant, after a change that it names.
    Changes { since: Instant, after: Option<String> },
    /// The payments that it took since an instant, after a key of ours.
    Taken { since: Instant, after: i64 },
}

impl Page {
    async fn enqueue(&self, work: &mut Work) -> Result<(), Fault> {
        let key = match self {
            Self::Changes { since, after } => {
                format!("payments.compare:changes:{}:{}", since.timestamp(), after.as_deref().unwrap_or_default())
            }
            Self::Taken { since, after } => format!("payments.compare:taken:{}:{after}", since.timestamp()),
        };
        let at = work.now;
        work.enqueue("payments.compare", &key, at, self).await
    }
}

/// Queues the first pages. Each queues the next one, so that mails and payments that fall due meanwhile need not wait for the whole.
async fn daily(cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let now = work.now;
    Page::Changes { since: now - LISTED, after: None }.enqueue(&mut work).await?;
    // Once a week each payment by itself: what an outage of the list itself has swallowed is found too.
    if now.weekday() == Weekday::Sun {
        Page::Taken { since: now - RETURNABLE, after: 0 }.enqueue(&mut work).await?;
    }
    work.commit().await?;
    Ok(Next::Again(now + TimeDelta::days(1)))
}

async fn page(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let next = match payload::<Page>(job)? {
        Page::Changes { since, after } => changed(cx, since, after.as_deref())
            .await
            .map(|next| next.map(|after| Page::Changes { since, after: Some(after) })),
        Page::Taken { since, after } => {
            taken(cx, since, after).await.map(|next| next.map(|after| Page::Taken { since, after }))
        }
    };
    match next {
        Ok(Some(next)) => {
            let mut work = cx.begin(&SETTLE, &Principal::System).await?;
            next.enqueue(&mut work).await?;
            work.commit().await?;
            Ok(Next::Done)
        }
        Ok(None) => Ok(Next::Done),
        Err(Fault::App(AppError::ProcessorDown)) => Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(30))),
        Err(other) => Err(other),
    }
}

/// Reads all that changed at the processor in the last days, then asks about every payment that it took lately, and believes
/// what it says.
///
/// # Errors
/// `ProcessorDown`; or if the database fails.
pub async fn compare(cx: &Cx) -> Result<(), Fault> {
    let now = cx.clock.now();
    let mut after = changed(cx, now - LISTED, None).await?;
    while let Some(last) = after {
        after = changed(cx, now - LISTED, Some(&last)).await?;
    }
    let mut after = Some(0);
    while let Some(last) = after {
        after = taken(cx, now - RETURNABLE, last).await?;
    }
    Ok(())
}

/// One that makes no sense is noted and must not hide the others.
fn noted(outcome: Result<(), Fault>) -> Result<(), Fault> {
    match outcome {
        Err(Fault::Other(why)) => {
            tracing::error!(why, "the processor says what cannot be");
            Ok(())
        }
        other => other,
    }
}

/// Believes one page of what changed at the processor since an instant; answers where the next one begins.
async fn changed(cx: &Cx, since: Instant, after: Option<&str>) -> Result<Option<String>, Fault> {
    let page = cx.outside.payments.changes(since, after).await.map_err(down)?;
    for word in &page.words {
        let heard = believe_word(cx, word, HeardBy::Question).await;
        if let (Ok(Heard::Unknown), Word::Payment(r)) = (&heard, word)
            && r.heard.status == Status::Succeeded
        {
            tracing::error!(payment = r.reference, "the processor took a payment that is not known here");
        }
        noted(heard.map(drop))?;
    }
    Ok(page.next)
}

/// Asks the processor about one page of the payments that it took since an instant; answers where the next one begins.
async fn taken(cx: &Cx, since: Instant, after: i64) -> Result<Option<i64>, Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let page = store::payments::taken(&mut work.tx, since, after, PAGE).await?;
    drop(work);
    for (_, number) in &page {
        let answer = ask(cx, number).await;
        if let Ok(None) = answer {
            tracing::error!(payment = number, "the processor does not know a payment that it took");
        }
        noted(answer.map(drop))?;
    }
    Ok(page.last().map(|last| last.0))
}
