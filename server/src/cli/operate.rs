//! Running and looking after the portal: serve, config, migrate, backup, restore.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde::Serialize;
use store::Pool;

use super::Program;
use crate::portal::Portal;
use crate::serve::{bind, serve as listen, stop_signal};

/// Runs the portal.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on; may be given again.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
    /// Folder that the bundler made.
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
}

impl Serve {
    /// The flags as configuration values.
    pub fn flags(&self) -> Vec<(&'static str, String)> {
        let mut flags = Vec::new();
        if !self.listen.is_empty() {
            flags.push(("listen", self.listen.join(" ")));
        }
        if let Some(site) = &self.site {
            flags.push(("site", site.display().to_string()));
        }
        flags
    }
}

/// Serves until asked to stop, then finishes what is under way.
pub async fn serve(program: &Program) -> anyhow::Result<()> {
    let cx = program.open().await?;
    let addresses: Vec<String> = program.config.get("listen").split_whitespace().map(str::to_owned).collect();
    ensure!(!addresses.is_empty(), "`listen` names no address, such as 127.0.0.1:8620");
    let listeners = bind(&addresses).await?;
    let portal = Portal::new(cx.clone(), &program.config.site())?;
    tracing::info!(engine = cx.pool.engine(), listen = addresses.join(" "), "the portal answers");
    for (key, without) in
        [("pay_key", "residents cannot pay (nor is `stripe_key`)"), ("smtp", "mail stays in the outbox")]
    {
        let stripe = key == "pay_key" && !program.config.get("stripe_key").is_empty();
        if program.config.get(key).is_empty() && !stripe {
            tracing::warn!("`{key}` is not set: {without}");
        }
    }
    let inbox = Some(program.config.get("inbox")).filter(|i| !i.is_empty()).map(PathBuf::from);
    if let Some(inbox) = &inbox {
        crate::readings::prepare(inbox)?;
    }
    services::billing::schedule(&cx).await?;
    services::collections::schedule(&cx).await?;
    services::limits::schedule(&cx).await?;
    services::audit::schedule(&cx).await?;
    services::payments::schedule(&cx).await?;
    services::storage::schedule(&cx).await?;
    services::payments::later::schedule(&cx).await?;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let jobs = tokio::spawn(services::jobs::run_until(cx.clone(), stopping.clone()));
    let watched = inbox.map(|inbox| tokio::spawn(crate::readings::watch(cx.clone(), inbox, stopping)));
    let served = listen(listeners, portal.router(), stop_signal()).await;
    if stop.send(true).is_err() {
        tracing::debug!("the jobs had ended already");
    }
    jobs.await.context("the jobs ended badly")?;
    if let Some(watched) = watched {
        watched.await.context("watching the inbox ended badly")?;
    }
    cx.pool.close().await;
    served
}

#[derive(Serialize)]
struct Row {
    key: &'static str,
    value: String,
    from: String,
    about: &'static str,
}

/// Prints the configuration.
pub fn config(program: &Program) -> anyhow::Result<()> {
    let rows: Vec<Row> =
        program.config.rows().map(|(key, value, from, about)| Row { key, value, from, about }).collect();
    program.say(&rows, |rows| {
        let mut out = String::new();
        for r in rows {
            let value = if r.value.is_empty() { "(not set)" } else { &r.value };
            writeln!(out, "{:<16} {:<44} {:<24} {}", r.key, value, r.from, r.about).expect("a string takes all");
        }
        out
    })
}

#[derive(Serialize)]
struct Migrated {
    engine: &'static str,
}

/// Brings the schema up to date.
pub async fn migrate(program: &Program) -> anyhow::Result<()> {
    let cx = program.open().await?;
    program.say(&Migrated { engine: cx.pool.engine() }, |m| format!("The {} database is up to date.", m.engine))
}

/// Where the copy goes.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; it must not exist yet.
    file: PathBuf,
}

#[derive(Serialize)]
struct Copied {
    file: PathBuf,
    bytes: u64,
}

/// Copies an SQLite database while it is in use.
pub async fn backup(program: &Program, args: &Backup) -> anyhow::Result<()> {
    ensure!(!args.file.exists(), "{} exists already; name a new file", args.file.display());
    program.must_exist()?;
    let pool = program.pool().await?;
    if pool.engine() == "postgres" {
        bail!("PostgreSQL makes its own backups: pg_dump --format=custom --file={} DATABASE", args.file.display());
    }
    pool.copy_to(&args.file).await.context("the copy failed")?;
    let copied = Copied { file: args.file.clone(), bytes: std::fs::metadata(&args.file)?.len() };
    program.say(&copied, |c| format!("Copied to {} ({} bytes).", c.file.display(), c.bytes))
}

/// Where the copy is.
#[derive(Debug, Args)]
pub struct Restore {
    /// A file that `backup` wrote.
    file: PathBuf,
}

/// Puts a copy in the place of the configured SQLite database, which must not exist.
pub async fn restore(program: &Program, args: &Restore) -> anyhow::Result<()> {
    let Some(target) = program.config.get("database").strip_prefix("sqlite:").map(Path::new) else {
        bail!("PostgreSQL restores by itself: pg_restore --dbname=DATABASE {}", args.file.display());
    };
    ensure!(!target.exists(), "{} exists; move it away first, restore overwrites nothing", target.display());
    ensure!(args.file.is_file(), "there is no file {}", args.file.display());
    let copy = Pool::open(&format!("sqlite:{}", args.file.display()))
        .await
        .with_context(|| format!("{} is not a database", args.file.display()))?;
    copy.migrate().await.with_context(|| format!("{} is not a copy of a Meterside database", args.file.display()))?;
    copy.copy_to(target).await?;
    copy.close().await;
    let copied = Copied { file: target.to_owned(), bytes: std::fs::metadata(target)?.len() };
    program.say(&copied, |c| format!("Restored {} ({} bytes).", c.file.display(), c.bytes))
}
