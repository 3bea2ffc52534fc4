//! Looking after stored usage.

use std::fmt::Write as _;

use chrono::NaiveDate;
use clap::Subcommand;
use services::storage::{self, Dropped, Packed, Repacked, Shown};

use super::Program;

/// Shows what usage takes, packs it, gives up what is too old. Each may be stopped at any time and started again.
#[derive(Clone, Debug, Subcommand)]
pub enum Storage {
    /// Says what tables and indexes take, and how far usage is packed.
    Show,
    /// Packs usage by register in stretches of ten days; `serve` does it every night.
    Pack {
        /// Pack what ended before this day (by default five days ago).
        #[arg(long, value_name = "DAY")]
        before: Option<NaiveDate>,
    },
    /// Packs anew what an earlier version of the program packed otherwise.
    Repack,
    /// Gives up intervals before a day, at least three years ago. Dials and bills stay.
    Drop {
        /// The first day that is kept.
        #[arg(long, value_name = "DAY")]
        before: NaiveDate,
        /// Really do it.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs one of them.
pub async fn run(program: &Program, what: Storage) -> anyhow::Result<()> {
    let cx = program.existing().await?;
    match what {
        Storage::Show => program.say(&storage::show(&cx).await?, show)?,
        Storage::Pack { before } => program.say(&storage::pack(&cx, before).await?, packed)?,
        Storage::Repack => {
            let told = |rows: u64| {
                if rows.is_multiple_of(51_200) {
                    eprintln!("{rows} rows");
                }
            };
            program.say(&storage::repack(&cx, &told).await?, repacked)?;
        }
        Storage::Drop { before, yes } => {
            anyhow::ensure!(
                yes,
                "this gives up all intervals before {before} for good; make a backup and say it again with --yes"
            );
            program.say(&storage::drop_before(&cx, before).await?, dropped)?;
        }
    }
    cx.pool.close().await;
    Ok(())
}

fn show(s: &Shown) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("a string takes all");
    match s.open_from {
        Some(day) => line(format!("by day from {day} on, packed before")),
        None => line("everything is packed".to_owned()),
    }
    if let Some(day) = s.given_up_before {
        line(format!("nothing is kept before {day}"));
    }
    for (name, bytes) in &s.tables {
        line(format!("{bytes:>14}  {name}"));
    }
    out
}

fn packed(p: &Packed) -> String {
    format!("{} days packed into {} rows; the longest step took {} ms\n", p.days, p.rows, p.longest_step_ms)
}

fn repacked(r: &Repacked) -> String {
    format!("{} of {} rows are packed anew, {} bytes less\n", r.changed, r.rows, r.saved)
}

fn dropped(d: &Dropped) -> String {
    format!(
        "nothing is kept before {}: {} packed rows, {} days and {} changes were given up\n",
        d.before, d.rows, d.days, d.changes
    )
}
