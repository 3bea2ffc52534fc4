//! Bills for those who get them on paper: files for a printer and a list of what stands where.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use clap::Args;
use contract::AppError;
use serde::Serialize;
use services::billing::{self, printing};
use services::{Cx, Fault, Principal};

use super::Program;

/// How many bills are in one file: what a printer takes at once, and what fits into memory.
const BILLS_PER_FILE: usize = 500;

/// Prints the bills that go out on paper and were not printed yet.
#[derive(Debug, Args)]
pub struct Print {
    /// The last day of issue; a batch holds the bills of 31 days up to it.
    #[arg(long, required_unless_present = "batch", conflicts_with = "batch")]
    through: Option<NaiveDate>,
    /// The first day of issue.
    #[arg(long, requires = "through")]
    from: Option<NaiveDate>,
    /// Prints a batch again that was printed before.
    #[arg(long, value_name = "NUMBER")]
    batch: Option<i64>,
    /// A folder to make: bills-001.pdf and so on, and manifest.csv.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

/// What was printed.
#[derive(Debug, Serialize)]
struct Done {
    batch: i64,
    bills: usize,
    pages: i64,
    files: i64,
    folder: PathBuf,
}

/// Prints bills.
pub async fn print(program: &Program, cx: &Cx, args: &Print) -> anyhow::Result<()> {
    let folder = &args.output;
    if folder.exists() {
        bail!("{} is there already; name a folder that is to be made", folder.display());
    }
    let wanted: Vec<(domain::ids::BillId, String, String)> = match args.batch {
        Some(number) => {
            let found = printing::batch(cx, number).await.map_err(|fault| match fault {
                Fault::App(AppError::NotFound) => anyhow::anyhow!("there is no batch {number}"),
                other => anyhow::Error::new(other),
            })?;
            found.bills.into_iter().map(|b| (b.bill, b.account, b.number)).collect()
        }
        None => {
            let through = args.through.context("--through names the last day of issue")?;
            let found = printing::waiting(cx, args.from, through).await?;
            found.into_iter().map(|b| (b.bill, b.account, b.number)).collect()
        }
    };
    if wanted.is_empty() {
        return program.say(&serde_json::json!({ "bills": 0 }), |_| "no bill is to be printed".to_owned());
    }
    // Files take the folder's name once all of them are whole and it is kept which bills they hold.
    let begun = folder.with_extension("part");
    fs::create_dir_all(&begun).with_context(|| format!("cannot make {}", begun.display()))?;
    let printed = files(cx, &wanted, &begun).await?;
    let number = match (args.batch, args.through) {
        (Some(number), _) => number,
        (None, through) => {
            let through = through.context("--through names the last day of issue")?;
            printing::keep(cx, args.from, through, &printed).await.map_err(|fault| match fault {
                Fault::App(AppError::Changed) => {
                    anyhow::anyhow!(
                        "another batch holds one of these bills since; nothing was kept, {} may be deleted",
                        begun.display()
                    )
                }
                other => anyhow::Error::new(other),
            })?
        }
    };
    write(&begun.join("manifest.csv"), manifest(number, &printed).as_bytes())?;
    fs::rename(&begun, folder)
        .with_context(|| format!("batch {number} is whole in {}, which could not be renamed", begun.display()))?;
    let done = Done {
        batch: number,
        bills: printed.len(),
        pages: printed.iter().map(|p| p.pages).sum(),
        files: printed.last().map_or(0, |p| p.file),
        folder: folder.clone(),
    };
    program.say(&done, |d| {
        format!("batch {}: {} bills, {} pages, {} files in {}", d.batch, d.bills, d.pages, d.files, d.folder.display())
    })
}

/// Writes the files of a batch.
async fn files(
    cx: &Cx,
    wanted: &[(domain::ids::BillId, String, String)],
    folder: &Path,
) -> anyhow::Result<Vec<printing::Printed>> {
    let mut printed = Vec::with_capacity(wanted.len());
    for (file, bills) in (1..).zip(wanted.chunks(BILLS_PER_FILE)) {
        let mut batch = pdf::Batch::new();
        for (bill, account, number) in bills {
            let found = billing::paper(cx, &Principal::System, account, number).await?;
            let (first_page, pages) = batch.add(&crate::downloads::on_paper(&cx.settings, &found, false));
            printed.push(printing::Printed {
                bill: *bill,
                number: number.clone(),
                account: account.clone(),
                file,
                first_page: i64::try_from(first_page)?,
                pages: i64::try_from(pages)?,
            });
        }
        write(&folder.join(format!("bills-{file:03}.pdf")), &batch.finish(&cx.settings.utility_name)?)?;
    }
    Ok(printed)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Where each bill is. All of it is made of digits and hyphens: nothing needs quoting.
fn manifest(batch: i64, printed: &[printing::Printed]) -> String {
    let mut out = "batch,file,first_page,pages,account,bill\r\n".to_owned();
    for p in printed {
        write!(out, "{batch},bills-{:03}.pdf,{},{},{},{}\r\n", p.file, p.first_page, p.pages, p.account, p.number)
            .expect("a string takes all");
    }
    out
}
