//! The work list and one exception with its evidence.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use contract::AppError;
use contract::exceptions::{
    DaySumView, Deed, DeedView, EstimateView, Evidence, ExceptionView, OriginView, Slot, Standing, VersionView,
    WorkFilter, WorkLine, WorkList,
};
use domain::calendar::{DayRange, Zone, next_day};
use domain::ids::ExceptionId;
use domain::metering::Quality;
use domain::metering::day::DayBlock;
use domain::metering::vee::Severity;
use domain::metering::vee::like::Method;
use domain::metering::vee::{Rule, Rules};
use serde_json::json;
use store::exceptions::{self, ExceptionRow, Filter, Source, State, Step, StepRow};
use store::review::Measured;
use store::usage::{ChangeKind, day_number};

use super::Target;
use super::change::stored;
use super::estimate::estimate;
use crate::{Cx, Fault, Principal, Work, use_case, zones};

use_case!(
    /// Lists exceptions of usage.
    pub LIST = "exceptions.list", Read, Staff
);
use_case!(
    /// Shows an exception. Declared as a write because looking at someone's use is itself recorded.
    pub SHOW = "exceptions.show", Write, Staff
);

/// Lines of a page.
const LINES: usize = 50;

pub(super) const fn standing(state: State) -> Standing {
    match state {
        State::Open => Standing::Open,
        State::Ordered => Standing::Ordered,
        State::Settled => Standing::Settled,
    }
}

/// The list, most urgent first.
///
/// # Errors
/// `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn list(cx: &Cx, who: &Principal, filter: WorkFilter) -> Result<WorkList, Fault> {
    let mut work = cx.begin(&LIST, who).await?;
    let state = match filter.standing {
        Standing::Open => State::Open,
        Standing::Ordered => State::Ordered,
        Standing::Settled => State::Settled,
    };
    let wanted = Filter {
        state,
        code: filter.rule.map_or("", Rule::slug),
        commodity: filter.commodity.map_or("", domain::quantity::Commodity::slug),
        opened_by: work.now - TimeDelta::days(filter.days.unwrap_or(0).into()),
    };
    let skip = i64::from(filter.page).saturating_mul(LINES as i64);
    let mut rows = exceptions::list(&mut work.tx, &wanted, LINES as i64 + 1, skip).await?;
    let more = rows.len() > LINES;
    rows.truncate(LINES);
    let found = exceptions::counts(&mut work.tx).await?;
    let settled = exceptions::settled(&mut work.tx).await?;
    let counts = Standing::ALL.map(|s| match s {
        Standing::Settled => settled,
        s => found.iter().filter(|(state, ..)| standing(*state) == s).map(|(.., n)| *n).sum(),
    });
    let rules = Rule::ALL
        .into_iter()
        .filter_map(|r| {
            let n = found.iter().find(|(s, code, _)| *s == state && code == r.slug()).map(|(.., n)| *n);
            // What was settled over the years is not counted rule by rule.
            (n.is_some() || state == State::Settled).then_some((r, n))
        })
        .collect();
    let lines = rows.iter().map(|r| line(&work, r)).collect::<Result<_, _>>()?;
    Ok(WorkList { lines, more, counts, rules, filter })
}

/// How many exceptions wait. Runs inside the caller's transaction.
///
/// # Errors
/// If the database fails.
pub async fn open_count(work: &mut Work) -> Result<i64, Fault> {
    let found = exceptions::counts(&mut work.tx).await?;
    Ok(found.iter().filter(|(s, ..)| *s == State::Open).map(|(.., n)| *n).sum())
}

fn line(work: &Work, row: &ExceptionRow) -> Result<WorkLine, Fault> {
    Ok(WorkLine {
        id: row.id,
        rule: row.rule()?,
        severity: Severity::from_code(row.severity),
        handheld: row.source == Source::Handheld,
        meter: row.meter_number.clone(),
        commodity: row.commodity,
        day: row.date()?,
        hours_waiting: (work.now - row.opened_at).num_hours().max(0),
        account: row.account_number.clone().zip(row.account_name.clone()),
        street: row.street.clone(),
    })
}

