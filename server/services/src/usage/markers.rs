//! Days that residents mark because something changed in the home, and what changed in the use.

use chrono::{Days, NaiveDate};
use contract::markers::{Marker, MarkerView, MarkersView, NotHeld};
use contract::periods::Held;
use contract::{AppError, Field, FieldError, Problem};
use domain::calendar::{DayRange, add_months, days_between, next_day};
use domain::ids::{AccountId, MarkerId};
use domain::quantity::Commodity;
use serde::Serialize;
use store::markers::{MarkerRow, Said};

use super::held::{Question, held};
use super::show::Scene;
use crate::accounts::{OpenedAccount, open, open_page};
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Lists the marked days of an account.
    pub LIST_MARKERS = "markers.list", Read, Resident
);
use_case!(
    /// Shows the use before and after a marked day.
    pub SHOW_MARKER = "markers.show", Read, Resident
);
use_case!(
    /// Marks a day.
    pub ADD_MARKER = "markers.add", Write, Resident
);
use_case!(
    /// Says something else of a marked day.
    pub CHANGE_MARKER = "markers.change", Write, Resident
);
use_case!(
    /// Takes a mark away.
    pub REMOVE_MARKER = "markers.remove", Write, Resident
);

/// How many days an account may mark.
const MOST: usize = 50;
/// The longest name of a change, in characters.
const LONGEST_LABEL: usize = 60;
/// Fewer days than this before or after say nothing.
const LEAST_DAYS: i64 = 7;
/// The longest time before and after that is compared: a year.
const YEAR: i64 = 365;

/// What a person says of a marked day, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// What changed.
    pub label: String,
    /// The first day with the change, `YYYY-MM-DD`.
    pub on: String,
    /// The service that it touches; empty for every one.
    pub service: String,
}

#[derive(Serialize)]
struct About {
    marker: i64,
}

fn shown(row: MarkerRow) -> Marker {
    Marker { id: row.id.0, day: row.day, label: row.label, service: row.commodity }
}

/// The marked days of an account.
///
/// # Errors
/// `NotFound`, `SignInRequired`, or a failure of the database.
pub async fn list_markers(cx: &Cx, who: &Principal, account: &str) -> Result<MarkersView, Fault> {
    let mut work = cx.begin(&LIST_MARKERS, who).await?;
    let opened = open_page(&mut work, account).await?;
    let markers: Vec<Marker> = store::markers::list(&mut work.tx, opened.id).await?.into_iter().map(shown).collect();
    let today = zones::stored(&opened.zone)?.day_of(work.now);
    Ok(MarkersView { room: markers.len() < MOST, markers, today, head: opened.head })
}

/// The marks of a service within a range, oldest first.
pub(super) async fn within(
    work: &mut Work,
    account: AccountId,
    service: Commodity,
    range: DayRange,
) -> Result<Vec<Marker>, Fault> {
    let mut found: Vec<Marker> = store::markers::list(&mut work.tx, account)
        .await?
        .into_iter()
        .filter(|m| range.contains(m.day) && m.commodity.is_none_or(|c| c == service))
        .map(shown)
        .collect();
    found.reverse();
    Ok(found)
}

/// The use before and after a marked day.
///
/// # Errors
/// `NotFound`, `SignInRequired`, or a failure of the database.
pub async fn show_marker(cx: &Cx, who: &Principal, account: &str, id: &str) -> Result<MarkerView, Fault> {
    let mut work = cx.begin(&SHOW_MARKER, who).await?;
    let opened = open_page(&mut work, account).await?;
    let row = stored(&mut work, opened.id, id).await?;
    let touched: Vec<Commodity> =
        opened.head.services.iter().copied().filter(|s| row.commodity.is_none_or(|c| c == *s)).collect();
    let mut services = Vec::with_capacity(touched.len());
    for service in touched {
        services.push((service, before_and_after(&mut work, &opened, service, row.day).await?));
    }
    let today = zones::stored(&opened.zone)?.day_of(work.now);
    Ok(MarkerView { head: opened.head, today, services, marker: shown(row) })
}

