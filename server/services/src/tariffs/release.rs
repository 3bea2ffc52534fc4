//! The release of prices by two people: one proposes a file, another releases it. The same person is refused.

use chrono::TimeDelta;
use contract::prices::{AllAlong, Effects, Outcome, ProposalView, ProposalsView};
use contract::{AppError, Field, Problem};
use domain::ids::PersonId;
use domain::tariff::file;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::tariff_proposals::{self, ProposalRow};
use store::work::JobRow;

use super::{hash, readable, seed};
use crate::jobs::{Next, payload};
use crate::{Cx, Fault, Principal, UseCase, Work, billing, job, use_case, zones};

use_case!(
    /// Lists proposed prices.
    pub LIST = "tariffs.proposals", Read, Staff
);
use_case!(
    /// Proposes prices.
    pub PROPOSE = "tariffs.propose", Write, Staff
);
use_case!(
    /// Releases or refuses proposed prices.
    pub DECIDE = "tariffs.decide", Write, Staff
);
use_case!(
    /// As [`PROPOSE`], at the command line in the name of an employee.
    pub PROPOSE_HERE = "tariffs.propose_here", Write, System
);
use_case!(
    /// As [`DECIDE`], at the command line in the name of an employee.
    pub DECIDE_HERE = "tariffs.decide_here", Write, System
);

use_case!(
    /// As [`LIST`], at the command line.
    pub LIST_HERE = "tariffs.proposals_here", Read, System
);

use_case!(
    /// Asks for what proposed prices do to be worked out anew.
    pub ANEW = "tariffs.work_out", Write, Staff
);
use_case!(
    /// Keeps what proposed prices do.
    pub KEEP = "tariffs.keep_effect", Write, System
);

job!("tariffs.effect", work_out);

/// After so long what was asked for and never came may be asked for once more.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// Which proposal a job is about.
#[derive(Serialize, Deserialize)]
struct Asked {
    proposal: i64,
}

/// The longest file, in bytes.
const FILE_MAX: usize = 1_000_000;
/// The longest note.
const NOTE_MAX: usize = 1_000;

/// Who acts: the employee who is signed in, or the one who is named at the command line.
async fn begin(
    cx: &Cx,
    who: &Principal,
    by: Option<&str>,
    cases: (&'static UseCase, &'static UseCase),
) -> Result<(Work, PersonId), Fault> {
    let mut work = cx.begin(if matches!(who, Principal::System) { cases.1 } else { cases.0 }, who).await?;
    let person = match (work.who.actor(), by) {
        (Some(person), _) => person,
        (None, Some(email)) => {
            let no = || AppError::field(Field::Email, Problem::NoMatch);
            let email = domain::contact::Email::try_from(email.to_owned()).map_err(|_| no())?;
            store::people::staff_by_email(&mut work.tx, &email).await?.ok_or_else(no)?
        }
        (None, None) => return Err(AppError::SignInRequired.into()),
    };
    Ok((work, person))
}

/// Proposes a file under a name. `by` names the employee where nobody is signed in.
///
/// # Errors
/// The reason why the file is refused, in words; `Invalid` for a name, a note or a file that is none; `SignInRequired`,
/// `Forbidden`; or if the database fails.
pub async fn propose(
    cx: &Cx,
    who: &Principal,
    by: Option<&str>,
    (name, text): (&str, &str),
    note: &str,
) -> Result<Result<i64, file::FileError>, Fault> {
    let (name, note) = (name.trim(), note.trim());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
        return Err(AppError::field(Field::Label, Problem::Malformed).into());
    }
    if note.is_empty() {
        return Err(AppError::field(Field::Message, Problem::Missing).into());
    }
    if note.chars().count() > NOTE_MAX {
        return Err(AppError::field(Field::Message, Problem::TooLong).into());
    }
    if text.len() > FILE_MAX {
        return Err(AppError::field(Field::File, Problem::TooLong).into());
    }
    let (mut work, person) = begin(cx, who, by, (&PROPOSE, &PROPOSE_HERE)).await?;
    if let Err(why) = readable(&mut work, name, text).await? {
        return Ok(Err(why));
    }
    seed(&mut work).await?;
    let (hash, now) = (hash(name, text), work.now);
    let id = tariff_proposals::insert(&mut work.tx, (name, &hash), text, note, person, now).await?;
    work.audit(None, &json!({ "proposal": id, "name": name, "hash": hash, "by": person, "note": note })).await?;
    ask(&mut work, id).await?;
    work.commit().await?;
    Ok(Ok(id))
}

