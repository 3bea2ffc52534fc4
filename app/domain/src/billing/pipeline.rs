//! The order of operations, the same for a bill, a corrected bill and a forecast:
//!
//! 1. days of service, cut where a schedule, a season or a price changes; 2. quantities; 3. tiers by days; 4. charges by
//!    component; 5. riders that are switched on (they are charges like others); 6. the gross subtotal of the service; 7. the
//!    credit for solar exports; 8. tax on the gross subtotal, by day where its rate changes; 9. rate assistance on the gross subtotal, which never lowers the
//!    tax. One-off credits and the account's balance (10, 11) are the ledger's.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::intervals::{Bank, Intervals};
use super::rating::{Metered, cents, lines};
use super::{Bill, BillError, Determinants, Line, LineKind, ServiceBill, ServiceUse};
use crate::calendar::DayRange;
use crate::money::{Cents, largest_remainder};
use crate::quantity::{Decimal, ServiceKind};
use crate::tariff::{Book, Program};

/// Makes the bill.
///
/// # Errors
/// [`BillError`] where a price, a fact or a quantity is missing or makes no sense; then there is no bill at all.
pub fn bill(book: &Book, determinants: &Determinants) -> Result<Bill, BillError> {
    bill_by_intervals(book, determinants, &BTreeMap::new(), &mut Bank::new())
}

/// Makes the bill with what is known by the clock, which schedules with prices by the hour or by the highest load need. `bank` is
/// what was carried on from the bill before, and then what is carried on from this one.
///
/// # Errors
/// As [`bill`].
pub fn bill_by_intervals(
    book: &Book,
    determinants: &Determinants,
    intervals: &BTreeMap<ServiceKind, Intervals>,
    bank: &mut Bank,
) -> Result<Bill, BillError> {
    let mut services = Vec::with_capacity(determinants.services.len());
    for used in &determinants.services {
        if used.served.intersect(determinants.cycle) != Some(used.served) {
            return Err(BillError::OutsideCycle(used.served));
        }
        // Assistance that begins or ends within the period splits the agreement: each part has its own. Else it is the account's.
        let split = |o: &ServiceUse| o.service == used.service && o.facts.assistance != used.facts.assistance;
        let assistance =
            if determinants.services.iter().any(split) { used.facts.assistance } else { determinants.assistance };
        let metered = Metered { intervals: intervals.get(&used.service), bank };
        services.push(service(book, used, determinants.cycle.len(), assistance, metered)?);
    }
    let total = services.iter().map(|s| s.total).sum();
    Ok(Bill { cycle: determinants.cycle, services, total })
}

fn service(
    book: &Book,
    used: &ServiceUse,
    cycle_days: i64,
    assistance: Option<Program>,
    metered: Metered<'_>,
) -> Result<ServiceBill, BillError> {
    let schedule = book.schedule(&used.schedule).ok_or_else(|| BillError::UnknownSchedule(used.schedule.clone()))?;
    if schedule.service != used.service {
        return Err(BillError::WrongService(used.schedule.clone(), used.service));
    }
    let mut lines = lines(schedule, used, cycle_days, metered)?;
    let sum =
        |kind: LineKind, lines: &[Line]| -> Cents { lines.iter().filter(|l| l.kind == kind).map(|l| l.amount).sum() };
    let gross = sum(LineKind::Usage, &lines) + sum(LineKind::Fixed, &lines);
    let exported = sum(LineKind::Export, &lines);
    let taxed = runs(used.served, |day| book.tax(used.service, day).map(|t| (t.percent, t.after_export_credit)));
    for (i, (tax, days)) in taxed.iter().enumerate() {
        let Some((rate, after_credit)) = *tax else { continue };
        let whole = if after_credit { (gross + exported).max(Cents::ZERO) } else { gross };
        let base = part(whole, &taxed, i);
        let amount = percent(base, rate);
        if amount != Cents::ZERO {
            lines.push(on_top(LineKind::Tax, rate, base, amount, (*days, used.served.len())));
        }
    }
    let helped = runs(used.served, |day| assistance.and_then(|p| book.discount(p, used.service, day)));
    for (i, (rate, days)) in helped.iter().enumerate() {
        let Some(rate) = *rate else { continue };
        let base = part(gross, &helped, i);
        let amount = percent(base, rate);
        if amount != Cents::ZERO {
            lines.push(on_top(LineKind::Assistance, rate, base, -amount, (*days, used.served.len())));
        }
    }
    let in_force = || schedule.during(used.served).map(|(v, _)| v);
    Ok(ServiceBill {
        service: used.service,
        schedule: used.schedule.clone(),
        versions: in_force().map(|v| v.from).collect(),
        verified: in_force().all(|v| v.verified.is_some()),
        served: used.served,
        delivered: used.delivered,
        received: used.received,
        gross,
        total: lines.iter().map(|l| l.amount).sum(),
        lines,
    })
}

pub(super) fn percent(base: Cents, rate: Decimal) -> Cents {
    cents(i128::from(base.0) * i128::from(rate.round_to(-6)), 100_000_000)
}

/// Days in a row on which something is the same, and how many.
fn runs<T: PartialEq>(served: DayRange, on: impl Fn(NaiveDate) -> T) -> Vec<(T, i64)> {
    let mut out: Vec<(T, i64)> = Vec::new();
    for day in served.days() {
        let now = on(day);
        match out.last_mut() {
            Some((same, days)) if *same == now => *days += 1,
            _ => out.push((now, 1)),
        }
    }
    out
}

/// The part of an amount that falls on one run of days.
fn part<T>(whole: Cents, runs: &[(T, i64)], index: usize) -> Cents {
    let weights: Vec<i128> = runs.iter().map(|(_, days)| i128::from(*days)).collect();
    largest_remainder(whole, &weights).get(index).copied().unwrap_or_default()
}

fn on_top(kind: LineKind, rate: Decimal, base: Cents, amount: Cents, (days, of_days): (i64, i64)) -> Line {
    Line {
        kind,
        label: None,
        tier: None,
        quantity: None,
        measured: None,
        unit: None,
        times: None,
        picked: None,
        price: None,
        percent: Some(rate),
        base: Some(base),
        days,
        of_days,
        monthly: false,
        amount,
        components: Vec::new(),
    }
}
