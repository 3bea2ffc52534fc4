//! Saved ways to pay: saving one on the processor's page, listing, removing. They are a person's; an account's other people see
//! at most the name of the one that autopay uses.

use chrono::{NaiveDate, TimeDelta};
use contract::saved::{Method, MethodUse, MethodsView};
use contract::{AppError, Field, Problem};
use domain::ids::{MethodId, PersonId};
use domain::payment::SetupStatus;
use domain::payment::planned::Why;
use domain::payment::saved::{last_day, validity};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::saved_methods::{MethodRow, NewMethod, SetupRow};
use store::work::JobRow;

use super::charge::{customer, usable};
use super::hear::{LOOK, SETTLE, down};
use super::{later, random_code};
use crate::accounts::open;
use crate::adapters::payment::{NewSetup, SetupReport};
use crate::jobs::{Next, payload};
use crate::limits::{METHOD_ADD, count};
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, job, use_case, zones};

use_case!(
    /// Lists saved ways to pay.
    pub SHOW = "methods.show", Read, Resident
);
use_case!(
    /// Begins to save a way to pay.
    pub ADD = "methods.add", Write, Resident
);
use_case!(
    /// Removes a saved way to pay.
    pub REMOVE = "methods.remove", Write, Resident
);

/// How long a person has on the processor's page.
const TIME_TO_SAVE: TimeDelta = TimeDelta::minutes(30);
/// How many a person keeps at most.
const MOST: usize = 12;

/// A saved way to pay as it crosses the wire.
pub(super) fn view(row: &MethodRow, today: NaiveDate) -> Method {
    Method {
        id: row.id.0,
        kind: row.kind,
        label: row.label.clone(),
        expires_on: row.expires_on,
        validity: validity(row.expires_on, today),
    }
}

/// The person's own, as they cross the wire.
pub(super) async fn all(work: &mut Work, who: &Principal, today: NaiveDate) -> Result<Vec<Method>, Fault> {
    let Some(person) = who.resident() else { return Ok(Vec::new()) };
    let rows = store::saved_methods::of_person(&mut work.tx, person).await?;
    Ok(rows.iter().map(|r| view(r, today)).collect())
}

/// One of the person's own that can be used today.
pub(super) async fn own(work: &mut Work, who: &Principal, id: i64, today: NaiveDate) -> Result<MethodRow, Fault> {
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let row = store::saved_methods::by_id(&mut work.tx, MethodId(id)).await?;
    let row = row.filter(|m| m.person_id == person && m.removed_at.is_none());
    let row = row.ok_or_else(|| AppError::field(Field::Method, Problem::NoMatch))?;
    if !usable(validity(row.expires_on, today)) {
        return Err(AppError::field(Field::Method, Problem::OutOfRange).into());
    }
    Ok(row)
}

/// The same, to be paid with: it is not removed before the transaction ends. Lock the account first.
pub(super) async fn own_to_use(
    work: &mut Work,
    who: &Principal,
    id: i64,
    today: NaiveDate,
) -> Result<MethodRow, Fault> {
    store::saved_methods::lock(&mut work.tx, MethodId(id)).await?;
    own(work, who, id, today).await
}

/// Where the receipt of what this person pays is mailed, masked.
pub(super) async fn receipt_to(work: &mut Work, who: &Principal) -> Result<Option<String>, Fault> {
    let Some(person) = who.resident() else { return Ok(None) };
    let person = store::people::by_id(&mut work.tx, person).await?;
    Ok(person.and_then(|p| p.email).map(|e| e.masked()))
}