/// What is to become of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Bills from now on are made with it. With what it does was worked out from where somebody looked at that on a page, which the
    /// page sends back.
    Release(Option<&'a str>),
    /// It is not used.
    Refuse,
}

/// Releases a proposal, so that bills from now on are made with it, or refuses it.
///
/// # Errors
/// `Forbidden` for the one who proposed it, `Changed` where it was decided before, where what it does was looked at before bills were made
/// or other prices released, or where it may not be released any more, since another file has what it holds by now; `NotFound`,
/// `SignInRequired`; or if the database fails.
pub async fn decide(cx: &Cx, who: &Principal, by: Option<&str>, id: i64, decision: Decision<'_>) -> Result<(), Fault> {
    let release = decision != Decision::Refuse;
    let (mut work, person) = begin(cx, who, by, (&DECIDE, &DECIDE_HERE)).await?;
    let row = tariff_proposals::by_id(&mut work.tx, id).await?.ok_or(AppError::NotFound)?;
    if row.proposed_by == person {
        return Err(AppError::Forbidden.into());
    }
    if release && readable(&mut work, &row.code, &row.body).await?.is_err() {
        return Err(AppError::Changed.into());
    }
    if let Decision::Release(seen) = decision
        && (seen.is_some() || work.who != Principal::System)
        && seen != Some(&stamp(&mut work, &row.hash).await?)
    {
        return Err(AppError::Changed.into());
    }
    let now = work.now;
    if !tariff_proposals::decide(&mut work.tx, id, person, release, now).await? {
        return Err(AppError::Changed.into());
    }
    if release {
        store::tariffs::insert(&mut work.tx, &row.code, &row.hash, &row.body, now).await?;
    }
    let detail = json!({
        "proposal": id, "name": row.code, "hash": row.hash, "released": release,
        "proposed_by": row.proposed_by, "decided_by": person,
    });
    work.audit(None, &detail).await?;
    work.commit().await
}

async fn view(work: &mut Work, row: ProposalRow, me: Option<PersonId>) -> Result<ProposalView, Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let mut name = async |person: PersonId| -> Result<String, Fault> {
        Ok(store::people::by_id(&mut work.tx, person).await?.map(|p| p.full_name()).unwrap_or_default())
    };
    let decided_by = match row.decided_by {
        Some(person) => Some(name(person).await?),
        None => None,
    };
    Ok(ProposalView {
        proposed_by: name(row.proposed_by).await?,
        decided_by,
        id: row.id,
        name: row.code,
        note: row.note,
        proposed_on: zone.day_of(row.proposed_at),
        decided_on: row.decided_at.map(|at| zone.day_of(at)),
        released: row.released,
        mine: me == Some(row.proposed_by),
        text: row.body,
        changes: None,
        outcome: None,
    })
}

/// The proposals that wait and those that were decided; with `of`, one of them with what it does to every account's last bill.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn list(cx: &Cx, who: &Principal, of: Option<i64>) -> Result<ProposalsView, Fault> {
    let mut work = cx.begin(if matches!(who, Principal::System) { &LIST_HERE } else { &LIST }, who).await?;
    let me = work.who.actor();
    let mut out = ProposalsView { proposals: Vec::new() };
    for row in tariff_proposals::list(&mut work.tx).await? {
        if of.is_none_or(|id| id == row.id) {
            out.proposals.push(view(&mut work, row, me).await?);
        }
    }
    if of.is_some() {
        let one = out.proposals.first_mut().ok_or(AppError::NotFound)?;
        if one.released.is_none() {
            let old = super::in_force(&mut work.tx, &one.name).await?;
            one.changes = old.map(|old| super::changes::changes(&old, &one.text));
            one.outcome = Some(outcome(&mut work, one).await?);
        }
    }
    Ok(out)
}

