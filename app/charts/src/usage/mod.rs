//! The usage page's chart, from its view model.

use contract::usage::{Bar, Grain, Measure, UsageView};
use domain::money::{Cents, FineAmount};
use domain::quantity::Decimal;
use locales::{Lang, usage as text};

use crate::bars::{BarChart, Mark, draw, fold, per_mark};
use crate::ticks::Scale;
use crate::{Chart, Geometry, Size, Table};

mod axis;
pub mod words;

/// Draws a view with its table and its sentences. `id` is unique in the page.
#[must_use]
pub fn usage(view: &UsageView, lang: Lang, size: Size, id: &str) -> Chart {
    let summary = words::summary(view, lang);
    let (svg, geometry) = picture(view, lang, size, id, &summary);
    Chart { svg, geometry, table: table(view, lang), summary }
}

/// Only the picture; `summary` is its description.
#[must_use]
pub fn picture(view: &UsageView, lang: Lang, size: Size, id: &str, summary: &str) -> (String, Geometry) {
    let measure = view.query.measure;
    let mut marks: Vec<Mark> = view.bars.iter().map(|bar| mark(bar, measure)).collect();
    for (mark, (before, warmth, rate)) in marks.iter_mut().zip(&view.beside.rows) {
        let units = measure == Measure::Units;
        (mark.before, mark.warmth, mark.rate) = (before.filter(|_| units), *warmth, *rate);
    }
    let group = per_mark(marks.len(), size);
    let slots = u32::try_from(marks.len()).unwrap_or(u32::MAX);
    let marks = fold(&marks, group);
    let exponent = match measure {
        Measure::Units => view.exponent,
        Measure::Dollars => -5,
    };
    let tick = |value: i64, scale: &Scale| {
        let places = scale.places(exponent);
        match measure {
            Measure::Units => words::fixed_places(lang, Decimal::new(value, exponent), places),
            Measure::Dollars if value < 0 => {
                let amount = Decimal::new(value.saturating_neg(), exponent);
                ["−$", &words::fixed_places(lang, amount, if places > 0 { places.max(2) } else { 0 })].concat()
            }
            Measure::Dollars => {
                let amount = Decimal::new(value, exponent);
                ["$", &words::fixed_places(lang, amount, if places > 0 { places.max(2) } else { 0 })].concat()
            }
        }
    };
    let unit = unit(view, lang, group);
    let title = words::title(view, lang);
    let labels = axis::labels(view, lang);
    let chart = BarChart {
        id,
        class: view.query.service.slug(),
        title: &title,
        summary,
        size,
        marks: &marks,
        per_mark: u32::try_from(group).unwrap_or(u32::MAX),
        slots,
        least_high: least_high(exponent),
        unit: &unit,
        tick: &tick,
        labels: &labels,
        no_data: text::no_data(lang),
        flags: &view.beside.flags,
    };
    draw(&chart)
}

/// A tenth of a unit (or of a dollar): an axis shows at least that much, so that standby does not look like a peak.
fn least_high(exponent: i8) -> i64 {
    10i64.checked_pow(u32::try_from(-i32::from(exponent) - 1).unwrap_or(0)).unwrap_or(1)
}

fn mark(bar: &Bar, measure: Measure) -> Mark {
    let incomplete = bar.present < bar.expected;
    let state = Mark {
        estimated: u16::try_from(bar.estimated.saturating_mul(1_000).div_ceil(bar.present.max(1)))
            .unwrap_or(1_000)
            .min(1_000),
        partial: incomplete && bar.present > 0,
        open: bar.open,
        ..Mark::default()
    };
    match measure {
        Measure::Units => Mark { up: bar.amount, down: bar.received.unwrap_or(0).max(0), ..state },
        Measure::Dollars => {
            let cost = bar.cost.map(|c| c.0);
            Mark {
                up: cost.map(|c| c.max(0)),
                down: cost.map_or(0, |c| c.min(0).saturating_neg()),
                base: bar.fixed.0.max(0),
                so_far: !bar.billed,
                ..state
            }
        }
    }
}

