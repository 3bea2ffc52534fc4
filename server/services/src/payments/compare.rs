//! The daily comparison with the processor: whatever message was lost is found here.

use chrono::{Datelike, TimeDelta, Weekday};
use contract::AppError;
use domain::calendar::Instant;
use domain::payment::Status;
use store::payments::HeardBy;
use store::work::JobRow;

use super::hear::{Heard, LOOK, SETTLE, ask, believe_word, down};
use crate::adapters::payment::Word;
use crate::jobs::Next;
use crate::{Cx, Fault, Principal, job};

job!("payments.daily", daily);

/// For how long a bank may send money back: 60 days after the statement for consumers' debits (Nacha's rules, R10), and some.
const RETURNABLE: TimeDelta = TimeDelta::days(95);
/// How far back the list of changes is read: a weekend of a processor that is down, and a day.
const LISTED: TimeDelta = TimeDelta::days(4);
/// Payments asked about in one go.
const PAGE: i64 = 100;

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

async fn daily(cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
    let now = cx.clock.now();
    let compared = async {
        listed(cx, now - LISTED).await?;
        // Once a week each payment by itself: what an outage of the list itself has swallowed is found too.
        if now.weekday() == Weekday::Sun { each(cx).await } else { Ok(()) }
    };
    match compared.await {
        Ok(()) => Ok(Next::Again(now + TimeDelta::days(1))),
        Err(Fault::App(AppError::ProcessorDown)) => Ok(Next::Again(now + TimeDelta::minutes(30))),
        Err(other) => Err(other),
    }
}

/// Reads all that changed at the processor in the last days, then asks about every payment that it took lately, and believes
/// what it says.
///
/// # Errors
/// `ProcessorDown`; or if the database fails.
pub async fn compare(cx: &Cx) -> Result<(), Fault> {
    listed(cx, cx.clock.now() - LISTED).await?;
    each(cx).await
}

/// Believes all that changed at the processor since an instant.
async fn listed(cx: &Cx, since: Instant) -> Result<(), Fault> {
    let mut after: Option<String> = None;
    loop {
        let page = cx.outside.payments.changes(since, after.as_deref()).await.map_err(down)?;
        for word in &page.words {
            match believe_word(cx, word, HeardBy::Question).await {
                Ok(Heard::Unknown) => {
                    if let Word::Payment(r) = word
                        && r.heard.status == Status::Succeeded
                    {
                        tracing::error!(payment = r.reference, "the processor took a payment that is not known here");
                    }
                }
                Ok(_) => {}
                Err(Fault::App(AppError::ProcessorDown)) => return Err(AppError::ProcessorDown.into()),
                // One that makes no sense must not hide the others.
                Err(Fault::Other(why)) => tracing::error!(why, "the processor says what cannot be"),
                Err(other) => return Err(other),
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Asks the processor about every payment that it took lately.
async fn each(cx: &Cx) -> Result<(), Fault> {
    let mut after = 0;
    loop {
        let mut work = cx.begin(&LOOK, &Principal::System).await?;
        let since = work.now - RETURNABLE;
        let page = store::payments::taken(&mut work.tx, since, after, PAGE).await?;
        drop(work);
        let Some(last) = page.last() else { return Ok(()) };
        after = last.0;
        for (_, number) in &page {
            if ask(cx, number).await?.is_none() {
                tracing::error!(payment = number, "the processor does not know a payment that it took");
            }
        }
    }
}
