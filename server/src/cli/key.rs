//! Keys of systems that send readings.

use std::fmt::Write as _;

use anyhow::{anyhow, ensure};
use clap::Subcommand;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use services::keys;

use super::Program;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Makes a key for a sending system and shows it, once.
    Create {
        /// The system, such as `head end`.
        label: String,
    },
    /// Lists keys and when they were used.
    List,
    /// Takes a key back at once.
    Revoke {
        /// The system.
        label: String,
    },
}

#[derive(Serialize)]
struct Created<'a> {
    label: &'a str,
    key: &'a str,
}

/// Runs one of them.
pub async fn run(program: &Program, command: Key) -> anyhow::Result<()> {
    let cx = program.open().await?;
    match command {
        Key::Create { label } => {
            let key = keys::create(&cx, &label).await?.map_err(|why| anyhow!(why))?;
            let created = Created { label: &label, key: key.expose_secret() };
            program.say(&created, |c| format!("{}\nIt is not shown again; whoever has it may send readings.", c.key))
        }
        Key::List => {
            let keys = keys::list(&cx).await?;
            program.say(&keys, |keys| {
                let mut out = String::new();
                for k in keys {
                    let used = k.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
                    let end = if k.revoked_at.is_some() { ", taken back" } else { "" };
                    writeln!(out, "{:<28} {used}{end}", k.label).expect("a string takes all");
                }
                out
            })
        }
        Key::Revoke { label } => {
            ensure!(
                keys::revoke(&cx, &label).await?,
                "there is no key `{label}` that still works; `key list` lists them"
            );
            program.say(&label, |l| format!("The key of {l} no longer works."))
        }
    }
}