/// The person's saved ways to pay. `back` is the setting up that they come back from: if its end is not known yet, the processor
/// is asked first.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database. That the processor is down is no error.
pub async fn show(cx: &Cx, who: &Principal, number: &str, back: Option<&str>) -> Result<MethodsView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    open(&mut work, number).await?;
    let mut processor_down = false;
    let mine = |s: &SetupRow| Some(s.person_id) == who.resident();
    let mut setup = None;
    if let Some(reference) = back {
        setup = store::saved_methods::setup(&mut work.tx, reference).await?.filter(mine);
    }
    if let Some(begun) = setup.as_ref().filter(|s| !s.status.is_final())
        && matches!(who, Principal::Resident { .. })
    {
        drop(work);
        match ask(cx, &begun.reference).await {
            Ok(()) => {}
            Err(Fault::App(AppError::ProcessorDown)) => processor_down = true,
            Err(other) => return Err(other),
        }
        work = cx.begin(&SHOW, who).await?;
        setup = store::saved_methods::setup(&mut work.tx, &begun.reference).await?;
    }
    let account = open(&mut work, number).await?;
    let today = zones::stored(&account.zone)?.day_of(work.now);
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let mut methods = Vec::new();
    for row in store::saved_methods::of_person(&mut work.tx, person).await? {
        let uses = store::saved_methods::used_by(&mut work.tx, row.id).await?;
        // In view-as the other accounts of the person are none of the employee's business.
        let here = |n: &String| matches!(who, Principal::Resident { .. }) || *n == account.row.number;
        methods.push(MethodUse {
            method: view(&row, today),
            autopay: uses.iter().filter(|(n, what, _)| what == "autopay" && here(n)).map(|(n, ..)| n.clone()).collect(),
            scheduled: u32::try_from(uses.iter().filter(|(n, what, _)| what == "scheduled" && here(n)).count())
                .unwrap_or(u32::MAX),
        });
    }
    Ok(MethodsView {
        head: account.head,
        methods,
        setup: setup.map(|s| s.status),
        processor_down,
        form_key: random_code(&cx.entropy),
    })
}

/// What the audit keeps of a setting up.
#[derive(Serialize)]
struct Begun<'a> {
    setup: &'a str,
}

/// The payload of `method.setup`.
#[derive(Debug, Serialize, Deserialize)]
struct Follow {
    setup: String,
}

/// Begins to save a way to pay; answers the processor's page. `back` is the page to come back to, under the account.
///
/// # Errors
/// `TooManyTries`; `Invalid` where a person keeps a dozen already; `ProcessorDown`, `NotFound`, `SignInRequired`, `ViewAsReadOnly`,
/// or a failure of the database.
pub async fn add(cx: &Cx, who: &Principal, number: &str, key: &str) -> Result<String, Fault> {
    if let Principal::Resident { person, .. } = who {
        count(cx, &METHOD_ADD, &person.0.to_string()).await?;
    }
    let mut work = cx.begin(&ADD, who).await?;
    let account = open(&mut work, number).await?;
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let key = form_key(key)?;
    let now = work.now;
    if store::saved_methods::of_person(&mut work.tx, person).await?.len() >= MOST {
        return Err(AppError::field(Field::Method, Problem::TooMany).into());
    }
    let reference = format!("S-{}", random_code(&cx.entropy));
    let times = (now, now + TIME_TO_SAVE);
    let new = store::saved_methods::begin(&mut work.tx, &reference, (person, account.id), key, times).await?;
    if new.is_some() {
        let job = Follow { setup: reference.clone() };
        work.enqueue("method.setup", &format!("method.setup:{reference}"), now + TimeDelta::minutes(2), &job).await?;
        work.audit(Some(account.id), &Begun { setup: &reference }).await?;
    }
    let setup = store::saved_methods::setup_by_form(&mut work.tx, person, key).await?;
    let setup = setup.ok_or_else(|| Fault::Other("a setup is gone".into()))?;
    work.commit().await?;
    let portal = &cx.settings.portal_origin;
    let back = format!("{portal}/a/{number}/methods?saved={}", setup.reference);
    if setup.status.is_final() || setup.expires_at <= now {
        return Ok(back);
    }
    let new = NewSetup {
        reference: setup.reference.clone(),
        customer: customer(person),
        description: locales::mail::checkout_description(
            locales::Lang::En,
            &account.row.number,
            &cx.settings.utility_name,
        ),
        return_url: back,
        own_page: format!("{portal}/a/{number}/methods/{}", setup.reference),
        expires_at: setup.expires_at,
    };
    let page = cx.outside.payments.setup(&new).await.map_err(down)?;
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    store::saved_methods::set_url(&mut work.tx, setup.id, &page.id, &page.url).await?;
    work.commit().await?;
    Ok(page.url)
}

