//! Two versions of a bill side by side: what each line came to before and comes to now.

use serde::{Deserialize, Serialize};

use super::{Bill, Line, LineKind, ServiceBill};
use crate::money::Cents;
use crate::quantity::{Decimal, ServiceKind};
use crate::tariff::{Label, Per};

/// One line of both versions; at least one of them has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// As it was.
    pub before: Option<Line>,
    /// As it is now.
    pub after: Option<Line>,
}

impl LineChange {
    /// The difference.
    #[must_use]
    pub fn amount(&self) -> Cents {
        let of = |l: &Option<Line>| l.as_ref().map_or(Cents::ZERO, |l| l.amount);
        of(&self.after) - of(&self.before)
    }

    /// Whether nothing about it changed.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.before == self.after
    }

    /// The line to name it by.
    #[must_use]
    pub fn line(&self) -> Option<&Line> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// One service of both versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceVersions {
    /// Which.
    pub service: ServiceKind,
    /// What it came to.
    pub before: Cents,
    /// What it comes to now.
    pub after: Cents,
    /// What was used, in the billing unit.
    pub used_before: Option<Decimal>,
    /// What is used now.
    pub used_after: Option<Decimal>,
    /// The days of service before and now.
    pub days: (i64, i64),
    /// The lines; their differences sum to the service's.
    pub lines: Vec<LineChange>,
}

type Name = (LineKind, Option<Label>, Option<String>, Option<u32>, Option<Per>, Option<i64>);

/// What makes two lines the same line: not its amounts. Prices that follow each other are told apart by their order.
fn name(l: &Line) -> Name {
    (
        l.kind,
        l.label,
        l.picked.clone(),
        l.tier.map(|t| t.number),
        l.times.map(|t| t.0),
        l.percent.map(|p| p.round_to(-6)),
    )
}

/// Both versions, service by service, in the order of the bill.
#[must_use]
pub fn compare(before: &Bill, after: &Bill) -> Vec<ServiceVersions> {
    ServiceKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let of = |bill: &'_ Bill| -> Vec<ServiceBill> {
                bill.services.iter().filter(|s| s.service == kind).cloned().collect()
            };
            let (a, b) = (of(before), of(after));
            (!a.is_empty() || !b.is_empty()).then(|| service(kind, &a, &b))
        })
        .collect()
}

fn service(service: ServiceKind, before: &[ServiceBill], after: &[ServiceBill]) -> ServiceVersions {
    let used = |of: &[ServiceBill]| {
        let amounts: Vec<Decimal> = of.iter().filter_map(|s| s.delivered).collect();
        (!amounts.is_empty()).then(|| Decimal::new(amounts.iter().map(|d| d.round_to(-6)).sum(), -6))
    };
    let days = |of: &[ServiceBill]| of.iter().map(|s| s.served.len()).sum();
    let mut old: Vec<Option<&Line>> = before.iter().flat_map(|s| &s.lines).map(Some).collect();
    let mut lines = Vec::new();
    for line in after.iter().flat_map(|s| &s.lines) {
        let at = old.iter().position(|o| o.is_some_and(|o| name(o) == name(line)));
        let before = at.and_then(|i| old[i].take()).cloned();
        lines.push(LineChange { before, after: Some(line.clone()) });
    }
    lines.extend(old.into_iter().flatten().map(|l| LineChange { before: Some(l.clone()), after: None }));
    ServiceVersions {
        service,
        before: before.iter().map(|s| s.total).sum(),
        after: after.iter().map(|s| s.total).sum(),
        used_before: used(before),
        used_after: used(after),
        days: (days(before), days(after)),
        lines,
    }
}

#[cfg(all(test, feature = "toml"))]
mod tests {
    use proptest::prelude::*;

    use super::super::{Determinants, ServiceUse, bill};
    use super::*;
    use crate::calendar::DayRange;
    use crate::tariff::{Facts, Program, file};

    fn made(days: u64, kwh: i64, helped: bool) -> Bill {
        let from: chrono::NaiveDate = "2025-12-14".parse().expect("a date");
        let cycle = DayRange { from, to: from + chrono::Days::new(days) };
        let used = |service, schedule: &str, used: i64| ServiceUse {
            service,
            schedule: schedule.to_owned(),
            served: cycle,
            facts: Facts { cart: Some("32".into()), eru: Some("1.0".into()), ..Facts::default() },
            delivered: (used >= 0).then(|| Decimal::new(used, 0)),
            received: None,
        };
        let services = vec![used(ServiceKind::Electricity, "E-1", kwh), used(ServiceKind::Refuse, "R-1", -1)];
        let assistance = helped.then_some(Program::Financial);
        bill(&file::bundled().expect("sound"), &Determinants { cycle, services, assistance }).expect("a bill")
    }

    #[test]
    fn a_line_that_is_new_stands_alone() {
        let services = compare(&made(31, 200, false), &made(31, 900, true));
        let electricity = &services[0];
        assert_eq!(
            (electricity.used_before, electricity.used_after),
            (Some(Decimal::new(200_000_000, -6)), Some(Decimal::new(900_000_000, -6)))
        );
        let added: Vec<LineKind> =
            electricity.lines.iter().filter(|l| l.before.is_none()).filter_map(|l| Some(l.line()?.kind)).collect();
        assert!(added.contains(&LineKind::Assistance) && added.contains(&LineKind::Usage), "{added:?}");
        assert!(services[1].lines.iter().all(LineChange::is_same));
    }

    proptest! {
        #[test]
        fn differences_of_lines_sum_to_the_difference_of_bills(
            days in 20u64..40, then in 0i64..2_000, now in 0i64..2_000, helped: bool, days_now in 20u64..40,
        ) {
            let (a, b) = (made(days, then, false), made(days_now, now, helped));
            let services = compare(&a, &b);
            for s in &services {
                prop_assert_eq!(s.lines.iter().map(LineChange::amount).sum::<Cents>(), s.after - s.before);
            }
            prop_assert_eq!(services.iter().map(|s| s.after - s.before).sum::<Cents>(), b.total - a.total);
            let same = compare(&a, &a);
            prop_assert!(same.iter().flat_map(|s| &s.lines).all(LineChange::is_same));
        }
    }
}
