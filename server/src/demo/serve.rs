//! The `demo` command: seeds or tops up the town, serves it on this machine only, and says who can sign in.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use chrono::{Days, NaiveDate, SubsecRound, TimeDelta};
use domain::calendar::Instant;
use secrecy::SecretString;
use services::adapters::payment::Hosted;
use services::adapters::{MailTransport, Outside};
use services::clock::Entropy;
use services::{Clock, Cx, Settings, SystemClock, zones};
use store::Pool;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::seed::{Cast, Progress, rest, stories};
use super::town::{Scale, Town};
use crate::portal::Portal;
use crate::sandbox::{self, Sandbox};
use crate::serve::{serve, stop_signal};

/// What the demo is started with.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// The folder of its databases.
    pub data: PathBuf,
    /// The folder that the bundler made.
    pub site: PathBuf,
    /// Chance.
    pub seed: u64,
    /// The day it is in the town; the machine's where it is not given.
    pub as_of: Option<NaiveDate>,
    /// How many homes.
    pub homes: usize,
    /// How many firms.
    pub businesses: usize,
    /// The portal's port.
    pub port: u16,
    /// The payment processor's port.
    pub pay_port: u16,
    /// A file that is to name who can sign in, as JSON.
    pub users_file: Option<PathBuf>,
}

/// The machine's time of day on the town's date.
struct TownClock(TimeDelta);

impl Clock for TownClock {
    fn now(&self) -> Instant {
        (SystemClock.now() + self.0).trunc_subsecs(6)
    }
}

/// Progress as lines of the log.
struct Log;

impl Progress for Log {
    fn done(&self, what: &str) {
        tracing::info!("{what}");
    }
}

/// Runs the demo until it is asked to stop.
///
/// # Errors
/// If a port is taken, the folder holds another town, the site is not built, or the database fails.
pub async fn run(options: DemoOptions) -> anyhow::Result<()> {
    let listeners = loopback(options.port).await?;
    let pay_listeners = loopback(options.pay_port).await?;
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("the folder {} cannot be made", options.data.display()))?;
    let settings = Settings {
        portal_origin: format!("http://localhost:{}", options.port),
        assist_origin: format!("http://assist.localhost:{}", options.port),
        pay_origin: format!("http://pay.localhost:{}", options.pay_port),
        pay_api: format!("http://127.0.0.1:{}", options.pay_port),
        outbox_page: true,
        ..Settings::default()
    };
    let zone = zones::find(&settings.zone).with_context(|| format!("`{}` is no time zone", settings.zone))?;
    let real = zone.day_of(SystemClock.now());
    let today = options.as_of.unwrap_or(real);
    let shift = TimeDelta::days((today - real).num_days());
    let clock: Arc<dyn Clock> = if shift.is_zero() { Arc::new(SystemClock) } else { Arc::new(TownClock(shift)) };
    let scale = scale(&options, today)?;
    let town = Arc::new(Town::new(scale, (*zone).clone(), today - Days::new(1)));

    let entropy = Arc::new(Entropy::system());
    let secret = || SecretString::from(hex::encode(entropy.bytes::<24>()));
    let (key, webhook_secret) = (secret(), secret());
    let sandbox = Sandbox::open(sandbox::Options {
        database: options.data.join("processor.db"),
        origin: settings.pay_origin.clone(),
        api_key: key.clone(),
        webhook_secret: webhook_secret.clone(),
        webhook_url: format!("http://127.0.0.1:{}/webhooks/payments", options.port),
        webhook_host: Some(format!("localhost:{}", options.port)),
        bank_takes: sandbox::BANK_TAKES,
        clock: clock.clone(),
        entropy: entropy.clone(),
    })
    .await?;
    let payments = Arc::new(Hosted::new(&settings.pay_api, key, webhook_secret)?);
    let mail: Arc<dyn MailTransport> = Arc::new(services::adapters::mail::Outbox);
    let pool = Pool::open(&format!("sqlite:{}", options.data.join("town.db").display())).await?;
    pool.migrate().await.context("the town's database is of another version; `make clean-demo` removes it")?;
    let cx = Cx { pool, clock, entropy, settings: Arc::new(settings), outside: Outside { payments, mail } };

    let inbox = options.data.join("inbox");
    let cast = stories(&cx, &town, &inbox, &Log).await?;
    let portal = Portal::new(cx.clone(), &options.site)?;
    if let Some(file) = &options.users_file {
        write_whole(file, &serde_json::to_vec_pretty(&cast)?)?;
    }
    say(&cast)?;

    services::collections::schedule(&cx).await?;
    services::limits::schedule(&cx).await?;
    services::audit::schedule(&cx).await?;
    services::payments::schedule(&cx).await?;
    services::storage::schedule(&cx).await?;
    services::payments::later::schedule(&cx).await?;
    let (stop, stopping) = watch::channel(false);
    let stopped = |mut stopping: watch::Receiver<bool>| async move {
        drop(stopping.wait_for(|stop| *stop).await);
    };
    let jobs = tokio::spawn(services::jobs::run_until(cx.clone(), stopping.clone()));
    let ticking = tokio::spawn(sandbox.clone().run_until(stopping.clone()));
    let paying = tokio::spawn(serve(pay_listeners, sandbox.router(), stopped(stopping.clone())));
    super::later::settle(&cx, &sandbox, &cast).await?;
    let growing = {
        let (cx, town, stopping) = (cx.clone(), town.clone(), stopping.clone());
        tokio::spawn(async move {
            tokio::select! {
                grown = rest(&cx, &town, &inbox, &Log) => match grown {
                    Ok(()) => tracing::info!("the town is complete"),
                    Err(error) => tracing::error!(error = format!("{error:#}"), "the rest of the town is missing"),
                },
                () = stopped(stopping) => {}
            }
        })
    };
    let served = serve(listeners, portal.router(), stop_signal()).await;
    if stop.send(true).is_err() {
        tracing::debug!("the tasks had ended already");
    }
    for task in [jobs, ticking, growing] {
        task.await.context("a task of the demo ended badly")?;
    }
    paying.await.context("the payment processor ended badly")??;
    cx.pool.close().await;
    served
}

