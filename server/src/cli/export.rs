//! Data out: an account's usage and bills as the resident would download them.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, ValueEnum};
use contract::usage::UsageAsk;
use contract::{AppError, Field};
use domain::calendar::{DayRange, next_day};
use domain::quantity::Commodity;
use futures::TryStreamExt as _;
use services::usage::Download;
use services::{Fault, Principal, usage};

use super::Program;

/// What kind of file.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Comma-separated values with local and UTC times, quality and cost.
    Csv,
    /// NAESB ESPI 4.0, with a summary for each bill.
    GreenButton,
    /// One bill as accessible PDF; with --bill.
    BillPdf,
}

/// Writes an account's usage or one of its bills.
#[derive(Debug, Args)]
pub struct Export {
    /// What kind of file.
    kind: Kind,
    /// The account's number.
    #[arg(long, value_name = "NUMBER")]
    account: String,
    /// The first local day; from the first reading on without it.
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// The last local day; up to the last reading without it.
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
    /// One service only.
    #[arg(long, value_parser = service)]
    service: Option<Commodity>,
    /// CSV meter by meter, as it was known at this instant (2026-07-15T12:00:00Z).
    #[arg(long, value_name = "INSTANT")]
    as_of: Option<DateTime<Utc>>,
    /// CSV meter by meter, with the file, the sending system and the method that made each value.
    #[arg(long)]
    provenance: bool,
    /// With bill-pdf: the number on the bill.
    #[arg(long, value_name = "NUMBER")]
    bill: Option<String>,
    /// With bill-pdf: marks it as a duplicate.
    #[arg(long, requires = "bill")]
    duplicate: bool,
    /// Where to; the standard output otherwise.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn service(word: &str) -> Result<Commodity, String> {
    Commodity::from_slug(word).ok_or_else(|| format!("use one of {}", Commodity::ALL.map(Commodity::slug).join(", ")))
}

/// The days that are meant; `None` for all of them.
fn days(args: &Export) -> anyhow::Result<Option<DayRange>> {
    if args.from.is_none() && args.to.is_none() {
        return Ok(None);
    }
    // Nothing is older or younger than the dates that are read anywhere.
    let first = || NaiveDate::from_ymd_opt(1990, 1, 1);
    let last = || NaiveDate::from_ymd_opt(2099, 12, 31);
    match (args.from.or_else(first), args.to.or_else(last)) {
        (Some(from), Some(to)) if from <= to => Ok(Some(DayRange { from, to: next_day(to) })),
        _ => bail!("the first day is after the last one"),
    }
}

/// Writes the file; one that is named appears only when it is whole.
pub async fn export(program: &Program, args: &Export) -> anyhow::Result<()> {
    let days = days(args)?;
    let by_meter = args.provenance || args.as_of.is_some();
    if by_meter && matches!(args.kind, Kind::GreenButton) {
        bail!("--as-of and --provenance are for csv");
    }
    let cx = program.existing().await?;
    let file = match args.kind {
        Kind::BillPdf => return bill_pdf(&cx, args).await,
        Kind::Csv if by_meter => {
            usage::readings(&cx, &Principal::System, &args.account, args.service, days, args.as_of).await
        }
        Kind::Csv => usage::csv(&cx, &Principal::System, &args.account, args.service, days).await,
        Kind::GreenButton => {
            let ask = UsageAsk {
                service: args.service.map(|s| s.slug().to_owned()),
                from: days.map(|d| d.from.to_string()),
                to: days.map(|d| d.last().to_string()),
                ..UsageAsk::default()
            };
            usage::green_button(&cx, &Principal::System, &args.account, &ask).await
        }
    };
    let file = file.map_err(|fault| refused(fault, &args.account))?;
    let Some(path) = &args.output else {
        let mut out = std::io::stdout().lock();
        write(file, &mut out).await?;
        return Ok(out.flush()?);
    };
    let mut out = beside(path)?;
    let whole = || format!("cannot write {}", path.display());
    write(file, &mut out).await.with_context(whole)?;
    out.persist(path).with_context(whole)?;
    Ok(())
}

/// A file that takes another one's name once it is whole.
fn beside(path: &std::path::Path) -> anyhow::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| std::path::Path::new("."));
    let made = tempfile::Builder::new().prefix(".meterside-").tempfile_in(folder);
    made.with_context(|| format!("cannot write {}", path.display()))
}

/// Writes one bill.
async fn bill_pdf(cx: &services::Cx, args: &Export) -> anyhow::Result<()> {
    let number = args.bill.as_deref().context("bill-pdf needs --bill, the number on the bill")?;
    let found = services::billing::paper(cx, &Principal::System, &args.account, number).await;
    let found = found.map_err(|fault| match fault {
        Fault::App(AppError::NotFound) => anyhow::anyhow!("there is no account {} with a bill {number}", args.account),
        other => anyhow::Error::new(other),
    })?;
    let bytes = pdf::bill(&crate::downloads::on_paper(&cx.settings, &found, args.duplicate))?;
    let Some(path) = &args.output else {
        let mut out = std::io::stdout().lock();
        out.write_all(&bytes)?;
        return Ok(out.flush()?);
    };
    let mut out = beside(path)?;
    let whole = || format!("cannot write {}", path.display());
    out.write_all(&bytes).with_context(whole)?;
    out.persist(path).with_context(whole)?;
    Ok(())
}

async fn write(mut file: Download, out: &mut impl Write) -> anyhow::Result<()> {
    while let Some(piece) = file.body.try_next().await? {
        out.write_all(piece.as_bytes())?;
    }
    Ok(())
}

fn refused(fault: Fault, account: &str) -> anyhow::Error {
    match fault {
        Fault::App(AppError::NotFound) => {
            anyhow::anyhow!("there is no account {account}, or it has no readings of that kind")
        }
        Fault::App(AppError::Invalid(fields)) if fields.iter().any(|f| matches!(f.field, Field::From | Field::To)) => {
            anyhow::anyhow!("account {account} has no readings on those days")
        }
        other => anyhow::Error::new(other),
    }
}
