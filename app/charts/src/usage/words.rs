//! The words of a usage chart: amounts, times, the sentence that says what it shows.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use contract::usage::{Bar, Grain, Measure, UsageView};
use domain::calendar::{DayRange, add_months, next_day};
use domain::money::{Cents, FineAmount};
use domain::quantity::{Commodity, Decimal, Unit};
use locales::{Lang, format, usage as text};

/// An amount of the view with its unit: `412.0 kWh`. In the sentence, the table and the card it has the same decimals, so that
/// numbers can be found again and compared.
#[must_use]
pub fn amount(view: &UsageView, lang: Lang, value: i64) -> String {
    let mut out = fixed_places(lang, Decimal::new(value, view.exponent), places(view));
    out.push(' ');
    out.push_str(locales::bill::unit_word(view.unit));
    out
}

/// How many decimals say something of a unit, as people write it: a kettle shows in hundredths of a kilowatt-hour by the hour and in
/// tenths by the day; therms and hundreds of cubic feet have two, as on the bill, and gallons none.
fn places(view: &UsageView) -> u8 {
    match view.unit {
        Unit::KilowattHour | Unit::KilovarHour => match view.query.grain {
            Grain::Hour | Grain::QuarterHour => 2,
            _ => 1,
        },
        Unit::Therm | Unit::Ccf | Unit::CubicMetre => 2,
        _ => 0,
    }
}

/// A number with exactly so many decimals, so that the labels of an axis look alike.
pub(super) fn fixed_places(lang: Lang, value: Decimal, places: u8) -> String {
    let mut out = format::number(lang, value, places);
    if places > 0 && value.amount != 0 {
        let have = match out.find('.') {
            Some(point) => out.len() - point - 1,
            None => {
                out.push('.');
                0
            }
        };
        (have..usize::from(places)).for_each(|_| out.push('0'));
    }
    out
}

/// A temperature, given in tenths of a degree.
#[must_use]
pub fn warmth(tenths: i64) -> String {
    let mut out = String::new();
    let degrees: i64 = domain::money::div_half_up(i128::from(tenths), 10).try_into().unwrap_or(0);
    if degrees < 0 {
        out.push('−');
    }
    crate::svg::put_number(&mut out, degrees.saturating_abs());
    out.push_str(" °F");
    out
}

/// An amount of money as people write it.
#[must_use]
pub fn money(value: FineAmount) -> Cents {
    value.to_cents()
}

/// The service within a sentence.
#[must_use]
pub fn service(lang: Lang, service: Commodity) -> &'static str {
    match service {
        Commodity::Electricity => text::service_electricity(lang),
        Commodity::Gas => text::service_gas(lang),
        Commodity::Water => text::service_water(lang),
    }
}

/// The service at the head of a sentence.
fn service_first(lang: Lang, service: Commodity) -> &'static str {
    match service {
        Commodity::Electricity => locales::common::service_electricity(lang),
        Commodity::Gas => locales::common::service_gas(lang),
        Commodity::Water => locales::common::service_water(lang),
    }
}

/// What the chart is about.
#[must_use]
pub fn title(view: &UsageView, lang: Lang) -> String {
    let range = format::range(lang, view.query.range);
    match view.query.measure {
        Measure::Units => text::chart_title(lang, range, service_first(lang, view.query.service)),
        Measure::Dollars => text::chart_title_dollars(lang, range, service(lang, view.query.service)),
    }
}

/// The local clock at the start and at the end of a bar.
fn clocks(view: &UsageView, bar: &Bar) -> (NaiveDateTime, NaiveDateTime) {
    (view.zone.to_local(bar.start), view.zone.to_local(bar.end))
}

/// The local days that a bar covers.
#[must_use]
pub fn days_of(view: &UsageView, bar: &Bar) -> DayRange {
    let (from, to) = clocks(view, bar);
    let to = if to.time() == chrono::NaiveTime::MIN { to.date() } else { next_day(to.date()) };
    DayRange { from: from.date(), to: to.max(next_day(from.date())) }
}

