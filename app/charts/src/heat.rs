//! A map of hours by days: each cell as strong as what was used then. Days run from left to right, hours from midnight at the
//! top to midnight at the bottom.

use std::convert::Infallible;

use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::Rectangle;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoTextStyle, TextStyle};

use crate::ink::{Ink, NO_INDEX, Role};
use crate::labels::{TEXT, XLabel, choose};
use crate::svg::{Head, Svg};
use crate::{Size, metrics};

/// How many strengths there are.
pub const LEVELS: u8 = 6;

/// Where one strength ends and the next begins: the lower bounds of levels 1 to 5. They are even steps up to the value that one
/// cell in twenty exceeds, so that a single peak does not make all else pale.
#[must_use]
pub fn bounds(values: impl Iterator<Item = i64>) -> [i64; 5] {
    let mut sorted: Vec<i64> = values.filter(|v| *v > 0).collect();
    sorted.sort_unstable();
    let high = sorted.get((sorted.len() * 19 / 20).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0).max(6);
    [1, 2, 3, 4, 5].map(|level| i64::try_from(i128::from(high) * level / i128::from(LEVELS)).unwrap_or(i64::MAX))
}

/// The strength of a value, from 0.
#[must_use]
pub fn level(value: i64, bounds: &[i64; 5]) -> u8 {
    u8::try_from(bounds.iter().filter(|b| **b <= value).count()).unwrap_or(0)
}

/// What is to be drawn. Texts are ready to be shown.
pub struct Heat<'a> {
    /// Unique in the page.
    pub id: &'a str,
    /// The service, as a class.
    pub class: &'a str,
    /// What the chart is about.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub summary: &'a str,
    /// How large.
    pub size: Size,
    /// 24 values a column; `None` where nothing is known.
    pub columns: &'a [[Option<i64>; 24]],
    /// As [`bounds`] gives them.
    pub bounds: [i64; 5],
    /// Labels of hours, from above: the hour and its text.
    pub hours: &'a [(usize, String)],
    /// Sets of labels under the columns, finest first.
    pub labels: &'a [Vec<XLabel>],
}

/// Draws the map: an `<svg>` element.
#[must_use]
pub fn draw(heat: &Heat<'_>) -> String {
    let size = heat.size.clamped();
    let tenths = |px: u32| i32::try_from(px * 10).unwrap_or(i32::MAX);
    let widest = heat.hours.iter().map(|h| metrics::width(&h.1, TEXT * 10)).max().unwrap_or(0);
    let (left, right) = (i32::try_from(widest).unwrap_or(0) + 80, tenths(size.width) - 10);
    let (top, bottom) = (80, tenths(size.height) - 260);
    let columns = heat.columns.len().max(1);
    let at = |from: i32, to: i32, part: usize, of: usize| {
        from + i32::try_from(i64::from(to - from) * i64::try_from(part).unwrap_or(0) / i64::try_from(of).unwrap_or(1))
            .unwrap_or(0)
    };
    // Cells are apart by a hair where there is room for it.
    let hair = if (right - left) / i32::try_from(columns).unwrap_or(i32::MAX) > 60 { 8 } else { 0 };
    let placed = choose(heat.labels, left, right, tenths(size.width), u32::try_from(columns).unwrap_or(u32::MAX));
    let mut svg = String::new();
    let class = ["heat ", heat.class].concat();
    let head = Head { id: heat.id, class: &class, title: heat.title, desc: heat.summary, size, hatch: false };
    let area = Svg::begin(&mut svg, &head).into_drawing_area();
    let style = |h, v| -> TextStyle<'static> {
        ("sans-serif", TEXT * 10)
            .with_color(Ink::new(Role::Label).color(NO_INDEX))
            .into_text_style(&(0, 0))
            .pos(Pos::new(h, v))
    };
    let draw = || -> Result<(), DrawingAreaErrorKind<Infallible>> {
        for (hour, words) in heat.hours {
            area.draw_text(words, &style(HPos::Right, VPos::Center), (left - 60, at(top, bottom, *hour, 24)))?;
        }
        for label in &placed {
            area.draw_text(&label.text, &style(HPos::Left, VPos::Top), (label.x, bottom + 80))?;
        }
        // Cells of one strength stand in one group, which is what makes a year a small picture.
        for strength in 0..=LEVELS {
            let ink = if strength == LEVELS { Ink::new(Role::NoData) } else { Ink::heat(strength) };
            for (i, column) in heat.columns.iter().enumerate() {
                let (x0, x1) = (at(left, right, i, columns), at(left, right, i + 1, columns) - hair);
                let here = |hour: usize| column[hour].map_or(LEVELS, |v| level(v, &heat.bounds)) == strength;
                let mut hour = 0;
                while hour < 24 {
                    if !here(hour) {
                        hour += 1;
                        continue;
                    }
                    let end = (hour..24).find(|h| !here(*h)).unwrap_or(24);
                    let (y0, y1) = (at(top, bottom, hour, 24), at(top, bottom, end, 24) - hair.min(4));
                    area.draw(&Rectangle::new([(x0, y0), (x1, y1)], ink.fill(NO_INDEX)))?;
                    hour = end;
                }
            }
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_peak_does_not_make_the_rest_pale() {
        let values = (0..99).map(|i| 100 + i).chain([1_000_000]);
        let bounds = bounds(values);
        assert_eq!(bounds.map(|b| b > 20 && b < 200), [true; 5], "{bounds:?}");
        assert_eq!((level(0, &bounds), level(i64::MAX, &bounds)), (0, 5));
    }

    #[test]
    fn equal_neighbours_are_one_mark() {
        let mut column = [Some(0); 24];
        column[5] = None;
        column[6] = Some(9);
        let columns = [column];
        let heat = Heat {
            id: "h",
            class: "water",
            title: "t",
            summary: "s",
            size: Size::WIDE,
            columns: &columns,
            bounds: bounds([9].into_iter()),
            hours: &[],
            labels: &[],
        };
        let svg = draw(&heat);
        assert_eq!(svg.matches("<rect").count(), 4, "midnight to five, the gap, six, the rest: {svg}");
    }

    proptest! {
        #[test]
        fn levels_rise_with_values(values in prop::collection::vec(0i64..=i64::MAX, 0..50), a in any::<i64>(), b in any::<i64>()) {
            let bounds = bounds(values.into_iter());
            prop_assert!(bounds.windows(2).all(|w| w[0] <= w[1]));
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(level(low, &bounds) <= level(high, &bounds) && level(high, &bounds) < LEVELS);
        }
    }
}
