//! The order of operations, the same for a bill, a corrected bill and a forecast:
//!
//! 1. days of service, cut where a schedule, a season or a price changes; 2. quantities; 3. tiers by days; 4. charges by
//!    component; 5. riders that are switched on (they are charges like others); 6. the gross subtotal of the service; 7. the
//!    credit for solar exports; 8. tax on the gross subtotal; 9. rate assistance on the gross subtotal, which never lowers the
//!    tax. One-off credits and the account's balance (10, 11) are the ledger's.

use std::collections::BTreeMap;

use super::intervals::{Bank, Intervals};
use super::rating::{Metered, cents, lines};
use super::{Bill, BillError, Determinants, Line, LineKind, ServiceBill, ServiceUse};
use crate::money::Cents;
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
        let metered = Metered { intervals: intervals.get(&used.service), bank };
        services.push(service(book, used, determinants.cycle.len(), determinants.assistance, metered)?);
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
    // A rate that changes within the period counts as it stands on its last day.
    let last = used.served.last();
    if let Some(tax) = book.tax(used.service, last) {
        let base = if tax.after_export_credit { (gross + exported).max(Cents::ZERO) } else { gross };
        let amount = percent(base, tax.percent);
        if amount != Cents::ZERO {
            lines.push(on_top(LineKind::Tax, tax.percent, base, amount, used));
        }
    }
    if let Some(rate) = assistance.and_then(|p| book.discount(p, used.service, last)) {
        let amount = percent(gross, rate);
        if amount != Cents::ZERO {
            lines.push(on_top(LineKind::Assistance, rate, gross, -amount, used));
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

fn on_top(kind: LineKind, rate: Decimal, base: Cents, amount: Cents, used: &ServiceUse) -> Line {
    let days = used.served.len();
    Line {
        kind,
        label: None,
        tier: None,
        quantity: None,
        unit: None,
        times: None,
        picked: None,
        price: None,
        percent: Some(rate),
        base: Some(base),
        days,
        of_days: days,
        monthly: false,
        amount,
        components: Vec::new(),
    }
}
