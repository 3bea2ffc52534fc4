//! Employees and passwords.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use contract::AppError;
use secrecy::SecretString;
use serde::Serialize;
use services::rows::Permission;
use services::{Fault, users};

use super::Program;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Adds an employee; the password is read from the standard input.
    AddStaff {
        /// Given name.
        given_name: String,
        /// Family name.
        family_name: String,
        /// E-mail address to sign in with.
        email: String,
    },
    /// Sets someone's password, read from the standard input, and ends their sessions.
    Password {
        /// E-mail address.
        email: String,
    },
    /// Takes an employee's sign-in away at once.
    Disable {
        /// E-mail address.
        email: String,
    },
    /// Lets an employee give money back; `--not` takes it away again.
    AllowRefunds {
        /// E-mail address.
        email: String,
        /// No longer.
        #[arg(long)]
        not: bool,
    },
    /// Lets an employee release bill runs that wait for a person; `--not` takes it away again.
    AllowBillRuns {
        /// E-mail address.
        email: String,
        /// No longer.
        #[arg(long)]
        not: bool,
    },
    /// Lists employees.
    List,
}

#[derive(Serialize)]
struct Row {
    name: String,
    email: String,
    can_sign_in: bool,
    refunds: bool,
    bill_runs: bool,
}

/// Runs one of them.
pub async fn run(program: &Program, command: User) -> anyhow::Result<()> {
    let cx = program.open().await?;
    match command {
        User::AddStaff { given_name, family_name, email } => {
            let password = password()?;
            plain(users::create_staff(&cx, &given_name, &family_name, &email, password).await)?;
            program.say(&email, |e| format!("{e} can sign in."))
        }
        User::Password { email } => {
            let password = password()?;
            plain(users::set_password(&cx, &email, password).await)?;
            program.say(&email, |e| format!("{e} has a new password; all sessions have ended."))
        }
        User::Disable { email } => {
            plain(users::disable(&cx, &email).await)?;
            program.say(&email, |e| format!("{e} can no longer sign in."))
        }
        User::AllowRefunds { email, not } => {
            plain(users::allow(&cx, &email, Permission::Refunds, !not).await)?;
            program.say(&email, |e| match not {
                false => format!("{e} may give money back, and credits."),
                true => format!("{e} may no longer give money back, nor credits."),
            })
        }
        User::AllowBillRuns { email, not } => {
            plain(users::allow(&cx, &email, Permission::BillRuns, !not).await)?;
            program.say(&email, |e| match not {
                false => format!("{e} may release bill runs."),
                true => format!("{e} may no longer release bill runs."),
            })
        }
        User::List => {
            let rows: Vec<Row> = plain(users::list(&cx).await)?
                .into_iter()
                .map(|u| Row {
                    name: u.name,
                    email: u.email,
                    can_sign_in: u.can_sign_in,
                    refunds: u.refunds,
                    bill_runs: u.bill_runs,
                })
                .collect();
            program.say(&rows, |rows| {
                let mut out = String::new();
                for r in rows {
                    let note = if r.can_sign_in { "" } else { "  (cannot sign in)" };
                    let may = if r.refunds { "  may give money back" } else { "" };
                    let runs = if r.bill_runs { "  may release bill runs" } else { "" };
                    writeln!(out, "{:<28} {}{note}{may}{runs}", r.name, r.email).expect("a string takes all");
                }
                out
            })
        }
    }
}

/// A line of the standard input, so that a password stands in no process list and no history.
fn password() -> anyhow::Result<SecretString> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("Password (it will be shown as you type; to avoid that, pipe it in):");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).context("no password came on the standard input")?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    ensure!(!line.is_empty(), "no password came on the standard input");
    Ok(line.into())
}

/// A refusal in words for an operator.
fn plain<T>(result: Result<T, Fault>) -> anyhow::Result<T> {
    result.map_err(|fault| match fault {
        Fault::App(AppError::Invalid(fields)) => {
            let list: Vec<String> = fields.iter().map(|f| format!("{:?} is {:?}", f.field, f.problem)).collect();
            anyhow::anyhow!("refused: {}", list.join("; ").to_lowercase())
        }
        Fault::App(AppError::NotFound) => anyhow::anyhow!("there is no such person"),
        other => anyhow::Error::new(other),
    })
}
