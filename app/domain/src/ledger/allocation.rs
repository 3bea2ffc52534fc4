//! Which debt a payment settles: the oldest bill first; within a bill, water and wastewater last, because energy service is
//! cut sooner than water for an unpaid bill, and a partial payment should keep as much as possible connected.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Balance, Book, Entry, credit};
use crate::money::Cents;
use crate::quantity::ServiceKind;

/// An amount that was billed and its due date, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last day to pay without consequences.
    pub on: NaiveDate,
    /// The total of the bill.
    pub amount: Cents,
}

/// The order in which services are settled.
pub const ORDER: [ServiceKind; 6] = [
    ServiceKind::Electricity,
    ServiceKind::Gas,
    ServiceKind::Storm,
    ServiceKind::Refuse,
    ServiceKind::Wastewater,
    ServiceKind::Water,
];

/// The customer's side of a payment: credits on receivables in [`ORDER`], and what is over as credit held for the customer.
/// The caller adds the debit (processor clearing or cash). Sums to `-amount`.
#[must_use]
pub fn allocate(balance: &Balance, amount: Cents) -> Vec<Entry> {
    let mut left = amount;
    let mut out = Vec::new();
    for service in ORDER {
        let owed = balance.owed.iter().find(|(s, _)| *s == service).map_or(Cents::ZERO, |(_, a)| *a);
        let part = left.min(owed.max(Cents::ZERO));
        if part > Cents::ZERO {
            out.push(credit(Book::Receivable(service), part));
            left -= part;
        }
    }
    if left != Cents::ZERO {
        out.push(credit(Book::CustomerCredit, left));
    }
    out
}

/// What is left of each due once the total owed is known, settling the oldest first: `balance` is spread over the newest
/// bills backwards. A balance larger than all bills adds to the oldest.
#[must_use]
pub fn open_dues(dues: &[Due], balance: Cents) -> Vec<Cents> {
    let mut open = vec![Cents::ZERO; dues.len()];
    let mut left = balance.max(Cents::ZERO);
    for (i, due) in dues.iter().enumerate().rev() {
        let part = left.min(due.amount.max(Cents::ZERO));
        open[i] = part;
        left -= part;
    }
    if let Some(first) = open.first_mut() {
        *first += left;
    }
    open
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn energy_is_settled_before_water_and_the_rest_is_kept_as_credit() {
        let balance = Balance {
            owed: vec![(ServiceKind::Electricity, Cents(100)), (ServiceKind::Water, Cents(50))],
            credit: Cents::ZERO,
        };
        assert_eq!(
            allocate(&balance, Cents(120)),
            [
                credit(Book::Receivable(ServiceKind::Electricity), Cents(100)),
                credit(Book::Receivable(ServiceKind::Water), Cents(20))
            ]
        );
        assert_eq!(allocate(&balance, Cents(200)).last(), Some(&credit(Book::CustomerCredit, Cents(50))));
    }

    #[test]
    fn the_oldest_bill_is_paid_first() {
        let dues = [Due { on: on("2026-04-01"), amount: Cents(300) }, Due { on: on("2026-05-01"), amount: Cents(200) }];
        assert_eq!(open_dues(&dues, Cents(250)), [Cents(50), Cents(200)]);
        assert_eq!(open_dues(&dues, Cents(150)), [Cents(0), Cents(150)]);
        assert_eq!(open_dues(&dues, Cents(-10)), [Cents(0), Cents(0)]);
    }

    proptest! {
        #[test]
        fn no_cent_is_lost(owed in proptest::collection::vec(-50_000i64..500_000, 6), amount in 1i64..1_000_000) {
            let balance = Balance {
                owed: ServiceKind::ALL.into_iter().zip(owed.iter().map(|o| Cents(*o))).collect(),
                credit: Cents::ZERO,
            };
            let parts = allocate(&balance, Cents(amount));
            prop_assert_eq!(parts.iter().map(|e| e.amount).sum::<Cents>(), Cents(-amount));
        }

        #[test]
        fn open_dues_sum_to_the_balance(bills in proptest::collection::vec(1i64..100_000, 1..12), balance in 0i64..2_000_000) {
            let dues: Vec<Due> = bills.iter().map(|b| Due { on: on("2026-04-01"), amount: Cents(*b) }).collect();
            prop_assert_eq!(open_dues(&dues, Cents(balance)).into_iter().sum::<Cents>(), Cents(balance));
        }
    }
}
