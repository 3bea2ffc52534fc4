//! The demo town from the command line.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::Program;
use crate::demo::{self, DemoOptions};

/// Seeds the demo town and serves it on this machine only.
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder of the town's databases.
    #[arg(long, value_name = "FOLDER", default_value = "demo-data")]
    data: PathBuf,
    /// Folder that the bundler made.
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
    /// What the town is made from; another number is another town.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day it is in the town; today where it is not given.
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// How many homes.
    #[arg(long, default_value_t = 320)]
    homes: usize,
    /// How many firms.
    #[arg(long, default_value_t = 24)]
    businesses: usize,
    /// The portal's port.
    #[arg(long, default_value_t = 8620)]
    port: u16,
    /// The port of the payment processor.
    #[arg(long, default_value_t = 8621)]
    pay_port: u16,
    /// A file to name who can sign in, as JSON.
    #[arg(long, value_name = "FILE")]
    users_file: Option<PathBuf>,
}

/// Runs the demo until it is asked to stop.
pub async fn run(program: &Program, args: Demo) -> anyhow::Result<()> {
    let site = args.site.unwrap_or_else(|| program.config.site());
    let options = DemoOptions {
        data: args.data,
        site,
        seed: args.seed,
        as_of: args.as_of,
        homes: args.homes,
        businesses: args.businesses,
        port: args.port,
        pay_port: args.pay_port,
        users_file: args.users_file,
    };
    Box::pin(demo::run(options)).await
}
