//! Accounts, who holds them, and their service agreements: one line an agreement, the account's columns repeated.

use chrono::NaiveDate;
use contract::AppError;
use domain::access::AccountRole;
use domain::contact::{Email, Phone};
use domain::ids::{AccountId, PersonId};
use domain::quantity::ServiceKind;
use domain::tariff::Facts;
use store::accounts::{NewAccount, NewAgreement};
use store::import::AccountChange;
use store::people::{NewPerson, PersonKind};

use super::table::Line;
use super::{Effect, or_refuse};
use crate::{Fault, Work};

pub const COLUMNS: &[&str] = &[
    "account",
    "name",
    "given_name",
    "family_name",
    "email",
    "phone",
    "opened",
    "closed",
    "cycle_day",
    "paperless",
    "mailing_street",
    "mailing_city",
    "mailing_postcode",
    "street",
    "postcode",
    "service",
    "service_point",
    "schedule",
    "facts",
    "since",
    "until",
];

pub async fn take(work: &mut Work, line: &Line<'_>) -> Result<Result<Effect, String>, Fault> {
    let mut effect = Effect::Unchanged;
    let account = or_refuse!(account(work, line, &mut effect).await?);
    let Some(premise) =
        store::import::premise(&mut work.tx, or_refuse!(line.required("street")), line.text("postcode")).await?
    else {
        return Ok(Err(format!(
            "there is no premise at {}, {}; import premises first",
            line.text("street"),
            line.text("postcode")
        )));
    };
    let service: ServiceKind = or_refuse!(line.word("service", "electricity, gas, water, wastewater, refuse, storm"));
    let since = or_refuse!(line.instant("since"));
    let until = or_refuse!(line.instant_or_none("until"));
    let schedule = or_refuse!(line.required("schedule"));
    let facts = match line.text("facts") {
        "" => "{}",
        text => text,
    };
    let facts: Facts = or_refuse!(
        serde_json::from_str(facts)
            .map_err(|e| format!("`facts` is `{facts}`; it should be like {{\"eru\":\"1.0\"}}: {e}"))
            .and_then(|f: Facts| f.check().map(|()| f))
    );
    let facts = serde_json::to_value(facts).map_err(|e| Fault::Other(e.to_string()))?;
    let point = match (service.commodity(), line.text("service_point")) {
        (None, _) => None,
        (Some(_), "") => return Ok(Err(format!("`service_point` is empty; {} is metered", service.slug()))),
        (Some(commodity), number) => match store::import::point(&mut work.tx, number).await? {
            Some(p) if p.premise_id == premise.id && p.commodity == commodity => Some(p.id),
            Some(_) => return Ok(Err(format!("service point {number} is not for {} at this premise", service.slug()))),
            None => return Ok(Err(format!("there is no service point {number}; import premises first"))),
        },
    };
    match store::import::agreement(&mut work.tx, account, premise.id, service, since).await? {
        Some(known) => {
            if known.schedule != schedule || known.facts != facts || known.until != until {
                store::import::set_agreement(&mut work.tx, known.id, schedule, &facts, until).await?;
                if matches!(effect, Effect::Unchanged) {
                    effect = Effect::Changed;
                }
            }
        }
        None => {
            let new = NewAgreement { account, premise: premise.id, point, service, schedule, facts: &facts, since };
            let id = store::accounts::insert_agreement(&mut work.tx, &new).await?;
            if until.is_some() {
                store::import::set_agreement(&mut work.tx, id, schedule, &facts, until).await?;
            }
            effect = Effect::Added;
        }
    }
    Ok(Ok(effect))
}

/// Finds or makes the account of a line, and its holder.
async fn account(work: &mut Work, line: &Line<'_>, effect: &mut Effect) -> Result<Result<AccountId, String>, Fault> {
    let number = or_refuse!(line.required("account"));
    let name = or_refuse!(line.required("name"));
    let opened_on: NaiveDate = or_refuse!(line.parsed("opened", "2024-10-01"));
    let closed_on = or_refuse!(line.date_or_none("closed"));
    let cycle_day: i64 = or_refuse!(line.parsed("cycle_day", "14"));
    if !(1..=28).contains(&cycle_day) {
        return Ok(Err(format!("`cycle_day` is {cycle_day}; it should be from 1 to 28")));
    }
    let paperless: bool = or_refuse!(line.parsed("paperless", "true or false"));
    let (street, city, postcode) =
        (line.text("mailing_street"), line.text("mailing_city"), line.text("mailing_postcode"));
    let id = match store::accounts::by_number(&mut work.tx, number).await? {
        Some(known) => {
            let change = AccountChange { name, closed_on, cycle_day, street, city, postcode };
            if known.name != name || known.closed_on != closed_on || known.cycle_day != cycle_day {
                store::import::set_account(&mut work.tx, known.id, &change).await?;
                *effect = Effect::Changed;
            }
            known.id
        }
        None => {
            let new = NewAccount { number, name, opened_on, cycle_day, paperless, street, city, postcode };
            let id = store::accounts::insert(&mut work.tx, &new).await?;
            if closed_on.is_some() {
                let change = AccountChange { name, closed_on, cycle_day, street, city, postcode };
                store::import::set_account(&mut work.tx, id, &change).await?;
            }
            *effect = Effect::Added;
            id
        }
    };
    if !line.text("email").is_empty() {
        let person = or_refuse!(holder(work, line).await?);
        if !store::import::has_role(&mut work.tx, id, person).await? {
            let since = work.now;
            store::accounts::grant(&mut work.tx, id, person, AccountRole::Holder, since).await?;
        }
    }
    Ok(Ok(id))
}

/// The person of an e-mail address; whoever has no address claims the account later.
async fn holder(work: &mut Work, line: &Line<'_>) -> Result<Result<PersonId, String>, Fault> {
    let email = or_refuse!(
        Email::try_from(line.text("email").to_owned()).map_err(|e| format!("`email` is `{}`: {e}", line.text("email")))
    );
    let phone = match line.text("phone") {
        "" => None,
        text => Some(or_refuse!(Phone::try_from(text.to_owned()).map_err(|e| format!("`phone` is `{text}`: {e}")))),
    };
    if let Some(known) = store::people::by_email(&mut work.tx, &email).await? {
        if known.kind != PersonKind::Resident {
            return Err(AppError::Forbidden.into());
        }
        return Ok(Ok(known.id));
    }
    let new = NewPerson {
        kind: PersonKind::Resident,
        given_name: line.text("given_name"),
        family_name: line.text("family_name"),
        email: Some(&email),
        phone: phone.as_ref(),
    };
    let now = work.now;
    Ok(Ok(store::people::insert(&mut work.tx, &new, now).await?))
}
