//! Charts on paper: the picture that the `charts` crate draws for pages, its classes resolved to colours.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::fonts::Faces;
use crate::sheet::{GREY, Ink, RULE, Shape};

/// The size of letters in a chart's own pixels.
const LETTERS: f32 = 13.0;

/// What was used.
const USE: Ink = [150, 176, 196];
/// The bar that a chart is about.
const STRONG: Ink = [22, 78, 120];

/// A picture: where its upper left corner goes, how many points a pixel of it has, and which bar it is about.
#[derive(Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) scale: f32,
    pub(crate) strong: Option<usize>,
}

/// The shapes of an `<svg>` of the `charts` crate: rectangles, lines and letters in groups that carry classes. Anything else in it
/// is left out.
pub(crate) fn shapes(svg: &str, at: Placed, faces: &Faces) -> Vec<Shape> {
    let mut reader = Reader::from_str(svg);
    let (mut class, mut out) = (String::new(), Vec::new());
    let mut writing: Option<(f32, f32, String)> = None;
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(e)) if e.name().as_ref() == b"g" => class = attribute(&e, "class").unwrap_or_default(),
            Ok(Event::Start(e)) if e.name().as_ref() == b"text" => {
                let anchor = attribute(&e, "text-anchor").unwrap_or_default();
                writing = Some((length(&e, "x"), length(&e, "y"), anchor));
                text.clear();
            }
            Ok(Event::Text(t)) if writing.is_some() => text.push_str(&t.decode().unwrap_or_default()),
            Ok(Event::GeneralRef(r)) if writing.is_some() => {
                let name = r.decode().unwrap_or_default();
                text.push_str(quick_xml::escape::resolve_predefined_entity(&name).unwrap_or(" "));
            }
            Ok(Event::End(e)) if e.name().as_ref() == b"text" => {
                if let Some((x, y, anchor)) = writing.take() {
                    out.push(letters(&at, faces, (x, y, &anchor), &text));
                }
            }
            Ok(Event::Empty(e)) => out.extend(mark(&at, &class, &e)),
            Ok(Event::Eof) | Err(_) => return out,
            Ok(_) => {}
        }
    }
}

fn letters(at: &Placed, faces: &Faces, (x, y, anchor): (f32, f32, &str), text: &str) -> Shape {
    let size = LETTERS * at.scale;
    let text = faces.drawable(text);
    let wide = faces.width(&text, size, false);
    let left = match anchor {
        "middle" => wide / 2.0,
        "end" => wide,
        _ => 0.0,
    };
    Shape::Text { x: at.x + x * at.scale - left, y: at.y + y * at.scale, size, bold: false, ink: GREY, text }
}

fn mark(at: &Placed, class: &str, e: &BytesStart<'_>) -> Option<Shape> {
    let place = |x: f32, y: f32| (at.x + x * at.scale, at.y + y * at.scale);
    match e.name().as_ref() {
        b"rect" if class.starts_with("mark") => {
            let strong = at.strong.is_some() && attribute(e, "data-i").and_then(|i| i.parse().ok()) == at.strong;
            let size = (length(e, "width") * at.scale, length(e, "height") * at.scale);
            Some(Shape::Bar {
                corner: place(length(e, "x"), length(e, "y")),
                size,
                ink: if strong { STRONG } else { USE },
            })
        }
        b"polyline" => {
            let ink = match class {
                "grid" => RULE,
                "zero" | "tick" => GREY,
                _ => return None,
            };
            let points = attribute(e, "points")?;
            let mut points = points.split(' ').filter_map(|p| {
                let (x, y) = p.split_once(',')?;
                Some(place(x.parse().ok()?, y.parse().ok()?))
            });
            Some(Shape::Line { from: points.next()?, to: points.next_back()?, ink, dashed: false })
        }
        _ => None,
    }
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = e.try_get_attribute(name).ok().flatten()?;
    Some(String::from_utf8_lossy(&found.value).into_owned())
}

fn length(e: &BytesStart<'_>, name: &str) -> f32 {
    attribute(e, name).and_then(|v| v.parse().ok()).unwrap_or(0.0)
}
