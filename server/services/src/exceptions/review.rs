//! The review: a job behind ingest that judges days by their history, settles exceptions whose cause went away, and
//! estimates long gaps that the head end did not fill in time.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta};
use domain::calendar::{DayRange, Instant, next_day};
use domain::ids::RegisterId;
use domain::metering::day::DayBlock;
use domain::metering::register::difference;
use domain::metering::vee::history::{DayFacts, History, Stretch, review as judge, review_dial, silent};
use domain::metering::vee::like::Method;
use domain::metering::vee::{Finding, Rule, Rules, reverse, sum_check};
use domain::metering::{Quality, Reading};
use store::exceptions::{self, How, NewException, State, Step, Unsettled};
use store::review::{Due, Places};
use store::usage::{day_number, day_of_number};
use store::work::JobRow;

use super::Target;
use super::change::{delivery, put};
use super::estimate::{dial, estimate};
use crate::ingest::evidence;
use crate::jobs::Next;
use crate::{Cx, Fault, Principal, Work, job, use_case, zones};

/// The job's kind.
pub const JOB: &str = "vee.review";

use_case!(
    /// Judges usage by its history.
    pub REVIEW = "exceptions.review", Write, System
);

job!("vee.review", run);

/// Registers per transaction, so that no payment waits for a review.
const PAGE: i64 = 16;
/// Days before a day that its rules look at.
const LOOK_BACK: i64 = 36;
/// How long before a reading of the dial the one before it is looked for, in days: opted-out meters are read by the month.
const READS_BEFORE: i64 = 400;
/// How long before a reading of the dial those are looked for that it is held against, in days: the same time last year, read late.
const DIAL_BEFORE: i64 = 500;
/// For how long after it was set a meter that has never sent anything is looked for, in days: it was found, or it is no news.
const NEW_METER: i64 = 90;
/// Of a stretch without any data so many days are named one by one.
const ABSENT: i64 = 31;

/// What a review did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reviewed {
    /// Registers that were looked at.
    pub registers: u64,
    /// Exceptions found.
    pub found: u64,
    /// Exceptions whose cause had gone.
    pub cured: u64,
    /// Days with long gaps that were estimated.
    pub estimated: u64,
}

/// Runs after every delivery, and the next morning, when a meter may have gone silent without one. What waited for meters that have
/// become known flows in first, however they did.
async fn run(cx: &Cx, _: &JobRow) -> Result<Next, Fault> {
    if let Err(fault) = crate::ingest::release(cx).await {
        tracing::error!(error = %fault, "readings that waited for their meter could not be taken in");
    }
    review(cx).await?;
    let mut work = cx.begin(&REVIEW, &Principal::System).await?;
    let zone = zones::stored(&work.settings.zone)?;
    let tomorrow = next_day(zone.day_of(work.now));
    let due = zone.start_of(tomorrow) + TimeDelta::hours(6);
    work.enqueue(JOB, &format!("{JOB}:{tomorrow}"), due, &()).await?;
    work.commit().await?;
    Ok(Next::Done)
}

/// Judges every register that has something to judge.
///
/// # Errors
/// If the database fails.
pub async fn review(cx: &Cx) -> Result<Reviewed, Fault> {
    let mut done = Reviewed::default();
    let mut after = RegisterId(0);
    loop {
        let mut work = cx.begin(&REVIEW, &Principal::System).await?;
        // What is judged, and estimated, must not change meanwhile.
        store::pack::lock_days(&mut work.tx).await?;
        let today = zones::stored(&work.settings.zone)?.day_of(work.now);
        // A window of keys, not a number of rows: no engine then has a reason to look at all registers at once.
        let Some(first) = store::review::next_register(&mut work.tx, after).await? else { break };
        let until = RegisterId(first.0 + PAGE - 1);
        let set_after = work.now - TimeDelta::days(NEW_METER);
        let page = store::review::due(&mut work.tx, after, until, day_number(today) - 3, set_after).await?;
        after = until;
        for due in page {
            let Some(zone) = due.zone.as_deref() else { continue };
            let target = Target {
                register: due.register,
                exponent: due.exponent,
                interval_seconds: due.interval_seconds.max(1),
                dial_digits: due.dial_digits,
                zone: zones::stored(zone)?,
                rules: Rules::with(&cx.settings.vee, due.commodity, due.direction, due.unit, due.exponent),
            };
            one(cx, &mut work, &due, &target, today, &mut done).await?;
            done.registers += 1;
        }
        work.commit().await?;
    }
    Ok(done)
}

