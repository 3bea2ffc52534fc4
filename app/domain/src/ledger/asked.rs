//! What is asked for and when. The books say what is owed; an arrangement spreads a debt over months, budget billing levels
//! bills over a year. Neither moves money: they change what is asked by which day, and this is the one place that says how.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::allocation::{Due, open_dues};
use crate::calendar::add_months;
use crate::money::{Cents, largest_remainder};

/// The fewest and the most months of an arrangement.
pub const MONTHS: (u32, u32) = (2, 18);
/// The least that an instalment is.
pub const LEAST_INSTALMENT: Cents = Cents(500);
/// Bills between two settlings of budget billing.
pub const BUDGET_BILLS: usize = 12;

/// Something that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A bill, by its place in the list that was given.
    Bill(usize),
    /// A late fee, by its place in the list that was given.
    Fee(usize),
    /// An instalment of the arrangement, by its place.
    Instalment(usize),
    /// What budget billing was short of, at its end.
    Settling,
}

/// A bill or a fee as it was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The day after the last one billed; for a fee, the day it is dated.
    pub through: NaiveDate,
    /// The last day to pay.
    pub due_on: NaiveDate,
    /// How much.
    pub amount: Cents,
}

/// An arrangement as far as it changes what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Bills and fees up to this day are paid by instalments.
    pub through: NaiveDate,
    /// The instalments, in order.
    pub instalments: Vec<Due>,
}

/// A stretch of budget billing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Bills that end after this day are levelled.
    pub since: NaiveDate,
    /// Bills that end after this day are not any more; `None` while it runs.
    pub until: Option<NaiveDate>,
    /// What each bill asks.
    pub monthly: Cents,
    /// When the difference is due, once it has ended.
    pub settled_on: Option<NaiveDate>,
}

impl Level {
    /// Whether a bill that ends on a day is levelled.
    #[must_use]
    pub fn covers(&self, through: NaiveDate) -> bool {
        through > self.since && self.until.is_none_or(|until| through <= until)
    }

    /// What its bills came to less what they asked: positive is still to be asked.
    #[must_use]
    pub fn difference(&self, bills: &[Issued]) -> Cents {
        bills.iter().filter(|b| self.covers(b.through)).map(|b| b.amount - self.monthly).sum()
    }
}

/// What is asked, oldest due date first, and what is left of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Each thing with what was asked, by when, and what of it is still to pay.
    pub items: Vec<(What, Due, Cents)>,
    /// What is asked in all of what is owed; differs from the balance under budget billing only.
    pub total: Cents,
    /// The difference that budget billing puts off: what is owed less what is asked.
    pub deferred: Cents,
}

impl Asked {
    /// What of it fell due before a day.
    #[must_use]
    pub fn late(&self, today: NaiveDate) -> Cents {
        self.items.iter().filter(|(_, due, _)| due.on < today).map(|(.., open)| *open).sum()
    }

    /// The earliest day by which something is still to pay.
    #[must_use]
    pub fn due_on(&self) -> Option<NaiveDate> {
        self.items.iter().filter(|(.., open)| *open > Cents::ZERO).map(|(_, due, _)| due.on).min()
    }

    /// Whether something is an instalment after the next one: that is not to be paid yet.
    fn waits(&self, today: NaiveDate) -> impl Fn(&(What, Due, Cents)) -> bool + use<> {
        let instalment = |w: &What| matches!(w, What::Instalment(_));
        let open = |(w, due, open): &&(What, Due, Cents)| instalment(w) && *open > Cents::ZERO && due.on >= today;
        let next = self.items.iter().find(open).map(|(_, due, _)| due.on);
        move |(w, due, _)| instalment(w) && next.is_some_and(|next| due.on > next)
    }

    /// What is to be paid now: of an arrangement, what is late and the next instalment; everything else in full.
    #[must_use]
    pub fn now(&self, today: NaiveDate) -> Cents {
        let waits = self.waits(today);
        let later: Cents = self.items.iter().filter(|i| waits(i)).map(|(.., open)| *open).sum();
        self.total - later
    }

