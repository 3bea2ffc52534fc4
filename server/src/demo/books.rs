//! The town's bills, month by month through the bill run, and what people paid of them.

use chrono::{Days, NaiveDate, NaiveTime};
use domain::calendar::{Local, add_months, month_start};
use domain::ids::AccountId;
use domain::money::Cents;
use services::billing::run::{self, Options};
use services::{Cx, Principal, collections, payments, use_case};

use super::dice::{Dice, For};
use super::homes::{Home, Paying, Tenancy};
use super::town::Town;

use_case!(
    /// Looks at the bills of the demo town.
    pub LOOK = "demo.look", Read, System
);
use_case!(
    /// Posts what people of the demo town paid.
    pub PAY = "demo.pay", Write, System
);

/// Days before its founding on which those who are overdue paid for the last time.
const UNPAID: u64 = 80;

/// A payment that is made after the next bill.
struct Held {
    account: AccountId,
    number: String,
    amount: Cents,
    on: NaiveDate,
}

/// Months before the newest bill in which something may still be to pay.
const LATE: i32 = 2;

/// Bills homes through `today`, and posts what was paid up to then. Run again, it adds only what is new, or what a run that
/// was stopped left out.
///
/// # Errors
/// If the database fails or an account cannot be billed.
pub async fn settle(cx: &Cx, town: &Town, homes: &[Home], today: NaiveDate) -> anyhow::Result<(u64, u64)> {
    let accounts = find(cx, homes).await?;
    let from = begin(cx, town, &accounts).await?;
    let only: Vec<AccountId> = accounts.iter().map(|(id, _, _)| *id).collect();
    let (mut bills, mut paid) = (0, 0);
    let mut held: Vec<Held> = Vec::new();
    let mut before = month_start(from);
    while before <= today {
        let through = today.min(add_months(before, 1) - Days::new(1));
        let options = Options { through, backdate: true, only: Some(only.clone()), dry_run: false };
        let report = run::run(cx, &Principal::System, &options).await?;
        if let Some((account, why)) = report.failed.first() {
            anyhow::bail!("account {account} cannot be billed: {why}");
        }
        bills += report.bills;
        paid += pay(cx, town, &accounts, (before, through), today, &mut held).await?;
        before = add_months(before, 1);
    }
    // What was written to those who do not pay, day by day.
    let overdue: Vec<AccountId> =
        accounts.iter().filter(|(_, h, _)| h.paying == Paying::Overdue).map(|(id, ..)| *id).collect();
    for ago in (0..UNPAID).rev() {
        collections::run_for(cx, &overdue, today - Days::new(ago)).await?;
    }
    Ok((bills, paid))
}

async fn find<'a>(cx: &Cx, homes: &'a [Home]) -> anyhow::Result<Vec<(AccountId, &'a Home, &'a Tenancy)>> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let mut out = Vec::new();
    for home in homes {
        for tenancy in &home.tenancies {
            if let Some(row) = store::accounts::by_number(&mut work.tx, &tenancy.account).await? {
                out.push((row.id, home, tenancy));
            }
        }
    }
    Ok(out)
}

/// The day from which there may be something to do: some months before the oldest of the accounts' newest bills, or the first
/// day of an account that has none.
async fn begin(cx: &Cx, town: &Town, accounts: &[(AccountId, &Home, &Tenancy)]) -> anyhow::Result<NaiveDate> {
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let first = town.scale.first_day();
    let mut oldest: Option<NaiveDate> = None;
    for (account, _, tenancy) in accounts {
        let from = match store::bills::list(&mut work.tx, *account).await?.first() {
            Some(last) if tenancy.until.is_some_and(|until| until <= last.period_to) => continue,
            Some(last) => add_months(last.issued_on, -LATE),
            None => tenancy.from.unwrap_or(first),
        };
        oldest = Some(oldest.map_or(from, |o| o.min(from)));
    }
    Ok(oldest.unwrap_or(first).max(first))
}

/// Pays the bills that were issued in a stretch of days.
async fn pay(
    cx: &Cx,
    town: &Town,
    accounts: &[(AccountId, &Home, &Tenancy)],
    (from, through): (NaiveDate, NaiveDate),
    today: NaiveDate,
    held: &mut Vec<Held>,
) -> anyhow::Result<u64> {
    let mut work = cx.begin(&PAY, &Principal::System).await?;
    let late = std::mem::take(held);
    let mut due: Vec<(Held, &str)> = late.into_iter().map(|h| (h, "Check by mail")).collect();
    for (account, home, _) in accounts {
        for bill in store::bills::list(&mut work.tx, *account).await? {
            if bill.issued_on < from || bill.issued_on > through || bill.status != store::bills::Status::Issued {
                continue;
            }
            let unpaid = home.paying == Paying::Overdue && bill.issued_on > town.scale.founded - Days::new(UNPAID);
            if unpaid {
                continue;
            }
            let day = store::usage::day_number(bill.issued_on);
            let mut dice = Dice::new(town.scale.seed, For::Payments, home.index as u64, day);
            let method = *dice.pick(&["Bank account", "Visa ending 4242", "Bank account", "Check by mail"]);
            let founded = town.scale.founded;
            // The bill before the last one, so that the story stays in sight.
            let is_late = home.paying == Paying::OnceLate
                && (founded - Days::new(95)..founded - Days::new(64)).contains(&bill.issued_on);
            let wait = if is_late { 12 } else { 0 };
            let on = bill.due_on + Days::new(wait) - Days::new(if is_late { 0 } else { 2 + u64::from(dice.below(8)) });
            let amount = bill.total + bill.carried;
            if amount <= Cents::ZERO {
                continue;
            }
            let payment = Held { account: *account, number: bill.number, amount, on };
            if is_late {
                held.push(payment);
            } else {
                due.push((payment, method));
            }
        }
    }
    let mut count = 0;
    for (p, method) in due {
        if p.on >= today {
            continue;
        }
        let evening = p.on.and_time(NaiveTime::from_hms_opt(18, 20, 0).unwrap_or_default());
        let at = match town.zone.from_local(evening) {
            Local::Single(at) | Local::Twice(at, _) => at,
            Local::Never => town.zone.start_of(p.on),
        };
        payments::record(&mut work, p.account, p.amount, at, method, &p.number).await?;
        count += 1;
    }
    work.commit().await?;
    Ok(count)
}
