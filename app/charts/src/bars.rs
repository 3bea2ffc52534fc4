//! A bar chart over time: amounts above zero, what was sent back below, fixed charges as a base of their own; what is
//! estimated hatched, what is missing left out and marked so, what is still going on dashed.

use std::convert::Infallible;

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordi64;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoTextStyle, TextStyle};

use crate::ink::{Ink, NO_INDEX, Role};
use crate::labels::{Placed, TEXT, XLabel, choose};
use crate::svg::{Head, Svg};
use crate::ticks::{LIMIT, Scale};
use crate::{Geometry, Size, metrics};

/// One bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// What is drawn upwards from the base; `None` where nothing is known.
    pub up: Option<i64>,
    /// What is drawn downwards from zero; not negative.
    pub down: i64,
    /// What lies under `up`: fixed charges; not negative.
    pub base: i64,
    /// How many thousandths of its readings are estimated.
    pub estimated: u16,
    /// Some of it is missing.
    pub partial: bool,
    /// It is still going on.
    pub open: bool,
    /// It is not billed yet.
    pub so_far: bool,
    /// What it is held against, drawn as an outline.
    pub before: Option<i64>,
    /// A temperature, tenths of a degree, drawn as a line on a scale of its own.
    pub warmth: Option<i64>,
    /// How dear its time is: 0 unknown, 1 the cheapest, 2 between, 3 the dearest.
    pub rate: u8,
}

impl Mark {
    /// Cut to what an axis can hold; nothing is below zero.
    fn within_limits(self) -> Self {
        let cut = |v: i64| v.clamp(0, LIMIT / 2);
        Self { up: self.up.map(cut), down: cut(self.down), base: cut(self.base), before: self.before.map(cut), ..self }
    }
}

/// What is to be drawn. Texts are ready to be shown.
pub struct BarChart<'a> {
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
    /// The bars from left to right.
    pub marks: &'a [Mark],
    /// How many slots each of them stands for (see [`per_mark`]); more than one where they were [`fold`]ed.
    pub per_mark: u32,
    /// How many slots in all.
    pub slots: u32,
    /// The least that the axis reaches up to.
    pub least_high: i64,
    /// What is counted, over the axis.
    pub unit: &'a str,
    /// The label of a tick, given the scale.
    pub tick: &'a dyn Fn(i64, &Scale) -> String,
    /// Sets of labels under the axis, finest first.
    pub labels: &'a [Vec<XLabel>],
    /// What is written over a stretch without data.
    pub no_data: &'a str,
    /// What people marked: how many thousandths of a slot from the left, and what it is.
    pub flags: &'a [(u32, String)],
}

/// How many slots one mark has to stand for so that there are at most two marks to a pixel.
#[must_use]
pub fn per_mark(slots: usize, size: Size) -> usize {
    let room = usize::try_from(size.clamped().width.saturating_sub(60) * 2).unwrap_or(1).max(1);
    slots.div_ceil(room).max(1)
}

/// Sums groups of marks. Of a group in which nothing is known nothing is known; of one in which some is not, the rest is
/// summed and marked as partial.
#[must_use]
pub fn fold(marks: &[Mark], per_mark: usize) -> Vec<Mark> {
    if per_mark <= 1 {
        return marks.to_vec();
    }
    marks
        .chunks(per_mark)
        .map(|group| {
            let known = group.iter().filter(|m| m.up.is_some()).count();
            Mark {
                up: (known > 0).then(|| group.iter().filter_map(|m| m.up).fold(0, i64::saturating_add)),
                down: group.iter().fold(0, |sum, m| sum.saturating_add(m.down)),
                base: group.iter().fold(0, |sum, m| sum.saturating_add(m.base)),
                estimated: mean(group.iter().map(|m| m.estimated)),
                partial: group.iter().any(|m| m.partial) || (known > 0 && known < group.len()),
                open: group.iter().any(|m| m.open),
                so_far: group.iter().any(|m| m.so_far),
                before: group.iter().map(|m| m.before).sum(),
                warmth: group[0].warmth,
                rate: group[0].rate,
            }
        })
        .collect()
}

/// The mean of shares; what is more than nothing stays so.
fn mean(shares: impl ExactSizeIterator<Item = u16>) -> u16 {
    let count = u32::try_from(shares.len()).unwrap_or(u32::MAX).max(1);
    let sum: u32 = shares.map(u32::from).sum();
    u16::try_from(sum.div_ceil(count)).unwrap_or(1_000)
}

type Failed = DrawingAreaErrorKind<Infallible>;
type Plot<'a> = DrawingArea<Svg<'a>, Cartesian2d<RangedCoordi64, RangedCoordi64>>;

/// Sub-units of a slot on the horizontal axis.
const SLOT: i64 = 1_000;

