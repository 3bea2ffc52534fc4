//! Reads tariff files. `docs/tariffs.md` describes their form; this is the whole of it:
//!
//! ```toml
//! [[schedule]]
//! code = "E-1"
//! service = "electricity"
//!
//! [[schedule.version]]
//! from = "2009-07-01"
//! source = "where the figures come from"
//! verified = { by = "who compared them", on = "2026-11-23" }   # leave out for figures nobody compared
//!
//! [[schedule.version.charge]]
//! label = "energy"
//! basis = "delivered"        # month, day, month_by, delivered, received
//! tiers = [
//!   { up_to_per_day = "10", price = { commodity = "0.05448", distribution = "0.03755" } },
//!   { price = "0.13" },
//! ]
//! ```
//! A price is a decimal string in dollars, or a list `[{ from = "2026-01-01", price = "0.41" }, …]`, or a table of components
//! of either. `up_to_per_day` counts from zero: it is where the tier ends.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::check::{Path, Problem, problems, verified_after};
use super::{
    Baseline, Basis, Book, Charge, Component, Discount, Fact, Fill, Per, Prices, Ratchet, Schedule, Series, Tax, Tier,
    TierEnd, Version, Window,
};
use crate::money::Price;
use crate::quantity::Decimal;

mod raw;

use raw::{File, RawBaseline, RawBasis, RawCharge, RawPrices, RawRatchet, RawSeries, RawTier, RawWindow};

/// Why a tariff file was refused.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not TOML, or not of the form described.
    #[error("{0}")]
    Form(String),
    /// Readable, but wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Wrong(Vec<Problem>),
}

impl FileError {
    /// The same, found in what begins on a line.
    fn on_line(mut self, line: usize) -> Self {
        if let Self::Wrong(problems) = &mut self {
            problems.iter_mut().for_each(|p| p.line = p.line.or(Some(line)));
        }
        self
    }
}

/// Reads a file and checks it.
///
/// # Errors
/// [`FileError`] with the place and the reason.
pub fn read(text: &str) -> Result<Book, FileError> {
    checked(text, problems)
}

/// As [`read`], on a day: what somebody is said to have compared after it is refused.
///
/// # Errors
/// As [`read`].
pub fn read_on(text: &str, today: NaiveDate) -> Result<Book, FileError> {
    checked(text, |book| [problems(book), verified_after(book, today)].concat())
}

fn checked(text: &str, wrong: impl Fn(&Book) -> Vec<Problem>) -> Result<Book, FileError> {
    let (book, places) = parse(text)?;
    let mut wrong = wrong(&book);
    for p in &mut wrong {
        p.line = p.path.and_then(|path| places.get(&path).copied());
    }
    if wrong.is_empty() { Ok(book) } else { Err(FileError::Wrong(wrong)) }
}

/// Reads a file that was taken once: bills are made by what it says, also where a new file would be refused for it by now.
///
/// # Errors
/// [`FileError`] where it cannot be read at all.
pub fn read_taken(text: &str) -> Result<Book, FileError> {
    Ok(parse(text)?.0)
}

/// Reads a file; the first lines of its schedules, versions, charges, taxes and discounts with it.
fn parse(text: &str) -> Result<(Book, HashMap<Path, usize>), FileError> {
    let file: File = toml::from_str(text).map_err(|e| FileError::Form(e.to_string()))?;
    let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    let mut book = Book::default();
    let mut places: HashMap<Path, usize> = HashMap::new();
    for (i, s) in file.schedule.into_iter().enumerate() {
        places.insert(Path::schedule(i), line(s.span().start));
        let s = s.into_inner();
        let mut versions = Vec::new();
        for (j, v) in s.version.into_iter().enumerate() {
            places.insert(Path::version(i, j), line(v.span().start));
            let v = v.into_inner();
            let at = format!("{} from {}", s.code, v.from);
            let mut charges = Vec::new();
            for (k, c) in v.charge.into_iter().enumerate() {
                let here = line(c.span().start);
                places.insert(Path::charge(i, j, k), here);
                charges.push(charge(c.into_inner(), v.from, &at).map_err(|e| e.on_line(here))?);
            }
            versions.push(Version { from: v.from, source: v.source, verified: v.verified, charges });
        }
        book.schedules.push(Schedule {
            code: s.code,
            service: s.service,
            choice: s.choice,
            holidays: s.holidays,
            rounding: s.rounding,
            versions,
        });
    }
    for (i, t) in file.tax.into_iter().enumerate() {
        let here = line(t.span().start);
        places.insert(Path::Tax(i), here);
        let t = t.into_inner();
        let percent = decimal(&t.percent, "tax").map_err(|e| e.on_line(here))?;
        book.taxes.push(Tax {
            from: t.from,
            percent,
            services: t.services,
            after_export_credit: t.after_export_credit,
            source: t.source,
        });
    }
    for (i, d) in file.discount.into_iter().enumerate() {
        let here = line(d.span().start);
        places.insert(Path::Discount(i), here);
        let d = d.into_inner();
        let percent = d
            .percent
            .into_iter()
            .map(|(s, p)| Ok((s, decimal(&p, "discount")?)))
            .collect::<Result<BTreeMap<_, _>, FileError>>()
            .map_err(|e| e.on_line(here))?;
        book.discounts.push(Discount { program: d.program, from: d.from, percent, source: d.source });
    }
    Ok((book, places))
}

