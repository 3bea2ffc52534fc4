//! Data in and out, and proofs: import, ingest, bill, check.

use std::fmt::Write as _;
use std::fs::File;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use contract::{AppError, Field};
use services::data_sets::{self, BroughtIn};
use services::import::{Imported, Subject};
use services::ingest::{self, Input, Options, Progress, Report, Waiting};
use services::{Fault, Principal, check, import, tariffs};

use super::Program;

/// What a file lists.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Accounts, who holds them, and their service agreements.
    Accounts,
    /// Addresses and their service points.
    Premises,
    /// Meters, their registers and where they are installed.
    Meters,
    /// Outdoor temperatures by day.
    Weather,
    /// A rate schedule (TOML).
    Tariff,
}

/// Loads master data.
#[derive(Debug, Args)]
pub struct Import {
    /// What the file lists.
    what: What,
    /// The file: CSV with a header, tariffs in TOML.
    file: PathBuf,
    /// Says what would happen and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// For a tariff: the e-mail address of the employee who proposes it. Another one releases it.
    #[arg(long, value_name = "EMAIL")]
    by: Option<String>,
    /// For a tariff: what changes, and why.
    #[arg(long, default_value = "Imported at the command line.", value_name = "TEXT")]
    note: String,
}

/// Loads a file of master data.
pub async fn import(program: &Program, args: &Import) -> anyhow::Result<()> {
    let cx = program.open().await?;
    let subject = match args.what {
        What::Accounts => Subject::Accounts,
        What::Premises => Subject::Premises,
        What::Meters => Subject::Meters,
        What::Weather => Subject::Weather,
        What::Tariff => return tariff(program, &cx, args).await,
    };
    let file = File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let done = import::load(&cx, subject, file, args.dry_run).await?;
    program.say(&done, imported)?;
    if !done.refused.is_empty() {
        bail!("{}: {} lines cannot be taken; nothing was changed", args.file.display(), done.refused.len());
    }
    Ok(())
}

fn imported(done: &Imported) -> String {
    let mut out = String::new();
    for r in &done.refused {
        writeln!(out, "line {}: {}", r.line, r.message).expect("a string takes all");
    }
    if done.refused.is_empty() {
        let would = if done.dry_run { "would be " } else { "" };
        writeln!(
            out,
            "{} lines {would}added, {} {would}changed, {} known already",
            done.added, done.changed, done.unchanged
        )
        .expect("a string takes all");
        if done.released > 0 {
            writeln!(out, "{} readings that had waited have flowed in", done.released).expect("a string takes all");
        }
    }
    out
}

async fn tariff(program: &Program, cx: &services::Cx, args: &Import) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let name = args.file.file_stem().and_then(|s| s.to_str()).unwrap_or("tariff");
    if args.dry_run {
        let sound = tariffs::sound(cx, &Principal::System, name, &text).await?;
        sound.map_err(|e| anyhow::anyhow!("{}: {e}", args.file.display()))?;
        return program.say(&name, |n| format!("{n} is a rate schedule that can be taken"));
    }
    let Some(by) = args.by.as_deref() else {
        bail!("prices are released by two people: --by EMAIL names the employee who proposes {name}")
    };
    match tariffs::release::propose(cx, &Principal::System, Some(by), (name, &text), &args.note).await? {
        Ok(id) => program.say(&id, |id| {
            format!("Proposal {id}. Somebody else releases it: meterside tariff release {id} --by EMAIL")
        }),
        Err(error) => bail!("{}: {error}", args.file.display()),
    }
}

/// Looks into usage files.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The files: Green Button XML, CMEP, NEM12 or CSV, gzipped or not.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The IANA zone of local times, for formats that do not say.
    #[arg(long)]
    zone: Option<String>,
}

