//! What a careful reader points out in a file, kept within bounds: a file of nothing but faults must not fill the memory.

use std::collections::BTreeMap;

/// Something in a file that a careful reader points out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Where, from 1, if it is in one place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// A word for the kind of finding.
    pub code: &'static str,
    /// What was found and, where something is wrong, what would be right.
    pub message: String,
    /// What is refused, so that it can be read alone; empty for a remark.
    #[serde(skip)]
    pub record: String,
}

/// So many findings are kept in full; the first of each code always is.
pub const MOST: usize = 200;

/// Collects findings; those beyond [`MOST`] are counted by code.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    rest: BTreeMap<&'static str, u64>,
}

impl Findings {
    /// Adds a finding; its message is only made if it is kept.
    pub fn add(&mut self, line: Option<u64>, code: &'static str, message: impl FnOnce() -> String) {
        if self.kept.len() < MOST || self.is_new(code) {
            self.kept.push(Finding { line, code, message: shortened(message()), record: String::new() });
        } else {
            *self.rest.entry(code).or_default() += 1;
        }
    }

    /// Adds a finding about a record that is refused, with what is to be kept of it.
    pub fn refuse(&mut self, line: Option<u64>, code: &'static str, message: String, record: impl FnOnce() -> String) {
        let before = self.kept.len();
        self.add(line, code, || message);
        if let Some(kept) = self.kept.get_mut(before) {
            kept.record = record();
        }
    }

    /// Whether no more findings are kept in full.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.kept.len() >= MOST
    }

    /// Adds a finding that says all there is to say the first time.
    pub fn once(&mut self, code: &'static str, message: &str) {
        if self.is_new(code) {
            self.kept.push(Finding { line: None, code, message: message.to_owned(), record: String::new() });
        }
    }

    fn is_new(&self, code: &'static str) -> bool {
        !self.rest.contains_key(code) && !self.kept.iter().any(|f| f.code == code)
    }

    /// The findings, and how many of each code were not kept.
    #[must_use]
    pub fn into_vec(self) -> Vec<Finding> {
        let Self { mut kept, rest } = self;
        kept.extend(rest.into_iter().map(|(code, n)| Finding {
            line: None,
            code,
            message: format!("{n} more findings of this kind are not listed"),
            record: String::new(),
        }));
        kept
    }
}

/// A message may quote the file, which may hold anything: so many characters of it are kept.
fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(400) {
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_without_end_are_counted() {
        let mut findings = Findings::default();
        for n in 0..1_000_000 {
            findings.add(Some(n), "row", || format!("row {n}"));
        }
        findings.add(None, "other", || "the first of its kind".to_owned());
        findings.once("other", "again");
        findings.add(None, "long", || "ä".repeat(1_000_000));
        let found = findings.into_vec();
        assert_eq!(found.len(), MOST + 3);
        assert_eq!(found[MOST + 1].message.chars().count(), 401);
        assert_eq!(found[MOST].message, "the first of its kind");
        assert_eq!(found[MOST + 2].message, "999800 more findings of this kind are not listed");
    }
}
