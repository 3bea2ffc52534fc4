//! What some people of the town have planned: autopay, payments in two parts, and a bill that autopay asks about. Through the doors
//! that they would use themselves; the card is saved at the processor as on its page.

use anyhow::Context as _;
use chrono::Days;
use domain::ids::SessionId;
use domain::money::Cents;
use services::payments::later::{self, Choice, Wanted};
use services::payments::methods;
use services::{Cx, Principal};

use super::books::LOOK;
use super::seed::{Cast, Resident};
use crate::sandbox::{Means, Sandbox};

/// Plans it, once for the life of the town.
///
/// # Errors
/// If a door refuses, which is a defect, or a database fails.
pub async fn settle(cx: &Cx, sandbox: &Sandbox, cast: &Cast) -> anyhow::Result<()> {
    let of = |story: &str| cast.residents.iter().find(|r| r.story == story);
    if let Some(person) = of("new-meter") {
        autopay(cx, sandbox, person, Means::Good, "3", "50").await?;
    }
    if let Some(person) = of("high-bill") {
        autopay(cx, sandbox, person, Means::Good, "0", "25").await?;
    }
    for person in ["car", "family"].into_iter().filter_map(of) {
        two_parts(cx, sandbox, person).await?;
    }
    Ok(())
}

/// The person, and a card that they have saved; `None` where that was done before.
async fn saved(
    cx: &Cx,
    sandbox: &Sandbox,
    who: &Resident,
    means: Means,
) -> anyhow::Result<Option<(Principal, String, i64)>> {
    let Some(account) = who.accounts.first() else { return Ok(None) };
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let email = domain::contact::Email::try_from(who.email.clone()).map_err(|e| anyhow::anyhow!("{e}"))?;
    let person = store::people::by_email(&mut work.tx, &email).await?.context(who.email.clone())?;
    let before = store::saved_methods::of_person(&mut work.tx, person.id).await?;
    drop(work);
    if !before.is_empty() {
        return Ok(None);
    }
    let principal = Principal::Resident { person: person.id, session: SessionId(0) };
    let page = methods::add(cx, &principal, account, "demo1").await?;
    let id = page.rsplit('/').next().unwrap_or_default().to_owned();
    sandbox.save(&id, means).await?;
    let reference = sandbox.reference_of(&id).await?.context("the setup is gone")?;
    let view = methods::show(cx, &principal, account, Some(&reference)).await?;
    let method = view.methods.last().context("no card was saved")?.method.id;
    Ok(Some((principal, account.clone(), method)))
}

async fn autopay(
    cx: &Cx,
    sandbox: &Sandbox,
    who: &Resident,
    means: Means,
    days_before: &str,
    brake: &str,
) -> anyhow::Result<()> {
    let Some((person, account, method)) = saved(cx, sandbox, who, means).await? else { return Ok(()) };
    let choice = Choice {
        method,
        days_before: days_before.to_owned(),
        limit: String::new(),
        brake: brake.to_owned(),
        today_too: Some(true),
        key: "demo2".to_owned(),
    };
    later::enrol(cx, &person, &account, &choice).await?;
    Ok(())
}

/// What is owed, half of it in time and half on a payday after the due date.
async fn two_parts(cx: &Cx, sandbox: &Sandbox, who: &Resident) -> anyhow::Result<()> {
    let Some((person, account, method)) = saved(cx, sandbox, who, Means::Bank).await? else { return Ok(()) };
    let view = later::scheduled(cx, &person, &account, Some(2), None).await?;
    let (Some(due), true) = (view.due_on, view.open > Cents(200)) else { return Ok(()) };
    let halves = domain::payment::planned::parts(view.open, 2);
    let days = [due - Days::new(7), due + Days::new(7)];
    let part =
        |(on, amount): (chrono::NaiveDate, Cents)| (on.clamp(view.days.0, view.days.1).to_string(), amount.to_string());
    let parts = days.into_iter().zip(halves).map(part).collect();
    later::schedule_parts(cx, &person, &account, &Wanted { method, parts, key: "demo3".to_owned() }).await?;
    Ok(())
}
