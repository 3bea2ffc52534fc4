//! Any two stretches of time held against each other.

use chrono::{Days, NaiveDate};
use contract::periods::{PeriodsAsk, PeriodsChoice, PeriodsView};
use contract::usage::{Span, UsageAsk};
use contract::{Field, FieldError, Problem};
use domain::calendar::{DayRange, add_months};

use super::choices::Ground;
use super::held::{Question, held, year_of};
use super::show::{Scene, service_of};
use crate::accounts::open_page;
use crate::{Cx, Fault, Principal, use_case};

use_case!(
    /// Compare two stretches of time.
    pub COMPARE = "usage.compare", Read, Resident
);

/// The most days of a stretch: a year, and the day that it began on.
const LONGEST: u64 = 367;

/// What the address asks for. The first stretch is read as the usage page reads its dates; where no second is named it is the time
/// just before.
///
/// # Errors
/// `NotFound` for an account that is not the person's; `SignInRequired`; otherwise if the database fails.
pub async fn compared(cx: &Cx, who: &Principal, number: &str, ask: &PeriodsAsk) -> Result<PeriodsView, Fault> {
    let mut work = cx.begin(&COMPARE, who).await?;
    let account = open_page(&mut work, number).await?;
    let [one, other] = [(&ask.from, &ask.to), (&ask.from2, &ask.to2)].map(|(from, to)| UsageAsk {
        service: ask.service.clone(),
        from: from.clone(),
        to: to.clone(),
        ..UsageAsk::default()
    });
    let service = service_of(&account, &one);
    let mut view = PeriodsView {
        service,
        problems: Vec::new(),
        clamped: false,
        known: None,
        choices: Vec::new(),
        held: None,
        account: account.head,
    };
    let Some(scene) = Scene::of(&mut work, &account.row, service).await? else { return Ok(view) };
    let ground = scene.ground(&account.row);
    view.known = Some((scene.extent.first_day, scene.extent.last_day));
    let asked = ground.resolve(&one);
    view.problems = asked.problems;
    let first = shortest(asked.range);
    view.clamped = asked.clamped || first != asked.range;
    let second = match second(&ground, &other) {
        Ok(found) => found,
        Err(problems) => {
            view.problems.extend(problems);
            None
        }
    };
    let beside = just_before(&ground, first).or_else(|| year_before(&ground, first));
    let second = match second {
        Some((range, cut)) => {
            let kept = shortest(range);
            view.clamped |= cut || kept != range;
            kept
        }
        None => beside.unwrap_or(first),
    };
    view.choices = choices(&ground, first, second);
    let question = Question { service, first, second, learn: year_of(first, second) };
    view.held = Some(held(&mut work, account.id, &scene, &question).await?);
    Ok(view)
}

/// The end of a stretch that is too long to be shown at once.
fn shortest(range: DayRange) -> DayRange {
    let earliest = range.to.checked_sub_days(Days::new(LONGEST)).unwrap_or(range.from);
    DayRange { from: range.from.max(earliest), to: range.to }
}

/// The second stretch as it was named, and whether it had to be cut; `None` where none is.
fn second(ground: &Ground<'_>, ask: &UsageAsk) -> Result<Option<(DayRange, bool)>, Vec<FieldError>> {
    let other = |field| match field {
        Field::From => Field::OtherFrom,
        Field::To => Field::OtherTo,
        field => field,
    };
    let named = ask.days();
    let problems = |found: Vec<FieldError>| -> Vec<FieldError> {
        found.into_iter().map(|e| FieldError { field: other(e.field), problem: e.problem }).collect()
    };
    let Some(asked) = named.map_err(problems)? else { return Ok(None) };
    match asked.intersect(ground.whole) {
        Some(range) => Ok(Some((range, range != asked))),
        None => {
            let field = if asked.from >= ground.whole.to { Field::OtherFrom } else { Field::OtherTo };
            Err(vec![FieldError { field, problem: Problem::OutOfRange }])
        }
    }
}

/// The time just before; where the data end within the first, as many days from its beginning.
fn just_before(ground: &Ground<'_>, range: DayRange) -> Option<DayRange> {
    let before = ground.neighbours(range).0?;
    if range.to < ground.whole.to {
        return Some(before);
    }
    let to = before.from.checked_add_days(Days::new(range.len().unsigned_abs()))?;
    Some(DayRange { from: before.from, to: before.to.min(to) })
}

/// The same dates of the year before, if all of them are known.
fn year_before(ground: &Ground<'_>, range: DayRange) -> Option<DayRange> {
    let back = |day: NaiveDate| add_months(day, -12);
    let days = Days::new(range.len().unsigned_abs());
    let from = back(range.from);
    let then = DayRange { from, to: from.checked_add_days(days)? };
    then.intersect(ground.whole).filter(|r| *r == then)
}

/// Bill, month and year around what is shown, each with the time before and the year before.
fn choices(ground: &Ground<'_>, first: DayRange, second: DayRange) -> Vec<PeriodsChoice> {
    let mut out: Vec<PeriodsChoice> = Vec::new();
    for choice in ground.spans(first).into_iter().filter(|s| s.span != Span::Day) {
        let pairs = [
            (false, just_before(ground, choice.range)),
            (true, year_before(ground, choice.range).filter(|_| choice.span != Span::Year)),
        ];
        for (year, other) in pairs.into_iter().filter_map(|(year, other)| Some((year, other?))) {
            let current = choice.range == first && other == second && !out.iter().any(|c| c.current);
            out.push(PeriodsChoice { span: choice.span, year, first: choice.range, second: other, current });
        }
    }
    out
}
