//! Two data sets side by side, such as an old home and the present one, or what two plans cost: pairs of bars over the same
//! stretch of time.

use domain::money::Cents;
use domain::quantity::{Decimal, Unit};
use locales::{Lang, format, usage as text};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordi64;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoTextStyle, TextStyle};

use crate::ink::{Ink, NO_INDEX, Role};
use crate::labels::{Anchor, TEXT, XLabel, choose};
use crate::svg::{Head, Svg};
use crate::ticks::Scale;
use crate::{Chart, Geometry, Size, Table, metrics};

/// One stretch of time in both data sets; `None` where nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// When, in short: `May`, `Tue`.
    pub label: String,
    /// The first data set.
    pub first: Option<i64>,
    /// The second.
    pub second: Option<i64>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Energy or water, in this unit.
    Use(Unit),
    /// Cents.
    Money,
}

impl Counted {
    /// What stands above the axis.
    const fn symbol(self) -> &'static str {
        match self {
            Self::Use(unit) => locales::bill::unit_word(unit),
            Self::Money => "$",
        }
    }

    /// An amount in a table.
    fn text(self, lang: Lang, value: i64, exponent: i8) -> String {
        match self {
            Self::Use(unit) => {
                let mut out = format::number(lang, Decimal::new(value, exponent), 1);
                out.push(' ');
                out.push_str(locales::bill::unit_word(unit));
                out
            }
            Self::Money => Cents(value).to_string(),
        }
    }
}