/// When a bar is: `Tue 12 May 2026`, `9:15 am – 9:30 am`, `May 2026`, `12 May – 10 Jun 2026`. Of the hour that comes twice in
/// autumn the second one says so.
#[must_use]
pub fn when(view: &UsageView, lang: Lang, index: usize) -> String {
    let Some(bar) = view.bars.get(index) else { return String::new() };
    match view.query.grain {
        Grain::Day | Grain::Bill => format::range(lang, days_of(view, bar)),
        Grain::Month => {
            let days = days_of(view, bar);
            let whole = days.from.day() == 1 && days.to.day() == 1;
            if whole { format::month_year(lang, days.from) } else { format::range(lang, days) }
        }
        Grain::Hour | Grain::QuarterHour => {
            let (from, to) = clocks(view, bar);
            let clock = |at, local| {
                let again = view.zone.offset_at(at) < view.zone.offset_at(at - chrono::TimeDelta::hours(1));
                let time = format::time(lang, local);
                if again { text::again(lang, time) } else { time }
            };
            let (from_text, to_text) = (clock(bar.start, from), clock(bar.end, to));
            if view.query.range.len() == 1 {
                text::span_times(lang, from_text, to_text)
            } else {
                text::span_day_times(lang, format::day(lang, from.date()), from_text, to_text)
            }
        }
    }
}

fn when_most(view: &UsageView, lang: Lang, index: usize) -> String {
    let when = when(view, lang, index);
    match view.query.grain {
        Grain::Day => {
            let day = view.bars.get(index).map_or(NaiveDate::MIN, |b| days_of(view, b).from);
            text::most_day(lang, format::day(lang, day))
        }
        Grain::Hour | Grain::QuarterHour => text::most_time(lang, when),
        Grain::Month => text::most_month(lang, when),
        Grain::Bill => text::most_bill(lang, when),
    }
}

