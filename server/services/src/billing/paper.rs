//! A bill as a file to keep, to print or to hand out.

use contract::bills::BillView;
use serde_json::json;

use super::show::view;
use crate::{Cx, Fault, Principal, Work, accounts, use_case};

use_case!(
    /// One bill as a file to keep or print.
    pub PRINT = "bills.print", Read, Resident
);
use_case!(
    /// One bill as a file, from the command line.
    pub HAND_OUT = "bills.hand_out", Read, System
);
use_case!(
    /// A duplicate of a bill, for a customer who asks an employee for one. That it was given is recorded.
    pub DUPLICATE = "bills.duplicate", Write, Staff
);

/// A bill, and where its paper goes.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The bill as its page shows it.
    pub bill: BillView,
    /// Street, city and postcode that paper goes to.
    pub mailing: [String; 3],
}

/// One bill of an account to be printed: the person's own, or any for the program itself.
///
/// # Errors
/// `NotFound` for an account that is not the caller's and for a bill that is not the account's; or a failure of the database.
pub async fn paper(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<Paper, Fault> {
    if *who == Principal::System {
        let mut work = cx.begin(&HAND_OUT, who).await?;
        let opened = accounts::open_any(&mut work, account).await?;
        return made(&mut work, opened, number).await;
    }
    let mut work = cx.begin(&PRINT, who).await?;
    let opened = accounts::open(&mut work, account).await?;
    made(&mut work, opened, number).await
}

/// One bill of any account for an employee to hand out.
///
/// # Errors
/// `NotFound` for an account or a bill that does not exist; `SignInRequired`, `Forbidden`; or a failure of the database.
pub async fn duplicate(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<Paper, Fault> {
    let mut work = cx.begin(&DUPLICATE, who).await?;
    let opened = accounts::open_any(&mut work, account).await?;
    let id = opened.id;
    let paper = made(&mut work, opened, number).await?;
    work.audit(Some(id), &json!({ "bill": number })).await?;
    work.commit().await?;
    Ok(paper)
}

async fn made(work: &mut Work, opened: accounts::OpenedAccount, number: &str) -> Result<Paper, Fault> {
    let row = &opened.row;
    let mailing = [&row.mailing_street, &row.mailing_city, &row.mailing_postcode].map(Clone::clone);
    Ok(Paper { bill: view(work, opened, number).await?, mailing })
}
