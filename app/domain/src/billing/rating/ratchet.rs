//! Highest loads of earlier billing periods, and what they make of this one's. They are carried on from bill to bill with the units of
//! net metering, so that a corrected bill hands them on too.

use chrono::NaiveDate;

use super::{Basis, Charge, Cut, Label, Schedule};
use crate::billing::intervals::Bank;
use crate::calendar::{DayRange, add_months, month_start};
use crate::money::div_half_up;
use crate::tariff::WindowDays;

/// What every key of a highest load begins with. No schedule's code does.
const PEAK: &str = "peak|";

/// Whether an entry of the bank is a highest load, not units carried on.
#[must_use]
pub fn is_peak(key: &str) -> bool {
    key.starts_with(PEAK)
}

/// Loads of the same hours are compared, whatever the season.
fn hours(charge: &Charge) -> String {
    let window = |w: &crate::tariff::Window| {
        let days = match w.days {
            WindowDays::All => 'a',
            WindowDays::Weekdays => 'w',
            WindowDays::Weekends => 'e',
        };
        format!("{days}{}-{}", w.from, w.to)
    };
    charge.times.iter().map(window).collect::<Vec<_>>().join(",")
}

fn key(schedule: &Schedule, charge: &Charge) -> String {
    format!("{PEAK}{}|{:?}|{}|", schedule.code, charge.label, hours(charge))
}

/// How many months back any charge of the label looks; `None` where none does.
fn longest(schedule: &Schedule, label: Label) -> Option<u32> {
    let charges = schedule.versions.iter().flat_map(|v| &v.charges).filter(|c| c.label == label);
    charges.filter_map(|c| c.ratchet.as_ref()).map(|r| r.of_last).max()
}

/// The load that is billed for a cut whose own highest is `peak`: at least the share of the highest of the months before.
pub(super) fn billed(schedule: &Schedule, cut: &Cut<'_>, served: DayRange, peak: i64, bank: &Bank) -> i64 {
    let Some(ratchet) = &cut.charge.ratchet else { return peak };
    let prefix = key(schedule, cut.charge);
    let first = add_months(month_start(served.from), -i32::try_from(ratchet.of_last).unwrap_or(0));
    let counts = |day: NaiveDate| {
        use chrono::Datelike as _;
        first <= day && day < served.from && (ratchet.months.is_empty() || ratchet.months.contains(&day.month()))
    };
    let of = |(k, v): (&String, &i64)| {
        let day: NaiveDate = k.strip_prefix(&prefix)?.parse().ok()?;
        counts(day).then_some(*v)
    };
    let highest = bank.iter().filter_map(of).max().unwrap_or(0);
    let least = div_half_up(i128::from(highest) * i128::from(ratchet.percent.round_to(-6)), 100_000_000);
    peak.max(i64::try_from(least).unwrap_or(i64::MAX))
}

/// Keeps the highest loads of a billing period for later ones, and forgets those that none will ask for.
pub(super) fn keep(schedule: &Schedule, peaks: &[(&Charge, i64)], served: DayRange, bank: &mut Bank) {
    for (charge, peak) in peaks {
        if !matches!(charge.basis, Basis::Demand(..)) {
            continue;
        }
        let Some(months) = longest(schedule, charge.label) else { continue };
        let prefix = key(schedule, charge);
        let first = add_months(month_start(served.from), -i32::try_from(months).unwrap_or(0));
        let old =
            |k: &str| k.strip_prefix(&prefix).and_then(|d| d.parse::<NaiveDate>().ok()).is_some_and(|d| d < first);
        bank.retain(|k, _| !old(k));
        let highest = bank.entry(format!("{prefix}{}", served.last())).or_insert(0);
        *highest = (*highest).max(*peak);
    }
}
