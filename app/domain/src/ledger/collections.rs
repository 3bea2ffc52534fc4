//! What follows when a bill is not paid. One unpaid bill has two clocks: energy by the Public Utilities Code, water by the
//! Water Shutoff Protection Act, which is slower. Refuse and storm drain are never cut off; wastewater follows water.
//!
//! Sources: California Public Utilities Code 10010 and 10010.1 (energy of municipal utilities: notice mailed not before the
//! 19th day after the bill was mailed, ten days that begin five days after the notice was mailed); Health and Safety Code
//! 116908 (water: sixty days delinquent, contact at least seven business days before).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::aging::Debt;
use super::{Book, Entry, credit, debit};
use crate::calendar::next_day;
use crate::metering::vee::like::holiday;
use crate::money::{Cents, div_half_up, largest_remainder};
use crate::quantity::ServiceKind;

/// Figures that a utility may set, within what the law leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Figures {
    /// The late fee in hundredths of a percent of what is late of a bill. No figure of the City's could be verified, so none is
    /// charged unless the operator sets one.
    pub late_fee_basis_points: u32,
    /// Days after the due date before a late fee is charged.
    pub late_fee_grace_days: u32,
    /// Days after the due date until the reminder.
    pub reminder_days: u32,
    /// Days after the due date until the final notice for energy; never before the 19th day after the bill.
    pub energy_notice_days: u32,
    /// Days after the due date until the final notice for water.
    pub water_notice_days: u32,
    /// What is owed below this, in cents, leads to no shut-off.
    pub least: i64,
    /// Days that an instalment, or a bill that fell due beside it, may be late before an arrangement is broken.
    pub arrangement_grace_days: u32,
    /// Days after it was broken within which an arrangement may be put back, once.
    pub reinstate_days: u32,
    /// Months of sound payment after which a deposit is returned: three years (rules of 1998).
    pub deposit_sound_months: u32,
    /// Simple interest on deposits, in hundredths of a percent a year.
    pub deposit_interest_basis_points: u32,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            late_fee_basis_points: 0,
            late_fee_grace_days: 10,
            reminder_days: 3,
            energy_notice_days: 10,
            water_notice_days: 45,
            least: 5_000,
            arrangement_grace_days: 10,
            reinstate_days: 30,
            deposit_sound_months: 36,
            deposit_interest_basis_points: 0,
        }
    }
}

/// Days after a bill before which no notice may be mailed (energy).
const NOTICE_AFTER_BILL: u64 = 19;
/// Days that a notice takes in the mail, and days of notice after that (energy).
const NOTICE_RUNS: u64 = 5 + 10;
/// Days that water must be delinquent.
const WATER_DELINQUENT: u64 = 60;
/// Business days between the notice and cutting off water.
const WATER_BUSINESS_DAYS: u32 = 7;

/// What can be cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// Electricity and gas.
    Energy,
    /// Water, and wastewater with it.
    Water,
}

impl Supply {
    /// The sooner first.
    pub const ALL: [Self; 2] = [Self::Energy, Self::Water];

    /// What a service is cut off with; `None` where it never is.
    #[must_use]
    pub const fn of(service: ServiceKind) -> Option<Self> {
        match service {
            ServiceKind::Electricity | ServiceKind::Gas => Some(Self::Energy),
            ServiceKind::Water | ServiceKind::Wastewater => Some(Self::Water),
            ServiceKind::Refuse | ServiceKind::Storm => None,
        }
    }
}

/// Whether offices are open: service is never cut off on a day on which nobody could pay or object.
#[must_use]
pub fn is_business_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holiday(day)
}

/// The first business day on or after a day.
#[must_use]
pub fn business_day_from(mut day: NaiveDate) -> NaiveDate {
    while !is_business_day(day) {
        day = next_day(day);
    }
    day
}

/// So many business days after a day.
#[must_use]
pub fn after_business_days(mut day: NaiveDate, mut count: u32) -> NaiveDate {
    while count > 0 {
        day = next_day(day);
        count -= u32::from(is_business_day(day));
    }
    business_day_from(day)
}

/// Where an unpaid debt stands on its way to a shut-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What would be cut off.
    pub supply: Supply,
    /// What is past due for it.
    pub amount: Cents,
    /// The due date that was missed first.
    pub since: NaiveDate,
    /// When the final notice went out, or goes out at the earliest.
    pub notice_on: NaiveDate,
    /// Whether it went out.
    pub noticed: bool,
    /// Before this day nothing is cut off.
    pub not_before: NaiveDate,
}