/// One exception with all that helps to judge it. That it was looked at is recorded.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInRequired`, or a failure of the database.
pub async fn show(cx: &Cx, who: &Principal, id: ExceptionId) -> Result<ExceptionView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let row = exceptions::by_id(&mut work.tx, id).await?.ok_or(AppError::NotFound)?;
    let city = zones::stored(&work.settings.zone)?;
    let steps = exceptions::steps(&mut work.tx, id).await?;
    let file = match row.delivery_id {
        Some(delivery) => store::review::delivery_name(&mut work.tx, delivery).await?.filter(|n| !n.is_empty()),
        None => None,
    };
    let figure = |name: &str| row.evidence.get(name).and_then(serde_json::Value::as_i64);
    let (mut evidence, mut can_estimate) = (None, false);
    if let Some((target, measured)) = target(cx, &mut work, &row).await? {
        evidence = Some(shown(&mut work, &row, &target, &measured).await?);
        can_estimate =
            row.state != State::Settled && estimate(&mut work.tx, &target, row.date()?, true).await?.is_some();
    }
    let view = ExceptionView {
        line: line(&work, &row)?,
        standing: standing(row.state),
        opened_at: city.to_local(row.opened_at),
        figures: figure("found").zip(figure("against")).map(|(f, a)| (f, a, figure("limit").unwrap_or(0))),
        detail: row.evidence.get("detail").and_then(|d| d.as_str()).filter(|d| !d.is_empty()).map(str::to_owned),
        file,
        evidence,
        deeds: steps.iter().map(|s| deed(s, &city)).collect(),
        can_estimate,
        can_undo: last_deed(&steps).is_some(),
    };
    work.audit(row.account_id, &json!({ "exception": id, "code": row.code, "meter": row.meter_number })).await?;
    work.commit().await?;
    Ok(view)
}

/// The last thing an employee (or the review) did that still stands.
pub(super) fn last_deed(steps: &[StepRow]) -> Option<&StepRow> {
    steps.iter().rev().find(|s| s.undone_at.is_none() && !matches!(s.step, Step::Undone | Step::Cured))
}

fn deed(step: &StepRow, zone: &Zone) -> DeedView {
    DeedView {
        at: zone.to_local(step.at),
        by: step
            .given_name
            .as_ref()
            .map(|given| format!("{given} {}", step.family_name.as_deref().unwrap_or_default()).trim().to_owned()),
        deed: match step.step {
            Step::Cured => Deed::Cured,
            Step::Accepted => Deed::Accepted,
            Step::Estimated => Deed::Estimated,
            Step::Edited => Deed::Edited,
            Step::Reread => Deed::Reread,
            Step::Visit => Deed::Visit,
            Step::Undone => Deed::Undone,
        },
        note: step.note.clone(),
        undone: step.undone_at.is_some(),
    }
}

/// The register an exception is about, with its rules; `None` where it is about none, or one that was never installed.
pub(super) async fn target(cx: &Cx, work: &mut Work, row: &ExceptionRow) -> Result<Option<(Target, Measured)>, Fault> {
    let Some(register) = row.register_id else { return Ok(None) };
    let Some(measured) = store::review::measured(&mut work.tx, register, row.at).await? else { return Ok(None) };
    let target = Target {
        register,
        exponent: measured.exponent,
        interval_seconds: measured.interval_seconds.max(1),
        dial_digits: measured.dial_digits,
        zone: zones::stored(&measured.zone)?,
        rules: Rules::with(&cx.settings.vee, measured.commodity, measured.direction, measured.unit, measured.exponent),
    };
    Ok(Some((target, measured)))
}

/// The bounds of a day as an empty block, or as it is stored.
pub(super) async fn block_of(work: &mut Work, target: &Target, day: NaiveDate) -> Result<DayBlock, Fault> {
    Ok(match stored(&mut work.tx, target.register, day_number(day)).await? {
        Some((_, block)) => block,
        None => {
            let (start, end) = target.zone.bounds(day);
            DayBlock::between(start, end, target.interval_seconds, target.exponent)
        }
    })
}

