//! Looking into usage files without a database: which channels they hold, how much, from when to when, and what is odd.

use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat};
use domain::calendar::Zone;
use domain::quantity::{Decimal, Direction, Unit};
use serde::Serialize;

use crate::block::IntakeError;
use crate::data::{ChannelData, Finding, Kind};
use crate::findings::Findings;
use crate::sniff::{Options, load};

/// What a file holds.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Its path as given.
    pub file: String,
    /// Its format; `unknown` where it cannot be read.
    pub format: &'static str,
    /// Its channels.
    pub channels: Vec<ChannelReport>,
    /// What is wrong or odd.
    pub problems: Vec<Finding>,
}

/// One channel of a file. Amounts are decimal strings in the unit named; what the file does not say is `unknown`.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelReport {
    /// The meter's name in the file.
    pub meter: String,
    /// `electricity`, `gas`, `water`.
    pub commodity: &'static str,
    /// `delivered`, `received`, `net`.
    pub direction: &'static str,
    /// `kWh`, `therm`, `gal`, `ft3`, `ccf`, `m3` …
    pub unit: String,
    /// What the values are.
    pub kind: Kind,
    /// The commonest length in seconds; 0 for a register.
    pub interval_seconds: u32,
    /// How many values.
    pub count: usize,
    /// How many starts.
    pub distinct_count: usize,
    /// The start of the first value, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The end of the last value, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// The sum of every value (register: last minus first); `unknown` where it is too large to be kept.
    pub total_raw: String,
    /// The sum with each start once (register: last minus first); `unknown` where it is too large to be kept.
    pub total: String,
    /// What it cost, where the file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// The currency of the cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<&'static str>,
}

/// Looks into files, one report each.
#[must_use]
pub fn run(paths: &[PathBuf], zone: Option<&Zone>) -> Vec<FileReport> {
    paths.iter().map(|path| file(path, zone)).collect()
}

fn file(path: &Path, zone: Option<&Zone>) -> FileReport {
    let options = Options { zone: zone.cloned().unwrap_or_else(Zone::utc), limit: None };
    let mut report =
        FileReport { file: path.display().to_string(), format: "unknown", channels: Vec::new(), problems: Vec::new() };
    let problem = |code, message| Finding { line: None, code, message, record: String::new() };
    let opened = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            report.problems.push(problem("not-opened", format!("cannot be opened: {error}")));
            return report;
        }
    };
    match load(opened, &options) {
        Ok(loaded) => {
            report.format = loaded.format;
            report.problems = loaded.findings;
            if zone.is_none()
                && (loaded.format == "cmep" || loaded.format.starts_with("csv-"))
                && loaded.format != "csv-plain"
            {
                report.problems.push(problem(
                    "zone-unknown",
                    "the file's times are local and it does not say where; they were read as UTC (say --zone)"
                        .to_owned(),
                ));
            }
            let mut of_channels = Findings::default();
            for channel in &loaded.channels {
                for f in channel.findings() {
                    of_channels.add(f.line, f.code, || f.message);
                }
                report.channels.push(channel_report(channel));
            }
            report.problems.extend(of_channels.into_vec());
        }
        Err(error) => {
            let (line, message) = match error {
                IntakeError::Line { line, message } => (Some(line), message),
                other => (None, other.to_string()),
            };
            report.problems.push(Finding { line, code: "refused", message, record: String::new() });
        }
    }
    report
}

fn channel_report(channel: &ChannelData) -> ChannelReport {
    let totals = channel.totals();
    let at = |s: i64| DateTime::from_timestamp(s, 0).map(|t| t.to_rfc3339_opts(SecondsFormat::Secs, true));
    let unknown = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
    ChannelReport {
        meter: unknown(&channel.meter),
        commodity: channel.commodity.map_or("unknown", domain::quantity::Commodity::slug),
        direction: match channel.direction {
            Some(Direction::Delivered) => "delivered",
            Some(Direction::Received) => "received",
            Some(Direction::Net) => "net",
            None => "unknown",
        },
        unit: channel.unit.map_or_else(|| unknown(&channel.unit_text), |u| code(u).to_owned()),
        kind: channel.kind,
        interval_seconds: totals.seconds,
        count: totals.count,
        distinct_count: totals.distinct,
        first: totals.span.and_then(|s| at(s.0)),
        last: totals.span.and_then(|s| at(s.1)),
        total_raw: totals.raw.map_or_else(|| unknown(""), |t| t.to_string()),
        total: totals.total.map_or_else(|| unknown(""), |t| t.to_string()),
        cost: totals.cost.map(|c| Decimal::new(c, -5).to_string()),
        currency: totals.cost.and(channel.currency),
    }
}

const fn code(unit: Unit) -> &'static str {
    match unit {
        Unit::CubicFoot => "ft3",
        Unit::Ccf => "ccf",
        Unit::CubicMetre => "m3",
        other => other.symbol(),
    }
}

/// The reports as people read them.
#[must_use]
pub fn text(reports: &[FileReport]) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for r in reports {
        writeln!(out, "{} ({})", r.file, r.format).expect("a string takes all");
        for c in &r.channels {
            let span =
                c.first.as_deref().zip(c.last.as_deref()).map(|(a, b)| format!("{a} to {b}")).unwrap_or_default();
            let values = match c.kind {
                Kind::Register => format!("{} reads", c.distinct_count),
                Kind::Interval | Kind::Period => format!("{} values of {} s", c.distinct_count, c.interval_seconds),
            };
            writeln!(
                out,
                "  {} {} · {} · {values} · {} {} · {span}",
                c.commodity, c.direction, c.meter, c.total, c.unit
            )
            .expect("a string takes all");
            if let (Some(cost), Some(currency)) = (&c.cost, c.currency) {
                writeln!(out, "    cost {cost} {currency}").expect("a string takes all");
            }
        }
        for p in &r.problems {
            let line = p.line.map(|l| format!("line {l}: ")).unwrap_or_default();
            writeln!(out, "  ! {line}{} ({})", p.message, p.code).expect("a string takes all");
        }
    }
    out
}
