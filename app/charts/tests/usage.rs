//! Usage charts as text: what is drawn, what is said, what is in the table.

mod common;

use charts::usage::{usage, words};
use charts::{Size, strip};
use common::{day, days, one_day};
use contract::usage::{Grain, Measure};
use domain::calendar::Zone;
use domain::metering::Quality;
use domain::quantity::Unit;
use locales::Lang;

#[test]
fn a_week_with_every_state() {
    let mut view =
        days("2026-05-11", "2026-05-18", |i| (i != 3).then(|| 9_000 + 1_000 * i64::try_from(i).expect("small")));
    view.bars[1].estimated = 12;
    view.bars[1].quality = Quality::Estimated;
    view.bars[2].present = 90;
    view.bars[6].open = true;
    // What is still to come is not expected yet.
    view.bars[6].present = 40;
    view.bars[6].expected = 40;
    view.bars.iter_mut().for_each(|b| b.received = b.amount.map(|a| a / 4));
    view.total_received = Some(16_500);
    let chart = usage(&view, Lang::En, Size::NARROW, "c");
    insta::assert_snapshot!("week_svg", chart.svg.replace("><", ">\n<"));
    insta::assert_snapshot!("week_words", written(&chart));
}

#[test]
fn as_much_of_a_bar_is_hatched_as_is_estimated() {
    let heights = |estimated: u32| {
        let mut view = days("2026-05-11", "2026-05-12", |_| Some(10_000));
        view.bars[0].estimated = estimated;
        view.bars[0].quality = if estimated > 0 { Quality::Estimated } else { Quality::Validated };
        let chart = usage(&view, Lang::En, Size::NARROW, "c");
        let height = |class: &str| {
            let Some((_, group)) = chart.svg.split_once(&format!("<g class=\"mark use{class}\"")) else { return 0.0 };
            let (_, height) = group.split_once("height=\"").expect("a bar");
            height.split('"').next().expect("a number").parse::<f64>().expect("a number")
        };
        (height(""), height(" estimated"), chart.table.rows[0].last().expect("how").clone())
    };
    let (whole, none, _) = heights(0);
    assert!(none == 0.0 && whole > 100.0);
    let (rest, hatched, how) = heights(1);
    assert_eq!((hatched, how.as_str()), (3.0, "1 of 96 readings estimated"));
    assert!((rest + hatched - whole).abs() < 0.2, "{rest} and {hatched} of {whole}");
    let (_, half, _) = heights(48);
    assert!((half - whole / 2.0).abs() < 0.2, "{half} of {whole}");
    let (none, all, how) = heights(96);
    assert_eq!((none, how.as_str()), (0.0, "Estimated"));
    assert!((all - whole).abs() < 0.2);
}

#[test]
fn what_is_missing_is_said_of_a_bar_that_goes_on_too() {
    let mut view = days("2026-05-01", "2026-05-02", |_| Some(9_000));
    let bar = &mut view.bars[0];
    (bar.open, bar.expected, bar.present, bar.estimated) = (true, 1_440, 1_420, 16);
    bar.quality = Quality::Estimated;
    assert_eq!(words::how(Lang::En, bar), "20 of 1440 readings missing, 16 of 1440 readings estimated, Still going on");
    (bar.expected, bar.estimated, bar.quality) = (1_420, 0, Quality::Validated);
    assert_eq!(words::how(Lang::En, bar), "Still going on");
}

#[test]
fn a_week_in_dollars() {
    let mut view = days("2026-05-11", "2026-05-18", |i| Some(9_000 + 1_000 * i64::try_from(i).expect("small")));
    view.query.measure = Measure::Dollars;
    view.bars[6].billed = false;
    view.bars[0].cost = None;
    view.total_cost = None;
    let chart = usage(&view, Lang::En, Size::NARROW, "c");
    insta::assert_snapshot!("dollars_svg", chart.svg.replace("><", ">\n<"));
    insta::assert_snapshot!("dollars_words", written(&chart));
}

#[test]
fn the_long_night_in_autumn_has_its_hour_twice() {
    let view = one_day(Grain::Hour, "2026-11-01", 60, |_| Some(500));
    let chart = usage(&view, Lang::En, Size::WIDE, "c");
    assert_eq!(chart.table.rows.len(), 25);
    let names: Vec<&str> = chart.table.rows[..4].iter().map(|r| r[0].as_str()).collect();
    assert_eq!(
        names,
        ["12:00 am – 1:00 am", "1:00 am – 1:00 am (again)", "1:00 am (again) – 2:00 am", "2:00 am – 3:00 am"]
    );
}

