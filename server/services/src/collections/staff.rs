//! The staff's side: how old the debt is, what was written about it, and what an employee may do.

use chrono::NaiveDate;
use contract::{AppError, Field, Problem};
use domain::ids::AccountId;
use domain::ledger::aging::Aging;
use domain::ledger::asked::Standing;
use domain::ledger::collections::Clock;
use domain::ledger::one_off::OneOff;
use domain::money::Cents;
use serde_json::json;
use store::arrangements::ArrangementRow;
use store::collections::{HoldReason, HoldRow, NoticeRow};
use store::deposits::{DepositRow, Outcome};

use super::nightly::fee_key;
use super::{Position, arrange, clocks, open_of, told};
use crate::ledger::Posted;
use crate::requests::form_key;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Acts on what an account owes.
    pub ACT = "collections.act", Write, Staff
);

/// What an account owes and what follows from it.
#[derive(Clone, Debug)]
pub struct StaffView {
    /// By service and age.
    pub aging: Aging,
    /// What is past due of what is asked.
    pub late: Cents,
    /// The clocks that run.
    pub clocks: Vec<Clock>,
    /// The hold in force.
    pub hold: Option<HoldRow>,
    /// What was written, newest first.
    pub notices: Vec<NoticeRow>,
    /// Late fees that stand: the bill's number, the day and the amount.
    pub fees: Vec<(String, NaiveDate, Cents)>,
    /// The newest arrangement.
    pub arrangement: Option<ArrangementRow>,
    /// What budget billing asks, and its difference.
    pub budget: Option<(Cents, Cents)>,
    /// Deposits that are held.
    pub deposits: Vec<DepositRow>,
    /// Whether this employee may give credits.
    pub may_credit: bool,
}

/// Reads it, inside the caller's transaction.
pub(crate) async fn view(work: &mut Work, account: AccountId, today: NaiveDate) -> Result<StaffView, Fault> {
    let p = Position::load(work, account, today).await?;
    let (open, _) = open_of(work, account, &p.balance, today).await?;
    let notices = store::collections::notices(&mut work.tx, account).await?;
    let mut fees: Vec<(String, NaiveDate, Cents)> = Vec::new();
    for fee in &p.fees {
        let bill = p.bills.iter().find(|b| Some(b.id) == fee.bill).map(|b| b.number.clone()).unwrap_or_default();
        match fees.iter_mut().find(|(b, ..)| *b == bill) {
            Some((.., amount)) => *amount += fee.debt.amount,
            None => fees.push((bill, fee.debt.billed_on, fee.debt.amount)),
        }
    }
    Ok(StaffView {
        aging: Aging::of(&open, today),
        late: p.late(),
        clocks: clocks(work, &p, &open, &notices).into_iter().map(|c| told(c, today)).collect(),
        hold: store::collections::hold(&mut work.tx, account, today).await?,
        notices,
        fees,
        arrangement: p.arrangement.as_ref().map(|(a, _)| a.clone()),
        budget: p.level().map(|l| (l.monthly, p.asked.deferred)),
        deposits: store::deposits::of_account(&mut work.tx, account)
            .await?
            .into_iter()
            .filter(|d| d.released_on.is_none())
            .collect(),
        may_credit: may_credit(work).await?,
    })
}

/// Whether this employee may give credits: who may give money back may.
async fn may_credit(work: &mut Work) -> Result<bool, Fault> {
    let Some(person) = work.who.actor() else { return Ok(false) };
    Ok(store::permissions::has(&mut work.tx, person, store::permissions::Permission::Refunds).await?)
}

/// What an employee does, as a form says it.
#[derive(Clone, Debug, Default)]
pub struct StaffAct {
    /// `waive`, `hold`, `lift`, `arrange`, `deposit`, `release` or `credit`.
    pub action: String,
    /// Why, in their words.
    pub message: String,
    /// The bill whose late fee is waived.
    pub bill: String,
    /// Why nothing is to be cut off, or what a credit is for.
    pub reason: String,
    /// The last day of that.
    pub to: String,
    /// Months of an arrangement.
    pub months: String,
    /// The amount of a deposit or a credit.
    pub amount: String,
    /// The form's own key.
    pub form_key: String,
}

/// The longest hold.
const LONGEST_HOLD: i64 = 366;
/// The longest reason.
const LONGEST: usize = 500;

