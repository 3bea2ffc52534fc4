//! "Would I save?": the same use under every plan that a home may choose, at the prices of today.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Timelike};
use contract::plans::{PlanHours, PlanPeriod, PlanPrice, PlanView, PlansView, TrialAsk};
use domain::billing::intervals::{Bank, Intervals, Slot};
use domain::billing::trial::{EVENING, Hour, MIDDAY, NIGHT, apply, solar_by_hour};
use domain::billing::{BillError, Determinants, ServiceUse, Sheet, bill_by_intervals, cycle};
use domain::calendar::{DayRange, next_day};
use domain::money::{Cents, Price};
use domain::quantity::{Commodity, Decimal, ServiceKind};
use domain::tariff::{Basis, Book, Facts, Prices, Schedule, TierEnd};

use crate::accounts::{OpenedAccount, open_page};
use crate::billing::to_micro;
use crate::usage_data::{extent, series};
use crate::{Cx, Fault, Principal, Work, tariffs, use_case, zones};

use_case!(
    /// Compare the plans that a home may choose.
    pub PLANS = "plans.show", Read, Resident
);
use_case!(
    /// The hours behind the comparison of plans.
    pub HOURS = "plans.hours", Read, Resident
);

/// How many billing periods are compared: a year of seasons.
const PERIODS: usize = 12;
/// Prices by the hour cannot be compared on longer intervals.
const LONGEST: u32 = 3_600;

/// One billing period by the hour of the clock.
struct Period {
    range: DayRange,
    hours: Vec<Hour>,
}

/// What a comparison stands on.
struct Basics {
    opened: OpenedAccount,
    today: NaiveDate,
    current: Option<String>,
    facts: Facts,
    /// At the prices of today.
    book: Book,
    /// The account's own first.
    plans: Vec<String>,
    periods: Vec<Period>,
    has_received: bool,
    expected: i64,
    missing: i64,
    estimated: i64,
}

impl Basics {
    async fn of(work: &mut Work, number: &str) -> Result<Self, Fault> {
        let opened = open_page(work, number).await?;
        let today = zones::stored(&opened.zone)?.day_of(work.now);
        let book = tariffs::book(&mut work.tx).await?.pinned(today);
        let mut out = Self {
            opened,
            today,
            current: None,
            facts: Facts::default(),
            book,
            plans: Vec::new(),
            periods: Vec::new(),
            has_received: false,
            expected: 0,
            missing: 0,
            estimated: 0,
        };
        let agreements = store::bills::agreements(&mut work.tx, out.opened.id).await?;
        let own = |a: &&store::bills::AgreementRow| a.service == ServiceKind::Electricity && a.until.is_none();
        let Some(own) = agreements.iter().rev().find(own) else { return Ok(out) };
        out.current = Some(own.schedule.clone());
        out.facts = serde_json::from_value(own.facts.clone()).unwrap_or_default();
        let choice = |s: &Schedule| s.choice.clone().filter(|_| s.service == ServiceKind::Electricity);
        let group = out.book.schedule(&own.schedule).and_then(choice);
        let others =
            out.book.schedules.iter().filter(|s| s.code != own.schedule && group.is_some() && choice(s) == group);
        out.plans = std::iter::once(own.schedule.clone()).chain(others.map(|s| s.code.clone())).collect();
        if out.plans.len() > 1 {
            out.read(work).await?;
        }
        Ok(out)
    }