/// Draws the chart.
#[must_use]
pub fn draw(chart: &BarChart<'_>) -> (String, Geometry) {
    let size = chart.size.clamped();
    let marks: Vec<Mark> = chart.marks.iter().map(|m| m.within_limits()).collect();
    let chart = &BarChart { marks: &marks, ..*chart };
    let mut high = chart.least_high.max(1);
    let mut low = 0;
    for mark in chart.marks {
        high = high.max(mark.base + mark.up.unwrap_or(0)).max(mark.before.unwrap_or(0));
        low = low.min(-mark.down);
    }
    let scale = Scale::over(low, high);
    let tick_texts: Vec<(i64, String)> = scale.ticks().map(|t| (t, (chart.tick)(t, &scale))).collect();
    let widest = tick_texts.iter().map(|(_, text)| metrics::width(text, TEXT * 10)).max().unwrap_or(0);
    let tenths = |px: u32| i32::try_from(px * 10).unwrap_or(i32::MAX);
    // Temperatures have their own numbers at the right.
    let warm = if chart.marks.iter().any(|m| m.warmth.is_some()) { 340 } else { 20 };
    let (left, right) = (i32::try_from(widest).unwrap_or(0) + 80, tenths(size.width) - warm);
    let (top, bottom) = (260, tenths(size.height) - 260);
    let spec = Cartesian2d::<RangedCoordi64, RangedCoordi64>::new(
        0..SLOT * i64::try_from(chart.marks.len().max(1)).unwrap_or(1),
        scale.low..scale.high,
        (left..right, bottom..top),
    );
    let placed = choose(chart.labels, left, right, tenths(size.width) - 30, chart.slots);

    let mut svg = String::with_capacity(2_000 + chart.marks.len() * 72);
    let hatch = chart.marks.iter().any(|m| m.estimated > 0);
    // Bars of less than four pixels have no outline: it would be all there is to see of them.
    let fine = i64::from(right - left) < 40 * i64::try_from(chart.marks.len()).unwrap_or(0);
    let class = [chart.class, if fine { " fine" } else { "" }].concat();
    let head = Head { id: chart.id, class: &class, title: chart.title, desc: chart.summary, size, hatch };
    let area = Svg::begin(&mut svg, &head).into_drawing_area();
    let plot = area.apply_coord_spec(spec);
    let zero = plot.map_coordinate(&(0, 0)).1;
    let tops = tops(&plot, chart.marks, zero);
    let drawn = paper(&area, &plot, chart, &tick_texts, &placed, (left, right, bottom))
        .and_then(|()| bars(&plot, chart, &tops, zero))
        .and_then(|()| gaps(&area, &plot, chart, &tops, zero))
        .and_then(|()| beside(&area, &plot, chart, (right, top, bottom)))
        .and_then(|()| area.draw(&PathElement::new(vec![(left, zero), (right, zero)], Ink::new(Role::Zero).stroke())))
        .and_then(|()| {
            let x_of = |at: u32| plot.map_coordinate(&(i64::from(at / chart.per_mark.max(1)), 0)).0;
            flags(&area, chart.flags, chart.unit, &x_of, (right, top, bottom))
        })
        .and_then(|()| area.present());
    // The backend writes into a string, which does not fail, and is borrowed by nobody else.
    debug_assert!(drawn.is_ok(), "drawing into a string failed");
    drop(plot);
    drop(area);
    let geometry = Geometry {
        width: size.width,
        height: size.height,
        left,
        right,
        top,
        bottom,
        zero,
        slots: chart.slots,
        per_mark: chart.per_mark.max(1),
        tops,
    };
    (svg, geometry)
}

/// A line where something began, with its name above the plot where there is room for it.
pub(crate) fn flags(
    area: &DrawingArea<Svg<'_>, Shift>,
    flags: &[(u32, String)],
    unit: &str,
    x_of: &dyn Fn(u32) -> i32,
    (right, top, bottom): (i32, i32, i32),
) -> Result<(), Failed> {
    let wide = |words: &str| i32::try_from(metrics::width(words, TEXT * 10)).unwrap_or(i32::MAX / 4);
    let mut taken = wide(unit) + 80;
    for (at, words) in flags {
        let x = x_of(*at);
        area.draw(&PathElement::new(vec![(x, top - 60), (x, bottom)], Ink::flag().stroke()))?;
        let words: String = words.chars().take(28).collect();
        let width = wide(&words);
        let from = (x - width / 2).clamp(taken.min(right - width), right - width);
        if from >= taken && (from..=from + width).contains(&x) {
            area.draw_text(&words, &text(Ink::flag(), HPos::Left, VPos::Top), (from, 10))?;
            taken = from + width + 80;
        }
    }
    Ok(())
}