/// What a proposal's effect depends on: its file, the files in force, and the bills that stand. What came of readings since is left
/// out: they come all day, and hardly touch what was billed.
async fn stamp(work: &mut Work, hash: &str) -> Result<String, Fault> {
    let mut digest = Sha256::new().chain_update(hash);
    for file in store::tariffs::latest(&mut work.tx).await? {
        digest.update(file.hash);
    }
    digest.update(store::bills::newest(&mut work.tx).await?.to_be_bytes());
    Ok(hex::encode(digest.finalize()))
}

/// What a proposal does, as it was worked out last.
async fn outcome(work: &mut Work, of: &ProposalView) -> Result<Outcome, Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let present = stamp(work, &hash(&of.name, &of.text)).await?;
    let Some(row) = tariff_proposals::effect(&mut work.tx, of.id).await? else {
        return Ok(Outcome { made: None, stale: false, under_way: false });
    };
    let under_way = row.under_way() && work.now - row.asked_at < PATIENCE;
    let (Some(made_at), Some(from), Some(kept)) = (row.made_at, row.stamp, row.kept) else {
        return Ok(Outcome { made: None, stale: false, under_way });
    };
    let effects = serde_json::from_value(kept).map_err(|e| Fault::Other(format!("kept effects of prices: {e}")))?;
    Ok(Outcome { stale: from != present, made: Some((effects, zone.to_local(made_at), from)), under_way })
}

/// Queues the working out of what a proposal does.
async fn ask(work: &mut Work, id: i64) -> Result<(), Fault> {
    let now = work.now;
    let row = tariff_proposals::by_id(&mut work.tx, id).await?.ok_or(AppError::NotFound)?;
    let from = stamp(work, &row.hash).await?;
    tariff_proposals::ask_effect(&mut work.tx, id, now).await?;
    let key = format!("tariffs.effect:{id}:{}:{from}", now.timestamp_micros());
    work.enqueue("tariffs.effect", &key, now, &Asked { proposal: id }).await
}

/// Asks for what a proposal does to be worked out anew. While that is under way, nothing more is asked for.
///
/// # Errors
/// `Changed` where it was decided; `NotFound`, `SignInRequired`, `Forbidden`; or if the database fails.
pub async fn work_out_anew(cx: &Cx, who: &Principal, id: i64) -> Result<(), Fault> {
    let mut work = cx.begin(&ANEW, who).await?;
    let row = tariff_proposals::by_id(&mut work.tx, id).await?.ok_or(AppError::NotFound)?;
    if row.decided_at.is_some() {
        return Err(AppError::Changed.into());
    }
    let now = work.now;
    let last = tariff_proposals::effect(&mut work.tx, id).await?;
    if last.is_some_and(|e| e.under_way() && now - e.asked_at < PATIENCE) {
        return Ok(());
    }
    ask(&mut work, id).await?;
    work.audit(None, &json!({ "proposal": id })).await?;
    work.commit().await
}

/// Asks anew for what the proposals that wait do, after bills were made.
///
/// # Errors
/// If the database fails.
pub(crate) async fn renew(cx: &Cx) -> Result<(), Fault> {
    let mut work = cx.begin(&KEEP, &Principal::System).await?;
    for id in tariff_proposals::waiting(&mut work.tx).await? {
        ask(&mut work, id).await?;
    }
    work.commit().await
}

/// Works out what a proposal does to every account's last bill, and keeps it: at the scale of a city that takes a minute.
async fn work_out(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Asked { proposal: id } = payload(job)?;
    let mut work = cx.begin(&LIST_HERE, &Principal::System).await?;
    let now = work.now;
    let Some(row) = tariff_proposals::by_id(&mut work.tx, id).await?.filter(|r| r.decided_at.is_none()) else {
        return Ok(Next::Done);
    };
    let from = stamp(&mut work, &row.hash).await?;
    let tried = billing::shadow::proposed(&mut work, &row.code, &row.body).await?;
    drop(work);
    let effects = Effects {
        effect: billing::shadow::effect(&tried.by_date),
        all_along: tried.all_along.map(|a| AllAlong { from: a.from, effect: billing::shadow::effect(&a.shadow) }),
    };
    let kept = serde_json::to_value(effects).map_err(|e| Fault::Other(e.to_string()))?;
    let mut work = cx.begin(&KEEP, &Principal::System).await?;
    tariff_proposals::keep_effect(&mut work.tx, id, now, &from, &kept).await?;
    work.commit().await?;
    Ok(Next::Done)
}
