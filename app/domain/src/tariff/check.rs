//! What is wrong with a tariff file, with the place: swapped tiers, a price from before its version, a season without days.

use super::{Basis, Book, Charge, Prices};

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
    for s in &book.schedules {
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
        let all: Vec<u32> =
            charges.iter().filter(|o| o.label == c.label).flat_map(|o| o.months.iter().copied()).collect();
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
        if let Some(m) = c.months.iter().find(|m| !(1..=12).contains(*m)) {
            out.push(Problem { place: format!("{at}, {:?}", c.label), what: format!("{m} is not a month (1-12)") });
        }
    }
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
        Basis::Month(_, p) | Basis::Day(_, p) | Basis::Received(p) => {
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
        Basis::Delivered(tiers) => {
            let mut before = -1_i64;
            for (i, t) in tiers.iter().enumerate() {
                let here = format!("{place}, tier {}", i + 1);
                if let Some(what) = series(&t.prices) {
                    push(&here, what);
                }
                let last = i + 1 == tiers.len();
                match t.per_day.map(|d| d.rescale(-6)) {
                    None if !last => push(&here, "only the last tier has no end"),
                    Some(_) if last => push(&here, "the last tier must have no end (leave out `up_to_per_day`)"),
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
