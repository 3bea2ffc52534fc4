//! What employees do about an exception: accept, estimate, edit, order a re-read or a visit, and take it back.

use contract::{AppError, Field, Problem};
use domain::ids::ExceptionId;
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::metering::vee::verify;
use domain::quantity::Decimal;
use serde_json::json;
use store::exceptions::{self, ExceptionRow, How, NewEstimate, State, Step};
use store::ingest::DayState;
use store::usage::day_number;

use super::Target;
use super::change::{delivery, put, stored};
use super::estimate::estimate;
use super::show::{block_of, last_deed, target};
use crate::{Cx, Fault, Principal, Work, use_case};

use_case!(
    /// Settles an exception, or orders what is needed to settle it.
    pub ACT = "exceptions.act", Write, Staff
);
use_case!(
    /// Takes the last thing that was done about an exception back.
    pub UNDO = "exceptions.undo", Write, Staff
);

/// The longest note.
const NOTE: usize = 500;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// What was found is real: values in doubt are verified.
    Accept,
    /// Holes and values in doubt are estimated.
    Estimate,
    /// Intervals get a value that was typed.
    Edit {
        /// The first interval, counted from 0.
        from: String,
        /// The last interval, counted from 0.
        to: String,
        /// The amount of each, in the register's unit.
        amount: String,
    },
    /// A reader is to read the meter again.
    Reread,
    /// Someone is to look at the meter.
    Visit,
}

/// A day before and after.
struct Change {
    before: Option<(DayState, DayBlock)>,
    block: DayBlock,
    made: Vec<NewEstimate>,
}

/// Does something about an exception that is not settled.
///
/// # Errors
/// `Changed` where it is settled already, or where nothing can be learnt to estimate from; `Invalid` by field, `NotFound`,
/// `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn act(cx: &Cx, who: &Principal, id: ExceptionId, action: &Action, note: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&ACT, who).await?;
    let note = note_of(note)?;
    let row = locked(&mut work, id).await?;
    if row.state == State::Settled {
        return Err(AppError::Changed.into());
    }
    let target = target(cx, &mut work, &row).await?.map(|(target, _)| target);
    let day = row.date()?;
    let (step, change) = match (action, &target) {
        (Action::Accept, Some(target)) => (Step::Accepted, accepted(&mut work, target, &row).await?),
        (Action::Accept, None) => (Step::Accepted, None),
        (Action::Estimate, Some(target)) => {
            let made = estimate(&mut work.tx, target, day, true).await?.ok_or(AppError::Changed)?;
            (Step::Estimated, Some(Change { before: made.before, block: made.block, made: made.made }))
        }
        (Action::Edit { from, to, amount }, Some(target)) => {
            (Step::Edited, Some(edited(&mut work, target, &row, (from, to, amount)).await?))
        }
        (Action::Estimate | Action::Edit { .. }, None) => return Err(AppError::NotFound.into()),
        (Action::Reread, _) => (Step::Reread, None),
        (Action::Visit, _) => (Step::Visit, None),
    };
    let person = work.who.actor().ok_or(AppError::SignInRequired)?;
    let now = work.now;
    let number = match (change, &target) {
        (Some(change), Some(target)) => {
            let name = store::people::by_id(&mut work.tx, person).await?.map(|p| p.full_name()).unwrap_or_default();
            let delivery = delivery(cx, &mut work.tx, now, &name).await?;
            let number =
                put(&mut work.tx, target.register, row.day, change.before.as_ref(), &change.block, (delivery, now))
                    .await?;
            exceptions::insert_estimates(&mut work.tx, now, &change.made).await?;
            Some(number)
        }
        _ => None,
    };
    let (state, how) = match step {
        Step::Accepted => (State::Settled, Some(How::Accepted)),
        Step::Estimated => (State::Settled, Some(How::Estimated)),
        Step::Edited => (State::Settled, Some(How::Edited)),
        _ => (State::Ordered, None),
    };
    exceptions::set_state(&mut work.tx, id, state, how, now).await?;
    exceptions::add_step(&mut work.tx, id, now, Some(person), step, &note, number).await?;
    let detail =
        json!({ "exception": id, "code": row.code, "meter": row.meter_number, "day": day, "step": step_word(step) });
    work.audit(row.account_id, &detail).await?;
    work.commit().await
}