fn text(ink: Ink, h: HPos, v: VPos) -> TextStyle<'static> {
    ("sans-serif", TEXT * 10).with_color(ink.color(NO_INDEX)).into_text_style(&(0, 0)).pos(Pos::new(h, v))
}

/// Gridlines, ticks and labels.
fn paper(
    area: &DrawingArea<Svg<'_>, Shift>,
    plot: &Plot<'_>,
    chart: &BarChart<'_>,
    ticks: &[(i64, String)],
    placed: &[Placed],
    (left, right, bottom): (i32, i32, i32),
) -> Result<(), Failed> {
    let grid = Ink::new(Role::Grid).stroke();
    let y_of = |value: i64| plot.map_coordinate(&(0, value)).1;
    for (value, _) in ticks.iter().filter(|(value, _)| *value != 0) {
        area.draw(&PathElement::new(vec![(left, y_of(*value)), (right, y_of(*value))], grid))?;
    }
    let tick = Ink::new(Role::Tick).stroke();
    for x in placed.iter().filter_map(|label| label.tick) {
        area.draw(&PathElement::new(vec![(x, bottom), (x, bottom + 60)], tick))?;
    }
    let label = Ink::new(Role::Label);
    let beside = text(label, HPos::Right, VPos::Center);
    for (value, words) in ticks {
        area.draw_text(words, &beside, (left - 60, y_of(*value)))?;
    }
    let under = text(label, HPos::Left, VPos::Top);
    area.draw_text(chart.unit, &under, (0, 10))?;
    for label in placed {
        area.draw_text(&label.text, &under, (label.x, bottom + 80))?;
    }
    Ok(())
}

/// The upper end of each mark.
fn tops(plot: &Plot<'_>, marks: &[Mark], zero: i32) -> Vec<i32> {
    marks
        .iter()
        .map(|m| {
            let high = m.base + m.up.unwrap_or(0);
            let y = plot.map_coordinate(&(0, high)).1;
            // What is more than nothing is seen.
            if high > 0 { y.min(zero - 10) } else { zero }
        })
        .collect()
}

/// How much of a slot stays free on each side.
fn inset(plot: &Plot<'_>, count: usize) -> i64 {
    let range = plot.get_x_axis_pixel_range();
    let width = i64::from(range.end - range.start) / i64::try_from(count.max(1)).unwrap_or(1);
    match width {
        // A bar is at most 72 px wide.
        960.. => (width - 720) * SLOT / width / 2,
        120.. => 125,
        40.. => 90,
        20.. => 60,
        _ => 0,
    }
}

fn bars(plot: &Plot<'_>, chart: &BarChart<'_>, tops: &[i32], zero: i32) -> Result<(), Failed> {
    let area = plot.use_screen_coord();
    let inset = inset(plot, chart.marks.len());
    let rect = |i: usize, ink: Ink, from: i32, to: i32| -> Result<(), Failed> {
        if from == to {
            return Ok(());
        }
        let slot = i64::try_from(i).unwrap_or(0) * SLOT;
        let x0 = plot.map_coordinate(&(slot + inset, 0)).0;
        let x1 = plot.map_coordinate(&(slot + SLOT - inset, 0)).0.max(x0 + 2);
        let index = u16::try_from(i).unwrap_or(NO_INDEX);
        area.draw(&Rectangle::new([(x0, from), (x1, to)], ink.fill(index)))
    };
    let ink = |role, m: &Mark| Ink::new(role).open(m.open).so_far(m.so_far);
    let base_of = |m: &Mark| {
        if m.base > 0 { plot.map_coordinate(&(0, m.base)).1.min(zero - 5) } else { zero }
    };
    // One kind after the other, so that each is one group.
    for (i, m) in chart.marks.iter().enumerate().filter(|(_, m)| m.base > 0) {
        rect(i, ink(Role::Fixed, m), base_of(m), zero)?;
    }
    for rate in 0..4 {
        let role = if rate == 1 { Role::Cheap } else { Role::Use };
        for hatched in [false, true] {
            let of = |m: &Mark| m.rate == rate && m.up.is_some_and(|up| up > 0) && (!hatched || m.estimated > 0);
            for (i, m) in chart.marks.iter().enumerate().filter(|(_, m)| of(m)) {
                let (top, base) = (tops[i].min(base_of(m)), base_of(m));
                let split = top + hatch(m, base - top);
                let (from, to) = if hatched { (top, split) } else { (split, base) };
                rect(i, ink(role, m).estimated(hatched).peak(rate == 3), from, to)?;
            }
        }
    }
    for hatched in [false, true] {
        for (i, m) in chart.marks.iter().enumerate().filter(|(_, m)| m.down > 0 && (!hatched || m.estimated > 0)) {
            let to = plot.map_coordinate(&(0, -m.down)).1.max(zero + 10);
            let split = to - hatch(m, to - zero);
            let (from, to) = if hatched { (split, to) } else { (zero, split) };
            rect(i, ink(Role::Back, m).estimated(hatched), from, to)?;
        }
    }
    Ok(())
}

