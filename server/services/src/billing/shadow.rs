//! A shadow run: what bills would come to, beside what was billed last, before anything is released. Nothing is written.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use contract::AppError;
use domain::billing::compare::compare;
use domain::billing::hold::HoldReason;
use domain::billing::{Bill, Line, LineKind};
use domain::calendar::DayRange;
use domain::ids::AccountId;
use domain::money::Cents;
use domain::quantity::ServiceKind;
use domain::tariff::{Book, Label, file};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::bills::{BillRow, Status};

use super::prepare::kept;
use super::rebill::again;
use super::run::{Options, PREPARE, compute, due_accounts};
use super::show::stored;
use crate::{Cx, Fault, Principal, Work, tariffs, use_case, zones};

use_case!(
    /// Bills of all accounts under prices that are not released.
    pub TRY = "billing.try_prices", Read, System
);

/// What a line is, for a list over many accounts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct What {
    /// The service.
    pub service: ServiceKind,
    /// Use, standing charge, credit, tax, assistance.
    pub kind: LineKind,
    /// What for; `None` for tax and assistance.
    pub label: Option<Label>,
    /// The hours, the cart, the size of the meter.
    pub of: Option<String>,
    /// Which tier.
    pub tier: Option<u32>,
}

impl What {
    fn of(service: ServiceKind, line: &Line) -> Self {
        Self { service, kind: line.kind, label: line.label, of: line.picked.clone(), tier: line.tier.map(|t| t.number) }
    }
}

/// A line, or the same line of many accounts, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineDiff {
    /// Which.
    #[serde(flatten)]
    pub what: What,
    /// As billed last, in cents.
    pub before: Cents,
    /// As it would be, in cents.
    pub after: Cents,
    /// On how many bills it differs.
    pub bills: u64,
}

/// An account before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountDiff {
    /// Its number.
    pub account: String,
    /// The number of the bill that was issued last; `None` for a first bill.
    pub last: Option<String>,
    /// What that came to.
    pub before: Cents,
    /// What it would be.
    pub after: Cents,
    /// The lines that differ.
    pub lines: Vec<LineDiff>,
}

/// What a shadow run found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shadow {
    /// Bills that were computed.
    pub bills: u64,
    /// How many of them come to something else than the last.
    pub changed: u64,
    /// The sum of the last bills.
    pub before: Cents,
    /// The sum of those computed.
    pub after: Cents,
    /// By line over all accounts.
    pub lines: Vec<LineDiff>,
    /// By account, the largest difference first.
    pub accounts: Vec<AccountDiff>,
    /// Accounts that are not billed now, and why.
    pub held: Vec<(String, super::Hold)>,
    /// Accounts whose bill cannot be computed, and why.
    pub failed: Vec<(String, String)>,
}

/// What a file of prices does to every account's last bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// By the days from which its prices count.
    #[serde(flatten)]
    pub by_date: Shadow,
    /// As if the newest of them had been in force all along; `None` where no bill is for days before them.
    pub all_along: Option<AllAlong>,
}

/// What prices would have done, had they been in force all along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AllAlong {
    /// When they begin.
    pub from: NaiveDate,
    /// What they would have done.
    #[serde(flatten)]
    pub shadow: Shadow,
}

/// Bills after one another of so many accounts are compared before a run is released by itself; the sum of fewer says nothing.
const LEAST_COMPARED: usize = 10;
/// By so many hundredths of the bills before the sum of a run may differ: between the mildest and the hottest month a home's use
/// changes less, and a wrong price, a wrong unit or a file that came twice change it more.
const MOST_CHANGE: i128 = 50;

impl Shadow {
    /// Why a run is not released by itself: the sum of the bills that follow others is far from what those came to.
    #[must_use]
    pub fn brake(&self) -> Option<String> {
        let (bills, before, after) = self.compared();
        let (change, whole) = (i128::from((after - before).0).abs(), i128::from(before.0));
        (bills >= LEAST_COMPARED && change * 100 > whole * MOST_CHANGE)
            .then(|| format!("{bills} bills come to {after}, and the bills before them came to {before}"))
    }

    /// How many bills follow others, what those before came to, and what they come to.
    pub(super) fn compared(&self) -> (usize, Cents, Cents) {
        let compared: Vec<&AccountDiff> = self.accounts.iter().filter(|a| a.last.is_some()).collect();
        (compared.len(), compared.iter().map(|a| a.before).sum(), compared.iter().map(|a| a.after).sum())
    }

    /// A digest of every account's difference: what comes to another one is not what was looked at.
    pub(super) fn digest(&self) -> Result<String, Fault> {
        let mut hash = Sha256::new();
        for account in &self.accounts {
            let text = serde_json::to_vec(account).map_err(|e| Fault::Other(e.to_string()))?;
            hash.update(text);
        }
        Ok(hex::encode(hash.finalize()))
    }

