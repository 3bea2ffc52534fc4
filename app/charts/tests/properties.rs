//! What holds for every chart.

#[expect(dead_code, reason = "each test file uses a part of it")]
mod common;

use charts::Size;
use charts::usage::usage;
use common::days;
use contract::usage::Measure;
use domain::money::FineAmount;
use locales::Lang;
use proptest::prelude::*;

/// `(x, y, width, height)` of every bar.
fn rects(svg: &str) -> Vec<[f64; 4]> {
    svg.split("<rect data-i=")
        .skip(1)
        .map(|part| {
            ["x", "y", "width", "height"].map(|name| {
                let key = format!(" {name}=\"");
                let at = part.find(&key).expect("the attribute is there") + key.len();
                part[at..].split('"').next().expect("a value").parse().expect("a number")
            })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn bars_lie_in_the_plot_and_over_their_slots(
        amounts in proptest::collection::vec(proptest::option::weighted(0.9, 0i64..=i64::MAX / 4), 1..500),
        back in 0i64..=i64::MAX / 4,
        fixed in 0i64..1_000_000,
        dollars in any::<bool>(),
        width in 1u32..3_000,
        height in 1u32..900,
    ) {
        let to = common::day("2025-01-01") + chrono::Days::new(amounts.len() as u64);
        let mut view = days("2025-01-01", &to.to_string(), |i| amounts[i].map(|a| a / 1_000));
        view.bars.iter_mut().enumerate().for_each(|(i, b)| {
            b.received = (i % 3 == 0).then_some(back);
            b.fixed = FineAmount(fixed);
            b.estimated = u32::from(i % 5 == 0);
        });
        view.total = 1;
        view.query.measure = if dollars { Measure::Dollars } else { Measure::Units };
        let chart = usage(&view, Lang::En, Size { width, height }, "c");
        let g = &chart.geometry;
        prop_assert!(!chart.svg.contains("NaN") && !chart.svg.contains("inf"));
        prop_assert_eq!(chart.table.rows.len(), amounts.len());
        for [x, y, w, h] in rects(&chart.svg) {
            prop_assert!(w > 0.0 && h > 0.0);
            prop_assert!(x * 10.0 >= f64::from(g.left) - 1.0 && (x + w) * 10.0 <= f64::from(g.right) + 3.0, "{x} {w} {g:?}");
            prop_assert!(y * 10.0 >= f64::from(g.top) - 10.0 && (y + h) * 10.0 <= f64::from(g.bottom) + 10.0, "{y} {h} {g:?}");
        }
        for i in 0..amounts.len() {
            let (from, to) = g.slot(i);
            prop_assert_eq!(g.slot_at(f64::midpoint(from, to)), Some(i));
        }
        prop_assert!(rects(&chart.svg).len() <= 3 * 2 * chart.geometry.width as usize);
    }
}
