//! What is wrong with a tariff file, with the place: swapped tiers, a price from before its version, a season without days.

use super::{Basis, Book, Charge, Fill, Prices, TierEnd};

/// A fault and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Problem {
    /// Schedule, version and charge: `E-1 from 2009-07-01, energy, tier 2`.
    pub place: String,
    /// What is wrong and what would be right.
    pub what: String,
}

/// Everything that is wrong with a book; empty if nothing is.
#[must_use]
pub fn problems(book: &Book) -> Vec<Problem> {
    let mut out = Vec::new();
    for (i, s) in book.schedules.iter().enumerate() {
        if book.schedules[..i].iter().any(|o| o.code == s.code) {
            out.push(Problem { place: s.code.clone(), what: "is there twice".into() });
        }
        if s.versions.is_empty() {
            out.push(Problem { place: s.code.clone(), what: "has no version".into() });
        }
        for pair in s.versions.windows(2) {
            if pair[0].from >= pair[1].from {
                out.push(Problem {
                    place: format!("{} from {}", s.code, pair[1].from),
                    what: "versions must follow each other by date, each date once".into(),
                });
            }
        }
        for v in &s.versions {
            let at = format!("{} from {}", s.code, v.from);
            if v.source.trim().is_empty() {
                out.push(Problem { place: at.clone(), what: "names no source".into() });
            }
            if v.charges.is_empty() {
                out.push(Problem { place: at.clone(), what: "has no charge".into() });
            }
            for c in &v.charges {
                charge(c, v.from, &at, &mut out);
            }
            months(&v.charges, &at, &mut out);
            hours(&v.charges, &at, &mut out);
            filled(&v.charges, &at, &mut out);
        }
    }
    for t in &book.taxes {
        if t.percent.amount < 0 || t.services.is_empty() {
            out.push(Problem {
                place: format!("tax from {}", t.from),
                what: "a tax has a percentage of zero or more and names its services".into(),
            });
        }
    }
    out
}

/// A charge that is split by season must cover each month once.
fn months(charges: &[Charge], at: &str, out: &mut Vec<Problem>) {
    for c in charges.iter().filter(|c| !c.months.is_empty()) {
        if let Some(m) = c.months.iter().find(|m| !(1..=12).contains(*m)) {
            out.push(Problem { place: format!("{at}, {:?}", c.label), what: format!("{m} is not a month (1-12)") });
        }
        // Charges by the hour are looked at with their hours; demand and what is settled may leave months out.
        let by_hour = charges.iter().any(|o| o.label == c.label && o.adder == c.adder && !o.times.is_empty());
        if by_hour || matches!(c.basis, Basis::Demand(..) | Basis::Minimum(_) | Basis::Surplus(_)) {
            continue;
        }
        let all: Vec<u32> = charges
            .iter()
            .filter(|o| o.label == c.label && o.adder == c.adder)
            .flat_map(|o| o.months.iter().copied())
            .collect();
        for month in 1..=12 {
            let n = all.iter().filter(|m| **m == month).count();
            if n != 1 {
                let what = if n == 0 { "has no price in" } else { "has more than one price in" };
                let p = Problem { place: format!("{at}, {:?}", c.label), what: format!("{what} month {month}") };
                if !out.contains(&p) {
                    out.push(p);
                }
            }
        }
    }
}

/// Whether two charges share out the same use between them.
fn share(a: &Charge, b: &Charge) -> bool {
    a.label == b.label && a.adder == b.adder && std::mem::discriminant(&a.basis) == std::mem::discriminant(&b.basis)
}

/// Charges by use must cover each minute of each month, on weekdays and weekends, once.
fn hours(charges: &[Charge], at: &str, out: &mut Vec<Problem>) {
    let by_use = |c: &&Charge| matches!(c.basis, Basis::Delivered(_) | Basis::Received(_));
    // Those that are split by months alone are looked at by month.
    for (i, c) in charges.iter().enumerate().filter(|(_, c)| by_use(c) && (!c.times.is_empty() || c.months.is_empty()))
    {
        let place = format!("{at}, {:?}", c.label);
        if c.net && !c.times.is_empty() && c.period.is_none() {
            out.push(Problem {
                place: place.clone(),
                what: "needs a `period`, the name under which net use is carried on".into(),
            });
        }
        let same: Vec<&Charge> = charges.iter().filter(|o| share(c, o)).collect();
        if charges[..i].iter().any(|o| share(c, o) && (!o.times.is_empty() || o.months.is_empty())) {
            continue;
        }
        // Nothing changes but where a window begins or ends.
        let mut edges: Vec<u16> = same.iter().flat_map(|o| &o.times).flat_map(|w| [w.from, w.to % 1440]).collect();
        edges.push(0);
        edges.sort_unstable();
        edges.dedup();
        let places = (1..=12).flat_map(|m| [false, true].map(|w| (m, w)));
        let bad =
            places.flat_map(|(m, w)| edges.iter().map(move |e| (m, w, *e))).find_map(|(month, weekend, minute)| {
                let here =
                    |o: &&&Charge| (o.months.is_empty() || o.months.contains(&month)) && o.holds(weekend, minute);
                let n = same.iter().filter(here).count();
                (n != 1).then_some((n, month, weekend, minute))
            });
        // One place tells enough: the others follow from the same mistake.
        if let Some((n, month, weekend, minute)) = bad {
            let day = if weekend { "weekends" } else { "weekdays" };
            let many = if n == 0 { "no price" } else { "more than one price" };
            let clock = format!("{:02}:{:02}", minute / 60, minute % 60);
            out.push(Problem { place, what: format!("has {many} on {day} at {clock} in month {month}") });
        }
    }
}