/// The clock of a supply; `None` while nothing of it is past due, or too little. `open` is what is left of each debt;
/// `noticed` is the day on which a final notice about the oldest of them went out.
#[must_use]
pub fn clock(
    figures: &Figures,
    supply: Supply,
    open: &[Debt],
    noticed: Option<NaiveDate>,
    today: NaiveDate,
) -> Option<Clock> {
    let late = || open.iter().filter(|d| Supply::of(d.service) == Some(supply) && d.due_on < today);
    let first = late().min_by_key(|d| (d.due_on, d.billed_on))?;
    let amount: Cents = late().map(|d| d.amount).sum();
    if amount < Cents(figures.least) {
        return None;
    }
    let wait = match supply {
        Supply::Energy => figures.energy_notice_days,
        Supply::Water => figures.water_notice_days,
    };
    let mut planned = first.due_on + Days::new(u64::from(wait));
    if supply == Supply::Energy {
        planned = planned.max(first.billed_on + Days::new(NOTICE_AFTER_BILL));
    }
    let notice_on = noticed.unwrap_or_else(|| business_day_from(planned.max(today)));
    let not_before = match supply {
        Supply::Energy => business_day_from(notice_on + Days::new(NOTICE_RUNS)),
        Supply::Water => business_day_from(first.due_on + Days::new(WATER_DELINQUENT))
            .max(after_business_days(notice_on, WATER_BUSINESS_DAYS)),
    };
    Some(Clock { supply, amount, since: first.due_on, notice_on, noticed: noticed.is_some(), not_before })
}

/// The payment after which nothing of a supply is past due: whatever a payment is meant for, it settles `open` in its order, so
/// what comes before the last of it has to be paid as well.
#[must_use]
pub fn stops(supply: Supply, open: &[Debt], today: NaiveDate) -> Cents {
    let late = |d: &Debt| Supply::of(d.service) == Some(supply) && d.due_on < today;
    let until = open.iter().rposition(late).map_or(0, |last| last + 1);
    open[..until].iter().map(|d| d.amount).sum()
}

/// The late fee on what is late of one bill, by service: debits on the services that are late, in proportion. Empty where none
/// is charged.
#[must_use]
pub fn late_fee(figures: &Figures, late: &[(ServiceKind, Cents)]) -> Vec<Entry> {
    let base: Cents = late.iter().map(|(_, a)| (*a).max(Cents::ZERO)).sum();
    let fee = div_half_up(i128::from(base.0) * i128::from(figures.late_fee_basis_points), 10_000);
    let Ok(fee) = i64::try_from(fee) else { return Vec::new() };
    if fee <= 0 {
        return Vec::new();
    }
    let weights: Vec<i128> = late.iter().map(|(_, a)| i128::from(a.0.max(0))).collect();
    let mut out: Vec<Entry> = largest_remainder(Cents(fee), &weights)
        .into_iter()
        .zip(late)
        .filter(|(part, _)| *part > Cents::ZERO)
        .map(|(part, (service, _))| debit(Book::Receivable(*service), part))
        .collect();
    out.push(credit(Book::LateFees, Cents(fee)));
    out
}

