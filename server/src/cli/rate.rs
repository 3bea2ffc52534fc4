//! Bills of a usage file under a tariff file.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use domain::calendar::{DayRange, Zone, next_day};
use domain::tariff::{Facts, Program as Assistance, file};
use services::rate::{self, Asked, Cycle};
use services::{Clock as _, SystemClock};

use super::Program;

/// How a range is cut into bills.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Cut {
    /// A bill for each calendar month.
    #[default]
    Month,
    /// One bill for the whole range.
    Whole,
}

/// Which program the customer is in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Help {
    /// For small incomes.
    Financial,
    /// With a physician's certificate.
    Medical,
}

/// Bills a usage file, or the days of a service without a meter.
#[derive(Debug, Args)]
pub struct Rate {
    /// The tariff file (TOML, see docs/tariffs.md).
    #[arg(long, value_name = "FILE")]
    tariff: PathBuf,
    /// The usage file: Green Button XML, CMEP, NEM12 or CSV, gzipped or not. Leave it out for a service without a meter
    /// (wastewater, refuse, storm).
    #[arg(long, value_name = "FILE")]
    usage: Option<PathBuf>,
    /// The first local day.
    #[arg(long, value_name = "DAY")]
    from: NaiveDate,
    /// The last local day; it is billed too.
    #[arg(long, value_name = "DAY")]
    to: NaiveDate,
    /// The IANA zone of local days, and of local times in the file; the city's by default.
    #[arg(long)]
    zone: Option<String>,
    /// Which schedule, where the tariff file has several.
    #[arg(long, value_name = "CODE")]
    schedule: Option<String>,
    /// How the range is cut into bills.
    #[arg(long, value_enum, default_value_t)]
    cycle: Cut,
    /// The lot's equivalent residential units.
    #[arg(long)]
    eru: Option<String>,
    /// The size of the water meter in inches.
    #[arg(long)]
    meter_size: Option<String>,
    /// The garbage cart in gallons.
    #[arg(long)]
    cart: Option<String>,
    /// The climate zone of the home, which picks its baseline.
    #[arg(long)]
    climate: Option<String>,
    /// The month in whose bill net metering is settled.
    #[arg(long, value_name = "MONTH", value_parser = clap::value_parser!(u32).range(1..=12))]
    settled_in: Option<u32>,
    /// The customer's rate assistance.
    #[arg(long, value_enum)]
    assistance: Option<Help>,
}

/// Prints the bills.
pub fn run(program: &Program, args: &Rate) -> anyhow::Result<()> {
    let name = args.zone.as_deref().unwrap_or_else(|| program.config.get("zone"));
    let zone = Zone::iana(name)
        .with_context(|| format!("`{name}` is no time zone; use an IANA name like America/Los_Angeles"))?;
    let range = DayRange::new(args.from, next_day(args.to))
        .map_err(|_| anyhow!("--to {} is before --from {}", args.to, args.from))?;
    let tariff =
        std::fs::read_to_string(&args.tariff).with_context(|| format!("cannot read {}", args.tariff.display()))?;
    // Rating has no clock: what nobody can have compared yet is refused here.
    file::read_on(&tariff, zone.day_of(SystemClock.now())).map_err(|why| anyhow!(why.to_string()))?;
    let facts = Facts {
        eru: args.eru.clone(),
        cart: args.cart.clone(),
        meter_size: args.meter_size.clone(),
        climate: args.climate.clone(),
        settled_in: args.settled_in,
        assistance: args.assistance.map(|a| match a {
            Help::Financial => Assistance::Financial,
            Help::Medical => Assistance::Medical,
        }),
        leaves_on: None,
    };
    let cycle = match args.cycle {
        Cut::Month => Cycle::Month,
        Cut::Whole => Cycle::Whole,
    };
    let asked = Asked { schedule: args.schedule.clone(), range, zone, cycle, facts };
    let rated = match &args.usage {
        Some(path) => {
            let usage = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            rate::rate(&tariff, usage, &asked)
        }
        None => rate::rate_without_usage(&tariff, &asked),
    };
    let rated = rated.map_err(|why| anyhow!(why))?;
    program.say(&rated, rate::text)
}
