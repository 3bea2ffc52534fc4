//! How old a debt is, by service and due date; and which of it a payment settles.
//!
//! The books keep what is owed by service, not by bill. What is left of each bill follows from one rule: within a service the
//! oldest debt is settled first, so what is still owed belongs to the newest bills.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::allocation::ORDER;
use super::{Balance, Book, Entry, credit, debit};
use crate::calendar::days_between;
use crate::money::Cents;
use crate::quantity::ServiceKind;

/// What was asked for one service, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// For what.
    pub service: ServiceKind,
    /// The day the bill or fee is dated.
    pub billed_on: NaiveDate,
    /// The last day to pay without consequences.
    pub due_on: NaiveDate,
    /// How much; what is negative (a solar credit) is no debt.
    pub amount: Cents,
}

/// What is left of each debt, oldest first: sums by service to what the books say is owed for it. What is owed without any
/// bill that explains it (a correction) counts as billed and due on `otherwise`.
#[must_use]
pub fn open_debts(debts: &[Debt], balance: &Balance, otherwise: NaiveDate) -> Vec<Debt> {
    let mut out = Vec::new();
    for (service, owed) in &balance.owed {
        let mut left = (*owed).max(Cents::ZERO);
        if left == Cents::ZERO {
            continue;
        }
        let mut own: Vec<Debt> =
            debts.iter().copied().filter(|d| d.service == *service && d.amount > Cents::ZERO).collect();
        own.sort_by_key(|d| (d.due_on, d.billed_on));
        for d in own.iter_mut().rev() {
            d.amount = d.amount.min(left);
            left -= d.amount;
        }
        match own.iter_mut().find(|d| d.amount > Cents::ZERO) {
            // More is owed than was billed: it is as old as the oldest.
            Some(first) if left > Cents::ZERO => first.amount += left,
            None => own.push(Debt { service: *service, billed_on: otherwise, due_on: otherwise, amount: left }),
            Some(_) => {}
        }
        out.extend(own.into_iter().filter(|d| d.amount > Cents::ZERO));
    }
    out.sort_by_key(|d| (d.due_on, d.billed_on, place(d.service)));
    out
}

fn place(service: ServiceKind) -> usize {
    ORDER.iter().position(|s| *s == service).unwrap_or(ORDER.len())
}

/// The customer's side of a payment of `amount`: the oldest due date first, within it energy before water ([`ORDER`]), and
/// what is over as credit held for the customer. `open` is what [`open_debts`] gave for the same balance. The caller adds the
/// debit (processor clearing, cash, credit held). Sums to `-amount`.
#[must_use]
pub fn settle(open: &[Debt], amount: Cents) -> Vec<Entry> {
    let mut left = amount;
    let mut out: Vec<Entry> = Vec::new();
    for debt in open {
        let part = debt.amount.min(left);
        if part > Cents::ZERO {
            out.push(credit(Book::Receivable(debt.service), part));
            left -= part;
        }
    }
    if left != Cents::ZERO {
        out.push(credit(Book::CustomerCredit, left));
    }
    out
}

/// What puts a balance in order after something was undone: a service with less than nothing owed becomes credit held for the
/// customer, and credit that was used and is gone is owed again, for the newest bills first (the mirror image of [`settle`]).
/// Empty where all is in order; sums to zero.
#[must_use]
pub fn tidy(debts: &[Debt], balance: &Balance, otherwise: NaiveDate) -> Vec<Entry> {
    let mut out = Vec::new();
    let mut tidied = balance.clone();
    for (service, owed) in &mut tidied.owed {
        if *owed < Cents::ZERO {
            out.push(debit(Book::Receivable(*service), -*owed));
            out.push(credit(Book::CustomerCredit, -*owed));
            tidied.credit -= *owed;
            *owed = Cents::ZERO;
        }
    }
    let mut missing = -tidied.credit;
    if missing <= Cents::ZERO {
        return out;
    }
    out.push(credit(Book::CustomerCredit, missing));
    let open = open_debts(debts, &tidied, otherwise);
    let still = |d: &Debt| {
        let same = |o: &&Debt| (o.service, o.billed_on, o.due_on) == (d.service, d.billed_on, d.due_on);
        open.iter().filter(same).map(|o| o.amount).sum::<Cents>()
    };
    let mut newest: Vec<&Debt> = debts.iter().filter(|d| d.amount > Cents::ZERO).collect();
    newest.sort_by_key(|d| std::cmp::Reverse((d.due_on, d.billed_on, place(d.service))));
    for d in &newest {
        let part = (d.amount - still(d)).max(Cents::ZERO).min(missing);
        if part > Cents::ZERO {
            out.push(debit(Book::Receivable(d.service), part));
            missing -= part;
        }
    }
    if missing > Cents::ZERO {
        // More came back than the bills explain: it is owed for the service that was billed last.
        let service = newest.first().map_or(ORDER[0], |d| d.service);
        out.push(debit(Book::Receivable(service), missing));
    }
    out
}