/// Says what usage files hold.
pub fn inspect(program: &Program, args: &Inspect) -> anyhow::Result<()> {
    let zone = match &args.zone {
        None => None,
        Some(name) => Some(
            domain::calendar::Zone::iana(name)
                .with_context(|| format!("`{name}` is no time zone; use an IANA name like America/Los_Angeles"))?,
        ),
    };
    let reports = intake::inspect::run(&args.files, zone.as_ref());
    program.say(&reports, |r| intake::inspect::text(r))?;
    let refused = reports.iter().filter(|r| r.format == "unknown").count();
    if refused > 0 {
        bail!("{refused} of {} files cannot be read", reports.len());
    }
    Ok(())
}

/// Reads usage into the database.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Ingest {
    #[command(subcommand)]
    later: Option<Later>,
    /// Files, or folders of files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The IANA zone of local times in the files; the city's by default.
    #[arg(long)]
    zone: Option<String>,
    /// Takes the files as this account's own, such as those of an old home; they are charted and compared, never billed.
    #[arg(long, value_name = "NUMBER", requires = "label")]
    account: Option<String>,
    /// What such files are called in the portal.
    #[arg(long, value_name = "TEXT", requires = "account")]
    label: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Later {
    /// Tries refused records again, after the cause is mended.
    Replay,
    /// Lists meters that are not known yet and whose readings wait.
    Waiting,
}

/// Takes files in, tries refused records again, or lists what waits.
pub async fn ingest(program: &Program, args: &Ingest) -> anyhow::Result<()> {
    let cx = program.open().await?;
    match args.later {
        Some(Later::Replay) => {
            let done = ingest::replay(&cx).await?;
            return program.say(&done, |d| {
                format!(
                    "{} refused records tried again, {} taken in with {} values, {} still refused",
                    d.tried,
                    d.resolved,
                    d.values,
                    d.tried - d.resolved
                )
            });
        }
        Some(Later::Waiting) => {
            let waiting = ingest::waiting(&cx).await?;
            return program.say(&waiting, |list| waiting_table(list));
        }
        None => {}
    }
    if let (Some(account), Some(label)) = (&args.account, &args.label) {
        return own_files(program, &cx, args, account, label).await;
    }
    let mut reports = Vec::new();
    for path in files(&args.paths)? {
        let shown = path.display().to_string();
        let progress: Progress = Arc::new(move |counts| {
            eprint!(
                "\r{shown}: {} readings so far",
                counts.accepted + counts.reads + counts.waiting + counts.duplicate
            );
        });
        let watched = std::io::stderr().is_terminal();
        let options = Options { zone: args.zone.clone(), progress: watched.then_some(progress), ..Options::default() };
        reports.push(ingest::take_in(&cx, Input::File(path), &options).await?);
        if watched {
            eprintln!();
        }
    }
    program.say(&reports, |reports| reports.iter().map(taken).collect::<Vec<_>>().join("\n"))?;
    let unread = reports.iter().filter(|r| r.problem.is_some()).count();
    if unread > 0 {
        bail!("{unread} of {} files could not be read, or not to their end", reports.len());
    }
    Ok(())
}

/// Meters that are not known yet, one a line; times are UTC.
fn waiting_table(list: &[Waiting]) -> String {
    if list.is_empty() {
        return "Nothing waits.".to_owned();
    }
    let at =
        |t: Option<domain::calendar::Instant>| t.map_or_else(String::new, |t| t.format("%Y-%m-%d %H:%M").to_string());
    let wide = list.iter().map(|w| w.meter.chars().count()).max().unwrap_or(0).max("Meter".len());
    let mut out = format!("{:<wide$} {:>10}  {:<16}  {:<16}\n", "Meter", "Readings", "First (UTC)", "Last (UTC)");
    for w in list {
        writeln!(out, "{:<wide$} {:>10}  {:<16}  {:<16}", w.meter, w.readings, at(w.first), at(w.last))
            .expect("a string takes all");
    }
    out
}

