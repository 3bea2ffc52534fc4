//! Charts: the same code draws them on the server into the page and in the browser when something changes.
//!
//! plotters does the drawing through a backend of our own (`svg`): classes instead of colours, so that themes, print and
//! forced colours are the style sheet's business; no `style` attribute, so that a strict policy holds; fixed text metrics and
//! tenths of a pixel, so that both builds give the same picture to the byte.
//!
//! A chart comes with what a person who does not see it needs: one sentence and a table of everything that is drawn.

pub mod bars;
pub mod compare;
pub mod geometry;
pub mod heat;
pub mod history;
mod ink;
mod labels;
mod metrics;
pub mod strip;
mod svg;
pub mod ticks;
pub mod trend;
pub mod usage;
pub mod waterfall;

use serde::{Deserialize, Serialize};

pub use geometry::Geometry;
pub use labels::{Anchor, XLabel};

/// What a chart gives to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// The picture, one `<svg>` element.
    pub svg: String,
    /// Where things are in it, for the overlay.
    pub geometry: Geometry,
    /// What is drawn, as text.
    pub table: Table,
    /// What it shows, in a sentence or two.
    pub summary: String,
}

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Column heads; the first column names the row.
    pub head: Vec<String>,
    /// Rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// As a `<table>` element; `link` may give a row's first cell an address.
    #[must_use]
    pub fn to_html(&self, caption: &str, link: impl Fn(usize) -> Option<String>) -> String {
        let mut out = String::with_capacity(200 + self.rows.len() * 40 * self.head.len());
        out.push_str("<table><caption>");
        svg::escape(&mut out, caption);
        out.push_str("</caption><thead><tr>");
        for head in &self.head {
            out.push_str("<th scope=\"col\">");
            svg::escape(&mut out, head);
            out.push_str("</th>");
        }
        out.push_str("</tr></thead><tbody>");
        for (i, row) in self.rows.iter().enumerate() {
            out.push_str("<tr>");
            for (column, cell) in row.iter().enumerate() {
                out.push_str(if column == 0 { "<th scope=\"row\">" } else { "<td>" });
                let address = if column == 0 { link(i) } else { None };
                if let Some(address) = &address {
                    out.push_str("<a href=\"");
                    svg::escape(&mut out, address);
                    out.push_str("\">");
                }
                svg::escape(&mut out, cell);
                out.push_str(if address.is_some() { "</a>" } else { "" });
                out.push_str(if column == 0 { "</th>" } else { "</td>" });
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table>");
        out
    }
}

/// The size of a picture in CSS pixels: its `viewBox`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

impl Size {
    /// What the server draws for phones: shown where the chart has less than 640 px.
    pub const NARROW: Self = Self { width: 400, height: 280 };
    /// What the server draws for everything wider.
    pub const WIDE: Self = Self { width: 900, height: 330 };

    /// A size that a picture can be drawn in: not smaller than a label, not larger than a wall.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self { width: self.width.clamp(160, 4_000), height: self.height.clamp(120, 2_000) }
    }
}
