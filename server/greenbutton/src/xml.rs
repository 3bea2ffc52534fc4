//! Elements as text: indented by one blank a level, so that a file can be read and compared, and no larger than it must be.

use std::fmt::{self, Display};
use std::io::{self, Write};

use quick_xml::escape::escape;

/// Text as XML can hold it: control characters, which no escape makes legal, become blanks.
pub(crate) struct Text<'a>(pub &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let legal = |c: char| !matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
        let clean: String = self.0.chars().map(|c| if legal(c) { c } else { ' ' }).collect();
        f.write_str(&escape(&clean))
    }
}

/// At most 256 characters, which is the standard's longest text.
pub(crate) fn short(text: &str) -> &str {
    text.char_indices().nth(256).map_or(text, |(i, _)| &text[..i])
}

/// The names of open elements, and where they are written to.
#[derive(Debug)]
pub(crate) struct Xml<W> {
    pub(crate) out: W,
    open: Vec<&'static str>,
}

impl<W: Write> Xml<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self { out, open: Vec::new() }
    }

    fn indent(&mut self) -> io::Result<()> {
        for _ in &self.open {
            self.out.write_all(b" ")?;
        }
        Ok(())
    }

    /// Opens an element; `attributes` begin with a blank, or are empty.
    pub(crate) fn open(&mut self, name: &'static str, attributes: &str) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "<{name}{attributes}>")?;
        self.open.push(name);
        Ok(())
    }

    /// Closes the element that was opened last.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        let Some(name) = self.open.pop() else { return Ok(()) };
        self.indent()?;
        writeln!(self.out, "</{name}>")
    }

    /// An element with a value in it that needs no escapes.
    pub(crate) fn leaf(&mut self, name: &str, value: impl Display) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "<{name}>{value}</{name}>")
    }

    /// A link of Atom.
    pub(crate) fn link(&mut self, rel: &str, href: &str) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "<link rel=\"{rel}\" href=\"{}\"/>", Text(href))
    }

    /// A line as it is.
    pub(crate) fn line(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.indent()?;
        self.out.write_fmt(text)?;
        self.out.write_all(b"\n")
    }
}