    /// Reads the last whole billing periods by the hour.
    async fn read(&mut self, work: &mut Work) -> Result<(), Fault> {
        let account = self.opened.id;
        let Some(known) = extent(&mut work.tx, account, Commodity::Electricity).await? else { return Ok(()) };
        let cycle_day = u32::try_from(self.opened.row.cycle_day).unwrap_or(1);
        let mut ranges: Vec<DayRange> = cycle::closed(known.first_day, next_day(known.last_day), cycle_day)
            .filter(|p| p.from >= known.first_day)
            .collect();
        ranges.drain(..ranges.len().saturating_sub(PERIODS));
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else { return Ok(()) };
        let whole = DayRange { from: first.from, to: last.to };
        let Some(line) = series(&mut work.tx, account, Commodity::Electricity, whole).await? else { return Ok(()) };
        if line.interval_seconds > LONGEST {
            return Ok(());
        }
        self.has_received = line.received.is_some();
        let mut hours: Vec<Hour> = Vec::with_capacity(whole.len().unsigned_abs() as usize * 24);
        let micro = |value: i64| to_micro(Commodity::Electricity, line.unit, line.exponent, value).unwrap_or(0);
        for (i, slot) in line.slots.iter().enumerate() {
            self.expected += 1;
            self.missing += i64::from(slot.value.is_none());
            self.estimated += i64::from(slot.quality.is_estimate());
            let local = line.zone.to_local(line.start_of(i));
            let (day, hour) = (local.date(), u8::try_from(local.hour()).unwrap_or(0));
            let received = line.received.as_ref().and_then(|r| r.get(i)).and_then(|s| s.value);
            let (delivered, received) = (micro(slot.value.unwrap_or(0)), micro(received.unwrap_or(0)));
            match hours.last_mut() {
                Some(h) if (h.day, h.hour) == (day, hour) => {
                    h.delivered = h.delivered.saturating_add(delivered);
                    h.received = h.received.saturating_add(received);
                }
                _ => hours.push(Hour { day, hour, delivered, received }),
            }
        }
        let within = |r: DayRange| {
            let at = |d: NaiveDate| hours.partition_point(|h| h.day < d);
            hours[at(r.from)..at(r.to)].to_vec()
        };
        self.periods = ranges.into_iter().map(|range| Period { range, hours: within(range) }).collect();
        Ok(())
    }

    fn used(&self, plan: &str, range: DayRange, hours: &[Hour]) -> ServiceUse {
        let sum = |of: fn(&Hour) -> i64| Decimal::new(hours.iter().map(of).fold(0, i64::saturating_add), -6);
        ServiceUse {
            service: ServiceKind::Electricity,
            schedule: plan.to_owned(),
            served: range,
            facts: self.facts.clone(),
            delivered: Some(sum(|h| h.delivered)),
            received: Some(sum(|h| h.received)),
        }
    }

    /// What a period's electricity would cost.
    fn price(&self, plan: &str, range: DayRange, hours: &[Hour]) -> Result<Cents, BillError> {
        let slot = |h: &Hour| Slot {
            day: h.day,
            minute: u16::from(h.hour) * 60,
            seconds: 3_600,
            delivered: h.delivered,
            received: h.received,
        };
        let known = Intervals(hours.iter().map(slot).collect());
        let used = self.used(plan, range, hours);
        let determinants = Determinants { cycle: range, services: vec![used], assistance: self.facts.assistance };
        let known = BTreeMap::from([(ServiceKind::Electricity, known)]);
        Ok(bill_by_intervals(&self.book, &determinants, &known, &mut Bank::new())?.total)
    }

    fn plan(&self, code: &str, ask: TrialAsk) -> Result<PlanView, BillError> {
        let schedule = self.book.schedule(code).ok_or_else(|| BillError::UnknownSchedule(code.to_owned()))?;
        let version = schedule.versions.last();
        let bills =
            self.periods.iter().map(|p| self.price(code, p.range, &p.hours)).collect::<Result<Vec<Cents>, _>>()?;
        let trial = ask.trial();
        let tried = if trial.is_none() {
            None
        } else {
            let each = self.periods.iter().map(|p| self.price(code, p.range, &apply(&p.hours, &trial)));
            Some(each.collect::<Result<Vec<Cents>, _>>()?.into_iter().sum())
        };
        Ok(PlanView {
            code: code.to_owned(),
            by_hour: version.is_some_and(|v| v.charges.iter().any(|c| !c.times.is_empty())),
            verified: version.is_some_and(|v| v.verified.is_some()),
            prices: prices(schedule),
            total: bills.iter().copied().sum(),
            bills,
            tried,
        })
    }
}

/// The prices by use of the one version of a pinned schedule.
fn prices(schedule: &Schedule) -> Vec<PlanPrice> {
    let sum = |p: &Prices| Price(p.iter().map(|(_, s)| s.on(NaiveDate::MAX).0).sum());
    let mut out = Vec::new();
    for charge in schedule.versions.iter().flat_map(|v| &v.charges) {
        let mut add = |sent, step, per_day, price| {
            out.push(PlanPrice { sent, period: charge.period.clone(), step, per_day, price });
        };
        match &charge.basis {
            Basis::Delivered(tiers) => {
                for (n, tier) in (1..).zip(tiers) {
                    let per_day = match tier.end {
                        Some(TierEnd::PerDay(d)) => Some(d),
                        _ => None,
                    };
                    add(false, (tiers.len() > 1).then_some(n), per_day, sum(&tier.prices));
                }
            }
            Basis::Received(p) => add(true, None, None, sum(p)),
            _ => {}
        }
    }
    out
}

