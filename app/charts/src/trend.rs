//! Bars and lines over the same stretches of time: what was used and what it is held against, such as another year or the
//! temperature, which has an axis of its own on the right.

use std::convert::Infallible;

use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordi64;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoTextStyle, TextStyle};

use crate::bars::flags;
use crate::ink::{Ink, NO_INDEX, Role};
use crate::labels::{TEXT, XLabel, choose};
use crate::svg::{Head, Svg};
use crate::ticks::{LIMIT, Scale};
use crate::{Size, metrics};

/// What a line stands for; the style sheet gives each its colour and its dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// What the chart is about.
    Main,
    /// What it is held against.
    Before,
    /// The same a year earlier.
    Year,
}

/// A line; `None` breaks it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What it stands for.
    pub kind: LineKind,
    /// One value a slot.
    pub values: &'a [Option<i64>],
}

/// The temperature over the same slots.
#[derive(Clone, Copy, Debug)]
pub struct Warmth<'a> {
    /// Tenths of a degree; `None` where it is not known.
    pub tenths: &'a [Option<i64>],
    /// What stands over its axis.
    pub unit: &'a str,
}

/// What is to be drawn. Texts are ready to be shown.
pub struct Trend<'a> {
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
    /// How many slots lie side by side.
    pub slots: usize,
    /// Bars from zero, one a slot; `None` is a gap. Empty for a chart of lines alone.
    pub bars: &'a [Option<i64>],
    /// Lines, drawn in this order.
    pub lines: &'a [Line<'a>],
    /// The temperature, if it is shown.
    pub warmth: Option<Warmth<'a>>,
    /// The least that the axis reaches up to, so that charts beside each other have the same one; 0 for none.
    pub least_high: i64,
    /// What is counted, over the axis.
    pub unit: &'a str,
    /// The label of a tick, given the scale.
    pub tick: &'a dyn Fn(i64, &Scale) -> String,
    /// Sets of labels under the axis, finest first.
    pub labels: &'a [Vec<XLabel>],
    /// What people marked: how many thousandths of a slot from the left, and what it is.
    pub flags: &'a [(u32, String)],
}

/// Sub-units of a slot on the horizontal axis.
const SLOT: i64 = 100;
/// Between the plot and the labels beside it, in tenths of a pixel.
const GAP: i32 = 60;

