//! Lines of a stream, with a limit: a file without line ends must not fill the memory.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line that is read: some ten thousand values.
const LONGEST: usize = 1 << 20;

/// One line after the other, without their ends.
pub(super) struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    number: u64,
}

/// A line, or what there was instead.
pub(super) enum Line<'a> {
    /// Its number, from 1, and its bytes.
    Whole(u64, &'a [u8]),
    /// Longer than any record can be; what was kept of it.
    TooLong(u64, &'a [u8]),
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source: BufReader::with_capacity(1 << 18, source), line: Vec::new(), number: 0 }
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut too_long = false;
        let mut any = false;
        loop {
            let buffer = match self.source.fill_buf() {
                Ok(buffer) => buffer,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = buffer.iter().position(|b| *b == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            if self.line.len() + part.len() > LONGEST {
                too_long = true;
                if self.line.len() < 256 {
                    self.line.extend(part.iter().take(256));
                }
            } else {
                self.line.extend_from_slice(part);
            }
            let used = end.map_or(buffer.len(), |e| e + 1);
            self.source.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        Ok(Some(if too_long {
            Line::TooLong(self.number, &line[..line.len().min(256)])
        } else {
            Line::Whole(self.number, line)
        }))
    }
}