/// The account's last billing periods under each plan, with and without what is tried.
///
/// # Errors
/// `NotFound` for an account that is not the person's; `SignInRequired`; otherwise if the database fails.
pub async fn show(cx: &Cx, who: &Principal, number: &str, ask: TrialAsk) -> Result<PlansView, Fault> {
    let mut work = cx.begin(&PLANS, who).await?;
    let basics = Basics::of(&mut work, number).await?;
    let mut plans = Vec::new();
    for (i, code) in basics.plans.iter().enumerate() {
        match basics.plan(code, ask) {
            Ok(plan) => plans.push(plan),
            // The home's own plan has to be priced; another that lacks something is no choice for this home.
            Err(e) if i == 0 => {
                tracing::warn!(account = number, error = %e, "the plan of an account cannot be priced");
                break;
            }
            Err(_) => {}
        }
    }
    Ok(PlansView {
        current: basics.current,
        prices_on: basics.today,
        periods: basics.periods.iter().map(|p| p.range).collect(),
        plans,
        ask,
        expected: basics.expected,
        missing: basics.missing,
        estimated: basics.estimated,
        account: basics.opened.head,
    })
}

/// The same periods by the hour with the plans' prices, so that the browser can try things by itself. Plans whose bills are no
/// sum over hours are not among them.
///
/// # Errors
/// As [`show`].
pub async fn hours(cx: &Cx, who: &Principal, number: &str) -> Result<PlanHours, Fault> {
    let mut work = cx.begin(&HOURS, who).await?;
    let basics = Basics::of(&mut work, number).await?;
    let whole = |h: &Hour| h.delivered % 1_000 == 0 && h.received % 1_000 == 0;
    let unit = if basics.periods.iter().all(|p| p.hours.iter().all(whole)) { 1_000 } else { 1 };
    let periods = basics.periods.iter().map(|p| period(&basics, p, unit)).collect::<Result<Option<Vec<_>>, _>>();
    let periods = periods.map_err(|e| Fault::Other(e.to_string()))?.unwrap_or_default();
    Ok(PlanHours {
        unit,
        sun: solar_by_hour().iter().map(|m| m.to_vec()).collect(),
        night: (NIGHT.start, NIGHT.end),
        evening: (EVENING.start, EVENING.end),
        midday: (MIDDAY.start, MIDDAY.end),
        mile: TrialAsk::WATT_HOURS_A_MILE,
        periods,
    })
}

fn period(basics: &Basics, period: &Period, unit: i64) -> Result<Option<PlanPeriod>, BillError> {
    use chrono::Datelike as _;
    let length = period.range.len();
    let mut sheets = Vec::new();
    let mut schedules = Vec::new();
    for code in &basics.plans {
        let used = basics.used(code, period.range, &period.hours);
        let Some(sheet) = Sheet::of(&basics.book, &used, length, basics.facts.assistance)? else { return Ok(None) };
        schedules.extend(basics.book.schedule(code));
        sheets.push(sheet);
    }
    let mut sets: Vec<Vec<u64>> = Vec::new();
    let mut set = Vec::with_capacity(period.hours.len());
    for h in &period.hours {
        let bits: Vec<u64> = sheets
            .iter()
            .zip(&schedules)
            .map(|(sheet, s)| sheet.rules_at(h.day, s.is_weekend(h.day), u16::from(h.hour) * 60))
            .collect();
        let at = sets.iter().position(|s| *s == bits).unwrap_or_else(|| {
            sets.push(bits);
            sets.len() - 1
        });
        set.push(at);
    }
    let numbers = |bits: &u64| (0..64).filter(|i| bits & (1_u64 << i) != 0).collect();
    let days = period.hours.chunk_by(|a, b| a.day == b.day);
    Ok(Some(PlanPeriod {
        sheets,
        sets: sets.iter().map(|s| s.iter().map(numbers).collect()).collect(),
        days: days.map(|d| (d.first().map_or(1, |h| h.day.month()), d.len())).collect(),
        hours: period.hours.iter().map(|h| h.hour).collect(),
        set,
        delivered: period.hours.iter().map(|h| h.delivered / unit).collect(),
        received: if basics.has_received {
            period.hours.iter().map(|h| h.received / unit).collect()
        } else {
            Vec::new()
        },
    }))
}
