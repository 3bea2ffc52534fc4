//! A CSV file with a header as named fields.

use std::io::Read;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};

/// A line that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineError {
    /// From 1; the header is line 1.
    pub line: u64,
    /// What is wrong and what would be right.
    pub message: String,
}

pub(super) struct Table {
    columns: &'static [&'static str],
    /// Where each column of ours stands in the file.
    places: Vec<usize>,
    records: Vec<Result<csv::StringRecord, LineError>>,
}

impl Table {
    /// Reads the whole file (master data of a city are a few megabytes).
    pub fn read(file: impl Read, columns: &'static [&'static str]) -> Result<Self, LineError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let fault =
            |e: csv::Error| LineError { line: e.position().map_or(1, csv::Position::line), message: e.to_string() };
        let header = reader.headers().map_err(fault)?.clone();
        let header: Vec<&str> = header.iter().map(|h| h.trim_start_matches('\u{feff}')).collect();
        let places: Option<Vec<usize>> = columns.iter().map(|c| header.iter().position(|h| h == c)).collect();
        let Some(places) = places else {
            let missing: Vec<&str> = columns.iter().copied().filter(|c| !header.contains(c)).collect();
            let message = format!("the header lacks {}; it should be: {}", missing.join(", "), columns.join(","));
            return Err(LineError { line: 1, message });
        };
        if let Some(other) = header.iter().find(|h| !columns.contains(h)) {
            let message = format!("there is no column `{other}`; the header should be: {}", columns.join(","));
            return Err(LineError { line: 1, message });
        }
        let records = reader.records().map(|r| r.map_err(fault)).collect();
        Ok(Self { columns, places, records })
    }

    pub fn lines(&self) -> impl Iterator<Item = Result<Line<'_>, LineError>> {
        self.records.iter().map(|record| match record {
            Ok(record) => Ok(Line { table: self, record, number: record.position().map_or(0, csv::Position::line) }),
            Err(error) => Err(error.clone()),
        })
    }
}

pub(super) struct Line<'t> {
    table: &'t Table,
    record: &'t csv::StringRecord,
    /// From 1.
    pub number: u64,
}

impl<'t> Line<'t> {
    /// A field as text, empty where nothing stands.
    pub fn text(&self, column: &str) -> &'t str {
        let at = self.table.columns.iter().position(|c| *c == column);
        at.and_then(|i| self.record.get(self.table.places[i])).unwrap_or("")
    }

    /// A field that must not be empty.
    pub fn required(&self, column: &str) -> Result<&'t str, String> {
        match self.text(column) {
            "" => Err(format!("`{column}` is empty")),
            text => Ok(text),
        }
    }

    /// A number or another thing with a plain form.
    pub fn parsed<T: FromStr>(&self, column: &str, like: &str) -> Result<T, String> {
        let text = self.required(column)?;
        text.parse().map_err(|_| format!("`{column}` is `{text}`; it should be like {like}"))
    }

    /// A word of a fixed list.
    pub fn word<T: DeserializeOwned>(&self, column: &str, words: &str) -> Result<T, String> {
        let text = self.required(column)?;
        T::deserialize(StrDeserializer::<Error>::new(text))
            .map_err(|_| format!("`{column}` is `{text}`; it should be one of {words}"))
    }

    /// An instant with its offset, such as `2024-10-01T00:00:00-07:00`.
    pub fn instant(&self, column: &str) -> Result<DateTime<Utc>, String> {
        let text = self.required(column)?;
        DateTime::parse_from_rfc3339(text)
            .map(|t| t.to_utc())
            .map_err(|_| format!("`{column}` is `{text}`; it should be like 2024-10-01T00:00:00-07:00"))
    }

    /// An instant, or nothing.
    pub fn instant_or_none(&self, column: &str) -> Result<Option<DateTime<Utc>>, String> {
        if self.text(column).is_empty() { Ok(None) } else { self.instant(column).map(Some) }
    }

    /// A date, or nothing.
    pub fn date_or_none(&self, column: &str) -> Result<Option<NaiveDate>, String> {
        if self.text(column).is_empty() { Ok(None) } else { self.parsed(column, "2024-10-01").map(Some) }
    }
}