    /// What of [`Asked::now`] is not late: what is still open by each day from today on.
    #[must_use]
    pub fn coming(&self, today: NaiveDate) -> Vec<Due> {
        let waits = self.waits(today);
        let mut out: Vec<Due> = Vec::new();
        for (_, due, open) in self.items.iter().filter(|i| i.1.on >= today && i.2 > Cents::ZERO && !waits(i)) {
            match out.last_mut().filter(|last| last.on == due.on) {
                Some(last) => last.amount += *open,
                None => out.push(Due { on: due.on, amount: *open }),
            }
        }
        out
    }

    /// What is still asked once a payment has arrived: it settles the oldest first.
    #[must_use]
    pub fn after(mut self, paid: Cents) -> Self {
        self.total -= paid;
        let mut left = paid.max(Cents::ZERO);
        for (.., open) in &mut self.items {
            let part = left.min(*open);
            *open -= part;
            left -= part;
        }
        self
    }
}

/// What is asked of an account that owes `balance`. `spread` is its arrangement in force.
#[must_use]
pub fn asked(bills: &[Issued], fees: &[Issued], spread: Option<&Spread>, levels: &[Level], balance: Cents) -> Asked {
    let spread_out = |through: NaiveDate| spread.is_some_and(|s| through <= s.through);
    let mut items: Vec<(What, Due)> = Vec::new();
    for (i, b) in bills.iter().enumerate().filter(|(_, b)| !spread_out(b.through)) {
        let amount = levels.iter().find(|l| l.covers(b.through)).map_or(b.amount, |l| l.monthly);
        items.push((What::Bill(i), Due { on: b.due_on, amount }));
    }
    for (i, f) in fees.iter().enumerate().filter(|(_, f)| !spread_out(f.through)) {
        items.push((What::Fee(i), Due { on: f.due_on, amount: f.amount }));
    }
    if let Some(s) = spread {
        items.extend(s.instalments.iter().enumerate().map(|(i, due)| (What::Instalment(i), *due)));
    }
    let mut deferred = Cents::ZERO;
    for level in levels {
        let difference = level.difference(bills);
        match level.settled_on {
            Some(on) if difference > Cents::ZERO => items.push((What::Settling, Due { on, amount: difference })),
            Some(_) => {}
            None => deferred += difference,
        }
    }
    items.sort_by_key(|(_, due)| due.on);
    let total = balance - deferred;
    let dues: Vec<Due> = items.iter().map(|(_, due)| *due).collect();
    let open = open_dues(&dues, total);
    let items = items.into_iter().zip(open).map(|((what, due), open)| (what, due, open)).collect();
    Asked { items, total, deferred }
}

/// The instalments of a debt: equal but for the cents, the first one on `first`, then on the same day of each month.
#[must_use]
pub fn instalments(total: Cents, months: u32, first: NaiveDate) -> Vec<Due> {
    let months = usize::try_from(months).unwrap_or(1);
    largest_remainder(total, &vec![1; months])
        .into_iter()
        .zip(0..)
        .map(|(amount, i)| Due { on: add_months(first, i), amount })
        .collect()
}

/// How an arrangement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In force.
    Active,
    /// Every instalment was paid.
    Kept,
    /// Something fell due and was not paid in time: the rest is due at once.
    Broken,
    /// Ended by agreement, such as by paying the whole.
    Ended,
}

/// Why an arrangement cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoArrangement {
    /// Nothing is owed.
    NothingOwed,
    /// So few or so many months are not offered.
    Months,
    /// Instalments would be too small.
    TooSmall,
}

