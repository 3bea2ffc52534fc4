//! Every kind of chart on one page, to look at: `cargo run -p charts --example gallery > target/gallery.html`.

#[path = "../tests/common/mod.rs"]
mod common;

use charts::compare::{Comparison, Counted, Pair, compare};
use charts::usage::usage;
use charts::{Size, strip::strip};
use common::{days, one_day};
use contract::usage::{Grain, Measure, UsageView};
use domain::metering::Quality;
use domain::money::FineAmount;
use domain::quantity::{Commodity, Unit};
use locales::Lang;

fn wave(i: usize) -> Option<i64> {
    let i = i64::try_from(i).unwrap_or(0);
    (i % 61 != 40).then_some(9_000 + (i * 7_919 % 6_000) + ((i - 180) * (i - 180) / 8))
}

fn main() {
    let mut out = String::from("<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>");
    for file in ["tokens", "base", "components", "charts"] {
        out += &format!("<link rel=stylesheet href=../style/{file}.css>");
    }
    out += "<main style='padding:16px;display:grid;gap:24px;max-width:1080px'>";
    let mut n = 0;
    let mut show = |view: &UsageView| {
        n += 1;
        let (wide, narrow) = (
            usage(view, Lang::En, Size::WIDE, &format!("w{n}")),
            usage(view, Lang::En, Size::NARROW, &format!("n{n}")),
        );
        format!(
            "<div><p>{}</p><div class=chart-frame><div class=chart-wide>{}</div><div class=chart-narrow>{}</div></div></div>",
            wide.summary, wide.svg, narrow.svg
        )
    };
    let mut month = days("2026-04-14", "2026-05-14", wave);
    month.bars[3].estimated = 96;
    month.bars[3].quality = Quality::Estimated;
    month.bars[7].present = 80;
    month.bars[29].open = true;
    (10..14).for_each(|i| {
        month.bars[i].amount = None;
        month.bars[i].cost = None;
        month.bars[i].present = 0;
    });
    out += &show(&month);
    let mut dollars = month.clone();
    dollars.query.measure = Measure::Dollars;
    dollars.bars.iter_mut().for_each(|b| {
        b.fixed = FineAmount(48_000);
        b.billed = false;
    });
    out += &show(&dollars);
    out += &show(&days("2025-01-01", "2026-01-01", wave));
    let mut solar = one_day(Grain::Hour, "2026-05-12", 60, |i| Some(if (9..17).contains(&i) { 60 } else { 700 }));
    solar
        .bars
        .iter_mut()
        .enumerate()
        .for_each(|(i, b)| b.received = Some(if (9..17).contains(&i) { 1_450 } else { 0 }));
    solar.bars[12].estimated = 4;
    out += &show(&solar);
    let mut water =
        one_day(Grain::QuarterHour, "2026-11-01", 15, |i| Some(i64::try_from(i * 37 % 9 * 120).unwrap_or(0)));
    water.query.service = Commodity::Water;
    water.unit = Unit::Gallon;
    out += &show(&water);
    let pairs: Vec<Pair> = ["Jan", "Feb", "Mar", "Apr", "May"]
        .iter()
        .enumerate()
        .map(|(i, m)| Pair { label: (*m).to_owned(), first: wave(i * 9), second: (i != 2).then_some(15_000) })
        .collect();
    let comparison = Comparison {
        id: "cmp",
        class: "gas",
        names: ["Old home", "Elm Street"],
        counted: Counted::Use(Unit::Therm),
        exponent: -3,
        said: None,
        pairs: &pairs,
        size: Size::WIDE,
    };
    let chart = compare(&comparison, Lang::En);
    out += &format!("<div><p>{}</p>{}</div>", chart.summary, chart.svg);
    let values: Vec<Option<i64>> = (35..49).map(wave).collect();
    out += &format!("<p>{}</p>", strip(&values, "water", "The last 14 days", "Between 9 and 15 gal a day.", "s1"));
    println!("{out}</main>");
}