/// Believes a report about a setting up and keeps what was saved, once. Answers whether it is one of ours.
///
/// # Errors
/// If the database fails.
pub async fn hear_setup(cx: &Cx, report: &SetupReport) -> Result<bool, Fault> {
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let Some(setup) = store::saved_methods::lock_setup(&mut work.tx, &report.reference).await? else {
        return Ok(false);
    };
    let saved = report.status == SetupStatus::Saved;
    if setup.status == SetupStatus::Saved || !(saved || report.revision > setup.revision) {
        return Ok(true);
    }
    let now = work.now;
    let mut status = report.status;
    if saved {
        let Some(method) = &report.method else {
            return Err(Fault::Other(format!("setup {} was saved without a way to pay", report.reference)));
        };
        let new = NewMethod {
            person: setup.person_id,
            setup: setup.id,
            provider: cx.outside.payments.name(),
            token: &method.token,
            kind: method.kind,
            label: &method.label,
            expires_on: method.expires.and_then(last_day),
            at: now,
        };
        let full = store::saved_methods::of_person(&mut work.tx, setup.person_id).await?.len() >= MOST;
        let Some(id) = store::saved_methods::insert(&mut work.tx, &new).await? else { return Ok(true) };
        if full {
            // Begun before the dozen was full: it is not kept, neither here nor there.
            store::saved_methods::remove(&mut work.tx, id, now).await?;
            work.enqueue("method.forget", &format!("method.forget:{}", id.0), now, &Forget { method: id.0 }).await?;
            status = SetupStatus::Cancelled;
        }
    }
    let revision = report.revision.max(setup.revision);
    store::saved_methods::set_setup(&mut work.tx, setup.id, status, revision, now).await?;
    work.audit(Some(setup.account_id), &json!({ "setup": report.reference, "status": status })).await?;
    work.commit().await?;
    Ok(true)
}

/// Asks about a setting up that the processor names, by our reference or by its own key. Answers whether it is one of ours.
pub(super) async fn look_again(cx: &Cx, reference: Option<&str>, id: &str) -> Result<bool, Fault> {
    let reference = match reference {
        Some(reference) => Some(reference.to_owned()),
        None => {
            let mut work = cx.begin(&LOOK, &Principal::System).await?;
            store::saved_methods::by_key(&mut work.tx, id).await?
        }
    };
    let Some(reference) = reference else { return Ok(false) };
    ask(cx, &reference).await?;
    Ok(true)
}

/// Asks the processor how a setting up stands and believes the answer.
async fn ask(cx: &Cx, reference: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let key = store::saved_methods::setup(&mut work.tx, reference).await?.and_then(|s| s.setup);
    drop(work);
    let report = cx.outside.payments.setup_status(reference, key.as_deref()).await.map_err(down)?;
    match report {
        Some(report) if report.reference == reference => hear_setup(cx, &report).await.map(drop),
        Some(report) => Err(Fault::Other(format!("asked for setup {reference}, told about {}", report.reference))),
        None => Ok(()),
    }
}

job!("method.setup", follow);

/// Asks how a setting up stands until its end is known: the answer to a message that never comes and a person who never returns.
async fn follow(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Follow { setup: reference } = payload(job)?;
    match ask(cx, &reference).await {
        Ok(()) => {}
        Err(Fault::App(AppError::ProcessorDown)) => return Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(5))),
        Err(other) => return Err(other),
    }
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let Some(setup) = store::saved_methods::setup(&mut work.tx, &reference).await? else {
        return Ok(Next::GiveUp(format!("there is no setup {reference}")));
    };
    if setup.status.is_final() {
        return Ok(Next::Done);
    }
    if setup.expires_at + TimeDelta::minutes(10) > work.now {
        return Ok(Next::Again(work.now + TimeDelta::minutes(5)));
    }
    drop(work);
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let now = work.now;
    // A word of the processor, should one come after all, is heard.
    if let Some(setup) = store::saved_methods::lock_setup(&mut work.tx, &reference).await?
        && !setup.status.is_final()
    {
        store::saved_methods::set_setup(&mut work.tx, setup.id, SetupStatus::Expired, setup.revision, now).await?;
        work.commit().await?;
    }
    Ok(Next::Done)
}

