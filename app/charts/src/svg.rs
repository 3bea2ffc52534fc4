//! The drawing backend: plotters' shapes become SVG elements in groups that carry classes. Coordinates are tenths of a pixel.

use std::convert::Infallible;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use crate::Size;
use crate::ink::{Ink, NO_INDEX, Role};
use crate::metrics;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Collects an `<svg>` element.
pub(crate) struct Svg<'a> {
    out: &'a mut String,
    id: &'a str,
    size: Size,
    group: Option<Ink>,
}

/// What stands at the head of the picture.
pub(crate) struct Head<'a> {
    /// Unique in the page; the ids inside start with it.
    pub(crate) id: &'a str,
    /// Classes beside `chart`.
    pub(crate) class: &'a str,
    pub(crate) title: &'a str,
    pub(crate) desc: &'a str,
    pub(crate) size: Size,
    /// Whether estimated marks are hatched.
    pub(crate) hatch: bool,
}

impl<'a> Svg<'a> {
    /// Writes the head of the picture.
    pub(crate) fn begin(out: &'a mut String, head: &Head<'a>) -> Self {
        let id = head.id;
        let mut n = |text: &[&str]| text.iter().for_each(|t| out.push_str(t));
        n(&["<svg class=\"chart ", head.class, "\" viewBox=\"0 0 "]);
        put_number(out, i64::from(head.size.width));
        out.push(' ');
        put_number(out, i64::from(head.size.height));
        let mut n = |text: &[&str]| text.iter().for_each(|t| out.push_str(t));
        n(&["\" role=\"img\" aria-labelledby=\"", id, "-t ", id, "-d\"><title id=\"", id, "-t\">"]);
        escape(out, head.title);
        let mut n = |text: &[&str]| text.iter().for_each(|t| out.push_str(t));
        n(&["</title><desc id=\"", id, "-d\">"]);
        escape(out, head.desc);
        out.push_str("</desc>");
        if head.hatch {
            out.push_str("<defs>");
            for name in ["use", "back"] {
                let mut n = |text: &[&str]| text.iter().for_each(|t| out.push_str(t));
                n(&["<pattern id=\"", id, "-", name, "\" class=\"hatch ", name, "\" width=\"5\" height=\"5\" "]);
                n(&[
                    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"5\" height=\"5\"/>",
                ]);
                n(&["<path d=\"M1 0V5\"/></pattern>"]);
            }
            out.push_str("</defs>");
        }
        Self { out, id, size: head.size, group: None }
    }

    /// Closes the picture.
    fn end(&mut self) {
        if self.group.take().is_some() {
            self.out.push_str("</g>");
        }
        self.out.push_str("</svg>");
    }

    fn enter(&mut self, color: BackendColor) -> u16 {
        let (ink, index) = Ink::read(color.rgb);
        if self.group != Some(ink) {
            if self.group.is_some() {
                self.out.push_str("</g>");
            }
            self.out.push_str("<g class=\"");
            ink.write_class(self.out);
            self.out.push('"');
            if ink.is_estimated() {
                self.put(&[" fill=\"url(#", self.id, if ink.role() == Role::Back { "-back" } else { "-use" }, ")\""]);
            }
            self.out.push('>');
            self.group = Some(ink);
        }
        index
    }

    fn put(&mut self, texts: &[&str]) {
        texts.iter().for_each(|t| self.out.push_str(t));
    }

    fn attribute(&mut self, name: &str, tenths: i32) {
        self.put(&[" ", name, "=\""]);
        put_tenths(self.out, tenths);
        self.out.push('"');
    }

    fn points(&mut self, name: &str, attribute: &str, points: impl IntoIterator<Item = BackendCoord>) {
        self.put(&["<", name, " ", attribute, "=\""]);
        for (i, (x, y)) in points.into_iter().enumerate() {
            if i > 0 {
                self.out.push(' ');
            }
            put_tenths(self.out, x);
            self.out.push(',');
            put_tenths(self.out, y);
        }
        self.out.push_str("\"/>");
    }
}

impl DrawingBackend for Svg<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.size.width * 10, self.size.height * 10)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        self.end();
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 10, point.1 + 10), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let index = self.enter(style.color());
        self.out.push_str("<rect");
        if index != NO_INDEX {
            self.out.push_str(" data-i=\"");
            put_number(self.out, i64::from(index));
            self.out.push('"');
        }
        self.attribute("x", upper_left.0);
        self.attribute("y", upper_left.1);
        self.attribute("width", bottom_right.0 - upper_left.0);
        self.attribute("height", bottom_right.1 - upper_left.1);
        self.out.push_str("/>");
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.enter(style.color());
        self.points("polyline", "points", path);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, _fill: bool) -> Drawn {
        self.enter(style.color());
        self.out.push_str("<circle");
        self.attribute("cx", center.0);
        self.attribute("cy", center.1);
        self.attribute("r", i32::try_from(radius).unwrap_or(0));
        self.out.push_str("/>");
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        self.enter(style.color());
        self.points("polygon", "points", vert);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Drawn {
        self.enter(style.color());
        #[expect(clippy::cast_possible_truncation, reason = "text sizes are small whole numbers")]
        let size = style.size() as i32;
        let down = match style.anchor().v_pos {
            VPos::Top => size * 4 / 5,
            VPos::Center => size * 7 / 20,
            VPos::Bottom => -size / 5,
        };
        self.out.push_str("<text");
        self.attribute("x", pos.0);
        self.attribute("y", pos.1 + down);
        self.out.push_str(match style.anchor().h_pos {
            HPos::Left => ">",
            HPos::Center => " text-anchor=\"middle\">",
            HPos::Right => " text-anchor=\"end\">",
        });
        escape(self.out, text);
        self.out.push_str("</text>");
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "text sizes are small whole numbers"
        )]
        let size = style.size() as u32;
        Ok((metrics::width(text, size), size))
    }
}

/// Writes text so that it stays text.
pub(crate) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Other control characters are not allowed in XML at all.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}

/// Writes a whole number.
pub(crate) fn put_number(out: &mut String, value: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    digits[at..].iter().for_each(|d| out.push(char::from(*d)));
}

/// Writes tenths as a decimal number, without a trailing zero.
pub(crate) fn put_tenths(out: &mut String, tenths: i32) {
    if tenths < 0 {
        out.push('-');
    }
    let magnitude = tenths.unsigned_abs();
    put_number(out, i64::from(magnitude / 10));
    if !magnitude.is_multiple_of(10) {
        out.push('.');
        put_number(out, i64::from(magnitude % 10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_shortly() {
        let written = |t| {
            let mut out = String::new();
            put_tenths(&mut out, t);
            out
        };
        assert_eq!([0, 5, 10, 1_234, -25].map(written), ["0", "0.5", "1", "123.4", "-2.5"]);
    }

    #[test]
    fn text_stays_text() {
        let mut out = String::new();
        escape(&mut out, "<b a=\"1\">&'\u{1}</b>");
        assert_eq!(out, "&lt;b a=&quot;1&quot;&gt;&amp;&#39; &lt;/b&gt;");
    }
}
