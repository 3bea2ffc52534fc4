//! Master data from elsewhere: premises with their service points, meters with their registers, accounts with their
//! agreements; and the weather. Plain CSV with a header; `docs/import.md` lists the columns. All or nothing: a file with one bad line changes
//! nothing, and every bad line is named. What is there already stays; the same file twice changes nothing.

mod accounts;
mod meters;
mod premises;
mod table;
mod weather;

use std::io::Read;

use serde::Serialize;

use crate::{Cx, Fault, Principal, Work, use_case};

pub use table::LineError;
use table::{Line, Table};

use_case!(
    /// Loads master data.
    pub IMPORT = "import.load", Write, System
);

/// What a file lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Addresses and their service points.
    Premises,
    /// Meters, their registers and where they are installed.
    Meters,
    /// Accounts, who holds them, and their service agreements.
    Accounts,
    /// Outdoor temperatures by day.
    Weather,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Lines that brought something new.
    pub added: u64,
    /// Lines that changed something.
    pub changed: u64,
    /// Lines that were known already.
    pub unchanged: u64,
    /// Lines that cannot be taken; if there are any, nothing was changed.
    pub refused: Vec<LineError>,
    /// Whether this was a trial without effect.
    pub dry_run: bool,
    /// Readings that had waited for a meter of this file and have flowed in.
    pub released: i64,
}

/// What one line came to.
enum Effect {
    Added,
    Changed,
    Unchanged,
}

/// Loads a file.
///
/// # Errors
/// If the database fails or the file cannot be read; bad lines are in the answer.
pub async fn load(cx: &Cx, subject: Subject, file: impl Read, dry_run: bool) -> Result<Imported, Fault> {
    let mut done = Imported { dry_run, ..Imported::default() };
    let table = match Table::read(file, columns(subject)) {
        Ok(table) => table,
        Err(error) => {
            done.refused.push(error);
            return Ok(done);
        }
    };
    let mut work = cx.begin(&IMPORT, &Principal::System).await?;
    for line in table.lines() {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                done.refused.push(error);
                continue;
            }
        };
        match take(&mut work, subject, &line).await? {
            Ok(Effect::Added) => done.added += 1,
            Ok(Effect::Changed) => done.changed += 1,
            Ok(Effect::Unchanged) => done.unchanged += 1,
            Err(message) => done.refused.push(LineError { line: line.number, message }),
        }
    }
    if !dry_run && done.refused.is_empty() {
        work.audit(None, &serde_json::json!({ "subject": subject, "added": done.added, "changed": done.changed }))
            .await?;
        work.commit().await?;
        if subject == Subject::Meters && done.added > 0 {
            done.released = crate::ingest::release(cx).await?;
        }
    }
    Ok(done)
}

fn columns(subject: Subject) -> &'static [&'static str] {
    match subject {
        Subject::Premises => premises::COLUMNS,
        Subject::Meters => meters::COLUMNS,
        Subject::Accounts => accounts::COLUMNS,
        Subject::Weather => weather::COLUMNS,
    }
}

/// The inner result is the file's fault and names it; the outer one is ours.
async fn take(work: &mut Work, subject: Subject, line: &Line<'_>) -> Result<Result<Effect, String>, Fault> {
    match subject {
        Subject::Premises => premises::take(work, line).await,
        Subject::Meters => meters::take(work, line).await,
        Subject::Accounts => accounts::take(work, line).await,
        Subject::Weather => weather::take(work, line).await,
    }
}

/// Ends a line's intake with what is wrong with it.
macro_rules! or_refuse {
    ($value:expr) => {
        match $value {
            Ok(value) => value,
            Err(message) => return Ok(Err(message)),
        }
    };
}
use or_refuse;
