//! Bills on paper for those who do not read them here: which are to be printed, and where each of them was.

use chrono::{Days, NaiveDate};
use contract::AppError;
use serde::Serialize;
use serde_json::json;
pub use store::printing::{Printed, ToPrint};

use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Lists the bills that are to be printed, or that were.
    pub LIST = "bills.to_print", Read, System
);
use_case!(
    /// Keeps which bills were printed, and where.
    pub KEEP = "bills.printed", Write, System
);

/// How many days of bills a batch holds where nobody says so: bills of a month.
pub const USUAL_DAYS: u64 = 31;

/// A batch of printed bills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// Its number.
    pub number: i64,
    /// The bills in the order of their pages.
    pub bills: Vec<Printed>,
}

/// The bills issued on these days, both included, that go out on paper and were not printed yet, in the order of postcode, street and
/// account. Paper goes to accounts that are not paperless and to those of which nobody has an e-mail address.
///
/// # Errors
/// If the database fails.
pub async fn waiting(cx: &Cx, from: Option<NaiveDate>, through: NaiveDate) -> Result<Vec<ToPrint>, Fault> {
    let mut work = cx.begin(&LIST, &Principal::System).await?;
    let now = work.now;
    Ok(store::printing::waiting(&mut work.tx, first_day(from, through), through, now).await?)
}

fn first_day(from: Option<NaiveDate>, through: NaiveDate) -> NaiveDate {
    from.unwrap_or_else(|| through.checked_sub_days(Days::new(USUAL_DAYS - 1)).unwrap_or(through))
}

/// Keeps that bills were printed. All of them or none: a bill that another batch holds meanwhile refuses the whole.
///
/// # Errors
/// `Changed` if one was printed meanwhile; or if the database fails.
pub async fn keep(cx: &Cx, from: Option<NaiveDate>, through: NaiveDate, bills: &[Printed]) -> Result<i64, Fault> {
    let mut work = cx.begin(&KEEP, &Principal::System).await?;
    let now = work.now;
    let number = store::printing::insert_batch(&mut work.tx, now, first_day(from, through), through).await?;
    let kept = store::printing::insert(&mut work.tx, number, bills).await?;
    if kept != bills.len() {
        return Err(AppError::Changed.into());
    }
    work.audit(None, &json!({ "batch": number, "bills": kept })).await?;
    work.commit().await?;
    Ok(number)
}

/// A batch that was printed before, to print it again.
///
/// # Errors
/// `NotFound` for a number that no batch has; or if the database fails.
pub async fn batch(cx: &Cx, number: i64) -> Result<Batch, Fault> {
    let mut work = cx.begin(&LIST, &Principal::System).await?;
    let bills = store::printing::of_batch(&mut work.tx, number).await?;
    if bills.is_empty() {
        return Err(AppError::NotFound.into());
    }
    Ok(Batch { number, bills })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cx, day, run, seeded};
    use super::*;
    use domain::calendar::DayRange;

    store::both_engines! {
        async fn bills_on_paper_are_printed_once(pool: Pool) {
            let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
            for number in ["100231", "100232"] {
                seeded(&pool, number, "2026-01-12", data, &[]).await;
            }
            let cx = cx(&pool, "2026-03-20T20:00:00Z");
            assert!(run(&cx, "2026-03-20").await.bills >= 4);
            let from = Some(day("2026-01-01"));
            // Nobody on these accounts has an e-mail address, so that paperless does not count.
            let found = waiting(&cx, from, day("2026-03-20")).await.expect("found");
            assert_eq!(found.len(), 4);
            let order: Vec<_> = found.iter().map(|b| (b.postcode.clone(), b.street.clone(), b.account.clone(), b.number.clone())).collect();
            assert!(order.is_sorted(), "{order:?}");
            let at = |(i, b): (usize, &ToPrint)| Printed { bill: b.bill, number: b.number.clone(), account: b.account.clone(),
                file: 1, first_page: 1 + 3 * i64::try_from(i).expect("few"), pages: 3 };
            let printed: Vec<Printed> = found.iter().enumerate().map(at).collect();
            let number = keep(&cx, from, day("2026-03-20"), &printed).await.expect("kept");
            assert_eq!(batch(&cx, number).await.expect("there").bills, printed);
            assert_eq!(waiting(&cx, from, day("2026-03-20")).await.expect("found"), []);
            let again = keep(&cx, from, day("2026-03-20"), &printed[..1]).await.expect_err("printed before");
            assert_eq!(AppError::from(again), AppError::Changed);
            assert_eq!(AppError::from(batch(&cx, number + 1).await.expect_err("none")), AppError::NotFound);
        }
    }
}