fn wrong(place: &str, what: &str) -> FileError {
    FileError::Wrong(vec![Problem { line: None, path: None, place: place.to_owned(), what: what.to_owned() }])
}

fn decimal(text: &str, place: &str) -> Result<Decimal, FileError> {
    Decimal::parse(text).ok_or_else(|| wrong(place, &format!("`{text}` is not a decimal number")))
}

fn charge(c: RawCharge, from: NaiveDate, at: &str) -> Result<Charge, FileError> {
    let at = format!("{at}, {:?}", c.label);
    let whole = |p: Option<RawPrices>| -> Result<Prices, FileError> {
        prices(p.ok_or_else(|| wrong(&at, "needs `price`"))?, from, &at)
    };
    unused(&c, &at)?;
    let per = c.per.unwrap_or(Per::Service);
    let basis = match c.basis {
        RawBasis::Month => Basis::Month(per, whole(c.price)?),
        RawBasis::Day => Basis::Day(per, whole(c.price)?),
        RawBasis::Received => Basis::Received(whole(c.price)?),
        RawBasis::MonthBy => Basis::MonthBy(
            c.by.ok_or_else(|| wrong(&at, "needs `by`"))?,
            c.prices
                .ok_or_else(|| wrong(&at, "needs `prices`"))?
                .into_iter()
                .map(|(k, p)| Ok((k, prices(p, from, &at)?)))
                .collect::<Result<_, FileError>>()?,
        ),
        RawBasis::Delivered => Basis::Delivered(tiers(c.tiers, c.price, from, &at)?),
        RawBasis::Demand => Basis::Demand(c.minutes.unwrap_or(15), tiers(c.tiers, c.price, from, &at)?),
        RawBasis::Minimum => Basis::Minimum(whole(c.price)?),
        RawBasis::MinimumDay => Basis::MinimumDay(whole(c.price)?),
        RawBasis::Surplus => Basis::Surplus(whole(c.price)?),
    };
    let times = c.times.iter().map(|w| window(w, &at)).collect::<Result<_, _>>()?;
    Ok(Charge {
        label: c.label,
        basis,
        months: c.months,
        times,
        period: c.period,
        net: c.net,
        adder: c.adder,
        falling: c.falling,
        seasonal: c.seasonal,
        fill: c.fill,
        baseline: c.baseline_per_day.map(|b| baseline(b, &at)).transpose()?,
        ratchet: c.ratchet.map(|r| ratchet(r, &at)).transpose()?,
    })
}

fn baseline(raw: RawBaseline, at: &str) -> Result<Baseline, FileError> {
    Ok(match raw {
        RawBaseline::One(d) => Baseline::PerDay(decimal(&d, at)?),
        RawBaseline::ByClimate(by) => Baseline::By(
            Fact::Climate,
            by.into_iter().map(|(k, d)| Ok((k, decimal(&d, at)?))).collect::<Result<_, FileError>>()?,
        ),
    })
}

fn ratchet(raw: RawRatchet, at: &str) -> Result<Ratchet, FileError> {
    Ok(Ratchet { percent: decimal(&raw.percent, at)?, of_last: raw.of_last, months: raw.months })
}

/// A key that the basis does not use would be passed over in silence, and the bill be another than the one that was meant.
fn unused(c: &RawCharge, at: &str) -> Result<(), FileError> {
    use RawBasis::{Day, Delivered, Demand, Month, MonthBy, Received, Surplus};
    let b = c.basis;
    let keys = [
        ("per", c.per.is_some(), matches!(b, Month | Day)),
        ("by", c.by.is_some(), matches!(b, MonthBy)),
        ("prices", c.prices.is_some(), matches!(b, MonthBy)),
        ("price", c.price.is_some(), !matches!(b, MonthBy) && c.tiers.is_none()),
        ("tiers", c.tiers.is_some(), matches!(b, Delivered | Demand)),
        ("times", !c.times.is_empty(), matches!(b, Delivered | Received | Demand)),
        ("net", c.net, matches!(b, Delivered)),
        ("adder", c.adder, matches!(b, Delivered)),
        ("falling", c.falling, c.tiers.is_some()),
        ("seasonal", c.seasonal, !matches!(b, Delivered | Received | Surplus)),
        ("fill", c.fill != Fill::Own, matches!(b, Delivered)),
        ("minutes", c.minutes.is_some(), matches!(b, Demand)),
        ("ratchet", c.ratchet.is_some(), matches!(b, Demand)),
        ("baseline_per_day", c.baseline_per_day.is_some(), matches!(b, Delivered)),
    ];
    match keys.iter().find(|(_, given, used)| *given && !used) {
        Some(("price", ..)) if c.tiers.is_some() => {
            Err(wrong(at, "has `price` and `tiers`; it should have one of them"))
        }
        Some((key, ..)) => Err(wrong(at, &format!("has `{key}`, which this basis does not use"))),
        None => Ok(()),
    }
}