/// How long ago a debt fell due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// It is not due yet, or today.
    Current,
    /// 1 to 30 days.
    Month,
    /// 31 to 60 days.
    TwoMonths,
    /// 61 to 90 days.
    ThreeMonths,
    /// More than 90 days.
    Older,
}

impl Age {
    /// From young to old.
    pub const ALL: [Self; 5] = [Self::Current, Self::Month, Self::TwoMonths, Self::ThreeMonths, Self::Older];

    /// The age of what was due on a day.
    #[must_use]
    pub fn of(due_on: NaiveDate, today: NaiveDate) -> Self {
        match days_between(due_on, today) {
            ..=0 => Self::Current,
            1..=30 => Self::Month,
            31..=60 => Self::TwoMonths,
            61..=90 => Self::ThreeMonths,
            _ => Self::Older,
        }
    }
}

/// What is owed by service and age.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aging {
    /// By service in the order of the bill, each with its amounts in the order of [`Age::ALL`]; only services that are owed for.
    pub rows: Vec<(ServiceKind, [Cents; 5])>,
}

impl Aging {
    /// Sorts open debts by age.
    #[must_use]
    pub fn of(open: &[Debt], today: NaiveDate) -> Self {
        let mut rows = Vec::new();
        for service in ServiceKind::ALL {
            let sum = |age: Age| {
                let of_age = |d: &&Debt| d.service == service && Age::of(d.due_on, today) == age;
                open.iter().filter(of_age).map(|d| d.amount).sum::<Cents>()
            };
            let amounts = Age::ALL.map(sum);
            if amounts.iter().any(|a| *a != Cents::ZERO) {
                rows.push((service, amounts));
            }
        }
        Self { rows }
    }

