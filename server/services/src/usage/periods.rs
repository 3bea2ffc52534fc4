//! Billing periods of an account: those of its bills, and from the last one on those that its reading day makes.

use chrono::NaiveDate;
use domain::billing::cycle::containing;
use domain::calendar::DayRange;
use domain::ids::BillId;
use store::accounts::AccountRow;
use store::bills::{BillRow, Status};

use crate::{Fault, Work};

/// A billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its local days.
    pub days: DayRange,
    /// The bill that was issued for it; `None` while it is open.
    pub bill: Option<BillId>,
}

/// The account's billing periods from its first day to the one that holds `today`, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn periods(work: &mut Work, account: &AccountRow, today: NaiveDate) -> Result<Vec<Period>, Fault> {
    let bills = store::bills::list(&mut work.tx, account.id).await?;
    Ok(lay_out(&bills, account, today))
}

fn lay_out(bills: &[BillRow], account: &AccountRow, today: NaiveDate) -> Vec<Period> {
    let mut out: Vec<Period> = bills
        .iter()
        .filter(|b| b.status == Status::Issued && b.period_from < b.period_to)
        .map(|b| Period { days: DayRange { from: b.period_from, to: b.period_to }, bill: Some(b.id) })
        .collect();
    out.sort_by_key(|p| p.days.from);
    let end = account.closed_on.map_or(today, |closed| closed.min(today));
    let mut from = out.last().map_or(account.opened_on, |p| p.days.to);
    while from <= end {
        let to = containing(from, u32::try_from(account.cycle_day).unwrap_or(1)).to;
        let to = account.closed_on.map_or(to, |closed| to.min(domain::calendar::next_day(closed)));
        out.push(Period { days: DayRange { from, to }, bill: None });
        from = to;
    }
    out
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn account(opened: &str, closed: Option<&str>) -> AccountRow {
        AccountRow {
            id: AccountId(1),
            number: "1".into(),
            name: String::new(),
            opened_on: day(opened),
            closed_on: closed.map(day),
            cycle_day: 12,
            paperless: false,
            mailing_street: String::new(),
            mailing_city: String::new(),
            mailing_postcode: String::new(),
        }
    }

    #[test]
    fn periods_follow_the_reading_day_without_holes() {
        let found = lay_out(&[], &account("2026-01-05", None), day("2026-04-20"));
        let days: Vec<(String, String)> =
            found.iter().map(|p| (p.days.from.to_string(), p.days.to.to_string())).collect();
        let want = [
            ("2026-01-05", "2026-01-12"),
            ("2026-01-12", "2026-02-12"),
            ("2026-02-12", "2026-03-12"),
            ("2026-03-12", "2026-04-12"),
            ("2026-04-12", "2026-05-12"),
        ];
        assert_eq!(days, want.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(found.windows(2).all(|w| w[0].days.to == w[1].days.from));
    }

    #[test]
    fn a_closed_account_ends_with_its_last_day() {
        let found = lay_out(&[], &account("2026-01-12", Some("2026-02-20")), day("2026-04-20"));
        assert_eq!(found.last().map(|p| p.days), Some(DayRange { from: day("2026-02-12"), to: day("2026-02-21") }));
    }
}