async fn stored(work: &mut Work, account: AccountId, id: &str) -> Result<MarkerRow, Fault> {
    let id = id.parse().map(MarkerId).map_err(|_| AppError::NotFound)?;
    Ok(store::markers::by_id(&mut work.tx, account, id).await?.ok_or(AppError::NotFound)?)
}

/// The days since the change, a year of them at most, against the same dates of the year before, or where these are not known or
/// not all before the change, against as many days just before it.
async fn before_and_after(
    work: &mut Work,
    opened: &OpenedAccount,
    service: Commodity,
    day: NaiveDate,
) -> Result<Result<Held, NotHeld>, Fault> {
    let Some(scene) = Scene::of(work, &opened.row, service).await? else { return Ok(Err(NotHeld::NoReadings)) };
    let known = DayRange { from: scene.extent.first_day, to: next_day(scene.extent.last_day) };
    Ok(match stretches(known, day) {
        Err(why) => Err(why),
        Ok((after, before)) => {
            let learn = DayRange { from: add_months(day, -12).max(known.from), to: day };
            Ok(held(work, opened.id, &scene, &Question { service, first: after, second: before, learn }).await?)
        }
    })
}

/// After and before.
fn stretches(known: DayRange, day: NaiveDate) -> Result<(DayRange, DayRange), NotHeld> {
    let days = |n: i64| Days::new(n.unsigned_abs());
    let enough = day.checked_add_days(days(LEAST_DAYS)).unwrap_or(NaiveDate::MAX);
    if known.to < enough {
        return Err(NotHeld::TooEarly(next_day(enough)));
    }
    let from = day.max(known.from);
    let after = DayRange { from, to: known.to.min(from.checked_add_days(days(YEAR)).unwrap_or(known.to)) };
    let year_ago = add_months(after.from, -12);
    let same = DayRange { from: year_ago, to: year_ago.checked_add_days(days(after.len())).unwrap_or(day) };
    if same.from >= known.from && same.to <= day {
        return Ok((after, same));
    }
    let n = after.len().min(days_between(known.from, day));
    if n < LEAST_DAYS {
        return Err(NotHeld::NothingBefore);
    }
    let just_before = DayRange { from: day.checked_sub_days(days(n)).unwrap_or(known.from), to: day };
    Ok((DayRange { from: after.from, to: after.from.checked_add_days(days(n)).unwrap_or(after.to) }, just_before))
}

/// What was typed, if it can be kept.
async fn said(
    work: &mut Work,
    opened: &OpenedAccount,
    typed: &Typed,
) -> Result<(String, NaiveDate, Option<Commodity>), Fault> {
    let mut wrong = Vec::new();
    let mut no = |field, problem| wrong.push(FieldError { field, problem });
    let label = typed.label.split_whitespace().collect::<Vec<_>>().join(" ");
    match label.chars().count() {
        0 => no(Field::Label, Problem::Missing),
        1..=LONGEST_LABEL => {}
        _ => no(Field::Label, Problem::TooLong),
    }
    let today = zones::stored(&opened.zone)?.day_of(work.now);
    let day = match typed.on.trim() {
        "" => {
            no(Field::On, Problem::Missing);
            None
        }
        text => text.parse::<NaiveDate>().map_err(|_| no(Field::On, Problem::Malformed)).ok(),
    };
    // Before the account began there was nothing of theirs to change.
    if day.is_some_and(|d| d > today || d < opened.row.opened_on) {
        no(Field::On, Problem::OutOfRange);
    }
    let service = Commodity::from_slug(&typed.service).filter(|s| opened.head.services.contains(s));
    if service.is_none() && !typed.service.is_empty() {
        no(Field::Service, Problem::Malformed);
    }
    match day {
        Some(day) if wrong.is_empty() => Ok((label, day, service)),
        _ => Err(AppError::Invalid(wrong).into()),
    }
}