    /// The sums of all services by age.
    #[must_use]
    pub fn totals(&self) -> [Cents; 5] {
        std::array::from_fn(|i| self.rows.iter().map(|(_, a)| a[i]).sum())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn debt(service: ServiceKind, due: &str, amount: i64) -> Debt {
        Debt { service, billed_on: on(due) - chrono::Days::new(21), due_on: on(due), amount: Cents(amount) }
    }

    #[test]
    fn the_oldest_is_paid_first_and_energy_before_water() {
        use ServiceKind::{Electricity, Water};
        let debts = [
            debt(Electricity, "2026-03-22", 5_000),
            debt(Water, "2026-03-22", 3_000),
            debt(Electricity, "2026-04-22", 6_000),
            debt(Water, "2026-04-22", 3_100),
        ];
        let balance = Balance { owed: vec![(Electricity, Cents(11_000)), (Water, Cents(6_100))], credit: Cents::ZERO };
        let open = open_debts(&debts, &balance, on("2026-05-01"));
        assert_eq!(open, debts);
        let paid = settle(&open, Cents(7_000));
        assert_eq!(
            paid,
            [credit(Book::Receivable(Electricity), Cents(5_000)), credit(Book::Receivable(Water), Cents(2_000))],
            "March's water comes before April's electricity"
        );
        let aging = Aging::of(&open, on("2026-04-30"));
        assert_eq!(aging.rows[0], (Electricity, [Cents(0), Cents(6_000), Cents(5_000), Cents(0), Cents(0)]));
        assert_eq!(aging.totals(), [Cents(0), Cents(9_100), Cents(8_000), Cents(0), Cents(0)]);
    }

    #[test]
    fn what_no_bill_explains_is_not_lost() {
        let balance = Balance { owed: vec![(ServiceKind::Gas, Cents(700))], credit: Cents::ZERO };
        let open = open_debts(&[], &balance, on("2026-05-01"));
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].amount, open[0].due_on), (Cents(700), on("2026-05-01")));
        let more = open_debts(&[debt(ServiceKind::Gas, "2026-04-01", 500)], &balance, on("2026-05-01"));
        assert_eq!(more.iter().map(|d| d.amount).sum::<Cents>(), Cents(700));
    }

    fn lives() -> impl Strategy<Value = (Vec<Debt>, Balance)> {
        let one = (0usize..6, 0i64..400, -20_000i64..90_000);
        (proptest::collection::vec(one, 0..16), proptest::collection::vec(-5_000i64..200_000, 6)).prop_map(
            |(d, owed)| {
                let debts = d
                    .into_iter()
                    .map(|(s, day, amount)| {
                        let due_on = on("2025-01-01") + chrono::Days::new(day.unsigned_abs());
                        Debt { service: ServiceKind::ALL[s], billed_on: due_on, due_on, amount: Cents(amount) }
                    })
                    .collect();
                let owed = ServiceKind::ALL.into_iter().zip(owed.into_iter().map(Cents)).collect();
                (debts, Balance { owed, credit: Cents::ZERO })
            },
        )
    }

    proptest! {
        #[test]
        fn open_debts_sum_to_the_books((debts, balance) in lives()) {
            let open = open_debts(&debts, &balance, on("2026-01-01"));
            prop_assert!(open.iter().all(|d| d.amount > Cents::ZERO));
            for (service, owed) in &balance.owed {
                let sum: Cents = open.iter().filter(|d| d.service == *service).map(|d| d.amount).sum();
                prop_assert_eq!(sum, (*owed).max(Cents::ZERO));
            }
            let aged: Cents = Aging::of(&open, on("2026-01-01")).totals().into_iter().sum();
            prop_assert_eq!(aged, open.iter().map(|d| d.amount).sum::<Cents>());
        }

        #[test]
        fn a_payment_loses_no_cent_and_pays_no_service_twice((debts, balance) in lives(), amount in 1i64..900_000) {
            let open = open_debts(&debts, &balance, on("2026-01-01"));
            let parts = settle(&open, Cents(amount));
            prop_assert_eq!(parts.iter().map(|e| e.amount).sum::<Cents>(), Cents(-amount));
            prop_assert!(parts.iter().all(|e| e.amount < Cents::ZERO));
            for (service, owed) in &balance.owed {
                let paid: Cents =
                    parts.iter().filter(|e| e.book == Book::Receivable(*service)).map(|e| e.amount).sum();
                prop_assert!(-paid <= (*owed).max(Cents::ZERO));
            }
        }

        #[test]
        fn a_tidied_balance_owes_the_same_and_has_no_holes((debts, mut balance) in lives(), held in -300_000i64..100_000) {
            balance.credit = Cents(held);
            let entries = tidy(&debts, &balance, on("2026-01-01"));
            prop_assert_eq!(entries.iter().map(|e| e.amount).sum::<Cents>(), Cents::ZERO);
            let book = |b: Book| entries.iter().filter(|e| e.book == b).map(|e| e.amount).sum::<Cents>();
            prop_assert!(balance.credit - book(Book::CustomerCredit) >= Cents::ZERO);
            for (service, owed) in &balance.owed {
                prop_assert!(*owed + book(Book::Receivable(*service)) >= Cents::ZERO);
            }
        }

        /// Two payments settle what one of their sum does: nothing depends on how a customer splits it.
        #[test]
        fn parts_settle_what_the_whole_does((debts, balance) in lives(), a in 1i64..300_000, b in 1i64..300_000) {
            let pay = |balance: &Balance, amount: i64| {
                let mut after = balance.clone();
                for e in settle(&open_debts(&debts, balance, on("2026-01-01")), Cents(amount)) {
                    match e.book {
                        Book::Receivable(s) => {
                            for (_, o) in after.owed.iter_mut().filter(|(k, _)| *k == s) {
                                *o += e.amount;
                            }
                        }
                        _ => after.credit -= e.amount,
                    }
                }
                after
            };
            prop_assert_eq!(pay(&pay(&balance, a), b), pay(&balance, a + b));
        }
    }
}