/// Takes files as an account's own.
async fn own_files(
    program: &Program,
    cx: &services::Cx,
    args: &Ingest,
    account: &str,
    label: &str,
) -> anyhow::Result<()> {
    let mut reports = Vec::new();
    for path in files(&args.paths)? {
        let report =
            data_sets::bring_in(cx, account, label, args.zone.as_deref(), &path).await.map_err(
                |fault| match fault {
                    Fault::App(AppError::NotFound) => anyhow::anyhow!("there is no account {account}"),
                    Fault::App(AppError::Invalid(fields)) if fields.iter().any(|f| f.field == Field::Zone) => {
                        anyhow::anyhow!("the zone is none of {}", data_sets::ZONES.join(", "))
                    }
                    Fault::App(AppError::Invalid(_)) => {
                        anyhow::anyhow!("a label has 1 to {} characters", data_sets::LONGEST_LABEL)
                    }
                    other => anyhow::Error::new(other),
                },
            )?;
        reports.push(report);
    }
    program.say(&reports, |reports| reports.iter().map(brought_in).collect::<Vec<_>>().join(""))?;
    let unread = reports.iter().filter(|r| r.problem.is_some()).count();
    if unread > 0 {
        bail!("{unread} of {} files gave nothing", reports.len());
    }
    Ok(())
}

fn brought_in(r: &BroughtIn) -> String {
    let what = match (&r.problem, r.already) {
        (Some(problem), _) => problem.clone(),
        (None, true) => "the account has it already; nothing was changed".to_owned(),
        (None, false) => format!(
            "{} values as {}; {} channels left out, {} records not read",
            r.values,
            r.data_sets.join(", "),
            r.left_out,
            r.refused
        ),
    };
    format!("{} ({}): {what}\n", r.file, r.format.as_deref().unwrap_or("not a usage file"))
}

/// Names of files, those in folders in the order of their names.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
                .with_context(|| format!("cannot list {}", path.display()))?
                .filter_map(|e| e.ok().map(|e| e.path()).filter(|p| p.is_file()))
                .collect();
            inside.sort();
            out.extend(inside);
        } else if path.is_file() {
            out.push(path.clone());
        } else {
            bail!("there is no file {}", path.display());
        }
    }
    Ok(out)
}

fn taken(r: &Report) -> String {
    let mut out = String::new();
    let format = r.format.as_deref().unwrap_or("not a usage file");
    writeln!(out, "{} ({format})", r.file).expect("a string takes all");
    if r.already {
        writeln!(out, "  taken in before; nothing was changed").expect("a string takes all");
        return out;
    }
    if let Some(problem) = &r.problem {
        writeln!(out, "  {problem}").expect("a string takes all");
        // What came before the fault is kept.
        if r.accepted + r.reads + r.waiting + r.duplicate + r.superseding + r.rejected == 0 {
            return out;
        }
    }
    write!(
        out,
        "  {} accepted, {} duplicate, {} superseding, {} estimated",
        r.accepted, r.duplicate, r.superseding, r.estimated
    )
    .expect("a string takes all");
    let more = [
        (r.reads, "register reads accepted"),
        (r.outranked, "behind better ones"),
        (r.waiting, "waiting for their meters to be known"),
        (r.rejected, "records refused"),
    ];
    for (n, what) in more.into_iter().filter(|(n, _)| *n > 0) {
        write!(out, ", {n} {what}").expect("a string takes all");
    }
    out.push('\n');
    for line in &r.rejected_lines {
        writeln!(out, "  line {}: {} ({})", line.line, line.detail, line.code).expect("a string takes all");
    }
    out
}

/// Verifies what must always hold.
pub async fn check(program: &Program) -> anyhow::Result<()> {
    let cx = program.existing().await?;
    let found = check::all(&cx, &Principal::System).await?;
    program.say(&found, |found| {
        let mut out = String::new();
        for (what, n) in &found.counts {
            writeln!(out, "{n} {what} looked at").expect("a string takes all");
        }
        for fault in &found.faults {
            writeln!(out, "BROKEN: {fault}").expect("a string takes all");
        }
        out
    })?;
    if !found.faults.is_empty() {
        bail!("{} things do not hold", found.faults.len());
    }
    Ok(())
}
