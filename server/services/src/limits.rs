//! How often something may be tried: counted in the database, by what is tried and by where it comes from.

use chrono::TimeDelta;
use contract::AppError;
use store::work::JobRow;

use crate::jobs::Next;
use crate::secrets::hash_token;
use crate::{Cx, Fault, Principal, job, use_case};

use_case!(
    /// Counts a try.
    pub COUNT = "limits.count", Write, System
);
use_case!(
    /// Removes what has passed.
    pub SWEEP = "limits.sweep", Write, System
);

/// A limit: so many tries in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is tried.
    pub name: &'static str,
    /// How often.
    pub tries: i64,
    /// In how many minutes.
    pub minutes: i64,
}

/// Signing in to one account from one address.
pub const SIGN_IN_HERE: Limit = Limit { name: "sign-in-here", tries: 8, minutes: 15 };
/// Signing in to one account from anywhere. Higher, so that a stranger cannot easily lock someone out.
pub const SIGN_IN_ACCOUNT: Limit = Limit { name: "sign-in-account", tries: 40, minutes: 60 };
/// Signing in to any account from one address.
pub const SIGN_IN_ADDRESS: Limit = Limit { name: "sign-in-address", tries: 60, minutes: 15 };
/// Claiming one account. Amounts of bills can be guessed, so this is tight.
pub const CLAIM_ACCOUNT: Limit = Limit { name: "claim-account", tries: 6, minutes: 60 };
/// Claiming any account from one address.
pub const CLAIM_ADDRESS: Limit = Limit { name: "claim-address", tries: 20, minutes: 60 };
/// Asking for a new password for one address or account.
pub const RECOVER_ACCOUNT: Limit = Limit { name: "recover-account", tries: 5, minutes: 60 };
/// Asking for new passwords from one address.
pub const RECOVER_ADDRESS: Limit = Limit { name: "recover-address", tries: 20, minutes: 60 };
/// Opening links from mails from one address.
pub const LINK_ADDRESS: Limit = Limit { name: "link-address", tries: 60, minutes: 15 };
/// Giving one's password again, in settings.
pub const PASSWORD_AGAIN: Limit = Limit { name: "password-again", tries: 8, minutes: 15 };

/// Looking for one account to pay for. Postcodes of a city are few.
pub const GUEST_ACCOUNT: Limit = Limit { name: "guest-account", tries: 10, minutes: 60 };
/// Looking for any account to pay for, from one address.
pub const GUEST_ADDRESS: Limit = Limit { name: "guest-address", tries: 30, minutes: 60 };
/// Beginning payments without signing in, from one address: each opens a page at the processor.
pub const GUEST_START: Limit = Limit { name: "guest-start", tries: 30, minutes: 60 };
/// Beginning to save a way to pay, by one person: each opens a page at the processor, where stolen cards could be tried.
pub const METHOD_ADD: Limit = Limit { name: "method-add", tries: 20, minutes: 60 };
/// Sending usage files for one account. Reading one takes a processor for seconds.
pub const UPLOAD_ACCOUNT: Limit = Limit { name: "upload-account", tries: 30, minutes: 60 };

/// The bucket of a limit for one thing. Hashed, so that the table is no list of addresses.
fn bucket(limit: &Limit, of: &str) -> String {
    format!("{}:{}", limit.name, hex::encode(&hash_token(&of.trim().to_lowercase())[..12]))
}

/// Counts one try and refuses the one too many. The count is committed by itself: it stands whatever becomes of the try.
///
/// # Errors
/// `TooManyTries` with the seconds until the window ends; or if the database fails.
pub async fn count(cx: &Cx, limit: &Limit, of: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&COUNT, &Principal::System).await?;
    let now = work.now;
    let (tries, ends) =
        store::links::count_try(&mut work.tx, &bucket(limit, of), now, now + TimeDelta::minutes(limit.minutes)).await?;
    work.commit().await?;
    if tries > limit.tries {
        let retry_after = u32::try_from((ends - now).num_seconds().max(1)).unwrap_or(u32::MAX);
        return Err(AppError::TooManyTries { retry_after }.into());
    }
    Ok(())
}

/// Forgets the tries after one was right.
///
/// # Errors
/// If the database fails.
pub async fn forget(work: &mut crate::Work, limit: &Limit, of: &str) -> Result<(), Fault> {
    store::links::forget_tries(&mut work.tx, &bucket(limit, of)).await?;
    Ok(())
}

/// Takes one try back: one that was right was no guess. Wrong ones stay counted, so that signing in to an account of one's own
/// between guesses gains nothing.
///
/// # Errors
/// If the database fails.
pub async fn give_back(work: &mut crate::Work, limit: &Limit, of: &str) -> Result<(), Fault> {
    store::links::give_back_try(&mut work.tx, &bucket(limit, of)).await?;
    Ok(())
}

job!("limits.sweep", hourly, for_ever);

/// Queues the hourly sweep, once for the life of the database: it queues itself again.
///
/// # Errors
/// If the database fails.
pub async fn schedule(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&SWEEP, &Principal::System).await?;
    let at = work.now + TimeDelta::hours(1);
    work.enqueue("limits.sweep", "limits.sweep", at, &()).await?;
    work.commit().await
}

async fn hourly(cx: &Cx, _job: &JobRow) -> Result<Next, Fault> {
    sweep(cx).await?;
    Ok(Next::Again(cx.clock.now() + TimeDelta::hours(1)))
}

/// Removes windows that have passed and forms that nobody came back for.
///
/// # Errors
/// If the database fails.
pub async fn sweep(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&SWEEP, &Principal::System).await?;
    let now = work.now;
    store::links::sweep(&mut work.tx, now).await?;
    work.commit().await
}
