//! What is owed, by when, and how each bill stands.

use chrono::NaiveDate;
use contract::bills::{BillSummary, DueView, Standing};
use domain::calendar::{DayRange, Zone};
use domain::ids::AccountId;
use domain::ledger::Due;
use domain::ledger::allocation::open_dues;
use domain::ledger::asked::What;
use domain::money::Cents;
use store::bills::Status;

use crate::collections::Position;
use crate::{Fault, Work};

/// The balance of an account, its earliest due date and what is overdue, as of the transaction's now in the city's zone.
///
/// # Errors
/// If the database fails.
pub async fn due(work: &mut Work, account: AccountId, zone: &Zone) -> Result<DueView, Fault> {
    Ok(summaries(work, account, zone).await?.0)
}

/// The account's bills, newest first, each with what is left to pay of it; and the balance.
///
/// # Errors
/// If the database fails.
pub async fn summaries(work: &mut Work, account: AccountId, zone: &Zone) -> Result<(DueView, Vec<BillSummary>), Fault> {
    let today: NaiveDate = zone.day_of(work.now);
    let pending = store::payments::pending_sum(&mut work.tx, account).await?;
    Ok(summarize(&Position::load(work, account, today).await?, pending))
}

/// What is to be paid, and the bills, newest first; `pending` is on its way.
pub(crate) fn summarize(p: &Position, pending: Cents) -> (DueView, Vec<BillSummary>) {
    let view = DueView {
        balance: p.balance.total(),
        due_on: p.asked.due_on(),
        overdue: p.late(),
        later: p.asked.coming(p.today),
        latest_bill: p.standing().next_back().map(|b| b.number.clone()),
        asked: p.asked.now(p.today),
        pending,
        deferred: p.asked.deferred,
        arranged: p.in_force().is_some(),
        budget: p.level().is_some(),
    };
    // What would be left of each bill without an arrangement, for those that one covers.
    let dues: Vec<Due> = p.standing().map(|b| Due { on: b.due_on, amount: b.total }).collect();
    let plain = open_dues(&dues, p.balance.total());
    let order: Vec<_> = p.standing().map(|b| b.id).collect();
    let list = p
        .bills
        .iter()
        .map(|b| {
            let at = order.iter().position(|id| *id == b.id);
            let asked = p.asked.items.iter().find(|(w, ..)| at.is_some_and(|i| *w == What::Bill(i)));
            let arranged = at.is_some() && asked.is_none();
            let open = match asked {
                Some((.., open)) => *open,
                None => at.and_then(|i| plain.get(i).copied()).unwrap_or(Cents::ZERO),
            };
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
                    (_, true) if arranged => Standing::Arranged,
                    (_, true) if b.due_on < p.today => Standing::Overdue,
                    (_, true) => Standing::Due,
                },
            }
        })
        .collect();
    (view, list)
}
