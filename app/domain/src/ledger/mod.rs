//! Double entry in integer cents, append-only. Money moves only as a [`Journal`], and a journal can only be made balanced.
//! A correction is a reversal and a new journal.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::AccountId;
use crate::money::Cents;
use crate::quantity::ServiceKind;

pub mod aging;
pub mod allocation;
pub mod asked;
pub mod collections;
pub mod one_off;
pub mod statement;

pub use allocation::{Due, allocate};

/// A side of the books on which amounts are kept. Debits are positive, credits negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Book {
    /// What the customer owes for a service, tax included (energy and water have different shut-off clocks).
    Receivable(ServiceKind),
    /// What we hold for the customer: an overpayment, a deposit released, a goodwill credit.
    CustomerCredit,
    /// What a service earned, without tax.
    Revenue(ServiceKind),
    /// What rate assistance gave up of a service's revenue.
    Assistance(ServiceKind),
    /// What solar exports cost us.
    EnergyPurchased,
    /// Tax collected for the city.
    TaxPayable,
    /// Money that the payment processor says it took and has not yet paid out.
    ProcessorClearing,
    /// Money in the bank.
    Cash,
    /// What the processor keeps for its service.
    ProcessorFees,
    /// Amounts given up: write-offs and goodwill.
    Adjustments,
    /// What late fees earned.
    LateFees,
    /// Deposits that we hold and owe back; they pay no bill until they are released.
    Deposits,
    /// What interest on deposits cost us.
    DepositInterest,
}

impl Book {
    /// The name under which the book is stored, without its service.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receivable(_) => "receivable",
            Self::CustomerCredit => "customer_credit",
            Self::Revenue(_) => "revenue",
            Self::Assistance(_) => "assistance",
            Self::EnergyPurchased => "energy_purchased",
            Self::TaxPayable => "tax_payable",
            Self::ProcessorClearing => "processor_clearing",
            Self::Cash => "cash",
            Self::ProcessorFees => "processor_fees",
            Self::Adjustments => "adjustments",
            Self::LateFees => "late_fees",
            Self::Deposits => "deposits",
            Self::DepositInterest => "deposit_interest",
        }
    }

    /// The service, where the book is kept by service.
    #[must_use]
    pub const fn service(self) -> Option<ServiceKind> {
        match self {
            Self::Receivable(s) | Self::Revenue(s) | Self::Assistance(s) => Some(s),
            _ => None,
        }
    }

    /// Reads what [`Book::name`] and [`Book::service`] gave.
    #[must_use]
    pub fn from_parts(name: &str, service: Option<ServiceKind>) -> Option<Self> {
        Some(match (name, service) {
            ("receivable", Some(s)) => Self::Receivable(s),
            ("revenue", Some(s)) => Self::Revenue(s),
            ("assistance", Some(s)) => Self::Assistance(s),
            ("customer_credit", None) => Self::CustomerCredit,
            ("energy_purchased", None) => Self::EnergyPurchased,
            ("tax_payable", None) => Self::TaxPayable,
            ("processor_clearing", None) => Self::ProcessorClearing,
            ("cash", None) => Self::Cash,
            ("processor_fees", None) => Self::ProcessorFees,
            ("adjustments", None) => Self::Adjustments,
            ("late_fees", None) => Self::LateFees,
            ("deposits", None) => Self::Deposits,
            ("deposit_interest", None) => Self::DepositInterest,
            _ => return None,
        })
    }

    /// Whether the book makes up what the customer owes (receivables less what we hold for them).
    #[must_use]
    pub const fn is_customer(self) -> bool {
        matches!(self, Self::Receivable(_) | Self::CustomerCredit)
    }
}

/// One amount in one book: debit positive, credit negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where.
    pub book: Book,
    /// How much; never zero in a journal.
    pub amount: Cents,
}

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// A bill was issued.
    Bill,
    /// A payment was confirmed by the processor.
    Payment,
    /// A payment came back (a returned debit, a dispute).
    PaymentReturn,
    /// Money was given back to the customer.
    Refund,
    /// The processor paid out to the bank.
    Settlement,
    /// Credit held for the customer was used on a bill.
    CreditApplied,
    /// A correction by staff.
    Adjustment,
    /// The opposite of an earlier journal.
    Reversal,
    /// A late fee was charged.
    LateFee,
    /// A deposit was taken.
    DepositTaken,
    /// A deposit was given back: set against what is owed, the rest held for the customer.
    DepositReleased,
}

/// Entries that sum to zero, about one customer account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Journal {
    account: AccountId,
    kind: JournalKind,
    on: NaiveDate,
    entries: Vec<Entry>,
}

/// Why entries do not make a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// Debits and credits differ.
    #[error("debits and credits differ by {0}")]
    By(Cents),
    /// Nothing is left once zero amounts are dropped.
    #[error("a journal without amounts")]
    Empty,
    /// The amounts leave the range of whole cents.
    #[error("amounts out of range")]
    TooLarge,
}