/// Draws the chart: an `<svg>` element.
#[must_use]
pub fn draw(chart: &Trend<'_>) -> String {
    let size = chart.size.clamped();
    let cut = |v: i64| v.clamp(0, LIMIT);
    let values = chart.bars.iter().chain(chart.lines.iter().flat_map(|l| l.values)).flatten();
    let scale = Scale::over(0, values.map(|v| cut(*v)).max().unwrap_or(1).max(cut(chart.least_high)));
    let ticks: Vec<(i64, String)> = scale.ticks().map(|t| (t, (chart.tick)(t, &scale))).collect();
    let warm = chart.warmth.as_ref().and_then(|w| Degrees::of(w.tenths));
    let widest = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|t| i32::try_from(metrics::width(t, TEXT * 10)).unwrap_or(0)).max().unwrap_or(0)
    };
    let degrees: Vec<(i64, String)> =
        warm.iter().flat_map(|w| w.ticks()).map(|t| (t, [&(t / 10).to_string(), "°"].concat())).collect();
    let tenths = |px: u32| i32::try_from(px * 10).unwrap_or(i32::MAX);
    let left = widest(&mut ticks.iter().map(|t| &t.1)) + GAP + 20;
    let beside = if warm.is_some() { widest(&mut degrees.iter().map(|t| &t.1)) + GAP } else { 20 };
    let right = tenths(size.width) - beside;
    let (top, bottom) = (260, tenths(size.height) - 260);
    let count = i64::try_from(chart.slots.max(1)).unwrap_or(1);
    let slots = u32::try_from(count).unwrap_or(u32::MAX);
    let placed = choose(chart.labels, left, right, tenths(size.width), slots);
    let mut svg = String::new();
    let class = ["trend ", chart.class].concat();
    let head = Head { id: chart.id, class: &class, title: chart.title, desc: chart.summary, size, hatch: false };
    let area = Svg::begin(&mut svg, &head).into_drawing_area();
    let box_of = |low: i64, high: i64| {
        area.apply_coord_spec(Cartesian2d::<RangedCoordi64, RangedCoordi64>::new(
            0..count * SLOT,
            low..high,
            (left..right, bottom..top),
        ))
    };
    let plot = box_of(0, scale.high);
    let y_of = |v: i64| plot.map_coordinate(&(0, v)).1;
    let x_of = |slot: usize, part: i64| plot.map_coordinate(&(i64::try_from(slot).unwrap_or(0) * SLOT + part, 0)).0;
    let style = |h, v| -> TextStyle<'static> {
        ("sans-serif", TEXT * 10)
            .with_color(Ink::new(Role::Label).color(NO_INDEX))
            .into_text_style(&(0, 0))
            .pos(Pos::new(h, v))
    };
    let line = |values: &[Option<i64>], role: Role, y: &dyn Fn(i64) -> i32| {
        let mut paths: Vec<Vec<(i32, i32)>> = vec![Vec::new()];
        for (i, value) in values.iter().enumerate() {
            match value {
                Some(v) => paths.last_mut().expect("one at least").push((x_of(i, SLOT / 2), y(*v))),
                None => paths.push(Vec::new()),
            }
        }
        // A value between two gaps is a short dash, since a line of one point is none.
        paths.retain(|p| !p.is_empty());
        paths.into_iter().map(move |mut p| {
            if let [(x, y)] = p[..] {
                p = vec![(x - 20, y), (x + 20, y)];
            }
            PathElement::new(p, Ink::new(role).stroke())
        })
    };
    let draw = || -> Result<(), DrawingAreaErrorKind<Infallible>> {
        for (value, _) in ticks.iter().filter(|t| t.0 != 0) {
            let y = y_of(*value);
            area.draw(&PathElement::new(vec![(left, y), (right, y)], Ink::new(Role::Grid).stroke()))?;
        }
        for (value, words) in &ticks {
            area.draw_text(words, &style(HPos::Right, VPos::Center), (left - GAP, y_of(*value)))?;
        }
        area.draw_text(chart.unit, &style(HPos::Left, VPos::Top), (0, 10))?;
        for label in &placed {
            area.draw_text(&label.text, &style(HPos::Left, VPos::Top), (label.x, bottom + 80))?;
        }
        let screen = plot.use_screen_coord();
        for (i, bar) in chart.bars.iter().enumerate() {
            let (x0, x1) = (x_of(i, 12), x_of(i, SLOT - 12));
            match bar {
                Some(v) if *v > 0 => {
                    let y = y_of(cut(*v)).min(bottom - 10);
                    screen.draw(&Rectangle::new([(x0, y), (x1, bottom)], Ink::new(Role::Use).fill(NO_INDEX)))?;
                }
                Some(_) => {}
                None => {
                    let ink = Ink::new(Role::NoData).fill(NO_INDEX);
                    screen.draw(&Rectangle::new([(x0, bottom - 60), (x1, bottom)], ink))?;
                }
            }
        }
        for l in chart.lines {
            let role = match l.kind {
                LineKind::Main => Role::Line,
                LineKind::Before => Role::LineBefore,
                LineKind::Year => Role::LineYear,
            };
            for path in line(l.values, role, &|v| y_of(cut(v))) {
                area.draw(&path)?;
            }
        }
        if let (Some(warm), Some(w)) = (&warm, &chart.warmth) {
            let own = box_of(warm.low, warm.high);
            let y = |v: i64| own.map_coordinate(&(0, v.clamp(warm.low, warm.high))).1;
            for (value, words) in &degrees {
                area.draw_text(words, &style(HPos::Left, VPos::Center), (right + GAP - 20, y(*value)))?;
            }
            area.draw_text(w.unit, &style(HPos::Right, VPos::Top), (tenths(size.width), 10))?;
            for path in line(w.tenths, Role::Warm, &y) {
                area.draw(&path)?;
            }
        }
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], Ink::new(Role::Zero).stroke()))?;
        let x_at = |at: u32| plot.map_coordinate(&(i64::from(at) * SLOT / 1_000, 0)).0;
        flags(&area, chart.flags, chart.unit, &x_at, (right, top, bottom))?;
        area.present()
    };
    let drawn = draw();
    debug_assert!(drawn.is_ok(), "drawing into a string failed");
    drop((plot, area));
    svg
}