/// How a bar's amount is known.
#[must_use]
pub fn how(lang: Lang, bar: &Bar) -> String {
    use domain::metering::Quality;
    if bar.amount.is_none() || bar.present == 0 {
        return match bar.quality {
            Quality::NotInstalled => text::how_not_installed(lang),
            _ if bar.open => text::how_not_in_yet(lang),
            _ => text::how_missing(lang),
        }
        .to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    // What of an open bar is still to come is not expected yet.
    let missing = bar.expected.saturating_sub(bar.present);
    if missing > 0 {
        parts.push(text::how_some_missing(lang, missing, bar.expected));
    }
    if bar.estimated > 0 {
        parts.push(match bar.quality {
            _ if bar.estimated < bar.present => text::how_some_estimated(lang, bar.estimated, bar.expected),
            Quality::Edited => text::how_edited(lang).to_owned(),
            _ => text::how_estimated(lang).to_owned(),
        });
    }
    if bar.quality == Quality::Questionable {
        parts.push(text::how_questionable(lang).to_owned());
    }
    if bar.open {
        parts.push(text::how_open(lang).to_owned());
    }
    if parts.is_empty() {
        parts.push(text::how_metered(lang).to_owned());
    }
    parts.join(", ")
}

/// What a bar cost: use and fixed charges.
#[must_use]
pub fn cost_of(bar: &Bar) -> Option<FineAmount> {
    bar.cost.map(|c| FineAmount(c.0.saturating_add(bar.fixed.0)))
}

/// The sentence that comes before the picture.
#[must_use]
pub fn headline(view: &UsageView, lang: Lang) -> String {
    if view.bars.iter().all(|b| b.amount.is_none()) {
        return text::nothing(lang).to_owned();
    }
    match view.query.measure {
        Measure::Units => used(view, lang),
        Measure::Dollars => cost(view, lang),
    }
}

/// Whether more of what is shown is still to come: its last bar goes on, or it is a bill or a month up to now.
fn is_open(view: &UsageView) -> bool {
    let range = view.query.range;
    // Days that are over stay as they are, even where their bill or month goes on after them.
    if range.to <= view.today && view.freshness.last_day.is_some_and(|last| range.to <= last) {
        return false;
    }
    let behind = |end: NaiveDate| range.to < end && view.today < end;
    let month = add_months(range.from, 1);
    view.bars.last().is_some_and(|b| b.open)
        || view.bill_periods.iter().any(|p| p.from == range.from && behind(p.to))
        || (range.from.day() == 1 && range.len() > 1 && range.to <= month && behind(month))
}

fn used(view: &UsageView, lang: Lang) -> String {
    let total = amount(view, lang, view.total);
    let open = is_open(view);
    if let Some(received) = view.total_received.filter(|r| *r > 0) {
        let received = amount(view, lang, received);
        return if open {
            text::used_and_sent_so_far(lang, total, received)
        } else {
            text::used_and_sent(lang, total, received)
        };
    }
    let days = view.query.range.len();
    let change = view.year_earlier.filter(|(_, before)| *before > 0).map(|(now, before)| {
        let (now, before) = (i128::from(now), i128::from(before));
        domain::money::div_half_up((now - before) * 100, before)
    });
    match (change, open) {
        (None, false) => text::used(lang, total),
        (None, true) => text::used_so_far(lang, total),
        (Some(0), false) => text::used_same(lang, total, days),
        (Some(0), true) => text::used_so_far_same(lang, total, days),
        (Some(n), false) if n < 0 => text::used_less(lang, total, days, -n),
        (Some(n), false) => text::used_more(lang, total, days, n),
        (Some(n), true) if n < 0 => text::used_so_far_less(lang, total, days, -n),
        (Some(n), true) => text::used_so_far_more(lang, total, days, n),
    }
}

/// What all bars with a known cost come to, and the fixed charges in it; `None` where there are none. The rest is for what was used:
/// the parts are rounded so that they add up to the whole.
pub(super) fn cost_parts(view: &UsageView) -> Option<(Cents, Cents)> {
    let known = view.bars.iter().filter(|b| b.cost.is_some());
    let (mut energy, mut fixed, mut count) = (0i64, 0i64, 0);
    for bar in known {
        energy = energy.saturating_add(bar.cost.map_or(0, |c| c.0));
        fixed = fixed.saturating_add(bar.fixed.0);
        count += 1;
    }
    let total = view.total_cost.unwrap_or(FineAmount(energy.saturating_add(fixed))).to_cents();
    (count > 0).then(|| (total, FineAmount(fixed).to_cents()))
}

fn cost(view: &UsageView, lang: Lang) -> String {
    let Some((total, fixed)) = cost_parts(view) else { return text::cost_unknown(lang).to_owned() };
    let name = service_first(lang, view.query.service);
    let so_far = is_open(view) || view.bars.iter().any(|b| b.cost.is_some() && !b.billed);
    let mut out = if so_far { text::cost_so_far(lang, total, name) } else { text::cost(lang, total, name) };
    if fixed != Cents::ZERO {
        out.push(' ');
        out.push_str(&text::cost_parts(lang, total - fixed, fixed));
    }
    if view.bars.iter().any(|b| b.amount.is_some() && b.cost.is_none()) {
        out.push(' ');
        out.push_str(text::cost_some_unknown(lang));
    }
    out
}

/// Everything the picture shows, in two or three sentences: the accessible description.
#[must_use]
pub fn summary(view: &UsageView, lang: Lang) -> String {
    let mut out = headline(view, lang);
    let most = match view.query.measure {
        Measure::Units => largest(view, |b| b.amount).map(|(i, v)| (i, amount(view, lang, v))),
        Measure::Dollars => {
            largest(view, |b| cost_of(b).map(|c| c.0)).map(|(i, v)| (i, money(FineAmount(v)).to_string()))
        }
    };
    if let Some((index, value)) = most.filter(|_| view.bars.len() > 1) {
        out.push(' ');
        out.push_str(&text::most(lang, value, when_most(view, lang, index)));
    }
    let warm = || view.beside.rows.iter().filter_map(|r| r.1);
    if let Some((least, most)) = warm().min().zip(warm().max()) {
        out.push(' ');
        out.push_str(&text::weather_between(lang, warmth(most), warmth(least)));
    }
    if view.freshness.missing > 0 && view.total != 0 {
        out.push(' ');
        out.push_str(&text::missing_intervals(lang, i64::from(view.freshness.missing)));
    }
    out
}

fn largest(view: &UsageView, value: impl Fn(&Bar) -> Option<i64>) -> Option<(usize, i64)> {
    let mut best: Option<(usize, i64)> = None;
    for (i, v) in view.bars.iter().enumerate().filter_map(|(i, b)| Some((i, value(b)?))) {
        if best.is_none_or(|(_, b)| v > b) {
            best = Some((i, v));
        }
    }
    best.filter(|(_, v)| *v > 0)
}