/// What is known of a register for its review.
struct Known {
    days: Vec<DayFacts>,
    places: Places,
    siblings: Option<HashSet<i64>>,
}

impl Known {
    /// What the rules see of `from..=to`: those days, the weeks before them, and the same days a year before.
    async fn read(work: &mut Work, due: &Due, from: NaiveDate, to: NaiveDate) -> Result<Self, Fault> {
        let recent = DayRange { from: from - TimeDelta::days(LOOK_BACK), to: next_day(to) };
        let year = TimeDelta::days(364);
        let before = DayRange {
            from: recent.from.min(from - year - TimeDelta::days(8)),
            to: recent.from.min(next_day(to) - year),
        };
        let mut days = Vec::new();
        for range in [before, recent] {
            let sums = store::usage::sums(&mut work.tx, due.register, range).await?;
            days.extend(sums.iter().map(|s| DayFacts::of(s.day, s.sum, &s.head)));
        }
        let siblings =
            store::review::sibling_days(&mut work.tx, due.meter, due.register, day_number(recent.from)).await?;
        Ok(Self {
            days,
            places: store::review::places(&mut work.tx, due.register).await?,
            siblings: siblings.map(|s| s.into_iter().collect()),
        })
    }

    fn judge(&self, day: NaiveDate, target: &Target) -> Vec<Finding> {
        // What a meter counts on a shelf is nobody's use.
        let occupied = |d: NaiveDate| {
            let (start, end) = target.zone.bounds(d);
            self.places.agreed(start, end) || !self.places.installed(start, end)
        };
        let sibling = self.siblings.as_ref().map(|s| |d: NaiveDate| s.contains(&day_number(d)));
        let history = History {
            days: &self.days,
            occupied: &occupied,
            sibling: sibling.as_ref().map(|s| s as &dyn Fn(NaiveDate) -> bool),
        };
        judge(day, &history, &target.rules)
    }

    fn at(&self, day: NaiveDate) -> Option<&DayFacts> {
        self.days.binary_search_by_key(&day, |d| d.day).ok().map(|i| &self.days[i])
    }
}

