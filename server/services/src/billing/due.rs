//! What is owed, by when, and how each bill stands.

use chrono::NaiveDate;
use contract::bills::{BillSummary, DueView, Standing};
use domain::calendar::{DayRange, Zone};
use domain::ids::AccountId;
use domain::ledger::allocation::open_dues;
use domain::ledger::{Balance, Due};
use domain::money::Cents;
use store::bills::{BillRow, Status};

use crate::{Fault, Work};

/// The balance of an account, its earliest due date and what is overdue, as of the transaction's now in the city's zone.
///
/// # Errors
/// If the database fails.
pub async fn due(work: &mut Work, account: AccountId, zone: &Zone) -> Result<DueView, Fault> {
    let bills = store::bills::list(&mut work.tx, account).await?;
    let balance = crate::ledger::balance(work, account).await?;
    Ok(summarize(&bills, &balance, zone.day_of(work.now)).0)
}

/// The account's bills, newest first, each with what is left to pay of it; and the balance.
///
/// # Errors
/// If the database fails.
pub async fn summaries(work: &mut Work, account: AccountId, zone: &Zone) -> Result<(DueView, Vec<BillSummary>), Fault> {
    let bills = store::bills::list(&mut work.tx, account).await?;
    let balance = crate::ledger::balance(work, account).await?;
    Ok(summarize(&bills, &balance, zone.day_of(work.now)))
}

/// `bills` are newest first.
pub(crate) fn summarize(bills: &[BillRow], balance: &Balance, today: NaiveDate) -> (DueView, Vec<BillSummary>) {
    let total = balance.total();
    let standing: Vec<&BillRow> = bills.iter().filter(|b| b.status == Status::Issued).rev().collect();
    let dues: Vec<Due> = standing.iter().map(|b| Due { on: b.due_on, amount: b.total }).collect();
    let open = open_dues(&dues, total);
    let mut view =
        DueView { balance: total, latest_bill: standing.last().map(|b| b.number.clone()), ..DueView::default() };
    for (due, open) in dues.iter().zip(&open) {
        if *open > Cents::ZERO {
            view.due_on = Some(view.due_on.map_or(due.on, |d: NaiveDate| d.min(due.on)));
            if due.on < today {
                view.overdue += *open;
            }
        }
    }
    let list = bills
        .iter()
        .map(|b| {
            let open =
                standing.iter().position(|s| s.id == b.id).and_then(|i| open.get(i).copied()).unwrap_or(Cents::ZERO);
            BillSummary {
                number: b.number.clone(),
                period: DayRange { from: b.period_from, to: b.period_to },
                issued_on: b.issued_on,
                due_on: b.due_on,
                total: b.total,
                open,
                standing: match (b.status, open > Cents::ZERO) {
                    (Status::Replaced, _) => Standing::Replaced,
                    (_, false) => Standing::Paid,
                    (_, true) if b.due_on < today => Standing::Overdue,
                    (_, true) => Standing::Due,
                },
            }
        })
        .collect();
    (view, list)
}
