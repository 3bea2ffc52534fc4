//! What is wrong with a tariff file, with the place: swapped tiers or prices, a price from before its version, a season without days.

use chrono::{Datelike as _, NaiveDate};

use super::{Baseline, Basis, Book, Charge, Fill, Label, Prices, Quantities, Schedule, Tier, TierEnd, Version};
use crate::calendar::DayRange;
use crate::quantity::Decimal;

mod cover;
#[cfg(all(test, feature = "toml"))]
mod tests;

/// What of a book, each counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Path {
    /// A schedule, a version of it, a charge of that.
    Schedule(usize, Option<usize>, Option<usize>),
    /// A tax.
    Tax(usize),
    /// A discount.
    Discount(usize),
}

impl Path {
    /// A schedule.
    #[must_use]
    pub const fn schedule(schedule: usize) -> Self {
        Self::Schedule(schedule, None, None)
    }

    /// A version of a schedule.
    #[must_use]
    pub const fn version(schedule: usize, version: usize) -> Self {
        Self::Schedule(schedule, Some(version), None)
    }

    /// A charge of a version.
    #[must_use]
    pub const fn charge(schedule: usize, version: usize, charge: usize) -> Self {
        Self::Schedule(schedule, Some(version), Some(charge))
    }
}

/// A fault and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{place}: {what}", .line.map(|l| format!("line {l}: ")).unwrap_or_default())]
pub struct Problem {
    /// The line of the file, from 1, where it was read from one.
    pub line: Option<usize>,
    /// Where in the book.
    pub path: Option<Path>,
    /// Schedule, version and charge: `E-1 from 2009-07-01, energy, tier 2`.
    pub place: String,
    /// What is wrong and what would be right.
    pub what: String,
}

/// Problems as they are found, each with the place that is looked at.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    path: Option<Path>,
}

impl Found {
    fn push(&mut self, place: impl Into<String>, what: impl Into<String>) {
        let p = Problem { line: None, path: self.path, place: place.into(), what: what.into() };
        if !self.problems.iter().any(|o| (&o.place, &o.what) == (&p.place, &p.what)) {
            self.problems.push(p);
        }
    }

    /// The charge of the version that is looked at.
    fn at(&mut self, charge: usize) {
        if let Some(Path::Schedule(_, _, of)) = &mut self.path {
            *of = Some(charge);
        }
    }
}

/// Everything that is wrong with a book; empty if nothing is.
#[must_use]
pub fn problems(book: &Book) -> Vec<Problem> {
    let mut out = Found::default();
    for (i, s) in book.schedules.iter().enumerate() {
        out.path = Some(Path::schedule(i));
        if book.schedules[..i].iter().any(|o| o.code == s.code) {
            out.push(&s.code, "is there twice");
        }
        if s.code.trim().is_empty() || s.code.contains('|') {
            out.push(format!("`{}`", s.code), "is no code: it should have letters and no `|`");
        }
        if s.versions.is_empty() {
            out.push(&s.code, "has no version");
        }
        holidays(s, &mut out);
        for (j, v) in s.versions.iter().enumerate() {
            out.path = Some(Path::version(i, j));
            let at = format!("{} from {}", s.code, v.from);
            if j > 0 && s.versions[j - 1].from >= v.from {
                out.push(&at, "versions must follow each other by date, each date once");
            }
            if v.source.trim().is_empty() {
                out.push(&at, "names no source");
            }
            if v.verified.as_ref().is_some_and(|by| by.by.trim().is_empty()) {
                out.push(
                    &at,
                    "`verified` names nobody: `by` says who compared the figures; leave it out where nobody did",
                );
            }
            if v.charges.is_empty() {
                out.push(&at, "has no charge");
            }
            for (k, c) in v.charges.iter().enumerate() {
                out.at(k);
                charge(c, v.from, &at, &mut out);
                idle(c, s, &s.versions[..=j], &at, &mut out);
                if c.fill == Fill::InTime && s.rounding.quantity == Quantities::Whole {
                    out.push(
                        format!("{at}, {:?}", c.label),
                        "quantities in order of time cannot be rounded to whole units",
                    );
                }
            }
            cover::months(&v.charges, &at, &mut out);
            cover::hours(&v.charges, &at, &mut out);
            filled(&v.charges, &at, &mut out);
        }
    }
    taxes(book, &mut out);
    discounts(book, &mut out);
    out.problems
}

/// Versions that somebody is said to have compared with their source on a day that is still to come.
#[must_use]
pub fn verified_after(book: &Book, today: NaiveDate) -> Vec<Problem> {
    let mut out = Found::default();
    for (i, s) in book.schedules.iter().enumerate() {
        for (j, v) in s.versions.iter().enumerate() {
            if let Some(by) = v.verified.as_ref().filter(|by| by.on > today) {
                out.path = Some(Path::version(i, j));
                let what = format!("`verified` is on {}, and today is {today}: nobody can have compared it yet", by.on);
                out.push(format!("{} from {}", s.code, v.from), what);
            }
        }
    }
    out.problems
}