/// The payload of `method.forget`.
#[derive(Debug, Serialize, Deserialize)]
struct Forget {
    method: i64,
}

/// Removes one of the person's own. What uses it is moved to `instead`, or ends.
///
/// # Errors
/// `Invalid` by field for one that is not theirs, `Changed` where it began to be used on another account at the same moment,
/// `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn remove(cx: &Cx, who: &Principal, number: &str, id: i64, instead: Option<i64>) -> Result<(), Fault> {
    let mut work = cx.begin(&REMOVE, who).await?;
    let account = open(&mut work, number).await?;
    let today = zones::stored(&account.zone)?.day_of(work.now);
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    // Everyone who may pay with it waits here: those who lock their account first, and those who are about to begin to use it.
    let mut locked = store::saved_methods::accounts(&mut work.tx, MethodId(id)).await?;
    locked.push(account.id);
    store::ledger::lock_many(&mut work.tx, &locked).await?;
    store::saved_methods::lock(&mut work.tx, MethodId(id)).await?;
    let used = store::saved_methods::accounts(&mut work.tx, MethodId(id)).await?;
    if used.iter().any(|account| !locked.contains(account)) {
        return Err(AppError::Changed.into());
    }
    let Some(row) = store::saved_methods::by_id(&mut work.tx, MethodId(id)).await?.filter(|m| m.person_id == person)
    else {
        return Err(AppError::field(Field::Method, Problem::NoMatch).into());
    };
    if row.removed_at.is_some() {
        return Ok(());
    }
    let now = work.now;
    match instead {
        Some(other) if other != id => {
            let other = own_to_use(&mut work, who, other, today).await?;
            store::autopay::move_method(&mut work.tx, row.id, other.id).await?;
            store::planned::move_method(&mut work.tx, row.id, other.id).await?;
        }
        Some(_) => return Err(AppError::field(Field::Method, Problem::NoMatch).into()),
        None => {
            for autopay in store::autopay::of_method(&mut work.tx, row.id).await? {
                later::end_autopay(&mut work, autopay, Why::MethodRemoved).await?;
            }
            for planned in store::planned::of_method(&mut work.tx, row.id).await? {
                later::cancel(&mut work, planned, Why::MethodRemoved).await?;
            }
        }
    }
    store::saved_methods::remove(&mut work.tx, row.id, now).await?;
    work.enqueue("method.forget", &format!("method.forget:{id}"), now, &Forget { method: id }).await?;
    work.audit(Some(account.id), &json!({ "method": id, "instead": instead })).await?;
    work.commit().await
}

job!("method.forget", forget);

/// Tells the processor to forget one that was removed.
async fn forget(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let Forget { method } = payload(job)?;
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let Some(row) = store::saved_methods::by_id(&mut work.tx, MethodId(method)).await? else {
        return Ok(Next::GiveUp(format!("there is no way to pay {method}")));
    };
    drop(work);
    match cx.outside.payments.forget(&row.token).await.map_err(down) {
        Ok(()) => {}
        Err(Fault::App(AppError::ProcessorDown)) => return Ok(Next::Again(cx.clock.now() + TimeDelta::minutes(30))),
        Err(other) => return Err(other),
    }
    let mut work = cx.begin(&SETTLE, &Principal::System).await?;
    let now = work.now;
    store::saved_methods::forgotten(&mut work.tx, row.id, now).await?;
    work.commit().await?;
    Ok(Next::Done)
}

/// Whether a person is among those who may use an account now.
pub(super) async fn has_role(
    work: &mut Work,
    account: domain::ids::AccountId,
    person: PersonId,
) -> Result<bool, Fault> {
    let now = work.now;
    Ok(store::accounts::role(&mut work.tx, account, person, now).await?.is_some())
}