async fn shown(work: &mut Work, row: &ExceptionRow, target: &Target, measured: &Measured) -> Result<Evidence, Fault> {
    let day = row.date()?;
    let local = |at: DateTime<chrono::Utc>| -> NaiveDateTime { target.zone.to_local(at) };
    let block = block_of(work, target, day).await?;
    let slots = (0..block.len())
        .map(|i| Slot { at: local(block.start_of(i)), value: block.slot(i).value, quality: block.qualities()[i] })
        .collect();
    let about = row.evidence.get("slots").and_then(|s| {
        let at = |i: usize| s.get(i)?.as_u64().and_then(|n| usize::try_from(n).ok());
        Some((at(0)?, at(1)?))
    });
    let range = DayRange { from: day - TimeDelta::days(28), to: next_day(day) + TimeDelta::days(7) };
    let sums = store::usage::sums(&mut work.tx, target.register, range).await?;
    let today = target.zone.day_of(work.now);
    let days = range
        .days()
        .filter(|d| *d < today)
        .map(|d| {
            let sum = sums.iter().find(|s| s.day == d);
            DaySumView {
                day: d,
                sum: sum.map(|s| s.sum),
                estimated: sum.is_some_and(|s| s.head.estimated > 0),
                partial: sum.is_some_and(|s| s.head.missing > 0),
            }
        })
        .collect();
    let (start, end) = target.zone.bounds(day);
    let around = TimeDelta::days(2);
    let reads = store::usage::reads(&mut work.tx, target.register, start - around, end + around).await?;
    let versions = store::usage::changes(&mut work.tx, target.register, day)
        .await?
        .into_iter()
        .map(|c| VersionView { at: local(c.changed_at), corrected: c.kind == ChangeKind::Corrected, sum: c.before.sum })
        .collect();
    let estimates = exceptions::estimates(&mut work.tx, target.register, row.day)
        .await?
        .into_iter()
        .filter_map(|e| {
            let first = usize::try_from(e.first_slot).ok()?;
            let slots = usize::try_from(e.slots).ok()?;
            // What the meter itself sent since is no estimate any more.
            let stands = (first..first + slots).any(|i| block.slot(i).quality == Quality::Estimated);
            let learnt_from = e.learnt_from.as_array().into_iter().flatten();
            stands.then_some(EstimateView {
                from: local(block.start_of(first)),
                slots,
                method: Method::from_slug(&e.method)?,
                learnt_from: learnt_from.filter_map(|d| d.as_str()?.parse().ok()).collect(),
            })
        })
        .collect();
    Ok(Evidence {
        unit: measured.unit,
        direction: measured.direction,
        exponent: measured.exponent,
        slots,
        about,
        days,
        reads: reads.into_iter().map(|r| (local(r.at), r.value, r.quality)).collect(),
        origins: origins(work, target, day).await?,
        versions,
        estimates,
    })
}

/// Where the day's values came from, in runs.
async fn origins(work: &mut Work, target: &Target, day: NaiveDate) -> Result<Vec<OriginView>, Fault> {
    let one = DayRange { from: day, to: next_day(day) };
    let found = crate::usage_data::origins(&mut work.tx, target.register, one, None).await?;
    let Some(known) = found.first() else { return Ok(Vec::new()) };
    let qualities = known.block.qualities();
    let mut runs: Vec<(usize, OriginView)> = Vec::new();
    for (i, quality) in qualities.iter().enumerate() {
        let Some(from) = known.from[i] else { continue };
        if let Some((first, run)) = runs.last_mut()
            && *first + run.slots == i
            && (known.from[*first], qualities[*first], known.methods[*first])
                == (Some(from), *quality, known.methods[i])
        {
            run.slots += 1;
            continue;
        }
        let Some(segment) = known.segments.get(from) else { continue };
        let view = OriginView {
            from: target.zone.to_local(known.block.start_of(i)),
            slots: 1,
            quality: *quality,
            method: known.methods[i],
            name: segment.name.clone(),
            sender: segment.sender.clone(),
            arrived: target.zone.to_local(segment.at),
            by_hand: segment.format == "exception",
        };
        runs.push((i, view));
    }
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}
