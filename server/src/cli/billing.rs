//! Bills and prices: the run and its shadow, corrections, proposed prices.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use clap::Subcommand;
use services::{Fault, Principal, billing, tariffs};

use super::Program;

/// Bills what is due.
#[derive(Debug, Subcommand)]
pub enum Bill {
    /// Bills every account whose billing period has ended.
    Run {
        /// The last day on which a bill may be issued.
        #[arg(long)]
        through: NaiveDate,
        /// A shadow run: computes, prints the difference to each account's last bill by line, writes nothing.
        #[arg(long)]
        dry_run: bool,
        /// With --dry-run: every account's last bill under this file of prices, in place of the released one of its name.
        #[arg(long, requires = "dry_run", value_name = "FILE")]
        tariff: Option<PathBuf>,
    },
    /// Writes the bills of those who get them on paper, for a printer, in the order of postcodes.
    Print(super::print::Print),
    /// Shows what a bill would come to now, beside what was sent; with --yes puts the corrected bill in its place.
    Rebill {
        /// The account's number.
        account: String,
        /// The number on the bill.
        bill: String,
        /// Why: reads, prices, facts or other.
        #[arg(long, default_value = "other")]
        reason: String,
        /// What the resident reads about it.
        #[arg(long, default_value = "")]
        note: String,
        /// Sends the corrected bill.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs bills.
pub async fn bill(program: &Program, command: &Bill) -> anyhow::Result<()> {
    let cx = program.existing().await?;
    let (through, dry_run, tariff) = match command {
        Bill::Print(print) => return super::print::print(program, &cx, print).await,
        Bill::Run { through, dry_run, tariff } => (through, dry_run, tariff),
        Bill::Rebill { account, bill, reason, note, yes } => {
            return rebill(program, &cx, (account, bill), (reason, note), *yes).await;
        }
    };
    let options = billing::run::Options { dry_run: *dry_run, ..billing::run::Options::through(*through) };
    if *dry_run {
        let Some(file) = tariff else {
            let shadow = billing::shadow::shadow(&cx, &Principal::System, &options).await?;
            return program.say(&shadow, shadow_text);
        };
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.file_stem().and_then(|s| s.to_str()).unwrap_or("tariff");
        let tried = billing::shadow::with_prices(&cx, &Principal::System, name, &text).await?;
        let tried = tried.map_err(|e| anyhow::anyhow!("{}: {e}", file.display()))?;
        return program.say(&tried, |tried| {
            let mut out = shadow_text(&tried.by_date);
            if let Some(along) = &tried.all_along {
                writeln!(out, "\nIf the prices from {} had been in force all along:", along.from)
                    .expect("a string takes all");
                out.push_str(&shadow_text(&along.shadow));
            }
            out
        });
    }
    let report = billing::run::run(&cx, &Principal::System, &options).await?;
    program.say(&report, |r| {
        let mut out = format!("{} bills, {} in all\n", r.bills, r.total);
        for (account, why) in &r.held {
            writeln!(out, "held: {account}: {why:?}").expect("a string takes all");
        }
        for (account, why) in &r.failed {
            writeln!(out, "failed: {account}: {why}").expect("a string takes all");
        }
        out
    })?;
    if !report.failed.is_empty() {
        bail!("{} accounts could not be billed", report.failed.len());
    }
    Ok(())
}

fn shadow_text(s: &billing::shadow::Shadow) -> String {
    let signed = |a: domain::money::Cents| if a.0 > 0 { format!("+{a}") } else { a.to_string() };
    let mut out = format!(
        "{} bills, {} of them other than the last: {} instead of {} ({})\n",
        s.bills,
        s.changed,
        s.after,
        s.before,
        signed(s.after - s.before)
    );
    let mut say = |line: String| writeln!(out, "{line}").expect("a string takes all");
    for l in &s.lines {
        let of = [
            Some(l.what.service.slug().to_owned()),
            l.what.label.map(|l| format!("{l:?}")),
            l.what.label.is_none().then(|| format!("{:?}", l.what.kind)),
            l.what.of.clone(),
            l.what.tier.map(|t| format!("tier {t}")),
        ];
        let name = of.into_iter().flatten().collect::<Vec<_>>().join(" ");
        say(format!(
            "  {name}: {} instead of {} ({}) on {} bills",
            l.after,
            l.before,
            signed(l.after - l.before),
            l.bills
        ));
    }
    for a in s.accounts.iter().filter(|a| a.before != a.after).take(20) {
        let last = a.last.as_deref().unwrap_or("first bill");
        say(format!("{} ({last}): {} instead of {} ({})", a.account, a.after, a.before, signed(a.after - a.before)));
    }
    for (account, why) in &s.held {
        say(format!("held: {account}: {why:?}"));
    }
    for (account, why) in &s.failed {
        say(format!("failed: {account}: {why}"));
    }
    out
}

async fn rebill(
    program: &Program,
    cx: &services::Cx,
    (account, bill): (&str, &str),
    (reason, note): (&str, &str),
    yes: bool,
) -> anyhow::Result<()> {
    use billing::rebill;
    let reason = domain::billing::hold::CorrectionReason::given(reason)
        .with_context(|| format!("`{reason}` is no reason; it should be reads, prices, facts or other"))?;
    if !yes {
        let view = rebill::preview(cx, &Principal::System, account, bill).await?;
        return program.say(&view, |v| match (&v.problem, v.after) {
            (Some(why), _) => format!("cannot be computed: {why}"),
            (None, None) => "it was replaced before".to_owned(),
            (None, Some(_)) if v.same => "nothing would change".to_owned(),
            (None, Some(after)) => format!("{after} instead of {}; --yes --note TEXT sends it", v.before),
        });
    }
    let ask = rebill::Ask { reason, note: note.to_owned(), expected: None };
    let done = rebill::rebill(cx, &Principal::System, account, bill, &ask).await?;
    program.say(&done, |d| {
        let mut out = String::new();
        for b in &d.bills {
            writeln!(out, "{}: {} in place of {} ({})", b.new, b.new_total, b.old, b.old_total)
                .expect("a string takes all");
        }
        if d.bills.is_empty() { "nothing changed".to_owned() } else { out }
    })
}

/// Proposed prices.
#[derive(Debug, Subcommand)]
pub enum Tariff {
    /// Lists what was proposed (`import tariff` proposes), released and refused.
    List,
    /// Releases a proposal: bills from now on are made with it. Not by the one who proposed it.
    Release {
        /// Its number.
        id: i64,
        /// The e-mail address of the employee who releases it.
        #[arg(long, value_name = "EMAIL")]
        by: String,
    },
    /// Refuses a proposal.
    Refuse {
        /// Its number.
        id: i64,
        /// The e-mail address of the employee who refuses it.
        #[arg(long, value_name = "EMAIL")]
        by: String,
    },
}

/// Lists proposed prices, releases or refuses them.
pub async fn proposals(program: &Program, command: &Tariff) -> anyhow::Result<()> {
    let cx = program.existing().await?;
    use tariffs::release::Decision;
    let (id, by, decision) = match command {
        Tariff::List => {
            let view = tariffs::release::list(&cx, &Principal::System, None).await?;
            return program.say(&view, |v| {
                let mut out = String::new();
                for p in &v.proposals {
                    let stands = match (p.released, &p.decided_by) {
                        (Some(true), Some(by)) => format!("released by {by}"),
                        (Some(false), Some(by)) => format!("refused by {by}"),
                        _ => "waits".to_owned(),
                    };
                    writeln!(out, "{} {} proposed {} by {}: {stands}", p.id, p.name, p.proposed_on, p.proposed_by)
                        .expect("a string takes all");
                }
                out
            });
        }
        Tariff::Release { id, by } => (*id, by, Decision::Release(None)),
        Tariff::Refuse { id, by } => (*id, by, Decision::Refuse),
    };
    match tariffs::release::decide(&cx, &Principal::System, Some(by), id, decision).await {
        Err(Fault::App(contract::AppError::Forbidden)) => bail!("{by} proposed it; somebody else has to release it"),
        other => other?,
    }
    program.say(&id, |id| {
        format!("Proposal {id} was {}.", if decision == Decision::Refuse { "refused" } else { "released" })
    })
}