/// Listens on this machine only, by both protocols where it has both.
async fn loopback(port: u16) -> anyhow::Result<Vec<TcpListener>> {
    let mut out = crate::serve::bind(&[SocketAddr::from((Ipv4Addr::LOCALHOST, port)).to_string()]).await?;
    if let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        out.push(listener);
    }
    Ok(out)
}

/// What the town in the folder was made from; a new one where there is none yet.
fn scale(options: &DemoOptions, today: NaiveDate) -> anyhow::Result<Scale> {
    let file = options.data.join("town.json");
    let wanted = Scale { seed: options.seed, founded: today, homes: options.homes, businesses: options.businesses };
    match std::fs::read(&file) {
        Ok(bytes) => {
            let kept: Scale =
                serde_json::from_slice(&bytes).with_context(|| format!("{} cannot be read", file.display()))?;
            if (Scale { founded: kept.founded, ..wanted }) != kept {
                bail!("{} holds another town ({kept:?}); choose another folder with --data", options.data.display());
            }
            if today < kept.founded {
                bail!("the town in {} begins on {}; go there with --as-of", options.data.display(), kept.founded);
            }
            Ok(kept)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            write_whole(&file, &serde_json::to_vec_pretty(&wanted)?)?;
            Ok(wanted)
        }
        Err(e) => Err(e).with_context(|| format!("{} cannot be read", file.display())),
    }
}

/// Whoever waits for the file sees it whole or not at all.
fn write_whole(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = file.with_extension("part");
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, file))
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// Prints who can sign in.
fn say(cast: &Cast) -> anyhow::Result<()> {
    let mut text = format!("\n  The portal answers at {}\n\n  Residents\n", cast.portal);
    for r in &cast.residents {
        let accounts = r.accounts.join(", ");
        writeln!(text, "    {:<14} {:<32} {:<24} account {accounts}", r.story, r.email, r.password)?;
    }
    if !cast.unclaimed.is_empty() {
        writeln!(text, "\n  Not online yet: set one up at {0}/claim, the mail comes to {0}/outbox", cast.portal)?;
    }
    for home in &cast.unclaimed {
        writeln!(text, "    account {:<14} last bill {}, ZIP code {}", home.account, home.bill, home.postcode)?;
    }
    writeln!(text, "\n  Employees, at {}/staff", cast.portal)?;
    for e in &cast.staff {
        writeln!(text, "    {:<14} {:<32} {:<24}", e.name, e.email, e.password)?;
    }
    writeln!(text, "\n  The rest of the town moves in meanwhile. Ctrl-C stops.")?;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