/// Where a schedule has prices by kinds of days, each year from its first holiday to its last has some. Other years are asked for when
/// they are billed.
fn holidays(s: &Schedule, out: &mut Found) {
    for (i, h) in s.holidays.iter().enumerate() {
        if s.holidays[..i].contains(h) {
            out.push(&s.code, format!("has the holiday {h} twice"));
        }
    }
    let (Some(first), Some(last)) = (s.holidays.iter().min(), s.holidays.iter().max()) else { return };
    let Some(to) = NaiveDate::from_ymd_opt(last.year() + 1, 1, 1) else { return };
    if let Ok(all) = DayRange::new(*first, to)
        && let Some(year) = s.year_without_holidays(all)
    {
        let what = format!("has prices for weekdays and weekends, and no holiday of {year} is in its `holidays`");
        out.push(&s.code, what);
    }
}

/// Of two taxes on one service from one day only one would be taken, and nobody could say which.
fn taxes(book: &Book, out: &mut Found) {
    for (i, t) in book.taxes.iter().enumerate() {
        out.path = Some(Path::Tax(i));
        let place = format!("tax from {}", t.from);
        if t.percent.round_to(-6) > 100_000_000 {
            out.push(&place, format!("{} percent is more than all; `percent = \"5\"` is five of a hundred", t.percent));
        }
        if t.percent.amount < 0 || t.services.is_empty() {
            out.push(&place, "a tax has a percentage of zero or more and names its services");
        }
        for (j, s) in t.services.iter().enumerate() {
            let before = book.taxes[..i].iter().any(|o| o.from == t.from && o.services.contains(s));
            if before || t.services[..j].contains(s) {
                out.push(&place, format!("there are two from that day on {}; it should be one", s.slug()));
            }
        }
    }
}

/// As taxes. A discount says what its program takes off from a day on, of every service: another one from that day would hide it
/// whole.
fn discounts(book: &Book, out: &mut Found) {
    for (i, d) in book.discounts.iter().enumerate() {
        out.path = Some(Path::Discount(i));
        let place = format!("{:?} discount from {}", d.program, d.from);
        if d.percent.is_empty() || d.percent.values().any(|p| p.amount < 0 || p.round_to(-6) > 100_000_000) {
            out.push(&place, "a discount names its services, each with 0 to 100 percent");
        }
        if book.discounts[..i].iter().any(|o| (o.program, o.from) == (d.program, d.from)) {
            out.push(&place, "there are two of the program from that day; it should be one that names all services");
        }
    }
}

/// Charges whose tiers count the same use agree on how, and on where they end.
fn filled(charges: &[Charge], at: &str, out: &mut Found) {
    let ends = |c: &Charge| match &c.basis {
        Basis::Delivered(tiers) => tiers.iter().map(|t| t.end).collect(),
        _ => Vec::new(),
    };
    for (i, c) in charges.iter().enumerate().filter(|(_, c)| c.fill != Fill::Own) {
        out.at(i);
        let place = format!("{at}, {:?}", c.label);
        let same = charges.iter().filter(|o| cover::share(c, o));
        if same.into_iter().any(|o| o.fill != c.fill || ends(o) != ends(c)) {
            let what = "all charges of the label must have the same `fill`, and tiers that end at the same amounts";
            out.push(place, what);
        } else if c.net && c.fill == Fill::InTime {
            let what = "net use is known at the end of the period only: `fill` should be `shared` or left out";
            out.push(place, what);
        }
    }
}

/// Tiers in percent have a baseline, a baseline has such tiers, and a ratchet asks for a share of months that there are.
fn baseline(c: &Charge, place: &str, out: &mut Found) {
    let of_it = |t: &Tier| matches!(t.end, Some(TierEnd::OfBaseline(_)));
    let percent = matches!(&c.basis, Basis::Delivered(tiers) if tiers.iter().any(of_it));
    match (&c.baseline, percent) {
        (None, true) => out.push(place, "tiers with `up_to_percent` need `baseline_per_day`, what they are percent of"),
        (Some(_), false) => out.push(place, "has `baseline_per_day`, and no tier with `up_to_percent`"),
        (Some(b), true) => {
            let all: Vec<_> = match b {
                Baseline::PerDay(d) => vec![*d],
                Baseline::By(_, by) => by.values().copied().collect(),
            };
            if all.is_empty() || all.iter().any(|d| d.amount <= 0) {
                out.push(place, "a baseline is more than nothing");
            }
        }
        (None, false) => {}
    }
    if let Some(r) = &c.ratchet {
        if !(1..=100_000_000).contains(&r.percent.round_to(-6)) {
            out.push(place, "the `percent` of a ratchet is more than 0 and at most 100");
        }
        if !(1..=36).contains(&r.of_last) {
            out.push(place, "`of_last` of a ratchet is a number of months from 1 to 36");
        }
        if r.months.iter().any(|m| !(1..=12).contains(m)) {
            out.push(place, "the `months` of a ratchet are from 1 to 12");
        }
    }
}

