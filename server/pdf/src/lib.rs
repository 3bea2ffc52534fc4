//! Bills as accessible PDF: PDF/UA-1, with every text in the structure tree, embedded fonts, and no clock, so that the same bill
//! is the same bytes.
//!
//! A document is laid out first (`sheet`), as pages of shapes and a tree that says what they are, and written afterwards
//! (`write`), when the number of pages is known.

mod batch;
mod bill;
mod figure;
mod fonts;
mod history;
mod scan;
mod sheet;
mod table;
mod write;

#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use bill::{BillPaper, bill};
pub use scan::scan_line;

/// The sizes of paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paper {
    /// 8.5 by 11 inches.
    #[default]
    Letter,
    /// 210 by 297 millimetres.
    A4,
}

impl Paper {
    /// Width and height in points.
    #[must_use]
    pub const fn points(self) -> (f32, f32) {
        match self {
            Self::Letter => (612.0, 792.0),
            Self::A4 => (595.0, 842.0),
        }
    }
}

/// Why no PDF could be made: a defect of the layout, such as a figure without a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the PDF could not be made: {0}")]
pub struct Unprintable(pub(crate) String);
