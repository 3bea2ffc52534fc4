//! Many bills in one file, as a printer takes them.

use locales::{Lang, paper as say};

use crate::Unprintable;
use crate::bill::{BillPaper, lay_out};
use crate::sheet::Sheet;
use crate::write::{About, write};

/// Bills that are printed one after the other. Memory grows with the number of pages: a caller makes several files of some hundred
/// bills each.
#[derive(Default)]
pub struct Batch {
    sheets: Vec<Sheet>,
    pages: usize,
}

impl Batch {
    /// A file without bills.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a bill. Answers the number of its first page in the file, from 1, and how many it has.
    pub fn add(&mut self, paper: &BillPaper<'_>) -> (usize, usize) {
        let sheet = lay_out(Lang::En, paper);
        let (first, pages) = (self.pages + 1, sheet.pages.len());
        self.pages += pages;
        self.sheets.push(sheet);
        (first, pages)
    }

    /// How many bills it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sheets.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sheets.is_empty()
    }

    /// The file.
    ///
    /// # Errors
    /// If the layout breaks a rule of PDF/UA-1, which is a defect; or if there is no bill in it.
    pub fn finish(self, utility: &str) -> Result<Vec<u8>, Unprintable> {
        let lang = Lang::En;
        let title = say::batch_title(lang, self.sheets.len());
        write(&self.sheets, &About { title, author: utility.to_owned(), lang: lang.tag() })
    }
}
