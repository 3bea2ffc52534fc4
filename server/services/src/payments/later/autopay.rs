//! Autopay as its page: what it will do, turning it on, changing and leaving it, and the answers it asks for.

use contract::bills::DueView;
use contract::saved::{AutopayView, Enrolled};
use contract::{AppError, Field, Problem};
use domain::access::AccountRole;
use domain::calendar::Zone;
use domain::ids::{AccountId, PersonId, PlannedId};
use domain::ledger::asked::What;
use domain::money::Cents;
use domain::payment::autopay::{Terms, TermsRefused, short};
use domain::payment::planned::{State, Why};
use serde_json::json;
use store::autopay::NewAutopay;

use super::{carry, end_autopay, mails, open_views, plan, take, turns::ask_anew, view};
use crate::accounts::{OpenedAccount, open};
use crate::payments::{methods, random_code};
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, billing, use_case, zones};

use_case!(
    /// Shows autopay.
    pub SHOW = "autopay.show", Read, Resident
);
use_case!(
    /// Turns autopay on or changes it.
    pub ENROL = "autopay.enrol", Write, Resident
);
use_case!(
    /// Turns autopay off.
    pub LEAVE = "autopay.leave", Write, Resident
);
use_case!(
    /// Answers what autopay asks.
    pub ANSWER = "autopay.answer", Write, Resident
);

/// What a form chooses.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The saved way to pay.
    pub method: i64,
    /// Days before the due date, as typed.
    pub days_before: String,
    /// The most it takes, as typed; empty takes the whole.
    pub limit: String,
    /// Above which share it asks, in percent; empty never does.
    pub brake: String,
    /// Whether what is to be paid today is taken too. It has to be said where anything is; `None` is for where nothing is.
    pub today_too: Option<bool>,
    /// The form's own key.
    pub key: String,
}

impl Choice {
    fn terms(&self) -> Result<Terms, AppError> {
        let days_before =
            self.days_before.trim().parse().map_err(|_| AppError::field(Field::DaysBefore, Problem::Malformed))?;
        let limit = match self.limit.trim() {
            "" => None,
            text => Some(Cents::parse(text).map_err(|_| AppError::field(Field::Limit, Problem::Malformed))?),
        };
        let brake_percent = match self.brake.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| AppError::field(Field::Brake, Problem::Malformed))?),
        };
        let terms = Terms { days_before, limit, brake_percent };
        terms.check().map_err(|e| match e {
            TermsRefused::Days => AppError::field(Field::DaysBefore, Problem::OutOfRange),
            TermsRefused::Limit => AppError::field(Field::Limit, Problem::OutOfRange),
            TermsRefused::Brake => AppError::field(Field::Brake, Problem::OutOfRange),
        })?;
        Ok(terms)
    }
}

/// What is due, and what of it is not on its way.
async fn owed(work: &mut Work, account: AccountId, zone: &Zone) -> Result<(DueView, Cents), Fault> {
    let due = billing::due::due(work, account, zone).await?;
    let on_its_way = store::payments::pending_sum(&mut work.tx, account).await?;
    let owed = (due.asked - on_its_way).max(Cents::ZERO);
    Ok((due, owed))
}

/// The page.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn show(cx: &Cx, who: &Principal, number: &str) -> Result<AutopayView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    let (due, owed) = owed(&mut work, account.id, &zone).await?;
    let by = (who.resident(), account.role);
    let enrolled = match store::autopay::active(&mut work.tx, account.id).await? {
        Some(row) => {
            let method = store::saved_methods::by_id(&mut work.tx, row.method_id).await?;
            let method = method.ok_or_else(|| Fault::Other("autopay without a way to pay".into()))?;
            let by = store::people::by_id(&mut work.tx, row.person_id).await?;
            let mut planned = open_views(&mut work, &account, &zone, due.due_on).await?;
            planned.retain(|p| p.autopay);
            Some(Enrolled {
                terms: row.terms(),
                method: methods::view(&method, today),
                by: by.map(|p| p.full_name()).unwrap_or_default(),
                mine: who.resident() == Some(row.person_id),
                since: zone.day_of(row.since),
                planned,
            })
        }
        None => None,
    };
    let mut ended = Vec::new();
    for row in store::planned::ended(&mut work.tx, account.id, 20).await? {
        if row.autopay_id.is_some() && ended.len() < 12 {
            ended.push(view(&mut work, &row, &zone, due.due_on, by).await?);
        }
    }
    let coming = billing::forecast::coming(&mut work, account.id).await?;
    let carry_on = carry::offered(&mut work, &account).await?;
    let bills = asked(&crate::collections::Position::load(&mut work, account.id, today).await?);
    let limit = enrolled.as_ref().and_then(|e| e.terms.limit);
    Ok(AutopayView {
        last_bill: bills.first().copied(),
        short: short(limit, &bills),
        methods: methods::all(&mut work, who, today).await?,
        enrolled,
        may_decide: account.role == AccountRole::Holder,
        closed: account.row.closed_on.is_some_and(|c| c <= today),
        head: account.head,
        owed,
        due_on: due.due_on,
        coming,
        carry_on,
        arranged: due.arranged,
        ended,
        today,
        form_key: random_code(&cx.entropy),
    })
}