/// How much of a bar's height is hatched: the share of its readings that is estimated, and three pixels at least, or one reading in
/// ninety-six could not be seen.
fn hatch(m: &Mark, height: i32) -> i32 {
    match m.estimated {
        0 => 0,
        share => (height * i32::from(share) / 1_000).max(30).min(height),
    }
}

/// The outline of what it is held against, and the line of temperatures between two numbers at the right.
fn beside(
    area: &DrawingArea<Svg<'_>, Shift>,
    plot: &Plot<'_>,
    chart: &BarChart<'_>,
    (right, top, bottom): (i32, i32, i32),
) -> Result<(), Failed> {
    let x_of = |i: usize, part: i64| plot.map_coordinate(&(i64::try_from(i).unwrap_or(0) * SLOT + part, 0)).0;
    let lines = |role: Role, ends: [i64; 2], y_of: &dyn Fn(&Mark) -> Option<i32>| -> Result<(), Failed> {
        let mut line = Vec::new();
        // One more round than there are marks ends the last line.
        for i in 0..=chart.marks.len() {
            if let Some(y) = chart.marks.get(i).and_then(y_of) {
                line.extend(ends.map(|part| (x_of(i, part), y)));
            } else if !line.is_empty() {
                area.draw(&PathElement::new(std::mem::take(&mut line), Ink::new(role).stroke()))?;
            }
        }
        Ok(())
    };
    lines(Role::LineYear, [0, SLOT], &|m| m.before.map(|v| plot.map_coordinate(&(0, v)).1))?;
    let warm = || chart.marks.iter().filter_map(|m| m.warmth);
    let (Some(least), Some(most)) = (warm().min(), warm().max()) else { return Ok(()) };
    // Whole tens of degrees, at least two apart.
    let low = least.div_euclid(100) * 100;
    let high = (most.div_euclid(100) * 100 + 100).max(low + 200);
    let y_of = |t: i64| bottom - i32::try_from((t - low) * i64::from(bottom - top) / (high - low)).unwrap_or(0);
    lines(Role::Warm, [SLOT / 2, SLOT / 2], &|m| m.warmth.map(y_of))?;
    let style = text(Ink::new(Role::Label), HPos::Left, VPos::Center);
    for t in [low, high] {
        let mut words = String::new();
        crate::svg::put_number(&mut words, t / 10);
        words.push('°');
        area.draw_text(&words, &style, (right + 60, y_of(t)))?;
    }
    Ok(())
}

/// A low, light strip where nothing is known, with a word where there is room for it, and a lid on bars that lack a part.
fn gaps(
    area: &DrawingArea<Svg<'_>, Shift>,
    plot: &Plot<'_>,
    chart: &BarChart<'_>,
    tops: &[i32],
    zero: i32,
) -> Result<(), Failed> {
    let fill = Ink::new(Role::NoData).fill(NO_INDEX);
    let note = text(Ink::new(Role::Note), HPos::Center, VPos::Bottom);
    let x_of = |i: usize| plot.map_coordinate(&(i64::try_from(i).unwrap_or(0) * SLOT, 0)).0;
    let words = i32::try_from(metrics::width(chart.no_data, TEXT * 10)).unwrap_or(i32::MAX);
    let mut notes = Vec::new();
    let mut i = 0;
    while i < chart.marks.len() {
        let run = chart.marks[i..].iter().take_while(|m| m.up.is_none() && !m.open).count();
        if run == 0 {
            if chart.marks[i].partial {
                let inset = inset(plot, chart.marks.len());
                let slot = i64::try_from(i).unwrap_or(0) * SLOT;
                let x0 = plot.map_coordinate(&(slot + inset, 0)).0;
                let x1 = plot.map_coordinate(&(slot + SLOT - inset, 0)).0.max(x0 + 2);
                area.draw(&Rectangle::new([(x0, tops[i] - 50), (x1, tops[i] - 10)], fill))?;
            }
            i += 1;
            continue;
        }
        let (x0, x1) = (x_of(i), x_of(i + run).max(x_of(i) + 10));
        // Fixed charges are known all the same: the mark lies on them.
        let floor = tops[i..i + run].iter().copied().min().unwrap_or(zero);
        area.draw(&Rectangle::new([(x0, floor - 60), (x1, floor)], fill))?;
        if x1 - x0 > words + 40 {
            notes.push((i32::midpoint(x0, x1), floor - 90));
        }
        i += run;
    }
    for at in notes {
        area.draw_text(chart.no_data, &note, at)?;
    }
    Ok(())
}