fn charge(c: &Charge, from: NaiveDate, at: &str, out: &mut Found) {
    let place = format!("{at}, {:?}", c.label);
    baseline(c, &place, out);
    let mut push = |place: &str, what: &str| out.push(place, what);
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
        Basis::Month(_, p)
        | Basis::Day(_, p)
        | Basis::Received(p)
        | Basis::Minimum(p)
        | Basis::MinimumDay(p)
        | Basis::Surplus(p) => {
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
            let kinds: Vec<_> = tiers.iter().filter_map(|t| t.end.as_ref()).map(std::mem::discriminant).collect();
            if kinds.windows(2).any(|w| w[0] != w[1]) {
                push(
                    &place,
                    "all tiers of a charge end by the day, all by the billing period or all by percent of the baseline",
                );
            }
            let mut before = 0_i64;
            for (i, t) in tiers.iter().enumerate() {
                let here = format!("{place}, tier {}", i + 1);
                if let Some(what) = series(&t.prices) {
                    push(&here, what);
                }
                let last = i + 1 == tiers.len();
                let end = t.end.map(|e| match e {
                    TierEnd::PerDay(d) | TierEnd::PerPeriod(d) | TierEnd::OfBaseline(d) => d.rescale(-6),
                });
                match end {
                    None if !last => push(&here, "only the last tier has no end"),
                    Some(_) if last => push(&here, "the last tier must have no end (leave out where it ends)"),
                    Some(None) => push(&here, "the allowance has more than six decimals"),
                    Some(Some(limit)) => {
                        if limit <= 0 {
                            push(
                                &here,
                                "ends at nothing: no use would be in it. It should end at more than 0, or be left out",
                            );
                        } else if limit <= before {
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
            cheaper(c, tiers, &place, out);
        }
    }
}

/// What would be passed over in silence, or be a credit that nobody meant: a label of another service, a surplus of nothing, a price
/// below zero.
fn idle(c: &Charge, s: &Schedule, so_far: &[Version], at: &str, out: &mut Found) {
    let place = format!("{at}, {:?}", c.label);
    if let Some(of) = c.label.service().filter(|of| *of != s.service) {
        out.push(&place, format!("is a label of {}, and the schedule is for {}", of.slug(), s.service.slug()));
    }
    let net = |v: &Version| v.charges.iter().any(|c| c.net);
    if matches!(c.basis, Basis::Surplus(_)) && !so_far.iter().any(net) {
        out.push(&place, "pays out what net charges have carried on, and no charge has `net = true`");
    }
    // The rider for dry and wet years gives back in wet ones.
    if c.adder || c.label == Label::HydroAdjuster {
        return;
    }
    let Basis::Delivered(tiers) = &c.basis else { return };
    for t in tiers {
        let on = |day: NaiveDate| t.prices.iter().map(|(_, s)| s.on(day).0).fold(0, i64::saturating_add);
        let mut days = t.prices.iter().flat_map(|(_, s)| &s.0).map(|(day, _)| *day);
        if let Some(day) = days.find(|day| on(*day) < 0) {
            let what = format!(
                "costs {} from {day} on, less than nothing: is the sign meant? What lowers another price is a charge with `adder = true`",
                Decimal::new(on(day), -8)
            );
            out.push(&place, what);
        }
    }
}

/// A tier that is cheaper than the one before is nearly always two prices in each other's place: it has to be said that it is meant.
fn cheaper(c: &Charge, tiers: &[Tier], place: &str, out: &mut Found) {
    let on = |t: &Tier, day: NaiveDate| t.prices.iter().map(|(_, s)| s.on(day).0).fold(0, i64::saturating_add);
    let mut falls = false;
    for (i, pair) in tiers.windows(2).enumerate() {
        let [low, high] = pair else { continue };
        let days = pair.iter().flat_map(|t| &t.prices).flat_map(|(_, s)| &s.0).map(|(day, _)| *day);
        let Some(day) = days.filter(|day| on(high, *day) < on(low, *day)).min() else { continue };
        falls = true;
        if !c.falling {
            let (before, after) = (Decimal::new(on(low, day), -8), Decimal::new(on(high, day), -8));
            let what = format!(
                "costs {after} from {day} on, less than the {before} of the tier before: are the two in each other's place? Where a \
                 price does fall with use, say `falling = true`"
            );
            out.push(format!("{place}, tier {}", i + 2), what);
        }
    }
    if c.falling && !falls {
        out.push(place, "has `falling`, and no tier is cheaper than the one before");
    }
}