#[test]
fn labels_thin_out_with_the_room() {
    let labels = |view: &_, size| {
        let svg = usage(view, Lang::En, size, "c").svg;
        let start = svg.find("<g class=\"label\">").expect("labels");
        let end = start + svg[start..].find("</g>").expect("an end");
        svg[start..end]
            .split("<text")
            .skip(1)
            .map(|t| t[t.find('>').expect("text") + 1..].replace("</text>", ""))
            .collect::<Vec<_>>()
    };
    let year = days("2026-01-01", "2027-01-01", |_| Some(10_000));
    assert!(labels(&year, Size::WIDE).ends_with(&["Nov".into(), "Dec".into()]));
    let narrow = labels(&year, Size::NARROW);
    assert!(narrow.contains(&"2026".to_owned()) && narrow.contains(&"Nov".to_owned()), "{narrow:?}");
    let hours = one_day(Grain::Hour, "2026-05-12", 60, |_| Some(500));
    assert!(labels(&hours, Size::NARROW).contains(&"6 am".to_owned()));
    assert!(labels(&hours, Size::WIDE).contains(&"2 am".to_owned()));
}

#[test]
fn nothing_at_all_is_said_and_drawn_as_a_gap() {
    let view = days("2026-05-11", "2026-05-18", |_| None);
    let chart = usage(&view, Lang::En, Size::WIDE, "c");
    assert_eq!(chart.summary, "There are no readings for these days.");
    assert!(chart.svg.contains(">no readings</text>") && !chart.svg.contains("data-i"));
    let empty = common::view(Grain::Bill, "2026-05-11", "2026-05-18", Vec::new());
    assert!(usage(&empty, Lang::En, Size::WIDE, "c").geometry.slot_at(10.0).is_none());
}

#[test]
fn a_year_against_the_year_before() {
    let mut view = days("2026-05-01", "2026-05-31", |_| Some(13_290));
    view.year_earlier = Some((398_700, 453_000));
    let summary = usage(&view, Lang::En, Size::WIDE, "c").summary;
    assert_eq!(
        summary,
        "You used 398.7 kWh, 12 % less than the same days last year. The most was on Fri 1 May: 13.3 kWh."
    );
}

#[test]
fn amounts_have_the_decimals_of_their_unit_everywhere() {
    let amounts = |grain: Grain, unit: Unit| {
        let mut view = one_day(grain, "2026-05-12", if grain == Grain::Day { 24 * 60 } else { 60 }, |i| {
            Some(if i == 0 { 12_000 } else { 1_236 })
        });
        view.unit = unit;
        (
            words::amount(&view, Lang::En, 1_236),
            words::amount(&view, Lang::En, 1_391_700),
            words::amount(&view, Lang::En, 12_000),
        )
    };
    let is = |found: (String, String, String), expected: [&str; 3]| {
        assert_eq!([found.0.as_str(), found.1.as_str(), found.2.as_str()], expected);
    };
    is(amounts(Grain::Day, Unit::KilowattHour), ["1.2 kWh", "1,391.7 kWh", "12.0 kWh"]);
    is(amounts(Grain::Hour, Unit::KilowattHour), ["1.24 kWh", "1,391.70 kWh", "12.00 kWh"]);
    is(amounts(Grain::Day, Unit::Therm), ["1.24 therms", "1,391.70 therms", "12.00 therms"]);
    is(amounts(Grain::Hour, Unit::Gallon), ["1 gal", "1,392 gal", "12 gal"]);
    is(amounts(Grain::Day, Unit::Ccf), ["1.24 CCF", "1,391.70 CCF", "12.00 CCF"]);
    let view = one_day(Grain::Day, "2026-05-12", 24 * 60, |_| Some(0));
    assert_eq!(words::amount(&view, Lang::En, 0), "0 kWh", "nothing is nothing");
}

#[test]
fn no_style_attribute_is_ever_written() {
    let view = days("2026-05-11", "2026-05-18", |i| Some(i64::try_from(i).expect("small")));
    let svg = usage(&view, Lang::En, Size::WIDE, "c").svg + &strip::strip(&[Some(3), None], "gas", "t", "s", "i");
    assert!(!svg.contains("style="));
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    assert_eq!(zone.day_of(view.bars[0].start), day("2026-05-11"));
}

fn written(chart: &charts::Chart) -> String {
    let mut out = format!("{}\n\n{}\n", chart.summary, chart.table.head.join(" | "));
    for row in &chart.table.rows {
        out += &format!("{}\n", row.join(" | "));
    }
    out
}