/// Marks a day and answers what stands in its address.
///
/// # Errors
/// `Invalid`, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn add_marker(cx: &Cx, who: &Principal, account: &str, typed: &Typed) -> Result<i64, Fault> {
    let mut work = cx.begin(&ADD_MARKER, who).await?;
    let opened = open(&mut work, account).await?;
    let (label, day, commodity) = said(&mut work, &opened, typed).await?;
    if store::markers::list(&mut work.tx, opened.id).await?.len() >= MOST {
        return Err(AppError::field(Field::Label, Problem::TooMany).into());
    }
    let person = match work.who {
        Principal::Resident { person, .. } => Some(person),
        _ => None,
    };
    let (said, now) = (Said { day, label: &label, commodity }, work.now);
    let id = store::markers::insert(&mut work.tx, opened.id, said, person, now).await?;
    work.audit(Some(opened.id), &About { marker: id.0 }).await?;
    work.commit().await?;
    Ok(id.0)
}

/// Says something else of a marked day.
///
/// # Errors
/// `Invalid`, `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn change_marker(cx: &Cx, who: &Principal, account: &str, id: &str, typed: &Typed) -> Result<(), Fault> {
    let mut work = cx.begin(&CHANGE_MARKER, who).await?;
    let opened = open(&mut work, account).await?;
    let row = stored(&mut work, opened.id, id).await?;
    let (label, day, commodity) = said(&mut work, &opened, typed).await?;
    store::markers::change(&mut work.tx, opened.id, row.id, Said { day, label: &label, commodity }).await?;
    work.audit(Some(opened.id), &About { marker: row.id.0 }).await?;
    work.commit().await
}

/// Takes a mark away.
///
/// # Errors
/// `NotFound`, `SignInRequired`, `ViewAsReadOnly`, or a failure of the database.
pub async fn remove_marker(cx: &Cx, who: &Principal, account: &str, id: &str) -> Result<(), Fault> {
    let mut work = cx.begin(&REMOVE_MARKER, who).await?;
    let opened = open(&mut work, account).await?;
    let row = stored(&mut work, opened.id, id).await?;
    store::markers::forget(&mut work.tx, opened.id, row.id).await?;
    work.audit(Some(opened.id), &About { marker: row.id.0 }).await?;
    work.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn range(from: &str, to: &str) -> DayRange {
        DayRange::new(day(from), day(to)).expect("forwards")
    }

    #[test]
    fn after_is_held_against_the_same_dates_of_the_year_before() {
        let known = range("2024-11-01", "2026-05-21");
        let (after, before) = stretches(known, day("2026-01-10")).expect("enough");
        assert_eq!((after, before), (range("2026-01-10", "2026-05-21"), range("2025-01-10", "2025-05-21")));
        // More than a year after is cut to a year, and the year before it is all before the change.
        let (after, before) = stretches(range("2023-01-01", "2026-05-21"), day("2025-03-01")).expect("enough");
        assert_eq!((after, before), (range("2025-03-01", "2026-03-01"), range("2024-03-01", "2025-03-01")));
    }

    #[test]
    fn without_a_year_before_it_is_as_many_days_just_before() {
        let known = range("2025-11-01", "2026-05-21");
        let (after, before) = stretches(known, day("2025-12-01")).expect("enough");
        assert_eq!((after, before), (range("2025-12-01", "2025-12-31"), range("2025-11-01", "2025-12-01")));
        assert_eq!(stretches(known, day("2025-11-05")), Err(NotHeld::NothingBefore));
        assert_eq!(stretches(known, day("2026-05-18")), Err(NotHeld::TooEarly(day("2026-05-26"))));
        assert_eq!(stretches(known, day("2020-01-01")), Err(NotHeld::NothingBefore));
    }
}
