//! A bill as a journal: what the customer owes by service, against revenue, tax, assistance and power bought.

use chrono::NaiveDate;

use super::{Bill, LineKind};
use crate::ids::AccountId;
use crate::ledger::aging::{Debt, settle};
use crate::ledger::{Book, Entry, Journal, JournalKind, Unbalanced, credit, debit};
use crate::money::Cents;

/// The journal of a bill. A bill that comes to nothing in every line has none.
///
/// # Errors
/// Never [`Unbalanced::By`]: the entries come from the same lines. [`Unbalanced::Empty`] for a bill without amounts.
pub fn journal(account: AccountId, on: NaiveDate, bill: &Bill) -> Result<Journal, Unbalanced> {
    let mut entries: Vec<Entry> = Vec::new();
    for s in &bill.services {
        entries.push(debit(Book::Receivable(s.service), s.total));
        entries.push(credit(Book::Revenue(s.service), s.sum(LineKind::Usage) + s.sum(LineKind::Fixed)));
        entries.push(credit(Book::EnergyPurchased, s.sum(LineKind::Export)));
        entries.push(credit(Book::TaxPayable, s.sum(LineKind::Tax)));
        entries.push(credit(Book::Assistance(s.service), s.sum(LineKind::Assistance)));
    }
    Journal::new(account, JournalKind::Bill, on, entries)
}

/// Credit held for the customer is used on what is owed, the oldest due date first. `open` is what
/// [`open_debts`](crate::ledger::aging::open_debts) gave for the same balance.
///
/// # Errors
/// [`Unbalanced::Empty`] where there is no credit or nothing is owed.
pub fn apply_credit(
    account: AccountId,
    on: NaiveDate,
    balance: &crate::ledger::Balance,
    open: &[Debt],
) -> Result<Journal, Unbalanced> {
    let owed: Cents = open.iter().map(|d| d.amount).sum();
    let amount = balance.credit.min(owed).max(Cents::ZERO);
    let mut entries = settle(open, amount);
    entries.push(debit(Book::CustomerCredit, amount));
    Journal::new(account, JournalKind::CreditApplied, on, entries)
}

/// What services have been paid beyond what they come to becomes credit held for the customer.
///
/// # Errors
/// [`Unbalanced::Empty`] where no service is overpaid.
pub fn release_overpaid(
    account: AccountId,
    on: NaiveDate,
    balance: &crate::ledger::Balance,
) -> Result<Journal, Unbalanced> {
    let mut entries: Vec<Entry> = Vec::new();
    for (service, owed) in balance.owed.iter().filter(|(_, owed)| *owed < Cents::ZERO) {
        entries.push(debit(Book::Receivable(*service), -*owed));
        entries.push(credit(Book::CustomerCredit, -*owed));
    }
    Journal::new(account, JournalKind::CreditApplied, on, entries)
}
