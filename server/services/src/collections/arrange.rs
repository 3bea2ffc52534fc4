//! Payment arrangements: the resident sees the plan by date and amount before agreeing; staff may write one down for them.

use chrono::{Days, NaiveDate};
use contract::collections::{Agreed, ArrangementView, Instalment, NotOffered};
use contract::{AppError, Field, Problem};
use domain::ids::{AccountId, PersonId};
use domain::ledger::Due;
use domain::ledger::asked::{LEAST_INSTALMENT, MONTHS, Standing, What, instalments, may_arrange};
use domain::money::Cents;
use serde_json::json;
use store::arrangements::NewArrangement;

use super::{Position, mails};
use crate::accounts::{open, open_page};
use crate::payments::random_code;
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Shows the arrangement, or the one that may be made.
    pub SHOW = "arrangement.show", Read, Resident
);
use_case!(
    /// Agrees to an arrangement.
    pub AGREE = "arrangement.agree", Write, Resident
);
use_case!(
    /// Puts a broken arrangement back.
    pub PUT_BACK = "arrangement.put_back", Write, Resident
);

/// Days until the first instalment.
const FIRST_AFTER: u64 = 14;
/// The months that are offered at first.
const USUAL: u32 = 6;

/// Why a resident cannot make one by themselves.
fn not_offered(p: &Position) -> Option<NotOffered> {
    let owed = p.balance.total();
    if owed <= Cents::ZERO {
        return Some(NotOffered::NothingOwed);
    }
    if p.level().is_some() {
        return Some(NotOffered::Budget);
    }
    if owed.0 < 2 * LEAST_INSTALMENT.0 {
        return Some(NotOffered::TooLittle);
    }
    p.arrangement.as_ref().filter(|(a, _)| a.standing == Standing::Broken).map(|_| NotOffered::AskUs)
}

fn first(today: NaiveDate) -> NaiveDate {
    today + Days::new(FIRST_AFTER)
}

fn agreed_view(work: &Work, p: &Position) -> Option<Agreed> {
    let (row, spread) = p.arrangement.as_ref()?;
    if !matches!(row.standing, Standing::Active | Standing::Broken) || p.balance.total() <= Cents::ZERO {
        return None;
    }
    // Of a broken one: what would be asked if it were in force.
    let asked = p.ask(Some(spread));
    let open =
        |i: usize| asked.items.iter().find(|(w, ..)| *w == What::Instalment(i)).map_or(Cents::ZERO, |(.., open)| *open);
    let list = spread.instalments.iter().enumerate().map(|(i, due)| Instalment { due: *due, open: open(i) }).collect();
    let missed = asked.late(p.today);
    let until = row.changed_on + Days::new(u64::from(work.settings.collections.reinstate_days));
    let may = row.standing == Standing::Broken && !row.reinstated && p.today <= until;
    Some(Agreed {
        total: row.total,
        on: row.agreed_on,
        standing: row.standing,
        instalments: list,
        may_put_back: may && missed <= Cents::ZERO,
        missed,
        put_back_until: may.then_some(until),
    })
}

/// The arrangement in force, or the plan of one that may be made.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn show(cx: &Cx, who: &Principal, number: &str, months: Option<u32>) -> Result<ArrangementView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open_page(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let p = Position::load(&mut work, account.id, today).await?;
    let owed = p.balance.total();
    let agreed = agreed_view(&work, &p);
    let not_offered = not_offered(&p);
    let choices: Vec<(u32, Cents)> = (MONTHS.0..=MONTHS.1)
        .filter(|m| may_arrange(owed, *m).is_ok())
        .map(|m| (m, instalments(owed, m, today).first().map_or(Cents::ZERO, |d| d.amount)))
        .collect();
    let most = choices.last().map_or(MONTHS.0, |(m, _)| *m);
    let months = months.unwrap_or(USUAL).clamp(MONTHS.0, most);
    let offered = agreed.is_none() && not_offered.is_none();
    Ok(ArrangementView {
        account: account.head,
        owed,
        agreed,
        not_offered,
        plan: if offered { instalments(owed, months, first(today)) } else { Vec::new() },
        choices: if offered { choices } else { Vec::new() },
        months,
        grace_days: work.settings.collections.arrangement_grace_days,
        form_key: random_code(&cx.entropy),
    })
}

/// Agrees to spread what is owed. `total` is what the person saw: if it is another by now, they look again.
///
/// # Errors
/// `Changed`, `Invalid` by field, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn agree(cx: &Cx, who: &Principal, number: &str, months: &str, total: &str, key: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&AGREE, who).await?;
    let account = open(&mut work, number).await?;
    let person = who.resident().ok_or(AppError::SignInRequired)?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    crate::ledger::lock(&mut work, account.id).await?;
    let p = Position::load(&mut work, account.id, today).await?;
    if let Some((row, _)) = p.arrangement.as_ref().filter(|(a, _)| a.standing == Standing::Active) {
        // The second click of two.
        return if row.agreed_on == today { Ok(()) } else { Err(AppError::Changed.into()) };
    }
    if not_offered(&p).is_some() || Cents::parse(total) != Ok(p.balance.total()) {
        return Err(AppError::Changed.into());
    }
    make(&mut work, account.id, &p, (person, false), months, key).await?;
    work.commit().await
}

/// Writes an arrangement over everything that is owed.
pub(crate) async fn make(
    work: &mut Work,
    account: AccountId,
    p: &Position,
    (person, by_staff): (PersonId, bool),
    months: &str,
    key: &str,
) -> Result<(), Fault> {
    let key = form_key(key)?;
    let months: u32 = months.trim().parse().map_err(|_| AppError::field(Field::Months, Problem::Malformed))?;
    let total = p.balance.total();
    may_arrange(total, months).map_err(|_| AppError::field(Field::Months, Problem::OutOfRange))?;
    let through = p.standing().next_back().map_or(p.today, |b| b.period_to.max(p.today));
    let plan: Vec<Due> = instalments(total, months, first(p.today));
    let new = NewArrangement {
        account,
        total,
        through,
        on: p.today,
        by: person,
        by_staff,
        form_key: key,
        instalments: &plan,
    };
    let Some(id) = store::arrangements::insert(&mut work.tx, &new).await? else { return Ok(()) };
    work.audit(Some(account), &json!({ "arrangement": id, "total": total, "months": months })).await?;
    mails::agreed(work, account, id, total, &plan).await?;
    // The first instalment may be due before what autopay had planned: it is planned now and not some morning.
    crate::payments::later::plan(work, account, p.today).await
}

/// Puts a broken arrangement back, once, after what was missed has been paid.
///
/// # Errors
/// `Changed` where it may not be put back (any more); `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the
/// database.
pub async fn put_back(cx: &Cx, who: &Principal, number: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&PUT_BACK, who).await?;
    let account = open(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    crate::ledger::lock(&mut work, account.id).await?;
    let p = Position::load(&mut work, account.id, today).await?;
    let may = agreed_view(&work, &p).is_some_and(|a| a.may_put_back);
    let Some((row, _)) = p.arrangement.as_ref().filter(|_| may) else { return Err(AppError::Changed.into()) };
    store::arrangements::set_standing(&mut work.tx, row.id, Standing::Active, true, today).await?;
    work.audit(Some(account.id), &json!({ "arrangement": row.id, "standing": Standing::Active })).await?;
    crate::payments::later::plan(&mut work, account.id, today).await?;
    work.commit().await
}