    fn add(&mut self, account: String, last: Option<(String, Bill)>, now: &Bill) {
        let empty = Bill { cycle: now.cycle, services: Vec::new(), total: Cents::ZERO };
        let (number, then) = last.map_or((None, empty), |(n, b)| (Some(n), b));
        let mut lines = Vec::new();
        for s in compare(&then, now) {
            for l in s.lines.iter().filter(|l| l.amount() != Cents::ZERO) {
                let Some(line) = l.line() else { continue };
                let amount = |l: &Option<Line>| l.as_ref().map_or(Cents::ZERO, |l| l.amount);
                let what = What::of(s.service, line);
                lines.push(LineDiff { what, before: amount(&l.before), after: amount(&l.after), bills: 1 });
            }
        }
        self.bills += 1;
        self.changed += u64::from(then.total != now.total);
        self.before += then.total;
        self.after += now.total;
        self.accounts.push(AccountDiff { account, last: number, before: then.total, after: now.total, lines });
    }

    fn finish(mut self) -> Self {
        let mut all: BTreeMap<What, LineDiff> = BTreeMap::new();
        for l in self.accounts.iter().flat_map(|a| &a.lines) {
            let sum = all.entry(l.what.clone()).or_insert_with(|| LineDiff {
                what: l.what.clone(),
                before: Cents::ZERO,
                after: Cents::ZERO,
                bills: 0,
            });
            sum.before += l.before;
            sum.after += l.after;
            sum.bills += 1;
        }
        self.lines = all.into_values().collect();
        self.accounts.sort_by_key(|a| (-(a.after - a.before).0.abs(), a.account.clone()));
        self
    }
}

/// What a run would bill, beside each account's last bill.
///
/// # Errors
/// If the database fails.
pub async fn shadow(cx: &Cx, who: &Principal, options: &Options) -> Result<Shadow, Fault> {
    Ok(look(cx, who, options).await?.shadow)
}

/// A shadow run with what a run keeps beside its bills.
pub(super) struct Looked {
    /// What it found.
    pub shadow: Shadow,
    /// From the first day that is billed to the last.
    pub days: Option<DayRange>,
    /// The accounts whose period has ended.
    pub looked_at: HashSet<AccountId>,
    /// Those of them that cannot be billed, and why.
    pub waiting: Vec<(AccountId, HoldReason)>,
}

/// As [`shadow`], with what a run keeps beside its bills.
pub(super) async fn look(cx: &Cx, who: &Principal, options: &Options) -> Result<Looked, Fault> {
    let zone = zones::stored(&cx.settings.zone)?;
    let mut out = Shadow::default();
    let (mut days, mut waiting): (Option<DayRange>, Vec<_>) = (None, Vec::new());
    let mut work = cx.begin(&PREPARE, who).await?;
    let today = zone.day_of(work.now);
    let (due, holding) = due_accounts(&mut work, options).await?;
    out.held.extend(holding.into_iter().map(|(_, number)| (number, super::Hold::ByEmployee)));
    for chunk in due.chunks(24) {
        let part = compute(cx, who, chunk, options, today).await?;
        waiting.extend(part.reasons());
        out.held.extend(part.held.into_iter().map(|(_, number, hold)| (number, hold)));
        out.failed.extend(part.failed.into_iter().map(|(_, number, why)| (number, why)));
        let mut last: Option<(AccountId, String, Bill)> = None;
        for ready in part.ready {
            let before = match last.take().filter(|(account, ..)| *account == ready.account) {
                Some((_, number, bill)) => Some((number, bill)),
                None => latest(&mut work, ready.account).await?.map(|(row, bill)| (row.number, bill)),
            };
            let account = chunk.iter().find(|c| c.id == ready.account).map(|c| c.number.clone()).unwrap_or_default();
            out.add(account, before, &ready.computed.bill);
            let (from, to) = days.map_or((ready.period.from, ready.period.to), |d| {
                (d.from.min(ready.period.from), d.to.max(ready.period.to))
            });
            days = DayRange::new(from, to).ok();
            last = Some((ready.account, ready.number, ready.computed.bill));
        }
    }
    let looked_at = due.iter().map(|a| a.id).collect();
    Ok(Looked { shadow: out.finish(), days, looked_at, waiting })
}

/// The newest bill of an account that stands.
async fn latest(work: &mut Work, account: AccountId) -> Result<Option<(BillRow, Bill)>, Fault> {
    let rows = store::bills::list(&mut work.tx, account).await?;
    let Some(row) = rows.into_iter().find(|b| b.status == Status::Issued) else { return Ok(None) };
    let (bill, _) = stored(work, &row).await?;
    Ok(Some((row, bill)))
}