/// Takes the last deed back: the day is again what it was before, as a version of its own, and the exception waits again.
///
/// # Errors
/// `Changed` where nothing is left to take back, or the day was changed since; `NotFound`, `Forbidden`,
/// `SignInRequired`, or a failure of the database.
pub async fn undo(cx: &Cx, who: &Principal, id: ExceptionId) -> Result<(), Fault> {
    let mut work = cx.begin(&UNDO, who).await?;
    let row = locked(&mut work, id).await?;
    let steps = exceptions::steps(&mut work.tx, id).await?;
    let last = last_deed(&steps).ok_or(AppError::Changed)?;
    let person = work.who.actor().ok_or(AppError::SignInRequired)?;
    let now = work.now;
    let mut number = None;
    if let (Some(change), Some((target, _))) = (last.change_number, target(cx, &mut work, &row).await?) {
        let day = row.date()?;
        let changes = store::usage::changes(&mut work.tx, target.register, day).await?;
        // What came since was decided on what was there: it is not swept away.
        if changes.last().map_or(0, |c| c.number) != change {
            return Err(AppError::Changed.into());
        }
        let now_stored = stored(&mut work.tx, target.register, day_number(day)).await?.ok_or(AppError::Changed)?;
        let block = match changes.last() {
            Some(change) => change.before.unpack()?,
            // There was nothing before: all of it is a hole again.
            None => {
                let (start, end) = target.zone.bounds(day);
                DayBlock::between(start, end, target.interval_seconds, target.exponent)
            }
        };
        let name = store::people::by_id(&mut work.tx, person).await?.map(|p| p.full_name()).unwrap_or_default();
        let delivery = delivery(cx, &mut work.tx, now, &name).await?;
        number = Some(put(&mut work.tx, target.register, row.day, Some(&now_stored), &block, (delivery, now)).await?);
    }
    exceptions::undo_step(&mut work.tx, last.id, now).await?;
    let ordered =
        steps.iter().any(|s| s.id != last.id && s.undone_at.is_none() && matches!(s.step, Step::Reread | Step::Visit));
    let state = if ordered { State::Ordered } else { State::Open };
    exceptions::set_state(&mut work.tx, id, state, None, now).await?;
    exceptions::add_step(&mut work.tx, id, now, Some(person), Step::Undone, "", number).await?;
    let detail =
        json!({ "exception": id, "code": row.code, "meter": row.meter_number, "undone": step_word(last.step) });
    work.audit(row.account_id, &detail).await?;
    work.commit().await
}

const fn step_word(step: Step) -> &'static str {
    match step {
        Step::Cured => "cured",
        Step::Accepted => "accepted",
        Step::Estimated => "estimated",
        Step::Edited => "edited",
        Step::Reread => "reread",
        Step::Visit => "visit",
        Step::Undone => "undone",
    }
}

async fn locked(work: &mut Work, id: ExceptionId) -> Result<ExceptionRow, Fault> {
    store::pack::lock_days(&mut work.tx).await?;
    exceptions::lock(&mut work.tx, id).await?;
    exceptions::by_id(&mut work.tx, id).await?.ok_or_else(|| AppError::NotFound.into())
}

fn note_of(note: &str) -> Result<String, AppError> {
    let note = note.replace('\0', "").replace("\r\n", "\n").trim().to_owned();
    if note.chars().count() > NOTE { Err(AppError::field(Field::Message, Problem::TooLong)) } else { Ok(note) }
}

/// Values in doubt are real. `None` where no value is in doubt.
async fn accepted(work: &mut Work, target: &Target, row: &ExceptionRow) -> Result<Option<Change>, Fault> {
    let Some(before) = stored(&mut work.tx, target.register, row.day).await? else { return Ok(None) };
    let mut block = before.1.clone();
    Ok(verify(&mut block).then_some(Change { before: Some(before), block, made: Vec::new() }))
}

async fn edited(
    work: &mut Work,
    target: &Target,
    row: &ExceptionRow,
    (from, to, amount): (&str, &str, &str),
) -> Result<Change, Fault> {
    let before = stored(&mut work.tx, target.register, row.day).await?;
    let mut block = block_of(work, target, row.date()?).await?;
    let place = |text: &str, field: Field| {
        text.trim()
            .parse::<usize>()
            .ok()
            .filter(|i| *i < block.len())
            .ok_or_else(|| AppError::field(field, Problem::OutOfRange))
    };
    let (first, last) = (place(from, Field::From)?, place(to, Field::To)?);
    if last < first {
        return Err(AppError::field(Field::To, Problem::Reversed).into());
    }
    if amount.trim().is_empty() {
        return Err(AppError::field(Field::Amount, Problem::Missing).into());
    }
    let typed = Decimal::parse(amount).ok_or_else(|| AppError::field(Field::Amount, Problem::Malformed))?;
    let value = typed.rescale(target.exponent).ok_or_else(|| AppError::field(Field::Amount, Problem::Malformed))?;
    if target.rules.negative_is_suspicious && value < 0 {
        return Err(AppError::field(Field::Amount, Problem::TooSmall).into());
    }
    for i in first..=last {
        if block.qualities()[i] != Quality::NotInstalled {
            block.set(i, value, Quality::Edited);
        }
    }
    Ok(Change { before, block, made: Vec::new() })
}