async fn one(
    cx: &Cx,
    work: &mut Work,
    due: &Due,
    target: &Target,
    today: NaiveDate,
    done: &mut Reviewed,
) -> Result<(), Fault> {
    let latest = day_of_number(due.latest)?;
    let first = store::usage::first_day(&mut work.tx, due.register).await?.unwrap_or(latest);
    let from = if due.through < 0 { first } else { day_of_number(due.through + 1)? };
    let unsettled = exceptions::unsettled(&mut work.tx, &[due.register]).await?;
    let open = |day: NaiveDate, rule: Rule| unsettled.iter().any(|x| x.day == day_number(day) && x.code == rule.slug());
    let mut found = Vec::new();
    let mut note = |day: NaiveDate, finding: &Finding| {
        found.push(NewException {
            register: due.register,
            day: day_number(day),
            at: target.zone.start_of(day) + TimeDelta::hours(12),
            rule: finding.rule,
            evidence: evidence(finding),
        });
    };
    // A register may have readings of its dial alone.
    let has_days = due.latest >= 0;
    if has_days && from <= latest {
        let known = Known::read(work, due, from, latest).await?;
        let mut absent = 0;
        for day in (DayRange { from, to: next_day(latest) }).days() {
            match known.at(day) {
                Some(facts) => {
                    for finding in known.judge(day, target) {
                        note(day, &finding);
                    }
                    // What its own delivery could not know: that nothing more came.
                    let over = day < latest || (today - day).num_days() > 1;
                    if facts.missing > 0 && over && !open(day, Rule::Gap) {
                        note(day, &missing(facts.present, facts.present + facts.missing));
                    }
                    absent = 0;
                }
                None if absent < ABSENT && !open(day, Rule::Gap) => {
                    let block = absence(target, &known.places, day);
                    let slots = block.count(|q| q == Quality::Missing);
                    if slots > 0 {
                        absent += 1;
                        note(day, &missing(0, u32::try_from(slots).unwrap_or(0)));
                    }
                }
                None => {}
            }
        }
        store::review::reviewed(&mut work.tx, due.register, due.latest).await?;
    }
    if !has_days && due.dialled == 1 {
        let from = instant((due.through.max(-1) + 1) * DAY);
        let before = if due.through < 0 { from } else { from - TimeDelta::days(DIAL_BEFORE) };
        let stretches = dialled(work, due, target, before).await?;
        for at in 0..stretches.len() {
            if stretches[at].to >= from.timestamp() {
                for finding in review_dial(&stretches[..=at], &target.rules) {
                    note(target.zone.day_of(instant(stretches[at].to)), &finding);
                }
            }
        }
        let last = store::usage::reads(&mut work.tx, due.register, from, DateTime::<chrono::Utc>::MAX_UTC).await?;
        if let Some(last) = last.last() {
            store::review::reviewed(&mut work.tx, due.register, last.at.timestamp().div_euclid(DAY)).await?;
        }
    }
    // A meter whose dial is read sends nothing, and need not.
    if due.installed == 1 && (has_days || due.dialled == 0) {
        // Before it was set where it is now nothing was to come.
        let set = store::review::places(&mut work.tx, due.register).await?.latest();
        let last = set.and_then(|at| target.zone.day_of(at).pred_opt()).map_or(latest, |day| day.max(latest));
        if let Some(finding) = silent(last, today, &target.rules) {
            note(next_day(last), &finding);
        }
    }
    done.found += found.len() as u64;
    let now = work.now;
    exceptions::open(&mut work.tx, None, now, &found).await?;
    for x in unsettled {
        if cured(work, due, target, &x, latest).await? {
            exceptions::cure(&mut work.tx, x.id, now).await?;
            done.cured += 1;
        }
    }
    done.estimated += gaps(cx, work, target, today).await?;
    Ok(())
}

/// Seconds of a day.
const DAY: i64 = 86_400;