/// An axis of temperatures: whole tens of degrees around what there is, zero or not.
struct Degrees {
    low: i64,
    high: i64,
}

impl Degrees {
    /// Tenths in ten degrees.
    const STEP: i64 = 100;

    fn of(tenths: &[Option<i64>]) -> Option<Self> {
        let known = || tenths.iter().flatten().copied();
        let (low, high) = (known().min()?.max(-1_000), known().max()?.min(2_000));
        let low = low.div_euclid(Self::STEP) * Self::STEP;
        Some(Self { low, high: ((high.div_euclid(Self::STEP) + 1) * Self::STEP).max(low + Self::STEP) })
    }

    fn ticks(&self) -> impl Iterator<Item = i64> + use<> {
        let step = if self.high - self.low > 6 * Self::STEP { 2 * Self::STEP } else { Self::STEP };
        let (mut at, high) = (self.low, self.high);
        std::iter::from_fn(move || {
            let tick = (at <= high).then_some(at);
            at += step;
            tick
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart<'a>(bars: &'a [Option<i64>], lines: &'a [Line<'a>], warmth: Option<Warmth<'a>>) -> String {
        draw(&Trend {
            id: "t",
            class: "electricity",
            title: "A title",
            summary: "A sentence.",
            size: Size::WIDE,
            slots: bars.len().max(lines.iter().map(|l| l.values.len()).max().unwrap_or(0)),
            bars,
            lines,
            warmth,
            least_high: 0,
            unit: "kWh",
            tick: &|v, _| v.to_string(),
            labels: &[],
            flags: &[],
        })
    }

    #[test]
    fn a_gap_is_marked_in_bars_and_breaks_lines() {
        let svg = chart(&[Some(4), None, Some(0), Some(9)], &[], None);
        assert_eq!((svg.matches("class=\"mark use\"").count(), svg.matches("class=\"nodata\"").count()), (2, 1));
        let values = [Some(1), Some(2), None, Some(5), None, Some(6), Some(7)];
        let svg = chart(&[], &[Line { kind: LineKind::Before, values: &values }], None);
        let lines = svg.split("class=\"line before\"").nth(1).expect("the lines");
        assert_eq!(lines.split("</g>").next().expect("a group").matches("<polyline").count(), 3);
    }

    #[test]
    fn temperatures_have_an_axis_of_their_own() {
        let warm = [Some(512), None, Some(688)];
        let svg = chart(&[Some(1), Some(2), Some(3)], &[], Some(Warmth { tenths: &warm, unit: "°F" }));
        for part in [">50°<", ">60°<", ">70°<", ">°F<", "class=\"line warm\""] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(!chart(&[Some(1)], &[], Some(Warmth { tenths: &[None], unit: "°F" })).contains("°F"));
    }

    #[test]
    fn nothing_and_numbers_without_end_are_drawn_without_harm() {
        assert!(chart(&[], &[], None).ends_with("</svg>"));
        let values = [Some(i64::MAX), Some(i64::MIN), None];
        let warm = Warmth { tenths: &values, unit: "°F" };
        assert!(chart(&values, &[Line { kind: LineKind::Year, values: &values }], Some(warm)).ends_with("</svg>"));
    }
}
