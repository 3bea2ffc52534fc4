//! From one amount to another, step by step: a row for each, floating bars that begin where the one above ends.

use std::convert::Infallible;

use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoTextStyle, TextStyle};

use crate::ink::{Ink, NO_INDEX, Role};
use crate::labels::TEXT;
use crate::svg::{Head, Svg};
use crate::{Size, metrics};

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// An amount to begin or end with.
    Total(i64),
    /// What is added or, below zero, taken off.
    Step(i64),
}

/// What is to be drawn. Texts are ready to be shown.
pub struct Waterfall<'a> {
    /// Unique in the page.
    pub id: &'a str,
    /// What the chart is about.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub summary: &'a str,
    /// Its width in CSS pixels; the height follows from the rows.
    pub width: u32,
    /// The rows from above: what each is called, its amount as text, and the amount.
    pub rows: &'a [(String, String, Row)],
}

/// The height of a row in tenths of a pixel.
const ROW: i32 = 300;

/// Draws the chart: an `<svg>` element. Where there is little room a row's name stands over its bar.
#[must_use]
pub fn draw(chart: &Waterfall<'_>) -> String {
    let narrow = chart.width < 600;
    let row_height = if narrow { ROW + 160 } else { ROW };
    let rows = i32::try_from(chart.rows.len()).unwrap_or(0);
    let height = u32::try_from(rows * row_height / 10 + 8).unwrap_or(0);
    let size = Size { width: chart.width, height }.clamped();
    let tenths = |px: u32| i32::try_from(px * 10).unwrap_or(i32::MAX);
    let wide = |text: &String| i32::try_from(metrics::width(text, TEXT * 10)).unwrap_or(0);
    let names = if narrow { 0 } else { chart.rows.iter().map(|r| wide(&r.0)).max().unwrap_or(0) + 120 };
    let amounts = chart.rows.iter().map(|r| wide(&r.1)).max().unwrap_or(0) + 140;
    let (left, right) = (names + 20, (tenths(size.width) - amounts).max(names + 400));
    // Where each row begins and ends.
    let mut at = 0_i64;
    let spans: Vec<(i64, i64)> = chart
        .rows
        .iter()
        .map(|(_, _, row)| match row {
            Row::Total(amount) => {
                at = *amount;
                (at, at)
            }
            Row::Step(change) => {
                let from = at;
                at = at.saturating_add(*change);
                (from, at)
            }
        })
        .collect();
    let ends = || spans.iter().flat_map(|(a, b)| [*a, *b]);
    let (low, high) = (ends().min().unwrap_or(0), ends().max().unwrap_or(0));
    let x_of = |v: i64| {
        let share = i128::from(v - low) * i128::from(right - left) / i128::from((high - low).max(1));
        left + i32::try_from(share).unwrap_or(0)
    };
    let mut svg = String::new();
    let head = Head { id: chart.id, class: "waterfall", title: chart.title, desc: chart.summary, size, hatch: false };
    let area = Svg::begin(&mut svg, &head).into_drawing_area();
    let style = |h| -> TextStyle<'static> {
        ("sans-serif", TEXT * 10)
            .with_color(Ink::new(Role::Label).color(NO_INDEX))
            .into_text_style(&(0, 0))
            .pos(Pos::new(h, VPos::Center))
    };
    let draw = || -> Result<(), DrawingAreaErrorKind<Infallible>> {
        let top = |i: usize| i32::try_from(i).unwrap_or(0) * row_height + 40;
        for (i, (name, amount, _)) in chart.rows.iter().enumerate() {
            let name_at = if narrow { top(i) + 80 } else { top(i) + ROW / 2 };
            area.draw_text(name, &style(HPos::Left), (0, name_at))?;
            let bar = top(i) + row_height - ROW / 2;
            area.draw_text(amount, &style(HPos::Right), (tenths(size.width), bar))?;
        }
        for (i, pair) in spans.windows(2).enumerate() {
            // A thin line leads from where a row ends to where the next begins.
            let x = x_of(pair[0].1);
            let y = top(i) + row_height - ROW / 2;
            area.draw(&PathElement::new(vec![(x, y), (x, y + row_height)], Ink::new(Role::Grid).stroke()))?;
        }
        for (i, ((_, _, row), (from, to))) in chart.rows.iter().zip(&spans).enumerate() {
            let (a, b) = (x_of(*from.min(to)), x_of(*from.max(to)));
            let (y0, y1) = (top(i) + row_height - ROW + 50, top(i) + row_height - 50);
            let (ink, a, b) = match row {
                Row::Total(_) => (Role::Fixed, a - 20, a + 20),
                Row::Step(change) if *change < 0 => (Role::Back, a, b.max(a + 15)),
                Row::Step(_) => (Role::Use, a, b.max(a + 15)),
            };
            area.draw(&Rectangle::new([(a, y0), (b, y1)], Ink::new(ink).fill(NO_INDEX)))?;
        }
        area.present()
    };
    let drawn = draw();
    debug_assert!(drawn.is_ok(), "drawing into a string failed");
    drop(area);
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: &[(i64, bool)], width: u32) -> String {
        let rows: Vec<_> = rows
            .iter()
            .map(|(v, total)| {
                let row = if *total { Row::Total(*v) } else { Row::Step(*v) };
                ("Name".to_owned(), v.to_string(), row)
            })
            .collect();
        draw(&Waterfall { id: "w", title: "t", summary: "s", width, rows: &rows })
    }

    #[test]
    fn ups_downs_and_totals_are_told_apart() {
        let svg = drawn(&[(100, true), (30, false), (-10, false), (120, true)], 900);
        let count = |class: &str| svg.matches(class).count();
        assert_eq!((count("mark use"), count("mark back"), count("mark fixed")), (1, 1, 2));
        assert_eq!(count("<polyline"), 3, "each row leads to the next");
    }

    #[test]
    fn nothing_and_numbers_without_end_are_drawn_without_harm() {
        for width in [100, 400, 900] {
            assert!(drawn(&[], width).ends_with("</svg>"));
            assert!(
                drawn(&[(i64::MAX / 2, true), (i64::MIN / 4, false), (i64::MAX / 4, false)], width).ends_with("</svg>")
            );
        }
    }
}