fn instant(seconds: i64) -> Instant {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// How far a dial moved between the readings from an instant on that nobody guessed.
async fn dialled(work: &mut Work, due: &Due, target: &Target, from: Instant) -> Result<Vec<Stretch>, Fault> {
    let mut reads = store::usage::reads(&mut work.tx, due.register, from, DateTime::<chrono::Utc>::MAX_UTC).await?;
    reads.retain(|r| r.quality != Quality::Estimated);
    let places = store::review::places(&mut work.tx, due.register).await?;
    let stretch = |pair: &[Reading]| Stretch {
        from: pair[0].at.timestamp(),
        to: pair[1].at.timestamp(),
        moved: difference(pair[0].value, pair[1].value, target.dial_digits, target.exponent),
        // What a meter counts on a shelf is nobody's use.
        occupied: places.agreed(pair[0].at, pair[1].at) || !places.installed(pair[0].at, pair[1].at),
    };
    Ok(reads.windows(2).map(stretch).collect())
}

/// A day without any data, by where the meter was.
pub(super) fn absence(target: &Target, places: &Places, day: NaiveDate) -> DayBlock {
    let (start, end) = target.zone.bounds(day);
    let mut block = DayBlock::between(start, end, target.interval_seconds, target.exponent);
    for i in 0..block.len() {
        if !places.installed(block.start_of(i), block.start_of(i + 1)) {
            block.set_quality(i, Quality::NotInstalled);
        }
    }
    block
}

fn missing(present: u32, expected: u32) -> Finding {
    let (found, against) = (i64::from(present), i64::from(expected));
    Finding { rule: Rule::Gap, slots: None, found, against, limit: against }
}

/// Whether what was found is no longer so.
async fn cured(work: &mut Work, due: &Due, target: &Target, x: &Unsettled, latest: NaiveDate) -> Result<bool, Fault> {
    let Some(rule) = Rule::from_slug(&x.code) else { return Ok(false) };
    let day = day_of_number(x.day)?;
    match rule {
        Rule::Silent => Ok(latest >= day || (due.latest < 0 && due.dialled == 1)),
        // No day of the meter's at all: it was noted before it was known that the meter had been taken away.
        Rule::Gap => {
            if super::change::stored(&mut work.tx, due.register, x.day).await?.is_some() {
                return Ok(false);
            }
            let places = store::review::places(&mut work.tx, due.register).await?;
            Ok(absence(target, &places, day).count(|q| q == Quality::Missing) == 0)
        }
        // Found by readings of the dial, which still are all that there is.
        rule if rule.of_history() && due.latest < 0 => {
            let from = target.zone.start_of(day) - TimeDelta::days(DIAL_BEFORE);
            let stretches = dialled(work, due, target, from).await?;
            let ends = |s: &Stretch| target.zone.day_of(instant(s.to)) == day;
            let mut at = stretches.iter().enumerate().filter(|(_, s)| ends(s)).map(|(at, _)| at);
            Ok(!at.any(|at| review_dial(&stretches[..=at], &target.rules).iter().any(|f| f.rule == rule)))
        }
        rule if rule.of_history() => {
            let known = Known::read(work, due, day, day).await?;
            Ok(known.judge(day, target).iter().all(|f| f.rule != rule))
        }
        Rule::Reverse => {
            let (start, end) = target.zone.bounds(day);
            Ok(!reverses(&mut work.tx, target, start, end).await?)
        }
        Rule::Sum => {
            let (start, end) = target.zone.bounds(day);
            let stretch = (start.timestamp(), end.timestamp());
            let dial = dial(&mut work.tx, target, stretch, |_, _| false).await?;
            Ok(dial.is_some_and(|d| sum_check(d.known, d.moved, &target.rules).is_ok()))
        }
        _ => Ok(false),
    }
}

/// Whether the dial still goes backwards to a reading of a day, by the readings as they stand.
async fn reverses(tx: &mut store::Tx<'_>, target: &Target, start: Instant, end: Instant) -> Result<bool, Fault> {
    let reads = store::usage::reads(tx, target.register, start - TimeDelta::days(READS_BEFORE), end).await?;
    let exact: Vec<_> = reads.iter().filter(|r| r.quality != Quality::Estimated && r.at < end).collect();
    Ok(exact.windows(2).any(|pair| {
        let moved =
            domain::metering::register::difference(pair[0].value, pair[1].value, target.dial_digits, target.exponent);
        pair[1].at >= start && reverse(moved, &target.rules).is_some()
    }))
}

/// Estimates the gaps that nobody filled in time, where the dial says what they must add up to; the others stay for
/// people to judge.
async fn gaps(cx: &Cx, work: &mut Work, target: &Target, today: NaiveDate) -> Result<u64, Fault> {
    let mut done = 0;
    let now = work.now;
    for x in exceptions::unsettled(&mut work.tx, &[target.register]).await? {
        let day = day_of_number(x.day)?;
        let waited = (today - day).num_days() > i64::from(target.rules.estimate_after_days);
        if x.code != Rule::Gap.slug() || !waited {
            continue;
        }
        // What an employee took back is not done again.
        let steps = exceptions::steps(&mut work.tx, x.id).await?;
        if steps.iter().any(|s| s.step == Step::Undone) {
            continue;
        }
        let Some(made) = estimate(&mut work.tx, target, day, false).await? else { continue };
        if made.method != Method::LikeDaysScaled {
            continue;
        }
        let delivery = delivery(cx, &mut work.tx, now, "").await?;
        let change =
            put(&mut work.tx, target.register, x.day, made.before.as_ref(), &made.block, (delivery, now)).await?;
        exceptions::insert_estimates(&mut work.tx, now, &made.made).await?;
        exceptions::set_state(&mut work.tx, x.id, State::Settled, Some(How::Estimated), now).await?;
        exceptions::add_step(&mut work.tx, x.id, now, None, Step::Estimated, "", Some(change)).await?;
        done += 1;
    }
    Ok(done)
}