/// Simple interest on a deposit held from a day to another.
#[must_use]
pub fn deposit_interest(figures: &Figures, amount: Cents, from: NaiveDate, to: NaiveDate) -> Cents {
    let days = crate::calendar::days_between(from, to).max(0);
    let product = i128::from(amount.0) * i128::from(figures.deposit_interest_basis_points) * i128::from(days);
    Cents(i64::try_from(div_half_up(product, 10_000 * 365)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn open() -> Vec<Debt> {
        let debt = |service, amount| Debt {
            service,
            billed_on: on("2026-03-03"),
            due_on: on("2026-03-24"),
            amount: Cents(amount),
        };
        vec![debt(ServiceKind::Electricity, 9_000), debt(ServiceKind::Water, 6_000), debt(ServiceKind::Refuse, 8_000)]
    }

    #[test]
    fn one_bill_has_two_clocks() {
        let figures = Figures::default();
        assert_eq!(clock(&figures, Supply::Energy, &open(), None, on("2026-03-24")), None, "due today is not late");
        let energy = clock(&figures, Supply::Energy, &open(), None, on("2026-03-25")).expect("late");
        assert_eq!(energy.notice_on, on("2026-04-03"));
        assert_eq!(energy.not_before, on("2026-04-20"), "15 days after the notice is a Saturday");
        let water = clock(&figures, Supply::Water, &open(), None, on("2026-03-25")).expect("late");
        assert_eq!((water.notice_on, water.amount), (on("2026-05-08"), Cents(6_000)));
        assert_eq!(
            water.not_before,
            on("2026-05-26"),
            "60 days after the due date is a Saturday, then comes Memorial Day"
        );
    }

    #[test]
    fn a_notice_that_goes_out_late_moves_the_day() {
        let figures = Figures::default();
        let late = clock(&figures, Supply::Energy, &open(), None, on("2026-06-13")).expect("late");
        assert_eq!((late.notice_on, late.not_before), (on("2026-06-15"), on("2026-06-30")));
        let sent = clock(&figures, Supply::Energy, &open(), Some(on("2026-06-15")), on("2026-07-20")).expect("late");
        assert!(sent.noticed);
        assert_eq!(sent.not_before, on("2026-06-30"), "it does not move any more");
    }

    #[test]
    fn what_stops_a_shut_off_pays_what_is_settled_before_it_too() {
        use ServiceKind::{Electricity, Refuse, Water};
        let debt = |service, due: &str, amount| Debt {
            service,
            billed_on: on(due) - Days::new(21),
            due_on: on(due),
            amount: Cents(amount),
        };
        let (march, april, may) = ("2026-03-24", "2026-04-24", "2026-05-24");
        // In the order in which payments settle them.
        let open = [
            debt(Electricity, march, 9_000),
            debt(Refuse, march, 3_000),
            debt(Water, march, 6_000),
            debt(Electricity, april, 8_000),
            debt(Water, april, 5_000),
            debt(Electricity, may, 7_000),
        ];
        let stop = |supply, today: &str| stops(supply, &open, on(today));
        assert_eq!(stop(Supply::Energy, "2026-04-20"), Cents(9_000), "of one bill, energy is settled first");
        assert_eq!(stop(Supply::Water, "2026-04-20"), Cents(18_000));
        assert_eq!(stop(Supply::Energy, "2026-05-01"), Cents(26_000), "March's water comes before April's electricity");
        assert_eq!(stop(Supply::Water, "2026-05-01"), Cents(31_000));
        assert_eq!(stop(Supply::Energy, "2026-03-24"), Cents::ZERO);
        for supply in Supply::ALL {
            let mut left = stop(supply, "2026-05-01");
            let rest: Vec<Debt> = open
                .iter()
                .map(|d| {
                    let part = left.min(d.amount);
                    left -= part;
                    Debt { amount: d.amount - part, ..*d }
                })
                .filter(|d| d.amount > Cents::ZERO)
                .collect();
            assert_eq!(clock(&Figures { least: 0, ..Figures::default() }, supply, &rest, None, on("2026-05-01")), None);
        }
    }

    #[test]
    fn small_sums_cut_nothing_off() {
        let mut little = open();
        little[0].amount = Cents(4_999);
        assert_eq!(clock(&Figures::default(), Supply::Energy, &little, None, on("2026-08-01")), None);
    }

    #[test]
    fn nobody_is_charged_a_fee_that_nobody_set() {
        let late = [(ServiceKind::Gas, Cents(10_000))];
        assert_eq!(late_fee(&Figures::default(), &late), []);
        let figures = Figures { late_fee_basis_points: 150, ..Figures::default() };
        assert_eq!(
            late_fee(&figures, &late),
            [debit(Book::Receivable(ServiceKind::Gas), Cents(150)), credit(Book::LateFees, Cents(150))]
        );
        let figures = Figures { deposit_interest_basis_points: 200, ..figures };
        assert_eq!(deposit_interest(&figures, Cents(20_000), on("2024-01-01"), on("2024-12-31")), Cents(400));
    }

    proptest! {
        #[test]
        fn a_shut_off_leaves_the_time_that_the_law_gives(
            late in 1u64..400, waited in 0u64..200, notice in 0u32..60, today in 0u64..300,
        ) {
            let figures = Figures { energy_notice_days: notice, water_notice_days: notice, ..Figures::default() };
            let due_on = on("2026-01-05") + Days::new(late);
            let debts: Vec<Debt> = open().into_iter().map(|d| Debt { billed_on: due_on - Days::new(waited % 30), due_on, ..d }).collect();
            let today = due_on + Days::new(1 + today);
            for supply in Supply::ALL {
                let c = clock(&figures, supply, &debts, None, today).expect("late");
                prop_assert!(is_business_day(c.not_before) && is_business_day(c.notice_on) && c.notice_on >= today);
                match supply {
                    Supply::Energy => {
                        prop_assert!(c.notice_on >= debts[0].billed_on + Days::new(19));
                        prop_assert!(c.not_before >= c.notice_on + Days::new(15));
                    }
                    Supply::Water => {
                        prop_assert!(c.not_before >= due_on + Days::new(60));
                        prop_assert!(c.not_before >= c.notice_on + Days::new(9), "seven business days span a weekend");
                    }
                }
            }
        }

        #[test]
        fn a_late_fee_balances(amounts in proptest::collection::vec(-100i64..200_000, 6), points in 0u32..1_000) {
            let late: Vec<_> = ServiceKind::ALL.into_iter().zip(amounts.into_iter().map(Cents)).collect();
            let figures = Figures { late_fee_basis_points: points, ..Figures::default() };
            prop_assert_eq!(late_fee(&figures, &late).iter().map(|e| e.amount).sum::<Cents>(), Cents::ZERO);
        }
    }
}
