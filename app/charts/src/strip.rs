//! A strip of small bars beside a number: how the last days went. No axis, no labels; the numbers stand beside it.

use std::convert::Infallible;

use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordi64;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::Rectangle;

use crate::Size;
use crate::ink::{Ink, NO_INDEX, Role};
use crate::svg::{Head, Svg};

/// A strip of bars from the oldest to the latest; `None` is a gap. `class` is the service's word; `title` says what it shows.
#[must_use]
pub fn strip(values: &[Option<i64>], class: &str, title: &str, summary: &str, id: &str) -> String {
    let (width, height) = (140u32, 36u32);
    let mut svg = String::new();
    let head = Head { id, class: "", title, desc: summary, size: Size { width, height }, hatch: false };
    let class = ["strip ", class].concat();
    let area = Svg::begin(&mut svg, &Head { class: &class, ..head }).into_drawing_area();
    let count = i64::try_from(values.len().max(1)).unwrap_or(1);
    let high = values.iter().flatten().copied().max().unwrap_or(0).clamp(1, crate::ticks::LIMIT);
    let bottom = i32::try_from(height * 10).unwrap_or(0) - 10;
    let right = i32::try_from(width * 10).unwrap_or(0);
    let plot = area.apply_coord_spec(Cartesian2d::<RangedCoordi64, RangedCoordi64>::new(
        0..count * 100,
        0..high,
        (0..right, bottom..10),
    ));
    let screen = plot.use_screen_coord();
    let draw = || -> Result<(), DrawingAreaErrorKind<Infallible>> {
        for (i, value) in values.iter().enumerate() {
            let slot = i64::try_from(i).unwrap_or(0) * 100;
            let (x0, top) = plot.map_coordinate(&(slot + 12, value.unwrap_or(0).clamp(0, high)));
            let x1 = plot.map_coordinate(&(slot + 88, 0)).0;
            let (ink, top) = match value {
                Some(_) => (Ink::new(Role::Use), top.min(bottom - 10)),
                None => (Ink::new(Role::NoData), bottom - 40),
            };
            screen.draw(&Rectangle::new([(x0, top), (x1, bottom)], ink.fill(NO_INDEX)))?;
        }
        area.present()
    };
    let drawn = draw();
    debug_assert!(drawn.is_ok(), "drawing into a string failed");
    drop((plot, screen, area));
    svg
}