fn tiers(
    raw: Option<Vec<RawTier>>,
    price: Option<RawPrices>,
    from: NaiveDate,
    at: &str,
) -> Result<Vec<Tier>, FileError> {
    let Some(raw) = raw else {
        let price = price.ok_or_else(|| wrong(at, "needs `price` or `tiers`"))?;
        return Ok(vec![Tier { end: None, prices: prices(price, from, at)? }]);
    };
    raw.into_iter()
        .map(|t| {
            let end = match (t.up_to_per_day, t.up_to, t.up_to_percent) {
                (None, None, None) => None,
                (Some(d), None, None) => Some(TierEnd::PerDay(decimal(&d, at)?)),
                (None, Some(d), None) => Some(TierEnd::PerPeriod(decimal(&d, at)?)),
                (None, None, Some(d)) => Some(TierEnd::OfBaseline(decimal(&d, at)?)),
                _ => return Err(wrong(at, "a tier has one of `up_to_per_day`, `up_to` and `up_to_percent`")),
            };
            Ok(Tier { end, prices: prices(t.price, from, at)? })
        })
        .collect()
}

fn window(raw: &RawWindow, at: &str) -> Result<Window, FileError> {
    let minute = |text: &str| -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
        let at = hour.checked_mul(60)?.checked_add(minute)?;
        (minute < 60 && at <= 1440).then_some(at)
    };
    let hours = raw.hours.split_once('-').and_then(|(from, to)| minute(from).zip(minute(to)));
    let (from, to) = hours.filter(|(from, to)| from != to && *from < 1440).ok_or_else(|| {
        wrong(at, &format!("`{}` are no hours of the day; they should be like 16:00-21:00 or 21:00-09:00", raw.hours))
    })?;
    Ok(Window { days: raw.days, from, to })
}

fn prices(raw: RawPrices, from: NaiveDate, at: &str) -> Result<Prices, FileError> {
    Ok(match raw {
        RawPrices::One(p) => vec![(Component::Whole, series(RawSeries::One(p), from, at)?)],
        RawPrices::Over(s) => vec![(Component::Whole, series(RawSeries::Over(s), from, at)?)],
        RawPrices::Parts(parts) => {
            parts.into_iter().map(|(k, s)| Ok((k, series(s, from, at)?))).collect::<Result<_, FileError>>()?
        }
    })
}

fn series(raw: RawSeries, from: NaiveDate, at: &str) -> Result<Series, FileError> {
    let price = |text: &str| -> Result<Price, FileError> {
        Decimal::parse(text)
            .and_then(|d| d.rescale(-8))
            .map(Price)
            .ok_or_else(|| wrong(at, &format!("`{text}` is not a price in dollars with at most eight decimals")))
    };
    Ok(Series(match raw {
        RawSeries::One(p) => vec![(from, price(&p)?)],
        RawSeries::Over(steps) => {
            steps.into_iter().map(|s| Ok((s.from, price(&s.price)?))).collect::<Result<_, FileError>>()?
        }
    }))
}

/// The files in force that come with the program: a name and the text.
pub const BUNDLED: [(&str, &str); 11] = [
    ("e-1", include_str!("../../tariffs/e-1.toml")),
    ("e-1-nem1", include_str!("../../tariffs/e-1-nem1.toml")),
    ("e-1-tou", include_str!("../../tariffs/e-1-tou.toml")),
    ("e-2", include_str!("../../tariffs/e-2.toml")),
    ("e-4", include_str!("../../tariffs/e-4.toml")),
    ("g-1", include_str!("../../tariffs/g-1.toml")),
    ("w-1", include_str!("../../tariffs/w-1.toml")),
    ("s-1", include_str!("../../tariffs/s-1.toml")),
    ("d-1", include_str!("../../tariffs/d-1.toml")),
    ("r-1", include_str!("../../tariffs/r-1.toml")),
    ("city", include_str!("../../tariffs/city.toml")),
];

/// The electric sheet of 2009, whose every figure is known; for tests and comparisons, not among the prices in force.
pub const SHEET_2009: &str = include_str!("../../tariffs/e-1-2009.toml");

/// All bundled files in one book.
///
/// # Errors
/// If a bundled file is wrong; a test makes sure that none is.
pub fn bundled() -> Result<Book, FileError> {
    let mut book = Book::default();
    for (_, text) in BUNDLED {
        book.merge(read(text)?);
    }
    Ok(book)
}
