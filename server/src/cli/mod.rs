//! The command line: `meterside COMMAND`. People's words by default, JSON with `--json`; one clear line on failure.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::{Args, Parser, Subcommand};
use services::clock::Entropy;
use services::{Cx, SystemClock};
use store::Pool;
use tracing_subscriber::EnvFilter;

use crate::config::Config;

mod bench;
mod billing;
mod data;
mod demo;
mod export;
mod key;
mod operate;
mod print;
mod rate;
mod storage;
mod user;

/// Customer portal of a city-owned utility.
#[derive(Debug, Parser)]
#[command(name = "meterside", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
struct Shared {
    /// Configuration file (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://…
    #[arg(long, global = true, value_name = "ADDRESS")]
    database: Option<String>,
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Seeds the demo town, serves it, and says who can sign in.
    Demo(demo::Demo),
    /// Runs the portal and its jobs.
    Serve(operate::Serve),
    /// Prints every configuration value and where it is from.
    Config,
    /// Brings the database's schema up to date.
    Migrate,
    /// Writes a copy of an SQLite database while it is in use.
    Backup(operate::Backup),
    /// Puts a copy made by `backup` back in place.
    Restore(operate::Restore),
    /// Loads master data: premises, meters, accounts, rate schedules.
    Import(data::Import),
    /// Looks into usage files without a database.
    Inspect(data::Inspect),
    /// Reads usage files into the database.
    Ingest(data::Ingest),
    /// Writes an account's usage, or a bill as PDF, to a file.
    Export(export::Export),
    /// Bills a usage file under a tariff file, line by line, without a database.
    Rate(rate::Rate),
    /// Bills what is due, tries it first, corrects a bill.
    #[command(subcommand)]
    Bill(billing::Bill),
    /// Lists proposed prices, releases or refuses them.
    #[command(subcommand)]
    Tariff(billing::Tariff),
    /// Verifies what must always hold of books, bills and readings.
    Check,
    /// Measures ingest, reading a year and bill runs.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Shows what stored usage takes, packs it, gives up what is too old.
    #[command(subcommand)]
    Storage(storage::Storage),
    /// Makes, lists and takes back keys of systems that send readings.
    #[command(subcommand)]
    Key(key::Key),
    /// Adds, lists and disables employees; sets passwords.
    #[command(subcommand)]
    User(user::User),
}

/// What commands share: configuration and the way to answer.
pub struct Program {
    /// The configuration.
    pub config: Config,
    /// Whether to print JSON.
    pub json: bool,
}

impl Program {
    /// Opens the configured database and brings it up to date.
    ///
    /// # Errors
    /// If it does not answer or a migration fails.
    pub async fn open(&self) -> anyhow::Result<Cx> {
        let pool = self.pool().await?;
        pool.migrate().await.context("the database's schema could not be brought up to date")?;
        self.cx(pool)
    }

    /// Opens a database that is there already, for a command that makes none.
    ///
    /// # Errors
    /// If there is none, or as [`Program::open`].
    pub async fn existing(&self) -> anyhow::Result<Cx> {
        self.must_exist()?;
        self.open().await
    }

    /// Refuses an SQLite database that is not there: nothing is made of a mistyped name.
    ///
    /// # Errors
    /// If there is none.
    pub fn must_exist(&self) -> anyhow::Result<()> {
        if let Some(address) = self.config.get("database").strip_prefix("sqlite:") {
            let path = address.trim_start_matches("//").split('?').next().unwrap_or_default();
            ensure!(
                address.contains(":memory:") || std::path::Path::new(path).is_file(),
                "there is no database {path}; is the name right? `meterside migrate` makes a new one"
            );
        }
        Ok(())
    }

    /// Opens the configured database as it is.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn pool(&self) -> anyhow::Result<Pool> {
        Pool::open(self.config.get("database")).await.context("the database does not answer")
    }

    /// The surroundings of use cases.
    ///
    /// # Errors
    /// If the configuration of a service outside is incomplete.
    pub fn cx(&self, pool: Pool) -> anyhow::Result<Cx> {
        Ok(Cx {
            pool,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(Entropy::system()),
            settings: Arc::new(self.config.settings()),
            outside: self.config.outside()?,
        })
    }

    /// Prints a value as JSON, or as the text that `text` makes of it.
    ///
    /// # Errors
    /// If the output is closed or the value is not JSON.
    pub fn say<T: serde::Serialize>(&self, value: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, value)?;
            writeln!(out)?;
        } else {
            let text = text(value);
            write!(out, "{text}{}", if text.is_empty() || text.ends_with('\n') { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("meterside: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("meterside: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let mut flags = Vec::new();
    if let Some(database) = &cli.shared.database {
        flags.push(("database", database.clone()));
    }
    if let Command::Serve(serve) = &cli.command {
        flags.extend(serve.flags());
    }
    let config = Config::load(cli.shared.config.as_deref(), std::env::vars(), &flags)?;
    log(&config);
    let program = Program { config, json: cli.shared.json };
    match cli.command {
        Command::Demo(args) => demo::run(&program, args).await?,
        Command::Serve(_) => operate::serve(&program).await?,
        Command::Config => operate::config(&program)?,
        Command::Migrate => operate::migrate(&program).await?,
        Command::Backup(args) => operate::backup(&program, &args).await?,
        Command::Restore(args) => operate::restore(&program, &args).await?,
        Command::Import(args) => data::import(&program, &args).await?,
        Command::Inspect(args) => data::inspect(&program, &args)?,
        Command::Ingest(args) => data::ingest(&program, &args).await?,
        Command::Export(args) => export::export(&program, &args).await?,
        Command::Rate(args) => rate::run(&program, &args)?,
        Command::Bill(command) => billing::bill(&program, &command).await?,
        Command::Tariff(command) => billing::proposals(&program, &command).await?,
        Command::Check => data::check(&program).await?,
        Command::Bench(what) => bench::run(&program, cli.shared.database.as_deref(), &what).await?,
        Command::Storage(what) => storage::run(&program, what).await?,
        Command::Key(command) => key::run(&program, command).await?,
        Command::User(command) => user::run(&program, command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Logs to the error output, as the configuration says.
fn log(config: &Config) {
    let filter = EnvFilter::try_new(config.get("log")).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let done = if config.get("log_format") == "json" {
        builder.json().try_init()
    } else {
        builder.with_target(false).compact().try_init()
    };
    // A second subscriber is only ever asked for by tests that share a process; the first one stays.
    drop(done);
}