/// What is compared. Amounts of both are counted in `10^exponent` of the same measure; money in cents.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    /// Unique in the page.
    pub id: &'a str,
    /// The service, as a class.
    pub class: &'a str,
    /// What the data sets are called.
    pub names: [&'a str; 2],
    /// What is counted.
    pub counted: Counted,
    /// The power of ten of the amounts; -2 for money.
    pub exponent: i8,
    /// The title and the sentence, where there is more to say than which of the two used more.
    pub said: Option<[&'a str; 2]>,
    /// Stretches of time from left to right.
    pub pairs: &'a [Pair],
    /// How large.
    pub size: Size,
}

/// Draws a comparison. The sentence compares only stretches that both know.
#[must_use]
pub fn compare(c: &Comparison<'_>, lang: Lang) -> Chart {
    let (title, summary) = match c.said {
        Some([title, sentence]) => (title.to_owned(), sentence.to_owned()),
        None => (text::compare_title(lang, c.names[0], c.names[1]), sentence(c, lang)),
    };
    let (svg, geometry) = picture(c, lang, &title, &summary);
    Chart { svg, geometry, table: table(c, lang), summary }
}

fn sentence(c: &Comparison<'_>, lang: Lang) -> String {
    let both = c.pairs.iter().filter_map(|p| p.first.zip(p.second));
    let (mut first, mut second) = (0i128, 0i128);
    for (a, b) in both {
        first += i128::from(a);
        second += i128::from(b);
    }
    if second <= 0 {
        return text::compare_none(lang).to_owned();
    }
    let percent = domain::money::div_half_up((first - second) * 100, second);
    match percent {
        0 => text::compare_same(lang, c.names[0], c.names[1]),
        n if n < 0 => text::compare_less(lang, c.names[0], -n, c.names[1]),
        n => text::compare_more(lang, c.names[0], n, c.names[1]),
    }
}

fn table(c: &Comparison<'_>, lang: Lang) -> Table {
    let cell = |v: Option<i64>| match v {
        Some(v) => c.counted.text(lang, v, c.exponent),
        None => text::table_none(lang).to_owned(),
    };
    Table {
        head: vec![text::table_when(lang).to_owned(), c.names[0].to_owned(), c.names[1].to_owned()],
        rows: c.pairs.iter().map(|p| vec![p.label.clone(), cell(p.first), cell(p.second)]).collect(),
    }
}

fn picture(c: &Comparison<'_>, lang: Lang, title: &str, summary: &str) -> (String, Geometry) {
    let size = c.size.clamped();
    let high = c.pairs.iter().flat_map(|p| [p.first, p.second]).flatten().max().unwrap_or(1);
    let scale = Scale::over(0, high);
    let places = scale.places(c.exponent);
    let ticks: Vec<(i64, String)> =
        scale.ticks().map(|t| (t, format::number(lang, Decimal::new(t, c.exponent), places))).collect();
    let widest = ticks.iter().map(|(_, t)| metrics::width(t, TEXT * 10)).max().unwrap_or(0);
    let tenths = |px: u32| i32::try_from(px * 10).unwrap_or(i32::MAX);
    let (left, right) = (i32::try_from(widest).unwrap_or(0) + 80, tenths(size.width) - 20);
    let (top, bottom) = (260, tenths(size.height) - 260);
    let slots = u32::try_from(c.pairs.len()).unwrap_or(u32::MAX);
    let sets: Vec<Vec<XLabel>> = [1, 2, 3, 6, 12]
        .into_iter()
        .map(|step| {
            let every = c.pairs.iter().enumerate().filter(|(i, _)| i % step == 0);
            every
                .map(|(i, p)| XLabel {
                    slot: u32::try_from(i).unwrap_or(0),
                    text: p.label.clone(),
                    anchor: Anchor::Middle,
                })
                .collect()
        })
        .collect();
    let placed = choose(&sets, left, right, tenths(size.width), slots);
    let mut svg = String::new();
    let class = ["compare ", c.class].concat();
    let head = Head { id: c.id, class: &class, title, desc: summary, size, hatch: false };
    let area = Svg::begin(&mut svg, &head).into_drawing_area();
    let count = i64::from(slots.max(1));
    let plot = area.apply_coord_spec(Cartesian2d::<RangedCoordi64, RangedCoordi64>::new(
        0..count * 100,
        0..scale.high,
        (left..right, bottom..top),
    ));
    let y_of = |v: i64| plot.map_coordinate(&(0, v)).1;
    let style = |h, v| -> TextStyle<'static> {
        ("sans-serif", TEXT * 10)
            .with_color(Ink::new(Role::Label).color(NO_INDEX))
            .into_text_style(&(0, 0))
            .pos(Pos::new(h, v))
    };
    let draw = || -> Result<(), DrawingAreaErrorKind<std::convert::Infallible>> {
        for (value, _) in ticks.iter().filter(|t| t.0 != 0) {
            area.draw(&PathElement::new(
                vec![(left, y_of(*value)), (right, y_of(*value))],
                Ink::new(Role::Grid).stroke(),
            ))?;
        }
        for (value, words) in &ticks {
            area.draw_text(words, &style(HPos::Right, VPos::Center), (left - 60, y_of(*value)))?;
        }
        area.draw_text(c.counted.symbol(), &style(HPos::Left, VPos::Top), (0, 10))?;
        for label in &placed {
            area.draw_text(&label.text, &style(HPos::Left, VPos::Top), (label.x, bottom + 80))?;
        }
        let screen = plot.use_screen_coord();
        for (role, offset) in [(Role::Use, 10), (Role::Other, 51)] {
            for (i, p) in c.pairs.iter().enumerate() {
                let value = if role == Role::Use { p.first } else { p.second };
                let slot = i64::try_from(i).unwrap_or(0) * 100;
                let x0 = plot.map_coordinate(&(slot + offset, 0)).0;
                let x1 = plot.map_coordinate(&(slot + offset + 39, 0)).0.max(x0 + 2);
                let index = u16::try_from(i).unwrap_or(NO_INDEX);
                match value {
                    Some(v) if v > 0 => {
                        let y = y_of(v).min(bottom - 10);
                        screen.draw(&Rectangle::new([(x0, y), (x1, bottom)], Ink::new(role).fill(index)))?;
                    }
                    Some(_) => {}
                    None => {
                        let ink = Ink::new(Role::NoData).fill(index);
                        screen.draw(&Rectangle::new([(x0, bottom - 60), (x1, bottom)], ink))?;
                    }
                }
            }
        }
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], Ink::new(Role::Zero).stroke()))?;
        area.present()
    };
    let drawn = draw();
    debug_assert!(drawn.is_ok(), "drawing into a string failed");
    let tops = c.pairs.iter().map(|p| y_of(p.first.unwrap_or(0).max(p.second.unwrap_or(0)).max(0))).collect();
    drop((plot, area));
    let geometry = Geometry {
        width: size.width,
        height: size.height,
        left,
        right,
        top,
        bottom,
        zero: bottom,
        slots,
        per_mark: 1,
        tops,
    };
    (svg, geometry)
}
