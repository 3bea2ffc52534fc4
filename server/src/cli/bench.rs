//! Benchmarks: how fast this machine and database read usage in, show a year and bill.

use std::fmt::Write as _;

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use services::bench::{
    self, BillFigures, BillPlan, CityFigures, CityPlan, CopySpeed, IngestFigures, IngestPlan, LivesFigures, YearFigures,
};
use store::Pool;

use super::Program;

/// Measures speed in a temporary SQLite database, or in the empty one that `--database` names.
#[derive(Clone, Debug, Subcommand)]
pub enum Bench {
    /// Reads quarter-hours of many meters into the database; on PostgreSQL it is compared with COPY.
    Ingest {
        /// Meters.
        #[arg(long, default_value_t = 700, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        meters: u32,
        /// Days of each meter.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=730))]
        days: u32,
        /// Runs, each with other meters; the median counts.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
        runs: u32,
        /// One file for each day, as deliveries come; otherwise one for all days.
        #[arg(long)]
        file_per_day: bool,
    },
    /// Loads a city's meters, day by day as deliveries come, then reads from it as residents do: 74,000 meters and 365 days
    /// are 1.45 billion intervals.
    City {
        /// Meters: electric, water and gas.
        #[arg(long, default_value_t = 7_400, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
        meters: u32,
        /// Days of each meter.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=730))]
        days: u32,
        /// So many of a hundred meters a day send a day late.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=50))]
        late_percent: u32,
        /// How often each kind of read is measured.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        reads: u32,
        /// A PostgreSQL database whose COPY is measured in between; the benchmark's own where it is one.
        #[arg(long, value_name = "ADDRESS")]
        copy_to: Option<String>,
        /// Load no further day after so many minutes.
        #[arg(long, value_name = "N")]
        minutes: Option<u32>,
        /// Judge every day by its history too, as the job behind ingest does; measured apart.
        #[arg(long)]
        review: bool,
    },
    /// Reads a year of quarter-hours of one account, as the usage page does.
    UsageYear {
        /// Accounts, each read five times.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        accounts: u32,
    },
    /// Bills months of many homes with every service, one month after another.
    BillRun {
        /// Homes, each with six service agreements.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        accounts: u32,
        /// How many of a hundred are billed by quarter-hours.
        #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(0..=100))]
        timed_percent: u32,
        /// Months.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=12))]
        months: u32,
    },
    /// Lives random lives of accounts and checks every invariant of the books after each step.
    Lives {
        /// Lives.
        #[arg(default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
        lives: u64,
        /// Another seed gives other lives.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// Runs a benchmark. `database` is the flag: what is configured is the portal's own and is never filled with made-up meters.
pub async fn run(program: &Program, database: Option<&str>, what: &Bench) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let address =
        database.map_or_else(|| format!("sqlite:{}", folder.path().join("bench.db").display()), str::to_owned);
    let pool = Pool::open(&address).await.context("the database does not answer")?;
    pool.migrate().await.context("the database's schema could not be brought up to date")?;
    ensure!(bench::is_empty(&pool).await?, "a benchmark fills its database with made-up meters; name an empty one");
    let folder = folder.path();
    match what.clone() {
        Bench::Ingest { meters, days, runs, file_per_day } => {
            let plan = IngestPlan { meters, days, runs, file_per_day, first_run: 0 };
            program.say(&bench::ingest(&pool, folder, plan).await?, ingest)?;
        }
        Bench::City { meters, days, late_percent, reads, copy_to, minutes, review } => {
            let plan = CityPlan { meters, days, late_percent, reads, minutes, review };
            let copied = match &copy_to {
                Some(address) => Pool::open(address).await.context("the database for COPY does not answer")?,
                None => pool.clone(),
            };
            let told = |what: &str| eprintln!("{what}");
            program.say(&bench::city(&pool, folder, plan, &copied, &told).await?, city)?;
        }
        Bench::UsageYear { accounts } => program.say(&bench::usage_year(&pool, folder, accounts).await?, year)?,
        Bench::BillRun { accounts, timed_percent, months } => {
            let plan = BillPlan { accounts, timed_percent, months };
            program.say(&bench::bill_run(&pool, plan).await?, bills)?;
        }
        Bench::Lives { lives, seed } => program.say(&bench::lives(&pool, lives, seed).await?, lived)?,
    }
    pool.close().await;
    Ok(())
}

fn seconds(all: &[f64]) -> String {
    all.iter().map(|s| format!("{s:.2}")).collect::<Vec<_>>().join(", ")
}

fn ingest(f: &IngestFigures) -> String {
    let mut out = format!(
        "{}: {:.0} intervals a second (median of {} runs of {}: {} s)\n{:.2} bytes stored per interval\n",
        f.engine,
        f.intervals_per_second,
        f.seconds.len(),
        f.intervals,
        seconds(&f.seconds),
        f.bytes_per_interval
    );
    if let (Some(copy), Some(ratio)) = (f.copy, f.ratio_to_copy) {
        writeln!(out, "{}", of_copy(copy, ratio)).expect("a string takes all");
    }
    out
}

fn city(f: &CityFigures) -> String {
    let l = &f.load;
    let mut out = format!(
        "{}: {} meters, {} days, {} intervals in {:.0} s: {:.0} a second ({:.0} in the first tenth of the days, {:.0} in the last, {:.0} on the slowest day)\n",
        f.engine,
        f.plan.meters,
        l.days,
        l.intervals,
        l.seconds + l.pack_seconds,
        l.intervals_per_second,
        l.at_first,
        l.at_last,
        l.slowest_day
    );
    let mut line = |text: String| writeln!(out, "{text}").expect("a string takes all");
    line(format!(
        "of that {:.0} s packed {} days; the longest step took {} ms",
        l.pack_seconds, l.packed_days, l.longest_step_ms
    ));
    if let Some(seconds) = l.review_seconds {
        line(format!("judging every day by its history, on top: {seconds:.0} s"));
    }
    if let (Some(copy), Some(ratio)) = (l.copy, l.ratio_to_copy) {
        line(of_copy(copy, ratio));
    }
    if let Some(peak) = l.peak_memory {
        line(format!("peak memory of ingest: {} MB", peak >> 20));
    }
    line(format!(
        "{:.3} bytes stored per interval; the values hold {:.3}",
        f.bytes_per_interval, f.entropy_bytes_per_interval
    ));
    for s in &f.stored {
        line(format!("  {}: {} bytes, {:.3} per interval", s.name, s.bytes, s.per_interval));
    }
    for r in &f.reads {
        line(format!(
            "one meter, {}: {:.2} ms, 99th percentile {:.2} ms ({} reads)",
            r.what,
            milliseconds(r.p50_us),
            milliseconds(r.p99_us),
            r.reads
        ));
    }
    out
}

fn year(f: &YearFigures) -> String {
    format!(
        "{}: a year by day {:.2} ms, every quarter-hour {:.2} ms (medians of {} reads; 99th percentile {:.2} and {:.2} ms)\n",
        f.engine,
        milliseconds(f.days_us.0),
        milliseconds(f.intervals_us.0),
        f.reads,
        milliseconds(f.days_us.1),
        milliseconds(f.intervals_us.1)
    )
}

fn milliseconds(microseconds: u64) -> f64 {
    std::time::Duration::from_micros(microseconds).as_secs_f64() * 1e3
}

fn bills(f: &BillFigures) -> String {
    format!(
        "{}: {:.0} bills, {:.0} service agreements a second (median of {} runs of {} bills, {} of a hundred by quarter-hours: {} s)\n",
        f.engine,
        f.bills_per_second,
        f.agreements_per_second,
        f.seconds.len(),
        f.plan.accounts,
        f.plan.timed_percent,
        seconds(&f.seconds)
    )
}

fn lived(f: &LivesFigures) -> String {
    let happened: Vec<String> = f.happened.iter().map(|(what, n)| format!("{n} {what}")).collect();
    format!(
        "{}: {} lives, {} steps, each followed by every check; {} entries; no invariant was broken\n{}\n{:.1} s, {:.0} lives a second; the check of everything at the end {:.1} s\n",
        f.engine,
        f.lives,
        f.steps,
        f.entries,
        happened.join(", "),
        f.seconds,
        f.lives_per_second,
        f.check_seconds
    )
}

fn of_copy(copy: CopySpeed, ratio: f64) -> String {
    format!(
        "COPY of one row per interval: {:.0} rows a second with a key, {:.0} without; ingest is {ratio:.2} times as fast as with",
        copy.keyed, copy.plain
    )
}