/// Does it. Everything needs a reason in words, which the audit keeps.
///
/// # Errors
/// `Invalid` by field, `Changed` where it cannot be done (any more), `NotFound`, `Forbidden`, `SignInRequired`, or a failure of
/// the database.
pub async fn act(cx: &Cx, who: &Principal, number: &str, asked: &StaffAct) -> Result<(), Fault> {
    let mut work = cx.begin(&ACT, who).await?;
    let person = who.actor().ok_or(AppError::SignInRequired)?;
    let row = store::accounts::by_number(&mut work.tx, number).await?.ok_or(AppError::NotFound)?;
    let zone = zones::stored(&work.settings.zone)?;
    let today = zone.day_of(work.now);
    let account = row.id;
    crate::ledger::lock(&mut work, account).await?;
    let note = asked.message.trim();
    if note.is_empty() {
        return Err(AppError::field(Field::Message, Problem::Missing).into());
    }
    if note.chars().count() > LONGEST {
        return Err(AppError::field(Field::Message, Problem::TooLong).into());
    }
    match asked.action.as_str() {
        "waive" => {
            let bill = store::bills::by_number(&mut work.tx, account, &asked.bill).await?.ok_or(AppError::NotFound)?;
            let posted = crate::ledger::reverse(&mut work, &fee_key(&bill.number), today).await?;
            if posted == Posted::Before {
                return Err(AppError::Changed.into());
            }
            work.audit(Some(account), &json!({ "waived": bill.number, "why": note })).await?;
        }
        "hold" => {
            let reason =
                HoldReason::from_slug(&asked.reason).ok_or(AppError::field(Field::Reason, Problem::Missing))?;
            let through: NaiveDate =
                asked.to.trim().parse().map_err(|_| AppError::field(Field::To, Problem::Malformed))?;
            if through < today || (through - today).num_days() > LONGEST_HOLD {
                return Err(AppError::field(Field::To, Problem::OutOfRange).into());
            }
            store::collections::insert_hold(&mut work.tx, account, reason, note, (today, through), person).await?;
            work.audit(Some(account), &json!({ "hold": reason.slug(), "through": through, "why": note })).await?;
        }
        "lift" => {
            let hold = store::collections::hold(&mut work.tx, account, today).await?.ok_or(AppError::Changed)?;
            store::collections::lift_hold(&mut work.tx, account, hold.id, today).await?;
            work.audit(Some(account), &json!({ "lifted": hold.id, "why": note })).await?;
        }
        "arrange" => {
            let p = Position::load(&mut work, account, today).await?;
            if p.in_force().is_some() || p.level().is_some() {
                return Err(AppError::Changed.into());
            }
            // What an employee agrees to puts an end to one that was broken.
            if let Some((old, _)) = p.arrangement.as_ref().filter(|(a, _)| a.standing == Standing::Broken) {
                store::arrangements::set_standing(&mut work.tx, old.id, Standing::Ended, old.reinstated, today).await?;
            }
            arrange::make(&mut work, account, &p, (person, true), &asked.months, &asked.form_key).await?;
        }
        "deposit" => {
            let key = form_key(&asked.form_key)?;
            let amount = crate::payments::read_amount(&asked.amount)?;
            if amount <= Cents::ZERO || amount > domain::payment::MOST {
                return Err(AppError::field(Field::Amount, Problem::OutOfRange).into());
            }
            super::take(&mut work, account, amount, today, Some(person), note, key).await?;
        }
        "credit" => {
            if !may_credit(&mut work).await? {
                return Err(AppError::Forbidden.into());
            }
            let key = form_key(&asked.form_key)?;
            let kind = OneOff::from_slug(&asked.reason).ok_or(AppError::field(Field::Reason, Problem::Missing))?;
            let amount = crate::payments::read_amount(&asked.amount)?;
            if amount <= Cents::ZERO || amount > domain::payment::MOST {
                return Err(AppError::field(Field::Amount, Problem::OutOfRange).into());
            }
            super::credits::give(&mut work, account, (kind, amount), today, person, note, key).await?;
        }
        "release" => {
            let held = store::deposits::of_account(&mut work.tx, account).await?;
            let mut any = false;
            for deposit in held.iter().filter(|d| d.released_on.is_none()) {
                any |= super::release(&mut work, account, deposit, Outcome::Staff, today).await?;
            }
            if !any {
                return Err(AppError::Changed.into());
            }
            work.audit(Some(account), &json!({ "deposits": "released", "why": note })).await?;
        }
        _ => return Err(AppError::Invalid(Vec::new()).into()),
    }
    work.commit().await
}