fn unit(view: &UsageView, lang: Lang, group: usize) -> String {
    let per = if group > 1 {
        match view.query.grain {
            Grain::QuarterHour => text::per_quarter_hours(lang, group),
            Grain::Hour => text::per_hours(lang, group),
            Grain::Day | Grain::Bill | Grain::Month => text::per_days(lang, group),
        }
    } else {
        match view.query.grain {
            Grain::QuarterHour => text::per_15min(lang),
            Grain::Hour => text::per_hour(lang),
            Grain::Day => text::per_day(lang),
            Grain::Bill => text::per_bill(lang),
            Grain::Month => text::per_month(lang),
        }
        .to_owned()
    };
    match view.query.measure {
        Measure::Units => text::axis_per(lang, per, locales::bill::unit_word(view.unit)),
        Measure::Dollars => text::axis_dollars(lang, per),
    }
}

/// What the labels under the axis mean; said once under the chart.
#[must_use]
pub fn note(grain: Grain, lang: Lang) -> &'static str {
    match grain {
        Grain::QuarterHour => text::note_15min(lang),
        Grain::Hour => text::note_hour(lang),
        Grain::Day => text::note_day(lang),
        Grain::Bill => text::note_bill(lang),
        Grain::Month => text::note_month(lang),
    }
}

/// Shares of an amount in cents, one after the other, that add up to it: each is what the shares so far come to, less what
/// they came to before.
struct Shares {
    whole: Cents,
    of: i64,
    so_far: i64,
    given: Cents,
}

impl Shares {
    const fn new(whole: Cents, of: i64) -> Self {
        Self { whole, of, so_far: 0, given: Cents::ZERO }
    }

    fn next(&mut self, part: FineAmount) -> Cents {
        if self.of <= 0 {
            return part.to_cents();
        }
        self.so_far = self.so_far.saturating_add(part.0);
        let come = domain::money::div_half_up(i128::from(self.so_far) * i128::from(self.whole.0), i128::from(self.of));
        let come = Cents(i64::try_from(come).unwrap_or(i64::MAX));
        let share = come - self.given;
        self.given = come;
        share
    }
}

/// Every bar as a row of texts.
#[must_use]
pub fn table(view: &UsageView, lang: Lang) -> Table {
    let received = view.bars.iter().any(|b| b.received.is_some());
    let fixed = view.costs && view.bars.iter().any(|b| b.fixed.0 != 0);
    let mut head = vec![text::table_when(lang).to_owned(), text::table_used(lang).to_owned()];
    if received {
        head.push(text::table_sent(lang).to_owned());
    }
    if view.costs {
        head.push(text::table_cost_energy(lang).to_owned());
    }
    if fixed {
        head.push(text::table_cost_fixed(lang).to_owned());
    }
    let (with, beside) = (view.query.with, &view.beside.rows);
    let extra = !beside.is_empty();
    if extra && with.last_year {
        head.push(text::table_last_year(lang).to_owned());
    }
    if extra && with.weather {
        head.push(text::table_weather(lang).to_owned());
    }
    head.push(text::table_how(lang).to_owned());
    let none = || text::table_none(lang).to_owned();
    let (whole, whole_fixed) = words::cost_parts(view).unwrap_or((Cents::ZERO, Cents::ZERO));
    let of =
        |value: fn(&Bar) -> i64| view.bars.iter().filter(|b| b.cost.is_some()).map(value).fold(0, i64::saturating_add);
    let mut energy_cents = Shares::new(whole - whole_fixed, of(|b| b.cost.map_or(0, |c| c.0)));
    let mut fixed_cents = Shares::new(whole_fixed, of(|b| b.fixed.0));
    let amount = |value: Option<i64>| value.map_or_else(none, |v| words::amount(view, lang, v));
    let rows = view
        .bars
        .iter()
        .enumerate()
        .map(|(i, bar)| {
            let mut row = Vec::with_capacity(head.len());
            row.push(words::when(view, lang, i));
            row.push(amount(bar.amount));
            if received {
                row.push(amount(bar.received));
            }
            if view.costs {
                row.push(bar.cost.map_or_else(none, |c| energy_cents.next(c).to_string()));
            }
            if fixed {
                let known = bar.cost.is_some();
                row.push(if known { fixed_cents.next(bar.fixed) } else { words::money(bar.fixed) }.to_string());
            }
            if let Some((before, warmth, _)) = beside.get(i) {
                if with.last_year {
                    row.push(amount(*before));
                }
                if with.weather {
                    row.push(warmth.map_or_else(none, words::warmth));
                }
            }
            row.push(words::how(lang, bar));
            row
        })
        .collect();
    Table { head, rows }
}