/// Whether a debt can be spread over so many months.
///
/// # Errors
/// [`NoArrangement`] says why not.
pub fn may_arrange(total: Cents, months: u32) -> Result<(), NoArrangement> {
    if total <= Cents::ZERO {
        return Err(NoArrangement::NothingOwed);
    }
    if !(MONTHS.0..=MONTHS.1).contains(&months) {
        return Err(NoArrangement::Months);
    }
    if total.0 / i64::from(months) < LEAST_INSTALMENT.0 {
        return Err(NoArrangement::TooSmall);
    }
    Ok(())
}

/// What becomes of an arrangement in force: kept once its instalments are paid; broken once something that it asks for (an
/// instalment, or a bill beside it) is later than `grace` days.
#[must_use]
pub fn standing(asked: &Asked, grace: u32, today: NaiveDate) -> Standing {
    let limit = today - Days::new(u64::from(grace));
    if asked.late(limit) > Cents::ZERO {
        return Standing::Broken;
    }
    let open = asked.items.iter().any(|(w, _, open)| matches!(w, What::Instalment(_)) && *open > Cents::ZERO);
    if open { Standing::Active } else { Standing::Kept }
}

/// The level amount: the mean of up to a year's bills, rounded up to a whole dollar. `None` with fewer than three.
#[must_use]
pub fn level_amount(bills: &[Cents]) -> Option<Cents> {
    let recent = &bills[bills.len().saturating_sub(BUDGET_BILLS)..];
    if recent.len() < 3 {
        return None;
    }
    let sum: i64 = recent.iter().map(|c| c.0.max(0)).sum();
    let n = i64::try_from(recent.len()).ok()?;
    Some(Cents((sum + n * 100 - 1) / (n * 100) * 100))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// Bills of one month after the other, from March.
    fn bills(amounts: &[i64]) -> Vec<Issued> {
        (0..)
            .zip(amounts)
            .map(|(i, a)| {
                let through = add_months(on("2026-03-01"), i);
                Issued { through, due_on: through + Days::new(23), amount: Cents(*a) }
            })
            .collect()
    }

    #[test]
    fn an_arrangement_asks_by_instalment_and_for_newer_bills() {
        let bills = bills(&[20_000, 10_000, 9_000]);
        let spread = Spread { through: on("2026-04-01"), instalments: instalments(Cents(30_000), 3, on("2026-05-10")) };
        let a = asked(&bills, &[], Some(&spread), &[], Cents(39_000));
        assert_eq!(a.late(on("2026-05-09")), Cents::ZERO, "the old bills are not late any more");
        assert_eq!(a.now(on("2026-05-09")), Cents(19_000), "the next instalment and May's bill");
        assert_eq!(standing(&a, 10, on("2026-05-20")), Standing::Active);
        assert_eq!(standing(&a, 10, on("2026-05-21")), Standing::Broken);
        let paid = asked(&bills, &[], Some(&spread), &[], Cents(20_000));
        assert_eq!(standing(&paid, 10, on("2026-06-01")), Standing::Active);
        let done = asked(&bills, &[], Some(&spread), &[], Cents::ZERO);
        assert_eq!(standing(&done, 10, on("2026-06-01")), Standing::Kept);
    }

    #[test]
    fn budget_billing_asks_the_level_and_settles_the_difference() {
        let bills = bills(&[8_000, 12_000, 16_000]);
        let mut level = Level { since: on("2026-03-01"), until: None, monthly: Cents(10_000), settled_on: None };
        let a = asked(&bills, &[], None, &[level], Cents(36_000));
        assert_eq!((a.total, a.deferred), (Cents(28_000), Cents(8_000)), "the first bill was not levelled");
        // Everything that was asked is paid.
        let a = asked(&bills, &[], None, &[level], Cents(8_000));
        assert_eq!((a.total, a.late(on("2027-01-01"))), (Cents::ZERO, Cents::ZERO));
        level.until = Some(on("2026-05-01"));
        level.settled_on = Some(on("2026-06-20"));
        let a = asked(&bills, &[], None, &[level], Cents(8_000));
        assert_eq!((a.total, a.due_on()), (Cents(8_000), Some(on("2026-06-20"))));
        assert_eq!(a.late(on("2026-06-20")), Cents::ZERO, "leaving makes nothing late at once");
    }

    #[test]
    fn a_level_amount_needs_a_quarter_of_a_year() {
        assert_eq!(level_amount(&[Cents(10_000), Cents(9_000)]), None);
        assert_eq!(level_amount(&[Cents(10_000), Cents(9_000), Cents(9_001)]), Some(Cents(9_400)));
    }

    #[test]
    fn arrangements_have_limits() {
        assert_eq!(may_arrange(Cents::ZERO, 3), Err(NoArrangement::NothingOwed));
        assert_eq!(may_arrange(Cents(30_000), 19), Err(NoArrangement::Months));
        assert_eq!(may_arrange(Cents(1_900), 4), Err(NoArrangement::TooSmall));
        assert_eq!(may_arrange(Cents(2_000), 4), Ok(()));
    }

    proptest! {
        #[test]
        fn instalments_sum_to_the_debt(total in 1_000i64..5_000_000, months in 2u32..=18, day in 1u32..=31) {
            let first = NaiveDate::from_ymd_opt(2026, 1, day).expect("a date");
            let plan = instalments(Cents(total), months, first);
            prop_assert_eq!(plan.len(), months as usize);
            prop_assert_eq!(plan.iter().map(|d| d.amount).sum::<Cents>(), Cents(total));
            prop_assert!(plan.windows(2).all(|w| w[0].on < w[1].on));
            prop_assert!(plan.iter().all(|d| (d.amount.0 - total / i64::from(months)).abs() <= 1));
        }

        /// What is asked and what is put off are what is owed, and what is left of the items is what is asked.
        #[test]
        fn asked_and_deferred_are_what_is_owed(
            amounts in proptest::collection::vec(1i64..40_000, 1..20),
            paid in 0i64..400_000,
            monthly in 1i64..30_000,
            from in 0usize..20,
            until in proptest::option::of(0usize..20),
            spread in proptest::option::of((0usize..20, 2u32..=18)),
        ) {
            let bills = bills(&amounts);
            let at = |i: usize| bills[i.min(bills.len() - 1)].through;
            let until = until.map(at);
            let level = Level {
                since: at(from), until, monthly: Cents(monthly), settled_on: until.map(|d| d + Days::new(21)),
            };
            let balance = Cents(amounts.iter().sum::<i64>() - paid);
            let spread = spread.map(|(i, months)| {
                let debt: Cents = bills.iter().filter(|b| b.through <= at(i)).map(|b| b.amount).sum();
                Spread { through: at(i), instalments: instalments(debt, months, at(i)) }
            });
            let a = asked(&bills, &[], spread.as_ref(), &[level], balance);
            prop_assert_eq!(a.total + a.deferred, balance);
            let open: Cents = a.items.iter().map(|(.., o)| *o).sum();
            prop_assert_eq!(open, if a.items.is_empty() { Cents::ZERO } else { a.total.max(Cents::ZERO) });
            prop_assert!(a.items.iter().all(|(.., o)| *o >= Cents::ZERO));
            prop_assert!(a.items.windows(2).all(|w| w[0].1.on <= w[1].1.on));
            if until.is_some() {
                prop_assert_eq!(a.deferred, Cents::ZERO);
            }
            // What is late and what comes are what is to be paid now, before a payment and after it.
            let today = at(from);
            for a in [a.clone(), a.after(Cents(paid / 3))] {
                let coming = a.coming(today);
                prop_assert!(coming.windows(2).all(|w| w[0].on < w[1].on) && coming.iter().all(|d| d.on >= today));
                let parts = a.late(today) + coming.iter().map(|d| d.amount).sum::<Cents>();
                if a.total >= Cents::ZERO && !a.items.is_empty() {
                    prop_assert_eq!(parts, a.now(today));
                }
            }
        }
    }
}
