//! Stored usage: every invariant that a defect or a damaged disk could break, read again from the rows.

use domain::ids::RegisterId;
use domain::metering::day::DayBlock;

use super::Checked;
use super::reads::reads;
use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Verifies stored usage.
    pub STORAGE = "check.storage", Read, System
);

/// Changes per step, so that memory does not grow with the database.
const PAGE: i64 = 4096;
/// Registers per step.
const REGISTERS: i64 = 16;

/// Verifies stored usage: every block decodes, its sum is the stored sum, its start lies within two days of its day
/// (zones reach no farther), the version counts the corrections in the history, the history's own blocks decode, and
/// every change follows from the one before. A day is stored in one place, of a register and from a delivery that are
/// there, and where readers look for it. What dials said is what they can show, and so is what it took the place of.
///
/// # Errors
/// If the database fails.
pub async fn storage(cx: &Cx, who: &Principal) -> Result<Checked, Fault> {
    let mut faults = Vec::new();
    let (mut days, mut packed, mut changes) = (0, 0, 0);
    let mut work = cx.begin(&STORAGE, who).await?;
    let lost = store::proving::lost(&mut work.tx).await?;
    if lost > 0 {
        faults.push(format!("{lost} rows of usage lie where no reader looks, or belong to no register"));
    }
    let deliveries = store::proving::deliveries(&mut work.tx).await?;
    let mut after = RegisterId(i64::MIN);
    while let Some(page) = store::proving::days_behind(&mut work.tx, after, REGISTERS).await? {
        after = page.through;
        days += i64::try_from(page.days.len()).unwrap_or(0);
        packed += i64::try_from(page.packed).unwrap_or(0);
        faults.extend(page.faults);
        for row in &page.days {
            block(&mut faults, row.register, row.day, row.sum, &row.block);
            if row.version != row.corrections {
                faults.push(format!(
                    "{}: version {}, but {} corrections in the history",
                    place(row.register, row.day),
                    row.version,
                    row.corrections
                ));
            }
            if deliveries.binary_search(&row.delivery).is_err() {
                faults.push(format!("{}: delivery {} is not there", place(row.register, row.day), row.delivery.0));
            }
        }
    }
    let mut after = (RegisterId(i64::MIN), i64::MIN, i64::MIN);
    let mut previous: Option<(RegisterId, i64, i64)> = None;
    loop {
        let page = store::proving::all_changes(&mut work.tx, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = (last.register, last.day, last.number);
        changes += i64::try_from(page.len()).unwrap_or(0);
        for row in &page {
            block(&mut faults, row.register, row.day, row.sum, &row.block);
            let follows = match previous {
                Some((register, day, number)) if (register, day) == (row.register, row.day) => number + 1,
                _ => 1,
            };
            if row.number != follows {
                faults.push(format!("{}: change {} where {follows} was due", place(row.register, row.day), row.number));
            }
            previous = Some((row.register, row.day, row.number));
        }
    }
    let read = reads(&mut work, &deliveries, &mut faults).await?;
    let counts =
        [("usage days", days), ("of them packed", packed), ("usage changes", changes), ("readings of dials", read)];
    Ok(Checked { counts: counts.map(|(what, n)| (what.to_owned(), n)).into(), faults })
}

fn place(register: RegisterId, day: i64) -> String {
    match store::usage::day_of_number(day) {
        Ok(date) => format!("register {}, {date}", register.0),
        Err(_) => format!("register {}, day {day}", register.0),
    }
}

fn block(faults: &mut Vec<String>, register: RegisterId, day: i64, sum: i64, bytes: &[u8]) {
    let mut report = |what: String| faults.push(format!("{}: {what}", place(register, day)));
    match DayBlock::decode(bytes) {
        Err(error) => report(error.to_string()),
        Ok(block) => {
            if block.sum() != sum {
                report(format!("the values add up to {}, the stored sum is {sum}", block.sum()));
            }
            if (block.start().timestamp().div_euclid(86_400) - day).abs() > 1 {
                report(format!("the block begins at {}", block.start()));
            }
        }
    }
}