impl Journal {
    /// A journal; zero amounts are dropped and amounts of the same book are joined.
    ///
    /// # Errors
    /// [`Unbalanced`] where the entries do not sum to zero or nothing is left.
    pub fn new(
        account: AccountId,
        kind: JournalKind,
        on: NaiveDate,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, Unbalanced> {
        let mut joined: Vec<Entry> = Vec::new();
        let mut sum = Cents::ZERO;
        for e in entries {
            sum = sum.checked_add(e.amount).ok_or(Unbalanced::TooLarge)?;
            match joined.iter_mut().find(|j| j.book == e.book) {
                Some(j) => j.amount = j.amount.checked_add(e.amount).ok_or(Unbalanced::TooLarge)?,
                None => joined.push(e),
            }
        }
        if sum != Cents::ZERO {
            return Err(Unbalanced::By(sum));
        }
        joined.retain(|e| e.amount != Cents::ZERO);
        if joined.is_empty() {
            return Err(Unbalanced::Empty);
        }
        Ok(Self { account, kind, on, entries: joined })
    }

    /// The customer account it is about.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Why money moved.
    #[must_use]
    pub const fn kind(&self) -> JournalKind {
        self.kind
    }

    /// The day it counts for.
    #[must_use]
    pub const fn on(&self) -> NaiveDate {
        self.on
    }

    /// What moved; sums to zero.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How much more (or, negative, less) the customer owes by it.
    #[must_use]
    pub fn owed(&self) -> Cents {
        self.entries.iter().filter(|e| e.book.is_customer()).map(|e| e.amount).sum()
    }

    /// The opposite, which undoes it.
    #[must_use]
    pub fn reversed(&self, on: NaiveDate) -> Self {
        Self {
            account: self.account,
            kind: JournalKind::Reversal,
            on,
            entries: self.entries.iter().map(|e| Entry { book: e.book, amount: -e.amount }).collect(),
        }
    }
}

/// A debit.
#[must_use]
pub const fn debit(book: Book, amount: Cents) -> Entry {
    Entry { book, amount }
}

/// A credit.
#[must_use]
pub fn credit(book: Book, amount: Cents) -> Entry {
    Entry { book, amount: -amount }
}

/// What a customer owes, by service, and what we hold for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Owed by service, in the order of [`ServiceKind::ALL`]; only services with an amount.
    pub owed: Vec<(ServiceKind, Cents)>,
    /// Held for the customer, as a positive amount.
    pub credit: Cents,
}

impl Balance {
    /// From the sums of the customer's books.
    #[must_use]
    pub fn from_sums(sums: &[(Book, Cents)]) -> Self {
        let mut out = Self::default();
        for kind in ServiceKind::ALL {
            let amount: Cents = sums.iter().filter(|(b, _)| *b == Book::Receivable(kind)).map(|(_, a)| *a).sum();
            if amount != Cents::ZERO {
                out.owed.push((kind, amount));
            }
        }
        out.credit = -sums.iter().filter(|(b, _)| *b == Book::CustomerCredit).map(|(_, a)| *a).sum::<Cents>();
        out
    }

    /// What is to be paid in all; negative is in the customer's favour.
    #[must_use]
    pub fn total(&self) -> Cents {
        self.owed.iter().map(|(_, a)| *a).sum::<Cents>() - self.credit
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day() -> NaiveDate {
        "2026-05-12".parse().expect("a date")
    }

    #[test]
    fn only_balanced_entries_make_a_journal() {
        let make = |e: Vec<Entry>| Journal::new(AccountId(1), JournalKind::Payment, day(), e);
        assert_eq!(make(vec![debit(Book::Cash, Cents(5))]), Err(Unbalanced::By(Cents(5))));
        assert_eq!(make(vec![]), Err(Unbalanced::Empty));
        assert_eq!(
            make(vec![debit(Book::Cash, Cents(5)), credit(Book::Cash, Cents(5))]),
            Err(Unbalanced::Empty),
            "a wash moves nothing"
        );
        assert_eq!(
            make(vec![debit(Book::Cash, Cents(i64::MAX)), debit(Book::Cash, Cents(i64::MAX))]),
            Err(Unbalanced::TooLarge)
        );
        let j = make(vec![
            debit(Book::ProcessorClearing, Cents(700)),
            credit(Book::Receivable(ServiceKind::Water), Cents(500)),
            credit(Book::CustomerCredit, Cents(200)),
        ])
        .expect("balanced");
        assert_eq!(j.owed(), Cents(-700));
    }

    #[test]
    fn names_lead_back_to_books() {
        let mut all = vec![
            Book::CustomerCredit,
            Book::EnergyPurchased,
            Book::TaxPayable,
            Book::ProcessorClearing,
            Book::Cash,
            Book::ProcessorFees,
            Book::Adjustments,
            Book::LateFees,
            Book::Deposits,
            Book::DepositInterest,
        ];
        for s in ServiceKind::ALL {
            all.extend([Book::Receivable(s), Book::Revenue(s), Book::Assistance(s)]);
        }
        for b in all {
            assert_eq!(Book::from_parts(b.name(), b.service()), Some(b));
        }
        assert_eq!(Book::from_parts("receivable", None), None);
    }

    proptest! {
        #[test]
        fn a_reversal_undoes_its_journal(amounts in proptest::collection::vec(-1_000_000i64..1_000_000, 1..6)) {
            let mut entries: Vec<Entry> = amounts
                .iter()
                .zip(ServiceKind::ALL)
                .map(|(a, s)| debit(Book::Receivable(s), Cents(*a)))
                .collect();
            let sum: Cents = entries.iter().map(|e| e.amount).sum();
            entries.push(credit(Book::TaxPayable, sum));
            if let Ok(j) = Journal::new(AccountId(7), JournalKind::Bill, day(), entries) {
                let back = j.reversed(day());
                prop_assert_eq!(j.owed() + back.owed(), Cents::ZERO);
                prop_assert_eq!(j.entries().iter().map(|e| e.amount).sum::<Cents>(), Cents::ZERO);
                let twice = back.reversed(day());
                prop_assert_eq!(twice.entries(), j.entries());
            }
        }
    }
}