/// Charges whose tiers count the same use agree on how, and on where they end.
fn filled(charges: &[Charge], at: &str, out: &mut Vec<Problem>) {
    let ends = |c: &Charge| match &c.basis {
        Basis::Delivered(tiers) => tiers.iter().map(|t| t.end).collect(),
        _ => Vec::new(),
    };
    for c in charges.iter().filter(|c| c.fill != Fill::Own) {
        let place = format!("{at}, {:?}", c.label);
        let same = charges.iter().filter(|o| share(c, o));
        if same.into_iter().any(|o| o.fill != c.fill || ends(o) != ends(c)) {
            let what = "all charges of the label must have the same `fill`, and tiers that end at the same amounts";
            out.push(Problem { place, what: what.into() });
        } else if c.net && c.fill == Fill::InTime {
            let what = "net use is known at the end of the period only: `fill` should be `shared` or left out";
            out.push(Problem { place, what: what.into() });
        }
    }
    out.dedup();
}

fn charge(c: &Charge, from: chrono::NaiveDate, at: &str, out: &mut Vec<Problem>) {
    let place = format!("{at}, {:?}", c.label);
    let mut push = |place: &str, what: &str| out.push(Problem { place: place.to_owned(), what: what.to_owned() });
    let series = |prices: &Prices| {
        let unsorted = prices.iter().any(|(_, s)| s.0.windows(2).any(|w| w[0].0 >= w[1].0));
        let empty = prices.is_empty() || prices.iter().any(|(_, s)| s.0.is_empty());
        let late = prices.iter().any(|(_, s)| s.0.first().is_some_and(|(d, _)| *d > from));
        let twice = prices.iter().enumerate().any(|(i, (k, _))| prices[..i].iter().any(|(o, _)| o == k));
        if empty {
            Some("has no price")
        } else if unsorted {
            Some("prices must follow each other by date, each date once")
        } else if late {
            Some("has no price for the first days of the version")
        } else if twice {
            Some("names a component twice")
        } else {
            None
        }
    };
    match &c.basis {
        Basis::Month(_, p) | Basis::Day(_, p) | Basis::Received(p) | Basis::Minimum(p) | Basis::Surplus(p) => {
            if let Some(what) = series(p) {
                push(&place, what);
            }
        }
        Basis::MonthBy(_, by) => {
            if by.is_empty() {
                push(&place, "has no price");
            }
            for (key, p) in by {
                if let Some(what) = series(p) {
                    push(&format!("{place}, {key}"), what);
                }
            }
        }
        Basis::Delivered(tiers) | Basis::Demand(_, tiers) => {
            if let Basis::Demand(minutes, _) = &c.basis
                && (*minutes == 0 || 60 % *minutes != 0)
            {
                push(&place, "`minutes` should be a part of an hour: 5, 10, 15, 30 or 60");
            }
            let per_day = |t: &super::Tier| matches!(t.end, Some(TierEnd::PerDay(_)));
            let per_period = |t: &super::Tier| matches!(t.end, Some(TierEnd::PerPeriod(_)));
            if tiers.iter().any(per_day) && tiers.iter().any(per_period) {
                push(&place, "all tiers of a charge end by the day or all by the billing period");
            }
            let mut before = -1_i64;
            for (i, t) in tiers.iter().enumerate() {
                let here = format!("{place}, tier {}", i + 1);
                if let Some(what) = series(&t.prices) {
                    push(&here, what);
                }
                let last = i + 1 == tiers.len();
                let end = t.end.map(|e| match e {
                    TierEnd::PerDay(d) | TierEnd::PerPeriod(d) => d.rescale(-6),
                });
                match end {
                    None if !last => push(&here, "only the last tier has no end"),
                    Some(_) if last => push(&here, "the last tier must have no end (leave out where it ends)"),
                    Some(None) => push(&here, "the allowance has more than six decimals"),
                    Some(Some(limit)) => {
                        if limit <= before {
                            push(&here, "ends before it begins: tiers stand in rising order");
                        }
                        before = limit;
                    }
                    None => {}
                }
            }
            if tiers.is_empty() {
                push(&place, "has no tier");
            }
        }
    }
}