/// What each bill asked, the newest first: under budget billing the level amount.
fn asked(position: &crate::collections::Position) -> Vec<Cents> {
    let bills = position.asked.items.iter().rev().filter(|(what, ..)| matches!(what, What::Bill(_)));
    bills.map(|(_, due, _)| due.amount).collect()
}

/// The account, if this person may decide about its autopay; locked.
async fn decided(work: &mut Work, number: &str) -> Result<(OpenedAccount, PersonId), Fault> {
    let account = open(work, number).await?;
    let person = work.who.resident().ok_or(AppError::SignInRequired)?;
    if account.role != AccountRole::Holder {
        return Err(AppError::Forbidden.into());
    }
    crate::ledger::lock(work, account.id).await?;
    Ok((account, person))
}

/// The latest due date of what is to be paid now: what is due by then is left to the resident.
pub(super) async fn due_now(
    work: &mut Work,
    account: AccountId,
    today: chrono::NaiveDate,
) -> Result<chrono::NaiveDate, Fault> {
    let position = crate::collections::Position::load(work, account, today).await?;
    let bills = position.standing().map(|b| b.due_on).max();
    Ok(bills.map_or(today, |on| on.max(today)))
}

/// Turns it on, or changes what was agreed to. What it had planned already follows the new way to pay, and asks where the new
/// terms ask. Answers whether it ran already.
///
/// # Errors
/// `Changed` where someone else runs it, the account is closed, or the form turned it on before; `Invalid` by field, `Forbidden` for anyone but a holder, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn enrol(cx: &Cx, who: &Principal, number: &str, choice: &Choice) -> Result<bool, Fault> {
    let mut work = cx.begin(&ENROL, who).await?;
    let (account, person) = decided(&mut work, number).await?;
    let key = form_key(&choice.key)?;
    let terms = choice.terms()?;
    let zone = zones::stored(&account.zone)?;
    let today = zone.day_of(work.now);
    if account.row.closed_on.is_some_and(|c| c <= today) {
        return Err(AppError::Changed.into());
    }
    let method = methods::own_to_use(&mut work, who, choice.method, today).await?;
    let done = json!({ "terms": terms, "method": method.id, "today_too": choice.today_too });
    if let Some(running) = store::autopay::active(&mut work.tx, account.id).await? {
        if running.person_id != person {
            // Another holder may turn it off; paying with one's own card begins anew.
            return Err(AppError::Changed.into());
        }
        store::autopay::set_terms(&mut work.tx, running.id, method.id, &terms).await?;
        let now = work.now;
        for row in store::planned::open(&mut work.tx, account.id).await? {
            if row.autopay_id == Some(running.id) && row.state.is_changeable() {
                let when = match (row.state, row.due_on) {
                    (State::Waiting, Some(due)) => terms.take_on(due, today),
                    _ => row.take_on,
                };
                store::planned::change(&mut work.tx, row.id, method.id, (when, row.amount), now).await?;
                if row.state == State::Asking && row.why == Some(Why::MethodExpired) {
                    store::planned::answer(&mut work.tx, row.id, State::Waiting, None, now).await?;
                }
            }
        }
        work.audit(Some(account.id), &done).await?;
        ask_anew(&mut work, account.id, today).await?;
        work.commit().await?;
        return Ok(true);
    }
    let (due, owed) = owed(&mut work, account.id, &zone).await?;
    // The form asks where there is something to ask about.
    let asks = due.due_on.is_some() && owed > Cents::ZERO;
    let today_too = match choice.today_too {
        None if asks => return Err(AppError::field(Field::Today, Problem::Missing).into()),
        today_too => today_too.unwrap_or_default(),
    };
    let after_due = match today_too {
        true => None,
        false => Some(due_now(&mut work, account.id, today).await?),
    };
    begin(&mut work, (account.id, person), method.id, terms, after_due, None, key).await?;
    work.audit(Some(account.id), &done).await?;
    plan(&mut work, account.id, today).await?;
    mails::autopay_on(&mut work, account.id, today_too).await?;
    work.commit().await?;
    Ok(false)
}