/// Every account's last bill as it would have been with a file of prices in place of the released one of its name.
///
/// # Errors
/// The reason why the file is refused, in words; or a failure of the database.
pub async fn with_prices(
    cx: &Cx,
    who: &Principal,
    name: &str,
    text: &str,
) -> Result<Result<Tried, file::FileError>, Fault> {
    let mut work = cx.begin(&TRY, who).await?;
    if let Err(why) = tariffs::readable(&mut work, name, text).await? {
        return Ok(Err(why));
    }
    Ok(Ok(proposed(&mut work, name, text).await?))
}

/// As [`with_prices`], in the caller's transaction.
pub(crate) async fn proposed(work: &mut Work, name: &str, text: &str) -> Result<Tried, Fault> {
    let refused = |_| AppError::field(contract::Field::File, contract::Problem::Unreadable);
    let new = file::read_taken(text).map_err(refused)?;
    let old = match tariffs::in_force(&mut work.tx, name).await? {
        Some(text) => file::read_taken(&text).map_err(refused)?,
        None => Book::default(),
    };
    let book = tariffs::book_with(&mut work.tx, name, &new).await?;
    let later = match new.differs_since(&old) {
        Some(from) => Some((from, tariffs::book_with(&mut work.tx, name, &new.pinned(from)).await?)),
        None => None,
    };
    // A tax or a discount can change any bill, a schedule its own.
    let any = [&new, &old].iter().any(|b| !b.taxes.is_empty() || !b.discounts.is_empty());
    let touched = |code: &str| any || new.schedule(code).is_some() || old.schedule(code).is_some();
    let (mut out, mut along, mut begun) = (Shadow::default(), Shadow::default(), false);
    for account in store::bills::candidates(&mut work.tx).await? {
        let Some((row, bill)) = latest(work, account.id).await? else { continue };
        let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await?;
        if !kept(detail)?.services.iter().any(|s| touched(&s.schedule)) {
            continue;
        }
        let now = again(work, &book, &row, None).await?.map(|now| now.bill);
        // A bill that begins with the newest prices is the same either way.
        let then = match later.as_ref().filter(|(from, _)| row.period_from < *from) {
            Some((_, book)) => {
                begun = true;
                again(work, book, &row, None).await?.map(|then| then.bill)
            }
            None => now.clone(),
        };
        for (shadow, made) in [(&mut out, now), (&mut along, then)] {
            match made {
                Ok(made) => shadow.add(account.number.clone(), Some((row.number.clone(), bill.clone())), &made),
                Err(why) => shadow.failed.push((account.number.clone(), why)),
            }
        }
    }
    let all_along = later.filter(|_| begun).map(|(from, _)| AllAlong { from, shadow: along.finish() });
    Ok(Tried { by_date: out.finish(), all_along })
}

/// The sums of a shadow run, as a page shows them.
#[must_use]
pub fn effect(shadow: &Shadow) -> contract::prices::Effect {
    let line = |l: &LineDiff| contract::prices::EffectLine {
        service: l.what.service,
        kind: l.what.kind,
        label: l.what.label,
        of: l.what.of.clone(),
        tier: l.what.tier,
        before: l.before,
        after: l.after,
        bills: l.bills,
    };
    let largest = shadow.accounts.iter().filter(|a| a.before != a.after).take(20);
    contract::prices::Effect {
        bills: shadow.bills,
        changed: shadow.changed,
        before: shadow.before,
        after: shadow.after,
        lines: shadow.lines.iter().map(line).collect(),
        failed: shadow.failed.clone(),
        largest: largest.map(|a| (a.account.clone(), a.before, a.after)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_far_from_the_bills_before_is_not_released_by_itself() {
        let run = |accounts: usize, before: i64, after: i64| {
            let one = |last: Option<&str>, before, after| AccountDiff {
                account: "100230".into(),
                last: last.map(Into::into),
                before: Cents(before),
                after: Cents(after),
                lines: Vec::new(),
            };
            let mut all = vec![one(Some("100230-001"), before, after); accounts];
            // First bills have nothing before them.
            all.extend(vec![one(None, 0, 40_000); 50]);
            Shadow { accounts: all, ..Shadow::default() }.brake()
        };
        assert_eq!(run(20, 30_000, 44_900), None);
        assert_eq!(run(20, 30_000, 15_100), None);
        assert_eq!(run(9, 30_000, 300_000), None, "too few to say");
        let why = run(10, 30_000, 300_000).expect("ten times as much");
        assert_eq!(why, "10 bills come to $30,000.00, and the bills before them came to $3,000.00");
        assert!(run(20, 30_000, 0).is_some(), "nothing at all");
    }
}
