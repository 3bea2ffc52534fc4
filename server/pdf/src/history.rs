//! The use of a year, bill by bill, on paper: the page's picture with its sentence.

use charts::Size;
use charts::history::History;
use locales::{Lang, paper as say};

use crate::figure::{self, Placed};
use crate::sheet::{EDGE, Role, Sheet, Style};

/// How high the picture is, in points.
pub(crate) const HEIGHT: f32 = 96.0;
/// Points for each pixel of the picture: letters of 13 px come out a little smaller than running text.
const SCALE: f32 = 0.58;

/// The picture and its sentence, across the page.
pub(crate) fn draw(history: &History<'_>, lang: Lang, s: &mut Sheet) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a page is some hundred points")]
    let size = Size { width: (s.width() / SCALE) as u32, height: (HEIGHT / SCALE) as u32 };
    let svg = history.svg(lang, "history", size);
    s.gap(3.0);
    s.paragraph(&say::history_caption(lang, history.now(lang), history.title(lang)), Style::BESIDE);
    s.need(HEIGHT);
    let at = Placed { x: EDGE, y: s.y, scale: SCALE, strong: Some(history.own()) };
    let shapes = figure::shapes(&svg, at, &s.faces);
    s.under(Role::Figure(history.alt(lang)), |s| s.picture(shapes));
    s.gap(HEIGHT);
}