pub(super) async fn begin(
    work: &mut Work,
    (account, person): (AccountId, PersonId),
    method: domain::ids::MethodId,
    terms: Terms,
    after_due: Option<chrono::NaiveDate>,
    carried_from: Option<domain::ids::AutopayId>,
    key: &str,
) -> Result<(), Fault> {
    let at = work.now;
    let new = NewAutopay { account, person, method, terms, after_due, carried_from, form_key: key, at };
    // A form that turned it on before, since when it was turned off: whoever sends it again looks at it first.
    store::autopay::insert(&mut work.tx, &new).await?.ok_or(AppError::Changed)?;
    Ok(())
}

/// Turns it off. What is on its way stays so; nothing more is taken.
///
/// # Errors
/// `Forbidden` for anyone but a holder, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn leave(cx: &Cx, who: &Principal, number: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&LEAVE, who).await?;
    let (account, _) = decided(&mut work, number).await?;
    let Some(running) = store::autopay::active(&mut work.tx, account.id).await? else { return Ok(()) };
    end_autopay(&mut work, running.id, Why::Left).await?;
    work.audit(Some(account.id), &json!({ "autopay": running.id })).await?;
    work.commit().await
}

/// Answers what one planned payment asks: to go on (with another way to pay, where one is named), or to skip it this time.
///
/// # Errors
/// `Changed` where it asks nothing (any more), `Invalid` by field, `Forbidden` for anyone but a holder, and for going on with what
/// someone else pays, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn answer(
    cx: &Cx,
    who: &Principal,
    number: &str,
    id: i64,
    go_on: bool,
    method: Option<i64>,
) -> Result<(), Fault> {
    let mut work = cx.begin(&ANSWER, who).await?;
    let (account, person) = decided(&mut work, number).await?;
    let row = store::planned::by_id(&mut work.tx, PlannedId(id)).await?;
    let row = row.filter(|r| r.account_id == account.id).ok_or(AppError::NotFound)?;
    let answered = if go_on { State::Waiting } else { State::Cancelled };
    if row.state != State::Asking {
        // The second click of two changes nothing; any other answer comes too late.
        let same = row.answered_at.is_some() && (go_on == (row.state != State::Cancelled));
        return if same { Ok(()) } else { Err(AppError::Changed.into()) };
    }
    let now = work.now;
    let today = zones::stored(&account.zone)?.day_of(now);
    if go_on {
        // Only who pays says that it may be more than they agreed to; any holder may skip it.
        if row.person_id != person {
            return Err(AppError::Forbidden.into());
        }
        if let Some(method) = method {
            let method = methods::own_to_use(&mut work, who, method, today).await?;
            store::planned::change(&mut work.tx, row.id, method.id, (row.take_on, row.amount), now).await?;
            if let Some(autopay) = store::autopay::active(&mut work.tx, account.id).await? {
                store::autopay::set_terms(&mut work.tx, autopay.id, method.id, &autopay.terms()).await?;
            }
        }
        store::planned::answer(&mut work.tx, row.id, answered, None, now).await?;
    } else {
        store::planned::answer(&mut work.tx, row.id, answered, Some(Why::ByPerson), now).await?;
    }
    work.audit(Some(account.id), &json!({ "planned": id, "go_on": go_on, "method": method })).await?;
    if go_on
        && row.take_on <= today
        && let Some(row) = store::planned::by_id(&mut work.tx, row.id).await?
    {
        take::enqueue_now(&mut work, &row).await?;
    }
    work.commit().await
}
